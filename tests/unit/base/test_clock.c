#include "../unit.h"

#include "base/clock.h"
#include "base/text.h"

static dd_ms ms(const char *text)
{
	dd_ms out = -1;
	return dd_duration_parse(dd_str(text), &out) ? out : -1;
}

static void durations(void **state)
{
	(void)state;
	assert_int_equal(ms("800ms"), 800);
	assert_int_equal(ms("5s"), 5000);
	assert_int_equal(ms("5"), 5000);
	assert_int_equal(ms("2m"), 120000);
	assert_int_equal(ms("1h30m"), 5400000);
	assert_int_equal(ms("1.5s"), 1500);
	assert_int_equal(ms("0"), 0);
	assert_int_equal(ms("1m30s250ms"), 90250);
	const char *bad[] = {"", "s", "5 s", "-5s", "+5", "5s1m", "5x", "5ss", "1e3", "1.", ".5",
	        "5s5", "9999999999999", "2000h", "4000000000h", "9999999999m", "٥s"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_int_equal(ms(bad[i]), -1);
}

static void times(void **state)
{
	(void)state;
	int64_t t;
	char text[26];
	assert_true(dd_time_parse(dd_str("2025-01-20T10:00:00+05:30"), &t));
	assert_int_equal(t, INT64_C(1737347400000));
	dd_time_ist(t + 3999, text);
	assert_string_equal(text, "2025-01-20 10:00:03");
	dd_time_rfc3339(t, text);
	assert_string_equal(text, "2025-01-20T10:00:00+05:30");
	assert_true(dd_time_parse(dd_str("2024-02-29T23:59:59Z"), &t));
	dd_time_ist(t, text);
	assert_string_equal(text, "2024-03-01 05:29:59");
	assert_true(dd_time_parse(dd_str("2025-01-20 10:00"), &t));
	assert_int_equal(t, INT64_C(1737347400000));
	const char *bad[] = {"2025-02-29T00:00:00Z", "2025-13-01T00:00:00Z", "2025-01-20",
	        "2025-01-20T24:00:00Z", "2025-01-20T10:00:00+5:30", "2025-01-20T10:00:00X",
	        "tomorrow at nine"};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(dd_time_parse(dd_str(bad[i]), &t));
}

static void offsets(void **state)
{
	(void)state;
	char text[24];
	dd_offset_text(14250, text);
	assert_string_equal(text, "0:14.2");
	dd_offset_text(3723450, text);
	assert_string_equal(text, "1:02:03.4");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(durations), cmocka_unit_test(times), cmocka_unit_test(offsets)};
UNIT_MAIN(tests)
