/* The dialler: whom to call, when, and what becomes of each contact, for whoever really places the
   calls. It is a value, as a call is: it reads no clock, draws no chance and knows no telephone.
   The simulator places its calls by chance, drydial serve on its exchange; both ask this one, so
   that a forecast and the stand-in tell the same story.

        next(now) ──► a moment ──► step(moment) ──► CALL: place it, and later over(ticket, at, how)
                                        │           HELD: a cap of the law, or the least gap
                                        │                 between two campaigns; it waits until then
                                        │           OVER: no call of this contact follows
                                        │           TURN: the list is called anew from here on
                                        │           DONE: nothing of the campaign can happen any
   more └── NOTHING: wait for next(now), or for the end of a call

   One dialler a host. It owns what each number has had (calls by day, opt-outs), the account's
   calls at once and a minute, and the campaigns in it. Whose turn it is: due retries and contacts
   that a cap held, by when they were due and then by their place in the list; then those who have
   not been called, by place; over all zones in which calls may start now. Campaigns tie in the
   order in which they were added. Nothing depends on the order in which contacts were put in:
   whoever writes down the rows that a step names, and puts them back into a new dialler, has the
   same future.

   Instants are milliseconds since 1970 UTC, and must not go back. One thread. */
#ifndef DD_CAMPAIGN_DIALLER_H
#define DD_CAMPAIGN_DIALLER_H

#include "base/shard.h"
#include "campaign/campaign.h"

/* How a contact ends. Each ends in exactly one. */
#define DD_CONTACT_ENDS(X) \
	X(CONNECTED, "connected", "a person or a machine took a call") \
	X(NO_ANSWER, "no-answer", "the last attempt was not answered") \
	X(BUSY, "busy", "the last attempt met a busy line") \
	X(FAILED, "failed", "the last attempt could not be placed") \
	X(OPTED_OUT, "opted-out", "the number opted out in another call before this one") \
	X(DND, "dnd", "on the do-not-disturb register, without consent") \
	X(NO_CONSENT, "no-consent", "the law asks for consent") \
	X(INVALID, "invalid", "cannot be a telephone number") \
	X(DUPLICATE, "duplicate", "the number stands earlier in the list") \
	X(CAPPED, "capped", "called as often as is allowed, and no day was left") \
	X(PENDING, "pending", "the campaign ended before it was called (again)")
enum dd_contact_end {
#define X(NAME, text, meaning) DD_END_##NAME,
	DD_CONTACT_ENDS(X)
#undef X
	                DD_CONTACT_ENDS_COUNT,
	        DD_END_NOT_YET = 255
};

struct dd_dialler;

struct dd_dialler_options {
	uint32_t account_concurrency, account_throttle; /* of all campaigns together; 0: no limit */
	bool distinct; /* one campaign alone, all numbers of which differ, and no single calls */
	/* Single calls, for dd_dialler_may(). NULL: nobody asks. Borrowed, as is the zone, in which
	   the days of a law without a zone of its own are meant for single calls. */
	const struct dd_law *law;
	const struct dd_zone *zone;
};
/* DD_ERR_READ where the zone of the law cannot be opened. */
enum dd_status dd_dialler_new(
        const struct dd_dialler_options *options, struct dd_dialler **out, struct dd_error *err);
void dd_dialler_free(struct dd_dialler *dialler); /* NULL is fine */

/* -- campaigns -------------------------------------------------------------- */

struct dd_dialler_plan {
	const struct dd_campaign *campaign; /* borrowed, with its people, until it is removed */
	uint32_t concurrency, throttle;     /* its own calls at once and a minute; 0: no limit */
	struct dd_shard shard;              /* only these of its people */
	int64_t begins;                     /* nothing of it happens before */
	uint64_t id;                        /* as dd_dialler_name() says it; 0: not known yet */
};
/* `*out` is its number from then on. */
enum dd_status dd_dialler_add(struct dd_dialler *dialler, const struct dd_dialler_plan *plan,
        uint32_t *out, struct dd_error *err);
/* The host's own name of a campaign, by which calls that are written down are known to be its own;
 * not 0. */
void dd_dialler_name(struct dd_dialler *dialler, uint32_t campaign, uint64_t id);
/* People were added behind those that it had. Not with a shard, nor with people who have a `due` of
 * their own. */
void dd_dialler_more_people(struct dd_dialler *dialler, uint32_t campaign);
/* Nobody is called while it is paused; calls that are going on go on. */
void dd_dialler_pause(struct dd_dialler *dialler, uint32_t campaign, bool paused);
/* Whoever waits gets an OVER, and nobody is called any more. */
void dd_dialler_end(struct dd_dialler *dialler, uint32_t campaign);
/* Forgets it; what its numbers have had stays. Its number is not used again. */
void dd_dialler_remove(struct dd_dialler *dialler, uint32_t campaign);

/* -- what happens ----------------------------------------------------------- */

enum dd_dialler_what {
	DD_DIAL_NOTHING,
	DD_DIAL_CALL,
	DD_DIAL_HELD,
	DD_DIAL_OVER,
	DD_DIAL_TURN,
	DD_DIAL_DONE
};
enum dd_held { DD_HELD_CAP, DD_HELD_GAP, DD_HELD_RETRY };

/* What a call is called until its end. */
struct dd_ticket {
	uint32_t campaign, round, person; /* round: of a list that recurs; from 0 on */
};

struct dd_dialler_step {
	enum dd_dialler_what what;
	struct dd_ticket ticket; /* whose: of TURN and DONE only the campaign and its round */
	int attempt;             /* CALL: 1 … */
	int64_t until;           /* HELD: not before; its window may open later */
	int64_t opens;           /* HELD by RETRY: `until`, or when the window opens behind it */
	enum dd_held why;        /* HELD */
	enum dd_contact_end end; /* OVER */
};

/* When something happens by itself; INT64_MAX: nothing but the end of a call. */
int64_t dd_dialler_next(struct dd_dialler *dialler, int64_t now);
/* The next thing that happens at `now`. Asked until it is NOTHING. */
struct dd_dialler_step dd_dialler_step(struct dd_dialler *dialler, int64_t now);
/* A call ended at `at`, `how`: CONNECTED, BUSY, NO_ANSWER or FAILED. What follows for its contact:
   OVER, HELD by RETRY, or NOTHING, when it is of a round that is over. */
struct dd_dialler_step dd_dialler_over(struct dd_dialler *dialler, struct dd_ticket ticket,
        int64_t at, enum dd_contact_end how, bool opted_out);

/* What a campaign's contacts wait for at `now`, and how many: those whose turn it could be. */
enum dd_dialler_waits { DD_WAITS_NOT, DD_WAITS_LINES, DD_WAITS_THROTTLE, DD_WAITS_WINDOW };
enum dd_dialler_waits dd_dialler_waits(
        struct dd_dialler *dialler, uint32_t campaign, int64_t now, int64_t *contacts);

/* How a contact has ended in this round, or would if its campaign ended now. */
enum dd_contact_end dd_dialler_end_of(
        const struct dd_dialler *dialler, uint32_t campaign, uint32_t person);
/* A byte beside each contact that is the host's own: it lies where the dialler looks anyway, which
   matters where there are millions. 0 when a round begins. No row holds it. */
uint8_t *dd_dialler_note(struct dd_dialler *dialler, uint32_t campaign, uint32_t person);
/* The calendar of the first contact's zone: when the campaign may call. */
struct dd_calendar *dd_dialler_calendar(struct dd_dialler *dialler, uint32_t campaign);

/* -- single calls ----------------------------------------------------------- */

enum dd_may {
	DD_MAY,
	DD_MAY_NOT_HOURS,
	DD_MAY_NOT_DND,
	DD_MAY_NOT_CONSENT,
	DD_MAY_NOT_OPTED_OUT,
	DD_MAY_NOT_CAPPED
};
/* Whether the law lets `number` be called now; `flags` are DD_PERSON_CONSENT and DD_PERSON_DND. */
enum dd_may dd_dialler_may(
        struct dd_dialler *dialler, uint64_t number, unsigned flags, bool promotional, int64_t now);
/* A single call was placed; a customer opted out in one. */
void dd_dialler_called(struct dd_dialler *dialler, uint64_t number, int64_t now);
void dd_dialler_opted_out(struct dd_dialler *dialler, uint64_t number);

/* -- rows ------------------------------------------------------------------- */

/* Of a contact. */
struct dd_contact_row {
	int attempts;
	enum dd_contact_end end; /* or NOT_YET */
	bool failed;             /* one of its calls could not be placed */
	bool called;             /* a call of it is going on */
	bool held;               /* by a cap, or by the least gap between two campaigns */
	int64_t due;             /* of one that waits to be called again: `until` of its HELD */
};
/* All but `due`, which its HELD told. */
struct dd_contact_row dd_dialler_contact(
        const struct dd_dialler *dialler, uint32_t campaign, uint32_t person);
void dd_dialler_put_contact(struct dd_dialler *dialler, uint32_t campaign, uint32_t person,
        const struct dd_contact_row *row);

/* Of a campaign, and of the account (only free_us). */
struct dd_dialler_row {
	int64_t free_us; /* when its throttle lets the next call begin */
	uint32_t round;
	int64_t next_round;       /* INT64_MAX: none */
	bool paused, ended, done; /* done: its DONE was told */
	uint32_t stale_calls;     /* going on, of rounds that are over */
};
struct dd_dialler_row dd_dialler_campaign(const struct dd_dialler *dialler, uint32_t campaign);
void dd_dialler_put_campaign(
        struct dd_dialler *dialler, uint32_t campaign, const struct dd_dialler_row *row);
int64_t dd_dialler_account(const struct dd_dialler *dialler);
void dd_dialler_put_account(struct dd_dialler *dialler, int64_t free_us);

/* A call of before counts on the day `day` (dd_dialler_day() of when it was placed). It was of the
 * campaign `id` (0: a single call) and ended, or began while it goes on, at `at`. */
void dd_dialler_put_call(
        struct dd_dialler *dialler, uint64_t number, int64_t day, uint64_t id, int64_t at);
/* The day on which a call to a contact counts for the caps: days since 1970 on the wall on which
 * the law means its hours; of a single call, with `person` UINT32_MAX. */
int64_t dd_dialler_day(
        struct dd_dialler *dialler, uint32_t campaign, uint32_t person, int64_t unix_ms);

#endif
