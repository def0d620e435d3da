/* Conditions as SQL, and their values beside it. */
#include "store/question.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const SIGNS[] = {
        [DD_IS] = "=", [DD_LESS] = "<", [DD_AT_MOST] = "<=", [DD_MORE] = ">", [DD_AT_LEAST] = ">="};

void dd_question_begin(struct dd_question *q)
{
	q->nwhere = q->nbinds = q->nroom = 0;
	q->full = false;
	q->where[0] = '\0';
}

static void add(struct dd_question *q, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
static void add(struct dd_question *q, const char *format, ...)
{
	size_t left = sizeof q->where - q->nwhere;
	va_list args;
	va_start(args, format);
	int n = vsnprintf(q->where + q->nwhere, left, format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= left)
		q->full = true;
	else
		q->nwhere += (size_t)n;
}

static void bind(struct dd_question *q, struct dd_bind value)
{
	if (q->nbinds == DD_BINDS_MAX)
		q->full = true;
	else
		q->binds[q->nbinds++] = value;
}

static void bind_text(struct dd_question *q, struct dd_str text)
{
	if (text.n >= sizeof q->room - q->nroom) {
		q->full = true;
		return;
	}
	char *at = q->room + q->nroom;
	if (text.n)
		memcpy(at, text.p, text.n);
	at[text.n] = '\0';
	q->nroom += text.n + 1;
	bind(q, (struct dd_bind){.text = at});
}

static const char *joined(const struct dd_question *q)
{
	return q->nwhere ? " AND " : "";
}

void dd_question_text(struct dd_question *q, const char *column, struct dd_str text)
{
	add(q, "%s%s = ?%zu", joined(q), column, q->nbinds + 1);
	bind_text(q, text);
}

void dd_question_words(struct dd_question *q, const char *column, struct dd_str texts)
{
	for (size_t at = 0, n = 0; texts.n && at <= texts.n; n++) {
		const char *comma = at < texts.n ? memchr(texts.p + at, ',', texts.n - at) : NULL;
		size_t end = comma ? (size_t)(comma - texts.p) : texts.n;
		if (n == 0)
			add(q, "%s%s IN (", joined(q), column);
		add(q, n ? ", ?%zu" : "?%zu", q->nbinds + 1);
		bind_text(q, (struct dd_str){texts.p + at, end - at});
		at = end + 1;
		if (!comma)
			add(q, ")");
	}
}

void dd_question_numbers(
        struct dd_question *q, const char *column, const int64_t *numbers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (i == 0)
			add(q, "%s%s IN (?%zu", joined(q), column, q->nbinds + 1);
		else
			add(q, ", ?%zu", q->nbinds + 1);
		bind(q, (struct dd_bind){.number = numbers[i]});
	}
	if (n)
		add(q, ")");
}

void dd_question_number(
        struct dd_question *q, const char *column, enum dd_sign sign, int64_t number)
{
	add(q, "%s%s %s ?%zu", joined(q), column, SIGNS[sign], q->nbinds + 1);
	bind(q, (struct dd_bind){.number = number});
}

void dd_question_constant(struct dd_question *q, const char *column, enum dd_sign sign, int number)
{
	add(q, "%s%s %s %d", joined(q), column, SIGNS[sign], number);
}

struct dd_query dd_question_ask(const struct dd_question *q)
{
	return (struct dd_query){
	        .where = q->nwhere ? q->where : NULL, .binds = q->binds, .nbinds = q->nbinds};
}
