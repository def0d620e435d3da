/* Ports: what a call wants of the outside, as tables of functions that its host gives: a voice that
   speaks (dd_tts), ears that hear (dd_ear), servers that are asked (dd_http). Times are
   milliseconds from the answer. */
#ifndef DRYDIAL_PORT_H
#define DRYDIAL_PORT_H

#include <drydial/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- sound ------------------------------------------------------------------- */

/* The one rate inside drydial: eSpeak NG's own. Other rates are converted at the edges. */
#define DD_RATE_HZ 22050

/* A word of a spoken text: the frame at which it begins, and the bytes of the text that hold it. */
struct dd_word {
	uint32_t frame;
	uint32_t start, end;
};

/* Mono 16-bit samples at DD_RATE_HZ. Immutable; owned by the voice that made it, until that is
   closed. `words` is sorted by frame and empty for recorded audio. */
struct dd_sound {
	uint32_t frames;
	uint32_t nwords;
	const int16_t *pcm;
	const struct dd_word *words;
};

/* One stretch of a prompt: a sound, or `frames` of silence where `sound` is NULL. */
struct dd_piece {
	const struct dd_sound *sound;
	uint32_t frames;
};

/* Someone who hears the call: the speaker, the recorder. Calls come in order of `at`. The
   first four functions are mandatory; none may block. `pieces` are borrowed for the call of play()
   only, but the sounds inside live as long as the call. */
struct dd_ear {
	void *self;
	/* A prompt begins. What played before is over. */
	void (*play)(void *self, dd_ms at, const struct dd_piece *pieces, size_t n);
	/* The prompt that plays is cut short. */
	void (*stop)(void *self, dd_ms at);
	/* The customer pressed one of 0-9 * #. */
	void (*key)(void *self, dd_ms at, char key);
	/* The call is over at `at`. */
	void (*end)(void *self, dd_ms at);
	/* The call, which begins, is taken by an answering machine, that speaks itself until `beep`
	   and then beeps: what is said to it before is lost. NULL: that makes no difference. */
	void (*machine)(void *self, dd_ms beep);
};

/* Frames that last `ms` at `rate_hz`, rounded down; and the milliseconds that hold `frames`,
 * rounded up. */
static inline uint64_t dd_frames_in(dd_ms ms, uint32_t rate_hz)
{
	return (uint64_t)ms * rate_hz / 1000;
}
static inline dd_ms dd_ms_of(uint64_t frames, uint32_t rate_hz)
{
	return (dd_ms)((frames * 1000 + rate_hz - 1) / rate_hz);
}

/* -- speech ------------------------------------------------------------------ */

/* What is to be said, and how. `voice` is a BCP 47 language with an optional variant of eSpeak NG:
   "hi-IN", "en-IN+f2". */
struct dd_speech {
	const char *text; /* UTF-8, NUL-terminated, at most 4,096 characters */
	const char *voice;
	int rate_wpm; /* words a minute, 80-400 */
	int pitch;    /* 0-100 */
	bool ssml;
};

/* A recording as it lies in its file. */
struct dd_recording {
	const char *form; /* "WAV", "MP3", "Ogg Vorbis", "Opus", "FLAC" */
	uint32_t rate_hz, channels;
	uint64_t bytes;
	bool measured;            /* what follows is known: the file is not too large to be read */
	double peak_db, level_db; /* dB of full scale; `level_db` is that of the stretches in which
	                             someone speaks */
	double clipped_per_mille; /* samples in runs of at least three at full scale */
};

#define DD_TTS_UNMEASURED (UINT32_MAX - 1)

/* A voice. The first two functions are mandatory, and give a sound that lives as long as the port,
   which keeps it. The same request gives the same samples, whatever was asked before. On failure
   `*out` is untouched and `err` (may be NULL) says why; the call then goes on without the words,
   and its record says so. The function may take its time: the call's own clock stands still. */
struct dd_tts {
	void *self;
	enum dd_status (*say)(void *self, const struct dd_speech *speech,
	        const struct dd_sound **out, struct dd_error *err);
	enum dd_status (*load)(
	        void *self, const char *path, const struct dd_sound **out, struct dd_error *err);
	/* Lengths of many texts at once, in frames; UINT32_MAX where one cannot be spoken,
	   DD_TTS_UNMEASURED where there was no voice to ask. `rough`: within some 20 ms, for less.
	   NULL: they must be said one by one. */
	void (*lengths)(void *self, const struct dd_speech *speeches, uint32_t *frames, size_t n,
	        bool rough);
	/* NULL where nobody can tell. */
	enum dd_status (*about)(
	        void *self, const char *path, struct dd_recording *out, struct dd_error *err);
	/* Whether say(), or load() for a `path` (then `speech` is NULL), can answer now. False: it
	   is being made; whoever drives the session is told when to ask again. NULL: they always
	   can. */
	bool (*ready)(void *self, const struct dd_speech *speech, const char *path);
};

/* The voices that the library has. */
enum dd_voice_kind {
	DD_VOICE_MODEL, /* silence of the length that the words would take, 60 ms a character */
	DD_VOICE_ESPEAK /* eSpeak NG, which must be installed when it speaks */
};
/* A voice into `*out`, to be given to dd_tts_close(). The model needs nothing and gives the same on
   every machine; its recordings are silence, too. eSpeak NG speaks in child processes, which the
   voice starts when it is asked and ends when it is closed: a host must not wait for, or ignore,
   all of its children meanwhile (wait(), SIGCHLD set to SIG_IGN). It keeps what it has said below
   `cache_dir`: NULL is $XDG_CACHE_HOME/drydial, else ~/.cache/drydial; "" keeps nothing on disk.
   The model has no use for `cache_dir`. DD_ERR_MEMORY: `*out` is untouched. */
DD_API enum dd_status dd_tts_open(
        enum dd_voice_kind kind, const char *cache_dir, struct dd_tts *out);
/* Frees the voice and all its sounds: nothing that was given it may run any more. A port that comes
   from elsewhere is left alone. */
DD_API void dd_tts_close(struct dd_tts *tts);

/* -- servers ----------------------------------------------------------------- */

struct dd_http_request {
	uint32_t id; /* the reply comes back under it */
	bool post;
	const char *method; /* NULL: POST where `post`, else GET; another one carries `form`, too */
	const char *url;    /* with the query of a GET */
	struct dd_str form; /* the body of a POST */
	const char *type;   /* its content type; NULL: application/x-www-form-urlencoded */
	struct dd_str headers; /* more of them, "Name: value" lines, each with a line feed */
	dd_ms timeout;
	const char *credentials; /* "key:token"; NULL: none */
	bool status_alone; /* the body of the answer is not wanted, however large or broken it is */
	bool whole;        /* the answer's headers are wanted, and its body as it came … */
	size_t most;       /* … of at most so many bytes; 0: DD_REPLY_BYTES_MAX */
};

/* What came of a request: status 0 and `error` ("timeout", "refused", "too-large", …) where there
 * was no whole answer. */
struct dd_http_answer {
	int status;
	const char *error;  /* static text */
	struct dd_str body; /* borrowed until the next request */
	const char *type;   /* content type without parameters, or "" */
	dd_ms took;
	struct dd_str
	        headers; /* where they are wanted: "Name: value" lines, each with a line feed */
};

/* Servers that are really asked. `allowed` says whether the host may be asked at all. `send` starts
   a request; true: the answer is there already (the port waited for it), false: it comes later to
   whoever runs the port. Both are mandatory; so is `forget` where `send` ever gives false. Where a
   host is not allowed, the flow's stubs answer. */
struct dd_http {
	void *self;
	bool (*allowed)(void *self, const char *url);
	bool (*send)(
	        void *self, const struct dd_http_request *request, struct dd_http_answer *answer);
	/* The answer to `id` is no longer wanted. */
	void (*forget)(void *self, uint32_t id);
};

#ifdef __cplusplus
}
#endif

#endif
