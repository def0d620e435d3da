/* Records go in and come out; what was committed is there for the next one who opens the file, and
 * nothing else. */
#include "store/ledger.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit.h"

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
	assert_int_equal(
	        dd_ledger_count(l, DD_TABLE_CALL, &(struct dd_query){.where = "no such column"}),
	        0);
	assert_null(dd_ledger_fault(l)); /* a question that cannot be asked breaks nothing */
	dd_ledger_set_note(l, "now", 5);
	dd_ledger_set_note(l, "now", 7);
	assert_int_equal(dd_ledger_note(l, "now", 1), 7);
	assert_int_equal(dd_ledger_note(l, "other", 1), 1);
	assert_true(dd_ledger_commit(l));
	dd_ledger_delete(l, DD_TABLE_CALL, NULL);
	assert_int_equal(dd_ledger_count(l, DD_TABLE_CALL, NULL), 0);
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
		struct dd_call_record r = {.sid = "s1"};
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
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(records_go_in_and_out),
	        cmocka_unit_test(only_what_was_committed_survives),
	        cmocka_unit_test(other_files_are_refused)};
	char command[80];
	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(path, sizeof path, "%s/ledger.db", folder);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command) != 0 ? 1 : failed;
}
