/* One simulated customer in one call of the flow: the call machine itself, driven by chance. */
#ifndef DD_CAMPAIGN_CUSTOMER_H
#define DD_CAMPAIGN_CUSTOMER_H

#include "base/pcg.h"
#include "campaign/forecast.h"

/* What every call of a campaign goes by; made once. Borrows the campaign and the lengths. */
struct dd_crowd;
struct dd_crowd *dd_crowd_new(const struct dd_campaign *campaign, const dd_ms *prompt_ms);
void dd_crowd_free(struct dd_crowd *crowd); /* NULL is fine */

/* How a call went. */
struct dd_talk {
	dd_ms lasted;
	enum dd_ended_by ended_by;
	bool goal, opted_out, heard_message, responded;
	uint32_t step; /* where it ended */
	uint32_t sms, requests, errors;
	/* Only where the crowd was told to keep them: what was pressed, menus joined with commas;
	 * and the call as arguments of drydial call. */
	char digits[128];
	char presses[256]; /* "3600:1,9100:h" */
	char replies[256]; /* "account=error": what servers answered, where it was not the flow's
	                      own stub */
};
/* A call that is answered by a person, or by a machine, which listens and presses nothing. Menus
 * are counted in `forecast`. */
void dd_crowd_talk(struct dd_crowd *crowd, struct dd_pcg *rng, bool machine, bool keep_digits,
        struct dd_forecast *forecast, struct dd_talk *out);

/* The same of a call that may have to wait for an agent: it stands still then, until somebody says
   what comes of it. */
struct dd_talking;
struct dd_talking *dd_talk_new(struct dd_crowd *crowd, const struct dd_pcg *rng, bool machine,
        bool keep_digits, struct dd_forecast *forecast);
/* Goes on until it is over (false), or wants an agent (true) from dd_talk_now() on. */
bool dd_talk_go_on(struct dd_talking *talking);
dd_ms dd_talk_now(const struct dd_talking *talking);
/* No agent is free: until when it waits for one, by the connect's time-out and the customer's
   patience. */
dd_ms dd_talk_waits(struct dd_talking *talking);
/* An agent takes it at `at`; returns when the agent is free again. */
dd_ms dd_talk_join(struct dd_talking *talking, dd_ms at);
/* How it went, when it is over; frees it. `*out` lives as long as the next call. */
void dd_talk_end(struct dd_talking *talking, struct dd_talk *out);

/* The same customer in a call that somebody else runs: which kind it is and when it has had enough
   (DD_NEVER: not at all); and what it does when menu `step` begins to wait: so many keys, the first
   after `think`, the others DD_CUSTOMER_GAP_MS apart; 0: nothing. */
enum { DD_CUSTOMER_KEYS_MAX = 24, DD_CUSTOMER_GAP_MS = 400 };
struct dd_customer {
	size_t kind;
	dd_ms hangs_up;
};
struct dd_customer dd_crowd_draw(struct dd_crowd *crowd, struct dd_pcg *rng);
unsigned dd_crowd_press(struct dd_crowd *crowd, const struct dd_customer *customer,
        struct dd_pcg *rng, uint32_t step, char keys[DD_CUSTOMER_KEYS_MAX], dd_ms *think);

#endif
