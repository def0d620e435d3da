/* What every request has. */
#include "call/parameters.h"

#include <string.h>

bool dd_is_platform_parameter(struct dd_str name)
{
	static const char *const names[] = {"CallSid", "CallFrom", "CallTo", "From", "To",
	        "Direction", "Created", "DialCallDuration", "StartTime", "EndTime", "CallType",
	        "DialWhomNumber", "RecordingUrl", "CurrentTime", "flow_id", "tenant_id",
	        "CustomField", "CallStatus"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (dd_str_is(name, names[i]))
			return true;
	return false;
}

/* The platform's parameters stand together behind the flow's own, from CallSid on: a name that the
 * flow has used itself before them is the flow's. */
void dd_buf_folded_url(struct dd_buf *out, struct dd_str url)
{
	const char *query = url.n ? memchr(url.p, '?', url.n) : NULL;
	size_t at = query ? (size_t)(query - url.p) + 1 : url.n;
	bool behind = false, any = false;
	dd_buf_screen(out, (struct dd_str){url.p, query ? at - 1 : at});
	while (at < url.n) {
		const char *end = memchr(url.p + at, '&', url.n - at);
		struct dd_str one = {url.p + at, end ? (size_t)(end - url.p) - at : url.n - at};
		const char *equals = one.n ? memchr(one.p, '=', one.n) : NULL;
		struct dd_str name = {one.p, equals ? (size_t)(equals - one.p) : one.n};
		behind |= dd_str_is(name, "CallSid");
		if (!behind || !dd_is_platform_parameter(name)) {
			dd_buf_char(out, any ? '&' : '?');
			dd_buf_screen(out, one);
			any = true;
		}
		at += one.n + 1;
	}
	dd_buf_str(out, behind ? " +platform" : "");
}
