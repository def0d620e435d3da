/* Recorded audio. */
#ifndef DD_VOICE_WAV_H
#define DD_VOICE_WAV_H

#include "port/tts.h"

enum { DD_AUDIO_BYTES_MAX = 5 * 1024 * 1024 };

/* Reads a recording (WAV, MP3, Ogg Vorbis, Opus or FLAC, whatever its name) of any common rate,
   width and channel count, mixed to mono, at DD_RATE_HZ. `*out` is from malloc. DD_ERR_LIMIT: a
   small file that unpacks to more than anyone listens to. */
enum dd_status dd_wav_read(const char *path, struct dd_sound **out, struct dd_error *err);
/* How a recording of any size is made, and, up to 5 MiB, how loud it is. */
enum dd_status dd_wav_about(const char *path, struct dd_recording *out, struct dd_error *err);

/* soxr, deterministic: `frames` samples at `from_hz` to exactly ceil(frames * to / from) at
 * `to_hz`, into free()able `*out`. DD_ERR_READ: soxr is not installed. */
enum dd_status dd_resample(const float *in, size_t frames, uint32_t from_hz, uint32_t to_hz,
        float **out, size_t *out_frames);
/* Whether that can be done; else DD_ERR_READ, with a sentence. */
enum dd_status dd_resampler(struct dd_error *err);
/* With rounding and saturation. */
int16_t dd_sample(float value);

#endif
