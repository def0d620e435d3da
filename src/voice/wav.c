/* libsndfile reads, soxr resamples. soxr's own rounding to 16 bits is dithered by the clock; floats
 * are not, and we round. */
#include "voice/wav.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <pthread.h>
#include <soxr.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/input.h"
#include "base/library.h"
#include "voice/sndfile.h"

/* What a file of the greatest size holds in the tightest of the WAV codecs, in stereo. FLAC, Opus
   and MP3 pack silence so tightly that a small file may hold hours: such a file is read until here.
 */
#define MOST_SAMPLES ((size_t)20 * DD_AUDIO_BYTES_MAX)
/* So many frames are read at once. */
enum { BLOCK = 16384 };

int16_t dd_sample(float value)
{
	if (!(value == value))
		return 0;
	float scaled = roundf(value * 32767.0F);
	return (int16_t)(scaled > 32767.0F ? 32767.0F : scaled < -32768.0F ? -32768.0F : scaled);
}

/* -- soxr, opened when something is resampled --------------------------------- */

/* clang-format off */
#define FUNCTIONS(X) X(soxr_io_spec) X(soxr_quality_spec) X(soxr_oneshot)
/* clang-format on */
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
	enum dd_status status;
	struct dd_error err;
} soxr;

static void open_soxr(void)
{
	static const char *const names[] = {"libsoxr.so.0", "libsoxr.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &soxr.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	soxr.status = dd_library_open(names, symbols, &soxr.err);
}

enum dd_status dd_resampler(struct dd_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, open_soxr);
	if (soxr.status != DD_OK)
		*err = soxr.err;
	return soxr.status;
}

enum dd_status dd_resample(const float *in, size_t frames, uint32_t from_hz, uint32_t to_hz,
        float **out, size_t *out_frames)
{
	struct dd_error err;
	size_t want = (size_t)(((uint64_t)frames * to_hz + from_hz - 1) / from_hz), done = 0;
	if (from_hz != to_hz && frames && dd_resampler(&err) != DD_OK)
		return DD_ERR_READ;
	float *room = dd_alloc((want + 16) * sizeof *room);
	if (from_hz == to_hz) {
		memcpy(room, in, frames * sizeof *room);
	} else if (frames) {
		soxr_io_spec_t io = soxr.soxr_io_spec(SOXR_FLOAT32_I, SOXR_FLOAT32_I);
		soxr_quality_spec_t quality = soxr.soxr_quality_spec(SOXR_HQ, 0);
		io.flags |= SOXR_NO_DITHER;
		/* with rates that are fine only memory can fail; libsoxr does not look at all of
		   its own, and may crash then: nothing here can help that */
		if (soxr.soxr_oneshot(from_hz, to_hz, 1, in, frames, NULL, room, want + 16, &done,
		            &io, &quality, NULL))
			dd_memory_failed();
	}
	*out = room;
	*out_frames = want;
	return DD_OK;
}

static int open_file(const char *path, uint64_t most, struct dd_error *err)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		dd_fail(err, DD_ERR_READ, "%s: %s", path, strerror(errno));
	} else if (!S_ISREG(st.st_mode)) {
		dd_fail(err, DD_ERR_READ, "%s: is not a file", path);
	} else if ((uint64_t)st.st_size > most) {
		dd_fail(err, DD_ERR_LIMIT,
		        "%s: is larger than 5 MiB, the most an audio file may be", path);
	} else {
		dd_input_note(fd);
		return fd;
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

/* The samples of a file, block by block: what its head says of its length may be wrong, or missing.
   NULL where it holds more than MOST_SAMPLES. */
static float *read_samples(
        const struct dd_sndfile *lib, SNDFILE *file, const SF_INFO *info, bool mono, size_t *frames)
{
	size_t channels = (size_t)info->channels, kept = mono ? 1 : channels, n = 0, cap = 0, got;
	float *all = dd_alloc(sizeof *all), *block = dd_alloc(BLOCK * channels * sizeof *block);
	while ((got = (size_t)lib->sf_readf_float(file, block, BLOCK)) > 0 && got <= BLOCK) {
		if ((n + got) * channels > MOST_SAMPLES) {
			dd_free(all);
			dd_free(block);
			return NULL;
		}
		if (n + got > cap) {
			cap = 2 * (n + got);
			all = dd_realloc(all, cap * kept, sizeof *all);
		}
		for (size_t i = 0; mono && i < got; i++) {
			float sum = 0;
			for (size_t c = 0; c < channels; c++)
				sum += block[i * channels + c];
			all[n + i] = isfinite(sum) ? sum / (float)channels : 0;
		}
		if (!mono)
			memcpy(all + n * channels, block, got * channels * sizeof *all);
		n += got;
	}
	dd_free(block);
	*frames = n;
	return all;
}

/* What a recording may be; NULL: something else that libsndfile reads. */
static const char *form_of(const SF_INFO *info)
{
	int minor = info->format & SF_FORMAT_SUBMASK;
	switch (info->format & SF_FORMAT_TYPEMASK) {
	case SF_FORMAT_WAV:
	case SF_FORMAT_WAVEX:
	case SF_FORMAT_RF64: return "WAV";
	case SF_FORMAT_MPEG: return "MP3";
	case SF_FORMAT_FLAC: return "FLAC";
	case SF_FORMAT_OGG:
		return minor == SF_FORMAT_VORBIS  ? "Ogg Vorbis"
		        : minor == SF_FORMAT_OPUS ? "Opus"
		                                  : NULL;
	default: return NULL;
	}
}

static bool is_common(const SF_INFO *info)
{
	return form_of(info) && info->samplerate >= 1000 && info->samplerate <= 384000 &&
	        info->channels >= 1 && info->channels <= 64 && info->frames >= 0;
}

static enum dd_status uncommon(const char *path, struct dd_error *err)
{
	return dd_fail(err, DD_ERR_FORMAT,
	        "%s: is not a WAV, MP3, Ogg Vorbis, Opus or FLAC file of a common form", path);
}

static enum dd_status too_much(const char *path, struct dd_error *err)
{
	return dd_fail(err, DD_ERR_LIMIT,
	        "%s: holds more than %zu million samples (18 minutes of music in stereo), the most "
	        "a recording may have",
	        path, MOST_SAMPLES / 1000000);
}

static void close_sound(void *file)
{
	struct dd_error err;
	(void)dd_sndfile(&err)->sf_close(file);
}

static SNDFILE *open_sound(
        const struct dd_sndfile *lib, int fd, const char *path, SF_INFO *info, struct dd_error *err)
{
	SNDFILE *file = lib->sf_open_fd(fd, SFM_READ, info, SF_TRUE);
	if (!file)
		dd_fail(err, DD_ERR_FORMAT, "%s: %s", path, lib->sf_strerror(NULL));
	return file;
}

enum dd_status dd_wav_read(const char *path, struct dd_sound **out, struct dd_error *err)
{
	SF_INFO info = {0};
	const struct dd_sndfile *lib = dd_sndfile(err);
	int fd = lib ? open_file(path, DD_AUDIO_BYTES_MAX, err) : -1;
	if (fd < 0)
		return DD_ERR_READ;
	SNDFILE *file = open_sound(lib, fd, path, &info, err);
	if (!file)
		return DD_ERR_FORMAT;
	if (!is_common(&info)) {
		lib->sf_close(file);
		return uncommon(path, err);
	}
	size_t frames, n;
	dd_memory_defer(close_sound, file);
	float *mono = read_samples(lib, file, &info, true, &frames), *fine = NULL;
	dd_memory_done(file);
	lib->sf_close(file);
	if (!mono)
		return too_much(path, err);
	if (dd_resample(mono, frames, (uint32_t)info.samplerate, DD_RATE_HZ, &fine, &n) != DD_OK) {
		dd_free(mono);
		return dd_resampler(err);
	}
	struct dd_sound *s = dd_alloc(sizeof *s + n * sizeof(int16_t));
	int16_t *pcm = (int16_t *)(void *)(s + 1);
	for (size_t i = 0; i < n; i++)
		pcm[i] = dd_sample(fine[i]);
	*s = (struct dd_sound){(uint32_t)n, 0, pcm, NULL};
	dd_free(mono);
	dd_free(fine);
	*out = s;
	return DD_OK;
}

/* Runs of samples at full scale: where the wave was cut off, not where it just touches the edge. */
static size_t clipped_of(const float *samples, size_t frames, size_t channels, size_t channel)
{
	size_t run = 0, all = 0;
	for (size_t i = 0; i <= frames; i++) {
		if (i < frames && fabsf(samples[i * channels + channel]) >= 0.999F) {
			run++;
			continue;
		}
		all += run >= 3 ? run : 0;
		run = 0;
	}
	return all;
}

static double decibels(double power)
{
	return power > 0 ? 10 * log10(power) : -200;
}

/* Blocks of 20 ms within 20 dB of the loudest are those in which someone speaks. */
static double level_of(const float *samples, size_t n, size_t block)
{
	double loudest = 0, sum = 0;
	size_t counted = 0;
	for (int pass = 0; pass < 2; pass++) {
		for (size_t from = 0; from < n; from += block) {
			size_t size = n - from < block ? n - from : block;
			double power = 0;
			for (size_t i = from; i < from + size; i++)
				power += (double)samples[i] * (double)samples[i];
			power /= (double)size;
			if (pass == 0 && power > loudest)
				loudest = power;
			if (pass == 1 && power * 100 >= loudest)
				sum += power, counted++;
		}
	}
	return decibels(counted ? sum / (double)counted : 0);
}

static void measure(const struct dd_sndfile *lib, SNDFILE *file, const SF_INFO *info,
        struct dd_recording *about)
{
	size_t channels = (size_t)info->channels, clipped = 0, frames;
	float *all = read_samples(lib, file, info, false, &frames), peak = 0;
	if (!all)
		return;
	size_t n = frames * channels;
	for (size_t i = 0; i < n; i++) {
		if (!isfinite(all[i]))
			all[i] = 0;
		peak = fabsf(all[i]) > peak ? fabsf(all[i]) : peak;
	}
	for (size_t c = 0; c < channels; c++)
		clipped += clipped_of(all, frames, channels, c);
	about->measured = true;
	about->peak_db = decibels((double)peak * (double)peak);
	about->level_db = level_of(all, n, (size_t)info->samplerate / 50 * channels + 1);
	about->clipped_per_mille = n ? (double)clipped * 1000 / (double)n : 0;
	dd_free(all);
}

enum dd_status dd_wav_about(const char *path, struct dd_recording *out, struct dd_error *err)
{
	SF_INFO info = {0};
	struct stat st;
	const struct dd_sndfile *lib = dd_sndfile(err);
	int fd = lib ? open_file(path, (uint64_t)1 << 40, err) : -1;
	if (fd < 0)
		return DD_ERR_READ;
	uint64_t bytes = fstat(fd, &st) == 0 ? (uint64_t)st.st_size : 0;
	SNDFILE *file = open_sound(lib, fd, path, &info, err);
	if (!file)
		return DD_ERR_FORMAT;
	bool fits = is_common(&info);
	if (fits) {
		*out = (struct dd_recording){.form = form_of(&info),
		        .rate_hz = (uint32_t)info.samplerate,
		        .channels = (uint32_t)info.channels,
		        .bytes = bytes};
		dd_memory_defer(close_sound, file);
		if (bytes <= DD_AUDIO_BYTES_MAX)
			measure(lib, file, &info, out);
		dd_memory_done(file);
	}
	lib->sf_close(file);
	return fits ? DD_OK : uncommon(path, err);
}
