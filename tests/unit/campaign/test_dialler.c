/* The dialler below its hosts: a feed decides how calls go, and what the dialler says is compared,
   step by step, with a dialler that is written down and read again all the time. */
#include "../unit.h"

#include "base/heap.h"
#include "base/pcg.h"
#include "campaign/dialler.h"
#include "campaign/dialling.h"
#include "campaign/lines.h"

enum { DAY = 86400000, HOUR = 3600000, PEOPLE = 40, CAMPAIGNS = 2 };
#define MONDAY INT64_C(1737331200000) /* 2025-01-20T00:00 UTC */

struct world {
	struct dd_zone *zones[2];
	struct dd_people people[CAMPAIGNS];
	struct dd_person list[CAMPAIGNS][PEOPLE];
	struct dd_law law;
	struct dd_campaign campaigns[CAMPAIGNS];
	struct dd_dialler_options options;
	uint32_t n;
	uint64_t seed;
};

static void world_init(struct world *w, uint64_t seed)
{
	struct dd_error err;
	memset(w, 0, sizeof *w);
	w->seed = seed;
	w->n = 1;
	w->law = *dd_law_find("none");
	assert_int_equal(dd_zone_open("+05:30", &w->zones[0], &err), DD_OK);
	assert_int_equal(dd_zone_open("America/New_York", &w->zones[1], &err), DD_OK);
	for (int c = 0; c < CAMPAIGNS; c++) {
		w->people[c] = (struct dd_people){.list = w->list[c],
		        .n = PEOPLE,
		        .nzones = 1,
		        .zones = {w->zones[0], w->zones[1]}};
		for (uint32_t i = 0; i < PEOPLE; i++)
			w->list[c][i] = (struct dd_person){
			        .number = 919800000000 + i, .flags = DD_PERSON_CONSENT};
		w->campaigns[c] = (struct dd_campaign){.people = &w->people[c],
		        .law = &w->law,
		        .zone = w->zones[0],
		        .start = MONDAY + 4 * HOUR,
		        .end = INT64_MAX,
		        .max_attempts = 4,
		        .interval = HOUR,
		        .retry_on = DD_RETRY_BUSY | DD_RETRY_NO_ANSWER | DD_RETRY_FAILED,
		        .concurrency = 5};
	}
}

static void world_fini(struct world *w)
{
	dd_zone_free(w->zones[0]);
	dd_zone_free(w->zones[1]);
}

/* How a call goes: of the same contact, attempt and round always alike. */
struct outcome {
	enum dd_contact_end how;
	int64_t lasts;
	bool opts_out;
};

static struct outcome feed(const struct world *w, struct dd_ticket t, int attempt)
{
	struct dd_pcg r = dd_pcg_seed(w->seed * 1000 + t.campaign * 100 + t.round,
	        t.person * UINT64_C(16) + (uint64_t)attempt);
	struct outcome o = {(enum dd_contact_end)(dd_pcg_next(&r) % 4),
	        1000 + dd_pcg_next(&r) % 90000, dd_pcg_next(&r) % 8 == 0};
	o.opts_out &= o.how == DD_END_CONNECTED;
	return o;
}

/* Somebody who places calls: what a host must keep beside the dialler. */
struct host {
	struct world *w;
	struct dd_dialler *dialler;
	struct dd_heap active;
	struct dd_ticket tickets[4096];
	struct outcome outcomes[4096];
	uint32_t ncalls;
	int64_t due[CAMPAIGNS][PEOPLE], now;
	/* the rows of calls that were placed: what each number has had */
	struct {
		uint64_t number;
		int64_t day, at, placed;
	} had[4096];
	uint64_t opted[4096];
	size_t nopted;
	bool removed_from_memory;
	struct dd_buf said;
	uint32_t calls[CAMPAIGNS][PEOPLE];
};

static void open_dialler(struct host *h)
{
	struct dd_error err = {""};
	assert_int_equal(dd_dialler_new(&h->w->options, &h->dialler, &err), DD_OK);
	for (uint32_t c = 0; c < h->w->n; c++) {
		uint32_t index;
		const struct dd_dialler_plan plan = {.campaign = &h->w->campaigns[c],
		        .concurrency = h->w->campaigns[c].concurrency,
		        .throttle = h->w->campaigns[c].throttle,
		        .id = c + 1,
		        .begins = h->w->campaigns[c].start};
		assert_int_equal(dd_dialler_add(h->dialler, &plan, &index, &err), DD_OK);
		assert_int_equal(index, c);
	}
}

/* All that is known is written down, the dialler is thrown away, and another one reads it, contacts
 * in an order of its own. */
static void write_down_and_read_again(struct host *h)
{
	struct dd_dialler *old = h->dialler;
	open_dialler(h);
	for (size_t i = 0; i < h->ncalls; i++)
		dd_dialler_put_call(h->dialler, h->had[i].number, h->had[i].day,
		        h->tickets[i].campaign + UINT64_C(1), h->had[i].at);
	for (size_t i = 0; i < h->nopted; i++)
		dd_dialler_opted_out(h->dialler, h->opted[i]);
	dd_dialler_put_account(h->dialler, dd_dialler_account(old));
	for (uint32_t c = 0; c < h->w->n; c++) {
		struct dd_dialler_row row = dd_dialler_campaign(old, c);
		for (uint32_t k = 0; k < PEOPLE; k++) {
			uint32_t i = h->w->seed % 2 ? k : PEOPLE - 1 - k;
			struct dd_contact_row r = dd_dialler_contact(old, c, i);
			r.due = h->due[c][i];
			dd_dialler_put_contact(h->dialler, c, i, &r);
		}
		dd_dialler_put_campaign(h->dialler, c, &row);
	}
	dd_dialler_free(old);
}

static void say(struct host *h, const struct dd_dialler_step *s)
{
	static const char *const names[] = {"nothing", "call", "held", "over", "turn", "done"};
	dd_buf_format(&h->said, "%lld %s %u.%u.%u", (long long)(h->now - MONDAY), names[s->what],
	        s->ticket.campaign, s->ticket.round, s->ticket.person);
	if (s->what == DD_DIAL_HELD)
		dd_buf_format(&h->said, " until %lld", (long long)(s->until - MONDAY));
	if (s->what == DD_DIAL_OVER)
		dd_buf_format(&h->said, " end %d", s->end);
	dd_buf_char(&h->said, '\n');
}

static void place(struct host *h, const struct dd_dialler_step *s)
{
	uint32_t i = h->ncalls++;
	assert_true(i < 4096);
	h->tickets[i] = s->ticket;
	h->outcomes[i] = feed(h->w, s->ticket, s->attempt);
	h->had[i].number = h->w->list[s->ticket.campaign][s->ticket.person].number;
	h->had[i].day = dd_dialler_day(h->dialler, s->ticket.campaign, s->ticket.person, h->now);
	h->had[i].at = h->had[i].placed = h->now;
	h->calls[s->ticket.campaign][s->ticket.person]++;
	dd_heap_push(&h->active, h->now + h->outcomes[i].lasts, i);
}

static void take_step(struct host *h, const struct dd_dialler_step *s)
{
	say(h, s);
	assert_true(h->said.n < 1 << 20);
	if (s->what == DD_DIAL_CALL)
		place(h, s);
	if (s->what == DD_DIAL_HELD)
		h->due[s->ticket.campaign][s->ticket.person] = s->until;
	if (h->removed_from_memory)
		write_down_and_read_again(h);
}

static void end_calls(struct host *h)
{
	while (h->active.n && h->active.list[0].at <= h->now) {
		struct dd_heap_item i = dd_heap_pop(&h->active);
		const struct outcome *o = &h->outcomes[i.what];
		h->had[i.what].at = i.at;
		struct dd_dialler_step s =
		        dd_dialler_over(h->dialler, h->tickets[i.what], i.at, o->how, o->opts_out);
		if (o->opts_out)
			h->opted[h->nopted++] = h->had[i.what].number;
		take_step(h, &s);
	}
}

/* How many wait is kept between moments: it is what counting them anew gives. */
static void count_who_waits(struct host *h)
{
	for (uint32_t c = 0; c < h->w->n; c++) {
		int64_t kept, counted;
		enum dd_dialler_waits why = dd_dialler_waits(h->dialler, c, h->now, &kept);
		h->dialler->list[c]->line_until = INT64_MIN;
		assert_int_equal(dd_dialler_waits(h->dialler, c, h->now, &counted), why);
		assert_int_equal(kept, counted);
	}
}

/* Now and then, so that what is kept is kept over several moments. */
enum { COUNTED_EVERY = 3 };

static void run_host(struct host *h, struct world *w, bool removed_from_memory)
{
	memset(h, 0, sizeof *h);
	h->w = w;
	h->removed_from_memory = removed_from_memory;
	open_dialler(h);
	h->now = MONDAY;
	for (int moments = 0; h->now != INT64_MAX && moments < 20000; moments++) {
		end_calls(h);
		for (struct dd_dialler_step s;
		        (s = dd_dialler_step(h->dialler, h->now)).what != DD_DIAL_NOTHING;)
			take_step(h, &s);
		int64_t next = dd_dialler_next(h->dialler, h->now);
		assert_true(next > h->now);
		int64_t waiting;
		for (uint32_t c = 0; c < w->n; c++)
			(void)dd_dialler_waits(h->dialler, c, h->now, &waiting);
		if (moments % COUNTED_EVERY == 0)
			count_who_waits(h);
		h->now = h->active.n && h->active.list[0].at < next ? h->active.list[0].at : next;
	}
	assert_true(h->now == INT64_MAX && !h->active.n);
}

static void host_fini(struct host *h)
{
	dd_dialler_free(h->dialler);
	dd_heap_fini(&h->active);
	dd_buf_free(&h->said);
}

static void make_random(struct world *w, uint64_t seed)
{
	struct dd_pcg r = dd_pcg_seed(seed, 5);
	world_init(w, seed);
	w->n = 1 + dd_pcg_next(&r) % CAMPAIGNS;
	w->options.account_throttle = dd_pcg_next(&r) % 2 ? 7 : 0;
	w->options.account_concurrency = dd_pcg_next(&r) % 2 ? 4 : 0;
	w->law.calls_per_day = (int)(dd_pcg_next(&r) % 3);
	w->law.calls_per_week = (int)(dd_pcg_next(&r) % 3) * 2;
	if (seed % 3 == 0)
		w->law.zone = "Europe/London";
	for (uint32_t c = 0; c < w->n; c++) {
		struct dd_campaign *x = &w->campaigns[c];
		x->start += (int64_t)(dd_pcg_next(&r) % 5) * HOUR;
		x->end = dd_pcg_next(&r) % 3 ? x->start + (int64_t)(1 + dd_pcg_next(&r) % 90) * HOUR
		                             : INT64_MAX;
		x->min_gap = dd_pcg_next(&r) % 3 * HOUR;
		x->concurrency = dd_pcg_next(&r) % 6;
		x->throttle = dd_pcg_next(&r) % 3 * 11;
		x->mechanism = (enum dd_mechanism)(dd_pcg_next(&r) % 4);
		x->ntimes = 2;
		x->times_ms[0] = 10 * HOUR;
		x->times_ms[1] = 15 * HOUR;
		x->daily = dd_pcg_next(&r) % 2;
		x->daily_start_ms = 9 * HOUR;
		x->daily_end_ms = 21 * HOUR;
		x->recurs = x->end != INT64_MAX && dd_pcg_next(&r) % 2;
		x->repeat = (struct dd_calendar_repeat){
		        .kind = DD_REPEAT_DAILY, .every = 1, .first = {2025, 1, 20}};
		w->people[c].nzones = 1 + dd_pcg_next(&r) % 2;
		for (uint32_t i = 0; i < PEOPLE; i++) {
			w->list[c][i].zone = (uint8_t)(dd_pcg_next(&r) % w->people[c].nzones);
			w->list[c][i].flags |= dd_pcg_next(&r) % 16 ? 0 : DD_PERSON_INVALID;
		}
	}
}

/* The line in which two texts part, of both. */
static const char *first_difference(const char *a, const char *b)
{
	static char text[300];
	size_t n = 0, line = 0;
	for (; a[n] && a[n] == b[n]; n++)
		line = a[n] == '\n' ? n + 1 : line;
	(void)snprintf(text, sizeof text, "\"%.*s\" is not \"%.*s\"", (int)strcspn(a + line, "\n"),
	        a + line, (int)strcspn(b + line, "\n"), b + line);
	return text;
}

static void what_was_written_down_has_the_same_future(void **state)
{
	static struct host one, two;
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct world w;
		make_random(&w, seed);
		run_host(&one, &w, false);
		run_host(&two, &w, true);
		if (strcmp(one.said.p, two.said.p) != 0)
			fail_msg("seed %llu: %s", (unsigned long long)seed,
			        first_difference(one.said.p, two.said.p));
		host_fini(&one);
		host_fini(&two);
		world_fini(&w);
	}
}

static struct host *always(struct world *w, enum dd_contact_end how)
{
	static struct host h;
	memset(&h, 0, sizeof h);
	h.w = w;
	open_dialler(&h);
	h.now = w->campaigns[0].start;
	for (int moments = 0; h.now != INT64_MAX && moments < 20000; moments++) {
		end_calls(&h);
		for (struct dd_dialler_step s;
		        (s = dd_dialler_step(h.dialler, h.now)).what != DD_DIAL_NOTHING;) {
			take_step(&h, &s);
			if (s.what == DD_DIAL_CALL)
				h.outcomes[h.ncalls - 1] = (struct outcome){how, 5000, false};
		}
		int64_t next = dd_dialler_next(h.dialler, h.now);
		h.now = h.active.n && h.active.list[0].at < next ? h.active.list[0].at : next;
	}
	return &h;
}

/* One call a day, always busy, three retries: four calls on four days, each at the hour that opens.
 */
static void a_cap_waits_for_the_midnight_that_frees_it(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 1);
	w.people[0].n = 1;
	w.law.calls_per_day = 1;
	w.campaigns[0].daily = true;
	w.campaigns[0].daily_start_ms = 9 * HOUR;
	w.campaigns[0].daily_end_ms = 21 * HOUR;
	struct host *h = always(&w, DD_END_BUSY);
	assert_int_equal(h->ncalls, 4);
	assert_non_null(strstr(h->said.p, "99000000 call 0.0.0"));  /* 21 Jan, 9:00 +05:30 */
	assert_non_null(strstr(h->said.p, "271800000 call 0.0.0")); /* 23 Jan, 9:00 */
	host_fini(h);
	/* two in seven days: the third call is a week after the first */
	w.law.calls_per_day = 0;
	w.law.calls_per_week = 2;
	h = always(&w, DD_END_BUSY);
	assert_int_equal(h->ncalls, 4);
	assert_non_null(strstr(h->said.p, " held 0.0.0 until 585000000")); /* 27 Jan, 0:00 */
	assert_int_equal(strstr(strstr(h->said.p, "until 585000000") + 1, "held") == NULL, false);
	host_fini(h);
	world_fini(&w);
}

/* The day of a cap is that of the zone in which the law means its hours. */
static void the_day_of_a_cap_is_the_law_s(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 1);
	w.people[0].n = 1;
	w.law.calls_per_day = 1;
	w.law.zone = "UTC";
	w.campaigns[0].max_attempts = 2;
	w.campaigns[0].start = MONDAY + 16 * HOUR; /* 21:30 of India */
	w.campaigns[0].interval = 4 * HOUR;        /* the next day of India, the same of UTC */
	struct host *h = always(&w, DD_END_BUSY);
	assert_int_equal(h->ncalls, 2);
	assert_non_null(strstr(h->said.p, "86400000 call 0.0.0"));
	host_fini(h);
	world_fini(&w);
}

/* The account's limits hold for all campaigns together, and who is first in line is first. */
static void campaigns_share_the_account(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 1);
	w.n = 2;
	w.people[0].n = w.people[1].n = 2;
	w.options.account_concurrency = 1;
	w.campaigns[0].max_attempts = w.campaigns[1].max_attempts = 1;
	struct host *h = always(&w, DD_END_CONNECTED);
	const char *at = h->said.p;
	const char *const order[] = {" call 0.0.0", " call 1.0.0", " call 0.0.1", " call 1.0.1"};
	for (int i = 0; i < 4; i++) {
		at = strstr(at, order[i]);
		assert_non_null(at);
	}
	host_fini(h);
	world_fini(&w);
}

/* Whoever comes late calls nobody outside of a window, and the throttle does not catch up. */
/* Two calls in seven days: the third waits until the first one is eight days old, whatever is tried
 * in between. */
static void a_week_s_cap_frees_on_the_eighth_day(void **state)
{
	(void)state;
	for (int most = 1; most <= 3; most++) {
		struct world w;
		world_init(&w, 1);
		w.people[0].n = 1;
		w.law.calls_per_week = most;
		w.campaigns[0].max_attempts = most + 1;
		w.campaigns[0].daily = true;
		w.campaigns[0].daily_start_ms = 9 * HOUR;
		w.campaigns[0].daily_end_ms = 21 * HOUR;
		struct host *h = always(&w, DD_END_BUSY);
		assert_int_equal(h->ncalls, most + 1);
		for (int i = 0; i < most; i++)
			assert_int_equal(h->had[i].day, h->had[0].day);
		assert_int_equal(h->had[most].day, h->had[0].day + 7);
		host_fini(h);
		world_fini(&w);
	}
}

/* Two campaigns with the same contact: the second waits from the end of the first one's call. Its
 * own retry does not. */
static void another_campaign_waits_for_the_gap(void **state)
{
	(void)state;
	for (int gap_min = 0; gap_min <= 90; gap_min += 30) {
		struct world w;
		world_init(&w, 1);
		w.n = 2;
		for (int c = 0; c < 2; c++) {
			w.people[c].n = 1;
			w.list[c][0].number = 919876543210;
			w.campaigns[c].interval = 600000;
			w.campaigns[c].max_attempts = c + 1;
			w.campaigns[c].min_gap = (dd_ms)gap_min * 60000;
		}
		struct host *h = always(&w, DD_END_BUSY);
		assert_int_equal(h->ncalls, 3);
		int64_t ended = h->had[0].at, begun = h->had[0].placed, second = h->had[1].placed;
		assert_int_equal(h->tickets[1].campaign, 1);
		assert_int_equal(second, gap_min ? ended + gap_min * 60000 : begun);
		assert_int_equal(h->had[2].placed, h->had[1].at + 600000);
		host_fini(h);
		world_fini(&w);
	}
}

static void who_is_late_does_not_catch_up(void **state)
{
	struct world w;
	struct host h = {.w = &w};
	(void)state;
	world_init(&w, 1);
	w.campaigns[0].daily = true;
	w.campaigns[0].daily_start_ms = 9 * HOUR;
	w.campaigns[0].daily_end_ms = 10 * HOUR;
	w.campaigns[0].throttle = 60;
	open_dialler(&h);
	int64_t opens = MONDAY + 4 * HOUR + HOUR / 2 - HOUR; /* 9:00 +05:30 is 3:30 UTC */
	w.campaigns[0].start = MONDAY;
	assert_int_equal(dd_dialler_step(h.dialler, MONDAY + 4 * HOUR + 10).what, DD_DIAL_CALL);
	assert_int_equal(
	        dd_dialler_next(h.dialler, MONDAY + 4 * HOUR + 10), MONDAY + 4 * HOUR + 1010);
	/* asked five seconds late: one call, and the next a second after it */
	assert_int_equal(dd_dialler_step(h.dialler, MONDAY + 4 * HOUR + 6000).what, DD_DIAL_CALL);
	assert_int_equal(
	        dd_dialler_step(h.dialler, MONDAY + 4 * HOUR + 6000).what, DD_DIAL_NOTHING);
	assert_int_equal(
	        dd_dialler_next(h.dialler, MONDAY + 4 * HOUR + 6000), MONDAY + 4 * HOUR + 7000);
	/* asked after the window: nobody, until tomorrow's */
	int64_t late = MONDAY + 5 * HOUR;
	assert_int_equal(dd_dialler_step(h.dialler, late).what, DD_DIAL_NOTHING);
	assert_int_equal(dd_dialler_next(h.dialler, late), opens + DAY);
	dd_dialler_free(h.dialler);
	world_fini(&w);
}

static void single_calls_count_too(void **state)
{
	struct world w;
	struct dd_error err;
	struct dd_dialler *d;
	const uint64_t number = 919876543210;
	(void)state;
	world_init(&w, 1);
	w.law.calls_per_day = 2;
	w.law.calls_per_week = 3;
	w.law.opt_out = true;
	w.law.dnd = DD_DND_WITH_CONSENT;
	w.law.consent = DD_CONSENT_PROMOTION;
	w.options.law = &w.law;
	w.options.zone = w.zones[0];
	assert_int_equal(dd_dialler_new(&w.options, &d, &err), DD_OK);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY), DD_MAY);
	assert_int_equal(dd_dialler_may(d, number, 0, true, MONDAY), DD_MAY_NOT_CONSENT);
	assert_int_equal(dd_dialler_may(d, number, DD_PERSON_CONSENT, true, MONDAY), DD_MAY);
	assert_int_equal(dd_dialler_may(d, number, DD_PERSON_DND, false, MONDAY), DD_MAY_NOT_DND);
	dd_dialler_called(d, number, MONDAY);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY), DD_MAY);
	dd_dialler_called(d, number, MONDAY);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY), DD_MAY_NOT_CAPPED);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY + DAY), DD_MAY);
	dd_dialler_called(d, number, MONDAY + DAY);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY + DAY), DD_MAY_NOT_CAPPED);
	assert_int_equal(
	        dd_dialler_may(d, number, 0, false, MONDAY + 6 * (int64_t)DAY), DD_MAY_NOT_CAPPED);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY + 7 * (int64_t)DAY), DD_MAY);
	dd_dialler_opted_out(d, number);
	assert_int_equal(dd_dialler_may(d, number, 0, false, MONDAY + 7 * (int64_t)DAY),
	        DD_MAY_NOT_OPTED_OUT);
	dd_dialler_free(d);
	world_fini(&w);
}

static void a_number_is_found_among_many(void **state)
{
	struct dd_lines l = {0};
	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(dd_lines_of(&l, 7 + i * UINT64_C(977)), i);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(dd_lines_find(&l, 7 + i * UINT64_C(977)), i);
	assert_int_equal(dd_lines_find(&l, 8), DD_NO_LINE);
	dd_lines_fini(&l);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_down_has_the_same_future),
        cmocka_unit_test(a_cap_waits_for_the_midnight_that_frees_it),
        cmocka_unit_test(the_day_of_a_cap_is_the_law_s),
        cmocka_unit_test(campaigns_share_the_account),
        cmocka_unit_test(another_campaign_waits_for_the_gap),
        cmocka_unit_test(who_is_late_does_not_catch_up),
        cmocka_unit_test(single_calls_count_too),
        cmocka_unit_test(a_week_s_cap_frees_on_the_eighth_day),
        cmocka_unit_test(a_number_is_found_among_many),
};

UNIT_MAIN(tests)
