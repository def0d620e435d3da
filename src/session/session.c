/* The pump. Due things are taken one at a time in the order that call.h promises. */
#include "session/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/pcg.h"
#include "call/fill.h"
#include "session/prompt.h"
#include "session/request.h"

struct awaited {
	uint32_t id, ticket;             /* ticket 0: the call does not wait */
	uint32_t step, target;           /* target: of an ask that asks nothing */
	const struct dd_segment *prompt; /* whose words it gives; NULL: a passthru's */
	dd_ms sent, due;                 /* due DD_NEVER: when the server answers */
	int status;
	const char *error;
	char *body;
	size_t body_n;
	bool ask, document; /* of an application */
	char *headers;
	size_t headers_n;
};

/* What a customer does, and when a server answers, while the call stands still. */
enum { LATE_MAX = 64 };

struct dd_session {
	struct dd_session_options o;
	struct dd_call *call,
	        *blank; /* the call, and what it is before it begins: made when it is begun again */
	bool begun;
	struct dd_prompts *prompts;
	struct dd_trace trace;
	struct dd_outcome outcome;
	dd_ms now, due;
	const struct dd_ready *playing; /* NULL: nothing */
	uint32_t ticket, play_step;
	dd_ms play_from, play_until;
	struct awaited *awaited;
	size_t nawaited, cap_awaited;
	uint32_t last_id;
	unsigned waits;
	bool waiting;
	struct dd_effects effects; /* of the event at hand, from `at_effect` on still to be done */
	uint32_t at_effect;
	bool parked;      /* a sound is not ready: the call stands still */
	bool has_fetched; /* it is the one of … */
	struct awaited fetched;
	char late[LATE_MAX]; /* keys; NUL: the customer hung up */
	size_t nlate;
	/* somebody who is rung or talked to; ticket 0: nobody */
	struct {
		uint32_t ticket, step;
		bool talks;
		dd_ms from, due;
		struct dd_stub stub;
	} party;
	/* a recording; ticket 0: none */
	struct {
		uint32_t ticket, step;
		bool speaks;
		dd_ms from, due, length;
	} speech;
	unsigned recordings, rings;
	dd_ms hang_up; /* when the customer hangs up while a server is asked; DD_NEVER */
	dd_ms beep;    /* when a machine begins to listen; DD_NEVER: it does, or it is none */
	bool others;   /* a reply, the party, speech or the beep may be due: rare */
	size_t unheard, unsaid; /* bytes of the words of what plays, and of what is said for them,
	                           that it has not kept */
	uint32_t documents;     /* asked for so far */
	uint32_t *stub_turns; /* requests that stubs have answered: of a step, then of a segment */
};

void dd_session_sid(uint64_t seed, char sid[33])
{
	struct dd_pcg rng = dd_pcg_seed(seed, 54);
	for (int i = 0; i < 4; i++)
		(void)snprintf(sid + 8 * i, 9, "%08x", dd_pcg_next(&rng));
}

struct dd_session *dd_session_new(const struct dd_session_options *options)
{
	struct dd_session *s = dd_alloc(sizeof *s);
	s->o = *options;
	if (!s->o.store)
		s->o.store = dd_call_store(&s->o.setup);
	if (!s->o.ring_timeout)
		s->o.ring_timeout = DD_RING_TIMEOUT_MS;
	s->call = dd_alloc(dd_call_size(s->o.program, s->o.store));
	dd_call_init(s->call, s->o.program, s->o.store, &s->o.setup);
	s->prompts = dd_prompts_new(s->o.program, s->o.tts);
	s->stub_turns =
	        dd_alloc((s->o.program->nsteps + s->o.program->nsegments) * sizeof *s->stub_turns);
	return s;
}

static void drop_awaited(struct dd_session *s, size_t i)
{
	if (s->o.http && s->awaited[i].due == DD_NEVER)
		s->o.http->forget(s->o.http->self, s->awaited[i].id);
	dd_free(s->awaited[i].body);
	dd_free(s->awaited[i].headers);
	s->awaited[i] = s->awaited[--s->nawaited];
}

void dd_session_free(struct dd_session *s)
{
	if (!s)
		return;
	while (s->nawaited)
		drop_awaited(s, 0);
	dd_free(s->awaited);
	if (s->has_fetched)
		dd_free(s->fetched.body);
	dd_free(s->stub_turns);
	dd_prompts_free(s->prompts);
	dd_trace_fini(&s->trace);
	dd_buf_free(&s->outcome.digits);
	dd_buf_free(&s->outcome.left);
	dd_buf_free(&s->outcome.left_said);
	dd_buf_free(&s->outcome.lost);
	dd_buf_free(&s->outcome.lost_said);
	dd_free(s->call);
	dd_free(s->blank);
	dd_free(s);
}

static struct dd_trace_event *record(struct dd_session *s, enum dd_trace_type type, uint32_t step)
{
	if (!s->o.record || (s->trace.nevents > DD_TRACE_EVENTS_MAX && type != DD_TR_END))
		return NULL;
	if (s->trace.nevents == DD_TRACE_EVENTS_MAX) {
		static const char full[] = "the record is full: what follows is not told";
		struct dd_slice text = dd_trace_text(&s->trace, dd_str(full));
		dd_trace_add(&s->trace, s->now, DD_TR_ERROR, step)->text = text;
		return type == DD_TR_END ? dd_trace_add(&s->trace, s->now, type, step) : NULL;
	}
	struct dd_trace_event *e = dd_trace_add(&s->trace, s->now, type, step);
	e->request = s->documents;
	return e;
}

/* An event that is nothing but its kind and a text. */
static void record_text(
        struct dd_session *s, enum dd_trace_type type, uint32_t step, struct dd_str text)
{
	struct dd_trace_event *e = record(s, type, step);
	if (e)
		e->text = dd_trace_text(&s->trace, text);
}

static void note_missing(struct dd_session *s, uint32_t step, const uint32_t *slots, size_t n)
{
	for (size_t i = 0; i < n && s->o.record; i++) {
		const char *name = s->o.program->slots[slots[i]].name;
		const char *colon = strchr(name, ':');
		record_text(s, DD_TR_MISSING, step, dd_str(colon ? colon + 1 : name));
	}
}

/* -- sounds ----------------------------------------------------------------- */

static void record_prompt(struct dd_session *s, const struct dd_ready *ready)
{
	struct dd_trace *t = &s->trace;
	struct dd_trace_event *e = record(s, DD_TR_PROMPT, s->play_step);
	if (!e)
		return;
	e->ms = s->play_until - s->play_from;
	e->text = dd_trace_text(t, ready->words);
	if (dd_ready_differs(ready))
		e->said = dd_trace_text(t, ready->said);
	e->more = dd_trace_text(t, ready->file);
	e->stand_in = ready->stand_in;
	if (s->o.answered_by == DD_BY_MACHINE && s->beep != DD_NEVER) {
		size_t begun, word;
		e->lost_ms = s->beep - s->now < e->ms ? s->beep - s->now : e->ms;
		dd_ready_begun(ready, e->lost_ms, &begun, &word);
		bool whole = e->lost_ms >= e->ms;
		e->lost_words = whole ? e->text.n : (uint32_t)begun;
		e->lost_said = whole ? e->said.n : (uint32_t)dd_ready_said(ready, e->lost_ms);
	}
	e->first_segment = (uint32_t)t->nsegments;
	e->nsegments = ready->nparts > 1 ? (uint32_t)ready->nparts : 0;
	uint64_t frames = 0;
	for (size_t i = 0; i < e->nsegments; i++) {
		const struct dd_ready_part *part = &ready->parts[i];
		struct dd_trace_segment *g = &DD_PUSH(t->segments, t->nsegments, t->cap_segments);
		g->kind = part->pause    ? DD_TS_PAUSE
		        : part->stand_in ? DD_TS_STAND_IN
		        : part->file.n   ? DD_TS_FILE
		                         : DD_TS_TEXT;
		g->at = s->play_from + (dd_ms)(frames * 1000 / DD_RATE_HZ);
		g->ms = dd_ms_of(part->piece.frames, DD_RATE_HZ);
		g->text = dd_trace_text(t, part->file.n ? part->file : part->text.words);
		g->said = (struct dd_slice){0, 0};
		if (dd_spoken_differs(&part->text))
			g->said = dd_trace_text(t, part->text.said);
		frames += part->piece.frames;
	}
}

static void add_words(struct dd_buf *to, struct dd_str words, size_t from, size_t end)
{
	if (from >= end)
		return;
	words = dd_str_trim((struct dd_str){words.p + from, end - from});
	if (words.n && to->n)
		dd_buf_char(to, ' ');
	dd_buf_add(to, words.p, words.n);
}

/* Up to its first `end` bytes what plays is over: what a machine has lost of it, and what it has
   kept; `said`: the same of the words as they are heard. */
static void keep_on_machine(struct dd_session *s, size_t end, size_t said)
{
	struct dd_outcome *o = &s->outcome;
	if (s->o.answered_by != DD_BY_MACHINE || !s->playing)
		return;
	bool listens = s->beep == DD_NEVER;
	size_t lost = listens && s->unheard < end ? s->unheard : end,
	       unsaid = listens && s->unsaid < said ? s->unsaid : said;
	add_words(&o->lost, s->playing->words, 0, lost);
	add_words(&o->left, s->playing->words, lost, end);
	add_words(&o->lost_said, s->playing->said, 0, unsaid);
	add_words(&o->left_said, s->playing->said, unsaid, said);
}

static void start_playing(struct dd_session *s, const struct dd_ready *ready)
{
	s->unheard = s->unsaid = 0;
	s->playing = ready;
	s->play_from = s->now;
	s->play_until = s->now + ready->ms;
	if (s->o.record)
		record_prompt(s, ready);
	if (ready->problem[0])
		record_text(s, DD_TR_ERROR, s->play_step, dd_str(ready->problem));
	for (size_t i = 0; i < s->o.nears; i++)
		s->o.ears[i].play(s->o.ears[i].self, s->now, ready->pieces, ready->nparts);
}

static void send_request(
        struct dd_session *s, uint32_t step, uint32_t ticket, const struct dd_segment *prompt);

static void play(struct dd_session *s, const struct dd_effect *fx)
{
	const struct dd_prompt *prompt = &s->o.program->prompts[fx->prompt];
	const struct dd_segment *first = &s->o.program->segments[prompt->first];
	s->ticket = fx->ticket;
	s->play_step = fx->step;
	s->playing = NULL;
	if (prompt->n == 1 && first->kind == DD_SEG_URL) {
		send_request(s, fx->step, fx->ticket, first);
		return;
	}
	uint32_t missing[8];
	size_t nmissing = 8;
	const struct dd_ready *ready =
	        dd_prompts_get(s->prompts, s->call, fx->prompt, s->now, missing, &nmissing);
	if (ready->later) { /* the effect is carried out again */
		s->parked = true;
		return;
	}
	if (nmissing)
		note_missing(s, fx->step, missing, nmissing);
	start_playing(s, ready);
}

static void stop(struct dd_session *s, const struct dd_effect *fx)
{
	if (!s->playing) {
		for (size_t i = 0; i < s->nawaited; i++)
			if (s->awaited[i].prompt && s->awaited[i].ticket == fx->ticket)
				drop_awaited(s, i--);
		return;
	}
	struct dd_trace_event *e = record(s, DD_TR_PROMPT_STOPPED, fx->step);
	if (e) {
		struct dd_buf heard = {0};
		dd_ready_heard(s->playing, s->now - s->play_from, &heard);
		struct dd_slice text = dd_trace_text(&s->trace, (struct dd_str){heard.p, heard.n});
		struct dd_str said = {
		        s->playing->said.p, dd_ready_said(s->playing, s->now - s->play_from)};
		e->text = text;
		if (!dd_str_same(said, dd_trace_str(&s->trace, text)))
			e->said = dd_trace_text(&s->trace, said);
		e->ms = s->now - s->play_from;
		dd_buf_free(&heard);
	}
	size_t begun, word;
	dd_ready_begun(s->playing, s->now - s->play_from, &begun, &word);
	keep_on_machine(s, begun, dd_ready_said(s->playing, s->now - s->play_from));
	s->playing = NULL;
	for (size_t i = 0; i < s->o.nears; i++)
		s->o.ears[i].stop(s->o.ears[i].self, s->now);
}

/* -- requests --------------------------------------------------------------- */

/* What was given for the step wins over the stubs of the flow, which are counted at `turn_at`. */
static const struct dd_stub *next_stub(
        struct dd_session *s, uint32_t step, uint32_t first, uint32_t n, uint32_t turn_at)
{
	for (size_t i = 0; i < s->o.nstubs; i++) {
		const struct dd_given_stubs *given = &s->o.stubs[i];
		if (given->step != step)
			continue;
		uint32_t turn = s->stub_turns[step]++;
		if (turn >= given->n && (given->once || given->n == 0))
			return NULL;
		return &given->list[turn < given->n ? turn : given->n - 1];
	}
	uint32_t turn = s->stub_turns[turn_at]++;
	return n ? &s->o.program->stubs[first + (turn < n ? turn : n - 1)] : NULL;
}

static void keep_answer(struct awaited *a, int status, const char *error, struct dd_str body)
{
	a->status = status;
	a->error = error;
	a->body = dd_alloc(body.n + 1);
	a->body_n = body.n;
	if (body.n)
		memcpy(a->body, body.p, body.n);
}

static void answer_by_stub(
        struct dd_session *s, struct awaited *a, const struct dd_stub *stub, dd_ms timeout)
{
	if (!stub) {
		keep_answer(a, 0, "refused", (struct dd_str){"", 0});
		a->due = s->now;
	} else if (stub->error && strcmp(stub->error, "timeout") == 0) {
		keep_answer(a, 0, "timeout", (struct dd_str){"", 0});
		a->due = s->now + timeout;
	} else {
		keep_answer(a, stub->status, stub->error, stub->body);
		a->due = s->now + stub->delay;
	}
}

static void record_request(struct dd_session *s, uint32_t step, const struct dd_request_text *r,
        const struct dd_buf *told)
{
	struct dd_trace_event *e = record(s, DD_TR_REQUEST, step);
	if (!e)
		return;
	e->text = dd_trace_text(&s->trace, (struct dd_str){told->p, told->n});
	e->more = dd_trace_text(&s->trace, dd_str(dd_method_name(r->method)));
	e->sender = dd_trace_text(&s->trace, (struct dd_str){r->body.p, r->body.n});
	e->headers = dd_trace_text(&s->trace, (struct dd_str){r->headers.p, r->headers.n});
	e->json = r->kind == DD_BODY_JSON;
}

static void record_error(struct dd_session *s, uint32_t step, const char *message)
{
	record_text(s, DD_TR_ERROR, step, dd_str(message));
}

/* Gives a request to the port. */
static void ask_server(struct dd_session *s, struct awaited *a, struct dd_http_request *r)
{
	struct dd_http_answer answer = {0};
	if (!s->o.http->send(s->o.http->self, r, &answer))
		return;
	keep_answer(a, answer.status, answer.error, answer.body);
	if (r->whole && answer.headers.n) {
		a->headers = dd_str_copy(answer.headers);
		a->headers_n = answer.headers.n;
	}
	a->due = s->now + answer.took;
}

/* What an application is asked: for the next document, for a sound. */
static struct awaited ask(struct dd_session *s, uint32_t step, uint32_t ticket)
{
	struct dd_document_request r = {0};
	const struct dd_documents *d = s->o.documents;
	struct awaited a = {.id = ++s->last_id,
	        .ticket = ticket,
	        .step = step,
	        .sent = s->now,
	        .due = DD_NEVER,
	        .ask = true};
	d->ask(d->self, s->call, step, s->now, &r);
	a.document = r.document;
	a.target = r.target;
	if (!r.asks) {
		keep_answer(&a, 0, NULL, (struct dd_str){"", 0});
		a.due = s->now;
		a.id = 0;
		return a;
	}
	s->documents += r.document;
	if (r.hang_up)
		s->hang_up = s->now + r.hang_up;
	record_request(s, step, &r.text, r.told.n ? &r.told : &r.text.url);
	if (s->trace.nevents && s->o.record)
		s->trace.events[s->trace.nevents - 1].document = r.document;
	dd_buf_add(&r.text.headers, r.secrets.p ? r.secrets.p : "", r.secrets.n);
	struct dd_http_request h = {.id = a.id,
	        .post = r.text.method == DD_POST,
	        .method = dd_method_name(r.text.method),
	        .url = r.text.url.p,
	        .form = {r.text.body.p, r.text.body.n},
	        .headers = {r.text.headers.p, r.text.headers.n},
	        .timeout = r.timeout,
	        .whole = true,
	        .most = r.most};
	if (s->o.http && s->o.http->allowed(s->o.http->self, r.text.url.p)) {
		ask_server(s, &a, &h);
	} else {
		keep_answer(&a, 0, "not-allowed", (struct dd_str){"", 0});
		a.due = s->now;
	}
	dd_request_fini(&r.text);
	dd_buf_free(&r.secrets);
	dd_buf_free(&r.told);
	return a;
}

static void send_request(
        struct dd_session *s, uint32_t step, uint32_t ticket, const struct dd_segment *prompt)
{
	if (!prompt && s->o.program->steps[step].applet == DD_ASK) {
		struct awaited asked = ask(s, step, ticket);
		DD_PUSH(s->awaited, s->nawaited, s->cap_awaited) = asked;
		s->others = true;
		return;
	}
	const struct dd_passthru *pass = prompt ? NULL : &s->o.program->steps[step].passthru;
	dd_ms timeout = pass ? pass->timeout : DD_REQUEST_TIMEOUT_MS;
	uint32_t missing[16];
	size_t nmissing = 16;
	struct dd_request_text text = {0};
	dd_request_build(&text, s->call, step, pass ? pass->url : prompt->text, pass, s->now,
	        missing, &nmissing);
	note_missing(s, step, missing, nmissing);
	if (text.too_long)
		record_error(s, step, dd_call_error_text(DD_ERROR_TOO_LONG));
	record_request(s, step, &text, &text.url);
	struct awaited a = {.id = ++s->last_id,
	        .ticket = ticket,
	        .step = step,
	        .prompt = prompt,
	        .sent = s->now};
	a.due = DD_NEVER;
	if (s->o.http && s->o.http->allowed(s->o.http->self, text.url.p)) {
		struct dd_http_request r = {.id = a.id,
		        .post = text.method == DD_POST,
		        .method = dd_method_name(text.method),
		        .url = text.url.p,
		        .form = {text.body.p, text.body.n},
		        .type = text.kind == DD_BODY_JSON ? "application/json" : NULL,
		        .headers = {text.headers.p, text.headers.n},
		        .timeout = timeout};
		ask_server(s, &a, &r);
	} else {
		uint32_t first = pass ? pass->first_stub : prompt->first_stub,
		         n = pass ? pass->nstubs : prompt->nstubs;
		uint32_t turn_at = pass
		        ? step
		        : s->o.program->nsteps + (uint32_t)(prompt - s->o.program->segments);
		answer_by_stub(s, &a, next_stub(s, step, first, n, turn_at), timeout);
	}
	DD_PUSH(s->awaited, s->nawaited, s->cap_awaited) = a;
	s->others = true;
	dd_request_fini(&text);
}

static bool is_by_url(const struct dd_session *s, uint32_t step)
{
	const struct dd_step *at = &s->o.program->steps[step];
	return at->applet == DD_PASSTHRU && at->passthru.by_url;
}

static void record_reply(struct dd_session *s, const struct awaited *a)
{
	struct dd_trace_event *e = record(s, DD_TR_REPLY, a->step);
	if (!e)
		return;
	struct dd_str body = dd_str_trim((struct dd_str){a->body, a->body_n});
	e->status = a->status;
	e->ms = s->now - a->sent;
	e->text = dd_trace_text(&s->trace, body);
	e->more = dd_trace_text(&s->trace, dd_str(a->error ? a->error : ""));
	char why[200];
	if (!is_by_url(s, a->step) && dd_reply_unread(body, why, sizeof why))
		e->sender = dd_trace_text(&s->trace, dd_str(why));
}

/* Why the answer of an applet by URL cannot be used, or what of it is not simulated. */
static void record_unusable(struct dd_session *s, uint32_t step, const char *why, const char *note)
{
	char text[320];
	if (why[0]) {
		(void)snprintf(text, sizeof text, "the answer of the URL cannot be used: %s", why);
		record_error(s, step, text);
	}
	if (note)
		record_text(s, DD_TR_NOTE, step, dd_str(note));
}

static void forget(struct dd_session *s, uint32_t ticket, bool timed_out)
{
	if (ticket == s->speech.ticket)
		s->speech.ticket = 0;
	if (ticket == s->party.ticket && !s->party.talks)
		s->party.due = DD_NEVER; /* rung for long enough */
	for (size_t i = 0; i < s->nawaited; i++) {
		if (s->awaited[i].ticket != ticket || s->awaited[i].prompt)
			continue;
		if (timed_out) {
			s->awaited[i].status = 0;
			s->awaited[i].error = "timeout";
			s->awaited[i].body_n = 0;
			record_reply(s, &s->awaited[i]);
			if (is_by_url(s, s->awaited[i].step))
				record_unusable(s, s->awaited[i].step,
				        "the server takes longer than 5 s", NULL);
		}
		drop_awaited(s, i--);
	}
}

/* -- people ----------------------------------------------------------------- */

static const char *state_of(const struct dd_effect *fx)
{
	return fx->type == DD_FX_RING      ? "ringing"
	        : fx->type == DD_FX_PARTED ? "over"
	                                   : dd_party_name((enum dd_party)fx->key_index);
}

static void record_connect(
        struct dd_session *s, const struct dd_effect *fx, struct dd_slice to, dd_ms ms)
{
	struct dd_trace_event *e = record(s, DD_TR_CONNECT, fx->step);
	struct dd_slice state = dd_trace_text(&s->trace, dd_str(state_of(fx)));
	if (!e)
		return;
	e->text = to;
	e->more = state;
	e->ms = ms;
}

static struct dd_slice fill(struct dd_session *s, uint32_t template, uint32_t step);

/* A value of the call at hand, for the record. */
static struct dd_slice value_of(struct dd_session *s, uint32_t slot)
{
	char room[24];
	return dd_trace_text(&s->trace, dd_call_value(s->call, slot, s->now, room));
}

static struct dd_slice number_of(struct dd_session *s, uint32_t step, uint32_t nth)
{
	const struct dd_connect *c = &s->o.program->steps[step].connect;
	if (c->by_url) /* the call has just put it there */
		return value_of(s, c->to_slot);
	return fill(s, s->o.program->texts[c->first_to + nth], step);
}

/* Tones that are no prompt of the flow: nothing of it plays then. */
static void tell_beep(struct dd_session *s)
{
	struct dd_piece beep = dd_prompts_beep(s->prompts, DD_BEEP_MS);
	for (size_t i = 0; i < s->o.nears; i++)
		s->o.ears[i].play(s->o.ears[i].self, s->now, &beep, 1);
}

static void tell_ringing(struct dd_session *s, dd_ms longest)
{
	size_t n;
	if (!s->o.nears)
		return;
	struct dd_piece *tones = dd_prompts_ringing(s->prompts, longest, &n);
	for (size_t i = 0; i < s->o.nears; i++)
		s->o.ears[i].play(s->o.ears[i].self, s->now, tones, n);
}

static void ring(struct dd_session *s, const struct dd_effect *fx)
{
	static const struct dd_stub nobody_said = {
	        .party = DD_PARTY_ANSWERED, .ring = DD_PARTY_RING_MS, .talk = DD_PARTY_TALK_MS};
	const struct dd_connect *c = &s->o.program->steps[fx->step].connect;
	const struct dd_stub *stub = next_stub(s, fx->step, c->first_stub, c->nstubs, fx->step);
	struct dd_slice to = number_of(s, fx->step, fx->key_index);
	struct dd_slice caller = {0, 0};
	if (c->by_url)
		caller = value_of(s, c->dial[DD_DIAL_CALLER]);
	if (caller.n == 0)
		caller = fill(s, c->caller_id, fx->step);
	record_connect(s, fx, to, 0);
	if (s->o.record && s->trace.nevents)
		s->trace.events[s->trace.nevents - 1].sender = caller;
	s->others = true;
	s->party.ticket = fx->ticket;
	s->party.step = fx->step;
	s->party.talks = false;
	s->party.from = s->now;
	if (!stub && s->o.nparties)
		stub = &s->o.parties[s->rings < s->o.nparties ? s->rings : s->o.nparties - 1];
	s->rings++;
	s->party.stub = stub ? *stub : nobody_said;
	if (dd_str_trim(dd_trace_str(&s->trace, to)).n == 0) { /* nobody to ring */
		s->party.stub.party = DD_PARTY_FAILED;
		s->party.stub.ring = 0;
	}
	s->party.due = s->party.stub.ring < 0 ? DD_NEVER : s->now + s->party.stub.ring;
	if (c->ring == DD_NONE)
		tell_ringing(s, c->timeout);
}

/* What came of it, or the end of the talk. */
static void party(struct dd_session *s, const struct dd_effect *fx)
{
	struct dd_slice to = {0, 0};
	for (size_t i = s->trace.nevents; i-- > 0;)
		if (s->trace.events[i].type == DD_TR_CONNECT) {
			to = s->trace.events[i].text;
			break;
		}
	record_connect(s, fx, to, s->now - s->party.from);
	if (s->o.program->steps[fx->step].connect.ring == DD_NONE && !s->party.talks)
		for (size_t i = 0; i < s->o.nears; i++)
			s->o.ears[i].stop(s->o.ears[i].self, s->now);
	if (fx->type == DD_FX_PARTED || fx->key_index != DD_PARTY_ANSWERED) {
		s->party.ticket = 0;
		return;
	}
	s->party.talks = true;
	s->party.from = s->now;
	s->party.due = s->now + s->party.stub.talk;
}

static void begin_recording(struct dd_session *s, const struct dd_effect *fx)
{
	bool person = s->o.answered_by == DD_BY_HUMAN;
	unsigned nth = s->recordings++;
	s->others = true;
	s->speech.ticket = fx->ticket;
	s->speech.step = fx->step;
	s->speech.speaks = false;
	s->speech.from = s->now;
	s->speech.length = !person  ? 0
	        : nth < s->o.nspeak ? s->o.speak[nth]
	        : s->o.nspeak       ? s->o.speak[s->o.nspeak - 1]
	                            : DD_SPEAK_MS;
	s->speech.due = s->speech.length ? s->now : DD_NEVER;
	struct dd_trace_event *e = record(s, DD_TR_RECORD, fx->step);
	struct dd_slice state = dd_trace_text(&s->trace, dd_str("recording"));
	if (e)
		e->more = state;
}

static void end_recording(struct dd_session *s, const struct dd_effect *fx)
{
	enum dd_recorded how = (enum dd_recorded)fx->key_index;
	const struct dd_record *r = &s->o.program->steps[fx->step].record;
	char room[24];
	struct dd_trace_event *e = record(s, DD_TR_RECORD, fx->step);
	if (!e)
		return;
	struct dd_str url = r->url_slot == DD_NONE
	        ? (struct dd_str){NULL, 0}
	        : dd_call_value(s->call, r->url_slot, s->now, room);
	e->more = dd_trace_text(&s->trace, dd_str(dd_recorded_name(how)));
	e->text = dd_trace_text(&s->trace, url);
	e->ms = how == DD_REC_NOTHING   ? 0
	        : how == DD_REC_SILENCE ? s->now - s->speech.from - r->silence
	                                : s->now - s->speech.from;
}

static void speech_turn(struct dd_session *s);
static void party_turn(struct dd_session *s);

/* -- effects ---------------------------------------------------------------- */

static struct dd_slice fill(struct dd_session *s, uint32_t template, uint32_t step)
{
	char text[DD_TEXT_BYTES_MAX + 1];
	size_t n = 0, nmissing = 8;
	uint32_t missing[8];
	if (template == DD_NONE)
		return (struct dd_slice){0, 0};
	enum dd_status status = dd_call_fill(s->call, template, DD_FILL_PLAIN, s->now, text,
	        sizeof text, &n, missing, &nmissing);
	note_missing(s, step, missing, nmissing);
	if (status != DD_OK) {
		record_text(s, DD_TR_ERROR, step,
		        dd_str("the text has more than 4,096 characters when filled in"));
		n = 0;
	}
	return dd_trace_text(&s->trace, (struct dd_str){text, n});
}

static void sms(struct dd_session *s, uint32_t step)
{
	const struct dd_sms *m = &s->o.program->steps[step].sms;
	char time[24];
	if (!s->o.record)
		return;
	struct dd_slice text = fill(s, m->text, step), sender = fill(s, m->sender, step), to;
	if (m->to == DD_NONE)
		to = dd_trace_text(
		        &s->trace, dd_call_value(s->call, DD_SLOT_CALL_FROM, s->now, time));
	else
		to = fill(s, m->to, step);
	struct dd_trace_event *e = record(s, DD_TR_SMS, step);
	if (!e)
		return;
	e->text = text;
	e->more = to;
	e->sender = sender;
}

static void answer(struct dd_session *s, const struct dd_effect *fx)
{
	struct dd_buf *digits = &s->outcome.digits;
	char time[24];
	uint32_t slot = fx->key_index == DD_ANSWER_SAID
	        ? s->o.program->steps[fx->step].ivr.answer_slot
	        : DD_SLOT_DIGITS;
	struct dd_str input = dd_call_value(s->call, slot, s->now, time);
	if (digits->n)
		dd_buf_char(digits, ',');
	dd_buf_add(digits, input.p, input.n);
	if (!s->o.record)
		return;
	bool said = fx->key_index == DD_ANSWER_SAID;
	const struct dd_key *key =
	        fx->key_index == DD_NONE || said ? NULL : &s->o.program->keys[fx->key_index];
	struct dd_slice text = key && key->answer != DD_NONE ? fill(s, key->answer, fx->step)
	                                                     : dd_trace_text(&s->trace, input);
	struct dd_slice taken = dd_trace_text(&s->trace, input);
	struct dd_trace_event *e = record(s, DD_TR_ANSWER, fx->step);
	if (!e)
		return;
	e->text = text;
	e->more = taken;
	e->goal = key && key->goal;
	e->opt_out = key && key->opt_out;
}

static void over(struct dd_session *s)
{
	struct dd_outcome *o = &s->outcome;
	o->ended_by = dd_call_ended_by(s->call);
	o->status = DD_CALL_COMPLETED;
	o->duration_ms = s->now;
	o->goal = dd_call_goal(s->call);
	o->opted_out = dd_call_opted_out(s->call);
	o->heard_message = o->ended_by == DD_ENDED_FLOW || o->goal;
	if (s->party.ticket && s->party.talks && o->ended_by != DD_ENDED_FLOW)
		party(s, &(struct dd_effect){.type = DD_FX_PARTED, .step = s->party.step});
	s->party.ticket = s->speech.ticket = 0;
	record(s, DD_TR_END, DD_NONE);
	for (size_t i = 0; i < s->o.nears; i++)
		s->o.ears[i].end(s->o.ears[i].self, s->now);
}

static void branch(struct dd_session *s, const struct dd_effect *fx)
{
	const struct dd_program *p = s->o.program;
	const struct dd_step *step = &p->steps[fx->step];
	char now[26];
	if (!s->o.record)
		return;
	struct dd_slice value, way;
	if (step->applet == DD_HOURS) {
		int64_t at = dd_call_answered_unix_ms(s->call) + s->now;
		struct dd_civil c = dd_zone_civil(step->hours.zone, at);
		(void)snprintf(now, sizeof now, "%04d-%02d-%02d %02d:%02d:%02d", c.year % 10000,
		        c.month, c.day, c.hour, c.minute, c.second);
		value = dd_trace_text(&s->trace, dd_str(now));
		way = dd_trace_text(
		        &s->trace, dd_str(fx->key_index == DD_NONE ? "otherwise" : "in hours"));
	} else {
		char text[DD_TEXT_BYTES_MAX + 1];
		size_t n = 0;
		if (dd_call_fill(s->call, step->branch.on, DD_FILL_PLAIN, s->now, text, sizeof text,
		            &n, NULL, NULL) != DD_OK)
			n = 0;
		value = dd_trace_text(&s->trace, dd_str_trim((struct dd_str){text, n}));
		way = dd_trace_text(&s->trace,
		        fx->key_index == DD_NONE
		                ? dd_str("otherwise")
		                : p->cases[step->branch.first_case + fx->key_index].words);
	}
	struct dd_trace_event *e = record(s, DD_TR_BRANCH, fx->step);
	if (!e)
		return;
	e->text = value;
	e->more = way;
}

/* One event for each name, in the order of the file. */
static void set(struct dd_session *s, uint32_t step)
{
	const struct dd_program *p = s->o.program;
	const struct dd_set *set = &p->steps[step].set;
	char room[24];
	for (uint32_t i = 0; i < set->n && s->o.record; i++) {
		uint32_t slot = p->assignments[set->first + i].slot;
		struct dd_str value = dd_call_value(s->call, slot, s->now, room);
		struct dd_trace_event *e = record(s, DD_TR_SET, step);
		if (!e)
			return;
		e->text = dd_trace_text(&s->trace, value);
		e->more = dd_trace_text(&s->trace, dd_str(p->slots[slot].name));
	}
}

static void record_flow(struct dd_session *s, enum dd_trace_type type, const struct dd_effect *fx)
{
	struct dd_trace_event *e = record(s, type, fx->step);
	if (!e)
		return;
	e->text = dd_trace_text(&s->trace, dd_str(s->o.program->flows[fx->key_index].name));
}

static void remark(struct dd_session *s, uint32_t step)
{
	const struct dd_remark *r = &s->o.program->steps[step].remark;
	record_text(s, r->error ? DD_TR_ERROR : DD_TR_NOTE, step, r->text);
}

/* The last such key was kept for a menu, and none came. */
static void lose_kept(struct dd_session *s, char key)
{
	for (size_t i = s->trace.nevents; i-- > 0;) {
		struct dd_trace_event *e = &s->trace.events[i];
		if (e->type != DD_TR_KEY || e->key != key)
			continue;
		e->lost = DD_LOST_KEPT;
		return;
	}
}

static void carry_out(struct dd_session *s, const struct dd_effect *fx)
{
	struct dd_trace_event *e;
	switch (fx->type) {
	case DD_FX_PLAY: play(s, fx); break;
	case DD_FX_STOP: stop(s, fx); break;
	case DD_FX_REQUEST: send_request(s, fx->step, fx->ticket, NULL); break;
	case DD_FX_FORGET: forget(s, fx->ticket, fx->key_index == DD_EXIT_TIMEOUT); break;
	case DD_FX_SMS: sms(s, fx->step); break;
	case DD_FX_OVER: over(s); break;
	case DD_FX_KEY:
		e = record(s, DD_TR_KEY, fx->step);
		if (e) {
			e->key = fx->key;
			e->lost = fx->lost;
		}
		for (size_t i = 0; i < s->o.nears; i++)
			s->o.ears[i].key(s->o.ears[i].self, s->now, fx->key);
		break;
	case DD_FX_INVALID: record(s, DD_TR_INVALID, fx->step); break;
	case DD_FX_SILENCE: record(s, DD_TR_SILENCE, fx->step); break;
	case DD_FX_ANSWER: answer(s, fx); break;
	case DD_FX_TRANSFER: record_flow(s, DD_TR_TRANSFER, fx); break;
	case DD_FX_SUBFLOW: record_flow(s, DD_TR_SUBFLOW, fx); break;
	case DD_FX_RETURN: record_flow(s, DD_TR_RETURN, fx); break;
	case DD_FX_BRANCH: branch(s, fx); break;
	case DD_FX_SET: set(s, fx->step); break;
	case DD_FX_RING: ring(s, fx); break;
	case DD_FX_PARTY:
	case DD_FX_PARTED: party(s, fx); break;
	case DD_FX_RECORD: begin_recording(s, fx); break;
	case DD_FX_RECORDED: end_recording(s, fx); break;
	case DD_FX_MISSING: note_missing(s, fx->step, &fx->key_index, 1); break;
	case DD_FX_ERROR:
		record_error(s, fx->step, dd_call_error_text((enum dd_call_error)fx->key_index));
		break;
	case DD_FX_REMARK: remark(s, fx->step); break;
	case DD_FX_KEPT_LOST: lose_kept(s, fx->key); break;
	case DD_FX_BEEP: tell_beep(s); break;
	case DD_FX_STEP:
	case DD_FX_TRIES:
	case DD_FX_EXIT: break;
	}
}

static size_t next_reply(const struct dd_session *s)
{
	size_t first = 0;
	for (size_t i = 1; i < s->nawaited; i++)
		if (s->awaited[i].due < s->awaited[first].due ||
		        (s->awaited[i].due == s->awaited[first].due &&
		                s->awaited[i].id < s->awaited[first].id))
			first = i;
	return first;
}

static dd_ms others_due(struct dd_session *s, dd_ms at)
{
	if (s->nawaited && s->awaited[next_reply(s)].due < at)
		at = s->awaited[next_reply(s)].due;
	if (s->party.ticket && s->party.due < at)
		at = s->party.due;
	if (s->speech.ticket && s->speech.due < at)
		at = s->speech.due;
	if (s->beep < at)
		at = s->beep;
	if (s->hang_up < at)
		at = s->hang_up;
	s->others = s->nawaited || s->party.ticket || s->speech.ticket || s->beep != DD_NEVER ||
	        s->hang_up != DD_NEVER;
	return at;
}

/* Looked up once after every event: who drives the call asks for it more often than it changes. */
static void set_due(struct dd_session *s)
{
	s->due = DD_NEVER;
	if (s->parked || dd_session_over(s))
		return;
	dd_ms at = dd_call_deadline(s->call);
	if (s->playing && s->play_until < at)
		at = s->play_until;
	s->due = s->others ? others_due(s, at) : at;
}

/* What is only written down. Where nothing is, a call of a campaign, half of its effects are passed
 * over by one test, in place of a jump through the table of carry_out() that no processor foresees.
 */
static const uint64_t TOLD_ALONE = 1ULL << DD_FX_STEP | 1ULL << DD_FX_TRIES | 1ULL << DD_FX_EXIT |
        1ULL << DD_FX_SMS | 1ULL << DD_FX_INVALID | 1ULL << DD_FX_SILENCE | 1ULL << DD_FX_TRANSFER |
        1ULL << DD_FX_SUBFLOW | 1ULL << DD_FX_RETURN | 1ULL << DD_FX_BRANCH | 1ULL << DD_FX_SET |
        1ULL << DD_FX_MISSING | 1ULL << DD_FX_ERROR | 1ULL << DD_FX_REMARK |
        1ULL << DD_FX_KEPT_LOST;

/* The effects that are still to be done, until one of them has to wait for its sound. */
static void carry_on(struct dd_session *s)
{
	uint64_t passed_over = s->o.record ? 0 : TOLD_ALONE;
	for (; s->at_effect < s->effects.n; s->at_effect++) {
		if (passed_over >> s->effects.list[s->at_effect].type & 1)
			continue;
		carry_out(s, &s->effects.list[s->at_effect]);
		if (s->parked)
			break;
	}
	bool waits = dd_call_waits(s->call);
	if (waits && !s->waiting)
		s->waits++;
	s->waiting = waits;
	set_due(s);
}

static void step(struct dd_session *s, const struct dd_event *event)
{
	dd_call_step(s->call, event, &s->effects);
	s->at_effect = 0;
	if (s->o.watch)
		s->o.watch->effects(s->o.watch->self, s->call, event->type, &s->effects);
	carry_on(s);
}

/* -- what is due ------------------------------------------------------------ */

dd_ms dd_session_next(const struct dd_session *s)
{
	return s->due;
}

/* A prompt that was to be fetched plays what came, or nothing. Takes the body. */
static void prompt_arrived(struct dd_session *s, const struct awaited *a)
{
	struct dd_str body = {a->body, a->status == 200 ? a->body_n : 0};
	const struct dd_ready *ready =
	        a->ticket != s->ticket ? NULL : dd_prompts_fetched(s->prompts, a->prompt, body);
	s->parked = s->has_fetched = ready && ready->later;
	if (s->parked) {
		s->fetched = *a;
		return;
	}
	if (ready)
		start_playing(s, ready);
	dd_free(a->body);
}

/* What was not in the program before has a place now. */
static void grow(struct dd_session *s, size_t steps, size_t segments)
{
	size_t was = steps + segments, is = s->o.program->nsteps + s->o.program->nsegments;
	if (is == was)
		return;
	/* an application's prompts have no stubs of their own: the counts of its steps come first
	 */
	uint32_t *turns = dd_alloc(is * sizeof *turns);
	memcpy(turns, s->stub_turns, steps * sizeof *turns);
	dd_free(s->stub_turns);
	s->stub_turns = turns;
	dd_prompts_grow(s->prompts);
}

static void record_notes(struct dd_session *s, uint32_t step, struct dd_str notes)
{
	while (notes.n) {
		const char *end = memchr(notes.p, '\n', notes.n);
		size_t n = end ? (size_t)(end - notes.p) : notes.n;
		record_text(s, notes.p[0] == '!' ? DD_TR_ERROR : DD_TR_NOTE, step,
		        (struct dd_str){notes.p + 1, n - 1});
		notes.p += n + (end != NULL);
		notes.n -= n + (end != NULL);
	}
}

/* The application's room makes of it what the call goes on with. */
static void take_document(
        struct dd_session *s, const struct awaited *a, struct dd_document_news *news)
{
	const struct dd_documents *d = s->o.documents;
	struct dd_document_answer answer = {
	        a->status, a->error, {a->headers, a->headers_n}, {a->body, a->body_n}};
	size_t steps = s->o.program->nsteps, segments = s->o.program->nsegments;
	d->answer(d->self, s->call, a->step, &answer, news);
	grow(s, steps, segments);
	struct dd_trace_event *e = record(s, DD_TR_REPLY, a->step);
	if (e) {
		e->status = a->status;
		e->ms = s->now - a->sent;
		e->document = a->document;
		e->text = dd_trace_text(&s->trace, news->text);
		e->more = dd_trace_text(&s->trace, dd_str(a->error ? a->error : ""));
		e->sender = dd_trace_text(&s->trace, news->summary);
	}
	record_notes(s, a->step, (struct dd_str){news->notes.p, news->notes.n});
	dd_buf_free(&news->notes);
}

static void document_arrived(struct dd_session *s, struct awaited *a)
{
	struct dd_document_news news = {.target = a->target};
	struct dd_reply r = {0};
	if (a->id)
		take_document(s, a, &news);
	r.target = news.target;
	dd_free(a->body);
	dd_free(a->headers);
	step(s,
	        &(struct dd_event){
	                .type = DD_EV_REPLY, .at = s->now, .ticket = a->ticket, .reply = &r});
	set_due(s);
}

static void reply_arrived(struct dd_session *s)
{
	size_t i = next_reply(s);
	struct awaited a = s->awaited[i];
	s->awaited[i] = s->awaited[--s->nawaited];
	if (a.ask) {
		document_arrived(s, &a);
		return;
	}
	record_reply(s, &a);
	if (a.prompt) {
		prompt_arrived(s, &a);
	} else {
		struct dd_parsed_reply parsed;
		dd_reply_parse(&parsed, s->o.program, a.step, a.status, a.error,
		        (struct dd_str){a.body, a.body_n});
		record_unusable(s, a.step, parsed.why, parsed.note);
		step(s,
		        &(struct dd_event){.type = DD_EV_REPLY,
		                .at = s->now,
		                .ticket = a.ticket,
		                .reply = &parsed.reply});
		dd_reply_fini(&parsed);
		dd_free(a.body);
	}
	set_due(s);
}

/* Who is rung does what the stub says; who is talked to hangs up. */
static void party_turn(struct dd_session *s)
{
	struct dd_event e = {.type = s->party.talks ? DD_EV_PARTED : DD_EV_PARTY,
	        .at = s->now,
	        .ticket = s->party.ticket,
	        .party = (uint32_t)s->party.stub.party};
	s->party.due = DD_NEVER;
	step(s, &e);
}

/* The customer begins to speak, or has spoken. */
static void speech_turn(struct dd_session *s)
{
	struct dd_event e = {.type = DD_EV_SPEECH,
	        .at = s->now,
	        .ticket = s->speech.ticket,
	        .on = !s->speech.speaks};
	s->speech.speaks = e.on;
	s->speech.due = e.on ? s->speech.from + s->speech.length : DD_NEVER;
	step(s, &e);
}

/* From here on the machine keeps what it hears. */
static void machine_beeps(struct dd_session *s)
{
	size_t begun = 0, word;
	struct dd_trace_event *e = record(s, DD_TR_BEEP, DD_NONE);
	if (e)
		e->ms = s->beep;
	s->beep = DD_NEVER;
	if (s->playing)
		dd_ready_begun(s->playing, s->now - s->play_from, &begun, &word);
	s->unheard = begun;
	s->unsaid = s->playing ? dd_ready_said(s->playing, s->now - s->play_from) : 0;
	set_due(s);
}

static void customer_goes(struct dd_session *s)
{
	s->hang_up = DD_NEVER;
	step(s, &(struct dd_event){.type = DD_EV_HANG_UP, .at = s->now});
}

static bool others_turn(struct dd_session *s, dd_ms at)
{
	if (s->beep <= at)
		machine_beeps(s);
	else if (s->hang_up <= at)
		customer_goes(s);
	else if (s->nawaited && s->awaited[next_reply(s)].due <= at)
		reply_arrived(s);
	else if (s->party.ticket && s->party.due <= at)
		party_turn(s);
	else if (s->speech.ticket && s->speech.due <= at)
		speech_turn(s);
	else
		return false;
	return true;
}

void dd_session_advance(struct dd_session *s, dd_ms until)
{
	for (;;) {
		dd_ms at = dd_session_next(s);
		if (at > until)
			break;
		s->now = at > s->now ? at : s->now;
		if (s->playing && s->play_until <= at) {
			keep_on_machine(s, s->playing->words.n, s->playing->said.n);
			s->playing = NULL;
			step(s,
			        &(struct dd_event){.type = DD_EV_PROMPT_DONE,
			                .at = s->now,
			                .ticket = s->ticket});
		} else if (!s->others || !others_turn(s, at)) {
			step(s, &(struct dd_event){.type = DD_EV_TIMER, .at = s->now});
		}
	}
	if (until != DD_NEVER && until > s->now && !s->parked && !dd_session_over(s))
		s->now = until;
}

bool dd_session_parked(const struct dd_session *s)
{
	return s->parked;
}

bool dd_session_resume(struct dd_session *s)
{
	char late[LATE_MAX];
	size_t n = s->nlate;
	if (!s->parked)
		return true;
	s->parked = false;
	if (s->has_fetched) {
		struct awaited a = s->fetched;
		prompt_arrived(s, &a);
		set_due(s);
	} else {
		carry_on(s);
	}
	if (s->parked)
		return false;
	memcpy(late, s->late, n);
	s->nlate = 0;
	for (size_t i = 0; i < n; i++) {
		if (late[i])
			dd_session_key(s, s->now, late[i]);
		else
			dd_session_hang_up(s, s->now);
	}
	return !s->parked;
}

/* Whether the call stands still: then it is kept until it goes on. */
static bool is_late(struct dd_session *s, char what)
{
	if (s->parked && (s->nlate < LATE_MAX - 1 || (!what && s->nlate < LATE_MAX)))
		s->late[s->nlate++] = what;
	return s->parked;
}

void dd_session_key(struct dd_session *s, dd_ms at, char key)
{
	dd_session_advance(s, at);
	if (is_late(s, key))
		return;
	if (dd_session_over(s) || s->o.answered_by != DD_BY_HUMAN)
		return;
	const struct dd_documents *d = s->o.documents;
	bool again = d && d->again && d->again(d->self, s->now);
	step(s, &(struct dd_event){.type = DD_EV_KEY, .at = s->now, .key = key});
	if (again && !s->parked && !dd_session_over(s))
		step(s, &(struct dd_event){.type = DD_EV_KEY, .at = s->now, .key = key});
}

void dd_session_hang_up(struct dd_session *s, dd_ms at)
{
	dd_session_advance(s, at);
	if (!is_late(s, '\0') && !dd_session_over(s))
		step(s, &(struct dd_event){.type = DD_EV_HANG_UP, .at = s->now});
}

void dd_session_reply(
        struct dd_session *s, dd_ms at, uint32_t id, const struct dd_http_answer *answer)
{
	for (size_t i = 0; i < s->nawaited; i++) {
		if (s->awaited[i].id != id || s->awaited[i].due != DD_NEVER)
			continue;
		keep_answer(&s->awaited[i], answer->status, answer->error, answer->body);
		if (s->awaited[i].ask && answer->headers.n) {
			s->awaited[i].headers = dd_str_copy(answer->headers);
			s->awaited[i].headers_n = answer->headers.n;
		}
		s->awaited[i].due = s->parked ? s->now : at;
	}
	set_due(s);
	dd_session_advance(s, at);
}

static void not_answered(struct dd_session *s, enum dd_answered_by by)
{
	static const enum dd_call_status statuses[] = {
	        [DD_BY_NOBODY_BUSY] = DD_CALL_BUSY,
	        [DD_BY_NOBODY_NO_ANSWER] = DD_CALL_NO_ANSWER,
	        [DD_BY_NOBODY_FAILED] = DD_CALL_FAILED,
	        [DD_BY_NOBODY_CANCELED] = DD_CALL_CANCELED,
	};
	s->outcome.answered_by = by;
	s->outcome.status = statuses[by];
	s->outcome.ended_by = DD_ENDED_NOT_ANSWERED;
	record(s, DD_TR_END, DD_NONE);
	for (size_t i = 0; i < s->o.nears; i++)
		s->o.ears[i].end(s->o.ears[i].self, 0);
}

static dd_ms ring_ms(const struct dd_session *s)
{
	switch (s->o.answered_by) {
	case DD_BY_HUMAN:
	case DD_BY_MACHINE: return DD_RING_MS < s->o.ring_timeout ? DD_RING_MS : s->o.ring_timeout;
	case DD_BY_NOBODY_NO_ANSWER: return s->o.ring_timeout;
	default: return 0;
	}
}

/* While the phone rings: the call is not there yet. False: the application does not take it. */
static bool first_document(struct dd_session *s)
{
	uint32_t start = s->o.program->flows[0].start;
	for (;;) {
		struct awaited a = ask(s, start, 0);
		struct dd_document_news news = {.target = a.target};
		bool asked = a.id != 0;
		if (asked)
			take_document(s, &a, &news);
		dd_free(a.body);
		dd_free(a.headers);
		if (s->hang_up != DD_NEVER) { /* the caller has given up while it rang */
			s->hang_up = DD_NEVER;
			not_answered(s, DD_BY_NOBODY_CANCELED);
			return false;
		}
		if (news.rejected) {
			not_answered(s, news.by);
			return false;
		}
		start = news.target;
		/* a redirect of HTTP is asked for at once */
		if (!asked || start >= s->o.program->nsteps ||
		        s->o.program->steps[start].applet != DD_ASK || !news.more)
			return true;
	}
}

void dd_session_start(struct dd_session *s)
{
	while (s->nawaited)
		drop_awaited(s, 0);
	if (s->has_fetched)
		dd_free(s->fetched.body);
	s->parked = s->has_fetched = false;
	s->nlate = 0;
	if (s->begun && !s->blank) {
		s->blank = dd_alloc(dd_call_size(s->o.program, s->o.store));
		dd_call_init(s->blank, s->o.program, s->o.store, &s->o.setup);
	}
	if (s->begun)
		dd_call_copy(s->call, s->blank);
	s->begun = true;
	dd_trace_clear(&s->trace);
	struct dd_outcome past = s->outcome; /* its texts are used again */
	s->outcome = (struct dd_outcome){.answered_by = s->o.answered_by,
	        .digits = past.digits,
	        .left = past.left,
	        .left_said = past.left_said,
	        .lost = past.lost,
	        .lost_said = past.lost_said};
	dd_buf_clear(&s->outcome.digits);
	dd_buf_clear(&s->outcome.left);
	dd_buf_clear(&s->outcome.left_said);
	dd_buf_clear(&s->outcome.lost);
	dd_buf_clear(&s->outcome.lost_said);
	s->documents = 0;
	s->party.ticket = s->speech.ticket = 0;
	s->recordings = s->rings = 0;
	s->unheard = s->unsaid = 0;
	s->beep = DD_NEVER;
	if (s->o.answered_by == DD_BY_MACHINE)
		s->beep = s->o.machine_greeting > 0 ? s->o.machine_greeting
		        : s->o.machine_greeting < 0 ? 0
		                                    : DD_MACHINE_GREETING_MS;
	s->hang_up = DD_NEVER;
	s->others = s->beep != DD_NEVER;
	s->outcome.machine_greeting_ms = s->beep == DD_NEVER ? 0 : s->beep;
	s->now = 0;
	s->due = DD_NEVER;
	s->playing = NULL;
	s->waits = 0;
	s->waiting = false;
	memset(s->stub_turns, 0,
	        (s->o.program->nsteps + s->o.program->nsegments) * sizeof *s->stub_turns);
	struct dd_trace_event *e = record(s, DD_TR_RINGING, DD_NONE);
	if (e)
		e->ms = ring_ms(s);
	if (s->o.answered_by > DD_BY_MACHINE) {
		not_answered(s, s->o.answered_by);
		return;
	}
	if (s->o.documents && s->o.documents->before && !first_document(s))
		return;
	record(s, DD_TR_ANSWERED, DD_NONE);
	for (size_t i = 0; s->beep != DD_NEVER && i < s->o.nears; i++)
		if (s->o.ears[i].machine)
			s->o.ears[i].machine(s->o.ears[i].self, s->beep);
	step(s, &(struct dd_event){.type = DD_EV_ANSWERED});
}

bool dd_session_over(const struct dd_session *s)
{
	return (dd_call_over(s->call) && !s->parked) ||
	        s->outcome.ended_by == DD_ENDED_NOT_ANSWERED;
}

dd_ms dd_session_now(const struct dd_session *s)
{
	return s->now;
}

unsigned dd_session_waits(const struct dd_session *s)
{
	return s->waits;
}

const struct dd_call *dd_session_call(const struct dd_session *s)
{
	return s->call;
}

const struct dd_trace *dd_session_trace(const struct dd_session *s)
{
	return &s->trace;
}

const struct dd_outcome *dd_session_outcome(const struct dd_session *s)
{
	return &s->outcome;
}

bool dd_session_playing(const struct dd_session *s, dd_ms at, struct dd_playing *out)
{
	if (!s->playing)
		return false;
	out->text = s->playing->words;
	out->from = s->play_from;
	out->until = s->play_until;
	dd_ready_begun(s->playing, at - s->play_from, &out->begun, &out->word);
	return true;
}

uint32_t dd_session_asked(const struct dd_session *s, uint32_t step)
{
	return s->stub_turns[step];
}

dd_ms dd_session_spoken(const struct dd_session *s, size_t bytes)
{
	return s->playing ? s->play_from + dd_ready_spoken(s->playing, bytes) : s->now;
}

dd_ms dd_session_spoken_said(const struct dd_session *s, size_t bytes)
{
	return s->playing ? s->play_from + dd_ready_spoken_said(s->playing, bytes) : s->now;
}

struct dd_spoken_word *dd_session_words(const struct dd_session *s, size_t *n)
{
	*n = 0;
	return s->playing ? dd_ready_words(s->playing, n) : NULL;
}

bool dd_session_rings(const struct dd_session *s, uint32_t *step)
{
	*step = s->party.step;
	return s->party.ticket && !s->party.talks;
}

bool dd_session_talks(const struct dd_session *s)
{
	return s->party.ticket && s->party.talks;
}

void dd_session_decide(struct dd_session *s, const struct dd_stub *stub)
{
	if (!s->party.ticket || s->party.talks)
		return;
	s->party.stub = *stub;
	s->party.due = stub->ring < 0 ? DD_NEVER : s->party.from + stub->ring;
	if (s->party.due < s->now)
		s->party.due = s->now;
	set_due(s);
}

void dd_session_party(struct dd_session *s, dd_ms at)
{
	dd_session_advance(s, at);
	if (s->parked || !s->party.ticket)
		return;
	s->party.due = s->now;
	set_due(s);
	dd_session_advance(s, s->now);
}

void dd_session_say(struct dd_session *s, dd_ms at, struct dd_str words)
{
	dd_session_advance(s, at);
	if (!s->parked && !dd_session_over(s))
		step(s, &(struct dd_event){.type = DD_EV_SAID, .at = s->now, .said = words});
}

bool dd_session_records(const struct dd_session *s)
{
	return s->speech.ticket != 0;
}

void dd_session_speak(struct dd_session *s, dd_ms length)
{
	if (!s->speech.ticket)
		return;
	s->speech.length = length;
	s->speech.due = s->speech.from + (s->speech.speaks ? length : 0);
	if (!s->speech.speaks && length == 0)
		s->speech.due = DD_NEVER;
	if (s->speech.due < s->now)
		s->speech.due = s->now;
	set_due(s);
}

unsigned dd_session_recordings(const struct dd_session *s)
{
	return s->recordings;
}
