/* Durations and dates; days are counted by the civil calendar (proleptic Gregorian). */
#include "base/clock.h"

#include <stdio.h>
#include <string.h>

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* A number with at most three decimals, in thousandths. */
static bool number(struct dd_str text, size_t *at, int64_t *thousandths)
{
	size_t i = *at;
	int64_t value = 0, scale = 100;
	if (i >= text.n || !digit(text.p[i]))
		return false;
	for (; i < text.n && digit(text.p[i]); i++) {
		value = value * 10 + (text.p[i] - '0');
		if (value > 4000000000)
			return false;
	}
	value *= 1000;
	if (i + 1 < text.n && text.p[i] == '.' && digit(text.p[i + 1])) {
		for (i++; i < text.n && digit(text.p[i]); i++, scale /= 10)
			value += (text.p[i] - '0') * scale;
	}
	*at = i;
	*thousandths = value;
	return true;
}

/* Milliseconds a unit lasts and its rank: units must come in falling order. */
static int unit(struct dd_str text, size_t *at, int64_t *ms)
{
	static const struct {
		const char *name;
		int64_t ms;
	} units[] = {{"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}};
	for (int i = 0; i < 4; i++) {
		size_t n = strlen(units[i].name);
		if (text.n - *at >= n && memcmp(text.p + *at, units[i].name, n) == 0) {
			*at += n;
			*ms = units[i].ms;
			return i;
		}
	}
	return -1;
}

bool dd_duration_parse(struct dd_str text, dd_ms *out)
{
	size_t at = 0;
	int64_t total = 0, value, ms;
	int last = 4;
	if (!number(text, &at, &value))
		return false;
	if (at == text.n) {
		total = value;
	} else {
		for (;;) {
			int rank = unit(text, &at, &ms);
			if (rank < 0 || rank >= last)
				return false;
			last = rank;
			if (value / 1000 > INT64_C(1000) * 3600 * 1000 / ms)
				return false;
			total += value * ms / 1000;
			if (at == text.n)
				break;
			if (!number(text, &at, &value))
				return false;
		}
	}
	if (total > INT64_C(1000) * 3600 * 1000)
		return false;
	*out = total;
	return true;
}

/* Years count from March here, so that the leap day comes last. */
int64_t dd_days_of(struct dd_date date)
{
	int64_t y = (int64_t)date.year - (date.month <= 2), m = date.month;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + date.day - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct dd_date dd_date_of(int64_t days)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	int month = (int)(mp + (mp < 10 ? 3 : -9));
	return (struct dd_date){
	        (int)(yoe + era * 400) + (month <= 2), month, (int)(doy - (153 * mp + 2) / 5) + 1};
}

int dd_month_days(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return lengths[month - 1] + (month == 2 && leap);
}

bool dd_date_valid(struct dd_date date)
{
	return date.year >= 1 && date.year <= 9999 && date.month >= 1 && date.month <= 12 &&
	        date.day >= 1 && date.day <= dd_month_days(date.year, date.month);
}

/* 1970-01-01 was a Thursday. */
int dd_weekday(int64_t days)
{
	return (int)(((days + 3) % 7 + 7) % 7);
}

static bool take(struct dd_str text, size_t at, size_t n, int64_t *out)
{
	int64_t value = 0;
	if (at + n > text.n)
		return false;
	for (size_t i = at; i < at + n; i++) {
		if (!digit(text.p[i]))
			return false;
		value = value * 10 + (text.p[i] - '0');
	}
	*out = value;
	return true;
}

bool dd_utc_offset_parse(struct dd_str text, int32_t *offset_s)
{
	int64_t h, m;
	if (text.n == 1 && (text.p[0] == 'Z' || text.p[0] == 'z')) {
		*offset_s = 0;
		return true;
	}
	if (text.n != 6 || (text.p[0] != '+' && text.p[0] != '-') || text.p[3] != ':' ||
	        !take(text, 1, 2, &h) || !take(text, 4, 2, &m) || h > 14 || m > 59)
		return false;
	*offset_s = (int32_t)((text.p[0] == '-' ? -1 : 1) * (h * 3600 + m * 60));
	return true;
}

bool dd_time_parse(struct dd_str text, int64_t *unix_ms)
{
	int64_t y, mo, d, h, mi, s = 0, ms = 0;
	int32_t offset = DD_IST_OFFSET_S;
	if (text.n < 16 || !take(text, 0, 4, &y) || text.p[4] != '-' || !take(text, 5, 2, &mo) ||
	        text.p[7] != '-' || !take(text, 8, 2, &d) ||
	        (text.p[10] != 'T' && text.p[10] != ' ' && text.p[10] != 't') ||
	        !take(text, 11, 2, &h) || text.p[13] != ':' || !take(text, 14, 2, &mi))
		return false;
	size_t at = 16;
	if (at < text.n && text.p[at] == ':') {
		if (!take(text, 17, 2, &s))
			return false;
		at = 19;
		if (at < text.n && text.p[at] == '.') {
			int64_t scale = 100;
			for (at++; at < text.n && digit(text.p[at]); at++, scale /= 10)
				ms += (text.p[at] - '0') * scale;
		}
	}
	struct dd_date date = {(int)y, (int)mo, (int)d};
	struct dd_str zone = {text.p + at, text.n - at};
	if (y < 1970 || !dd_date_valid(date) || h > 23 || mi > 59 || s > 59 ||
	        (zone.n && !dd_utc_offset_parse(zone, &offset)))
		return false;
	*unix_ms = ((dd_days_of(date) * 24 + h) * 3600 + mi * 60 + s - offset) * 1000 + ms;
	return true;
}

static void format_time(int64_t unix_ms, char separator, char *out, size_t size)
{
	int64_t s = unix_ms / 1000 + DD_IST_OFFSET_S, days = s / 86400, rest = s % 86400;
	if (rest < 0)
		rest += 86400, days--;
	struct dd_date date = dd_date_of(days);
	const int parts[] = {date.year / 100 % 100, date.year % 100, date.month, date.day,
	        (int)(rest / 3600), (int)(rest / 60 % 60), (int)(rest % 60)};
	memcpy(out, "0000-00-00 00:00:00", size);
	out[10] = separator;
	for (int i = 0, at = 0; i<7; i++, at += i> 1 ? 3 : 2) {
		out[at] = (char)('0' + parts[i] / 10);
		out[at + 1] = (char)('0' + parts[i] % 10);
	}
}

void dd_time_ist(int64_t unix_ms, char out[20])
{
	format_time(unix_ms, ' ', out, 20);
}

void dd_time_rfc3339(int64_t unix_ms, char out[26])
{
	format_time(unix_ms, 'T', out, 20);
	memcpy(out + 19, "+05:30", 7);
}

void dd_offset_text(dd_ms at, char out[24])
{
	long long tenths = at / 100, s = tenths / 10;
	if (s >= 3600)
		(void)snprintf(out, 24, "%lld:%02lld:%02lld.%lld", s / 3600, s / 60 % 60, s % 60,
		        tenths % 10);
	else
		(void)snprintf(out, 24, "%lld:%02lld.%lld", s / 60, s % 60, tenths % 10);
}
