/* What is asked of nodes, whatever they were read from. */
#include "doc/tree.h"

#include <stdlib.h>

#include "doc/building.h"
#include "doc/json.h"
#include "doc/yaml.h"

/* JSON is nearly YAML; what is not (two escapes for one character beyond the first 65,536) is why a
   text that is JSON is read as JSON. */
struct dd_node *dd_tree_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags)
{
	return dd_is_json(source->text) ? dd_json_read(arena, source, diags)
	                                : dd_yaml_read(arena, source, diags);
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

const struct dd_node *dd_node_value(const struct dd_node *map, const char *key)
{
	for (uint32_t i = 0; map && map->kind == DD_MAP && i < map->n; i++)
		if (dd_str_is(map->pairs[i].key->text, key))
			return map->pairs[i].value;
	return NULL;
}

uint32_t dd_node_items(const struct dd_node *node, struct dd_node *const **items)
{
	if (!node)
		return 0;
	bool list = node->kind == DD_LIST;
	*items = list ? node->items : &node->self;
	return list ? node->n : 1;
}

/* -- building (doc/building.h) ---------------------------------------------- */

struct dd_node *build_node(struct dd_arena *arena, enum dd_node_kind kind, struct dd_span span)
{
	struct dd_node *node = dd_arena_alloc(arena, sizeof *node);
	*node = (struct dd_node){.kind = kind, .span = span, .end = span.end, .count = 1};
	node->self = node;
	return node;
}

void build_first_line(const struct dd_source *source, struct dd_span *span)
{
	const char *text = source->text.p;
	const char *newline = memchr(text + span->start, '\n', span->end - span->start);
	if (newline)
		span->end = (uint32_t)(newline - text);
	while (span->end > span->start &&
	        (text[span->end - 1] == ' ' || text[span->end - 1] == '\r'))
		span->end--;
}

static int compare_keys(const void *a, const void *b)
{
	const struct dd_node *x = *(struct dd_node *const *)a, *y = *(struct dd_node *const *)b;
	size_t n = x->text.n < y->text.n ? x->text.n : y->text.n;
	int c = memcmp(x->text.p, y->text.p, n);
	if (c || x->text.n != y->text.n)
		return c ? c : x->text.n < y->text.n ? -1 : 1;
	return x->span.start < y->span.start ? -1 : x->span.start > y->span.start;
}

void build_find_duplicates(
        struct dd_diags *diags, const struct dd_source *source, const struct dd_node *map)
{
	struct dd_node **keys = dd_alloc((map->n + 1) * sizeof(struct dd_node *));
	for (uint32_t i = 0; i < map->n; i++)
		keys[i] = map->pairs[i].key;
	qsort(keys, map->n, sizeof *keys, compare_keys);
	for (uint32_t i = 1; i < map->n; i++) {
		if (!dd_str_same(keys[i - 1]->text, keys[i]->text))
			continue;
		struct dd_diag *d = dd_diag(diags, DD_ERROR, "duplicate-key", source, keys[i]->span,
		        "the key \"%.*s\" stands here twice", (int)keys[i]->text.n,
		        keys[i]->text.p);
		d->other = source;
		d->other_span = keys[i - 1]->span;
		d->other_message = "first here";
	}
	dd_free(keys);
}

void build_too_deep(struct dd_diags *diags, const struct dd_source *source, struct dd_span span)
{
	dd_diag(diags, DD_ERROR, "limit-depth", source, span,
	        "this is nested deeper than 64 levels, the most a file may hold");
}
