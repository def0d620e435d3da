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
static bool area_like(struct dd_str area, struct dd_str rest)
{
	return is_number_like(area) && is_number_like(rest) && area.n <= 5 && area.n + rest.n <= 15;
}

static uint64_t joined(struct dd_str area, struct dd_str rest, const struct dd_numbering *home)
{
	char text[32];
	if (!area_like(area, rest))
		return 0;
	int n = snprintf(text, sizeof text, "%.*s%.*s", (int)area.n, area.p, (int)rest.n, rest.p);
	return dd_number_parse((struct dd_str){text, (size_t)n}, home);
}

/* Where a register has what; SIZE_MAX: its head does not say. */
struct columns {
	size_t number, area;
};

/* A row as it is read: `number`, or 0 for one that is only a remark or empty, or false. */
static bool read_row(const struct dd_list_row *row, const struct columns *columns,
        const struct dd_numbering *home, uint64_t *number, struct dd_register *out)
{
	struct dd_str raw = dd_list_field(row, 0), first = without_remark(raw),
	              second = without_remark(dd_list_field(row, 1)),
	              whole = columns->number == SIZE_MAX
	        ? first
	        : without_remark(dd_list_field(row, columns->number));
	char why[sizeof out->why];
	*number = 0;
	if (raw.n && raw.p[0] == '#') /* whatever commas are in it */
		return true;
	if (!row->problem && first.n == 0 && second.n == 0 && columns->number == SIZE_MAX)
		return true;
	(void)snprintf(why, sizeof why, "%s", row->problem ? row->problem : "");
	if (!row->problem && columns->area != SIZE_MAX && columns->number != SIZE_MAX)
		*number = joined(without_remark(dd_list_field(row, columns->area)), whole, home);
	else if (!row->problem && columns->number == SIZE_MAX)
		*number = joined(first, second, home);
	out->without_code += *number != 0;
	if (!row->problem && !*number) {
		struct dd_number_reading reading = dd_number_read(whole, home, why, sizeof why);
		*number = reading.number;
		out->without_code += (reading.repairs & DD_NUMBER_NATIONAL) != 0;
	}
	if (!*number && !home && area_like(first, second))
		(void)snprintf(why, sizeof why,
		        "\"%.*s,%.*s\" does not say which country it is of: name the country",
		        (int)first.n, first.p, (int)second.n, second.p);
	if (!*number && !out->faults++) {
		out->line = row->line;
		memcpy(out->why, why, sizeof why);
	}
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
        int fd, const struct dd_numbering *home, struct dd_number_set *set, struct dd_register *out)
{
	struct dd_list *list = dd_list_open(fd, false);
	struct dd_list_row row;
	struct columns columns = {SIZE_MAX, SIZE_MAX};
	uint64_t number;
	*out = (struct dd_register){0};
	for (bool begun = false; dd_list_next(list, &row); begun = true) {
		if (!begun && !row.problem && is_head(&row)) {
			columns.number = dd_list_name_column(&row, "phone_number");
			columns.area = dd_list_name_column(&row, "area_code");
		} else if (read_row(&row, &columns, home, &number, out) && number) {
			(void)dd_number_set_add(set, number);
		}
	}
	dd_list_free(list);
	return out->faults == 0;
}
