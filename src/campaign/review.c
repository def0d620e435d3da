/* A log, contact by contact. */
#include "campaign/review.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/text.h"
#include "campaign/lines.h"
#include "campaign/log.h"
#include "list/number.h"

enum { HUMAN = 1, HEARD = 2, PRESSED = 4, ACTED = 8, OPTED = 16 };

struct reviewing {
	const struct dd_program *program;
	const struct dd_numbering *home;
	uint32_t menu;
	struct dd_log log;
	struct dd_lines lines;
	uint8_t *seen; /* of each line */
	size_t cap;
	struct dd_review *out;
};

uint32_t dd_first_menu(const struct dd_program *p)
{
	for (uint32_t i = 0; p && i < p->nsteps; i++)
		if (p->steps[i].applet == DD_IVR && !p->steps[i].ivr.collect)
			return i;
	return DD_NONE;
}

static bool is_true(struct dd_str text)
{
	return dd_log_is(text, "true") || dd_log_is(text, "yes") || dd_log_is(text, "1");
}

/* "71,2": the first menu took the 1 behind a wrong 7. */
static const struct dd_key *first_answer(const struct reviewing *x, struct dd_str response)
{
	if (x->menu == DD_NONE)
		return NULL;
	const struct dd_ivr *ivr = &x->program->steps[x->menu].ivr;
	for (size_t i = 0; i < response.n && response.p[i] != ','; i++) {
		int key = dd_key_index(response.p[i]);
		if (key >= 0 && ivr->by_key[key] != DD_NONE)
			return &x->program->keys[ivr->by_key[key]];
	}
	return NULL;
}

static bool take_call(struct reviewing *x, const struct dd_list_row *row)
{
	char why[200];
	uint64_t number = dd_number_of_field(
	        dd_log_field(&x->log, row, DD_LOG_NUMBER), x->home, why, sizeof why);
	enum dd_log_status status = dd_log_status(dd_log_field(&x->log, row, DD_LOG_STATUS));
	if (!number || status == DD_LOG_UNKNOWN)
		return false;
	uint32_t line = dd_lines_of(&x->lines, number);
	if (line >= x->cap) {
		size_t cap = x->cap ? x->cap * 2 : 1024;
		x->seen = dd_realloc(x->seen, cap, 1);
		for (size_t i = x->cap; i < cap; i++)
			x->seen[i] = 0;
		x->cap = cap;
	}
	x->out->calls++;
	bool machine = dd_log_is(dd_log_field(&x->log, row, DD_LOG_ANSWERED_BY), "machine");
	if (status != DD_LOG_ANSWERED || machine)
		return true;
	struct dd_str response = dd_log_field(&x->log, row, DD_LOG_RESPONSE);
	const struct dd_key *key = first_answer(x, response);
	bool goal = x->log.at[DD_LOG_GOAL] != SIZE_MAX
	        ? is_true(dd_log_field(&x->log, row, DD_LOG_GOAL))
	        : key && key->goal,
	     opted = x->log.at[DD_LOG_OPTED_OUT] != SIZE_MAX
	        ? is_true(dd_log_field(&x->log, row, DD_LOG_OPTED_OUT))
	        : key && key->opt_out;
	x->seen[line] |= (uint8_t)(HUMAN | (response.n ? PRESSED : 0) | (goal ? ACTED : 0) |
	        (opted ? OPTED : 0) |
	        (is_true(dd_log_field(&x->log, row, DD_LOG_HEARD)) ? HEARD : 0));
	return true;
}

static void add_up(struct reviewing *x)
{
	static const uint8_t bits[DD_REVIEW_METRICS] = {HUMAN, HEARD, PRESSED, ACTED, OPTED};
	bool known[DD_REVIEW_METRICS] = {true, x->log.at[DD_LOG_HEARD] != SIZE_MAX,
	        x->log.at[DD_LOG_RESPONSE] != SIZE_MAX,
	        x->log.at[DD_LOG_GOAL] != SIZE_MAX ||
	                (x->menu != DD_NONE && x->log.at[DD_LOG_RESPONSE] != SIZE_MAX),
	        x->log.at[DD_LOG_OPTED_OUT] != SIZE_MAX ||
	                (x->menu != DD_NONE && x->log.at[DD_LOG_RESPONSE] != SIZE_MAX)};
	x->out->contacts = x->lines.n;
	for (int m = 0; m < DD_REVIEW_METRICS; m++) {
		uint64_t n = 0;
		for (uint32_t i = 0; i < x->lines.n; i++)
			n += (x->seen[i] & bits[m]) != 0;
		if (known[m])
			x->out->metrics[m] = dd_fitted_share((double)n, (double)x->lines.n);
	}
}

enum dd_status dd_review(int fd, const struct dd_program *program, const struct dd_numbering *home,
        struct dd_review *out, struct dd_error *err)
{
	static const enum dd_log_column needed[] = {DD_LOG_NUMBER, DD_LOG_STATUS, DD_LOG_COLUMNS};
	struct reviewing x = {
	        .program = program, .home = home, .menu = dd_first_menu(program), .out = out};
	struct dd_list_row row;
	*out = (struct dd_review){0};
	enum dd_status status = dd_log_open(fd, needed, &x.log, err);
	while (status == DD_OK && dd_list_next(x.log.list, &row)) {
		bool fine = !row.problem && take_call(&x, &row);
		out->rows++;
		out->bad += !fine;
		out->first_bad = fine || out->first_bad ? out->first_bad : row.line;
	}
	if (status == DD_OK && out->calls == 0)
		status = dd_fail(err, DD_ERR_FORMAT,
		        "no line of the log could be understood: a status is connected, busy, "
		        "no answer or failed, a number such as +919876543210");
	if (status == DD_OK)
		add_up(&x);
	dd_log_close(&x.log);
	dd_lines_fini(&x.lines);
	free(x.seen);
	return status;
}
