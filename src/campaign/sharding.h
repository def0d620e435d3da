/* Shards of a campaign: what is printed of one, and how they are joined. What adds up is listed
 * once (shard_spans.c), for writing, reading and adding. */
#ifndef DD_CAMPAIGN_SHARDING_H
#define DD_CAMPAIGN_SHARDING_H

#include "campaign/forecast.h"
#include "report/json.h"

/* Counters that stand side by side. */
struct shard_span {
	const char *name;
	uint64_t *p;
	size_t n;
};
enum {
	SHARD_SPANS = 40,
	SHARD_MENU_COUNTERS = sizeof(struct dd_menu_tally) / sizeof(uint64_t) - 1
};
size_t shard_spans(struct dd_forecast *f, struct shard_span out[SHARD_SPANS]);
/* Of a menu: visits and what follows. */
uint64_t *shard_menu(struct dd_menu_tally *menu);

/* Of all that shards must have in common: the file, the flow as it sounds, the people, the
 * audience, the law, the seed. */
uint64_t shard_digest(const struct dd_campaign *campaign, const dd_ms *prompt_ms, uint64_t seed);
/* Zeroed, with room for all steps and menus of the campaign's flow. */
struct dd_forecast *shard_forecast_new(const struct dd_campaign *campaign);

#endif
