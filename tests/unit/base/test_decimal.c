/* Numbers as texts. */
#include "../unit.h"

#include "base/decimal.h"
#include "base/text.h"

static int order(const char *a, const char *b)
{
	struct dd_decimal x, y;
	assert_true(dd_decimal_parse(dd_str(a), &x));
	assert_true(dd_decimal_parse(dd_str(b), &y));
	return dd_decimal_compare(&x, &y);
}

static void groups_are_no_part_of_a_number(void **state)
{
	(void)state;
	assert_int_equal(order("1,50,000", "150000"), 0);
	assert_int_equal(order("150,000.50", "150000.5"), 0);
	assert_int_equal(order(" +007 ", "7.00"), 0);
	assert_int_equal(order("-0", "0"), 0);
	assert_int_equal(order("1.5e3", "1500"), 0);
	assert_int_equal(order("5e-1", "0.5"), 0);
}

static void numbers_compare_digit_by_digit(void **state)
{
	(void)state;
	assert_true(order("0.1", "0.10000000000000001") < 0);
	assert_true(order("99999999999999999999", "100000000000000000000") < 0);
	assert_true(order("-2", "-1") < 0 && order("-1", "0") < 0 && order("0.05", "0.5") < 0);
	assert_true(order("10", "9.99") > 0 && order("0", "-0.1") > 0);
}

static void other_texts_are_none(void **state)
{
	static const char *const none[] = {"", " ", "1,5", "12,34,5", "1,,000", ",100", "1000,000",
	        "1.", ".5", "1.2.3", "--1", "5 rupees", "0x10", "1e", "1e99999", "five"};
	struct dd_decimal d;
	(void)state;
	for (size_t i = 0; i < sizeof none / sizeof *none; i++)
		assert_false(dd_decimal_parse(dd_str(none[i]), &d));
}

static void sums_keep_their_decimals(void **state)
{
	char out[32];
	(void)state;
	assert_true(dd_decimal_add(dd_str("1,50,000.25"), -1, out));
	assert_string_equal(out, "149999.25");
	assert_true(dd_decimal_add(dd_str("no number"), 3, out));
	assert_string_equal(out, "3");
	assert_true(dd_decimal_add(dd_str("-0.5"), 1, out));
	assert_string_equal(out, "0.5");
	assert_true(dd_decimal_add(dd_str("999999999998"), 1, out));
	assert_false(dd_decimal_add(dd_str("999999999999"), 1, out));
	assert_false(dd_decimal_add(dd_str("0.0000001"), 1, out));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(groups_are_no_part_of_a_number),
	        cmocka_unit_test(numbers_compare_digit_by_digit),
	        cmocka_unit_test(other_texts_are_none), cmocka_unit_test(sums_keep_their_decimals)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
