/* The items of a script, one function each. False: it failed, and the script ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/running.h"
#include "session/script.h"

void run_check_limits(
        struct run *r, const struct dd_limits *l, dd_ms ms, const char *what, const char *where)
{
	if (ms <= l->warn && ms <= l->fail)
		return;
	bool fails = ms > l->fail;
	dd_ms limit = fails ? l->fail : l->warn;
	struct dd_finding *f = run_finding(r, fails ? DD_ERROR : DD_WARNING, "heard-under", l->span,
	        "%s takes %lld.%03lld s, %s %lld.%03lld s", what, (long long)(ms / 1000),
	        (long long)(ms % 1000), fails ? "and may take at most" : "more than",
	        (long long)(limit / 1000), (long long)(limit % 1000));
	f->where = where;
}

static void too_late(struct run *r, const struct dd_item *it, dd_ms at)
{
	FAIL(r, "too-late", it->span,
	        "this comes %lld.%03lld s after the item before it, and may come %lld.%03lld s "
	        "after",
	        (long long)((at - r->clock) / 1000), (long long)((at - r->clock) % 1000),
	        (long long)(it->within / 1000), (long long)(it->within % 1000));
}

/* Looks for the first prompt, from the script's place in the record on, whose words hold the
   item's, and moves the clock to its end. The record grows while the session runs, so the search
   goes on in both:

   - a prompt that was over before the script's clock cannot be heard any more; one that still plays
   can;
   - a prompt that holds the words is played to its end, so that its length is known; if it is cut
   short meanwhile (a key of the script's own, the customer's hang-up), only the words that had
   begun by then were heard, and they must still hold what is looked for, or the search goes on
   behind it;
   - where no prompt of the record fits, the session makes one more step, until the call is over or
   the time of the item is up. */
static bool hear(struct run *r, const struct dd_item *it)
{
	size_t seen = r->cursor, stopped;
	char room[96];
	for (;;) {
		for (; seen < r->trace->nevents; seen++) {
			const struct dd_trace_event *e = &r->trace->events[seen];
			struct run_place_of_match place;
			if (e->type != DD_TR_PROMPT ||
			        (run_prompt_end(r, seen, &stopped) <= r->clock && e->at < r->clock))
				continue;
			int found = run_prompt_matches(r, &it->text, e, &place);
			if (run_gave_up(r, &it->text, found))
				return false;
			if (!found)
				continue;
			dd_ms spoken = e->at, ends = e->at + e->ms;
			bool playing = dd_session_now(r->session) < ends && !run_over(r);
			if (playing && place.end)
				spoken = run_spoken(r, &place);
			else if (place.end)
				spoken = ends;
			while (dd_session_now(r->session) < ends &&
			        (run_prompt_end(r, seen, &stopped), !stopped) && run_step(r))
				continue;
			(void)run_prompt_end(r, seen, &stopped);
			e = &r->trace->events[seen];
			if (stopped &&
			        run_heard_matches(r, &it->text, &r->trace->events[stopped], NULL) !=
			                1)
				continue;
			dd_ms at = stopped ? r->trace->events[stopped].at : ends;
			if (it->within != DD_NEVER && e->at > r->clock + it->within) {
				too_late(r, it, e->at);
				return false;
			}
			run_advance(r, at > r->clock ? at : r->clock);
			r->cursor = seen + 1;
			if (it->first_words != DD_NEVER && spoken > it->first_words) {
				FAIL(r, "first-words", it->span,
				        "these words have been spoken %lld.%03lld s after the "
				        "answer, later than %lld.%03lld s",
				        (long long)(spoken / 1000), (long long)(spoken % 1000),
				        (long long)(it->first_words / 1000),
				        (long long)(it->first_words % 1000));
				return false;
			}
			run_check_limits(r, &it->under, e->ms, "this prompt", NULL);
			return r->out->verdict != DD_FAILED;
		}
		if (!run_step(r))
			break;
	}
	struct dd_finding *f = FAIL(r, "not-heard", it->text.span,
	        "no prompt from here on holds these words; %s", run_how_over(r, room));
	run_describe_nearest(r, f, &it->text);
	return false;
}

/* The moment for a key or a hang-up: now, after a while, or when words have been spoken. */
static bool moment(struct run *r, const struct dd_item *it, dd_ms *at)
{
	char room[96];
	*at = r->clock + it->after;
	if (!it->text.text.p)
		return true;
	for (;;) {
		struct dd_playing p;
		struct run_place_of_match place;
		size_t last = r->trace->nevents;
		while (last > r->cursor && r->trace->events[last - 1].type != DD_TR_PROMPT)
			last--;
		if (last > r->cursor &&
		        dd_session_playing(r->session, dd_session_now(r->session), &p)) {
			int found = run_prompt_matches(
			        r, &it->text, &r->trace->events[last - 1], &place);
			if (run_gave_up(r, &it->text, found))
				return false;
			dd_ms spoken = found && place.end ? run_spoken(r, &place)
			                                  : dd_session_now(r->session);
			if (found && spoken >= r->clock) {
				if (spoken >= p.until)
					spoken = p.until > p.from ? p.until - 1 : p.until;
				*at = spoken + it->after;
				r->cursor = last - 1;
				return true;
			}
		}
		if (!run_step(r))
			break;
		r->clock = dd_session_now(r->session);
	}
	struct dd_finding *f = FAIL(r, "not-heard", it->text.span,
	        "these words are never spoken from here on; %s", run_how_over(r, room));
	run_describe_nearest(r, f, &it->text);
	return false;
}

static bool can_press(struct run *r, const struct dd_item *it, char key)
{
	char room[96];
	if (r->so.answered_by == DD_BY_MACHINE) {
		FAIL(r, "machine-presses", it->span,
		        "a machine answered: it listens and presses nothing");
		return false;
	}
	if (run_over(r)) {
		FAIL(r, "call-over", it->span, "key %c cannot be pressed: %s", key,
		        run_how_over(r, room));
		return false;
	}
	return true;
}

static bool press_key(struct run *r, const struct dd_item *it, dd_ms at, char key)
{
	run_advance(r, at);
	if (!can_press(r, it, key))
		return false;
	dd_session_key(r->session, at, key);
	run_look(r);
	return true;
}

static bool press(struct run *r, const struct dd_item *it)
{
	struct dd_buf room = {0};
	struct dd_str keys = run_text(r, &it->keys, &room);
	dd_ms at = 0;
	bool fine = keys.n == 0 || moment(r, it, &at);
	for (size_t i = 0; i < keys.n && fine; i++) {
		if (dd_key_index(keys.p[i]) < 0) {
			FAIL(r, "bad-key", it->keys.span,
			        "\"%.*s\" are no keys: keys are 0 to 9, * and #", (int)keys.n,
			        keys.p);
			fine = false;
			break;
		}
		fine = press_key(r, it, at, keys.p[i]);
		at += it->gap;
	}
	dd_buf_free(&room);
	return fine;
}

/* Each item when a menu waits, as `drydial call --keys` does it. */
static bool press_list(struct run *r, const struct dd_item *it)
{
	struct dd_buf room = {0};
	struct dd_script script;
	struct dd_str keys = run_text(r, &it->keys, &room);
	if (!room.p)
		dd_buf_add(&room, keys.p, keys.n);
	bool fine = true;
	char how[96];
	if (room.n && dd_script_check(room.p)) {
		FAIL(r, "bad-key", it->keys.span, "%s", dd_script_check(room.p));
		fine = false;
	}
	dd_script_init(&script, room.p);
	script.waits =
	        dd_session_waits(r->session) - (dd_call_waits(dd_session_call(r->session)) ? 1 : 0);
	while (fine && (script.rest || (script.item && *script.item && *script.item != ','))) {
		bool presses;
		dd_ms at = dd_script_moment(&script, r->session, &presses);
		if (run_over(r) || at == DD_NEVER) {
			FAIL(r, "call-over", it->span, "no menu waits for these keys any more: %s",
			        run_how_over(r, how));
			fine = false;
		} else if (presses) {
			if (r->o->pace && !r->o->pace->until(r->o->pace->self, r->session, at))
				r->stopped = true;
			fine = can_press(r, it, script.item ? *script.item : '-');
			if (fine)
				dd_script_press(&script, r->session);
			run_look(r);
		} else {
			(void)run_step(r);
		}
	}
	r->clock = dd_session_now(r->session);
	dd_buf_free(&room);
	return fine;
}

static bool hang_up(struct run *r, const struct dd_item *it)
{
	dd_ms at;
	char room[96];
	if (!moment(r, it, &at))
		return false;
	run_advance(r, at);
	if (run_over(r)) {
		FAIL(r, "call-over", it->span, "the customer cannot hang up: %s",
		        run_how_over(r, room));
		return false;
	}
	dd_session_hang_up(r->session, at);
	return true;
}

/* The recording that runs, or the next one; the clock then is where the customer has spoken. */
static bool speak(struct run *r, const struct dd_item *it)
{
	char room[96];
	while (!dd_session_records(r->session) && run_step(r))
		continue;
	if (!dd_session_records(r->session)) {
		FAIL(r, "not-recorded", it->span, "nothing is recorded from here on; %s",
		        run_how_over(r, room));
		return false;
	}
	if (r->so.answered_by == DD_BY_MACHINE) {
		FAIL(r, "machine-speaks", it->span,
		        "a machine answered: it listens and says nothing");
		return false;
	}
	dd_ms from = dd_session_now(r->session);
	dd_session_speak(r->session, it->after);
	r->clock = from;
	while (dd_session_records(r->session) && !run_over(r) &&
	        dd_session_next(r->session) <= from + it->after && run_step(r))
		continue;
	run_advance(
	        r, dd_session_records(r->session) ? from + it->after : dd_session_now(r->session));
	return true;
}

static size_t ringings(const struct run *r)
{
	size_t n = 0;
	for (size_t i = 0; i < r->trace->nevents; i++)
		n += r->trace->events[i].type == DD_TR_CONNECT &&
		        dd_str_is(dd_trace_str(r->trace, r->trace->events[i].more), "ringing");
	return n;
}

/* The ringing at hand, or the next one: each is decided once. The clock then is where it begins. */
static bool connect(struct run *r, const struct dd_item *it)
{
	char room[96];
	uint32_t step = DD_NONE;
	bool rings;
	while (!(rings = dd_session_rings(r->session, &step) &&
	                       (it->step == DD_NONE || it->step == step) &&
	                       ringings(r) > r->decided) &&
	        run_step(r))
		continue;
	if (!rings) {
		struct dd_finding *f =
		        FAIL(r, "not-rung", it->span, "nobody is rung from here on%s; %s",
		                it->step == DD_NONE ? "" : " by this step", run_how_over(r, room));
		f->step = it->step;
		return false;
	}
	r->decided = ringings(r);
	dd_session_decide(r->session, &it->party);
	r->clock = dd_session_now(r->session);
	return true;
}

/* When a Gather has said what it says; a person who speaks earlier is heard as well, but then a
   scenario would have to know how long it is. */
static bool say(struct run *r, const struct dd_item *it)
{
	struct dd_buf room = {0};
	char why[96];
	while (!run_over(r) && !dd_call_waits(dd_session_call(r->session)) && run_step(r))
		continue;
	if (run_over(r)) {
		FAIL(r, "not-asked", it->span, "nothing asks for speech from here on; %s",
		        run_how_over(r, why));
		return false;
	}
	dd_session_say(r->session, dd_session_now(r->session), run_text(r, &it->text, &room));
	dd_buf_free(&room);
	r->clock = dd_session_now(r->session);
	run_look(r);
	return true;
}

static bool silence(struct run *r, const struct dd_item *it)
{
	dd_ms until = r->clock + it->after;
	size_t seen = r->trace->nevents;
	struct dd_playing p;
	char room[96];
	struct dd_finding *f;
	const struct dd_trace_event *heard = NULL;
	if (dd_session_playing(r->session, r->clock, &p) && p.until > r->clock)
		for (size_t i = seen; i-- && !heard;)
			if (r->trace->events[i].type == DD_TR_PROMPT)
				heard = &r->trace->events[i];
	while (!heard && !run_over(r) && dd_session_next(r->session) < until && run_step(r))
		for (; seen < r->trace->nevents && !heard; seen++)
			if (r->trace->events[seen].type == DD_TR_PROMPT &&
			        r->trace->events[seen].ms)
				heard = &r->trace->events[seen];
	if (heard) {
		dd_ms quiet = heard->at > r->clock ? heard->at - r->clock : 0;
		f = FAIL(r, "not-silent", it->span, "a prompt is heard %s%lld.%03lld s%s",
		        quiet ? "after " : "already, ", (long long)(quiet / 1000),
		        (long long)(quiet % 1000), quiet ? " of silence" : " into the silence");
		struct dd_buf all = {0};
		dd_prompt_described(r->trace, heard, &all);
		f->actual = run_keep(r, &all);
		f->where = run_place(r, heard);
		dd_buf_free(&all);
		return false;
	}
	if (run_over(r) && dd_session_now(r->session) < until) {
		FAIL(r, "not-silent", it->span, "the silence is not %lld.%03lld s long: %s",
		        (long long)(it->after / 1000), (long long)(it->after % 1000),
		        run_how_over(r, room));
		return false;
	}
	run_advance(r, until);
	return true;
}

void run_wrong_end(struct run *r, struct dd_span span, enum dd_ended_by wanted, bool by_row)
{
	char room[96];
	const struct dd_outcome *o = dd_session_outcome(r->session);
	struct dd_finding *f = FAIL(r, "ended-by", span, "%s", run_how_over(r, room));
	f->expected = dd_ended_by_name(wanted);
	f->actual = dd_ended_by_name(o->ended_by);
	f->fix = by_row ? NULL : f->actual;
	f->fix_span = span;
	if (o->ended_by == DD_ENDED_DROPPED)
		f->hint = "the last step leads nowhere: add a hangup";
}

static bool ended_by(struct run *r, const struct dd_item *it)
{
	dd_ms from = r->clock;
	run_to_end(r);
	if (dd_session_outcome(r->session)->ended_by != it->by) {
		run_wrong_end(r, it->span, it->by, false);
		return false;
	}
	if (it->within == DD_NEVER || r->clock <= from + it->within)
		return true;
	dd_ms at = r->clock;
	r->clock = from;
	too_late(r, it, at);
	return false;
}

bool run_item(struct run *r, const struct dd_item *it)
{
	const struct dd_call *call = dd_session_call(r->session);
	if (dd_call_at(call) != DD_NONE)
		r->stood = dd_call_at(call);
	r->from = r->trace->nevents;
	switch (it->kind) {
	case DD_IT_HEAR: return hear(r, it);
	case DD_IT_PRESS: return press(r, it);
	case DD_IT_KEYS: return press_list(r, it);
	case DD_IT_WAIT: run_advance(r, r->clock + it->after); return true;
	case DD_IT_SMS:
	case DD_IT_REQUEST:
	case DD_IT_DOCUMENT: return run_await(r, it);
	case DD_IT_SAY: return say(r, it);
	case DD_IT_SILENCE: return silence(r, it);
	case DD_IT_HANG_UP: return hang_up(r, it);
	case DD_IT_SPEAK: return speak(r, it);
	case DD_IT_CONNECT:
	case DD_IT_DIAL: return connect(r, it);
	case DD_IT_ENDED_BY: return ended_by(r, it);
	case DD_ITEMS_COUNT: break;
	}
	return true;
}
