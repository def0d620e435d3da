/* SSML by Expat (W3C, Speech Synthesis Markup Language 1.1). Voices differ in how much XML they
   understand: eSpeak NG knows neither CDATA nor most references. So the tree is written again in
   the plainest form, with the words beside it, and a map from the one to the other: a voice tells
   which byte of its text it is at, and people want to know which word that is. */
#include "flow/ssml.h"

#include <stdlib.h>
#include <string.h>

struct ssml_writer {
	struct dd_buf source, words, said;
	uint32_t *before, *behind, *heard;
	size_t nbefore, cap_before, nbehind, cap_behind, nheard, cap_heard;
	bool space;                 /* due before the next word */
	const struct dd_said *list; /* what is said in other words … */
	size_t nlist;
	bool inside; /* … of which the first is being passed */
	struct dd_stretch *fixed;
	size_t nfixed, cap_fixed;
	unsigned literal; /* elements and marks around that say how their words are said */
};

static bool is_xml_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* -- writing ---------------------------------------------------------------- */

/* The places of one byte more of the source. */
static void place(struct ssml_writer *w, size_t before, size_t behind)
{
	DD_PUSH(w->before, w->nbefore, w->cap_before) = (uint32_t)before;
	DD_PUSH(w->behind, w->nbehind, w->cap_behind) = (uint32_t)behind;
	DD_PUSH(w->heard, w->nheard, w->cap_heard) = (uint32_t)w->said.n;
}

/* Source of which nothing is heard, or which belongs to the character before it. */
static void write_source(struct ssml_writer *w, const char *text, size_t n)
{
	dd_buf_add(&w->source, text, n);
	for (size_t i = 0; i < n; i++)
		place(w, w->words.n, w->words.n);
}

static void write_space(struct ssml_writer *w, char c)
{
	if (!w->inside)
		write_source(w, &c, 1);
	w->space = w->words.n > 0;
}

/* Other words: all of them, where those that they stand for begin. */
static void write_said(struct ssml_writer *w, const struct dd_said *s)
{
	for (size_t at = 0; at < s->words.n;) {
		size_t from = at;
		struct dd_buf one = {0};
		dd_utf8_next(s->words, &at);
		dd_buf_xml(&one, (struct dd_str){s->words.p + from, at - from});
		dd_buf_add(&w->source, one.p ? one.p : "", one.n);
		for (size_t k = 0; k < one.n; k++)
			place(w, s->at.from, from + k ? s->at.to : s->at.from);
		dd_buf_add(&w->said, s->words.p + from, at - from);
		dd_buf_free(&one);
	}
}

static void add_fixed(struct ssml_writer *w, size_t from, size_t to)
{
	struct dd_stretch *last = w->nfixed ? &w->fixed[w->nfixed - 1] : NULL;
	if (last && last->to >= from && (from == to || last->to > last->from)) {
		last->to = to > last->to ? to : last->to;
		return;
	}
	DD_PUSH(w->fixed, w->nfixed, w->cap_fixed) = (struct dd_stretch){from, to};
}

/* One character: the map notes where it begins before it is heard. */
static void write_character(struct ssml_writer *w, const char *text, size_t n)
{
	const char *source = *text == '&' ? "&amp;"
	        : *text == '<'            ? "&lt;"
	        : *text == '>'            ? "&gt;"
	                                  : NULL;
	size_t length = source ? strlen(source) : n;
	if (w->space) {
		dd_buf_char(&w->words, ' ');
		if (!w->inside)
			dd_buf_char(&w->said, ' ');
	}
	w->space = false;
	size_t from = w->words.n;
	if (!w->inside && w->nlist && w->list[0].at.from == from) {
		w->inside = true;
		write_said(w, &w->list[0]);
	}
	if (w->inside) {
		dd_buf_add(&w->words, text, n);
		if (w->words.n >= w->list[0].at.to)
			w->inside = false, w->list++, w->nlist--;
	} else {
		write_source(w, source ? source : text, 1);
		dd_buf_add(&w->words, text, n);
		dd_buf_add(&w->said, text, n);
		write_source(w, (source ? source : text) + 1, length - 1);
	}
	if (w->literal)
		add_fixed(w, from, w->words.n);
}

static void write_text(struct ssml_writer *w, struct dd_str text)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(text, &at);
		if (c == 0xE000)
			w->literal++;
		else if (c == 0xE001)
			w->literal -= w->literal > 0;
		else if (is_xml_space(text.p[from]))
			write_space(w, text.p[from]);
		else
			write_character(w, text.p + from, at - from);
	}
}

/* A tag parts words. */
static void write_tag(struct ssml_writer *w, struct dd_buf *tag)
{
	write_source(w, tag->p, tag->n);
	w->space = w->words.n > 0;
	add_fixed(w, w->words.n, w->words.n);
	dd_buf_free(tag);
}

/* A value in an attribute, without the marks around it. */
static void write_attribute(struct dd_buf *tag, struct dd_str value)
{
	struct dd_buf plain = {0};
	for (size_t at = 0; at < value.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(value, &at);
		if (c != 0xE000 && c != 0xE001)
			dd_buf_add(&plain, value.p + from, at - from);
	}
	dd_buf_xml(tag, (struct dd_str){plain.p ? plain.p : "", plain.n});
	dd_buf_free(&plain);
}

static void write_start(struct ssml_writer *w, const struct dd_xml *e)
{
	struct dd_buf tag = {0};
	dd_buf_format(&tag, "<%.*s", (int)e->name.n, e->name.p);
	for (uint32_t i = 0; i < e->nattributes; i++) {
		const struct dd_xml_attribute *a = &e->attributes[i];
		dd_buf_format(&tag, " %.*s=\"", (int)a->name.n, a->name.p);
		write_attribute(&tag, a->value);
		dd_buf_char(&tag, '"');
	}
	dd_buf_str(&tag, e->first ? ">" : "/>");
	write_tag(w, &tag);
}

static void write_end(struct ssml_writer *w, const struct dd_xml *e)
{
	struct dd_buf tag = {0};
	dd_buf_format(&tag, "</%.*s>", (int)e->name.n, e->name.p);
	write_tag(w, &tag);
}

static void write_nodes(struct ssml_writer *w, const struct dd_xml *node);

static void write_element(struct ssml_writer *w, const struct dd_xml *e)
{
	struct dd_str alias = dd_xml_value(e, "alias");
	if (dd_str_is(e->name, "metadata") || dd_str_is(e->name, "desc"))
		return;
	if (dd_str_is(e->name, "sub") && alias.p) {
		w->literal++;
		write_text(w, alias);
		w->literal--;
		return;
	}
	bool literal = dd_str_is(e->name, "say-as") || dd_str_is(e->name, "phoneme");
	write_start(w, e);
	w->literal += literal;
	write_nodes(w, e->first);
	w->literal -= literal && w->literal;
	if (e->first)
		write_end(w, e);
}

static void write_nodes(struct ssml_writer *w, const struct dd_xml *node)
{
	for (; node; node = node->next) {
		if (node->name.p)
			write_element(w, node);
		else
			write_text(w, node->text);
	}
}

/* -- reading ---------------------------------------------------------------- */

/* Past `open` … `close`, if that is what stands at `at`. */
static bool skip_markup(struct dd_str text, size_t *at, const char *open, const char *close)
{
	size_t n = strlen(open), m = strlen(close);
	if (text.n - *at < n || memcmp(text.p + *at, open, n) != 0)
		return false;
	for (size_t i = *at + n; i + m <= text.n; i++) {
		if (memcmp(text.p + i, close, m) != 0)
			continue;
		*at = i + m;
		return true;
	}
	return false;
}

bool dd_is_ssml(struct dd_str text)
{
	size_t at = 0;
	do
		while (at < text.n && is_xml_space(text.p[at]))
			at++;
	while (skip_markup(text, &at, "<?", "?>") || skip_markup(text, &at, "<!--", "-->") ||
	        skip_markup(text, &at, "<!DOCTYPE", ">"));
	if (text.n - at < 7 || memcmp(text.p + at, "<speak", 6) != 0)
		return false;
	char c = text.p[at + 6];
	return c == '>' || c == '/' || is_xml_space(c);
}

static const uint32_t *kept(struct dd_arena *arena, uint32_t *list, size_t n)
{
	uint32_t *copy = memcpy(dd_arena_alloc(arena, n * sizeof *list), list, n * sizeof *list);
	dd_free(list);
	return copy;
}

static struct dd_str kept_text(struct dd_arena *arena, struct dd_buf *text)
{
	struct dd_str copy = {dd_arena_copy(arena, text->p ? text->p : "", text->n), text->n};
	dd_buf_free(text);
	return copy;
}

bool dd_ssml_read_as(struct dd_arena *arena, struct dd_str text, const struct dd_said *said,
        size_t nsaid, struct dd_ssml *out, struct dd_xml_fault *fault)
{
	struct ssml_writer w = {.list = said, .nlist = nsaid};
	/* nothing may come before a declaration, but people begin a block of text with a line break
	 */
	struct dd_str trimmed = dd_str_trim(text);
	uint32_t left = (uint32_t)(trimmed.p - text.p);
	const struct dd_xml *root = dd_xml_parse(arena, trimmed, fault);
	if (!root) {
		fault->span.start += left;
		fault->span.end += left;
		return false;
	}
	write_element(&w, root);
	place(&w, w.words.n, w.words.n);
	out->source = kept_text(arena, &w.source);
	out->words = kept_text(arena, &w.words);
	out->said = kept_text(arena, &w.said);
	out->before = kept(arena, w.before, w.nbefore);
	out->behind = kept(arena, w.behind, w.nbehind);
	out->heard = kept(arena, w.heard, w.nheard);
	out->nfixed = w.nfixed;
	struct dd_stretch *fixed = dd_arena_alloc(arena, (w.nfixed + 1) * sizeof *fixed);
	if (w.nfixed)
		memcpy(fixed, w.fixed, w.nfixed * sizeof *fixed);
	out->fixed = fixed;
	dd_free(w.fixed);
	return true;
}

bool dd_ssml_read(
        struct dd_arena *arena, struct dd_str text, struct dd_ssml *out, struct dd_xml_fault *fault)
{
	return dd_ssml_read_as(arena, text, NULL, 0, out, fault);
}

const char *dd_ssml_source(struct dd_arena *arena, struct dd_str text, bool ssml)
{
	struct dd_xml_fault fault;
	struct dd_ssml read;
	return ssml && dd_ssml_read(arena, text, &read, &fault)
	        ? read.source.p
	        : dd_arena_copy(arena, text.p, text.n);
}

void dd_ssml_words(struct dd_str text, struct dd_buf *out)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_xml_fault fault;
	struct dd_ssml read;
	if (dd_ssml_read(arena, text, &read, &fault))
		text = read.words;
	dd_buf_add(out, text.p, text.n);
	dd_arena_free(arena);
}
