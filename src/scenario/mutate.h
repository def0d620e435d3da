/* How strong are the scenarios? A flow is changed in small ways, as a tired person might, one at a
   time; a change that no scenario fails on was not noticed. */
#ifndef DD_SCENARIO_MUTATE_H
#define DD_SCENARIO_MUTATE_H

#include "scenario/plan.h"

/* Changes every flow that the plan's files name, and fills mutants, noticed and survivors of the
   report. Scenarios that fail anyway are left aside. Texts live in `arena`. To be called after
   dd_plan_run(). */
void dd_mutate(struct dd_plan *plan, const struct dd_plan_options *options, struct dd_arena *arena,
        struct dd_test_report *report);

#endif
