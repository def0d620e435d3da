/* What happens at a moment, and when the next one is. */
#include "campaign/dialling.h"
#include "campaign/retry.h"

static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static bool goes_on(const struct dial_campaign *c)
{
	return c->campaign && !c->paused && !c->done;
}

static bool has_lines(const struct dd_dialler *d, const struct dial_campaign *c)
{
	return c->active < c->concurrency &&
	        (!d->o.account_concurrency || d->active < d->o.account_concurrency);
}

/* When both throttles let a call begin. Moments are whole milliseconds, gaps may not be. */
static int64_t throttle_free(const struct dd_dialler *d, const struct dial_campaign *c)
{
	int64_t us = c->free_us > d->free_us ? c->free_us : d->free_us;
	return us > 0 ? (us + 999) / 1000 : INT64_MIN;
}

static struct dd_dialler_step step_of(
        const struct dial_campaign *c, enum dd_dialler_what what, uint32_t person)
{
	return (struct dd_dialler_step){.what = what, .ticket = {c->index, c->round, person}};
}

/* -- ends ------------------------------------------------------------------- */

/* Whether the number has had all calls of the last day on which it was called: then a cap holds it,
 * and not the gap behind another campaign's call. */
static bool is_capped(const struct dd_dialler *d, const struct dial_campaign *c, uint32_t person)
{
	const struct dd_law *law = c->campaign->law;
	uint32_t line = dial_line_of(c, person);
	int today, week;
	dd_lines_count(&d->lines, line, d->lines.list[line].day, &today, &week);
	return (law->calls_per_day && today >= law->calls_per_day) ||
	        (law->calls_per_week && week >= law->calls_per_week);
}

/* How a contact that has not ended does when its round or campaign is over. */
static enum dd_contact_end left_over(
        const struct dd_dialler *d, const struct dial_campaign *c, uint32_t person)
{
	if (dd_lines_opted_out(&d->lines, dial_line_of(c, person)))
		return DD_END_OPTED_OUT;
	return c->states[person].flags & DIALLED_HELD && is_capped(d, c, person) ? DD_END_CAPPED
	                                                                         : DD_END_PENDING;
}

enum dd_contact_end dd_dialler_end_of(
        const struct dd_dialler *d, uint32_t campaign, uint32_t person)
{
	const struct dial_campaign *c = d->list[campaign];
	uint8_t end = c->states[person].end;
	return end != DD_END_NOT_YET ? (enum dd_contact_end)end : left_over(d, c, person);
}

static struct dd_dialler_step end_contact(
        struct dial_campaign *c, uint32_t person, enum dd_contact_end end)
{
	struct dd_dialler_step s = step_of(c, DD_DIAL_OVER, person);
	c->states[person].end = (uint8_t)end;
	c->left--;
	s.end = end;
	return s;
}

/* The next contact that waits when its campaign or round is over; NOTHING: none is left. A contact
   with whom somebody talks is left to that call's end when the campaign is over, but not when a
   round is: the next one calls it anew. */
static struct dd_dialler_step sweep(struct dd_dialler *d, struct dial_campaign *c, bool talking)
{
	for (; c->sweep < c->n; c->sweep += dial_stride(c)) {
		struct dialled *s = &c->states[c->sweep];
		if (s->end == DD_END_NOT_YET && (talking || !(s->flags & DIALLED_CALLED))) {
			uint32_t person = c->sweep;
			c->sweep += dial_stride(c);
			return end_contact(c, person, left_over(d, c, person));
		}
	}
	return (struct dd_dialler_step){.what = DD_DIAL_NOTHING};
}

/* When the campaign ends by itself: at its end, or when nobody is left whom a moment could reach.
 * INT64_MAX: not yet. */
static int64_t ends_at(struct dial_campaign *c, int64_t now)
{
	int64_t from = now > c->begins ? now : c->begins;
	if (c->ended)
		return now;
	if (c->next_round != INT64_MAX)
		return INT64_MAX;
	if (c->left == 0)
		return c->active ? INT64_MAX : from;
	if (c->campaign->end != INT64_MAX)
		return c->campaign->end > now ? c->campaign->end : now;
	return c->active || dial_next_due(c, now) != INT64_MAX ? INT64_MAX : from;
}

/* A campaign that is over: those who wait, one by one; then, when no call is going on, DONE. */
static struct dd_dialler_step wind_up(struct dd_dialler *d, struct dial_campaign *c)
{
	if (!c->ended) {
		c->ended = true;
		c->sweep = dial_first(c);
	}
	struct dd_dialler_step s = sweep(d, c, false);
	if (s.what != DD_DIAL_NOTHING || c->active)
		return s;
	c->done = true;
	return step_of(c, DD_DIAL_DONE, 0);
}

/* The list is called anew: every contact ends this round as it is, and begins the next as if it had
 * not been called; opt-outs and caps stay. */
static struct dd_dialler_step turn(struct dd_dialler *d, struct dial_campaign *c, int64_t now)
{
	struct dd_dialler_step s = sweep(d, c, true);
	if (s.what != DD_DIAL_NOTHING)
		return s;
	c->stale = c->active;
	c->round++;
	c->next_round = dial_next_round(c, now);
	dial_begin_round(d, c);
	return step_of(c, DD_DIAL_TURN, 0);
}

/* -- a call ----------------------------------------------------------------- */

/* Whose turn it is, taken out of line. */
struct taken {
	struct dial_campaign *c; /* NULL: nobody */
	struct group *group;
	uint32_t person;
};

static struct dd_dialler_step hold(const struct taken *who, enum dd_held why, int64_t until)
{
	struct dd_dialler_step s = step_of(who->c, DD_DIAL_HELD, who->person);
	who->c->states[who->person].flags |= DIALLED_HELD;
	s.why = why;
	s.until = s.opens = until;
	dial_put_again(who->c, who->group, 0, until, who->person);
	return s;
}

/* Whether a contact must not be called now: it ends, or waits for the day that frees it, or until
 * the last call of another campaign is long enough ago. */
static bool hold_back(
        struct dd_dialler *d, const struct taken *who, int64_t now, struct dd_dialler_step *out)
{
	struct dial_campaign *c = who->c;
	const struct dd_law *law = c->campaign->law;
	uint32_t line = dial_line_of(c, who->person);
	int today, week = 0;
	if (dd_lines_opted_out(&d->lines, line)) {
		*out = end_contact(c, who->person, DD_END_OPTED_OUT);
		return true;
	}
	if (law->calls_per_day || law->calls_per_week) {
		int64_t day = dial_day(c, who->group, now);
		dd_lines_count(&d->lines, line, day, &today, law->calls_per_week ? &week : NULL);
		if ((law->calls_per_day && today >= law->calls_per_day) ||
		        (law->calls_per_week && week >= law->calls_per_week)) {
			day = dd_lines_free_day(
			        &d->lines, line, day, law->calls_per_day, law->calls_per_week);
			*out = hold(who, DD_HELD_CAP,
			        dd_zone_instant_of(dial_cap_zone(c, who->group), day, 0));
			return true;
		}
	}
	int64_t rested = dd_lines_rested(&d->lines, line, c->campaign->min_gap, c->id);
	if (rested > now)
		*out = hold(who, DD_HELD_GAP, rested);
	return rested > now;
}

/* The throttle counts from the real moment: whoever is late does not catch up. */
static void throttle(int64_t *free_us, int64_t gap_us, int64_t now)
{
	*free_us = (*free_us > now * 1000 ? *free_us : now * 1000) + gap_us;
}

static struct dd_dialler_step place(struct dd_dialler *d, const struct taken *who, int64_t now)
{
	struct dial_campaign *c = who->c;
	struct dialled *s = &c->states[who->person];
	struct dd_dialler_step step = step_of(c, DD_DIAL_CALL, who->person);
	step.attempt = ++s->attempts;
	s->flags = (uint8_t)((s->flags & ~DIALLED_HELD) | DIALLED_CALLED);
	uint32_t line = dial_line_of(c, who->person);
	dd_lines_called(&d->lines, line, dial_day(c, who->group, now));
	dd_lines_rang(&d->lines, line, now, c->id);
	c->active++;
	d->active++;
	if (c->gap_us)
		throttle(&c->free_us, c->gap_us, now);
	if (d->gap_us)
		throttle(&d->free_us, d->gap_us, now);
	return step;
}

/* What holds until then was found out before, and nobody has come or gone since. */
static bool rests(const struct dial_campaign *c, int64_t now)
{
	return c->rests_until > now && !c->ended;
}

static bool is_quiet(const struct dd_dialler *d, int64_t now)
{
	return now >= d->quiet_from && now < d->quiet_until;
}

/* Takes the next contact of all campaigns that may call now. */
static struct taken take_next(struct dd_dialler *d, int64_t now)
{
	const struct candidate *best = NULL;
	struct taken who = {NULL, NULL, 0};
	for (uint32_t i = 0; i < d->n; i++) {
		struct dial_campaign *c = d->list[i];
		if (!goes_on(c) || rests(c, now) || c->ended || now < c->begins ||
		        !has_lines(d, c) || throttle_free(d, c) > now)
			continue;
		const struct candidate *one = dial_candidate(c, now);
		if (one->group && (!best || dial_before(one, best))) {
			best = one;
			who.c = c;
		}
	}
	if (who.c) {
		who.group = best->group;
		who.person = best->person;
		dial_take(who.c);
	}
	return who;
}

struct dd_dialler_step dd_dialler_step(struct dd_dialler *d, int64_t now)
{
	struct dd_dialler_step s = {.what = DD_DIAL_NOTHING};
	struct dial_campaign *c = NULL;
	if (is_quiet(d, now))
		return s;
	d->quiet_until = INT64_MIN;
	for (uint32_t i = 0; i < d->n; i++) {
		c = d->list[i];
		if (!c->campaign || c->done || (c->paused && !c->ended) || rests(c, now))
			continue;
		if (!c->ended && now >= c->next_round)
			return turn(d, c, now);
		if (ends_at(c, now) <= now)
			s = wind_up(d, c);
		if (s.what != DD_DIAL_NOTHING)
			return s;
	}
	for (;;) {
		struct taken who = take_next(d, now);
		if (!who.c)
			return s;
		if (who.c->states[who.person].end != DD_END_NOT_YET)
			continue;
		if (hold_back(d, &who, now, &s))
			return s;
		s = place(d, &who, now);
		/* one list alone: whoever asks what more there is need not look again */
		if (d->n == 1 && throttle_free(d, who.c) > now)
			(void)dd_dialler_next(d, now);
		return s;
	}
}

/* -- the end of a call ------------------------------------------------------ */

static unsigned retry_bit(enum dd_contact_end how)
{
	return how == DD_END_BUSY         ? DD_RETRY_BUSY
	        : how == DD_END_NO_ANSWER ? DD_RETRY_NO_ANSWER
	        : how == DD_END_FAILED    ? DD_RETRY_FAILED
	                                  : 0;
}

struct dd_dialler_step dd_dialler_over(struct dd_dialler *d, struct dd_ticket t, int64_t at,
        enum dd_contact_end how, bool opted_out)
{
	struct dd_dialler_step s = {.what = DD_DIAL_NOTHING};
	struct dial_campaign *c = t.campaign < d->n ? d->list[t.campaign] : NULL;
	if (!c || !c->campaign || !c->active)
		return s;
	/* the others wait for lines, or the campaign may be over: then the end changes things */
	if (!has_lines(d, c) || c->ended || c->active == 1)
		d->quiet_until = INT64_MIN;
	c->active--;
	d->active--;
	c->rests_until = INT64_MIN;
	if (t.person < c->n) {
		dd_lines_rang(&d->lines, dial_line_of(c, t.person), at, c->id);
		if (opted_out)
			dd_lines_opt_out(&d->lines, dial_line_of(c, t.person));
	}
	if (t.round != c->round || t.person >= c->n) {
		c->stale -= c->stale > 0;
		return s;
	}
	struct dialled *x = &c->states[t.person];
	bool failed_before = x->flags & DIALLED_FAILED;
	x->flags &= (uint8_t)~DIALLED_CALLED;
	if (x->end != DD_END_NOT_YET)
		return s;
	if (c->left == 1)
		d->quiet_until = INT64_MIN;
	if (opted_out || !dd_retry_again(c->campaign, x->attempts, retry_bit(how), failed_before))
		return end_contact(c, t.person, how);
	if (c->ended)
		return end_contact(c, t.person, DD_END_PENDING);
	x->flags |= how == DD_END_FAILED ? DIALLED_FAILED : 0;
	struct group *g = dial_group_of(c, t.person);
	s = step_of(c, DD_DIAL_HELD, t.person);
	s.why = DD_HELD_RETRY;
	s.until = dd_retry_due(c->campaign, x->attempts, at);
	s.opens = s.until >= g->open && s.until < g->shut ? s.until
	                                                  : dd_calendar_next(g->calendar, s.until);
	dial_put_again(c, g, x->attempts, s.until, t.person);
	d->quiet_until = least(d->quiet_until, s.opens);
	return s;
}

/* -- the next moment -------------------------------------------------------- */

/* When the campaign could call somebody: now or later, as lines, throttle and hours allow. */
static int64_t calls_at(struct dd_dialler *d, struct dial_campaign *c, int64_t now)
{
	if (c->ended || !has_lines(d, c))
		return INT64_MAX;
	int64_t from = now > c->begins ? now : c->begins, free_ms = throttle_free(d, c);
	if (from == now && dial_candidate(c, now)->group)
		return free_ms > now ? free_ms : now;
	return dial_next_due(c, from);
}

int64_t dd_dialler_next(struct dd_dialler *d, int64_t now)
{
	int64_t next = INT64_MAX;
	if (is_quiet(d, now))
		return d->quiet_until;
	for (uint32_t i = 0; i < d->n; i++) {
		struct dial_campaign *c = d->list[i];
		if (!c->campaign || c->done || (c->paused && !c->ended))
			continue;
		if (c->ended) {
			next = c->sweep < c->n || !c->active ? least(next, now) : next;
			continue;
		}
		if (rests(c, now)) {
			next = least(next, c->rests_until);
			continue;
		}
		int64_t call = calls_at(d, c, now);
		int64_t own =
		        least(call > now ? call : now, c->next_round > now ? c->next_round : now);
		own = least(own, ends_at(c, now));
		next = least(next, own);
		/* a contact whose turn it is waits for what all campaigns share */
		if (has_lines(d, c) && (now < c->begins || !dial_candidate(c, now)->group))
			c->rests_until = own;
	}
	d->quiet_from = now;
	d->quiet_until = next;
	return next;
}

enum dd_dialler_waits dd_dialler_waits(
        struct dd_dialler *d, uint32_t campaign, int64_t now, int64_t *contacts)
{
	struct dial_campaign *c = d->list[campaign];
	*contacts = 0;
	if (!goes_on(c) || c->ended)
		return DD_WAITS_NOT;
	if (!dial_candidate(c, now)->group) {
		if (!c->active && dial_next_due(c, now) == INT64_MAX)
			return DD_WAITS_NOT; /* in vain */
		*contacts = dial_in_line(c, false, now);
		return DD_WAITS_WINDOW;
	}
	*contacts = dial_in_line(c, true, now);
	return has_lines(d, c) ? DD_WAITS_THROTTLE : DD_WAITS_LINES;
}
