/* The dialler, by what must hold of any campaign, and by figures that paper and pencil give. */
#include "../unit.h"

#include <math.h>
#include <time.h>
#include <unistd.h>

#include "campaign/customer.h"
#include "campaign/forecast.h"
#include "base/heap.h"
#include "flow/program.h"

enum { DAY = 86400000, HOUR = 3600000 };
#define MONDAY INT64_C(1737331200000) /* 2025-01-20T00:00 UTC */

struct world {
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_program *program;
	struct dd_campaign campaign;
	struct dd_people people;
	struct dd_audience audience;
	struct dd_law law;
	struct dd_zone *zone;
	dd_ms *lengths;
};

static const char FLOW[] =
        "flow: F\nsteps:\n  - greeting: Hello\n  - id: m\n    ivr:\n      prompt: Press\n"
        "      timeout: 5s\n      retries: 1\n      keys:\n"
        "        1: { answer: yes, goal: true, then: [ greeting: Thanks, hangup ] }\n"
        "        9: { answer: stop, opt_out: true, then: [ hangup ] }\n"
        "      otherwise: [ hangup ]\n";

static void world_init(struct world *w, uint32_t n)
{
	char path[] = "/tmp/drydial-XXXXXX";
	struct dd_error err;
	memset(w, 0, sizeof *w);
	w->arena = dd_arena_new();
	dd_diags_init(&w->diags, w->arena);
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, FLOW, sizeof FLOW - 1) == (ssize_t)sizeof FLOW - 1);
	close(fd);
	w->program = dd_program_load(path, &w->diags);
	unlink(path);
	assert_non_null(w->program);
	assert_int_equal(dd_zone_open("+05:30", &w->zone, &err), DD_OK);
	w->lengths = dd_arena_alloc(w->arena, (w->program->nprompts + 1) * sizeof *w->lengths);
	for (uint32_t i = 0; i < w->program->nprompts; i++)
		w->lengths[i] = 4000;
	struct dd_audience *a = &w->audience;
	for (int i = 0; i < 10; i++)
		a->answer[i] = 0.4;
	for (int d = 0; d < 7; d++)
		for (int h = 0; h < 24; h++)
			a->hour[d][h] = 1;
	a->busy = 0.2;
	a->failed = 0.1;
	a->known_caller = 1;
	a->ring_mean = 8000;
	a->ring_min = 2000;
	a->busy_after = a->failed_after = 2000;
	a->npersonas = 1;
	a->personas[0] = (struct dd_persona){.name = "all",
	        .share = 1,
	        .hang_up = 0.01,
	        .hang_up_later = 0.03,
	        .later = 30000,
	        .goal = 0.9,
	        .opt_out = 0.1,
	        .nmenus = 1};
	a->personas[0].menus[0] =
	        (struct dd_menu_habit){.silence = 0.3, .wrong = 0.05, .think = 2000};
	for (int k = 0; k < 12; k++)
		a->personas[0].menus[0].keys[k] = -1;
	w->people = (struct dd_people){
	        .list = dd_arena_alloc(w->arena, (n + 1) * sizeof *w->people.list),
	        .n = n,
	        .nzones = 1};
	w->people.zones[0] = w->zone;
	for (uint32_t i = 0; i < n; i++)
		w->people.list[i] =
		        (struct dd_person){.number = 919800000000 + i, .flags = DD_PERSON_CONSENT};
	w->law = *dd_law_find("none");
	w->campaign = (struct dd_campaign){.program = w->program,
	        .people = &w->people,
	        .audience = a,
	        .law = &w->law,
	        .zone = w->zone,
	        .start = MONDAY,
	        .end = INT64_MAX,
	        .max_attempts = 1,
	        .interval = 60 * 60000,
	        .retry_on = DD_RETRY_BUSY | DD_RETRY_NO_ANSWER,
	        .concurrency = 50,
	        .ring_timeout = 30000,
	        .time_limit = 14400000,
	        .seed = 1};
}

static void world_fini(struct world *w)
{
	dd_program_free(w->program);
	dd_zone_free(w->zone);
	dd_diags_fini(&w->diags);
	dd_arena_free(w->arena);
}

/* Everything that was seen of the calls. */
struct seen {
	struct dd_simulated_call *list;
	size_t n, cap;
	uint64_t hash;
};

static void see(void *self, const struct dd_simulated_call *call)
{
	struct seen *s = self;
	DD_PUSH(s->list, s->n, s->cap) = *call;
	const uint64_t parts[] = {call->person, (uint64_t)call->attempt, (uint64_t)call->placed,
	        (uint64_t)call->lasted, call->ended_by, call->goal};
	for (size_t i = 0; i < 6; i++)
		s->hash = (s->hash ^ parts[i]) * UINT64_C(0x100000001B3);
}

static struct dd_forecast *simulate(struct world *w, struct seen *seen)
{
	const struct dd_campaign *list[] = {&w->campaign};
	const dd_ms *lengths[] = {w->lengths};
	struct dd_simulate_options o = {.prompt_ms = lengths,
	        .seed = w->campaign.seed,
	        .self = seen,
	        .call = seen ? see : NULL};
	struct dd_error err = {""};
	struct dd_forecast **f = dd_simulate(list, 1, &o, &err);
	if (!f)
		fail_msg("%s", err.text);
	struct dd_forecast *one = f[0];
	free(f);
	return one;
}

static int by_time(const void *a, const void *b)
{
	const int64_t *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

/* Calls at once, at their most. */
static uint32_t most_at_once(const struct seen *s)
{
	int64_t *ends = calloc(s->n + 1, sizeof *ends), *starts = calloc(s->n + 1, sizeof *starts);
	for (size_t i = 0; i < s->n; i++) {
		starts[i] = s->list[i].placed;
		ends[i] = s->list[i].placed + s->list[i].ringing + s->list[i].lasted;
	}
	qsort(ends, s->n, sizeof *ends, by_time);
	qsort(starts, s->n, sizeof *starts, by_time);
	uint32_t now = 0, most = 0;
	for (size_t i = 0, k = 0; i < s->n; i++) {
		while (k < s->n && ends[k] <= starts[i])
			k++, now--;
		most = ++now > most ? now : most;
	}
	free(ends);
	free(starts);
	return most;
}

static size_t most_a_minute(const struct seen *s)
{
	size_t most = 0;
	for (size_t i = 0, from = 0; i < s->n; i++) {
		while (s->list[from].placed + 60000 <= s->list[i].placed)
			from++;
		most = i - from + 1 > most ? i - from + 1 : most;
	}
	return most;
}

/* What must hold of every campaign: limits, hours on a clock of the test's own, attempts, opt-outs,
 * caps, one end for each. */
static void check_properties(
        const struct world *w, const struct dd_forecast *f, const struct seen *s)
{
	const struct dd_campaign *c = &w->campaign;
	uint64_t ends = 0, called = 0;
	int *attempts = calloc(w->people.n + 1, sizeof *attempts),
	    *today = calloc(w->people.n + 1, sizeof *today);
	int64_t *day = calloc(w->people.n + 1, sizeof *day);
	bool *opted = calloc(w->people.n + 1, sizeof *opted);
	for (int e = 0; e < DD_CONTACT_ENDS_COUNT; e++)
		ends += f->ends[e];
	assert_int_equal(ends, w->people.n);
	assert_int_equal(f->calls, s->n);
	if (c->concurrency) {
		assert_true(most_at_once(s) <= c->concurrency);
		assert_true(f->peak <= c->concurrency);
	}
	if (c->throttle)
		assert_true(most_a_minute(s) <= c->throttle);
	for (size_t i = 0; i < s->n; i++) {
		const struct dd_simulated_call *x = &s->list[i];
		int64_t wall = x->placed + 19800000, time = wall % DAY, d = wall / DAY;
		assert_true(i == 0 || s->list[i - 1].placed <= x->placed);
		assert_true(x->placed >= c->start && (c->end == INT64_MAX || x->placed < c->end));
		if (c->daily)
			assert_true(time >= c->daily_start_ms && time < c->daily_end_ms);
		if (w->law.nhours)
			assert_true(
			        time >= w->law.hours[0].start_ms && time < w->law.hours[0].end_ms);
		assert_false(opted[x->person]);
		opted[x->person] = x->opted_out && x->answered_by == DD_BY_HUMAN;
		assert_int_equal(++attempts[x->person], x->attempt);
		today[x->person] = day[x->person] == d ? today[x->person] + 1 : 1;
		day[x->person] = d;
		if (w->law.calls_per_day)
			assert_true(today[x->person] <= w->law.calls_per_day);
		assert_true(x->attempt <= c->max_attempts);
	}
	for (uint32_t i = 0; i < w->people.n; i++)
		called += attempts[i] > 0;
	assert_int_equal(f->dialled, called);
	assert_true(f->answered >= f->completed && f->answered >= f->responded &&
	        f->completed >= f->acted && f->responded >= f->acted);
	free(attempts);
	free(today);
	free(day);
	free(opted);
}

static void properties_hold_of_random_campaigns(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct dd_pcg r = dd_pcg_seed(seed, 9);
		struct world w;
		struct seen s = {0}, again = {0};
		world_init(&w, 1 + dd_pcg_next(&r) % 600);
		struct dd_campaign *c = &w.campaign;
		c->seed = seed;
		c->start = MONDAY + dd_pcg_next(&r) % (2 * DAY);
		c->concurrency = 1 + dd_pcg_next(&r) % 40;
		c->throttle = seed % 3 ? 1 + dd_pcg_next(&r) % 90 : 0;
		c->max_attempts = 1 + (int)(dd_pcg_next(&r) % 5);
		c->interval = (dd_ms)(1 + dd_pcg_next(&r) % 300) * 60000;
		c->mechanism = (enum dd_mechanism)(dd_pcg_next(&r) % 4);
		c->ntimes = 3;
		c->times_ms[0] = 10 * HOUR;
		c->times_ms[1] = 14 * HOUR;
		c->times_ms[2] = 17 * HOUR;
		c->retry_on = dd_pcg_next(&r) % 8;
		c->daily = seed % 2;
		c->daily_start_ms = (int32_t)(dd_pcg_next(&r) % 12) * HOUR;
		c->daily_end_ms = c->daily_start_ms + (1 + (int32_t)(dd_pcg_next(&r) % 12)) * HOUR;
		c->end = seed % 4 ? c->start + (int64_t)(1 + dd_pcg_next(&r) % 60) * HOUR
		                  : INT64_MAX;
		if (seed % 5 == 0)
			w.law = *dd_law_find("trai");
		struct dd_forecast *f = simulate(&w, &s), *twice = simulate(&w, &again);
		check_properties(&w, f, &s);
		assert_int_equal(s.hash, again.hash);
		if (c->end == INT64_MAX)
			assert_int_equal(f->ends[DD_END_PENDING], 0);
		free(s.list);
		free(again.list);
		dd_forecast_free(f);
		dd_forecast_free(twice);
		world_fini(&w);
	}
}

/* Whether `got` of `n` is what chance `p` gives, within five standard errors. */
static void assert_share(uint64_t got, uint64_t n, double p)
{
	double expected = (double)n * p, error = sqrt((double)n * p * (1 - p));
	if (fabs((double)got - expected) > 5 * error + 1)
		fail_msg("%llu of %llu, where %.1f were expected", (unsigned long long)got,
		        (unsigned long long)n, expected);
}

static void delivery_is_binomial(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 40000);
	w.campaign.max_attempts = 3;
	w.audience.answer[0] = 0.4;
	w.audience.answer[1] = 0.3;
	w.audience.answer[2] = 0.2;
	w.audience.failed = 0;
	w.campaign.concurrency = 2000;
	struct dd_forecast *f = simulate(&w, NULL);
	assert_share(f->answered, 40000, 1 - 0.6 * 0.7 * 0.8);
	assert_share(f->attempts[0].humans, 40000, 0.4);
	assert_share(f->attempts[1].humans, f->attempts[1].calls, 0.3);
	assert_share(f->attempts[0].busy, 40000, 0.6 * 0.2);
	assert_int_equal(f->attempts[1].calls, 40000 - f->attempts[0].humans);
	dd_forecast_free(f);
	world_fini(&w);
}

/* A customer without a wish to hang up answers, stays silent or is wrong as the shares say: two
 * tries, then the menu is left. */
static void keys_come_in_their_shares(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 30000);
	w.audience.answer[0] = 1;
	w.audience.personas[0].hang_up = w.audience.personas[0].hang_up_later = 0;
	w.campaign.concurrency = 5000;
	struct dd_forecast *f = simulate(&w, NULL);
	const struct dd_menu_tally *m = &f->menus[0];
	double try = 0.65;
	assert_int_equal(m->visits, 30000);
	assert_share(m->keys[1], 30000, 0.9 * (try + 0.35 * try));
	assert_share(m->keys[9], 30000, 0.1 * (try + 0.35 * try));
	assert_share(m->silence, 30000 + (uint64_t)(30000 * 0.35), 0.3);
	assert_share(m->invalid, 30000 + (uint64_t)(30000 * 0.35), 0.05);
	assert_share(f->opted_out, 30000, 0.1 * (try + 0.35 * try));
	assert_int_equal(f->completed, 30000);
	dd_forecast_free(f);
	world_fini(&w);
}

/* A hazard that does not change: who is still there is an exponential curve. */
static void hang_ups_follow_the_hazard(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 40000);
	w.audience.answer[0] = 1;
	w.audience.personas[0].hang_up = 0.1;
	w.audience.personas[0].later = 1000000;
	w.campaign.concurrency = 5000;
	struct dd_forecast *f = simulate(&w, NULL);
	assert_share(f->still_there[3], 40000, exp(-0.3));
	assert_share(f->still_there[6], 40000, exp(-0.6));
	dd_forecast_free(f);
	world_fini(&w);
}

/* More work than lines: all are in use all the time, so that the campaign takes all the work
 * divided by the lines. */
static void saturated_lines_are_all_in_use(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 20000);
	w.campaign.concurrency = 25;
	struct dd_forecast *f = simulate(&w, NULL);
	double work = (double)(f->ring_ms + f->call_ms),
	       took = (double)(f->last_end - f->first_call);
	assert_int_equal(f->peak, 25);
	assert_true(took >= work / 25 && took < work / 25 * 1.01 + 120000);
	assert_true(f->mean > 24.7 && f->mean <= 25);
	assert_true(f->waited_concurrency > f->waited_throttle);
	dd_forecast_free(f);
	world_fini(&w);
}

static void do_not_disturb_and_consent_are_kept(void **state)
{
	struct world w;
	(void)state;
	world_init(&w, 1000);
	w.law = *dd_law_find("trai");
	w.campaign.promotional = true;
	for (uint32_t i = 0; i < 1000; i++) {
		w.people.list[i].flags = (uint8_t)(i % 4 == 0 ? DD_PERSON_DND
		                : i % 4 == 1                  ? 0
		                                              : DD_PERSON_CONSENT);
		if (i % 100 == 2)
			w.people.list[i].flags |= DD_PERSON_DUPLICATE;
		if (i % 100 == 3)
			w.people.list[i].flags |= DD_PERSON_INVALID;
	}
	struct dd_forecast *f = simulate(&w, NULL);
	assert_int_equal(f->ends[DD_END_DND], 250);
	assert_int_equal(f->ends[DD_END_NO_CONSENT], 250);
	assert_int_equal(f->ends[DD_END_DUPLICATE], 10);
	assert_int_equal(f->ends[DD_END_INVALID], 10);
	assert_int_equal(f->dialled, 480);
	assert_int_equal(f->held_law, 500);
	dd_forecast_free(f);
	world_fini(&w);
}

/* Two campaigns with the same numbers share the cap and the opt-outs. */
static void campaigns_share_caps_and_opt_outs(void **state)
{
	struct world a, b;
	struct seen s = {0};
	(void)state;
	world_init(&a, 400);
	world_init(&b, 400);
	a.law.calls_per_day = b.law.calls_per_day = 1;
	b.campaign.start = a.campaign.start + 2 * HOUR;
	a.audience.personas[0].opt_out = 5;
	const struct dd_campaign *list[] = {&a.campaign, &b.campaign};
	const dd_ms *lengths[] = {a.lengths, b.lengths};
	struct dd_simulate_options o = {.prompt_ms = lengths, .seed = 3, .self = &s, .call = see};
	struct dd_error err;
	struct dd_forecast **f = dd_simulate(list, 2, &o, &err);
	assert_non_null(f);
	for (size_t i = 0; i < s.n; i++)
		for (size_t k = i + 1; k < s.n; k++)
			if (s.list[i].person == s.list[k].person) {
				assert_true((s.list[i].placed + 19800000) / DAY !=
				        (s.list[k].placed + 19800000) / DAY);
				assert_false(s.list[i].opted_out &&
				        s.list[i].answered_by == DD_BY_HUMAN);
			}
	assert_true(f[0]->opted_out > 20 && f[1]->ends[DD_END_OPTED_OUT] == f[0]->opted_out);
	dd_forecast_free(f[0]);
	dd_forecast_free(f[1]);
	free(f);
	free(s.list);
	world_fini(&a);
	world_fini(&b);
}

/* A list that is called every second day is called anew, whole, on each of them; who opted out is
 * left in peace. */
static void a_list_that_recurs_is_called_anew(void **state)
{
	struct world w;
	struct seen s = {0};
	uint64_t ends = 0;
	(void)state;
	world_init(&w, 300);
	w.campaign.recurs = true;
	w.campaign.repeat = (struct dd_calendar_repeat){
	        .kind = DD_REPEAT_DAILY, .every = 2, .first = {2025, 1, 20}};
	w.campaign.start = MONDAY + 4 * HOUR;
	w.campaign.end = MONDAY + 6 * (int64_t)DAY;
	w.campaign.daily = true;
	w.campaign.daily_start_ms = 10 * HOUR;
	w.campaign.daily_end_ms = 20 * HOUR;
	struct dd_forecast *f = simulate(&w, &s);
	bool opted[300] = {false};
	int calls[300] = {0};
	for (size_t i = 0; i < s.n; i++) {
		int64_t day = (s.list[i].placed + 19800000) / DAY - MONDAY / DAY;
		assert_true(day == 0 || day == 2 || day == 4);
		assert_false(opted[s.list[i].person]);
		opted[s.list[i].person] = s.list[i].opted_out;
		calls[s.list[i].person]++;
	}
	for (int i = 0; i < 300; i++)
		assert_true(
		        calls[i] == 3 || (opted[i] && calls[i] < 3) || (calls[i] == 3 && opted[i]));
	for (int e = 0; e < DD_CONTACT_ENDS_COUNT; e++)
		ends += f->ends[e];
	assert_int_equal(f->contacts, 900);
	assert_int_equal(ends, 900);
	assert_true(f->ends[DD_END_OPTED_OUT] > 0 && f->dialled + f->ends[DD_END_OPTED_OUT] >= 900);
	free(s.list);
	dd_forecast_free(f);
	world_fini(&w);
}

static void a_heap_gives_the_least_first(void **state)
{
	struct dd_heap h = {0};
	struct dd_pcg r = dd_pcg_seed(1, 1);
	int64_t last = INT64_MIN;
	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		dd_heap_push(&h, (int64_t)(dd_pcg_next(&r) % 1000), i);
	for (int i = 0; i < 5000; i++) {
		struct dd_heap_item x = dd_heap_pop(&h);
		assert_true(x.at >= last);
		last = x.at;
	}
	dd_heap_fini(&h);
}

/* For a profiler, and to read off how long it takes: test_simulate N. */
static void time_it(uint32_t n)
{
	struct world w;
	struct timespec a, b;
	world_init(&w, n);
	w.campaign.max_attempts = 3;
	w.campaign.concurrency = 2000;
	w.campaign.daily = true;
	w.campaign.daily_start_ms = 9 * HOUR;
	w.campaign.daily_end_ms = 21 * HOUR;
	clock_gettime(CLOCK_MONOTONIC, &a);
	struct dd_forecast *f = simulate(&w, NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	double s = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9;
	printf("%u contacts, %llu calls, %llu answered, %.3f s, %.0f days\n", n,
	        (unsigned long long)f->calls, (unsigned long long)f->answered, s,
	        (double)(f->last_end - f->first_call) / DAY);
	dd_forecast_free(f);
	world_fini(&w);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_heap_gives_the_least_first),
        cmocka_unit_test(properties_hold_of_random_campaigns),
        cmocka_unit_test(delivery_is_binomial),
        cmocka_unit_test(keys_come_in_their_shares),
        cmocka_unit_test(hang_ups_follow_the_hazard),
        cmocka_unit_test(saturated_lines_are_all_in_use),
        cmocka_unit_test(do_not_disturb_and_consent_are_kept),
        cmocka_unit_test(campaigns_share_caps_and_opt_outs),
        cmocka_unit_test(a_list_that_recurs_is_called_anew),
};

int main(int argc, char **argv)
{
	if (argc > 1) {
		time_it((uint32_t)strtoul(argv[1], NULL, 10));
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL) ? 1 : 0;
}
