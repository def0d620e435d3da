/* Speaks texts in child processes, several at once. */
#ifndef DD_VOICE_ZYGOTE_H
#define DD_VOICE_ZYGOTE_H

#include "port/tts.h"

struct dd_zygotes;
struct dd_zygotes *dd_zygotes_new(void);
void dd_zygotes_free(struct dd_zygotes *zygotes);
/* For tests: after so long a zygote that says nothing is taken for stuck; 0: 25 s, which is more
 * than any text may take. */
void dd_zygotes_patience(unsigned ms);

struct dd_spoken {
	const struct dd_speech *speech;
	struct dd_sound *sound; /* from malloc, samples and words behind it; NULL after a failure */
	enum dd_status status;
	struct dd_error err;
};
/* Speaks jobs[0 .. n), at most `at_once` at a time. */
void dd_zygotes_speak(
        struct dd_zygotes *zygotes, struct dd_spoken *jobs, size_t n, unsigned at_once);
/* How many frames each text has; UINT32_MAX where one could not be spoken. Cheaper than speaking
   them: no sound comes back. `rough`: within some 20 ms, for less; the same texts in the same order
   have the same lengths, whatever `at_once` is. */
void dd_zygotes_measure(struct dd_zygotes *zygotes, const struct dd_speech *speeches,
        uint32_t *frames, size_t n, unsigned at_once, bool rough);

#endif
