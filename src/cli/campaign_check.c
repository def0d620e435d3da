/* drydial campaign check: what would break before any call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "campaign/rules.h"
#include "cli/campaign.h"
#include "cli/findings.h"

enum { CHOICES_MAX = 64 };

static int no_such_rule(const char *option, struct dd_str name)
{
	const char **names = dd_alloc(DD_NCAMPAIGN_RULES * sizeof *names);
	for (size_t i = 0; i < DD_NCAMPAIGN_RULES; i++)
		names[i] = DD_CAMPAIGN_RULES[i].name;
	const char *near = dd_nearest(name, names, DD_NCAMPAIGN_RULES);
	free(names);
	return dd_usage_error("--%s %.*s: there is no such rule%s%s%s", option, (int)name.n, name.p,
	        near ? "; did you mean \"" : "", near ? near : "",
	        near ? "\"?" : "; campaign check --explain all lists them");
}

/* "NAME=off", from the options as they came. */
static int choose(
        const struct campaign_options *o, struct dd_campaign_rule_choice *choices, size_t *n)
{
	static const char *const severities[] = {"off", "note", "warning", "error"};
	for (size_t i = 0; i < o->nrules; i++) {
		const char *equals = strchr(o->rules[i], '=');
		struct dd_str name = {
		        o->rules[i], equals ? (size_t)(equals - o->rules[i]) : strlen(o->rules[i])};
		const struct dd_campaign_rule *rule = dd_campaign_rule_named(name);
		int severity = 0;
		if (!rule)
			return no_such_rule("rule", name);
		while (equals && severity < 4 && strcmp(equals + 1, severities[severity]) != 0)
			severity++;
		if (!equals || severity == 4)
			return dd_usage_error(
			        "--rule %s: write NAME=off, note, warning or error", o->rules[i]);
		choices[(*n)++] = (struct dd_campaign_rule_choice){rule, severity - 1};
	}
	return EXIT_FINE;
}

int dd_campaign_explain(const char *name)
{
	struct dd_buf out = {0};
	bool all = strcmp(name, "all") == 0, any = false;
	for (size_t i = 0; i < DD_NCAMPAIGN_RULES; i++) {
		const struct dd_campaign_rule *r = &DD_CAMPAIGN_RULES[i];
		if (!all && strcmp(name, r->name) != 0)
			continue;
		dd_buf_format(&out, "%s## %s\n\n%s: %s. %s\n\nFrom %s.\n", any ? "\n" : "", r->name,
		        dd_severity_name(r->severity), r->title, r->meaning, r->origin);
		any = true;
	}
	dd_print(&out);
	dd_buf_free(&out);
	return any ? EXIT_FINE : no_such_rule("explain", dd_str(name));
}

int dd_campaign_check_all(const struct campaign_options *o, struct campaigns *c)
{
	struct dd_campaign_rule_choice choices[CHOICES_MAX];
	struct dd_campaign_check_options co = {.choices = choices};
	const struct dd_findings_format *format = dd_findings_format(o->format);
	const char *files[CAMPAIGNS_MAX];
	struct dd_buf out = {0};
	int code = format ? choose(o, choices, &co.nchoices) : EXIT_USAGE;
	if (code != EXIT_FINE)
		return code;
	for (size_t i = 0; i < c->n; i++) {
		files[i] = c->list[i]->path;
		co.prompt_ms = c->lengths[i];
		dd_campaign_check(c->list[i], &co, &c->diags);
	}
	struct dd_rule_about *about = dd_alloc(DD_NCAMPAIGN_RULES * sizeof *about);
	for (size_t i = 0; i < DD_NCAMPAIGN_RULES; i++) {
		const struct dd_campaign_rule *r = &DD_CAMPAIGN_RULES[i];
		about[i] = (struct dd_rule_about){
		        r->name, r->title, r->meaning, r->origin, r->severity};
	}
	dd_diags_sort(&c->diags);
	struct dd_diags_report report = {
	        &c->diags, files, c->n, about, DD_NCAMPAIGN_RULES, o->strict};
	dd_findings_print(
	        format, &report, "campaign", dd_style_of(o->format, o->no_colour).colour, &out);
	dd_print(&out);
	dd_buf_free(&out);
	free(about);
	struct dd_findings_tally t = dd_findings_count(&c->diags);
	return t.errors || (o->strict && t.warnings) ? EXIT_FAILED : EXIT_FINE;
}
