/* Every call of a campaign, into a file. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "cli/campaign.h"
#include "store/calls.h"

struct campaign_calls {
	FILE *csv;
	struct dd_calls_db *db;
	struct dd_buf row;
	const char *path;
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
	if (is_database(path)) {
		if (dd_calls_db_open(path, &c->db, err) == DD_OK)
			return c;
	} else if ((c->csv = fopen(path, "we"))) {
		dd_calls_csv_head(&c->row);
		return c;
	} else {
		(void)dd_fail(err, DD_ERR_READ, "%s: %s", path, strerror(errno));
	}
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
		status = dd_calls_db_close(c->db, err);
	} else {
		bool fine = fwrite(c->row.p ? c->row.p : "", 1, c->row.n, c->csv) == c->row.n;
		fine &= !ferror(c->csv);
		fine &= fclose(c->csv) == 0;
		if (!fine)
			status = dd_fail(err, DD_ERR_READ, "%s: %s", c->path, strerror(errno));
	}
	dd_buf_free(&c->row);
	free(c);
	return status;
}
