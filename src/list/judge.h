/* What is wrong with a row of contacts, said in one way by every command that reads a list. */
#ifndef DD_LIST_JUDGE_H
#define DD_LIST_JUDGE_H

#include "list/list.h"
#include "list/number.h"

/* FAULT(NAME, severity, title): kinds of faults, the gravest first. Of the first group a row cannot
   be called and is left out; with those of the second the customer would hear or read nonsense; the
   third is worth a look. */
/* clang-format off */
#define DD_ROW_FAULTS(FAULT) \
	FAULT(UNREADABLE, OUT, "the line cannot be read") \
	FAULT(SHIFTED, OUT, "the columns are shifted") \
	FAULT(NO_NUMBER, OUT, "there is no telephone number") \
	FAULT(NUMBER_CUT, OUT, "a spreadsheet has cut the telephone number") \
	FAULT(NUMBER_NULL, OUT, "a word for nothing stands for the telephone number") \
	FAULT(NUMBER_COUNTRY, OUT, "the telephone number does not say its country") \
	FAULT(NUMBER_LENGTH, OUT, "the telephone number has too few or too many digits") \
	FAULT(NUMBER_OTHER, OUT, "this is no telephone number") \
	FAULT(DUPLICATE, OUT, "the number stands earlier in the list") \
	FAULT(EMPTY, WRONG, "a value that is said is empty") \
	FAULT(NULL_WORD, WRONG, "a word for nothing stands for a value") \
	FAULT(PLACEHOLDER, WRONG, "a placeholder is still to be filled in") \
	FAULT(CUT, WRONG, "a spreadsheet has cut a value") \
	FAULT(SERIAL_DATE, WRONG, "a spreadsheet has turned a date or time into a number") \
	FAULT(GARBLED, WRONG, "letters were garbled by a wrong encoding") \
	FAULT(SCRIPT, WRONG, "the voice does not speak this script") \
	FAULT(ZEROS, LOOK, "leading zeros may be lost") \
	FAULT(CONSENT, LOOK, "consent is neither yes nor no")
/* clang-format on */
enum dd_row_fault {
	DD_ROW_FINE,
#define FAULT(NAME, severity, title) DD_ROW_##NAME,
	DD_ROW_FAULTS(FAULT)
#undef FAULT
	        DD_ROW_FAULTS_COUNT
};
enum dd_row_gravity { DD_ROW_OUT, DD_ROW_WRONG, DD_ROW_LOOK };
const char *dd_row_fault_title(enum dd_row_fault fault);
enum dd_row_gravity dd_row_fault_gravity(enum dd_row_fault fault);

enum { DD_JUDGE_WHY = 240 };

/* Who can be called on a row: whether it can be read, has the columns that the first line names,
   and a telephone number in column `phone`. A row that ends early has empty values; one that goes
   on behind the last column, or whose number stands in another column, is shifted. FINE, with the
   number, or a fault with a clause in `why`. */
enum dd_row_fault dd_judge_number(const struct dd_list *list, const struct dd_list_row *row,
        size_t phone, const struct dd_numbering *home, struct dd_number_reading *number,
        char why[DD_JUDGE_WHY]);

/* A value that a customer hears or reads, of the column called `column`. Empty values are not its
 * business. */
enum dd_row_fault dd_judge_value(struct dd_str column, struct dd_str value, char why[DD_JUDGE_WHY]);
/* Whether one of the words (small letters, the last one NULL) stands in a column's name. */
bool dd_column_names(struct dd_str column, const char *const *words);
/* Whether a text ends or begins as one that another tool was to fill in: {{name}}, %name%,
 * [Customer Name], <name>. The placeholder, within the text; p NULL: there is none. */
struct dd_str dd_find_placeholder(struct dd_str text);

/* -- many rows -------------------------------------------------------------- */

/* Faults of one kind in one column: how often, and the first of them. */
enum { DD_FAULT_EXAMPLES = 3 };
struct dd_fault_tally {
	enum dd_row_fault fault;
	size_t column; /* SIZE_MAX: of the row */
	uint64_t n;
	struct {
		uint64_t line;
		char why[DD_JUDGE_WHY];
	} first[DD_FAULT_EXAMPLES];
};
/* Zero-initialise. At most as many as there are columns times kinds, however long the list is. */
struct dd_list_faults {
	struct dd_fault_tally *list;
	size_t n, cap;
};
void dd_list_faults_add(struct dd_list_faults *faults, enum dd_row_fault fault, size_t column,
        uint64_t line, const char *why);
void dd_list_faults_fini(struct dd_list_faults *faults);

#endif
