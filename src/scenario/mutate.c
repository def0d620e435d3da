/* A mutant differs from the flow in one step, so only scenarios that come to this step are run. */
#include "scenario/mutate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/missing.h"

enum { MUTANTS_MAX = 200000, NEAR = 1000 /* steps looked at for another text or target */ };

enum change {
	SWAP_KEYS,
	DROP_KEY,
	LOSE_BRANCH,
	OTHER_ANSWER,
	LOSE_GOAL,
	LOSE_OPT_OUT,
	MORE_TRIES,
	FEWER_TRIES,
	LOSE_OTHERWISE,
	LOSE_INVALID,
	LOSE_SILENCE,
	FLIP_BARGE_IN,
	OTHER_PROMPT,
	LOSE_STEP,
	OTHER_SMS,
	WRONG_JUMP,
	DROP_EXIT,
	SWAP_EXITS,
	DROP_ROUTE,
	LOSE_OTHERWISE_INVALID,
	DROP_CASE,
	SWAP_CASES,
	LOW_BOUND,
	HIGH_BOUND,
	SWAP_HOURS,
	SWAP_PARTIES,
};

struct mutant {
	enum change change;
	uint32_t step, a, b; /* keys, exits, routes, prompts, steps: as the change needs */
};

/* A run of the plan with the steps it comes to. */
struct trial {
	uint32_t suite, scenario, row;
	uint32_t *steps;
};

struct job {
	struct dd_plan *plan;
	const struct dd_program *program;
	struct mutant *mutants;
	size_t nmutants, cap_mutants;
	bool *noticed;
	struct trial *trials;
	size_t ntrials, cap_trials;
	atomic_size_t next;
};

/* -- which changes ---------------------------------------------------------- */

static bool same_template(const struct dd_program *p, uint32_t a, uint32_t b)
{
	if (a == b)
		return true;
	if (a == DD_NONE || b == DD_NONE || p->templates[a].n != p->templates[b].n)
		return false;
	for (uint32_t i = 0; i < p->templates[a].n; i++) {
		const struct dd_part *x = &p->parts[p->templates[a].first + i],
		                     *y = &p->parts[p->templates[b].first + i];
		if (x->slot != y->slot || x->format != y->format || !dd_str_same(x->text, y->text))
			return false;
	}
	return true;
}

static bool same_prompt(const struct dd_program *p, uint32_t a, uint32_t b)
{
	if (a == b || a == DD_NONE || b == DD_NONE)
		return a == b;
	const struct dd_prompt *x = &p->prompts[a], *y = &p->prompts[b];
	if (x->n != y->n)
		return false;
	for (uint32_t i = 0; i < x->n; i++) {
		const struct dd_segment *s = &p->segments[x->first + i],
		                        *t = &p->segments[y->first + i];
		if (s->kind != t->kind || s->pause != t->pause ||
		        (s->kind != DD_SEG_PAUSE && !same_template(p, s->text, t->text)))
			return false;
	}
	return true;
}

static void change(struct job *j, enum change what, uint32_t step, uint32_t a, uint32_t b)
{
	if (j->nmutants < MUTANTS_MAX)
		DD_PUSH(j->mutants, j->nmutants, j->cap_mutants) =
		        (struct mutant){what, step, a, b};
}

static uint32_t main_prompt(const struct dd_step *s)
{
	return s->applet == DD_GREETING ? s->greeting.prompt
	        : s->applet == DD_IVR   ? s->ivr.prompt
	                                : DD_NONE;
}

/* The first prompt of a later step, round the end, that says something else. */
static uint32_t other_prompt(const struct dd_program *p, uint32_t step)
{
	uint32_t own = main_prompt(&p->steps[step]);
	for (uint32_t i = 1; i < p->nsteps && i < NEAR; i++) {
		const struct dd_step *s = &p->steps[(step + i) % p->nsteps];
		uint32_t prompt = main_prompt(s);
		if (s->flow == p->steps[step].flow && prompt != DD_NONE &&
		        !same_prompt(p, prompt, own))
			return prompt;
	}
	return DD_NONE;
}

static uint32_t other_sms(const struct dd_program *p, uint32_t step)
{
	for (uint32_t i = 1; i < p->nsteps && i < NEAR; i++) {
		const struct dd_step *s = &p->steps[(step + i) % p->nsteps];
		if (s->applet == DD_SMS && !same_template(p, s->sms.text, p->steps[step].sms.text))
			return s->sms.text;
	}
	return DD_NONE;
}

static void changes_of_key(struct job *j, uint32_t step, uint32_t k)
{
	const struct dd_program *p = j->program;
	const struct dd_ivr *ivr = &p->steps[step].ivr;
	const struct dd_key *key = &p->keys[k];
	change(j, DROP_KEY, step, k, 0);
	if (key->target != p->steps[step].next)
		change(j, LOSE_BRANCH, step, k, 0);
	if (key->goal)
		change(j, LOSE_GOAL, step, k, 0);
	if (key->opt_out)
		change(j, LOSE_OPT_OUT, step, k, 0);
	if (k + 1 == ivr->first_key + ivr->nkeys)
		return;
	const struct dd_key *next = &p->keys[k + 1];
	bool same_answer = key->answer == DD_NONE || next->answer == DD_NONE ||
	        same_template(p, key->answer, next->answer);
	if (key->target != next->target || !same_answer || key->goal != next->goal ||
	        key->opt_out != next->opt_out)
		change(j, SWAP_KEYS, step, k, k + 1);
	if (!same_answer)
		change(j, OTHER_ANSWER, step, k, k + 1);
}

static void changes_of_menu(struct job *j, uint32_t step)
{
	const struct dd_ivr *ivr = &j->program->steps[step].ivr;
	for (uint32_t k = 0; k < ivr->nkeys; k++)
		changes_of_key(j, step, ivr->first_key + k);
	if (!ivr->by_url) /* else the answer says how many */
		change(j, MORE_TRIES, step, 0, 0);
	if (ivr->retries && !ivr->by_url)
		change(j, FEWER_TRIES, step, 0, 0);
	if (ivr->otherwise != DD_GO_HANGUP)
		change(j, LOSE_OTHERWISE, step, 0, 0);
	if (ivr->otherwise_by_try && ivr->otherwise_invalid != DD_GO_HANGUP)
		change(j, LOSE_OTHERWISE_INVALID, step, 0, 0);
	if (ivr->invalid != DD_NONE && (ivr->retries || ivr->by_url))
		change(j, LOSE_INVALID, step, 0, 0);
	if (ivr->silence != DD_NONE && (ivr->retries || ivr->by_url))
		change(j, LOSE_SILENCE, step, 0, 0);
	change(j, FLIP_BARGE_IN, step, 0, 0);
}

/* Without steps of its own a 200 goes on, and anything else drops the call. */
static uint32_t exit_target(const struct dd_step *s, uint32_t way)
{
	if (s->passthru.exits[way] != DD_NONE)
		return s->passthru.exits[way];
	return way == DD_EXIT_200 ? s->next : DD_GO_DROP;
}

/* Where a call gets to from `target` without doing anything on the way. */
static uint32_t settled(const struct dd_program *p, uint32_t target)
{
	for (int i = 0; i < 64 && target < p->nsteps && p->steps[target].applet == DD_GOTO; i++)
		target = p->steps[target].target;
	return target;
}

static void changes_of_passthru(struct job *j, uint32_t step)
{
	const struct dd_program *p = j->program;
	const struct dd_step *s = &p->steps[step];
	if (!s->passthru.wait)
		return;
	for (uint32_t e = 0; e < DD_EXITS_COUNT; e++) {
		if (s->passthru.exits[e] != DD_NONE &&
		        (e != DD_EXIT_200 || settled(p, exit_target(s, e)) != settled(p, s->next)))
			change(j, DROP_EXIT, step, e, 0);
		if (e + 1 < DD_EXIT_2XX &&
		        settled(p, exit_target(s, e)) != settled(p, exit_target(s, e + 1)))
			change(j, SWAP_EXITS, step, e, e + 1);
	}
	for (uint32_t r = 0; r < s->passthru.nroutes; r++)
		if (settled(p, p->routes[s->passthru.first_route + r].target) !=
		        settled(p, exit_target(s, DD_EXIT_200)))
			change(j, DROP_ROUTE, step, s->passthru.first_route + r, 0);
}

static void changes_of_goto(struct job *j, uint32_t step)
{
	const struct dd_program *p = j->program;
	uint32_t to = p->steps[step].target;
	for (uint32_t i = 1; i < p->nsteps && i < NEAR; i++) {
		uint32_t other = (to + i) % p->nsteps;
		if (p->steps[other].flow == p->steps[step].flow && p->steps[other].id &&
		        other != step) {
			change(j, WRONG_JUMP, step, other, 0);
			return;
		}
	}
}

static bool has_bound(const struct dd_case *c, bool low)
{
	return (c->test == DD_TEST_RANGE || c->test == (low ? DD_TEST_ABOVE : DD_TEST_BELOW)) &&
	        (low ? c->has_low : c->has_high);
}

static void changes_of_branch(struct job *j, uint32_t step)
{
	const struct dd_program *p = j->program;
	const struct dd_branch *b = &p->steps[step].branch;
	for (uint32_t i = b->first_case; i < b->first_case + b->ncases; i++) {
		const struct dd_case *c = &p->cases[i];
		if (settled(p, c->target) != settled(p, b->otherwise))
			change(j, DROP_CASE, step, i, 0);
		if (i + 1 < b->first_case + b->ncases &&
		        settled(p, c->target) != settled(p, p->cases[i + 1].target))
			change(j, SWAP_CASES, step, i, i + 1);
		if (has_bound(c, true))
			change(j, LOW_BOUND, step, i, 0);
		if (has_bound(c, false))
			change(j, HIGH_BOUND, step, i, 0);
	}
}

static void changes_of_connect(struct job *j, uint32_t step)
{
	const struct dd_program *p = j->program;
	const struct dd_connect *c = &p->steps[step].connect;
	uint32_t last = c->queue || c->has_exit[DD_PARTY_FULL] ? DD_PARTY_FULL : DD_PARTY_FAILED;
	for (uint32_t e = 0; e < last; e++)
		if (settled(p, c->exits[e]) != settled(p, c->exits[e + 1]))
			change(j, SWAP_PARTIES, step, e, e + 1);
}

static void changes_of_step(struct job *j, uint32_t step)
{
	const struct dd_program *p = j->program;
	const struct dd_step *s = &p->steps[step];
	uint32_t other;
	switch (s->applet) {
	case DD_GREETING: change(j, LOSE_STEP, step, 0, 0); break;
	case DD_IVR: changes_of_menu(j, step); break;
	case DD_PASSTHRU:
		if (!s->passthru.by_url)
			changes_of_passthru(j, step);
		change(j, LOSE_STEP, step, 0, 0);
		break;
	case DD_SMS:
		change(j, LOSE_STEP, step, 0, 0);
		other = other_sms(p, step);
		if (other != DD_NONE)
			change(j, OTHER_SMS, step, other, 0);
		break;
	case DD_HANGUP: change(j, LOSE_STEP, step, 0, 0); break;
	case DD_GOTO: changes_of_goto(j, step); break;
	case DD_BRANCH: changes_of_branch(j, step); break;
	case DD_SET: change(j, LOSE_STEP, step, 0, 0); break;
	case DD_HOURS:
		if (settled(p, s->hours.then) != settled(p, s->hours.otherwise))
			change(j, SWAP_HOURS, step, 0, 0);
		break;
	case DD_CONNECT: changes_of_connect(j, step); break;
	case DD_RECORD:
	case DD_SUBFLOW: change(j, LOSE_STEP, step, 0, 0); break;
	case DD_RETURN:
	case DD_TRANSFER:
	case DD_ASK:
	case DD_REMARK:
	case DD_STEP_KINDS: break;
	}
	if (main_prompt(s) != DD_NONE) {
		other = other_prompt(p, step);
		if (other != DD_NONE)
			change(j, OTHER_PROMPT, step, other, 0);
	}
}

/* -- making the change ------------------------------------------------------ */

/* The program with steps, keys and routes of its own. */
static struct dd_program copy_of(const struct dd_program *p)
{
	struct dd_program m = *p;
	m.steps = dd_alloc((p->nsteps + 1) * sizeof *m.steps);
	m.keys = dd_alloc((p->nkeys + 1) * sizeof *m.keys);
	m.routes = dd_alloc((p->nroutes + 1) * sizeof *m.routes);
	m.cases = dd_alloc((p->ncases + 1) * sizeof *m.cases);
	if (p->ncases)
		memcpy(m.cases, p->cases, p->ncases * sizeof *m.cases);
	memcpy(m.steps, p->steps, p->nsteps * sizeof *m.steps);
	if (p->nkeys)
		memcpy(m.keys, p->keys, p->nkeys * sizeof *m.keys);
	if (p->nroutes)
		memcpy(m.routes, p->routes, p->nroutes * sizeof *m.routes);
	return m;
}

static void copy_fini(struct dd_program *m)
{
	dd_free(m->steps);
	dd_free(m->keys);
	dd_free(m->routes);
	dd_free(m->cases);
}

static void swap_keys(struct dd_key *a, struct dd_key *b)
{
	struct dd_key was = *a;
	*a = *b;
	a->key = was.key;
	was.key = b->key;
	*b = was;
}

static void never_met(struct dd_case *c)
{
	c->test = DD_TEST_IS;
	c->ntexts = 0;
}

/* The bound itself changes sides: "below 500" becomes "to 500". */
static void off_by_one(struct dd_case *c, bool low)
{
	if (c->test == DD_TEST_RANGE) {
		/* 10 to 20 without its end: what is left is told as a test of its own */
		if (low && !c->has_high)
			c->test = DD_TEST_ABOVE;
		else if (!low && !c->has_low)
			c->test = DD_TEST_BELOW;
		else
			c->open_low |= low, c->open_high |= !low;
	} else {
		c->test = DD_TEST_RANGE;
	}
}

static void apply_mutation(struct dd_program *m, const struct mutant *x)
{
	struct dd_step *s = &m->steps[x->step];
	uint32_t was;
	switch (x->change) {
	case SWAP_KEYS: swap_keys(&m->keys[x->a], &m->keys[x->b]); break;
	case DROP_KEY: s->ivr.by_key[dd_key_index(m->keys[x->a].key)] = DD_NONE; break;
	case LOSE_BRANCH: m->keys[x->a].target = s->next; break;
	case OTHER_ANSWER: m->keys[x->a].answer = m->keys[x->b].answer; break;
	case LOSE_GOAL: m->keys[x->a].goal = false; break;
	case LOSE_OPT_OUT: m->keys[x->a].opt_out = false; break;
	case MORE_TRIES: s->ivr.retries++; break;
	case FEWER_TRIES: s->ivr.retries--; break;
	case LOSE_OTHERWISE:
		s->ivr.otherwise = DD_GO_HANGUP;
		if (!s->ivr.otherwise_by_try)
			s->ivr.otherwise_invalid = DD_GO_HANGUP;
		break;
	case LOSE_OTHERWISE_INVALID: s->ivr.otherwise_invalid = DD_GO_HANGUP; break;
	case DROP_CASE: never_met(&m->cases[x->a]); break;
	case SWAP_CASES:
		was = m->cases[x->a].target;
		m->cases[x->a].target = m->cases[x->b].target;
		m->cases[x->b].target = was;
		break;
	case LOW_BOUND: off_by_one(&m->cases[x->a], true); break;
	case HIGH_BOUND: off_by_one(&m->cases[x->a], false); break;
	case SWAP_HOURS:
		was = s->hours.then;
		s->hours.then = s->hours.otherwise;
		s->hours.otherwise = was;
		break;
	case SWAP_PARTIES:
		was = s->connect.exits[x->a];
		s->connect.exits[x->a] = s->connect.exits[x->b];
		s->connect.exits[x->b] = was;
		break;
	case LOSE_INVALID: s->ivr.invalid = DD_NONE; break;
	case LOSE_SILENCE: s->ivr.silence = DD_NONE; break;
	case FLIP_BARGE_IN: s->ivr.barge_in = !s->ivr.barge_in; break;
	case OTHER_PROMPT:
		if (s->applet == DD_GREETING)
			s->greeting.prompt = x->a;
		else
			s->ivr.prompt = x->a;
		break;
	case LOSE_STEP:
		s->applet = DD_GOTO;
		s->target = s->next;
		break;
	case OTHER_SMS: s->sms.text = x->a; break;
	case WRONG_JUMP: s->target = x->a; break;
	case DROP_EXIT: s->passthru.exits[x->a] = DD_NONE; break;
	case SWAP_EXITS:
		was = exit_target(s, x->a);
		s->passthru.exits[x->a] = exit_target(s, x->b);
		s->passthru.exits[x->b] = was;
		break;
	case DROP_ROUTE:
		m->routes[x->a] = m->routes[s->passthru.first_route + s->passthru.nroutes - 1];
		s->passthru.nroutes--;
		break;
	}
}

static void revert(struct dd_program *m, const struct dd_program *p, const struct mutant *x)
{
	m->steps[x->step] = p->steps[x->step];
	if (x->change >= DROP_CASE && x->change <= HIGH_BOUND)
		m->cases[x->a] = p->cases[x->a];
	if (x->change == SWAP_CASES)
		m->cases[x->b] = p->cases[x->b];
	if (x->change == DROP_ROUTE)
		m->routes[x->a] = p->routes[x->a];
	if (x->change == SWAP_KEYS || x->change == LOSE_BRANCH || x->change == OTHER_ANSWER ||
	        x->change == LOSE_GOAL || x->change == LOSE_OPT_OUT) {
		m->keys[x->a] = p->keys[x->a];
		if (x->change == SWAP_KEYS)
			m->keys[x->b] = p->keys[x->b];
	}
}

/* -- trying it -------------------------------------------------------------- */

struct tester {
	pthread_t thread;
	struct job *job;
	struct dd_tts tts;
};

static bool fails(const struct dd_suite *suite, uint32_t scenario, uint32_t row,
        const struct dd_program *program, struct dd_tts tts)
{
	struct dd_run_options o = {.tts = tts, .program = program, .quick = true};
	struct dd_result result;
	dd_scenario_run(suite, scenario, row, &o, &result);
	bool failed = result.verdict == DD_FAILED;
	dd_result_fini(&result);
	return failed;
}

static bool any_fails(
        const struct job *j, const struct mutant *x, const struct dd_program *m, struct dd_tts tts)
{
	for (size_t i = 0; i < j->ntrials; i++) {
		const struct trial *t = &j->trials[i];
		if (t->steps[x->step] &&
		        fails(j->plan->suites[t->suite], t->scenario, t->row, m, tts))
			return true;
	}
	return false;
}

static void *work(void *self)
{
	struct tester *t = self;
	struct job *j = t->job;
	struct dd_program m = copy_of(j->program);
	for (;;) {
		size_t i = atomic_fetch_add(&j->next, 1);
		if (i >= j->nmutants)
			break;
		apply_mutation(&m, &j->mutants[i]);
		j->noticed[i] = any_fails(j, &j->mutants[i], &m, t->tts);
		revert(&m, j->program, &j->mutants[i]);
	}
	copy_fini(&m);
	return NULL;
}

static void try_all(struct job *j, const struct dd_plan_options *o)
{
	unsigned started = 1, jobs = o->jobs ? o->jobs : 1;
	struct tester *testers = dd_alloc(jobs * sizeof *testers);
	for (unsigned i = 0; i < jobs; i++)
		testers[i] = (struct tester){.job = j, .tts = o->tts[i]};
	while (started < jobs &&
	        pthread_create(&testers[started].thread, NULL, work, &testers[started]) == 0)
		started++;
	(void)work(&testers[0]);
	for (unsigned i = 1; i < started; i++)
		(void)pthread_join(testers[i].thread, NULL);
	dd_free(testers);
}

/* Every run of the flow's suites that passes, with the steps it comes to. */
static void gather_trials(
        struct job *j, uint32_t first, struct dd_tts tts, const struct dd_test_report *report)
{
	const struct dd_plan *plan = j->plan;
	size_t broken = report->n - plan->nruns;
	const char *real = plan->suites[first]->program->flows[0].real;
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct dd_planned *run = &plan->runs[i];
		const struct dd_suite *suite = plan->suites[run->suite];
		if (strcmp(suite->program->flows[0].real, real) != 0 ||
		        report->results[broken + i].verdict != DD_PASSED)
			continue;
		struct dd_counts *counts = dd_counts_new(plan->ways[run->suite]);
		struct dd_run_options o = {.tts = tts, .counts = counts, .quick = true};
		struct dd_result result;
		dd_scenario_run(suite, run->scenario, run->row, &o, &result);
		dd_result_fini(&result);
		DD_PUSH(j->trials, j->ntrials, j->cap_trials) =
		        (struct trial){run->suite, run->scenario, run->row, counts->steps};
		counts->steps = NULL;
		dd_counts_free(counts);
	}
}

/* -- telling ---------------------------------------------------------------- */

static const char *words_of(const struct dd_program *p, uint32_t template, struct dd_buf *room)
{
	dd_buf_clear(room);
	for (uint32_t i = 0; template != DD_NONE && i < p->templates[template].n; i++) {
		const struct dd_part *part = &p->parts[p->templates[template].first + i];
		if (part->slot == DD_NONE)
			dd_buf_add(room, part->text.p, part->text.n);
		else
			dd_buf_format(room, "{%s}", p->slots[part->slot].name);
	}
	return room->p ? room->p : "";
}

static void prompt_words(const struct dd_program *p, uint32_t prompt, struct dd_buf *out)
{
	struct dd_buf room = {0};
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
		if (g->kind != DD_SEG_PAUSE)
			dd_buf_format(out, " %s", words_of(p, g->text, &room));
	}
	dd_buf_free(&room);
}

static void describe(const struct dd_program *p, const struct mutant *x, struct dd_buf *out)
{
	static const char *const exits[] = {"200", "302", "error", "timeout", "2xx"};
	const struct dd_step *s = &p->steps[x->step];
	struct dd_buf room = {0};
	char name[32];
	switch (x->change) {
	case SWAP_KEYS:
		dd_buf_format(out, "keys %c and %c swapped", p->keys[x->a].key, p->keys[x->b].key);
		break;
	case DROP_KEY: dd_buf_format(out, "key %c does nothing any more", p->keys[x->a].key); break;
	case LOSE_BRANCH:
		dd_buf_format(out, "the branch of key %c is gone", p->keys[x->a].key);
		break;
	case OTHER_ANSWER:
		dd_buf_format(out, "key %c has the answer of key %c", p->keys[x->a].key,
		        p->keys[x->b].key);
		break;
	case LOSE_GOAL: dd_buf_format(out, "key %c is no goal any more", p->keys[x->a].key); break;
	case LOSE_OPT_OUT:
		dd_buf_format(out, "key %c is no opt-out any more", p->keys[x->a].key);
		break;
	case MORE_TRIES:
		dd_buf_format(out, "retries: %u instead of %u", s->ivr.retries + 1, s->ivr.retries);
		break;
	case FEWER_TRIES:
		dd_buf_format(out, "retries: %u instead of %u", s->ivr.retries - 1, s->ivr.retries);
		break;
	case LOSE_OTHERWISE: dd_buf_str(out, "otherwise is gone"); break;
	case LOSE_INVALID: dd_buf_str(out, "the invalid prompt is gone"); break;
	case LOSE_SILENCE: dd_buf_str(out, "the silence prompt is gone"); break;
	case FLIP_BARGE_IN:
		dd_buf_format(out, "barge_in: %s", s->ivr.barge_in ? "false" : "true");
		break;
	case OTHER_PROMPT:
		dd_buf_str(out, "says instead:");
		prompt_words(p, x->a, out);
		break;
	case LOSE_STEP: dd_buf_format(out, "the %s is gone", dd_applet_name(s->applet)); break;
	case OTHER_SMS: dd_buf_format(out, "sends instead: %s", words_of(p, x->a, &room)); break;
	case WRONG_JUMP: dd_buf_format(out, "goes to %s", dd_step_name(p, x->a, name)); break;
	case DROP_EXIT: dd_buf_format(out, "exit %s is gone", exits[x->a]); break;
	case SWAP_EXITS:
		dd_buf_format(out, "exits %s and %s swapped", exits[x->a], exits[x->b]);
		break;
	case DROP_ROUTE:
		dd_buf_format(out, "route %.*s is gone", (int)p->routes[x->a].body.n,
		        p->routes[x->a].body.p);
		break;
	case LOSE_OTHERWISE_INVALID: dd_buf_str(out, "otherwise: invalid is gone"); break;
	case DROP_CASE: dd_buf_str(out, "this case is never met"); break;
	case SWAP_CASES: dd_buf_str(out, "this case and the next one swapped"); break;
	case LOW_BOUND: dd_buf_str(out, "the lower bound belongs to the other side"); break;
	case HIGH_BOUND: dd_buf_str(out, "the upper bound belongs to the other side"); break;
	case SWAP_HOURS: dd_buf_str(out, "then and otherwise swapped"); break;
	case SWAP_PARTIES:
		dd_buf_format(out, "exits %s and %s swapped", dd_party_name((enum dd_party)x->a),
		        dd_party_name((enum dd_party)x->b));
		break;
	}
	dd_buf_free(&room);
}

static struct dd_span place_of(const struct dd_program *p, const struct mutant *x)
{
	switch (x->change) {
	case SWAP_KEYS:
	case DROP_KEY:
	case LOSE_BRANCH:
	case OTHER_ANSWER:
	case LOSE_GOAL:
	case LOSE_OPT_OUT: return p->keys[x->a].span;
	case DROP_ROUTE: return p->routes[x->a].span;
	case DROP_CASE:
	case SWAP_CASES:
	case LOW_BOUND:
	case HIGH_BOUND: return p->cases[x->a].span;
	default: return p->steps[x->step].span;
	}
}

/* The first of the scenarios that drydial writes itself which would notice, and on which line of
 * it. */
static const char *hint_for(const struct dd_suite *written, const struct dd_program *m,
        struct dd_tts tts, struct dd_arena *arena)
{
	const char *hint = NULL;
	for (uint32_t i = 0; i < written->nscenarios && !hint; i++) {
		struct dd_run_options o = {.tts = tts, .program = m};
		struct dd_result result;
		dd_scenario_run(written, i, 0, &o, &result);
		if (result.verdict == DD_FAILED && result.nfindings) {
			uint32_t line =
			        dd_source_place(written->source, result.findings[0].span.start)
			                .line;
			struct dd_str text = dd_str_trim(dd_source_line(written->source, line));
			hint = dd_arena_format(
			        arena, "\"%s\", at %.*s", result.name, (int)text.n, text.p);
		}
		dd_result_fini(&result);
	}
	return hint;
}

static struct dd_suite *write_all(
        const struct dd_suite *suite, const struct dd_ways *ways, struct dd_tts tts)
{
	struct dd_missing all = {0};
	struct dd_counts *none = dd_counts_new(ways);
	struct dd_buf text = {0};
	dd_missing_write(suite->program, tts, none, &all);
	dd_buf_str(&text, "flow: ");
	dd_buf_yaml(&text, dd_str(suite->program->flows[0].real));
	dd_buf_format(&text, "\n%s", all.yaml.p);
	struct dd_suite *written = dd_suite_of_text("generated", (struct dd_str){text.p, text.n});
	dd_buf_free(&text);
	dd_missing_fini(&all);
	dd_counts_free(none);
	return written;
}

static void tell_of_mutants(struct job *j, uint32_t first, struct dd_tts tts,
        struct dd_arena *arena, struct dd_test_report *report, size_t *cap)
{
	const struct dd_program *p = j->program;
	struct dd_suite *written = NULL;
	struct dd_program m = copy_of(p);
	for (size_t i = 0; i < j->nmutants; i++) {
		report->mutants++;
		report->noticed += j->noticed[i];
		if (j->noticed[i])
			continue;
		if (!written)
			written = write_all(j->plan->suites[first], j->plan->ways[first], tts);
		const struct mutant *x = &j->mutants[i];
		const struct dd_flow *flow = &p->flows[p->steps[x->step].flow];
		struct dd_buf what = {0};
		describe(p, x, &what);
		struct dd_survivor *s = &DD_PUSH(report->survivors, report->nsurvivors, *cap);
		*s = (struct dd_survivor){
		        .path = flow->path, .source = flow->source, .span = place_of(p, x)};
		s->line = dd_source_line_at(flow->source, s->span.start);
		s->what = dd_arena_copy(arena, what.p ? what.p : "", what.n);
		apply_mutation(&m, x);
		if (!written->diags.errors)
			s->hint = hint_for(written, &m, tts, arena);
		revert(&m, p, x);
		dd_buf_free(&what);
	}
	dd_suite_free(written);
	copy_fini(&m);
}

void dd_mutate(struct dd_plan *plan, const struct dd_plan_options *o, struct dd_arena *arena,
        struct dd_test_report *report)
{
	size_t cap = 0;
	report->mutated = true;
	for (uint32_t i = 0; i < plan->nsuites; i++) {
		const struct dd_program *p = plan->suites[i]->program;
		bool told = !p || plan->suites[i]->app || plan->suites[i]->diags.errors ||
		        !plan->suites[i]->nscenarios;
		for (uint32_t k = 0; k < i && !told; k++)
			told = plan->suites[k]->program &&
			        strcmp(plan->suites[k]->program->flows[0].real, p->flows[0].real) ==
			                0;
		if (told)
			continue;
		struct job j = {.plan = plan, .program = p};
		for (uint32_t step = 0; step < p->nsteps; step++)
			if (p->steps[step].flow == 0)
				changes_of_step(&j, step);
		j.noticed = dd_alloc((j.nmutants + 1) * sizeof *j.noticed);
		gather_trials(&j, i, o->tts[0], report);
		try_all(&j, o);
		tell_of_mutants(&j, i, o->tts[0], arena, report, &cap);
		for (size_t t = 0; t < j.ntrials; t++)
			dd_free(j.trials[t].steps);
		dd_free(j.trials);
		dd_free(j.mutants);
		dd_free(j.noticed);
	}
}
