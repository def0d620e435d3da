/* A register fails closed: every line is a number, a remark, or a fault. */
#include "list/register.h"

#include <stdio.h>
#include <string.h>

#include "list/list.h"
#include "list/number.h"

static struct dd_str without_remark(struct dd_str text)
{
	const char *hash = text.n ? memchr(text.p, '#', text.n) : NULL;
	return dd_str_trim(hash ? (struct dd_str){text.p, (size_t)(hash - text.p)} : text);
}

static bool is_number_like(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n > 0;
}

/* "212" and "5550123" are one number in two columns. */
static uint64_t joined(struct dd_str area, struct dd_str rest)
{
	char text[32];
	if (!is_number_like(area) || !is_number_like(rest) || area.n > 5 || area.n + rest.n > 15)
		return 0;
	int n = snprintf(text, sizeof text, "%.*s%.*s", (int)area.n, area.p, (int)rest.n, rest.p);
	return dd_number_parse((struct dd_str){text, (size_t)n});
}

/* A row as it is read: `number`, or 0 for one that is only a remark or empty, or false. */
static bool read_row(
        const struct dd_list_row *row, size_t column, uint64_t *number, char *why, size_t size)
{
	struct dd_str raw = dd_list_field(row, 0), first = without_remark(raw),
	              second = without_remark(dd_list_field(row, 1));
	*number = 0;
	if (row->problem) {
		(void)snprintf(why, size, "%s", row->problem);
		return false;
	}
	if (raw.n && raw.p[0] == '#') /* whatever commas are in it */
		return true;
	if (first.n == 0 && second.n == 0 && column == SIZE_MAX)
		return true;
	if (column != SIZE_MAX)
		*number = dd_number_of_field(without_remark(dd_list_field(row, column)), why, size);
	else
		*number = dd_number_of_field(first, why, size);
	if (!*number)
		*number = joined(first, second);
	return *number != 0;
}

/* A first line that holds no digit names the columns. */
static bool is_head(const struct dd_list_row *row)
{
	for (size_t i = 0; i < row->n; i++)
		for (size_t k = 0; k < row->fields[i].n; k++)
			if (row->fields[i].p[k] >= '0' && row->fields[i].p[k] <= '9')
				return false;
	return row->n > 0 && row->fields[0].n > 0 && row->fields[0].p[0] != '#';
}

bool dd_register_read(
        int fd, struct dd_number_set *set, struct dd_register_fault *first, uint64_t *faults)
{
	struct dd_list *list = dd_list_open(fd, false);
	struct dd_list_row row;
	size_t column = SIZE_MAX;
	char why[200];
	uint64_t number;
	*faults = 0;
	for (bool begun = false; dd_list_next(list, &row); begun = true) {
		if (!begun && !row.problem && is_head(&row)) {
			column = dd_list_name_column(&row, "phone_number");
			continue;
		}
		if (read_row(&row, column, &number, why, sizeof why)) {
			if (number)
				(void)dd_number_set_add(set, number);
		} else if (!(*faults)++) {
			first->line = row.line;
			(void)snprintf(first->why, sizeof first->why, "%s", why);
		}
	}
	dd_list_free(list);
	return *faults == 0;
}
