/* SMS: queued, and the call goes on at once; nothing about it can stop the call. */
#include "call/state.h"

static void begin(struct dd_turn *t)
{
	emit(t, DD_FX_SMS);
	pause_turn(t, t->step->next);
}

const struct dd_applet_methods sms_methods = {begin, NULL, NULL, NULL, NULL, NULL};
