/* What each number has had, over all campaigns: calls by day, and whether it opted out. */
#ifndef DD_CAMPAIGN_LINES_H
#define DD_CAMPAIGN_LINES_H

#include "base/heap.h"
#include "campaign/campaign.h"

struct dd_number_past {
	int32_t day;       /* of by_day[0]: days since 1970 on the customer's wall */
	uint8_t by_day[7]; /* by_day[i]: calls i days before `day` */
	uint8_t opted_out;
};
struct dd_lines {
	struct dd_number_past *list;
	uint32_t n;
};

/* `line_of[i]` becomes, from malloc, the line of each person of campaign i; NULL where that is the
 * person's own index. */
struct dd_lines *dd_lines_new(
        const struct dd_campaign *const *campaigns, size_t n, uint32_t **line_of);
void dd_lines_free(struct dd_lines *lines);
void dd_lines_called(struct dd_lines *lines, uint32_t line, int64_t day);
/* Calls on `day`, and in the seven days that end with it. */
void dd_lines_count(
        const struct dd_lines *lines, uint32_t line, int64_t day, int *today, int *week);
void dd_lines_opt_out(struct dd_lines *lines, uint32_t line);
bool dd_lines_opted_out(const struct dd_lines *lines, uint32_t line);

#endif
