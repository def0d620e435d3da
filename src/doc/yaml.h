/* A YAML file as a tree. */
#ifndef DD_DOC_YAML_H
#define DD_DOC_YAML_H

#include "doc/tree.h"

/* As dd_tree_read(), of a text that is YAML. */
struct dd_node *dd_yaml_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags);

#endif
