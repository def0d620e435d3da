/* The platform's retries: busy and no-answer as the campaign says, failed once; waits that stay,
 * grow, or go by the time of day. */
#include "campaign/retry.h"
#include "base/clock.h"

enum { DAY_MS = 86400000 };

bool dd_retry_again(const struct dd_campaign *c, int attempts, unsigned how, bool failed_before)
{
	return how && attempts < c->max_attempts && (c->retry_on & how) &&
	        !(how == DD_RETRY_FAILED && failed_before);
}

static int64_t next_time_of_day(const struct dd_campaign *c, int64_t at)
{
	const struct dd_zone *zone = c->zone;
	int64_t local = at + (zone ? dd_zone_offset_s(zone, at) * INT64_C(1000) : 0),
	        day = dd_floor_div(local, DAY_MS);
	for (int ahead = 0; ahead < 2; ahead++)
		for (size_t i = 0; i < c->ntimes; i++) {
			int64_t then = zone ? dd_zone_instant_of(zone, day + ahead, c->times_ms[i])
			                    : (day + ahead) * DAY_MS + c->times_ms[i];
			if (then > at)
				return then;
		}
	return at + DAY_MS;
}

int64_t dd_retry_due(const struct dd_campaign *c, int attempts, int64_t at)
{
	int n = attempts > 0 ? attempts - 1 : 0;
	if (c->mechanism == DD_WAIT_TIMES && c->ntimes)
		return next_time_of_day(c, at);
	if (c->mechanism == DD_WAIT_LINEAR)
		return at + c->interval * (n + 1);
	return at +
	        (c->mechanism == DD_WAIT_EXPONENTIAL ? c->interval << (n < 20 ? n : 20)
	                                             : c->interval);
}
