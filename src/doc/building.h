/* What the readers of YAML and of JSON share while they build a tree, and nobody else. */
#ifndef DD_DOC_BUILDING_H
#define DD_DOC_BUILDING_H

#include "doc/tree.h"

struct dd_node *build_node(struct dd_arena *arena, enum dd_node_kind kind, struct dd_span span);
/* Only the first line of a collection or a block text is worth a caret. */
void build_first_line(const struct dd_source *source, struct dd_span *span);
/* A fault for each key that the map has already. */
void build_find_duplicates(
        struct dd_diags *diags, const struct dd_source *source, const struct dd_node *map);
void build_too_deep(struct dd_diags *diags, const struct dd_source *source, struct dd_span span);

#endif
