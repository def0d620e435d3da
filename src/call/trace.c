/* The record of a call. */
#include "call/trace.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

const char *dd_trace_name(enum dd_trace_type type)
{
	static const char *const names[] = {
#define TRACE(NAME, word) word,
	        DD_TRACES(TRACE)
#undef TRACE
	};
	return names[type];
}

void dd_trace_clear(struct dd_trace *trace)
{
	trace->nevents = trace->nsegments = 0;
	trace->text.n = 0;
}

void dd_trace_fini(struct dd_trace *trace)
{
	dd_free(trace->events);
	dd_free(trace->segments);
	dd_buf_free(&trace->text);
	*trace = (struct dd_trace){0};
}

void dd_trace_copy(struct dd_trace *to, const struct dd_trace *from)
{
	*to = (struct dd_trace){.nevents = from->nevents,
	        .cap_events = from->nevents,
	        .nsegments = from->nsegments,
	        .cap_segments = from->nsegments};
	to->events = dd_alloc((from->nevents + 1) * sizeof *to->events);
	to->segments = dd_alloc((from->nsegments + 1) * sizeof *to->segments);
	if (from->nevents)
		memcpy(to->events, from->events, from->nevents * sizeof *to->events);
	if (from->nsegments)
		memcpy(to->segments, from->segments, from->nsegments * sizeof *to->segments);
	dd_buf_add(&to->text, from->text.p ? from->text.p : "", from->text.n);
}

struct dd_trace_event *dd_trace_add(
        struct dd_trace *trace, dd_ms at, enum dd_trace_type type, uint32_t step)
{
	struct dd_trace_event *e = &DD_PUSH(trace->events, trace->nevents, trace->cap_events);
	*e = (struct dd_trace_event){.at = at, .type = type, .step = step};
	return e;
}

struct dd_slice dd_trace_text(struct dd_trace *trace, struct dd_str text)
{
	struct dd_slice slice = {(uint32_t)trace->text.n, (uint32_t)text.n};
	if (text.n)
		dd_buf_add(&trace->text, text.p, text.n);
	return slice;
}

struct dd_str dd_trace_str(const struct dd_trace *trace, struct dd_slice slice)
{
	return slice.n ? (struct dd_str){trace->text.p + slice.at, slice.n}
	               : (struct dd_str){"", 0};
}

bool dd_trace_assumed(const struct dd_trace *trace, const struct dd_trace_event *prompt)
{
	bool assumed = prompt->stand_in;
	for (uint32_t i = 0; i < prompt->nsegments; i++)
		assumed |= trace->segments[prompt->first_segment + i].kind == DD_TS_STAND_IN;
	return assumed;
}
