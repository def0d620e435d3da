/* Rules about what customers see and hear. */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "campaign/ruling.h"

static bool is_placeholder(const char *text)
{
	size_t n = strlen(text);
	return n > 2 && text[0] == '<' && text[n - 1] == '>';
}

void campaign_rule_caller_id_missing(struct campaign_checking *c)
{
	if (!c->campaign->caller_id || !*c->campaign->caller_id)
		rule_find(c, c->campaign->places.caller_id,
		        "add \"caller_id: …\", an ExoPhone of your account",
		        "the campaign has no caller ID");
}

void campaign_rule_caller_id_placeholder(struct campaign_checking *c)
{
	const char *id = c->campaign->caller_id;
	if (id && is_placeholder(id))
		rule_find(c, c->campaign->places.caller_id, "put your ExoPhone here",
		        "\"%s\" is still to be filled in", id);
}

void campaign_rule_caller_id_invalid(struct campaign_checking *c)
{
	const char *id = c->campaign->caller_id;
	if (id && *id && !is_placeholder(id) && !dd_number_parse(dd_str(id), c->campaign->home))
		rule_find(c, c->campaign->places.caller_id, "such as +918012345678",
		        "\"%s\" cannot be a telephone number", id);
}

/* The digits as they are dialled in the country, and from abroad. */
static bool begins(uint64_t number, const char *series)
{
	char all[24];
	(void)snprintf(all, sizeof all, "+%llu", (unsigned long long)number);
	size_t n = strlen(series), country = strncmp(all, "+91", 3) == 0 ? 3 : 1;
	return strncmp(all, series, n) == 0 || strncmp(all + 1, series, n) == 0 ||
	        strncmp(all + country, series, n) == 0;
}

/* The series for services is one of regulated senders only, so that nothing can be said of others.
 */
void campaign_rule_caller_id_series(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	uint64_t number = x->caller_id ? dd_number_parse(dd_str(x->caller_id), x->home) : 0;
	const char *series = x->law->series_promotion, *service = x->law->series_service;
	if (number && x->promotional && series && !begins(number, series))
		rule_find(c, x->places.caller_id, NULL,
		        "a promotional call must come from a number that begins with %s (%s)",
		        series, x->law->name);
	else if (number && !x->promotional && x->program && series && begins(number, series))
		rule_find(c, x->places.caller_id, NULL,
		        "numbers that begin with %s are for promotional calls; "
		        "others come from another, such as %s",
		        series, service ? service : "your ExoPhone");
}

/* Codes that were asked for and alerts are no calls that one can opt out of. */
void campaign_rule_no_opt_out(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_program *p = x->program;
	if (!p || !x->law->opt_out || rule_purpose(x, "otp") || rule_purpose(x, "alert"))
		return;
	for (uint32_t i = 0; i < p->nkeys; i++)
		if (p->keys[i].opt_out)
			return;
	rule_find(c, x->places.flow, "add a key with \"opt_out: true\" to a menu",
	        "no key of the flow says \"do not call me again\" (%s)", x->law->name);
}

void campaign_rule_message_too_long(struct campaign_checking *c)
{
	const struct dd_program *p = c->campaign->program;
	dd_ms longest = 0;
	for (uint32_t i = 0; p && c->options->prompt_ms && i < p->nprompts; i++)
		longest = c->options->prompt_ms[i] > longest ? c->options->prompt_ms[i] : longest;
	if (longest > c->now.settings[0])
		rule_find(c, c->campaign->places.flow, "drydial check FLOW says which",
		        "a message of the flow lasts %s; after %s many hang up",
		        dd_seconds_beside(longest, c->now.settings[0]).p,
		        dd_seconds(c->now.settings[0]).p);
}

void campaign_rule_flow_unknown(struct campaign_checking *c)
{
	if (!c->campaign->program)
		rule_find(c, c->campaign->places.flow, "add \"flow: FILE\", or give it with --flow",
		        "only the platform knows what this campaign says");
}
