/* Days of the week. */
#include "doc/days.h"

#include <string.h>
#include <strings.h>

static const char *const DAYS[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

static int day_named(const char *p, size_t n)
{
	for (int i = 0; i < 7; i++)
		if (n == 3 && strncasecmp(p, DAYS[i], 3) == 0)
			return i;
	return -1;
}

uint8_t dd_weekdays_of(struct dd_str text)
{
	uint8_t set = 0;
	if (dd_str_is(text, "all"))
		return 0x7F;
	int first = day_named(text.p, text.n < 3 ? 0 : 3), last = first;
	if (text.n == 7 && text.p[3] == '-')
		last = day_named(text.p + 4, 3);
	else if (text.n != 3)
		last = -1;
	if (first < 0 || last < 0)
		return 0;
	for (int i = first;; i = (i + 1) % 7) {
		set |= (uint8_t)(1u << i);
		if (i == last)
			return set;
	}
}

uint8_t dd_read_days(struct dd_reader *r, const struct dd_node *node)
{
	uint8_t set = 0;
	struct dd_node *const *items;
	uint32_t n = dd_node_items(node, &items);
	for (uint32_t i = 0; i < n; i++) {
		const struct dd_node *item = items[i];
		struct dd_str text;
		if (!dd_read_text(r, item, "days", &text))
			continue;
		uint8_t days = dd_weekdays_of(text);
		if (!days)
			dd_read_fault(r, "bad-days", item->span, "\"%.*s\" names no days",
			        (int)text.n, text.p)
			        ->hint = "such as mon, mon-fri or all";
		set |= days;
	}
	return set;
}
