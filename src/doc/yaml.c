/* libyaml events → tree. libyaml bounds neither depth nor aliases and reports neither duplicate
   keys nor unknown aliases, so all of that is here. Its marks count characters; ours are bytes. */
#include "doc/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "doc/building.h"
#include "doc/yaml_slips.h"

struct anchor {
	const char *name;
	struct dd_node *node;
};

struct frame {
	struct dd_node *node;
	struct dd_node *key; /* of a map: the key whose value is awaited */
	struct dd_node **items;
	struct dd_pair *pairs;
	size_t n, cap;
};

struct yaml_reader {
	struct dd_arena *arena;
	const struct dd_source *source;
	struct dd_diags *diags;
	yaml_parser_t parser;
	bool ascii;
	size_t bom, mark_chars,
	        mark_bytes; /* a character count and its byte offset, near the last mark */
	struct frame stack[DD_DEPTH_MAX + 1];
	size_t depth;
	struct anchor *anchors;
	size_t nanchors, cap_anchors;
	struct dd_node *root;
	uint64_t nodes;
	bool failed;
};

static struct dd_diag *fault(
        struct yaml_reader *r, const char *code, struct dd_span span, const char *message)
{
	r->failed = true;
	return dd_diag(r->diags, DD_ERROR, code, r->source, span, "%s", message);
}

static void too_deep(struct yaml_reader *r, struct dd_span span)
{
	r->failed = true;
	build_too_deep(r->diags, r->source, span);
}

/* Marks mostly move forward: walk from the last one. */
static uint32_t offset_of(struct yaml_reader *r, size_t chars)
{
	const char *p = r->source->text.p;
	size_t n = r->source->text.n, at = r->mark_bytes;
	if (r->ascii)
		return (uint32_t)(chars + r->bom < n ? chars + r->bom : n);
	size_t have = r->mark_chars;
	while (have > chars && at > r->bom) {
		do
			at--;
		while (at > r->bom && ((unsigned char)p[at] & 0xC0) == 0x80);
		have--;
	}
	while (have < chars && at < n) {
		do
			at++;
		while (at < n && ((unsigned char)p[at] & 0xC0) == 0x80);
		have++;
	}
	r->mark_bytes = at;
	r->mark_chars = have;
	return (uint32_t)at;
}

static struct dd_span span_of(struct yaml_reader *r, yaml_mark_t start, yaml_mark_t end)
{
	struct dd_span span;
	span.start = offset_of(r, start.index);
	span.end = offset_of(r, end.index);
	return span;
}

static void attach_node(struct yaml_reader *r, struct dd_node *node)
{
	if (r->depth == 0) {
		r->root = node;
		return;
	}
	struct frame *top = &r->stack[r->depth - 1];
	struct dd_node *parent = top->node;
	if (parent->kind == DD_LIST) {
		DD_PUSH(top->items, top->n, top->cap) = node;
	} else if (!top->key) {
		if (node->kind != DD_SCALAR)
			fault(r, "yaml-key", node->span, "a key must be plain text")->hint =
			        "text that begins with { or [ needs quotes";
		top->key = node;
		return;
	} else {
		if (!top->pairs || top->n == top->cap) {
			top->cap = top->cap ? top->cap * 2 : 8;
			top->pairs = dd_realloc(top->pairs, top->cap, sizeof *top->pairs);
		}
		top->pairs[top->n++] = (struct dd_pair){top->key, node};
		top->key = NULL;
	}
	r->nodes += node->count;
	uint64_t count = (uint64_t)parent->count + node->count + (parent->kind == DD_MAP);
	parent->count = count > DD_NODES_MAX ? DD_NODES_MAX + 1 : (uint32_t)count;
	if (node->height + 1 > parent->height)
		parent->height = (uint8_t)(node->height + 1);
	if (r->depth + node->height > DD_DEPTH_MAX)
		too_deep(r, node->span);
	else if (parent->count > DD_NODES_MAX || r->nodes > 2 * (uint64_t)DD_NODES_MAX)
		fault(r, "limit-nodes", node->span,
		        "with its aliases written out the file has more than 1,000,000 nodes");
}

static void remember_anchor(struct yaml_reader *r, const yaml_char_t *anchor, struct dd_node *node)
{
	if (!anchor)
		return;
	const char *name = (const char *)anchor;
	DD_PUSH(r->anchors, r->nanchors, r->cap_anchors) =
	        (struct anchor){dd_arena_copy(r->arena, name, strlen(name)), node};
}

static void refuse_tag(struct yaml_reader *r, const yaml_char_t *tag, struct dd_span span)
{
	if (tag)
		fault(r, "yaml-tag", span, "tags are not part of the flow language")->hint =
		        "leave the tag out";
}

static void begin_collection(struct yaml_reader *r, enum dd_node_kind kind,
        const yaml_event_t *event, const yaml_char_t *anchor, const yaml_char_t *tag)
{
	struct dd_node *node =
	        build_node(r->arena, kind, span_of(r, event->start_mark, event->end_mark));
	refuse_tag(r, tag, node->span);
	if (r->depth >= DD_DEPTH_MAX) {
		too_deep(r, node->span);
		return;
	}
	node->open = true;
	remember_anchor(r, anchor, node);
	r->stack[r->depth++] = (struct frame){.node = node};
}

static void finish_collection(struct yaml_reader *r, const yaml_event_t *event)
{
	struct frame *top = &r->stack[--r->depth];
	struct dd_node *node = top->node;
	node->end = node->span.end = offset_of(r, event->end_mark.index);
	build_first_line(r->source, &node->span);
	node->open = false;
	node->n = (uint32_t)top->n;
	if (node->kind == DD_LIST)
		node->items = DD_KEEP(r->arena, top->items, top->n);
	else
		node->pairs = DD_KEEP(r->arena, top->pairs, top->n);
	dd_free(top->items);
	dd_free(top->pairs);
	*top = (struct frame){0};
	if (node->kind == DD_MAP && node->n > 1 && !r->failed)
		build_find_duplicates(r->diags, r->source, node);
	attach_node(r, node);
}

static void find_alias(struct yaml_reader *r, const yaml_event_t *event)
{
	const char *name = (const char *)event->data.alias.anchor;
	struct dd_span span = span_of(r, event->start_mark, event->end_mark);
	for (size_t i = r->nanchors; i-- > 0;) {
		if (strcmp(r->anchors[i].name, name) != 0)
			continue;
		if (r->anchors[i].node->open)
			fault(r, "yaml-alias", span, "this alias stands inside what it stands for");
		else
			attach_node(r, r->anchors[i].node);
		return;
	}
	fault(r, "yaml-alias", span, "no anchor of this name comes before it")->hint =
	        "text that begins with * needs quotes";
}

static void read_scalar(struct yaml_reader *r, const yaml_event_t *event)
{
	struct dd_node *node =
	        build_node(r->arena, DD_SCALAR, span_of(r, event->start_mark, event->end_mark));
	node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
	node->text.n = event->data.scalar.length;
	node->text.p =
	        dd_arena_copy(r->arena, (const char *)event->data.scalar.value, node->text.n);
	if (event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE ||
	        event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE)
		build_first_line(r->source, &node->span);
	refuse_tag(r, event->data.scalar.tag, node->span);
	remember_anchor(r, event->data.scalar.anchor, node);
	attach_node(r, node);
}

/* True when the stream is over. */
static bool take_event(struct yaml_reader *r, const yaml_event_t *event)
{
	switch (event->type) {
	case YAML_DOCUMENT_START_EVENT:
		if (r->root)
			fault(r, "yaml-documents", span_of(r, event->start_mark, event->end_mark),
			        "a second document begins here; a file holds one");
		break;
	case YAML_MAPPING_START_EVENT:
		begin_collection(r, DD_MAP, event, event->data.mapping_start.anchor,
		        event->data.mapping_start.tag);
		break;
	case YAML_SEQUENCE_START_EVENT:
		begin_collection(r, DD_LIST, event, event->data.sequence_start.anchor,
		        event->data.sequence_start.tag);
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT: finish_collection(r, event); break;
	case YAML_SCALAR_EVENT: read_scalar(r, event); break;
	case YAML_ALIAS_EVENT: find_alias(r, event); break;
	default: break;
	}
	return event->type == YAML_STREAM_END_EVENT;
}

static void syntax_error(struct yaml_reader *r)
{
	const yaml_parser_t *p = &r->parser;
	const char *problem = p->problem ? p->problem : "this is not YAML",
	           *context = p->context ? p->context : "";
	uint32_t at = offset_of(r, p->problem_mark.index),
	         from = *context ? offset_of(r, p->context_mark.index) : at;
	struct dd_diag *d = dd_diag(r->diags, DD_ERROR, "yaml-syntax", r->source,
	        (struct dd_span){at, at + 1}, "%s", problem);
	r->failed = true;
	if (strstr(context, "quoted scalar") && strstr(problem, "unexpected")) {
		/* the quote that was opened is the place to look at, not the end of the file */
		d->span = (struct dd_span){from, from + 1};
		d->message = "this quote is never closed";
		return;
	}
	struct yaml_failure failure = {problem, context, at, from};
	const char *message = d->message;
	yaml_explain(r->arena, &failure, d);
	if (d->message == message && from != at) { /* nothing is known: the parser's own words */
		d->other = r->source;
		d->other_span = (struct dd_span){from, from + 1};
		d->other_message = dd_arena_copy(r->arena, context, strlen(context));
	}
}

/* YAML forbids most control characters; libyaml would not say where they stand. */
static bool check_bytes(struct yaml_reader *r)
{
	struct dd_str text = r->source->text;
	size_t bad = dd_utf8_valid(text);
	if (bad < text.n) {
		fault(r, "utf-8", (struct dd_span){(uint32_t)bad, (uint32_t)bad + 1},
		        "this byte is not UTF-8");
		return false;
	}
	r->ascii = true;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if (c >= 0x80)
			r->ascii = false;
		if ((c < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7F) {
			struct dd_diag *d = dd_diag(r->diags, DD_ERROR, "control-character",
			        r->source, (struct dd_span){(uint32_t)i, (uint32_t)i + 1},
			        "a control character (0x%02X) has no place in a flow", c);
			(void)d;
			return false;
		}
	}
	if (text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0) {
		r->bom = 3;
		r->mark_bytes = 3;
	}
	return true;
}

/* libyaml takes memory of its own, which a scope does not know. */
static void give_back_parser(void *parser)
{
	yaml_parser_delete(parser);
}

static void give_back_event(void *event)
{
	yaml_event_delete(event);
}

static void read_events(struct yaml_reader *r)
{
	yaml_event_t event;
	bool over = false;
	while (!over && !r->failed) {
		if (!yaml_parser_parse(&r->parser, &event)) {
			if (r->parser.error == YAML_MEMORY_ERROR)
				dd_memory_failed();
			syntax_error(r);
			return;
		}
		dd_memory_defer(give_back_event, &event);
		over = take_event(r, &event);
		dd_memory_done(&event);
		yaml_event_delete(&event);
	}
}

struct dd_node *dd_yaml_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags)
{
	struct yaml_reader *r = dd_alloc(sizeof *r);
	size_t before = diags->errors;
	r->arena = arena;
	r->source = source;
	r->diags = diags;
	if (check_bytes(r)) {
		if (!yaml_parser_initialize(&r->parser))
			dd_memory_failed();
		dd_memory_defer(give_back_parser, &r->parser);
		yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
		/* past a byte order mark: libyaml would count it as a column of the first line, and
		 * take the second for another block */
		yaml_parser_set_input_string(&r->parser,
		        (const unsigned char *)source->text.p + r->bom, source->text.n - r->bom);
		read_events(r);
		dd_memory_done(&r->parser);
		yaml_parser_delete(&r->parser);
	}
	for (size_t i = 0; i < r->depth; i++) {
		dd_free(r->stack[i].items);
		dd_free(r->stack[i].pairs);
	}
	dd_free(r->anchors);
	struct dd_node *root = r->failed ? NULL : r->root;
	if (!root && diags->errors == before)
		fault(r, "empty-file", (struct dd_span){0, 0}, "the file is empty");
	dd_free(r);
	return root;
}
