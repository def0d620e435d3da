/* A server that is really asked. */
#ifndef DD_PORT_HTTP_H
#define DD_PORT_HTTP_H

#include <drydial/base.h>

struct dd_http_request {
	uint32_t id; /* the reply comes back under it */
	bool post;
	const char *method; /* NULL: POST where `post`, else GET; another one carries `form`, too */
	const char *url;    /* with the query of a GET */
	struct dd_str form; /* the body of a POST */
	const char *type;   /* its content type; NULL: application/x-www-form-urlencoded */
	struct dd_str headers; /* more of them, "Name: value" lines, each with a line feed */
	dd_ms timeout;
	const char *credentials; /* "key:token"; NULL: none */
	bool status_alone; /* the body of the answer is not wanted, however large or broken it is */
	bool whole;        /* the answer's headers are wanted, and its body as it came … */
	size_t most;       /* … of at most so many bytes; 0: DD_REPLY_BYTES_MAX */
};

/* What came of a request: status 0 and `error` ("timeout", "refused", "too-large", …) where there
 * was no whole answer. */
struct dd_http_answer {
	int status;
	const char *error;  /* static text */
	struct dd_str body; /* borrowed until the next request */
	const char *type;   /* content type without parameters, or "" */
	dd_ms took;
	struct dd_str
	        headers; /* where they are wanted: "Name: value" lines, each with a line feed */
};

/* `allowed` says whether the host may be asked at all. `send` starts a request; true: the answer is
   there already (the port waited for it), false: it comes later to whoever runs the port. Both are
   mandatory. */
struct dd_http {
	void *self;
	bool (*allowed)(void *self, const char *url);
	bool (*send)(
	        void *self, const struct dd_http_request *request, struct dd_http_answer *answer);
	/* The answer to `id` is no longer wanted. */
	void (*forget)(void *self, uint32_t id);
};

#endif
