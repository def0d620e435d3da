/* What would break before any call is made: the law's hours and caps, lists, limits of the account,
   windows that are too short. Nothing here reads a clock: a schedule in the past is as good as
   another. A help for rehearsals, not legal advice. */
#ifndef DD_CAMPAIGN_RULES_H
#define DD_CAMPAIGN_RULES_H

#include "campaign/campaign.h"
#include "doc/rules.h"

extern const struct dd_rules DD_CAMPAIGN_RULES;

struct dd_campaign_check_options {
	const dd_ms *prompt_ms; /* of each prompt of the campaign's program, at its longest; NULL:
	                           not known, and lengths are left out */
	dd_ms call_ms; /* how long a call lasts that is answered; 0: to be reckoned from prompt_ms,
	                  or 30 s */
	const struct dd_rule_choice *choices;
	size_t nchoices;
};

/* Findings go to `diags`, each under its rule's name, sorted: at the campaign's keys, or at lines
   of the contact list (no source; `file` is the list, the message begins with "line N: "; at most
   ten a rule, and then how many there are). `options` may be NULL. */
void dd_campaign_check(const struct dd_campaign *campaign,
        const struct dd_campaign_check_options *options, struct dd_diags *diags);

/* What is expected of the campaign without simulating it: calls in all with their retries, how long
   one keeps a line (ringing and unanswered ones counted), and the least time that all of them take
   with the lines and calls a minute that there are (0: no limit). */
struct dd_campaign_reckoning {
	double calls, line_ms, needed_ms;
};
struct dd_campaign_reckoning dd_campaign_reckon(
        const struct dd_campaign *campaign, const struct dd_campaign_check_options *options);

#endif
