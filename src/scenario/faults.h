/* Each scenario of an application once with each fault: who is left in silence? */
#ifndef DD_SCENARIO_FAULTS_H
#define DD_SCENARIO_FAULTS_H

#include "scenario/plan.h"

/* Silence from this on is told as such. */
enum { DD_SILENCE_MS = 5000 };

/* What one fault did to one scenario. */
struct dd_faulted {
	size_t result; /* of the report: the same without it */
	enum dd_fault fault;
	unsigned nth, of; /* request, key or recording that it struck, of how many */
	dd_ms silence;    /* the longest while in which nothing was heard and a server was asked */
	bool error;       /* "an application error has occurred" was heard */
	bool wordless;    /* no word more came, though without the fault there was one */
	bool gone;        /* the customer has hung up */
	bool passed;      /* and all that the scenario expects was so */
};
/* Whether it leaves the customer in silence. */
bool dd_faulted_silent(const struct dd_faulted *f);

/* Runs all that passed and was kept in `report`, once more for each fault. What it strikes is drawn
   by `seed` among what the scenario came to without it. `*n` results, from malloc. */
struct dd_faulted *dd_plan_faults(const struct dd_plan *plan, const struct dd_test_report *report,
        struct dd_tts tts, uint64_t seed, size_t *n);
/* A table of them, and a sentence. */
void dd_faulted_table(const struct dd_test_report *report, const struct dd_faulted *list, size_t n,
        struct dd_buf *out);

#endif
