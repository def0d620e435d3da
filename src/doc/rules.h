/* Rules as tables: what each is called, how grave it is, what it means, where it comes from and
   which figures it goes by. Rooms that have rules (check, campaign) make a table of them, and look
   with functions of their own; names, severities, settings and comments that allow work alike for
   all. */
#ifndef DD_DOC_RULES_H
#define DD_DOC_RULES_H

#include "doc/read.h"

/* What a rule goes by, and what it is unless a file says otherwise. */
enum dd_setting_kind {
	DD_SET_NUMBER,
	DD_SET_MS,    /* a duration */
	DD_SET_WORDS, /* words with commas between them; none unless they are given */
};
struct dd_rule_setting {
	const char *name;
	enum dd_setting_kind kind;
	long value;
};
enum { DD_RULE_SETTINGS_MAX = 2 };

struct dd_rule {
	const char *name; /* kebab-case, the code of its findings */
	enum dd_severity severity;
	const char *title;   /* one line */
	const char *meaning; /* what it means for people */
	const char *origin;  /* where the rule or its figure comes from */
	struct dd_rule_setting settings[DD_RULE_SETTINGS_MAX];
	const char *bad,
	        *good; /* whole files: the first breaks this rule and no other, the second none */
};

struct dd_rules {
	const char *command; /* that goes by them: "check" */
	const struct dd_rule *list;
	size_t n;
};
/* NULL: there is none. */
const struct dd_rule *dd_rule_named(const struct dd_rules *rules, struct dd_str name);
/* The rule whose name is nearest, or NULL. */
const char *dd_rule_near(const struct dd_rules *rules, struct dd_str name);

/* -- what changes them ------------------------------------------------------ */

/* A severity from the command line; severity -1: off. */
struct dd_rule_choice {
	const struct dd_rule *rule;
	int severity;
};
/* "off", "note", "warning", "error": -1 and up; -2 for another word. */
int dd_rule_severity(struct dd_str word);

/* A setting in a file's `checks`. */
struct dd_rule_given {
	struct dd_str rule, name, value; /* name empty: the severity */
	const struct dd_source *source;
	struct dd_span span, value_span;
};
struct dd_rules_given {
	struct dd_rule_given *list;
	size_t n, cap;
};
/* Reads `checks`: NAME: SEVERITY, or NAME: { severity: …, SETTING: … }. The list is free()d by the
 * caller. */
void dd_read_checks(struct dd_reader *r, const struct dd_node *map, struct dd_rules_given *out);
/* Faults for rules and settings that there are not. */
void dd_rules_look_over(
        const struct dd_rules *rules, const struct dd_rules_given *given, struct dd_diags *diags);

/* A rule as it is to be looked at: by its own figures, the file's, the command line's. */
struct dd_rule_now {
	int severity; /* -1: off */
	long settings[DD_RULE_SETTINGS_MAX];
	struct dd_str words[DD_RULE_SETTINGS_MAX]; /* settings that are words; p NULL: not given */
};
struct dd_rule_now dd_rule_now(const struct dd_rule *rule, const struct dd_rules_given *given,
        const struct dd_rule_choice *choices, size_t nchoices);

/* -- comments that allow what a rule forbids at their line, or the one below - */

struct dd_allows;
struct dd_allows *dd_allows_new(void);
/* Gathers the comments `# drydial: allow NAME, NAME reason` of a file. */
void dd_allows_add(struct dd_allows *allows, const struct dd_source *source);
void dd_allows_free(struct dd_allows *allows);
bool dd_allowed(struct dd_allows *allows, const struct dd_source *source, struct dd_span span,
        const char *rule);
/* Adds to `diags` what was found and is not allowed, and a note (`allow-unused`) for each comment
 * that allows nothing. */
void dd_allows_pass_on(const struct dd_rules *rules, struct dd_allows *allows,
        const struct dd_diags *found, struct dd_diags *diags);

#endif
