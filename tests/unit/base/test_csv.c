/* Records of comma-separated values. */
#include "../unit.h"

#include "base/csv.h"
#include "base/text.h"

/* Fields end in ;, records in |, a record with a problem is !LINE|. */
static void written(struct dd_csv *csv, struct dd_buf *out)
{
	struct dd_csv_record r;
	while (dd_csv_next(csv, &r)) {
		for (size_t k = 0; k < r.n; k++) {
			dd_buf_add(out, r.fields[k].p, r.fields[k].n);
			dd_buf_char(out, ';');
		}
		if (r.problem)
			dd_buf_format(out, "!%llu", (unsigned long long)r.line);
		dd_buf_char(out, '|');
	}
	dd_buf_char(out, '.');
	dd_csv_free(csv);
}

static void records_are_read_as_rfc_4180_has_them(void **state)
{
	static const struct {
		const char *text, *want;
	} rows[] = {
	        {"a,b\n1,2\n", "a;b;|1;2;|."},
	        {"a,b\r\n1,2\r\n", "a;b;|1;2;|."},
	        {"a,b\r1,2", "a;b;|1;2;|."},
	        {"\xEF\xBB\xBFkey,name", "key;name;|."},
	        {"\"a,b\",\"c\"\"d\"\n", "a,b;c\"d;|."},
	        {"\"two\nlines\",x\n", "two\nlines;x;|."},
	        {"a,,c\n", "a;;c;|."},
	        {"a,\n", "a;;|."},
	        {"\n\na\n\n\nb\n", "a;|b;|."},
	        {"\"\",\"\"\"\"\n", ";\";|."},
	        {"6\" pipe,x\n", "6\" pipe;x;|."},
	        {"", "."},
	        {"\n\n", "."},
	        /* what is wrong is told by its line, and the rest is read */
	        {"a,b\n\"never closed\n1,2\n", "a;b;|!2|1;2;|."},
	        {"a,b\n\"x\"y,2\n1,2\n", "a;b;|!2|1;2;|."},
	        {"\"two\nlines\"\nbad\xFFone\n\n1,2\n", "two\nlines;|!3|1;2;|."},
	        {"\xFF\xFE"
	         "a",
	                "!1|."},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_buf got = {0};
		written(dd_csv_over(dd_str(rows[i].text)), &got);
		assert_string_equal(got.p, rows[i].want);
		dd_buf_free(&got);
	}
}

static void a_nul_is_told_by_its_line(void **state)
{
	struct dd_buf got = {0};
	(void)state;
	written(dd_csv_over((struct dd_str){"a\nb\0c\nd\n", 8}), &got);
	assert_string_equal(got.p, "a;|!2|d;|.");
	dd_buf_free(&got);
}

/* The same bytes through a file, whose window is smaller than they are. */
static void a_file_of_any_length_is_read(void **state)
{
	struct dd_buf text = {0};
	struct dd_csv_record r;
	uint64_t n = 0, wrong = 0, large = 0;
	FILE *file = tmpfile();
	(void)state;
	for (int i = 0; i < 200000; i++)
		dd_buf_format(&text,
		        i % 1000 == 7 ? "\"quoted\r\n\"\"%d\"\"\",x\r\n" : "plain %d,x\r\n", i);
	for (int i = 0; i < 1200000; i++)
		dd_buf_char(&text, 'y');
	dd_buf_str(&text, "\nlast,x\n");
	assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
	rewind(file);
	struct dd_csv *csv = dd_csv_open(fileno(file));
	uint64_t line = 1;
	while (dd_csv_next(csv, &r)) {
		large += r.problem != NULL;
		wrong += r.line != line || (!r.problem && r.n != 2);
		line += n < 200000 && n % 1000 == 7 ? 2 : 1;
		n++;
	}
	assert_int_equal(n, 200002);
	assert_int_equal(wrong, 0);
	assert_int_equal(large, 1);
	assert_int_equal(dd_csv_bytes(csv), text.n);
	dd_csv_free(csv);
	dd_buf_free(&text);
	fclose(file);
}

/* A thousand quotes that are never closed do not make it read the file a thousand times. */
/* A line end of CR and LF that is torn by the window's end is one line end, wherever it is torn. */
static void a_line_end_at_the_window_s_edge_is_one(void **state)
{
	enum { WINDOW = 2 * DD_CSV_RECORD_BYTES };
	(void)state;
	for (int shift = -3; shift <= 3; shift++) {
		for (int crs = 0; crs < 2; crs++) {
			struct dd_buf text = {0};
			struct dd_csv_record r;
			FILE *file = tmpfile();
			size_t line = 0, wrong = 0, n = 0;
			/* records of 64 bytes, then one that puts its line end where the window
			 * ends */
			while (text.n + 200 < WINDOW)
				dd_buf_format(&text, "%061zu%s", ++line, crs ? "\r\n" : "\n");
			while (text.n < (size_t)(WINDOW - 1 + shift))
				dd_buf_char(&text, 'x');
			dd_buf_str(&text, crs ? "\r\nlast\r\n\r\nend\r\n" : "\nlast\n\nend\n");
			assert_int_equal(fwrite(text.p, 1, text.n, file), text.n);
			rewind(file);
			struct dd_csv *csv = dd_csv_open(fileno(file));
			while (dd_csv_next(csv, &r)) {
				n++;
				/* the empty line counts, and is passed over */
				uint64_t want = n == line + 3 ? n + 1 : n;
				wrong += r.problem || r.n != 1 || r.line != want;
			}
			if (n != line + 3 || wrong)
				fail_msg("shift %d: %zu records, %zu wrong", shift, n, wrong);
			dd_csv_free(csv);
			dd_buf_free(&text);
			fclose(file);
		}
	}
}

static void quotes_that_are_never_closed_cost_a_line_each(void **state)
{
	struct dd_buf text = {0};
	struct dd_csv_record r;
	uint64_t wrong = 0, right = 0;
	(void)state;
	for (int i = 0; i < 100000; i++)
		dd_buf_str(&text, "\"open,x\n1,2\n");
	struct dd_csv *csv = dd_csv_over((struct dd_str){text.p, text.n});
	while (dd_csv_next(csv, &r)) {
		wrong += r.problem != NULL;
		right += r.n == 2;
	}
	assert_true(wrong >= 99980);
	assert_true(right >= 99980);
	dd_csv_free(csv);
	dd_buf_free(&text);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_as_rfc_4180_has_them),
        cmocka_unit_test(a_nul_is_told_by_its_line),
        cmocka_unit_test(a_file_of_any_length_is_read),
        cmocka_unit_test(a_line_end_at_the_window_s_edge_is_one),
        cmocka_unit_test(quotes_that_are_never_closed_cost_a_line_each),
};
UNIT_MAIN(tests)
