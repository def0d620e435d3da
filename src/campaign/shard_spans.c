/* What of a forecast adds up. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "campaign/sharding.h"

/* Side by side without gaps: they are added as lists of numbers. */
_Static_assert(sizeof(struct dd_attempt_tally) == 6 * sizeof(uint64_t), "counters alone");
_Static_assert(sizeof(struct dd_agents_tally) == 10 * sizeof(uint64_t), "counters alone");
_Static_assert(
        offsetof(struct dd_menu_tally, visits) == sizeof(uint64_t), "the step, then counters");

size_t shard_spans(struct dd_forecast *f, struct shard_span out[SHARD_SPANS])
{
	size_t steps = f->campaign->program->nsteps + (size_t)1, n = 0;
#define ONE(field) out[n++] = (struct shard_span){#field, &f->field, 1};
#define MANY(field, first) \
	out[n++] = (struct shard_span){#field, first, sizeof f->field / (sizeof(uint64_t))};
	/* clang-format off */
	ONE(contacts) ONE(dialled) ONE(calls) ONE(answered) ONE(completed) ONE(responded) ONE(acted)
	ONE(opted_out) ONE(machine_only) ONE(call_ms) ONE(ring_ms) ONE(hung_up) ONE(dropped)
	ONE(time_limited) ONE(sms) ONE(requests) ONE(errors) ONE(charged) ONE(pulses)
	ONE(held_hours) ONE(sms_unanswered) ONE(held_cap) ONE(held_gap) ONE(held_law)
	MANY(ends, f->ends)
	MANY(attempts, &f->attempts[0].calls)
	MANY(drop_second, f->drop_second)
	MANY(still_there, f->still_there)
	MANY(heat_calls, &f->heat_calls[0][0])
	MANY(heat_humans, &f->heat_humans[0][0])
	        /* clang-format on */
	        if (f->campaign->agents){MANY(agents, &f->agents.wanted)}
#undef ONE
#undef MANY
	out[n++] = (struct shard_span){"drop_step", f->drop_step, steps};
	return n;
}

uint64_t *shard_menu(struct dd_menu_tally *menu)
{
	return &menu->visits;
}

struct dd_forecast *shard_forecast_new(const struct dd_campaign *c)
{
	const struct dd_program *p = c->program;
	struct dd_forecast *f = dd_alloc(sizeof *f);
	f->campaign = c;
	f->drop_step = dd_alloc((p->nsteps + (size_t)1) * sizeof *f->drop_step);
	f->hours = dd_alloc(DD_RUN_HOURS_MAX * sizeof *f->hours);
	f->menus = dd_alloc((p->nsteps + (size_t)1) * sizeof *f->menus);
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].applet == DD_IVR)
			f->menus[f->nmenus++].step = i;
	return f;
}
