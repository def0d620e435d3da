/* What is heard: samples with the words in them, and the port of whoever listens. */
#ifndef DD_PORT_SOUND_H
#define DD_PORT_SOUND_H

#include <drydial/base.h>

/* The one rate inside drydial: eSpeak NG's own. Other rates are converted at the edges. */
#define DD_RATE_HZ 22050

/* A word of a spoken text: the frame at which it begins, and the bytes of the text that hold it. */
struct dd_word {
	uint32_t frame;
	uint32_t start, end;
};

/* Mono 16-bit samples at DD_RATE_HZ. Immutable; owned by whoever made it (dd_voice keeps its
   sounds until it is freed). `words` is sorted by frame and empty for recorded audio. */
struct dd_sound {
	uint32_t frames;
	uint32_t nwords;
	const int16_t *pcm;
	const struct dd_word *words;
};

/* One stretch of a prompt: a sound, or `frames` of silence where `sound` is NULL. */
struct dd_piece {
	const struct dd_sound *sound;
	uint32_t frames;
};

/* Someone who hears the call: the speaker, the recorder. Calls come in order of `at`. The
   first four functions are mandatory; none may block. `pieces` are borrowed for the call of play()
   only, but the sounds inside live as long as the call. */
struct dd_ear {
	void *self;
	/* A prompt begins. What played before is over. */
	void (*play)(void *self, dd_ms at, const struct dd_piece *pieces, size_t n);
	/* The prompt that plays is cut short. */
	void (*stop)(void *self, dd_ms at);
	/* The customer pressed one of 0-9 * #. */
	void (*key)(void *self, dd_ms at, char key);
	/* The call is over at `at`. */
	void (*end)(void *self, dd_ms at);
	/* The call, which begins, is taken by an answering machine, that speaks itself until `beep`
	   and then beeps: what is said to it before is lost. NULL: that makes no difference. */
	void (*machine)(void *self, dd_ms beep);
};

/* Frames that last `ms` at `rate_hz`, rounded down; and the milliseconds that hold `frames`,
 * rounded up. */
static inline uint64_t dd_frames_in(dd_ms ms, uint32_t rate_hz)
{
	return (uint64_t)ms * rate_hz / 1000;
}
static inline dd_ms dd_ms_of(uint64_t frames, uint32_t rate_hz)
{
	return (dd_ms)((frames * 1000 + rate_hz - 1) / rate_hz);
}

#endif
