/* Branch: goes by the first case that a value meets, in no time. */
#include <string.h>

#include "call/cases.h"
#include "call/state.h"

static bool holds(struct dd_str text, struct dd_str part)
{
	for (size_t i = 0; i + part.n <= text.n; i++)
		if (part.n == 0 || memcmp(text.p + i, part.p, part.n) == 0)
			return true;
	return false;
}

static bool is_one_of(struct dd_turn *t, const struct dd_case *k, struct dd_str value)
{
	char room[DD_TEXT_BYTES_MAX + 1];
	for (uint32_t i = 0; i < k->ntexts; i++) {
		struct dd_str text =
		        dd_str_trim(fill_now(t, t->program->texts[k->first_text + i], room));
		if (k->test == DD_TEST_IS ? dd_str_same(text, value) : holds(value, text))
			return true;
	}
	return false;
}

/* A value that is no number meets no test of numbers. */
static bool in_bounds(const struct dd_case *k, struct dd_str value)
{
	struct dd_decimal d;
	if (!dd_decimal_parse(value, &d))
		return false;
	int low = k->has_low ? dd_decimal_compare(&d, &k->low) : 1,
	    high = k->has_high ? dd_decimal_compare(&d, &k->high) : -1;
	switch (k->test) {
	case DD_TEST_BELOW: return high < 0;
	case DD_TEST_ABOVE: return low > 0;
	default: return low >= (k->open_low ? 1 : 0) && high <= (k->open_high ? -1 : 0);
	}
}

static bool meets(struct dd_turn *t, const struct dd_case *k, struct dd_str value)
{
	int found;
	switch (k->test) {
	case DD_TEST_IS:
	case DD_TEST_CONTAINS: return is_one_of(t, k, value);
	case DD_TEST_MATCHES:
		found = dd_pattern_find(k->pattern, value);
		if (found < 0 && t->fx->n < DD_EFFECTS_MAX - 4)
			emit(t, DD_FX_ERROR)->key_index = DD_ERROR_PATTERN;
		return found == 1;
	case DD_TEST_EMPTY: return (value.n == 0) == k->empty;
	default: return in_bounds(k, value);
	}
}

/* Without a call: texts with placeholders are met by nothing. */
static bool is_fixed_text(const struct dd_program *p, const struct dd_case *k, struct dd_str value)
{
	for (uint32_t i = 0; i < k->ntexts; i++) {
		const struct dd_template *t = &p->templates[p->texts[k->first_text + i]];
		struct dd_str text =
		        t->n ? dd_str_trim(p->parts[t->first].text) : (struct dd_str){"", 0};
		if (t->fixed &&
		        (k->test == DD_TEST_IS ? dd_str_same(text, value) : holds(value, text)))
			return true;
	}
	return false;
}

uint32_t dd_case_of(const struct dd_program *p, uint32_t step, struct dd_str value)
{
	const struct dd_branch *b = &p->steps[step].branch;
	value = dd_str_trim(value);
	for (uint32_t i = 0; i < b->ncases; i++) {
		const struct dd_case *k = &p->cases[b->first_case + i];
		bool met = k->test == DD_TEST_IS || k->test == DD_TEST_CONTAINS
		        ? is_fixed_text(p, k, value)
		        : k->test == DD_TEST_MATCHES ? dd_pattern_find(k->pattern, value) == 1
		        : k->test == DD_TEST_EMPTY   ? (value.n == 0) == k->empty
		                                     : in_bounds(k, value);
		if (met)
			return i;
	}
	return DD_NONE;
}

static void begin(struct dd_turn *t)
{
	const struct dd_branch *b = &t->step->branch;
	char room[DD_TEXT_BYTES_MAX + 1];
	struct dd_str value = dd_str_trim(fill_now(t, b->on, room));
	uint32_t index = 0;
	while (index < b->ncases && !meets(t, &t->program->cases[b->first_case + index], value))
		index++;
	bool found = index < b->ncases;
	emit(t, DD_FX_BRANCH)->key_index = found ? index : DD_NONE;
	pause_turn(t, found ? t->program->cases[b->first_case + index].target : b->otherwise);
}

const struct dd_applet_methods branch_methods = {begin, NULL, NULL, NULL, NULL, NULL};
