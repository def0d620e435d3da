/* What the files of the dialler share, and nobody else: dialler.c (campaigns, rows, single calls),
   dialler_order.c (whose turn it is), dialler_step.c (what happens). */
#ifndef DD_CAMPAIGN_DIALLING_H
#define DD_CAMPAIGN_DIALLING_H

#include "base/heap.h"
#include "base/clock.h"
#include "campaign/dialler.h"
#include "campaign/lines.h"

enum { DIAL_DAY_MS = 86400000 };

/* A contact on its way through the campaign: four bytes, since there may be millions. */
struct dialled {
	uint8_t attempts, end; /* dd_contact_end, or DD_END_NOT_YET */
	uint8_t note;          /* the host's own */
	uint8_t flags;
};
enum { DIALLED_FAILED = 1, DIALLED_HELD = 2, DIALLED_CALLED = 4 };

struct waiting {
	int64_t due;
	uint32_t person;
};

/* Contacts that wait, in rising order of (due, place): a ring while they are put in so, as the
 * waits after one attempt mostly are; those out of order go to the heap. */
struct queue {
	struct waiting *ring;
	uint32_t first, n, cap;
	struct dd_heap odd;
};

/* Contacts of one zone: the same hours hold for all of them. */
struct group {
	const struct dd_zone *zone;
	struct dd_calendar *calendar;
	/* who has not been called, in the list's order; `order` NULL: first, first + 1 … */
	uint32_t *order, first, n, cap_order;
	struct queue again[DD_ATTEMPTS_MAX]; /* by the attempts that they have had */
	struct dd_heap held;                 /* by a cap */
	int64_t steady_from, steady_until;   /* the offset holds: of the zone in which caps count */
	int32_t offset_ms;
	int64_t open, shut; /* what the calendar said last: open from … until … */
};

/* The next contact of a campaign. */
struct candidate {
	struct group *group; /* NULL: nobody */
	enum dial_source { DIAL_HELD, DIAL_FRESH, DIAL_RING, DIAL_ODD } source;
	int attempts; /* of DIAL_RING and DIAL_ODD: which queue */
	int64_t due;
	uint32_t person;
};
struct dial_campaign {
	uint32_t index;                     /* of the dialler's list */
	uint64_t id;                        /* the host's */
	const struct dd_campaign *campaign; /* NULL: it was removed */
	struct dd_shard shard;
	struct dialled *states;
	uint32_t n, cap;   /* people it knows of; room in `states` and `line_of` */
	uint32_t *line_of; /* of each person; NULL: the same */
	struct group *groups;
	size_t ngroups;
	uint16_t group_of_zone[DD_PEOPLE_ZONES];
	struct dd_zone *law_zone; /* in which the law means its hours; NULL: each customer's */
	uint32_t concurrency, active, stale;
	uint32_t left; /* contacts that have not ended */
	int64_t gap_us, free_us;
	int64_t begins;
	struct dd_calendar
	        *days; /* of a list that is called anew: the days on which it is; else NULL */
	int64_t next_round;
	uint32_t round;
	uint32_t sweep; /* the next contact to be told that it ended with its round or campaign */
	bool paused, ended, done;
	/* whose turn it is from `next_from` until `next_until`, which is INT64_MIN where nobody
	   knows: somebody has come or gone since */
	struct candidate next;
	int64_t next_from, next_until;
	/* How many stand in line in groups that are open, from `line_from` until `line_until`, as
	   above; a forecast asks at each moment. */
	int64_t line_n, line_from, line_until;
	int64_t rests_until; /* nothing comes from it before, unless somebody comes or goes: among
	                        thousands of campaigns most are not looked into; INT64_MIN: not
	                        known */
};

struct dd_dialler {
	struct dd_dialler_options o;
	struct dd_lines lines;
	struct dial_campaign **list;
	uint32_t n, cap;
	uint32_t active;
	int64_t gap_us, free_us;
	/* Nothing happens by itself from `quiet_from` until `quiet_until` (INT64_MIN: not known).
	   A forecast asks at the end of each call; most ends change nothing for the others. */
	int64_t quiet_from, quiet_until;
	struct dd_zone *law_zone;  /* of single calls, where the law has one */
	struct dd_calendar *hours; /* of single calls; NULL: at all times */
};

/* -- whose turn it is (dialler_order.c) ------------------------------------- */

const struct candidate *dial_find_candidate(struct dial_campaign *c, int64_t now);
static inline const struct candidate *dial_candidate(struct dial_campaign *c, int64_t now)
{
	return now >= c->next_from && now < c->next_until ? &c->next : dial_find_candidate(c, now);
}
/* Whether `a` comes before `b`. */
bool dial_before(const struct candidate *a, const struct candidate *b);
/* Takes c->next, which is known, out of line. */
void dial_take(struct dial_campaign *c);
/* After `attempts` calls, or (0) held by a cap. */
void dial_put_again(
        struct dial_campaign *c, struct group *g, int attempts, int64_t due, uint32_t person);
/* When somebody is due in open hours; INT64_MAX: never. */
int64_t dial_next_due(struct dial_campaign *c, int64_t now);
/* Contacts whose turn it could be, in groups that are open or in those that are not. */
int64_t dial_in_line(struct dial_campaign *c, bool open, int64_t now);
void dial_queue_fini(struct queue *q);
void dial_queue_clear(struct queue *q);

/* -- what dialler.c lends --------------------------------------------------- */

struct group *dial_group_of(const struct dial_campaign *c, uint32_t person);
uint32_t dial_line_of(const struct dial_campaign *c, uint32_t person);
/* The day on which a call of the group counts for the caps. */
int64_t dial_day(struct dial_campaign *c, struct group *g, int64_t now);
const struct dd_zone *dial_cap_zone(const struct dial_campaign *c, const struct group *g);
/* Every contact as it is before its first call of a round. */
void dial_begin_round(struct dd_dialler *d, struct dial_campaign *c);
/* The next day after the one on the wall at `at` on which the list is called. */
int64_t dial_next_round(const struct dial_campaign *c, int64_t at);

/* What was found out about whose turn it is no longer holds. */
static inline void dial_forget(struct dd_dialler *d, struct dial_campaign *c)
{
	c->next_until = c->line_until = c->rests_until = INT64_MIN;
	d->quiet_until = INT64_MIN;
}

static inline uint32_t dial_first(const struct dial_campaign *c)
{
	return c->shard.of ? c->shard.index - 1 : 0;
}

static inline uint32_t dial_stride(const struct dial_campaign *c)
{
	return c->shard.of ? c->shard.of : 1;
}

#endif
