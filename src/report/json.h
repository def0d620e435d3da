/* What the JSON reports share; for the room itself, since it speaks of jansson. */
#ifndef DD_REPORT_JSON_H
#define DD_REPORT_JSON_H

#include <jansson.h>

#include "report/transcript.h"

/* A string of any bytes: what is not UTF-8 becomes U+FFFD. */
json_t *dd_json_text(struct dd_str text);
/* A call, as dd_transcript_json() prints it. */
json_t *dd_json_transcript(const struct dd_transcript *transcript);
/* One event of it. */
json_t *dd_json_event(const struct dd_transcript *transcript, const struct dd_trace_event *event);
/* Appends `root` with a line end, and drops it. `flags` as for json_dumps(). */
void dd_json_print(json_t *root, size_t flags, struct dd_buf *out);

#endif
