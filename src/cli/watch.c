/* --watch: when a file is saved, the scenarios that read it run again. */
#include <errno.h>
#include <libgen.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <time.h>
#include <unistd.h>

#include "base/text.h"

#include "cli/test.h"

enum { SETTLE_MS = 60 };

/* A file that a suite reads. */
struct watched {
	char *file;  /* real path */
	char *suite; /* as the user would name it */
};

struct watch {
	struct watched *list;
	size_t n, cap;
	char **dirs; /* of each inotify descriptor */
	int *ids;
	size_t ndirs, cap_dirs, cap_ids;
	int fd;
};

static volatile sig_atomic_t stopped;

static void on_stop(int number)
{
	stopped = number;
}

static void watch_dir(struct watch *w, const char *file)
{
	char *copy = dd_str_copy(dd_str(file)), *dir = dirname(copy);
	for (size_t i = 0; i < w->ndirs; i++) {
		if (strcmp(w->dirs[i], dir) == 0) {
			free(copy);
			return;
		}
	}
	/* editors write aside and rename, so the folder is watched, not the file */
	int id =
	        inotify_add_watch(w->fd, dir, IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE);
	if (id >= 0) {
		size_t n = w->ndirs;
		DD_PUSH(w->ids, n, w->cap_ids) = id;
		DD_PUSH(w->dirs, w->ndirs, w->cap_dirs) = dd_str_copy(dd_str(dir));
	}
	free(copy);
}

static void watch_file(struct watch *w, const char *file, const char *suite)
{
	char *real = realpath(file, NULL);
	if (!real)
		return;
	watch_dir(w, real);
	DD_PUSH(w->list, w->n, w->cap) = (struct watched){real, dd_str_copy(dd_str(suite))};
}

static void add_suite(struct watch *w, const char *file)
{
	struct dd_suite *suite = dd_suite_load(file);
	watch_file(w, file, file);
	for (uint32_t i = 0; i < suite->nscenarios; i++)
		if (suite->scenarios[i].table.path)
			watch_file(w, suite->scenarios[i].table.path, file);
	const struct dd_program *p = suite->program;
	for (uint32_t i = 0; p && i < p->nflows; i++)
		watch_file(w, p->flows[i].real, file);
	for (uint32_t i = 0; p && i < p->nsegments; i++) {
		const struct dd_template *t = &p->templates[p->segments[i].text];
		if (p->segments[i].kind != DD_SEG_AUDIO || !t->fixed || t->n == 0)
			continue;
		struct dd_buf path = {0};
		struct dd_str name = p->parts[t->first].text;
		if (name.n && name.p[0] != '/')
			dd_buf_format(&path, "%s/", p->flows[0].dir);
		dd_buf_add(&path, name.p, name.n);
		watch_file(w, path.p, file);
		dd_buf_free(&path);
	}
	/* a flow that is broken now is repaired by saving it: it stands beside its scenarios */
	for (size_t i = 0; !p && i < suite->diags.n; i++)
		if (suite->diags.items[i].source)
			watch_file(w, suite->diags.items[i].source->name, file);
	dd_suite_free(suite);
}

static void forget(struct watch *w)
{
	for (size_t i = 0; i < w->n; i++) {
		free(w->list[i].file);
		free(w->list[i].suite);
	}
	for (size_t i = 0; i < w->ndirs; i++) {
		(void)inotify_rm_watch(w->fd, w->ids[i]);
		free(w->dirs[i]);
	}
	free(w->list);
	free(w->dirs);
	free(w->ids);
	*w = (struct watch){.fd = w->fd};
}

static void look_at(struct watch *w, struct dd_test_options *o)
{
	char **files;
	size_t n;
	forget(w);
	if (dd_cli_find(o->operands, o->noperands, ".test.yaml", NULL, &files, &n) != 0)
		return;
	for (size_t i = 0; i < n; i++) {
		add_suite(w, files[i]);
		free(files[i]);
	}
	free(files);
}

static void touch(
        const struct watch *w, int id, const char *name, char ***suites, size_t *n, size_t *cap)
{
	for (size_t d = 0; d < w->ndirs; d++) {
		struct dd_buf path = {0};
		if (w->ids[d] != id)
			continue;
		dd_buf_format(&path, "%s/%s", strcmp(w->dirs[d], "/") == 0 ? "" : w->dirs[d], name);
		for (size_t i = 0; i < w->n; i++) {
			bool known = strcmp(w->list[i].file, path.p) != 0;
			for (size_t k = 0; k < *n; k++)
				known |= strcmp((*suites)[k], w->list[i].suite) == 0;
			if (!known)
				DD_PUSH(*suites, *n, *cap) = dd_str_copy(dd_str(w->list[i].suite));
		}
		dd_buf_free(&path);
	}
}

/* Waits for a save and for the quiet after it. Files that are new are of no suite yet: `*fresh`
 * then. */
static void wait_for_save(struct watch *w, char ***suites, size_t *n, bool *fresh)
{
	size_t cap = 0;
	*suites = NULL;
	*n = 0;
	*fresh = false;
	while (!stopped) {
		_Alignas(struct inotify_event) char room[4096];
		struct pollfd p = {w->fd, POLLIN, 0};
		int ready = poll(&p, 1, *n || *fresh ? SETTLE_MS : -1);
		if (ready == 0)
			return;
		ssize_t got = ready > 0 ? read(w->fd, room, sizeof room) : 0;
		for (char *at = room; at < room + got;) {
			const struct inotify_event *e = (const struct inotify_event *)(void *)at;
			if (e->len) {
				size_t before = *n, length = strlen(e->name);
				touch(w, e->wd, e->name, suites, n, &cap);
				*fresh |= *n == before && length > 10 &&
				        strcmp(e->name + length - 10, ".test.yaml") == 0;
			}
			at += sizeof *e + e->len;
		}
	}
}

int dd_test_watch(struct dd_test_options *o, struct dd_cli_voice *voices)
{
	struct watch w = {.fd = inotify_init1(IN_CLOEXEC)};
	struct sigaction stop = {.sa_handler = on_stop};
	if (w.fd < 0)
		return dd_usage_error("--watch: %s", strerror(errno));
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGTERM, &stop, NULL);
	look_at(&w, o);
	(void)dd_test_round(o, voices);
	while (!stopped) {
		char **suites;
		size_t n;
		bool fresh;
		fprintf(stderr, "\nwatching; Ctrl-C ends\n");
		wait_for_save(&w, &suites, &n, &fresh);
		if (!stopped) {
			struct dd_test_options again = *o;
			if (!fresh && n) {
				again.operands = suites;
				again.noperands = (int)n;
			}
			/* sounds of files that changed must be read anew */
			dd_voice_free(voices[0].voice);
			voices[0].voice = dd_voice_new(NULL);
			look_at(&w, o);
			(void)dd_test_round(&again, voices);
		}
		for (size_t i = 0; i < n; i++)
			free(suites[i]);
		free(suites);
	}
	forget(&w);
	close(w.fd);
	return EXIT_INTERRUPTED;
}
