/* The account and what belongs to it: its numbers, its balance, whom it may call; and addresses of
   the platform that are known and not simulated. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/calls.h"
#include "serve/dial.h"
#include "serve/sheet.h"

static const char *created(const struct server *s, char out[24])
{
	dd_time_ist(s->clock.now, out);
	return out;
}

void account_get(struct ask *a)
{
	/* of an address whose SID is empty */
	static const char *const resources[] = {"Calls", "Calls.json", "Campaigns", "Numbers",
	        "Sms", "SMS", "Balance", "CustomerWhitelist", "IncomingPhoneNumbers"};
	char now[24];
	struct sheet p;
	for (size_t i = 0; i < sizeof resources / sizeof *resources; i++)
		if (strcmp(a->account, resources[i]) == 0) {
			api_fail(a, 404, "the account's SID is missing in the address");
			return;
		}
	sheet_begin(a, &p);
	sheet_open(&p, "Account");
	sheet_member(&p, "Sid", a->account);
	sheet_member(&p, "FriendlyName", a->account);
	sheet_member(&p, "Status", "active");
	sheet_member(&p, "Type", "Full");
	sheet_member(&p, "DateUpdated", created(a->server, now));
	sheet_close(&p, "Account");
	sheet_end(&p);
}

void account_balance(struct ask *a)
{
	struct sheet p;
	sheet_begin(a, &p);
	sheet_open(&p, "Balance");
	sheet_member(&p, "AccountSid", a->account);
	sheet_member(&p, "Balance", "1000.00");
	sheet_member(&p, "Currency", "INR");
	sheet_close(&p, "Balance");
	sheet_end(&p);
}

/* -- whom it may call ------------------------------------------------------- */

static struct dd_query of_number(struct dd_question *q, const struct ask *a, uint64_t number)
{
	dd_question_begin(q);
	dd_question_text(q, "account", dd_str(a->account));
	dd_question_number(q, "number", DD_IS, (int64_t)number);
	return dd_question_ask(q);
}

void whitelist_get(struct ask *a)
{
	uint64_t number = number_at_home(a->server, a->part[1]);
	struct dd_question own;
	struct sheet p;
	if (!number) {
		api_fail(a, 400, "that is not a telephone number");
		return;
	}
	const struct dd_query q = of_number(&own, a, number);
	bool there = dd_ledger_count(a->server->ledger, DD_TABLE_ALLOWED, &q) > 0,
	     barred = dd_number_set_has(&a->server->config.dnd, number);
	char text[72];
	(void)snprintf(text, sizeof text, "%.*s", (int)(a->part[1].n < 71 ? a->part[1].n : 71),
	        a->part[1].p);
	sheet_begin(a, &p);
	sheet_open(&p, "Result");
	sheet_member(&p, "Number", text);
	sheet_member(&p, "Status", there ? "Whitelist" : barred ? "Blacklist" : "Neutral");
	sheet_member(&p, "Type", there ? "API" : NULL);
	sheet_member(&p, "Expiry", there ? "-1" : NULL);
	sheet_close(&p, "Result");
	sheet_end(&p);
}

/* Number=a,b: once for all calls, as consent is. */
void whitelist_add(struct ask *a)
{
	struct dd_str numbers = api_value(a, "Number");
	struct server *s = a->server;
	int64_t total = 0, redundant = 0, bad = 0, added = 0;
	if (!numbers.n) {
		api_fail(a, 400, "Mandatory parameter Number is missing");
		return;
	}
	for (size_t at = 0; at <= numbers.n; total++) {
		const char *comma =
		        at < numbers.n ? memchr(numbers.p + at, ',', numbers.n - at) : NULL;
		size_t end = comma ? (size_t)(comma - numbers.p) : numbers.n;
		uint64_t number = number_at_home(s, (struct dd_str){numbers.p + at, end - at});
		struct dd_question own;
		const struct dd_query q = of_number(&own, a, number);
		at = end + 1;
		if (!number) {
			bad++;
		} else if (dd_ledger_count(s->ledger, DD_TABLE_ALLOWED, &q)) {
			redundant++;
		} else {
			const struct dd_allowed_record r = {.account = a->account,
			        .number = (int64_t)number,
			        .created = s->clock.now};
			(void)dd_ledger_add(s->ledger, DD_TABLE_ALLOWED, &r);
			(void)dd_number_set_add(&s->config.allowed, number);
			added++;
		}
	}
	struct sheet p;
	sheet_begin(a, &p);
	sheet_open(&p, "Result");
	sheet_number(&p, "Total", total);
	sheet_number(&p, "Processed", total - bad);
	sheet_number(&p, "Succeeded", added);
	sheet_number(&p, "Redundant", redundant);
	sheet_number(&p, "Failed", bad);
	sheet_close(&p, "Result");
	sheet_end(&p);
}

static bool allow_one(void *self, const void *record)
{
	struct server *s = self;
	(void)dd_number_set_add(
	        &s->config.allowed, (uint64_t)((const struct dd_allowed_record *)record)->number);
	return true;
}

void accounts_recover(struct server *s)
{
	(void)dd_ledger_each(s->ledger, DD_TABLE_ALLOWED, NULL, allow_one, s);
}

/* -- ExoPhones -------------------------------------------------------------- */

/* Where none are named any will do, and one stands for them. */
static const char *number_at(const struct server *s, size_t i)
{
	return i < s->config.ncallers ? s->config.callers[i] : i == 0 ? "08047112345" : NULL;
}

/* The same for the same number, on every machine. */
static void phone_sid(uint64_t number, char sid[33])
{
	uint64_t hash = number * UINT64_C(0x9E3779B97F4A7C15);
	(void)snprintf(sid, 33, "%016llx%016llx", (unsigned long long)hash,
	        (unsigned long long)(hash * UINT64_C(0xD6E8FEB86659FD93)));
}

struct phone_row {
	struct dd_phone_record r;
	char *name, *voice, *sms;
};

static bool take_row(void *self, const void *record)
{
	struct phone_row *row = self;
	row->r = *(const struct dd_phone_record *)record;
	row->name = dd_str_copy(dd_str(row->r.name));
	row->voice = dd_str_copy(dd_str(row->r.voice_url));
	row->sms = dd_str_copy(dd_str(row->r.sms_url));
	return false;
}

static void read_row(struct ask *a, const char *sid, struct phone_row *row)
{
	struct dd_question of_sid;
	*row = (struct phone_row){.r = {.id = 0}};
	dd_question_begin(&of_sid);
	dd_question_text(&of_sid, "account", dd_str(a->account));
	dd_question_text(&of_sid, "sid", dd_str(sid));
	const struct dd_query q = dd_question_ask(&of_sid);
	(void)dd_ledger_each(a->server->ledger, DD_TABLE_PHONE, &q, take_row, row);
}

static void free_row(struct phone_row *row)
{
	free(row->name);
	free(row->voice);
	free(row->sms);
}

/* `text`: as the account writes it, which is its name until it is given another. */
static json_t *phone_json(struct ask *a, const char *text, const char *sid)
{
	struct phone_row row;
	char number[24];
	read_row(a, sid, &row);
	(void)snprintf(number, sizeof number, "+%llu",
	        (unsigned long long)number_at_home(a->server, dd_str(text)));
	json_t *o = json_pack("{s:s, s:s, s:s, s:{s:b, s:b}, s:s, s:s, s:s, s:s}", "sid", sid,
	        "phone_number", number, "friendly_name", row.name ? row.name : text, "capabilities",
	        "voice", 1, "sms", 1, "country", a->server->config.home->country, "region", "KA",
	        "voice_url", row.voice ? row.voice : "", "sms_url", row.sms ? row.sms : "");
	free_row(&row);
	return o;
}

/* The first version of the API: the members have other names, and the number is as the account
 * writes it. */
static void phone_sheet(struct sheet *p, const char *text, const json_t *phone)
{
	static const char *const names[][2] = {{"Sid", "sid"}, {"FriendlyName", "friendly_name"},
	        {"Country", "country"}, {"Region", "region"}, {"VoiceUrl", "voice_url"},
	        {"SMSUrl", "sms_url"}};
	sheet_open(p, "IncomingPhoneNumber");
	sheet_member(p, "PhoneNumber", text);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		sheet_member(
		        p, names[i][0], json_string_value(json_object_get(phone, names[i][1])));
	sheet_close(p, "IncomingPhoneNumber");
}

static bool is_first_version(const struct ask *a)
{
	return a->in->path[strspn(a->in->path, "/") + 1] == '1';
}

static void answer_phone(struct ask *a, const char *text, const char *sid)
{
	json_t *phone = phone_json(a, text, sid);
	struct sheet p;
	if (is_first_version(a)) {
		sheet_begin(a, &p);
		phone_sheet(&p, text, phone);
		sheet_end(&p);
		json_decref(phone);
	} else if (a->shape == ASK_V2) {
		json_t *root = v2_envelope(a);
		json_object_set_new(root, "response",
		        json_pack("{s:i, s:n, s:s, s:o}", "code", 200, "error_data", "status",
		                "success", "data", phone));
		api_json(a, root);
	} else {
		api_json(a, phone);
	}
}

/* The beta of the second version: in pages, of which the first has them all. */
static void answer_phones_page(struct ask *a, json_t *list)
{
	char uri[200];
	json_t *root = json_object();
	(void)snprintf(uri, sizeof uri,
	        "/v2_beta/Accounts/%s/IncomingPhoneNumbers?Page=0&PageSize=50", a->account);
	json_object_set_new(root, "page", json_integer(0));
	json_object_set_new(root, "page_size", json_integer(50));
	json_object_set_new(root, "uri", json_string(uri));
	json_object_set_new(root, "first_page_uri", json_string(uri));
	json_object_set_new(root, "next_page_uri", json_null());
	json_object_set_new(root, "previous_page_uri", json_null());
	json_object_set_new(root, "incoming_phone_numbers", list);
	api_json(a, root);
}

typedef void phone_fn(void *self, const char *text, json_t *phone);

static void each_phone(struct ask *a, phone_fn *fn, void *self)
{
	const char *text;
	for (size_t i = 0; (text = number_at(a->server, i)); i++) {
		char sid[33];
		uint64_t number = number_at_home(a->server, dd_str(text));
		phone_sid(number, sid);
		if (number)
			fn(self, text, phone_json(a, text, sid));
	}
}

static void put_sheet(void *self, const char *text, json_t *phone)
{
	struct sheet *p = self;
	char last = p->out->n ? p->out->p[p->out->n - 1] : '[';
	dd_buf_str(p->out, p->xml ? "" : last == '[' ? "{" : ",{");
	p->any = false;
	phone_sheet(p, text, phone);
	dd_buf_str(p->out, p->xml ? "" : "}");
	json_decref(phone);
}

static void put_bare(void *self, const char *text, json_t *phone)
{
	(void)text;
	json_array_append_new(self, phone);
}

static void put_v2(void *self, const char *text, json_t *phone)
{
	struct v2_page *page = self;
	(void)text;
	if (v2_page_wants(page))
		json_array_append_new(page->list,
		        json_pack("{s:i, s:n, s:s, s:O}", "code", 200, "error_data", "status",
		                "success", "data", phone));
	json_decref(phone);
}

void phones_list(struct ask *a)
{
	struct v2_page page;
	struct sheet p;
	if (is_first_version(a)) {
		sheet_begin(a, &p);
		dd_buf_str(p.out, p.xml ? "<IncomingPhoneNumbers>" : "\"IncomingPhoneNumbers\":[");
		each_phone(a, put_sheet, &p);
		dd_buf_str(p.out, p.xml ? "</IncomingPhoneNumbers>" : "]");
		sheet_end(&p);
	} else if (a->shape != ASK_V2) {
		json_t *list = json_array();
		each_phone(a, put_bare, list);
		answer_phones_page(a, list);
	} else if (v2_page_begin(a, &page)) {
		each_phone(a, put_v2, &page);
		v2_page_answer(a, &page, NULL);
	}
}

/* By its sid, or as a number: as the account writes it. NULL after an error was answered. */
static const char *phone_of(struct ask *a, char sid[33])
{
	const char *text;
	uint64_t asked = number_at_home(a->server, a->part[1]);
	for (size_t i = 0; (text = number_at(a->server, i)); i++) {
		uint64_t number = number_at_home(a->server, dd_str(text));
		phone_sid(number, sid);
		if (number && (number == asked || dd_str_is(a->part[1], sid)))
			return text;
	}
	api_fail(a, 404, "the account has no such number");
	return NULL;
}

void phones_get(struct ask *a)
{
	char sid[33];
	const char *text = phone_of(a, sid);
	if (text)
		answer_phone(a, text, sid);
}

/* The value under either of the names that are in use. */
static struct dd_str either(const struct ask *a, const char *name, const char *other)
{
	struct dd_str text = api_value(a, name);
	return text.p ? text : api_value(a, other);
}

/* Assigns a flow. Nobody calls in here: what is kept is what is read back. */
void phones_change(struct ask *a)
{
	char sid[33], id[128];
	const char *text = phone_of(a, sid);
	struct dd_str voice = either(a, "voice_url", "VoiceUrl"),
	              sms = either(a, "sms_url", "SMSUrl"),
	              name = either(a, "friendly_name", "FriendlyName");
	struct phone_row row;
	struct app *app;
	if (!text)
		return;
	if (!voice.p && !sms.p && !name.p) {
		api_fail(a, 400, "give voice_url, sms_url or friendly_name");
		return;
	}
	if (voice.n > 2048 || sms.n > 2048 || name.n > 256) {
		api_fail(a, 400, "voice_url and sms_url have at most 2,048 bytes, a name 256");
		return;
	}
	if (voice.n && !flows_id_of_url(voice, id)) {
		api_fail(a, 400,
		        "voice_url must be http://my.exotel.com/<sid>/exoml/start_voice/<app_id>");
		return;
	}
	struct edition *e = voice.n ? call_flow(a, dd_str(id), &app) : NULL;
	if (voice.n && !e)
		return;
	flows_give_back(e);
	read_row(a, sid, &row);
	row.r.sid = sid;
	row.r.account = a->account;
	row.r.number = (int64_t)number_at_home(a->server, dd_str(text));
	row.r.name = name.p ? name.p : row.name;
	row.r.voice_url = voice.p ? voice.p : row.voice;
	row.r.sms_url = sms.p ? sms.p : row.sms;
	if (row.r.id)
		dd_ledger_change(a->server->ledger, DD_TABLE_PHONE, &row.r);
	else
		(void)dd_ledger_add(a->server->ledger, DD_TABLE_PHONE, &row.r);
	free_row(&row);
	answer_phone(a, text, sid);
}

/* -- what is not simulated -------------------------------------------------- */

/* Of the platform's manuals: after the account's part of the path. */
static const struct {
	const char *version, *rest, *what;
} DOCUMENTED[] = {{"/v2_beta/", "AvailablePhoneNumbers", "buying numbers"},
        {"/v2_beta/", "IncomingPhoneNumbers", "buying and returning numbers"},
        {"/v1/", "IncomingPhoneNumbers", "buying and returning numbers"},
        {"/v2/", "incoming-phone-numbers", "buying and returning numbers"},
        {"/v2/", "sms-campaigns", "campaigns of messages"},
        {"/v2/", "message-campaigns", "campaigns of messages"},
        {"/v2/", "users", "agents and their devices"},
        {"/v2/", "availability", "agents' availability"}, {"/v2/", "messages", "WhatsApp and RCS"},
        {"/v2/", "templates", "WhatsApp templates"}, {"/v2/", "flows", "flows over the API"},
        {"/v2/", "tps", "the throttle of an account"}, {"/v2/", "audit", "the audit log"},
        {"/v2/", "legs", "legs of calls by themselves"}, {"/v2/", "trunks", "SIP trunks"},
        {"/v2/", "bots", "voice bots"}, {"/v2/", "cqa", "the analysis of conversations"},
        {"/v2/", "subaccounts", "accounts below others"},
        {"/v3/", "calls", "the third version of calls"},
        {"/v3/", "users", "agents and their devices"},
        {"/v1/", "Sms/Templates", "registered texts over the API"},
        {"/v1/", "Apps", "flows over the API"}, {"/v1/", "Flows", "flows over the API"},
        {"/v1/", "Heartbeat", "the heartbeat of numbers"},
        {"/v1/", "Recordings", "lists of recordings"}, {"/v1/", "Leads", "lead assist"},
        {"/v1/", "Voicebots", "voice bots"}};

const char *account_not_simulated(const char *path, struct dd_str *account)
{
	for (size_t i = 0; i < sizeof DOCUMENTED / sizeof *DOCUMENTED; i++) {
		size_t n = strlen(DOCUMENTED[i].version), m = strlen(DOCUMENTED[i].rest);
		if (strncmp(path, DOCUMENTED[i].version, n) != 0)
			continue;
		const char *sid = strchr(path + n, '/'), *rest = sid ? strchr(sid + 1, '/') : NULL;
		if (!rest || strncmp(rest + 1, DOCUMENTED[i].rest, m) != 0 ||
		        !strchr("/.", rest[1 + m]) || (rest[1 + m] == '/' && !rest[2 + m]))
			continue;
		*account = (struct dd_str){sid + 1, (size_t)(rest - sid - 1)};
		return DOCUMENTED[i].what;
	}
	return NULL;
}

void account_decline(struct ask *a)
{
	struct dd_str account;
	const char *what = account_not_simulated(a->in->path, &account);
	api_fail(a, 501, "%s %s (%s) is not simulated; docs/serve.md lists what is", a->in->method,
	        a->in->path, what ? what : "");
}
