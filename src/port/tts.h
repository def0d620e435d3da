/* Where sounds come from: speech made of text, and recorded files. */
#ifndef DD_PORT_TTS_H
#define DD_PORT_TTS_H

#include "port/sound.h"

/* What is to be said, and how. `voice` is an eSpeak NG voice name, with an optional variant: "en-gb+f2". */
struct dd_speech {
	const char *text;  /* UTF-8, NUL-terminated, at most 4,096 characters */
	const char *voice;
	int rate_wpm;      /* words a minute, 80-400 */
	int pitch;         /* 0-100 */
	bool ssml;
};

/* Both functions are mandatory, and give a sound that lives as long as the port. The same request gives the
   same samples, whatever was asked before. On failure `*out` is untouched and `err` (may be NULL) says why. */
struct dd_tts {
	void *self;
	enum dd_status (*say)(void *self, const struct dd_speech *speech, const struct dd_sound **out,
			      struct dd_error *err);
	enum dd_status (*load)(void *self, const char *path, const struct dd_sound **out, struct dd_error *err);
};

#endif
