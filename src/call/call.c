/* The dispatcher: which applet gets which event. Rules that hold for every applet are here: old
   tickets are dropped, the time limit ends a call, steps that take no time are counted. */
#include <string.h>

#include "call/fill.h"
#include "call/state.h"
#include "call/walks.h"

static const struct dd_applet_methods *const APPLETS[] = {
        [DD_GREETING] = &greeting_methods,
        [DD_IVR] = &ivr_methods,
        [DD_PASSTHRU] = &passthru_methods,
        [DD_SMS] = &sms_methods,
        [DD_HANGUP] = &hangup_methods,
        [DD_TRANSFER] = &transfer_methods,
        [DD_GOTO] = &goto_methods,
        [DD_BRANCH] = &branch_methods,
        [DD_SET] = &set_methods,
        [DD_HOURS] = &hours_methods,
        [DD_CONNECT] = &connect_methods,
        [DD_RECORD] = &record_methods,
        [DD_SUBFLOW] = &subflow_methods,
        [DD_RETURN] = &return_methods,
        [DD_ASK] = &ask_methods,
        [DD_REMARK] = &remark_methods,
};

struct dd_effect *emit(struct dd_turn *t, enum dd_effect_type type)
{
	/* Each event leads to a handful of effects and each step begun is checked for room in
	 * go_on(). */
	struct dd_effect *fx = &t->fx->list[t->fx->n++];
	fx->type = type;
	fx->step = t->call->step;
	fx->key = '\0';
	fx->key_index = DD_NONE;
	fx->lost = DD_TAKEN;
	return fx;
}

void play(struct dd_turn *t, uint32_t prompt)
{
	struct dd_effect *fx = emit(t, DD_FX_PLAY);
	fx->prompt = prompt;
	fx->ticket = t->call->playing = ++t->call->ticket;
}

void stop(struct dd_turn *t)
{
	if (!t->call->playing)
		return;
	emit(t, DD_FX_STOP)->ticket = t->call->playing;
	t->call->playing = 0;
}

void end_call(struct dd_turn *t, enum dd_ended_by by)
{
	struct dd_call *c = t->call;
	stop(t);
	if (c->awaiting)
		emit(t, DD_FX_FORGET)->ticket = c->awaiting;
	c->awaiting = 0;
	c->phase = PHASE_OVER;
	c->ended_by = (uint8_t)by;
	c->timer = DD_NEVER;
	emit(t, DD_FX_OVER);
}

/* Where the flow that ends here was run from; what comes next there, or where that one was run
   from if it ends there, too. */
static uint32_t go_back(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	if (c->depth == 0)
		return DD_GO_DROP;
	uint32_t next;
	do {
		const struct dd_step *from = &t->program->steps[c->back[--c->depth]];
		c->back[c->depth] = 0;
		emit(t, DD_FX_RETURN)->key_index = from->flow;
		next = from->next;
	} while (next == DD_GO_BACK && c->depth > 0);
	return next == DD_GO_BACK ? DD_GO_DROP : next;
}

void go_to(struct dd_turn *t, uint32_t target)
{
	struct dd_call *c = t->call;
	c->timer = DD_NEVER;
	if (target == DD_GO_BACK)
		target = go_back(t);
	if (target == DD_GO_DROP) {
		end_call(t, DD_ENDED_DROPPED);
	} else if (target == DD_GO_HANGUP) {
		end_call(t, DD_ENDED_FLOW);
	} else {
		c->step = target;
		c->phase = PHASE_ENTER;
	}
}

void pause_turn(struct dd_turn *t, uint32_t target)
{
	go_to(t, target);
	if (t->call->phase == PHASE_ENTER)
		t->call->timer = t->call->now;
}

void lose_kept(struct dd_turn *t)
{
	if (t->call->pending)
		emit(t, DD_FX_KEPT_LOST)->key = t->call->pending;
	t->call->pending = '\0';
}

struct dd_str fill_now(struct dd_turn *t, uint32_t text, char *room)
{
	const struct dd_template *whole = &t->program->templates[text];
	uint32_t missing[4];
	size_t n = 0, nmissing = 4;
	if (whole->fixed) /* nothing is filled in */
		return whole->n ? t->program->parts[whole->first].text : (struct dd_str){"", 0};
	if (whole->n == 1) { /* "{name}" and nothing else, the most frequent text of a branch */
		struct dd_str value = dd_call_value(
		        t->call, t->program->parts[whole->first].slot, t->call->now, room);
		if (value.p && value.n <= DD_TEXT_CHARS_MAX) {
			memmove(room, value.p, value.n);
			return (struct dd_str){room, value.n};
		}
	}
	if (dd_call_fill(t->call, text, DD_FILL_PLAIN, t->call->now, room, DD_TEXT_BYTES_MAX + 1,
	            &n, missing, &nmissing) != DD_OK) {
		emit(t, DD_FX_ERROR)->key_index = DD_ERROR_TOO_LONG;
		n = 0;
	}
	for (size_t i = 0; i < nmissing; i++)
		if (t->fx->n < DD_EFFECTS_MAX - 4)
			emit(t, DD_FX_MISSING)->key_index = missing[i];
	return (struct dd_str){room, n};
}

void set_number(struct dd_call *c, uint32_t slot, dd_ms number)
{
	char digits[24];
	size_t at = sizeof digits;
	if (slot == DD_NONE)
		return;
	do
		digits[--at] = (char)('0' + number % 10);
	while ((number /= 10) > 0);
	set_value(c, slot, (struct dd_str){digits + at, sizeof digits - at});
}

void remember(struct dd_call *c, uint32_t slot, struct dd_str text)
{
	if (slot != DD_NONE)
		set_value(c, slot, text);
}

/* Before its own texts are filled in. */
static void count_visit(struct dd_turn *t)
{
	char room[24];
	uint32_t slot = t->step->visits_slot;
	if (slot == DD_NONE)
		return;
	struct dd_str was = dd_call_value(t->call, slot, 0, room);
	dd_ms n = 0;
	for (size_t i = 0; i < was.n; i++)
		n = n * 10 + (was.p[i] - '0');
	if (n < DD_VISITS_MAX)
		set_number(t->call, slot, n + 1);
}

/* Begins steps until one waits, the call is over, or the effects of one more step might not fit. */
static void go_on(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	while (c->phase == PHASE_ENTER && c->timer == DD_NEVER) {
		if (t->fx->n > DD_EFFECTS_MAX - 20) {
			c->timer = c->now;
			return;
		}
		if (++c->idle > RUNAWAY_STEPS) {
			end_call(t, DD_ENDED_RUNAWAY);
			return;
		}
		t->step = &t->program->steps[c->step];
		emit(t, DD_FX_STEP);
		count_visit(t);
		APPLETS[t->step->applet]->begin(t);
	}
}

static enum dd_lost lost_here(const struct dd_turn *t, char pressed)
{
	const struct dd_step *step = t->step;
	if (step->applet == DD_IVR && step->ivr.deaf)
		return DD_LOST_SPEECH;
	switch (t->call->phase) {
	case PHASE_PLAYING:
		return step->greeting.skip || step->greeting.interruptible ? DD_TAKEN
		                                                           : DD_LOST_GREETING;
	case PHASE_LEAD:
	case PHASE_PROMPT: return step->ivr.barge_in ? DD_TAKEN : DD_LOST_PROMPT;
	case PHASE_REPLY: return DD_LOST_REQUEST;
	case PHASE_ENTER: return DD_LOST_BETWEEN;
	case PHASE_RINGS: return DD_LOST_RINGING;
	case PHASE_ASK:
	case PHASE_BEEP: return DD_LOST_RECORD;
	case PHASE_QUIET:
	case PHASE_SPEAKS: return ends_record(&step->record, pressed) ? DD_TAKEN : DD_LOST_RECORD;
	default: return DD_TAKEN;
	}
}

const char *dd_lost_reason(enum dd_lost lost)
{
	static const char *const reasons[] = {"", "this greeting takes no keys",
	        "barge_in is false: no key is taken while the prompt plays",
	        "no key is taken while a server is asked", "no step was there to take it",
	        "no key is taken while somebody is rung",
	        "a recording takes no key but the one that ends it",
	        "it was kept for a menu, and none came", "this menu takes speech alone"};
	return reasons[lost];
}

const char *dd_call_error_text(enum dd_call_error error)
{
	static const char *const texts[] = {
	        "the regular expression took too long, or too much memory: the test is not met",
	        "the text has more than 4,096 characters when filled in",
	        "there is no room for the value: it is gone",
	        "the number is too large to be counted on",
	        "whom to ring has been asked ten times, and nobody answered: it is not asked "
	        "again"};
	return texts[error];
}

static void key(struct dd_turn *t, char k)
{
	if (dd_key_index(k) < 0)
		return;
	struct dd_effect *fx = emit(t, DD_FX_KEY);
	fx->key = k;
	fx->lost = lost_here(t, k);
	if (APPLETS[t->step->applet]->key && t->call->phase != PHASE_ENTER)
		APPLETS[t->step->applet]->key(t, k);
}

static void timer(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	if (c->timer > c->now)
		return;
	c->timer = DD_NEVER;
	if (c->phase != PHASE_ENTER && APPLETS[t->step->applet]->timer)
		APPLETS[t->step->applet]->timer(t);
}

static void prompt_done(struct dd_turn *t, uint32_t ticket)
{
	if (!ticket || ticket != t->call->playing)
		return;
	t->call->playing = 0;
	if (APPLETS[t->step->applet]->prompt_done)
		APPLETS[t->step->applet]->prompt_done(t);
}

static void reply(struct dd_turn *t, const struct dd_event *event)
{
	if (!event->ticket || event->ticket != t->call->awaiting ||
	        !APPLETS[t->step->applet]->reply)
		return;
	t->call->awaiting = 0;
	APPLETS[t->step->applet]->reply(t, event->reply);
}

static void people(struct dd_turn *t, const struct dd_event *event)
{
	bool awaited = event->type == DD_EV_HOURS || event->type == DD_EV_SAID ||
	        (event->ticket && event->ticket == t->call->awaiting);
	if (awaited && APPLETS[t->step->applet]->people)
		APPLETS[t->step->applet]->people(t, event);
}

void dd_call_step(struct dd_call *c, const struct dd_event *event, struct dd_effects *effects)
{
	struct dd_turn t = {c, c->program, NULL, effects};
	effects->n = 0;
	if (c->phase == PHASE_OVER ||
	        (c->phase == PHASE_RINGING) != (event->type == DD_EV_ANSWERED))
		return;
	if (event->at > c->now) {
		c->now = event->at;
		c->idle = 0;
	}
	t.step = &t.program->steps[c->step];
	if (c->now >= c->limit) {
		end_call(&t, DD_ENDED_TIME_LIMIT);
		return;
	}
	switch (event->type) {
	case DD_EV_ANSWERED: go_to(&t, c->program->flows[0].start); break;
	case DD_EV_PROMPT_DONE: prompt_done(&t, event->ticket); break;
	case DD_EV_KEY: key(&t, event->key); break;
	case DD_EV_TIMER: timer(&t); break;
	case DD_EV_REPLY: reply(&t, event); break;
	case DD_EV_HANG_UP: end_call(&t, DD_ENDED_CUSTOMER); break;
	case DD_EV_PARTY:
	case DD_EV_PARTED:
	case DD_EV_SPEECH:
	case DD_EV_HOURS:
	case DD_EV_SAID: people(&t, event); break;
	}
	go_on(&t);
	if (c->overflow) {
		c->overflow = false;
		emit(&t, DD_FX_ERROR)->key_index = DD_ERROR_STORE;
	}
}

void dd_call_ask_hours(struct dd_call *call)
{
	call->asks_hours = true;
}

void dd_call_hours(const struct dd_call *call, uint32_t *known, uint32_t *open)
{
	*known = call->hours_known;
	*open = call->hours_open;
}

bool dd_call_asks_hours(const struct dd_call *call)
{
	return call->phase == PHASE_HOURS;
}

dd_ms dd_call_deadline(const struct dd_call *call)
{
	if (call->phase == PHASE_OVER || call->phase == PHASE_RINGING)
		return DD_NEVER;
	return call->timer < call->limit ? call->timer : call->limit;
}

bool dd_call_over(const struct dd_call *call)
{
	return call->phase == PHASE_OVER;
}

enum dd_ended_by dd_call_ended_by(const struct dd_call *call)
{
	return (enum dd_ended_by)call->ended_by;
}

bool dd_call_goal(const struct dd_call *call)
{
	return call->goal;
}

bool dd_call_opted_out(const struct dd_call *call)
{
	return call->opted_out;
}

uint32_t dd_call_at(const struct dd_call *call)
{
	return call->phase == PHASE_RINGING || call->phase == PHASE_OVER ? DD_NONE : call->step;
}

bool dd_call_waits(const struct dd_call *call)
{
	return call->phase == PHASE_FIRST;
}

bool dd_call_listens(const struct dd_call *call)
{
	const struct dd_step *step = &call->program->steps[call->step];
	switch (call->phase) {
	case PHASE_FIRST:
	case PHASE_DIGITS: return true;
	case PHASE_LEAD:
	case PHASE_PROMPT: return step->ivr.barge_in;
	case PHASE_PLAYING: return step->greeting.skip || step->greeting.interruptible;
	case PHASE_QUIET:
	case PHASE_SPEAKS: return step->record.finish || step->record.finish_keys;
	default: return false;
	}
}

struct dd_str dd_call_digits(const struct dd_call *call)
{
	return (struct dd_str){call->digits, call->ndigits};
}

const struct dd_program *dd_call_program(const struct dd_call *call)
{
	return call->program;
}

int64_t dd_call_answered_unix_ms(const struct dd_call *call)
{
	return call->answered_unix_ms;
}

static const char *const ANSWERED_BY[] = {
        "human", "machine", "busy", "no-answer", "failed", "canceled"};

const char *dd_answered_by_name(enum dd_answered_by by)
{
	return ANSWERED_BY[by];
}

bool dd_answered_by_parse(const char *name, enum dd_answered_by *by)
{
	for (size_t i = 0; i < sizeof ANSWERED_BY / sizeof *ANSWERED_BY; i++) {
		if (strcmp(name, ANSWERED_BY[i]) == 0) {
			*by = (enum dd_answered_by)i;
			return true;
		}
	}
	return false;
}

const char *dd_call_status_name(enum dd_call_status status)
{
	static const char *const names[] = {"completed", "busy", "no-answer", "failed", "canceled"};
	return names[status];
}

const char *dd_ended_by_name(enum dd_ended_by by)
{
	static const char *const names[] = {
	        "", "flow", "customer", "dropped", "time-limit", "runaway", "not-answered"};
	return names[by];
}
