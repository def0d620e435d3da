/* A flow as a tree, as Mermaid and as Graphviz have it. Texts of the flow are cut short and escaped for each. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "report/graph.h"

enum { WORDS = 40, BREAK_AT = 28, DEPTH_MAX = 40 };

static bool on_path(const struct dd_graph *g, uint32_t from, uint32_t to)
{
	for (size_t i = 0; i < g->npath; i++)
		if (g->path[i] == from && (to == DD_NONE ? i + 1 == g->npath : i + 1 < g->npath && g->path[i + 1] == to))
			return true;
	return false;
}

static bool met(const struct dd_graph *g, uint32_t step)
{
	for (size_t i = 0; i < g->npath; i++)
		if (g->path[i] == step)
			return true;
	return false;
}

enum flag { GOAL = 1, OPT_OUT = 2 };

/* Whether some key that leads to `to` is a goal or an opt-out. */
static unsigned flags_of(const struct dd_program *p, uint32_t step, struct dd_str label)
{
	const struct dd_step *s = &p->steps[step];
	for (uint32_t k = 0; s->applet == DD_IVR && k < s->ivr.nkeys; k++) {
		const struct dd_key *key = &p->keys[s->ivr.first_key + k];
		if (label.n == 1 && key->key == label.p[0])
			return (key->goal ? GOAL : 0U) | (key->opt_out ? OPT_OUT : 0U);
	}
	return 0;
}

static void words_of(const struct dd_graph *g, uint32_t step, size_t columns, struct dd_buf *out)
{
	struct dd_str words = g->words ? g->words[step] : (struct dd_str){"", 0};
	size_t n = dd_width_fit(words, columns);
	dd_buf_screen(out, (struct dd_str){words.p, n});
	dd_buf_str(out, n < words.n ? "…" : "");
}

static void length_of(const struct dd_graph *g, uint32_t step, struct dd_buf *out)
{
	if (g->lengths && g->lengths[step] >= 0)
		dd_buf_format(out, "%lld.%lld s", (long long)(g->lengths[step] / 1000), (long long)(g->lengths[step] % 1000 / 100));
}

/* -- the tree ------------------------------------------------------------------------------------------------------------- */

struct tree {
	const struct dd_graph *g;
	const struct dd_edge *edges;
	size_t nedges;
	size_t *first; /* of each step, and one more */
	bool *printed;
	struct dd_buf *out;
	unsigned columns, depth;
	bool colour;
	uint32_t *later; /* steps too deep to be drawn where they are reached */
	size_t nlater, cap_later;
};

static void end_line(struct tree *t, size_t from)
{
	struct dd_str line = {t->out->p + from, t->out->n - from};
	if (t->columns > 10 && dd_width_fit(line, t->columns) < line.n) {
		t->out->n = from + dd_width_fit(line, t->columns - 1);
		dd_buf_str(t->out, "…");
	}
	while (t->out->n > from && t->out->p[t->out->n - 1] == ' ')
		t->out->n--;
	dd_buf_char(t->out, '\n');
}

static void step_line(struct tree *t, const char *indent, const char *lead, uint32_t step)
{
	const struct dd_step *s = &t->g->program->steps[step];
	size_t from = t->out->n;
	struct dd_buf name = {0};
	dd_buf_format(&name, "%u %s", s->line, dd_applet_name(s->applet));
	if (s->id)
		dd_buf_format(&name, " %s", s->id);
	dd_buf_format(t->out, "%s%s%s%-24s ", indent, lead, met(t->g, step) ? "*" : "", name.p);
	length_of(t->g, step, t->out);
	dd_buf_str(t->out, "  ");
	words_of(t->g, step, 200, t->out);
	dd_buf_str(t->out, t->g->unreached && t->g->unreached[step] ? "  (no scenario comes here)" : "");
	end_line(t, from);
	dd_buf_free(&name);
}

static void branch(struct tree *t, uint32_t step, const char *indent, const char *lead);

/* The ways out of a step that branches, each with what comes behind it. */
static void branches(struct tree *t, uint32_t step, const char *indent)
{
	for (size_t i = t->first[step]; i < t->first[step + 1]; i++) {
		const struct dd_edge *e = &t->edges[i];
		bool last = i + 1 == t->first[step + 1];
		unsigned flags = flags_of(t->g->program, step, e->label);
		struct dd_buf lead = {0};
		dd_buf_str(&lead, last ? "└─ " : "├─ ");
		if (t->colour && flags)
			dd_buf_str(&lead, flags & GOAL ? "\033[32m" : "\033[33m");
		dd_buf_screen(&lead, (struct dd_str){e->label.p, dd_width_fit(e->label, 16)});
		dd_buf_str(&lead, flags & GOAL ? " (goal)" : flags & OPT_OUT ? " (opt-out)" : "");
		dd_buf_str(&lead, t->colour && flags ? "\033[0m  " : e->label.n ? "  " : "");
		if (e->to == DD_NONE || e->to == DD_GO_DROP) {
			size_t from = t->out->n;
			dd_buf_format(t->out, "%s%s%s", indent, lead.p, e->to == DD_NONE ? "hangs up" : "✗ the line goes dead");
			end_line(t, from);
		} else if (t->printed[e->to] || t->depth >= DEPTH_MAX) {
			if (!t->printed[e->to])
				DD_PUSH(t->later, t->nlater, t->cap_later) = e->to;
			const struct dd_step *to = &t->g->program->steps[e->to];
			size_t from = t->out->n;
			dd_buf_format(t->out, "%s%s→ %u %s%s%s", indent, lead.p, to->line, dd_applet_name(to->applet), to->id ? " " : "", to->id ? to->id : "");
			end_line(t, from);
		} else {
			branch(t, e->to, indent, lead.p);
		}
		dd_buf_free(&lead);
	}
}

/* A step and those behind it that follow without a choice stand below each other. */
static void branch(struct tree *t, uint32_t step, const char *indent, const char *lead)
{
	struct dd_buf below = {0};
	t->depth++;
	dd_buf_str(&below, indent);
	if (*lead) /* the bar of a branch that is not the last goes on */
		dd_buf_str(&below, strncmp(lead, "└", strlen("└")) == 0 ? "   " : "│  ");
	for (const char *now = lead; step < t->g->program->nsteps; now = "") {
		t->printed[step] = true;
		step_line(t, *now ? indent : below.p, now, step);
		size_t n = t->first[step + 1] - t->first[step];
		const struct dd_edge *only = n == 1 && t->edges[t->first[step]].label.n == 0 ? &t->edges[t->first[step]] : NULL;
		if (!only || only->to >= t->g->program->nsteps || t->printed[only->to]) {
			if (n)
				branches(t, step, below.p);
			break;
		}
		step = only->to;
	}
	t->depth--;
	dd_buf_free(&below);
}

static size_t *first_edges(const struct dd_program *p, const struct dd_edge *edges, size_t n)
{
	size_t *first = dd_alloc((p->nsteps + 2) * sizeof *first), k = 0;
	for (uint32_t i = 0; i <= p->nsteps; i++) {
		while (k < n && edges[k].from < i)
			k++;
		first[i] = k;
	}
	return first;
}

void dd_graph_text(const struct dd_graph *g, unsigned columns, bool colour, struct dd_buf *out)
{
	const struct dd_program *p = g->program;
	struct tree t = {.g = g, .out = out, .columns = columns, .colour = colour};
	struct dd_edge *edges = dd_flow_edges(p, &t.nedges);
	t.edges = edges;
	t.first = first_edges(p, edges, t.nedges);
	t.printed = dd_alloc(p->nsteps + 1);
	dd_buf_screen(out, dd_str(g->title));
	dd_buf_char(out, '\n');
	if (p->flows[0].start < p->nsteps)
		branch(&t, p->flows[0].start, "", "");
	for (size_t i = 0; i < t.nlater; i++) {
		if (t.printed[t.later[i]])
			continue;
		dd_buf_str(out, "further on\n");
		branch(&t, t.later[i], "", "");
	}
	for (uint32_t i = 0; i < p->nsteps; i++) {
		if (t.printed[i])
			continue;
		dd_buf_str(out, "nothing leads to\n");
		branch(&t, i, "", "");
	}
	free(edges);
	free(t.first);
	free(t.printed);
	free(t.later);
}

/* -- Mermaid ---------------------------------------------------------------------------------------------------------------- */

/* In quotes nothing but quotes, # and < need care; they become entity codes. */
static void mermaid_text(struct dd_buf *out, struct dd_str text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, text);
	for (size_t i = 0; i < clean.n; i++) {
		char c = clean.p[i];
		if (strchr("\"#<>&;`{}[]()|\\", c))
			dd_buf_format(out, "#%d;", c);
		else
			dd_buf_char(out, c);
	}
	dd_buf_free(&clean);
}

static const char *const MERMAID[DD_APPLETS_COUNT][2] = {
	[DD_GREETING] = {"(\"", "\")"}, [DD_IVR] = {"{{\"", "\"}}"},	[DD_PASSTHRU] = {"[/\"", "\"/]"}, [DD_SMS] = {">\"", "\"]"},
	[DD_HANGUP] = {"((\"", "\"))"}, [DD_TRANSFER] = {"[[\"", "\"]]"}, [DD_GOTO] = {"([\"", "\"])"},
};

static void node_text(const struct dd_graph *g, uint32_t step, struct dd_buf *out)
{
	const struct dd_step *s = &g->program->steps[step];
	dd_buf_format(out, "%u %s%s%s", s->line, dd_applet_name(s->applet), s->id ? " " : "", s->id ? s->id : "");
	if (g->lengths && g->lengths[step] >= 0) {
		dd_buf_str(out, ", ");
		length_of(g, step, out);
	}
}

void dd_graph_mermaid(const struct dd_graph *g, struct dd_buf *out)
{
	const struct dd_program *p = g->program;
	size_t n;
	struct dd_edge *edges = dd_flow_edges(p, &n);
	struct dd_buf links = {0};
	dd_buf_str(out, "flowchart TD\n");
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct dd_buf text = {0}, words = {0};
		const char *const *shape = MERMAID[p->steps[i].applet];
		node_text(g, i, &text);
		words_of(g, i, WORDS, &words);
		dd_buf_format(out, "  s%u%s", i, shape[0]);
		mermaid_text(out, (struct dd_str){text.p, text.n});
		if (words.n) {
			dd_buf_str(out, "<br>");
			mermaid_text(out, (struct dd_str){words.p, words.n});
		}
		dd_buf_format(out, "%s%s\n", shape[1], met(g, i) ? ":::taken" : g->unreached && g->unreached[i] ? ":::unreached" : "");
		dd_buf_free(&text);
		dd_buf_free(&words);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned flags = flags_of(p, edges[i].from, edges[i].label);
		if (edges[i].to == DD_NONE)
			dd_buf_format(out, "  e%zu((\"hangs up\"))\n", i);
		else if (edges[i].to == DD_GO_DROP)
			dd_buf_format(out, "  e%zu[\"the line goes dead\"]:::dead\n", i);
		dd_buf_format(out, "  s%u -->", edges[i].from);
		if (edges[i].label.n) {
			dd_buf_str(out, "|\"");
			mermaid_text(out, (struct dd_str){edges[i].label.p, dd_width_fit(edges[i].label, 20)});
			dd_buf_format(out, "%s\"| ", flags & GOAL ? ", goal" : flags & OPT_OUT ? ", opt-out" : "");
		} else {
			dd_buf_char(out, ' ');
		}
		dd_buf_format(out, edges[i].to < p->nsteps ? "s%u\n" : "e%u\n", edges[i].to < p->nsteps ? edges[i].to : (uint32_t)i);
		if (edges[i].to < p->nsteps && on_path(g, edges[i].from, edges[i].to))
			dd_buf_format(&links, "%s%zu", links.n ? "," : "", i);
	}
	if (links.n)
		dd_buf_format(out, "  linkStyle %s stroke-width:3px,stroke:#0969da\n", links.p);
	dd_buf_str(out, "  classDef taken stroke-width:3px,stroke:#0969da\n  classDef unreached stroke-dasharray:4,fill:#eee,color:#555\n"
			"  classDef dead stroke:#cf222e,stroke-dasharray:4\n");
	dd_buf_free(&links);
	free(edges);
}

/* -- Graphviz ---------------------------------------------------------------------------------------------------------------- */

static void dot_text(struct dd_buf *out, struct dd_str text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, text);
	for (size_t i = 0; i < clean.n; i++) {
		if (clean.p[i] == '"' || clean.p[i] == '\\')
			dd_buf_char(out, '\\');
		dd_buf_char(out, clean.p[i]);
	}
	dd_buf_free(&clean);
}

/* Two lines of words at the most, broken at a space. */
static void dot_words(const struct dd_graph *g, uint32_t step, struct dd_buf *out)
{
	struct dd_buf words = {0};
	words_of(g, step, 2 * BREAK_AT, &words);
	struct dd_str text = {words.p ? words.p : "", words.n};
	size_t n = dd_width_fit(text, BREAK_AT), space = n;
	while (n < text.n && space > 0 && text.p[space] != ' ')
		space--;
	if (n < text.n && space > 0)
		n = space;
	if (text.n)
		dd_buf_str(out, "\\n");
	dot_text(out, (struct dd_str){text.p, n});
	if (n < text.n) {
		dd_buf_str(out, "\\n");
		dot_text(out, dd_str_trim((struct dd_str){text.p + n, text.n - n}));
	}
	dd_buf_free(&words);
}

/* Shape and weight tell what colour tells as well, for black and white. */
void dd_graph_dot(const struct dd_graph *g, struct dd_buf *out)
{
	static const char *const shapes[DD_APPLETS_COUNT] = {
		[DD_GREETING] = "box\" style=\"rounded", [DD_IVR] = "hexagon", [DD_PASSTHRU] = "parallelogram", [DD_SMS] = "note",
		[DD_HANGUP] = "doublecircle", [DD_TRANSFER] = "box3d", [DD_GOTO] = "cds"};
	const struct dd_program *p = g->program;
	size_t n;
	struct dd_edge *edges = dd_flow_edges(p, &n);
	dd_buf_str(out, "digraph flow {\n  label=\"");
	dot_text(out, dd_str(g->title));
	dd_buf_str(out, "\"; labelloc=t; rankdir=TB; fontname=\"sans-serif\"; nodesep=0.25; ranksep=0.35;\n"
			"  node [fontname=\"sans-serif\", fontsize=10, margin=\"0.08,0.04\"]; edge [fontname=\"sans-serif\", fontsize=9];\n");
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct dd_buf text = {0};
		bool hangs_up = p->steps[i].applet == DD_HANGUP;
		node_text(g, i, &text);
		dd_buf_format(out, "  s%u [shape=\"%s\" label=\"", i, shapes[p->steps[i].applet]);
		dot_text(out, hangs_up ? dd_str("end") : (struct dd_str){text.p, text.n});
		dot_words(g, i, out);
		dd_buf_format(out, "\"%s%s%s];\n", met(g, i) ? " penwidth=3 color=\"#0969da\"" : "",
			      g->unreached && g->unreached[i] ? " style=\"dashed,filled\" fillcolor=\"#eeeeee\"" : "",
			      hangs_up ? " margin=\"0\" fontsize=8" : "");
		dd_buf_free(&text);
	}
	for (size_t i = 0; i < n; i++) {
		unsigned flags = flags_of(p, edges[i].from, edges[i].label);
		bool taken = edges[i].to < p->nsteps && on_path(g, edges[i].from, edges[i].to);
		if (edges[i].to == DD_NONE)
			dd_buf_format(out, "  e%zu [shape=doublecircle label=\"end\" fontsize=8 margin=0];\n", i);
		else if (edges[i].to == DD_GO_DROP)
			dd_buf_format(out, "  e%zu [shape=plaintext label=\"✗ dead line\" fontcolor=\"#cf222e\"];\n", i);
		dd_buf_format(out, edges[i].to < p->nsteps ? "  s%u -> s%u [label=\"" : "  s%u -> e%u [label=\"", edges[i].from,
			      edges[i].to < p->nsteps ? edges[i].to : (uint32_t)i);
		dot_text(out, (struct dd_str){edges[i].label.p, dd_width_fit(edges[i].label, 20)});
		dd_buf_format(out, "%s\"%s%s];\n", flags & GOAL ? " goal" : flags & OPT_OUT ? " opt-out" : "", taken ? " penwidth=3 color=\"#0969da\"" : "",
			      edges[i].to == DD_GO_DROP ? " style=dashed color=\"#cf222e\"" : flags & GOAL ? " style=bold" : "");
	}
	dd_buf_str(out, "}\n");
	free(edges);
}
