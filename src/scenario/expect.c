/* What the call came to, against what was expected; answers that were given, against requests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/running.h"

void run_unanswered(struct run *r)
{
	char room[32];
	const struct dd_trace_event *e = &r->trace->events[r->stuck];
	const struct dd_stub_want *w = run_given(r, e->step);
	struct dd_finding *f;
	r->stood = e->step;
	r->from = r->stuck;
	r->out->nfindings = 0; /* what the script missed because of it is no news */
	if (w) {
		f = FAIL(r, "no-answer-left", w->n ? w->spans[w->n - 1] : w->span,
		        "request %u of %s has no answer left: %u %s given, the nearest is this",
		        w->n + 1, run_step_name(r, e->step, room), w->n,
		        w->n == 1 ? "was" : "were");
		f->hint =
		        "add an answer to the list, or give a mapping, which answers every request";
	} else {
		const struct dd_stub_want *near =
		        r->scenario->given.nstubs ? &r->scenario->given.stubs[0] : NULL;
		f = FAIL(r, "no-answer-left", near ? near->span : r->scenario->span,
		        "nothing answers the request of %s%s", run_step_name(r, e->step, room),
		        near ? "; the nearest answer is this" : "");
		f->hint = "give one under given: stubs:, or a stub in the flow";
	}
	f->where = run_place(r, e);
}

void run_unused(struct run *r)
{
	char room[32];
	for (uint32_t i = 0; i < r->scenario->given.nstubs; i++) {
		const struct dd_stub_want *w = &r->scenario->given.stubs[i];
		uint32_t asked = r->requests[w->step];
		if (w->once && asked < w->n)
			FAIL(r, "answer-unused", w->spans[asked],
			        "nobody asked for this answer: %s sent %u request%s",
			        run_step_name(r, w->step, room), asked, asked == 1 ? "" : "s");
	}
}

/* -- expect ----------------------------------------------------------------- */

/* `by_row`: what is expected stands in a column, which is left as it is. */
static void compare_words(struct run *r, const char *code, struct dd_span span, const char *what,
        const char *wanted, const char *got, bool by_row)
{
	if (strcmp(wanted, got) == 0)
		return;
	struct dd_finding *f = FAIL(r, code, span, "%s is not as expected", what);
	f->expected = wanted;
	f->actual = got;
	if (!by_row) {
		f->fix = got;
		f->fix_span = span;
	}
}

static void expect_flag(
        struct run *r, enum dd_cell cell, int said, bool got, struct dd_span span, const char *what)
{
	int64_t wanted = run_cell(r, cell, said);
	if (wanted >= 0)
		compare_words(r, "outcome", span, what, wanted ? "true" : "false",
		        got ? "true" : "false", r->scenario->table.cells[cell] != NULL);
}

static void expect_answer(struct run *r, const struct dd_answer_want *a)
{
	const struct dd_trace_event *last = NULL;
	char room[32];
	struct dd_buf wanted = {0};
	for (size_t i = 0; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_ANSWER && r->trace->events[i].step == a->step)
			last = &r->trace->events[i];
	bool fits = a->none ? !last : last && run_is_exactly(r, &a->want, run_words(r, last));
	if (!fits) {
		struct dd_finding *f = FAIL(r, "answer", a->want.span,
		        "the answer to %s is not as expected", run_step_name(r, a->step, room));
		f->expected =
		        a->none ? "no answer" : run_keep_str(r, run_text(r, &a->want, &wanted));
		f->actual = last ? run_keep_str(r, run_words(r, last)) : "no answer";
		f->step = a->step;
		if (last)
			f->where = run_place(r, last);
		if (!a->none && !a->want.fills) {
			f->fix = last ? f->actual : "~";
			f->fix_span = a->want.span;
		}
	}
	dd_buf_free(&wanted);
}

/* In this order; others may stand between. */
static void expect_verbs(struct run *r, const struct dd_expect *e)
{
	size_t at = 0;
	for (uint32_t i = 0; i < e->nverbs; i++) {
		while (at < r->nverbs && !dd_str_is(e->verbs[i], r->verbs[at]))
			at++;
		if (at++ < r->nverbs)
			continue;
		struct dd_finding *f = FAIL(r, "verbs", e->verb_spans[i], "<%.*s> is not run%s",
		        (int)e->verbs[i].n, e->verbs[i].p, i ? " behind the verbs before it" : "");
		struct dd_buf all = {0};
		for (size_t k = 0; k < r->nverbs && all.n < 400; k++)
			dd_buf_format(&all, "%s%s", k ? ", " : "", r->verbs[k]);
		f->actual = run_keep(r, &all);
		dd_buf_free(&all);
		return;
	}
}

static void expect_visits(struct run *r, const struct dd_expect *e)
{
	char room[32];
	for (uint32_t i = 0; i < e->nvisited; i++)
		if (!r->visits[e->visited[i].step])
			FAIL(r, "not-visited", e->visited[i].span, "the call never came to step %s",
			        run_step_name(r, e->visited[i].step, room))
			        ->step = e->visited[i].step;
	for (uint32_t i = 0; i < e->nnot_visited; i++)
		if (r->visits[e->not_visited[i].step])
			FAIL(r, "visited", e->not_visited[i].span, "the call came to step %s",
			        run_step_name(r, e->not_visited[i].step, room))
			        ->step = e->not_visited[i].step;
}

/* What tells what was heard of a prompt: all of it, or the words begun. */
static const struct dd_trace_event *heard_of(const struct run *r, size_t i)
{
	size_t stopped;
	(void)run_prompt_end(r, i, &stopped);
	return &r->trace->events[stopped ? stopped : i];
}

static void expect_never(struct run *r, const struct dd_want *never)
{
	for (size_t i = 0; i < r->trace->nevents; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != DD_TR_PROMPT)
			continue;
		struct run_place_of_match place;
		const struct dd_trace_event *heard = heard_of(r, i);
		int found = run_heard_matches(r, never, heard, &place);
		if (run_gave_up(r, never, found))
			return;
		if (!found)
			continue;
		struct dd_finding *f = FAIL(r, "heard", never->span, "this was not to be heard");
		f->actual = run_keep_str(
		        r, dd_trace_str(r->trace, place.said ? heard->said : heard->text));
		f->where = run_place(r, e);
		f->step = e->step;
		return;
	}
}

static long count_events(
        const struct run *r, const struct dd_count_want *w, enum dd_trace_type type, size_t *last)
{
	long n = 0;
	for (size_t i = 0; i < r->trace->nevents; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != type || (type == DD_TR_KEY && !e->lost) ||
		        (type == DD_TR_REQUEST && w->step != DD_NONE && e->step != w->step))
			continue;
		n++;
		*last = i;
	}
	return n;
}

static void expect_count(struct run *r, const struct dd_count_want *w)
{
	static const char *const what[] = {"messages", "requests", "visits", "lost keys"};
	static const char *const one[] = {"message", "request", "visit", "lost key"};
	size_t last = SIZE_MAX;
	long n = 0;
	switch (w->what) {
	case DD_CO_SMS: n = run_count_sms(r, &w->item, &last); break;
	case DD_CO_REQUEST: n = count_events(r, w, DD_TR_REQUEST, &last); break;
	case DD_CO_STEP: n = (long)r->visits[w->step]; break;
	case DD_CO_LOST_KEYS: n = count_events(r, w, DD_TR_KEY, &last); break;
	}
	if (n == w->n)
		return;
	struct dd_finding *f = w->n == 0
	        ? FAIL(r, "never", w->span, "there was to be no %s, and there %s %ld", one[w->what],
	                  n == 1 ? "was" : "were", n)
	        : FAIL(r, "count", w->span, "there were to be %ld %s, and there %s %ld", w->n,
	                  w->n == 1 ? one[w->what] : what[w->what], n == 1 ? "was" : "were", n);
	if (last != SIZE_MAX) {
		f->where = run_place(r, &r->trace->events[last]);
		f->actual = run_keep_str(r, run_words(r, &r->trace->events[last]));
	}
	if (w->step != DD_NONE)
		f->step = w->step;
}

static void expect_left(struct run *r, const struct dd_want *want)
{
	const struct dd_outcome *o = dd_session_outcome(r->session);
	struct dd_str words = {o->left.p ? o->left.p : "", o->left.n},
	              said = {o->left_said.p ? o->left_said.p : "", o->left_said.n};
	if (!want->text.p)
		return;
	int found = run_matches(r, want, words, NULL);
	found = found ? found : run_matches(r, want, said, NULL);
	if (found || run_gave_up(r, want, found))
		return;
	struct dd_finding *f = FAIL(r, "left-on-machine", want->span,
	        o->answered_by == DD_BY_MACHINE ? "these words do not stay on the machine"
	                                        : "no machine answered: nothing stays on one");
	struct dd_buf room = {0};
	f->expected = run_keep_str(r, run_text(r, want, &room));
	f->actual = words.n ? run_keep_str(r, words) : "nothing";
	dd_buf_free(&room);
}

static void expect_anytime(struct run *r, const struct dd_item *it)
{
	size_t near;
	if (it->kind != DD_IT_HEAR) {
		if (run_find(r, it, 0, &near) == SIZE_MAX)
			run_not_found(r, it, near, "in the whole call");
		return;
	}
	for (size_t i = 0; i < r->trace->nevents; i++) {
		const struct dd_trace_event *e = &r->trace->events[i];
		size_t stopped;
		if (e->type != DD_TR_PROMPT)
			continue;
		(void)run_prompt_end(r, i, &stopped);
		int found = stopped ? run_heard_matches(r, &it->text, heard_of(r, i), NULL)
		                    : run_prompt_matches(r, &it->text, e, NULL);
		if (run_gave_up(r, &it->text, found))
			return;
		if (found) {
			run_check_limits(r, &it->under, e->ms, "this prompt", run_place(r, e));
			return;
		}
	}
	run_describe_nearest(r,
	        FAIL(r, "not-heard", it->text.span, "these words are not heard in the whole call"),
	        &it->text);
}

static void expect_lengths(struct run *r, const struct dd_expect *e)
{
	char at[24];
	const struct dd_trace_event *most = NULL;
	struct dd_limits under = e->under;
	under.warn = run_cell(r, DD_CELL_HEARD_WARN, under.warn);
	under.fail = run_cell(r, DD_CELL_HEARD_FAIL, under.fail);
	if (under.warn == DD_NEVER && under.fail == DD_NEVER)
		return;
	for (size_t i = 0; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_PROMPT &&
		        (!most || r->trace->events[i].ms > most->ms))
			most = &r->trace->events[i];
	if (under.of != DD_OF_STRETCH && most)
		run_check_limits(r, &under, most->ms, "the longest prompt", run_place(r, most));
	if (under.of != DD_OF_PROMPT &&
	        (!most || under.of == DD_OF_STRETCH || r->stretch > most->ms)) {
		struct dd_buf where = {0};
		dd_buf_format(&where, "from %s on", run_offset(r->stretch_at, at));
		run_check_limits(r, &under, r->stretch,
		        "the longest stretch without a chance to press a key", run_keep(r, &where));
		dd_buf_free(&where);
	}
}

static void expect_digits(struct run *r, const struct dd_want *want)
{
	const struct dd_buf *digits = &dd_session_outcome(r->session)->digits;
	struct dd_str got = {digits->p ? digits->p : "", digits->n};
	struct dd_buf room = {0};
	if (want->text.p && !run_is_exactly(r, want, got)) {
		struct dd_finding *f =
		        FAIL(r, "digits", want->span, "the keys taken are not as expected");
		f->expected = run_keep_str(r, run_text(r, want, &room));
		f->actual = run_keep_str(r, got);
		if (!want->fills) {
			f->fix = f->actual;
			f->fix_span = want->span;
		}
	}
	dd_buf_free(&room);
}

void run_expect(struct run *r)
{
	const struct dd_expect *e = &r->scenario->expect;
	const struct dd_outcome *o = dd_session_outcome(r->session);
	char room[96], a[24], b[24];
	r->from = r->trace->nevents;
	r->stood = DD_NONE;
	int64_t status = run_cell(r, DD_CELL_STATUS, e->status),
	        ended_by = run_cell(r, DD_CELL_ENDED_BY, e->ended_by),
	        shortest = run_cell(r, DD_CELL_DURATION_MIN, e->duration_min),
	        longest = run_cell(r, DD_CELL_DURATION_MAX, e->duration_max),
	        first_words = run_cell(r, DD_CELL_FIRST_WORDS, e->first_words);
	if (status >= 0)
		compare_words(r, "status", e->status_span, "the call's status",
		        dd_call_status_name((enum dd_call_status)status),
		        dd_call_status_name(o->status),
		        r->scenario->table.cells[DD_CELL_STATUS] != NULL);
	if (ended_by > 0 && o->ended_by != (enum dd_ended_by)ended_by)
		run_wrong_end(r, e->ended_by_span, (enum dd_ended_by)ended_by,
		        r->scenario->table.cells[DD_CELL_ENDED_BY] != NULL);
	for (uint32_t i = 0; i < e->nanswers; i++)
		expect_answer(r, &e->answers[i]);
	expect_digits(r, &e->digits);
	if (o->duration_ms < shortest || o->duration_ms > longest)
		FAIL(r, "duration", e->duration_span, "the call lasted %s, and may last %s %s",
		        run_offset(o->duration_ms, a),
		        o->duration_ms > longest ? "at most" : "no less than",
		        run_offset(o->duration_ms > longest ? longest : shortest, b));
	expect_visits(r, e);
	for (uint32_t i = 0; i < e->nnever; i++)
		expect_never(r, &e->never[i]);
	for (uint32_t i = 0; i < e->ncounts; i++)
		expect_count(r, &e->counts[i]);
	expect_left(r, &e->left_on_machine);
	expect_verbs(r, e);
	for (uint32_t i = 0; i < e->nanytime; i++)
		expect_anytime(r, &e->anytime[i]);
	expect_lengths(r, e);
	if (r->first_words != DD_NEVER ? r->first_words > first_words : first_words != DD_NEVER)
		FAIL(r, "first-words", e->first_words_span, "%s, and must be heard within %s",
		        r->first_words == DD_NEVER
		                ? "no word is heard"
		                : (snprintf(room, sizeof room, "the first word is heard at %s",
		                           run_offset(r->first_words, a)),
		                          room),
		        run_offset(first_words, b));
	expect_flag(r, DD_CELL_GOAL, e->goal, o->goal, e->goal_span, "goal");
	expect_flag(
	        r, DD_CELL_OPTED_OUT, e->opted_out, o->opted_out, e->opted_out_span, "opted_out");
	expect_flag(r, DD_CELL_HEARD_MESSAGE, e->heard_message, o->heard_message,
	        e->heard_message_span, "heard_message");
}
