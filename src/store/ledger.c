/* One mechanism for all tables: their columns are read from, and written to, the fields of a record
 * at known offsets. */
#include "store/ledger.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/arena.h"
#include "base/text.h"
#include "store/sqlite.h"

enum { COLUMNS_MAX = 48, STATEMENTS_MAX = 96, VERSION = 3, APPLICATION = 0x64726479 /* "drdy" */ };

struct column {
	const char *name;
	size_t offset;
	bool text;
};
struct table {
	const char *name;
	const struct column *columns;
	size_t n;
	const char *needed; /* columns that no row of ours leaves empty, with a space behind each */
	const char *stage;  /* a column that is no more than `last`; NULL: none */
	int64_t last;
};

#define TEXT_COLUMN(field) {#field, offsetof(RECORD, field), true},
#define INT_COLUMN(field)  {#field, offsetof(RECORD, field), false},
#define RECORD             struct dd_call_record
static const struct column call_columns[] = {DD_CALL_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_transcript_record
static const struct column transcript_columns[] = {DD_TRANSCRIPT_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_hook_record
static const struct column hook_columns[] = {DD_HOOK_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_message_record
static const struct column message_columns[] = {DD_MESSAGE_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_campaign_record
static const struct column campaign_columns[] = {DD_CAMPAIGN_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_contact_record
static const struct column contact_columns[] = {DD_CONTACT_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_note_record
static const struct column note_columns[] = {DD_NOTE_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_phone_record
static const struct column phone_columns[] = {DD_PHONE_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_allowed_record
static const struct column allowed_columns[] = {DD_ALLOWED_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_person_record
static const struct column person_columns[] = {DD_PERSON_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_list_record
static const struct column list_columns[] = {DD_LIST_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD
#define RECORD struct dd_member_record
static const struct column member_columns[] = {DD_MEMBER_COLUMNS(TEXT_COLUMN, INT_COLUMN)};
#undef RECORD

#define COLUMNS(name) name##_columns, sizeof name##_columns / sizeof *name##_columns
static const struct table TABLES[DD_TABLES_COUNT] = {
        [DD_TABLE_CALL] = {"call", COLUMNS(call),
                "sid account app customer caller_id status hook_type ", "stage", DD_STAGE_OVER},
        [DD_TABLE_TRANSCRIPT] = {"transcript", COLUMNS(transcript), "json ", NULL, 0},
        [DD_TABLE_HOOK] = {"hook", COLUMNS(hook), "event url type body ", "state",
                DD_HOOK_GIVEN_UP},
        [DD_TABLE_MESSAGE] = {"message", COLUMNS(message), "sid customer text ", NULL, 0},
        [DD_TABLE_CAMPAIGN] = {"campaign", COLUMNS(campaign), "sid account name request status ",
                NULL, 0},
        [DD_TABLE_CONTACT] = {"contact", COLUMNS(contact), "number ", "stage",
                DD_CONTACT_STAGE_LAST},
        [DD_TABLE_NOTE] = {"note", COLUMNS(note), "name ", NULL, 0},
        [DD_TABLE_PHONE] = {"phone", COLUMNS(phone), "sid account ", NULL, 0},
        [DD_TABLE_ALLOWED] = {"allowed", COLUMNS(allowed), "account ", NULL, 0},
        [DD_TABLE_PERSON] = {"person", COLUMNS(person), "sid account fields ", NULL, 0},
        [DD_TABLE_LIST] = {"list", COLUMNS(list), "sid account name ", NULL, 0},
        [DD_TABLE_MEMBER] = {"member", COLUMNS(member), "", NULL, 0},
};

static const char INDICES[] =
        "CREATE UNIQUE INDEX IF NOT EXISTS call_sid ON call (sid);"
        /* lists, and their counts, are of calls that are over: a call that is placed writes
         * neither */
        "DROP INDEX IF EXISTS call_account; DROP INDEX IF EXISTS call_number;"
        "CREATE INDEX IF NOT EXISTS call_over ON call (account) WHERE stage = 2;"
        "CREATE INDEX IF NOT EXISTS call_number_over ON call (number) WHERE stage = 2;"
        "CREATE INDEX IF NOT EXISTS call_opted_out ON call (number) WHERE opted_out = 1;"
        "CREATE INDEX IF NOT EXISTS call_campaign ON call (campaign) WHERE campaign > 0;"
        "CREATE UNIQUE INDEX IF NOT EXISTS transcript_call ON transcript (call);"
        "CREATE INDEX IF NOT EXISTS hook_waiting ON hook (state) WHERE state = 0;"
        "CREATE INDEX IF NOT EXISTS hook_sid ON hook (sid);"
        "CREATE INDEX IF NOT EXISTS message_sid ON message (sid);"
        "CREATE INDEX IF NOT EXISTS message_message ON message (message);"
        "CREATE INDEX IF NOT EXISTS message_going ON message (stage) WHERE stage > 0;"
        "CREATE UNIQUE INDEX IF NOT EXISTS phone_sid ON phone (account, sid);"
        "CREATE UNIQUE INDEX IF NOT EXISTS allowed_number ON allowed (account, number);"
        "CREATE UNIQUE INDEX IF NOT EXISTS person_sid ON person (sid);"
        "CREATE UNIQUE INDEX IF NOT EXISTS list_sid ON list (sid);"
        "CREATE UNIQUE INDEX IF NOT EXISTS member_list ON member (list, person);"
        "CREATE UNIQUE INDEX IF NOT EXISTS campaign_sid ON campaign (sid);"
        "CREATE INDEX IF NOT EXISTS contact_campaign ON contact (campaign, place);"
        "CREATE UNIQUE INDEX IF NOT EXISTS note_name ON note (name);";

/* A file that must stay the one that it was, and not become shorter. */
struct watched {
	char *path; /* NULL: nothing is watched */
	dev_t device;
	ino_t file;
	off_t bytes;
};

struct dd_ledger {
	sqlite3 *db;
	bool dirty, failed;
	struct dd_error fault;
	struct watched files[2];          /* the database and its log */
	uint64_t needed[DD_TABLES_COUNT]; /* the columns that may not be empty, a bit each */
	size_t stage[DD_TABLES_COUNT];    /* the column of the stage; SIZE_MAX: none */
	struct {
		const char *what; /* static text */
		enum dd_table table;
		char *where, *order; /* "" where there is none */
		sqlite3_stmt *statement;
		bool busy;
	} kept[STATEMENTS_MAX];
	size_t nkept;
	sqlite3_stmt *insert[DD_TABLES_COUNT], *change[DD_TABLES_COUNT], *begin, *commit;
};

/* The first fault stays: after it nothing of what the server believes is known to be on disk. */
static void fail(struct dd_ledger *l, const char *what, const char *why)
{
	if (!l->failed)
		(void)dd_fail(&l->fault, DD_ERR_READ, "%s: %s", what, why);
	l->failed = true;
}

static void fail_write(struct dd_ledger *l)
{
	fail(l, "the database did not take a write", dd_sqlite.sqlite3_errmsg(l->db));
}

static void fail_read(struct dd_ledger *l)
{
	fail(l, "the database cannot be read", dd_sqlite.sqlite3_errmsg(l->db));
}

static bool run(struct dd_ledger *l, const char *sql)
{
	return dd_sqlite.sqlite3_exec(l->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static bool create(struct dd_ledger *l)
{
	struct dd_buf sql = {0};
	for (size_t t = 0; t < DD_TABLES_COUNT; t++) {
		dd_buf_format(&sql, "CREATE TABLE IF NOT EXISTS %s (id INTEGER PRIMARY KEY%s",
		        TABLES[t].name,
		        t == DD_TABLE_CAMPAIGN
		                ? " AUTOINCREMENT"
		                : ""); /* calls keep the id of a campaign that is gone */
		for (size_t c = 0; c < TABLES[t].n; c++)
			dd_buf_format(&sql, ", %s %s", TABLES[t].columns[c].name,
			        TABLES[t].columns[c].text ? "TEXT" : "INTEGER NOT NULL");
		dd_buf_str(&sql, ") STRICT;");
	}
	dd_buf_str(&sql, INDICES);
	dd_buf_format(&sql, "PRAGMA user_version = %d; PRAGMA application_id = %d;", VERSION,
	        APPLICATION);
	bool fine = run(l, sql.p);
	dd_buf_free(&sql);
	return fine;
}

/* NULL: it cannot be asked. */
static sqlite3_stmt *prepare(struct dd_ledger *l, const char *sql)
{
	sqlite3_stmt *s = NULL;
	(void)dd_sqlite.sqlite3_prepare_v2(l->db, sql, -1, &s, NULL);
	return s;
}

static void prepare_writes(struct dd_ledger *l)
{
	l->begin = prepare(l, "BEGIN");
	l->commit = prepare(l, "COMMIT");
	if (!l->begin || !l->commit)
		fail_write(l);
	for (size_t t = 0; t < DD_TABLES_COUNT; t++) {
		struct dd_buf add = {0}, change = {0};
		dd_buf_format(&add, "INSERT INTO %s VALUES (NULL", TABLES[t].name);
		dd_buf_format(&change, "UPDATE %s SET ", TABLES[t].name);
		for (size_t c = 0; c < TABLES[t].n; c++) {
			dd_buf_format(&add, ", ?%zu", c + 1);
			dd_buf_format(&change, "%s%s = ?%zu", c ? ", " : "",
			        TABLES[t].columns[c].name, c + 1);
		}
		dd_buf_str(&add, ")");
		dd_buf_format(&change, " WHERE id = ?%zu", TABLES[t].n + 1);
		l->insert[t] = prepare(l, add.p);
		l->change[t] = prepare(l, change.p);
		if (!l->insert[t] || !l->change[t])
			fail_write(l);
		dd_buf_free(&add);
		dd_buf_free(&change);
	}
}

static int64_t pragma(struct dd_ledger *l, const char *sql)
{
	sqlite3_stmt *s = NULL;
	int64_t value = -1;
	if (dd_sqlite.sqlite3_prepare_v2(l->db, sql, -1, &s, NULL) == SQLITE_OK &&
	        dd_sqlite.sqlite3_step(s) == SQLITE_ROW)
		value = dd_sqlite.sqlite3_column_int64(s, 0);
	(void)dd_sqlite.sqlite3_finalize(s);
	return value;
}

/* A file of an older version gets the columns that came later, which stand behind its own, and the
   values that the older version would have meant: it counted calls by the days of India. */
static bool migrate(struct dd_ledger *l, int64_t version)
{
	bool fine = true;
	for (size_t t = 0; t < DD_TABLES_COUNT; t++) {
		struct dd_buf sql = {0};
		dd_buf_format(
		        &sql, "SELECT count(*) - 1 FROM pragma_table_info('%s')", TABLES[t].name);
		int64_t had = pragma(l, sql.p);
		for (size_t c = had > 0 ? (size_t)had : TABLES[t].n; c < TABLES[t].n; c++) {
			dd_buf_clear(&sql);
			dd_buf_format(&sql, "ALTER TABLE %s ADD COLUMN %s %s", TABLES[t].name,
			        TABLES[t].columns[c].name,
			        TABLES[t].columns[c].text ? "TEXT" : "INTEGER NOT NULL DEFAULT 0");
			fine = fine && run(l, sql.p);
		}
		dd_buf_free(&sql);
	}
	if (version < 2)
		fine = fine && run(l, "UPDATE call SET day = (created + 19800000) / 86400000");
	if (version < 3)
		fine = fine &&
		        run(l,
		                "UPDATE call SET called = CASE WHEN callee IS NULL THEN number "
		                "ELSE CAST('91' || substr(callee, -10) AS INTEGER) END");
	return fine;
}

/* -- the file --------------------------------------------------------------- */

/* Whoever deletes the file, puts another in its place, or cuts it takes away what is written after:
   the system writes on into what nobody will find again. */
static bool look_at(struct watched *w)
{
	struct stat st;
	if (!w->path)
		return true;
	bool same = stat(w->path, &st) == 0 &&
	        (!w->file ||
	                (st.st_dev == w->device && st.st_ino == w->file && st.st_size >= w->bytes));
	if (same)
		w->device = st.st_dev, w->file = st.st_ino, w->bytes = st.st_size;
	return same;
}

static bool look_at_files(struct dd_ledger *l)
{
	for (size_t i = 0; i < 2; i++)
		if (!look_at(&l->files[i])) {
			fail(l, l->files[i].path,
			        "it was deleted, replaced or cut while the server ran; what came "
			        "since is lost");
			return false;
		}
	return true;
}

static void watch(struct dd_ledger *l, const char *path)
{
	struct dd_buf log = {0};
	char *real = strcmp(path, ":memory:") == 0 ? NULL : realpath(path, NULL);
	if (!real)
		return;
	dd_buf_format(&log, "%s-wal", real);
	l->files[0].path = real;
	l->files[1].path = log.p;
	(void)look_at_files(l);
}

/* What SQLite would take for a new database, or would wait for: NULL, or why it may not be. */
static const char *refuse(const char *path)
{
	struct stat st, log;
	struct dd_buf name = {0};
	if (strcmp(path, ":memory:") == 0)
		return NULL;
	if (stat(path, &st) != 0)
		st = (struct stat){.st_mode = errno == ENOENT ? S_IFREG : 0};
	if (!st.st_mode)
		return strerror(errno);
	if (!S_ISREG(st.st_mode))
		return "it is no file";
	dd_buf_format(&name, "%s-wal", path);
	bool emptied = st.st_size == 0 && stat(name.p, &log) == 0 && log.st_size > 0;
	dd_buf_free(&name);
	return emptied ? "it is gone or empty, but its log (the same name with -wal) is there: "
	                 "bring it back, or remove the log to begin anew"
	               : NULL;
}

static void know_columns(struct dd_ledger *l)
{
	for (int t = 0; t < DD_TABLES_COUNT; t++) {
		l->stage[t] = SIZE_MAX;
		for (size_t c = 0; c < TABLES[t].n; c++) {
			const char *name = TABLES[t].columns[c].name, *at = TABLES[t].needed;
			size_t n = strlen(name);
			for (; *at; at += strcspn(at, " ") + 1)
				if (strncmp(at, name, n) == 0 && at[n] == ' ')
					l->needed[t] |= UINT64_C(1) << c;
			if (TABLES[t].stage && strcmp(TABLES[t].stage, name) == 0)
				l->stage[t] = c;
		}
	}
}

static bool look_at_row(void *self, const void *record)
{
	(void)self, (void)record;
	return true;
}

/* Damage is found now and not by a call: the pages must hang together, and each row make sense. */
static const char *inspect(struct dd_ledger *l)
{
	sqlite3_stmt *s = NULL;
	(void)dd_sqlite.sqlite3_prepare_v2(l->db, "PRAGMA quick_check(1)", -1, &s, NULL);
	bool fine = s && dd_sqlite.sqlite3_step(s) == SQLITE_ROW &&
	        strcmp((const char *)dd_sqlite.sqlite3_column_text(s, 0), "ok") == 0;
	(void)dd_sqlite.sqlite3_finalize(s);
	for (int t = 0; fine && t < DD_TABLES_COUNT; t++)
		if (t != DD_TABLE_TRANSCRIPT && t != DD_TABLE_MESSAGE)
			(void)dd_ledger_each(l, (enum dd_table)t, NULL, look_at_row, NULL);
	return fine ? NULL : "it is damaged; bring back a copy, or give a new file";
}

/* The lock is taken now and kept: two servers that place the same calls would place them twice. */
static const char *begin(struct dd_ledger *l)
{
	(void)dd_sqlite.sqlite3_busy_timeout(l->db, 1000);
	/* somebody else's database is left as it is */
	int64_t tables = pragma(l, "SELECT count(*) FROM sqlite_schema");
	if (tables > 0 && pragma(l, "PRAGMA application_id") != APPLICATION)
		return "it is a database of something else";
	if (tables >= 0 && pragma(l, "PRAGMA user_version") > VERSION)
		return "it was written by a newer drydial; use that one, or give a new file";
	if (!run(l,
	            "PRAGMA page_size = 2048;" /* of a new file: a commit writes whole pages */
	            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; "
	            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;"
	            "PRAGMA wal_autocheckpoint = 32000;" /* pages of 2 KiB */
	            "BEGIN EXCLUSIVE; COMMIT;"))
		return strstr(dd_sqlite.sqlite3_errmsg(l->db), "locked")
		        ? "another program uses it, such as another drydial serve"
		        : dd_sqlite.sqlite3_errmsg(l->db);
	tables = pragma(l, "SELECT count(*) FROM sqlite_schema");
	int64_t version = pragma(l, "PRAGMA user_version");
	if (tables < 0 || version < 0)
		return dd_sqlite.sqlite3_errmsg(l->db);
	if (!run(l, "BEGIN") || (tables > 0 && version < VERSION && !migrate(l, version)) ||
	        !create(l) || !run(l, "COMMIT"))
		return dd_sqlite.sqlite3_errmsg(l->db);
	return tables > 0 ? inspect(l) : NULL;
}

enum dd_status dd_ledger_open(const char *path, struct dd_ledger **out, struct dd_error *err)
{
	enum dd_status status = dd_sqlite_load(err);
	if (status != DD_OK)
		return status;
	struct dd_ledger *l = dd_alloc(sizeof *l);
	const char *fault = refuse(path);
	know_columns(l);
	if (!fault) {
		fault = dd_sqlite.sqlite3_open_v2(path, &l->db,
		                SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE |
		                        SQLITE_OPEN_NOMUTEX, /* it has one thread */
		                NULL) == SQLITE_OK
		        ? begin(l)
		        : "cannot be opened";
	}
	if (!fault) {
		prepare_writes(l);
		watch(l, path);
	}
	if (fault || l->failed) {
		status = dd_fail(err, DD_ERR_READ, "%s: %s", path, fault ? fault : l->fault.text);
		l->failed = true; /* nothing is written any more */
		dd_ledger_close(l);
		return status;
	}
	*out = l;
	return DD_OK;
}

void dd_ledger_close(struct dd_ledger *l)
{
	if (!l)
		return;
	(void)dd_ledger_commit(l);
	(void)dd_sqlite.sqlite3_finalize(l->begin);
	(void)dd_sqlite.sqlite3_finalize(l->commit);
	for (size_t t = 0; t < DD_TABLES_COUNT; t++) {
		(void)dd_sqlite.sqlite3_finalize(l->insert[t]);
		(void)dd_sqlite.sqlite3_finalize(l->change[t]);
	}
	for (size_t i = 0; i < l->nkept; i++) {
		(void)dd_sqlite.sqlite3_finalize(l->kept[i].statement);
		free(l->kept[i].where);
		free(l->kept[i].order);
	}
	(void)dd_sqlite.sqlite3_close(l->db);
	free(l->files[0].path);
	free(l->files[1].path);
	free(l);
}

/* -- writing ---------------------------------------------------------------- */

static void finish(struct dd_ledger *l, sqlite3_stmt *s)
{
	if (dd_sqlite.sqlite3_step(s) != SQLITE_DONE)
		fail_write(l);
	(void)dd_sqlite.sqlite3_reset(s);
}

/* Whether there is a transaction to write into: after a fault there is none. */
static bool touch(struct dd_ledger *l)
{
	if (!l->failed && !l->dirty)
		finish(l, l->begin);
	l->dirty = true;
	return !l->failed;
}

static void bind_record(sqlite3_stmt *s, const struct table *t, const void *record)
{
	for (size_t c = 0; c < t->n; c++) {
		const char *field = (const char *)record + t->columns[c].offset;
		if (!t->columns[c].text) {
			(void)dd_sqlite.sqlite3_bind_int64(
			        s, (int)c + 1, *(const int64_t *)(const void *)field);
		} else {
			const char *text = *(const char *const *)(const void *)field;
			(void)dd_sqlite.sqlite3_bind_text(s, (int)c + 1, text, -1, SQLITE_STATIC);
		}
	}
}

int64_t dd_ledger_add(struct dd_ledger *l, enum dd_table table, const void *record)
{
	if (!touch(l))
		return 0;
	bind_record(l->insert[table], &TABLES[table], record);
	finish(l, l->insert[table]);
	return dd_sqlite.sqlite3_last_insert_rowid(l->db);
}

void dd_ledger_change(struct dd_ledger *l, enum dd_table table, const void *record)
{
	if (!touch(l))
		return;
	bind_record(l->change[table], &TABLES[table], record);
	(void)dd_sqlite.sqlite3_bind_int64(
	        l->change[table], (int)TABLES[table].n + 1, *(const int64_t *)record);
	finish(l, l->change[table]);
	if (!l->failed && dd_sqlite.sqlite3_changes(l->db) != 1)
		fail(l, "the database did not take a write", "a row of it is gone");
}

bool dd_ledger_dirty(const struct dd_ledger *l)
{
	return l->dirty;
}

/* All of a transaction, or nothing: a part of it would be a story that never was. */
bool dd_ledger_commit(struct dd_ledger *l)
{
	/* looked at before, since what was cut grows again, and after: then it was there */
	if (l->dirty && !l->failed && look_at_files(l)) {
		finish(l, l->commit);
		(void)(!l->failed && look_at_files(l));
	}
	if (l->failed && l->db)
		(void)run(l, "ROLLBACK");
	l->dirty = false;
	return !l->failed;
}

const char *dd_ledger_fault(const struct dd_ledger *l)
{
	return l->failed ? l->fault.text : NULL;
}

/* -- reading ---------------------------------------------------------------- */

static const char SELECT[] = "SELECT *", COUNT[] = "SELECT count(*)", DELETE[] = "DELETE";

static sqlite3_stmt *prepare_question(struct dd_ledger *l, const char *what, enum dd_table table,
        const char *where, const char *order)
{
	struct dd_buf sql = {0};
	dd_buf_format(
	        &sql, "%s FROM %s%s%s", what, TABLES[table].name, *where ? " WHERE " : "", where);
	if (*order)
		dd_buf_format(&sql, " ORDER BY %s LIMIT ?%d OFFSET ?%d", order, DD_BINDS_MAX + 1,
		        DD_BINDS_MAX + 2);
	sqlite3_stmt *s = prepare(l, sql.p);
	dd_buf_free(&sql);
	return s;
}

/* The statement of a question, kept from before unless it is in use. `*slot` SIZE_MAX: the caller
 * ends it. */
static sqlite3_stmt *statement_for(struct dd_ledger *l, const char *what, enum dd_table table,
        const char *where, const char *order, size_t *slot)
{
	*slot = SIZE_MAX;
	for (size_t i = 0; i < l->nkept; i++) {
		if (l->kept[i].table != table || l->kept[i].what != what ||
		        strcmp(l->kept[i].where, where) != 0 ||
		        strcmp(l->kept[i].order, order) != 0)
			continue;
		if (l->kept[i].busy)
			break;
		l->kept[i].busy = true;
		*slot = i;
		return l->kept[i].statement;
	}
	sqlite3_stmt *s = prepare_question(l, what, table, where, order);
	if (s && l->nkept < STATEMENTS_MAX) {
		*slot = l->nkept++;
		l->kept[*slot].what = what;
		l->kept[*slot].table = table;
		l->kept[*slot].where = dd_str_copy(dd_str(where));
		l->kept[*slot].order = dd_str_copy(dd_str(order));
		l->kept[*slot].statement = s;
		l->kept[*slot].busy = true;
	}
	return s;
}

static void give_back(struct dd_ledger *l, sqlite3_stmt *s, size_t slot)
{
	(void)dd_sqlite.sqlite3_reset(s);
	if (slot == SIZE_MAX)
		(void)dd_sqlite.sqlite3_finalize(s);
	else
		l->kept[slot].busy = false;
}

static sqlite3_stmt *ask(struct dd_ledger *l, const char *what, enum dd_table table,
        const struct dd_query *q, size_t *slot)
{
	const char *where = q && q->where ? q->where : "",
	           *order = what != SELECT ? ""
	        : q && q->order            ? q->order
	                                   : "id";
	sqlite3_stmt *s = statement_for(l, what, table, where, order, slot);
	if (!s)
		return NULL;
	for (size_t i = 0; q && i < q->nbinds; i++) {
		if (q->binds[i].text)
			dd_sqlite_bind_text(s, (int)i + 1, q->binds[i].text);
		else
			(void)dd_sqlite.sqlite3_bind_int64(s, (int)i + 1, q->binds[i].number);
	}
	if (what == SELECT) {
		(void)dd_sqlite.sqlite3_bind_int64(
		        s, DD_BINDS_MAX + 1, q && q->limit ? q->limit : -1);
		(void)dd_sqlite.sqlite3_bind_int64(s, DD_BINDS_MAX + 2, q ? q->offset : 0);
	}
	return s;
}

/* False: the row was not written by drydial, or something else has written into it. */
static bool read_record(
        const struct dd_ledger *l, enum dd_table table, sqlite3_stmt *s, char *record)
{
	const struct table *t = &TABLES[table];
	*(int64_t *)(void *)record = dd_sqlite.sqlite3_column_int64(s, 0);
	for (size_t c = 0; c < t->n; c++) {
		char *field = record + t->columns[c].offset;
		if (!t->columns[c].text) {
			int64_t value = dd_sqlite.sqlite3_column_int64(s, (int)c + 1);
			*(int64_t *)(void *)field = value;
			if (c == l->stage[table] && (value < 0 || value > t->last))
				return false;
			continue;
		}
		const char *text = (const char *)dd_sqlite.sqlite3_column_text(s, (int)c + 1);
		*(const char **)(void *)field = text;
		if (text ? strlen(text) != (size_t)dd_sqlite.sqlite3_column_bytes(s, (int)c + 1)
		         : l->needed[table] >> c & 1)
			return false;
	}
	return true;
}

static void fail_row(struct dd_ledger *l, enum dd_table table, int64_t id)
{
	char text[96];
	(void)snprintf(text, sizeof text, "row %lld of its table %s makes no sense", (long long)id,
	        TABLES[table].name);
	fail(l, "the database is damaged", text);
}

size_t dd_ledger_each(struct dd_ledger *l, enum dd_table table, const struct dd_query *q,
        dd_record_fn each, void *self)
{
	union {
		struct dd_call_record call; /* the largest */
		char bytes[sizeof(int64_t) * (COLUMNS_MAX + 1)];
	} room;
	size_t n = 0, slot;
	int got = SQLITE_ROW;
	sqlite3_stmt *s = l->failed ? NULL : ask(l, SELECT, table, q, &slot);
	if (!s) {
		fail_read(l);
		return 0;
	}
	for (bool more = true; more && (got = dd_sqlite.sqlite3_step(s)) == SQLITE_ROW; n++) {
		if (!read_record(l, table, s, room.bytes)) {
			fail_row(l, table, room.call.id);
			break;
		}
		more = each(self, room.bytes);
	}
	if (got != SQLITE_ROW && got != SQLITE_DONE)
		fail_read(l);
	give_back(l, s, slot);
	return n;
}

int64_t dd_ledger_count(struct dd_ledger *l, enum dd_table table, const struct dd_query *q)
{
	size_t slot;
	int64_t n = 0;
	sqlite3_stmt *s = l->failed ? NULL : ask(l, COUNT, table, q, &slot);
	if (!s) {
		fail_read(l);
		return 0;
	}
	if (dd_sqlite.sqlite3_step(s) == SQLITE_ROW)
		n = dd_sqlite.sqlite3_column_int64(s, 0);
	else
		fail_read(l);
	give_back(l, s, slot);
	return n;
}

void dd_ledger_delete(struct dd_ledger *l, enum dd_table table, const struct dd_query *q)
{
	size_t slot;
	if (!touch(l))
		return;
	sqlite3_stmt *s = ask(l, DELETE, table, q, &slot);
	if (!s) {
		fail_write(l);
		return;
	}
	if (dd_sqlite.sqlite3_step(s) != SQLITE_DONE)
		fail_write(l);
	give_back(l, s, slot);
}

/* -- notes ------------------------------------------------------------------ */

static bool take_note(void *self, const void *record)
{
	*(struct dd_note_record *)self = *(const struct dd_note_record *)record;
	return false;
}

static struct dd_note_record note_named(struct dd_ledger *l, const char *name)
{
	struct dd_note_record note = {0};
	struct dd_query q = {
	        .where = "name = ?1", .binds = (struct dd_bind[]){{.text = name}}, .nbinds = 1};
	(void)dd_ledger_each(l, DD_TABLE_NOTE, &q, take_note, &note);
	note.name = name;
	return note;
}

int64_t dd_ledger_note(struct dd_ledger *l, const char *name, int64_t otherwise)
{
	struct dd_note_record note = note_named(l, name);
	return note.id ? note.value : otherwise;
}

void dd_ledger_set_note(struct dd_ledger *l, const char *name, int64_t value)
{
	struct dd_note_record note = note_named(l, name);
	note.value = value;
	if (note.id)
		dd_ledger_change(l, DD_TABLE_NOTE, &note);
	else
		(void)dd_ledger_add(l, DD_TABLE_NOTE, &note);
}
