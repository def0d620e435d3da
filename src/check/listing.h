/* What the files of dd_check_contacts() share. */
#ifndef DD_CHECK_LISTING_H
#define DD_CHECK_LISTING_H

#include "call/fill.h"
#include "check/checking.h"
#include "check/contacts.h"
#include "session/spoken.h"

/* A limit that a message may be over: the severity of that, and of which rule. */
struct list_limit {
	const char *rule;
	enum dd_severity severity;
	dd_ms ms;
};
enum { LIST_LIMITS_MAX = 4 };

/* Text beside a value, and what of it says for itself how it is said. */
struct list_side {
	struct dd_str text;
	const struct dd_stretch *fixed;
	size_t nfixed;
};

/* A value in a spoken text, with the text around it, which decides how the value is read. Spoken
   are the words beside it alone: `left` from a byte on, `right` up to one. */
struct list_place {
	uint32_t template, part, slot;
	uint32_t voice;
	struct list_side left, right;
	size_t left_from, right_to;
	uint64_t hash;      /* of the voice and the text */
	uint32_t reference; /* frames with the first contact's value */
};

/* One prompt or SMS of the flow. */
struct list_message {
	struct dd_contact_message *told;
	uint32_t prompt, template; /* of an SMS the template, else DD_NONE */
	uint32_t flow;
	struct list_limit limits[LIST_LIMITS_MAX];
	size_t nlimits;
	size_t first_place, nplaces;
	bool files;               /* a recording's name holds a value */
	struct dd_str registered; /* of an SMS the text of its template; p NULL: not known */
	uint64_t reference;       /* frames with the first contact's values */
};

/* A value of the list that is spoken, and how: each pair once, where it first stands. */
struct list_spoken {
	const struct dd_segment *segment;
	uint32_t part, slot, voice;
	bool as_is; /* not digit by digit */
};
/* Rules about words that look at each contact's values. */
enum {
	LIST_MISMATCH,
	LIST_NUMBER,
	LIST_ABBREVIATION,
	LIST_ODDLY,
	LIST_VARIABLE,
	LIST_UNLIKE,
	LIST_WORDS
};

struct list_plan {
	const struct dd_program *program;
	struct dd_arena *arena;
	struct dd_checking *checking;
	const struct dd_check_options *check;
	struct dd_allows *allows;
	struct dd_tts tts;
	bool unmeasured;     /* the flow's own texts: there was no voice */
	struct dd_str *base; /* of each slot: what it holds when the list has no column for it */
	uint32_t *columns;   /* of each column: its slot, or DD_NONE */
	size_t ncolumns;
	bool *from_list; /* of each slot */
	bool *told;      /* of each slot: it is spoken or sent */
	struct list_message *messages;
	size_t nmessages;
	struct list_spoken *spoken;
	size_t nspoken;
	bool judged[LIST_WORDS]; /* which of these rules are asked … */
	enum dd_severity severity[LIST_WORDS];
	long most[LIST_WORDS]; /* … and their figures */
	struct list_place *places;
	size_t nplaces, cap_places;
};

/* Values of one contact: those of the list's columns, the rest from the plan. */
struct list_values {
	const struct list_plan *plan;
	const struct dd_str *values; /* of each slot */
};
struct dd_values list_values(struct list_values *values);

/* What there is to measure, before any contact is known; then with the first contact's values
 * (contacts_plan.c). */
void list_plan_messages(struct list_plan *plan, struct dd_contact_message *told);
size_t list_count_messages(const struct dd_program *program);
void list_plan_places(struct list_plan *plan, const struct dd_str *values);
/* What is asked of each contact's words; after list_plan_messages() (contacts_words.c). */
void list_plan_words(struct list_plan *plan);
/* Tells, by `found`, what is wrong with the values of a contact as they are said or sent. */
struct list_fault {
	const char *code;
	enum dd_severity severity;
	uint32_t step;       /* DD_NONE: the value is wrong wherever it is said */
	const char *message; /* good for the call only */
};
void list_word_faults(const struct list_plan *plan, const struct dd_str *values,
        struct dd_arena *arena, void *self,
        void (*found)(void *self, const struct list_fault *fault));
/* A segment's speech with these values; text NULL where it is too long. */
struct dd_speech list_speech(const struct list_plan *plan, const struct dd_segment *segment,
        const struct dd_str *values, struct dd_arena *arena);
struct dd_speech list_place_speech(const struct list_plan *plan, const struct list_place *place,
        const struct dd_str *values, struct dd_arena *arena);
/* The words of a message as text. */
struct dd_str list_words(const struct list_plan *plan, const struct list_message *message,
        const struct dd_str *values, struct dd_arena *arena);
/* Frames of recordings and pauses; false: a recording is not there. */
bool list_other_frames(const struct list_plan *plan, const struct list_message *message,
        const struct dd_str *values, uint64_t *frames, struct dd_error *err);
/* Asks the voice for many lengths. */
void list_lengths(const struct list_plan *plan, const struct dd_speech *speeches, uint32_t *frames,
        size_t n, bool rough);

#endif
