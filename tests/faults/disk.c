/* A library to be loaded before all others (LD_PRELOAD): a disk that fails. As long as the file
   that DRYDIAL_DISK names has a word in it, databases (files whose names have ".db" in them) cannot
   be written, for "full" and "broken", or read, for "unreadable". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

static int is_database(int fd)
{
	char link[64], name[4096];
	(void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, name, sizeof name - 1);
	if (n <= 0)
		return 0;
	name[n] = '\0';
	return strstr(name, ".db") != NULL;
}

/* 0: nothing is wrong; otherwise the errno. */
static int fault(int fd, int writes)
{
	static ssize_t (*real_read)(int, void *, size_t);
	const char *path = getenv("DRYDIAL_DISK");
	char word[16] = "";
	if (!path || !is_database(fd))
		return 0;
	if (!real_read)
		*(void **)&real_read = dlsym(RTLD_NEXT, "read");
	int from = open(path, O_RDONLY | O_CLOEXEC);
	if (from < 0)
		return 0;
	ssize_t n = real_read(from, word, sizeof word - 1);
	(void)close(from);
	(void)n;
	return writes && strncmp(word, "full", 4) == 0       ? ENOSPC
	        : writes && strncmp(word, "broken", 6) == 0  ? EIO
	        : !writes && strncmp(word, "unread", 6) == 0 ? EIO
	                                                     : 0;
}

#define FAILING(type, name, writes, parameters, arguments) \
	type name parameters \
	{ \
		static type(*real) parameters; \
		int why = fault(fd, writes); \
		if (!real) \
			*(void **)&real = dlsym(RTLD_NEXT, #name); \
		if (!why) \
			return real arguments; \
		errno = why; \
		return -1; \
	}
FAILING(ssize_t, write, 1, (int fd, const void *p, size_t n), (fd, p, n))
FAILING(ssize_t, pwrite, 1, (int fd, const void *p, size_t n, off_t at), (fd, p, n, at))
FAILING(ssize_t, pwrite64, 1, (int fd, const void *p, size_t n, off64_t at), (fd, p, n, at))
FAILING(int, ftruncate, 1, (int fd, off_t n), (fd, n))
FAILING(int, ftruncate64, 1, (int fd, off64_t n), (fd, n))
FAILING(ssize_t, read, 0, (int fd, void *p, size_t n), (fd, p, n))
FAILING(ssize_t, pread, 0, (int fd, void *p, size_t n, off_t at), (fd, p, n, at))
FAILING(ssize_t, pread64, 0, (int fd, void *p, size_t n, off64_t at), (fd, p, n, at))
