/* A flow as Mermaid's flowchart (https://mermaid.js.org/syntax/flowchart.html). */
#include <string.h>
#include <strings.h>

#include "report/graphing.h"

enum { WORDS = 40, WORDS_IN_LARGE = 24, LARGE = 100 };

static bool is_alnum(struct dd_str text, size_t at)
{
	char c = at < text.n ? text.p[at] : ' ';
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Mermaid takes quotes, #, ; and brackets for itself, %%{ anywhere for a setting, and what is left
   for Markdown; as entity codes they are nothing but text. Lines and rulers are harmless inside a
   word, a dot is Markdown's after a number, a colon an address's before slashes. */
static bool needs_code(struct dd_str text, size_t at)
{
	char c = text.p[at];
	bool before_space = at + 1 == text.n || text.p[at + 1] == ' ';
	if (strchr("-_=", c))
		return at == 0 || !is_alnum(text, at - 1) || !is_alnum(text, at + 1);
	return strchr("\"#<>&;`{}[]()|\\%*~$@+^", c) ||
	        (c == '.' && at && text.p[at - 1] >= '0' && text.p[at - 1] <= '9' &&
	                before_space) ||
	        (c == ':' && !before_space);
}

static bool begins(struct dd_str text, size_t at, const char *word)
{
	return text.n - at >= strlen(word) && strncasecmp(text.p + at, word, strlen(word)) == 0;
}

/* Four things it sees wherever they stand: a line with "direction" in it, even in quotes; and,
   after the codes were read, $$ for formulas, :fa- for icons and \n for a new line, which an
   invisible joiner (U+2060) parts. */
static void mermaid_text(struct dd_buf *out, struct dd_str text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, text);
	struct dd_str t = {clean.p ? clean.p : "", clean.n};
	for (size_t i = 0; i < t.n; i++) {
		if (needs_code(t, i) || begins(t, i, "direction"))
			dd_buf_format(out, "#%d;", t.p[i]);
		else
			dd_buf_char(out, t.p[i]);
		if (begins(t, i, "$$") || begins(t, i, ":fa") || begins(t, i, "\\n"))
			dd_buf_codepoint(out, 0x2060);
	}
	dd_buf_free(&clean);
}

static void mermaid_buf(struct dd_buf *out, struct dd_buf *text)
{
	mermaid_text(out, (struct dd_str){text->p ? text->p : "", text->n});
	dd_buf_clear(text);
}

static const char *const SHAPES[DD_STEP_KINDS][2] = {
        [DD_GREETING] = {"(\"", "\")"},
        [DD_IVR] = {"{{\"", "\"}}"},
        [DD_PASSTHRU] = {"[/\"", "\"/]"},
        [DD_SMS] = {">\"", "\"]"},
        [DD_HANGUP] = {"((\"", "\"))"},
        [DD_TRANSFER] = {"[[\"", "\"]]"},
        [DD_GOTO] = {"([\"", "\"])"},
        [DD_BRANCH] = {"{\"", "\"}"},
        [DD_SET] = {"[\"", "\"]"},
        [DD_HOURS] = {"{\"", "\"}"},
        [DD_CONNECT] = {"[/\"", "\"\\]"},
        [DD_RECORD] = {"(\"", "\")"},
        [DD_SUBFLOW] = {"[[\"", "\"]]"},
        [DD_RETURN] = {"((\"", "\"))"},
};

static void findings(const struct graph_facts *f, size_t from, size_t to, struct dd_buf *out)
{
	struct dd_buf text = {0};
	for (size_t i = from; i < to; i++) {
		dd_buf_str(out, "<br>");
		graph_finding(&f->g->findings[i], &text);
		mermaid_buf(out, &text);
	}
	dd_buf_free(&text);
}

static void node(const struct graph_facts *f, uint32_t step, struct dd_buf *out)
{
	const char *const *shape = SHAPES[f->p->steps[step].applet];
	struct dd_buf text = {0};
	dd_buf_format(out, "  s%u%s", step, shape[0]);
	graph_name(f, step, &text);
	dd_buf_str(&text, f->g->lengths && f->g->lengths[step] >= 0 ? ", " : "");
	graph_length(f, step, &text);
	if (f->behind[step])
		dd_buf_format(&text, ", %s", graph_flag_name(f->behind[step]));
	mermaid_buf(out, &text);
	graph_words(f, step, f->p->nsteps > LARGE ? WORDS_IN_LARGE : WORDS, &text);
	dd_buf_str(out, text.n ? "<br>" : "");
	mermaid_buf(out, &text);
	findings(f, f->first_finding[step], f->first_finding[step + 1], out);
	dd_buf_format(out, "%s\n", shape[1]);
	dd_buf_free(&text);
}

static void link_to(
        const struct graph_facts *f, size_t i, const struct dd_buf *label, struct dd_buf *out)
{
	const struct dd_edge *e = &f->edges[i];
	bool ends = e->to >= f->p->nsteps;
	const char *flag = graph_flag_name(f->flags[i]);
	if (ends)
		dd_buf_format(out,
		        e->to == DD_NONE ? "  e%zu((\"hangs up\"))\n"
		                         : "  e%zu[\"✗ the line goes dead\"]\n",
		        i);
	dd_buf_format(out, "  s%u %s", e->from,
	        e->to == DD_GO_DROP                ? "-.->"
	                : f->flags[i] & GRAPH_GOAL ? "==>"
	                                           : "-->");
	if (label->n) {
		dd_buf_str(out, "|\"");
		mermaid_text(out, (struct dd_str){label->p, label->n});
		dd_buf_format(out, "%s%s\"|", *flag ? ", " : "", flag);
	}
	dd_buf_format(out, " %c%zu\n", ends ? 'e' : 's', ends ? i : e->to);
}

/* The numbers of the links drawn are gathered by what they mean: 0 taken, 1 goal, 2 opt-out. */
static void links(const struct graph_facts *f, struct dd_buf style[3], struct dd_buf *out)
{
	struct dd_buf label = {0};
	size_t n = 0;
	for (size_t i = 0; i < f->nedges; i++) {
		if (!graph_join(f, i, &label))
			continue;
		link_to(f, i, &label, out);
		int kind = graph_taken(f, i)          ? 0
		        : f->flags[i] & GRAPH_GOAL    ? 1
		        : f->flags[i] & GRAPH_OPT_OUT ? 2
		                                      : -1;
		if (kind >= 0)
			dd_buf_format(&style[kind], "%s%zu", style[kind].n ? "," : "", n);
		n++;
	}
	dd_buf_free(&label);
}

/* A class for what has one, in the order in which the later one wins. */
static bool is_of(const struct graph_facts *f, uint32_t step, int class)
{
	size_t from = f->first_finding[step];
	int worst = -1;
	for (size_t i = from; i < f->first_finding[step + 1]; i++)
		worst = (int)f->g->findings[i].severity > worst ? (int)f->g->findings[i].severity
		                                                : worst;
	switch (class) {
	case 0: return f->behind[step] & GRAPH_GOAL;
	case 1: return f->behind[step] == GRAPH_OPT_OUT;
	case 2: return f->p->steps[step].applet == DD_HANGUP;
	case 3: return f->g->unreached && f->g->unreached[step];
	case 4: return worst == DD_NOTE;
	case 5: return worst == DD_WARNING;
	case 6: return worst == DD_ERROR;
	default: return f->met[step];
	}
}

/* One line names all nodes of a class. */
static void listed(struct dd_buf *out, bool *begun, char letter, size_t number)
{
	dd_buf_format(out, "%s%c%zu", *begun ? "," : "  class ", letter, number);
	*begun = true;
}

static void step_classes(const struct graph_facts *f, struct dd_buf *out)
{
	static const char *const names[][2] = {{"goal", "fill:#dafbe1,stroke:#1a7f37,color:#000"},
	        {"optout", "fill:#fbefff,stroke:#8250df,color:#000"},
	        {"ending", "fill:#57606a,stroke:#24292f,color:#fff"},
	        {"unreached", "stroke-dasharray:4,fill:#eee,color:#555"},
	        {"note", "stroke:#0969da,stroke-width:2px"},
	        {"warning", "stroke:#bf8700,stroke-width:3px"},
	        {"error", "stroke:#cf222e,stroke-width:4px"},
	        {"taken", "stroke:#0969da,stroke-width:5px"}};
	for (int class = 0; class < 8; class ++) {
		bool begun = false;
		dd_buf_format(out, "  classDef %s %s\n", names[class][0], names[class][1]);
		for (uint32_t i = 0; i < f->p->nsteps; i++)
			if (is_of(f, i, class))
				listed(out, &begun, 's', i);
		if (begun)
			dd_buf_format(out, " %s\n", names[class][0]);
	}
}

/* Ends that are no step: the flow hangs up, or nothing is connected. */
static void end_classes(
        const struct graph_facts *f, uint32_t to, const char *name, struct dd_buf *out)
{
	struct dd_buf label = {0};
	bool begun = false;
	for (size_t i = 0; i < f->nedges; i++)
		if (f->edges[i].to == to && graph_join(f, i, &label))
			listed(out, &begun, 'e', i);
	if (begun)
		dd_buf_format(out, " %s\n", name);
	dd_buf_free(&label);
}

void dd_graph_mermaid(const struct dd_graph *g, struct dd_buf *out)
{
	static const char *const strokes[] = {"stroke-width:5px,stroke:#0969da",
	        "stroke-width:3px,stroke:#1a7f37", "stroke-width:2px,stroke:#8250df"};
	struct graph_facts f;
	struct dd_buf style[3] = {0};
	graph_facts_init(&f, g);
	dd_buf_str(out, "flowchart TD\n");
	if (f.first_finding[f.p->nsteps] < g->nfindings) {
		dd_buf_str(out, "  flow[\"");
		mermaid_text(out, dd_str(g->title));
		findings(&f, f.first_finding[f.p->nsteps], g->nfindings, out);
		dd_buf_str(out, "\"]\n");
	}
	for (uint32_t i = 0; i < f.p->nsteps; i++)
		node(&f, i, out);
	links(&f, style, out);
	for (int i = 0; i < 3; i++) {
		if (style[i].n)
			dd_buf_format(out, "  linkStyle %s %s\n", style[i].p, strokes[i]);
		dd_buf_free(&style[i]);
	}
	step_classes(&f, out);
	dd_buf_str(out,
	        "  classDef dead stroke:#cf222e,stroke-dasharray:4,fill:#ffebe9,color:#82071e\n");
	end_classes(&f, DD_NONE, "ending", out);
	end_classes(&f, DD_GO_DROP, "dead", out);
	graph_facts_fini(&f);
}
