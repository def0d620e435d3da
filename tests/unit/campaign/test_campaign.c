/* Campaigns. With a file as its argument the program prints what is wrong in it, which tools/golden
 * keeps. */
#include "../unit.h"

#include <glob.h>

#include "base/text.h"
#include "campaign/campaign.h"

struct loaded {
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_campaign *c;
};

static struct loaded load(const char *path)
{
	struct loaded l = {.arena = dd_arena_new()};
	dd_diags_init(&l.diags, l.arena);
	l.c = dd_campaign_load(path, NULL, &l.diags);
	return l;
}

static void unload(struct loaded *l)
{
	dd_campaign_free(l->c);
	dd_diags_fini(&l->diags);
	dd_arena_free(l->arena);
}

static struct loaded load_good(const char *path)
{
	struct loaded l = load(path);
	if (!l.c) {
		struct dd_buf out = {0};
		dd_diags_text(&l.diags, &out, false);
		fail_msg("%s", out.p);
	}
	return l;
}

static int64_t at(const char *text)
{
	int64_t out;
	assert_true(dd_time_parse(dd_str(text), &out));
	return out;
}

static void the_source_as_it_is(void **state)
{
	(void)state;
	struct loaded l = load_good("tests/campaigns/good/source.json");
	assert_int_equal(l.diags.n, 0);
	assert_string_equal(l.c->name, "Appointment_Reminders_Jan20");
	assert_string_equal(l.c->caller_id, "<exophone>");
	assert_int_equal(l.c->people->n, 3);
	assert_int_equal(l.c->people->list[2].number, 919876543212);
	assert_int_equal(l.c->start, at("2025-01-20T09:00:00+05:30"));
	assert_int_equal(l.c->end, at("2025-01-20T18:00:00+05:30"));
	assert_int_equal(l.c->max_attempts, 2);
	assert_int_equal(l.c->interval, 3600000);
	assert_int_equal(l.c->concurrency, 10);
	assert_int_equal(l.c->retry_on, DD_RETRY_BUSY | DD_RETRY_NO_ANSWER);
	assert_string_equal(l.c->law->name, "trai");
	assert_null(l.c->program);
	assert_int_equal(dd_source_place(l.c->source, l.c->places.concurrency.start).line, 19);
	unload(&l);
}

static void the_platform_s_other_shapes(void **state)
{
	(void)state;
	struct loaded l = load_good("tests/campaigns/good/wrapped.json");
	assert_string_equal(l.c->name, "Fee \"reminder\" \xE2\x80\x94 January \xF0\x9F\x98\x80");
	assert_int_equal(l.c->people->n, 3);
	assert_int_equal(l.c->people->list[2].flags, 0); /* duplicates are wanted */
	assert_int_equal(l.c->max_attempts, 4);
	assert_int_equal(l.c->mechanism, DD_WAIT_EXPONENTIAL);
	assert_int_equal(l.c->retry_on, DD_RETRY_FAILED | DD_RETRY_BUSY);
	assert_int_equal(l.c->throttle, 40);
	unload(&l);
	l = load_good("tests/campaigns/good/flat.json");
	assert_int_equal(l.c->max_attempts, 1);
	assert_int_equal(l.c->people->list[0].number, 14155552671);
	assert_int_equal(l.c->start, INT64_MIN);
	assert_int_equal(l.c->end, INT64_MAX);
	unload(&l);
}

static void every_key(void **state)
{
	(void)state;
	struct loaded l = load_good("tests/campaigns/good/every-key.yaml");
	const struct dd_campaign *c = l.c;
	assert_non_null(c->program);
	assert_false(c->promotional);
	assert_int_equal(c->start, at("2025-03-28T08:00:00Z"));
	assert_int_equal(c->end, at("2025-04-02T19:00:00Z")); /* summer has begun in between */
	assert_int_equal(c->daily_end_ms - c->daily_start_ms, 10 * 3600000 + 1800000);
	assert_int_equal(c->weekdays, DD_WORKING_DAYS | DD_DAY(6));
	assert_int_equal(c->nholidays, 1);
	assert_int_equal(c->throttle * 1000 + c->concurrency, 30012);
	assert_int_equal(c->account_throttle * 1000 + c->account_concurrency, 90020);
	assert_int_equal(c->ntimes, 3);
	assert_int_equal(c->times_ms[0], 10 * 3600000);
	assert_int_equal(c->time_limit, 120000);
	assert_int_equal(c->ring_timeout, 25000);
	assert_string_equal(c->law->name, "ofcom");
	assert_true(c->seed == UINT64_C(7000000000000000000));
	assert_true(c->price_minute > 0.59 && c->price_minute < 0.61 && c->price_pulse_s > 29.9 &&
	        c->price_pulse_s < 30.1);
	struct dd_calendar *calendar;
	assert_int_equal(dd_campaign_calendar(c, &calendar, NULL), DD_OK);
	assert_int_equal(
	        dd_calendar_next(calendar, at("2025-03-28T20:30:00Z")), at("2025-03-30T08:30:00Z"));
	assert_int_equal(
	        dd_calendar_next(calendar, at("2025-03-30T20:30:00Z")), at("2025-04-01T08:30:00Z"));
	dd_calendar_free(calendar);
	unload(&l);
}

static void its_people(void **state)
{
	(void)state;
	struct loaded l = load_good("tests/campaigns/good/every-key.yaml");
	const struct dd_people *people = l.c->people;
	static const struct {
		uint64_t number;
		uint32_t line;
		unsigned flags, zone;
	} want[] = {
	        {919000000001, 0, 0, 1},
	        {919876543210, 2, DD_PERSON_CONSENT, 1},
	        {919876543210, 3, DD_PERSON_DUPLICATE, 1},
	        {919876543211, 4, DD_PERSON_CONSENT | DD_PERSON_DND, 1},
	        {447700900123, 5, DD_PERSON_CONSENT, 2},
	        {0, 6, DD_PERSON_INVALID, 0},
	        {919876543212, 7, DD_PERSON_DND, 2},
	        {919876543299, 2, 0, 1},
	        {919876543299, 3, 0, 1},
	};
	assert_int_equal(people->n, sizeof want / sizeof *want);
	for (size_t i = 0; i < people->n; i++) {
		assert_int_equal(people->list[i].number, want[i].number);
		assert_int_equal(people->list[i].line, want[i].line);
		assert_int_equal(people->list[i].flags, want[i].flags);
		assert_int_equal(people->list[i].zone, want[i].zone);
	}
	assert_int_equal(people->nzones, 3);
	assert_ptr_equal(people->zones[0], l.c->zone);
	assert_int_equal(people->due[0], INT64_MIN);
	assert_int_equal(people->due[7], at("2025-03-29T10:00:00+05:30"));
	assert_int_equal(people->due[8], at("2025-03-30T10:00:00+05:30"));
	unload(&l);
}

static void next_is(const struct dd_campaign *c, const char *from, const char *want)
{
	struct dd_calendar *calendar;
	assert_int_equal(dd_campaign_calendar(c, &calendar, NULL), DD_OK);
	assert_int_equal(dd_calendar_next(calendar, at(from)), want ? at(want) : INT64_MAX);
	dd_calendar_free(calendar);
}

static void recurring(void **state)
{
	(void)state;
	struct loaded l = load_good("tests/campaigns/good/recurring.yaml");
	assert_int_equal(l.c->people->n, 1000);
	next_is(l.c, "2025-01-01T00:00:00Z", "2025-01-20T09:00:00+05:30");
	next_is(l.c, "2025-01-20T18:00:00+05:30", "2025-01-23T09:00:00+05:30");
	next_is(l.c, "2025-01-23T18:00:00+05:30", "2025-02-03T09:00:00+05:30");
	next_is(l.c, "2025-03-31T18:00:00+05:30", NULL);
	unload(&l);
	l = load_good("tests/campaigns/good/month-end.yaml");
	next_is(l.c, "2024-02-01T00:00:00+05:30", "2024-02-29T10:00:00+05:30");
	next_is(l.c, "2024-03-01T00:00:00+05:30", "2024-03-31T10:00:00+05:30");
	next_is(l.c, "2024-12-31T11:00:00+05:30", NULL);
	unload(&l);
}

static void check_bad(const char *path)
{
	static char want[65536];
	char expect[512];
	struct dd_buf got = {0};
	struct loaded l = load(path);
	dd_diags_text(&l.diags, &got, false);
	if (l.c)
		fail_msg("%s is accepted", path);
	unload(&l);
	(void)snprintf(expect, sizeof expect, "%.*s.expect", (int)(strlen(path) - 5), path);
	FILE *file = fopen(expect, "rb");
	if (!file)
		fail_msg("%s is missing: run tools/golden", expect);
	want[fread(want, 1, sizeof want - 1, file)] = '\0';
	fclose(file);
	assert_string_equal(got.p, want);
	dd_buf_free(&got);
}

static void bad_files_are_refused_word_for_word(void **state)
{
	(void)state;
	glob_t paths;
	assert_int_equal(glob("tests/campaigns/bad/*.yaml", 0, NULL, &paths), 0);
	assert_true(paths.gl_pathc >= 20);
	for (size_t i = 0; i < paths.gl_pathc; i++)
		check_bad(paths.gl_pathv[i]);
	globfree(&paths);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(the_source_as_it_is),
        cmocka_unit_test(the_platform_s_other_shapes), cmocka_unit_test(every_key),
        cmocka_unit_test(its_people), cmocka_unit_test(recurring),
        cmocka_unit_test(bad_files_are_refused_word_for_word)};

int main(int argc, char **argv)
{
	struct dd_buf out = {0};
	if (argc != 2)
		return cmocka_run_group_tests(tests, NULL, NULL);
	struct loaded l = load(argv[1]);
	dd_diags_text(&l.diags, &out, false);
	unload(&l);
	fputs(out.p ? out.p : "", stdout);
	dd_buf_free(&out);
	return 0;
}
