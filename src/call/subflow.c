/* Subflow and return: another flow is run, and the call comes back to the step behind. */
#include "call/state.h"

static void begin_subflow(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	const struct dd_flow *flow = &t->program->flows[t->step->target];
	if (c->depth == DD_CALLED_FLOWS_MAX) {
		end_call(t, DD_ENDED_RUNAWAY);
		return;
	}
	emit(t, DD_FX_SUBFLOW)->key_index = t->step->target;
	c->back[c->depth++] = c->step;
	take_examples(t, flow);
	go_to(t, flow->start);
}

static void begin_return(struct dd_turn *t)
{
	go_to(t, DD_GO_BACK);
}

const struct dd_applet_methods subflow_methods = {begin_subflow, NULL, NULL, NULL, NULL, NULL};
const struct dd_applet_methods return_methods = {begin_return, NULL, NULL, NULL, NULL, NULL};
