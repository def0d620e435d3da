/* PortAudio. The callback reads two lock-free rings (the call, and the customer's own keys) and
   nothing else; the rest is done where the call runs.

       play ──► samples at the device's rate ──► feed() ──► ring ──► callback ──► device
       stop ──► "forget everything before here" ─────────────┘ */
#define _GNU_SOURCE
#include "voice/speaker.h"

#include <dlfcn.h>
#include <portaudio.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/library.h"
#include "voice/dtmf.h"
#include "voice/wav.h"

/* clang-format off */
#define FUNCTIONS(X) \
	X(Pa_Initialize) X(Pa_Terminate) X(Pa_GetDefaultOutputDevice) X(Pa_GetDeviceInfo) \
	X(Pa_GetErrorText) X(Pa_OpenStream) X(Pa_StartStream) X(Pa_AbortStream) \
	X(Pa_CloseStream) X(Pa_IsStreamActive) X(Pa_GetStreamInfo)
/* clang-format on */
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

static enum dd_status open_library(struct dd_error *err)
{
	static const char *const names[] = {"libportaudio.so.2", "libportaudio.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	return lib.Pa_Initialize ? DD_OK : dd_library_open(names, symbols, err);
}

enum { RING = 1 << 16, RING_MASK = RING - 1, FADE_FRAMES = 240 };

/* One producer, one consumer. Indices only grow; `from` is where the consumer must jump to. */
struct ring {
	int16_t data[RING];
	_Atomic uint64_t read, write, from;
};

struct dd_speaker {
	PaStream *stream;
	double rate;
	enum dd_line line;
	struct ring call, keys;
	int16_t *sound; /* what is still to be fed, at the device's rate */
	size_t nsound, fed;
	bool rings, lost;
	_Atomic uint64_t stopped_ns, silent_ns, last_callback_ns;
};

static uint64_t now_ns(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000U + (uint64_t)t.tv_nsec;
}

/* The next `n` samples of a ring, zeros where it is empty; a jump fades what would have come first.
 * True when it jumped. */
static bool ring_take(struct ring *r, int16_t *out, unsigned long n)
{
	uint64_t read = atomic_load_explicit(&r->read, memory_order_relaxed);
	uint64_t from = atomic_load_explicit(&r->from, memory_order_acquire);
	uint64_t write = atomic_load_explicit(&r->write, memory_order_acquire);
	unsigned long i = 0;
	bool jumped = read < from;
	for (; jumped && i < n && i < FADE_FRAMES && read < from; i++, read++)
		out[i] =
		        (int16_t)(r->data[read & RING_MASK] * (int)(FADE_FRAMES - i) / FADE_FRAMES);
	if (read < from)
		read = from;
	for (; i < n && read < write; i++, read++)
		out[i] = r->data[read & RING_MASK];
	for (; i < n; i++)
		out[i] = 0;
	atomic_store_explicit(&r->read, read, memory_order_release);
	return jumped;
}

static int callback(const void *in, void *out, unsigned long frames,
        const PaStreamCallbackTimeInfo *times, PaStreamCallbackFlags flags, void *user)
{
	struct dd_speaker *s = user;
	int16_t tone[1024], *to = out;
	uint64_t now = now_ns();
	(void)in, (void)times, (void)flags;
	if (ring_take(&s->call, to, frames))
		atomic_store_explicit(&s->silent_ns, now, memory_order_relaxed);
	for (unsigned long at = 0; at < frames;) {
		unsigned long n = frames - at < 1024 ? frames - at : 1024;
		ring_take(&s->keys, tone, n);
		for (unsigned long i = 0; i < n; i++)
			if (tone[i])
				to[at + i] = (int16_t)(to[at + i] / 4 + tone[i]);
		at += n;
	}
	atomic_store_explicit(&s->last_callback_ns, now, memory_order_relaxed);
	return paContinue;
}

static size_t ring_put(struct ring *r, const int16_t *data, size_t n)
{
	uint64_t write = atomic_load_explicit(&r->write, memory_order_relaxed);
	uint64_t read = atomic_load_explicit(&r->read, memory_order_acquire);
	size_t room = (size_t)(RING - (write - read));
	if (n > room)
		n = room;
	for (size_t i = 0; i < n; i++)
		r->data[(write + i) & RING_MASK] = data[i];
	atomic_store_explicit(&r->write, write + n, memory_order_release);
	return n;
}

static void ring_drop(struct ring *r)
{
	atomic_store_explicit(&r->from, atomic_load_explicit(&r->write, memory_order_relaxed),
	        memory_order_release);
}

/* ALSA and JACK print a hundred lines about devices that are not there. Their handlers are looked
   up, so that neither library has to be linked. */
static void quiet_alsa(
        const char *file, int line, const char *function, int err, const char *format, ...)
{
	(void)file, (void)line, (void)function, (void)err, (void)format;
}

static void quiet_jack(const char *text)
{
	(void)text;
}

static void *symbol(const char *library, const char *name)
{
	void *handle = dlopen(library, RTLD_NOW | RTLD_NOLOAD);
	void *found = handle ? dlsym(handle, name) : NULL;
	if (handle)
		dlclose(handle);
	return found;
}

static void quiet_libraries(void)
{
	union {
		void *p;
		int (*alsa)(void (*)(const char *, int, const char *, int, const char *, ...));
		void (*jack)(void (*)(const char *));
	} set;
	if ((set.p = symbol("libasound.so.2", "snd_lib_error_set_handler")))
		set.alsa(quiet_alsa);
	if ((set.p = symbol("libjack.so.0", "jack_set_error_function")))
		set.jack(quiet_jack);
	if ((set.p = symbol("libjack.so.0", "jack_set_info_function")))
		set.jack(quiet_jack);
}

static PaError open_stream(struct dd_speaker *s, const PaDeviceInfo *info, double rate)
{
	PaStreamParameters p = {.device = lib.Pa_GetDefaultOutputDevice(),
	        .channelCount = 1,
	        .sampleFormat = paInt16};
	p.suggestedLatency = info->defaultLowOutputLatency;
	s->rate = rate;
	return lib.Pa_OpenStream(&s->stream, NULL, &p, rate, paFramesPerBufferUnspecified,
	        paClipOff | paDitherOff, callback, s);
}

enum dd_status dd_speaker_open(enum dd_line line, struct dd_speaker **out, struct dd_error *err)
{
	if (open_library(err) != DD_OK || dd_resampler(err) != DD_OK)
		return DD_ERR_DEVICE;
	quiet_libraries();
	PaError e = lib.Pa_Initialize();
	if (e != paNoError)
		return dd_fail(err, DD_ERR_DEVICE, "no sound: %s", lib.Pa_GetErrorText(e));
	PaDeviceIndex device = lib.Pa_GetDefaultOutputDevice();
	const PaDeviceInfo *info = device == paNoDevice ? NULL : lib.Pa_GetDeviceInfo(device);
	if (!info) {
		lib.Pa_Terminate();
		return dd_fail(err, DD_ERR_DEVICE, "no sound: there is no output device");
	}
	struct dd_speaker *s = dd_alloc(sizeof *s);
	s->line = line;
	e = open_stream(s, info, DD_RATE_HZ);
	if (e != paNoError)
		e = open_stream(s, info, info->defaultSampleRate);
	if (e == paNoError)
		e = lib.Pa_StartStream(s->stream);
	if (e != paNoError) {
		lib.Pa_Terminate();
		dd_free(s);
		return dd_fail(err, DD_ERR_DEVICE, "no sound: %s", lib.Pa_GetErrorText(e));
	}
	s->last_callback_ns = now_ns();
	*out = s;
	return DD_OK;
}

void dd_speaker_close(struct dd_speaker *s)
{
	if (!s)
		return;
	(void)lib.Pa_AbortStream(s->stream);
	(void)lib.Pa_CloseStream(s->stream);
	(void)lib.Pa_Terminate();
	dd_free(s->sound);
	dd_free(s);
}

/* Replaces what is to be fed by samples of `rate_hz`, resampled to the device's rate. */
static void set_sound(struct dd_speaker *s, const int16_t *pcm, size_t n, uint32_t rate_hz)
{
	float *in = dd_alloc((n + 1) * sizeof *in), *fine = NULL;
	size_t nfine = 0;
	for (size_t i = 0; i < n; i++)
		in[i] = (float)pcm[i] / 32767.0F;
	dd_free(s->sound);
	s->sound = NULL;
	s->nsound = s->fed = 0;
	if (dd_resample(in, n, rate_hz, (uint32_t)s->rate, &fine, &nfine) == DD_OK) {
		s->sound = dd_alloc((nfine + 1) * sizeof *s->sound);
		for (size_t i = 0; i < nfine; i++)
			s->sound[i] = dd_sample(fine[i]);
		s->nsound = nfine;
	}
	dd_free(in);
	dd_free(fine);
}

bool dd_speaker_feed(struct dd_speaker *s)
{
	if (s->lost)
		return false;
	if (s->rings && s->fed == s->nsound)
		s->fed = 0; /* the ringing tone goes round */
	s->fed += ring_put(&s->call, s->sound + s->fed, s->nsound - s->fed);
	uint64_t last = atomic_load_explicit(&s->last_callback_ns, memory_order_relaxed),
	         now = now_ns();
	if (lib.Pa_IsStreamActive(s->stream) != 1 || (now > last && now - last > 2000000000U))
		s->lost = true;
	return !s->lost;
}

static void on_play(void *self, dd_ms at, const struct dd_piece *pieces, size_t n)
{
	struct dd_speaker *s = self;
	size_t carried = 0;
	int16_t *through = NULL;
	(void)at;
	s->rings = false;
	ring_drop(&s->call);
	if (dd_line_carry_pieces(s->line, pieces, n, &through, &carried) == DD_OK)
		set_sound(s, through, carried, dd_line_rate_hz(s->line));
	dd_free(through);
	(void)dd_speaker_feed(s);
}

static void on_stop(void *self, dd_ms at)
{
	struct dd_speaker *s = self;
	(void)at;
	s->rings = false;
	s->nsound = s->fed = 0;
	atomic_store_explicit(&s->stopped_ns, now_ns(), memory_order_relaxed);
	ring_drop(&s->call);
}

static void on_key(void *self, dd_ms at, char key)
{
	struct dd_speaker *s = self;
	int16_t tone[192000 / 1000 * (DD_DTMF_ON_MS + DD_DTMF_OFF_MS) + 64] = {0};
	uint32_t rate = (uint32_t)s->rate;
	(void)at;
	if (rate <= 192000 && dd_dtmf_tone(key, rate, tone))
		(void)ring_put(
		        &s->keys, tone, (size_t)dd_frames_in(DD_DTMF_ON_MS + DD_DTMF_OFF_MS, rate));
}

static void on_end(void *self, dd_ms at)
{
	on_stop(self, at);
}

struct dd_ear dd_speaker_ear(struct dd_speaker *speaker)
{
	return (struct dd_ear){speaker, on_play, on_stop, on_key, on_end, NULL};
}

void dd_speaker_ring(struct dd_speaker *s)
{
	enum { CYCLE = DD_RATE_HZ * 3 };
	int16_t *tone = dd_alloc(CYCLE * sizeof *tone);
	for (int i = 0; i < CYCLE; i++) {
		int ms = i * 10 / (DD_RATE_HZ / 100);
		bool on = ms < 400 || (ms >= 600 && ms < 1000);
		/* a square wave's first harmonic is near enough to a sine at this level */
		int phase = (int)((int64_t)i * 800 / DD_RATE_HZ);
		tone[i] = (int16_t)(on ? (phase & 1 ? -1800 : 1800) : 0);
	}
	set_sound(s, tone, CYCLE, DD_RATE_HZ);
	s->rings = true;
	dd_free(tone);
	(void)dd_speaker_feed(s);
}

double dd_speaker_latency_ms(const struct dd_speaker *speaker)
{
	const PaStreamInfo *info = lib.Pa_GetStreamInfo(speaker->stream);
	return info ? info->outputLatency * 1000 : 0;
}

double dd_speaker_stop_ms(const struct dd_speaker *s)
{
	uint64_t stopped = atomic_load_explicit(&s->stopped_ns, memory_order_relaxed);
	uint64_t silent = atomic_load_explicit(&s->silent_ns, memory_order_relaxed);
	return stopped && silent >= stopped ? (double)(silent - stopped) / 1e6 : -1;
}
