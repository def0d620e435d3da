/* What the API's files share about calls. */
#ifndef DD_SERVE_CALLS_H
#define DD_SERVE_CALLS_H

#include "serve/serving.h"

/* Seconds of conversation, begun ones whole. */
int64_t call_seconds(const struct dd_call_record *record);
/* The flow that a request names, taken, as it is now; NULL after an error was answered: it is not there, or broken. */
struct edition *call_flow(struct ask *a, struct dd_str id, struct app **app);

#endif
