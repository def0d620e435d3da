/* Shards: what they are called, and that they are a whole together. */
#include "../unit.h"

#include "base/shard.h"

static void a_shard_is_written_as_index_and_number(void **state)
{
	static const char *const wrong[] = {"", "/", "1", "1/", "/4", "0/4", "5/4", "1/0", "-1/4",
	        "1/4 ", " 1/4", "1/10001", "4294967297/4294967297", "1/4/4", "x/4", "1/-4"};
	struct dd_shard s = {0, 0};
	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_false(dd_shard_parse(wrong[i], &s));
	assert_int_equal(s.of, 0);
	assert_true(dd_shard_parse("1/1", &s) && s.index == 1 && s.of == 1);
	assert_true(dd_shard_parse("10000/10000", &s) && s.index == 10000 && s.of == 10000);
}

static void every_item_is_in_one_shard_and_shares_add_up(void **state)
{
	(void)state;
	for (uint32_t of = 1; of < 12; of++) {
		uint32_t sum = 0;
		for (uint32_t index = 1; index <= of; index++)
			sum += dd_shard_share((struct dd_shard){index, of}, 29);
		assert_int_equal(sum, 29);
		for (uint64_t i = 0; i < 50; i++) {
			int homes = 0;
			for (uint32_t index = 1; index <= of; index++)
				homes += dd_shard_has((struct dd_shard){index, of}, i);
			assert_int_equal(homes, 1);
		}
	}
	assert_true(dd_shard_has((struct dd_shard){0, 0}, 7));
	assert_int_equal(dd_shard_share((struct dd_shard){0, 0}, 7), 7);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_shard_is_written_as_index_and_number),
        cmocka_unit_test(every_item_is_in_one_shard_and_shares_add_up),
};
UNIT_MAIN(tests)
