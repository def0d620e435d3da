/* A shard is somebody's file: every number is asked for, and what contradicts itself is refused. */
#include "campaign/shard_read.h"

enum { HOUR_MS = 3600000, HOUR_COUNTERS = 4 };
static const int64_t LATEST_MS = INT64_C(253402300799000); /* the end of year 9999 */

static void take_numbers(
        struct dd_json_reader *r, const json_t *list, const char *name, uint64_t *to, size_t n)
{
	if (json_array_size(list) != n)
		dd_json_fault(r, "\"%s\" should be a list of %zu numbers", name, n);
	for (size_t i = 0; i < n && !r->failed; i++)
		to[i] = dd_json_count(r, json_array_get(list, i), name, INT64_MAX);
}

static void take_hours(struct dd_json_reader *r, const json_t *shard, struct dd_forecast *f)
{
	const json_t *hours = dd_json_field(r, shard, "hours", JSON_ARRAY);
	if (json_array_size(hours) > DD_RUN_HOURS_MAX)
		dd_json_fault(r, "\"hours\" has more than %d hours", DD_RUN_HOURS_MAX);
	for (size_t i = 0; i < json_array_size(hours) && !r->failed; i++) {
		uint64_t all[HOUR_COUNTERS] = {0};
		take_numbers(r, json_array_get(hours, i), "hours", all, HOUR_COUNTERS);
		if (all[3] > UINT32_MAX)
			dd_json_fault(r, "a number of calls at once is too large");
		f->hours[f->nhours++] =
		        (struct dd_hour_tally){all[0], all[1], all[2], (uint32_t)all[3]};
	}
}

static int64_t instant(struct dd_json_reader *r, const json_t *times, const char *key)
{
	int64_t at = dd_json_int_field(r, times, key);
	if (at < -LATEST_MS || at > LATEST_MS)
		dd_json_fault(r, "\"%s\" is no time of this era", key);
	return at;
}

static void take_times(struct dd_json_reader *r, const json_t *shard, struct dd_forecast *f)
{
	const json_t *o = dd_json_field(r, shard, "times", JSON_OBJECT);
	const uint64_t most = (uint64_t)LATEST_MS;
	f->first_call = instant(r, o, "first_call_ms");
	f->last_end = instant(r, o, "last_end_ms");
	f->first_hour = instant(r, o, "first_hour_ms");
	f->open_before_first = (int64_t)dd_json_count_field(r, o, "open_before_first_ms", most);
	f->open_before_last = (int64_t)dd_json_count_field(r, o, "open_before_last_ms", most);
	f->peak = (uint32_t)dd_json_count_field(r, o, "peak", UINT32_MAX);
	if (f->campaign->agents)
		f->agents_longest_wait = (dd_ms)dd_json_count_field(r, o, "longest_wait_ms", most);
	f->waited_concurrency =
	        (int64_t)dd_json_count_field(r, o, "waited_concurrency_ms", INT64_MAX);
	f->waited_throttle = (int64_t)dd_json_count_field(r, o, "waited_throttle_ms", INT64_MAX);
	f->waited_retry = (int64_t)dd_json_count_field(r, o, "waited_retry_ms", INT64_MAX);
	f->waited_window = (int64_t)dd_json_count_field(r, o, "waited_window_ms", INT64_MAX);
	if (f->calls && (f->last_end < f->first_call || f->open_before_last < f->open_before_first))
		dd_json_fault(r, "it ends before it begins");
	if (f->calls && (f->first_call < f->first_hour || f->first_call - f->first_hour >= HOUR_MS))
		dd_json_fault(r, "its first call is not in its first hour");
}

static void take_counters(struct dd_json_reader *r, const json_t *shard, struct dd_forecast *f)
{
	struct shard_span spans[SHARD_SPANS];
	size_t n = shard_spans(f, spans);
	const json_t *counters = dd_json_field(r, shard, "counters", JSON_OBJECT),
	             *menus = dd_json_field(r, shard, "menus", JSON_ARRAY);
	for (size_t i = 0; i < n && !r->failed; i++)
		take_numbers(r, dd_json_field(r, counters, spans[i].name, JSON_ARRAY),
		        spans[i].name, spans[i].p, spans[i].n);
	if (json_array_size(menus) != f->nmenus)
		dd_json_fault(r, "\"menus\" are not those of the steps");
	for (size_t i = 0; i < f->nmenus && !r->failed; i++)
		take_numbers(r, json_array_get(menus, i), "menus", shard_menu(&f->menus[i]),
		        SHARD_MENU_COUNTERS);
}

static uint64_t sum(const uint64_t *p, size_t n)
{
	uint64_t all = 0;
	for (size_t i = 0; i < n; i++)
		all += p[i];
	return all;
}

static bool calls_add_up(const struct dd_forecast *f)
{
	uint64_t calls = 0, humans = 0, by_hour = 0, heat = sum(&f->heat_calls[0][0], 7 * 24);
	for (int i = 0; i < DD_ATTEMPTS_MAX; i++) {
		const struct dd_attempt_tally *a = &f->attempts[i];
		calls += a->calls;
		humans += a->humans;
		if (a->humans + a->machines + a->busy + a->no_answer + a->failed != a->calls)
			return false;
	}
	for (size_t i = 0; i < f->nhours; i++)
		by_hour += f->hours[i].calls;
	return calls == f->calls && by_hour == calls && heat == calls &&
	        humans == f->still_there[0] && humans >= f->hung_up;
}

static bool contacts_add_up(const struct dd_forecast *f)
{
	const uint64_t parts[] = {
	        f->answered, f->completed, f->responded, f->acted, f->opted_out, f->machine_only};
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		if (parts[i] > f->dialled)
			return false;
	return sum(f->ends, DD_CONTACT_ENDS_COUNT) == f->contacts && f->dialled <= f->contacts;
}

void shard_read(struct dd_json_reader *r, const struct dd_shard_result *s, struct dd_forecast *f)
{
	if (dd_json_flag_field(r, s->result, "interrupted"))
		dd_json_fault(r, "this shard was stopped before its end; run it again");
	f->finished = dd_json_flag_field(r, s->result, "finished");
	take_counters(r, s->shard, f);
	take_hours(r, s->shard, f);
	take_times(r, s->shard, f);
	if (!r->failed && (!calls_add_up(f) || !contacts_add_up(f)))
		dd_json_fault(r, "its numbers do not add up");
}
