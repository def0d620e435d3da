/* Keys as they sound: ITU-T Q.23 pairs of tones. */
#ifndef DD_VOICE_DTMF_H
#define DD_VOICE_DTMF_H

#include "port/sound.h"

/* ITU-T Q.24 asks for 40 ms and more; the platform's networks read 70 on, 70 off without a fault.
 */
#define DD_DTMF_ON_MS  100
#define DD_DTMF_OFF_MS 70

/* Fills `pcm` with the tone of `key` (0-9 * #) at `rate_hz`, DD_DTMF_ON_MS long with soft edges:
   dd_frames_in(DD_DTMF_ON_MS, rate_hz) samples. False, and nothing written, for another key. */
bool dd_dtmf_tone(char key, uint32_t rate_hz, int16_t *pcm);

#endif
