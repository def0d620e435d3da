/* IVR menu: asks for one key, or for a number.

       begin ──► [key waiting? taken at once, no prompt]
         ▼
       PROMPT ── done ──► FIRST ── time-out ──► silence ─┐
         │ key (barge-in: stop)  │ key                   │
         ▼                       ▼                       │
       taken: answer ─► next    DIGITS (collect) ── each digit restarts the time-out
         │ not an input                │ finish, max or time-out: enough? answer ─► next
         ▼                             ▼ too few
       invalid ────────────────► tries left? LEAD (invalid or silence prompt) ─► PROMPT
                                 none left?  otherwise */
#include <string.h>

#include "call/by_url.h"
#include "call/fill.h"
#include "call/state.h"

static bool has_value(const struct dd_turn *t, uint32_t slot)
{
	return t->call->values[slot].kind != VALUE_NONE && t->call->values[slot].length > 0;
}

/* What a menu by URL says: what was answered, for a further try where there is something for it, or
   what the flow says itself. DD_NONE: nobody gave it a prompt. */
static uint32_t prompt_of(const struct dd_turn *t, bool again)
{
	const struct dd_ivr *ivr = &t->step->ivr;
	if (!ivr->by_url)
		return ivr->prompt;
	if (again &&
	        (has_value(t, ivr->gather[DD_GATHER_AGAIN_TEXT]) ||
	                has_value(t, ivr->gather[DD_GATHER_AGAIN_AUDIO])))
		return ivr->again;
	if (has_value(t, ivr->gather[DD_GATHER_TEXT]) || has_value(t, ivr->gather[DD_GATHER_AUDIO]))
		return ivr->prompt;
	return ivr->fallback;
}

static void begin_prompt(struct dd_turn *t, bool again)
{
	uint32_t prompt = prompt_of(t, again);
	t->call->ndigits = 0;
	if (prompt == DD_NONE) {
		go_to(t, t->step->ivr.otherwise);
		return;
	}
	t->call->phase = PHASE_PROMPT;
	play(t, prompt);
}

static void wait_for(struct dd_turn *t, enum dd_phase phase)
{
	struct dd_collect how = {.timeout = t->step->ivr.timeout};
	if (t->step->ivr.by_url)
		dd_call_collect(t->call, t->call->step, &how);
	t->call->phase = phase;
	t->call->timer = t->call->now + how.timeout;
}

/* A try failed: once more, or `otherwise`. */
static void again(struct dd_turn *t, uint32_t lead, bool wrong)
{
	struct dd_call *c = t->call;
	c->timer = DD_NEVER;
	c->ndigits = 0;
	if (c->left == 0) {
		emit(t, DD_FX_TRIES)->key_index = wrong;
		go_to(t, wrong ? t->step->ivr.otherwise_invalid : t->step->ivr.otherwise);
		return;
	}
	c->left--;
	if (++c->idle > RUNAWAY_STEPS) {
		end_call(t, DD_ENDED_RUNAWAY);
	} else if (lead != DD_NONE) {
		c->phase = PHASE_LEAD;
		play(t, lead);
	} else {
		begin_prompt(t, true);
	}
}

static void invalid(struct dd_turn *t)
{
	emit(t, DD_FX_INVALID);
	again(t, t->step->ivr.invalid, true);
}

/* Whether a number is one that the flow takes. */
static bool is_input(struct dd_turn *t)
{
	const struct dd_ivr *ivr = &t->step->ivr;
	struct dd_collect how;
	dd_call_collect(t->call, t->call->step, &how);
	if (t->call->ndigits < how.min)
		return false;
	if (!ivr->match)
		return true;
	int found = dd_pattern_find(ivr->match, (struct dd_str){t->call->digits, t->call->ndigits});
	if (found < 0)
		emit(t, DD_FX_ERROR)->key_index = DD_ERROR_PATTERN;
	return found == 1;
}

static void took_digits(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	const struct dd_ivr *ivr = &t->step->ivr;
	struct dd_str digits = {c->digits, c->ndigits};
	if (!is_input(t)) {
		invalid(t);
		return;
	}
	remember(c, DD_SLOT_DIGITS, digits);
	remember(c, ivr->digits_slot, digits);
	if (!ivr->speech)
		remember(c, ivr->answer_slot, digits);
	else if (ivr->answer_slot != DD_NONE)
		clear_value(c, ivr->answer_slot);
	remember(c, ivr->key_slot, digits);
	emit(t, DD_FX_ANSWER);
	go_to(t, t->step->next);
}

static void set_answer(struct dd_turn *t, const struct dd_key *k)
{
	char text[DD_TEXT_BYTES_MAX + 1];
	size_t n = 0;
	uint32_t slot = t->step->ivr.answer_slot;
	if (slot == DD_NONE)
		return;
	if (k->answer == DD_NONE)
		set_program_value(t->call, slot, (struct dd_str){&k->key, 1});
	else if (dd_call_fill(t->call, k->answer, DD_FILL_PLAIN, t->call->now, text, sizeof text,
	                 &n, NULL, NULL) == DD_OK)
		set_value(t->call, slot, (struct dd_str){text, n});
	else
		clear_value(t->call, slot);
}

static void took_key(struct dd_turn *t, char pressed)
{
	struct dd_call *c = t->call;
	const struct dd_ivr *ivr = &t->step->ivr;
	uint32_t index = ivr->by_key[dd_key_index(pressed)];
	c->digits[0] = pressed;
	c->ndigits = 1;
	if (index == DD_NONE) {
		invalid(t);
		return;
	}
	const struct dd_key *k = &t->program->keys[index];
	struct dd_str text = {&k->key, 1};
	set_program_value(c, DD_SLOT_DIGITS, text);
	if (ivr->key_slot != DD_NONE)
		set_program_value(c, ivr->key_slot, text);
	if (ivr->digits_slot != DD_NONE)
		set_program_value(c, ivr->digits_slot, text);
	set_answer(t, k);
	c->goal |= k->goal;
	c->opted_out |= k->opt_out;
	emit(t, DD_FX_ANSWER)->key_index = index;
	go_to(t, k->target);
}

static void took_digit(struct dd_turn *t, char pressed)
{
	struct dd_call *c = t->call;
	struct dd_collect how;
	dd_call_collect(c, c->step, &how);
	if (pressed == how.finish) {
		took_digits(t);
		return;
	}
	c->digits[c->ndigits++] = pressed;
	if (c->ndigits >= how.max)
		took_digits(t);
	else
		wait_for(t, PHASE_DIGITS);
}

static void take(struct dd_turn *t, char pressed)
{
	t->call->timer = DD_NEVER;
	if (t->step->ivr.collect)
		took_digit(t, pressed);
	else
		took_key(t, pressed);
}

static void begin(struct dd_turn *t)
{
	char waiting = t->call->pending;
	struct dd_collect how;
	dd_call_collect(t->call, t->call->step, &how);
	t->call->left = how.retries;
	t->call->pending = '\0';
	t->call->ndigits = 0;
	if (waiting)
		take(t, waiting);
	else
		begin_prompt(t, false);
}

static void prompt_done(struct dd_turn *t)
{
	if (t->call->phase == PHASE_LEAD)
		begin_prompt(t, true);
	else
		wait_for(t, PHASE_FIRST);
}

static void key(struct dd_turn *t, char k)
{
	bool plays = t->call->phase == PHASE_LEAD || t->call->phase == PHASE_PROMPT;
	if (t->step->ivr.deaf || (plays && !t->step->ivr.barge_in))
		return;
	stop(t);
	take(t, k);
}

static void timer(struct dd_turn *t)
{
	if (t->call->phase == PHASE_DIGITS) {
		took_digits(t);
	} else {
		emit(t, DD_FX_SILENCE);
		again(t, t->step->ivr.silence, false);
	}
}

/* Of documents: what the customer says, in a scenario. */
static void said(struct dd_turn *t, const struct dd_event *event)
{
	const struct dd_ivr *ivr = &t->step->ivr;
	if (event->type != DD_EV_SAID || !ivr->speech)
		return;
	stop(t);
	t->call->timer = DD_NEVER;
	clear_value(t->call, DD_SLOT_DIGITS);
	remember(t->call, ivr->answer_slot, event->said);
	emit(t, DD_FX_ANSWER)->key_index = DD_ANSWER_SAID;
	go_to(t, t->step->next);
}

const struct dd_applet_methods ivr_methods = {begin, prompt_done, key, timer, NULL, said};
