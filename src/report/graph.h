/* The steps of a flow and where each may lead: what pictures of flows are drawn from. */
#ifndef DD_REPORT_GRAPH_H
#define DD_REPORT_GRAPH_H

#include "base/text.h"
#include "flow/program.h"

struct dd_edge {
	uint32_t from, to;   /* steps; `to` may be DD_GO_DROP, or DD_NONE for a hang-up */
	struct dd_str label; /* "1", "200", "otherwise", "" */
};
/* From malloc, in the order of the steps. */
struct dd_edge *dd_flow_edges(const struct dd_program *program, size_t *n);

/* An SVG of the steps in their order, jumps as arcs; those of `path` stand out. Nothing for a flow
 * of more than DD_GRAPH_STEPS_MAX steps. */
enum { DD_GRAPH_STEPS_MAX = 300 };
void dd_graph_svg(
        const struct dd_program *program, const uint32_t *path, size_t npath, struct dd_buf *out);

/* What is wrong or risky at a step: a rule by its name. */
struct dd_graph_finding {
	uint32_t step; /* DD_NONE: the flow as a whole */
	enum dd_severity severity;
	const char *rule;
	uint32_t times;
};

/* What a picture may show beside the steps; all of it optional. */
struct dd_graph {
	const struct dd_program *program;
	const dd_ms *lengths; /* of each step's main prompt; negative: none, or not known before the
	                         call */
	const struct dd_str *words; /* of each step: what is said or sent */
	const uint32_t *path;       /* steps of one call, in order */
	size_t npath;
	const bool *unreached; /* steps that scenarios did not come to */
	const char *title;
	const struct dd_graph_finding *findings; /* in the order of their steps, DD_NONE last */
	size_t nfindings;
};

/* A tree for a terminal of so many columns (0: do not cut). */
void dd_graph_text(const struct dd_graph *graph, unsigned columns, bool colour, struct dd_buf *out);
/* https://mermaid.js.org flowchart. No text of the flow is read as anything but text. */
void dd_graph_mermaid(const struct dd_graph *graph, struct dd_buf *out);
/* Graphviz: cards from left to right, each with its ways out as rows. Of a large flow, ways back
   and ways to a step that many lead to are named in their row and not drawn. */
void dd_graph_dot(const struct dd_graph *graph, struct dd_buf *out);

#endif
