/* Look-ups in the table of numbering plans. */
#include "list/numbering.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static const struct dd_numbering PLANS[] = {
#define DD_NUMBERING_PLAN(country, calling, trunk, international, lengths) \
	{country, calling, trunk, international, lengths},
#include "list/numbering.def"
#undef DD_NUMBERING_PLAN
};

static const char *const ZONES[] = {
#define DD_NUMBERING_ZONE(name) name,
#include "list/numbering.def"
#undef DD_NUMBERING_ZONE
};

/* In rising order of the digits. */
static const struct prefix {
	uint32_t digits;
	uint16_t west, east;
} PREFIXES[] = {
#define DD_NUMBERING_PREFIX(digits, west, east) {digits, west, east},
#include "list/numbering.def"
#undef DD_NUMBERING_PREFIX
};

enum {
	PLAN_COUNT = sizeof PLANS / sizeof *PLANS,
	PREFIX_COUNT = sizeof PREFIXES / sizeof *PREFIXES
};

const struct dd_numbering *dd_numbering_of_country(struct dd_str country)
{
	for (size_t i = 0; country.n == 2 && i < PLAN_COUNT; i++)
		if (PLANS[i].country[0] && strncasecmp(PLANS[i].country, country.p, 2) == 0)
			return &PLANS[i];
	return NULL;
}

static int by_calling(const void *key, const void *item)
{
	unsigned code = *(const unsigned *)key,
	         other = ((const struct dd_numbering *)item)->calling;
	return code < other ? -1 : code > other;
}

/* Calling codes are such that none begins another. */
const struct dd_numbering *dd_numbering_of_number(uint64_t number)
{
	uint64_t digits = number;
	while (digits >= 1000)
		digits /= 10;
	for (; digits; digits /= 10) {
		unsigned code = (unsigned)digits;
		const struct dd_numbering *plan =
		        bsearch(&code, PLANS, PLAN_COUNT, sizeof *PLANS, by_calling);
		while (plan && plan > PLANS && plan[-1].calling == code)
			plan--;
		if (plan)
			return plan;
	}
	return NULL;
}

bool dd_numbering_fits(const struct dd_numbering *plan, size_t digits)
{
	return digits < 16 && plan->lengths >> digits & 1;
}

static int by_digits(const void *key, const void *item)
{
	uint32_t digits = *(const uint32_t *)key, other = ((const struct prefix *)item)->digits;
	return digits < other ? -1 : digits > other;
}

bool dd_numbering_zones(uint64_t number, const char **west, const char **east)
{
	uint64_t digits = number;
	while (digits >= 100000000) /* the longest prefix has eight digits */
		digits /= 10;
	for (; digits; digits /= 10) {
		uint32_t key = (uint32_t)digits;
		const struct prefix *found =
		        bsearch(&key, PREFIXES, PREFIX_COUNT, sizeof *PREFIXES, by_digits);
		if (found) {
			*west = ZONES[found->west];
			*east = ZONES[found->east];
			return true;
		}
	}
	return false;
}
