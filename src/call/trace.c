/* The record of a call; counting text messages. */
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

/* Septets a character takes in the GSM 7-bit default alphabet: 1, 2 (extension table), or 0 where
 * it is not in it. */
static unsigned septets(uint32_t c)
{
	static const uint32_t basic[] = {0xA3, 0xA5, 0xE8, 0xE9, 0xF9, 0xEC, 0xF2, 0xC7, 0xD8, 0xF8,
	        0xC5, 0xE5, 0x394, 0x3A6, 0x393, 0x39B, 0x3A9, 0x3A0, 0x3A8, 0x3A3, 0x398, 0x39E,
	        0xC6, 0xE6, 0xDF, 0xC9, 0xA4, 0xA1, 0xC4, 0xD6, 0xD1, 0xDC, 0xA7, 0xBF, 0xE4, 0xF6,
	        0xF1, 0xFC, 0xE0};
	if (c == 0x20AC || (c < 0x80 && c && strchr("^{}\\[~]|\f", (int)c)))
		return 2;
	if (c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F && c != '`'))
		return 1;
	for (size_t i = 0; i < sizeof basic / sizeof *basic; i++)
		if (basic[i] == c)
			return 1;
	return 0;
}

unsigned dd_sms_segments(struct dd_str text)
{
	size_t gsm = 0, ucs2 = 0;
	bool fits = true;
	for (size_t at = 0; at < text.n;) {
		uint32_t c = dd_utf8_next(text, &at);
		unsigned n = septets(c);
		fits = fits && n;
		gsm += n;
		ucs2 += c > 0xFFFF ? 2 : 1;
	}
	size_t n = fits ? gsm : ucs2, alone = fits ? 160 : 70, joined = fits ? 153 : 67;
	return n <= alone ? 1 : (unsigned)((n + joined - 1) / joined);
}
