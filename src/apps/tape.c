/* Tapes: what an application was asked and answered, as a text that a person reads and a diff
   shows.

       drydial tape 1

       > POST http://127.0.0.1:3000/menu
       CallSid=…
       Digits=2
       < 200
       Content-Type: text/xml
       |<Response>
       |  <Hangup/>
       |</Response>

   Parameters are sorted and as they mean; of the answer's headers those are kept that matter here.
   A body has a bar before each of its lines; its last line end is not part of it where "\" stands
   alone behind. What is no text is written in base64, each line behind "=". Credentials are
   not on it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apps/inside.h"

#define TITLE "drydial tape 1\n"

/* -- keys of a request ------------------------------------------------------ */

/* Hosts have no case, and http://h:80/ is http://h/. Credentials are nobody's business. */
static void address(struct dd_buf *out, const char *url)
{
	char *shown = url_recorded(url), *scheme = strstr(shown, "://");
	char *host = scheme ? scheme + 3 : shown;
	size_t n = scheme ? strcspn(host, "/?#") : 0;
	for (size_t i = 0; i < n; i++)
		host[i] = host[i] >= 'A' && host[i] <= 'Z' ? (char)(host[i] + 32) : host[i];
	const char *port = strncmp(shown, "http:", 5) == 0 ? ":80" : ":443";
	size_t length = strlen(port);
	bool usual = n > length && strncmp(host + n - length, port, length) == 0;
	dd_buf_add(out, shown, (size_t)(host - shown) + n - (usual ? length : 0));
	dd_buf_str(out, host + n);
	free(shown);
}

/* A line is a parameter: what would break it, or look like the beginning of an answer, is written
   with a backslash. */
static void decoded(struct dd_buf *out, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		int byte = dd_percent_byte((struct dd_str){p, n}, i);
		char c = byte >= 0 ? (char)byte : p[i] == '+' ? ' ' : p[i];
		i += byte >= 0 ? 2 : 0;
		if (c == '\n' || c == '\r' || c == '\\')
			dd_buf_format(out, "\\%c", c == '\n' ? 'n' : c == '\r' ? 'r' : '\\');
		else if ((unsigned char)c < 0x20 || c == 0x7F || (c == '<' && !out->n))
			dd_buf_format(out, "\\x%02x", (unsigned char)c);
		else
			dd_buf_char(out, c);
	}
}

static int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* "a=1&b=2" as sorted lines. */
static void parameters(struct dd_buf *out, struct dd_str form)
{
	char **lines = NULL;
	size_t n = 0, cap = 0;
	while (form.n) {
		const char *end = memchr(form.p, '&', form.n);
		size_t length = end ? (size_t)(end - form.p) : form.n;
		struct dd_buf line = {0};
		decoded(&line, form.p, length);
		if (line.n)
			DD_PUSH(lines, n, cap) = line.p;
		form.p += length + (end != NULL);
		form.n -= length + (end != NULL);
	}
	if (n)
		qsort(lines, n, sizeof *lines, by_text);
	for (size_t i = 0; i < n; i++) {
		dd_buf_format(out, "%s\n", lines[i]);
		free(lines[i]);
	}
	free(lines);
}

/* The address without its query, and the parameters of both. */
static void keys_of(const char *url, struct dd_str form, struct dd_buf *where, struct dd_buf *what)
{
	struct dd_buf all = {0};
	address(where, url);
	char *query = strchr(where->p, '?');
	if (query) {
		dd_buf_str(&all, query + 1);
		where->n = (size_t)(query - where->p);
		*query = '\0';
	}
	if (form.n && all.n)
		dd_buf_char(&all, '&');
	dd_buf_add(&all, form.p ? form.p : "", form.n);
	parameters(what, (struct dd_str){all.p, all.n});
	dd_buf_free(&all);
	recordings_settle(where);
	recordings_settle(what);
}

/* -- writing ---------------------------------------------------------------- */

void tape_asks(
        struct dd_app *app, uint32_t step, const char *method, const char *url, struct dd_str form)
{
	struct dd_buf where = {0}, what = {0};
	if (!app->o.tape)
		return;
	if (!app->taped.n)
		dd_buf_str(&app->taped, TITLE);
	keys_of(url, form, &where, &what);
	struct tape_pending *p = &DD_PUSH(app->pending, app->npending, app->cap_pending);
	*p = (struct tape_pending){.step = step};
	dd_buf_format(&p->text, "\n> %s %s\n", method, where.p);
	dd_buf_str(&p->text, what.p ? what.p : "");
	dd_buf_free(&where);
	dd_buf_free(&what);
}

void tape_forget(struct dd_app *app)
{
	while (app->npending)
		dd_buf_free(&app->pending[--app->npending].text);
}

/* Several requests may be on their way: those that nobody waits for, and the next one. */
static bool write_asked(struct dd_app *app, uint32_t step)
{
	for (uint32_t i = 0; i < app->npending; i++) {
		struct tape_pending *p = &app->pending[i];
		if (p->step != step)
			continue;
		dd_buf_add(&app->taped, p->text.p, p->text.n);
		dd_buf_free(&p->text);
		app->npending--;
		memmove(p, p + 1, (app->npending - i) * sizeof *p);
		return true;
	}
	return false;
}

static bool is_kept(struct dd_str line)
{
	static const char *const kept[] = {"content-type:", "location:"};
	for (int i = 0; i < 2; i++)
		if (line.n >= strlen(kept[i]) && strncasecmp(line.p, kept[i], strlen(kept[i])) == 0)
			return true;
	return false;
}

/* What a person can read, and a terminal show. */
static bool is_text(struct dd_str body)
{
	for (size_t i = 0; i < body.n; i++)
		if (((unsigned char)body.p[i] < 0x20 && !strchr("\t\r\n", body.p[i])) ||
		        body.p[i] == 0x7F || !body.p[i])
			return false;
	return dd_utf8_valid(body) == body.n;
}

static void write_body(struct dd_buf *out, struct dd_str body)
{
	if (!is_text(body)) {
		for (size_t at = 0; at < body.n; at += 57) {
			dd_buf_char(out, '=');
			dd_buf_base64(out, (const unsigned char *)body.p + at,
			        body.n - at < 57 ? body.n - at : 57);
			dd_buf_char(out, '\n');
		}
		return;
	}
	for (size_t at = 0; at < body.n;) {
		const char *end = memchr(body.p + at, '\n', body.n - at);
		size_t n = end ? (size_t)(end - body.p) - at : body.n - at;
		dd_buf_char(out, '|');
		dd_buf_add(out, body.p + at, n);
		dd_buf_str(out, end ? "\n" : "\n\\\n");
		at += n + 1;
	}
}

void tape_answers(struct dd_app *app, uint32_t step, const struct dd_document_answer *a)
{
	struct dd_buf *out = &app->taped;
	if (!app->o.tape || !write_asked(app, step))
		return;
	size_t from = out->n;
	if (!a->status) {
		dd_buf_format(out, "< %s\n", a->error ? a->error : "broken");
		return;
	}
	dd_buf_format(out, "< %d\n", a->status);
	for (struct dd_str rest = a->headers; rest.n;) {
		const char *end = memchr(rest.p, '\n', rest.n);
		size_t n = end ? (size_t)(end - rest.p) : rest.n;
		if (is_kept((struct dd_str){rest.p, n})) {
			dd_buf_add(out, rest.p, n);
			dd_buf_char(out, '\n');
		}
		rest.p += n + (end != NULL);
		rest.n -= n + (end != NULL);
	}
	hide_credentials(out->p + from, out->n - from);
	write_body(out, is_text(a->body) ? shown_body(app, a->body) : a->body);
}

/* -- reading ---------------------------------------------------------------- */

static struct dd_str next_line(struct dd_str *rest)
{
	const char *end = memchr(rest->p, '\n', rest->n);
	struct dd_str line = {rest->p, end ? (size_t)(end - rest->p) : rest->n};
	rest->p += line.n + (end != NULL);
	rest->n -= line.n + (end != NULL);
	return line;
}

static int base64_value(char c)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(digits, c) : NULL;
	return at ? (int)(at - digits) : -1;
}

static void read_base64(struct dd_buf *out, struct dd_str line)
{
	uint32_t bits = 0;
	int have = 0;
	for (size_t i = 0; i < line.n && base64_value(line.p[i]) >= 0; i++) {
		bits = bits << 6 | (uint32_t)base64_value(line.p[i]);
		have += 6;
		if (have >= 8)
			dd_buf_char(out, (char)(bits >> (have -= 8) & 0xFF));
	}
}

static struct dd_str kept(struct dd_app *app, struct dd_buf *text)
{
	struct dd_str out = {dd_arena_copy(app->arena, text->p ? text->p : "", text->n), text->n};
	dd_buf_free(text);
	return out;
}

static bool read_request(struct dd_app *app, struct dd_str line, struct tape_entry *e)
{
	const char *blank = line.n > 2 ? memchr(line.p + 2, ' ', line.n - 2) : NULL;
	if (!blank)
		return false;
	struct dd_buf method = {0}, url = {0};
	dd_buf_add(&method, line.p + 2, (size_t)(blank - line.p) - 2);
	dd_buf_add(&url, blank + 1, line.n - (size_t)(blank + 1 - line.p));
	e->method = kept(app, &method);
	e->url = kept(app, &url);
	return true;
}

static bool read_status(struct dd_app *app, struct dd_str line, struct tape_entry *e)
{
	struct dd_str word = dd_str_trim((struct dd_str){line.p + 1, line.n - 1});
	if (!word.n)
		return false;
	if (word.p[0] >= '1' && word.p[0] <= '9') {
		for (size_t i = 0; i < word.n && word.p[i] >= '0' && word.p[i] <= '9'; i++)
			e->status = e->status < 1000 ? e->status * 10 + (word.p[i] - '0') : 1000;
	} else {
		e->error = dd_arena_copy(app->arena, word.p, word.n);
	}
	return e->error || (e->status >= 100 && e->status <= 999);
}

enum dd_status tape_read(struct dd_app *app, struct dd_str text, struct dd_error *err)
{
	const size_t n = sizeof TITLE - 1;
	if (text.n < n || memcmp(text.p, TITLE, n) != 0)
		return dd_fail(err, DD_ERR_FORMAT,
		        "this is no tape: its first line must be \"drydial tape 1\"");
	struct dd_str rest = {text.p + n, text.n - n};
	for (unsigned line_no = 2; rest.n;) {
		struct dd_str line = next_line(&rest);
		struct tape_entry e = {0};
		struct dd_buf what = {0}, headers = {0}, body = {0};
		line_no++;
		if (!line.n)
			continue;
		if (line.n < 3 || line.p[0] != '>' || !read_request(app, line, &e))
			return dd_fail(err, DD_ERR_FORMAT,
			        "line %u of the tape: a request begins with \"> METHOD URL\"",
			        line_no - 1);
		while (rest.n && rest.p[0] != '<') {
			line = next_line(&rest);
			line_no++;
			dd_buf_add(&what, line.p, line.n);
			dd_buf_char(&what, '\n');
		}
		line = rest.n ? next_line(&rest) : (struct dd_str){"", 0};
		line_no++;
		e.parameters = kept(app, &what);
		if (!line.n || !read_status(app, line, &e))
			return dd_fail(err, DD_ERR_FORMAT,
			        "line %u of the tape: an answer begins with \"< STATUS\"",
			        line_no - 1);
		while (rest.n && rest.p[0] != '\n' && rest.p[0] != '>') {
			line = next_line(&rest);
			line_no++;
			if (line.n && line.p[0] == '|') {
				dd_buf_add(&body, line.p + 1, line.n - 1);
				dd_buf_char(&body, '\n');
			} else if (line.n && line.p[0] == '=') {
				read_base64(&body, (struct dd_str){line.p + 1, line.n - 1});
			} else if (dd_str_is(line, "\\") && body.n) {
				body.n--;
			} else {
				dd_buf_add(&headers, line.p, line.n);
				dd_buf_char(&headers, '\n');
			}
		}
		e.headers = kept(app, &headers);
		e.body = kept(app, &body);
		DD_PUSH(app->tape, app->ntape, app->cap_tape) = e;
	}
	return DD_OK;
}

enum { LINES_TOLD = 8 };

/* Lines of `a` that `b` has not. */
static unsigned lines_missing(struct dd_str a, struct dd_str b, struct dd_buf *out)
{
	unsigned n = 0;
	while (a.n) {
		struct dd_str line = next_line(&a), rest = b;
		bool found = false;
		while (rest.n && !found)
			found = dd_str_same(next_line(&rest), line);
		if (found)
			continue;
		n++;
		if (out && n > LINES_TOLD) {
			dd_buf_str(out, n == LINES_TOLD + 1 ? ", …" : "");
		} else if (out) {
			dd_buf_str(out, out->n ? ", " : "");
			dd_buf_add(out, line.p, line.n > 80 ? 80 : line.n);
		}
	}
	return n;
}

static void tell_nearest(struct dd_app *app, const char *method, const char *where,
        struct dd_str what, struct dd_buf *why)
{
	size_t best = app->ntape;
	unsigned least = UINT32_MAX;
	for (size_t i = 0; i < app->ntape; i++) {
		const struct tape_entry *e = &app->tape[i];
		unsigned far = lines_missing(what, e->parameters, NULL) +
		        lines_missing(e->parameters, what, NULL) + (e->used ? 5 : 0) +
		        (dd_str_is(e->url, where) ? 0 : 100) +
		        (dd_str_is(e->method, method) ? 0 : 20);
		if (far < least) {
			least = far;
			best = i;
		}
	}
	dd_buf_format(why, "this request is new: %s %s", method, where);
	if (best == app->ntape) {
		dd_buf_str(why, "; the tape is empty");
		return;
	}
	const struct tape_entry *e = &app->tape[best];
	struct dd_buf here = {0}, there = {0};
	(void)lines_missing(what, e->parameters, &here);
	(void)lines_missing(e->parameters, what, &there);
	dd_buf_format(why, ", nearest is %.*s %.*s", (int)e->method.n, e->method.p, (int)e->url.n,
	        e->url.p);
	if (there.n || here.n)
		dd_buf_format(why, ", with %s in place of %s", there.n ? there.p : "nothing",
		        here.n ? here.p : "nothing");
	else if (e->used)
		dd_buf_str(why, ", which has been answered already");
	dd_buf_free(&here);
	dd_buf_free(&there);
}

struct tape_entry *tape_find(struct dd_app *app, const char *method, const char *url,
        struct dd_str form, struct dd_buf *why)
{
	struct dd_buf where = {0}, what = {0};
	struct tape_entry *found = NULL;
	keys_of(url, form, &where, &what);
	struct dd_str wanted = {what.p ? what.p : "", what.n};
	for (size_t i = 0; i < app->ntape && !found; i++) {
		struct tape_entry *e = &app->tape[i];
		if (!e->used && dd_str_is(e->method, method) && dd_str_is(e->url, where.p) &&
		        dd_str_same(e->parameters, wanted))
			found = e;
	}
	if (found)
		found->used = true;
	else
		tell_nearest(app, method, where.p, wanted, why);
	dd_buf_free(&where);
	dd_buf_free(&what);
	return found;
}
