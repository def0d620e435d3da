/* Prompts, templates, voices and stubs. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "flow/load.h"
#include "flow/ssml.h"

/* Where the `index`-th occurrence of `c` of a scalar's value stands in the file: values lose
   quotes, escapes and line breaks, but not their order. */
static struct dd_span place_in(
        struct dd_loader *l, const struct dd_node *node, char c, size_t index, size_t width)
{
	const char *text = l->doc.source->text.p;
	size_t end = node->span.end, seen = 0;
	if (node->span.end < l->doc.source->text.n &&
	        (text[node->span.start] == '|' || text[node->span.start] == '>'))
		end = l->doc.source->text.n;
	for (size_t i = node->span.start; i < end; i++) {
		if (text[i] != c || seen++ != index)
			continue;
		size_t last = i + width < end ? i + width : end;
		return (struct dd_span){(uint32_t)i, (uint32_t)last};
	}
	return node->span;
}

struct scan {
	struct dd_loader *l;
	const struct dd_node *node;
	struct dd_str text;
	size_t at, opens, closes; /* braces passed, for places */
	struct dd_buf literal;
	enum dd_template_use use;
	bool faulty;
};

static void push_part(struct dd_loader *l, struct dd_part part)
{
	DD_PUSH(l->program->parts, l->program->nparts, l->program->cap_parts) = part;
}

static void flush_literal(struct scan *s)
{
	if (!s->literal.n)
		return;
	struct dd_str text = {
	        dd_arena_copy(s->l->doc.arena, s->literal.p, s->literal.n), s->literal.n};
	push_part(s->l, (struct dd_part){.text = text, .slot = DD_NONE});
	dd_buf_clear(&s->literal);
}

static bool parse_format(struct dd_str text, enum dd_format *out)
{
	if (dd_str_is(text, "digits"))
		*out = DD_AS_DIGITS;
	else if (dd_str_is(text, "spell"))
		*out = DD_AS_SPELL;
	else
		return false;
	return true;
}

static void placeholder(struct scan *s)
{
	struct dd_str rest = {s->text.p + s->at + 1, s->text.n - s->at - 1};
	const char *close = memchr(rest.p, '}', rest.n);
	const char *open = memchr(rest.p, '{', rest.n);
	if (!close || (open && open < close)) {
		dd_read_fault(&s->l->doc, "bad-placeholder",
		        place_in(s->l, s->node, '{', s->opens, 1), "this brace is never closed")
		        ->hint = "write {{ for a brace itself";
		s->faulty = true;
		s->at++;
		s->opens++;
		return;
	}
	struct dd_str name = {rest.p, (size_t)(close - rest.p)};
	struct dd_span span = place_in(s->l, s->node, '{', s->opens, name.n + 2);
	const char *colon = memchr(name.p, ':', name.n);
	struct dd_part part = {.slot = DD_NONE, .span = span};
	if (colon) {
		struct dd_str format = {colon + 1, (size_t)(name.p + name.n - colon - 1)};
		name.n = (size_t)(colon - name.p);
		if (!parse_format(format, &part.format)) {
			dd_read_fault(&s->l->doc, "bad-placeholder", span,
			        "there is no way to say a value \"%.*s\"", (int)format.n, format.p)
			        ->hint = "{name:digits} or {name:spell}";
			s->faulty = true;
		}
	}
	flush_literal(s);
	push_part(s->l, part);
	DD_PUSH(s->l->wanted, s->l->nwanted, s->l->cap_wanted) =
	        (struct dd_wanted){s->l->program->nparts - 1, s->l->flow,
	                {dd_arena_copy(s->l->doc.arena, name.p, name.n), name.n}, span};
	s->at = (size_t)(close - s->text.p) + 1;
	s->opens++;
	s->closes++;
}

/* A character of the text itself; in JSON as it is written there. */
static void put(struct scan *s, char c)
{
	if (s->use != DD_USE_JSON || ((unsigned char)c >= 0x20 && c != '"' && c != '\\'))
		dd_buf_char(&s->literal, c);
	else if (c == '"' || c == '\\')
		dd_buf_char(&s->literal, '\\'), dd_buf_char(&s->literal, c);
	else
		dd_buf_format(&s->literal, "\\u%04x", (unsigned)(unsigned char)c);
}

static void scan_parts(struct scan *s)
{
	while (s->at < s->text.n) {
		char c = s->text.p[s->at];
		bool twice = s->at + 1 < s->text.n && s->text.p[s->at + 1] == c;
		if ((c == '{' || c == '}') && twice) {
			put(s, c);
			s->at += 2;
			*(c == '{' ? &s->opens : &s->closes) += 2;
		} else if (c == '{') {
			placeholder(s);
		} else if (c == '}') {
			dd_read_fault(&s->l->doc, "bad-placeholder",
			        place_in(s->l, s->node, '}', s->closes, 1),
			        "this brace closes nothing")
			        ->hint = "write }} for a brace itself";
			s->closes++;
			s->at++;
		} else {
			put(s, c);
			s->at++;
		}
	}
}

/* Where a fault of a scalar's value stands in the file: at the tag or the reference that it is in,
   found again as in place_in(). */
static struct dd_span place_of_fault(
        struct dd_loader *l, const struct dd_node *node, struct dd_str text, struct dd_span span)
{
	size_t at = span.start < text.n ? span.start : text.n - 1, index = 0;
	while (at > 0 && text.p[at] != '<' && text.p[at] != '&')
		at--;
	for (size_t i = 0; i < at; i++)
		index += text.p[i] == text.p[at];
	if (text.p[at] != '<' && text.p[at] != '&')
		return node->span;
	return place_in(l, node, text.p[at], index, span.end > at ? span.end - at : 1);
}

/* What is not well-formed a voice would drop or speak. */
static void check_ssml(struct dd_loader *l, const struct dd_node *node, struct dd_str text)
{
	struct dd_xml_fault fault;
	struct dd_ssml ssml;
	if (!dd_ssml_read(l->doc.arena, text, &ssml, &fault))
		dd_read_fault(&l->doc, "bad-ssml", place_of_fault(l, node, text, fault.span), "%s",
		        fault.message)
		        ->hint = fault.hint;
}

static bool is_url(struct dd_str text)
{
	return (text.n > 7 && memcmp(text.p, "http://", 7) == 0 && text.p[7] != '/') ||
	        (text.n > 8 && memcmp(text.p, "https://", 8) == 0 && text.p[8] != '/');
}

/* The length of a line of a text that was to be a step: "- greeting: …", "- hangup", "hangup"; 0:
 * it is words. */
static uint32_t step_line(struct dd_str line)
{
	struct dd_str word = line;
	bool dash = word.n > 2 && word.p[0] == '-' && word.p[1] == ' ';
	while (dash && word.n && (word.p[0] == '-' || word.p[0] == ' '))
		word.p++, word.n--;
	if (dd_str_is(word, "hangup"))
		return (uint32_t)line.n;
	for (int i = 0; dash && i < DD_APPLETS_COUNT; i++) {
		const char *name = dd_applet_name((enum dd_applet)i);
		size_t n = strlen(name);
		if (word.n > n && memcmp(word.p, name, n) == 0 && word.p[n] == ':')
			return (uint32_t)line.n;
	}
	return 0;
}

/* A step that is indented too far is read as words of the text above it, and spoken. */
static void check_lines(struct dd_loader *l, const struct dd_node *node)
{
	struct dd_str text = l->doc.source->text;
	uint32_t row = node->span.start, dash;
	while (row > 0 && text.p[row - 1] != '\n')
		row--;
	for (dash = row; dash < node->span.start && text.p[dash] == ' '; dash++) {
	}
	for (uint32_t i = node->span.start; node->plain && i < node->span.end; i++) {
		uint32_t word = i + 1, end = i + 1;
		if (text.p[i] != '\n')
			continue;
		while (end < node->span.end && text.p[end] != '\n')
			end++;
		while (word < end && text.p[word] == ' ')
			word++;
		struct dd_str line = dd_str_trim((struct dd_str){text.p + word, end - word});
		uint32_t n = step_line(line);
		if (n == 0)
			continue;
		struct dd_diag *d =
		        dd_read_fault(&l->doc, "bad-step", (struct dd_span){word, word + n},
		                "this is read as words of the text above it");
		if (text.p[dash] == '-') {
			d->hint = dd_arena_format(l->doc.arena,
			        "begin it in column %u, below the dash above: %s%.*s",
			        dash - row + 1, line.p[0] == '-' ? "" : "- ", (int)line.n, line.p);
			dd_diag_edit(l->doc.arena, d, i + 1, word,
			        dd_arena_format(l->doc.arena, "%*s%s", (int)(dash - row), "",
			                line.p[0] == '-' ? "" : "- "));
		} else {
			d->hint = "begin it below the dash of the step before it";
		}
	}
}

uint32_t dd_load_template(
        struct dd_loader *l, const struct dd_node *node, const char *what, enum dd_template_use use)
{
	struct dd_program *p = l->program;
	struct dd_str text = {"", 0};
	struct dd_template t = {.first = p->nparts, .flow = l->flow, .span = node->span};
	if (!dd_read_text(&l->doc, node, what, &text))
		return DD_NONE;
	check_lines(l, node);
	while (text.n &&
	        text.p[text.n - 1] ==
	                '\n') /* a block of text ends in a line break that nobody means */
		text.n--;
	if (dd_utf8_count(text) > DD_TEXT_CHARS_MAX)
		dd_read_fault(&l->doc, "limit-text", node->span,
		        "a text may have at most 4,096 characters");
	if (use == DD_USE_URL && !is_url(text))
		dd_read_fault(
		        &l->doc, "bad-url", node->span, "a URL begins with http:// or https://");
	if (use == DD_USE_SPEECH && dd_str_trim(text).n == 0)
		dd_read_fault(&l->doc, "empty-text", node->span,
		        "%s is empty: nothing would be heard", what);
	t.ssml = use == DD_USE_SPEECH && dd_is_ssml(text);
	if (t.ssml)
		check_ssml(l, node, text);
	struct scan s = {.l = l, .node = node, .text = text, .use = use};
	scan_parts(&s);
	flush_literal(&s);
	dd_buf_free(&s.literal);
	t.n = p->nparts - t.first;
	t.fixed = t.n == 0 || (t.n == 1 && p->parts[t.first].text.p);
	DD_PUSH(p->templates, p->ntemplates, p->cap_templates) = t;
	return p->ntemplates - 1;
}

/* What a voice's name may hold; whether someone speaks it is for the voice to say. */
static bool is_language(struct dd_str text)
{
	size_t letters = 0;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool alnum = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (i > 3 && c >= '0' && c <= '9') || (i > 1 && c >= '0' && c <= '9');
		if (c == '-' && (letters < 2 || letters > 8))
			return false;
		if (c != '-' && !alnum)
			return false;
		letters = c == '-' ? 0 : letters + 1;
		if (i < 2 && c == '-')
			return false;
	}
	return text.n >= 2 && text.n <= 35 && letters > 0 && letters <= 8;
}

static bool is_variant(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		            c == '_' || c == '-'))
			return false;
	}
	return text.n > 0 && text.n <= 20;
}

static void voice_words(struct dd_loader *l, const struct dd_node *language,
        const struct dd_node *variant, struct dd_voice_choice *v)
{
	struct dd_str text;
	if (language && dd_read_text(&l->doc, language, "a voice's language", &text)) {
		if (is_language(text))
			v->language = dd_arena_copy(l->doc.arena, text.p, text.n);
		else
			dd_read_fault(&l->doc, "bad-language", language->span,
			        "\"%.*s\" is not a language tag", (int)text.n, text.p)
			        ->hint = "such as en-IN, hi-IN or ta-IN";
		v->source = l->doc.source;
		v->span = language->span;
	}
	if (variant && dd_read_text(&l->doc, variant, "a voice's variant", &text)) {
		if (is_variant(text))
			v->variant = dd_arena_copy(l->doc.arena, text.p, text.n);
		else
			dd_read_fault(&l->doc, "bad-variant", variant->span,
			        "\"%.*s\" is not a voice variant", (int)text.n, text.p)
			        ->hint = "such as f2 or m3";
		v->source = l->doc.source;
		v->span = variant->span;
	}
}

uint32_t dd_load_voice(struct dd_loader *l, const struct dd_node *node, uint32_t base)
{
	enum { LANGUAGE, RATE, PITCH, VARIANT, READ, COUNT };
	static const char *const names[COUNT] = {"language", "rate", "pitch", "variant", "read"},
	                         *const reads[] = {"natural", "literal"};
	struct dd_program *p = l->program;
	struct dd_voice_choice v = {"en-IN", NULL, 160, 50, false, NULL, {0, 0}};
	struct dd_node *at[COUNT];
	if (base != DD_NONE)
		v = p->voices[base];
	if (!node && base != DD_NONE)
		return base;
	if (node && node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "voice",
		        "a mapping with language, rate, pitch, variant and read");
	} else if (node) {
		long rate = v.rate_wpm, pitch = v.pitch;
		dd_read_keys(&l->doc, node, DD_KEYS("a voice", names), at);
		voice_words(l, at[LANGUAGE], at[VARIANT], &v);
		dd_read_number(&l->doc, at[RATE], "a voice's rate", 80, 400, &rate);
		dd_read_number(&l->doc, at[PITCH], "a voice's pitch", 0, 100, &pitch);
		v.rate_wpm = (int)rate;
		v.pitch = (int)pitch;
		v.literal =
		        DD_READ_WORD(&l->doc, at[READ], "how a voice reads", reads, v.literal) == 1;
	}
	DD_PUSH(p->voices, p->nvoices, p->cap_voices) = v;
	return p->nvoices - 1;
}

uint32_t dd_load_part_voice(struct dd_loader *l, const struct dd_node *node)
{
	struct dd_program *p = l->program;
	if (node->kind != DD_SCALAR || dd_node_is_null(node))
		return dd_load_voice(l, node, l->voice);
	struct dd_voice_choice v = p->voices[l->voice];
	voice_words(l, node, NULL, &v);
	DD_PUSH(p->voices, p->nvoices, p->cap_voices) = v;
	return p->nvoices - 1;
}

/* A number exactly as JSON writes one (RFC 8259, 6): 007, +1 and .5 stay text. */
static bool is_json_number(struct dd_str text)
{
	size_t at = text.n && text.p[0] == '-', from = at;
	while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
		at++;
	if (at == from || (text.p[from] == '0' && at - from > 1))
		return false;
	if (at < text.n && text.p[at] == '.') {
		from = ++at;
		while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
			at++;
		if (at == from)
			return false;
	}
	if (at < text.n && (text.p[at] == 'e' || text.p[at] == 'E')) {
		at++;
		at += at < text.n && (text.p[at] == '+' || text.p[at] == '-');
		from = at;
		while (at < text.n && text.p[at] >= '0' && text.p[at] <= '9')
			at++;
		if (at == from)
			return false;
	}
	return at == text.n;
}

static bool is_json_word(const struct dd_node *node)
{
	return dd_str_is(node->text, "true") || dd_str_is(node->text, "false") ||
	        is_json_number(node->text);
}

/* YAML → JSON by the core schema: plain numbers, true, false and null are what they look like, and
 * numbers keep their text. */
static void add_json(const struct dd_node *node, struct dd_buf *out)
{
	bool list = node->kind == DD_LIST;
	if (list || node->kind == DD_MAP) {
		dd_buf_char(out, list ? '[' : '{');
		for (uint32_t i = 0; i < node->n; i++) {
			dd_buf_str(out, i ? "," : "");
			if (!list) {
				dd_buf_json(out, node->pairs[i].key->text);
				dd_buf_char(out, ':');
			}
			add_json(list ? node->items[i] : node->pairs[i].value, out);
		}
		dd_buf_char(out, list ? ']' : '}');
	} else if (dd_node_is_null(node)) {
		dd_buf_str(out, "null");
	} else if (node->plain && is_json_word(node)) {
		dd_buf_add(out, node->text.p, node->text.n);
	} else {
		dd_buf_json(out, node->text);
	}
}

/* Texts between quotes, and templates in them; the rest is JSON as it stands. */
static void scan_json(struct dd_loader *l, const struct dd_node *node, struct scan *s)
{
	bool list = node->kind == DD_LIST;
	if (list || node->kind == DD_MAP) {
		dd_buf_char(&s->literal, list ? '[' : '{');
		for (uint32_t i = 0; i < node->n; i++) {
			dd_buf_str(&s->literal, i ? "," : "");
			if (!list) {
				dd_buf_json(&s->literal, node->pairs[i].key->text);
				dd_buf_char(&s->literal, ':');
			}
			scan_json(l, list ? node->items[i] : node->pairs[i].value, s);
		}
		dd_buf_char(&s->literal, list ? ']' : '}');
	} else if (dd_node_is_null(node) || (node->plain && is_json_word(node))) {
		add_json(node, &s->literal);
	} else {
		s->node = node;
		s->text = node->text;
		s->at = s->opens = s->closes = 0;
		dd_buf_char(&s->literal, '"');
		scan_parts(s);
		dd_buf_char(&s->literal, '"');
	}
}

uint32_t dd_load_json(struct dd_loader *l, const struct dd_node *node)
{
	struct dd_program *p = l->program;
	struct dd_template t = {.first = p->nparts, .flow = l->flow, .span = node->span};
	struct scan s = {.l = l, .node = node, .use = DD_USE_JSON};
	scan_json(l, node, &s);
	flush_literal(&s);
	dd_buf_free(&s.literal);
	t.n = p->nparts - t.first;
	t.fixed = t.n == 1 && p->parts[t.first].text.p;
	DD_PUSH(p->templates, p->ntemplates, p->cap_templates) = t;
	return p->ntemplates - 1;
}

static void stub_body(struct dd_loader *l, const struct dd_node *body, const struct dd_node *json,
        struct dd_stub *stub)
{
	if (body && json)
		dd_read_fault(&l->doc, "too-many-keys", json->span,
		        "a stub has a body or json, not both");
	else if (body)
		dd_read_text(&l->doc, body, "a stub's body", &stub->body);
	if (!json || body)
		return;
	struct dd_buf text = {0};
	add_json(json, &text);
	stub->body = (struct dd_str){dd_arena_copy(l->doc.arena, text.p, text.n), text.n};
	dd_buf_free(&text);
}

static void load_stub(struct dd_loader *l, const struct dd_node *node)
{
	enum { STATUS, BODY, JSON, DELAY, ERROR, COUNT };
	static const char *const names[COUNT] = {"status", "body", "json", "delay", "error"};
	struct dd_node *at[COUNT];
	struct dd_stub stub = {.status = 200, .body = {"", 0}};
	long status = 200;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "a stub",
		        "a mapping with status, body, json, delay or error");
		return;
	}
	dd_read_keys(&l->doc, node, DD_KEYS("a stub", names), at);
	dd_read_number(&l->doc, at[STATUS], "a stub's status", 100, 599, &status);
	dd_read_duration(&l->doc, at[DELAY], "a stub's delay", (dd_ms)3600 * 1000, &stub.delay);
	stub_body(l, at[BODY], at[JSON], &stub);
	stub.status = (int)status;
	if (at[ERROR]) {
		bool text = at[ERROR]->kind == DD_SCALAR;
		stub.status = 0;
		if (text && dd_str_is(at[ERROR]->text, "timeout"))
			stub.error = "timeout";
		else if (text && dd_str_is(at[ERROR]->text, "refused"))
			stub.error = "refused";
		else
			dd_read_fault(&l->doc, "bad-stub", at[ERROR]->span,
			        "a stub's error is timeout or refused");
		if (at[STATUS] || at[BODY] || at[JSON])
			dd_read_fault(&l->doc, "too-many-keys", at[ERROR]->span,
			        "a stub has an error or an answer, not both");
	}
	DD_PUSH(l->program->stubs, l->program->nstubs, l->program->cap_stubs) = stub;
}

void dd_load_stubs(struct dd_loader *l, const struct dd_node *node, uint32_t *first, uint32_t *n)
{
	*first = l->program->nstubs;
	if (node && node->kind == DD_LIST) {
		if (node->n == 0)
			dd_read_fault(&l->doc, "bad-stub", node->span,
			        "a list of stubs needs at least one");
		for (uint32_t i = 0; i < node->n; i++)
			load_stub(l, node->items[i]);
	} else if (node) {
		load_stub(l, node);
	}
	*n = l->program->nstubs - *first;
}

/* "answered:20s", which is how the option --dial has it. */
static void note_colon(struct dd_loader *l, const struct dd_node *node)
{
	const char *colon = memchr(node->text.p, ':', node->text.n);
	struct dd_diags *all = l->doc.diags;
	struct dd_diag *d = all->n ? &all->items[all->n - 1] : NULL;
	if (!colon || !d || d->hint || d->span.start != node->span.start)
		return;
	d->hint = dd_arena_format(l->doc.arena, "write it like this: { outcome: %.*s, talk: %.*s }",
	        (int)(colon - node->text.p), node->text.p,
	        (int)(node->text.p + node->text.n - colon - 1), colon + 1);
}

static void load_party(struct dd_loader *l, const struct dd_node *node)
{
	enum { OUTCOME, RING, TALK, COUNT };
	static const char *const names[COUNT] = {"outcome", "ring", "talk"};
	static const char *const outcomes[] = {
#define X(NAME, word) word,
	        DD_PARTIES(X)
#undef X
	};
	struct dd_node *at[COUNT];
	struct dd_stub stub = {.body = {"", 0}, .talk = DD_PARTY_TALK_MS};
	if (node->kind == DD_SCALAR && !dd_node_is_null(node)) {
		at[OUTCOME] = (struct dd_node *)node;
		at[RING] = at[TALK] = NULL;
	} else if (node->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, node, "a connect's stub", "a mapping with outcome, ring or talk");
		return;
	} else {
		(void)dd_read_keys(&l->doc, node, DD_KEYS("a connect's stub", names), at);
	}
	int party =
	        at[OUTCOME] ? DD_READ_WORD(&l->doc, at[OUTCOME], "the outcome", outcomes, -1) : 0;
	if (party < 0 && node->kind == DD_SCALAR)
		note_colon(l, node);
	stub.party = (enum dd_party)(party < 0 ? 0 : party);
	stub.ring = stub.party == DD_PARTY_NO_ANSWER ? -1 : DD_PARTY_RING_MS;
	dd_read_duration(&l->doc, at[RING], "ring", (dd_ms)3600 * 1000, &stub.ring);
	dd_read_duration(&l->doc, at[TALK], "talk", (dd_ms)4 * 3600 * 1000, &stub.talk);
	if (at[TALK] && stub.party != DD_PARTY_ANSWERED)
		dd_read_fault(&l->doc, "too-many-keys", at[TALK]->span,
		        "only who answers talks: the outcome is %s", dd_party_name(stub.party));
	DD_PUSH(l->program->stubs, l->program->nstubs, l->program->cap_stubs) = stub;
}

void dd_load_parties(struct dd_loader *l, const struct dd_node *node, uint32_t *first, uint32_t *n)
{
	*first = l->program->nstubs;
	if (node && node->kind == DD_LIST) {
		if (node->n == 0)
			dd_read_fault(&l->doc, "bad-stub", node->span,
			        "a list of stubs needs at least one");
		for (uint32_t i = 0; i < node->n; i++)
			load_party(l, node->items[i]);
	} else if (node) {
		load_party(l, node);
	}
	*n = l->program->nstubs - *first;
}

/* A recording that is named outright must be there now; its format is looked at when the call is
 * prepared. */
static void check_file(struct dd_loader *l, const struct dd_node *node, uint32_t index)
{
	struct stat st;
	const struct dd_template *t = &l->program->templates[index];
	if (!t->fixed || t->n == 0) {
		if (t->n == 0)
			dd_read_fault(&l->doc, "empty-text", node->span, "the file has no name");
		return;
	}
	struct dd_str name = l->program->parts[t->first].text;
	const char *dir = l->program->flows[l->flow].dir;
	const char *path =
	        name.p[0] == '/' ? name.p : dd_arena_format(l->doc.arena, "%s/%s", dir, name.p);
	if (stat(path, &st) != 0)
		dd_read_fault(&l->doc, "missing-file", node->span, "there is no file \"%s\"", path);
	else if (!S_ISREG(st.st_mode))
		dd_read_fault(&l->doc, "missing-file", node->span, "\"%s\" is not a file", path);
	else if (st.st_size > 5 * 1024 * 1024)
		dd_read_fault(&l->doc, "limit-audio", node->span,
		        "\"%s\" is larger than 5 MiB, the most an audio file may be", path);
}

static void push_segment(struct dd_loader *l, struct dd_segment segment)
{
	segment.flow = l->flow;
	DD_PUSH(l->program->segments, l->program->nsegments, l->program->cap_segments) = segment;
}

static void text_segment(
        struct dd_loader *l, const struct dd_node *node, uint32_t voice, const char *what)
{
	uint32_t t = dd_load_template(l, node, what, DD_USE_SPEECH);
	push_segment(l,
	        (struct dd_segment){
	                .kind = DD_SEG_TEXT, .text = t, .voice = voice, .span = node->span});
}

static void audio_segment(struct dd_loader *l, const struct dd_node *node)
{
	uint32_t t = dd_load_template(l, node, "an audio file's name", DD_USE_PATH);
	if (t != DD_NONE)
		check_file(l, node, t);
	push_segment(l, (struct dd_segment){.kind = DD_SEG_AUDIO, .text = t, .span = node->span});
}

static void url_segment(
        struct dd_loader *l, const struct dd_node *node, const struct dd_node *stub, uint32_t voice)
{
	struct dd_segment s = {.kind = DD_SEG_URL, .voice = voice, .span = node->span};
	s.text = dd_load_template(l, node, "a prompt's URL", DD_USE_URL);
	dd_load_stubs(l, stub, &s.first_stub, &s.nstubs);
	push_segment(l, s);
}

/* A recording that is not at hand: its name, and how long it is assumed to last. */
static void stand_in_segment(
        struct dd_loader *l, const struct dd_node *name, const struct dd_node *length)
{
	struct dd_segment s = {
	        .kind = DD_SEG_STAND_IN, .pause = DD_STAND_IN_MS, .span = name->span};
	s.text = dd_load_template(l, name, "a stand-in's name", DD_USE_TEXT);
	if (s.text != DD_NONE && dd_str_trim(name->text).n == 0)
		dd_read_fault(&l->doc, "empty-text", name->span, "a stand-in has a name")->hint =
		        "the name that the recording will have";
	dd_read_duration(&l->doc, length, "a stand-in's length", DD_STAND_IN_MS_MAX, &s.pause);
	if (length && s.pause == 0)
		dd_read_fault(&l->doc, "bad-duration", length->span,
		        "a stand-in of no length would not be heard");
	push_segment(l, s);
}

/* What belongs to one kind of segment stands beside another, or beside none. */
static void stray_keys(struct dd_loader *l, const struct dd_node *voice, bool may_voice,
        const struct dd_node *length, bool may_length)
{
	if (voice && !may_voice)
		dd_read_fault(&l->doc, "too-many-keys", voice->span, "only text has a voice");
	if (length && !may_length)
		dd_read_fault(&l->doc, "too-many-keys", length->span,
		        "only a stand_in has a length: all else lasts as long as its sound");
}

static void list_item(struct dd_loader *l, const struct dd_node *item)
{
	enum { TEXT, AUDIO, PAUSE, STAND_IN, VOICE, LENGTH, COUNT };
	static const char *const names[COUNT] = {
	        "text", "audio", "pause", "stand_in", "voice", "length"};
	struct dd_node *at[COUNT];
	if (item->kind == DD_SCALAR) {
		text_segment(l, item, l->voice, "a prompt's text");
		return;
	}
	if (item->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, item, "a segment of a prompt",
		        "text or a mapping with text, audio, pause or stand_in");
		return;
	}
	bool known = dd_read_keys(&l->doc, item, DD_KEYS("a segment of a prompt", names), at);
	int given = !!at[TEXT] + !!at[AUDIO] + !!at[PAUSE] + !!at[STAND_IN];
	if (given > 1 || (given == 0 && known))
		dd_read_fault(&l->doc, given ? "too-many-keys" : "missing-key", item->span,
		        "a segment of a prompt has exactly one of text, audio, pause and "
		        "stand_in");
	if (given)
		stray_keys(l, at[VOICE], at[TEXT], at[LENGTH], at[STAND_IN]);
	if (at[TEXT])
		text_segment(l, at[TEXT], dd_load_voice(l, at[VOICE], l->voice), "a prompt's text");
	if (at[AUDIO])
		audio_segment(l, at[AUDIO]);
	if (at[STAND_IN])
		stand_in_segment(l, at[STAND_IN], at[LENGTH]);
	if (at[PAUSE]) {
		struct dd_segment s = {
		        .kind = DD_SEG_PAUSE, .text = DD_NONE, .span = at[PAUSE]->span};
		dd_read_duration(&l->doc, at[PAUSE], "a pause", 60000, &s.pause);
		push_segment(l, s);
	}
}

static uint32_t push_prompt(struct dd_loader *l, uint32_t first)
{
	DD_PUSH(l->program->prompts, l->program->nprompts, l->program->cap_prompts) =
	        (struct dd_prompt){first, l->program->nsegments - first, false};
	return l->program->nprompts - 1;
}

uint32_t dd_load_prompt_keys(struct dd_loader *l, const struct dd_node *map,
        const struct dd_prompt_keys *k, const char *what)
{
	uint32_t first = l->program->nsegments;
	int given = !!k->text + !!k->audio + !!k->url + !!k->stand_in + !!k->prompt;
	if (given > 1 || (given == 0 && k->known))
		dd_read_fault(&l->doc, given ? "too-many-keys" : "missing-key", map->span,
		        "%s has exactly one of text, audio, url%s", what,
		        k->prompt ? ", stand_in and prompt" : " and stand_in");
	if (given)
		stray_keys(l, k->voice, k->text || k->url, k->length, k->stand_in);
	if (k->stub && !k->url)
		dd_read_fault(&l->doc, "too-many-keys", k->stub->span,
		        "only a prompt with a url takes a stub");
	if (k->prompt)
		return dd_load_prompt(l, k->prompt, what);
	uint32_t voice = dd_load_voice(l, k->voice, l->voice);
	if (k->text)
		text_segment(l, k->text, voice, what);
	if (k->audio)
		audio_segment(l, k->audio);
	if (k->url)
		url_segment(l, k->url, k->stub, voice);
	if (k->stand_in)
		stand_in_segment(l, k->stand_in, k->length);
	return push_prompt(l, first);
}

uint32_t dd_load_prompt(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	enum { TEXT, AUDIO, URL, STAND_IN, VOICE, STUB, LENGTH, COUNT };
	static const char *const names[COUNT] = {
	        "text", "audio", "url", "stand_in", "voice", "stub", "length"};
	struct dd_node *at[COUNT];
	uint32_t first = l->program->nsegments;
	if (node->kind == DD_MAP) {
		bool known = dd_read_keys(&l->doc, node, DD_KEYS("a prompt", names), at);
		struct dd_prompt_keys keys = {at[TEXT], at[AUDIO], at[URL], at[STAND_IN], at[VOICE],
		        at[STUB], at[LENGTH], NULL, known};
		return dd_load_prompt_keys(l, node, &keys, what);
	}
	if (node->kind == DD_LIST) {
		if (node->n == 0)
			dd_read_fault(&l->doc, "empty-text", node->span,
			        "%s is empty: nothing would be heard", what);
		for (uint32_t i = 0; i < node->n; i++)
			list_item(l, node->items[i]);
	} else {
		text_segment(l, node, l->voice, what);
	}
	return push_prompt(l, first);
}

/* -- placeholders find their slots ------------------------------------------ */

static const struct dd_step *step_of_id(const struct dd_loader *l, struct dd_str id)
{
	const struct dd_program *p = l->program;
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].flow == l->flow && p->steps[i].id && dd_str_is(id, p->steps[i].id))
			return &p->steps[i];
	return NULL;
}

/* The slot "ID.what" of this flow; names are told apart by flow through a prefix no file can write.
 */
uint32_t dd_load_step_slot(struct dd_loader *l, struct dd_str name)
{
	struct dd_program *p = l->program;
	const char *full = l->flow
	        ? dd_arena_format(l->doc.arena, "%u:%.*s", l->flow, (int)name.n, name.p)
	        : dd_arena_copy(l->doc.arena, name.p, name.n);
	uint32_t slot = dd_program_slot(p, dd_str(full));
	return slot != DD_NONE ? slot : dd_program_add_slot(p, (struct dd_slot){.name = full});
}

static uint32_t slot_of_ivr(
        struct dd_loader *l, struct dd_ivr *ivr, struct dd_str name, struct dd_str what)
{
	uint32_t *at = dd_str_is(what, "key") ? &ivr->key_slot
	        : dd_str_is(what, "answer")   ? &ivr->answer_slot
	        : dd_str_is(what, "digits")   ? &ivr->digits_slot
	                                      : NULL;
	return at ? *at = dd_load_step_slot(l, name) : DD_NONE;
}

static uint32_t slot_of_passthru(
        struct dd_loader *l, struct dd_passthru *pass, struct dd_str name, struct dd_str what)
{
	struct dd_program *p = l->program;
	uint32_t slot = dd_load_step_slot(l, name);
	if (dd_str_is(what, "status"))
		return pass->status_slot = slot;
	if (dd_str_is(what, "text"))
		return pass->text_slot = slot;
	/* fields of one step must lie together: move them to the end when another step came between
	 */
	for (uint32_t i = 0; i < pass->nfields; i++)
		if (p->fields[pass->first_field + i].slot == slot)
			return slot;
	if (pass->first_field + pass->nfields != p->nfields) {
		uint32_t first = p->nfields;
		for (uint32_t i = 0; i < pass->nfields; i++) {
			struct dd_field field = p->fields[pass->first_field + i];
			DD_PUSH(p->fields, p->nfields, p->cap_fields) = field;
		}
		pass->first_field = first;
	}
	DD_PUSH(p->fields, p->nfields, p->cap_fields) = (struct dd_field){what, slot};
	pass->nfields++;
	return slot;
}

static uint32_t slot_of_connect(
        struct dd_loader *l, struct dd_connect *c, struct dd_str name, struct dd_str what)
{
	uint32_t *at = dd_str_is(what, "status") ? &c->status_slot
	        : dd_str_is(what, "seconds")     ? &c->seconds_slot
	        : dd_str_is(what, "to")          ? &c->to_slot
	                                         : NULL;
	return at ? *at = dd_load_step_slot(l, name) : DD_NONE;
}

static uint32_t slot_of_record(
        struct dd_loader *l, struct dd_record *r, struct dd_str name, struct dd_str what)
{
	uint32_t *at = dd_str_is(what, "seconds") ? &r->seconds_slot
	        : dd_str_is(what, "url")          ? &r->url_slot
	                                          : NULL;
	return at ? *at = dd_load_step_slot(l, name) : DD_NONE;
}

/* What the second step of an applet by URL sets itself. */
static bool is_of_applet(const struct dd_step *s, struct dd_str what)
{
	static const char *const names[] = {"key", "answer", "digits", "seconds", "to"};
	size_t from = s->applet == DD_IVR ? 0 : 3, to = s->applet == DD_IVR ? 3 : 5;
	for (size_t i = from; i < to; i++)
		if (dd_str_is(what, names[i]))
			return true;
	return s->applet == DD_CONNECT && dd_str_is(what, "status");
}

static uint32_t slot_of_step(struct dd_loader *l, struct dd_str name, const struct dd_step **step)
{
	const char *dot = memchr(name.p, '.', name.n);
	if (!dot)
		return DD_NONE;
	struct dd_str id = {name.p, (size_t)(dot - name.p)}, what = {dot + 1, name.n - id.n - 1};
	struct dd_step *s = (struct dd_step *)step_of_id(l, id);
	*step = s;
	if (!s || what.n == 0)
		return DD_NONE;
	if (s->applet == DD_PASSTHRU && s->passthru.by_url && is_of_applet(s + 1, what))
		*step = ++s; /* of the applet itself; else of the answer */
	if (dd_str_is(what, "visits"))
		return s->visits_slot = dd_load_step_slot(l, name);
	if (s->applet == DD_CONNECT)
		return slot_of_connect(l, &s->connect, name, what);
	if (s->applet == DD_RECORD)
		return slot_of_record(l, &s->record, name, what);
	if (s->applet == DD_IVR)
		return slot_of_ivr(l, &s->ivr, name, what);
	if (s->applet == DD_PASSTHRU)
		return slot_of_passthru(l, &s->passthru, name, what);
	return DD_NONE;
}

static uint32_t slot_of_name(struct dd_loader *l, struct dd_str name)
{
	const struct dd_program *p = l->program;
	uint32_t slot = dd_program_slot(p, name);
	if (slot != DD_NONE && slot >= DD_BUILT_INS_COUNT && p->slots[slot].set)
		return slot; /* what some step sets is known everywhere */
	slot = dd_program_given_slot(p, name);
	bool elsewhere = slot != DD_NONE && slot >= DD_BUILT_INS_COUNT &&
	        p->slots[slot].declared != l->flow + 1u; /* another flow's variable */
	return elsewhere ? DD_NONE : slot;
}

/* "{account.balance}" when the step is called "acc", or has no id: what to write. */
static void hint_of_step(struct dd_loader *l, struct dd_diag *d, struct dd_str name)
{
	const struct dd_program *p = l->program;
	struct dd_arena *arena = l->doc.arena;
	const char *dot = memchr(name.p, '.', name.n),
	           **ids = dd_alloc((p->nsteps + 1) * sizeof *ids);
	struct dd_str id = {name.p, (size_t)(dot - name.p)};
	size_t n = 0, nameless = 0;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->flow != l->flow || (s->applet != DD_IVR && s->applet != DD_PASSTHRU) ||
		        dd_step_by_url(s))
			continue;
		if (s->id)
			ids[n++] = s->id;
		else
			nameless++;
	}
	const char *near = dd_nearest(id, ids, n);
	struct dd_buf all = {0};
	for (size_t i = 0; i < n && i < 5; i++)
		dd_buf_format(&all, "%s%s", i ? ", " : "", ids[i]);
	d->message = dd_arena_format(arena, "no step is called \"%.*s\"", (int)id.n, id.p);
	if (near)
		d->hint = dd_arena_format(
		        arena, "did you mean \"%s%.*s\"?", near, (int)(name.n - id.n), dot);
	else if (n == 1)
		d->hint = dd_arena_format(arena,
		        "write {%s%.*s}, or give the step that sets it \"id: %.*s\"", ids[0],
		        (int)(name.n - id.n), dot, (int)id.n, id.p);
	else if (n)
		d->hint = dd_arena_format(
		        arena, "steps that set values here are %s%s", all.p, n > 5 ? ", …" : "");
	else if (nameless)
		d->hint = dd_arena_format(
		        arena, "give the step that sets it \"id: %.*s\"", (int)id.n, id.p);
	else
		d->hint = "a value with a dot is set by an ivr or a passthru that has this id";
	dd_buf_free(&all);
	dd_free(ids);
}

static const char *nearest_name(struct dd_loader *l, struct dd_str name)
{
	const struct dd_program *p = l->program;
	const struct dd_flow *flow = &p->flows[l->flow];
	const char **names = dd_alloc((DD_BUILT_INS_COUNT + flow->nvariables) * sizeof *names);
	size_t n = 0;
	for (uint32_t i = 0; i < flow->nvariables; i++)
		names[n++] = p->slots[flow->variables[i]].name;
	for (uint32_t i = 0; i < DD_BUILT_INS_COUNT; i++)
		names[n++] = p->slots[i].name;
	const char *nearest = dd_nearest(name, names, n);
	dd_free(names);
	return nearest;
}

static void unknown_name(struct dd_loader *l, const struct dd_wanted *w, const struct dd_step *step)
{
	struct dd_diag *d;
	if (w->name.n == 0) {
		dd_read_fault(&l->doc, "bad-placeholder", w->span, "a placeholder needs a name")
		        ->hint = "write {{ for a brace itself";
	} else if (step) {
		d = dd_read_fault(&l->doc, "unknown-variable", w->span,
		        "\"%.*s\" is not something that step sets", (int)w->name.n, w->name.p);
		d->hint = step->applet == DD_IVR     ? "an ivr sets .key, .answer and .digits"
		        : step->applet == DD_CONNECT ? "a connect sets .status, .seconds and .to"
		        : step->applet == DD_RECORD  ? "a record sets .seconds and .url"
		                                     : "a step of this kind has only .visits";
	} else {
		d = dd_read_fault(&l->doc, "unknown-variable", w->span,
		        "nothing is called \"%.*s\"", (int)w->name.n, w->name.p);
		if (memchr(w->name.p, '.', w->name.n)) {
			hint_of_step(l, d, w->name);
			return;
		}
		const char *near = nearest_name(l, w->name);
		d->hint = near ? dd_arena_format(l->doc.arena, "did you mean \"%s\"?", near)
		               : "declare it under variables";
	}
}

/* Values that steps set, and the time of day, move during a call; all others stay. */
static bool slot_moves(const struct dd_program *p, uint32_t slot)
{
	return slot == DD_SLOT_CURRENT_TIME || slot == DD_SLOT_DIGITS ||
	        (slot >= DD_BUILT_INS_COUNT &&
	                (!p->slots[slot].variable || p->slots[slot].set || p->nflows > 1));
}

static void mark_moving(struct dd_program *p)
{
	for (uint32_t i = 0; i < p->ntemplates; i++)
		for (uint32_t j = 0; j < p->templates[i].n; j++) {
			uint32_t slot = p->parts[p->templates[i].first + j].slot;
			if (slot != DD_NONE && slot_moves(p, slot))
				p->templates[i].moves = true;
		}
	for (uint32_t i = 0; i < p->nprompts; i++)
		for (uint32_t j = 0; j < p->prompts[i].n; j++) {
			const struct dd_segment *s = &p->segments[p->prompts[i].first + j];
			if (s->kind == DD_SEG_URL || s->kind == DD_SEG_REPLY ||
			        (s->text != DD_NONE && p->templates[s->text].moves))
				p->prompts[i].moves = true;
		}
}

void dd_load_resolve(struct dd_loader *l)
{
	uint32_t marked = DD_NONE;
	for (uint32_t i = 0; i < l->nwanted; i++) {
		const struct dd_wanted *w = &l->wanted[i];
		const struct dd_step *step = NULL;
		const struct dd_flow *flow = &l->program->flows[w->flow];
		l->flow = w->flow;
		l->doc.source = flow->source;
		for (uint32_t v = 0; w->flow != marked && v < flow->nvariables; v++)
			l->program->slots[flow->variables[v]].declared = w->flow + 1u;
		marked = w->flow;
		uint32_t slot = slot_of_name(l, w->name);
		if (slot == DD_NONE)
			slot = slot_of_step(l, w->name, &step);
		if (slot == DD_NONE)
			unknown_name(l, w, step);
		l->program->parts[w->part].slot = slot;
	}
	l->nwanted = 0;
	mark_moving(l->program);
}
