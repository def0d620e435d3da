/* One shard's figures, read again. */
#ifndef DD_CAMPAIGN_SHARD_READ_H
#define DD_CAMPAIGN_SHARD_READ_H

#include "campaign/sharding.h"
#include "report/shards.h"

/* As much of a campaign, and of its flow, as reports speak of. In `arena`, but for its zone, which
 * dd_zone_free() gives back. */
struct dd_campaign *shard_campaign(
        struct dd_json_reader *r, const struct dd_shard_result *s, struct dd_arena *arena);
/* Into a fresh forecast of that campaign. What contradicts itself is a fault. */
void shard_read(struct dd_json_reader *r, const struct dd_shard_result *s, struct dd_forecast *out);

#endif
