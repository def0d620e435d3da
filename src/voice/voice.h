/* The voice: eSpeak NG speech and recorded files, behind a cache in memory and on disk.

   eSpeak NG is one global machine whose output depends on what it said before, so it never runs
   here. Each voice has a child process that initialises it and selects the voice (the zygote); each
   text is spoken by a child of that child. One text so has one sound, and a voice that crashes or
   hangs takes only its text along. */
#ifndef DD_VOICE_H
#define DD_VOICE_H

#include "port/tts.h"

struct dd_voice;

struct dd_voice_options {
	const char *cache_dir; /* NULL: $XDG_CACHE_HOME/drydial, else ~/.cache/drydial; "": no disk
	                          cache */
	uint64_t cache_bytes;  /* the bound of the disk cache; 0: 256 MiB */
	unsigned jobs;         /* texts spoken at once; 0: one for each core */
};

/* What the voice did, for `--verbose` and the benchmarks. */
struct dd_voice_stats {
	uint64_t memory_hits, disk_hits, spoken, failed;
};

/* A voice may be used by several threads at once; they take turns. `options` may be NULL. Never
 * fails: without a usable cache directory it works without one. */
struct dd_voice *dd_voice_new(const struct dd_voice_options *options);
/* Ends the zygotes and frees every sound. NULL is fine. */
void dd_voice_free(struct dd_voice *voice);

/* DD_ERR_VOICE: this text cannot be spoken. DD_ERR_READ: none can, eSpeak NG or this voice of it is
 * not installed. */
enum dd_status dd_voice_say(struct dd_voice *voice, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err);
/* Says `n` texts, several at once; out[i] is NULL where one failed. Returns the first failure,
 * after all ended. */
enum dd_status dd_voice_say_all(struct dd_voice *voice, const struct dd_speech *speeches, size_t n,
        const struct dd_sound **out, struct dd_error *err);
/* Frames of `n` texts, several at once; UINT32_MAX where one cannot be spoken. Nothing is kept, in
   memory or on disk. `rough`: within some 20 ms, for less. */
void dd_voice_measure(struct dd_voice *voice, const struct dd_speech *speeches, uint32_t *frames,
        size_t n, bool rough);
/* A recording (WAV, MP3, Ogg Vorbis, Opus or FLAC) of any common rate, width and channel count, at
 * most 5 MiB, mixed to mono and resampled. */
enum dd_status dd_voice_load(struct dd_voice *voice, const char *path, const struct dd_sound **out,
        struct dd_error *err);

struct dd_voice_stats dd_voice_stats(const struct dd_voice *voice);
/* The voice as a port; borrowed from `voice`. It is asked in the language's terms ("hi-IN",
   "en-IN+f2"): all above are asked by eSpeak NG's own names. */
struct dd_tts dd_voice_port(struct dd_voice *voice);

/* The eSpeak NG voice for a BCP 47 language ("hi-IN", "en-IN", "ta") and an optional variant ("f2",
   or NULL), into `name`. DD_ERR_VOICE when there is none. `*nearest` tells that the language has no
   voice of its own and its nearest relative speaks ("en-IN" by "en-gb"). Needs no eSpeak NG
   running. */
enum dd_status dd_voice_find(const char *language, const char *variant, char name[64],
        bool *nearest, struct dd_error *err);

/* The same of both in one, as ports are asked: "en-IN+f2". */
enum dd_status dd_voice_choose(
        const char *choice, char name[64], bool *nearest, struct dd_error *err);

/* The release of eSpeak NG that this was built with, e.g. "1.51". */
const char *dd_voice_release(void);

#endif
