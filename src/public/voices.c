/* The library's own voices, and those of its host. Each of our own has a region: its sounds are not
   those of the run that asked for them first. */
#include "public/inside.h"

#include <stdlib.h>

#include "sim/tts.h"
#include "voice/voice.h"

struct own_voice {
	struct dd_memory_region *region;
	enum dd_voice_kind kind;
	const char *cache_dir; /* while it is opened */
	struct dd_voice *espeak;
	struct dd_tts inside;
};

/* A question to a voice: one for all, so that each fits through a region. */
struct question {
	struct own_voice *voice;
	const struct dd_speech *speeches;
	const char *path;
	const struct dd_sound **sound;
	struct dd_recording *about;
	uint32_t *frames;
	size_t n;
	bool rough;
	struct dd_error *err;
	enum dd_status status;
};

static enum dd_status ask(struct question *q, void (*work)(void *))
{
	if (dd_memory_within(q->voice->region, work, q) != DD_OK)
		return dd_fail(q->err, DD_ERR_MEMORY, "there is no memory for the voice");
	return q->status;
}

static void do_say(void *self)
{
	struct question *q = self;
	const struct dd_tts *t = &q->voice->inside;
	q->status = t->say(t->self, q->speeches, q->sound, q->err);
}

static enum dd_status say(void *self, const struct dd_speech *speech, const struct dd_sound **out,
        struct dd_error *err)
{
	return ask(&(struct question){.voice = self, .speeches = speech, .sound = out, .err = err},
	        do_say);
}

static void do_load(void *self)
{
	struct question *q = self;
	const struct dd_tts *t = &q->voice->inside;
	q->status = t->load(t->self, q->path, q->sound, q->err);
}

static enum dd_status load(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	return ask(
	        &(struct question){.voice = self, .path = path, .sound = out, .err = err}, do_load);
}

static void do_lengths(void *self)
{
	struct question *q = self;
	const struct dd_tts *t = &q->voice->inside;
	t->lengths(t->self, q->speeches, q->frames, q->n, q->rough);
	q->status = DD_OK;
}

static void lengths(
        void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n, bool rough)
{
	struct question q = {
	        .voice = self, .speeches = speeches, .frames = frames, .n = n, .rough = rough};
	if (ask(&q, do_lengths) != DD_OK)
		memset(frames, 0xFF, n * sizeof *frames);
}

static void do_about(void *self)
{
	struct question *q = self;
	const struct dd_tts *t = &q->voice->inside;
	q->status = t->about(t->self, q->path, q->about, q->err);
}

static enum dd_status about(
        void *self, const char *path, struct dd_recording *out, struct dd_error *err)
{
	return ask(&(struct question){.voice = self, .path = path, .about = out, .err = err},
	        do_about);
}

static void open_voice(void *self)
{
	struct own_voice *v = self;
	if (v->kind == DD_VOICE_ESPEAK) {
		v->espeak = dd_voice_new(&(struct dd_voice_options){.cache_dir = v->cache_dir});
		v->inside = dd_voice_port(v->espeak);
	} else {
		v->inside = dd_sim_tts_port(dd_sim_tts_new(0, 0));
	}
}

enum dd_status dd_tts_open(enum dd_voice_kind kind, const char *cache_dir, struct dd_tts *out)
{
	struct own_voice *v = calloc(1, sizeof *v);
	if (!v)
		return DD_ERR_MEMORY;
	v->kind = kind;
	v->cache_dir = cache_dir;
	v->region = dd_memory_region_new();
	if (!v->region || dd_memory_within(v->region, open_voice, v) != DD_OK) {
		dd_memory_region_free(v->region);
		free(v);
		return DD_ERR_MEMORY;
	}
	*out = (struct dd_tts){v, say, load, lengths, v->inside.about ? about : NULL, NULL};
	return DD_OK;
}

static void close_voice(void *self)
{
	struct own_voice *v = self;
	dd_voice_free(v->espeak);
}

void dd_tts_close(struct dd_tts *tts)
{
	struct own_voice *v = tts->self;
	if (tts->say != say)
		return;
	(void)dd_memory_within(v->region, close_voice, v);
	dd_memory_region_free(v->region);
	free(v);
	*tts = (struct dd_tts){.self = NULL};
}

/* -- lent by the host ------------------------------------------------------- */

static enum dd_status lent_say(void *self, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err)
{
	const struct dd_tts *t = &((struct lent_voice *)self)->host;
	enum dd_status status = t->say(t->self, speech, out, err);
	if (status == DD_ERR_MEMORY)
		dd_memory_failed();
	return status;
}

static enum dd_status lent_load(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	const struct dd_tts *t = &((struct lent_voice *)self)->host;
	enum dd_status status = t->load(t->self, path, out, err);
	if (status == DD_ERR_MEMORY)
		dd_memory_failed();
	return status;
}

static void lent_lengths(
        void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n, bool rough)
{
	const struct dd_tts *t = &((struct lent_voice *)self)->host;
	t->lengths(t->self, speeches, frames, n, rough);
}

static enum dd_status lent_about(
        void *self, const char *path, struct dd_recording *out, struct dd_error *err)
{
	const struct dd_tts *t = &((struct lent_voice *)self)->host;
	enum dd_status status = t->about(t->self, path, out, err);
	if (status == DD_ERR_MEMORY)
		dd_memory_failed();
	return status;
}

struct dd_tts lent_voice(struct lent_voice *lent, const struct dd_tts *host)
{
	if (!host)
		return dd_sim_tts_port(dd_sim_tts_new(0, 0));
	lent->host = *host;
	return (struct dd_tts){lent, lent_say, lent_load, host->lengths ? lent_lengths : NULL,
	        host->about ? lent_about : NULL, NULL};
}
