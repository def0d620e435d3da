/* Whether, and when, a number is called again. */
#ifndef DD_CAMPAIGN_RETRY_H
#define DD_CAMPAIGN_RETRY_H

#include "campaign/campaign.h"

/* After `attempts` calls (from 1 on) the last of which ended `how` (DD_RETRY_BUSY and so on; 0:
   somebody took it). A number that cannot be reached is tried once more at the most:
   `failed_before` says that an earlier one had failed. */
bool dd_retry_again(
        const struct dd_campaign *campaign, int attempts, unsigned how, bool failed_before);
/* When, if the last call ended at `unix_ms`; the calendar is still to be asked. */
int64_t dd_retry_due(const struct dd_campaign *campaign, int attempts, int64_t unix_ms);

#endif
