/* What of a flow a list of contacts can change, and how it is measured. */
#define XXH_INLINE_ALL
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "check/listing.h"
#include "read/aloud.h"

static struct dd_str value_of(void *self, uint32_t slot)
{
	const struct list_values *v = self;
	return v->values[slot];
}

struct dd_values list_values(struct list_values *values)
{
	return (struct dd_values){values, value_of};
}

/* -- messages --------------------------------------------------------------- */

/* But for what only an answer of a server says. */
static size_t known_prompts(
        const struct dd_program *p, uint32_t step, struct check_prompt prompts[CHECK_PROMPTS_MAX])
{
	size_t n = check_prompts(&p->steps[step], prompts), known = 0;
	for (size_t i = 0; i < n; i++)
		if (p->segments[p->prompts[prompts[i].prompt].first].kind != DD_SEG_REPLY)
			prompts[known++] = prompts[i];
	return known;
}

size_t list_count_messages(const struct dd_program *p)
{
	size_t n = 0;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		n += known_prompts(p, i, prompts) + (p->steps[i].applet == DD_SMS);
	}
	return n;
}

/* A limit as the flow, its comments and the command line have it. */
static void limit(struct list_plan *plan, struct list_message *m, const char *rule, size_t setting,
        bool softer)
{
	struct dd_checking *c = plan->checking;
	const struct dd_step *s = &plan->program->steps[m->told->step];
	check_take_rule(c, dd_rule_named(&DD_FLOW_RULES, dd_str(rule)), plan->check);
	if (c->now.severity < 0 ||
	        dd_allowed(plan->allows, plan->program->flows[s->flow].source, s->span, rule))
		return;
	bool own = c->now.severity == (int)c->rule->severity;
	m->limits[m->nlimits++] = (struct list_limit){rule,
	        softer && own ? DD_WARNING : (enum dd_severity)c->now.severity,
	        c->now.settings[setting]};
}

static void limits_of(struct list_plan *plan, struct list_message *m)
{
	const struct dd_program *p = plan->program;
	const struct dd_step *s = &p->steps[m->told->step];
	if (m->told->sms) {
		limit(plan, m, "sms-segments", 0, false);
		return;
	}
	limit(plan, m, "message-length", 0, false);
	limit(plan, m, "message-length", 1, true);
	if (s->applet == DD_IVR && m->prompt == s->ivr.prompt)
		limit(plan, m, "menu-prompt-length", 0, false);
	if (s->applet == DD_GREETING && m->told->step == p->flows[0].start)
		limit(plan, m, "greeting-length", 0, false);
}

static bool changes(const struct list_plan *plan, uint32_t template)
{
	const struct dd_template *t = &plan->program->templates[template];
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t slot = plan->program->parts[t->first + i].slot;
		if (slot != DD_NONE && plan->from_list[slot])
			return true;
	}
	return false;
}

static void add_message(struct list_plan *plan, struct dd_contact_message *told, uint32_t step,
        const char *name, uint32_t prompt, uint32_t template)
{
	const struct dd_program *p = plan->program;
	struct list_message *m = &plan->messages[plan->nmessages++];
	const struct dd_step *s = &p->steps[step];
	*told = (struct dd_contact_message){.step = step,
	        .file = p->flows[s->flow].path,
	        .id = s->id,
	        .line = s->line,
	        .applet = s->applet,
	        .name = name,
	        .sms = template != DD_NONE,
	        .shortest = -1,
	        .longest = -1};
	*m = (struct list_message){
	        .told = told, .prompt = prompt, .template = template, .flow = p->steps[step].flow};
	if (template != DD_NONE) {
		told->varies = changes(plan, template);
	} else {
		for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
			const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
			bool lasts = g->kind == DD_SEG_PAUSE || g->kind == DD_SEG_STAND_IN,
			     moves = !lasts && changes(plan, g->text);
			told->varies |= moves && g->kind != DD_SEG_URL;
			m->files |= moves && g->kind == DD_SEG_AUDIO;
		}
	}
	limits_of(plan, m);
}

void list_plan_messages(struct list_plan *plan, struct dd_contact_message *told)
{
	const struct dd_program *p = plan->program;
	plan->messages =
	        dd_arena_alloc(plan->arena, (list_count_messages(p) + 1) * sizeof *plan->messages);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t n = known_prompts(p, i, prompts);
		for (size_t k = 0; k < n; k++)
			add_message(plan, told++, i, prompts[k].name, prompts[k].prompt, DD_NONE);
		if (p->steps[i].applet == DD_SMS)
			add_message(plan, told++, i, "this SMS", DD_NONE, p->steps[i].sms.text);
	}
}

/* -- texts ------------------------------------------------------------------ */

static const char *voice_name(const struct list_plan *plan, uint32_t voice)
{
	const struct dd_voice_choice *v = &plan->program->voices[voice];
	return v->variant ? dd_arena_format(plan->arena, "%s+%s", v->language, v->variant)
	                  : v->language;
}

/* `text` NULL: it is too long. */
static struct dd_speech speech_of(
        const struct list_plan *plan, uint32_t voice, bool ssml, const char *text)
{
	const struct dd_voice_choice *v = &plan->program->voices[voice];
	return (struct dd_speech){text, voice_name(plan, voice), v->rate_wpm, v->pitch, ssml};
}

/* What is said of parts of a template. */
static bool fill_spoken(const struct list_plan *plan, uint32_t template, uint32_t from, uint32_t to,
        const struct dd_str *values, struct dd_arena *arena, struct dd_filled *out)
{
	struct list_values v = {plan, values};
	return dd_spoken_fill(plan->program, template, from, to, list_values(&v), arena, out, NULL,
	               NULL) == DD_OK;
}

static bool fill(const struct list_plan *plan, uint32_t template, uint32_t from, uint32_t to,
        enum dd_fill_use use, const struct dd_str *values, char *text, size_t *n)
{
	struct list_values v = {plan, values};
	return dd_fill(plan->program, template, from, to, use, list_values(&v), text,
	               DD_TEXT_BYTES_MAX + 1, n, NULL, NULL) == DD_OK;
}

struct dd_speech list_speech(const struct list_plan *plan, const struct dd_segment *g,
        const struct dd_str *values, struct dd_arena *arena)
{
	struct dd_filled f;
	struct dd_spoken spoken;
	struct dd_xml_fault fault;
	const char *text = NULL;
	bool ssml = plan->program->templates[g->text].ssml;
	if (fill_spoken(plan, g->text, 0, UINT32_MAX, values, arena, &f))
		text = dd_spoken_read(arena, &plan->program->voices[g->voice],
		               (struct dd_str){f.text, f.n}, ssml, f.fixed, f.nfixed, &spoken,
		               &fault)
		        ? spoken.source.p
		        : dd_arena_copy(arena, f.text, f.n);
	return speech_of(plan, g->voice, ssml, text);
}

static void add_side(
        struct dd_buf *text, struct dd_stretch *fixed, size_t *nfixed, const struct list_side *side)
{
	for (size_t i = 0; i < side->nfixed; i++)
		fixed[(*nfixed)++] = (struct dd_stretch){
		        side->fixed[i].from + text->n, side->fixed[i].to + text->n};
	dd_buf_add(text, side->text.p, side->text.n);
}

/* What is said of the bytes [from, to) of what is written; of what is said in other words, all. */
static const char *said_of(
        struct dd_arena *arena, const struct dd_spoken *spoken, size_t from, size_t to)
{
	size_t start = from, end = to;
	if (spoken->before) {
		for (start = 0; start < spoken->source.n && spoken->behind[start + 1] <= from;)
			start++;
		for (end = start; end < spoken->source.n && spoken->before[end] < to;)
			end++;
	}
	return dd_arena_copy(arena, spoken->source.p + start, end - start);
}

struct dd_speech list_place_speech(const struct list_plan *plan, const struct list_place *p,
        const struct dd_str *values, struct dd_arena *arena)
{
	struct dd_filled f;
	struct dd_spoken spoken;
	struct dd_xml_fault fault;
	struct dd_buf all = {0};
	const char *text = NULL;
	bool ssml = plan->program->templates[p->template].ssml;
	if (fill_spoken(plan, p->template, p->part, p->part + 1, values, arena, &f)) {
		struct list_side value = {{f.text, f.n}, f.fixed, f.nfixed};
		size_t n = 0;
		struct dd_stretch *fixed = dd_arena_alloc(arena,
		        (p->left.nfixed + value.nfixed + p->right.nfixed + 1) * sizeof *fixed);
		add_side(&all, fixed, &n, &p->left);
		add_side(&all, fixed, &n, &value);
		add_side(&all, fixed, &n, &p->right);
		struct dd_str whole = {all.p ? all.p : "", all.n};
		if (!dd_spoken_read(arena, &plan->program->voices[p->voice], whole, ssml, fixed, n,
		            &spoken, &fault))
			text = dd_arena_copy(arena, whole.p, whole.n);
		else
			text = ssml ? spoken.source.p
			            : said_of(arena, &spoken, p->left_from,
			                      p->left.text.n + f.n + p->right_to);
	}
	dd_buf_free(&all);
	return speech_of(plan, p->voice, ssml, text);
}

struct dd_str list_words(const struct list_plan *plan, const struct list_message *m,
        const struct dd_str *values, struct dd_arena *arena)
{
	const struct dd_program *p = plan->program;
	char text[DD_TEXT_BYTES_MAX + 1];
	struct dd_buf all = {0};
	size_t n = 0;
	if (m->template != DD_NONE &&
	        fill(plan, m->template, 0, UINT32_MAX, DD_FILL_PLAIN, values, text, &n))
		dd_buf_add(&all, text, n);
	for (uint32_t i = 0; m->template == DD_NONE && i < p->prompts[m->prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[m->prompt].first + i];
		if (g->kind != DD_SEG_TEXT ||
		        !fill(plan, g->text, 0, UINT32_MAX, DD_FILL_SPEECH, values, text, &n))
			continue;
		dd_buf_str(&all, all.n ? " " : "");
		if (p->templates[g->text].ssml)
			dd_ssml_words((struct dd_str){text, n}, &all);
		else
			dd_buf_add(&all, text, n);
	}
	struct dd_str words = {dd_arena_copy(arena, all.p ? all.p : "", all.n), all.n};
	dd_buf_free(&all);
	return words;
}

bool list_other_frames(const struct list_plan *plan, const struct list_message *m,
        const struct dd_str *values, uint64_t *frames, struct dd_error *err)
{
	const struct dd_program *p = plan->program;
	char name[DD_TEXT_BYTES_MAX + 1], path[DD_TEXT_BYTES_MAX + 512];
	*frames = 0;
	for (uint32_t i = 0; i < p->prompts[m->prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[m->prompt].first + i];
		const struct dd_sound *sound = NULL;
		size_t n = 0;
		if (g->kind == DD_SEG_PAUSE || g->kind == DD_SEG_STAND_IN)
			*frames += dd_frames_in(g->pause, DD_RATE_HZ);
		if (g->kind != DD_SEG_AUDIO)
			continue;
		if (!fill(plan, g->text, 0, UINT32_MAX, DD_FILL_PATH, values, name, &n)) {
			(void)dd_fail(err, DD_ERR_FORMAT,
			        "a value with /, \\ or .. may not stand in a file's name");
			return false;
		}
		(void)snprintf(path, sizeof path, "%s%s%s",
		        name[0] == '/' ? "" : p->flows[m->flow].dir, name[0] == '/' ? "" : "/",
		        name);
		if (plan->tts.load(plan->tts.self, path, &sound, err) != DD_OK)
			return false;
		*frames += sound->frames;
	}
	return true;
}

/* Of the flow's own texts. Without a voice nothing can be said of any contact. */
static uint32_t known_frames(struct list_plan *plan, uint32_t frames)
{
	plan->unmeasured |= frames == DD_TTS_UNMEASURED;
	return frames >= DD_TTS_UNMEASURED ? 0 : frames;
}

void list_lengths(const struct list_plan *plan, const struct dd_speech *speeches, uint32_t *frames,
        size_t n, bool rough)
{
	if (n && plan->tts.lengths) {
		plan->tts.lengths(plan->tts.self, speeches, frames, n, rough);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		const struct dd_sound *sound = NULL;
		frames[i] = plan->tts.say(plan->tts.self, &speeches[i], &sound, NULL) == DD_OK
		        ? sound->frames
		        : UINT32_MAX;
	}
}

/* -- places ----------------------------------------------------------------- */

static bool is_stop(char c)
{
	return strchr(".,;:!?\n", c) != NULL;
}

/* The word that a text ends in, unless a stop is behind it. */
static const char *last_word(const char *text, size_t n)
{
	size_t from = n;
	bool glued = n && text[n - 1] != ' ';
	while (from && text[from - 1] == ' ')
		from--;
	if (!glued && (from == 0 || is_stop(text[from - 1])))
		return text + n;
	while (from && text[from - 1] != ' ')
		from--;
	return text + from;
}

/* The first word of a text, or the stop that it begins with. */
static size_t first_word(const char *text, size_t n)
{
	size_t to = 0;
	while (to < n && text[to] == ' ')
		to++;
	while (to < n && text[to] != ' ') {
		to++;
		if (is_stop(text[to - 1]) && (to == n || text[to] == ' '))
			break;
	}
	return to;
}

static void side_of(struct list_plan *plan, const struct list_place *place, uint32_t from,
        uint32_t to, const struct dd_str *values, struct list_side *side)
{
	struct dd_filled f;
	*side = (struct list_side){{"", 0}, NULL, 0};
	if (fill_spoken(plan, place->template, from, to, values, plan->arena, &f))
		*side = (struct list_side){
		        {dd_arena_copy(plan->arena, f.text, f.n), f.n}, f.fixed, f.nfixed};
}

/* The text around a value, with these values; spoken is all of it where tags stand between. */
static void around(struct list_plan *plan, struct list_place *place, const struct dd_str *values)
{
	bool ssml = plan->program->templates[place->template].ssml;
	side_of(plan, place, 0, place->part, values, &place->left);
	side_of(plan, place, place->part + 1, UINT32_MAX, values, &place->right);
	const struct dd_str *left = &place->left.text, *right = &place->right.text;
	place->left_from = ssml ? 0 : (size_t)(last_word(left->p, left->n) - left->p);
	place->right_to = ssml ? right->n : first_word(right->p, right->n);
}

/* What the length of a value depends on: the words beside it; where it may be read in other words,
   all that is around it. */
static uint64_t hash_of(const struct list_plan *plan, const struct list_place *place, int format)
{
	const struct dd_voice_choice *v = &plan->program->voices[place->voice];
	bool wide = !v->literal && dd_aloud_knows(v->language);
	size_t from = wide ? 0 : place->left_from,
	       to = wide ? place->right.text.n : place->right_to;
	struct dd_buf key = {0};
	dd_buf_format(&key, "%u|%d|%d|", place->voice, format,
	        plan->program->templates[place->template].ssml);
	dd_buf_add(&key, place->left.text.p + from, place->left.text.n - from);
	dd_buf_char(&key, '|');
	dd_buf_add(&key, place->right.text.p, to);
	uint64_t hash = XXH3_64bits(key.p, key.n);
	dd_buf_free(&key);
	return hash;
}

static void add_places(
        struct list_plan *plan, const struct dd_segment *g, const struct dd_str *values)
{
	const struct dd_program *p = plan->program;
	const struct dd_template *t = &p->templates[g->text];
	for (uint32_t i = 0; i < t->n; i++) {
		const struct dd_part *part = &p->parts[t->first + i];
		if (part->slot == DD_NONE || !plan->from_list[part->slot])
			continue;
		struct list_place place = {
		        .template = g->text, .part = i, .slot = part->slot, .voice = g->voice};
		around(plan, &place, values);
		place.hash = hash_of(plan, &place, part->format);
		DD_PUSH(plan->places, plan->nplaces, plan->cap_places) = place;
	}
}

/* Every message whole, and every place, with the first contact's values. */
void list_plan_places(struct list_plan *plan, const struct dd_str *values)
{
	const struct dd_program *p = plan->program;
	struct dd_speech *speeches = NULL;
	size_t n = 0, cap = 0;
	for (size_t i = 0; i < plan->nmessages; i++) {
		struct list_message *m = &plan->messages[i];
		m->first_place = plan->nplaces;
		for (uint32_t k = 0; m->template == DD_NONE && k < p->prompts[m->prompt].n; k++) {
			const struct dd_segment *g = &p->segments[p->prompts[m->prompt].first + k];
			if (g->kind != DD_SEG_TEXT)
				continue;
			add_places(plan, g, values);
			DD_PUSH(speeches, n, cap) = list_speech(plan, g, values, plan->arena);
		}
		m->nplaces = plan->nplaces - m->first_place;
	}
	for (size_t i = 0; i < plan->nplaces; i++)
		DD_PUSH(speeches, n, cap) =
		        list_place_speech(plan, &plan->places[i], values, plan->arena);
	uint32_t *frames = dd_alloc((n + 1) * sizeof *frames);
	for (size_t i = 0; i < n; i++)
		if (!speeches[i].text)
			speeches[i].text = "";
	list_lengths(plan, speeches, frames, n, false);
	size_t at = 0;
	for (size_t i = 0; i < plan->nmessages; i++) {
		struct list_message *m = &plan->messages[i];
		for (uint32_t k = 0; m->template == DD_NONE && k < p->prompts[m->prompt].n; k++)
			if (p->segments[p->prompts[m->prompt].first + k].kind == DD_SEG_TEXT)
				m->reference += known_frames(plan, frames[at++]);
	}
	for (size_t i = 0; i < plan->nplaces; i++, at++)
		plan->places[i].reference = known_frames(plan, frames[at]);
	dd_free(frames);
	dd_free(speeches);
}
