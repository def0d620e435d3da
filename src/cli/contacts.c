/* drydial check FLOW --contacts FILE.csv: every real message. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "check/contacts.h"
#include "cli/check.h"

struct telling {
	const char *list;
	bool json, colour, progress, told;
	uint64_t findings, size;
	double begun, last;
};

static void wipe(struct telling *t)
{
	if (t->told)
		fputs("\r\033[K", stderr);
	t->told = false;
}

static void found(void *self, const struct dd_contact_finding *f)
{
	struct telling *t = self;
	struct dd_buf out = {0};
	wipe(t);
	if (t->json) {
		dd_buf_str(&out, t->findings ? ",\n" : "\n");
		dd_contacts_finding_json(f, &out);
	} else {
		dd_contacts_finding_text(f, t->list, t->colour, &out);
	}
	t->findings++;
	(void)fwrite(out.p, 1, out.n, stdout);
	dd_buf_free(&out);
}

/* One line on a terminal: how far, how fast, how long yet. */
static void progress(void *self, const struct dd_contacts_tally *tally)
{
	struct telling *t = self;
	double at = dd_cli_seconds(), passed = at - t->begun;
	if (!t->progress || passed < 1 || at - t->last < 0.2)
		return;
	t->last = at;
	t->told = true;
	fprintf(stderr, "\r\033[K%llu contacts, %.0f a second", (unsigned long long)tally->contacts,
	        (double)tally->contacts / passed);
	if (t->size && tally->bytes)
		fprintf(stderr, ", %.0f%%, %.0f s left",
		        100.0 * (double)tally->bytes / (double)t->size,
		        passed *
		                (double)(t->size - tally->bytes < t->size ? t->size - tally->bytes
		                                                          : 0) /
		                (double)tally->bytes);
	(void)fflush(stderr);
}

static int open_list(const char *name, uint64_t *size, struct dd_error *err)
{
	struct stat st;
	int fd = strcmp(name, "-") == 0 ? STDIN_FILENO : dd_input_open(name, err);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		*size = (uint64_t)st.st_size;
	return fd;
}

int dd_cli_check_contacts(const char *flow, const char *list, const struct dd_check_options *check,
        struct dd_shard shard, const struct dd_numbering *home, struct dd_cli_voice *voice,
        bool json, bool strict, const struct dd_style *style)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct telling t = {.list = strcmp(list, "-") == 0 ? "<stdin>" : list,
	        .json = json,
	        .colour = style->colour,
	        .progress = isatty(STDERR_FILENO),
	        .begun = dd_cli_seconds()};
	int code = EXIT_USAGE;
	dd_diags_init(&diags, arena);
	struct dd_error unreadable = {""};
	int fd = open_list(list, &t.size, &unreadable);
	struct dd_program *p = fd < 0
	        ? (dd_usage_error("--contacts %s: %s", list, unreadable.text), NULL)
	        : dd_program_load(flow, &diags);
	if (p)
		dd_cli_check_voices(p, &diags, false);
	if (fd >= 0 && (!p || diags.errors)) {
		dd_cli_show(&diags, style);
	} else if (p) {
		struct dd_buf out = {0};
		struct dd_contacts_options o = {.check = *check,
		        .shard = shard,
		        .fd = fd,
		        .home = home,
		        .name = list,
		        .self = &t,
		        .found = found,
		        .progress = progress};
		o.check.tts = dd_cli_voice_port(voice);
		if (json)
			fputs("{\"findings\": [", stdout);
		struct dd_contacts *c = dd_check_contacts(p, &o);
		wipe(&t);
		if (json)
			dd_buf_str(&out, t.findings ? "\n],\n" : "],\n");
		if (json)
			dd_contacts_json(c, t.list, &out);
		else
			dd_contacts_text(c, t.list, style->colour, &out);
		dd_print(&out);
		code = c->tally.errors || (strict && c->tally.warnings) ? EXIT_FAILED : EXIT_FINE;
		dd_contacts_free(c);
		dd_buf_free(&out);
	}
	if (fd > STDERR_FILENO)
		close(fd);
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}
