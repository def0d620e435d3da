/* A command's description, read: its options on the command line, and --help. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/command.h"

enum { COLUMNS = 80, LEFT = 29, VERB_LEFT = 6, OPTIONS_MAX = 48 };

/* -- lists ------------------------------------------------------------------ */

bool dd_words_next(const char **list, struct dd_str *word)
{
	const char *p = *list ? *list + strspn(*list, " ") : "";
	*word = (struct dd_str){p, strcspn(p, " ")};
	*list = p + word->n;
	return word->n > 0;
}

bool dd_words_has(const char *list, const char *word)
{
	struct dd_str one;
	while (dd_words_next(&list, &one))
		if (dd_str_same(one, dd_str(word)))
			return true;
	return false;
}

/* "text, json or html" */
static void spell_out(const char *list, struct dd_buf *out)
{
	struct dd_str word, next;
	bool more = dd_words_next(&list, &word), first = true;
	while (more) {
		more = dd_words_next(&list, &next);
		dd_buf_str(out, first ? "" : more ? ", " : " or ");
		dd_buf_add(out, word.p, word.n);
		word = next;
		first = false;
	}
}

/* -- options ---------------------------------------------------------------- */

static bool has_row_of(const struct dd_command *c, const char *name, const char *verb)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->options[i].name, name) == 0 &&
		        dd_words_has(c->options[i].verbs, verb))
			return true;
	return false;
}

bool dd_option_goes(const struct dd_command *c, const struct dd_option *o, const char *verb)
{
	return o->verbs ? dd_words_has(o->verbs, verb) : !has_row_of(c, o->name, verb);
}

void dd_option_words(const struct dd_option *o, struct dd_buf *out)
{
	dd_buf_str(out, o->words ? o->words : "");
	for (size_t i = 0; o->rules && i < o->rules->n; i++)
		dd_buf_format(out, "%s%s%s", out->n ? " " : "", o->rules->list[i].name,
		        strchr(o->argument, '=') ? "=" : "");
}

void dd_option_help(const struct dd_option *o, struct dd_buf *out)
{
	const char *verbs = o->verbs;
	struct dd_str verb;
	for (bool first = true; dd_words_next(&verbs, &verb); first = false)
		dd_buf_format(out, "%s%.*s", first ? "" : ", ", (int)verb.n, verb.p);
	dd_buf_format(out, "%s%s%s", o->verbs ? ": " : "", o->help,
	        o->again ? "; may be given again" : "");
}

/* -- help ------------------------------------------------------------------- */

void dd_wrap(const char *text, size_t at, size_t left, size_t columns, struct dd_buf *out)
{
	for (size_t column = at; *text;) {
		size_t n = strcspn(text, " "), width = dd_width((struct dd_str){text, n});
		bool begins = column <= left;
		if (!begins && column + 1 + width > columns) {
			dd_buf_format(out, "\n%*s", (int)left, "");
			column = left;
			begins = true;
		}
		dd_buf_str(out, begins ? "" : " ");
		dd_buf_add(out, text, n);
		column += width + (begins ? 0 : 1);
		text += n + (text[n] == ' ');
	}
	dd_buf_char(out, '\n');
}

/* Line by line: one that is short enough, or begins with blanks, stays as it is. */
static void add_paragraphs(const char *text, struct dd_buf *out)
{
	while (*text) {
		char line[2048];
		size_t n = strcspn(text, "\n");
		(void)snprintf(line, sizeof line, "%.*s", (int)n, text);
		if (line[0] == ' ')
			dd_buf_format(out, "%s\n", line);
		else
			dd_wrap(line, 0, 0, COLUMNS, out);
		text += n + (text[n] == '\n');
	}
}

static void add_option(const struct dd_option *o, struct dd_buf *out)
{
	struct dd_buf help = {0};
	const char *argument = o->argument ? o->argument : "";
	int room = 24 - (int)(strlen(o->name) + (*argument ? 1 : 0) + dd_width(dd_str(argument)));
	dd_buf_format(out, "  --%s%s%s%*s ", o->name, *argument ? " " : "", argument,
	        room > 0 ? room : 0, "");
	dd_option_help(o, &help);
	dd_wrap(help.p, LEFT, LEFT, COLUMNS, out);
	dd_buf_free(&help);
}

void dd_command_help(const struct dd_command *c, struct dd_buf *out)
{
	static const struct dd_option help = {'h', "help", NULL, "this text", .value = DD_SWITCH};
	dd_buf_format(out, "Usage: drydial %s %s [options]\n\n", c->name, c->operands);
	add_paragraphs(c->summary, out);
	dd_buf_char(out, '\n');
	for (size_t i = 0; i < c->n; i++)
		add_option(&c->options[i], out);
	add_option(&help, out);
	for (size_t i = 0; i < c->nverbs; i++) {
		dd_buf_format(out, "%s  drydial %s %s %s\n%*s", i ? "" : "\n", c->name,
		        c->verbs[i].name, c->verbs[i].operands, VERB_LEFT, "");
		dd_wrap(c->verbs[i].summary, VERB_LEFT, VERB_LEFT, COLUMNS, out);
	}
	dd_buf_char(out, '\n');
	if (c->notes)
		add_paragraphs(c->notes, out);
	if (c->exits) {
		dd_buf_str(out, "Exit:");
		dd_wrap(c->exits, strlen("Exit:"), 0, COLUMNS, out);
	}
	dd_buf_str(out, c->notes || c->exits ? "\n" : "");
	dd_buf_str(out, "Example:\n");
	for (const char *line = c->examples; *line; line += strcspn(line, "\n"), line += *line != 0)
		dd_buf_format(out, "  %.*s\n", (int)strcspn(line, "\n"), line);
}

/* -- the command line ------------------------------------------------------- */

const char *dd_command_verb(const struct dd_command *c, int *argc, char ***argv)
{
	for (size_t i = 0; *argc > 1 && i < c->nverbs; i++)
		if (strcmp((*argv)[1], c->verbs[i].name) == 0) {
			--*argc, ++*argv;
			return c->verbs[i].name;
		}
	return "";
}

const char *dd_command_near_verb(const struct dd_command *c, const char *word)
{
	const char *names[OPTIONS_MAX];
	for (size_t i = 0; i < c->nverbs; i++)
		names[i] = c->verbs[i].name;
	return dd_nearest(dd_str(word), names, c->nverbs);
}

static int unknown_option(const struct dd_command *c, const char *given)
{
	const char *names[OPTIONS_MAX];
	for (size_t i = 0; i < c->n && i < OPTIONS_MAX; i++)
		names[i] = c->options[i].name;
	const char *near =
	        strncmp(given, "--", 2) == 0 ? dd_nearest(dd_str(given + 2), names, c->n) : NULL;
	return dd_usage_error("there is no option %s%s%s%s; see drydial %s --help", given,
	        near ? "; did you mean --" : "", near ? near : "", near ? "?" : "", c->name);
}

/* A word that is none of a DD_WORD's is refused here, for all commands alike. */
static int check_word(const struct dd_command *c, const char *verb, int letter, const char *value)
{
	const struct dd_option *o = NULL;
	for (size_t i = 0; i < c->n && !o; i++)
		if (c->options[i].letter == letter && dd_option_goes(c, &c->options[i], verb))
			o = &c->options[i];
	if (!o || o->value != DD_WORD || dd_words_has(o->words, value))
		return 0;
	struct dd_buf words = {0};
	spell_out(o->words, &words);
	int code = dd_usage_error("--%s %s: %s", o->name, value, words.p);
	dd_buf_free(&words);
	return code;
}

static int show_help(const struct dd_command *c)
{
	struct dd_buf out = {0};
	dd_command_help(c, &out);
	dd_print(&out);
	dd_buf_free(&out);
	return EXIT_FINE;
}

int dd_command_parse(
        const struct dd_command *c, const char *verb, int argc, char **argv, void *self)
{
	struct option longs[OPTIONS_MAX + 2] = {{"help", no_argument, NULL, 'h'}};
	int letter;
	for (size_t i = 0; i < c->n && i < OPTIONS_MAX; i++)
		longs[i + 1] = (struct option){c->options[i].name,
		        c->options[i].argument ? required_argument : no_argument, NULL,
		        c->options[i].letter};
	optind = 1;
	opterr = 0;
	while ((letter = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		if (letter == 'h')
			return show_help(c);
		if (letter == ':')
			return dd_usage_error("%s needs a value; see drydial %s --help",
			        argv[optind - 1], c->name);
		if (letter == '?')
			return unknown_option(c, argv[optind - 1]);
		int code = check_word(c, verb, letter, optarg);
		if (!code)
			code = c->take(self, letter, optarg);
		if (code)
			return code;
	}
	return -1;
}

int dd_take_var(struct dd_vars *vars, char *text)
{
	char *equals = strchr(text, '=');
	if (!equals || equals == text)
		return dd_usage_error("--var %s: write NAME=VALUE", text);
	if (dd_utf8_valid(dd_str(text)) != strlen(text))
		return dd_usage_error("--var: the value is not UTF-8");
	if (dd_utf8_count(dd_str(equals + 1)) > DD_TEXT_CHARS_MAX)
		return dd_usage_error("--var: a value may have at most 4,096 characters");
	if (vars->n == DD_VARS_MAX)
		return dd_usage_error("--var: at most %d values", DD_VARS_MAX);
	*equals = '\0';
	vars->names[vars->n] = text;
	vars->values[vars->n++] = equals + 1;
	return 0;
}

int dd_take_count(
        const char *option, const char *value, uint64_t least, uint64_t most, uint64_t *out)
{
	char *end;
	errno = 0;
	*out = strtoull(value, &end, 10);
	if (*value >= '0' && *value <= '9' && !*end && !errno && *out >= least && *out <= most)
		return 0;
	if (most == UINT64_MAX)
		return dd_usage_error("--%s %s: a whole number", option, value);
	return dd_usage_error(
	        "--%s %s: a whole number from %" PRIu64 " to %" PRIu64, option, value, least, most);
}

int dd_take_small_count(
        const char *option, const char *value, unsigned least, unsigned most, unsigned *out)
{
	uint64_t number = 0;
	int code = dd_take_count(option, value, least, most, &number);
	*out = (unsigned)number;
	return code;
}
