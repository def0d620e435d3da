/* All calls of a flow, as a graph: a state is a call that waits for something that could go more
   than one way (a key, silence, a server's answer), an edge is one of the ways.

   The walk starts with the answered call, and takes the states one by one, in the order in which
   they were met (breadth first, so that the first way to a state is one of the fewest choices). Of
   each it copies the call once for every choice, makes the choice, and lets the copy run until it
   waits again. If a call in the same state was met before, the edge leads there, and the copy is
   dropped: that is what makes the walk end. Two calls are in the same state when their fingerprints
   are equal: the place in the flow, what waits, the tries, and all values that some text of the
   flow may still ask for; a value that nobody reads is forgotten before, or every number that can
   be typed would be a state of its own. A state keeps its call only until its choices are known. */
#include "explore/walk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/arena.h"
#include "call/by_url.h"
#include "call/fill.h"
#include "call/walks.h"
#include "explore/witness.h"
#include "flow/windows.h"
#include "session/request.h"
#include "session/session.h"

enum {
	PROMPT_MS = 1000,
	DIGIT_GAP_MS = 200,
	SPEAK_MS = 5000,  /* how long the customer speaks */
	FINISH_MS = 3000, /* when the customer presses the key that ends a recording */
};

struct known {
	uint64_t key[2];
	uint32_t state;
	UT_hash_handle hh;
};

/* A call on its way, with what a driver must remember of its effects. */
struct traveller {
	struct dd_call *call;
	uint32_t playing, awaiting, asked; /* tickets; the step that asked */
	uint32_t prompt, prompt_step;      /* what plays */
	uint32_t party, recording;         /* tickets of who is rung or talked to; of a recording */
	bool talks, speaks, spoke;
	dd_ms now;
};

struct walking {
	struct dd_walk *walk;
	const struct dd_walk_options *o;
	struct traveller *at; /* of each state; the call is NULL once its choices are known */
	uint32_t nat, cap_at;
	struct known *known;
	struct dd_arena *arena;
	struct dd_prompts *prompts;
	size_t store; /* of a call */
	bool *read;   /* slots that some text asks for */
	struct dd_window_masks hours;
	struct dd_witnesses *bodies, *numbers; /* of each step; list NULL: not yet looked for */
	struct bound {
		bool counted, compared, rises, falls;
		long low, high;
	} * bounds; /* of each slot */
};

/* Values that nobody reads do not tell calls apart. */
static bool *slots_read(const struct dd_program *p)
{
	bool *read = dd_alloc(p->nslots + 1);
	for (uint32_t i = 0; i < p->nparts; i++)
		if (p->parts[i].slot != DD_NONE)
			read[p->parts[i].slot] = true;
	for (uint32_t i = 0; i < p->nsteps; i++) /* it stands in the URL of a recording */
		if (p->steps[i].applet == DD_RECORD && p->steps[i].record.url_slot != DD_NONE)
			read[DD_SLOT_CALL_SID] = true;
	for (uint32_t i = 0; i < p->nsteps; i++) { /* a call goes by what was answered */
		const struct dd_step *s = &p->steps[i];
		for (int k = 0; dd_step_by_url(s) && s->applet == DD_IVR && k < DD_GATHER_FIELDS;
		        k++)
			read[s->ivr.gather[k]] = true;
		for (int k = 0; dd_step_by_url(s) && s->applet == DD_CONNECT && k < DD_DIAL_FIELDS;
		        k++)
			read[s->connect.dial[k]] = read[s->connect.asked_slot] = true;
	}
	return read;
}

/* Values that are counted: visits, and what is only ever added to. */
static struct bound *bounds_of(const struct dd_program *p)
{
	struct bound *bounds = dd_alloc((p->nslots + 1) * sizeof *bounds);
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].visits_slot != DD_NONE)
			bounds[p->steps[i].visits_slot].counted =
			        bounds[p->steps[i].visits_slot].rises = true;
	for (uint32_t i = 0; i < p->nassignments; i++) {
		const struct dd_assignment *a = &p->assignments[i];
		if (a->text != DD_NONE || a->slot == DD_NONE)
			continue;
		bounds[a->slot].counted = true;
		bounds[a->slot].rises |= a->add > 0;
		bounds[a->slot].falls |= a->add < 0;
	}
	for (uint32_t i = 0; i < p->nslots; i++)
		if (bounds[i].counted)
			bounds[i].compared =
			        dd_counted_bounds(p, i, &bounds[i].low, &bounds[i].high);
	return bounds;
}

/* A count past all that it is compared with is told as one past. */
static void clamp(struct walking *w, const struct traveller *t)
{
	char room[24], text[24];
	for (uint32_t i = 0; i < w->walk->program->nslots; i++) {
		const struct bound *b = &w->bounds[i];
		if (!b->counted || !w->read[i])
			continue;
		struct dd_str value = dd_call_value(t->call, i, 0, room);
		if (value.n == 0 || value.n > 12)
			continue;
		(void)snprintf(text, sizeof text, "%.*s", (int)value.n, value.p);
		char *end;
		long n = strtol(text, &end, 10), high = b->compared ? b->high + 1 : 1,
		     low = b->compared ? b->low - 1 : -1;
		bool over = n > high && !b->falls, under = n < low && !b->rises;
		if (*end || (!over && !under))
			continue;
		(void)snprintf(text, sizeof text, "%ld", n > high ? high : low);
		dd_call_give(t->call, i, dd_str(text));
	}
}

static uint64_t mixed(uint64_t hash, const struct dd_call *call, uint32_t slot)
{
	struct dd_str value = dd_call_value(call, slot, 0, NULL);
	for (size_t i = 0; i <= value.n; i++) /* FNV-1a */
		hash = (hash ^ (i < value.n ? (unsigned char)value.p[i] : 0xFFu)) *
		        UINT64_C(0x100000001B3);
	return hash;
}

/* What was answered makes another step of an applet by URL: 0 in all others. */
static uint64_t answered(const struct dd_program *p, const struct dd_call *call)
{
	uint64_t hash = 0;
	uint32_t at = dd_call_at(call);
	if (at == DD_NONE || !dd_step_by_url(&p->steps[at]))
		return 0;
	if (p->steps[at].applet == DD_IVR) {
		for (int k = 0; k < DD_GATHER_FIELDS; k++)
			hash = mixed(hash, call, p->steps[at].ivr.gather[k]);
		return hash;
	}
	for (int k = 0; k < DD_DIAL_FIELDS; k++)
		hash = mixed(hash, call, p->steps[at].connect.dial[k]);
	return mixed(hash, call, p->steps[at].connect.asked_slot);
}

static void fingerprint(struct walking *w, const struct traveller *t, uint64_t key[2])
{
	if (w->o->places_only) {
		key[0] = dd_call_place(t->call);
		key[1] = answered(w->walk->program, t->call);
	} else {
		for (uint32_t i = 0; i < w->walk->program->nslots; i++)
			if (!w->read[i])
				dd_call_forget(t->call, i);
		clamp(w, t);
		dd_call_fingerprint(t->call, key);
	}
	key[1] ^= (t->talks + UINT64_C(2) * t->speaks + UINT64_C(4) * t->spoke) << 7;
	/* after a wrong key and after silence a menu is at one place, but another prompt plays */
	key[1] ^= (t->playing ? t->prompt + UINT64_C(1) : 0) * UINT64_C(0x9E3779B97F4A7C15);
}

/* Louder than the noise of a telephone line. */
static bool makes_a_sound(const struct dd_sound *sound)
{
	enum { FAINT = 33 }; /* -60 dBFS */
	for (uint32_t i = 0; i < sound->frames; i++)
		if (sound->pcm[i] > FAINT || sound->pcm[i] < -FAINT)
			return true;
	return false;
}

struct dd_played dd_played_of(struct dd_arena *arena, const struct dd_ready *r)
{
	struct dd_played h = {.ms = r->ms,
	        .words = {dd_arena_copy(arena, r->words.p ? r->words.p : "", r->words.n),
	                r->words.n}};
	h.said = h.words;
	if (dd_ready_differs(r))
		h.said = (struct dd_str){dd_arena_copy(arena, r->said.p, r->said.n), r->said.n};
	struct dd_spoken_word *list = dd_ready_words(r, &h.nlist),
	                      *kept = dd_arena_alloc(arena, (h.nlist + 1) * sizeof *list);
	for (size_t i = 0; i < h.nlist; i++)
		kept[i] = list[i];
	h.list = kept;
	dd_free(list);
	for (size_t i = 0; i < r->nparts; i++) {
		const struct dd_ready_part *part = &r->parts[i];
		h.recorded |= part->file.n > 0;
		h.audible |= part->piece.sound &&
		        (part->text.words.n ? part->piece.sound->nwords > 0
		                            : makes_a_sound(part->piece.sound));
	}
	h.problem = r->problem[0] ? dd_arena_copy(arena, r->problem, strlen(r->problem)) : NULL;
	return h;
}

static void note_played(struct walking *w, uint32_t prompt, const struct dd_ready *r)
{
	struct dd_played *h = &w->walk->played[prompt];
	if (h->ms < 0 || r->ms > h->ms || (r->problem[0] && !h->problem))
		*h = dd_played_of(w->walk->arena, r);
}

/* A prompt that a server gives: the flow's first stub answers. `*wait` is how long that takes. */
static const struct dd_ready *fetched(struct walking *w, const struct dd_segment *g, dd_ms *wait)
{
	const struct dd_program *p = w->walk->program;
	const struct dd_stub none = {.error = "refused"},
	                     *stub = g->nstubs ? &p->stubs[g->first_stub] : &none;
	bool timeout = stub->error && strcmp(stub->error, "timeout") == 0;
	*wait = timeout ? DD_REQUEST_TIMEOUT_MS : stub->error ? 0 : stub->delay;
	return dd_prompts_fetched(
	        w->prompts, g, stub->status == 200 ? stub->body : (struct dd_str){"", 0});
}

static dd_ms length_of(struct walking *w, const struct traveller *t)
{
	const struct dd_program *p = w->walk->program;
	const struct dd_segment *first = &p->segments[p->prompts[t->prompt].first];
	uint32_t missing[1];
	size_t none = 0;
	dd_ms wait = 0;
	if (!w->prompts || dd_call_over(t->call))
		return PROMPT_MS;
	const struct dd_ready *r = first->kind == DD_SEG_URL && p->prompts[t->prompt].n == 1
	        ? fetched(w, first, &wait)
	        : dd_prompts_get(w->prompts, t->call, t->prompt, t->now, missing, &none);
	note_played(w, t->prompt, r);
	return wait + r->ms;
}

/* What a text is filled in with here, and what it lacks. */
static void note_values(struct walking *w, const struct dd_call *call, uint32_t template, dd_ms now)
{
	struct dd_walk *walk = w->walk;
	char room[24];
	if (template == DD_NONE || walk->program->templates[template].fixed)
		return;
	const struct dd_template *t = &walk->program->templates[template];
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t slot = walk->program->parts[t->first + i].slot;
		if (slot == DD_NONE)
			continue;
		struct dd_str value = dd_call_value(call, slot, now, room);
		if (!value.p)
			walk->missing[t->first + i] = true;
		else if (!walk->values[slot].p || value.n > walk->values[slot].n)
			walk->values[slot] = (struct dd_str){
			        dd_arena_copy(walk->arena, value.p, value.n), value.n};
	}
}

static void note_request(
        struct walking *w, const struct dd_call *call, const struct dd_passthru *pass, dd_ms now)
{
	const struct dd_program *p = w->walk->program;
	note_values(w, call, pass->url, now);
	note_values(w, call, pass->json, now);
	for (uint32_t i = 0; i < pass->nforms; i++)
		note_values(w, call, p->named_texts[pass->first_form + i].text, now);
	for (uint32_t i = 0; i < pass->nheaders; i++)
		note_values(w, call, p->named_texts[pass->first_header + i].text, now);
}

static void note_texts(
        struct walking *w, const struct dd_call *call, const struct dd_effect *e, dd_ms now)
{
	const struct dd_program *p = w->walk->program;
	if (!w->prompts)
		return;
	if (e->type == DD_FX_PLAY)
		for (uint32_t i = 0; i < p->prompts[e->prompt].n; i++) {
			const struct dd_segment *g = &p->segments[p->prompts[e->prompt].first + i];
			bool filled = g->kind != DD_SEG_PAUSE && g->kind != DD_SEG_REPLY;
			note_values(w, call, filled ? g->text : DD_NONE, now);
		}
	else if (e->type == DD_FX_SMS)
		note_values(w, call, p->steps[e->step].sms.text, now),
		        note_values(w, call, p->steps[e->step].sms.to, now);
	else if (e->type == DD_FX_REQUEST)
		note_request(w, call, &p->steps[e->step].passthru, now);
}

static void remember(struct traveller *t, const struct dd_effects *fx)
{
	for (uint32_t i = 0; i < fx->n; i++) {
		const struct dd_effect *e = &fx->list[i];
		if (e->type == DD_FX_PLAY)
			t->playing = e->ticket, t->prompt = e->prompt, t->prompt_step = e->step;
		else if (e->type == DD_FX_STOP)
			t->playing = 0;
		else if (e->type == DD_FX_REQUEST && e->ticket)
			t->awaiting = e->ticket, t->asked = e->step;
		else if (e->type == DD_FX_FORGET || e->type == DD_FX_EXIT)
			t->awaiting = 0;
		else if (e->type == DD_FX_RING)
			t->party = e->ticket, t->talks = false;
		else if (e->type == DD_FX_PARTY && e->key_index == DD_PARTY_ANSWERED)
			t->talks = true;
		else if (e->type == DD_FX_PARTY || e->type == DD_FX_PARTED)
			t->party = 0, t->talks = false;
		else if (e->type == DD_FX_RECORD)
			t->recording = e->ticket, t->speaks = t->spoke = false;
		else if (e->type == DD_FX_RECORDED)
			t->recording = 0, t->speaks = t->spoke = false;
	}
}

/* Tells the call what happened, and lets it take all steps that take no time. */
static void travel(
        struct walking *w, struct traveller *t, const struct dd_event *event, uint32_t edge)
{
	struct dd_event e = *event;
	t->now = e.at;
	for (;;) {
		struct dd_effects fx;
		uint32_t prompt = t->prompt, step = t->prompt_step;
		dd_call_step(t->call, &e, &fx);
		remember(t, &fx);
		for (uint32_t i = 0; i < fx.n; i++)
			note_texts(w, t->call, &fx.list[i], e.at);
		if (w->o->took)
			w->o->took(w->o->self, edge, e.type, &fx, prompt, step,
			        edge != DD_NONE && e.type == DD_EV_HANG_UP
			                ? w->walk->edges[edge].choice.reply
			                : DD_NONE);
		if (dd_call_over(t->call) || dd_call_deadline(t->call) > e.at)
			return;
		e = (struct dd_event){.type = DD_EV_TIMER, .at = e.at};
	}
}

/* The state of a traveller: a known one, or a new one. DD_NONE when there is no room. */
static uint32_t settle(struct walking *w, struct traveller *t, uint32_t via)
{
	struct dd_walk *walk = w->walk;
	struct known *k;
	uint64_t key[2];
	fingerprint(w, t, key);
	if (dd_call_over(t->call) &&
	        via != DD_NONE) /* the same end from elsewhere is another ending */
		key[1] ^=
		        (walk->edges[via].choice.step + UINT64_C(1)) * UINT64_C(0xC2B2AE3D27D4EB4F);
	HASH_FIND(hh, w->known, key, sizeof key, k);
	if (k) {
		dd_free(t->call);
		return k->state;
	}
	if (walk->nstates >= w->o->max_states) {
		walk->complete = false;
		dd_free(t->call);
		return DD_NONE;
	}
	k = dd_arena_alloc(w->arena, sizeof *k);
	memcpy(k->key, key, sizeof key);
	k->state = walk->nstates;
	HASH_ADD(hh, w->known, key, sizeof k->key, k);
	struct dd_walk_state s = {.via = via,
	        .step = dd_call_at(t->call),
	        .over = dd_call_over(t->call),
	        .goal = dd_call_goal(t->call),
	        .opted_out = dd_call_opted_out(t->call),
	        .prompt = t->playing ? t->prompt : DD_NONE};
	if (s.over) {
		s.ended_by = dd_call_ended_by(t->call);
		s.expanded = true;
		s.step = via == DD_NONE ? DD_NONE : walk->edges[via].choice.step;
		dd_free(t->call);
		t->call = NULL;
	} else {
		s.listens = dd_call_listens(t->call);
		s.waits = dd_call_waits(t->call);
		s.engaged = t->party || t->recording;
	}
	DD_PUSH(walk->states, walk->nstates, walk->cap_states) = s;
	if (t->call) /* it waits here until it is taken up again; its store is not written to */
		t->call = dd_realloc(t->call, 1, dd_call_used(t->call));
	DD_PUSH(w->at, w->nat, w->cap_at) = *t;
	return k->state;
}

static void go(struct walking *w, uint32_t from, struct dd_choice choice, struct dd_event event)
{
	struct dd_walk *walk = w->walk;
	struct traveller t = w->at[from];
	uint32_t edge = walk->nedges;
	choice.playing = t.playing != 0;
	choice.step = dd_call_at(t.call);
	if (choice.kind == DD_CH_REPLY)
		choice.step = t.asked;
	t.call = dd_malloc(dd_call_size(walk->program, w->store));
	dd_call_copy(t.call, w->at[from].call);
	if (event.type == DD_EV_PROMPT_DONE)
		t.playing = 0;
	if (event.type == DD_EV_REPLY)
		t.awaiting = 0;
	if (event.type == DD_EV_SPEECH)
		t.speaks = event.on, t.spoke = true;
	DD_PUSH(walk->edges, walk->nedges, walk->cap_edges) =
	        (struct dd_walk_edge){from, DD_NONE, choice, event.at - t.now};
	travel(w, &t, &event, edge);
	uint32_t to = settle(w, &t, edge);
	walk->edges[edge].to = to;
}

static void go_key(struct walking *w, uint32_t from, char key, dd_ms after)
{
	go(w, from, (struct dd_choice){.kind = DD_CH_KEY, .key = key},
	        (struct dd_event){.type = DD_EV_KEY, .at = w->at[from].now + after, .key = key});
}

static char wrong_key(const struct dd_ivr *ivr)
{
	static const char keys[] = "7865430219*#";
	for (const char *k = keys; *k; k++)
		if (ivr->by_key[dd_key_index(*k)] == DD_NONE)
			return *k;
	return '\0';
}

static const struct dd_witnesses *numbers_of(struct walking *w, uint32_t step)
{
	struct dd_witnesses *n = &w->numbers[step];
	if (!n->all && !n->list)
		*n = dd_typed_numbers(w->walk->program, w->arena, step);
	return n;
}

/* One digit for all, the key that ends the number, and the next digit of each number that makes
 * some branch go another way. */
static void go_digits(struct walking *w, uint32_t from, const struct dd_step *s, dd_ms after)
{
	const struct dd_witnesses *numbers = numbers_of(w, (uint32_t)(s - w->walk->program->steps));
	struct dd_str so_far = dd_call_digits(w->at[from].call);
	struct dd_collect how;
	dd_call_collect(w->at[from].call, dd_call_at(w->at[from].call), &how);
	char typed[DD_DIGITS_MAX], tried[16];
	size_t n = so_far.n, k = 0;
	memcpy(typed, so_far.p, n);
	char any = how.finish == '1' ? '2' : '1';
	bool plain = true; /* else it is the beginning of one of them: no other digit follows */
	for (size_t i = 0; i < n; i++)
		plain &= typed[i] == any;
	if (plain)
		tried[k++] = any;
	if (how.finish)
		tried[k++] = how.finish;
	for (uint32_t i = 0; i < numbers->n && k < sizeof tried - 1; i++) {
		struct dd_str number = numbers->list[i];
		if (number.n > n && memcmp(number.p, typed, n) == 0 &&
		        !memchr(tried, number.p[n], k))
			tried[k++] = number.p[n];
	}
	for (size_t i = 0; i < k; i++)
		go_key(w, from, tried[i], after);
}

static void go_keys(struct walking *w, uint32_t from, const struct dd_step *s, dd_ms after)
{
	const struct dd_ivr *ivr = &s->ivr;
	if (s->applet == DD_GREETING && s->greeting.interruptible) { /* the next menu gets it */
		for (const char *k = w->o->places_only ? "1" : "1234567890*#"; *k; k++)
			go_key(w, from, *k, after);
	} else if (s->applet != DD_IVR) {
		go_key(w, from, '1', after);
	} else if (ivr->collect) {
		go_digits(w, from, s, after);
	} else {
		for (uint32_t k = 0; k < ivr->nkeys; k++)
			go_key(w, from, w->walk->program->keys[ivr->first_key + k].key, after);
		if (wrong_key(ivr))
			go_key(w, from, wrong_key(ivr), after);
	}
}

/* Of an applet by URL. */
static bool is_usable(const struct dd_program *p, uint32_t step, const struct dd_stub *s)
{
	struct dd_parsed_reply parsed;
	dd_reply_parse(&parsed, p, step, s->status, s->error, s->body);
	bool usable = !parsed.why[0];
	dd_reply_fini(&parsed);
	return usable;
}

/* An answer that can be used, where the flow has none. */
static struct dd_str usual_answer(const struct dd_passthru *pass)
{
	return dd_str(pass->by_url == DD_BY_URL_GATHER
	                ? "{\"gather_prompt\":{\"text\":\"Please enter the number.\"}}"
	                : "{\"destination\":{\"numbers\":[\"+919800000001\"]}}");
}

uint32_t dd_way_of_stub(const struct dd_program *p, uint32_t step, const struct dd_stub *s)
{
	const struct dd_passthru *pass = &p->steps[step].passthru;
	if (s->error)
		return strcmp(s->error, "timeout") == 0 ? DD_EXIT_TIMEOUT : DD_EXIT_ERROR;
	if (pass->by_url)
		return is_usable(p, step, s) ? DD_EXIT_200 : DD_EXIT_ERROR;
	for (uint32_t r = 0; s->status == 200 && r < pass->nroutes; r++)
		if (dd_str_same(dd_str_trim(s->body), p->routes[pass->first_route + r].body))
			return 16 + r;
	if (s->status >= 200 && s->status < 300 && pass->exits[DD_EXIT_2XX] != DD_NONE)
		return s->status == 200 && dd_has_exit(pass, DD_EXIT_200) ? DD_EXIT_200
		                                                          : DD_EXIT_2XX;
	return s->status == 200 ? DD_EXIT_200 : s->status == 302 ? DD_EXIT_302 : DD_EXIT_ERROR;
}

struct dd_stub dd_stub_for(const struct dd_program *p, uint32_t step, uint32_t reply)
{
	const struct dd_passthru *pass = &p->steps[step].passthru;
	for (uint32_t i = 0; i < pass->nstubs; i++) {
		const struct dd_stub *s = &p->stubs[pass->first_stub + i];
		if (s->delay < pass->timeout && dd_way_of_stub(p, step, s) == reply)
			return *s;
	}
	if (reply >= 16)
		return (struct dd_stub){
		        .status = 200, .body = p->routes[pass->first_route + reply - 16].body};
	if (reply == DD_EXIT_200 && pass->by_url)
		return (struct dd_stub){.status = 200, .body = usual_answer(pass)};
	if (reply == DD_EXIT_200)
		return (struct dd_stub){.status = 200,
		        .body = dd_str(pass->nroutes ? "an answer no route knows" : "")};
	if (reply == DD_EXIT_TIMEOUT)
		return (struct dd_stub){.error = "timeout"};
	return (struct dd_stub){.status = reply == DD_EXIT_302 ? 302
	                : reply == DD_EXIT_2XX                 ? 201
	                                                       : 500,
	        .body = {"", 0}};
}

struct dd_stub dd_stub_of_choice(
        const struct dd_program *p, const struct dd_choice *c, struct dd_arena *arena)
{
	struct dd_stub stub = dd_stub_for(p, c->step, c->reply);
	if (c->variant) {
		struct dd_witnesses bodies = dd_reply_bodies(p, arena, c->step);
		if (c->variant <= bodies.n)
			stub.body = bodies.list[c->variant - 1];
	}
	return stub;
}

static void go_reply(struct walking *w, uint32_t from, uint32_t answer, uint32_t variant)
{
	const struct traveller *t = &w->at[from];
	struct dd_stub stub = dd_stub_for(w->walk->program, t->asked, answer);
	if (variant)
		stub.body = w->bodies[t->asked].list[variant - 1];
	struct dd_parsed_reply parsed;
	dd_reply_parse(&parsed, w->walk->program, t->asked, stub.status, stub.error, stub.body);
	struct dd_event e = {.type = DD_EV_REPLY,
	        .at = t->now + stub.delay,
	        .ticket = t->awaiting,
	        .reply = &parsed.reply};
	if (answer == DD_EXIT_TIMEOUT) /* the call's own clock is first */
		e = (struct dd_event){.type = DD_EV_TIMER, .at = dd_call_deadline(t->call)};
	go(w, from, (struct dd_choice){.kind = DD_CH_REPLY, .reply = answer, .variant = variant},
	        e);
	dd_reply_fini(&parsed);
}

/* What a server says decides branches: each way that some reply can take. */
static void go_bodies(struct walking *w, uint32_t from, uint32_t step)
{
	const struct dd_program *p = w->walk->program;
	struct dd_witnesses *b = &w->bodies[step];
	if (!b->all && !b->list)
		*b = dd_reply_bodies(p, w->arena, step);
	w->walk->complete &= b->all;
	for (uint32_t v = 0; v < b->n; v++) {
		struct dd_stub stub = {.status = 200, .body = b->list[v]};
		uint32_t way = dd_way_of_stub(p, step, &stub);
		if (way < 16)
			go_reply(w, from, way, v + 1);
	}
}

static void go_party(struct walking *w, uint32_t from, uint32_t party)
{
	const struct traveller *t = &w->at[from];
	dd_ms ring = dd_party_ring_ms(&w->walk->program->steps[dd_call_at(t->call)].connect),
	      deadline = dd_call_deadline(t->call);
	struct dd_event e = {
	        .type = DD_EV_PARTY, .at = t->now + ring, .ticket = t->party, .party = party};
	if (party == DD_PARTY_NO_ANSWER)
		e = (struct dd_event){.type = DD_EV_TIMER, .at = deadline};
	go(w, from, (struct dd_choice){.kind = DD_CH_PARTY, .reply = party}, e);
}

/* Somebody is rung or talked to. */
static void go_connect(struct walking *w, uint32_t from, const struct dd_step *s)
{
	const struct traveller *t = &w->at[from];
	dd_ms now = t->now, deadline = dd_call_deadline(t->call);
	bool talks = t->talks;
	dd_ms patience = talks || !s->connect.by_url ? 2000 : dd_party_ring_ms(&s->connect) / 2;
	struct dd_event parted = {
	        .type = DD_EV_PARTED, .at = now + DD_PARTY_TALK_MS, .ticket = t->party};
	if (talks && parted.at < deadline)
		go(w, from, (struct dd_choice){.kind = DD_CH_PART}, parted);
	else if (talks)
		go(w, from, (struct dd_choice){.kind = DD_CH_WAIT},
		        (struct dd_event){.type = DD_EV_TIMER, .at = deadline});
	for (uint32_t e = 0; !talks && e < DD_PARTIES_COUNT; e++)
		if (e != DD_PARTY_FULL || s->connect.queue || s->connect.has_exit[e])
			go_party(w, from, e);
	if (w->o->interruptions)
		go(w, from, (struct dd_choice){.kind = DD_CH_HANG_UP, .reply = talks},
		        (struct dd_event){.type = DD_EV_HANG_UP, .at = now + patience});
}

dd_ms dd_party_ring_ms(const struct dd_connect *c)
{
	if (c->by_url) /* an answer may let it ring for a second and no more */
		return 1000;
	return c->timeout < DD_PARTY_RING_MS ? c->timeout : DD_PARTY_RING_MS;
}

dd_ms dd_spoken_ms(const struct dd_record *r)
{
	dd_ms room = (r->max - r->silence) / 2; /* the silence behind it must fit */
	return room <= 0 || SPEAK_MS < room ? SPEAK_MS : room;
}

dd_ms dd_pressed_ms(const struct dd_record *r)
{
	return FINISH_MS < r->max ? FINISH_MS : r->max / 2;
}

static void go_recording(struct walking *w, uint32_t from, const struct dd_step *s)
{
	const struct traveller t = w->at[from];
	dd_ms deadline = dd_call_deadline(t.call), now = t.now,
	      spoken = now + dd_spoken_ms(&s->record), pressed = now + dd_pressed_ms(&s->record);
	struct dd_event e = {.type = DD_EV_SPEECH, .at = now, .ticket = t.recording, .on = true};
	if (!t.spoke)
		go(w, from, (struct dd_choice){.kind = DD_CH_SPEAK}, e);
	e.on = false;
	e.at = spoken;
	if (t.speaks && s->record.silence < s->record.max)
		go(w, from, (struct dd_choice){.kind = DD_CH_HUSH}, e);
	if (t.speaks && s->record.finish)
		go_key(w, from, s->record.finish, pressed - now);
	go(w, from, (struct dd_choice){.kind = DD_CH_WAIT},
	        (struct dd_event){.type = DD_EV_TIMER, .at = deadline});
	if (w->o->interruptions && !t.spoke)
		go(w, from, (struct dd_choice){.kind = DD_CH_HANG_UP, .reply = 2},
		        (struct dd_event){.type = DD_EV_HANG_UP, .at = now + 1000});
}

static void go_hours(struct walking *w, uint32_t from)
{
	const struct traveller *t = &w->at[from];
	uint32_t known, opened,
	        bit = UINT32_C(1) << dd_window_of(w->walk->program, dd_call_at(t->call));
	dd_call_hours(t->call, &known, &opened);
	bool can[2];
	for (uint32_t open = 0; open < 2; open++)
		can[open] = dd_window_masks_have(
		        &w->hours, known | bit, open ? opened | bit : opened & ~bit);
	for (uint32_t open = 1; open < 2; open--)
		if (can[open])
			go(w, from, (struct dd_choice){.kind = DD_CH_HOURS, .reply = open},
			        (struct dd_event){.type = DD_EV_HOURS,
			                .at = w->at[from].now,
			                .on = open == 1});
}

static void expanded(struct walking *w, uint32_t i, uint32_t first)
{
	struct dd_walk *walk = w->walk;
	walk->states[i].first = first;
	walk->states[i].n = walk->nedges - first;
	walk->states[i].expanded = true;
	dd_free(w->at[i].call);
	w->at[i].call = NULL;
}

static void expand(struct walking *w, uint32_t i)
{
	struct dd_walk *walk = w->walk;
	struct dd_call *call = w->at[i].call;
	uint32_t playing = w->at[i].playing, awaiting = w->at[i].awaiting, first = walk->nedges;
	dd_ms now = w->at[i].now, deadline = dd_call_deadline(call);
	const struct dd_step *s = &walk->program->steps[dd_call_at(call)];
	dd_ms length = playing ? length_of(w, &w->at[i]) : 0;
	if (dd_call_asks_hours(call) || w->at[i].party || w->at[i].recording) {
		if (dd_call_asks_hours(call))
			go_hours(w, i);
		else if (w->at[i].party)
			go_connect(w, i, s);
		else
			go_recording(w, i, s);
		expanded(w, i, first);
		return;
	}
	/* a greeting is not played for longer than its `max`; one without end is over only then */
	bool cut = playing && !awaiting &&
	        (deadline < now + length || (s->applet == DD_GREETING && s->greeting.loop == 0));
	if (playing && !awaiting && !cut)
		go(w, i, (struct dd_choice){.kind = DD_CH_LISTEN},
		        (struct dd_event){
		                .type = DD_EV_PROMPT_DONE, .at = now + length, .ticket = playing});
	if (!playing && dd_call_listens(call))
		go_keys(w, i, s,
		        dd_call_waits(call)                     ? 0
		                : deadline - now > DIGIT_GAP_MS ? DIGIT_GAP_MS
		                                                : (deadline - now) / 2);
	if (awaiting) {
		for (uint32_t r = 0; r < s->passthru.nroutes; r++)
			go_reply(w, i, 16 + r, 0);
		for (uint32_t e = 0; e < DD_EXITS_COUNT; e++)
			if (dd_has_exit(&s->passthru, e))
				go_reply(w, i, e, 0);
		go_bodies(w, i, w->at[i].asked);
	} else if (deadline != DD_NEVER && (!playing || cut)) {
		go(w, i, (struct dd_choice){.kind = DD_CH_WAIT},
		        (struct dd_event){.type = DD_EV_TIMER, .at = deadline});
	}
	if (playing && dd_call_listens(call) && (w->o->interruptions || s->applet == DD_GREETING))
		go_keys(w, i, s, length / 2);
	if (playing && w->o->interruptions)
		go(w, i, (struct dd_choice){.kind = DD_CH_HANG_UP, .reply = DD_NONE},
		        (struct dd_event){.type = DD_EV_HANG_UP, .at = now + length / 2});
	expanded(w, i, first);
}

struct dd_walk *dd_walk_new(const struct dd_program *program, const struct dd_walk_options *o)
{
	struct dd_walk *walk = dd_alloc(sizeof *walk);
	struct walking w = {
	        .walk = walk, .o = o, .arena = dd_arena_new(), .read = slots_read(program)};
	struct traveller start = {.call = dd_alloc(dd_call_size(program, dd_call_store(o->setup)))};
	w.bodies = dd_alloc((program->nsteps + 1) * sizeof *w.bodies);
	w.numbers = dd_alloc((program->nsteps + 1) * sizeof *w.numbers);
	w.bounds = bounds_of(program);
	w.store = dd_call_store(o->setup);
	walk->program = program;
	walk->complete = true;
	walk->arena = dd_arena_new();
	if (o->tts.say) {
		w.prompts = dd_prompts_new(program, o->tts);
		walk->played =
		        dd_arena_alloc(walk->arena, (program->nprompts + 1) * sizeof *walk->played);
		walk->missing = dd_arena_alloc(walk->arena, program->nparts + 1);
		walk->values =
		        dd_arena_alloc(walk->arena, (program->nslots + 1) * sizeof *walk->values);
		for (uint32_t i = 0; i < program->nprompts; i++)
			walk->played[i].ms = -1;
	}
	dd_call_init(start.call, program, w.store, o->setup);
	if (!o->hours_by_clock) {
		dd_call_ask_hours(start.call);
		w.hours = dd_window_masks_of(program, DD_STARTS_UNIX_MS);
	}
	travel(&w, &start, &(struct dd_event){.type = DD_EV_ANSWERED}, DD_NONE);
	(void)settle(&w, &start, DD_NONE);
	for (uint32_t i = 0; i < walk->nstates; i++)
		if (w.at[i].call)
			expand(&w, i);
	dd_free(w.at);
	dd_free(w.read);
	dd_free(w.hours.list);
	dd_free(w.bodies);
	dd_free(w.numbers);
	dd_free(w.bounds);
	dd_prompts_free(w.prompts);
	HASH_CLEAR(hh, w.known);
	dd_arena_free(w.arena);
	return walk;
}

void dd_walk_free(struct dd_walk *walk)
{
	if (!walk)
		return;
	dd_free(walk->states);
	dd_free(walk->edges);
	dd_arena_free(walk->arena);
	dd_free(walk);
}

uint32_t *dd_walk_way(const struct dd_walk *walk, uint32_t edge, size_t *n)
{
	uint32_t *way = NULL;
	size_t cap = 0;
	*n = 0;
	for (uint32_t e = edge; e != DD_NONE; e = walk->states[walk->edges[e].from].via)
		DD_PUSH(way, *n, cap) = e;
	for (size_t i = 0; i < *n / 2; i++) {
		uint32_t other = way[i];
		way[i] = way[*n - 1 - i];
		way[*n - 1 - i] = other;
	}
	return way;
}
