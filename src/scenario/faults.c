/* Faults on purpose, one at a time. */
#include "scenario/faults.h"

#include <string.h>

#include "base/arena.h"
#include "base/duration.h"
#include "base/pcg.h"

bool dd_faulted_silent(const struct dd_faulted *f)
{
	return f->silence >= DD_SILENCE_MS || f->wordless;
}

/* Words that are heard from `at` on; `*error`: they say that the application has failed. */
static bool hears(const struct dd_result *r, dd_ms at, bool *error)
{
	bool heard = false;
	for (size_t i = 0; i < r->trace.nevents; i++) {
		const struct dd_trace_event *e = &r->trace.events[i];
		if (e->type != DD_TR_PROMPT || e->at < at || !(e->text.n || e->more.n))
			continue;
		heard = true;
		const char *verb =
		        e->step < r->program->nsteps ? r->program->steps[e->step].verb : NULL;
		*error |= verb && strcmp(verb, "error") == 0;
	}
	return heard;
}

/* The longest wait for a document from `at` on. Nothing is heard meanwhile. */
static dd_ms longest_wait(const struct dd_result *r, dd_ms at)
{
	dd_ms longest = 0;
	for (size_t i = 0; i < r->trace.nevents; i++) {
		const struct dd_trace_event *e = &r->trace.events[i];
		if (e->type == DD_TR_REPLY && e->document && e->at >= at && e->ms > longest)
			longest = e->ms;
	}
	return longest;
}

static void judge(
        struct dd_faulted *f, const struct dd_result *without, const struct dd_result *with)
{
	bool error = false, ignored = false;
	f->gone = with->outcome.ended_by == DD_ENDED_CUSTOMER ||
	        with->outcome.ended_by == DD_ENDED_NOT_ANSWERED;
	f->silence = f->gone ? 0 : longest_wait(with, with->struck.at);
	f->wordless = !f->gone && !hears(with, with->struck.at, &error) &&
	        hears(without, with->struck.at, &ignored);
	f->error = error;
	f->passed = with->verdict == DD_PASSED;
}

/* One fault in one scenario. False: it has nothing to strike. */
static bool try(const struct dd_plan *plan, const struct dd_planned *p,
        const struct dd_result *without, enum dd_fault fault, struct dd_tts tts, uint64_t seed,
        struct dd_faulted *out)
{
	unsigned of = without->points[dd_fault_point(fault)];
	struct dd_pcg rng =
	        dd_pcg_seed(seed + p->scenario * UINT64_C(1000003) + p->row, (uint64_t)fault);
	struct dd_result with;
	if (!of)
		return false;
	unsigned nth = 1 + dd_pcg_next(&rng) % of;
	struct dd_faults faults = {.n = 1, .seed = seed};
	faults.rules[0] = (struct dd_fault_rule){fault, dd_fault_time(fault), nth, nth, 1};
	struct dd_run_options o = {.tts = tts, .keep = true, .faults = &faults};
	dd_scenario_run(plan->suites[p->suite], p->scenario, p->row, &o, &with);
	*out = (struct dd_faulted){.fault = fault, .nth = nth, .of = of};
	if (with.kept)
		judge(out, without, &with);
	bool struck = with.struck.yes;
	dd_result_fini(&with);
	return struck;
}

struct dd_faulted *dd_plan_faults(const struct dd_plan *plan, const struct dd_test_report *report,
        struct dd_tts tts, uint64_t seed, size_t *n)
{
	struct dd_faulted *list = NULL, one;
	size_t cap = 0, broken = report->n - plan->nruns;
	*n = 0;
	for (size_t i = 0; i < plan->nruns; i++) {
		const struct dd_result *r = &report->results[broken + i];
		if (!plan->suites[plan->runs[i].suite]->app || r->verdict != DD_PASSED || !r->kept)
			continue;
		for (enum dd_fault f = 0; f < DD_FAULTS_COUNT; f++)
			if (!dd_fault_is_served(f) &&
			        try(plan, &plan->runs[i], r, f, tts, seed, &one)) {
				one.result = broken + i;
				DD_PUSH(list, *n, cap) = one;
			}
	}
	return list;
}

static void tell(const struct dd_faulted *f, struct dd_buf *out)
{
	if (f->gone) {
		dd_buf_str(out, "has hung up");
		return;
	}
	if (f->silence)
		dd_buf_format(out, "hears nothing for %lld.%lld s, then ",
		        (long long)(f->silence / 1000), (long long)(f->silence % 1000 / 100));
	dd_buf_str(out,
	        f->error              ? "hears that an application error has occurred"
	                : f->wordless ? "hears no word more"
	                : f->passed   ? "hears what was expected"
	                              : "goes on with the call, which is another one");
}

void dd_faulted_table(const struct dd_test_report *report, const struct dd_faulted *list, size_t n,
        struct dd_buf *out)
{
	static const char *const points[] = {"request", "key", "recording"};
	size_t silent = 0, last = SIZE_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct dd_faulted *f = &list[i];
		struct dd_buf where = {0};
		if (f->result != last)
			dd_buf_format(
			        out, "%s%s\n", i ? "\n" : "", report->results[f->result].name);
		last = f->result;
		silent += dd_faulted_silent(f);
		dd_buf_format(&where, "%s@%u", dd_fault_name(f->fault), f->nth);
		dd_buf_format(out, "  %s %-18s%s %u of %u: the customer ",
		        dd_faulted_silent(f) ? "✗" : "·", where.p, points[dd_fault_point(f->fault)],
		        f->nth, f->of);
		tell(f, out);
		dd_buf_char(out, '\n');
		dd_buf_free(&where);
	}
	if (n)
		dd_buf_format(out,
		        "\n%zu of %zu faults leave the customer in silence: "
		        "%d s or more, or no word more (✗)\n",
		        silent, n, DD_SILENCE_MS / 1000);
	else
		dd_buf_str(out, "there was nothing that a fault could strike\n");
}
