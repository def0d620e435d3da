/* What counts as the same words, in several scripts. */
#include "../unit.h"

#include "scenario/match.h"

static bool heard(const char *words, const char *part)
{
	struct dd_buf a = {0}, b = {0};
	dd_fold_words(dd_str(words), &a, NULL);
	dd_fold_words(dd_str(part), &b, NULL);
	bool found = dd_folded_holds((struct dd_str){a.p, a.n}, (struct dd_str){b.p, b.n}, NULL);
	dd_buf_free(&a);
	dd_buf_free(&b);
	return found;
}

static void words_are_found_whatever_their_dress(void **state)
{
	static const struct {
		const char *words, *part;
		bool found;
	} rows[] = {
	        {"Hello Rahul, your appointment is tomorrow at 5 PM.", "tomorrow at 5 pm", true},
	        {"Press 1 to confirm.", "PRESS 1, to confirm!", true},
	        {"Press   1\n to\tconfirm", "press 1 to confirm", true},
	        {"your balance is 1,500 rupees", "1500", true},
	        {"re-schedule it", "reschedule", true},
	        {"yes—no", "yes no", true},
	        {"wait… then press", "wait then press", true},
	        {"Don’t share it", "don't share", true},
	        {"STRASSE", "straße", true},
	        {"ﬁnd", "find", true},
	        {"Press * to go back", "press #", false},
	        {"Press * to go back", "press *", true},
	        {"50% off", "50 off", false},
	        {"Hello", "Help", false},
	        {"café", "cafe", false},
	        {"cafe\xCC\x81", "café", true},
	        /* Devanagari: danda is punctuation, vowel signs and nukta are not; joiners do not
	           count */
	        {"आपका अपॉइंटमेंट कल दोपहर 3 बजे है।", "कल दोपहर 3 बजे", true},
	        {"नमस्ते राहुल जी, आपका", "राहुल जी आपका", true},
	        {"किताब", "क", false},
	        {"किताब", "कि", true},
	        {"काम", "कम", false},
	        {"\xE0\xA5\x9B", "\xE0\xA4\x9C\xE0\xA4\xBC", true}, /* ज़ composed and apart */
	        {"\xE0\xA4\x9C\xE0\xA4\xBC", "\xE0\xA4\x9C", false},
	        {"क्\xE2\x80\x8Dष", "क्ष", true},
	        /* Tamil: pulli and vowel signs belong to the letter */
	        {"பார்சலைப் பெற 1 ஐ அழுத்தவும்.", "1 ஐ அழுத்தவும்", true},
	        {"நன்றி. இன்று சந்திப்போம்.", "நன்றி இன்று", true},
	        {"கண்", "கண", false},
	        {"கி", "க", false},
	        {"கொ", "கொ", true},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (heard(rows[i].words, rows[i].part) != rows[i].found)
			fail_msg("row %zu: \"%s\" in \"%s\"", i, rows[i].part, rows[i].words);
}

static void the_end_of_a_match_is_told_in_the_words_themselves(void **state)
{
	const char *words = "Drücken Sie, bitte, die 1!";
	struct dd_buf folded = {0}, part = {0};
	uint32_t *origins;
	size_t end = 0;
	(void)state;
	dd_fold_words(dd_str(words), &folded, &origins);
	dd_fold_words(dd_str("sie bitte"), &part, NULL);
	assert_true(dd_folded_holds(
	        (struct dd_str){folded.p, folded.n}, (struct dd_str){part.p, part.n}, &end));
	assert_int_equal(origins[end - 1], strlen("Drücken Sie, bitte"));
	free(origins);
	dd_buf_free(&folded);
	dd_buf_free(&part);
}

static void regular_expressions_have_a_limit(void **state)
{
	struct dd_error err;
	size_t at = 0, end = 0;
	char many[60];
	(void)state;
	memset(many, 'a', sizeof many);
	many[sizeof many - 1] = '!';
	struct dd_regex *r = dd_regex_new(dd_str("(a+)+$"), &err, &at);
	assert_int_equal(dd_regex_find(r, (struct dd_str){many, sizeof many}, NULL), -1);
	assert_int_equal(dd_regex_find(r, dd_str("baaa"), &end), 1);
	assert_int_equal(end, 4);
	dd_regex_free(r);
	r = dd_regex_new(dd_str("press [1-3] .*ठीक"), &err, &at);
	assert_int_equal(dd_regex_find(r, dd_str("Press 2 अगर ठीक है"), NULL), 1);
	assert_int_equal(dd_regex_find(r, dd_str("Press 4 अगर ठीक है"), NULL), 0);
	assert_int_equal(dd_regex_find(r, dd_str("\xFF\xFE press 2 ठीक"), NULL), 0);
	dd_regex_free(r);
	assert_null(dd_regex_new(dd_str("ab(c"), &err, &at));
	assert_int_equal(at, 4);
}

static void words_that_differ_are_marked(void **state)
{
	static const struct {
		const char *wanted, *heard, *marked_wanted, *marked_heard, *part;
		unsigned far;
	} rows[] = {
	        {"tomorrow at 6 PM", "Hello, tomorrow at 5 PM.", "tomorrow at [6] PM",
	                "Hello, tomorrow at [5] PM.", "tomorrow at 5 PM.", 250},
	        {"press one now", "press now", "press [one] now", "press now", "press now", 333},
	        {"press now", "please press it now", "press now", "please press [it] now",
	                "press it now", 500},
	        {"a b c", "x y z", "[a] [b] [c]", "[x] y z", "x", 1000},
	        {"same words", "Same, words!", "same words", "Same, words!", "Same, words!", 0},
	        {"a task", "this is a test", "a [task]", "this is a [test]", "a test", 500},
	        {"", "anything", "", "anything", "", 0},
	        {"something", "", "[something]", "", "", 1000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_buf a = {0}, b = {0};
		struct dd_str part;
		unsigned far = dd_words_differ(
		        dd_str(rows[i].wanted), dd_str(rows[i].heard), &a, &b, &part);
		assert_string_equal(a.p ? a.p : "", rows[i].marked_wanted);
		assert_string_equal(b.p ? b.p : "", rows[i].marked_heard);
		assert_int_equal(far, rows[i].far);
		if (far < 1000 && !dd_str_is(part, rows[i].part))
			fail_msg("row %zu: part \"%.*s\"", i, (int)part.n, part.p);
		dd_buf_free(&a);
		dd_buf_free(&b);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_found_whatever_their_dress),
        cmocka_unit_test(the_end_of_a_match_is_told_in_the_words_themselves),
        cmocka_unit_test(regular_expressions_have_a_limit),
        cmocka_unit_test(words_that_differ_are_marked),
};
UNIT_MAIN(tests)
