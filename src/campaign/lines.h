/* What each number has had, over all campaigns and single calls: calls by day, and whether it opted
   out. A line is an index: of a number that was seen, in the order in which they were. */
#ifndef DD_CAMPAIGN_LINES_H
#define DD_CAMPAIGN_LINES_H

#include <stdbool.h>
#include <stdint.h>

struct dd_number_past {
	int32_t day;       /* of by_day[0]: days since 1970, on the wall on which the cap counts */
	uint8_t by_day[7]; /* by_day[i]: calls i days before `day` */
	uint8_t opted_out;
};

/* Zero-initialise. Either dd_lines_reserve() says once how many there are, and numbers are not
 * looked up: that is all that a list without twins needs. Or dd_lines_of() finds each. */
struct dd_lines {
	struct dd_number_past *list;
	uint32_t n, cap;
	uint64_t *numbers; /* of each line */
	/* Of each line its last call: when it ended, or began while it goes on, and for whom. None
	 * of them after dd_lines_reserve(): there is one campaign then. */
	struct dd_last_call {
		int64_t at; /* ms since 1970 UTC; 0: there was none */
		uint64_t owner;
	} * last;
	uint32_t *slots; /* an open table of 1 + line */
	uint64_t nslots;
};
void dd_lines_reserve(struct dd_lines *lines, uint32_t n);
/* The line of `number`, which is a new one where it was not seen before. */
uint32_t dd_lines_of(struct dd_lines *lines, uint64_t number);
#define DD_NO_LINE UINT32_MAX
/* The line of a number that was seen before, or DD_NO_LINE. */
uint32_t dd_lines_find(const struct dd_lines *lines, uint64_t number);
void dd_lines_fini(struct dd_lines *lines);

void dd_lines_called(struct dd_lines *lines, uint32_t line, int64_t day);
/* A call began or ended at `at`, of `owner` (a campaign). */
void dd_lines_rang(struct dd_lines *lines, uint32_t line, int64_t at, uint64_t owner);
/* When the line's last call is `gap` ms ago, where that was another owner's; 0: at once. */
int64_t dd_lines_rested(const struct dd_lines *lines, uint32_t line, int64_t gap, uint64_t owner);
/* Calls on `day`, and (NULL: nobody asks) in the seven days that end with it. */
void dd_lines_count(
        const struct dd_lines *lines, uint32_t line, int64_t day, int *today, int *week);
/* The first day after `day` on which one more call keeps both caps; 0: no cap. */
int64_t dd_lines_free_day(
        const struct dd_lines *lines, uint32_t line, int64_t day, int per_day, int per_week);
void dd_lines_opt_out(struct dd_lines *lines, uint32_t line);
bool dd_lines_opted_out(const struct dd_lines *lines, uint32_t line);

#endif
