/* The rules for machines: drydial check --explain RULE --format json. */
#include "check/check.h"
#include "cli/cli.h"
#include "report/diags.h"
#include "report/json.h"

/* Durations in milliseconds, as everywhere in our JSON; words have no default; the rest are plain
 * numbers. */
static json_t *settings(const struct dd_rule *r)
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

static json_t *rule(const struct dd_rule *r)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:s, s:s}", "name", r->name, "severity",
	        dd_severity_name(r->severity), "title", r->title, "meaning", r->meaning, "origin",
	        r->origin, "settings", settings(r), "bad", r->bad, "good", r->good);
}

void dd_cli_rules_json(const struct dd_rule *only, struct dd_buf *out)
{
	json_t *list = json_array();
	for (size_t i = 0; i < DD_NRULES; i++)
		if (!only || &DD_RULES[i] == only)
			json_array_append_new(list, rule(&DD_RULES[i]));
	dd_json_print(json_pack("{s:o}", "rules", list), JSON_INDENT(2), out);
}
