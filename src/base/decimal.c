/* Decimals as strings of digits. */
#include "base/decimal.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The whole part: digits, in groups where there are commas. Its length, or 0. */
static size_t whole_part(struct dd_str t)
{
	size_t at = 0, group = 0, groups = 0;
	for (;; at++) {
		bool digit = at < t.n && is_digit(t.p[at]), comma = at < t.n && t.p[at] == ',';
		if (digit) {
			group++;
			continue;
		}
		if (comma) {
			if (group == 0 || group > 3 || (groups && group < 2))
				return 0;
			groups++;
			group = 0;
			continue;
		}
		return groups && group != 3 ? 0 : at;
	}
}

/* The exponent behind `at`; false where what stands there is none. */
static bool exponent(struct dd_str t, size_t at, long *out)
{
	bool minus;
	long value = 0;
	*out = 0;
	if (at == t.n)
		return true;
	if (t.p[at] != 'e' && t.p[at] != 'E')
		return false;
	at++;
	minus = at < t.n && t.p[at] == '-';
	at += at < t.n && (t.p[at] == '-' || t.p[at] == '+');
	size_t from = at;
	for (; at < t.n && is_digit(t.p[at]); at++)
		value = value * 10 + (t.p[at] - '0');
	*out = minus ? -value : value;
	return at == t.n && at > from && at - from <= 4;
}

bool dd_decimal_parse(struct dd_str text, struct dd_decimal *out)
{
	struct dd_str t = dd_str_trim(text);
	long power;
	*out = (struct dd_decimal){.zero = true};
	if (t.n && (t.p[0] == '-' || t.p[0] == '+')) {
		out->negative = t.p[0] == '-';
		t.p++, t.n--;
	}
	size_t whole = whole_part(t), end = whole;
	if (whole == 0)
		return false;
	if (end < t.n && t.p[end] == '.') {
		size_t from = ++end;
		while (end < t.n && is_digit(t.p[end]))
			end++;
		if (end == from)
			return false;
	}
	if (!exponent(t, end, &power))
		return false;
	size_t first = 0;
	while (first < end && (!is_digit(t.p[first]) || t.p[first] == '0'))
		first++;
	out->zero = first == end;
	out->digits = (struct dd_str){t.p + first, end - first};
	for (size_t i = first; i < whole; i++)
		out->point += is_digit(t.p[i]);
	for (size_t i = whole; i < first; i++)
		out->point -= is_digit(t.p[i]);
	out->point += power;
	return true;
}

/* The next digit; 0 behind the last one. */
static char next_digit(struct dd_str t, size_t *at)
{
	while (*at < t.n && !is_digit(t.p[*at]))
		++*at;
	return *at < t.n ? t.p[(*at)++] : '0';
}

static int compare_sizes(const struct dd_decimal *a, const struct dd_decimal *b)
{
	size_t i = 0, k = 0;
	if (a->zero || b->zero)
		return (int)b->zero - (int)a->zero;
	if (a->point != b->point)
		return a->point < b->point ? -1 : 1;
	while (i < a->digits.n || k < b->digits.n) {
		char x = next_digit(a->digits, &i), y = next_digit(b->digits, &k);
		if (x != y)
			return x < y ? -1 : 1;
	}
	return 0;
}

int dd_decimal_compare(const struct dd_decimal *a, const struct dd_decimal *b)
{
	bool below_a = a->negative && !a->zero, below_b = b->negative && !b->zero;
	if (below_a != below_b)
		return below_a ? -1 : 1;
	return below_a ? compare_sizes(b, a) : compare_sizes(a, b);
}

/* printf would take longer than all else of a step that counts. */
static size_t whole_text(char *out, uint64_t value)
{
	char digits[20];
	size_t n = 0, length;
	do
		digits[n++] = (char)('0' + value % 10);
	while (value /= 10);
	length = n;
	while (n)
		*out++ = digits[--n];
	return length;
}

bool dd_decimal_add(struct dd_str text, long add, char out[32])
{
	enum { BEHIND = 6, BEFORE = 12 };
	struct dd_decimal d;
	int64_t value = 0, unit = 1000000;
	if (dd_decimal_parse(text, &d) && !d.zero) {
		size_t at = 0;
		long n = d.point + BEHIND;
		if (d.point > BEFORE || n < 0)
			return false;
		for (long i = 0; i < n; i++)
			value = value * 10 + (next_digit(d.digits, &at) - '0');
		while (at < d.digits.n)
			if (next_digit(d.digits, &at) != '0')
				return false;
		value = d.negative ? -value : value;
	}
	value += add * unit;
	int64_t size = value < 0 ? -value : value;
	if (size / unit >= INT64_C(1000000000000))
		return false;
	size_t n = 0;
	if (value < 0)
		out[n++] = '-';
	n += whole_text(out + n, (uint64_t)(size / unit));
	int64_t part = size % unit;
	if (part)
		out[n++] = '.';
	for (int64_t digit = unit / 10; part; part %= digit, digit /= 10)
		out[n++] = (char)('0' + part / digit);
	out[n] = '\0';
	return true;
}
