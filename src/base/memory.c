/* A scope knows what was taken in it by a table of addresses; blocks carry nothing themselves, so
   that memory from here is memory of malloc. */
#include "base/memory.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct deferred {
	void (*undo)(void *);
	void *what;
};

struct scope {
	jmp_buf edge;
	struct scope *outer;
	bool dead;     /* of a region: its memory failed */
	void **blocks; /* open addressing; NULL: free, &gone: was one */
	size_t nblocks, nused, cap;
	struct deferred *deferred;
	size_t ndeferred, cap_deferred;
};

static _Thread_local struct scope *scope;
static char gone;
static void (*end_program)(void);
static uint64_t left; /* allocations until one fails; 0: none does */

void dd_memory_on_failure(void (*handler)(void))
{
	end_program = handler;
}

void dd_memory_fail_at(uint64_t n)
{
	left = n;
}

void dd_memory_failed(void)
{
	static const char text[] = "drydial: out of memory; free some, or give it less at once\n";
	if (scope)
		longjmp(scope->edge, 1);
	if (end_program)
		end_program();
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		_exit(2);
	_exit(2);
}

/* Counts down for tests. */
static bool fails(void)
{
	if (left > 1)
		left--;
	return left == 1;
}

/* -- what a scope knows ----------------------------------------------------- */

static size_t slot_of_block(const struct scope *s, const void *p)
{
	size_t at = (size_t)((uintptr_t)p * UINT64_C(0x9E3779B97F4A7C15) >> 32) & (s->cap - 1);
	while (s->blocks[at] && s->blocks[at] != p)
		at = (at + 1) & (s->cap - 1);
	return at;
}

/* Room for `n` blocks: twice as many slots, a power of two, without those that are gone. */
static bool make_room(struct scope *s, size_t n)
{
	struct scope larger = {.cap = 256};
	while (larger.cap < n * 4)
		larger.cap *= 2;
	larger.blocks = calloc(larger.cap, sizeof *larger.blocks);
	if (!larger.blocks)
		return false;
	for (size_t i = 0; i < s->cap; i++)
		if (s->blocks[i] && s->blocks[i] != &gone)
			larger.blocks[slot_of_block(&larger, s->blocks[i])] = s->blocks[i];
	free(s->blocks);
	s->blocks = larger.blocks;
	s->cap = larger.cap;
	s->nused = s->nblocks;
	return true;
}

/* A block that cannot be noted is given back at once. */
static void note_block(void *p)
{
	struct scope *s = scope;
	if ((s->nused + 1) * 2 > s->cap && !make_room(s, s->nblocks + 1)) {
		free(p);
		dd_memory_failed();
	}
	s->blocks[slot_of_block(s, p)] = p;
	s->nblocks++;
	s->nused++;
}

/* Blocks that were taken outside of the scope, or in an outer one, may be given back inside. */
static void forget_block(const void *p)
{
	for (struct scope *s = scope; s; s = s->outer) {
		size_t at = s->cap ? slot_of_block(s, p) : 0;
		if (s->cap && s->blocks[at] == p) {
			s->blocks[at] = &gone;
			s->nblocks--;
			return;
		}
	}
}

/* -- malloc's family -------------------------------------------------------- */

void *dd_malloc(size_t size)
{
	void *p = left && fails() ? NULL : malloc(size ? size : 1);
	if (!p)
		dd_memory_failed();
	if (scope)
		note_block(p);
	return p;
}

void *dd_alloc(size_t size)
{
	void *p = left && fails() ? NULL : calloc(1, size ? size : 1);
	if (!p)
		dd_memory_failed();
	if (scope)
		note_block(p);
	return p;
}

void *dd_realloc(void *p, size_t count, size_t size)
{
	void *q;
	if (scope && p)
		forget_block(p); /* whatever comes, it is not where it was */
	q = left && fails() ? NULL : reallocarray(p, count ? count : 1, size ? size : 1);
	if (!q) {
		if (scope && p)
			note_block(p);
		dd_memory_failed();
	}
	if (scope)
		note_block(q);
	return q;
}

void *dd_memory_lend(size_t size)
{
	return scope ? dd_malloc(size) : malloc(size);
}

void dd_free(void *p)
{
	if (scope && p)
		forget_block(p);
	free(p);
}

/* -- scopes ----------------------------------------------------------------- */

void dd_memory_defer(void (*undo)(void *), void *what)
{
	struct scope *s = scope;
	if (!s)
		return;
	if (s->ndeferred == s->cap_deferred) {
		size_t cap = s->cap_deferred ? s->cap_deferred * 2 : 16;
		struct deferred *more = realloc(s->deferred, cap * sizeof *more);
		if (!more) {
			undo(what);
			dd_memory_failed();
		}
		s->deferred = more;
		s->cap_deferred = cap;
	}
	s->deferred[s->ndeferred++] = (struct deferred){undo, what};
}

void dd_memory_done(void *what)
{
	struct scope *s = scope;
	for (size_t i = s ? s->ndeferred : 0; i-- > 0;)
		if (s->deferred[i].what == what) {
			memmove(&s->deferred[i], &s->deferred[i + 1],
			        (--s->ndeferred - i) * sizeof *s->deferred);
			return;
		}
}

/* No address that anything has: what is deferred is known by it. */
static void *of_descriptor(int fd)
{
	return (void *)(intptr_t)(-1 - fd);
}

static void close_descriptor(void *what)
{
	(void)close((int)(-1 - (intptr_t)what));
}

void dd_memory_defer_close(int fd)
{
	dd_memory_defer(close_descriptor, of_descriptor(fd));
}

void dd_memory_closed(int fd)
{
	dd_memory_done(of_descriptor(fd));
}

static void leave(struct scope *s)
{
	scope = s->outer;
	free(s->blocks);
	free(s->deferred);
}

/* Undoing may give memory back, which is then known to be gone, but takes none. */
static void give_back(struct scope *s)
{
	scope = s;
	while (s->ndeferred) {
		struct deferred d = s->deferred[--s->ndeferred];
		d.undo(d.what);
	}
	scope = NULL;
	for (size_t i = 0; i < s->cap; i++)
		if (s->blocks[i] && s->blocks[i] != &gone)
			free(s->blocks[i]);
}

/* What an inner scope keeps belongs to the outer one; for which there must be room first. */
static bool hand_out(struct scope *s)
{
	struct scope *outer = s->outer;
	if (outer && !make_room(outer, outer->nblocks + s->nblocks))
		return false;
	for (size_t i = 0; outer && i < s->cap; i++)
		if (s->blocks[i] && s->blocks[i] != &gone)
			note_block(s->blocks[i]);
	return true;
}

enum dd_status dd_memory_scope(void (*work)(void *), void *self)
{
	struct scope own = {.outer = scope};
	volatile bool fine = false;
	if (setjmp(own.edge) == 0) {
		scope = &own;
		work(self);
		scope = own.outer;
		fine = hand_out(&own);
	}
	if (!fine) {
		give_back(&own);
	}
	leave(&own);
	return fine ? DD_OK : DD_ERR_MEMORY;
}

void dd_memory_forked(void)
{
	scope = NULL;
}

/* -- regions ---------------------------------------------------------------- */

/* A region is a scope that is entered many times. Nothing in it is handed out: whoever has the
   region has what is in it. */
struct dd_memory_region {
	struct scope scope;
};

struct dd_memory_region *dd_memory_region_new(void)
{
	return left && fails() ? NULL : calloc(1, sizeof(struct dd_memory_region));
}

static void empty(struct scope *s)
{
	give_back(s);
	free(s->blocks);
	free(s->deferred);
	s->blocks = NULL;
	s->deferred = NULL;
	s->nblocks = s->nused = s->cap = s->ndeferred = s->cap_deferred = 0;
}

void dd_memory_region_free(struct dd_memory_region *region)
{
	struct scope *before = scope;
	if (!region)
		return;
	empty(&region->scope);
	scope = before;
	free(region);
}

enum dd_status dd_memory_within(struct dd_memory_region *region, void (*work)(void *), void *self)
{
	struct scope *s = &region->scope, *volatile outer = scope;
	if (s->dead)
		return DD_ERR_MEMORY;
	if (outer == s) { /* a port that is called from within asks something of it */
		work(self);
		return DD_OK;
	}
	s->outer = scope;
	if (setjmp(s->edge) == 0) {
		scope = s;
		work(self);
	} else {
		empty(s);
		s->dead = true;
	}
	scope = outer;
	s->outer = NULL;
	return s->dead ? DD_ERR_MEMORY : DD_OK;
}

enum dd_status dd_memory_apart(void (*work)(void *), void *self)
{
	struct dd_memory_region own = {.scope.dead = false};
	enum dd_status status = dd_memory_within(&own, work, self);
	free(own.scope.blocks);
	free(own.scope.deferred);
	return status;
}
