/* Flows: a YAML file becomes a program that calls can run. A program is flat: steps, prompts and
   keys have numbers from 0 on, which are those that effects name (drydial/call.h). It is complete
   and never changes, and any number of threads may use it at once. */
#ifndef DRYDIAL_FLOW_H
#define DRYDIAL_FLOW_H

#include <drydial/base.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dd_program;
struct dd_findings;

/* Reads the flow at `path` ("-": standard input) and every flow that it transfers to. NULL when
   there is an error, or no memory. `findings` may be NULL; else `*findings` becomes what was found,
   errors and warnings alike, to be given to dd_findings_free(): NULL when there is no memory. */
DD_API struct dd_program *dd_program_open(const char *path, struct dd_findings **findings);
/* The same of `n` bytes of text in memory, which are copied. `path` is the name that findings give
   it; recordings, and the flows that it transfers to, are looked for beside it. */
DD_API struct dd_program *dd_program_text(
        const char *path, const char *text, size_t n, struct dd_findings **findings);
/* NULL is fine. Calls and runs of the program must have been freed before. */
DD_API void dd_program_free(struct dd_program *program);

/* The flow's name. */
DD_API const char *dd_program_name(const struct dd_program *program);

/* -- steps: of the flow, and of those it transfers to ---------------------- */

/* How many there are. Below, a `step` that is not less gives NULL or 0. */
DD_API size_t dd_program_steps(const struct dd_program *program);
/* The step's id; NULL where the flow gives it none. */
DD_API const char *dd_program_step_id(const struct dd_program *program, uint32_t step);
/* What it does: "greeting", "ivr", "passthru" … */
DD_API const char *dd_program_step_applet(const struct dd_program *program, uint32_t step);
/* Where it stands: a file, as it was named, and a line from 1 on. */
DD_API const char *dd_program_step_file(const struct dd_program *program, uint32_t step);
DD_API unsigned dd_program_step_line(const struct dd_program *program, uint32_t step);
/* The number of the step with this id in the first flow that has one; UINT32_MAX: none has. */
DD_API uint32_t dd_program_step_named(const struct dd_program *program, const char *id);

/* A step has at most four prompts: what it says, and what a menu says to a wrong key, or to
   silence. Their numbers into `out`; how many there are. */
enum { DD_PROGRAM_STEP_PROMPTS = 4 };
DD_API size_t dd_program_step_prompts(
        const struct dd_program *program, uint32_t step, uint32_t out[DD_PROGRAM_STEP_PROMPTS]);

/* -- prompts ---------------------------------------------------------------- */

/* How many there are, of all steps. */
DD_API size_t dd_program_prompts(const struct dd_program *program);
/* A prompt as the flow writes it, with its {placeholders}; a recording by its name, a pause as
   nothing. As a call says it: dd_call_text(). At most `cap` bytes go into `out`, ending in NUL;
   `*length` (may be NULL) becomes how many there are. DD_ERR_LIMIT: it was cut. */
DD_API enum dd_status dd_program_prompt(
        const struct dd_program *program, uint32_t prompt, char *out, size_t cap, size_t *length);

/* -- keys: of menus that branch on a key ------------------------------------ */

/* How many keys the menu `step` knows, and the i-th of them: one of 0-9 * #; 0: there is none. */
DD_API size_t dd_program_keys(const struct dd_program *program, uint32_t step);
DD_API char dd_program_key(const struct dd_program *program, uint32_t step, size_t i);
/* The step that the i-th key leads to; one of the following where it is none. */
#define DD_STEP_NONE    UINT32_MAX
#define DD_STEP_DROPS   (UINT32_MAX - 1) /* nothing is connected: the line goes dead */
#define DD_STEP_HANGS   (UINT32_MAX - 2) /* the flow hangs up */
#define DD_STEP_RETURNS (UINT32_MAX - 3) /* back to the flow that runs this one */
DD_API uint32_t dd_program_key_target(const struct dd_program *program, uint32_t step, size_t i);

/* -- variables: what a call can be given ------------------------------------ */

/* How many the flows declare. */
DD_API size_t dd_program_variables(const struct dd_program *program);
/* The name of the i-th, and the example that the flow gives: p NULL where it gives none. */
DD_API const char *dd_program_variable(const struct dd_program *program, size_t i);
DD_API struct dd_str dd_program_example(const struct dd_program *program, size_t i);

/* -- findings: of loading, and of the rules (drydial/check.h) ---------------- */

/* How many there are, in the order of files and places; how many of them are errors. */
DD_API size_t dd_findings_count(const struct dd_findings *findings);
DD_API size_t dd_findings_errors(const struct dd_findings *findings);
/* Of the i-th: what it is called ("goto-unknown"), a sentence, what is meant or to be done (NULL:
   nothing is known), how bad it is, and where it stands. Line and column count from 1, the column
   in characters; both are 0 where the whole file is meant. */
DD_API const char *dd_finding_code(const struct dd_findings *findings, size_t i);
DD_API const char *dd_finding_message(const struct dd_findings *findings, size_t i);
DD_API const char *dd_finding_hint(const struct dd_findings *findings, size_t i);
DD_API enum dd_severity dd_finding_severity(const struct dd_findings *findings, size_t i);
DD_API const char *dd_finding_file(const struct dd_findings *findings, size_t i);
DD_API unsigned dd_finding_line(const struct dd_findings *findings, size_t i);
DD_API unsigned dd_finding_column(const struct dd_findings *findings, size_t i);
/* All of them as drydial shows them, and as the JSON of `drydial check --format json`. */
DD_API const char *dd_findings_text(const struct dd_findings *findings);
DD_API const char *dd_findings_json(const struct dd_findings *findings);
DD_API void dd_findings_free(struct dd_findings *findings); /* NULL is fine */

/* -- words ------------------------------------------------------------------- */

/* What comes of ringing somebody (connect). */
#define DD_PARTIES(X) \
	X(ANSWERED, "answered") \
	X(BUSY, "busy") X(NO_ANSWER, "no-answer") X(FAILED, "failed") X(FULL, "full")
enum dd_party {
#define X(NAME, word) DD_PARTY_##NAME,
	DD_PARTIES(X)
#undef X
	        DD_PARTIES_COUNT
};
/* The word for it, e.g. "no-answer". */
DD_API const char *dd_party_name(enum dd_party party);

/* How a recording ended (record). */
enum dd_recorded { DD_REC_FINISH, DD_REC_SILENCE, DD_REC_MAX, DD_REC_NOTHING, DD_RECORDED_COUNT };
/* The word for it, e.g. "silence". */
DD_API const char *dd_recorded_name(enum dd_recorded how);

/* How a passthru goes on. 2XX is there only where a flow has it: without it 201 and 204 are errors,
   as on the platform. */
enum dd_exit {
	DD_EXIT_200,
	DD_EXIT_302,
	DD_EXIT_ERROR,
	DD_EXIT_TIMEOUT,
	DD_EXIT_2XX,
	DD_EXITS_COUNT
};

#ifdef __cplusplus
}
#endif

#endif
