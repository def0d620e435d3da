/* When calls may start. A calendar is an intersection of layers: what the law allows in the
   customer's zone, what the office wants in its own, how long the campaign lasts. Instants are
   milliseconds since 1970 UTC. */
#ifndef DD_CAMPAIGN_CALENDAR_H
#define DD_CAMPAIGN_CALENDAR_H

#include "base/clock.h"
#include "base/zone.h"

struct dd_calendar;

/* A set of weekdays; bit 0 is Monday. In a set 0 means every day. */
#define DD_DAY(weekday) ((uint8_t)(1u << (weekday)))
enum { DD_WORKING_DAYS = 0x1F, DD_ALL_DAYS = 0x7F };

/* From `start_ms` to `end_ms` of the day on the wall, on some weekdays. The end may be 24:00
   (86,400,000). An end before the start is an end on the next day; equal ones are refused unless
   `all_day` says that midnight to midnight is meant, whatever the two. The window is one stretch:
   from the first instant at which the wall shows its start to the first at which it shows its end.
   When clocks go forward over its start, it begins after the gap; when they go back, it never opens
   twice. */
struct dd_calendar_hours {
	uint8_t weekdays; /* on which it begins */
	bool all_day;
	int32_t start_ms, end_ms;
};

enum dd_repeat {
	DD_REPEAT_DAILY,  /* every `every` days, counted from the day `first` */
	DD_REPEAT_WEEKLY, /* on `weekdays`, in every `every`th week (Monday to Sunday), counted from
	                     that of `first` */
	DD_REPEAT_MONTHLY, /* on the day `month_day` of every `every`th month, counted from that of
	                      `first` */
};

/* The days on which windows begin. */
struct dd_calendar_repeat {
	enum dd_repeat kind;
	int every;        /* 1 to 366; 0 is 1 */
	uint8_t weekdays; /* weekly */
	int month_day;    /* monthly, 1 to 31. A month that has no such day has its turn on its last
	                     day … */
	bool skip_short;  /* … or none at all */
	struct dd_date first; /* nothing before it; year 0: no first day, counted from 1970-01-01
	                         (weeks: from 1969-12-29) */
	struct dd_date last;  /* nothing after it; year 0: for ever */
};

enum { DD_CALENDAR_HOURS_MAX = 16, DD_CALENDAR_HOLIDAYS_MAX = 4096, DD_CALENDAR_LAYERS_MAX = 16 };

/* Begin with DD_CALENDAR_LAYER, which allows everything. */
struct dd_calendar_layer {
	const struct dd_zone *zone; /* borrowed, must outlive the calendar; NULL: UTC */
	int64_t from, until; /* calls start in [from, until); INT64_MIN, INT64_MAX: open. An end
	                        before the start allows nothing */
	const struct dd_calendar_hours
	        *hours; /* allowed when one of them is; none: at all times of the day */
	size_t nhours;
	const struct dd_date *holidays; /* whole days on the wall: nothing begins on them, what
	                                   began the evening before ends at midnight */
	size_t nholidays;
	struct dd_calendar_repeat repeat;
};
#define DD_CALENDAR_LAYER ((struct dd_calendar_layer){.from = INT64_MIN, .until = INT64_MAX})

/* How far ahead an opening is looked for: ten years. */
#define DD_CALENDAR_HORIZON_MS (INT64_C(3653) * 86400000)

/* Allows everything until a layer is added. One thread at a time, since it remembers the last
 * stretch that it found. */
struct dd_calendar *dd_calendar_new(void);
void dd_calendar_free(struct dd_calendar *calendar); /* NULL is fine */

/* Adds a layer; what it points to, but the zone, is copied. DD_ERR_FORMAT for hours, dates and
   numbers out of range, DD_ERR_LIMIT past the limits above; the calendar is then as it was. */
enum dd_status dd_calendar_add(
        struct dd_calendar *calendar, const struct dd_calendar_layer *layer, struct dd_error *err);

/* The first instant at or after `unix_ms` at which calls may start. INT64_MAX: none within ten
   years. For instants that rise the answer costs a comparison or two, except once a stretch; one
   that jumps back over a "never" costs a look at ten years, half a millisecond. */
int64_t dd_calendar_next(struct dd_calendar *calendar, int64_t unix_ms);

/* The end of the open stretch in which `unix_ms` lies: the first instant at which calls may not
   start; INT64_MAX when it has no end. An end more than five years on may come out too early, never
   too late. `unix_ms` itself where nothing is open. */
int64_t dd_calendar_until(struct dd_calendar *calendar, int64_t unix_ms);

/* Open time in [from, to). */
int64_t dd_calendar_open_ms(struct dd_calendar *calendar, int64_t from, int64_t to);

#endif
