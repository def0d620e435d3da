/* What is asked of a server, to the letter of the platform, and what its answer holds. */
#ifndef DD_SESSION_REQUEST_H
#define DD_SESSION_REQUEST_H

#include "base/text.h"
#include <drydial/call.h>

#include "flow/program.h"

struct dd_request_text {
	struct dd_buf url, body;
	struct dd_buf headers; /* "Name: value" lines, each with a line feed */
	enum dd_method method;
	enum dd_body_kind kind;
	bool too_long; /* something has too many characters when filled in, and was left out */
};

/* Fills in URL template `url` and adds the platform's parameters (platform.md, Passthru) unless the
   flow wants none: as the form of a POST, to a form of the flow's own, and to the query of all
   other requests. `digits` arrives in double quotes. `pass` is NULL for a prompt's URL. `missing`
   has room for `*nmissing` slots. */
void dd_request_build(struct dd_request_text *out, const struct dd_call *call, uint32_t step,
        uint32_t url, const struct dd_passthru *pass, dd_ms at, uint32_t *missing,
        size_t *nmissing);
void dd_request_fini(struct dd_request_text *text);

enum { DD_REPLY_FIELDS_MAX = 256 };
struct dd_parsed_reply {
	struct dd_reply reply;
	struct dd_reply_field fields[DD_REPLY_FIELDS_MAX];
	struct dd_arena *arena; /* of the fields' texts; NULL: there are none */
	char why[240];          /* of an applet by URL: why the answer cannot be used; "": it can */
	const char *note;       /* … and what of it is not simulated; NULL: nothing */
};
/* The fields that passthru `step` asks for: {ID.balance}, {ID.user.name}, {ID.items.0.id}. Borrows
   `body`. Of an applet by URL an answer that cannot be used has none, and the error "unusable"
   where there was one at all. */
void dd_reply_parse(struct dd_parsed_reply *out, const struct dd_program *program, uint32_t step,
        int status, const char *error, struct dd_str body);
/* A clause why a body that looks like JSON gives no fields: it is a list, or no JSON at all; NULL:
 * it does, or it is another text. Into `why`. */
const char *dd_reply_unread(struct dd_str body, char *why, size_t size);
void dd_reply_fini(struct dd_parsed_reply *reply);

#endif
