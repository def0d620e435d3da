/* --run --faults all: the command once without a fault, and then once with each. What it says is
   kept aside, and a table tells how each run ended, which of its tests failed, and who was called
   more often than without: a client that takes a lost answer for a refused call calls twice. */
#define _GNU_SOURCE
#include "cli/serving_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "cli/cli.h"
#include "sim/faults.h"

enum { SAID_MAX = 4 * 1024 * 1024, FAILED_SHOWN = 5, TWICE_SHOWN = 3, INTERRUPTED = 128 };

/* One run. */
struct swept {
	int code;
	char *said;
	struct dd_serve_tally tally; /* its numbers are from malloc */
};

static void free_swept(struct swept *r)
{
	free(r->said);
	free(r->tally.numbers);
}

static char *read_back(int fd)
{
	off_t end = lseek(fd, 0, SEEK_END);
	size_t n = end > SAID_MAX ? SAID_MAX : end > 0 ? (size_t)end : 0;
	char *text = dd_alloc(n + 1);
	ssize_t got = pread(fd, text, n, end - (off_t)n);
	text[got > 0 ? got : 0] = '\0';
	return text;
}

void dd_sweep_take(void *self, const struct dd_serve_tally *tally)
{
	struct swept *r = self;
	r->tally = *tally;
	r->tally.numbers = dd_alloc((tally->n + 1) * sizeof *tally->numbers);
	if (tally->n)
		memcpy(r->tally.numbers, tally->numbers, tally->n * sizeof *tally->numbers);
}

static unsigned calls_to(const struct dd_serve_tally *t, uint64_t number)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->numbers[i].number == number)
			return t->numbers[i].calls;
	return 0;
}

static size_t tell_twice(const struct swept *r, const struct swept *without, struct dd_buf *out)
{
	size_t twice = 0;
	for (size_t i = 0; i < r->tally.n; i++) {
		unsigned n = r->tally.numbers[i].calls,
		         was = calls_to(&without->tally, r->tally.numbers[i].number);
		if (n <= was)
			continue;
		if (++twice <= TWICE_SHOWN)
			dd_buf_format(out, "%s+%llu %u time%s in place of %u",
			        twice > 1 ? ", " : "",
			        (unsigned long long)r->tally.numbers[i].number, n,
			        n == 1 ? "" : "s", was);
	}
	if (twice > TWICE_SHOWN)
		dd_buf_format(out, ", and %zu more", twice - TWICE_SHOWN);
	if (!twice)
		dd_buf_str(out, "nobody");
	return twice;
}

/* How pytest, TAP, Go and others name a test that failed. */
static bool names_failure(struct dd_str line)
{
	static const char *const marks[] = {"FAILED ", "ERROR ", "not ok ", "--- FAIL",
	        "FAIL: ", "FAIL ", "ERROR: ", "\u2717 "};
	for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
		size_t n = strlen(marks[i]);
		if (line.n > n && memcmp(line.p, marks[i], n) == 0)
			return true;
	}
	return false;
}

static void tell_failures(const char *said, struct dd_buf *out)
{
	struct dd_str last = {"", 0};
	size_t named = 0;
	for (const char *at = said; *at;) {
		size_t n = strcspn(at, "\n");
		struct dd_str line = dd_str_trim((struct dd_str){at, n});
		at += n + (at[n] == '\n');
		last = line.n ? line : last;
		if (!names_failure(line) || ++named > FAILED_SHOWN)
			continue;
		dd_buf_str(out, "    ");
		dd_buf_screen(out, line);
		dd_buf_char(out, '\n');
	}
	if (named > FAILED_SHOWN)
		dd_buf_format(out, "    and %zu more\n", named - FAILED_SHOWN);
	if (named || !last.n)
		return;
	dd_buf_str(out, "    ");
	dd_buf_screen(out, last);
	dd_buf_char(out, '\n');
}

static bool run_once(const struct dd_sweep *sweep, const char *faults, struct swept *out)
{
	int fd = memfd_create("said", MFD_CLOEXEC);
	*out = (struct swept){0};
	out->code = sweep->serve(sweep->self, faults, fd, out);
	out->said = read_back(fd);
	(void)close(fd);
	return out->code < INTERRUPTED && out->code != 127 && out->code != 126;
}

static void one_row(const char *name, const struct swept *r, const struct swept *without,
        size_t *twice, size_t *noticed, struct dd_buf *out)
{
	char ended[32];
	bool differs = r->code != without->code;
	(void)snprintf(ended, sizeof ended, "exit %d", r->code);
	dd_buf_format(out, "  %-18s%-11s", name, r->tally.struck ? ended : "not met");
	if (r->tally.struck) {
		dd_buf_str(out, differs ? "noticed   " : "          ");
		*twice += tell_twice(r, without, out) > 0;
	}
	dd_buf_char(out, '\n');
	if (r->tally.struck && differs)
		tell_failures(r->said, out);
	*noticed += r->tally.struck && differs;
}

/* A fault of an answer strikes the first alone: what the command does then is what is asked. */
static const char *text_of(enum dd_fault fault, char room[64])
{
	(void)snprintf(room, 64, "%s%s", dd_fault_name(fault),
	        dd_fault_point(fault) == DD_AT_ANSWER ? "@1" : "");
	return room;
}

int dd_sweep_faults(const struct dd_sweep *sweep)
{
	struct swept without, r;
	struct dd_buf out = {0};
	size_t twice = 0, noticed = 0, met = 0;
	bool goes_on = run_once(sweep, "", &without);
	if (!goes_on || without.tally.n == 0) {
		(void)fwrite(without.said, 1, strlen(without.said), stderr);
		int code = goes_on ? dd_usage_error("--faults all: without a fault the command "
		                                    "places no call: there is nothing to strike")
		                   : without.code;
		free_swept(&without);
		return code;
	}
	dd_buf_format(&out, "  %-18s%-11s%-10s%s\n", "fault", "command", "", "called more often");
	dd_buf_format(&out, "  %-18sexit %d\n", "none", without.code);
	if (without.code)
		tell_failures(without.said, &out);
	dd_print(&out);
	for (enum dd_fault f = 0; f < DD_FAULTS_COUNT && goes_on; f++) {
		char room[64];
		if (!dd_fault_is_served(f))
			continue;
		goes_on = run_once(sweep, text_of(f, room), &r);
		dd_buf_clear(&out);
		one_row(dd_fault_name(f), &r, &without, &twice, &noticed, &out);
		met += r.tally.struck > 0;
		dd_print(&out);
		int code = r.code;
		free_swept(&r);
		if (!goes_on) {
			free_swept(&without);
			dd_buf_free(&out);
			return code;
		}
	}
	dd_buf_clear(&out);
	dd_buf_format(&out,
	        "\n%zu faults struck: the command noticed %zu of them, and called somebody more "
	        "often at %zu\n",
	        met, noticed, twice);
	dd_print(&out);
	dd_buf_free(&out);
	free_swept(&without);
	return twice ? EXIT_FAILED : EXIT_FINE;
}
