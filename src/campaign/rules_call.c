/* Rules about what customers see and hear. */
#include <stdio.h>
#include <string.h>

#include "base/duration.h"
#include "call/sms_size.h"
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

enum { DELIVERY_TARGET_PERCENT = 50 };

/* Before any rehearsal: at hours of factor 1. */
void campaign_rule_low_answers(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	double now = dd_audience_reach(x->audience, x->max_attempts, false) * 100,
	       then = dd_audience_reach(x->audience, x->max_attempts, true) * 100;
	if (x->audience->caller_known || now > DELIVERY_TARGET_PERCENT)
		return;
	rule_find(c, x->places.audience,
	        "or more attempts; \"known_caller: true\" in the audience, once it is so",
	        "about %.0f %% will answer, and the target is more than %d %%: enable Truecaller "
	        "Verification, with a name shown it would be about %.0f %%",
	        now, DELIVERY_TARGET_PERCENT, then);
}

void campaign_rule_no_sms_if_unanswered(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	bool critical =
	        rule_purpose(x, "alert") || rule_purpose(x, "otp") || rule_purpose(x, "payment");
	if (critical && !x->sms_if_unanswered)
		rule_find(c, x->places.flow, "add \"sms_if_unanswered: …\"",
		        "who does not answer learns nothing: send an SMS as a backup");
}

static bool is_known_name(const struct dd_campaign *x, struct dd_str name)
{
	for (uint32_t i = 0; x->program && i < x->program->nslots; i++)
		if (x->program->slots[i].variable && dd_str_is(name, x->program->slots[i].name))
			return true;
	for (size_t i = 0; i < x->people->ncolumns; i++)
		if (dd_str_is(name, x->people->columns[i]))
			return true;
	return false;
}

void campaign_rule_sms_unanswered_value(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	struct dd_str text = dd_str(x->sms_if_unanswered ? x->sms_if_unanswered : ""), name;
	for (size_t at = 0; dd_campaign_sms_part(text, &at, &name, NULL);)
		if (name.p && !is_known_name(x, name))
			rule_find(c, x->places.sms, NULL,
			        "{%.*s} is neither a variable of the flow nor a column of the list",
			        (int)name.n, name.p);
}

void campaign_rule_sms_unanswered_long(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	struct dd_buf text = {0}, why = {0};
	if (!x->sms_if_unanswered)
		return;
	dd_campaign_sms(x, &text);
	struct dd_sms_size size = dd_sms_size((struct dd_str){text.p ? text.p : "", text.n});
	if (size.foreign.p)
		dd_sms_foreign(size.foreign, &why);
	if ((long)size.segments > c->now.settings[0])
		rule_find(c, x->places.sms,
		        why.p ? "67 letters a segment with it, 153 without" : NULL,
		        "it takes %u segments, more than %ld%s%s", size.segments,
		        c->now.settings[0], why.p ? ": " : "", why.p ? why.p : "");
	dd_buf_free(&why);
	dd_buf_free(&text);
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
