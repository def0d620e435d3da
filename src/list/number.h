/* Telephone numbers as lists have them. */
#ifndef DD_LIST_NUMBER_H
#define DD_LIST_NUMBER_H

#include <drydial/base.h>

/* A telephone number as its digits with the country's: +CC and the rest, 00 CC and the rest, ten
   digits of India, with a 0 or 91 before them or without. Spaces, hyphens, dots and round brackets
   between them do not count. 0: it cannot be one (E.164: 8 to 15 digits; 10 behind 91 and 1). */
uint64_t dd_number_parse(struct dd_str text);

/* The same of a list's field, which a spreadsheet may have had in its hands: a number with ".0"
   behind it, or in the form 9.19876543210E+11 with every digit there, is that number. 0: it is
   none, and `why` (of `size` bytes, ended by NUL) is a clause that says what stands there. */
uint64_t dd_number_of_field(struct dd_str text, char *why, size_t size);

#endif
