/* The one pass over a text. */
#include "read/aloud.h"

#include <string.h>
#include <strings.h>

#include "read/reading.h"

/* -- languages -------------------------------------------------------------- */

static const struct read_words *words_of(const char *language)
{
	static const struct read_words *const all[] = {&READ_ENGLISH, &READ_HINDI, &READ_TAMIL};
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		if (strncasecmp(language, all[i]->language, 2) == 0 &&
		        (language[2] == '\0' || language[2] == '-' || language[2] == '+'))
			return all[i];
	return NULL;
}

bool dd_aloud_knows(const char *language)
{
	return words_of(language) != NULL;
}

/* Whether a tag names a country: "en-IN", "en-Latn-in". */
static bool is_of(const char *language, const char *countries)
{
	char word[3] = "";
	for (const char *part = strchr(language, '-'); part; part = strchr(part + 1, '-')) {
		size_t n = strcspn(part + 1, "-+");
		if (n != 2)
			continue;
		for (int i = 0; i < 2; i++)
			word[i] = (char)dd_fold((uint32_t)(unsigned char)part[1 + i]);
		if (strstr(countries, word))
			return true;
	}
	return false;
}

/* Hindi and Tamil put the day first wherever they are spoken. English does, but in the United
   States and a few countries more; without a country nobody can say. */
static void set_country(struct reading *r, const char *language)
{
	r->locale = r->w->locale;
	r->order = READ_DAY_FIRST;
	if (r->w != &READ_ENGLISH)
		return;
	r->american = is_of(language, "us ph");
	r->order = r->american                                                    ? READ_MONTH_FIRST
	        : is_of(language, "in gb au nz ie za sg lk bd pk np my hk ke ng") ? READ_DAY_FIRST
	                                                                          : READ_EITHER;
	if (is_of(language, "in lk bd pk np"))
		r->locale = READ_EN_IN;
}

/* -- looking ---------------------------------------------------------------- */

static bool is_ascii_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Whether there is anything to read at all: a digit, or a stop inside a word, as in example.com. */
static bool is_worth_it(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c >= '0' && c <= '9')
			return true;
		if (c == '.' && i && i + 1 < text.n && is_ascii_letter(text.p[i - 1]) &&
		        is_ascii_letter(text.p[i + 1]))
			return true;
		/* Indian digits: U+0966 to U+0D6F, at 6 to F of every second 64 */
		if (c == 0xE0 && i + 2 < text.n) {
			unsigned char a = (unsigned char)text.p[i + 1],
			              b = (unsigned char)text.p[i + 2];
			if (a >= 0xA5 && a <= 0xB5 && a % 2 && b >= 0xA6 && b <= 0xAF)
				return true;
		}
	}
	return false;
}

/* Where the word at `at` ends: what no pattern reads is left whole, so that none reads its end. */
static size_t skip_word(const struct reading *r, size_t at)
{
	size_t next;
	for (;;) {
		uint32_t c = read_peek(r, at, &next);
		size_t behind = next;
		if (!c)
			return at;
		bool part = dd_is_letter(c) || dd_is_mark(c) || read_digit(r, at, NULL) >= 0;
		if (!part) {
			uint32_t after = read_peek(r, behind, NULL);
			bool inner = c < 0x80 && strchr(".,:/-_@&+#%*$", (int)c) &&
			        (dd_is_letter(after) || read_digit(r, behind, NULL) >= 0);
			if (!inner)
				return at;
		}
		at = next;
	}
}

struct said_list {
	struct dd_said *list;
	size_t n, cap;
};

static void keep(struct said_list *all, struct dd_arena *arena, size_t from, size_t to,
        const struct dd_buf *words)
{
	if (all->n == all->cap) {
		size_t cap = all->cap ? all->cap * 2 : 8;
		struct dd_said *more = dd_arena_alloc(arena, cap * sizeof *more);
		if (all->n)
			memcpy(more, all->list, all->n * sizeof *more);
		all->list = more;
		all->cap = cap;
	}
	all->list[all->n++] =
	        (struct dd_said){{from, to}, {dd_arena_copy(arena, words->p, words->n), words->n}};
}

/* The end of what the first pattern that fits reads at `at`; `at`: none does. */
static size_t read_at(struct reading *r, size_t at, size_t limit)
{
	for (size_t i = 0; i < r->w->npatterns; i++) {
		size_t end = at;
		dd_buf_clear(&r->out);
		if (r->w->patterns[i].match(r, &end) && end > at && end <= limit && r->out.n)
			return end;
	}
	return at;
}

/* What may begin a thing to be read. */
static bool may_begin(const struct reading *r, size_t at)
{
	uint32_t c = read_peek(r, at, NULL);
	if (c >= 0x80)
		return dd_is_letter(c) || read_digit(r, at, NULL) >= 0 || c == 0x20B9 ||
		        c == 0x20AC || c == 0xA3 || c == 0x2022 || c == 0x2212;
	return is_ascii_letter((char)c) || (c >= '0' && c <= '9') || strchr("$+-#*(", (int)c);
}

/* Whether a word that begins with a letter can be read: every pattern wants a digit, in it or in
   one of the two words behind it ("Bengaluru - 560001"), but addresses, which have a mark inside.
   Most words are passed over by this. */
static bool has_reason(const struct reading *r, size_t at)
{
	enum { WORDS = 3 };
	uint32_t c = read_peek(r, at, NULL);
	int words = 0;
	if (!dd_is_letter(c))
		return true;
	for (size_t next; at < r->text.n && words < WORDS; at = next) {
		unsigned char byte = (unsigned char)r->text.p[at];
		next = at + 1;
		if (byte >= '0' && byte <= '9')
			return true;
		if (words == 0 && (byte == '.' || byte == '@' || byte == ':'))
			return true;
		if (byte == ' ')
			words += r->text.p[at - 1] != ' ';
		else if (byte == 0xE0 && read_digit(r, at, &next) >= 0)
			return true;
	}
	return false;
}

struct dd_aloud dd_aloud(struct dd_arena *arena, const char *language, struct dd_str text,
        const struct dd_stretch *fixed, size_t nfixed, size_t most)
{
	struct reading r = {.w = words_of(language), .text = text};
	struct said_list all = {0};
	size_t next_fixed = 0, at = 0;
	if (!r.w || !is_worth_it(text))
		return (struct dd_aloud){NULL, 0};
	size_t chars = dd_utf8_count(text), room = most > chars ? most - chars : 0;
	r.index = read_index_of(r.w);
	set_country(&r, language);
	while (at < text.n) {
		while (next_fixed < nfixed && fixed[next_fixed].to <= at)
			next_fixed++;
		size_t limit = next_fixed < nfixed ? fixed[next_fixed].from : text.n;
		if (at >= limit) {
			at = fixed[next_fixed].to;
			continue;
		}
		if (!may_begin(&r, at)) {
			(void)read_peek(&r, at, &at);
			continue;
		}
		size_t end = has_reason(&r, at) ? read_at(&r, at, limit) : at;
		if (end == at) {
			end = skip_word(&r, at);
			at = end > at ? end : (read_peek(&r, at, &end), end);
			continue;
		}
		size_t before = dd_utf8_count((struct dd_str){text.p + at, end - at}),
		       after = dd_utf8_count((struct dd_str){r.out.p, r.out.n});
		if (after <= before || after - before <= room) {
			room = room + before - after;
			keep(&all, arena, at, end, &r.out);
		}
		at = end;
	}
	dd_buf_free(&r.out);
	return (struct dd_aloud){all.list, all.n};
}

void dd_aloud_join(struct dd_str text, const struct dd_aloud *aloud, struct dd_buf *out)
{
	size_t at = 0;
	for (size_t i = 0; i < aloud->n; i++) {
		const struct dd_said *s = &aloud->list[i];
		dd_buf_add(out, text.p + at, s->at.from - at);
		dd_buf_add(out, s->words.p, s->words.n);
		at = s->at.to;
	}
	dd_buf_add(out, text.p + at, text.n - at);
}
