/* One mechanism for all tables: their columns are read from, and written to, the fields of a record
 * at known offsets. */
#include "store/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "store/sqlite.h"

enum { COLUMNS_MAX = 32, STATEMENTS_MAX = 96, VERSION = 2, APPLICATION = 0x64726479 /* "drdy" */ };

struct column {
	const char *name;
	size_t offset;
	bool text;
};
struct table {
	const char *name;
	const struct column *columns;
	size_t n;
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

static const struct table TABLES[] = {
#define TABLE(NAME, name) {#name, name##_columns, sizeof name##_columns / sizeof *name##_columns},
        DD_TABLES(TABLE)
#undef TABLE
};

static const char INDICES[] =
        "CREATE UNIQUE INDEX IF NOT EXISTS call_sid ON call (sid);"
        "CREATE INDEX IF NOT EXISTS call_number ON call (number);"
        "CREATE INDEX IF NOT EXISTS call_opted_out ON call (number) WHERE opted_out = 1;"
        "CREATE INDEX IF NOT EXISTS call_campaign ON call (campaign) WHERE campaign > 0;"
        "CREATE UNIQUE INDEX IF NOT EXISTS transcript_call ON transcript (call);"
        "CREATE INDEX IF NOT EXISTS hook_waiting ON hook (state) WHERE state = 0;"
        "CREATE INDEX IF NOT EXISTS hook_sid ON hook (sid);"
        "CREATE INDEX IF NOT EXISTS message_sid ON message (sid);"
        "CREATE UNIQUE INDEX IF NOT EXISTS campaign_sid ON campaign (sid);"
        "CREATE INDEX IF NOT EXISTS contact_campaign ON contact (campaign, place);"
        "CREATE UNIQUE INDEX IF NOT EXISTS note_name ON note (name);";

struct dd_ledger {
	sqlite3 *db;
	bool dirty, failed;
	struct dd_error fault;
	struct {
		const char *what; /* static text */
		enum dd_table table;
		char *where, *order; /* "" where there is none */
		sqlite3_stmt *statement;
		bool busy;
	} kept[STATEMENTS_MAX];
	size_t nkept;
	sqlite3_stmt *insert[DD_TABLES_COUNT], *change[DD_TABLES_COUNT];
};

static void fail(struct dd_ledger *l)
{
	if (!l->failed)
		(void)dd_fail(&l->fault, DD_ERR_READ, "the database did not take a write: %s",
		        dd_sqlite.sqlite3_errmsg(l->db));
	l->failed = true;
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
			fail(l);
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
static bool migrate(struct dd_ledger *l)
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
	return fine && run(l, "UPDATE call SET day = (created + 19800000) / 86400000");
}

/* The lock is taken now and kept: two servers that place the same calls would place them twice. */
static const char *begin(struct dd_ledger *l)
{
	(void)dd_sqlite.sqlite3_busy_timeout(l->db, 1000);
	/* somebody else's database is left as it is */
	if (pragma(l, "SELECT count(*) FROM sqlite_schema") > 0 &&
	        pragma(l, "PRAGMA application_id") != APPLICATION)
		return "it is a database of something else";
	if (!run(l,
	            "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; "
	            "PRAGMA synchronous = NORMAL; PRAGMA cache_size = -65536;"
	            "PRAGMA wal_autocheckpoint = 16000;" /* pages of 4 KiB */
	            "BEGIN EXCLUSIVE; COMMIT;"))
		return strstr(dd_sqlite.sqlite3_errmsg(l->db), "locked")
		        ? "another drydial serve uses it"
		        : dd_sqlite.sqlite3_errmsg(l->db);
	int64_t version = pragma(l, "PRAGMA user_version"),
	        tables = pragma(l, "SELECT count(*) FROM sqlite_schema");
	if (tables > 0 && version > VERSION)
		return "it was written by a newer drydial; use that one, or give a new file";
	if (!run(l, "BEGIN") || (tables > 0 && version < VERSION && !migrate(l)) || !create(l) ||
	        !run(l, "COMMIT"))
		return dd_sqlite.sqlite3_errmsg(l->db);
	return NULL;
}

enum dd_status dd_ledger_open(const char *path, struct dd_ledger **out, struct dd_error *err)
{
	enum dd_status status = dd_sqlite_load(err);
	if (status != DD_OK)
		return status;
	struct dd_ledger *l = dd_alloc(sizeof *l);
	const char *fault = "cannot be opened";
	if (dd_sqlite.sqlite3_open_v2(
	            path, &l->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) == SQLITE_OK)
		fault = begin(l);
	if (!fault)
		prepare_writes(l);
	if (fault || l->failed) {
		status = dd_fail(err, DD_ERR_READ, "%s: %s", path, fault ? fault : l->fault.text);
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
	free(l);
}

/* -- writing ---------------------------------------------------------------- */

static void touch(struct dd_ledger *l)
{
	if (!l->dirty && !run(l, "BEGIN"))
		fail(l);
	l->dirty = true;
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

static void finish(struct dd_ledger *l, sqlite3_stmt *s)
{
	if (dd_sqlite.sqlite3_step(s) != SQLITE_DONE)
		fail(l);
	(void)dd_sqlite.sqlite3_reset(s);
}

int64_t dd_ledger_add(struct dd_ledger *l, enum dd_table table, const void *record)
{
	touch(l);
	bind_record(l->insert[table], &TABLES[table], record);
	finish(l, l->insert[table]);
	return dd_sqlite.sqlite3_last_insert_rowid(l->db);
}

void dd_ledger_change(struct dd_ledger *l, enum dd_table table, const void *record)
{
	touch(l);
	bind_record(l->change[table], &TABLES[table], record);
	(void)dd_sqlite.sqlite3_bind_int64(
	        l->change[table], (int)TABLES[table].n + 1, *(const int64_t *)record);
	finish(l, l->change[table]);
}

bool dd_ledger_dirty(const struct dd_ledger *l)
{
	return l->dirty;
}

bool dd_ledger_commit(struct dd_ledger *l)
{
	if (l->dirty && !run(l, "COMMIT"))
		fail(l);
	l->dirty = false;
	return !l->failed;
}

const char *dd_ledger_fault(const struct dd_ledger *l)
{
	return l->failed ? l->fault.text : NULL;
}

/* -- reading ---------------------------------------------------------------- */

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

static const char SELECT[] = "SELECT *", COUNT[] = "SELECT count(*)", DELETE[] = "DELETE";

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

static void read_record(sqlite3_stmt *s, const struct table *t, char *record)
{
	*(int64_t *)(void *)record = dd_sqlite.sqlite3_column_int64(s, 0);
	for (size_t c = 0; c < t->n; c++) {
		char *field = record + t->columns[c].offset;
		if (t->columns[c].text)
			*(const char **)(void *)field =
			        (const char *)dd_sqlite.sqlite3_column_text(s, (int)c + 1);
		else
			*(int64_t *)(void *)field = dd_sqlite.sqlite3_column_int64(s, (int)c + 1);
	}
}

size_t dd_ledger_each(struct dd_ledger *l, enum dd_table table, const struct dd_query *q,
        dd_record_fn each, void *self)
{
	union {
		struct dd_call_record call; /* the largest */
		char bytes[sizeof(int64_t) * (COLUMNS_MAX + 1)];
	} room;
	size_t n = 0, slot;
	sqlite3_stmt *s = ask(l, SELECT, table, q, &slot);
	if (!s)
		return 0;
	for (bool more = true; more && dd_sqlite.sqlite3_step(s) == SQLITE_ROW; n++) {
		read_record(s, &TABLES[table], room.bytes);
		more = each(self, room.bytes);
	}
	give_back(l, s, slot);
	return n;
}

int64_t dd_ledger_count(struct dd_ledger *l, enum dd_table table, const struct dd_query *q)
{
	size_t slot;
	int64_t n = 0;
	sqlite3_stmt *s = ask(l, COUNT, table, q, &slot);
	if (!s)
		return 0;
	if (dd_sqlite.sqlite3_step(s) == SQLITE_ROW)
		n = dd_sqlite.sqlite3_column_int64(s, 0);
	give_back(l, s, slot);
	return n;
}

void dd_ledger_delete(struct dd_ledger *l, enum dd_table table, const struct dd_query *q)
{
	size_t slot;
	touch(l);
	sqlite3_stmt *s = ask(l, DELETE, table, q, &slot);
	if (!s)
		return;
	if (dd_sqlite.sqlite3_step(s) != SQLITE_DONE)
		fail(l);
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
