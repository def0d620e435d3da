/* A campaign as its file says it: which flow is played to whom, when, how often, by whose rules,
 * and how people are assumed to behave. */
#ifndef DD_CAMPAIGN_CAMPAIGN_H
#define DD_CAMPAIGN_CAMPAIGN_H

#include "doc/rules.h"
#include "campaign/audience.h"
#include "campaign/law.h"
#include "campaign/people.h"
#include "flow/program.h"

/* How the time between two attempts grows. */
enum dd_mechanism {
	DD_WAIT_FIXED,       /* 60, 60, 60 minutes */
	DD_WAIT_LINEAR,      /* 60, 120, 180 */
	DD_WAIT_EXPONENTIAL, /* 60, 120, 240 */
	DD_WAIT_TIMES,       /* at the next of `times` of the day on the campaign's wall */
};

/* Outcomes after which a number is tried again; bits. */
enum { DD_RETRY_BUSY = 1, DD_RETRY_NO_ANSWER = 2, DD_RETRY_FAILED = 4 };

enum { DD_ATTEMPTS_MAX = 10, DD_TIMES_MAX = 24 };

/* Places of what checks speak of; `end` 0: the file does not say it. */
struct dd_campaign_places {
	struct dd_span name, caller_id, flow, numbers, contacts, start, end, daily, days, recurring,
	        attempts, interval, retry_on, concurrency, throttle, time_limit, ring_timeout, dnd,
	        profile, audience, triggers, sms;
};

struct dd_campaign {
	const char *path, *dir;
	const struct dd_source *source;
	const char *name;
	const char *caller_id; /* NULL: not said */
	/* The country whose numbers need no calling code: what `country` says, or the profile that
	 * the file names, or the caller's number, or the profile that holds where none is named.
	 * NULL: none of them says one. */
	const struct dd_numbering *home;
	const char *flow_path; /* beside the file; NULL: only the platform knows it (call_flow_id,
	                          url) and --flow must say */
	const struct dd_program *program; /* loaded; NULL while there is no flow_path */
	bool promotional;                 /* the flow's purpose is promotion */

	struct dd_rules_given checks; /* kept for the rules */
	/* Events whose trigger has a flow or a window of its own: each is a campaign of its own,
	 * which is loaded with `event` of the choices. This one has the rest. */
	const char **own_events;
	size_t nown_events;
	struct dd_people *people; /* never NULL; from the file's numbers, its list, its triggers, or
	                             made up (`contacts: 1000000`) */

	/* When. Instants of 1970 UTC; INT64_MIN, INT64_MAX: open. */
	int64_t start, end;
	const struct dd_zone *zone; /* of the times below: that of `start`, IST where nothing says
	                               another; in the campaign's keeping */
	bool daily; /* daily_ms holds: calls start only between these times of the day */
	int32_t daily_start_ms, daily_end_ms;
	uint8_t weekdays; /* 0: every day */
	bool recurs;      /* the whole list is called anew on each day of `repeat` */
	struct dd_calendar_repeat repeat;
	const struct dd_date *holidays;
	size_t nholidays;

	/* How often. */
	int max_attempts; /* in all, 1 to DD_ATTEMPTS_MAX; 1 when the file says nothing */
	dd_ms interval;   /* 60 min */
	enum dd_mechanism mechanism;
	int32_t times_ms[DD_TIMES_MAX]; /* of DD_WAIT_TIMES, rising */
	size_t ntimes;
	unsigned retry_on; /* bits; busy and no-answer when the file says nothing */

	/* How many. 0: no limit but the account's. */
	uint32_t concurrency;      /* calls at once */
	uint32_t agents;           /* whom the flow connects to, at once; 0: as many as it takes */
	uint32_t throttle;         /* calls begun a minute */
	uint32_t account_throttle; /* the platform's own: 60 a minute unless the file says another
	                              (`account: { throttle: … }`) */
	uint32_t account_concurrency;   /* 0: not known */
	bool account_said;              /* the file says what the account may */
	dd_ms time_limit, ring_timeout; /* 14,400 s, 30 s */
	/* From the end of another campaign's call to a number until this one may call it: 30 min,
	 * as between two calls of one campaign. */
	dd_ms min_gap;

	const struct dd_law *law;     /* trai when the file says nothing */
	struct dd_audience *audience; /* never NULL */
	uint64_t seed;                /* 1 */
	/* An SMS to those whom no call has reached (the source: "as a backup in case the call is
	 * not answered"); NULL: none. {name} in it is a variable of the flow or a column of the
	 * list. */
	const char *sms_if_unanswered;
	bool sms_after_first; /* after the first call that nobody takes; else when no call follows
	                       */
	/* Prices, in the campaign's own money; 0: not said. */
	double price_minute, price_pulse_s, price_sms,
	        price_call; /* a started pulse counts whole; 60 s */
	struct dd_campaign_places places;
};

/* What the command line says in place of the file; NULL and 0: nothing. */
struct dd_campaign_choices {
	const char *flow, *contacts, *audience, *profile, *dnd;
	const char *country; /* whose numbers need no calling code, where the file does not say */
	const char *event;   /* only the trigger of this event, with its own flow and window */
	bool platform; /* nothing that the platform would not do by itself: no min_gap, where the
	                  file says none */
	bool seeded;
	uint64_t seed;
	/* A flow that is an application's address: what a crawl of it has found, which is the
	   campaign's then; NULL after a message. NULL: such flows cannot be read. */
	struct dd_program *(*application)(void *self, const char *url);
	void *self;
};

/* Reads `path` ("-": standard input), YAML or JSON, in any of the platform's shapes, with the flow,
   lists, audience and profile that it names. NULL when there is an error; what was found is in
   `diags` (sorted). Lives in the arena of `diags`; dd_campaign_free() gives back the rest. */
struct dd_campaign *dd_campaign_load(
        const char *path, const struct dd_campaign_choices *choices, struct dd_diags *diags);
/* The same from a text that outlives the campaign; `name` stands for its file. */
struct dd_campaign *dd_campaign_read(const char *name, struct dd_str text,
        const struct dd_campaign_choices *choices, struct dd_diags *diags);
void dd_campaign_free(struct dd_campaign *campaign); /* NULL is fine */

/* The parts of the text of sms_if_unanswered: each call gives the next stretch of words in `words`
   (which may be NULL), or a {name} in `name`; p of the other is NULL. {{ and }} are braces. False
   at the end. */
bool dd_campaign_sms_part(
        struct dd_str text, size_t *at, struct dd_str *name, struct dd_str *words);
/* Appends the SMS as somebody gets it for whom the list says nothing: with the flow's examples. */
void dd_campaign_sms(const struct dd_campaign *campaign, struct dd_buf *out);

/* Puts a person whose zone is not known (0) into the zones in which the number is at home, where
   the law means its hours and days on each customer's own clock. */
enum dd_status dd_campaign_place(
        const struct dd_campaign *campaign, struct dd_person *person, struct dd_error *err);

/* When calls of the campaign may start, as far as the campaign itself goes (without the law). */
enum dd_status dd_campaign_calendar(
        const struct dd_campaign *campaign, struct dd_calendar **out, struct dd_error *err);

#endif
