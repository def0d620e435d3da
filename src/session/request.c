/* The platform's parameters; replies. */
#include "session/request.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "doc/json.h"

static void parameter(struct dd_buf *out, const char *name, struct dd_str value)
{
	if (out->n && out->p[out->n - 1] != '?' && out->p[out->n - 1] != '&')
		dd_buf_char(out, '&');
	dd_buf_str(out, name);
	dd_buf_char(out, '=');
	dd_buf_percent(out, value);
}

static void slot_parameter(
        struct dd_buf *out, const char *name, const struct dd_call *call, uint32_t slot, dd_ms at)
{
	char room[24];
	struct dd_str value = dd_call_value(call, slot, at, room);
	parameter(out, name, value.p ? value : (struct dd_str){"", 0});
}

/* The flow's id is a number on the platform; here it is the file's name without its ending. */
static struct dd_str flow_id(const struct dd_call *call, uint32_t step)
{
	const struct dd_program *program = dd_call_program(call);
	const char *path = program->flows[program->steps[step].flow].path;
	const char *slash = strrchr(path, '/');
	struct dd_str name = dd_str(slash ? slash + 1 : path);
	const char *dot = memchr(name.p, '.', name.n);
	if (dot && dot > name.p)
		name.n = (size_t)(dot - name.p);
	return name;
}

static void parameters(struct dd_buf *out, const struct dd_call *call, uint32_t step, dd_ms at)
{
	char start[24], room[24];
	struct dd_str began, digits = dd_call_value(call, DD_SLOT_DIGITS, at, room);
	dd_time_ist(dd_call_answered_unix_ms(call), start);
	began = dd_str(start);
	slot_parameter(out, "CallSid", call, DD_SLOT_CALL_SID, at);
	slot_parameter(out, "CallFrom", call, DD_SLOT_CALL_FROM, at);
	slot_parameter(out, "CallTo", call, DD_SLOT_CALL_TO, at);
	slot_parameter(out, "From", call, DD_SLOT_CALL_FROM, at);
	slot_parameter(out, "To", call, DD_SLOT_CALL_TO, at);
	slot_parameter(out, "Direction", call, DD_SLOT_DIRECTION, at);
	parameter(out, "Created", began);
	parameter(out, "DialCallDuration", dd_str("0"));
	parameter(out, "StartTime", began);
	parameter(out, "EndTime", dd_str("1970-01-01 05:30:00"));
	parameter(out, "CallType", dd_str("call-attempt"));
	parameter(out, "DialWhomNumber", dd_str(""));
	parameter(out, "RecordingUrl", dd_str(""));
	slot_parameter(out, "CurrentTime", call, DD_SLOT_CURRENT_TIME, at);
	parameter(out, "flow_id", flow_id(call, step));
	parameter(out, "tenant_id", dd_str("drydial"));
	if (dd_call_value(call, DD_SLOT_CUSTOM_FIELD, at, start).p)
		slot_parameter(out, "CustomField", call, DD_SLOT_CUSTOM_FIELD, at);
	if (digits.p) {
		struct dd_buf quoted = {0};
		dd_buf_char(&quoted, '"');
		dd_buf_add(&quoted, digits.p, digits.n);
		dd_buf_char(&quoted, '"');
		parameter(out, "digits", (struct dd_str){quoted.p, quoted.n});
		dd_buf_free(&quoted);
	}
}

void dd_request_build(struct dd_request_text *out, const struct dd_call *call, uint32_t step,
        uint32_t url, bool post, dd_ms at, uint32_t *missing, size_t *nmissing)
{
	char text[3 * DD_TEXT_BYTES_MAX + 1];
	size_t n = 0;
	if (dd_call_fill(call, url, DD_FILL_URL, at, text, sizeof text, &n, missing, nmissing) !=
	        DD_OK)
		n = 0;
	dd_buf_add(&out->url, text, n);
	out->post = post;
	if (post) {
		parameters(&out->form, call, step, at);
		return;
	}
	const char *hash = memchr(out->url.p, '#', out->url.n);
	if (hash) /* a fragment never reaches a server */
		out->url.p[out->url.n = (size_t)(hash - out->url.p)] = '\0';
	dd_buf_char(&out->url, memchr(out->url.p, '?', out->url.n) ? '&' : '?');
	parameters(&out->url, call, step, at);
}

void dd_request_fini(struct dd_request_text *text)
{
	dd_buf_free(&text->url);
	dd_buf_free(&text->form);
}

/* Some servers write a byte-order mark before their JSON. */
static struct dd_str without_mark(struct dd_str body)
{
	if (body.n >= 3 && memcmp(body.p, "\xEF\xBB\xBF", 3) == 0)
		return (struct dd_str){body.p + 3, body.n - 3};
	return body;
}

const char *dd_reply_unread(struct dd_str body, char *why, size_t size)
{
	char fault[160];
	body = dd_str_trim(without_mark(body));
	if (!body.n || (body.p[0] != '{' && body.p[0] != '['))
		return NULL;
	if (!dd_is_json_or(body, fault, sizeof fault))
		(void)snprintf(why, size, "this is not JSON and has no fields: %s", fault);
	else if (body.p[0] == '[')
		(void)snprintf(
		        why, size, "a JSON list has no fields: only those of {…} have names");
	else
		return NULL;
	return why;
}

/* The top-level scalars of a JSON object, numbers with the text that the server wrote. */
static void parse_fields(struct dd_parsed_reply *r, struct dd_str body)
{
	struct dd_diags unasked;
	size_t n = 0;
	body = without_mark(body);
	if (!body.n || body.p[0] != '{' || !dd_is_json(body))
		return;
	r->arena = dd_arena_new();
	dd_diags_init(&unasked, r->arena);
	const struct dd_node *root =
	        dd_json_read(r->arena, dd_source_new(r->arena, "reply", body), &unasked);
	for (uint32_t i = 0; root && i < root->n && n < DD_REPLY_FIELDS_MAX; i++) {
		const struct dd_node *value = root->pairs[i].value;
		if (value->kind == DD_SCALAR && !dd_node_is_null(value))
			r->fields[n++] =
			        (struct dd_reply_field){root->pairs[i].key->text, value->text};
	}
	dd_diags_fini(&unasked);
	r->reply.fields = r->fields;
	r->reply.nfields = n;
}

void dd_reply_parse(struct dd_parsed_reply *out, int status, const char *error, struct dd_str body)
{
	memset(&out->reply, 0, sizeof out->reply);
	out->arena = NULL;
	out->reply.status = status;
	out->reply.error = error;
	out->reply.body = dd_str_trim(body);
	parse_fields(out, out->reply.body);
}

void dd_reply_fini(struct dd_parsed_reply *reply)
{
	dd_arena_free(reply->arena);
}
