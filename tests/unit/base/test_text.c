#include "../unit.h"

#include <stdlib.h>

#include "base/pcg.h"
#include "base/source.h"
#include "base/text.h"

static void escapers(void **state)
{
	(void)state;
	struct dd_buf b = {0};
	dd_buf_xml(&b, dd_str("<a href=\"x\">'&\x01\xff"));
	assert_string_equal(b.p, "&lt;a href=&quot;x&quot;&gt;&#39;&amp;\xEF\xBF\xBD");
	dd_buf_clear(&b);
	dd_buf_percent(&b, dd_str("a b&c/~é"));
	assert_string_equal(b.p, "a%20b%26c%2F~%C3%A9");
	dd_buf_clear(&b);
	dd_buf_screen(&b, dd_str("a\x1b[31m\nb\xE2\x80\xAE"));
	assert_string_equal(b.p, "a\xEF\xBF\xBD[31m b\xEF\xBF\xBD");
	dd_buf_free(&b);
}

static void percent_signs(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int byte;
	} rows[] = {{"%41", 0x41}, {"%fFx", 0xFF}, {"%00", 0}, {"%4", -1}, {"%", -1}, {"%4g", -1},
	        {"%g4", -1}, {"41", -1}, {"", -1}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(dd_percent_byte(dd_str(rows[i].text), 0), rows[i].byte);
	assert_int_equal(dd_percent_byte(dd_str("a%20"), 1), ' ');
	assert_int_equal(dd_percent_byte(dd_str("a%20"), 9), -1);
}

static void widths(void **state)
{
	(void)state;
	assert_int_equal(dd_width(dd_str("नमस्ते")), 4);
	assert_int_equal(dd_width(dd_str("abc")), 3);
	struct dd_str word = dd_str("நன்றி x");
	size_t end = dd_grapheme_end(word, 0);
	assert_int_equal(end, strlen("ந"));
	assert_int_equal(dd_grapheme_end(word, end), end + strlen("ன்"));
	assert_true(dd_width((struct dd_str){word.p, dd_width_fit(word, 2)}) <= 2);
}

static void utf8(void **state)
{
	(void)state;
	assert_int_equal(dd_utf8_valid(dd_str("aé\xE0")), 3);
	assert_int_equal(dd_utf8_valid(dd_str("\xC0\x80")), 0);
	assert_int_equal(dd_utf8_valid(dd_str("\xED\xA0\x80")), 0);
	assert_int_equal(dd_utf8_count(dd_str("aé₹")), 3);
}

static void nearest(void **state)
{
	(void)state;
	const char *names[] = {"timeout", "retries", "prompt"};
	assert_string_equal(dd_nearest(dd_str("timeuot"), names, 3), "timeout");
	assert_string_equal(dd_nearest(dd_str("promt"), names, 3), "prompt");
	assert_null(dd_nearest(dd_str("colour"), names, 3));
	assert_null(dd_nearest(dd_str(""), names, 3));
}

static void places(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_source *s = dd_source_new(arena, "x", dd_str("ab\r\nनम\nz"));
	struct dd_place p = dd_source_place(s, (uint32_t)strlen("ab\r\nन"));
	assert_int_equal(p.line, 2);
	assert_int_equal(p.column, 2);
	assert_true(dd_str_is(dd_source_line(s, 1), "ab"));
	assert_int_equal(dd_source_place(s, 1000).line, 3);
	dd_arena_free(arena);
}

static void random_numbers(void **state)
{
	(void)state;
	/* the reference stream of O'Neill's pcg32-demo: seed 42, stream 54 */
	struct dd_pcg rng = dd_pcg_seed(42, 54);
	assert_int_equal(dd_pcg_next(&rng), 0xa15c02b7);
	assert_int_equal(dd_pcg_next(&rng), 0x7b47f409);
	assert_int_equal(dd_pcg_next(&rng), 0xba1d3330);
}

static void copies(void **state)
{
	(void)state;
	char *part = dd_str_copy((struct dd_str){"greeting.yaml", 8}),
	     *empty = dd_str_copy(dd_str(""));
	assert_string_equal(part, "greeting");
	assert_string_equal(empty, "");
	assert_null(dd_str_copy(dd_str(NULL)));
	free(part);
	free(empty);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(escapers),
        cmocka_unit_test(percent_signs), cmocka_unit_test(widths), cmocka_unit_test(utf8),
        cmocka_unit_test(nearest), cmocka_unit_test(places), cmocka_unit_test(random_numbers),
        cmocka_unit_test(copies)};
UNIT_MAIN(tests)
