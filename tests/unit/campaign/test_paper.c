/* Forecasts on paper. With a kind as its argument (tests/page/made_up.h) the program prints what
 * tests/page/KIND.txt must be. */
#include "../unit.h"

#include <math.h>

#include <jansson.h>

#include "../../page/made_up.h"
#include "base/csv.h"

static const struct dd_forecast_style plain = {false, 80};

static char *file_text(const char *path)
{
	FILE *f = fopen(path, "rb");
	char *text = calloc(1, 1 << 16);
	assert_non_null(f);
	assert_non_null(text);
	assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
	fclose(f);
	return text;
}

static void text_of(const char *kind, const struct dd_forecast_style *style, struct dd_buf *out)
{
	struct made_up *m = made_up(kind);
	assert_non_null(m);
	const struct dd_forecast *f = &m->f;
	dd_forecast_text(&f, 1, style, out);
	made_up_free(m);
}

static void text_is_golden(void **state)
{
	(void)state;
	for (int i = 0; i < MADE_UP_KINDS; i++) {
		struct dd_buf text = {0};
		char path[64];
		snprintf(path, sizeof path, "tests/page/%s.txt", made_up_kinds[i]);
		char *want = file_text(path);
		text_of(made_up_kinds[i], &plain, &text);
		assert_string_equal(text.p, want);
		free(want);
		dd_buf_free(&text);
	}
}

/* Every line fits, whatever the names and numbers; nothing in it speaks to the terminal, but
 * colours where they were asked for. */
static void text_fits(void **state)
{
	(void)state;
	static const unsigned columns[] = {80, 80, 100, 132, 200};
	for (int i = 0; i < MADE_UP_KINDS; i++)
		for (size_t w = 0; w < sizeof columns / sizeof *columns; w++) {
			struct dd_buf text = {0};
			text_of(made_up_kinds[i],
			        &(struct dd_forecast_style){false, w ? columns[w] : 0}, &text);
			for (char *line = strtok(text.p, "\n"); line; line = strtok(NULL, "\n")) {
				assert_true(dd_width(dd_str(line)) <= columns[w]);
				for (const char *c = line; *c; c++)
					assert_true((unsigned char)*c >= 0x20);
			}
			dd_buf_free(&text);
		}
	struct dd_buf text = {0};
	text_of("hostile", &(struct dd_forecast_style){true, 80}, &text);
	assert_non_null(strstr(text.p, "\033[32m"));
	assert_null(strstr(text.p, "\033[31m\r"));
	dd_buf_free(&text);
}

static json_t *json_of(const char *kind)
{
	struct made_up *m = made_up(kind);
	const struct dd_forecast *f = &m->f;
	struct dd_buf text = {0};
	dd_forecast_json(&f, 1, &text);
	json_t *root = json_loadb(text.p, text.n, 0, NULL);
	assert_non_null(root);
	assert_int_equal(json_array_size(root), 1);
	dd_buf_free(&text);
	made_up_free(m);
	return root;
}

static json_int_t sum(const json_t *list, const char *field)
{
	json_int_t all = 0;
	size_t i;
	json_t *o;
	json_array_foreach ((json_t *)list, i, o)
		all += json_integer_value(json_object_get(o, field));
	return all;
}

static json_int_t whole(const json_t *o, const char *field)
{
	return json_integer_value(json_object_get(o, field));
}

static void json_adds_up(void **state)
{
	(void)state;
	for (int i = 0; i < MADE_UP_KINDS; i++) {
		json_t *root = json_of(made_up_kinds[i]), *o = json_array_get(root, 0);
		assert_int_equal(
		        sum(json_object_get(o, "outcomes"), "contacts"), whole(o, "contacts"));
		assert_int_equal(
		        json_array_size(json_object_get(o, "outcomes")), DD_CONTACT_ENDS_COUNT);
		assert_int_equal(sum(json_object_get(o, "attempts"), "calls"), whole(o, "calls"));
		assert_int_equal(sum(json_object_get(o, "hours"), "calls"), whole(o, "calls"));
		assert_int_equal(sum(json_object_get(o, "days"), "calls"), whole(o, "calls"));
		assert_int_equal(sum(json_object_get(o, "heat"), "calls"), whole(o, "calls"));
		assert_int_equal(
		        sum(json_object_get(json_object_get(o, "drop_off"), "seconds"), "hung_up"),
		        whole(json_object_get(o, "talk"), "hung_up"));
		assert_int_equal(
		        sum(json_object_get(json_object_get(o, "drop_off"), "steps"), "hung_up"),
		        whole(json_object_get(o, "talk"), "hung_up"));
		assert_int_equal(json_array_size(json_object_get(o, "metrics")), 5);
		assert_int_equal(json_array_size(json_object_get(o, "heat")), 168);
		json_decref(root);
	}
}

static void json_says(void **state)
{
	(void)state;
	json_t *root = json_of("reminder"), *o = json_array_get(root, 0),
	       *m = json_array_get(json_object_get(o, "metrics"), 0);
	assert_string_equal(
	        json_string_value(json_object_get(o, "first_call")), "2025-01-20T10:00:02+05:30");
	assert_string_equal(json_string_value(json_object_get(m, "name")), "delivery");
	assert_true(json_is_true(json_object_get(m, "met")));
	assert_true(fabs(json_real_value(json_object_get(m, "rate")) - 59218.0 / 98000) < 1e-12);
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(o, "waiting"), "bottleneck")),
	        "throttle");
	assert_true(json_is_false(
	        json_object_get(json_array_get(json_object_get(o, "attempts"), 2), "worth_it")));
	json_decref(root);
	root = json_of("empty");
	o = json_array_get(root, 0);
	assert_true(json_is_null(json_object_get(o, "first_call")));
	assert_true(json_is_null(
	        json_object_get(json_array_get(json_object_get(o, "metrics"), 0), "rate")));
	assert_true(json_is_null(json_object_get(o, "cost")));
	json_decref(root);
	root = json_of("interrupted");
	assert_true(json_is_true(json_object_get(json_array_get(root, 0), "interrupted")));
	assert_true(json_is_false(json_object_get(json_array_get(root, 0), "finished")));
	json_decref(root);
}

/* -- CSV -------------------------------------------------------------------- */

/* Rows, each of `columns` columns, of which none begins as a formula but what `number_first` lets
 * begin with a sign. */
static size_t csv_rows(const struct dd_buf *text, size_t columns, bool number_first)
{
	struct dd_csv *csv = dd_csv_over((struct dd_str){text->p, text->n});
	struct dd_csv_record r;
	size_t rows = 0;
	while (dd_csv_next(csv, &r)) {
		assert_null(r.problem);
		assert_int_equal(r.n, columns);
		for (size_t i = 0; i < r.n; i++)
			if (r.fields[i].n && (i || !number_first))
				assert_null(memchr("=+-@", r.fields[i].p[0], 4));
		rows++;
	}
	dd_csv_free(csv);
	return rows;
}

static void csv_reads_back(void **state)
{
	(void)state;
	for (int i = 0; i < MADE_UP_KINDS; i++) {
		struct made_up *m = made_up(made_up_kinds[i]);
		const struct dd_forecast *list[] = {&m->f, &m->f};
		struct dd_buf text = {0};
		dd_forecast_csv(list, 2, &text);
		assert_int_equal(csv_rows(&text, 6, false), 1 + 2 * m->f.nhours);
		dd_buf_clear(&text);
		dd_forecast_metrics_csv(list, 2, &text);
		assert_int_equal(csv_rows(&text, 9, false), 1 + 2 * 5);
		dd_buf_free(&text);
		made_up_free(m);
	}
}

static void calls_read_back(void **state)
{
	(void)state;
	struct made_up *m = made_up("hostile");
	struct dd_buf text = {0};
	struct dd_simulated_call call = {.attempt = 2,
	        .placed = m->f.first_call,
	        .ringing = 4200,
	        .lasted = 31007,
	        .answered_by = DD_BY_HUMAN,
	        .ended_by = DD_ENDED_CUSTOMER,
	        .digits = "=1,2",
	        .seed = UINT64_MAX};
	dd_calls_csv_head(&text);
	dd_calls_csv_row(&m->c, &call, &text);
	call.person = 7; /* nobody */
	call.answered_by = DD_BY_NOBODY_NO_ANSWER;
	call.ended_by = DD_ENDED_NOT_ANSWERED;
	call.digits = NULL;
	dd_calls_csv_row(&m->c, &call, &text);
	assert_int_equal(csv_rows(&text, 19, true), 3);
	assert_non_null(strstr(text.p,
	        "\r\n+919876543210,2,connected,31.007,\"'=1,2\",,"
	        "2025-01-20T10:00:02+05:30,4.200,human,"));
	assert_non_null(strstr(text.p, "\r\n,2,no answer,"));
	assert_non_null(strstr(text.p, ",0xffffffffffffffff,\"'=cmd()</script>"));
	dd_buf_free(&text);
	made_up_free(m);
}

/* -- the page, beside what tests/e2e sees of it ----------------------------- */

static size_t times(const char *text, const char *what)
{
	size_t n = 0;
	for (const char *p = strstr(text, what); p; p = strstr(p + 1, what))
		n++;
	return n;
}

static void page_is_one_page(void **state)
{
	(void)state;
	const struct dd_forecast *list[MADE_UP_KINDS];
	struct made_up *all[MADE_UP_KINDS];
	struct dd_buf html = {0};
	for (int i = 0; i < MADE_UP_KINDS; i++) {
		all[i] = made_up(made_up_kinds[i]);
		list[i] = &all[i]->f;
	}
	dd_forecast_html(list, MADE_UP_KINDS, &html);
	assert_int_equal(strlen(html.p), html.n);
	assert_int_equal(times(html.p, "<section "), MADE_UP_KINDS);
	assert_int_equal(times(html.p, "</script>"), 2);
	assert_int_equal(times(html.p, "<script"), 2);
	assert_int_equal(times(html.p, "<!--"), 0);
	assert_int_equal(times(html.p, "<img"), 0);
	assert_int_equal(times(html.p, "http://") + times(html.p, "https://"), 0);
	for (int i = 0; i < MADE_UP_KINDS; i++)
		made_up_free(all[i]);
	dd_buf_free(&html);
}

/* -- bands and what if ------------------------------------------------------ */

/* The source's targets are passed or not: "above 50 %" is missed at 50 %. A floor of one's own is
 * reached there. */
static void a_metric_at_its_target_has_missed_it(void **state)
{
	static const struct {
		uint64_t answered, completed, responded, opted;
		bool targets, completion40, opt_out2;
	} rows[] = {{51, 41, 31, 1, true, true, true}, {50, 41, 31, 1, false, true, true},
	        {51, 40, 31, 1, false, true, true}, {51, 39, 31, 1, false, false, true},
	        {51, 41, 30, 1, false, true, true}, {51, 41, 31, 2, false, true, true},
	        {51, 41, 31, 3, false, true, false}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_forecast f = {.dialled = 100,
		        .answered = rows[i].answered,
		        .completed = rows[i].completed,
		        .responded = rows[i].responded,
		        .opted_out = rows[i].opted};
		static const char *const floors[] = {"targets", "completion=40%", "opt_out=2%"};
		const bool want[] = {rows[i].targets, rows[i].completion40, rows[i].opt_out2};
		for (int k = 0; k < 3; k++) {
			struct dd_forecast_floor floor;
			struct dd_buf out = {0};
			assert_true(dd_forecast_floor_parse(floors[k], &floor));
			if (dd_forecast_falls_short(&f, &floor, &out) == want[k])
				fail_msg("row %zu, %s: %s", i, floors[k], out.p ? out.p : "");
			dd_buf_free(&out);
		}
	}
}

static void bands(void **state)
{
	(void)state;
	struct made_up *m = made_up("reminder");
	struct dd_forecast runs[20];
	const struct dd_forecast *list[20];
	for (int i = 0; i < 20; i++) {
		runs[i] = m->f;
		runs[i].calls = (uint64_t)(1000 + (i * 7) % 20);
		runs[i].cost = 10 + (i * 3) % 20;
		runs[i].last_end += i * 60000;
		list[i] = &runs[i];
	}
	runs[3].finished = false;
	runs[4].dialled = 0;
	struct dd_buf text = {0};
	dd_forecast_bands_json(list, 20, &text);
	json_t *root = json_loadb(text.p, text.n, 0, NULL), *b = json_object_get(root, "bands"),
	       *calls = json_object_get(b, "calls");
	assert_int_equal(whole(root, "runs"), 20);
	assert_int_equal(whole(root, "finished"), 19);
	assert_int_equal(whole(calls, "low"), 1000);
	assert_int_equal(whole(calls, "median"), 1009);
	assert_int_equal(whole(calls, "high"), 1018);
	assert_int_equal(whole(json_object_get(b, "delivery"), "runs"), 19);
	assert_string_equal(json_string_value(json_object_get(json_object_get(b, "finish"), "low")),
	        "2025-01-22T20:41:46+05:30");
	assert_string_equal(
	        json_string_value(json_object_get(json_object_get(b, "finish"), "high")),
	        "2025-01-22T21:00:46+05:30");
	json_decref(root);
	for (int i = 0; i < 20; i++)
		runs[i].finished = i < 9;
	dd_buf_clear(&text);
	dd_forecast_bands_text(list, 20, &plain, &text);
	assert_non_null(strstr(text.p, ", 20 runs, 9 finished\n"));
	assert_non_null(strstr(text.p, "not finished"));
	for (char *line = strtok(text.p, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(dd_width(dd_str(line)) <= 80);
	dd_buf_free(&text);
	made_up_free(m);
}

static void what_if(void **state)
{
	(void)state;
	struct made_up *m = made_up("huge");
	struct dd_forecast f[4] = {m->f, m->f, m->f, m->f};
	const struct dd_what_if_row rows[] = {
	        {"10", &f[0]}, {"20", &f[1]}, {"30", &f[2]}, {"forty thousand", &f[3]}};
	struct dd_what_if w = {"concurrency", rows, 4, m->f.last_end};
	struct dd_buf text = {0};
	f[0].last_end += 1; /* too late, though it is cheap */
	f[0].cost = 1;
	f[1].finished = false;
	f[3].peak = f[2].peak - 1; /* at the same cost */
	assert_int_equal(dd_what_if_cheapest(&w), 3);
	dd_what_if_text(&w, &plain, &text);
	assert_non_null(strstr(text.p, "\n→ forty t…"));
	for (char *line = strtok(text.p, "\n"); line; line = strtok(NULL, "\n"))
		assert_true(dd_width(dd_str(line)) <= 80);
	dd_buf_clear(&text);
	f[3].cost *= 2;
	assert_int_equal(dd_what_if_cheapest(&w), 2);
	dd_what_if_json(&w, &text);
	json_t *root = json_loadb(text.p, text.n, 0, NULL), *list = json_object_get(root, "rows");
	assert_int_equal(whole(root, "cheapest"), 2);
	assert_true(json_is_true(json_object_get(json_array_get(list, 2), "cheapest")));
	assert_true(json_is_false(json_object_get(json_array_get(list, 0), "meets_deadline")));
	assert_true(json_is_null(json_object_get(json_array_get(list, 1), "finish")));
	json_decref(root);
	w.deadline = INT64_MAX;
	assert_true(dd_what_if_cheapest(&w) == SIZE_MAX);
	w.deadline = 0;
	assert_true(dd_what_if_cheapest(&w) == SIZE_MAX);
	dd_buf_clear(&text);
	dd_what_if_text(&w, &plain, &text);
	assert_non_null(strstr(text.p, "none is done by Thu 1 Jan 1970, 05:30"));
	dd_buf_free(&text);
	made_up_free(m);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(text_is_golden),
	        cmocka_unit_test(text_fits),
	        cmocka_unit_test(json_adds_up),
	        cmocka_unit_test(json_says),
	        cmocka_unit_test(csv_reads_back),
	        cmocka_unit_test(calls_read_back),
	        cmocka_unit_test(page_is_one_page),
	        cmocka_unit_test(bands),
	        cmocka_unit_test(a_metric_at_its_target_has_missed_it),
	        cmocka_unit_test(what_if),
	};
	if (argc > 1) {
		struct dd_buf text = {0};
		text_of(argv[1], &plain, &text);
		fputs(text.p, stdout);
		dd_buf_free(&text);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
