/* Conditions become SQL with values beside it; what has no room says so. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "store/question.h"

static void conditions_are_joined_and_values_are_no_sql(void **state)
{
	struct dd_question q;
	(void)state;
	dd_question_begin(&q);
	assert_null(dd_question_ask(&q).where);
	dd_question_text(&q, "account", dd_str("me' OR 1=1 --"));
	dd_question_words(&q, "sid", dd_str(""));
	dd_question_words(&q, "status", dd_str("busy,,failed"));
	dd_question_number(&q, DD_CALL_CREATED_S, DD_AT_LEAST, INT64_MIN);
	dd_question_constant(&q, "stage", DD_LESS, DD_STAGE_OVER);
	struct dd_query asked = dd_question_ask(&q);
	assert_string_equal(asked.where,
	        "account = ?1 AND status IN (?2, ?3, ?4) AND created / 1000 >= ?5 AND stage < 2");
	assert_int_equal(asked.nbinds, 5);
	assert_string_equal(asked.binds[0].text, "me' OR 1=1 --");
	assert_string_equal(asked.binds[1].text, "busy");
	assert_string_equal(asked.binds[2].text, "");
	assert_string_equal(asked.binds[3].text, "failed");
	assert_true(asked.binds[4].number == INT64_MIN && !asked.binds[4].text);
	assert_false(q.full);
	dd_question_begin(&q);
	assert_null(dd_question_ask(&q).where);
}

/* As many values as there is room for, and one more. */
static void what_has_no_room_says_so(void **state)
{
	struct dd_question q;
	char many[4 * DD_BINDS_MAX + 8], long_one[sizeof q.room + 1];
	(void)state;
	for (int more = 0; more < 2; more++) {
		size_t n = 0;
		for (int i = 0; i < DD_BINDS_MAX + more; i++)
			n += (size_t)snprintf(many + n, sizeof many - n, i ? ",ab" : "ab");
		dd_question_begin(&q);
		dd_question_words(&q, "sid", (struct dd_str){many, n});
		assert_int_equal(q.nbinds, DD_BINDS_MAX);
		assert_int_equal(q.full, more);
	}
	memset(long_one, 'x', sizeof long_one);
	for (size_t more = 0; more < 2; more++) {
		dd_question_begin(&q);
		dd_question_text(&q, "sid", (struct dd_str){long_one, sizeof q.room - 1 + more});
		assert_int_equal(q.full, more);
	}
	dd_question_begin(&q);
	for (int i = 0; i < 100; i++)
		dd_question_constant(&q, "a_column_with_a_long_name", DD_IS, i);
	assert_true(q.full && q.nwhere < sizeof q.where);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(conditions_are_joined_and_values_are_no_sql),
	        cmocka_unit_test(what_has_no_room_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
