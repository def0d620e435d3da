/* Telephone numbers as lists have them. */
#ifndef DD_LIST_NUMBER_H
#define DD_LIST_NUMBER_H

#include "list/numbering.h"

/* A telephone number as its digits with the calling code: +CC and the rest; of `home`, the country
   whose numbers need no +, also what is dialled there: the number itself, with the trunk prefix
   (0 20 7946 0018), with the international one (00 91 ...) or with the calling code alone. Spaces,
   hyphens, dots, slashes and brackets between digits do not count, nor does the (0) of
   +44 (0)20. 0: it cannot be one, or it may be two. `home` NULL: no country is known, and only what
   begins with + or 00 is a number. How long numbers are is known of each country; whether one is
   given out is not looked at. */
uint64_t dd_number_parse(struct dd_str text, const struct dd_numbering *home);

/* What a field that is a number needed to become one; bits. */
enum dd_number_repair {
	DD_NUMBER_SPACED = 1,   /* spaces, hyphens, brackets between the digits */
	DD_NUMBER_EXPONENT = 2, /* 9.19876543210E+11, with every digit there */
	DD_NUMBER_FRACTION = 4, /* 919876543210.0 */
	DD_NUMBER_NATIONAL = 8, /* as it is dialled at home: the calling code was put before it */
	DD_NUMBER_NO_PLUS = 16, /* the calling code without a + */
	DD_NUMBER_QUOTED = 32,  /* '9876543210 */
};

/* Why a field is no number. */
enum dd_number_fault {
	DD_NUMBER_FINE,
	DD_NUMBER_EMPTY,
	DD_NUMBER_CUT,        /* 9.19877E+11: digits are lost */
	DD_NUMBER_NULL_WORD,  /* "null" */
	DD_NUMBER_NO_COUNTRY, /* it may be one of some country, and which is not known */
	DD_NUMBER_LENGTH,     /* only digits, too few or too many */
	DD_NUMBER_OTHER,      /* something else stands there */
};

/* The same of a list's field, which a spreadsheet may have had in its hands: a number with ".0"
   behind it, or in the form 9.19876543210E+11 with every digit there, is that number. 0: it is
   none, and `why` (of `size` bytes, ended by NUL) is a clause that says what stands there. */
uint64_t dd_number_of_field(
        struct dd_str text, const struct dd_numbering *home, char *why, size_t size);
/* The same, which also tells what was repaired, or the kind of fault. */
struct dd_number_reading {
	uint64_t number;
	unsigned repairs;
	enum dd_number_fault fault;
} dd_number_read(struct dd_str text, const struct dd_numbering *home, char *why, size_t size);

/* A clause for a fault, where the field itself is no longer at hand. */
const char *dd_number_fault_text(enum dd_number_fault fault);

/* Whether a text is what programs write where they have nothing: null, NaN, #N/A, none, - and
 * their like. */
bool dd_is_null_word(struct dd_str text);

#endif
