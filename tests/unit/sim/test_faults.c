/* Faults on purpose: their texts, and what they decide. */
#include "../unit.h"

#include "base/text.h"
#include "sim/faults.h"

static struct dd_faults parsed_of(bool served, const char *text)
{
	struct dd_faults f = {.seed = 7};
	char why[200] = "";
	if (!dd_faults_parse(dd_str(text), served, &f, why))
		fail_msg("%s: %s", text, why);
	return f;
}

static struct dd_faults parsed(const char *text)
{
	return parsed_of(false, text);
}

static void texts_become_rules(void **state)
{
	(void)state;
	struct dd_faults f = parsed("late=3s@2, 500@3-4,lost%10,hang-up@2-");
	assert_int_equal(f.n, 4);
	assert_int_equal(f.rules[0].time, 3000);
	assert_int_equal(f.rules[0].first, 2);
	assert_int_equal(f.rules[0].last, 2);
	assert_int_equal(f.rules[1].fault, DD_FAULT_500);
	assert_int_equal(f.rules[1].last, 4);
	assert_true(f.rules[2].chance > 0.099 && f.rules[2].chance < 0.101);
	assert_int_equal(f.rules[2].time, 1000);
	assert_true(f.rules[3].last == UINT32_MAX);
	f = parsed("late=10m");
	assert_int_equal(f.rules[0].time, 600000);
	f = parsed("half%0.1");
	assert_true(f.rules[0].chance > 0.0009 && f.rules[0].chance < 0.0011);
	char why[200];
	for (enum dd_fault i = 0; i < DD_FAULTS_COUNT; i++) {
		bool served = dd_fault_is_served(i);
		assert_int_equal(parsed_of(served, dd_fault_name(i)).rules[0].fault, i);
		/* each tool knows its own */
		assert_false(dd_faults_parse(dd_str(dd_fault_name(i)), !served, &f, why));
	}
}

static void what_is_no_fault_is_refused(void **state)
{
	(void)state;
	static const char *const wrong[] = {"", ",", "late,", "lat", "late=", "late=x", "late=601s",
	        "500=3s", "none@", "none@0", "none@3-2", "none@1x", "none@1000000", "none%",
	        "none%0", "none%101", "none%1.25", "none%10@2", "none@2@3", "late late", NULL};
	for (int i = 0; wrong[i]; i++) {
		struct dd_faults f = {.seed = 7};
		char why[200] = "";
		if (dd_faults_parse(dd_str(wrong[i]), false, &f, why))
			fail_msg("\"%s\" was taken", wrong[i]);
		assert_true(strlen(why) > 10);
		assert_int_equal(f.seed, 7);
	}
	struct dd_buf many = {0};
	char why[200];
	for (int i = 0; i < DD_FAULT_RULES_MAX; i++)
		dd_buf_str(&many, i ? ",500" : "500");
	struct dd_faults f;
	assert_true(dd_faults_parse((struct dd_str){many.p, many.n}, false, &f, why));
	dd_buf_str(&many, ",500");
	assert_false(dd_faults_parse((struct dd_str){many.p, many.n}, false, &f, why));
	dd_buf_free(&many);
}

static void a_rule_strikes_at_its_point_and_its_counts(void **state)
{
	(void)state;
	struct dd_faults f = parsed("500@2-3,keys@1,callback-first");
	assert_null(dd_faults_decide(&f, DD_AT_REQUEST, 0, 1));
	assert_ptr_equal(dd_faults_decide(&f, DD_AT_REQUEST, 0, 2), &f.rules[0]);
	assert_ptr_equal(dd_faults_decide(&f, DD_AT_REQUEST, 9, 3), &f.rules[0]);
	assert_null(dd_faults_decide(&f, DD_AT_REQUEST, 0, 4));
	assert_ptr_equal(dd_faults_decide(&f, DD_AT_KEY, 0, 1), &f.rules[1]);
	assert_null(dd_faults_decide(&f, DD_AT_KEY, 0, 2));
	assert_ptr_equal(dd_faults_decide(&f, DD_AT_RECORDING, 0, 5), &f.rules[2]);
	f = parsed("late@1,500@1-2");
	assert_int_equal(dd_faults_decide(&f, DD_AT_REQUEST, 0, 1)->fault, DD_FAULT_LATE);
	assert_int_equal(dd_faults_decide(&f, DD_AT_REQUEST, 0, 2)->fault, DD_FAULT_500);
	f.n = 0;
	assert_null(dd_faults_decide(&f, DD_AT_REQUEST, 0, 1));
}

static void chance_is_the_same_for_the_same_and_differs_elsewhere(void **state)
{
	(void)state;
	struct dd_faults f = parsed("500%20"), other = f;
	int struck = 0, moved = 0, apart = 0;
	other.seed = 8;
	for (uint64_t call = 0; call < 500; call++)
		for (uint32_t nth = 1; nth <= 20; nth++) {
			bool here = dd_faults_decide(&f, DD_AT_REQUEST, call, nth) != NULL;
			struck += here;
			assert_true(here == (dd_faults_decide(&f, DD_AT_REQUEST, call, nth) != 0));
			moved += here != (dd_faults_decide(&other, DD_AT_REQUEST, call, nth) != 0);
			apart += here != (dd_faults_decide(&f, DD_AT_REQUEST, call + 1, nth) != 0);
		}
	/* 10,000 draws: 2,000 expected, a standard deviation of 40 */
	assert_in_range(struck, 1800, 2200);
	assert_in_range(moved, 2800, 3600);
	assert_in_range(apart, 2800, 3600);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(texts_become_rules),
	        cmocka_unit_test(what_is_no_fault_is_refused),
	        cmocka_unit_test(a_rule_strikes_at_its_point_and_its_counts),
	        cmocka_unit_test(chance_is_the_same_for_the_same_and_differs_elsewhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
