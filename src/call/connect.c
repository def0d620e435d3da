/* Connect: rings somebody, one number after the other, and joins the two.

       ring ──► answered ──► talk ──► over ──► exit answered
        │ busy, failed, full, no answer in time: the next number; after the last one its exit */
#include <string.h>

#include "call/state.h"

static void ring(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	const struct dd_connect *n = &t->step->connect;
	char room[DD_TEXT_BYTES_MAX + 1];
	struct dd_str to = fill_now(t, t->program->texts[n->first_to + c->left], room);
	remember(c, n->to_slot, dd_str_trim(to));
	c->phase = PHASE_RINGS;
	c->started = c->now;
	c->timer = c->now + n->timeout;
	struct dd_effect *fx = emit(t, DD_FX_RING);
	fx->ticket = c->awaiting = ++c->ticket;
	fx->key_index = c->left;
}

static void begin(struct dd_turn *t)
{
	const struct dd_connect *n = &t->step->connect;
	lose_kept(t);
	t->call->left = 0;
	set_number(t->call, n->seconds_slot, 0);
	ring(t);
	if (n->ring != DD_NONE)
		play(t, n->ring);
}

/* The ring prompt begins anew, unless it has no length. */
static void prompt_done(struct dd_turn *t)
{
	if (++t->call->idle < 2)
		play(t, t->step->connect.ring);
}

static void leave(struct dd_turn *t, enum dd_party how)
{
	stop(t);
	go_to(t, t->step->connect.exits[how]);
}

/* What came of ringing one number. */
static void outcome(struct dd_turn *t, enum dd_party how)
{
	struct dd_call *c = t->call;
	const struct dd_connect *n = &t->step->connect;
	emit(t, DD_FX_PARTY)->key_index = (uint32_t)how;
	remember(c, n->status_slot, dd_str(dd_party_name(how)));
	if (how == DD_PARTY_ANSWERED) {
		stop(t);
		emit(t, DD_FX_EXIT)->key_index = (uint32_t)how;
		if (n->whispers) {
			struct dd_effect *fx = emit(t, DD_FX_REQUEST);
			fx->step = n->whisper;
			fx->ticket = 0;
		}
		c->phase = PHASE_TALK;
		c->started = c->now;
		c->timer = n->time_limit ? c->now + n->time_limit : DD_NEVER;
		return;
	}
	c->awaiting = 0;
	if (++c->left < n->nto) {
		if (++c->idle > RUNAWAY_STEPS)
			end_call(t, DD_ENDED_RUNAWAY);
		else
			ring(t);
		return;
	}
	emit(t, DD_FX_EXIT)->key_index = (uint32_t)how;
	leave(t, how);
}

static void part(struct dd_turn *t, bool at_limit)
{
	struct dd_call *c = t->call;
	c->awaiting = 0;
	set_number(c, t->step->connect.seconds_slot, (c->now - c->started + 500) / 1000);
	emit(t, DD_FX_PARTED)->key_index = at_limit;
	leave(t, DD_PARTY_ANSWERED);
}

/* Of documents: hangupOnStar. */
static void key(struct dd_turn *t, char k)
{
	if (!t->step->connect.star || k != '*' || t->call->phase != PHASE_TALK)
		return;
	emit(t, DD_FX_FORGET)->ticket = t->call->awaiting;
	part(t, false);
}

static void timer(struct dd_turn *t)
{
	emit(t, DD_FX_FORGET)->ticket = t->call->awaiting;
	if (t->call->phase == PHASE_TALK)
		part(t, true);
	else
		outcome(t, DD_PARTY_NO_ANSWER);
}

static void people(struct dd_turn *t, const struct dd_event *event)
{
	if (event->type == DD_EV_PARTY && t->call->phase == PHASE_RINGS &&
	        event->party < DD_PARTIES_COUNT)
		outcome(t, (enum dd_party)event->party);
	else if (event->type == DD_EV_PARTED && t->call->phase == PHASE_TALK)
		part(t, false);
}

const struct dd_applet_methods connect_methods = {begin, prompt_done, key, timer, NULL, people};
