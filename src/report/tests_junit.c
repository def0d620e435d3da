/* JUnit XML: what Jenkins (jenkins-junit.xsd) and GitLab read. The times are those of the calls, so that two runs give the same bytes. */
#include "report/tests.h"

#include <string.h>

static void attribute(struct dd_buf *out, const char *name, const char *value)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_str(value));
	dd_buf_format(out, " %s=\"", name);
	dd_buf_xml(out, (struct dd_str){clean.p, clean.n});
	dd_buf_char(out, '"');
	dd_buf_free(&clean);
}

static void seconds(struct dd_buf *out, dd_ms ms)
{
	dd_buf_format(out, " time=\"%lld.%03lld\"", (long long)(ms / 1000), (long long)(ms % 1000));
}

static void scenario(const struct dd_result *r, struct dd_buf *out)
{
	static const struct dd_tests_style plain = {false, false, 0};
	dd_buf_str(out, "    <testcase");
	attribute(out, "name", r->name);
	attribute(out, "classname", r->suite);
	seconds(out, r->call_ms);
	if (r->verdict == DD_PASSED && r->nfindings == 0) {
		dd_buf_str(out, "/>\n");
		return;
	}
	dd_buf_str(out, ">\n");
	if (r->verdict == DD_SKIPPED)
		dd_buf_str(out, "      <skipped/>\n");
	struct dd_buf text = {0};
	for (size_t f = 0; f < r->nfindings; f++)
		dd_tests_finding(r, &r->findings[f], &plain, &text);
	if (r->replay && r->verdict == DD_FAILED)
		dd_buf_format(&text, "   hear it    %s\n", r->replay);
	if (r->verdict == DD_FAILED) {
		const struct dd_finding *first = dd_result_fault(r);
		dd_buf_str(out, "      <failure");
		attribute(out, "message", first ? first->message : "failed");
		attribute(out, "type", first ? first->code : "failed");
		dd_buf_char(out, '>');
		dd_buf_xml(out, (struct dd_str){text.p, text.n});
		dd_buf_str(out, "</failure>\n");
	} else if (text.n) {
		dd_buf_str(out, "      <system-out>");
		dd_buf_xml(out, (struct dd_str){text.p, text.n});
		dd_buf_str(out, "</system-out>\n");
	}
	dd_buf_free(&text);
	dd_buf_str(out, "    </testcase>\n");
}

void dd_tests_junit(const struct dd_test_report *report, struct dd_buf *out)
{
	dd_buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	dd_buf_format(out, " name=\"drydial\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n", report->n, report->failed);
	for (size_t i = 0; i < report->n;) {
		size_t end = i, failed = 0, skipped = 0;
		dd_ms time = 0;
		for (; end < report->n && strcmp(report->results[end].suite, report->results[i].suite) == 0; end++) {
			failed += report->results[end].verdict == DD_FAILED;
			skipped += report->results[end].verdict == DD_SKIPPED;
			time += report->results[end].call_ms;
		}
		dd_buf_str(out, "  <testsuite");
		attribute(out, "name", report->results[i].suite);
		dd_buf_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", end - i, failed, skipped);
		seconds(out, time);
		dd_buf_str(out, ">\n");
		for (; i < end; i++)
			scenario(&report->results[i], out);
		dd_buf_str(out, "  </testsuite>\n");
	}
	dd_buf_str(out, "</testsuites>\n");
}
