/* HTTP in, through libmicrohttpd: one thread, its loop lent to whoever runs the program. A request
   reaches its handler whole and bounded; what is not HTTP at all is refused by the library. */
#ifndef DD_NET_HTTPD_H
#define DD_NET_HTTPD_H

#include "net/front.h"

struct dd_httpd;
struct dd_stream;

enum {
	DD_HTTPD_BODY_MAX = 1024 * 1024, /* bytes; more is answered by 413 */
	DD_HTTPD_HEADERS_MAX =
	        16 * 1024,         /* bytes of all names and values; more is answered by 431 */
	DD_HTTPD_VALUES_MAX = 400, /* in an address; more are answered by 431 */
	DD_HTTPD_TIMEOUT_S = 15,   /* without a byte; then the connection is closed */
	DD_HTTPD_REQUEST_S = 30,   /* for a request to come whole, and for its answer to be taken */
	DD_HTTPD_STREAM_MAX = 8 * 1024 * 1024, /* bytes that wait for one reader of a stream … */
	DD_HTTPD_STREAMS_MAX = 64 * 1024 * 1024, /* … and for all of them together */
};

struct dd_param {
	struct dd_str name, value;
};

/* What is wrong with a request before anyone has looked at what it wants. */
enum dd_http_fault {
	DD_HTTP_FINE,
	DD_HTTP_TOO_LARGE, /* the body */
	DD_HTTP_HEADERS_TOO_LARGE,
	DD_HTTP_BAD_FORM,    /* neither a form nor JSON can be read from the body */
	DD_HTTP_BAD_ADDRESS, /* it has a NUL in it */
	DD_HTTP_TWO_LENGTHS, /* of the body: two readers of it might see two requests */
	DD_HTTP_BAD_HEADER,  /* a blank in a name: it may be meant as one that counts */
	DD_HTTP_BAD_CODING,  /* Transfer-Encoding is not chunked */
};

/* One request; everything is borrowed for the call of the handler. Texts end in NUL; a header that
 * did not come is NULL. */
struct dd_http_in {
	const char *method, *path;           /* the path without query, percent signs decoded */
	const struct dd_param *query, *form; /* decoded */
	size_t nquery, nform;
	struct dd_str body; /* as it came; a body that begins with { or [ is not read as a form,
	                       whatever its type says */
	enum dd_http_fault fault;
	bool json; /* the body begins with { or [ */
	const char *authorization, *host, *origin, *fetch_site;
};

/* Zeroed before the handler is called. */
struct dd_http_out {
	int status;                /* 0 is 200 */
	const char *type;          /* static text */
	struct dd_buf body;        /* its memory is taken over */
	const char *challenge;     /* WWW-Authenticate; static text; NULL: none */
	const char *policy;        /* Content-Security-Policy; static text; NULL: none */
	char allow[48];            /* Allow; "": none */
	int retry_after_s;         /* 0: none */
	unsigned limit, remaining; /* X-RateLimit-…; limit 0: none … */
	int64_t reset;             /* … in seconds since 1970 */
	int file; /* in place of `body`: a descriptor that is closed then; 0: none */
	size_t file_bytes;
	bool hold;              /* the answer goes out with the next dd_httpd_release() */
	const bool *not_before; /* with `hold`: nor before this is true; NULL: no matter */
	int64_t late_ms;        /* with `hold`: it goes out so many ms after it could have gone */
	enum { DD_HTTP_WHOLE, DD_HTTP_HALF, DD_HTTP_NOTHING } cut; /* then the connection closes */
	bool first; /* with `hold`: what follows from it waits until it is written: dd_httpd_flush()
	             */
	bool again; /* with `hold`: there is no answer yet; the handler is asked again */
	struct dd_stream *stream; /* in place of `body`: what dd_stream_write() gives, until
	                             dd_stream_end() */
};
typedef void (*dd_http_handler)(void *self, const struct dd_http_in *in, struct dd_http_out *out);

/* How a server can be reached besides: its one port then takes TLS as well as plain HTTP and, when
 * asked to, is a proxy for hosts for which it answers itself. */
struct dd_httpd_reach {
	const char *certificates, *key; /* PEM; borrowed */
	bool proxy, pass_through;       /* see net/front.h */
	bool (*ours)(void *self, const char *host);
	void (*told)(void *self, const char *host, unsigned port, enum dd_passage passage);
	int wake; /* readable: the loop has something to do; what is in it is dropped. -1: none */
};

struct dd_httpd_options {
	const char *address;  /* "127.0.0.1", "::1", "0.0.0.0" */
	uint16_t port;        /* 0: any that is free */
	unsigned connections; /* at once; more wait in line */
	dd_http_handler handler;
	void *self;
	const struct dd_httpd_reach *reach; /* NULL: plain HTTP and nothing else */
};

/* DD_ERR_READ, with a sentence, when the library is not installed or the address cannot be had. */
enum dd_status dd_httpd_open(
        const struct dd_httpd_options *options, struct dd_httpd **out, struct dd_error *err);
/* Answers that are held back go out, streams end. NULL is fine. */
void dd_httpd_close(struct dd_httpd *httpd);
uint16_t dd_httpd_port(const struct dd_httpd *httpd);
/* Readable when dd_httpd_run() has something to do. */
int dd_httpd_fd(const struct dd_httpd *httpd);
/* Milliseconds after which dd_httpd_run() has something to do in any case; -1: never. */
int dd_httpd_timeout(const struct dd_httpd *httpd);
/* Reads, answers and writes what can be done without waiting. */
void dd_httpd_run(struct dd_httpd *httpd);
/* Lets the answers go that were held back, and what was written into streams since. */
void dd_httpd_release(struct dd_httpd *httpd);
/* Writes answers that were released and are `first`, as far as their clients take them. */
void dd_httpd_flush(struct dd_httpd *httpd);
/* What they promise has come to nothing: the handler is asked once more for each answer. It gets
 * the same request, though its form may be decoded already, and must refuse it without looking at
 * that. Streams end with what was released before. */
void dd_httpd_refuse(struct dd_httpd *httpd);
/* Answers that wait for nothing but that. */
size_t dd_httpd_held(const struct dd_httpd *httpd);

/* An answer that goes on. `gone` (mandatory) is told once, when nobody reads any more or it has
 * ended; the stream is freed then. `last` (static) is what a reader hears that is too far behind.
 */
struct dd_stream *dd_stream_new(void (*gone)(void *self), void *self, struct dd_str last);
/* It goes out with the next dd_httpd_release(), whole or not at all. Readers who are so far behind
 * that more than DD_HTTPD_STREAM_MAX waits for them, or who are the furthest behind when more than
 * DD_HTTPD_STREAMS_MAX waits for all, get nothing more of what waits but `last`: their streams end.
 * False: this one has ended. */
bool dd_stream_write(struct dd_stream *stream, const char *bytes, size_t n);
void dd_stream_end(struct dd_stream *stream);

/* Reads `text` as application/x-www-form-urlencoded, decoding it in place. False when it is
 * malformed. `*pairs` is from malloc. */
bool dd_form_read(char *text, size_t n, struct dd_param **pairs, size_t *npairs);

#endif
