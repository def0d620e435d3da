/* Goto and transfer: the call goes on elsewhere and does not return, and there is no way back to
 * who ran the flow as a subflow. */
#include <string.h>

#include "call/state.h"

void take_examples(struct dd_turn *t, const struct dd_flow *flow)
{
	for (uint32_t i = 0; i < flow->nvariables; i++) {
		uint32_t slot = flow->variables[i];
		struct dd_str example = t->program->slots[slot].example;
		if (t->call->values[slot].kind == VALUE_NONE && example.p)
			set_program_value(t->call, slot, example);
	}
}

static void begin_goto(struct dd_turn *t)
{
	go_to(t, t->step->target);
}

/* The call keeps its values; the other flow's examples fill in only what is missing. */
static void begin_transfer(struct dd_turn *t)
{
	const struct dd_flow *flow = &t->program->flows[t->step->target];
	emit(t, DD_FX_TRANSFER)->key_index = t->step->target;
	take_examples(t, flow);
	memset(t->call->back, 0, sizeof t->call->back);
	t->call->depth = 0;
	go_to(t, flow->start);
}

const struct dd_applet_methods goto_methods = {begin_goto, NULL, NULL, NULL, NULL, NULL};
const struct dd_applet_methods transfer_methods = {begin_transfer, NULL, NULL, NULL, NULL, NULL};
