/* Depth first over the walk, once: edges back to a state that is still open close a loop; without
   them the rest is a graph in which the longest, the number and the like are sums over what lies
   behind. */
#include "explore/explore.h"
#include "explore/witness.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "flow/windows.h"
#include "session/session.h"

enum { UNSEEN, OPEN, DONE };

/* What lies behind a state, back edges left aside. */
struct behind {
	uint8_t mark;
	bool ends; /* some way leads to an end */
	uint64_t paths;
	dd_ms least, most, silent,
	        deaf; /* time to an end; -1: none. deaf: until a key is taken or the call is over */
	uint32_t least_edge, most_edge, silent_edge;
	uint32_t low, order; /* Tarjan's */
	bool stacked;
};

struct analysis {
	struct dd_explored *x;
	const struct dd_walk *walk;
	struct behind *b;
	uint32_t *stack, nstack, order;
	uint64_t *back; /* bits: back edges */
};

static bool is_back(const struct analysis *a, uint32_t edge)
{
	return a->back[edge / 64] >> (edge % 64) & 1;
}

static uint64_t add_up(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

/* Nobody presses anything here. */
static bool is_silent(const struct dd_walk_edge *e)
{
	return e->choice.kind != DD_CH_KEY && e->choice.kind != DD_CH_HANG_UP;
}

/* A customer can press a key, or speaks to somebody. */
static bool is_taken_up(const struct dd_walk_state *s)
{
	return s->listens || s->engaged;
}

static void sum_up(struct analysis *a, uint32_t i)
{
	const struct dd_walk_state *s = &a->walk->states[i];
	struct behind *b = &a->b[i];
	b->least = b->most = b->silent = -1;
	b->least_edge = b->most_edge = b->silent_edge = DD_NONE;
	if (s->over) {
		b->paths = 1;
		b->least = b->most = b->silent = 0;
		b->ends = true;
		return;
	}
	for (uint32_t k = s->first; k < s->first + s->n; k++) {
		const struct dd_walk_edge *e = &a->walk->edges[k];
		if (e->to == DD_NONE || is_back(a, k))
			continue;
		const struct behind *n = &a->b[e->to];
		dd_ms deaf = is_taken_up(s)
		        ? 0
		        : e->ms + (is_taken_up(&a->walk->states[e->to]) ? 0 : n->deaf);
		b->paths = add_up(b->paths, n->paths);
		b->ends |= n->ends;
		b->deaf = deaf > b->deaf ? deaf : b->deaf;
		if (n->least >= 0 && (b->least < 0 || e->ms + n->least < b->least))
			b->least = e->ms + n->least, b->least_edge = k;
		if (n->most >= 0 && e->ms + n->most > b->most)
			b->most = e->ms + n->most, b->most_edge = k;
		if (is_silent(e) && n->silent >= 0 && e->ms + n->silent > b->silent)
			b->silent = e->ms + n->silent, b->silent_edge = k;
	}
}

/* -- loops ------------------------------------------------------------------ */

static int by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

struct frame {
	uint32_t state, edge;
};

/* What may happen without anybody pressing a key. */
enum { NOBODY = 1, FAILURE = 2, ANSWER = 4 };

static int kind_of(const struct dd_walk_edge *e)
{
	switch (e->choice.kind) {
	case DD_CH_LISTEN:
	case DD_CH_HOURS:
	case DD_CH_HUSH:
	case DD_CH_WAIT: return NOBODY;
	case DD_CH_PARTY: return e->choice.reply == DD_PARTY_ANSWERED ? ANSWER : FAILURE;
	case DD_CH_PART: return ANSWER;
	case DD_CH_REPLY:
		return e->choice.reply == DD_EXIT_ERROR || e->choice.reply == DD_EXIT_TIMEOUT
		        ? FAILURE
		        : ANSWER;
	default: return 0;
	}
}

/* The step of a server that is asked on the circle from `to` to the last of the frames; DD_NONE:
 * none is. */
static uint32_t server_on(
        const struct analysis *a, const struct frame *frames, uint32_t n, uint32_t to)
{
	for (uint32_t i = n; i-- > 0;) {
		const struct dd_walk_edge *e = &a->walk->edges[frames[i].edge - 1];
		if (kind_of(e) & (FAILURE | ANSWER))
			return e->choice.step;
		if (frames[i].state == to)
			break;
	}
	return DD_NONE;
}

/* Whether a call can go round among the states that are `inside`, from `start` on, by what `kinds`
   allows; `back` asks for a circle through `start` itself. `mark` is of all states and kept between
   calls. */
static bool goes_round(const struct analysis *a, const bool *inside, uint32_t start, int kinds,
        bool back, uint8_t *mark, uint32_t *server)
{
	struct frame *frames = NULL;
	uint32_t n = 0, cap = 0;
	bool found = false;
	if (mark[start] != UNSEEN)
		return false;
	mark[start] = OPEN;
	DD_PUSH(frames, n, cap) = (struct frame){start, a->walk->states[start].first};
	while (n && !found) {
		struct frame *f = &frames[n - 1];
		const struct dd_walk_state *s = &a->walk->states[f->state];
		if (f->edge == s->first + s->n) {
			mark[f->state] = DONE;
			n--;
			continue;
		}
		const struct dd_walk_edge *e = &a->walk->edges[f->edge++];
		if (e->to == DD_NONE || !inside[e->to] || !(kind_of(e) & kinds))
			continue;
		if (mark[e->to] == OPEN && (!back || e->to == start)) {
			*server = server_on(a, frames, n, e->to);
			found = true;
		} else if (mark[e->to] == UNSEEN) {
			mark[e->to] = OPEN;
			DD_PUSH(frames, n, cap) =
			        (struct frame){e->to, a->walk->states[e->to].first};
		}
	}
	dd_free(frames);
	return found;
}

/* Whether nobody decides that a call stays in this loop: silence keeps it there, whatever servers
   answer, or servers that fail do. A server that says "not yet" decides it, and may say otherwise
   the next time. */
static void find_deciders(const struct analysis *a, const uint32_t *members, size_t n,
        const bool *inside, struct dd_loop *loop)
{
	enum { MENUS_MAX = 32 }; /* each costs a walk through the loop */
	uint8_t *mark = dd_alloc(a->walk->nstates + 1);
	size_t menus = 0;
	loop->server = DD_NONE;
	for (size_t i = 0; i < n && !loop->silent; i++)
		loop->silent =
		        goes_round(a, inside, members[i], NOBODY, false, mark, &loop->server);
	for (size_t i = 0; i < n && !loop->silent && menus < MENUS_MAX; i++) {
		if (!a->walk->states[members[i]].waits)
			continue;
		menus++;
		memset(mark, UNSEEN, a->walk->nstates + 1);
		loop->silent = goes_round(
		        a, inside, members[i], NOBODY | ANSWER, true, mark, &loop->server);
	}
	memset(mark, UNSEEN, a->walk->nstates + 1);
	for (size_t i = 0; i < n && !loop->silent && !loop->failing; i++)
		loop->failing = goes_round(
		        a, inside, members[i], NOBODY | FAILURE, false, mark, &loop->server);
	bool told = loop->silent || loop->failing;
	memset(mark, UNSEEN, a->walk->nstates + 1);
	for (size_t i = 0; i < n && !told; i++)
		told = goes_round(a, inside, members[i], NOBODY | FAILURE | ANSWER, false, mark,
		        &loop->server);
	dd_free(mark);
}

/* States that reach each other are one loop; `members` stand on top of the stack. */
static void note_loop(struct analysis *a, const uint32_t *members, size_t n)
{
	struct dd_explored *x = a->x;
	bool round = false, out = false;
	bool *inside = dd_alloc(a->walk->nstates);
	for (size_t i = 0; i < n; i++)
		inside[members[i]] = true;
	for (size_t i = 0; i < n; i++) {
		const struct dd_walk_state *s = &a->walk->states[members[i]];
		for (uint32_t k = s->first; k < s->first + s->n; k++) {
			const struct dd_walk_edge *e = &a->walk->edges[k];
			if (e->to == DD_NONE || !inside[e->to])
				out |= e->to == DD_NONE || a->b[e->to].ends;
			else
				round = true;
		}
	}
	if (round) {
		struct dd_loop loop = {.no_exit = !out};
		find_deciders(a, members, n, inside, &loop);
		loop.steps = dd_arena_alloc(x->arena, (n + 1) * sizeof *loop.steps);
		for (size_t i = 0; i < n; i++)
			loop.steps[loop.nsteps++] = a->walk->states[members[i]].step;
		qsort(loop.steps, loop.nsteps, sizeof *loop.steps, by_number);
		size_t kept = 0;
		for (size_t i = 0; i < loop.nsteps; i++)
			if (kept == 0 || loop.steps[kept - 1] != loop.steps[i])
				loop.steps[kept++] = loop.steps[i];
		loop.nsteps = kept;
		DD_PUSH(x->loops, x->nloops, x->cap_loops) = loop;
	}
	dd_free(inside);
}

/* States that lead to each other in a circle are a loop of the flow. They are found by Tarjan's
   strongly connected components (R. Tarjan, 1972), in one depth-first pass.

   Each state gets a number in the order in which the pass comes to it (`order`), and is put on a
   stack. `low` is the smallest number of a state on the stack that can be reached from it, through
   the states that the pass went to from there. When all edges of a state have been followed, its
   `low` is final: if it is still its own number, nothing reached from here leads back to an earlier
   state, and so the state and everything above it on the stack is one component, which is taken
   off. A component of one state is a loop only if an edge leads from it to itself.

   The pass keeps its own list of frames in place of recursion, since a walk may be a hundred
   thousand states deep. An edge to a state that is still open (on the way from the start to here)
   closes a circle and is noted in `back`: without those edges the rest has no circles, and sum_up()
   can add up what lies behind each state, since it is called when all states behind it are done. */
static void find_loops(struct analysis *a)
{
	struct frame *frames = NULL;
	uint32_t n = 0, cap = 0;
	DD_PUSH(frames, n, cap) = (struct frame){0, a->walk->states[0].first};
	a->b[0] = (struct behind){.mark = OPEN, .stacked = true, .low = 0, .order = a->order++};
	a->stack[a->nstack++] = 0;
	while (n) {
		struct frame *f = &frames[n - 1];
		const struct dd_walk_state *s = &a->walk->states[f->state];
		struct behind *b = &a->b[f->state];
		if (f->edge < s->first + s->n) {
			uint32_t k = f->edge++, to = a->walk->edges[k].to;
			if (to == DD_NONE)
				continue;
			if (a->b[to].mark == UNSEEN) {
				a->b[to] = (struct behind){.mark = OPEN,
				        .stacked = true,
				        .low = a->order,
				        .order = a->order};
				a->order++;
				a->stack[a->nstack++] = to;
				DD_PUSH(frames, n, cap) =
				        (struct frame){to, a->walk->states[to].first};
			} else {
				if (a->b[to].mark == OPEN)
					a->back[k / 64] |= UINT64_C(1) << (k % 64);
				if (a->b[to].stacked && a->b[to].order < b->low)
					b->low = a->b[to].order;
			}
			continue;
		}
		sum_up(a, f->state);
		b->mark = DONE;
		if (b->low == b->order) {
			uint32_t from = a->nstack;
			while (a->stack[from - 1] != f->state)
				from--;
			from--;
			for (uint32_t i = from; i < a->nstack; i++)
				a->b[a->stack[i]].stacked = false;
			uint32_t size = a->nstack - from;
			bool self = false;
			for (uint32_t k = s->first; k < s->first + s->n; k++)
				self |= a->walk->edges[k].to == f->state;
			if (size > 1 || self)
				note_loop(a, a->stack + from, size);
			a->nstack = from;
		}
		uint32_t low = b->low;
		n--;
		if (n && low < a->b[frames[n - 1].state].low)
			a->b[frames[n - 1].state].low = low;
	}
	dd_free(frames);
}

/* -- paths ------------------------------------------------------------------ */

static void finish_path(const struct dd_walk *walk, struct dd_path *p)
{
	p->ms = 0;
	for (size_t i = 0; i < p->n; i++)
		p->ms += walk->edges[p->edges[i]].ms;
	uint32_t end = p->n ? walk->edges[p->edges[p->n - 1]].to : 0;
	p->ended_by = end == DD_NONE ? DD_ENDED_NOT_YET : walk->states[end].ended_by;
	p->step = end == DD_NONE ? DD_NONE : walk->states[end].step;
}

/* Follows the edge that each state names. */
static struct dd_path follow(const struct analysis *a, size_t offset)
{
	struct dd_path p = {0};
	size_t cap = 0;
	uint32_t *edges = NULL, at = 0;
	for (;;) {
		uint32_t edge;
		memcpy(&edge, (const char *)&a->b[at] + offset, sizeof edge);
		if (edge == DD_NONE)
			break;
		DD_PUSH(edges, p.n, cap) = edge;
		at = a->walk->edges[edge].to;
	}
	p.edges = dd_arena_alloc(a->x->arena, (p.n + 1) * sizeof *p.edges);
	if (p.n)
		memcpy(p.edges, edges, p.n * sizeof *edges);
	dd_free(edges);
	finish_path(a->walk, &p);
	return p;
}

/* How far each state is from the answer, on the way by which it was found first: that of the fewest
 * choices. */
struct far {
	size_t choices;
	dd_ms ms;
};

static void note_endings(struct dd_explored *x)
{
	enum { ENDS = DD_ENDED_NOT_ANSWERED + 1 };
	const struct dd_walk *walk = x->walk;
	struct far *far = dd_alloc((walk->nstates + 1) * sizeof *far);
	uint32_t *known = dd_alloc(((size_t)x->program->nsteps + 1) * ENDS * sizeof *known);
	for (uint32_t i = 0; i < walk->nstates; i++) {
		const struct dd_walk_state *s = &walk->states[i];
		if (s->via != DD_NONE) { /* a state that was found before this one */
			const struct dd_walk_edge *e = &walk->edges[s->via];
			far[i] = (struct far){far[e->from].choices + 1, far[e->from].ms + e->ms};
		}
		if (!s->over)
			continue;
		size_t step = s->step == DD_NONE ? x->program->nsteps : s->step;
		uint32_t *place = &known[step * ENDS + s->ended_by];
		if (*place) {
			x->endings[*place - 1].states++;
			continue;
		}
		DD_PUSH(x->endings, x->nendings, x->cap_endings) =
		        (struct dd_ending){.ended_by = s->ended_by,
		                .step = s->step,
		                .states = 1,
		                .edge = s->via,
		                .choices = far[i].choices,
		                .ms = far[i].ms};
		*place = (uint32_t)x->nendings;
	}
	dd_free(known);
	dd_free(far);
}

struct dd_path dd_explore_ending(const struct dd_explored *x, const struct dd_ending *ending)
{
	struct dd_path p = {0};
	p.edges = dd_walk_way(x->walk, ending->edge, &p.n);
	finish_path(x->walk, &p);
	return p;
}

static void on_edge(void *self, uint32_t edge, enum dd_event_type event,
        const struct dd_effects *fx, uint32_t playing, uint32_t playing_step, uint32_t leaves)
{
	struct dd_explored *x = self;
	(void)edge;
	x->seen->playing = playing;
	x->seen->playing_step = playing_step;
	if (event == DD_EV_HANG_UP)
		x->seen->busy = leaves, x->seen->busy_step = fx->n ? fx->list[0].step : 0;
	dd_counts_take(x->seen, event, fx);
}

void dd_setup_complete(const struct dd_program *p, struct dd_arena *arena, struct dd_setup *setup)
{
	size_t given = setup->nvariables, n = given;
	const char **names = dd_arena_alloc(arena, (given + p->nslots + 1) * sizeof *names);
	const char **values = dd_arena_alloc(arena, (given + p->nslots + 1) * sizeof *values);
	for (size_t i = 0; i < given; i++) {
		names[i] = setup->names[i];
		values[i] = setup->values[i];
	}
	for (uint32_t i = 0; i < p->nslots; i++) {
		bool known = !p->slots[i].variable || p->slots[i].example.p;
		for (size_t k = 0; k < given && !known; k++)
			known = strcmp(names[k], p->slots[i].name) == 0;
		if (known)
			continue;
		names[n] = p->slots[i].name;
		values[n++] = "1234";
	}
	setup->names = names;
	setup->values = values;
	setup->nvariables = n;
}

/* A variable is given to each call: what other values of it lead to can happen, too. */
static void see_other_values(struct dd_explored *x, const struct dd_walk_options *options)
{
	size_t n;
	struct dd_setup *setups = dd_other_setups(x->program, x->arena, options->setup, &n);
	for (size_t i = 0; i < n; i++) {
		struct dd_walk_options o = *options;
		o.setup = &setups[i];
		o.tts = (struct dd_tts){0};
		struct dd_walk *walk = dd_walk_new(x->program, &o);
		x->walk->complete &= walk->complete;
		dd_walk_free(walk);
	}
	dd_free(setups);
}

struct dd_explored *dd_explore(const struct dd_program *program, const struct dd_ways *ways,
        const struct dd_setup *setup, struct dd_tts tts, uint32_t max_states)
{
	struct dd_explored *x = dd_alloc(sizeof *x);
	x->program = program;
	x->arena = dd_arena_new();
	x->seen = dd_counts_new(ways);
	x->deaf_step = DD_NONE;
	struct dd_walk_options o = {.setup = setup,
	        .tts = tts,
	        .max_states = max_states ? max_states : 1,
	        .self = x,
	        .hours_by_clock = setup->clock_given,
	        .took = on_edge};
	x->walk = dd_walk_new(program, &o);
	see_other_values(x, &o);
	struct analysis a = {.x = x, .walk = x->walk};
	a.b = dd_alloc(x->walk->nstates * sizeof *a.b);
	a.stack = dd_alloc(x->walk->nstates * sizeof *a.stack);
	a.back = dd_alloc((x->walk->nedges / 64 + 1) * sizeof *a.back);
	find_loops(&a);
	x->paths = a.b[0].paths;
	x->shortest = follow(&a, offsetof(struct behind, least_edge));
	x->longest = follow(&a, offsetof(struct behind, most_edge));
	x->silent = follow(&a, offsetof(struct behind, silent_edge));
	for (uint32_t i = 0; i < x->walk->nstates; i++) {
		if (x->walk->states[i].over || is_taken_up(&x->walk->states[i]) ||
		        a.b[i].deaf <= x->deaf_ms)
			continue;
		x->deaf_ms = a.b[i].deaf;
		x->deaf_step = x->walk->states[i].step;
	}
	note_endings(x);
	dd_free(a.b);
	dd_free(a.stack);
	dd_free(a.back);
	return x;
}

void dd_explored_free(struct dd_explored *x)
{
	if (!x)
		return;
	dd_walk_free(x->walk);
	dd_counts_free(x->seen);
	dd_free(x->endings);
	dd_free(x->loops);
	dd_arena_free(x->arena);
	dd_free(x);
}

/* Whether some end can be come to from a state without one of the `open` states. */
struct outlook {
	uint32_t *stack, *seen, round; /* seen: the last round in which a state was met */
};

static bool can_end(const struct dd_walk *walk, struct outlook *o, const bool *open, uint32_t from)
{
	uint32_t n = 0;
	o->seen[from] = ++o->round;
	o->stack[n++] = from;
	while (n) {
		const struct dd_walk_state *s = &walk->states[o->stack[--n]];
		if (s->over)
			return true;
		for (uint32_t k = s->first; k < s->first + s->n; k++) {
			uint32_t to = walk->edges[k].to;
			if (to == DD_NONE || open[to] || o->seen[to] == o->round)
				continue;
			o->seen[to] = o->round;
			o->stack[n++] = to;
		}
	}
	return false;
}

/* Depth first, over the ways that come to no state twice. Where menus lead back to each other there
   are more ways into a part without an end than anybody has time for. So when far more states were
   entered since the last path than there are, each further one is first asked whether an end can
   still be come to from it; it seldom is, and without need this would make long flows slow. */
void dd_explore_paths(const struct dd_explored *x,
        bool (*each)(void *self, const struct dd_path *path), void *self)
{
	enum { PATIENCE = 4 };
	const struct dd_walk *walk = x->walk;
	struct frame *frames = NULL;
	uint32_t n = 0, cap = 0;
	bool *open = dd_alloc(walk->nstates + 1), more = true;
	uint32_t *edges = dd_alloc((walk->nstates + 1) * sizeof *edges);
	struct outlook look = {.stack = dd_alloc((walk->nstates + 1) * sizeof *look.stack),
	        .seen = dd_alloc((walk->nstates + 1) * sizeof *look.seen)};
	uint64_t entered = 0; /* since the last path */
	DD_PUSH(frames, n, cap) = (struct frame){0, walk->states[0].first};
	open[0] = true;
	if (walk->states[0].over) {
		struct dd_path p = {edges, 0, 0, walk->states[0].ended_by, walk->states[0].step};
		more = each(self, &p);
	}
	while (n && more) {
		struct frame *f = &frames[n - 1];
		const struct dd_walk_state *s = &walk->states[f->state];
		if (f->edge == s->first + s->n) {
			open[f->state] = false;
			n--;
			continue;
		}
		uint32_t k = f->edge++, to = walk->edges[k].to;
		if (to == DD_NONE || open[to])
			continue;
		edges[n - 1] = k;
		if (walk->states[to].over) {
			struct dd_path p = {.edges = edges, .n = n};
			finish_path(walk, &p);
			more = each(self, &p);
			entered = 0;
			continue;
		}
		if (entered++ > (uint64_t)walk->nstates * PATIENCE &&
		        !can_end(walk, &look, open, to))
			continue;
		open[to] = true;
		DD_PUSH(frames, n, cap) = (struct frame){to, walk->states[to].first};
	}
	dd_free(frames);
	dd_free(open);
	dd_free(edges);
	dd_free(look.stack);
	dd_free(look.seen);
}

/* -- arguments -------------------------------------------------------------- */

struct dd_str dd_reply_name(const struct dd_program *p, uint32_t step, uint32_t reply)
{
	static const char *const names[DD_EXITS_COUNT] = {"200", "302", "error", "timeout", "2xx"};
	return reply < 16 ? dd_str(names[reply])
	                  : p->routes[p->steps[step].passthru.first_route + reply - 16].body;
}

/* Items for --keys: what each wait of a menu gets. False where a key is pressed during a prompt. */
static bool keys_of(const struct dd_walk *walk, const struct dd_path *path, struct dd_buf *out)
{
	size_t last = 0; /* the end of the last item that is no wait */
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_walk_edge *e = &walk->edges[path->edges[i]];
		bool waits = walk->states[e->from].waits;
		bool records = e->choice.step != DD_NONE &&
		        walk->program->steps[e->choice.step].applet == DD_RECORD;
		if (e->choice.kind == DD_CH_KEY && (e->choice.playing || records))
			return false;
		if (waits && out->n)
			dd_buf_char(out, ',');
		if (e->choice.kind == DD_CH_KEY)
			dd_buf_char(out, e->choice.key), last = out->n;
		else if (waits)
			dd_buf_char(out, '-');
	}
	out->n = last;
	return true;
}

static void presses_of(const struct dd_walk *walk, const struct dd_path *path, struct dd_buf *out)
{
	dd_ms at = 0;
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_walk_edge *e = &walk->edges[path->edges[i]];
		at += e->ms;
		if (e->choice.kind == DD_CH_KEY)
			dd_buf_format(
			        out, "%s%lld:%c", out->n ? "," : "", (long long)at, e->choice.key);
	}
}

/* Whether the flow's own stub gives this answer, the `nth` of the step. */
static bool is_own_answer(const struct dd_program *p, const struct dd_choice *c, uint32_t nth)
{
	const struct dd_passthru *pass = &p->steps[c->step].passthru;
	if (pass->nstubs == 0)
		return false;
	const struct dd_stub *own =
	        &p->stubs[pass->first_stub + (nth < pass->nstubs ? nth : pass->nstubs - 1)];
	if (c->variant)
		return false;
	struct dd_stub wanted = dd_stub_for(p, c->step, c->reply);
	return own->status == wanted.status && own->delay == wanted.delay &&
	        dd_str_same(own->body, wanted.body) &&
	        (own->error ? wanted.error && strcmp(own->error, wanted.error) == 0
	                    : !wanted.error);
}

/* "busy", or "busy@4s" where ringing is given up before anybody usually answers. */
static void party_of(const struct dd_step *s, const struct dd_choice *c, struct dd_buf *out)
{
	dd_ms ring = dd_party_ring_ms(&s->connect);
	dd_buf_str(out, dd_party_name((enum dd_party)c->reply));
	if (c->reply != DD_PARTY_NO_ANSWER && ring < DD_PARTY_RING_MS)
		dd_buf_format(out, "@%lldms", (long long)ring);
}

/* " --connect 'agent=busy,answered'": what came of each ringing of a step. */
static void parties_of(const struct dd_explored *x, const struct dd_path *path, struct dd_buf *out)
{
	const struct dd_walk *walk = x->walk;
	bool *told = dd_alloc(x->program->nsteps + 1), verbs = false;
	for (size_t i = 0; i < path->n; i++) { /* of an application: --dial, in turn */
		const struct dd_choice *c = &walk->edges[path->edges[i]].choice;
		if (c->kind != DD_CH_PARTY || !x->program->steps[c->step].verb)
			continue;
		dd_buf_str(out, verbs ? "," : " --dial ");
		party_of(&x->program->steps[c->step], c, out);
		verbs = told[c->step] = true;
	}
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_choice *c = &walk->edges[path->edges[i]].choice;
		if (c->kind != DD_CH_PARTY || told[c->step])
			continue;
		const struct dd_step *s = &x->program->steps[c->step];
		told[c->step] = true;
		if (s->id)
			dd_buf_format(out, " --connect '%s=", s->id);
		else
			dd_buf_format(out, " --connect 'line-%u=", s->line);
		bool first = true;
		for (size_t k = i; k < path->n; k++) {
			const struct dd_choice *d = &walk->edges[path->edges[k]].choice;
			if (d->kind != DD_CH_PARTY || d->step != c->step)
				continue;
			dd_buf_str(out, first ? "" : ",");
			party_of(s, d, out);
			first = false;
		}
		dd_buf_char(out, '\'');
	}
	dd_free(told);
}

/* " --speak 5s,0s": how long the customer speaks to each recording. */
static void speeches_of(const struct dd_explored *x, const struct dd_path *path, struct dd_buf *out)
{
	const struct dd_walk *walk = x->walk;
	struct dd_buf all = {0};
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_walk_edge *e = &walk->edges[path->edges[i]];
		const struct dd_step *s =
		        e->choice.step == DD_NONE ? NULL : &x->program->steps[e->choice.step];
		if (!s || s->applet != DD_RECORD || e->choice.playing)
			continue;
		dd_ms ms = -1;
		if (e->choice.kind == DD_CH_SPEAK) {
			const struct dd_walk_edge *next =
			        i + 1 < path->n ? &walk->edges[path->edges[i + 1]] : NULL;
			ms = next && next->choice.kind == DD_CH_HUSH ? next->ms : s->record.max;
		} else if (e->choice.kind == DD_CH_WAIT && e->ms != DD_BEEP_MS &&
		        !(i && walk->edges[path->edges[i - 1]].choice.step == e->choice.step &&
		                walk->edges[path->edges[i - 1]].choice.kind >= DD_CH_SPEAK)) {
			ms = 0;
		}
		if (ms >= 0)
			dd_buf_format(&all, "%s%lldms", all.n ? "," : "", (long long)ms);
	}
	if (all.n)
		dd_buf_format(out, " --speak %s", all.p);
	dd_buf_free(&all);
}

bool dd_path_moment(const struct dd_program *p, const struct dd_choice *choices, size_t n,
        int64_t starts, int64_t *moment)
{
	uint32_t known = 0, open = 0;
	for (size_t i = 0; i < n; i++) {
		if (choices[i].kind != DD_CH_HOURS)
			continue;
		uint32_t bit = UINT32_C(1) << dd_window_of(p, choices[i].step);
		known |= bit;
		open |= choices[i].reply ? bit : 0;
	}
	return known && dd_window_moment(p, known, open, starts, moment);
}

static void clock_of(const struct dd_explored *x, const struct dd_path *path, struct dd_buf *out)
{
	struct dd_choice *all = dd_alloc((path->n + 1) * sizeof *all);
	int64_t at;
	char text[26];
	for (size_t i = 0; i < path->n; i++)
		all[i] = x->walk->edges[path->edges[i]].choice;
	if (dd_path_moment(x->program, all, path->n, DD_STARTS_UNIX_MS, &at) &&
	        at != DD_STARTS_UNIX_MS) {
		dd_time_rfc3339(at, text);
		dd_buf_format(out, " --at %s", text);
	}
	dd_free(all);
}

static void replies_of(const struct dd_explored *x, const struct dd_path *path, struct dd_buf *out)
{
	const struct dd_walk *walk = x->walk;
	uint32_t *asked = dd_alloc((x->program->nsteps + 1) * sizeof *asked);
	bool *foreign = dd_alloc(x->program->nsteps + 1), *told = dd_alloc(x->program->nsteps + 1);
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_choice *c = &walk->edges[path->edges[i]].choice;
		if (c->kind == DD_CH_REPLY && !is_own_answer(x->program, c, asked[c->step]++))
			foreign[c->step] = true;
	}
	for (size_t i = 0; i < path->n; i++) {
		const struct dd_choice *c = &walk->edges[path->edges[i]].choice;
		if (c->kind != DD_CH_REPLY || !foreign[c->step] || told[c->step])
			continue;
		const struct dd_step *s = &x->program->steps[c->step];
		told[c->step] = true;
		if (s->id)
			dd_buf_format(out, " --reply '%s=", s->id);
		else
			dd_buf_format(out, " --reply 'line-%u=", s->line);
		bool first = true;
		for (size_t k = i; k < path->n; k++) {
			const struct dd_choice *d = &walk->edges[path->edges[k]].choice;
			if (d->kind != DD_CH_REPLY || d->step != c->step)
				continue;
			struct dd_str name = d->variant
			        ? dd_stub_of_choice(x->program, d, x->arena).body
			        : dd_reply_name(x->program, d->step, d->reply);
			dd_buf_str(out, first ? "" : ",");
			for (size_t b = 0; b < name.n; b++)
				dd_buf_add(out, name.p[b] == '\'' ? "'\\''" : &name.p[b],
				        name.p[b] == '\'' ? 4 : 1);
			first = false;
		}
		dd_buf_char(out, '\'');
	}
	dd_free(asked);
	dd_free(foreign);
	dd_free(told);
}

void dd_path_arguments(const struct dd_explored *x, const struct dd_path *path, struct dd_buf *out)
{
	struct dd_buf keys = {0}, presses = {0}, replies = {0};
	if (keys_of(x->walk, path, &keys)) {
		if (keys.n)
			dd_buf_format(out, "--keys '%.*s'", (int)keys.n, keys.p);
	} else {
		presses_of(x->walk, path, &presses);
		dd_buf_format(out, "--press %s", presses.p);
	}
	replies_of(x, path, &replies);
	parties_of(x, path, &replies);
	speeches_of(x, path, &replies);
	clock_of(x, path, &replies);
	if (replies.n)
		dd_buf_str(out, out->n ? replies.p : replies.p + 1);
	dd_buf_free(&keys);
	dd_buf_free(&presses);
	dd_buf_free(&replies);
}
