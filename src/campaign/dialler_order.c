/* Whose turn it is. Those who were called before come first, by when they were due and then by
   their place in the list; then the others by place. Contacts of one zone stand in queues of their
   own, since the same hours hold for them; the heads of all queues that are open are compared. */
#include "campaign/dialling.h"

#include <stdlib.h>

#include "base/arena.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static const struct waiting *ring_last(const struct queue *q)
{
	return &q->ring[(q->first + q->n - 1) & (q->cap - 1)];
}

static void grow_ring(struct queue *q)
{
	uint32_t cap = q->cap ? q->cap * 2 : 64;
	struct waiting *ring = dd_realloc(NULL, cap, sizeof *ring);
	for (uint32_t i = 0; i < q->n; i++)
		ring[i] = q->ring[(q->first + i) & (q->cap - 1)];
	free(q->ring);
	q->ring = ring;
	q->first = 0;
	q->cap = cap;
}

/* Somebody comes: whose turn it is stays what it is, where that one is due before; else until the
   one who comes is due. */
static void note_coming(struct dial_campaign *c, int64_t due, uint32_t person)
{
	const struct candidate *best = &c->next;
	c->rests_until = INT64_MIN;
	if (best->group && best->source != DIAL_FRESH) {
		if (due < best->due || (due == best->due && person < best->person))
			c->next_until = INT64_MIN;
	} else if (due < c->next_until) {
		c->next_until = due;
	}
}

void dial_put_again(
        struct dial_campaign *c, struct group *g, int attempts, int64_t due, uint32_t person)
{
	struct queue *q = &g->again[attempts < DD_ATTEMPTS_MAX ? attempts : DD_ATTEMPTS_MAX - 1];
	note_coming(c, due, person);
	if (attempts == 0) {
		dd_heap_push(&g->held, due, person);
		return;
	}
	if (q->n) {
		const struct waiting *last = ring_last(q);
		if (due < last->due || (due == last->due && person < last->person)) {
			c->line_until = INT64_MIN;
			dd_heap_push(&q->odd, due, person);
			return;
		}
		bool open = c->line_from >= g->open && c->line_from < g->shut;
		c->line_n += open && q->ring[q->first].due <= c->line_from;
	} else {
		c->line_until = least(c->line_until, due);
	}
	if (q->n == q->cap)
		grow_ring(q);
	q->ring[(q->first + q->n++) & (q->cap - 1)] = (struct waiting){due, person};
}

void dial_queue_clear(struct queue *q)
{
	q->first = q->n = 0;
	q->odd.n = 0;
}

void dial_queue_fini(struct queue *q)
{
	free(q->ring);
	dd_heap_fini(&q->odd);
}

static bool is_open(struct group *g, int64_t now)
{
	if (now >= g->open && now < g->shut)
		return true;
	if (now < g->open)
		return false;
	g->open = dd_calendar_next(g->calendar, now);
	g->shut = g->open == INT64_MAX ? INT64_MAX : dd_calendar_until(g->calendar, g->open);
	return now >= g->open && now < g->shut;
}

static uint32_t fresh_person(const struct group *g)
{
	return g->order ? g->order[g->first] : g->first;
}

/* When somebody who has not been called is due: at once, but for people of triggers. */
static int64_t fresh_due(const struct dial_campaign *c, uint32_t person)
{
	return c->campaign->people->due ? c->campaign->people->due[person] : INT64_MIN;
}

bool dial_before(const struct candidate *a, const struct candidate *b)
{
	if (!b->group)
		return true;
	if ((a->source == DIAL_FRESH) != (b->source == DIAL_FRESH))
		return b->source == DIAL_FRESH;
	return a->due != b->due ? a->due < b->due : a->person < b->person;
}

static int queues_of(const struct dial_campaign *c)
{
	int n = c->campaign->max_attempts;
	return n < DD_ATTEMPTS_MAX ? n : DD_ATTEMPTS_MAX;
}

/* What is looked for: the best so far, and when somebody who is not due yet is. */
struct search {
	struct candidate *best;
	int64_t now, later;
};

/* `one` is of somebody who was called before, or held. */
static inline void offer(struct search *s, struct group *g, enum dial_source source, int attempts,
        int64_t due, uint32_t person)
{
	struct candidate *best = s->best;
	if (due > s->now)
		s->later = least(s->later, due);
	else if (!best->group || due < best->due || (due == best->due && person < best->person))
		*best = (struct candidate){g, source, attempts, due, person};
}

static void offer_group(struct search *s, const struct dial_campaign *c, struct group *g)
{
	for (int i = 0, n = queues_of(c); i < n; i++) {
		const struct queue *q = &g->again[i];
		if (q->n)
			offer(s, g, DIAL_RING, i, q->ring[q->first].due, q->ring[q->first].person);
		if (q->odd.n)
			offer(s, g, DIAL_ODD, i, q->odd.list[0].at, q->odd.list[0].what);
	}
	if (g->held.n)
		offer(s, g, DIAL_HELD, 0, g->held.list[0].at, g->held.list[0].what);
}

/* Whoever was called before comes first: then nobody else need be looked at. */
static void offer_fresh(struct search *s, const struct dial_campaign *c, struct group *g)
{
	if (g->first == g->n)
		return;
	uint32_t person = fresh_person(g);
	struct candidate one = {g, DIAL_FRESH, 0, fresh_due(c, person), person};
	if (one.due > s->now)
		s->later = least(s->later, one.due);
	else if (dial_before(&one, s->best))
		*s->best = one;
}

/* What is found holds until a group opens or shuts, and, where it is nobody who waits to be called
   again, until somebody is due: those who wait go by when they were due, so that one who is due
   later comes behind. */
const struct candidate *dial_find_candidate(struct dial_campaign *c, int64_t now)
{
	struct search s = {&c->next, now, INT64_MAX};
	c->next_from = now;
	c->next_until = INT64_MAX;
	s.best->group = NULL;
	for (size_t i = 0; i < c->ngroups; i++) {
		struct group *g = &c->groups[i];
		bool open = is_open(g, now);
		if (open)
			offer_group(&s, c, g);
		c->next_until = least(c->next_until, open ? g->shut : g->open);
	}
	if (s.best->group)
		return s.best;
	for (size_t i = 0; i < c->ngroups; i++)
		if (now >= c->groups[i].open && now < c->groups[i].shut)
			offer_fresh(&s, c, &c->groups[i]);
	c->next_until = least(c->next_until, s.later);
	return s.best;
}

/* Whoever has not been called is followed by the next of the list. */
static bool next_in_list(struct dial_campaign *c, const struct group *g)
{
	if (c->ngroups > 1 || c->campaign->people->due || g->first == g->n)
		return false;
	c->next.person = fresh_person(g);
	return true;
}

void dial_take(struct dial_campaign *c)
{
	struct group *g = c->next.group;
	struct queue *q = &g->again[c->next.attempts];
	bool known = false;
	switch (c->next.source) {
	case DIAL_HELD: (void)dd_heap_pop(&g->held); break;
	case DIAL_FRESH:
		g->first++;
		known = next_in_list(c, g);
		if (known)
			c->line_n--;
		else
			c->line_until = INT64_MIN;
		break;
	case DIAL_ODD:
		(void)dd_heap_pop(&q->odd);
		c->line_until = INT64_MIN;
		break;
	case DIAL_RING:
		q->first = (q->first + 1) & (q->cap - 1);
		q->n--;
		c->line_n--;
		if (q->n && q->ring[q->first].due > c->line_from)
			c->line_until = INT64_MIN; /* who is behind the head does not count */
		break;
	}
	c->rests_until = INT64_MIN;
	if (!known)
		c->next_until = INT64_MIN;
}

static int64_t group_next_due(const struct dial_campaign *c, struct group *g, int64_t now)
{
	int64_t due = INT64_MAX;
	for (int i = 0; i < queues_of(c); i++) {
		const struct queue *q = &g->again[i];
		due = q->n ? least(due, q->ring[q->first].due) : due;
		due = q->odd.n ? least(due, q->odd.list[0].at) : due;
	}
	due = g->held.n ? least(due, g->held.list[0].at) : due;
	due = g->first < g->n ? least(due, fresh_due(c, fresh_person(g))) : due;
	if (due == INT64_MAX)
		return due;
	due = due > now ? due : now;
	if (due >= g->open && due < g->shut)
		return due;
	return due < g->open ? g->open : dd_calendar_next(g->calendar, due);
}

int64_t dial_next_due(struct dial_campaign *c, int64_t now)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < c->ngroups; i++)
		next = least(next, group_next_due(c, &c->groups[i], now));
	return next;
}

/* A queue counts as a whole once its head is due. `later`: when a head is that is not. */
static int64_t count_queue(const struct queue *q, int64_t now, int64_t *later)
{
	int64_t n = 0;
	if (q->n && q->ring[q->first].due <= now)
		n += q->n;
	else if (q->n)
		*later = least(*later, q->ring[q->first].due);
	if (q->odd.n && q->odd.list[0].at <= now)
		n += q->odd.n;
	else if (q->odd.n)
		*later = least(*later, q->odd.list[0].at);
	return n;
}

static int64_t count_group(
        const struct dial_campaign *c, const struct group *g, int64_t now, int64_t *later)
{
	int64_t n = 0, due = g->first < g->n ? fresh_due(c, fresh_person(g)) : INT64_MAX;
	if (due <= now)
		n += g->n - g->first;
	else
		*later = least(*later, due);
	for (int k = 0; k < queues_of(c); k++)
		n += count_queue(&g->again[k], now, later);
	return n;
}

int64_t dial_in_line(struct dial_campaign *c, bool open, int64_t now)
{
	int64_t n = 0, later = INT64_MAX;
	if (open && now >= c->line_from && now < c->line_until)
		return c->line_n;
	for (size_t i = 0; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];
		bool is = now >= g->open && now < g->shut;
		later = least(later, is ? g->shut : g->open > now ? g->open : now);
		if (is == open)
			n += count_group(c, g, now, &later);
	}
	if (open) {
		c->line_n = n;
		c->line_from = now;
		c->line_until = later;
	}
	return n;
}
