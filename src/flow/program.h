/* A compiled flow: flat arrays joined by indices. It cannot be malformed: every index is in range,
   every jump leads somewhere, every placeholder has a slot. Immutable once loaded; many calls share
   it. */
#ifndef DD_FLOW_PROGRAM_H
#define DD_FLOW_PROGRAM_H

#include <drydial/flow.h>

#include "doc/rules.h"
#include "base/names.h"

#define DD_NONE UINT32_MAX
/* Where a step may lead beside another step. */
#define DD_GO_DROP   (UINT32_MAX - 1) /* nothing is connected: the line goes dead */
#define DD_GO_HANGUP (UINT32_MAX - 2) /* the flow hangs up */

enum {
	DD_STEPS_MAX = 100000,
	DD_TEXT_CHARS_MAX = 4096,
	DD_TEXT_BYTES_MAX = 4 * DD_TEXT_CHARS_MAX,
	DD_DIGITS_MAX = 64,
	DD_FLOWS_MAX = 64,
	DD_TIME_LIMIT_MAX_S = 14400,
	DD_REQUEST_TIMEOUT_MS = 15000,
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
	APPLET(GOTO, "goto", "Goes on at another step")
enum dd_applet {
#define APPLET(NAME, key, summary) DD_##NAME,
	DD_APPLETS(APPLET)
#undef APPLET
	        DD_APPLETS_COUNT
};
const char *dd_applet_name(enum dd_applet applet);

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
	const struct dd_source *source;
	struct dd_span span;
};

enum dd_segment_kind { DD_SEG_TEXT, DD_SEG_AUDIO, DD_SEG_PAUSE, DD_SEG_URL };

struct dd_segment {
	enum dd_segment_kind kind;
	uint32_t text;  /* template: the words, the path or the URL */
	uint32_t voice; /* of TEXT and URL */
	dd_ms pause;
	uint32_t first_stub, nstubs; /* of URL */
	uint16_t flow;
	struct dd_span span;
};

struct dd_prompt {
	uint32_t first, n; /* segments */
	bool moves;        /* its words can change during a call, or it is fetched */
};

/* A prepared answer of a server that is not asked. */
struct dd_stub {
	int status;        /* 0 when `error` is set */
	const char *error; /* NULL, "timeout", "refused" */
	struct dd_str body;
	dd_ms delay;
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

enum dd_exit { DD_EXIT_200, DD_EXIT_302, DD_EXIT_ERROR, DD_EXIT_TIMEOUT, DD_EXITS_COUNT };

struct dd_greeting {
	uint32_t prompt, loop;
	dd_ms max;
	bool skip, interruptible;
};

struct dd_ivr {
	uint32_t prompt, invalid, silence; /* the last two may be DD_NONE */
	dd_ms timeout;
	uint32_t retries;
	bool barge_in, collect;
	uint8_t min, max; /* of collect */
	char finish;      /* 0: none */
	uint32_t first_key, nkeys;
	uint32_t
	        by_key[12]; /* index into keys, DD_NONE where the key does nothing; order 0-9 * # */
	uint32_t otherwise;
	uint32_t key_slot, answer_slot, digits_slot; /* DD_NONE where nothing asks for it */
};

struct dd_passthru {
	uint32_t url, hold;
	bool post, wait;
	dd_ms timeout;
	uint32_t exits[DD_EXITS_COUNT]; /* step, DD_NONE where the flow gives no steps */
	uint32_t first_route, nroutes, first_stub, nstubs, first_field, nfields;
	uint32_t status_slot, text_slot;
};

struct dd_sms {
	uint32_t text, to, sender, template_id, entity; /* templates; all but text may be DD_NONE */
	struct dd_str template_text; /* as it is registered, "… {#var#} …"; p NULL: not given */
};

struct dd_step {
	enum dd_applet applet;
	uint16_t flow;
	uint32_t line;
	uint32_t next;
	const char *id; /* NULL where the flow gives none */
	struct dd_span span;
	union {
		struct dd_greeting greeting;
		struct dd_ivr ivr;
		struct dd_passthru passthru;
		struct dd_sms sms;
		uint32_t target; /* of goto: a step; of transfer: a flow */
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
	struct dd_rules_given checks; /* kept for the rules */
};

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

/* 0-9 * # to 0-11; -1 for anything else. */
int dd_key_index(char key);

#endif
