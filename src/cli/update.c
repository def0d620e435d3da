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
	bool fills;   /* its braces are placeholders */
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
				DD_PUSH(list, *n, cap) = (struct fix){
				        f->source, f->fix_span, f->fix, f->fix_fills, false};
		}
	}
	if (*n)
		qsort(list, *n, sizeof *list, by_place);
	return list;
}

/* Whether a text is the same without quotes, where a text without them stood: words with what is
 * written between them. A comma ends a value inside of [ ] and { }, so there has to be one already.
 */
static bool is_plain(const char *old, size_t n, const char *text, bool fills)
{
	static const char letters[] =
	        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	const char *between = memchr(old, ',', n) ? " .'!?-~_/()%+=," : " .'!?-~_/()%+=";
	const char *braces = fills && memchr(old, '{', n) ? "{}" : "";
	size_t length = strlen(text);
	if (!n || old[0] == '"' || old[0] == '\'' || !length || text[length - 1] == ' ' ||
	        strcasecmp(text, "null") == 0)
		return false;
	for (const char *p = text; *p; p++)
		if ((unsigned char)*p < 0x80 && !strchr(letters, *p) &&
		        (p == text || (!strchr(between, *p) && !strchr(braces, *p))))
			return strcmp(text, "~") == 0;
	return true;
}

static void write_scalar(const struct fix *fix, struct dd_buf *out)
{
	const char *old = fix->source->text.p + fix->span.start;
	struct dd_buf doubled = {0};
	for (const char *p = fix->text; *p; p++) {
		if (!fix->fills && (*p == '{' || *p == '}'))
			dd_buf_char(&doubled, *p);
		dd_buf_char(&doubled, *p);
	}
	if (is_plain(old, fix->span.end - fix->span.start, fix->text, fix->fills))
		dd_buf_str(out, fix->text);
	else
		dd_buf_yaml(out, (struct dd_str){doubled.p ? doubled.p : "", doubled.n});
	dd_buf_free(&doubled);
}

static struct dd_str kept(struct dd_test_options *o, const char *text, size_t n)
{
	if (!o->updates_arena)
		o->updates_arena = dd_arena_new();
	return (struct dd_str){dd_arena_copy(o->updates_arena, text, n), n};
}

static void keep(
        struct dd_test_options *o, const struct dd_source *source, const struct dd_buf *now)
{
	struct dd_test_update *u = NULL;
	for (size_t i = 0; i < o->nupdates && !u; i++)
		if (strcmp(o->updates[i].name, source->name) == 0)
			u = &o->updates[i];
	if (!u) {
		u = &DD_PUSH(o->updates, o->nupdates, o->cap_updates);
		u->name = kept(o, source->name, strlen(source->name)).p;
		u->before = kept(o, source->text.p, source->text.n);
	}
	u->now = kept(o, now->p, now->n);
}

/* All fixes of one file; how many were made. */
static size_t rewrite(struct dd_test_options *o, const struct fix *fixes, size_t n)
{
	const struct dd_source *source = fixes[0].source;
	struct dd_buf out = {0};
	size_t at = 0, made = 0;
	for (size_t i = 0; i < n; i++) {
		if (fixes[i].clashes || fixes[i].span.start < at)
			continue;
		dd_buf_add(&out, source->text.p + at, fixes[i].span.start - at);
		write_scalar(&fixes[i], &out);
		at = fixes[i].span.end;
		made++;
	}
	dd_buf_add(&out, source->text.p + at, source->text.n - at);
	if (made) {
		int why = dd_replace_file(source->name, (struct dd_str){out.p, out.n});
		if (why) {
			(void)dd_usage_error("--update %s: %s", source->name, strerror(why));
			made = 0;
		} else {
			keep(o, source, &out);
		}
	}
	dd_buf_free(&out);
	return made;
}

size_t dd_test_update(struct dd_test_options *o, const struct dd_test_report *report)
{
	size_t n, made = 0;
	struct fix *fixes = gather(report, &n);
	for (size_t from = 0; from < n;) {
		size_t end = from + 1;
		while (end < n && fixes[end].source == fixes[from].source)
			end++;
		if (strcmp(fixes[from].source->name, "-") != 0)
			made += rewrite(o, &fixes[from], end - from);
		from = end;
	}
	free(fixes);
	return made;
}

static struct dd_str line_at(struct dd_str text, size_t at)
{
	const char *end = memchr(text.p + at, '\n', text.n - at);
	return (struct dd_str){text.p + at, end ? (size_t)(end - text.p) - at : text.n - at};
}

/* A text is only ever replaced within its line: the lines of both are the same ones. */
static size_t show_lines(const struct dd_test_update *u, bool colour, struct dd_buf *out)
{
	struct dd_str was = u->before, now = u->now;
	size_t shown = 0, at = 0, then = 0;
	for (unsigned line = 1; at < was.n && then < now.n; line++) {
		struct dd_str a = line_at(was, at), b = line_at(now, then);
		at += a.n + 1;
		then += b.n + 1;
		if (dd_str_same(a, b))
			continue;
		dd_buf_screen(out, dd_str(u->name));
		dd_buf_format(out, ":%u:\n%s- ", line, colour ? "\033[31m" : "");
		dd_buf_screen(out, a);
		dd_buf_format(out, "%s\n%s+ ", colour ? "\033[0m" : "", colour ? "\033[32m" : "");
		dd_buf_screen(out, b);
		dd_buf_format(out, "%s\n", colour ? "\033[0m" : "");
		shown++;
	}
	return shown;
}

void dd_test_tell_update(struct dd_test_options *o, const struct dd_test_report *report)
{
	struct dd_buf out = {0};
	size_t lines = 0, left = 0;
	bool beside = strcmp(o->format, "text") != 0; /* a report for machines is on stdout */
	for (size_t i = 0; i < o->nupdates; i++)
		lines += show_lines(&o->updates[i], !beside && o->style.colour, &out);
	free(o->updates);
	o->updates = NULL;
	o->nupdates = o->cap_updates = 0;
	dd_arena_free(o->updates_arena);
	o->updates_arena = NULL;
	for (size_t i = 0; i < report->n; i++)
		left += report->results[i].verdict == DD_FAILED;
	if (lines || left)
		dd_buf_format(&out, "--update: %zu line%s written anew", lines,
		        lines == 1 ? " is" : "s are");
	if (left)
		dd_buf_format(&out,
		        "; %zu failure%s left to you, for no text of the file is surely meant",
		        left, left == 1 ? " is" : "s are");
	if (lines || left)
		dd_buf_str(&out, "\n\n");
	if (beside)
		(void)fwrite(out.p, 1, out.n, stderr);
	else
		dd_print(&out);
	dd_buf_free(&out);
}
