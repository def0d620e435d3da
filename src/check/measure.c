/* What the rules go by: every prompt with its words and its length, and the table of them. */
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "check/checking.h"

/* Values for variables without an example, so that their prompts have some length. */

/* What no call comes to is measured with the examples, in the folder of the first flow. */
static void measure_rest(
        struct dd_checking *c, const struct dd_setup *setup, struct dd_played *played)
{
	const struct dd_program *p = c->program;
	struct dd_prompts *prompts = dd_prompts_new(p, c->tts);
	struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES));
	struct dd_effects fx;
	dd_call_init(call, p, DD_STORE_BYTES, setup);
	dd_call_step(call, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	for (uint32_t i = 0; i < p->nprompts; i++) {
		uint32_t missing[1];
		size_t none = 0;
		bool fetched = p->segments[p->prompts[i].first].kind == DD_SEG_URL;
		if (played[i].ms < 0 && !p->prompts[i].moves && !fetched && !dd_call_over(call))
			played[i] = dd_played_of(
			        c->arena, dd_prompts_get(prompts, call, i, 0, missing, &none));
	}
	dd_free(call);
	dd_prompts_free(prompts);
}

const struct dd_played *check_measure(struct dd_checking *c, const struct dd_setup *setup)
{
	const struct dd_program *p = c->program;
	struct dd_played *played = dd_arena_alloc(c->arena, (p->nprompts + 1) * sizeof *played);
	bool all = true;
	for (uint32_t i = 0; i < p->nprompts; i++) {
		played[i] = c->explored->walk->played[i];
		all &= played[i].ms >= 0;
	}
	if (!all)
		measure_rest(c, setup, played);
	return played;
}

/* -- the table of lengths --------------------------------------------------- */

static unsigned count_words(struct dd_str text)
{
	unsigned n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] != ' ' && (i == 0 || text.p[i - 1] == ' ');
	return n;
}

static const char *short_name(const struct check_prompt *prompt)
{
	return strncmp(prompt->name, "the ", 4) == 0     ? prompt->name + 4
	        : strncmp(prompt->name, "this ", 5) == 0 ? prompt->name + 5
	                                                 : prompt->name;
}

/* The recordings that are not at hand, by their names. */
static void add_stand_ins(
        const struct dd_program *p, uint32_t prompt, bool behind, struct dd_buf *out)
{
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
		if (g->kind != DD_SEG_STAND_IN)
			continue;
		dd_buf_str(out, behind ? " [" : "[");
		for (uint32_t k = 0; k < p->templates[g->text].n; k++) {
			const struct dd_part *part = &p->parts[p->templates[g->text].first + k];
			if (part->slot == DD_NONE)
				dd_buf_screen(out, part->text);
			else
				dd_buf_format(out, "{%s}", p->slots[part->slot].name);
		}
		dd_buf_char(out, ']');
		behind = true;
	}
}

static void length_line(const struct dd_checking *c, const struct dd_step *s,
        const struct check_prompt *prompt, unsigned columns, struct dd_buf *out)
{
	enum { BAR = 20, LIMIT_MS = 30000 };
	dd_ms ms = c->played[prompt->prompt].ms;
	struct dd_str words = c->played[prompt->prompt].words;
	size_t from = out->n;
	bool assumed = dd_prompt_assumed(c->program, prompt->prompt);
	unsigned said = count_words(words),
	         filled = ms > 0 ? (unsigned)((ms * BAR + LIMIT_MS - 1) / LIMIT_MS) : 0;
	dd_buf_format(out, "%6u  %-15s ", s->line, short_name(prompt));
	if (ms < 0)
		dd_buf_format(out, "%9s %6s  %-*s  ", "in call", "", BAR, "");
	else {
		dd_buf_format(out, "%9s%c", dd_seconds(ms).p, assumed ? '*' : ' ');
		if (said && ms)
			dd_buf_format(out, "%5lld/m  ", (long long)said * 60000 / ms);
		else
			dd_buf_format(out, "%7s  ", "");
		for (unsigned i = 0; i < BAR; i++)
			dd_buf_char(out, i < filled ? '#' : '.');
		dd_buf_str(out, filled > BAR ? "> " : "  ");
	}
	dd_buf_screen(out, words);
	if (assumed)
		add_stand_ins(c->program, prompt->prompt, words.n > 0, out);
	struct dd_str line = {out->p + from, out->n - from};
	if (columns > 10 && dd_width_fit(line, columns) < line.n) {
		out->n = from + dd_width_fit(line, columns - 1);
		dd_buf_str(out, "…");
	}
	while (out->n > from && out->p[out->n - 1] == ' ')
		out->n--;
	dd_buf_char(out, '\n');
	const struct dd_played *played = &c->played[prompt->prompt];
	if (!dd_str_same(played->words, played->said)) {
		dd_buf_format(out, "%6s  %-15s ", "", "spoken");
		dd_buf_screen(out, played->said);
		dd_buf_char(out, '\n');
	}
}

/* What is heard of a prompt, whole; below it what is written, where that is something else. */
static void spoken_line(const struct dd_checking *c, const struct dd_step *s,
        const struct check_prompt *prompt, struct dd_buf *out)
{
	const struct dd_played *played = &c->played[prompt->prompt];
	if (played->said.n == 0)
		return;
	dd_buf_format(out, "%6u  %-15s ", s->line, short_name(prompt));
	dd_buf_screen(out, played->said);
	dd_buf_char(out, '\n');
	if (dd_str_same(played->words, played->said))
		return;
	dd_buf_format(out, "%6s  %-15s ", "", "written");
	dd_buf_screen(out, played->words);
	dd_buf_char(out, '\n');
}

/* All prompts, and what they were measured for. */
struct measured {
	struct dd_ways *ways;
	struct dd_explored *explored;
	struct dd_arena *arena;
	struct dd_checking checking;
};

static void measure(struct measured *m, const struct dd_program *p, struct dd_tts tts)
{
	char sid[33];
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	*m = (struct measured){.ways = dd_ways_new(p), .arena = dd_arena_new()};
	dd_session_sid(1, sid);
	dd_setup_complete(p, m->arena, &setup);
	m->explored = dd_explore(p, m->ways, &setup, tts, MAX_STATES);
	m->checking = (struct dd_checking){
	        .program = p, .explored = m->explored, .tts = tts, .arena = m->arena};
	m->checking.played = check_measure(&m->checking, &setup);
}

static void measured_fini(struct measured *m)
{
	dd_explored_free(m->explored);
	dd_ways_free(m->ways);
	dd_arena_free(m->arena);
}

dd_ms *dd_check_prompt_lengths(
        const struct dd_program *p, struct dd_tts tts, struct dd_arena *arena)
{
	struct measured m;
	dd_ms *lengths = dd_arena_alloc(arena, (p->nprompts + 1) * sizeof *lengths);
	measure(&m, p, tts);
	for (uint32_t i = 0; i < p->nprompts; i++)
		lengths[i] = m.checking.played[i].ms > 0 ? m.checking.played[i].ms : 0;
	measured_fini(&m);
	return lengths;
}

void dd_check_lengths(
        const struct dd_program *p, struct dd_tts tts, unsigned columns, struct dd_buf *out)
{
	struct measured m;
	bool assumed = false;
	measure(&m, p, tts);
	dd_buf_format(out, "%6s  %-15s %9s %7s  %-20s  %s\n", "LINE", "PROMPT", "LENGTH", "WORDS",
	        "OF 30 s", "TEXT");
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t n = check_prompts(&p->steps[i], prompts);
		for (size_t k = 0; k < n; k++)
			length_line(&m.checking, &p->steps[i], &prompts[k], columns, out),
			        assumed |= dd_prompt_assumed(p, prompts[k].prompt);
	}
	if (assumed)
		dd_buf_str(out,
		        "\n* assumed: a recording in [ ] is not at hand; its length is what the "
		        "flow says\n");
	measured_fini(&m);
}

void dd_check_spoken(const struct dd_program *p, struct dd_tts tts, struct dd_buf *out)
{
	struct measured m;
	measure(&m, p, tts);
	dd_buf_format(out, "%6s  %-15s %s\n", "LINE", "PROMPT", "HEARD");
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t n = check_prompts(&p->steps[i], prompts);
		for (size_t k = 0; k < n; k++)
			spoken_line(&m.checking, &p->steps[i], &prompts[k], out);
	}
	measured_fini(&m);
}
