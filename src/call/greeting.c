/* Greeting: plays a prompt, once or more, and listens to keys only where the flow says so.

       play ──► prompt done ──► play … (loop) ──► next step
         │ max of playing ─────────────────────► next step
         │ any key, skip: ─────────────────────► next step
         └ any key, interruptible: kept for the next menu ► next step */
#include "call/state.h"

static void begin(struct dd_turn *t)
{
	const struct dd_greeting *g = &t->step->greeting;
	t->call->phase = PHASE_PLAYING;
	t->call->started = t->call->now;
	t->call->left = g->loop;
	t->call->timer = t->call->now + g->max;
	play(t, g->prompt);
}

static void prompt_done(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	bool endless = t->step->greeting.loop == 0;
	if (!endless && --c->left == 0) {
		go_to(t, t->step->next);
	} else if (++c->idle > RUNAWAY_STEPS) {
		end_call(t, DD_ENDED_RUNAWAY); /* a prompt of no length */
	} else {
		play(t, t->step->greeting.prompt);
	}
}

static void timer(struct dd_turn *t)
{
	stop(t);
	go_to(t, t->step->next);
}

static void key(struct dd_turn *t, char k)
{
	const struct dd_greeting *g = &t->step->greeting;
	if (!g->skip && !g->interruptible)
		return;
	if (g->interruptible)
		t->call->pending = k;
	stop(t);
	go_to(t, t->step->next);
}

const struct dd_applet_methods greeting_methods = {begin, prompt_done, key, timer, NULL, NULL};
