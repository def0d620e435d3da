/* What the page plays: each prompt once, as it is heard over the line. */
#define XXH_INLINE_ALL
#include <stdlib.h>
#include <string.h>

#include <xxhash.h>

#include "base/hash.h"
#include "base/arena.h"
#include "cli/test.h"

enum { SOUND_BYTES_MAX = 48 << 20 }; /* of the whole page; what comes later has no sound */

struct known {
	uint64_t key;
	uint32_t index;
	UT_hash_handle hh;
};

struct listener {
	struct dd_arena *arena;
	struct dd_test_report *report;
	struct dd_result *result;
	struct known *known;
	size_t bytes;
	bool playing;
};

/* By what is heard, not by where it lies: a call's own tones go with the call, and what comes next
 * may lie at their place. */
static uint64_t key_of(const struct dd_piece *pieces, size_t n)
{
	XXH3_state_t x;
	XXH3_64bits_reset(&x);
	for (size_t i = 0; i < n; i++) {
		const struct dd_piece *g = &pieces[i];
		XXH3_64bits_update(&x, &g->frames, sizeof g->frames);
		if (g->sound)
			XXH3_64bits_update(&x, g->sound->pcm,
			        (g->frames < g->sound->frames ? g->frames : g->sound->frames) *
			                sizeof *g->sound->pcm);
	}
	return XXH3_64bits_digest(&x);
}

static bool add_sound(struct listener *l, const struct dd_piece *pieces, size_t n, uint32_t *index)
{
	uint64_t key = key_of(pieces, n);
	struct known *k;
	HASH_FIND(hh, l->known, &key, sizeof key, k);
	if (!k) {
		unsigned char *bytes = NULL;
		size_t size = 0;
		if (l->bytes > SOUND_BYTES_MAX || dd_line_alaw(pieces, n, &bytes, &size) != DD_OK)
			return false;
		unsigned char *kept = dd_arena_alloc(l->arena, size + 1);
		memcpy(kept, bytes, size);
		free(bytes);
		l->bytes += size;
		k = dd_arena_alloc(l->arena, sizeof *k);
		k->key = key;
		k->index = (uint32_t)l->report->nsounds;
		DD_PUSH(l->report->sounds, l->report->nsounds, l->report->cap_sounds) =
		        (struct dd_alaw){kept, size};
		HASH_ADD(hh, l->known, key, sizeof k->key, k);
	}
	*index = k->index;
	return true;
}

static void close_last(struct listener *l, dd_ms at)
{
	struct dd_result *r = l->result;
	if (l->playing && r->nheard && r->heard[r->nheard - 1].until > at)
		r->heard[r->nheard - 1].until = at;
	l->playing = false;
}

static void on_play(void *self, dd_ms at, const struct dd_piece *pieces, size_t n)
{
	struct listener *l = self;
	uint32_t index;
	uint64_t frames = 0;
	close_last(l, at);
	for (size_t i = 0; i < n; i++)
		frames += pieces[i].frames;
	if (frames == 0 || !add_sound(l, pieces, n, &index))
		return;
	DD_PUSH(l->result->heard, l->result->nheard, l->result->cap_heard) =
	        (struct dd_heard){at, at + dd_ms_of(frames, DD_RATE_HZ), index};
	l->playing = true;
}

static void on_end(void *self, dd_ms at)
{
	close_last(self, at);
}

static void on_key(void *self, dd_ms at, char key)
{
	(void)self, (void)at, (void)key;
}

void dd_test_listen(const struct dd_plan *plan, struct dd_tts tts, struct dd_arena *arena,
        struct dd_test_report *report)
{
	struct listener l = {.arena = arena, .report = report};
	struct dd_ear ear = {&l, on_play, on_end, on_key, on_end, NULL};
	struct dd_result *results = report->results + (report->n - plan->nruns);
	for (size_t i = 0; i < plan->nruns; i++) {
		struct dd_result again;
		struct dd_run_options o = {.tts = tts, .ears = &ear, .nears = 1, .quick = true};
		l.result = &results[i];
		l.playing = false;
		if (!results[i].kept)
			continue;
		dd_scenario_run(plan->suites[plan->runs[i].suite], plan->runs[i].scenario,
		        plan->runs[i].row, &o, &again);
		dd_result_fini(&again);
		close_last(&l, results[i].call_ms);
	}
	HASH_CLEAR(hh, l.known);
}
