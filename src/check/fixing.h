/* What the repairs share, and nobody else. */
#ifndef DD_CHECK_FIXING_H
#define DD_CHECK_FIXING_H

#include "check/fix.h"
#include "doc/yaml.h"

/* Bytes that give way to others. */
struct fix_edit {
	struct dd_span span;
	struct dd_str text;
};

/* One repair: some edits of one file, in its order. Lives in the arena of the look that found it.
 */
struct fix_repair {
	uint32_t file;
	struct fix_edit *edits;
	size_t n, cap;
};

/* What a repair is made from: one finding in a file as it is now. */
struct fix_case {
	struct dd_arena *arena;
	const struct dd_diags *diags; /* all that was found */
	const struct dd_diag *found;
	const struct dd_source *source;
	const struct dd_node *root;       /* NULL: not YAML */
	const struct dd_program *program; /* NULL: not a flow */
	bool operand;                     /* the file was named by the user */
	struct fix_repair *repair;
};

void fix_edit(struct fix_case *c, uint32_t start, uint32_t end, const char *text);
/* Puts what stands from `start` to `end` in double quotes, as YAML writes them. */
void fix_quote(struct fix_case *c, uint32_t start, uint32_t end);
/* Where a line that begins as text at `from` really ends: before trailing spaces and a comment.
 * "#1" is text, "# one" is not. */
uint32_t fix_text_end(struct dd_str text, uint32_t from);
/* "\r\n" where the line that `at` lies in ends so. */
const char *fix_newline(struct dd_str text, uint32_t at);
uint32_t fix_line_start(struct dd_str text, uint32_t at);
uint32_t fix_line_end(struct dd_str text, uint32_t at); /* before its \n or \r\n */

/* Where in the tree a byte lies. */
struct fix_place {
	const struct dd_node *node; /* the text, NULL: none */
	const struct dd_node *key;  /* the key it is the value of; NULL for an item of a list */
	bool bracketed;             /* inside [ ] or { } */
};
struct fix_place fix_find(const struct dd_node *root, struct dd_str text, uint32_t at);

/* The repairs: each adds edits to c->repair, or none where there is no safe way. */
void fix_otp_digits(struct fix_case *c);
void fix_call_drops(struct fix_case *c);
void fix_words_cut(struct fix_case *c);
void fix_allow_unused(struct fix_case *c);
void fix_yaml(struct fix_case *c); /* fix_yaml.c */

#endif
