/* One look at each word that is left as it is written. */
#include "read/oddly.h"

#include <stdio.h>
#include <stdlib.h>

#include "read/reading.h"

enum { WORD_MAX = 64 };

/* A word without the marks around it, its digits as ASCII. */
struct word {
	struct dd_stretch at;
	char text[WORD_MAX + 1];
	bool behind_currency;
};

/* -- forms ------------------------------------------------------------------ */

/* Numbers with one mark between, as 12/03/2025; how many, 0: it is something else. */
static size_t take_numbers(const char *p, char mark, long *values, size_t *lengths, size_t most)
{
	size_t n = 0;
	for (;;) {
		size_t digits = strspn(p, "0123456789");
		if (!digits || n == most)
			return 0;
		values[n] = digits < 10 ? strtol(p, NULL, 10) : -1;
		lengths[n++] = digits;
		p += digits;
		if (*p == '\0')
			return n;
		if (*p++ != mark)
			return 0;
	}
}

static bool is_day(long day, long month)
{
	static const char days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	return month >= 1 && month <= 12 && day >= 1 && day <= days[month - 1];
}

static bool is_odd_date(const struct word *w, struct dd_oddity *out)
{
	long v[3];
	size_t lengths[3];
	size_t n = 0;
	for (const char *mark = "/-."; *mark && n != 3; mark++)
		n = take_numbers(w->text, *mark, v, lengths, 3);
	if (n != 3)
		return false;
	bool iso = lengths[0] == 4 && lengths[1] <= 2 && lengths[2] <= 2,
	     usual = lengths[0] <= 2 && lengths[1] <= 2 && (lengths[2] == 2 || lengths[2] == 4);
	if (!iso && !usual)
		return false;
	bool first = iso ? is_day(v[2], v[1]) : is_day(v[0], v[1]),
	     second = !iso && is_day(v[1], v[0]);
	out->why = first && second ? "can be read as two dates" : "is no date";
	out->hint = first && second ? "write the month's name: 12 March 2025"
	                            : "write a day that there is, as in 12/03/2025";
	return true;
}

/* Of the digits between marks: 12:60, 9-5, 1/2. */
static bool is_odd_pair(const struct word *w, struct dd_oddity *out)
{
	long v[8];
	size_t lengths[8], n = take_numbers(w->text, ':', v, lengths, 3);
	if (n > 1 && lengths[0] <= 2 && lengths[1] == 2) {
		out->why = "is no time";
		out->hint = "write a time that there is, as in 14:05";
		return true;
	}
	if (take_numbers(w->text, '/', v, lengths, 2) == 2 ||
	        take_numbers(w->text, '-', v, lengths, 8) > 1) {
		out->why = "can be read in more than one way";
		out->hint = "write it in words";
		return true;
	}
	return false;
}

static bool is_mark(const char *word, size_t n)
{
	static const char *const marks[] = {"₹", "Rs.", "Rs", "rs.", "rs", "RS.", "RS", "INR", "$",
	        "US$", "USD", "€", "EUR", "£", "GBP", "AED", "¥", "रु.", "रु", "ரூ.", "ரூ", NULL};
	for (size_t i = 0; marks[i]; i++)
		if (strlen(marks[i]) == n && memcmp(marks[i], word, n) == 0)
			return true;
	return false;
}

static bool is_odd_amount(const struct word *w, struct dd_oddity *out)
{
	size_t mark = strcspn(w->text, "0123456789");
	bool digits = w->text[mark] != '\0';
	if (!digits || !((mark == 0 && w->behind_currency) || is_mark(w->text, mark)))
		return false;
	out->why = "is no amount as people write one";
	out->hint = "write it as ₹1,50,000 or ₹99.50";
	return true;
}

static bool is_odd_group(const struct word *w, struct dd_oddity *out)
{
	long v[16];
	size_t lengths[16];
	if (take_numbers(w->text, ',', v, lengths, 16) < 2)
		return false;
	out->why = "has commas that group no digits";
	out->hint = "group them as in 1,50,000, or write a space behind each comma of a list";
	return true;
}

static bool is_odd_mask(const struct word *w, struct dd_oddity *out)
{
	size_t masks = 0, digits = 0;
	for (const char *p = w->text; *p; p++) {
		masks += strchr("*xX", *p) != NULL;
		digits += *p >= '0' && *p <= '9';
		if (!strchr("*xX-0123456789", *p))
			return false;
	}
	if (masks < 2 || !digits)
		return false;
	out->why = "hides digits, and the voice reads what hides them";
	out->hint = "write what is to be heard: ending in 1 2 3 4";
	return true;
}

static bool is_odd_address(const struct word *w, struct dd_oddity *out)
{
	const char *dot = strchr(w->text, '.');
	bool web = strstr(w->text, "://") || strncmp(w->text, "www.", 4) == 0 ||
	        (dot && dot > w->text && strpbrk(dot, "?=&"));
	const char *at = strchr(w->text, '@');
	if (!web && !(at && at > w->text && strchr(at, '.')))
		return false;
	out->why = "is an address that nobody can take down";
	out->hint = "say a short one, as example.com/pay, or send it by SMS";
	return true;
}

static bool is_odd(const struct word *w, const char *language, struct dd_oddity *out)
{
	bool known = language && dd_aloud_knows(language);
	if (!is_odd_date(w, out) && !is_odd_amount(w, out) && !is_odd_mask(w, out) &&
	        !is_odd_address(w, out) &&
	        !(known && (is_odd_pair(w, out) || is_odd_group(w, out))))
		return false;
	struct dd_buf one = {0};
	bool opened = !known || read_spell(READ_EN, READ_CARDINAL, "1", &one);
	dd_buf_free(&one);
	if (!known) {
		out->why = language ? "is left to the voice, which reads it as it stands"
		                    : "is read as it stands: this voice reads literally";
		out->hint = "write it in words";
	}
	return opened; /* without ICU nothing is put into words, which is told elsewhere */
}

/* -- words ------------------------------------------------------------------ */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* Marks around words, and none of those that belong to an amount. */
static struct dd_stretch bare(struct dd_str text, size_t from, size_t to)
{
	static const char danda[] = "।";
	while (from < to && strchr("(\"'[", text.p[from]))
		from++;
	while (to > from) {
		if (strchr(".,;:!?)\"']", text.p[to - 1]))
			to--;
		else if (to - from > 3 && memcmp(text.p + to - 3, danda, 3) == 0)
			to -= 3;
		else
			break;
	}
	return (struct dd_stretch){from, to};
}

static bool fold(struct dd_str text, struct word *w)
{
	const struct reading r = {.text = text};
	size_t n = 0, next;
	for (size_t at = w->at.from; at < w->at.to; at = next) {
		int digit = read_digit(&r, at, &next);
		size_t bytes = digit >= 0 ? 1 : next - at;
		if (n + bytes > WORD_MAX)
			return false;
		if (digit >= 0)
			w->text[n] = (char)('0' + digit);
		else
			memcpy(w->text + n, text.p + at, bytes);
		n += bytes;
	}
	w->text[n] = '\0';
	return n > 0 && strlen(w->text) == n;
}

static bool touches(size_t from, size_t to, struct dd_stretch s)
{
	return s.to > s.from && s.from < to && from < s.to;
}

static bool is_passed_over(size_t from, size_t to, const struct dd_aloud *aloud,
        const struct dd_stretch *fixed, size_t nfixed)
{
	for (size_t i = 0; i < nfixed; i++)
		if (touches(from, to, fixed[i]))
			return true;
	for (size_t i = 0; aloud && i < aloud->n; i++)
		if (touches(from, to, aloud->list[i].at))
			return true;
	return false;
}

/* Whether the word before `from` is a currency: "Rs. 1,50,00". */
static bool follows_currency(struct dd_str text, size_t from)
{
	size_t to = from;
	while (to && is_space(text.p[to - 1]))
		to--;
	size_t start = to;
	while (start && !is_space(text.p[start - 1]))
		start--;
	return to < from && to > start && is_mark(text.p + start, to - start);
}

bool dd_oddly(const char *language, struct dd_str text, const struct dd_aloud *aloud,
        const struct dd_stretch *fixed, size_t nfixed, size_t *at, struct dd_oddity *out)
{
	for (size_t i = *at; i < text.n; i = *at) {
		while (i < text.n && is_space(text.p[i]))
			i++;
		size_t to = i;
		while (to < text.n && !is_space(text.p[to]))
			to++;
		*at = to;
		struct word w = {.at = bare(text, i, to)};
		if (w.at.to <= w.at.from || !fold(text, &w) || !strpbrk(w.text, "0123456789.@"))
			continue;
		w.behind_currency = follows_currency(text, w.at.from);
		if (is_odd(&w, language, out) &&
		        !is_passed_over(w.at.from, w.at.to, aloud, fixed, nfixed)) {
			out->at = w.at;
			return true;
		}
	}
	return false;
}
