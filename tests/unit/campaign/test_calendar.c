#include "../unit.h"

#include "base/text.h"
#include "campaign/calendar.h"

#define HM(hours, minutes) (((hours)*60 + (minutes)) * 60000)
#define COUNT(array)       (sizeof(array) / sizeof *(array))

static struct dd_zone *zone(const char *name)
{
	struct dd_zone *out;
	struct dd_error err;
	if (dd_zone_open(name, &out, &err) != DD_OK)
		fail_msg("%s", err.text);
	return out;
}

static int64_t at(const char *text)
{
	int64_t out;
	assert_true(dd_time_parse(dd_str(text), &out));
	return out;
}

static struct dd_calendar *calendar(const struct dd_calendar_layer *layer)
{
	struct dd_calendar *c = dd_calendar_new();
	struct dd_error err;
	if (dd_calendar_add(c, layer, &err) != DD_OK)
		fail_msg("%s", err.text);
	return c;
}

/* Calls that want to start at `when` may from `open` on, until `shut`; "never". */
static void opens(struct dd_calendar *c, const char *when, const char *open, const char *shut)
{
	int64_t next = dd_calendar_next(c, at(when));
	if (strcmp(open, "never") == 0) {
		assert_int_equal(next, INT64_MAX);
		return;
	}
	assert_int_equal(next, at(open));
	assert_int_equal(dd_calendar_until(c, next), at(shut));
}

static void the_hours_of_india(void **state)
{
	(void)state;
	struct dd_zone *ist = zone("IST");
	struct dd_calendar_hours hours = {.start_ms = HM(9, 0), .end_ms = HM(21, 0)};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.zone = ist, layer.hours = &hours, layer.nhours = 1;
	struct dd_calendar *c = calendar(&layer);
	opens(c, "2025-01-20T21:15:00+05:30", "2025-01-21T09:00:00+05:30",
	        "2025-01-21T21:00:00+05:30");
	opens(c, "2025-01-20T08:59:59+05:30", "2025-01-20T09:00:00+05:30",
	        "2025-01-20T21:00:00+05:30");
	opens(c, "2025-01-20T20:59:59+05:30", "2025-01-20T20:59:59+05:30",
	        "2025-01-20T21:00:00+05:30");
	opens(c, "2025-01-20T21:00:00+05:30", "2025-01-21T09:00:00+05:30",
	        "2025-01-21T21:00:00+05:30");
	assert_int_equal(dd_calendar_until(c, at("2025-01-20T21:00:00+05:30")),
	        at("2025-01-20T21:00:00+05:30"));
	assert_int_equal(dd_calendar_open_ms(c, at("2025-01-20T12:00:00+05:30"),
	                         at("2025-01-22T10:00:00+05:30")),
	        HM(22, 0));
	assert_int_equal(dd_calendar_open_ms(c, at("2025-01-20T12:00:00+05:30"),
	                         at("2025-01-20T10:00:00+05:30")),
	        0);
	dd_calendar_free(c);
	dd_zone_free(ist);
}

static void daylight_saving(void **state)
{
	(void)state;
	struct dd_zone *ny = zone("America/New_York");
	struct dd_calendar_hours hours = {.start_ms = HM(8, 0), .end_ms = HM(21, 0)};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.zone = ny, layer.hours = &hours, layer.nhours = 1;
	struct dd_calendar *c = calendar(&layer);
	opens(c, "2025-03-08T06:00:00Z", "2025-03-08T13:00:00Z", "2025-03-09T02:00:00Z");
	opens(c, "2025-03-09T02:00:00Z", "2025-03-09T12:00:00Z", "2025-03-10T01:00:00Z");
	opens(c, "2025-11-02T01:00:00Z", "2025-11-02T13:00:00Z", "2025-11-03T02:00:00Z");
	dd_calendar_free(c);
	/* begins in the gap, ends in the gap, lies in the gap */
	hours = (struct dd_calendar_hours){.start_ms = HM(2, 30), .end_ms = HM(5, 0)};
	c = calendar(&layer);
	opens(c, "2025-03-09T06:00:00Z", "2025-03-09T07:00:00Z", "2025-03-09T09:00:00Z");
	dd_calendar_free(c);
	hours = (struct dd_calendar_hours){.start_ms = HM(1, 0), .end_ms = HM(2, 30)};
	c = calendar(&layer);
	opens(c, "2025-03-09T05:00:00Z", "2025-03-09T06:00:00Z", "2025-03-09T07:00:00Z");
	dd_calendar_free(c);
	hours = (struct dd_calendar_hours){.start_ms = HM(2, 10), .end_ms = HM(2, 50)};
	c = calendar(&layer);
	opens(c, "2025-03-09T05:00:00Z", "2025-03-10T06:10:00Z", "2025-03-10T06:50:00Z");
	/* in the overlap: once, the first time */
	dd_calendar_free(c);
	hours = (struct dd_calendar_hours){.start_ms = HM(1, 15), .end_ms = HM(1, 45)};
	c = calendar(&layer);
	opens(c, "2025-11-02T05:00:00Z", "2025-11-02T05:15:00Z", "2025-11-02T05:45:00Z");
	opens(c, "2025-11-02T05:45:00Z", "2025-11-03T06:15:00Z", "2025-11-03T06:45:00Z");
	dd_calendar_free(c);
	dd_zone_free(ny);
}

static void two_zones(void **state)
{
	(void)state;
	struct dd_zone *ist = zone("IST"), *la = zone("America/Los_Angeles");
	struct dd_calendar_hours law = {.start_ms = HM(8, 0), .end_ms = HM(21, 0)},
	                         office = {DD_WORKING_DAYS, .start_ms = HM(18, 0),
	                                 .end_ms = HM(22, 0)};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.zone = la, layer.hours = &law, layer.nhours = 1;
	struct dd_calendar *c = calendar(&layer);
	layer.zone = ist, layer.hours = &office;
	assert_int_equal(dd_calendar_add(c, &layer, NULL), DD_OK);
	/* 18:00 in India is 04:30 in California in summer, so only 08:00 there (20:30) remains; in
	 * winter 21:30 */
	opens(c, "2025-07-18T00:00:00Z", "2025-07-18T15:00:00Z", "2025-07-18T16:30:00Z");
	opens(c, "2025-07-18T16:30:00Z", "2025-07-21T15:00:00Z", "2025-07-21T16:30:00Z");
	opens(c, "2025-12-01T00:00:00Z", "2025-12-01T16:00:00Z", "2025-12-01T16:30:00Z");
	dd_calendar_free(c);
	dd_zone_free(ist);
	dd_zone_free(la);
}

static void over_midnight(void **state)
{
	(void)state;
	struct dd_calendar_hours hours = {
	        DD_DAY(4) | DD_DAY(5), .start_ms = HM(22, 0), .end_ms = HM(2, 0)};
	struct dd_date holidays[] = {{2025, 1, 26}};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.hours = &hours, layer.nhours = 1;
	struct dd_calendar *c = calendar(&layer);
	opens(c, "2025-01-20T00:00:00Z", "2025-01-24T22:00:00Z",
	        "2025-01-25T02:00:00Z"); /* Friday to Saturday */
	opens(c, "2025-01-25T01:59:00Z", "2025-01-25T01:59:00Z", "2025-01-25T02:00:00Z");
	opens(c, "2025-01-25T02:00:00Z", "2025-01-25T22:00:00Z", "2025-01-26T02:00:00Z");
	opens(c, "2025-01-26T02:00:00Z", "2025-01-31T22:00:00Z", "2025-02-01T02:00:00Z");
	dd_calendar_free(c);
	layer.holidays = holidays,
	layer.nholidays = 1; /* a Sunday: Saturday's window ends at midnight */
	c = calendar(&layer);
	opens(c, "2025-01-25T02:00:00Z", "2025-01-25T22:00:00Z", "2025-01-26T00:00:00Z");
	opens(c, "2025-01-26T00:00:00Z", "2025-01-31T22:00:00Z", "2025-02-01T02:00:00Z");
	dd_calendar_free(c);
}

static void holidays_are_whole_days(void **state)
{
	(void)state;
	struct dd_zone *ist = zone("IST");
	struct dd_calendar_hours hours[] = {
	        {DD_WORKING_DAYS, .start_ms = HM(15, 0), .end_ms = HM(18, 0)},
	        {DD_WORKING_DAYS, .start_ms = HM(10, 0), .end_ms = HM(12, 0)}};
	struct dd_date holidays[] = {{2025, 1, 27}, {2025, 1, 24}, {2025, 1, 27}};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.zone = ist, layer.hours = hours, layer.nhours = 2, layer.holidays = holidays,
	layer.nholidays = 3;
	struct dd_calendar *c = calendar(&layer);
	opens(c, "2025-01-23T11:00:00+05:30", "2025-01-23T11:00:00+05:30",
	        "2025-01-23T12:00:00+05:30");
	opens(c, "2025-01-23T12:00:00+05:30", "2025-01-23T15:00:00+05:30",
	        "2025-01-23T18:00:00+05:30");
	opens(c, "2025-01-23T18:00:00+05:30", "2025-01-28T10:00:00+05:30",
	        "2025-01-28T12:00:00+05:30");
	dd_calendar_free(c);
	dd_zone_free(ist);
}

static struct dd_calendar *repeating(struct dd_calendar_repeat repeat)
{
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.repeat = repeat;
	return calendar(&layer);
}

static void every_second_day_over_a_leap_day(void **state)
{
	(void)state;
	struct dd_calendar *c = repeating((struct dd_calendar_repeat){
	        .every = 2, .first = {2024, 2, 27}, .last = {2024, 3, 3}});
	opens(c, "2024-01-01T00:00:00Z", "2024-02-27T00:00:00Z", "2024-02-28T00:00:00Z");
	opens(c, "2024-02-28T00:00:00Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
	opens(c, "2024-03-01T00:00:00Z", "2024-03-02T00:00:00Z", "2024-03-03T00:00:00Z");
	opens(c, "2024-03-03T00:00:00Z", "never", NULL);
	dd_calendar_free(c);
}

static void every_second_week(void **state)
{
	(void)state;
	struct dd_calendar *c = repeating((struct dd_calendar_repeat){
	        DD_REPEAT_WEEKLY, 2, DD_DAY(0) | DD_DAY(3), .first = {2025, 1, 22}});
	opens(c, "2025-01-01T00:00:00Z", "2025-01-23T00:00:00Z",
	        "2025-01-24T00:00:00Z"); /* Thursday; Monday was before the first day */
	opens(c, "2025-01-24T00:00:00Z", "2025-02-03T00:00:00Z", "2025-02-04T00:00:00Z");
	dd_calendar_free(c);
}

static void the_31st_of_the_month(void **state)
{
	(void)state;
	struct dd_calendar *c =
	        repeating((struct dd_calendar_repeat){DD_REPEAT_MONTHLY, .month_day = 31});
	opens(c, "2024-02-01T00:00:00Z", "2024-02-29T00:00:00Z", "2024-03-01T00:00:00Z");
	opens(c, "2025-02-01T00:00:00Z", "2025-02-28T00:00:00Z", "2025-03-01T00:00:00Z");
	opens(c, "2025-03-01T00:00:00Z", "2025-03-31T00:00:00Z", "2025-04-01T00:00:00Z");
	opens(c, "2025-04-01T00:00:00Z", "2025-04-30T00:00:00Z", "2025-05-01T00:00:00Z");
	dd_calendar_free(c);
	c = repeating((struct dd_calendar_repeat){
	        DD_REPEAT_MONTHLY, .month_day = 31, .skip_short = true});
	opens(c, "2025-04-01T00:00:00Z", "2025-05-31T00:00:00Z", "2025-06-01T00:00:00Z");
	dd_calendar_free(c);
	c = repeating((struct dd_calendar_repeat){
	        DD_REPEAT_MONTHLY, 12, .month_day = 29, .skip_short = true, .first = {2024, 2, 1}});
	opens(c, "2024-03-01T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z");
	dd_calendar_free(c);
}

/* Asked a million times, since a campaign would. */
static void never(void **state)
{
	(void)state;
	struct dd_calendar_hours monday = {DD_DAY(0), .all_day = true},
	                         tuesday = {DD_DAY(1), .start_ms = HM(9, 0), .end_ms = HM(21, 0)};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.from = at("2025-01-20T10:00:00Z"), layer.until = at("2025-01-20T09:00:00Z");
	struct dd_calendar *c = calendar(&layer);
	opens(c, "2025-01-01T00:00:00Z", "never", NULL);
	assert_int_equal(dd_calendar_open_ms(c, 0, INT64_MAX), 0);
	dd_calendar_free(c);
	layer = DD_CALENDAR_LAYER;
	layer.hours = &monday, layer.nhours = 1;
	c = calendar(&layer);
	layer.hours = &tuesday;
	assert_int_equal(dd_calendar_add(c, &layer, NULL), DD_OK);
	for (int64_t t = 0; t < 1000000; t++)
		assert_int_equal(
		        dd_calendar_next(c, at("2025-01-01T00:00:00Z") + t * 997), INT64_MAX);
	dd_calendar_free(c);
	/* an opening beyond the horizon is found as soon as it is within ten years */
	layer = DD_CALENDAR_LAYER;
	layer.from = at("2040-06-01T00:00:00Z");
	c = calendar(&layer);
	opens(c, "2025-01-01T00:00:00Z", "never", NULL);
	opens(c, "2030-05-30T00:00:00Z", "never", NULL);
	assert_int_equal(
	        dd_calendar_next(c, at("2030-06-02T00:00:00Z")), at("2040-06-01T00:00:00Z"));
	dd_calendar_free(c);
}

static void long_stretches(void **state)
{
	(void)state;
	struct dd_calendar *c = dd_calendar_new();
	assert_int_equal(dd_calendar_next(c, 5), 5);
	assert_int_equal(dd_calendar_until(c, 5), INT64_MAX);
	assert_int_equal(dd_calendar_open_ms(c, 5, 50), 45);
	dd_calendar_free(c);
	struct dd_calendar_hours days = {DD_WORKING_DAYS, .all_day = true};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.hours = &days, layer.nhours = 1;
	c = calendar(&layer);
	opens(c, "2025-01-18T00:00:00Z", "2025-01-20T00:00:00Z", "2025-01-25T00:00:00Z");
	dd_calendar_free(c);
	/* one holiday in twenty years: its eve is not forgotten */
	struct dd_date holiday = {2045, 1, 1};
	layer = DD_CALENDAR_LAYER;
	layer.holidays = &holiday, layer.nholidays = 1;
	c = calendar(&layer);
	assert_true(dd_calendar_until(c, at("2025-01-01T00:00:00Z")) > at("2034-12-01T00:00:00Z"));
	for (int year = 0; year < 20; year++) {
		int64_t t = at("2025-01-01T00:00:00Z") + year * INT64_C(31536000000),
		        end = dd_calendar_until(c, t);
		assert_int_equal(dd_calendar_next(c, t), t);
		assert_true(end == at("2045-01-01T00:00:00Z") ||
		        (end < at("2045-01-01T00:00:00Z") && end - t > INT64_C(4) * 31536000000));
	}
	opens(c, "2040-02-01T00:00:00Z", "2040-02-01T00:00:00Z", "2045-01-01T00:00:00Z");
	assert_int_equal(
	        dd_calendar_next(c, at("2045-01-01T00:00:00Z")), at("2045-01-02T00:00:00Z"));
	dd_calendar_free(c);
}

/* Samoa slept from 29 to 31 December 2011; the stretch does not end between them. */
static void a_day_that_was_not(void **state)
{
	(void)state;
	struct dd_zone *apia = zone("Pacific/Apia");
	struct dd_date holiday = {2012, 1, 2};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.zone = apia, layer.holidays = &holiday, layer.nholidays = 1;
	struct dd_calendar *c = calendar(&layer);
	opens(c, "2011-12-29T12:00:00Z", "2011-12-29T12:00:00Z", "2012-01-01T10:00:00Z");
	dd_calendar_free(c);
	dd_zone_free(apia);
}

static void refused(const struct dd_calendar_layer *layer, const char *want)
{
	struct dd_calendar *c = dd_calendar_new();
	struct dd_error err;
	assert_int_not_equal(dd_calendar_add(c, layer, &err), DD_OK);
	assert_string_equal(err.text, want);
	assert_int_equal(dd_calendar_next(c, 7), 7);
	dd_calendar_free(c);
}

static void faults(void **state)
{
	(void)state;
	struct dd_calendar_hours hours = {.start_ms = HM(9, 0), .end_ms = HM(9, 0)};
	struct dd_date date = {2025, 2, 29};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	layer.hours = &hours, layer.nhours = 1;
	refused(&layer, "hours that end as they begin hold no time");
	hours = (struct dd_calendar_hours){.start_ms = HM(24, 0), .end_ms = HM(9, 0)};
	refused(&layer, "hours are from 00:00 to 24:00");
	hours = (struct dd_calendar_hours){0x80, .all_day = true};
	refused(&layer, "a week has seven days");
	layer.nhours = 17;
	refused(&layer, "a calendar has at most 16 layers of 16 hours and 4096 holidays");
	layer = DD_CALENDAR_LAYER;
	layer.holidays = &date, layer.nholidays = 1;
	refused(&layer, "there is no such date");
	layer = DD_CALENDAR_LAYER;
	layer.repeat.first = date;
	refused(&layer, "there is no such date");
	layer.repeat = (struct dd_calendar_repeat){.kind = DD_REPEAT_MONTHLY};
	refused(&layer, "the day of the month is 1 to 31");
	layer.repeat = (struct dd_calendar_repeat){.every = 367};
	refused(&layer, "calls repeat every 1 to 366 days, weeks or months");
}

/* -- minute by minute ------------------------------------------------------- */

/* The other way to say when a layer is open: the farthest that its wall clock has come lies in a
   window of today or of yesterday. A clock that goes back has come no farther; one that goes
   forward has come past all that it skips. */
enum { MINUTES = 16 * 1440, LEAD = 2 * 1440 };

static uint64_t seed = 20250120;

static int pick(int n)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (int)((seed >> 33) % (uint64_t)n);
}

static bool day_counts(const struct dd_calendar_layer *l, int64_t day)
{
	const struct dd_calendar_repeat *r = &l->repeat;
	struct dd_date d = dd_date_of(day),
	               first = r->first.year ? r->first : (struct dd_date){1970, 1, 1};
	int64_t begin = dd_days_of(first);
	for (size_t i = 0; i < l->nholidays; i++)
		if (dd_days_of(l->holidays[i]) == day)
			return false;
	if ((r->first.year && day < begin) || (r->last.year && day > dd_days_of(r->last)))
		return false;
	if (r->kind == DD_REPEAT_DAILY)
		return (day - begin) % r->every == 0;
	if (r->kind == DD_REPEAT_WEEKLY)
		return (r->weekdays >> dd_weekday(day) & 1) &&
		        (day - dd_weekday(day) - begin + dd_weekday(begin)) / 7 % r->every == 0;
	bool last = d.day == dd_month_days(d.year, d.month);
	return (d.year * 12 + d.month - first.year * 12 - first.month) % r->every == 0 &&
	        (d.day == r->month_day || (last && d.day < r->month_day && !r->skip_short));
}

static bool wall_open(const struct dd_calendar_layer *l, int64_t wall)
{
	int64_t today = wall / 1440;
	for (size_t i = 0; i < l->nholidays; i++)
		if (dd_days_of(l->holidays[i]) == today)
			return false;
	for (int64_t day = today - 1; day <= today; day++) {
		for (size_t i = 0; i < l->nhours; i++) {
			const struct dd_calendar_hours *h = &l->hours[i];
			int64_t start = h->all_day ? 0 : h->start_ms / 60000,
			        end = h->all_day ? 1440 : h->end_ms / 60000;
			if (end < start)
				end += 1440;
			if ((h->weekdays == 0 || (h->weekdays >> dd_weekday(day) & 1)) &&
			        day_counts(l, day) && wall >= day * 1440 + start &&
			        wall < day * 1440 + end)
				return true;
		}
	}
	return false;
}

static void shut_by(const struct dd_calendar_layer *l, int64_t begin, bool *open)
{
	int64_t farthest = INT64_MIN;
	for (int m = -LEAD; m < MINUTES; m++) {
		int64_t t = begin + m * INT64_C(60000);
		struct dd_civil c = dd_zone_civil(l->zone, t);
		int64_t wall = dd_days_of((struct dd_date){c.year, c.month, c.day}) * 1440 +
		        c.hour * 60 + c.minute;
		if (wall > farthest)
			farthest = wall;
		if (m >= 0 && (t < l->from || t >= l->until || !wall_open(l, farthest)))
			open[m] = false;
	}
}

static struct dd_date some_date(int64_t near, int spread)
{
	return dd_date_of(near / 86400000 + pick(2 * spread + 1) - spread);
}

struct random_layer {
	struct dd_calendar_layer layer;
	struct dd_calendar_hours hours[3];
	struct dd_date holidays[3];
};

static void make_layer(struct random_layer *r, const struct dd_zone *z, int64_t begin)
{
	struct dd_calendar_layer *l = &r->layer;
	*l = DD_CALENDAR_LAYER;
	l->zone = z;
	l->hours = r->hours, l->nhours = (size_t)(1 + pick(3));
	for (size_t i = 0; i < l->nhours; i++) {
		r->hours[i] = (struct dd_calendar_hours){(uint8_t)(pick(3) ? 0 : 1 + pick(127)),
		        pick(8) == 0, pick(1440) * 60000, (1 + pick(1440)) * 60000};
		if (pick(3) == 0)
			r->hours[i].start_ms = pick(8) * 30 * 60000; /* where clocks change */
		if (r->hours[i].start_ms == r->hours[i].end_ms)
			r->hours[i].all_day = true;
	}
	l->holidays = r->holidays, l->nholidays = (size_t)pick(4);
	for (size_t i = 0; i < l->nholidays; i++)
		r->holidays[i] = some_date(begin, 16);
	l->repeat = (struct dd_calendar_repeat){.kind = (enum dd_repeat)(pick(6) > 3 ? pick(3) : 0),
	        .every = 1 + (pick(3) == 0) * pick(4)};
	l->repeat.weekdays = (uint8_t)(1 + pick(127));
	l->repeat.month_day = 1 + pick(31);
	l->repeat.skip_short = pick(2) == 1;
	if (pick(2))
		l->repeat.first = some_date(begin, 20);
	if (pick(4) == 0)
		l->repeat.last = some_date(begin, 20);
	if (pick(4) == 0)
		l->from = begin + pick(MINUTES) * INT64_C(60000);
	if (pick(4) == 0)
		l->until = begin + pick(MINUTES) * INT64_C(60000);
}

/* The first open minute from each on, and the first that is not; those after the last minute are
 * not known. */
static void check_against(struct dd_calendar *c, const bool *open, int64_t begin, int round)
{
	static int next[MINUTES + 1], end[MINUTES + 1];
	int64_t sum = 0;
	next[MINUTES] = end[MINUTES] = -1;
	for (int m = MINUTES - 1; m >= 0; m--) {
		next[m] = open[m] ? m : next[m + 1];
		end[m] = open[m] ? end[m + 1] : m;
		sum += open[m] * INT64_C(60000);
	}
	for (int i = 0; i < MINUTES; i++) {
		int m = i % 500 == 499 ? pick(MINUTES) : i; /* mostly rising */
		int64_t t = begin + m * INT64_C(60000), got = dd_calendar_next(c, t);
		int64_t want = next[m] < 0 ? INT64_MAX : begin + next[m] * INT64_C(60000);
		if (next[m] >= 0 ? got != want : got < begin + MINUTES * INT64_C(60000))
			fail_msg("round %d minute %d: opens at minute %lld, not %d", round, m,
			        (long long)((got - begin) / 60000), next[m]);
		if (open[m] && end[m] >= 0 &&
		        dd_calendar_until(c, t) != begin + end[m] * INT64_C(60000))
			fail_msg("round %d minute %d: shuts at minute %lld, not %d", round, m,
			        (long long)((dd_calendar_until(c, t) - begin) / 60000), end[m]);
	}
	assert_int_equal(dd_calendar_open_ms(c, begin, begin + MINUTES * INT64_C(60000)), sum);
}

static void minute_by_minute(void **state)
{
	(void)state;
	static const char *const names[] = {"UTC", "Asia/Kolkata", "America/New_York",
	        "Europe/London", "Australia/Lord_Howe", "America/Havana", "America/Santiago"};
	static const char *const begins[] = {"2025-03-01T00:00:00Z", "2025-10-24T00:00:00Z",
	        "2024-02-20T00:00:00Z", "2025-03-22T00:00:00Z", "2025-09-28T00:00:00Z"};
	static bool open[MINUTES];
	struct dd_zone *zones[COUNT(names)];
	int opened = 0;
	for (size_t i = 0; i < COUNT(names); i++)
		zones[i] = zone(names[i]);
	for (int round = 0; round < 50; round++) {
		int64_t begin = at(begins[pick((int)COUNT(begins))]);
		struct dd_calendar *c = dd_calendar_new();
		struct random_layer layers[3];
		memset(open, 1, sizeof open);
		for (int i = 0, n = 1 + pick(2) + (pick(4) == 0); i < n; i++) {
			struct dd_error err;
			make_layer(&layers[i], zones[pick((int)COUNT(names))], begin);
			if (dd_calendar_add(c, &layers[i].layer, &err) != DD_OK)
				fail_msg("%s", err.text);
			shut_by(&layers[i].layer, begin, open);
		}
		check_against(c, open, begin, round);
		opened += dd_calendar_next(c, begin) != INT64_MAX;
		dd_calendar_free(c);
	}
	assert_in_range(opened, 25, 50);
	for (size_t i = 0; i < COUNT(names); i++)
		dd_zone_free(zones[i]);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(the_hours_of_india),
        cmocka_unit_test(daylight_saving), cmocka_unit_test(two_zones),
        cmocka_unit_test(over_midnight), cmocka_unit_test(holidays_are_whole_days),
        cmocka_unit_test(every_second_day_over_a_leap_day), cmocka_unit_test(every_second_week),
        cmocka_unit_test(the_31st_of_the_month), cmocka_unit_test(never),
        cmocka_unit_test(long_stretches), cmocka_unit_test(a_day_that_was_not),
        cmocka_unit_test(faults), cmocka_unit_test(minute_by_minute)};
UNIT_MAIN(tests)
