/* Faults on purpose: what goes wrong between a platform and an application, decided beforehand. The
   decision is pure: the same faults, point, call and count give the same answer, whoever asks and
   in whatever order.

       FAULT[=TIME][@COUNT][%CHANCE], …     late=8s@2, 500@3-4, lost%10 */
#ifndef DD_SIM_FAULTS_H
#define DD_SIM_FAULTS_H

#include <drydial/base.h>

/* Where one may strike, each with a count of its own, from 1 on. */
enum dd_fault_point {
	/* in a call that an application directs, counted in each call */
	DD_AT_REQUEST,   /* an application is asked for a document */
	DD_AT_KEY,       /* the customer presses a key */
	DD_AT_RECORDING, /* a recording is over, and a callback wants to know */
	/* at the edges of the stand-in, counted since it was told of its faults */
	DD_AT_ANSWER,        /* what a request wants is done, and is about to be answered */
	DD_AT_CALLBACK,      /* a callback is about to leave */
	DD_AT_ANSWERED,      /* one that tells of an answered call, with another to come */
	DD_AT_PASSTHRU,      /* a call asks a server */
	DD_AT_RECORDING_URL, /* a callback or such a request has this parameter */
	DD_AT_DIGITS,
	DD_AT_COUNT
};

/* FAULT(NAME, "name", point, TIME in ms or 0, "what it is") */
#define DD_FAULTS(FAULT) \
	FAULT(LATE, "late", DD_AT_REQUEST, 8000, "the application answers late") \
	FAULT(NONE, "none", DD_AT_REQUEST, 0, "the application does not answer at all") \
	FAULT(500, "500", DD_AT_REQUEST, 0, "the application answers 500") \
	FAULT(HALF, "half", DD_AT_REQUEST, 0, "half of the document arrives") \
	FAULT(TWICE, "twice", DD_AT_REQUEST, 0, \
	        "the document stands in its answer twice, one behind the other") \
	FAULT(LOST, "lost", DD_AT_REQUEST, 1000, \
	        "the answer is lost, and the same is asked again") \
	FAULT(HANG_UP, "hang-up", DD_AT_REQUEST, 500, \
	        "the customer hangs up while the request is on its way") \
	FAULT(KEYS, "keys", DD_AT_KEY, 0, "a key arrives twice at once") \
	FAULT(CALLBACK, "callback-first", DD_AT_RECORDING, 0, \
	        "the callback of a recording comes before its action") \
	FAULT(ANSWER_LOST, "answer-lost", DD_AT_ANSWER, 0, \
	        "it is done, and the connection closes without an answer") \
	FAULT(ANSWER_LATE, "answer-late", DD_AT_ANSWER, 8000, \
	        "it is done, and the answer comes late") \
	FAULT(ANSWER_500, "answer-500", DD_AT_ANSWER, 0, "it is done, and the answer is 500") \
	FAULT(ANSWER_HALF, "answer-half", DD_AT_ANSWER, 0, \
	        "it is done, and half of the answer arrives") \
	FAULT(CALLBACK_EARLY, "callback-early", DD_AT_ANSWER, 20000, \
	        "a call is placed, and its callback comes before the answer") \
	FAULT(CALLBACK_LOST, "callback-lost", DD_AT_CALLBACK, 0, "a callback never comes") \
	FAULT(CALLBACK_LATE, "callback-late", DD_AT_CALLBACK, 5000, "a callback comes late") \
	FAULT(CALLBACK_TWICE, "callback-twice", DD_AT_CALLBACK, 0, "a callback comes twice") \
	FAULT(CALLBACK_TURNED, "callback-turned", DD_AT_ANSWERED, 0, \
	        "the callback of an answered call comes behind that of its end") \
	FAULT(PASSTHRU_TWICE, "passthru-twice", DD_AT_PASSTHRU, 0, \
	        "a passthru asks its server twice at once") \
	FAULT(RECORDING_ABSENT, "recording-absent", DD_AT_RECORDING_URL, 0, \
	        "a callback or a passthru has no RecordingUrl") \
	FAULT(RECORDING_EMPTY, "recording-empty", DD_AT_RECORDING_URL, 0, \
	        "the RecordingUrl of a callback or a passthru is empty") \
	FAULT(DIGITS_ABSENT, "digits-absent", DD_AT_DIGITS, 0, \
	        "a callback or a passthru has no Digits") \
	FAULT(DIGITS_EMPTY, "digits-empty", DD_AT_DIGITS, 0, \
	        "the Digits of a callback or a passthru are empty")
enum dd_fault {
#define FAULT(NAME, name, point, time, what) DD_FAULT_##NAME,
	DD_FAULTS(FAULT)
#undef FAULT
	        DD_FAULTS_COUNT
};
const char *dd_fault_name(enum dd_fault fault);
const char *dd_fault_about(enum dd_fault fault);
enum dd_fault_point dd_fault_point(enum dd_fault fault);
/* Whether it is one of the stand-in's; else one of a call that an application directs. */
bool dd_fault_is_served(enum dd_fault fault);
dd_ms dd_fault_time(enum dd_fault fault); /* unless it is said; 0: it has none */

enum { DD_FAULT_RULES_MAX = 32, DD_FAULT_TIME_MAX_MS = 600000 };
struct dd_fault_rule {
	enum dd_fault fault;
	dd_ms time;
	uint32_t first, last; /* counts, both included */
	double chance;        /* 0 to 1 */
};
struct dd_faults {
	struct dd_fault_rule rules[DD_FAULT_RULES_MAX];
	size_t n; /* 0: nothing goes wrong */
	uint64_t seed;
};

/* A fault that has struck. */
struct dd_struck {
	bool yes;
	enum dd_fault fault;
	unsigned nth; /* of those that came to its point */
	dd_ms at;
};

/* Those of the stand-in, or (served false) of calls. False, and a sentence in `why`, where the text
 * is none; `out` keeps its seed. */
bool dd_faults_parse(struct dd_str text, bool served, struct dd_faults *out, char why[200]);
/* The first rule that strikes at the `nth` time (from 1) that call `number` comes to a point; NULL:
   none does. Several callers may ask at once. */
const struct dd_fault_rule *dd_faults_decide(
        const struct dd_faults *faults, enum dd_fault_point point, uint64_t number, uint32_t nth);

#endif
