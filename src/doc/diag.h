/* Diagnostics: what is wrong in a user's file, where, and what was probably meant. Collected,
 * sorted, then shown. */
#ifndef DD_DOC_DIAG_H
#define DD_DOC_DIAG_H

#include "base/source.h"
#include "base/text.h"

/* Bytes of a source that give way to others. */
struct dd_edit {
	struct dd_span span;
	const char *text;
};

struct dd_diag {
	enum dd_severity severity;
	const char *code;               /* kebab-case name, stable */
	const struct dd_source *source; /* NULL: the whole file, or no file */
	struct dd_span span;
	const char *message;
	const char *hint;              /* NULL, or one clause after the caret */
	const struct dd_source *other; /* NULL, or a second place … */
	struct dd_span other_span;
	const char *other_message; /* … and what is there */
	const char *file;          /* the name when there is no source */
	/* the one safe repair, by place in `source`; it is tried before it is offered. n 0: none */
	const struct dd_edit *edits;
	size_t nedits;
};

/* Texts live in `arena`. At most DD_DIAGS_MAX are kept; `dropped` counts the rest. */
enum { DD_DIAGS_MAX = 200 };
struct dd_diags {
	struct dd_arena *arena;
	struct dd_diag *items;
	size_t n, cap, errors, dropped;
};

void dd_diags_init(struct dd_diags *diags, struct dd_arena *arena);
void dd_diags_fini(struct dd_diags *diags);
/* Adds one; `hint` and more can be set on the result, valid until the next call. Never NULL. */
struct dd_diag *dd_diag(struct dd_diags *diags, enum dd_severity severity, const char *code,
        const struct dd_source *source, struct dd_span span, const char *format, ...)
        __attribute__((format(printf, 6, 7)));
/* Adds all of `from`, however many: what was found in many files as one list. Texts are borrowed
 * from `from`'s arena. */
void dd_diags_join(struct dd_diags *diags, const struct dd_diags *from);
/* Makes an edit part of the repair that `d` carries; edits come in the order of the file. `text` is
 * borrowed. */
void dd_diag_edit(
        struct dd_arena *arena, struct dd_diag *d, uint32_t start, uint32_t end, const char *text);
/* Puts what stands from `start` to `end` of the source of `d` in double quotes. */
void dd_diag_quote(struct dd_arena *arena, struct dd_diag *d, uint32_t start, uint32_t end);
/* Moves the lines behind the one that `from` lies in, up to `to`, two columns to the right. */
void dd_diag_indent(struct dd_arena *arena, struct dd_diag *d, uint32_t from, uint32_t to);
/* By file, place, code; exact repeats are removed. */
void dd_diags_sort(struct dd_diags *diags);
/* `file:line:column: error[code]: message`, the excerpt, the caret and the hint. */
void dd_diags_text(const struct dd_diags *diags, struct dd_buf *out, bool colour);

#endif
