/* A scenario that is being run: what the files of the runner share, and nobody else. */
#ifndef DD_SCENARIO_RUNNING_H
#define DD_SCENARIO_RUNNING_H

#include "scenario/run.h"

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
	bool stopped;       /* the pace was broken off */
	size_t stuck;       /* the request that nothing answers; SIZE_MAX: none */
	size_t looked;      /* events of the trace that look() has seen */
	uint32_t *requests; /* of each step */
	size_t decided;     /* so many ringings there had been when one was decided last */
	/* when the item at hand began */
	uint32_t stood;
	size_t from;
	/* seen on the way */
	dd_ms first_words; /* DD_NEVER: none yet */
	dd_ms deaf_since, stretch, stretch_at;
	bool listens;
	uint32_t *visits;
	size_t nsteps;      /* that visits and requests have room for */
	const char **verbs; /* of an application, as they ran */
	size_t nverbs, cap_verbs;
	struct dd_watch watch;
};

/* Values (run.c). `run_text` gives the text of a want with the row's and the call's values; `room`
 * must be given back. */
void run_fill(const struct run *r, struct dd_str text, struct dd_buf *out);
/* What the row says of it, or `otherwise`. */
int64_t run_cell(const struct run *r, enum dd_cell cell, int64_t otherwise);
struct dd_str run_text(const struct run *r, const struct dd_want *want, struct dd_buf *room);

/* Time (run.c). A step is everything that is due next; false when nothing will happen by itself any
 * more. */
bool run_step(struct run *r);
void run_advance(struct run *r, dd_ms to);
void run_to_end(struct run *r);
bool run_over(const struct run *r);
/* Takes note of what is new in the trace. */
void run_look(struct run *r);
/* The answers given for a step, or NULL. */
const struct dd_stub_want *run_given(const struct run *r, uint32_t step);

/* Findings (tell.c). Texts that are kept live as long as the result. */
struct dd_finding *run_finding(struct run *r, enum dd_severity severity, const char *code,
        struct dd_span span, const char *format, ...) __attribute__((format(printf, 5, 6)));
#define FAIL(r, code, span, ...) run_finding(r, DD_ERROR, code, span, __VA_ARGS__)
const char *run_keep(struct run *r, const struct dd_buf *text);
const char *run_keep_str(struct run *r, struct dd_str text);
const char *run_offset(dd_ms at, char room[24]);
const char *run_step_name(const struct run *r, uint32_t step, char room[32]);
/* "at 0:03.6, step choice, flow.yaml:17", kept. */
const char *run_place(struct run *r, const struct dd_trace_event *event);
const char *run_how_over(const struct run *r, char room[96]);

/* Matching (tell.c). 1: found; 0: not; -1: the expression took too long, which run_gave_up() tells.
 */
struct dd_str run_words(const struct run *r, const struct dd_trace_event *event);
int run_matches(const struct run *r, const struct dd_want *want, struct dd_str words, size_t *end);
/* Of a prompt either fits: the words as they are written, and as they are heard. `place`, which may
   be NULL: where the match ends, 0 where it is among files, and in which of the two. */
struct run_place_of_match {
	size_t end;
	bool said;
};
int run_heard_matches(const struct run *r, const struct dd_want *want,
        const struct dd_trace_event *event, struct run_place_of_match *place);
int run_prompt_matches(const struct run *r, const struct dd_want *want,
        const struct dd_trace_event *event, struct run_place_of_match *place);
/* When what plays has been spoken up to there. */
dd_ms run_spoken(const struct run *r, const struct run_place_of_match *place);
bool run_gave_up(struct run *r, const struct dd_want *want, int found);
/* Where the prompt at `i` ended or will end; `*stopped` is the event that cut it short, or 0. */
dd_ms run_prompt_end(const struct run *r, size_t i, size_t *stopped);
void run_describe_nearest(struct run *r, struct dd_finding *f, const struct dd_want *want);

/* Items of a script (items.c), messages and requests (messages.c). */
bool run_item(struct run *r, const struct dd_item *item);
void run_check_limits(struct run *r, const struct dd_limits *limits, dd_ms ms, const char *what,
        const char *where);
/* `by_row`: what is wanted stands in a column, which is left as it is. */
void run_wrong_end(struct run *r, struct dd_span span, enum dd_ended_by wanted, bool by_row);
bool run_await(struct run *r, const struct dd_item *item);
/* The event of the trace from `from` on, letting time pass; SIZE_MAX when it never comes, `*near`
 * then is the likest. */
size_t run_find(struct run *r, const struct dd_item *item, size_t from, size_t *near);
void run_not_found(struct run *r, const struct dd_item *item, size_t near, const char *when);
/* How many messages fit, and the last one. */
long run_count_sms(struct run *r, const struct dd_item *item, size_t *last);
bool run_is_exactly(const struct run *r, const struct dd_want *want, struct dd_str text);

/* Expectations and answers (expect.c). */
void run_expect(struct run *r);
void run_unanswered(struct run *r);
void run_unused(struct run *r);

#endif
