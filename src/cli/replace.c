/* One file at a time is written aside, so that whoever ends the program knows which. */
#include "cli/replace.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char aside[PATH_MAX]; /* "": none */

void dd_replace_abandon(void)
{
	if (aside[0])
		(void)unlink(aside);
	aside[0] = '\0';
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
