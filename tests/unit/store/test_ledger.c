/* Records go in and come out; what was committed is there for the next one who opens the file, and
 * nothing else. */
#include "store/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/sqlite.h"
#include "../unit.h"

/* What no call is without. */
#define FILLED \
	.account = "a", .app = "f", .customer = "+91", .caller_id = "1", .status = "queued", \
	.hook_type = "form"

static char folder[] = "/tmp/drydial-ledger-XXXXXX";
static char path[64];

static bool take(void *self, const void *record)
{
	const struct dd_call_record *r = record;
	struct dd_call_record *to = self;
	*to = *r;
	to->sid = strcmp(r->sid, "s1") == 0 ? "s1" : "other";
	to->digits = r->digits ? "some" : NULL;
	to->account = NULL;
	return false;
}

static struct dd_call_record read_call(struct dd_ledger *l, const char *sid)
{
	struct dd_call_record r = {0};
	struct dd_query q = {
	        .where = "sid = ?1", .binds = (struct dd_bind[]){{.text = sid}}, .nbinds = 1};
	(void)dd_ledger_each(l, DD_TABLE_CALL, &q, take, &r);
	return r;
}

static void records_go_in_and_out(void **state)
{
	struct dd_ledger *l;
	struct dd_error err = {""};
	(void)state;
	assert_int_equal(dd_ledger_open(":memory:", &l, &err), DD_OK);
	struct dd_call_record r = {.sid = "s1",
	        .app = "f",
	        .caller_id = "1",
	        .status = "queued",
	        .hook_type = "form",
	        .account = "it's \"me\"; DROP TABLE call",
	        .customer = "+91",
	        .created = INT64_MAX,
	        .stage = DD_STAGE_PLACED};
	r.id = dd_ledger_add(l, DD_TABLE_CALL, &r);
	assert_true(dd_ledger_dirty(l));
	struct dd_call_record got = read_call(l, "s1");
	assert_int_equal(got.id, r.id);
	assert_true(got.created == INT64_MAX && got.stage == DD_STAGE_PLACED && !got.digits &&
	        strcmp(got.sid, "s1") == 0);
	r.digits = "1,2";
	dd_ledger_change(l, DD_TABLE_CALL, &r);
	assert_non_null(read_call(l, "s1").digits);
	assert_int_equal(read_call(l, "s1' OR 1=1 --").id, 0);
	for (int i = 0; i < 200; i++) {
		char where[64];
		(void)snprintf(
		        where, sizeof where, "created > %d", i); /* more questions than are kept */
		assert_int_equal(
		        dd_ledger_count(l, DD_TABLE_CALL, &(struct dd_query){.where = where}), 1);
	}
	dd_ledger_set_note(l, "now", 5);
	dd_ledger_set_note(l, "now", 7);
	assert_int_equal(dd_ledger_note(l, "now", 1), 7);
	assert_int_equal(dd_ledger_note(l, "other", 1), 1);
	assert_true(dd_ledger_commit(l));
	dd_ledger_delete(l, DD_TABLE_CALL, NULL);
	assert_int_equal(dd_ledger_count(l, DD_TABLE_CALL, NULL), 0);
	assert_null(dd_ledger_fault(l));
	/* a question that cannot be asked has no answer, and nothing goes on behind it */
	assert_int_equal(
	        dd_ledger_count(l, DD_TABLE_CALL, &(struct dd_query){.where = "no such column"}),
	        0);
	assert_non_null(dd_ledger_fault(l));
	assert_int_equal(dd_ledger_add(l, DD_TABLE_CALL, &r), 0);
	assert_false(dd_ledger_commit(l));
	dd_ledger_close(l);
}

/* A child that is killed: what it committed stays, what it did not does not. */
static void only_what_was_committed_survives(void **state)
{
	struct dd_ledger *l;
	struct dd_error err = {""};
	int status;
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		if (dd_ledger_open(path, &l, &err) != DD_OK)
			_exit(1);
		struct dd_call_record r = {.sid = "s1", FILLED};
		(void)dd_ledger_add(l, DD_TABLE_CALL, &r);
		(void)dd_ledger_commit(l);
		r.sid = "s2";
		(void)dd_ledger_add(l, DD_TABLE_CALL, &r);
		(void)kill(getpid(), 9);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(dd_ledger_open(path, &l, &err), DD_OK);
	assert_true(read_call(l, "s1").id > 0);
	assert_int_equal(read_call(l, "s2").id, 0);
	dd_ledger_close(l);
}

/* Of a transaction of which one write fails, the others are not kept. */
static void a_transaction_is_kept_whole_or_not_at_all(void **state)
{
	struct dd_ledger *l;
	struct dd_error err = {""};
	(void)state;
	assert_int_equal(dd_ledger_open(path, &l, &err), DD_OK);
	struct dd_call_record r = {.sid = "whole", FILLED};
	(void)dd_ledger_add(l, DD_TABLE_CALL, &r);
	(void)dd_ledger_add(l, DD_TABLE_CALL, &r); /* a sid is there once */
	assert_non_null(dd_ledger_fault(l));
	assert_false(dd_ledger_commit(l));
	dd_ledger_close(l);
	assert_int_equal(dd_ledger_open(path, &l, &err), DD_OK);
	assert_int_equal(read_call(l, "whole").id, 0);
	r.id = 4711; /* nor is a change of a row that is not there */
	dd_ledger_change(l, DD_TABLE_CALL, &r);
	assert_non_null(strstr(dd_ledger_fault(l), "gone"));
	dd_ledger_close(l);
}

/* What is written after the file has been taken away is not kept, and must not be taken for it. */
static void files_that_are_taken_away_are_noticed(void **state)
{
	struct dd_error err = {""};
	char file[80], log[90], other[90];
	(void)state;
	for (int how = 0; how < 6; how++) {
		struct dd_ledger *l;
		struct dd_call_record r = {.sid = "s1", FILLED};
		(void)snprintf(file, sizeof file, "%s/taken%d.db", folder, how);
		(void)snprintf(log, sizeof log, "%s-wal", file);
		(void)snprintf(other, sizeof other, "%s.other", file);
		assert_int_equal(dd_ledger_open(file, &l, &err), DD_OK);
		(void)dd_ledger_add(l, DD_TABLE_CALL, &r);
		assert_true(dd_ledger_commit(l));
		const char *what = how % 2 ? log : file;
		if (how < 2)
			assert_int_equal(unlink(what), 0);
		else if (how < 4)
			assert_int_equal(rename(what, other), 0);
		else
			assert_int_equal(truncate(what, 100), 0);
		r.sid = "s2";
		(void)dd_ledger_add(l, DD_TABLE_CALL, &r);
		assert_false(dd_ledger_commit(l));
		assert_non_null(strstr(dd_ledger_fault(l), "deleted, replaced or cut"));
		dd_ledger_close(l);
	}
}

static void overwrite(const char *file, long at, const char *bytes, size_t n)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	assert_true(fd >= 0 && pwrite(fd, bytes, n, at) == (ssize_t)n);
	close(fd);
}

static size_t bytes_of(const char *file)
{
	FILE *f = fopen(file, "re");
	assert_non_null(f);
	(void)fseek(f, 0, SEEK_END);
	long n = ftell(f);
	(void)fclose(f);
	return (size_t)n;
}

/* A file with many calls, closed. */
static void make_full(const char *file)
{
	struct dd_ledger *l;
	struct dd_error err = {""};
	(void)unlink(file);
	assert_int_equal(dd_ledger_open(file, &l, &err), DD_OK);
	for (int i = 0; i < 500; i++) {
		char sid[16];
		struct dd_call_record r = {.sid = sid, FILLED};
		(void)snprintf(sid, sizeof sid, "s%d", i);
		(void)dd_ledger_add(l, DD_TABLE_CALL, &r);
	}
	assert_true(dd_ledger_commit(l));
	dd_ledger_close(l);
}

static void damage_is_found_at_the_beginning(void **state)
{
	struct dd_ledger *l;
	struct dd_error err = {""};
	char file[80], log[90];
	(void)state;
	(void)snprintf(file, sizeof file, "%s/damaged.db", folder);
	(void)snprintf(log, sizeof log, "%s-wal", file);
	make_full(file);
	assert_int_equal(dd_ledger_open(file, &l, &err), DD_OK);
	dd_ledger_close(l);
	size_t n = bytes_of(file);
	for (size_t cut = n - 1; cut > 0; cut = cut > 4096 ? cut / 2 : cut > 100 ? 100 : 0) {
		make_full(file);
		assert_int_equal(truncate(file, (off_t)cut), 0);
		assert_int_equal(dd_ledger_open(file, &l, &err), DD_ERR_READ);
	}
	for (long at = 0; at < (long)n; at += 4096) {
		make_full(file);
		overwrite(file, at, "scribbled over, scribbled over, scribbled over", 46);
		assert_int_equal(dd_ledger_open(file, &l, &err), DD_ERR_READ);
	}
	/* an empty file is a new one, but not beside a log that says otherwise */
	assert_int_equal(truncate(file, 0), 0);
	int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, "frames", 6) == 6);
	close(fd);
	assert_int_equal(dd_ledger_open(file, &l, &err), DD_ERR_READ);
	assert_non_null(strstr(err.text, "-wal"));
	assert_int_equal(unlink(log), 0);
	assert_int_equal(dd_ledger_open(file, &l, &err), DD_OK);
	dd_ledger_close(l);
}

/* Rows that no drydial has written: each is a column that would be taken for text, or for a place
 * in a list. */
static void rows_that_make_no_sense_are_found(void **state)
{
	static const char *const changes[] = {"UPDATE call SET status = NULL WHERE id = 7",
	        "UPDATE call SET hook_type = NULL WHERE id = 7",
	        "UPDATE call SET stage = 9 WHERE id = 7",
	        "UPDATE call SET sid = CAST(x'6100' AS TEXT) WHERE id = 7",
	        "INSERT INTO hook SELECT NULL,'s','e',NULL,'t','b',NULL,0,0,0,0,0",
	        "INSERT INTO hook SELECT NULL,'s','e','u','t','b',NULL,3,0,0,0,0",
	        "INSERT INTO contact SELECT NULL,NULL,NULL,NULL,NULL,NULL,1,0,0,0,0,0,0,0,NULL"};
	struct dd_ledger *l;
	struct dd_error err = {""};
	char file[80];
	(void)state;
	(void)snprintf(file, sizeof file, "%s/rows.db", folder);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		sqlite3 *db;
		make_full(file);
		assert_int_equal(
		        dd_sqlite.sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), 0);
		if (dd_sqlite.sqlite3_exec(db, changes[i], NULL, NULL, NULL) != 0)
			fail_msg("%s: %s", changes[i], dd_sqlite.sqlite3_errmsg(db));
		(void)dd_sqlite.sqlite3_close(db);
		if (dd_ledger_open(file, &l, &err) == DD_OK)
			fail_msg("%s", changes[i]);
		assert_non_null(strstr(err.text, "makes no sense"));
	}
}

static void other_files_are_refused(void **state)
{
	struct dd_ledger *l;
	struct dd_error err = {""};
	char other[80];
	(void)state;
	(void)snprintf(other, sizeof other, "%s/other", folder);
	int fd = open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	for (int i = 0; i < 300; i++)
		assert_int_equal(write(fd, "no database at all\n", 19), 19);
	close(fd);
	assert_int_equal(dd_ledger_open(other, &l, &err), DD_ERR_READ);
	assert_int_equal(dd_ledger_open(folder, &l, &err), DD_ERR_READ);
	assert_int_equal(dd_ledger_open("/nowhere/at/all", &l, &err), DD_ERR_READ);
	assert_int_equal(dd_ledger_open("/dev/zero", &l, &err), DD_ERR_READ);
	(void)snprintf(other, sizeof other, "%s/fifo", folder);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(dd_ledger_open(other, &l, &err), DD_ERR_READ);
	assert_non_null(strstr(err.text, "it is no file"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(records_go_in_and_out),
	        cmocka_unit_test(only_what_was_committed_survives),
	        cmocka_unit_test(a_transaction_is_kept_whole_or_not_at_all),
	        cmocka_unit_test(files_that_are_taken_away_are_noticed),
	        cmocka_unit_test(damage_is_found_at_the_beginning),
	        cmocka_unit_test(rows_that_make_no_sense_are_found),
	        cmocka_unit_test(other_files_are_refused)};
	char command[80];
	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof path, "%s/ledger.db", folder);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command) != 0 ? 1 : failed;
}
