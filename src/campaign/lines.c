/* What each number has had. */
#include "campaign/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

/* -- lines ------------------------------------------------------------------ */

/* Numbers that may stand twice share a line: found by an open table of 1 + index. */
struct table {
	uint32_t *slots;
	uint64_t *numbers;
	uint64_t mask;
};

static uint32_t line_for(struct table *t, uint64_t number, uint32_t *n)
{
	uint64_t at = number * UINT64_C(0x9E3779B97F4A7C15) >> 20 & t->mask;
	while (t->slots[at] && t->numbers[t->slots[at] - 1] != number)
		at = (at + 1) & t->mask;
	if (!t->slots[at]) {
		t->numbers[*n] = number;
		t->slots[at] = ++*n;
	}
	return t->slots[at] - 1;
}

static bool has_twins(const struct dd_campaign *const *campaigns, size_t n)
{
	return n > 1 || campaigns[0]->people->twins;
}

struct dd_lines *dd_lines_new(
        const struct dd_campaign *const *campaigns, size_t n, uint32_t **line_of)
{
	struct dd_lines *l = dd_alloc(sizeof *l);
	uint64_t all = 0, size = 64;
	for (size_t i = 0; i < n; i++)
		all += campaigns[i]->people->n;
	if (!has_twins(campaigns, n)) {
		l->n = campaigns[0]->people->n;
	} else {
		while (size < all * 2)
			size *= 2;
		struct table t = {dd_alloc(size * sizeof *t.slots),
		        dd_alloc((all + 1) * sizeof *t.numbers), size - 1};
		for (size_t i = 0; i < n; i++) {
			const struct dd_people *people = campaigns[i]->people;
			line_of[i] = dd_alloc(((size_t)people->n + 1) * sizeof *line_of[i]);
			for (uint32_t k = 0; k < people->n; k++)
				line_of[i][k] = line_for(&t, people->list[k].number, &l->n);
		}
		free(t.slots);
		free(t.numbers);
	}
	l->list = dd_alloc(((size_t)l->n + 1) * sizeof *l->list);
	return l;
}

void dd_lines_free(struct dd_lines *l)
{
	free(l->list);
	free(l);
}

void dd_lines_called(struct dd_lines *l, uint32_t line, int64_t day)
{
	struct dd_number_past *x = &l->list[line];
	int64_t ahead = day - x->day;
	if (ahead > 0) {
		for (int i = 6; i >= 0; i--)
			x->by_day[i] = i >= ahead ? x->by_day[i - ahead] : 0;
		x->day = (int32_t)day;
		ahead = 0;
	}
	if (-ahead < 7 && x->by_day[-ahead] < UINT8_MAX)
		x->by_day[-ahead]++;
}

void dd_lines_count(const struct dd_lines *l, uint32_t line, int64_t day, int *today, int *week)
{
	const struct dd_number_past *x = &l->list[line];
	*today = *week = 0;
	for (int i = 0; i < 7; i++) {
		int64_t when = x->day - i;
		*today += when == day ? x->by_day[i] : 0;
		*week += when <= day && when > day - 7 ? x->by_day[i] : 0;
	}
}

void dd_lines_opt_out(struct dd_lines *l, uint32_t line)
{
	l->list[line].opted_out = 1;
}

bool dd_lines_opted_out(const struct dd_lines *l, uint32_t line)
{
	return l->list[line].opted_out;
}
