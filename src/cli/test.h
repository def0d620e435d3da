/* drydial test: its options, and its parts. */
#ifndef DD_CLI_TEST_H
#define DD_CLI_TEST_H

#include "cli/cli.h"
#include "report/tests.h"
#include "scenario/plan.h"
#include "voice/line.h"

enum { DD_CHOICES_MAX = 64, DD_REPORTS_MAX = 8, DD_JOBS_MAX = 64 };

/* A file that --update has written: before the first round, and after the last. */
struct dd_test_update {
	const char *name;
	struct dd_str before, now;
};

struct dd_test_options {
	const char *only[DD_CHOICES_MAX], *skip[DD_CHOICES_MAX];
	size_t nonly, nskip;
	const char *format;
	struct {
		const char *format, *file;
	} reports[DD_REPORTS_MAX];
	size_t nreports;
	const char *coverage, *write_missing, *record;
	double coverage_min, mutate_min; /* negative: none */
	unsigned jobs;
	bool start;              /* applications may be started */
	const char *faults_text; /* --faults; NULL: none, "each", "list" or what goes wrong */
	struct dd_faults faults;
	bool fail_fast, verbose, no_colour, mutate, record_all, update, watch, real_time, mute;
	dd_ms from; /* of --real-time */
	enum dd_line line;
	bool quiet;     /* a round of --update: nothing is printed … */
	size_t updated; /* … and so many texts were replaced */
	struct dd_test_update *updates;
	size_t nupdates, cap_updates;
	struct dd_arena *updates_arena;
	char **operands;
	int noperands;
	/* made of the above */
	struct dd_style style;
	struct dd_tests_style paper;
};

/* One round: find, load, run, report. The exit code. */
int dd_test_round(struct dd_test_options *o, struct dd_cli_voice *voices);

/* Runs what was kept once more and listens: the sounds of the page (sounds.c). `arena` holds them.
 */
void dd_test_listen(const struct dd_plan *plan, struct dd_tts tts, struct dd_arena *arena,
        struct dd_test_report *report);
/* The application that a suite calls: its port, and, where it is to be started, the program
   (start.c). Without --start that is a fault of the file. 0, or an exit code after a message. */
int dd_test_start_app(const struct dd_test_options *o, struct dd_suite *suite);
/* Stops all that was started. The suites are not run any more. */
void dd_test_stop_apps(void);
/* --write-missing (missing.c). The exit code. */
int dd_test_write_missing(
        const struct dd_test_options *o, const struct dd_plan *plan, struct dd_cli_voice *voice);
/* The same of an application that no file names: crawls it. */
int dd_test_crawl(const struct dd_test_options *o, const char *operand);
/* --watch: rounds until Ctrl-C (watch.c). */
int dd_test_watch(struct dd_test_options *o, struct dd_cli_voice *voices);
/* --real-time: the one scenario chosen, through the loudspeaker (rehearse.c). */
int dd_test_rehearse(struct dd_test_options *o, struct dd_plan *plan, struct dd_cli_voice *voice);
/* --record: WAV, transcript and captions of a run (rehearse.c). */
int dd_test_record(const struct dd_test_options *o, const struct dd_plan *plan,
        struct dd_test_report *report, struct dd_cli_voice *voice);
/* --update: writes what was heard over what was expected. How many texts changed (update.c). */
size_t dd_test_update(struct dd_test_options *o, const struct dd_test_report *report);
/* … and, after the last round: shows each line that differs, and says what is left. */
void dd_test_tell_update(struct dd_test_options *o, const struct dd_test_report *report);

#endif
