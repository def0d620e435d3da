/* Which scenarios are run, on how many threads, and what all of them came to. */
#ifndef DD_SCENARIO_PLAN_H
#define DD_SCENARIO_PLAN_H

#include "scenario/run.h"

/* One run: a scenario, or a row of one. */
struct dd_planned {
	uint32_t suite, scenario, row;
	bool skipped;
};

struct dd_plan {
	struct dd_suite **suites;
	uint32_t nsuites, cap_suites;
	struct dd_planned *runs;
	size_t nruns, cap_runs;
	struct dd_ways **ways; /* of each suite; NULL where it is broken */
	struct dd_counts **counts;
};

/* Takes the suite over; in the order of the calls the results come. */
void dd_plan_add(struct dd_plan *plan, struct dd_suite *suite);
/* Chooses: `only` and `skip` are a scenario's name (or part of it), a tag, FILE or FILE:LINE. To be
   called once, after the last suite. Returns an entry of `only` that nothing fits, or NULL. */
const char *dd_plan_choose(struct dd_plan *plan, const char *const *only, size_t nonly,
        const char *const *skip, size_t nskip);
void dd_plan_fini(struct dd_plan *plan);

struct dd_plan_options {
	unsigned jobs;                  /* threads */
	const struct dd_tts *tts;       /* one for each thread */
	bool keep;                      /* the traces of scenarios that passed */
	const struct dd_faults *faults; /* in place of those of the files; NULL: those */
	bool fail_fast;                 /* what stands behind the first failure is skipped */
};
/* Runs everything. The results are the same for any number of threads. */
void dd_plan_run(
        struct dd_plan *plan, const struct dd_plan_options *options, struct dd_test_report *report);
/* Coverage by flow file, added up over all suites, into the report. */
void dd_plan_cover(
        const struct dd_plan *plan, struct dd_arena *arena, struct dd_test_report *report);
void dd_test_report_fini(struct dd_test_report *report);

#endif
