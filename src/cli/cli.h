/* What the commands share. */
#ifndef DD_CLI_H
#define DD_CLI_H

#include <drydial/call.h>

#include "base/names.h"
#include "list/numbering.h"
#include "doc/diag.h"
#include "flow/program.h"
#include "port/tts.h"
#include "session/session.h"
#include "sim/tts.h"
#include "voice/voice.h"

enum { EXIT_FINE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_INTERRUPTED = 130 };

/* How the program prints: decided once, from the terminal and the options. */
struct dd_style {
	bool colour, json;
	unsigned columns; /* of stdout; 0: not a terminal, do not cut */
};
struct dd_style dd_style_of(const char *format, bool no_colour);
/* Writes all of `text`; a closed pipe ends the program quietly. */
void dd_print(const struct dd_buf *text);
/* Seconds that pass, for progress. */
double dd_cli_seconds(void);
/* `drydial: …` on stderr, and EXIT_USAGE. */
int dd_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The same of what is no error. */
void dd_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Appends a word as a shell reads it, in quotes where it needs them. */
void dd_shell_word(struct dd_buf *out, const char *word);

/* Files below `operands` that end in `suffix` and not in `but` (may be NULL), sorted, each once; a
   file named is taken as it is. Strings from malloc. 0, or an exit code after a message. */
/* "FILE:LINE" where there is no file of this name: the length of FILE, else 0. */
size_t dd_cli_place(const char *operand);
/* `flow: PATH` of a scenario file at `file`: the path of the flow `real` as seen from there. */
void dd_cli_flow_line(const char *file, const char *real, struct dd_buf *out);
/* --country: the plan of the country, or an exit code after a message. */

int dd_cli_country(const char *value, const struct dd_numbering **out);
int dd_cli_find(
        char **operands, int n, const char *suffix, const char *but, char ***files, size_t *nfiles);

/* Loads the flow and shows what was found: on stdout as JSON, else on stderr. NULL after an error.
 */
struct dd_program *dd_cli_load(
        const char *path, struct dd_diags *diags, const struct dd_style *style);
void dd_cli_show(struct dd_diags *diags, const struct dd_style *style);

/* check --fix: repairs what can be (`fixes` says how flows are looked at), shows it as a diff, asks
   at a terminal, writes. `left` becomes the number of files with repairs that were not written. 0,
   or an exit code after a message. */
struct dd_fixes;
int dd_cli_fix(struct dd_fixes *fixes, char **files, size_t n, bool write,
        const struct dd_style *style, size_t *left);

/* The voice: the real one, or for texts a model of it (sim/tts.h). Recordings are real with either.
 */
struct dd_cli_voice {
	struct dd_voice *voice;
	struct dd_sim_tts *model;  /* NULL: texts are really spoken */
	struct dd_tts real, words; /* words: who says texts */
};
/* Without a voice it ends the program, with a sentence and exit code 2. */
struct dd_tts dd_cli_voice_port(struct dd_cli_voice *voice);
/* DD_ERR_READ when there is no voice on this machine. */
enum dd_status dd_cli_voice_try(const struct dd_tts *tts, struct dd_error *err);
/* Voices that nobody speaks become diagnostics; languages spoken by a relative are said once on
 * stderr. */
void dd_cli_check_voices(
        const struct dd_program *program, struct dd_diags *diags, bool say_nearest);
/* Requests that could not be answered offline become diagnostics; `given` answers stand for stubs.
 */
void dd_cli_check_stubs(const struct dd_program *program, const struct dd_given_stubs *given,
        size_t ngiven, struct dd_diags *diags);
/* Prompts whose words are known before the call are gathered, of one call or many, and spoken at
 * once, on all cores. */
struct dd_cli_warm {
	struct dd_arena *arena;
	struct dd_speech *speeches;
	size_t n, cap;
	struct dd_names seen; /* texts that are among them: a suite's scenarios share most */
};
void dd_cli_warm_add(
        struct dd_cli_warm *warm, const struct dd_program *program, const struct dd_call *call);
void dd_cli_warm_say(struct dd_cli_warm *warm, struct dd_cli_voice *voice);

#endif
