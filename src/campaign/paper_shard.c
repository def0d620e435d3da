/* What joining needs beside the report: every counter as it was counted, and the flow's steps and
 * keys by name. */
#include <stdio.h>

#include "campaign/papering.h"
#include "campaign/sharding.h"

static json_t *text(const char *t)
{
	return t ? dd_json_text(dd_str(t)) : json_null();
}

static json_t *number(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *numbers(const uint64_t *p, size_t n)
{
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, number(p[i]));
	return list;
}

static json_t *counters(struct dd_forecast *f)
{
	struct shard_span spans[SHARD_SPANS];
	size_t n = shard_spans(f, spans);
	json_t *o = json_object();
	for (size_t i = 0; i < n; i++)
		json_object_set_new(o, spans[i].name, numbers(spans[i].p, spans[i].n));
	return o;
}

static json_t *menus(struct dd_forecast *f)
{
	json_t *list = json_array();
	for (size_t i = 0; i < f->nmenus; i++)
		json_array_append_new(list, numbers(shard_menu(&f->menus[i]), SHARD_MENU_COUNTERS));
	return list;
}

/* calls, answered, ms of lines in use, lines at once */
static json_t *hours(const struct dd_forecast *f)
{
	json_t *list = json_array();
	for (size_t i = 0; i < f->nhours; i++) {
		const struct dd_hour_tally *h = &f->hours[i];
		const uint64_t all[] = {h->calls, h->humans, h->busy_ms, h->peak};
		json_array_append_new(list, numbers(all, 4));
	}
	return list;
}

static json_t *key_json(const struct dd_program *p, const struct dd_key *key)
{
	struct dd_buf answer = {0};
	char name[2] = {key->key, '\0'};
	paper_answer(p, key, &answer);
	json_t *o = json_pack(
	        "{s:s, s:b, s:b}", "key", name, "goal", key->goal, "opt_out", key->opt_out);
	json_object_set_new(
	        o, "answer", dd_json_text((struct dd_str){answer.p ? answer.p : "", answer.n}));
	dd_buf_free(&answer);
	return o;
}

static json_t *steps(const struct dd_program *p)
{
	json_t *list = json_array();
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		json_t *o = json_object(), *keys = json_array();
		json_object_set_new(o, "file", text(p->flows[s->flow].path));
		json_object_set_new(o, "line", json_integer(s->line));
		json_object_set_new(o, "applet", json_string(dd_applet_name(s->applet)));
		json_object_set_new(o, "step", text(s->id));
		for (int k = 0; k < 12; k++)
			if (paper_key(p, i, k))
				json_array_append_new(keys, key_json(p, paper_key(p, i, k)));
		json_object_set_new(o, "keys", keys);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *settings(const struct dd_campaign *c)
{
	json_t *o = json_object();
	json_object_set_new(o, "concurrency", json_integer(c->concurrency));
	json_object_set_new(o, "throttle", json_integer(c->throttle));
	if (c->agents)
		json_object_set_new(o, "agents", json_integer(c->agents));
	json_object_set_new(o, "account_concurrency", json_integer(c->account_concurrency));
	json_object_set_new(o, "account_throttle", json_integer(c->account_throttle));
	json_object_set_new(o, "interval_ms", json_integer(c->interval));
	json_object_set_new(o, "at_times", json_boolean(c->mechanism == DD_WAIT_TIMES));
	json_object_set_new(o, "zone", text(c->zone ? dd_zone_name(c->zone) : NULL));
	json_object_set_new(o, "price_minute", json_real(c->price_minute));
	json_object_set_new(o, "price_pulse_s", json_real(c->price_pulse_s));
	json_object_set_new(o, "price_sms", json_real(c->price_sms));
	json_object_set_new(o, "price_call", json_real(c->price_call));
	return o;
}

static json_t *times(const struct dd_forecast *f)
{
	json_t *o = json_object();
	json_object_set_new(o, "first_call_ms", json_integer(f->first_call));
	json_object_set_new(o, "last_end_ms", json_integer(f->last_end));
	json_object_set_new(o, "first_hour_ms", json_integer(f->first_hour));
	json_object_set_new(o, "open_before_first_ms", json_integer(f->open_before_first));
	json_object_set_new(o, "open_before_last_ms", json_integer(f->open_before_last));
	json_object_set_new(o, "peak", json_integer(f->peak));
	if (f->campaign->agents)
		json_object_set_new(o, "longest_wait_ms", json_integer(f->agents_longest_wait));
	for (int i = 0; i < PAPER_CAUSES; i++) {
		static const char *const names[PAPER_CAUSES] = {"waited_concurrency_ms",
		        "waited_throttle_ms", "waited_retry_ms", "waited_window_ms"};
		json_object_set_new(o, names[i], number((uint64_t)paper_waited(f, i)));
	}
	return o;
}

json_t *shard_json(const struct dd_forecast *f)
{
	char whole[17];
	json_t *o = json_pack("{s:i, s:i}", "index", (int)f->shard.index, "of", (int)f->shard.of);
	(void)snprintf(whole, sizeof whole, "%016llx", (unsigned long long)f->whole);
	json_object_set_new(o, "whole", json_string(whole));
	json_object_set_new(o, "settings", settings(f->campaign));
	json_object_set_new(o, "steps", steps(f->campaign->program));
	json_object_set_new(o, "times", times(f));
	json_object_set_new(o, "counters", counters((struct dd_forecast *)f));
	json_object_set_new(o, "menus", menus((struct dd_forecast *)f));
	json_object_set_new(o, "hours", hours(f));
	return o;
}
