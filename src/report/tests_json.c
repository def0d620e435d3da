/* Scenario runs as JSON: field names are public and stable. */
#include "report/json.h"
#include "report/tests.h"

#include "base/clock.h"

static json_t *maybe(const char *text)
{
	return text ? dd_json_text(dd_str(text)) : json_null();
}

static json_t *finding(const struct dd_result *r, const struct dd_finding *f)
{
	static const char *const severities[] = {"note", "warning", "error"};
	json_t *o = json_object();
	json_object_set_new(o, "severity", json_string(severities[f->severity]));
	json_object_set_new(o, "code", json_string(f->code));
	json_object_set_new(o, "message", maybe(f->message));
	json_object_set_new(o, "file", maybe(f->source ? f->source->name : r->suite));
	if (f->source) {
		struct dd_place from = dd_source_place(f->source, f->span.start),
		                to = dd_source_place(f->source, f->span.end);
		json_object_set_new(o, "line", json_integer(from.line));
		json_object_set_new(o, "column", json_integer(from.column));
		json_object_set_new(o, "end_line", json_integer(to.line));
		json_object_set_new(o, "end_column", json_integer(to.column));
	}
	json_object_set_new(o, "expected", maybe(f->expected));
	json_object_set_new(o, "actual", maybe(f->actual));
	json_object_set_new(o, "where", maybe(f->where));
	json_object_set_new(o, "hint", maybe(f->hint));
	json_object_set_new(o, "at_ms", f->at < 0 ? json_null() : json_integer(f->at));
	if (f->step != DD_NONE) {
		const struct dd_step *s = &r->program->steps[f->step];
		json_object_set_new(o, "flow_file", maybe(r->program->flows[s->flow].path));
		json_object_set_new(o, "flow_line", json_integer(s->line));
	}
	return o;
}

static json_t *result(const struct dd_result *r)
{
	static const char *const verdicts[] = {"passed", "failed", "skipped"};
	json_t *o = json_object(), *list = json_array();
	json_object_set_new(o, "file", maybe(r->suite));
	json_object_set_new(o, "line", json_integer(r->line));
	json_object_set_new(o, "name", maybe(r->name));
	json_object_set_new(o, "row", r->row ? json_integer(r->row) : json_null());
	json_object_set_new(o, "verdict", json_string(verdicts[r->verdict]));
	json_object_set_new(o, "duration_ms", json_integer(r->call_ms));
	for (size_t i = 0; i < r->nfindings; i++)
		json_array_append_new(list, finding(r, &r->findings[i]));
	json_object_set_new(o, "findings", list);
	json_object_set_new(o, "replay", maybe(r->replay));
	json_object_set_new(o, "recording", maybe(r->recording));
	if (r->kept) {
		struct dd_transcript t = {r->program, NULL, &r->trace, &r->outcome};
		json_object_set_new(o, "transcript", dd_json_transcript(&t));
	}
	return o;
}

static json_t *cover(const struct dd_flow_cover *c)
{
	json_t *o = json_object(), *missing = json_array();
	json_object_set_new(o, "flow", maybe(c->path));
	json_object_set_new(o, "steps", json_integer(c->nsteps));
	json_object_set_new(o, "steps_reached", json_integer(c->steps_hit));
	json_object_set_new(o, "exits", json_integer(c->nexits));
	json_object_set_new(o, "exits_reached", json_integer(c->exits_hit));
	for (uint32_t i = 0; i < c->nsteps; i++) {
		if (c->step_hits[i])
			continue;
		json_t *item = json_object();
		json_object_set_new(
		        item, "line", json_integer(c->program->steps[c->steps[i]].line));
		json_object_set_new(
		        item, "step", maybe(dd_applet_name(c->program->steps[c->steps[i]].applet)));
		json_array_append_new(missing, item);
	}
	for (uint32_t i = 0; i < c->nexits; i++) {
		if (c->exits[i].hits)
			continue;
		json_t *item = json_object();
		json_object_set_new(item, "line", json_integer(c->exits[i].line));
		json_object_set_new(item, "exit", maybe(c->exits[i].label));
		json_array_append_new(missing, item);
	}
	json_object_set_new(o, "missing", missing);
	return o;
}

static json_t *mutation(const struct dd_test_report *report)
{
	json_t *o = json_object(), *list = json_array();
	json_object_set_new(o, "changes", json_integer((json_int_t)report->mutants));
	json_object_set_new(o, "noticed", json_integer((json_int_t)report->noticed));
	for (size_t i = 0; i < report->nsurvivors; i++) {
		json_t *item = json_object();
		json_object_set_new(item, "file", maybe(report->survivors[i].path));
		json_object_set_new(item, "line", json_integer(report->survivors[i].line));
		json_object_set_new(item, "change", maybe(report->survivors[i].what));
		json_object_set_new(item, "would_notice", maybe(report->survivors[i].hint));
		json_array_append_new(list, item);
	}
	json_object_set_new(o, "not_noticed", list);
	return o;
}

void dd_tests_json(const struct dd_test_report *report, struct dd_buf *out)
{
	json_t *root = json_object(), *results = json_array(), *covers = json_array();
	json_object_set_new(root, "scenarios", json_integer((json_int_t)report->n));
	json_object_set_new(root, "passed", json_integer((json_int_t)report->passed));
	json_object_set_new(root, "failed", json_integer((json_int_t)report->failed));
	json_object_set_new(root, "skipped", json_integer((json_int_t)report->skipped));
	json_object_set_new(root, "warnings", json_integer((json_int_t)report->warnings));
	for (size_t i = 0; i < report->n; i++)
		json_array_append_new(results, result(&report->results[i]));
	json_object_set_new(root, "results", results);
	for (size_t i = 0; i < report->ncovers; i++)
		json_array_append_new(covers, cover(&report->covers[i]));
	json_object_set_new(root, "coverage", covers);
	if (report->mutated)
		json_object_set_new(root, "mutation", mutation(report));
	dd_json_print(root, JSON_INDENT(2), out);
}
