/* The page. Everything that came from a file or a server passes dd_buf_xml(), or is JSON in which <
 * is escaped. */
#include "report/tests.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/embed.h"
#include "report/graph.h"
#include "report/transcript.h"

DD_EMBED(page_css, "src/report/tests.css");
DD_EMBED(page_js, "src/report/tests.js");

static void xml(struct dd_buf *out, const char *text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_str(text));
	dd_buf_xml(out, (struct dd_str){clean.p, clean.n});
	dd_buf_free(&clean);
}

static void head(const struct dd_test_report *report, struct dd_buf *out)
{
	dd_buf_str(out,
	        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	        "style-src 'unsafe-inline'; script-src 'unsafe-inline'; media-src blob:\">\n"
	        "<meta name=\"viewport\" content=\"width=device-width\">\n");
	dd_buf_format(out,
	        "<title>%s: %zu of %zu scenario%s passed</title>\n<style>\n%s</style>\n</head>\n"
	        "<body>\n",
	        report->failed ? "failed" : "passed", report->passed, report->n,
	        report->n == 1 ? "" : "s", page_css);
	dd_buf_format(out,
	        "<h1><span class=\"%s\">%s</span>: %zu scenario%s, %zu passed, %zu failed",
	        report->failed ? "failed" : "passed", report->failed ? "Failed" : "Passed",
	        report->n, report->n == 1 ? "" : "s", report->passed, report->failed);
	if (report->skipped)
		dd_buf_format(out, ", %zu skipped", report->skipped);
	if (report->warnings)
		dd_buf_format(
		        out, ", %zu warning%s", report->warnings, report->warnings == 1 ? "" : "s");
	dd_buf_str(out,
	        "</h1>\n<p><label><input type=\"checkbox\" id=\"only-failed\"> only what "
	        "failed</label></p>\n");
}

static void coverage(const struct dd_test_report *report, struct dd_buf *out)
{
	if (dd_cover_percent(report) < 0)
		return;
	dd_buf_format(out,
	        "<h2>Coverage: %.1f%% of steps and exits</h2>\n"
	        "<table id=\"coverage\"><tr><th>Flow<th>Steps<th>Exits<th>Not reached</tr>\n",
	        dd_cover_percent(report));
	for (size_t i = 0; i < report->ncovers; i++) {
		const struct dd_flow_cover *c = &report->covers[i];
		bool first = true;
		dd_buf_str(out, "<tr><td>");
		xml(out, c->path);
		dd_buf_format(out, "<td class=\"n\">%u/%u<td class=\"n\">%u/%u<td>", c->steps_hit,
		        c->nsteps, c->exits_hit, c->nexits);
		for (uint32_t e = 0; e < c->nexits; e++) {
			if (c->exits[e].hits)
				continue;
			dd_buf_format(out, "%sline %u ", first ? "" : ", ", c->exits[e].line);
			xml(out, c->exits[e].label);
			first = false;
		}
		dd_buf_str(out, "</tr>\n");
	}
	dd_buf_str(out, "</table>\n");
}

static void mutation(const struct dd_test_report *report, struct dd_buf *out)
{
	if (!report->mutated)
		return;
	dd_buf_format(out,
	        "<h2>%zu of %zu changes to the flows noticed</h2>\n<table id=\"mutation\">\n",
	        report->noticed, report->mutants);
	for (size_t i = 0; i < report->nsurvivors; i++) {
		dd_buf_str(out, "<tr><td>");
		xml(out, report->survivors[i].path);
		dd_buf_format(out, ":%u<td>", report->survivors[i].line);
		xml(out, report->survivors[i].what);
		dd_buf_str(out, "<td class=\"dim\">");
		xml(out, report->survivors[i].hint ? report->survivors[i].hint : "");
		dd_buf_str(out, "</tr>\n");
	}
	dd_buf_str(out, "</table>\n");
}

/* -- one call --------------------------------------------------------------- */

static void item(struct dd_buf *out, const char *class, dd_ms at)
{
	char text[24];
	dd_offset_text(at, text);
	dd_buf_format(out, "<li class=\"%s\" data-at=\"%lld\"><time>%s</time><span class=\"what\">",
	        class, (long long)at, text);
}

static void slice(const struct dd_result *r, struct dd_slice s, struct dd_buf *out)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_trace_str(&r->trace, s));
	dd_buf_xml(out, (struct dd_str){clean.p, clean.n});
	dd_buf_free(&clean);
}

/* Words of a prompt; those that were said before a machine's beep are marked. `from` is where they
   stand in the prompt's words. */
static void said(const struct dd_result *r, const struct dd_trace_event *e, size_t from,
        struct dd_slice words, struct dd_buf *out)
{
	size_t gone = e->lost_words > from ? e->lost_words - from : 0;
	if (gone > words.n)
		gone = words.n;
	if (gone) {
		dd_buf_str(out, "<span class=\"lost\" title=\"lost before the beep\">");
		slice(r, (struct dd_slice){words.at, (uint32_t)gone}, out);
		dd_buf_str(out, "</span>");
	}
	slice(r, (struct dd_slice){words.at + (uint32_t)gone, words.n - (uint32_t)gone}, out);
}

/* A recording, or what of it a machine lost. */
static void played(const struct dd_result *r, const struct dd_trace_event *e, dd_ms at,
        struct dd_slice name, struct dd_buf *out)
{
	bool lost = at < e->at + e->lost_ms;
	dd_buf_str(out, lost ? "<span class=\"lost\" title=\"lost before the beep\">" : "");
	slice(r, name, out);
	dd_buf_str(out, lost ? "</span>" : "");
}

/* The words; where a prompt was cut short those that were not begun are struck out. */
static void prompt(const struct dd_result *r, size_t i, struct dd_buf *out)
{
	const struct dd_trace_event *e = &r->trace.events[i], *stopped = NULL;
	for (size_t j = i + 1;
	        j < r->trace.nevents && r->trace.events[j].type != DD_TR_PROMPT && !stopped; j++)
		if (r->trace.events[j].type == DD_TR_PROMPT_STOPPED)
			stopped = &r->trace.events[j];
	item(out, "flow", e->at);
	if (e->text.n == 0 && e->nsegments == 0) {
		dd_buf_str(out, e->stand_in ? "♪ stand-in " : "♪ ");
		played(r, e, e->at, e->more, out);
	}
	size_t words = 0;
	for (uint32_t s = 0; !stopped && s < e->nsegments; s++) {
		const struct dd_trace_segment *g = &r->trace.segments[e->first_segment + s];
		dd_buf_str(out, s ? " " : "");
		if (g->kind == DD_TS_PAUSE)
			dd_buf_str(out, "…");
		else if (g->kind == DD_TS_FILE)
			dd_buf_str(out, "♪ ");
		else if (g->kind == DD_TS_STAND_IN)
			dd_buf_str(out, "♪ stand-in ");
		if (g->kind == DD_TS_FILE || g->kind == DD_TS_STAND_IN) {
			played(r, e, g->at, g->text, out);
		} else if (g->text.n) {
			words += words > 0;
			said(r, e, words, g->text, out);
			words += g->text.n;
		}
	}
	if (stopped && stopped->text.n <= e->text.n) {
		struct dd_slice rest = {e->text.at + stopped->text.n, e->text.n - stopped->text.n};
		said(r, e, 0, stopped->text, out);
		dd_buf_str(out, "<span class=\"cut\">");
		slice(r, rest, out);
		dd_buf_str(out, "</span>");
	} else if (e->nsegments == 0) {
		said(r, e, 0, e->text, out);
	}
	if (e->said.n) {
		dd_buf_str(out, "<span class=\"said\">spoken: ");
		slice(r, e->said, out);
		dd_buf_str(out, "</span>");
	}
	dd_buf_str(out, "</span></li>\n");
}

static void chat(const struct dd_result *r, struct dd_buf *out)
{
	struct dd_transcript t = {r->program, NULL, &r->trace, &r->outcome};
	dd_buf_str(out, "<ol class=\"chat\">\n");
	for (size_t i = 0; i < r->trace.nevents; i++) {
		const struct dd_trace_event *e = &r->trace.events[i];
		if (e->type == DD_TR_PROMPT) {
			prompt(r, i, out);
		} else if (e->type == DD_TR_KEY) {
			item(out, "customer", e->at);
			dd_buf_format(out, "%c%s%s</span></li>\n", e->key, e->lost ? " lost: " : "",
			        dd_lost_reason(e->lost));
		} else if (e->type != DD_TR_PROMPT_STOPPED) {
			struct dd_buf line = {0};
			dd_transcript_fact(&t, e, &line);
			item(out, "note", e->at);
			dd_buf_format(out, "%s ", dd_trace_name(e->type));
			dd_buf_xml(out, (struct dd_str){line.p ? line.p : "", line.n});
			dd_buf_str(out, "</span></li>\n");
			dd_buf_free(&line);
		}
	}
	dd_buf_str(out, "</ol>\n");
}

/* The documents of an application, in the order in which they came. */
static bool documents(const struct dd_result *r, struct dd_buf *out)
{
	const struct dd_trace_event *asked = NULL;
	bool any = false;
	for (size_t i = 0; i < r->trace.nevents; i++) {
		const struct dd_trace_event *e = &r->trace.events[i];
		asked = e->type == DD_TR_REQUEST && e->document ? e : asked;
		if (e->type != DD_TR_REPLY || !e->document)
			continue;
		struct dd_buf clean = {0};
		char at[24];
		dd_offset_text(e->at, at);
		dd_buf_str(out, any ? "" : "<div class=\"documents\">\n");
		dd_buf_format(out, "<details open><summary><time>%s</time> %u: ", at, e->request);
		if (asked)
			slice(r, asked->text, out);
		dd_buf_format(out, " <span class=\"dim\">%d</span></summary><pre>", e->status);
		dd_buf_terminal(&clean, dd_trace_str(&r->trace, e->text));
		dd_buf_xml(out, (struct dd_str){clean.p ? clean.p : "", clean.n});
		dd_buf_str(out, "</pre></details>\n");
		dd_buf_free(&clean);
		any = true;
	}
	dd_buf_str(out, any ? "</div>\n" : "");
	return any;
}

static void timeline(const struct dd_result *r, struct dd_buf *out)
{
	dd_ms all = r->call_ms > 0 ? r->call_ms : 1;
	dd_ms tick = all <= 20000 ? 2000 : all <= 60000 ? 5000 : all <= 300000 ? 30000 : 600000;
#define X(ms) (1000.0 * (double)(ms) / (double)all)
	dd_buf_str(out,
	        "<svg class=\"timeline\" role=\"img\" aria-label=\"what is heard when\" "
	        "viewBox=\"0 0 1000 64\">");
	for (dd_ms at = 0; at <= all; at += tick)
		dd_buf_format(out,
		        "<line class=\"axis\" x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"46\"/><text "
		        "x=\"%.1f\" y=\"60\">%lld s</text>",
		        X(at), X(at), X(at) + 2, (long long)(at / 1000));
	for (size_t i = 0; i < r->trace.nevents; i++) {
		const struct dd_trace_event *e = &r->trace.events[i];
		if (e->type == DD_TR_PROMPT) {
			dd_ms until = e->at + e->ms;
			for (size_t j = i + 1;
			        j < r->trace.nevents && r->trace.events[j].type != DD_TR_PROMPT;
			        j++)
				if (r->trace.events[j].type == DD_TR_PROMPT_STOPPED)
					until = r->trace.events[j].at;
			dd_buf_format(out,
			        "<rect class=\"prompt\" x=\"%.1f\" y=\"14\" width=\"%.1f\" "
			        "height=\"20\"><title>",
			        X(e->at), X(until - e->at));
			slice(r, e->text.n ? e->text : e->more, out);
			dd_buf_str(out, "</title></rect>");
		} else if (e->type == DD_TR_KEY) {
			dd_buf_format(out,
			        "<line class=\"key\" x1=\"%.1f\" x2=\"%.1f\" y1=\"6\" "
			        "y2=\"40\"/><text x=\"%.1f\" y=\"11\">%c%s</text>",
			        X(e->at), X(e->at), X(e->at) + 4, e->key, e->lost ? " lost" : "");
		} else if (e->type == DD_TR_SMS || e->type == DD_TR_REQUEST ||
		        e->type == DD_TR_REPLY) {
			dd_buf_format(out,
			        "<circle class=\"dot\" cx=\"%.1f\" cy=\"40\" "
			        "r=\"4\"><title>%s</title></circle>",
			        X(e->at), dd_trace_name(e->type));
		}
	}
	dd_buf_str(out, "<line class=\"cursor\" x1=\"0\" x2=\"0\" y1=\"0\" y2=\"46\"/></svg>\n");
#undef X
}

static void call(const struct dd_result *r, size_t index, struct dd_buf *out)
{
	static const char *const words[] = {"passed", "failed", "skipped"};
	static const struct dd_tests_style plain = {false, false, 0};
	char length[24];
	dd_offset_text(r->call_ms, length);
	dd_buf_format(out, "<details class=\"call%s\"%s", r->verdict == DD_FAILED ? " bad" : "",
	        r->verdict == DD_FAILED ? " open" : "");
	if (r->kept)
		dd_buf_format(out, " data-call=\"%zu\"", index);
	dd_buf_format(out, ">\n<summary><span class=\"%s\">%s</span><span class=\"name\">",
	        words[r->verdict], words[r->verdict]);
	xml(out, r->name);
	dd_buf_format(out, "</span><span class=\"dim\">%s</span><span class=\"dim\">", length);
	xml(out, r->suite);
	dd_buf_format(out, ":%u</span></summary>\n", r->line);
	if (r->nfindings) {
		struct dd_buf text = {0};
		for (size_t f = 0; f < r->nfindings; f++)
			dd_tests_finding(r, &r->findings[f], &plain, &text);
		if (r->replay)
			dd_buf_format(&text, "   hear it    %s\n", r->replay);
		dd_buf_str(out, "<pre class=\"findings\">");
		dd_buf_xml(out, (struct dd_str){text.p, text.n});
		dd_buf_str(out, "</pre>\n");
		dd_buf_free(&text);
	}
	if (r->variables) {
		dd_buf_str(out, "<p class=\"dim\">");
		xml(out, r->variables);
		dd_buf_str(out, "</p>\n");
	}
	if (r->kept) {
		if (r->nheard)
			dd_buf_str(out,
			        "<div class=\"player\"><audio controls "
			        "preload=\"auto\"></audio></div>\n");
		timeline(r, out);
		dd_buf_str(out, "<div class=\"two\">\n<div>");
		chat(r, out);
		dd_buf_str(out, "</div>\n<div>");
		if (!documents(r, out))
			dd_graph_svg(r->program, r->path, r->npath, out);
		dd_buf_str(out, "</div>\n</div>\n");
	}
	dd_buf_str(out, "</details>\n");
}

/* Numbers, base64 and the twelve keys: nothing here can end the script element. */
static void sound(const struct dd_test_report *report, struct dd_buf *out)
{
	dd_buf_str(out, "<script type=\"application/json\" id=\"sound\">{\"sounds\":[");
	for (size_t i = 0; i < report->nsounds; i++) {
		dd_buf_str(out, i ? ",\n\"" : "\"");
		dd_buf_base64(out, report->sounds[i].bytes, report->sounds[i].n);
		dd_buf_char(out, '"');
	}
	dd_buf_str(out, "],\"calls\":[");
	for (size_t i = 0; i < report->n; i++) {
		const struct dd_result *r = &report->results[i];
		bool first = true;
		dd_buf_format(
		        out, "%s{\"ms\":%lld,\"heard\":[", i ? ",\n" : "", (long long)r->call_ms);
		for (size_t h = 0; h < r->nheard; h++)
			dd_buf_format(out, "%s[%lld,%lld,%u]", h ? "," : "",
			        (long long)r->heard[h].at, (long long)r->heard[h].until,
			        r->heard[h].sound);
		dd_buf_str(out, "],\"keys\":[");
		for (size_t e = 0; e < r->trace.nevents; e++) {
			if (r->trace.events[e].type != DD_TR_KEY)
				continue;
			dd_buf_format(out, "%s[%lld,\"%c\"]", first ? "" : ",",
			        (long long)r->trace.events[e].at, r->trace.events[e].key);
			first = false;
		}
		dd_buf_str(out, "]}");
	}
	dd_buf_str(out, "]}</script>\n");
}

void dd_tests_html(const struct dd_test_report *report, struct dd_buf *out)
{
	head(report, out);
	for (size_t i = 0; i < report->n; i++) {
		if (i == 0 || strcmp(report->results[i].suite, report->results[i - 1].suite) != 0) {
			dd_buf_str(out, "<h2>");
			xml(out, report->results[i].suite);
			dd_buf_str(out, "</h2>\n");
		}
		call(&report->results[i], i, out);
	}
	coverage(report, out);
	mutation(report, out);
	sound(report, out);
	dd_buf_str(out, "<script>\n");
	dd_buf_str(out, page_js);
	dd_buf_str(out, "</script>\n</body>\n</html>\n");
}
