/* Folding, finding, and telling two sentences apart. */
#define _GNU_SOURCE
#define PCRE2_CODE_UNIT_WIDTH 8
#include "scenario/match.h"

#include <pcre2.h>
#include <stdlib.h>
#include <utf8proc.h>

enum {
	DECOMPOSED_MAX = 32,
	MATCH_LIMIT = 100000,
	DEPTH_LIMIT = 10000,
	HEAP_LIMIT_KIB = 20000,
	WORDS_MAX = 400
};

/* -- folding ---------------------------------------------------------------- */

enum role { ROLE_WORD, ROLE_SPACE, ROLE_NOTHING };

static enum role role_of(uint32_t c)
{
	if (c < 0x80) {
		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		        strchr("*#%&@+$<>=^`|~", (int)c))
			return c ? ROLE_WORD : ROLE_NOTHING;
		return c <= ' ' || c == 0x7F || c == '/' ? ROLE_SPACE : ROLE_NOTHING;
	}
	switch (utf8proc_category((utf8proc_int32_t)c)) {
	case UTF8PROC_CATEGORY_PD:
		return c <= 0x2011 ? ROLE_NOTHING : ROLE_SPACE; /* hyphens join, dashes part */
	case UTF8PROC_CATEGORY_PO: return c == 0x2026 ? ROLE_SPACE : ROLE_NOTHING;
	case UTF8PROC_CATEGORY_PC:
	case UTF8PROC_CATEGORY_PS:
	case UTF8PROC_CATEGORY_PE:
	case UTF8PROC_CATEGORY_PI:
	case UTF8PROC_CATEGORY_PF:
	case UTF8PROC_CATEGORY_CF:
		return ROLE_NOTHING; /* joiners change how a word looks, not which it is */
	case UTF8PROC_CATEGORY_ZS:
	case UTF8PROC_CATEGORY_ZL:
	case UTF8PROC_CATEGORY_ZP:
	case UTF8PROC_CATEGORY_CC: return ROLE_SPACE;
	default: return ROLE_WORD;
	}
}

struct folding {
	struct dd_buf *out;
	uint32_t *origins;
	size_t cap, start;
	bool want;
};

static void put_folded(struct folding *f, const char *p, size_t n, size_t behind)
{
	size_t from = f->out->n - f->start;
	dd_buf_add(f->out, p, n);
	if (!f->want)
		return;
	if (from + n + 1 > f->cap) {
		f->cap = (from + n + 1) * 2;
		f->origins = dd_realloc(f->origins, f->cap, sizeof *f->origins);
	}
	for (size_t i = 0; i < n; i++)
		f->origins[from + i] = (uint32_t)behind;
}

static void put_character(struct folding *f, uint32_t c, size_t behind)
{
	utf8proc_int32_t parts[DECOMPOSED_MAX];
	char one = (char)(c >= 'A' && c <= 'Z' ? c + 32 : c);
	int last = UTF8PROC_BOUNDCLASS_START;
	if (c < 0x80) {
		put_folded(f, &one, 1, behind);
		return;
	}
	utf8proc_ssize_t n = utf8proc_decompose_char((utf8proc_int32_t)c, parts, DECOMPOSED_MAX,
	        UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE | UTF8PROC_CASEFOLD, &last);
	for (utf8proc_ssize_t i = 0; i < n && i < DECOMPOSED_MAX; i++) {
		utf8proc_uint8_t bytes[4];
		utf8proc_ssize_t size = utf8proc_encode_char(parts[i], bytes);
		if (parts[i] == ' ')
			continue; /* a mark that stands alone */
		put_folded(f, (const char *)bytes, (size_t)size, behind);
	}
}

void dd_fold_words(struct dd_str text, struct dd_buf *out, uint32_t **origins)
{
	struct folding f = {.out = out, .want = origins != NULL, .start = out->n};
	bool space = false;
	for (size_t at = 0; at < text.n;) {
		size_t before = at;
		uint32_t c = dd_utf8_next(text, &at);
		enum role role = role_of(c);
		if (role == ROLE_SPACE) {
			space = true;
		} else if (role == ROLE_WORD) {
			if (space && out->n > f.start)
				put_folded(&f, " ", 1, before);
			space = false;
			put_character(&f, c, at);
		}
	}
	if (origins) {
		put_folded(&f, "", 0, 0);
		if (!f.origins)
			f.origins = dd_realloc(NULL, 1, sizeof *f.origins);
		*origins = f.origins;
	}
}

static bool marks_at(struct dd_str text, size_t at)
{
	return at < text.n && (text.p[at] & 0x80) && dd_is_mark(dd_utf8_next(text, &at));
}

bool dd_folded_holds(struct dd_str words, struct dd_str part, size_t *end)
{
	for (size_t from = 0; part.n && from + part.n <= words.n;) {
		const char *found = memmem(words.p + from, words.n - from, part.p, part.n);
		if (!found)
			return false;
		size_t at = (size_t)(found - words.p);
		if (!marks_at(words, at + part.n)) {
			if (end)
				*end = at + part.n;
			return true;
		}
		from = at + 1;
	}
	return false;
}

/* -- regular expressions ---------------------------------------------------- */

struct dd_regex {
	pcre2_code *code;
	pcre2_match_context *limits;
};

static void *take_memory(size_t size, void *unused)
{
	(void)unused;
	return dd_malloc(size);
}

static void give_memory(void *p, void *unused)
{
	(void)unused;
	dd_free(p);
}

/* PCRE2 with our memory, so that a pattern is never said to be wrong for want of it. */
static pcre2_general_context *own_memory(void)
{
	return pcre2_general_context_create(take_memory, give_memory, NULL);
}

struct dd_regex *dd_regex_new(struct dd_str pattern, struct dd_error *err, size_t *at)
{
	int number;
	PCRE2_SIZE offset;
	pcre2_general_context *memory = own_memory();
	pcre2_compile_context *context = pcre2_compile_context_create(memory);
	pcre2_set_max_pattern_length(context, 4096);
	pcre2_set_parens_nest_limit(context, 50);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)(pattern.p ? pattern.p : ""), pattern.n,
	        PCRE2_UTF | PCRE2_CASELESS | PCRE2_NEVER_BACKSLASH_C, &number, &offset, context);
	pcre2_compile_context_free(context);
	if (!code) {
		pcre2_general_context_free(memory);
		PCRE2_UCHAR text[200] = "";
		(void)pcre2_get_error_message(number, text, sizeof text);
		(void)dd_fail(err, DD_ERR_FORMAT, "%s", (const char *)text);
		*at = offset < pattern.n ? offset : pattern.n;
		return NULL;
	}
	struct dd_regex *r = dd_alloc(sizeof *r);
	r->code = code;
	r->limits = pcre2_match_context_create(memory);
	pcre2_general_context_free(memory);
	pcre2_set_match_limit(r->limits, MATCH_LIMIT);
	pcre2_set_depth_limit(r->limits, DEPTH_LIMIT);
	pcre2_set_heap_limit(r->limits, HEAP_LIMIT_KIB);
	return r;
}

void dd_regex_free(struct dd_regex *r)
{
	if (!r)
		return;
	pcre2_code_free(r->code);
	pcre2_match_context_free(r->limits);
	dd_free(r);
}

int dd_regex_find(const struct dd_regex *r, struct dd_str text, size_t *end)
{
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	if (!data)
		dd_memory_failed();
	int n = pcre2_match(
	        r->code, (PCRE2_SPTR)(text.p ? text.p : ""), text.n, 0, 0, data, r->limits);
	if (n == PCRE2_ERROR_NOMEMORY)
		dd_memory_failed();
	if (n >= 0 && end)
		*end = pcre2_get_ovector_pointer(data)[1];
	pcre2_match_data_free(data);
	if (n >= 0)
		return 1;
	bool not_utf8 = n <= PCRE2_ERROR_UTF8_ERR1 && n >= PCRE2_ERROR_UTF8_ERR21;
	return n == PCRE2_ERROR_NOMATCH || not_utf8 ? 0 : -1;
}

/* -- differences ------------------------------------------------------------ */

struct word {
	struct dd_str shown;
	struct dd_buf folded;
	bool differs;
};

struct words {
	struct word list[WORDS_MAX];
	size_t n;
};

static void split(struct dd_str text, struct words *out)
{
	out->n = 0;
	for (size_t at = 0; at < text.n && out->n < WORDS_MAX;) {
		size_t from = at;
		while (at < text.n && !strchr(" \t\r\n", text.p[at]))
			at++;
		if (at > from) {
			struct word *w = &out->list[out->n++];
			*w = (struct word){.shown = {text.p + from, at - from}};
			dd_fold_words(w->shown, &w->folded, NULL);
		}
		at++;
	}
}

static void fini(struct words *words)
{
	for (size_t i = 0; i < words->n; i++)
		dd_buf_free(&words->list[i].folded);
}

static bool same_word(const struct word *a, const struct word *b)
{
	return a->folded.n == b->folded.n &&
	        (a->folded.n == 0 || memcmp(a->folded.p, b->folded.p, a->folded.n) == 0);
}

static void join(const struct words *words, struct dd_buf *out)
{
	for (size_t i = 0; out && i < words->n; i++) {
		const struct word *w = &words->list[i];
		dd_buf_str(out, i ? " " : "");
		dd_buf_str(out, w->differs ? "[" : "");
		dd_buf_add(out, w->shown.p, w->shown.n);
		dd_buf_str(out, w->differs ? "]" : "");
	}
}

/* The stretch of `heard` that takes the fewest changes to become `wanted`; what changes is marked.
 */
static unsigned align(struct words *wanted, struct words *heard, struct dd_str *part)
{
	size_t rows = wanted->n + 1, columns = heard->n + 1;
	uint16_t *cost = dd_realloc(NULL, rows * columns, sizeof *cost);
#define COST(i, j) cost[(i)*columns + (j)]
	for (size_t j = 0; j < columns; j++)
		COST(0, j) = 0;
	for (size_t i = 1; i < rows; i++) {
		COST(i, 0) = (uint16_t)i;
		for (size_t j = 1; j < columns; j++) {
			unsigned change = COST(i - 1, j - 1) +
			        (same_word(&wanted->list[i - 1], &heard->list[j - 1]) ? 0U : 1U);
			unsigned less = COST(i - 1, j) + 1U, more = COST(i, j - 1) + 1U;
			unsigned best = change < less ? change : less;
			COST(i, j) = (uint16_t)(best < more ? best : more);
		}
	}
	size_t i = wanted->n, j = 0;
	for (size_t k = 1; k < columns; k++)
		if (COST(i, k) < COST(i, j))
			j = k;
	/* of stretches that are equally near, one that ends in the same word, then one that ends in
	 * another, then one without it */
	for (int differs = 0; differs < 2 && i; differs++) {
		size_t k = 1;
		while (k < columns &&
		        (COST(i, k) != COST(i, j) || COST(i, k) != COST(i - 1, k - 1) + differs ||
		                same_word(&wanted->list[i - 1], &heard->list[k - 1]) ==
		                        (differs == 1)))
			k++;
		if (k < columns) {
			j = k;
			break;
		}
	}
	unsigned least = COST(i, j);
	size_t end = j;
	while (i) {
		bool same = j && same_word(&wanted->list[i - 1], &heard->list[j - 1]);
		bool more = j && COST(i, j) == COST(i, j - 1) + 1,
		     change = j && COST(i, j) == COST(i - 1, j - 1) + (same ? 0 : 1);
		if (change && (same || !more)) {
			wanted->list[i - 1].differs = heard->list[j - 1].differs = !same;
			i--, j--;
		} else if (more) {
			heard->list[--j].differs = true;
		} else {
			wanted->list[--i].differs = true;
		}
	}
#undef COST
	dd_free(cost);
	if (part && end > j)
		*part = (struct dd_str){heard->list[j].shown.p,
		        (size_t)(heard->list[end - 1].shown.p + heard->list[end - 1].shown.n -
		                heard->list[j].shown.p)};
	return least;
}

unsigned dd_words_differ(struct dd_str wanted, struct dd_str heard, struct dd_buf *wanted_marked,
        struct dd_buf *heard_marked, struct dd_str *part)
{
	struct words *a = dd_alloc(sizeof *a), *b = dd_alloc(sizeof *b);
	split(wanted, a);
	split(heard, b);
	if (part)
		*part = (struct dd_str){heard.p, 0};
	unsigned least = align(a, b, part), all = (unsigned)(a->n ? a->n : 1);
	join(a, wanted_marked);
	join(b, heard_marked);
	fini(a);
	fini(b);
	dd_free(a);
	dd_free(b);
	return least * 1000 / all;
}
