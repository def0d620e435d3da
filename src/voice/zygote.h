/* Speaks texts in child processes, several at once. */
#ifndef DD_VOICE_ZYGOTE_H
#define DD_VOICE_ZYGOTE_H

#include "port/tts.h"

struct dd_zygotes;
struct dd_zygotes *dd_zygotes_new(void);
void dd_zygotes_free(struct dd_zygotes *zygotes);

struct dd_spoken {
	const struct dd_speech *speech;
	struct dd_sound *sound; /* from malloc, samples and words behind it; NULL after a failure */
	enum dd_status status;
	struct dd_error err;
};
/* Speaks jobs[0 .. n), at most `at_once` at a time. */
void dd_zygotes_speak(struct dd_zygotes *zygotes, struct dd_spoken *jobs, size_t n, unsigned at_once);

#endif
