/* The elements of JUnit XML: what Jenkins (jenkins-junit.xsd) and GitLab read. */
#include "report/xml.h"

void dd_xml_attribute(struct dd_buf *out, const char *name, const char *value)
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

void dd_junit_open(struct dd_buf *out, size_t tests, size_t failures)
{
	dd_buf_str(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites");
	dd_buf_format(out, " name=\"drydial\" tests=\"%zu\" failures=\"%zu\" errors=\"0\">\n",
	        tests, failures);
}

void dd_junit_suite(struct dd_buf *out, const char *name, size_t tests, size_t failures,
        size_t skipped, dd_ms time)
{
	dd_buf_str(out, "  <testsuite");
	dd_xml_attribute(out, "name", name);
	dd_buf_format(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\"", tests,
	        failures, skipped);
	seconds(out, time);
	dd_buf_str(out, ">\n");
}

void dd_junit_case(struct dd_buf *out, const char *name, const char *suite, dd_ms time)
{
	dd_buf_str(out, "    <testcase");
	dd_xml_attribute(out, "name", name);
	dd_xml_attribute(out, "classname", suite);
	seconds(out, time);
}

void dd_junit_failure(struct dd_buf *out, const char *message, const char *type, struct dd_str text)
{
	dd_buf_str(out, "      <failure");
	dd_xml_attribute(out, "message", message);
	dd_xml_attribute(out, "type", type);
	dd_buf_char(out, '>');
	dd_buf_xml(out, text);
	dd_buf_str(out, "</failure>\n");
}

void dd_junit_output(struct dd_buf *out, struct dd_str text)
{
	dd_buf_str(out, "      <system-out>");
	dd_buf_xml(out, text);
	dd_buf_str(out, "</system-out>\n");
}
