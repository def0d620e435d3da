/* A flow for Graphviz: each step a card with its line, its length, its words, its findings, and its
   ways out as rows. From left to right, since a flow is wider than deep and pages are scrolled
   down. What colour tells, a word, a mark or a line tells as well, for black and white. */
#include <string.h>

#include "report/graphing.h"

/* From LARGE steps on, a line that does not come to its step first would cross the whole picture:
 * its row names the step instead. */
enum { BREAK_AT = 32, LARGE = 40 };

static void html_text(struct dd_buf *out, struct dd_str text)
{
	struct dd_buf clean = {0}, xml = {0};
	dd_buf_screen(&clean, text);
	dd_buf_xml(&xml,
	        clean.n ? (struct dd_str){clean.p, clean.n}
	                : dd_str(" ")); /* Graphviz takes no empty text */
	for (size_t i = 0; i < xml.n; i++) {
		if (xml.p[i] == '\\') /* \N is the node's name even here, \\ a backslash */
			dd_buf_char(out, '\\');
		dd_buf_char(out, xml.p[i]);
	}
	dd_buf_free(&clean);
	dd_buf_free(&xml);
}

static void html_buf(struct dd_buf *out, struct dd_buf *text)
{
	html_text(out, (struct dd_str){text->p ? text->p : "", text->n});
	dd_buf_clear(text);
}

/* Two lines of words at the most, broken at a space. */
static void words_row(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	struct dd_buf words = {0};
	graph_words(f, step, f->p->steps[step].applet == DD_PASSTHRU ? BREAK_AT - 1 : 2 * BREAK_AT,
	        &words); /* an address has no spaces */
	struct dd_str text = {words.p ? words.p : "", words.n};
	size_t n = dd_width_fit(text, BREAK_AT), space = n;
	while (n < text.n && space > 0 && text.p[space] != ' ')
		space--;
	if (n < text.n && space > 0)
		n = space;
	if (text.n) {
		dd_buf_str(out,
		        "<TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\" BALIGN=\"LEFT\"><FONT "
		        "POINT-SIZE=\"9\">");
		html_text(out, (struct dd_str){text.p, n});
		if (n < text.n) {
			dd_buf_str(out, "<BR/>");
			html_text(out, dd_str_trim((struct dd_str){text.p + n, text.n - n}));
		}
		dd_buf_str(out, "</FONT></TD></TR>");
	}
	dd_buf_free(&words);
}

static void finding_rows(const struct graph_facts *f, size_t from, size_t to, struct dd_buf *out)
{
	static const char *const colours[][2] = {[DD_NOTE] = {"#b6e3ff", "#000000"},
	        [DD_WARNING] = {"#eac54f", "#000000"},
	        [DD_ERROR] = {"#cf222e", "#ffffff"}};
	struct dd_buf text = {0};
	for (size_t i = from; i < to; i++) {
		const char *const *colour = colours[f->g->findings[i].severity];
		dd_buf_format(out,
		        "<TR><TD COLSPAN=\"2\" ALIGN=\"LEFT\" BGCOLOR=\"%s\"><FONT "
		        "POINT-SIZE=\"9\" COLOR=\"%s\">",
		        colour[0], colour[1]);
		graph_finding(&f->g->findings[i], &text);
		html_buf(out, &text);
		dd_buf_str(out, "</FONT></TD></TR>");
	}
	dd_buf_free(&text);
}

/* Named in its row, not drawn as a line. */
static bool is_stub(const struct graph_facts *f, size_t edge)
{
	uint32_t to = f->edges[edge].to;
	if (to >= f->p->nsteps)
		return true;
	return f->p->nsteps > LARGE && !graph_taken(f, edge) && (f->jump[edge] || f->shared[to]);
}

static void way_row(
        const struct graph_facts *f, size_t edge, const struct dd_buf *label, struct dd_buf *out)
{
	uint32_t to = f->edges[edge].to;
	unsigned flags = f->flags[edge];
	struct dd_buf text = {0};
	const char *look = to == DD_GO_DROP ? " BGCOLOR=\"#ffebe9\""
	        : to == DD_NONE             ? " BGCOLOR=\"#d0d7de\""
	        : flags & GRAPH_GOAL        ? " BGCOLOR=\"#aceebb\""
	        : flags & GRAPH_OPT_OUT     ? " BGCOLOR=\"#ecd8ff\""
	                                    : "";
	dd_buf_add(&text, label->p ? label->p : "", label->n);
	if (flags)
		dd_buf_format(&text, " (%s)", graph_flag_name(flags));
	if (is_stub(f, edge)) {
		dd_buf_str(&text, text.n ? "  " : "");
		dd_buf_str(&text,
		        to == DD_GO_DROP        ? "✗ dead line"
		                : to == DD_NONE ? "■ hangs up"
		                                : "→ ");
		if (to < f->p->nsteps)
			graph_name(f, to, &text);
	}
	dd_buf_format(out,
	        "<TR><TD COLSPAN=\"2\" ALIGN=\"RIGHT\" BORDER=\"1\" SIDES=\"T\" PORT=\"x%zu\"%s>%s",
	        edge, look, to == DD_GO_DROP ? "<FONT COLOR=\"#82071e\">" : "");
	html_buf(out, &text);
	dd_buf_format(out, "%s</TD></TR>", to == DD_GO_DROP ? "</FONT>" : "");
	dd_buf_free(&text);
}

/* A way on without a name needs no row where a line is drawn, and a goto is its own row. */
static bool has_row(const struct graph_facts *f, size_t edge, const struct dd_buf *label)
{
	return label->n || (is_stub(f, edge) && f->p->steps[f->edges[edge].from].applet != DD_GOTO);
}

static void card_name(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	size_t first = f->first[step];
	graph_name(f, step, out);
	if (f->p->steps[step].applet == DD_GOTO && is_stub(f, first) &&
	        f->edges[first].to < f->p->nsteps) {
		dd_buf_str(out, " → ");
		graph_name(f, f->edges[first].to, out);
	}
}

static void add_look_of_step(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	static const char *const shapes[DD_STEP_KINDS] = {
	        [DD_GREETING] = "box\" style=\"rounded,filled",
	        [DD_IVR] = "box\" style=\"filled",
	        [DD_PASSTHRU] = "component\" style=\"filled",
	        [DD_SMS] = "note\" style=\"filled",
	        [DD_HANGUP] = "box\" peripheries=\"2\" style=\"filled",
	        [DD_TRANSFER] = "box3d\" style=\"filled",
	        [DD_GOTO] = "box\" style=\"dotted,filled",
	        [DD_BRANCH] = "diamond\" style=\"filled",
	        [DD_SET] = "box\" style=\"dashed,filled",
	        [DD_HOURS] = "diamond\" style=\"filled",
	        [DD_CONNECT] = "component\" style=\"filled",
	        [DD_RECORD] = "box\" style=\"rounded,filled",
	        [DD_SUBFLOW] = "box3d\" style=\"filled",
	        [DD_RETURN] = "box\" peripheries=\"2\" style=\"filled"};
	bool ends = f->p->steps[step].applet == DD_HANGUP;
	unsigned behind = f->behind[step];
	const char *fill = ends       ? "#57606a"
	        : behind & GRAPH_GOAL ? "#dafbe1"
	        : behind              ? "#fbefff"
	                              : "#ffffff";
	const char *line = ends       ? "#24292f"
	        : behind & GRAPH_GOAL ? "#1a7f37"
	        : behind              ? "#8250df"
	                              : "#57606a";
	dd_buf_format(out, "  s%u [shape=\"%s\"", step, shapes[f->p->steps[step].applet]);
	if (f->g->unreached && f->g->unreached[step])
		dd_buf_str(out, " style=\"dashed,filled\" fillcolor=\"#eeeeee\"");
	else
		dd_buf_format(
		        out, " fillcolor=\"%s\"%s", fill, ends ? " fontcolor=\"#ffffff\"" : "");
	dd_buf_format(out, f->met[step] ? " penwidth=4 color=\"#0969da\"" : " color=\"%s\"", line);
}

static void card(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	struct dd_buf text = {0};
	add_look_of_step(f, step, out);
	dd_buf_str(out,
	        " label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" "
	        "CELLPADDING=\"3\"><TR><TD ALIGN=\"LEFT\"><B>");
	card_name(f, step, &text);
	html_buf(out, &text);
	dd_buf_str(out, "</B></TD><TD ALIGN=\"RIGHT\">");
	graph_length(f, step, &text);
	if (f->behind[step] && f->p->steps[step].applet != DD_HANGUP)
		dd_buf_format(&text, "%s%s", text.n ? ", " : "", graph_flag_name(f->behind[step]));
	html_buf(out, &text);
	dd_buf_str(out, "</TD></TR>");
	words_row(f, step, out);
	finding_rows(f, f->first_finding[step], f->first_finding[step + 1], out);
	for (size_t i = f->first[step]; i < f->first[step + 1]; i++)
		if (graph_join(f, i, &text) && has_row(f, i, &text))
			way_row(f, i, &text, out);
	dd_buf_str(out, "</TABLE>>];\n");
	dd_buf_free(&text);
}

static const char *line_look(const struct graph_facts *f, size_t edge)
{
	if (graph_taken(f, edge))
		return "penwidth=4 color=\"#0969da\"";
	if (f->flags[edge] & GRAPH_GOAL)
		return "penwidth=2 color=\"#1a7f37\"";
	return f->flags[edge] & GRAPH_OPT_OUT ? "style=dashed color=\"#8250df\""
	                                      : "color=\"#57606a\"";
}

/* Lines leave a card at the right and come in at the left; a line back finds its own way round the
 * cards. */
static void lines(const struct graph_facts *f, struct dd_buf *out)
{
	struct dd_buf label = {0};
	for (size_t i = 0; i < f->nedges; i++) {
		bool jump = f->jump[i];
		if (!graph_join(f, i, &label) || is_stub(f, i))
			continue;
		dd_buf_format(out, "  s%u", f->edges[i].from);
		if (has_row(f, i, &label))
			dd_buf_format(out, ":x%zu:e", i);
		else
			dd_buf_str(out, jump ? "" : ":e");
		dd_buf_format(out, " -> s%u%s [%s%s];\n", f->edges[i].to, jump ? "" : ":w",
		        line_look(f, i), jump ? " constraint=false" : "");
	}
	dd_buf_free(&label);
}

void dd_graph_dot(const struct dd_graph *g, struct dd_buf *out)
{
	struct graph_facts f;
	graph_facts_init(&f, g);
	dd_buf_str(out,
	        "digraph flow {\n"
	        "  label=<<TABLE BORDER=\"0\" CELLBORDER=\"0\"><TR><TD COLSPAN=\"2\" "
	        "ALIGN=\"LEFT\"><B>");
	html_text(out, dd_str(g->title));
	dd_buf_str(out, "</B></TD></TR>");
	finding_rows(&f, f.first_finding[f.p->nsteps], g->nfindings, out);
	dd_buf_str(out,
	        "</TABLE>>; labelloc=t; labeljust=l; rankdir=LR; fontname=\"sans-serif\"; "
	        "nodesep=0.15; ranksep=0.5;\n"
	        "  node [fontname=\"sans-serif\", fontsize=10, margin=\"0.04,0.02\", height=0.2]; "
	        "edge [arrowsize=0.7];\n");
	for (uint32_t i = 0; i < f.p->nsteps; i++)
		card(&f, i, out);
	lines(&f, out);
	dd_buf_str(out, "}\n");
	graph_facts_fini(&f);
}
