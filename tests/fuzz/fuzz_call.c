/* The call machine: random events, in and out of order, on a flow with every applet. Deadlines
   never lie in the past, effects stay in bounds, a copy behaves as its original, and the call ends.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call/fill.h"
#include "call/state.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char FLOW[] =
        "flow: Fuzz\nvariables: { a: x, v: '', tries: '0' }\nsteps:\n"
        "  - greeting: { prompt: [ One ], loop: 2, max: 3s, interruptible: true }\n"
        "  - greeting: { text: Two, skip: true, loop: 0, max: 5s }\n"
        "  - id: m\n    ivr: { prompt: P, invalid: I, silence: S, keys: { 1: '{p.f}', 2: { goto: "
        "n }, 3: [ sms: '{m.key}{a}' ], \"*\": { goal: true, goto: m } } }\n"
        "  - id: n\n    ivr: { prompt: N, barge_in: false, collect: { min: 2, max: "
        "5 }, otherwise: [ goto: p ] }\n"
        "  - id: p\n    passthru: { url: 'http://x.y/{n.digits}', hold: H, stub: {}, routes: { r: "
        "[ goto: m ] }, exits: { 302: [ goto: n ], error: [ sms: '{p.text}{p.status}{p.f}' ] } }\n"
        "  - passthru: { url: 'http://x.y/', wait: false, stub: {} }\n"
        "  - set: { v: '{n.digits}{p.f}', tries: { add: 1 } }\n"
        "  - branch: { on: '{v}', cases: [ { is: [ '12', '{a}' ], then: [ greeting: One ] }, { "
        "below: 20, goto: m }, { matches: '/^9+(.*)x?$/i', then: [ sms: '{v}' ] }, { contains: "
        "'3', then: [ set: { v: '{v}{v}' } ] }, { from: 50, to: '1,50,000', then: [ goto: n ] } "
        "], otherwise: [ set: { tries: { add: -3 } } ] }\n"
        "  - branch: { on: '{m.visits}', cases: [ { above: 5, then: [ hangup ] } ] }\n"
        "  - hours: { days: mon-fri, from: '22:00', until: '06:00', holidays: [ 2025-01-26 ], "
        "then: [ greeting: Open ], otherwise: [ goto: c ] }\n"
        "  - id: c\n    connect: { to: [ '+911', '{v}' ], timeout: 5s, time_limit: 20s, ring: "
        "Please wait., exits: { answered: [ greeting: Thanks ], busy: [ goto: r ], no-answer: [ "
        "set: { v: '{c.status}{c.seconds}{c.to}' } ], full: [ goto: m ] } }\n"
        "  - connect: { queue: sales, caller_id: '{v}' }\n"
        "  - id: r\n    record: { prompt: Speak., max: 9s, silence: 2s, finish: '3' }\n"
        "  - ivr: { prompt: '{r.seconds} {r.url}', collect: { min: 2, max: 4, match: '/^1/' } }\n"
        "  - id: g\n    ivr: { prompt: G, collect: { url: 'http://x.y/{v}', stub: {}, min: 2 }, "
        "otherwise: [ sms: '{g.status}{g.digits}' ] }\n"
        "  - id: d\n    connect: { to: { url: 'http://x.y/', stub: {} }, exits: { busy: [ sms: "
        "'{d.to}' ], failed: [ goto: r ], answered: [] } }\n"
        "  - subflow: drydial-fuzz-part.yaml\n"
        "  - goto: m\n";

static const char PART[] =
        "flow: Part\npart: true\nvariables: { v: x }\nsteps:\n"
        "  - id: k\n    ivr: { prompt: K, keys: { 1: [ return ], 2: [ hangup ] } }\n"
        "  - branch: { on: '{k.visits}{v}', cases: [ { empty: true, then: [ return ] } ] }\n";

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		abort();
}

static struct dd_program *program(void)
{
	static struct dd_program *p;
	static struct dd_diags diags;
	if (p)
		return p;
	write_file("/dev/shm/drydial-fuzz-part.yaml", PART);
	write_file("/dev/shm/drydial-fuzz-call.yaml", FLOW);
	dd_diags_init(&diags, dd_arena_new());
	p = dd_program_load("/dev/shm/drydial-fuzz-call.yaml", &diags);
	if (!p)
		abort();
	return p;
}

static void check(const struct dd_call *c, const struct dd_effects *fx, dd_ms now)
{
	if (fx->n > DD_EFFECTS_MAX || (!dd_call_over(c) && dd_call_deadline(c) < now))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct dd_program *p = program();
	struct dd_call *c = calloc(1, dd_call_size(p, 512)),
	               *twin = calloc(1, dd_call_size(p, 512));
	struct dd_effects fx, other;
	char text[DD_TEXT_BYTES_MAX + 1];
	dd_ms now = 0;
	dd_call_init(c, p, 512, &(struct dd_setup){.time_limit = 100000});
	dd_call_step(c, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	for (size_t i = 0; i + 2 < size && !dd_call_over(c); i += 3) {
		struct dd_str rest = {(const char *)data, size < 600 ? size : 600},
		              few = {(const char *)data + i, data[i + 2] & 128 ? 1 : 3};
		struct dd_reply_field field[] = {{dd_str("f"), rest},
		        {dd_str("max_input_digits"), few}, {dd_str("input_timeout"), few},
		        {dd_str("repeat_menu"), few}, {dd_str("finish_on_key"), few},
		        {dd_str("gather_prompt.text"), rest},
		        {dd_str("repeat_gather_prompt.audio_url"), few},
		        {dd_str("destination.numbers"), data[i + 2] & 32 ? dd_str("1,22") : rest},
		        {dd_str("fetch_after_attempt"), dd_str(data[i + 2] & 16 ? "true" : "x")},
		        {dd_str("max_ringing_duration"), few},
		        {dd_str("outgoing_phone_number"), few}};
		struct dd_reply reply = {data[i + 2] == 1 ? 302
		                : data[i + 2] == 2        ? 500
		                : data[i + 2] == 3        ? 0
		                                          : 200,
		        "refused", data[i + 2] & 64 ? dd_str("r") : rest, field,
		        sizeof field / sizeof *field, 0};
		enum dd_event_type type = (enum dd_event_type)(data[i] % (DD_EV_HOURS + 1));
		now += data[i + 1] & 1 ? data[i + 1] : 0;
		if (data[i + 1] & 2 && dd_call_deadline(c) != DD_NEVER && dd_call_deadline(c) > now)
			now = dd_call_deadline(c);
		struct dd_event e = {.type = type,
		        .at = now,
		        .ticket = data[i] & 8  ? c->playing
		                : data[i] & 16 ? c->awaiting
		                               : data[i + 2],
		        .key = "0123456789*#x"[data[i + 2] % 13],
		        .reply = &reply,
		        .party = data[i + 2] % 6U,
		        .on = data[i + 1] & 4};
		if (dd_call_deadline(c) <
		        now) /* whoever drives a call is never late without saying so */
			now = dd_call_deadline(c);
		e.at = now;
		dd_call_copy(twin, c);
		dd_call_step(c, &e, &fx);
		dd_call_step(twin, &e, &other);
		check(c, &fx, now);
		if (fx.n != other.n || !dd_call_same(c, twin) ||
		        dd_call_deadline(c) != dd_call_deadline(twin))
			abort();
		for (uint32_t t = 0; t < p->ntemplates; t++) {
			size_t n;
			(void)dd_call_fill(c, t, (enum dd_fill_use)(data[i] % 4), now, text,
			        sizeof text, &n, NULL, NULL);
		}
	}
	for (int i = 0; i < 5000 && !dd_call_over(c); i++) { /* left alone it comes to an end */
		dd_ms due = dd_call_deadline(c);
		now = due > now ? due : now;
		dd_call_step(c,
		        &(struct dd_event){
		                .type = c->playing && i % 2 ? DD_EV_PROMPT_DONE : DD_EV_TIMER,
		                .at = now,
		                .ticket = c->playing},
		        &fx);
		check(c, &fx, now);
	}
	if (!dd_call_over(c))
		abort();
	free(c);
	free(twin);
	return 0;
}
