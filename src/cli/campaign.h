/* What the files of drydial campaign share. */
#ifndef DD_CLI_CAMPAIGN_H
#define DD_CLI_CAMPAIGN_H

#include "cli/app.h"
#include "campaign/forecast.h"
#include "campaign/paper.h"
#include "cli/cli.h"

enum { CAMPAIGNS_MAX = 16 };

struct campaign_options {
	struct dd_campaign_choices choices;
	const char *against; /* of review: the campaign's file */
	const char *format, *calls, *what_if, *record, *save, *number, *explain;
	const char *rules[64]; /* of check: NAME=SEVERITY */
	size_t nrules;
	struct dd_forecast_floor floors[8];
	size_t nfloors;
	int64_t deadline;
	uint32_t runs;
	bool no_colour, worst, strict, assumptions;
	unsigned columns;
	struct dd_shard shard;
};

/* Campaigns that have been loaded, with the lengths of their prompts. */
struct campaigns {
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_cli_voice voice;
	struct dd_campaign *list[CAMPAIGNS_MAX];
	const dd_ms *lengths[CAMPAIGNS_MAX];
	size_t n;
	struct dd_cli_app *apps[CAMPAIGNS_MAX]; /* that were crawled; the programs lie in them */
	size_t napps;
};

typedef void (*campaign_call_fn)(void *self, const struct dd_simulated_call *call);
/* Everything that is simulated goes through here: progress on a terminal, Ctrl-C stops it. NULL
 * after a message. */
struct dd_forecast **dd_campaign_run(const struct dd_campaign *const *list,
        const dd_ms *const *lengths, size_t n, uint64_t seed, struct dd_shard shard,
        campaign_call_fn call, void *self, bool *interrupted);
/* EXIT_FAILED after a line for each forecast that falls short of what --fail-under asks for, and
 * for one whose list has nobody who may be called. */
int dd_campaign_judge(const struct campaign_options *options,
        const struct dd_forecast *const *forecasts, size_t n);
void dd_campaign_print(const struct campaign_options *options,
        const struct dd_forecast *const *forecasts, size_t n);

/* --calls FILE.csv or FILE.db. */
struct campaign_calls;
struct campaign_calls *dd_campaign_calls_open(const char *path, struct dd_error *err);
void dd_campaign_calls_add(void *calls, const struct dd_simulated_call *call);
enum dd_status dd_campaign_calls_close(struct campaign_calls *calls, struct dd_error *err);

/* The log of a campaign beside its targets and its forecast; `campaigns` is the one of --against.
 */
int dd_campaign_review(
        const struct campaign_options *options, const char *log, struct campaigns *campaigns);
int dd_campaign_runs(const struct campaign_options *options, const struct campaigns *campaigns);
int dd_campaign_what_if(const struct campaign_options *options, const struct campaigns *campaigns);
int dd_campaign_check_all(const struct campaign_options *options, struct campaigns *campaigns);
/* An audience file on stdout, fitted to a log of calls. */
int dd_campaign_calibrate(const struct campaign_options *options, char **files, int n);
/* Results of --shard, of a campaign or of a list of contacts, become that of the whole. */
int dd_campaign_merge(const struct campaign_options *options, char **files, int n);
int dd_campaign_sample(const struct campaign_options *options, const struct campaigns *campaigns);

#endif
