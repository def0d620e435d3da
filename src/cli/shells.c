/* What shells complete, from the descriptions of the commands: for bash, zsh and fish. All three
   offer commands, verbs, options, the words of values, and files by their endings. */
#include <string.h>

#include "cli/command.h"

static const char HEAD[] = "Made by `make docs` from the descriptions of the commands in src/cli.";

/* The verbs of a command, the first of which is "", none. */
static const char *verb_at(const struct dd_command *c, size_t i)
{
	return i ? c->verbs[i - 1].name : "";
}

static const char *endings_at(const struct dd_command *c, size_t i)
{
	return i ? c->verbs[i - 1].endings : c->endings;
}

/* Text within single quotes. */
static void add_quoted(const char *text, struct dd_buf *out)
{
	dd_buf_char(out, '\'');
	for (; *text; text++)
		dd_buf_str(out, *text == '\'' ? "'\\''" : (char[]){*text, '\0'});
	dd_buf_char(out, '\'');
}

static void add_quoted_help(const struct dd_option *o, struct dd_buf *out)
{
	struct dd_buf help = {0};
	dd_option_help(o, &help);
	add_quoted(help.p, out);
	dd_buf_free(&help);
}

/* -- bash ------------------------------------------------------------------- */

static const char BASH_HELPERS[] =
        "# $word, what is typed so far, chooses from the words $1.\n"
        "_drydial_words() {\n"
        "\tlocal line\n"
        "\twhile read -r line; do COMPREPLY+=(\"$line\"); done < <(\n"
        "\t\tcompgen -W \"$1\" -- \"$word\"\n"
        "\t)\n"
        "\t[[ ${COMPREPLY[0]-} == *= ]] && compopt -o nospace 2>/dev/null\n"
        "\treturn 0\n"
        "}\n\n"
        "# Folders, and files that end in one of the arguments; all files without any.\n"
        "_drydial_files() {\n"
        "\tlocal line ending\n"
        "\tcompopt -o filenames 2>/dev/null\n"
        "\twhile read -r line; do COMPREPLY+=(\"$line\"); done < <(\n"
        "\t\tif [ $# = 0 ]; then compgen -f -- \"$word\"; else compgen -d -- \"$word\"; fi\n"
        "\t\tfor ending; do compgen -f -X \"!*.$ending\" -- \"$word\"; done\n"
        "\t)\n"
        "}\n\n"
        "_drydial_folders() {\n"
        "\t_drydial_files /\n"
        "}\n\n";

static const char BASH_END[] =
        "_drydial() {\n"
        "\tlocal word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}\n"
        "\tlocal command=${COMP_WORDS[1]} verb=\"\"\n"
        "\tCOMPREPLY=()\n"
        "\tif [ \"$COMP_CWORD\" = 1 ]; then\n"
        "\t\t_drydial_words \"$_drydial_commands --help --version\"\n"
        "\t\treturn\n"
        "\tfi\n"
        "\tif [ \"$word\" = = ]; then # --option=value comes as three words\n"
        "\t\tword=\"\"\n"
        "\telif [ \"$before\" = = ]; then\n"
        "\t\tbefore=${COMP_WORDS[COMP_CWORD - 2]}\n"
        "\tfi\n"
        "\t[ \"$COMP_CWORD\" -gt 2 ] && verb=${COMP_WORDS[2]}\n"
        "\t[[ \" $_drydial_commands \" == *\" $command \"* ]] && \"_drydial_$command\"\n"
        "\treturn 0\n"
        "}\n"
        "complete -F _drydial drydial\n";

static void add_bash_files(const char *endings, struct dd_buf *out)
{
	bool folders = endings && strcmp(endings, "/") == 0;
	dd_buf_format(out, "\t\t_drydial_%s%s%s\n", folders ? "folders" : "files",
	        endings && !folders ? " " : "", endings && !folders ? endings : "");
}

/* A row of `case`: what stands behind this option. */
static void add_bash_value(const char *verb, const struct dd_option *o, struct dd_buf *out)
{
	struct dd_buf words = {0};
	dd_option_words(o, &words);
	dd_buf_format(out, "\t\"%s --%s\")\n", verb, o->name);
	if (words.n)
		dd_buf_format(out, "\t\t_drydial_words \"%s\"\n", words.p);
	if (o->value == DD_FILE)
		add_bash_files(o->endings, out);
	else if (o->value == DD_FOLDER)
		add_bash_files("/", out);
	dd_buf_str(out, "\t\t;;\n");
	dd_buf_free(&words);
}

static void add_bash_options(const struct dd_command *c, const char *verb, struct dd_buf *out)
{
	dd_buf_format(out, "\t\"%s -\"*) _drydial_words \"", verb);
	for (size_t i = 0; i < c->n; i++)
		if (dd_option_goes(c, &c->options[i], verb))
			dd_buf_format(out, "--%s ", c->options[i].name);
	dd_buf_str(out, "--help\" ;;\n");
}

static void add_bash_operands(const struct dd_command *c, size_t v, struct dd_buf *out)
{
	dd_buf_format(out, "\t\"%s \"*)\n", verb_at(c, v));
	if (v == 0 && c->nverbs) {
		dd_buf_str(out, "\t\t[ \"$COMP_CWORD\" = 2 ] && _drydial_words \"");
		for (size_t i = 0; i < c->nverbs; i++)
			dd_buf_format(out, "%s%s", i ? " " : "", c->verbs[i].name);
		dd_buf_str(out, "\"\n");
	}
	if (endings_at(c, v))
		add_bash_files(endings_at(c, v), out);
	dd_buf_str(out, "\t\t;;\n");
}

static void add_bash_command(const struct dd_command *c, struct dd_buf *out)
{
	dd_buf_format(out, "_drydial_%s() {\n", c->name);
	dd_buf_str(out, c->nverbs ? "\tcase $verb in\n\t" : "\tverb=\"\"\n");
	for (size_t v = 1; v <= c->nverbs; v++)
		dd_buf_format(out, "%s%s", verb_at(c, v), v < c->nverbs ? " | " : ") ;;\n\t");
	dd_buf_str(out, c->nverbs ? "*) verb=\"\" ;;\n\tesac\n" : "");
	dd_buf_str(out, "\tcase \"$verb $before\" in\n");
	for (size_t v = 0; v <= c->nverbs; v++)
		for (size_t i = 0; i < c->n; i++)
			if (c->options[i].argument &&
			        dd_option_goes(c, &c->options[i], verb_at(c, v)))
				add_bash_value(verb_at(c, v), &c->options[i], out);
	dd_buf_str(out, "\t*) _drydial_operands_of_");
	dd_buf_format(out, "%s ;;\n\tesac\n}\n\n", c->name);
	dd_buf_format(out, "_drydial_operands_of_%s() {\n\tcase \"$verb $word\" in\n", c->name);
	for (size_t v = 0; v <= c->nverbs; v++)
		add_bash_options(c, verb_at(c, v), out);
	for (size_t v = 0; v <= c->nverbs; v++)
		add_bash_operands(c, v, out);
	dd_buf_str(out, "\tesac\n}\n\n");
}

void dd_complete_bash(struct dd_buf *out)
{
	dd_buf_format(out, "# bash completion for drydial. %s\n", HEAD);
	dd_buf_str(out, "# shellcheck shell=bash\n_drydial_commands=\"");
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		dd_buf_format(out, "%s%s", i ? " " : "", dd_command_at(i)->name);
	dd_buf_str(out, "\"\n\n");
	dd_buf_str(out, BASH_HELPERS);
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		add_bash_command(dd_command_at(i), out);
	dd_buf_str(out, BASH_END);
}

/* -- zsh -------------------------------------------------------------------- */

/* Within the specifications of _arguments brackets and colons are its own. */
static void add_zsh_text(const char *text, struct dd_buf *out)
{
	for (; *text; text++) {
		if (strchr("[]:\\", *text))
			dd_buf_char(out, '\\');
		dd_buf_str(out, *text == '\'' ? "'\\''" : (char[]){*text, '\0'});
	}
}

/* `_files -g "*.(yaml|yml)"`, which offers folders as well. A single ending stands without
 * brackets: those at the end of a pattern would be qualifiers. */
static void add_zsh_files(const char *endings, struct dd_buf *out)
{
	struct dd_str ending;
	bool folders = endings && strcmp(endings, "/") == 0,
	     several = endings && strchr(endings, ' ');
	dd_buf_str(out, folders ? "_files -/" : "_files");
	if (folders || !endings)
		return;
	dd_buf_str(out, several ? " -g \"*.(" : " -g \"*.");
	for (bool first = true; dd_words_next(&endings, &ending); first = false)
		dd_buf_format(out, "%s%.*s", first ? "" : "|", (int)ending.n, ending.p);
	dd_buf_str(out, several ? ")\"" : "\"");
}

static void add_zsh_option(const struct dd_option *o, struct dd_buf *out)
{
	struct dd_buf help = {0}, words = {0};
	dd_option_help(o, &help);
	dd_option_words(o, &words);
	dd_buf_format(out, "\t\t'%s--%s%s[", o->again ? "*" : "", o->name, o->argument ? "=" : "");
	add_zsh_text(help.p, out);
	dd_buf_char(out, ']');
	if (o->argument) {
		dd_buf_char(out, ':');
		add_zsh_text(o->argument, out);
		dd_buf_char(out, ':');
	}
	if (words.n && o->value == DD_FILE) {
		dd_buf_format(out, "{compadd %s; ", words.p);
		add_zsh_files(o->endings, out);
		dd_buf_char(out, '}');
	} else if (words.n && strchr(words.p, '=')) {
		dd_buf_format(out, "{compadd -S \"\" -- %s}", words.p);
	} else if (words.n) {
		dd_buf_format(out, "(%s)", words.p);
	} else if (o->value == DD_FILE) {
		add_zsh_files(o->endings, out);
	} else if (o->value == DD_FOLDER) {
		add_zsh_files("/", out);
	} else if (o->argument) {
		dd_buf_char(out, ' ');
	}
	dd_buf_char(out, '\'');
	dd_buf_free(&help);
	dd_buf_free(&words);
}

/* Whether it goes with the command whatever the verb. */
static bool goes_with_all(const struct dd_command *c, const struct dd_option *o)
{
	bool all = true;
	for (size_t v = 0; v <= c->nverbs; v++)
		all &= dd_option_goes(c, o, verb_at(c, v));
	return all;
}

/* `common` holds what goes with all verbs. */
static void add_zsh_common(const struct dd_command *c, struct dd_buf *out)
{
	dd_buf_str(out, "\tlocal -a common=(\n");
	for (size_t i = 0; i < c->n; i++)
		if (goes_with_all(c, &c->options[i])) {
			add_zsh_option(&c->options[i], out);
			dd_buf_char(out, '\n');
		}
	dd_buf_str(out, "\t\t'--help[this text]'\n\t)\n");
}

static void add_zsh_arguments(const struct dd_command *c, size_t v, struct dd_buf *out)
{
	dd_buf_str(out, "\t_arguments $common");
	for (size_t i = 0; i < c->n; i++)
		if (!goes_with_all(c, &c->options[i]) &&
		        dd_option_goes(c, &c->options[i], verb_at(c, v))) {
			dd_buf_str(out, " \\\n");
			add_zsh_option(&c->options[i], out);
		}
	if (endings_at(c, v)) {
		dd_buf_str(out, " \\\n\t\t'*:");
		add_zsh_text(v ? c->verbs[v - 1].operands : c->operands, out);
		dd_buf_char(out, ':');
		add_zsh_files(endings_at(c, v), out);
		dd_buf_char(out, '\'');
	}
	dd_buf_char(out, '\n');
}

static void add_zsh_names(const char *name, const char *brief, struct dd_buf *out)
{
	struct dd_buf row = {0};
	dd_buf_format(&row, "%s:%s", name, brief);
	dd_buf_str(out, "\t\t");
	add_quoted(row.p, out);
	dd_buf_char(out, '\n');
	dd_buf_free(&row);
}

static void add_zsh_command(const struct dd_command *c, struct dd_buf *out)
{
	for (size_t v = 1; v <= c->nverbs; v++) {
		dd_buf_format(out, "_drydial_%s_%s() {\n", c->name, verb_at(c, v));
		add_zsh_arguments(c, v, out);
		dd_buf_str(out, "}\n\n");
	}
	dd_buf_format(out, "_drydial_%s() {\n", c->name);
	add_zsh_common(c, out);
	if (c->nverbs) {
		dd_buf_str(out, "\tlocal -a verbs=(\n");
		for (size_t v = 0; v < c->nverbs; v++)
			add_zsh_names(c->verbs[v].name, c->verbs[v].summary, out);
		dd_buf_format(out,
		        "\t)\n"
		        "\tlocal verb=$words[2]\n"
		        "\tif (( CURRENT > 2 && ${verbs[(I)${verb}:*]} )); then\n"
		        "\t\tshift words\n"
		        "\t\t(( CURRENT-- ))\n"
		        "\t\t_drydial_%s_$verb\n"
		        "\t\treturn\n"
		        "\tfi\n"
		        "\t(( CURRENT == 2 )) && _describe -t verbs verb verbs\n",
		        c->name);
	}
	add_zsh_arguments(c, 0, out);
	dd_buf_str(out, "}\n\n");
}

void dd_complete_zsh(struct dd_buf *out)
{
	dd_buf_format(out, "#compdef drydial\n# zsh completion for drydial. %s\n\n", HEAD);
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		add_zsh_command(dd_command_at(i), out);
	dd_buf_str(out, "_drydial() {\n\tlocal -a commands=(\n");
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		add_zsh_names(dd_command_at(i)->name, dd_command_at(i)->brief, out);
	dd_buf_str(out,
	        "\t)\n"
	        "\tif (( CURRENT == 2 )); then\n"
	        "\t\t_describe -t commands command commands\n"
	        "\t\tcompadd -- --help --version\n"
	        "\telif (( ${commands[(I)$words[2]:*]} )); then\n"
	        "\t\tshift words\n"
	        "\t\t(( CURRENT-- ))\n"
	        "\t\t_drydial_$words[1]\n"
	        "\tfi\n"
	        "}\n\n"
	        "_drydial \"$@\"\n");
}

/* -- fish ------------------------------------------------------------------- */

static const char FISH_HELPER[] =
        "# Whether the command is the first argument, and its verb one of the others, if any.\n"
        "# '' is no verb.\n"
        "function __drydial_is\n"
        "    set -l words (commandline -opc) ''  ''\n"
        "    test \"$words[2]\" = $argv[1]; or return 1\n"
        "    test (count $argv) = 1; and return 0\n"
        "    contains -- $words[3] $__drydial_verbs; or set words[3] ''\n"
        "    contains -- $words[3] $argv[2..-1]\n"
        "end\n\n"
        "# Folders, and files that end in one of the arguments.\n"
        "function __drydial_files\n"
        "    set -l token (commandline -ct | string replace -r '^--[a-z-]+=' '')\n"
        "    set -l found $token*/ $token*.$argv\n"
        "    string join \\n -- $found\n"
        "end\n\n"
        "complete -c drydial -f\n"
        "complete -c drydial -n __fish_use_subcommand -l help -d 'the commands'\n"
        "complete -c drydial -n __fish_use_subcommand -l version\n";

/* For which verbs this holds. */
static void add_fish_condition(
        const struct dd_command *c, const struct dd_option *o, struct dd_buf *out)
{
	bool all = goes_with_all(c, o);
	dd_buf_format(out, "complete -c drydial -n \"__drydial_is %s", c->name);
	for (size_t v = 0; v <= c->nverbs && !all; v++)
		if (dd_option_goes(c, o, verb_at(c, v)))
			dd_buf_format(out, " %s", v ? verb_at(c, v) : "''");
	dd_buf_char(out, '"');
}

/* What may stand there: these words, and files. */
static void add_fish_choice(const char *words, bool files, const char *endings, struct dd_buf *out)
{
	if (files && !endings)
		dd_buf_str(out, " -F");
	if (!*words && (!files || !endings))
		return;
	dd_buf_format(out, " -a '%s", words);
	if (files && endings && strcmp(endings, "/") == 0)
		dd_buf_str(out, "(__fish_complete_directories)");
	else if (files && endings)
		dd_buf_format(out, "%s(__drydial_files %s)", *words ? " " : "", endings);
	dd_buf_char(out, '\'');
}

static void add_fish_option(
        const struct dd_command *c, const struct dd_option *o, struct dd_buf *out)
{
	struct dd_buf words = {0};
	add_fish_condition(c, o, out);
	dd_buf_format(out, " -l %s%s", o->name,
	        !o->argument                                 ? ""
	                : o->value == DD_FILE && !o->endings ? " -r"
	                                                     : " -x");
	dd_option_words(o, &words);
	add_fish_choice(words.n ? words.p : "", o->value == DD_FILE || o->value == DD_FOLDER,
	        o->value == DD_FOLDER ? "/" : o->endings, out);
	dd_buf_str(out, " -d ");
	add_quoted_help(o, out);
	dd_buf_char(out, '\n');
	dd_buf_free(&words);
}

static void add_fish_command(const struct dd_command *c, struct dd_buf *out)
{
	dd_buf_format(out, "\ncomplete -c drydial -n __fish_use_subcommand -a %s -d ", c->name);
	add_quoted(c->brief, out);
	dd_buf_char(out, '\n');
	for (size_t v = 0; v < c->nverbs; v++) {
		dd_buf_format(out, "complete -c drydial -n \"__drydial_is %s ''\" -a %s -d ",
		        c->name, c->verbs[v].name);
		add_quoted(c->verbs[v].summary, out);
		dd_buf_char(out, '\n');
	}
	for (size_t i = 0; i < c->n; i++)
		add_fish_option(c, &c->options[i], out);
	dd_buf_format(out, "complete -c drydial -n \"__drydial_is %s\" -l help\n", c->name);
	for (size_t v = 0; v <= c->nverbs; v++)
		if (endings_at(c, v)) {
			dd_buf_format(out, "complete -c drydial -n \"__drydial_is %s %s\"", c->name,
			        v                   ? verb_at(c, v)
			                : c->nverbs ? "''"
			                            : "");
			add_fish_choice("", true, endings_at(c, v), out);
			dd_buf_char(out, '\n');
		}
}

void dd_complete_fish(struct dd_buf *out)
{
	dd_buf_format(out, "# fish completion for drydial. %s\n\nset -g __drydial_verbs", HEAD);
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		for (size_t v = 0; v < dd_command_at(i)->nverbs; v++)
			dd_buf_format(out, " %s", dd_command_at(i)->verbs[v].name);
	dd_buf_str(out, "\n\n");
	dd_buf_str(out, FISH_HELPER);
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		add_fish_command(dd_command_at(i), out);
}
