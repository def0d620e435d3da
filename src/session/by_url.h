/* The answer of an applet by URL: whether it can be used, and what it gives. */
#ifndef DD_SESSION_BY_URL_H
#define DD_SESSION_BY_URL_H

#include "base/arena.h"
#include "base/text.h"
#include "call/by_url.h"
#include "doc/tree.h"
#include "flow/program.h"
#include "session/request.h"

/* Reads the body of a 200 in the arena of `out`. NULL: it cannot be used; `out->why` says why, in
   words. `out->note` then is NULL; else something in it that is not simulated, or NULL.
   `*numbers_joined` becomes the numbers of a connect, with commas between them; p NULL: none. */
const struct dd_node *dd_by_url_read(struct dd_parsed_reply *out, const struct dd_passthru *pass,
        struct dd_str body, struct dd_str *numbers_joined);

/* How menu `step` collects its number: by the first stub of the flow that can be used, where there
   is one. Of a menu without a URL as the flow says. */
void dd_stub_collect(const struct dd_program *program, uint32_t step, struct dd_collect *out);

#endif
