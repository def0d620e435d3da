/* Regular expressions that a call may ask for: they take their memory from a fixed pool, and give
   up past a number of steps, so that no value makes a call slow. */
#ifndef DD_FLOW_PATTERN_H
#define DD_FLOW_PATTERN_H

#include <drydial/base.h>

struct dd_pattern;

/* Of "/…/" or "/…/i" (without regard to case), as PCRE2 reads it. NULL after setting `err`, and
   `*at` to the offset in `text`. */
struct dd_pattern *dd_pattern_new(struct dd_str text, struct dd_error *err, size_t *at);
void dd_pattern_free(struct dd_pattern *pattern); /* NULL is fine */
/* Whether a text has the form of one. */
bool dd_is_pattern(struct dd_str text);
/* 1: found; 0: not found; -1: given up. Threads may share a pattern. */
int dd_pattern_find(const struct dd_pattern *pattern, struct dd_str text);

#endif
