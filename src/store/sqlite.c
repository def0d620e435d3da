/* The functions of SQLite. */
#include "store/sqlite.h"

struct dd_sqlite dd_sqlite;

enum dd_status dd_sqlite_load(struct dd_error *err)
{
	static const char *const names[] = {"libsqlite3.so.0", "libsqlite3.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &dd_sqlite.name},
	        DD_SQLITE_FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	return dd_sqlite.sqlite3_open_v2 ? DD_OK : dd_library_open(names, symbols, err);
}

void dd_sqlite_bind_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text)
		(void)dd_sqlite.sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
	else
		(void)dd_sqlite.sqlite3_bind_null(s, at);
}
