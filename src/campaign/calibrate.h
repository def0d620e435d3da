/* An audience fitted to what really happened: a log of calls, as drydial writes it (--calls) or the
 * platform exports it. */
#ifndef DD_CAMPAIGN_CALIBRATE_H
#define DD_CAMPAIGN_CALIBRATE_H

#include "campaign/campaign.h"

/* A figure with the interval in which the truth lies nineteen times of twenty; n: what it was
 * counted from; 0: the log does not tell. */
struct dd_fitted {
	double value, low, high;
	uint64_t n;
};

/* A share: `k` of `n` (Wilson's interval, at 95 %). */
struct dd_fitted dd_fitted_share(double k, double n);

struct dd_calibration {
	uint64_t rows, used, bad;    /* lines of the log; understood; not */
	uint64_t first_bad;          /* its line; 0: none */
	struct dd_fitted answer[10]; /* by attempt, at an hour of factor 1 */
	struct dd_fitted busy, failed, machine;
	struct dd_fitted hour[7][24];            /* factors */
	struct dd_fitted ring_mean, ring_min;    /* ms */
	struct dd_fitted hang_up, hang_up_later; /* a second, before and after `later` */
	dd_ms later;
	/* The first menu of the flow, from the first answer of each call; none without a flow. */
	struct dd_fitted keys[12], silence, wrong;
	uint32_t menu; /* its step; DD_NONE */
	/* How well it fits: answers by hour and attempt against the fitted figures. p: how often
	 * chance alone would be further off. */
	double chi2, p;
	uint32_t degrees;
};

/* Reads the log `fd`. `program` (may be NULL) gives the meaning of keys. `zone`: in which hours are
   counted; NULL: IST. DD_ERR_FORMAT for a log without the columns that are needed; `err` says
   which. */
enum dd_status dd_calibrate(int fd, const struct dd_program *program, const struct dd_zone *zone,
        struct dd_calibration *out, struct dd_error *err);
/* As an audience file, each figure with its interval. */
void dd_calibration_yaml(const struct dd_calibration *calibration, const struct dd_program *program,
        struct dd_buf *out);

#endif
