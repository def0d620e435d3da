/* A call: a value on top of a program. An event goes in, effects come out; nothing else happens. A
   call does no input or output, reads no clock, allocates nothing and holds no pointer into itself:
   a copy of its bytes is a second call.

       struct dd_call *call = malloc(dd_call_size(program, DD_STORE_BYTES));
       dd_call_init(call, program, DD_STORE_BYTES, &setup);
       dd_call_step(call, &(struct dd_event){.type = DD_EV_ANSWERED, .at = 0}, &effects);
       … carry out the effects; sleep until dd_call_deadline(call) or until something happens; step
   again.

   Effects name steps, prompts and keys of the program by their numbers (drydial/flow.h); what they
   say and send, filled in, is dd_call_text(). Whoever wants no loop of their own has drydial/run.h.

   Whatever happens at one millisecond is told in this order: the end of a prompt, a reply (of a
   server, or of somebody who is rung), the deadline (DD_EV_TIMER), keys, the customer's hang-up. */
#ifndef DRYDIAL_CALL_H
#define DRYDIAL_CALL_H

#include <drydial/flow.h>

#ifdef __cplusplus
extern "C" {
#endif

struct dd_call;

enum dd_answered_by {
	DD_BY_HUMAN,
	DD_BY_MACHINE,
	DD_BY_NOBODY_BUSY,
	DD_BY_NOBODY_NO_ANSWER,
	DD_BY_NOBODY_FAILED,
	DD_BY_NOBODY_CANCELED
};
enum dd_call_status {
	DD_CALL_COMPLETED,
	DD_CALL_BUSY,
	DD_CALL_NO_ANSWER,
	DD_CALL_FAILED,
	DD_CALL_CANCELED
};
enum dd_ended_by {
	DD_ENDED_NOT_YET,
	DD_ENDED_FLOW,
	DD_ENDED_CUSTOMER,
	DD_ENDED_DROPPED,
	DD_ENDED_TIME_LIMIT,
	DD_ENDED_RUNAWAY,
	DD_ENDED_NOT_ANSWERED
};

/* The words of the language for these, e.g. "no-answer"; parse gives false for another word. */
DD_API const char *dd_answered_by_name(enum dd_answered_by by);
DD_API bool dd_answered_by_parse(const char *name, enum dd_answered_by *by);
DD_API const char *dd_call_status_name(enum dd_call_status status);
DD_API const char *dd_ended_by_name(enum dd_ended_by by);

/* A reply's field, for {ID.FIELD}. */
struct dd_reply_field {
	struct dd_str name, value;
};

/* What a server answered: `status` is 0 when there was no answer; `error` then is "timeout",
 * "refused" or another word. */
struct dd_reply {
	int status;
	const char *error;
	struct dd_str body; /* trimmed */
	const struct dd_reply_field *fields;
	size_t nfields;
	uint32_t target; /* of a document: the step at which the call goes on; else 0 */
};

enum dd_event_type {
	DD_EV_ANSWERED,    /* a human or a machine takes the call: `at` 0 */
	DD_EV_PROMPT_DONE, /* the prompt of `ticket` has been played to its end */
	DD_EV_KEY,         /* the customer pressed `key` */
	DD_EV_TIMER,       /* dd_call_deadline() has come */
	DD_EV_REPLY,       /* `reply` to the request of `ticket` */
	DD_EV_HANG_UP,     /* the customer hung up */
	DD_EV_PARTY,       /* what came of the ringing of `ticket`: `party` */
	DD_EV_PARTED,      /* who was talked to (`ticket`) hung up */
	DD_EV_SPEECH, /* the customer begins (`on`) or stops to speak to the recording of `ticket`
	               */
	DD_EV_HOURS,  /* in a walk: whether the hours are open (`on`) */
	DD_EV_SAID,   /* the customer said `said` to a menu that takes speech */
};
struct dd_event {
	enum dd_event_type type;
	dd_ms at; /* never before the last event */
	uint32_t ticket;
	char key;
	const struct dd_reply *reply; /* borrowed for the step */
	uint32_t party;               /* an enum dd_party */
	bool on;
	struct dd_str said; /* borrowed for the step */
};

/* Whether a key does anything, and if not, why. A digit of a number and a wrong key are taken. */
enum dd_lost {
	DD_TAKEN,
	DD_LOST_GREETING, /* the greeting is neither to be skipped nor interruptible */
	DD_LOST_PROMPT,   /* the menu's prompt plays, with barge_in: false */
	DD_LOST_REQUEST,  /* a server is asked */
	DD_LOST_BETWEEN,  /* between two steps, at the same millisecond */
	DD_LOST_RINGING,  /* somebody is rung */
	DD_LOST_RECORD,   /* a recording takes its finish key alone */
	DD_LOST_KEPT,     /* kept for a menu, but none came */
	DD_LOST_SPEECH,   /* the menu takes speech alone */
};
/* "this greeting takes no keys"; "" for DD_TAKEN. */
DD_API const char *dd_lost_reason(enum dd_lost lost);

enum dd_effect_type {
	/* To be carried out. PLAY and REQUEST carry a ticket; an event with an older ticket is
	   ignored. */
	DD_FX_PLAY,    /* `prompt` begins; what plays is over */
	DD_FX_STOP,    /* the prompt that plays is cut short */
	DD_FX_REQUEST, /* ask the server of passthru `step`; ticket 0: the call does not wait for
	                  the reply */
	DD_FX_FORGET,  /* the reply is no longer awaited; `key_index` is the time-out exit when it
	                  took too long */
	DD_FX_SMS,     /* queue the message of `step` */
	DD_FX_OVER,    /* the call is over */
	/* For the record. */
	DD_FX_STEP,    /* `step` begins */
	DD_FX_KEY,     /* `key` was pressed; `step` where it was */
	DD_FX_INVALID, /* the keys pressed were not an input of menu `step` */
	DD_FX_SILENCE, /* no key was pressed in time */
	DD_FX_ANSWER,  /* menu `step` took its input; `key_index` into the program's keys, or
	                  UINT32_MAX for a number, DD_ANSWER_SAID for speech */
	DD_FX_TRIES,   /* the tries of menu `step` are used up */
	DD_FX_EXIT, /* passthru `step` goes on by exit or route `key_index` (routes from 16 on), a
	               connect by a dd_party, a record by a dd_recorded */
	DD_FX_TRANSFER, /* goes on in flow `key_index` */
	DD_FX_BRANCH,   /* branch or hours `step` goes by case `key_index`; UINT32_MAX: otherwise */
	DD_FX_SET,      /* the values of `step` are set */
	DD_FX_RING,     /* to be carried out: ring number `key_index` of connect `step` */
	DD_FX_PARTY,    /* what came of it: dd_party `key_index` */
	DD_FX_PARTED,   /* the talk is over; `key_index` 1: at its time limit */
	DD_FX_BEEP,     /* the tone before a recording */
	DD_FX_RECORD,   /* to be carried out: the recording of `step` begins */
	DD_FX_RECORDED, /* it is over: dd_recorded `key_index` */
	DD_FX_SUBFLOW,  /* runs flow `key_index` */
	DD_FX_RETURN,   /* goes back to flow `key_index` */
	DD_FX_MISSING,  /* a value that is not there is used: slot `key_index` */
	DD_FX_ERROR,    /* a dd_call_error: `key_index` */
	DD_FX_REMARK,   /* the words of `step` are told */
	DD_FX_KEPT_LOST, /* `key`, which was kept for a menu, is lost */
};
#define DD_ANSWER_SAID (UINT32_MAX - 1)
enum dd_call_error {
	DD_ERROR_PATTERN,  /* a regular expression took too long */
	DD_ERROR_TOO_LONG, /* a text has more than 4,096 characters when filled in */
	DD_ERROR_STORE,    /* a value finds no room: it is gone */
	DD_ERROR_NUMBER,   /* a number too large to be added to */
	DD_ERROR_FETCHES,  /* a connect by URL has asked ten times whom to ring */
};
DD_API const char *dd_call_error_text(enum dd_call_error error);
struct dd_effect {
	enum dd_effect_type type;
	uint32_t step;
	uint32_t prompt;
	uint32_t ticket;
	uint32_t key_index;
	char key;
	enum dd_lost lost; /* of KEY */
};
/* One step gives at most this many; a call with more to do sets its deadline to now. */
enum { DD_EFFECTS_MAX = 32 };
struct dd_effects {
	uint32_t n;
	struct dd_effect list[DD_EFFECTS_MAX];
};

/* What one call is given. Everything is borrowed for dd_call_init() only. */
struct dd_setup {
	const char *from, *to;     /* the customer, the ExoPhone; NULL: a made-up number */
	const char *call_sid;      /* NULL: 32 zeros */
	const char *custom_field;  /* NULL: none */
	const char *direction;     /* NULL: "outbound-dial" */
	int attempt;               /* 0: 1 */
	int64_t answered_unix_ms;  /* the moment of offset 0 */
	bool clock_given;          /* a walk goes by it; else it goes both ways at hours */
	dd_ms time_limit;          /* 0: 14,400 s */
	const char *const *names;  /* variables … */
	const char *const *values; /* … and their values */
	size_t nvariables;
};

/* Room for the values a call collects: one size everywhere, so that a test, a walk and a campaign
   find what a real call would. */
enum { DD_STORE_BYTES = 32768, DD_STORE_BYTES_MAX = 1 << 20 };

/* The room for what a call collects, and for the values that it is given. */
DD_API size_t dd_call_store(const struct dd_setup *setup);
/* Bytes of a call with `store` bytes for its values. */
DD_API size_t dd_call_size(const struct dd_program *program, size_t store);
/* The program must outlive the call. A variable the program does not know is ignored; see
 * dd_call_missing(). */
DD_API void dd_call_init(struct dd_call *call, const struct dd_program *program, size_t store,
        const struct dd_setup *setup);
/* The name of the `i`-th variable that has no example and was not given, or NULL. */
DD_API const char *dd_call_missing(const struct dd_call *call, size_t i);
/* dst gets the bytes of src that count. Both have the program and store of src. */
DD_API void dd_call_copy(struct dd_call *dst, const struct dd_call *src);
/* Whether two calls of one program are at the same place with the same values, apart from the time
 * that has passed. */
DD_API bool dd_call_same(const struct dd_call *a, const struct dd_call *b);

/* A fingerprint of all that decides how a call goes on: its place and its values, not the time that
   has passed. Calls of one program for which dd_call_same() holds have the same. */
DD_API void dd_call_fingerprint(const struct dd_call *call, uint64_t out[2]);
/* Carries on with what has happened, and says what is to be done. `effects` is overwritten. */
DD_API void dd_call_step(
        struct dd_call *call, const struct dd_event *event, struct dd_effects *effects);
/* When DD_EV_TIMER is due, or DD_NEVER. */
DD_API dd_ms dd_call_deadline(const struct dd_call *call);

/* Whether the call is over, how it ended, whether its goal was reached, whether the customer opted
   out: of the call so far. */
DD_API bool dd_call_over(const struct dd_call *call);
DD_API enum dd_ended_by dd_call_ended_by(const struct dd_call *call);
DD_API bool dd_call_goal(const struct dd_call *call);
DD_API bool dd_call_opted_out(const struct dd_call *call);
/* The step at hand, or UINT32_MAX. */
DD_API uint32_t dd_call_at(const struct dd_call *call);
/* A menu whose prompt has ended waits for its first key. */
DD_API bool dd_call_waits(const struct dd_call *call);
/* A key pressed now would be taken. */
DD_API bool dd_call_listens(const struct dd_call *call);
/* The digits of a number collected so far. */
DD_API struct dd_str dd_call_digits(const struct dd_call *call);
/* The program that it runs. */
DD_API const struct dd_program *dd_call_program(const struct dd_call *call);
/* The moment of offset 0. */
DD_API int64_t dd_call_answered_unix_ms(const struct dd_call *call);

/* Texts of the program, filled in with the values of the call. */
enum dd_call_text {
	DD_TEXT_PROMPT, /* `index` a prompt: its words; a recording by its name */
	DD_TEXT_URL, /* `index` a step: what a passthru asks, without the platform's parameters */
	DD_TEXT_SMS, /* … what a message says … */
	DD_TEXT_SMS_TO,    /* … to whom: the customer, unless the flow says */
	DD_TEXT_SMS_SENDER /* … from whom; empty unless the flow says */
};
/* `index` as of the time `at` into `out`, at most `cap` bytes, ending in NUL; `*length` (may be
   NULL) becomes how many there are. Values that are missing are left out; SSML is as it is written.
   DD_ERR_LIMIT: some of it found no room, or it has more than 4,096 characters. DD_ERR_FORMAT: the
   program has no such text. */
DD_API enum dd_status dd_call_text(const struct dd_call *call, enum dd_call_text what,
        uint32_t index, dd_ms at, char *out, size_t cap, size_t *length);
/* The value of a name as placeholders have it ("name", "choice.answer") at the time `at`; p NULL
   where there is none. Good until the next step; of CurrentTime it is in `room`. */
DD_API struct dd_str dd_call_get(
        const struct dd_call *call, const char *name, dd_ms at, char room[20]);

#ifdef __cplusplus
}
#endif

#endif
