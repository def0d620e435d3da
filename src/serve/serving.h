/* What the files of the server share, and nobody else. One thread; everything happens in the loop
 * of serve.c. */
#ifndef DD_SERVE_SERVING_H
#define DD_SERVE_SERVING_H

#include <jansson.h>
#include <string.h>

#include "apps/app.h"
#include "base/arena.h"
#include "base/clock.h"
#include "campaign/customer.h"
#include "campaign/law.h"
#include "base/heap.h"
#include "campaign/dialler.h"
#include "net/certs.h"
#include "net/curl.h"
#include "net/httpd.h"
#include "serve/serve.h"
#include "session/script.h"
#include "session/session.h"
#include "sim/faults.h"
#include "store/ledger.h"
#include "store/question.h"

struct server;
struct live;
struct ask;

/* -- time (clock.c): unix ms of the platform's clock ------------------------ */

struct server_clock {
	double speed; /* 0: jumps */
	int64_t now;
	int64_t base, mono; /* `base` was the time at `mono` of the machine's own clock */
	unsigned holds;     /* of one that jumps: so many need time to pass as it does outside */
};
int64_t machine_ms(void);
void clock_begin(struct server_clock *clock, double speed, int64_t at);
void clock_tick(struct server_clock *clock);
void clock_jump(struct server_clock *clock, int64_t to);
/* So many ms of the machine until the clock shows `at`; -1: never, or as soon as it jumps. */
int64_t clock_wait(const struct server_clock *clock, int64_t at);

/* -- flows (flows.c) -------------------------------------------------------- */

/* A flow as it was when it was loaded; calls keep theirs. */
struct edition {
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_program *program; /* NULL: broken, and `faults` says how */
	char *faults;
	bool starved; /* broken, as far as is known: there was no descriptor to read it with */
	unsigned users;
	uint64_t looked;        /* the turn of the loop in which its files were looked at last */
	struct dd_crowd *crowd; /* of the audience; NULL: none was asked for */
	struct dd_campaign *crowd_of;
	json_t *findings; /* of the rules, once asked for */
	bool checking;    /* they are looked for */
	int64_t again; /* of a broken one: when it is loaded again at the latest, by machine_ms() */
	struct stamp {
		const char *path;
		int64_t seconds, nanoseconds, bytes;
	} stamps[DD_FLOWS_MAX + 1];
	size_t nstamps;
};
struct app {
	const char *id, *path; /* the file's name without its ending */
	struct edition *edition;
};
struct flows {
	const char *folder;
	struct app **list;
	size_t n, cap;
	struct app application;         /* a web application; its id is its address */
	struct app connect;             /* two numbers that talk, without a flow: FLOWS_CONNECT */
	uint64_t turn;                  /* of the loop: files are looked at once in each */
	const struct dd_param *numbers; /* of serve.yaml: the platform's number → the file's id */
	size_t nnumbers;
};
/* The id of what is run for a call that joins two numbers. */
#define FLOWS_CONNECT "(two numbers)"
/* Looks which flows the folder holds now. */
void flows_scan(struct server *s);
/* The app that an id, a file's name or a number means, as far as it is in the folder; NULL: there
 * is none. */
struct app *flows_find(struct server *s, struct dd_str id);
/* One more, of a file elsewhere, or the one that has this id. */
struct app *flows_add(struct server *s, const char *id, const char *path);
/* The names of those there are, for a message, or "none"; from malloc. */
char *flows_names(const struct server *s);
/* What is said where a flow could not be looked for, or read, because no descriptors are left: 503.
 */
#define FLOWS_STARVED \
	"the flows cannot be read now: the server has as many connections and files open as it " \
	"may (ulimit -n)"
/* Its newest edition, taken: give it back. Broken ones are given, too. */
struct edition *flows_take(struct server *s, struct app *app);
void flows_give_back(struct edition *edition);
/* The id in one of the platform's URLs: …/exoml/start/ID, …/exoml/start_voice/ID. False: it is
 * none. */
bool flows_id_of_url(struct dd_str url, char id[128]);
/* What stands for a flow where none directs a call. */
struct dd_program *flows_connect(struct dd_diags *diags);
void flows_free(struct server *s);

/* -- who answers (answer.c) ------------------------------------------------- */

struct who {
	enum who_kind { WHO_SAID, WHO_PHONE, WHO_AUDIENCE } kind;
	enum dd_answered_by by;
	bool silent; /* a human of whom nothing else was said: whoever holds a phone may take the
	                call */
	const char *keys, *press;
};
/* "human", "machine", "busy", "no-answer", "failed", "canceled", "phone", "audience", "keys 1,-,2",
 * "press 2600:2,5000:h". NULL, or what is wrong. */
const char *who_parse(struct dd_arena *arena, struct dd_str text, struct who *out);
struct who_rule {
	uint64_t number;
	struct who who;
};
/* Whom a test wants to answer the next call (to `number`; 0: to anyone). */
struct who_next {
	uint64_t number;
	char *text;
	int64_t times;
	struct who_next *next;
};
enum { WHO_NEXT_MAX = 10000 };
/* NULL: `text` says who takes a call, or what is wrong with it. */
const char *who_refuse(const struct server *s, struct dd_str text);
/* Decides for a call that is placed. Its texts live as long as `*own`, which may become an arena of
 * the call's, or the configuration. */
struct who who_answers(struct server *s, uint64_t number, struct dd_arena **own);
/* 0 times: for all calls from now on. NULL, or what is wrong. */
const char *who_set_next(struct server *s, struct dd_str number, struct dd_str text, int64_t times);
void who_forget_next(struct server *s);

/* -- configuration (config.c) ----------------------------------------------- */

struct config {
	struct dd_arena *arena;
	struct who answer;
	struct who_rule *rules;
	size_t nrules;
	const char **callers; /* the account's ExoPhones; none: any will do */
	size_t ncallers;
	struct dd_number_set dnd, consent; /* on the register; agreed to be called */
	struct dd_number_set allowed;      /* so, too, over the API */
	const struct dd_law *law;
	const struct dd_numbering *home; /* whose numbers need no calling code */
	const char *faults;              /* NULL: none */
	struct dd_audience *audience;    /* NULL: none was asked for */
	const char **senders,
	        **entities; /* of messages: headers; DLT's, with its registered texts */
	size_t nsenders, nentities, ntemplates;
	struct dd_param *templates; /* id → text */
	const char *hook_type;      /* of callbacks of which nothing is said: multipart, form */
};
enum dd_status config_load(struct server *s, struct dd_diags *diags, struct dd_error *err);
/* What serve.yaml knows of a number: DD_PERSON_DND, DD_PERSON_CONSENT. */
unsigned config_flags(const struct server *s, uint64_t number);

/* -- calls (exchange.c) ----------------------------------------------------- */

enum live_stage { LIVE_QUEUED, LIVE_RINGING, LIVE_TALKING, LIVE_OVER };

/* A call that is not over. */
struct live {
	struct server *server;
	struct dd_call_record r; /* texts are the live call's own */
	enum live_stage stage;
	int64_t due; /* when something happens by itself; INT64_MAX */
	uint32_t slot;
	struct edition *edition;
	struct voice *voice;
	struct who who;
	struct dd_arena *own; /* whom a test asked for, and its texts; NULL: nobody was asked for */
	struct phone *phone;  /* that rings, or is talked into */
	bool hung;            /* the phone went away */
	/* in the conversation */
	struct dd_app *app; /* the application that directs it; NULL: a flow */
	struct dd_session *session;
	bool parked; /* it stands still until a sound is ready … */
	dd_ms stood; /* … and has for so long */
	struct dd_http http;
	struct dd_script script;
	bool scripted, drawn;
	struct dd_customer customer;
	struct dd_pcg rng;
	char keys[DD_CUSTOMER_KEYS_MAX];
	unsigned nkeys, waits;
	dd_ms presses;
	size_t told;          /* events of the record that were told */
	struct sound *sounds; /* who listens */
	struct dd_ear ears[2];
	struct dd_recorder *recorder; /* NULL: it is not recorded */
	json_t *variables;
	const char **names, **values;
	size_t nvariables;
	struct live *next, **link; /* in the table of sids */
};

enum { SID_BUCKETS = 16384 };
struct exchange {
	struct live **slots;
	uint32_t nslots, cap_slots, *free, nfree, cap_free;
	struct live *sids[SID_BUCKETS];
	struct dd_heap due; /* entries may be stale: see exchange_due() */
	uint32_t *line;     /* calls that wait for a line, in their order */
	size_t line_first, line_n, line_cap;
	uint32_t placed;  /* in use */
	uint32_t awaited; /* answers of servers, of all calls */
	uint32_t parked;  /* calls that wait for a sound: a clock that jumps waits with them */
	bool hung;        /* a phone went away: see exchange_run() */
	uint64_t accepted, over;
	struct voice *voice;
	int64_t rate[DD_SERVE_RATE *
	        50]; /* when the last calls were accepted, by the machine's clock */
	size_t nrate, rate_at;
	int64_t rate_skew; /* how far the clock was advanced by hand */
};
/* Writes a new call into the ledger and puts it into line. `r` has all texts; its sid is made up
 * here. `answer`, which who_refuse() has seen, is who takes this call and no other; "": whoever
 * does. Returns it. */
struct live *exchange_accept(struct server *s, struct dd_call_record *r, struct dd_str answer);
/* The call with this sid that is not over. */
/* What the call runs: its flow, or what its application has answered so far. */
const struct dd_program *exchange_program(const struct live *live);
/* NULL, or why the application at `url` may not be called: a sentence, from malloc. */
char *exchange_refuse_app(struct server *s, const char *url);
struct live *exchange_find(struct server *s, struct dd_str sid);
/* Places calls for which there is a line. They begin to ring when this is on disk. */
void exchange_place(struct server *s);
/* Carries out what is due now, at most `most` things. Returns how many there were. */
size_t exchange_run(struct server *s, size_t most);
/* When something happens next; INT64_MAX. */
int64_t exchange_due(struct server *s);
/* A server answered `id` of a call's requests. */
void exchange_reply(struct live *live, uint32_t id, const struct dd_http_answer *answer);
/* A sound for which the call in `slot` may wait is ready, or cannot be made. */
void exchange_resume(struct server *s, uint32_t slot);
/* What a person does. False: not possible now. */
bool exchange_answer(struct live *live);
bool exchange_decline(struct live *live);
bool exchange_press(struct live *live, struct dd_str keys);
bool exchange_hang_up(struct live *live);
/* What was going on when the server was killed. */
void exchange_recover(struct server *s);
/* Ends what rings or talks, as failed; what waits for a line goes on when the server starts again.
 */
void exchange_stop(struct server *s);
void exchange_free(struct server *s);
/* False: over the calls a minute; `*wait_s` then is how long. What the limit is, and what is left
 * of it, goes into `out`. */
bool exchange_allows(struct server *s, struct dd_http_out *out, int *wait_s);
void new_sid(char sid[33]);

/* -- what takes long (workers.c) --------------------------------------------- */

enum { WORKERS = 4 };
struct workers;
/* `run` is called by a worker, and must touch nothing of the server but what the job brought;
   `done` by the loop, afterwards. */
struct job {
	void (*run)(struct job *job, unsigned worker);
	void (*done)(struct job *job);
	struct job *next;
};
struct workers *workers_new(void);
/* NULL: the job is done at once, by the loop. */
void workers_do(struct workers *workers, struct job *job);
/* Readable when workers_take() has something to do. */
int workers_fd(const struct workers *workers);
void workers_take(struct workers *workers);
/* Jobs that were not begun are over without having been run. False: a worker is in the middle of
 * one; what that has must be left as it is. NULL is fine. */
bool workers_end(struct workers *workers);

/* -- sounds (sounds.c) ------------------------------------------------------ */

struct voice;
struct voice *voice_take(struct server *s);
void voice_give_back(struct voice *voice);
/* The sounds of a call, which holds a voice: those that are not ready are made beside the loop, and
 * exchange_resume() tells. */
struct dd_tts sounds_of(struct live *live);

/* -- recordings (recordings.c) ----------------------------------------------- */

/* A file for each call that is recorded, in a folder beside the database; of one that keeps nothing
 * in a folder that goes with the server. */
struct call_recordings {
	char *folder; /* NULL: not needed yet */
	bool made, refused;
};
/* Begins with the conversation; `*ear` is to hear it. False: it is not recorded. */
bool recording_begin(struct live *live, struct dd_ear *ear);
/* Its file is whole: what the call's record says of it. */
void recording_end(struct live *live);
/* Where it can be fetched, for so many ms (0: as long as it is there); NULL: there is none. */
const char *recording_of(
        const struct server *s, const struct dd_call_record *r, int64_t valid_ms, char room[256]);
/* Another file beside the recordings; its path, from malloc. NULL: it cannot be written. */
char *recording_file(
        struct server *s, const char *name, const char *ending, const struct dd_buf *text);
void recordings_forget(struct server *s);
void recordings_end(struct server *s);

/* -- messages (sms.c, sms.h) ------------------------------------------------- */

/* Those that are on their way, by when something happens to them. */
struct outbox {
	struct dd_heap due;
	int64_t *ids; /* of their rows */
	uint32_t n, cap, *free, nfree, cap_free;
};
void sms_recover(struct server *s);
void sms_run(struct server *s);
/* When something happens to one; INT64_MAX. */
int64_t sms_due(const struct server *s);
void sms_end(struct server *s);

/* -- callbacks (hooks.c) ---------------------------------------------------- */

enum { HOOK_PLAIN = 0, HOOK_TERMINAL = 1, HOOK_ANSWERED = 2 };
struct hooks {
	struct hook_host *hosts;
	struct delivery *turned;        /* those that come behind the last of their call */
	struct delivery **turns;        /* those that are open, by the call that they tell of */
	struct hook_request **requests; /* by the id under which curl knows them */
	struct dd_heap late;            /* callbacks that wait to be tried again */
	struct delivery **late_of;
	uint32_t nlate, cap_late, *free, nfree, cap_free; /* free: slots of `late_of` */
	size_t in_flight, waiting;
	uint32_t last_id;
	uint64_t delivered, given_up;
};
/* Keeps a callback and sends it once it is on disk. */
void hooks_add(struct server *s, const char *sid, const char *event, const char *url,
        const char *type, const struct dd_buf *body);
/* The same of fields, in the form `kept` ("form", "multipart", "json"). */
struct hook_field {
	const char *name, *value; /* value NULL: null */
	bool number;
};
void hooks_post(struct server *s, const char *sid, const char *event, const char *url,
        const char *kept, const struct hook_field *fields, size_t n);
/* The status callback of a call; `event` "terminal" or "answered". */
void hooks_call(struct server *s, const struct dd_call_record *r, const char *event);
void hooks_recover(struct server *s);
/* Sends what is due by the machine's clock; how many ms until the next is; -1: none. */
int64_t hooks_run(struct server *s);
/* Takes an answer that curl has: of a callback or of a call's request. */
void hooks_answer(struct server *s, uint32_t id, const struct dd_http_answer *answer);
/* An id for a request of a call. */
uint32_t hooks_request(struct server *s, struct live *live, uint32_t local);
void hooks_forget(struct server *s, struct live *live, uint32_t local);
void hooks_free(struct server *s);
/* NULL: `url` may be called back; otherwise what is wrong with it. */
const char *hooks_refuse(struct dd_str url);
/* What is kept of a StatusCallbackContentType: json, multipart or form; NULL: none of them. */
const char *hooks_form(struct dd_str type);
#define HOOKS_FORMS_TEXT \
	"StatusCallbackContentType is multipart/form-data, application/json or " \
	"application/x-www-form-urlencoded"
/* The URL that is really asked, mapped; from malloc. */
char *hooks_mapped(const struct server *s, const char *url);
/* Whether that server may be asked: it is on this machine, or was allowed. */
bool hooks_may_ask(const struct server *s, const char *url);

/* -- faults on purpose (faults.c) -------------------------------------------- */

struct server_faults {
	struct dd_faults faults;
	char *text;
	uint32_t counts[DD_AT_COUNT]; /* how often it came to each point since they were set */
	char placed[33];              /* the call that the request at hand has placed; "": none */
	struct struck *struck;
	size_t nstruck, cap_struck;
	struct early *early;
};
/* Sets what goes wrong from now on; "": nothing. NULL, or what is wrong with `text` (static). */
const char *faults_set(struct server *s, struct dd_str text, uint64_t seed);
/* What the command line says, or serve.yaml. The same. */
const char *faults_begin(struct server *s);
/* It came to a point: what strikes there, which is told; NULL: nothing. */
const struct dd_fault_rule *faults_strike(
        struct server *s, enum dd_fault_point point, const char *sid, const char *what);
/* The answer to a request that has changed something. */
void faults_answer(struct ask *a);
/* A callback of this call has been heard, or given up. */
void faults_heard(struct server *s, const char *sid);
/* Lets answers go that waited for a callback for too long; how many ms until the next; -1: none. */
int64_t faults_run(struct server *s);
/* … and forgets those that have gone, after dd_httpd_release(). */
void faults_gone(struct server *s);
enum faults_value { FAULTS_AS_IT_IS, FAULTS_EMPTY, FAULTS_ABSENT };
/* How a parameter of a callback or of a call's request is sent. */
enum faults_value faults_parameter(struct server *s, const char *name, const char *sid);
/* A request of a call, whose address and body may point into the buffers afterwards. True: it is
 * sent twice. */
bool faults_request(struct server *s, const char *sid, struct dd_http_request *request,
        struct dd_buf *url, struct dd_buf *body);
void faults_free(struct server *s);

/* -- campaigns (dial.c) ----------------------------------------------------- */

struct dial;
struct dials {
	struct dial **list;
	size_t n, cap;
	int64_t quiet_until;    /* the dialler has nothing to do before; INT64_MIN: not known */
	struct dial **by_index; /* of the dialler's campaigns */
	size_t nindex, cap_index;
};
/* A dialler with the account's limits, and what the calls of before count for. */
enum dd_status dials_open(
        struct server *s, const struct dd_dialler_options *options, struct dd_error *err);
/* Calls that may begin now, begin. */
void dials_run(struct server *s);
int64_t dials_due(struct server *s);
/* A call of a campaign is over. */
void dials_over(struct server *s, const struct dd_call_record *r);
void dials_recover(struct server *s);
void dials_free(struct server *s);

/* -- events (events.c) ------------------------------------------------------ */

/* Somebody who reads the events; with a number, a phone. */
struct phone {
	struct server *server;
	struct dd_stream *stream;
	bool rings_for;    /* it is a phone … */
	uint64_t number;   /* … with this number; 0: for all numbers */
	struct live *call; /* that rings it, or is talked into; NULL: it is free */
	char id[33];
	struct phone *next;
};
struct sound {
	struct live *live; /* NULL: the call is over */
	struct dd_stream *stream;
	bool wide;
	struct sound *next;
};
struct events {
	struct phone *readers;
	uint64_t last_id;
	int64_t beat; /* when the next heartbeat is, by the machine's clock */
};
bool events_wanted(const struct server *s);
/* Tells everyone. `data` is dropped. */
void events_tell(struct server *s, const char *type, json_t *data);
void events_call(struct server *s, const struct dd_call_record *r);
/* What was recorded of the call since it was told last. */
void events_record(struct live *live);
void events_beat(struct server *s);
/* A free phone for a call to `number`: one with that number, else (unless `exact`) one for all.
 * `*in_use` (may be NULL): there is one, but somebody talks. */
struct phone *events_phone(struct server *s, uint64_t number, bool exact, bool *in_use);
void events_open(struct server *s, const struct dd_http_in *in, struct dd_http_out *out);
void sound_open(struct live *live, bool wide, struct dd_http_out *out);
/* The ear of a call, which those who listen to it share. */
struct dd_ear sound_ear(struct live *live);
void sound_end(struct live *live);

/* -- HTTP (api.c and the files behind it) ----------------------------------- */

/* One request on its way to its answer. */
struct ask {
	struct server *server;
	const struct dd_http_in *in;
	struct dd_http_out *out;
	enum ask_shape { ASK_XML, ASK_JSON, ASK_V2, ASK_SIDE } shape;
	char account[64];
	struct dd_str part[3]; /* of the path: what stands for each * of its route */
	json_t *json;          /* of a body that is JSON; NULL: none */
};
void api_handle(void *self, const struct dd_http_in *in, struct dd_http_out *out);
/* An error in the platform's shape. */
void api_fail(struct ask *a, int status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
/* A value of the request, wherever it stands: form, JSON, query. p NULL: it is not there. Borrowed.
 */
struct dd_str api_value(const struct ask *a, const char *name);
struct dd_str api_query(const struct ask *a, const char *name);
/* Answers with JSON; `root` is dropped. */
void api_json(struct ask *a, json_t *root);
/* RFC 3339; null for 0. */
json_t *api_moment(int64_t unix_ms);
/* From `low` to `high`; false after an error was answered. Absent: `*out` stays. */
bool api_number(struct ask *a, const char *name, int64_t low, int64_t high, int64_t *out);

/* ROUTE(METHOD, path, shape, function): a * stands for one part of a path; a part that ends in
 * ".json" is told by the shape. */
#define API_ROUTES(ROUTE) \
	ROUTE("POST", "/v1/Accounts/*/Calls/connect", ASK_XML, calls_connect) \
	ROUTE("GET", "/v1/Accounts/*/Calls", ASK_XML, calls_list) \
	ROUTE("GET", "/v1/Accounts/*/Calls/*", ASK_XML, calls_get) \
	ROUTE("GET", "/v1/Accounts/*/Calls.json/*", ASK_JSON, calls_get) \
	ROUTE("GET", "/v1/Accounts/*/Numbers/*", ASK_XML, numbers_get) \
	ROUTE("GET", "/v1/Accounts/*", ASK_XML, account_get) \
	ROUTE("GET", "/v1/Accounts/*/Balance", ASK_XML, account_balance) \
	ROUTE("POST", "/v1/Accounts/*/CustomerWhitelist", ASK_XML, whitelist_add) \
	ROUTE("GET", "/v1/Accounts/*/CustomerWhitelist/*", ASK_XML, whitelist_get) \
	ROUTE("GET", "/v1/Accounts/*/IncomingPhoneNumbers", ASK_XML, phones_list) \
	ROUTE("GET", "/v1/Accounts/*/IncomingPhoneNumbers/*", ASK_XML, phones_get) \
	ROUTE("PUT", "/v1/Accounts/*/IncomingPhoneNumbers/*", ASK_XML, phones_change) \
	ROUTE("GET", "/v2_beta/Accounts/*/IncomingPhoneNumbers", ASK_JSON, phones_list) \
	ROUTE("GET", "/v2_beta/Accounts/*/IncomingPhoneNumbers/*", ASK_JSON, phones_get) \
	ROUTE("PUT", "/v2_beta/Accounts/*/IncomingPhoneNumbers/*", ASK_JSON, phones_change) \
	ROUTE("GET", "/v2/accounts/*/incoming-phone-numbers", ASK_V2, phones_list) \
	ROUTE("GET", "/v2/accounts/*/incoming-phone-numbers/*", ASK_V2, phones_get) \
	ROUTE("PUT", "/v2/accounts/*/incoming-phone-numbers/*", ASK_V2, phones_change) \
	ROUTE("POST", "/v1/Accounts/*/Sms/send", ASK_XML, sms_create) \
	ROUTE("POST", "/v1/Accounts/*/Sms/bulksend", ASK_XML, sms_bulk) \
	ROUTE("GET", "/v1/Accounts/*/SMS/Messages/*", ASK_XML, sms_get) \
	ROUTE("GET", "/v1/Accounts/*/Sms/Messages/*", ASK_XML, sms_get) \
	ROUTE("POST", "/v1/Accounts/*/Campaigns", ASK_JSON, campaigns_create) \
	ROUTE("GET", "/v1/Accounts/*/Campaigns", ASK_JSON, campaigns_list) \
	ROUTE("GET", "/v1/Accounts/*/Campaigns/*", ASK_JSON, campaigns_get) \
	ROUTE("PUT", "/v1/Accounts/*/Campaigns/*", ASK_JSON, campaigns_change) \
	ROUTE("DELETE", "/v1/Accounts/*/Campaigns/*", ASK_JSON, campaigns_delete) \
	ROUTE("POST", "/v1/Accounts/*/Campaigns/*/Numbers", ASK_JSON, campaigns_numbers) \
	ROUTE("POST", "/v1/Accounts/*/Campaigns/*/pause", ASK_JSON, campaigns_pause) \
	ROUTE("POST", "/v1/Accounts/*/Campaigns/*/resume", ASK_JSON, campaigns_resume) \
	ROUTE("POST", "/v1/Accounts/*/Campaigns/*/stop", ASK_JSON, campaigns_stop) \
	ROUTE("GET", "/v1/Accounts/*/Campaigns/*/call-details", ASK_JSON, campaigns_calls) \
	ROUTE("GET", "/v1/Accounts/*/Campaigns/*/report", ASK_JSON, campaigns_report) \
	ROUTE("POST", "/v2/accounts/*/campaigns", ASK_V2, campaigns_create) \
	ROUTE("GET", "/v2/accounts/*/campaigns", ASK_V2, campaigns_list) \
	ROUTE("GET", "/v2/accounts/*/campaigns/*", ASK_V2, campaigns_get) \
	ROUTE("PUT", "/v2/accounts/*/campaigns/*", ASK_V2, campaigns_change) \
	ROUTE("DELETE", "/v2/accounts/*/campaigns/*", ASK_V2, campaigns_delete) \
	ROUTE("POST", "/v2/accounts/*/campaigns/*/numbers", ASK_V2, campaigns_numbers) \
	ROUTE("POST", "/v2/accounts/*/campaigns/*/pause", ASK_V2, campaigns_pause) \
	ROUTE("POST", "/v2/accounts/*/campaigns/*/resume", ASK_V2, campaigns_resume) \
	ROUTE("POST", "/v2/accounts/*/campaigns/*/stop", ASK_V2, campaigns_stop) \
	ROUTE("GET", "/v2/accounts/*/campaigns/*/call-details", ASK_V2, campaigns_calls) \
	ROUTE("GET", "/v2/accounts/*/campaigns/*/report", ASK_V2, campaigns_report) \
	ROUTE("POST", "/v2/accounts/*/contacts", ASK_V2, contacts_create) \
	ROUTE("GET", "/v2/accounts/*/contacts", ASK_V2, contacts_list) \
	ROUTE("POST", "/v2/accounts/*/contacts/csv-upload", ASK_V2, contacts_upload) \
	ROUTE("GET", "/v2/accounts/*/contacts/*", ASK_V2, contacts_get) \
	ROUTE("DELETE", "/v2/accounts/*/contacts/*", ASK_V2, contacts_delete) \
	ROUTE("POST", "/v2/accounts/*/lists", ASK_V2, lists_create) \
	ROUTE("GET", "/v2/accounts/*/lists", ASK_V2, lists_list) \
	ROUTE("GET", "/v2/accounts/*/lists/*", ASK_V2, lists_get) \
	ROUTE("DELETE", "/v2/accounts/*/lists/*", ASK_V2, lists_delete) \
	ROUTE("POST", "/v2/accounts/*/lists/*/contacts", ASK_V2, lists_add) \
	ROUTE("GET", "/v2/accounts/*/lists/*/contacts", ASK_V2, lists_contacts) \
	ROUTE("GET", "/recordings/*/*", ASK_SIDE, recordings_get) \
	ROUTE("GET", "/", ASK_SIDE, page_html) \
	ROUTE("GET", "/page.css", ASK_SIDE, page_css) \
	ROUTE("GET", "/page.js", ASK_SIDE, page_js) \
	ROUTE("GET", "/_drydial/status", ASK_SIDE, side_status) \
	ROUTE("GET", "/_drydial/flows", ASK_SIDE, side_flows) \
	ROUTE("GET", "/_drydial/flows/*", ASK_SIDE, side_flow) \
	ROUTE("GET", "/_drydial/flows/*/picture", ASK_SIDE, side_picture) \
	ROUTE("GET", "/_drydial/calls", ASK_SIDE, side_calls) \
	ROUTE("POST", "/_drydial/calls", ASK_SIDE, side_place) \
	ROUTE("GET", "/_drydial/calls/*", ASK_SIDE, side_call) \
	ROUTE("GET", "/_drydial/calls/*/sound", ASK_SIDE, side_sound) \
	ROUTE("POST", "/_drydial/calls/*/answer", ASK_SIDE, side_answer) \
	ROUTE("POST", "/_drydial/calls/*/decline", ASK_SIDE, side_decline) \
	ROUTE("POST", "/_drydial/calls/*/press", ASK_SIDE, side_press) \
	ROUTE("POST", "/_drydial/calls/*/hangup", ASK_SIDE, side_hang_up) \
	ROUTE("POST", "/_drydial/next", ASK_SIDE, side_next) \
	ROUTE("GET", "/_drydial/faults", ASK_SIDE, side_faults) \
	ROUTE("POST", "/_drydial/faults", ASK_SIDE, side_set_faults) \
	ROUTE("GET", "/_drydial/messages", ASK_SIDE, side_messages) \
	ROUTE("GET", "/_drydial/callbacks", ASK_SIDE, side_callbacks) \
	ROUTE("GET", "/_drydial/campaigns", ASK_SIDE, side_campaigns) \
	ROUTE("GET", "/_drydial/clock", ASK_SIDE, side_clock) \
	ROUTE("POST", "/_drydial/clock", ASK_SIDE, side_advance) \
	ROUTE("POST", "/_drydial/reset", ASK_SIDE, side_reset) \
	ROUTE("GET", "/_drydial/events", ASK_SIDE, side_events) \
	ROUTE("GET", "/_drydial/ca.pem", ASK_SIDE, side_authority)
#define ROUTE(method, path, shape, function) void function(struct ask *a);
API_ROUTES(ROUTE)
#undef ROUTE

/* -- who is reached (reach.c) ----------------------------------------------- */

/* How often something was asked, or a host refused. */
struct tally {
	char what[200];
	unsigned n, failed;
	int status; /* of the last that failed */
};
struct reach {
	struct dd_certs certs;
	struct dd_httpd_reach http;
	struct tally *asked, *hosts;
	size_t nasked, cap_asked, nhosts, cap_hosts;
};
/* Certificates are made, or read. */
enum dd_status reach_open(struct server *s, struct dd_error *err);
/* NULL: plain HTTP and nothing else. */
const struct dd_httpd_reach *reach_http(const struct server *s);
/* A request of the API was answered; `path` is that of its route, or what was asked. */
void reach_count(struct server *s, const char *method, const char *path, int status);
/* What there was, to whoever runs the server. */
void reach_sum(struct server *s);
void reach_free(struct server *s);

/* What of the platform an address is that it has and this server has not; NULL: it is unknown. */
const char *account_not_simulated(const char *path, struct dd_str *account);
void account_decline(struct ask *a);
void accounts_recover(struct server *s);

/* -- the server ------------------------------------------------------------- */

struct server {
	struct dd_serve_options options;
	const struct dd_serve_options *o; /* those */
	struct dd_ledger *ledger;
	struct dd_httpd *httpd;
	struct dd_curl *curl;
	struct dd_http http;
	struct server_clock clock;
	struct flows flows;
	struct config config;
	struct who_next *next;
	struct workers *workers;
	bool checked; /* findings have come since the last turn */
	struct exchange exchange;
	struct hooks hooks;
	struct server_faults faults;
	struct dials dials;
	struct events events;
	struct call_recordings recordings;
	struct outbox outbox;
	struct reach reach;
	char credentials[160];
	char basic[256];            /* "Basic …", as it must stand in the header */
	char url[80], host[64];     /* where it listens */
	char said_at[96];           /* below it is what customers have said to applications */
	struct dd_dialler *dialler; /* of all campaigns, and of what each number has had */
	struct dd_zone
	        *zone; /* in which the days of single calls are meant, as the law has no zone */
	int64_t advance_to; /* the clock jumps until then, whatever its speed */
	bool arrived;
	bool broken;                     /* the ledger has failed: nothing goes on */
	int refuse_status, refuse_times; /* of the platform's API: what a test asked for */
};
/* A server that listens; NULL after an error. server_turn() does all that is due, and lets go what
   it allowed; whoever runs it then waits, lets HTTP in and callbacks out. False: the ledger has
   failed, and nothing may go out. */
struct server *server_open(
        const struct dd_serve_options *options, struct dd_diags *diags, struct dd_error *err);
bool server_turn(struct server *s);
void server_close(struct server *s);
/* One line to whoever runs the server. */
void server_tell(const struct server *s, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* Everything until `to` happens from now on, in its order, as fast as it goes; servers that are
 * asked have their time. */
void server_advance(struct server *s, int64_t to);
/* Forgets all calls, campaigns, messages and callbacks. */
void server_reset(struct server *s);
/* A telephone number as the platform takes it: of the country of --profile, or India's, also
 * without its calling code. 0: it is none. */
static inline uint64_t number_at_home(const struct server *s, struct dd_str text)
{
	char room[40]; /* a plus that was not encoded arrives as a blank */
	if (text.n > 8 && text.n < sizeof room && text.p[0] == ' ' && text.p[1] != '+') {
		memcpy(room, text.p, text.n);
		room[0] = '+';
		uint64_t number = dd_number_parse((struct dd_str){room, text.n}, s->config.home);
		if (number)
			return number;
	}
	return dd_number_parse(text, s->config.home);
}

/* What the law of --profile says to a single call to the number now: NULL, or a sentence. */
const char *law_forbids(struct server *s, uint64_t number, bool promotional);

#endif
