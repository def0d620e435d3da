/* Each test looks for what some program or export is known to leave behind. A value that a person
   may have meant is let pass: "None" as a surname is rarer than None from a program, but 45678 may
   be an amount, so that only a column whose name says date makes it one. */
#include "list/judge.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "base/text.h"

const char *dd_row_fault_title(enum dd_row_fault fault)
{
	static const char *const titles[] = {"",
#define FAULT(NAME, severity, title) title,
	        DD_ROW_FAULTS(FAULT)
#undef FAULT
	};
	return titles[fault];
}

enum dd_row_gravity dd_row_fault_gravity(enum dd_row_fault fault)
{
	static const enum dd_row_gravity gravities[] = {DD_ROW_LOOK,
#define FAULT(NAME, severity, title) DD_ROW_##severity,
	        DD_ROW_FAULTS(FAULT)
#undef FAULT
	};
	return gravities[fault];
}

/* -- who can be called ------------------------------------------------------ */

/* A row whose number is not where it should be has another value there: then a whole number with
 * its country, in another column, says that the columns are shifted. */
static size_t number_elsewhere(
        const struct dd_list_row *row, size_t phone, const struct dd_numbering *home)
{
	char why[DD_JUDGE_WHY];
	for (size_t i = 0; i < row->n; i++) {
		struct dd_number_reading r = dd_number_read(row->fields[i], home, why, sizeof why);
		if (i != phone && r.number && row->fields[i].n >= 10)
			return i;
	}
	return SIZE_MAX;
}

static bool goes_on(const struct dd_list_row *row, size_t width)
{
	for (size_t i = width; i < row->n; i++)
		if (row->fields[i].n)
			return true;
	return false;
}

static enum dd_row_fault fault_of(enum dd_number_fault fault)
{
	static const enum dd_row_fault faults[] = {[DD_NUMBER_FINE] = DD_ROW_FINE,
	        [DD_NUMBER_EMPTY] = DD_ROW_NO_NUMBER,
	        [DD_NUMBER_CUT] = DD_ROW_NUMBER_CUT,
	        [DD_NUMBER_NULL_WORD] = DD_ROW_NUMBER_NULL,
	        [DD_NUMBER_NO_COUNTRY] = DD_ROW_NUMBER_COUNTRY,
	        [DD_NUMBER_LENGTH] = DD_ROW_NUMBER_LENGTH,
	        [DD_NUMBER_OTHER] = DD_ROW_NUMBER_OTHER};
	return faults[fault];
}

enum dd_row_fault dd_judge_number(const struct dd_list *list, const struct dd_list_row *row,
        size_t phone, const struct dd_numbering *home, struct dd_number_reading *number,
        char why[DD_JUDGE_WHY])
{
	const struct dd_list_row *head = dd_list_head(list);
	*number = (struct dd_number_reading){.fault = DD_NUMBER_OTHER};
	why[0] = '\0';
	if (row->problem) {
		(void)snprintf(why, DD_JUDGE_WHY, "%s", row->problem);
		return DD_ROW_UNREADABLE;
	}
	if (goes_on(row, head->n)) {
		(void)snprintf(why, DD_JUDGE_WHY,
		        "this line has %zu column%s, the first has %zu: a value with a comma in it "
		        "needs quotes",
		        row->n, row->n == 1 ? "" : "s", head->n);
		return DD_ROW_SHIFTED;
	}
	*number = dd_number_read(dd_list_field(row, phone), home, why, DD_JUDGE_WHY);
	if (number->number)
		return DD_ROW_FINE;
	size_t other = number_elsewhere(row, phone, home);
	bool lost = number->fault == DD_NUMBER_OTHER || number->fault == DD_NUMBER_EMPTY ||
	        number->fault == DD_NUMBER_LENGTH;
	if (lost && other != SIZE_MAX && other < head->n) {
		(void)snprintf(why, DD_JUDGE_WHY,
		        "the number stands in the column \"%.*s\": the columns are shifted",
		        (int)(head->fields[other].n < 60 ? head->fields[other].n : 60),
		        head->fields[other].p);
		return DD_ROW_SHIFTED;
	}
	return fault_of(number->fault);
}

/* -- placeholders ----------------------------------------------------------- */

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

static bool is_name_char(char c)
{
	return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '.' || c == '-';
}

/* What stands between the marks: a name, with blanks in it where the marks allow them. */
static bool is_inside(struct dd_str text, bool blanks)
{
	text = dd_str_trim(text);
	if (text.n && text.p[0] == '#')
		text.p++, text.n--;
	if (text.n < 2 || text.n > 40 || !is_letter(text.p[0]))
		return false;
	for (size_t i = 0; i < text.n; i++)
		if (!is_name_char(text.p[i]) && !(blanks && text.p[i] == ' ') && text.p[i] != '#')
			return false;
	return true;
}

/* `whole`: only where nothing stands around it, since people write [sic] and <3. */
static const struct mark {
	const char *open, *close;
	bool blanks, whole;
} MARKS[] = {{"{{", "}}", true, false}, {"${", "}", false, false}, {"%%", "%%", false, false},
        {"*|", "|*", false, false}, {"\xC2\xAB", "\xC2\xBB", true, false}, {"{", "}", true, false},
        {"%", "%", false, false}, {"<<", ">>", true, true}, {"<", ">", true, true},
        {"[", "]", true, true}};

static struct dd_str marked(struct dd_str text, size_t at, const struct mark *m)
{
	static const struct dd_str none = {NULL, 0};
	size_t open = strlen(m->open), close = strlen(m->close);
	if (text.n - at < open + close || memcmp(text.p + at, m->open, open) != 0)
		return none;
	for (size_t i = at + open; i + close <= text.n && i < at + 64; i++) {
		if (memcmp(text.p + i, m->close, close) != 0)
			continue;
		struct dd_str inside = {text.p + at + open, i - at - open};
		if (!is_inside(inside, m->blanks) || (m->whole && (at || i + close != text.n)))
			return none;
		return (struct dd_str){text.p + at, i + close - at};
	}
	return none;
}

struct dd_str dd_find_placeholder(struct dd_str text)
{
	text = dd_str_trim(text);
	for (size_t at = 0; at < text.n; at++) {
		if (!strchr("{$%*<[\xC2", text.p[at]))
			continue;
		for (size_t k = 0; k < sizeof MARKS / sizeof *MARKS; k++) {
			struct dd_str found = marked(text, at, &MARKS[k]);
			if (found.p)
				return found;
		}
	}
	return (struct dd_str){NULL, 0};
}

/* -- what spreadsheets do to values ----------------------------------------- */

static bool is_exponent(struct dd_str text)
{
	size_t i = 0, digits = 0;
	for (; i < text.n && ((text.p[i] >= '0' && text.p[i] <= '9') || text.p[i] == '.'); i++)
		digits += text.p[i] != '.';
	if (!digits || i + 2 > text.n || (text.p[i] != 'E' && text.p[i] != 'e') ||
	        (text.p[i + 1] != '+' && text.p[i + 1] != '-'))
		return false;
	for (i += 2; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return true;
}

bool dd_column_names(struct dd_str column, const char *const *words)
{
	char plain[64];
	size_t n = 0;
	for (size_t i = 0; i < column.n && n < sizeof plain - 1; i++)
		plain[n++] = (char)(column.p[i] >= 'A' && column.p[i] <= 'Z' ? column.p[i] + 32
		                                                             : column.p[i]);
	plain[n] = '\0';
	for (; *words; words++)
		if (strstr(plain, *words))
			return true;
	return false;
}

static bool is_number(struct dd_str text, double *out)
{
	char copy[24];
	size_t dots = 0;
	if (!text.n || text.n >= sizeof copy)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		dots += text.p[i] == '.';
		if ((text.p[i] < '0' || text.p[i] > '9') && text.p[i] != '.')
			return false;
		copy[i] = text.p[i];
	}
	copy[text.n] = '\0';
	return dots <= 1 && sscanf(copy, "%lf", out) == 1;
}

/* Days since 30 December 1899, which spreadsheets count: from 1970 to 2099 they have five digits. A
 * time of the day is a part of one. */
static bool is_serial(struct dd_str column, struct dd_str value, char why[DD_JUDGE_WHY])
{
	enum { SERIAL_1970 = 25569, SERIAL_2100 = 73051, MINUTES = 1440 };
	static const char *const dates[] = {"date", "dob", "birth", "due", "expir", "day", "when",
	        "appointment", "valid", NULL},
	                         *const times[] = {"time", "hour", "slot", NULL};
	double number;
	if (!is_number(value, &number))
		return false;
	if (number >= SERIAL_1970 && number < SERIAL_2100 &&
	        (dd_column_names(column, dates) || dd_column_names(column, times))) {
		struct dd_date d = dd_date_of((int64_t)number - SERIAL_1970);
		(void)snprintf(why, DD_JUDGE_WHY,
		        "\"%.*s\" is what a spreadsheet makes of the date %04d-%02d-%02d: format "
		        "the column as text",
		        (int)value.n, value.p, d.year % 10000, d.month, d.day);
		return true;
	}
	if (number > 0 && number < 1 && memchr(value.p, '.', value.n) &&
	        dd_column_names(column, times)) {
		int minutes = (int)(number * MINUTES + 0.5);
		(void)snprintf(why, DD_JUDGE_WHY,
		        "\"%.*s\" is what a spreadsheet makes of the time %02d:%02d: format the "
		        "column as text",
		        (int)value.n, value.p, minutes / 60 % 24, minutes % 60);
		return true;
	}
	return false;
}

/* UTF-8 that was read as Latin-1 or Windows-1252 and written as UTF-8 again: of é there is "Ã©", of
 * ₹ "â‚¹", of every letter of India "à¤" and another. */
static bool is_garbled(struct dd_str text)
{
	uint32_t last = 0;
	for (size_t at = 0; at < text.n;) {
		uint32_t c = dd_utf8_next(text, &at);
		bool tail = (c >= 0x80 && c <= 0xBF && c != 0xA0) || c == 0x20AC || c == 0x201A ||
		        c == 0x0192 || c == 0x201E || c == 0x2026 || c == 0x2020 || c == 0x2021 ||
		        c == 0x02C6 || c == 0x2030 || c == 0x0160 || c == 0x2039 || c == 0x0152 ||
		        c == 0x017D || c == 0x201C || c == 0x2022 || c == 0x02DC || c == 0x2122 ||
		        c == 0x0161 || c == 0x0153;
		if (c == 0xFFFD ||
		        (tail && (last == 0xC3 || last == 0xC2 || last == 0xE2 || last == 0xE0)))
			return true;
		last = c;
	}
	return false;
}

enum dd_row_fault dd_judge_value(struct dd_str column, struct dd_str value, char why[DD_JUDGE_WHY])
{
	value = dd_str_trim(value);
	int shown = (int)(value.n < 60 ? value.n : 60);
	struct dd_str placeholder = dd_find_placeholder(value);
	why[0] = '\0';
	if (!value.n)
		return DD_ROW_FINE;
	if (dd_is_null_word(value)) {
		(void)snprintf(why, DD_JUDGE_WHY,
		        "\"%.*s\" is a word for nothing, and would be said", shown, value.p);
		return DD_ROW_NULL_WORD;
	}
	if (placeholder.p) {
		(void)snprintf(why, DD_JUDGE_WHY,
		        "\"%.*s\" is a placeholder that another tool should have filled in",
		        (int)placeholder.n, placeholder.p);
		return DD_ROW_PLACEHOLDER;
	}
	if (is_exponent(value)) {
		(void)snprintf(why, DD_JUDGE_WHY,
		        "\"%.*s\" is a number that a spreadsheet has cut: format the column as "
		        "text, and export it again",
		        shown, value.p);
		return DD_ROW_CUT;
	}
	if (is_serial(column, value, why))
		return DD_ROW_SERIAL_DATE;
	if (is_garbled(value)) {
		(void)snprintf(why, DD_JUDGE_WHY,
		        "\"%.*s\" was read in a wrong encoding: export the list as UTF-8", shown,
		        value.p);
		return DD_ROW_GARBLED;
	}
	return DD_ROW_FINE;
}

/* -- many rows -------------------------------------------------------------- */

void dd_list_faults_add(struct dd_list_faults *f, enum dd_row_fault fault, size_t column,
        uint64_t line, const char *why)
{
	struct dd_fault_tally *t = NULL;
	for (size_t i = 0; i < f->n && !t; i++)
		if (f->list[i].fault == fault && f->list[i].column == column)
			t = &f->list[i];
	if (!t) {
		t = &DD_PUSH(f->list, f->n, f->cap);
		*t = (struct dd_fault_tally){.fault = fault, .column = column};
	}
	if (t->n < DD_FAULT_EXAMPLES) {
		t->first[t->n].line = line;
		(void)snprintf(t->first[t->n].why, DD_JUDGE_WHY, "%s", why);
	}
	t->n++;
}

void dd_list_faults_fini(struct dd_list_faults *f)
{
	dd_free(f->list);
	*f = (struct dd_list_faults){0};
}
