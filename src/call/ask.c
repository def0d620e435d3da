/* What documents of applications have and flows have not. Ask: the next document is asked for, and
   the answer says at which step the call goes on. Remark: something is told, and the call goes on
   at once. */
#include "call/state.h"

static void begin_ask(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	struct dd_effect *fx = emit(t, DD_FX_REQUEST);
	lose_kept(t);
	if (!t->step->ask.wait) {
		fx->ticket = 0;
		pause_turn(t, t->step->next);
		return;
	}
	fx->ticket = c->awaiting = ++c->ticket;
	c->phase = PHASE_REPLY;
	c->started = c->now;
}

static void reply(struct dd_turn *t, const struct dd_reply *r)
{
	go_to(t, r->target);
}

static void begin_remark(struct dd_turn *t)
{
	emit(t, DD_FX_REMARK);
	go_to(t, t->step->next);
}

const struct dd_applet_methods ask_methods = {begin_ask, NULL, NULL, NULL, reply, NULL};
const struct dd_applet_methods remark_methods = {begin_remark, NULL, NULL, NULL, NULL, NULL};
