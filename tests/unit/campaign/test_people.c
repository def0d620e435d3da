/* Numbers as people write them, and lists of them. */
#include "../unit.h"

#include "base/text.h"
#include "campaign/campaign.h"

static void numbers(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		uint64_t number;
	} want[] = {
	        {"+919876543210", 919876543210},
	        {"9876543210", 919876543210},
	        {"09876543210", 919876543210},
	        {"919876543210", 919876543210},
	        {"00919876543210", 919876543210},
	        {" +91 (98765) 43-210 ", 919876543210},
	        {"+91.98765.43210", 919876543210},
	        {"+14155552671", 14155552671},
	        {"+12345678", 0},
	        {"+4930123456", 4930123456},
	        {"+12025550", 0},
	        {"+447700900123", 447700900123},
	        {"+91987654321", 0},
	        {"+9198765432100", 0},
	        {"+1234567", 0},
	        {"+2345678", 0},
	        {"+23456789", 0},
	        {"+999999999999999", 0},
	        {"+9999999999999999", 0},
	        {"12345", 0},
	        {"", 0},
	        {"+", 0},
	        {"<exophone>", 0},
	        {"9.87654E+09", 0},
	        {"98765 43210 x1", 0},
	        {"0123456789", 0},
	        {"+0919876543210", 0},
	        {"--", 0},
	        {"++919876543210", 0},
	        {"99999999999999999999999999999999", 0},
	        {"14155552671", 0},
	        {"98+76543210", 0},
	};
	const struct dd_numbering *india = dd_numbering_of_country(dd_str("IN"));
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		if (dd_number_parse(dd_str(want[i].text), india) != want[i].number)
			fail_msg("\"%s\" is %llu", want[i].text,
			        (unsigned long long)dd_number_parse(dd_str(want[i].text), india));
}

static void sets(void **state)
{
	(void)state;
	struct dd_number_set set = {0};
	assert_false(dd_number_set_has(&set, 1));
	for (uint64_t i = 1; i <= 100000; i++)
		assert_true(dd_number_set_add(&set, i << 20));
	for (uint64_t i = 1; i <= 100000; i++)
		assert_false(dd_number_set_add(&set, i << 20));
	assert_int_equal(set.n, 100000);
	assert_true(dd_number_set_has(&set, 7 << 20));
	assert_false(dd_number_set_has(&set, 7));
	assert_false(dd_number_set_has(&set, 0));
	dd_number_set_fini(&set);
}

static void made_up(void **state)
{
	(void)state;
	enum { MANY = 300000 };
	struct dd_people *people = dd_people_new();
	struct dd_number_set set = {0};
	dd_people_make_up(people, MANY);
	assert_int_equal(people->n, MANY);
	for (uint32_t i = 0; i < people->n; i++) {
		char text[24];
		(void)snprintf(
		        text, sizeof text, "+%llu", (unsigned long long)people->list[i].number);
		assert_int_equal(dd_number_parse(dd_str(text), NULL), people->list[i].number);
		assert_true(dd_number_set_add(&set, people->list[i].number));
	}
	dd_number_set_fini(&set);
	dd_people_free(people);
	assert_true(sizeof(struct dd_person) <= 16);
}

/* What is wrong with lines is told, not too often, and the good lines are kept. */
static void bad_lines(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct dd_buf out = {0};
	dd_diags_init(&diags, arena);
	struct dd_campaign *c = dd_campaign_load("tests/campaigns/good/untidy.yaml", NULL, &diags);
	dd_diags_text(&diags, &out, false);
	if (!c)
		fail_msg("%s", out.p);
	assert_int_equal(c->people->n, 18);
	assert_non_null(strstr(out.p,
	        "untidy.csv: warning[bad-consent]: line 3: consent is yes or no, not \"perhaps\"; "
	        "it is taken for no\n"));
	assert_non_null(strstr(out.p,
	        "untidy.csv: warning[unreadable-line]: line 5: there is text behind the closing "
	        "quote\n"));
	assert_non_null(strstr(out.p,
	        "untidy.csv: warning[list-lines]: 5 more lines have something wrong with them\n"));
	assert_int_equal(diags.n, 11);
	dd_buf_free(&out);
	dd_campaign_free(c);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(sets),
        cmocka_unit_test(made_up), cmocka_unit_test(bad_lines)};
UNIT_MAIN(tests)
