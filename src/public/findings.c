/* Diagnostics as the library shows them. Everything is made when they are: to look at them cannot
   fail. */
#include <drydial/flow.h>

#include "public/inside.h"
#include "report/diags.h"

struct finding {
	enum dd_severity severity;
	const char *code, *message, *hint, *file;
	struct dd_place at;
};

struct dd_findings {
	struct dd_arena *arena;
	struct finding *list;
	size_t n, errors;
	const char *text, *json;
};

const char *text_copied(struct dd_arena *arena, const char *text)
{
	return text ? dd_arena_copy(arena, text, strlen(text)) : NULL;
}

const char *text_kept(struct dd_arena *arena, struct dd_buf *text)
{
	const char *kept = dd_arena_copy(arena, text->n ? text->p : "", text->n);
	dd_buf_free(text);
	return kept;
}

struct dd_findings *findings_of(const struct dd_diags *diags)
{
	struct dd_findings *f = dd_alloc(sizeof *f);
	struct dd_buf text = {0}, json = {0};
	f->arena = dd_arena_new();
	f->list = dd_arena_alloc(f->arena, (diags->n + 1) * sizeof *f->list);
	f->n = diags->n;
	f->errors = diags->errors;
	for (size_t i = 0; i < diags->n; i++) {
		const struct dd_diag *d = &diags->items[i];
		f->list[i] = (struct finding){d->severity, text_copied(f->arena, d->code),
		        text_copied(f->arena, d->message), text_copied(f->arena, d->hint),
		        text_copied(f->arena, dd_diag_file(d)), {0, 0}};
		if (d->source)
			f->list[i].at = dd_diag_place(d->source, d->span).from;
	}
	dd_diags_text(diags, &text, false);
	f->text = text_kept(f->arena, &text);
	dd_diags_json(diags, &json);
	f->json = text_kept(f->arena, &json);
	return f;
}

void dd_findings_free(struct dd_findings *f)
{
	if (!f)
		return;
	dd_arena_free(f->arena);
	dd_free(f);
}

size_t dd_findings_count(const struct dd_findings *f)
{
	return f->n;
}

size_t dd_findings_errors(const struct dd_findings *f)
{
	return f->errors;
}

const char *dd_finding_code(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].code : NULL;
}

const char *dd_finding_message(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].message : NULL;
}

const char *dd_finding_hint(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].hint : NULL;
}

enum dd_severity dd_finding_severity(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].severity : DD_NOTE;
}

const char *dd_finding_file(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].file : NULL;
}

unsigned dd_finding_line(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].at.line : 0;
}

unsigned dd_finding_column(const struct dd_findings *f, size_t i)
{
	return i < f->n ? f->list[i].at.column : 0;
}

const char *dd_findings_text(const struct dd_findings *f)
{
	return f->text;
}

const char *dd_findings_json(const struct dd_findings *f)
{
	return f->json;
}
