/* The agents of a campaign: so many calls at once are joined to one, the others wait in the order
   in which they came. A value without chance and without a clock: whoever drives it says what time
   it is, and how long each talk takes. */
#ifndef DD_CAMPAIGN_DESK_H
#define DD_CAMPAIGN_DESK_H

#include "base/heap.h"

struct dd_desk;
struct dd_desk *dd_desk_new(uint32_t agents);
void dd_desk_free(struct dd_desk *desk); /* NULL is fine */

/* Call `who` (a small number, of one call at a time) wants an agent from `at` on. */
void dd_desk_ask(struct dd_desk *desk, uint32_t who, int64_t at);
/* When something happens; INT64_MAX: nothing by itself. */
int64_t dd_desk_next(const struct dd_desk *desk);

enum dd_desk_what {
	DD_DESK_NOTHING,
	DD_DESK_JOIN,    /* an agent takes the call: say until when with dd_desk_busy() */
	DD_DESK_WAIT,    /* none is free: say until when the call waits with dd_desk_waits() */
	DD_DESK_GIVE_UP, /* none came in time */
};
struct dd_desk_step {
	enum dd_desk_what what;
	uint32_t who;
	int64_t asked; /* when it began to want one */
};
/* The next thing that happens until `now`; asked until it is NOTHING. At one moment agents become
   free first, then those who wait are joined, then others ask, and at last those who had enough
   give up. */
struct dd_desk_step dd_desk_step(struct dd_desk *desk, int64_t now);
void dd_desk_busy(struct dd_desk *desk, int64_t until);
void dd_desk_waits(struct dd_desk *desk, uint32_t who, int64_t until);

#endif
