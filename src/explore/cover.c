/* Which exits a step has is decided here, once: the counts, the table and the missing scenarios all
 * ask this list. */
#include "explore/cover.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "session/by_url.h"

static void way(struct dd_ways *w, enum dd_exit_kind kind, uint32_t step, uint32_t index,
        struct dd_span span)
{
	DD_PUSH(w->list, w->n, w->cap) = (struct dd_way_out){kind, step, index, span};
}

static void ways_of_greeting(struct dd_ways *w, uint32_t i, const struct dd_step *s)
{
	if (s->greeting.skip || s->greeting.interruptible)
		way(w, DD_EX_BARGE_IN, i, DD_NONE, s->span);
	way(w, DD_EX_HANG_UP, i, s->greeting.prompt, s->span);
}

/* A menu in which every key does something, or a number of one digit that needs no end, has no
 * wrong input. */
static bool can_be_invalid(const struct dd_program *p, uint32_t step)
{
	const struct dd_ivr *ivr = &p->steps[step].ivr;
	struct dd_collect how;
	if (ivr->collect) {
		dd_stub_collect(p, step, &how);
		return how.min > 1 || how.finish || ivr->match;
	}
	for (int k = 0; k < 12; k++)
		if (ivr->by_key[k] == DD_NONE)
			return true;
	return false;
}

static void ways_of_menu(struct dd_ways *w, uint32_t i, const struct dd_step *s)
{
	const struct dd_ivr *ivr = &s->ivr;
	bool invalid = can_be_invalid(w->program, i);
	for (uint32_t k = 0; k < ivr->nkeys; k++)
		way(w, DD_EX_KEY, i, ivr->first_key + k, w->program->keys[ivr->first_key + k].span);
	if (ivr->collect)
		way(w, DD_EX_NUMBER, i, DD_NONE, s->span);
	if (invalid)
		way(w, DD_EX_INVALID, i, DD_NONE, s->span);
	way(w, DD_EX_SILENCE, i, DD_NONE, s->span);
	way(w, DD_EX_TRIES, i, 0, s->span);
	if (ivr->otherwise_by_try && invalid)
		way(w, DD_EX_TRIES, i, 1, s->span);
	if (ivr->barge_in)
		way(w, DD_EX_BARGE_IN, i, DD_NONE, s->span);
	way(w, DD_EX_HANG_UP, i, ivr->prompt, s->span);
	if (ivr->invalid != DD_NONE && (ivr->retries || ivr->by_url) && invalid)
		way(w, DD_EX_HANG_UP, i, ivr->invalid, s->span);
	if (ivr->silence != DD_NONE && (ivr->retries || ivr->by_url))
		way(w, DD_EX_HANG_UP, i, ivr->silence, s->span);
}

static void ways_of_passthru(struct dd_ways *w, uint32_t i, const struct dd_step *s)
{
	const struct dd_passthru *p = &s->passthru;
	if (!p->wait)
		return;
	for (uint32_t r = 0; r < p->nroutes; r++)
		way(w, DD_EX_ANSWER, i, 16 + r, w->program->routes[p->first_route + r].span);
	for (uint32_t e = 0; e < DD_EXITS_COUNT; e++)
		if (dd_has_exit(p, e))
			way(w, DD_EX_ANSWER, i, e, s->span);
	if (p->hold != DD_NONE)
		way(w, DD_EX_HANG_UP, i, p->hold, s->span);
}

static void ways_of_branch(struct dd_ways *w, uint32_t i, const struct dd_step *s)
{
	for (uint32_t c = 0; c < s->branch.ncases; c++)
		way(w, DD_EX_CASE, i, c, w->program->cases[s->branch.first_case + c].span);
	way(w, DD_EX_CASE, i, DD_NONE, s->span);
}

static void ways_of_connect(struct dd_ways *w, uint32_t i, const struct dd_step *s)
{
	const struct dd_connect *c = &s->connect;
	for (uint32_t e = 0; e < DD_PARTIES_COUNT; e++)
		if (e != DD_PARTY_FULL || c->queue || c->has_exit[e])
			way(w, DD_EX_PARTY, i, e, s->span);
	way(w, DD_EX_LEAVES, i, 0, s->span);
	way(w, DD_EX_LEAVES, i, 1, s->span);
}

static void ways_of_record(struct dd_ways *w, uint32_t i, const struct dd_step *s)
{
	const struct dd_record *r = &s->record;
	if (r->finish)
		way(w, DD_EX_RECORDED, i, DD_REC_FINISH, s->span);
	if (r->silence < r->max)
		way(w, DD_EX_RECORDED, i, DD_REC_SILENCE, s->span);
	way(w, DD_EX_RECORDED, i, DD_REC_MAX, s->span);
	way(w, DD_EX_RECORDED, i, DD_REC_NOTHING, s->span);
	if (r->prompt != DD_NONE)
		way(w, DD_EX_HANG_UP, i, r->prompt, s->span);
	way(w, DD_EX_LEAVES, i, 2, s->span);
}

struct dd_ways *dd_ways_new(const struct dd_program *p)
{
	struct dd_ways *w = dd_alloc(sizeof *w);
	w->program = p;
	w->first = dd_alloc((p->nsteps + 1) * sizeof *w->first);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		w->first[i] = w->n;
		if (s->applet == DD_GREETING)
			ways_of_greeting(w, i, s);
		else if (s->applet == DD_IVR)
			ways_of_menu(w, i, s);
		else if (s->applet == DD_PASSTHRU)
			ways_of_passthru(w, i, s);
		else if (s->applet == DD_BRANCH)
			ways_of_branch(w, i, s);
		else if (s->applet == DD_CONNECT)
			ways_of_connect(w, i, s);
		else if (s->applet == DD_RECORD)
			ways_of_record(w, i, s);
		if (s->applet == DD_HOURS) {
			way(w, DD_EX_CASE, i, 0, s->span);
			way(w, DD_EX_CASE, i, DD_NONE, s->span);
		}
	}
	w->first[p->nsteps] = w->n;
	return w;
}

void dd_ways_free(struct dd_ways *w)
{
	if (!w)
		return;
	dd_free(w->list);
	dd_free(w->first);
	dd_free(w);
}

static const char *prompt_name(const struct dd_step *s, uint32_t prompt)
{
	if (s->applet == DD_PASSTHRU)
		return "hang-up in the hold prompt";
	if (s->applet == DD_CONNECT)
		return "hang-up in the ring prompt";
	if (s->applet == DD_IVR && prompt == s->ivr.invalid)
		return "hang-up in the invalid prompt";
	if (s->applet == DD_IVR && prompt == s->ivr.silence)
		return "hang-up in the silence prompt";
	return "hang-up";
}

void dd_way_label(const struct dd_ways *ways, uint32_t index, struct dd_buf *out)
{
	static const char *const answers[DD_EXITS_COUNT] = {
	        "answer 200", "answer 302", "answer error", "answer timeout", "answer 2xx"};
	static const char *const leaves[] = {
	        "hang-up while ringing", "hang-up while talking", "hang-up while recording"};
	const struct dd_way_out *w = &ways->list[index];
	const struct dd_step *s = &ways->program->steps[w->step];
	switch (w->kind) {
	case DD_EX_KEY: dd_buf_format(out, "key %c", ways->program->keys[w->index].key); break;
	case DD_EX_NUMBER: dd_buf_str(out, "a number"); break;
	case DD_EX_INVALID: dd_buf_str(out, "invalid"); break;
	case DD_EX_SILENCE: dd_buf_str(out, "silence"); break;
	case DD_EX_TRIES:
		dd_buf_str(out,
		        !s->ivr.otherwise_by_try ? "tries used up"
		                : w->index       ? "tries used up by a wrong key"
		                                 : "tries used up by silence");
		break;
	case DD_EX_CASE:
		if (w->index == DD_NONE)
			dd_buf_str(out, "otherwise");
		else if (s->applet == DD_HOURS)
			dd_buf_str(out, "in hours");
		else
			dd_buf_str(out, "case "),
			        dd_buf_screen(out,
			                ways->program->cases[s->branch.first_case + w->index]
			                        .words);
		break;
	case DD_EX_PARTY:
		dd_buf_format(out, "outcome %s", dd_party_name((enum dd_party)w->index));
		break;
	case DD_EX_RECORDED:
		dd_buf_format(out, "ended by %s", dd_recorded_name((enum dd_recorded)w->index));
		break;
	case DD_EX_LEAVES: dd_buf_str(out, leaves[w->index]); break;
	case DD_EX_BARGE_IN: dd_buf_str(out, "barge-in"); break;
	case DD_EX_HANG_UP: dd_buf_str(out, prompt_name(s, w->index)); break;
	case DD_EX_ANSWER:
		if (w->index < 16) {
			dd_buf_str(out, answers[w->index]);
		} else {
			dd_buf_str(out, "answer ");
			dd_buf_screen(out,
			        ways->program->routes[s->passthru.first_route + w->index - 16]
			                .body);
		}
		break;
	}
}

struct dd_counts *dd_counts_new(const struct dd_ways *ways)
{
	struct dd_counts *c = dd_alloc(sizeof *c);
	c->ways = ways;
	c->steps = dd_alloc((ways->program->nsteps + 1) * sizeof *c->steps);
	c->exits = dd_alloc((ways->n + 1) * sizeof *c->exits);
	c->playing = c->busy = DD_NONE;
	return c;
}

void dd_counts_free(struct dd_counts *c)
{
	if (!c)
		return;
	dd_free(c->steps);
	dd_free(c->exits);
	dd_free(c);
}

void dd_counts_add(struct dd_counts *to, const struct dd_counts *from)
{
	for (uint32_t i = 0; i < to->ways->program->nsteps; i++)
		to->steps[i] += from->steps[i];
	for (uint32_t i = 0; i < to->ways->n; i++)
		to->exits[i] += from->exits[i];
}

void dd_counts_take_back(struct dd_counts *from, const struct dd_counts *added)
{
	for (uint32_t i = 0; i < from->ways->program->nsteps; i++)
		from->steps[i] -= added->steps[i];
	for (uint32_t i = 0; i < from->ways->n; i++)
		from->exits[i] -= added->exits[i];
}

static void took(struct dd_counts *c, uint32_t step, enum dd_exit_kind kind, uint32_t index)
{
	const struct dd_ways *w = c->ways;
	for (uint32_t i = w->first[step]; i < w->first[step + 1]; i++) {
		if (w->list[i].kind == kind && w->list[i].index == index) {
			c->exits[i]++;
			return;
		}
	}
}

static enum dd_exit_kind kind_of_exit(const struct dd_ways *w, uint32_t step)
{
	enum dd_applet applet = w->program->steps[step].applet;
	return applet == DD_CONNECT   ? DD_EX_PARTY
	        : applet == DD_RECORD ? DD_EX_RECORDED
	                              : DD_EX_ANSWER;
}

static void goes_on(struct dd_counts *c, uint32_t step, uint32_t what)
{
	c->busy = what;
	c->busy_step = step;
}

void dd_counts_take(struct dd_counts *c, enum dd_event_type event, const struct dd_effects *effects)
{
	const struct dd_ways *w = c->ways;
	for (uint32_t i = 0; i < effects->n; i++) {
		const struct dd_effect *fx = &effects->list[i];
		switch (fx->type) {
		case DD_FX_STEP: c->steps[fx->step]++; break;
		case DD_FX_PLAY:
			c->playing = fx->prompt;
			c->playing_step = fx->step;
			break;
		case DD_FX_STOP:
			if (event == DD_EV_KEY)
				took(c, c->playing_step, DD_EX_BARGE_IN, DD_NONE);
			else if (event == DD_EV_HANG_UP)
				took(c, c->playing_step, DD_EX_HANG_UP, c->playing);
			break;
		case DD_FX_ANSWER:
			took(c, fx->step, fx->key_index == DD_NONE ? DD_EX_NUMBER : DD_EX_KEY,
			        fx->key_index);
			break;
		case DD_FX_INVALID: took(c, fx->step, DD_EX_INVALID, DD_NONE); break;
		case DD_FX_SILENCE: took(c, fx->step, DD_EX_SILENCE, DD_NONE); break;
		case DD_FX_TRIES:
			took(c, fx->step, DD_EX_TRIES,
			        w->program->steps[fx->step].ivr.otherwise_by_try ? fx->key_index
			                                                         : 0);
			break;
		case DD_FX_EXIT: took(c, fx->step, kind_of_exit(w, fx->step), fx->key_index); break;
		case DD_FX_BRANCH: took(c, fx->step, DD_EX_CASE, fx->key_index); break;
		case DD_FX_RING: goes_on(c, fx->step, 0); break;
		case DD_FX_RECORD: goes_on(c, fx->step, 2); break;
		case DD_FX_PARTY:
			goes_on(c, fx->step, fx->key_index == DD_PARTY_ANSWERED ? 1 : DD_NONE);
			break;
		case DD_FX_PARTED:
		case DD_FX_RECORDED: goes_on(c, fx->step, DD_NONE); break;
		case DD_FX_OVER:
			if (event == DD_EV_HANG_UP && c->busy != DD_NONE)
				took(c, c->busy_step, DD_EX_LEAVES, c->busy);
			goes_on(c, fx->step, DD_NONE);
			break;
		default: break;
		}
	}
}
