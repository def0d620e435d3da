/* A discrete-event simulation: one dialler a campaign, lines that are in use until their calls end,
   contacts that wait their turn. Time jumps from one thing that happens to the next; chance is
   drawn from the contact and its attempt, so that no order of events changes how a call goes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "campaign/customer.h"
#include "campaign/forecast.h"
#include "campaign/lines.h"
#include "campaign/retry.h"
#include "campaign/sharding.h"
#include "session/session.h"

enum { DAY_MS = 86400000, HOUR_MS = 3600000, NOT_YET = 255, ASK_EVERY = 4096, WEEK = 7 };

/* A contact on its way through the campaign. */
struct state {
	uint8_t attempts, end; /* end: dd_contact_end, or NOT_YET */
	uint8_t last;          /* DD_END_BUSY and so on: how the last attempt ended */
	uint8_t flags;
};
#define NOBODY_AGAIN UINT32_MAX /* in place of a person: the call is of a turn that is over */
enum {
	HAS_FAILED = 1,
	WAS_HELD = 2,
	HUMAN = 4,
	COMPLETED = 8,
	RESPONDED = 16,
	ACTED = 32,
	OPTED = 64,
	MACHINE = 128
};

struct waiting {
	int64_t due;
	uint32_t person;
};

/* Contacts whose turn comes in the order in which they were put in: of one attempt the waits are
 * alike. */
struct queue {
	struct waiting *ring;
	uint32_t first, n, cap;
};

/* Contacts of one zone: the same hours hold for all of them. */
struct group {
	const struct dd_zone *zone;
	struct dd_calendar *calendar;
	uint32_t *order, first,
	        n; /* who has not been called, in the list's order; NULL: first, first + 1 … */
	struct queue again[DD_ATTEMPTS_MAX];
	struct dd_heap held;               /* by a cap, until a day of its own */
	int64_t steady_from, steady_until; /* the zone's offset holds */
	int32_t offset_ms;
	int64_t open, shut; /* what the calendar said last: open from … until … */
};

struct dialler {
	const struct dd_campaign *campaign;
	const struct dd_simulate_options *o;
	const dd_ms *prompt_ms;
	struct dd_forecast *f;
	struct dd_crowd *crowd;
	struct dd_lines *lines; /* of all campaigns: what each number has had */
	uint32_t *line_of;      /* of each person; NULL: the same */
	struct state *states;
	struct group *groups;
	size_t ngroups;
	uint8_t *group_of_zone;
	struct dd_heap active; /* calls in progress, by their end */
	uint64_t *ended_after; /* people whose call lasted so many seconds */
	uint32_t concurrency;
	int64_t gap_us, free_us; /* between two calls; when the next may begin */
	int64_t now, began;
	uint64_t seed;
	struct dd_calendar
	        *days;      /* of a list that is called anew: the days on which it is; else NULL */
	int64_t next_round; /* when the list is called again from its beginning; INT64_MAX: never */
	uint64_t round;
	struct dd_zone *law_zone; /* in which the law means its hours; NULL: each customer's */
};

/* -- who is next ------------------------------------------------------------ */

static void put(struct queue *q, int64_t due, uint32_t person)
{
	if (q->n == q->cap) {
		uint32_t cap = q->cap ? q->cap * 2 : 64;
		struct waiting *ring = dd_realloc(NULL, cap, sizeof *ring);
		for (uint32_t i = 0; i < q->n; i++)
			ring[i] = q->ring[(q->first + i) & (q->cap - 1)];
		free(q->ring);
		*q = (struct queue){ring, 0, q->n, cap};
	}
	/* waits of one kind are put in rising order; one that is not waits for those before it */
	if (q->n && q->ring[(q->first + q->n - 1) & (q->cap - 1)].due > due)
		due = q->ring[(q->first + q->n - 1) & (q->cap - 1)].due;
	q->ring[(q->first + q->n++) & (q->cap - 1)] = (struct waiting){due, person};
}

static const struct waiting *head(const struct queue *q)
{
	return q->n ? &q->ring[q->first] : NULL;
}

static void drop_head(struct queue *q)
{
	q->first = (q->first + 1) & (q->cap - 1);
	q->n--;
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

static uint32_t fresh_of(const struct group *g)
{
	return g->order ? g->order[g->first] : g->first;
}

static int64_t due_of(const struct dialler *d, uint32_t person)
{
	return d->campaign->people->due ? d->campaign->people->due[person] : INT64_MIN;
}

/* The source of the next contact of a group: 0: none is due; 1: held; 2: fresh; 3 + i: queue i. */
static int source_of(const struct dialler *d, const struct group *g, int64_t now)
{
	int64_t best = INT64_MAX;
	int source = 0;
	for (int i = 0; i < d->campaign->max_attempts && i < DD_ATTEMPTS_MAX; i++) {
		const struct waiting *w = head(&g->again[i]);
		if (w && w->due <= now && w->due < best)
			best = w->due, source = 3 + i;
	}
	if (g->held.n && g->held.list[0].at <= now && g->held.list[0].at < best)
		source = 1;
	if (!source && g->first < g->n && due_of(d, fresh_of(g)) <= now)
		source = 2;
	return source;
}

static uint32_t peek(const struct group *g, int source)
{
	return source == 1    ? g->held.list[0].what
	        : source == 2 ? fresh_of(g)
	                      : head(&g->again[source - 3])->person;
}

static void pop(struct group *g, int source)
{
	if (source == 1)
		(void)dd_heap_pop(&g->held);
	else if (source == 2)
		g->first++;
	else
		drop_head(&g->again[source - 3]);
}

/* Whose turn it is now, among all zones in which it is allowed: those called before first, then the
 * first of the list. */
static struct group *next_group(struct dialler *d, int *source)
{
	struct group *best = NULL;
	uint64_t rank = UINT64_MAX;
	for (size_t i = 0; i < d->ngroups; i++) {
		struct group *g = &d->groups[i];
		int s = is_open(g, d->now) ? source_of(d, g, d->now) : 0;
		if (!s)
			continue;
		uint64_t own = s == 2 ? (UINT64_C(1) << 40) + peek(g, s) : peek(g, s);
		if (own < rank)
			rank = own, best = g, *source = s;
	}
	return best;
}

/* When something of a group can happen by itself: somebody is due in open hours. */
static int64_t next_due(const struct dialler *d, struct group *g)
{
	int64_t due = INT64_MAX;
	for (int i = 0; i < d->campaign->max_attempts && i < DD_ATTEMPTS_MAX; i++)
		if (head(&g->again[i]) && head(&g->again[i])->due < due)
			due = head(&g->again[i])->due;
	if (g->held.n && g->held.list[0].at < due)
		due = g->held.list[0].at;
	if (g->first < g->n && due_of(d, fresh_of(g)) < due)
		due = due_of(d, fresh_of(g));
	if (due == INT64_MAX)
		return due;
	due = due > d->now ? due : d->now;
	if (due >= g->open && due < g->shut)
		return due;
	return due < g->open ? g->open : dd_calendar_next(g->calendar, due);
}

/* -- time ------------------------------------------------------------------- */

static int64_t local_of(struct group *g, int64_t now)
{
	if (now < g->steady_from || now >= g->steady_until)
		g->offset_ms =
		        dd_zone_steady(g->zone, now, &g->steady_from, &g->steady_until) * 1000;
	return now + g->offset_ms;
}

static int64_t floor_div(int64_t a, int64_t b)
{
	return a >= 0 ? a / b : -((-a + b - 1) / b);
}

/* 0: Monday. */
static int weekday_of(int64_t day)
{
	return (int)(((day + 3) % WEEK + WEEK) % WEEK);
}

/* -- tallies ---------------------------------------------------------------- */

static struct dd_hour_tally *hour_at(struct dd_forecast *f, int64_t at)
{
	int64_t i = floor_div(at - f->first_hour, HOUR_MS);
	i = i < 0 ? 0 : i < DD_RUN_HOURS_MAX ? i : DD_RUN_HOURS_MAX - 1;
	if ((size_t)i >= f->nhours)
		f->nhours = (size_t)i + 1;
	return &f->hours[i];
}

/* A line is in use from `from` to `to`. */
static void occupy(struct dd_forecast *f, int64_t from, int64_t to)
{
	while (from < to) {
		int64_t end =
		        f->first_hour + (floor_div(from - f->first_hour, HOUR_MS) + 1) * HOUR_MS;
		end = end < to ? end : to;
		hour_at(f, from)->busy_ms += (uint64_t)(end - from);
		from = end;
	}
}

static void note_placed(struct dialler *d, struct group *g, int attempt)
{
	struct dd_forecast *f = d->f;
	int64_t local = local_of(g, d->now), day = floor_div(local, DAY_MS);
	if (f->calls == 0) {
		f->first_call = d->now;
		int64_t zone_offset = d->campaign->zone
		        ? dd_zone_offset_s(d->campaign->zone, d->now) * INT64_C(1000)
		        : 0;
		f->first_hour = floor_div(d->now + zone_offset, HOUR_MS) * HOUR_MS - zone_offset;
	}
	struct dd_hour_tally *h = hour_at(f, d->now);
	f->calls++;
	f->attempts[attempt].calls++;
	h->calls++;
	h->peak = d->active.n + 1 > h->peak ? d->active.n + 1 : h->peak;
	f->peak = d->active.n + 1 > f->peak ? d->active.n + 1 : f->peak;
	f->heat_calls[weekday_of(day)][(local - day * DAY_MS) / HOUR_MS]++;
}

static void note_talk(
        struct dialler *d, struct group *g, struct state *s, const struct dd_talk *talk)
{
	struct dd_forecast *f = d->f;
	int64_t local = local_of(g, d->now), day = floor_div(local, DAY_MS),
	        second = talk->lasted / 1000;
	second = second < DD_DROP_SECONDS ? second : DD_DROP_SECONDS - 1;
	hour_at(f, d->now)->humans++;
	f->heat_humans[weekday_of(day)][(local - day * DAY_MS) / HOUR_MS]++;
	d->ended_after[second]++;
	f->hung_up += talk->ended_by == DD_ENDED_CUSTOMER;
	f->dropped += talk->ended_by == DD_ENDED_DROPPED;
	f->time_limited += talk->ended_by == DD_ENDED_TIME_LIMIT;
	if (talk->ended_by == DD_ENDED_CUSTOMER) {
		f->drop_step[talk->step < d->campaign->program->nsteps
		                ? talk->step
		                : d->campaign->program->nsteps]++;
		f->drop_second[second]++;
	}
	s->flags |= (uint8_t)(HUMAN | (talk->heard_message ? COMPLETED : 0) |
	        (talk->responded ? RESPONDED : 0) | (talk->goal ? ACTED : 0) |
	        (talk->opted_out ? OPTED : 0));
}

/* -- a call ----------------------------------------------------------------- */

static enum dd_answered_by who_answers(
        const struct dialler *d, struct group *g, int attempt, struct dd_pcg *rng)
{
	int64_t local = local_of(g, d->now), day = floor_div(local, DAY_MS);
	return dd_audience_answers(d->campaign->audience, attempt, weekday_of(day),
	        (int)((local - day * DAY_MS) / HOUR_MS), rng);
}

static void charge(struct dialler *d, dd_ms lasted)
{
	double pulse = d->campaign->price_pulse_s > 0 ? d->campaign->price_pulse_s : 60;
	d->f->charged += lasted > 0;
	d->f->pulses += lasted > 0 ? (uint64_t)ceil((double)lasted / 1000 / pulse) : 0;
}

static dd_ms talk(struct dialler *d, struct group *g, uint32_t person, struct state *s,
        bool machine, struct dd_pcg *rng, struct dd_simulated_call *told)
{
	struct dd_talk t;
	struct dd_forecast *f = d->f;
	dd_crowd_talk(d->crowd, rng, machine, told != NULL, f, &t);
	f->call_ms += machine ? 0 : (uint64_t)t.lasted;
	f->sms += t.sms;
	f->requests += t.requests;
	f->errors += t.errors;
	charge(d, t.lasted);
	if (!machine)
		note_talk(d, g, s, &t);
	else
		s->flags |= MACHINE;
	if (t.opted_out && !machine)
		dd_lines_opt_out(d->lines, d->line_of ? d->line_of[person] : person);
	if (told) {
		told->lasted = t.lasted;
		told->ended_by = t.ended_by;
		told->goal = t.goal;
		told->opted_out = t.opted_out;
		told->heard_message = t.heard_message;
		d->o->call(d->o->self,
		        &(struct dd_simulated_call){told->campaign, told->person, told->attempt,
		                told->placed, told->ringing, told->lasted, told->answered_by,
		                told->ended_by, told->goal, told->opted_out, told->heard_message,
		                t.digits, told->seed, t.presses, t.replies});
	}
	return t.lasted;
}

static void count_answer(struct dd_attempt_tally *a, enum dd_answered_by by)
{
	a->humans += by == DD_BY_HUMAN;
	a->machines += by == DD_BY_MACHINE;
	a->busy += by == DD_BY_NOBODY_BUSY;
	a->no_answer += by == DD_BY_NOBODY_NO_ANSWER;
	a->failed += by == DD_BY_NOBODY_FAILED;
}

/* Neighbours in the list must not be alike: the bits are mixed (splitmix64, S. Vigna). */
static uint64_t seed_of(const struct dialler *d, uint32_t person, int attempt)
{
	uint64_t x = d->seed * UINT64_C(0x9E3779B97F4A7C15) + (d->round << 40) +
	        (uint64_t)person * 16 + (uint64_t)attempt;
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static void place(struct dialler *d, struct group *g, uint32_t person)
{
	static const uint8_t last[] = {[DD_BY_HUMAN] = DD_END_CONNECTED,
	        [DD_BY_MACHINE] = DD_END_CONNECTED,
	        [DD_BY_NOBODY_BUSY] = DD_END_BUSY,
	        [DD_BY_NOBODY_NO_ANSWER] = DD_END_NO_ANSWER,
	        [DD_BY_NOBODY_FAILED] = DD_END_FAILED};
	struct state *s = &d->states[person];
	int attempt = s->attempts++;
	uint64_t seed = seed_of(d, person, attempt);
	struct dd_pcg rng = dd_pcg_seed(seed, person);
	note_placed(d, g, attempt);
	dd_lines_called(d->lines, d->line_of ? d->line_of[person] : person,
	        floor_div(local_of(g, d->now), DAY_MS));
	enum dd_answered_by by = who_answers(d, g, attempt, &rng);
	dd_ms ring = dd_audience_ring(d->campaign->audience, by, d->campaign->ring_timeout, &rng),
	      lasted = 0;
	struct dd_simulated_call told = {d->campaign, person, attempt + 1, d->now, ring, 0, by,
	        DD_ENDED_NOT_ANSWERED, false, false, false, "", seed, "", ""};
	count_answer(&d->f->attempts[attempt], by);
	s->last = last[by];
	if (by == DD_BY_HUMAN || by == DD_BY_MACHINE)
		lasted =
		        talk(d, g, person, s, by == DD_BY_MACHINE, &rng, d->o->call ? &told : NULL);
	else if (d->o->call)
		d->o->call(d->o->self, &told);
	d->f->ring_ms += (uint64_t)ring;
	occupy(d->f, d->now, d->now + ring + lasted);
	dd_heap_push(&d->active, d->now + ring + lasted, person);
}

/* -- after a call ----------------------------------------------------------- */

static bool again(const struct dialler *d, const struct state *s)
{
	unsigned how = s->last == DD_END_BUSY ? DD_RETRY_BUSY
	        : s->last == DD_END_NO_ANSWER ? DD_RETRY_NO_ANSWER
	        : s->last == DD_END_FAILED    ? DD_RETRY_FAILED
	                                      : 0;
	return dd_retry_again(d->campaign, s->attempts, how, s->flags & HAS_FAILED);
}

static struct group *group_of(struct dialler *d, uint32_t person)
{
	return &d->groups[d->group_of_zone[d->campaign->people->list[person].zone]];
}

static void end_call(struct dialler *d, int64_t at, uint32_t person)
{
	d->f->last_end = at > d->f->last_end ? at : d->f->last_end;
	if (person == NOBODY_AGAIN)
		return;
	struct state *s = &d->states[person];
	if (!again(d, s)) {
		s->end = s->last;
		return;
	}
	s->flags |= s->last == DD_END_FAILED ? HAS_FAILED : 0;
	struct group *g = group_of(d, person);
	int64_t due = dd_retry_due(d->campaign, s->attempts, at),
	        open = due >= g->open && due < g->shut ? due : dd_calendar_next(g->calendar, due);
	d->f->held_hours += open != due;
	d->f->waited_retry += due - at;
	put(&g->again[s->attempts], due, person);
}

/* -- the dialler ------------------------------------------------------------ */

/* A contact that must not be called now: it has ended, or waits for another day. */
static bool hold_back(struct dialler *d, struct group *g, uint32_t person)
{
	const struct dd_law *law = d->campaign->law;
	struct state *s = &d->states[person];
	uint32_t line = d->line_of ? d->line_of[person] : person;
	if (dd_lines_opted_out(d->lines, line)) {
		s->end = DD_END_OPTED_OUT;
		return true;
	}
	int64_t day = floor_div(local_of(g, d->now), DAY_MS);
	int today, week;
	dd_lines_count(d->lines, line, day, &today, &week);
	bool full = (law->calls_per_day && today >= law->calls_per_day) ||
	        (law->calls_per_week && week >= law->calls_per_week);
	if (!full)
		return false;
	s->flags |= WAS_HELD;
	d->f->held_cap++;
	dd_heap_push(&g->held, dd_zone_instant_of(g->zone, day + 1, 0), person);
	return true;
}

/* Everything that happens at this moment. */
static void act(struct dialler *d)
{
	int source = 0;
	while (d->active.n && d->active.list[0].at <= d->now) {
		struct dd_heap_item i = dd_heap_pop(&d->active);
		end_call(d, i.at, i.what);
	}
	while (d->active.n < d->concurrency && d->free_us <= d->now * 1000 + 999) {
		struct group *g = next_group(d, &source);
		if (!g)
			break;
		uint32_t person = peek(g, source);
		pop(g, source);
		if (d->states[person].end != NOT_YET || hold_back(d, g, person))
			continue;
		place(d, g, person);
		d->free_us = (d->free_us > d->now * 1000 ? d->free_us : d->now * 1000) + d->gap_us;
	}
}

/* Contacts whose turn it could be, in groups that are open or in those that are not. */
static int64_t in_line(const struct dialler *d, bool open)
{
	int64_t n = 0;
	for (size_t i = 0; i < d->ngroups; i++) {
		const struct group *g = &d->groups[i];
		if (open != (d->now >= g->open && d->now < g->shut))
			continue;
		n += g->first < g->n && due_of(d, fresh_of(g)) <= d->now ? g->n - g->first : 0;
		for (int k = 0; k < d->campaign->max_attempts && k < DD_ATTEMPTS_MAX; k++)
			n += head(&g->again[k]) && head(&g->again[k])->due <= d->now ? g->again[k].n
			                                                             : 0;
	}
	return n;
}

/* When something happens next, and what is waited for until then: time counts for each contact that
 * waits. */
static int64_t look_ahead(struct dialler *d)
{
	int source = 0;
	int64_t next = d->active.n ? d->active.list[0].at : INT64_MAX;
	if (next_group(d, &source)) {
		bool full = d->active.n >= d->concurrency;
		int64_t free_ms = (d->free_us + 999) / 1000;
		if (!full)
			next = free_ms < next ? free_ms : next;
		if (next != INT64_MAX)
			*(full ? &d->f->waited_concurrency : &d->f->waited_throttle) +=
			        (next - d->now) * in_line(d, true);
		return next;
	}
	for (size_t i = 0; i < d->ngroups; i++) {
		int64_t due = next_due(d, &d->groups[i]);
		next = due < next ? due : next;
	}
	if (next != INT64_MAX)
		d->f->waited_window += (next - d->now) * in_line(d, false);
	return next;
}

/* -- a shard ---------------------------------------------------------------- */

/* Its contacts are first_of_all(), and every step_of()-th after it. All others are not looked at;
   but a contact's index is that in the whole list, so that its chance is the same. */
static uint32_t first_of_all(const struct dialler *d)
{
	return d->o->shard.of ? d->o->shard.index - 1 : 0;
}

static uint32_t step_of(const struct dialler *d)
{
	return d->o->shard.of ? d->o->shard.of : 1;
}

static uint64_t count_of_all(const struct dialler *d)
{
	return (d->campaign->people->n + (uint64_t)step_of(d) - 1 - first_of_all(d)) / step_of(d);
}

/* -- beginning and end ------------------------------------------------------ */

static void sort_out(struct dialler *d, uint32_t person)
{
	const struct dd_person *p = &d->campaign->people->list[person];
	const struct dd_law *law = d->campaign->law;
	bool consent = p->flags & (DD_PERSON_CONSENT | DD_PERSON_MADE_UP);
	struct state *s = &d->states[person];
	s->end = NOT_YET;
	if (p->flags & DD_PERSON_INVALID)
		s->end = DD_END_INVALID;
	else if (p->flags & DD_PERSON_DUPLICATE)
		s->end = DD_END_DUPLICATE;
	else if (p->flags & DD_PERSON_DND &&
	        (law->dnd == DD_DND_NEVER || (law->dnd == DD_DND_WITH_CONSENT && !consent)))
		s->end = DD_END_DND;
	else if (!consent &&
	        (law->consent == DD_CONSENT_ALWAYS ||
	                (law->consent == DD_CONSENT_PROMOTION && d->campaign->promotional)))
		s->end = DD_END_NO_CONSENT;
	d->f->held_law += s->end == DD_END_DND || s->end == DD_END_NO_CONSENT;
}

static const int64_t *sort_due;
static int by_due(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
	return sort_due[x] != sort_due[y] ? (sort_due[x] < sort_due[y] ? -1 : 1)
	        : x < y                   ? -1
	                                  : x > y;
}

/* One group a zone in which somebody is; one alone where the law's own zone holds for all. */
static enum dd_status make_groups(struct dialler *d, struct dd_error *err)
{
	const struct dd_campaign *c = d->campaign;
	const struct dd_people *people = c->people;
	uint32_t counts[64] = {0};
	enum dd_status status =
	        c->law->zone ? dd_zone_open(c->law->zone, &d->law_zone, err) : DD_OK;
	if (status != DD_OK)
		return status;
	d->group_of_zone = dd_alloc(64);
	d->groups = dd_alloc(64 * sizeof *d->groups);
	for (uint32_t i = first_of_all(d); i < people->n; i += step_of(d))
		counts[people->list[i].zone]++;
	uint8_t of[64];
	for (size_t z = 0; z < people->nzones && z < 64; z++) {
		if (!counts[z] && z)
			continue;
		struct group *g = &d->groups[d->ngroups];
		struct dd_calendar_layer layer =
		        dd_law_layer(c->law, d->law_zone ? d->law_zone : people->zones[z]);
		of[z] = (uint8_t)d->ngroups++;
		d->group_of_zone[z] = of[z];
		*g = (struct group){.zone = people->zones[z],
		        .n = counts[z],
		        .open = INT64_MIN,
		        .shut = INT64_MIN};
		status = dd_campaign_calendar(c, &g->calendar, err);
		if (status == DD_OK)
			status = dd_calendar_add(g->calendar, &layer, err);
		if (status != DD_OK)
			return status;
	}
	if (d->ngroups == 1 && !people->due && step_of(d) == 1)
		return DD_OK;
	for (size_t i = 0; i < d->ngroups; i++) {
		d->groups[i].order =
		        dd_alloc(((size_t)d->groups[i].n + 1) * sizeof *d->groups[i].order);
		d->groups[i].n = 0;
	}
	for (uint32_t i = first_of_all(d); i < people->n; i += step_of(d)) {
		struct group *g = group_of(d, i);
		g->order[g->n++] = i;
	}
	sort_due = people->due;
	for (size_t i = 0; people->due && i < d->ngroups; i++)
		qsort(d->groups[i].order, d->groups[i].n, sizeof *d->groups[i].order, by_due);
	return DD_OK;
}

static void make_forecast(struct dialler *d)
{
	struct dd_forecast *f = shard_forecast_new(d->campaign);
	f->contacts = count_of_all(d);
	f->shard = d->o->shard;
	f->whole = f->shard.of ? shard_digest(d->campaign, d->prompt_ms, d->o->seed) : 0;
	d->f = f;
}

static enum dd_status plan_turns(struct dialler *d, struct dd_error *err);

static enum dd_status begin(struct dialler *d, struct dd_error *err)
{
	const struct dd_campaign *c = d->campaign;
	const struct dd_shard shard = d->o->shard;
	uint32_t throttle =
	        c->throttle && (!c->account_throttle || c->throttle < c->account_throttle)
	        ? c->throttle
	        : c->account_throttle;
	uint32_t most = c->concurrency &&
	                (!c->account_concurrency || c->concurrency < c->account_concurrency)
	        ? c->concurrency
	        : c->account_concurrency;
	if ((most && most < shard.of) || (throttle && throttle < shard.of))
		return dd_fail(err, DD_ERR_LIMIT,
		        "%u shards cannot share %u calls %s: take fewer shards", shard.of,
		        most && most < shard.of ? most : throttle,
		        most && most < shard.of ? "at once" : "a minute");
	most = dd_shard_share(shard, most);
	throttle = dd_shard_share(shard, throttle);
	make_forecast(d);
	d->concurrency = most ? most : UINT32_MAX;
	d->gap_us = throttle ? (INT64_C(60000000) + throttle - 1) / throttle : 0;
	d->now = c->start == INT64_MIN ? DD_STARTS_UNIX_MS : c->start;
	d->began = d->now;
	d->free_us = INT64_MIN / 2;
	d->crowd = dd_crowd_new(c, d->prompt_ms);
	d->states = dd_alloc(((size_t)c->people->n + 1) * sizeof *d->states);
	d->ended_after = dd_alloc(DD_DROP_SECONDS * sizeof *d->ended_after);
	for (uint32_t i = first_of_all(d); i < c->people->n; i += step_of(d))
		sort_out(d, i);
	enum dd_status status = make_groups(d, err);
	return status == DD_OK ? plan_turns(d, err) : status;
}

/* How each contact has ended, at the end of the campaign or of one turn of it. */
static void count_ends(struct dialler *d)
{
	struct dd_forecast *f = d->f;
	for (uint32_t i = first_of_all(d); i < d->campaign->people->n; i += step_of(d)) {
		struct state *s = &d->states[i];
		if (s->end == NOT_YET &&
		        dd_lines_opted_out(d->lines, d->line_of ? d->line_of[i] : i))
			s->end = DD_END_OPTED_OUT;
		if (s->end == NOT_YET)
			s->end = s->flags & WAS_HELD ? DD_END_CAPPED : DD_END_PENDING;
		f->ends[s->end]++;
		f->dialled += s->attempts > 0;
		f->answered += (s->flags & HUMAN) != 0;
		f->completed += (s->flags & COMPLETED) != 0;
		f->responded += (s->flags & RESPONDED) != 0;
		f->acted += (s->flags & ACTED) != 0;
		f->opted_out += (s->flags & OPTED) != 0;
		f->machine_only += (s->flags & (MACHINE | HUMAN)) == MACHINE;
	}
}

static void sum_up(struct dialler *d)
{
	struct dd_forecast *f = d->f;
	uint64_t left = 0;
	count_ends(d);
	for (int i = DD_DROP_SECONDS - 1; i >= 0; i--)
		f->still_there[i] = left += d->ended_after[i];
	f->cost = dd_forecast_price(f);
	f->finished = !f->interrupted && f->ends[DD_END_PENDING] == 0;
	if (f->calls) {
		uint64_t busy = 0;
		for (size_t i = 0; i < f->nhours; i++)
			busy += f->hours[i].busy_ms;
		f->open_ms = dd_calendar_open_ms(d->groups[0].calendar, f->first_call,
		        f->last_end > f->first_call ? f->last_end : f->first_call + 1);
		f->mean = f->open_ms ? (double)busy / (double)f->open_ms : 0;
		f->open_before_first = f->first_call > d->began
		        ? dd_calendar_open_ms(d->groups[0].calendar, d->began, f->first_call)
		        : 0;
		f->open_before_last = f->open_before_first + f->open_ms;
	}
}

static void finish(struct dialler *d)
{
	for (size_t i = 0; i < d->ngroups; i++) {
		for (int k = 0; k < DD_ATTEMPTS_MAX; k++)
			free(d->groups[i].again[k].ring);
		free(d->groups[i].order);
		dd_heap_fini(&d->groups[i].held);
		dd_calendar_free(d->groups[i].calendar);
	}
	free(d->groups);
	free(d->group_of_zone);
	free(d->states);
	free(d->ended_after);
	free(d->line_of);
	dd_calendar_free(d->days);
	dd_zone_free(d->law_zone);
	dd_heap_fini(&d->active);
	dd_crowd_free(d->crowd);
}

/* -- lists that are called anew --------------------------------------------- */

enum { TURNS_AHEAD = 800 }; /* days that are looked at for the next turn */

/* The next day, after the one on the wall at `at`, on which the list is called; INT64_MAX: none
 * before the campaign's end. */
static int64_t next_turn(const struct dialler *d, int64_t at)
{
	const struct dd_zone *zone = d->campaign->zone;
	int64_t day = floor_div(at + dd_zone_offset_s(zone, at) * INT64_C(1000), DAY_MS);
	for (int ahead = 1; ahead <= TURNS_AHEAD; ahead++) {
		int64_t begins = dd_zone_instant_of(zone, day + ahead, 0);
		if (begins >= d->campaign->end)
			break;
		/* a day without an hour in which calls are allowed is no turn */
		if (dd_calendar_next(d->days, begins) == begins &&
		        dd_calendar_next(d->groups[0].calendar, begins) < begins + DAY_MS)
			return begins;
	}
	return INT64_MAX;
}

static enum dd_status plan_turns(struct dialler *d, struct dd_error *err)
{
	const struct dd_calendar_hours all_day = {.all_day = true};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	d->next_round = INT64_MAX;
	if (!d->campaign->recurs)
		return DD_OK;
	d->days = dd_calendar_new();
	layer.zone = d->campaign->zone;
	layer.hours = &all_day;
	layer.nhours = 1;
	layer.repeat = d->campaign->repeat;
	enum dd_status status = dd_calendar_add(d->days, &layer, err);
	int64_t first = status == DD_OK ? dd_calendar_next(d->days, d->now) : INT64_MAX;
	if (first != INT64_MAX)
		d->next_round = next_turn(d, first > d->now ? first : d->now);
	return status;
}

/* Every contact ends this turn as it is, and begins the next as if it had not been called; opt-outs
 * and caps stay. Calls in progress go on. */
static void begin_turn(struct dialler *d)
{
	count_ends(d);
	d->round++;
	d->f->contacts += count_of_all(d);
	for (size_t i = 0; i < d->ngroups; i++) {
		d->groups[i].first = 0;
		d->groups[i].held.n = 0;
		for (int k = 0; k < DD_ATTEMPTS_MAX; k++)
			d->groups[i].again[k].n = d->groups[i].again[k].first = 0;
	}
	for (uint32_t i = first_of_all(d); i < d->campaign->people->n; i += step_of(d)) {
		d->states[i] = (struct state){0};
		sort_out(d, i);
	}
	/* what is still talking belongs to the turn before: its end calls nobody again */
	for (uint32_t i = 0; i < d->active.n; i++)
		d->active.list[i].what = NOBODY_AGAIN;
	d->next_round = next_turn(d, d->now);
}

/* The dialler for which something happens first. */
static struct dialler *first_of(struct dialler *list, const int64_t *next, size_t n)
{
	size_t best = 0;
	for (size_t i = 1; i < n; i++)
		if (next[i] < next[best])
			best = i;
	return next[best] == INT64_MAX ? NULL : &list[best];
}

static void run(struct dialler *list, size_t n, const struct dd_simulate_options *o)
{
	int64_t *next = dd_alloc((n + 1) * sizeof *next);
	uint64_t turns = 0;
	for (size_t i = 0; i < n; i++)
		next[i] = list[i].now;
	for (struct dialler *d; (d = first_of(list, next, n));) {
		d->now = next[d - list];
		if (d->now >= d->next_round)
			begin_turn(d);
		act(d);
		int64_t then = look_ahead(d);
		next[d - list] = then < d->next_round ? then : d->next_round;
		if (o->go_on && ++turns % ASK_EVERY == 0 && !o->go_on(o->self, d->f)) {
			for (size_t i = 0; i < n; i++)
				list[i].f->interrupted = true;
			break;
		}
	}
	free(next);
}

struct dd_forecast **dd_simulate(const struct dd_campaign *const *campaigns, size_t n,
        const struct dd_simulate_options *o, struct dd_error *err)
{
	struct dialler *list = dd_alloc((n + 1) * sizeof *list);
	struct dd_forecast **out = dd_alloc((n + 1) * sizeof *out);
	uint32_t **line_of = dd_alloc((n + 1) * sizeof *line_of);
	struct dd_lines *lines = dd_lines_new(campaigns, n, line_of);
	enum dd_status status = DD_OK;
	for (size_t i = 0; i < n; i++) {
		list[i] = (struct dialler){.campaign = campaigns[i],
		        .o = o,
		        .prompt_ms = o->prompt_ms[i],
		        .lines = lines,
		        .line_of = line_of[i],
		        .seed = campaigns[i]->seed + o->seed +
		                (uint64_t)i *
		                        UINT64_C(0xD1B54A32D192ED03)}; /* the same contact in two
		                                                          lists has two fates */
		if (status == DD_OK)
			status = begin(&list[i], err);
	}
	if (status == DD_OK)
		run(list, n, o);
	for (size_t i = 0; i < n; i++) {
		if (status == DD_OK)
			sum_up(&list[i]);
		out[i] = list[i].f;
		finish(&list[i]);
	}
	if (status != DD_OK) {
		for (size_t i = 0; i < n; i++)
			dd_forecast_free(out[i]);
		free(out);
		out = NULL;
	}
	dd_lines_free(lines);
	free(line_of);
	free(list);
	return out;
}
