/* A driver of the call machine without sounds, without a record: prompts last as long as they do,
 * customers do what their habits say. */
#include "campaign/customer.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "session/by_url.h"
#include "session/request.h"
#include "session/session.h"

enum { STORE = 512, NOBODY_ANSWERS_MS = 500, EVENTS_MAX = 100000 };

/* What one kind of customer does at one menu: shares that add up to 1, in the order keys, silence,
 * wrong. */
struct habit {
	double key[12], silence;
	double think; /* ms, the mean */
	char wrong;   /* a key that is not in use; 0: all are */
};

struct kind {
	double share;                /* up to and with this kind */
	double hazard, hazard_later; /* a millisecond */
	double later;                /* ms */
	struct habit *habits;        /* of each menu, by index */
};

/* What a server says to a passthru: parsed once. */
struct answer {
	struct dd_parsed_reply *parsed;
	dd_ms delay;
	bool times_out, failed;
};

struct dd_crowd {
	const struct dd_campaign *campaign;
	const struct dd_program *program;
	const dd_ms *prompt_ms;
	struct dd_arena *arena;
	struct kind *kinds;
	size_t nkinds;
	uint32_t *menu_of;              /* of each step: which menu it is, or DD_NONE */
	struct answer *answers, broken; /* of each passthru; of a server that fails */
	struct dd_call *fresh, *call;
};

/* -- habits ----------------------------------------------------------------- */

static const struct dd_menu_habit *habit_for(const struct dd_persona *p, const struct dd_step *s)
{
	char line[24];
	(void)snprintf(line, sizeof line, "line-%u", s->line);
	for (size_t i = 0; i < p->nmenus; i++)
		if (p->menus[i].step &&
		        ((s->id && strcmp(p->menus[i].step, s->id) == 0) ||
		                strcmp(p->menus[i].step, line) == 0))
			return &p->menus[i];
	return p->nmenus ? &p->menus[0] : NULL;
}

static double weight_of(const struct dd_persona *p, const struct dd_key *key)
{
	return key->opt_out ? p->opt_out : key->goal ? p->goal : p->other;
}

/* How many keys of a menu are of the kind of `key`: they share what that kind gets. */
static unsigned alike(
        const struct dd_program *p, const struct dd_ivr *ivr, const struct dd_key *key)
{
	unsigned n = 0;
	for (uint32_t k = 0; k < ivr->nkeys; k++) {
		const struct dd_key *other = &p->keys[ivr->first_key + k];
		n += other->opt_out == key->opt_out && (other->opt_out || other->goal == key->goal);
	}
	return n;
}

static char wrong_key(const struct dd_ivr *ivr)
{
	static const char keys[] = "1234567890*#";
	for (const char *k = keys; *k && !ivr->collect; k++)
		if (ivr->by_key[dd_key_index(*k)] == DD_NONE)
			return *k;
	return '\0';
}

/* Shares that are said hold of a try; what they leave goes to the keys that are not said, and to
 * all in proportion where there are none. */
static void fill_habit(const struct dd_program *p, const struct dd_persona *persona,
        const struct dd_step *s, struct habit *h)
{
	const struct dd_menu_habit *m = habit_for(persona, s);
	const struct dd_ivr *ivr = &s->ivr;
	double silence = m ? m->silence : 0, wrong = m ? m->wrong : 0, rest = 1 - silence - wrong,
	       said = 0, weights = 0;
	rest = rest > 0 ? rest : 0;
	h->silence = silence;
	h->think = m && m->think > 0 ? (double)m->think : 2000;
	h->wrong = wrong_key(ivr);
	for (uint32_t k = 0; k < ivr->nkeys && !ivr->collect; k++) {
		const struct dd_key *key = &p->keys[ivr->first_key + k];
		double share = m && m->step ? m->keys[dd_key_index(key->key)] : -1;
		said += share > 0 ? share : 0;
		weights += share < 0 ? weight_of(persona, key) / alike(p, ivr, key) : 0;
	}
	for (uint32_t k = 0; k < ivr->nkeys && !ivr->collect; k++) {
		const struct dd_key *key = &p->keys[ivr->first_key + k];
		int index = dd_key_index(key->key);
		double share = m && m->step ? m->keys[index] : -1,
		       left = rest > said ? rest - said : 0;
		if (share < 0)
			h->key[index] = weights > 0
			        ? left * weight_of(persona, key) / alike(p, ivr, key) / weights
			        : 0;
		else
			h->key[index] = weights > 0 && said <= rest ? share
			        : said > 0                          ? share * rest / said
			                                            : 0;
	}
	if (ivr->collect)
		h->key[0] = rest; /* somebody who types a number */
	else if (said <= 0 && weights <= 0)
		h->silence = 1 - wrong;
}

static void fill_kind(struct dd_crowd *c, const struct dd_persona *p, struct kind *k)
{
	const struct dd_program *program = c->program;
	k->hazard = (p->hang_up > 0 ? p->hang_up : 0) / 1000;
	k->hazard_later = (p->hang_up_later > 0 ? p->hang_up_later : 0) / 1000;
	k->later = (double)(p->later > 0 ? p->later : 30000);
	k->habits = dd_arena_alloc(c->arena, (program->nsteps + 1) * sizeof *k->habits);
	for (uint32_t i = 0; i < program->nsteps; i++)
		if (program->steps[i].applet == DD_IVR)
			fill_habit(program, p, &program->steps[i], &k->habits[c->menu_of[i]]);
}

static struct answer answer_of(struct dd_crowd *c, uint32_t step, const struct dd_stub *stub)
{
	struct answer a = {
	        .parsed = dd_arena_alloc(c->arena, sizeof *a.parsed), .delay = stub->delay};
	a.times_out = stub->error && strcmp(stub->error, "timeout") == 0;
	a.failed = stub->status != 200 && stub->status != 302;
	dd_reply_parse(a.parsed, c->program, step, stub->status, stub->error, stub->body);
	return a;
}

static void prepare_answers(struct dd_crowd *c)
{
	const struct dd_program *p = c->program;
	const struct dd_stub plain = {.status = 200, .body = {"", 0}, .delay = NOBODY_ANSWERS_MS},
	                     broken = {.status = 500, .body = {"", 0}};
	c->answers = dd_arena_alloc(c->arena, (p->nsteps + 1) * sizeof *c->answers);
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].applet == DD_PASSTHRU)
			c->answers[i] = answer_of(c, i,
			        p->steps[i].passthru.nstubs
			                ? &p->stubs[p->steps[i].passthru.first_stub]
			                : &plain);
	c->broken = answer_of(c, 0, &broken);
}

struct dd_crowd *dd_crowd_new(const struct dd_campaign *campaign, const dd_ms *prompt_ms)
{
	const struct dd_program *p = campaign->program;
	const struct dd_audience *a = campaign->audience;
	struct dd_crowd *c = dd_alloc(sizeof *c);
	struct dd_setup setup = {.time_limit = campaign->time_limit,
	        .answered_unix_ms =
	                campaign->start == INT64_MIN ? DD_STARTS_UNIX_MS : campaign->start};
	double sum = 0;
	uint32_t menus = 0;
	*c = (struct dd_crowd){.campaign = campaign,
	        .program = p,
	        .prompt_ms = prompt_ms,
	        .arena = dd_arena_new(),
	        .nkinds = a->npersonas};
	c->menu_of = dd_arena_alloc(c->arena, (p->nsteps + 1) * sizeof *c->menu_of);
	for (uint32_t i = 0; i < p->nsteps; i++)
		c->menu_of[i] = p->steps[i].applet == DD_IVR ? menus++ : DD_NONE;
	c->kinds = dd_arena_alloc(c->arena, (c->nkinds + 1) * sizeof *c->kinds);
	for (size_t i = 0; i < c->nkinds; i++)
		sum += a->personas[i].share;
	for (size_t i = 0; i < c->nkinds; i++) {
		fill_kind(c, &a->personas[i], &c->kinds[i]);
		c->kinds[i].share = (i ? c->kinds[i - 1].share : 0) +
		        (sum > 0 ? a->personas[i].share / sum : 1.0 / (double)c->nkinds);
	}
	prepare_answers(c);
	c->fresh = dd_alloc(dd_call_size(p, STORE));
	c->call = dd_alloc(dd_call_size(p, STORE));
	dd_call_init(c->fresh, p, STORE, &setup);
	return c;
}

void dd_crowd_free(struct dd_crowd *c)
{
	if (!c)
		return;
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->answers[i].parsed)
			dd_reply_fini(c->answers[i].parsed);
	dd_reply_fini(c->broken.parsed);
	free(c->fresh);
	free(c->call);
	dd_arena_free(c->arena);
	free(c);
}

/* -- a call ----------------------------------------------------------------- */

struct talking {
	struct dd_crowd *crowd;
	struct dd_pcg *rng;
	struct dd_forecast *forecast;
	struct dd_talk *out;
	struct dd_customer customer;
	dd_ms now, hangs_up, prompt_ends, replies, presses; /* DD_NEVER: does not happen */
	uint32_t playing, awaiting;
	const struct answer *answer;
	char keys[DD_CUSTOMER_KEYS_MAX]; /* that are still to be pressed, the first one first */
	unsigned nkeys;
	bool planned; /* for this wait */
	bool machine, keep;
	bool joins; /* the next key is of another answer */
	/* somebody who is rung or talked to, and a recording: tickets, and what happens next */
	uint32_t party, recording;
	bool talks, speaks;
	dd_ms party_due, speech_due;
	struct dd_stub stub;
	dd_ms left; /* in a talk, and while an agent is waited for: of what the customer listens to
	             */
	/* where agents are few: */
	bool desk, asks, waits, joined;
	dd_ms asked; /* since when it wants an agent */
	struct dd_call *call;
	struct dd_event next;
	int events;
};

/* When a listener has had enough: one draw for the whole call. */
static dd_ms hang_up_at(const struct kind *k, struct dd_pcg *rng)
{
	double patience = dd_draw_exponential(rng), at;
	if (k->hazard > 0 && patience < k->hazard * k->later)
		at = patience / k->hazard;
	else if (k->hazard_later > 0)
		at = k->later + (patience - k->hazard * k->later) / k->hazard_later;
	else
		return DD_NEVER;
	return at < 1e9 ? (dd_ms)at + 1 : DD_NEVER;
}

struct dd_customer dd_crowd_draw(struct dd_crowd *c, struct dd_pcg *rng)
{
	struct dd_customer customer = {0};
	double u = dd_draw(rng);
	while (customer.kind + 1 < c->nkinds && u >= c->kinds[customer.kind].share)
		customer.kind++;
	customer.hangs_up = hang_up_at(&c->kinds[customer.kind], rng);
	return customer;
}

/* A number of as many digits as fit, and the key that ends it. */
static unsigned type_number(
        const struct dd_collect *ivr, struct dd_pcg *rng, char keys[DD_CUSTOMER_KEYS_MAX])
{
	unsigned n = ivr->finish ? ivr->min + (unsigned)(dd_draw(rng) * (ivr->max - ivr->min + 1))
	                         : ivr->max;
	n = n > DD_CUSTOMER_KEYS_MAX - 1 ? DD_CUSTOMER_KEYS_MAX - 1 : n ? n : 1;
	for (unsigned i = 0; i < n; i++) {
		do
			keys[i] = (char)('0' + (int)(dd_draw(rng) * 10));
		while (keys[i] == ivr->finish);
	}
	if (ivr->finish && n < ivr->max)
		keys[n++] = ivr->finish;
	return n;
}

unsigned dd_crowd_press(struct dd_crowd *c, const struct dd_customer *customer, struct dd_pcg *rng,
        uint32_t step, char keys[DD_CUSTOMER_KEYS_MAX], dd_ms *think)
{
	const struct dd_ivr *ivr = &c->program->steps[step].ivr;
	const struct habit *h = &c->kinds[customer->kind].habits[c->menu_of[step]];
	double u = dd_draw(rng) - h->silence;
	struct dd_collect how;
	unsigned n = 0;
	if (u < 0)
		return 0;
	dd_stub_collect(c->program, step, &how);
	dd_ms after = (dd_ms)(dd_draw_exponential(rng) * h->think) + 1;
	for (int k = 0; k < 12 && !n; k++) {
		u -= h->key[k];
		if (u < 0 && !ivr->collect)
			keys[n++] = "0123456789*#"[k];
		else if (u < 0)
			n = type_number(&how, rng, keys);
	}
	if (!n && h->wrong)
		keys[n++] = h->wrong;
	*think = after < how.timeout ? after : how.timeout - 1;
	return n;
}

/* The menu begins to wait: what this customer does about it. */
static void plan(struct talking *t, uint32_t step)
{
	dd_ms think = 0;
	t->planned = true;
	t->nkeys = 0;
	t->presses = DD_NEVER;
	if (t->machine)
		(void)dd_draw(t->rng);
	else
		t->nkeys = dd_crowd_press(t->crowd, &t->customer, t->rng, step, t->keys, &think);
	if (t->nkeys)
		t->presses = t->now + think;
}

static void note_menu(struct talking *t, const struct dd_effect *e)
{
	uint32_t menu = t->crowd->menu_of[e->step];
	struct dd_menu_tally *m = menu == DD_NONE ? NULL : &t->forecast->menus[menu];
	if (!m || t->machine)
		return;
	switch (e->type) {
	case DD_FX_STEP: m->visits++; break;
	case DD_FX_INVALID: m->invalid++; break;
	case DD_FX_SILENCE: m->silence++; break;
	case DD_FX_TRIES: m->tries_used_up++; break;
	case DD_FX_ANSWER:
		if (e->key_index == UINT32_MAX)
			m->numbers++;
		else
			m->keys[dd_key_index(t->crowd->program->keys[e->key_index].key)]++;
		break;
	default: break;
	}
}

/* Appends to a text of fixed size; what does not fit is left out whole. */
static void append(char *text, size_t cap, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static void append(char *text, size_t cap, const char *format, ...)
{
	size_t n = strlen(text);
	va_list args;
	va_start(args, format);
	int more = vsnprintf(text + n, cap - n, format, args);
	va_end(args);
	if (more < 0 || (size_t)more >= cap - n)
		text[n] = '\0';
}

/* Servers answer as the flow's first stub does, unless the audience has them fail. */
static void ask(struct talking *t, const struct dd_effect *e)
{
	const struct dd_audience *a = t->crowd->campaign->audience;
	const struct answer *own = &t->crowd->answers[e->step];
	double u = dd_draw(t->rng);
	t->out->requests++;
	if (!e->ticket)
		return;
	t->awaiting = e->ticket;
	t->answer = u < a->server_error ? &t->crowd->broken : own;
	bool silent = (u >= a->server_error && u < a->server_error + a->server_timeout) ||
	        (t->answer == own && own->times_out);
	t->replies =
	        silent ? DD_NEVER : t->now + t->answer->delay; /* the call's own clock ends the wait
	                                                          for one that never comes */
	t->out->errors += silent || t->answer->failed;
	if (t->keep && (silent || t->answer != own)) {
		const struct dd_step *s = &t->crowd->program->steps[e->step];
		char line[24];
		(void)snprintf(line, sizeof line, "line-%u", s->line);
		append(t->out->replies, sizeof t->out->replies, "%s%s=%s",
		        t->out->replies[0] ? " " : "", s->id ? s->id : line,
		        silent ? "timeout" : "error");
	}
}

static dd_ms drawn_ms(struct dd_pcg *rng, dd_ms mean)
{
	return (dd_ms)(dd_draw_exponential(rng) * (double)mean) + 1;
}

/* Whoever is rung does what the audience says, by chance; where it says nothing what the flow's
 * first stub does: it answers after 6 s and talks for 30 s, unless it says otherwise. */
static struct dd_stub party_of(struct talking *t, uint32_t step)
{
	static const struct dd_stub usual = {
	        .party = DD_PARTY_ANSWERED, .ring = DD_PARTY_RING_MS, .talk = DD_PARTY_TALK_MS};
	const struct dd_program *p = t->crowd->program;
	const struct dd_connect *n = &p->steps[step].connect;
	const struct dd_connect_habit *h = &t->crowd->campaign->audience->connect;
	if (!h->said)
		return n->nstubs ? p->stubs[n->first_stub] : usual;
	double u = dd_draw(t->rng);
	int party = 0;
	while (party + 1 < DD_PARTIES_COUNT && u >= h->share[party])
		u -= h->share[party++];
	struct dd_stub stub = {.party = (enum dd_party)party};
	stub.ring = party == DD_PARTY_NO_ANSWER ? -1 : drawn_ms(t->rng, h->ring);
	stub.talk = drawn_ms(t->rng, h->talk);
	return stub;
}

/* An agent who is to answer must be free: whoever rehearses the campaign knows. */
static void ring(struct talking *t, const struct dd_effect *e)
{
	t->stub = party_of(t, e->step);
	t->party = e->ticket;
	t->talks = false;
	t->asks = t->desk && t->stub.party == DD_PARTY_ANSWERED;
	t->asked = t->now;
	t->party_due = t->asks || t->stub.ring < 0 ? DD_NEVER : t->now + t->stub.ring;
	if (t->desk)
		t->forecast->agents.wanted++;
}

/* Who is talked to is no recording: what a customer's patience with those leaves is kept for
 * afterwards. */
static void set_patience_aside(struct talking *t)
{
	t->left = t->hangs_up == DD_NEVER ? DD_NEVER : t->hangs_up - t->now;
	t->hangs_up = DD_NEVER;
}

static void take_patience_up(struct talking *t)
{
	if (t->left >= 0)
		t->hangs_up = t->left == DD_NEVER ? DD_NEVER : t->now + t->left;
	t->left = -1;
}

static void end_wait(struct talking *t, dd_ms at)
{
	struct dd_forecast *f = t->forecast;
	dd_ms waited = at - t->asked;
	f->agents.wait_ms += (uint64_t)waited;
	f->agents_longest_wait = waited > f->agents_longest_wait ? waited : f->agents_longest_wait;
	t->waits = false;
}

static void note_party(struct talking *t, const struct dd_effect *e)
{
	struct dd_agents_tally *a = &t->forecast->agents;
	a->busy += e->key_index == DD_PARTY_BUSY;
	a->no_answer += e->key_index == DD_PARTY_NO_ANSWER && !t->waits;
	a->timed_out += e->key_index == DD_PARTY_NO_ANSWER && t->waits;
	a->failed += e->key_index == DD_PARTY_FAILED || e->key_index == DD_PARTY_FULL;
	a->talks += e->key_index == DD_PARTY_ANSWERED;
	if (t->waits)
		end_wait(t, t->now);
}

static void take_people(struct talking *t, const struct dd_effect *e)
{
	if (t->desk && e->type == DD_FX_PARTY)
		note_party(t, e);
	if (e->type == DD_FX_RING) {
		ring(t, e);
	} else if (e->type == DD_FX_PARTY && e->key_index == DD_PARTY_ANSWERED) {
		t->talks = true;
		t->party_due = t->now + t->stub.talk;
		if (t->left < 0)
			set_patience_aside(t);
	} else if (e->type == DD_FX_PARTY || e->type == DD_FX_PARTED) {
		t->party = 0;
		take_patience_up(t);
	} else if (e->type == DD_FX_RECORD) {
		t->recording = e->ticket;
		t->speaks = false;
		t->speech_due = t->machine ? DD_NEVER : t->now;
	} else if (e->type == DD_FX_RECORDED) {
		t->recording = 0;
	}
}

static void take(struct talking *t, const struct dd_effects *fx)
{
	for (uint32_t i = 0; i < fx->n; i++) {
		const struct dd_effect *e = &fx->list[i];
		switch (e->type) {
		case DD_FX_PLAY:
			t->playing = e->ticket;
			t->prompt_ends = t->now + t->crowd->prompt_ms[e->prompt];
			break;
		case DD_FX_STOP:
			t->playing = 0;
			t->prompt_ends = DD_NEVER;
			break;
		case DD_FX_REQUEST: ask(t, e); break;
		case DD_FX_FORGET:
		case DD_FX_EXIT:
			t->awaiting = 0;
			t->replies = DD_NEVER;
			break;
		case DD_FX_SMS: t->out->sms++; break;
		case DD_FX_RING:
		case DD_FX_PARTY:
		case DD_FX_PARTED:
		case DD_FX_RECORD:
		case DD_FX_RECORDED: take_people(t, e); break;
		case DD_FX_ANSWER: t->joins = t->keep && t->out->digits[0]; break;
		default: break;
		}
		note_menu(t, e);
	}
}

static void keep_key(struct talking *t, char key)
{
	struct dd_talk *o = t->out;
	if (!t->keep)
		return;
	append(o->presses, sizeof o->presses, "%s%lld:%c", o->presses[0] ? "," : "",
	        (long long)t->now, key);
	if (key != 'h')
		append(o->digits, sizeof o->digits, "%s%c", t->joins ? "," : "", key);
	t->joins = false;
}

/* What happens next; of things at one moment the first named is first. */
static void find_next(struct talking *t)
{
	dd_ms at = t->hangs_up, due = dd_call_deadline(t->call);
	enum dd_event_type type = DD_EV_HANG_UP;
	if (t->presses <= at)
		type = DD_EV_KEY, at = t->presses;
	if (due <= at)
		type = DD_EV_TIMER, at = due;
	if (t->recording && t->speech_due <= at)
		type = DD_EV_SPEECH, at = t->speech_due;
	if (t->party && t->party_due <= at)
		type = t->talks ? DD_EV_PARTED : DD_EV_PARTY, at = t->party_due;
	if (t->awaiting && t->replies <= at)
		type = DD_EV_REPLY, at = t->replies;
	if (t->playing && t->prompt_ends <= at)
		type = DD_EV_PROMPT_DONE, at = t->prompt_ends;
	struct dd_event *e = &t->next;
	e->type = type;
	e->at = at;
	switch (type) {
	case DD_EV_KEY: e->key = t->keys[0]; break;
	case DD_EV_SPEECH: e->ticket = t->recording, e->on = !t->speaks; break;
	case DD_EV_PARTY:
	case DD_EV_PARTED: e->ticket = t->party, e->party = (uint32_t)t->stub.party; break;
	case DD_EV_REPLY: e->ticket = t->awaiting, e->reply = &t->answer->parsed->reply; break;
	case DD_EV_PROMPT_DONE: e->ticket = t->playing; break;
	default: break;
	}
}

static void press(struct talking *t)
{
	t->out->responded = true;
	keep_key(t, t->keys[0]);
	memmove(t->keys, t->keys + 1, sizeof t->keys - 1);
	t->nkeys--;
	t->presses = t->nkeys ? t->now + DD_CUSTOMER_GAP_MS : DD_NEVER;
}

static void begin(struct talking *t)
{
	t->customer = dd_crowd_draw(t->crowd, t->rng);
	t->hangs_up = t->machine ? DD_NEVER : t->customer.hangs_up;
	t->prompt_ends = t->replies = t->presses = DD_NEVER;
	t->left = -1;
	t->next = (struct dd_event){.type = DD_EV_ANSWERED};
	*t->out = (struct dd_talk){.step = DD_NONE};
	dd_call_copy(t->call, t->crowd->fresh);
}

/* One event, and what the customer makes of it. False: it was the last. */
static bool happen(struct talking *t)
{
	const struct dd_event *e = &t->next;
	struct dd_effects fx;
	t->now = e->at;
	t->out->step = dd_call_at(t->call);
	if (e->type == DD_EV_PROMPT_DONE)
		t->playing = 0;
	if (e->type == DD_EV_SPEECH) {
		t->speaks = e->on;
		t->speech_due = e->on ? t->now + DD_SPEAK_MS : DD_NEVER;
	}
	dd_call_step(t->call, e, &fx);
	if (e->type == DD_EV_KEY)
		press(t);
	if (e->type == DD_EV_HANG_UP)
		keep_key(t, 'h');
	take(t, &fx);
	if (dd_call_over(t->call) || ++t->events == EVENTS_MAX)
		return false;
	bool waits = dd_call_waits(t->call),
	     digits = !waits && !t->playing && dd_call_listens(t->call);
	if (waits && !t->planned)
		plan(t, dd_call_at(t->call));
	else if (!waits && !digits)
		t->planned = false, t->presses = DD_NEVER;
	find_next(t);
	return t->next.at != DD_NEVER || t->asks;
}

static void sum_up(const struct talking *t)
{
	struct dd_talk *out = t->out;
	out->lasted = t->now;
	out->ended_by = dd_call_over(t->call) ? dd_call_ended_by(t->call) : DD_ENDED_TIME_LIMIT;
	out->goal = dd_call_goal(t->call);
	out->opted_out = dd_call_opted_out(t->call);
	out->heard_message = out->ended_by == DD_ENDED_FLOW || out->goal || out->opted_out;
}

void dd_crowd_talk(struct dd_crowd *c, struct dd_pcg *rng, bool machine, bool keep_digits,
        struct dd_forecast *forecast, struct dd_talk *out)
{
	struct talking t = {.crowd = c,
	        .rng = rng,
	        .forecast = forecast,
	        .out = out,
	        .machine = machine,
	        .keep = keep_digits,
	        .call = c->call};
	begin(&t);
	while (happen(&t))
		continue;
	sum_up(&t);
}

/* -- waiting for an agent --------------------------------------------------- */

struct dd_talking {
	struct talking t;
	struct dd_pcg rng;
	struct dd_talk out;
	bool over;
};

struct dd_talking *dd_talk_new(struct dd_crowd *c, const struct dd_pcg *rng, bool machine,
        bool keep_digits, struct dd_forecast *forecast)
{
	struct dd_talking *x = dd_alloc(sizeof *x);
	x->rng = *rng;
	x->t = (struct talking){.crowd = c,
	        .rng = &x->rng,
	        .forecast = forecast,
	        .out = &x->out,
	        .machine = machine,
	        .keep = keep_digits,
	        .desk = true,
	        .call = dd_alloc(dd_call_size(c->program, STORE))};
	begin(&x->t);
	return x;
}

bool dd_talk_go_on(struct dd_talking *x)
{
	struct talking *t = &x->t;
	while (!x->over && !t->asks)
		x->over = !happen(t);
	if (x->over && t->waits) { /* the customer hung up */
		t->forecast->agents.abandoned++;
		end_wait(t, t->now);
	}
	return t->asks && !x->over;
}

dd_ms dd_talk_now(const struct dd_talking *x)
{
	return x->t.now;
}

dd_ms dd_talk_waits(struct dd_talking *x)
{
	struct talking *t = &x->t;
	dd_ms patience = drawn_ms(t->rng, t->crowd->campaign->audience->connect.patience);
	t->asks = false;
	t->waits = true;
	t->forecast->agents.waited++;
	if (t->left < 0)
		set_patience_aside(t);
	t->hangs_up = t->machine ? DD_NEVER : t->now + patience;
	find_next(t);
	dd_ms due = dd_call_deadline(t->call);
	return due < t->hangs_up ? due : t->hangs_up;
}

dd_ms dd_talk_join(struct dd_talking *x, dd_ms at)
{
	struct talking *t = &x->t;
	uint32_t party = t->party;
	t->asks = false;
	find_next(t);
	while (!x->over && t->party == party && t->next.at < at) /* the ringing goes on */
		x->over = !happen(t);
	if (x->over || t->party != party)
		return at;
	if (t->waits) {
		t->hangs_up = DD_NEVER;
		end_wait(t, at);
	}
	t->party_due = at + t->stub.ring;
	find_next(t);
	while (!x->over && t->party == party)
		x->over = !happen(t);
	t->forecast->agents.busy_ms += (uint64_t)(t->now - at);
	return t->now;
}

void dd_talk_end(struct dd_talking *x, struct dd_talk *out)
{
	sum_up(&x->t);
	*out = x->out;
	free(x->t.call);
	free(x);
}
