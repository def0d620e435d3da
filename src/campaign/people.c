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
		dd_zone_free((struct dd_zone *)people->zones[i]),
		        dd_zone_free((struct dd_zone *)people->east[i]);
	free(people->list);
	free(people->due);
	dd_list_faults_fini(&people->faults);
	dd_arena_free(people->arena);
	free(people);
}

void dd_people_add(struct dd_people *people, struct dd_person person)
{
	DD_PUSH(people->list, people->n, people->cap) = person;
}

static bool is_zone(const struct dd_zone *zone, const char *name)
{
	return zone ? name && strcmp(dd_zone_name(zone), name) == 0 : !name;
}

enum dd_status dd_people_zone(struct dd_people *people, const char *west, const char *east,
        uint16_t *index, struct dd_error *err)
{
	struct dd_zone *one = NULL, *other = NULL;
	for (size_t i = 1; i < people->nzones; i++) {
		if (is_zone(people->zones[i], west) && is_zone(people->east[i], east)) {
			*index = (uint16_t)i;
			return DD_OK;
		}
	}
	if (people->nzones == DD_PEOPLE_ZONES)
		return dd_fail(err, DD_ERR_LIMIT,
		        "a campaign's contacts may live in at most %d time zones",
		        DD_PEOPLE_ZONES - 1);
	enum dd_status status = dd_zone_open(west, &one, err);
	if (status == DD_OK && east)
		status = dd_zone_open(east, &other, err);
	if (status != DD_OK) {
		dd_zone_free(one);
		return status;
	}
	people->zones[people->nzones] = one;
	people->east[people->nzones] = other;
	*index = (uint16_t)people->nzones++;
	return DD_OK;
}

enum dd_status dd_people_zone_of_number(
        struct dd_people *people, uint64_t number, uint16_t *index, struct dd_error *err)
{
	const char *west, *east;
	*index = 0;
	if (!number || !dd_numbering_zones(number, &west, &east))
		return DD_OK;
	return dd_people_zone(people, west, east == west ? NULL : east, index, err);
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
