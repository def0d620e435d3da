/* A campaign that is known from its result alone: names and limits, steps and keys, nothing that
 * could be played. */
#include <string.h>

#include "base/arena.h"
#include "campaign/shard_read.h"

static const char *needed(struct dd_json_reader *r, const json_t *o, const char *key)
{
	const char *text = dd_json_text_field(r, o, key);
	if (!text)
		dd_json_fault(r, "\"%s\" is null", key);
	return text ? text : "";
}

static enum dd_applet applet_named(struct dd_json_reader *r, const char *name)
{
	for (int i = 0; i < DD_APPLETS_COUNT; i++)
		if (strcmp(name, dd_applet_name((enum dd_applet)i)) == 0)
			return (enum dd_applet)i;
	dd_json_fault(r, "there is no such applet");
	return DD_GREETING;
}

/* One flow a step, a template and a part a key: a program that is only to be named takes no more
 * care than that. */
static void take_key(
        struct dd_json_reader *r, const json_t *o, struct dd_program *p, struct dd_ivr *ivr)
{
	const char *name = needed(r, o, "key");
	int index = name[0] && !name[1] ? dd_key_index(name[0]) : -1;
	if (index < 0)
		dd_json_fault(r, "there is no such key");
	if (r->failed)
		return;
	uint32_t n = p->nkeys++;
	p->parts[n] = (struct dd_part){.text = dd_str(needed(r, o, "answer")), .slot = DD_NONE};
	p->templates[n] = (struct dd_template){.first = n, .n = 1};
	p->keys[n] = (struct dd_key){.key = name[0],
	        .goal = dd_json_flag_field(r, o, "goal"),
	        .opt_out = dd_json_flag_field(r, o, "opt_out"),
	        .answer = n};
	ivr->by_key[index] = n;
}

static void take_step(struct dd_json_reader *r, const json_t *o, struct dd_program *p, uint32_t i)
{
	const json_t *keys = dd_json_field(r, o, "keys", JSON_ARRAY);
	struct dd_step *s = &p->steps[i];
	s->applet = applet_named(r, needed(r, o, "applet"));
	s->line = (uint32_t)dd_json_count_field(r, o, "line", UINT32_MAX);
	s->id = dd_json_text_field(r, o, "step");
	const char *file = needed(r, o, "file");
	/* steps of a file stand together, and 16 bits say which file it is */
	if (p->nflows == 0 || strcmp(p->flows[p->nflows - 1].path, file) != 0) {
		if (p->nflows == UINT16_MAX)
			dd_json_fault(r, "there are too many flows");
		else
			p->flows[p->nflows++] = (struct dd_flow){.path = file};
	}
	s->flow = (uint16_t)(p->nflows - 1);
	if (s->applet != DD_IVR)
		return;
	memset(s->ivr.by_key, 0xFF, sizeof s->ivr.by_key); /* DD_NONE */
	if (json_array_size(keys) > 12)
		dd_json_fault(r, "a menu has at most 12 keys");
	for (size_t k = 0; k < json_array_size(keys) && !r->failed; k++)
		take_key(r, json_array_get(keys, k), p, &s->ivr);
}

static struct dd_program *program_of(
        struct dd_json_reader *r, const json_t *shard, struct dd_arena *arena)
{
	const json_t *steps = dd_json_field(r, shard, "steps", JSON_ARRAY);
	struct dd_program *p = dd_arena_alloc(arena, sizeof *p);
	size_t n = json_array_size(steps);
	if (n == 0 || n > DD_STEPS_MAX)
		dd_json_fault(r, "\"steps\" should hold the steps of a flow");
	if (r->failed)
		return p;
	p->steps = dd_arena_alloc(arena, n * sizeof *p->steps);
	p->flows = dd_arena_alloc(arena, n * sizeof *p->flows);
	p->keys = dd_arena_alloc(arena, 12 * n * sizeof *p->keys);
	p->parts = dd_arena_alloc(arena, 12 * n * sizeof *p->parts);
	p->templates = dd_arena_alloc(arena, 12 * n * sizeof *p->templates);
	for (; p->nsteps < n && !r->failed; p->nsteps++)
		take_step(r, json_array_get(steps, p->nsteps), p, p->nsteps);
	return p;
}

struct dd_campaign *shard_campaign(
        struct dd_json_reader *r, const struct dd_shard_result *s, struct dd_arena *arena)
{
	struct dd_campaign *c = dd_arena_alloc(arena, sizeof *c);
	const json_t *o = dd_json_field(r, s->shard, "settings", JSON_OBJECT);
	struct dd_zone *zone = NULL;
	struct dd_error err = {""};
	c->path = dd_json_text_field(r, s->result, "file");
	c->name = dd_json_text_field(r, s->result, "campaign");
	c->concurrency = (uint32_t)dd_json_count_field(r, o, "concurrency", UINT32_MAX);
	if (json_object_get(o, "agents"))
		c->agents = (uint32_t)dd_json_count_field(r, o, "agents", UINT32_MAX);
	c->throttle = (uint32_t)dd_json_count_field(r, o, "throttle", UINT32_MAX);
	c->account_concurrency =
	        (uint32_t)dd_json_count_field(r, o, "account_concurrency", UINT32_MAX);
	c->account_throttle = (uint32_t)dd_json_count_field(r, o, "account_throttle", UINT32_MAX);
	c->interval = (dd_ms)dd_json_count_field(r, o, "interval_ms", INT64_MAX);
	c->mechanism = dd_json_flag_field(r, o, "at_times") ? DD_WAIT_TIMES : DD_WAIT_FIXED;
	c->price_minute = dd_json_real_field(r, o, "price_minute");
	c->price_pulse_s = dd_json_real_field(r, o, "price_pulse_s");
	c->price_sms = dd_json_real_field(r, o, "price_sms");
	c->price_call = dd_json_real_field(r, o, "price_call");
	const char *name = dd_json_text_field(r, o, "zone");
	if (!r->failed && name && dd_zone_open(name, &zone, &err) != DD_OK)
		dd_json_fault(r, "%.140s", err.text);
	c->zone = zone;
	c->program = program_of(r, s->shard, arena);
	return c;
}
