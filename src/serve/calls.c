/* Calls of the platform's API: placing one, reading one, reading many. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "serve/calls.h"

/* -- one call on paper ------------------------------------------------------ */

/* The same members as XML elements or JSON members. */
struct paper {
	struct dd_buf *out;
	bool xml, any;
};

static void member(struct paper *p, const char *name, const char *value)
{
	if (p->xml) {
		dd_buf_format(p->out, "<%s>", name);
		dd_buf_xml(p->out, dd_str(value ? value : ""));
		dd_buf_format(p->out, "</%s>", name);
		return;
	}
	dd_buf_str(p->out, p->any ? ",\"" : "\"");
	dd_buf_str(p->out, name);
	dd_buf_str(p->out, "\":");
	if (value)
		dd_buf_json(p->out, dd_str(value));
	else
		dd_buf_str(p->out, "null");
	p->any = true;
}

static void open_group(struct paper *p, const char *name)
{
	if (p->xml)
		dd_buf_format(p->out, "<%s>", name);
	else
		dd_buf_format(p->out, "%s\"%s\":{", p->any ? "," : "", name);
	p->any = false;
}

static void close_group(struct paper *p, const char *name)
{
	if (p->xml)
		dd_buf_format(p->out, "</%s>", name);
	else
		dd_buf_char(p->out, '}');
	p->any = true;
}

static void number_member(struct paper *p, const char *name, int64_t value)
{
	if (p->xml)
		dd_buf_format(p->out, "<%s>%lld</%s>", name, (long long)value, name);
	else
		dd_buf_format(p->out, "%s\"%s\":%lld", p->any ? "," : "", name, (long long)value);
	p->any = true;
}

int64_t call_seconds(const struct dd_call_record *r)
{
	return r->answered && r->ended > r->answered ? (r->ended - r->answered + 999) / 1000 : 0;
}

static void details(struct paper *p, const struct dd_call_record *r)
{
	open_group(p, "Details");
	number_member(p, "ConversationDuration", call_seconds(r));
	member(p, "Leg1Status", r->status);
	member(p, "Leg2Status", r->callee && r->answered ? r->status : NULL);
	if (p->xml) {
		dd_buf_format(p->out,
		        "<Legs><Leg><Id>1</Id><OnCallDuration>%lld</OnCallDuration></Leg></Legs>",
		        (long long)call_seconds(r));
	} else {
		dd_buf_format(p->out, ",\"Legs\":[{\"Leg\":{\"Id\":1,\"OnCallDuration\":%lld}}]",
		        (long long)call_seconds(r));
	}
	close_group(p, "Details");
}

/* The members in the platform's order. */
static void call_members(
        struct paper *p, const struct dd_call_record *r, const char *status, bool with_details)
{
	char created[24], updated[24], ended[24], seconds[24], uri[192];
	bool over = r->stage == DD_STAGE_OVER;
	dd_time_ist(r->created, created);
	dd_time_ist(r->updated, updated);
	dd_time_ist(r->ended, ended);
	(void)snprintf(seconds, sizeof seconds, "%lld", (long long)call_seconds(r));
	(void)snprintf(uri, sizeof uri, "/v1/Accounts/%s/Calls%s/%s", r->account,
	        p->xml ? "" : ".json", r->sid);
	member(p, "Sid", r->sid);
	member(p, "ParentCallSid", NULL);
	member(p, "DateCreated", created);
	member(p, "DateUpdated", updated);
	member(p, "AccountSid", r->account);
	member(p, "To", r->callee);
	member(p, "From", r->customer);
	member(p, "PhoneNumberSid", r->caller_id);
	member(p, "Status", status);
	member(p, "StartTime", created);
	member(p, "EndTime", over ? ended : NULL);
	member(p, "Duration", over ? seconds : NULL);
	member(p, "Price", over ? "0.000000" : NULL);
	member(p, "Direction", "outbound-api");
	member(p, "AnsweredBy", r->answered_by);
	member(p, "ForwardedFrom", NULL);
	member(p, "CallerName", NULL);
	member(p, "Uri", uri);
	member(p, "RecordingUrl", NULL);
	if (r->custom_field)
		member(p, "CustomField", r->custom_field);
	if (with_details)
		details(p, r);
}

static void begin_paper(struct ask *a, struct paper *p)
{
	*p = (struct paper){.out = &a->out->body, .xml = a->shape == ASK_XML};
	a->out->type = p->xml ? "application/xml; charset=utf-8" : "application/json";
	dd_buf_str(p->out,
	        p->xml ? "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<TwilioResponse>" : "{");
}

static void end_paper(struct paper *p)
{
	dd_buf_str(p->out, p->xml ? "</TwilioResponse>\n" : "}\n");
}

static void one_call(
        struct ask *a, const struct dd_call_record *r, const char *status, bool with_details)
{
	struct paper p;
	begin_paper(a, &p);
	open_group(&p, "Call");
	call_members(&p, r, status, with_details);
	close_group(&p, "Call");
	end_paper(&p);
}

/* -- placing ---------------------------------------------------------------- */

struct edition *call_flow(struct ask *a, struct dd_str id, struct app **app)
{
	struct server *s = a->server;
	(void)dd_input_starved();
	*app = flows_find(s, id);
	if (!*app && dd_input_starved()) {
		api_fail(a, 503, FLOWS_STARVED);
		return NULL;
	}
	if (!*app) {
		char *names = flows_names(s);
		api_fail(a, 400, "there is no flow \"%.*s\"; there are: %s",
		        (int)(id.n < 128 ? id.n : 128), id.p, names);
		free(names);
		return NULL;
	}
	if (*app == &s->flows.application) {
		char *url = dd_str_copy(id), *why = exchange_refuse_app(s, url);
		bool refused = why != NULL;
		if (refused)
			api_fail(a, 400, "%s", why);
		free(url);
		free(why);
		if (refused)
			return NULL;
	}
	struct edition *e = flows_take(s, *app);
	if (e->program)
		return e;
	if (e->starved)
		api_fail(a, 503, FLOWS_STARVED);
	else
		api_fail(a, 400, "the flow \"%s\" has errors:\n%s", (*app)->id, e->faults);
	flows_give_back(e);
	return NULL;
}

bool call_has_variables(struct ask *a, const struct dd_program *p, const json_t *given)
{
	for (uint32_t i = DD_BUILT_INS_COUNT; i < p->nslots; i++) {
		if (!p->slots[i].variable || !p->slots[i].required ||
		        json_object_get(given, p->slots[i].name))
			continue;
		api_fail(a, 400,
		        "the flow has no example of \"%s\", and the call gives no value: "
		        "give the variable an example, or place the call with POST /_drydial/calls",
		        p->slots[i].name);
		return false;
	}
	return true;
}

/* What a request to place a call comes to. */
struct connecting {
	struct dd_call_record r;
	char id[2048]; /* of the flow, or an application's address */
};

static bool take_event(struct dd_call_record *r, struct dd_str word)
{
	bool terminal = dd_str_is(word, "terminal"), answered = dd_str_is(word, "answered");
	r->hook_events |= terminal ? HOOK_TERMINAL : answered ? HOOK_ANSWERED : 0;
	return terminal || answered;
}

static bool take_events(struct ask *a, struct dd_call_record *r)
{
	const json_t *list = a->json ? json_object_get(a->json, "StatusCallbackEvents") : NULL;
	bool fine = !list || json_is_string(list) || json_is_array(list);
	for (size_t i = 0; i < a->in->nform; i++)
		if (a->in->form[i].name.n >= 20 &&
		        memcmp(a->in->form[i].name.p, "StatusCallbackEvents", 20) == 0)
			fine &= take_event(r, a->in->form[i].value);
	for (size_t i = 0; i < json_array_size(list); i++)
		fine &= take_event(r, dd_str(json_string_value(json_array_get(list, i))));
	if (json_is_string(list))
		fine &= take_event(r, dd_str(json_string_value(list)));
	if (!fine)
		api_fail(a, 400, "StatusCallbackEvents are terminal and answered");
	return fine;
}

static bool take_callback(struct ask *a, struct connecting *c)
{
	const char *fault;
	if (!take_events(a, &c->r))
		return false;
	if (!c->r.hook || !(fault = hooks_refuse(dd_str(c->r.hook))))
		return true;
	api_fail(a, 400, "StatusCallback %s", fault);
	return false;
}

/* Who asks for no events gets the form of the simplest example; who does gets the platform's
 * multipart unless they say otherwise. */
static bool take_content_type(struct ask *a, struct connecting *c)
{
	static const struct {
		const char *type, *kept;
	} types[] = {{"application/json", "json"}, {"multipart/form-data", "multipart"},
	        {"application/x-www-form-urlencoded", "form"}};
	struct dd_str type = api_value(a, "StatusCallbackContentType");
	c->r.hook_type = type.n ? NULL : c->r.hook_events ? "multipart" : "form";
	for (size_t i = 0; type.n && i < sizeof types / sizeof *types; i++)
		if (dd_str_is(type, types[i].type))
			c->r.hook_type = types[i].kept;
	if (!c->r.hook_type)
		api_fail(a, 400,
		        "StatusCallbackContentType is multipart/form-data, "
		        "application/json or application/x-www-form-urlencoded");
	return c->r.hook_type != NULL;
}

static bool take_type(struct ask *a, struct connecting *c)
{
	struct dd_str type = api_value(a, "CallType");
	bool fine = !type.n || dd_str_is(type, "trans") || dd_str_is(type, "promo");
	(void)c;
	if (!fine)
		api_fail(a, 400, "CallType is trans or promo");
	return fine;
}

/* "+91…" in a form that was not encoded arrives as " 91…". */
static const char *with_plus(const char *number, char room[72])
{
	if (number[0] != ' ' || strlen(number) > 64)
		return number;
	(void)snprintf(room, 72, "+%s", number + 1);
	return room;
}

bool call_has_caller(const struct server *s, const char *caller_id)
{
	uint64_t number = number_at_home(s, dd_str(caller_id));
	for (size_t i = 0; i < s->config.ncallers; i++)
		if (strcmp(s->config.callers[i], caller_id) == 0 ||
		        (number && number_at_home(s, dd_str(s->config.callers[i])) == number))
			return true;
	return s->config.ncallers == 0;
}

/* The flow, or, where there is none, the second number of two. */
static bool take_url(struct ask *a, struct connecting *c)
{
	struct dd_str url = api_value(a, "Url"), to = api_value(a, "To");
	if (!url.n && to.n) {
		(void)snprintf(c->id, sizeof c->id, FLOWS_CONNECT);
		if (number_at_home(a->server, to) && to.n < 64)
			c->r.callee = to.p;
		else
			api_fail(a, 400,
			        "To is not a telephone number: +919876543210, "
			        "09876543210 or 9876543210");
		return c->r.callee != NULL;
	}
	if (!url.n) {
		api_fail(a, 400, "Mandatory parameter Url is missing");
		return false;
	}
	if (flows_id_of_url(url, c->id))
		return true;
	(void)snprintf(c->id, sizeof c->id, "%.*s", (int)(url.n < 2047 ? url.n : 2047), url.p);
	if (url.n < sizeof c->id && dd_is_url(c->id) && !strstr(c->id, "://my.exotel.com"))
		return true; /* of an application */
	api_fail(a, 400,
	        "Url must be http://my.exotel.com/<sid>/exoml/start_voice/<app_id> or "
	        "http://my.exotel.com/exoml/start/<app_id>");
	return false;
}

/* What a request may say of a call, in the order in which it is looked at. A text goes into the
   record as it is, seconds as milliseconds; `take` does what a parameter alone does not say. */
struct parameter {
	const char *name;
	enum { A_TEXT, SECONDS, ANY } kind;
	bool must;
	int64_t least, most; /* bytes of a text; seconds */
	size_t field;        /* of the record */
	bool (*take)(struct ask *a, struct connecting *c);
};
#define FIELD(name) offsetof(struct dd_call_record, name)
static const struct parameter PARAMETERS[] = {
        {"From", A_TEXT, true, 1, 64, FIELD(customer), NULL},
        {"CallerId", A_TEXT, true, 1, 64, FIELD(caller_id), NULL},
        {"To", ANY, false, 0, 0, 0, NULL}, /* with Url */
        {"Url", ANY, false, 0, 0, 0, take_url},
        {"TimeLimit", SECONDS, false, 1, DD_TIME_LIMIT_MAX_S, FIELD(time_limit), NULL},
        {"TimeOut", SECONDS, false, 1, 600, FIELD(ring_timeout), NULL},
        {"CallType", ANY, false, 0, 0, 0, take_type},
        {"CustomField", A_TEXT, false, 1, 4096, FIELD(custom_field), NULL},
        {"StatusCallback", A_TEXT, false, 1, 4096, FIELD(hook), take_callback},
        {"StatusCallbackContentType", ANY, false, 0, 0, 0, take_content_type},
};
#undef FIELD
enum { NPARAMETERS = sizeof PARAMETERS / sizeof *PARAMETERS };

static bool take_text(struct ask *a, const struct parameter *p, const char **out)
{
	struct dd_str text = api_value(a, p->name);
	*out = NULL;
	if (!text.p || !text.n) {
		if (p->must)
			api_fail(a, 400, "Mandatory parameter %s is missing", p->name);
		return !p->must;
	}
	if (text.n > (size_t)p->most) {
		api_fail(a, 400, "%s has more than %lld bytes", p->name, (long long)p->most);
		return false;
	}
	*out = text.p;
	return true;
}

static bool take_parameter(struct ask *a, const struct parameter *p, struct connecting *c)
{
	void *field = (char *)&c->r + p->field;
	int64_t seconds;
	if (p->kind == A_TEXT && !take_text(a, p, field))
		return false;
	if (p->kind == SECONDS) {
		seconds = *(const int64_t *)field / 1000;
		if (!api_number(a, p->name, p->least, p->most, &seconds))
			return false;
		*(int64_t *)field = seconds * 1000;
	}
	return !p->take || p->take(a, c);
}

static bool take_parameters(struct ask *a, struct connecting *c)
{
	/* of a body that is JSON: a value that is neither text nor a whole number would be passed
	 * over */
	for (size_t i = 0; a->json && i < NPARAMETERS; i++) {
		const json_t *value = json_object_get(a->json, PARAMETERS[i].name);
		if (!value || json_is_null(value) || json_is_string(value) ||
		        json_is_integer(value))
			continue;
		api_fail(a, 400, "%s must be text or a whole number", PARAMETERS[i].name);
		return false;
	}
	c->r.time_limit = (int64_t)DD_TIME_LIMIT_MAX_S * 1000;
	c->r.ring_timeout = DD_RING_TIMEOUT_MS;
	for (size_t i = 0; i < NPARAMETERS; i++)
		if (!take_parameter(a, &PARAMETERS[i], c))
			return false;
	return true;
}

void calls_connect(struct ask *a)
{
	struct server *s = a->server;
	struct connecting asked = {.r = {.account = a->account}};
	struct app *app;
	char customer[72], caller[72];
	int wait_s = 0;
	if (!take_parameters(a, &asked))
		return;
	struct dd_call_record r = asked.r;
	r.customer = with_plus(r.customer, customer);
	r.caller_id = with_plus(r.caller_id, caller);
	uint64_t number = number_at_home(s, dd_str(r.customer));
	if (!number) {
		api_fail(a, 400,
		        "From is not a telephone number: +919876543210, 09876543210 or 9876543210");
		return;
	}
	if (!call_has_caller(s, r.caller_id)) {
		api_fail(a, 400, "CallerId is not an ExoPhone of this account");
		return;
	}
	struct edition *e = call_flow(a, dd_str(asked.id), &app);
	if (!e)
		return;
	const char *forbidden = law_forbids(s, number, dd_program_promotes(e->program));
	if (!call_has_variables(a, e->program, NULL)) {
		flows_give_back(e);
		return;
	}
	if (!r.hook && e->program->flows[0].status_callback.n &&
	        !hooks_refuse(e->program->flows[0].status_callback)) { /* the flow's own */
		r.hook = e->program->flows[0].status_callback.p;
		r.hook_type = "form";
	}
	if (forbidden) {
		api_fail(a, 403, "%s (%s)", forbidden, s->config.law->name);
	} else if (!exchange_allows(s, &wait_s)) {
		a->out->retry_after_s = wait_s;
		api_fail(a, 429,
		        "more than %u calls a minute; try again in %d s (drydial serve --rate 0 "
		        "lifts this)",
		        s->o->rate, wait_s);
	} else {
		r.app = app == &s->flows.application ? asked.id : app->id;
		r.attempt = 1;
		struct live *c = exchange_accept(s, &r, (struct dd_str){0});
		one_call(a, &c->r, "in-progress", false);
	}
	flows_give_back(e);
}

/* -- reading ---------------------------------------------------------------- */

struct reading {
	struct ask *a;
	struct paper paper;
	bool found, with_details;
	int64_t first, last; /* ids on this page */
};

static bool read_one(void *self, const void *record)
{
	struct reading *r = self;
	const struct dd_call_record *call = record;
	r->found = true;
	one_call(r->a, call, call->status, r->with_details);
	return false;
}

void calls_get(struct ask *a)
{
	struct reading r = {.a = a, .with_details = dd_str_is(api_query(a, "details"), "true")};
	char sid[64];
	(void)snprintf(sid, sizeof sid, "%.*s", (int)(a->part[1].n < 63 ? a->part[1].n : 63),
	        a->part[1].p);
	struct dd_question own;
	dd_question_begin(&own);
	dd_question_text(&own, "sid", dd_str(sid));
	dd_question_text(&own, "account", dd_str(a->account));
	struct dd_query q = dd_question_ask(&own);
	q.limit = 1;
	(void)dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, read_one, &r);
	if (!r.found)
		api_fail(a, 404, "there is no call %s", sid);
}

/* -- reading many ----------------------------------------------------------- */

/* The question and its page; `failed`: an error was answered. */
struct filter {
	struct dd_question q;
	int64_t size;
	bool failed;
};

/* A number in any of the ways in which it may have been written. */
static void add_phone(struct filter *f, const struct ask *a, const char *name, const char *column)
{
	struct dd_str text = api_query(a, name);
	if (text.n)
		dd_question_number(&f->q, column, DD_IS, (int64_t)number_at_home(a->server, text));
}

/* "gte:X;lte:Y", or X alone. */
static void add_range(struct filter *f, struct ask *a, const char *name, const char *column,
        bool (*parse)(struct dd_str text, int64_t *out))
{
	static const struct {
		const char *word;
		enum dd_sign sign;
	} signs[] = {{"gte:", DD_AT_LEAST}, {"lte:", DD_AT_MOST}, {"gt:", DD_MORE},
	        {"lt:", DD_LESS}, {"eq:", DD_IS}};
	struct dd_str text = api_query(a, name);
	for (size_t at = 0; text.n && at <= text.n;) {
		const char *end = at < text.n ? memchr(text.p + at, ';', text.n - at) : NULL;
		struct dd_str one = {text.p + at, (end ? (size_t)(end - text.p) : text.n) - at};
		enum dd_sign sign = DD_IS;
		int64_t value;
		at += one.n + 1;
		for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
			size_t n = strlen(signs[i].word);
			if (one.n > n && memcmp(one.p, signs[i].word, n) == 0) {
				sign = signs[i].sign;
				one.p += n, one.n -= n;
				break;
			}
		}
		if (!one.n && end)
			continue;
		if (!parse(one, &value)) {
			api_fail(a, 400, "%s is written as gte:FROM;lte:TO", name);
			f->failed = true;
			return;
		}
		dd_question_number(&f->q, column, sign, value);
	}
}

static bool parse_seconds(struct dd_str text, int64_t *out)
{
	dd_ms ms;
	if (!dd_duration_parse(text, &ms))
		return false;
	*out = ms / 1000;
	return true;
}

static bool parse_moment(struct dd_str text, int64_t *out)
{
	*out = 0;
	bool fine = dd_time_parse(text, out);
	*out /= 1000;
	return fine;
}

static bool list_one(void *self, const void *record)
{
	struct reading *r = self;
	const struct dd_call_record *call = record;
	r->first = r->first ? r->first : call->id;
	r->last = call->id;
	if (r->paper.xml) {
		dd_buf_str(r->paper.out, "<Call>");
	} else {
		dd_buf_str(r->paper.out, r->found ? ",{" : "{");
		r->paper.any = false;
	}
	call_members(&r->paper, call, call->status, r->with_details);
	dd_buf_str(r->paper.out, r->paper.xml ? "</Call>" : "}");
	r->found = true;
	return true;
}

/* The address of another page: the same question with another cursor. */
static void page_uri(const struct ask *a, const char *cursor, int64_t id, struct dd_buf *out)
{
	dd_buf_format(
	        out, "/v1/Accounts/%s/Calls%s?", a->account, a->shape == ASK_XML ? "" : ".json");
	for (size_t i = 0; i < a->in->nquery; i++) {
		if (dd_str_is(a->in->query[i].name, "Before") ||
		        dd_str_is(a->in->query[i].name, "After"))
			continue;
		dd_buf_percent(out, a->in->query[i].name);
		dd_buf_char(out, '=');
		dd_buf_percent(out, a->in->query[i].value);
		dd_buf_char(out, '&');
	}
	if (cursor)
		dd_buf_format(out, "%s=%lld", cursor, (long long)id);
	else
		out->p[--out->n] = '\0';
}

static bool make_filter(struct ask *a, struct filter *f, bool *rising)
{
	struct dd_str sort = api_query(a, "SortBy");
	*rising = dd_str_is(sort, "DateCreated:asc");
	if (sort.n && !*rising && !dd_str_is(sort, "DateCreated:desc")) {
		api_fail(a, 400, "SortBy is DateCreated:asc or DateCreated:desc");
		return false;
	}
	f->size = 50;
	dd_question_begin(&f->q);
	dd_question_text(&f->q, "account", dd_str(a->account));
	dd_question_words(&f->q, "sid", api_query(a, "Sid"));
	dd_question_words(&f->q, "status", api_query(a, "Status"));
	add_phone(f, a, "From", "number");
	add_phone(f, a, "To", "caller");
	add_range(f, a, "DateCreated", DD_CALL_CREATED_S, parse_moment);
	if (!f->failed)
		add_range(f, a, "Duration", DD_CALL_TALKED_S, parse_seconds);
	/* the page needs a value more, which must find room behind these */
	if ((f->q.full || f->q.nbinds > DD_BINDS_MAX - 2) && !f->failed) {
		api_fail(a, 400, "that is too much to look for at once: at most %d values",
		        DD_BINDS_MAX - 4);
		f->failed = true;
	}
	return !f->failed && api_number(a, "PageSize", 1, 100, &f->size);
}

static void metadata(struct ask *a, struct paper *p, int64_t total, int64_t size,
        const struct reading *r, bool more, bool before)
{
	struct dd_buf uri = {0};
	open_group(p, "Metadata");
	number_member(p, "Total", total);
	number_member(p, "PageSize", size);
	page_uri(a, NULL, 0, &uri);
	member(p, "FirstPageUri", uri.p);
	dd_buf_clear(&uri);
	page_uri(a, "Before", r->first, &uri);
	member(p, "PrevPageUri", before ? uri.p : NULL);
	dd_buf_clear(&uri);
	page_uri(a, "After", r->last, &uri);
	member(p, "NextPageUri", more ? uri.p : NULL);
	close_group(p, "Metadata");
	dd_buf_free(&uri);
}

void calls_list(struct ask *a)
{
	struct filter f = {.failed = false};
	struct reading r = {.a = a, .with_details = dd_str_is(api_query(a, "details"), "true")};
	struct dd_buf calls = {0};
	int64_t after = 0, before = 0;
	bool rising;
	if (!make_filter(a, &f, &rising) || !api_number(a, "After", 0, INT64_MAX / 2, &after) ||
	        !api_number(a, "Before", 0, INT64_MAX / 2, &before))
		return;
	struct dd_query q = dd_question_ask(&f.q);
	int64_t total = dd_ledger_count(a->server->ledger, DD_TABLE_CALL, &q), size = f.size,
	        skipped = 0;
	q.order = rising ? "id" : "id DESC";
	q.limit = size;
	if (after || before) {
		/* how many of all come before this page, in its order: up to and with `after`, or
		 * before `before` */
		struct dd_question ahead = f.q;
		dd_question_number(&ahead, "id",
		        after ? (rising ? DD_AT_MOST : DD_AT_LEAST) : (rising ? DD_LESS : DD_MORE),
		        after ? after : before);
		const struct dd_query so_far = dd_question_ask(&ahead);
		skipped = dd_ledger_count(a->server->ledger, DD_TABLE_CALL, &so_far);
		if (!after) { /* the page that ends there */
			q.limit = skipped < size ? skipped : size;
			skipped -= q.limit;
		}
		q.offset = skipped;
	}
	r.paper = (struct paper){.out = &calls, .xml = a->shape == ASK_XML};
	size_t n = q.limit || !before
	        ? dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, list_one, &r)
	        : 0;
	struct paper p;
	begin_paper(a, &p);
	metadata(a, &p, total, size, &r, n > 0 && skipped + (int64_t)n<total, n> 0 && skipped > 0);
	if (p.xml)
		dd_buf_add(p.out, calls.p ? calls.p : "", calls.n);
	else
		dd_buf_format(p.out, ",\"Calls\":[%s]", calls.n ? calls.p : "");
	end_paper(&p);
	dd_buf_free(&calls);
}

/* -- numbers ---------------------------------------------------------------- */

void numbers_get(struct ask *a)
{
	uint64_t number = number_at_home(a->server, a->part[1]);
	char text[24];
	struct paper p;
	if (!number) {
		api_fail(a, 400, "that is not a telephone number");
		return;
	}
	bool indian = number / 10000000000 == 91;
	(void)snprintf(text, sizeof text, indian ? "0%llu" : "+%llu",
	        (unsigned long long)(indian ? number % 10000000000 : number));
	begin_paper(a, &p);
	open_group(&p, "Numbers");
	member(&p, "PhoneNumber", text);
	member(&p, "Circle", indian ? "KA" : "NA");
	member(&p, "CircleName", indian ? "Karnataka" : "Not applicable");
	member(&p, "Type", "Mobile");
	member(&p, "Operator", "DD");
	member(&p, "OperatorName", "drydial");
	member(&p, "DND", dd_number_set_has(&a->server->config.dnd, number) ? "Yes" : "No");
	close_group(&p, "Numbers");
	end_paper(&p);
}
