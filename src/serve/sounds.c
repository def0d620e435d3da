/* The sounds of calls, made beside the loop: a call whose sound is not there yet is parked, and
   told when it is. What cannot be spoken is remembered as well, so that it keeps nobody busy twice.
 */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "serve/serving.h"

enum { VOICE_BYTES_MAX = 256 * 1024 * 1024 };

struct sound_wanted {
	struct job job; /* the first member */
	struct voice *voice;
	bool there; /* what follows is known */
	const struct dd_sound *sound;
	enum dd_status status;
	struct dd_error err;
	bool file;
	struct dd_speech speech; /* texts lie behind the key; of a file, the path is the text */
	uint32_t *waiting;       /* slots of the calls that are told */
	size_t nwaiting, cap_waiting;
	UT_hash_handle hh;
	size_t nkey;
	char key[]; /* how it is said, and what */
};

/* A voice for each worker, with the calls that hold sounds of them. Sounds live as long as it. */
struct voice {
	struct server *server;
	void *each[WORKERS];
	struct dd_tts inner[WORKERS];
	struct sound_wanted *sounds;
	struct sound_wanted *last; /* found: it is asked for again at once */
	uint64_t bytes;            /* of them all */
	unsigned users;
	struct dd_buf key; /* of the question at hand */
};

static unsigned voices_of(const struct server *s)
{
	return s->o->voices.here ? 1 : WORKERS;
}

void voice_give_back(struct voice *v)
{
	struct sound_wanted *w, *next;
	if (!v || --v->users)
		return;
	HASH_ITER (hh, v->sounds, w, next) {
		HASH_DEL(v->sounds, w);
		free(w->waiting);
		free(w);
	}
	for (unsigned i = 0; i < voices_of(v->server); i++)
		v->server->o->voices.close(v->server->o->voices.self, v->each[i]);
	dd_buf_free(&v->key);
	free(v);
}

/* A voice that has said much is left to the calls that hold sounds of it. */
struct voice *voice_take(struct server *s)
{
	struct exchange *x = &s->exchange;
	if (x->voice && x->voice->bytes > VOICE_BYTES_MAX) {
		voice_give_back(x->voice);
		x->voice = NULL;
	}
	if (!x->voice) {
		struct voice *v = dd_alloc(sizeof *v);
		*v = (struct voice){.server = s, .users = 1};
		for (unsigned i = 0; i < voices_of(s); i++)
			v->each[i] = s->o->voices.open(s->o->voices.self, &v->inner[i]);
		x->voice = v;
	}
	x->voice->users++;
	return x->voice;
}

static void run_job(struct job *job, unsigned worker)
{
	struct sound_wanted *w = (struct sound_wanted *)job;
	const struct dd_tts *tts = &w->voice->inner[worker];
	w->status = w->file ? tts->load(tts->self, w->speech.text, &w->sound, &w->err)
	                    : tts->say(tts->self, &w->speech, &w->sound, &w->err);
}

static void job_done(struct job *job)
{
	struct sound_wanted *w = (struct sound_wanted *)job;
	struct voice *v = w->voice;
	w->there = true;
	if (w->status == DD_OK && w->sound)
		v->bytes += w->sound->frames * sizeof(int16_t);
	else if (w->status == DD_OK) /* the server ended before it was made */
		w->status = dd_fail(&w->err, DD_ERR_VOICE, "the voice was not asked");
	for (size_t i = 0; i < w->nwaiting; i++)
		exchange_resume(v->server, w->waiting[i]);
	free(w->waiting);
	w->waiting = NULL;
	w->nwaiting = w->cap_waiting = 0;
	voice_give_back(v);
}

static struct sound_wanted *find(struct voice *v, const struct dd_speech *speech, const char *path)
{
	struct sound_wanted *w;
	dd_buf_clear(&v->key);
	if (speech)
		dd_buf_format(&v->key, "%d|%d|%d|%s|", speech->rate_wpm, speech->pitch,
		        speech->ssml, speech->voice);
	dd_buf_str(&v->key, speech ? speech->text : path);
	if (v->last && v->last->file == !speech && v->last->nkey == v->key.n &&
	        memcmp(v->last->key, v->key.p, v->key.n) == 0)
		return v->last;
	dd_buf_char(&v->key, speech ? 't' : 'f');
	HASH_FIND(hh, v->sounds, v->key.p, v->key.n, w);
	v->key.n--;
	v->last = w ? w : v->last;
	return w;
}

/* Asks for it: it is on its way when this returns, or there. */
static struct sound_wanted *want(struct voice *v, const struct dd_speech *speech, const char *path)
{
	const char *text = speech ? speech->text : path, *name = speech ? speech->voice : "";
	size_t nkey = v->key.n + 1, ntext = strlen(text) + 1, nname = strlen(name) + 1;
	struct sound_wanted *w = dd_alloc(sizeof *w + nkey + ntext + nname);
	memcpy(w->key, v->key.p, nkey);
	memcpy(w->key + nkey, text, ntext);
	memcpy(w->key + nkey + ntext, name, nname);
	w->nkey = nkey - 1;
	w->file = speech == NULL;
	if (speech)
		w->speech = *speech;
	w->speech.text = w->key + nkey;
	w->speech.voice = w->key + nkey + ntext;
	w->voice = v;
	w->job.run = run_job;
	w->job.done = job_done;
	HASH_ADD_KEYPTR(hh, v->sounds, w->key, nkey, w);
	v->bytes += sizeof *w + nkey + ntext + nname;
	v->users++;
	v->last = w;
	workers_do(v->server->workers, &w->job);
	return w;
}

static bool is_ready(void *self, const struct dd_speech *speech, const char *path)
{
	struct live *c = self;
	struct sound_wanted *w = find(c->voice, speech, path);
	if (!w)
		w = want(c->voice, speech, path);
	if (!w->there)
		DD_PUSH(w->waiting, w->nwaiting, w->cap_waiting) = c->slot;
	return w->there;
}

static enum dd_status give(
        const struct sound_wanted *w, const struct dd_sound **out, struct dd_error *err)
{
	if (!w || !w->there)
		return dd_fail(err, DD_ERR_VOICE, "the voice has not said it yet");
	if (w->status == DD_OK)
		*out = w->sound;
	else if (err)
		*err = w->err;
	return w->status;
}

static enum dd_status say(void *self, const struct dd_speech *speech, const struct dd_sound **out,
        struct dd_error *err)
{
	struct live *c = self;
	return give(find(c->voice, speech, NULL), out, err);
}

static enum dd_status load(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	struct live *c = self;
	return give(find(c->voice, NULL, path), out, err);
}

struct dd_tts sounds_of(struct live *c)
{
	return (struct dd_tts){.self = c, .say = say, .load = load, .ready = is_ready};
}
