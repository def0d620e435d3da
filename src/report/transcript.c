/* Transcripts as text. */
#include "base/duration.h"
#include "call/parameters.h"
#include "call/sms_size.h"
#include "report/transcript.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"

static struct dd_str str_of(const struct dd_transcript *t, struct dd_slice slice)
{
	return dd_trace_str(t->trace, slice);
}

static void quoted(struct dd_buf *out, struct dd_str text)
{
	dd_buf_char(out, '"');
	dd_buf_screen(out, text);
	dd_buf_char(out, '"');
}

static void seconds(struct dd_buf *out, dd_ms ms)
{
	dd_buf_str(out, dd_seconds(ms).p);
}

/* What is heard, where it is not what is written. */
static void said_fact(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	if (!e->said.n)
		return;
	dd_buf_str(out, "  (spoken: ");
	dd_buf_screen(out, str_of(t, e->said));
	dd_buf_char(out, ')');
}

static void recording(struct dd_buf *out, struct dd_str name, bool stand_in)
{
	dd_buf_str(out, stand_in ? "[stand-in " : "[");
	dd_buf_screen(out, name);
	dd_buf_char(out, ']');
}

/* A prompt by its parts. What a machine lost of it stands first, in brackets of its own: parts that
   were over before the beep whole, of the one that was not the words that had been begun. */
static void prompt_parts(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	dd_ms beep = e->at + e->lost_ms;
	size_t words = 0; /* bytes of the prompt's words so far */
	bool lost = false;
	for (uint32_t i = 0; i < e->nsegments; i++) {
		const struct dd_trace_segment *g = &t->trace->segments[e->first_segment + i];
		struct dd_str text = str_of(t, g->text);
		size_t gone = 0;
		dd_buf_str(out, i ? " " : "");
		if (!lost && g->at < beep)
			dd_buf_str(out, "[lost: "), lost = true;
		if (g->kind == DD_TS_TEXT && text.n) {
			words += words > 0;
			gone = e->lost_words > words ? e->lost_words - words : 0;
			gone = gone < text.n ? gone : text.n;
			words += text.n;
			dd_buf_screen(out, (struct dd_str){text.p, gone});
		} else if (g->kind == DD_TS_PAUSE) {
			dd_buf_str(out, "…");
		} else {
			recording(out, text, g->kind == DD_TS_STAND_IN);
		}
		bool last = i + 1 == e->nsegments || g[1].at >= beep;
		if (lost && last)
			dd_buf_char(out, ']');
		if (lost && last && g->at + g->ms > beep && g->kind != DD_TS_TEXT)
			dd_buf_str(out, " …");
		if (gone < text.n && g->kind == DD_TS_TEXT)
			dd_buf_screen(out, (struct dd_str){text.p + gone, text.n - gone});
		if (lost && last)
			beep = -1, lost = false;
	}
}

static void prompt_fact(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	struct dd_str words = str_of(t, e->text), file = str_of(t, e->more);
	seconds(out, e->ms); /* first, so that a narrow screen does not cut it off */
	dd_buf_str(out, dd_trace_assumed(t->trace, e) ? " assumed  " : "  ");
	if (e->nsegments) {
		prompt_parts(t, e, out);
		said_fact(t, e, out);
		return;
	}
	dd_buf_str(out, e->lost_ms ? "[lost: " : "");
	if (file.n)
		recording(out, file, e->stand_in);
	else
		dd_buf_screen(out, (struct dd_str){words.p, e->lost_words});
	if (e->lost_ms)
		dd_buf_str(out, file.n && e->lost_ms < e->ms ? "] …" : "]");
	if (!file.n)
		dd_buf_screen(
		        out, (struct dd_str){words.p + e->lost_words, words.n - e->lost_words});
	said_fact(t, e, out);
}

static void answer_fact(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	dd_buf_screen(out, str_of(t, e->text));
	if (!dd_str_same(str_of(t, e->text), str_of(t, e->more))) {
		dd_buf_str(out, "  (");
		dd_buf_screen(out, str_of(t, e->more));
		dd_buf_char(out, ')');
	}
	dd_buf_str(out, e->goal ? "  goal" : "");
	dd_buf_str(out, e->opt_out ? "  opt-out" : "");
}

static void reply_fact(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	if (e->status)
		dd_buf_format(out, "%d after ", e->status);
	else
		dd_buf_screen(out, str_of(t, e->more)), dd_buf_str(out, " after ");
	seconds(out, e->ms);
	if (t->program->steps[e->step].applet == DD_ASK) {
		dd_buf_str(out, e->sender.n ? "  " : "");
		dd_buf_screen(out, str_of(t, e->sender));
		return;
	}
	if (e->status && e->text.n) {
		dd_buf_str(out, "  ");
		dd_buf_screen(out, str_of(t, e->text));
	}
	if (e->sender.n) {
		dd_buf_str(out, "  (");
		dd_buf_screen(out, str_of(t, e->sender));
		dd_buf_char(out, ')');
	}
}

static void connect_fact(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	struct dd_str state = str_of(t, e->more);
	dd_buf_screen(out, state);
	if (dd_str_is(state, "ringing")) {
		dd_buf_char(out, ' '), dd_buf_screen(out, str_of(t, e->text));
		if (e->sender.n)
			dd_buf_str(out, " as "), dd_buf_screen(out, str_of(t, e->sender));
	} else {
		dd_buf_str(out, " after "), seconds(out, e->ms);
	}
}

static void end_fact(const struct dd_transcript *t, struct dd_buf *out)
{
	dd_buf_str(out, dd_call_status_name(t->outcome->status));
	if (t->outcome->status == DD_CALL_COMPLETED)
		dd_buf_format(out, ", ended by %s", dd_ended_by_name(t->outcome->ended_by));
}

void dd_transcript_fact(
        const struct dd_transcript *t, const struct dd_trace_event *e, struct dd_buf *out)
{
	switch (e->type) {
	case DD_TR_RINGING: dd_buf_str(out, "for "), seconds(out, e->ms); break;
	case DD_TR_ANSWERED:
		dd_buf_format(out, "by a %s", dd_answered_by_name(t->outcome->answered_by));
		break;
	case DD_TR_PROMPT: prompt_fact(t, e, out); break;
	case DD_TR_PROMPT_STOPPED:
		dd_buf_str(out, "heard "), quoted(out, str_of(t, e->text));
		said_fact(t, e, out);
		break;
	case DD_TR_KEY:
		dd_buf_char(out, e->key);
		if (e->lost)
			dd_buf_format(out, "  lost: %s", dd_lost_reason(e->lost));
		break;
	case DD_TR_ANSWER: answer_fact(t, e, out); break;
	case DD_TR_REQUEST:
		if (e->document)
			dd_buf_format(out, "%u: ", e->request);
		dd_buf_screen(out, str_of(t, e->more)), dd_buf_char(out, ' '),
		        dd_buf_folded_url(out, str_of(t, e->text));
		break;
	case DD_TR_REPLY: reply_fact(t, e, out); break;
	case DD_TR_SMS:
		dd_buf_str(out, "to "), dd_buf_screen(out, str_of(t, e->more)),
		        dd_buf_str(out, ": ");
		dd_buf_screen(out, str_of(t, e->text));
		break;
	case DD_TR_TRANSFER: dd_buf_str(out, "to "), quoted(out, str_of(t, e->text)); break;
	case DD_TR_SUBFLOW: quoted(out, str_of(t, e->text)); break;
	case DD_TR_RETURN: dd_buf_str(out, "to "), quoted(out, str_of(t, e->text)); break;
	case DD_TR_BRANCH:
		quoted(out, str_of(t, e->text)), dd_buf_str(out, "  "),
		        dd_buf_screen(out, str_of(t, e->more));
		break;
	case DD_TR_SET:
		dd_buf_screen(out, str_of(t, e->more)), dd_buf_str(out, " = "),
		        quoted(out, str_of(t, e->text));
		break;
	case DD_TR_CONNECT: connect_fact(t, e, out); break;
	case DD_TR_RECORD:
		dd_buf_screen(out, str_of(t, e->more));
		if (!dd_str_is(str_of(t, e->more), "recording"))
			dd_buf_str(out, ", "), seconds(out, e->ms), dd_buf_str(out, " recorded");
		break;
	case DD_TR_BEEP:
		dd_buf_str(out, "after "), seconds(out, e->ms),
		        dd_buf_str(out, " of its own greeting: what is said from here on stays");
		break;
	case DD_TR_MISSING:
		dd_buf_char(out, '{'), dd_buf_screen(out, str_of(t, e->text)),
		        dd_buf_str(out, "} has no value");
		break;
	case DD_TR_NOTE:
	case DD_TR_ERROR: dd_buf_screen(out, str_of(t, e->text)); break;
	case DD_TR_END: end_fact(t, out); break;
	case DD_TR_INVALID:
	case DD_TR_SILENCE:
	case DD_TRACES_COUNT: break;
	}
}

static const char *colour_of(enum dd_trace_type type)
{
	switch (type) {
	case DD_TR_KEY:
	case DD_TR_ANSWER: return "\033[1;32m";
	case DD_TR_INVALID:
	case DD_TR_SILENCE:
	case DD_TR_NOTE:
	case DD_TR_MISSING: return "\033[33m";
	case DD_TR_ERROR: return "\033[31m";
	case DD_TR_SMS:
	case DD_TR_REQUEST:
	case DD_TR_CONNECT:
	case DD_TR_RECORD:
	case DD_TR_REPLY: return "\033[36m";
	case DD_TR_PROMPT: return "";
	default: return "\033[2m";
	}
}

void dd_transcript_line(const struct dd_transcript *t, const struct dd_trace_event *e,
        unsigned columns, bool colour, struct dd_buf *out)
{
	char at[24];
	struct dd_buf line = {0};
	dd_offset_text(e->at, at);
	bool narrow = columns && columns < 60;
	dd_buf_format(&line, narrow ? "%7s %-8.8s " : "%8s  %-14s ", at, dd_trace_name(e->type));
	if (!narrow && e->step != UINT32_MAX) {
		const struct dd_step *step = &t->program->steps[e->step];
		char where[32];
		(void)snprintf(where, sizeof where, "%s:%u", dd_step_word(step), step->line);
		dd_buf_format(&line, "%-16.31s ", where);
	} else if (!narrow) {
		dd_buf_format(&line, "%-16s ", "");
	}
	size_t prefix = dd_width((struct dd_str){line.p, line.n});
	struct dd_buf fact = {0};
	dd_transcript_fact(t, e, &fact);
	while (fact.n && fact.p[fact.n - 1] == ' ')
		fact.n--;
	while (!fact.n && line.n && line.p[line.n - 1] == ' ')
		line.n--;
	const char *paint = !colour ? "" : e->lost ? "\033[33m" : colour_of(e->type);
	dd_buf_str(out, paint);
	dd_buf_add(out, line.p, line.n);
	/* whole at any width: whoever listens must be able to read what a menu offered */
	dd_buf_wrapped(out, (struct dd_str){fact.p ? fact.p : "", fact.n}, prefix,
	        narrow ? 2 : prefix, columns);
	dd_buf_str(out, *paint ? "\033[0m" : "");
	dd_buf_free(&fact);
	dd_buf_free(&line);
}

void dd_transcript_text(
        const struct dd_transcript *t, unsigned columns, bool colour, struct dd_buf *out)
{
	for (size_t i = 0; i < t->trace->nevents; i++) {
		dd_transcript_line(t, &t->trace->events[i], columns, colour, out);
		dd_buf_char(out, '\n');
	}
}

static void summary_line(struct dd_buf *out, const char *name)
{
	dd_buf_format(out, "  %-9s ", name);
}

static void longest(const struct dd_transcript *t, struct dd_buf *out)
{
	const struct dd_trace_event *most = NULL;
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		if (e->type == DD_TR_PROMPT && (!most || e->ms > most->ms))
			most = e;
	}
	if (!most)
		return;
	summary_line(out, "longest");
	seconds(out, most->ms);
	dd_buf_format(out, " of 30 s, line %u%s%s\n",
	        most->step == UINT32_MAX ? 0 : t->program->steps[most->step].line,
	        dd_trace_assumed(t->trace, most) ? ", assumed" : "",
	        most->ms > 30000 ? " (too long)" : "");
}

static const char *answer_name(
        const struct dd_transcript *t, const struct dd_trace_event *e, char room[32])
{
	const struct dd_step *step = &t->program->steps[e->step];
	if (step->id)
		return step->id;
	(void)snprintf(room, 32, "line-%u", step->line);
	return room;
}

/* Words that a machine lost or kept, and how they are heard. */
static void of_machine(const struct dd_buf *written, const struct dd_buf *heard, struct dd_buf *out)
{
	struct dd_str words = {written->p, written->n}, said = {heard->p, heard->n};
	quoted(out, words);
	if (dd_str_same(words, said))
		return;
	dd_buf_str(out, "  (spoken: ");
	dd_buf_screen(out, said);
	dd_buf_char(out, ')');
}

void dd_transcript_summary(const struct dd_transcript *t, bool colour, struct dd_buf *out)
{
	const struct dd_outcome *o = t->outcome;
	char at[24], room[32];
	dd_offset_text(o->duration_ms, at);
	dd_buf_format(out, "\n%s%s", colour ? "\033[1m" : "", dd_call_status_name(o->status));
	if (o->status == DD_CALL_COMPLETED)
		dd_buf_format(out, ", ended by %s after %s%s", dd_ended_by_name(o->ended_by), at,
		        o->heard_message ? ", message heard" : "");
	dd_buf_str(out, colour ? "\033[0m\n" : "\n");
	if (o->ended_by == DD_ENDED_DROPPED)
		dd_buf_str(out,
		        "  The line went dead: the last step leads nowhere. Add a hangup, "
		        "or connect the exit.\n");
	if (o->ended_by == DD_ENDED_RUNAWAY)
		dd_buf_str(out, "  The flow loops: 1,000 steps with no time passing.\n");
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		if (e->type == DD_TR_ANSWER) {
			summary_line(out, "answer");
			dd_buf_screen(out, dd_str(answer_name(t, e, room)));
			dd_buf_str(out, " = ");
			answer_fact(t, e, out);
			dd_buf_char(out, '\n');
		} else if (e->type == DD_TR_SMS) {
			unsigned segments = dd_sms_size(str_of(t, e->text)).segments;
			summary_line(out, "sms");
			dd_transcript_fact(t, e, out);
			dd_buf_format(out, " (%u segment%s)\n", segments, segments == 1 ? "" : "s");
		} else if (e->type == DD_TR_REPLY) {
			summary_line(out, "request");
			dd_buf_screen(out, dd_str(answer_name(t, e, room)));
			dd_buf_str(out, ": ");
			reply_fact(t, e, out);
			dd_buf_char(out, '\n');
		}
	}
	if (o->status == DD_CALL_COMPLETED && o->answered_by == DD_BY_MACHINE) {
		if (o->lost.n) {
			summary_line(out, "lost");
			of_machine(&o->lost, &o->lost_said, out);
			dd_buf_char(out, '\n');
		}
		summary_line(out, "on tape");
		if (o->left.n)
			of_machine(&o->left, &o->left_said, out);
		else
			dd_buf_str(out, "nothing: the call was over before the beep");
		dd_buf_char(out, '\n');
	}
	longest(t, out);
}
