/* drydial test: options become a plan; the plan is run and reported. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/replace.h"
#include "cli/test.h"
#include "cli/app.h"
#include "scenario/faults.h"
#include "scenario/mutate.h"

enum { UPDATES_MAX = 100 };

#define TEST_FORMATS "text tap junit json html"

static int add_choice(const char *name, const char **list, size_t *n, const char *value)
{
	if (*n == DD_CHOICES_MAX)
		return dd_usage_error("--%s: at most %d choices", name, DD_CHOICES_MAX);
	if (!*value)
		return dd_usage_error("--%s: which?", name);
	list[(*n)++] = value;
	return 0;
}

static int add_report(struct dd_test_options *o, char *value)
{
	char *equals = strchr(value, '=');
	if (equals)
		*equals = '\0';
	if (!equals || !equals[1] || !dd_words_has(TEST_FORMATS, value))
		return dd_usage_error(
		        "--report %s: write FORMAT=FILE; formats are text, tap, junit, "
		        "json and html",
		        value);
	if (o->nreports == DD_REPORTS_MAX)
		return dd_usage_error("--report: at most %d", DD_REPORTS_MAX);
	o->reports[o->nreports].format = value;
	o->reports[o->nreports++].file = equals + 1;
	return 0;
}

static int parse_percent(const char *name, const char *value, double *out)
{
	char *end;
	*out = strtod(value, &end);
	if (end == value || *end || *out < 0 || *out > 100)
		return dd_usage_error("--%s %s: a number from 0 to 100", name, value);
	return 0;
}

static int take_test_option(void *self, int letter, char *value)
{
	struct dd_test_options *o = self;
	switch (letter) {
	case 'O': return add_choice("only", o->only, &o->nonly, value);
	case 'S': return add_choice("skip", o->skip, &o->nskip, value);
	case 'j': return dd_take_small_count("jobs", value, 1, DD_JOBS_MAX, &o->jobs);
	case 'k': o->fail_fast = false; return 0;
	case 'x': o->fail_fast = true; return 0;
	case 'v': o->verbose = true; return 0;
	case 'o': o->format = value; return 0;
	case 'r': return add_report(o, value);
	case 'c': o->coverage = value; return 0;
	case 'C': return parse_percent("coverage-min", value, &o->coverage_min);
	case 'm': o->write_missing = value; return 0;
	case 'u': o->mutate = true; return 0;
	case 'M': o->mutate = true; return parse_percent("mutate-min", value, &o->mutate_min);
	case 'U': o->update = true; return 0;
	case 'w': o->watch = true; return 0;
	case 'R': o->real_time = true; return 0;
	case 'F':
		return dd_duration_parse(dd_str(value), &o->from)
		        ? 0
		        : dd_usage_error("--from %s: a duration such as 12s", value);
	case 'q': o->mute = true; return 0;
	case 'd': o->record = value; return 0;
	case 'D': o->record_all = true; return 0;
	case 'L': return dd_line_parse(value, &o->line) ? 0 : EXIT_USAGE;
	case 'a': o->start = true; return 0;
	case DD_APP_LETTER('F'):
		o->faults_text = value;
		return strcmp(value, "list") == 0 || strcmp(value, "each") == 0
		        ? 0
		        : dd_cli_faults(&o->faults, value);
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

static bool is_test_file(const char *name)
{
	size_t n = strlen(name);
	return n > 10 && strcmp(name + n - 10, ".test.yaml") == 0;
}

/* -- one round -------------------------------------------------------------- */

/* 0, or an exit code after a message. */
static int load_suites(struct dd_test_options *o, char **files, size_t n, struct dd_plan *plan)
{
	bool said = false;
	int code = 0;
	for (size_t i = 0; i < n; i++) {
		bool flow =
		        o->write_missing && strcmp(files[i], "-") != 0 && !is_test_file(files[i]);
		struct dd_suite *suite =
		        flow ? dd_suite_of_flow(files[i]) : dd_suite_load(files[i]);
		if (suite->app && !suite->diags.errors && !code)
			code = dd_test_start_app(o, suite);
		if (suite->program && !suite->diags.errors && !suite->app) {
			dd_cli_check_voices(suite->program, &suite->diags, !said && o->verbose);
			said = true;
		}
		dd_plan_add(plan, suite);
		if (suite->diags.n &&
		        (strcmp(o->format, "text") != 0 ||
		                !suite->diags.errors)) { /* the report in text tells it itself */
			struct dd_style plain = {.colour = o->style.colour};
			dd_cli_show(&suite->diags, &plain);
		}
	}
	return code;
}

static bool wants(const struct dd_test_options *o, const char *format)
{
	bool wanted = strcmp(o->format, format) == 0;
	for (size_t i = 0; i < o->nreports; i++)
		wanted |= strcmp(o->reports[i].format, format) == 0;
	return wanted;
}

static bool is_flow(const char *path)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_source *source;
	struct dd_error err;
	bool is = dd_source_read(arena, path, DD_FILE_BYTES_MAX, &source, &err) == DD_OK;
	if (is) {
		struct dd_str text = source->text;
		is = false;
		for (size_t at = 0; at + 6 <= text.n && !is; at++)
			is = (at == 0 || text.p[at - 1] == '\n') &&
			        memcmp(text.p + at, "steps:", 6) == 0;
	}
	dd_arena_free(arena);
	return is;
}

static bool is_in(const struct dd_plan *plan, const char *real)
{
	for (uint32_t i = 0; i < plan->nsuites; i++) {
		const struct dd_program *p = plan->suites[i]->program;
		for (uint16_t f = 0; p && !plan->suites[i]->app && f < p->nflows; f++)
			if (strcmp(p->flows[f].real, real) == 0)
				return true;
	}
	return false;
}

/* Coverage of a folder is that of all its flows: those that nothing tests count as not reached. */
static void add_untested(const struct dd_test_options *o, struct dd_plan *plan)
{
	static char here[] = ".", *dot[] = {here};
	char **operands = o->noperands ? o->operands : dot, **files;
	int count = o->noperands ? o->noperands : 1;
	for (int i = 0; i < count; i++) {
		struct stat st;
		size_t n = 0;
		if (stat(operands[i], &st) != 0 || !S_ISDIR(st.st_mode) ||
		        dd_cli_find(&operands[i], 1, ".yaml", ".test.yaml", &files, &n) != 0)
			continue;
		for (size_t k = 0; k < n; k++) {
			char *real = realpath(files[k], NULL);
			if (real && !is_in(plan, real) && is_flow(files[k]))
				dd_plan_add(plan, dd_suite_of_flow(files[k]));
			free(real);
			free(files[k]);
		}
		free(files);
	}
}

/* Speaks what is known beforehand on all cores. Rows that give no value to the flow all say the
 * same. */
static void warm_scenarios(const struct dd_plan *plan, struct dd_cli_voice *voice)
{
	struct dd_cli_warm all = {0};
	struct dd_call *call = NULL;
	size_t room = 0;
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct dd_planned *run = &plan->runs[i];
		const struct dd_suite *suite = plan->suites[run->suite];
		const struct dd_scenario *s = &suite->scenarios[run->scenario];
		bool differs = run->row == 0;
		for (uint32_t c = 0; c < s->table.ncolumns && !differs; c++)
			differs = s->table.slots[c] != DD_NONE;
		if (run->skipped || !differs || s->given.answered_by > DD_BY_MACHINE)
			continue;
		struct dd_arena *arena = dd_arena_new();
		struct dd_session_options so = {0};
		dd_scenario_setup(suite, run->scenario, run->row, arena, &so);
		size_t size = dd_call_size(suite->program, so.store);
		if (size > room)
			call = dd_realloc(call, room = size, 1);
		dd_call_init(call, suite->program, so.store, &so.setup);
		dd_cli_warm_add(&all, suite->program, call);
		dd_arena_free(arena);
	}
	free(call);
	dd_cli_warm_say(&all, voice);
}

static void write_format(const struct dd_test_options *o, const struct dd_test_report *report,
        const char *format, bool screen, struct dd_buf *out)
{
	struct dd_tests_style plain = {.verbose = o->paper.verbose};
	if (strcmp(format, "tap") == 0)
		dd_tests_tap(report, out);
	else if (strcmp(format, "junit") == 0)
		dd_tests_junit(report, out);
	else if (strcmp(format, "json") == 0)
		dd_tests_json(report, out);
	else if (strcmp(format, "html") == 0)
		dd_tests_html(report, out);
	else
		dd_tests_text(report, screen ? &o->paper : &plain, out);
}

static int write_reports(const struct dd_test_options *o, const struct dd_test_report *report)
{
	int code = EXIT_FINE;
	for (size_t i = 0; i < o->nreports; i++) {
		struct dd_buf out = {0};
		write_format(o, report, o->reports[i].format, false, &out);
		const char *why =
		        dd_output_write(o->reports[i].file, (struct dd_str){out.p, out.n});
		if (why)
			code = dd_usage_error("--report %s: %s", o->reports[i].file, why);
		dd_buf_free(&out);
	}
	return code;
}

static int verdict(const struct dd_test_options *o, const struct dd_test_report *report)
{
	double covered = dd_cover_percent(report);
	double noticed =
	        report->mutants ? 100.0 * (double)report->noticed / (double)report->mutants : -1;
	int code = report->failed ? EXIT_FAILED : EXIT_FINE;
	if (o->coverage_min >= 0 && covered < 0) {
		fprintf(stderr,
		        "drydial: no flow could be looked at, so that nothing is covered\n");
		code = EXIT_FAILED;
	} else if (o->coverage_min >= 0 && covered < o->coverage_min) {
		fprintf(stderr,
		        "drydial: the scenarios reach %.1f%% of steps and exits, "
		        "less than %.1f%%\n",
		        covered, o->coverage_min);
		code = EXIT_FAILED;
	}
	if (o->mutate_min >= 0 && noticed < 0) {
		fprintf(stderr,
		        "drydial: no change could be made to a flow, so that none is noticed\n");
		code = EXIT_FAILED;
	} else if (o->mutate_min >= 0 && noticed < o->mutate_min) {
		fprintf(stderr,
		        "drydial: the scenarios notice %.1f%% of the changes, less than %.1f%%\n",
		        noticed, o->mutate_min);
		code = EXIT_FAILED;
	}
	return report->broken ? EXIT_USAGE : code;
}

static void give_replays(struct dd_test_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		struct dd_result *r = &report->results[i];
		if (r->verdict != DD_FAILED || !r->kept || r->nfindings == 0)
			continue;
		struct dd_buf text = {0}, only = {0};
		const struct dd_finding *f = dd_result_fault(r);
		dd_ms from = 0;
		size_t last = f->event < r->trace.nevents ? f->event : r->trace.nevents;
		for (size_t e = 0; e < last; e++)
			if (r->trace.events[e].type == DD_TR_PROMPT)
				from = r->trace.events[e].at;
		dd_buf_str(&text, "drydial test ");
		dd_buf_format(&only, r->row ? "%s" : "%s:%u", r->suite, r->line);
		dd_shell_word(&text, only.p);
		if (r->row) {
			dd_buf_str(&text, " --only ");
			dd_shell_word(&text, r->name);
		}
		dd_buf_str(&text, " --real-time");
		if (from)
			dd_buf_format(&text, " --from %lldms", (long long)from);
		r->replay = dd_arena_copy(r->arena, text.p, text.n);
		dd_buf_free(&text);
		dd_buf_free(&only);
	}
}

static void print_report(const struct dd_test_options *o, const struct dd_test_report *report)
{
	struct dd_buf out = {0};
	write_format(o, report, o->format, true, &out);
	if (o->coverage && strcmp(o->coverage, "table") == 0)
		dd_buf_char(&out, '\n'), dd_cover_table(report, &o->paper, &out);
	else if (o->coverage && strcmp(o->coverage, "annotate") == 0)
		dd_buf_char(&out, '\n'), dd_cover_annotate(report, &o->paper, &out);
	else if (o->coverage)
		dd_buf_clear(&out), dd_cover_lcov(report, &out);
	dd_print(&out);
	dd_buf_free(&out);
}

/* --faults each: beside a report for machines the table goes to stderr. */
static void run_faults(const struct dd_test_options *o, const struct dd_plan *plan,
        const struct dd_test_report *report, struct dd_tts tts)
{
	struct dd_buf out = {0}, clean = {0};
	size_t n;
	struct dd_faulted *list = dd_plan_faults(plan, report, tts, 1, &n);
	dd_buf_char(&out, '\n');
	dd_faulted_table(report, list, n, &out);
	dd_buf_terminal(&clean, (struct dd_str){out.p, out.n});
	fputs(clean.p, strcmp(o->format, "text") == 0 ? stdout : stderr);
	dd_buf_free(&out);
	dd_buf_free(&clean);
	free(list);
}

static int run_plan(struct dd_test_options *o, struct dd_plan *plan, struct dd_cli_voice *voices)
{
	struct dd_tts tts[DD_JOBS_MAX];
	struct dd_test_report report;
	struct dd_arena *arena = dd_arena_new();
	bool page = wants(o, "html"), each = o->faults_text && strcmp(o->faults_text, "each") == 0,
	     keep = page || each || wants(o, "json") || (o->record && o->record_all);
	for (unsigned i = 0; i < o->jobs; i++) {
		voices[i].voice = voices[0].voice;
		tts[i] = dd_cli_voice_port(&voices[i]);
	}
	warm_scenarios(plan, &voices[0]);
	struct dd_plan_options po = {
	        .jobs = o->jobs, .tts = tts, .keep = keep && !o->quiet, .fail_fast = o->fail_fast};
	if (o->faults.n)
		po.faults = &o->faults;
	dd_plan_run(plan, &po, &report);
	if (o->quiet) {
		o->updated = dd_test_update(o, &report);
		dd_test_report_fini(&report);
		dd_arena_free(arena);
		return EXIT_FINE;
	}
	dd_plan_cover(plan, arena, &report);
	if (page)
		dd_test_listen(plan, tts[0], arena, &report);
	if (o->mutate)
		dd_mutate(plan, &po, arena, &report);
	give_replays(&report);
	int wrote = o->record ? dd_test_record(o, plan, &report, &voices[0]) : 0;
	int code = verdict(o, &report);
	if (o->update)
		dd_test_tell_update(o, &report);
	if (report.n || !o->write_missing)
		print_report(o, &report);
	if (each)
		run_faults(o, plan, &report, tts[0]);
	if (!wrote)
		wrote = write_reports(o, &report);
	if (o->write_missing && !wrote && !report.broken)
		wrote = dd_test_write_missing(o, plan, &voices[0]);
	dd_test_report_fini(&report);
	dd_arena_free(arena);
	return wrote ? wrote : code;
}

int dd_test_round(struct dd_test_options *o, struct dd_cli_voice *voices)
{
	struct dd_plan plan = {0};
	char **files;
	size_t n;
	if (o->write_missing && o->noperands == 1 && dd_is_app(o->operands[0]))
		return dd_test_crawl(o, o->operands[0]);
	int code = dd_cli_find(o->operands, o->noperands, ".test.yaml", NULL, &files, &n);
	if (code)
		return code;
	code = load_suites(o, files, n, &plan);
	if (n && (o->coverage || o->coverage_min >= 0 || wants(o, "html")))
		add_untested(o, &plan);
	const char *unused = dd_plan_choose(&plan, o->only, o->nonly, o->skip, o->nskip);
	bool broken = false;
	for (uint32_t i = 0; i < plan.nsuites; i++)
		broken |= plan.suites[i]->diags.errors > 0;
	if (code)
		; /* an application does not run */
	else if (n == 0)
		code = (dd_usage_error("there is no *.test.yaml file %s%s",
		                o->noperands ? "in " : "here", o->noperands ? o->operands[0] : ""),
		        EXIT_FAILED);
	else if (unused && !broken)
		code = (dd_usage_error(
		                "--only %s: no scenario has this name, tag or place", unused),
		        EXIT_FAILED);
	else if (plan.nruns == 0 && !broken && !o->write_missing)
		code = (dd_usage_error("there is no scenario to run"), EXIT_FAILED);
	else if (o->real_time && !broken)
		code = dd_test_rehearse(o, &plan, &voices[0]);
	else
		code = run_plan(o, &plan, voices);
	dd_test_stop_apps();
	dd_plan_fini(&plan);
	for (size_t i = 0; i < n; i++)
		free(files[i]);
	free(files);
	return code;
}

static int run_test(int argc, char **argv)
{
	struct dd_test_options o = {.format = "text",
	        .faults = {.seed = 1},
	        .coverage_min = -1,
	        .mutate_min = -1,
	        .line = DD_LINE_ALAW};
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	int code = dd_command_parse(&dd_command_test, "", argc, argv, &o);
	if (code >= 0)
		return code;
	if (o.faults_text && strcmp(o.faults_text, "list") == 0)
		return dd_cli_list_faults(false);
	if (!o.jobs)
		o.jobs = cores > DD_JOBS_MAX ? DD_JOBS_MAX : cores > 0 ? (unsigned)cores : 1;
	o.operands = argv + optind;
	o.noperands = argc - optind;
	for (int i = 0; i < o.noperands && code < 0; i++)
		if (dd_cli_place(o.operands[i]))
			code = add_choice("only", o.only, &o.nonly, o.operands[i]) ? EXIT_USAGE
			                                                           : -1;
	if (code >= 0)
		return code;
	o.style = dd_style_of("text", o.no_colour);
	o.paper = (struct dd_tests_style){o.style.colour, o.verbose, o.style.columns};
	struct dd_cli_voice *voices = dd_alloc(o.jobs * sizeof *voices);
	voices[0].voice = dd_voice_new(NULL);
	/* a script stops at its first failure, so each round may find one more in every scenario */
	for (int i = 0; i < UPDATES_MAX && o.update && !o.real_time; i++) {
		o.quiet = true;
		code = dd_test_round(&o, voices);
		o.quiet = false;
		if (code > 0 || o.updated == 0)
			break;
	}
	code = o.watch ? dd_test_watch(&o, voices) : dd_test_round(&o, voices);
	dd_voice_free(voices[0].voice);
	free(voices);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option TEST_OPTIONS[] = {
        {'O', "only", "CHOICE", "scenarios by name, tag, FILE or FILE:LINE", .value = DD_FILE,
                .endings = "test.yaml", .again = true, .more = "A part of the name will do."},
        {'S', "skip", "CHOICE", "not these", .value = DD_FILE, .endings = "test.yaml",
                .again = true},
        {'j', "jobs", "N", "at once; one for each core", .value = DD_NUMBER,
                .more = "The reports do not depend on it."},
        {'k', "keep-going", NULL, "run all, whatever fails (the default)", .value = DD_SWITCH},
        {'x', "fail-fast", NULL, "stop at the first failure", .value = DD_SWITCH},
        {'v', "verbose", NULL, "a line for each scenario", .value = DD_SWITCH},
        {'o', "format", "FORMAT", "text, tap, junit, json or html", .value = DD_WORD,
                .words = TEST_FORMATS, .more = "TAP is version 13."},
        {'r', "report", "FORMAT=FILE", "write this as well", .value = DD_TEXT,
                .words = "text= tap= junit= json= html=", .again = true},
        {'c', "coverage", "KIND", "table, annotate or lcov: what no scenario has reached",
                .value = DD_WORD, .words = "table annotate lcov"},
        {'C', "coverage-min", "PERCENT", "fail below this", .value = DD_NUMBER},
        {'m', "write-missing", "FILE", "scenarios for all that is not yet reached",
                .value = DD_FILE, .endings = "test.yaml",
                .more = "Each has the words that are heard. The operand may then be a flow. "
                        "With several flows FILE is a folder."},
        {'u', "mutate", NULL, "change the flows in small ways: would a scenario notice?",
                .value = DD_SWITCH, .more = "Lists the changes that no scenario notices."},
        {'M', "mutate-min", "PERCENT", "fail when fewer are noticed; implies --mutate",
                .value = DD_NUMBER},
        {'U', "update", NULL, "write what was heard over what was expected", .value = DD_SWITCH,
                .more = "Each line that differs is shown, in the order of the file."},
        {'a', "start", NULL, "start the applications that the files name", .value = DD_SWITCH,
                .more = "A scenario file may say how; without this none of them runs a program."},
        DD_OPTION_FAULTS("each "),
        {'w', "watch", NULL, "run again what a saved file touches", .value = DD_SWITCH},
        {'R', "real-time", NULL, "one scenario, through the loudspeaker", .value = DD_SWITCH},
        {'F', "from", "TIME", "with --real-time: in no time up to there", .value = DD_DURATION},
        {'q', "mute", NULL, "with --real-time: no sound", .value = DD_SWITCH},
        {'d', "record", "DIR", "WAV, transcript and captions of what failed", .value = DD_FOLDER,
                .more = "The captions are WebVTT."},
        {'D', "record-all", NULL, "of what passed as well", .value = DD_SWITCH},
        DD_OPTION_LINE("what recordings go through"), DD_OPTION_NO_COLOR};

const struct dd_command dd_command_test = {.name = "test",
        .operands = "[FILE[:LINE]|DIR…]",
        .brief = "run scenarios in virtual time: did the call do what it should?",
        .summary = "Runs the scenarios of *.test.yaml files in virtual time.",
        .exits = "0 all passed, 1 something failed or there was no scenario, "
                 "2 a file cannot be read.",
        .examples = "drydial test flows/ --coverage table",
        .manual = "It says what differed from what was expected, where, and how to hear it. "
                  "Scenarios are described in `flows/SCENARIOS.md`. `--faults each` runs "
                  "each scenario of an application once more with each fault, and says which "
                  "leave the customer in silence.",
        .endings = "test.yaml",
        DD_OPTIONS(TEST_OPTIONS),
        .take = take_test_option,
        .run = run_test};
