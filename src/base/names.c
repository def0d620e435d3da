/* A hash table with open addressing: a name stands at the place that its hash says, or at the next
   free one behind it. At most three of four places are taken, so a look-up compares two or three
   names. The hash is FNV-1a: names come from the user's own files. */
#include "base/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"

static size_t place_of_name(const struct dd_names *names, struct dd_str text)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325);
	for (size_t i = 0; i < text.n; i++)
		hash = (hash ^ (unsigned char)text.p[i]) * UINT64_C(0x100000001B3);
	size_t at = (size_t)(hash ^ hash >> 32) & (names->cap - 1);
	while (names->table[at].text.p && !dd_str_same(names->table[at].text, text))
		at = (at + 1) & (names->cap - 1);
	return at;
}

static void grow_names(struct dd_names *names)
{
	struct dd_names larger = {.n = names->n, .cap = names->cap ? names->cap * 2 : 64};
	larger.table = dd_alloc(larger.cap * sizeof *larger.table);
	for (size_t i = 0; i < names->cap; i++)
		if (names->table[i].text.p)
			larger.table[place_of_name(&larger, names->table[i].text)] =
			        names->table[i];
	dd_free(names->table);
	*names = larger;
}

void dd_names_add(struct dd_names *names, struct dd_str text, uint32_t value)
{
	if (names->n >= names->cap / 4 * 3)
		grow_names(names);
	size_t at = place_of_name(names, text);
	names->n += !names->table[at].text.p;
	names->table[at] = (struct dd_name){text, value};
}

uint32_t dd_names_find(const struct dd_names *names, struct dd_str text)
{
	if (names->n == 0)
		return DD_NAME_NONE;
	const struct dd_name *name = &names->table[place_of_name(names, text)];
	return name->text.p ? name->value : DD_NAME_NONE;
}

void dd_names_fini(struct dd_names *names)
{
	dd_free(names->table);
	*names = (struct dd_names){0};
}
