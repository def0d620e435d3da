/* Diagnostics: what their text shows, and that a long line costs no more than its length. */
#include "../unit.h"

#include <time.h>

#include "doc/diag.h"

static void show(const char *text, struct dd_span span, struct dd_buf *out)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	const struct dd_source *source = dd_source_new(arena, "a.yaml", dd_str(text));
	dd_diag(&diags, DD_ERROR, "code", source, span, "wrong")->hint = "mend it";
	dd_diags_text(&diags, out, false);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static void a_short_line_is_shown_whole(void **state)
{
	(void)state;
	struct dd_buf out = {0};
	show("one\n  नमस्ते two\n", (struct dd_span){25, 28}, &out);
	assert_string_equal(out.p,
	        "a.yaml:2:10: error[code]: wrong\n"
	        "    2 |   नमस्ते two\n"
	        "      |        ^^^ mend it\n");
	dd_buf_free(&out);
}

static void a_long_line_is_cut_around_the_caret(void **state)
{
	(void)state;
	struct dd_buf line = {0}, out = {0};
	for (int i = 0; i < 100; i++)
		dd_buf_str(&line, "नमस्ते ");
	uint32_t at = (uint32_t)line.n;
	dd_buf_str(&line,
	        "here, and after it another eighty columns of text that nobody needs to see");
	show(line.p, (struct dd_span){at, at + 4}, &out);
	assert_string_equal(out.p,
	        "a.yaml:1:701: error[code]: wrong\n"
	        "    1 | …नमस्ते नमस्ते नमस्ते नमस्ते नमस्ते नमस्ते नमस्ते नमस्ते नमस्ते "
	        "here, and after it anothe…\n"
	        "      |                                               ^^^^ mend it\n");
	dd_buf_free(&line);
	dd_buf_free(&out);
}

/* CPU seconds that showing a mistake at the end of a line of `n` words takes, at best. */
static double cost_of_line(size_t n)
{
	struct dd_buf line = {0}, out = {0};
	double best = 1e9;
	for (size_t i = 0; i < n; i++)
		dd_buf_str(&line, "word ");
	for (int i = 0; i < 5; i++) {
		clock_t from = clock();
		show(line.p, (struct dd_span){(uint32_t)line.n - 5, (uint32_t)line.n - 1}, &out);
		double spent = (double)(clock() - from) / CLOCKS_PER_SEC;
		best = spent < best ? spent : best;
	}
	dd_buf_free(&line);
	dd_buf_free(&out);
	return best;
}

/* Eight times the length may take eight times the time, and twice that for what is measured beside
   it; where each character measured the whole line it took sixty-four times. */
static void a_long_line_costs_its_length(void **state)
{
	(void)state;
	double once = cost_of_line(20000), eight = cost_of_line(160000);
	assert_true(eight < 16 * once + 0.05);
	assert_true(eight < 5);
}

static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(a_short_line_is_shown_whole),
        cmocka_unit_test(a_long_line_is_cut_around_the_caret),
        cmocka_unit_test(a_long_line_costs_its_length),
};
UNIT_MAIN(TESTS)
