/* What patterns look with, and what they say with. */
#include "read/reading.h"

#include <stdio.h>
#include <stdlib.h>

/* -- characters ------------------------------------------------------------- */

uint32_t read_peek(const struct reading *r, size_t at, size_t *next)
{
	size_t end = at;
	uint32_t c = at < r->text.n ? dd_utf8_next(r->text, &end) : 0;
	if (next)
		*next = end;
	return c;
}

bool read_is_latin(uint32_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= 0xC0 && c <= 0x24F);
}

int read_digit(const struct reading *r, size_t at, size_t *next)
{
	static const uint32_t zeros[] = {
	        '0', 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66};
	uint32_t c = read_peek(r, at, next);
	for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return (int)(c - zeros[i]);
	return -1;
}

static bool is_space(uint32_t c)
{
	enum { NO_BREAK = 0xA0, THIN = 0x2009, NARROW_NO_BREAK = 0x202F };
	return c == ' ' || c == NO_BREAK || c == THIN || c == NARROW_NO_BREAK;
}

size_t read_spaces(const struct reading *r, size_t at)
{
	size_t next;
	for (int i = 0; i < 2 && is_space(read_peek(r, at, &next)); i++)
		at = next;
	return at;
}

bool read_ends(const struct reading *r, size_t at)
{
	uint32_t c = read_peek(r, at, NULL);
	return !read_is_latin(c) && read_digit(r, at, NULL) < 0 && !dd_is_mark(c) && c != '_' &&
	        c != '@';
}

bool read_take(const struct reading *r, size_t *at, const char *what)
{
	size_t n = strlen(what);
	if (r->text.n - *at < n || memcmp(r->text.p + *at, what, n) != 0)
		return false;
	*at += n;
	return true;
}

/* The next of the words of a list; n 0 at its end. */
static struct dd_str next_word(const char **list)
{
	while (**list == ' ')
		++*list;
	struct dd_str word = {*list, strcspn(*list, " ")};
	*list += word.n;
	return word;
}

bool read_take_mark(const struct reading *r, size_t *at, const char *marks)
{
	size_t most = 0;
	for (struct dd_str m = next_word(&marks); m.n; m = next_word(&marks)) {
		if (m.n <= most || r->text.n - *at < m.n || memcmp(r->text.p + *at, m.p, m.n) != 0)
			continue;
		uint32_t c = read_peek(r, *at + m.n, NULL);
		bool letter = dd_is_letter((uint32_t)(unsigned char)m.p[m.n - 1]) ||
		        (m.p[m.n - 1] & 0x80);
		if (!letter || (!dd_is_letter(c) && !dd_is_mark(c)))
			most = m.n;
	}
	*at += most;
	return most > 0;
}

static bool is_dash(uint32_t c)
{
	return c == '-' || (c >= 0x2010 && c <= 0x2014) || c == 0x2212;
}

bool read_take_dash(const struct reading *r, size_t *at)
{
	size_t from = read_spaces(r, *at), next;
	if (!is_dash(read_peek(r, from, &next)))
		return false;
	size_t end = read_spaces(r, next);
	if ((from > *at) != (end > next))
		return false;
	*at = end;
	return true;
}

/* -- numbers ---------------------------------------------------------------- */

size_t read_take_digits(const struct reading *r, size_t *at, char *digits, size_t most)
{
	size_t n = 0, next, from = *at;
	for (int d; (d = read_digit(r, from, &next)) >= 0; from = next) {
		if (n == most) {
			digits[0] = '\0';
			return 0;
		}
		digits[n++] = (char)('0' + d);
	}
	digits[n] = '\0';
	if (n)
		*at = from;
	return n;
}

/* Commas between groups, as they are set in India (2, then 3 at the end) or in the west (3). */
static bool take_groups(const struct reading *r, size_t *at, struct number *n)
{
	char group[8];
	bool indian = n->whole <= 2, western = n->whole <= 3;
	size_t groups = 0, last = 0, from = *at;
	for (size_t next = from; read_take(r, &next, ",") && read_digit(r, next, NULL) >= 0;
	        from = next, groups++) {
		size_t length = read_take_digits(r, &next, group, 3);
		indian &= last != 3;
		western &= length == 3;
		if ((length != 2 && length != 3) || n->whole + length > READ_DIGITS_MAX)
			return false;
		memcpy(n->text + n->whole, group, length + 1);
		n->whole += length;
		last = length;
	}
	indian &= last == 3;
	if (groups && !indian && !western)
		return false;
	n->grouped = groups > 0;
	n->indian = groups > 1 && !western;
	*at = from;
	return true;
}

bool read_take_number(const struct reading *r, size_t *at, struct number *n)
{
	size_t from = *at, next;
	uint32_t first = read_peek(r, from, NULL);
	*n = (struct number){.script = first >= 0x80};
	n->whole = read_take_digits(r, &from, n->text, READ_DIGITS_MAX);
	if (!n->whole || !take_groups(r, &from, n))
		return false;
	if (n->grouped && n->text[0] == '0')
		return false;
	next = from;
	if (read_take(r, &next, ".") && read_digit(r, next, NULL) >= 0) {
		char decimals[12];
		n->decimals = read_take_digits(r, &next, decimals, 8);
		if (!n->decimals)
			return false;
		(void)snprintf(n->text + n->whole, sizeof n->text - n->whole, ".%s", decimals);
		from = next;
		if (read_take(r, &next, ".") && read_digit(r, next, NULL) >= 0)
			return false; /* 1.2.3 */
	}
	next = from;
	if (read_take(r, &next, ",") && read_digit(r, next, NULL) >= 0)
		return false;
	*at = from;
	return true;
}

/* -- words around ----------------------------------------------------------- */

static bool parts_words(char c)
{
	switch (c) {
	case '\0':
	case ' ':
	case '\t':
	case '\r':
	case ':':
	case '#':
	case '=':
	case '-':
	case ',':
	case '(':
	case ')':
	case '"':
	case '\'':
	case '*':
	case '/': return true;
	default: return false;
	}
}

/* Whether a sentence ends with the stop at `at`: behind "No." and "Rs." none does. */
static bool ends_sentence(const struct reading *r, size_t at)
{
	char c = r->text.p[at];
	size_t from = at;
	if (c == '\n' || c == ';')
		return true;
	if (!strchr(".!?", c) || (at + 1 < r->text.n && r->text.p[at + 1] != ' '))
		return false;
	while (from && !parts_words(r->text.p[from - 1]))
		from--;
	return c != '.' || at - from > 3;
}

/* The full stop of Hindi stands at its word. */
static bool has_danda(struct dd_str word)
{
	return word.n >= 3 && memcmp(word.p + word.n - 3, "।", 3) == 0;
}

void read_before(const struct reading *r, size_t at, struct read_near *out)
{
	enum { LOOK = 160 };
	size_t least = at > LOOK ? at - LOOK : 0;
	*out = (struct read_near){.joint = ' '};
	for (size_t i = at; i > least && parts_words(r->text.p[i - 1]); i--)
		if (r->text.p[i - 1] != ' ' && out->joint == ' ')
			out->joint = r->text.p[i - 1];
	while (out->n < READ_NEAR) {
		while (at > least && parts_words(r->text.p[at - 1]))
			at--;
		size_t end = at;
		while (at > least && !parts_words(r->text.p[at - 1]) &&
		        !(at < end && ends_sentence(r, at - 1)))
			at--;
		if (end == at || (at > 0 && at == least))
			return;
		struct dd_str word = {r->text.p + at, end - at};
		if (ends_sentence(r, end - 1) || has_danda(word))
			return;
		out->words[out->n++] = word;
	}
}

void read_behind(const struct reading *r, size_t at, struct read_near *out)
{
	enum { LOOK = 160 };
	size_t most = r->text.n - at > LOOK ? at + LOOK : r->text.n;
	*out = (struct read_near){.joint = ' '};
	while (out->n < READ_NEAR && at < most) {
		while (at < most && parts_words(r->text.p[at]))
			at++;
		size_t from = at;
		while (at < most && !parts_words(r->text.p[at]) && !ends_sentence(r, at))
			at++;
		if (at == from)
			return;
		struct dd_str word = {r->text.p + from, at - from};
		bool last = has_danda(word);
		word.n -= last ? 3 : 0;
		out->words[out->n++] = word;
		if (last)
			return;
	}
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool read_is_cue(struct dd_str word, const char *list)
{
	while (word.n && strchr(".,", word.p[word.n - 1]))
		word.n--;
	if (!word.n)
		return false;
	for (const char *w = list; *w;) {
		size_t i = 0;
		while (i < word.n && w[i] && lower(word.p[i]) == w[i])
			i++;
		w += i;
		if (i == word.n && (*w == ' ' || !*w))
			return true;
		while (*w && *w != ' ')
			w++;
		while (*w == ' ')
			w++;
	}
	return false;
}

bool read_has_cue(const struct read_near *b, const char *cues, const char *links)
{
	for (size_t i = 0; i < b->n; i++) {
		if (read_is_cue(b->words[i], cues))
			return true;
		if (!read_is_cue(b->words[i], links))
			return false;
	}
	return false;
}

/* -- saying ----------------------------------------------------------------- */

void read_say(struct reading *r, const char *words)
{
	dd_buf_str(&r->out, words);
}

bool read_say_spelled(
        struct reading *r, enum read_locale locale, enum read_rule rule, const char *number)
{
	return read_spell(locale, rule, number, &r->out);
}

bool read_say_number(struct reading *r, const struct number *n, bool indian)
{
	enum read_locale locale = r->locale;
	if (locale == READ_EN && (indian || n->indian))
		locale = READ_EN_IN;
	return read_say_spelled(r, locale, READ_CARDINAL, n->text);
}

bool read_say_long(struct reading *r, long value)
{
	char text[24];
	(void)snprintf(text, sizeof text, "%ld", value);
	return read_say_spelled(r, r->locale, READ_CARDINAL, text);
}

/* How long groups are: a mobile number is said as five and five, up to six digits in one breath,
   others as evenly as groups of at most four allow. */
static size_t group_length(size_t left, size_t n)
{
	if (n <= 6)
		return n;
	if (n == 10)
		return 5;
	size_t groups = (left + 3) / 4;
	return (left + groups - 1) / groups;
}

bool read_say_digits(struct reading *r, const char *digits, size_t n)
{
	size_t group = 0;
	for (size_t i = 0; i < n; i++) {
		char one[2] = {digits[i], '\0'};
		if (i)
			read_say(r, group ? " " : ", ");
		if (!group)
			group = group_length(n - i, n);
		if (!read_say_spelled(r, r->locale, READ_CARDINAL, one))
			return false;
		group--;
	}
	return true;
}

bool read_say_letters(struct reading *r, struct dd_str code)
{
	for (size_t i = 0; i < code.n; i++) {
		char c = code.p[i], digits[32];
		size_t n = 0;
		bool start = r->out.n == 0 || r->out.p[r->out.n - 1] == ' ';
		if (c == '/' || c == '-') {
			dd_buf_str(&r->out, c == '/' ? r->w->slash : ", ");
			continue;
		}
		dd_buf_str(&r->out, start ? "" : " ");
		while (i < code.n && code.p[i] >= '0' && code.p[i] <= '9' && n < sizeof digits)
			digits[n++] = code.p[i++];
		if (n) {
			if (!read_say_digits(r, digits, n))
				return false;
			i--;
		} else {
			dd_buf_char(&r->out, c);
		}
	}
	return true;
}

bool read_say_range(
        struct reading *r, const struct number *from, const struct number *to, bool indian)
{
	if (!read_say_number(r, from, indian))
		return false;
	read_say(r, r->w->between);
	if (!read_say_number(r, to, indian))
		return false;
	read_say(r, r->w->behind);
	return true;
}

/* ICU has no rule for the years of Hindi before 2000, which are said by hundreds. */
static bool say_hindi_year(struct reading *r, const char *year)
{
	if (!read_say_long(r, strtol(year, NULL, 10) / 100))
		return false;
	read_say(r, " सौ");
	if (year[2] == '0' && year[3] == '0')
		return true;
	read_say(r, " ");
	return read_say_long(r, strtol(year, NULL, 10) % 100);
}

bool read_say_year(struct reading *r, const char *year)
{
	if (r->locale == READ_HI && year[0] == '1' && year[1] > '0')
		return say_hindi_year(r, year);
	return read_say_spelled(r, r->locale, READ_YEAR, year);
}
