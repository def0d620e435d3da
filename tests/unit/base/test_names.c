#include "../unit.h"

#include "base/names.h"
#include "base/text.h"

static void finds_what_was_added(void **state)
{
	(void)state;
	struct dd_names names = {0};
	struct dd_arena *arena = dd_arena_new();
	assert_int_equal(dd_names_find(&names, dd_str("a")), DD_NAME_NONE);
	for (uint32_t i = 0; i < 5000; i++)
		dd_names_add(&names, dd_str(dd_arena_format(arena, "v%u", i)), i);
	assert_int_equal(names.n, 5000);
	for (uint32_t i = 0; i < 5000; i++)
		assert_int_equal(
		        dd_names_find(&names, dd_str(dd_arena_format(arena, "v%u", i))), i);
	assert_int_equal(dd_names_find(&names, dd_str("v5000")), DD_NAME_NONE);
	assert_int_equal(dd_names_find(&names, dd_str("")), DD_NAME_NONE);
	dd_names_fini(&names);
	dd_arena_free(arena);
}

static void the_last_number_counts(void **state)
{
	(void)state;
	struct dd_names names = {0};
	dd_names_add(&names, dd_str(""), 1);
	dd_names_add(&names, dd_str("a"), 2);
	dd_names_add(&names, dd_str("a"), 3);
	assert_int_equal(names.n, 2);
	assert_int_equal(dd_names_find(&names, dd_str("")), 1);
	assert_int_equal(dd_names_find(&names, dd_str("a")), 3);
	dd_names_fini(&names);
}

static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(finds_what_was_added),
        cmocka_unit_test(the_last_number_counts),
};
UNIT_MAIN(TESTS)
