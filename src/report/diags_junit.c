/* Diagnostics as JUnit XML: a suite a file, a case for each code found in it, and one that passes
 * where there is none. */
#include <stdlib.h>
#include <string.h>

#include "report/diags.h"
#include "report/xml.h"

struct counts {
	size_t tests, failures;
};

static bool is_of(const struct dd_diag *d, const char *file, const char *code)
{
	return strcmp(dd_diag_file(d), file) == 0 && (!code || strcmp(d->code, code) == 0);
}

static bool is_failure(const struct dd_diags_report *report, const struct dd_diag *d)
{
	return d->severity == DD_ERROR || (report->strict && d->severity == DD_WARNING);
}

/* All of one code in one file; the first that fails gives the message. */
static void one_case(const struct dd_diags_report *report, const char *file, const char *code,
        struct counts *counts, struct dd_buf *out)
{
	const struct dd_diag *fault = NULL;
	struct dd_diags alike = {0};
	struct dd_buf text = {0};
	for (size_t i = 0; i < report->diags->n; i++) {
		const struct dd_diag *d = &report->diags->items[i];
		if (!is_of(d, file, code))
			continue;
		DD_PUSH(alike.items, alike.n, alike.cap) = *d;
		if (!fault && is_failure(report, d))
			fault = d;
	}
	dd_diags_text(&alike, &text, false);
	dd_junit_case(out, code, file, 0);
	dd_buf_str(out, ">\n");
	if (fault)
		dd_junit_failure(out, fault->message, fault->code, (struct dd_str){text.p, text.n});
	else
		dd_junit_output(out, (struct dd_str){text.p, text.n});
	dd_buf_str(out, "    </testcase>\n");
	counts->tests++;
	counts->failures += fault != NULL;
	dd_buf_free(&text);
	dd_diags_fini(&alike);
}

static void suite(const struct dd_diags_report *report, const char *file, struct counts *all,
        struct dd_buf *out)
{
	const struct dd_diags *diags = report->diags;
	struct counts counts = {0, 0};
	struct dd_buf cases = {0};
	for (size_t i = 0; i < diags->n; i++) {
		bool first = is_of(&diags->items[i], file, NULL);
		for (size_t k = 0; first && k < i; k++)
			first = !is_of(&diags->items[k], file, diags->items[i].code);
		if (first)
			one_case(report, file, diags->items[i].code, &counts, &cases);
	}
	if (!counts.tests) { /* a run without cases would look like one that did not happen */
		dd_junit_case(&cases, "no findings", file, 0);
		dd_buf_str(&cases, "/>\n");
		counts.tests++;
	}
	dd_junit_suite(out, file, counts.tests, counts.failures, 0, 0);
	dd_buf_add(out, cases.p, cases.n);
	dd_buf_str(out, "  </testsuite>\n");
	dd_buf_free(&cases);
	all->tests += counts.tests;
	all->failures += counts.failures;
}

/* A file that nobody named, such as one that a call is transferred to, comes behind those that
 * were. */
static bool is_new_file(const struct dd_diags_report *report, size_t at)
{
	const char *file = dd_diag_file(&report->diags->items[at]);
	for (size_t i = 0; i < report->nfiles; i++)
		if (strcmp(report->files[i], file) == 0)
			return false;
	for (size_t i = 0; i < at; i++)
		if (is_of(&report->diags->items[i], file, NULL))
			return false;
	return true;
}

void dd_diags_junit(const struct dd_diags_report *report, struct dd_buf *out)
{
	struct counts all = {0, 0};
	struct dd_buf suites = {0};
	for (size_t i = 0; i < report->nfiles; i++)
		suite(report, report->files[i], &all, &suites);
	for (size_t i = 0; i < report->diags->n; i++)
		if (is_new_file(report, i))
			suite(report, dd_diag_file(&report->diags->items[i]), &all, &suites);
	dd_junit_open(out, all.tests, all.failures);
	dd_buf_add(out, suites.p, suites.n);
	dd_buf_str(out, "</testsuites>\n");
	dd_buf_free(&suites);
}
