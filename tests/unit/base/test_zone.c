/* Zones. With "-" as its argument the program is what tests/e2e/test_zones.py compares with
   Python's zoneinfo: it reads a table from standard input and says which lines are not so. */
#include "../unit.h"

#include "base/clock.h"
#include "base/text.h"
#include "base/zone.h"

static struct dd_zone *zone(const char *name)
{
	struct dd_zone *out;
	struct dd_error err;
	if (dd_zone_open(name, &out, &err) != DD_OK)
		fail_msg("%s", err.text);
	return out;
}

static int64_t at(const char *text)
{
	int64_t out;
	assert_true(dd_time_parse(dd_str(text), &out));
	return out;
}

static void days(void **state)
{
	(void)state;
	assert_int_equal(dd_days_of((struct dd_date){1970, 1, 1}), 0);
	assert_int_equal(dd_days_of((struct dd_date){2000, 2, 29}), 11016);
	for (int64_t d = -800000; d < 800000; d += 97)
		assert_int_equal(dd_days_of(dd_date_of(d)), d);
	assert_int_equal(dd_weekday(0), 3);
	assert_int_equal(dd_weekday(-4), 6);
	assert_int_equal(dd_weekday(dd_days_of((struct dd_date){2025, 1, 20})), 0);
	assert_true(dd_date_valid((struct dd_date){2024, 2, 29}));
	assert_false(dd_date_valid((struct dd_date){2025, 2, 29}));
	assert_false(dd_date_valid((struct dd_date){1900, 2, 29}));
	assert_true(dd_date_valid((struct dd_date){2000, 2, 29}));
	assert_false(dd_date_valid((struct dd_date){2025, 13, 1}));
	assert_false(dd_date_valid((struct dd_date){2025, 4, 31}));
	assert_false(dd_date_valid((struct dd_date){0, 1, 1}));
}

static void zones_without_files(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		int32_t offset_s;
	} rows[] = {{"UTC", 0}, {"Z", 0}, {"GMT", 0}, {"IST", 19800}, {"Asia/Kolkata", 19800},
	        {"+05:30", 19800}, {"-03:30", -12600}};
	setenv("DRYDIAL_ZONEINFO", "/nowhere", 1);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_zone *z = zone(rows[i].name);
		assert_string_equal(dd_zone_name(z), rows[i].name);
		assert_int_equal(dd_zone_offset_s(z, 0), rows[i].offset_s);
		assert_int_equal(dd_zone_offset_s(z, INT64_MAX), rows[i].offset_s);
		assert_int_equal(dd_zone_offset_s(z, INT64_MIN), rows[i].offset_s);
		dd_zone_free(z);
	}
	unsetenv("DRYDIAL_ZONEINFO");
}

static void says(const char *name, const char *want)
{
	struct dd_zone *out = NULL;
	struct dd_error err;
	assert_int_not_equal(dd_zone_open(name, &out, &err), DD_OK);
	assert_null(out);
	assert_string_equal(err.text, want);
}

static void unknown_names(void **state)
{
	(void)state;
	says("Europe/Lodon",
	        "there is no time zone \"Europe/Lodon\"; did you mean \"Europe/London\"?");
	says("new york", "there is no time zone \"new york\"; did you mean \"America/New_York\"?");
	says("asia/kolkata",
	        "there is no time zone \"asia/kolkata\"; did you mean \"Asia/Kolkata\"?");
	says("Middle/Earth",
	        "there is no time zone \"Middle/Earth\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30");
	says("../../etc/passwd",
	        "there is no time zone \"../../etc/passwd\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30");
	says("/etc/passwd",
	        "there is no time zone \"/etc/passwd\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30");
	says("America",
	        "there is no time zone \"America\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30");
	says("",
	        "there is no time zone \"\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30");
	says("+15:00",
	        "there is no time zone \"+15:00\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30");
	setenv("DRYDIAL_ZONEINFO", "/nowhere", 1);
	says("Europe/London",
	        "there is no file /nowhere/Europe/London for the time zone \"Europe/London\": "
	        "the package tzdata has it");
	unsetenv("DRYDIAL_ZONEINFO");
}

static void walls(void **state)
{
	(void)state;
	struct dd_zone *z = zone("America/New_York");
	struct dd_civil c = dd_zone_civil(z, at("2025-03-09T07:00:00Z") - 1);
	assert_int_equal(c.hour * 3600 + c.minute * 60 + c.second, 7199);
	assert_int_equal(c.ms, 999);
	assert_int_equal(c.weekday, 6);
	c = dd_zone_civil(z, at("2025-03-09T07:00:00Z"));
	assert_int_equal(c.year * 10000 + c.month * 100 + c.day, 20250309);
	assert_int_equal(c.hour * 3600 + c.minute * 60 + c.second, 3 * 3600);
	/* the gap, the overlap, the next midnight */
	assert_int_equal(dd_zone_instant(z, (struct dd_civil){2025, 3, 9, .hour = 2, .minute = 30}),
	        at("2025-03-09T07:00:00Z"));
	assert_int_equal(
	        dd_zone_instant(z, (struct dd_civil){2025, 11, 2, .hour = 1, .minute = 30}),
	        at("2025-11-02T05:30:00Z"));
	assert_int_equal(dd_zone_instant(z, (struct dd_civil){2025, 11, 2, .hour = 24}),
	        at("2025-11-03T05:00:00Z"));
	assert_int_equal(dd_zone_instant(z, (struct dd_civil){2025, 11, 2, .hour = 2}),
	        at("2025-11-02T07:00:00Z"));
	dd_zone_free(z);
}

/* Samoa had no 30 December 2011. */
static void a_day_that_was_not(void **state)
{
	(void)state;
	struct dd_zone *z = zone("Pacific/Apia");
	assert_int_equal(dd_zone_instant(z, (struct dd_civil){2011, 12, 30, .hour = 12}),
	        at("2011-12-30T10:00:00Z"));
	assert_int_equal(dd_zone_civil(z, at("2011-12-30T10:00:00Z")).day, 31);
	assert_int_equal(dd_zone_civil(z, at("2011-12-30T10:00:00Z") - 1).day, 29);
	dd_zone_free(z);
}

/* A rule holds for ever: four hundred years later the calendar is the same. */
static void far_years(void **state)
{
	(void)state;
	struct dd_zone *z = zone("Europe/London");
	const int64_t cycle = INT64_C(146097) * 86400000;
	int64_t from, until;
	for (int64_t t = at("2100-01-01T00:00:00Z"); t < at("2103-01-01T00:00:00Z"); t += 3599999) {
		int32_t offset = dd_zone_steady(z, t, &from, &until);
		assert_true(from <= t && t < until);
		for (int64_t k = 1; k < 10; k += 4) {
			int64_t later_from, later_until;
			assert_int_equal(
			        dd_zone_steady(z, t + k * cycle, &later_from, &later_until),
			        offset);
			assert_int_equal(later_from, from + k * cycle);
			assert_int_equal(later_until, until + k * cycle);
		}
	}
	(void)dd_zone_steady(z, INT64_MAX, &from, &until);
	(void)dd_zone_steady(z, INT64_MIN, &from, &until);
	assert_int_equal(from, INT64_MIN);
	dd_zone_free(z);
}

/* -- files ------------------------------------------------------------------ */

static unsigned char file[4096];
static size_t nfile;

static void put(uint64_t value, size_t bytes)
{
	for (size_t i = bytes; i-- > 0;)
		file[nfile++] = (unsigned char)(i < 8 ? value >> (8 * i) : 0);
}

static void put_header(char version, uint32_t timecnt, uint32_t typecnt)
{
	memcpy(file + nfile, "TZif", 4);
	nfile += 4;
	put((unsigned char)version, 1);
	put(0, 15);
	put(0, 4), put(0, 4), put(0, 4), put(timecnt, 4), put(typecnt, 4), put(4, 4);
}

/* A zone of version 2: offset 0, from `first` on an hour, from `second` on 0 again, then the rule.
 */
static void put_zone(int64_t first, int64_t second, uint32_t kind, const char *rule)
{
	nfile = 0;
	put_header('2', 0, 1);
	put(0, 6), put(0x41414100, 4);
	put_header('2', 2, 2);
	put((uint64_t)first, 8), put((uint64_t)second, 8), put(1, 1), put(kind, 1);
	put(0, 6), put(3600, 4), put(0, 2), put(0x41414100, 4);
	memcpy(file + nfile, rule, strlen(rule));
	nfile += strlen(rule);
}

static const char *fault(void)
{
	static struct dd_error err;
	struct dd_zone *z = NULL;
	unsigned char *exact = malloc(nfile ? nfile : 1); /* a read past the end is seen */
	memcpy(exact, file, nfile);
	enum dd_status status =
	        dd_zone_of_file("x", (struct dd_str){(char *)exact, nfile}, &z, &err);
	free(exact);
	dd_zone_free(z);
	return status == DD_OK ? "none" : strstr(err.text, "used: ") + 6;
}

static void broken_files(void **state)
{
	(void)state;
	put_zone(1000, 2000, 0, "\nGMT0BST,M3.5.0/1,M10.5.0\n");
	assert_string_equal(fault(), "none");
	for (size_t whole = nfile; nfile-- > 0;) {
		assert_string_not_equal(fault(), "none");
		if (nfile == whole - 1)
			assert_string_equal(fault(), "its rule is cut off");
	}
	put_zone(2000, 2000, 0, "\n\n");
	assert_string_equal(fault(), "its changes are not in order");
	put_zone(1000, 2000, 2, "\n\n");
	assert_string_equal(fault(), "a change is to a kind of time that it does not have");
	put_zone(1000, INT64_MAX, 0, "\n\n");
	assert_string_equal(fault(), "a change is after the year 9999");
	put_zone(INT64_MIN, 0, 0, "\n\n");
	assert_string_equal(fault(), "none");
	static const char *const rules[] = {"\nGMT\n", "\nGMT0BST\n", "\nGMT0BST,M13.1.0,M10.5.0\n",
	        "\nGMT0BST,M3.5.0\n", "\nGM0\n", "\n<+03-3\n", "\nGMT25\n",
	        "\nGMT0BST,M3.5.0/168,M10.5.0\n", "\nGMT0BST,J0,J365\n", "\nGMT0BST,366,1\n",
	        "\nGMT0 \n", "\n99999999999\n"};
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
		put_zone(1000, 2000, 0, rules[i]);
		assert_string_equal(fault(), "its rule is none");
	}
}

/* Each count in turn says that billions follow. */
static void counts_that_lie(void **state)
{
	(void)state;
	for (size_t field = 0; field < 12; field++) {
		put_zone(1000, 2000, 0, "\n\n");
		memset(file + (field < 6 ? 20 + 4 * field : 54 + 20 + 4 * (field - 6)), 0xFF, 4);
		assert_string_not_equal(fault(), "none");
	}
	put_zone(1000, 2000, 0, "\n\n");
	memset(file + 54 + 36, 0, 4);
	assert_string_not_equal(fault(), "none");
}

/* Any byte may be any other: no answer but a zone or a fault. */
static void noise(void **state)
{
	(void)state;
	uint32_t seed = 1;
	for (int round = 0; round < 4000; round++) {
		put_zone(1000, 2000, 0, "\nGMT0BST,M3.5.0/1,M10.5.0\n");
		for (int i = 0; i < 3; i++) {
			seed = seed * 1664525 + 1013904223;
			file[(seed >> 8) % nfile] = (unsigned char)(seed >> 24);
		}
		(void)fault();
	}
}

static struct dd_zone *ruled(const char *rule)
{
	struct dd_zone *z;
	put_zone(1000, 2000, 0, rule);
	assert_int_equal(
	        dd_zone_of_file("x", (struct dd_str){(char *)file, nfile}, &z, NULL), DD_OK);
	return z;
}

/* RFC 8536, 3.3.1: summer all year, and hours beyond the day; Jn does not count 29 February, n
 * does. */
static void rules_of_all_kinds(void **state)
{
	(void)state;
	int64_t from, until;
	struct dd_zone *z = ruled("\nXXX3EDT4,0/0,J365/23\n");
	assert_int_equal(dd_zone_steady(z, at("2030-07-01T00:00:00Z"), &from, &until), -4 * 3600);
	assert_true(until - from > INT64_C(300) * 365 * 86400000);
	dd_zone_free(z);
	z = ruled("\nIST-2IDT,M3.4.4/26,M10.5.0\n");
	assert_int_equal(dd_zone_offset_s(z, at("2025-03-28T00:00:00Z") - 1), 7200);
	assert_int_equal(dd_zone_offset_s(z, at("2025-03-28T00:00:00Z")), 10800);
	dd_zone_free(z);
	z = ruled("\n<-02>2<-01>,M3.5.0/-1,M10.5.0/0\n");
	assert_int_equal(dd_zone_offset_s(z, at("2025-03-30T01:00:00Z") - 1), -7200);
	assert_int_equal(dd_zone_offset_s(z, at("2025-03-30T01:00:00Z")), -3600);
	dd_zone_free(z);
	z = ruled("\nAAA0BBB,J60/0,59/0\n"); /* summer from 1 March; it ends on the 60th day, in
	                                        leap years 29 February */
	assert_int_equal(dd_zone_offset_s(z, at("2024-02-28T22:59:59Z")), 3600);
	assert_int_equal(dd_zone_offset_s(z, at("2024-02-28T23:00:00Z")), 0);
	assert_int_equal(dd_zone_offset_s(z, at("2024-03-01T00:00:00Z")), 3600);
	dd_zone_free(z);
}

/* -- against others --------------------------------------------------------- */

/* "Z zone", then lines "O seconds offset" and "I day seconds-of-day instant". */
static int compare_with_table(void)
{
	struct dd_zone *z = NULL;
	struct dd_error err;
	char line[256], name[128];
	long long a, b, c;
	int lines = 0, wrong = 0;
	while (fgets(line, sizeof line, stdin)) {
		bool same = true;
		lines++;
		if (sscanf(line, "Z %127s", name) == 1) {
			dd_zone_free(z);
			z = NULL;
			same = dd_zone_open(name, &z, &err) == DD_OK;
		} else if (z && sscanf(line, "O %lld %lld", &a, &b) == 2) {
			same = dd_zone_offset_s(z, a * 1000) == b &&
			        dd_zone_offset_s(z, a * 1000 + 999) == b;
		} else if (z && sscanf(line, "I %lld %lld %lld", &a, &b, &c) == 3) {
			same = dd_zone_instant_of(z, a, b * 1000) == c * 1000;
		} else {
			same = false;
		}
		if (!same && wrong++ < 20)
			printf("%s: %s", z ? dd_zone_name(z) : "no zone", line);
	}
	dd_zone_free(z);
	printf("%d lines, %d wrong\n", lines, wrong);
	return wrong > 0;
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(days),
        cmocka_unit_test(zones_without_files), cmocka_unit_test(unknown_names),
        cmocka_unit_test(walls), cmocka_unit_test(a_day_that_was_not), cmocka_unit_test(far_years),
        cmocka_unit_test(broken_files), cmocka_unit_test(counts_that_lie), cmocka_unit_test(noise),
        cmocka_unit_test(rules_of_all_kinds)};

int main(int argc, char **argv)
{
	if (argc == 2 && strcmp(argv[1], "-") == 0)
		return compare_with_table();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
