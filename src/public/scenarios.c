/* Scenarios, for hosts: run in the thread that calls, and told before it returns. */
#include <drydial/scenario.h>

#include "public/inside.h"
#include "report/tests.h"
#include "scenario/plan.h"
#include "sim/tts.h"

struct result {
	const char *name, *message;
	unsigned line;
	bool passed;
};

struct dd_results {
	struct dd_arena *arena;
	struct result *list;
	size_t n, failed;
	const char *text, *json, *junit;
};

static struct dd_results *results_of(const struct dd_test_report *report)
{
	struct dd_results *r = dd_alloc(sizeof *r);
	struct dd_tests_style plain = {.verbose = false};
	struct dd_buf text = {0}, json = {0}, junit = {0};
	r->arena = dd_arena_new();
	r->list = dd_arena_alloc(r->arena, (report->n + 1) * sizeof *r->list);
	r->n = report->n;
	r->failed = report->failed;
	for (size_t i = 0; i < r->n; i++) {
		const struct dd_result *from = &report->results[i];
		const struct dd_finding *fault = dd_result_fault(from);
		r->list[i] = (struct result){text_copied(r->arena, from->name),
		        text_copied(r->arena, fault ? fault->message : NULL), from->line,
		        from->verdict != DD_FAILED};
	}
	dd_tests_text(report, &plain, &text);
	r->text = text_kept(r->arena, &text);
	dd_tests_json(report, &json);
	r->json = text_kept(r->arena, &json);
	dd_tests_junit(report, &junit);
	r->junit = text_kept(r->arena, &junit);
	return r;
}

struct suite_run {
	const char *path;
	const struct dd_str *text; /* NULL: that of the file */
	const struct dd_tts *voice;
	struct dd_results *results;
};

static void run_suite(void *self)
{
	struct suite_run *s = self;
	struct lent_voice lent;
	struct dd_tts tts = lent_voice(&lent, s->voice);
	struct dd_plan plan = {0};
	struct dd_test_report report;
	struct dd_plan_options options = {.jobs = 1, .tts = &tts, .keep = true};
	struct dd_suite *suite =
	        s->text ? dd_suite_of_text(s->path, *s->text) : dd_suite_load(s->path);
	if (suite->app && !suite->diags.errors)
		dd_diag(&suite->diags, DD_ERROR, "application", suite->source,
		        (struct dd_span){0, 0},
		        "these scenarios call an application, which the library does not do")
		        ->hint = "drydial test does";
	dd_plan_add(&plan, suite);
	(void)dd_plan_choose(&plan, NULL, 0, NULL, 0);
	dd_plan_run(&plan, &options, &report);
	s->results = results_of(&report);
	dd_test_report_fini(&report);
	dd_plan_fini(&plan);
	if (!s->voice)
		dd_sim_tts_free(tts.self);
}

static enum dd_status run_apart(struct suite_run *s, struct dd_results **results)
{
	lend_memory();
	enum dd_status status = dd_memory_apart(run_suite, s);
	*results = status == DD_OK ? s->results : NULL;
	return status;
}

enum dd_status dd_scenarios_run(
        const char *path, const struct dd_tts *voice, struct dd_results **results)
{
	return run_apart(&(struct suite_run){.path = path, .voice = voice}, results);
}

enum dd_status dd_scenarios_run_text(const char *path, const char *text, size_t n,
        const struct dd_tts *voice, struct dd_results **results)
{
	struct dd_str all = {text, n};
	return run_apart(&(struct suite_run){.path = path, .text = &all, .voice = voice}, results);
}

void dd_results_free(struct dd_results *r)
{
	if (!r)
		return;
	dd_arena_free(r->arena);
	dd_free(r);
}

size_t dd_results_count(const struct dd_results *r)
{
	return r->n;
}

size_t dd_results_failed(const struct dd_results *r)
{
	return r->failed;
}

const char *dd_result_name(const struct dd_results *r, size_t i)
{
	return i < r->n ? r->list[i].name : NULL;
}

unsigned dd_result_line(const struct dd_results *r, size_t i)
{
	return i < r->n ? r->list[i].line : 0;
}

bool dd_result_passed(const struct dd_results *r, size_t i)
{
	return i < r->n && r->list[i].passed;
}

const char *dd_result_message(const struct dd_results *r, size_t i)
{
	return i < r->n ? r->list[i].message : NULL;
}

const char *dd_results_text(const struct dd_results *r)
{
	return r->text;
}

const char *dd_results_json(const struct dd_results *r)
{
	return r->json;
}

const char *dd_results_junit(const struct dd_results *r)
{
	return r->junit;
}
