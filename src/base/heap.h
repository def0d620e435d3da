/* What happens next: a binary heap of moments. */
#ifndef DD_BASE_HEAP_H
#define DD_BASE_HEAP_H

#include <stdint.h>

/* A binary heap: the least `at` first; of equal ones the least `what`, so that the order is always
 * the same. */
struct dd_heap_item {
	int64_t at;
	uint32_t what;
};
struct dd_heap {
	struct dd_heap_item *list;
	uint32_t n, cap;
};
void dd_heap_push(struct dd_heap *heap, int64_t at, uint32_t what);
struct dd_heap_item dd_heap_pop(struct dd_heap *heap);
void dd_heap_fini(struct dd_heap *heap);

#endif
