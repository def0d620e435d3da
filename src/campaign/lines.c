/* What each number has had. */
#include "campaign/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

enum { WEEK = 7 };

void dd_lines_reserve(struct dd_lines *l, uint32_t n)
{
	l->list = dd_alloc(((size_t)n + 1) * sizeof *l->list);
	l->n = l->cap = n;
}

static uint64_t slot_of_number(const struct dd_lines *l, uint64_t number)
{
	uint64_t mask = l->nslots - 1, at = number * UINT64_C(0x9E3779B97F4A7C15) >> 20 & mask;
	while (l->slots[at] && l->numbers[l->slots[at] - 1] != number)
		at = (at + 1) & mask;
	return at;
}

static void grow_table(struct dd_lines *l)
{
	free(l->slots);
	l->nslots = l->nslots ? l->nslots * 2 : 1024;
	l->slots = dd_alloc(l->nslots * sizeof *l->slots);
	for (uint32_t i = 0; i < l->n; i++)
		l->slots[slot_of_number(l, l->numbers[i])] = i + 1;
}

uint32_t dd_lines_of(struct dd_lines *l, uint64_t number)
{
	if ((uint64_t)l->n * 2 >= l->nslots)
		grow_table(l);
	uint64_t at = slot_of_number(l, number);
	if (l->slots[at])
		return l->slots[at] - 1;
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 256;
		l->list = dd_realloc(l->list, l->cap, sizeof *l->list);
		l->numbers = dd_realloc(l->numbers, l->cap, sizeof *l->numbers);
		l->last = dd_realloc(l->last, l->cap, sizeof *l->last);
	}
	l->list[l->n] = (struct dd_number_past){0};
	l->numbers[l->n] = number;
	l->last[l->n] = (struct dd_last_call){0};
	l->slots[at] = ++l->n;
	return l->n - 1;
}

uint32_t dd_lines_find(const struct dd_lines *l, uint64_t number)
{
	uint64_t at = l->nslots ? slot_of_number(l, number) : 0;
	return l->nslots && l->slots[at] ? l->slots[at] - 1 : DD_NO_LINE;
}

void dd_lines_fini(struct dd_lines *l)
{
	free(l->list);
	free(l->numbers);
	free(l->slots);
	free(l->last);
	*l = (struct dd_lines){0};
}

void dd_lines_called(struct dd_lines *l, uint32_t line, int64_t day)
{
	struct dd_number_past *x = &l->list[line];
	int64_t ahead = day - x->day;
	if (ahead > 0) {
		size_t gone = ahead < WEEK ? (size_t)ahead : WEEK;
		memmove(x->by_day + gone, x->by_day, WEEK - gone);
		memset(x->by_day, 0, gone);
		x->day = (int32_t)day;
		ahead = 0;
	}
	if (-ahead < WEEK && x->by_day[-ahead] < UINT8_MAX)
		x->by_day[-ahead]++;
}

void dd_lines_rang(struct dd_lines *l, uint32_t line, int64_t at, uint64_t owner)
{
	struct dd_last_call *last = l->last ? &l->last[line] : NULL;
	/* of two at once one, whichever is told first */
	if (last && (at > last->at || (at == last->at && owner > last->owner)))
		*last = (struct dd_last_call){at, owner};
}

int64_t dd_lines_rested(const struct dd_lines *l, uint32_t line, int64_t gap, uint64_t owner)
{
	if (!l->last || !gap || !l->last[line].at || l->last[line].owner == owner)
		return 0;
	return l->last[line].at + gap;
}

void dd_lines_count(const struct dd_lines *l, uint32_t line, int64_t day, int *today, int *week)
{
	const struct dd_number_past *x = &l->list[line];
	int64_t back = x->day - day; /* by_day[back] is of `day` */
	*today = back >= 0 && back < WEEK ? x->by_day[back] : 0;
	if (!week)
		return;
	*week = 0;
	for (int64_t i = back > 0 ? back : 0; i < WEEK && i < back + WEEK; i++)
		*week += x->by_day[i];
}

int64_t dd_lines_free_day(
        const struct dd_lines *l, uint32_t line, int64_t day, int per_day, int per_week)
{
	int today, week;
	for (int64_t then = day + 1; then < day + WEEK; then++) {
		dd_lines_count(l, line, then, &today, &week);
		if ((!per_day || today < per_day) && (!per_week || week < per_week))
			return then;
	}
	return day + WEEK;
}

void dd_lines_opt_out(struct dd_lines *l, uint32_t line)
{
	l->list[line].opted_out = 1;
}

bool dd_lines_opted_out(const struct dd_lines *l, uint32_t line)
{
	return l->list[line].opted_out;
}
