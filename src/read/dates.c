/* Dates, years and times of day. */
#include "read/reading.h"

#include <stdio.h>
#include <stdlib.h>

struct date {
	long day, month; /* month 1-12 */
	char year[5];    /* "": none */
};

static bool is_date(long day, long month, long year)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
	return month >= 1 && month <= 12 && day >= 1 &&
	        day <= days[month - 1] + (month == 2 && (leap || !year));
}

static bool is_date_of(const struct date *d)
{
	return is_date(d->day, d->month, strtol(d->year, NULL, 10));
}

static bool say_day(struct reading *r, long day)
{
	char text[24];
	(void)snprintf(text, sizeof text, "%ld", day);
	return r->w->days_are_ordinals ? read_say_spelled(r, r->locale, READ_ORDINAL, text)
	                               : read_say_long(r, day);
}

static bool say_date(struct reading *r, const struct date *d, bool day_first)
{
	const char *month = r->w->months[d->month - 1];
	if (!day_first)
		read_say(r, month), read_say(r, " ");
	if (!say_day(r, d->day))
		return false;
	if (day_first)
		read_say(r, " "), read_say(r, month);
	if (!d->year[0])
		return true;
	read_say(r, " ");
	return read_say_year(r, d->year);
}

/* -- times ------------------------------------------------------------------ */

enum read_half read_first_half(const struct read_time *first, const struct read_time *last)
{
	if (!first->half && last->half == READ_PM && first->hour > last->hour % 12)
		return READ_AM; /* 10-2 PM */
	return first->half ? first->half : last->half;
}

static enum read_half take_half(const struct reading *r, size_t *at)
{
	static const char *const am[] = {"a.m.", "A.M.", "a.m", "A.M", "am", "AM", "Am"},
	                         *const pm[] = {"p.m.", "P.M.", "p.m", "P.M", "pm", "PM", "Pm"};
	size_t from = read_spaces(r, *at);
	for (size_t i = 0; i < sizeof am / sizeof *am; i++) {
		size_t end = from;
		bool first = read_take(r, &end, am[i]);
		if (!first && !read_take(r, &end, pm[i]))
			continue;
		if (!read_ends(r, end))
			continue;
		*at = end;
		return first ? READ_AM : READ_PM;
	}
	return READ_NO_HALF;
}

/* Hours, and minutes behind : or . */
static bool take_clock(
        const struct reading *r, size_t *at, struct read_time *t, bool *dotted, bool *bare)
{
	char hour[3], minute[3];
	size_t from = *at;
	size_t n = read_take_digits(r, &from, hour, 2), end = from;
	*t = (struct read_time){.hour = strtol(hour, NULL, 10)};
	*dotted = *bare = false;
	if (!n || t->hour > 23)
		return false;
	bool colon = read_take(r, &end, ":");
	if ((colon || read_take(r, &end, ".")) && read_take_digits(r, &end, minute, 2) == 2) {
		t->minute = strtol(minute, NULL, 10);
		*dotted = !colon;
		from = end;
	} else {
		*bare = true;
	}
	if (t->minute > 59)
		return false;
	*at = from;
	return true;
}

/* A stop that was the last letter's and the sentence's. */
static void keep_stop(struct reading *r, size_t at)
{
	size_t next = read_spaces(r, at);
	uint32_t c = read_peek(r, next, NULL);
	bool ends = at == r->text.n || (next > at && (c < 'a' || c > 'z') && read_ends(r, next));
	if (at && r->text.p[at - 1] == '.' && (ends || (c >= 'A' && c <= 'Z')))
		read_say(r, ".");
}

/* "3 PM" and "10 AM" are read as people read them. */
static bool is_plain(
        const struct reading *r, size_t at, size_t end, const struct read_time *t, bool bare)
{
	char plain[24];
	(void)snprintf(plain, sizeof plain, "%ld %s", t->hour, t->half == READ_AM ? "AM" : "PM");
	return bare && t->half && end - at == strlen(plain) &&
	        memcmp(r->text.p + at, plain, end - at) == 0;
}

/* "1400 hrs" */
static bool take_military(const struct reading *r, size_t *at, struct read_time *t)
{
	char digits[5];
	size_t from = *at;
	if (!r->w->hours || read_take_digits(r, &from, digits, 4) != 4)
		return false;
	from = read_spaces(r, from);
	long value = strtol(digits, NULL, 10);
	if (value / 100 > 23 || value % 100 > 59 || !read_take_mark(r, &from, r->w->hours))
		return false;
	*t = (struct read_time){value / 100, value % 100, READ_NO_HALF, true};
	*at = from;
	return true;
}

/* The end of a range of times; false: there is none. */
static bool take_until(const struct reading *r, size_t *at, struct read_time *until, bool *clear)
{
	size_t from = *at;
	bool dotted, bare;
	if (!read_take_dash(r, &from) || !take_clock(r, &from, until, &dotted, &bare))
		return false;
	until->half = take_half(r, &from);
	*clear = until->half != READ_NO_HALF || !(dotted || bare);
	if (!*clear || !read_ends(r, from))
		return false;
	*at = from;
	return true;
}

/* 10.30 am, 14:05, 10:30-11:30, 2-4 PM, 1400 hrs */
bool read_clock(struct reading *r, size_t *at)
{
	struct read_time t, until;
	size_t from = *at, end;
	bool dotted, bare, clear = false, range = false;
	if (take_military(r, &from, &t)) {
		if (!read_ends(r, from) || !r->w->say_time(r, NULL, &t, &from))
			return false;
		*at = from;
		return true;
	}
	if (!take_clock(r, &from, &t, &dotted, &bare))
		return false;
	t.half = take_half(r, &from);
	end = from;
	if (take_until(r, &end, &until, &clear)) {
		range = true;
		from = end;
		if (bare && !t.half && t.hour > 12)
			return false;
	} else if (r->w->hours) {
		end = read_spaces(r, from);
		if (!bare && !t.half && read_take_mark(r, &end, r->w->hours)) {
			t.hours = true;
			from = end;
		}
	}
	if (!range && !t.half && !t.hours && (dotted || bare))
		return false;
	end = from;
	bool goes_on = read_take(r, &end, ":") && read_digit(r, end, NULL) >= 0;
	if (goes_on || !read_ends(r, from) || (!range && is_plain(r, *at, from, &t, bare)) ||
	        (t.half && t.hour == 0 && bare))
		return false;
	if (!r->w->say_time(r, range ? &t : NULL, range ? &until : &t, &from))
		return false;
	keep_stop(r, from);
	*at = from;
	return true;
}

/* -- dates ------------------------------------------------------------------ */

/* The time behind an ISO date: " 10:30", "T10:30:00". */
static void say_moment(struct reading *r, size_t *at)
{
	struct read_time t;
	bool dotted, bare;
	size_t from = *at, end;
	if (!read_take(r, &from, "T") && !read_take(r, &from, " "))
		return;
	if (!take_clock(r, &from, &t, &dotted, &bare) || dotted || bare)
		return;
	end = from;
	char seconds[3];
	if (read_take(r, &end, ":") && read_take_digits(r, &end, seconds, 2) == 2)
		from = end;
	if (!read_ends(r, from))
		return;
	size_t before = r->out.n;
	read_say(r, ", ");
	if (r->w->say_time(r, NULL, &t, &from))
		*at = from;
	else
		r->out.n = before;
}

/* 2025-03-12, perhaps with a time */
bool read_iso_date(struct reading *r, size_t *at)
{
	char month[3], day[3];
	struct date d = {0};
	size_t from = *at;
	if (read_take_digits(r, &from, d.year, 4) != 4 || !read_take(r, &from, "-") ||
	        read_take_digits(r, &from, month, 2) != 2 || !read_take(r, &from, "-") ||
	        read_take_digits(r, &from, day, 2) != 2)
		return false;
	d.month = strtol(month, NULL, 10);
	d.day = strtol(day, NULL, 10);
	bool moment = read_peek(r, from, NULL) == 'T';
	if (!is_date_of(&d) ||
	        (!moment && (!read_ends(r, from) || read_peek(r, from, NULL) == '-')))
		return false;
	if (!say_date(r, &d, r->order != READ_MONTH_FIRST))
		return false;
	say_moment(r, &from);
	*at = from;
	return read_ends(r, from);
}

/* Years of two digits: 50 to 99 are of the last century. */
static bool take_year(const struct reading *r, size_t *at, char year[5])
{
	char digits[5];
	size_t n = read_take_digits(r, at, digits, 4);
	if (n != 4 && n != 2)
		return false;
	(void)snprintf(year, 5, "%s%s", n == 4 ? "" : digits[0] >= '5' ? "19" : "20", digits);
	return year[0] == '1' ? year[1] >= '8' : year[0] == '2';
}

/* 12/03/2025, 12-3-25, 12.03.2025: which comes first the country says, or the numbers do. */
bool read_numeric_date(struct reading *r, size_t *at)
{
	char first[3], second[3], mark[2] = "";
	size_t from = *at;
	struct date d = {0};
	if (!read_take_digits(r, &from, first, 2))
		return false;
	mark[0] = from < r->text.n ? r->text.p[from] : '\0';
	if (!mark[0] || !strchr("/-.", mark[0]) || !read_take(r, &from, mark) ||
	        !read_take_digits(r, &from, second, 2) || !read_take(r, &from, mark) ||
	        !take_year(r, &from, d.year) || !read_ends(r, from))
		return false;
	size_t end = from;
	if ((read_take(r, &end, mark) || read_take(r, &end, "/")) && read_digit(r, end, NULL) >= 0)
		return false;
	long a = strtol(first, NULL, 10), b = strtol(second, NULL, 10),
	     year = strtol(d.year, NULL, 10);
	bool day_first = is_date(a, b, year), month_first = is_date(b, a, year);
	if (day_first && month_first && a != b) {
		day_first = r->order == READ_DAY_FIRST;
		month_first = r->order == READ_MONTH_FIRST;
	}
	if (!day_first && !month_first)
		return false;
	d.day = day_first ? a : b;
	d.month = day_first ? b : a;
	*at = from;
	return say_date(r, &d, r->order != READ_MONTH_FIRST);
}

static bool take_month(const struct reading *r, size_t *at, long *month)
{
	for (unsigned i = 0; read_next_entry(r, READ_MONTHS, *at, &i);)
		if (read_take_mark(r, at, r->w->month_marks[i - 1])) {
			*month = i;
			return true;
		}
	return false;
}

/* 1-31, with the ending of an ordinal or without. */
static bool take_day(const struct reading *r, size_t *at, long *day)
{
	char digits[3];
	if (!read_take_digits(r, at, digits, 2))
		return false;
	*day = strtol(digits, NULL, 10);
	if (!read_take_mark(r, at, "st nd rd th") && !read_ends(r, *at))
		return false;
	return *day >= 1 && *day <= 31;
}

/* ", 2025", " 2025", "-25", "'25" behind a date. */
static void take_its_year(const struct reading *r, size_t *at, struct date *d)
{
	size_t from = *at;
	char digits[5];
	bool dash = read_take(r, &from, "-"), comma = !dash && read_take(r, &from, ",");
	if (!dash)
		from = read_spaces(r, from);
	bool mark = !dash && (read_take(r, &from, "'") || read_take(r, &from, "’"));
	if (!dash && !comma && !mark && from == *at)
		return;
	size_t n = read_take_digits(r, &from, digits, 4);
	size_t end = from;
	bool decimal =
	        (read_take(r, &end, ".") || read_take(r, &end, ",") || read_take(r, &end, ":")) &&
	        read_digit(r, end, NULL) >= 0;
	if (decimal || !read_ends(r, from) ||
	        !(n == 4 ? digits[0] == '1' || digits[0] == '2' : n == 2 && (dash || mark)))
		return;
	(void)snprintf(d->year, sizeof d->year, "%s%s", n == 2 ? "20" : "", digits);
	*at = from;
}

/* 5-7 Jan: the days before the month. */
static bool take_days(const struct reading *r, size_t *at, long *from, long *to)
{
	size_t end;
	*to = 0;
	if (!take_day(r, at, from))
		return false;
	end = *at;
	if (read_take_dash(r, &end) && take_day(r, &end, to) && *to > *from)
		*at = end;
	else
		*to = 0;
	return true;
}

static bool say_days(struct reading *r, const struct date *d, long to)
{
	struct date last = *d;
	if (!to)
		return say_date(r, d, true);
	last.day = to;
	/* the month, and the year, are said once */
	if (!say_day(r, d->day))
		return false;
	read_say(r, r->w->between);
	if (!say_date(r, &last, true))
		return false;
	read_say(r, r->w->behind);
	return is_date_of(&last);
}

/* 12 Mar, 12th March 2025, 12-Mar-25, 5-7 Jan */
static bool day_and_month(struct reading *r, size_t *at)
{
	struct date d = {0};
	long to;
	size_t from = *at;
	if (!take_days(r, &from, &d.day, &to))
		return false;
	size_t end = read_spaces(r, from);
	if (end == from && !read_take(r, &end, "-") && !read_take(r, &end, "/"))
		end = from;
	if (!take_month(r, &end, &d.month))
		return false;
	size_t dot = end;
	if (read_take(r, &dot, ".") && read_peek(r, dot, NULL) == ' ' &&
	        read_digit(r, dot + 1, NULL) >= 0)
		end = dot; /* 12 Mar. 2025 */
	take_its_year(r, &end, &d);
	if (!is_date_of(&d) || !read_ends(r, end) || !say_days(r, &d, to))
		return false;
	*at = end;
	return true;
}

/* March 12, Mar 12, 2025; March 2025 */
static bool month_and_day(struct reading *r, size_t *at)
{
	struct date d = {0};
	size_t from = *at, day;
	if (!take_month(r, &from, &d.month))
		return false;
	(void)read_take(r, &from, ".");
	day = read_spaces(r, from);
	if (day == from && !read_take(r, &day, "-"))
		return false;
	if (take_day(r, &day, &d.day)) {
		size_t end = day, number = day;
		bool more = (read_take(r, &number, ".") || read_take(r, &number, ":")) &&
		        read_digit(r, number, NULL) >= 0;
		number = read_spaces(r, day);
		if (more || read_peek(r, day, NULL) == '%' || take_half(r, &number))
			return false;
		take_its_year(r, &end, &d);
		if (!is_date_of(&d) || !read_ends(r, end))
			return false;
		*at = end;
		return say_date(r, &d, false);
	}
	char year[5];
	day = read_spaces(r, from);
	(void)read_take(r, &day, day == from ? "-" : "");
	if (read_take_digits(r, &day, year, 4) != 4 || (year[0] != '1' && year[0] != '2') ||
	        !read_ends(r, day))
		return false;
	read_say(r, r->w->months[d.month - 1]);
	read_say(r, " ");
	*at = day;
	return read_say_year(r, year);
}

bool read_worded_date(struct reading *r, size_t *at)
{
	if (day_and_month(r, at))
		return true;
	dd_buf_clear(&r->out);
	return month_and_day(r, at);
}

/* -- years ------------------------------------------------------------------ */

/* 2024-25, the year of an account */
static bool year_of_account(struct reading *r, size_t *at)
{
	char first[5], second[3];
	size_t from = *at;
	if (read_take_digits(r, &from, first, 4) != 4 || !read_take(r, &from, "-") ||
	        read_take_digits(r, &from, second, 2) != 2 || !read_ends(r, from) ||
	        read_peek(r, from, NULL) == '-')
		return false;
	long a = strtol(first, NULL, 10), b = strtol(second, NULL, 10);
	if (a < 1900 || a > 2099 || (a + 1) % 100 != b || !read_say_year(r, first))
		return false;
	read_say(r, " ");
	if (!read_say_long(r, b))
		return false;
	*at = from;
	return true;
}

/* A bare 2025 where the words around it speak of a year. */
bool read_year(struct reading *r, size_t *at)
{
	char year[5];
	size_t from = *at, end;
	struct read_near before, behind;
	if (year_of_account(r, at))
		return true;
	dd_buf_clear(&r->out);
	if (read_take_digits(r, &from, year, 4) != 4 || !read_ends(r, from))
		return false;
	end = from;
	bool more =
	        (read_take(r, &end, ".") || read_take(r, &end, ",") || read_take(r, &end, "-") ||
	                read_take(r, &end, "/") || read_take(r, &end, ":")) &&
	        read_digit(r, end, NULL) >= 0;
	long value = strtol(year, NULL, 10);
	if (more || value < 1900 || value > 2099)
		return false;
	read_before(r, *at, &before);
	read_behind(r, from, &behind);
	bool cue = before.n && read_is_cue(before.words[0], r->w->year_cues);
	bool follows = behind.n && read_is_cue(behind.words[0], r->w->year_follows);
	/* "in 2025 cases": a word in small letters behind it is what is counted */
	uint32_t c = read_peek(r, read_spaces(r, from), NULL);
	bool counted = read_spaces(r, from) > from && c >= 'a' && c <= 'z' && !follows;
	if (!(cue && !counted) && !(follows && r->w->locale != READ_EN))
		return false;
	*at = from;
	return read_say_year(r, year);
}
