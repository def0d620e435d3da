/* One layer of a calendar, looked at day by day, for it is days that it speaks of. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "campaign/calendaring.h"

enum { DAY_MS = 86400000 };

/* -- days ------------------------------------------------------------------- */

static bool has(uint8_t weekdays, int64_t day)
{
	return weekdays == 0 || (weekdays >> dd_weekday(day) & 1);
}

static bool is_month_day(const struct dd_calendar_repeat *r, int64_t day, int64_t first)
{
	struct dd_date d = dd_date_of(day), from = dd_date_of(first);
	int length = dd_month_days(d.year, d.month);
	int wanted = r->month_day > length && !r->skip_short ? length : r->month_day;
	return d.day == wanted &&
	        ((d.year - from.year) * 12 + d.month - from.month) % r->every == 0;
}

static bool is_turn(const struct layer *l, int64_t day)
{
	const struct dd_calendar_repeat *r = &l->repeat;
	int64_t first = l->first == INT64_MIN ? 0 : l->first;
	if (day < l->first || day > l->last)
		return false;
	if (r->kind == DD_REPEAT_DAILY)
		return (day - first) % r->every == 0;
	if (r->kind == DD_REPEAT_WEEKLY)
		return has(r->weekdays, day) &&
		        (dd_floor_div(day + 3, 7) - dd_floor_div(first + 3, 7)) % r->every == 0;
	return is_month_day(r, day, first);
}

static bool is_holiday(const struct layer *l, int64_t day)
{
	size_t low = 0, high = l->nholidays;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (l->holidays[middle] < day)
			low = middle + 1;
		else
			high = middle;
	}
	return low < l->nholidays && l->holidays[low] == day;
}

/* The window `i` of the day; false when it has none, or a gap has swallowed it. */
static bool window(const struct layer *l, int64_t day, size_t i, struct stretch *out)
{
	const struct dd_calendar_hours *h = &l->hours[i];
	int32_t end = h->end_ms < h->start_ms ? h->end_ms + DAY_MS : h->end_ms;
	if (!has(h->weekdays, day))
		return false;
	if (end > DAY_MS && is_holiday(l, day + 1))
		end = DAY_MS;
	out->from = dd_zone_instant_of(l->zone, day, h->start_ms);
	out->until = dd_zone_instant_of(l->zone, day, end);
	return out->until > out->from;
}

/* -- a layer ---------------------------------------------------------------- */

/* The end of what windows open from `end` on without a break: those of the day, which may be joined
   by those of the next (or of the one after it: a zone that changes sides of the date line skips a
   whole day). */
static int64_t grown(const struct layer *l, int64_t day, int64_t end, int64_t horizon)
{
	struct stretch w;
	for (int64_t d = day; d <= day + 2 && end < horizon; d++) {
		bool grew = false;
		if (!is_turn(l, d) || is_holiday(l, d))
			continue;
		for (size_t i = 0; i < l->nhours; i++) {
			if (window(l, d, i, &w) && w.from <= end && w.until > end) {
				end = w.until;
				grew = true;
			}
		}
		if (grew) {
			day = d;
			d -= 1; /* an earlier window of the same day may fit now, and the next day
			           comes into reach */
		}
	}
	return end;
}

/* The windows of `day` that last beyond t: the earliest of them, from t on. */
static bool opening(const struct layer *l, int64_t day, int64_t t, struct stretch *out)
{
	struct stretch w;
	bool found = false;
	if (!is_turn(l, day) || is_holiday(l, day))
		return false;
	for (size_t i = 0; i < l->nhours; i++) {
		if (!window(l, day, i, &w) || w.until <= t || (found && w.from >= out->from))
			continue;
		*out = w;
		found = true;
	}
	if (found && out->from < t)
		out->from = t;
	return found;
}

/* By days alone, without the span. */
static struct stretch open_days(const struct layer *l, int64_t t, int64_t horizon)
{
	struct stretch s;
	/* the day before may reach past midnight */
	int64_t day = dd_floor_div(t + dd_zone_offset_s(l->zone, t) * INT64_C(1000), DAY_MS) - 1;
	int64_t last = dd_floor_div(horizon, DAY_MS) + 2;
	if (day < l->first)
		day = l->first;
	if (last > l->last)
		last = l->last;
	while (day <= last && !opening(l, day, t, &s))
		day++;
	if (day > last || s.from > horizon)
		return CALENDAR_NONE;
	s.until = grown(l, day, s.until, horizon);
	return s;
}

struct stretch layer_open(struct layer *l, int64_t t, int64_t horizon)
{
	struct stretch s = {t, INT64_MAX};
	if (t < l->from)
		s.from = t = l->from;
	if (t >= l->until || t > horizon)
		return CALENDAR_NONE;
	if (!l->always) {
		/* A stretch of years is not walked again at each leap of another layer, only when
		 * one may look farther. */
		bool cut = l->seen.until >= l->seen_horizon && horizon > l->seen_horizon;
		if (cut || t < l->seen.from || t >= l->seen.until) {
			l->seen = open_days(l, t, horizon);
			l->seen_horizon = horizon;
		}
		s = l->seen;
		if (s.from < t)
			s.from = t;
	}
	if (s.from >= l->until)
		return CALENDAR_NONE;
	if (s.until > l->until)
		s.until = l->until;
	return s;
}

/* -- layers ----------------------------------------------------------------- */

static const char *hours_fault(const struct dd_calendar_hours *h)
{
	if (h->weekdays > DD_ALL_DAYS)
		return "a week has seven days";
	if (h->all_day)
		return NULL;
	if (h->start_ms < 0 || h->start_ms >= DAY_MS || h->end_ms < 0 || h->end_ms > DAY_MS)
		return "hours are from 00:00 to 24:00";
	return h->start_ms == h->end_ms ? "hours that end as they begin hold no time" : NULL;
}

static const char *repeat_fault(const struct dd_calendar_repeat *r)
{
	if (r->every < 0 || r->every > 366)
		return "calls repeat every 1 to 366 days, weeks or months";
	if (r->weekdays > DD_ALL_DAYS)
		return "a week has seven days";
	if (r->kind == DD_REPEAT_MONTHLY && (r->month_day < 1 || r->month_day > 31))
		return "the day of the month is 1 to 31";
	if ((r->first.year && !dd_date_valid(r->first)) ||
	        (r->last.year && !dd_date_valid(r->last)))
		return "there is no such date";
	return NULL;
}

static const char *layer_fault(const struct dd_calendar_layer *l)
{
	const char *fault = repeat_fault(&l->repeat);
	for (size_t i = 0; !fault && i < l->nhours; i++)
		fault = hours_fault(&l->hours[i]);
	for (size_t i = 0; !fault && i < l->nholidays; i++)
		if (!dd_date_valid(l->holidays[i]))
			fault = "there is no such date";
	return fault;
}

static int by_day(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
	return a < b ? -1 : a > b;
}

static void keep_hours(struct layer *l, const struct dd_calendar_layer *given)
{
	l->nhours = given->nhours ? given->nhours : 1;
	l->hours = dd_alloc(l->nhours * sizeof *l->hours);
	l->hours[0] = (struct dd_calendar_hours){.all_day = true};
	for (size_t i = 0; i < l->nhours; i++) {
		if (i < given->nhours)
			l->hours[i] = given->hours[i];
		if (l->hours[i].all_day)
			l->hours[i].start_ms = 0, l->hours[i].end_ms = DAY_MS;
	}
}

static void keep_holidays(struct layer *l, const struct dd_calendar_layer *given)
{
	l->nholidays = given->nholidays;
	l->holidays = dd_alloc((l->nholidays + 1) * sizeof *l->holidays);
	for (size_t i = 0; i < l->nholidays; i++)
		l->holidays[i] = dd_days_of(given->holidays[i]);
	qsort(l->holidays, l->nholidays, sizeof *l->holidays, by_day);
}

static bool never_shut(const struct layer *l)
{
	const struct dd_calendar_repeat *r = &l->repeat;
	const struct dd_calendar_hours *h = l->hours;
	bool each_day = r->every == 1 && l->first == INT64_MIN && l->last == INT64_MAX &&
	        (r->kind == DD_REPEAT_DAILY ||
	                (r->kind == DD_REPEAT_WEEKLY &&
	                        (r->weekdays == 0 || r->weekdays == DD_ALL_DAYS)));
	return each_day && l->nholidays == 0 && l->nhours == 1 && h->start_ms == 0 &&
	        h->end_ms == DAY_MS && (h->weekdays == 0 || h->weekdays == DD_ALL_DAYS);
}

const char *layer_init(struct layer *l, const struct dd_calendar_layer *given)
{
	const char *fault = layer_fault(given);
	if (fault)
		return fault;
	const struct dd_calendar_repeat *r = &given->repeat;
	*l = (struct layer){.zone = given->zone,
	        .from = given->from,
	        .until = given->until,
	        .repeat = *r,
	        .seen = CALENDAR_NONE};
	if (!given->zone) {
		(void)dd_zone_open("UTC", &l->utc, NULL);
		l->zone = l->utc;
	}
	l->repeat.every = r->every ? r->every : 1;
	l->first = r->first.year ? dd_days_of(r->first) : INT64_MIN;
	l->last = r->last.year ? dd_days_of(r->last) : INT64_MAX;
	keep_hours(l, given);
	keep_holidays(l, given);
	l->always = never_shut(l);
	return NULL;
}

void layer_fini(struct layer *l)
{
	free(l->hours);
	free(l->holidays);
	dd_zone_free(l->utc);
}
