/* A law profile in a file, on the loader of flows:

     law: Florida
     zone: customer
     hours:
       - { days: mon-sat, from: 08:00, until: 20:00 }
     calls_per_day: 3
     sources: { hours: "Florida Statutes 501.616" }
*/
#include <string.h>

#include "campaign/law.h"
#include "campaign/weekdays.h"
#include "list/numbering.h"

static void load_hours_item(struct dd_reader *r, const struct dd_node *node, struct dd_law *law)
{
	enum { DAYS_KEY, FROM, UNTIL, COUNT };
	static const char *const names[COUNT] = {"days", "from", "until"};
	struct dd_node *at[COUNT];
	struct dd_calendar_hours h = {.weekdays = DD_ALL_DAYS};
	if (!dd_read_is_map(r, node, "hours", "a mapping with \"from\" and \"until\"") ||
	        !dd_read_keys(r, node, DD_KEYS("an item of hours", names), at))
		return;
	if (at[DAYS_KEY])
		h.weekdays = load_days(r, at[DAYS_KEY]);
	if (!at[FROM] || !at[UNTIL]) {
		dd_read_fault(r, "missing-key", node->span, "hours need \"from\" and \"until\"");
		return;
	}
	bool fits = dd_read_clock(r, at[FROM], "from", false, &h.start_ms);
	if (!dd_read_clock(r, at[UNTIL], "until", true, &h.end_ms) || !fits)
		return;
	if (h.start_ms == h.end_ms)
		dd_read_fault(r, "empty-hours", at[UNTIL]->span,
		        "hours that end as they begin hold no time")
		        ->hint = "the whole day is from 00:00 until 24:00";
	else if (law->nhours == DD_LAW_HOURS_MAX)
		dd_read_fault(r, "limit-hours", node->span, "a law may have at most %d hours",
		        DD_LAW_HOURS_MAX);
	else
		law->hours[law->nhours++] = h;
}

static void load_hours(struct dd_reader *r, const struct dd_node *node, struct dd_law *law)
{
	if (!node)
		return;
	if (node->kind != DD_LIST) {
		load_hours_item(r, node, law);
		return;
	}
	if (node->n == 0)
		dd_read_fault(r, "empty-hours", node->span, "the list of hours is empty")->hint =
		        "without \"hours\" calls may start at all times";
	for (uint32_t i = 0; i < node->n; i++)
		load_hours_item(r, node->items[i], law);
}

const char *dd_read_country(struct dd_reader *r, const struct dd_node *node)
{
	struct dd_str text;
	if (!node || !dd_read_text(r, node, "country", &text))
		return NULL;
	const struct dd_numbering *plan = dd_numbering_of_country(text);
	if (plan)
		return plan->country;
	dd_read_fault(r, "bad-country", node->span, "\"%.*s\" is no country",
	        (int)(text.n < 40 ? text.n : 40), text.p)
	        ->hint = "two letters, such as IN, US or GB (ISO 3166)";
	return NULL;
}

static void load_zone(struct dd_reader *r, const struct dd_node *node, struct dd_law *law)
{
	const char *name = dd_read_text_copy(r, node, "zone");
	struct dd_zone *zone;
	struct dd_error err;
	if (!name || strcmp(name, "customer") == 0)
		return;
	if (dd_zone_open(name, &zone, &err) != DD_OK) {
		dd_read_fault(r, "unknown-zone", node->span, "%s", err.text)->hint =
		        "or customer: the zone of each customer";
		return;
	}
	dd_zone_free(zone);
	law->zone = name;
}

static void load_abandoned(struct dd_reader *r, const struct dd_node *node, struct dd_law *law)
{
	enum { PERCENT, DAYS_KEY, MESSAGE, QUIET, COUNT };
	static const char *const names[COUNT] = {"percent", "days", "message", "quiet"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(r, node, "abandoned", "a mapping with \"percent\" and \"days\"") ||
	        !dd_read_keys(r, node, DD_KEYS("abandoned", names), at))
		return;
	if (!at[PERCENT] != !at[DAYS_KEY])
		dd_read_fault(r, "missing-key", node->span,
		        "a limit of abandoned calls needs \"percent\" and \"days\"");
	law->abandoned_percent = dd_read_int(r, at[PERCENT], "percent", 0, 100, -1);
	law->abandoned_days = dd_read_int(r, at[DAYS_KEY], "days", 1, 366, 0);
	dd_read_bool(r, at[MESSAGE], "message", &law->abandoned_message);
	dd_read_duration(
	        r, at[QUIET], "quiet", (dd_ms)1000 * 3600 * 1000, &law->abandoned_quiet_ms);
}

static const char *load_series_of(struct dd_reader *r, const struct dd_node *node, const char *what)
{
	const char *text = dd_read_text_copy(r, node, what);
	if (text && (strlen(text) > 15 || !*text || strspn(text, "+0123456789") != strlen(text))) {
		dd_read_fault(
		        r, "bad-number", node->span, "a series is how the caller's number begins")
		        ->hint = "digits, such as 140";
		return NULL;
	}
	return text;
}

static void load_series(struct dd_reader *r, const struct dd_node *node, struct dd_law *law)
{
	enum { PROMOTION, SERVICE, COUNT };
	static const char *const names[COUNT] = {"promotion", "service"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(
	                r, node, "series", "a mapping with \"promotion\" and \"service\"") ||
	        !dd_read_keys(r, node, DD_KEYS("series", names), at))
		return;
	law->series_promotion = load_series_of(r, at[PROMOTION], "promotion");
	law->series_service = load_series_of(r, at[SERVICE], "service");
}

enum {
	VERSION,
	LAW,
	COUNTRY,
	ZONE,
	HOURS,
	CODE,
	PER_DAY,
	PER_WEEK,
	ABANDONED,
	CONSENT,
	DND,
	OPT_OUT,
	OPT_OUT_DAYS,
	SERIES,
	SOURCES,
	NOTE,
	COUNT
};
static const char *const KEYS[COUNT] = {"version", "law", "country", "zone", "hours",
        "hours_by_code", "calls_per_day", "calls_per_week", "abandoned", "consent", "dnd",
        "opt_out", "opt_out_days", "series", "sources", "note"};

/* A source for each figure that the file may have. */
static void load_sources(struct dd_reader *r, const struct dd_node *map, struct dd_law *law)
{
	struct dd_node *at[COUNT];
	if (!map || !dd_read_is_map(r, map, "sources", "a mapping from keys to texts") ||
	        !dd_read_keys(r, map, DD_KEYS("the mapping of sources", KEYS), at))
		return;
	for (int i = COUNTRY; i < SOURCES; i++) {
		const char *text = dd_read_text_copy(r, at[i], "a source");
		if (text && law->nsources < DD_LAW_SOURCES_MAX)
			law->sources[law->nsources++] = (struct dd_law_source){KEYS[i], text};
	}
}

static void load_rules(struct dd_reader *r, struct dd_node *const *at, struct dd_law *law)
{
	static const char *const consents[] = {"none", "promotion", "always"},
	                         *const dnds[] = {"ignored", "with-consent", "never"};
	law->calls_per_day = dd_read_int(r, at[PER_DAY], "calls_per_day", 0, 1000, 0);
	law->calls_per_week = dd_read_int(r, at[PER_WEEK], "calls_per_week", 0, 7000, 0);
	law->consent = (enum dd_law_consent)DD_READ_WORD(r, at[CONSENT], "consent", consents, 0);
	law->dnd = (enum dd_law_dnd)DD_READ_WORD(r, at[DND], "dnd", dnds, 0);
	dd_read_bool(r, at[OPT_OUT], "opt_out", &law->opt_out);
	law->opt_out_days = dd_read_int(r, at[OPT_OUT_DAYS], "opt_out_days", 0, 366, 0);
	load_abandoned(r, at[ABANDONED], law);
	load_series(r, at[SERIES], law);
}

static void load_law(struct dd_reader *r, const struct dd_node *root, struct dd_law *law)
{
	struct dd_node *at[COUNT];
	if (!dd_read_is_map(r, root, "a law", "a mapping with \"law\" and \"hours\""))
		return;
	bool known = dd_read_keys(r, root, DD_KEYS("a law", KEYS), at);
	dd_read_version(r, at[VERSION], "law profiles");
	law->title = dd_read_text_copy(r, at[LAW], "law");
	if (!at[LAW] && known)
		dd_read_fault(r, "missing-key",
		        (struct dd_span){root->span.start, root->span.start + 1},
		        "the law has no name")
		        ->hint = "add \"law: …\"";
	law->country = dd_read_country(r, at[COUNTRY]);
	load_zone(r, at[ZONE], law);
	load_hours(r, at[HOURS], law);
	dd_read_bool(r, at[CODE], "hours_by_code", &law->hours_by_code);
	load_rules(r, at, law);
	load_sources(r, at[SOURCES], law);
	law->note = dd_read_text_copy(r, at[NOTE], "note");
}

const struct dd_law *dd_law_load(const char *path, struct dd_diags *diags)
{
	struct dd_reader r = {.arena = diags->arena, .diags = diags};
	struct dd_law *law = dd_arena_alloc(diags->arena, sizeof *law);
	*law = (struct dd_law){
	        .name = dd_arena_copy(diags->arena, path, strlen(path)), .abandoned_percent = -1};
	const struct dd_node *root = dd_read_file(&r, path);
	if (root)
		load_law(&r, root, law);
	dd_diags_sort(diags);
	return diags->errors ? NULL : law;
}
