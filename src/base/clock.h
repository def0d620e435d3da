/* Durations and dates as people write them. Nothing here reads a clock. */
#ifndef DD_BASE_CLOCK_H
#define DD_BASE_CLOCK_H

#include <drydial/base.h>

/* Indian Standard Time is the platform's clock. */
#define DD_IST_OFFSET_S (5 * 3600 + 1800)

/* "800ms", "5s", "2m", "1h30m", "1.5s"; a bare number is seconds. False for anything else, and past
 * 1,000 hours. */
bool dd_duration_parse(struct dd_str text, dd_ms *out);

/* RFC 3339 ("2025-01-20T10:00:00+05:30", "…Z"; a space for the T; no zone: IST) to milliseconds
 * since 1970 UTC. */
bool dd_time_parse(struct dd_str text, int64_t *unix_ms);

/* The "+05:30" or "Z" at its end, alone; at most 14 hours and 59 minutes either way. */
bool dd_utc_offset_parse(struct dd_str text, int32_t *offset_s);

/* A day of the civil calendar (Gregorian, also before there was one): month 1 to 12, day from 1. */
struct dd_date {
	int year, month, day;
};
bool dd_date_valid(struct dd_date date); /* the years 1 to 9999 */
int dd_month_days(int year, int month);  /* 28 to 31 */
int64_t dd_days_of(struct dd_date date); /* days since 1970-01-01 */
struct dd_date dd_date_of(int64_t days);
int dd_weekday(int64_t days); /* 0 is Monday, 6 Sunday */

/* "2025-01-20 10:00:00" in IST. */
void dd_time_ist(int64_t unix_ms, char out[20]);
/* "2025-01-20T10:00:00+05:30". */
void dd_time_rfc3339(int64_t unix_ms, char out[26]);

/* "0:14.2", "1:02:03.4": for people. */
void dd_offset_text(dd_ms at, char out[24]);

/* Rounds down, also below zero: what day or hour an instant lies in. `b` is positive. */
static inline int64_t dd_floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

#endif
