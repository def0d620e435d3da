/* Transcripts as JSON: field names and event types are public and stable. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/fill.h"
#include "call/sms_size.h"
#include "report/json.h"

/* Text from servers need not be UTF-8; JSON must be. */
json_t *dd_json_text(struct dd_str s)
{
	json_t *value = json_stringn(s.p ? s.p : "", s.n);
	if (value)
		return value;
	struct dd_buf clean = {0};
	for (size_t at = 0; at < s.n;)
		dd_buf_codepoint(&clean, dd_utf8_next(s, &at));
	value = json_stringn(clean.p, clean.n);
	dd_buf_free(&clean);
	return value;
}

static json_t *slice(const struct dd_transcript *t, struct dd_slice s)
{
	return dd_json_text(dd_trace_str(t->trace, s));
}

static json_t *step_name(const struct dd_transcript *t, uint32_t step)
{
	if (step == UINT32_MAX)
		return json_null();
	const struct dd_step *s = &t->program->steps[step];
	return s->id ? json_string(s->id) : json_null();
}

static json_t *segments(const struct dd_transcript *t, const struct dd_trace_event *e)
{
	static const char *const names[] = {"text", "file", NULL, "stand_in"};
	json_t *list = json_array();
	for (uint32_t i = 0; i < e->nsegments; i++) {
		const struct dd_trace_segment *g = &t->trace->segments[e->first_segment + i];
		json_t *item = json_object();
		if (names[g->kind])
			json_object_set_new(item, names[g->kind], slice(t, g->text));
		else
			json_object_set_new(item, "pause_ms", json_integer(g->ms));
		if (g->said.n)
			json_object_set_new(item, "spoken", slice(t, g->said));
		json_object_set_new(item, "at_ms", json_integer(g->at));
		json_object_set_new(item, "duration_ms", json_integer(g->ms));
		json_array_append_new(list, item);
	}
	return list;
}

static void prompt_data(const struct dd_transcript *t, const struct dd_trace_event *e, json_t *o)
{
	bool file = e->more.n > 0;
	if (!file || e->text.n)
		json_object_set_new(o, "text", slice(t, e->text));
	if (e->said.n)
		json_object_set_new(o, "spoken", slice(t, e->said));
	if (file)
		json_object_set_new(o, e->stand_in ? "stand_in" : "file", slice(t, e->more));
	json_object_set_new(o, "duration_ms", json_integer(e->ms));
	if (t->outcome->answered_by == DD_BY_MACHINE) {
		struct dd_slice lost = {e->text.at, e->lost_words};
		json_object_set_new(o, "lost_ms", json_integer(e->lost_ms));
		json_object_set_new(o, "lost_text", slice(t, lost));
		lost = (struct dd_slice){e->said.at, e->lost_said};
		if (e->said.n)
			json_object_set_new(o, "lost_spoken", slice(t, lost));
	}
	if (e->nsegments)
		json_object_set_new(o, "segments", segments(t, e));
}

static void reply_data(const struct dd_transcript *t, const struct dd_trace_event *e, json_t *o)
{
	json_object_set_new(o, "status", e->status ? json_integer(e->status) : json_null());
	json_object_set_new(o, "error", e->more.n ? slice(t, e->more) : json_null());
	json_object_set_new(o, "ms", json_integer(e->ms));
	json_object_set_new(o, "body", slice(t, e->text));
	if (t->program->steps[e->step].applet == DD_ASK)
		json_object_set_new(o, "summary", slice(t, e->sender));
	else if (e->sender.n)
		json_object_set_new(o, "no_fields", slice(t, e->sender));
}

static json_t *headers(const struct dd_transcript *t, const struct dd_trace_event *e)
{
	json_t *map = json_object();
	struct dd_str all = dd_trace_str(t->trace, e->headers);
	while (all.n) {
		const char *end = memchr(all.p, '\n', all.n), *colon = memchr(all.p, ':', all.n);
		size_t n = end ? (size_t)(end - all.p) : all.n;
		char name[160];
		(void)snprintf(name, sizeof name, "%.*s", (int)(colon - all.p), all.p);
		json_object_set_new(map, name,
		        dd_json_text((struct dd_str){colon + 2, n - (size_t)(colon + 2 - all.p)}));
		all.p += n + 1;
		all.n -= all.n > n ? n + 1 : n;
	}
	return map;
}

static void connect_data(const struct dd_transcript *t, const struct dd_trace_event *e, json_t *o)
{
	struct dd_str state = dd_trace_str(t->trace, e->more);
	bool over = dd_str_is(state, "over");
	json_object_set_new(o, "to", slice(t, e->text));
	json_object_set_new(o, "state", slice(t, e->more));
	if (e->sender.n)
		json_object_set_new(o, "caller_id", slice(t, e->sender));
	if (over)
		json_object_set_new(o, "talk_ms", json_integer(e->ms));
	else if (!dd_str_is(state, "ringing"))
		json_object_set_new(o, "ring_ms", json_integer(e->ms));
}

static void record_data(const struct dd_transcript *t, const struct dd_trace_event *e, json_t *o)
{
	json_object_set_new(o, "state", slice(t, e->more));
	if (dd_str_is(dd_trace_str(t->trace, e->more), "recording"))
		return;
	json_object_set_new(o, "duration_ms", json_integer(e->ms));
	if (e->text.n)
		json_object_set_new(o, "url", slice(t, e->text));
}

static void event_data(const struct dd_transcript *t, const struct dd_trace_event *e, json_t *o)
{
	char key[2] = {e->key, '\0'};
	switch (e->type) {
	case DD_TR_RINGING: json_object_set_new(o, "ring_ms", json_integer(e->ms)); break;
	case DD_TR_ANSWERED:
		json_object_set_new(
		        o, "by", json_string(dd_answered_by_name(t->outcome->answered_by)));
		break;
	case DD_TR_PROMPT: prompt_data(t, e, o); break;
	case DD_TR_PROMPT_STOPPED:
		json_object_set_new(o, "heard", slice(t, e->text));
		if (e->said.n)
			json_object_set_new(o, "spoken", slice(t, e->said));
		json_object_set_new(o, "played_ms", json_integer(e->ms));
		break;
	case DD_TR_KEY:
		json_object_set_new(o, "key", json_string(key));
		if (e->lost) {
			json_object_set_new(o, "lost", json_true());
			json_object_set_new(o, "reason", json_string(dd_lost_reason(e->lost)));
		}
		break;
	case DD_TR_ANSWER:
		json_object_set_new(o, "answer", slice(t, e->text));
		json_object_set_new(o, "digits", slice(t, e->more));
		json_object_set_new(o, "goal", json_boolean(e->goal));
		json_object_set_new(o, "opt_out", json_boolean(e->opt_out));
		break;
	case DD_TR_REQUEST:
		json_object_set_new(o, "method", slice(t, e->more));
		json_object_set_new(o, "url", slice(t, e->text));
		if (e->sender.n)
			json_object_set_new(o, e->json ? "json" : "form", slice(t, e->sender));
		if (e->headers.n)
			json_object_set_new(o, "headers", headers(t, e));
		break;
	case DD_TR_REPLY: reply_data(t, e, o); break;
	case DD_TR_SMS:
		json_object_set_new(o, "to", slice(t, e->more));
		json_object_set_new(o, "text", slice(t, e->text));
		break;
	case DD_TR_BRANCH:
		json_object_set_new(o, "value", slice(t, e->text));
		json_object_set_new(o, "case", slice(t, e->more));
		break;
	case DD_TR_SET:
		json_object_set_new(o, "name", slice(t, e->more));
		json_object_set_new(o, "value", slice(t, e->text));
		break;
	case DD_TR_CONNECT: connect_data(t, e, o); break;
	case DD_TR_RECORD: record_data(t, e, o); break;
	case DD_TR_BEEP: json_object_set_new(o, "greeting_ms", json_integer(e->ms)); break;
	case DD_TR_SUBFLOW:
	case DD_TR_RETURN:
	case DD_TR_TRANSFER: json_object_set_new(o, "flow", slice(t, e->text)); break;
	case DD_TR_MISSING: json_object_set_new(o, "name", slice(t, e->text)); break;
	case DD_TR_NOTE:
	case DD_TR_ERROR: json_object_set_new(o, "message", slice(t, e->text)); break;
	case DD_TR_END:
		json_object_set_new(
		        o, "status", json_string(dd_call_status_name(t->outcome->status)));
		json_object_set_new(o, "ended_by",
		        t->outcome->status == DD_CALL_COMPLETED
		                ? json_string(dd_ended_by_name(t->outcome->ended_by))
		                : json_null());
		break;
	default: break;
	}
}

/* Of an application's call: the document that the event comes from. */
static void document_data(const struct dd_transcript *t, const struct dd_trace_event *e, json_t *o)
{
	const struct dd_step *step = e->step == UINT32_MAX ? NULL : &t->program->steps[e->step];
	if (!step || (!step->verb && step->applet != DD_ASK))
		return;
	json_object_set_new(o, "request", json_integer(e->request));
	json_object_set_new(
	        o, "document", dd_json_text(dd_str(t->program->flows[step->flow].path)));
	json_object_set_new(o, "verb", step->verb ? json_string(step->verb) : json_null());
}

json_t *dd_json_event(const struct dd_transcript *t, const struct dd_trace_event *e)
{
	json_t *o = json_object();
	json_object_set_new(o, "at_ms", json_integer(e->at));
	json_object_set_new(o, "type", json_string(dd_trace_name(e->type)));
	json_object_set_new(o, "step", step_name(t, e->step));
	json_object_set_new(o, "line",
	        e->step == UINT32_MAX ? json_null()
	                              : json_integer(t->program->steps[e->step].line));
	document_data(t, e, o);
	event_data(t, e, o);
	return o;
}

static json_t *events(const struct dd_transcript *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->trace->nevents; i++)
		json_array_append_new(list, dd_json_event(t, &t->trace->events[i]));
	return list;
}

/* A menu without an id goes by its line. */
static json_t *answers(const struct dd_transcript *t)
{
	json_t *map = json_object();
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		char line[32];
		if (e->type != DD_TR_ANSWER)
			continue;
		const struct dd_step *step = &t->program->steps[e->step];
		(void)snprintf(line, sizeof line, "line-%u", step->line);
		json_object_set_new(map, step->id ? step->id : line, slice(t, e->text));
	}
	return map;
}

static json_t *variables(const struct dd_transcript *t)
{
	json_t *map = json_object();
	char room[24];
	for (uint32_t i = DD_BUILT_INS_COUNT; t->call && i < t->program->nslots; i++) {
		if (!t->program->slots[i].variable)
			continue;
		struct dd_str value = dd_call_value(t->call, i, 0, room);
		json_object_set_new(map, t->program->slots[i].name,
		        value.p ? dd_json_text(value) : json_null());
	}
	return map;
}

static json_t *messages(const struct dd_transcript *t)
{
	json_t *list = json_array();
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		if (e->type != DD_TR_SMS)
			continue;
		json_t *o = json_object();
		json_object_set_new(o, "to", slice(t, e->more));
		json_object_set_new(o, "text", slice(t, e->text));
		json_object_set_new(o, "segments",
		        json_integer(dd_sms_size(dd_trace_str(t->trace, e->text)).segments));
		if (e->sender.n)
			json_object_set_new(o, "sender", slice(t, e->sender));
		json_array_append_new(list, o);
	}
	return list;
}

/* Each request with the reply that came for it; of one step's requests the first reply belongs to
 * the first request. */
static json_t *requests(const struct dd_transcript *t)
{
	json_t *list = json_array();
	bool *used = dd_alloc((t->trace->nevents + 1) * sizeof *used);
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		if (e->type != DD_TR_REQUEST)
			continue;
		json_t *o = json_object();
		json_object_set_new(o, "step", step_name(t, e->step));
		json_object_set_new(o, "method", slice(t, e->more));
		json_object_set_new(o, "url", slice(t, e->text));
		json_object_set_new(o, "status", json_null());
		json_object_set_new(o, "error", json_null());
		json_object_set_new(o, "ms", json_null());
		for (size_t j = i + 1; j < t->trace->nevents; j++) {
			const struct dd_trace_event *r = &t->trace->events[j];
			if (r->type != DD_TR_REPLY || r->step != e->step || used[j])
				continue;
			used[j] = true;
			json_object_set_new(
			        o, "status", r->status ? json_integer(r->status) : json_null());
			json_object_set_new(
			        o, "error", r->more.n ? slice(t, r->more) : json_null());
			json_object_set_new(o, "ms", json_integer(r->ms));
			break;
		}
		json_array_append_new(list, o);
	}
	dd_free(used);
	return list;
}

/* Words that a machine lost or kept; how they are heard, where that is something else. */
static void of_machine(json_t *root, const char *name, const struct dd_buf *written,
        const char *name_said, const struct dd_buf *heard)
{
	struct dd_str words = {written->p, written->n}, said = {heard->p, heard->n};
	json_object_set_new(root, name, dd_json_text(words));
	if (!dd_str_same(words, said))
		json_object_set_new(root, name_said, dd_json_text(said));
}

json_t *dd_json_transcript(const struct dd_transcript *t)
{
	const struct dd_outcome *o = t->outcome;
	bool completed = o->status == DD_CALL_COMPLETED;
	json_t *root = json_object();
	json_object_set_new(root, "flow", dd_json_text(dd_str(dd_program_name(t->program))));
	json_object_set_new(root, "status", json_string(dd_call_status_name(o->status)));
	json_object_set_new(root, "answered_by",
	        completed ? json_string(dd_answered_by_name(o->answered_by)) : json_null());
	json_object_set_new(root, "ended_by",
	        completed ? json_string(dd_ended_by_name(o->ended_by)) : json_null());
	json_object_set_new(root, "duration_ms", json_integer(o->duration_ms));
	json_object_set_new(root, "heard_message", json_boolean(o->heard_message));
	json_object_set_new(root, "goal", json_boolean(o->goal));
	json_object_set_new(root, "opted_out", json_boolean(o->opted_out));
	json_object_set_new(
	        root, "digits", dd_json_text((struct dd_str){o->digits.p, o->digits.n}));
	json_object_set_new(root, "answers", answers(t));
	json_object_set_new(root, "variables", variables(t));
	if (completed && o->answered_by == DD_BY_MACHINE) {
		json_object_set_new(
		        root, "machine_greeting_ms", json_integer(o->machine_greeting_ms));
		of_machine(root, "lost_on_machine", &o->lost, "lost_spoken", &o->lost_said);
		of_machine(root, "left_on_machine", &o->left, "spoken_on_machine", &o->left_said);
	}
	json_object_set_new(root, "sms", messages(t));
	json_object_set_new(root, "requests", requests(t));
	json_object_set_new(root, "events", events(t));
	return root;
}

void dd_json_print(json_t *root, size_t flags, struct dd_buf *out)
{
	char *printed = json_dumps(root, flags);
	if (!printed)
		dd_memory_failed();
	dd_buf_str(out, printed);
	dd_buf_char(out, '\n');
	dd_free(printed);
	json_decref(root);
}

void dd_transcript_json(const struct dd_transcript *t, struct dd_buf *out)
{
	dd_json_print(dd_json_transcript(t), JSON_INDENT(2), out);
}
