/* Which rows of the ledger are asked for: conditions that must all hold. The SQL of a question is
   made here alone. A column is one of ledger.h, or what follows; texts and numbers of others are
   values, never SQL. */
#ifndef DD_STORE_QUESTION_H
#define DD_STORE_QUESTION_H

#include "store/ledger.h"

/* Of a call: when it was accepted, and how long it was talked, as both are shown: in seconds. */
#define DD_CALL_CREATED_S "created / 1000"
#define DD_CALL_TALKED_S \
	"(CASE WHEN answered > 0 AND stage = 2 THEN (ended - answered + 999) / 1000 ELSE 0 END)"

enum dd_sign { DD_IS, DD_LESS, DD_AT_MOST, DD_MORE, DD_AT_LEAST };

struct dd_question {
	size_t nwhere, nbinds, nroom;
	bool full; /* there was no room for all of it: it must not be asked */
	char where[2048];
	struct dd_bind binds[DD_BINDS_MAX];
	char room[8192]; /* texts, each with its NUL */
};

/* No condition: all rows. */
void dd_question_begin(struct dd_question *question);
/* The column is `text`, which is copied. */
void dd_question_text(struct dd_question *question, const char *column, struct dd_str text);
/* The column is one of the texts, between which stand commas; "": no condition. */
void dd_question_words(struct dd_question *question, const char *column, struct dd_str texts);
/* The column is one of the numbers. */
void dd_question_numbers(
        struct dd_question *question, const char *column, const int64_t *numbers, size_t n);
void dd_question_number(
        struct dd_question *question, const char *column, enum dd_sign sign, int64_t number);
/* The same with a number of the program's own: the database may use an index for it that holds such
 * rows alone. */
void dd_question_constant(
        struct dd_question *question, const char *column, enum dd_sign sign, int number);
/* What the ledger is asked: order and limit may be added. It borrows from the question. */
struct dd_query dd_question_ask(const struct dd_question *question);

#endif
