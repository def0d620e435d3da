/* The only file that knows SQLite. It is opened when a campaign's calls are to be written, and not before. */
#include "store/calls.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/library.h"

#define FUNCTIONS(X)                                                                                                                              \
	X(sqlite3_open_v2) X(sqlite3_exec) X(sqlite3_prepare_v2) X(sqlite3_bind_text) X(sqlite3_bind_int64) X(sqlite3_bind_double) X(sqlite3_step) \
	X(sqlite3_reset) X(sqlite3_finalize) X(sqlite3_close) X(sqlite3_errmsg) X(sqlite3_bind_null)
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

static enum dd_status open_library(struct dd_error *err)
{
	static const char *const names[] = {"libsqlite3.so.0", "libsqlite3.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
		FUNCTIONS(SYMBOL)
#undef SYMBOL
		{NULL, NULL}};
	return lib.sqlite3_open_v2 ? DD_OK : dd_library_open(names, symbols, err);
}

struct dd_calls_db {
	sqlite3 *db;
	sqlite3_stmt *insert;
	bool failed;
};

static const char SCHEMA[] =
	"PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;" /* a new file: a half-written one is of no use to anyone */
	"CREATE TABLE calls (campaign TEXT, phone_number TEXT NOT NULL, attempts INTEGER NOT NULL, final_status TEXT NOT NULL, duration REAL NOT NULL,"
	" ivr_response TEXT, recording TEXT, started TEXT NOT NULL, ringing REAL NOT NULL, ended_by TEXT, goal INTEGER NOT NULL, opted_out INTEGER NOT NULL,"
	" heard_message INTEGER NOT NULL) STRICT;"
	"CREATE VIEW contacts AS SELECT campaign, phone_number, max(attempts) AS attempts, final_status, duration, ivr_response FROM calls"
	" GROUP BY campaign, phone_number;"
	"BEGIN;";

enum dd_status dd_calls_db_open(const char *path, struct dd_calls_db **out, struct dd_error *err)
{
	enum dd_status status = open_library(err);
	if (status != DD_OK)
		return status;
	if (unlink(path) != 0 && errno != ENOENT)
		return dd_fail(err, DD_ERR_READ, "%s: %s", path, strerror(errno));
	struct dd_calls_db *d = dd_alloc(sizeof *d);
	static const char insert[] = "INSERT INTO calls VALUES (?,?,?,?,?,?,NULL,?,?,?,?,?,?)";
	bool fine = lib.sqlite3_open_v2(path, &d->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK &&
		    lib.sqlite3_exec(d->db, SCHEMA, NULL, NULL, NULL) == SQLITE_OK &&
		    lib.sqlite3_prepare_v2(d->db, insert, -1, &d->insert, NULL) == SQLITE_OK;
	if (!fine) {
		status = dd_fail(err, DD_ERR_READ, "%s: %s", path, d->db ? lib.sqlite3_errmsg(d->db) : "cannot be written");
		(void)lib.sqlite3_close(d->db);
		free(d);
		return status;
	}
	*out = d;
	return DD_OK;
}

static void bind_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text)
		(void)lib.sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
	else
		(void)lib.sqlite3_bind_null(s, at);
}

void dd_calls_db_add(struct dd_calls_db *d, const struct dd_call_row *r)
{
	sqlite3_stmt *s = d->insert;
	bind_text(s, 1, r->campaign);
	bind_text(s, 2, r->phone_number);
	(void)lib.sqlite3_bind_int64(s, 3, r->attempts);
	bind_text(s, 4, r->final_status);
	(void)lib.sqlite3_bind_double(s, 5, (double)r->duration / 1000);
	bind_text(s, 6, r->ivr_response);
	bind_text(s, 7, r->started);
	(void)lib.sqlite3_bind_double(s, 8, (double)r->ringing / 1000);
	bind_text(s, 9, r->ended_by);
	(void)lib.sqlite3_bind_int64(s, 10, r->goal);
	(void)lib.sqlite3_bind_int64(s, 11, r->opted_out);
	(void)lib.sqlite3_bind_int64(s, 12, r->heard_message);
	d->failed |= lib.sqlite3_step(s) != SQLITE_DONE;
	(void)lib.sqlite3_reset(s);
}

enum dd_status dd_calls_db_close(struct dd_calls_db *d, struct dd_error *err)
{
	d->failed |= lib.sqlite3_exec(d->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK;
	enum dd_status status = d->failed ? dd_fail(err, DD_ERR_READ, "%s", lib.sqlite3_errmsg(d->db)) : DD_OK;
	(void)lib.sqlite3_finalize(d->insert);
	(void)lib.sqlite3_close(d->db);
	free(d);
	return status;
}
