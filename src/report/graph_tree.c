/* A flow as a tree for a terminal. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "report/graphing.h"

enum { DEPTH_MAX = 40, COLOURS_MAX = 16, NAME = 24 };

#define RED     "\033[31m"
#define GREEN   "\033[32m"
#define YELLOW  "\033[33m"
#define BLUE    "\033[34m"
#define MAGENTA "\033[35m"
#define CYAN    "\033[36m"
#define BOLD    "\033[1m"
#define OFF     "\033[0m"

struct tree {
	const struct graph_facts *f;
	bool *printed;
	struct dd_buf *out, line; /* the line at hand, without its colours, so that it can be cut
	                             where the screen ends */
	struct {
		size_t at;
		const char *code;
	} colours[COLOURS_MAX];
	size_t ncolours;
	unsigned columns, depth;
	bool colour;
	uint32_t *later; /* steps that are drawn further on */
	size_t nlater, cap_later;
};

/* From here on the line has this colour; NULL: none. */
static void paint(struct tree *t, const char *code)
{
	bool painted = t->ncolours && strcmp(t->colours[t->ncolours - 1].code, OFF) != 0;
	if (!t->colour || t->ncolours == COLOURS_MAX || (!code && !painted))
		return;
	t->colours[t->ncolours].at = t->line.n;
	t->colours[t->ncolours++].code = code ? code : OFF;
}

static void end_line(struct tree *t)
{
	struct dd_str line = {t->line.p ? t->line.p : "", t->line.n};
	size_t at = 0, n = line.n;
	bool cut = t->columns > 10 && dd_width_fit(line, t->columns) < n, painted = false;
	if (cut)
		n = dd_width_fit(line, t->columns - 1);
	while (!cut && n && line.p[n - 1] == ' ')
		n--;
	for (size_t i = 0; i < t->ncolours && t->colours[i].at < n; i++) {
		dd_buf_add(t->out, line.p + at, t->colours[i].at - at);
		dd_buf_str(t->out, t->colours[i].code);
		at = t->colours[i].at;
		painted = strcmp(t->colours[i].code, OFF) != 0;
	}
	dd_buf_add(t->out, line.p + at, n - at);
	dd_buf_str(t->out, painted ? OFF : "");
	dd_buf_str(t->out, cut ? "…\n" : "\n");
	dd_buf_clear(&t->line);
	t->ncolours = 0;
}

static const char *colour_of_flags(unsigned flags)
{
	return flags & GRAPH_GOAL ? GREEN : flags & GRAPH_OPT_OUT ? MAGENTA : NULL;
}

static void arrow(struct tree *t, uint32_t to)
{
	dd_buf_str(&t->line, "→ ");
	graph_name(t->f, to, &t->line);
}

static void step_line(struct tree *t, uint32_t step)
{
	const struct graph_facts *f = t->f;
	bool ends = f->p->steps[step].applet == DD_HANGUP;
	const char *colour = ends ? CYAN : colour_of_flags(f->behind[step]);
	struct dd_buf name = {0};
	graph_name(f, step, &name);
	paint(t, f->met[step] ? BOLD : NULL);
	dd_buf_str(&t->line, f->met[step] ? "*" : "");
	paint(t, colour ? colour : f->met[step] ? BOLD : NULL);
	dd_buf_str(&t->line, name.p);
	paint(t, NULL);
	if (f->p->steps[step].applet != DD_GOTO && !ends)
		for (size_t n = dd_width(dd_str(name.p)); n <= NAME; n++)
			dd_buf_char(&t->line, ' ');
	graph_length(f, step, &t->line);
	dd_buf_str(&t->line, f->p->steps[step].applet == DD_GOTO ? " " : "  ");
	graph_words(f, step, 200, &t->line);
	dd_buf_str(&t->line,
	        f->g->unreached && f->g->unreached[step] ? "  (no scenario comes here)" : "");
	dd_buf_free(&name);
}

static void findings(struct tree *t, size_t from, size_t to, const char *indent)
{
	static const char *const colours[] = {
	        [DD_NOTE] = BLUE, [DD_WARNING] = YELLOW, [DD_ERROR] = RED};
	for (size_t i = from; i < to; i++) {
		dd_buf_str(&t->line, indent);
		paint(t, colours[t->f->g->findings[i].severity]);
		graph_finding(&t->f->g->findings[i], &t->line);
		end_line(t);
	}
}

/* A step that is told elsewhere is only named; false when its turn is here. */
static bool elsewhere(struct tree *t, uint32_t to)
{
	bool put_off = !t->printed[to] && (t->depth >= DEPTH_MAX || t->f->shared[to]);
	if (put_off)
		DD_PUSH(t->later, t->nlater, t->cap_later) = to;
	return put_off || t->printed[to];
}

static void branch(struct tree *t, uint32_t step, const char *indent, const char *below);

/* One way out of a step that branches, with what comes behind it. */
static void way(struct tree *t, size_t edge, const char *label, bool last, const char *indent)
{
	const struct dd_edge *e = &t->f->edges[edge];
	unsigned flags = t->f->flags[edge];
	struct dd_buf below = {0};
	dd_buf_format(&t->line, "%s%s", indent, last ? "└─ " : "├─ ");
	paint(t, colour_of_flags(flags));
	dd_buf_format(&t->line, flags ? "%s (%s)" : "%s", label, graph_flag_name(flags));
	paint(t, NULL);
	dd_buf_str(&t->line, *label ? "  " : "");
	dd_buf_format(&below, "%s%s", indent, last ? "   " : "│  ");
	if (e->to == DD_NONE || e->to == DD_GO_DROP) {
		paint(t, e->to == DD_NONE ? CYAN : RED);
		dd_buf_str(&t->line, e->to == DD_NONE ? "hangs up" : "✗ the line goes dead");
		end_line(t);
	} else if (elsewhere(t, e->to)) {
		arrow(t, e->to);
		end_line(t);
	} else {
		branch(t, e->to, NULL, below.p);
	}
	dd_buf_free(&below);
}

static void ways(struct tree *t, uint32_t step, const char *indent)
{
	const struct graph_facts *f = t->f;
	size_t last = f->first[step];
	struct dd_buf label = {0};
	for (size_t i = f->first[step]; i < f->first[step + 1]; i++)
		if (graph_join(f, i, &label))
			last = i;
	for (size_t i = f->first[step]; i < f->first[step + 1]; i++)
		if (graph_join(f, i, &label))
			way(t, i, label.p ? label.p : "", i == last, indent);
	dd_buf_free(&label);
}

/* A step and those behind it that follow without a choice stand below each other. The first one's
 * line may have begun (`indent` NULL). */
static void branch(struct tree *t, uint32_t step, const char *indent, const char *below)
{
	const struct graph_facts *f = t->f;
	t->depth++;
	for (bool more = true; more; indent = below) {
		struct dd_buf bar = {0};
		size_t n = f->first[step + 1] - f->first[step];
		const struct dd_edge *only = n == 1 && f->edges[f->first[step]].label.n == 0
		        ? &f->edges[f->first[step]]
		        : NULL;
		bool jumps = only && f->p->steps[step].applet == DD_GOTO;
		t->printed[step] = true;
		dd_buf_str(&t->line, indent ? indent : "");
		step_line(t, step);
		more = only && only->to < f->p->nsteps && !elsewhere(t, only->to);
		if (jumps && !more)
			only->to < f->p->nsteps
			        ? arrow(t, only->to)
			        : dd_buf_str(&t->line,
			                  only->to == DD_NONE ? "hangs up"
			                                      : "✗ the line goes dead");
		end_line(t);
		dd_buf_format(&bar, "%s%s", below, n && !more && !jumps ? "│ " : "  ");
		findings(t, f->first_finding[step], f->first_finding[step + 1], bar.p);
		dd_buf_free(&bar);
		if (!more && !jumps)
			ways(t, step, below);
		step = more ? only->to : step;
	}
	t->depth--;
}

void dd_graph_text(const struct dd_graph *g, unsigned columns, bool colour, struct dd_buf *out)
{
	const struct dd_program *p = g->program;
	struct graph_facts f;
	graph_facts_init(&f, g);
	struct tree t = {.f = &f,
	        .out = out,
	        .columns = columns,
	        .colour = colour,
	        .printed = dd_alloc(p->nsteps + 1)};
	dd_buf_screen(&t.line, dd_str(g->title));
	end_line(&t);
	findings(&t, f.first_finding[p->nsteps], g->nfindings, "  ");
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
	dd_buf_free(&t.line);
	dd_free(t.printed);
	dd_free(t.later);
	graph_facts_fini(&f);
}
