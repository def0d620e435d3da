/* A compiled flow: flat arrays joined by indices. It cannot be malformed: every index is in range,
   every jump leads somewhere, every placeholder has a slot. Immutable once loaded; many calls share
   it. */
#ifndef DD_FLOW_PROGRAM_H
#define DD_FLOW_PROGRAM_H

#include <drydial/flow.h>

#include "base/decimal.h"
#include "base/names.h"
#include "base/zone.h"
#include "doc/rules.h"
#include "flow/pattern.h"

#define DD_NONE DD_STEP_NONE
/* Where a step may lead beside another step. */
#define DD_GO_DROP   DD_STEP_DROPS
#define DD_GO_HANGUP DD_STEP_HANGS
#define DD_GO_BACK   DD_STEP_RETURNS /* with no way back: the line goes dead */

enum {
	DD_STEPS_MAX = 100000,
	DD_TEXT_CHARS_MAX = 4096,
	DD_TEXT_BYTES_MAX = 4 * DD_TEXT_CHARS_MAX,
	DD_DIGITS_MAX = 64,
	DD_FLOWS_MAX = 64,
	DD_TIME_LIMIT_MAX_S = 14400,
	DD_REQUEST_TIMEOUT_MS = 15000,
	DD_CALLED_FLOWS_MAX = 10, /* subflows inside each other */
	DD_VISITS_MAX = 999,
	DD_QUEUE_WAIT_MS = 300000, /* longest in a queue, unless the flow says */
	DD_BEEP_MS = 500,          /* the tone before a recording */
	DD_STAND_IN_MS = 5000,     /* what a recording that is not at hand is assumed to last … */
	DD_STAND_IN_MS_MAX = 600000, /* … and the most that a flow may say */
};

/* APPLET(NAME, key, what it does): one list for the enum, the parser, the reports and the reference
 * page. */
#define DD_APPLETS(APPLET) \
	APPLET(GREETING, "greeting", "Plays a prompt") \
	APPLET(IVR, "ivr", "Asks for a key or a number and branches on it") \
	APPLET(PASSTHRU, "passthru", "Asks a server and branches on its answer") \
	APPLET(SMS, "sms", "Queues a text message") \
	APPLET(HANGUP, "hangup", "Ends the call") \
	APPLET(TRANSFER, "transfer", "Goes on in another flow") \
	APPLET(GOTO, "goto", "Goes on at another step") \
	APPLET(BRANCH, "branch", "Goes one way or another by a value") \
	APPLET(SET, "set", "Gives values their names") \
	APPLET(HOURS, "hours", "Goes one way or another by the clock") \
	APPLET(CONNECT, "connect", "Rings somebody else and joins the two") \
	APPLET(RECORD, "record", "Records what the customer says") \
	APPLET(SUBFLOW, "subflow", "Runs another flow and comes back") \
	APPLET(RETURN, "return", "Goes back to the flow that ran this one")
enum dd_applet {
#define APPLET(NAME, key, summary) DD_##NAME,
	DD_APPLETS(APPLET)
#undef APPLET
	                DD_APPLETS_COUNT,
	        /* What no flow says, but documents of applications do (apps): the next document is
	           asked for; something is told of the one at hand. */
	        DD_ASK = DD_APPLETS_COUNT, DD_REMARK, DD_STEP_KINDS
};
const char *dd_applet_name(enum dd_applet applet); /* of a flow's */

/* Values that every call has. */
/* clang-format off */
#define DD_BUILT_INS(X) \
	X(CALL_SID, "CallSid") X(CALL_FROM, "CallFrom") X(CALL_TO, "CallTo") \
	X(DIRECTION, "Direction") X(CURRENT_TIME, "CurrentTime") X(CUSTOM_FIELD, "CustomField") \
	X(ATTEMPT, "Attempt") X(DIGITS, "Digits")
/* clang-format on */
enum dd_built_in {
#define X(NAME, text) DD_SLOT_##NAME,
	DD_BUILT_INS(X)
#undef X
	        DD_BUILT_INS_COUNT
};

/* A named value of a call. */
struct dd_slot {
	const char *name;      /* "time", "choice.answer" */
	bool variable;         /* declared under `variables` */
	bool set;              /* a step of some flow sets it by name */
	bool required;         /* declared without an example */
	struct dd_str example; /* p NULL: none */
	uint16_t flow;         /* of a variable: the flow that declares it first … */
	struct dd_span span;   /* … and where */
	uint32_t declared;     /* 1 + the flow that declared it last, while programs are loaded */
};

enum dd_format { DD_AS_IS, DD_AS_DIGITS, DD_AS_SPELL };

/* A stretch of a template: literal text where slot is DD_NONE. */
struct dd_part {
	struct dd_str text;
	uint32_t slot;
	enum dd_format format;
	struct dd_span span; /* of a placeholder, braces included */
};

/* Text with placeholders: parts[first .. first + n). `fixed`: one literal, or none. */
struct dd_template {
	uint32_t first, n;
	uint16_t flow;
	struct dd_span span;
	bool fixed;
	bool ssml;  /* begins with <speak> */
	bool moves; /* a value in it can change during a call */
};

struct dd_voice_choice {
	const char *language, *variant; /* variant NULL: none */
	int rate_wpm, pitch;
	bool literal; /* the text goes to the voice as it is written */
	const struct dd_source *source;
	struct dd_span span;
};

/* REPLY: what the answer of an applet by URL holds, words or the address of a recording. */
enum dd_segment_kind {
	DD_SEG_TEXT,
	DD_SEG_AUDIO,
	DD_SEG_PAUSE,
	DD_SEG_URL,
	DD_SEG_STAND_IN,
	DD_SEG_REPLY
};

struct dd_segment {
	enum dd_segment_kind kind;
	uint32_t text;       /* template: the words, the path, the URL, a stand-in's name */
	uint32_t audio;      /* of REPLY: template of the address, where there are no words */
	uint32_t voice;      /* of TEXT, URL and REPLY */
	dd_ms pause;         /* how long a PAUSE, or a STAND_IN, lasts */
	struct dd_str shown; /* of documents: what AUDIO is called; p NULL: its path */
	uint32_t first_stub, nstubs; /* of URL */
	uint16_t flow;
	struct dd_span span;
};

struct dd_prompt {
	uint32_t first, n; /* segments */
	bool moves;        /* its words can change during a call, or it is fetched */
};

enum { DD_PARTY_RING_MS = 6000, DD_PARTY_TALK_MS = 30000 };

/* A prepared answer of a server that is not asked, or of somebody who is not rung. */
struct dd_stub {
	int status;        /* 0 when `error` is set */
	const char *error; /* NULL, "timeout", "refused" */
	struct dd_str body;
	dd_ms delay;
	enum dd_party party; /* of a connect, with … */
	dd_ms ring, talk;    /* ring -1: as long as the flow lets it ring */
};

/* What a key of a menu does. */
struct dd_key {
	char key;
	bool goal, opt_out;
	uint32_t answer; /* template */
	uint32_t target;
	struct dd_span span;
};

struct dd_route {
	struct dd_str body;
	uint32_t target;
	struct dd_span span;
};

struct dd_field {
	struct dd_str name;
	uint32_t slot;
};

struct dd_greeting {
	uint32_t prompt, loop;
	dd_ms max;
	bool skip, interruptible;
};

/* What an answer gives an applet by URL. Slots; in an answer that leaves one out it has no value.
 */
enum dd_gather_field {
	DD_GATHER_TEXT,
	DD_GATHER_AUDIO,
	DD_GATHER_AGAIN_TEXT,
	DD_GATHER_AGAIN_AUDIO,
	DD_GATHER_MAX,
	DD_GATHER_FINISH,
	DD_GATHER_TIMEOUT,
	DD_GATHER_REPEAT,
	DD_GATHER_FIELDS
};
enum dd_dial_field {
	DD_DIAL_NUMBERS, /* joined by commas */
	DD_DIAL_CALLER,
	DD_DIAL_RINGING,
	DD_DIAL_TALK,
	DD_DIAL_FETCH,
	DD_DIAL_FIELDS
};

enum {
	DD_URL_TIMEOUT_MS = 5000,   /* of the request of a Gather or a Connect */
	DD_GATHER_DIGITS_MAX = 255, /* max_input_digits, and what an answer without it means */
	DD_FETCHES_MAX = 10,        /* requests of one connect with fetch_after_attempt */
	DD_DIAL_NUMBERS_MAX = 50,
	DD_DIAL_NUMBER_BYTES_MAX = 64,
};

struct dd_ivr {
	uint32_t prompt, invalid, silence; /* the last two may be DD_NONE */
	/* the step before it asks for what it does: what is said in place of the prompt before a
	   further try, and where the answer gives no prompt (may be DD_NONE) */
	bool by_url;
	uint32_t again, fallback;
	uint32_t gather[DD_GATHER_FIELDS];
	dd_ms timeout;
	uint32_t retries;
	bool barge_in, collect;
	bool speech, deaf;              /* of documents: takes speech; takes no keys */
	uint8_t min, max;               /* of collect */
	char finish;                    /* 0: none */
	const struct dd_pattern *match; /* of collect; NULL: any number will do */
	struct dd_str match_words;      /* as the flow writes it */
	uint32_t first_key, nkeys;
	uint32_t
	        by_key[12]; /* index into keys, DD_NONE where the key does nothing; order 0-9 * # */
	uint32_t otherwise, otherwise_invalid; /* when the last try was silence; a wrong key */
	bool otherwise_by_try;                 /* the flow tells the two apart */
	uint32_t key_slot, answer_slot, digits_slot; /* DD_NONE where nothing asks for it */
};

enum dd_method { DD_GET, DD_POST, DD_PUT, DD_PATCH, DD_DELETE };
const char *dd_method_name(enum dd_method method);
enum dd_body_kind { DD_BODY_NONE, DD_BODY_JSON, DD_BODY_FORM };
/* Whose parameters an answer gives. An applet by URL is two steps with one id: a passthru that
   asks, and behind it the applet, which takes what was answered out of its slots. */
enum dd_by_url { DD_BY_NO_URL, DD_BY_URL_GATHER, DD_BY_URL_CONNECT };

/* A header, or a value of a form. */
struct dd_named_text {
	struct dd_str name;
	uint32_t text; /* template */
};

struct dd_passthru {
	uint32_t url, hold;
	enum dd_method method;
	enum dd_body_kind body;
	uint32_t json; /* template of the body, or DD_NONE */
	uint32_t first_form, nforms, first_header, nheaders;
	enum dd_by_url by_url;
	bool spare;          /* by URL: the flow has a prompt, or numbers, of its own */
	uint32_t asked_slot; /* of a connect: how often it has asked once more */
	bool bare;           /* parameters: none */
	bool wait;
	dd_ms timeout;
	uint32_t exits[DD_EXITS_COUNT]; /* step, DD_NONE where the flow gives no steps */
	uint32_t first_route, nroutes, first_stub, nstubs, first_field, nfields;
	uint32_t status_slot, text_slot;
};

struct dd_sms {
	uint32_t text, to, sender, template_id, entity; /* templates; all but text may be DD_NONE */
	struct dd_str template_text; /* as it is registered, "… {#var#} …"; p NULL: not given */
};

enum dd_test {
	DD_TEST_IS,
	DD_TEST_CONTAINS,
	DD_TEST_MATCHES,
	DD_TEST_BELOW,
	DD_TEST_ABOVE,
	DD_TEST_RANGE, /* from … to …, both included; either may be open */
	DD_TEST_EMPTY,
};

/* What a branch tries, and where it leads. */
struct dd_case {
	enum dd_test test;
	uint32_t first_text, ntexts; /* of is and contains: templates, one after the other */
	const struct dd_pattern *pattern;
	struct dd_decimal low, high; /* of above, below and a range … */
	bool has_low, has_high;
	bool open_low,
	        open_high; /* of a range: the bound itself is left out; for changed programs */
	bool empty;        /* of EMPTY: what it must be */
	uint32_t target;
	struct dd_span span;
	struct dd_str words; /* as the flow writes the test: "is gold" */
};

struct dd_branch {
	uint32_t on; /* template */
	uint32_t first_case, ncases, otherwise;
	bool has_otherwise;
};

/* One value that a `set` gives. */
struct dd_assignment {
	uint32_t slot, text; /* text DD_NONE: `add` is added to what is there */
	long add;
	struct dd_span span;
};
struct dd_set {
	uint32_t first, n;
};

struct dd_period {
	uint8_t days; /* bit 0 is Monday */
	int32_t from_ms, until_ms;
};
struct dd_hours {
	uint32_t first_period, nperiods, first_holiday, nholidays; /* holidays: days since 1970 */
	const struct dd_zone *zone;
	uint32_t then, otherwise;
	bool has_otherwise;
};

struct dd_connect {
	uint32_t first_to, nto; /* templates, one after the other; a queue is one */
	bool queue;
	dd_ms timeout, time_limit; /* time_limit 0: none */
	uint32_t caller_id, ring;  /* may be DD_NONE */
	uint32_t exits[DD_PARTIES_COUNT];
	bool has_exit[DD_PARTIES_COUNT];
	uint32_t first_stub, nstubs;
	uint32_t status_slot, seconds_slot, to_slot;
	bool by_url; /* the step before it asks for what it does */
	uint32_t dial[DD_DIAL_FIELDS], asked_slot;
	/* of documents: * ends the talk; a step that asks what the other party hears first */
	bool star, whispers;
	uint32_t whisper;
};

struct dd_record {
	uint32_t prompt; /* may be DD_NONE */
	bool beep;
	dd_ms max, silence;
	char finish; /* 0: none */
	uint32_t seconds_slot, url_slot;
	/* of documents: keys that end it, a bit for each dd_key_index(); where the call goes on
	   when nothing was said, which in flows is `next` */
	uint16_t finish_keys;
	bool has_nothing;
	uint32_t nothing;
};

/* Of documents. */
struct dd_ask {
	uint32_t nth; /* of those that the application's room knows */
	bool wait;    /* the answer says where the call goes on; else at `next` */
};
struct dd_remark {
	struct dd_str text;
	bool error;
};

struct dd_step {
	enum dd_applet applet;
	uint16_t flow;
	uint32_t line;
	uint32_t next;
	uint32_t visits_slot; /* DD_NONE where nothing asks how often it has begun */
	const char *id;       /* NULL where the flow gives none */
	const char *verb;     /* of documents: "Gather"; NULL in flows */
	struct dd_span span;
	union {
		struct dd_greeting greeting;
		struct dd_ivr ivr;
		struct dd_passthru passthru;
		struct dd_sms sms;
		struct dd_branch branch;
		struct dd_set set;
		struct dd_hours hours;
		struct dd_connect connect;
		struct dd_record record;
		struct dd_ask ask;
		struct dd_remark remark;
		uint32_t target; /* of goto: a step; of transfer and subflow: a flow */
	};
};

struct dd_flow {
	const char *name, *purpose, *path, *dir;
	const char *real; /* the path without links: two flows are the same when it is equal */
	struct dd_str status_callback; /* p NULL: none */
	const struct dd_source *source;
	uint32_t voice, start;
	uint32_t *variables; /* slots declared by this flow */
	uint32_t nvariables;
	bool part; /* only ever run by others */
	bool run;  /* some step runs it as a subflow */
};

#define DD_ARRAY(type, name) \
	type *name; \
	uint32_t n##name; \
	uint32_t cap_##name

struct dd_program {
	struct dd_arena *arena;
	bool owns_arena;
	DD_ARRAY(struct dd_flow, flows);
	DD_ARRAY(struct dd_step, steps);
	DD_ARRAY(struct dd_prompt, prompts);
	DD_ARRAY(struct dd_segment, segments);
	DD_ARRAY(struct dd_template, templates);
	DD_ARRAY(struct dd_part, parts);
	DD_ARRAY(struct dd_voice_choice, voices);
	DD_ARRAY(struct dd_slot, slots);
	struct dd_names slot_names; /* borrowed from the slots */
	DD_ARRAY(struct dd_key, keys);
	DD_ARRAY(struct dd_route, routes);
	DD_ARRAY(struct dd_stub, stubs);
	DD_ARRAY(struct dd_field, fields);
	DD_ARRAY(struct dd_case, cases);
	DD_ARRAY(uint32_t, texts); /* templates, of lists of them */
	DD_ARRAY(struct dd_assignment, assignments);
	DD_ARRAY(struct dd_period, periods);
	DD_ARRAY(int64_t, holidays);
	DD_ARRAY(struct dd_named_text, named_texts);
	DD_ARRAY(struct dd_pattern *, patterns);
	DD_ARRAY(struct dd_zone *, zones);
	struct dd_rules_given checks; /* kept for the rules */
};

struct dd_diags;

/* Reads the flow at `path` ("-": standard input) and every flow it transfers to. NULL when there is
   an error; what was found is in `diags` (doc/diag.h), sorted. The program lives in the arena of
   `diags` and must be freed before that arena. */
struct dd_program *dd_program_load(const char *path, struct dd_diags *diags);

/* A text to read in place of the file whose path without links is `real`. */
struct dd_overlay {
	const char *real;
	struct dd_str text;
};
/* As dd_program_load(), with some texts from elsewhere; all else in the files' folders is found as
 * ever. */
struct dd_program *dd_program_load_over(
        const char *path, const struct dd_overlay *overlays, size_t n, struct dd_diags *diags);
/* The path without links, as far as there is one; "-" for standard input. */
const char *dd_flow_real(struct dd_arena *arena, const char *path);

/* The slot of a built-in value, a variable or what a step sets ("choice.answer"), or DD_NONE. */
uint32_t dd_program_slot(const struct dd_program *p, struct dd_str name);
/* The same of what a call can be given: DD_NONE for what steps set. */
uint32_t dd_program_given_slot(const struct dd_program *p, struct dd_str name);
/* A new slot; its name must be new as well. */
uint32_t dd_program_add_slot(struct dd_program *p, struct dd_slot slot);

/* Whether the flow says that it is advertising: laws ask more of such calls. */
bool dd_program_promotes(const struct dd_program *program);
/* Of each slot whether a customer hears or reads it: it stands in a prompt or an SMS. From malloc.
 */
bool *dd_program_told(const struct dd_program *program);

/* Tells each way out of a step: a step, DD_GO_DROP, DD_GO_HANGUP or DD_GO_BACK, with a word for it
   ("1", "200", "otherwise", "" where there is one way). A subflow leads into its flow, and on. */
void dd_step_ways(const struct dd_program *program, uint32_t step,
        void (*each)(void *self, uint32_t target, struct dd_str label), void *self);
/* The prompts of a step, at most 5; `n` is how many. */
enum { DD_STEP_PROMPTS_MAX = 5 };
void dd_step_prompts(const struct dd_step *step, uint32_t prompts[DD_STEP_PROMPTS_MAX], int *n);
/* What a step is: its verb, or its applet. */
const char *dd_step_kind(const struct dd_step *step);
/* What a step is called in reports: its id, or what it is. */
const char *dd_step_word(const struct dd_step *step);
/* Whether some of a prompt is a recording that is not at hand, so that its length is assumed.
   False for DD_NONE. */
bool dd_prompt_assumed(const struct dd_program *program, uint32_t prompt);
/* Whether a passthru can go on by this exit: 2xx only where it is given. */
bool dd_has_exit(const struct dd_passthru *passthru, uint32_t exit);

/* The names of the fields in an answer, by dd_gather_field and dd_dial_field. */
extern const char *const DD_GATHER_NAMES[DD_GATHER_FIELDS], *const DD_DIAL_NAMES[DD_DIAL_FIELDS];
/* Whether the step before this one asks for what it does. */
bool dd_step_by_url(const struct dd_step *step);

/* 0-9 * # to 0-11; -1 for anything else. */
int dd_key_index(char key);

#endif
