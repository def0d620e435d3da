/* Time zones: what a clock on the wall shows at an instant, and which instant a clock on the wall
   means. Instants are milliseconds since 1970 UTC (unix_ms). A zone is read from the system's zone
   files (TZif, RFC 8536) and never changes afterwards, so that threads may share it; the process's
   own time zone (TZ) plays no part. */
#ifndef DD_BASE_ZONE_H
#define DD_BASE_ZONE_H

#include <drydial/base.h>

struct dd_zone;

/* A time on a clock on the wall. */
struct dd_civil {
	int year, month, day; /* month 1 to 12, day from 1 */
	int hour, minute, second, ms;
	int weekday; /* 0 is Monday, 6 Sunday; answered, never asked for */
};

/* The zone called `name`: "Europe/London" (letters, digits, _ + - /) from the folder
   $DRYDIAL_ZONEINFO or else /usr/share/zoneinfo; "UTC", "GMT", "Z", "IST" and "Asia/Kolkata" (both
   +05:30, at all times) and offsets such as "+05:30" need no file. DD_ERR_FORMAT for a name that
   cannot be one and a file that is broken, DD_ERR_READ for a zone that is not there: the sentence
   names one that was probably meant. The caller frees. */
enum dd_status dd_zone_open(const char *name, struct dd_zone **out, struct dd_error *err);
/* The same from the bytes of a zone file. */
enum dd_status dd_zone_of_file(
        const char *name, struct dd_str bytes, struct dd_zone **out, struct dd_error *err);
void dd_zone_free(struct dd_zone *zone); /* NULL is fine */

/* As it was asked for. */
const char *dd_zone_name(const struct dd_zone *zone);

/* Seconds that the wall is ahead of UTC (east is positive). After the last change of the file its
   rule holds for ever; before the first one, the file's first offset. */
int32_t dd_zone_offset_s(const struct dd_zone *zone, int64_t unix_ms);
/* The same, with the stretch [*from, *until) around unix_ms in which it does not change (at the
 * ends INT64_MIN, INT64_MAX). */
int32_t dd_zone_steady(const struct dd_zone *zone, int64_t unix_ms, int64_t *from, int64_t *until);

struct dd_civil dd_zone_civil(const struct dd_zone *zone, int64_t unix_ms);

/* The instant at which the wall shows `civil`. Times that the wall skips (a gap) mean the first
   instant after the gap; times that it shows twice (an overlap) mean the first of the two. The
   month is 1 to 12 and the year within a million; other fields may run over: 24:00 is the next
   midnight, day 32 the month after. */
int64_t dd_zone_instant(const struct dd_zone *zone, struct dd_civil civil);
/* The same for the time `ms` (may be over a day) of the day that is `days` after 1970-01-01 (within
 * a billion). */
int64_t dd_zone_instant_of(const struct dd_zone *zone, int64_t days, int64_t ms);

#endif
