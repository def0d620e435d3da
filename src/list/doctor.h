/* The health of a list of contacts: one pass over it, in the same room however long it is (but
   eight bytes a number, to know who stands in it twice). It tells what is wrong by kind, what is
   certain enough to be put right, and gives each row to whoever writes the list anew. */
#ifndef DD_LIST_DOCTOR_H
#define DD_LIST_DOCTOR_H

#include "list/judge.h"

struct dd_doctor_options {
	const struct dd_numbering *home; /* whose numbers need no calling code; NULL: none's */
	/* The variables that the flow says; NULL: there is no flow, and every column is looked at
	   but empty values. `required`: of each, whether there is no example in its place. */
	const char *const *said;
	const bool *required;
	size_t nsaid;
	/* The scripts that the voice does not speak are the caller's: a clause about a value of the
	   variable in `why`, or false. NULL: nobody asks. */
	void *self;
	bool (*foreign)(void *self, const char *variable, struct dd_str value, char *why);
	/* Each row as it is read: FINE, or why it is left out of the repaired list. Its number is
	   E.164 without the +. NULL: nobody asks. */
	void (*row)(void *self, const struct dd_list_row *row, enum dd_row_fault fault,
	        uint64_t number, const char *why);
	/* The head, once, before the first row; `phone` is the number's column, SIZE_MAX where
	   there is none. */
	void (*head)(void *self, const struct dd_list_row *head, size_t phone);
};

enum { DD_DOCTOR_COUNTRIES = 256, DD_DOCTOR_REPAIRS = 6, DD_DOCTOR_TEXT = 200 };

struct dd_doctor_column {
	char *name; /* from malloc */
	uint64_t empty;
	size_t longest; /* characters */
	uint64_t longest_line;
	char longest_text[DD_DOCTOR_TEXT];
	bool said;
	/* Values that are only digits, by their length: where nearly all are equally long, one that
	 * is shorter may have lost its zeros. */
	uint64_t digits[17], first_of[17];
};

struct dd_health {
	const char *problem; /* the list cannot be read as one; NULL: it can */
	char told[200];      /* what the reader put right: encoding, separator */
	bool no_head;        /* the first line is a contact; it counts as one */
	uint64_t rows, callable, left_out, wrong, repaired;
	uint64_t repairs[DD_DOCTOR_REPAIRS]; /* by bit of dd_number_repair */
	struct {
		uint64_t line;
		char before[40];
		uint64_t after;
	} repair_of[DD_DOCTOR_REPAIRS]; /* the first of each */
	struct {
		const struct dd_numbering *plan;
		uint64_t n;
	} countries[DD_DOCTOR_COUNTRIES];
	size_t ncountries;
	struct dd_doctor_column *columns;
	size_t ncolumns, phone; /* phone SIZE_MAX: there is no such column */
	const char *absent[64]; /* variables that are said and have no column */
	size_t nabsent;
	char twice[64]; /* a column that stands twice; empty: none */
	struct dd_list_faults faults;
};

/* Reads `fd`, which stays the caller's. False: health.problem says why it is no list. Either way
 * the caller frees what is in it. */
bool dd_doctor(int fd, const struct dd_doctor_options *options, struct dd_health *health);
void dd_health_fini(struct dd_health *health);
const char *dd_number_repair_text(size_t bit);

#endif
