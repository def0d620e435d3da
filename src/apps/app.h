/* Applications that answer in XML (ExoML, TwiML): a call asks a server what to do, and does what
   the document says. Documents become steps of one program that grows with the call, so that the
   engine, the voice, the transcript and all that reads a program need to know nothing of them.

       app = dd_app_new(&options, &err) → dd_app_begin(app) → a session over
       dd_app_program(app), with dd_app_documents(app) and dd_app_http(app) →
       dd_app_free(app), after the session.

   One app serves one call at a time; begun again it serves another one, and documents that come
   again are the steps that they were. */
#ifndef DD_APPS_APP_H
#define DD_APPS_APP_H

#include "doc/diag.h"
#include "flow/program.h"
#include "port/http.h"
#include "session/session.h"
#include "sim/faults.h"

enum dd_dialect { DD_TWIML, DD_EXOML, DD_DIALECTS_COUNT };
/* "twiml", "exoml"; false for another word. */
bool dd_dialect_parse(const char *word, enum dd_dialect *out);

enum {
	DD_DOCUMENT_BYTES_MAX = 64 * 1024,
	DD_SOUND_BYTES_MAX = 20 * 1024 * 1024,
	DD_REDIRECTS_MAX = 10,   /* of HTTP, one after the other */
	DD_PLAYS_MAX = 1000,     /* of one verb, and segments of one Gather */
	DD_REPEATED_MAX = 20000, /* segments that a document's Gathers repeat in all */
	DD_APP_FLOWS_MAX = 60000,
	DD_APP_MAPS_MAX = 64,
};

struct dd_app_map {
	const char *from, *to; /* origins, "https://app.example.com" */
};

struct dd_app_options {
	const char *url; /* http://…, https://…, or the path of a document */
	enum dd_dialect dialect;
	enum dd_method method;                    /* of the first request: DD_POST or DD_GET */
	const char *const *names, *const *values; /* further parameters of every request */
	size_t nparameters;
	const char *auth_token; /* requests are signed with it; NULL: they are not */
	const char *fallback;   /* asked when a document fails; NULL: none */
	const char *public_url; /* what the application thinks it is reached by; NULL: `url` */
	const struct dd_app_map *maps;
	size_t nmaps;
	const char *const *hosts; /* that may be asked beside the application's own */
	size_t nhosts;
	bool live;            /* the application's host may be another machine */
	bool outbound;        /* the customer has answered before the application is asked */
	dd_ms latency;        /* of every answer, in virtual time */
	struct dd_str replay; /* a tape that answers; p NULL: none */
	bool tape;            /* keep what was asked and answered */
	/* Who asks: `http` for a call, `waiting` (its send() returns with the answer) for what must
	   be there at once. Both may be NULL for documents on disk and tapes. */
	const struct dd_http *http, *waiting;
	bool real_time;  /* `http` takes its time */
	bool recordings; /* what is said to Record can be fetched at its RecordingUrl … */
	/* … below this address, from whoever gave it: "ADDRESS/NAME-LENGTH", in milliseconds, for
	   dd_app_recording(); NULL: from a small server of our own. */
	const char *recordings_at;
	const struct dd_faults *faults; /* what goes wrong on purpose; NULL: nothing */
};

struct dd_app;
/* Borrows everything in `options`. NULL after an error. */
struct dd_app *dd_app_new(const struct dd_app_options *options, struct dd_error *err);
void dd_app_free(struct dd_app *app); /* NULL is fine */
/* A call begins: cookies and counts are those of a new one. */
void dd_app_begin(struct dd_app *app);

/* Grows while a call runs; nothing in it changes. */
struct dd_program *dd_app_program(struct dd_app *app);
const struct dd_documents *dd_app_documents(struct dd_app *app);
const struct dd_http *dd_app_http(struct dd_app *app);
/* The document that the flow of this index is; NULL: none is. */
struct dd_str dd_app_document(const struct dd_app *app, uint32_t flow);
/* The first document that is the same place as this one: its address without the query, its verbs,
   texts and targets, whatever ids and times stand in them. Its steps are those of this one, in
   their order. Flow 0 is no document. */
uint32_t dd_app_place(const struct dd_app *app, uint32_t flow);
/* The steps of a document: one after the other in the program. */
void dd_app_steps(const struct dd_app *app, uint32_t flow, uint32_t *first, uint32_t *n);
/* What a step of a document is to whoever looks at coverage: a verb, a way out of one (its action
   is asked), or neither. */
enum dd_app_part { DD_APP_VERB, DD_APP_ACTION, DD_APP_OTHER };
enum dd_app_part dd_app_part(const struct dd_app *app, uint32_t step);
/* What goes wrong in the calls from here on (borrowed; NULL: nothing), and the number that chance
   knows the next one by. */
void dd_app_faults(struct dd_app *app, const struct dd_faults *faults, uint64_t number);
/* The first fault that has struck in the call at hand. */
struct dd_struck dd_app_struck(const struct dd_app *app);
/* How often the call at hand has come to each point so far. */
unsigned dd_app_points(const struct dd_app *app, enum dd_fault_point point);
/* Who asks, if that is only known after dd_app_new(). */
void dd_app_ports(struct dd_app *app, const struct dd_http *http, const struct dd_http *waiting);
/* What a customer has said to Record, as a WAV file: nobody has really spoken, it is a hum in
   syllables. */
void dd_app_recording(dd_ms length, struct dd_buf *out);
/* What is wrong in the documents seen so far. */
struct dd_diags *dd_app_diags(struct dd_app *app);
/* What was asked and answered, as a tape. */
struct dd_str dd_app_tape(const struct dd_app *app);
/* Whether a step is where an application's call ends that has failed. */
bool dd_app_is_error(const struct dd_app *app, uint32_t step);
/* Requests made so far: all, and those for documents. */
unsigned dd_app_requests(const struct dd_app *app);
/* Whether an operand of a command names an application: a URL, or a file that ends in .xml. */
bool dd_is_app(const char *operand);
/* Whether a text is the address of a server: http:// or https:// and something. */
bool dd_is_url(const char *text);
/* Whether a URL is asked of this machine alone. */
bool dd_is_loopback(const char *url);
/* A URL as it may be told: "http://…@host/" where it has credentials; from malloc. */
char *dd_url_told(const char *url);

#endif
