/* Durations and dates as people write them. Nothing here reads a clock. */
#ifndef DD_BASE_CLOCK_H
#define DD_BASE_CLOCK_H

#include <drydial/base.h>

/* Indian Standard Time is the platform's clock. */
#define DD_IST_OFFSET_S (5 * 3600 + 1800)

/* "800ms", "5s", "2m", "1h30m", "1.5s"; a bare number is seconds. False for anything else, and past 1,000 hours. */
bool dd_duration_parse(struct dd_str text, dd_ms *out);

/* RFC 3339 ("2025-01-20T10:00:00+05:30", "…Z"; a space for the T; no zone: IST) to milliseconds since 1970 UTC. */
bool dd_time_parse(struct dd_str text, int64_t *unix_ms);

/* "2025-01-20 10:00:00" in IST. */
void dd_time_ist(int64_t unix_ms, char out[20]);
/* "2025-01-20T10:00:00+05:30". */
void dd_time_rfc3339(int64_t unix_ms, char out[26]);

/* "0:14.2", "1:02:03.4": for people. */
void dd_offset_text(dd_ms at, char out[24]);

#endif
