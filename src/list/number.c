/* A number in a list, and what else stands where one should be. */
#include "list/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

/* The digits of a text that may have a + before them; 0 when there is anything else, or too many.
 */
static size_t digits_of(struct dd_str text, char out[17], bool *plus)
{
	size_t n = 0;
	*plus = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c >= '0' && c <= '9') {
			if (n == 17)
				return 0;
			out[n++] = c;
		} else if (c == '+' && n == 0 && !*plus) {
			*plus = true;
		} else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
			return 0;
		}
	}
	return n;
}

static uint64_t value_of(const char *digits, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(digits[i] - '0');
	return value;
}

/* With the country's digits. How long a number is behind them is known for the countries that
 * drydial has laws for. */
static uint64_t international(const char *digits, size_t n)
{
	bool fits = n >= 8 && n <= 15 && digits[0] != '0';
	if (fits && digits[0] == '9' && digits[1] == '1')
		fits = n == 12;
	else if (fits && digits[0] == '1')
		fits = n == 11;
	return fits ? value_of(digits, n, 0) : 0;
}

uint64_t dd_number_parse(struct dd_str text)
{
	char digits[17];
	bool plus;
	size_t n = digits_of(dd_str_trim(text), digits, &plus);
	if (plus || (n == 12 && digits[0] == '9' && digits[1] == '1'))
		return international(digits, n);
	if (n > 2 && digits[0] == '0' && digits[1] == '0')
		return international(digits + 2, n - 2);
	if (n == 10 && digits[0] != '0')
		return value_of(digits, n, 91);
	if (n == 11 && digits[0] == '0')
		return value_of(digits + 1, n - 1, 91);
	return 0;
}

/* -- what spreadsheets make of numbers --------------------------------------- */

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* 9.19876543210E+11 → 919876543210, when no digit is lost. 1: it was; 0: it is no such thing; -1:
 * digits are lost. */
static int without_exponent(struct dd_str text, char out[24], size_t *n)
{
	size_t at = 0, before = 0, digits = 0, zeros = 0;
	int exponent = 0;
	while (at < text.n && is_digit(text.p[at]) && digits < 20)
		out[digits++] = text.p[at++];
	before = digits;
	if (at < text.n && (text.p[at] == '.' || text.p[at] == ','))
		for (at++; at < text.n && is_digit(text.p[at]) && digits < 20;)
			out[digits++] = text.p[at++];
	if (!before || at >= text.n || (text.p[at] != 'e' && text.p[at] != 'E'))
		return 0;
	at++;
	at += at < text.n && text.p[at] == '+';
	for (; at < text.n && is_digit(text.p[at]) && exponent < 99; at++)
		exponent = exponent * 10 + (text.p[at] - '0');
	size_t want = before + (size_t)exponent;
	if (at != text.n || want > 20)
		return 0;
	for (zeros = digits; zeros > before && out[zeros - 1] == '0';)
		zeros--;
	/* a spreadsheet that has all digits writes them all; 9.19877E+11 was cut */
	if (digits < want || zeros > want)
		return -1;
	*n = want;
	return 1;
}

static bool is_null_word(struct dd_str text)
{
	static const char *const words[] = {
	        "null", "none", "nan", "nil", "n/a", "#n/a", "na", "undefined", "unknown", "-"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text.n == strlen(words[i]) && strncasecmp(text.p, words[i], text.n) == 0)
			return true;
	return false;
}

/* "919876543210.0", as programs write that take a number for a fraction. */
static struct dd_str without_fraction(struct dd_str text)
{
	if (text.n > 8 && text.p[text.n - 1] == '0' && text.p[text.n - 2] == '.') {
		struct dd_str whole = {text.p, text.n - 2};
		size_t i = whole.n && whole.p[0] == '+';
		while (i < whole.n && is_digit(whole.p[i]))
			i++;
		if (i == whole.n)
			return whole;
	}
	return text;
}

static void explain_number(struct dd_str text, char *why, size_t size)
{
	size_t digits = 0, others = 0;
	for (size_t i = 0; i < text.n; i++) {
		digits += is_digit(text.p[i]);
		others += !is_digit(text.p[i]) && !strchr("+ -.()", text.p[i]);
	}
	int shown = (int)(text.n < 60 ? text.n : 60);
	if (others || !digits)
		(void)snprintf(why, size, "\"%.*s\" cannot be a telephone number", shown, text.p);
	else
		(void)snprintf(why, size,
		        "\"%.*s\" cannot be a telephone number: it has %zu digits; write it as "
		        "+919876543210",
		        shown, text.p, digits);
}

uint64_t dd_number_of_field(struct dd_str text, char *why, size_t size)
{
	char exact[24];
	size_t n = 0;
	text = dd_str_trim(text);
	if (text.n && text.p[0] == '\'') /* what keeps a spreadsheet from reading it as a number */
		text.p++, text.n--;
	int exponent = without_exponent(text, exact, &n);
	uint64_t number = exponent > 0 ? dd_number_parse((struct dd_str){exact, n})
	        : exponent < 0         ? 0
	                               : dd_number_parse(without_fraction(text));
	why[0] = '\0';
	if (number)
		return number;
	if (text.n == 0)
		(void)snprintf(why, size, "there is no telephone number");
	else if (exponent < 0)
		(void)snprintf(why, size,
		        "\"%.*s\" is a telephone number that a spreadsheet has cut: its last "
		        "digits are lost; format the column as text, and export it again",
		        (int)(text.n < 40 ? text.n : 40), text.p);
	else if (is_null_word(text))
		(void)snprintf(why, size, "\"%.*s\" stands where a telephone number should",
		        (int)text.n, text.p);
	else
		explain_number(text, why, size);
	return 0;
}
