/* Silence of the right length, with a word at every word. */
#include "sim/tts.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

struct dd_sim_tts {
	struct dd_arena *arena;
	unsigned ms_per_char, fail_after, said;
	int16_t *silence; /* that of all sounds: each has the beginning of it */
	uint32_t nsilence;
};

struct dd_sim_tts *dd_sim_tts_new(unsigned ms_per_char, unsigned fail_after)
{
	struct dd_sim_tts *t = dd_alloc(sizeof *t);
	t->arena = dd_arena_new();
	t->ms_per_char = ms_per_char ? ms_per_char : 60;
	t->fail_after = fail_after;
	return t;
}

void dd_sim_tts_free(struct dd_sim_tts *t)
{
	if (!t)
		return;
	dd_arena_free(t->arena);
	dd_free(t);
}

static uint32_t frame_of(const struct dd_sim_tts *t, size_t chars)
{
	return (uint32_t)dd_frames_in((dd_ms)(chars * t->ms_per_char), DD_RATE_HZ);
}

static const int16_t *silence(struct dd_sim_tts *t, uint32_t frames)
{
	if (frames >= t->nsilence) { /* what was lent before stays where it is */
		t->nsilence = 2 * frames + 1;
		t->silence = dd_arena_alloc(t->arena, t->nsilence * sizeof *t->silence);
	}
	return t->silence;
}

static enum dd_status say(void *self, const struct dd_speech *speech, const struct dd_sound **out,
        struct dd_error *err)
{
	struct dd_sim_tts *t = self;
	size_t n = strlen(speech->text), at = 0;
	if (t->fail_after && t->said++ >= t->fail_after)
		return dd_fail(err, DD_ERR_VOICE, "the voice was told to fail");
	struct dd_word *words = dd_arena_alloc(t->arena, (n / 2 + 1) * sizeof *words);
	struct dd_sound *s = dd_arena_alloc(t->arena, sizeof *s);
	while (at < n) {
		size_t end = at + strcspn(speech->text + at, " ");
		if (end > at)
			words[s->nwords++] =
			        (struct dd_word){frame_of(t, at), (uint32_t)at, (uint32_t)end};
		at = end + 1;
	}
	s->frames = frame_of(t, n);
	s->words = words;
	s->pcm = silence(t, s->frames);
	*out = s;
	return DD_OK;
}

static enum dd_status load(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	struct dd_speech speech = {path, "", 160, 50, false};
	return say(self, &speech, out, err);
}

/* As the real voice does: a rough length is off by some milliseconds, and another text's by others.
 */
static void lengths(
        void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n, bool rough)
{
	const struct dd_sim_tts *t = self;
	for (size_t i = 0; i < n; i++) {
		size_t chars = strlen(speeches[i].text);
		unsigned off = chars ? (unsigned char)speeches[i].text[chars / 2] % 10U : 0;
		frames[i] = frame_of(t, chars);
		if (rough && t->ms_per_char > off)
			frames[i] += (uint32_t)dd_frames_in((dd_ms)off, DD_RATE_HZ);
	}
}

struct dd_tts dd_sim_tts_port(struct dd_sim_tts *tts)
{
	return (struct dd_tts){tts, say, load, lengths, NULL, NULL};
}
