/* English, Hindi and Tamil. */
#include "check/announce.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

/* Keys in words; a Tamil word may go on after its stem. */
static const struct {
	const char *word;
	char key;
	bool stem;
} KEYS[] = {
        {"zero", '0', false},
        {"one", '1', false},
        {"two", '2', false},
        {"three", '3', false},
        {"four", '4', false},
        {"five", '5', false},
        {"six", '6', false},
        {"seven", '7', false},
        {"eight", '8', false},
        {"nine", '9', false},
        {"star", '*', false},
        {"asterisk", '*', false},
        {"hash", '#', false},
        {"pound", '#', false},
        {"शून्य", '0', false},
        {"ज़ीरो", '0', false},
        {"जीरो", '0', false},
        {"एक", '1', false},
        {"दो", '2', false},
        {"तीन", '3', false},
        {"चार", '4', false},
        {"पाँच", '5', false},
        {"पांच", '5', false},
        {"छह", '6', false},
        {"छः", '6', false},
        {"छे", '6', false},
        {"सात", '7', false},
        {"आठ", '8', false},
        {"नौ", '9', false},
        {"स्टार", '*', false},
        {"सितारा", '*', false},
        {"हैश", '#', false},
        {"பூஜ்ஜிய", '0', true},
        {"பூஜ்ய", '0', true},
        {"ஒன்று", '1', true},
        {"ஒன்றை", '1', true},
        {"இரண்டு", '2', true},
        {"இரண்டை", '2', true},
        {"மூன்று", '3', true},
        {"மூன்றை", '3', true},
        {"நான்கு", '4', true},
        {"நான்கை", '4', true},
        {"ஐந்து", '5', true},
        {"ஐந்தை", '5', true},
        {"ஆறு", '6', false},
        {"ஆறை", '6', false},
        {"ஏழு", '7', false},
        {"ஏழை", '7', false},
        {"எட்டு", '8', true},
        {"எட்டை", '8', true},
        {"ஒன்பது", '9', true},
        {"ஒன்பதை", '9', true},
        {"நட்சத்திர", '*', true},
        {"ஸ்டார்", '*', true},
        {"ஹாஷ்", '#', true},
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool begins(struct dd_str word, const char *with)
{
	size_t n = strlen(with);
	for (size_t i = 0; i < n; i++)
		if (i >= word.n || lower(word.p[i]) != with[i])
			return false;
	return true;
}

static bool is(struct dd_str word, const char *text)
{
	return word.n == strlen(text) && begins(word, text);
}

static bool is_one_of(struct dd_str word, const char *const *list)
{
	for (; *list; list++)
		if (is(word, *list))
			return true;
	return false;
}

/* A digit of any script, 0 to 9; -1 for anything else. */
static int digit_of(uint32_t c)
{
	static const uint32_t zeros[] = {
	        '0', 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0x660, 0x6F0};
	for (size_t i = 0; i < sizeof zeros / sizeof *zeros; i++)
		if (c >= zeros[i] && c < zeros[i] + 10)
			return (int)(c - zeros[i]);
	return -1;
}

/* "1", "१", "1ஐ", "1-ஐ", "*": one digit, which a suffix of another script may follow. */
static char key_in_digits(struct dd_str word)
{
	size_t at = 0;
	uint32_t c = dd_utf8_next(word, &at);
	int digit = digit_of(c);
	if (at == word.n && (c == '*' || c == '#'))
		return (char)c;
	if (digit < 0)
		return '\0';
	if (at < word.n && word.p[at] == '-')
		at++;
	bool suffix = at < word.n && (unsigned char)word.p[at] >= 0x80;
	size_t probe = at;
	if (suffix && digit_of(dd_utf8_next(word, &probe)) >= 0)
		return '\0';
	return at == word.n || suffix ? (char)('0' + digit) : '\0';
}

static char key_of(struct dd_str word)
{
	char key = word.n ? key_in_digits(word) : '\0';
	for (size_t i = 0; !key && i < sizeof KEYS / sizeof *KEYS; i++)
		if (KEYS[i].stem ? begins(word, KEYS[i].word) : is(word, KEYS[i].word))
			key = KEYS[i].key;
	return key;
}

/* -- what is said around a key ---------------------------------------------- */

static bool is_press(struct dd_str word)
{
	static const char *const whole[] = {"hit", "push", "enter", NULL};
	return is_one_of(word, whole) || begins(word, "press") || begins(word, "dial") ||
	        begins(word, "प्रेस") || begins(word, "டயல்");
}

static bool is_press_after(struct dd_str word)
{
	return begins(word, "दबा") || begins(word, "डायल") || begins(word, "प्रेस") ||
	        begins(word, "அழுத்த") || begins(word, "டயல்");
}

static bool is_filler(struct dd_str word)
{
	static const char *const fillers[] = {"the", "key", "number", "button", "digit", "on",
	        "बटन", "नंबर", "अंक", "को", "ஐ", "எண்", "எண்ணை", "பொத்தானை", NULL};
	return is_one_of(word, fillers);
}

static bool is_link(struct dd_str word)
{
	static const char *const links[] = {"or", "and", "या", "और", "அல்லது", "மற்றும்", NULL};
	return is_one_of(word, links);
}

static bool is_purpose(struct dd_str word)
{
	static const char *const purposes[] = {"to", "for", "if", NULL};
	return is_one_of(word, purposes);
}

static bool has_digit(struct dd_str word)
{
	for (size_t at = 0; at < word.n;)
		if (digit_of(dd_utf8_next(word, &at)) >= 0)
			return true;
	return false;
}

/* "press 1", "press the 1 key", "1 दबाएँ", "1 ஐ அழுத்தவும்". */
static bool pressed_in_words(const struct check_word *w, size_t n, size_t i)
{
	for (size_t back = i; back-- > 0 && i - back <= 4 && !w[back + 1].stop;) {
		if (is_press(w[back].text))
			return true;
		if (!is_filler(w[back].text))
			break;
	}
	for (size_t on = i + 1; on < n && on <= i + 3 && !w[on].stop; on++) {
		if (is_press_after(w[on].text))
			return true;
		if (!is_filler(w[on].text))
			break;
	}
	return false;
}

/* "press 1 or 2", "press 1, 2 or 3": the key before it is to be pressed as well. */
static bool pressed_with_another(const struct check_word *w, size_t i)
{
	size_t back = i;
	if (back && is_link(w[back - 1].text))
		back--;
	return back && w[back - 1].announced && (back < i || w[i].stop);
}

/* "…, 2 to reschedule", "1 for excellent": a new part of the sentence begins with the key, and says
 * what it is for. "9 to 5" is none. */
static bool means_something(const struct check_word *w, size_t n, size_t i)
{
	bool begins_part =
	        i == 0 || w[i].stop || is_link(w[i - 1].text) || is_purpose(w[i - 1].text);
	return begins_part && i + 2 < n && is_purpose(w[i + 1].text) && !w[i + 1].stop &&
	        !has_digit(w[i + 2].text);
}

/* "पुष्टि के लिए 1, बदलने के लिए 2 दबाएँ", "உறுதி செய்ய 1, மாற்ற 2 ஐ அழுத்தவும்": a
 * list whose last key says what to do with all. */
static bool listed_before_press(const struct check_word *w, size_t n, size_t i)
{
	bool hindi = i && begins(w[i - 1].text, "लिए"),
	     tamil = i + 1 < n && w[i + 1].stop && (unsigned char)w[i + 1].text.p[0] == 0xE0;
	if (!hindi && !tamil)
		return false;
	for (size_t on = i + 1; on < n && on <= i + 12; on++)
		if (is_press_after(w[on].text))
			return true;
	return false;
}

/* "for sales press 1 for support press 2": what the key does has been said before it. */
static bool said_before(const struct check_word *w, size_t i)
{
	for (size_t back = i; back-- > 0 && !w[back + 1].stop && !w[back].announced;)
		if (is_purpose(w[back].text))
			return true;
	return false;
}

static void announce(struct check_word *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (!w[i].key)
			continue;
		bool words = pressed_in_words(w, n, i);
		w[i].announced = words || pressed_with_another(w, i) || means_something(w, n, i) ||
		        listed_before_press(w, n, i);
		size_t on = i + 1;
		while (on < n && is_filler(w[on].text) && !w[on].stop)
			on++;
		w[i].first = w[i].announced && on < n && !w[on].stop && is_purpose(w[on].text) &&
		        !said_before(w, i);
	}
}

/* -- words ------------------------------------------------------------------ */

static size_t edge(struct dd_str text, size_t at)
{
	static const char *const edges[] = {" ", "\t", "\n", ".", ",", ";", ":", "!", "?", "(", ")",
	        "\"", "'", "।", "–", "—", "…", "“", "”", "‘", "’", NULL};
	for (size_t i = 0; edges[i]; i++) {
		size_t n = strlen(edges[i]);
		if (text.n - at >= n && memcmp(text.p + at, edges[i], n) == 0)
			return n;
	}
	return 0;
}

struct check_word *check_words(struct dd_str text, size_t *n)
{
	struct check_word *list = NULL;
	size_t cap = 0, at = 0;
	bool stop = false;
	*n = 0;
	while (at < text.n) {
		size_t skip = edge(text, at), from = at;
		if (skip) {
			stop |= !strchr(" \t\n\"'", text.p[at]);
			at += skip;
			continue;
		}
		while (at < text.n && !edge(text, at))
			at++;
		struct dd_str word = {text.p + from, at - from};
		DD_PUSH(list, *n, cap) =
		        (struct check_word){word, key_of(word), stop, false, false};
		stop = false;
	}
	if (list)
		announce(list, *n);
	return list;
}

struct check_word *check_words_of(const struct dd_checking *c, uint32_t prompt, size_t *n)
{
	const struct dd_prompt *p = &c->program->prompts[prompt];
	*n = 0;
	for (uint32_t i = 0; i < p->n; i++) {
		enum dd_segment_kind kind = c->program->segments[p->first + i].kind;
		if (kind == DD_SEG_AUDIO || kind == DD_SEG_URL)
			return NULL;
	}
	return check_words(c->played[prompt].words, n);
}
