/* The voice as others see it: languages, the cache in memory, the cache on disk, the zygotes behind
 * them. */
#include "voice/voice.h"

#include <pthread.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/arena.h"
#include "base/text.h"
#include "voice/cache.h"
#include "voice/wav.h"
#include "voice/zygote.h"

struct kept {
	struct dd_cache_key key;
	struct dd_sound *sound;
	UT_hash_handle hh;
};

struct recording {
	char *path;
	struct dd_sound *sound;
	UT_hash_handle hh;
};

struct dd_voice {
	pthread_mutex_t lock; /* for all below */
	struct dd_cache *cache;
	struct dd_zygotes *zygotes;
	struct kept *sounds;
	struct recording *recordings;
	unsigned jobs;
	struct dd_voice_stats stats;
};

struct dd_voice *dd_voice_new(const struct dd_voice_options *options)
{
	struct dd_voice *v = dd_alloc(sizeof *v);
	struct dd_voice_options none = {NULL, 0, 0};
	const struct dd_voice_options *o = options ? options : &none;
	long cores = sysconf(_SC_NPROCESSORS_ONLN);
	pthread_mutex_init(&v->lock, NULL);
	v->cache = dd_cache_open(o->cache_dir, o->cache_bytes);
	v->zygotes = dd_zygotes_new();
	v->jobs = o->jobs ? o->jobs : cores > 0 ? (unsigned)cores : 1;
	return v;
}

void dd_voice_free(struct dd_voice *v)
{
	struct kept *k, *next;
	struct recording *r, *after;
	if (!v)
		return;
	HASH_ITER (hh, v->sounds, k, next) {
		HASH_DEL(v->sounds, k);
		dd_free(k->sound);
		dd_free(k);
	}
	HASH_ITER (hh, v->recordings, r, after) {
		HASH_DEL(v->recordings, r);
		dd_free(r->sound);
		dd_free(r->path);
		dd_free(r);
	}
	dd_zygotes_free(v->zygotes);
	dd_cache_close(v->cache);
	pthread_mutex_destroy(&v->lock);
	dd_free(v);
}

static const struct dd_sound *keep(
        struct dd_voice *v, struct dd_cache_key key, struct dd_sound *sound)
{
	struct kept *k = dd_alloc(sizeof *k);
	k->key = key;
	k->sound = sound;
	HASH_ADD(hh, v->sounds, key, sizeof k->key, k);
	return sound;
}

static const struct dd_sound *known(struct dd_voice *v, struct dd_cache_key key)
{
	struct kept *k;
	HASH_FIND(hh, v->sounds, &key, sizeof key, k);
	if (k) {
		v->stats.memory_hits++;
		return k->sound;
	}
	struct dd_sound *sound = dd_cache_get(v->cache, key);
	if (!sound)
		return NULL;
	v->stats.disk_hits++;
	return keep(v, key, sound);
}

enum dd_status dd_voice_say_all(struct dd_voice *v, const struct dd_speech *speeches, size_t n,
        const struct dd_sound **out, struct dd_error *err)
{
	struct dd_spoken *jobs = dd_alloc((n + 1) * sizeof *jobs);
	struct dd_cache_key *keys = dd_alloc((n + 1) * sizeof *keys);
	enum dd_status status = DD_OK;
	size_t njobs = 0;
	pthread_mutex_lock(&v->lock);
	for (size_t i = 0; i < n; i++) {
		struct dd_cache_key key = dd_cache_key(&speeches[i]);
		out[i] = known(v, key);
		size_t j = 0; /* the same text twice is spoken once */
		while (!out[i] && j < njobs && memcmp(&keys[j], &key, sizeof key) != 0)
			j++;
		if (!out[i] && j == njobs) {
			keys[njobs] = key;
			jobs[njobs++].speech = &speeches[i];
		}
	}
	dd_zygotes_speak(v->zygotes, jobs, njobs, v->jobs);
	for (size_t j = 0; j < njobs; j++) {
		if (jobs[j].status != DD_OK) {
			v->stats.failed++;
			if (status == DD_OK && err)
				*err = jobs[j].err;
			status = status == DD_OK ? jobs[j].status : status;
			continue;
		}
		v->stats.spoken++;
		dd_cache_put(v->cache, keys[j], jobs[j].sound);
		keep(v, keys[j], jobs[j].sound);
	}
	for (size_t i = 0; i < n && njobs; i++) {
		struct dd_cache_key key = dd_cache_key(&speeches[i]);
		struct kept *k;
		HASH_FIND(hh, v->sounds, &key, sizeof key, k);
		out[i] = k ? k->sound : NULL;
	}
	pthread_mutex_unlock(&v->lock);
	dd_free(jobs);
	dd_free(keys);
	return status;
}

enum dd_status dd_voice_say(struct dd_voice *v, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err)
{
	const struct dd_sound *sound = NULL;
	enum dd_status status = dd_voice_say_all(v, speech, 1, &sound, err);
	if (status == DD_OK)
		*out = sound;
	return status;
}

static enum dd_status load(
        struct dd_voice *v, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	struct recording *r;
	HASH_FIND_STR(v->recordings, path, r);
	if (!r) {
		struct dd_sound *sound = NULL;
		enum dd_status status = dd_wav_read(path, &sound, err);
		if (status != DD_OK)
			return status;
		r = dd_alloc(sizeof *r);
		r->path = dd_str_copy(dd_str(path));
		r->sound = sound;
		HASH_ADD_KEYPTR(hh, v->recordings, r->path, strlen(r->path), r);
	}
	*out = r->sound;
	return DD_OK;
}

enum dd_status dd_voice_load(
        struct dd_voice *v, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	pthread_mutex_lock(&v->lock);
	enum dd_status status = load(v, path, out, err);
	pthread_mutex_unlock(&v->lock);
	return status;
}

struct dd_voice_stats dd_voice_stats(const struct dd_voice *voice)
{
	return voice->stats;
}

void dd_voice_measure(struct dd_voice *v, const struct dd_speech *speeches, uint32_t *frames,
        size_t n, bool rough)
{
	pthread_mutex_lock(&v->lock);
	dd_zygotes_measure(v->zygotes, speeches, frames, n, v->jobs, rough);
	v->stats.spoken += n;
	pthread_mutex_unlock(&v->lock);
}

const char *dd_voice_release(void)
{
	return DRYDIAL_ESPEAK;
}

/* The languages of eSpeak NG 1.51 (espeak-ng --voices, without MBROLA), by their BCP 47 tags. */
static const char *const LANGUAGES[] = {"af", "am", "an", "ar", "as", "az", "ba", "be", "bg", "bn",
        "bpy", "bs", "ca", "cs", "cy", "da", "de", "el", "en-029", "en-gb", "en-us", "eo", "es",
        "es-419", "et", "eu", "fa", "fi", "fr", "fr-be", "fr-ch", "ga", "gd", "gn", "grc", "gu",
        "hak", "haw", "he", "hi", "hr", "ht", "hu", "hy", "ia", "id", "io", "is", "it", "ja", "jbo",
        "ka", "kk", "kl", "kn", "ko", "kok", "ku", "ky", "la", "lb", "lfn", "lt", "lv", "mi", "mk",
        "ml", "mr", "ms", "mt", "my", "nb", "nci", "ne", "nl", "nog", "om", "or", "pa", "pap", "pl",
        "pt", "pt-br", "py", "qu", "quc", "ro", "ru", "sd", "shn", "si", "sjn", "sk", "sl", "smj",
        "sq", "sr", "sv", "sw", "ta", "te", "th", "tk", "tn", "tr", "tt", "ug", "uk", "ur", "uz",
        "vi", "yue"};

static const char *const VARIANTS[] = {"adam", "Alex", "Alicia", "Andrea", "Andy", "anika",
        "anikaRobot", "antonio", "AnxiousAndy", "aunty", "belinda", "benjamin", "boris", "caleb",
        "croak", "david", "Demonic", "Denis", "Diogo", "ed", "edward", "edward2", "f1", "f2", "f3",
        "f4", "f5", "Gene", "Gene2", "grandma", "grandpa", "gustave", "Henrique", "Hugo", "iven",
        "iven2", "iven3", "iven4", "Jacky", "john", "kaukovalta", "klatt", "klatt2", "klatt3",
        "klatt4", "klatt5", "klatt6", "Lee", "linda", "m1", "m2", "m3", "m4", "m5", "m6", "m7",
        "m8", "marcelo", "Marco", "Mario", "max", "Michael", "michel", "miguel", "mike",
        "Mr serious", "norbert", "pablo", "paul", "pedro", "quincy", "Reed", "rob", "robert",
        "Robosoft", "sandro", "shelby", "steph", "steph2", "steph3", "Storm", "travis", "Tweaky",
        "UniRobot", "victor", "whisper", "whisperf", "zac"};

static bool listed(const char *const *list, size_t n, const char *name, bool fold)
{
	for (size_t i = 0; i < n; i++)
		if (fold ? strcasecmp(list[i], name) == 0 : strcmp(list[i], name) == 0)
			return true;
	return false;
}
#define LISTED(list, name, fold) listed(list, sizeof(list) / sizeof *(list), name, fold)

enum dd_status dd_voice_find(const char *language, const char *variant, char name[64],
        bool *nearest, struct dd_error *err)
{
	char tag[40];
	*nearest = false;
	(void)snprintf(tag, sizeof tag, "%s", language);
	for (char *p = tag; *p; p++)
		*p = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
	if (!LISTED(LANGUAGES, tag, false)) {
		char *dash = strchr(tag, '-');
		if (dash)
			*dash = '\0';
		if (strcmp(tag, "en") == 0) { /* Indian English is nearest to British */
			*nearest = dash != NULL;
			strcpy(tag, "en-gb");
		} else if (!LISTED(LANGUAGES, tag, false)) {
			return dd_fail(err, DD_ERR_VOICE,
			        "eSpeak NG has no voice for the language \"%s\"", language);
		}
	}
	if (variant && !LISTED(VARIANTS, variant, false))
		return dd_fail(err, DD_ERR_VOICE,
		        "eSpeak NG has no voice variant \"%s\"; m1 to m8 and f1 to f5 exist",
		        variant);
	(void)snprintf(name, 64, "%s%s%s", tag, variant ? "+" : "", variant ? variant : "");
	return DD_OK;
}

enum dd_status dd_voice_choose(
        const char *choice, char name[64], bool *nearest, struct dd_error *err)
{
	char language[64];
	(void)snprintf(language, sizeof language, "%s", choice);
	char *plus = strchr(language, '+');
	if (plus)
		*plus = '\0';
	return dd_voice_find(language, plus ? plus + 1 : NULL, name, nearest, err);
}

/* -- the port ---------------------------------------------------------------- */

static enum dd_status port_say(void *self, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err)
{
	static _Thread_local char choice[64], name[64]; /* the last one looked up */
	bool nearest;
	if (strcmp(choice, speech->voice) != 0) {
		enum dd_status status = dd_voice_choose(speech->voice, name, &nearest, err);
		choice[0] = '\0';
		if (status != DD_OK)
			return status;
		(void)snprintf(choice, sizeof choice, "%s", speech->voice);
	}
	struct dd_speech named = *speech;
	named.voice = name;
	return dd_voice_say(self, &named, out, err);
}

static enum dd_status port_load(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	return dd_voice_load(self, path, out, err);
}

/* Those whose language nobody speaks are left out, and have no length. */
static void port_lengths(
        void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n, bool rough)
{
	struct dd_speech *named = dd_alloc((n + 1) * sizeof *named);
	char(*names)[64] = dd_alloc((n + 1) * sizeof *names);
	uint32_t *found = dd_alloc((n + 1) * sizeof *found);
	size_t *from = dd_alloc((n + 1) * sizeof *from), kept = 0;
	for (size_t i = 0; i < n; i++) {
		bool nearest, same = kept && speeches[i].voice == speeches[from[kept - 1]].voice;
		frames[i] = UINT32_MAX;
		if (!same &&
		        dd_voice_choose(speeches[i].voice, names[kept], &nearest, NULL) != DD_OK)
			continue;
		named[kept] = speeches[i];
		named[kept].voice = same ? named[kept - 1].voice : names[kept];
		from[kept++] = i;
	}
	dd_voice_measure(self, named, found, kept, rough);
	for (size_t i = 0; i < kept; i++)
		frames[from[i]] = found[i];
	dd_free(named);
	dd_free(names);
	dd_free(found);
	dd_free(from);
}

static enum dd_status port_about(
        void *self, const char *path, struct dd_recording *out, struct dd_error *err)
{
	(void)self;
	return dd_wav_about(path, out, err);
}

struct dd_tts dd_voice_port(struct dd_voice *voice)
{
	return (struct dd_tts){voice, port_say, port_load, port_lengths, port_about, NULL};
}
