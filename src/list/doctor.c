/* One pass over a list. */
#include "list/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/number_set.h"
#include "base/text.h"

struct examining {
	const struct dd_doctor_options *o;
	struct dd_health *h;
	struct dd_list *list;
	struct dd_number_set seen;
	size_t consent, zone;
	size_t said[64]; /* the column of each variable */
};

const char *dd_number_repair_text(size_t bit)
{
	static const char *const texts[DD_DOCTOR_REPAIRS] = {
	        "spaces, hyphens or brackets between the digits",
	        "a spreadsheet's exponent with every digit there", "a fraction behind the number",
	        "a number as it is dialled at home", "the calling code without a +",
	        "an apostrophe before the number"};
	return texts[bit];
}

static void fault(
        struct examining *x, enum dd_row_fault kind, size_t column, uint64_t line, const char *why)
{
	dd_list_faults_add(&x->h->faults, kind, column, line, why);
}

/* Bytes of the longest start of a text that fits `size` and cuts no character. */
static size_t whole_characters(struct dd_str text, size_t size)
{
	size_t n = text.n < size ? text.n : size;
	while (n < text.n && n && ((unsigned char)text.p[n] & 0xC0) == 0x80)
		n--;
	return n;
}

/* -- the head --------------------------------------------------------------- */

static void name_columns(struct examining *x, const struct dd_list_row *head)
{
	struct dd_health *h = x->h;
	h->ncolumns = head->n;
	h->columns = dd_alloc((head->n + 1) * sizeof *h->columns);
	for (size_t i = 0; i < head->n; i++) {
		h->columns[i].name = dd_str_copy(head->fields[i]);
		for (size_t k = 0; k < i && !h->twice[0]; k++)
			if (head->fields[i].n && dd_str_same(head->fields[i], head->fields[k]))
				(void)snprintf(h->twice, sizeof h->twice, "%.*s",
				        (int)head->fields[i].n, head->fields[i].p);
	}
}

/* A column for each variable: by its very name, as calls are filled in. */
static size_t column_of(const struct dd_list_row *head, const char *name)
{
	for (size_t i = 0; i < head->n; i++)
		if (dd_str_is(head->fields[i], name))
			return i;
	return SIZE_MAX;
}

static void find_variables(struct examining *x, const struct dd_list_row *head)
{
	struct dd_health *h = x->h;
	for (size_t i = 0; i < x->o->nsaid && i < 64; i++) {
		x->said[i] = column_of(head, x->o->said[i]);
		if (x->said[i] == SIZE_MAX)
			h->absent[h->nabsent++] = x->o->said[i];
		else
			h->columns[x->said[i]].said = true;
	}
}

/* The column whose field is a telephone number, in a line that should name the columns. */
static size_t number_in(const struct examining *x, const struct dd_list_row *row)
{
	char why[DD_JUDGE_WHY];
	for (size_t i = 0; i < row->n; i++)
		if (dd_number_of_field(row->fields[i], x->o->home, why, sizeof why))
			return i;
	return SIZE_MAX;
}

static bool read_head(struct examining *x)
{
	const struct dd_list_row *head = dd_list_head(x->list);
	struct dd_health *h = x->h;
	struct dd_buf told = {0};
	dd_list_told(x->list, &told);
	(void)snprintf(h->told, sizeof h->told, "%s", told.p ? told.p : "");
	dd_buf_free(&told);
	h->problem = head->problem ? head->problem
	        : head->n == 0     ? "it is empty: its first line must name the columns"
	                           : NULL;
	if (h->problem)
		return false;
	name_columns(x, head);
	h->phone = dd_list_column(x->list, "phone_number");
	x->consent = dd_list_column(x->list, "consent");
	x->zone = dd_list_column(x->list, "time_zone");
	if (h->phone == SIZE_MAX) {
		h->phone = number_in(x, head);
		h->no_head = h->phone != SIZE_MAX;
	}
	find_variables(x, head);
	if (x->o->head)
		x->o->head(x->o->self, head, h->phone);
	return true;
}

/* -- rows ------------------------------------------------------------------- */

static void note_column(struct dd_doctor_column *c, struct dd_str value, uint64_t line)
{
	size_t length = dd_utf8_count(value), digits = 0;
	c->empty += value.n == 0;
	if (length > c->longest) {
		c->longest = length;
		c->longest_line = line;
		(void)snprintf(c->longest_text, sizeof c->longest_text, "%.*s",
		        (int)whole_characters(value, sizeof c->longest_text - 1), value.p);
	}
	while (digits < value.n && value.p[digits] >= '0' && value.p[digits] <= '9')
		digits++;
	if (!value.n || digits != value.n || digits > 16)
		return;
	if (!c->digits[digits]++)
		c->first_of[digits] = line;
}

static bool is_yes_or_no(struct dd_str text)
{
	static const char *const words[] = {
	        "yes", "true", "1", "y", "on", "no", "false", "0", "n", "off"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (text.n == strlen(words[i]) && strncasecmp(text.p, words[i], text.n) == 0)
			return true;
	return text.n == 0;
}

/* Values of a row: the first fault that makes the call wrong. */
static enum dd_row_fault judge_values(
        struct examining *x, const struct dd_list_row *row, char first[DD_JUDGE_WHY])
{
	const struct dd_health *h = x->h;
	enum dd_row_fault found = DD_ROW_FINE;
	char why[DD_JUDGE_WHY];
	for (size_t i = 0; i < h->ncolumns; i++) {
		struct dd_str value = dd_list_field(row, i);
		bool own = i == h->phone || i == x->consent || i == x->zone;
		if (own || (x->o->said && !h->columns[i].said))
			continue;
		enum dd_row_fault kind = dd_judge_value(dd_str(h->columns[i].name), value, why);
		if (kind == DD_ROW_FINE && x->o->said && value.n == 0) {
			kind = DD_ROW_EMPTY;
			(void)snprintf(why, sizeof why, "the %.60s is empty", h->columns[i].name);
		}
		if (kind == DD_ROW_FINE && x->o->foreign && h->columns[i].said &&
		        x->o->foreign(x->o->self, h->columns[i].name, value, why))
			kind = DD_ROW_SCRIPT;
		if (kind == DD_ROW_FINE)
			continue;
		fault(x, kind, i, row->line, why);
		if (found == DD_ROW_FINE) {
			found = kind;
			memcpy(first, why, DD_JUDGE_WHY);
		}
	}
	struct dd_str consent = dd_list_field(row, x->consent);
	if (x->consent != SIZE_MAX && !is_yes_or_no(consent)) {
		(void)snprintf(why, sizeof why, "\"%.*s\" is taken for no",
		        (int)(consent.n < 40 ? consent.n : 40), consent.p);
		fault(x, DD_ROW_CONSENT, x->consent, row->line, why);
	}
	return found;
}

static void note_country(struct dd_health *h, uint64_t number)
{
	const struct dd_numbering *plan = dd_numbering_of_number(number);
	for (size_t i = 0; i < h->ncountries; i++)
		if (h->countries[i].plan == plan) {
			h->countries[i].n++;
			return;
		}
	if (plan && h->ncountries < DD_DOCTOR_COUNTRIES) {
		h->countries[h->ncountries].plan = plan;
		h->countries[h->ncountries++].n = 1;
	}
}

static void note_repairs(struct dd_health *h, const struct dd_number_reading *number,
        struct dd_str before, uint64_t line)
{
	h->repaired += number->repairs != 0;
	for (size_t bit = 0; bit < DD_DOCTOR_REPAIRS; bit++) {
		if (!(number->repairs >> bit & 1) || h->repairs[bit]++)
			continue;
		h->repair_of[bit].line = line;
		h->repair_of[bit].after = number->number;
		(void)snprintf(h->repair_of[bit].before, sizeof h->repair_of[bit].before, "%.*s",
		        (int)whole_characters(before, sizeof h->repair_of[bit].before - 1),
		        before.p);
	}
}

static void take_row(struct examining *x, const struct dd_list_row *row)
{
	struct dd_health *h = x->h;
	struct dd_number_reading number;
	char why[DD_JUDGE_WHY];
	h->rows++;
	enum dd_row_fault kind = dd_judge_number(x->list, row, h->phone, x->o->home, &number, why);
	for (size_t i = 0; kind != DD_ROW_UNREADABLE && kind != DD_ROW_SHIFTED && i < h->ncolumns;
	        i++)
		note_column(&h->columns[i], dd_list_field(row, i), row->line);
	if (kind == DD_ROW_FINE && !dd_number_set_add(&x->seen, number.number)) {
		kind = DD_ROW_DUPLICATE;
		(void)snprintf(why, sizeof why, "+%llu stands earlier in the list",
		        (unsigned long long)number.number);
	}
	if (kind != DD_ROW_FINE) {
		fault(x, kind, SIZE_MAX, row->line, why);
		h->left_out++;
	} else {
		note_country(h, number.number);
		note_repairs(h, &number, dd_list_field(row, h->phone), row->line);
		h->callable++;
		kind = judge_values(x, row, why);
		h->wrong += kind != DD_ROW_FINE;
	}
	if (x->o->row)
		x->o->row(x->o->self, row, kind, number.number, why);
}

/* -- what shows only at the end --------------------------------------------- */

/* Codes of one length, some of which are shorter by a digit or two. */
static void look_for_zeros(struct examining *x, size_t column)
{
	static const char *const codes[] = {"zip", "pin", "post", "code", "otp", "account", "order",
	        "ref", "id", "card", "number", NULL};
	enum { ENOUGH = 10, NEARLY_ALL_PERCENT = 80 };
	struct dd_doctor_column *c = &x->h->columns[column];
	char why[DD_JUDGE_WHY];
	uint64_t all = 0;
	size_t usual = 0;
	for (size_t i = 1; i < 17; i++) {
		all += c->digits[i];
		usual = c->digits[i] > c->digits[usual] ? i : usual;
	}
	if (!dd_column_names(dd_str(c->name), codes) || column == x->h->phone || all < ENOUGH ||
	        usual < 4 || c->digits[usual] * 100 < all * NEARLY_ALL_PERCENT)
		return;
	for (size_t i = usual - 2; i < usual; i++) {
		(void)snprintf(why, sizeof why,
		        "it has %zu digit%s, most have %zu: format the column as text", i,
		        i == 1 ? "" : "s", usual);
		for (uint64_t k = 0; k < c->digits[i]; k++)
			fault(x, DD_ROW_ZEROS, column, k ? 0 : c->first_of[i], why);
	}
}

/* -- the whole -------------------------------------------------------------- */

bool dd_doctor(int fd, const struct dd_doctor_options *o, struct dd_health *h)
{
	struct examining x = {.o = o, .h = h, .list = dd_list_open(fd, true)};
	struct dd_list_row row;
	*h = (struct dd_health){.phone = SIZE_MAX};
	bool fine = read_head(&x);
	if (fine && h->no_head)
		take_row(&x, dd_list_head(x.list));
	while (fine && h->phone != SIZE_MAX && dd_list_next(x.list, &row))
		take_row(&x, &row);
	for (size_t i = 0; i < h->ncolumns; i++)
		look_for_zeros(&x, i);
	dd_list_free(x.list);
	dd_number_set_fini(&x.seen);
	return fine;
}

void dd_health_fini(struct dd_health *h)
{
	for (size_t i = 0; i < h->ncolumns; i++)
		dd_free(h->columns[i].name);
	dd_free(h->columns);
	dd_list_faults_fini(&h->faults);
}
