/* What the files of zones share, and nobody else. */
#ifndef DD_BASE_ZONING_H
#define DD_BASE_ZONING_H

#include "base/zone.h"

/* From `at` (seconds since 1970 UTC) on, the wall is `offset` seconds ahead of UTC. */
struct zone_turn {
	int64_t at;
	int32_t offset;
};

struct dd_zone {
	char *name;
	struct zone_turn
	        *turns; /* rising; the first is at INT64_MIN, so that each instant has one */
	size_t n, cap;
	/* A rule without end repeats with the calendar, every 400 years: instants from `repeats` on
	   are looked up whole cycles earlier. INT64_MAX where there is no rule. */
	int64_t repeats;
};

#define DD_ZONE_CYCLE_S (INT64_C(146097) * 86400)
/* What RFC 8536 (3.2, utoff) allows: beyond a day either way is nonsense. */
enum { DD_ZONE_EAST_MAX_S = 93599, DD_ZONE_WEST_MAX_S = 89999 };

/* Turns by the rule of a POSIX TZ text (the footer of a zone file) after the last turn. False when
 * it is not one. */
bool zone_rule(struct dd_zone *zone, struct dd_str text);

#endif
