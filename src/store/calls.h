/* Every call of a campaign in a SQLite database. */
#ifndef DD_STORE_CALLS_H
#define DD_STORE_CALLS_H

#include <drydial/base.h>

/* A row. Texts are borrowed for the call; NULL is NULL. */
struct dd_call_row {
	const char *campaign, *phone_number, *final_status, *ivr_response, *started, *ended_by;
	int attempts;
	dd_ms duration, ringing;
	bool goal, opted_out, heard_message;
};

struct dd_calls_db;
/* Whether the file may be made anew: it is not there, is empty, or was made here. Another's is left
 * alone; `err` then says so. */
bool dd_calls_db_may_replace(const char *path, struct dd_error *err);
/* Makes the file anew (an error does not name it), with a table `calls` and a view `contacts` (the
 * last attempt of each number); all rows are one transaction. */
enum dd_status dd_calls_db_open(const char *path, struct dd_calls_db **out, struct dd_error *err);
void dd_calls_db_add(struct dd_calls_db *db, const struct dd_call_row *row);
/* DD_ERR_READ when a row could not be written. Frees `db`. */
enum dd_status dd_calls_db_close(struct dd_calls_db *db, struct dd_error *err);

#endif
