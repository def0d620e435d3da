/* One table of formats for all that finds fault. */
#include "cli/findings.h"

#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static void as_json(const struct dd_diags_report *report, struct dd_buf *out)
{
	dd_diags_json(report->diags, out);
}

static const struct dd_findings_format FORMATS[] = {{"text", NULL}, {"json", as_json},
        {"sarif", dd_diags_sarif}, {"github", dd_diags_github}, {"junit", dd_diags_junit}};
enum { NFORMATS = sizeof FORMATS / sizeof *FORMATS };

const struct dd_findings_format *dd_findings_format(const char *name)
{
	for (size_t i = 0; i < NFORMATS; i++)
		if (strcmp(name, FORMATS[i].name) == 0)
			return &FORMATS[i];
	return NULL;
}

struct dd_findings_tally dd_findings_tallied(const struct dd_diags *diags)
{
	struct dd_findings_tally t = {0, 0, 0};
	for (size_t i = 0; i < diags->n; i++) {
		t.errors += diags->items[i].severity == DD_ERROR;
		t.warnings += diags->items[i].severity == DD_WARNING;
		t.notes += diags->items[i].severity == DD_NOTE;
	}
	return t;
}

static void counted(struct dd_buf *out, const char *before, size_t n, const char *noun)
{
	dd_buf_format(out, "%s%zu %s%s", before, n, noun, n == 1 ? "" : "s");
}

void dd_findings_print(const struct dd_findings_format *format, const struct dd_diags_report *r,
        const char *noun, bool colour, struct dd_buf *out)
{
	if (format->print) {
		format->print(r, out);
		return;
	}
	struct dd_findings_tally t = dd_findings_tallied(r->diags);
	dd_diags_text(r->diags, out, colour);
	counted(out, out->n ? "\n" : "", r->nfiles, noun);
	counted(out, ": ", t.errors, "error");
	counted(out, ", ", t.warnings, "warning");
	counted(out, ", ", t.notes, "note");
	dd_buf_char(out, '\n');
}
