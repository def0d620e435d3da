/* What the API's files share about calls. */
#ifndef DD_SERVE_CALLS_H
#define DD_SERVE_CALLS_H

#include "serve/serving.h"

/* Seconds of conversation, begun ones whole. */
int64_t call_seconds(const struct dd_call_record *record);
/* The flow that a request names, taken, as it is now; NULL after an error was answered: it is not
 * there, or broken. */
/* False after an error was answered: the flow needs values that are not `given` (may be NULL). */
bool call_has_variables(struct ask *a, const struct dd_program *program, const json_t *given);
/* RecordingUrlValidity in ms; false after an error was answered. */
bool call_url_validity(struct ask *a, int64_t *ms);
/* Whether the account has this ExoPhone. */
bool call_has_caller(const struct server *s, const char *caller_id);
struct edition *call_flow(struct ask *a, struct dd_str id, struct app **app);

#endif
