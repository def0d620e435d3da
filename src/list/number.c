/* A number in a list, and what else stands where one should be. */
#include "list/number.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"

enum { DIGITS_MAX = 20 };

/* The digits of a text that may have a + before them; 0 when there is anything else, or too many.
   `spaced`: something stood between them. The (0) of +44 (0)20 is left out: it is dialled at home
   only. */
static size_t digits_of(struct dd_str text, char out[DIGITS_MAX], bool *plus, bool *spaced)
{
	size_t n = 0;
	*plus = *spaced = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (*plus && n && text.n - i >= 3 && memcmp(text.p + i, "(0)", 3) == 0) {
			i += 2;
			*spaced = true;
		} else if (c >= '0' && c <= '9') {
			if (n == DIGITS_MAX)
				return 0;
			out[n++] = c;
		} else if (c == '+' && n == 0 && !*plus) {
			*plus = true;
		} else if (c && strchr(" -.()/", c)) {
			*spaced = true;
		} else {
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

/* Digits that begin with a calling code. The 0 that is dialled at home only often stays behind it,
 * as in +91 09876543210: no number begins with it where it is the trunk prefix. */
static uint64_t international(const char *digits, size_t n)
{
	if (n < 8 || n > 16 || digits[0] == '0')
		return 0;
	uint64_t number = value_of(digits, n, 0);
	const struct dd_numbering *plan = dd_numbering_of_number(number);
	if (!plan)
		return 0;
	size_t code = plan->calling >= 100 ? 3 : plan->calling >= 10 ? 2 : 1;
	if (strcmp(plan->trunk, "0") == 0 && n > code && digits[code] == '0')
		return dd_numbering_fits(plan, n - code - 1)
		        ? value_of(digits + code + 1, n - code - 1, plan->calling)
		        : 0;
	return n <= 15 && dd_numbering_fits(plan, n - code) ? number : 0;
}

static bool begin_with(const char *digits, size_t n, const char *prefix)
{
	size_t length = strlen(prefix);
	return length && n > length && memcmp(digits, prefix, length) == 0;
}

/* As it is dialled within the country, with or without the trunk prefix. */
static uint64_t national(const char *digits, size_t n, const struct dd_numbering *home)
{
	size_t trunk = begin_with(digits, n, home->trunk) ? strlen(home->trunk) : 0;
	if (trunk && dd_numbering_fits(home, n - trunk))
		return value_of(digits + trunk, n - trunk, home->calling);
	/* where 0 is the trunk prefix no number begins with it */
	if (dd_numbering_fits(home, n) && (digits[0] != '0' || strcmp(home->trunk, "0") != 0))
		return value_of(digits, n, home->calling);
	return 0;
}

/* The calling code of home without its +. */
static uint64_t without_plus(const char *digits, size_t n, const struct dd_numbering *home)
{
	char code[8];
	(void)snprintf(code, sizeof code, "%u", home->calling);
	return begin_with(digits, n, code) ? international(digits, n) : 0;
}

/* What is certain. Digits that can be read in two ways, as in countries whose numbers are of many
 * lengths, are none. */
static struct dd_number_reading read_digits(
        const char *digits, size_t n, bool plus, const struct dd_numbering *home)
{
	struct dd_number_reading out = {.fault = DD_NUMBER_LENGTH};
	if (plus) {
		out.number = international(digits, n);
	} else if (home) {
		uint64_t at_home = national(digits, n, home),
		         abroad = begin_with(digits, n, home->international)
		        ? international(digits + strlen(home->international),
		                  n - strlen(home->international))
		        : 0,
		         code = without_plus(digits, n, home);
		if (!abroad && !at_home && begin_with(digits, n, "00"))
			abroad = international(digits + 2, n - 2);
		if (abroad && (!at_home || begin_with(digits, n, "00")))
			out.number = abroad;
		else if (at_home && code && at_home != code)
			out.fault = DD_NUMBER_NO_COUNTRY;
		else
			out.number = at_home ? at_home : code;
		out.repairs = !out.number       ? 0
		        : out.number == at_home ? DD_NUMBER_NATIONAL
		                                : DD_NUMBER_NO_PLUS;
	} else if (begin_with(digits, n, "00")) {
		out.number = international(digits + 2, n - 2);
		out.repairs = out.number ? DD_NUMBER_NO_PLUS : 0;
	} else if (n >= 7 && n <= 15) {
		out.fault = DD_NUMBER_NO_COUNTRY;
	}
	if (out.number)
		out.fault = DD_NUMBER_FINE;
	return out;
}

static struct dd_number_reading read_text(struct dd_str text, const struct dd_numbering *home)
{
	char digits[DIGITS_MAX];
	bool plus, spaced;
	size_t n = digits_of(text, digits, &plus, &spaced);
	if (!n)
		return (struct dd_number_reading){.fault = DD_NUMBER_OTHER};
	struct dd_number_reading out = read_digits(digits, n, plus, home);
	if (out.number && spaced)
		out.repairs |= DD_NUMBER_SPACED;
	return out;
}

uint64_t dd_number_parse(struct dd_str text, const struct dd_numbering *home)
{
	return read_text(dd_str_trim(text), home).number;
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

bool dd_is_null_word(struct dd_str text)
{
	static const char *const words[] = {"null", "none", "nan", "nil", "n/a", "#n/a", "<na>",
	        "undefined", "unknown", "-", "--", "#value!", "#ref!", "#name?", "#null!", "#num!",
	        "#div/0!", "(null)", "<null>", "(blank)", "\\n"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text.n == strlen(words[i]) && strncasecmp(text.p, words[i], text.n) == 0)
			return true;
	/* Na is a surname, and Nat a name */
	return dd_str_is(text, "NA") || dd_str_is(text, "NaT");
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

static void explain(struct dd_str text, enum dd_number_fault fault, const struct dd_numbering *home,
        char *why, size_t size)
{
	int shown = (int)(text.n < 60 ? text.n : 60);
	size_t digits = 0;
	for (size_t i = 0; i < text.n; i++)
		digits += is_digit(text.p[i]);
	switch (fault) {
	case DD_NUMBER_FINE: why[0] = '\0'; break;
	case DD_NUMBER_EMPTY: (void)snprintf(why, size, "there is no telephone number"); break;
	case DD_NUMBER_CUT:
		(void)snprintf(why, size,
		        "\"%.*s\" is a telephone number that a spreadsheet has cut: its last "
		        "digits are lost; format the column as text, and export it again",
		        shown, text.p);
		break;
	case DD_NUMBER_NULL_WORD:
		(void)snprintf(why, size, "\"%.*s\" stands where a telephone number should", shown,
		        text.p);
		break;
	case DD_NUMBER_NO_COUNTRY:
		(void)snprintf(why, size,
		        "\"%.*s\" does not say which country it is of: write + and the calling "
		        "code before it, or name the country",
		        shown, text.p);
		break;
	case DD_NUMBER_LENGTH:
		(void)snprintf(why, size,
		        "\"%.*s\" cannot be a telephone number%s%s: it has %zu digit%s; write it "
		        "as +%u and the number",
		        shown, text.p, home && home->country[0] ? " of " : "",
		        home ? home->country : "", digits, digits == 1 ? "" : "s",
		        home ? home->calling : 91);
		break;
	case DD_NUMBER_OTHER:
		(void)snprintf(why, size, "\"%.*s\" cannot be a telephone number", shown, text.p);
		break;
	}
}

struct dd_number_reading dd_number_read(
        struct dd_str text, const struct dd_numbering *home, char *why, size_t size)
{
	struct dd_number_reading out = {.fault = DD_NUMBER_CUT};
	char exact[24];
	size_t n = 0;
	unsigned repairs = 0;
	text = dd_str_trim(text);
	if (text.n &&
	        text.p[0] == '\'') { /* what keeps a spreadsheet from reading it as a number */
		text.p++, text.n--;
		repairs = DD_NUMBER_QUOTED;
	}
	int exponent = without_exponent(text, exact, &n);
	struct dd_str whole = without_fraction(text);
	if (!text.n) {
		out.fault = DD_NUMBER_EMPTY;
	} else if (dd_is_null_word(text)) {
		out.fault = DD_NUMBER_NULL_WORD;
	} else if (exponent >= 0) {
		out = read_text(exponent ? (struct dd_str){exact, n} : whole, home);
		repairs |= exponent         ? DD_NUMBER_EXPONENT
		        : whole.n != text.n ? DD_NUMBER_FRACTION
		                            : 0;
	}
	if (out.number)
		out.repairs |= repairs;
	explain(text, out.fault, home, why, size);
	return out;
}

const char *dd_number_fault_text(enum dd_number_fault fault)
{
	static const char *const texts[] = {[DD_NUMBER_FINE] = "",
	        [DD_NUMBER_EMPTY] = "there is no telephone number",
	        [DD_NUMBER_CUT] = "a spreadsheet has cut the telephone number: its last digits "
	                          "are lost",
	        [DD_NUMBER_NULL_WORD] = "a word for nothing, such as null, stands where the "
	                                "telephone number should",
	        [DD_NUMBER_NO_COUNTRY] = "the telephone number does not say which country it is "
	                                 "of; write + and the calling code before it, or name "
	                                 "the country",
	        [DD_NUMBER_LENGTH] = "the telephone number has too few or too many digits",
	        [DD_NUMBER_OTHER] = "this cannot be a telephone number"};
	return texts[fault];
}

uint64_t dd_number_of_field(
        struct dd_str text, const struct dd_numbering *home, char *why, size_t size)
{
	return dd_number_read(text, home, why, size).number;
}
