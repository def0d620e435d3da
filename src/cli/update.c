/* --update: what was heard is written over what was expected. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/replace.h"
#include "cli/test.h"

struct fix {
	const struct dd_source *source;
	struct dd_span span;
	const char *text;
	bool clashes; /* two rows want different texts here */
};

static int by_place(const void *a, const void *b)
{
	const struct fix *x = a, *y = b;
	int c = strcmp(x->source->name, y->source->name);
	return c ? c : x->span.start < y->span.start ? -1 : x->span.start > y->span.start;
}

static bool on_one_line(const struct dd_finding *f)
{
	struct dd_str text = f->source->text;
	return f->fix_span.end > f->fix_span.start && f->fix_span.end <= text.n &&
	        !memchr(text.p + f->fix_span.start, '\n', f->fix_span.end - f->fix_span.start);
}

static struct fix *gather(const struct dd_test_report *report, size_t *n)
{
	struct fix *list = NULL;
	size_t cap = 0;
	*n = 0;
	for (size_t i = 0; i < report->n; i++) {
		for (size_t k = 0; k < report->results[i].nfindings; k++) {
			const struct dd_finding *f = &report->results[i].findings[k];
			struct fix *same = NULL;
			if (!f->fix || !f->source || !on_one_line(f))
				continue;
			for (size_t j = 0; j < *n && !same; j++)
				if (list[j].source == f->source &&
				        list[j].span.start == f->fix_span.start)
					same = &list[j];
			if (same)
				same->clashes |= strcmp(same->text, f->fix) != 0;
			else
				DD_PUSH(list, *n, cap) =
				        (struct fix){f->source, f->fix_span, f->fix, false};
		}
	}
	if (*n)
		qsort(list, *n, sizeof *list, by_place);
	return list;
}

/* Plain where the old text was and the new one may be, else in quotes; braces are doubled, for they
 * would be placeholders. */
static void write_scalar(const char *old, const char *text, struct dd_buf *out)
{
	struct dd_buf doubled = {0};
	size_t plain =
	        strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-~");
	for (const char *p = text; *p; p++) {
		if (*p == '{' || *p == '}')
			dd_buf_char(&doubled, *p);
		dd_buf_char(&doubled, *p);
	}
	if (old[0] != '"' && old[0] != '\'' && plain == strlen(text) && plain)
		dd_buf_str(out, text);
	else
		dd_buf_yaml(out, (struct dd_str){doubled.p ? doubled.p : "", doubled.n});
	dd_buf_free(&doubled);
}

/* All fixes of one file; how many were made. */
static size_t rewrite(const struct fix *fixes, size_t n, bool colour)
{
	const struct dd_source *source = fixes[0].source;
	struct dd_buf out = {0}, shown = {0};
	size_t at = 0, made = 0;
	for (size_t i = 0; i < n; i++) {
		if (fixes[i].clashes || fixes[i].span.start < at)
			continue;
		struct dd_place place = dd_source_place(source, fixes[i].span.start);
		struct dd_str line = dd_source_line(source, place.line);
		size_t from = (size_t)(source->text.p + fixes[i].span.start - line.p);
		dd_buf_add(&out, source->text.p + at, fixes[i].span.start - at);
		size_t before = out.n;
		write_scalar(source->text.p + fixes[i].span.start, fixes[i].text, &out);
		at = fixes[i].span.end;
		dd_buf_screen(&shown, dd_str(source->name));
		dd_buf_format(&shown, ":%u:\n%s- ", place.line, colour ? "\033[31m" : "");
		dd_buf_screen(&shown, line);
		dd_buf_format(
		        &shown, "%s\n%s+ ", colour ? "\033[0m" : "", colour ? "\033[32m" : "");
		dd_buf_screen(&shown, (struct dd_str){line.p, from});
		dd_buf_screen(&shown, (struct dd_str){out.p + before, out.n - before});
		dd_buf_screen(&shown,
		        (struct dd_str){source->text.p + at,
		                (size_t)(line.p + line.n - (source->text.p + at))});
		dd_buf_format(&shown, "%s\n", colour ? "\033[0m" : "");
		made++;
	}
	dd_buf_add(&out, source->text.p + at, source->text.n - at);
	if (made) {
		dd_print(&shown);
		int why = dd_replace_file(source->name, (struct dd_str){out.p, out.n});
		if (why) {
			(void)dd_usage_error("--update %s: %s", source->name, strerror(why));
			made = 0;
		}
	}
	dd_buf_free(&out);
	dd_buf_free(&shown);
	return made;
}

size_t dd_test_update(const struct dd_test_options *o, const struct dd_test_report *report)
{
	size_t n, made = 0;
	struct fix *fixes = gather(report, &n);
	for (size_t from = 0; from < n;) {
		size_t end = from + 1;
		while (end < n && fixes[end].source == fixes[from].source)
			end++;
		if (strcmp(fixes[from].source->name, "-") != 0)
			made += rewrite(&fixes[from], end - from, o->style.colour);
		from = end;
	}
	free(fixes);
	return made;
}
