/* One file at a time is written aside, so that whoever ends the program knows which. */
#include "cli/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"

static char aside[PATH_MAX]; /* "": none */

static struct output {
	char path[PATH_MAX];  /* "": free */
	char aside[PATH_MAX]; /* what is written; the same as `path` for a pipe or a device */
} outputs[DD_OUTPUTS_MAX];

/* Called by handlers of signals, too. */
void dd_replace_abandon(void)
{
	if (aside[0])
		(void)unlink(aside);
	aside[0] = '\0';
	for (int i = 0; i < DD_OUTPUTS_MAX; i++)
		if (outputs[i].path[0])
			dd_output_drop(outputs[i].aside);
}

static bool write_all(int fd, struct dd_str text)
{
	for (size_t at = 0; at < text.n;) {
		ssize_t n = write(fd, text.p + at, text.n - at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		at += (size_t)n;
	}
	return fsync(fd) == 0;
}

/* As the file that it replaces; a new one as the umask has it. */
static bool take_over(int fd, const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0) {
		mode_t mask = umask(0);
		(void)umask(mask);
		return fchmod(fd, 0666 & ~mask) == 0;
	}
	if ((st.st_uid != geteuid() || st.st_gid != getegid()) &&
	        fchown(fd, st.st_uid, st.st_gid) != 0)
		return false;
	return fchmod(fd, st.st_mode & 07777) == 0;
}

int dd_replace_file(const char *path, struct dd_str text)
{
	char copy[PATH_MAX], name[PATH_MAX];
	int n = snprintf(copy, sizeof copy, "%s", path);
	if (n < 0 || (size_t)n >= sizeof copy)
		return ENAMETOOLONG;
	n = snprintf(name, sizeof name, "%s/.drydial-XXXXXX", dirname(copy));
	if (n < 0 || (size_t)n >= sizeof name)
		return ENAMETOOLONG;
	int fd = mkstemp(name), why = errno;
	if (fd < 0)
		return why;
	memcpy(aside, name, sizeof aside);
	bool fine = write_all(fd, text) && take_over(fd, path);
	why = errno;
	if (close(fd) != 0 && fine) {
		fine = false;
		why = errno;
	}
	if (fine && rename(name, path) != 0) {
		fine = false;
		why = errno;
	}
	if (fine)
		aside[0] = '\0';
	else
		dd_replace_abandon();
	return fine ? 0 : why;
}

/* -- outputs ---------------------------------------------------------------- */

static const char READ_TOO[] = "is read by this command; give another name";

static struct output *output_of(const char *name)
{
	for (int i = 0; i < DD_OUTPUTS_MAX; i++)
		if (outputs[i].path[0] && outputs[i].aside == name)
			return &outputs[i];
	return NULL;
}

/* A name of a descriptor, as /dev/stdout is: it is written where it is, whatever file it is of.
 * Devices are known by what they are; /dev/shm holds files as other folders do. */
static bool is_special(const char *path)
{
	return strncmp(path, "/dev/std", 8) == 0 || strncmp(path, "/dev/fd/", 8) == 0 ||
	        strncmp(path, "/proc/", 6) == 0;
}

/* Where links lead to: the file itself is replaced, and not a link to it. */
static bool find_target(const char *path, char target[PATH_MAX])
{
	if (!is_special(path) && realpath(path, target))
		return true;
	errno = is_special(path) ? ENOENT : errno;
	int n = snprintf(target, PATH_MAX, "%s", path);
	return errno == ENOENT && n > 0 && n < PATH_MAX;
}

const char *dd_output_open(const char *path, const char **name)
{
	struct stat st;
	struct output *o = outputs;
	char copy[PATH_MAX];
	if (strcmp(path, "-") == 0)
		return "standard output has the result; name a file";
	while (o < outputs + DD_OUTPUTS_MAX && o->path[0])
		o++;
	if (o == outputs + DD_OUTPUTS_MAX)
		return "too many files are written at once";
	if (!*path || !find_target(path, o->path)) {
		o->path[0] = '\0';
		return *path ? strerror(errno) : "is no name of a file";
	}
	bool there = stat(o->path, &st) == 0;
	const char *why = there && S_ISDIR(st.st_mode) ? strerror(EISDIR)
	        : there && access(o->path, W_OK) != 0  ? strerror(errno)
	        : dd_input_is(o->path)                 ? READ_TOO
	                                               : NULL;
	memcpy(o->aside, o->path, sizeof o->aside);
	if (!why && !is_special(path) && (!there || S_ISREG(st.st_mode))) {
		memcpy(copy, o->path, sizeof copy);
		int n = snprintf(o->aside, sizeof o->aside, "%s/.drydial-XXXXXX", dirname(copy));
		int fd = n > 0 && (size_t)n < sizeof o->aside ? mkstemp(o->aside) : -1;
		why = fd < 0 ? strerror(errno) : NULL;
		if (fd < 0 && there) { /* of its folder nothing may be changed, of itself it may */
			memcpy(o->aside, o->path, sizeof o->aside);
			why = NULL;
		}
		if (fd >= 0 && !take_over(fd, o->path))
			why = strerror(errno);
		if (fd >= 0)
			(void)close(fd);
		if (fd >= 0 && why)
			(void)unlink(o->aside);
	}
	if (why)
		o->path[0] = '\0';
	else
		*name = o->aside;
	return why;
}

void dd_output_drop(const char *name)
{
	struct output *o = output_of(name);
	if (o && strcmp(o->aside, o->path) != 0)
		(void)unlink(o->aside);
	if (o)
		o->path[0] = '\0';
}

/* What was written is on disk before it takes the place of what was there. */
static bool is_safe(const char *name)
{
	int fd = open(name, O_RDONLY | O_CLOEXEC);
	bool fine = fd >= 0 && fsync(fd) == 0;
	int why = errno;
	if (fd >= 0)
		(void)close(fd);
	errno = why;
	return fine;
}

const char *dd_output_keep(const char *name)
{
	struct output *o = output_of(name);
	const char *why = NULL;
	if (!o)
		return "was dropped";
	if (strcmp(o->aside, o->path) != 0) {
		if (dd_input_is(o->path))
			why = READ_TOO;
		else if (!is_safe(o->aside) || rename(o->aside, o->path) != 0)
			why = strerror(errno);
	}
	if (why)
		dd_output_drop(name);
	else
		o->path[0] = '\0';
	return why;
}

const char *dd_output_write(const char *path, struct dd_str text)
{
	const char *name, *why = dd_output_open(path, &name);
	if (why)
		return why;
	FILE *file = fopen(name, "we");
	bool fine = file && (!text.n || fwrite(text.p, 1, text.n, file) == text.n);
	int error = errno;
	if (file && fclose(file) != 0 && fine) {
		fine = false;
		error = errno;
	}
	if (fine)
		return dd_output_keep(name);
	dd_output_drop(name);
	return strerror(error);
}
