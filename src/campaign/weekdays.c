/* What laws, campaigns and audiences have in common beyond the readers of documents. */
#include "campaign/weekdays.h"

#include "doc/days.h"

uint8_t load_days_of(struct dd_str text)
{
	return dd_weekdays_of(text);
}

uint8_t load_days(struct dd_reader *r, const struct dd_node *node)
{
	return dd_read_days(r, node);
}
