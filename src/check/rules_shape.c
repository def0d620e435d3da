/* Rules about where a call may lead. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "check/checking.h"

void rule_call_drops(struct dd_checking *c)
{
	for (size_t i = 0; i < c->explored->nendings; i++) {
		const struct dd_ending *e = &c->explored->endings[i];
		if (e->ended_by != DD_ENDED_DROPPED || e->step == DD_NONE || c->program->steps[e->step].applet == DD_PASSTHRU)
			continue; /* passthru-no-fallback tells of the last */
		check_step(c, e->step, "end every path with hangup", "behind this the line goes dead: nothing is connected");
	}
}

/* Steps that follow one another are told once. */
void rule_unreachable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	const uint32_t *hits = c->explored->seen->steps;
	bool *follows = dd_alloc(p->nsteps + 1);
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (!hits[i] && p->steps[i].next < p->nsteps)
			follows[p->steps[i].next] = true;
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (!hits[i] && !follows[i] && c->explored->walk->complete)
			check_step(c, i, "connect it, or take it away", "no call comes here");
	free(follows);
}

static void runaways(struct dd_checking *c);

void rule_endless_loop(struct dd_checking *c)
{
	runaways(c);
	for (size_t i = 0; i < c->explored->nloops; i++) {
		const struct dd_loop *l = &c->explored->loops[i];
		if ((!l->silent && !l->no_exit) || l->nsteps == 0 || l->steps[0] == DD_NONE)
			continue;
		check_step(c, l->steps[0], "let it end with hangup after some tries",
			   l->no_exit ? "from here no choice leads to the end of the call" : "who presses nothing goes round here until the time limit");
	}
}

/* Steps that take no time, again and again. */
static void runaways(struct dd_checking *c)
{
	for (size_t i = 0; i < c->explored->nendings; i++) {
		const struct dd_ending *e = &c->explored->endings[i];
		uint32_t step = e->step == DD_NONE ? c->program->flows[0].start : e->step;
		if (e->ended_by == DD_ENDED_RUNAWAY && step < c->program->nsteps)
			check_step(c, step, "let something be heard on the way", "from here the flow takes 1,000 steps and no time passes");
	}
}

void rule_menu_width(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && (long)s->ivr.nkeys > c->settings[0])
			check_step(c, i, "two menus, the commonest choices first", "this menu has %u keys, more than %ld", s->ivr.nkeys, c->settings[0]);
	}
}

void rule_retries_zero(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR && c->program->steps[i].ivr.retries == 0)
			check_step(c, i, "retries: 1 or 2", "one wrong key and the menu is over; on the platform 0 is said to mean endless replays");
}

void rule_retries_many(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR && (long)c->program->steps[i].ivr.retries > c->settings[0])
			check_step(c, i, "2 is enough", "who presses nothing hears this menu %u times", c->program->steps[i].ivr.retries + 1);
}

void rule_no_timeout_branch(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_IVR && c->program->steps[i].ivr.otherwise == DD_GO_HANGUP)
			check_step(c, i, "add otherwise with a goodbye", "who presses nothing is hung up on without a word");
}

void rule_no_invalid_message(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		if (s->applet == DD_IVR && s->ivr.invalid == DD_NONE && s->ivr.retries)
			check_step(c, i, "add invalid with a sentence", "after a wrong key the menu begins anew, and nobody says why");
	}
}

void rule_passthru_no_fallback(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_passthru *p = &c->program->steps[i].passthru;
		if (c->program->steps[i].applet != DD_PASSTHRU || !p->wait)
			continue;
		bool error = p->exits[DD_EXIT_ERROR] == DD_NONE, timeout = p->exits[DD_EXIT_TIMEOUT] == DD_NONE;
		if (error || timeout)
			check_step(c, i, "connect the exits error and timeout", "when the server %s%s%s the call drops", error ? "fails" : "",
				   error && timeout ? " or " : "", timeout ? "is too slow" : "");
	}
}

static bool is_local(const char *host)
{
	static const char *const local[] = {"localhost", "127.", "[::1]", "10.", "192.168."};
	for (size_t i = 0; i < sizeof local / sizeof *local; i++)
		if (strncmp(host, local[i], strlen(local[i])) == 0)
			return true;
	return false;
}

void rule_passthru_insecure(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		if (p->steps[i].applet != DD_PASSTHRU)
			continue;
		const struct dd_template *t = &p->templates[p->steps[i].passthru.url];
		struct dd_str url = t->n ? p->parts[t->first].text : (struct dd_str){"", 0};
		char host[64] = "";
		if (url.n > 7 && memcmp(url.p, "http://", 7) == 0)
			memcpy(host, url.p + 7, url.n - 7 < sizeof host ? url.n - 7 : sizeof host - 1);
		if (*host && !is_local(host))
			check_step(c, i, "https://", "the customer's number and keys travel unencrypted");
	}
}

void rule_no_menu(struct dd_checking *c)
{
	if (!check_has(c, DD_IVR) && c->program->flows[0].start < c->program->nsteps)
		check_step(c, c->program->flows[0].start, "a menu, if an answer is of use", "the customer can only listen");
}

static bool has_opt_out(const struct dd_checking *c)
{
	for (uint32_t k = 0; k < c->program->nkeys; k++)
		if (c->program->keys[k].opt_out)
			return true;
	return false;
}

void rule_no_opt_out(struct dd_checking *c)
{
	if (!check_purpose(c, "reminder promotion survey event delivery payment") || has_opt_out(c) || !check_has(c, DD_IVR))
		return;
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		if (c->program->steps[i].applet == DD_IVR) {
			check_step(c, i, "9: { answer: opted out, opt_out: true, … }", "no key says \"do not call me again\", which a %s owes the customer",
				   c->program->flows[0].purpose);
			return;
		}
	}
}

/* Steps to look at, each once. */
struct todo {
	const struct dd_program *program;
	uint32_t *list, n;
	bool *seen;
};

static void look_at(struct todo *t, uint32_t step)
{
	if (step >= t->program->nsteps || t->seen[step])
		return;
	t->seen[step] = true;
	t->list[t->n++] = step;
}

/* Whether a server is asked at `from` or somewhere behind it. */
static bool asks(const struct dd_program *p, uint32_t from)
{
	struct todo t = {p, dd_alloc((p->nsteps + 1) * sizeof *t.list), 0, dd_alloc(p->nsteps + 1)};
	bool found = false;
	look_at(&t, from);
	while (t.n && !found) {
		const struct dd_step *s = &p->steps[t.list[--t.n]];
		switch (s->applet) {
		case DD_PASSTHRU: found = true; break;
		case DD_HANGUP: break;
		case DD_GOTO: look_at(&t, s->target); break;
		case DD_TRANSFER: look_at(&t, p->flows[s->target].start); break;
		case DD_IVR:
			for (uint32_t k = 0; k < s->ivr.nkeys; k++)
				look_at(&t, p->keys[s->ivr.first_key + k].target);
			look_at(&t, s->ivr.otherwise);
			look_at(&t, s->ivr.collect ? s->next : DD_NONE);
			break;
		default: look_at(&t, s->next);
		}
	}
	free(t.list);
	free(t.seen);
	return found;
}

void rule_opt_out_not_followed_up(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet != DD_IVR || p->flows[s->flow].status_callback.p || p->flows[0].status_callback.p)
			continue;
		for (uint32_t k = s->ivr.first_key; k < s->ivr.first_key + s->ivr.nkeys; k++)
			if (p->keys[k].opt_out && !asks(p, p->keys[k].target))
				check_at(c, s->flow, p->keys[k].span, "a passthru behind it, or a status_callback", "nobody learns that this customer opted out");
	}
}

void rule_responses_not_captured(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet == DD_IVR && !p->flows[s->flow].status_callback.p && !p->flows[0].status_callback.p && c->found->n < DD_DIAGS_MAX &&
		    !asks(p, i))
			check_step(c, i, "a status_callback, or a passthru behind it", "nobody learns what was pressed here");
	}
}

void rule_no_sms_backup(struct dd_checking *c)
{
	if (check_purpose(c, "alert otp payment") && !check_has(c, DD_SMS) && c->program->flows[0].start < c->program->nsteps)
		check_step(c, c->program->flows[0].start, "add an sms", "who cannot listen now has nothing to read later");
}
