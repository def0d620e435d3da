/* What the law asks of automated calls, as data. Profiles say where each figure comes from. They
   are a help for rehearsals and NOT LEGAL ADVICE: laws change, differ by trade and state, and know
   exceptions; ask a lawyer before real calls. */
#ifndef DD_CAMPAIGN_LAW_H
#define DD_CAMPAIGN_LAW_H

#include "doc/read.h"
#include "campaign/calendar.h"

enum { DD_LAW_HOURS_MAX = 8, DD_LAW_SOURCES_MAX = 12 };

/* Whose consent must have been given before. */
enum dd_law_consent {
	DD_CONSENT_NOT_ASKED,
	DD_CONSENT_PROMOTION, /* for promotional calls */
	DD_CONSENT_ALWAYS,    /* for any call with a recorded or artificial voice */
};

/* Numbers on a do-not-disturb register. */
enum dd_law_dnd {
	DD_DND_NOT_ASKED,
	DD_DND_WITH_CONSENT, /* only called with consent */
	DD_DND_NEVER,
};

/* Where a figure comes from. */
struct dd_law_source {
	const char *figure; /* the key of a profile's file: "hours" */
	const char *text;
};

struct dd_law {
	const char *name;    /* "trai"; of a file: its path */
	const char *title;   /* one line */
	const char *country; /* whose numbers need no calling code: "IN"; NULL: not said */
	const char *zone;    /* in which the hours are meant; NULL: the customer's own */
	struct dd_calendar_hours hours[DD_LAW_HOURS_MAX];
	size_t nhours;                     /* 0: at all times */
	bool hours_by_code;                /* not law, but an industry's code of practice */
	int calls_per_day, calls_per_week; /* to one number, on a day and in seven days on its wall;
	                                      0: as many as wanted */
	/* Calls that were answered and for which nobody was free: at most `abandoned_percent` of
	   answered calls over `abandoned_days` days; percent -1: no limit. Then a recorded message
	   must be heard, and the number is left in peace by automated calls for
	   `abandoned_quiet_ms`. */
	int abandoned_percent, abandoned_days;
	bool abandoned_message;
	dd_ms abandoned_quiet_ms;
	enum dd_law_consent consent;
	enum dd_law_dnd dnd;
	bool opt_out;     /* each call must offer one */
	int opt_out_days; /* honoured within so many days; 0: at once */
	const char *series_promotion,
	        *series_service; /* how the caller's number must begin; NULL: not said */
	struct dd_law_source sources[DD_LAW_SOURCES_MAX];
	size_t nsources;
	const char *note; /* what a figure cannot say; NULL: nothing */
};

/* "trai", "tcpa", "ofcom" or "none"; NULL for another name. The names, so that messages can tell
 * them. */
const struct dd_law *dd_law_find(const char *name);
extern const char *const dd_law_names[];
extern const size_t dd_law_count;

/* A country as campaigns and laws name it: two letters of ISO 3166, returned in capitals as the
   table of numbering plans has them. NULL: none is said, or a fault was told. */
const char *dd_read_country(struct dd_reader *r, const struct dd_node *node);

/* The profile of a file: tests/laws/good/every-key.yaml has each key, and what is left out is not
   asked. NULL when there is an error; what was found is in `diags`, sorted. The law lives in the
   arena of `diags`. */
const struct dd_law *dd_law_load(const char *path, struct dd_diags *diags);

/* The law's hours as a layer of a calendar. `zone` is the opened law->zone, or the customer's where
   that is NULL. The layer borrows from both. */
struct dd_calendar_layer dd_law_layer(const struct dd_law *law, const struct dd_zone *zone);

#endif
