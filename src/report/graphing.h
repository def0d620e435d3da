/* What the tree and the pictures share, and nobody else: what is known of each step and of each way
 * out of it, found once. */
#ifndef DD_REPORT_GRAPHING_H
#define DD_REPORT_GRAPHING_H

#include "report/graph.h"

enum graph_flag { GRAPH_GOAL = 1, GRAPH_OPT_OUT = 2 };

struct graph_facts {
	const struct dd_graph *g;
	const struct dd_program *p;
	struct dd_edge *edges;
	size_t nedges;
	size_t *first;         /* edge of each step, and one more */
	size_t *first_finding; /* of each step, and one more: from there on the flow's own */
	unsigned char *flags;  /* of each edge: its key is a goal, an opt-out */
	unsigned char *behind; /* of each step: every way to it goes through such keys */
	bool *met;             /* steps of the path */
	bool *taken;           /* edges of the path */
	bool *jump;            /* edges that do not come to their step first */
	bool *shared;          /* steps that many lead to from elsewhere */
};
void graph_facts_init(struct graph_facts *facts, const struct dd_graph *g);
void graph_facts_fini(struct graph_facts *facts);

/* All ways from one step to another that mean the same are drawn as one; false when an earlier one
 * has told them. `label` is cleared first. */
bool graph_join(const struct graph_facts *facts, size_t edge, struct dd_buf *label);
bool graph_taken(
        const struct graph_facts *facts, size_t edge); /* it, or one that it is joined with */
const char *graph_flag_name(unsigned flags);           /* "goal", "opt-out", "" */

void graph_name(
        const struct graph_facts *facts, uint32_t step, struct dd_buf *out); /* 15 ivr main */
void graph_length(
        const struct graph_facts *facts, uint32_t step, struct dd_buf *out); /* 5.5 s, or nothing */
void graph_words(
        const struct graph_facts *facts, uint32_t step, size_t columns, struct dd_buf *out);
/* "✗ call-drops", "! menu-width ×2", "i no-sms-backup": the mark tells the severity where there is
 * no colour. */
void graph_finding(const struct dd_graph_finding *finding, struct dd_buf *out);

#endif
