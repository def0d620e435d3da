/* What walks over all calls want of one beside <drydial/call.h>. */
#ifndef DD_CALL_WALKS_H
#define DD_CALL_WALKS_H

#include <drydial/call.h>

/* A number for the place of a call inside its flow (step, tries left, digits taken), whatever its
 * values and its time. */
uint64_t dd_call_place(const struct dd_call *call);

/* The call has no value in `slot` any more. */
void dd_call_forget(struct dd_call *call, uint32_t slot);

/* From now on hours are asked for once for each window of the program (DD_EV_HOURS): for walks. */
void dd_call_ask_hours(struct dd_call *call);
/* What was said to DD_EV_HOURS so far: a bit a window. */
void dd_call_hours(const struct dd_call *call, uint32_t *known, uint32_t *open);
/* Whether the call waits for DD_EV_HOURS. */
bool dd_call_asks_hours(const struct dd_call *call);
/* Bytes of the call that count: what dd_call_copy() copies. */
size_t dd_call_used(const struct dd_call *call);
/* Gives a slot a value from outside: for walks, which tell apart only values that matter. */
void dd_call_give(struct dd_call *call, uint32_t slot, struct dd_str value);

#endif
