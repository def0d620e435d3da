/* The loudspeaker: PortAudio, whose callback only reads a lock-free ring. */
#ifndef DD_VOICE_SPEAKER_H
#define DD_VOICE_SPEAKER_H

#include "voice/line.h"

struct dd_speaker;

/* Opens the default output device. DD_ERR_DEVICE, with one sentence, when there is none; nothing is
   printed by the libraries below (ALSA, JACK). The stream is opened at the device's own rate and
   sounds are resampled. */
enum dd_status dd_speaker_open(enum dd_line line, struct dd_speaker **out, struct dd_error *err);
/* Borrowed from the speaker. play() hands samples to a feeder; stop() silences within one period of
 * the device. */
struct dd_ear dd_speaker_ear(struct dd_speaker *speaker);
/* Keeps the ring full; call it every 50 ms or more often. False once the device has disappeared. */
bool dd_speaker_feed(struct dd_speaker *speaker);
/* Plays the ringing tone (Indian cadence: 400 Hz, 0.4 s on, 0.2 s off, 0.4 s on, 2 s off) until the
 * next play() or stop(). */
void dd_speaker_ring(struct dd_speaker *speaker);
/* The device's output latency in milliseconds, as PortAudio reports it. */
double dd_speaker_latency_ms(const struct dd_speaker *speaker);
/* Milliseconds between the last stop() and the first silent callback after it; -1 when there was
 * none. */
double dd_speaker_stop_ms(const struct dd_speaker *speaker);
void dd_speaker_close(struct dd_speaker *speaker);

#endif
