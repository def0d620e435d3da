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

/* The digits of a text that may have a + before them; 0 when there is anything else, or too many.
 */
static size_t digits_of(struct dd_str text, char out[17], bool *plus)
{
	size_t n = 0;
	*plus = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c >= '0' && c <= '9') {
			if (n == 17)
				return 0;
			out[n++] = c;
		} else if (c == '+' && n == 0 && !*plus) {
			*plus = true;
		} else if (c != ' ' && c != '-' && c != '.' && c != '(' && c != ')') {
			return 0;
		}
	}
	return n;
}

static uint64_t value_of(const char *digits, size_t n, uint64_t value)
{
	for (size_t i = 0; i < n; i++)
		value = value * 10 + (uint64_t)(digits[i] - '0');
	return value;
}

/* With the country's digits. How long a number is behind them is known for the countries that
 * drydial has laws for. */
static uint64_t international(const char *digits, size_t n)
{
	bool fits = n >= 8 && n <= 15 && digits[0] != '0';
	if (fits && digits[0] == '9' && digits[1] == '1')
		fits = n == 12;
	else if (fits && digits[0] == '1')
		fits = n == 11;
	return fits ? value_of(digits, n, 0) : 0;
}

uint64_t dd_number_parse(struct dd_str text)
{
	char digits[17];
	bool plus;
	size_t n = digits_of(dd_str_trim(text), digits, &plus);
	if (plus || (n == 12 && digits[0] == '9' && digits[1] == '1'))
		return international(digits, n);
	if (n > 2 && digits[0] == '0' && digits[1] == '0')
		return international(digits + 2, n - 2);
	if (n == 10 && digits[0] != '0')
		return value_of(digits, n, 91);
	if (n == 11 && digits[0] == '0')
		return value_of(digits + 1, n - 1, 91);
	return 0;
}
