/* Lines compared as E. W. Myers does ("An O(ND) Difference Algorithm and Its Variations", 1986),
 * then grouped into hunks. */
#include "report/diff.h"

#include <stdlib.h>

#include "base/arena.h"

enum { CONTEXT = 3, DIFFERENCES_MAX = 2000 };

struct lines {
	struct dd_str *list; /* with their ends */
	size_t n, cap;
};

static struct lines split(struct dd_str text)
{
	struct lines l = {0};
	for (size_t at = 0; at < text.n;) {
		const char *end = memchr(text.p + at, '\n', text.n - at);
		size_t n = end ? (size_t)(end - text.p) + 1 - at : text.n - at;
		DD_PUSH(l.list, l.n, l.cap) = (struct dd_str){text.p + at, n};
		at += n;
	}
	return l;
}

/* What is left between a common beginning and a common end. */
struct middle {
	const struct dd_str *a, *b;
	long n, m;
	bool *gone, *new;
};

/* Back from the end through the furthest points of each number of differences. */
static void trace(struct middle *d, long *const *furthest, long differences)
{
	long x = d->n, y = d->m;
	for (long e = differences; e > 0; e--) {
		const long *v = furthest[e - 1] + e; /* v[k], k from -e to e */
		long k = x - y;
		bool down = k == -e || (k != e && v[k - 1] < v[k + 1]);
		long from = down ? v[k + 1] : v[k - 1], back = down ? k + 1 : k - 1;
		if (down)
			d->new[from - back] = true;
		else
			d->gone[from] = true;
		x = from;
		y = from - back;
	}
}

static bool compare(struct middle *d)
{
	long **furthest = dd_alloc((DIFFERENCES_MAX + 1) * sizeof *furthest), e = 0, x = 0;
	bool found = false;
	for (; !found && e <= DIFFERENCES_MAX; e++) {
		long *row = dd_alloc((size_t)(2 * e + 3) * sizeof *row), *v = row + e + 1;
		const long *w = e ? furthest[e - 1] + e : NULL;
		furthest[e] = row;
		for (long k = -e; k <= e && !found; k += 2) {
			bool down = k == -e || (k != e && w[k - 1] < w[k + 1]);
			x = !w ? 0 : down ? w[k + 1] : w[k - 1] + 1;
			while (x < d->n && x - k < d->m && dd_str_same(d->a[x], d->b[x - k]))
				x++;
			v[k] = x;
			found = x >= d->n && x - k >= d->m;
		}
	}
	if (found)
		trace(d, furthest, e - 1);
	while (e-- > 0)
		dd_free(furthest[e]);
	dd_free(furthest);
	return found;
}

/* gone[i]: line i of the old text; new[j]: line j of the new one. */
static void mark(const struct lines *a, const struct lines *b, bool *gone, bool *new)
{
	size_t from = 0, end = 0;
	while (from < a->n && from < b->n && dd_str_same(a->list[from], b->list[from]))
		from++;
	while (from + end < a->n && from + end < b->n &&
	        dd_str_same(a->list[a->n - 1 - end], b->list[b->n - 1 - end]))
		end++;
	struct middle d = {a->list + from, b->list + from, (long)(a->n - from - end),
	        (long)(b->n - from - end), gone + from, new + from};
	if (compare(&d))
		return;
	for (long i = 0; i < d.n; i++) /* too much: the one for the other */
		d.gone[i] = true;
	for (long i = 0; i < d.m; i++)
		d.new[i] = true;
}

struct row {
	char mark;
	struct dd_str line;
};

static void print_row(const struct row *r, bool colour, struct dd_buf *out)
{
	bool ended = r->line.n && r->line.p[r->line.n - 1] == '\n';
	const char *start = !colour ? ""
	        : r->mark == '-'    ? "\033[31m"
	        : r->mark == '+'    ? "\033[32m"
	                            : "";
	dd_buf_str(out, start);
	dd_buf_char(out, r->mark);
	if (colour)
		dd_buf_screen(out,
		        (struct dd_str){r->line.p,
		                r->line.n - ended -
		                        (r->line.n > 1 && ended &&
		                                r->line.p[r->line.n - 2] == '\r')});
	else
		dd_buf_add(out, r->line.p, r->line.n - ended);
	dd_buf_str(out, *start ? "\033[0m\n" : "\n");
	if (!ended)
		dd_buf_str(out, "\\ No newline at end of file\n");
}

/* A name with a space is ended by a tab; one with worse in it is written as C does. */
static void print_name(const char *mark, const char *name, bool colour, struct dd_buf *out)
{
	bool plain = true, space = false;
	for (const char *p = name; *p; p++) {
		plain &= (unsigned char)*p >= 0x20 && *p != '"' && *p != '\\' && *p != 0x7F;
		space |= *p == ' ';
	}
	dd_buf_format(out, "%s%s ", colour ? "\033[1m" : "", mark);
	if (!plain)
		dd_buf_char(out, '"');
	for (const char *p = name; *p; p++)
		if (!plain && ((unsigned char)*p < 0x20 || *p == '"' || *p == '\\' || *p == 0x7F))
			dd_buf_format(out, "\\%03o", (unsigned char)*p);
		else
			dd_buf_char(out, *p);
	dd_buf_format(out, "%s%s\n", !plain ? "\"" : space ? "\t" : "", colour ? "\033[0m" : "");
}

/* "12" for one line, "12,3" for three; an empty side names the line before. */
static void print_range(const char *mark, size_t first, size_t n, struct dd_buf *out)
{
	dd_buf_format(out, n == 1 ? "%s%zu" : "%s%zu,%zu", mark, n ? first + 1 : first, n);
}

static void print_hunk(
        const struct row *rows, size_t n, size_t old, size_t new, bool colour, struct dd_buf *out)
{
	size_t olds = 0, news = 0;
	for (size_t i = 0; i < n; i++) {
		olds += rows[i].mark != '+';
		news += rows[i].mark != '-';
	}
	dd_buf_str(out, colour ? "\033[36m@@ " : "@@ ");
	print_range("-", old, olds, out);
	print_range(" +", new, news, out);
	dd_buf_str(out, colour ? " @@\033[0m\n" : " @@\n");
	for (size_t i = 0; i < n; i++)
		print_row(&rows[i], colour, out);
}

/* Changes with at most twice the context between them are one hunk. */
static void print_hunks(const struct row *rows, size_t n, bool colour, struct dd_buf *out)
{
	size_t old = 0, new = 0, at = 0; /* of rows[at] */
	for (size_t i = 0; i < n; i++) {
		if (rows[i].mark == ' ')
			continue;
		size_t from = i > CONTEXT ? i - CONTEXT : 0, last = i, end;
		for (size_t k = i; k < n && k <= last + 2 * CONTEXT + 1; k++)
			last = rows[k].mark != ' ' ? k : last;
		end = last + CONTEXT + 1 < n ? last + CONTEXT + 1 : n;
		for (; at < from; at++) {
			old += rows[at].mark != '+';
			new += rows[at].mark != '-';
		}
		print_hunk(rows + from, end - from, old, new, colour, out);
		i = last;
	}
}

void dd_diff_unified(const char *name, struct dd_str before, struct dd_str after, bool colour,
        struct dd_buf *out)
{
	struct lines a = split(before), b = split(after);
	bool *gone = dd_alloc(a.n + 1), *new = dd_alloc(b.n + 1);
	struct row *rows = dd_alloc((a.n + b.n + 1) * sizeof *rows);
	size_t n = 0;
	mark(&a, &b, gone, new);
	for (size_t i = 0, j = 0; i < a.n || j < b.n;) {
		if (i < a.n && gone[i])
			rows[n++] = (struct row){'-', a.list[i++]};
		else if (j < b.n && new[j])
			rows[n++] = (struct row){'+', b.list[j++]};
		else
			rows[n++] = (struct row){' ', a.list[i++]}, j++;
	}
	if (!dd_str_same(before, after)) {
		print_name("---", name, colour, out);
		print_name("+++", name, colour, out);
		print_hunks(rows, n, colour, out);
	}
	dd_free(rows);
	dd_free(gone);
	dd_free(new);
	dd_free(a.list);
	dd_free(b.list);
}
