/* A list of blocks, filled from the front. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Small, since some things have many thousands of them; each further block is twice as large. */
enum { FIRST_BLOCK = 512 };

struct block {
	struct block *next;
	size_t used, size;
	max_align_t data[];
};

struct dd_arena {
	struct block *head;
};

struct dd_arena *dd_arena_new(void)
{
	return dd_alloc(sizeof(struct dd_arena));
}

void dd_arena_free(struct dd_arena *arena)
{
	if (!arena)
		return;
	for (struct block *b = arena->head, *next; b; b = next) {
		next = b->next;
		dd_free(b);
	}
	dd_free(arena);
}

static struct block *grow(struct dd_arena *arena, size_t size)
{
	size_t room = arena->head ? arena->head->size * 2 : FIRST_BLOCK;
	while (room < size)
		room *= 2;
	struct block *b = dd_alloc(sizeof *b + room);
	b->size = room;
	b->next = arena->head;
	arena->head = b;
	return b;
}

void *dd_arena_alloc(struct dd_arena *arena, size_t size)
{
	const size_t align = _Alignof(max_align_t);
	if (size > SIZE_MAX / 4)
		dd_memory_failed();
	size = (size + align - 1) / align * align;
	struct block *b = arena->head;
	if (!b || b->size - b->used < size)
		b = grow(arena, size);
	void *p = (char *)b->data + b->used;
	b->used += size;
	return p;
}

char *dd_arena_copy(struct dd_arena *arena, const char *p, size_t n)
{
	char *copy = dd_arena_alloc(arena, n + 1);
	if (n)
		memcpy(copy, p, n);
	return copy;
}

char *dd_arena_format(struct dd_arena *arena, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	char *text = dd_arena_alloc(arena, (size_t)(n < 0 ? 0 : n) + 1);
	if (n > 0)
		(void)vsnprintf(text, (size_t)n + 1, format, again);
	va_end(again);
	return text;
}
