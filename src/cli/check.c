/* drydial check: the rules. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check/check.h"
#include "cli/cli.h"
#include "report/diags.h"

enum { CHOICES_MAX = 64 };

#define OPTIONS(OPTION)                                                                          \
	OPTION('r', "rule", "NAME=SEVERITY", "off, note, warning or error; may be given again")  \
	OPTION('s', "strict", NULL, "fail on warnings, too")                                     \
	OPTION('l', "lengths", NULL, "a table of all prompts: seconds, words a minute, share of 30 s") \
	OPTION('e', "explain", "RULE", "what a rule means; all: every rule")                     \
	OPTION('o', "format", "FORMAT", "text or json")                                          \
	OPTION('n', "no-color", NULL, "no colours")                                              \
	OPTION('h', "help", NULL, "this text")

static const struct dd_option TABLE[] = {
#define OPTION(letter, name, argument, text) {letter, name, argument, text},
	OPTIONS(OPTION)
#undef OPTION
};
static const struct dd_options COMMAND = {
	"check", "[FLOW|DIR…] [options]", "Says what is wrong or risky in flows: lengths as the voice speaks them, paths as a walk over every call finds them.", TABLE,
	sizeof TABLE / sizeof *TABLE,
	"A flow's own `checks:` and a comment `# drydial: allow RULE` at the line change the rules. Exit: 0 fine, 1 an error was\n"
	"found (with --strict: a warning), 2 a flow cannot be read.\n\n"
	"Example:\n  drydial check flows/ --strict\n"};

struct check_options {
	struct dd_rule_choice choices[CHOICES_MAX];
	size_t nchoices;
	const char *format, *explain;
	bool strict, no_colour, lengths;
	unsigned columns;
};

static int no_such_rule(const char *option, const char *name, size_t n)
{
	const char *names[128];
	for (size_t i = 0; i < DD_NRULES && i < 128; i++)
		names[i] = DD_RULES[i].name;
	const char *near = dd_nearest((struct dd_str){name, n}, names, DD_NRULES < 128 ? DD_NRULES : 128);
	return dd_usage_error("--%s %.*s: there is no such rule%s%s%s", option, (int)n, name, near ? "; did you mean \"" : "", near ? near : "",
			      near ? "\"?" : "; --explain all lists them");
}

static int take_rule(struct check_options *o, const char *value)
{
	static const char *const names[] = {"off", "note", "warning", "error"};
	const char *equals = strchr(value, '=');
	size_t n = equals ? (size_t)(equals - value) : strlen(value);
	const struct dd_rule *rule = dd_rule_named((struct dd_str){value, n});
	if (!rule)
		return no_such_rule("rule", value, n);
	for (int i = 0; equals && i < 4; i++) {
		if (strcmp(equals + 1, names[i]) != 0)
			continue;
		if (o->nchoices == CHOICES_MAX)
			return dd_usage_error("--rule: at most %d", CHOICES_MAX);
		o->choices[o->nchoices++] = (struct dd_rule_choice){rule, i - 1};
		return 0;
	}
	return dd_usage_error("--rule %s: write NAME=off, note, warning or error", value);
}

static int take(void *self, int letter, char *value)
{
	struct check_options *o = self;
	switch (letter) {
	case 'r': return take_rule(o, value);
	case 's': o->strict = true; return 0;
	case 'l': o->lengths = true; return 0;
	case 'e': o->explain = value; return 0;
	case 'o':
		o->format = value;
		return strcmp(value, "text") == 0 || strcmp(value, "json") == 0 ? 0 : dd_usage_error("--format %s: text or json", value);
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

/* -- explaining -------------------------------------------------------------------------------------------------------- */

static void indented(const char *text, struct dd_buf *out)
{
	dd_buf_str(out, "```yaml\n");
	dd_buf_str(out, text);
	dd_buf_str(out, "```\n\n");
}

/* As Markdown, of which flows/RULES.md is made. */
static void explain(const struct dd_rule *r, struct dd_buf *out)
{
	static const char *const severities[] = {"note", "warning", "error"};
	dd_buf_format(out, "## %s\n\n%s: %s. %s\n\nFrom %s.", r->name, severities[r->severity], r->title, r->meaning, r->origin);
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX && r->settings[i].name; i++) {
		dd_buf_format(out, " `checks: { %s: { %s: ", r->name, r->settings[i].name);
		if (r->settings[i].kind == DD_SET_MS)
			dd_buf_format(out, "%lds } }`.", r->settings[i].value / 1000);
		else if (r->settings[i].kind == DD_SET_WORDS)
			dd_buf_str(out, "\"…, …\" } }`.");
		else
			dd_buf_format(out, "%ld } }`.", r->settings[i].value);
	}
	dd_buf_str(out, "\n\nBreaks it:\n\n");
	indented(r->bad, out);
	dd_buf_str(out, "Does not:\n\n");
	indented(r->good, out);
}

static int explain_named(const char *name)
{
	struct dd_buf out = {0};
	const struct dd_rule *rule = dd_rule_named(dd_str(name));
	bool all = strcmp(name, "all") == 0;
	if (!all && !rule)
		return no_such_rule("explain", name, strlen(name));
	if (all)
		dd_buf_str(&out, "# The rules of drydial check\n\nMade with `drydial check --explain all`. A flow's `checks:`, `--rule NAME=off|note|warning|error` and a "
				 "comment\n`# drydial: allow NAME` at the line, or the line above, change what they say.\n\n");
	for (size_t i = 0; i < DD_NRULES; i++)
		if (all || &DD_RULES[i] == rule)
			explain(&DD_RULES[i], &out);
	dd_print(&out);
	dd_buf_free(&out);
	return EXIT_FINE;
}

/* -- checking ---------------------------------------------------------------------------------------------------------- */

struct tally {
	size_t flows, errors, warnings, notes, unreadable;
};

static void check_file(const char *path, const struct check_options *o, struct dd_cli_voice *voice, struct dd_diags *diags, struct tally *tally,
		       struct dd_buf *out)
{
	struct dd_program *p = dd_program_load(path, diags);
	tally->flows++;
	if (!p) {
		tally->unreadable++;
		return;
	}
	dd_cli_check_voices(p, diags, false);
	if (diags->errors) {
		tally->unreadable++;
	} else {
		char sid[33];
		struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
		struct dd_cli_warm warm = {0};
		struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES));
		dd_session_sid(1, sid);
		dd_call_init(call, p, DD_STORE_BYTES, &setup);
		dd_cli_warm_add(&warm, p, call);
		dd_cli_warm_say(&warm, voice);
		free(call);
		struct dd_check_options co = {.tts = dd_cli_voice_port(voice), .choices = o->choices, .nchoices = o->nchoices};
		dd_check(p, &co, diags);
		if (o->lengths) {
			dd_buf_format(out, "%s%s\n", out->n ? "\n" : "", path);
			dd_check_lengths(p, co.tts, o->columns, out);
		}
	}
	for (size_t i = 0; i < diags->n; i++) {
		tally->errors += diags->items[i].severity == DD_ERROR;
		tally->warnings += diags->items[i].severity == DD_WARNING;
		tally->notes += diags->items[i].severity == DD_NOTE;
	}
	dd_program_free(p);
}

static int check_all(const struct check_options *o, char **files, size_t n, const struct dd_style *style)
{
	struct dd_cli_voice voice = {.voice = dd_voice_new(NULL)};
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags all;
	struct dd_buf out = {0};
	struct tally tally = {0};
	dd_diags_init(&all, arena);
	for (size_t i = 0; i < n; i++) {
		struct dd_arena *own = dd_arena_new();
		struct dd_diags diags;
		dd_diags_init(&diags, style->json ? arena : own);
		check_file(files[i], o, &voice, &diags, &tally, &out);
		if (!style->json)
			dd_diags_text(&diags, &out, style->colour);
		for (size_t k = 0; style->json && k < diags.n; k++) {
			const struct dd_diag *d = &diags.items[k];
			struct dd_diag *copy = dd_diag(&all, d->severity, d->code, d->source, d->span, "%s", d->message);
			copy->hint = d->hint;
			copy->file = d->file;
		}
		dd_diags_fini(&diags);
		dd_arena_free(own);
	}
	if (style->json)
		dd_diags_json(&all, &out);
	else
		dd_buf_format(&out, "%s%zu flow%s: %zu error%s, %zu warning%s, %zu note%s\n", out.n ? "\n" : "", tally.flows, tally.flows == 1 ? "" : "s", tally.errors,
			      tally.errors == 1 ? "" : "s", tally.warnings, tally.warnings == 1 ? "" : "s", tally.notes, tally.notes == 1 ? "" : "s");
	dd_print(&out);
	dd_buf_free(&out);
	dd_diags_fini(&all);
	dd_arena_free(arena);
	dd_voice_free(voice.voice);
	return tally.unreadable ? EXIT_USAGE : tally.errors || (o->strict && tally.warnings) ? EXIT_FAILED : EXIT_FINE;
}

int dd_cmd_check(int argc, char **argv)
{
	struct check_options o = {.format = "text"};
	char **files;
	size_t n;
	int code = dd_options_parse(&COMMAND, argc, argv, take, &o);
	if (code >= 0)
		return code;
	if (o.explain)
		return explain_named(o.explain);
	struct dd_style style = dd_style_of(o.format, o.no_colour);
	o.columns = style.columns;
	if (o.lengths && style.json)
		return dd_usage_error("--lengths is a table for people; drydial call --format json has the lengths of a call");
	code = dd_cli_find(argv + optind, argc - optind, ".yaml", ".test.yaml", &files, &n);
	if (code)
		return code;
	code = n ? check_all(&o, files, n, &style) : (dd_usage_error("there is no flow to check"), EXIT_FAILED);
	for (size_t i = 0; i < n; i++)
		free(files[i]);
	free(files);
	return code;
}
