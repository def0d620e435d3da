/* Hours as a wall clock shows them. */
#include "flow/windows.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

enum { DAY_MS = 24 * 3600 * 1000, WINDOWS_MAX = 32, DAYS_MAX = 2 * 366 };

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

/* -- moments ---------------------------------------------------------------- */

/* The steps that stand for the windows, in the order of dd_window_of(). */
struct windows {
	uint32_t steps[WINDOWS_MAX];
	uint32_t n;
	bool more; /* the last one stands for several */
};

static struct windows windows_of(const struct dd_program *p)
{
	struct windows w = {.n = 0};
	for (uint32_t i = 0; i < p->nsteps; i++) {
		if (p->steps[i].applet != DD_HOURS)
			continue;
		bool known = false;
		for (uint32_t k = 0; k < w.n && !known; k++)
			known = same_hours(p, &p->steps[w.steps[k]].hours, &p->steps[i].hours);
		w.more |= !known && w.n == WINDOWS_MAX;
		if (!known && w.n < WINDOWS_MAX)
			w.steps[w.n++] = i;
	}
	return w;
}

/* Which are open, a bit a window. */
static uint32_t mask_at(const struct dd_program *p, const struct windows *w, int64_t at)
{
	uint32_t mask = 0;
	for (uint32_t k = 0; k < w->n; k++)
		mask |= dd_window_open(p, w->steps[k], at) ? UINT32_C(1) << k : 0;
	return mask;
}

typedef bool on_moment(void *self, int64_t at, uint32_t mask);

/* The moments of a day at which a window opens or closes, or a day with other rules begins: between
   two of them nothing changes. True: `found` has what it looked for. */
static bool each_of_day(const struct dd_program *p, const struct windows *w, int64_t day,
        int64_t from, on_moment *found, void *self)
{
	for (uint32_t k = 0; k < w->n; k++) {
		const struct dd_hours *h = &p->steps[w->steps[k]].hours;
		for (uint32_t i = 0; i < 2 * h->nperiods + 1; i++) {
			const struct dd_period *d = &p->periods[h->first_period + i / 2];
			int64_t time = i == 2 * h->nperiods ? 0
			        : i % 2                     ? d->until_ms
			                                    : d->from_ms,
			        wall = day * DAY_MS + time,
			        near = wall - (int64_t)dd_zone_offset_s(h->zone, wall) * 1000,
			        at = wall - (int64_t)dd_zone_offset_s(h->zone, near) * 1000;
			if (at > from && found(self, at, mask_at(p, w, at)))
				return true;
		}
	}
	return false;
}

/* `from`, then two years day by day, and all holidays that are later. */
static void each_moment(const struct dd_program *p, const struct windows *w, int64_t from,
        on_moment *found, void *self)
{
	int64_t first = dd_floor_div(from, DAY_MS) - 1, last = first + DAYS_MAX;
	bool done = found(self, from, mask_at(p, w, from));
	for (int64_t day = first; day <= last && !done; day++)
		done = each_of_day(p, w, day, from, found, self);
	for (uint32_t k = 0; k < w->n; k++) {
		const struct dd_hours *h = &p->steps[w->steps[k]].hours;
		for (uint32_t i = 0; i < h->nholidays && !done; i++) {
			int64_t day = p->holidays[h->first_holiday + i];
			done = day > last &&
			        (each_of_day(p, w, day, from, found, self) ||
			                each_of_day(p, w, day + 1, from, found, self));
		}
	}
}

struct wanted {
	uint32_t known, open;
	int64_t at;
	bool found;
};

static bool is_wanted(void *self, int64_t at, uint32_t mask)
{
	struct wanted *w = self;
	w->at = at;
	return w->found = (mask & w->known) == (w->open & w->known);
}

bool dd_window_moment(
        const struct dd_program *p, uint32_t known, uint32_t open, int64_t unix_ms, int64_t *moment)
{
	struct windows w = windows_of(p);
	struct wanted wanted = {.known = known, .open = open};
	each_moment(p, &w, unix_ms, is_wanted, &wanted);
	*moment = wanted.at;
	return wanted.found;
}

static bool is_new(void *self, int64_t at, uint32_t mask)
{
	struct dd_window_masks *m = self;
	(void)at;
	for (size_t i = 0; i < m->n; i++)
		if (m->list[i] == mask)
			return false;
	DD_PUSH(m->list, m->n, m->cap) = mask;
	return false;
}

struct dd_window_masks dd_window_masks_of(const struct dd_program *p, int64_t unix_ms)
{
	struct windows w = windows_of(p);
	struct dd_window_masks m = {.unknown = w.more ? UINT32_C(1) << (WINDOWS_MAX - 1) : 0};
	if (w.n)
		each_moment(p, &w, unix_ms, is_new, &m);
	return m;
}

bool dd_window_masks_have(const struct dd_window_masks *m, uint32_t known, uint32_t open)
{
	known &= ~m->unknown;
	for (size_t i = 0; i < m->n; i++)
		if ((m->list[i] & known) == (open & known))
			return true;
	return false;
}
