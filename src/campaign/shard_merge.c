/* Adding up. */
#include "campaign/shard_merge.h"

#include <stdlib.h>

#include "base/arena.h"
#include "campaign/shard_read.h"

enum { HOUR_MS = 3600000 };

static void add_numbers(struct dd_json_reader *r, uint64_t *to, const uint64_t *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		to[i] = dd_json_sum(r, to[i], from[i]);
}

static void add_counters(struct dd_json_reader *r, struct dd_forecast *to, struct dd_forecast *from)
{
	struct shard_span a[SHARD_SPANS], b[SHARD_SPANS];
	size_t n = shard_spans(to, a);
	(void)shard_spans(from, b);
	for (size_t i = 0; i < n; i++)
		add_numbers(r, a[i].p, b[i].p, a[i].n);
	for (size_t i = 0; i < to->nmenus; i++)
		add_numbers(r, shard_menu(&to->menus[i]), shard_menu(&from->menus[i]),
		        SHARD_MENU_COUNTERS);
}

static uint32_t add_lines(uint32_t a, uint32_t b)
{
	return a > UINT32_MAX - b ? UINT32_MAX : a + b;
}

/* Hours are counted from the first one of all shards. */
static void add_hours(
        struct dd_json_reader *r, struct dd_forecast *to, const struct dd_forecast *from)
{
	for (size_t i = 0; i < from->nhours; i++) {
		int64_t at = (from->first_hour - to->first_hour) / HOUR_MS + (int64_t)i;
		at = at < DD_RUN_HOURS_MAX ? at : DD_RUN_HOURS_MAX - 1;
		struct dd_hour_tally *h = &to->hours[at];
		add_numbers(r, &h->calls, &from->hours[i].calls, 1);
		add_numbers(r, &h->humans, &from->hours[i].humans, 1);
		add_numbers(r, &h->busy_ms, &from->hours[i].busy_ms, 1);
		h->peak = add_lines(h->peak, from->hours[i].peak);
		to->nhours = (size_t)at + 1 > to->nhours ? (size_t)at + 1 : to->nhours;
	}
}

static int64_t larger(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

/* Shards run side by side. What a dialler waited for, all of them waited for at the same time; what
 * contacts waited for adds up. */
static void add_times(struct dd_json_reader *r, struct dd_forecast *to,
        const struct dd_forecast *from, bool first)
{
	to->peak = add_lines(to->peak, from->peak);
	to->agents_longest_wait = larger(to->agents_longest_wait, from->agents_longest_wait);
	to->waited_concurrency = larger(to->waited_concurrency, from->waited_concurrency);
	to->waited_throttle = larger(to->waited_throttle, from->waited_throttle);
	to->waited_retry =
	        (int64_t)dd_json_sum(r, (uint64_t)to->waited_retry, (uint64_t)from->waited_retry);
	to->waited_window =
	        (int64_t)dd_json_sum(r, (uint64_t)to->waited_window, (uint64_t)from->waited_window);
	if (first || from->first_call < to->first_call) {
		to->first_call = from->first_call;
		to->first_hour = from->first_hour;
		to->open_before_first = from->open_before_first;
	}
	to->last_end = first ? from->last_end : larger(to->last_end, from->last_end);
	to->open_before_last = larger(to->open_before_last, from->open_before_last);
}

static void sum_up(struct dd_forecast *f)
{
	uint64_t busy = 0;
	for (size_t i = 0; i < f->nhours; i++)
		busy += f->hours[i].busy_ms;
	f->open_ms = f->calls ? f->open_before_last - f->open_before_first : 0;
	f->mean = f->open_ms > 0 ? (double)busy / (double)f->open_ms : 0;
	f->cost = dd_forecast_price(f);
}

static void join(struct dd_json_reader *r, const struct dd_shard_results *all,
        struct dd_forecast **parts, struct dd_forecast *out)
{
	bool first = true;
	out->finished = true;
	for (size_t i = 0; i < all->n; i++) {
		r->file = all->list[i].path;
		add_counters(r, out, parts[i]);
		out->finished &= parts[i]->finished;
		if (!parts[i]->calls)
			continue;
		add_times(r, out, parts[i], first);
		first = false;
	}
	for (size_t i = 0; i < all->n; i++)
		if (parts[i]->calls)
			add_hours(r, out, parts[i]);
	sum_up(out);
}

struct dd_forecast *dd_forecast_merge(const struct dd_shard_results *all, struct dd_error *err)
{
	struct dd_json_reader r = {.file = all->list[0].path, .err = err};
	struct dd_arena *arena = dd_arena_new();
	struct dd_campaign *c = shard_campaign(&r, &all->list[0], arena);
	struct dd_forecast **parts = dd_alloc((all->n + 1) * sizeof *parts),
	                   *out = shard_forecast_new(c);
	c->people = dd_arena_alloc(arena, sizeof *c->people);
	c->people->arena = arena; /* dd_forecast_merged_free() finds it there */
	for (size_t i = 0; i < all->n && !r.failed; i++) {
		r.file = all->list[i].path;
		parts[i] = shard_forecast_new(c);
		shard_read(&r, &all->list[i], parts[i]);
	}
	if (!r.failed)
		join(&r, all, parts, out);
	for (size_t i = 0; i < all->n; i++)
		dd_forecast_free(parts[i]);
	free(parts);
	if (!r.failed)
		return out;
	dd_forecast_merged_free(out);
	return NULL;
}

void dd_forecast_merged_free(struct dd_forecast *f)
{
	if (!f)
		return;
	struct dd_arena *arena = f->campaign->people->arena;
	dd_zone_free((struct dd_zone *)f->campaign->zone);
	dd_forecast_free(f);
	dd_arena_free(arena);
}
