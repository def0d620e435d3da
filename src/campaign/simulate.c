/* A discrete-event simulation, on the dialler that drydial serve has. Time jumps from one thing
   that happens to the next: the dialler says whom to call, chance says how the call goes, and the
   call holds its line until its end. Chance is drawn from the contact and its attempt, so that no
   order of events changes how a call goes. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/heap.h"
#include "campaign/customer.h"
#include "campaign/desk.h"
#include "campaign/forecast.h"
#include "campaign/sharding.h"
#include "session/session.h"

enum { DAY_MS = 86400000, HOUR_MS = 3600000, ASK_EVERY = 4096, WEEK = 7 };

/* What is noted of a contact beside what the dialler knows: how its last call went, and what it did
 * in this round. */
enum {
	LAST = 3, /* CONNECTED, NO_ANSWER, BUSY, FAILED */
	HUMAN = 4,
	COMPLETED = 8,
	RESPONDED = 16,
	ACTED = 32,
	OPTED = 64,
	MACHINE = 128
};
#define NOBODY UINT32_MAX /* in place of a person: the call is of a round that is over */

/* A zone in which contacts live: their hour of the day makes them answer or not. */
struct wall {
	int64_t steady_from, steady_until; /* the zone's offset holds */
	int32_t offset_ms;
};

/* A call that stands still while it waits for an agent. */
struct standing {
	struct dd_talking *talk;
	struct dd_simulated_call told;
	int64_t answered; /* unix ms of its offset 0 */
	bool machine;
	bool stale; /* of a round that is over */
};

/* A campaign as it is rehearsed: the dialler says who is called, chance how it goes. */
struct rehearsal {
	const struct dd_campaign *campaign;
	const struct dd_simulate_options *o;
	const dd_ms *prompt_ms;
	struct dd_forecast *f;
	struct dd_crowd *crowd;
	struct dd_dialler *dialler;
	uint32_t index;            /* of the dialler */
	uint64_t id;               /* of the campaign among those rehearsed together, from 1 */
	struct dd_heap active;     /* calls in progress, by their end */
	struct dd_desk *desk;      /* NULL: nobody is short of agents */
	struct standing *standing; /* by number; talk NULL: the number is free */
	size_t nstanding, cap_standing, stand; /* stand: how many calls do */
	uint32_t *spare;                       /* numbers that are free */
	size_t nspare, cap_spare;
	uint64_t *ended_after;              /* people whose call lasted so many seconds */
	struct wall walls[DD_PEOPLE_ZONES]; /* of the zones of its people */
	int64_t now, began;
	uint64_t seed;
	uint32_t round;
};

/* -- time ------------------------------------------------------------------- */

static int64_t local_of(struct rehearsal *r, uint32_t person)
{
	const struct dd_people *people = r->campaign->people;
	uint16_t zone = people->nzones > 1 ? people->list[person].zone : 0;
	struct wall *w = &r->walls[zone];
	if (r->now < w->steady_from || r->now >= w->steady_until)
		w->offset_ms = dd_zone_steady(people->zones[zone], r->now, &w->steady_from,
		                       &w->steady_until) *
		        1000;
	return r->now + w->offset_ms;
}

/* The wall's time where a person is: the day of the week (0: Monday) and the hour of the day. */
struct moment {
	int weekday, hour;
};

static struct moment moment_of(struct rehearsal *r, uint32_t person)
{
	/* some thousand years of whole weeks are added, so that nothing is negative; day 0 of 1970
	   was a Thursday */
	int64_t local = local_of(r, person) + (INT64_C(100000) * WEEK + 3) * DAY_MS;
	uint32_t hours = (uint32_t)((uint64_t)local / HOUR_MS), days = hours / 24;
	return (struct moment){(int)(days % WEEK), (int)(hours % 24)};
}

static uint8_t *seen_of(const struct rehearsal *r, uint32_t person)
{
	return dd_dialler_note(r->dialler, r->index, person);
}

/* -- tallies ---------------------------------------------------------------- */

static struct dd_hour_tally *hour_at(struct dd_forecast *f, int64_t at)
{
	int64_t i = dd_floor_div(at - f->first_hour, HOUR_MS);
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
		        f->first_hour + (dd_floor_div(from - f->first_hour, HOUR_MS) + 1) * HOUR_MS;
		end = end < to ? end : to;
		hour_at(f, from)->busy_ms += (uint64_t)(end - from);
		from = end;
	}
}

static void note_placed(struct rehearsal *r, struct moment m, int attempt)
{
	struct dd_forecast *f = r->f;
	if (f->calls == 0) {
		f->first_call = r->now;
		int64_t zone_offset = r->campaign->zone
		        ? dd_zone_offset_s(r->campaign->zone, r->now) * INT64_C(1000)
		        : 0;
		f->first_hour = dd_floor_div(r->now + zone_offset, HOUR_MS) * HOUR_MS - zone_offset;
	}
	struct dd_hour_tally *h = hour_at(f, r->now);
	f->calls++;
	f->attempts[attempt].calls++;
	h->calls++;
	uint32_t lines = r->active.n + (uint32_t)r->stand + 1;
	h->peak = lines > h->peak ? lines : h->peak;
	f->peak = lines > f->peak ? lines : f->peak;
	f->heat_calls[m.weekday][m.hour]++;
}

static void note_talk(struct rehearsal *r, uint32_t person, const struct dd_talk *talk, bool stale)
{
	struct dd_forecast *f = r->f;
	struct moment m = moment_of(r, person);
	int64_t second = talk->lasted / 1000;
	second = second < DD_DROP_SECONDS ? second : DD_DROP_SECONDS - 1;
	hour_at(f, r->now)->humans++;
	f->heat_humans[m.weekday][m.hour]++;
	r->ended_after[second]++;
	f->hung_up += talk->ended_by == DD_ENDED_CUSTOMER;
	f->dropped += talk->ended_by == DD_ENDED_DROPPED;
	f->time_limited += talk->ended_by == DD_ENDED_TIME_LIMIT;
	if (talk->ended_by == DD_ENDED_CUSTOMER) {
		f->drop_step[talk->step < r->campaign->program->nsteps
		                ? talk->step
		                : r->campaign->program->nsteps]++;
		f->drop_second[second]++;
	}
	if (stale) /* the round in which it was placed has been counted */
		return;
	*seen_of(r, person) |= (uint8_t)(HUMAN | (talk->heard_message ? COMPLETED : 0) |
	        (talk->responded ? RESPONDED : 0) | (talk->goal ? ACTED : 0) |
	        (talk->opted_out ? OPTED : 0));
}

/* -- a call ----------------------------------------------------------------- */

static void charge(struct rehearsal *r, dd_ms lasted)
{
	double pulse = r->campaign->price_pulse_s > 0 ? r->campaign->price_pulse_s : 60;
	r->f->charged += lasted > 0;
	r->f->pulses += lasted > 0 ? (uint64_t)ceil((double)lasted / 1000 / pulse) : 0;
}

/* `told` is NULL where nobody asks; `r->now` is when the call was placed. */
static dd_ms note_call(struct rehearsal *r, uint32_t person, bool machine, bool stale,
        const struct dd_talk *talk, struct dd_simulated_call *told)
{
	struct dd_forecast *f = r->f;
	f->call_ms += machine ? 0 : (uint64_t)talk->lasted;
	f->sms += talk->sms;
	f->requests += talk->requests;
	f->errors += talk->errors;
	charge(r, talk->lasted);
	if (!machine)
		note_talk(r, person, talk, stale);
	else if (!stale)
		*seen_of(r, person) |= MACHINE;
	if (told) {
		told->lasted = talk->lasted;
		told->ended_by = talk->ended_by;
		told->goal = talk->goal;
		told->opted_out = talk->opted_out;
		told->heard_message = talk->heard_message;
		told->sms = talk->sms;
		told->requests = talk->requests;
		told->errors = talk->errors;
		told->digits = talk->digits;
		told->presses = talk->presses;
		told->replies = talk->replies;
		r->o->call(r->o->self, told);
	}
	return talk->lasted;
}

static dd_ms talk(struct rehearsal *r, uint32_t person, bool machine, struct dd_pcg *rng,
        struct dd_simulated_call *told)
{
	struct dd_talk t;
	dd_crowd_talk(r->crowd, rng, machine, told != NULL, r->f, &t);
	return note_call(r, person, machine, false, &t, told);
}

/* -- agents ----------------------------------------------------------------- */

/* A call is over: what it came to is counted where it was placed, and its line is free at its end.
 */
static void sit_down(struct rehearsal *r, uint32_t who)
{
	struct standing *s = &r->standing[who];
	struct dd_talk t;
	int64_t now = r->now;
	dd_talk_end(s->talk, &t);
	s->talk = NULL;
	r->stand--;
	DD_PUSH(r->spare, r->nspare, r->cap_spare) = who;
	r->now = s->told.placed;
	(void)note_call(r, s->told.person, s->machine, s->stale, &t, r->o->call ? &s->told : NULL);
	occupy(r->f, s->told.placed, s->answered + t.lasted);
	r->now = now;
	dd_heap_push(&r->active, s->answered + t.lasted, s->stale ? NOBODY : s->told.person);
}

/* Until it wants an agent, or is over. */
static void go_on(struct rehearsal *r, uint32_t who)
{
	struct standing *s = &r->standing[who];
	if (dd_talk_go_on(s->talk))
		dd_desk_ask(r->desk, who, s->answered + dd_talk_now(s->talk));
	else
		sit_down(r, who);
}

static void stand_up(struct rehearsal *r, const struct dd_simulated_call *told, bool machine,
        const struct dd_pcg *rng)
{
	uint32_t who = r->nspare ? r->spare[--r->nspare] : (uint32_t)r->nstanding;
	if (who == r->nstanding)
		DD_PUSH(r->standing, r->nstanding, r->cap_standing) =
		        (struct standing){.talk = NULL};
	r->standing[who] = (struct standing){
	        .talk = dd_talk_new(r->crowd, rng, machine, r->o->call != NULL, r->f),
	        .told = *told,
	        .answered = told->placed + told->ringing,
	        .machine = machine};
	r->stand++;
	go_on(r, who);
}

static void turn_to_agents(struct rehearsal *r)
{
	struct dd_desk_step s;
	while ((s = dd_desk_step(r->desk, r->now)).what != DD_DESK_NOTHING) {
		struct standing *x = &r->standing[s.who];
		switch (s.what) {
		case DD_DESK_JOIN:
			dd_desk_busy(
			        r->desk, x->answered + dd_talk_join(x->talk, r->now - x->answered));
			go_on(r, s.who);
			break;
		case DD_DESK_WAIT:
			dd_desk_waits(r->desk, s.who, x->answered + dd_talk_waits(x->talk));
			break;
		case DD_DESK_GIVE_UP: go_on(r, s.who); break;
		case DD_DESK_NOTHING: break;
		}
	}
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
static uint64_t seed_of(const struct rehearsal *r, uint32_t person, int attempt)
{
	uint64_t x = r->seed * UINT64_C(0x9E3779B97F4A7C15) + ((uint64_t)r->round << 40) +
	        (uint64_t)person * 16 + (uint64_t)attempt;
	x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
	return x ^ x >> 31;
}

static void place(struct rehearsal *r, uint32_t person, int attempt)
{
	static const uint8_t last[] = {[DD_BY_HUMAN] = DD_END_CONNECTED,
	        [DD_BY_MACHINE] = DD_END_CONNECTED,
	        [DD_BY_NOBODY_BUSY] = DD_END_BUSY,
	        [DD_BY_NOBODY_NO_ANSWER] = DD_END_NO_ANSWER,
	        [DD_BY_NOBODY_FAILED] = DD_END_FAILED};
	uint64_t seed = seed_of(r, person, attempt);
	struct dd_pcg rng = dd_pcg_seed(seed, person);
	struct moment m = moment_of(r, person);
	note_placed(r, m, attempt);
	enum dd_answered_by by =
	        dd_audience_answers(r->campaign->audience, attempt, m.weekday, m.hour, &rng);
	dd_ms ring = dd_audience_ring(r->campaign->audience, by, r->campaign->ring_timeout, &rng),
	      lasted = 0;
	struct dd_simulated_call told;
	if (r->o->call || r->desk)
		told = (struct dd_simulated_call){.campaign = r->campaign,
		        .person = person,
		        .attempt = attempt + 1,
		        .placed = r->now,
		        .ringing = ring,
		        .answered_by = by,
		        .ended_by = DD_ENDED_NOT_ANSWERED,
		        .digits = "",
		        .seed = seed,
		        .presses = "",
		        .replies = ""};
	count_answer(&r->f->attempts[attempt], by);
	uint8_t *seen = seen_of(r, person);
	*seen = (uint8_t)((*seen & ~LAST) | last[by]);
	if (r->campaign->sms_after_first && attempt == 0 && by != DD_BY_HUMAN &&
	        by != DD_BY_MACHINE)
		r->f->sms_unanswered++;
	r->f->ring_ms += (uint64_t)ring;
	if (r->desk && (by == DD_BY_HUMAN || by == DD_BY_MACHINE)) {
		stand_up(r, &told, by == DD_BY_MACHINE, &rng);
		return;
	}
	if (by == DD_BY_HUMAN || by == DD_BY_MACHINE)
		lasted = talk(r, person, by == DD_BY_MACHINE, &rng, r->o->call ? &told : NULL);
	else if (r->o->call)
		r->o->call(r->o->self, &told);
	occupy(r->f, r->now, r->now + ring + lasted);
	dd_heap_push(&r->active, r->now + ring + lasted, person);
}

/* -- ends ------------------------------------------------------------------- */

/* How a contact has ended, at the end of the campaign or of one round of it. */
static void count_end(struct rehearsal *r, uint32_t person, enum dd_contact_end end, bool dialled)
{
	struct dd_forecast *f = r->f;
	uint8_t seen = *seen_of(r, person);
	f->ends[end]++;
	f->held_law += end == DD_END_DND || end == DD_END_NO_CONSENT;
	f->dialled += dialled;
	f->answered += (seen & HUMAN) != 0;
	f->completed += (seen & COMPLETED) != 0;
	f->responded += (seen & RESPONDED) != 0;
	f->acted += (seen & ACTED) != 0;
	f->opted_out += (seen & OPTED) != 0;
	f->machine_only += (seen & (MACHINE | HUMAN)) == MACHINE;
	/* who was called and never reached, also where the campaign ended before the last retry */
	if (r->campaign->sms_if_unanswered && !r->campaign->sms_after_first && dialled &&
	        !(seen & (MACHINE | HUMAN)) && end != DD_END_OPTED_OUT)
		f->sms_unanswered++;
}

/* Its contacts are first_of_all(), and every step_of()-th after it. All others are not looked at;
   but a contact's index is that in the whole list, so that its chance is the same. */
static uint32_t first_of_all(const struct rehearsal *r)
{
	return r->o->shard.of ? r->o->shard.index - 1 : 0;
}

static uint32_t step_of(const struct rehearsal *r)
{
	return r->o->shard.of ? r->o->shard.of : 1;
}

static uint64_t count_of_all(const struct rehearsal *r)
{
	return (r->campaign->people->n + (uint64_t)step_of(r) - 1 - first_of_all(r)) / step_of(r);
}

/* Contacts that end before anything happens are told by no step. */
static void begin_round(struct rehearsal *r)
{
	r->f->contacts += count_of_all(r);
	for (uint32_t i = first_of_all(r); i < r->campaign->people->n; i += step_of(r)) {
		struct dd_contact_row row = dd_dialler_contact(r->dialler, r->index, i);
		if (row.end != DD_END_NOT_YET)
			count_end(r, i, row.end, false);
	}
}

/* What is still talking belongs to the round before: its end calls nobody again. */
static void turn(struct rehearsal *r)
{
	for (uint32_t i = 0; i < r->active.n; i++)
		r->active.list[i].what = NOBODY;
	for (size_t i = 0; i < r->nstanding; i++)
		r->standing[i].stale = true;
	r->round++;
	begin_round(r);
}

/* -- what happens ----------------------------------------------------------- */

static void end_calls(struct rehearsal *r)
{
	while (r->active.n && r->active.list[0].at <= r->now) {
		struct dd_heap_item i = dd_heap_pop(&r->active);
		bool known = i.what != NOBODY;
		uint8_t seen = known ? *seen_of(r, i.what) : 0;
		struct dd_dialler_step s = dd_dialler_over(r->dialler,
		        (struct dd_ticket){r->index, known ? r->round : UINT32_MAX, i.what}, i.at,
		        (enum dd_contact_end)(seen & LAST), (seen & OPTED) != 0);
		r->f->last_end = i.at > r->f->last_end ? i.at : r->f->last_end;
		if (s.what == DD_DIAL_OVER)
			count_end(r, i.what, s.end, true);
		if (s.what == DD_DIAL_HELD) {
			r->f->held_hours += s.opens != s.until;
			r->f->waited_retry += s.until - i.at;
		}
	}
}

static void act(struct rehearsal *r, const struct dd_dialler_step *s)
{
	uint32_t person = s->ticket.person;
	switch (s->what) {
	case DD_DIAL_CALL: place(r, person, s->attempt - 1); break;
	case DD_DIAL_HELD:
		r->f->held_cap += s->why == DD_HELD_CAP;
		r->f->held_gap += s->why == DD_HELD_GAP;
		break;
	case DD_DIAL_OVER:
		count_end(r, person, s->end,
		        dd_dialler_contact(r->dialler, r->index, person).attempts > 0);
		break;
	case DD_DIAL_TURN: turn(r); break;
	case DD_DIAL_DONE:
	case DD_DIAL_NOTHING: break;
	}
}

/* Until the next thing happens, time counts for each contact that waits. */
static void wait_until(struct rehearsal *r, int64_t then)
{
	int64_t n,
	        *const waited[] = {[DD_WAITS_LINES] = &r->f->waited_concurrency,
	                [DD_WAITS_THROTTLE] = &r->f->waited_throttle,
	                [DD_WAITS_WINDOW] = &r->f->waited_window};
	enum dd_dialler_waits why = dd_dialler_waits(r->dialler, r->index, r->now, &n);
	if (why != DD_WAITS_NOT)
		*waited[why] += (then - r->now) * n;
}

static void run(struct rehearsal *list, size_t n, const struct dd_simulate_options *o)
{
	struct dd_dialler *dialler = list[0].dialler;
	uint64_t turns = 0;
	int64_t now = INT64_MAX;
	for (size_t i = 0; i < n; i++)
		now = list[i].began < now ? list[i].began : now;
	while (now != INT64_MAX) {
		const struct dd_forecast *last = list[0].f;
		int64_t next;
		for (size_t i = 0; i < n; i++) {
			list[i].now = now;
			if (list[i].desk)
				turn_to_agents(&list[i]);
			if (list[i].active.n && list[i].active.list[0].at <= now)
				end_calls(&list[i]);
		}
		for (;;) {
			const struct dd_dialler_step s = dd_dialler_step(dialler, now);
			if (s.what == DD_DIAL_NOTHING)
				break;
			act(&list[s.ticket.campaign], &s);
			last = list[s.ticket.campaign].f;
		}
		next = dd_dialler_next(dialler, now);
		for (size_t i = 0; i < n; i++)
			if (list[i].active.n && list[i].active.list[0].at < next)
				next = list[i].active.list[0].at;
		for (size_t i = 0; i < n; i++) {
			int64_t at = list[i].desk ? dd_desk_next(list[i].desk) : INT64_MAX;
			next = at < next ? at : next;
		}
		for (size_t i = 0; next != INT64_MAX && i < n; i++)
			wait_until(&list[i], next);
		now = next;
		if (o->go_on && ++turns % ASK_EVERY == 0 && !o->go_on(o->self, last)) {
			for (size_t i = 0; i < n; i++)
				list[i].f->interrupted = true;
			break;
		}
	}
}

/* -- beginning and end ------------------------------------------------------ */

static uint32_t least_of(uint32_t a, uint32_t b)
{
	return a && (!b || a < b) ? a : b;
}

/* The account is one, whatever many files say of it: the least that one of them says, and what is
 * assumed where none does. */
static struct dd_dialler_options account_of(const struct dd_campaign *const *campaigns, size_t n)
{
	struct dd_dialler_options a = {.distinct = n == 1 && !campaigns[0]->people->twins};
	bool said = false;
	for (size_t i = 0; i < n; i++)
		said |= campaigns[i]->account_said;
	for (size_t i = 0; i < n; i++) {
		if (said && !campaigns[i]->account_said)
			continue;
		a.account_throttle = least_of(a.account_throttle, campaigns[i]->account_throttle);
		a.account_concurrency =
		        least_of(a.account_concurrency, campaigns[i]->account_concurrency);
	}
	return a;
}

/* Each shard must have a call at once, and one a minute. */
static enum dd_status check_share(const struct dd_dialler_options *account,
        const struct dd_campaign *c, struct dd_shard shard, struct dd_error *err)
{
	uint32_t throttle = least_of(c->throttle, account->account_throttle),
	         most = least_of(c->concurrency, account->account_concurrency);
	if (c->agents && c->agents < shard.of)
		return dd_fail(err, DD_ERR_LIMIT,
		        "%u shards cannot share %u agents: take fewer shards", shard.of, c->agents);
	if ((!most || most >= shard.of) && (!throttle || throttle >= shard.of))
		return DD_OK;
	return dd_fail(err, DD_ERR_LIMIT, "%u shards cannot share %u calls %s: take fewer shards",
	        shard.of, most && most < shard.of ? most : throttle,
	        most && most < shard.of ? "at once" : "a minute");
}

static enum dd_status begin(struct rehearsal *r, struct dd_error *err)
{
	const struct dd_campaign *c = r->campaign;
	const struct dd_shard shard = r->o->shard;
	r->f = shard_forecast_new(c);
	r->f->shard = shard;
	r->f->whole = shard.of ? shard_digest(c, r->prompt_ms, r->o->seed) : 0;
	r->now = r->began = c->start == INT64_MIN ? DD_STARTS_UNIX_MS : c->start;
	r->crowd = dd_crowd_new(c, r->prompt_ms);
	if (c->agents)
		r->desk = dd_desk_new(dd_shard_share(shard, c->agents));
	r->ended_after = dd_alloc(DD_DROP_SECONDS * sizeof *r->ended_after);
	const struct dd_dialler_plan plan = {.campaign = c,
	        .concurrency = dd_shard_share(shard, c->concurrency),
	        .throttle = dd_shard_share(shard, c->throttle),
	        .shard = shard,
	        .begins = r->began,
	        .id = r->id};
	enum dd_status status = dd_dialler_add(r->dialler, &plan, &r->index, err);
	if (status == DD_OK)
		begin_round(r);
	return status;
}

static void sum_up(struct rehearsal *r)
{
	struct dd_forecast *f = r->f;
	uint64_t left = 0;
	for (uint32_t i = first_of_all(r); i < r->campaign->people->n; i += step_of(r)) {
		struct dd_contact_row row = dd_dialler_contact(r->dialler, r->index, i);
		if (row.end == DD_END_NOT_YET)
			count_end(
			        r, i, dd_dialler_end_of(r->dialler, r->index, i), row.attempts > 0);
	}
	for (int i = DD_DROP_SECONDS - 1; i >= 0; i--)
		f->still_there[i] = left += r->ended_after[i];
	f->cost = dd_forecast_price(f);
	f->finished = !f->interrupted && f->ends[DD_END_PENDING] == 0;
	if (f->calls) {
		struct dd_calendar *calendar = dd_dialler_calendar(r->dialler, r->index);
		uint64_t busy = 0;
		for (size_t i = 0; i < f->nhours; i++)
			busy += f->hours[i].busy_ms;
		f->open_ms = dd_calendar_open_ms(calendar, f->first_call,
		        f->last_end > f->first_call ? f->last_end : f->first_call + 1);
		f->mean = f->open_ms ? (double)busy / (double)f->open_ms : 0;
		f->open_before_first = f->first_call > r->began
		        ? dd_calendar_open_ms(calendar, r->began, f->first_call)
		        : 0;
		f->open_before_last = f->open_before_first + f->open_ms;
	}
}

static void finish(struct rehearsal *r)
{
	struct dd_talk t;
	free(r->ended_after);
	for (size_t i = 0; i < r->nstanding; i++)
		if (r->standing[i].talk)
			dd_talk_end(r->standing[i].talk, &t); /* it was interrupted */
	free(r->standing);
	free(r->spare);
	dd_desk_free(r->desk);
	dd_heap_fini(&r->active);
	dd_crowd_free(r->crowd);
}

struct dd_forecast **dd_simulate(const struct dd_campaign *const *campaigns, size_t n,
        const struct dd_simulate_options *o, struct dd_error *err)
{
	struct rehearsal *list = dd_alloc((n + 1) * sizeof *list);
	struct dd_forecast **out = dd_alloc((n + 1) * sizeof *out);
	struct dd_dialler_options account = account_of(campaigns, n);
	struct dd_dialler *dialler = NULL;
	enum dd_status status = n == 1 ? check_share(&account, campaigns[0], o->shard, err) : DD_OK;
	account.account_throttle = dd_shard_share(o->shard, account.account_throttle);
	account.account_concurrency = dd_shard_share(o->shard, account.account_concurrency);
	if (status == DD_OK)
		status = dd_dialler_new(&account, &dialler, err);
	for (size_t i = 0; i < n && status == DD_OK; i++) {
		list[i] = (struct rehearsal){.campaign = campaigns[i],
		        .o = o,
		        .prompt_ms = o->prompt_ms[i],
		        .dialler = dialler,
		        .id = i + 1,
		        /* the same contact in two lists has two fates */
		        .seed = campaigns[i]->seed + o->seed +
		                (uint64_t)i * UINT64_C(0xD1B54A32D192ED03)};
		status = begin(&list[i], err);
	}
	if (status == DD_OK && n)
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
	dd_dialler_free(dialler);
	free(list);
	return out;
}
