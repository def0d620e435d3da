/* Connect: rings somebody, one number after the other, and joins the two.

       ring ──► answered ──► talk ──► over ──► exit answered
        │ busy, failed, full, no answer in time: the next number; after the last one its exit */
#include <string.h>

#include "call/by_url.h"
#include "call/state.h"

/* What was answered; n 0 where nothing was, and where nobody was asked. */
static struct dd_str answered(const struct dd_turn *t, enum dd_dial_field field)
{
	const struct dd_connect *n = &t->step->connect;
	struct dd_str none = {"", 0};
	struct dd_str value = n->by_url ? dd_call_value(t->call, n->dial[field], 0, NULL) : none;
	return value.p ? value : none;
}

/* The number that is the `nth` of those joined by commas; n 0: there are fewer. */
static struct dd_str number_in(struct dd_str all, uint32_t nth)
{
	for (;; nth--) {
		const char *comma = all.n ? memchr(all.p, ',', all.n) : NULL;
		size_t end = comma ? (size_t)(comma - all.p) : all.n;
		if (nth == 0)
			return (struct dd_str){all.p, end};
		if (!comma)
			return (struct dd_str){"", 0};
		all.p += end + 1;
		all.n -= end + 1;
	}
}

static bool has_number(const struct dd_turn *t, uint32_t nth)
{
	struct dd_str numbers = answered(t, DD_DIAL_NUMBERS);
	return numbers.n ? number_in(numbers, nth).n > 0 : nth < t->step->connect.nto;
}

static dd_ms answered_ms(const struct dd_turn *t, enum dd_dial_field field, dd_ms otherwise)
{
	long seconds = 0;
	long most = field == DD_DIAL_TALK ? DD_TIME_LIMIT_MAX_S : 3600;
	return dd_whole_number(answered(t, field), 1, most, &seconds) ? 1000 * (dd_ms)seconds
	                                                              : otherwise;
}

static void ring(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	const struct dd_connect *n = &t->step->connect;
	char room[DD_TEXT_BYTES_MAX + 1];
	struct dd_str numbers = answered(t, DD_DIAL_NUMBERS), to;
	if (numbers.n) { /* in a room of its own: it lies in the store that it is put into */
		to = number_in(numbers, c->left);
		memcpy(room, to.p, to.n);
		to.p = room;
	} else {
		to = fill_now(t, t->program->texts[n->first_to + c->left], room);
	}
	remember(c, n->to_slot, dd_str_trim(to));
	c->phase = PHASE_RINGS;
	c->started = c->now;
	c->timer = c->now + answered_ms(t, DD_DIAL_RINGING, n->timeout);
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
	if (!has_number(t, 0)) { /* a host of the library answered so */
		go_to(t, n->exits[DD_PARTY_FAILED]);
		return;
	}
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
	if (t->step->connect.by_url)
		clear_value(t->call, t->step->connect.asked_slot);
	go_to(t, t->step->connect.exits[how]);
}

/* Nobody answered, and the server wants to be asked once more, as on the platform. There a call
   rings until the customer hangs up; here an end comes, or a server that always says so would keep
   a walk over all calls from ever being done. */
static bool asks_again(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	struct dd_str fetch = answered(t, DD_DIAL_FETCH);
	const struct dd_step *asking = t->step - 1;
	if (!dd_str_is(fetch, "true"))
		return false;
	long before = 0, visits = 0;
	struct dd_str asked = dd_call_value(c, t->step->connect.asked_slot, 0, NULL);
	(void)dd_whole_number(asked, 0, DD_FETCHES_MAX, &before);
	if (before + 1 >= DD_FETCHES_MAX) {
		emit(t, DD_FX_ERROR)->key_index = DD_ERROR_FETCHES;
		return false;
	}
	set_number(c, t->step->connect.asked_slot, before + 1);
	if (asking->visits_slot != DD_NONE) { /* it is one visit */
		asked = dd_call_value(c, asking->visits_slot, 0, NULL);
		if (dd_whole_number(asked, 1, DD_VISITS_MAX, &visits))
			set_number(c, asking->visits_slot, visits - 1);
	}
	stop(t);
	go_to(t, c->step - 1);
	return true;
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
		dd_ms limit = answered_ms(t, DD_DIAL_TALK, n->time_limit);
		c->timer = limit ? c->now + limit : DD_NEVER;
		return;
	}
	c->awaiting = 0;
	if (asks_again(t))
		return;
	if (has_number(t, ++c->left)) {
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
