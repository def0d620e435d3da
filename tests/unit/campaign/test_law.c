/* Laws. With a file as its argument the program prints what is wrong in it, which tools/golden
 * keeps. */
#include "../unit.h"

#include <glob.h>

#include "base/text.h"
#include "campaign/law.h"

static int64_t at(const char *text)
{
	int64_t out;
	assert_true(dd_time_parse(dd_str(text), &out));
	return out;
}

/* The calendar of a law for a customer. */
static struct dd_calendar *calendar_of(
        const struct dd_law *law, const char *customer, struct dd_zone **zone)
{
	struct dd_calendar *c = dd_calendar_new();
	assert_int_equal(dd_zone_open(law->zone ? law->zone : customer, zone, NULL), DD_OK);
	struct dd_calendar_layer layer = dd_law_layer(law, *zone);
	assert_int_equal(dd_calendar_add(c, &layer, NULL), DD_OK);
	return c;
}

static void opens(const char *law, const char *customer, const char *when, const char *want)
{
	struct dd_zone *zone;
	struct dd_calendar *c = calendar_of(dd_law_find(law), customer, &zone);
	assert_int_equal(dd_calendar_next(c, at(when)), at(want));
	dd_calendar_free(c);
	dd_zone_free(zone);
}

static void hours(void **state)
{
	(void)state;
	opens("trai", "America/New_York", "2025-01-20T21:00:00+05:30", "2025-01-21T09:00:00+05:30");
	opens("trai", "America/New_York", "2025-01-20T20:59:59+05:30", "2025-01-20T20:59:59+05:30");
	opens("tcpa", "America/New_York", "2025-01-20T03:00:00Z", "2025-01-20T13:00:00Z");
	opens("tcpa", "Pacific/Honolulu", "2025-01-20T13:00:00Z", "2025-01-20T18:00:00Z");
	opens("ofcom", "Europe/London", "2025-07-18T21:00:00Z",
	        "2025-07-19T08:00:00Z"); /* Saturday, 9 in summer */
	opens("ofcom", "Europe/London", "2025-07-21T01:00:00Z", "2025-07-21T07:00:00Z");
	opens("none", "UTC", "2025-07-21T01:00:00Z", "2025-07-21T01:00:00Z");
	assert_null(dd_law_find("TRAI"));
}

static bool has_source(const struct dd_law *law, const char *figure)
{
	for (size_t i = 0; i < law->nsources; i++)
		if (strcmp(law->sources[i].figure, figure) == 0)
			return law->sources[i].text[0] != '\0';
	return false;
}

/* Names and figures agree, and no figure is without its source. */
static void every_figure_has_a_source(void **state)
{
	(void)state;
	for (size_t i = 0; i < dd_law_count; i++) {
		const struct dd_law *law = dd_law_find(dd_law_names[i]);
		assert_non_null(law);
		assert_true(law->title[0]);
		assert_int_equal(law->nhours > 0, has_source(law, "hours"));
		assert_int_equal(law->nhours > 0, has_source(law, "zone"));
		assert_int_equal(law->calls_per_day > 0, has_source(law, "calls_per_day"));
		assert_int_equal(law->abandoned_percent >= 0, has_source(law, "abandoned"));
		assert_int_equal(law->consent != DD_CONSENT_NOT_ASKED, has_source(law, "consent"));
		assert_int_equal(law->dnd != DD_DND_NOT_ASKED, has_source(law, "dnd"));
		assert_int_equal(law->opt_out, has_source(law, "opt_out"));
		assert_int_equal(law->series_service != NULL, has_source(law, "series"));
	}
}

static void every_key_of_a_file(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	const struct dd_law *law = dd_law_load("tests/laws/good/every-key.yaml", &diags);
	assert_int_equal(diags.n, 0);
	assert_string_equal(law->title, "Our own house rules");
	assert_string_equal(law->zone, "Europe/Berlin");
	assert_int_equal(law->nhours, 3);
	assert_int_equal(law->hours[1].weekdays, DD_DAY(0) | DD_DAY(2) | DD_DAY(3));
	assert_int_equal(law->hours[1].start_ms, 14 * 3600000);
	assert_true(law->hours_by_code && law->opt_out && law->abandoned_message);
	assert_int_equal(law->calls_per_day * 10 + law->calls_per_week, 25);
	assert_int_equal(law->abandoned_percent * 100 + law->abandoned_days, 330);
	assert_int_equal(law->abandoned_quiet_ms, 72 * 3600000);
	assert_int_equal(law->consent, DD_CONSENT_PROMOTION);
	assert_int_equal(law->dnd, DD_DND_NEVER);
	assert_int_equal(law->opt_out_days, 1);
	assert_string_equal(law->series_promotion, "140");
	assert_string_equal(law->series_service, "+160");
	assert_int_equal(law->nsources, 2);
	assert_true(has_source(law, "hours") && has_source(law, "calls_per_day"));
	assert_string_equal(law->note, "Not in August.");
	struct dd_zone *zone;
	struct dd_calendar *c = calendar_of(law, NULL, &zone);
	assert_int_equal(
	        dd_calendar_next(c, at("2025-01-21T11:00:00Z")), at("2025-01-22T08:00:00Z"));
	dd_calendar_free(c);
	dd_zone_free(zone);
	const struct dd_law *least = dd_law_load("tests/laws/good/smallest.yaml", &diags);
	assert_non_null(least);
	assert_int_equal(least->nhours, 0);
	assert_int_equal(least->abandoned_percent, -1);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static bool faults_of(const char *path, struct dd_buf *out)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	bool loaded = dd_law_load(path, &diags) != NULL;
	dd_diags_text(&diags, out, false);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return !loaded;
}

static void check_bad(const char *path)
{
	static char want[65536];
	char expect[512];
	struct dd_buf got = {0};
	assert_true(faults_of(path, &got));
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
	assert_int_equal(glob("tests/laws/bad/*.yaml", 0, NULL, &paths), 0);
	assert_true(paths.gl_pathc >= 20);
	for (size_t i = 0; i < paths.gl_pathc; i++)
		check_bad(paths.gl_pathv[i]);
	globfree(&paths);
	struct dd_buf got = {0};
	assert_true(faults_of("tests/laws/nowhere.yaml", &got));
	assert_string_equal(
	        got.p, "tests/laws/nowhere.yaml: error[unreadable]: No such file or directory\n");
	dd_buf_free(&got);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(hours),
        cmocka_unit_test(every_figure_has_a_source), cmocka_unit_test(every_key_of_a_file),
        cmocka_unit_test(bad_files_are_refused_word_for_word)};

int main(int argc, char **argv)
{
	struct dd_buf out = {0};
	if (argc != 2)
		return cmocka_run_group_tests(tests, NULL, NULL);
	(void)faults_of(argv[1], &out);
	fputs(out.p ? out.p : "", stdout);
	dd_buf_free(&out);
	return 0;
}
