/* A document becomes steps: its verbs from the last to the first, since each must know what
   follows it. What is wrong is told with its place, and then done as the platform does it: an
   attribute that is unknown is passed over, a verb that is unknown ends the call. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apps/inside.h"
#include "base/duration.h"

struct compiler {
	struct dd_app *app;
	struct dd_program *p;
	struct dd_source *source;
	const char *url;
	uint16_t flow;
	size_t repeated; /* segments that loops of Gathers have added */
};

/* -- faults ----------------------------------------------------------------- */

static struct dd_diag *fault(struct compiler *c, enum dd_severity severity, const char *code,
        struct dd_span span, const char *message)
{
	return dd_diag(&c->app->diags, severity, code, c->source, span, "%s (answer to request %u)",
	        message, c->app->nth_document);
}

/* An attribute inside of its start tag, from byte `from` on; the tag where it cannot be found. */
static struct dd_span attribute_span(
        const struct compiler *c, const struct dd_xml *x, struct dd_str name, uint32_t from)
{
	struct dd_str text = c->source->text;
	for (uint32_t i = from; i + name.n < x->span.end && i + name.n < text.n; i++)
		if (memcmp(text.p + i, name.p, name.n) == 0 &&
		        (text.p[i - 1] == ' ' || text.p[i - 1] == '\n' || text.p[i - 1] == '\t') &&
		        strchr("= \t\n", text.p[i + name.n]))
			return (struct dd_span){i, i + (uint32_t)name.n};
	return x->span;
}

static char *element_name(struct compiler *c, const struct dd_xml *x)
{
	return dd_arena_copy(c->app->arena, x->name.p, x->name.n);
}

static const char *find(struct dd_str text, const char *part)
{
	size_t n = strlen(part);
	for (size_t i = 0; i + n <= text.n; i++)
		if (memcmp(text.p + i, part, n) == 0)
			return text.p + i;
	return NULL;
}

/* -- attributes ------------------------------------------------------------- */

static bool is_number(struct dd_str text, long *out)
{
	long n = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] < '0' || text.p[i] > '9' || i > 8)
			return false;
		n = n * 10 + (text.p[i] - '0');
	}
	*out = n;
	return text.n > 0;
}

static bool is_word(const char *words, struct dd_str text)
{
	for (const char *at = words; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		if (n == text.n && strncmp(at, text.p, n) == 0)
			return true;
		at += n;
	}
	return false;
}

/* Every word of a list is one of `words`. */
static bool are_words(const char *words, struct dd_str text)
{
	size_t at = 0, seen = 0;
	while (at < text.n) {
		size_t n = 0;
		while (at + n < text.n && text.p[at + n] != ' ' && text.p[at + n] != ',')
			n++;
		if (n && !is_word(words, (struct dd_str){text.p + at, n}))
			return false;
		seen += n > 0;
		at += n + 1;
	}
	return seen > 0;
}

static bool is_tones(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (dd_key_index(text.p[i]) < 0 && text.p[i] != 'w' && text.p[i] != 'W')
			return false;
	return text.n > 0;
}

static bool is_bool(struct dd_str text, bool *out)
{
	*out = text.n == 4 && strncasecmp(text.p, "true", 4) == 0;
	return *out || (text.n == 5 && strncasecmp(text.p, "false", 5) == 0);
}

static bool are_keys(struct dd_str text, size_t most)
{
	for (size_t i = 0; i < text.n; i++)
		if (dd_key_index(text.p[i]) < 0)
			return false;
	return text.n <= most;
}

/* NULL, or what the value should be. */
static const char *wrong_value(struct compiler *c, const struct attribute *a, struct dd_str v)
{
	struct dd_arena *arena = c->app->arena;
	long n;
	bool b;
	switch (a->type) {
	case AT_TEXT:
	case AT_URL: return NULL;
	case AT_METHOD: return is_word("GET POST get post", v) ? NULL : "GET or POST";
	case AT_SECONDS:
	case AT_NUMBER:
		if (a->words && is_word(a->words, v))
			return NULL;
		if (is_number(v, &n) && n >= a->low && n <= a->high)
			return NULL;
		return dd_arena_format(arena, "a whole number from %ld to %ld", a->low, a->high);
	case AT_BOOL: return is_bool(v, &b) ? NULL : "true or false";
	case AT_KEY: return are_keys(v, 1) ? NULL : "one of 0-9 * #, or nothing";
	case AT_KEYS: return are_keys(v, 12) ? NULL : "keys of 0-9 * #, or nothing";
	case AT_WORDS:
		return are_words(a->words, v) ? NULL : dd_arena_format(arena, "of: %s", a->words);
	case AT_TONES: return is_tones(v) ? NULL : "0-9 * #, and w for half a second";
	}
	return NULL;
}

/* Tells what is wrong in the attributes of an element that the table knows. */
static void check_attributes(struct compiler *c, const struct dd_xml *x)
{
	const char *name = element_name(c, x), *near;
	uint32_t from = x->span.start; /* attributes stand in their order */
	if (!element_has_attributes(name))
		return;
	for (uint32_t i = 0; i < x->nattributes; i++) {
		const struct dd_xml_attribute *at = &x->attributes[i];
		struct dd_span span = attribute_span(c, x, at->name, from);
		from = span.end < x->span.end ? span.end : from;
		const struct attribute *a = attribute_named(name, at->name, &near);
		if (!a && (memchr(at->name.p, ':', at->name.n) || dd_str_is(at->name, "xmlns")))
			continue;
		if (!a) {
			struct dd_diag *d = fault(c, DD_WARNING, "attribute-unknown", span,
			        dd_arena_format(c->app->arena,
			                "<%s> has no attribute \"%.*s\": it is passed over", name,
			                (int)(at->name.n > 80 ? 80 : at->name.n), at->name.p));
			if (near)
				d->hint = dd_arena_format(
				        c->app->arena, "did you mean \"%s\"?", near);
			continue;
		}
		const char *wanted = a->quiet ? NULL : wrong_value(c, a, at->value);
		if (wanted)
			fault(c, DD_WARNING, "attribute-value", span,
			        dd_arena_format(c->app->arena,
			                "%s=\"%.*s\" is passed over: it must be %s", a->name,
			                (int)(at->value.n > 80 ? 80 : at->value.n), at->value.p,
			                wanted));
	}
}

/* The value of an attribute; p NULL where it is absent or not what it should be. */
static struct dd_str value_of(struct compiler *c, const struct dd_xml *x, const char *name)
{
	const char *near;
	struct dd_str v = dd_xml_value(x, name);
	const struct attribute *a = attribute_named(element_name(c, x), dd_str(name), &near);
	return v.p && a && !wrong_value(c, a, v) ? v : (struct dd_str){NULL, 0};
}

static long number_of(struct compiler *c, const struct dd_xml *x, const char *name, long otherwise)
{
	long n;
	struct dd_str v = value_of(c, x, name);
	return v.p && is_number(v, &n) ? n : otherwise;
}

static bool bool_of(struct compiler *c, const struct dd_xml *x, const char *name, bool otherwise)
{
	bool b;
	struct dd_str v = value_of(c, x, name);
	return v.p && is_bool(v, &b) ? b : otherwise;
}

static enum dd_method method_of(
        struct compiler *c, const struct dd_xml *x, const char *name, enum dd_method otherwise)
{
	struct dd_str v = value_of(c, x, name);
	return !v.p ? otherwise : strncasecmp(v.p, "GET", 3) == 0 ? DD_GET : DD_POST;
}

/* An address in an attribute or a text, as it is meant here; a fault where it is none. */
static const char *address(struct compiler *c, const struct dd_xml *x, struct dd_str text)
{
	const char *joined = url_join(c->app, c->url, text);
	char *shown = joined ? NULL : dd_str_copy(text);
	if (shown) {
		hide_credentials(shown, strlen(shown));
		fault(c, DD_WARNING, "bad-address", x->span,
		        dd_arena_format(c->app->arena, "\"%.200s\" is no address", shown));
	}
	free(shown);
	return joined;
}

/* -- pieces of a program ---------------------------------------------------- */

static struct dd_str own(struct dd_app *app, struct dd_str text)
{
	return (struct dd_str){dd_arena_copy(app->arena, text.p ? text.p : "", text.n), text.n};
}

/* A text in which nothing is filled in. */
static uint32_t literal(
        struct dd_app *app, struct dd_str text, uint16_t flow, struct dd_span span, bool ssml)
{
	struct dd_program *p = app->program;
	DD_PUSH(p->parts, p->nparts, p->cap_parts) =
	        (struct dd_part){.text = own(app, text), .slot = DD_NONE, .span = span};
	DD_PUSH(p->templates, p->ntemplates, p->cap_templates) =
	        (struct dd_template){.first = p->nparts - 1,
	                .n = 1,
	                .flow = flow,
	                .span = span,
	                .fixed = true,
	                .ssml = ssml};
	return p->ntemplates - 1;
}

static uint32_t slot_text(struct dd_app *app, uint32_t slot, uint16_t flow, struct dd_span span)
{
	struct dd_program *p = app->program;
	DD_PUSH(p->parts, p->nparts, p->cap_parts) = (struct dd_part){.slot = slot, .span = span};
	DD_PUSH(p->templates, p->ntemplates, p->cap_templates) =
	        (struct dd_template){.first = p->nparts - 1, .n = 1, .flow = flow, .span = span};
	return p->ntemplates - 1;
}

static uint32_t voice(struct dd_app *app, const char *language, const char *variant,
        const struct dd_source *source, struct dd_span span)
{
	struct dd_program *p = app->program;
	for (uint32_t i = 0; i < p->nvoices; i++) {
		const struct dd_voice_choice *v = &p->voices[i];
		const char *other = v->variant ? v->variant : "";
		if (strcmp(v->language, language) == 0 &&
		        strcmp(other, variant ? variant : "") == 0)
			return i;
	}
	DD_PUSH(p->voices, p->nvoices, p->cap_voices) =
	        (struct dd_voice_choice){dd_arena_copy(app->arena, language, strlen(language)),
	                variant, 160, 50, false, source, span};
	return p->nvoices - 1;
}

static struct dd_step *new_step(struct dd_app *app, enum dd_applet applet, uint16_t flow,
        uint32_t line, struct dd_span span, const char *verb, uint32_t next)
{
	struct dd_program *p = app->program;
	struct dd_step *step = &DD_PUSH(p->steps, p->nsteps, p->cap_steps);
	*step = (struct dd_step){.applet = applet,
	        .flow = flow,
	        .line = line,
	        .next = next,
	        .visits_slot = DD_NONE,
	        .verb = verb,
	        .span = span};
	return step;
}

uint32_t ask_step(struct dd_app *app, const struct app_ask *ask, uint16_t flow, uint32_t line,
        struct dd_span span, const char *verb)
{
	struct dd_step *step = new_step(app, DD_ASK, flow, line, span, verb, ask->next);
	DD_PUSH(app->asks, app->nasks, app->cap_asks) = *ask;
	step->ask = (struct dd_ask){
	        app->nasks - 1, ask->kind != ASK_RECORDED && ask->kind != ASK_WHISPER};
	return app->program->nsteps - 1;
}

static struct dd_step *verb_step(
        struct compiler *c, const struct dd_xml *x, enum dd_applet applet, uint32_t next)
{
	const char *near;
	enum verb verb = verb_named(x->name, &near);
	const char *name = verb < VERBS_COUNT ? verb_name(verb) : element_name(c, x);
	return new_step(c->app, applet, c->flow, dd_source_line_at(c->source, x->span.start),
	        x->span, name, next);
}

static uint32_t last_step(const struct compiler *c)
{
	return c->p->nsteps - 1;
}

static uint32_t verb_ask(struct compiler *c, const struct dd_xml *x, struct app_ask ask)
{
	const char *near;
	enum verb verb = verb_named(x->name, &near);
	return ask_step(c->app, &ask, c->flow, dd_source_line_at(c->source, x->span.start), x->span,
	        verb < VERBS_COUNT ? verb_name(verb) : NULL);
}

static uint32_t remark(
        struct compiler *c, const struct dd_xml *x, const char *text, bool error, uint32_t next)
{
	struct dd_step *step = verb_step(c, x, DD_REMARK, next);
	step->remark = (struct dd_remark){dd_str(text), error};
	return last_step(c);
}

/* -- what is heard ---------------------------------------------------------- */

/* Segments of a prompt that is being built, in their order. */
struct hearing {
	struct dd_segment *list;
	size_t n, cap;
	uint32_t *sounds; /* that must be fetched before */
	size_t nsounds, cap_sounds;
};

static void inner_text(const struct dd_xml *x, struct dd_buf *out)
{
	for (const struct dd_xml *k = x->first; k; k = k->next) {
		if (k->name.p)
			inner_text(k, out);
		else
			dd_buf_add(out, k->text.p, k->text.n);
	}
}

/* The text of an element without its tags, each run of white space one blank. */
static struct dd_str words_of(struct compiler *c, const struct dd_xml *x)
{
	struct dd_buf all = {0}, words = {0};
	inner_text(x, &all);
	for (size_t i = 0; i < all.n; i++) {
		bool blank = strchr(" \t\r\n", all.p[i]) != NULL;
		if (!blank)
			dd_buf_char(&words, all.p[i]);
		else if (words.n && words.p[words.n - 1] != ' ')
			dd_buf_char(&words, ' ');
	}
	while (words.n && words.p[words.n - 1] == ' ')
		words.n--;
	struct dd_str out = own(c->app, (struct dd_str){words.p, words.n});
	dd_buf_free(&all);
	dd_buf_free(&words);
	return out;
}

static void write_ssml(const struct dd_xml *x, struct dd_buf *out)
{
	for (const struct dd_xml *k = x->first; k; k = k->next) {
		if (!k->name.p) {
			dd_buf_xml(out, k->text);
			continue;
		}
		dd_buf_format(out, "<%.*s", (int)k->name.n, k->name.p);
		for (uint32_t i = 0; i < k->nattributes; i++) {
			dd_buf_format(out, " %.*s=\"", (int)k->attributes[i].name.n,
			        k->attributes[i].name.p);
			dd_buf_xml(out, k->attributes[i].value);
			dd_buf_char(out, '"');
		}
		dd_buf_char(out, '>');
		write_ssml(k, out);
		dd_buf_format(out, "</%.*s>", (int)k->name.n, k->name.p);
	}
}

static uint32_t say_voice(struct compiler *c, const struct dd_xml *x)
{
	const char *language = NULL, *variant = NULL;
	struct dd_str named = dd_xml_value(x, "voice"), spoken = dd_xml_value(x, "language");
	if (named.n && !verb_voice(named, &language, &variant)) {
		bool polly = named.n > 6 && memcmp(named.p, "Polly.", 6) == 0;
		if (!polly)
			fault(c, DD_WARNING, "voice-unknown",
			        attribute_span(c, x, dd_str("voice"), x->span.start),
			        dd_arena_format(c->app->arena,
			                "\"%.*s\" is no voice that drydial knows",
			                (int)(named.n > 80 ? 80 : named.n), named.p))
			        ->hint = "man, woman, alice, Polly.… or Google.…";
		language = polly ? "en-US" : NULL;
		variant = polly ? "f2" : NULL;
	}
	if (spoken.n)
		language = dd_arena_copy(c->app->arena, spoken.p, spoken.n);
	return voice(c->app, language ? language : "en", variant, c->source, x->span);
}

static void hear(struct hearing *h, struct dd_segment s)
{
	if (h->n < DD_PLAYS_MAX)
		DD_PUSH(h->list, h->n, h->cap) = s;
}

/* A text longer than a voice takes is said in stretches that end between words. */
static void hear_text(
        struct compiler *c, struct hearing *h, struct dd_segment s, struct dd_str text)
{
	enum { STRETCH = 4000 };
	while (text.n) {
		size_t n = text.n;
		if (dd_utf8_count(text) > DD_TEXT_CHARS_MAX) {
			for (n = STRETCH; n > 0 && text.p[n] != ' ';)
				n--;
			n = n ? n : STRETCH;
			while (n < text.n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
				n++;
		}
		s.text = literal(c->app, (struct dd_str){text.p, n}, c->flow, s.span, false);
		hear(h, s);
		text.p += n;
		text.n -= n;
	}
}

static void hear_say(struct compiler *c, const struct dd_xml *x, struct hearing *h)
{
	struct dd_segment s = {
	        .kind = DD_SEG_TEXT, .voice = say_voice(c, x), .flow = c->flow, .span = x->span};
	bool marked = false;
	for (const struct dd_xml *k = x->first; k; k = k->next)
		marked |= k->name.p != NULL;
	if (marked) {
		struct dd_buf ssml = {0};
		dd_buf_str(&ssml, "<speak>");
		write_ssml(x, &ssml);
		dd_buf_str(&ssml, "</speak>");
		struct dd_str text = {ssml.p, ssml.n};
		bool fits = dd_utf8_count(text) <= DD_TEXT_CHARS_MAX;
		if (fits) {
			s.text = literal(c->app, text, c->flow, x->span, true);
			hear(h, s);
		}
		dd_buf_free(&ssml);
		if (fits)
			return;
	}
	hear_text(c, h, s, words_of(c, x));
}

static uint32_t sound_of(struct compiler *c, const char *url, struct dd_span span)
{
	struct dd_app *app = c->app;
	for (uint32_t i = 0; i < app->nsounds; i++)
		if (strcmp(app->sounds[i].url, url) == 0)
			return i;
	uint32_t template = literal(app, (struct dd_str){"", 0}, c->flow, span, false);
	DD_PUSH(app->sounds, app->nsounds, app->cap_sounds) =
	        (struct app_sound){.url = url, .template = template};
	return app->nsounds - 1;
}

static void hear_recording(struct compiler *c, const struct dd_xml *x, struct hearing *h)
{
	struct dd_str text = words_of(c, x);
	const char *url = text.n ? address(c, x, text) : NULL;
	if (!text.n)
		fault(c, DD_WARNING, "empty-verb", x->span, "<Play> names no recording");
	if (!url)
		return;
	uint32_t sound = sound_of(c, url, x->span);
	DD_PUSH(h->sounds, h->nsounds, h->cap_sounds) = sound;
	char *known = url_recorded(url), *slash = strrchr(known, '/');
	const char *name = slash && slash[1] ? slash + 1 : known;
	hear(h,
	        (struct dd_segment){.kind = DD_SEG_AUDIO,
	                .text = c->app->sounds[sound].template,
	                .flow = c->flow,
	                .span = x->span,
	                .shown = own(c->app, dd_str(name))});
	free(known);
}

/* The keys of `digits` as they sound; a w is half a second of silence. */
static void hear_tones(
        struct compiler *c, const struct dd_xml *x, struct dd_str digits, struct hearing *h)
{
	const char *name = dd_arena_format(
	        c->app->arena, "keys %.*s", (int)(digits.n > 64 ? 64 : digits.n), digits.p);
	uint32_t sound = sound_of(c, name, x->span);
	if (!c->app->sounds[sound].asked)
		sound_of_keys(c->app, sound, digits);
	hear(h,
	        (struct dd_segment){.kind = DD_SEG_AUDIO,
	                .text = c->app->sounds[sound].template,
	                .flow = c->flow,
	                .span = x->span,
	                .shown = dd_str(name)});
}

static void hear_pause(struct compiler *c, const struct dd_xml *x, struct hearing *h)
{
	dd_ms length = 1000 * number_of(c, x, "length", 1);
	if (length > 0)
		hear(h,
		        (struct dd_segment){.kind = DD_SEG_PAUSE,
		                .pause = length,
		                .flow = c->flow,
		                .span = x->span});
}

/* Once: what a Say, Play or Pause gives to hear. */
static void hear_once(struct compiler *c, const struct dd_xml *x, enum verb verb, struct hearing *h)
{
	struct dd_str digits =
	        verb == VERB_PLAY ? value_of(c, x, "digits") : (struct dd_str){NULL, 0};
	if (verb == VERB_SAY)
		hear_say(c, x, h);
	else if (verb == VERB_PAUSE)
		hear_pause(c, x, h);
	else if (digits.n)
		hear_tones(c, x, digits, h);
	else
		hear_recording(c, x, h);
}

static uint32_t prompt_of(struct compiler *c, const struct hearing *h)
{
	struct dd_program *p = c->p;
	uint32_t first = p->nsegments;
	for (size_t i = 0; i < h->n; i++)
		DD_PUSH(p->segments, p->nsegments, p->cap_segments) = h->list[i];
	if (!h->n) /* a prompt has a segment, if only of no length */
		DD_PUSH(p->segments, p->nsegments, p->cap_segments) =
		        (struct dd_segment){.kind = DD_SEG_PAUSE, .flow = c->flow};
	DD_PUSH(p->prompts, p->nprompts, p->cap_prompts) =
	        (struct dd_prompt){first, p->nsegments - first, false};
	return p->nprompts - 1;
}

/* Recordings are fetched before what plays them begins. */
static uint32_t fetch_first(
        struct compiler *c, const struct dd_xml *x, struct hearing *h, uint32_t next)
{
	for (size_t i = h->nsounds; i-- > 0;) {
		const struct app_sound *sound = &c->app->sounds[h->sounds[i]];
		next = verb_ask(c, x,
		        (struct app_ask){.kind = ASK_SOUND,
		                .url = sound->url,
		                .method = DD_GET,
		                .bare = true,
		                .next = next,
		                .sound = h->sounds[i]});
	}
	free(h->list);
	free(h->sounds);
	return next;
}

static uint32_t compile_heard(
        struct compiler *c, const struct dd_xml *x, enum verb verb, uint32_t next)
{
	struct hearing h = {0};
	long loop = verb == VERB_PAUSE ? 1 : number_of(c, x, "loop", 1);
	hear_once(c, x, verb, &h);
	if (h.n) {
		uint32_t prompt = prompt_of(c, &h);
		struct dd_step *step = verb_step(c, x, DD_GREETING, next);
		step->greeting = (struct dd_greeting){.prompt = prompt,
		        .loop = loop ? (uint32_t)loop : DD_PLAYS_MAX,
		        .max = (dd_ms)DD_TIME_LIMIT_MAX_S * 2000};
		next = last_step(c);
	}
	return fetch_first(c, x, &h, next);
}

/* -- verbs that ask --------------------------------------------------------- */

static const char *action_of(struct compiler *c, const struct dd_xml *x, bool own_url)
{
	struct dd_str action = value_of(c, x, "action");
	const char *url = action.n ? address(c, x, action) : NULL;
	return url || !own_url ? url : c->url;
}

static void gather_prompt(struct compiler *c, const struct dd_xml *x, struct hearing *h)
{
	const char *near;
	for (const struct dd_xml *k = x->first; k; k = k->next) {
		if (!k->name.p) {
			if (dd_str_trim(k->text).n)
				fault(c, DD_WARNING, "text-outside", k->span,
				        "text that no verb speaks is passed over")
				        ->hint = "<Say>…</Say> speaks it";
			continue;
		}
		enum verb verb = verb_named(k->name, &near);
		check_attributes(c, k);
		if (verb != VERB_SAY && verb != VERB_PLAY && verb != VERB_PAUSE) {
			fault(c, DD_WARNING, "not-in-gather", k->span,
			        dd_arena_format(c->app->arena,
			                "<%.*s> inside of <Gather> is passed over",
			                (int)(k->name.n > 80 ? 80 : k->name.n), k->name.p))
			        ->hint = "Say, Play and Pause may stand there";
			continue;
		}
		long loop = verb == VERB_PAUSE ? 1 : number_of(c, k, "loop", 1);
		size_t from = h->n;
		hear_once(c, k, verb, h);
		size_t once = h->n - from;
		for (long i = 1; (i < loop || loop == 0) && once && h->n < DD_PLAYS_MAX &&
		        c->repeated < DD_REPEATED_MAX;
		        i++)
			for (size_t s = 0; s < once; s++, c->repeated++)
				hear(h, h->list[from + s]);
	}
}

static uint32_t compile_gather(struct compiler *c, const struct dd_xml *x, uint32_t next)
{
	struct hearing h = {0};
	struct dd_str input = value_of(c, x, "input"), finish = value_of(c, x, "finishOnKey");
	bool speech = input.p && are_words("speech dtmf", input) && find(input, "speech");
	bool dtmf = !input.p || find(input, "dtmf");
	long most = number_of(c, x, "numDigits", 0);
	if (!most)
		most = number_of(c, x, "maxDigits", 0);
	struct app_ask ask = {.kind = ASK_GATHER,
	        .url = action_of(c, x, true),
	        .method = method_of(c, x, "method", DD_POST)};
	uint32_t asks = verb_ask(c, x, ask);
	gather_prompt(c, x, &h);
	uint32_t prompt = prompt_of(c, &h);
	struct dd_step *step = verb_step(c, x, DD_IVR, asks);
	uint32_t silence = bool_of(c, x, "actionOnEmptyResult", false) ? asks : next;
	step = &c->p->steps[last_step(c)];
	step->ivr = (struct dd_ivr){.prompt = prompt,
	        .invalid = DD_NONE,
	        .silence = DD_NONE,
	        .timeout = 1000 * number_of(c, x, "timeout", 5),
	        .barge_in = true,
	        .collect = true,
	        .speech = speech,
	        .deaf = !dtmf,
	        .max = most && most < DD_DIGITS_MAX ? (uint8_t)most : DD_DIGITS_MAX,
	        .finish = !finish.p ? '#'
	                : finish.n  ? finish.p[0]
	                            : '\0',
	        .otherwise = silence,
	        .otherwise_invalid = silence,
	        .key_slot = DD_NONE,
	        .answer_slot = speech ? c->app->speech_slot : DD_NONE,
	        .digits_slot = DD_NONE};
	for (int i = 0; i < 12; i++)
		step->ivr.by_key[i] = DD_NONE;
	uint32_t first = last_step(c);
	if (speech)
		first = remark(c, x,
		        "speech is not recognised here: a scenario says what is said, else "
		        "it is silence",
		        false, first);
	return fetch_first(c, x, &h, first);
}

static uint32_t compile_record(struct compiler *c, const struct dd_xml *x, uint32_t next)
{
	struct dd_str keys = value_of(c, x, "finishOnKey");
	struct dd_str callback = value_of(c, x, "recordingStatusCallback");
	struct app_ask ask = {.kind = ASK_RECORD,
	        .url = action_of(c, x, true),
	        .method = method_of(c, x, "method", DD_POST)};
	ask.callback = callback.n ? address(c, x, callback) : NULL;
	ask.callback_method = method_of(c, x, "recordingStatusCallbackMethod", DD_POST);
	uint32_t asks = verb_ask(c, x, ask);
	if (ask.callback)
		asks = verb_ask(c, x,
		        (struct app_ask){.kind = ASK_RECORDED,
		                .url = ask.callback,
		                .method = ask.callback_method,
		                .early = true,
		                .next = asks});
	struct dd_step *step = verb_step(c, x, DD_RECORD, asks);
	step->record = (struct dd_record){.prompt = DD_NONE,
	        .beep = bool_of(c, x, "playBeep", true),
	        .max = 1000 * number_of(c, x, "maxLength", 3600),
	        .silence = 1000 * number_of(c, x, "timeout", 5),
	        .seconds_slot = c->app->recording_slot,
	        .url_slot = DD_NONE,
	        .has_nothing = true,
	        .nothing = next};
	for (size_t i = 0; !keys.p || i < keys.n; i++) {
		const char *all = keys.p ? keys.p : "1234567890*#";
		if (!keys.p && i == 12)
			break;
		step->record.finish_keys |= (uint16_t)(1 << dd_key_index(all[i]));
	}
	return last_step(c);
}

/* Who is rung: the texts of the nouns, or that of the verb. */
static struct dd_str parties(struct compiler *c, const struct dd_xml *x,
        const struct dd_xml **whispers, struct dd_str *tones, bool *queue)
{
	static const char nouns[] = "Number Sip Client Conference Queue";
	struct dd_buf all = {0};
	for (const struct dd_xml *k = x->first; k; k = k->next) {
		if (!k->name.p)
			continue;
		check_attributes(c, k);
		if (!is_word(nouns, k->name)) {
			fault(c, DD_WARNING, "noun-unknown", k->span,
			        dd_arena_format(c->app->arena,
			                "<%.*s> inside of <Dial> is passed over",
			                (int)(k->name.n > 80 ? 80 : k->name.n), k->name.p))
			        ->hint = "Number, Sip, Client, Conference or Queue";
			continue;
		}
		struct dd_str words = words_of(c, k);
		*queue |= dd_str_is(k->name, "Queue");
		if (dd_xml_value(k, "url").n && !*whispers)
			*whispers = k;
		if (dd_xml_value(k, "sendDigits").n)
			*tones = value_of(c, k, "sendDigits");
		if (words.n && all.n)
			dd_buf_str(&all, ", ");
		dd_buf_add(&all, words.p, words.n);
	}
	struct dd_str out = all.n ? own(c->app, (struct dd_str){all.p, all.n}) : words_of(c, x);
	dd_buf_free(&all);
	return out;
}

static uint32_t compile_dial(struct compiler *c, const struct dd_xml *x, uint32_t next)
{
	struct dd_app *app = c->app;
	const struct dd_xml *whispers = NULL;
	struct dd_str tones = {NULL, 0}, caller = value_of(c, x, "callerId"),
	              record = value_of(c, x, "record");
	bool queue = false;
	struct dd_str to = parties(c, x, &whispers, &tones, &queue);
	const char *action = action_of(c, x, false);
	if (!to.n)
		fault(c, DD_WARNING, "empty-verb", x->span, "<Dial> names nobody to ring");
	if (action)
		next = verb_ask(c, x,
		        (struct app_ask){.kind = ASK_DIAL,
		                .url = action,
		                .method = method_of(c, x, "method", DD_POST),
		                .records = record.n && !dd_str_is(record, "do-not-record") &&
		                        !dd_str_is(record, "false")});
	uint32_t whisper = DD_NONE;
	const char *said = whispers ? address(c, whispers, dd_xml_value(whispers, "url")) : NULL;
	if (said)
		whisper = verb_ask(c, whispers,
		        (struct app_ask){.kind = ASK_WHISPER,
		                .url = said,
		                .method = method_of(c, whispers, "method", DD_POST),
		                .next = next});
	uint32_t text = literal(app, to, c->flow, x->span, false);
	uint32_t shown = caller.n ? literal(app, caller, c->flow, x->span, false) : DD_NONE;
	DD_PUSH(c->p->texts, c->p->ntexts, c->p->cap_texts) = text;
	uint32_t first = c->p->ntexts - 1;
	struct dd_step *step = verb_step(c, x, DD_CONNECT, next);
	long limit = number_of(c, x, "timeLimit", DD_TIME_LIMIT_MAX_S);
	step->connect = (struct dd_connect){.first_to = first,
	        .nto = 1,
	        .queue = queue,
	        .timeout = 1000 * number_of(c, x, "timeout", 30),
	        .time_limit = 1000 * limit,
	        .caller_id = shown,
	        .ring = DD_NONE,
	        .status_slot = app->dial_status_slot,
	        .seconds_slot = app->dial_seconds_slot,
	        .to_slot = app->dial_to_slot,
	        .star = bool_of(c, x, "hangupOnStar", false),
	        .whisper = whisper,
	        .whispers = whisper != DD_NONE};
	for (int i = 0; i < DD_PARTIES_COUNT; i++) {
		step->connect.exits[i] = next;
		step->connect.has_exit[i] = true;
	}
	uint32_t at = last_step(c);
	if (tones.n)
		at = remark(c, x,
		        dd_arena_format(app->arena, "%.*s is dialled when the other party answers",
		                (int)tones.n, tones.p),
		        false, at);
	return at;
}

static uint32_t compile_sms(struct compiler *c, const struct dd_xml *x, uint32_t next)
{
	struct dd_str to = value_of(c, x, "to"), from = value_of(c, x, "from");
	const char *action = action_of(c, x, false);
	if (action)
		next = verb_ask(c, x,
		        (struct app_ask){.kind = ASK_SMS,
		                .url = action,
		                .method = method_of(c, x, "method", DD_POST)});
	uint32_t text = literal(c->app, words_of(c, x), c->flow, x->span, false);
	uint32_t whom = to.n ? literal(c->app, to, c->flow, x->span, false)
	                     : slot_text(c->app, DD_SLOT_CALL_FROM, c->flow, x->span);
	uint32_t sender = from.n ? literal(c->app, from, c->flow, x->span, false) : DD_NONE;
	struct dd_step *step = verb_step(c, x, DD_SMS, next);
	step->sms = (struct dd_sms){.text = text,
	        .to = whom,
	        .sender = sender,
	        .template_id = DD_NONE,
	        .entity = DD_NONE};
	return last_step(c);
}

static uint32_t compile_redirect(struct compiler *c, const struct dd_xml *x)
{
	struct dd_str text = words_of(c, x);
	const char *url = text.n ? address(c, x, text) : c->url;
	return verb_ask(c, x,
	        (struct app_ask){.kind = ASK_REDIRECT,
	                .url = url ? url : c->url,
	                .method = method_of(c, x, "method", DD_POST)});
}

static uint32_t compile_hangup(struct compiler *c, const struct dd_xml *x)
{
	(void)verb_step(c, x, DD_HANGUP, DD_GO_HANGUP);
	return last_step(c);
}

/* The verb is none: the call ends here, as when a document cannot be read. */
static uint32_t unknown_verb(struct compiler *c, const struct dd_xml *x, const char *near)
{
	struct dd_app *app = c->app;
	int n = (int)(x->name.n > 80 ? 80 : x->name.n);
	const char *said = dd_arena_format(app->arena, "there is no verb <%.*s>", n, x->name.p);
	struct dd_diag *d = fault(c, DD_ERROR, "verb-unknown", x->span, said);
	if (near)
		d->hint = dd_arena_format(app->arena, "did you mean <%s>?", near);
	uint32_t end = app->error_step;
	if (app->fallback && strcmp(c->url, app->fallback) != 0) /* not in a circle */
		end = verb_ask(c, x,
		        (struct app_ask){.kind = ASK_FALLBACK,
		                .url = app->fallback,
		                .method = DD_POST,
		                .error = 12200,
		                .at_fault = c->url});
	return remark(
	        c, x, dd_arena_format(app->arena, "%s: the call cannot go on", said), true, end);
}

static uint32_t compile_verb(struct compiler *c, const struct dd_xml *x, uint32_t next)
{
	const char *near = NULL;
	enum verb verb = verb_named(x->name, &near);
	if (verb < VERBS_COUNT)
		check_attributes(c, x);
	switch (verb) {
	case VERB_SAY:
	case VERB_PLAY:
	case VERB_PAUSE: return compile_heard(c, x, verb, next);
	case VERB_GATHER: return compile_gather(c, x, next);
	case VERB_RECORD: return compile_record(c, x, next);
	case VERB_DIAL: return compile_dial(c, x, next);
	case VERB_REDIRECT: return compile_redirect(c, x);
	case VERB_HANGUP:
	case VERB_REJECT: return compile_hangup(c, x);
	case VERB_SMS:
	case VERB_MESSAGE: return compile_sms(c, x, next);
	case VERBS_COUNT: return unknown_verb(c, x, near);
	default: break;
	}
	const char *text = dd_arena_format(
	        c->app->arena, "<%s> is not simulated: the call goes on", verb_name(verb));
	fault(c, DD_NOTE, "not-simulated", x->span, text);
	return remark(c, x, text, false, next);
}

/* -- documents -------------------------------------------------------------- */

static const char *summary_of(struct dd_app *app, const struct dd_xml *root)
{
	struct dd_buf out = {0};
	for (const struct dd_xml *k = root->first; k; k = k->next) {
		if (!k->name.p)
			continue;
		if (out.n > 60) {
			dd_buf_str(&out, ", …");
			break;
		}
		dd_buf_format(&out, "%s%.*s", out.n ? ", " : "",
		        (int)(k->name.n > 40 ? 40 : k->name.n), k->name.p);
	}
	const char *text = out.n ? dd_arena_copy(app->arena, out.p, out.n) : "an empty document";
	dd_buf_free(&out);
	return text;
}

/* Elements as an array, so that they can be taken from the last one on. */
static uint32_t compile_verbs(struct compiler *c, const struct dd_xml *root)
{
	const struct dd_xml **list = NULL;
	size_t n = 0, cap = 0;
	for (const struct dd_xml *k = root->first; k; k = k->next) {
		if (k->name.p)
			DD_PUSH(list, n, cap) = k;
		else if (dd_str_trim(k->text).n)
			fault(c, DD_WARNING, "text-outside", k->span,
			        "text that no verb speaks is passed over")
			        ->hint = "<Say>…</Say> speaks it";
	}
	uint32_t next = DD_GO_HANGUP;
	while (n > 0)
		next = compile_verb(c, list[--n], next);
	free(list);
	return next;
}

static void look_for_reject(struct compiler *c, const struct dd_xml *root, struct app_document *d)
{
	const struct dd_xml *first = root->first;
	while (first && !first->name.p)
		first = first->next;
	if (!first || !dd_str_is(first->name, "Reject"))
		return;
	d->rejects = true;
	d->by = dd_str_is(value_of(c, first, "reason"), "busy") ? DD_BY_NOBODY_BUSY
	                                                        : DD_BY_NOBODY_NO_ANSWER;
}

/* What an encoding that is not UTF-8 says, in UTF-8: ISO-8859-1 and UTF-16, as Expat itself reads
   them. False: another one. */
static bool recode(struct dd_str text, struct dd_buf *out)
{
	bool le = text.n >= 2 && memcmp(text.p, "\xFF\xFE", 2) == 0,
	     be = text.n >= 2 && memcmp(text.p, "\xFE\xFF", 2) == 0;
	if (le || be) {
		for (size_t i = 2; i + 1 < text.n; i += 2) {
			unsigned a = (unsigned char)text.p[i], b = (unsigned char)text.p[i + 1];
			uint32_t unit = le ? a | b << 8 : a << 8 | b;
			if (unit >= 0xD800 && unit < 0xDC00 && i + 3 < text.n) {
				a = (unsigned char)text.p[i + 2], b = (unsigned char)text.p[i + 3];
				uint32_t low = le ? a | b << 8 : a << 8 | b;
				if (low >= 0xDC00 && low < 0xE000) {
					unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
					i += 2;
				}
			}
			dd_buf_codepoint(out, unit >= 0xD800 && unit < 0xE000 ? 0xFFFD : unit);
		}
		return true;
	}
	size_t skip = text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	struct dd_str rest = {text.p + skip, text.n - skip};
	const char *end = rest.n > 5 && memcmp(rest.p, "<?xml", 5) == 0
	        ? memchr(rest.p, '>', rest.n < 200 ? rest.n : 200)
	        : NULL;
	struct dd_str head = {rest.p, end ? (size_t)(end - rest.p) : 0};
	const char *says = head.n ? find(head, "encoding") : NULL;
	bool latin = false;
	if (says) {
		const char *value = says + 8;
		value += strspn(value, " =\"'");
		latin = strncasecmp(value, "iso-8859-1", 10) == 0 ||
		        strncasecmp(value, "windows-1252", 12) == 0 ||
		        strncasecmp(value, "latin1", 6) == 0;
		if (!latin && strncasecmp(value, "utf-8", 5) != 0 &&
		        strncasecmp(value, "utf8", 4) != 0 &&
		        strncasecmp(value, "us-ascii", 8) != 0)
			return false;
	}
	for (size_t i = 0; i < rest.n && latin; i++)
		dd_buf_codepoint(out, (unsigned char)rest.p[i]);
	if (!latin)
		dd_buf_add(out, rest.p, rest.n);
	return true;
}

static void not_a_document(struct compiler *c, struct app_document *d, struct dd_span span,
        const char *why, const char *hint)
{
	fault(c, DD_ERROR, "xml-syntax", span, why)->hint = hint;
	d->error = 12100;
	d->summary = "no document";
}

/* A text that is no XML at all is spoken where the server says that it is plain. */
static void compile_plain(struct compiler *c, struct app_document *d)
{
	struct hearing h = {0};
	struct dd_segment s = {.kind = DD_SEG_TEXT,
	        .voice = voice(c->app, "en", NULL, c->source, (struct dd_span){0, 1}),
	        .flow = c->flow};
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, c->source->text); /* nobody speaks control characters */
	hear_text(c, &h, s, dd_str_trim((struct dd_str){clean.p, clean.n}));
	dd_buf_free(&clean);
	uint32_t prompt = prompt_of(c, &h);
	struct dd_step *step = new_step(
	        c->app, DD_GREETING, c->flow, 1, (struct dd_span){0, 1}, "text", DD_GO_HANGUP);
	step->greeting = (struct dd_greeting){
	        .prompt = prompt, .loop = 1, .max = (dd_ms)DD_TIME_LIMIT_MAX_S * 2000};
	d->start = last_step(c);
	d->summary = "plain text, spoken";
	free(h.list);
}

/* `text` is that of the source, with its credentials. The tree lives in `arena`. */
static void compile_body(struct compiler *c, struct app_document *d, struct dd_str text,
        struct dd_str type, struct dd_arena *arena)
{
	struct dd_xml_fault why;
	if (dd_str_is(type, "text/plain") &&
	        (!dd_str_trim(text).n || dd_str_trim(text).p[0] != '<')) {
		compile_plain(c, d);
		return;
	}
	size_t zero = 0;
	while (zero < text.n && text.p[zero])
		zero++;
	if (zero < text.n) {
		not_a_document(c, d, (struct dd_span){(uint32_t)zero, (uint32_t)zero + 1},
		        "a byte of value 0 stands here: this is no text", NULL);
		return;
	}
	if (!dd_str_trim(text).n) {
		not_a_document(c, d, (struct dd_span){0, 0}, "the answer is empty",
		        "<Response/> is the shortest document");
		return;
	}
	struct dd_xml *root = dd_xml_parse(arena, text, &why);
	if (!root) {
		not_a_document(c, d, why.span, why.message,
		        why.hint ? dd_arena_copy(c->app->arena, why.hint, strlen(why.hint)) : NULL);
		return;
	}
	if (!dd_str_is(root->name, "Response")) {
		not_a_document(c, d, root->span,
		        dd_arena_format(c->app->arena, "the outermost tag is <%.*s>",
		                (int)(root->name.n > 80 ? 80 : root->name.n), root->name.p),
		        "a document of a voice application is <Response>…</Response>");
		return;
	}
	d->looks = document_looks(c->url, root);
	check_attributes(c, root);
	if (type.n && !dd_str_is(type, "text/xml") && !dd_str_is(type, "application/xml"))
		fault(c, DD_WARNING, "content-type", (struct dd_span){0, 1},
		        dd_arena_format(c->app->arena, "the server calls this %.*s",
		                (int)(type.n > 80 ? 80 : type.n), type.p))
		        ->hint = "send Content-Type: text/xml";
	d->summary = summary_of(c->app, root);
	look_for_reject(c, root, d);
	d->start = compile_verbs(c, root);
}

/* All that makes a document what it is; lent until the next call. */
static struct dd_str key_of(
        struct dd_app *app, const char *url, struct dd_str body, struct dd_str type)
{
	dd_buf_clear(&app->key);
	dd_buf_add(&app->key, type.p ? type.p : "", type.n);
	dd_buf_format(&app->key, "\n%s\n", url);
	dd_buf_add(&app->key, body.p ? body.p : "", body.n);
	return (struct dd_str){app->key.p, app->key.n};
}

/* The index of the first document that looks so and has as many steps; itself where none does. */
static uint32_t place_of(struct dd_app *app, const struct app_document *d)
{
	char looks[sizeof d->looks + sizeof d->nsteps];
	memcpy(looks, &d->looks, sizeof d->looks);
	memcpy(looks + sizeof d->looks, &d->nsteps, sizeof d->nsteps);
	struct dd_str text = {looks, sizeof looks};
	uint32_t first = dd_names_find(&app->places, text);
	if (first == DD_NAME_NONE)
		dd_names_add(&app->places, own(app, text), first = app->ndocuments);
	return first;
}

struct app_document *compile_document(
        struct dd_app *app, const char *url, struct dd_str body, struct dd_str type)
{
	struct dd_program *p = app->program;
	struct dd_str key = key_of(app, url, body, type);
	uint32_t known = dd_names_find(&app->known, key);
	if (known != DD_NAME_NONE)
		return &app->documents[known];
	if (p->nflows >= DD_APP_FLOWS_MAX)
		return NULL;
	dd_names_add(&app->known, own(app, key), app->ndocuments);
	struct dd_buf text = {0};
	bool readable = recode(body, &text);
	struct dd_str whole = readable ? (struct dd_str){text.p, text.n} : body;
	struct dd_str copy = own(app, whole);
	hide_credentials((char *)(uintptr_t)copy.p, copy.n);
	char *shown = url_recorded(url);
	const char *name = dd_arena_copy(app->arena, shown, strlen(shown));
	free(shown);
	struct compiler c = {.app = app,
	        .p = p,
	        .source = dd_source_new(app->arena, name, copy),
	        .url = url,
	        .flow = (uint16_t)p->nflows};
	DD_PUSH(p->flows, p->nflows, p->cap_flows) = (struct dd_flow){.name = name,
	        .purpose = "other",
	        .path = name,
	        .dir = app->folder ? app->folder : ".",
	        .real = name,
	        .source = c.source};
	struct app_document d = {.url = url,
	        .text = copy,
	        .flow = c.flow,
	        .start = app->error_step,
	        .first_step = p->nsteps,
	        .first_note = app->diags.n};
	struct dd_arena *tree = dd_arena_new();
	if (readable)
		compile_body(&c, &d, whole, type, tree);
	else
		not_a_document(&c, &d, (struct dd_span){0, 1},
		        "the document is in an encoding that is not read here", "use UTF-8");
	dd_arena_free(tree);
	dd_buf_free(&text);
	d.nnotes = app->diags.n - d.first_note;
	d.nsteps = p->nsteps - d.first_step;
	if (!d.looks)
		d.looks = document_looks(name, NULL) ^ (uint64_t)d.error;
	d.place = place_of(app, &d);
	p->flows[c.flow].start = d.start < p->nsteps ? d.start : app->error_step;
	DD_PUSH(app->documents, app->ndocuments, app->cap_documents) = d;
	return &app->documents[app->ndocuments - 1];
}

void compile_beginning(struct dd_app *app)
{
	static const char sorry[] = "We are sorry, an application error has occurred. Goodbye.";
	struct dd_program *p = app->program;
	struct dd_span none = {0, 1};
	char *known = url_recorded(app->start_url);
	const char *shown = dd_arena_copy(app->arena, known, strlen(known));
	free(known);
	struct dd_source *source = dd_source_new(app->arena, shown, dd_str(shown));
	struct compiler c = {.app = app, .p = p, .source = source, .url = app->start_url};
	DD_PUSH(p->flows, p->nflows, p->cap_flows) = (struct dd_flow){.name = shown,
	        .purpose = "other",
	        .path = shown,
	        .dir = ".",
	        .real = shown,
	        .source = source};
	struct app_ask start = {.kind = ASK_START, .url = app->start_url, .method = app->o.method};
	p->flows[0].voice = voice(app, "en-IN", NULL, source, none);
	p->flows[0].start = ask_step(app, &start, 0, 1, none, NULL);
	struct hearing h = {0};
	hear_text(&c, &h, (struct dd_segment){.kind = DD_SEG_TEXT, .voice = p->flows[0].voice},
	        dd_str(sorry));
	uint32_t prompt = prompt_of(&c, &h);
	free(h.list);
	(void)new_step(app, DD_HANGUP, 0, 1, none, "error", DD_GO_HANGUP);
	struct dd_step *step = new_step(app, DD_GREETING, 0, 1, none, "error", p->nsteps - 1);
	step->greeting = (struct dd_greeting){.prompt = prompt, .loop = 1, .max = 120000};
	app->error_step = p->nsteps - 1;
}
