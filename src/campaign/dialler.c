/* The campaigns of a dialler, its rows, and single calls. */
#include "campaign/dialler.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "campaign/dialling.h"

/* -- zones, groups, lines --------------------------------------------------- */

struct group *dial_group_of(const struct dial_campaign *c, uint32_t person)
{
	if (c->ngroups == 1)
		return c->groups; /* without a look at the person, who may be one of millions */
	return &c->groups[c->group_of_zone[c->campaign->people->list[person].zone]];
}

uint32_t dial_line_of(const struct dial_campaign *c, uint32_t person)
{
	return c->line_of ? c->line_of[person] : person;
}

const struct dd_zone *dial_cap_zone(const struct dial_campaign *c, const struct group *g)
{
	return c->law_zone ? c->law_zone : g->zone;
}

int64_t dial_day(struct dial_campaign *c, struct group *g, int64_t now)
{
	if (now < g->steady_from || now >= g->steady_until)
		g->offset_ms = dd_zone_steady(dial_cap_zone(c, g), now, &g->steady_from,
		                       &g->steady_until) *
		        1000;
	return dd_floor_div(now + g->offset_ms, DIAL_DAY_MS);
}

/* -- rounds ----------------------------------------------------------------- */

enum { DAYS_AHEAD = 800 }; /* that are looked at for the next round */

int64_t dial_next_round(const struct dial_campaign *c, int64_t at)
{
	const struct dd_zone *zone = c->campaign->zone;
	if (!c->days)
		return INT64_MAX;
	int64_t day = dd_floor_div(at + dd_zone_offset_s(zone, at) * INT64_C(1000), DIAL_DAY_MS);
	for (int ahead = 1; ahead <= DAYS_AHEAD; ahead++) {
		int64_t begins = dd_zone_instant_of(zone, day + ahead, 0);
		if (begins >= c->campaign->end)
			break;
		/* a day without an hour in which calls are allowed is no round */
		if (dd_calendar_next(c->days, begins) == begins &&
		        dd_calendar_next(c->groups[0].calendar, begins) < begins + DIAL_DAY_MS)
			return begins;
	}
	return INT64_MAX;
}

static enum dd_status plan_rounds(struct dial_campaign *c, struct dd_error *err)
{
	const struct dd_calendar_hours all_day = {.all_day = true};
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	c->next_round = INT64_MAX;
	if (!c->campaign->recurs)
		return DD_OK;
	c->days = dd_calendar_new();
	layer.zone = c->campaign->zone;
	layer.hours = &all_day;
	layer.nhours = 1;
	layer.repeat = c->campaign->repeat;
	enum dd_status status = dd_calendar_add(c->days, &layer, err);
	int64_t first = status == DD_OK ? dd_calendar_next(c->days, c->begins) : INT64_MAX;
	if (first != INT64_MAX)
		c->next_round = dial_next_round(c, first > c->begins ? first : c->begins);
	return status;
}

/* Whom neither the list nor the law lets be called. */
static uint8_t end_before_all(const struct dial_campaign *c, const struct dd_person *p)
{
	const struct dd_law *law = c->campaign->law;
	bool consent = p->flags & (DD_PERSON_CONSENT | DD_PERSON_MADE_UP);
	if (p->flags & DD_PERSON_INVALID)
		return DD_END_INVALID;
	if (p->flags & DD_PERSON_DUPLICATE)
		return DD_END_DUPLICATE;
	if (p->flags & DD_PERSON_DND &&
	        (law->dnd == DD_DND_NEVER || (law->dnd == DD_DND_WITH_CONSENT && !consent)))
		return DD_END_DND;
	if (!consent &&
	        (law->consent == DD_CONSENT_ALWAYS ||
	                (law->consent == DD_CONSENT_PROMOTION && c->campaign->promotional)))
		return DD_END_NO_CONSENT;
	return DD_END_NOT_YET;
}

static void begin_contact(struct dial_campaign *c, uint32_t person)
{
	struct dialled *s = &c->states[person];
	*s = (struct dialled){.end = end_before_all(c, &c->campaign->people->list[person])};
	c->left += s->end == DD_END_NOT_YET;
}

void dial_begin_round(struct dd_dialler *d, struct dial_campaign *c)
{
	for (size_t i = 0; i < c->ngroups; i++) {
		struct group *g = &c->groups[i];
		g->first = 0;
		g->held.n = 0;
		for (int k = 0; k < DD_ATTEMPTS_MAX; k++)
			dial_queue_clear(&g->again[k]);
	}
	c->left = 0;
	dial_forget(d, c);
	c->sweep = dial_first(c);
	for (uint32_t i = dial_first(c); i < c->n; i += dial_stride(c))
		begin_contact(c, i);
}

/* -- adding a campaign ------------------------------------------------------ */

static enum dd_status make_group(struct dial_campaign *c, size_t zone_index, struct dd_error *err)
{
	const struct dd_zone *zone = c->campaign->people->zones[zone_index],
	                     *east = c->campaign->people->east[zone_index];
	struct group *g = &c->groups[c->ngroups++];
	struct dd_calendar_layer layer =
	        dd_law_layer(c->campaign->law, c->law_zone ? c->law_zone : zone);
	*g = (struct group){.zone = zone, .open = INT64_MIN, .shut = INT64_MIN};
	enum dd_status status = dd_campaign_calendar(c->campaign, &g->calendar, err);
	if (status == DD_OK)
		status = dd_calendar_add(g->calendar, &layer, err);
	if (status != DD_OK || !east || c->law_zone)
		return status;
	layer = dd_law_layer(c->campaign->law, east);
	return dd_calendar_add(g->calendar, &layer, err);
}

/* One group for each zone in which somebody is. */
static enum dd_status make_groups(struct dial_campaign *c, struct dd_error *err)
{
	const struct dd_people *people = c->campaign->people;
	bool used[DD_PEOPLE_ZONES] = {true};
	size_t groups = 1;
	enum dd_status status = DD_OK;
	if (c->campaign->law->zone)
		status = dd_zone_open(c->campaign->law->zone, &c->law_zone, err);
	for (uint32_t i = dial_first(c); i < people->n; i += dial_stride(c))
		used[people->list[i].zone] = true;
	for (size_t z = 1; z < people->nzones; z++)
		groups += used[z];
	c->groups = dd_alloc(groups * sizeof *c->groups);
	for (size_t z = 0; z < people->nzones && status == DD_OK; z++) {
		if (!used[z])
			continue;
		c->group_of_zone[z] = (uint16_t)c->ngroups;
		status = make_group(c, z, err);
	}
	return status;
}

static int by_due(const void *a, const void *b)
{
	const struct waiting *x = a, *y = b;
	return x->due != y->due         ? (x->due < y->due ? -1 : 1)
	        : x->person < y->person ? -1
	                                : x->person > y->person;
}

/* A line in the order in which its people may first be called, ties in the list's order. */
static void sort_by_due(struct group *g, const int64_t *due)
{
	struct waiting *line = dd_alloc(((size_t)g->n + 1) * sizeof *line);
	for (uint32_t i = 0; i < g->n; i++)
		line[i] = (struct waiting){due[g->order[i]], g->order[i]};
	qsort(line, g->n, sizeof *line, by_due);
	for (uint32_t i = 0; i < g->n; i++)
		g->order[i] = line[i].person;
	free(line);
}

/* Everyone of one zone stands in the list's order: then no order need be kept. */
static bool in_list_order(const struct dial_campaign *c)
{
	return c->ngroups == 1 && !c->campaign->people->due && dial_stride(c) == 1;
}

static void stand_in_line(struct dial_campaign *c, uint32_t from)
{
	const struct dd_people *people = c->campaign->people;
	if (in_list_order(c)) {
		c->groups[0].n = people->n;
		return;
	}
	for (uint32_t i = from; i < people->n; i += dial_stride(c)) {
		struct group *g = dial_group_of(c, i);
		DD_PUSH(g->order, g->n, g->cap_order) = i;
	}
	for (size_t i = 0; people->due && i < c->ngroups; i++)
		sort_by_due(&c->groups[i], people->due);
}

/* Lines and states for the people from `from` on. */
static void take_people(struct dd_dialler *d, struct dial_campaign *c, uint32_t from)
{
	const struct dd_people *people = c->campaign->people;
	if (people->n > c->cap) {
		c->cap = from ? people->n + people->n / 2 : people->n;
		c->states = dd_realloc(c->states, (size_t)c->cap + 1, sizeof *c->states);
		if (!d->o.distinct)
			c->line_of = dd_realloc(c->line_of, (size_t)c->cap + 1, sizeof *c->line_of);
	}
	for (uint32_t i = from; c->line_of && i < people->n; i++)
		c->line_of[i] = dd_lines_of(&d->lines, people->list[i].number);
	c->n = people->n;
}

static int64_t gap_of(uint32_t a_minute)
{
	return a_minute ? (INT64_C(60000000) + a_minute - 1) / a_minute : 0;
}

static void campaign_fini(struct dial_campaign *c)
{
	for (size_t i = 0; i < c->ngroups; i++) {
		for (int k = 0; k < DD_ATTEMPTS_MAX; k++)
			dial_queue_fini(&c->groups[i].again[k]);
		free(c->groups[i].order);
		dd_heap_fini(&c->groups[i].held);
		dd_calendar_free(c->groups[i].calendar);
	}
	free(c->groups);
	free(c->states);
	free(c->line_of);
	dd_calendar_free(c->days);
	dd_zone_free(c->law_zone);
	*c = (struct dial_campaign){.next_round = INT64_MAX};
}

enum dd_status dd_dialler_add(struct dd_dialler *d, const struct dd_dialler_plan *plan,
        uint32_t *out, struct dd_error *err)
{
	struct dial_campaign *c = dd_alloc(sizeof *c);
	*c = (struct dial_campaign){.campaign = plan->campaign,
	        .shard = plan->shard,
	        .concurrency = plan->concurrency ? plan->concurrency : UINT32_MAX,
	        .gap_us = gap_of(plan->throttle),
	        .free_us = INT64_MIN / 2,
	        .begins = plan->begins,
	        .id = plan->id};
	enum dd_status status = make_groups(c, err);
	if (status == DD_OK)
		status = plan_rounds(c, err);
	if (status != DD_OK) {
		campaign_fini(c);
		free(c);
		return status;
	}
	if (d->o.distinct)
		dd_lines_reserve(&d->lines, plan->campaign->people->n);
	take_people(d, c, 0);
	stand_in_line(c, dial_first(c));
	dial_begin_round(d, c);
	*out = c->index = d->n;
	DD_PUSH(d->list, d->n, d->cap) = c;
	return DD_OK;
}

void dd_dialler_name(struct dd_dialler *d, uint32_t campaign, uint64_t id)
{
	d->list[campaign]->id = id;
	dial_forget(d, d->list[campaign]);
}

void dd_dialler_more_people(struct dd_dialler *d, uint32_t campaign)
{
	struct dial_campaign *c = d->list[campaign];
	uint32_t from = c->n;
	dial_forget(d, c);
	take_people(d, c, from);
	stand_in_line(c, from);
	for (uint32_t i = from; i < c->n; i++)
		begin_contact(c, i);
}

void dd_dialler_pause(struct dd_dialler *d, uint32_t campaign, bool paused)
{
	d->list[campaign]->paused = paused;
	dial_forget(d, d->list[campaign]);
}

void dd_dialler_end(struct dd_dialler *d, uint32_t campaign)
{
	struct dial_campaign *c = d->list[campaign];
	if (c->ended)
		return;
	c->ended = true;
	dial_forget(d, c);
	c->sweep = dial_first(c);
}

void dd_dialler_remove(struct dd_dialler *d, uint32_t campaign)
{
	d->active -= d->list[campaign]->active;
	d->quiet_until = INT64_MIN;
	campaign_fini(d->list[campaign]);
}

struct dd_calendar *dd_dialler_calendar(struct dd_dialler *d, uint32_t campaign)
{
	return d->list[campaign]->groups[0].calendar;
}

/* -- the host --------------------------------------------------------------- */

static enum dd_status open_hours(struct dd_dialler *d, struct dd_error *err)
{
	const struct dd_law *law = d->o.law;
	enum dd_status status = DD_OK;
	if (law && law->zone)
		status = dd_zone_open(law->zone, &d->law_zone, err);
	if (status != DD_OK || !law || !law->nhours)
		return status;
	struct dd_calendar_layer layer = dd_law_layer(law, d->law_zone ? d->law_zone : d->o.zone);
	d->hours = dd_calendar_new();
	return dd_calendar_add(d->hours, &layer, err);
}

enum dd_status dd_dialler_new(
        const struct dd_dialler_options *o, struct dd_dialler **out, struct dd_error *err)
{
	struct dd_dialler *d = dd_alloc(sizeof *d);
	d->o = *o;
	d->gap_us = gap_of(o->account_throttle);
	d->free_us = INT64_MIN / 2;
	d->quiet_until = INT64_MIN;
	enum dd_status status = open_hours(d, err);
	if (status == DD_OK)
		*out = d;
	else
		dd_dialler_free(d);
	return status;
}

void dd_dialler_free(struct dd_dialler *d)
{
	if (!d)
		return;
	for (uint32_t i = 0; i < d->n; i++) {
		campaign_fini(d->list[i]);
		free(d->list[i]);
	}
	free(d->list);
	dd_lines_fini(&d->lines);
	dd_calendar_free(d->hours);
	dd_zone_free(d->law_zone);
	free(d);
}

/* -- single calls ----------------------------------------------------------- */

static int64_t single_day(const struct dd_dialler *d, int64_t now)
{
	const struct dd_zone *zone = d->law_zone ? d->law_zone : d->o.zone;
	return dd_floor_div(
	        now + (zone ? dd_zone_offset_s(zone, now) * INT64_C(1000) : 0), DIAL_DAY_MS);
}

enum dd_may dd_dialler_may(
        struct dd_dialler *d, uint64_t number, unsigned flags, bool promotional, int64_t now)
{
	const struct dd_law *law = d->o.law;
	uint32_t line = dd_lines_find(&d->lines, number);
	bool consent = flags & DD_PERSON_CONSENT;
	int today = 0, week = 0;
	if (!law)
		return DD_MAY;
	if (d->hours && dd_calendar_next(d->hours, now) != now)
		return DD_MAY_NOT_HOURS;
	if (flags & DD_PERSON_DND &&
	        (law->dnd == DD_DND_NEVER || (law->dnd == DD_DND_WITH_CONSENT && !consent)))
		return DD_MAY_NOT_DND;
	if (!consent &&
	        (law->consent == DD_CONSENT_ALWAYS ||
	                (law->consent == DD_CONSENT_PROMOTION && promotional)))
		return DD_MAY_NOT_CONSENT;
	if (line == DD_NO_LINE)
		return DD_MAY;
	if (law->opt_out && dd_lines_opted_out(&d->lines, line))
		return DD_MAY_NOT_OPTED_OUT;
	dd_lines_count(&d->lines, line, single_day(d, now), &today, &week);
	if ((law->calls_per_day && today >= law->calls_per_day) ||
	        (law->calls_per_week && week >= law->calls_per_week))
		return DD_MAY_NOT_CAPPED;
	return DD_MAY;
}

void dd_dialler_called(struct dd_dialler *d, uint64_t number, int64_t now)
{
	uint32_t line = dd_lines_of(&d->lines, number);
	d->quiet_until = INT64_MIN;
	dd_lines_called(&d->lines, line, single_day(d, now));
	dd_lines_rang(&d->lines, line, now, 0);
}

void dd_dialler_opted_out(struct dd_dialler *d, uint64_t number)
{
	d->quiet_until = INT64_MIN;
	dd_lines_opt_out(&d->lines, dd_lines_of(&d->lines, number));
}

/* -- rows ------------------------------------------------------------------- */

struct dd_contact_row dd_dialler_contact(
        const struct dd_dialler *d, uint32_t campaign, uint32_t person)
{
	const struct dialled *s = &d->list[campaign]->states[person];
	return (struct dd_contact_row){.attempts = s->attempts,
	        .end = (enum dd_contact_end)s->end,
	        .failed = s->flags & DIALLED_FAILED,
	        .called = s->flags & DIALLED_CALLED,
	        .held = s->flags & DIALLED_HELD};
}

/* Who was called, ended or held stands in line no more: the queues hold it, or it has ended.
   Contacts leave the line in its order, so that those who did are the first of it. */
static void leave_line(const struct dial_campaign *c, struct group *g)
{
	while (g->first < g->n) {
		const struct dialled *s = &c->states[g->order ? g->order[g->first] : g->first];
		if (s->end == DD_END_NOT_YET && !s->attempts && !(s->flags & DIALLED_HELD))
			return;
		g->first++;
	}
}

void dd_dialler_put_contact(
        struct dd_dialler *d, uint32_t campaign, uint32_t person, const struct dd_contact_row *r)
{
	struct dial_campaign *c = d->list[campaign];
	struct dialled *s = &c->states[person];
	dial_forget(d, c);
	c->left -= s->end == DD_END_NOT_YET;
	*s = (struct dialled){(uint8_t)r->attempts, (uint8_t)r->end, s->note,
	        (uint8_t)((r->failed ? DIALLED_FAILED : 0) | (r->called ? DIALLED_CALLED : 0) |
	                (r->held ? DIALLED_HELD : 0))};
	c->left += s->end == DD_END_NOT_YET;
	c->active += r->called;
	d->active += r->called;
	if (r->end == DD_END_NOT_YET && !r->attempts && !r->held)
		return;
	struct group *g = dial_group_of(c, person);
	leave_line(c, g);
	if (r->end != DD_END_NOT_YET || r->called)
		return;
	dial_put_again(c, g, r->held ? 0 : r->attempts, r->due, person);
}

uint8_t *dd_dialler_note(struct dd_dialler *d, uint32_t campaign, uint32_t person)
{
	return &d->list[campaign]->states[person].note;
}

struct dd_dialler_row dd_dialler_campaign(const struct dd_dialler *d, uint32_t campaign)
{
	const struct dial_campaign *c = d->list[campaign];
	return (struct dd_dialler_row){
	        c->free_us, c->round, c->next_round, c->paused, c->ended, c->done, c->stale};
}

void dd_dialler_put_campaign(
        struct dd_dialler *d, uint32_t campaign, const struct dd_dialler_row *r)
{
	struct dial_campaign *c = d->list[campaign];
	c->free_us = r->free_us;
	c->round = r->round;
	c->next_round = r->next_round;
	c->paused = r->paused;
	c->ended = r->ended;
	c->done = r->done;
	c->stale = r->stale_calls;
	dial_forget(d, c);
	c->active += r->stale_calls;
	d->active += r->stale_calls;
}

int64_t dd_dialler_account(const struct dd_dialler *d)
{
	return d->free_us;
}

void dd_dialler_put_account(struct dd_dialler *d, int64_t free_us)
{
	d->free_us = free_us;
	d->quiet_until = INT64_MIN;
}

void dd_dialler_put_call(
        struct dd_dialler *d, uint64_t number, int64_t day, uint64_t id, int64_t at)
{
	uint32_t line = dd_lines_of(&d->lines, number);
	d->quiet_until = INT64_MIN;
	dd_lines_called(&d->lines, line, day);
	dd_lines_rang(&d->lines, line, at, id);
}

int64_t dd_dialler_day(struct dd_dialler *d, uint32_t campaign, uint32_t person, int64_t at)
{
	if (person == UINT32_MAX)
		return single_day(d, at);
	struct dial_campaign *c = d->list[campaign];
	return dial_day(c, dial_group_of(c, person), at);
}
