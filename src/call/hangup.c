/* Hangup: the flow ends the call. */
#include "call/state.h"

static void begin(struct dd_turn *t)
{
	end_call(t, DD_ENDED_FLOW);
}

const struct dd_applet_methods hangup_methods = {begin, NULL, NULL, NULL, NULL, NULL};
