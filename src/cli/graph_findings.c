/* What drydial check says, put on the steps that it is about. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "check/check.h"
#include "cli/graphing.h"

enum { STATES_MAX = 50000 };

/* The step whose text stands last before a place, or at it. */
struct nearest {
	const struct dd_program *p;
	const struct dd_diag *diag;
	uint32_t step, start;
};

static void offer(struct nearest *n, uint32_t step, struct dd_span span)
{
	if (span.start > n->diag->span.start || (n->step != DD_NONE && span.start < n->start))
		return;
	n->step = step;
	n->start = span.start;
}

static void offer_prompt(struct nearest *n, uint32_t step, uint32_t prompt)
{
	for (uint32_t i = 0; prompt != DD_NONE && i < n->p->prompts[prompt].n; i++)
		offer(n, step, n->p->segments[n->p->prompts[prompt].first + i].span);
}

/* Keys, routes and prompts count for their step: a menu goes on behind the steps of its first key.
 */
static void offer_step(struct nearest *n, uint32_t i)
{
	const struct dd_step *s = &n->p->steps[i];
	offer(n, i, s->span);
	switch (s->applet) {
	case DD_GREETING: offer_prompt(n, i, s->greeting.prompt); break;
	case DD_IVR:
		for (uint32_t k = 0; k < s->ivr.nkeys; k++)
			offer(n, i, n->p->keys[s->ivr.first_key + k].span);
		offer_prompt(n, i, s->ivr.prompt);
		offer_prompt(n, i, s->ivr.invalid);
		offer_prompt(n, i, s->ivr.silence);
		break;
	case DD_PASSTHRU:
		for (uint32_t r = 0; r < s->passthru.nroutes; r++)
			offer(n, i, n->p->routes[s->passthru.first_route + r].span);
		offer_prompt(n, i, s->passthru.hold);
		break;
	case DD_BRANCH:
		for (uint32_t c = 0; c < s->branch.ncases; c++)
			offer(n, i, n->p->cases[s->branch.first_case + c].span);
		break;
	case DD_CONNECT: offer_prompt(n, i, s->connect.ring); break;
	case DD_RECORD: offer_prompt(n, i, s->record.prompt); break;
	default: break;
	}
}

static uint32_t step_of(const struct dd_program *p, const struct dd_diag *d)
{
	struct nearest n = {p, d, DD_NONE, 0};
	for (uint32_t i = 0; d->source && i < p->nsteps; i++)
		if (p->flows[p->steps[i].flow].source == d->source)
			offer_step(&n, i);
	return n.step;
}

static int by_step(const void *a, const void *b)
{
	const struct dd_graph_finding *x = a, *y = b;
	if (x->step != y->step)
		return x->step < y->step ? -1 : 1;
	if (x->severity != y->severity)
		return x->severity > y->severity ? -1 : 1;
	return strcmp(x->rule, y->rule);
}

struct dd_graph_finding *dd_cli_graph_findings(
        const struct dd_program *p, struct dd_tts tts, struct dd_arena *arena, size_t *n)
{
	struct dd_check_options options = {.tts = tts, .max_states = STATES_MAX};
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	dd_cli_check_voices(p, &diags, false);
	if (!diags.errors) /* nothing can be measured in a voice that nobody speaks */
		dd_check(p, &options, &diags);
	struct dd_graph_finding *list = dd_arena_alloc(arena, (diags.n + 1) * sizeof *list);
	for (size_t i = 0; i < diags.n; i++)
		list[i] = (struct dd_graph_finding){step_of(p, &diags.items[i]),
		        diags.items[i].severity, diags.items[i].code, 1};
	qsort(list, diags.n, sizeof *list, by_step);
	*n = 0;
	for (size_t i = 0; i < diags.n; i++) {
		if (*n && by_step(&list[*n - 1], &list[i]) == 0)
			list[*n - 1].times++;
		else
			list[(*n)++] = list[i];
	}
	dd_diags_fini(&diags);
	return list;
}
