/* After a campaign: what its log of calls comes to, beside the targets and beside what was
 * forecast. */
#ifndef DD_CAMPAIGN_REVIEW_H
#define DD_CAMPAIGN_REVIEW_H

#include "campaign/calibrate.h"
#include "campaign/forecast.h"

enum { DD_REVIEW_METRICS = 5 }; /* in the order of the source's: delivery … opt_out */

struct dd_review {
	uint64_t rows, bad, first_bad; /* lines; not understood; the line of the first of them */
	uint64_t calls, contacts;      /* distinct numbers */
	/* Of the contacts, each counted once, as in a forecast; `n` 0: the log does not tell. */
	struct dd_fitted metrics[DD_REVIEW_METRICS];
};

/* Reads the log `fd`. `home`: whose numbers need no calling code (NULL: none's). `program` says
   which keys are the goal and the opt-out of the first menu, where the log has no columns for them;
   NULL: nothing is known of keys. DD_ERR_FORMAT: it is no log. */
enum dd_status dd_review(int fd, const struct dd_program *program, const struct dd_numbering *home,
        struct dd_review *out, struct dd_error *err);
/* The flow's first menu without digits to type, by its step; DD_NONE: there is none. */
uint32_t dd_first_menu(const struct dd_program *program);

#endif
