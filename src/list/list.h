/* The one reader of lists: contacts, registers, people who opted in, events and logs. One pass,
   also from a pipe, in the same room however long the list is. What is certain is put right on the
   way and told: UTF-16 with its mark, semicolons, tabs or bars between columns, a column by another
   of its usual names, spacing, numbers that a spreadsheet wrote as 9.19876543210E+11 with every
   digit there. What is not certain is never guessed: the row then has a clause that says what is
   wrong. */
#ifndef DD_LIST_LIST_H
#define DD_LIST_LIST_H

#include "base/text.h"

enum { DD_LIST_COLUMNS = 256, DD_LIST_LOOK = 64 * 1024 }; /* so much is looked at first */

struct dd_list;

/* A row; all of it is good until the next one is asked for. */
struct dd_list_row {
	struct dd_str *fields; /* without spaces around them */
	size_t n;
	uint64_t line;       /* of its first character */
	const char *problem; /* a clause: the row has no fields; NULL: none */
};

/* Reads `fd`, which stays the caller's. `headed`: the first line names the columns. */
struct dd_list *dd_list_open(int fd, bool headed);
void dd_list_free(struct dd_list *list); /* NULL is fine */

/* The names of the columns; n 0: there is none, or `problem` says why they cannot be read. Good as
 * long as the list. */
const struct dd_list_row *dd_list_head(const struct dd_list *list);
/* The column with this name, in any case, or by one of its other usual names: "Mobile No." is
 * phone_number. SIZE_MAX: there is none. */
size_t dd_list_column(const struct dd_list *list, const char *name);
/* The same of any row that names columns. */
size_t dd_list_name_column(const struct dd_list_row *head, const char *name);
/* Appends a clause for each thing that was put right. */
void dd_list_told(const struct dd_list *list, struct dd_buf *out);

/* The next row; false at the end. One that has another number of fields than the first line is
 * given as it is. */
bool dd_list_next(struct dd_list *list, struct dd_list_row *row);
/* Field `column` of a row; empty where it has none. */
struct dd_str dd_list_field(const struct dd_list_row *row, size_t column);
uint64_t dd_list_bytes(const struct dd_list *list); /* of the file, read so far */

#endif
