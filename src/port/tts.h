/* Where sounds come from: speech made of text, and recorded files. */
#ifndef DD_PORT_TTS_H
#define DD_PORT_TTS_H

#include "port/sound.h"

/* What is to be said, and how. `voice` is an eSpeak NG voice name, with an optional variant:
 * "en-gb+f2". */
struct dd_speech {
	const char *text; /* UTF-8, NUL-terminated, at most 4,096 characters */
	const char *voice;
	int rate_wpm; /* words a minute, 80-400 */
	int pitch;    /* 0-100 */
	bool ssml;
};

/* A recording as it lies in its file. */
struct dd_recording {
	const char *form; /* "WAV", "MP3", "Ogg Vorbis", "Opus", "FLAC" */
	uint32_t rate_hz, channels;
	uint64_t bytes;
	bool measured;            /* what follows is known: the file is not too large to be read */
	double peak_db, level_db; /* dB of full scale; `level_db` is that of the stretches in which
	                             someone speaks */
	double clipped_per_mille; /* samples in runs of at least three at full scale */
};

#define DD_TTS_UNMEASURED (UINT32_MAX - 1)

/* The first two functions are mandatory, and give a sound that lives as long as the port. The same
   request gives the same samples, whatever was asked before. On failure `*out` is untouched and
   `err` (may be NULL) says why. */
struct dd_tts {
	void *self;
	enum dd_status (*say)(void *self, const struct dd_speech *speech,
	        const struct dd_sound **out, struct dd_error *err);
	enum dd_status (*load)(
	        void *self, const char *path, const struct dd_sound **out, struct dd_error *err);
	/* Lengths of many texts at once, in frames; UINT32_MAX where one cannot be spoken,
	   DD_TTS_UNMEASURED where there was no voice to ask. `rough`: within some 20 ms, for less.
	   NULL: they must be said one by one. */
	void (*lengths)(void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n,
	        bool rough);
	/* NULL where nobody can tell. */
	enum dd_status (*about)(
	        void *self, const char *path, struct dd_recording *out, struct dd_error *err);
	/* Whether say(), or load() for a `path` (then `speech` is NULL), can answer now. False: it
	   is being made; whoever drives the session is told when to ask again. NULL: they always
	   can. */
	bool (*ready)(void *self, const struct dd_speech *speech, const char *path);
};

#endif
