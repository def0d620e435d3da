/* Open addressing: a number stands in the first free slot from where its mixed bits point. */
#include "base/number_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static size_t slot_of(const struct dd_number_set *set, uint64_t number)
{
	uint64_t mixed = number * UINT64_C(0x9E3779B97F4A7C15);
	size_t at = (size_t)(mixed ^ mixed >> 32) & (set->cap - 1);
	while (set->slots[at] && set->slots[at] != number)
		at = (at + 1) & (set->cap - 1);
	return at;
}

bool dd_number_set_has(const struct dd_number_set *set, uint64_t number)
{
	return number && set->n && set->slots[slot_of(set, number)] == number;
}

static void set_grow(struct dd_number_set *set)
{
	struct dd_number_set larger = {.cap = set->cap ? set->cap * 2 : 1024, .n = set->n};
	larger.slots = dd_alloc(larger.cap * sizeof *larger.slots);
	memset(larger.slots, 0, larger.cap * sizeof *larger.slots);
	for (size_t i = 0; i < set->cap; i++)
		if (set->slots[i])
			larger.slots[slot_of(&larger, set->slots[i])] = set->slots[i];
	dd_free(set->slots);
	*set = larger;
}

bool dd_number_set_add(struct dd_number_set *set, uint64_t number)
{
	if (set->n >= set->cap / 4 * 3)
		set_grow(set);
	size_t at = slot_of(set, number);
	bool fresh = set->slots[at] == 0;
	set->slots[at] = number;
	set->n += fresh;
	return fresh;
}

void dd_number_set_fini(struct dd_number_set *set)
{
	dd_free(set->slots);
	*set = (struct dd_number_set){0};
}
