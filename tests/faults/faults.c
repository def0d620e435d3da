/* A library to be loaded before all others (LD_PRELOAD): the N-th allocation of the process, N
   being DRYDIAL_FAULT, and with DRYDIAL_FAULT_ON=1 all after it, fail. When the process ends, how
   many there were is written to the descriptor DRYDIAL_FAULT_TELL, so that a test knows how far to
   go. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t),
        *(*real_realloc)(void *, size_t);
static atomic_ulong count;
static unsigned long at;
static int on, tell = -1;
static pid_t owner;
static char early[65536]; /* dlsym() asks for memory before it has told us where there is some */
static size_t early_used;

static void begin(void)
{
	const char *n = getenv("DRYDIAL_FAULT"), *to = getenv("DRYDIAL_FAULT_TELL");
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	at = n ? strtoul(n, NULL, 10) : 0;
	on = getenv("DRYDIAL_FAULT_ON") != NULL;
	tell = to ? atoi(to) : -1;
	owner = getpid();
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
}

__attribute__((destructor)) static void end(void)
{
	char text[32];
	int n = snprintf(text, sizeof text, "%lu\n", atomic_load(&count));
	if (tell >= 0 && getpid() == owner && write(tell, text, (size_t)n) < 0)
		_exit(99);
}

static int fails(void)
{
	unsigned long now = atomic_fetch_add(&count, 1) + 1;
	int yes = at && (now == at || (on && now > at));
	if (yes)
		errno = ENOMEM;
	return yes;
}

static void *from_early(size_t size)
{
	void *p = early + early_used;
	early_used += (size + 15) / 16 * 16;
	return early_used <= sizeof early ? p : NULL;
}

static int is_early(const void *p)
{
	return (const char *)p >= early && (const char *)p < early + sizeof early;
}

void *malloc(size_t size)
{
	static _Thread_local int beginning;
	if (!real_malloc) {
		if (beginning)
			return from_early(size);
		beginning = 1;
		begin();
		beginning = 0;
	}
	return fails() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	if (!real_calloc) {
		void *p = from_early(n * size); /* zeroed, as static memory is */
		return p;
	}
	return fails() ? NULL : real_calloc(n, size);
}

void *realloc(void *p, size_t size)
{
	if (is_early(p)) {
		void *q = malloc(size);
		if (q)
			memcpy(q, p,
			        size < (size_t)(early + sizeof early - (char *)p)
			                ? size
			                : (size_t)(early + sizeof early - (char *)p));
		return q;
	}
	if (!real_realloc)
		begin();
	return fails() ? NULL : real_realloc(p, size);
}

void free(void *p)
{
	static void (*real_free)(void *);
	if (!p || is_early(p))
		return;
	if (!real_free)
		*(void **)&real_free = dlsym(RTLD_NEXT, "free");
	real_free(p);
}
