/* One call on paper: for people, and for machines. */
#ifndef DD_REPORT_TRANSCRIPT_H
#define DD_REPORT_TRANSCRIPT_H

#include "call/trace.h"
#include "flow/program.h"

struct dd_transcript {
	const struct dd_program *program;
	const struct dd_call *call; /* for the variables; NULL: none are printed */
	const struct dd_trace *trace;
	const struct dd_outcome *outcome;
};

/* One line: `  0:14.2  key        2`, without its end; fits `columns` where that is more than 0
 * (then long text is cut). */
void dd_transcript_line(const struct dd_transcript *t, const struct dd_trace_event *event,
        unsigned columns, bool colour, struct dd_buf *out);
/* What the event says, without its time and name; foreign text is made fit for a screen. */
void dd_transcript_fact(
        const struct dd_transcript *t, const struct dd_trace_event *event, struct dd_buf *out);
/* All events, a line each. */
void dd_transcript_text(
        const struct dd_transcript *t, unsigned columns, bool colour, struct dd_buf *out);
/* What it came to: status, answers, messages, the longest message against 30 s. */
void dd_transcript_summary(const struct dd_transcript *t, bool colour, struct dd_buf *out);
/* The stable form, with a line end. */
void dd_transcript_json(const struct dd_transcript *t, struct dd_buf *out);

#endif
