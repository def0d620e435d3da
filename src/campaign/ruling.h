/* What the campaign's rules share, and nobody else. */
#ifndef DD_CAMPAIGN_RULING_H
#define DD_CAMPAIGN_RULING_H

#include "campaign/rules.h"

struct campaign_checking {
	const struct dd_campaign *campaign;
	const struct dd_campaign_check_options *options;
	const struct dd_rule *rule; /* at hand */
	struct dd_rule_now now;     /* how it is to be looked at */
	struct dd_diags *diags;
	uint64_t people; /* with this finding, so far */
};

/* A finding at a key of the campaign's file (its beginning where the file does not say the key).
 * `hint` may be NULL. */
void rule_find(struct campaign_checking *c, struct dd_span span, const char *hint,
        const char *format, ...) __attribute__((format(printf, 4, 5)));
/* A finding about person `i`, at its line of the list. */
void rule_find_person(struct campaign_checking *c, uint32_t i, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* After the people: how many there are when not all were shown. */
void rule_people_end(struct campaign_checking *c, const char *what);
/* "12 June"-like times are no use in messages: "2025-01-20 21:00" on a wall, good until the next
 * call but three. */
const char *rule_time(const struct dd_zone *zone, int64_t unix_ms);
/* The hours of the day in which the campaign calls, in ms: its daily window, or the times of a
 * start and an end within a day. False: neither. */
bool rule_day_window(const struct dd_campaign *campaign, int32_t *start_ms, int32_t *end_ms);
bool rule_purpose(const struct dd_campaign *campaign, const char *purpose);

#define RULE(id, name, severity, title, meaning, origin, settings, function) \
	void campaign_rule_##function(struct campaign_checking *c);
#include "campaign/rules.def"
#undef RULE

#endif
