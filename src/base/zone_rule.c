/* The rule at the end of a zone file, such as EST5EDT,M3.2.0,M11.1.0: POSIX.1 (8.3, TZ) with the
   wider hours of RFC 8536 (3.3.1). It is written out as turns over one cycle of the calendar;
   nothing is left to do at look-up. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/zoning.h"

enum { DAY_S = 86400 };

struct scan {
	const char *p, *end;
};

/* A day of each year and the time of that day at which the wall changes. */
struct change {
	enum { WITHOUT_LEAP_DAY, WITH_LEAP_DAY, WEEKDAY } kind;
	int day; /* 1 to 365 without 29 February, 0 to 365 with it; 0 (Sunday) to 6 */
	int month, week;
	int32_t time_s;
};

struct rule {
	int32_t standard, summer;
	bool has_summer;
	struct change start, end;
};

static bool next_is(struct scan *s, char c)
{
	if (s->p == s->end || *s->p != c)
		return false;
	s->p++;
	return true;
}

static bool number(struct scan *s, int low, int high, int *out)
{
	int value = 0, digits = 0;
	for (; s->p < s->end && *s->p >= '0' && *s->p <= '9' && digits < 4; s->p++, digits++)
		value = value * 10 + (*s->p - '0');
	*out = value;
	return digits > 0 && value >= low && value <= high;
}

static bool is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* EST, or <+0330>: what the time is called does not matter here. */
static bool name(struct scan *s)
{
	const char *from = s->p;
	bool quoted = next_is(s, '<');
	while (s->p < s->end &&
	        (is_letter(*s->p) ||
	                (quoted &&
	                        ((*s->p >= '0' && *s->p <= '9') || *s->p == '+' || *s->p == '-'))))
		s->p++;
	return s->p - from >= 3 && (!quoted || next_is(s, '>'));
}

/* [+-]h[h[h]][:mm[:ss]] in seconds. */
static bool time_of(struct scan *s, int hours_max, int32_t *out)
{
	bool minus = next_is(s, '-');
	int h = 0, m = 0, sec = 0;
	if (!minus)
		(void)next_is(s, '+');
	if (!number(s, 0, hours_max, &h) ||
	        (next_is(s, ':') &&
	                (!number(s, 0, 59, &m) || (next_is(s, ':') && !number(s, 0, 59, &sec)))))
		return false;
	*out = (minus ? -1 : 1) * (h * 3600 + m * 60 + sec);
	return true;
}

static bool change(struct scan *s, struct change *c)
{
	*c = (struct change){.kind = WITH_LEAP_DAY, .time_s = 2 * 3600};
	bool fits;
	if (next_is(s, 'M')) {
		c->kind = WEEKDAY;
		fits = number(s, 1, 12, &c->month) && next_is(s, '.') &&
		        number(s, 1, 5, &c->week) && next_is(s, '.') && number(s, 0, 6, &c->day);
	} else if (next_is(s, 'J')) {
		c->kind = WITHOUT_LEAP_DAY;
		fits = number(s, 1, 365, &c->day);
	} else {
		fits = number(s, 0, 365, &c->day);
	}
	return fits && (!next_is(s, '/') || time_of(s, 167, &c->time_s));
}

/* POSIX counts west as positive. */
static bool offset(struct scan *s, int32_t *out)
{
	if (!time_of(s, 24, out))
		return false;
	*out = -*out;
	return true;
}

static bool parse(struct dd_str text, struct rule *r)
{
	struct scan s = {text.p, text.p + text.n};
	*r = (struct rule){0};
	if (!name(&s) || !offset(&s, &r->standard))
		return false;
	if (s.p == s.end)
		return true;
	r->has_summer = true;
	r->summer = r->standard + 3600;
	if (!name(&s) || (s.p < s.end && *s.p != ',' && !offset(&s, &r->summer)))
		return false;
	return next_is(&s, ',') && change(&s, &r->start) && next_is(&s, ',') &&
	        change(&s, &r->end) && s.p == s.end;
}

/* Seconds since 1970 on a wall that is never changed. */
static int64_t wall(const struct change *c, int year)
{
	int64_t new_year = dd_days_of((struct dd_date){year, 1, 1}), day;
	if (c->kind == WEEKDAY) {
		int64_t first = dd_days_of((struct dd_date){year, c->month, 1});
		int sunday_first = (dd_weekday(first) + 1) % 7,
		    in_month = (c->day - sunday_first + 7) % 7 + 7 * (c->week - 1);
		if (in_month >= dd_month_days(year, c->month))
			in_month -= 7;
		day = first + in_month;
	} else if (c->kind == WITHOUT_LEAP_DAY) {
		day = new_year + c->day - 1 + (c->day >= 60 && dd_month_days(year, 2) == 29);
	} else {
		day = new_year + c->day;
	}
	return day * DAY_S + c->time_s;
}

static int by_instant(const void *left, const void *right)
{
	const struct zone_turn *a = left, *b = right;
	return a->at < b->at ? -1 : a->at > b->at;
}

/* A turn that comes with or before the last one takes its place: a summer that lasts all year
 * begins as the last one ends. */
static void turn(struct dd_zone *zone, struct zone_turn t)
{
	while (zone->n > 1 && zone->turns[zone->n - 1].at >= t.at)
		zone->n--;
	if (zone->turns[zone->n - 1].offset != t.offset)
		DD_PUSH(zone->turns, zone->n, zone->cap) = t;
}

/* Two turns a year: the end of summer, then its beginning. A summer that ends as the next one
   begins lasts all year; one that ends as it begins is none. */
static void write_out(struct dd_zone *zone, const struct rule *r, int first_year, int64_t after)
{
	enum { YEARS = 404 };
	struct zone_turn *turns = dd_alloc(2 * YEARS * sizeof *turns);
	for (int i = 0; i < YEARS; i++) {
		turns[2 * i] =
		        (struct zone_turn){wall(&r->end, first_year + i) - r->summer, r->standard};
		turns[2 * i + 1] = (struct zone_turn){
		        wall(&r->start, first_year + i) - r->standard, r->summer};
	}
	for (int i = 0; i < YEARS; i++) {
		if (turns[2 * i].at == turns[2 * i + 1].at)
			turns[2 * i + 1].offset = r->standard;
		if (i + 1 < YEARS && turns[2 * i].at == turns[2 * i + 3].at)
			turns[2 * i].offset = r->summer;
	}
	qsort(turns, 2 * YEARS, sizeof *turns, by_instant);
	for (int i = 0; i < 2 * YEARS; i++)
		if (turns[i].at > after)
			turn(zone, turns[i]);
	dd_free(turns);
}

bool zone_rule(struct dd_zone *zone, struct dd_str text)
{
	struct rule r;
	if (!parse(text, &r))
		return false;
	const struct zone_turn *last = &zone->turns[zone->n - 1];
	if (!r.has_summer) {
		/* RFC 8536 wants the rule and the last turn to agree; the turn is what other
		 * readers follow. */
		if (zone->n == 1)
			zone->turns[0].offset = r.standard;
		return true;
	}
	bool changes = last->at > INT64_MIN;
	int year = changes ? dd_date_of(last->at / DAY_S).year : 1970;
	write_out(zone, &r, year - 1, last->at);
	zone->repeats = dd_days_of((struct dd_date){year + 402, 1, 1}) * DAY_S;
	return true;
}
