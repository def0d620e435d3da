/* Text messages: those of the API and those of flows. Each is kept, goes on its way through the
   platform's statuses by the clock, and tells its receiver how it ended. */
#include "serve/sms.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/sms_size.h"
#include "check/templates.h"

enum {
	BODY_MAX = 2000, /* characters */
	SENDING_MS = 500,
	SUBMITTED_MS = 1000,
	NETWORK_MS = 2000, /* until it is delivered, and at most … */
	NETWORK_MORE_MS = 4000,
	EXPIRED_MS = 24 * 3600 * 1000,
};

/* How far a message is; 0 is the end, also of those that an older version wrote down. */
enum { STAGE_OVER, STAGE_QUEUED, STAGE_SENDING, STAGE_SUBMITTED };

static const struct fate {
	int code;
	const char *detail, *status;
} FATES[] = {{SMS_DELIVERED, "DELIVERED_TO_HANDSET", "sent"},
        {SMS_SUBMITTED, "DELIVERED_TO_OPERATOR", "submitted"},
        {SMS_PENDING, "PENDING_TO_OPERATOR", "queued"}, {SMS_DND, "FAILED_DND", "failed-dnd"},
        {SMS_BAD_NUMBER, "FAILED_INVALID_NUMBER", "failed"},
        {SMS_BAD_SENDER, "FAILED_INVALID_SENDER", "failed"},
        {SMS_DLT_ENTITY, "FAILED_DLT_ENTITY", "failed"},
        {SMS_DLT_TEMPLATE, "FAILED_DLT_TEMPLATE", "failed"},
        {SMS_DLT_TEXT, "FAILED_DLT_TEXT", "failed"},
        {SMS_DLT_VARIABLE, "FAILED_DLT_VARIABLE", "failed"}, {SMS_EXPIRED, "EXPIRED", "expired"}};

static const struct fate *fate_of(int64_t code)
{
	for (size_t i = 0; i < sizeof FATES / sizeof *FATES; i++)
		if (FATES[i].code == code)
			return &FATES[i];
	return &FATES[0];
}

const char *sms_status(const struct dd_message_record *m)
{
	return m->status ? m->status : "sent";
}

const char *sms_detail(const struct dd_message_record *m)
{
	return fate_of(m->code)->detail;
}

/* -- what becomes of it ----------------------------------------------------- */

/* Against one registered text. */
static int unlike(struct dd_str template, struct dd_str text)
{
	struct dd_arena *arena = dd_arena_new();
	const char *why = dd_template_unlike(arena, template, text);
	int code = !why                    ? SMS_DELIVERED
	        : strstr(why, "more than") ? SMS_DLT_VARIABLE
	                                   : SMS_DLT_TEXT;
	dd_arena_free(arena);
	return code;
}

/* India's registers know who sends, and each text that they send: what does not fit is not
 * delivered. A flow's message whose template nobody names has to fit one of them. */
static int judge_dlt(const struct config *c, const struct sms *m)
{
	int code = SMS_DLT_TEXT;
	bool known = !m->template_id;
	if (!c->ntemplates && !c->nentities)
		return SMS_DELIVERED;
	bool registered = !c->nentities || (!m->entity && m->of_flow);
	for (size_t i = 0; i < c->nentities; i++)
		registered |= m->entity && strcmp(c->entities[i], m->entity) == 0;
	if (!registered)
		return SMS_DLT_ENTITY;
	if (!c->ntemplates)
		return SMS_DELIVERED;
	if (!m->template_id && !m->of_flow)
		return SMS_DLT_TEMPLATE;
	for (size_t i = 0; i < c->ntemplates && code != SMS_DELIVERED; i++) {
		if (m->template_id && !dd_str_is(c->templates[i].name, m->template_id))
			continue;
		known = true;
		int how = unlike(c->templates[i].value, dd_str(m->text));
		code = how == SMS_DLT_TEXT ? code : how;
	}
	return known ? code : SMS_DLT_TEMPLATE;
}

static int judge(struct server *s, const struct sms *m, uint64_t number)
{
	bool sender = s->config.nsenders == 0 || (m->of_flow && !*m->sender);
	for (size_t i = 0; i < s->config.nsenders; i++)
		sender |= strcmp(s->config.senders[i], m->sender) == 0;
	if (!number)
		return SMS_BAD_NUMBER;
	if (!sender && !call_has_caller(s, m->sender))
		return SMS_BAD_SENDER;
	if (m->promotional && dd_number_set_has(&s->config.dnd, number))
		return SMS_DND;
	int code = judge_dlt(&s->config, m);
	if (code == SMS_DELIVERED)
		for (size_t i = 0; i < s->config.nrules; i++) /* a phone that cannot be reached */
			if (s->config.rules[i].number == number &&
			        s->config.rules[i].who.by == DD_BY_NOBODY_FAILED)
				code = SMS_EXPIRED;
	return code;
}

/* -- on its way ------------------------------------------------------------- */

static void wait_until(struct server *s, int64_t id, int64_t at)
{
	struct outbox *o = &s->outbox;
	uint32_t slot = o->nfree ? o->free[--o->nfree] : o->n;
	if (slot == o->n)
		DD_PUSH(o->ids, o->n, o->cap) = id;
	o->ids[slot] = id;
	dd_heap_push(&o->due, at, slot);
}

static int64_t next_moment(const struct server *s, const struct dd_message_record *m)
{
	struct dd_pcg rng = dd_pcg_seed((uint64_t)m->number + (uint64_t)m->id, s->o->seed);
	return m->stage == STAGE_QUEUED     ? m->updated + SENDING_MS
	        : m->stage == STAGE_SENDING ? m->updated + SUBMITTED_MS
	        : m->fate == SMS_EXPIRED
	        ? m->updated + EXPIRED_MS
	        : m->updated + NETWORK_MS + (int64_t)(dd_pcg_next(&rng) % NETWORK_MORE_MS);
}

static void tell(struct server *s, const struct dd_message_record *m)
{
	if (events_wanted(s))
		events_tell(s, "message",
		        json_pack("{s:s, s:s, s:s, s:s}", "id", m->message ? m->message : "", "to",
		                m->customer, "status", sms_status(m), "text", m->text));
}

int64_t sms_send(struct server *s, const struct sms *m, char sid[33])
{
	char number[24];
	uint64_t to = number_at_home(s, dd_str(m->to));
	new_sid(sid);
	(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)to);
	struct dd_message_record r = {.sid = m->call ? m->call : "",
	        .customer = m->to,
	        .sender = m->sender,
	        .text = m->text,
	        .segments = dd_sms_size(dd_str(m->text)).segments,
	        .created = m->at ? m->at : s->clock.now,
	        .message = sid,
	        .account = m->account,
	        .status = "queued",
	        .custom_field = m->custom_field,
	        .hook = m->hook,
	        .hook_type = m->hook_type ? m->hook_type : "form",
	        .stage = STAGE_QUEUED,
	        .code = SMS_PENDING,
	        .updated = m->at ? m->at : s->clock.now,
	        .number = (int64_t)to};
	r.fate = judge(s, m, to);
	r.id = dd_ledger_add(s->ledger, DD_TABLE_MESSAGE, &r);
	wait_until(s, r.id, next_moment(s, &r));
	tell(s, &r);
	return r.id;
}

static void call_back(struct server *s, const struct dd_message_record *m)
{
	char sent[24] = "", units[24], code[24];
	if (m->sent)
		dd_time_ist(m->sent, sent);
	(void)snprintf(units, sizeof units, "%lld", (long long)m->segments);
	(void)snprintf(code, sizeof code, "%lld", (long long)m->code);
	const struct hook_field fields[] = {{"SmsSid", m->message, false},
	        {"To", m->customer, false}, {"Status", m->status, false},
	        {"SmsUnits", units, false}, {"DetailedStatus", sms_detail(m), false},
	        {"DetailedStatusCode", code, false}, {"DateSent", sent, false},
	        {"CustomField", m->custom_field, false}};
	hooks_post(s, m->message, "sms", m->hook, m->hook_type, fields,
	        sizeof fields / sizeof *fields);
}

static bool step(void *self, const void *record)
{
	struct server *s = self;
	struct dd_message_record m = *(const struct dd_message_record *)record;
	bool fails = m.fate != SMS_DELIVERED && m.fate != SMS_EXPIRED;
	if (m.stage == STAGE_QUEUED) {
		m.stage = STAGE_SENDING;
		m.status = "sending";
	} else if (m.stage == STAGE_SENDING && !fails) {
		m.stage = STAGE_SUBMITTED;
		m.status = "submitted";
		m.code = SMS_SUBMITTED;
		m.sent = s->clock.now;
	} else {
		m.stage = STAGE_OVER;
		m.code = m.fate;
		m.status = fate_of(m.fate)->status;
	}
	m.updated = s->clock.now;
	dd_ledger_change(s->ledger, DD_TABLE_MESSAGE, &m);
	if (m.stage != STAGE_OVER)
		wait_until(s, m.id, next_moment(s, &m));
	else if (m.hook)
		call_back(s, &m);
	if (m.stage == STAGE_OVER && m.fate != SMS_DELIVERED)
		server_tell(s, "message to %s: %s", m.customer, sms_detail(&m));
	tell(s, &m);
	return false;
}

int64_t sms_due(const struct server *s)
{
	return s->outbox.due.n ? s->outbox.due.list[0].at : INT64_MAX;
}

void sms_run(struct server *s)
{
	struct outbox *o = &s->outbox;
	while (sms_due(s) <= s->clock.now && !dd_ledger_fault(s->ledger)) {
		uint32_t slot = dd_heap_pop(&o->due).what;
		struct dd_question of_id;
		dd_question_begin(&of_id);
		dd_question_number(&of_id, "id", DD_IS, o->ids[slot]);
		const struct dd_query q = dd_question_ask(&of_id);
		DD_PUSH(o->free, o->nfree, o->cap_free) = slot;
		(void)dd_ledger_each(s->ledger, DD_TABLE_MESSAGE, &q, step, s);
	}
}

static bool recover_one(void *self, const void *record)
{
	struct server *s = self;
	const struct dd_message_record *m = record;
	wait_until(s, m->id, next_moment(s, m));
	return true;
}

void sms_recover(struct server *s)
{
	struct dd_question on_way;
	dd_question_begin(&on_way);
	dd_question_constant(&on_way, "stage", DD_MORE, 0);
	const struct dd_query q = dd_question_ask(&on_way);
	(void)dd_ledger_each(s->ledger, DD_TABLE_MESSAGE, &q, recover_one, s);
}

void sms_end(struct server *s)
{
	dd_heap_fini(&s->outbox.due);
	free(s->outbox.ids);
	free(s->outbox.free);
	s->outbox = (struct outbox){0};
}

/* -- the API ---------------------------------------------------------------- */

static void members(struct sheet *p, const struct dd_message_record *m)
{
	char created[24], updated[24], sent[24], units[24], uri[192];
	dd_time_ist(m->created, created);
	dd_time_ist(m->updated, updated);
	dd_time_ist(m->sent, sent);
	(void)snprintf(units, sizeof units, "%lld", (long long)m->segments);
	(void)snprintf(uri, sizeof uri, "/v1/Accounts/%s/SMS/Messages/%s", m->account, m->message);
	sheet_member(p, "Sid", m->message);
	sheet_member(p, "AccountSid", m->account);
	sheet_member(p, "From", m->sender);
	sheet_member(p, "To", m->customer);
	sheet_member(p, "DateCreated", created);
	sheet_member(p, "DateUpdated", updated);
	sheet_member(p, "DateSent", m->sent ? sent : NULL);
	sheet_member(p, "Body", m->text);
	sheet_member(p, "Direction", "outbound-api");
	sheet_member(p, "Uri", uri);
	sheet_member(p, "ApiVersion", NULL);
	sheet_member(p, "Price", m->stage == STAGE_OVER ? "0.000000" : NULL);
	sheet_member(p, "Status", m->status);
	sheet_member(p, "SmsUnits", m->sent ? units : NULL);
	sheet_number(p, "DetailedStatusCode", m->code);
	sheet_member(p, "DetailedStatus", sms_detail(m));
	if (m->custom_field)
		sheet_member(p, "CustomField", m->custom_field);
}

/* What a request says of its messages, without their numbers and texts. False after an error was
 * answered. */
static bool one_of_words(struct ask *a, const char *name, const char *const *words, size_t n)
{
	struct dd_str given = api_value(a, name);
	struct dd_buf list = {0};
	bool fine = !given.n;
	for (size_t i = 0; i < n; i++) {
		fine |= dd_str_is(given, words[i]);
		dd_buf_format(&list, "%s%s", i ? (i + 1 < n ? ", " : " or ") : "", words[i]);
	}
	if (!fine)
		api_fail(a, 400, "%s is %s", name, list.p);
	dd_buf_free(&list);
	return fine;
}

#define SMS_TYPES_TEXT "transactional, transactional_opt_in or promotional"
static const char *const SMS_TYPES[] = {"transactional", "transactional_opt_in", "promotional"};
enum { SMS_NTYPES = sizeof SMS_TYPES / sizeof *SMS_TYPES };

static bool is_sms_type(struct dd_str text)
{
	for (size_t i = 0; i < SMS_NTYPES; i++)
		if (dd_str_is(text, SMS_TYPES[i]))
			return true;
	return false;
}

static bool take_all(struct ask *a, struct sms *m)
{
	static const char *const encodings[] = {"plain", "unicode"},
	                         *const priorities[] = {"normal", "high"};
	struct dd_str from = api_value(a, "From"), hook = api_value(a, "StatusCallback"),
	              field = api_value(a, "CustomField"),
	              type = api_value(a, "StatusCallbackContentType");
	const char *hook_type = hooks_form(type);
	const char *fault = hook.n ? hooks_refuse(hook) : NULL;
	*m = (struct sms){.account = a->account, .sender = from.p ? from.p : "", .to = ""};
	if (from.n > 64)
		api_fail(a, 400, "From is an ExoPhone or a header of six letters");
	else if (fault)
		api_fail(a, 400, "StatusCallback %s", fault);
	else if (dd_utf8_count(field) > 128)
		api_fail(a, 400, "CustomField has more than 128 characters");
	else if (type.n && !hook_type)
		api_fail(a, 400, HOOKS_FORMS_TEXT);
	else if (one_of_words(a, "EncodingType", encodings, 2) &&
	        one_of_words(a, "SmsType", SMS_TYPES, SMS_NTYPES) &&
	        one_of_words(a, "Priority", priorities, 2)) {
		m->hook_type = hook_type;
		m->hook = hook.n ? hook.p : NULL;
		m->custom_field = field.n ? field.p : NULL;
		m->entity = api_value(a, "DltEntityId").p;
		m->template_id = api_value(a, "DltTemplateId").p;
		m->promotional = dd_str_is(api_value(a, "SmsType"), "promotional");
		return true;
	}
	return false;
}

static bool is_fine(struct ask *a, struct dd_str to, struct dd_str body)
{
	struct dd_sms_size size = dd_sms_size(body);
	struct dd_buf why = {0};
	size_t digits = 0;
	for (size_t i = 0; i < to.n; i++)
		digits += to.p[i] >= '0' && to.p[i] <= '9';
	if (!to.n)
		api_fail(a, 400, "Mandatory parameter To is missing");
	else if (digits < 5 || to.n > 64)
		api_fail(a, 400,
		        "To is not a telephone number: +919876543210, 09876543210 or 9876543210");
	else if (!body.n)
		api_fail(a, 400, "Mandatory parameter Body is missing");
	else if (dd_utf8_count(body) > BODY_MAX)
		api_fail(a, 400, "Body has more than 2,000 characters");
	else if (size.foreign.p && dd_str_is(api_value(a, "EncodingType"), "plain")) {
		dd_sms_foreign(size.foreign, &why);
		api_fail(a, 400, "Body cannot be sent as EncodingType plain: %s; unicode can",
		        why.p);
		dd_buf_free(&why);
	} else {
		return true;
	}
	return false;
}

struct writing {
	struct sheet *sheet;
	bool found;
};

static bool write_one(void *self, const void *record)
{
	struct writing *w = self;
	struct sheet *p = w->sheet;
	if (!p->xml && w->found)
		dd_buf_str(p->out, "},{");
	p->any = false;
	sheet_open(p, "SMSMessage");
	members(p, record);
	sheet_close(p, "SMSMessage");
	w->found = true;
	return false;
}

static void write_row(
        struct ask *a, struct writing *w, const char *column, struct dd_str text, int64_t id)
{
	struct dd_question q;
	dd_question_begin(&q);
	if (text.n)
		dd_question_text(&q, column, text);
	else
		dd_question_number(&q, "id", DD_IS, id);
	dd_question_text(&q, "account", dd_str(a->account));
	const struct dd_query row = dd_question_ask(&q);
	(void)dd_ledger_each(a->server->ledger, DD_TABLE_MESSAGE, &row, write_one, w);
}

/* The plus that was not encoded. */
static const char *number_text(struct dd_str to, char room[72])
{
	bool plus = to.n && to.p[0] == ' ';
	(void)snprintf(room, 72, "%s%.*s", plus ? "+" : "", (int)(to.n - plus), to.p + plus);
	return room;
}

/* What may differ from one message of a request to the next; .p NULL: as the request says. */
enum { OWN_TO, OWN_BODY, OWN_FROM, OWN_TYPE, OWN_ENTITY, OWN_TEMPLATE, OWN_N };
static const char *const OWN[OWN_N] = {
        "To", "Body", "From", "SmsType", "DltEntityId", "DltTemplateId"};

struct many {
	struct dd_str own[SMS_BULK_MAX][OWN_N];
	size_t n;
	bool list; /* more than one was meant, if only one came */
};

static bool add_one(struct ask *a, struct many *many, const struct dd_str own[OWN_N])
{
	struct dd_str type = own[OWN_TYPE], from = own[OWN_FROM],
	              body = own[OWN_BODY].p ? own[OWN_BODY] : api_value(a, "Body");
	if (!is_fine(a, own[OWN_TO], body))
		return false;
	if (type.n && !is_sms_type(type)) {
		api_fail(a, 400, "SmsType is " SMS_TYPES_TEXT);
		return false;
	}
	if (from.n ? from.n > 64 : !api_value(a, "From").n) {
		api_fail(a, 400,
		        from.n ? "From is an ExoPhone or a header of six letters"
		               : "Mandatory parameter From is missing");
		return false;
	}
	if (many->n == SMS_BULK_MAX) {
		api_fail(a, 400, "at most %d messages at once", SMS_BULK_MAX);
		return false;
	}
	memcpy(many->own[many->n], own, OWN_N * sizeof *own);
	many->own[many->n++][OWN_BODY] = body;
	return true;
}

/* One number, or several with commas between them: each gets the same. */
static bool add_numbers(struct ask *a, struct many *many, const struct dd_str own[OWN_N])
{
	struct dd_str to = own[OWN_TO], each[OWN_N];
	memcpy(each, own, sizeof each);
	for (size_t at = 0; at <= to.n;) {
		const char *comma = at < to.n ? memchr(to.p + at, ',', to.n - at) : NULL;
		size_t end = comma ? (size_t)(comma - to.p) : to.n;
		each[OWN_TO] = (struct dd_str){to.p + at, end - at};
		many->list |= comma != NULL;
		if (!add_one(a, many, each))
			return false;
		at = end + 1;
	}
	return true;
}

static struct dd_str text_of(const json_t *value)
{
	const char *text = json_string_value(value);
	return (struct dd_str){text, text ? json_string_length(value) : 0};
}

/* {"To": "a,b"}, {"To": ["a", "b"]}, or a list of messages that have a To and a Body each. */
static bool take_json(struct ask *a, struct many *many)
{
	static const char *const lists[] = {"Messages", "Message", "sms"};
	const json_t *to = json_object_get(a->json, "To"), *one;
	size_t i;
	json_array_foreach (to, i, one) {
		const struct dd_str own[OWN_N] = {text_of(one)};
		if (!add_numbers(a, many, own))
			return false;
	}
	many->list |= json_is_array(to);
	if (json_is_string(to) || json_is_integer(to)) {
		const struct dd_str own[OWN_N] = {api_value(a, "To")};
		if (!add_numbers(a, many, own))
			return false;
	}
	for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
		const json_t *list = json_object_get(a->json, lists[k]);
		json_array_foreach (list, i, one) {
			struct dd_str own[OWN_N];
			for (int f = 0; f < OWN_N; f++)
				own[f] = text_of(json_object_get(one, OWN[f]));
			if (!add_numbers(a, many, own))
				return false;
		}
		many->list |= json_is_array(list);
	}
	return true;
}

/* Messages[0][To]: what stands beside it. */
static bool take_message(struct ask *a, struct many *many, struct dd_str name, struct dd_str to)
{
	struct dd_str own[OWN_N] = {to};
	for (int f = OWN_BODY; f < OWN_N; f++) {
		char beside[80];
		(void)snprintf(
		        beside, sizeof beside, "%.*s[%s]", (int)(name.n - 4), name.p, OWN[f]);
		own[f] = api_value(a, beside);
	}
	return add_numbers(a, many, own);
}

/* To=a,b, To=a&To=b, To[]=a, To[0]=a: one text for all. Messages[0][To] has its own; the
 * platform's own client writes Message[0][To]. */
static bool take_many(struct ask *a, struct many *many)
{
	if (a->json && !take_json(a, many))
		return false;
	for (size_t i = 0; i < a->in->nform; i++) {
		struct dd_str name = a->in->form[i].name, to = a->in->form[i].value;
		bool brackets = name.n > 3 && name.n < 48 && memcmp(name.p, "To[", 3) == 0,
		     message = name.n > 12 && name.n < 48 && memcmp(name.p, "Message", 7) == 0 &&
		        memcmp(name.p + name.n - 4, "[To]", 4) == 0;
		const struct dd_str own[OWN_N] = {to};
		many->list |= brackets || message;
		if (message ? !take_message(a, many, name, to)
		            : (brackets || dd_str_is(name, "To")) && !add_numbers(a, many, own))
			return false;
	}
	if (!many->n && api_query(a, "To").n) { /* all of it in the address */
		const struct dd_str own[OWN_N] = {api_query(a, "To")};
		return add_numbers(a, many, own);
	}
	if (!many->n)
		api_fail(a, 400, "Mandatory parameter To is missing");
	return many->n > 0;
}

static int64_t send_one(struct ask *a, const struct sms *all, const struct dd_str own[OWN_N])
{
	struct sms m = *all;
	char sid[33], room[72];
	char *text[OWN_N] = {NULL};
	for (int f = OWN_BODY; f < OWN_N; f++)
		if (own[f].n)
			text[f] = dd_str_copy(own[f]);
	m.to = number_text(own[OWN_TO], room);
	m.text = text[OWN_BODY];
	m.sender = text[OWN_FROM] ? text[OWN_FROM] : m.sender;
	m.entity = text[OWN_ENTITY] ? text[OWN_ENTITY] : m.entity;
	m.template_id = text[OWN_TEMPLATE] ? text[OWN_TEMPLATE] : m.template_id;
	if (own[OWN_TYPE].n)
		m.promotional = dd_str_is(own[OWN_TYPE], "promotional");
	int64_t id = sms_send(a->server, &m, sid);
	for (int f = OWN_BODY; f < OWN_N; f++)
		free(text[f]);
	return id;
}

/* One is answered as an object, many as a list of such objects. */
static void send_all(struct ask *a, bool list)
{
	struct sms m;
	struct sheet p;
	struct writing w = {.sheet = &p};
	struct many *many = dd_alloc(sizeof *many);
	memset(many, 0, sizeof *many);
	if (!take_all(a, &m) || !take_many(a, many)) {
		free(many);
		return;
	}
	list |= many->list || many->n > 1;
	sheet_begin(a, &p);
	if (list && !p.xml) {
		dd_buf_clear(p.out);
		dd_buf_str(p.out, "[{");
	}
	for (size_t i = 0; i < many->n; i++)
		write_row(a, &w, NULL, (struct dd_str){0}, send_one(a, &m, many->own[i]));
	if (p.xml || !list)
		sheet_end(&p);
	else
		dd_buf_str(p.out, "}]\n");
	a->out->first = true;
	free(many);
}

void sms_create(struct ask *a)
{
	send_all(a, false);
}

void sms_bulk(struct ask *a)
{
	send_all(a, true);
}

void sms_get(struct ask *a)
{
	struct sheet p;
	struct writing w = {.sheet = &p};
	char sid[64];
	(void)snprintf(sid, sizeof sid, "%.*s", (int)(a->part[1].n < 63 ? a->part[1].n : 63),
	        a->part[1].p);
	sheet_begin(a, &p);
	write_row(a, &w, "message", dd_str(sid), 0);
	if (w.found)
		sheet_end(&p);
	else
		api_fail(a, 404, "there is no message %s", sid);
}
