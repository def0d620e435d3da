/* Calls of the platform's API: placing one, reading one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "serve/calls.h"
#include "serve/sheet.h"

/* -- one call -------------------------------------------------------------- */

static void one_call(struct ask *a, const struct dd_call_record *r, const char *status,
        bool with_details, int64_t valid_ms)
{
	struct sheet p;
	sheet_begin(a, &p);
	p.valid_ms = valid_ms;
	sheet_open(&p, "Call");
	sheet_call(&p, r, status, with_details);
	sheet_close(&p, "Call");
	sheet_end(&p);
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
	char to[72];
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

/* What the server was told to send where a request says nothing: multipart, as the platform. */
static bool take_content_type(struct ask *a, struct connecting *c)
{
	struct dd_str type = api_value(a, "StatusCallbackContentType");
	c->r.hook_type = type.n ? hooks_form(type) : a->server->config.hook_type;
	if (!c->r.hook_type)
		api_fail(a, 400, HOOKS_FORMS_TEXT);
	return c->r.hook_type != NULL;
}

static bool take_type(struct ask *a, struct connecting *c)
{
	struct dd_str type = api_value(a, "CallType");
	bool promo = dd_str_is(type, "promo"), fine = !type.n || dd_str_is(type, "trans");
	(void)c;
	if (promo)
		api_fail(a, 403, "CallType promo is no longer supported; trans is");
	else if (!fine)
		api_fail(a, 400, "CallType is trans");
	return fine;
}

static bool take_record(struct ask *a, struct connecting *c)
{
	struct dd_str word = api_value(a, "Record");
	bool yes = dd_str_is(word, "true"), fine = yes || !word.n || dd_str_is(word, "false");
	c->r.record = yes ? DD_RECORD_WANTED : DD_RECORD_NONE;
	if (!fine)
		api_fail(a, 400, "Record is true or false");
	return fine;
}

static bool take_stream(struct ask *a, struct connecting *c)
{
	(void)c;
	if (!api_value(a, "StreamUrl").n)
		return true;
	api_fail(a, 501,
	        "StreamUrl, a voice bot that hears and speaks over a WebSocket, is not simulated: "
	        "give Url, a flow, in its place");
	return false;
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
			c->r.callee = with_plus(to.p, c->to);
		else
			api_fail(a, 400,
			        "To is not a telephone number: +919876543210, "
			        "09876543210 or 9876543210");
		return c->r.callee != NULL;
	}
	if (!url.n && api_value(a, "StreamUrl").n)
		return take_stream(a, c);
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
	int64_t least, most; /* characters of a text; seconds */
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
        {"TimeOut", SECONDS, false, 1, 60, FIELD(ring_timeout), NULL},
        {"CallType", ANY, false, 0, 0, 0, take_type},
        {"CustomField", A_TEXT, false, 1, 128, FIELD(custom_field), NULL},
        {"Record", ANY, false, 0, 0, 0, take_record},
        {"StreamUrl", ANY, false, 0, 0, 0, take_stream},
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
	if (dd_utf8_count(text) > (size_t)p->most) {
		api_fail(a, 400, "%s has more than %lld characters", p->name, (long long)p->most);
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
	/* of a body that is JSON: a value that is none of these would be passed over */
	for (size_t i = 0; a->json && i < NPARAMETERS; i++) {
		const json_t *value = json_object_get(a->json, PARAMETERS[i].name);
		if (!value || json_is_null(value) || json_is_string(value) ||
		        json_is_integer(value) || json_is_boolean(value))
			continue;
		api_fail(a, 400, "%s must be text, a whole number, true or false",
		        PARAMETERS[i].name);
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
		r.hook_type = s->config.hook_type;
	}
	if (forbidden) {
		api_fail(a, 403, "%s (%s)", forbidden, s->config.law->name);
	} else if (!exchange_allows(s, a->out, &wait_s)) {
		api_fail(a, 429,
		        "more than %u calls a minute; try again in %d s (drydial serve --rate 0 "
		        "lifts this)",
		        s->o->rate, wait_s);
	} else {
		r.app = app == &s->flows.application ? asked.id : app->id;
		r.attempt = 1;
		struct live *c = exchange_accept(s, &r, (struct dd_str){0});
		one_call(a, &c->r, "in-progress", false, 0);
		a->out->first = true; /* nothing of the call reaches anybody before */
	}
	flows_give_back(e);
}

/* -- reading ---------------------------------------------------------------- */

struct reading {
	struct ask *a;
	int64_t valid_ms;
	bool found, with_details;
};

static bool read_one(void *self, const void *record)
{
	struct reading *r = self;
	const struct dd_call_record *call = record;
	r->found = true;
	one_call(r->a, call, call->status, r->with_details, r->valid_ms);
	return false;
}

void calls_get(struct ask *a)
{
	struct reading r = {.a = a, .with_details = dd_str_is(api_query(a, "details"), "true")};
	char sid[64];
	if (!call_url_validity(a, &r.valid_ms))
		return;
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
