/* Hours as a wall clock shows them. */
#include "flow/windows.h"

#include <string.h>

#include "base/clock.h"

enum { DAY_MS = 24 * 3600 * 1000, WINDOWS_MAX = 32, PROBE_MS = 15 * 60 * 1000 };

static bool is_holiday(const struct dd_program *p, const struct dd_hours *h, int64_t day)
{
	for (uint32_t i = 0; i < h->nholidays; i++)
		if (p->holidays[h->first_holiday + i] == day)
			return true;
	return false;
}

/* A window that crosses midnight belongs to the day on which it begins. */
static bool begins_on(const struct dd_program *p, const struct dd_hours *h,
        const struct dd_period *d, int64_t day)
{
	return d->days >> dd_weekday(day) & 1 && !is_holiday(p, h, day);
}

bool dd_window_open(const struct dd_program *p, uint32_t step, int64_t unix_ms)
{
	const struct dd_hours *h = &p->steps[step].hours;
	int64_t wall = unix_ms + (int64_t)dd_zone_offset_s(h->zone, unix_ms) * 1000,
	        day = dd_floor_div(wall, DAY_MS), time = wall - day * DAY_MS;
	for (uint32_t i = 0; i < h->nperiods; i++) {
		const struct dd_period *d = &p->periods[h->first_period + i];
		if (d->from_ms < d->until_ms) {
			if (time >= d->from_ms && time < d->until_ms && begins_on(p, h, d, day))
				return true;
		} else if ((time >= d->from_ms && begins_on(p, h, d, day)) ||
		        (time < d->until_ms && begins_on(p, h, d, day - 1))) {
			return true;
		}
	}
	return false;
}

static bool same_hours(
        const struct dd_program *p, const struct dd_hours *a, const struct dd_hours *b)
{
	if (a->nperiods != b->nperiods || a->nholidays != b->nholidays ||
	        strcmp(dd_zone_name(a->zone), dd_zone_name(b->zone)) != 0)
		return false;
	for (uint32_t i = 0; i < a->nperiods; i++) {
		const struct dd_period *x = &p->periods[a->first_period + i],
		                       *y = &p->periods[b->first_period + i];
		if (x->days != y->days || x->from_ms != y->from_ms || x->until_ms != y->until_ms)
			return false;
	}
	for (uint32_t i = 0; i < a->nholidays; i++)
		if (p->holidays[a->first_holiday + i] != p->holidays[b->first_holiday + i])
			return false;
	return true;
}

uint32_t dd_window_of(const struct dd_program *p, uint32_t step)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < step; i++) {
		if (p->steps[i].applet != DD_HOURS)
			continue;
		bool first = true;
		for (uint32_t k = 0; k < i && first; k++)
			first = p->steps[k].applet != DD_HOURS ||
			        !same_hours(p, &p->steps[k].hours, &p->steps[i].hours);
		if (same_hours(p, &p->steps[i].hours, &p->steps[step].hours))
			break;
		n += first;
	}
	return n < WINDOWS_MAX ? n : WINDOWS_MAX - 1;
}

bool dd_window_moment(
        const struct dd_program *p, uint32_t known, uint32_t open, int64_t unix_ms, int64_t *moment)
{
	for (int64_t at = unix_ms; at < unix_ms + (int64_t)2 * 366 * DAY_MS; at += PROBE_MS) {
		bool fits = true;
		for (uint32_t i = 0; i < p->nsteps && fits; i++) {
			if (p->steps[i].applet != DD_HOURS)
				continue;
			uint32_t bit = UINT32_C(1) << dd_window_of(p, i);
			fits = !(known & bit) || dd_window_open(p, i, at) == !!(open & bit);
		}
		*moment = at;
		if (fits)
			return true;
	}
	return false;
}
