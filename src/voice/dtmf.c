/* ITU-T Q.23: each key is one low and one high tone. */
#include "voice/dtmf.h"

#include <math.h>
#include <string.h>

static const char KEYS[] = "123A456B789C*0#D";
static const double LOW_HZ[] = {697, 770, 852, 941}, HIGH_HZ[] = {1209, 1336, 1477, 1633};

bool dd_dtmf_tone(char key, uint32_t rate_hz, int16_t *pcm)
{
	const char *at = key ? strchr(KEYS, key) : NULL;
	if (!at || (key >= 'A' && key <= 'D'))
		return false;
	double low = LOW_HZ[(at - KEYS) / 4], high = HIGH_HZ[(at - KEYS) % 4];
	size_t n = (size_t)dd_frames_in(DD_DTMF_ON_MS, rate_hz),
	       edge = (size_t)dd_frames_in(5, rate_hz);
	for (size_t i = 0; i < n; i++) {
		double t = 2 * M_PI * (double)i / rate_hz,
		       level = 0.3; /* each tone about -10 dBFS */
		if (i < edge)
			level *= (double)i / (double)edge;
		else if (n - i < edge)
			level *= (double)(n - i) / (double)edge;
		pcm[i] = (int16_t)lrint(32767 * level * (sin(t * low) + sin(t * high)));
	}
	return true;
}
