/* Values that make branches go each way that some value can take. */
#ifndef DD_EXPLORE_WITNESS_H
#define DD_EXPLORE_WITNESS_H

#include <drydial/call.h>

#include "flow/program.h"

enum { DD_VARIANTS_MAX = 64 };

struct dd_witnesses {
	struct dd_str *list;
	uint32_t n;
	bool all; /* none was left out */
};
/* Values for `slot`, one for each way that the branches which ask for it alone can go together. */
struct dd_witnesses dd_witnesses_of(
        const struct dd_program *program, struct dd_arena *arena, uint32_t slot);
/* Bodies of replies to passthru `step`, one for each combination of such values; the first is none
 * of them: the flow's own. */
struct dd_witnesses dd_reply_bodies(
        const struct dd_program *program, struct dd_arena *arena, uint32_t step);
/* Numbers that can be typed into menu `step`, one for each way. */
struct dd_witnesses dd_typed_numbers(
        const struct dd_program *program, struct dd_arena *arena, uint32_t step);
/* Setups that differ from `setup` in one variable that a branch asks for alone, by a value that
   makes it go another way; from malloc, `*n` of them. */
struct dd_setup *dd_other_setups(const struct dd_program *program, struct dd_arena *arena,
        const struct dd_setup *setup, size_t *n);
/* The bounds that matter of a value that is counted (visits, `add`): the smallest and the largest
   number that it is compared with; false where it is compared with none. */
bool dd_counted_bounds(const struct dd_program *program, uint32_t slot, long *low, long *high);

#endif
