/* The inside of a call, shared by the applets. */
#ifndef DD_CALL_STATE_H
#define DD_CALL_STATE_H

#include <drydial/call.h>

#include "flow/program.h"

enum {
	RUNAWAY_STEPS = 1000, /* this many with no time passing: the flow loops */
	VALUE_NONE = 0,
	VALUE_PROGRAM, /* text of the program */
	VALUE_STORE,   /* text in the call's store */
};

/* Where a call is inside its step. */
enum dd_phase {
	PHASE_RINGING,
	PHASE_ENTER,   /* `step` is to be begun: there was no room for more effects */
	PHASE_PLAYING, /* a greeting */
	PHASE_LEAD,    /* a menu's invalid or silence prompt */
	PHASE_PROMPT,  /* a menu's prompt */
	PHASE_FIRST,   /* waits for the first key */
	PHASE_DIGITS,  /* waits for a further digit */
	PHASE_REPLY,   /* waits for a server */
	PHASE_HOURS,   /* a walk decides what the clock shows */
	PHASE_RINGS,   /* somebody is rung */
	PHASE_TALK,
	PHASE_ASK, /* a record's prompt */
	PHASE_BEEP,
	PHASE_QUIET,  /* a recording, and nobody speaks */
	PHASE_SPEAKS, /* a recording, and the customer speaks */
	PHASE_OVER,
};

struct dd_value {
	uint32_t kind, length, room; /* bytes used, and reserved */
	union {
		uint32_t offset;  /* VALUE_STORE */
		const char *text; /* VALUE_PROGRAM */
	};
};

struct dd_call {
	const struct dd_program *program;
	dd_ms now, timer, limit;
	dd_ms started; /* when the greeting, or the request, began */
	int64_t answered_unix_ms;
	uint32_t step;
	uint32_t phase;
	uint32_t idle;              /* steps begun since time last passed */
	uint32_t ticket;            /* last given */
	uint32_t playing, awaiting; /* tickets; 0: none */
	uint32_t left;              /* plays or tries that remain */
	uint32_t store_used, store_cap, store_dead;
	uint32_t nvalues;
	dd_ms quiet_since;                  /* of a recording */
	uint32_t back[DD_CALLED_FLOWS_MAX]; /* the subflow steps that the call is inside of */
	uint32_t hours_known, hours_open;   /* of walks: a bit a window */
	uint8_t depth;
	uint8_t ended_by;
	bool asks_hours, spoke, overflow;
	bool goal, opted_out;
	char pending; /* a key handed on to the next menu; 0: none */
	uint8_t ndigits;
	char digits[DD_DIGITS_MAX];
	struct dd_value values[]; /* then the store's bytes */
};

struct dd_turn {
	struct dd_call *call;
	const struct dd_program *program;
	const struct dd_step *step;
	struct dd_effects *fx;
};

struct dd_effect *emit(struct dd_turn *t, enum dd_effect_type type);
void play(struct dd_turn *t, uint32_t prompt);
void stop(struct dd_turn *t);
/* Goes on at a step, DD_GO_DROP or DD_GO_HANGUP. */
void go_to(struct dd_turn *t, uint32_t target);
void end_call(struct dd_turn *t, enum dd_ended_by by);
/* What a step puts out now must be carried out before values change again: go on in the next turn.
 */
void pause_turn(struct dd_turn *t, uint32_t target);

/* A key kept for a menu is lost: none comes. */
void lose_kept(struct dd_turn *t);
/* Fills template `text` into `room` of DD_TEXT_BYTES_MAX + 1 bytes, and tells what is missing. */
struct dd_str fill_now(struct dd_turn *t, uint32_t text, char *room);
/* Whether a key ends a recording. */
bool ends_record(const struct dd_record *record, char key);
/* Gives a slot (DD_NONE: nobody asks) a whole number. */
void set_number(struct dd_call *call, uint32_t slot, dd_ms number);
void remember(struct dd_call *c, uint32_t slot, struct dd_str text);
/* The examples of a flow fill in what is missing. */
void take_examples(struct dd_turn *t, const struct dd_flow *flow);

/* One applet: what it does when it begins, and with each event. Functions that are NULL ignore the
 * event. */
struct dd_applet_methods {
	void (*begin)(struct dd_turn *t); /* mandatory */
	void (*prompt_done)(struct dd_turn *t);
	void (*key)(struct dd_turn *t, char key);
	void (*timer)(struct dd_turn *t);
	void (*reply)(struct dd_turn *t, const struct dd_reply *reply);
	/* DD_EV_PARTY, DD_EV_PARTED, DD_EV_SPEECH, DD_EV_HOURS */
	void (*people)(struct dd_turn *t, const struct dd_event *event);
};
extern const struct dd_applet_methods greeting_methods, ivr_methods, passthru_methods, sms_methods,
        hangup_methods, transfer_methods, goto_methods, branch_methods, set_methods, hours_methods,
        connect_methods, record_methods, subflow_methods, return_methods, ask_methods,
        remark_methods;

/* Values (values.c). */
char *store_of(struct dd_call *call);
void set_value(struct dd_call *call, uint32_t slot, struct dd_str text);
void set_program_value(struct dd_call *call, uint32_t slot, struct dd_str text);
void clear_value(struct dd_call *call, uint32_t slot);

#endif
