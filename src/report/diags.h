/* Diagnostics for machines: one function a format, each appending to `out`. The same diagnostics
   give the same bytes, and they are UTF-8 whatever the files hold. */
#ifndef DD_REPORT_DIAGS_H
#define DD_REPORT_DIAGS_H

#include "doc/rules.h"

/* All is borrowed. */
struct dd_diags_report {
	const struct dd_diags *diags; /* sorted */
	const char *const *files;     /* that were looked at, clean ones too */
	size_t nfiles;
	const struct dd_rules *rules;
	bool strict; /* warnings fail, too */
};

/* {"errors":n,"diagnostics":[{"file","line","column","end_line","end_column","severity","code",
 * "message","hint"}]} */
void dd_diags_json(const struct dd_diags *diags, struct dd_buf *out);
/* SARIF 2.1.0, with what GitHub's code scanning asks for. Relative paths are relative to %SRCROOT%,
 * the folder drydial was run in. */
void dd_diags_sarif(const struct dd_diags_report *report, struct dd_buf *out);
/* Workflow commands (`::error file=…::…`) that GitHub shows at the lines of a change. */
void dd_diags_github(const struct dd_diags_report *report, struct dd_buf *out);
/* JUnit XML: a suite a file, a case for each code found there, or one that passes. */
void dd_diags_junit(const struct dd_diags_report *report, struct dd_buf *out);

/* What all formats say of a diagnostic: its file, never NULL, and its place; 0 where the whole file
 * is meant. */
const char *dd_diag_file(const struct dd_diag *diag);
struct dd_diag_place {
	struct dd_place from, to; /* `to` is behind the last character */
};
struct dd_diag_place dd_diag_place(const struct dd_source *source, struct dd_span span);
const char *dd_severity_name(enum dd_severity severity);
/* "message; hint", fit for one line. */
void dd_diag_sentence(const struct dd_diag *diag, struct dd_buf *out);

#endif
