/* Memory that fails: at each place in turn, and what is given back then. */
#include "../unit.h"

#include "base/arena.h"
#include "base/heap.h"
#include "base/number_set.h"
#include "base/text.h"

/* Some work that takes, moves, keeps and gives back memory. */
struct work {
	char *kept;
	int undone;
	bool throws;
};

static void undo(void *what)
{
	++*(int *)what;
}

static void work_a_little(void *self)
{
	struct work *w = self;
	struct dd_arena *arena = dd_arena_new();
	struct dd_buf buf = {0};
	struct dd_heap heap = {0};
	struct dd_number_set set = {0};
	int *list = NULL;
	size_t n = 0, cap = 0;
	dd_memory_defer(undo, &w->undone);
	for (int i = 0; i < 300; i++) {
		dd_buf_format(&buf, "%d, %s", i, dd_arena_format(arena, "number %d", i));
		dd_heap_push(&heap, i, (uint32_t)i);
		(void)dd_number_set_add(&set, (uint64_t)i + 1);
		DD_PUSH(list, n, cap) = i;
	}
	w->kept = dd_str_copy((struct dd_str){buf.p, 5});
	dd_memory_done(&w->undone);
	dd_free(list);
	dd_number_set_fini(&set);
	dd_heap_fini(&heap);
	dd_buf_free(&buf);
	dd_arena_free(arena);
}

static void every_allocation_may_fail(void **state)
{
	(void)state;
	for (uint64_t n = 1; n < 10000; n++) {
		struct work w = {0};
		dd_memory_fail_at(n);
		enum dd_status status = dd_memory_scope(work_a_little, &w);
		dd_memory_fail_at(0);
		if (status == DD_OK) {
			assert_true(n > 20);
			assert_memory_equal(w.kept, "0, nu", 5);
			assert_int_equal(w.undone, 0);
			free(w.kept);
			return;
		}
		assert_int_equal(status, DD_ERR_MEMORY);
		assert_true(w.undone <= 1);
	}
	fail();
}

static void nested(void *self)
{
	struct work *w = self;
	struct work inner = {0};
	char *own = dd_alloc(100);
	if (dd_memory_scope(work_a_little, &inner) != DD_OK)
		w->throws = true;
	dd_free(own);
	dd_free(inner.kept);
	w->kept = dd_str_copy(dd_str("kept"));
}

/* An inner scope that is broken off leaves the outer one whole. */
static void scopes_may_be_nested(void **state)
{
	bool seen = false;
	(void)state;
	for (uint64_t n = 1; n < 10000; n++) {
		struct work w = {0};
		dd_memory_fail_at(n);
		enum dd_status status = dd_memory_scope(nested, &w);
		dd_memory_fail_at(0);
		seen |= w.throws;
		if (status == DD_OK) {
			free(w.kept);
			assert_true(seen && n > 20);
			return;
		}
	}
	fail();
}

static void outside_of_a_scope_it_is_plain_memory(void **state)
{
	(void)state;
	char *p = dd_alloc(10);
	p = dd_realloc(p, 20, 1);
	dd_memory_defer(undo, NULL); /* does nothing */
	dd_memory_done(NULL);
	free(p);
	assert_string_equal(dd_status_text(DD_ERR_MEMORY), "there is not enough memory");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(scopes_may_be_nested),
        cmocka_unit_test(outside_of_a_scope_it_is_plain_memory),
};

UNIT_MAIN(tests)
