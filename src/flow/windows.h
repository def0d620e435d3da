/* The windows of a flow's `hours`: when they are open. */
#ifndef DD_FLOW_WINDOWS_H
#define DD_FLOW_WINDOWS_H

#include "flow/program.h"

/* Whether the hours of a step are open at an instant. */
bool dd_window_open(const struct dd_program *program, uint32_t step, int64_t unix_ms);
/* Steps with the same hours have the same number: 0 to 31; past those, all are told as one. */
uint32_t dd_window_of(const struct dd_program *program, uint32_t step);
/* An instant, from `unix_ms` on within two years or on a later holiday, at which each window of the
   program that is `known` is as `open` says (a bit a window). False: there is none. */
bool dd_window_moment(const struct dd_program *program, uint32_t known, uint32_t open,
        int64_t unix_ms, int64_t *moment);

/* All that can be open at one time, from `unix_ms` on as above: a bit a window. Office hours and a
   Sunday's never are, so that a walk need not look at calls in both. `list` from malloc. */
struct dd_window_masks {
	uint32_t *list;
	size_t n, cap;
	uint32_t unknown; /* the bit of windows that are told as one */
};
struct dd_window_masks dd_window_masks_of(const struct dd_program *program, int64_t unix_ms);
/* Whether the `known` windows can be as `open` says. */
bool dd_window_masks_have(const struct dd_window_masks *masks, uint32_t known, uint32_t open);

#endif
