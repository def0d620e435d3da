/* Scenario runs on paper: one function a format, each appending to `out`. */
#ifndef DD_REPORT_TESTS_H
#define DD_REPORT_TESTS_H

#include "report/model.h"

struct dd_tests_style {
	bool colour, verbose;
	unsigned columns; /* 0: do not cut */
};

/* For people. */
void dd_tests_text(const struct dd_test_report *report, const struct dd_tests_style *style,
        struct dd_buf *out);
/* One finding: the place with its excerpt, what was wanted and what was heard, where the call
 * stood, the transcript from there, how to hear it. */
void dd_tests_finding(const struct dd_result *result, const struct dd_finding *finding,
        const struct dd_tests_style *style, struct dd_buf *out);
/* TAP version 13 with YAML diagnostics. */
void dd_tests_tap(const struct dd_test_report *report, struct dd_buf *out);
/* JUnit XML as Jenkins and GitLab read it; times are the calls' own. */
void dd_tests_junit(const struct dd_test_report *report, struct dd_buf *out);
void dd_tests_json(const struct dd_test_report *report,
        struct dd_buf *out); /* One page that needs no network: transcripts as chats, timelines, the
                                flow with the path taken, the sound to play. */
void dd_tests_html(const struct dd_test_report *report, struct dd_buf *out);

/* Coverage: a table, the flows with their hits at the margin, and lcov's format. */
void dd_cover_table(const struct dd_test_report *report, const struct dd_tests_style *style,
        struct dd_buf *out);
void dd_cover_annotate(const struct dd_test_report *report, const struct dd_tests_style *style,
        struct dd_buf *out);
void dd_cover_lcov(const struct dd_test_report *report, struct dd_buf *out);
/* Steps and exits met, in percent; negative where there are none, of which nothing can be said. */
double dd_cover_percent(const struct dd_test_report *report);

#endif
