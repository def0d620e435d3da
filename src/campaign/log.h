/* A log of calls: drydial's own (--calls), or what the platform exports. Columns go by any of their
   usual names. */
#ifndef DD_CAMPAIGN_LOG_H
#define DD_CAMPAIGN_LOG_H

#include "list/list.h"

enum dd_log_column {
	DD_LOG_NUMBER,
	DD_LOG_ATTEMPT,
	DD_LOG_STATUS,
	DD_LOG_DURATION,
	DD_LOG_RESPONSE,
	DD_LOG_STARTED,
	DD_LOG_RINGING,
	DD_LOG_ANSWERED_BY,
	DD_LOG_ENDED_BY,
	DD_LOG_HEARD,
	DD_LOG_GOAL,
	DD_LOG_OPTED_OUT,
	DD_LOG_COLUMNS
};

enum dd_log_status { DD_LOG_ANSWERED, DD_LOG_BUSY, DD_LOG_FAILED, DD_LOG_SILENT, DD_LOG_UNKNOWN };

struct dd_log {
	struct dd_list *list;
	size_t at[DD_LOG_COLUMNS]; /* SIZE_MAX: it has no such column */
};

/* Opens `fd`, which stays the caller's. DD_ERR_FORMAT: it has no columns, or not `needed` (ended by
 * DD_LOG_COLUMNS); `err` says which. dd_log_close() in any case. */
enum dd_status dd_log_open(
        int fd, const enum dd_log_column *needed, struct dd_log *out, struct dd_error *err);
void dd_log_close(struct dd_log *log);
struct dd_str dd_log_field(
        const struct dd_log *log, const struct dd_list_row *row, enum dd_log_column column);
enum dd_log_status dd_log_status(struct dd_str text);
/* Words in any case, "no answer" and "no_answer" alike. */
bool dd_log_is(struct dd_str text, const char *word);

#endif
