/* What the rules share, and nobody else. */
#ifndef DD_CHECK_CHECKING_H
#define DD_CHECK_CHECKING_H

#include "call/by_url.h"
#include "check/check.h"

#include "check/templates.h"
#include "session/spoken.h"

enum { MAX_STATES = 200000 };

struct dd_checking {
	const struct dd_program *program;
	const struct dd_explored *explored;
	struct dd_tts tts;
	const struct dd_rule *rule; /* at hand */
	struct dd_rule_now now;     /* how it is to be looked at */
	struct dd_diags *found;
	struct dd_arena *arena;
	const struct dd_played
	        *played; /* of each prompt, at its longest; ms -1: not known before the call */
};

/* A finding of the rule at hand. `hint` may be NULL. */
void check_step(struct dd_checking *c, uint32_t step, const char *hint, const char *format, ...)
        __attribute__((format(printf, 4, 5)));
void check_at(struct dd_checking *c, uint32_t flow, struct dd_span span, const char *hint,
        const char *format, ...) __attribute__((format(printf, 5, 6)));
/* The same with another severity than the rule's own, unless that was chosen. */
void check_step_as(struct dd_checking *c, enum dd_severity severity, uint32_t step,
        const char *hint, const char *format, ...) __attribute__((format(printf, 5, 6)));
void check_at_as(struct dd_checking *c, enum dd_severity severity, uint32_t flow,
        struct dd_span span, const char *hint, const char *format, ...)
        __attribute__((format(printf, 6, 7)));

/* "12.3 s", good until the next call but three. */
const char *check_seconds(dd_ms ms);
/* The same with so many digits that it does not look like `other`, from which it differs. */
const char *check_seconds_beside(dd_ms ms, dd_ms other);
/* The prompts of a step, and what they are called; at most 3. */
struct check_prompt {
	uint32_t prompt;
	const char *name;
};
enum { CHECK_PROMPTS_MAX = DD_STEP_PROMPTS_MAX };
size_t check_prompts(const struct dd_step *step, struct check_prompt out[CHECK_PROMPTS_MAX]);
/* How menu `step` takes its input: of a menu by URL as the flow's first stub says. */
struct dd_collect check_collect(const struct dd_checking *c, uint32_t step);
bool check_purpose(const struct dd_checking *c, const char *purposes); /* one of "reminder event" */
bool check_has(const struct dd_checking *c, enum dd_applet applet);
/* Whether a template (DD_NONE: none) asks for `slot`; DD_NONE: for any variable. */
bool check_asks_for(const struct dd_checking *c, uint32_t template, uint32_t slot);
/* The template of a segment that is spoken; NULL for a recording, a pause, a URL. */
const struct dd_template *check_spoken(
        const struct dd_checking *c, const struct dd_segment *segment);
/* The example of a variable, what a call had for another value; p NULL: none. */
struct dd_str check_value(const struct dd_checking *c, uint32_t slot);
/* A spoken segment as it is heard with some values. What is written of part k of its template are
   the bytes of `spoken.words` before ends[k], from those before ends[k - 1]; ends NULL: it is SSML,
   where tags stand between. */
struct check_heard {
	struct dd_spoken spoken;
	const size_t *ends;
};
/* False: it is too long, or no XML. All of it lives in `arena`. */
bool check_hear(const struct dd_program *program, const struct dd_segment *segment,
        struct dd_values values, struct dd_arena *arena, struct check_heard *out);
/* The same with the examples. */
bool check_hear_example(
        const struct dd_checking *c, const struct dd_segment *segment, struct check_heard *out);
/* The next piece of part `part` that the voice is given as it is written; `*at`, 0 at first, moves
   behind it. False: there is none. */
bool check_left_to_voice(
        const struct check_heard *heard, uint32_t part, size_t *at, struct dd_str *piece);
/* The longest number in such pieces. */
struct dd_str check_longest_left(const struct check_heard *heard, uint32_t part);
/* The part that a byte of the words belongs to. */
uint32_t check_part_at(const struct check_heard *heard, size_t at);
/* A variable that holds a code: its name says so, or the call is made for one and it is 4 to 8
 * digits. */
bool check_is_code(const struct dd_checking *c, uint32_t slot);
/* An SMS with the values that are known before any call. */
void check_sms_words(const struct dd_checking *c, const struct dd_sms *sms, struct dd_buf *out);
/* The name of the script of a value that a voice cannot speak; NULL: it can, or reads it as
 * English. */
const char *check_unspoken_script(const char *language, struct dd_str value);
/* Whether a value is spoken as one quantity, of so many digits; 0: no. */
size_t check_quantity(struct dd_str value);
/* The abbreviation that a voice reads as it stands; NULL: there is none. */
const char *check_abbreviation(struct dd_str text);
/* A literal text without placeholders in it; p NULL where there are some. */
struct dd_str check_literal(const struct dd_checking *c, uint32_t template);

/* What the rules go by (measure.c). */
const struct dd_played *check_measure(struct dd_checking *c, const struct dd_setup *setup);

/* Makes a rule the one at hand, by the flow's settings and the command line's. */
void check_take_rule(
        struct dd_checking *c, const struct dd_rule *rule, const struct dd_check_options *options);
/* The comments of all flows of the program. */
struct dd_allows *check_allows(const struct dd_program *program);

#define RULE(id, ...) void rule_##id(struct dd_checking *c);
#include "check/rules.def"
#undef RULE
/* The functions of DD_FLOW_RULES, in its order. */
extern void (*const CHECK_LOOKS[])(struct dd_checking *c);

#endif
