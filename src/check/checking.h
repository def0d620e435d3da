/* What the rules share, and nobody else. */
#ifndef DD_CHECK_CHECKING_H
#define DD_CHECK_CHECKING_H

#include "check/check.h"

struct dd_checking {
	const struct dd_program *program;
	const struct dd_explored *explored;
	const struct dd_rule *rule; /* at hand */
	int severity;               /* of it */
	long settings[DD_RULE_SETTINGS_MAX];
	struct dd_diags *found;
	struct dd_arena *arena;
	dd_ms *lengths;             /* of each prompt with the examples; -1: not known before the call */
	struct dd_str *words;       /* of each prompt with the examples */
};

/* A finding of the rule at hand. `hint` may be NULL. */
void check_step(struct dd_checking *c, uint32_t step, const char *hint, const char *format, ...) __attribute__((format(printf, 4, 5)));
void check_at(struct dd_checking *c, uint32_t flow, struct dd_span span, const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));
/* The same with another severity than the rule's own, unless that was chosen. */
void check_step_as(struct dd_checking *c, enum dd_severity severity, uint32_t step, const char *hint, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* "12.3 s", good until the next call but three. */
const char *check_seconds(dd_ms ms);
/* The prompts of a step, and what they are called; at most 3. */
struct check_prompt {
	uint32_t prompt;
	const char *name;
};
size_t check_prompts(const struct dd_step *step, struct check_prompt out[3]);
bool check_purpose(const struct dd_checking *c, const char *purposes); /* one of "reminder event" */
bool check_has(const struct dd_checking *c, enum dd_applet applet);
/* Whether a template (DD_NONE: none) asks for `slot`; DD_NONE: for any variable. */
bool check_asks_for(const struct dd_checking *c, uint32_t template, uint32_t slot);

/* The rules' functions (rules_length.c, rules_shape.c, rules_words.c). */
#define DD_RULE_FUNCTIONS(X)                                                                                                        \
	X(message_length) X(monologue_length) X(greeting_length) X(menu_prompt_length) X(call_drops) X(unreachable) X(endless_loop) \
	X(menu_width) X(retries_zero) X(retries_many) X(timeout_short) X(timeout_long) X(no_timeout_branch)            \
	X(no_invalid_message) X(passthru_no_fallback) X(passthru_slow) X(passthru_insecure) X(hold_missing) X(greeting_endless)     \
	X(no_menu) X(no_opt_out) X(opt_out_not_followed_up) X(responses_not_captured) X(no_sms_backup) X(not_personal)              \
	X(sms_segments) X(unused_variable) X(same_answer_twice) X(key_not_announced) X(announced_key_missing) X(otp_digits)         \
	X(otp_repeat) X(bare_number) X(abbreviation)
#define X(name) void rule_##name(struct dd_checking *c);
DD_RULE_FUNCTIONS(X)
#undef X

#endif
