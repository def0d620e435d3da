/* A YAML file as a tree in which every node knows its place. Aliases are shared nodes; the limits
   hold for what the tree would be with every alias written out. */
#ifndef DD_FLOW_YAML_H
#define DD_FLOW_YAML_H

#include "base/diag.h"

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
	union {
		struct dd_node **items;
		struct dd_pair *pairs;
	};
};

/* The root of `source`, or NULL after at least one error in `diags`. Nodes live in `arena`. */
struct dd_node *dd_yaml_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags);
/* A plain `~`, `null` or nothing at all. */
bool dd_node_is_null(const struct dd_node *node);
/* "a list", "a mapping", "text": for messages. */
const char *dd_node_kind_name(const struct dd_node *node);

#endif
