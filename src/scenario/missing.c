/* First a walk over the flow's places, by choices and without sound, finds the shortest way to each
   exit. Then each way is gone in a real session, which knows the words and the times. */
#include "scenario/missing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"
#include "explore/explore.h"
#include "explore/witness.h"
#include "scenario/run.h"

enum { PLACES_MAX = 200000 };

/* Before the first edge stands DD_NONE: what happens when the call is answered. */
#define UNSEEN UINT32_C(0xFEFEFEFE)

/* The walk over the flow, and the first edge that takes each exit and comes to each step; DD_NONE:
 * none does. */
struct finds {
	struct dd_walk *walk;
	struct dd_counts *seen;
	uint32_t *exits, *steps;
};

static void on_edge(void *self, uint32_t edge, enum dd_event_type event,
        const struct dd_effects *fx, uint32_t playing, uint32_t playing_step, uint32_t leaves)
{
	struct finds *f = self;
	const struct dd_ways *ways = f->seen->ways;
	f->seen->playing = playing;
	f->seen->playing_step = playing_step;
	if (event == DD_EV_HANG_UP)
		f->seen->busy = leaves, f->seen->busy_step = fx->n ? fx->list[0].step : 0;
	dd_counts_take(f->seen, event, fx);
	for (uint32_t i = 0; i < fx->n; i++) {
		uint32_t step = fx->list[i].type == DD_FX_STOP ? playing_step : fx->list[i].step;
		if (step >= ways->program->nsteps)
			continue;
		if (f->seen->steps[step] && f->steps[step] == UNSEEN)
			f->steps[step] = edge;
		for (uint32_t x = ways->first[step]; x < ways->first[step + 1]; x++)
			if (f->seen->exits[x] && f->exits[x] == UNSEEN)
				f->exits[x] = edge;
	}
}

/* Whether calls at one place may go different ways, by their values. */
static bool values_matter(const struct dd_program *p)
{
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].applet == DD_BRANCH ||
		        (p->steps[i].applet == DD_IVR && p->steps[i].ivr.match))
			return true;
	return false;
}

static void find_ways(struct finds *f, const struct dd_ways *ways, const struct dd_setup *setup)
{
	size_t exits = (ways->n + 1) * sizeof *f->exits,
	       steps = (ways->program->nsteps + 1) * sizeof *f->steps;
	f->seen = dd_counts_new(ways);
	f->exits = dd_alloc(exits);
	f->steps = dd_alloc(steps);
	memset(f->exits, 0xFE, exits);
	memset(f->steps, 0xFE, steps);
	struct dd_walk_options o = {.setup = setup,
	        .places_only = !values_matter(ways->program),
	        .interruptions = true,
	        .max_states = PLACES_MAX,
	        .self = f,
	        .took = on_edge};
	f->walk = dd_walk_new(ways->program, &o);
}

static void finds_fini(struct finds *f)
{
	dd_walk_free(f->walk);
	dd_counts_free(f->seen);
	dd_free(f->exits);
	dd_free(f->steps);
}

/* -- going the way ---------------------------------------------------------- */

struct tour {
	const struct dd_program *program;
	struct dd_session *session;
	const struct dd_trace *trace;
	struct dd_buf script, digits;
	struct dd_counts *counts;
	size_t told;
	dd_ms clock;
	bool spoke; /* to the recording that runs */
	int64_t at; /* when the call is answered, where hours need it; 0: as ever */
	const struct dd_given_stubs *stubs;
	size_t nstubs;
};

static void on_effects(void *self, const struct dd_call *call, enum dd_event_type event,
        const struct dd_effects *effects)
{
	struct tour *t = self;
	(void)call;
	dd_counts_take(t->counts, event, effects);
}

/* Text that a scenario must read as it is: braces are doubled, and slashes at both ends are not an
 * expression. */
static void literal(struct dd_buf *out, struct dd_str text)
{
	struct dd_buf doubled = {0};
	while (text.n > 2 && text.p[0] == '/' && text.p[text.n - 1] == '/')
		text.p++, text.n--;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '{' || text.p[i] == '}')
			dd_buf_char(&doubled, text.p[i]);
		dd_buf_char(&doubled, text.p[i]);
	}
	dd_buf_yaml(out, (struct dd_str){doubled.p ? doubled.p : "", doubled.n});
	dd_buf_free(&doubled);
}

/* As people write it: whole seconds as seconds. */
static void duration(struct dd_buf *out, dd_ms ms)
{
	dd_buf_format(out, ms % 1000 ? "%lldms" : "%llds", (long long)(ms % 1000 ? ms : ms / 1000));
}

static void add_time_line(struct dd_buf *out, const char *key, dd_ms ms)
{
	dd_buf_str(out, key);
	duration(out, ms);
	dd_buf_char(out, '\n');
}

static bool has_words(struct dd_str text)
{
	struct dd_buf folded = {0};
	dd_fold_words(text, &folded, NULL);
	bool some = folded.n > 0;
	dd_buf_free(&folded);
	return some;
}

static void flush_keys(struct tour *t)
{
	if (t->digits.n) {
		dd_buf_str(&t->script, "      - press: ");
		dd_buf_yaml(&t->script, (struct dd_str){t->digits.p, t->digits.n});
		dd_buf_char(&t->script, '\n');
	}
	dd_buf_clear(&t->digits);
}

static size_t end_of(const struct tour *t, size_t i, bool *stopped)
{
	size_t j = i + 1;
	*stopped = false;
	while (j < t->trace->nevents && t->trace->events[j].type != DD_TR_PROMPT &&
	        t->trace->events[j].type != DD_TR_PROMPT_STOPPED)
		j++;
	*stopped = j < t->trace->nevents && t->trace->events[j].type == DD_TR_PROMPT_STOPPED;
	return j;
}

/* A pause before it comes from the flow's own times, so it is the same for every voice. */
static void tell_prompt(struct tour *t, const struct dd_trace_event *e)
{
	struct dd_buf all = {0};
	dd_prompt_described(t->trace, e, &all);
	struct dd_str name = {all.p ? all.p : "", all.n};
	if (has_words(name)) {
		flush_keys(t);
		dd_buf_str(&t->script, "      - hear: ");
		literal(&t->script, name);
		dd_buf_char(&t->script, '\n');
		if (e->at > t->clock)
			add_time_line(&t->script, "        within: ", e->at - t->clock);
		t->clock = e->at + e->ms;
	}
	dd_buf_free(&all);
}

/* Items for everything that happened and is over. */
static void tell_what_happened(struct tour *t)
{
	char room[32];
	dd_ms now = dd_session_now(t->session);
	for (; t->told < t->trace->nevents; t->told++) {
		const struct dd_trace_event *e = &t->trace->events[t->told];
		bool hold = e->step != DD_NONE && t->program->steps[e->step].applet == DD_PASSTHRU,
		     stopped;
		if (e->type == DD_TR_PROMPT && !hold) {
			(void)end_of(t, t->told, &stopped);
			if (!stopped && e->at + e->ms > now)
				return;
			if (!stopped)
				tell_prompt(t, e);
		} else if (e->type == DD_TR_SMS && has_words(dd_trace_str(t->trace, e->text))) {
			flush_keys(t);
			dd_buf_str(&t->script, "      - sms: ");
			literal(&t->script, dd_trace_str(t->trace, e->text));
			dd_buf_char(&t->script, '\n');
			t->clock = e->at > t->clock ? e->at : t->clock;
		} else if (e->type == DD_TR_REQUEST && e->step != DD_NONE) {
			flush_keys(t);
			dd_buf_format(&t->script, "      - request: %s\n",
			        dd_step_name(t->program, e->step, room));
			t->clock = e->at > t->clock ? e->at : t->clock;
		}
	}
}

static void go_to_next(struct tour *t)
{
	dd_ms next = dd_session_next(t->session);
	if (next != DD_NEVER)
		dd_session_advance(t->session, next);
	tell_what_happened(t);
}

/* Brings the script's clock to now. */
static void sync_clock(struct tour *t)
{
	dd_ms now = dd_session_now(t->session);
	if (t->clock < now && !t->digits.n)
		add_time_line(&t->script, "      - wait: ", now - t->clock);
	t->clock = now;
}

/* The first half of the words that play, or the only one, and the moment they have been spoken. */
static bool half_spoken(const struct tour *t, struct dd_str *words, dd_ms *at)
{
	struct dd_playing p;
	if (!dd_session_playing(t->session, dd_session_now(t->session), &p) || !has_words(p.text))
		return false;
	size_t end = 0, half = p.text.n / 2;
	for (size_t i = 1; i < p.text.n && (i <= half || !end); i++)
		if (p.text.p[i] == ' ' && has_words((struct dd_str){p.text.p, i}))
			end = i;
	*words = (struct dd_str){p.text.p, end ? end : p.text.n};
	*at = dd_session_spoken(t->session, words->n);
	if (*at >= p.until)
		*at = p.until - 1;
	return *at > dd_session_now(t->session);
}

/* A key or a hang-up inside the prompt that plays. */
static bool interrupt(struct tour *t, const struct dd_choice *c)
{
	struct dd_playing p;
	struct dd_str words;
	dd_ms at;
	if (!dd_session_playing(t->session, dd_session_now(t->session), &p) || p.until - p.from < 4)
		return false;
	tell_what_happened(t);
	flush_keys(t);
	bool half = half_spoken(t, &words, &at);
	if (!half)
		at = p.from + (p.until - p.from) / 2;
	if (c->kind == DD_CH_KEY)
		dd_buf_format(&t->script, "      - press: { keys: \"%c\", ", c->key);
	else
		dd_buf_str(&t->script, "      - hang_up: { ");
	if (half) {
		dd_buf_str(&t->script, "during: ");
		literal(&t->script, words);
	} else {
		dd_buf_str(&t->script, "after: ");
		duration(&t->script, at - t->clock);
	}
	dd_buf_str(&t->script, " }\n");
	t->clock = at;
	if (c->kind == DD_CH_KEY)
		dd_session_key(t->session, at, c->key);
	else
		dd_session_hang_up(t->session, at);
	tell_what_happened(t);
	return true;
}

/* How much has come of ringing, or of talking. */
static size_t connects_told(const struct tour *t)
{
	size_t n = 0;
	for (size_t i = 0; i < t->trace->nevents; i++)
		n += t->trace->events[i].type == DD_TR_CONNECT &&
		        !dd_str_is(dd_trace_str(t->trace, t->trace->events[i].more), "ringing");
	return n;
}

/* The customer hangs up in the middle of what goes on. */
static bool leave(struct tour *t)
{
	tell_what_happened(t);
	flush_keys(t);
	dd_ms now = dd_session_now(t->session), at = now + 1000;
	if (t->clock < now)
		sync_clock(t);
	dd_buf_str(&t->script, "      - hang_up: { after: 1s }\n");
	t->clock = at;
	dd_session_hang_up(t->session, at);
	tell_what_happened(t);
	return true;
}

/* What the customer says to the recording that runs: nothing, until a key, for a while, to its end.
 */
static void speak(struct tour *t, const struct dd_choice *c, const struct dd_choice *next)
{
	const struct dd_record *r = &t->program->steps[c->step].record;
	dd_ms length = c->kind != DD_CH_SPEAK      ? 0
	        : next && next->kind == DD_CH_KEY  ? dd_pressed_ms(r)
	        : next && next->kind == DD_CH_HUSH ? dd_spoken_ms(r)
	                                           : r->max;
	dd_ms from = dd_session_now(t->session);
	tell_what_happened(t);
	flush_keys(t);
	add_time_line(&t->script, "      - speak: ", length);
	dd_session_speak(t->session, length);
	while (dd_session_records(t->session) && dd_session_next(t->session) <= from + length &&
	        !dd_session_over(t->session))
		dd_session_advance(t->session, dd_session_next(t->session));
	if (dd_session_records(t->session))
		dd_session_advance(t->session, from + length);
	t->clock = dd_session_now(t->session);
	t->spoke = true;
}

static bool choose(struct tour *t, const struct dd_choice *c, const struct dd_choice *next)
{
	if (dd_session_records(t->session) && !t->spoke && c->kind != DD_CH_HANG_UP &&
	        (c->kind == DD_CH_SPEAK || c->kind == DD_CH_WAIT)) {
		speak(t, c, next);
		if (c->kind == DD_CH_SPEAK)
			return true;
	}
	if (c->kind == DD_CH_WAIT && t->spoke) { /* until the recording is over */
		while (dd_session_records(t->session) && !dd_session_over(t->session) &&
		        dd_session_next(t->session) != DD_NEVER)
			go_to_next(t);
		t->spoke = false;
		return true;
	}
	if (c->kind == DD_CH_KEY)
		t->spoke = false;
	struct dd_playing p;
	dd_session_advance(t->session, dd_session_now(t->session)); /* steps that take no time */
	while (c->playing && !dd_session_playing(t->session, 0, &p) &&
	        dd_session_next(t->session) != DD_NEVER)
		go_to_next(t); /* until it is fetched */
	bool playing = dd_session_playing(t->session, 0, &p);
	dd_ms now = dd_session_now(t->session);
	if (dd_session_over(t->session))
		return false;
	switch (c->kind) {
	case DD_CH_LISTEN:
		if (playing)
			go_to_next(t);
		return true;
	case DD_CH_KEY:
		if (playing)
			return interrupt(t, c);
		tell_what_happened(t);
		if (t->digits.n)
			now = t->clock += 200;
		else
			sync_clock(t);
		dd_buf_char(&t->digits, c->key);
		dd_session_key(t->session, now, c->key);
		tell_what_happened(t);
		return true;
	case DD_CH_WAIT: {
		dd_ms due = dd_session_next(t->session);
		tell_what_happened(t);
		if (!playing && due != DD_NEVER && due > now) {
			flush_keys(t);
			sync_clock(t);
			add_time_line(&t->script, "      - silence: ", due - now);
			t->clock = due;
		}
		if (playing) /* a prompt without end: until its time is over */
			while (!dd_session_over(t->session) &&
			        dd_call_at(dd_session_call(t->session)) == c->step &&
			        dd_session_next(t->session) != DD_NEVER)
				go_to_next(t);
		else
			go_to_next(t);
		return true;
	}
	case DD_CH_REPLY:
		while (!dd_session_over(t->session) &&
		        dd_call_at(dd_session_call(t->session)) == c->step &&
		        dd_session_next(t->session) != DD_NEVER)
			go_to_next(t);
		return true;
	case DD_CH_HANG_UP:
		if (playing && dd_call_at(dd_session_call(t->session)) == c->step &&
		        !dd_session_rings(t->session, &(uint32_t){0}))
			return interrupt(t, c);
		return leave(t);
	case DD_CH_PARTY:
	case DD_CH_PART:
		for (size_t before = connects_told(t), i = 0; i < 100000 &&
		        connects_told(t) == before && dd_session_next(t->session) != DD_NEVER;
		        i++)
			go_to_next(t);
		return true;
	case DD_CH_SPEAK: return true; /* see speak() */
	case DD_CH_HUSH:
	case DD_CH_HOURS: return true;
	}
	return false;
}

/* -- stubs of a way --------------------------------------------------------- */

/* What comes of each ringing; past the way everybody answers. */
static void gather_parties(const struct tour *t, const struct dd_choice *way, size_t n,
        uint32_t step, struct dd_arena *arena, struct dd_given_stubs *out)
{
	struct dd_stub *list = dd_arena_alloc(arena, (n + 2) * sizeof *list);
	uint32_t count = 0;
	dd_ms ring = dd_party_ring_ms(&t->program->steps[step].connect);
	for (size_t i = 0; i < n; i++)
		if (way[i].kind == DD_CH_PARTY && way[i].step == step)
			list[count++] = (struct dd_stub){.party = (enum dd_party)way[i].reply,
			        .ring = way[i].reply == DD_PARTY_NO_ANSWER ? -1 : ring,
			        .talk = DD_PARTY_TALK_MS};
	bool hangs_up = n && way[n - 1].kind == DD_CH_HANG_UP;
	if (hangs_up && t->program->steps[step].connect.by_url)
		ring = DD_PARTY_RING_MS; /* long enough to hang up in */
	list[count++] = (struct dd_stub){
	        .party = DD_PARTY_ANSWERED, .ring = ring, .talk = DD_PARTY_TALK_MS};
	*out = (struct dd_given_stubs){step, list, count, false};
}

/* A list for each step that asks on the way, with one more answer for whatever comes after it. */
static void gather_stubs(
        struct tour *t, const struct dd_choice *way, size_t n, struct dd_arena *arena)
{
	const struct dd_program *p = t->program;
	struct dd_given_stubs *all = dd_arena_alloc(arena, (p->nsteps + 1) * sizeof *all);
	for (uint32_t step = 0; step < p->nsteps; step++) {
		const struct dd_step *s = &p->steps[step];
		struct dd_stub *list = dd_arena_alloc(arena, (n + 2) * sizeof *list);
		uint32_t count = 0;
		if (s->applet == DD_CONNECT) {
			gather_parties(t, way, n, step, arena, &all[t->nstubs++]);
			continue;
		}
		if (s->applet != DD_PASSTHRU)
			continue;
		for (size_t i = 0; i < n; i++)
			if (way[i].kind == DD_CH_REPLY && way[i].step == step)
				list[count++] = dd_stub_of_choice(p, &way[i], arena);
		if (n && way[n - 1].kind == DD_CH_HANG_UP) /* long enough to hang up in */
			list[count++] = (struct dd_stub){.error = "timeout"};
		else
			list[count++] = s->passthru.nstubs ? p->stubs[s->passthru.first_stub]
			                                   : dd_stub_for(p, step, DD_EXIT_200);
		all[t->nstubs++] = (struct dd_given_stubs){step, list, count, false};
	}
	t->stubs = all;
}

void dd_scenario_stub(struct dd_buf *out, const struct dd_stub *s, bool connects)
{
	if (connects) {
		dd_buf_format(out, "{ outcome: %s", dd_party_name(s->party));
		if (s->ring >= 0 && s->ring != DD_PARTY_RING_MS) {
			dd_buf_str(out, ", ring: ");
			duration(out, s->ring);
		}
		dd_buf_str(out, " }");
		return;
	}
	if (s->error) {
		dd_buf_format(out, "{ error: %s }", s->error);
		return;
	}
	dd_buf_format(out, "{ status: %d", s->status);
	if (s->body.n) {
		dd_buf_str(out, ", body: ");
		dd_buf_yaml(out, s->body);
	}
	if (s->delay) {
		dd_buf_str(out, ", delay: ");
		duration(out, s->delay);
	}
	dd_buf_str(out, " }");
}

static void write_stubs(const struct tour *t, struct dd_buf *out)
{
	char room[32];
	bool first = true;
	for (size_t i = 0; i < t->nstubs; i++) {
		const struct dd_given_stubs *g = &t->stubs[i];
		uint32_t asked = dd_session_asked(t->session, g->step);
		if (!asked)
			continue;
		/* of a connect by URL the answers and what comes of ringing stand in one list */
		bool goes_on = !first && i && dd_step_by_url(&t->program->steps[g->step]) &&
		        t->stubs[i - 1].step + 1 == g->step &&
		        dd_session_asked(t->session, g->step - 1) > 0;
		dd_buf_str(out, first ? "      stubs:\n" : "");
		first = false;
		if (goes_on)
			out->n -= sizeof " ]\n" - 1;
		else
			dd_buf_format(
			        out, "        %s: [ ", dd_step_name(t->program, g->step, room));
		for (uint32_t k = 0; k < asked; k++) {
			dd_buf_str(out, k || goes_on ? ", " : "");
			dd_scenario_stub(out, &g->list[k < g->n ? k : g->n - 1],
			        t->program->steps[g->step].applet == DD_CONNECT);
		}
		dd_buf_str(out, " ]\n");
	}
}

/* -- writing ---------------------------------------------------------------- */

static void write_expect(const struct tour *t, struct dd_buf *out)
{
	char room[32];
	const struct dd_outcome *o = dd_session_outcome(t->session);
	uint32_t told[64], ntold = 0;
	dd_buf_str(out, "    expect:\n      status: completed\n");
	if (o->digits.n) {
		dd_buf_str(out, "      digits: ");
		literal(out, (struct dd_str){o->digits.p, o->digits.n});
		dd_buf_char(out, '\n');
	}
	for (size_t i = t->trace->nevents; i-- > 0;) { /* the last answer of a menu counts */
		const struct dd_trace_event *e = &t->trace->events[i];
		bool known = e->type != DD_TR_ANSWER || ntold == 64;
		for (uint32_t k = 0; k < ntold; k++)
			known |= told[k] == e->step;
		if (known)
			continue;
		dd_buf_format(out, "%s        %s: ", ntold ? "" : "      answers:\n",
		        dd_step_name(t->program, e->step, room));
		literal(out, dd_trace_str(t->trace, e->text));
		dd_buf_char(out, '\n');
		told[ntold++] = e->step;
	}
	if (o->goal)
		dd_buf_str(out, "      goal: true\n");
	if (o->opted_out)
		dd_buf_str(out, "      opted_out: true\n");
}

static void write_scenario(
        const struct tour *t, const char *name, const struct dd_setup *setup, struct dd_buf *out)
{
	struct dd_buf given = {0};
	dd_buf_str(out, "  - name: ");
	literal(out, dd_str(name));
	dd_buf_char(out, '\n');
	for (size_t i = 0; i < setup->nvariables; i++) {
		dd_buf_format(
		        &given, "%s        %s: ", i ? "" : "      variables:\n", setup->names[i]);
		literal(&given, dd_str(setup->values[i]));
		dd_buf_char(&given, '\n');
	}
	write_stubs(t, &given);
	if (t->at) {
		char at[26];
		dd_time_rfc3339(t->at, at);
		dd_buf_format(&given, "      at: %s\n", at);
	}
	if (given.n) {
		dd_buf_str(out, "    given:\n");
		dd_buf_add(out, given.p, given.n);
	}
	dd_buf_str(out, "    script:\n");
	dd_buf_add(out, t->script.p ? t->script.p : "", t->script.n);
	const struct dd_outcome *o = dd_session_outcome(t->session);
	dd_buf_format(out, "      - ended_by: %s\n", dd_ended_by_name(o->ended_by));
	add_time_line(
	        out, "        within: ", o->duration_ms > t->clock ? o->duration_ms - t->clock : 0);
	write_expect(t, out);
	dd_buf_free(&given);
}

/* Goes the way to the end of `edge` in a session and on to the end of the call. True, and the
 * scenario written, when `wanted` then counts. */
static bool write_way(const struct finds *f, uint32_t edge, struct dd_tts tts,
        const struct dd_setup *setup, const char *name, struct dd_counts *counts,
        const uint32_t *wanted, struct dd_buf *out)
{
	size_t n;
	uint32_t *edges = dd_walk_way(f->walk, edge, &n);
	struct dd_choice *way = dd_alloc((n + 1) * sizeof *way);
	struct dd_arena *arena = dd_arena_new();
	struct tour t = {.program = f->walk->program, .counts = dd_counts_new(counts->ways)};
	uint32_t before = *wanted;
	for (size_t i = 0; i < n; i++)
		way[i] = f->walk->edges[edges[i]].choice;
	dd_free(edges);
	gather_stubs(&t, way, n, arena);
	struct dd_watch watch = {&t, on_effects};
	struct dd_session_options so = {.program = t.program,
	        .setup = *setup,
	        .tts = tts,
	        .record = true,
	        .stubs = t.stubs,
	        .nstubs = t.nstubs,
	        .watch = &watch};
	if (dd_path_moment(
	            t.program, way, n, setup->answered_unix_ms, &so.setup.answered_unix_ms) &&
	        so.setup.answered_unix_ms != setup->answered_unix_ms)
		t.at = so.setup.answered_unix_ms;
	t.session = dd_session_new(&so);
	t.trace = dd_session_trace(t.session);
	dd_session_start(t.session);
	bool fine = true;
	for (size_t i = 0; i < n && fine; i++)
		fine = choose(&t, &way[i], i + 1 < n ? &way[i + 1] : NULL);
	while (!dd_session_over(t.session) && dd_session_next(t.session) != DD_NEVER)
		go_to_next(&t);
	tell_what_happened(&t);
	flush_keys(&t);
	dd_counts_add(counts, t.counts);
	fine = *wanted > before;
	if (fine)
		write_scenario(&t, name, setup, out);
	else
		dd_counts_take_back(counts, t.counts);
	dd_counts_free(t.counts);
	dd_session_free(t.session);
	dd_buf_free(&t.script);
	dd_buf_free(&t.digits);
	dd_arena_free(arena);
	dd_free(way);
	return fine;
}

static void scenario_name(
        const struct dd_ways *ways, uint32_t step, uint32_t exit, struct dd_buf *out)
{
	char room[32];
	dd_buf_clear(out);
	dd_buf_str(out, dd_step_name(ways->program, step, room));
	dd_buf_str(out, ": ");
	if (exit == DD_NONE)
		dd_buf_str(out, dd_applet_name(ways->program->steps[step].applet));
	else
		dd_way_label(ways, exit, out);
}

/* Scenarios for what is not yet counted, as far as calls of this setup come to it. */
static void write_all(const struct dd_program *p, const struct dd_ways *ways, struct dd_tts tts,
        const struct dd_setup *setup, struct dd_counts *counts, struct dd_missing *out)
{
	struct finds f = {0};
	struct dd_buf name = {0};
	find_ways(&f, ways, setup);
	for (uint32_t step = 0; step < p->nsteps; step++) {
		for (uint32_t x = ways->first[step]; x < ways->first[step + 1]; x++) {
			if (counts->exits[x] || f.exits[x] == UNSEEN)
				continue;
			scenario_name(ways, step, x, &name);
			out->written += write_way(&f, f.exits[x], tts, setup, name.p, counts,
			        &counts->exits[x], &out->yaml);
		}
		if (counts->steps[step] || f.steps[step] == UNSEEN)
			continue;
		scenario_name(ways, step, DD_NONE, &name);
		out->written += write_way(&f, f.steps[step], tts, setup, name.p, counts,
		        &counts->steps[step], &out->yaml);
	}
	finds_fini(&f);
	dd_buf_free(&name);
}

void dd_missing_write(const struct dd_program *p, struct dd_tts tts, struct dd_counts *counts,
        struct dd_missing *out)
{
	const struct dd_ways *ways = counts->ways;
	struct dd_arena *arena = dd_arena_new();
	char sid[33];
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	size_t nothers;
	dd_session_sid(1, sid);
	dd_setup_complete(p, arena, &setup);
	dd_buf_str(&out->yaml, "scenarios:\n");
	write_all(p, ways, tts, &setup, counts, out);
	struct dd_setup *others = dd_other_setups(p, arena, &setup, &nothers);
	for (size_t i = 0; i < nothers; i++) /* what only other values of a variable lead to */
		write_all(p, ways, tts, &others[i], counts, out);
	dd_free(others);
	for (uint32_t i = 0; i < p->nsteps; i++)
		out->unreachable += !counts->steps[i];
	for (uint32_t i = 0; i < ways->n; i++)
		out->unreachable += !counts->exits[i];
	dd_arena_free(arena);
}

void dd_missing_fini(struct dd_missing *missing)
{
	dd_buf_free(&missing->yaml);
}
