/* The record of one call: what happened, when, where. Written by whoever drives the call, read by
 * the reports. */
#ifndef DD_CALL_TRACE_H
#define DD_CALL_TRACE_H

#include <drydial/call.h>

#include "base/text.h"

/* TRACE(NAME, word): the public event types of a transcript. */
/* clang-format off */
#define DD_TRACES(TRACE) \
	TRACE(RINGING, "ringing") TRACE(ANSWERED, "answered") TRACE(PROMPT, "prompt") \
	TRACE(PROMPT_STOPPED, "prompt_stopped") TRACE(KEY, "key") TRACE(INVALID, "invalid") \
	TRACE(SILENCE, "silence") TRACE(ANSWER, "answer") TRACE(REQUEST, "request") \
	TRACE(REPLY, "reply") TRACE(SMS, "sms") TRACE(TRANSFER, "transfer") \
	TRACE(BRANCH, "branch") TRACE(SET, "set") TRACE(CONNECT, "connect") \
	TRACE(RECORD, "record") \
	TRACE(SUBFLOW, "subflow") TRACE(RETURN, "return") TRACE(BEEP, "beep") \
	TRACE(MISSING, "missing") TRACE(NOTE, "note") TRACE(ERROR, "error") TRACE(END, "end")
/* clang-format on */
enum dd_trace_type {
#define TRACE(NAME, word) DD_TR_##NAME,
	DD_TRACES(TRACE)
#undef TRACE
	        DD_TRACES_COUNT
};
const char *dd_trace_name(enum dd_trace_type type);

/* A stretch of the record's text. */
struct dd_slice {
	uint32_t at, n;
};

struct dd_trace_event {
	dd_ms at;
	enum dd_trace_type type;
	uint32_t step; /* UINT32_MAX: none */
	dd_ms ms;   /* prompt: how long it is; ringing: how long it rang; reply: how long it took */
	int status; /* reply: the HTTP status, 0 for none */
	char key;
	enum dd_lost lost; /* key: whether it did anything */
	bool goal, opt_out;
	struct dd_slice text;   /* prompt: the words; prompt_stopped: the words begun; answer: the
	                           answer; sms: the text; … */
	struct dd_slice said;   /* prompt, prompt_stopped: the words as they are heard, where they
	                           are not those of `text` */
	struct dd_slice more;   /* prompt: the file; answer: the digits; request: method; reply: the
	                           error; sms: to */
	struct dd_slice sender; /* sms; request: the body; reply: why its JSON gives no fields;
	                           connect: the caller id */
	struct dd_slice headers; /* request */
	bool json;               /* request: the body is JSON */
	uint32_t request; /* of an application's call: how many documents were asked for by then */
	bool document; /* request, reply: a document is asked for; the reply's `sender` sums it up,
	                  and is all that a transcript tells of it */
	bool stand_in; /* prompt: the file is a stand-in's name */
	dd_ms lost_ms; /* prompt: so much of it a machine's own greeting swallows … */
	uint32_t lost_words; /* … and so many bytes of its words … */
	uint32_t lost_said;  /* … and, where there is such, of those that are heard */
	/* branch: text the value, more the case; set: text the value, more the name; connect: text
	   the number, more what is so from now on ("ringing", …, "over"), ms how long what came
	   before lasted; record: more "recording", or how it ended, ms its length, text its URL;
	   subflow, return: text the flow */
	uint32_t first_segment, nsegments; /* prompt */
};

struct dd_trace_segment {
	enum { DD_TS_TEXT, DD_TS_FILE, DD_TS_PAUSE, DD_TS_STAND_IN } kind;
	dd_ms at, ms;
	struct dd_slice text, said; /* said: as of the prompt */
};

/* Zero-initialise; reused for the next call after dd_trace_clear(). */
struct dd_trace {
	struct dd_trace_event *events;
	size_t nevents, cap_events;
	struct dd_trace_segment *segments;
	size_t nsegments, cap_segments;
	struct dd_buf text;
};

/* Whether some of a prompt is a stand-in, so that its length is assumed. */
bool dd_trace_assumed(const struct dd_trace *trace, const struct dd_trace_event *prompt);

void dd_trace_clear(struct dd_trace *trace);
void dd_trace_fini(struct dd_trace *trace);
/* Fills an empty `to`. */
void dd_trace_copy(struct dd_trace *to, const struct dd_trace *from);
/* A new last event; the pointer is good until the next one. */
struct dd_trace_event *dd_trace_add(
        struct dd_trace *trace, dd_ms at, enum dd_trace_type type, uint32_t step);
struct dd_slice dd_trace_text(struct dd_trace *trace, struct dd_str text);
struct dd_str dd_trace_str(const struct dd_trace *trace, struct dd_slice slice);

/* A call of four hours with a prompt of a millisecond has more than anyone reads: the record ends
 * here, and says so. */
enum { DD_TRACE_EVENTS_MAX = 500000 };

/* What a call came to, apart from its events. */
struct dd_outcome {
	enum dd_call_status status;
	enum dd_answered_by answered_by;
	enum dd_ended_by ended_by;
	dd_ms duration_ms;
	bool heard_message, goal, opted_out;
	struct dd_buf digits;      /* the inputs taken, joined with commas */
	dd_ms machine_greeting_ms; /* of a machine: how long it speaks before it listens */
	struct dd_buf left;        /* of a machine: the words that stay on it … */
	struct dd_buf left_said;   /* … as they are heard; the same where nothing differs */
	struct dd_buf lost;        /* and those that were said before its beep … */
	struct dd_buf lost_said;   /* … as they are heard */
};

#endif
