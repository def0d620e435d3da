/* Collecting and showing diagnostics. */
#include "doc/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dd_diags_init(struct dd_diags *diags, struct dd_arena *arena)
{
	*diags = (struct dd_diags){.arena = arena};
}

void dd_diags_fini(struct dd_diags *diags)
{
	dd_free(diags->items);
	*diags = (struct dd_diags){0};
}

struct dd_diag *dd_diag(struct dd_diags *diags, enum dd_severity severity, const char *code,
        const struct dd_source *source, struct dd_span span, const char *format, ...)
{
	/* whoever adds to one that is not kept finds all that there would be */
	static _Thread_local struct dd_diag over;
	static _Thread_local char text[1024];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (severity == DD_ERROR)
		diags->errors++;
	bool kept = diags->n < DD_DIAGS_MAX;
	struct dd_diag *d = kept ? &DD_PUSH(diags->items, diags->n, diags->cap) : &over;
	diags->dropped += !kept;
	*d = (struct dd_diag){severity, code, source, span,
	        kept ? dd_arena_copy(diags->arena, text, strlen(text)) : text,
	        .file = source ? source->name : NULL};
	return d;
}

void dd_diag_edit(
        struct dd_arena *arena, struct dd_diag *d, uint32_t start, uint32_t end, const char *text)
{
	struct dd_edit *all = dd_arena_alloc(arena, (d->nedits + 1) * sizeof *all);
	if (d->nedits)
		memcpy(all, d->edits, d->nedits * sizeof *all);
	all[d->nedits] = (struct dd_edit){{start, end}, text};
	d->edits = all;
	d->nedits++;
}

/* Only marks are put in, so that every place inside is still known afterwards. */
void dd_diag_quote(struct dd_arena *arena, struct dd_diag *d, uint32_t start, uint32_t end)
{
	const char *text = d->source->text.p;
	for (uint32_t i = start; i < end; i++) {
		bool marked = text[i] == '"' || text[i] == '\\';
		if (i == start || marked)
			dd_diag_edit(arena, d, i, i, i > start ? "\\" : marked ? "\"\\" : "\"");
	}
	dd_diag_edit(arena, d, end, end, "\"");
}

void dd_diag_indent(struct dd_arena *arena, struct dd_diag *d, uint32_t from, uint32_t to)
{
	struct dd_str text = d->source->text;
	for (uint32_t i = from; i + 1 < to; i++) {
		uint32_t word = i + 1;
		if (text.p[i] != '\n')
			continue;
		while (word < to && text.p[word] == ' ')
			word++;
		if (word < to && text.p[word] != '\n' && text.p[word] != '\r')
			dd_diag_edit(arena, d, i + 1, i + 1, "  ");
	}
}

void dd_diags_join(struct dd_diags *diags, const struct dd_diags *from)
{
	for (size_t i = 0; i < from->n; i++)
		DD_PUSH(diags->items, diags->n, diags->cap) = from->items[i];
	diags->errors += from->errors;
	diags->dropped += from->dropped;
}

static int compare_diags(const void *left, const void *right)
{
	const struct dd_diag *a = left, *b = right;
	int by_file = strcmp(a->file ? a->file : "", b->file ? b->file : "");
	if (by_file)
		return by_file;
	if (a->span.start != b->span.start)
		return a->span.start < b->span.start ? -1 : 1;
	int by_code = strcmp(a->code, b->code);
	return by_code ? by_code : strcmp(a->message, b->message);
}

void dd_diags_sort(struct dd_diags *diags)
{
	size_t kept = 0;
	if (diags->n)
		qsort(diags->items, diags->n, sizeof *diags->items, compare_diags);
	for (size_t i = 0; i < diags->n; i++) {
		if (kept && compare_diags(&diags->items[kept - 1], &diags->items[i]) == 0) {
			diags->errors -= diags->items[i].severity == DD_ERROR;
			continue;
		}
		diags->items[kept++] = diags->items[i];
	}
	diags->n = kept;
}

static const char *severity_name(enum dd_severity severity)
{
	return severity == DD_ERROR ? "error" : severity == DD_WARNING ? "warning" : "note";
}

static const char *severity_colour(enum dd_severity severity)
{
	return severity == DD_ERROR      ? "\033[1;31m"
	        : severity == DD_WARNING ? "\033[1;33m"
	                                 : "\033[1;36m";
}

/* How much of a line that does not fit to leave out on its left, so that a caret far to the right
   stays on an 80-column screen: whole characters, until the caret stands in the middle. Widths add
   up, so each character is measured once, and not the whole line for each of them: lines of
   machine-written files are as long as the files. */
static size_t cut_on_the_left(struct dd_str line, size_t caret, size_t room)
{
	size_t left = 0, before = dd_width((struct dd_str){line.p, caret});
	while (before > room / 2 + 10 && left < caret) {
		size_t end = dd_grapheme_end(line, left);
		size_t one = dd_width((struct dd_str){line.p + left, end - left});
		before -= one < before ? one : before;
		left = end;
	}
	return left;
}

static void caret_and_hint(
        size_t pad, size_t wide, const char *hint, struct dd_buf *out, bool colour)
{
	dd_buf_format(out, "%*s%s", (int)pad, "", colour ? "\033[1;32m" : "");
	for (size_t i = 0; i < (wide ? wide : 1); i++)
		dd_buf_char(out, '^');
	if (hint) {
		dd_buf_char(out, ' ');
		dd_buf_screen(out, dd_str(hint));
	}
	dd_buf_str(out, colour ? "\033[0m\n" : "\n");
}

/* The line, cut to the screen, and the caret as wide as the token. */
static void show_excerpt(const struct dd_source *source, struct dd_span span, const char *hint,
        struct dd_buf *out, bool colour)
{
	enum { ROOM = 70 };
	struct dd_place place = dd_source_place(source, span.start);
	struct dd_str line = dd_source_line(source, place.line);
	uint32_t base = source->lines[place.line - 1];
	size_t from = span.start > base ? span.start - base : 0;
	if (from > line.n)
		from = line.n;
	size_t to = span.end > span.start ? span.end - base : from + 1;
	if (to > line.n)
		to = line.n;
	size_t left = dd_width(line) > ROOM ? cut_on_the_left(line, from, ROOM) : 0;
	struct dd_str shown = {line.p + left, line.n - left};
	shown.n = dd_width_fit(shown, ROOM);
	dd_buf_format(out, "%5u | %s", place.line, left ? "…" : "");
	dd_buf_screen(out, shown);
	dd_buf_str(out, left + shown.n < line.n ? "…\n      | " : "\n      | ");
	size_t before = left < from ? dd_width((struct dd_str){line.p + left, from - left}) : 0;
	size_t pad = before + (left ? 1 : 0);
	size_t wide = to > from ? dd_width((struct dd_str){line.p + from, to - from}) : 1;
	if (wide + pad > ROOM)
		wide = pad < ROOM ? ROOM - pad : 1;
	caret_and_hint(pad, wide, hint, out, colour);
}

static void show_place(const struct dd_source *source, struct dd_span span, struct dd_buf *out)
{
	struct dd_place place = dd_source_place(source, span.start);
	dd_buf_screen(out, dd_str(source->name));
	dd_buf_format(out, ":%u:%u: ", place.line, place.column);
}

static void show_diag(const struct dd_diag *d, struct dd_buf *out, bool colour)
{
	if (d->source) {
		show_place(d->source, d->span, out);
	} else if (d->file) {
		dd_buf_screen(out, dd_str(d->file));
		dd_buf_str(out, ": ");
	}
	dd_buf_format(out, "%s%s[%s]%s: ", colour ? severity_colour(d->severity) : "",
	        severity_name(d->severity), d->code, colour ? "\033[0m" : "");
	dd_buf_screen(out, dd_str(d->message));
	dd_buf_char(out, '\n');
	if (d->source)
		show_excerpt(d->source, d->span, d->hint, out, colour);
	else if (d->hint)
		dd_buf_format(out, "      = %s\n", d->hint);
	if (d->other) {
		show_place(d->other, d->other_span, out);
		dd_buf_format(out, "note: %s\n", d->other_message);
		show_excerpt(d->other, d->other_span, NULL, out, colour);
	}
}

void dd_diags_text(const struct dd_diags *diags, struct dd_buf *out, bool colour)
{
	for (size_t i = 0; i < diags->n; i++)
		show_diag(&diags->items[i], out, colour);
	if (diags->dropped)
		dd_buf_format(out, "… and %zu more\n", diags->dropped);
}
