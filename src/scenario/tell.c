/* What a scenario found, told so that it can be understood: where, what was wanted, and what came
 * nearest. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "scenario/running.h"

enum { MAX_FINDINGS = 20 };

static struct dd_arena *arena_of(struct dd_result *out)
{
	if (!out->arena)
		out->arena = dd_arena_new();
	return out->arena;
}

const char *run_keep(struct run *r, const struct dd_buf *text)
{
	return dd_arena_copy(arena_of(r->out), text->p ? text->p : "", text->n);
}

const char *run_keep_str(struct run *r, struct dd_str text)
{
	return dd_arena_copy(arena_of(r->out), text.p ? text.p : "", text.n);
}

struct dd_finding *run_finding(struct run *r, enum dd_severity severity, const char *code,
        struct dd_span span, const char *format, ...)
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
	*f = (struct dd_finding){.severity = severity,
	        .code = code,
	        .source = r->suite->source,
	        .span = span,
	        .message = run_keep(r, &text),
	        .at = r->session ? dd_session_now(r->session) : -1,
	        .step = r->stood,
	        .event = r->from};
	dd_buf_free(&text);
	return f;
}

const char *run_offset(dd_ms at, char room[24])
{
	dd_offset_text(at, room);
	return room;
}

struct dd_str run_words(const struct run *r, const struct dd_trace_event *e)
{
	return dd_trace_str(r->trace, e->text);
}

const char *run_step_name(const struct run *r, uint32_t step, char room[32])
{
	return step == DD_NONE ? "nothing" : dd_step_name(r->program, step, room);
}

const char *run_place(struct run *r, const struct dd_trace_event *e)
{
	char at[24], room[32];
	struct dd_buf text = {0};
	dd_buf_format(&text, "at %s", run_offset(e->at, at));
	if (e->step != DD_NONE) {
		const struct dd_step *s = &r->program->steps[e->step];
		dd_buf_format(&text, ", step %s, %s:%u", run_step_name(r, e->step, room),
		        r->program->flows[s->flow].path, s->line);
	}
	const char *kept = run_keep(r, &text);
	dd_buf_free(&text);
	return kept;
}

/* -- matching --------------------------------------------------------------- */

/* -1: the expression took too long. `end` (may be NULL): where in `words` the match ends. */
int run_matches(const struct run *r, const struct dd_want *want, struct dd_str words, size_t *end)
{
	if (want->regex)
		return dd_regex_find(want->regex, words, end);
	struct dd_buf text = {0}, part = {0}, folded = {0};
	uint32_t *origins = NULL;
	size_t at = 0;
	struct dd_str wanted = want->folded;
	if (want->fills) {
		dd_fold_words(run_text(r, want, &text), &part, NULL);
		wanted = (struct dd_str){part.p, part.n};
	}
	dd_fold_words(words, &folded, end ? &origins : NULL);
	bool found = dd_folded_holds((struct dd_str){folded.p, folded.n}, wanted, &at);
	if (found && end)
		*end = at ? origins[at - 1] : 0;
	dd_free(origins);
	dd_buf_free(&text);
	dd_buf_free(&part);
	dd_buf_free(&folded);
	return found;
}

void dd_prompt_described(
        const struct dd_trace *trace, const struct dd_trace_event *e, struct dd_buf *out)
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

int run_heard_matches(const struct run *r, const struct dd_want *want,
        const struct dd_trace_event *e, struct run_place_of_match *place)
{
	size_t end = 0;
	int found = run_matches(r, want, run_words(r, e), place ? &end : NULL);
	bool said = !found && e->said.n;
	if (said)
		found = run_matches(r, want, dd_trace_str(r->trace, e->said), place ? &end : NULL);
	if (place)
		*place = (struct run_place_of_match){end, said};
	return found;
}

dd_ms run_spoken(const struct run *r, const struct run_place_of_match *place)
{
	return place->said ? dd_session_spoken_said(r->session, place->end)
	                   : dd_session_spoken(r->session, place->end);
}

/* The words of a prompt, or all that it plays with files by their names. */
int run_prompt_matches(const struct run *r, const struct dd_want *want,
        const struct dd_trace_event *e, struct run_place_of_match *place)
{
	int found = run_heard_matches(r, want, e, place);
	if (found || (e->nsegments == 0 && e->more.n == 0))
		return found;
	struct dd_buf all = {0};
	dd_prompt_described(r->trace, e, &all);
	found = run_matches(r, want, (struct dd_str){all.p ? all.p : "", all.n}, NULL);
	dd_buf_free(&all);
	return found;
}

/* Where the prompt at `i` ended or will end; `*stopped` is the event that cut it short, or 0. */
dd_ms run_prompt_end(const struct run *r, size_t i, size_t *stopped)
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

bool run_gave_up(struct run *r, const struct dd_want *want, int found)
{
	if (found >= 0)
		return false;
	FAIL(r, "regex-limit", want->span, "the expression takes too long to match")->hint =
	        "make it simpler: nested repetitions are slow";
	return true;
}

/* The words of a prompt as they are written or as they are heard, whichever is nearer. */
static struct dd_str nearer_words(
        const struct run *r, const struct dd_trace_event *e, struct dd_str wanted, unsigned *far)
{
	struct dd_str words = run_words(r, e), said = dd_trace_str(r->trace, e->said);
	*far = dd_words_differ(wanted, words, NULL, NULL, NULL);
	if (!said.n)
		return words;
	unsigned other = dd_words_differ(wanted, said, NULL, NULL, NULL);
	if (other >= *far)
		return words;
	*far = other;
	return said;
}

/* The place of the cell that `text`, "{column}" and nothing else, stands for: in the row at hand,
 * where the column gives the call no value. Empty: there is none. */
static struct dd_span cell_of(const struct run *r, struct dd_str text)
{
	const struct dd_table *t = &r->scenario->table;
	struct dd_str name = {text.p + 1, text.n < 2 ? 0 : text.n - 2};
	if (!name.n || text.p[0] != '{' || text.p[text.n - 1] != '}' || !r->row || !r->row->spans)
		return (struct dd_span){0, 0};
	for (uint32_t i = 0; i < t->ncolumns && i < r->row->n; i++)
		if (t->slots[i] == DD_NONE && dd_str_same(t->names[i], name))
			return r->row->spans[i];
	return (struct dd_span){0, 0};
}

/* Puts the placeholders of `wanted` where their values stand in `heard`, in their order. False
 * where one of them is not there exactly once: then nobody can say which words are the value. */
static bool put_back(
        const struct run *r, struct dd_str wanted, struct dd_str heard, struct dd_buf *out)
{
	if (memchr(heard.p, '{', heard.n) || memchr(heard.p, '}', heard.n))
		return false;
	for (size_t i = 0; i < wanted.n; i++) {
		const char *end =
		        wanted.p[i] == '{' ? memchr(wanted.p + i, '}', wanted.n - i) : NULL;
		if (!end)
			continue;
		struct dd_str name = {wanted.p + i, (size_t)(end - wanted.p) - i + 1};
		struct dd_buf value = {0};
		run_fill(r, name, &value);
		const char *at = value.n ? memmem(heard.p, heard.n, value.p, value.n) : NULL;
		size_t before = at ? (size_t)(at - heard.p) : 0, behind = before + value.n;
		bool once = at && !memmem(heard.p + behind, heard.n - behind, value.p, value.n);
		dd_buf_free(&value);
		if (!once)
			return false;
		dd_buf_add(out, heard.p, before);
		dd_buf_add(out, name.p, name.n);
		heard = (struct dd_str){heard.p + behind, heard.n - behind};
		i = (size_t)(end - wanted.p);
	}
	dd_buf_add(out, heard.p, heard.n);
	return true;
}

/* What makes the want hold, for --update: `part`, the words that were heard in its place. */
static void mend(struct run *r, struct dd_finding *f, const struct dd_want *want,
        struct dd_str wanted, struct dd_str part)
{
	const char *stops = ".,;:!?";
	if (!wanted.n || !strchr(stops, wanted.p[wanted.n - 1]))
		while (part.n && strchr(stops, part.p[part.n - 1]))
			part.n--;
	if (!part.n)
		return;
	struct dd_buf filled = {0};
	struct dd_span cell = cell_of(r, want->text);
	if (!want->fills || cell.end) {
		f->fix = run_keep_str(r, part);
		f->fix_span = want->fills ? cell : want->span;
		f->fix_fills = want->fills; /* a cell's text is taken as it is */
	} else if (put_back(r, want->text, part, &filled)) {
		f->fix = run_keep(r, &filled);
		f->fix_span = want->span;
		f->fix_fills = true;
	}
	dd_buf_free(&filled);
}

/* Whether words with so many parts in a thousand that differ are the ones that were meant. Of two
 * or three, one that is the same may well be chance: "your appointment", "your order". */
static bool are_alike(struct dd_str wanted, unsigned far)
{
	size_t words = 1;
	for (size_t i = 0; i < wanted.n; i++)
		words += wanted.p[i] == ' ';
	return far < (words < 4 ? 500 : 700);
}

/* Where nothing is alike: the prompt that stands in the place of the words, the first one since the
 * customer answered last. `best` if there is none. */
static size_t in_their_place(const struct run *r, size_t best)
{
	size_t since = r->cursor;
	for (size_t i = since; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_ANSWER)
			since = i;
	for (size_t i = since; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_PROMPT && r->trace->events[i].text.n)
			return i;
	return best;
}

/* The prompt that comes nearest to what was wanted. */
void run_describe_nearest(struct run *r, struct dd_finding *f, const struct dd_want *want)
{
	struct dd_buf room = {0}, marked = {0}, heard = {0};
	struct dd_str wanted = run_text(r, want, &room);
	unsigned least = 1001;
	size_t best = 0;
	for (size_t i = 0; i < r->trace->nevents && !r->o->quick; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != DD_TR_PROMPT || e->text.n == 0)
			continue;
		unsigned far;
		(void)nearer_words(r, e, wanted, &far);
		if (far < least || (far == least && best < r->cursor && i >= r->cursor)) {
			least = far;
			best = i;
		}
	}
	f->expected = run_keep_str(r, wanted);
	if (least <= 1000) {
		bool alike = are_alike(wanted, least) && !want->regex;
		best = alike || want->regex ? best : in_their_place(r, best);
		const struct dd_trace_event *e = &r->trace->events[best];
		struct dd_str part;
		unsigned far;
		struct dd_str words = nearer_words(r, e, wanted, &far);
		(void)dd_words_differ(
		        wanted, words, alike ? &marked : NULL, alike ? &heard : NULL, &part);
		if (alike)
			f->expected = run_keep(r, &marked);
		f->actual = alike ? run_keep(r, &heard) : run_keep_str(r, words);
		f->where = run_place(r, e);
		if (least == 0 && best < r->cursor)
			f->hint =
			        "these words were heard before; the items of a script are in order";
		/* words that were heard before are in the wrong place: other words would be no
		 * repair */
		if (alike && best >= r->cursor && least > 0)
			mend(r, f, want, wanted, part);
	}
	dd_buf_free(&room);
	dd_buf_free(&marked);
	dd_buf_free(&heard);
}

const char *run_how_over(const struct run *r, char room[96])
{
	const struct dd_outcome *o = dd_session_outcome(r->session);
	char at[24];
	if (o->status != DD_CALL_COMPLETED)
		(void)snprintf(
		        room, 96, "the call was not answered (%s)", dd_call_status_name(o->status));
	else if (o->ended_by == DD_ENDED_DROPPED)
		(void)snprintf(room, 96, "the call dropped at %s", run_offset(o->duration_ms, at));
	else if (dd_session_over(r->session))
		(void)snprintf(room, 96, "the call was ended at %s by %s",
		        run_offset(o->duration_ms, at),
		        o->ended_by == DD_ENDED_FLOW || o->ended_by == DD_ENDED_CUSTOMER
		                ? o->ended_by == DD_ENDED_FLOW ? "the flow" : "the customer"
		                : dd_ended_by_name(o->ended_by));
	else
		(void)snprintf(room, 96, "the call goes on");
	return room;
}
