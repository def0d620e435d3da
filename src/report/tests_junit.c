/* Scenario runs as JUnit XML. The times are those of the calls, so that two runs give the same
 * bytes. */
#include "report/tests.h"

#include <string.h>

#include "report/xml.h"

static void scenario(const struct dd_result *r, struct dd_buf *out)
{
	static const struct dd_tests_style plain = {false, false, 0};
	dd_junit_case(out, r->name, r->suite, r->call_ms);
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
		dd_junit_failure(out, first ? first->message : "failed",
		        first ? first->code : "failed", (struct dd_str){text.p, text.n});
	} else if (text.n) {
		dd_junit_output(out, (struct dd_str){text.p, text.n});
	}
	dd_buf_free(&text);
	dd_buf_str(out, "    </testcase>\n");
}

void dd_tests_junit(const struct dd_test_report *report, struct dd_buf *out)
{
	dd_junit_open(out, report->n, report->failed);
	for (size_t i = 0; i < report->n;) {
		size_t end = i, failed = 0, skipped = 0;
		dd_ms time = 0;
		for (; end < report->n &&
		        strcmp(report->results[end].suite, report->results[i].suite) == 0;
		        end++) {
			failed += report->results[end].verdict == DD_FAILED;
			skipped += report->results[end].verdict == DD_SKIPPED;
			time += report->results[end].call_ms;
		}
		dd_junit_suite(out, report->results[i].suite, end - i, failed, skipped, time);
		for (; i < end; i++)
			scenario(&report->results[i], out);
		dd_buf_str(out, "  </testsuite>\n");
	}
	dd_buf_str(out, "</testsuites>\n");
}
