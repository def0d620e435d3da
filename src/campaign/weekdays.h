/* Days of the week as files say them. */
#ifndef DD_CAMPAIGN_WEEKDAYS_H
#define DD_CAMPAIGN_WEEKDAYS_H

#include "campaign/calendar.h"
#include "doc/read.h"

/* "mon", "mon-fri", "sat-mon", "all": a set of weekdays; 0 for another text. */
uint8_t load_days_of(struct dd_str text);
/* One of those, or a list of them; what does not fit is reported. */
uint8_t load_days(struct dd_reader *r, const struct dd_node *node);

#endif
