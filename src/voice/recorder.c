/* The mixer's stream, written as the call goes on. */
#include "voice/recorder.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "voice/mixer.h"
#include "voice/sndfile.h"
#include "voice/wav.h"

struct dd_recorder {
	struct dd_mixer *mixer;
	const struct dd_sndfile *lib;
	SNDFILE *file;
	uint32_t rate;
	bool failed;
};

enum dd_status dd_recorder_open(
        const char *path, enum dd_line line, struct dd_recorder **out, struct dd_error *err)
{
	SF_INFO info = {.samplerate = (int)dd_line_rate_hz(line),
	        .channels = 1,
	        .format = SF_FORMAT_WAV | SF_FORMAT_PCM_16};
	const struct dd_sndfile *lib = dd_sndfile(err);
	if (!lib || dd_resampler(err) != DD_OK)
		return DD_ERR_READ;
	SNDFILE *file = lib->sf_open(path, SFM_WRITE, &info);
	if (!file)
		return dd_fail(err, DD_ERR_READ, "%s", lib->sf_strerror(NULL));
	struct dd_recorder *r = dd_alloc(sizeof *r);
	r->mixer = dd_mixer_new(line);
	r->lib = lib;
	r->file = file;
	r->rate = dd_line_rate_hz(line);
	*out = r;
	return DD_OK;
}

/* Everything before `at` can no longer change. */
static void write_until(struct dd_recorder *r, uint64_t at)
{
	int16_t chunk[4096];
	while (dd_mixer_rendered(r->mixer) < at) {
		uint64_t left = at - dd_mixer_rendered(r->mixer);
		size_t n = left < 4096 ? (size_t)left : 4096;
		dd_mixer_render(r->mixer, chunk, n);
		if (r->lib->sf_write_short(r->file, chunk, (sf_count_t)n) != (sf_count_t)n)
			r->failed = true;
	}
}

/* A prompt that will be cut fades before the cut, so the last milliseconds wait until it is known.
 */
static uint64_t frame_of(const struct dd_recorder *r, dd_ms at)
{
	return dd_frames_in(at, r->rate);
}

static void on_play(void *self, dd_ms at, const struct dd_piece *pieces, size_t n)
{
	struct dd_recorder *r = self;
	write_until(r, frame_of(r, at));
	dd_mixer_play(r->mixer, frame_of(r, at), pieces, n);
}

static void on_stop(void *self, dd_ms at)
{
	struct dd_recorder *r = self;
	dd_mixer_stop(r->mixer, frame_of(r, at));
	write_until(r, frame_of(r, at));
}

static void on_key(void *self, dd_ms at, char key)
{
	struct dd_recorder *r = self;
	dd_mixer_key(r->mixer, frame_of(r, at), key);
}

static void on_end(void *self, dd_ms at)
{
	struct dd_recorder *r = self;
	write_until(r, frame_of(r, at));
}

static void on_machine(void *self, dd_ms beep)
{
	struct dd_recorder *r = self;
	dd_mixer_machine(r->mixer, frame_of(r, beep));
}

struct dd_ear dd_recorder_ear(struct dd_recorder *recorder)
{
	return (struct dd_ear){recorder, on_play, on_stop, on_key, on_end, on_machine};
}

enum dd_status dd_recorder_close(struct dd_recorder *r, struct dd_error *err)
{
	if (!r)
		return DD_OK;
	bool failed = r->failed;
	if (r->lib->sf_close(r->file) != 0)
		failed = true;
	dd_mixer_free(r->mixer);
	dd_free(r);
	return failed ? dd_fail(err, DD_ERR_READ, "cannot be written") : DD_OK;
}
