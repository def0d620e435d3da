/* Set: values get their names, one after the other, in no time. */
#include <string.h>

#include "call/fill.h"
#include "call/state.h"

static void add(struct dd_turn *t, const struct dd_assignment *a)
{
	char room[24], sum[32];
	struct dd_str was = dd_call_value(t->call, a->slot, t->call->now, room);
	if (dd_decimal_add(was.p ? was : (struct dd_str){"", 0}, a->add, sum)) {
		set_value(t->call, a->slot, dd_str(sum));
	} else {
		clear_value(t->call, a->slot);
		if (t->fx->n < DD_EFFECTS_MAX - 4)
			emit(t, DD_FX_ERROR)->key_index = DD_ERROR_NUMBER;
	}
}

static void begin(struct dd_turn *t)
{
	const struct dd_set *set = &t->step->set;
	char room[DD_TEXT_BYTES_MAX + 1];
	for (uint32_t i = 0; i < set->n; i++) {
		const struct dd_assignment *a = &t->program->assignments[set->first + i];
		if (a->text == DD_NONE)
			add(t, a);
		else
			set_value(t->call, a->slot, fill_now(t, a->text, room));
	}
	emit(t, DD_FX_SET);
	pause_turn(t, t->step->next);
}

const struct dd_applet_methods set_methods = {begin, NULL, NULL, NULL, NULL, NULL};
