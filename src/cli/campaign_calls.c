/* Every call of a campaign, into a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cli/campaign.h"
#include "cli/replace.h"
#include "store/calls.h"

struct campaign_calls {
	FILE *csv;
	struct dd_calls_db *db;
	struct dd_buf row;
	const char *path, *aside;
};

static bool is_database(const char *path)
{
	size_t n = strlen(path);
	return (n > 3 && strcmp(path + n - 3, ".db") == 0) ||
	        (n > 7 && strcmp(path + n - 7, ".sqlite") == 0);
}

struct campaign_calls *dd_campaign_calls_open(const char *path, struct dd_error *err)
{
	struct campaign_calls *c = dd_alloc(sizeof *c);
	c->path = path;
	const char *why = NULL;
	if (!is_database(path) || dd_calls_db_may_replace(path, err)) {
		why = dd_output_open(path, &c->aside);
		if (why)
			(void)dd_fail(err, DD_ERR_READ, "%s: %s", path, why);
	}
	if (c->aside && is_database(path)) {
		struct dd_error fault = {""};
		if (dd_calls_db_open(c->aside, &c->db, &fault) == DD_OK)
			return c;
		(void)dd_fail(err, DD_ERR_READ, "%s: %s", path, fault.text);
	} else if (c->aside && (c->csv = fopen(c->aside, "we"))) {
		dd_calls_csv_head(&c->row);
		return c;
	} else if (c->aside) {
		(void)dd_fail(err, DD_ERR_READ, "%s: %s", path, strerror(errno));
	}
	if (c->aside)
		dd_output_drop(c->aside);
	free(c);
	return NULL;
}

static const char *status_of(const struct dd_simulated_call *call)
{
	static const char *const names[] = {[DD_BY_HUMAN] = "connected",
	        [DD_BY_MACHINE] = "connected",
	        [DD_BY_NOBODY_BUSY] = "busy",
	        [DD_BY_NOBODY_NO_ANSWER] = "no answer",
	        [DD_BY_NOBODY_FAILED] = "failed",
	        [DD_BY_NOBODY_CANCELED] = "canceled"};
	return names[call->answered_by];
}

static void add_row(struct campaign_calls *c, const struct dd_simulated_call *call)
{
	char number[24], started[26];
	(void)snprintf(number, sizeof number, "+%llu",
	        (unsigned long long)call->campaign->people->list[call->person].number);
	dd_time_rfc3339(call->placed, started);
	dd_calls_db_add(c->db,
	        &(struct dd_call_row){.campaign = call->campaign->name,
	                .phone_number = number,
	                .final_status = status_of(call),
	                .ivr_response = call->digits[0] ? call->digits : NULL,
	                .started = started,
	                .ended_by = call->ended_by == DD_ENDED_NOT_ANSWERED
	                        ? NULL
	                        : dd_ended_by_name(call->ended_by),
	                .attempts = call->attempt,
	                .duration = call->lasted,
	                .ringing = call->ringing,
	                .goal = call->goal,
	                .opted_out = call->opted_out,
	                .heard_message = call->heard_message});
}

void dd_campaign_calls_add(void *self, const struct dd_simulated_call *call)
{
	struct campaign_calls *c = self;
	if (c->db) {
		add_row(c, call);
		return;
	}
	dd_calls_csv_row(call->campaign, call, &c->row);
	if (c->row.n > 65536) {
		(void)fwrite(c->row.p, 1, c->row.n, c->csv);
		dd_buf_clear(&c->row);
	}
}

enum dd_status dd_campaign_calls_close(struct campaign_calls *c, struct dd_error *err)
{
	enum dd_status status = DD_OK;
	if (c->db) {
		struct dd_error fault = {""};
		status = dd_calls_db_close(c->db, &fault);
		if (status != DD_OK)
			(void)dd_fail(err, status, "%s: %s", c->path, fault.text);
	} else {
		bool fine = fwrite(c->row.p ? c->row.p : "", 1, c->row.n, c->csv) == c->row.n;
		fine &= !ferror(c->csv);
		fine &= fclose(c->csv) == 0;
		if (!fine)
			status = dd_fail(err, DD_ERR_READ, "%s: %s", c->path, strerror(errno));
	}
	const char *why = NULL;
	if (status != DD_OK)
		dd_output_drop(c->aside);
	else if ((why = dd_output_keep(c->aside)))
		status = dd_fail(err, DD_ERR_READ, "%s: %s", c->path, why);
	dd_buf_free(&c->row);
	free(c);
	return status;
}
