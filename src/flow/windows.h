/* The windows of a flow's `hours`: when they are open. */
#ifndef DD_FLOW_WINDOWS_H
#define DD_FLOW_WINDOWS_H

#include "flow/program.h"

/* Whether the hours of a step are open at an instant. */
bool dd_window_open(const struct dd_program *program, uint32_t step, int64_t unix_ms);
/* Steps with the same hours have the same number: 0 to 31; past those, all are told as one. */
uint32_t dd_window_of(const struct dd_program *program, uint32_t step);
/* An instant, from `unix_ms` on within two years, at which each window of the program that is
   `known` is as `open` says (a bit a window). False: there is none. */
bool dd_window_moment(const struct dd_program *program, uint32_t known, uint32_t open,
        int64_t unix_ms, int64_t *moment);

#endif
