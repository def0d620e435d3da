/* How figures are written for people. */
#include <stdio.h>

#include "campaign/papering.h"

const char *const paper_weekdays[7] = {
        "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
static const char *const months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct paper_text paper_number(uint64_t n)
{
	struct paper_text out;
	char digits[24];
	size_t length = (size_t)snprintf(digits, sizeof digits, "%llu", (unsigned long long)n),
	       at = 0;
	for (size_t i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			out.p[at++] = ',';
		out.p[at++] = digits[i];
	}
	out.p[at] = '\0';
	return out;
}

static struct paper_text fixed(double n, int decimals)
{
	struct paper_text out;
	double scale = decimals == 1 ? 10 : 100, rounded = round(fabs(n) * scale);
	if (!(rounded < 1e18)) /* more than whole numbers hold; no campaign comes near */
		return paper_short(n);
	uint64_t all = (uint64_t)rounded, unit = (uint64_t)scale;
	snprintf(out.p, sizeof out.p, "%s%s.%0*llu", n < 0 && all ? "-" : "",
	        paper_number(all / unit).p, decimals, (unsigned long long)(all % unit));
	return out;
}

struct paper_text paper_decimal(double n)
{
	return fixed(n, 1);
}

struct paper_text paper_money(double amount)
{
	return fixed(amount, 2);
}

struct paper_text paper_short(double n)
{
	static const struct {
		double from;
		const char *unit;
	} units[] = {{1e12, " T"}, {1e9, " G"}, {1e6, " M"}, {1e3, " k"}};
	struct paper_text out;
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		if (n >= units[i].from) {
			snprintf(out.p, sizeof out.p, "%.6g%s", round(10 * n / units[i].from) / 10,
			        units[i].unit);
			return out;
		}
	}
	snprintf(out.p, sizeof out.p, "%.4g", n);
	return out;
}

/* What is nearly nothing is not written as nothing, nor what is nearly all as all. */
struct paper_text paper_percent(double rate)
{
	struct paper_text out;
	double tenths = round(1000 * rate);
	if (isnan(rate))
		return (struct paper_text){"–"};
	if (rate > 0 && tenths < 1)
		return (struct paper_text){"<0.1 %"};
	if (rate < 1 && tenths >= 1000)
		return (struct paper_text){">99.9 %"};
	if (rate == 1)
		return (struct paper_text){"100 %"};
	snprintf(out.p, sizeof out.p, "%.1f %%", tenths / 10);
	return out;
}

struct paper_text paper_percent_beside(double rate, double other)
{
	struct paper_text out = paper_percent(rate);
	for (int digits = 2; digits < 7 && !isnan(rate) && rate != other; digits++) {
		struct paper_text like = paper_percent(other);
		if (digits > 2)
			(void)snprintf(like.p, sizeof like.p, "%.*f %%", digits - 1, 100 * other);
		if (strcmp(out.p, like.p) != 0)
			break;
		(void)snprintf(out.p, sizeof out.p, "%.*f %%", digits, 100 * rate);
	}
	return out;
}

struct paper_text paper_duration(int64_t ms)
{
	struct paper_text out;
	/* Rounded to what is shown, so that nothing shows "59 min" of 59 min 59 s. */
	int64_t s = (ms + 500) / 1000;
	if (s >= 3600)
		s = (s + 30) / 60 * 60;
	if (s >= 86400)
		s = (s + 1800) / 3600 * 3600;
	int64_t min = s / 60, h = min / 60, days = h / 24;
	if (ms < 59950)
		snprintf(out.p, sizeof out.p, "%.1f s", (double)ms / 1000);
	else if (h == 0)
		snprintf(out.p, sizeof out.p, "%lld min %lld s", (long long)min,
		        (long long)(s % 60));
	else if (days == 0)
		snprintf(out.p, sizeof out.p, "%lld h %lld min", (long long)h,
		        (long long)(min % 60));
	else
		snprintf(out.p, sizeof out.p, "%s day%s %lld h", paper_number((uint64_t)days).p,
		        days == 1 ? "" : "s", (long long)(h % 24));
	return out;
}

struct dd_civil paper_civil(const struct dd_zone *zone, int64_t unix_ms)
{
	if (zone)
		return dd_zone_civil(zone, unix_ms);
	int64_t day = unix_ms / 86400000 - (unix_ms % 86400000 < 0), ms = unix_ms - day * 86400000;
	struct dd_date d = dd_date_of(day);
	return (struct dd_civil){d.year, d.month, d.day, (int)(ms / 3600000),
	        (int)(ms / 60000 % 60), (int)(ms / 1000 % 60), (int)(ms % 1000), dd_weekday(day)};
}

const char *paper_zone_name(const struct dd_zone *zone)
{
	return zone ? dd_zone_name(zone) : "UTC";
}

struct paper_text paper_when(const struct dd_zone *zone, int64_t unix_ms)
{
	struct paper_text out;
	struct dd_civil c = paper_civil(zone, unix_ms);
	snprintf(out.p, sizeof out.p, "%.3s %d %s %d, %02d:%02d", paper_weekdays[c.weekday], c.day,
	        months[c.month - 1], c.year, c.hour, c.minute);
	return out;
}

struct paper_text paper_day(int64_t days, bool weekday)
{
	struct paper_text out;
	struct dd_date d = dd_date_of(days);
	snprintf(out.p, sizeof out.p, "%.*s%s%d %s", weekday ? 3 : 0,
	        paper_weekdays[dd_weekday(days)], weekday ? " " : "", d.day, months[d.month - 1]);
	return out;
}

/* RFC 3339 knows no seconds in an offset; zones of before 1970 have them. */
struct paper_text paper_rfc3339(const struct dd_zone *zone, int64_t unix_ms)
{
	struct paper_text out;
	struct dd_civil c = paper_civil(zone, unix_ms);
	int32_t offset = zone ? dd_zone_offset_s(zone, unix_ms) / 60 : 0,
	        minutes = offset < 0 ? -offset : offset;
	int n = snprintf(out.p, sizeof out.p, "%04d-%02d-%02dT%02d:%02d:%02d", c.year, c.month,
	        c.day, c.hour, c.minute, c.second);
	if (c.ms)
		n += snprintf(out.p + n, sizeof out.p - (size_t)n, ".%03d", c.ms);
	snprintf(out.p + n, sizeof out.p - (size_t)n, "%c%02d:%02d", offset < 0 ? '-' : '+',
	        minutes / 60, minutes % 60);
	return out;
}

void paper_clip(struct dd_buf *out, struct dd_str text, size_t columns)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, text);
	struct dd_str all = {clean.p ? clean.p : "", clean.n};
	if (dd_width_fit(all, columns) == all.n) {
		dd_buf_add(out, all.p, all.n);
	} else {
		dd_buf_add(out, all.p, dd_width_fit(all, columns - 1));
		dd_buf_str(out, "…");
	}
	dd_buf_free(&clean);
}
