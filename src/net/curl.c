/* libcurl's multi interface behind the http port. */
#include "net/curl.h"

#define CURL_DISABLE_TYPECHECK
#include <arpa/inet.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/library.h"
#include "base/text.h"
#include "net/url.h"

/* clang-format off */
#define FUNCTIONS(X) \
	X(curl_global_init) X(curl_global_cleanup) X(curl_multi_init) X(curl_multi_cleanup) \
	X(curl_multi_setopt) X(curl_slist_append) X(curl_slist_free_all) \
	X(curl_multi_add_handle) X(curl_multi_remove_handle) X(curl_multi_perform) \
	X(curl_multi_info_read) X(curl_multi_poll) X(curl_easy_init) X(curl_easy_cleanup) \
	X(curl_easy_setopt) X(curl_easy_getinfo) \
	X(curl_easy_perform) X(curl_url) X(curl_url_set) X(curl_url_get) \
	X(curl_url_cleanup) X(curl_free)
/* clang-format on */
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

static enum dd_status open_library(struct dd_error *err)
{
	static const char *const names[] = {"libcurl-gnutls.so.4", "libcurl.so.4", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	return lib.curl_global_init ? DD_OK : dd_library_open(names, symbols, err);
}

/* libcurl asks whether it may send from 1 KB or 1 MB on, by its version. */
enum { HEAD_BYTES_MAX = 64 * 1024, EXPECT_FROM = 1000, KEPT_BYTES = 64 * 1024 };

struct transfer {
	CURL *easy;
	struct curl_slist *headers;
	uint32_t id;
	struct dd_buf body, head;
	size_t most;
	bool whole;
	bool too_large, status_alone, added;
	void (*on)(void *self, const char *bytes, size_t n);
	void *on_self;
	struct transfer *next;
};

struct dd_curl {
	CURLM *multi;
	const char *const *hosts;
	size_t nhosts;
	bool wait, inside;     /* inside: libcurl is calling us */
	struct transfer *idle; /* one that is not in use: its handle has what all requests have
	                          alike, its connection stays open */
	struct transfer *live;
	struct dd_buf last, last_head; /* the body and the headers of the answer given last */
};

struct dd_curl *dd_curl_new(
        const char *const *hosts, size_t nhosts, bool wait, struct dd_error *err)
{
	if (open_library(err) != DD_OK)
		return NULL;
	struct dd_curl *c = dd_alloc(sizeof *c);
	lib.curl_global_init(CURL_GLOBAL_DEFAULT);
	c->multi = lib.curl_multi_init();
	c->hosts = hosts;
	c->nhosts = nhosts;
	c->wait = wait;
	return c;
}

static void free_transfer(struct transfer *t)
{
	lib.curl_easy_cleanup(t->easy);
	dd_buf_free(&t->body);
	dd_buf_free(&t->head);
	free(t);
}

static void end_transfer(struct dd_curl *c, struct transfer *t)
{
	for (struct transfer **p = &c->live; *p; p = &(*p)->next) {
		if (*p != t)
			continue;
		*p = t->next;
		break;
	}
	if (t->added)
		lib.curl_multi_remove_handle(c->multi, t->easy);
	lib.curl_slist_free_all(t->headers);
	t->headers = NULL;
	if (c->idle || t->body.cap > KEPT_BYTES)
		free_transfer(t);
	else
		c->idle = t;
}

void dd_curl_limit(struct dd_curl *c, unsigned per_host)
{
	lib.curl_multi_setopt(c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, (long)per_host);
	lib.curl_multi_setopt(c->multi, CURLMOPT_MAXCONNECTS, (long)per_host);
}

void dd_curl_free(struct dd_curl *c)
{
	if (!c)
		return;
	while (c->live)
		end_transfer(c, c->live);
	if (c->idle)
		free_transfer(c->idle);
	lib.curl_multi_cleanup(c->multi);
	lib.curl_global_cleanup();
	dd_buf_free(&c->last);
	dd_buf_free(&c->last_head);
	free(c);
}

static bool allowed(void *self, const char *url)
{
	struct dd_curl *c = self;
	if (!c->hosts)
		return true;
	CURLU *parts = lib.curl_url();
	char *host = NULL;
	bool found = false;
	if (lib.curl_url_set(parts, CURLUPART_URL, url, 0) == CURLUE_OK &&
	        lib.curl_url_get(parts, CURLUPART_HOST, &host, 0) == CURLUE_OK)
		for (size_t i = 0; i < c->nhosts; i++)
			found |= strcasecmp(host, c->hosts[i]) == 0;
	lib.curl_free(host);
	lib.curl_url_cleanup(parts);
	return found;
}

static size_t on_body(char *data, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	if (t->on)
		t->on(t->on_self, data, size * n);
	if (t->status_alone || t->on)
		return size * n;
	if (t->body.n + size * n > t->most) {
		t->too_large = true;
		return 0;
	}
	dd_buf_add(&t->body, data, size * n);
	return size * n;
}

/* Each line with its end; a line without a colon is the status of an answer. */
static size_t on_head(char *data, size_t size, size_t n, void *user)
{
	struct transfer *t = user;
	struct dd_str line = dd_str_trim((struct dd_str){data, size * n});
	if (line.n > 5 && memcmp(line.p, "HTTP/", 5) == 0)
		dd_buf_clear(&t->head); /* that of a 100 */
	else if (line.n && memchr(line.p, ':', line.n) && t->head.n + line.n < HEAD_BYTES_MAX)
		dd_buf_add(&t->head, line.p, line.n), dd_buf_char(&t->head, '\n');
	return size * n;
}

/* libcurl takes no new transfer while it hands out a piece of another: what was asked for then
   waits in the list until it has returned. */
static void add_waiting(struct dd_curl *c)
{
	for (struct transfer *t = c->live; t && !c->inside; t = t->next) {
		if (!t->added)
			lib.curl_multi_add_handle(c->multi, t->easy);
		t->added = true;
	}
}

/* Those of the flow: "Name: value" lines. An empty value is sent as such. */
static void add_headers(struct transfer *t, struct dd_str all)
{
	while (all.n) {
		const char *end = memchr(all.p, '\n', all.n);
		size_t n = end ? (size_t)(end - all.p) : all.n;
		struct dd_buf line = {0};
		dd_buf_add(&line, all.p, n);
		const char *colon = memchr(line.p, ':', line.n);
		if (colon &&
		        dd_str_trim(
		                (struct dd_str){colon + 1, line.n - (size_t)(colon + 1 - line.p)})
		                        .n == 0)
			line.p[colon - line.p] = ';',
			               line.p[line.n = (size_t)(colon - line.p) + 1] = 0;
		t->headers = lib.curl_slist_append(t->headers, line.p);
		dd_buf_free(&line);
		all.p += n + (end != NULL);
		all.n -= n + (end != NULL);
	}
}

static bool names_type(struct dd_str all)
{
	static const char name[] = "content-type:";
	for (size_t i = 0; i + sizeof name - 1 <= all.n; i++)
		if ((i == 0 || all.p[i - 1] == '\n') &&
		        strncasecmp(all.p + i, name, sizeof name - 1) == 0)
			return true;
	return false;
}

/* Made once, and used again: libcurl takes longer to be told of what never changes than to send
   a request. What a request may have, each one sets, so that nothing of the one before is left. */
static CURL *new_handle(void)
{
	CURL *easy = lib.curl_easy_init();
	lib.curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
	lib.curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L); /* a 302 is an answer */
	lib.curl_easy_setopt(easy, CURLOPT_PROXY, "");
	lib.curl_easy_setopt(easy, CURLOPT_NOPROXY, "*"); /* or it looks for no_proxy each time */
	lib.curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
	lib.curl_easy_setopt(easy, CURLOPT_USERAGENT, "drydial/" DRYDIAL_VERSION);
	lib.curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
	lib.curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
	return easy;
}

/* A body that is waited for need not be copied. */
static void set_method(struct dd_curl *c, CURL *easy, const struct dd_http_request *r)
{
	const char *method = r->method ? r->method : r->post ? "POST" : "GET";
	bool posts = strcmp(method, "GET") != 0, body = r->post || (posts && r->form.n);
	if (body) {
		lib.curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)r->form.n);
		lib.curl_easy_setopt(easy, c->wait ? CURLOPT_POSTFIELDS : CURLOPT_COPYPOSTFIELDS,
		        r->form.p ? r->form.p : "");
	} else {
		lib.curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
	}
	bool other = posts && strcmp(method, "POST") != 0;
	lib.curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, other ? method : NULL);
}

static struct transfer *start(struct dd_curl *c, const struct dd_http_request *r)
{
	struct transfer *t = c->idle ? c->idle : dd_alloc(sizeof *t);
	c->idle = NULL;
	dd_buf_clear(&t->body);
	dd_buf_clear(&t->head);
	*t = (struct transfer){.easy = t->easy ? t->easy : new_handle(),
	        .body = t->body,
	        .head = t->head,
	        .id = r->id,
	        .status_alone = r->status_alone,
	        .whole = r->whole,
	        .most = r->most ? r->most : DD_REPLY_BYTES_MAX};
	lib.curl_easy_setopt(t->easy, CURLOPT_URL, r->url);
	lib.curl_easy_setopt(t->easy, CURLOPT_TIMEOUT_MS, (long)r->timeout);
	lib.curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, 0L);
	lib.curl_easy_setopt(t->easy, CURLOPT_WRITEDATA, t);
	lib.curl_easy_setopt(t->easy, CURLOPT_PRIVATE, t);
	lib.curl_easy_setopt(t->easy, CURLOPT_HEADERFUNCTION, r->whole ? on_head : NULL);
	lib.curl_easy_setopt(t->easy, CURLOPT_HEADERDATA, r->whole ? t : NULL);
	lib.curl_easy_setopt(t->easy, CURLOPT_USERPWD, r->credentials);
	set_method(c, t->easy, r);
	add_headers(t, r->headers);
	if (r->type && !names_type(r->headers)) {
		char text[160];
		(void)snprintf(text, sizeof text, "Content-Type: %s", r->type);
		t->headers = lib.curl_slist_append(t->headers, text);
	}
	if (r->form.n > EXPECT_FROM) /* nobody waits for a 100 */
		t->headers = lib.curl_slist_append(t->headers, "Expect:");
	lib.curl_easy_setopt(t->easy, CURLOPT_HTTPHEADER, t->headers);
	t->next = c->live;
	c->live = t;
	return t;
}

static const char *word_for(CURLcode code, bool too_large)
{
	if (too_large)
		return "too-large";
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT: return "timeout";
	case CURLE_COULDNT_CONNECT: return "refused";
	case CURLE_COULDNT_RESOLVE_HOST: return "unknown-host";
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_CONNECT_ERROR: return "tls";
	case CURLE_UNSUPPORTED_PROTOCOL: return "protocol";
	default: return "broken";
	}
}

static void finish(
        struct dd_curl *c, struct transfer *t, CURLcode code, struct dd_http_answer *answer)
{
	long status = 0;
	curl_off_t took = 0;
	lib.curl_easy_getinfo(t->easy, CURLINFO_RESPONSE_CODE, &status);
	lib.curl_easy_getinfo(t->easy, CURLINFO_TOTAL_TIME_T, &took);
	bool fine = code == CURLE_OK || (t->status_alone && status >= 200);
	dd_buf_clear(&c->last);
	dd_buf_clear(&c->last_head);
	if (fine && t->whole)
		dd_buf_add(&c->last, t->body.p ? t->body.p : "", t->body.n);
	else if (fine) /* what is not UTF-8 cannot be spoken */
		for (size_t at = 0; at < t->body.n;)
			dd_buf_codepoint(
			        &c->last, dd_utf8_next((struct dd_str){t->body.p, t->body.n}, &at));
	*answer = (struct dd_http_answer){fine ? (int)status : 0,
	        fine ? NULL : word_for(code, t->too_large), {c->last.p, c->last.n}, "",
	        (dd_ms)((took + 999) / 1000), {NULL, 0}};
	if (t->head.n)
		dd_buf_add(&c->last_head, t->head.p, t->head.n);
	answer->headers = (struct dd_str){c->last_head.p, c->last_head.n};
	end_transfer(c, t);
}

bool dd_curl_run(struct dd_curl *c, uint32_t *id, struct dd_http_answer *answer)
{
	int running, left;
	CURLMsg *message;
	if (!c || !c->live)
		return false;
	c->inside = true;
	lib.curl_multi_perform(c->multi, &running);
	c->inside = false;
	add_waiting(c);
	while ((message = lib.curl_multi_info_read(c->multi, &left))) {
		struct transfer *t = NULL;
		if (message->msg != CURLMSG_DONE)
			continue;
		lib.curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&t);
		*id = t->id;
		finish(c, t, message->data.result, answer);
		return true;
	}
	return false;
}

bool dd_curl_busy(const struct dd_curl *c)
{
	return c->live != NULL;
}

bool dd_curl_wait(struct dd_curl *c, int fd, int other, int ms)
{
	struct curl_waitfd extra[2];
	struct pollfd alone[2];
	unsigned wanted = 0;
	int n;
	for (int i = 0; i < 2; i++)
		if ((i ? other : fd) >= 0) {
			alone[wanted] = (struct pollfd){i ? other : fd, POLLIN, 0};
			extra[wanted++] = (struct curl_waitfd){
			        .fd = i ? other : fd, .events = CURL_WAIT_POLLIN};
		}
	if (!c || !c->live) { /* nothing is on its way */
		n = poll(alone, wanted, ms);
		return n > 0 && fd >= 0 && alone[0].revents != 0;
	}
	lib.curl_multi_poll(c->multi, wanted ? extra : NULL, wanted, ms, &n);
	return fd >= 0 && extra[0].revents != 0;
}

static bool send_request(void *self, const struct dd_http_request *r, struct dd_http_answer *answer)
{
	struct dd_curl *c = self;
	struct transfer *t = start(c, r);
	if (!c->wait) {
		add_waiting(c);
		return false;
	}
	finish(c, t, lib.curl_easy_perform(t->easy), answer);
	return true;
}

void dd_curl_follow(struct dd_curl *c, uint32_t id, const char *url, const char *credentials,
        void (*on)(void *self, const char *bytes, size_t n), void *self)
{
	struct dd_http_request r = {.id = id, .url = url, .credentials = credentials};
	struct transfer *t = start(c, &r);
	t->on = on;
	t->on_self = self;
	lib.curl_easy_setopt(t->easy, CURLOPT_CONNECTTIMEOUT_MS, 5000L);
	add_waiting(c);
}

static void forget(void *self, uint32_t id)
{
	struct dd_curl *c = self;
	for (struct transfer *t = c->live, *next; t; t = next) {
		next = t->next;
		if (t->id == id)
			end_transfer(c, t);
	}
}

struct dd_http dd_curl_port(struct dd_curl *curl)
{
	return (struct dd_http){curl, allowed, send_request, forget};
}

/* -- addresses -------------------------------------------------------------- */

/* How long "http://host:port" is, of an address whose every byte stands for itself and whose host
   is written as libcurl writes it; 0: it is not so plain. Numbers that are short for an address
   (127.1) are not, nor is what has credentials. */
static size_t plain_origin(const char *url)
{
	static const char host_bytes[] = "abcdefghijklmnopqrstuvwxyz0123456789.-";
	char host[64];
	struct in_addr address;
	size_t scheme = strncmp(url, "http://", 7) == 0 ? 7
	        : strncmp(url, "https://", 8) == 0      ? 8
	                                                : 0;
	size_t n = strspn(url + scheme, host_bytes), end = scheme + n;
	if (!scheme || !n || n >= sizeof host)
		return 0;
	(void)snprintf(host, sizeof host, "%.*s", (int)n, url + scheme);
	bool letters = host[0] >= 'a' && host[n - 1] != '.';
	if (!letters && inet_pton(AF_INET, host, &address) != 1)
		return 0;
	if (url[end] == ':' && url[end + 1] >= '1' && url[end + 1] <= '9') {
		size_t digits = strspn(url + end + 1, "0123456789");
		end += digits <= 4 ? 1 + digits : 0; /* more may be no port */
		end += digits == 5 && url[end + 1] < '6' ? 6 : 0;
	}
	return url[end] == '/' || url[end] == '\0' ? end : 0;
}

/* A path from the root with nothing in it that would be written in another way. */
static bool plain_path(const char *path)
{
	static const char bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                            "0123456789/-_.~?&=+,:;";
	size_t n = strspn(path, bytes);
	return path[0] == '/' && path[1] != '/' && path[n] == '\0' && path[n - 1] != '?' &&
	        !strstr(path, "/.");
}

char *dd_url_join(const char *base, const char *relative)
{
	struct dd_error err;
	struct dd_buf out = {0};
	char *joined = NULL;
	size_t origin = plain_origin(base);
	if (origin && plain_path(relative)) { /* as nearly all are */
		dd_buf_add(&out, base, origin);
		dd_buf_str(&out, relative);
		return out.p;
	}
	if (open_library(&err) != DD_OK)
		return NULL;
	CURLU *url = lib.curl_url();
	if (lib.curl_url_set(url, CURLUPART_URL, base, CURLU_URLENCODE) == CURLUE_OK &&
	        lib.curl_url_set(url, CURLUPART_URL, relative, CURLU_URLENCODE) == CURLUE_OK &&
	        lib.curl_url_get(url, CURLUPART_URL, &joined, 0) == CURLUE_OK)
		dd_buf_str(&out, joined);
	lib.curl_free(joined);
	lib.curl_url_cleanup(url);
	return out.p;
}

static char *url_part(CURLU *url, CURLUPart part)
{
	char *text = NULL, *copy = NULL;
	if (lib.curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK)
		copy = dd_str_copy(dd_str(text));
	lib.curl_free(text);
	return copy;
}

char *dd_url_origin(const char *text)
{
	struct dd_error err;
	struct dd_buf out = {0};
	if (open_library(&err) != DD_OK)
		return NULL;
	CURLU *url = lib.curl_url();
	if (lib.curl_url_set(url, CURLUPART_URL, text, CURLU_URLENCODE) == CURLUE_OK) {
		char *scheme = url_part(url, CURLUPART_SCHEME),
		     *host = url_part(url, CURLUPART_HOST), *port = url_part(url, CURLUPART_PORT);
		for (char *p = host; p && *p; p++)
			*p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
		if (scheme && host && port)
			dd_buf_format(&out, "%s://%s:%s", scheme, host, port);
		free(scheme);
		free(host);
		free(port);
	}
	lib.curl_url_cleanup(url);
	return out.p;
}

char *dd_url_host(const char *text)
{
	struct dd_error err;
	if (open_library(&err) != DD_OK)
		return NULL;
	CURLU *url = lib.curl_url();
	char *host = lib.curl_url_set(url, CURLUPART_URL, text, CURLU_URLENCODE) == CURLUE_OK
	        ? url_part(url, CURLUPART_HOST)
	        : NULL;
	lib.curl_url_cleanup(url);
	return host;
}
