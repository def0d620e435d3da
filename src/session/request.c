/* The platform's parameters; replies. */
#include "session/request.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "call/fill.h"
#include "doc/json.h"
#include "session/by_url.h"

/* Whose account it is: a number on the platform. */
#define TENANT_ID "100100"

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

/* A flow's id is a number on the platform; here it is one that the file's name without its ending
 * gives, the same on every machine. */
static const char *flow_id(const struct dd_call *call, uint32_t step, char out[16])
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	const struct dd_program *program = dd_call_program(call);
	const char *path = program->flows[program->steps[step].flow].path;
	const char *slash = strrchr(path, '/');
	struct dd_str name = dd_str(slash ? slash + 1 : path);
	const char *dot = memchr(name.p, '.', name.n);
	if (dot && dot > name.p)
		name.n = (size_t)(dot - name.p);
	for (size_t i = 0; i < name.n; i++)
		hash = (hash ^ (unsigned char)name.p[i]) * 16777619u;
	(void)snprintf(out, 16, "%u", 100000 + hash % 900000);
	return out;
}

/* "Wed, 23 Feb 2022 12:31:59", by the clocks of India. */
static const char *created(int64_t unix_ms, char out[40])
{
	static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
	static const char *const months[] = {
	        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
	char text[24];
	int64_t day = (unix_ms / 1000 + DD_IST_OFFSET_S) / 86400;
	dd_time_ist(unix_ms, text);
	int month = (text[5] - '0') * 10 + text[6] - '0';
	(void)snprintf(out, 40, "%s, %.2s %s %.4s %s", days[(day % 7 + 7) % 7], text + 8,
	        months[month - 1], text, text + 11);
	return out;
}

static void parameters(struct dd_buf *out, const struct dd_call *call, uint32_t step, dd_ms at)
{
	char start[24], room[24], number[16], date[40];
	struct dd_str began, digits = dd_call_value(call, DD_SLOT_DIGITS, at, room);
	dd_time_ist(dd_call_answered_unix_ms(call), start);
	began = dd_str(start);
	slot_parameter(out, "CallSid", call, DD_SLOT_CALL_SID, at);
	slot_parameter(out, "CallFrom", call, DD_SLOT_CALL_FROM, at);
	slot_parameter(out, "CallTo", call, DD_SLOT_CALL_TO, at);
	slot_parameter(out, "From", call, DD_SLOT_CALL_FROM, at);
	slot_parameter(out, "To", call, DD_SLOT_CALL_TO, at);
	slot_parameter(out, "Direction", call, DD_SLOT_DIRECTION, at);
	parameter(out, "Created", dd_str(created(dd_call_answered_unix_ms(call), date)));
	parameter(out, "DialCallDuration", dd_str("0"));
	parameter(out, "StartTime", began);
	parameter(out, "EndTime", dd_str("1970-01-01 05:30:00"));
	parameter(out, "CallType", dd_str("call-attempt"));
	parameter(out, "DialWhomNumber", dd_str(""));
	parameter(out, "RecordingUrl", dd_str(""));
	slot_parameter(out, "CurrentTime", call, DD_SLOT_CURRENT_TIME, at);
	parameter(out, "flow_id", dd_str(flow_id(call, step, number)));
	parameter(out, "tenant_id", dd_str(TENANT_ID));
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

/* What is being built: its room for texts, and the slots that had no value. */
struct building {
	struct dd_request_text *out;
	const struct dd_call *call;
	dd_ms at;
	uint32_t *missing;
	size_t room, found;
	char text[3 * DD_TEXT_BYTES_MAX + 1];
};

static struct dd_str filled(struct building *b, uint32_t template, enum dd_fill_use use)
{
	size_t n = 0, some = b->room - b->found;
	bool fits = dd_call_fill(b->call, template, use, b->at, b->text, sizeof b->text, &n,
	                    b->missing + b->found, &some) == DD_OK;
	b->found += some;
	b->out->too_long |= !fits;
	return (struct dd_str){b->text, fits ? n : 0};
}

/* A line break in a value would begin another header. */
static void add_header(struct building *b, const struct dd_named_text *h)
{
	struct dd_buf *out = &b->out->headers;
	dd_buf_format(out, "%.*s: ", (int)h->name.n, h->name.p);
	struct dd_str value = dd_str_trim(filled(b, h->text, DD_FILL_PLAIN));
	for (size_t i = 0; i < value.n; i++)
		dd_buf_char(out,
		        (unsigned char)value.p[i] < 0x20 || value.p[i] == 0x7F ? ' ' : value.p[i]);
	dd_buf_char(out, '\n');
}

static void add_query(struct building *b, uint32_t step, const struct dd_passthru *pass)
{
	struct dd_buf *url = &b->out->url;
	const char *hash = memchr(url->p, '#', url->n);
	if (hash) /* a fragment never reaches a server */
		url->p[url->n = (size_t)(hash - url->p)] = '\0';
	dd_buf_char(url, memchr(url->p, '?', url->n) ? '&' : '?');
	parameters(url, b->call, step, b->at);
	if (pass && pass->by_url == DD_BY_URL_GATHER)
		parameter(url, "CallStatus", dd_str("in-progress"));
}

void dd_request_build(struct dd_request_text *out, const struct dd_call *call, uint32_t step,
        uint32_t url, const struct dd_passthru *pass, dd_ms at, uint32_t *missing, size_t *nmissing)
{
	const struct dd_program *p = dd_call_program(call);
	struct building b = {
	        .out = out, .call = call, .at = at, .missing = missing, .room = *nmissing};
	struct dd_str text = filled(&b, url, DD_FILL_URL);
	dd_buf_add(&out->url, text.p, text.n);
	out->method = pass ? pass->method : DD_GET;
	out->kind = pass ? pass->body : DD_BODY_NONE;
	if (!pass || pass->by_url) /* applets by URL say which version their answer is held to */
		dd_buf_str(&out->headers, "Exotel-Version: 1.0\n");
	for (uint32_t i = 0; pass && i < pass->nheaders; i++)
		add_header(&b, &p->named_texts[pass->first_header + i]);
	if (out->kind == DD_BODY_JSON) {
		text = filled(&b, pass->json, DD_FILL_JSON);
		dd_buf_add(&out->body, text.p, text.n);
	}
	for (uint32_t i = 0; out->kind == DD_BODY_FORM && i < pass->nforms; i++) {
		const struct dd_named_text *f = &p->named_texts[pass->first_form + i];
		text = filled(&b, f->text, DD_FILL_PLAIN);
		dd_buf_str(&out->body, i ? "&" : "");
		dd_buf_percent(&out->body, f->name);
		dd_buf_char(&out->body, '=');
		dd_buf_percent(&out->body, text);
	}
	if (out->kind == DD_BODY_NONE && out->method == DD_POST && !pass->bare)
		out->kind = DD_BODY_FORM;
	*nmissing = b.found;
	if (pass && pass->bare)
		return;
	if (out->kind == DD_BODY_FORM)
		parameters(&out->body, call, step, at);
	else
		add_query(&b, step, pass);
}

void dd_request_fini(struct dd_request_text *text)
{
	dd_buf_free(&text->url);
	dd_buf_free(&text->body);
	dd_buf_free(&text->headers);
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

/* The node that a path leads to: "user.name", "items.0.id". A key may hold dots itself. */
static const struct dd_node *node_at(const struct dd_node *at, struct dd_str path)
{
	if (at->kind == DD_LIST) {
		uint32_t index = 0;
		size_t n = 0;
		for (; n < path.n && n < 6 && path.p[n] >= '0' && path.p[n] <= '9'; n++)
			index = index * 10 + (uint32_t)(path.p[n] - '0');
		if (n == 0 || index >= at->n || (n < path.n && path.p[n] != '.'))
			return NULL;
		return n == path.n ? at->items[index]
		                   : node_at(at->items[index],
		                             (struct dd_str){path.p + n + 1, path.n - n - 1});
	}
	for (uint32_t i = 0; at->kind == DD_MAP && i < at->n; i++)
		if (dd_str_same(at->pairs[i].key->text, path))
			return at->pairs[i].value;
	for (uint32_t i = 0; at->kind == DD_MAP && i < at->n; i++) {
		struct dd_str key = at->pairs[i].key->text;
		if (key.n + 1 >= path.n || memcmp(key.p, path.p, key.n) != 0 ||
		        path.p[key.n] != '.')
			continue;
		const struct dd_node *found = node_at(at->pairs[i].value,
		        (struct dd_str){path.p + key.n + 1, path.n - key.n - 1});
		if (found)
			return found;
	}
	return NULL;
}

/* {ID.json.status} reaches a field whose name is that of something else. */
static const struct dd_node *field_at(const struct dd_node *root, struct dd_str name)
{
	const struct dd_node *found = NULL;
	if (name.n > 5 && memcmp(name.p, "json.", 5) == 0)
		found = node_at(root, (struct dd_str){name.p + 5, name.n - 5});
	return found ? found : node_at(root, name);
}

/* Scalars alone, numbers with the text that the server wrote. */
static void parse_fields(struct dd_parsed_reply *r, const struct dd_program *p,
        const struct dd_passthru *pass, struct dd_str body)
{
	struct dd_diags unasked;
	size_t n = 0;
	body = without_mark(body);
	if (!pass->nfields || !body.n || (body.p[0] != '{' && body.p[0] != '[') ||
	        !dd_is_json(body))
		return;
	r->arena = dd_arena_new();
	dd_diags_init(&unasked, r->arena);
	const struct dd_node *root =
	        dd_json_read(r->arena, dd_source_new(r->arena, "reply", body), &unasked);
	for (uint32_t i = 0; root && i < pass->nfields && n < DD_REPLY_FIELDS_MAX; i++) {
		struct dd_str name = p->fields[pass->first_field + i].name;
		const struct dd_node *value = field_at(root, name);
		if (value && value->kind == DD_SCALAR && !dd_node_is_null(value))
			r->fields[n++] = (struct dd_reply_field){name, value->text};
	}
	dd_diags_fini(&unasked);
	r->reply.fields = r->fields;
	r->reply.nfields = n;
}

/* The answer of an applet by URL is used whole, or not at all. */
static void parse_by_url(struct dd_parsed_reply *r, const struct dd_program *p,
        const struct dd_passthru *pass, struct dd_str body)
{
	size_t n = 0;
	struct dd_str numbers;
	if (r->reply.status != 200) {
		if (r->reply.status)
			(void)snprintf(r->why, sizeof r->why, "its status is %d, and must be 200",
			        r->reply.status);
		else
			(void)snprintf(r->why, sizeof r->why, "the server %s",
			        r->reply.error && strcmp(r->reply.error, "timeout") == 0
			                ? "takes longer than 5 s"
			                : "cannot be reached");
		return;
	}
	r->arena = dd_arena_new();
	const struct dd_node *root = dd_by_url_read(r, pass, without_mark(body), &numbers);
	if (!root) {
		r->reply.status = 0;
		r->reply.error = "unusable";
		return;
	}
	for (uint32_t i = 0; i < pass->nfields && n < DD_REPLY_FIELDS_MAX; i++) {
		struct dd_str name = p->fields[pass->first_field + i].name;
		const struct dd_node *value = field_at(root, name);
		bool joined = dd_str_is(name, DD_DIAL_NAMES[DD_DIAL_NUMBERS]) && numbers.p;
		if (joined)
			r->fields[n++] = (struct dd_reply_field){name, numbers};
		else if (value && value->kind == DD_SCALAR && !dd_node_is_null(value))
			r->fields[n++] = (struct dd_reply_field){name, value->text};
	}
	r->reply.fields = r->fields;
	r->reply.nfields = n;
}

void dd_reply_parse(struct dd_parsed_reply *out, const struct dd_program *program, uint32_t step,
        int status, const char *error, struct dd_str body)
{
	memset(&out->reply, 0, sizeof out->reply);
	out->arena = NULL;
	out->why[0] = '\0';
	out->note = NULL;
	out->reply.status = status;
	out->reply.error = error;
	out->reply.body = dd_str_trim(body);
	if (program->steps[step].applet != DD_PASSTHRU)
		return;
	if (program->steps[step].passthru.by_url)
		parse_by_url(out, program, &program->steps[step].passthru, out->reply.body);
	else
		parse_fields(out, program, &program->steps[step].passthru, out->reply.body);
}

void dd_reply_fini(struct dd_parsed_reply *reply)
{
	dd_arena_free(reply->arena);
}
