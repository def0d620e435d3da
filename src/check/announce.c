/* English, Hindi and Tamil. */
#define _GNU_SOURCE
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

/* "1-5", "1–5": the last key, or 0. */
static char range_in_digits(struct dd_str word)
{
	static const char *const dashes[] = {"-", "–", "से", "முதல்"};
	size_t at = 0, n = 0;
	int first = word.n ? digit_of(dd_utf8_next(word, &at)) : -1;
	for (size_t i = 0; first >= 0 && !n && i < sizeof dashes / sizeof *dashes; i++)
		if (word.n - at > strlen(dashes[i]) &&
		        memcmp(word.p + at, dashes[i], strlen(dashes[i])) == 0)
			n = strlen(dashes[i]);
	if (!n)
		return '\0';
	at += n;
	int last = digit_of(dd_utf8_next(word, &at));
	return at == word.n && last > first ? (char)('0' + last) : '\0';
}

static char key_of(struct dd_str word)
{
	char key = word.n ? key_in_digits(word) : '\0';
	if (!key && word.n && range_in_digits(word)) {
		size_t at = 0;
		return (char)('0' + digit_of(dd_utf8_next(word, &at)));
	}
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

/* "enter one time password", "press one of these", "enter 4 digits": no key. */
static bool counts_something(const struct check_word *w, size_t n, size_t i)
{
	static const char *const things[] = {"time", "times", "of", "more", "moment", "second",
	        "seconds", "minute", "minutes", "last", "first", NULL};
	if (i + 1 >= n || w[i + 1].stop)
		return false;
	struct dd_str next = w[i + 1].text;
	return begins(next, "digit") || begins(next, "letter") || begins(next, "character") ||
	        begins(next, "अंकों") || begins(next, "இலக்க") || is_one_of(next, things);
}

/* -- ranges ----------------------------------------------------------------- */

/* "2 to 4 PM", "3 to 5 days": what follows says that no keys are meant. */
static bool is_unit(struct dd_str word)
{
	/* clang-format off */
	static const char *const units[] = {
	        "am", "pm", "a.m", "p.m", "day", "days", "week", "weeks", "month",
	        "months", "year", "years", "hour", "hours", "minute", "minutes",
	        "second", "seconds", "rupee", "rupees", "percent", "%", "lakh",
	        "lakhs", "crore", "thousand", "hundred", "o'clock", "working",
	        "business", "km", "kilometres", "times", "noon", "बजे", "दिन", "दिनों",
	        "घंटे", "घंटों", "मिनट", "रुपये", "रुपए", "हफ्ते", "महीने", "மணி",
	        "நாள்", "நாட்கள்", "நாட்களில்", "நிமிட", "ரூபாய்", NULL};
	/* clang-format on */
	return is_one_of(word, units) || begins(word, "digit") || begins(word, "अंकों") ||
	        begins(word, "இலக்க");
}

static bool joins_range(struct dd_str word, bool between)
{
	static const char *const joins[] = {
	        "to", "through", "till", "until", "thru", "-", "से", "முதல்", NULL};
	return is_one_of(word, joins) || (between && (is(word, "and") || is(word, "&")));
}

/* The digit at which "1-முதல்" or "5-வரை" begins, "1", "one"; 0: none. */
static char digit_key(const struct check_word *w)
{
	return w->key >= '0' && w->key <= '9' && !range_in_digits(w->text) ? w->key : '\0';
}

static bool is_joined(struct dd_str word, const char *suffix)
{
	return memchr(word.p, suffix[0], word.n) != NULL &&
	        memmem(word.p, word.n, suffix, strlen(suffix)) != NULL;
}

/* Finds "1 to 5", "between one and five", "1-5", "1 से 5 तक", "1 முதல் 5 வரை"; what stands behind
 * them may say that they are hours. */
static void find_ranges(struct check_word *w, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		char first = digit_key(&w[i]), last = '\0';
		size_t behind = i + 1;
		bool between = i > 0 && is(w[i - 1].text, "between"),
		     down = between || (i > 0 && is(w[i - 1].text, "from"));
		if ((last = range_in_digits(w[i].text)) != '\0') {
			first = w[i].key;
		} else if (first && i + 1 < n && !w[i + 1].stop &&
		        (is_joined(w[i].text, "முதல்") || is_joined(w[i].text, "से"))) {
			last = digit_key(&w[i + 1]);
			behind = i + 2;
		} else if (first && i + 2 < n && !w[i + 1].stop && !w[i + 2].stop &&
		        joins_range(w[i + 1].text, between)) {
			last = digit_key(&w[i + 2]);
			behind = i + 3;
		} else if (first && i + 4 < n && is(w[i + 1].text, "और") &&
		        is(w[i + 3].text, "के") && begins(w[i + 4].text, "बीच")) {
			last = digit_key(&w[i + 2]); /* "1 और 5 के बीच" */
			behind = i + 3;
		}
		if (!last || (!down && last <= first) || last == first ||
		        (behind < n && !w[behind].stop && is_unit(w[behind].text)))
			continue;
		w[i].to = last;
	}
}

/* The word at which a range ends. */
static size_t range_end(const struct check_word *w, size_t i)
{
	return range_in_digits(w[i].text)                         ? i
	        : w[i + 1].key == w[i].to && digit_key(&w[i + 1]) ? i + 1
	                                                          : i + 2;
}

/* "press a number from 1 to 5", "rate us from 1 to 5", "1 से 5 तक कोई अंक दबाएँ". */
static bool range_is_pressed(const struct check_word *w, size_t n, size_t i)
{
	static const char *const verbs[] = {"choose", "select", "pick", "rate", "rating", "type",
	        "key", "score", "scale", "using", "use", NULL};
	static const char *const between[] = {"a", "an", "any", "one", "from", "between", "of",
	        "us", "your", "our", "this", "call", "service", "experience", "scale", "the",
	        "rating", "score", "in", "it", "keys", "numbers", "digits", "visit", "agent",
	        "with", "keypad", "buttons", "please", "now", NULL};
	/* clang-format off */
	static const char *const after[] = {
	        "तक", "के", "बीच", "में", "कोई", "एक", "भी", "का", "வரை", "ஒரு",
	        "உள்ள", "ஏதேனும்", "ஏதாவது", "எதையாவது", "எண்ணை", NULL};
	/* clang-format on */
	for (size_t back = i; back-- > 0 && i - back <= 10 && !w[back + 1].begins;) {
		if (is_press(w[back].text) || is_one_of(w[back].text, verbs))
			return true;
		if (!is_filler(w[back].text) && !is_one_of(w[back].text, between))
			break;
	}
	for (size_t on = range_end(w, i) + 1; on < n && on <= i + 9 && !w[on].begins; on++) {
		if (is_press_after(w[on].text) || begins(w[on].text, "चुन"))
			return true;
		if (!is_filler(w[on].text) && !is_one_of(w[on].text, after) &&
		        !begins(w[on].text, "எண்"))
			break;
	}
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
	find_ranges(w, n);
	for (size_t i = 0; i < n; i++) {
		if (!w[i].key || counts_something(w, n, i))
			continue;
		if (w[i].to) {
			size_t end = range_end(w, i);
			w[i].announced = w[end].announced = range_is_pressed(w, n, i);
			i = end;
			continue;
		}
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

bool check_word_covers(const struct check_word *w, char key)
{
	char low = w->to && w->to < w->key ? w->to : w->key, high = w->to > w->key ? w->to : w->key;
	return w->key && (w->to ? key >= low && key <= high : key == w->key);
}

bool check_is_later(const struct check_word *w, size_t i)
{
	for (size_t back = i; back-- > 1 && i - back <= 4 && !w[back + 1].begins;)
		if (is_press(w[back].text))
			return is(w[back - 1].text, "to");
	return false;
}

bool check_is_followed_by(const struct check_word *w, size_t i)
{
	static const char *const small[] = {"by", "with", "a", "an", "the", "sign", "in", NULL},
	                         *const ends[] = {"followed", "end", "ending", "ended", "finish",
	                                 "finishing", "terminate", "terminated", NULL};
	for (size_t back = i; back-- > 0 && i - back <= 4 && !w[back + 1].begins;) {
		if (is_one_of(w[back].text, ends))
			return true;
		if (!is_one_of(w[back].text, small))
			break;
	}
	return false;
}

/* -- numbers that are typed ------------------------------------------------- */

/* "6", "six", "10", "ten", "छह"; 0: no number. */
static unsigned number_of(struct dd_str word, size_t *rest)
{
	static const char *const more[] = {
	        "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", NULL};
	unsigned value = 0;
	size_t at = 0, digits = 0;
	while (at < word.n && digits < 2) {
		size_t next = at;
		int digit = digit_of(dd_utf8_next(word, &next));
		if (digit < 0)
			break;
		value = value * 10 + (unsigned)digit;
		at = next;
		digits++;
	}
	if (digits) {
		*rest = at;
		return value;
	}
	for (unsigned i = 0; more[i]; i++)
		if (begins(word, more[i])) {
			*rest = strlen(more[i]);
			return 10 + i;
		}
	for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++)
		if (begins(word, KEYS[i].word) && KEYS[i].key >= '1' && KEYS[i].key <= '9') {
			*rest = strlen(KEYS[i].word);
			return (unsigned)(KEYS[i].key - '0');
		}
	return 0;
}

static bool is_digits(struct dd_str word)
{
	return begins(word, "digit") || begins(word, "अंक") || begins(word, "இலக்க");
}

/* "4", where "digits" or "4-digit" stands for what is counted; 0: nothing is. */
static unsigned count_at(const struct check_word *w, size_t n, size_t i)
{
	size_t rest = 0;
	unsigned value = number_of(w[i].text, &rest);
	struct dd_str behind = {w[i].text.p + rest, w[i].text.n - rest};
	if (!value)
		return 0;
	if (behind.n && behind.p[0] == '-' &&
	        is_digits((struct dd_str){behind.p + 1, behind.n - 1}))
		return value;
	if (behind.n)
		return 0;
	return i + 1 < n && !w[i + 1].stop && is_digits(w[i + 1].text) ? value : 0;
}

struct check_count *check_counts(const struct check_word *w, size_t n, size_t *ncounts)
{
	struct check_count *list = NULL;
	size_t cap = 0;
	*ncounts = 0;
	for (size_t i = 0; i < n; i++) {
		unsigned high = count_at(w, n, i), low = high;
		size_t rest = 0;
		bool join = i >= 2 &&
		        (is(w[i - 1].text, "to") || is(w[i - 1].text, "or") ||
		                is(w[i - 1].text, "से") || is(w[i - 1].text, "या"));
		if (!high)
			continue;
		unsigned before = join ? number_of(w[i - 2].text, &rest) : 0;
		if (before && rest == w[i - 2].text.n && before < high)
			low = before;
		DD_PUSH(list, *ncounts, cap) = (struct check_count){low, high};
	}
	return list;
}

/* What the sentence around a key says that it does. */
enum check_use check_use_of(const struct check_word *w, size_t n, size_t i)
{
	/* clang-format off */
	static const char *const other[] = {
	        "hear", "repeat", "again", "listen", "replay", "stop", "cancel",
	        "speak", "talk", "agent", "operator", "representative", "back",
	        "return", "menu", "skip", "opt", "help", "unsubscribe", "exit",
	        "correct", "clear", "restart", "change", "दोबारा", "दुबारा", "सुनने",
	        "बंद", "रोकने", "रद्द", "मदद", "वापस", "மீண்டும்", "கேட்க", "நிறுத்த",
	        "ரத்து", "உதவி", NULL};
	/* clang-format on */
	/* clang-format off */
	static const char *const finish[] = {
	        "then", "followed", "after", "end", "ending", "finish", "finished",
	        "done", "complete", "completed", "submit", "confirm", "continue",
	        "proceed", "and", "with", "enter", "type", "फिर", "बाद", "अंत",
	        "समाप्त", "पूरा", "और", "பிறகு", "பின்னர்", "பின்", "முடிந்ததும்",
	        "முடிக்க", "இறுதியில்", NULL};
	/* clang-format on */
	size_t from = i, to = i + 1;
	while (from > 0 && !w[from].begins)
		from--;
	while (to < n && !w[to].begins)
		to++;
	/* of several keys in a sentence each has the part that it stands in */
	for (size_t k = from; k < i; k++)
		if (w[k].announced && !w[k].to)
			from = k + 1;
	for (size_t k = from; from > 0 && w[from - 1].announced && k < i; k++)
		if (w[k].stop || is_link(w[k].text)) {
			from = k;
			break;
		}
	for (size_t k = i + 1; k < to; k++) {
		size_t part = k;
		if (!w[k].announced)
			continue;
		while (part > i + 1 && !w[part].stop && !is_link(w[part].text))
			part--;
		to = part > i + 1 ? part : k;
	}
	bool again = false, ends = false;
	for (size_t k = from; k < to; k++) {
		again |= is_one_of(w[k].text, other) &&
		        !(k > 0 && is(w[k - 1].text, "to") && is(w[k].text, "return"));
		ends |= is_one_of(w[k].text, finish);
	}
	return again ? CHECK_OTHER : ends || w[i].key == '#' ? CHECK_FINISH : CHECK_UNKNOWN;
}

/* -- words ------------------------------------------------------------------ */

static size_t edge(struct dd_str text, size_t at)
{
	static const char *const edges[] = {" ", "\t", "\n", ".", ",", ";", ":", "!", "?", "(", ")",
	        "\"", "'", "।", "–", "—", "…", "“", "”", "‘", "’", NULL};
	for (size_t i = 0; edges[i]; i++) {
		size_t n = strlen(edges[i]);
		bool range = n == 3 && edges[i][2] == '\x93' && at > 0 && at + 3 < text.n &&
		        text.p[at - 1] >= '0' && text.p[at - 1] <= '9' && text.p[at + 3] >= '0' &&
		        text.p[at + 3] <= '9'; /* "1–5" */
		if (range)
			continue;
		if (text.n - at >= n && memcmp(text.p + at, edges[i], n) == 0)
			return n;
	}
	return 0;
}

struct check_word *check_words(struct dd_str text, size_t *n)
{
	struct check_word *list = NULL;
	size_t cap = 0, at = 0;
	bool stop = false, sentence = true;
	*n = 0;
	while (at < text.n) {
		size_t skip = edge(text, at), from = at;
		if (skip) {
			stop |= !strchr(" \t\n\"'", text.p[at]);
			sentence |=
			        strchr(".!?", text.p[at]) || memcmp(text.p + at, "।", skip) == 0;
			at += skip;
			continue;
		}
		while (at < text.n && !edge(text, at))
			at++;
		struct dd_str word = {text.p + from, at - from};
		DD_PUSH(list, *n, cap) = (struct check_word){
		        .text = word, .key = key_of(word), .stop = stop, .begins = sentence};
		stop = sentence = false;
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
		if (kind == DD_SEG_AUDIO || kind == DD_SEG_URL || kind == DD_SEG_STAND_IN)
			return NULL;
	}
	return check_words(c->played[prompt].words, n);
}
