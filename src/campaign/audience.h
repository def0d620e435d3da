/* How people are assumed to behave, written down. Every default has a source, or says that it is a
 * guess: dd_audience_explain(). */
#ifndef DD_CAMPAIGN_AUDIENCE_H
#define DD_CAMPAIGN_AUDIENCE_H

#include <drydial/call.h>

#include "doc/diag.h"
#include "base/pcg.h"
#include "flow/program.h"

enum { DD_PERSONAS_MAX = 16, DD_MENUS_MAX = 64 };

/* What is done at a menu: shares of a try. Keys, silence and wrong keys come to 1 at most; what
   they leave of it goes to the menu's keys that are not said, and to all in proportion where there
   are none. */
struct dd_menu_habit {
	const char *step; /* an id, or "line-N"; NULL: every menu that has none of its own */
	double keys[12];  /* 0-9 * #; -1: not said: shared out by what the key is (goal, opt-out,
	                     other) */
	double silence, wrong; /* of a try: no key at all, a key that is not in use */
	dd_ms think; /* from the prompt's end to the key: the mean of an exponential distribution */
};

/* One kind of customer. */
struct dd_persona {
	const char *name; /* "confirmer", "impatient", "never presses", "opts out", or your own */
	double share;
	double hang_up, hang_up_later; /* a second of listening, before and after `later` */
	dd_ms later;                   /* 30 s */
	double goal, opt_out, other; /* how keys are shared out by what they are, when a menu's own
	                                shares do not say */
	struct dd_menu_habit menus[DD_MENUS_MAX]; /* [0] holds where no other does */
	size_t nmenus;
};

/* What comes of ringing somebody whom a flow connects to. */
struct dd_connect_habit {
	bool said;                      /* else the flow's own stub decides */
	double share[DD_PARTIES_COUNT]; /* of answered, busy, no-answer, failed, full: all of them
	                                 */
	dd_ms ring, talk, patience;     /* means of exponential distributions; patience: of whoever
	                                   waits for a free agent */
};

struct dd_audience {
	/* Before anyone listens; shares of all attempts, at an hour of factor 1. */
	double answer[10]; /* of the n-th attempt to one who has not been reached: 0.40, 0.33, 0.25,
	                      0.10, 0.04 … */
	double busy, failed; /* of those who do not answer; the rest lets it ring */
	double machine;      /* of those that are answered: voicemail takes the call */
	double hour[7][24];  /* a factor to `answer`, by weekday (0: Monday) and hour on the
	                        customer's wall */
	double known_caller; /* a factor to `answer` when the caller ID is known (Truecaller and the
	                        like); 1 */
	bool caller_known;
	dd_ms ring_mean, ring_min; /* until an answer: exponential above a least time, cut at the
	                              ring time-out */
	dd_ms busy_after, failed_after;
	double server_error, server_timeout; /* of requests; else the flow's own stub answers */
	struct dd_connect_habit connect;
	struct dd_persona personas[DD_PERSONAS_MAX];
	size_t npersonas; /* at least 1 */
};

/* The defaults: platform figures where there are some. */
struct dd_audience *dd_audience_default(struct dd_arena *arena);
/* Who takes the `attempt`-th call (from 0 on) at an hour of a weekday (0: Monday) on the customer's
   wall; and how long it rings until then, or until the caller gives up. Drawn by chance. */
enum dd_answered_by dd_audience_answers(
        const struct dd_audience *audience, int attempt, int weekday, int hour, struct dd_pcg *rng);
dd_ms dd_audience_ring(const struct dd_audience *audience, enum dd_answered_by by,
        dd_ms ring_timeout, struct dd_pcg *rng);

/* The share of contacts that a person answers within so many attempts, at hours of factor 1;
 * `known`: if the caller's name is shown. */
double dd_audience_reach(const struct dd_audience *audience, int attempts, bool known);

/* A line for each assumption: its value, and where it comes from. */
void dd_audience_explain(const struct dd_audience *audience, struct dd_buf *out);

#endif
