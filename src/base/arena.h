/* Memory with one owner: everything taken from an arena is freed with it. Running out of memory
   ends the program with one sentence; no function of drydial returns for want of it. */
#ifndef DD_BASE_ARENA_H
#define DD_BASE_ARENA_H

#include <drydial/base.h>

struct dd_arena;

struct dd_arena *dd_arena_new(void);
void dd_arena_free(struct dd_arena *arena); /* NULL is fine */

/* Zeroed memory for any type. */
void *dd_arena_alloc(struct dd_arena *arena, size_t size);
/* A copy that ends in NUL. */
char *dd_arena_copy(struct dd_arena *arena, const char *p, size_t n);
char *dd_arena_format(struct dd_arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

/* malloc family that does not return NULL. */
void *dd_alloc(size_t size);
void *dd_realloc(void *p, size_t count, size_t size);

/* Room for one more in an array that doubles: DD_PUSH(items, count, cap) = value. */
#define DD_PUSH(items, count, cap) \
	(*((count) == (cap) ? ((cap) = (cap) ? (cap)*2 : 8, \
	                              (items) = dd_realloc((items), (cap), sizeof *(items))) \
	                    : 0, \
	        &(items)[(count)++]))

#endif
