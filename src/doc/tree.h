/* A document as a tree in which every node knows its place and keeps the text that the file has: a
   number is the digits that were written. YAML and JSON become the same tree. Aliases of YAML are
   shared nodes; the limits hold for what the tree would be with every alias written out. */
#ifndef DD_DOC_TREE_H
#define DD_DOC_TREE_H

#include "doc/diag.h"

enum {
	DD_FILE_BYTES_MAX = 1024 * 1024,
	DD_DEPTH_MAX = 64,
	DD_NODES_MAX = 1000000,
};

enum dd_node_kind { DD_SCALAR, DD_LIST, DD_MAP };

struct dd_pair {
	struct dd_node *key, *value;
};

struct dd_node {
	enum dd_node_kind kind;
	bool plain;          /* a scalar without quotes */
	bool open;           /* a collection that is still being read */
	uint8_t height;      /* levels below */
	uint32_t count;      /* nodes with aliases written out */
	uint32_t n;          /* items of a list, pairs of a map */
	struct dd_span span; /* of a collection or a block text: its first line */
	uint32_t end; /* behind all of it; of a list or map without brackets: where the next thing
	                 begins */
	struct dd_str text;
	struct dd_node *self; /* this node, for dd_node_items() */
	union {
		struct dd_node **items;
		struct dd_pair *pairs;
	};
};

/* The root of `source`, or NULL after at least one error in `diags`. Nodes live in `arena`. */
struct dd_node *dd_tree_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags);
/* A plain `~`, `null` or nothing at all. */
bool dd_node_is_null(const struct dd_node *node);
/* "a list", "a mapping", "text": for messages. */
const char *dd_node_kind_name(const struct dd_node *node);
/* What stands behind the first `key` of a map; NULL: no such key, or `map` is none, or NULL. */
const struct dd_node *dd_node_value(const struct dd_node *map, const char *key);
/* The items of a list; of anything else the node itself as the only one; of NULL none. */
uint32_t dd_node_items(const struct dd_node *node, struct dd_node *const **items);
/* A copy of some nodes in `arena`: what a list or a map keeps. */
#define DD_KEEP(arena, items, n) \
	((n) ? memcpy(dd_arena_alloc((arena), (n) * sizeof *(items)), (items), \
	               (n) * sizeof *(items)) \
	     : dd_arena_alloc((arena), 1))

#endif
