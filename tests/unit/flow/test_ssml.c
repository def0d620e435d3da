/* SSML: what the voice is given, what is heard, and which byte of the one is which of the other. */
#include "../unit.h"

#include "flow/ssml.h"

static const struct {
	const char *text, *source, *words;
} ROWS[] = {
        {"<speak>Hello</speak>", "<speak>Hello</speak>", "Hello"},
        {"<speak>&#8377;500, &#x92E;</speak>", "<speak>₹500, म</speak>", "₹500, म"},
        {"<speak>Pay<!-- no --> now</speak>", "<speak>Pay now</speak>", "Pay now"},
        {"<speak><![CDATA[a < b]]> &amp; c</speak>", "<speak>a &lt; b &amp; c</speak>",
                "a < b & c"},
        {"<speak>\n One <break time='1s'/>\n two </speak>",
                "<speak>\n One <break time=\"1s\"/>\n two </speak>", "One two"},
        {"<speak><s>One.</s><s>Two.</s></speak>", "<speak><s>One.</s><s>Two.</s></speak>",
                "One. Two."},
        {"<speak>the <sub alias=\"Web &amp; all\">W3</sub>.</speak>",
                "<speak>the Web &amp; all.</speak>", "the Web & all."},
        {"<speak><metadata><a>x</a></metadata>Hi</speak>", "<speak>Hi</speak>", "Hi"},
        {"<?xml version=\"1.0\"?>\n<!-- a --><speak xml:lang='hi-IN'>Hi</speak>",
                "<speak xml:lang=\"hi-IN\">Hi</speak>", "Hi"},
        {"\n<speak\nversion='1.1'/>", "<speak version=\"1.1\"/>", ""},
};

static void what_is_said_and_heard(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		struct dd_arena *arena = dd_arena_new();
		struct dd_xml_fault fault;
		struct dd_ssml ssml;
		struct dd_buf words = {0};
		assert_true(dd_is_ssml(dd_str(ROWS[i].text)));
		assert_true(dd_ssml_read(arena, dd_str(ROWS[i].text), &ssml, &fault));
		assert_string_equal(ssml.source.p, ROWS[i].source);
		assert_string_equal(ssml.words.p, ROWS[i].words);
		assert_int_equal(ssml.before[ssml.source.n], ssml.words.n);
		dd_buf_str(&words, "");
		dd_ssml_words(dd_str(ROWS[i].text), &words);
		assert_string_equal(words.p, ROWS[i].words);
		/* what was written is read the same */
		assert_string_equal(dd_ssml_source(arena, ssml.source, true), ROWS[i].source);
		dd_buf_free(&words);
		dd_arena_free(arena);
	}
}

static void bytes_of_words(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_xml_fault fault;
	struct dd_ssml s;
	assert_true(dd_ssml_read(
	        arena, dd_str("<speak>One <b/> AT&amp;T &#8377;5</speak>"), &s, &fault));
	assert_string_equal(s.words.p, "One AT&T ₹5");
	assert_int_equal(s.before[0], 0);
	const char *one = strstr(s.source.p, "One"), *at = strstr(s.source.p, "AT"),
	           *amp = strstr(s.source.p, "&amp;"), *five = strstr(s.source.p, "5");
	assert_int_equal(s.before[one - s.source.p], 0);
	assert_int_equal(s.before[one + 3 - s.source.p], 3);
	assert_int_equal(s.before[at - s.source.p], 4);
	assert_int_equal(s.before[amp - s.source.p], 6);
	assert_int_equal(s.before[amp + 5 - s.source.p], 7);
	assert_int_equal(s.before[five - s.source.p], s.words.n - 1);
	dd_arena_free(arena);
}

static void what_is_no_ssml(void **state)
{
	(void)state;
	static const char *const texts[] = {"", "Hello", "<speaker>", "speak", "<speak",
	        "<b><speak>", "<!-- <speak>", "<?xml ?>", "Hello <speak>"};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		assert_false(dd_is_ssml(dd_str(texts[i])));
}

static void a_fault_behind_a_line_break(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_xml_fault fault;
	struct dd_ssml ssml;
	assert_false(dd_ssml_read(arena, dd_str("\n <speak>a & b</speak>"), &ssml, &fault));
	assert_int_equal(fault.span.start, 12);
	assert_string_equal(dd_ssml_source(arena, dd_str("<speak>a & b"), true), "<speak>a & b");
	dd_arena_free(arena);
}

static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(what_is_said_and_heard),
        cmocka_unit_test(bytes_of_words),
        cmocka_unit_test(what_is_no_ssml),
        cmocka_unit_test(a_fault_behind_a_line_break),
};
UNIT_MAIN(TESTS)
