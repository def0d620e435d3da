/* What was meant where a text is no YAML, and nobody else's business than the reader's. */
#ifndef DD_DOC_YAML_SLIPS_H
#define DD_DOC_YAML_SLIPS_H

#include "doc/diag.h"

/* Where libyaml gave up, in bytes, and its words for it. */
struct yaml_failure {
	const char *problem, *context; /* neither is NULL */
	uint32_t at, from;             /* of the problem and of the context */
};

/* Gives `d`, a fault at `at`, the place that is to be mended, a sentence for who wrote the file
   and, where one way to write it is surely meant, the edits. Leaves it alone where nothing is
   known. Texts live in `arena`. */
void yaml_explain(struct dd_arena *arena, const struct yaml_failure *failure, struct dd_diag *d);

/* Words that are keys of steps, and those of other mappings of a flow: "greeting", "audio". */
bool yaml_is_applet(struct dd_str word);
bool yaml_is_setting(struct dd_str word);

#endif
