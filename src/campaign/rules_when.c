/* Rules about hours, windows and retries. A campaign without a start is looked at in a week of its
 * own: nothing here reads a clock. */
#include <stdio.h>
#include <string.h>

#include "campaign/ruling.h"
#include "flow/windows.h"

#define DAY_MS  INT64_C(86400000)
#define HOUR_MS INT64_C(3600000)
enum { STRETCHES_MAX = 400 };

/* Monday, 2025-01-06, 00:00 in India */
#define SOME_MONDAY INT64_C(1736101800000)

static int64_t beginning(const struct dd_campaign *x)
{
	return x->start != INT64_MIN  ? x->start
	        : x->end != INT64_MAX ? x->end - 7 * DAY_MS
	                              : SOME_MONDAY;
}

/* The law's hours for customers of a zone, or the campaign's with them; NULL when the campaign's
 * are none. */
static struct dd_calendar *calendar_of(
        const struct dd_campaign *x, bool with_campaign, bool with_law, const struct dd_zone *zone)
{
	struct dd_calendar *calendar = NULL;
	if (with_campaign && dd_campaign_calendar(x, &calendar, NULL) != DD_OK)
		return NULL;
	calendar = calendar ? calendar : dd_calendar_new();
	struct dd_calendar_layer layer = dd_law_layer(x->law, zone);
	if (with_law)
		(void)dd_calendar_add(calendar, &layer, NULL);
	return calendar;
}

/* The law's own zone, else that of most customers: where the list says none. From dd_zone_open()
 * when `*owned` is set. */
static const struct dd_zone *law_zone(const struct dd_campaign *x, struct dd_zone **owned)
{
	*owned = NULL;
	if (x->law->zone && dd_zone_open(x->law->zone, owned, NULL) == DD_OK)
		return *owned;
	return x->zone;
}

/* The first instant at which the campaign may call and the law may not. */
static bool unlawful_in(const struct dd_campaign *x, const struct dd_zone *zone, int64_t *at)
{
	struct dd_calendar *own = calendar_of(x, true, false, NULL),
	                   *law = calendar_of(x, false, true, zone);
	int64_t t = beginning(x);
	bool found = false;
	for (int n = 0; own && n < STRETCHES_MAX && !found; n++) {
		int64_t from = dd_calendar_next(own, t);
		if (from == INT64_MAX)
			break;
		int64_t until = dd_calendar_until(own, from);
		*at = dd_calendar_next(law, from) != from ? from : dd_calendar_until(law, from);
		found = *at < until;
		t = until;
		if (until == INT64_MAX)
			break;
	}
	dd_calendar_free(own);
	dd_calendar_free(law);
	return found;
}

static void zones_in_use(const struct dd_people *people, bool used[DD_PEOPLE_ZONES])
{
	for (uint32_t i = 0; i < people->n; i++)
		used[people->list[i].zone] = true;
}

/* The message for the first zone in which it happens. */
static bool unlawful(const struct dd_campaign *x, char *text, size_t size)
{
	struct dd_zone *owned;
	const struct dd_zone *zone = law_zone(x, &owned);
	bool used[DD_PEOPLE_ZONES] = {false}, found = false;
	int64_t at;
	zones_in_use(x->people, used);
	for (size_t i = 0; x->law->nhours && !found && i < (owned ? 1 : x->people->nzones); i++) {
		zone = owned ? owned : i ? x->people->zones[i] : x->zone;
		found = (owned || used[i]) && unlawful_in(x, zone, &at);
		if (!found && !owned && used[i] && x->people->east[i]) {
			zone = x->people->east[i];
			found = unlawful_in(x, zone, &at);
		}
	}
	if (found && x->start == INT64_MIN)
		(void)snprintf(text, size,
		        "calls could be made at %s (%s), which the law does not allow (%s)",
		        rule_time(zone, at) + 11, dd_zone_name(zone), x->law->name);
	else if (found)
		(void)snprintf(text, size,
		        "calls could be made at %s (%s), which the law does not allow (%s)",
		        rule_time(zone, at), dd_zone_name(zone), x->law->name);
	dd_zone_free(owned);
	return found;
}

void campaign_rule_hours_not_set(struct campaign_checking *c)
{
	const struct dd_campaign_places *at = &c->campaign->places;
	int32_t from, until;
	char text[256];
	if (!rule_day_window(c->campaign, &from, &until) &&
	        unlawful(c->campaign, text, sizeof text))
		rule_find(c, at->start.end ? at->start : at->end,
		        "set \"daily_start\" and \"daily_end\" in schedule", "%s", text);
}

void campaign_rule_outside_hours(struct campaign_checking *c)
{
	const struct dd_campaign_places *at = &c->campaign->places;
	int32_t from, until;
	char text[256];
	if (rule_day_window(c->campaign, &from, &until) && unlawful(c->campaign, text, sizeof text))
		rule_find(c, at->daily.end ? at->daily : at->start, NULL, "%s", text);
}

void campaign_rule_never_open(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	struct dd_calendar *own = calendar_of(x, true, false, NULL);
	if (!own || dd_calendar_next(own, beginning(x)) == INT64_MAX)
		rule_find(c,
		        x->places.days.end            ? x->places.days
		                : x->places.daily.end ? x->places.daily
		                                      : x->places.start,
		        NULL,
		        "days, hours and holidays leave no time between the start and the end");
	dd_calendar_free(own);
}

static struct dd_calendar *lawful(const struct dd_campaign *x, struct dd_zone **owned)
{
	const struct dd_zone *zone = law_zone(x, owned);
	return calendar_of(x, true, true, zone);
}

/* Open time; of a campaign that recurs, that of its first turn. -1: without end. */
static int64_t open_time(const struct dd_campaign *x)
{
	struct dd_zone *owned;
	struct dd_calendar *calendar = lawful(x, &owned);
	int64_t open = -1, from = calendar ? dd_calendar_next(calendar, beginning(x)) : INT64_MAX;
	if (x->start != INT64_MIN && x->end != INT64_MAX && from != INT64_MAX)
		open = x->recurs ? dd_calendar_until(calendar, from) - from
		                 : dd_calendar_open_ms(calendar, x->start, x->end);
	dd_calendar_free(calendar);
	dd_zone_free(owned);
	return open;
}

void campaign_rule_window_too_short(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	int64_t open = open_time(x);
	struct dd_campaign_reckoning r = dd_campaign_reckon(x, c->options);
	if (open < 0 || r.needed_ms <= (double)open)
		return;
	bool by_lines = x->concurrency && r.calls * r.line_ms / x->concurrency >= r.needed_ms;
	rule_find(c,
	        by_lines                         ? x->places.concurrency
	                : x->places.throttle.end ? x->places.throttle
	                                         : x->places.end,
	        by_lines ? "more lines, a longer window or a shorter list"
	                 : "more calls a minute, a longer window or a shorter list",
	        "about %.0f calls of %.0f s need %.1f h, and the campaign may call for %.1f h",
	        r.calls, r.line_ms / 1000, r.needed_ms / (double)HOUR_MS,
	        (double)open / (double)HOUR_MS);
}

void campaign_rule_campaign_too_long(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	if (x->start != INT64_MIN && x->end != INT64_MAX && x->end - x->start > c->now.settings[0])
		rule_find(c, x->places.recurring.end ? x->places.recurring : x->places.end, NULL,
		        "the campaign lasts %lld days, and the platform ends it after %lld",
		        (long long)((x->end - x->start + DAY_MS - 1) / DAY_MS),
		        (long long)(c->now.settings[0] / DAY_MS));
}

/* -- hours of the flow ------------------------------------------------------ */

/* A call that begins in the last minute of a window is still talking some minutes later. */
enum { STILL_TALKING_MS = 300000, MINUTE_MS = 60000 };

/* Whether the flow's hours are open at some minute at which a call may begin, or shortly after.
   Each stretch of the calendar is gone through minute by minute, for four weeks at most. */
static bool meets(const struct dd_campaign *x, uint32_t step, struct dd_calendar *calendar)
{
	int64_t t = beginning(x), last = t + 28 * DAY_MS;
	for (int n = 0; n < STRETCHES_MAX; n++) {
		int64_t from = dd_calendar_next(calendar, t);
		if (from >= last)
			return false;
		int64_t until = dd_calendar_until(calendar, from);
		t = until;
		if (until > last)
			until = last;
		for (int64_t at = from; at < until + STILL_TALKING_MS; at += MINUTE_MS)
			if (dd_window_open(x->program, step, at))
				return true;
		if (t >= last)
			return false;
	}
	return true; /* too many to be sure */
}

/* The same for the zones of all customers; `with_campaign`: within the campaign's own window, too.
 */
static bool meets_anywhere(const struct dd_campaign *x, uint32_t step, bool with_campaign)
{
	struct dd_zone *owned;
	const struct dd_zone *zone = law_zone(x, &owned);
	bool used[DD_PEOPLE_ZONES] = {false}, found = false;
	zones_in_use(x->people, used);
	for (size_t i = 0; !found && i < (owned ? 1 : x->people->nzones); i++) {
		if (!owned && !used[i])
			continue;
		zone = owned ? owned : i ? x->people->zones[i] : x->zone;
		struct dd_calendar *calendar = calendar_of(x, with_campaign, true, zone);
		found = !calendar || meets(x, step, calendar);
		dd_calendar_free(calendar);
		if (!found && !owned && x->people->east[i]) {
			calendar = calendar_of(x, with_campaign, true, x->people->east[i]);
			found = !calendar || meets(x, step, calendar);
			dd_calendar_free(calendar);
		}
	}
	dd_zone_free(owned);
	return found;
}

void campaign_rule_hours_never_met(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_campaign_places *at = &x->places;
	for (uint32_t i = 0; x->program && x->people->n && i < x->program->nsteps; i++) {
		const struct dd_step *s = &x->program->steps[i];
		if (s->applet != DD_HOURS || meets_anywhere(x, i, true))
			continue;
		bool law = x->law->nhours && !meets_anywhere(x, i, false);
		rule_find(c, at->daily.end ? at->daily : at->start,
		        "other hours in the flow, or another window here",
		        "the hours of %s:%u are never open when %s%s%s",
		        x->program->flows[s->flow].path, s->line,
		        law ? "the law (" : "this campaign calls", law ? x->law->name : "",
		        law ? ") allows a call" : "");
	}
}

/* -- the best time of the day ----------------------------------------------- */

static const struct {
	const char *rule, *purposes[4], *calls;
	int from, until;
} BEST[] = {
        {"timing-reminder", {"reminder"}, "reminders", 9, 10},
        {"timing-survey", {"survey", "order", "event"}, "surveys and notifications", 10, 12},
        {"timing-payment", {"payment"}, "payment reminders", 14, 16},
        {"timing-delivery", {"delivery"}, "delivery calls", 16, 18},
        {"timing-promotion", {"promotion"}, "promotions", 18, 21},
};

/* A window that only goes beyond the best hours deserves a note. */
static void compare(struct campaign_checking *c, size_t row)
{
	int32_t from, until, best_from = (int32_t)(BEST[row].from * HOUR_MS),
	                     best_until = (int32_t)(BEST[row].until * HOUR_MS);
	const struct dd_campaign_places *at = &c->campaign->places;
	int severity = c->now.severity;
	if (!rule_day_window(c->campaign, &from, &until) ||
	        (from >= best_from && until <= best_until))
		return;
	if (from < best_until && until > best_from && c->now.severity == (int)c->rule->severity)
		c->now.severity = DD_NOTE;
	rule_find(c, at->daily.end ? at->daily : at->start, NULL,
	        "calls are made from %02d:%02d to %02d:%02d; %s are best from %d:00 to %d:00",
	        from / 3600000, from / 60000 % 60, until / 3600000 % 24, until / 60000 % 60,
	        BEST[row].calls, BEST[row].from, BEST[row].until);
	c->now.severity = severity;
}

void campaign_rule_timing(struct campaign_checking *c)
{
	for (size_t i = 0; i < sizeof BEST / sizeof *BEST; i++)
		for (int k = 0;
		        strcmp(BEST[i].rule, c->rule->name) == 0 && k < 4 && BEST[i].purposes[k];
		        k++)
			if (rule_purpose(c->campaign, BEST[i].purposes[k]))
				compare(c, i);
}

/* -- retries ---------------------------------------------------------------- */

/* When the next call is due, `retry` 1 for the first one after a call at `t`. */
static int64_t due(const struct dd_campaign *x, int64_t t, int retry)
{
	if (x->mechanism == DD_WAIT_TIMES) {
		struct dd_civil civil = dd_zone_civil(x->zone, t);
		int64_t days = dd_days_of((struct dd_date){civil.year, civil.month, civil.day});
		for (int64_t day = days;; day++)
			for (size_t i = 0; i < x->ntimes; i++) {
				int64_t at = dd_zone_instant_of(x->zone, day, x->times_ms[i]);
				if (at > t)
					return at;
			}
	}
	int64_t factor = x->mechanism == DD_WAIT_LINEAR ? retry
	        : x->mechanism == DD_WAIT_EXPONENTIAL   ? INT64_C(1) << (retry - 1)
	                                                : 1;
	return t + factor * x->interval;
}

/* The calls to a number that is called as soon as the campaign opens, and is never reached. */
struct attempts {
	int64_t due[DD_ATTEMPTS_MAX],
	        at[DD_ATTEMPTS_MAX]; /* when each is due, and when it may be made */
	int n;                       /* that can be made at all */
};

static struct attempts attempts_of(const struct dd_campaign *x)
{
	struct dd_zone *owned;
	struct dd_calendar *calendar = lawful(x, &owned);
	struct attempts a = {.n = 0};
	int64_t t = beginning(x);
	for (int i = 0; calendar && i < x->max_attempts; i++) {
		a.due[i] = i ? due(x, t, i) : t;
		t = a.at[i] = dd_calendar_next(calendar, a.due[i]);
		if (t == INT64_MAX)
			break;
		a.n++;
	}
	dd_calendar_free(calendar);
	dd_zone_free(owned);
	return a;
}

static struct dd_span retry_place(const struct dd_campaign *x)
{
	return x->places.interval.end ? x->places.interval : x->places.attempts;
}

void campaign_rule_retry_outside_hours(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	struct attempts a = attempts_of(x);
	for (int i = 1; i < a.n; i++) {
		if (a.at[i] == a.due[i] || a.due[i] >= x->end)
			continue;
		rule_find(c, retry_place(x), "it waits until the hours begin again",
		        "call %d to a number that is called first would be due at %s, "
		        "outside of the hours",
		        i + 1, rule_time(x->zone, a.due[i]));
		return;
	}
}

void campaign_rule_retry_past_end(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	struct attempts a = attempts_of(x);
	if (x->end != INT64_MAX && x->start != INT64_MIN && a.n > 0 && a.n < x->max_attempts)
		rule_find(c, retry_place(x), "a later end, shorter intervals or fewer attempts",
		        "of %d calls to a number only %d can be made before the campaign ends",
		        x->max_attempts, a.n);
}

/* The most calls within `days` days on the wall. */
static int most_within(const struct dd_campaign *x, const struct attempts *a, int days)
{
	int most = 0;
	for (int i = 0; i < a->n; i++) {
		int count = 0;
		struct dd_civil first = dd_zone_civil(x->zone, a->at[i]);
		int64_t day = dd_days_of((struct dd_date){first.year, first.month, first.day});
		for (int k = i; k < a->n; k++) {
			struct dd_civil t = dd_zone_civil(x->zone, a->at[k]);
			count += dd_days_of((struct dd_date){t.year, t.month, t.day}) < day + days;
		}
		most = count > most ? count : most;
	}
	return most;
}

void campaign_rule_attempts_a_day(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	struct attempts a = attempts_of(x);
	int day = most_within(x, &a, 1), week = most_within(x, &a, 7);
	if (x->law->calls_per_day && day > x->law->calls_per_day)
		rule_find(c, x->places.attempts, NULL,
		        "a number could be called %d times in a day; at most %d are allowed (%s)",
		        day, x->law->calls_per_day, x->law->name);
	else if (x->law->calls_per_week && week > x->law->calls_per_week)
		rule_find(c, x->places.attempts, NULL,
		        "a number could be called %d times in a week; at most %d are allowed (%s)",
		        week, x->law->calls_per_week, x->law->name);
}
