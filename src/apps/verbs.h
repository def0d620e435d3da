/* The verbs of voice documents: one table of what there is, by name. A new verb is a row here, and
   what it becomes a function in compile.c. */
#ifndef DD_APPS_VERBS_H
#define DD_APPS_VERBS_H

#include "doc/xml.h"

/* VERB(NAME, "Name"): in a document, or inside of another verb. */
#define DD_VERBS(VERB) \
	VERB(SAY, "Say") \
	VERB(PLAY, "Play") \
	VERB(PAUSE, "Pause") \
	VERB(GATHER, "Gather") \
	VERB(RECORD, "Record") \
	VERB(DIAL, "Dial") \
	VERB(REDIRECT, "Redirect") \
	VERB(HANGUP, "Hangup") \
	VERB(REJECT, "Reject") \
	VERB(SMS, "Sms") \
	VERB(MESSAGE, "Message") \
	/* known, and named as not simulated */ \
	VERB(ENQUEUE, "Enqueue") \
	VERB(LEAVE, "Leave") \
	VERB(CONNECT, "Connect") \
	VERB(START, "Start") \
	VERB(STREAM, "Stream") \
	VERB(STOP, "Stop") \
	VERB(REFER, "Refer") \
	VERB(PAY, "Pay") \
	VERB(PROMPT, "Prompt")
enum verb {
#define VERB(NAME, text) VERB_##NAME,
	DD_VERBS(VERB)
#undef VERB
	        VERBS_COUNT
};
const char *verb_name(enum verb verb);
/* VERBS_COUNT: there is none of this name; `*near` then is the likest, or NULL. */
enum verb verb_named(struct dd_str name, const char **near);

enum attribute_type {
	AT_TEXT,
	AT_URL,
	AT_METHOD,  /* GET or POST */
	AT_SECONDS, /* a whole number of them */
	AT_NUMBER,
	AT_BOOL,
	AT_KEY,   /* one key, or nothing */
	AT_KEYS,  /* any of 0-9 * #, or nothing */
	AT_WORDS, /* one of `words` */
	AT_TONES, /* keys, and w for half a second */
};
struct attribute {
	const char *element, *name;
	enum attribute_type type;
	long low, high;
	const char *words;
	bool quiet; /* known, without effect here */
};
/* NULL: the element has none of this name; `*near` then is the likest, or NULL. */
const struct attribute *attribute_named(const char *element, struct dd_str name, const char **near);
/* Whether attributes of this element are in the table at all. */
bool element_has_attributes(const char *element);

/* The voice that a `voice` attribute means ("alice", "Polly.Aditi", "Google.hi-IN-Standard-A"):
   false for another one. Polly's voices and what they speak: AWS, "Available voices". */
bool verb_voice(struct dd_str name, const char **language, const char **variant);

#endif
