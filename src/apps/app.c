/* A call and its application: requests go out, documents come back and become steps. */
#include "apps/app.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "apps/inside.h"
#include "net/url.h"

enum { APP_TIMEOUT_MS = 15000 };

bool dd_dialect_parse(const char *word, enum dd_dialect *out)
{
	if (strcmp(word, "twiml") == 0)
		*out = DD_TWIML;
	else if (strcmp(word, "exoml") == 0)
		*out = DD_EXOML;
	else
		return false;
	return true;
}

bool dd_is_url(const char *text)
{
	return strncmp(text, "http://", 7) == 0 || strncmp(text, "https://", 8) == 0;
}

bool dd_is_app(const char *operand)
{
	size_t n = strlen(operand);
	return dd_is_url(operand) || (n > 4 && strcmp(operand + n - 4, ".xml") == 0);
}

/* -- answers ---------------------------------------------------------------- */

/* The value of a header, trimmed; p NULL where there is none. `*at` is where to look on. */
static struct dd_str header(struct dd_str headers, const char *name, size_t *at)
{
	size_t n = strlen(name);
	while (*at < headers.n) {
		const char *line = headers.p + *at, *end = memchr(line, '\n', headers.n - *at);
		size_t length = end ? (size_t)(end - line) : headers.n - *at;
		*at += length + (end != NULL);
		if (length > n && line[n] == ':' && strncasecmp(line, name, n) == 0)
			return dd_str_trim((struct dd_str){line + n + 1, length - n - 1});
	}
	return (struct dd_str){NULL, 0};
}

static struct dd_str first_header(struct dd_str headers, const char *name)
{
	size_t at = 0;
	return header(headers, name, &at);
}

/* A server takes a cookie back by letting it end at once, or in 1970. */
static bool is_over(struct dd_str cookie)
{
	static const char *const ends[] = {"max-age=0", "max-age=-", "01 jan 1970", "01-jan-1970"};
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		for (size_t at = 0; at + strlen(ends[i]) <= cookie.n; at++)
			if (strncasecmp(cookie.p + at, ends[i], strlen(ends[i])) == 0)
				return true;
	return false;
}

static void keep_cookies(struct dd_app *app, struct dd_str headers)
{
	enum { COOKIES_MAX = 50, COOKIE_BYTES_MAX = 4096 };
	size_t at = 0;
	for (;;) {
		struct dd_str cookie = header(headers, "set-cookie", &at), whole = cookie;
		if (!cookie.p)
			return;
		const char *end = memchr(cookie.p, ';', cookie.n);
		cookie.n = end ? (size_t)(end - cookie.p) : cookie.n;
		const char *equals = memchr(cookie.p, '=', cookie.n);
		if (!equals || cookie.n > COOKIE_BYTES_MAX)
			continue;
		size_t name = (size_t)(equals - cookie.p) + 1;
		uint32_t i = 0;
		while (i < app->ncookies && strncmp(app->cookies[i], cookie.p, name) != 0)
			i++;
		if (i < app->ncookies && is_over(whole)) {
			free(app->cookies[i]);
			app->cookies[i] = app->cookies[--app->ncookies];
			continue;
		}
		if (is_over(whole))
			continue;
		if (i < app->ncookies)
			free(app->cookies[i]);
		else if (i < COOKIES_MAX)
			(void)DD_PUSH(app->cookies, app->ncookies, app->cap_cookies);
		else
			continue;
		app->cookies[i] = dd_str_copy(cookie);
	}
}

static void note(struct dd_document_news *news, bool error, const char *text)
{
	dd_buf_char(&news->notes, error ? '!' : '-');
	for (; *text; text++)
		dd_buf_char(&news->notes, *text == '\n' ? ' ' : *text);
	dd_buf_char(&news->notes, '\n');
}

/* What is wrong in a document, in the record of the call that got it. */
static void note_findings(
        struct dd_app *app, const struct app_document *d, struct dd_document_news *news)
{
	for (size_t i = 0; i < d->nnotes && d->first_note + i < app->diags.n; i++) {
		const struct dd_diag *g = &app->diags.items[d->first_note + i];
		struct dd_place place = dd_source_place(g->source, g->span.start);
		char text[600];
		(void)snprintf(text, sizeof text, "%u:%u: %s%s%s", place.line, place.column,
		        g->message, g->hint ? "; " : "", g->hint ? g->hint : "");
		note(news, g->severity == DD_ERROR, text);
	}
}

/* An ask that comes of an answer, not of a document. */
static uint32_t ask_next(struct dd_app *app, const struct app_ask *ask, uint32_t step)
{
	const struct dd_step *from = &app->program->steps[step];
	return ask_step(app, ask, from->flow, from->line, from->span, from->verb);
}

/* The document cannot be had: the fallback is asked, or the customer hears that. */
static void failed(struct dd_app *app, uint32_t step, const struct app_ask *ask, int code,
        const char *why, struct dd_document_news *news)
{
	note(news, true, why);
	news->summary = dd_str("no document");
	news->target = app->error_step;
	if (!app->fallback || ask->kind == ASK_FALLBACK)
		return;
	struct app_ask next = {.kind = ASK_FALLBACK,
	        .url = app->fallback,
	        .method = DD_POST,
	        .error = code,
	        .at_fault = ask->url};
	news->target = ask_next(app, &next, step);
	news->more = true;
}

static const struct {
	const char *error, *text;
	int code;
} FAILURES[] = {
        {"timeout", "the application did not answer within 15 s", 11205},
        {"refused", "nothing answers at this address: is the application running?", 11205},
        {"unknown-host", "there is no server of this name", 11210},
        {"tls", "the server's certificate cannot be trusted, or TLS fails", 11220},
        {"too-large", "the document is larger than 64 KB", 11750},
        {"not-allowed",
                "this address may not be asked: only the application's own, or one that "
                "--allow-host names",
                11210},
        {"not-on-tape", NULL, 11200},
        {"no-file", "there is no such document beside the first one", 11200},
};

static void no_answer(struct dd_app *app, uint32_t step, const struct app_ask *ask,
        const char *error, struct dd_document_news *news)
{
	for (size_t i = 0; i < sizeof FAILURES / sizeof *FAILURES; i++) {
		if (strcmp(error, FAILURES[i].error) != 0)
			continue;
		failed(app, step, ask, FAILURES[i].code,
		        FAILURES[i].text      ? FAILURES[i].text
		                : app->held.n ? app->held.p
		                              : "the tape has no answer to this request",
		        news);
		return;
	}
	failed(app, step, ask, 11200, "the answer broke off", news);
}

/* 301, 302, 303, 307, 308: the last two are asked in the same way again. */
static void redirected(struct dd_app *app, uint32_t step, const struct app_ask *ask,
        const struct dd_document_answer *a, struct dd_document_news *news)
{
	struct dd_str location = first_header(a->headers, "location");
	struct app_ask next = *ask;
	next.url = location.n ? url_join(app, ask->url, location) : NULL;
	if (!next.url) {
		failed(app, step, ask, 11200, "the redirect names no address", news);
		return;
	}
	if (++next.hops > DD_REDIRECTS_MAX) {
		failed(app, step, ask, 11215, "more than 10 redirects, one after the other", news);
		return;
	}
	if (a->status != 307 && a->status != 308) {
		next.method = DD_GET;
		next.bare = true;
	}
	news->summary = dd_str("redirect");
	news->target = ask_next(app, &next, step);
	news->more = true;
}

static struct dd_str content_type(struct dd_str headers)
{
	struct dd_str type = first_header(headers, "content-type");
	const char *end = type.n ? memchr(type.p, ';', type.n) : NULL;
	if (end)
		type.n = (size_t)(end - type.p);
	return dd_str_trim(type);
}

static void take_document(struct dd_app *app, uint32_t step, const struct app_ask *ask,
        const struct dd_document_answer *a, struct dd_document_news *news)
{
	char text[64];
	news->text = shown_body(app, a->body);
	if (!a->status) {
		no_answer(app, step, ask, a->error ? a->error : "broken", news);
		return;
	}
	if (a->status >= 300 && a->status < 400 && a->status != 304) {
		redirected(app, step, ask, a, news);
		return;
	}
	if (a->status < 200 || a->status > 299) {
		(void)snprintf(text, sizeof text, "the application answered %d", a->status);
		failed(app, step, ask, 11200, text, news);
		return;
	}
	if (a->body.n > DD_DOCUMENT_BYTES_MAX) {
		no_answer(app, step, ask, "too-large", news);
		return;
	}
	struct app_document *d = compile_document(app, ask->url, a->body, content_type(a->headers));
	if (!d) {
		failed(app, step, ask, 11200, "too many different documents", news);
		return;
	}
	note_findings(app, d, news);
	news->text = d->text;
	news->summary = dd_str(d->summary);
	news->target = d->start;
	if (d->error) {
		failed(app, step, ask, d->error, "the answer is no document of a voice application",
		        news);
		return;
	}
	if (d->rejects && app->hooks.before && !app->taken) {
		news->rejected = true;
		news->by = d->by;
	}
}

static void take_sound(struct dd_app *app, const struct app_ask *ask,
        const struct dd_document_answer *a, struct dd_document_news *news)
{
	bool fine = a->status >= 200 && a->status <= 299 && a->body.n;
	char text[160];
	news->target = ask->next;
	news->summary = dd_str(fine ? "a recording" : "no recording");
	sound_keep(app, ask->sound, a->body, fine);
	if (fine)
		return;
	if (a->status)
		(void)snprintf(text, sizeof text,
		        "the recording cannot be had (%d): nothing is played", a->status);
	else
		(void)snprintf(text, sizeof text,
		        "the recording cannot be had (%s): nothing is played",
		        a->error ? a->error : "broken");
	note(news, true, text);
}

/* -- hooks of the session --------------------------------------------------- */

static struct app_ask *ask_of(struct dd_app *app, uint32_t step)
{
	return &app->asks[app->program->steps[step].ask.nth];
}

/* The fault that strikes here, if one does. */
static const struct dd_fault_rule *strikes(
        struct dd_app *app, enum dd_fault_point point, unsigned nth, dd_ms at)
{
	const struct dd_fault_rule *rule =
	        app->o.faults ? dd_faults_decide(app->o.faults, point, app->number, nth) : NULL;
	if (rule && !app->struck.yes)
		app->struck = (struct dd_struck){true, rule->fault, nth, at};
	return rule;
}

static bool on_key(void *self, dd_ms at)
{
	struct dd_app *app = self;
	return strikes(app, DD_AT_KEY, ++app->keys, at) != NULL;
}

/* A callback that is told when the action has been answered: the call goes on where it would have.
 */
static uint32_t told_behind(
        struct dd_app *app, const struct app_ask *action, uint32_t step, uint32_t next)
{
	for (uint32_t i = 0; i < app->ntold; i++) {
		const struct app_ask *a = &app->asks[app->program->steps[app->told[i]].ask.nth];
		if (a->next == next && strcmp(a->url, action->callback) == 0)
			return app->told[i];
	}
	struct app_ask ask = {.kind = ASK_RECORDED,
	        .url = action->callback,
	        .method = action->callback_method,
	        .next = next};
	DD_PUSH(app->told, app->ntold, app->cap_told) = ask_next(app, &ask, step);
	return app->told[app->ntold - 1];
}

static void on_ask(void *self, const struct dd_call *call, uint32_t step, dd_ms at,
        struct dd_document_request *out)
{
	struct dd_app *app = self;
	const struct app_ask *ask = ask_of(app, step);
	if (ask->kind == ASK_START && app->taken && app->hooks.before) {
		out->target = app->first_target; /* asked for while the phone rang */
		return;
	}
	if (ask->kind == ASK_SOUND && app->sounds[ask->sound].asked) {
		out->target = ask->next;
		return;
	}
	if (ask->kind == ASK_RECORD)
		app->recordings += !ask->hops;
	if (ask->early) {
		app->told_early = strikes(app, DD_AT_RECORDING, ++app->callbacks, at) != NULL;
		out->target = ask->next;
		if (!app->told_early)
			return;
	}
	out->asks = true;
	out->document = ask->kind != ASK_SOUND && ask->kind != ASK_RECORDED;
	out->timeout = APP_TIMEOUT_MS;
	out->most =
	        ask->kind == ASK_SOUND ? (size_t)DD_SOUND_BYTES_MAX : (size_t)DD_DOCUMENT_BYTES_MAX;
	ask_build(app, ask, call, at, out);
	app->requests++;
	app->nth_document += out->document;
	if (out->document) {
		app->rule = strikes(app, DD_AT_REQUEST, app->nth_document, at);
		app->ruled = step;
		if (app->rule && app->rule->fault == DD_FAULT_HANG_UP)
			out->hang_up = app->rule->time;
	}
	tape_asks(app, step, dd_method_name(ask->method), out->text.url.p,
	        (struct dd_str){out->text.body.p, out->text.body.n});
}

/* Headers as HTTP wants them read: a control character is a blank (RFC 9110, 5.5). */
static struct dd_str clean_headers(struct dd_app *app, struct dd_str headers)
{
	dd_buf_clear(&app->headers);
	dd_buf_add(&app->headers, headers.p, headers.n);
	for (size_t i = 0; i < headers.n; i++) {
		unsigned char c = (unsigned char)app->headers.p[i];
		if ((c < 0x20 && c != '\n') || c == 0x7F)
			app->headers.p[i] = ' ';
	}
	return (struct dd_str){app->headers.p, app->headers.n};
}

/* What the record of a call has of an answer that is no document. */
struct dd_str shown_body(struct dd_app *app, struct dd_str body)
{
	dd_buf_clear(&app->body);
	dd_buf_add(&app->body, body.p ? body.p : "", body.n);
	hide_credentials(app->body.p, app->body.n);
	return (struct dd_str){app->body.p, app->body.n};
}

static void on_answer(void *self, const struct dd_call *call, uint32_t step,
        const struct dd_document_answer *given, struct dd_document_news *news)
{
	struct dd_app *app = self;
	struct app_ask ask = *ask_of(app, step); /* the list may move */
	struct dd_document_answer clean = *given, *a = &clean;
	(void)call;
	clean.headers = clean_headers(app, given->headers);
	tape_answers(app, step, a);
	if (first_header(a->headers, "set-cookie").p && own_server(app, ask.url))
		keep_cookies(app, a->headers);
	if (app->rule && app->ruled == step) {
		char text[200];
		(void)snprintf(
		        text, sizeof text, "on purpose: %s", dd_fault_about(app->rule->fault));
		note(news, false, text);
		app->rule = NULL;
	}
	if (ask.kind == ASK_SOUND) {
		take_sound(app, &ask, a, news);
	} else if (ask.kind == ASK_RECORDED) {
		news->text = shown_body(app, a->body);
	} else {
		take_document(app, step, &ask, a, news);
	}
	if (ask.kind == ASK_RECORD && ask.callback && !news->more && !app->told_early)
		news->target = told_behind(app, &ask, step, news->target);
	if (app->hooks.before && !app->taken && !news->more) {
		app->taken = true;
		app->first_target = news->target;
	}
	if (ask.kind == ASK_WHISPER)
		note(news, false, "the other party hears this before the two are joined");
}

/* -- the port --------------------------------------------------------------- */

static bool on_allowed(void *self, const char *url)
{
	return url_allowed(self, url);
}

static void from_tape(
        struct dd_app *app, const struct dd_http_request *r, struct dd_http_answer *answer)
{
	dd_buf_clear(&app->held);
	const struct tape_entry *e = tape_find(app, r->method, r->url, r->form, &app->held);
	if (!e)
		*answer = (struct dd_http_answer){.error = "not-on-tape"};
	else if (r->most && e->body.n > r->most)
		*answer = (struct dd_http_answer){.error = "too-large"};
	else
		*answer = (struct dd_http_answer){e->status, e->error, e->body, "", 0, e->headers};
}

/* A document beside the first one. */
static void from_file(
        struct dd_app *app, const struct dd_http_request *r, struct dd_http_answer *answer)
{
	char *path = url_file(app, r->url);
	struct stat st;
	FILE *f = path && stat(path, &st) == 0 && S_ISREG(st.st_mode) ? fopen(path, "rb") : NULL;
	*answer = (struct dd_http_answer){.error = "no-file"};
	free(path);
	if (!f)
		return;
	dd_buf_clear(&app->held);
	char piece[4096];
	for (size_t n; app->held.n <= r->most && (n = fread(piece, 1, sizeof piece, f)) > 0;)
		dd_buf_add(&app->held, piece, n);
	bool broken = ferror(f);
	(void)fclose(f);
	if (broken)
		return;
	*answer = app->held.n > r->most
	        ? (struct dd_http_answer){.error = "too-large"}
	        : (struct dd_http_answer){200, NULL, {app->held.p, app->held.n}, "", 0, {NULL, 0}};
}

/* Asks whoever answers: the server, a file, the tape. */
static bool send_once(
        struct dd_app *app, const struct dd_http_request *r, struct dd_http_answer *answer)
{
	bool ringing = app->hooks.before && !app->taken, waits = ringing || app->rule;
	const struct dd_http *http = waits && app->o.waiting ? app->o.waiting : app->o.http;
	if (app->o.replay.p || strncmp(r->url, "file:", 5) == 0) {
		if (app->o.replay.p)
			from_tape(app, r, answer);
		else
			from_file(app, r, answer);
		/* what may not be asked took no time */
		bool asked = !answer->error || strcmp(answer->error, "not-allowed") != 0;
		answer->took = asked ? app->o.latency : 0;
		return true;
	}
	struct dd_http_request mapped = *r;
	struct dd_buf headers = {0};
	char *url = url_mapped(app, r->url);
	mapped.url = url;
	if (strcmp(url, r->url) != 0) { /* the application sees the name that it knows itself by */
		const char *host = strstr(r->url, "://") + 3;
		dd_buf_add(&headers, r->headers.p ? r->headers.p : "", r->headers.n);
		dd_buf_format(&headers, "Host: %.*s\n", (int)strcspn(host, "/?#"), host);
		dd_buf_format(
		        &headers, "X-Forwarded-Proto: %.*s\n", (int)(host - 3 - r->url), r->url);
		mapped.headers = (struct dd_str){headers.p, headers.n};
	}
	bool there = http && http->send(http->self, &mapped, answer);
	if (!http) {
		*answer = (struct dd_http_answer){.error = "refused"};
		there = true;
	}
	if (there && (!app->o.real_time || ringing))
		answer->took = app->o.latency;
	free(url);
	dd_buf_free(&headers);
	return there;
}

/* What the fault at hand makes of an answer. */
static void spoil(struct dd_app *app, const struct dd_http_request *r, struct dd_http_answer *a)
{
	const struct dd_fault_rule *rule = app->rule;
	dd_ms took = a->took;
	switch (rule->fault) {
	case DD_FAULT_LATE: a->took += rule->time; break;
	case DD_FAULT_NONE: a->took = APP_TIMEOUT_MS + 1; break;
	case DD_FAULT_500: *a = (struct dd_http_answer){.status = 500, .took = took}; break;
	case DD_FAULT_HALF: a->body.n /= 2; break;
	case DD_FAULT_TWICE:
		dd_buf_clear(&app->doubled);
		dd_buf_add(&app->doubled, a->body.p ? a->body.p : "", a->body.n);
		dd_buf_add(&app->doubled, a->body.p ? a->body.p : "", a->body.n);
		a->body = (struct dd_str){app->doubled.p, app->doubled.n};
		break;
	case DD_FAULT_LOST: /* a tape has one answer for both */
		if (!app->o.replay.p)
			(void)send_once(app, r, a);
		a->took = took + rule->time;
		break;
	case DD_FAULT_HANG_UP: a->took += 2 * rule->time; break;
	default: break;
	}
	if (a->took > APP_TIMEOUT_MS)
		*a = (struct dd_http_answer){.error = "timeout", .took = APP_TIMEOUT_MS};
}

static bool on_send(void *self, const struct dd_http_request *r, struct dd_http_answer *answer)
{
	struct dd_app *app = self;
	bool there = send_once(app, r, answer);
	if (there && app->rule)
		spoil(app, r, answer);
	return there;
}

static void on_forget(void *self, uint32_t id)
{
	struct dd_app *app = self;
	if (app->o.http)
		app->o.http->forget(app->o.http->self, id);
}

/* -- its life --------------------------------------------------------------- */

static uint32_t slot(struct dd_app *app, const char *name)
{
	return dd_program_add_slot(app->program, (struct dd_slot){.name = name});
}

static bool add_map(struct dd_app *app, const char *from, const char *to)
{
	char *a = dd_url_origin(from), *b = dd_url_origin(to);
	bool fine = a && b && app->nmaps < sizeof app->maps / sizeof *app->maps;
	if (fine)
		app->maps[app->nmaps++] =
		        (struct dd_app_map){dd_arena_copy(app->arena, a, strlen(a)),
		                dd_arena_copy(app->arena, b, strlen(b))};
	free(a);
	free(b);
	return fine;
}

/* The first document lies on this disk. */
static enum dd_status start_at_file(struct dd_app *app, struct dd_error *err)
{
	struct dd_buf url = {0};
	char *real = realpath(app->o.url, NULL);
	if (!real)
		return dd_fail(err, DD_ERR_READ, "cannot read %s", app->o.url);
	char *slash = strrchr(real, '/');
	app->folder = dd_arena_copy(app->arena, real, (size_t)(slash - real) + 1);
	dd_buf_str(&url, "file://");
	for (const char *p = real; *p; p++) {
		if (*p == '/')
			dd_buf_char(&url, '/');
		else
			dd_buf_percent(&url, (struct dd_str){p, 1});
	}
	app->start_url = dd_arena_copy(app->arena, url.p, url.n);
	dd_buf_free(&url);
	free(real);
	return DD_OK;
}

static enum dd_status start_at_server(struct dd_app *app, struct dd_error *err)
{
	char *origin = dd_url_origin(app->o.url);
	if (!origin)
		return dd_fail(err, DD_ERR_FORMAT,
		        "%s is no address, or libcurl (libcurl3-gnutls) is not installed",
		        app->o.url);
	app->origin = dd_arena_copy(app->arena, origin, strlen(origin));
	free(origin);
	app->start_url = app->o.url;
	if (app->o.public_url) {
		char *known = dd_url_origin(app->o.public_url);
		const char *path = strstr(app->o.url, "://") + 3;
		if (!known)
			return dd_fail(err, DD_ERR_FORMAT, "%s is no address", app->o.public_url);
		free(known);
		size_t n = strlen(app->o.public_url);
		n -= n && app->o.public_url[n - 1] == '/';
		app->start_url = dd_arena_format(app->arena, "%.*s%s", (int)n, app->o.public_url,
		        path + strcspn(path, "/?#"));
		(void)add_map(app, app->o.public_url, app->o.url);
	}
	/* "http://host?x=a b" is asked for "/?x=a%20b" */
	const char *whole = url_join(app, app->start_url, dd_str(app->start_url));
	if (!whole)
		return dd_fail(err, DD_ERR_FORMAT, "%s is no address", app->start_url);
	app->start_url = whole;
	return DD_OK;
}

static enum dd_status set_up(struct dd_app *app, struct dd_error *err)
{
	for (size_t i = 0; i < app->o.nmaps; i++)
		if (!add_map(app, app->o.maps[i].from, app->o.maps[i].to))
			return dd_fail(err, DD_ERR_FORMAT, "%s=%s: two addresses are wanted",
			        app->o.maps[i].from, app->o.maps[i].to);
	enum dd_status status =
	        dd_is_url(app->o.url) ? start_at_server(app, err) : start_at_file(app, err);
	if (status == DD_OK && app->o.fallback) {
		app->fallback = url_join(app, app->start_url, dd_str(app->o.fallback));
		if (!app->fallback)
			status = dd_fail(err, DD_ERR_FORMAT, "%s is no address", app->o.fallback);
	}
	if (status == DD_OK)
		url_own(app);
	if (status == DD_OK && app->o.replay.p)
		status = tape_read(app, app->o.replay, err);
	return status;
}

struct dd_app *dd_app_new(const struct dd_app_options *options, struct dd_error *err)
{
	static const char *const built_in[] = {
#define X(NAME, text) text,
	        DD_BUILT_INS(X)
#undef X
	};
	struct dd_app *app = dd_alloc(sizeof *app);
	app->o = *options;
	app->arena = dd_arena_new();
	dd_diags_init(&app->diags, app->arena);
	app->program = dd_arena_alloc(app->arena, sizeof *app->program);
	app->program->arena = app->arena;
	for (int i = 0; i < DD_BUILT_INS_COUNT; i++)
		(void)slot(app, built_in[i]);
	app->speech_slot = slot(app, "SpeechResult");
	app->recording_slot = slot(app, "RecordingDuration");
	app->dial_status_slot = slot(app, "DialCallStatus");
	app->dial_seconds_slot = slot(app, "DialCallDuration");
	app->dial_to_slot = slot(app, "DialTo");
	app->hooks = (struct dd_documents){app, on_ask, on_answer, on_key, !options->outbound};
	app->port = (struct dd_http){app, on_allowed, on_send, on_forget};
	if (set_up(app, err) != DD_OK) {
		dd_app_free(app);
		return NULL;
	}
	compile_beginning(app);
	return app;
}

static void drop_cookies(struct dd_app *app)
{
	while (app->ncookies)
		free(app->cookies[--app->ncookies]);
}

void dd_app_begin(struct dd_app *app)
{
	drop_cookies(app);
	tape_forget(app);
	app->taken = false;
	app->requests = app->nth_document = app->recordings = 0;
	app->keys = app->callbacks = 0;
	app->rule = NULL;
	app->told_early = false;
	app->struck = (struct dd_struck){.yes = false};
	app->first_target = app->error_step;
}

void dd_app_free(struct dd_app *app)
{
	if (!app)
		return;
	drop_cookies(app);
	free(app->cookies);
	sounds_remove(app);
	dd_free(app->asks);
	dd_free(app->sounds);
	dd_free(app->documents);
	free(app->tape);
	dd_buf_free(&app->taped);
	tape_forget(app);
	dd_free(app->pending);
	dd_buf_free(&app->held);
	dd_buf_free(&app->body);
	dd_buf_free(&app->headers);
	dd_buf_free(&app->doubled);
	recordings_free(app->served);
	dd_free(app->told);
	dd_buf_free(&app->key);
	dd_names_fini(&app->known);
	dd_names_fini(&app->places);
	dd_program_free(app->program);
	dd_diags_fini(&app->diags);
	struct dd_arena *arena = app->arena;
	free(app);
	dd_arena_free(arena);
}

struct dd_program *dd_app_program(struct dd_app *app)
{
	return app->program;
}

const struct dd_documents *dd_app_documents(struct dd_app *app)
{
	return &app->hooks;
}

const struct dd_http *dd_app_http(struct dd_app *app)
{
	return &app->port;
}

static const struct app_document *document_of(const struct dd_app *app, uint32_t flow)
{
	/* each document is a flow of its own, in their order, behind the beginning */
	return flow > 0 && flow <= app->ndocuments ? &app->documents[flow - 1] : NULL;
}

struct dd_str dd_app_document(const struct dd_app *app, uint32_t flow)
{
	const struct app_document *d = document_of(app, flow);
	return d ? d->text : (struct dd_str){NULL, 0};
}

struct dd_diags *dd_app_diags(struct dd_app *app)
{
	return &app->diags;
}

struct dd_str dd_app_tape(const struct dd_app *app)
{
	return (struct dd_str){app->taped.p ? app->taped.p : "", app->taped.n};
}

bool dd_app_is_error(const struct dd_app *app, uint32_t step)
{
	return step == app->error_step;
}

unsigned dd_app_requests(const struct dd_app *app)
{
	return app->requests;
}

uint32_t dd_app_place(const struct dd_app *app, uint32_t flow)
{
	const struct app_document *d = document_of(app, flow);
	return d ? app->documents[d->place].flow : 0;
}

void dd_app_steps(const struct dd_app *app, uint32_t flow, uint32_t *first, uint32_t *n)
{
	const struct app_document *d = document_of(app, flow);
	*first = d ? d->first_step : 0;
	*n = d ? d->nsteps : 0;
}

enum dd_app_part dd_app_part(const struct dd_app *app, uint32_t step)
{
	const struct dd_step *s = &app->program->steps[step];
	if (s->applet != DD_ASK)
		return s->applet == DD_REMARK && !s->remark.error ? DD_APP_OTHER : DD_APP_VERB;
	switch (app->asks[s->ask.nth].kind) {
	case ASK_REDIRECT: return DD_APP_VERB;
	case ASK_GATHER:
	case ASK_RECORD:
	case ASK_DIAL:
	case ASK_SMS: return DD_APP_ACTION;
	default: return DD_APP_OTHER;
	}
}

void dd_app_faults(struct dd_app *app, const struct dd_faults *faults, uint64_t number)
{
	app->o.faults = faults;
	app->number = number;
}

struct dd_struck dd_app_struck(const struct dd_app *app)
{
	return app->struck;
}

unsigned dd_app_points(const struct dd_app *app, enum dd_fault_point point)
{
	return point == DD_AT_REQUEST ? app->nth_document
	        : point == DD_AT_KEY  ? app->keys
	                              : app->callbacks;
}

void dd_app_ports(struct dd_app *app, const struct dd_http *http, const struct dd_http *waiting)
{
	app->o.http = http;
	app->o.waiting = waiting;
}
