#define _GNU_SOURCE
/* Lists as people have them: encodings, separators, names of columns, numbers that went through a
   spreadsheet; and registers, which are read whole or not at all. */
#include "../unit.h"

#include <sys/mman.h>
#include <unistd.h>

#include "list/list.h"
#include "list/number.h"
#include "list/register.h"

static int file_of(const char *p, size_t n)
{
	int fd = memfd_create("list", MFD_CLOEXEC);
	assert_true(fd >= 0 && write(fd, p, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* Everything that is read: fields with | between them, a line each; what was put right behind. */
static char *read_of(const char *p, size_t n)
{
	static struct dd_buf out;
	int fd = file_of(p, n);
	struct dd_list *list = dd_list_open(fd, true);
	struct dd_list_row row;
	dd_buf_clear(&out);
	for (size_t i = 0; i < dd_list_head(list)->n; i++)
		dd_buf_format(&out, "%s%.*s", i ? "|" : "", (int)dd_list_head(list)->fields[i].n,
		        dd_list_head(list)->fields[i].p);
	while (dd_list_next(list, &row)) {
		dd_buf_str(&out, "/");
		for (size_t i = 0; i < row.n; i++)
			dd_buf_format(&out, "%s%.*s", i ? "|" : "", (int)row.fields[i].n,
			        row.fields[i].p);
		dd_buf_str(&out, row.problem ? row.problem : "");
	}
	struct dd_buf told = {0};
	dd_list_told(list, &told);
	assert_int_equal(dd_list_bytes(list), n); /* of the file, whatever its encoding */
	dd_buf_format(&out, "%s%s", told.n ? "; " : "", told.n ? told.p : "");
	dd_buf_free(&told);
	dd_list_free(list);
	close(fd);
	return out.p;
}
#define READ(text) read_of(text, sizeof(text) - 1)

static void what_is_certain_is_put_right(void **state)
{
	(void)state;
	assert_string_equal(READ("a,b\n1, x \n2,\"y,z\"\n"), "a|b/1|x/2|y,z");
	assert_string_equal(READ("a;b\r\n1;x\r\n2;\"y;z\"\r\n"),
	        "a|b/1|x/2|y;z; its columns are separated by semicolons");
	assert_string_equal(
	        READ("a\tb\n1\tx, y\n"), "a|b/1|x, y; its columns are separated by tabs");
	assert_string_equal(READ("a|b\n1|x\n"), "a|b/1|x; its columns are separated by bars");
	/* not one width: nothing is guessed */
	assert_string_equal(READ("a;b\n1\n"), "a;b/1");
	/* commas that give one width come before all else */
	assert_string_equal(READ("a;b,c\n1;2,3\n"), "a;b|c/1;2|3");
	assert_string_equal(READ("\xEF\xBB\xBF"
	                         "a,b\n1,2\n"),
	        "a|b/1|2");
	assert_string_equal(READ("\xFF\xFE"
	                         "a\0,\0b\0\n\0001\0,\0\xE0\x0C\n\0"),
	        "a|b/1|\xE0\xB3\xA0; it is UTF-16");
	assert_string_equal(READ("\xFE\xFF\0a\0;\0b\0\n\0001\0;\xD8\x3D\xDE\x00\0\n"),
	        "a|b/1|\xF0\x9F\x98\x80; it is UTF-16; its columns are separated by semicolons");
	assert_string_equal(READ(""), "");
	assert_string_equal(READ("\xFF\xFE"), "; it is UTF-16");
	assert_string_equal(READ("\xFF\xFE"
	                         "a"),
	        "\xEF\xBF\xBD; it is UTF-16");
}

/* On both sides of the first 64 KiB, and of UTF-16 that is cut anywhere. */
static void long_lists_are_read_alike(void **state)
{
	(void)state;
	for (size_t rows = 2000; rows <= 12000; rows += 5000) {
		struct dd_buf narrow = {0}, wide = {0};
		dd_buf_add(&wide, "\xFF\xFE", 2);
		dd_buf_str(&narrow, "phone;name\n");
		for (size_t i = 0; i < rows; i++)
			dd_buf_format(&narrow, "98765%05zu;n%zu\n", i, i);
		for (size_t i = 0; i < narrow.n; i++)
			dd_buf_add(&wide, (const char[]){narrow.p[i], 0}, 2);
		char *one = dd_str_copy(dd_str(read_of(narrow.p, narrow.n)));
		char *two = read_of(wide.p, wide.n);
		assert_memory_equal(one, two, strlen(one) - 40);
		assert_non_null(
		        strstr(two, "it is UTF-16; its columns are separated by semicolons"));
		assert_non_null(strstr(two, "/9876501999|n1999"));
		free(one);
		dd_buf_free(&narrow);
		dd_buf_free(&wide);
	}
}

static void columns_go_by_their_usual_names(void **state)
{
	static const struct {
		const char *head, *wanted;
		int at;
	} rows[] = {{"name,phone_number\n", "phone_number", 1},
	        {"name,Mobile No.\n", "phone_number", 1},
	        {"Phone Number,name\n", "phone_number", 0}, {"MSISDN\n", "number", 0},
	        {"mobile,phone_number\n", "phone_number", 1}, {"DateCreated\n", "date_created", 0},
	        {"TZ,x\n", "time_zone", 0}, {"name\n", "phone_number", -1},
	        {"phone_number_2\n", "phone_number", -1}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		int fd = file_of(rows[i].head, strlen(rows[i].head));
		struct dd_list *list = dd_list_open(fd, true);
		size_t at = dd_list_column(list, rows[i].wanted);
		if (at != (rows[i].at < 0 ? SIZE_MAX : (size_t)rows[i].at))
			fail_msg("%s: %zu", rows[i].head, at);
		dd_list_free(list);
		close(fd);
	}
}

static void numbers_are_read_as_spreadsheets_write_them(void **state)
{
	static const struct {
		const char *text;
		uint64_t number;
		const char *why;
	} rows[] = {{"+91 98765 43210", 919876543210, ""}, {"9.19876543210E+11", 919876543210, ""},
	        {"919876543210.0", 919876543210, ""}, {"'9876543210", 919876543210, ""},
	        {"9.87654321E+9", 919876543210, "cut"}, {"9.876543210E+9", 919876543210, ""},
	        {"9.19877E+11", 0, "cut"}, {"9,19877E+11", 0, "cut"}, {"", 0, "no telephone"},
	        {"null", 0, "stands where"}, {"#N/A", 0, "stands where"},
	        {"NaN", 0, "stands where"}, {"abc", 0, "cannot be"},
	        {"98765", 0, "it has 5 digits"}, {"9876543210123456", 0, "it has 16 digits"}};
	const struct dd_numbering *india = dd_numbering_of_country(dd_str("IN"));
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		char why[200];
		uint64_t number = dd_number_of_field(dd_str(rows[i].text), india, why, sizeof why);
		bool cut = strcmp(rows[i].text, "9.87654321E+9") == 0;
		if (number != (cut ? 0 : rows[i].number) || !strstr(why, rows[i].why))
			fail_msg("%s: %llu, %s", rows[i].text, (unsigned long long)number, why);
	}
}

static void numbers_are_of_their_country(void **state)
{
	static const struct {
		const char *country, *text;
		uint64_t number;
	} rows[] = {{"IN", "9876543210", 919876543210}, {"IN", "09876543210", 919876543210},
	        {"IN", "919876543210", 919876543210}, {"IN", "00919876543210", 919876543210},
	        {"IN", "0091 98765 43210", 919876543210}, {"IN", "+1 212 555 0123", 12125550123},
	        {"IN", "0012125550123", 12125550123}, {"IN", "987654321", 0},
	        {"IN", "98765432101", 0}, {"IN", "+9198765432101", 0}, {"IN", "0123456789", 0},
	        {"IN", "1123456789", 911123456789}, {"US", "2125550123", 12125550123},
	        {"US", "1 (212) 555-0123", 12125550123}, {"US", "212.555.0123", 12125550123},
	        {"US", "01144 7911 123456", 447911123456}, {"US", "+447911123456", 447911123456},
	        {"US", "00447911123456", 447911123456}, {"US", "5550123", 0},
	        {"GB", "07911 123456", 447911123456}, {"GB", "7911123456", 447911123456},
	        {"GB", "+44 (0)7911 123456", 447911123456}, {"GB", "447911123456", 447911123456},
	        {"IN", "+91 09876543210", 919876543210}, {"IN", "9109876543210", 919876543210},
	        {"AU", "+61 0412 345 956", 61412345956}, {"IT", "+39 06 1234567", 39061234567},
	        {"GB", "020 7946 0018", 442079460018}, {"GB", "016977 2555", 44169772555},
	        {"DE", "030 1234567", 49301234567}, {"IT", "06 1234567", 39061234567},
	        {"", "2125550123", 0}, {"", "+12125550123", 12125550123},
	        {"", "00 1 212 555 0123", 12125550123}, {"", "919876543210", 0},
	        {"IN", "+999123456789", 0}, {"IN", "", 0}, {"IN", "+", 0},
	        {"IN", "98765x43210", 0}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		uint64_t number = dd_number_parse(
		        dd_str(rows[i].text), dd_numbering_of_country(dd_str(rows[i].country)));
		if (number != rows[i].number)
			fail_msg("%s of %s: %llu", rows[i].text, rows[i].country,
			        (unsigned long long)number);
	}
}

static void numbers_tell_their_zones(void **state)
{
	static const struct {
		uint64_t number;
		const char *west, *east;
	} rows[] = {{12125550123, "America/New_York", "America/New_York"},
	        {13105550123, "America/Los_Angeles", "America/Los_Angeles"},
	        {18505550123, "America/Chicago", "America/New_York"},
	        {18005550123, "America/Los_Angeles", "America/New_York"},
	        {18085550123, "Pacific/Honolulu", "Pacific/Honolulu"},
	        {447911123456, "Europe/London", "Europe/London"},
	        {919876543210, "Asia/Kolkata", "Asia/Kolkata"},
	        {61892000000, "Australia/Perth", "Australia/Adelaide"},
	        {61399990000, "Australia/Sydney", "Australia/Sydney"}};
	const char *west, *east;
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_true(dd_numbering_zones(rows[i].number, &west, &east));
		if (strcmp(west, rows[i].west) != 0 || strcmp(east, rows[i].east) != 0)
			fail_msg("%llu: %s, %s", (unsigned long long)rows[i].number, west, east);
	}
	assert_false(dd_numbering_zones(999123456789, &west, &east));
}

static void registers_are_read_whole_or_not_at_all(void **state)
{
	static const struct {
		const char *country, *text;
		size_t numbers;
		uint64_t faults, line, has;
	} rows[] = {{"IN", "9876543210\n9876543211\n", 2, 0, 0, 919876543211},
	        {"IN", "phone_number\n9876543210\n", 1, 0, 0, 919876543210},
	        {"IN", "Mobile No,name\n9876543210,Asha\n", 1, 0, 0, 919876543210},
	        {"IN", "98765,43210\n98765,43211\n", 2, 0, 0, 919876543211},
	        {"IN", "area,number\n98765,43210\n", 1, 0, 0, 919876543210},
	        {"IN", "# one, two\n9876543210  # asked\n# \"nobody\", else\n\n9876543211\n", 2, 0,
	                0, 919876543210},
	        {"IN", "9876543210\n12\n", 1, 1, 2, 919876543210},
	        {"IN", "9876543210\nnobody\n9.87654E+9\n", 1, 2, 2, 0},
	        {"US", "2125550123\n", 1, 0, 0, 12125550123},
	        {"US", "212,5550123\n", 1, 0, 0, 12125550123},
	        {"US", "number,area_code\n5550123,212\n", 1, 0, 0, 12125550123},
	        {"US", "(212) 555-0123\n1-212-555-0124\n", 2, 0, 0, 12125550124},
	        {"GB", "07911 123456  # asked\n", 1, 0, 0, 447911123456},
	        {"DE", "area,number\n030,1234567\n", 1, 0, 0, 49301234567},
	        {"??", "2125550123\n+12125550124\n", 1, 1, 1, 12125550124},
	        {"IN",
	                "\xFF\xFE"
	                "9\0008\0007\0006\0005\0004\0003\0002\0001\0000\0\n\0",
	                1, 0, 0, 0},
	        {"IN", "", 0, 0, 0, 0}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_number_set set = {0};
		struct dd_register found;
		size_t n = rows[i].text[0] == '\xFF' ? 24 : strlen(rows[i].text);
		int fd = file_of(rows[i].text, n);
		bool fine = dd_register_read(
		        fd, dd_numbering_of_country(dd_str(rows[i].country)), &set, &found);
		if (fine != (rows[i].faults == 0) || found.faults != rows[i].faults ||
		        set.n != rows[i].numbers || found.line != rows[i].line)
			fail_msg("%s: %zu numbers, %llu faults, first in %llu: %s", rows[i].text,
			        set.n, (unsigned long long)found.faults,
			        (unsigned long long)found.line, found.why);
		if (rows[i].has && !dd_number_set_has(&set, rows[i].has))
			fail_msg("%s: %llu is not in it", rows[i].text,
			        (unsigned long long)rows[i].has);
		dd_number_set_fini(&set);
		close(fd);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_certain_is_put_right),
        cmocka_unit_test(long_lists_are_read_alike),
        cmocka_unit_test(columns_go_by_their_usual_names),
        cmocka_unit_test(numbers_are_read_as_spreadsheets_write_them),
        cmocka_unit_test(numbers_are_of_their_country),
        cmocka_unit_test(numbers_tell_their_zones),
        cmocka_unit_test(registers_are_read_whole_or_not_at_all),
};

UNIT_MAIN(tests)
