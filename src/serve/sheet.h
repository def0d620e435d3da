/* Answers of the platform's first version: the same members as XML elements or JSON members. */
#ifndef DD_SERVE_SHEET_H
#define DD_SERVE_SHEET_H

#include "serve/serving.h"

struct sheet {
	struct dd_buf *out;
	bool xml, any;
	const struct server *server;
	int64_t valid_ms; /* how long addresses of recordings hold; 0: for ever */
};
void sheet_begin(struct ask *a, struct sheet *p);
void sheet_end(struct sheet *p);
/* NULL: null. */
void sheet_member(struct sheet *p, const char *name, const char *value);
void sheet_number(struct sheet *p, const char *name, int64_t value);
void sheet_open(struct sheet *p, const char *name);
void sheet_close(struct sheet *p, const char *name);
/* The members of a call in the platform's order; `status` as it is told. */
void sheet_call(
        struct sheet *p, const struct dd_call_record *r, const char *status, bool with_details);

#endif
