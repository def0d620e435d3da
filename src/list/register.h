/* Registers: files of numbers that must not be called, or of people who agreed. */
#ifndef DD_LIST_REGISTER_H
#define DD_LIST_REGISTER_H

#include "base/number_set.h"
#include "base/text.h"

/* A line that could not be read. */
struct dd_register_fault {
	uint64_t line;
	char why[200]; /* a clause */
};

/* Adds the numbers of a register to `set`. A line is a number, or an area code and a number in two
   columns; the first line may name the columns (phone_number), and what stands behind a # is a
   remark. False, with the first line that could not be read and how many there are: a register that
   is not read whole must never mean that somebody may be called. */
bool dd_register_read(
        int fd, struct dd_number_set *set, struct dd_register_fault *first, uint64_t *faults);

#endif
