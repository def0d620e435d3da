/* A voice of known lengths: every character lasts as long as the next. For tests and benches. */
#ifndef DD_SIM_TTS_H
#define DD_SIM_TTS_H

#include "port/tts.h"

struct dd_sim_tts;
/* `ms_per_char` 0: 60. Every text after the `fail_after`-th fails (0: none does). */
struct dd_sim_tts *dd_sim_tts_new(unsigned ms_per_char, unsigned fail_after);
void dd_sim_tts_free(struct dd_sim_tts *tts);
struct dd_tts dd_sim_tts_port(struct dd_sim_tts *tts);

#endif
