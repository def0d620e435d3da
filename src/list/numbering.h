/* How the countries write telephone numbers (their numbering plans), and which clocks hang where a
   number is at home. The facts are numbering.def's, which names their source and date. Which ranges
   of a plan are given out is not looked at: plans change each month, and a customer whose range is
   newer than a table would be left out without need. */
#ifndef DD_LIST_NUMBERING_H
#define DD_LIST_NUMBERING_H

#include <drydial/base.h>

struct dd_numbering {
	const char *country;       /* ISO 3166: "IN"; empty: of no country, such as satellites */
	unsigned calling;          /* 91: the calling code, behind + */
	const char *trunk;         /* 0: before a number within the country; may be empty */
	const char *international; /* 00: before the calling code of another country */
	unsigned lengths;          /* of a number behind the calling code: bit N is N digits */
};

/* The plan of a country (two letters, in any case); NULL: there is none. */
const struct dd_numbering *dd_numbering_of_country(struct dd_str country);
/* The plan that a number with its calling code belongs to: of those who share a code the first, so
 * that +1 is "US". NULL: no country has such a calling code. */
const struct dd_numbering *dd_numbering_of_number(uint64_t number);
/* Whether a number may have so many digits behind the calling code. */
bool dd_numbering_fits(const struct dd_numbering *plan, size_t digits);

/* The time zones in which a number may be: the westernmost and the easternmost, the same twice
   where the number tells. An area code that lies in two zones, or a mobile of a wide country, tells
   only between which. False: nothing is known of it. The names are static. */
bool dd_numbering_zones(uint64_t number, const char **west, const char **east);

#endif
