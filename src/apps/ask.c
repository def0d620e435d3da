/* What an application is told with each request (voice-xml.md, section 1), and how it is signed. */
#define _GNU_SOURCE /* qsort_r */
#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/inside.h"
#include "base/library.h"
#include "call/fill.h"

/* -- parameters ------------------------------------------------------------- */

enum { PARAMETERS_OF_A_CALL = 32 }; /* more than we have; those of --param come on top */

struct parameter {
	const char *name;
	size_t at; /* of its value in `values` */
};
struct parameters {
	struct parameter some[PARAMETERS_OF_A_CALL], *list;
	size_t n;
	struct dd_buf values; /* one behind the other, each with its NUL */
};

static void add(struct parameters *ps, const char *name, struct dd_str value)
{
	ps->list[ps->n++] = (struct parameter){name, ps->values.n};
	dd_buf_add(&ps->values, value.p, value.n);
	dd_buf_char(&ps->values, '\0');
}

static const char *value_of(const struct parameters *ps, size_t i)
{
	return ps->values.p + ps->list[i].at;
}

static void add_text(struct parameters *ps, const char *name, const char *value)
{
	add(ps, name, dd_str(value));
}

static void add_slot(struct parameters *ps, const char *name, const struct dd_call *call,
        uint32_t slot, dd_ms at)
{
	char room[24];
	add(ps, name, dd_call_value(call, slot, at, room));
}

/* Ids of what a call has beside itself are made of its own: two letters, and the same digits with
   a count. */
static void add_sid(struct parameters *ps, const char *name, const char *kind,
        const struct dd_call *call, unsigned nth)
{
	char room[24], text[40];
	struct dd_str sid = dd_call_value(call, DD_SLOT_CALL_SID, 0, room);
	size_t skip = sid.n > 32 ? sid.n - 32 : 0;
	(void)snprintf(text, sizeof text, "%s%.*s%02x", kind,
	        (int)(sid.n - skip > 30 ? 30 : sid.n - skip), sid.p ? sid.p + skip : "",
	        nth & 0xFF);
	add_text(ps, name, text);
}

static void about_call(
        struct dd_app *app, struct parameters *ps, const struct dd_call *call, dd_ms at)
{
	bool swapped = app->o.outbound && app->o.dialect == DD_TWIML;
	uint32_t from = swapped ? DD_SLOT_CALL_TO : DD_SLOT_CALL_FROM,
	         to = swapped ? DD_SLOT_CALL_FROM : DD_SLOT_CALL_TO;
	bool rings = !app->o.outbound && !app->taken;
	add_slot(ps, "CallSid", call, DD_SLOT_CALL_SID, at);
	add_slot(ps, "From", call, from, at);
	add_slot(ps, "To", call, to, at);
	add_text(ps, "CallStatus", rings ? "ringing" : "in-progress");
	add_text(ps, "Direction", app->o.outbound ? "outbound-api" : "inbound");
	if (app->o.dialect == DD_TWIML) {
		add_text(ps, "AccountSid", "AC00000000000000000000000000000000");
		add_text(ps, "ApiVersion", "2010-04-01");
		add_slot(ps, "Caller", call, from, at);
		add_slot(ps, "Called", call, to, at);
	} else {
		add_slot(ps, "CallFrom", call, from, at);
		add_slot(ps, "CallTo", call, to, at);
	}
}

/* `seconds` is the slot that says how long it is. */
static void about_recording(
        struct dd_app *app, struct parameters *ps, const struct dd_call *call, uint32_t seconds)
{
	struct dd_buf name = {0}, url = {0};
	char room[24], other[24];
	struct dd_str sid = dd_call_value(call, DD_SLOT_CALL_SID, 0, room),
	              length = dd_call_value(call, seconds, 0, other);
	dd_ms ms = 0;
	for (size_t i = 0; i < length.n && length.p[i] >= '0' && length.p[i] <= '9'; i++)
		ms = ms * 10 + (length.p[i] - '0');
	add_sid(ps, "RecordingSid", "RE", call, app->recordings);
	dd_buf_format(&name, "%.*s-%u", (int)(sid.n < 64 ? sid.n : 64), sid.p ? sid.p : "",
	        app->recordings);
	recording_url(app, name.p, 1000 * (ms < 14400 ? ms : 14400), &url);
	add_text(ps, "RecordingUrl", url.p);
	dd_buf_free(&name);
	dd_buf_free(&url);
}

static const char *dial_status(struct dd_str word)
{
	static const char *const rows[][2] = {{"answered", "completed"}, {"busy", "busy"},
	        {"no-answer", "no-answer"}, {"failed", "failed"}, {"full", "busy"}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (dd_str_is(word, rows[i][0]))
			return rows[i][1];
	return "failed";
}

/* What the verb itself has to tell. */
static void about_verb(struct dd_app *app, struct parameters *ps, const struct app_ask *ask,
        const struct dd_call *call, dd_ms at)
{
	char room[24], number[16], *shown;
	struct dd_str said = {NULL, 0};
	switch (ask->kind) {
	case ASK_GATHER:
		said = dd_call_value(call, app->speech_slot, at, room);
		if (said.p) {
			add(ps, "SpeechResult", said);
			add_text(ps, "Confidence", "0.9");
			break;
		}
		add_slot(ps, "Digits", call, DD_SLOT_DIGITS, at);
		if (app->o.dialect == DD_EXOML)
			add_slot(ps, "DigitsPressed", call, DD_SLOT_DIGITS, at);
		break;
	case ASK_RECORD:
		add_slot(ps, "Digits", call, DD_SLOT_DIGITS, at);
		about_recording(app, ps, call, app->recording_slot);
		add_slot(ps, "RecordingDuration", call, app->recording_slot, at);
		break;
	case ASK_RECORDED:
		about_recording(app, ps, call, app->recording_slot);
		add_slot(ps, "RecordingDuration", call, app->recording_slot, at);
		add_text(ps, "RecordingStatus", "completed");
		break;
	case ASK_DIAL:
		add_text(ps, "DialCallStatus",
		        dial_status(dd_call_value(call, app->dial_status_slot, at, room)));
		add_sid(ps, "DialCallSid", "CA", call, app->requests);
		add_slot(ps, "DialCallDuration", call, app->dial_seconds_slot, at);
		if (ask->records)
			about_recording(app, ps, call, app->dial_seconds_slot);
		break;
	case ASK_FALLBACK:
		(void)snprintf(number, sizeof number, "%d", ask->error);
		add_text(ps, "ErrorCode", number);
		shown = url_recorded(ask->at_fault);
		add_text(ps, "ErrorUrl", shown);
		free(shown);
		break;
	case ASK_SMS: add_text(ps, "SmsStatus", "sent"); break;
	default: break;
	}
}

/* -- signatures ------------------------------------------------------------- */

#define FUNCTIONS(X) X(gnutls_hmac_fast)
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

static bool open_library(void)
{
	static const char *const names[] = {"libgnutls.so.30", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	struct dd_error err;
	return lib.gnutls_hmac_fast || dd_library_open(names, symbols, &err) == DD_OK;
}

static int by_name(const void *a, const void *b, void *values)
{
	const struct parameter *x = a, *y = b;
	const char *all = values;
	int order = strcmp(x->name, y->name);
	return order ? order : strcmp(all + x->at, all + y->at);
}

/* base64(HMAC-SHA1(token, URL name value name value …)), the parameters of a POST sorted. */
static void sign(const char *token, const char *url, struct parameters *ps, struct dd_buf *headers)
{
	unsigned char mac[20];
	struct dd_buf text = {0};
	if (!open_library())
		return;
	dd_buf_str(&text, url);
	if (ps && ps->n)
		qsort_r(ps->list, ps->n, sizeof *ps->list, by_name, ps->values.p);
	for (size_t i = 0; ps && i < ps->n; i++) {
		dd_buf_str(&text, ps->list[i].name);
		dd_buf_str(&text, value_of(ps, i));
	}
	if (lib.gnutls_hmac_fast(GNUTLS_MAC_SHA1, token, strlen(token), text.p, text.n, mac) == 0) {
		dd_buf_str(headers, "X-Twilio-Signature: ");
		dd_buf_base64(headers, mac, sizeof mac);
		dd_buf_char(headers, '\n');
	}
	dd_buf_free(&text);
}

/* -- the whole -------------------------------------------------------------- */

static void write_form(struct dd_buf *out, const struct parameters *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		dd_buf_str(out, i ? "&" : "");
		dd_buf_percent(out, dd_str(ps->list[i].name));
		dd_buf_char(out, '=');
		dd_buf_percent(out, dd_str(value_of(ps, i)));
	}
}

/* Cookies, which go to the server that gave them, and what a URL has before its host. */
static void add_secrets(struct dd_app *app, const struct app_ask *ask, struct dd_buf *out)
{
	struct dd_buf pair = {0};
	url_credentials(ask->url, &pair);
	if (pair.n) {
		dd_buf_str(out, "Authorization: Basic ");
		dd_buf_base64(out, (const unsigned char *)pair.p, pair.n);
		dd_buf_char(out, '\n');
	}
	dd_buf_free(&pair);
	if (!app->ncookies || !own_server(app, ask->url))
		return;
	dd_buf_str(out, "Cookie: ");
	for (uint32_t i = 0; i < app->ncookies; i++)
		dd_buf_format(out, "%s%s", i ? "; " : "", app->cookies[i]);
	dd_buf_char(out, '\n');
}

void ask_build(struct dd_app *app, const struct app_ask *ask, const struct dd_call *call, dd_ms at,
        struct dd_document_request *whole)
{
	struct parameters ps;
	struct dd_request_text *out = &whole->text;
	size_t given = app->o.nparameters;
	ps.n = 0;
	ps.values = (struct dd_buf){0};
	ps.list = given ? dd_alloc((PARAMETERS_OF_A_CALL + given) * sizeof *ps.list) : ps.some;
	if (!ask->bare) {
		about_call(app, &ps, call, at);
		about_verb(app, &ps, ask, call, at);
		for (size_t i = 0; i < given; i++)
			add_text(&ps, app->o.names[i], app->o.values[i]);
	}
	out->method = ask->method;
	char *shown = url_shown(ask->url);
	dd_buf_add(&out->url, shown, strcspn(shown, "#"));
	free(shown);
	bool file = strncmp(ask->url, "file:", 5) == 0;
	if (ask->method == DD_GET && ps.n && !file) {
		dd_buf_char(&out->url, memchr(out->url.p, '?', out->url.n) ? '&' : '?');
		write_form(&out->url, &ps);
	}
	if (ask->method == DD_POST) {
		out->kind = DD_BODY_FORM;
		write_form(&out->body, &ps);
	}
	if (app->o.auth_token && !file && ask->kind != ASK_SOUND)
		sign(app->o.auth_token, out->url.p, ask->method == DD_POST ? &ps : NULL,
		        &out->headers);
	dd_buf_add(&whole->told, out->url.p, out->url.n);
	hide_credentials(whole->told.p, whole->told.n);
	add_secrets(app, ask, &whole->secrets);
	dd_buf_free(&ps.values);
	if (given)
		free(ps.list);
}
