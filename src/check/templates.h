/* Registered texts of SMS (India's DLT): what `template_text` gives, or a file `templates.csv`
   beside the flow, with ids and texts. A text fits its template when it is that text with up to 30
   characters in place of each {#var#}. */
#ifndef DD_CHECK_TEMPLATES_H
#define DD_CHECK_TEMPLATES_H

#include "flow/program.h"

enum { DD_TEMPLATE_VARIABLE_MAX = 30 };

struct dd_templates;

/* Reads the files beside the flows of `program` that name a template. Never NULL; lives in `arena`.
 */
struct dd_templates *dd_templates_read(const struct dd_program *program, struct dd_arena *arena);
/* The registered text of SMS step `step`; p NULL: it is not known, and `*problem` says why where it
   should be (NULL: nobody says that it is). */
struct dd_str dd_template_text(
        const struct dd_templates *templates, uint32_t step, const char **problem);
/* NULL where `text` fits; else a clause, in `arena`, that says what does not. Runs of white space
 * count as one space. */
const char *dd_template_unlike(struct dd_arena *arena, struct dd_str template, struct dd_str text);

#endif
