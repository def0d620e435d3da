/* Whether two shards are of one whole: a digest of everything that a forecast depends on. */
#define XXH_INLINE_ALL
#include <stdlib.h>
#include <xxhash.h>

#include "campaign/sharding.h"

static void add_text(XXH3_state_t *x, const char *p, size_t n)
{
	XXH3_64bits_update(x, &n, sizeof n);
	XXH3_64bits_update(x, p, n);
}

static void add_zone(XXH3_state_t *x, const struct dd_zone *zone)
{
	const char *name = zone ? dd_zone_name(zone) : "";
	add_text(x, name, strlen(name));
}

static void add_people(XXH3_state_t *x, const struct dd_people *people)
{
	for (uint32_t i = 0; i < people->n; i++) {
		const struct dd_person *p = &people->list[i];
		uint64_t known[] = {
		        p->number, (uint64_t)p->line << 24 | (uint64_t)p->zone << 8 | p->flags};
		XXH3_64bits_update(x, known, sizeof known);
	}
	if (people->due)
		XXH3_64bits_update(x, people->due, people->n * sizeof *people->due);
	for (size_t i = 1; i < people->nzones; i++)
		add_zone(x, people->zones[i]), add_zone(x, people->east[i]);
}

/* What the simulation asks of a law. */
static void add_law(XXH3_state_t *x, const struct dd_law *law)
{
	int64_t asked[] = {law->calls_per_day, law->calls_per_week, law->consent, law->dnd};
	XXH3_64bits_update(x, asked, sizeof asked);
	add_text(x, law->zone ? law->zone : "", law->zone ? strlen(law->zone) : 0);
	for (size_t i = 0; i < law->nhours; i++) {
		int64_t hours[] = {law->hours[i].weekdays, law->hours[i].start_ms,
		        law->hours[i].end_ms, law->hours[i].all_day};
		XXH3_64bits_update(x, hours, sizeof hours);
	}
}

uint64_t shard_digest(const struct dd_campaign *c, const dd_ms *prompt_ms, uint64_t seed)
{
	XXH3_state_t *x = XXH3_createState();
	struct dd_buf audience = {0};
	XXH3_64bits_reset(x);
	add_text(x, DRYDIAL_VERSION, sizeof DRYDIAL_VERSION);
	seed += c->seed;
	XXH3_64bits_update(x, &seed, sizeof seed);
	if (c->source)
		add_text(x, c->source->text.p, c->source->text.n);
	for (uint32_t i = 0; i < c->program->nflows; i++)
		if (c->program->flows[i].source)
			add_text(x, c->program->flows[i].source->text.p,
			        c->program->flows[i].source->text.n);
	XXH3_64bits_update(x, prompt_ms, c->program->nprompts * sizeof *prompt_ms);
	add_people(x, c->people);
	add_law(x, c->law);
	dd_audience_explain(c->audience, &audience);
	add_text(x, audience.p, audience.n);
	dd_buf_free(&audience);
	uint64_t digest = XXH3_64bits_digest(x);
	XXH3_freeState(x);
	return digest;
}
