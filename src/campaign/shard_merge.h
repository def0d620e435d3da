/* Shards of a campaign, joined.

   Exact are all counters of contacts and of calls (who answers, what is pressed, how long it lasts,
   what it costs), wherever a call does not depend on when the dialler gets to it: an audience that
   answers alike at all hours, and a campaign that comes to its end with nobody pending or capped.
   Each contact's chance is drawn from its place in the whole list, so it is the same in a shard.

   Not exact is time: N diallers with an N-th of the limits each are not one dialler. First call,
   end, hours, heat and what was waited for are those of N diallers side by side; calls at once are
   added up, which is the most that can have been at once. */
#ifndef DD_CAMPAIGN_SHARD_MERGE_H
#define DD_CAMPAIGN_SHARD_MERGE_H

#include "campaign/forecast.h"
#include "report/shards.h"

/* The forecast of the whole. NULL after an error. Borrows texts from the results. */
struct dd_forecast *dd_forecast_merge(const struct dd_shard_results *results, struct dd_error *err);
/* With the campaign that was made for it. */
void dd_forecast_merged_free(struct dd_forecast *forecast); /* NULL is fine */

#endif
