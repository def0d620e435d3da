/* The table of the rules, made of rules.def, and how they find. */
#include "campaign/rules.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/embed.h"
#include "campaign/ruling.h"

enum { PEOPLE_SHOWN = 10 };

#define RULE(id, name, ...) \
	DD_EMBED(campaign_bad_##id, "tests/campaigns/rules/" name "/bad.yaml"); \
	DD_EMBED(campaign_good_##id, "tests/campaigns/rules/" name "/good.yaml");
#include "campaign/rules.def"
#undef RULE

#define SETTINGS(...) \
	{ \
		__VA_ARGS__ \
	}
#define RULE(id, name, severity, title, meaning, origin, settings, function) \
	{name, severity, title, meaning, origin, settings, campaign_bad_##id, campaign_good_##id},
static const struct dd_rule RULES[] = {
#include "campaign/rules.def"
};
#undef RULE
const struct dd_rules DD_CAMPAIGN_RULES = {"campaign check", RULES, sizeof RULES / sizeof *RULES};

/* The functions of the rules, in their order. */
static void (*const LOOKS[])(struct campaign_checking *c) = {
#define RULE(id, name, severity, title, meaning, origin, settings, function) \
	campaign_rule_##function,
#include "campaign/rules.def"
#undef RULE
};

void rule_find(
        struct campaign_checking *c, struct dd_span span, const char *hint, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	span = span.end ? span : c->campaign->places.name;
	dd_diag(c->diags, (enum dd_severity)c->now.severity, c->rule->name, c->campaign->source,
	        span, "%s", text)
	        ->hint = hint;
}

void rule_find_person(struct campaign_checking *c, uint32_t i, const char *format, ...)
{
	const struct dd_people *people = c->campaign->people;
	uint32_t line = people->list[i].line;
	char text[512];
	va_list args;
	if (c->people++ >= PEOPLE_SHOWN)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (line && people->path)
		dd_diag(c->diags, (enum dd_severity)c->now.severity, c->rule->name, NULL,
		        (struct dd_span){line, line}, "line %u: %s", line, text)
		        ->file = people->path;
	else
		rule_find(c,
		        c->campaign->places.numbers.end ? c->campaign->places.numbers
		                                        : c->campaign->places.triggers,
		        NULL, "%s", text);
}

void rule_people_end(struct campaign_checking *c, const char *what)
{
	if (c->people > PEOPLE_SHOWN)
		rule_find(c, c->campaign->places.contacts, NULL, "%llu contacts %s",
		        (unsigned long long)c->people, what);
}

const char *rule_time(const struct dd_zone *zone, int64_t unix_ms)
{
	static _Thread_local char room[3][32];
	static _Thread_local unsigned turn;
	struct dd_civil t = dd_zone_civil(zone, unix_ms);
	char *out = room[turn++ % 3];
	(void)snprintf(out, sizeof room[0], "%04d-%02d-%02d %02d:%02d", t.year % 10000,
	        t.month % 100, t.day % 100, t.hour % 100, t.minute % 100);
	return out;
}

static int32_t ms_of_day(const struct dd_zone *zone, int64_t unix_ms)
{
	struct dd_civil t = dd_zone_civil(zone, unix_ms);
	return ((t.hour * 60 + t.minute) * 60 + t.second) * 1000 + t.ms;
}

bool rule_day_window(const struct dd_campaign *campaign, int32_t *start_ms, int32_t *end_ms)
{
	const int32_t day = 86400000;
	*start_ms = campaign->daily_start_ms;
	*end_ms = campaign->daily_end_ms;
	if (!campaign->daily) {
		if (campaign->start == INT64_MIN || campaign->end == INT64_MAX ||
		        campaign->end - campaign->start >= day)
			return false;
		*start_ms = ms_of_day(campaign->zone, campaign->start);
		*end_ms = ms_of_day(campaign->zone, campaign->end);
	}
	*end_ms += *end_ms <= *start_ms ? day : 0;
	return true;
}

bool rule_purpose(const struct dd_campaign *campaign, const char *purpose)
{
	return campaign->program && strcmp(campaign->program->flows[0].purpose, purpose) == 0;
}

void dd_campaign_check(const struct dd_campaign *campaign,
        const struct dd_campaign_check_options *options, struct dd_diags *diags)
{
	static const struct dd_campaign_check_options none;
	const struct dd_campaign_check_options *o = options ? options : &none;
	struct dd_diags found;
	struct campaign_checking c = {.campaign = campaign, .options = o, .diags = &found};
	struct dd_allows *allows = dd_allows_new();
	dd_allows_add(allows, campaign->source);
	dd_diags_init(&found, diags->arena);
	dd_rules_look_over(&DD_CAMPAIGN_RULES, &campaign->checks, diags);
	for (size_t i = 0; i < DD_CAMPAIGN_RULES.n; i++) {
		c.rule = &DD_CAMPAIGN_RULES.list[i];
		c.now = dd_rule_now(c.rule, &campaign->checks, o->choices, o->nchoices);
		c.people = 0;
		if (c.now.severity >= 0)
			LOOKS[i](&c);
	}
	dd_diags_sort(&found);
	dd_allows_pass_on(&DD_CAMPAIGN_RULES, allows, &found, diags);
	dd_diags_fini(&found);
	dd_allows_free(allows);
	dd_diags_sort(diags);
}
