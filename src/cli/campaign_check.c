/* drydial campaign check: what would break before any call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "campaign/rules.h"
#include "cli/campaign.h"
#include "cli/findings.h"

int dd_campaign_check_all(const struct campaign_options *o, struct campaigns *c)
{
	struct dd_rule_choices choices = {.n = 0};
	const struct dd_findings_format *format = dd_findings_format(o->format);
	const char *files[CAMPAIGNS_MAX];
	struct dd_buf out = {0};
	int code = format ? EXIT_FINE : EXIT_USAGE;
	for (size_t i = 0; code == EXIT_FINE && i < o->nrules; i++)
		code = dd_cli_choose_rule(&DD_CAMPAIGN_RULES, o->rules[i], &choices);
	if (code != EXIT_FINE)
		return code;
	struct dd_campaign_check_options co = {.choices = choices.list, .nchoices = choices.n};
	for (size_t i = 0; i < c->n; i++) {
		files[i] = c->list[i]->path;
		co.prompt_ms = c->lengths[i];
		dd_campaign_check(c->list[i], &co, &c->diags);
	}
	dd_diags_sort(&c->diags);
	struct dd_diags_report report = {&c->diags, files, c->n, &DD_CAMPAIGN_RULES, o->strict};
	dd_findings_print(
	        format, &report, "campaign", dd_style_of(o->format, o->no_colour).colour, &out);
	dd_print(&out);
	dd_buf_free(&out);
	struct dd_findings_tally t = dd_findings_tallied(&c->diags);
	return t.errors || (o->strict && t.warnings) ? EXIT_FAILED : EXIT_FINE;
}
