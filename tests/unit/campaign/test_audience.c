/* What is assumed of people, by default and by a file. */
#include "../unit.h"

#include <math.h>

#include "base/text.h"
#include "campaign/campaign.h"

static bool near(double a, double b)
{
	return fabs(a - b) < 1e-9;
}

/* The platform's figures, and the source's targets as far as they follow from them without a
 * simulation. */
static void defaults(void **state)
{
	(void)state;
	static const double reached[] = {0.40, 0.60, 0.70, 0.73, 0.74};
	struct dd_arena *arena = dd_arena_new();
	const struct dd_audience *a = dd_audience_default(arena);
	double missed = 1, shares = 0, opting_out = 0, hours = 0;
	for (int i = 0; i < 5; i++) {
		missed *= 1 - a->answer[i];
		assert_true(near(1 - missed, reached[i]));
	}
	for (size_t i = 0; i < a->npersonas; i++) {
		shares += a->personas[i].share;
		opting_out += a->personas[i].share * a->personas[i].opt_out;
		assert_true(a->personas[i].hang_up < a->personas[i].hang_up_later);
		assert_true(near(
		        a->personas[i].goal + a->personas[i].opt_out + a->personas[i].other, 1));
	}
	assert_true(near(shares, 1));
	assert_true(opting_out <= 0.02);
	for (int day = 0; day < 7; day++)
		for (int hour = 9; hour < 21; hour++)
			hours += a->hour[day][hour] / (7 * 12);
	assert_true(fabs(hours - 1) < 0.02);
	assert_true(a->hour[0][10] > a->hour[0][13] && a->hour[4][17] > a->hour[5][17]);
	dd_arena_free(arena);
}

static void explained(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_buf out = {0};
	struct dd_audience *a = dd_audience_default(arena);
	dd_audience_explain(a, &out);
	assert_non_null(strstr(out.p, "70 % are reached after 3"));
	assert_null(strstr(out.p, "the audience's own"));
	for (char *line = strtok(out.p, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(strstr(line, "guess") || strstr(line, "platform"));
	dd_buf_clear(&out);
	a->busy = 0.5;
	dd_audience_explain(a, &out);
	assert_non_null(strstr(out.p, "busy              50.0 %  the audience's own"));
	dd_buf_free(&out);
	dd_arena_free(arena);
}

static void a_file(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_campaign *c =
	        dd_campaign_load("tests/campaigns/good/audience.yaml", NULL, &diags);
	assert_non_null(c);
	const struct dd_audience *a = c->audience;
	assert_true(near(a->answer[0], 0.5) && near(a->answer[1], 0.4) && near(a->answer[2], 0.3) &&
	        near(a->answer[9], 0.3));
	assert_true(near(a->busy, 0.1) && near(a->failed, 0.05) && near(a->machine, 0.03));
	assert_true(near(a->hour[4][11], 1.2) && near(a->hour[4][12], 1) &&
	        near(a->hour[6][9], 0.5) && near(a->hour[6][10], 1));
	assert_int_equal(a->ring_mean + a->ring_min + a->busy_after + a->failed_after, 18000);
	assert_true(a->caller_known && near(a->known_caller, 1.4));
	assert_true(near(a->server_error, 0.01) && near(a->server_timeout, 0.005));
	assert_int_equal(a->npersonas, 2);
	const struct dd_persona *confirmer = &a->personas[0], *hurry = &a->personas[1];
	assert_string_equal(hurry->name, "in a hurry");
	assert_true(near(confirmer->share, 2.0 / 3) && near(hurry->share, 1.0 / 3));
	assert_true(near(confirmer->hang_up, 0.012) && near(confirmer->hang_up_later, 0.03) &&
	        confirmer->later == 20000);
	assert_true(near(hurry->hang_up, 0.05) && near(hurry->hang_up_later, 0.05));
	assert_true(near(hurry->goal, 0.75) && near(hurry->other, 0.25) && near(hurry->opt_out, 0));
	assert_int_equal(hurry->menus[0].think, 800);
	assert_int_equal(confirmer->nmenus, 2);
	const struct dd_menu_habit *choice = &confirmer->menus[1];
	assert_string_equal(choice->step, "choice");
	assert_true(near(choice->keys[1], 0.6) && near(choice->keys[9], 0.01) &&
	        near(choice->silence, 0.2) && choice->keys[3] < 0);
	assert_true(near(hurry->menus[1].keys[1] * 2 + hurry->menus[1].silence +
	                hurry->menus[1].wrong + hurry->menus[1].keys[9],
	        1));
	dd_campaign_free(c);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults), cmocka_unit_test(explained), cmocka_unit_test(a_file)};
UNIT_MAIN(tests)
