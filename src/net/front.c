/* One listening socket for TLS, plain HTTP and a proxy. Its beginning is looked at with MSG_PEEK,
 * and the edge of epoll tells when there is more of it. */
#define _GNU_SOURCE
#include "net/front.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/arena.h"
#include "net/relay.h"

/* A client that was refused has so long to read why. */
enum { LEAVING_S = 2, EVENTS = 64, BACKLOG = 1024, TLS_RECORD = 0x16, UNREAD_MAX = 1 << 24 };

/* -- what a connection begins with ------------------------------------------ */

static bool is_host(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._",
		            text[i]) ||
		        !text[i])
			return false;
	return n > 0;
}

static bool is_address(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (!strchr("0123456789abcdefABCDEF:.", text[i]) || !text[i])
			return false;
	return n > 1;
}

/* HOST, HOST:PORT or [ADDRESS]:PORT. `port` 0: it must stand there. */
static bool read_authority(const char *text, size_t n, unsigned port, struct dd_opening_line *out)
{
	bool brackets = n && text[0] == '[';
	const char *close = brackets ? memchr(text, ']', n) : NULL;
	if (brackets && !close)
		return false;
	const char *behind = brackets ? close + 1 : memchr(text, ':', n);
	size_t host = brackets ? (size_t)(close - text) - 1 : behind ? (size_t)(behind - text) : n;
	size_t rest = behind ? n - (size_t)(behind - text) : 0;
	text += brackets;
	if (host >= sizeof out->host || !(brackets ? is_address(text, host) : is_host(text, host)))
		return false;
	memcpy(out->host, text, host);
	out->host[host] = '\0';
	out->port = port;
	if (!rest)
		return port != 0;
	if (rest < 2 || rest > 6 || behind[0] != ':')
		return false;
	out->port = 0;
	for (size_t i = 1; i < rest; i++) {
		if (behind[i] < '0' || behind[i] > '9')
			return false;
		out->port = out->port * 10 + (unsigned)(behind[i] - '0');
	}
	return out->port > 0 && out->port < 65536;
}

static size_t scheme_of(const char *text, size_t n, bool *https)
{
	*https = n >= 8 && strncasecmp(text, "https://", 8) == 0;
	return *https ? 8 : n >= 7 && strncasecmp(text, "http://", 7) == 0 ? 7 : 0;
}

/* `n` bytes of an absolute address; false: it is none that can be read. */
static bool read_absolute(const char *text, size_t n, struct dd_opening_line *out)
{
	size_t at = scheme_of(text, n, &out->https), end = at;
	if (!at)
		return false;
	while (end < n && !strchr("/?#", text[end]))
		end++;
	const char *name = memrchr(text + at, '@', end - at);
	size_t from = name ? (size_t)(name - text) + 1 : at;
	out->target = end;
	out->to = n;
	return read_authority(text + from, end - from, out->https ? 443 : 80, out);
}

bool dd_absolute_read(const char *url, struct dd_opening_line *out, const char **path)
{
	bool https;
	size_t n = strlen(url);
	*out = (struct dd_opening_line){0};
	if (!scheme_of(url, n, &https))
		return false;
	*path = "/";
	if (!read_absolute(url, n, out))
		out->host[0] = '\0';
	else if (url[out->target] == '/')
		*path = url + out->target;
	return true;
}

/* Bytes up to the blank line; 0: there is none. */
static size_t head_of(const char *bytes, size_t n)
{
	for (size_t at = 0; at < n; at++) {
		if (bytes[at] != '\n')
			continue;
		if (at + 1 < n && bytes[at + 1] == '\n')
			return at + 2;
		if (at + 2 < n && bytes[at + 1] == '\r' && bytes[at + 2] == '\n')
			return at + 3;
	}
	return 0;
}

static bool may_become(const char *bytes, size_t n, const char *word)
{
	size_t m = strlen(word);
	return strncasecmp(bytes, word, n < m ? n : m) == 0;
}

enum dd_opening dd_opening_read(const char *bytes, size_t n, struct dd_opening_line *out)
{
	*out = (struct dd_opening_line){0};
	if (!n)
		return DD_OPENING_MORE;
	if (bytes[0] == TLS_RECORD)
		return DD_OPENING_TLS;
	const char *line = memchr(bytes, '\n', n), *blank = memchr(bytes, ' ', n);
	size_t length = line ? (size_t)(line - bytes) : n;
	if (!blank || (line && blank > line)) {
		bool more = !line && n < 32; /* no method is that long */
		return more ? DD_OPENING_MORE : DD_OPENING_PLAIN;
	}
	size_t method = (size_t)(blank - bytes), at = method + 1;
	bool connect = method == 7 && memcmp(bytes, "CONNECT", 7) == 0;
	if (!connect && !may_become(bytes + at, length - at, "http://") &&
	        !may_become(bytes + at, length - at, "https://"))
		return DD_OPENING_PLAIN;
	out->head = head_of(bytes, n);
	if (!out->head)
		return n < DD_FRONT_HEAD_MAX ? DD_OPENING_MORE : DD_OPENING_BAD;
	const char *end = memchr(bytes + at, ' ', length - at);
	if (!end || memchr(bytes, '\0', out->head))
		return DD_OPENING_BAD;
	size_t target = (size_t)(end - bytes) - at;
	bool fine = connect ? read_authority(bytes + at, target, 0, out)
	                    : read_absolute(bytes + at, target, out);
	out->target += at;
	out->to += at;
	return !fine ? DD_OPENING_BAD : connect ? DD_OPENING_CONNECT : DD_OPENING_ABSOLUTE;
}

bool dd_host_is_local(const char *host)
{
	struct in_addr four;
	size_t n = strlen(host);
	n -= n && host[n - 1] == '.';
	return (n == 9 && strncasecmp(host, "localhost", 9) == 0) ||
	        (n > 10 && strncasecmp(host + n - 10, ".localhost", 10) == 0) ||
	        strcmp(host, "::1") == 0 || strcmp(host, "0.0.0.0") == 0 ||
	        (inet_pton(AF_INET, host, &four) == 1 && ntohl(four.s_addr) >> 24 == 127);
}

/* -- connections ------------------------------------------------------------ */

struct arrival {
	int fd;
	enum { NEW, TUNNEL, LEAVING } stage; /* TUNNEL: behind a CONNECT */
	int64_t until;
	size_t unread; /* bytes that nobody wanted */
	struct sockaddr_storage peer;
	socklen_t npeer;
	struct arrival *next, **link;
};

struct dd_front {
	struct dd_front_options o;
	int epoll, listener;
	uint16_t port;
	bool listening; /* the listener is waited for */
	struct arrival *list;
	unsigned n;
	int64_t looked;
};

static int64_t seconds_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

static void forget(struct dd_front *f, struct arrival *a)
{
	*a->link = a->next;
	if (a->next)
		a->next->link = a->link;
	f->n--;
	free(a);
}

static void drop(struct dd_front *f, struct arrival *a)
{
	close(a->fd);
	forget(f, a);
}

static int let_go(struct dd_front *f, struct arrival *a)
{
	int fd = a->fd;
	(void)epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
	forget(f, a);
	return fd;
}

static void give(struct dd_front *f, struct arrival *a, bool tls)
{
	struct sockaddr_storage peer = a->peer;
	socklen_t n = a->npeer;
	f->o.give(f->o.self, let_go(f, a), tls, (const struct sockaddr *)&peer, n);
}

static void take_away(int fd, size_t n)
{
	char room[4096];
	while (n) {
		ssize_t done = recv(fd, room, n < sizeof room ? n : sizeof room, 0);
		if (done <= 0)
			return;
		n -= (size_t)done;
	}
}

/* What the client still sends is read: its system would throw the answer away otherwise. */
static void refuse(struct arrival *a, const char *status, const char *sentence)
{
	char text[1024];
	int n = snprintf(text, sizeof text,
	        "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\n"
	        "Connection: close\r\nContent-Length: %zu\r\n\r\n%s\n",
	        status, strlen(sentence) + 1, sentence);
	(void)send(a->fd, text, (size_t)n, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)shutdown(a->fd, SHUT_WR);
	a->stage = LEAVING;
	a->until = seconds_now() + LEAVING_S;
}

static bool is_near(const struct arrival *a)
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&a->peer;
	const struct sockaddr_in *four = (const struct sockaddr_in *)&a->peer;
	return a->peer.ss_family == AF_INET ? ntohl(four->sin_addr.s_addr) >> 24 == 127
	                                    : IN6_IS_ADDR_LOOPBACK(&six->sin6_addr);
}

/* -- a proxy ---------------------------------------------------------------- */

static bool is_hop(const char *line, size_t n)
{
	static const char *const names[] = {
	        "Connection:", "Proxy-Connection:", "Proxy-Authorization:", "Keep-Alive:", NULL};
	for (size_t i = 0; names[i]; i++)
		if (n >= strlen(names[i]) && strncasecmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The head as the server itself gets it: its own path, and nothing that was for a proxy. One
 * request a connection: the next may be for another server. */
static void rewrite(const char *head, const struct dd_opening_line *line, struct dd_buf *out)
{
	const char *blank = memchr(head, ' ', line->head);
	const char *first = memchr(head, '\n', line->head);
	dd_buf_add(out, head, (size_t)(blank - head) + 1);
	if (line->to == line->target || head[line->target] != '/')
		dd_buf_char(out, '/');
	dd_buf_add(out, head + line->target, (size_t)(first - head) + 1 - line->target);
	for (const char *at = first + 1, *end = head + line->head; at < end;) {
		const char *next = memchr(at, '\n', (size_t)(end - at));
		size_t n = next ? (size_t)(next - at) + 1 : (size_t)(end - at);
		if (n <= 2 && (at[0] == '\r' || at[0] == '\n'))
			dd_buf_str(out, "Connection: close\r\n");
		if (!is_hop(at, n))
			dd_buf_add(out, at, n);
		at += n;
	}
}

static void carry_through(struct dd_front *f, struct arrival *a, const struct dd_opening_line *line,
        const char *head, bool connect)
{
	struct dd_buf first = {0};
	if (!dd_host_is_local(line->host))
		f->o.told(f->o.self, line->host, line->port, DD_PASSAGE_THROUGH);
	if (!connect)
		rewrite(head, line, &first);
	take_away(a->fd, line->head);
	dd_relay(let_go(f, a), line->host, line->port, &first,
	        connect ? "HTTP/1.1 200 Connection established\r\n\r\n" : NULL);
}

static void refuse_host(struct dd_front *f, struct arrival *a, const struct dd_opening_line *line)
{
	char text[DD_FRONT_HOST_MAX + 160];
	f->o.told(f->o.self, line->host, line->port, DD_PASSAGE_REFUSED);
	(void)snprintf(text, sizeof text,
	        "drydial: %s is no host of the platform, and a rehearsal reaches no other; "
	        "--pass-through lets them be reached",
	        line->host);
	take_away(a->fd, line->head);
	refuse(a, "403 Forbidden", text);
}

static void open_tunnel(struct arrival *a, size_t head)
{
	static const char yes[] = "HTTP/1.1 200 Connection established\r\n\r\n";
	take_away(a->fd, head);
	(void)send(a->fd, yes, sizeof yes - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	a->stage = TUNNEL;
	a->until = seconds_now() + DD_FRONT_TIMEOUT_S;
}

/* True: look at it again. */
static bool through_the_proxy(struct dd_front *f, struct arrival *a, enum dd_opening kind,
        const struct dd_opening_line *line, const char *head)
{
	bool connect = kind == DD_OPENING_CONNECT;
	bool local = dd_host_is_local(line->host);
	bool ours = kind != DD_OPENING_BAD && f->o.ours(f->o.self, line->host);
	if (!f->o.proxy || !is_near(a)) {
		take_away(a->fd, line->head);
		refuse(a, "403 Forbidden",
		        f->o.proxy ? "drydial: the proxy is for programs of this machine"
		                   : "drydial: this is no proxy; drydial serve --run makes one");
	} else if (kind == DD_OPENING_BAD) {
		refuse(a, "400 Bad Request",
		        "drydial: the address of a request to the proxy cannot be read");
	} else if (ours && connect) {
		open_tunnel(a, line->head);
	} else if (ours) {
		give(f, a, false);
		return false;
	} else if (!f->o.pass_through && !local) {
		refuse_host(f, a, line);
	} else if (!connect && line->https) {
		refuse(a, "403 Forbidden",
		        "drydial: the proxy reaches https servers by CONNECT only");
	} else {
		carry_through(f, a, line, head, connect);
		return false;
	}
	return true;
}

/* True: look at it again. */
static bool look_at(struct dd_front *f, struct arrival *a)
{
	char head[DD_FRONT_HEAD_MAX + 1];
	struct dd_opening_line line;
	ssize_t n = recv(a->fd, head, DD_FRONT_HEAD_MAX, a->stage == LEAVING ? 0 : MSG_PEEK);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		drop(f, a);
		return false;
	}
	if (a->stage == LEAVING) {
		a->unread += (size_t)n;
		if (a->unread <= UNREAD_MAX)
			return true;
		drop(f, a);
		return false;
	}
	head[n] = '\0';
	enum dd_opening kind = dd_opening_read(head, (size_t)n, &line);
	if (a->stage == TUNNEL && kind != DD_OPENING_TLS)
		kind = DD_OPENING_PLAIN;
	switch (kind) {
	case DD_OPENING_MORE: return false;
	case DD_OPENING_TLS:
	case DD_OPENING_PLAIN: give(f, a, kind == DD_OPENING_TLS); return false;
	default: return through_the_proxy(f, a, kind, &line, head);
	}
}

/* -- the loop --------------------------------------------------------------- */

static bool is_full(const struct dd_front *f)
{
	return f->n + f->o.given(f->o.self) >= f->o.connections;
}

static void listen_to(struct dd_front *f, bool on)
{
	struct epoll_event e = {.events = on ? EPOLLIN : 0, .data.ptr = f};
	if (f->listener < 0 || f->listening == on)
		return;
	(void)epoll_ctl(f->epoll, EPOLL_CTL_MOD, f->listener, &e);
	f->listening = on;
}

static bool take_one(struct dd_front *f)
{
	struct sockaddr_storage peer;
	socklen_t n = sizeof peer;
	int fd = accept4(f->listener, (struct sockaddr *)&peer, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return errno == ECONNABORTED || errno == EINTR;
	struct arrival *a = dd_alloc(sizeof *a);
	*a = (struct arrival){.fd = fd,
	        .until = seconds_now() + DD_FRONT_TIMEOUT_S,
	        .peer = peer,
	        .npeer = n,
	        .next = f->list,
	        .link = &f->list};
	if (a->next)
		a->next->link = &a->next;
	f->list = a;
	f->n++;
	struct epoll_event e = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET, .data.ptr = a};
	if (epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e) != 0)
		drop(f, a);
	return true;
}

static void drop_the_late(struct dd_front *f)
{
	int64_t now = seconds_now();
	if (now == f->looked)
		return;
	f->looked = now;
	for (struct arrival *a = f->list, *next; a; a = next) {
		next = a->next;
		if (now > a->until)
			drop(f, a);
	}
}

static void drain(int fd)
{
	char room[256];
	while (read(fd, room, sizeof room) > 0) {
	}
}

/* An event may be of what an earlier one of the same batch has dropped only if it is the same
 * connection's, and each has one event in a batch. Watched descriptors have no pointer: bit 0 tells
 * them, above it stands the descriptor. */
void dd_front_run(struct dd_front *f)
{
	struct epoll_event events[EVENTS];
	drop_the_late(f);
	listen_to(f, !is_full(f));
	int n = epoll_wait(f->epoll, events, EVENTS, 0);
	for (int i = 0; i < n; i++) {
		uint64_t word = events[i].data.u64;
		if (word & 1) {
			if (word & 2)
				drain((int)(word >> 2));
		} else if (events[i].data.ptr == f) {
			for (int k = 0; k < EVENTS && !is_full(f) && take_one(f); k++) {
			}
		} else {
			struct arrival *a = events[i].data.ptr;
			while (look_at(f, a)) {
			}
		}
	}
}

/* -- beginning and end ------------------------------------------------------ */

static int bound(const char *address, uint16_t port)
{
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = htons(port)};
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
	bool v4 = inet_pton(AF_INET, address, &four.sin_addr) == 1;
	int on = 1;
	if (!v4 && inet_pton(AF_INET6, address, &six.sin6_addr) != 1) {
		errno = EADDRNOTAVAIL;
		return -1;
	}
	int fd = socket(v4 ? AF_INET : AF_INET6, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return -1;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, v4 ? (struct sockaddr *)&four : (struct sockaddr *)&six,
	            v4 ? sizeof four : sizeof six) == 0 &&
	        listen(fd, BACKLOG) == 0)
		return fd;
	int fault = errno;
	close(fd);
	errno = fault;
	return -1;
}

static uint16_t port_of(int fd)
{
	struct sockaddr_storage own;
	socklen_t n = sizeof own;
	if (getsockname(fd, (struct sockaddr *)&own, &n) != 0)
		return 0;
	return ntohs(own.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&own)->sin6_port
	                                       : ((struct sockaddr_in *)&own)->sin_port);
}

enum dd_status dd_front_open(
        const struct dd_front_options *o, struct dd_front **out, struct dd_error *err)
{
	int epoll = epoll_create1(EPOLL_CLOEXEC), listener = bound(o->address, o->port);
	if (epoll < 0 || listener < 0) {
		int fault = errno;
		if (epoll >= 0)
			close(epoll);
		return dd_fail(err, DD_ERR_READ, "%s port %u cannot be had: %s", o->address,
		        o->port, strerror(fault));
	}
	struct dd_front *f = dd_alloc(sizeof *f);
	*f = (struct dd_front){.o = *o,
	        .epoll = epoll,
	        .listener = listener,
	        .port = port_of(listener),
	        .listening = true};
	struct epoll_event e = {.events = EPOLLIN, .data.ptr = f};
	(void)epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
	*out = f;
	return DD_OK;
}

void dd_front_stop(struct dd_front *f)
{
	if (f->listener >= 0)
		close(f->listener);
	f->listener = -1;
	while (f->list)
		drop(f, f->list);
}

void dd_front_close(struct dd_front *f)
{
	if (!f)
		return;
	dd_front_stop(f);
	close(f->epoll);
	free(f);
}

uint16_t dd_front_port(const struct dd_front *f)
{
	return f->port;
}

int dd_front_fd(const struct dd_front *f)
{
	return f->epoll;
}

void dd_front_watch(struct dd_front *f, int fd, bool drained)
{
	struct epoll_event e = {
	        .events = EPOLLIN, .data.u64 = (uint64_t)fd << 2 | (drained ? 2 : 0) | 1};
	(void)epoll_ctl(f->epoll, EPOLL_CTL_ADD, fd, &e);
}
