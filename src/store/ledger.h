/* What drydial serve must not lose: accepted calls, campaigns, messages, callbacks to deliver. One
   SQLite file with a write-ahead log: what has been committed is there after the process was killed
   at any moment (not after the machine was: its disk is not waited for).

   Writes gather in one transaction until dd_ledger_commit(); reads see them at once. Instants are
   milliseconds since 1970 UTC. */
#ifndef DD_STORE_LEDGER_H
#define DD_STORE_LEDGER_H

#include <drydial/base.h>

struct dd_ledger;

/* How far a call is. */
enum { DD_STAGE_ACCEPTED, DD_STAGE_PLACED, DD_STAGE_OVER };
/* What has become of a callback. */
enum { DD_HOOK_WAITS, DD_HOOK_DELIVERED, DD_HOOK_GIVEN_UP };
/* How far a contact is: from 0 to this. */
enum { DD_CONTACT_STAGE_LAST = 4 };

/* Of a call's recording: it was not asked for, it was, it is there. */
enum { DD_RECORD_NONE, DD_RECORD_WANTED, DD_RECORD_THERE };

/* COLUMNS(TEXT, INT): the columns of each table; the records below and the tables of the file are
 * both made from them. NULL is SQL's NULL. */
/* clang-format off */
#define DD_CALL_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(account) TEXT(app) TEXT(customer) TEXT(caller_id) TEXT(callee) \
	TEXT(status) TEXT(answered_by) TEXT(ended_by) TEXT(digits) TEXT(custom_field) \
	TEXT(variables) TEXT(hook) TEXT(hook_type) INT(hook_events) INT(stage) INT(created) \
	INT(updated) INT(placed) INT(answered) INT(ended) INT(time_limit) INT(ring_timeout) \
	INT(campaign) INT(contact) INT(attempt) INT(opted_out) INT(goal) INT(number) INT(caller) \
	INT(round) INT(day) INT(called) INT(record)
/* clang-format on */
#define DD_TRANSCRIPT_COLUMNS(TEXT, INT) INT(call) TEXT(json)
/* clang-format off */
#define DD_HOOK_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(event) TEXT(url) TEXT(type) TEXT(body) TEXT(error) INT(state) INT(tries) \
	INT(status) INT(created) INT(updated)
#define DD_MESSAGE_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(customer) TEXT(sender) TEXT(text) INT(segments) INT(created) TEXT(message) \
	TEXT(account) TEXT(status) TEXT(custom_field) TEXT(hook) TEXT(hook_type) INT(stage) \
	INT(code) INT(fate) INT(updated) INT(sent) INT(number)
#define DD_CAMPAIGN_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(account) TEXT(name) TEXT(request) TEXT(status) INT(version) INT(created) \
	INT(updated) INT(began) INT(ended) INT(stopped) INT(free_us) INT(round) INT(next_round)
#define DD_CONTACT_COLUMNS(TEXT, INT) \
	TEXT(number) TEXT(status) TEXT(digits) TEXT(last_sid) TEXT(sids) INT(campaign) \
	INT(place) INT(stage) INT(attempts) INT(failures) INT(due) INT(duration) INT(updated) \
	TEXT(variables)
/* clang-format on */
#define DD_NOTE_COLUMNS(TEXT, INT) TEXT(name) INT(value)
/* An account's numbers, as far as they were changed; whom it may call; contacts and their lists. */
/* clang-format off */
#define DD_PHONE_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(account) TEXT(name) TEXT(voice_url) TEXT(sms_url) INT(number)
#define DD_ALLOWED_COLUMNS(TEXT, INT) TEXT(account) INT(number) INT(created)
#define DD_PERSON_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(account) TEXT(fields) INT(number) INT(created) INT(updated)
#define DD_LIST_COLUMNS(TEXT, INT) \
	TEXT(sid) TEXT(account) TEXT(name) TEXT(tag) INT(created) INT(updated)
#define DD_MEMBER_COLUMNS(TEXT, INT) INT(list) INT(person)
/* clang-format on */

/* TABLE(NAME, name): the tables. */
/* clang-format off */
#define DD_TABLES(TABLE) \
	TABLE(CALL, call) TABLE(TRANSCRIPT, transcript) TABLE(HOOK, hook) \
	TABLE(MESSAGE, message) TABLE(CAMPAIGN, campaign) TABLE(CONTACT, contact) \
	TABLE(NOTE, note) TABLE(PHONE, phone) TABLE(ALLOWED, allowed) TABLE(PERSON, person) \
	TABLE(LIST, list) TABLE(MEMBER, member)
/* clang-format on */
enum dd_table {
#define TABLE(NAME, name) DD_TABLE_##NAME,
	DD_TABLES(TABLE)
#undef TABLE
	        DD_TABLES_COUNT
};

#define DD_TEXT_FIELD(name) const char *name;
#define DD_INT_FIELD(name)  int64_t name;
struct dd_call_record {
	int64_t id;
	DD_CALL_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_transcript_record {
	int64_t id;
	DD_TRANSCRIPT_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_hook_record {
	int64_t id;
	DD_HOOK_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_message_record {
	int64_t id;
	DD_MESSAGE_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_campaign_record {
	int64_t id;
	DD_CAMPAIGN_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_contact_record {
	int64_t id;
	DD_CONTACT_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_note_record {
	int64_t id;
	DD_NOTE_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};

struct dd_phone_record {
	int64_t id;
	DD_PHONE_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_allowed_record {
	int64_t id;
	DD_ALLOWED_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_person_record {
	int64_t id;
	DD_PERSON_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_list_record {
	int64_t id;
	DD_LIST_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};
struct dd_member_record {
	int64_t id;
	DD_MEMBER_COLUMNS(DD_TEXT_FIELD, DD_INT_FIELD)
};

/* ":memory:" keeps nothing. DD_ERR_READ when the file cannot be used, is damaged, another program
 * has it, or it is not one of ours. */
enum dd_status dd_ledger_open(const char *path, struct dd_ledger **out, struct dd_error *err);
/* Commits, unless there was a fault. NULL is fine. */
void dd_ledger_close(struct dd_ledger *ledger);

/* `record` is that of the table. Adds one and returns its id; changes the one with its id, which
 * must be there. */
int64_t dd_ledger_add(struct dd_ledger *ledger, enum dd_table table, const void *record);
void dd_ledger_change(struct dd_ledger *ledger, enum dd_table table, const void *record);
/* Whether anything waits for dd_ledger_commit(). */
bool dd_ledger_dirty(const struct dd_ledger *ledger);
/* False: nothing of what was written since the last one is kept. The disk took it not, or the file
   is no more the one that was opened (deleted, replaced, cut), or the ledger has failed before. */
bool dd_ledger_commit(struct dd_ledger *ledger);
/* The first fault of a read, a write or a commit; NULL: none. It stays: nothing more is written or
 * read, and whoever holds the ledger must not let go what it has not committed. */
const char *dd_ledger_fault(const struct dd_ledger *ledger);

/* Some rows: see question.h. `where` and `order` are SQL of our own; values come as `binds`,
 * one for each ? of `where`. */
struct dd_bind {
	const char *text; /* NULL: `number` */
	int64_t number;
};
enum { DD_BINDS_MAX = 128 };
struct dd_query {
	const char *where, *order;   /* NULL: all; by id */
	const struct dd_bind *binds; /* at most DD_BINDS_MAX */
	size_t nbinds;
	int64_t limit, offset; /* limit 0: all */
};
/* The record's texts are good for the call only. False: enough. Of these and the next, 0 may mean
 * that they cannot be read: dd_ledger_fault() tells. */
typedef bool (*dd_record_fn)(void *self, const void *record);
size_t dd_ledger_each(struct dd_ledger *ledger, enum dd_table table, const struct dd_query *query,
        dd_record_fn each, void *self);
int64_t dd_ledger_count(
        struct dd_ledger *ledger, enum dd_table table, const struct dd_query *query);
void dd_ledger_delete(struct dd_ledger *ledger, enum dd_table table, const struct dd_query *query);

/* A number under a name. */
int64_t dd_ledger_note(struct dd_ledger *ledger, const char *name, int64_t otherwise);
void dd_ledger_set_note(struct dd_ledger *ledger, const char *name, int64_t value);

#endif
