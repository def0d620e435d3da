/* Runs scenarios: a script presses keys in virtual time, and what was expected is held against what
 * happened. */
#ifndef DD_SCENARIO_RUN_H
#define DD_SCENARIO_RUN_H

#include "report/model.h"
#include "explore/cover.h"
#include "scenario/suite.h"

/* Who goes along with a call. `until` is told before the call moves on to `at`: it may look at the
   session, and wait (real time); false stops the run. `over` is told at the end. */
struct dd_pace {
	void *self;
	bool (*until)(void *self, const struct dd_session *session, dd_ms at);
	void (*over)(void *self, const struct dd_session *session);
};

struct dd_run_options {
	struct dd_tts tts;
	const struct dd_ear *ears;
	size_t nears;
	const struct dd_pace *pace; /* NULL: virtual time */
	struct dd_counts *counts;   /* NULL: coverage is not wanted */
	const struct dd_program
	        *program; /* NULL: the suite's own; else one of the same shape (a mutant) */
	bool keep;        /* the trace of a scenario that passed, too */
	bool quick;       /* stop at the first error, and describe nothing: for mutants */
	/* what goes wrong on purpose in place of what the file says: the call then goes on to its
	   end though something failed; NULL: what the file says */
	const struct dd_faults *faults;
};

/* Runs row `row` (0-based; ignored where there are no rows) of a scenario. Fills `out`; its texts
 * live until dd_result_fini(). */
void dd_scenario_run(const struct dd_suite *suite, uint32_t scenario, uint32_t row,
        const struct dd_run_options *options, struct dd_result *out);
void dd_result_fini(struct dd_result *result);
/* How many runs a scenario has: its rows, or 1. */
uint32_t dd_scenario_runs(const struct dd_scenario *scenario);
/* "customer rates [row 3: rating=5]", into `out`. */
void dd_scenario_name(
        const struct dd_suite *suite, uint32_t scenario, uint32_t row, struct dd_buf *out);

/* What a prompt is made of, in its order: words as they are spoken, files by their names. */
void dd_prompt_described(
        const struct dd_trace *trace, const struct dd_trace_event *prompt, struct dd_buf *out);

/* What one call of a scenario is given, for a session that somebody else drives. Everything lives
 * in `arena`. */
void dd_scenario_setup(const struct dd_suite *suite, uint32_t scenario, uint32_t row,
        struct dd_arena *arena, struct dd_session_options *out);

#endif
