/* Coverage on paper. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "report/tests.h"

static double percent_of(uint64_t part, uint64_t all)
{
	return all ? 100.0 * (double)part / (double)all : -1;
}

double dd_cover_percent(const struct dd_test_report *report)
{
	uint64_t part = 0, all = 0;
	for (size_t i = 0; i < report->ncovers; i++) {
		part += report->covers[i].steps_hit + report->covers[i].exits_hit;
		all += report->covers[i].nsteps + report->covers[i].nexits;
	}
	return percent_of(part, all);
}

static void fraction(struct dd_buf *out, uint32_t part, uint32_t all)
{
	char text[32];
	(void)snprintf(text, sizeof text, "%u/%u", part, all);
	dd_buf_format(out, " %9s", text);
}

/* Something not reached: a step, or an exit of a step that was. */
struct gap {
	uint32_t line;
	const char *label; /* NULL: the step */
	size_t nth;        /* so that the order is the flow's */
};

static int by_line(const void *a, const void *b)
{
	const struct gap *x = a, *y = b;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return x->nth < y->nth ? -1 : x->nth > y->nth;
}

static struct gap *gaps_of(const struct dd_flow_cover *c, size_t *n)
{
	struct gap *gaps = dd_alloc((c->nsteps + c->nexits + 1) * sizeof *gaps);
	uint32_t e = 0;
	*n = 0;
	for (uint32_t i = 0; i < c->nsteps; i++) {
		if (c->step_hits[i] == 0)
			gaps[*n] = (struct gap){c->program->steps[c->steps[i]].line, NULL, *n},
			(*n)++;
		for (; e < c->nexits && c->exits[e].step == c->steps[i]; e++)
			if (c->exits[e].hits == 0 && c->step_hits[i])
				gaps[*n] = (struct gap){c->exits[e].line, c->exits[e].label, *n},
				(*n)++;
	}
	qsort(gaps, *n, sizeof *gaps, by_line);
	return gaps;
}

/* "17 key 3, silence; 24": a number alone is a step that no call came to. */
static void missing(const struct dd_flow_cover *c, struct dd_buf *out)
{
	size_t n;
	struct gap *gaps = gaps_of(c, &n);
	for (size_t i = 0; i < n; i++) {
		bool same = i && gaps[i].line == gaps[i - 1].line;
		if (same && !gaps[i].label && !gaps[i - 1].label)
			continue;
		if (!same)
			dd_buf_format(out, "%s%u", i ? "; " : "", gaps[i].line);
		if (gaps[i].label)
			dd_buf_format(out, "%s%s", same ? ", " : " ", gaps[i].label);
	}
	dd_free(gaps);
}

/* Text after `used` columns of a line, broken at its semicolons and commas where it would not fit.
 */
static void wrap(struct dd_buf *out, struct dd_str text, size_t used, unsigned columns)
{
	size_t indent = used + 30 < columns ? used : 4, room = columns > used ? columns - used : 0;
	if (columns && room < 24) { /* nothing sensible fits beside it */
		dd_buf_format(out, "\n%*s", (int)indent, "");
		room = columns - indent;
	}
	while (columns && text.n && dd_width(text) > room) {
		size_t n = dd_width_fit(text, room), end = n;
		while (end > 0 && text.p[end - 1] != ';' && text.p[end - 1] != ',')
			end--;
		end = end ? end : n ? n : text.n;
		dd_buf_add(out, text.p, end);
		while (end < text.n && text.p[end] == ' ')
			end++;
		text = (struct dd_str){text.p + end, text.n - end};
		dd_buf_format(out, "\n%*s", (int)indent, "");
		room = columns - indent;
	}
	dd_buf_add(out, text.p, text.n);
}

void dd_cover_table(
        const struct dd_test_report *report, const struct dd_tests_style *style, struct dd_buf *out)
{
	int wide = 4;
	for (size_t i = 0; i < report->ncovers; i++) {
		int width = (int)dd_width(dd_str(report->covers[i].path));
		wide = width > wide ? width : wide;
	}
	dd_buf_format(out, "%-*s %9s %9s  MISSING lines\n", wide, "FLOW", "STEPS", "EXITS");
	for (size_t i = 0; i < report->ncovers; i++) {
		const struct dd_flow_cover *c = &report->covers[i];
		size_t from = out->n;
		dd_buf_screen(out, dd_str(c->path));
		dd_buf_format(out, "%*s",
		        wide - (int)dd_width((struct dd_str){out->p + from, out->n - from}), "");
		fraction(out, c->steps_hit, c->nsteps);
		fraction(out, c->exits_hit, c->nexits);
		struct dd_buf lines = {0};
		if (c->steps_hit)
			missing(c, &lines);
		else
			dd_buf_str(&lines, "no scenario comes here");
		if (lines.n) {
			dd_buf_str(out, "  ");
			wrap(out, (struct dd_str){lines.p, lines.n},
			        dd_width((struct dd_str){out->p + from, out->n - from}),
			        style->columns > 20 ? style->columns : 0);
		}
		dd_buf_free(&lines);
		dd_buf_char(out, '\n');
	}
	double percent = dd_cover_percent(report);
	if (percent < 0)
		dd_buf_str(out, "no flow could be looked at\n");
	else
		dd_buf_format(out, "%.1f%% of steps and exits\n", percent);
}

/* What stands on each line of a flow: hits of its steps, and its exits as a list. */
struct lines {
	uint32_t n;
	uint64_t *hits;
	bool *steps;
	uint32_t *first, *next; /* exits of a line, in order; UINT32_MAX: no more */
};

static struct lines lines_of(const struct dd_flow_cover *c)
{
	struct lines l = {.n = c->program->flows[c->flow].source->nlines + 1};
	l.hits = dd_alloc((l.n + 1) * sizeof *l.hits);
	l.steps = dd_alloc(l.n + 1);
	l.first = dd_alloc((l.n + 1) * sizeof *l.first);
	l.next = dd_alloc((c->nexits + 1) * sizeof *l.next);
	memset(l.first, 0xFF, (l.n + 1) * sizeof *l.first);
	for (uint32_t s = 0; s < c->nsteps; s++) {
		uint32_t line = c->program->steps[c->steps[s]].line;
		l.hits[line] += c->step_hits[s];
		l.steps[line] = true;
	}
	for (uint32_t e = c->nexits; e-- > 0;) {
		l.next[e] = l.first[c->exits[e].line];
		l.first[c->exits[e].line] = e;
	}
	return l;
}

static void lines_fini(struct lines *l)
{
	dd_free(l->hits);
	dd_free(l->steps);
	dd_free(l->first);
	dd_free(l->next);
}

static void margin(
        struct dd_buf *out, const struct dd_tests_style *style, bool counted, uint64_t hits)
{
	bool never = counted && !hits && style->colour;
	if (counted && hits)
		dd_buf_format(out, "%7llu  ", (unsigned long long)hits);
	else
		dd_buf_format(out, "%s%7s%s  ", never ? "\033[1;31m" : "", counted ? "never" : "",
		        never ? "\033[0m" : "");
}

/* Each line of the flow with how often its step was met at the margin, and below it the exits. */
void dd_cover_annotate(
        const struct dd_test_report *report, const struct dd_tests_style *style, struct dd_buf *out)
{
	for (size_t i = 0; i < report->ncovers; i++) {
		const struct dd_flow_cover *c = &report->covers[i];
		const struct dd_source *source = c->program->flows[c->flow].source;
		struct lines l = lines_of(c);
		dd_buf_screen(out, dd_str(c->path));
		dd_buf_char(out, '\n');
		for (uint32_t line = 1; line <= source->nlines; line++) {
			struct dd_str text = dd_source_line(source, line);
			size_t indent = 0;
			if (line == source->nlines && text.n == 0)
				break;
			while (indent < text.n && text.p[indent] == ' ')
				indent++;
			margin(out, style, l.steps[line], l.hits[line]);
			dd_buf_screen(out, text);
			dd_buf_char(out, '\n');
			for (uint32_t e = l.first[line]; e != UINT32_MAX; e = l.next[e]) {
				margin(out, style, true, c->exits[e].hits);
				dd_buf_format(out, "%*s→ %s\n", (int)indent, "", c->exits[e].label);
			}
		}
		lines_fini(&l);
	}
}

/* Lines are those on which a step stands; branches are the exits (geninfo(1)). */
void dd_cover_lcov(const struct dd_test_report *report, struct dd_buf *out)
{
	for (size_t i = 0; i < report->ncovers; i++) {
		const struct dd_flow_cover *c = &report->covers[i];
		struct lines l = lines_of(c);
		uint32_t lines = 0, hit = 0;
		dd_buf_format(out, "TN:\nSF:%s\n", c->path);
		for (uint32_t e = 0, branch = 0; e < c->nexits; e++) {
			branch = e && c->exits[e].step == c->exits[e - 1].step ? branch + 1 : 0;
			dd_buf_format(out, "BRDA:%u,%u,%u,%llu\n", c->exits[e].line,
			        c->exits[e].step, branch, (unsigned long long)c->exits[e].hits);
		}
		dd_buf_format(out, "BRF:%u\nBRH:%u\n", c->nexits, c->exits_hit);
		for (uint32_t line = 1; line < l.n; line++) {
			if (!l.steps[line])
				continue;
			lines++;
			hit += l.hits[line] > 0;
			dd_buf_format(out, "DA:%u,%llu\n", line, (unsigned long long)l.hits[line]);
		}
		dd_buf_format(out, "LF:%u\nLH:%u\nend_of_record\n", lines, hit);
		lines_fini(&l);
	}
}
