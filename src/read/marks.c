/* Marks found by what they begin with. */
#include <pthread.h>

#include "read/reading.h"

enum { LANGUAGES = 3 };
static const struct read_words *const LIST[LANGUAGES] = {&READ_ENGLISH, &READ_HINDI, &READ_TAMIL};
static struct read_index indexes[LANGUAGES];
static pthread_once_t once = PTHREAD_ONCE_INIT;

/* The letters of one script differ in their low bits. */
static unsigned place_of(uint32_t c)
{
	return c < 0x80 ? c : 0x80 | (c & 0x7F);
}

static void add(struct read_index *index, enum read_table table, unsigned entry, const char *marks)
{
	struct dd_str all = dd_str(marks);
	for (size_t at = 0; at < all.n; at++) {
		size_t end = at;
		if (all.p[at] != ' ' && (at == 0 || all.p[at - 1] == ' '))
			index->entries[table][place_of(dd_utf8_next(all, &end))] |= UINT64_C(1)
			        << entry;
	}
}

static void make(void)
{
	for (int l = 0; l < LANGUAGES; l++) {
		const struct read_words *w = LIST[l];
		struct read_index *x = &indexes[l];
		for (unsigned i = 0; w->currencies[i].marks; i++) {
			add(x, READ_CURRENCIES, i, w->currencies[i].marks);
			add(x, READ_CURRENCY_NAMES, i, w->currencies[i].names);
		}
		for (unsigned i = 0; w->scales[i].marks; i++)
			add(x, READ_SCALES, i, w->scales[i].marks);
		for (unsigned i = 0; w->units[i].marks; i++)
			add(x, READ_UNITS, i, w->units[i].marks);
		for (unsigned i = 0; i < 12; i++)
			add(x, READ_MONTHS, i, w->month_marks[i]);
	}
}

const struct read_index *read_index_of(const struct read_words *words)
{
	(void)pthread_once(&once, make);
	for (int l = 0; l < LANGUAGES; l++)
		if (LIST[l] == words)
			return &indexes[l];
	return NULL;
}

bool read_next_entry(const struct reading *r, enum read_table table, size_t at, unsigned *entry)
{
	if (at >= r->text.n || *entry >= READ_ENTRIES)
		return false;
	uint64_t left = r->index->entries[table][place_of(read_peek(r, at, NULL))] >> *entry;
	if (!left)
		return false;
	*entry += (unsigned)__builtin_ctzll(left) + 1;
	return true;
}
