/* Records of comma-separated values. */
#include "../unit.h"

#include "base/csv.h"
#include "base/text.h"

static void records_are_read_as_rfc_4180_has_them(void **state)
{
	static const struct {
		const char *text, *want; /* fields end in ;, records in | */
		bool open;
	} rows[] = {
		{"a,b\n1,2\n", "a;b;|1;2;|", false},
		{"a,b\r\n1,2\r\n", "a;b;|1;2;|", false},
		{"\xEF\xBB\xBFkey,name", "key;name;|", false},
		{"\"a,b\",\"c\"\"d\"\n", "a,b;c\"d;|", false},
		{"\"two\nlines\",x\n", "two\nlines;x;|", false},
		{"a,,c\n", "a;;c;|", false},
		{"a,\n", "a;;|", false},
		{"\n\na\n\n\nb\n", "a;|b;|", false},
		{"\"never closed\nx", "never closed\nx;|", true},
		{"\"a\"b,c\n", "a;c;|", false},
		{"", "", false},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_arena *arena = dd_arena_new();
		struct dd_buf got = {0};
		struct dd_str fields[8], text = {rows[i].text, strlen(rows[i].text)};
		size_t at = 0, n;
		bool open = false;
		while ((n = dd_csv_record(arena, text, &at, fields, 8, &open))) {
			for (size_t k = 0; k < n && k < 8; k++) {
				dd_buf_add(&got, fields[k].p, fields[k].n);
				dd_buf_char(&got, ';');
			}
			dd_buf_char(&got, '|');
		}
		assert_string_equal(got.p ? got.p : "", rows[i].want);
		assert_int_equal(open, rows[i].open);
		dd_buf_free(&got);
		dd_arena_free(arena);
	}
}

static void more_fields_than_room_are_counted(void **state)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_str fields[2];
	size_t at = 0;
	bool open = false;
	(void)state;
	assert_int_equal(dd_csv_record(arena, dd_str("a,b,c,d\n"), &at, fields, 2, &open), 4);
	dd_arena_free(arena);
}

static const struct CMUnitTest tests[] = {
	cmocka_unit_test(records_are_read_as_rfc_4180_has_them),
	cmocka_unit_test(more_fields_than_room_are_counted),
};
UNIT_MAIN(tests)
