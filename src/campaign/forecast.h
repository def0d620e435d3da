/* What a campaign comes to: counted while it is simulated, printed by campaign/paper_*.c. */
#ifndef DD_CAMPAIGN_FORECAST_H
#define DD_CAMPAIGN_FORECAST_H

#include <drydial/call.h>

#include "base/shard.h"
#include "campaign/dialler.h"

enum { DD_DROP_SECONDS = 121, DD_RUN_HOURS_MAX = 24 * 92 };

/* Attempts with one number. */
struct dd_attempt_tally {
	uint64_t calls, humans, machines, busy, no_answer, failed;
};

/* One menu of the flow, over all calls. */
struct dd_menu_tally {
	uint32_t step;
	uint64_t visits, keys[12], numbers, invalid, silence,
	        tries_used_up; /* keys: taken as its answer */
};

/* An hour of the campaign, counted from `first_hour`. */
struct dd_hour_tally {
	uint64_t calls, humans;
	uint64_t busy_ms; /* summed over lines in use: divided by 3,600,000 the mean number of calls
	                     at once */
	uint32_t peak;
};

/* Of calls that are connected, where the campaign says how many agents there are. All of them add
   up. */
struct dd_agents_tally {
	uint64_t wanted; /* ringings */
	uint64_t talks, busy, no_answer, failed;
	uint64_t waited, abandoned, timed_out; /* no agent was free; of those: hung up; the flow
	                                          went on without one */
	uint64_t wait_ms, busy_ms;             /* summed; busy: ringing and talking */
};

struct dd_forecast {
	const struct dd_campaign *campaign;
	uint64_t contacts, dialled; /* `dialled`: called at least once. A list that recurs counts
	                               each contact once a turn, here and below */
	uint64_t ends[DD_CONTACT_ENDS_COUNT];
	uint64_t calls;
	struct dd_attempt_tally attempts[DD_ATTEMPTS_MAX]; /* [0]: the first attempt */
	/* Contacts, each counted once: the five metrics are these over `dialled`. */
	uint64_t answered, completed, responded, acted,
	        opted_out; /* by a person; heard the message to its end; pressed a key; reached the
	                      goal; opted out */
	uint64_t machine_only; /* contacts of whom only voicemail ever answered */
	/* Calls of people. */
	uint64_t call_ms, ring_ms; /* summed */
	uint64_t hung_up, dropped, time_limited;
	uint64_t *drop_step; /* of each step: customers who hung up there; and one more: anywhere */
	uint64_t drop_second[DD_DROP_SECONDS]; /* hung up after so many seconds; the last: later */
	uint64_t still_there[DD_DROP_SECONDS]; /* people still listening after so many seconds */
	struct dd_menu_tally *menus;
	size_t nmenus;
	uint64_t sms_unanswered; /* messages to contacts whom no call has reached */
	uint64_t sms, requests,
	        errors; /* queued; sent to servers; answered by an error or not at all */
	struct dd_agents_tally agents;
	dd_ms agents_longest_wait;
	/* Time. */
	int64_t first_call,
	        last_end;   /* unix ms; last_end: when the last line was free again; 0: no call */
	int64_t first_hour; /* unix ms of hours[0], a whole hour on the campaign's wall */
	struct dd_hour_tally *hours;
	size_t nhours;
	uint64_t heat_calls[7][24],
	        heat_humans[7][24]; /* by weekday and hour on the customer's wall */
	uint32_t peak;              /* calls at once */
	double mean;                /* calls at once while the campaign may call */
	int64_t open_ms;            /* of [first_call, last_end) in which it may call */
	bool finished, interrupted; /* every contact has ended, or Ctrl-C */
	/* Calls held back, by what: each is counted once for each time that it was. */
	uint64_t held_hours, held_cap, held_gap, held_law;
	/* What kept contacts waiting, in ms summed over them: the bottleneck is the largest. */
	int64_t waited_concurrency, waited_throttle, waited_retry, waited_window;
	uint64_t charged, pulses; /* calls that were answered; pulses begun in them */
	double cost;              /* dd_forecast_price() of these */
	/* Of a shard, for those who join it with the others. */
	struct dd_shard shard; /* of 0: the whole */
	uint64_t whole;        /* a digest of what all shards have in common */
	int64_t open_before_first, open_before_last; /* ms in which it may call, from its start
	                                                until the first call, until the last end */
};
/* Worked out of counters, so that the sum of shards is exact. */
double dd_forecast_price(const struct dd_forecast *forecast);
void dd_forecast_free(struct dd_forecast *forecast); /* NULL is fine */

/* One call, as it happens; borrowed for the call. */
struct dd_simulated_call {
	const struct dd_campaign *campaign;
	uint32_t person; /* into the campaign's people */
	int attempt;     /* 1 … */
	int64_t placed;  /* unix ms */
	dd_ms ringing, lasted;
	enum dd_answered_by answered_by;
	enum dd_ended_by ended_by;
	bool goal, opted_out, heard_message;
	const char *digits;             /* what was pressed, menus joined with commas */
	uint64_t seed;                  /* of its chance */
	const char *presses, *replies;  /* the arguments of drydial call that repeat it:
	                                   "3600:1,9100:h" and "account=error" */
	unsigned sms, requests, errors; /* queued; sent to servers; answered by an error or not at
	                                   all */
};

struct dd_simulate_options {
	const dd_ms *const *prompt_ms; /* of each campaign, of each prompt of its program:
	                                  dd_check_prompt_lengths() */
	uint64_t seed;                 /* added to each campaign's own */
	struct dd_shard
	        shard; /* of the contacts, with that share of the calls at once and a minute: so all
	                  shards together keep the limits. With one campaign only */
	void *self;
	void (*call)(void *self, const struct dd_simulated_call *call); /* NULL: nobody asks */
	bool (*go_on)(void *self,
	        const struct dd_forecast *so_far); /* asked every now and then; false: stop, and
	                                              mark it interrupted; NULL: go on */
};
/* Several campaigns share their numbers' caps and opt-outs (one dialler each): `n` forecasts, from
 * malloc, in their order. */
struct dd_forecast **dd_simulate(const struct dd_campaign *const *campaigns, size_t n,
        const struct dd_simulate_options *options, struct dd_error *err);

#endif
