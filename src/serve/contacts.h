/* Contact lists, for campaigns. */
#ifndef DD_SERVE_CONTACTS_H
#define DD_SERVE_CONTACTS_H

#include "serve/serving.h"

/* Before the name of a column that a text names. */
#define CONTACTS_PREFIX "column_"

/* The numbers of all contacts of the lists, and each contact under its number. NULL, or what is
 * wrong. */
const char *contacts_of_lists(struct server *s, const char *account, const json_t *lists,
        json_t *numbers, json_t *by_number);
/* A flow, in YAML, that says a text in which @@Column stands for a contact's column. */
void contacts_text_flow(const char *text, struct dd_buf *out);
char *contacts_variables(const struct dd_program *program, const json_t *person);

#endif
