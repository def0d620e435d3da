/* What an applet by URL does: what was answered, and where the answer leaves something out what the
   flow says. */
#ifndef DD_CALL_BY_URL_H
#define DD_CALL_BY_URL_H

#include "call/fill.h"
#include "flow/program.h"

/* How a menu collects a number. */
struct dd_collect {
	uint8_t min, max;
	char finish; /* 0: none */
	dd_ms timeout;
	uint32_t retries;
};
/* Of a menu of the flow alone this is what the flow says. `values` are those of a call, or of an
   answer. */
void dd_collect_of(const struct dd_ivr *ivr, struct dd_values values, struct dd_collect *out);
/* The same of a call that is in menu `step`. */
void dd_call_collect(const struct dd_call *call, uint32_t step, struct dd_collect *out);

/* A whole number from `low` to `high`, as digits alone; false for everything else. */
bool dd_whole_number(struct dd_str text, long low, long high, long *out);

#endif
