/* What the files of the calendar share, and nobody else. */
#ifndef DD_CAMPAIGN_CALENDARING_H
#define DD_CAMPAIGN_CALENDARING_H

#include "campaign/calendar.h"

/* [from, until) */
struct stretch {
	int64_t from, until;
};
#define CALENDAR_NONE ((struct stretch){INT64_MAX, INT64_MAX})

struct layer {
	const struct dd_zone *zone;
	struct dd_zone *utc; /* owned; where no zone was given */
	int64_t from, until;
	struct dd_calendar_hours *hours;
	size_t nhours;
	int64_t *holidays; /* days since 1970, rising */
	size_t nholidays;
	struct dd_calendar_repeat repeat;
	int64_t first, last; /* its days since 1970 */
	bool always;         /* no hour of no day is shut */
	struct stretch seen; /* what was found last, looking as far as … */
	int64_t seen_horizon;
};

/* A copy of what was given; what is wrong with it, or NULL. */
const char *layer_init(struct layer *l, const struct dd_calendar_layer *given);
void layer_fini(struct layer *l);

/* The first stretch at or after t in which the layer is open, cut at t; CALENDAR_NONE when it
   begins after `horizon`. An end after `horizon` may be too early. */
struct stretch layer_open(struct layer *l, int64_t t, int64_t horizon);

#endif
