/* drydial check: the rules. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "check/fix.h"
#include "apps/look.h"
#include "cli/app.h"
#include "cli/check.h"
#include "cli/command.h"
#include "cli/findings.h"
#include "report/diags.h"

struct check_options {
	struct dd_rule_choices choices;
	const struct dd_findings_format *format;
	const char *explain, *contacts;
	int64_t at;
	bool strict, no_colour, lengths, spoken, fix, write, model;
	struct dd_cli_voice *voice;
	unsigned columns;
	struct dd_shard shard;
	const struct dd_numbering *home;
	struct dd_cli_app app;
};

static int take_check_option(void *self, int letter, char *value)
{
	struct check_options *o = self;
	int code = dd_cli_app_take(&o->app, letter, value);
	if (code >= 0)
		return code;
	switch (letter) {
	case 'r': return dd_cli_choose_rule(&DD_FLOW_RULES, value, &o->choices);
	case 's': o->strict = true; return 0;
	case 't':
		return dd_time_parse(dd_str(value), &o->at) && o->at
		        ? 0
		        : dd_usage_error("--at %s: a time is 2025-01-20T10:00:00+05:30", value);
	case 'l': o->lengths = true; return 0;
	case 'p': o->spoken = true; return 0;
	case 'c': o->contacts = value; return 0;
	case 'S':
		return dd_shard_parse(value, &o->shard)
		        ? 0
		        : dd_usage_error(
		                  "--shard %s: write I/N, such as 1/4, with I from 1 to N and N "
		                  "at most %d",
		                  value, DD_SHARDS_MAX);
	case 'C': return dd_cli_country(value, &o->home);
	case 'V': o->model = strcmp(value, "model") == 0; return 0;
	case 'f': o->fix = true; return 0;
	case 'w': o->write = true; return 0;
	case 'e': o->explain = value; return 0;
	case 'o': o->format = dd_findings_format(value); return 0;
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

/* -- checking --------------------------------------------------------------- */

/* One flow as every part of check looks at it, also --fix, before a repair and after it. */
static struct dd_program *look_at_flow(void *self, const char *path, const struct dd_overlay *texts,
        size_t n, struct dd_diags *diags)
{
	const struct check_options *o = self;
	struct dd_program *p = dd_program_load_over(path, texts, n, diags);
	if (!p)
		return NULL;
	dd_cli_check_voices(p, diags, false);
	if (diags->errors)
		return p;
	char sid[33];
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_cli_warm warm = {0};
	struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES));
	dd_session_sid(1, sid);
	dd_call_init(call, p, DD_STORE_BYTES, &setup);
	dd_cli_warm_add(&warm, p, call);
	dd_cli_warm_say(&warm, o->voice);
	free(call);
	struct dd_check_options co = {.at = o->at,
	        .tts = dd_cli_voice_port(o->voice),
	        .choices = o->choices.list,
	        .nchoices = o->choices.n};
	dd_check(p, &co, diags);
	return p;
}

/* Errors of the language; those of rules come only where there are none. */
static bool is_unreadable(const struct dd_program *p, const struct dd_diags *diags)
{
	for (size_t i = 0; p && i < diags->n; i++)
		if (strcmp(diags->items[i].code, "voice-unknown") == 0)
			return true;
	return !p;
}

static void check_file(const char *path, const struct check_options *o,
        const struct dd_overlay *texts, size_t ntexts, struct dd_diags *diags, bool *unreadable,
        struct dd_buf *out)
{
	struct check_options own = *o;
	struct dd_program *p = look_at_flow(&own, path, texts, ntexts, diags);
	bool fine = !is_unreadable(p, diags);
	*unreadable |= !fine;
	if (fine && o->lengths) {
		dd_buf_str(out, out->n ? "\n" : "");
		dd_buf_screen(out, dd_str(path));
		dd_buf_char(out, '\n');
		dd_check_lengths(p, dd_cli_voice_port(o->voice), o->columns, out);
	}
	if (fine && o->spoken) {
		dd_buf_str(out, out->n ? "\n" : "");
		dd_buf_screen(out, dd_str(path));
		dd_buf_char(out, '\n');
		dd_check_spoken(p, dd_cli_voice_port(o->voice), out);
	}
	dd_program_free(p);
}

static void print(const struct check_options *o, const struct dd_diags *diags, char **files,
        size_t n, bool colour, struct dd_buf *out)
{
	const char **names = dd_alloc((n + 1) * sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = strcmp(files[i], "-") == 0 ? "<stdin>" : files[i];
	struct dd_diags_report report = {diags, names, n, &DD_FLOW_RULES, o->strict};
	dd_findings_print(o->format, &report, "flow", colour, out);
	free(names);
}

static int check_all(const struct check_options *o, char **files, size_t n,
        const struct dd_overlay *texts, size_t ntexts, bool colour)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags all;
	struct dd_buf out = {0};
	bool unreadable = false;
	dd_diags_init(&all, arena);
	for (size_t i = 0; i < n; i++) {
		struct dd_diags diags;
		dd_diags_init(&diags, arena);
		check_file(files[i], o, texts, ntexts, &diags, &unreadable, &out);
		dd_diags_join(&all, &diags);
		dd_diags_fini(&diags);
	}
	dd_diags_sort(&all); /* a flow that several lead to is found wanting by each of them */
	print(o, &all, files, n, colour, &out);
	dd_print(&out);
	struct dd_findings_tally t = dd_findings_tallied(&all);
	dd_buf_free(&out);
	dd_diags_fini(&all);
	dd_arena_free(arena);
	return unreadable                               ? EXIT_USAGE
	        : t.errors || (o->strict && t.warnings) ? EXIT_FAILED
	                                                : EXIT_FINE;
}

/* What a crawl has found: faults of documents, where menus lead, and the rules of flows that hold
   for applications. */
static int check_app(struct check_options *o, char *url, bool colour)
{
	struct dd_crawled crawled;
	struct dd_diags all, found;
	struct dd_buf out = {0};
	int code = dd_cli_crawl(&o->app, url, &crawled);
	if (code) {
		dd_cli_app_close(&o->app);
		return code;
	}
	struct dd_arena *arena = dd_arena_new();
	dd_diags_init(&all, arena);
	dd_diags_init(&found, arena);
	struct dd_check_options co = {.at = o->at,
	        .tts = dd_cli_voice_port(o->voice),
	        .choices = o->choices.list,
	        .nchoices = o->choices.n};
	dd_check(crawled.program, &co, &found);
	size_t kept = 0;
	for (size_t i = 0; i < found.n; i++)
		if (dd_app_rule(found.items[i].code))
			found.items[kept++] = found.items[i];
	found.n = kept;
	dd_diags_join(&all, dd_app_diags(o->app.app));
	dd_diags_join(&all, &found);
	dd_app_look(crawled.program, &all);
	dd_diags_sort(&all);
	if (o->lengths)
		dd_check_lengths(crawled.program, dd_cli_voice_port(o->voice), o->columns, &out);
	print(o, &all, &url, 1, colour, &out);
	dd_print(&out);
	struct dd_findings_tally t = dd_findings_tallied(&all);
	dd_buf_free(&out);
	dd_diags_fini(&found);
	dd_diags_fini(&all);
	dd_program_free(crawled.program);
	dd_cli_app_close(&o->app);
	dd_arena_free(arena);
	return t.errors || (o->strict && t.warnings) ? EXIT_FAILED : EXIT_FINE;
}

/* An application stands alone, and has no list and no repairs. */
static int only_app(struct check_options *o, int argc, char **argv, bool colour)
{
	if (argc - optind != 1)
		return dd_usage_error("an application is checked by itself: drydial check URL");
	if (o->contacts || o->fix)
		return dd_usage_error("--%s is for flows", o->fix ? "fix" : "contacts");
	struct dd_cli_voice voice = {
	        .voice = dd_voice_new(NULL), .model = o->model ? dd_sim_tts_new(0, 0) : NULL};
	o->voice = &voice;
	int code = check_app(o, argv[optind], colour);
	dd_voice_free(voice.voice);
	dd_sim_tts_free(voice.model);
	return code;
}

static int check_contacts(
        const struct check_options *o, char **files, size_t n, const struct dd_style *style)
{
	bool json = strcmp(o->format->name, "json") == 0;
	if (n != 1)
		return dd_usage_error(
		        "--contacts goes with one flow: drydial check FLOW --contacts FILE.csv");
	if (o->format->print && !json)
		return dd_usage_error("--contacts is text or json, not %s", o->format->name);
	if (strcmp(files[0], "-") == 0 && strcmp(o->contacts, "-") == 0)
		return dd_usage_error("--contacts -: standard input is the flow already");
	struct dd_check_options co = {.choices = o->choices.list, .nchoices = o->choices.n};
	return dd_cli_check_contacts(
	        files[0], o->contacts, &co, o->shard, o->home, o->voice, json, o->strict, style);
}

/* Repairs, then the rest; repairs that were only shown are all that is told, so that the output is
 * a diff. */
static int fix_all(struct check_options *o, char **files, size_t n, const struct dd_style *style)
{
	struct dd_fixes fixes = {.arena = dd_arena_new(), .look = look_at_flow, .self = o};
	size_t left = 0;
	int code = dd_cli_fix(&fixes, files, n, o->write, style, &left);
	if (!code && left)
		code = EXIT_FAILED;
	if (!code) {
		struct dd_overlay *texts = dd_alloc((fixes.nfiles + 1) * sizeof *texts);
		for (uint32_t i = 0; i < fixes.nfiles; i++)
			texts[i] = (struct dd_overlay){fixes.files[i].real, fixes.files[i].after};
		code = check_all(o, files, n, texts, fixes.nfiles, style->colour);
		free(texts);
	}
	dd_fixes_fini(&fixes);
	dd_arena_free(fixes.arena);
	return code;
}

static int run_check(int argc, char **argv)
{
	struct check_options o = {.format = dd_findings_format("text"),
	        .home = dd_numbering_of_country(dd_str("IN"))};
	char **files;
	size_t n;
	int code = dd_command_parse(&dd_command_check, "", argc, argv, &o);
	if (code >= 0)
		return code;
	if (o.explain)
		return dd_cli_explain(&DD_FLOW_RULES, o.explain, o.format->name);
	struct dd_style style = dd_style_of(o.format->name, o.no_colour);
	o.columns = style.columns;
	if (o.lengths && o.format->print)
		return dd_usage_error(
		        "--lengths is a table for people; drydial call --format json has the "
		        "lengths of a call");
	if (o.spoken && o.format->print)
		return dd_usage_error("--spoken is for people; drydial call --format json has what "
		                      "is spoken in a call");
	if (o.contacts && (o.fix || o.lengths || o.spoken))
		return dd_usage_error("--contacts looks at a list: leave --%s to a run of its own",
		        o.fix               ? "fix"
		                : o.lengths ? "lengths"
		                            : "spoken");
	if (o.shard.of && !o.contacts)
		return dd_usage_error("--shard goes with --contacts");
	if (o.write && !o.fix)
		return dd_usage_error("--write goes with --fix");
	if (o.fix && o.format->print)
		return dd_usage_error("--fix shows a diff: leave --format %s to a run of its own",
		        o.format->name);
	for (int i = optind; i < argc; i++)
		if (dd_is_app(argv[i]))
			return only_app(&o, argc, argv, style.colour);
	code = dd_cli_app_unused(&o.app);
	if (code)
		return code;
	code = dd_cli_find(argv + optind, argc - optind, ".yaml", ".test.yaml", &files, &n);
	if (code)
		return code;
	struct dd_cli_voice voice = {
	        .voice = dd_voice_new(NULL), .model = o.model ? dd_sim_tts_new(0, 0) : NULL};
	o.voice = &voice;
	if (n == 0)
		code = (dd_usage_error("there is no flow to check"), EXIT_FAILED);
	else if (o.contacts)
		code = check_contacts(&o, files, n, &style);
	else
		code = o.fix ? fix_all(&o, files, n, &style)
		             : check_all(&o, files, n, NULL, 0, style.colour);
	dd_voice_free(voice.voice);
	dd_sim_tts_free(voice.model);
	for (size_t i = 0; i < n; i++)
		free(files[i]);
	free(files);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option CHECK_OPTIONS[] = {
        {'r', "rule", "NAME=SEVERITY", "off, note, warning or error", .value = DD_TEXT,
                .rules = &DD_FLOW_RULES, .again = true},
        {'s', "strict", NULL, "fail on warnings, too", .value = DD_SWITCH},
        {'t', "at", "TIME", "when the call is answered; else hours go both ways", .value = DD_TIME},
        {'l', "lengths", NULL, "a table of all prompts: seconds, words a minute, share of 30 s",
                .value = DD_SWITCH},
        {'p', "spoken", NULL, "every prompt as it is heard: amounts, dates and numbers in words",
                .value = DD_SWITCH,
                .more = "Below it stands what is written, where that is something else. Values "
                        "are the examples."},
        {'c', "contacts", "FILE.csv",
                "the messages of every contact, a line each: lengths, SMS, missing values",
                .value = DD_FILE, .endings = "csv",
                .more = "The first line names the columns; those that are called as a variable "
                        "of the flow are used. - reads standard input. In lists of more than "
                        "1,000 contacts lengths far from every limit are estimates, good to "
                        "0.3 s; all that is told of a contact is exact."},
        {'S', "shard", "I/N",
                "with --contacts: only every N-th contact, from the I-th; drydial campaign "
                "merge joins the results",
                .value = DD_TEXT,
                .more = "Lines keep their numbers. The results are those of `--format json`."},
        DD_OPTION_COUNTRY('C', "with --contacts: "),
        {'V', "voice", "VOICE",
                "espeak; model: nobody speaks, each byte of a text lasts 60 ms, for a quick "
                "look at a long list",
                .value = DD_WORD, .words = "espeak model",
                .more = "Lengths of the model are no customer's, but missing values, SMS and "
                        "the words themselves are looked at all the same, and a list of a "
                        "million contacts takes seconds."},
        {'f', "fix", NULL, "repair what has one safe repair: a diff, and at a terminal a question",
                .value = DD_SWITCH,
                .more = "Repaired are codes that are spoken as numbers, paths that end without "
                        "`hangup`, words lost behind a #, comments that allow nothing any more, "
                        "and texts that need quotes for the file to be read at all. The diff "
                        "is for `patch -p0`. Elsewhere than at a terminal nothing is written. "
                        "A repair is made only if check then finds what it repairs gone and "
                        "nothing as grave that was not there before."},
        {'w', "write", NULL, "with --fix: write the changes without asking", .value = DD_SWITCH,
                .more = "Each file is written whole, in one move."},
        DD_OPTION_EXPLAIN(&DD_FLOW_RULES, "a flow", NULL),
        {'o', "format", "FORMAT", DD_FINDINGS_HELP, .value = DD_WORD, .words = DD_FINDINGS_FORMATS,
                .more = "SARIF 2.1.0 is for code scanning: paths are relative to the folder "
                        "that drydial is run in. Workflow commands of GitHub mark the lines of "
                        "a change. JUnit has a suite a flow and a case for each rule that it "
                        "breaks; what makes the exit code 1 or 2 is a failure there."},
        DD_CRAWL_OPTIONS, DD_OPTION_NO_COLOR};

const struct dd_command dd_command_check = {.name = "check",
        .operands = "[FLOW|DIR…]",
        .brief = "what is wrong or risky in a flow, by rules",
        .summary = "Says what is wrong or risky in flows: lengths as the voice speaks them, "
                   "paths as a walk over every call finds them.",
        .notes = "A flow's own `checks:` and a comment `# drydial: allow RULE` at the line "
                 "change the rules.",
        .exits = "0 fine, 1 an error was found (with --strict: a warning) or repairs were only "
                 "shown, 2 a flow cannot be read.",
        .examples = "drydial check flows/ --strict",
        .manual = "The comment may stand on the line above, too. "
                  "The rules are in `flows/RULES.md`.",
        .endings = "yaml yml",
        DD_OPTIONS(CHECK_OPTIONS),
        .take = take_check_option,
        .run = run_check};
