/* One call of the walk, choice by choice. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "explore/explore.h"
#include "explore/show.h"

/* The edge that key `key` takes out of a state. A walk tries one wrong key for all, and one digit
 * of a number for all. */
static uint32_t edge_of_key(const struct dd_explored *x, const struct dd_walk_state *s, char key)
{
	const struct dd_step *step = s->step == DD_NONE ? NULL : &x->program->steps[s->step];
	bool known = step && step->applet == DD_IVR && !step->ivr.collect &&
	        step->ivr.by_key[dd_key_index(key)] != DD_NONE;
	bool finish =
	        step && step->applet == DD_IVR && step->ivr.collect && key == step->ivr.finish;
	uint32_t other = DD_NONE;
	for (uint32_t k = s->first; k < s->first + s->n; k++) {
		const struct dd_choice *c = &x->walk->edges[k].choice;
		if (c->kind != DD_CH_KEY)
			continue;
		if (c->key == key)
			return k;
		bool wrong = step && step->applet == DD_IVR && !step->ivr.collect
		        ? step->ivr.by_key[dd_key_index(c->key)] == DD_NONE
		        : !(step && step->applet == DD_IVR && c->key == step->ivr.finish);
		if (!known && !finish && wrong)
			other = k;
	}
	return other;
}

/* What happens when nobody presses a key: servers answer as the flow's own stubs do. */
static uint32_t edge_of_silence(const struct dd_explored *x, const struct dd_walk_state *s)
{
	uint32_t first = DD_NONE;
	for (uint32_t k = s->first; k < s->first + s->n; k++) {
		const struct dd_choice *c = &x->walk->edges[k].choice;
		if (c->kind == DD_CH_LISTEN || c->kind == DD_CH_WAIT || c->kind == DD_CH_SPEAK ||
		        c->kind == DD_CH_HUSH || c->kind == DD_CH_PART || c->kind == DD_CH_HOURS ||
		        c->kind == DD_CH_PARTY)
			return k;
		if (c->kind != DD_CH_REPLY)
			continue;
		const struct dd_passthru *p = &x->program->steps[c->step].passthru;
		if (p->nstubs &&
		        dd_way_of_stub(x->program, c->step, &x->program->stubs[p->first_stub]) ==
		                c->reply)
			return k;
		if (first == DD_NONE || c->reply == DD_EXIT_200)
			first = k;
	}
	return first;
}

/* The next key, behind the commas: `*at` moves on. '-' lets a wait run out; 0 at the end. */
static char next_key(const char *keys, size_t *at)
{
	while (keys[*at] == ',' || keys[*at] == ' ')
		++*at;
	return keys[*at] ? keys[(*at)++] : '\0';
}

bool dd_explore_follow(const struct dd_explored *x, const char *keys, struct dd_path *out)
{
	const struct dd_walk *walk = x->walk;
	uint32_t *edges = NULL, state = 0;
	size_t n = 0, cap = 0, at = 0;
	/* a loop that nobody leaves is gone round once */
	while (!walk->states[state].over && n <= walk->nstates) {
		const struct dd_walk_state *s = &walk->states[state];
		/* a further digit is of the same item; a wait takes the next one */
		bool more =
		        s->listens && s->prompt == DD_NONE && keys[at] != ',' && keys[at] != ' ';
		char key = s->waits || more ? next_key(keys, &at) : '\0';
		uint32_t edge = key && key != '-' ? edge_of_key(x, s, key) : edge_of_silence(x, s);
		if (edge == DD_NONE || walk->edges[edge].to == DD_NONE)
			break;
		DD_PUSH(edges, n, cap) = edge;
		state = walk->edges[edge].to;
	}
	*out = (struct dd_path){.edges = dd_arena_alloc(x->arena, (n + 1) * sizeof *edges),
	        .n = n,
	        .ended_by = walk->states[state].ended_by,
	        .step = walk->states[state].step};
	for (size_t i = 0; i < n; i++) {
		out->edges[i] = edges[i];
		out->ms += walk->edges[edges[i]].ms;
	}
	dd_free(edges);
	return !next_key(keys, &at);
}

static void choice_text(
        const struct dd_explored *x, const struct dd_walk_edge *e, struct dd_buf *out)
{
	const struct dd_walk_state *s = &x->walk->states[e->from];
	struct dd_str name;
	switch (e->choice.kind) {
	case DD_CH_KEY:
		dd_buf_format(out, "key %c%s", e->choice.key,
		        e->choice.playing ? ", during the prompt" : "");
		return;
	case DD_CH_REPLY:
		name = dd_reply_name(x->program, e->choice.step, e->choice.reply);
		dd_buf_str(out, "the server answers ");
		dd_buf_screen(out, name);
		if (e->choice.variant) {
			dd_buf_char(out, ' ');
			dd_buf_screen(
			        out, dd_stub_of_choice(x->program, &e->choice, x->arena).body);
		}
		return;
	case DD_CH_PARTY:
		dd_buf_format(out, "ringing: %s", dd_party_name((enum dd_party)e->choice.reply));
		return;
	case DD_CH_PART: dd_buf_str(out, "the other party hangs up"); return;
	case DD_CH_SPEAK: dd_buf_str(out, "the customer speaks"); return;
	case DD_CH_HUSH: dd_buf_str(out, "the customer has spoken"); return;
	case DD_CH_HOURS:
		dd_buf_str(out, e->choice.reply ? "in these hours" : "outside of these hours");
		return;
	case DD_CH_WAIT: dd_buf_str(out, s->waits ? "no key" : "no further key"); return;
	default: break;
	}
	if (s->prompt != DD_NONE && x->walk->played && x->walk->played[s->prompt].words.n)
		dd_buf_screen(out, x->walk->played[s->prompt].words);
	else
		dd_buf_str(out, "a recording or a pause");
}

void dd_explored_show(const struct dd_explored *x, const struct dd_path *path, unsigned columns,
        struct dd_buf *out)
{
	dd_ms at = 0;
	char text[24];
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_walk_edge *e = &x->walk->edges[path->edges[i]];
		const struct dd_step *s =
		        e->choice.step == DD_NONE ? NULL : &x->program->steps[e->choice.step];
		size_t from = out->n;
		dd_offset_text(at, text);
		dd_buf_format(out, "%8s  %4u %-8s %-12s ", text, s ? s->line : 0,
		        s ? dd_step_kind(s) : "", s && s->id ? s->id : "");
		choice_text(x, e, out);
		struct dd_str line = {out->p + from, out->n - from};
		if (columns > 10 && dd_width_fit(line, columns) < line.n) {
			out->n = from + dd_width_fit(line, columns - 1);
			dd_buf_str(out, "…");
		}
		dd_buf_char(out, '\n');
		at += e->ms;
	}
	dd_offset_text(at, text);
	dd_buf_format(out, "%8s  the end: %s\n", text,
	        path->ended_by ? dd_ended_by_name(path->ended_by) : "it goes round from here");
}

json_t *dd_explored_show_json(const struct dd_explored *x, const struct dd_path *path)
{
	json_t *list = json_array();
	dd_ms at = 0;
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_walk_edge *e = &x->walk->edges[path->edges[i]];
		struct dd_buf what = {0};
		choice_text(x, e, &what);
		json_array_append_new(list,
		        json_pack("{s:I, s:I, s:I, s:o}", "at_ms", (json_int_t)at, "lasts_ms",
		                (json_int_t)e->ms, "line",
		                (json_int_t)(e->choice.step == DD_NONE
		                                ? 0
		                                : x->program->steps[e->choice.step].line),
		                "what",
		                dd_json_text((struct dd_str){what.p ? what.p : "", what.n})));
		dd_buf_free(&what);
		at += e->ms;
	}
	return list;
}
