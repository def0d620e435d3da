/* Text messages as the network counts them. */
#include "../unit.h"

#include "call/sms_size.h"

/* n times a, then b, then m times c. */
struct row {
	size_t n;
	const char *a, *b;
	size_t m;
	const char *c;
	unsigned segments;
	const char *foreign;
};

static void segments_never_split_a_pair(void **state)
{
	static const struct row rows[] = {{0, "", "", 0, "", 1, NULL},
	        {160, "x", "", 0, "", 1, NULL}, {161, "x", "", 0, "", 2, NULL},
	        {306, "x", "", 0, "", 2, NULL}, {307, "x", "", 0, "", 3, NULL},
	        {152, "x", "[", 152, "x", 3, NULL}, {151, "x", "[", 153, "x", 2, NULL},
	        {152, "x", "€", 151, "x", 2, NULL}, {153, "x", "[", 151, "x", 2, NULL},
	        {80, "]", "", 0, "", 1, NULL}, {81, "]", "", 0, "", 2, NULL},
	        {152, "]", "", 0, "", 2, NULL}, {153, "]", "", 0, "", 3, NULL},
	        {66, "x", "😀", 66, "x", 3, "😀"}, {65, "x", "😀", 67, "x", 2, "😀"},
	        {66, "x", "😀", 65, "x", 2, "😀"}, {70, "ş", "", 0, "", 1, "ş"},
	        {71, "ş", "", 0, "", 2, "ş"}, {35, "😀", "", 0, "", 1, "😀"},
	        {36, "😀", "", 0, "", 2, "😀"}, {66, "😀", "", 0, "", 2, "😀"},
	        {67, "😀", "", 0, "", 3, "😀"}, {69, "x", "`", 0, "", 1, "`"},
	        {70, "x", "`", 0, "", 2, "`"}, {70, "x", "\t", 0, "", 2, "\t"},
	        {159, "x", "é", 0, "", 1, NULL}, {159, "x", "ñ", 0, "", 1, NULL},
	        {159, "x", "ç", 0, "", 3, "ç"}, {159, "x", "\n", 0, "", 1, NULL},
	        {70, "x", "’", 0, "", 2, "’"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_buf text = {0};
		const struct row *r = &rows[i];
		for (size_t k = 0; k < r->n; k++)
			dd_buf_str(&text, r->a);
		dd_buf_str(&text, r->b);
		for (size_t k = 0; k < r->m; k++)
			dd_buf_str(&text, r->c);
		struct dd_sms_size size = dd_sms_size((struct dd_str){text.p, text.n});
		bool same = r->foreign ? size.foreign.p && dd_str_is(size.foreign, r->foreign)
		                       : !size.foreign.p;
		if (size.segments != r->segments || !same)
			fail_msg("row %zu: %u segments", i, size.segments);
		dd_buf_free(&text);
	}
}

static void the_character_is_named(void **state)
{
	static const char *const rows[][2] = {{"`", "\"`\" (U+0060)"}, {"\t", "a tab"},
	        {"\xC2\xA0", "a no-break space"}, {"\x01", "the control character U+0001"},
	        {"’", "\"’\" (U+2019)"}, {"क", "\"क\" (U+0915)"}};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_buf out = {0};
		struct dd_sms_size size = dd_sms_size(dd_str(rows[i][0]));
		dd_sms_foreign(size.foreign, &out);
		if (!strstr(out.p, rows[i][1]) || !strstr(out.p, "is not in the basic alphabet"))
			fail_msg("%s", out.p);
		dd_buf_free(&out);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(segments_never_split_a_pair),
        cmocka_unit_test(the_character_is_named),
};

UNIT_MAIN(tests)
