/* SQLite, opened when it is first needed, and not before. For the room itself. */
#ifndef DD_STORE_SQLITE_H
#define DD_STORE_SQLITE_H

#include <sqlite3.h>

#include "base/library.h"

/* clang-format off */
#define DD_SQLITE_FUNCTIONS(X) \
	X(sqlite3_open_v2) X(sqlite3_exec) X(sqlite3_prepare_v2) X(sqlite3_bind_text) \
	X(sqlite3_bind_int64) X(sqlite3_bind_double) X(sqlite3_step) X(sqlite3_reset) \
	X(sqlite3_finalize) X(sqlite3_close) X(sqlite3_errmsg) X(sqlite3_bind_null) \
	X(sqlite3_column_text) X(sqlite3_column_bytes) X(sqlite3_column_int64) \
	X(sqlite3_column_type) X(sqlite3_last_insert_rowid) X(sqlite3_changes) \
	X(sqlite3_busy_timeout) X(sqlite3_config)
/* clang-format on */
struct dd_sqlite {
	DD_SQLITE_FUNCTIONS(DD_LIBRARY_POINTER)
};
extern struct dd_sqlite dd_sqlite;

/* DD_ERR_READ when it is not installed. */
enum dd_status dd_sqlite_load(struct dd_error *err);
/* NULL is SQL's NULL. The text is copied. */
void dd_sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text);

#endif
