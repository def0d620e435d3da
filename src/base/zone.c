/* Zones by name, and looking into them. */
#include "base/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/source.h"
#include "base/text.h"
#include "base/zoning.h"

enum { NAME_MAX_BYTES = 64, FILE_MAX_BYTES = 256 * 1024 };
#define DAY_MS (INT64_C(86400) * 1000)

/* -- by name ---------------------------------------------------------------- */

/* Those that most people ask for: what an unknown name is compared with. */
static const char *const COMMON[] = {"Africa/Cairo", "Africa/Johannesburg", "Africa/Lagos",
        "Africa/Nairobi", "America/Anchorage", "America/Argentina/Buenos_Aires", "America/Bogota",
        "America/Chicago", "America/Denver", "America/Halifax", "America/Lima",
        "America/Los_Angeles", "America/Mexico_City", "America/New_York", "America/Phoenix",
        "America/Santiago", "America/Sao_Paulo", "America/St_Johns", "America/Toronto",
        "America/Vancouver", "Asia/Baghdad", "Asia/Bangkok", "Asia/Colombo", "Asia/Dhaka",
        "Asia/Dubai", "Asia/Ho_Chi_Minh", "Asia/Hong_Kong", "Asia/Jakarta", "Asia/Jerusalem",
        "Asia/Karachi", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Kuala_Lumpur", "Asia/Manila",
        "Asia/Riyadh", "Asia/Seoul", "Asia/Shanghai", "Asia/Singapore", "Asia/Taipei",
        "Asia/Tehran", "Asia/Tokyo", "Atlantic/Reykjavik", "Australia/Adelaide",
        "Australia/Brisbane", "Australia/Darwin", "Australia/Melbourne", "Australia/Perth",
        "Australia/Sydney", "Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Brussels",
        "Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul", "Europe/Kyiv", "Europe/Lisbon",
        "Europe/London", "Europe/Madrid", "Europe/Moscow", "Europe/Oslo", "Europe/Paris",
        "Europe/Prague", "Europe/Rome", "Europe/Stockholm", "Europe/Vienna", "Europe/Warsaw",
        "Europe/Zurich", "Pacific/Auckland", "Pacific/Honolulu", "UTC"};
enum { COMMON_COUNT = sizeof COMMON / sizeof *COMMON };

/* Zones of one offset that need no file. India's has not changed since 1945. */
static const struct {
	const char *name;
	int32_t offset_s;
} FIXED[] = {{"UTC", 0}, {"GMT", 0}, {"Etc/UTC", 0}, {"IST", DD_IST_OFFSET_S},
        {"Asia/Kolkata", DD_IST_OFFSET_S}, {"Asia/Calcutta", DD_IST_OFFSET_S}};

static bool is_fixed(const char *name, int32_t *offset_s)
{
	for (size_t i = 0; i < sizeof FIXED / sizeof *FIXED; i++) {
		if (strcmp(name, FIXED[i].name) == 0) {
			*offset_s = FIXED[i].offset_s;
			return true;
		}
	}
	return dd_utc_offset_parse(dd_str(name), offset_s);
}

/* Nothing that leaves the folder of the zones, or is no file of it. */
static bool can_be_name(const char *name)
{
	size_t n = strlen(name);
	if (n == 0 || n > NAME_MAX_BYTES || name[0] == '/' || name[n - 1] == '/' ||
	        strstr(name, "//"))
		return false;
	for (size_t i = 0; i < n; i++) {
		char c = name[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		            strchr("_+-/", c)))
			return false;
	}
	return true;
}

static bool same_place(const char *name, const char *common)
{
	const char *city = strrchr(common, '/');
	if (strcasecmp(name, common) == 0)
		return true;
	if (!city || strlen(name) != strlen(city + 1))
		return false;
	for (size_t i = 0; name[i]; i++)
		if (strncasecmp(name + i, city + 1 + i, 1) != 0 &&
		        !(name[i] == ' ' && city[1 + i] == '_'))
			return false;
	return true;
}

/* "kolkata", "new york" and "europe/london" are meant as much as a slip of the finger. */
static const char *near(const char *name)
{
	for (int i = 0; i < COMMON_COUNT; i++)
		if (same_place(name, COMMON[i]))
			return COMMON[i];
	return dd_nearest(dd_str(name), COMMON, COMMON_COUNT);
}

static enum dd_status unknown(
        const char *name, enum dd_status status, const char *path, struct dd_error *err)
{
	const char *meant = near(name);
	if (meant && strcmp(meant, name) == 0)
		return dd_fail(err, status,
		        "there is no file %s for the time zone \"%s\": the package tzdata has it",
		        path, name);
	if (meant)
		return dd_fail(err, status, "there is no time zone \"%.*s\"; did you mean \"%s\"?",
		        NAME_MAX_BYTES, name, meant);
	return dd_fail(err, status,
	        "there is no time zone \"%.*s\": a zone is named like Asia/Kolkata, "
	        "or is an offset like +05:30",
	        NAME_MAX_BYTES, name);
}

static struct dd_zone *zone_fixed(const char *name, int32_t offset_s)
{
	struct dd_zone *zone = dd_alloc(sizeof *zone);
	*zone = (struct dd_zone){.repeats = INT64_MAX};
	zone->name = dd_alloc(strlen(name) + 1);
	memcpy(zone->name, name, strlen(name) + 1);
	DD_PUSH(zone->turns, zone->n, zone->cap) = (struct zone_turn){INT64_MIN, offset_s};
	return zone;
}

enum dd_status dd_zone_open(const char *name, struct dd_zone **out, struct dd_error *err)
{
	int32_t offset_s;
	if (is_fixed(name, &offset_s)) {
		*out = zone_fixed(name, offset_s);
		return DD_OK;
	}
	if (!can_be_name(name))
		return unknown(name, DD_ERR_FORMAT, "", err);
	const char *folder = getenv("DRYDIAL_ZONEINFO");
	struct dd_arena *arena = dd_arena_new();
	struct dd_source *source;
	char *path = dd_arena_format(
	        arena, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
	enum dd_status status = dd_source_read(arena, path, FILE_MAX_BYTES, &source, NULL);
	if (status == DD_OK)
		status = dd_zone_of_file(name, source->text, out, err);
	else if (status == DD_ERR_LIMIT)
		dd_fail(err, status,
		        "the file of the time zone \"%s\" cannot be used: it is larger than %d KiB",
		        name, FILE_MAX_BYTES / 1024);
	else
		status = unknown(name, DD_ERR_READ, path, err);
	dd_arena_free(arena);
	return status;
}

void dd_zone_free(struct dd_zone *zone)
{
	if (!zone)
		return;
	dd_free(zone->turns);
	dd_free(zone->name);
	dd_free(zone);
}

const char *dd_zone_name(const struct dd_zone *zone)
{
	return zone->name;
}

/* -- looking up ------------------------------------------------------------- */

/* Whole cycles of the calendar by which `s` is too late for the table. */
static int64_t cycles(const struct dd_zone *zone, int64_t s)
{
	return s < zone->repeats ? 0 : (s - zone->repeats) / DD_ZONE_CYCLE_S + 1;
}

/* The last turn at or before `s`. Most zones have no rule any more and most calls are later than
 * their last turn. */
static size_t turn_at(const struct dd_zone *zone, int64_t s)
{
	size_t low = 0, n = zone->n;
	if (s >= zone->turns[n - 1].at)
		return n - 1;
	while (n > 1) {
		/* a sum instead of a branch, which would be guessed wrong half the time */
		size_t half = n / 2;
		low += (zone->turns[low + half].at <= s) * half;
		n -= half;
	}
	return low;
}

int32_t dd_zone_offset_s(const struct dd_zone *zone, int64_t unix_ms)
{
	if (zone->n == 1)
		return zone->turns[0].offset;
	int64_t s = dd_floor_div(unix_ms, 1000);
	return zone->turns[turn_at(zone, s - cycles(zone, s) * DD_ZONE_CYCLE_S)].offset;
}

/* When turn `i` comes, in milliseconds, some cycles on; past the last one: never. */
static int64_t turn_ms(const struct dd_zone *zone, size_t i, int64_t cycle)
{
	int64_t s;
	if (i >= zone->n)
		return INT64_MAX;
	if (zone->turns[i].at == INT64_MIN)
		return INT64_MIN;
	if (__builtin_add_overflow(zone->turns[i].at, cycle * DD_ZONE_CYCLE_S, &s) ||
	        __builtin_mul_overflow(s, 1000, &s))
		return INT64_MAX;
	return s;
}

int32_t dd_zone_steady(const struct dd_zone *zone, int64_t unix_ms, int64_t *from, int64_t *until)
{
	int64_t s = dd_floor_div(unix_ms, 1000), cycle = cycles(zone, s);
	size_t i = turn_at(zone, s - cycle * DD_ZONE_CYCLE_S);
	*from = turn_ms(zone, i, cycle);
	*until = turn_ms(zone, i + 1, cycle);
	return zone->turns[i].offset;
}

struct dd_civil dd_zone_civil(const struct dd_zone *zone, int64_t unix_ms)
{
	int64_t s = dd_floor_div(unix_ms, 1000), wall = s + dd_zone_offset_s(zone, unix_ms),
	        days = dd_floor_div(wall, 86400);
	int rest = (int)(wall - days * 86400);
	struct dd_date date = dd_date_of(days);
	return (struct dd_civil){date.year, date.month, date.day, rest / 3600, rest / 60 % 60,
	        rest % 60, (int)(unix_ms - s * 1000), dd_weekday(days)};
}

/* The wall shows `wall` at one instant of each stretch between two turns, which may lie outside of
   the stretch. Earlier stretches come first, so the first of two is found; when a stretch begins
   too late, its beginning is the end of the gap. */
int64_t dd_zone_instant_of(const struct dd_zone *zone, int64_t days, int64_t ms)
{
	int64_t wall = days * DAY_MS + ms, from, until;
	if (zone->n == 1)
		return wall - zone->turns[0].offset * INT64_C(1000);
	int64_t at = wall - DD_ZONE_EAST_MAX_S * INT64_C(1000);
	for (;;) {
		int64_t instant = wall - dd_zone_steady(zone, at, &from, &until) * INT64_C(1000);
		if (instant < from)
			return from;
		if (instant < until)
			return instant;
		at = until;
	}
}

static int64_t time_of_day(struct dd_civil c)
{
	return ((c.hour * INT64_C(60) + c.minute) * 60 + c.second) * 1000 + c.ms;
}

int64_t dd_zone_instant(const struct dd_zone *zone, struct dd_civil civil)
{
	int64_t first = dd_days_of((struct dd_date){civil.year, civil.month, 1});
	return dd_zone_instant_of(zone, first + civil.day - 1, time_of_day(civil));
}
