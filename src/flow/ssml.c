/* SSML by Expat (W3C, Speech Synthesis Markup Language 1.1). Voices differ in how much XML they
   understand: eSpeak NG knows neither CDATA nor most references. So the tree is written again in
   the plainest form, with the words beside it, and a map from the one to the other: a voice tells
   which byte of its text it is at, and people want to know which word that is. */
#include "flow/ssml.h"

#include <stdlib.h>
#include <string.h>

struct ssml_writer {
	struct dd_buf source, words;
	uint32_t *before;
	size_t nbefore, cap_before;
	bool space; /* due before the next word */
};

static bool is_xml_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* -- writing ---------------------------------------------------------------- */

/* Source of which nothing is heard, or which belongs to the character before it. */
static void write_source(struct ssml_writer *w, const char *text, size_t n)
{
	dd_buf_add(&w->source, text, n);
	for (size_t i = 0; i < n; i++)
		DD_PUSH(w->before, w->nbefore, w->cap_before) = (uint32_t)w->words.n;
}

static void write_space(struct ssml_writer *w, char c)
{
	write_source(w, &c, 1);
	w->space = w->words.n > 0;
}

/* One character: the map notes where it begins before it is heard. */
static void write_character(struct ssml_writer *w, const char *text, size_t n)
{
	const char *source = *text == '&' ? "&amp;"
	        : *text == '<'            ? "&lt;"
	        : *text == '>'            ? "&gt;"
	                                  : NULL;
	size_t length = source ? strlen(source) : n;
	if (w->space)
		dd_buf_char(&w->words, ' ');
	w->space = false;
	write_source(w, source ? source : text, 1);
	dd_buf_add(&w->words, text, n);
	write_source(w, (source ? source : text) + 1, length - 1);
}

static void write_text(struct ssml_writer *w, struct dd_str text)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		dd_utf8_next(text, &at);
		if (is_xml_space(text.p[from]))
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
	dd_buf_free(tag);
}

static void write_start(struct ssml_writer *w, const struct dd_xml *e)
{
	struct dd_buf tag = {0};
	dd_buf_format(&tag, "<%.*s", (int)e->name.n, e->name.p);
	for (uint32_t i = 0; i < e->nattributes; i++) {
		const struct dd_xml_attribute *a = &e->attributes[i];
		dd_buf_format(&tag, " %.*s=\"", (int)a->name.n, a->name.p);
		dd_buf_xml(&tag, a->value);
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
		write_text(w, alias);
		return;
	}
	write_start(w, e);
	write_nodes(w, e->first);
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

bool dd_ssml_read(
        struct dd_arena *arena, struct dd_str text, struct dd_ssml *out, struct dd_xml_fault *fault)
{
	struct ssml_writer w = {0};
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
	DD_PUSH(w.before, w.nbefore, w.cap_before) = (uint32_t)w.words.n;
	out->source = (struct dd_str){dd_arena_copy(arena, w.source.p, w.source.n), w.source.n};
	out->words = (struct dd_str){
	        dd_arena_copy(arena, w.words.p ? w.words.p : "", w.words.n), w.words.n};
	out->before = memcpy(dd_arena_alloc(arena, w.nbefore * sizeof *w.before), w.before,
	        w.nbefore * sizeof *w.before);
	dd_free(w.before);
	dd_buf_free(&w.source);
	dd_buf_free(&w.words);
	return true;
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
