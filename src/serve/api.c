/* From a request to the function that answers it: its route, who may ask, and how errors look.
 * Knows no socket. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/serving.h"

static const struct route {
	const char *method, *path;
	enum ask_shape shape;
	void (*answer)(struct ask *a);
} ROUTES[] = {
#define ROUTE(method, path, shape, function) {method, path, shape, function},
        API_ROUTES(ROUTE)
#undef ROUTE
};
enum { NROUTES = sizeof ROUTES / sizeof *ROUTES };

/* -- answers ---------------------------------------------------------------- */

static const char *reason(int status)
{
	switch (status) {
	case 400: return "Bad Request";
	case 401: return "Unauthorized";
	case 402: return "Payment Required";
	case 403: return "Forbidden";
	case 404: return "Not Found";
	case 405: return "Method Not Allowed";
	case 413: return "Payload Too Large";
	case 429: return "Too Many Requests";
	case 431: return "Request Header Fields Too Large";
	case 501: return "Not Implemented";
	case 503: return "Service Unavailable";
	default: return "Internal Server Error";
	}
}

/* The codes of the platform's second version have the HTTP status in front; those of its first are
 * words. */
static int code_of(int status)
{
	return status * 100 + (status == 400 ? 1 : 0);
}

static const char *word_of(int status, char word[40])
{
	const char *text = status == 429 ? "Rate Limit Exceeded" : reason(status);
	size_t n = 0;
	for (; text[n] && n < 39; n++)
		word[n] = text[n] >= 'a' && text[n] <= 'z' ? (char)(text[n] - 'a' + 'A')
		        : text[n] == ' '                   ? '_'
		                                           : text[n];
	word[n] = '\0';
	return word;
}

void api_fail(struct ask *a, int status, const char *format, ...)
{
	char text[3072], word[40];
	struct dd_buf *out = &a->out->body;
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	dd_buf_clear(out);
	a->out->first = false;
	a->out->status = status;
	a->out->hold = false;
	a->out->type = "application/json";
	if (a->shape == ASK_XML) {
		a->out->type = "application/xml; charset=utf-8";
		dd_buf_format(out,
		        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
		        "<TwilioResponse><RestException><Status>%d</Status><Message>",
		        status);
		dd_buf_xml(out, dd_str(text));
		dd_buf_format(out, "</Message><Code>%s</Code></RestException></TwilioResponse>\n",
		        word_of(status, word));
	} else if (a->shape == ASK_V2) {
		char id[33];
		new_sid(id);
		dd_buf_format(out, "{\"request_id\":\"%s\",\"method\":", id);
		dd_buf_json(out, dd_str(a->in->method));
		dd_buf_format(out,
		        ",\"http_code\":%d,\"response\":[{\"code\":%d,"
		        "\"error_data\":{\"code\":%d,\"message\":\"%s\",\"description\":",
		        status, status, code_of(status), reason(status));
		dd_buf_json(out, dd_str(text));
		dd_buf_str(out, "},\"status\":\"failure\",\"data\":null}]}\n");
	} else {
		dd_buf_format(out, "{\"RestException\":{\"Status\":%d,\"Message\":", status);
		dd_buf_json(out, dd_str(text));
		dd_buf_format(out, ",\"Code\":\"%s\"}}\n", word_of(status, word));
	}
}

void api_json(struct ask *a, json_t *root)
{
	char *text = json_dumps(root, JSON_COMPACT);
	a->out->type = "application/json";
	dd_buf_str(&a->out->body, text ? text : "null");
	dd_buf_char(&a->out->body, '\n');
	free(text);
	json_decref(root);
}

json_t *api_moment(int64_t at)
{
	char text[32];
	if (!at)
		return json_null();
	dd_time_rfc3339(at, text);
	return json_string(text);
}

/* -- values ----------------------------------------------------------------- */

static struct dd_str pair_named(const struct dd_param *list, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (dd_str_is(list[i].name, name))
			return list[i].value;
	return (struct dd_str){NULL, 0};
}

struct dd_str api_query(const struct ask *a, const char *name)
{
	return pair_named(a->in->query, a->in->nquery, name);
}

struct dd_str api_value(const struct ask *a, const char *name)
{
	static char rooms[8][32]; /* numbers as text, for a few values at once */
	static unsigned next;
	const json_t *value = a->json ? json_object_get(a->json, name) : NULL;
	struct dd_str text = pair_named(a->in->form, a->in->nform, name);
	if (text.p)
		return text;
	if (json_is_string(value))
		return (struct dd_str){json_string_value(value), json_string_length(value)};
	if (json_is_integer(value)) {
		char *room = rooms[next++ % 8];
		(void)snprintf(room, sizeof rooms[0], "%lld", (long long)json_integer_value(value));
		return dd_str(room);
	}
	if (json_is_boolean(value))
		return dd_str(json_is_true(value) ? "true" : "false");
	return api_query(a, name);
}

bool api_number(struct ask *a, const char *name, int64_t low, int64_t high, int64_t *out)
{
	struct dd_str text = api_value(a, name);
	char *end;
	if (!text.p || !text.n)
		return true;
	int64_t value = text.n < 19 ? strtoll(text.p, &end, 10) : 0;
	if (text.n >= 19 || *end || value < low || value > high ||
	        (text.p[0] != '-' && (text.p[0] < '0' || text.p[0] > '9'))) {
		api_fail(a, 400, "%s must be a whole number from %lld to %lld", name,
		        (long long)low, (long long)high);
		return false;
	}
	*out = value;
	return true;
}

/* -- who may ask ------------------------------------------------------------ */

static bool is_account(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.",
		            text.p[i]))
			return false;
	return text.n > 0 && text.n < 64;
}

static bool same_secret(const char *a, const char *b)
{
	size_t n = strlen(a), m = strlen(b);
	unsigned char differ = n != m;
	for (size_t i = 0; i < n; i++)
		differ |= (unsigned char)(a[i] ^ b[m ? i % m : 0]);
	return !differ;
}

/* Older clients give the account's SID as the name, and the token. */
static bool is_sid_and_token(const struct ask *a, const char *given)
{
	struct dd_str sid = a->part[0];
	struct dd_buf plain = {0}, basic = {0};
	if (a->shape == ASK_SIDE || !is_account(sid))
		return false;
	dd_buf_format(&plain, "%.*s%s", (int)sid.n, sid.p, strchr(a->server->credentials, ':'));
	dd_buf_base64(&basic, (const unsigned char *)plain.p, plain.n);
	bool same = same_secret(given, basic.p);
	dd_buf_free(&plain);
	dd_buf_free(&basic);
	return same;
}

static bool knows_credentials(const struct ask *a)
{
	const char *given = a->in->authorization;
	if (!given || strncasecmp(given, "Basic ", 6) != 0)
		return false;
	given += 6 + strspn(given + 6, " ");
	return same_secret(given, a->server->basic) || is_sid_and_token(a, given) ||
	        (a->shape != ASK_SIDE && a->server->o->any_credentials);
}

/* The name in Host without its port. */
static bool is_this_machine(const char *host)
{
	static const char *const names[] = {"127.0.0.1", "localhost", "[::1]"};
	size_t n = host ? strcspn(host, host[0] == '[' ? "]" : ":") : 0;
	n += host && host[0] == '[' && host[n] == ']';
	if (host && host[n] && host[n] != ':')
		return false;
	for (size_t i = 0; i < 3; i++)
		if (n == strlen(names[i]) && strncasecmp(host, names[i], n) == 0)
			return true;
	return false;
}

/* "http://HOST" or "https://HOST", of the Host that was asked: a proxy may stand in between. */
static bool is_own_origin(const char *origin, const char *host)
{
	size_t n = strncmp(origin, "https://", 8) == 0 ? 8
	        : strncmp(origin, "http://", 7) == 0   ? 7
	                                               : 0;
	return n && host && strcasecmp(origin + n, host) == 0;
}

/* A page of somebody else, open in the same browser, must reach neither the side door nor the API,
   for which the browser may know the credentials. A program sends none of these headers but Host. A
   name of another machine that leads here is such a page's, too; of the API it may be a program's,
   which has to know the credentials. */
static const char *foreign(const struct ask *a)
{
	const struct dd_http_in *in = a->in;
	if (a->shape == ASK_SIDE && !a->server->o->guarded && !is_this_machine(in->host))
		return "this server is for this machine: ask it as 127.0.0.1 or localhost";
	if (in->fetch_site && strcmp(in->fetch_site, "same-origin") != 0 &&
	        strcmp(in->fetch_site, "none") != 0)
		return "pages of other sites may not ask this";
	if (in->origin && !is_own_origin(in->origin, in->host))
		return "pages of other sites may not ask this";
	return NULL;
}

static bool may_ask(struct ask *a)
{
	bool side = a->shape == ASK_SIDE;
	const char *fault = foreign(a);
	if (fault) {
		api_fail(a, 403, "%s", fault);
		return false;
	}
	if ((side && !a->server->o->guarded) || knows_credentials(a))
		return true;
	a->out->challenge = "Basic realm=\"drydial\", charset=\"UTF-8\"";
	api_fail(a, 401,
	        a->in->authorization
	                ? "the key and token are not those that drydial serve was started with, "
	                  "or printed when it started"
	                : "this needs HTTP Basic credentials: the key and token that drydial "
	                  "serve was started with, or printed when it started");
	return false;
}

/* -- routes ----------------------------------------------------------------- */

static bool is_json_name(struct dd_str part)
{
	return part.n > 5 && memcmp(part.p + part.n - 5, ".json", 5) == 0;
}

/* Clients write "Accounts" and "accounts" in both versions of the API, the platform's own samples
 * "SMS/send" and "Sms/send", and the platform takes them all. */
static bool is_part(struct dd_str have, const char *want, size_t n)
{
	return have.n == n &&
	        (memcmp(have.p, want, n) == 0 ||
	                (((n == 8 && strncasecmp(want, "accounts", n) == 0) ||
	                         (n == 3 && strncasecmp(want, "sms", n) == 0)) &&
	                        strncasecmp(have.p, want, n) == 0));
}

/* Whether `path` is that of a route; its stars go to `part`. `*json`: the last part ended in .json.
 * As the platform does, it takes several slashes for one, and none for one at the end. */
static bool match(const struct route *r, const char *path, struct dd_str part[3], bool *json)
{
	const char *want = r->path;
	size_t stars = 0;
	*json = false;
	for (;;) {
		size_t slashes = strspn(path, "/");
		if (*want != '/' || !slashes)
			return !*want && !path[slashes];
		path += slashes;
		size_t n = strcspn(++want, "/"), m = strcspn(path, "/");
		struct dd_str have = {path, m};
		if (r->shape <= ASK_JSON && !path[m + strspn(path + m, "/")] &&
		        is_json_name(have)) {
			have.n -= 5;
			*json = true;
		}
		if (n == 1 && *want == '*') {
			if (!have.n)
				return false;
			part[stars++] = have;
		} else if (!is_part(have, want, n)) {
			return false;
		}
		want += n;
		path += m;
	}
}

static bool ends_in_star(const struct route *r)
{
	return r->path[strlen(r->path) - 1] == '*';
}

static const struct route *route_of(struct ask *a)
{
	const struct route *other = NULL;
	const char *method = strcmp(a->in->method, "HEAD") == 0 ? "GET" : a->in->method;
	bool json;
	for (int i = 0; i < NROUTES; i++) {
		struct dd_str part[3];
		if (!match(&ROUTES[i], a->in->path, part, &json))
			continue;
		a->shape = json ? ASK_JSON : ROUTES[i].shape;
		/* a name of ours is no id, whatever the method */
		if (other && ends_in_star(&ROUTES[i]) && !ends_in_star(other))
			continue;
		if (strcmp(ROUTES[i].method, method) == 0) {
			memcpy(a->part, part, sizeof part);
			a->out->allow[0] = '\0';
			return &ROUTES[i];
		}
		other = &ROUTES[i];
		size_t n = strlen(a->out->allow);
		if (!strstr(a->out->allow, other->method))
			(void)snprintf(a->out->allow + n, sizeof a->out->allow - n, "%s%s",
			        n ? ", " : "", other->method);
	}
	if (!other || other->answer == phones_list || other->answer == phones_change) {
		static const struct route decline = {"", "", ASK_JSON, account_decline};
		a->shape = strncmp(a->in->path, "/v2/", 4) == 0 ? ASK_V2
		        : strncmp(a->in->path, "/v1/", 4) == 0 && !is_json_name(dd_str(a->in->path))
		        ? ASK_XML
		        : ASK_JSON;
		a->out->allow[0] = '\0';
		if (account_not_simulated(a->in->path, &a->part[0]))
			return &decline; /* the platform has it */
		api_fail(a, 404,
		        "there is nothing at this address; drydial serve --help lists what "
		        "there is");
	} else {
		api_fail(a, 405, "this address takes %s", a->out->allow);
	}
	return NULL;
}

static bool texts_are_fine(struct ask *a, const struct dd_param *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dd_str name = list[i].name, value = list[i].value;
		if (dd_utf8_valid(name) == name.n && dd_utf8_valid(value) == value.n &&
		        !memchr(name.p, '\0', name.n) && !memchr(value.p, '\0', value.n))
			continue;
		api_fail(a, 400, "%.64s is not UTF-8, or has a NUL in it",
		        dd_utf8_valid(name) == name.n ? name.p : "a name");
		return false;
	}
	return true;
}

static bool body_is_fine(struct ask *a)
{
	json_error_t error;
	switch (a->in->fault) {
	case DD_HTTP_TOO_LARGE:
		api_fail(a, 413, "a body may have at most 1,048,576 bytes");
		return false;
	case DD_HTTP_HEADERS_TOO_LARGE:
		api_fail(a, 431, "the headers may have at most 16,384 bytes together");
		return false;
	case DD_HTTP_BAD_FORM:
		api_fail(a, 400,
		        "the body is not a form: a name is too long, a percent sign is not "
		        "followed by two hex digits, or it ends too early");
		return false;
	case DD_HTTP_TWO_LENGTHS:
		api_fail(a, 400,
		        "the request has more than one Content-Length or Transfer-Encoding: how "
		        "long its body is cannot be known");
		return false;
	case DD_HTTP_BAD_HEADER:
		api_fail(a, 400, "the name of a header has a blank in it, or is missing");
		return false;
	case DD_HTTP_BAD_CODING:
		api_fail(a, 400, "the only Transfer-Encoding that is taken is chunked");
		return false;
	case DD_HTTP_BAD_ADDRESS: api_fail(a, 400, "the address has a NUL in it"); return false;
	case DD_HTTP_FINE: break;
	}
	if (!texts_are_fine(a, a->in->query, a->in->nquery) ||
	        !texts_are_fine(a, a->in->form, a->in->nform))
		return false;
	if (!a->in->json)
		return true;
	a->json = json_loadb(a->in->body.p, a->in->body.n, JSON_REJECT_DUPLICATES, &error);
	if (a->json)
		return true;
	api_fail(a, 400, "the body is not JSON: line %d, column %d: %s", error.line, error.column,
	        error.text);
	return false;
}

static void answer(struct ask *a, const struct route *r)
{
	struct dd_http_out *out = a->out;
	if (!r || !may_ask(a))
		return;
	if (dd_ledger_fault(a->server->ledger)) {
		api_fail(a, 500, "%s", dd_ledger_fault(a->server->ledger));
		return;
	}
	if (!body_is_fine(a))
		return;
	if (a->shape != ASK_SIDE && !is_account(a->part[0])) {
		api_fail(a, 404, "that is no account");
	} else if (a->shape != ASK_SIDE && a->server->refuse_times > 0) {
		a->server->refuse_times--;
		api_fail(a, a->server->refuse_status, "%s, as was asked for with /_drydial/next",
		        reason(a->server->refuse_status));
	} else {
		if (a->shape != ASK_SIDE)
			(void)snprintf(a->account, sizeof a->account, "%.*s", (int)a->part[0].n,
			        a->part[0].p);
		a->server->faults.placed[0] = '\0';
		r->answer(a);
		/* what could not be read is no answer */
		if (dd_ledger_fault(a->server->ledger) && !out->stream)
			api_fail(a, 500, "%s", dd_ledger_fault(a->server->ledger));
	}
	json_decref(a->json);
	if (a->shape != ASK_SIDE && out->status < 300 && dd_ledger_dirty(a->server->ledger))
		faults_answer(a);
	/* what an answer promises must be on disk first */
	if (!out->stream && dd_ledger_dirty(a->server->ledger))
		out->hold = true; /* after a fault, too: it is refused with the rest */
}

void api_handle(void *self, const struct dd_http_in *in, struct dd_http_out *out)
{
	struct ask a = {.server = self, .in = in, .out = out};
	clock_tick(&a.server->clock);
	const struct route *r = route_of(&a);
	answer(&a, r);
	if (a.shape != ASK_SIDE)
		reach_count(a.server, in->method, r && *r->path ? r->path : in->path,
		        out->status ? out->status : 200);
}
