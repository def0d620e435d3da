/* Diagnostics as SARIF 2.1.0 (OASIS, "Static Analysis Results Interchange Format"), with the
   properties that GitHub's code scanning names.

   Curly brackets in messages stand as they are, since flows are full of {name} and no reader we
   know folds the doubled ones that the standard asks for; only what would be taken for a
   placeholder ({0}) is doubled. */
#include <stdlib.h>

#include "report/diags.h"
#include "report/json.h"

/* Longer lines are not repeated in the report. */
enum { LINE_BYTES_MAX = 1000 };

struct sarif {
	const struct dd_diags_report *report;
	struct dd_rule *rules; /* the report's, then codes that are no rule's */
	size_t nrules, cap;
	uint64_t *hashes; /* of each result, for those that are alike */
};

/* -- texts ------------------------------------------------------------------ */

static json_t *take_json(struct dd_buf *text)
{
	json_t *value = dd_json_text((struct dd_str){text->p, text->n});
	dd_buf_free(text);
	return value;
}

/* Every control character becomes one visible one, so that columns still count. */
static json_t *screened(struct dd_str text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, text);
	return take_json(&clean);
}

static bool is_placeholder(const char *at)
{
	size_t digits = strspn(at + 1, "0123456789");
	return digits && at[1 + digits] == '}';
}

/* Words of a flow, whatever they are, without links and placeholders. */
static void add_plain(const char *text, struct dd_buf *out)
{
	for (const char *at = text; *at; at++) {
		if (*at == ']' && at[1] == '(') {
			dd_buf_str(out, "] ");
		} else if (*at == '{' && is_placeholder(at)) {
			size_t n = strspn(at + 1, "0123456789");
			dd_buf_format(out, "{{%.*s}}", (int)n, at + 1);
			at += n + 1;
		} else {
			dd_buf_char(out, *at);
		}
	}
}

/* GitHub shows a second place only where the message has a link to it, by its number. */
static json_t *message(const struct dd_diag *d)
{
	struct dd_buf text = {0}, safe = {0};
	dd_diag_sentence(d, &text);
	add_plain(text.n ? text.p : "", &safe);
	if (d->other)
		dd_buf_str(&safe, "; [");
	for (const char *at = d->other ? d->other_message : ""; *at; at++)
		dd_buf_format(&safe, "%s%c", strchr("[]\\", *at) ? "\\" : "", *at);
	if (d->other)
		dd_buf_str(&safe, "](1)");
	dd_buf_free(&text);
	return json_pack("{s:o}", "text", take_json(&safe));
}

/* -- places ----------------------------------------------------------------- */

static bool goes_up(const char *path)
{
	for (const char *at = path; (at = strstr(at, "..")); at += 2)
		if ((at == path || at[-1] == '/') && (at[2] == '/' || at[2] == '\0'))
			return true;
	return false;
}

/* Segment by segment; "." and empty ones say nothing. */
static void add_segments(const char *path, struct dd_buf *out)
{
	bool first = true;
	for (size_t n; *path; path += n + (path[n] == '/')) {
		n = strcspn(path, "/");
		if (n == 0 || (n == 1 && *path == '.'))
			continue;
		if (!first)
			dd_buf_char(out, '/');
		dd_buf_percent(out, (struct dd_str){path, n});
		first = false;
	}
}

/* ".." must not stand in a SARIF path, since a link would lead it elsewhere: such a path is
 * resolved. */
static json_t *artifact(const char *file)
{
	char *real = goes_up(file) ? realpath(file, NULL) : NULL;
	const char *path = real ? real : file;
	bool absolute = path[0] == '/', input = strcmp(path, "<stdin>") == 0;
	struct dd_buf uri = {0};
	if (absolute)
		dd_buf_str(&uri, "file:///");
	add_segments(path, &uri);
	dd_free(real);
	json_t *o = json_pack("{s:o}", "uri", take_json(&uri));
	if (!absolute && !input)
		json_object_set_new(o, "uriBaseId", json_string("%SRCROOT%"));
	return o;
}

static json_t *region(const struct dd_source *source, struct dd_span span)
{
	struct dd_diag_place place = dd_diag_place(source, span);
	json_t *o = json_pack("{s:i, s:i, s:i, s:i}", "startLine", place.from.line, "startColumn",
	        place.from.column, "endLine", place.to.line, "endColumn", place.to.column);
	size_t n = span.end > span.start ? span.end - span.start : 0;
	if (n && n <= LINE_BYTES_MAX && span.end <= source->text.n)
		json_object_set_new(o, "snippet",
		        json_pack("{s:o}", "text",
		                screened((struct dd_str){source->text.p + span.start, n})));
	return o;
}

static json_t *whole_line(const struct dd_source *source, struct dd_span span)
{
	uint32_t line = dd_source_line_at(source, span.start);
	struct dd_str text = dd_source_line(source, line);
	if (text.n > LINE_BYTES_MAX)
		return NULL;
	return json_pack("{s:i, s:{s:o}}", "startLine", line, "snippet", "text", screened(text));
}

static json_t *location(const char *file, const struct dd_source *source, struct dd_span span)
{
	json_t *physical = json_pack("{s:o}", "artifactLocation", artifact(file));
	if (source) {
		json_t *context = whole_line(source, span);
		json_object_set_new(physical, "region", region(source, span));
		if (context)
			json_object_set_new(physical, "contextRegion", context);
	}
	return json_pack("{s:o}", "physicalLocation", physical);
}

/* -- rules ------------------------------------------------------------------ */

static size_t rule_index(struct sarif *s, const struct dd_diag *d)
{
	size_t i = 0;
	while (i < s->nrules && strcmp(s->rules[i].name, d->code) != 0)
		i++;
	if (i == s->nrules)
		DD_PUSH(s->rules, s->nrules, s->cap) = (struct dd_rule){.name = d->code,
		        .meaning = "Found when the file is read; the message says what to change.",
		        .origin = "the flow language",
		        .severity = d->severity};
	return i;
}

/* "goto-unknown": "GotoUnknown", as the standard wants names. */
static json_t *camel(const char *name)
{
	struct dd_buf out = {0};
	bool first = true;
	for (; *name; name++) {
		if (*name != '-')
			dd_buf_codepoint(&out,
			        first ? dd_upper((unsigned char)*name) : (unsigned char)*name);
		first = *name == '-';
	}
	return take_json(&out);
}

/* What has no title is called by its name. */
static json_t *title(const struct dd_rule *rule)
{
	struct dd_buf out = {0};
	dd_buf_str(&out, rule->title ? rule->title : rule->name);
	for (char *at = out.p; !rule->title && *at; at++)
		*at = *at == '-' ? ' ' : *at;
	return take_json(&out);
}

static json_t *json_help(const struct dd_rule *rule, const char *quote)
{
	struct dd_buf out = {0};
	dd_buf_format(&out, "%s\n\nFrom %s.", rule->meaning, rule->origin);
	if (rule->title)
		dd_buf_format(&out,
		        " %sdrydial check --explain %s%s shows a flow that breaks it and one that "
		        "does not.",
		        quote, rule->name, quote);
	return take_json(&out);
}

static json_t *rule_object(const struct dd_rule *rule)
{
	static const char *const importance[] = {"recommendation", "warning", "error"};
	return json_pack("{s:s, s:o, s:{s:o}, s:{s:s}, s:{s:o, s:o}, s:{s:s}, s:{s:s, s:s, s:[s]}}",
	        "id", rule->name, "name", camel(rule->name), "shortDescription", "text",
	        title(rule), "fullDescription", "text", rule->meaning, "help", "text",
	        json_help(rule, ""), "markdown", json_help(rule, "`"), "defaultConfiguration",
	        "level", dd_severity_name(rule->severity), "properties", "origin", rule->origin,
	        "problem.severity", importance[rule->severity], "tags", "call-flow");
}

/* -- results ---------------------------------------------------------------- */

static uint64_t hashed(uint64_t hash, struct dd_str text) /* FNV-1a, with an end mark */
{
	for (size_t i = 0; i <= text.n; i++)
		hash = (hash ^ (i < text.n ? (unsigned char)text.p[i] : 0xFF)) *
		        UINT64_C(0x100000001B3);
	return hash;
}

/* Of the words of the line, not of its number: what moves stays the same finding. Lines that are
 * alike are told apart by counting. */
static json_t *fingerprint(struct sarif *s, size_t at)
{
	const struct dd_diag *d = &s->report->diags->items[at];
	struct dd_str line = {"", 0};
	size_t before = 0;
	if (d->source)
		line = dd_str_trim(
		        dd_source_line(d->source, dd_source_line_at(d->source, d->span.start)));
	uint64_t hash = hashed(hashed(hashed(UINT64_C(0xCBF29CE484222325), dd_str(d->code)),
	                               dd_str(dd_diag_file(d))),
	        line);
	s->hashes[at] = hash;
	for (size_t i = 0; i < at; i++)
		before += s->hashes[i] == hash;
	struct dd_buf text = {0};
	dd_buf_format(&text, "%016llx:%zu", (unsigned long long)hash, before + 1);
	return json_pack("{s:o}", "drydial/v1", take_json(&text));
}

static json_t *result(struct sarif *s, size_t at)
{
	const struct dd_diag *d = &s->report->diags->items[at];
	json_t *o = json_pack("{s:s, s:I, s:s, s:o, s:[o], s:o}", "ruleId", d->code, "ruleIndex",
	        (json_int_t)rule_index(s, d), "level", dd_severity_name(d->severity), "message",
	        message(d), "locations", location(dd_diag_file(d), d->source, d->span),
	        "partialFingerprints", fingerprint(s, at));
	if (d->other) {
		json_t *other = location(d->other->name, d->other, d->other_span);
		json_object_set_new(other, "id", json_integer(1));
		json_object_set_new(other, "message",
		        json_pack("{s:o}", "text", screened(dd_str(d->other_message))));
		json_object_set_new(o, "relatedLocations", json_pack("[o]", other));
	}
	return o;
}

/* What is left out is said where a reader looks for the state of the run. */
static json_t *invocation(const struct dd_diags *diags)
{
	json_t *o = json_pack("{s:b}", "executionSuccessful", 1);
	if (diags->dropped) {
		struct dd_buf text = {0};
		dd_buf_format(&text, "%zu more findings are left out", diags->dropped);
		json_object_set_new(o, "toolExecutionNotifications",
		        json_pack("[{s:s, s:{s:o}}]", "level", "warning", "message", "text",
		                take_json(&text)));
	}
	return o;
}

void dd_diags_sarif(const struct dd_diags_report *report, struct dd_buf *out)
{
	struct sarif s = {
	        .report = report, .hashes = dd_alloc((report->diags->n + 1) * sizeof *s.hashes)};
	json_t *results = json_array(), *rules = json_array();
	for (size_t i = 0; report->rules && i < report->rules->n; i++)
		DD_PUSH(s.rules, s.nrules, s.cap) = report->rules->list[i];
	for (size_t i = 0; i < report->diags->n; i++)
		json_array_append_new(results, result(&s, i));
	for (size_t i = 0; i < s.nrules; i++)
		json_array_append_new(rules, rule_object(&s.rules[i]));
	json_t *run = json_pack("{s:{s:{s:s, s:s, s:o}}, s:[o], s:{s:{s:{s:s}}}, s:s, s:o}", "tool",
	        "driver", "name", "drydial", "version", DRYDIAL_VERSION, "rules", rules,
	        "invocations", invocation(report->diags), "originalUriBaseIds", "%SRCROOT%",
	        "description", "text", "the folder drydial was run in", "columnKind",
	        "unicodeCodePoints", "results", results);
	dd_json_print(json_pack("{s:s, s:s, s:[o]}", "$schema",
	                      "https://docs.oasis-open.org/sarif/sarif/v2.1.0/"
	                      "errata01/os/schemas/sarif-schema-2.1.0.json",
	                      "version", "2.1.0", "runs", run),
	        JSON_INDENT(2), out);
	dd_free(s.rules);
	dd_free(s.hashes);
}
