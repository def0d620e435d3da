/* What is known of the steps of a flow and the ways between them. Flows may have 100,000 steps in a
 * row: nothing here recurs. */
#include <stdlib.h>

#include "base/arena.h"
#include "base/duration.h"
#include "report/graphing.h"

enum { SHARED = 4, LABELS = 24 };

static size_t *first_edges(const struct dd_program *p, const struct dd_edge *edges, size_t n)
{
	size_t *first = dd_alloc((p->nsteps + 2) * sizeof *first), k = 0;
	for (uint32_t i = 0; i <= p->nsteps; i++) {
		while (k < n && edges[k].from < i)
			k++;
		first[i] = k;
	}
	return first;
}

static size_t *first_findings(const struct dd_graph *g)
{
	size_t *first = dd_alloc((g->program->nsteps + 2) * sizeof *first), k = 0;
	for (uint32_t i = 0; i <= g->program->nsteps; i++) {
		while (k < g->nfindings && g->findings[k].step < i)
			k++;
		first[i] = k;
	}
	return first;
}

/* What the key of an edge means. */
static unsigned char flags_of(const struct dd_program *p, const struct dd_edge *e)
{
	const struct dd_step *s = &p->steps[e->from];
	for (uint32_t k = 0; s->applet == DD_IVR && k < s->ivr.nkeys; k++) {
		const struct dd_key *key = &p->keys[s->ivr.first_key + k];
		if (e->label.p == &key->key)
			return (unsigned char)((key->goal ? GRAPH_GOAL : 0) |
			        (key->opt_out ? GRAPH_OPT_OUT : 0));
	}
	return 0;
}

/* A step is behind a goal when its last way in that was not known to be is found to be. */
static void find_behind(struct graph_facts *f, unsigned char flag)
{
	uint32_t n = f->p->nsteps, *open = dd_alloc((n + 1) * sizeof *open),
	         *queue = dd_alloc((n + 1) * sizeof *queue);
	size_t head = 0, tail = 0;
	for (size_t i = 0; i < f->nedges; i++)
		open[f->edges[i].to < n ? f->edges[i].to : n]++;
	if (f->p->flows[0].start < n)
		open[f->p->flows[0].start]++;
	for (size_t i = 0; i < f->nedges; i++)
		if ((f->flags[i] & flag) && f->edges[i].to < n && --open[f->edges[i].to] == 0)
			queue[tail++] = f->edges[i].to;
	while (head < tail) {
		uint32_t step = queue[head++];
		f->behind[step] |= flag;
		for (size_t i = f->first[step]; i < f->first[step + 1]; i++)
			if (!(f->flags[i] & flag) && f->edges[i].to < n &&
			        --open[f->edges[i].to] == 0)
				queue[tail++] = f->edges[i].to;
	}
	dd_free(open);
	dd_free(queue);
}

/* Depth first, as one reads: an edge that comes to a step first is drawn, the others jump; those
 * that do not jump back are counted. */
static void find_jumps(struct graph_facts *f, uint32_t root, size_t *next, uint32_t *stack,
        uint32_t *ways, bool *seen, bool *open)
{
	size_t depth = 0;
	if (root >= f->p->nsteps || seen[root])
		return;
	stack[depth++] = root;
	seen[root] = open[root] = true;
	while (depth) {
		uint32_t step = stack[depth - 1];
		size_t i = f->first[step] + next[step]++;
		if (i >= f->first[step + 1]) {
			open[step] = false;
			depth--;
			continue;
		}
		uint32_t to = f->edges[i].to;
		if (to >= f->p->nsteps)
			continue;
		f->jump[i] = seen[to];
		ways[to] += !open[to];
		if (!seen[to]) {
			seen[to] = open[to] = true;
			stack[depth++] = to;
		}
	}
}

static void find_shape(struct graph_facts *f)
{
	size_t n = f->p->nsteps, *next = dd_alloc((n + 1) * sizeof *next);
	uint32_t *stack = dd_alloc((n + 1) * sizeof *stack),
	         *ways = dd_alloc((n + 1) * sizeof *ways);
	bool *seen = dd_alloc(n + 1), *open = dd_alloc(n + 1);
	find_jumps(f, f->p->flows[0].start, next, stack, ways, seen, open);
	for (uint32_t i = 0; i < n; i++)
		find_jumps(f, i, next, stack, ways, seen, open);
	for (uint32_t i = 0; i < n; i++)
		f->shared[i] = ways[i] >= SHARED;
	dd_free(next);
	dd_free(stack);
	dd_free(ways);
	dd_free(seen);
	dd_free(open);
}

static void find_path(struct graph_facts *f)
{
	const struct dd_graph *g = f->g;
	for (size_t i = 0; i < g->npath; i++) {
		f->met[g->path[i]] = true;
		for (size_t e = f->first[g->path[i]];
		        i + 1 < g->npath && e < f->first[g->path[i] + 1]; e++)
			f->taken[e] |= f->edges[e].to == g->path[i + 1];
	}
}

void graph_facts_init(struct graph_facts *f, const struct dd_graph *g)
{
	const struct dd_program *p = g->program;
	*f = (struct graph_facts){.g = g, .p = p};
	f->edges = dd_flow_edges(p, &f->nedges);
	f->first = first_edges(p, f->edges, f->nedges);
	f->first_finding = first_findings(g);
	f->flags = dd_alloc(f->nedges + 1);
	f->taken = dd_alloc(f->nedges + 1);
	f->jump = dd_alloc(f->nedges + 1);
	f->behind = dd_alloc(p->nsteps + 1);
	f->met = dd_alloc(p->nsteps + 1);
	f->shared = dd_alloc(p->nsteps + 1);
	for (size_t i = 0; i < f->nedges; i++)
		f->flags[i] = flags_of(p, &f->edges[i]);
	find_behind(f, GRAPH_GOAL);
	find_behind(f, GRAPH_OPT_OUT);
	find_shape(f);
	find_path(f);
}

void graph_facts_fini(struct graph_facts *f)
{
	dd_free(f->edges);
	dd_free(f->first);
	dd_free(f->first_finding);
	dd_free(f->flags);
	dd_free(f->taken);
	dd_free(f->jump);
	dd_free(f->behind);
	dd_free(f->met);
	dd_free(f->shared);
}

static bool joined(const struct graph_facts *f, size_t a, size_t b)
{
	return f->edges[a].to == f->edges[b].to && f->flags[a] == f->flags[b];
}

bool graph_join(const struct graph_facts *f, size_t edge, struct dd_buf *label)
{
	uint32_t from = f->edges[edge].from;
	dd_buf_clear(label);
	for (size_t i = f->first[from]; i < edge; i++)
		if (joined(f, i, edge))
			return false;
	for (size_t i = edge; i < f->first[from + 1]; i++) {
		struct dd_str one = f->edges[i].label;
		size_t n = dd_width_fit(one, LABELS);
		if (!joined(f, i, edge) || one.n == 0)
			continue;
		dd_buf_str(label, label->n ? ", " : "");
		dd_buf_screen(label, (struct dd_str){one.p, n});
		dd_buf_str(label, n < one.n ? "…" : "");
	}
	return true;
}

bool graph_taken(const struct graph_facts *f, size_t edge)
{
	for (size_t i = edge; i < f->first[f->edges[edge].from + 1]; i++)
		if (joined(f, i, edge) && f->taken[i])
			return true;
	return false;
}

const char *graph_flag_name(unsigned flags)
{
	return flags & GRAPH_GOAL ? "goal" : flags & GRAPH_OPT_OUT ? "opt-out" : "";
}

/* -- texts ------------------------------------------------------------------ */

void graph_name(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	const struct dd_step *s = &f->p->steps[step];
	dd_buf_format(
	        out, "%u %s%s%s", s->line, dd_step_kind(s), s->id ? " " : "", s->id ? s->id : "");
}

/* Of the prompt whose length is told: the first of its step. */
static bool is_assumed(const struct dd_program *p, uint32_t step)
{
	uint32_t prompts[DD_STEP_PROMPTS_MAX];
	int n;
	dd_step_prompts(&p->steps[step], prompts, &n);
	return n > 0 && dd_prompt_assumed(p, prompts[0]);
}

void graph_length(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	const dd_ms *lengths = f->g->lengths;
	if (lengths && lengths[step] >= 0)
		dd_buf_format(out, "%s%s", dd_seconds(lengths[step]).p,
		        is_assumed(f->p, step) ? " assumed" : "");
}

void graph_words(const struct graph_facts *f, uint32_t step, size_t columns, struct dd_buf *out)
{
	struct dd_str words = f->g->words ? f->g->words[step] : (struct dd_str){"", 0};
	size_t n = dd_width_fit(words, columns);
	dd_buf_screen(out, (struct dd_str){words.p, n});
	dd_buf_str(out, n < words.n ? "…" : "");
}

void graph_finding(const struct dd_graph_finding *finding, struct dd_buf *out)
{
	static const char *const marks[] = {[DD_NOTE] = "i", [DD_WARNING] = "!", [DD_ERROR] = "✗"};
	dd_buf_format(out, "%s %s", marks[finding->severity], finding->rule);
	if (finding->times > 1)
		dd_buf_format(out, " ×%u", finding->times);
}
