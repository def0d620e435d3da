/* The side door, /_drydial/: what the page and tests see and do that the platform has no address
 * for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/embed.h"
#include "base/input.h"
#include "check/check.h"
#include "report/diags.h"
#include "report/graph.h"
#include "report/json.h"
#include "serve/sms.h"

DD_EMBED(PAGE_HTML, "src/serve/page.html");
DD_EMBED(PAGE_CSS, "src/serve/page.css");
DD_EMBED(PAGE_JS, "src/serve/page.js");

static void page(struct ask *a, const char *type, const char *text)
{
	a->out->type = type;
	a->out->policy =
	        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
	        "img-src 'self' data:; base-uri 'none'; form-action 'none'; "
	        "frame-ancestors 'none'";
	dd_buf_str(&a->out->body, text);
}

void page_html(struct ask *a)
{
	page(a, "text/html; charset=utf-8", PAGE_HTML);
}

void page_css(struct ask *a)
{
	page(a, "text/css; charset=utf-8", PAGE_CSS);
}

void page_js(struct ask *a)
{
	page(a, "text/javascript; charset=utf-8", PAGE_JS);
}

static void fine(struct ask *a)
{
	api_json(a, json_pack("{s:b}", "ok", 1));
}

static char *text_of(struct dd_str s, char *room, size_t n)
{
	(void)snprintf(room, n, "%.*s", (int)(s.n < n ? s.n : n - 1), s.p ? s.p : "");
	return room;
}

/* -- the server ------------------------------------------------------------- */

static const char *speed_name(const struct server *s, char room[24])
{
	if (s->o->speed <= 0)
		return "max";
	if (s->o->speed == 1)
		return "real";
	(void)snprintf(room, 24, "%gx", s->o->speed);
	return room;
}

void side_status(struct ask *a)
{
	const struct server *s = a->server;
	char now[32], room[24];
	dd_time_rfc3339(s->clock.now, now);
	api_json(a,
	        json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}", "version",
	                DRYDIAL_VERSION, "now", now, "speed", speed_name(s, room), "accepted",
	                (json_int_t)s->exchange.accepted, "in_progress",
	                (json_int_t)s->exchange.placed, "waiting", (json_int_t)s->exchange.line_n,
	                "over", (json_int_t)s->exchange.over, "callbacks_waiting",
	                (json_int_t)s->hooks.waiting, "callbacks_delivered",
	                (json_int_t)s->hooks.delivered, "callbacks_given_up",
	                (json_int_t)s->hooks.given_up, "url", s->url));
}

static json_t *clock_json(const struct server *s)
{
	char now[32], room[24];
	dd_time_rfc3339(s->clock.now, now);
	return json_pack("{s:s, s:I, s:s}", "now", now, "unix_ms", (json_int_t)s->clock.now,
	        "speed", speed_name(s, room));
}

void side_clock(struct ask *a)
{
	api_json(a, clock_json(a->server));
}

void side_advance(struct ask *a)
{
	struct server *s = a->server;
	struct dd_str by = api_value(a, "advance"), to = api_value(a, "to");
	dd_ms ms = 0;
	int64_t at = 0;
	if (by.p && dd_duration_parse(by, &ms) && ms >= 0) {
		at = s->clock.now + ms;
	} else if (!to.p || !dd_time_parse(to, &at)) {
		api_fail(a, 400,
		        "give \"advance\", such as 90s or 2h, or \"to\", "
		        "such as 2025-01-20T10:00:00+05:30");
		return;
	} else if (at < s->clock.now) {
		api_fail(a, 400, "the clock does not go back");
		return;
	}
	/* everything on the way there happens, in its order */
	s->exchange.rate_skew += at - s->clock.now;
	server_advance(s, at);
	char text[32];
	dd_time_rfc3339(at, text);
	json_t *answer = clock_json(s);
	json_object_set_new(answer, "now", json_string(text));
	json_object_set_new(answer, "unix_ms", json_integer(at));
	events_tell(s, "clock", json_incref(answer));
	api_json(a, answer);
	a->out->hold = true; /* until all that is before it has happened */
	a->out->not_before = &s->arrived;
}

void side_reset(struct ask *a)
{
	server_reset(a->server);
	fine(a);
}

void side_events(struct ask *a)
{
	struct dd_str phone = api_query(a, "phone");
	if (phone.n && !dd_str_is(phone, "any") && !number_at_home(a->server, phone)) {
		api_fail(a, 400, "phone is a telephone number, or any");
		return;
	}
	events_open(a->server, a->in, a->out);
}

/* -- flows ------------------------------------------------------------------ */

static struct edition *flow_of(struct ask *a, struct app **app)
{
	(void)dd_input_starved();
	*app = flows_find(a->server, a->part[0]);
	if (!*app && dd_input_starved()) {
		api_fail(a, 503, FLOWS_STARVED);
		return NULL;
	}
	if (!*app) {
		char id[64];
		api_fail(a, 404, "there is no flow \"%s\"", text_of(a->part[0], id, sizeof id));
		return NULL;
	}
	struct edition *e = flows_take(a->server, *app);
	if (!e->starved)
		return e;
	flows_give_back(e);
	api_fail(a, 503, FLOWS_STARVED);
	return NULL;
}

static json_t *variables_of(const struct dd_program *p)
{
	json_t *list = json_array();
	for (uint32_t i = DD_BUILT_INS_COUNT; i < p->nslots; i++)
		if (p->slots[i].variable)
			json_array_append_new(list,
			        json_pack("{s:s, s:o, s:b}", "name", p->slots[i].name, "example",
			                p->slots[i].example.p ? dd_json_text(p->slots[i].example)
			                                      : json_null(),
			                "required", p->slots[i].required));
	return list;
}

static json_t *flow_json(const struct app *app, const struct edition *e)
{
	json_t *o = json_pack("{s:s, s:b}", "id", app->id, "broken", e->program == NULL);
	if (!e->program) {
		json_object_set_new(o, "name", json_string(app->id));
		json_object_set_new(o, "faults", dd_json_text(dd_str(e->faults)));
		return o;
	}
	json_object_set_new(o, "name", dd_json_text(dd_str(dd_program_name(e->program))));
	json_object_set_new(o, "purpose",
	        dd_json_text(
	                dd_str(e->program->flows[0].purpose ? e->program->flows[0].purpose : "")));
	json_object_set_new(o, "steps", json_integer(e->program->nsteps));
	json_object_set_new(o, "variables", variables_of(e->program));
	return o;
}

void side_flows(struct ask *a)
{
	struct server *s = a->server;
	json_t *list = json_array();
	flows_scan(s);
	for (size_t i = 0; i < s->flows.n; i++) {
		struct edition *e = flows_take(s, s->flows.list[i]);
		json_array_append_new(list, flow_json(s->flows.list[i], e));
		flows_give_back(e);
	}
	api_json(a, list);
}

/* What the rules say. Many prompts are spoken for that, and many paths walked. */
static json_t *findings_of(const struct server *s, const struct edition *e)
{
	static const char *const severities[] = {"note", "warning", "error"};
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct dd_tts tts;
	void *voice = s->o->voices.open(s->o->voices.self, &tts);
	json_t *list = json_array();
	dd_diags_init(&diags, arena);
	dd_check(e->program, &(struct dd_check_options){.tts = tts, .max_states = 20000}, &diags);
	dd_diags_sort(&diags);
	for (size_t i = 0; i < diags.n; i++) {
		const struct dd_diag *d = &diags.items[i];
		uint32_t line = d->source ? dd_source_line_at(d->source, d->span.start) : 0;
		json_array_append_new(list,
		        json_pack("{s:s, s:s, s:o, s:I}", "severity", severities[d->severity],
		                "rule", d->code, "message", dd_json_text(dd_str(d->message)),
		                "line", (json_int_t)line));
	}
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	s->o->voices.close(s->o->voices.self, voice);
	return list;
}

/* Findings are looked for once for each edition, beside the loop. */
struct look {
	struct job job; /* the first member */
	struct server *server;
	struct edition *edition;
	json_t *findings;
};

static void run_look(struct job *job, unsigned worker)
{
	struct look *l = (struct look *)job;
	(void)worker;
	l->findings = findings_of(l->server, l->edition);
}

static void look_done(struct job *job)
{
	struct look *l = (struct look *)job;
	l->edition->findings = l->findings ? l->findings : json_array();
	l->server->checked = true;
	flows_give_back(l->edition);
	free(l);
}

/* Whether they are there. */
static bool has_findings(struct server *s, struct edition *e)
{
	if (!e->checking) {
		struct look *l = dd_alloc(sizeof *l);
		*l = (struct look){.job = {run_look, look_done, NULL}, .server = s, .edition = e};
		e->checking = true;
		e->users++;
		workers_do(s->workers, &l->job);
	}
	return e->findings != NULL;
}

void side_flow(struct ask *a)
{
	struct app *app;
	struct edition *e = flow_of(a, &app);
	if (!e)
		return;
	if (e->program && !has_findings(a->server, e)) {
		a->out->hold = a->out->again = true;
		a->out->not_before = &a->server->checked;
		flows_give_back(e);
		return;
	}
	json_t *o = flow_json(app, e);
	if (e->program)
		json_object_set(o, "findings", e->findings);
	api_json(a, o);
	flows_give_back(e);
}

void side_picture(struct ask *a)
{
	struct app *app;
	struct edition *e = flow_of(a, &app);
	if (!e)
		return;
	if (!e->program) {
		api_fail(a, 404, "the flow has errors");
	} else {
		a->out->type = "image/svg+xml; charset=utf-8";
		dd_graph_svg(e->program, NULL, 0, &a->out->body);
	}
	flows_give_back(e);
}

/* -- calls ------------------------------------------------------------------ */

static json_t *call_json(const struct dd_call_record *r)
{
	json_t *o = json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:I}", "sid", r->sid,
	        "status", r->status, "flow", r->app, "from", r->customer, "caller_id", r->caller_id,
	        "digits", r->digits, "answered_by", r->answered_by, "ended_by", r->ended_by,
	        "attempt", (json_int_t)r->attempt);
	json_object_set_new(o, "created", api_moment(r->created));
	json_object_set_new(o, "answered", api_moment(r->answered));
	json_object_set_new(o, "ended", api_moment(r->stage == DD_STAGE_OVER ? r->ended : 0));
	json_object_set_new(o, "seconds", json_integer(call_seconds(r)));
	return o;
}

static bool add_call(void *self, const void *record)
{
	json_array_append_new(self, call_json(record));
	return true;
}

void side_calls(struct ask *a)
{
	json_t *list = json_array();
	struct dd_query q = {.order = "id DESC", .limit = 50};
	if (!api_number(a, "limit", 1, 1000, &q.limit) ||
	        !api_number(a, "offset", 0, INT32_MAX, &q.offset)) {
		json_decref(list);
		return;
	}
	(void)dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, add_call, list);
	api_json(a, list);
}

static bool take_json(void *self, const void *record)
{
	*(json_t **)self = json_loads(((const struct dd_transcript_record *)record)->json, 0, NULL);
	return false;
}

struct one {
	struct ask *a;
	json_t *found;
	int64_t id;
};

static bool take_call(void *self, const void *record)
{
	struct one *one = self;
	one->id = ((const struct dd_call_record *)record)->id;
	one->found = call_json(record);
	return false;
}

void side_call(struct ask *a)
{
	char sid[64];
	struct one one = {.a = a};
	struct dd_question of_sid, of_call;
	dd_question_begin(&of_sid);
	dd_question_text(&of_sid, "sid", dd_str(text_of(a->part[0], sid, sizeof sid)));
	struct dd_query q = dd_question_ask(&of_sid);
	q.limit = 1;
	(void)dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, take_call, &one);
	if (!one.found) {
		api_fail(a, 404, "there is no call %s", sid);
		return;
	}
	json_t *transcript = NULL;
	struct live *c = exchange_find(a->server, dd_str(sid));
	if (c && c->session) {
		struct dd_transcript t = {exchange_program(c), dd_session_call(c->session),
		        dd_session_trace(c->session), dd_session_outcome(c->session)};
		transcript = dd_json_transcript(&t);
	} else {
		dd_question_begin(&of_call);
		dd_question_number(&of_call, "call", DD_IS, one.id);
		const struct dd_query of = dd_question_ask(&of_call);
		(void)dd_ledger_each(
		        a->server->ledger, DD_TABLE_TRANSCRIPT, &of, take_json, &transcript);
	}
	json_object_set_new(one.found, "transcript", transcript ? transcript : json_null());
	api_json(a, one.found);
}

static struct live *live_of(struct ask *a)
{
	struct live *c = exchange_find(a->server, a->part[0]);
	char sid[64];
	if (!c)
		api_fail(a, 404, "no call %s is going on", text_of(a->part[0], sid, sizeof sid));
	return c;
}

void side_sound(struct ask *a)
{
	struct live *c = live_of(a);
	if (c)
		sound_open(c, dd_str_is(api_query(a, "line"), "wide"), a->out);
}

static void done(struct ask *a, bool possible, const char *why)
{
	if (possible)
		fine(a);
	else
		api_fail(a, 409, "%s", why);
}

void side_answer(struct ask *a)
{
	struct live *c = live_of(a);
	if (c)
		done(a, exchange_answer(c), "the call does not ring");
}

void side_decline(struct ask *a)
{
	struct live *c = live_of(a);
	if (c)
		done(a, exchange_decline(c), "the call does not ring");
}

void side_press(struct ask *a)
{
	struct dd_str keys = api_value(a, "keys");
	struct live *c = live_of(a);
	if (!c)
		return;
	bool good = keys.n > 0 && keys.n <= 64;
	for (size_t i = 0; i < keys.n; i++)
		good &= dd_key_index(keys.p[i]) >= 0;
	if (!good)
		api_fail(a, 400, "keys are 0 to 9, * and #, at most 64 of them");
	else
		done(a, exchange_press(c, keys), "nobody has taken the call yet");
}

void side_hang_up(struct ask *a)
{
	struct live *c = live_of(a);
	if (c)
		done(a, exchange_hang_up(c), "");
}

static bool variables_are_fine(struct ask *a, const struct dd_program *p, json_t *given)
{
	const char *name;
	json_t *value;
	json_object_foreach (given, name, value) {
		uint32_t slot = dd_program_slot(p, dd_str(name));
		bool known = slot != DD_NONE && p->slots[slot].variable;
		if (known && json_is_string(value) &&
		        json_string_length(value) <= DD_TEXT_BYTES_MAX)
			continue;
		api_fail(a, 400,
		        known ? "the variable \"%.64s\" must be text"
		              : "the flow has no variable \"%.64s\"",
		        name);
		return false;
	}
	return call_has_variables(a, p, given);
}

/* From the page: the customer's number, the flow, its variables, and who answers. */
void side_place(struct ask *a)
{
	struct dd_str from = api_value(a, "from"), flow = api_value(a, "flow"),
	              caller = api_value(a, "caller_id"), answer = api_value(a, "answer");
	struct app *app;
	char number[64], caller_id[64];
	if (caller.n >= sizeof caller_id || from.n >= sizeof number) {
		api_fail(a, 400, "from and caller_id are telephone numbers");
		return;
	}
	if (!number_at_home(a->server, from)) {
		api_fail(a, 400,
		        "from is a telephone number: +919876543210, 09876543210 or 9876543210");
		return;
	}
	struct edition *e = call_flow(a, flow, &app);
	if (!e)
		return;
	json_t *variables = a->json ? json_object_get(a->json, "variables") : NULL;
	char *text = json_is_object(variables) ? json_dumps(variables, JSON_COMPACT) : NULL;
	char *id = app == &a->server->flows.application ? dd_str_copy(flow) : NULL;
	struct dd_call_record r = {.account = "drydial",
	        .app = id ? id : app->id,
	        .customer = text_of(from, number, sizeof number),
	        .variables = text,
	        .attempt = 1,
	        .caller_id =
	                caller.n ? text_of(caller, caller_id, sizeof caller_id) : "08047112345",
	        .hook_type = "form",
	        .time_limit = (int64_t)DD_TIME_LIMIT_MAX_S * 1000,
	        .ring_timeout = DD_RING_TIMEOUT_MS};
	const char *fault = answer.n ? who_refuse(a->server, answer) : NULL;
	if (!variables_are_fine(a, e->program, variables))
		;
	else if (fault)
		api_fail(a, 400, "%s", fault);
	else
		api_json(a, call_json(&exchange_accept(a->server, &r, answer)->r));
	free(text);
	free(id);
	flows_give_back(e);
}

void side_next(struct ask *a)
{
	struct server *s = a->server;
	int64_t times = 1, status = 0;
	struct dd_str answer = api_value(a, "answer");
	if (!api_number(a, "times", 0, 1000000, &times) ||
	        !api_number(a, "status", 400, 599, &status))
		return;
	if (status) {
		s->refuse_status = (int)status;
		s->refuse_times = (int)times;
		fine(a);
		return;
	}
	const char *fault = answer.n ? who_set_next(s, api_value(a, "number"), answer, times)
	                             : "give \"answer\": who takes the next call, or \"status\": "
	                               "how the next request is refused";
	if (fault)
		api_fail(a, 400, "%s", fault);
	else
		fine(a);
}

/* -- what went out ---------------------------------------------------------- */

static bool add_message(void *self, const void *record)
{
	const struct dd_message_record *m = record;
	json_t *o = json_pack("{s:s, s:s?, s:s?, s:s?, s:I}", "sid", m->sid, "to", m->customer,
	        "sender", m->sender && *m->sender ? m->sender : NULL, "text", m->text, "segments",
	        (json_int_t)m->segments);
	json_object_set_new(o, "id", json_string(m->message ? m->message : ""));
	json_object_set_new(o, "status", json_string(sms_status(m)));
	json_object_set_new(o, "detail", json_string(sms_detail(m)));
	json_object_set_new(o, "at", api_moment(m->created));
	json_array_append_new(self, o);
	return true;
}

/* Those of one call, or the newest of all. */
static void list(struct ask *a, enum dd_table table, dd_record_fn add)
{
	json_t *out = json_array();
	char sid[64];
	struct dd_question of_sid;
	dd_question_begin(&of_sid);
	if (api_query(a, "sid").n)
		dd_question_text(
		        &of_sid, "sid", dd_str(text_of(api_query(a, "sid"), sid, sizeof sid)));
	struct dd_query q = dd_question_ask(&of_sid);
	q.order = "id DESC";
	q.limit = 100;
	if (!api_number(a, "limit", 1, 10000, &q.limit)) {
		json_decref(out);
		return;
	}
	(void)dd_ledger_each(a->server->ledger, table, &q, add, out);
	api_json(a, out);
}

void side_messages(struct ask *a)
{
	list(a, DD_TABLE_MESSAGE, add_message);
}

static bool add_callback(void *self, const void *record)
{
	static const char *const states[] = {"waiting", "delivered", "given up"};
	const struct dd_hook_record *h = record;
	json_t *o = json_pack("{s:s?, s:s, s:s, s:s, s:s, s:I, s:I, s:s?}", "sid", h->sid, "event",
	        h->event, "url", h->url, "type", h->type, "state", states[h->state], "tries",
	        (json_int_t)h->tries, "status", (json_int_t)h->status, "error", h->error);
	json_object_set_new(o, "body", dd_json_text(dd_str(h->body)));
	json_object_set_new(o, "at", api_moment(h->created));
	json_array_append_new(self, o);
	return true;
}

void side_callbacks(struct ask *a)
{
	list(a, DD_TABLE_HOOK, add_callback);
}
