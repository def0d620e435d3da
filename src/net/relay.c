/* Bytes from one socket to another, both ways, until both sides have ended. */
#include "net/relay.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/arena.h"
#include "net/front.h"

enum { ROOM = 16 * 1024, STACK_BYTES = 512 * 1024 };

struct relay {
	int client;
	char host[DD_FRONT_HOST_MAX], port[8];
	struct dd_buf first;
	const char *greeting;
};
static atomic_uint running;

/* Waits for one thing of one socket. */
static bool ready(int fd, short what, int seconds)
{
	struct pollfd p = {fd, what, 0};
	return poll(&p, 1, seconds * 1000) > 0;
}

static bool send_all(int fd, const char *bytes, size_t n)
{
	while (n) {
		ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);
		if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
			if (!ready(fd, POLLOUT, DD_RELAY_IDLE_S))
				return false;
			continue;
		}
		if (done <= 0)
			return false;
		bytes += done;
		n -= (size_t)done;
	}
	return true;
}

static int reach_one(const struct addrinfo *a)
{
	int fault = 0, fd = socket(a->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	socklen_t n = sizeof fault;
	if (fd < 0)
		return -1;
	if (connect(fd, a->ai_addr, a->ai_addrlen) == 0)
		return fd;
	if (errno == EINPROGRESS && ready(fd, POLLOUT, DD_RELAY_CONNECT_S) &&
	        getsockopt(fd, SOL_SOCKET, SO_ERROR, &fault, &n) == 0 && fault == 0)
		return fd;
	close(fd);
	return -1;
}

static int reach(const struct relay *r)
{
	const struct addrinfo want = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *list = NULL;
	int fd = -1;
	if (getaddrinfo(r->host, r->port, &want, &list) != 0)
		return -1;
	for (const struct addrinfo *a = list; a && fd < 0; a = a->ai_next)
		fd = reach_one(a);
	freeaddrinfo(list);
	return fd;
}

static void carry(int client, int server)
{
	char room[ROOM];
	struct pollfd p[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
	while (p[0].fd >= 0 || p[1].fd >= 0) {
		if (poll(p, 2, DD_RELAY_IDLE_S * 1000) <= 0)
			return;
		for (int i = 0; i < 2; i++) {
			if (p[i].fd < 0 || !p[i].revents)
				continue;
			int to = i ? client : server;
			ssize_t n = recv(p[i].fd, room, sizeof room, 0);
			if (n < 0 && (errno == EAGAIN || errno == EINTR))
				continue;
			if (n < 0 || (n > 0 && !send_all(to, room, (size_t)n)))
				return;
			if (n == 0) {
				(void)shutdown(to, SHUT_WR);
				p[i].fd = -1;
			}
		}
	}
}

static void *run(void *self)
{
	struct relay *r = self;
	int server = reach(r);
	char text[DD_FRONT_HOST_MAX + 256];
	if (server < 0) {
		int n = snprintf(text, sizeof text,
		        "HTTP/1.1 502 Bad Gateway\r\nContent-Type: text/plain\r\n"
		        "Connection: close\r\n\r\n%s port %s cannot be reached\n",
		        r->host, r->port);
		(void)send_all(r->client, text, (size_t)n);
	} else {
		if ((!r->greeting || send_all(r->client, r->greeting, strlen(r->greeting))) &&
		        send_all(server, r->first.p ? r->first.p : "", r->first.n))
			carry(r->client, server);
		close(server);
	}
	close(r->client);
	dd_buf_free(&r->first);
	free(r);
	atomic_fetch_sub(&running, 1);
	return NULL;
}

void dd_relay(
        int client, const char *host, unsigned port, struct dd_buf *first, const char *greeting)
{
	static const char full[] = "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\n\r\n";
	struct relay *r = dd_alloc(sizeof *r);
	pthread_attr_t attributes;
	pthread_t thread;
	*r = (struct relay){.client = client, .greeting = greeting};
	(void)snprintf(r->host, sizeof r->host, "%s", host);
	(void)snprintf(r->port, sizeof r->port, "%u", port % 65536);
	if (first) {
		r->first = *first;
		*first = (struct dd_buf){0};
	}
	bool fine = atomic_fetch_add(&running, 1) < DD_RELAYS_MAX &&
	        pthread_attr_init(&attributes) == 0;
	if (fine) {
		(void)pthread_attr_setstacksize(&attributes, STACK_BYTES);
		(void)pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
		fine = pthread_create(&thread, &attributes, run, r) == 0;
		(void)pthread_attr_destroy(&attributes);
	}
	if (fine)
		return;
	atomic_fetch_sub(&running, 1);
	(void)send(client, full, sizeof full - 1, MSG_NOSIGNAL | MSG_DONTWAIT);
	close(client);
	dd_buf_free(&r->first);
	free(r);
}
