/* Connections that are nobody's yet: what stands at their beginning says whether they are TLS,
   plain HTTP, or meant for a proxy. Nothing is taken away from a connection before that is known,
   so that whoever gets it reads it from its beginning. */
#ifndef DD_NET_FRONT_H
#define DD_NET_FRONT_H

#include "base/text.h"

struct sockaddr;

enum {
	DD_FRONT_HEAD_MAX = 16 * 1024, /* bytes of a request to a proxy, without its body */
	DD_FRONT_HOST_MAX = 256,
	DD_FRONT_TIMEOUT_S = 15 /* until it is known what a connection is */
};

/* What a connection begins with. */
enum dd_opening {
	DD_OPENING_MORE, /* it is not known yet */
	DD_OPENING_TLS,
	DD_OPENING_PLAIN,    /* HTTP for a server; or anything else, which that refuses */
	DD_OPENING_CONNECT,  /* a tunnel: CONNECT HOST:PORT */
	DD_OPENING_ABSOLUTE, /* a request to a proxy: GET http://HOST/… */
	DD_OPENING_BAD       /* for a proxy, and no address can be read in it */
};
struct dd_opening_line {
	char host[DD_FRONT_HOST_MAX]; /* of an address in brackets, what is between them */
	unsigned port;
	bool https;        /* of an absolute address */
	size_t target, to; /* its path (perhaps empty) in the bytes: from, and up to */
	size_t head;       /* bytes up to its blank line; 0: that has not come */
};
enum dd_opening dd_opening_read(const char *bytes, size_t n, struct dd_opening_line *out);

/* The host and the path of an absolute address; false: it is none. `*path` is in `url`, or "/". */
bool dd_absolute_read(const char *url, struct dd_opening_line *out, const char **path);
/* Whether a name or an address is this machine's own. */
bool dd_host_is_local(const char *host);

/* What is done with a host that a proxy is asked for. */
enum dd_passage { DD_PASSAGE_REFUSED, DD_PASSAGE_THROUGH };

struct dd_front_options {
	const char *address;
	uint16_t port;
	unsigned connections; /* at once, with those that were given away; more wait in line */
	bool proxy;           /* for programs of this machine; this machine's own servers are
	                         reached through it, too */
	bool pass_through;    /* hosts that are not ours are reached */
	bool (*ours)(void *self, const char *host);
	void (*told)(void *self, const char *host, unsigned port, enum dd_passage passage);
	/* So many connections are somebody's. */
	unsigned (*given)(void *self);
	/* A connection that is known: it must be taken, or closed. */
	void (*give)(void *self, int fd, bool tls, const struct sockaddr *peer, unsigned n);
	void *self;
};
struct dd_front;
enum dd_status dd_front_open(
        const struct dd_front_options *options, struct dd_front **out, struct dd_error *err);
/* NULL is fine. */
void dd_front_close(struct dd_front *front);
uint16_t dd_front_port(const struct dd_front *front);
/* Readable when dd_front_run() has something to do, or one of dd_front_watch() is. */
int dd_front_fd(const struct dd_front *front);
/* `drain`: what can be read of it is dropped: it wakes the loop, and no more. */
void dd_front_watch(struct dd_front *front, int fd, bool drain);
void dd_front_run(struct dd_front *front);
/* Takes nobody any more. */
void dd_front_stop(struct dd_front *front);

#endif
