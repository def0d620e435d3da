/* What a column may be called, in drydial's own log and the platform's exports. */
#include "campaign/log.h"

static const char *const NAMES[DD_LOG_COLUMNS][5] = {
        [DD_LOG_NUMBER] = {"phone_number", "number", "to", "from"},
        [DD_LOG_ATTEMPT] = {"attempts", "attempt"},
        [DD_LOG_STATUS] = {"final_status", "status"},
        [DD_LOG_DURATION] = {"duration", "conversationduration"},
        [DD_LOG_RESPONSE] = {"ivr_response", "digit", "digits"},
        [DD_LOG_STARTED] = {"started", "start_time", "date_created"},
        [DD_LOG_RINGING] = {"ringing", "ring_time"},
        [DD_LOG_ANSWERED_BY] = {"answered_by", "answeredby"},
        [DD_LOG_ENDED_BY] = {"ended_by"},
        [DD_LOG_HEARD] = {"message_heard"},
        [DD_LOG_GOAL] = {"goal"},
        [DD_LOG_OPTED_OUT] = {"opted_out"}};

bool dd_log_is(struct dd_str text, const char *name)
{
	size_t i = 0;
	for (; i < text.n && name[i]; i++) {
		char c = text.p[i] >= 'A' && text.p[i] <= 'Z' ? (char)(text.p[i] + 32) : text.p[i];
		if (c != name[i] && !(c == ' ' && name[i] == '_'))
			return false;
	}
	return i == text.n && !name[i];
}

enum dd_status dd_log_open(
        int fd, const enum dd_log_column *needed, struct dd_log *out, struct dd_error *err)
{
	*out = (struct dd_log){.list = dd_list_open(fd, true)};
	const struct dd_list_row *head = dd_list_head(out->list);
	for (int k = 0; k < DD_LOG_COLUMNS; k++) {
		out->at[k] = SIZE_MAX;
		for (int n = 0; n < 5 && NAMES[k][n] && out->at[k] == SIZE_MAX; n++)
			out->at[k] = dd_list_column(out->list, NAMES[k][n]);
	}
	if (head->problem)
		return dd_fail(err, DD_ERR_FORMAT, "line 1: %s", head->problem);
	if (!head->n)
		return dd_fail(err, DD_ERR_FORMAT, "the log is empty");
	for (; *needed != DD_LOG_COLUMNS; needed++)
		if (out->at[*needed] == SIZE_MAX)
			return dd_fail(err, DD_ERR_FORMAT, "the log has no column \"%s (or %s)\"",
			        NAMES[*needed][0], NAMES[*needed][1]);
	return DD_OK;
}

void dd_log_close(struct dd_log *log)
{
	dd_list_free(log->list);
	log->list = NULL;
}

struct dd_str dd_log_field(
        const struct dd_log *log, const struct dd_list_row *row, enum dd_log_column column)
{
	return dd_list_field(row, log->at[column]);
}

enum dd_log_status dd_log_status(struct dd_str text)
{
	if (dd_log_is(text, "connected") || dd_log_is(text, "completed"))
		return DD_LOG_ANSWERED;
	if (dd_log_is(text, "busy"))
		return DD_LOG_BUSY;
	if (dd_log_is(text, "failed"))
		return DD_LOG_FAILED;
	return dd_log_is(text, "no answer") || dd_log_is(text, "no-answer") ? DD_LOG_SILENT
	                                                                    : DD_LOG_UNKNOWN;
}
