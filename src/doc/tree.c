/* What is asked of nodes, whatever they were read from. */
#include "doc/tree.h"

#include "doc/yaml.h"

struct dd_node *dd_tree_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags)
{
	return dd_yaml_read(arena, source, diags);
}

bool dd_node_is_null(const struct dd_node *node)
{
	return node->kind == DD_SCALAR && node->plain &&
	        (node->text.n == 0 || dd_str_is(node->text, "~") || dd_str_is(node->text, "null"));
}

const char *dd_node_kind_name(const struct dd_node *node)
{
	if (node->kind == DD_LIST)
		return "a list";
	if (node->kind == DD_MAP)
		return "a mapping";
	return dd_node_is_null(node) ? "nothing" : "text";
}

uint32_t dd_node_items(const struct dd_node *node, struct dd_node *const **items)
{
	if (!node)
		return 0;
	bool list = node->kind == DD_LIST;
	*items = list ? node->items : &node->self;
	return list ? node->n : 1;
}
