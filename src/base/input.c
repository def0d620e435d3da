/* Files are known by their device and inode: a name may be another one's. */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_MAX = 4096 };

static struct {
	pthread_mutex_t lock;
	bool on;
	size_t n;
	struct {
		dev_t device;
		ino_t file;
	} list[FILES_MAX];
} inputs = {.lock = PTHREAD_MUTEX_INITIALIZER};

void dd_inputs_remember(void)
{
	inputs.on = true;
}

static bool is_known(dev_t device, ino_t file)
{
	for (size_t i = 0; i < inputs.n; i++)
		if (inputs.list[i].device == device && inputs.list[i].file == file)
			return true;
	return false;
}

void dd_input_note(int fd)
{
	struct stat st;
	if (!inputs.on || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
		return;
	pthread_mutex_lock(&inputs.lock);
	if (inputs.n < FILES_MAX && !is_known(st.st_dev, st.st_ino)) {
		inputs.list[inputs.n].device = st.st_dev;
		inputs.list[inputs.n++].file = st.st_ino;
	}
	pthread_mutex_unlock(&inputs.lock);
}

bool dd_input_is(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return false;
	pthread_mutex_lock(&inputs.lock);
	bool known = is_known(st.st_dev, st.st_ino);
	pthread_mutex_unlock(&inputs.lock);
	return known;
}

static _Thread_local bool starved;

void dd_input_failed(void)
{
	starved |= errno == EMFILE || errno == ENFILE;
}

bool dd_input_starved(void)
{
	bool was = starved;
	starved = false;
	return was;
}

int dd_input_open(const char *name, struct dd_error *err)
{
	struct stat st;
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0) {
		dd_input_failed();
		dd_fail(err, DD_ERR_READ, "%s", strerror(errno));
		return -1;
	}
	if (fstat(fd, &st) != 0) {
		dd_fail(err, DD_ERR_READ, "%s", strerror(errno));
	} else if (S_ISDIR(st.st_mode)) {
		dd_fail(err, DD_ERR_READ, "is a directory");
	} else if (!S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode)) {
		dd_fail(err, DD_ERR_READ, "is not a regular file");
	} else {
		(void)fcntl(fd, F_SETFL, 0);
		dd_input_note(fd);
		return fd;
	}
	close(fd);
	return -1;
}
