/* Faults on purpose: what the platform's network does on a bad day. sim/faults decides, and is
   asked at four edges, always behind what is kept: an answer, a callback, a request of a call, and
   the parameters of the last two. Each that strikes is told, with its reason, to who runs the
   server, to who reads the events, and at /_drydial/faults. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/serving.h"

enum { STRUCK_MAX = 10000 };

/* One that has struck. */
struct struck {
	enum dd_fault fault;
	uint32_t nth;
	int64_t at;
	char sid[33], what[64];
};

/* An answer that waits for the callback of its call. */
struct early {
	char sid[33];
	bool go;
	int64_t until; /* by the machine's clock */
	struct early *next;
};

const char *faults_set(struct server *s, struct dd_str text, uint64_t seed)
{
	static char why[200];
	struct dd_faults faults = {.seed = seed};
	if (text.n && !dd_faults_parse(text, true, &faults, why))
		return why;
	struct server_faults *f = &s->faults;
	free(f->text);
	f->text = dd_str_copy(text);
	f->faults = faults;
	memset(f->counts, 0, sizeof f->counts);
	f->nstruck = 0;
	return NULL;
}

const char *faults_begin(struct server *s)
{
	const char *text = s->o->faults ? s->o->faults : s->config.faults;
	return faults_set(s, dd_str(text ? text : ""), s->o->seed);
}

const struct dd_fault_rule *faults_strike(
        struct server *s, enum dd_fault_point point, const char *sid, const char *what)
{
	struct server_faults *f = &s->faults;
	if (!f->faults.n)
		return NULL;
	uint32_t nth = ++f->counts[point];
	const struct dd_fault_rule *rule = dd_faults_decide(&f->faults, point, 0, nth);
	if (!rule)
		return NULL;
	const char *name = dd_fault_name(rule->fault), *about = dd_fault_about(rule->fault);
	struct struck one = {rule->fault, nth, s->clock.now, "", ""};
	(void)snprintf(one.sid, sizeof one.sid, "%s", sid);
	(void)snprintf(one.what, sizeof one.what, "%s", what);
	if (f->nstruck < STRUCK_MAX)
		DD_PUSH(f->struck, f->nstruck, f->cap_struck) = one;
	server_tell(s, "fault %s@%u (%s%s%s): %s", name, nth, what, *sid ? " of " : "", sid, about);
	if (events_wanted(s))
		events_tell(s, "fault",
		        json_pack("{s:s, s:I, s:s, s:s, s:s, s:I}", "fault", name, "nth",
		                (json_int_t)nth, "about", about, "sid", sid, "what", what, "at",
		                (json_int_t)s->clock.now));
	return rule;
}

/* -- answers ---------------------------------------------------------------- */

static void wait_for_callback(struct server *s, struct dd_http_out *out, dd_ms most)
{
	struct early *e = dd_alloc(sizeof *e);
	memcpy(e->sid, s->faults.placed, sizeof e->sid);
	e->until = machine_ms() + most;
	e->next = s->faults.early;
	s->faults.early = e;
	out->not_before = &e->go;
}

void faults_answer(struct ask *a)
{
	struct server *s = a->server;
	char what[64];
	if (!s->faults.faults.n)
		return;
	(void)snprintf(what, sizeof what, "%s %s", a->in->method, a->in->path);
	const struct dd_fault_rule *rule = faults_strike(s, DD_AT_ANSWER, s->faults.placed, what);
	if (!rule)
		return;
	switch (rule->fault) {
	case DD_FAULT_ANSWER_LOST: a->out->cut = DD_HTTP_NOTHING; break;
	case DD_FAULT_ANSWER_HALF: a->out->cut = DD_HTTP_HALF; break;
	case DD_FAULT_ANSWER_LATE: a->out->late_ms = rule->time; break;
	case DD_FAULT_ANSWER_500:
		api_fail(a, 500, "it was done all the same: fault answer-500, on purpose");
		break;
	default:
		if (s->faults.placed[0])
			wait_for_callback(s, a->out, rule->time);
		break;
	}
	a->out->hold = true;
	a->out->first = false; /* nothing waits for it */
}

void faults_heard(struct server *s, const char *sid)
{
	for (struct early *e = s->faults.early; e; e = e->next)
		e->go |= strcmp(e->sid, sid) == 0;
}

int64_t faults_run(struct server *s)
{
	int64_t now = machine_ms(), next = -1;
	for (struct early *e = s->faults.early; e; e = e->next) {
		e->go |= now >= e->until;
		if (!e->go && (next < 0 || e->until - now < next))
			next = e->until - now;
	}
	return next;
}

void faults_gone(struct server *s)
{
	for (struct early **at = &s->faults.early; *at;) {
		struct early *e = *at;
		if (!e->go) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		free(e);
	}
}

/* -- parameters ------------------------------------------------------------- */

enum faults_value faults_parameter(struct server *s, const char *name, const char *sid)
{
	bool digits = strcasecmp(name, "Digits") == 0;
	if (!digits && strcmp(name, "RecordingUrl") != 0)
		return FAULTS_AS_IT_IS;
	const struct dd_fault_rule *rule =
	        faults_strike(s, digits ? DD_AT_DIGITS : DD_AT_RECORDING_URL, sid, name);
	if (!rule)
		return FAULTS_AS_IT_IS;
	return rule->fault == DD_FAULT_RECORDING_ABSENT || rule->fault == DD_FAULT_DIGITS_ABSENT
	        ? FAULTS_ABSENT
	        : FAULTS_EMPTY;
}

/* The pairs of a query or a form; true: something was changed. */
static bool spoil_pairs(struct server *s, const char *sid, struct dd_str text, struct dd_buf *out)
{
	bool changed = false, first = true;
	for (size_t at = 0; at < text.n;) {
		const char *end = memchr(text.p + at, '&', text.n - at);
		struct dd_str pair = {text.p + at, end ? (size_t)(end - text.p) - at : text.n - at};
		const char *equals = memchr(pair.p, '=', pair.n);
		struct dd_str name = {pair.p, equals ? (size_t)(equals - pair.p) : pair.n};
		char room[16];
		(void)snprintf(room, sizeof room, "%.*s", (int)(name.n < 15 ? name.n : 0), name.p);
		enum faults_value value = faults_parameter(s, room, sid);
		at += pair.n + 1;
		changed |= value != FAULTS_AS_IT_IS;
		if (value == FAULTS_ABSENT)
			continue;
		if (!first)
			dd_buf_char(out, '&');
		first = false;
		dd_buf_add(out, pair.p, value == FAULTS_EMPTY ? name.n : pair.n);
		if (value == FAULTS_EMPTY)
			dd_buf_char(out, '=');
	}
	return changed;
}

static bool spoil_json(struct server *s, const char *sid, struct dd_str text, struct dd_buf *out)
{
	static const char *const names[] = {"RecordingUrl", "Digits", "digits"};
	json_t *root = json_loadb(text.p, text.n, 0, NULL);
	bool changed = false;
	for (size_t i = 0; json_is_object(root) && i < 3; i++) {
		if (!json_object_get(root, names[i]))
			continue;
		enum faults_value value = faults_parameter(s, names[i], sid);
		changed |= value != FAULTS_AS_IT_IS;
		if (value == FAULTS_ABSENT)
			json_object_del(root, names[i]);
		else if (value == FAULTS_EMPTY)
			json_object_set_new(root, names[i], json_string(""));
	}
	char *spoilt = changed ? json_dumps(root, JSON_COMPACT) : NULL;
	dd_buf_str(out, spoilt ? spoilt : "");
	free(spoilt);
	json_decref(root);
	return changed;
}

bool faults_request(struct server *s, const char *sid, struct dd_http_request *request,
        struct dd_buf *url, struct dd_buf *body)
{
	const char *query = strchr(request->url, '?');
	if (!s->faults.faults.n)
		return false;
	if (query) {
		dd_buf_add(url, request->url, (size_t)(query - request->url) + 1);
		if (spoil_pairs(s, sid, dd_str(query + 1), url))
			request->url = url->p;
	}
	if (request->form.n) {
		bool json = request->form.p[0] == '{';
		if (json ? spoil_json(s, sid, request->form, body)
		         : spoil_pairs(s, sid, request->form, body))
			request->form = (struct dd_str){body->p ? body->p : "", body->n};
	}
	return faults_strike(s, DD_AT_PASSTHRU, sid, "request of a call") != NULL;
}

/* -- the side door ---------------------------------------------------------- */

void side_faults(struct ask *a)
{
	const struct server_faults *f = &a->server->faults;
	json_t *list = json_array();
	for (size_t i = 0; i < f->nstruck; i++) {
		const struct struck *x = &f->struck[i];
		json_t *one = json_pack("{s:s, s:I, s:s, s:s, s:s}", "fault",
		        dd_fault_name(x->fault), "nth", (json_int_t)x->nth, "about",
		        dd_fault_about(x->fault), "sid", x->sid, "what", x->what);
		json_object_set_new(one, "at", api_moment(x->at));
		json_array_append_new(list, one);
	}
	api_json(a,
	        json_pack("{s:s, s:I, s:o}", "faults", f->text ? f->text : "", "seed",
	                (json_int_t)f->faults.seed, "struck", list));
}

void side_set_faults(struct ask *a)
{
	struct dd_str text = api_value(a, "faults");
	int64_t seed = (int64_t)(a->server->faults.faults.seed & INT64_MAX);
	if (!text.p) {
		api_fail(a, 400,
		        "give \"faults\": what goes wrong, such as answer-lost@1; \"\": "
		        "nothing");
		return;
	}
	if (!api_number(a, "seed", 0, INT64_MAX, &seed))
		return;
	const char *why = faults_set(a->server, text, (uint64_t)seed);
	if (why)
		api_fail(a, 400, "%s", why);
	else
		side_faults(a);
}

void faults_free(struct server *s)
{
	struct server_faults *f = &s->faults;
	for (struct early *e = f->early, *next; e; e = next) {
		next = e->next;
		free(e);
	}
	free(f->text);
	free(f->struck);
	*f = (struct server_faults){0};
}
