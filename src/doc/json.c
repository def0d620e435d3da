/* JSON → tree (RFC 8259). Jansson says whether a text is JSON and what an escaped string means, but
   not where in the file a value stands; so once it has agreed, the text is walked again for places.
   The walk relies on that: it meets no text that is not JSON, and has no errors of syntax. */
#include "doc/json.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/building.h"

struct json_walk {
	struct dd_arena *arena;
	const struct dd_source *source;
	struct dd_diags *diags;
	struct dd_str text;
	size_t at;
	size_t depth;
	bool failed;
};

static json_t *load_value_or(const char *p, size_t n, size_t flags, json_error_t *error)
{
	json_t *value = json_loadb(p, n, flags, error);
	if (!value && json_error_code(error) == json_error_out_of_memory)
		dd_memory_failed();
	return value;
}

static json_t *load_value(const char *p, size_t n, size_t flags)
{
	json_error_t error;
	return load_value_or(p, n, flags, &error);
}

static void give_back_value(void *value)
{
	json_decref(value);
}

/* Numbers are kept as they are written, so their size does not matter here. Jansson passes over NUL
   bytes, which JSON does not have; a DEL, which JSON lets through and YAML does not, has no place
   in our files. */
bool dd_is_json(struct dd_str text)
{
	struct dd_str trimmed = dd_str_trim(text);
	if (trimmed.n == 0 || (trimmed.p[0] != '{' && trimmed.p[0] != '[') ||
	        memchr(text.p, 0x7F, text.n) || memchr(text.p, '\0', text.n))
		return false;
	json_t *value = load_value(text.p, text.n, JSON_DECODE_INT_AS_REAL);
	json_decref(value);
	return value != NULL;
}

bool dd_is_json_or(struct dd_str text, char *why, size_t size)
{
	json_error_t error;
	why[0] = '\0';
	if (dd_is_json(text))
		return true;
	json_t *value = load_value_or(text.p, text.n, JSON_DECODE_INT_AS_REAL, &error);
	if (value) /* its characters are the fault */
		(void)snprintf(why, size, "a control character stands in it");
	else
		(void)snprintf(
		        why, size, "line %d, column %d: %s", error.line, error.column, error.text);
	json_decref(value);
	return false;
}

static bool is_json_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The next byte that is no white space. */
static char peek_byte(struct json_walk *w)
{
	while (is_json_space(w->text.p[w->at]))
		w->at++;
	return w->text.p[w->at];
}

/* Moves past `c` if it comes next. */
static bool skip_byte(struct json_walk *w, char c)
{
	bool there = !w->failed && peek_byte(w) == c;
	w->at += there;
	return there;
}

static struct dd_str unescaped(struct json_walk *w, size_t from)
{
	const char *token = w->text.p + from;
	size_t n = w->at - from;
	if (!memchr(token, '\\', n))
		return (struct dd_str){dd_arena_copy(w->arena, token + 1, n - 2), n - 2};
	json_t *value = load_value(token, n, JSON_DECODE_ANY);
	dd_memory_defer(give_back_value, value);
	size_t length = json_string_length(value);
	struct dd_str text = {dd_arena_copy(w->arena, json_string_value(value), length), length};
	dd_memory_done(value);
	json_decref(value);
	return text;
}

static struct dd_node *walk_string(struct json_walk *w)
{
	size_t from = w->at++;
	while (w->text.p[w->at] != '"')
		w->at += w->text.p[w->at] == '\\' ? 2 : 1;
	w->at++;
	struct dd_node *node =
	        build_node(w->arena, DD_SCALAR, (struct dd_span){(uint32_t)from, (uint32_t)w->at});
	node->text = unescaped(w, from);
	return node;
}

/* A number, true, false or null. */
static struct dd_node *walk_word(struct json_walk *w)
{
	size_t from = w->at;
	while (w->at < w->text.n && !is_json_space(w->text.p[w->at]) &&
	        !strchr(",]}", w->text.p[w->at]))
		w->at++;
	struct dd_node *node =
	        build_node(w->arena, DD_SCALAR, (struct dd_span){(uint32_t)from, (uint32_t)w->at});
	node->plain = true;
	node->text = (struct dd_str){
	        dd_arena_copy(w->arena, w->text.p + from, w->at - from), w->at - from};
	return node;
}

static struct dd_node *walk_value(struct json_walk *w);

static void count_child(struct dd_node *parent, const struct dd_node *child)
{
	parent->count += child->count;
	if (child->height >= parent->height)
		parent->height = (uint8_t)(child->height + 1);
}

static void walk_items(struct json_walk *w, struct dd_node *list)
{
	struct dd_node **items = NULL;
	uint32_t cap = 0;
	while (!w->failed && peek_byte(w) != ']') {
		struct dd_node *item = walk_value(w);
		DD_PUSH(items, list->n, cap) = item;
		count_child(list, item);
		(void)skip_byte(w, ',');
	}
	list->items = DD_KEEP(w->arena, items, list->n);
	dd_free(items);
}

static void walk_pairs(struct json_walk *w, struct dd_node *map)
{
	struct dd_pair *pairs = NULL;
	uint32_t cap = 0;
	while (!w->failed && peek_byte(w) != '}') {
		struct dd_node *key = walk_string(w);
		(void)skip_byte(w, ':');
		struct dd_node *value = walk_value(w);
		DD_PUSH(pairs, map->n, cap) = (struct dd_pair){key, value};
		map->count++;
		count_child(map, value);
		(void)skip_byte(w, ',');
	}
	map->pairs = DD_KEEP(w->arena, pairs, map->n);
	dd_free(pairs);
}

static struct dd_node *walk_collection(struct json_walk *w, enum dd_node_kind kind)
{
	struct dd_span span = {(uint32_t)w->at, (uint32_t)w->at + 1};
	struct dd_node *node = build_node(w->arena, kind, span);
	if (w->depth == DD_DEPTH_MAX) {
		build_too_deep(w->diags, w->source, span);
		w->failed = true;
		return node;
	}
	w->depth++;
	w->at++;
	if (kind == DD_LIST)
		walk_items(w, node);
	else
		walk_pairs(w, node);
	if (w->failed)
		return node;
	w->at++;
	w->depth--;
	node->end = node->span.end = (uint32_t)w->at;
	build_first_line(w->source, &node->span);
	if (kind == DD_MAP)
		build_find_duplicates(w->diags, w->source, node);
	return node;
}

static struct dd_node *walk_value(struct json_walk *w)
{
	switch (peek_byte(w)) {
	case '{': return walk_collection(w, DD_MAP);
	case '[': return walk_collection(w, DD_LIST);
	case '"': return walk_string(w);
	default: return walk_word(w);
	}
}

struct dd_node *dd_json_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags)
{
	struct json_walk w = {
	        .arena = arena, .source = source, .diags = diags, .text = source->text};
	struct dd_node *root = walk_value(&w);
	return w.failed ? NULL : root;
}
