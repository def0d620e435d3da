/* What is said digit by digit: telephone numbers, codes, accounts. */
#include "read/reading.h"

#include <stdio.h>
#include <stdlib.h>

enum { GROUPS_MAX = 7, NUMBER_MAX = 19 };

/* Digits in groups with a space or a hyphen between. */
struct groups {
	char digits[GROUPS_MAX][NUMBER_MAX + 1];
	size_t length[GROUPS_MAX], end[GROUPS_MAX];
	size_t n, total;
};

static void take_group_list(const struct reading *r, size_t at, struct groups *g)
{
	*g = (struct groups){.n = 0};
	while (g->n < GROUPS_MAX) {
		bool bracket = read_take(r, &at, "(");
		size_t n = read_take_digits(r, &at, g->digits[g->n], NUMBER_MAX);
		if (!n || g->total + n > NUMBER_MAX || (bracket && !read_take(r, &at, ")")))
			return;
		g->length[g->n] = n;
		g->total += n;
		g->end[g->n++] = at;
		if (!read_take(r, &at, " ") && !read_take(r, &at, "-") &&
		        !read_take(r, &at, "\xC2\xA0"))
			return;
		(void)read_take(r, &at, "- ");
	}
}

static void drop_group(struct groups *g)
{
	g->total -= g->length[--g->n];
}

static bool has_lengths(const struct groups *g, const char *lengths)
{
	size_t n = strlen(lengths);
	for (size_t i = 0; i < n && i < g->n; i++)
		if (g->length[i] != (size_t)(lengths[i] - '0'))
			return false;
	return g->n == n;
}

/* A number goes on, or is counted: 5-10%, 98765.43 */
static bool goes_on(const struct reading *r, size_t at)
{
	size_t end = at, next = at;
	if (!read_ends(r, at) || read_peek(r, at, NULL) == '%')
		return true;
	if (read_take(r, &next, ".") || read_take(r, &next, ",") || read_take(r, &next, ":") ||
	        read_take(r, &next, "/") || read_take(r, &next, "-"))
		return read_digit(r, next, NULL) >= 0;
	end = read_spaces(r, at);
	return read_take(r, &end, "%");
}

/* A mobile number of India, or a number as North America groups it. */
static bool is_ten(const struct groups *g)
{
	bool mobile = g->digits[0][0] >= '6';
	if (g->n == 1)
		return mobile && g->total == 10;
	return (mobile &&
	               (has_lengths(g, "55") || has_lengths(g, "433") || has_lengths(g, "343"))) ||
	        (g->digits[0][0] >= '2' && has_lengths(g, "334"));
}

static bool is_number_by_itself(const struct groups *g, bool plus)
{
	const char *first = g->digits[0];
	bool toll_free = g->n > 1 && g->length[0] == 4 &&
	        (strcmp(first, "1800") == 0 || strcmp(first, "1860") == 0);
	if (plus)
		return g->total >= 8 && g->total <= 15;
	if (toll_free)
		return g->total >= 10 && g->total <= 11;
	if (strcmp(first, "91") == 0 && g->n > 1 && g->total == 12)
		return g->digits[1][0] >= '6';
	if (g->n == 1 && g->total == 12 && memcmp(first, "91", 2) == 0)
		return first[2] >= '6';
	if (first[0] == '0' && g->total >= 10 && g->total <= 12)
		return true;
	return is_ten(g) || has_lengths(g, "4444") || has_lengths(g, "444");
}

/* "call 139 now", not "call 500 customers" */
static bool is_called(const struct reading *r, const struct groups *g, size_t end)
{
	struct read_near behind;
	if (g->total < 3 || g->total > 13)
		return false;
	for (size_t i = 0; i < g->n; i++)
		if (g->length[i] < 2)
			return false;
	if (g->total >= 6)
		return true;
	read_behind(r, end, &behind);
	size_t next = read_spaces(r, end);
	uint32_t c = read_peek(r, next, NULL);
	return next == end || !dd_is_letter(c) || c < 'a' ||
	        (behind.n && read_is_cue(behind.words[0], r->w->call_follows));
}

static bool say_groups(struct reading *r, const struct groups *g, bool plus)
{
	if (plus)
		read_say(r, r->w->plus), read_say(r, " ");
	for (size_t i = 0; i < g->n; i++) {
		read_say(r, i ? ", " : "");
		if (!read_say_digits(r, g->digits[i], g->length[i]))
			return false;
	}
	return true;
}

/* 98765 43210, +91-9876543210, 080-47112233, 1800 123 4567, and cards of four times four */
bool read_telephone(struct reading *r, size_t *at)
{
	size_t from = *at;
	struct groups g;
	struct read_near before;
	bool plus = read_take(r, &from, "+");
	take_group_list(r, from, &g);
	if (!g.n)
		return false;
	read_before(r, *at, &before);
	bool called = read_has_cue(&before, r->w->phone_cues, r->w->links),
	     account = read_has_cue(&before, r->w->account_cues, r->w->links) ||
	        read_has_cue(&before, r->w->number_cues, r->w->links);
	for (; g.n; drop_group(&g)) {
		size_t end = g.end[g.n - 1];
		if (goes_on(r, end))
			continue;
		if (is_number_by_itself(&g, plus) || (called && is_called(r, &g, end)) ||
		        (account && g.n > 1 && g.total >= 8)) {
			*at = end;
			return say_groups(r, &g, plus);
		}
	}
	return false;
}

/* -- masked ----------------------------------------------------------------- */

static bool is_mask(uint32_t c)
{
	enum { BULLET = 0x2022 };
	return c == 'X' || c == 'x' || c == '*' || c == BULLET;
}

/* XXXX1234, ****1234, XX-1234, 4567 XXXX XXXX 1234 */
bool read_masked(struct reading *r, size_t *at)
{
	char first[8], last[8];
	size_t from = *at, next, masks = 0, end;
	size_t nfirst = read_take_digits(r, &from, first, 6);
	for (uint32_t c; from < r->text.n; from = next) {
		c = read_peek(r, from, &next);
		if (is_mask(c))
			masks++;
		else if ((c != '-' && c != ' ') || next >= r->text.n ||
		        (!is_mask(read_peek(r, next, NULL)) && read_digit(r, next, NULL) < 0))
			break;
	}
	end = from;
	size_t nlast = read_take_digits(r, &end, last, 6);
	if (masks < 2 || nlast < 2 || goes_on(r, end))
		return false;
	struct read_near before;
	read_before(r, *at, &before);
	if (nfirst) {
		if (!read_say_digits(r, first, nfirst))
			return false;
		read_say(r, ", ");
	}
	if (!before.n || nfirst || !read_is_cue(before.words[0], r->w->endings))
		read_say(r, r->w->ending), read_say(r, " ");
	*at = end;
	return read_say_digits(r, last, nlast);
}

/* -- digits by their words -------------------------------------------------- */

static bool is_cued(const struct reading *r, size_t at, size_t end, size_t n)
{
	struct read_near before, behind;
	read_before(r, at, &before);
	if ((n >= 3 &&
	            (read_has_cue(&before, r->w->code_cues, r->w->links) ||
	                    read_has_cue(&before, r->w->number_cues, r->w->links))) ||
	        (n >= 4 && read_has_cue(&before, r->w->account_cues, r->w->links)))
		return true;
	/* "ending in 4578" */
	if (before.n > 1 && read_is_cue(before.words[0], "in with") &&
	        read_is_cue(before.words[1], "ending ends"))
		return true;
	/* "the code for your login is 4578" */
	for (size_t i = 1; n >= 4 && i < before.n && read_is_cue(before.words[0], "is are है हैं");
	        i++)
		if (read_is_cue(before.words[i], r->w->code_cues))
			return true;
	/* "4578 is your code" */
	read_behind(r, end, &behind);
	for (size_t i = 0; n >= 4 && i < behind.n; i++) {
		if (i && read_is_cue(behind.words[i], r->w->code_cues))
			return true;
		if (!read_is_cue(behind.words[i], r->w->code_follows) && !(i && i < 5))
			return false;
	}
	return false;
}

/* The digits of a code, an account, a reference: "your code is 4578". */
bool read_code_digits(struct reading *r, size_t *at)
{
	char digits[NUMBER_MAX + 1];
	size_t from = *at;
	size_t n = read_take_digits(r, &from, digits, NUMBER_MAX);
	if (!n || goes_on(r, from) || !is_cued(r, *at, from, n))
		return false;
	*at = from;
	return read_say_digits(r, digits, n);
}

/* "#1042", "order no. #1042" */
bool read_hash(struct reading *r, size_t *at)
{
	char digits[NUMBER_MAX + 1];
	size_t from = *at;
	struct read_near before;
	if (!read_take(r, &from, "#"))
		return false;
	size_t n = read_take_digits(r, &from, digits, NUMBER_MAX);
	if (n < 2 || goes_on(r, from))
		return false;
	read_before(r, *at, &before);
	if (!before.n || !read_is_cue(before.words[0], r->w->number_cues))
		read_say(r, r->w->number), read_say(r, " ");
	*at = from;
	return read_say_digits(r, digits, n);
}

/* More digits than a quantity has, or one that begins with nothing. */
bool read_long_number(struct reading *r, size_t *at)
{
	enum { QUANTITY = 8 };
	char digits[NUMBER_MAX + 1];
	size_t from = *at;
	size_t n = read_take_digits(r, &from, digits, NUMBER_MAX);
	if (!n || goes_on(r, from) || !(n > QUANTITY || (digits[0] == '0' && n > 2)))
		return false;
	*at = from;
	return read_say_digits(r, digits, n);
}

/* "Bengaluru - 560001": a PIN code behind its town. */
bool read_place(struct reading *r, size_t *at)
{
	char digits[8];
	size_t from = *at, next, letters = 0;
	uint32_t c = read_peek(r, from, &next);
	if (c < 'A' || c > 'Z')
		return false;
	for (; read_is_latin(read_peek(r, from, &next)); from = next)
		letters++;
	size_t end = from;
	if (letters < 3 || !read_take_dash(r, &end) || read_take_digits(r, &end, digits, 6) != 6 ||
	        digits[0] == '0' || goes_on(r, end))
		return false;
	dd_buf_add(&r->out, r->text.p + *at, from - *at);
	read_say(r, ", ");
	*at = end;
	return read_say_digits(r, digits, 6);
}

/* -- codes of letters and digits -------------------------------------------- */

static bool is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_ascii_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* AI 202, 6E-2341 */
bool read_flight(struct reading *r, size_t *at)
{
	static const char airlines[] = "AI IX 6E SG QP I5 9W G8 S5 EK EY QR SQ BA LH";
	char digits[5];
	const char *p = r->text.p + *at;
	size_t from = *at + 2;
	struct read_near before;
	if (r->text.n - *at < 4 || (!is_capital(p[0]) && !is_ascii_digit(p[0])) ||
	        (!is_capital(p[1]) && !is_ascii_digit(p[1])) ||
	        (is_ascii_digit(p[0]) && is_ascii_digit(p[1])))
		return false;
	size_t mark = *at;
	bool airline = read_take_mark(r, &mark, airlines) && mark == from;
	if (!read_take(r, &from, " ") && !read_take(r, &from, "-"))
		return false;
	size_t n = read_take_digits(r, &from, digits, 4);
	read_before(r, *at, &before);
	bool flight = read_has_cue(&before, r->w->flight_cues, r->w->links);
	long value = n ? strtol(digits, NULL, 10) : 0;
	bool year = n == 4 && value >= 1900 && value <= 2099;
	if (n < 2 || goes_on(r, from) || !(flight || (airline && n >= 3 && !year)))
		return false;
	if (!read_say_letters(r, (struct dd_str){p, 2}))
		return false;
	read_say(r, " ");
	*at = from;
	return read_say_digits(r, digits, n);
}

/* A run of four capitals or more with a vowel is a word: SAVE30 */
static bool is_word(const char *run, size_t n)
{
	bool vowel = false;
	for (size_t i = 0; i < n; i++)
		vowel |= strchr("AEIOU", run[i]) != NULL;
	return n > 5 || (n >= 4 && vowel);
}

/* OD1234567, A1042, INV-2041, KA01AB1234 */
bool read_code(struct reading *r, size_t *at)
{
	enum { CODE_MAX = 30 };
	const char *p = r->text.p + *at;
	size_t left = r->text.n - *at, n = 0, letters = 0, digits = 0, run = 0;
	struct read_near before;
	bool word = false;
	for (; n < left && n < CODE_MAX; n++) {
		bool joins = (p[n] == '-' || p[n] == '/') && n && n + 1 < left &&
		        (is_capital(p[n + 1]) || is_ascii_digit(p[n + 1]));
		if (is_capital(p[n])) {
			letters++;
			word |= is_word(p + n - run, run + 1);
			run++;
			continue;
		}
		run = 0;
		if (is_ascii_digit(p[n]))
			digits++;
		else if (!joins)
			break;
	}
	if (!letters || !digits || word || n == CODE_MAX || goes_on(r, *at + n))
		return false;
	read_before(r, *at, &before);
	bool cued = digits >= 2 && letters + digits >= 4 &&
	        (read_has_cue(&before, r->w->code_cues, r->w->links) ||
	                read_has_cue(&before, r->w->number_cues, r->w->links) ||
	                read_has_cue(&before, r->w->account_cues, r->w->links));
	if (digits < 3 && !cued)
		return false;
	*at += n;
	return read_say_letters(r, (struct dd_str){p, n});
}
