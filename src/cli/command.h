/* What a command is: one description, of which the parser, --help, the manual pages and the
   completions of three shells are made, so that none of them can say what another does not.

   A command is a row of DD_COMMANDS and a `const struct dd_command` in its own file. The
   files of docs/man and docs/completions are written by `make docs`; a test holds them. */
#ifndef DD_CLI_COMMAND_H
#define DD_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"
#include "doc/rules.h"

/* COMMAND(name): the commands, in the order of `drydial --help`. */
#define DD_COMMANDS(COMMAND) \
	COMMAND(call) \
	COMMAND(test) \
	COMMAND(check) \
	COMMAND(explore) \
	COMMAND(graph) \
	COMMAND(list) \
	COMMAND(campaign) \
	COMMAND(serve) \
	COMMAND(phone)

/* What the value of an option is. Shells offer what there is to choose from; the parser itself
 * refuses a word that is not in the list of a DD_WORD. All else is judged by `take`. */
enum dd_value {
	DD_SWITCH, /* it has none */
	DD_TEXT,   /* anything; `words`, if there are any, are offered */
	DD_WORD,   /* one of `words` */
	DD_FILE,   /* one that ends in one of `endings`, or any; `words` stand for files */
	DD_FOLDER,
	DD_NUMBER,
	DD_DURATION,
	DD_TIME
};

/* Lists are one text with blanks between: "text json". NULL is an empty list. */
struct dd_option {
	int letter;           /* what `take` gets */
	const char *name;     /* without the dashes */
	const char *argument; /* what --help calls the value; NULL for a switch */
	const char *help;     /* a clause, with no full stop at its end */
	enum dd_value value;
	const char *words, *endings;
	const struct dd_rules *rules; /* their names are words, too */
	const char *verbs;            /* belongs to these verbs alone; NULL: to the command */
	bool again;                   /* may be given again */
	const char *more;             /* sentences that the manual page has besides */
};

/* `drydial campaign check`: a verb stands before the operands. */
struct dd_verb {
	const char *name, *operands, *summary, *endings;
};

/* Texts are paragraphs with an empty line between; of the manual page alone, `words` between
 * backquotes are what is typed. A line that begins with two blanks is shown as it is. */
struct dd_command {
	const char *name, *operands; /* "FLOW": what stands behind the name */
	const char *brief;           /* a line of `drydial --help` */
	const char *summary;         /* the first lines of its own */
	const char *notes;           /* below the options; NULL: none */
	const char *exits;           /* "0 fine, 1 …"; NULL: as every command's */
	const char *examples;        /* a line each */
	const char *manual;          /* what the manual page explains besides */
	const char *endings;         /* of operands that are files; "/": folders; NULL: no files */
	const struct dd_verb *verbs;
	size_t nverbs;
	const struct dd_option *options; /* --help is understood, and need not be among them */
	size_t n;
	int (*take)(void *self, int letter, char *value); /* 0, or an exit code after a message */
	int (*run)(int argc, char **argv);                /* argv[0] is the command's name */
};
/* What every command says with its exit code. */
#define DD_EXITS \
	"0 fine, 1 the call or check failed, 2 wrong usage or unreadable input,\n130 interrupted"
#define DD_OPTIONS(array) .options = (array), .n = sizeof(array) / sizeof *(array)
#define DD_VERBS(array)   .verbs = (array), .nverbs = sizeof(array) / sizeof *(array)

/* Options that several commands have. */
#define DD_OPTION_NO_COLOR \
	{ \
		'n', "no-color", NULL, "no colours", .value = DD_SWITCH \
	}
#define DD_OPTION_VAR \
	{ \
		'v', "var", "NAME=VALUE", "a value of the call", .value = DD_TEXT, .again = true \
	}
/* The country whose numbers need no calling code. */
#define DD_OPTION_COUNTRY(its_letter, where) \
	{ \
		(its_letter), "country", "COUNTRY", \
		        where "whose numbers need no calling code, such as US; IN", \
		        .value = DD_TEXT, .words = "IN US GB", .more = "Two letters of ISO 3166." \
	}
#define DD_OPTION_TEXT_OR_JSON \
	{ \
		'o', "format", "FORMAT", "text or json", .value = DD_WORD, .words = "text json" \
	}
#define DD_OPTION_EXPLAIN(its_rules, a_bad_one, its_verbs) \
	{ \
		'e', "explain", "RULE", "what a rule means; all: every rule", \
		        .value = DD_TEXT, .words = "all", .rules = (its_rules), \
		        .verbs = (its_verbs), \
		        .more = "With " a_bad_one " that breaks it and one that does not; with " \
		                "`--format json` for machines." \
	}
#define DD_OPTION_LINE(what) \
	{ \
		'L', "line", "LINE", what ": phone (alaw), mulaw or wide", \
		        .value = DD_WORD, .words = "phone alaw mulaw wide", \
		        .more = "G.711 at 8,000 Hz; wide leaves the sound as it is." \
	}

#define COMMAND(name) extern const struct dd_command dd_command_##name;
DD_COMMANDS(COMMAND)
#undef COMMAND
enum {
#define COMMAND(name) DD_COMMAND_NUMBER_##name,
	DD_COMMANDS(COMMAND)
#undef COMMAND
	        DD_COMMANDS_COUNT
};
/* In the order of `drydial --help`. */
const struct dd_command *dd_command_at(size_t i);

/* Takes the verb off the arguments; "" when there is none. */
const char *dd_command_verb(const struct dd_command *command, int *argc, char ***argv);
/* The verb that a word may have been meant for, or NULL. */
const char *dd_command_near_verb(const struct dd_command *command, const char *word);
/* Gives each option to the command's `take`. -1: go on, the operands begin at argv[optind];
 * otherwise the exit code. */
int dd_command_parse(
        const struct dd_command *command, const char *verb, int argc, char **argv, void *self);

/* Values of the call, from --var. */
enum { DD_VARS_MAX = 256 };
struct dd_vars {
	const char *names[DD_VARS_MAX], *values[DD_VARS_MAX];
	size_t n;
};
/* Takes "NAME=VALUE", which it cuts in two; an exit code after a message. */
int dd_take_var(struct dd_vars *vars, char *text);
/* Takes a whole number from `least` to `most`, of digits alone; an exit code after a message. */
int dd_take_count(
        const char *option, const char *value, uint64_t least, uint64_t most, uint64_t *out);
/* The same of a smaller one. */
int dd_take_small_count(
        const char *option, const char *value, unsigned least, unsigned most, unsigned *out);

/* -- for those who write it down -------------------------------------------- */

/* Whether `word` is in a list. */
bool dd_words_has(const char *list, const char *word);
/* The words of a list, one after the other: moves `*list`; false at its end. */
bool dd_words_next(const char **list, struct dd_str *word);
/* Whether the option is one of `drydial COMMAND VERB`; "" is no verb. Where two rows have a name,
 * that of the verb stands for the other. */
bool dd_option_goes(const struct dd_command *command, const struct dd_option *o, const char *verb);
/* What can be chosen: `words`, and the names of `rules`, with blanks between. */
void dd_option_words(const struct dd_option *o, struct dd_buf *out);
/* The clause of --help, with the verbs before it. */
void dd_option_help(const struct dd_option *o, struct dd_buf *out);
/* --help, at most 80 columns wide. */
void dd_command_help(const struct dd_command *command, struct dd_buf *out);
/* A paragraph in lines of at most `columns`, of which the first has `at` taken, the others are
 * indented by `left`. Ends with a new line. */
void dd_wrap(const char *text, size_t at, size_t left, size_t columns, struct dd_buf *out);

/* Each appends a whole file. */
void dd_manual_of_all(struct dd_buf *out);
void dd_manual(const struct dd_command *command, struct dd_buf *out);
void dd_complete_bash(struct dd_buf *out);
void dd_complete_zsh(struct dd_buf *out);
void dd_complete_fish(struct dd_buf *out);
/* Writes them all below a folder; the hidden command `write-docs`. */
int dd_write_docs(int argc, char **argv);

#endif
