/* Sounds on disk, so that a prompt is spoken once in its life. A missing, foreign or damaged file
 * is as good as none. */
#ifndef DD_VOICE_CACHE_H
#define DD_VOICE_CACHE_H

#include "port/tts.h"

struct dd_cache;
struct dd_cache_key {
	uint64_t high, low;
};

/* Everything that changes the samples. */
struct dd_cache_key dd_cache_key(const struct dd_speech *speech);

/* `dir` NULL: $XDG_CACHE_HOME/drydial or ~/.cache/drydial; "": a cache that never has anything. */
struct dd_cache *dd_cache_open(const char *dir, uint64_t bound_bytes);
/* Whether `what` is asked for the first time in a day: for notes that nobody needs with every call.
 * A stamp beside the sounds remembers it; true where nothing can be written. */
bool dd_cache_first_today(const char *what);
void dd_cache_close(struct dd_cache *cache);
/* From malloc, samples and words behind it; NULL when it is not there. */
struct dd_sound *dd_cache_get(struct dd_cache *cache, struct dd_cache_key key);
void dd_cache_put(struct dd_cache *cache, struct dd_cache_key key, const struct dd_sound *sound);

#endif
