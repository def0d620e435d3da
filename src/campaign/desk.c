/* Three heaps of moments: agents that become free, calls that ask, calls that give up; and the line
   of those who wait, first come, first served. Whoever is joined or gives up stays in the other
   lists until it is met there, and is passed over: each has a turn, which tells an old entry. */
#include "campaign/desk.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"

struct caller {
	int64_t asked, gives_up;
	uint32_t turn; /* how often it has waited */
	bool waits;
};

struct waiting {
	uint32_t who, turn;
};

struct dd_desk {
	uint32_t free;
	struct dd_heap busy, asking, leaving;
	struct caller *callers;
	size_t ncallers, cap_callers;
	struct waiting *line; /* from `first` on */
	size_t first, nline, cap_line;
};

struct dd_desk *dd_desk_new(uint32_t agents)
{
	struct dd_desk *d = dd_alloc(sizeof *d);
	d->free = agents;
	return d;
}

void dd_desk_free(struct dd_desk *d)
{
	if (!d)
		return;
	dd_heap_fini(&d->busy);
	dd_heap_fini(&d->asking);
	dd_heap_fini(&d->leaving);
	free(d->callers);
	free(d->line);
	free(d);
}

static struct caller *caller_at(struct dd_desk *d, uint32_t who)
{
	while (d->ncallers <= who)
		DD_PUSH(d->callers, d->ncallers, d->cap_callers) = (struct caller){0, 0, 0, false};
	return &d->callers[who];
}

void dd_desk_ask(struct dd_desk *d, uint32_t who, int64_t at)
{
	caller_at(d, who)->asked = at;
	dd_heap_push(&d->asking, at, who);
}

void dd_desk_busy(struct dd_desk *d, int64_t until)
{
	d->free--;
	dd_heap_push(&d->busy, until, 0);
}

void dd_desk_waits(struct dd_desk *d, uint32_t who, int64_t until)
{
	struct caller *c = caller_at(d, who);
	c->waits = true;
	c->gives_up = until;
	c->turn++;
	DD_PUSH(d->line, d->nline, d->cap_line) = (struct waiting){who, c->turn};
	dd_heap_push(&d->leaving, until, who);
}

/* An entry of `leaving` that holds no more: its caller was joined, or waits anew. */
static bool is_old(const struct dd_desk *d, const struct dd_heap_item *i)
{
	const struct caller *c = &d->callers[i->what];
	return !c->waits || c->gives_up != i->at;
}

/* The first in line who still waits; NULL: nobody. */
static struct caller *first_in_line(struct dd_desk *d, uint32_t *who)
{
	for (; d->first < d->nline; d->first++) {
		const struct waiting *w = &d->line[d->first];
		struct caller *c = &d->callers[w->who];
		*who = w->who;
		if (c->waits && c->turn == w->turn)
			return c;
	}
	d->first = d->nline = 0;
	return NULL;
}

int64_t dd_desk_next(const struct dd_desk *d)
{
	int64_t next = INT64_MAX;
	const struct dd_heap *all[] = {&d->busy, &d->asking, &d->leaving};
	for (int i = 0; i < 3; i++)
		if (all[i]->n && all[i]->list[0].at < next)
			next = all[i]->list[0].at;
	return next;
}

struct dd_desk_step dd_desk_step(struct dd_desk *d, int64_t now)
{
	uint32_t who = 0;
	while (d->busy.n && d->busy.list[0].at <= now) {
		(void)dd_heap_pop(&d->busy);
		d->free++;
	}
	struct caller *c = d->free ? first_in_line(d, &who) : NULL;
	if (c) {
		c->waits = false;
		return (struct dd_desk_step){DD_DESK_JOIN, who, c->asked};
	}
	if (d->asking.n && d->asking.list[0].at <= now) {
		struct dd_heap_item i = dd_heap_pop(&d->asking);
		return (struct dd_desk_step){d->free ? DD_DESK_JOIN : DD_DESK_WAIT, i.what, i.at};
	}
	while (d->leaving.n && d->leaving.list[0].at <= now) {
		struct dd_heap_item i = dd_heap_pop(&d->leaving);
		if (is_old(d, &i))
			continue;
		c = &d->callers[i.what];
		c->waits = false;
		return (struct dd_desk_step){DD_DESK_GIVE_UP, i.what, c->asked};
	}
	return (struct dd_desk_step){.what = DD_DESK_NOTHING};
}
