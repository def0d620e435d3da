/* Edits, and finding one's way in a flow's text. */
#include <string.h>

#include "base/text.h"
#include "check/fixing.h"

void fix_edit(struct fix_case *c, uint32_t start, uint32_t end, const char *text)
{
	struct fix_repair *r = c->repair;
	if (r->n == r->cap) {
		struct fix_edit *more =
		        dd_arena_alloc(c->arena, (r->cap ? r->cap * 2 : 4) * sizeof *more);
		if (r->n)
			memcpy(more, r->edits, r->n * sizeof *more);
		r->edits = more;
		r->cap = r->cap ? r->cap * 2 : 4;
	}
	r->edits[r->n++] = (struct fix_edit){{start, end}, dd_str(text)};
}

/* Only marks are put in, so that every place inside is still known afterwards. */
void fix_quote(struct fix_case *c, uint32_t start, uint32_t end)
{
	const char *text = c->source->text.p;
	for (uint32_t i = start; i < end; i++)
		if (i == start)
			fix_edit(c, i, i, text[i] == '"' || text[i] == '\\' ? "\"\\" : "\"");
		else if (text[i] == '"' || text[i] == '\\')
			fix_edit(c, i, i, "\\");
	fix_edit(c, end, end, "\"");
}

uint32_t fix_line_start(struct dd_str text, uint32_t at)
{
	while (at > 0 && text.p[at - 1] != '\n')
		at--;
	return at == 0 && text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0 ? 3 : at;
}

uint32_t fix_line_end(struct dd_str text, uint32_t at)
{
	while (at < text.n && text.p[at] != '\n')
		at++;
	return at > 0 && at <= text.n && text.p[at - 1] == '\r' ? at - 1 : at;
}

/* The last line has no end to go by: then the first line's. */
const char *fix_newline(struct dd_str text, uint32_t at)
{
	const char *end = at < text.n ? memchr(text.p + at, '\n', text.n - at) : NULL;
	if (!end)
		end = memchr(text.p, '\n', text.n);
	return end && end > text.p && end[-1] == '\r' ? "\r\n" : "\n";
}

uint32_t fix_text_end(struct dd_str text, uint32_t from)
{
	uint32_t end = fix_line_end(text, from), at = from;
	for (; at < end; at++) {
		bool mark = text.p[at] == '#' && at > from &&
		        (text.p[at - 1] == ' ' || text.p[at - 1] == '\t');
		if (mark && (at + 1 == end || strchr(" \t#!-", text.p[at + 1])))
			break;
	}
	while (at > from && (text.p[at - 1] == ' ' || text.p[at - 1] == '\t'))
		at--;
	return at;
}

/* The first character of what may have an anchor. */
static char first_of(struct dd_str text, uint32_t at)
{
	if (text.p[at] == '&')
		while (at + 1 < text.n && !strchr(" \n", text.p[at]))
			at++;
	while (at + 1 < text.n && text.p[at] == ' ')
		at++;
	return text.p[at];
}

/* Down to the text that holds `at`. What stands before its parent, or before what came last, is an
 * alias: it is elsewhere. */
struct fix_place fix_find(const struct dd_node *root, struct dd_str text, uint32_t at)
{
	struct fix_place place = {.node = root};
	while (place.node && place.node->kind != DD_SCALAR) {
		const struct dd_node *parent = place.node, *next = NULL, *key = NULL;
		uint32_t from = parent->span.start;
		char c = first_of(text, from);
		for (uint32_t i = 0; i < parent->n; i++) {
			bool map = parent->kind == DD_MAP;
			const struct dd_node *child = map ? parent->pairs[i].value
			                                  : parent->items[i],
			                     *name = map ? parent->pairs[i].key : NULL;
			if (name && name->span.start >= from)
				from = name->end;
			if (child->span.start < from)
				continue;
			if (child->span.start > at)
				break;
			next = child;
			key = name;
			from = child->end;
		}
		place = (struct fix_place){next, key, place.bracketed || c == '[' || c == '{'};
	}
	if (place.node &&
	        (at < place.node->span.start ||
	                at >= (place.node->end > place.node->span.start ? place.node->end
	                                                                : place.node->span.start)))
		place.node = NULL;
	return place;
}
