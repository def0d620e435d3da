/* Whose turn it is. Those who were called before come first, by when they were due and then by
   their place in the list; then the others by place. Contacts of one zone stand in queues of their
   own, since the same hours hold for them; the heads of all queues that are open are compared. */
#include "campaign/dialling.h"

#include <stdlib.h>

#include "base/arena.h"

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

void dial_put_again(
        struct dial_campaign *c, struct group *g, int attempts, int64_t due, uint32_t person)
{
	struct queue *q = &g->again[attempts < DD_ATTEMPTS_MAX ? attempts : DD_ATTEMPTS_MAX - 1];
	c->next_at = c->rests_until = INT64_MIN;
	if (attempts == 0) {
		dd_heap_push(&g->held, due, person);
		return;
	}
	if (q->n) {
		const struct waiting *last = ring_last(q);
		if (due < last->due || (due == last->due && person < last->person)) {
			dd_heap_push(&q->odd, due, person);
			return;
		}
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

/* `one` is of somebody who was called before, or held. */
static void offer(struct candidate *best, struct candidate one)
{
	if (!best->group || one.due < best->due ||
	        (one.due == best->due && one.person < best->person))
		*best = one;
}

static int queues_of(const struct dial_campaign *c)
{
	int n = c->campaign->max_attempts;
	return n < DD_ATTEMPTS_MAX ? n : DD_ATTEMPTS_MAX;
}

static void offer_group(
        struct candidate *best, const struct dial_campaign *c, struct group *g, int64_t now)
{
	for (int i = 0; i < queues_of(c); i++) {
		const struct queue *q = &g->again[i];
		if (q->n && q->ring[q->first].due <= now)
			offer(best,
			        (struct candidate){g, DIAL_RING, i, q->ring[q->first].due,
			                q->ring[q->first].person});
		if (q->odd.n && q->odd.list[0].at <= now)
			offer(best,
			        (struct candidate){
			                g, DIAL_ODD, i, q->odd.list[0].at, q->odd.list[0].what});
	}
	if (g->held.n && g->held.list[0].at <= now)
		offer(best,
		        (struct candidate){
		                g, DIAL_HELD, 0, g->held.list[0].at, g->held.list[0].what});
}

/* Whoever was called before comes first: then nobody else need be looked at. */
static void offer_fresh(
        struct candidate *best, const struct dial_campaign *c, struct group *g, int64_t now)
{
	if (g->first == g->n)
		return;
	struct candidate one = {g, DIAL_FRESH, 0, fresh_due(c, fresh_person(g)), fresh_person(g)};
	if (one.due <= now && dial_before(&one, best))
		*best = one;
}

const struct candidate *dial_candidate(struct dial_campaign *c, int64_t now)
{
	struct candidate *best = &c->next;
	if (c->next_at == now)
		return best;
	c->next_at = now;
	best->group = NULL;
	for (size_t i = 0; i < c->ngroups; i++)
		if (is_open(&c->groups[i], now))
			offer_group(best, c, &c->groups[i], now);
	for (size_t i = 0; i < c->ngroups && (!best->group || best->source == DIAL_FRESH); i++)
		if (is_open(&c->groups[i], now))
			offer_fresh(best, c, &c->groups[i], now);
	return best;
}

void dial_take(struct dial_campaign *c, const struct candidate *who)
{
	c->next_at = c->rests_until = INT64_MIN;
	struct group *g = who->group;
	struct queue *q = &g->again[who->attempts];
	switch (who->source) {
	case DIAL_HELD: (void)dd_heap_pop(&g->held); break;
	case DIAL_FRESH: g->first++; break;
	case DIAL_ODD: (void)dd_heap_pop(&q->odd); break;
	case DIAL_RING:
		q->first = (q->first + 1) & (q->cap - 1);
		q->n--;
		break;
	}
}

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
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

int64_t dial_in_line(const struct dial_campaign *c, bool open, int64_t now)
{
	int64_t n = 0;
	for (size_t i = 0; i < c->ngroups; i++) {
		const struct group *g = &c->groups[i];
		if (open != (now >= g->open && now < g->shut))
			continue;
		n += g->first < g->n && fresh_due(c, fresh_person(g)) <= now ? g->n - g->first : 0;
		for (int k = 0; k < queues_of(c); k++) {
			const struct queue *q = &g->again[k];
			n += q->n && q->ring[q->first].due <= now ? q->n : 0;
			n += q->odd.n && q->odd.list[0].at <= now ? q->odd.n : 0;
		}
	}
	return n;
}
