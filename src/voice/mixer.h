/* The call as one stream of samples: prompts laid end to end in time, keys over them. The recorder
   and the speaker differ only in who asks for the samples. */
#ifndef DD_VOICE_MIXER_H
#define DD_VOICE_MIXER_H

#include "voice/line.h"

struct dd_mixer;

struct dd_mixer *dd_mixer_new(enum dd_line line);
void dd_mixer_free(struct dd_mixer *mixer);
/* Changes what is heard from frame `at` (of the line's rate) on; `at` is not before what was
 * already rendered. */
void dd_mixer_play(struct dd_mixer *mixer, uint64_t at, const struct dd_piece *pieces, size_t n);
void dd_mixer_stop(struct dd_mixer *mixer, uint64_t at);
/* An answering machine beeps at frame `beep`: what is heard before, which is lost, is soft. */
void dd_mixer_machine(struct dd_mixer *mixer, uint64_t beep);
void dd_mixer_key(struct dd_mixer *mixer, uint64_t at, char key);
/* The next `n` frames. */
void dd_mixer_render(struct dd_mixer *mixer, int16_t *out, size_t n);
uint64_t dd_mixer_rendered(const struct dd_mixer *mixer);

#endif
