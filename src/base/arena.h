/* Memory with one owner: everything taken from an arena is freed with it. When there is none left,
   base/memory.h says what happens. */
#ifndef DD_BASE_ARENA_H
#define DD_BASE_ARENA_H

#include "base/memory.h"

struct dd_arena;

struct dd_arena *dd_arena_new(void);
void dd_arena_free(struct dd_arena *arena); /* NULL is fine */

/* Zeroed memory for any type. */
void *dd_arena_alloc(struct dd_arena *arena, size_t size);
/* A copy that ends in NUL. */
char *dd_arena_copy(struct dd_arena *arena, const char *p, size_t n);
char *dd_arena_format(struct dd_arena *arena, const char *format, ...)
        __attribute__((format(printf, 2, 3)));

#endif
