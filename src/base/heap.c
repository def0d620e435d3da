/* The usual tree in an array: the children of i are 2i + 1 and 2i + 2. */
#include "base/heap.h"

#include <stdlib.h>

#include "base/arena.h"

static bool before(struct dd_heap_item a, struct dd_heap_item b)
{
	return a.at != b.at ? a.at < b.at : a.what < b.what;
}

void dd_heap_push(struct dd_heap *h, int64_t at, uint32_t what)
{
	struct dd_heap_item item = {at, what};
	DD_PUSH(h->list, h->n, h->cap) = item;
	uint32_t i = h->n - 1;
	for (; i && before(item, h->list[(i - 1) / 2]); i = (i - 1) / 2)
		h->list[i] = h->list[(i - 1) / 2];
	h->list[i] = item;
}

struct dd_heap_item dd_heap_pop(struct dd_heap *h)
{
	struct dd_heap_item top = h->list[0], last = h->list[--h->n];
	uint32_t i = 0;
	for (uint32_t child; (child = 2 * i + 1) < h->n; i = child) {
		if (child + 1 < h->n && before(h->list[child + 1], h->list[child]))
			child++;
		if (!before(h->list[child], last))
			break;
		h->list[i] = h->list[child];
	}
	h->list[i] = last;
	return top;
}

void dd_heap_fini(struct dd_heap *h)
{
	dd_free(h->list);
	*h = (struct dd_heap){0};
}
