/* One prompt and one tone at a time; tones that come too close together wait for one another. */
#include "voice/mixer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "voice/dtmf.h"

enum { FADE_MS = 5, KEYS_MAX = 64 };

struct dd_mixer {
	enum dd_line line;
	uint32_t rate;
	uint64_t at;
	int16_t *prompt;
	size_t nprompt;
	uint64_t prompt_at, prompt_end; /* the end moves when the prompt is stopped */
	struct {
		uint64_t at;
		char key;
	} keys[KEYS_MAX];
	size_t nkeys;
	uint64_t beep;      /* of a machine; 0: none */
	uint64_t keys_free; /* the first frame at which a tone may begin */
	int16_t tone[DD_RATE_HZ / 1000 * DD_DTMF_ON_MS + 64];
};

struct dd_mixer *dd_mixer_new(enum dd_line line)
{
	struct dd_mixer *m = dd_alloc(sizeof *m);
	m->line = line;
	m->rate = dd_line_rate_hz(line);
	return m;
}

void dd_mixer_free(struct dd_mixer *m)
{
	if (!m)
		return;
	dd_free(m->prompt);
	dd_free(m);
}

uint64_t dd_mixer_rendered(const struct dd_mixer *mixer)
{
	return mixer->at;
}

void dd_mixer_play(struct dd_mixer *m, uint64_t at, const struct dd_piece *pieces, size_t n)
{
	dd_free(m->prompt);
	m->prompt = NULL;
	if (dd_line_carry_pieces(m->line, pieces, n, &m->prompt, &m->nprompt) != DD_OK)
		m->nprompt = 0;
	m->prompt_at = at;
	m->prompt_end = at + m->nprompt;
}

void dd_mixer_stop(struct dd_mixer *m, uint64_t at)
{
	if (at < m->prompt_end)
		m->prompt_end = at;
}

void dd_mixer_machine(struct dd_mixer *m, uint64_t beep)
{
	m->beep = beep;
}

/* What a machine makes of the line: softer by 12 dB until its beep, then half a second of 1000 Hz.
 */
static int through_machine(const struct dd_mixer *m, int value)
{
	uint64_t length = dd_frames_in(500, m->rate);
	if (m->at < m->beep)
		return value / 4;
	if (!m->beep || m->at >= m->beep + length)
		return value;
	double t = 2 * M_PI * 1000 * (double)(m->at - m->beep) / m->rate;
	return value / 4 + (int)lrint(8000 * sin(t));
}

void dd_mixer_key(struct dd_mixer *m, uint64_t at, char key)
{
	if (m->nkeys == KEYS_MAX)
		return;
	uint64_t from = at > m->keys_free ? at : m->keys_free;
	m->keys[m->nkeys].at = from;
	m->keys[m->nkeys++].key = key;
	m->keys_free = from + dd_frames_in(DD_DTMF_ON_MS + DD_DTMF_OFF_MS, m->rate);
}

/* The prompt at a frame, faded out over the last milliseconds of one that was cut. */
static int prompt_at(const struct dd_mixer *m, uint64_t at)
{
	uint64_t fade = dd_frames_in(FADE_MS, m->rate), whole = m->prompt_at + m->nprompt;
	if (at < m->prompt_at || at >= m->prompt_end)
		return 0;
	int value = m->prompt[at - m->prompt_at];
	if (m->prompt_end < whole && m->prompt_end - at < fade)
		value = (int)((int64_t)value * (int64_t)(m->prompt_end - at) / (int64_t)fade);
	return value;
}

void dd_mixer_render(struct dd_mixer *m, int16_t *out, size_t n)
{
	uint64_t length = dd_frames_in(DD_DTMF_ON_MS, m->rate);
	for (size_t i = 0; i < n; i++, m->at++) {
		if (m->nkeys && m->at >= m->keys[0].at + length) {
			memmove(m->keys, m->keys + 1, --m->nkeys * sizeof *m->keys);
		}
		int value = through_machine(m, prompt_at(m, m->at));
		if (m->nkeys && m->at >= m->keys[0].at) {
			if (m->at == m->keys[0].at)
				(void)dd_dtmf_tone(m->keys[0].key, m->rate, m->tone);
			value = value / 4 + m->tone[m->at - m->keys[0].at];
		}
		out[i] = (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
	}
}
