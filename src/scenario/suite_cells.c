/* Values of a scenario that come from its rows: "{column}" where a word or a duration stands. Each
   row's is read when the scenario is loaded, by the reader of one that stands there, so that what
   does not fit is told before anything runs. */
#include <stdio.h>
#include <string.h>

#include "scenario/reading.h"

/* Puts a row's values into `text`. False, told: it names no column. */
static bool fill(struct reader *r, const struct dd_node *node, const struct dd_row *row,
        const char *what, struct dd_buf *out)
{
	struct dd_str text = node->text;
	for (size_t i = 0; i < text.n; i++) {
		const char *end = text.p[i] == '{' ? memchr(text.p + i, '}', text.n - i) : NULL;
		if (!end) {
			dd_buf_char(out, text.p[i]);
			continue;
		}
		struct dd_str name = {text.p + i + 1, (size_t)(end - text.p) - i - 1};
		uint32_t c = 0;
		while (c < r->table->ncolumns && !dd_str_same(r->table->names[c], name))
			c++;
		if (c == r->table->ncolumns) {
			dd_read_fault(&r->l.doc, "placeholder-unknown", node->span,
			        "%s: no column is called \"%.*s\"", what, (int)name.n, name.p)
			        ->hint = "a column of rows or rows_file; values of the call are "
			                 "not known before it";
			return false;
		}
		if (c < row->n && row->values[c].p)
			dd_buf_add(out, row->values[c].p, row->values[c].n);
		i = (size_t)(end - text.p);
	}
	return true;
}

/* Says of which row a fault is, beside the place where its column is named. */
static void place(struct reader *r, size_t from, uint32_t row)
{
	struct dd_diags *d = &r->suite->diags;
	const struct dd_table *t = r->table;
	for (size_t i = from; i < d->n; i++)
		d->items[i].message = dd_arena_format(r->suite->arena, "row %u (%s:%u): %s",
		        row + 1, t->path ? t->path : r->suite->path, t->rows[row].line,
		        d->items[i].message);
}

int64_t suite_cell(struct reader *r, const struct dd_node *node, enum dd_cell cell,
        const char *what, cell_reader read, int64_t otherwise)
{
	struct dd_table *t = r->table;
	if (!node)
		return otherwise;
	if (node->kind != DD_SCALAR || !node->text.n || !memchr(node->text.p, '{', node->text.n))
		return read(r, node, what);
	int64_t *values = ARRAY(r, t->nrows, int64_t);
	for (uint32_t i = 0; i < t->nrows; i++) {
		struct dd_buf text = {0};
		struct dd_node one = *node;
		size_t before = r->suite->diags.n;
		bool filled = fill(r, node, &t->rows[i], what, &text);
		one.text = (struct dd_str){text.p ? text.p : "", text.n};
		one.self = &one;
		values[i] = filled && text.n ? read(r, &one, what) : DD_CELL_EMPTY;
		dd_buf_free(&text);
		if (filled)
			place(r, before, i);
		if (r->suite->diags.n > before)
			return otherwise; /* the others may well be like it */
	}
	if (t->nrows)
		t->cells[cell] = values;
	else if (!t->ncolumns)
		dd_read_fault(&r->l.doc, "placeholder-unknown", node->span,
		        "%s: the scenario has no rows whose columns could be meant", what)
		        ->hint = "add rows: or rows_file:, or write the value itself";
	return otherwise;
}

int64_t suite_read_ms(struct reader *r, const struct dd_node *node, const char *what)
{
	bool first = strcmp(what, "first_words_within") == 0,
	     ring = strcmp(what, "ring_timeout") == 0;
	dd_ms ms = 0;
	dd_read_duration(&r->l.doc, node, what, first ? HOUR_MS : ring ? 600000 : HOUR_MS * 4, &ms);
	return ms;
}
