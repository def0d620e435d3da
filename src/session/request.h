/* What is asked of a server, to the letter of the platform, and what its answer holds. */
#ifndef DD_SESSION_REQUEST_H
#define DD_SESSION_REQUEST_H

#include "base/text.h"
#include <drydial/call.h>

#include "flow/program.h"

struct dd_request_text {
	struct dd_buf url, form;
	bool post;
};

/* Fills in URL template `url` and adds the platform's parameters (platform.md, Passthru): to the
   query of a GET, or as the form of a POST. `digits` arrives in double quotes. */
void dd_request_build(struct dd_request_text *out, const struct dd_call *call, uint32_t step,
        uint32_t url, bool post, dd_ms at, uint32_t *missing, size_t *nmissing);
void dd_request_fini(struct dd_request_text *text);

enum { DD_REPLY_FIELDS_MAX = 256 };
struct dd_parsed_reply {
	struct dd_reply reply;
	struct dd_reply_field fields[DD_REPLY_FIELDS_MAX];
	struct dd_arena *arena; /* of the fields' texts; NULL: there are none */
};
/* The fields are the top-level scalars of a JSON object. Borrows `body`. */
void dd_reply_parse(struct dd_parsed_reply *out, int status, const char *error, struct dd_str body);
/* A clause why a body that looks like JSON gives no fields: it is a list, or no JSON at all; NULL:
 * it does, or it is another text. Into `why`. */
const char *dd_reply_unread(struct dd_str body, char *why, size_t size);
void dd_reply_fini(struct dd_parsed_reply *reply);

#endif
