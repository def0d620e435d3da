/* Rules about where a call may lead. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "check/checking.h"

void rule_call_drops(struct dd_checking *c)
{
	if (c->program->flows[0].part) /* who runs it goes on there */
		return;
	for (size_t i = 0; i < c->explored->nendings; i++) {
		const struct dd_ending *e = &c->explored->endings[i];
		if (e->ended_by != DD_ENDED_DROPPED || e->step == DD_NONE ||
		        c->program->steps[e->step].applet == DD_PASSTHRU ||
		        c->program->steps[e->step].applet == DD_CONNECT)
			continue; /* …-no-fallback tells of the last two */
		check_step(c, e->step, "end every path with hangup",
		        "behind this the line goes dead: nothing is connected");
	}
}

static void mark(const struct dd_program *p, uint32_t step, bool *marks)
{
	if (step < p->nsteps)
		marks[step] = true;
}

/* Steps behind an exit that no call takes: dead-exit tells of them. */
static void mark_exits(const struct dd_program *p, const struct dd_passthru *pass, bool *marks)
{
	for (int e = 0; e < DD_EXITS_COUNT; e++)
		mark(p, pass->exits[e], marks);
	for (uint32_t r = 0; r < pass->nroutes; r++)
		mark(p, p->routes[pass->first_route + r].target, marks);
}

/* Steps that follow one another are told once. */
void rule_unreachable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	const uint32_t *hits = c->explored->seen->steps;
	bool *follows = dd_alloc(p->nsteps + 1);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		if (!hits[i])
			mark(p, p->steps[i].next, follows);
		if (p->steps[i].applet == DD_PASSTHRU && !p->steps[i].passthru.wait)
			mark_exits(p, &p->steps[i].passthru, follows);
	}
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (!hits[i] && !follows[i] && c->explored->walk->complete)
			check_step(c, i, "connect it, or take it away", "no call comes here");
	dd_free(follows);
}

/* Whether the flow says what is to happen at a way out. */
static bool is_connected(const struct dd_program *p, const struct dd_way_out *w)
{
	const struct dd_step *s = &p->steps[w->step];
	switch (w->kind) {
	case DD_EX_KEY: return true;
	case DD_EX_TRIES:
		return (w->index == 1 ? s->ivr.otherwise_invalid : s->ivr.otherwise) !=
		        DD_GO_HANGUP;
	case DD_EX_CASE: return w->index != DD_NONE;
	case DD_EX_PARTY: return s->connect.has_exit[w->index];
	case DD_EX_ANSWER: return w->index >= 16 || s->passthru.exits[w->index] != DD_NONE;
	default: return false;
	}
}

static void exit_without_wait(struct dd_checking *c, uint32_t step)
{
	const struct dd_passthru *p = &c->program->steps[step].passthru;
	bool any = p->nroutes > 0;
	for (int e = 0; e < DD_EXITS_COUNT; e++)
		any |= p->exits[e] != DD_NONE;
	if (any && !p->wait)
		check_step(c, step, "let it wait, or take the exits away",
		        "this request does not wait for an answer: its exits are never taken");
}

void rule_dead_exit(struct dd_checking *c)
{
	const struct dd_ways *ways = c->explored->seen->ways;
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_PASSTHRU)
			exit_without_wait(c, i);
	for (uint32_t i = 0; i < ways->n && c->explored->walk->complete; i++) {
		const struct dd_way_out *w = &ways->list[i];
		struct dd_buf label = {0};
		if (c->explored->seen->exits[i] || c->explored->seen->steps[w->step] == 0 ||
		        !is_connected(c->program, w))
			continue;
		dd_way_label(ways, i, &label);
		bool is_later = w->kind == DD_EX_CASE && w->index != DD_NONE && w->index > 0;
		check_at(c, c->program->steps[w->step].flow, w->span,
		        is_later ? "no value meets it that no case before it takes: move it up, or "
		                   "take it away"
		                 : "connect it, or take it away",
		        "no call takes this exit: %s", label.p ? label.p : "");
		dd_buf_free(&label);
	}
}

/* Steps that take no time, again and again. */
static void runaways(struct dd_checking *c)
{
	for (size_t i = 0; i < c->explored->nendings; i++) {
		const struct dd_ending *e = &c->explored->endings[i];
		uint32_t step = e->step == DD_NONE ? c->program->flows[0].start : e->step;
		if (e->ended_by == DD_ENDED_RUNAWAY && step < c->program->nsteps)
			check_step(c, step, "let something be heard on the way",
			        "from here the flow takes 1,000 steps and no time passes");
	}
}

void rule_endless_loop(struct dd_checking *c)
{
	runaways(c);
	for (size_t i = 0; i < c->explored->nloops; i++) {
		const struct dd_loop *l = &c->explored->loops[i];
		if ((!l->silent && !l->no_exit && !l->failing) || l->nsteps == 0 ||
		        l->steps[0] == DD_NONE)
			continue;
		if (l->failing && !l->no_exit)
			check_step(c, l->server == DD_NONE ? l->steps[0] : l->server,
			        "let its exits error and timeout lead to the end after a try",
			        "while the server fails the call goes round here until the time "
			        "limit");
		else
			check_step(c, l->steps[0], "let it end with hangup after some tries",
			        l->no_exit ? "from here no choice leads to the end of the call"
			                   : "who presses nothing goes round here until the time "
			                     "limit");
	}
}

/* Whether the customer has heard a sound by the time this state is over. */
static bool speaks(const struct dd_checking *c, const struct dd_walk_state *s)
{
	return s->prompt != DD_NONE && c->played[s->prompt].audible;
}

/* Follows the ways on which nothing is heard, to the first wait for a key or to the end. */
void rule_silent_flow(struct dd_checking *c)
{
	const struct dd_walk *walk = c->explored->walk;
	bool *seen = dd_alloc(walk->nstates + 1);
	uint32_t *todo = dd_alloc((walk->nstates + 1) * sizeof *todo), n = 0;
	seen[0] = true;
	todo[n++] = 0;
	while (n) {
		const struct dd_walk_state *s = &walk->states[todo[--n]];
		/* a server's failure that drops the call is passthru-no-fallback's */
		bool end = s->over && s->step != DD_NONE &&
		        (s->ended_by == DD_ENDED_FLOW || s->ended_by == DD_ENDED_DROPPED) &&
		        !(s->ended_by == DD_ENDED_DROPPED &&
		                c->program->steps[s->step].applet == DD_PASSTHRU);
		uint32_t step = s->step == DD_NONE ? c->program->flows[0].start : s->step;
		if ((end || s->waits ||
		            (s->over && s->step == DD_NONE && s->ended_by != DD_ENDED_RUNAWAY)) &&
		        step < c->program->nsteps)
			check_step(c, step, "begin with a greeting",
			        s->waits ? "this menu waits for a key, and nothing has been heard "
			                   "yet"
			                 : "the call ends here, and nothing has been heard");
		for (uint32_t k = s->first; k < s->first + s->n && !speaks(c, s); k++) {
			uint32_t to = walk->edges[k].to;
			if (to == DD_NONE || seen[to])
				continue;
			seen[to] = true;
			todo[n++] = to;
		}
	}
	dd_free(todo);
	dd_free(seen);
}

/* -- the goal --------------------------------------------------------------- */

static bool has_goal(const struct dd_program *p)
{
	for (uint32_t i = 0; i < p->nkeys; i++)
		if (p->keys[i].goal)
			return true;
	return false;
}

void rule_no_goal(struct dd_checking *c)
{
	if (!check_purpose(c, "reminder payment delivery survey promotion event") ||
	        has_goal(c->program))
		return;
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		if (c->program->steps[i].applet != DD_IVR || c->program->steps[i].ivr.collect)
			continue;
		check_step(c, i, "goal: true at the key that is the answer hoped for",
		        "no key of this %s is its goal: no report can say how many customers acted",
		        c->program->flows[0].purpose);
		return;
	}
}

/* States that some call comes to with so many keys, and those one key further. */
struct rings {
	const struct dd_walk *walk;
	uint32_t *now, *next, nnow, nnext;
	bool *done, *queued;
	uint32_t goal; /* the edge by which it was reached; DD_NONE: not yet */
};

static void reach(struct rings *r, uint32_t state, uint32_t edge)
{
	if (r->done[state])
		return;
	r->done[state] = true;
	r->now[r->nnow++] = state;
	if (r->walk->states[state].goal && r->goal == DD_NONE)
		r->goal = edge;
}

/* A number that is typed is one answer: its further digits, and the key that ends it, are none. */
static bool is_within_number(
        const struct dd_walk *walk, const struct dd_walk_state *s, const struct dd_walk_edge *e)
{
	const struct dd_step *step = &walk->program->steps[e->choice.step];
	return step->applet == DD_IVR && step->ivr.collect && !s->waits;
}

/* Whatever happens without a key. */
static void spread(struct rings *r)
{
	while (r->nnow) {
		const struct dd_walk_state *s = &r->walk->states[r->now[--r->nnow]];
		for (uint32_t k = s->first; k < s->first + s->n; k++) {
			const struct dd_walk_edge *e = &r->walk->edges[k];
			if (e->to == DD_NONE)
				continue;
			if (e->choice.kind != DD_CH_KEY || is_within_number(r->walk, s, e)) {
				reach(r, e->to, k);
			} else if (!r->done[e->to] && !r->queued[e->to]) {
				r->queued[e->to] = true;
				r->next[r->nnext++] = k;
			}
		}
	}
}

/* The fewest answers, each a key or a number, after which some call has reached the goal, and the
 * edge that reaches it; UINT32_MAX: none does. */
static uint32_t keys_to_goal(const struct dd_walk *walk, uint32_t *edge)
{
	uint32_t keys = 0, room = walk->nstates + 1;
	struct rings r = {walk, dd_alloc(room * sizeof *r.now), dd_alloc(room * sizeof *r.next), 0,
	        0, dd_alloc(room), dd_alloc(room), DD_NONE};
	reach(&r, 0, DD_NONE);
	spread(&r);
	while (r.goal == DD_NONE && r.nnext) {
		uint32_t n = r.nnext;
		keys++;
		r.nnext = 0;
		for (uint32_t i = 0; i < n; i++)
			reach(&r, walk->edges[r.next[i]].to, r.next[i]);
		spread(&r);
	}
	*edge = r.goal;
	dd_free(r.now);
	dd_free(r.next);
	dd_free(r.done);
	dd_free(r.queued);
	return *edge == DD_NONE ? UINT32_MAX : keys;
}

void rule_goal_unreachable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	uint32_t edge;
	if (!has_goal(p) || !c->explored->walk->complete ||
	        keys_to_goal(c->explored->walk, &edge) != UINT32_MAX)
		return;
	for (uint32_t i = 0; i < p->nsteps; i++)
		for (uint32_t k = 0; p->steps[i].applet == DD_IVR && k < p->steps[i].ivr.nkeys;
		        k++) {
			const struct dd_key *key = &p->keys[p->steps[i].ivr.first_key + k];
			if (key->goal)
				check_at(c, p->steps[i].flow, key->span, "connect its menu",
				        "no call comes to this key, the goal of the flow");
		}
}

void rule_goal_far(struct dd_checking *c)
{
	uint32_t edge, keys = keys_to_goal(c->explored->walk, &edge);
	if (keys == UINT32_MAX || (long)keys <= c->now.settings[0])
		return;
	check_step(c, c->explored->walk->edges[edge].choice.step, "ask for it earlier",
	        "a customer answers %u times to come to the goal, more than %ld", keys,
	        c->now.settings[0]);
}

/* -- size ------------------------------------------------------------------- */

/* Every hang-up of a flow is one applet: branches that only end the call do not make it harder to
 * oversee. */
void rule_flow_size(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t f = 0; f < p->nflows; f++) {
		long n = 0;
		bool hangs_up = false;
		for (uint32_t i = 0; i < p->nsteps; i++) {
			bool own = p->steps[i].flow == f;
			n += own && p->steps[i].applet != DD_GOTO &&
			        p->steps[i].applet != DD_HANGUP;
			hangs_up |= own && p->steps[i].applet == DD_HANGUP;
		}
		n += hangs_up;
		if (n > c->now.settings[0] && p->flows[f].start < p->nsteps)
			check_step(c, p->flows[f].start,
			        "move a branch to a flow of its own and transfer to it",
			        "this flow has %ld applets, more than %ld", n, c->now.settings[0]);
	}
}

/* The fewest transfers behind which each flow is. */
void rule_transfer_depth(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	uint32_t *depth = dd_alloc((p->nflows + 1) * sizeof *depth);
	memset(depth, 0xFF, (p->nflows + 1) * sizeof *depth);
	depth[0] = 0;
	for (bool more = true; more;) {
		more = false;
		for (uint32_t i = 0; i < p->nsteps; i++) {
			const struct dd_step *s = &p->steps[i];
			if (s->applet != DD_TRANSFER || depth[s->flow] == UINT32_MAX ||
			        depth[s->target] <= depth[s->flow] + 1)
				continue;
			depth[s->target] = depth[s->flow] + 1;
			more = true;
		}
	}
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet == DD_TRANSFER && depth[s->flow] != UINT32_MAX &&
		        (long)depth[s->flow] + 1 > c->now.settings[0] &&
		        depth[s->target] == depth[s->flow] + 1)
			check_step(c, i, "go on in this flow",
			        "this is transfer number %u on the way, more than %ld",
			        depth[s->flow] + 1, c->now.settings[0]);
	}
	dd_free(depth);
}
