/* Choosing and running scenarios. */
#define _GNU_SOURCE
#include "scenario/plan.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void dd_plan_add(struct dd_plan *plan, struct dd_suite *suite)
{
	DD_PUSH(plan->suites, plan->nsuites, plan->cap_suites) = suite;
}

/* -- choosing --------------------------------------------------------------- */

/* FILE or FILE:LINE, the file by its name or the end of its path. */
static bool place_fits(
        const struct dd_suite *suite, const struct dd_scenario *s, const char *choice)
{
	const char *colon = strrchr(choice, ':');
	size_t n = strlen(choice), path = strlen(suite->path);
	unsigned long line = 0;
	if (colon && colon[1] && strspn(colon + 1, "0123456789") == strlen(colon + 1)) {
		line = strtoul(colon + 1, NULL, 10);
		n = (size_t)(colon - choice);
	}
	if (n == 0 || n > path || memcmp(suite->path + path - n, choice, n) != 0 ||
	        (n < path && suite->path[path - n - 1] != '/'))
		return false;
	return !line || (line >= s->line && line <= s->last_line);
}

static bool fits(const struct dd_suite *suite, const struct dd_scenario *s, struct dd_str name,
        const char *choice)
{
	for (uint32_t i = 0; i < s->ntags; i++)
		if (dd_str_is(s->tags[i], choice))
			return true;
	return memmem(name.p, name.n, choice, strlen(choice)) || place_fits(suite, s, choice);
}

/* Whether any choice fits; `used` notes which. */
static bool any_fits(const struct dd_suite *suite, uint32_t scenario, uint32_t row,
        const char *const *choices, size_t n, bool *used)
{
	struct dd_buf name = {0};
	bool found = false;
	if (n)
		dd_scenario_name(suite, scenario, row, &name);
	for (size_t i = 0; i < n; i++) {
		bool one = fits(suite, &suite->scenarios[scenario], (struct dd_str){name.p, name.n},
		        choices[i]);
		found |= one;
		if (used)
			used[i] |= one;
	}
	dd_buf_free(&name);
	return found;
}

const char *dd_plan_choose(struct dd_plan *plan, const char *const *only, size_t nonly,
        const char *const *skip, size_t nskip)
{
	bool *used = dd_alloc((nonly + 1) * sizeof *used);
	const char *unused = NULL;
	for (uint32_t i = 0; i < plan->nsuites; i++) {
		const struct dd_suite *suite = plan->suites[i];
		for (uint32_t s = 0; s < suite->nscenarios && !suite->diags.errors; s++) {
			uint32_t runs = dd_scenario_runs(&suite->scenarios[s]);
			for (uint32_t row = 0; row < runs; row++) {
				struct dd_planned run = {i, s, row, false};
				if (nonly && !any_fits(suite, s, row, only, nonly, used))
					continue;
				run.skipped = any_fits(suite, s, row, skip, nskip, NULL);
				DD_PUSH(plan->runs, plan->nruns, plan->cap_runs) = run;
			}
		}
	}
	for (size_t i = 0; i < nonly && !unused; i++)
		if (!used[i])
			unused = only[i];
	dd_free(used);
	return unused;
}

void dd_plan_fini(struct dd_plan *plan)
{
	for (uint32_t i = 0; i < plan->nsuites; i++) {
		if (plan->ways) {
			dd_counts_free(plan->counts[i]);
			dd_ways_free(plan->ways[i]);
		}
		dd_suite_free(plan->suites[i]);
	}
	dd_free(plan->ways);
	dd_free(plan->counts);
	dd_free(plan->suites);
	dd_free(plan->runs);
	*plan = (struct dd_plan){0};
}

/* -- running ---------------------------------------------------------------- */

struct shared {
	struct dd_plan *plan;
	const struct dd_plan_options *o;
	struct dd_result *results;
	atomic_size_t next, first_failure;
};

struct worker {
	pthread_t thread;
	struct shared *shared;
	struct dd_tts tts;
	struct dd_counts **counts; /* of each suite; NULL: none yet */
};

static void skip(const struct dd_plan *plan, const struct dd_planned *run, struct dd_result *out)
{
	const struct dd_suite *suite = plan->suites[run->suite];
	struct dd_buf name = {0};
	*out = (struct dd_result){.suite = suite->path,
	        .line = suite->scenarios[run->scenario].line,
	        .verdict = DD_SKIPPED,
	        .program = suite->program,
	        .arena = dd_arena_new()};
	out->row = suite->scenarios[run->scenario].table.ncolumns ? run->row + 1 : 0;
	dd_scenario_name(suite, run->scenario, run->row, &name);
	out->name = dd_arena_copy(out->arena, name.p, name.n);
	dd_buf_free(&name);
}

static void note_failure(struct shared *s, size_t i)
{
	size_t first = atomic_load(&s->first_failure);
	while (i < first && !atomic_compare_exchange_weak(&s->first_failure, &first, i))
		continue;
}

static void *work(void *self)
{
	struct worker *w = self;
	struct shared *s = w->shared;
	enum { STRIDE = 16 };
	for (;;) {
		size_t from = atomic_fetch_add(&s->next, STRIDE);
		for (size_t i = from; i < from + STRIDE; i++) {
			if (i >= s->plan->nruns)
				return NULL;
			const struct dd_planned *run = &s->plan->runs[i];
			if (run->skipped || (s->o->fail_fast && i > atomic_load(&s->first_failure)))
				continue;
			struct dd_counts **counts = &w->counts[run->suite];
			bool app = s->plan->suites[run->suite]->app != NULL;
			if (!*counts && !app)
				*counts = dd_counts_new(s->plan->ways[run->suite]);
			struct dd_run_options o = {.tts = w->tts,
			        .counts = *counts,
			        .keep = s->o->keep,
			        .faults = s->o->faults};
			dd_scenario_run(s->plan->suites[run->suite], run->scenario, run->row, &o,
			        &s->results[i]);
			if (s->results[i].verdict == DD_FAILED)
				note_failure(s, i);
		}
	}
}

static void make_counts(struct dd_plan *plan)
{
	plan->ways = dd_alloc((plan->nsuites + 1) * sizeof *plan->ways);
	plan->counts = dd_alloc((plan->nsuites + 1) * sizeof *plan->counts);
	for (uint32_t i = 0; i < plan->nsuites; i++) {
		if (!plan->suites[i]->program || plan->suites[i]->app)
			continue;
		plan->ways[i] = dd_ways_new(plan->suites[i]->program);
		plan->counts[i] = dd_counts_new(plan->ways[i]);
	}
}

/* A file that cannot be run stands in the report as one failure, first. */
static void report_broken(const struct dd_suite *suite, struct dd_result *out)
{
	*out = (struct dd_result){.suite = suite->path,
	        .name = "this file has errors",
	        .line = 1,
	        .verdict = DD_FAILED};
	for (size_t i = 0; i < suite->diags.n; i++) {
		const struct dd_diag *d = &suite->diags.items[i];
		DD_PUSH(out->findings, out->nfindings, out->cap_findings) =
		        (struct dd_finding){.severity = d->severity,
		                .code = d->code,
		                .source = d->source,
		                .span = d->span,
		                .message = d->message,
		                .hint = d->hint,
		                .at = -1,
		                .step = DD_NONE};
	}
}

static void sum_up(struct dd_test_report *report)
{
	for (size_t i = 0; i < report->n; i++) {
		const struct dd_result *r = &report->results[i];
		report->passed += r->verdict == DD_PASSED;
		report->failed += r->verdict == DD_FAILED;
		report->skipped += r->verdict == DD_SKIPPED;
		report->warnings += r->warnings;
	}
}

void dd_plan_run(
        struct dd_plan *plan, const struct dd_plan_options *o, struct dd_test_report *report)
{
	size_t broken = 0;
	for (uint32_t i = 0; i < plan->nsuites; i++)
		broken += plan->suites[i]->diags.errors > 0;
	*report = (struct dd_test_report){.n = plan->nruns + broken, .broken = broken};
	report->results = dd_alloc((report->n + 1) * sizeof *report->results);
	broken = 0;
	for (uint32_t i = 0; i < plan->nsuites; i++)
		if (plan->suites[i]->diags.errors)
			report_broken(plan->suites[i], &report->results[broken++]);
	make_counts(plan);
	struct shared s = {.plan = plan, .o = o, .results = report->results + broken};
	atomic_init(&s.first_failure, o->fail_fast && broken ? 0 : SIZE_MAX);
	unsigned jobs = o->jobs ? o->jobs : 1;
	struct worker *workers = dd_alloc(jobs * sizeof *workers);
	for (unsigned i = 0; i < jobs; i++) {
		workers[i] = (struct worker){.shared = &s, .tts = o->tts[i]};
		workers[i].counts = dd_alloc((plan->nsuites + 1) * sizeof *workers[i].counts);
	}
	unsigned started = 1;
	while (started < jobs && started * 16 < plan->nruns &&
	        pthread_create(&workers[started].thread, NULL, work, &workers[started]) == 0)
		started++;
	(void)work(&workers[0]);
	for (unsigned i = 1; i < started; i++)
		(void)pthread_join(workers[i].thread, NULL);
	for (size_t i = 0; i < plan->nruns; i++) {
		bool behind = o->fail_fast && i > atomic_load(&s.first_failure);
		if (behind)
			dd_result_fini(&s.results[i]);
		if (behind || plan->runs[i].skipped)
			skip(plan, &plan->runs[i], &s.results[i]);
	}
	for (unsigned i = 0; i < jobs; i++) {
		for (uint32_t j = 0; j < plan->nsuites; j++) {
			if (workers[i].counts[j])
				dd_counts_add(plan->counts[j], workers[i].counts[j]);
			dd_counts_free(workers[i].counts[j]);
		}
		dd_free(workers[i].counts);
	}
	dd_free(workers);
	sum_up(report);
}

/* -- coverage --------------------------------------------------------------- */

static struct dd_flow_cover *cover_of(
        struct dd_test_report *report, const struct dd_program *p, uint16_t flow)
{
	for (size_t i = 0; i < report->ncovers; i++) {
		struct dd_flow_cover *c = &report->covers[i];
		if (strcmp(c->program->flows[c->flow].real, p->flows[flow].real) == 0)
			return c;
	}
	return NULL;
}

static struct dd_flow_cover *new_cover(struct dd_test_report *report, const struct dd_ways *w,
        uint16_t flow, struct dd_arena *arena)
{
	const struct dd_program *p = w->program;
	struct dd_flow_cover *c = &report->covers[report->ncovers++];
	*c = (struct dd_flow_cover){.path = p->flows[flow].path, .program = p, .flow = flow};
	c->steps = dd_arena_alloc(arena, (p->nsteps + 1) * sizeof *c->steps);
	c->step_hits = dd_arena_alloc(arena, (p->nsteps + 1) * sizeof *c->step_hits);
	c->exits = dd_arena_alloc(arena, (w->n + 1) * sizeof *c->exits);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		if (p->steps[i].flow != flow)
			continue;
		c->steps[c->nsteps++] = i;
		for (uint32_t e = w->first[i]; e < w->first[i + 1]; e++) {
			struct dd_buf label = {0};
			dd_way_label(w, e, &label);
			uint32_t line =
			        dd_source_line_at(p->flows[flow].source, w->list[e].span.start);
			c->exits[c->nexits++] =
			        (struct dd_cover_exit){dd_arena_copy(arena, label.p, label.n), i,
			                line, w->list[e].span, 0};
			dd_buf_free(&label);
		}
	}
	return c;
}

/* A flow's steps and exits have the same order in every program that it is part of. */
static void add_hits(struct dd_flow_cover *c, const struct dd_counts *counts, uint16_t flow)
{
	const struct dd_ways *w = counts->ways;
	uint32_t step = 0, exit = 0;
	for (uint32_t i = 0; i < w->program->nsteps; i++) {
		if (w->program->steps[i].flow != flow)
			continue;
		if (step < c->nsteps)
			c->step_hits[step++] += counts->steps[i];
		for (uint32_t e = w->first[i]; e < w->first[i + 1] && exit < c->nexits; e++)
			c->exits[exit++].hits += counts->exits[e];
	}
}

/* -- applications ----------------------------------------------------------- */

static uint64_t hits_of(const struct dd_suite_app *a, uint32_t step)
{
	return step < a->nvisits ? a->visits[step] : 0;
}

/* The verbs of one document, and whether their actions were asked, in all documents that are the
   same place. */
static void cover_document(struct dd_test_report *report, const struct dd_suite *suite,
        uint32_t flow, struct dd_arena *arena)
{
	const struct dd_suite_app *a = suite->app;
	const struct dd_program *p = suite->program;
	uint32_t first, n;
	dd_app_steps(a->app, flow, &first, &n);
	struct dd_flow_cover *c = &report->covers[report->ncovers++];
	*c = (struct dd_flow_cover){
	        .path = p->flows[flow].path, .program = p, .flow = (uint16_t)flow};
	c->steps = dd_arena_alloc(arena, (n + 1) * sizeof *c->steps);
	c->step_hits = dd_arena_alloc(arena, (n + 1) * sizeof *c->step_hits);
	c->exits = dd_arena_alloc(arena, (n + 1) * sizeof *c->exits);
	for (uint32_t k = n; k-- > 0;) { /* steps are made from the last verb on */
		uint32_t step = first + k, other, count;
		enum dd_app_part part = dd_app_part(a->app, step);
		uint64_t hits = 0;
		for (uint32_t f = flow; f < p->nflows; f++) {
			if (dd_app_place(a->app, f) != flow)
				continue;
			dd_app_steps(a->app, f, &other, &count);
			hits += hits_of(a, other + k);
		}
		if (part == DD_APP_VERB) {
			c->step_hits[c->nsteps] = hits;
			c->steps[c->nsteps++] = step;
		} else if (part == DD_APP_ACTION) {
			c->exits[c->nexits++] = (struct dd_cover_exit){
			        "action", step, p->steps[step].line, p->steps[step].span, hits};
		}
	}
}

static void cover_app(
        struct dd_test_report *report, const struct dd_suite *suite, struct dd_arena *arena)
{
	for (uint32_t f = 1; f < suite->program->nflows; f++)
		if (dd_app_place(suite->app->app, f) == f)
			cover_document(report, suite, f, arena);
}

void dd_plan_cover(
        const struct dd_plan *plan, struct dd_arena *arena, struct dd_test_report *report)
{
	size_t cap = 0;
	for (uint32_t i = 0; i < plan->nsuites; i++)
		cap += plan->suites[i]->program ? plan->suites[i]->program->nflows : 0;
	report->covers = dd_arena_alloc(arena, (cap + 1) * sizeof *report->covers);
	for (uint32_t i = 0; i < plan->nsuites; i++) {
		const struct dd_program *p = plan->suites[i]->program;
		if (!p)
			continue;
		if (plan->suites[i]->app) {
			cover_app(report, plan->suites[i], arena);
			continue;
		}
		for (uint16_t f = 0; f < p->nflows; f++) {
			struct dd_flow_cover *c = cover_of(report, p, f);
			if (!c)
				c = new_cover(report, plan->ways[i], f, arena);
			add_hits(c, plan->counts[i], f);
		}
	}
	for (size_t i = 0; i < report->ncovers; i++) {
		struct dd_flow_cover *c = &report->covers[i];
		for (uint32_t s = 0; s < c->nsteps; s++)
			c->steps_hit += c->step_hits[s] > 0;
		for (uint32_t e = 0; e < c->nexits; e++)
			c->exits_hit += c->exits[e].hits > 0;
	}
}

void dd_test_report_fini(struct dd_test_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		dd_result_fini(&report->results[i]);
	dd_free(report->results);
	dd_free(report->survivors);
	dd_free(report->sounds);
	*report = (struct dd_test_report){0};
}
