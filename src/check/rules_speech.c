/* Rules about texts that the voice cannot say as they stand. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/text.h"
#include "check/checking.h"
#include "doc/tree.h"

/* What a segment says with the examples; from malloc. */
static struct dd_buf text_of(const struct dd_checking *c, const struct dd_template *t, bool values)
{
	struct dd_buf all = {0}, plain = {0};
	for (uint32_t k = 0; k < t->n; k++) {
		const struct dd_part *part = &c->program->parts[t->first + k];
		struct dd_str text = part->slot == DD_NONE ? part->text
		        : values                           ? check_value(c, part->slot)
		                                           : dd_str(" ");
		if (t->ssml && part->slot != DD_NONE)
			dd_buf_xml(&all, text);
		else
			dd_buf_add(&all, text.p ? text.p : "", text.p ? text.n : 0);
	}
	if (!t->ssml)
		return all;
	dd_ssml_words((struct dd_str){all.p, all.n}, &plain);
	dd_buf_free(&all);
	return plain;
}

/* -- characters that are skipped -------------------------------------------- */

/* Letters are for language-mismatch; the usual punctuation is heard as a pause. What has no width
 * is no sign. */
static bool is_doubtful(uint32_t c)
{
	static const uint32_t fine[] = {0xA0, 0x964, 0x965, 0x3001, 0x3002, 0xFF0C, 0xFF0E, 0xFFFD,
	        0xAB, 0xBB, 0xBF, 0xA1, 0x2026, 0x60C, 0x61B, 0x61F, 0x6D4};
	if (c < 0x80)
		return c > 0x20 && strchr(" .,;:!?'\"()-/&+%@$*#=\n\t", (int)c) == NULL &&
		        !dd_is_letter(c) && !(c >= '0' && c <= '9');
	for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
		if (c == fine[i])
			return false;
	return !dd_is_letter(c) && !dd_is_mark(c) && !(c >= 0x2000 && c <= 0x2025) &&
	        !(c >= 0x2028 && c <= 0x206F) && c != 0xFEFF && c != 0xAD &&
	        !(c >= 0xFE00 && c <= 0xFE0F);
}

static uint32_t frames_of(const struct dd_checking *c, uint32_t voice, const char *text)
{
	const struct dd_voice_choice *v = &c->program->voices[voice];
	const char *name = v->variant ? dd_arena_format(c->arena, "%s+%s", v->language, v->variant)
	                              : v->language;
	struct dd_speech speech = {text, name, v->rate_wpm, v->pitch, false};
	const struct dd_sound *sound = NULL;
	return c->tts.say(c->tts.self, &speech, &sound, NULL) == DD_OK ? sound->frames : UINT32_MAX;
}

/* The voice itself is asked: with the character in it a text is as long as without it. */
static bool is_skipped(const struct dd_checking *c, uint32_t voice, struct dd_str character)
{
	const char *with = dd_arena_format(c->arena, "1 %.*s 1", (int)character.n, character.p);
	return frames_of(c, voice, with) == frames_of(c, voice, "1  1");
}

struct asked {
	uint32_t voice, character;
	bool skipped;
};
enum { ASKED_MAX = 64 }; /* questions to the voice in one flow */

void rule_unspeakable(struct dd_checking *c)
{
	struct asked asked[ASKED_MAX];
	size_t nasked = 0;
	for (uint32_t i = 0; i < c->program->nsegments; i++) {
		const struct dd_segment *g = &c->program->segments[i];
		const struct dd_template *t = check_spoken(c, g);
		struct dd_buf skipped = {0};
		struct check_heard heard;
		struct dd_str text = {"", 0};
		if (t && check_hear_example(c, g, &heard))
			text = heard.spoken.said;
		for (size_t at = 0; at < text.n;) {
			size_t from = at, k = 0;
			uint32_t one = dd_utf8_next(text, &at);
			struct dd_str character = {text.p + from, at - from};
			if (!is_doubtful(one))
				continue;
			while (k < nasked &&
			        (asked[k].voice != g->voice || asked[k].character != one))
				k++;
			if (k == nasked && nasked == ASKED_MAX)
				continue;
			if (k == nasked)
				asked[nasked++] = (struct asked){
				        g->voice, one, is_skipped(c, g->voice, character)};
			if (asked[k].skipped &&
			        (skipped.n == 0 ||
			                !memmem(skipped.p, skipped.n, character.p, character.n)))
				dd_buf_format(&skipped, "%s%.*s", skipped.n ? " " : "",
				        (int)character.n, character.p);
		}
		if (skipped.n)
			check_at(c, g->flow, g->span, "write what is to be heard",
			        "the voice skips %s", skipped.p);
		dd_buf_free(&skipped);
	}
}

/* -- scripts ---------------------------------------------------------------- */

enum {
	LATIN,
	GREEK,
	CYRILLIC,
	ARMENIAN,
	HEBREW,
	ARABIC,
	DEVANAGARI,
	BENGALI,
	GURMUKHI,
	GUJARATI,
	ODIA,
	TAMIL,
	TELUGU,
	KANNADA,
	MALAYALAM,
	SINHALA,
	THAI,
	MYANMAR,
	GEORGIAN,
	HANGUL,
	ETHIOPIC,
	CHINESE,
	JAPANESE,
	SCRIPTS
};
static const char *const SCRIPT_NAMES[SCRIPTS] = {"Latin", "Greek", "Cyrillic", "Armenian",
        "Hebrew", "Arabic", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Odia", "Tamil",
        "Telugu", "Kannada", "Malayalam", "Sinhala", "Thai", "Myanmar", "Georgian", "Hangul",
        "Ethiopic", "Chinese", "Japanese"};
/* Unicode blocks. */
static const struct {
	uint32_t from, to;
	int script;
} BLOCKS[] = {
        {'A', 0x24F, LATIN},
        {0x370, 0x3FF, GREEK},
        {0x400, 0x52F, CYRILLIC},
        {0x530, 0x58F, ARMENIAN},
        {0x590, 0x5FF, HEBREW},
        {0x600, 0x77F, ARABIC},
        {0x8A0, 0x8FF, ARABIC},
        {0x900, 0x97F, DEVANAGARI},
        {0x980, 0x9FF, BENGALI},
        {0xA00, 0xA7F, GURMUKHI},
        {0xA80, 0xAFF, GUJARATI},
        {0xB00, 0xB7F, ODIA},
        {0xB80, 0xBFF, TAMIL},
        {0xC00, 0xC7F, TELUGU},
        {0xC80, 0xCFF, KANNADA},
        {0xD00, 0xD7F, MALAYALAM},
        {0xD80, 0xDFF, SINHALA},
        {0xE00, 0xE7F, THAI},
        {0x1000, 0x109F, MYANMAR},
        {0x10A0, 0x10FF, GEORGIAN},
        {0x1100, 0x11FF, HANGUL},
        {0x1200, 0x139F, ETHIOPIC},
        {0x1E00, 0x1EFF, LATIN},
        {0x1F00, 0x1FFF, GREEK},
        {0x3040, 0x30FF, JAPANESE},
        {0x3400, 0x9FFF, CHINESE},
        {0xAC00, 0xD7AF, HANGUL},
        {0xFB50, 0xFDFF, ARABIC},
        {0xFE70, 0xFEFF, ARABIC},
};
/* The scripts of eSpeak NG's voices; all others are written in Latin letters. */
static const struct {
	const char *languages;
	int script;
} VOICES[] = {
        {"el grc", GREEK},
        {"ru uk be bg mk kk ky tt ba nog sr", CYRILLIC},
        {"hy", ARMENIAN},
        {"he", HEBREW},
        {"ar fa ur sd ug", ARABIC},
        {"hi mr ne kok sa bho", DEVANAGARI},
        {"bn as bpy", BENGALI},
        {"pa", GURMUKHI},
        {"gu", GUJARATI},
        {"or", ODIA},
        {"ta", TAMIL},
        {"te", TELUGU},
        {"kn", KANNADA},
        {"ml", MALAYALAM},
        {"si", SINHALA},
        {"th", THAI},
        {"my shn", MYANMAR},
        {"ka", GEORGIAN},
        {"ko", HANGUL},
        {"am", ETHIOPIC},
        {"yue hak cmn zh", CHINESE},
        {"ja", JAPANESE},
};

static int script_of_voice(const char *language)
{
	size_t n = strcspn(language, "-");
	for (size_t i = 0; i < sizeof VOICES / sizeof *VOICES; i++)
		for (const char *p = VOICES[i].languages; *p; p += strspn(p, " ")) {
			size_t word = strcspn(p, " ");
			if (word == n && memcmp(p, language, n) == 0)
				return VOICES[i].script;
			p += word;
		}
	return LATIN;
}

/* Each script's letters; the script that most are of, or -1. */
static int script_of_text(struct dd_str text)
{
	unsigned count[SCRIPTS] = {0};
	int most = -1;
	for (size_t at = 0; at < text.n;) {
		uint32_t c = dd_utf8_next(text, &at);
		for (size_t i = 0; dd_is_letter(c) && i < sizeof BLOCKS / sizeof *BLOCKS; i++)
			if (c >= BLOCKS[i].from && c <= BLOCKS[i].to)
				count[BLOCKS[i].script]++;
	}
	for (int s = 0; s < SCRIPTS; s++)
		if (count[s] && (most < 0 || count[s] > count[most]))
			most = s;
	return most;
}

static bool speaks(int voice, const char *language, int script)
{
	return voice == script || (voice == JAPANESE && script == CHINESE) ||
	        (strncmp(language, "sr", 2) == 0 && script == LATIN);
}

const char *check_unspoken_script(const char *language, struct dd_str value)
{
	int script = script_of_text(value);
	return script < 0 || script == LATIN || speaks(script_of_voice(language), language, script)
	        ? NULL
	        : SCRIPT_NAMES[script];
}

/* Values in a text that the voice speaks, in letters that it does not. */
static void unspoken_values(
        struct dd_checking *c, const struct dd_segment *g, const struct dd_template *t)
{
	const struct dd_program *p = c->program;
	const char *language = p->voices[g->voice].language;
	for (uint32_t k = 0; k < t->n; k++) {
		const struct dd_part *part = &p->parts[t->first + k];
		struct dd_str value = part->slot == DD_NONE ? (struct dd_str){NULL, 0}
		                                            : check_value(c, part->slot);
		const char *script = value.p ? check_unspoken_script(language, value) : NULL;
		if (script)
			check_at(c, g->flow, part->span,
			        "write it in the voice's letters, or let another voice say it",
			        "the value of \"%s\" is in %s letters, the voice %s speaks %s",
			        p->slots[part->slot].name, script, language,
			        SCRIPT_NAMES[script_of_voice(language)]);
	}
}

void rule_language_mismatch(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsegments; i++) {
		const struct dd_segment *g = &c->program->segments[i];
		const struct dd_template *t = check_spoken(c, g);
		if (!t)
			continue;
		const char *language = c->program->voices[g->voice].language;
		struct dd_buf text = text_of(c, t, false);
		int script = script_of_text((struct dd_str){text.p ? text.p : "", text.n}),
		    voice = script_of_voice(language);
		dd_buf_free(&text);
		if (script < 0) { /* nothing but values */
			text = text_of(c, t, true);
			script = script_of_text((struct dd_str){text.p ? text.p : "", text.n});
			dd_buf_free(&text);
		}
		if (script < 0 || speaks(voice, language, script)) {
			unspoken_values(c, g, t);
			continue;
		}
		/* a voice of another script reads Latin letters as English */
		check_at_as(c, script == LATIN ? DD_WARNING : (enum dd_severity)c->rule->severity,
		        g->flow, g->span, "give it a voice: { text: …, voice: { language: … } }",
		        "this text is in %s letters, the voice %s speaks %s", SCRIPT_NAMES[script],
		        language, SCRIPT_NAMES[voice]);
	}
}

/* -- words behind a # ------------------------------------------------------- */

/* The comment behind a text, up to the end of its line; n 0: there is none. */
static struct dd_str comment_behind(struct dd_str source, uint32_t end)
{
	uint32_t at = end, stop;
	while (at < source.n && source.p[at] == ' ')
		at++;
	if (at == end || at >= source.n || source.p[at] != '#')
		return (struct dd_str){"", 0};
	for (stop = at; stop < source.n && source.p[stop] != '\n' && source.p[stop] != '\r';)
		stop++;
	return (struct dd_str){source.p + at, stop - at};
}

static bool word_is(struct dd_str word, const char *const *list)
{
	for (; *list; list++)
		if (word.n == strlen(*list) && strncasecmp(word.p, *list, word.n) == 0)
			return true;
	return false;
}

/* The last word of a text; n 0 where it ends with a mark, as a sentence that is complete. */
static struct dd_str last_word(struct dd_str text)
{
	size_t from = text.n;
	while (from > 0 && text.p[from - 1] != ' ')
		from--;
	struct dd_str word = {text.p + from, text.n - from};
	return word.n && strchr(".,!?:;)\"'", word.p[word.n - 1]) ? (struct dd_str){"", 0} : word;
}

/* "Press # to go on.": a comment all the same, but the text before it is no sentence, or what
 * follows is one's rest. */
static bool is_rest_of(struct dd_str text, struct dd_str comment)
{
	/* clang-format off */
	static const char *const open[] = {
	        "press", "pressing", "hit", "dial", "push", "enter", "the", "or",
	        "and", "then", "by", "with", "a", "an", "to", "your", "our", "key",
	        "using", "use", "type", "is", "of", "for", "either", "from", "at",
	        "on", "या", "और", "फिर", "के", "अथवा", "அல்லது", NULL};
	static const char *const counted[] = {
	        "order", "ticket", "number", "no", "room", "flat", "apartment",
	        "invoice", "booking", "case", "ref", "reference", "table", "gate",
	        "token", "account", NULL};
	static const char *const sign[] = {
	        "key", "sign", "button", "दबाएँ", "दबाएं", "दबाइए", "को", "बटन", "ஐ",
	        "அழுத்தவும்", NULL};
	/* clang-format on */
	struct dd_str last = last_word(text), rest = {comment.p + 1, comment.n - 1};
	bool value = memchr(rest.p, '{', rest.n) && memchr(rest.p, '}', rest.n);
	rest = dd_str_trim(rest);
	size_t n = 0;
	while (n < rest.n && !strchr(" .,!?;:", rest.p[n]))
		n++;
	struct dd_str first = {rest.p, n};
	if (last.n == 0 || rest.n == 0)
		return false;
	bool begins_so = first.n && ((first.p[0] >= '0' && first.p[0] <= '9') || first.p[0] == '{');
	/* an answer may be one word, such as "on" */
	bool alone = !memchr(text.p, ' ', text.n) &&
	        !word_is(last, (const char *const[]){"press", "dial", NULL});
	return (word_is(last, open) && !alone) ||
	        (word_is(last, counted) && (value || begins_so)) || word_is(first, sign) ||
	        (first.n > 3 && memmem(first.p, first.n, "।", 3) != NULL);
}

/* "press #1": a comment that begins without a space was meant to be heard. */
static bool is_glued(struct dd_str comment)
{
	return comment.n > 1 && !strchr(" \t#!-", comment.p[1]);
}

static struct dd_span span_of(struct dd_str source, struct dd_str part)
{
	uint32_t start = (uint32_t)(part.p - source.p);
	return (struct dd_span){start, start + (uint32_t)part.n};
}

/* A text without quotes, wherever it stands. */
static void cut_text(struct dd_checking *c, uint32_t flow, const struct dd_node *node)
{
	struct dd_str source = c->program->flows[flow].source->text;
	if (!node->plain || node->span.end <= node->span.start ||
	        strchr("\"'|>&*", source.p[node->span.start]))
		return;
	struct dd_str comment = comment_behind(source, node->span.end);
	if (comment.n && (is_glued(comment) || is_rest_of(node->text, comment)))
		check_at(c, flow, span_of(source, comment), "put the text in quotes",
		        "this is a comment: the text ends before it");
}

/* "finish: #" is no key: the value is a comment, and so there is none. */
static void cut_finish(struct dd_checking *c, uint32_t flow, const struct dd_pair *pair)
{
	struct dd_str source = c->program->flows[flow].source->text;
	uint32_t at = pair->key->span.end;
	if (!dd_str_is(pair->key->text, "finish") || !dd_node_is_null(pair->value) ||
	        pair->value->text.n || at >= source.n || source.p[at] != ':')
		return;
	struct dd_str comment = comment_behind(source, at + 1);
	size_t n = 1;
	while (n < comment.n && comment.p[n] == ' ')
		n++;
	if (comment.n && (n == comment.n || comment.p[n] == '#'))
		check_at(c, flow, span_of(source, (struct dd_str){comment.p, 1}),
		        "write \"#\" in quotes",
		        "this # is a comment: finish is empty, and no key ends the number");
}

static void cut_in(struct dd_checking *c, uint32_t flow, const struct dd_node *node)
{
	for (uint32_t i = 0; node->kind == DD_LIST && i < node->n; i++)
		if (node->items[i]->span.start >= node->span.start) /* else an alias */
			cut_in(c, flow, node->items[i]);
	for (uint32_t i = 0; node->kind == DD_MAP && i < node->n; i++) {
		cut_finish(c, flow, &node->pairs[i]);
		if (node->pairs[i].value->span.start >= node->span.start)
			cut_in(c, flow, node->pairs[i].value);
	}
	if (node->kind == DD_SCALAR)
		cut_text(c, flow, node);
}

void rule_words_cut(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t f = 0; f < p->nflows; f++) {
		struct dd_diags quiet;
		dd_diags_init(&quiet, c->arena);
		const struct dd_node *root = dd_tree_read(c->arena, p->flows[f].source, &quiet);
		if (root)
			cut_in(c, f, root);
		dd_diags_fini(&quiet);
	}
	for (uint32_t f = 0; f < p->nflows; f++) {
		const struct dd_source *source = p->flows[f].source;
		for (uint32_t line = 1; line <= source->nlines; line++) {
			struct dd_str text = dd_str_trim(dd_source_line(source, line));
			if (text.n < 2 || memcmp(text.p, "#:", 2) != 0)
				continue;
			uint32_t at = (uint32_t)(text.p - source->text.p);
			check_at(c, f, (struct dd_span){at, at + 1}, "write \"#\" in quotes",
			        "this key is a comment: it does nothing");
		}
	}
}
