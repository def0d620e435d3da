/* People in flat arrays, and sets of their numbers. */
#include "campaign/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"

struct dd_people *dd_people_new(void)
{
	struct dd_people *people = dd_alloc(sizeof *people);
	*people = (struct dd_people){.nzones = 1, .arena = dd_arena_new()};
	return people;
}

void dd_people_free(struct dd_people *people)
{
	if (!people)
		return;
	for (size_t i = 1; i < people->nzones; i++)
		dd_zone_free((struct dd_zone *)people->zones[i]);
	free(people->list);
	free(people->due);
	dd_arena_free(people->arena);
	free(people);
}

void dd_people_add(struct dd_people *people, struct dd_person person)
{
	DD_PUSH(people->list, people->n, people->cap) = person;
}

void dd_people_trim(struct dd_people *people)
{
	if (people->n == people->cap)
		return;
	people->cap = people->n;
	people->list =
	        dd_realloc(people->list, people->cap ? people->cap : 1, sizeof *people->list);
}

/* Each number once: a step that has no factor in common with the numbers there are meets all of
 * them before it comes round. */
void dd_people_make_up(struct dd_people *people, uint32_t n)
{
	const uint64_t first = UINT64_C(919000000000), room = 1000000000, step = 618033989;
	people->cap = people->n + n;
	people->list =
	        dd_realloc(people->list, people->cap ? people->cap : 1, sizeof *people->list);
	for (uint64_t i = 0; i < n; i++)
		people->list[people->n++] =
		        (struct dd_person){.number = first + (i + 1) * step % room,
		                .flags = DD_PERSON_CONSENT | DD_PERSON_MADE_UP};
}
