/* drydial campaign merge: results of --shard, joined. */
#include <stdio.h>
#include <string.h>

#include "campaign/shard_merge.h"
#include "check/contacts_shards.h"
#include "cli/campaign.h"

static int print_list(const struct campaign_options *o, const struct dd_contacts_merged *m)
{
	struct dd_buf out = {0};
	bool json = strcmp(o->format, "json") == 0,
	     colour = dd_style_of(o->format, o->no_colour).colour;
	dd_buf_str(&out, json ? "{\"findings\": [" : "");
	for (size_t i = 0; i < m->nfindings; i++) {
		if (json)
			dd_buf_str(&out, i ? ",\n" : "\n");
		if (json)
			dd_contacts_finding_json(&m->findings[i], &out);
		else
			dd_contacts_finding_text(&m->findings[i], m->list, colour, &out);
	}
	if (json)
		dd_buf_str(&out, m->nfindings ? "\n],\n" : "],\n");
	if (json)
		dd_contacts_json(m->contacts, m->list, &out);
	else
		dd_contacts_text(m->contacts, m->list, colour, &out);
	dd_print(&out);
	dd_buf_free(&out);
	return m->contacts->tally.errors || (o->strict && m->contacts->tally.warnings) ? EXIT_FAILED
	                                                                               : EXIT_FINE;
}

static int merge_list(const struct campaign_options *o, const struct dd_shard_results *results,
        struct dd_error *err)
{
	struct dd_contacts_merged m;
	int code = EXIT_USAGE;
	if (strcmp(o->format, "text") != 0 && strcmp(o->format, "json") != 0)
		return dd_usage_error(
		        "a list of contacts is told as text or json, not %s", o->format);
	if (dd_contacts_merge(results, &m, err) == DD_OK)
		code = print_list(o, &m);
	else
		code = dd_usage_error("%s", err->text);
	dd_contacts_merged_fini(&m);
	return code;
}

static int merge_campaign(const struct campaign_options *o, const struct dd_shard_results *results,
        struct dd_error *err)
{
	struct dd_forecast *f = dd_forecast_merge(results, err);
	if (!f)
		return dd_usage_error("%s", err->text);
	const struct dd_forecast *list[] = {f};
	dd_campaign_print(o, list, 1);
	int code = dd_campaign_judge(o, list, 1);
	if (results->n > 1)
		fprintf(stderr,
		        "drydial: times are those of %zu diallers side by side, "
		        "calls at once the most there can have been\n",
		        results->n);
	dd_forecast_merged_free(f);
	return code;
}

int dd_campaign_merge(const struct campaign_options *options, char **files, int n)
{
	struct campaign_options o = *options;
	struct dd_shard_results results;
	struct dd_error err = {""};
	int code;
	o.columns = dd_style_of(o.format, o.no_colour).columns;
	if (o.shard.of || o.runs || o.what_if || o.calls)
		return dd_usage_error("campaign merge joins results: leave --%s to the runs",
		        o.shard.of          ? "shard"
		                : o.runs    ? "runs"
		                : o.what_if ? "what-if"
		                            : "calls");
	if (dd_shards_read(files, (size_t)n, &results, &err) != DD_OK)
		code = dd_usage_error("%s", err.text);
	else
		code = results.list[0].is_list ? merge_list(&o, &results, &err)
		                               : merge_campaign(&o, &results, &err);
	dd_shards_fini(&results);
	return code;
}
