/* What the JUnit reports share; for the room itself. */
#ifndef DD_REPORT_XML_H
#define DD_REPORT_XML_H

#include <drydial/base.h>

#include "base/text.h"

/* ` name="value"`, with control characters made visible. */
void dd_xml_attribute(struct dd_buf *out, const char *name, const char *value);
/* `<?xml …?>` and the opening of <testsuites>. */
void dd_junit_open(struct dd_buf *out, size_t tests, size_t failures);
/* The opening of a <testsuite>. */
void dd_junit_suite(struct dd_buf *out, const char *name, size_t tests, size_t failures,
        size_t skipped, dd_ms time);
/* `<testcase …`, still open for its end or its content. */
void dd_junit_case(struct dd_buf *out, const char *name, const char *suite, dd_ms time);
/* The content of a case. `text` goes in as it stands, escaped. */
void dd_junit_failure(
        struct dd_buf *out, const char *message, const char *type, struct dd_str text);
void dd_junit_output(struct dd_buf *out, struct dd_str text);

#endif
