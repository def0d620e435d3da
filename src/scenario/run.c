/* One scenario. The script has a clock and a cursor: the clock is how far the call has come, the cursor the first event of the trace
   that may still be matched. */
#include "scenario/run.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "session/script.h"

enum { MAX_FINDINGS = 20, PATH_MAX_STEPS = 10000 };

struct run {
	const struct dd_suite *suite;
	const struct dd_scenario *scenario;
	const struct dd_row *row; /* NULL: none */
	const struct dd_program *program;
	const struct dd_run_options *o;
	struct dd_session_options so;
	struct dd_session *session;
	const struct dd_trace *trace;
	struct dd_result *out;
	dd_ms clock;
	size_t cursor;
	bool stopped;           /* the pace was broken off */
	size_t stuck;           /* the request that nothing answers; SIZE_MAX: none */
	size_t looked;          /* events of the trace that look() has seen */
	uint32_t *requests;     /* of each step */
	/* when the item at hand began */
	uint32_t stood;
	size_t from;
	/* seen on the way */
	dd_ms first_words;      /* DD_NEVER: none yet */
	dd_ms deaf_since, stretch, stretch_at;
	bool listens;
	uint32_t *visits;
	struct dd_watch watch;
};

/* -- values ----------------------------------------------------------------------------------------------------------- */

static struct dd_str row_value(const struct run *r, struct dd_str name)
{
	const struct dd_table *t = &r->scenario->table;
	for (uint32_t i = 0; r->row && i < t->ncolumns; i++)
		if (dd_str_same(t->names[i], name))
			return i < r->row->n ? r->row->values[i] : (struct dd_str){NULL, 0};
	return (struct dd_str){NULL, 0};
}

static struct dd_str call_value(const struct run *r, struct dd_str name, char *room)
{
	for (uint32_t i = 0; r->session && i < r->program->nslots; i++)
		if (dd_str_is(name, r->program->slots[i].name))
			return dd_call_value(dd_session_call(r->session), i, dd_session_now(r->session), room);
	return (struct dd_str){NULL, 0};
}

/* Puts the row's and the call's values into `text`. */
static void fill(const struct run *r, struct dd_str text, struct dd_buf *out)
{
	char room[24];
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		const char *end = c == '{' ? memchr(text.p + i, '}', text.n - i) : NULL;
		bool twice = (c == '{' || c == '}') && i + 1 < text.n && text.p[i + 1] == c;
		if (twice || !end) {
			dd_buf_char(out, c);
			i += twice;
			continue;
		}
		struct dd_str name = {text.p + i + 1, (size_t)(end - text.p) - i - 1};
		struct dd_str value = row_value(r, name);
		if (!value.p)
			value = call_value(r, name, room);
		dd_buf_add(out, value.p ? value.p : "", value.n);
		i = (size_t)(end - text.p);
	}
}

/* The text of a want with its values; `room` must be given back with dd_buf_free(). */
static struct dd_str text_of(const struct run *r, const struct dd_want *want, struct dd_buf *room)
{
	if (!want->fills)
		return want->text;
	fill(r, want->text, room);
	return (struct dd_str){room->p ? room->p : "", room->n};
}

/* A stub's text: only {columns} are put in, for JSON is full of braces. */
static struct dd_str stub_text(const struct run *r, struct dd_arena *arena, struct dd_str text)
{
	const struct dd_table *t = &r->scenario->table;
	struct dd_buf out = {0};
	if (!r->row || !memchr(text.p ? text.p : "", '{', text.n))
		return text;
	for (size_t i = 0; i < text.n; i++) {
		uint32_t c = 0;
		for (; text.p[i] == '{' && c < t->ncolumns; c++) {
			size_t n = t->names[c].n;
			if (text.n - i >= n + 2 && memcmp(text.p + i + 1, t->names[c].p, n) == 0 && text.p[i + 1 + n] == '}')
				break;
		}
		if (text.p[i] == '{' && c < t->ncolumns) {
			struct dd_str value = c < r->row->n ? r->row->values[c] : (struct dd_str){NULL, 0};
			dd_buf_add(&out, value.p ? value.p : "", value.n);
			i += t->names[c].n + 1;
		} else {
			dd_buf_char(&out, text.p[i]);
		}
	}
	struct dd_str copy = {dd_arena_copy(arena, out.p ? out.p : "", out.n), out.n};
	dd_buf_free(&out);
	return copy;
}

/* -- findings --------------------------------------------------------------------------------------------------------- */

static struct dd_arena *arena_of(struct dd_result *out)
{
	if (!out->arena)
		out->arena = dd_arena_new();
	return out->arena;
}

static const char *keep(struct run *r, const struct dd_buf *text)
{
	return dd_arena_copy(arena_of(r->out), text->p ? text->p : "", text->n);
}

static const char *keep_str(struct run *r, struct dd_str text)
{
	return dd_arena_copy(arena_of(r->out), text.p ? text.p : "", text.n);
}

static struct dd_finding *finding(struct run *r, enum dd_severity severity, const char *code, struct dd_span span,
				  const char *format, ...) __attribute__((format(printf, 5, 6)));
static struct dd_finding *finding(struct run *r, enum dd_severity severity, const char *code, struct dd_span span,
				  const char *format, ...)
{
	static _Thread_local struct dd_finding beyond;
	struct dd_result *out = r->out;
	if (severity == DD_ERROR)
		out->verdict = DD_FAILED;
	else
		out->warnings++;
	if (out->nfindings == MAX_FINDINGS || r->o->quick)
		return &beyond;
	struct dd_buf text = {0};
	char room[2048];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(room, sizeof room, format, args);
	va_end(args);
	dd_buf_str(&text, room);
	struct dd_finding *f = &DD_PUSH(out->findings, out->nfindings, out->cap_findings);
	*f = (struct dd_finding){.severity = severity, .code = code, .source = r->suite->source, .span = span, .message = keep(r, &text),
				 .at = r->session ? dd_session_now(r->session) : -1, .step = r->stood, .event = r->from};
	dd_buf_free(&text);
	return f;
}
#define FAIL(r, code, span, ...) finding(r, DD_ERROR, code, span, __VA_ARGS__)

static const char *at_text(dd_ms at, char room[24])
{
	dd_offset_text(at, room);
	return room;
}

static struct dd_str words_of(const struct run *r, const struct dd_trace_event *e)
{
	return dd_trace_str(r->trace, e->text);
}

static const char *step_name(const struct run *r, uint32_t step, char room[32])
{
	return step == DD_NONE ? "nothing" : dd_step_name(r->program, step, room);
}

static const char *event_place(struct run *r, const struct dd_trace_event *e)
{
	char at[24], room[32];
	struct dd_buf text = {0};
	dd_buf_format(&text, "at %s", at_text(e->at, at));
	if (e->step != DD_NONE) {
		const struct dd_step *s = &r->program->steps[e->step];
		dd_buf_format(&text, ", step %s, %s:%u", step_name(r, e->step, room), r->program->flows[s->flow].path, s->line);
	}
	const char *kept = keep(r, &text);
	dd_buf_free(&text);
	return kept;
}

/* -- time ---------------------------------------------------------------------------------------------------------------- */

static const struct dd_stub_want *given_for(const struct run *r, uint32_t step)
{
	for (uint32_t i = 0; i < r->scenario->given.nstubs; i++)
		if (r->scenario->given.stubs[i].step == step)
			return &r->scenario->given.stubs[i];
	return NULL;
}

/* Whether something answers the `nth` request of a step (0-based). */
static bool is_answered(const struct run *r, uint32_t step, uint32_t nth)
{
	const struct dd_stub_want *given = given_for(r, step);
	bool answered;
	if (given)
		return given->once ? nth < given->n : given->n > 0;
	return !dd_step_asks(r->program, step, &answered) || answered;
}

static void look(struct run *r)
{
	struct dd_playing p;
	if (r->first_words == DD_NEVER && dd_session_playing(r->session, dd_session_now(r->session), &p) && p.text.n)
		r->first_words = dd_session_spoken(r->session, 0);
	for (; r->looked < r->trace->nevents; r->looked++) {
		const struct dd_trace_event *e = &r->trace->events[r->looked];
		if (e->type == DD_TR_REQUEST && e->step != DD_NONE && r->stuck == SIZE_MAX && !is_answered(r, e->step, r->requests[e->step]++))
			r->stuck = r->looked;
	}
}

static bool over(const struct run *r)
{
	return dd_session_over(r->session) || r->stopped || r->stuck != SIZE_MAX;
}

/* Everything that is due next. False when nothing will happen by itself any more. */
static bool step_once(struct run *r)
{
	dd_ms due = dd_session_next(r->session);
	if (over(r) || due == DD_NEVER)
		return false;
	if (r->o->pace && !r->o->pace->until(r->o->pace->self, r->session, due))
		r->stopped = true;
	dd_session_advance(r->session, due);
	look(r);
	return true;
}

static void advance(struct run *r, dd_ms to)
{
	while (!over(r) && dd_session_next(r->session) <= to)
		if (!step_once(r))
			break;
	if (!over(r) && r->o->pace && !r->o->pace->until(r->o->pace->self, r->session, to))
		r->stopped = true;
	if (!over(r))
		dd_session_advance(r->session, to);
	if (to > r->clock)
		r->clock = to;
}

/* What the engine does between two events of the trace. */
static void on_effects(void *self, const struct dd_call *call, enum dd_event_type event, const struct dd_effects *fx)
{
	struct run *r = self;
	dd_ms now = dd_session_now(r->session);
	bool listens = !dd_call_over(call) && dd_call_listens(call);
	if (!r->listens && (listens || dd_call_over(call)) && now - r->deaf_since > r->stretch) {
		r->stretch = now - r->deaf_since;
		r->stretch_at = r->deaf_since;
	}
	if (r->listens && !listens)
		r->deaf_since = now;
	r->listens = listens;
	for (uint32_t i = 0; i < fx->n; i++)
		if (fx->list[i].type == DD_FX_STEP) {
			r->visits[fx->list[i].step]++;
			if (r->o->keep && r->out->npath < PATH_MAX_STEPS)
				DD_PUSH(r->out->path, r->out->npath, r->out->cap_path) = fx->list[i].step;
		}
	if (r->o->counts)
		dd_counts_take(r->o->counts, event, fx);
}

/* -- matching -------------------------------------------------------------------------------------------------------------- */

/* -1: the expression took too long. `end` (may be NULL): where in `words` the match ends. */
static int matches(const struct run *r, const struct dd_want *want, struct dd_str words, size_t *end)
{
	if (want->regex)
		return dd_regex_find(want->regex, words, end);
	struct dd_buf text = {0}, part = {0}, folded = {0};
	uint32_t *origins = NULL;
	size_t at = 0;
	struct dd_str wanted = want->folded;
	if (want->fills) {
		dd_fold_words(text_of(r, want, &text), &part, NULL);
		wanted = (struct dd_str){part.p, part.n};
	}
	dd_fold_words(words, &folded, end ? &origins : NULL);
	bool found = dd_folded_holds((struct dd_str){folded.p, folded.n}, wanted, &at);
	if (found && end)
		*end = at ? origins[at - 1] : 0;
	free(origins);
	dd_buf_free(&text);
	dd_buf_free(&part);
	dd_buf_free(&folded);
	return found;
}

void dd_prompt_described(const struct dd_trace *trace, const struct dd_trace_event *e, struct dd_buf *out)
{
	if (e->nsegments == 0) {
		struct dd_str text = dd_trace_str(trace, e->more.n ? e->more : e->text);
		dd_buf_add(out, text.p, text.n);
	}
	for (uint32_t i = 0; i < e->nsegments; i++) {
		const struct dd_trace_segment *g = &trace->segments[e->first_segment + i];
		struct dd_str text = dd_trace_str(trace, g->text);
		if (g->kind == DD_TS_PAUSE)
			continue;
		dd_buf_str(out, out->n ? " " : "");
		dd_buf_add(out, text.p, text.n);
	}
}

/* The words of a prompt, or all that it plays with files by their names. `end`: where in the words, 0 where it is among files. */
static int prompt_matches(const struct run *r, const struct dd_want *want, const struct dd_trace_event *e, size_t *end)
{
	int found = matches(r, want, words_of(r, e), end);
	if (found || (e->nsegments == 0 && e->more.n == 0))
		return found;
	struct dd_buf all = {0};
	dd_prompt_described(r->trace, e, &all);
	found = matches(r, want, (struct dd_str){all.p ? all.p : "", all.n}, NULL);
	dd_buf_free(&all);
	return found;
}

/* Where the prompt at `i` ended or will end; `*stopped` is the event that cut it short, or 0. */
static dd_ms prompt_end(const struct run *r, size_t i, size_t *stopped)
{
	*stopped = 0;
	for (size_t j = i + 1; j < r->trace->nevents; j++) {
		enum dd_trace_type type = r->trace->events[j].type;
		if (type == DD_TR_PROMPT_STOPPED) {
			*stopped = j;
			return r->trace->events[j].at;
		}
		if (type == DD_TR_PROMPT)
			break;
	}
	return r->trace->events[i].at + r->trace->events[i].ms;
}

static bool too_long(struct run *r, const struct dd_want *want, int found)
{
	if (found >= 0)
		return false;
	FAIL(r, "regex-limit", want->span, "the expression takes too long to match")->hint = "make it simpler: nested repetitions are slow";
	return true;
}

/* The prompt that comes nearest to what was wanted. */
static void describe_nearest(struct run *r, struct dd_finding *f, const struct dd_want *want)
{
	struct dd_buf room = {0}, marked = {0}, heard = {0};
	struct dd_str wanted = text_of(r, want, &room);
	unsigned least = 1001;
	size_t best = 0;
	for (size_t i = 0; i < r->trace->nevents && !r->o->quick; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != DD_TR_PROMPT || e->text.n == 0)
			continue;
		unsigned far = dd_words_differ(wanted, words_of(r, e), NULL, NULL, NULL);
		if (far < least || (far == least && best < r->cursor && i >= r->cursor)) {
			least = far;
			best = i;
		}
	}
	f->expected = keep_str(r, wanted);
	if (least <= 1000) {
		const struct dd_trace_event *e = &r->trace->events[best];
		bool alike = least < 700 && !want->regex;
		struct dd_str part;
		(void)dd_words_differ(wanted, words_of(r, e), alike ? &marked : NULL, alike ? &heard : NULL, &part);
		if (alike)
			f->expected = keep(r, &marked);
		f->actual = alike ? keep(r, &heard) : keep_str(r, words_of(r, e));
		f->where = event_place(r, e);
		if (least == 0 && best < r->cursor)
			f->hint = "these words were heard before; the items of a script are in order";
		while (part.n && strchr(".,;:!?", part.p[part.n - 1]))
			part.n--;
		if (alike && !want->fills && part.n) {
			f->fix = keep_str(r, part);
			f->fix_span = want->span;
		}
	}
	dd_buf_free(&room);
	dd_buf_free(&marked);
	dd_buf_free(&heard);
}

static const char *how_over(const struct run *r, char room[96])
{
	const struct dd_outcome *o = dd_session_outcome(r->session);
	char at[24];
	if (o->status != DD_CALL_COMPLETED)
		(void)snprintf(room, 96, "the call was not answered (%s)", dd_call_status_name(o->status));
	else if (o->ended_by == DD_ENDED_DROPPED)
		(void)snprintf(room, 96, "the call dropped at %s", at_text(o->duration_ms, at));
	else if (dd_session_over(r->session))
		(void)snprintf(room, 96, "the call was ended at %s by %s", at_text(o->duration_ms, at),
			       o->ended_by == DD_ENDED_FLOW || o->ended_by == DD_ENDED_CUSTOMER ? o->ended_by == DD_ENDED_FLOW ? "the flow" : "the customer"
												: dd_ended_by_name(o->ended_by));
	else
		(void)snprintf(room, 96, "the call goes on");
	return room;
}

/* -- the items --------------------------------------------------------------------------------------------------------------- */

static void check_limits(struct run *r, const struct dd_limits *l, dd_ms ms, const char *what, const char *where)
{
	if (ms <= l->warn && ms <= l->fail)
		return;
	bool fails = ms > l->fail;
	dd_ms limit = fails ? l->fail : l->warn;
	struct dd_finding *f =
		finding(r, fails ? DD_ERROR : DD_WARNING, "heard-under", l->span, "%s takes %lld.%03lld s, %s %lld.%03lld s", what,
			(long long)(ms / 1000), (long long)(ms % 1000), fails ? "and may take at most" : "more than", (long long)(limit / 1000),
			(long long)(limit % 1000));
	f->where = where;
}

static void too_late(struct run *r, const struct dd_item *it, dd_ms at)
{
	FAIL(r, "too-late", it->span, "this comes %lld.%03lld s after the item before it, and may come %lld.%03lld s after",
	     (long long)((at - r->clock) / 1000), (long long)((at - r->clock) % 1000), (long long)(it->within / 1000),
	     (long long)(it->within % 1000));
}

static bool hear(struct run *r, const struct dd_item *it)
{
	size_t seen = r->cursor, stopped;
	char room[96];
	for (;;) {
		for (; seen < r->trace->nevents; seen++) {
			const struct dd_trace_event *e = &r->trace->events[seen];
			size_t end = 0;
			if (e->type != DD_TR_PROMPT || (prompt_end(r, seen, &stopped) <= r->clock && e->at < r->clock))
				continue;
			int found = prompt_matches(r, &it->text, e, &end);
			if (too_long(r, &it->text, found))
				return false;
			if (!found)
				continue;
			dd_ms spoken = e->at, ends = e->at + e->ms;
			bool playing = dd_session_now(r->session) < ends && !over(r);
			if (playing && end)
				spoken = dd_session_spoken(r->session, end);
			else if (end)
				spoken = ends;
			while (dd_session_now(r->session) < ends && (prompt_end(r, seen, &stopped), !stopped) && step_once(r))
				continue;
			(void)prompt_end(r, seen, &stopped);
			e = &r->trace->events[seen];
			if (stopped && matches(r, &it->text, words_of(r, &r->trace->events[stopped]), NULL) != 1)
				continue;
			dd_ms at = stopped ? r->trace->events[stopped].at : ends;
			if (it->within != DD_NEVER && e->at > r->clock + it->within) {
				too_late(r, it, e->at);
				return false;
			}
			advance(r, at > r->clock ? at : r->clock);
			r->cursor = seen + 1;
			if (it->first_words != DD_NEVER && spoken > it->first_words) {
				FAIL(r, "first-words", it->span, "these words have been spoken %lld.%03lld s after the answer, later than %lld.%03lld s",
				     (long long)(spoken / 1000), (long long)(spoken % 1000), (long long)(it->first_words / 1000),
				     (long long)(it->first_words % 1000));
				return false;
			}
			check_limits(r, &it->under, e->ms, "this prompt", NULL);
			return r->out->verdict != DD_FAILED;
		}
		if (!step_once(r))
			break;
	}
	struct dd_finding *f = FAIL(r, "not-heard", it->text.span, "no prompt from here on holds these words; %s", how_over(r, room));
	describe_nearest(r, f, &it->text);
	return false;
}

/* The moment for a key or a hang-up: now, after a while, or when words have been spoken. */
static bool moment(struct run *r, const struct dd_item *it, dd_ms *at)
{
	char room[96];
	*at = r->clock + it->after;
	if (!it->text.text.p)
		return true;
	for (;;) {
		struct dd_playing p;
		size_t last = r->trace->nevents, end = 0;
		while (last > r->cursor && r->trace->events[last - 1].type != DD_TR_PROMPT)
			last--;
		if (last > r->cursor && dd_session_playing(r->session, dd_session_now(r->session), &p)) {
			int found = prompt_matches(r, &it->text, &r->trace->events[last - 1], &end);
			if (too_long(r, &it->text, found))
				return false;
			dd_ms spoken = found && end ? dd_session_spoken(r->session, end) : dd_session_now(r->session);
			if (found && spoken >= r->clock) {
				if (spoken >= p.until)
					spoken = p.until > p.from ? p.until - 1 : p.until;
				*at = spoken + it->after;
				r->cursor = last - 1;
				return true;
			}
		}
		if (!step_once(r))
			break;
		r->clock = dd_session_now(r->session);
	}
	struct dd_finding *f = FAIL(r, "not-heard", it->text.span, "these words are never spoken from here on; %s", how_over(r, room));
	describe_nearest(r, f, &it->text);
	return false;
}

static bool can_press(struct run *r, const struct dd_item *it, char key)
{
	char room[96];
	if (r->so.answered_by == DD_BY_MACHINE) {
		FAIL(r, "machine-presses", it->span, "a machine answered: it listens and presses nothing");
		return false;
	}
	if (over(r)) {
		FAIL(r, "call-over", it->span, "key %c cannot be pressed: %s", key, how_over(r, room));
		return false;
	}
	return true;
}

static bool press_key(struct run *r, const struct dd_item *it, dd_ms at, char key)
{
	advance(r, at);
	if (!can_press(r, it, key))
		return false;
	dd_session_key(r->session, at, key);
	look(r);
	return true;
}

static bool press(struct run *r, const struct dd_item *it)
{
	struct dd_buf room = {0};
	struct dd_str keys = text_of(r, &it->keys, &room);
	dd_ms at = 0;
	bool fine = keys.n == 0 || moment(r, it, &at);
	for (size_t i = 0; i < keys.n && fine; i++) {
		if (dd_key_index(keys.p[i]) < 0) {
			FAIL(r, "bad-key", it->keys.span, "\"%.*s\" are no keys: keys are 0 to 9, * and #", (int)keys.n, keys.p);
			fine = false;
			break;
		}
		fine = press_key(r, it, at, keys.p[i]);
		at += it->gap;
	}
	dd_buf_free(&room);
	return fine;
}

/* Each item when a menu waits, as `drydial call --keys` does it. */
static bool press_list(struct run *r, const struct dd_item *it)
{
	struct dd_buf room = {0};
	struct dd_script script;
	struct dd_str keys = text_of(r, &it->keys, &room);
	if (!room.p)
		dd_buf_add(&room, keys.p, keys.n);
	bool fine = true;
	char how[96];
	if (room.n && dd_script_check(room.p)) {
		FAIL(r, "bad-key", it->keys.span, "%s", dd_script_check(room.p));
		fine = false;
	}
	dd_script_init(&script, room.p);
	script.waits = dd_session_waits(r->session) - (dd_call_waits(dd_session_call(r->session)) ? 1 : 0);
	while (fine && (script.rest || (script.item && *script.item && *script.item != ','))) {
		dd_ms key = dd_script_next(&script, r->session), due = dd_session_next(r->session);
		if (over(r) || (key == DD_NEVER && due == DD_NEVER)) {
			FAIL(r, "call-over", it->span, "no menu waits for these keys any more: %s", how_over(r, how));
			fine = false;
		} else if (key < due) {
			if (r->o->pace && !r->o->pace->until(r->o->pace->self, r->session, key))
				r->stopped = true;
			fine = can_press(r, it, script.item ? *script.item : '-');
			if (fine)
				dd_script_press(&script, r->session);
			look(r);
		} else {
			(void)step_once(r);
		}
	}
	r->clock = dd_session_now(r->session);
	dd_buf_free(&room);
	return fine;
}

static bool hang_up(struct run *r, const struct dd_item *it)
{
	dd_ms at;
	char room[96];
	if (!moment(r, it, &at))
		return false;
	advance(r, at);
	if (over(r)) {
		FAIL(r, "call-over", it->span, "the customer cannot hang up: %s", how_over(r, room));
		return false;
	}
	dd_session_hang_up(r->session, at);
	return true;
}

static bool silence(struct run *r, const struct dd_item *it)
{
	dd_ms until = r->clock + it->after;
	size_t seen = r->trace->nevents;
	struct dd_playing p;
	char room[96];
	struct dd_finding *f;
	const struct dd_trace_event *heard = NULL;
	if (dd_session_playing(r->session, r->clock, &p) && p.until > r->clock)
		for (size_t i = seen; i-- && !heard;)
			if (r->trace->events[i].type == DD_TR_PROMPT)
				heard = &r->trace->events[i];
	while (!heard && !over(r) && dd_session_next(r->session) < until && step_once(r))
		for (; seen < r->trace->nevents && !heard; seen++)
			if (r->trace->events[seen].type == DD_TR_PROMPT && r->trace->events[seen].ms)
				heard = &r->trace->events[seen];
	if (heard) {
		dd_ms quiet = heard->at > r->clock ? heard->at - r->clock : 0;
		f = FAIL(r, "not-silent", it->span, "a prompt is heard %s%lld.%03lld s%s", quiet ? "after " : "already, ", (long long)(quiet / 1000),
			 (long long)(quiet % 1000), quiet ? " of silence" : " into the silence");
		struct dd_buf all = {0};
		dd_prompt_described(r->trace, heard, &all);
		f->actual = keep(r, &all);
		f->where = event_place(r, heard);
		dd_buf_free(&all);
		return false;
	}
	if (over(r) && dd_session_now(r->session) < until) {
		FAIL(r, "not-silent", it->span, "the silence is not %lld.%03lld s long: %s", (long long)(it->after / 1000),
		     (long long)(it->after % 1000), how_over(r, room));
		return false;
	}
	advance(r, until);
	return true;
}

/* Whether a filled want is exactly this text; a want for nothing is. */
static bool is_exactly(const struct run *r, const struct dd_want *want, struct dd_str text)
{
	struct dd_buf room = {0};
	bool same = !want->text.p || dd_str_same(text_of(r, want, &room), text);
	dd_buf_free(&room);
	return same;
}

static int sms_matches(const struct run *r, const struct dd_item *it, const struct dd_trace_event *e)
{
	if (!is_exactly(r, &it->to, dd_trace_str(r->trace, e->more)) || !is_exactly(r, &it->sender, dd_trace_str(r->trace, e->sender)))
		return 0;
	return it->text.text.p ? matches(r, &it->text, words_of(r, e), NULL) : 1;
}

static int hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void unescape(struct dd_str text, struct dd_buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '%' && i + 2 < text.n && hex(text.p[i + 1]) >= 0 && hex(text.p[i + 2]) >= 0) {
			dd_buf_char(out, (char)(hex(text.p[i + 1]) * 16 + hex(text.p[i + 2])));
			i += 2;
		} else {
			dd_buf_char(out, text.p[i] == '+' ? ' ' : text.p[i]);
		}
	}
}

/* The value of a parameter in "a=1&b=2", unescaped. */
static bool parameter(struct dd_str pairs, struct dd_str name, struct dd_buf *out)
{
	for (size_t at = 0; at < pairs.n;) {
		const char *end = memchr(pairs.p + at, '&', pairs.n - at);
		size_t stop = end ? (size_t)(end - pairs.p) : pairs.n;
		const char *equals = memchr(pairs.p + at, '=', stop - at);
		size_t split = equals ? (size_t)(equals - pairs.p) : stop;
		struct dd_buf key = {0};
		unescape((struct dd_str){pairs.p + at, split - at}, &key);
		bool same = dd_str_same((struct dd_str){key.p ? key.p : "", key.n}, name);
		dd_buf_free(&key);
		if (same) {
			if (split < stop)
				unescape((struct dd_str){pairs.p + split + 1, stop - split - 1}, out);
			return true;
		}
		at = stop + 1;
	}
	return false;
}

static bool request_parameter(const struct run *r, const struct dd_trace_event *e, struct dd_str name, struct dd_buf *out)
{
	struct dd_str url = words_of(r, e);
	const char *mark = memchr(url.p, '?', url.n);
	if (mark && parameter((struct dd_str){mark + 1, url.n - (size_t)(mark + 1 - url.p)}, name, out))
		return true;
	return parameter(dd_trace_str(r->trace, e->sender), name, out);
}

/* `*differs` gets the first parameter that is not as wanted. */
static int request_matches(const struct run *r, const struct dd_item *it, const struct dd_trace_event *e, const struct dd_named_want **differs)
{
	*differs = NULL;
	if ((it->step != DD_NONE && e->step != it->step) || (it->method.p && !dd_str_same(it->method, dd_trace_str(r->trace, e->more))))
		return 0;
	if (it->text.text.p) {
		int found = matches(r, &it->text, words_of(r, e), NULL);
		if (found != 1)
			return found;
	}
	for (uint32_t i = 0; i < it->nquery; i++) {
		struct dd_buf value = {0};
		bool there = request_parameter(r, e, it->query[i].name, &value) &&
			     is_exactly(r, &it->query[i].want, (struct dd_str){value.p ? value.p : "", value.n});
		dd_buf_free(&value);
		if (!there) {
			*differs = &it->query[i];
			return 0;
		}
	}
	return 1;
}

/* Looks through the trace from `from` on, letting time pass; SIZE_MAX when it never comes. */
static size_t find_event(struct run *r, const struct dd_item *it, size_t from, size_t *near)
{
	const struct dd_named_want *differs;
	enum dd_trace_type type = it->kind == DD_IT_SMS ? DD_TR_SMS : DD_TR_REQUEST;
	*near = SIZE_MAX;
	for (size_t i = from;; i++) {
		while (i >= r->trace->nevents)
			if (!step_once(r))
				return SIZE_MAX;
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != type)
			continue;
		int found = it->kind == DD_IT_SMS ? sms_matches(r, it, e) : request_matches(r, it, e, &differs);
		if (too_long(r, &it->text, found))
			return SIZE_MAX;
		if (found)
			return i;
		if (*near == SIZE_MAX || (it->kind == DD_IT_REQUEST && e->step == it->step))
			*near = i;
	}
}

static void describe_sms(struct run *r, struct dd_finding *f, const struct dd_item *it, size_t near)
{
	struct dd_buf room = {0}, wanted = {0}, sent = {0};
	if (it->text.text.p)
		f->expected = keep_str(r, text_of(r, &it->text, &room));
	if (near != SIZE_MAX) {
		const struct dd_trace_event *e = &r->trace->events[near];
		f->actual = keep_str(r, words_of(r, e));
		f->where = event_place(r, e);
		if (it->text.text.p && matches(r, &it->text, words_of(r, e), NULL) == 0 && !it->text.regex) {
			struct dd_str part;
			(void)dd_words_differ((struct dd_str){f->expected, strlen(f->expected)}, words_of(r, e), &wanted, &sent, &part);
			f->expected = keep(r, &wanted);
			f->actual = keep(r, &sent);
			if (!it->text.fills && part.n) {
				f->fix = keep_str(r, part);
				f->fix_span = it->text.span;
			}
		} else if (!is_exactly(r, &it->to, dd_trace_str(r->trace, e->more))) {
			dd_buf_clear(&room);
			f->expected = keep_str(r, text_of(r, &it->to, &room));
			f->actual = keep_str(r, dd_trace_str(r->trace, e->more));
			f->span = it->to.span;
		}
	}
	dd_buf_free(&room);
	dd_buf_free(&wanted);
	dd_buf_free(&sent);
}

static void describe_request(struct run *r, struct dd_finding *f, const struct dd_item *it, size_t near)
{
	const struct dd_named_want *differs = NULL;
	struct dd_buf room = {0}, value = {0};
	if (near != SIZE_MAX) {
		const struct dd_trace_event *e = &r->trace->events[near];
		(void)request_matches(r, it, e, &differs);
		f->where = event_place(r, e);
		f->actual = keep_str(r, words_of(r, e));
		if (differs) {
			bool there = request_parameter(r, e, differs->name, &value);
			dd_buf_format(&room, "%.*s = ", (int)differs->name.n, differs->name.p);
			struct dd_buf text = {0};
			struct dd_str wanted = text_of(r, &differs->want, &text);
			dd_buf_add(&room, wanted.p, wanted.n);
			dd_buf_free(&text);
			f->expected = keep(r, &room);
			dd_buf_clear(&room);
			dd_buf_format(&room, "%.*s", (int)differs->name.n, differs->name.p);
			if (there) {
				dd_buf_str(&room, " = ");
				dd_buf_add(&room, value.p ? value.p : "", value.n);
			} else {
				dd_buf_str(&room, " is not there");
			}
			f->actual = keep(r, &room);
			f->span = differs->want.span;
			if (there && !differs->want.fills) {
				f->fix = keep(r, &value);
				f->fix_span = differs->want.span;
			}
		}
	}
	dd_buf_free(&room);
	dd_buf_free(&value);
}

static void not_found(struct run *r, const struct dd_item *it, size_t near, const char *when)
{
	char room[96];
	bool sms = it->kind == DD_IT_SMS;
	struct dd_finding *f = FAIL(r, sms ? "no-sms" : "no-request", it->span, "no such %s %s; %s", sms ? "message is queued" : "request is sent",
				    when, how_over(r, room));
	if (sms)
		describe_sms(r, f, it, near);
	else
		describe_request(r, f, it, near);
}

static bool sms_or_request(struct run *r, const struct dd_item *it)
{
	size_t near, at = find_event(r, it, r->cursor, &near);
	if (at == SIZE_MAX) {
		if (r->out->verdict != DD_FAILED)
			not_found(r, it, near, "from here on");
		return false;
	}
	r->cursor = at + 1;
	if (r->trace->events[at].at > r->clock)
		r->clock = r->trace->events[at].at;
	return true;
}

static void run_out(struct run *r)
{
	while (step_once(r))
		continue;
	r->clock = dd_session_now(r->session);
}

static void wrong_end(struct run *r, struct dd_span span, enum dd_ended_by wanted)
{
	char room[96];
	const struct dd_outcome *o = dd_session_outcome(r->session);
	struct dd_finding *f = FAIL(r, "ended-by", span, "%s", how_over(r, room));
	f->expected = dd_ended_by_name(wanted);
	f->actual = dd_ended_by_name(o->ended_by);
	f->fix = f->actual;
	f->fix_span = span;
	if (o->ended_by == DD_ENDED_DROPPED)
		f->hint = "the last step leads nowhere: add a hangup";
}

static bool ended_by(struct run *r, const struct dd_item *it)
{
	dd_ms from = r->clock;
	run_out(r);
	if (dd_session_outcome(r->session)->ended_by != it->by) {
		wrong_end(r, it->span, it->by);
		return false;
	}
	if (it->within == DD_NEVER || r->clock <= from + it->within)
		return true;
	dd_ms at = r->clock;
	r->clock = from;
	too_late(r, it, at);
	return false;
}

static bool run_item(struct run *r, const struct dd_item *it)
{
	const struct dd_call *call = dd_session_call(r->session);
	if (dd_call_at(call) != DD_NONE)
		r->stood = dd_call_at(call);
	r->from = r->trace->nevents;
	switch (it->kind) {
	case DD_IT_HEAR: return hear(r, it);
	case DD_IT_PRESS: return press(r, it);
	case DD_IT_KEYS: return press_list(r, it);
	case DD_IT_WAIT: advance(r, r->clock + it->after); return true;
	case DD_IT_SMS:
	case DD_IT_REQUEST: return sms_or_request(r, it);
	case DD_IT_SILENCE: return silence(r, it);
	case DD_IT_HANG_UP: return hang_up(r, it);
	case DD_IT_ENDED_BY: return ended_by(r, it);
	case DD_ITEMS_COUNT: break;
	}
	return true;
}

/* -- stubs -------------------------------------------------------------------------------------------------------------------- */

static void check_unanswered(struct run *r)
{
	char room[32];
	const struct dd_trace_event *e = &r->trace->events[r->stuck];
	const struct dd_stub_want *w = given_for(r, e->step);
	struct dd_finding *f;
	r->stood = e->step;
	r->from = r->stuck;
	r->out->nfindings = 0; /* what the script missed because of it is no news */
	if (w) {
		f = FAIL(r, "no-answer-left", w->n ? w->spans[w->n - 1] : w->span, "request %u of %s has no answer left: %u %s given, the nearest is this",
			 w->n + 1, step_name(r, e->step, room), w->n, w->n == 1 ? "was" : "were");
		f->hint = "add an answer to the list, or give a mapping, which answers every request";
	} else {
		const struct dd_stub_want *near = r->scenario->given.nstubs ? &r->scenario->given.stubs[0] : NULL;
		f = FAIL(r, "no-answer-left", near ? near->span : r->scenario->span, "nothing answers the request of %s%s",
			 step_name(r, e->step, room), near ? "; the nearest answer is this" : "");
		f->hint = "give one under given: stubs:, or a stub in the flow";
	}
	f->where = event_place(r, e);
}

static void check_unused(struct run *r)
{
	char room[32];
	for (uint32_t i = 0; i < r->scenario->given.nstubs; i++) {
		const struct dd_stub_want *w = &r->scenario->given.stubs[i];
		uint32_t asked = r->requests[w->step];
		if (w->once && asked < w->n)
			FAIL(r, "answer-unused", w->spans[asked], "nobody asked for this answer: %s sent %u request%s", step_name(r, w->step, room),
			     asked, asked == 1 ? "" : "s");
	}
}

/* -- expect ------------------------------------------------------------------------------------------------------------------- */

static void compare_words(struct run *r, const char *code, struct dd_span span, const char *what, const char *wanted, const char *got)
{
	if (strcmp(wanted, got) == 0)
		return;
	struct dd_finding *f = FAIL(r, code, span, "%s is not as expected", what);
	f->expected = wanted;
	f->actual = got;
	f->fix = got;
	f->fix_span = span;
}

static void expect_flag(struct run *r, int wanted, bool got, struct dd_span span, const char *what)
{
	if (wanted >= 0)
		compare_words(r, "outcome", span, what, wanted ? "true" : "false", got ? "true" : "false");
}

static void expect_answer(struct run *r, const struct dd_answer_want *a)
{
	const struct dd_trace_event *last = NULL;
	char room[32];
	struct dd_buf wanted = {0};
	for (size_t i = 0; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_ANSWER && r->trace->events[i].step == a->step)
			last = &r->trace->events[i];
	bool fits = a->none ? !last : last && is_exactly(r, &a->want, words_of(r, last));
	if (!fits) {
		struct dd_finding *f = FAIL(r, "answer", a->want.span, "the answer to %s is not as expected", step_name(r, a->step, room));
		f->expected = a->none ? "no answer" : keep_str(r, text_of(r, &a->want, &wanted));
		f->actual = last ? keep_str(r, words_of(r, last)) : "no answer";
		f->step = a->step;
		if (last)
			f->where = event_place(r, last);
		if (!a->none && !a->want.fills) {
			f->fix = last ? f->actual : "~";
			f->fix_span = a->want.span;
		}
	}
	dd_buf_free(&wanted);
}

static void expect_visits(struct run *r, const struct dd_expect *e)
{
	char room[32];
	for (uint32_t i = 0; i < e->nvisited; i++)
		if (!r->visits[e->visited[i].step])
			FAIL(r, "not-visited", e->visited[i].span, "the call never came to step %s", step_name(r, e->visited[i].step, room))->step =
				e->visited[i].step;
	for (uint32_t i = 0; i < e->nnot_visited; i++)
		if (r->visits[e->not_visited[i].step])
			FAIL(r, "visited", e->not_visited[i].span, "the call came to step %s", step_name(r, e->not_visited[i].step, room))->step =
				e->not_visited[i].step;
}

/* What was heard of a prompt: all of it, or the words begun. */
static struct dd_str heard_of(const struct run *r, size_t i)
{
	size_t stopped;
	(void)prompt_end(r, i, &stopped);
	return words_of(r, &r->trace->events[stopped ? stopped : i]);
}

static void expect_never(struct run *r, const struct dd_want *never)
{
	for (size_t i = 0; i < r->trace->nevents; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != DD_TR_PROMPT)
			continue;
		int found = matches(r, never, heard_of(r, i), NULL);
		if (too_long(r, never, found))
			return;
		if (!found)
			continue;
		struct dd_finding *f = FAIL(r, "heard", never->span, "this was not to be heard");
		f->actual = keep_str(r, heard_of(r, i));
		f->where = event_place(r, e);
		f->step = e->step;
		return;
	}
}

static void expect_anytime(struct run *r, const struct dd_item *it)
{
	size_t near;
	if (it->kind != DD_IT_HEAR) {
		if (find_event(r, it, 0, &near) == SIZE_MAX)
			not_found(r, it, near, "in the whole call");
		return;
	}
	for (size_t i = 0; i < r->trace->nevents; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		size_t stopped;
		if (e->type != DD_TR_PROMPT)
			continue;
		(void)prompt_end(r, i, &stopped);
		int found = stopped ? matches(r, &it->text, heard_of(r, i), NULL) : prompt_matches(r, &it->text, e, NULL);
		if (too_long(r, &it->text, found))
			return;
		if (found) {
			check_limits(r, &it->under, e->ms, "this prompt", event_place(r, e));
			return;
		}
	}
	describe_nearest(r, FAIL(r, "not-heard", it->text.span, "these words are not heard in the whole call"), &it->text);
}

static void expect_lengths(struct run *r, const struct dd_expect *e)
{
	char at[24];
	const struct dd_trace_event *most = NULL;
	if (e->under.warn == DD_NEVER && e->under.fail == DD_NEVER)
		return;
	for (size_t i = 0; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_PROMPT && (!most || r->trace->events[i].ms > most->ms))
			most = &r->trace->events[i];
	if (e->under.of != DD_OF_STRETCH && most)
		check_limits(r, &e->under, most->ms, "the longest prompt", event_place(r, most));
	if (e->under.of != DD_OF_PROMPT && (!most || e->under.of == DD_OF_STRETCH || r->stretch > most->ms)) {
		struct dd_buf where = {0};
		dd_buf_format(&where, "from %s on", at_text(r->stretch_at, at));
		check_limits(r, &e->under, r->stretch, "the longest stretch without a chance to press a key", keep(r, &where));
		dd_buf_free(&where);
	}
}

static void expect_digits(struct run *r, const struct dd_want *want)
{
	const struct dd_buf *digits = &dd_session_outcome(r->session)->digits;
	struct dd_str got = {digits->p ? digits->p : "", digits->n};
	struct dd_buf room = {0};
	if (want->text.p && !is_exactly(r, want, got)) {
		struct dd_finding *f = FAIL(r, "digits", want->span, "the keys taken are not as expected");
		f->expected = keep_str(r, text_of(r, want, &room));
		f->actual = keep_str(r, got);
		if (!want->fills) {
			f->fix = f->actual;
			f->fix_span = want->span;
		}
	}
	dd_buf_free(&room);
}

static void expect(struct run *r)
{
	const struct dd_expect *e = &r->scenario->expect;
	const struct dd_outcome *o = dd_session_outcome(r->session);
	char room[96], a[24], b[24];
	r->from = r->trace->nevents;
	r->stood = DD_NONE;
	if (e->status >= 0)
		compare_words(r, "status", e->status_span, "the call's status", dd_call_status_name((enum dd_call_status)e->status),
			      dd_call_status_name(o->status));
	if (e->ended_by > 0 && o->ended_by != (enum dd_ended_by)e->ended_by)
		wrong_end(r, e->ended_by_span, (enum dd_ended_by)e->ended_by);
	for (uint32_t i = 0; i < e->nanswers; i++)
		expect_answer(r, &e->answers[i]);
	expect_digits(r, &e->digits);
	if (o->duration_ms < e->duration_min || o->duration_ms > e->duration_max)
		FAIL(r, "duration", e->duration_span, "the call lasted %s, and may last %s %s", at_text(o->duration_ms, a),
		     o->duration_ms > e->duration_max ? "at most" : "no less than",
		     at_text(o->duration_ms > e->duration_max ? e->duration_max : e->duration_min, b));
	expect_visits(r, e);
	for (uint32_t i = 0; i < e->nnever; i++)
		expect_never(r, &e->never[i]);
	for (uint32_t i = 0; i < e->nanytime; i++)
		expect_anytime(r, &e->anytime[i]);
	expect_lengths(r, e);
	if (r->first_words != DD_NEVER ? r->first_words > e->first_words : e->first_words != DD_NEVER)
		FAIL(r, "first-words", e->first_words_span, "%s, and must be heard within %s",
		     r->first_words == DD_NEVER ? "no word is heard"
						: (snprintf(room, sizeof room, "the first word is heard at %s", at_text(r->first_words, a)), room),
		     at_text(e->first_words, b));
	expect_flag(r, e->goal, o->goal, e->goal_span, "goal");
	expect_flag(r, e->opted_out, o->opted_out, e->opted_out_span, "opted_out");
	expect_flag(r, e->heard_message, o->heard_message, e->heard_message_span, "heard_message");
}

/* -- the whole ---------------------------------------------------------------------------------------------------------------- */

uint32_t dd_scenario_runs(const struct dd_scenario *s)
{
	return s->table.ncolumns ? s->table.nrows : 1;
}

static struct run run_of(const struct dd_suite *suite, uint32_t scenario, uint32_t row)
{
	struct run r = {.suite = suite, .scenario = &suite->scenarios[scenario], .program = suite->program};
	if (r.scenario->table.ncolumns)
		r.row = &r.scenario->table.rows[row];
	return r;
}

void dd_scenario_name(const struct dd_suite *suite, uint32_t scenario, uint32_t row, struct dd_buf *out)
{
	struct run r = run_of(suite, scenario, row);
	const struct dd_table *t = &r.scenario->table;
	fill(&r, r.scenario->name.text, out);
	if (!r.row)
		return;
	dd_buf_format(out, " [row %u", row + 1);
	for (uint32_t i = 0; i < t->ncolumns && i < r.row->n && i < 3 && !r.scenario->name.fills; i++) {
		struct dd_str value = r.row->values[i];
		dd_buf_format(out, "%s%.*s=", i ? ", " : ": ", (int)t->names[i].n, t->names[i].p);
		size_t fits = value.p ? dd_width_fit(value, 30) : 0;
		dd_buf_add(out, value.p ? value.p : "", fits);
		dd_buf_str(out, fits < value.n ? "…" : "");
	}
	dd_buf_char(out, ']');
}

static void setup_variables(struct run *r, struct dd_arena *arena, struct dd_setup *setup)
{
	const struct dd_given *g = &r->scenario->given;
	const struct dd_table *t = &r->scenario->table;
	const char **names = dd_arena_alloc(arena, (g->nvariables + t->ncolumns + 1) * sizeof *names);
	const char **values = dd_arena_alloc(arena, (g->nvariables + t->ncolumns + 1) * sizeof *values);
	for (uint32_t i = 0; r->row && i < t->ncolumns && i < r->row->n; i++) {
		if (t->slots[i] == DD_NONE || !r->row->values[i].p)
			continue;
		names[setup->nvariables] = r->program->slots[t->slots[i]].name;
		values[setup->nvariables++] = dd_arena_copy(arena, r->row->values[i].p, r->row->values[i].n);
	}
	for (uint32_t i = 0; i < g->nvariables; i++) {
		struct dd_buf room = {0};
		struct dd_str value = text_of(r, &g->variables[i].want, &room);
		names[setup->nvariables] = g->variables[i].name.p;
		values[setup->nvariables++] = dd_arena_copy(arena, value.p, value.n);
		dd_buf_free(&room);
	}
	setup->names = names;
	setup->values = values;
}

static void setup_stubs(struct run *r, struct dd_arena *arena, struct dd_session_options *so)
{
	const struct dd_given *g = &r->scenario->given;
	struct dd_given_stubs *list = dd_arena_alloc(arena, (g->nstubs + 1) * sizeof *list);
	for (uint32_t i = 0; i < g->nstubs; i++) {
		const struct dd_stub_want *w = &g->stubs[i];
		struct dd_stub *copies = dd_arena_alloc(arena, (w->n + 1) * sizeof *copies);
		for (uint32_t j = 0; j < w->n; j++) {
			copies[j] = r->suite->stubs[w->first + j];
			copies[j].body = stub_text(r, arena, copies[j].body);
		}
		list[i] = (struct dd_given_stubs){w->step, copies, w->n, w->once};
	}
	so->stubs = list;
	so->nstubs = g->nstubs;
}

static void set_up(struct run *r, struct dd_arena *arena, struct dd_session_options *so)
{
	const struct dd_given *g = &r->scenario->given;
	so->program = r->program;
	so->answered_by = g->answered_by;
	so->ring_timeout = g->ring_timeout;
	so->record = true;
	char *sid = dd_arena_alloc(arena, 33);
	dd_session_sid(1, sid);
	so->setup = (struct dd_setup){.call_sid = sid, .time_limit = g->time_limit};
	so->setup.answered_unix_ms = g->at_given ? g->at : DD_STARTS_UNIX_MS;
	if (g->from.text.p) {
		struct dd_buf room = {0};
		struct dd_str from = text_of(r, &g->from, &room);
		so->setup.from = dd_arena_copy(arena, from.p, from.n);
		dd_buf_free(&room);
	}
	setup_variables(r, arena, &so->setup);
	setup_stubs(r, arena, so);
	size_t store = (size_t)2 * DD_STORE_BYTES;
	for (size_t i = 0; i < so->setup.nvariables; i++)
		store += strlen(so->setup.values[i]);
	so->store = store < DD_STORE_BYTES_MAX ? store : DD_STORE_BYTES_MAX;
}

void dd_scenario_setup(const struct dd_suite *suite, uint32_t scenario, uint32_t row, struct dd_arena *arena,
		       struct dd_session_options *out)
{
	struct run r = run_of(suite, scenario, row);
	set_up(&r, arena, out);
}

static void list_variables(struct run *r)
{
	struct dd_buf text = {0};
	for (size_t i = 0; i < r->so.setup.nvariables; i++)
		dd_buf_format(&text, "%s%s=%s", i ? ", " : "", r->so.setup.names[i], r->so.setup.values[i]);
	r->out->variables = text.n ? keep(r, &text) : NULL;
	dd_buf_free(&text);
}

/* The trace moves from the session into the result. */
static void take_trace(struct run *r)
{
	struct dd_trace *to = &r->out->trace;
	const struct dd_trace *from = r->trace;
	dd_trace_copy(to, from);
	r->out->outcome = *dd_session_outcome(r->session);
	struct dd_buf digits = {0};
	dd_buf_add(&digits, r->out->outcome.digits.p ? r->out->outcome.digits.p : "", r->out->outcome.digits.n);
	r->out->outcome.digits = digits;
	r->out->kept = true;
	list_variables(r);
}

static bool has_all_values(struct run *r)
{
	const char *name = dd_call_missing(dd_session_call(r->session), 0);
	if (!name)
		return true;
	FAIL(r, "no-value", r->scenario->span, "the variable \"%s\" has no value: the flow gives no example", name)->hint =
		"give one under given: variables:, or as a column of the rows";
	return false;
}

void dd_scenario_run(const struct dd_suite *suite, uint32_t scenario, uint32_t row, const struct dd_run_options *o,
		     struct dd_result *out)
{
	struct run r = run_of(suite, scenario, row);
	struct dd_arena *arena = dd_arena_new();
	*out = (struct dd_result){.suite = suite->path, .line = r.scenario->line, .row = r.row ? row + 1 : 0, .verdict = DD_PASSED};
	if (o->program)
		r.program = o->program;
	out->program = r.program;
	r.o = o;
	r.out = out;
	r.stood = DD_NONE;
	r.first_words = DD_NEVER;
	r.so = (struct dd_session_options){.tts = o->tts, .ears = o->ears, .nears = o->nears};
	r.watch = (struct dd_watch){&r, on_effects};
	r.visits = dd_arena_alloc(arena, (r.program->nsteps + 1) * sizeof *r.visits);
	r.requests = dd_arena_alloc(arena, (r.program->nsteps + 1) * sizeof *r.requests);
	r.stuck = SIZE_MAX;
	set_up(&r, arena, &r.so);
	r.so.watch = &r.watch;
	r.session = dd_session_new(&r.so);
	r.trace = dd_session_trace(r.session);
	dd_session_start(r.session);
	if (has_all_values(&r)) {
		look(&r);
		bool fine = true;
		for (uint32_t i = 0; i < r.scenario->nscript && fine && !r.stopped; i++)
			fine = run_item(&r, &r.scenario->script[i]);
		if (fine)
			run_out(&r);
		if (r.stuck != SIZE_MAX)
			check_unanswered(&r);
		else if (fine)
			expect(&r);
		if (out->verdict != DD_FAILED)
			check_unused(&r);
	}
	out->call_ms = dd_session_now(r.session);
	if (o->pace)
		o->pace->over(o->pace->self, r.session);
	if (!o->quick && r.looked && (o->keep || out->verdict == DD_FAILED))
		take_trace(&r);
	if (!o->quick) {
		struct dd_buf name = {0};
		dd_scenario_name(suite, scenario, row, &name);
		out->name = keep(&r, &name);
		dd_buf_free(&name);
	}
	dd_session_free(r.session);
	dd_arena_free(arena);
}

void dd_result_fini(struct dd_result *result)
{
	free(result->findings);
	free(result->path);
	free(result->heard);
	dd_trace_fini(&result->trace);
	dd_buf_free(&result->outcome.digits);
	dd_arena_free(result->arena);
	*result = (struct dd_result){0};
}
