/* Filling in and reading aloud. */
#include "session/spoken.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "call/fill.h"
#include "read/aloud.h"

/* -- filling in ------------------------------------------------------------- */

static bool is_fixed(const struct dd_part *part)
{
	return part->slot != DD_NONE && part->format != DD_AS_IS;
}

static void add_mark(struct dd_filled *out, const char *mark, bool ssml)
{
	size_t n = strlen(mark);
	if (!ssml || out->n + n >= sizeof out->text)
		return;
	memcpy(out->text + out->n, mark, n + 1);
	out->n += n;
}

/* The parts [from, to), which are all fixed or none of them. */
static enum dd_status fill_some(const struct dd_program *p, uint32_t template, uint32_t from,
        uint32_t to, struct dd_values values, struct dd_filled *out, uint32_t *missing,
        size_t *nmissing)
{
	size_t n = 0;
	enum dd_status status = dd_fill(p, template, from, to, DD_FILL_SPEECH, values,
	        out->text + out->n, sizeof out->text - out->n, &n, missing, nmissing);
	out->n += n;
	return status;
}

static size_t count_fixed(const struct dd_program *p, uint32_t template, uint32_t from, uint32_t to)
{
	const struct dd_template *t = &p->templates[template];
	size_t n = 0;
	for (uint32_t j = from; j < t->n && j < to; j++)
		n += is_fixed(&p->parts[t->first + j]);
	return n;
}

enum dd_status dd_spoken_fill(const struct dd_program *p, uint32_t template, uint32_t from,
        uint32_t to, struct dd_values values, struct dd_arena *arena, struct dd_filled *out,
        uint32_t *missing, size_t *nmissing)
{
	const struct dd_template *t = &p->templates[template];
	size_t n = count_fixed(p, template, from, to), room = nmissing ? *nmissing : 0, found = 0;
	enum dd_status status = DD_OK;
	out->n = out->nfixed = 0;
	out->text[0] = '\0';
	to = to < t->n ? to : t->n;
	if (n == 0)
		return fill_some(p, template, from, to, values, out, missing, nmissing);
	out->fixed = dd_arena_alloc(arena, n * sizeof *out->fixed);
	for (uint32_t j = from, end; j < to && status == DD_OK; j = end) {
		bool fixed = is_fixed(&p->parts[t->first + j]);
		size_t start = out->n, some = room - found;
		for (end = j + 1; !fixed && end < to && !is_fixed(&p->parts[t->first + end]);)
			end++;
		if (fixed)
			add_mark(out, DD_SSML_AS_IT_IS, t->ssml);
		status = fill_some(p, template, j, end, values, out,
		        missing ? missing + found : NULL, nmissing ? &some : NULL);
		found += nmissing ? some : 0;
		if (fixed)
			add_mark(out, DD_SSML_AS_IT_IS_END, t->ssml);
		if (fixed && !t->ssml && out->n > start)
			out->fixed[out->nfixed++] = (struct dd_stretch){start, out->n};
	}
	if (nmissing)
		*nmissing = found;
	size_t marks = t->ssml ? 2 * n : 0;
	bool over = dd_utf8_count((struct dd_str){out->text, out->n}) > DD_TEXT_CHARS_MAX + marks;
	return status == DD_OK && over ? DD_ERR_LIMIT : status;
}

struct moment {
	const struct dd_call *call;
	dd_ms at;
	char room[24];
};

static struct dd_str value_at(void *self, uint32_t slot)
{
	struct moment *m = self;
	return dd_call_value(m->call, slot, m->at, m->room);
}

enum dd_status dd_spoken_fill_call(const struct dd_call *call, uint32_t template, dd_ms at,
        struct dd_arena *arena, struct dd_filled *out, uint32_t *missing, size_t *nmissing)
{
	struct moment m = {call, at, ""};
	return dd_spoken_fill(dd_call_program(call), template, 0, UINT32_MAX,
	        (struct dd_values){&m, value_at}, arena, out, missing, nmissing);
}

/* -- reading ---------------------------------------------------------------- */

/* How many characters the words of a document may have: its tags take some of the limit. */
static size_t most_words(const struct dd_ssml *ssml)
{
	size_t tags = dd_utf8_count(ssml->source) - dd_utf8_count(ssml->words);
	return tags < DD_TEXT_CHARS_MAX ? DD_TEXT_CHARS_MAX - tags : 0;
}

static void places(uint32_t *list, size_t from, size_t to, size_t first, size_t step)
{
	for (size_t i = from; i < to; i++)
		list[i] = (uint32_t)(first + (i - from) * step);
}

/* Plain text with other words in it, and which byte of the one is which of the other. */
static void put_into_words(struct dd_arena *arena, struct dd_str text, const struct dd_aloud *aloud,
        struct dd_spoken *out)
{
	struct dd_buf said = {0};
	dd_aloud_join(text, aloud, &said);
	size_t size = (said.n + 1) * sizeof *out->before, at = 0, done = 0;
	uint32_t *before = dd_arena_alloc(arena, size), *behind = dd_arena_alloc(arena, size);
	for (size_t i = 0; i < aloud->n; i++) {
		const struct dd_said *s = &aloud->list[i];
		size_t plain = s->at.from - at, end = done + plain;
		places(before, done, end, at, 1);
		places(behind, done, end, at, 1);
		places(before, end, end + s->words.n, s->at.from, 0);
		places(behind, end + 1, end + s->words.n, s->at.to, 0);
		behind[end] = (uint32_t)s->at.from;
		done = end + s->words.n;
		at = s->at.to;
	}
	places(before, done, said.n + 1, at, 1);
	places(behind, done, said.n + 1, at, 1);
	out->source = (struct dd_str){dd_arena_copy(arena, said.p, said.n), said.n};
	out->said = out->source;
	out->before = before;
	out->behind = behind;
	dd_buf_free(&said);
}

static bool read_ssml(struct dd_arena *arena, const struct dd_voice_choice *voice,
        struct dd_str text, struct dd_spoken *out, struct dd_xml_fault *fault)
{
	struct dd_ssml ssml;
	if (!dd_ssml_read(arena, text, &ssml, fault))
		return false;
	struct dd_aloud aloud = {NULL, 0};
	if (!voice->literal) {
		aloud = dd_aloud(arena, voice->language, ssml.words, ssml.fixed, ssml.nfixed,
		        most_words(&ssml));
		if (aloud.n && !dd_ssml_read_as(arena, text, aloud.list, aloud.n, &ssml, fault))
			return false;
	}
	*out = (struct dd_spoken){ssml.source, ssml.words, ssml.said, ssml.before, ssml.behind,
	        ssml.heard, aloud, ssml.fixed, ssml.nfixed};
	return true;
}

bool dd_spoken_read(struct dd_arena *arena, const struct dd_voice_choice *voice, struct dd_str text,
        bool ssml, const struct dd_stretch *fixed, size_t nfixed, struct dd_spoken *out,
        struct dd_xml_fault *fault)
{
	if (ssml)
		return read_ssml(arena, voice, text, out, fault);
	struct dd_str copy = {dd_arena_copy(arena, text.p, text.n), text.n};
	*out = (struct dd_spoken){
	        .source = copy, .words = copy, .said = copy, .fixed = fixed, .nfixed = nfixed};
	if (voice->literal)
		return true;
	out->aloud = dd_aloud(arena, voice->language, copy, fixed, nfixed, DD_TEXT_CHARS_MAX);
	if (out->aloud.n)
		put_into_words(arena, copy, &out->aloud, out);
	return true;
}

bool dd_spoken_differs(const struct dd_spoken *spoken)
{
	return !dd_str_same(spoken->words, spoken->said);
}
