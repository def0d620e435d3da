/* A JSON file as a tree. */
#ifndef DD_DOC_JSON_H
#define DD_DOC_JSON_H

#include "doc/tree.h"

/* Whether the text is JSON, all of it. */
bool dd_is_json(struct dd_str text);
/* The same; a clause says where it is not. */
bool dd_is_json_or(struct dd_str text, char *why, size_t size);
/* As dd_tree_read(), of a text that is JSON. */
struct dd_node *dd_json_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags);

#endif
