/* The pump: carries a call's effects to the ports, and what they answer back to the call. It owns
   no clock; whoever drives it says what time it is, so that a call in a terminal and the same keys
   in virtual time give the same record.

       dd_session_new(options) → dd_session_start() → { dd_session_next(): sleep until then, or
   until a key; dd_session_advance(at) or dd_session_key(at, key) } until dd_session_over(). */
#ifndef DD_SESSION_H
#define DD_SESSION_H

#include "call/trace.h"
#include "flow/program.h"
#include "port/http.h"
#include "port/sound.h"
#include "port/tts.h"
#include "session/prompt.h"
#include "session/request.h"

struct dd_session;

/* How long a phone rings before a person or a machine takes the call, unless the options say
 * otherwise. */
enum { DD_RING_MS = 2000, DD_RING_TIMEOUT_MS = 30000 };
/* How long a machine speaks before its beep, and a person to a recording. */
enum { DD_MACHINE_GREETING_MS = 8000, DD_SPEAK_MS = 5000 };

/* When a call in virtual time is answered unless it is said: 2025-01-20T10:00:00+05:30. */
#define DD_STARTS_UNIX_MS INT64_C(1737347400000)
/* The CallSid of a seed: 32 hex digits. */
void dd_session_sid(uint64_t seed, char sid[33]);

/* Answers that stand in for those of the flow. `once`: each entry answers one request, and a
   request too many is refused; otherwise the last one repeats. */
struct dd_given_stubs {
	uint32_t step;
	const struct dd_stub *list;
	uint32_t n;
	bool once;
};

/* Someone who wants to know what the engine does, beside what the trace says (coverage). Called
   before the effects of one event are carried out. */
struct dd_watch {
	void *self;
	void (*effects)(void *self, const struct dd_call *call, enum dd_event_type event,
	        const struct dd_effects *effects);
};

/* A call that an application directs: its ask steps are filled in, and answered, by the room of
   applications, which then may have added to the program (never changed what is there). */
struct dd_document_request {
	struct dd_request_text text;
	bool document; /* it asks for a document, not for a sound or nothing at all */
	bool asks;     /* false: nothing is asked, the call goes on at `target` */
	uint32_t target;
	size_t most; /* bytes of its answer */
	dd_ms timeout;
	dd_ms hang_up;         /* the customer hangs up so long after it was sent; 0: does not */
	struct dd_buf secrets; /* further headers, which no record has */
	struct dd_buf told;    /* the address as records have it; empty: as it is */
};
struct dd_document_answer {
	int status;        /* 0: none … */
	const char *error; /* … for this reason */
	struct dd_str headers, body;
};
struct dd_document_news {
	struct dd_str
	        text; /* of the reply, for the record; borrowed until the next call of a hook */
	struct dd_str summary; /* the same in a few words */
	struct dd_buf notes;   /* lines for the record, each behind '!' (an error) or '-' */
	uint32_t target;
	bool more;              /* a redirect of HTTP: `target` asks once more */
	bool rejected;          /* the application does not take the call: it ends … */
	enum dd_answered_by by; /* … as if nobody had answered, so */
};
struct dd_documents {
	void *self;
	/* `out` is zeroed; the session gives its text back. */
	void (*ask)(void *self, const struct dd_call *call, uint32_t step, dd_ms at,
	        struct dd_document_request *out);
	void (*answer)(void *self, const struct dd_call *call, uint32_t step,
	        const struct dd_document_answer *answer, struct dd_document_news *news);
	/* Whether the key that was pressed arrives once more at once; NULL: none does. */
	bool (*again)(void *self, dd_ms at);
	bool before; /* the first document is asked for while the phone rings, and may reject */
};

struct dd_session_options {
	const struct dd_program *program;
	struct dd_setup setup;
	enum dd_answered_by answered_by;
	dd_ms ring_timeout;                   /* 0: 30 s */
	struct dd_tts tts;                    /* mandatory */
	const struct dd_http *http;           /* NULL: offline, stubs answer */
	const struct dd_documents *documents; /* NULL: the program is a flow's */
	const struct dd_ear *ears;
	size_t nears;
	bool record;  /* keep a trace */
	size_t store; /* 0: DD_STORE_BYTES */
	const struct dd_given_stubs *stubs;
	size_t nstubs;
	const struct dd_watch *watch;  /* NULL: nobody */
	dd_ms machine_greeting;        /* 0: 8 s; negative: none */
	const dd_ms *speak;            /* how long the customer speaks to each recording … */
	const struct dd_stub *parties; /* what comes of ringing, where no stub says; in turn, the
	                                  last one for all further */
	size_t nparties;
	size_t nspeak; /* … the last one for all further; 0: 5 s */
};

/* Borrows everything in `options` for its life. */
struct dd_session *dd_session_new(const struct dd_session_options *options);
void dd_session_free(struct dd_session *session);

/* Begins the call. A session can be started again once its call is over; prompts whose words do not
   move keep their sounds (the variables must be those of the call before). */
void dd_session_start(struct dd_session *session);
/* When something happens by itself, or DD_NEVER. */
dd_ms dd_session_next(const struct dd_session *session);
/* Everything that is due until `at`, in order. */
void dd_session_advance(struct dd_session *session, dd_ms at);
/* After everything due until `at`: a key, the customer's hang-up, the answer of the http port. */
void dd_session_key(struct dd_session *session, dd_ms at, char key);
void dd_session_hang_up(struct dd_session *session, dd_ms at);
void dd_session_reply(
        struct dd_session *session, dd_ms at, uint32_t id, const struct dd_http_answer *answer);

/* A call whose next sound is not ready (tts.ready) is parked: it stands still, at dd_session_now(),
   and nothing is due. Keys, the hang-up and answers of servers are kept for the moment at which it
   goes on. dd_session_resume() asks for the sound again; true: the call goes on, from where it
   stood, so that whoever drives it must leave out the time between. The record is the same as if
   the sound had been there. */
bool dd_session_parked(const struct dd_session *session);
bool dd_session_resume(struct dd_session *session);

/* Whether somebody is rung (by step `*step`), or talked to. */
bool dd_session_rings(const struct dd_session *session, uint32_t *step);
bool dd_session_talks(const struct dd_session *session);
/* What comes of the ringing at hand, counted from its beginning. */
void dd_session_decide(struct dd_session *session, const struct dd_stub *party);
/* Whoever is talked to hangs up now; who is rung answers now. */
void dd_session_party(struct dd_session *session, dd_ms at);
/* The customer says something to a menu that takes speech. */
void dd_session_say(struct dd_session *session, dd_ms at, struct dd_str words);
/* Whether a recording runs; how long the customer speaks to it, from its beginning on. */
bool dd_session_records(const struct dd_session *session);
void dd_session_speak(struct dd_session *session, dd_ms length);
/* Recordings begun so far. */
unsigned dd_session_recordings(const struct dd_session *session);

bool dd_session_over(const struct dd_session *session);
dd_ms dd_session_now(const struct dd_session *session);
/* How often a menu has begun to wait for its first key. */
unsigned dd_session_waits(const struct dd_session *session);
const struct dd_call *dd_session_call(const struct dd_session *session);
const struct dd_trace *dd_session_trace(const struct dd_session *session);
const struct dd_outcome *dd_session_outcome(const struct dd_session *session);

/* How many requests of `step` have been answered by stubs. */
uint32_t dd_session_asked(const struct dd_session *session, uint32_t step);

/* The first moment at which the first `bytes` of the words that play have been begun, and the next
 * word has not. */
dd_ms dd_session_spoken(const struct dd_session *session, size_t bytes);
/* The same of the words as they are heard. */
dd_ms dd_session_spoken_said(const struct dd_session *session, size_t bytes);

/* What plays: the words of the prompt, and how many of their bytes have been begun by `at`. False
 * when nothing plays. */
struct dd_playing {
	struct dd_str text;
	size_t begun, word; /* bytes begun; the offset of the word being said */
	dd_ms from, until;
};
/* When each word of what plays begins, after its own beginning; from malloc. NULL, and 0, when
 * nothing plays. */
struct dd_spoken_word *dd_session_words(const struct dd_session *session, size_t *n);
bool dd_session_playing(const struct dd_session *session, dd_ms at, struct dd_playing *out);

#endif
