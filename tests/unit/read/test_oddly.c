/* What neither the patterns nor a voice reads as a person would. */
#include "../unit.h"

#include "read/oddly.h"

/* Everything odd in a text, with commas between. */
static char *oddities(const char *language, bool literal, const char *text)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_buf out = {0};
	struct dd_oddity odd;
	size_t at = 0;
	struct dd_aloud aloud = {NULL, 0};
	if (!literal)
		aloud = dd_aloud(arena, language, dd_str(text), NULL, 0, 4096);
	while (dd_oddly(literal ? NULL : language, dd_str(text), &aloud, NULL, 0, &at, &odd)) {
		dd_buf_format(&out, "%s%.*s %s", out.n ? ", " : "", (int)(odd.at.to - odd.at.from),
		        text + odd.at.from, odd.why);
		assert_non_null(odd.hint);
	}
	dd_arena_free(arena);
	return out.p ? out.p : dd_str_copy(dd_str(""));
}

static void what_is_odd(void **state)
{
	(void)state;
	static const struct {
		const char *language, *text, *odd;
	} cases[] = {
	        {"en-IN", "due on 31/02/2026.", "31/02/2026 is no date"},
	        {"en-IN", "due on 13/13/2026", "13/13/2026 is no date"},
	        {"en-IN", "due on 12/03/2026", ""},
	        {"en-IN", "2026-13-12", "2026-13-12 is no date"},
	        {"en", "due on 12/03/2026", "12/03/2026 can be read as two dates"},
	        {"en", "due on 25/12/2026", ""},
	        {"en-IN", "at 25:00, or at 14:05", "25:00 is no time"},
	        {"en-IN", "pay Rs. 1,50,00 now", "1,50,00 is no amount as people write one"},
	        {"en-IN", "pay ₹1,50,00 (now)", "₹1,50,00 is no amount as people write one"},
	        {"en-IN", "pay ₹1,50,000 and Rs. 500/-", ""},
	        {"en-IN", "take 1,2,3,4", "1,2,3,4 has commas that group no digits"},
	        {"en-IN", "from 9-5", "9-5 can be read in more than one way"},
	        {"en-IN", "a 1/2 day", "1/2 can be read in more than one way"},
	        {"en-IN", "see example.com/p?id=12&x=1",
	                "example.com/p?id=12&x=1 is an address that nobody can take down"},
	        {"en-IN", "see example.com/pay", ""},
	        {"en-IN", "Press 1, COVID-19, SAVE30, 5G, 3 PM, 500 rupees, e.g. so", ""},
	        {"hi-IN", "३१/०२/२०२६ को।", "३१/०२/२०२६ is no date"},
	        {"hi-IN", "₹१,५०,०००", ""},
	        {"te-IN", "₹500 at 10:30",
	                "₹500 is left to the voice, which reads it as it stands"},
	        {"en-IN", "", ""},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char *odd = oddities(cases[i].language, false, cases[i].text);
		assert_string_equal(odd, cases[i].odd);
		free(odd);
	}
	char *odd = oddities("en-IN", true, "pay ₹500 by 12/03/2026, press 1");
	assert_string_equal(odd,
	        "₹500 is read as it stands: this voice reads literally, "
	        "12/03/2026 is read as it stands: this voice reads literally");
	free(odd);
}

static void what_is_fixed_is_passed_over(void **state)
{
	(void)state;
	struct dd_oddity odd;
	struct dd_str text = dd_str("say 31/02/2026 and 13/13/2026");
	const struct dd_stretch fixed[] = {{0, 0}, {4, 14}};
	size_t at = 0;
	assert_true(dd_oddly("en-IN", text, NULL, fixed, 2, &at, &odd));
	assert_int_equal(odd.at.from, 19);
	assert_false(dd_oddly("en-IN", text, NULL, fixed, 2, &at, &odd));
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_odd),
        cmocka_unit_test(what_is_fixed_is_passed_over),
};
UNIT_MAIN(tests)
