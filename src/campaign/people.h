/* Whom a campaign calls: millions of numbers in some twenty bytes each. */
#ifndef DD_CAMPAIGN_PEOPLE_H
#define DD_CAMPAIGN_PEOPLE_H

#include "base/number_set.h"
#include "base/zone.h"
#include "list/judge.h"

/* What is known of a contact; bits. */
enum {
	DD_PERSON_CONSENT = 1,   /* has agreed to be called */
	DD_PERSON_DND = 2,       /* on the do-not-disturb list */
	DD_PERSON_DUPLICATE = 4, /* the number stands earlier in the list */
	DD_PERSON_INVALID = 8,   /* cannot be a telephone number */
	DD_PERSON_MADE_UP = 16,  /* `contacts: 1000000` */
};

struct dd_person {
	uint64_t number; /* the digits with the country's, such as 919876543210; 0: invalid */
	uint32_t line;   /* of the list; 0: in the campaign's file itself */
	uint16_t zone;   /* into `zones` */
	uint8_t flags;
	uint8_t fault; /* of an invalid number: dd_number_fault */
};

enum { DD_PEOPLE_MAX = 100000000, DD_PEOPLE_ZONES = 512 };

struct dd_people {
	struct dd_person *list;
	uint32_t n, cap;
	/* 0: the one that holds where neither the list nor the number says one. Where a number
	 * tells only between which zones it is, `zones` has the westernmost and `east` the
	 * easternmost: what the law allows must then be allowed in both. `east` NULL: there is one.
	 */
	const struct dd_zone *zones[DD_PEOPLE_ZONES], *east[DD_PEOPLE_ZONES];
	size_t nzones;
	int64_t *due;     /* of each: when it may be called first (triggers); NULL: at once */
	const char *path; /* of the list; NULL: none */
	char **columns;   /* the names of its columns */
	size_t ncolumns;
	/* Of the values of its list that the flow says: what is wrong with them, by column; rows
	 * that could not be read and were left out. */
	struct dd_list_faults faults;
	uint64_t unread;
	bool twins; /* a number may stand twice and is called twice (call_duplicate_numbers) */
	struct dd_arena *arena;
};

struct dd_people *dd_people_new(void);
void dd_people_free(struct dd_people *people); /* NULL is fine */
/* At most DD_PEOPLE_MAX: the caller counts. */
void dd_people_add(struct dd_people *people, struct dd_person person);
/* The index of a zone, or of two between which somebody is (`east` NULL: one). DD_ERR_LIMIT: there
 * would be too many; else as dd_zone_open() says. */
enum dd_status dd_people_zone(struct dd_people *people, const char *west, const char *east,
        uint16_t *index, struct dd_error *err);
/* The index of the zones in which the number is at home; 0 where nothing is known of it. */
enum dd_status dd_people_zone_of_number(
        struct dd_people *people, uint64_t number, uint16_t *index, struct dd_error *err);
/* Gives back what was taken for people who did not come. */
void dd_people_trim(struct dd_people *people);
/* `n` contacts that agreed to be called, with numbers that are all different. */
void dd_people_make_up(struct dd_people *people, uint32_t n);
#endif
