/* A library to be loaded before all others (LD_PRELOAD): allocations of a program fail in turn.
 *
 * Most of the time that a short command takes goes into loading its libraries. So the program is
 * loaded once, and stops before its main(). From there it is copied (fork) for each of its
 * allocations: the first copy runs undisturbed and tells how many there are and what it prints; in
 * the N-th after it the N-th allocation fails, and where N is odd all after it fail as well.
 *
 * DRYDIAL_FAULT_TELL is the descriptor that is told what came of each: a line "N STATUS SAME OUT
 * ERR", and behind it OUT bytes of what was printed and ERR of what was complained of. STATUS is an
 * exit code, or a signal with a minus; SAME is 1, and OUT 0, where the same was printed as by the
 * first, which is N = 0. Of more than DRYDIAL_FAULT_MOST allocations some are left out, evenly. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATIENCE_S = 60 };

static void *(*real_malloc)(size_t), *(*real_calloc)(size_t, size_t),
        *(*real_realloc)(void *, size_t);
static atomic_ulong count;
static unsigned long at;  /* which allocation fails; 0: none */
static int on;            /* and all after it */
static char early[65536]; /* dlsym() asks for memory before it has told us where there is some */
static size_t early_used;

static void begin(void)
{
	*(void **)&real_calloc = dlsym(RTLD_NEXT, "calloc");
	*(void **)&real_realloc = dlsym(RTLD_NEXT, "realloc");
	*(void **)&real_malloc = dlsym(RTLD_NEXT, "malloc");
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

/* -- copies of the program ------------------------------------------------- */

typedef int program_main(int, char **, char **);
typedef int start_main(
        program_main *, int, char **, void (*)(void), void (*)(void), void (*)(void), void *);

static program_main *real_main;
static atomic_ulong *told; /* how many allocations a copy made; shared with it */
static pid_t copy;

/* How many there were: a copy tells it when it ends, and none of those that it has forked. */
__attribute__((destructor)) static void end(void)
{
	if (told && getpid() == copy)
		atomic_store(told, atomic_load(&count));
}

static int memory_file(const char *name)
{
	int fd = memfd_create(name, MFD_CLOEXEC);
	if (fd < 0)
		_exit(99);
	return fd;
}

static void run_copy(unsigned long n, int out, int err, char **argv, char **environment)
{
	if (dup2(out, 1) < 0 || dup2(err, 2) < 0)
		_exit(99);
	(void)alarm(PATIENCE_S);
	copy = getpid();
	atomic_store(&count, 0);
	at = n;
	on = n % 2;
	int argc = 0;
	while (argv[argc])
		argc++;
	exit(real_main(argc, argv, environment));
}

static char *whole(int fd, size_t *n)
{
	struct stat st;
	if (fstat(fd, &st) != 0)
		_exit(99);
	*n = (size_t)st.st_size;
	char *text = *n ? mmap(NULL, *n, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
	if (text == MAP_FAILED)
		_exit(99);
	return text;
}

static void tell(int to, const void *text, size_t n)
{
	for (ssize_t got; n > 0; text = (const char *)text + got, n -= (size_t)got)
		if ((got = write(to, text, n)) < 0)
			_exit(99);
}

/* What the first copy printed is kept for comparison. */
static void try_one(unsigned long n, int to, char **argv, char **environment)
{
	static char *first;
	static size_t first_n;
	int out = memory_file("out"), err = memory_file("err"), status = 0;
	pid_t pid = fork();
	if (pid == 0)
		run_copy(n, out, err, argv, environment);
	if (pid < 0 || waitpid(pid, &status, 0) != pid)
		_exit(99);
	size_t out_n, err_n;
	char *printed = whole(out, &out_n), *complained = whole(err, &err_n), line[100];
	int same = n > 0 && out_n == first_n && (out_n == 0 || memcmp(printed, first, out_n) == 0);
	int length = snprintf(line, sizeof line, "%lu %d %d %zu %zu\n", n,
	        WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status), same, same ? 0 : out_n,
	        err_n);
	tell(to, line, (size_t)length);
	if (!same)
		tell(to, printed, out_n);
	tell(to, complained, err_n);
	if (complained)
		(void)munmap(complained, err_n);
	if (n == 0)
		first = printed, first_n = out_n;
	else if (printed)
		(void)munmap(printed, out_n);
	(void)close(out);
	(void)close(err);
}

static int main_in_copies(int argc, char **argv, char **environment)
{
	(void)argc;
	const char *to = getenv("DRYDIAL_FAULT_TELL"), *some = getenv("DRYDIAL_FAULT_MOST");
	int fd = to ? atoi(to) : -1;
	unsigned long most = some ? strtoul(some, NULL, 10) : 0;
	told = mmap(NULL, sizeof *told, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (fd < 0 || told == MAP_FAILED)
		_exit(99);
	/* what the program itself starts is no copy */
	(void)unsetenv("LD_PRELOAD");
	try_one(0, fd, argv, environment);
	unsigned long places = atomic_load(told);
	unsigned long by = most && places > most ? places / most : 1;
	for (unsigned long n = 1; n <= places; n += by)
		try_one(n, fd, argv, environment);
	_exit(0);
}

/* What a program begins with, of the C library; it is given the program's main(). */
start_main __libc_start_main;
int __libc_start_main(program_main *main, int argc, char **argv, void (*init)(void),
        void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	start_main *real;
	*(void **)&real = dlsym(RTLD_NEXT, "__libc_start_main");
	real_main = main;
	return real(main_in_copies, argc, argv, init, fini, rtld_fini, stack_end);
}
