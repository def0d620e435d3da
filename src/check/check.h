/* The rules: what is wrong or risky in a flow that runs. Lengths are the voice's own, paths are
 * those of a walk over every call. */
#ifndef DD_CHECK_CHECK_H
#define DD_CHECK_CHECK_H

#include "doc/rules.h"
#include "explore/explore.h"
#include "session/session.h"

extern const struct dd_rules DD_FLOW_RULES;

struct dd_check_options {
	struct dd_tts tts;
	uint32_t max_states; /* of the walk; 0: 200,000 */
	int64_t at;          /* when the call is answered; 0: hours go both ways */
	const struct dd_rule_choice *choices;
	size_t nchoices;
};

/* Looks at the whole program; findings go to `diags`, each under its rule's name, those that a
   comment `# drydial: allow NAME` at their line or the line above allows left out. Comments that
   allow nothing any more are notes (`allow-unused`). */
void dd_check(const struct dd_program *program, const struct dd_check_options *options,
        struct dd_diags *diags);

/* The length of each prompt with the examples, the longest on any way to it; 0 where nobody can
 * say. Lives in `arena`. */
dd_ms *dd_check_prompt_lengths(
        const struct dd_program *program, struct dd_tts tts, struct dd_arena *arena);

/* A table of all prompts with the examples: line, what it is, seconds, words a minute, its share of
   30 s as a bar, the words. `columns` 0: do not cut. */
void dd_check_lengths(
        const struct dd_program *program, struct dd_tts tts, unsigned columns, struct dd_buf *out);
/* All prompts with the examples as they are heard, and below what is written where it differs. */
void dd_check_spoken(const struct dd_program *program, struct dd_tts tts, struct dd_buf *out);

#endif
