/* Passthru: asks a server, plays the hold prompt meanwhile, and goes on by what was answered.

   Of an applet by URL, which is the next step, it fills the slots: what is 200 and can be used goes
   on there, everything else by the exits error and timeout.

       request ──► reply: 200 → a route that fits, else exit 200, else 2xx, else next step
          │               201-299 → exit 2xx where there is one; 302 → exit 302
          │               anything else → exit error
          └─ time-out ──► exit timeout            (an exit without steps drops the call, but for
   200) */
#include <string.h>

#include "call/state.h"

static void begin(struct dd_turn *t)
{
	struct dd_call *c = t->call;
	const struct dd_passthru *p = &t->step->passthru;
	struct dd_effect *fx = emit(t, DD_FX_REQUEST);
	if (!p->wait) {
		fx->ticket = 0;
		pause_turn(t, t->step->next);
		return;
	}
	fx->ticket = c->awaiting = ++c->ticket;
	c->phase = PHASE_REPLY;
	c->started = c->now;
	c->timer = c->now + p->timeout;
	if (p->hold != DD_NONE)
		play(t, p->hold);
}

/* The hold prompt begins anew, unless it has no length. */
static void prompt_done(struct dd_turn *t)
{
	if (++t->call->idle < 2)
		play(t, t->step->passthru.hold);
}

static void leave(struct dd_turn *t, enum dd_exit way)
{
	const struct dd_passthru *p = &t->step->passthru;
	uint32_t target = p->exits[way];
	stop(t);
	emit(t, DD_FX_EXIT)->key_index = (uint32_t)way;
	if (p->by_url == DD_BY_URL_CONNECT && way != DD_EXIT_200)
		clear_value(t->call, p->asked_slot); /* the connect is over, or begins anew */
	if (target == DD_NONE)
		target = way == DD_EXIT_200 ? t->step->next : DD_GO_DROP;
	go_to(t, target);
}

static void set_status(struct dd_turn *t, const char *text)
{
	if (t->step->passthru.status_slot != DD_NONE)
		set_value(t->call, t->step->passthru.status_slot,
		        (struct dd_str){text, strlen(text)});
}

static void keep_fields(struct dd_turn *t, const struct dd_reply *reply)
{
	const struct dd_passthru *p = &t->step->passthru;
	for (uint32_t i = 0; i < p->nfields; i++) {
		const struct dd_field *field = &t->program->fields[p->first_field + i];
		clear_value(t->call, field->slot);
		for (size_t j = 0; j < reply->nfields; j++)
			if (field->name.n == reply->fields[j].name.n &&
			        memcmp(field->name.p, reply->fields[j].name.p, field->name.n) == 0)
				set_value(t->call, field->slot, reply->fields[j].value);
	}
	if (p->text_slot != DD_NONE) {
		clear_value(t->call, p->text_slot);
		if (reply->status)
			set_value(t->call, p->text_slot, reply->body);
	}
}

static void timer(struct dd_turn *t)
{
	struct dd_effect *fx = emit(t, DD_FX_FORGET);
	fx->ticket = t->call->awaiting;
	fx->key_index = DD_EXIT_TIMEOUT;
	t->call->awaiting = 0;
	if (t->step->passthru.by_url) /* what was answered before is old */
		keep_fields(t, &(struct dd_reply){0});
	set_status(t, "timeout");
	leave(t, DD_EXIT_TIMEOUT);
}

static bool route(struct dd_turn *t, struct dd_str body)
{
	const struct dd_passthru *p = &t->step->passthru;
	for (uint32_t i = 0; i < p->nroutes; i++) {
		const struct dd_route *r = &t->program->routes[p->first_route + i];
		if (r->body.n != body.n || (body.n && memcmp(r->body.p, body.p, body.n) != 0))
			continue;
		stop(t);
		emit(t, DD_FX_EXIT)->key_index = 16 + i;
		go_to(t, r->target);
		return true;
	}
	return false;
}

static void reply(struct dd_turn *t, const struct dd_reply *r)
{
	char number[4] = {0};
	t->call->timer = DD_NEVER;
	keep_fields(t, r);
	if (r->status >= 100 && r->status <= 999) {
		number[0] = (char)('0' + r->status / 100);
		number[1] = (char)('0' + r->status / 10 % 10);
		number[2] = (char)('0' + r->status % 10);
	}
	set_status(t, number[0] ? number : r->error ? r->error : "error");
	bool rest = t->step->passthru.exits[DD_EXIT_2XX] != DD_NONE; /* 2xx is there */
	if (r->status == 200) {
		if (!route(t, r->body))
			leave(t,
			        dd_has_exit(&t->step->passthru, DD_EXIT_200) ? DD_EXIT_200
			                                                     : DD_EXIT_2XX);
	} else if (rest && r->status > 200 && r->status < 300) {
		leave(t, DD_EXIT_2XX);
	} else if (r->status == 0 && r->error && strcmp(r->error, "timeout") == 0) {
		leave(t, DD_EXIT_TIMEOUT);
	} else {
		bool moved = r->status == 302 && !t->step->passthru.by_url;
		leave(t, moved ? DD_EXIT_302 : DD_EXIT_ERROR);
	}
}

const struct dd_applet_methods passthru_methods = {begin, prompt_done, NULL, timer, reply, NULL};
