/* What the rules mean, for people and for machines, and --rule, for all commands that have rules.
 */
#include <stdlib.h>
#include <string.h>

#include "check/fix.h"
#include "cli/cli.h"
#include "cli/findings.h"
#include "report/json.h"

static int no_such_rule(const struct dd_rules *rules, const char *option, struct dd_str name)
{
	const char *near = dd_rule_near(rules, name);
	return dd_usage_error("--%s %.*s: there is no such rule%s%s%s", option, (int)name.n, name.p,
	        near ? "; did you mean \"" : "", near ? near : "",
	        near ? "\"?" : "; --explain all lists them");
}

int dd_cli_choose_rule(const struct dd_rules *rules, const char *value, struct dd_rule_choices *out)
{
	const char *equals = strchr(value, '=');
	struct dd_str name = {value, equals ? (size_t)(equals - value) : strlen(value)};
	const struct dd_rule *rule = dd_rule_named(rules, name);
	int severity = equals ? dd_rule_severity(dd_str(equals + 1)) : -2;
	if (!rule)
		return no_such_rule(rules, "rule", name);
	if (severity < -1)
		return dd_usage_error("--rule %s: write NAME=off, note, warning or error", value);
	if (out->n == DD_CHOICES_MAX)
		return dd_usage_error("--rule: at most %d", DD_CHOICES_MAX);
	out->list[out->n++] = (struct dd_rule_choice){rule, severity};
	return EXIT_FINE;
}

/* -- for people ------------------------------------------------------------- */

static void indent_file(const char *text, struct dd_buf *out)
{
	dd_buf_str(out, "```yaml\n");
	dd_buf_str(out, text);
	dd_buf_str(out, "```\n\n");
}

/* As Markdown, of which flows/RULES.md is made. */
static void explain_rule(const struct dd_rule *r, struct dd_buf *out)
{
	dd_buf_format(out, "## %s\n\n%s: %s. %s\n\nFrom %s.", r->name,
	        dd_severity_name(r->severity), r->title, r->meaning, r->origin);
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX && r->settings[i].name; i++) {
		dd_buf_format(out, " `checks: { %s: { %s: ", r->name, r->settings[i].name);
		if (r->settings[i].kind == DD_SET_MS)
			dd_buf_format(out, "%lds } }`.", r->settings[i].value / 1000);
		else if (r->settings[i].kind == DD_SET_WORDS)
			dd_buf_str(out, "\"…, …\" } }`.");
		else
			dd_buf_format(out, "%ld } }`.", r->settings[i].value);
	}
	dd_buf_str(out,
	        dd_fix_knows(r->name) ? "\n\nRepaired by --fix.\n\nBreaks it:\n\n"
	                              : "\n\nBreaks it:\n\n");
	indent_file(r->bad, out);
	dd_buf_str(out, "Does not:\n\n");
	indent_file(r->good, out);
}

static void explain_as_text(
        const struct dd_rules *rules, const struct dd_rule *only, struct dd_buf *out)
{
	bool flows = rules == &DD_FLOW_RULES;
	if (!only)
		dd_buf_format(out,
		        "# The rules of drydial %s\n\n"
		        "Made with `drydial %s --explain all`. A %s's `checks:`, "
		        "`--rule NAME=off|note|warning|error` and a "
		        "comment\n`# drydial: allow NAME` at the line, or the line above, "
		        "change what they say.\n\n",
		        rules->command, rules->command, flows ? "flow" : "campaign");
	for (size_t i = 0; i < rules->n; i++)
		if (!only || &rules->list[i] == only)
			explain_rule(&rules->list[i], out);
}

/* -- for machines ----------------------------------------------------------- */

/* Durations in milliseconds, as everywhere in our JSON; words have no default; the rest are plain
 * numbers. */
static json_t *settings_json(const struct dd_rule *r)
{
	static const char *const units[] = {
	        [DD_SET_NUMBER] = "count", [DD_SET_MS] = "ms", [DD_SET_WORDS] = "words"};
	json_t *list = json_array();
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX && r->settings[i].name; i++) {
		const struct dd_rule_setting *s = &r->settings[i];
		json_t *value =
		        s->kind == DD_SET_WORDS ? json_null() : json_integer((json_int_t)s->value);
		json_array_append_new(list,
		        json_pack("{s:s, s:o, s:s}", "name", s->name, "default", value, "unit",
		                units[s->kind]));
	}
	return list;
}

static json_t *rule_json(const struct dd_rule *r)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "name", r->name, "severity",
	        dd_severity_name(r->severity), "title", r->title, "meaning", r->meaning, "origin",
	        r->origin, "settings", settings_json(r), "bad", r->bad, "good", r->good);
}

static void explain_as_json(
        const struct dd_rules *rules, const struct dd_rule *only, struct dd_buf *out)
{
	json_t *list = json_array();
	for (size_t i = 0; i < rules->n; i++)
		if (!only || &rules->list[i] == only)
			json_array_append_new(list, rule_json(&rules->list[i]));
	dd_json_print(json_pack("{s:o}", "rules", list), JSON_INDENT(2), out);
}

int dd_cli_explain(const struct dd_rules *rules, const char *name, const char *format)
{
	struct dd_buf out = {0};
	const struct dd_rule *rule = dd_rule_named(rules, dd_str(name));
	if (!rule && strcmp(name, "all") != 0)
		return no_such_rule(rules, "explain", dd_str(name));
	if (strcmp(format, "json") == 0)
		explain_as_json(rules, rule, &out);
	else if (strcmp(format, "text") == 0)
		explain_as_text(rules, rule, &out);
	else
		return dd_usage_error("--explain is text or json, not %s", format);
	dd_print(&out);
	dd_buf_free(&out);
	return EXIT_FINE;
}
