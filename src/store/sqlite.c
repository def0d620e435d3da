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
	if (dd_sqlite.sqlite3_open_v2)
		return DD_OK;
	enum dd_status status = dd_library_open(names, symbols, err);
	/* it counts each allocation under a lock that all threads share, for figures that nobody
	   asks for */
	if (status == DD_OK)
		(void)dd_sqlite.sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	return status;
}

void dd_sqlite_bind_text(sqlite3_stmt *s, int at, const char *text)
{
	if (text)
		(void)dd_sqlite.sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
	else
		(void)dd_sqlite.sqlite3_bind_null(s, at);
}
