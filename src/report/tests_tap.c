/* Test Anything Protocol, version 13. */
#include "base/clock.h"
#include "report/tests.h"

/* A description may hold no # and no line end; numbers at its beginning would be read as the test's
 * own. */
static void description(struct dd_buf *out, const char *text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_str(text));
	for (size_t i = 0; i < clean.n; i++) {
		if (clean.p[i] == '#' || clean.p[i] == '\\')
			dd_buf_char(out, '\\');
		dd_buf_char(out, clean.p[i]);
	}
	dd_buf_free(&clean);
}

/* A double-quoted YAML scalar. */
static void quoted(struct dd_buf *out, const char *key, const char *text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_str(text));
	dd_buf_format(out, "%s: \"", key);
	for (size_t i = 0; i < clean.n; i++) {
		if (clean.p[i] == '"' || clean.p[i] == '\\')
			dd_buf_char(out, '\\');
		dd_buf_char(out, clean.p[i]);
	}
	dd_buf_str(out, "\"\n");
	dd_buf_free(&clean);
}

static void finding(struct dd_buf *out, const struct dd_result *r, const struct dd_finding *f)
{
	struct dd_place place = {r->line, 1};
	if (f->source)
		place = dd_source_place(f->source, f->span.start);
	quoted(out, "    - message", f->message);
	dd_buf_format(out, "      severity: %s\n      code: %s\n",
	        f->severity == DD_ERROR ? "fail" : "comment", f->code);
	quoted(out, "      file", f->source ? f->source->name : r->suite);
	dd_buf_format(out, "      line: %u\n      column: %u\n", place.line, place.column);
	if (f->at >= 0)
		dd_buf_format(out, "      at_ms: %lld\n", (long long)f->at);
	if (f->expected)
		quoted(out, "      wanted", f->expected);
	if (f->actual)
		quoted(out, "      found", f->actual);
	if (f->where)
		quoted(out, "      where", f->where);
	if (f->hint)
		quoted(out, "      hint", f->hint);
}

void dd_tests_tap(const struct dd_test_report *report, struct dd_buf *out)
{
	dd_buf_format(out, "TAP version 13\n1..%zu\n", report->n);
	for (size_t i = 0; i < report->n; i++) {
		const struct dd_result *r = &report->results[i];
		dd_buf_format(out, "%sok %zu - ", r->verdict == DD_FAILED ? "not " : "", i + 1);
		description(out, r->suite);
		dd_buf_str(out, ": ");
		description(out, r->name);
		dd_buf_str(out, r->verdict == DD_SKIPPED ? " # SKIP not chosen\n" : "\n");
		if (r->nfindings == 0)
			continue;
		dd_buf_format(
		        out, "  ---\n  duration_ms: %lld\n  findings:\n", (long long)r->call_ms);
		for (size_t f = 0; f < r->nfindings; f++)
			finding(out, r, &r->findings[f]);
		if (r->replay)
			quoted(out, "  replay", r->replay);
		dd_buf_str(out, "  ...\n");
	}
}
