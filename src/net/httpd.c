/* libmicrohttpd, run from outside (external epoll). The only file that includes its header. */
#include "net/httpd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <microhttpd.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/library.h"
#include "net/certs.h"

/* clang-format off */
#define FUNCTIONS(X) \
	X(MHD_start_daemon) X(MHD_stop_daemon) X(MHD_get_daemon_info) X(MHD_run) \
	X(MHD_get_connection_values_n) X(MHD_lookup_connection_value) \
	X(MHD_create_response_from_fd) X(MHD_create_response_from_buffer) \
	X(MHD_create_response_from_callback) \
	X(MHD_add_response_header) X(MHD_queue_response) X(MHD_destroy_response) \
	X(MHD_get_connection_info) X(MHD_suspend_connection) X(MHD_resume_connection) \
	X(MHD_create_post_processor) X(MHD_post_process) X(MHD_destroy_post_processor) \
	X(MHD_get_timeout) X(MHD_quiesce_daemon) X(MHD_add_connection)
/* clang-format on */
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

static enum dd_status open_library(struct dd_error *err)
{
	static const char *const names[] = {"libmicrohttpd.so.12", "libmicrohttpd.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	return lib.MHD_start_daemon ? DD_OK : dd_library_open(names, symbols, err);
}

enum { PAIRS_MAX = 20000, FORM_NAME_MAX = 256, KEPT_ROOM = 256 * 1024, FLUSHES = 8 };

/* A connection. The library closes one that is silent; one that drips a byte now and then would
   keep its place for ever, and a few thousand of them would leave none for others. */
struct peer {
	int fd;
	bool tls;
	bool at_work; /* a request is being read, or an answer goes out; not: one is held back, or a
	                 stream */
	int64_t since;       /* seconds */
	struct visit *visit; /* its request; the library forgets one that it cannot read */
	struct peer *next, **link;
};

/* A request on its way, and the answer that waits to go out. */
struct visit {
	struct dd_httpd *httpd;
	struct MHD_Connection *connection;
	struct dd_buf body;
	bool begun, bad_address, too_large, answered;
	bool owed;    /* it is counted in `owed` */
	bool last;    /* its body is not read: nothing more is read of the connection */
	bool refused; /* what was to be answered came to nothing, or there was no answer yet: the
	                 handler is asked again */
	struct dd_http_out out;
	int64_t until;      /* of an answer that is late, in ms; 0: it could not have gone yet */
	struct visit *next; /* of those held back */
};

/* What was written at once stands behind its length: who reads no more hears it to its end. */
struct dd_stream {
	struct MHD_Connection *connection;
	struct dd_buf waiting; /* from `at` on not yet sent, up to `free` released */
	size_t at, free;
	uint32_t left; /* at `at`, of what was written at once */
	struct dd_str last;
	bool asleep, ended;
	void (*gone)(void *self);
	void *self;
	struct dd_httpd *httpd;
	struct dd_stream *next, **link;
};

struct dd_httpd {
	struct MHD_Daemon *daemon;
	struct MHD_Daemon *tls; /* NULL: none. It has no listener, */
	struct dd_front *front; /* nor has the other one: they are given what arrives here */
	struct dd_httpd_options o;
	unsigned n;      /* connections */
	bool giving_tls; /* the one that is being given to a daemon */
	struct visit *held;
	size_t nheld, owed; /* owed: released, not written yet, and others wait for it */
	bool closing, ending;
	bool due;     /* connections were resumed: the library wakes nobody for them */
	bool written; /* streams have something to be released */
	struct dd_stream *streams;
	size_t behind; /* bytes that wait for all of them */
	struct peer *peers;
	int64_t looked; /* when they were looked at last */
	uint16_t port;
	int fd;
	/* of the request at hand; kept for the next one */
	struct dd_param *query, *form;
	size_t nquery, cap_query, nform, cap_form;
};

/* -- forms ------------------------------------------------------------------ */

/* Decodes in place; SIZE_MAX when a percent sign is not followed by two hex digits, or stands for
 * NUL. */
static size_t decode(char *text, size_t n)
{
	size_t to = 0;
	for (size_t at = 0; at < n; at++) {
		char c = text[at];
		if (c == '%') {
			int byte = dd_percent_byte((struct dd_str){text, n}, at);
			if (byte <= 0)
				return SIZE_MAX;
			c = (char)byte;
			at += 2;
		} else if (c == '+') {
			c = ' ';
		} else if (c == '\0') {
			return SIZE_MAX;
		}
		text[to++] = c;
	}
	text[to] = '\0';
	return to;
}

/* `text` has a byte behind its end that may be written. */
bool dd_form_read(char *text, size_t n, struct dd_param **pairs, size_t *npairs)
{
	size_t cap = 0;
	*pairs = NULL;
	*npairs = 0;
	for (size_t at = 0; at < n;) {
		char *item = text + at, *end = memchr(item, '&', n - at);
		size_t length = end ? (size_t)(end - item) : n - at;
		at += length + 1;
		if (!length)
			continue;
		char *equals = memchr(item, '=', length);
		size_t name = equals ? (size_t)(equals - item) : length,
		       value = equals ? length - name - 1 : 0;
		/* the last byte of each half is followed by one that may become its NUL */
		size_t nname, nvalue = 0;
		char *behind = item + name + (equals ? 1 : 0);
		if (equals && (nvalue = decode(behind, value)) == SIZE_MAX)
			return false;
		if ((nname = decode(item, name)) == SIZE_MAX || *npairs == PAIRS_MAX)
			return false;
		DD_PUSH(*pairs, *npairs, cap) = (struct dd_param){{item, nname},
		        equals ? (struct dd_str){behind, nvalue} : (struct dd_str){"", 0}};
	}
	return true;
}

struct parts {
	struct dd_httpd *httpd;
	struct dd_buf texts; /* name NUL value NUL … : pairs are made of it at the end */
	size_t n;
	char last[FORM_NAME_MAX];
	bool failed;
};

/* A part comes in pieces; those of one part have rising offsets. */
static enum MHD_Result on_part(void *self, enum MHD_ValueKind kind, const char *key,
        const char *file, const char *type, const char *encoding, const char *data, uint64_t offset,
        size_t n)
{
	struct parts *p = self;
	(void)kind, (void)file, (void)type, (void)encoding;
	if (!key || strlen(key) >= FORM_NAME_MAX || p->n >= PAIRS_MAX ||
	        memchr(data ? data : "", '\0', data ? n : 0)) {
		p->failed = true;
		return MHD_NO;
	}
	if (offset == 0 || !p->n) {
		if (p->n++)
			dd_buf_char(&p->texts, '\0');
		dd_buf_add(&p->texts, key, strlen(key) + 1);
	}
	if (n)
		dd_buf_add(&p->texts, data, n);
	return MHD_YES;
}

static bool read_multipart(struct visit *v, struct dd_buf *texts)
{
	struct dd_httpd *h = v->httpd;
	struct parts p = {.httpd = h};
	struct MHD_PostProcessor *processor =
	        lib.MHD_create_post_processor(v->connection, 65536, on_part, &p);
	bool fine = processor != NULL;
	if (processor) {
		fine = lib.MHD_post_process(processor, v->body.p ? v->body.p : "", v->body.n) ==
		        MHD_YES;
		fine &= lib.MHD_destroy_post_processor(processor) == MHD_YES;
	}
	if (p.n)
		dd_buf_char(&p.texts, '\0');
	fine &= p.n > 0;
	*texts = p.texts;
	for (size_t at = 0; at < p.texts.n;) {
		struct dd_str name = dd_str(p.texts.p + at),
		              value = dd_str(p.texts.p + at + name.n + 1);
		DD_PUSH(h->form, h->nform, h->cap_form) = (struct dd_param){name, value};
		at += name.n + value.n + 2;
	}
	return fine && !p.failed;
}

static bool is_json(const struct dd_buf *body)
{
	size_t at = 0;
	while (at < body->n && strchr(" \t\r\n", body->p[at]))
		at++;
	return at < body->n && (body->p[at] == '{' || body->p[at] == '[');
}

/* -- connections ------------------------------------------------------------ */

static void free_visit(struct visit *v)
{
	if (!v)
		return;
	if (v->owed)
		v->httpd->owed--;
	dd_buf_free(&v->body);
	dd_buf_free(&v->out.body);
	free(v);
}

static struct peer *peer_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info =
	        lib.MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
	return info ? info->socket_context : NULL;
}

static int64_t ms_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int64_t seconds_now(void)
{
	return ms_now() / 1000;
}

static void on_connection(void *self, struct MHD_Connection *c, void **context,
        enum MHD_ConnectionNotificationCode what)
{
	struct dd_httpd *h = self;
	struct peer *p = *context;
	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		p = dd_alloc(sizeof *p);
		*p = (struct peer){
		        .fd = lib.MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD)
		                      ->connect_fd,
		        .tls = h->giving_tls,
		        .at_work = true,
		        .since = seconds_now(),
		        .next = h->peers,
		        .link = &h->peers};
		if (p->next)
			p->next->link = &p->next;
		h->peers = p;
		h->n++;
		*context = p;
	} else if (p) {
		h->n--;
		*p->link = p->next;
		if (p->next)
			p->next->link = p->link;
		free_visit(p->visit);
		free(p);
		*context = NULL;
	}
}

static void note_work(struct MHD_Connection *c, bool at_work)
{
	struct peer *p = peer_of(c);
	if (!p)
		return;
	p->at_work = at_work;
	p->since = seconds_now();
}

/* The library finds the end of those that are shut down here, and closes them. */
static void drop_dawdlers(struct dd_httpd *h)
{
	int64_t now = seconds_now();
	if (now == h->looked)
		return;
	h->looked = now;
	for (struct peer *p = h->peers; p; p = p->next)
		if (p->at_work && now - p->since > DD_HTTPD_REQUEST_S)
			(void)shutdown(p->fd, SHUT_RDWR);
}

/* -- requests --------------------------------------------------------------- */

static enum MHD_Result on_query(void *self, enum MHD_ValueKind kind, const char *key, size_t nkey,
        const char *value, size_t nvalue)
{
	struct dd_httpd *h = self;
	(void)kind;
	if (h->nquery < PAIRS_MAX)
		DD_PUSH(h->query, h->nquery, h->cap_query) = (struct dd_param){{key, nkey},
		        value ? (struct dd_str){value, nvalue} : (struct dd_str){"", 0}};
	return MHD_YES;
}

struct heads {
	size_t bytes;
	unsigned lengths, codings; /* Content-Length, Transfer-Encoding */
	bool chunked, bad_name;
};

static bool is_name(const char *key, size_t n, const char *name)
{
	return n == strlen(name) && strncasecmp(key, name, n) == 0;
}

static enum MHD_Result on_header(void *self, enum MHD_ValueKind kind, const char *key, size_t nkey,
        const char *value, size_t nvalue)
{
	struct heads *h = self;
	(void)kind;
	h->bytes += nkey + nvalue;
	h->bad_name |= !nkey || memchr(key, ' ', nkey) || memchr(key, '\t', nkey);
	h->lengths += is_name(key, nkey, "Content-Length");
	if (is_name(key, nkey, "Transfer-Encoding")) {
		h->codings++;
		h->chunked = is_name(value, nvalue, "chunked");
	}
	return MHD_YES;
}

/* What stands between this server and its client may read a body of two lengths otherwise: what is
 * a body for one is another request for the other. */
static enum dd_http_fault fault_of(const struct heads *h)
{
	return h->bytes > DD_HTTPD_HEADERS_MAX  ? DD_HTTP_HEADERS_TOO_LARGE
	        : h->bad_name                   ? DD_HTTP_BAD_HEADER
	        : h->lengths + h->codings > 1   ? DD_HTTP_TWO_LENGTHS
	        : h->codings > 0 && !h->chunked ? DD_HTTP_BAD_CODING
	                                        : DD_HTTP_FINE;
}

static const char *header(struct MHD_Connection *c, const char *name)
{
	return lib.MHD_lookup_connection_value(c, MHD_HEADER_KIND, name);
}

static void add_header(struct MHD_Response *r, const char *name, const char *value)
{
	if (value)
		(void)lib.MHD_add_response_header(r, name, value);
}

/* Memory is that of what waits, not of what has ever waited. */
static void make_room(struct dd_stream *s)
{
	if (s->at < s->waiting.n && (s->at < KEPT_ROOM || s->at < s->waiting.n / 2))
		return;
	struct dd_buf rest = {0};
	if (s->at < s->waiting.n || s->waiting.cap > KEPT_ROOM) {
		dd_buf_add(&rest, s->waiting.p + s->at, s->waiting.n - s->at);
		dd_buf_free(&s->waiting);
		s->waiting = rest;
	} else {
		dd_buf_clear(&s->waiting);
	}
	s->free -= s->at;
	s->at = 0;
}

static ssize_t read_stream(void *self, uint64_t position, char *to, size_t room)
{
	struct dd_stream *s = self;
	size_t done = 0, before = s->at;
	(void)position;
	if (s->at == s->free && s->ended && s->free == s->waiting.n)
		return MHD_CONTENT_READER_END_OF_STREAM;
	if (s->at == s->free) {
		s->asleep = true;
		lib.MHD_suspend_connection(s->connection);
		return 0;
	}
	while (done < room && s->at < s->free) {
		if (!s->left) {
			memcpy(&s->left, s->waiting.p + s->at, sizeof s->left);
			s->at += sizeof s->left;
		}
		size_t n = s->left < room - done ? s->left : room - done;
		memcpy(to + done, s->waiting.p + s->at, n);
		done += n;
		s->at += n;
		s->left -= (uint32_t)n;
	}
	s->httpd->behind -= s->at - before;
	make_room(s);
	return (ssize_t)done;
}

static void free_stream(void *self)
{
	struct dd_stream *s = self;
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->httpd->behind -= s->waiting.n - s->at;
	s->gone(s->self);
	dd_buf_free(&s->waiting);
	free(s);
}

/* Half of an answer, and then no more, though its length was said. */
static ssize_t read_half(void *self, uint64_t position, char *to, size_t room)
{
	struct dd_buf *body = self;
	size_t left = body->n / 2 - (size_t)position, n = left < room ? left : room;
	if (!n)
		return MHD_CONTENT_READER_END_WITH_ERROR;
	memcpy(to, body->p + position, n);
	return (ssize_t)n;
}

static void free_half(void *self)
{
	struct dd_buf *body = self;
	dd_buf_free(body);
	free(body);
}

static struct MHD_Response *half_of(struct dd_http_out *o)
{
	struct dd_buf *body = dd_alloc(sizeof *body);
	*body = o->body;
	o->body = (struct dd_buf){0};
	return lib.MHD_create_response_from_callback(body->n, 4096, read_half, body, free_half);
}

static struct MHD_Response *response_of(struct visit *v)
{
	struct dd_http_out *o = &v->out;
	if (o->cut == DD_HTTP_HALF)
		return half_of(o);
	if (o->file)
		return lib.MHD_create_response_from_fd(o->file_bytes, o->file);
	if (!o->stream) {
		struct MHD_Response *r = lib.MHD_create_response_from_buffer(o->body.n, o->body.p,
		        o->body.p ? MHD_RESPMEM_MUST_FREE : MHD_RESPMEM_PERSISTENT);
		o->body = (struct dd_buf){0};
		return r;
	}
	struct dd_stream *s = o->stream;
	s->connection = v->connection;
	s->httpd = v->httpd;
	s->next = v->httpd->streams;
	s->link = &v->httpd->streams;
	if (s->next)
		s->next->link = &s->next;
	v->httpd->streams = s;
	v->httpd->behind += s->waiting.n - s->at;
	v->httpd->written = true;
	return lib.MHD_create_response_from_callback(
	        MHD_SIZE_UNKNOWN, 16384, read_stream, s, free_stream);
}

static void add_limits(struct MHD_Response *r, const struct dd_http_out *o)
{
	char text[24];
	(void)snprintf(text, sizeof text, "%u", o->limit);
	add_header(r, "X-RateLimit-Limit", text);
	(void)snprintf(text, sizeof text, "%u", o->remaining);
	add_header(r, "X-RateLimit-Remaining", text);
	(void)snprintf(text, sizeof text, "%lld", (long long)o->reset);
	add_header(r, "X-RateLimit-Reset", text);
}

static enum MHD_Result send_answer(struct visit *v)
{
	struct dd_http_out *o = &v->out;
	struct MHD_Response *r = o->cut == DD_HTTP_NOTHING ? NULL : response_of(v);
	if (!r)
		return MHD_NO;
	char seconds[16];
	add_header(r, "Content-Type", o->type);
	add_header(r, "Cache-Control", "no-store");
	add_header(r, "X-Content-Type-Options", "nosniff");
	add_header(r, "WWW-Authenticate", o->challenge);
	add_header(r, "Content-Security-Policy", o->policy);
	add_header(r, "Allow", o->allow[0] ? o->allow : NULL);
	if (v->last)
		add_header(r, "Connection", "close");
	if (o->retry_after_s) {
		(void)snprintf(seconds, sizeof seconds, "%d", o->retry_after_s);
		add_header(r, "Retry-After", seconds);
	}
	if (o->limit)
		add_limits(r, o);
	note_work(v->connection, !o->stream);
	enum MHD_Result result =
	        lib.MHD_queue_response(v->connection, (unsigned)(o->status ? o->status : 200), r);
	lib.MHD_destroy_response(r);
	return result;
}

static enum MHD_Result handle(
        struct visit *v, const char *path, const char *method, enum dd_http_fault fault)
{
	struct dd_httpd *h = v->httpd;
	struct MHD_Connection *c = v->connection;
	struct dd_http_in in = {.method = method,
	        .path = path,
	        .fault = fault,
	        .authorization = header(c, "Authorization"),
	        .host = header(c, "Host"),
	        .origin = header(c, "Origin"),
	        .fetch_site = header(c, "Sec-Fetch-Site")};
	struct dd_opening_line whole;
	if (dd_absolute_read(path, &whole, &in.path)) {
		/* one request to a proxy: the next may be for another server */
		v->last = true;
		in.host = whole.host;
	}
	struct dd_buf texts = {0};
	struct dd_param *own = NULL;
	const char *type = header(c, "Content-Type");
	h->nquery = h->nform = 0;
	(void)lib.MHD_get_connection_values_n(c, MHD_GET_ARGUMENT_KIND, on_query, h);
	in.json = is_json(&v->body);
	if (!fault && v->body.n && !in.json) {
		if (type && strncasecmp(type, "multipart/form-data", 19) == 0) {
			in.fault = read_multipart(v, &texts) ? DD_HTTP_FINE : DD_HTTP_BAD_FORM;
			in.form = h->form, in.nform = h->nform;
		} else {
			in.fault = dd_form_read(v->body.p, v->body.n, &own, &in.nform)
			        ? DD_HTTP_FINE
			        : DD_HTTP_BAD_FORM;
			in.form = own;
		}
	}
	in.query = h->query;
	in.nquery = h->nquery;
	in.body = (struct dd_str){v->body.p ? v->body.p : "", v->body.n};
	h->o.handler(h->o.self, &in, &v->out);
	dd_buf_free(&texts);
	free(own);
	v->answered = true;
	if (!v->out.hold)
		return send_answer(v);
	v->next = h->held;
	h->held = v;
	h->nheld += !v->out.not_before && !v->out.late_ms;
	note_work(c, false);
	lib.MHD_suspend_connection(c);
	return MHD_YES;
}

/* The library takes an address apart before anyone is asked, and has no room for many values: it
   would close the connection without a word. */
static void refuse_values(const struct peer *p, struct MHD_Connection *c)
{
	static const char answer[] =
	        "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\n"
	        "Content-Type: text/plain; charset=utf-8\r\nContent-Length: 44\r\n\r\n"
	        "an address may have at most 400 values in it";
	if (p->tls)
		dd_tls_last_words(lib.MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION)
		                          ->tls_session,
		        answer, sizeof answer - 1);
	else
		(void)send(p->fd, answer, sizeof answer - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(p->fd, SHUT_WR);
}

/* Called with the address as it came, before it is decoded: a NUL in it would end our texts too
 * early. */
static void *on_address(void *self, const char *uri, struct MHD_Connection *c)
{
	struct visit *v = dd_alloc(sizeof *v);
	struct peer *p = peer_of(c);
	size_t values = 0;
	(void)self;
	v->bad_address = strstr(uri, "%00") != NULL;
	for (const char *at = uri; (at = strpbrk(at, "?&")); at++)
		values++;
	if (p) {
		free_visit(p->visit);
		p->visit = v;
	}
	if (p && values > DD_HTTPD_VALUES_MAX)
		refuse_values(p, c);
	return v;
}

static enum MHD_Result on_request(void *self, struct MHD_Connection *c, const char *url,
        const char *method, const char *version, const char *data, size_t *n, void **state)
{
	struct dd_httpd *h = self;
	struct visit *v = *state;
	(void)version;
	if (!v || (h->closing && !v->answered))
		return MHD_NO;
	if (!v->begun) {
		struct heads heads = {0};
		v->begun = true;
		v->httpd = h;
		v->connection = c;
		(void)lib.MHD_get_connection_values_n(c, MHD_HEADER_KIND, on_header, &heads);
		const char *length = header(c, "Content-Length");
		if (fault_of(&heads)) {
			v->last = true;
			return handle(v, url, method, fault_of(&heads));
		}
		/* one that is not much too large is read to its end, so that the client hears why
		 */
		v->last = length && strtoull(length, NULL, 10) > (uint64_t)16 * DD_HTTPD_BODY_MAX;
		if (v->last)
			return handle(v, url, method, DD_HTTP_TOO_LARGE);
		return MHD_YES;
	}
	if (*n) {
		if (v->body.n + *n > DD_HTTPD_BODY_MAX)
			v->too_large = true;
		else
			dd_buf_add(&v->body, data, *n);
		*n = 0;
		return MHD_YES;
	}
	if (v->answered && !v->refused)
		return send_answer(v);
	if (v->refused) {
		dd_buf_free(&v->out.body);
		v->out = (struct dd_http_out){0};
		v->refused = false;
	}
	return handle(v, url, method,
	        v->too_large             ? DD_HTTP_TOO_LARGE
	                : v->bad_address ? DD_HTTP_BAD_ADDRESS
	                                 : DD_HTTP_FINE);
}

static void on_completed(
        void *self, struct MHD_Connection *c, void **state, enum MHD_RequestTerminationCode why)
{
	struct visit *v = *state;
	(void)self, (void)why;
	struct peer *p = peer_of(c);
	note_work(c, true); /* the next one is waited for */
	if (p && p->visit == v)
		p->visit = NULL;
	free_visit(v);
	*state = NULL;
}

static void wake(struct dd_stream *s)
{
	if (!s->asleep)
		return;
	s->asleep = false;
	s->httpd->due = true;
	lib.MHD_resume_connection(s->connection);
}

/* -- the server ------------------------------------------------------------- */

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static bool address_of(const char *text, uint16_t port, union address *out)
{
	*out = (union address){0};
	if (inet_pton(AF_INET, text, &out->v4.sin_addr) == 1) {
		out->v4.sin_family = AF_INET;
		out->v4.sin_port = htons(port);
		return true;
	}
	out->v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
	return inet_pton(AF_INET6, text, &out->v6.sin6_addr) == 1;
}

static struct MHD_Daemon *start(struct dd_httpd *h, unsigned flags, const struct sockaddr *address,
        struct MHD_OptionItem *more)
{
	flags |= MHD_USE_EPOLL | MHD_ALLOW_SUSPEND_RESUME;
	errno = 0;
	return lib.MHD_start_daemon(flags, h->o.port, NULL, NULL, on_request, h,
	        MHD_OPTION_SOCK_ADDR, address, MHD_OPTION_CONNECTION_LIMIT, h->o.connections,
	        MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)DD_HTTPD_TIMEOUT_S,
	        MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)2 * DD_HTTPD_HEADERS_MAX,
	        MHD_OPTION_URI_LOG_CALLBACK, on_address, NULL, MHD_OPTION_NOTIFY_COMPLETED,
	        on_completed, NULL, MHD_OPTION_NOTIFY_CONNECTION, on_connection, h,
	        MHD_OPTION_ARRAY, more, MHD_OPTION_END);
}

static int epoll_of(struct MHD_Daemon *daemon)
{
	return lib.MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
}

static unsigned given(void *self)
{
	const struct dd_httpd *h = self;
	return h->n;
}

static void take(void *self, int fd, bool tls, const struct sockaddr *peer, unsigned n)
{
	struct dd_httpd *h = self;
	h->giving_tls = tls;
	/* it is closed when it cannot be taken */
	(void)lib.MHD_add_connection(tls ? h->tls : h->daemon, fd, peer, n);
	h->giving_tls = false;
}

static bool on_host(void *self, const char *host)
{
	const struct dd_httpd *h = self;
	return h->o.reach->ours(h->o.self, host);
}

static void on_passage(void *self, const char *host, unsigned port, enum dd_passage passage)
{
	const struct dd_httpd *h = self;
	h->o.reach->told(h->o.self, host, port, passage);
}

static enum dd_status open_front(struct dd_httpd *h, struct dd_error *err)
{
	const struct dd_httpd_reach *r = h->o.reach;
	const struct dd_front_options o = {.address = h->o.address,
	        .port = h->o.port,
	        .connections = h->o.connections,
	        .proxy = r->proxy,
	        .pass_through = r->pass_through,
	        .ours = on_host,
	        .told = on_passage,
	        .given = given,
	        .give = take,
	        .self = h};
	enum dd_status status = dd_front_open(&o, &h->front, err);
	if (status != DD_OK)
		return status;
	struct MHD_OptionItem secrets[] = {
	        {MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)(uintptr_t)r->certificates},
	        {MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)(uintptr_t)r->key},
	        {MHD_OPTION_END, 0, NULL}};
	struct MHD_OptionItem none = {MHD_OPTION_END, 0, NULL};
	h->daemon = start(h, MHD_USE_NO_LISTEN_SOCKET, NULL, &none);
	h->tls = start(h, MHD_USE_NO_LISTEN_SOCKET | MHD_USE_TLS, NULL, secrets);
	if (!h->daemon || !h->tls)
		return dd_fail(err, DD_ERR_READ,
		        "this libmicrohttpd speaks no TLS: it was built without GnuTLS");
	dd_front_watch(h->front, epoll_of(h->daemon), false);
	dd_front_watch(h->front, epoll_of(h->tls), false);
	if (r->wake >= 0)
		dd_front_watch(h->front, r->wake, true);
	h->fd = dd_front_fd(h->front);
	h->port = dd_front_port(h->front);
	return DD_OK;
}

static enum dd_status open_plain(
        struct dd_httpd *h, const union address *address, struct dd_error *err)
{
	struct MHD_OptionItem none = {MHD_OPTION_END, 0, NULL};
	h->daemon = start(
	        h, address->any.sa_family == AF_INET6 ? MHD_USE_IPv6 : 0, &address->any, &none);
	if (!h->daemon)
		return dd_fail(err, DD_ERR_READ, "%s port %u cannot be had: %s", h->o.address,
		        h->o.port, errno ? strerror(errno) : "it is in use");
	h->fd = epoll_of(h->daemon);
	h->port = lib.MHD_get_daemon_info(h->daemon, MHD_DAEMON_INFO_BIND_PORT)->port;
	return DD_OK;
}

static void stop_daemons(struct dd_httpd *h)
{
	if (h->daemon)
		lib.MHD_stop_daemon(h->daemon);
	if (h->tls)
		lib.MHD_stop_daemon(h->tls);
	dd_front_close(h->front);
}

enum dd_status dd_httpd_open(
        const struct dd_httpd_options *o, struct dd_httpd **out, struct dd_error *err)
{
	union address address;
	enum dd_status status = open_library(err);
	if (status != DD_OK)
		return status;
	if (!address_of(o->address, o->port, &address))
		return dd_fail(err, DD_ERR_FORMAT,
		        "\"%s\" is not an address: write 127.0.0.1, ::1 or another address of "
		        "this machine",
		        o->address);
	struct dd_httpd *h = dd_alloc(sizeof *h);
	h->o = *o;
	status = o->reach ? open_front(h, err) : open_plain(h, &address, err);
	if (status != DD_OK) {
		stop_daemons(h);
		free(h);
		return status;
	}
	*out = h;
	return DD_OK;
}

static void run_daemons(struct dd_httpd *h)
{
	(void)lib.MHD_run(h->daemon);
	if (h->tls)
		(void)lib.MHD_run(h->tls);
}

void dd_httpd_close(struct dd_httpd *h)
{
	if (!h)
		return;
	int listener = h->front ? -1 : lib.MHD_quiesce_daemon(h->daemon);
	if (h->front)
		dd_front_stop(h->front);
	h->ending = true;
	/* an answer that was promised still goes out; who asks now is turned away */
	for (int i = 0; i < 100 && (h->held || h->streams || i < 3); i++) {
		for (struct dd_stream *s = h->streams; s; s = s->next)
			dd_stream_end(s);
		dd_httpd_release(h);
		run_daemons(h);
		h->closing = true;
	}
	stop_daemons(h);
	if (listener >= 0)
		(void)close(listener);
	free(h->query);
	free(h->form);
	free(h);
}

uint16_t dd_httpd_port(const struct dd_httpd *h)
{
	return h->port;
}

int dd_httpd_fd(const struct dd_httpd *h)
{
	return h->fd;
}

static int timeout_of(struct MHD_Daemon *daemon)
{
	MHD_UNSIGNED_LONG_LONG ms;
	if (lib.MHD_get_timeout(daemon, &ms) != MHD_YES)
		return -1;
	return ms > 60000 ? 60000 : (int)ms;
}

int dd_httpd_timeout(const struct dd_httpd *h)
{
	if (h->due || h->written)
		return 0;
	int plain = timeout_of(h->daemon), tls = h->tls ? timeout_of(h->tls) : -1;
	int wait = plain < 0 || (tls >= 0 && tls < plain) ? tls : plain;
	for (const struct visit *v = h->held; v; v = v->next) {
		int64_t left = v->until ? v->until - ms_now() : -1;
		if (v->until && (wait < 0 || left < wait))
			wait = left > 0 ? (int)left : 0;
	}
	return wait;
}

void dd_httpd_run(struct dd_httpd *h)
{
	h->due = false;
	drop_dawdlers(h);
	if (h->front)
		dd_front_run(h->front);
	run_daemons(h);
}

size_t dd_httpd_held(const struct dd_httpd *h)
{
	return h->nheld;
}

/* Streams go on with what they have been given so far. */
static void release_streams(struct dd_httpd *h)
{
	for (struct dd_stream *s = h->written ? h->streams : NULL; s; s = s->next)
		if (s->free < s->waiting.n || s->ended) {
			s->free = s->waiting.n;
			wake(s);
		}
	h->written = false;
}

void dd_httpd_refuse(struct dd_httpd *h)
{
	for (struct dd_stream *s = h->streams; s; s = s->next) {
		h->behind -= s->waiting.n - s->free;
		s->waiting.n = s->free;
		dd_stream_end(s);
	}
	for (struct visit *v = h->held; v; v = v->next) {
		v->refused = true;
		v->out.not_before = NULL;
		v->out.late_ms = v->until = 0;
	}
	dd_httpd_release(h);
}

void dd_httpd_release(struct dd_httpd *h)
{
	struct visit *still = NULL;
	int64_t now = h->held ? ms_now() : 0;
	while (h->held) {
		struct visit *v = h->held;
		h->held = v->next;
		bool waits = v->out.not_before && !*v->out.not_before;
		if (v->out.late_ms && !v->until)
			v->until = now + v->out.late_ms;
		if ((waits || v->until > now) && !h->ending) {
			v->next = still;
			still = v;
			continue;
		}
		h->due = true;
		v->refused |= v->out.again;
		h->owed += v->out.first && !v->owed;
		v->owed |= v->out.first;
		lib.MHD_resume_connection(v->connection);
	}
	h->held = still;
	h->nheld = 0;
	release_streams(h);
}

/* A client that takes nothing keeps what follows from waiting for no longer than this. */
void dd_httpd_flush(struct dd_httpd *h)
{
	for (int i = 0; i < FLUSHES && h->owed; i++)
		dd_httpd_run(h);
}

/* -- streams ---------------------------------------------------------------- */

struct dd_stream *dd_stream_new(void (*gone)(void *self), void *self, struct dd_str last)
{
	struct dd_stream *s = dd_alloc(sizeof *s);
	s->gone = gone;
	s->self = self;
	s->last = last;
	return s;
}

static void append(struct dd_stream *s, const char *bytes, size_t n)
{
	uint32_t length = (uint32_t)n;
	dd_buf_add(&s->waiting, (const char *)&length, sizeof length);
	dd_buf_add(&s->waiting, bytes, n);
	if (s->httpd) {
		s->httpd->behind += sizeof length + n;
		s->httpd->written = true;
	}
}

/* Its reader hears to its end what it has heard the beginning of, why it is told no more, and has
 * as long for that as for any answer. */
static void give_up(struct dd_stream *s)
{
	struct dd_buf rest = {0};
	s->httpd->behind -= s->waiting.n - s->at;
	if (s->left)
		dd_buf_add(&rest, s->waiting.p + s->at, s->left);
	dd_buf_free(&s->waiting);
	s->waiting = rest;
	s->at = s->free = 0;
	s->httpd->behind += rest.n;
	append(s, s->last.p, s->last.n);
	dd_stream_end(s);
	note_work(s->connection, true);
}

static void give_up_the_last(struct dd_httpd *h)
{
	struct dd_stream *last = NULL;
	for (struct dd_stream *s = h->streams; s; s = s->next)
		if (!s->ended && (!last || s->waiting.n - s->at > last->waiting.n - last->at))
			last = s;
	if (last)
		give_up(last);
}

bool dd_stream_write(struct dd_stream *s, const char *bytes, size_t n)
{
	if (s->ended)
		return false;
	append(s, bytes, n);
	if (s->httpd && s->waiting.n - s->at > DD_HTTPD_STREAM_MAX)
		give_up(s);
	if (s->httpd && s->httpd->behind > DD_HTTPD_STREAMS_MAX)
		give_up_the_last(s->httpd);
	return !s->ended;
}

void dd_stream_end(struct dd_stream *s)
{
	s->ended = true;
	if (s->httpd)
		s->httpd->written = true;
}
