/* Registers: files of numbers that must not be called, or of people who agreed. */
#ifndef DD_LIST_REGISTER_H
#define DD_LIST_REGISTER_H

#include "base/number_set.h"
#include "base/text.h"
#include "list/numbering.h"

/* What was found in one. */
struct dd_register {
	uint64_t faults;       /* lines that could not be read */
	uint64_t line;         /* the first of them */
	char why[200];         /* a clause about it */
	uint64_t without_code; /* numbers that said no country, and were taken for `home`'s */
};

/* Adds the numbers of a register to `set`. A line is a number, or an area code and a number in two
   columns; the first line may name the columns (phone_number), and what stands behind a # is a
   remark. `home`: the country whose numbers need no calling code; NULL: none is known. False when a
   line could not be read: a register that is not read whole must never mean that somebody may be
   called. */
bool dd_register_read(int fd, const struct dd_numbering *home, struct dd_number_set *set,
        struct dd_register *out);

#endif
