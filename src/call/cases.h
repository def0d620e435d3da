/* Which case of a branch a value meets. */
#ifndef DD_CALL_CASES_H
#define DD_CALL_CASES_H

#include "flow/program.h"

/* The index of the first case of branch `step` that a value meets; DD_NONE: it goes by otherwise.
 * Texts of cases that hold placeholders count as not met. */
uint32_t dd_case_of(const struct dd_program *program, uint32_t step, struct dd_str value);

#endif
