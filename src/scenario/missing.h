/* Scenarios that write themselves: for every exit that no call has taken, the shortest call that
 * takes it, with the words that are heard. */
#ifndef DD_SCENARIO_MISSING_H
#define DD_SCENARIO_MISSING_H

#include "explore/cover.h"
#include "session/session.h"

struct dd_missing {
	struct dd_buf yaml;   /* "scenarios:" and what follows */
	unsigned written;     /* scenarios */
	unsigned unreachable; /* exits and steps that no call takes */
};

/* `counts` says what is covered already, and gets what the new scenarios cover. */
void dd_missing_write(const struct dd_program *program, struct dd_tts tts, struct dd_counts *counts,
        struct dd_missing *out);
/* A stub as scenarios write it; of a connect its outcome. */
void dd_scenario_stub(struct dd_buf *out, const struct dd_stub *stub, bool connects);
void dd_missing_fini(struct dd_missing *missing);

#endif
