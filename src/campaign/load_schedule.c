/* When a campaign calls: `schedule`. Its wall is that of `zone`, else that of its start's offset,
 * else India's. */
#include <string.h>

#include "campaign/loading.h"

#define DAY_MS INT64_C(86400000)
enum { LONGEST_DAYS = 366 };

enum { START, SEND, END, END_AT, DAILY_START, DAILY_END, DAYS, ZONE, HOLIDAYS, RECURRING, COUNT };
static const char *const KEYS[COUNT] = {"start_time", "send_at", "end_time", "end_at",
        "daily_start", "daily_end", "days", "zone", "holidays", "recurring"};

/* The offset at the end of an instant: "Z" or "+05:30"; empty where there is none. */
static struct dd_str offset_of(struct dd_str text)
{
	int32_t seconds;
	for (size_t n = 1; n <= 6; n += 5) {
		struct dd_str end = {text.p + text.n - n, n};
		if (text.n > 16 && dd_utc_offset_parse(end, &seconds))
			return end;
	}
	return (struct dd_str){"", 0};
}

static void load_zone(
        struct campaign_loader *r, const struct dd_node *node, const struct dd_node *start)
{
	const char *name = "IST";
	struct dd_zone *zone = NULL;
	struct dd_error err;
	struct dd_str text;
	if (node && dd_read_text(&r->doc, node, "zone", &text))
		name = dd_arena_copy(r->doc.arena, text.p, text.n);
	else if (!node && start && start->kind == DD_SCALAR && (text = offset_of(start->text)).n)
		name = dd_arena_copy(r->doc.arena, text.p, text.n);
	if (dd_zone_open(name, &zone, &err) != DD_OK) {
		dd_read_fault(
		        &r->doc, "unknown-zone", node ? node->span : start->span, "%s", err.text);
		(void)dd_zone_open("IST", &zone, NULL);
	}
	r->campaign->zone = zone;
}

/* An instant; without an offset it is a time on the campaign's wall. */
static bool load_instant(
        struct campaign_loader *r, const struct dd_node *node, const char *what, int64_t *out)
{
	struct dd_str text;
	if (!dd_read_text(&r->doc, node, what, &text))
		return false;
	if (!dd_time_parse(text, out)) {
		dd_read_fault(&r->doc, "bad-time", node->span,
		        "%s must be a day and a time that there are", what)
		        ->hint = "such as 2025-01-20T09:00:00+05:30";
		return false;
	}
	if (offset_of(text).n == 0) {
		int64_t wall = *out + DD_IST_OFFSET_S * INT64_C(1000);
		*out = dd_zone_instant_of(r->campaign->zone, wall / DAY_MS, wall % DAY_MS);
	}
	return true;
}

static struct dd_node *either(
        struct campaign_loader *r, struct dd_node *a, struct dd_node *b, const char *names)
{
	if (a && b)
		dd_read_fault(
		        &r->doc, "too-many-keys", b->span, "a schedule has %s, not both", names);
	return a ? a : b;
}

static void load_bounds(
        struct campaign_loader *r, const struct dd_node *start, const struct dd_node *end)
{
	struct dd_campaign *c = r->campaign;
	bool known = (!start || load_instant(r, start, "the start", &c->start)) &&
	        (!end || load_instant(r, end, "the end", &c->end));
	if (start)
		c->places.start = start->span;
	if (end)
		c->places.end = end->span;
	if (!known || !start || !end)
		return;
	if (c->end <= c->start) {
		struct dd_diag *d = dd_read_fault(&r->doc, "end-before-start", end->span,
		        "the campaign ends before it starts");
		d->other = r->doc.source;
		d->other_span = start->span;
		d->other_message = "it starts here";
	} else if (c->end - c->start > LONGEST_DAYS * DAY_MS) {
		dd_read_fault(&r->doc, "limit-length", end->span,
		        "a campaign may last at most %d days", LONGEST_DAYS);
	}
}

void load_daily(struct campaign_loader *r, const struct dd_node *start, const struct dd_node *end)
{
	struct dd_campaign *c = r->campaign;
	if (!start && !end)
		return;
	if (!start || !end) {
		dd_read_fault(&r->doc, "missing-key", (start ? start : end)->span,
		        "a daily window needs \"daily_start\" and \"daily_end\"");
		return;
	}
	c->places.daily = start->span;
	bool fits = dd_read_clock(&r->doc, start, "daily_start", false, &c->daily_start_ms);
	if (!dd_read_clock(&r->doc, end, "daily_end", true, &c->daily_end_ms) || !fits)
		return;
	if (c->daily_start_ms == c->daily_end_ms)
		dd_read_fault(&r->doc, "empty-hours", end->span,
		        "a daily window that ends as it begins holds no time")
		        ->hint = "the whole day is from 00:00 to 24:00";
	c->daily = true;
}

static void load_holidays(struct campaign_loader *r, struct dd_node *node)
{
	struct dd_node *const *items;
	uint32_t n = node ? dd_node_items(node, &items) : 0;
	if (n > DD_CALENDAR_HOLIDAYS_MAX) {
		dd_read_fault(&r->doc, "limit-holidays", node->span,
		        "a campaign may have at most %d holidays", DD_CALENDAR_HOLIDAYS_MAX);
		return;
	}
	struct dd_date *holidays = dd_arena_alloc(r->doc.arena, (n + 1) * sizeof *holidays);
	r->campaign->holidays = holidays;
	for (uint32_t i = 0; i < n; i++)
		r->campaign->nholidays += dd_read_date(
		        &r->doc, items[i], "a holiday", &holidays[r->campaign->nholidays]);
}

/* -- recurring -------------------------------------------------------------- */

/* "daily", "weekly", "monthly", "3 days", "every 2 weeks" */
static bool load_every(
        struct campaign_loader *r, const struct dd_node *node, struct dd_calendar_repeat *repeat)
{
	static const char *const words[] = {
	        "daily", "weekly", "monthly", "days", "weeks", "months", "day", "week", "month"};
	struct dd_str text;
	size_t at = 0;
	int every = 0;
	if (!dd_read_text(&r->doc, node, "recurring", &text))
		return false;
	struct dd_str rest = text;
	if (rest.n > 6 && memcmp(rest.p, "every ", 6) == 0)
		rest = (struct dd_str){rest.p + 6, rest.n - 6};
	while (at < rest.n && at < 4 && rest.p[at] >= '0' && rest.p[at] <= '9')
		every = every * 10 + rest.p[at++] - '0';
	bool number = at > 0;
	while (at < rest.n && rest.p[at] == ' ')
		at++;
	for (int i = 0; i < 9; i++) {
		if (!dd_str_is((struct dd_str){rest.p + at, rest.n - at}, words[i]) ||
		        number == (i < 3) || (number && (every < 1 || every > 366)))
			continue;
		repeat->kind = (enum dd_repeat)(i % 3);
		repeat->every = number ? every : 1;
		return true;
	}
	struct dd_diag *d = dd_read_fault(&r->doc, "bad-value", node->span,
	        "recurring is daily, weekly, monthly, or a number of days, weeks or months");
	dd_hint_near(r->doc.diags, d, text, words, 3);
	if (!d->hint)
		d->hint = "such as \"3 days\", at most 366";
	return false;
}

static bool first_day(const struct dd_campaign *c, struct dd_date *out, int *weekday)
{
	if (c->start == INT64_MIN)
		return false;
	struct dd_civil civil = dd_zone_civil(c->zone, c->start);
	*out = (struct dd_date){civil.year, civil.month, civil.day};
	*weekday = civil.weekday;
	return true;
}

/* What a recurrence does not say is taken from its first day. */
static void complete_repeat(
        struct campaign_loader *r, const struct dd_node *node, struct dd_calendar_repeat *repeat)
{
	int weekday = 0;
	bool known = first_day(r->campaign, &repeat->first, &weekday);
	if (repeat->kind == DD_REPEAT_WEEKLY && !repeat->weekdays) {
		repeat->weekdays = DD_DAY(weekday);
		if (!known)
			dd_read_fault(&r->doc, "missing-key", node->span,
			        "on which days of the week is not said")
			        ->hint = "add \"days\" or the schedule's start";
	}
	if (repeat->kind == DD_REPEAT_MONTHLY && !repeat->month_day) {
		repeat->month_day = known ? repeat->first.day : 1;
		if (!known)
			dd_read_fault(&r->doc, "missing-key", node->span,
			        "on which day of the month is not said")
			        ->hint = "add \"day\" or the schedule's start";
	}
}

/* A start and an end within one day are those of each turn; what ends all of it is `until`. */
static void first_turn(struct campaign_loader *r, const struct dd_node *node)
{
	struct dd_campaign *c = r->campaign;
	const int64_t day_end = (dd_days_of(c->repeat.last) + 1);
	bool one_day = c->start != INT64_MIN && c->end != INT64_MAX && c->end - c->start <= DAY_MS;
	if (one_day && !c->daily) {
		struct dd_civil from = dd_zone_civil(c->zone, c->start),
		                to = dd_zone_civil(c->zone, c->end);
		c->daily_start_ms =
		        ((from.hour * 60 + from.minute) * 60 + from.second) * 1000 + from.ms;
		c->daily_end_ms = ((to.hour * 60 + to.minute) * 60 + to.second) * 1000 + to.ms;
		c->daily_end_ms = c->daily_end_ms == 0 ? (int32_t)DAY_MS : c->daily_end_ms;
		c->daily = c->daily_start_ms != c->daily_end_ms;
	}
	if (one_day)
		c->end = INT64_MAX;
	if (c->repeat.last.year) {
		/* A window of the last day may go on after midnight. */
		int64_t end = dd_zone_instant_of(c->zone, day_end,
		        c->daily && c->daily_end_ms < c->daily_start_ms ? c->daily_end_ms : 0);
		c->end = end < c->end ? end : c->end;
	} else if (c->end == INT64_MAX) {
		dd_read_fault(&r->doc, "recurring-endless", node->span,
		        "a campaign that recurs must end some day")
		        ->hint = "add \"until: 2025-03-31\" to recurring";
		return;
	}
	if (c->start != INT64_MIN && c->end <= c->start)
		dd_read_fault(&r->doc, "end-before-start", node->span,
		        "the last day comes before the first");
	else if (c->start != INT64_MIN && c->end - c->start > LONGEST_DAYS * DAY_MS)
		dd_read_fault(&r->doc, "limit-length", node->span,
		        "a campaign may last at most %d days", LONGEST_DAYS);
}

static void load_recurring(struct campaign_loader *r, const struct dd_node *node)
{
	enum { EVERY, ON_DAYS, DAY, UNTIL, SHORT, KEYS_COUNT };
	static const char *const names[KEYS_COUNT] = {"every", "days", "day", "until",
	        "short_months"},
	                         *const shorts[] = {"last-day", "skip"};
	struct dd_node *at[KEYS_COUNT] = {0};
	struct dd_calendar_repeat repeat = {.kind = DD_REPEAT_DAILY, .every = 1};
	struct dd_campaign *c = r->campaign;
	c->places.recurring = node->span;
	c->recurs = true;
	if (node->kind == DD_LIST) {
		dd_read_wrong_kind(&r->doc, node, "recurring",
		        "text or a mapping with \"every\" and \"until\"");
		return;
	}
	if (node->kind == DD_MAP && !dd_read_keys(&r->doc, node, DD_KEYS("recurring", names), at))
		return;
	const struct dd_node *every = node->kind == DD_MAP ? at[EVERY] : node;
	if (!every)
		dd_read_fault(&r->doc, "missing-key", node->span, "recurring needs \"every\"")
		        ->hint = "such as \"every: 1 week\"";
	if (!every || !load_every(r, every, &repeat))
		return;
	if (at[ON_DAYS])
		repeat.weekdays = load_days(&r->doc, at[ON_DAYS]);
	repeat.month_day = dd_read_int(&r->doc, at[DAY], "the day of the month", 1, 31, 0);
	if (at[SHORT])
		repeat.skip_short =
		        dd_read_word(&r->doc, at[SHORT], "short_months", shorts, 2, 0) == 1;
	if (at[UNTIL] && !dd_read_date(&r->doc, at[UNTIL], "until", &repeat.last))
		return;
	if ((at[ON_DAYS] && repeat.kind != DD_REPEAT_WEEKLY) ||
	        ((at[DAY] || at[SHORT]) && repeat.kind != DD_REPEAT_MONTHLY))
		dd_read_fault(&r->doc, "too-many-keys", node->span,
		        "\"days\" is for weeks, \"day\" and \"short_months\" are for months");
	complete_repeat(r, node, &repeat);
	c->repeat = repeat;
	first_turn(r, node);
}

void load_schedule(struct campaign_loader *r, const struct dd_node *node)
{
	struct dd_node *at[COUNT] = {0};
	if (node &&
	        dd_read_is_map(&r->doc, node, "schedule",
	                "a mapping with \"start_time\" and \"end_time\""))
		(void)dd_read_keys(&r->doc, node, DD_KEYS("schedule", KEYS), at);
	const struct dd_node *start =
	        either(r, at[START], at[SEND], "\"start_time\" or \"send_at\"");
	const struct dd_node *end = either(r, at[END], at[END_AT], "\"end_time\" or \"end_at\"");
	load_zone(r, at[ZONE], start);
	load_bounds(r, start, end);
	load_daily(r, at[DAILY_START], at[DAILY_END]);
	if (at[DAYS]) {
		r->campaign->weekdays = load_days(&r->doc, at[DAYS]);
		r->campaign->places.days = at[DAYS]->span;
	}
	load_holidays(r, at[HOLIDAYS]);
	if (at[RECURRING])
		load_recurring(r, at[RECURRING]);
}
