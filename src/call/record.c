/* Record: keeps what the customer says.

       ASK (the prompt) ──► BEEP ──► QUIET ◄──► SPEAKS
                                       │ silence; the finish key; max ──► next step */
#include <stdio.h>
#include <string.h>

#include "call/fill.h"
#include "call/state.h"

static void record_now(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	const struct dd_record *r = &t->step->record;
	c->phase = PHASE_QUIET;
	c->started = c->quiet_since = c->now;
	c->timer = c->now + (r->silence < r->max ? r->silence : r->max);
	emit(t, DD_FX_RECORD)->ticket = c->awaiting = ++c->ticket;
}

static void beep(struct dd_turn *t)
{
	if (!t->step->record.beep) {
		record_now(t);
		return;
	}
	t->call->phase = PHASE_BEEP;
	t->call->timer = t->call->now + DD_BEEP_MS;
	emit(t, DD_FX_BEEP);
}

static void begin(struct dd_turn *t)
{
	lose_kept(t);
	t->call->spoke = false;
	if (t->step->record.prompt == DD_NONE) {
		beep(t);
		return;
	}
	t->call->phase = PHASE_ASK;
	play(t, t->step->record.prompt);
}

static void prompt_done(struct dd_turn *t)
{
	beep(t);
}

/* The silence that ended it is no part of it. */
static dd_ms length_of(const struct dd_call *c, enum dd_recorded how)
{
	switch (how) {
	case DD_REC_NOTHING: return 0;
	case DD_REC_SILENCE: return c->quiet_since - c->started;
	default: return c->now - c->started;
	}
}

static void keep_url(struct dd_turn *t, enum dd_recorded how)
{
	char room[24], url[256];
	uint32_t slot = t->step->record.url_slot;
	if (slot == DD_NONE)
		return;
	clear_value(t->call, slot);
	if (how == DD_REC_NOTHING)
		return;
	struct dd_str sid = dd_call_value(t->call, DD_SLOT_CALL_SID, 0, room);
	char line[24];
	(void)snprintf(line, sizeof line, "line-%u", t->step->line);
	(void)snprintf(url, sizeof url, "https://recordings.example.com/%.*s-%s.mp3",
	        (int)(sid.n < 64 ? sid.n : 64), sid.p, t->step->id ? t->step->id : line);
	set_value(t->call, slot, dd_str(url));
}

static void finish(struct dd_turn *t, enum dd_recorded how)
{
	struct dd_call *c = t->call;
	emit(t, DD_FX_FORGET)->ticket = c->awaiting;
	c->awaiting = 0;
	set_number(c, t->step->record.seconds_slot, (length_of(c, how) + 500) / 1000);
	keep_url(t, how);
	emit(t, DD_FX_RECORDED)->key_index = (uint32_t)how;
	emit(t, DD_FX_EXIT)->key_index = (uint32_t)how;
	c->spoke = false;
	bool nothing = how == DD_REC_NOTHING && t->step->record.has_nothing;
	pause_turn(t, nothing ? t->step->record.nothing : t->step->next);
}

static void timer(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	if (c->phase == PHASE_BEEP)
		record_now(t);
	else if (!c->spoke)
		finish(t, DD_REC_NOTHING);
	else
		finish(t, c->now - c->started >= t->step->record.max ? DD_REC_MAX : DD_REC_SILENCE);
}

bool ends_record(const struct dd_record *record, char key)
{
	int index = dd_key_index(key);
	return key == record->finish || (index >= 0 && record->finish_keys >> index & 1);
}

static void key(struct dd_turn *t, char k)
{
	bool records = t->call->phase == PHASE_QUIET || t->call->phase == PHASE_SPEAKS;
	if (!records || !ends_record(&t->step->record, k))
		return;
	if (t->step->record.finish_keys)
		set_value(t->call, DD_SLOT_DIGITS, (struct dd_str){&k, 1});
	bool nothing = t->step->record.has_nothing && !t->call->spoke;
	finish(t, nothing ? DD_REC_NOTHING : DD_REC_FINISH);
}

static void people(struct dd_turn *t, const struct dd_event *event)
{
	struct dd_call *c = t->call;
	const struct dd_record *r = &t->step->record;
	dd_ms end = c->started + r->max, quiet = c->now + r->silence;
	if (event->type != DD_EV_SPEECH || (c->phase != PHASE_QUIET && c->phase != PHASE_SPEAKS))
		return;
	c->phase = event->on ? PHASE_SPEAKS : PHASE_QUIET;
	c->spoke = event->on || (c->spoke && c->now > c->started); /* for no time at all: not */
	c->quiet_since = c->now;
	c->timer = event->on || quiet > end ? end : quiet;
}

const struct dd_applet_methods record_methods = {begin, prompt_done, key, timer, NULL, people};
