/* Rules about what stays on an answering machine. It presses no key, so that it hears what a
   customer hears who only listens. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "check/checking.h"

/* The last part of a slot's name: "balance" of "account.balance". Other flows' steps have a number
   before a colon. */
static struct dd_str own_name(const char *name)
{
	const char *dot = strrchr(name, '.'), *colon = strrchr(name, ':');
	return dd_str(dot ? dot + 1 : colon ? colon + 1 : name);
}

/* Whether one of the words of a name, which stand between _ and -, is in a list with commas. */
static bool names_one_of(struct dd_str name, struct dd_str list)
{
	for (size_t at = 0; at < list.n;) {
		const char *comma = memchr(list.p + at, ',', list.n - at);
		size_t end = comma ? (size_t)(comma - list.p) : list.n;
		struct dd_str want = dd_str_trim((struct dd_str){list.p + at, end - at});
		for (size_t k = 0; want.n && k + want.n <= name.n; k++) {
			bool begins = k == 0 || strchr("_-", name.p[k - 1]),
			     ends = k + want.n == name.n || strchr("_-", name.p[k + want.n]);
			if (begins && ends && strncasecmp(name.p + k, want.p, want.n) == 0)
				return true;
		}
		at = end + 1;
	}
	return false;
}

static bool is_private(const struct dd_checking *c, uint32_t slot)
{
	static const char words[] = "otp,pin,passcode,password,cvv,balance,card,card_number,"
	                            "account_number,account_no,aadhaar,aadhar,pan,ssn,dob,salary,"
	                            "diagnosis,prescription,medicine,result,results";
	const struct dd_slot *s = &c->program->slots[slot];
	struct dd_str name = own_name(s->name);
	if (slot < DD_BUILT_INS_COUNT)
		return false;
	bool code = s->variable ? check_is_code(c, slot) : dd_str_is(name, "code");
	if (code &&
	        check_purpose(c, "otp")) /* it is what the call is for, and soon worth nothing */
		return false;
	if (code)
		return true;
	return names_one_of(name, dd_str(words)) ||
	        (c->now.words[0].p && names_one_of(name, c->now.words[0]));
}

/* The first private value that a prompt says; NULL: none. */
static const struct dd_part *private_part(const struct dd_checking *c, uint32_t prompt)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_template *t =
		        check_spoken(c, &p->segments[p->prompts[prompt].first + i]);
		for (uint32_t k = 0; t && k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			if (part->slot != DD_NONE && is_private(c, part->slot))
				return part;
		}
	}
	return NULL;
}

/* Whether it happens without a person: nobody presses, speaks or is talked to. */
static bool is_of_machine(const struct dd_choice *choice)
{
	return choice->kind == DD_CH_LISTEN || choice->kind == DD_CH_WAIT ||
	        choice->kind == DD_CH_REPLY || choice->kind == DD_CH_HOURS ||
	        (choice->kind == DD_CH_PARTY && choice->reply != DD_PARTY_ANSWERED);
}

/* A search over all calls in which nobody does anything: each of their prompts is looked at once.
 */
void rule_voicemail_leak(struct dd_checking *c)
{
	const struct dd_walk *walk = c->explored->walk;
	bool *seen = dd_alloc(walk->nstates + (size_t)1),
	     *told = dd_alloc(c->program->nprompts + (size_t)1);
	uint32_t *queue = dd_alloc((walk->nstates + (size_t)1) * sizeof *queue);
	size_t n = 0;
	if (walk->nstates)
		queue[n++] = 0, seen[0] = true;
	for (size_t at = 0; at < n; at++) {
		const struct dd_walk_state *s = &walk->states[queue[at]];
		const struct dd_part *part = s->prompt != DD_NONE && !told[s->prompt]
		        ? private_part(c, s->prompt)
		        : NULL;
		if (part)
			check_at(c, c->program->steps[s->step].flow, part->span,
			        "ask for a key first: to hear it, press 1",
			        "a machine that takes the call keeps the \"%.*s\": no key has "
			        "been pressed before it is said",
			        (int)own_name(c->program->slots[part->slot].name).n,
			        own_name(c->program->slots[part->slot].name).p);
		if (s->prompt != DD_NONE)
			told[s->prompt] = true;
		for (uint32_t k = s->first; k < s->first + s->n; k++) {
			const struct dd_walk_edge *e = &walk->edges[k];
			if (!is_of_machine(&e->choice) || seen[e->to])
				continue;
			seen[e->to] = true;
			queue[n++] = e->to;
		}
	}
	dd_free(seen);
	dd_free(told);
	dd_free(queue);
}

/* -- what is cut ------------------------------------------------------------ */

/* The way of a call in which nobody does anything and servers answer well; DD_NONE at its end. */
static uint32_t next_edge(const struct dd_walk *walk, const struct dd_walk_state *s)
{
	uint32_t next = DD_NONE;
	for (uint32_t k = s->first; k < s->first + s->n; k++) {
		const struct dd_choice *choice = &walk->edges[k].choice;
		if (!is_of_machine(choice))
			continue;
		if (next == DD_NONE ||
		        (choice->kind == DD_CH_REPLY && choice->reply == DD_EXIT_200))
			next = k;
	}
	return next;
}

/* Whether some words are said before the beep, which comes `after` the prompt's beginning, and some
   behind it. Whoever says nothing in a recording is not cut by it: nobody knows. */
static bool is_cut_in_two(const struct dd_played *played, dd_ms after)
{
	return played->nlist && played->list[0].at < after &&
	        played->list[played->nlist - 1].at >= after;
}

/* Walks that way, and looks for the greeting that plays when the machine beeps. Then, from there
   on, for a time at which it begins anew. */
void rule_voicemail_cut(struct dd_checking *c)
{
	const struct dd_walk *walk = c->explored->walk;
	dd_ms beep = c->now.settings[0], now = 0;
	uint32_t cut = DD_NONE, at = 0;
	for (uint32_t n = 0; n <= walk->nstates && at < walk->nstates; n++) {
		const struct dd_walk_state *s = &walk->states[at];
		uint32_t next = next_edge(walk, s);
		if (cut != DD_NONE && s->prompt != DD_NONE && now >= beep &&
		        c->program->steps[s->step].applet == DD_GREETING && s->step == cut)
			return;
		if (next == DD_NONE)
			break;
		dd_ms ends = now + walk->edges[next].ms;
		if (s->prompt != DD_NONE && now < beep && ends > beep &&
		        c->program->steps[s->step].applet == DD_GREETING &&
		        is_cut_in_two(&c->played[s->prompt], beep - now))
			cut = s->step;
		now = ends;
		at = walk->edges[next].to;
	}
	if (cut != DD_NONE)
		check_step(c, cut,
		        c->program->steps[cut].greeting.loop > 1 ? "one more in loop says it again"
		                                                 : "loop: 2 says it again",
		        "of this message a machine keeps only what is said after its own "
		        "greeting of %s, and nothing says the rest again",
		        check_seconds(beep));
}
