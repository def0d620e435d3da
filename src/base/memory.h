/* What happens when memory fails: one answer for the whole program. No function of drydial hands
   the status of a failed allocation up through two thousand lines.

   A command and the server end: the handler that `cli` gives restores the terminal, takes away
   files that were written aside, says one sentence and exits with 2. A public function of the
   library must not end its host: it does its work in a scope. Everything that is taken in a scope
   is known to it; when memory fails, control jumps to the scope's edge, all of it is given back,
   and the function returns DD_ERR_MEMORY. A thread, or a callback out of somebody else's code, must
   open a scope of its own: a jump does not cross either. */
#ifndef DD_BASE_MEMORY_H
#define DD_BASE_MEMORY_H

#include <drydial/base.h>

/* malloc's family, which does not return NULL. dd_alloc() gives zeroes. What they give may go to
 * free() outside of a scope, and to dd_free() anywhere. */
void *dd_alloc(size_t size);
void *dd_realloc(void *p, size_t count, size_t size);
void *dd_malloc(size_t size); /* not zeroed; for libraries that take an allocator */
void dd_free(void *p);        /* NULL is fine */
/* The same for a library that others in this process use as well: outside of a scope it is
   malloc(), and gives NULL. Its free is dd_free(). */
void *dd_memory_lend(size_t size);

/* Room for one more in an array that doubles: DD_PUSH(items, count, cap) = value. */
#define DD_PUSH(items, count, cap) \
	(*((count) == (cap) ? ((cap) = (cap) ? (cap)*2 : 8, \
	                              (items) = dd_realloc((items), (cap), sizeof *(items))) \
	                    : 0, \
	        &(items)[(count)++]))

/* Memory has failed, here or in a library: does not return. */
void dd_memory_failed(void) __attribute__((noreturn));
/* Who ends the program then, where no scope is open; it must not return. NULL: a sentence, and
 * exit code 2. */
void dd_memory_on_failure(void (*handler)(void));

/* Does `work(self)`. DD_ERR_MEMORY: it was broken off, and all that it took was given back. What it
 * keeps on success is the caller's. May be nested. */
enum dd_status dd_memory_scope(void (*work)(void *self), void *self);
/* In a scope: `undo(what)` is done if it is broken off, before memory is given back, the latest
   first: for what is no memory of ours, such as a descriptor or another library's object. It is
   forgotten by dd_memory_done(what), and when the scope ends well. Does nothing outside of a scope.
 */
void dd_memory_defer(void (*undo)(void *what), void *what);
void dd_memory_done(void *what);
/* The same of a descriptor, which is closed. */
void dd_memory_defer_close(int fd);
void dd_memory_closed(int fd);

/* In a process that was forked off inside of a scope: its edge is the parent's, not ours. */
void dd_memory_forked(void);

/* What lives longer than one function of the library: a region is a scope that is entered again and
   again. Whatever is taken in it belongs to it alone, wherever it was entered from. When memory
   fails, all of it is given back, from the first entry on, what was deferred is undone, and the
   region is dead: to enter it is DD_ERR_MEMORY from then on. A region is for one thread at a time.
   Entered from within itself the work is part of what is being done. */
struct dd_memory_region;
/* NULL where there is no memory: unlike all else here. */
struct dd_memory_region *dd_memory_region_new(void);
enum dd_status dd_memory_within(
        struct dd_memory_region *region, void (*work)(void *self), void *self);
/* Gives back what is still in it, after undoing what was deferred. NULL is fine. */
void dd_memory_region_free(struct dd_memory_region *region);
/* As dd_memory_scope(), but what it keeps is nobody's, even if the caller has a scope open: a
   function of the library may be called by a port of its host. */
enum dd_status dd_memory_apart(void (*work)(void *self), void *self);

/* For tests: the n-th allocation from now on fails, and all after it, until it is called with 0. */
void dd_memory_fail_at(uint64_t n);

#endif
