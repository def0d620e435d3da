/* Scenario runs for people. */
#include "report/tests.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "report/transcript.h"

enum { TRANSCRIPT_LINES = 8, TRANSCRIPT_COLUMNS = 120 };

static void paint(struct dd_buf *out, const struct dd_tests_style *style, const char *colour,
        const char *text)
{
	dd_buf_str(out, style->colour ? colour : "");
	dd_buf_screen(out, dd_str(text));
	dd_buf_str(out, style->colour ? "\033[0m" : "");
}

/* Words in [brackets] are painted as well. */
static void marked(struct dd_buf *out, const struct dd_tests_style *style, const char *text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_str(text));
	for (size_t i = 0; i < clean.n; i++) {
		if (style->colour && clean.p[i] == '[')
			dd_buf_str(out, "\033[1;31m");
		dd_buf_char(out, clean.p[i]);
		if (style->colour && clean.p[i] == ']')
			dd_buf_str(out, "\033[0m");
	}
	dd_buf_free(&clean);
}

static void labelled(struct dd_buf *out, const char *label)
{
	dd_buf_format(out, "   %-11s", label);
}

static void stood(const struct dd_result *r, const struct dd_finding *f, struct dd_buf *out)
{
	const struct dd_step *s = &r->program->steps[f->step];
	const struct dd_flow *flow = &r->program->flows[s->flow];
	struct dd_str line = dd_source_line(flow->source, s->line);
	labelled(out, "call at");
	dd_buf_screen(out, dd_str(flow->path));
	dd_buf_format(out, ":%u: ", s->line);
	dd_buf_screen(out, dd_str_trim(line));
	dd_buf_char(out, '\n');
}

static void transcript(const struct dd_result *r, const struct dd_finding *f,
        const struct dd_tests_style *style, struct dd_buf *out)
{
	struct dd_transcript t = {r->program, NULL, &r->trace, &r->outcome};
	size_t n = r->trace.nevents, from = f->event > 3 ? f->event - 3 : 0;
	if (from + TRANSCRIPT_LINES > n)
		from = n > TRANSCRIPT_LINES ? n - TRANSCRIPT_LINES : 0;
	size_t end = from + TRANSCRIPT_LINES < n ? from + TRANSCRIPT_LINES : n;
	if (from)
		dd_buf_format(out, "   %zu event%s before\n", from, from == 1 ? "" : "s");
	for (size_t i = from; i < end; i++) {
		dd_buf_str(out, "   ");
		dd_transcript_line(&t, &r->trace.events[i],
		        style->columns > 3 ? style->columns - 3 : TRANSCRIPT_COLUMNS, style->colour,
		        out);
		dd_buf_char(out, '\n');
	}
	if (end < n)
		dd_buf_format(out, "   %zu more event%s\n", n - end, n - end == 1 ? "" : "s");
}

/* A key that did nothing is often why what was expected behind it did not happen. */
static void lost_keys(const struct dd_result *r, const struct dd_finding *f, struct dd_buf *out)
{
	enum { SHOWN = 3 };
	size_t n = 0;
	for (size_t i = 0; i < r->trace.nevents; i++) {
		const struct dd_trace_event *e = &r->trace.events[i];
		char at[24];
		if (e->type != DD_TR_KEY || !e->lost || (f->at >= 0 && e->at > f->at) ||
		        n++ >= SHOWN)
			continue;
		dd_offset_text(e->at, at);
		labelled(out, "lost");
		dd_buf_format(out, "key %c at %s", e->key, at);
		if (e->step != DD_NONE) {
			const struct dd_step *s = &r->program->steps[e->step];
			dd_buf_format(out, ", %s:%u", dd_step_word(s), s->line);
		}
		dd_buf_format(out, ": %s\n", dd_lost_reason(e->lost));
	}
	if (n > SHOWN) {
		labelled(out, "");
		dd_buf_format(out, "and %zu more keys\n", n - SHOWN);
	}
}

void dd_tests_finding(const struct dd_result *r, const struct dd_finding *f,
        const struct dd_tests_style *style, struct dd_buf *out)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_diag *d =
	        dd_diag(&diags, f->severity, f->code, f->source, f->span, "%s", f->message);
	if (!f->source)
		d->file = r->suite;
	dd_diags_text(&diags, out, style->colour);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	if (r->program) {
		labelled(out, "scenario");
		dd_buf_screen(out, dd_str(r->name));
		dd_buf_char(out, '\n');
	}
	if (f->expected) {
		labelled(out, "expected");
		marked(out, style, f->expected);
		dd_buf_char(out, '\n');
	}
	if (f->actual) {
		labelled(out,
		        strcmp(f->code, "not-heard") == 0 ? "closest"
		                : strcmp(f->code, "heard") == 0 ||
		                        strcmp(f->code, "not-silent") == 0
		                ? "heard"
		                : "actual");
		marked(out, style, f->actual);
		dd_buf_char(out, '\n');
	}
	if (f->where) {
		labelled(out, f->actual ? "" : "where");
		dd_buf_screen(out, dd_str(f->where));
		dd_buf_char(out, '\n');
	}
	if (f->step != DD_NONE && r->kept)
		stood(r, f, out);
	if (r->kept && f == dd_result_fault(r) && f->severity == DD_ERROR)
		lost_keys(r, f, out);
	if (f->hint) {
		labelled(out, "hint");
		dd_buf_screen(out, dd_str(f->hint));
		dd_buf_char(out, '\n');
	}
}

static void findings(
        const struct dd_result *r, const struct dd_tests_style *style, struct dd_buf *out)
{
	if (r->nfindings == 0)
		return;
	for (size_t i = 0; i < r->nfindings; i++)
		dd_tests_finding(r, &r->findings[i], style, out);
	if (r->kept && r->verdict == DD_FAILED)
		transcript(r, dd_result_fault(r), style, out);
	if (r->recording) {
		labelled(out, "recording");
		dd_buf_screen(out, dd_str(r->recording));
		dd_buf_char(out, '\n');
	}
	if (r->replay && r->verdict == DD_FAILED) {
		labelled(out, "hear it");
		dd_buf_screen(out, dd_str(r->replay));
		dd_buf_char(out, '\n');
	}
	dd_buf_char(out, '\n');
}

static void scenario_line(
        const struct dd_result *r, const struct dd_tests_style *style, struct dd_buf *out)
{
	char length[24];
	dd_offset_text(r->call_ms, length);
	const char *word = r->verdict == DD_PASSED ? r->warnings ? "warn" : "ok"
	        : r->verdict == DD_FAILED          ? "FAIL"
	                                           : "skip";
	const char *colour = r->verdict == DD_PASSED ? r->warnings ? "\033[33m" : "\033[32m"
	        : r->verdict == DD_FAILED            ? "\033[1;31m"
	                                             : "\033[2m";
	dd_buf_str(out, "  ");
	paint(out, style, colour, word);
	dd_buf_format(
	        out, "%*s%8s  ", 5 - (int)strlen(word), "", r->verdict == DD_SKIPPED ? "" : length);
	dd_buf_screen(out, dd_str(r->name));
	dd_buf_char(out, '\n');
}

/* One line a file, and one a scenario where that is asked for. */
static void files(
        const struct dd_test_report *report, const struct dd_tests_style *style, struct dd_buf *out)
{
	for (size_t i = 0; i < report->n;) {
		size_t end = i, count[3] = {0, 0, 0};
		for (; end < report->n &&
		        strcmp(report->results[end].suite, report->results[i].suite) == 0;
		        end++)
			count[report->results[end].verdict]++;
		const char *word = count[DD_FAILED] ? "FAIL" : count[DD_PASSED] ? "ok" : "skip";
		paint(out, style,
		        count[DD_FAILED]           ? "\033[1;31m"
		                : count[DD_PASSED] ? "\033[32m"
		                                   : "\033[2m",
		        word);
		dd_buf_format(out, "%*s", 5 - (int)strlen(word), "");
		dd_buf_screen(out, dd_str(report->results[i].suite));
		dd_buf_format(out, "  %zu passed", count[DD_PASSED]);
		if (count[DD_FAILED])
			dd_buf_format(out, ", %zu failed", count[DD_FAILED]);
		if (count[DD_SKIPPED])
			dd_buf_format(out, ", %zu skipped", count[DD_SKIPPED]);
		dd_buf_char(out, '\n');
		for (; i < end; i++)
			if (style->verbose)
				scenario_line(&report->results[i], style, out);
	}
}

static void survivors(
        const struct dd_test_report *report, const struct dd_tests_style *style, struct dd_buf *out)
{
	for (size_t i = 0; i < report->nsurvivors; i++) {
		const struct dd_survivor *s = &report->survivors[i];
		dd_buf_screen(out, dd_str(s->path));
		dd_buf_format(out, ":%u: ", s->line);
		paint(out, style, "\033[33m", "not noticed");
		dd_buf_str(out, ": ");
		dd_buf_screen(out, dd_str(s->what));
		dd_buf_char(out, '\n');
		if (s->hint) {
			labelled(out, "would notice");
			dd_buf_char(out, ' ');
			dd_buf_screen(out, dd_str(s->hint));
			dd_buf_char(out, '\n');
		}
	}
	if (report->nsurvivors)
		dd_buf_char(out, '\n');
	if (!report->mutants) {
		dd_buf_str(out, "no change could be made to the flows\n");
		return;
	}
	dd_buf_format(out, "%zu of %zu changes to the flows noticed, score %.1f%%\n",
	        report->noticed, report->mutants,
	        100.0 * (double)report->noticed / (double)report->mutants);
}

/* Where a long run is scrolled away, its end says what to look for. */
static void failed_names(
        const struct dd_test_report *report, const struct dd_tests_style *style, struct dd_buf *out)
{
	for (size_t i = 0; report->n > 1 && i < report->n; i++) {
		const struct dd_result *r = &report->results[i];
		if (r->verdict != DD_FAILED)
			continue;
		dd_buf_str(out, "  ");
		paint(out, style, "\033[31m", "FAIL");
		dd_buf_char(out, ' ');
		dd_buf_screen(out, dd_str(r->suite));
		dd_buf_format(out, ":%u: ", r->line);
		dd_buf_screen(out, dd_str(r->name));
		dd_buf_char(out, '\n');
	}
}

void dd_tests_text(
        const struct dd_test_report *report, const struct dd_tests_style *style, struct dd_buf *out)
{
	for (size_t i = 0; i < report->n; i++)
		findings(&report->results[i], style, out);
	files(report, style, out);
	if (report->mutated) {
		dd_buf_char(out, '\n');
		survivors(report, style, out);
	}
	dd_buf_format(out, "\n%zu scenario%s: %zu passed, %zu failed", report->n,
	        report->n == 1 ? "" : "s", report->passed, report->failed);
	if (report->skipped)
		dd_buf_format(out, ", %zu skipped", report->skipped);
	if (report->warnings)
		dd_buf_format(
		        out, ", %zu warning%s", report->warnings, report->warnings == 1 ? "" : "s");
	dd_buf_char(out, '\n');
	failed_names(report, style, out);
}
