/* Memory that fails: at each place in turn, and what is given back then. */
#include "../unit.h"

#include <unistd.h>

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

struct visit {
	char *kept[3];
	int undone, visits;
	bool inner;
	struct dd_memory_region *region;
};

static void visit(void *self)
{
	struct visit *v = self;
	if (v->visits == 0)
		dd_memory_defer(undo, &v->undone);
	v->kept[v->visits] = dd_str_copy(dd_str("kept"));
	if (v->visits == 1) {
		dd_free(v->kept[0]); /* taken at an earlier visit */
		v->kept[0] = NULL;
	}
	v->visits++;
	if (v->inner) {
		v->inner = false;
		assert_int_equal(dd_memory_within(v->region, visit, v), DD_OK);
	}
}

/* What was taken at one visit is there at the next; when memory fails all of it goes. */
static void a_region_lasts(void **state)
{
	(void)state;
	struct visit v = {.region = dd_memory_region_new()};
	assert_int_equal(dd_memory_within(v.region, visit, &v), DD_OK);
	v.inner = true; /* the third one from within */
	assert_int_equal(dd_memory_within(v.region, visit, &v), DD_OK);
	assert_int_equal(v.visits, 3);
	assert_string_equal(v.kept[2], "kept");
	assert_int_equal(v.undone, 0);
	dd_memory_region_free(v.region);
	assert_int_equal(v.undone, 1);
	v = (struct visit){.region = dd_memory_region_new()};
	assert_int_equal(dd_memory_within(v.region, visit, &v), DD_OK);
	dd_memory_fail_at(1);
	assert_int_equal(dd_memory_within(v.region, visit, &v), DD_ERR_MEMORY);
	dd_memory_fail_at(0);
	assert_int_equal(v.undone, 1);
	assert_int_equal(dd_memory_within(v.region, visit, &v), DD_ERR_MEMORY);
	assert_int_equal(v.visits, 1);
	dd_memory_region_free(v.region);
	dd_memory_region_free(NULL);
}

static void keeps_apart(void *self)
{
	struct work *w = self;
	assert_int_equal(dd_memory_apart(work_a_little, w), DD_OK);
	dd_memory_failed();
}

/* What was done apart stays, whatever becomes of the scope around it. */
static void apart_is_nobody_s(void **state)
{
	(void)state;
	struct work w = {0};
	assert_int_equal(dd_memory_scope(keeps_apart, &w), DD_ERR_MEMORY);
	assert_memory_equal(w.kept, "0, nu", 5);
	free(w.kept);
}

static void closes_what_is_open(void *self)
{
	int *fds = self;
	dd_memory_defer_close(fds[0]);
	dd_memory_defer_close(fds[1]);
	dd_memory_closed(fds[1]);
	dd_memory_failed();
}

static void descriptors_are_closed(void **state)
{
	(void)state;
	int fds[2];
	char byte = 1;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(dd_memory_scope(closes_what_is_open, fds), DD_ERR_MEMORY);
	assert_int_equal(write(fds[1], &byte, 0), 0); /* this one is open */
	assert_int_equal(read(fds[0], &byte, 1), -1);
	close(fds[1]);
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
        cmocka_unit_test(a_region_lasts),
        cmocka_unit_test(apart_is_nobody_s),
        cmocka_unit_test(descriptors_are_closed),
        cmocka_unit_test(outside_of_a_scope_it_is_plain_memory),
};

UNIT_MAIN(tests)
