/* Hours: goes by the call's own clock, in no time. A walk decides in its place. */
#include "call/state.h"

#include "base/clock.h"
#include "flow/windows.h"

static void leave(struct dd_turn *t, bool open)
{
	emit(t, DD_FX_BRANCH)->key_index = open ? 0 : DD_NONE;
	pause_turn(t, open ? t->step->hours.then : t->step->hours.otherwise);
}

static void begin(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	uint32_t bit = c->asks_hours ? UINT32_C(1) << dd_window_of(t->program, c->step) : 0;
	if (c->asks_hours && !(c->hours_known & bit))
		c->phase = PHASE_HOURS;
	else
		leave(t,
		        c->asks_hours ? c->hours_open & bit
		                      : dd_window_open(
		                                t->program, c->step, c->answered_unix_ms + c->now));
}

static void people(struct dd_turn *t, const struct dd_event *event)
{
	struct dd_call *c = t->call;
	if (c->phase != PHASE_HOURS)
		return;
	uint32_t bit = UINT32_C(1) << dd_window_of(t->program, c->step);
	c->hours_known |= bit;
	if (event->on)
		c->hours_open |= bit;
	leave(t, event->on);
}

const struct dd_applet_methods hours_methods = {begin, NULL, NULL, NULL, NULL, people};
