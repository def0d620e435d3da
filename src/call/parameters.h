/* The parameters that the platform adds to every request of a flow. */
#ifndef DD_CALL_PARAMETERS_H
#define DD_CALL_PARAMETERS_H

#include "base/text.h"

/* Whether a parameter is one that every request has, whatever the flow is: CallSid, From … The
 * digits are none: they are what the customer has just pressed. */
bool dd_is_platform_parameter(struct dd_str name);
/* Appends a URL for people: of its query what the flow itself wrote, and " +platform" in place of
 * the rest, some 450 characters that are alike in all requests of a call. */
void dd_buf_folded_url(struct dd_buf *out, struct dd_str url);

#endif
