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

/* Days since 1970-01-01; years from March so that the leap day comes last. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
	y -= m <= 2;
	int64_t era = (y >= 0 ? y : y - 399) / 400, yoe = y - era * 400;
	int64_t doy = (153 * (m + (m > 2 ? -3 : 9)) + 2) / 5 + d - 1;
	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

static void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
	days += 719468;
	int64_t era = (days >= 0 ? days : days - 146096) / 146097, doe = days - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
	*d = doy - (153 * mp + 2) / 5 + 1;
	*m = mp + (mp < 10 ? 3 : -9);
	*y = yoe + era * 400 + (*m <= 2);
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

static bool zone_parse(struct dd_str text, size_t at, int64_t *offset_s)
{
	int64_t h, m;
	if (at == text.n) {
		*offset_s = DD_IST_OFFSET_S;
		return true;
	}
	if (text.n - at == 1 && (text.p[at] == 'Z' || text.p[at] == 'z')) {
		*offset_s = 0;
		return true;
	}
	if (text.n - at != 6 || (text.p[at] != '+' && text.p[at] != '-') || text.p[at + 3] != ':' ||
	    !take(text, at + 1, 2, &h) || !take(text, at + 4, 2, &m) || h > 14 || m > 59)
		return false;
	*offset_s = (text.p[at] == '-' ? -1 : 1) * (h * 3600 + m * 60);
	return true;
}

bool dd_time_parse(struct dd_str text, int64_t *unix_ms)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int64_t y, mo, d, h, mi, s = 0, offset, ms = 0;
	if (text.n < 16 || !take(text, 0, 4, &y) || text.p[4] != '-' || !take(text, 5, 2, &mo) || text.p[7] != '-' ||
	    !take(text, 8, 2, &d) || (text.p[10] != 'T' && text.p[10] != ' ' && text.p[10] != 't') ||
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
	bool leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
	if (y < 1970 || mo < 1 || mo > 12 || d < 1 || d > lengths[mo - 1] + (mo == 2 && leap) || h > 23 || mi > 59 || s > 59 ||
	    !zone_parse(text, at, &offset))
		return false;
	*unix_ms = ((days_of(y, mo, d) * 24 + h) * 3600 + mi * 60 + s - offset) * 1000 + ms;
	return true;
}

static void format_time(int64_t unix_ms, char separator, char *out, size_t size)
{
	int64_t s = unix_ms / 1000 + DD_IST_OFFSET_S, days = s / 86400, rest = s % 86400, y, m, d;
	if (rest < 0)
		rest += 86400, days--;
	date_of(days, &y, &m, &d);
	(void)snprintf(out, size, "%04d-%02d-%02d%c%02d:%02d:%02d", (int)(y % 10000), (int)m % 100, (int)d % 100, separator,
		       (int)(rest / 3600) % 100, (int)(rest / 60 % 60), (int)(rest % 60));
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
		(void)snprintf(out, 24, "%lld:%02lld:%02lld.%lld", s / 3600, s / 60 % 60, s % 60, tenths % 10);
	else
		(void)snprintf(out, 24, "%lld:%02lld.%lld", s / 60, s % 60, tenths % 10);
}
