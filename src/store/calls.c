/* The calls of a campaign, written once. */
#include "store/calls.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/sqlite.h"

struct dd_calls_db {
	sqlite3 *db;
	sqlite3_stmt *insert;
	bool failed;
};

static const char SCHEMA[] =
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" /* a new file: a half-written one is
                                                                  of no use to anyone */
        "CREATE TABLE calls (campaign TEXT, phone_number TEXT NOT NULL, attempts INTEGER NOT "
        "NULL, final_status TEXT NOT NULL, duration REAL NOT NULL,"
        " ivr_response TEXT, recording TEXT, started TEXT NOT NULL, ringing REAL NOT NULL, "
        "ended_by TEXT, goal INTEGER NOT NULL, opted_out INTEGER NOT NULL,"
        " heard_message INTEGER NOT NULL) STRICT;"
        "CREATE VIEW contacts AS SELECT campaign, phone_number, max(attempts) AS attempts, "
        "final_status, duration, ivr_response FROM calls"
        " GROUP BY campaign, phone_number;"
        "BEGIN;";

bool dd_calls_db_may_replace(const char *path, struct dd_error *err)
{
	static const char question[] =
	        "SELECT group_concat(type || ' ' || name) = 'table calls,view contacts' "
	        "FROM (SELECT "
	        "type, name FROM sqlite_schema ORDER BY type)";
	struct stat st;
	sqlite3 *db = NULL;
	sqlite3_stmt *s = NULL;
	if (dd_sqlite_load(err) != DD_OK)
		return false;
	if (stat(path, &st) != 0 || st.st_size == 0)
		return true; /* whether it can be written is another question */
	bool ours = S_ISREG(st.st_mode) &&
	        dd_sqlite.sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	        dd_sqlite.sqlite3_prepare_v2(db, question, -1, &s, NULL) == SQLITE_OK &&
	        dd_sqlite.sqlite3_step(s) == SQLITE_ROW &&
	        dd_sqlite.sqlite3_column_int64(s, 0) == 1;
	(void)dd_sqlite.sqlite3_finalize(s);
	(void)dd_sqlite.sqlite3_close(db);
	if (!ours)
		(void)dd_fail(err, DD_ERR_READ,
		        "%s: it is no list of calls that drydial has written; give another name",
		        path);
	return ours;
}

enum dd_status dd_calls_db_open(const char *path, struct dd_calls_db **out, struct dd_error *err)
{
	enum dd_status status = dd_sqlite_load(err);
	if (status != DD_OK)
		return status;
	if (unlink(path) != 0 && errno != ENOENT)
		return dd_fail(err, DD_ERR_READ, "%s", strerror(errno));
	struct dd_calls_db *d = dd_alloc(sizeof *d);
	static const char insert[] = "INSERT INTO calls VALUES (?,?,?,?,?,?,NULL,?,?,?,?,?,?)";
	bool fine = dd_sqlite.sqlite3_open_v2(path, &d->db,
	                    SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK &&
	        dd_sqlite.sqlite3_exec(d->db, SCHEMA, NULL, NULL, NULL) == SQLITE_OK &&
	        dd_sqlite.sqlite3_prepare_v2(d->db, insert, -1, &d->insert, NULL) == SQLITE_OK;
	if (!fine) {
		status = dd_fail(err, DD_ERR_READ, "%s",
		        d->db ? dd_sqlite.sqlite3_errmsg(d->db) : "cannot be written");
		(void)dd_sqlite.sqlite3_close(d->db);
		free(d);
		return status;
	}
	*out = d;
	return DD_OK;
}

void dd_calls_db_add(struct dd_calls_db *d, const struct dd_call_row *r)
{
	sqlite3_stmt *s = d->insert;
	dd_sqlite_bind_text(s, 1, r->campaign);
	dd_sqlite_bind_text(s, 2, r->phone_number);
	(void)dd_sqlite.sqlite3_bind_int64(s, 3, r->attempts);
	dd_sqlite_bind_text(s, 4, r->final_status);
	(void)dd_sqlite.sqlite3_bind_double(s, 5, (double)r->duration / 1000);
	dd_sqlite_bind_text(s, 6, r->ivr_response);
	dd_sqlite_bind_text(s, 7, r->started);
	(void)dd_sqlite.sqlite3_bind_double(s, 8, (double)r->ringing / 1000);
	dd_sqlite_bind_text(s, 9, r->ended_by);
	(void)dd_sqlite.sqlite3_bind_int64(s, 10, r->goal);
	(void)dd_sqlite.sqlite3_bind_int64(s, 11, r->opted_out);
	(void)dd_sqlite.sqlite3_bind_int64(s, 12, r->heard_message);
	d->failed |= dd_sqlite.sqlite3_step(s) != SQLITE_DONE;
	(void)dd_sqlite.sqlite3_reset(s);
}

enum dd_status dd_calls_db_close(struct dd_calls_db *d, struct dd_error *err)
{
	d->failed |= dd_sqlite.sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK;
	enum dd_status status = d->failed
	        ? dd_fail(err, DD_ERR_READ, "%s", dd_sqlite.sqlite3_errmsg(d->db))
	        : DD_OK;
	(void)dd_sqlite.sqlite3_finalize(d->insert);
	(void)dd_sqlite.sqlite3_close(d->db);
	free(d);
	return status;
}
