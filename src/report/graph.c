/* Edges, and a picture of them: the steps stand below each other as in the file, so that the
 * picture reads like the flow. */
#include "report/graph.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct edges {
	struct dd_edge *list;
	size_t n, cap;
};

static void edge(struct edges *e, uint32_t from, uint32_t to, struct dd_str label)
{
	DD_PUSH(e->list, e->n, e->cap) =
	        (struct dd_edge){from, to == DD_GO_HANGUP ? DD_NONE : to, label};
}

struct leaving {
	struct edges *edges;
	uint32_t from;
};

static void add_way(void *self, uint32_t target, struct dd_str label)
{
	struct leaving *l = self;
	edge(l->edges, l->from, target == DD_GO_BACK ? DD_NONE : target, label);
}

struct dd_edge *dd_flow_edges(const struct dd_program *p, size_t *n)
{
	struct edges e = {0};
	for (uint32_t i = 0; i < p->nsteps; i++)
		dd_step_ways(p, i, add_way, &(struct leaving){&e, i});
	*n = e.n;
	return e.list;
}

static bool goes(const uint32_t *path, size_t n, uint32_t from, uint32_t to)
{
	for (size_t i = 1; i < n; i++)
		if (path[i - 1] == from && path[i] == to)
			return true;
	return false;
}

enum { ROW = 30, LEFT = 60, WIDE = 190, TALL = 22 };

/* All edges between two steps are one line, with all their labels at its end. `into` counts the
 * lines that end at each step. */
static void draw_edge(const struct dd_edge *e, const char *label, bool taken, unsigned nth,
        unsigned into, struct dd_buf *out)
{
	int y1 = (int)e->from * ROW + 15 + (int)(nth % 4) * 3 - 4, x = LEFT + WIDE, at_x, at_y;
	const char *class = taken ? "edge taken" : "edge";
	bool drops = e->to == DD_GO_DROP, ends = e->to == DD_NONE;
	int y2 = drops || ends ? y1 : (int)e->to * ROW + 15, far = y2 > y1 ? y2 - y1 : y1 - y2;
	int bend = 20 + far / 3 < 130 ? 20 + far / 3 : 130;
	if (drops || ends) {
		dd_buf_format(out, "<path class=\"%s\" d=\"M%d %dh%d\"/>", class, x, y1,
		        14 + (int)(nth % 2) * 8);
		at_x = x + 18 + (int)(nth % 2) * 8;
		at_y = y1 + 4;
	} else if (e->to == e->from + 1) {
		dd_buf_format(out, "<path class=\"%s\" d=\"M%d %dV%d\"/>", class, LEFT + 20,
		        (int)e->from * ROW + 26, (int)e->to * ROW + 4);
		at_x = LEFT + 24;
		at_y = (int)e->from * ROW + 33;
	} else if (e->to > e->from) {
		dd_buf_format(out, "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>", class, x,
		        y1, x + bend, y1, x + bend, y2, x, y2);
		at_x = x + 5 + (int)into * 40;
		at_y = y2 - 3;
	} else {
		dd_buf_format(out, "<path class=\"%s\" d=\"M%d %dC%d %d %d %d %d %d\"/>", class,
		        LEFT, y1, LEFT - bend / 2, y1, LEFT - bend / 2, y2, LEFT, y2);
		at_x = LEFT - 14;
		at_y = y2 - 8;
	}
	if (!*label && !drops)
		return;
	struct dd_str text = {label, dd_width_fit(dd_str(label), 24)};
	dd_buf_format(out, "<text class=\"label\" x=\"%d\" y=\"%d\">%s", at_x, at_y,
	        drops          ? "✗ "
	                : ends ? "■ "
	                       : "");
	dd_buf_xml(out, text);
	dd_buf_str(out, "</text>");
}

/* The labels of every edge that goes where edge `i` goes; false when an earlier one has told it. */
static bool join_labels(const struct dd_edge *edges, size_t n, size_t i, struct dd_buf *out)
{
	dd_buf_clear(out);
	for (size_t j = i; j-- > 0 && edges[j].from == edges[i].from;)
		if (edges[j].to == edges[i].to)
			return false;
	for (size_t j = i; j < n && edges[j].from == edges[i].from; j++) {
		if (edges[j].to != edges[i].to || edges[j].label.n == 0)
			continue;
		dd_buf_str(out, out->n ? ", " : "");
		dd_buf_screen(out, edges[j].label);
	}
	return true;
}

struct placed {
	uint32_t step, flow, at;
};

static int by_place(const void *a, const void *b)
{
	const struct placed *x = a, *y = b;
	if (x->flow != y->flow)
		return x->flow < y->flow ? -1 : 1;
	return x->at < y->at ? -1 : x->at > y->at;
}

/* The row of each step: as it stands in its file. */
static uint32_t *rows_of(const struct dd_program *p, struct placed *order)
{
	uint32_t *rows = dd_alloc((p->nsteps + 1) * sizeof *rows);
	for (uint32_t i = 0; i < p->nsteps; i++)
		order[i] = (struct placed){i, p->steps[i].flow, p->steps[i].span.start};
	qsort(order, p->nsteps, sizeof *order, by_place);
	for (uint32_t row = 0; row < p->nsteps; row++)
		rows[order[row].step] = row;
	return rows;
}

static void draw_edges(const struct dd_edge *edges, size_t n, const uint32_t *path, size_t npath,
        struct dd_buf *out)
{
	struct dd_buf label = {0};
	for (int pass = 0; pass < 2; pass++) { /* the path taken is drawn last, above the others */
		unsigned nth = 0;
		for (size_t i = 0; i < n; i++) {
			bool taken = goes(path, npath, edges[i].from, edges[i].to);
			unsigned into = 0;
			nth = i && edges[i].from == edges[i - 1].from ? nth + 1 : 0;
			for (size_t j = 0; j < i; j++)
				into += edges[j].to == edges[i].to &&
				        edges[j].from != edges[i].from && edges[j].label.n;
			if (taken == (pass == 1) && join_labels(edges, n, i, &label))
				draw_edge(&edges[i], label.p ? label.p : "", taken, nth, into, out);
		}
	}
	dd_buf_free(&label);
}

void dd_graph_svg(
        const struct dd_program *p, const uint32_t *path, size_t npath, struct dd_buf *out)
{
	size_t n;
	if (p->nsteps > DD_GRAPH_STEPS_MAX)
		return;
	struct placed *order = dd_alloc((p->nsteps + 1) * sizeof *order);
	struct dd_edge *edges = dd_flow_edges(p, &n);
	uint32_t *rows = rows_of(p, order), *way = dd_alloc((npath + 1) * sizeof *way);
	bool *visited = dd_alloc((p->nsteps + 1) * sizeof *visited);
	for (size_t i = 0; i < n; i++) {
		edges[i].from = rows[edges[i].from];
		edges[i].to = edges[i].to < p->nsteps ? rows[edges[i].to] : edges[i].to;
	}
	for (size_t i = 0; i < npath; i++) {
		way[i] = rows[path[i]];
		visited[way[i]] = true;
	}
	dd_buf_format(out,
	        "<svg class=\"graph\" role=\"img\" aria-label=\"the flow, with the path taken\" "
	        "viewBox=\"0 0 %d %u\">",
	        LEFT + WIDE + 150, p->nsteps * ROW + 6);
	draw_edges(edges, n, way, npath, out);
	for (uint32_t row = 0; row < p->nsteps; row++) {
		const struct dd_step *s = &p->steps[order[row].step];
		dd_buf_format(out,
		        "<g class=\"step%s\" data-step=\"%u\"><rect x=\"%d\" y=\"%u\" "
		        "width=\"%d\" height=\"%d\" rx=\"5\"/><text x=\"%d\" y=\"%u\">%u  %s",
		        visited[row] ? " taken" : "", order[row].step, LEFT, row * ROW + 4, WIDE,
		        TALL, LEFT + 8, row * ROW + 19, s->line, dd_applet_name(s->applet));
		if (s->id) {
			struct dd_str id = dd_str(s->id);
			id.n = dd_width_fit(id, 16);
			dd_buf_char(out, ' ');
			dd_buf_xml(out, id);
		}
		dd_buf_str(out, "</text></g>");
	}
	dd_buf_str(out, "</svg>\n");
	dd_free(visited);
	dd_free(way);
	dd_free(rows);
	dd_free(order);
	dd_free(edges);
}
