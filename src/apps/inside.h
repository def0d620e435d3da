/* What the files of this room share, and nobody else. */
#ifndef DD_APPS_INSIDE_H
#define DD_APPS_INSIDE_H

#include "apps/app.h"
#include "apps/verbs.h"

/* Why a server is asked, which decides what it is told (ask.c). */
enum ask_kind {
	ASK_START,
	ASK_REDIRECT,
	ASK_GATHER,
	ASK_RECORD,
	ASK_DIAL,
	ASK_SMS,
	ASK_FALLBACK,
	ASK_SOUND,    /* a recording is fetched before it is played */
	ASK_RECORDED, /* recordingStatusCallback: nobody waits for the answer */
	ASK_WHISPER,  /* what the other party hears before the two are joined */
};

/* What an ask step asks. */
struct app_ask {
	enum ask_kind kind;
	const char *url; /* absolute */
	enum dd_method method;
	bool bare;            /* a redirect of HTTP: the parameters are not sent again */
	unsigned hops;        /* redirects of HTTP so far */
	bool records;         /* of a dial: there is a recording */
	uint32_t next;        /* of what is no document: where the call goes on */
	uint32_t sound;       /* of ASK_SOUND */
	const char *callback; /* of ASK_RECORD: recordingStatusCallback; NULL: none */
	enum dd_method callback_method;
	bool early;           /* of ASK_RECORDED: before the action, which happens by fault alone */
	int error;            /* of ASK_FALLBACK: what went wrong … */
	const char *at_fault; /* … where */
};

/* A recording: its segments share one template, whose text is the path once it is fetched. */
struct app_sound {
	const char *url;
	uint32_t template;
	bool asked;
};

struct app_document {
	const char *url;
	struct dd_str text;
	uint32_t flow, start;
	uint64_t looks; /* a hash of all that makes it the place that it is */
	uint32_t place; /* the index of the first document that looks so */
	uint32_t first_step, nsteps;
	const char *summary; /* "Say, Gather, Hangup" */
	int error;           /* what the platform calls it; 0: it is a document */
	bool rejects;
	enum dd_answered_by by;
	size_t first_note, nnotes; /* of the diags: what is wrong in it */
};

/* What is on its way, as a tape has it. */
struct tape_pending {
	uint32_t step;
	struct dd_buf text;
};

/* One exchange of a tape. */
struct tape_entry {
	struct dd_str method, url, parameters; /* sorted, "name=value" lines */
	int status;
	const char *error; /* NULL: an answer came */
	struct dd_str headers, body;
	bool used;
};

struct recordings;

struct dd_app {
	struct dd_app_options o;
	struct dd_arena *arena; /* the program lies in it */
	struct dd_program *program;
	struct dd_diags diags;
	const char *start_url,
	        *folder; /* folder: of documents on disk, with a slash; NULL: a server */
	const char *origin, *fallback;
	size_t nown; /* bytes of start_url that name its server, which may be asked; 0: it may not
	              */
	struct dd_app_map maps[DD_APP_MAPS_MAX + 1];
	size_t nmaps;
	uint32_t error_step; /* "an application error has occurred", then the end */
	uint32_t speech_slot, recording_slot, dial_status_slot, dial_seconds_slot, dial_to_slot;
	DD_ARRAY(struct app_ask, asks);
	DD_ARRAY(struct app_sound, sounds);
	DD_ARRAY(struct app_document, documents);
	struct dd_names known, places; /* of documents: by all that they are, and by what counts */
	struct dd_buf key;
	char *temporary; /* a folder for what is fetched; NULL: not made yet */
	struct dd_documents hooks;
	struct dd_http port;
	/* of the call at hand */
	DD_ARRAY(char *, cookies); /* "name=value" */
	bool taken;                /* the first document is there: the phone need not ring on */
	uint32_t first_target;
	unsigned requests, nth_document, recordings;
	const struct dd_fault_rule
	        *rule;            /* of the document that is asked for; NULL: none strikes */
	uint32_t ruled;           /* the step that asks */
	unsigned keys, callbacks; /* so far, for faults that count them */
	bool told_early;          /* the callback of the recording at hand */
	uint64_t number;          /* what chance knows the call by */
	struct dd_struck struck;  /* the first fault of this call */
	/* tapes */
	struct tape_entry *tape;
	size_t ntape, cap_tape;
	struct dd_buf taped;
	DD_ARRAY(struct tape_pending, pending);
	struct dd_buf held;        /* texts lent to the session … */
	struct dd_buf body;        /* … and what an answer says, without credentials */
	struct dd_buf headers;     /* of the answer at hand */
	struct recordings *served; /* NULL: none yet */
	struct dd_buf doubled;     /* an answer that holds its document twice */
	/* callbacks that are told behind an action: from where the call goes on */
	DD_ARRAY(uint32_t, told);
};

/* Steps (compile.c). The document that `body` is, known already or new. */
struct app_document *compile_document(
        struct dd_app *app, const char *url, struct dd_str body, struct dd_str type);
/* An ask step that goes by `ask`. */
uint32_t ask_step(struct dd_app *app, const struct app_ask *ask, uint16_t flow, uint32_t line,
        struct dd_span span, const char *verb);
/* The beginning of every program: the first request, and what is heard when all fails. */
void compile_beginning(struct dd_app *app);

/* A number for all that makes a document the place that it is (place.c). `root` NULL: no document.
 */
uint64_t document_looks(const char *url, const struct dd_xml *root);

/* URLs (url.c). Absolute, in the app's arena. NULL when it cannot be. */
const char *url_join(struct dd_app *app, const char *base, struct dd_str relative);
/* Without "user:secret@", which is nobody's business; from malloc. */
char *url_shown(const char *url);
/* As records have it: without those of further addresses in its path and query, either. */
char *url_recorded(const char *url);
/* "user:secret" of a URL, as it is meant; nothing where it has none. */
void url_credentials(const char *url, struct dd_buf *out);
/* The same of all URLs in a text becomes asterisks, as many as it had bytes: places stay. */
void hide_credentials(char *text, size_t n);
/* Whether a URL is asked of the application's own server. */
bool own_server(const struct dd_app *app, const char *url);
/* The body of an answer as every record of it has it: without credentials. */
struct dd_str shown_body(struct dd_app *app, struct dd_str body);
/* Where a URL is really asked, by the maps; from malloc. */
char *url_mapped(const struct dd_app *app, const char *url);
bool url_allowed(const struct dd_app *app, const char *url);
/* Looks once whether the application's own server may be asked. */
void url_own(struct dd_app *app);
/* The path of a file: URL beside the first document; NULL: it lies elsewhere. From malloc. */
char *url_file(const struct dd_app *app, const char *url);

/* What is asked (ask.c): fills in the request of an ask. */
void ask_build(struct dd_app *app, const struct app_ask *ask, const struct dd_call *call, dd_ms at,
        struct dd_document_request *whole);

/* Recordings (sound.c). Keeps what was fetched, in a folder of its own that is removed with the
   app; the segments that play it find it then. Nothing that can be played: silence of no length.
 */
void sound_keep(struct dd_app *app, uint32_t sound, struct dd_str bytes, bool fine);
void sound_of_keys(struct dd_app *app, uint32_t sound, struct dd_str keys);
void sounds_remove(struct dd_app *app);

/* What customers have said (recordings.c). The address of a recording, which is served there. */
void recording_url(struct dd_app *app, const char *name, dd_ms length, struct dd_buf *out);
bool own_recording(const struct dd_app *app, const char *url);
/* Gives each address of a recording the port that it has where that is not taken: on a tape. */
void recordings_settle(struct dd_buf *text);
void recordings_free(struct recordings *recordings);

/* Tapes (tape.c). */
enum dd_status tape_read(struct dd_app *app, struct dd_str text, struct dd_error *err);
void tape_asks(
        struct dd_app *app, uint32_t step, const char *method, const char *url, struct dd_str form);
void tape_answers(struct dd_app *app, uint32_t step, const struct dd_document_answer *answer);
void tape_forget(struct dd_app *app); /* what has had no answer */
/* The exchange that answers, or NULL with a sentence about the nearest one. */
struct tape_entry *tape_find(struct dd_app *app, const char *method, const char *url,
        struct dd_str form, struct dd_buf *why);

#endif
