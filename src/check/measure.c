/* What the rules go by: every prompt with its words and its length, and the table of them. */
#include <stdlib.h>
#include <string.h>

#include "check/checking.h"

/* Values for variables without an example, so that their prompts have some length. */
void check_give_values(const struct dd_program *p, struct dd_arena *arena, struct dd_setup *setup)
{
	const char **names = dd_arena_alloc(arena, (p->nslots + 1) * sizeof *names);
	const char **values = dd_arena_alloc(arena, (p->nslots + 1) * sizeof *values);
	for (uint32_t i = 0; i < p->nslots; i++) {
		if (!p->slots[i].variable || p->slots[i].example.p)
			continue;
		names[setup->nvariables] = p->slots[i].name;
		values[setup->nvariables++] = "1234";
	}
	setup->names = names;
	setup->values = values;
}

/* What no call comes to is measured with the examples, in the folder of the first flow. */
static void measure_rest(struct dd_checking *c, const struct dd_setup *setup, struct dd_played *played)
{
	const struct dd_program *p = c->program;
	struct dd_prompts *prompts = dd_prompts_new(p, c->tts);
	struct dd_call *call = dd_alloc(dd_call_size(p, (size_t)4 * DD_STORE_BYTES));
	struct dd_effects fx;
	dd_call_init(call, p, (size_t)4 * DD_STORE_BYTES, setup);
	dd_call_step(call, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	for (uint32_t i = 0; i < p->nprompts; i++) {
		uint32_t missing[1];
		size_t none = 0;
		bool fetched = p->segments[p->prompts[i].first].kind == DD_SEG_URL;
		if (played[i].ms < 0 && !p->prompts[i].moves && !fetched && !dd_call_over(call))
			played[i] = dd_played_of(c->arena, dd_prompts_get(prompts, call, i, 0, missing, &none));
	}
	free(call);
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

/* -- the table of lengths ------------------------------------------------------------------------------------------------------- */

static unsigned count_words(struct dd_str text)
{
	unsigned n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] != ' ' && (i == 0 || text.p[i - 1] == ' ');
	return n;
}

static void length_line(const struct dd_checking *c, const struct dd_step *s, const struct check_prompt *prompt, unsigned columns, struct dd_buf *out)
{
	enum { BAR = 20, LIMIT_MS = 30000 };
	dd_ms ms = c->played[prompt->prompt].ms;
	struct dd_str words = c->played[prompt->prompt].words;
	size_t from = out->n;
	unsigned said = count_words(words), filled = ms > 0 ? (unsigned)((ms * BAR + LIMIT_MS - 1) / LIMIT_MS) : 0;
	const char *name = strncmp(prompt->name, "the ", 4) == 0 ? prompt->name + 4 : strncmp(prompt->name, "this ", 5) == 0 ? prompt->name + 5 : prompt->name;
	dd_buf_format(out, "%6u  %-15s ", s->line, name);
	if (ms < 0)
		dd_buf_format(out, "%9s %6s  %-*s  ", "in call", "", BAR, "");
	else {
		dd_buf_format(out, "%5lld.%lld s ", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
		if (said && ms)
			dd_buf_format(out, "%5lld/m  ", (long long)said * 60000 / ms);
		else
			dd_buf_format(out, "%7s  ", "");
		for (unsigned i = 0; i < BAR; i++)
			dd_buf_char(out, i < filled ? '#' : '.');
		dd_buf_str(out, filled > BAR ? "> " : "  ");
	}
	dd_buf_screen(out, words);
	struct dd_str line = {out->p + from, out->n - from};
	if (columns > 10 && dd_width_fit(line, columns) < line.n) {
		out->n = from + dd_width_fit(line, columns - 1);
		dd_buf_str(out, "…");
	}
	while (out->n > from && out->p[out->n - 1] == ' ')
		out->n--;
	dd_buf_char(out, '\n');
}

void dd_check_lengths(const struct dd_program *p, struct dd_tts tts, unsigned columns, struct dd_buf *out)
{
	char sid[33];
	struct dd_arena *arena = dd_arena_new();
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_ways *ways = dd_ways_new(p);
	struct dd_checking c = {.program = p, .tts = tts, .arena = arena};
	dd_session_sid(1, sid);
	check_give_values(p, arena, &setup);
	struct dd_explored *explored = dd_explore(p, ways, &setup, tts, MAX_STATES);
	c.explored = explored;
	c.played = check_measure(&c, &setup);
	dd_buf_format(out, "%6s  %-15s %9s %7s  %-20s  %s\n", "LINE", "PROMPT", "LENGTH", "WORDS", "OF 30 s", "TEXT");
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[3];
		size_t n = check_prompts(&p->steps[i], prompts);
		for (size_t k = 0; k < n; k++)
			length_line(&c, &p->steps[i], &prompts[k], columns, out);
	}
	dd_explored_free(explored);
	dd_ways_free(ways);
	dd_arena_free(arena);
}
