/* Contacts and their lists, and what a campaign makes of them: whom it calls, and what stands for
   the columns that a text names. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/csv.h"
#include "serve/contacts.h"
#include "serve/dial.h"

enum { AT_ONCE = 5000, FIELDS_BYTES_MAX = 16384 };

/* -- on paper --------------------------------------------------------------- */

static json_t *fine_item(json_t *data)
{
	return json_pack("{s:i, s:n, s:s, s:o}", "code", 200, "error_data", "status", "success",
	        "data", data);
}

static json_t *bad_item(int code, const char *why)
{
	return json_pack("{s:i, s:{s:i, s:s, s:s}, s:s, s:n}", "code", code, "error_data", "code",
	        code * 100 + 1, "message", code == 409 ? "Conflict" : "Bad Request", "description",
	        why, "status", "failure", "data");
}

static json_t *person_json(const struct dd_person_record *r)
{
	char number[24];
	json_t *o = json_loads(r->fields, 0, NULL);
	o = o ? o : json_object();
	(void)snprintf(number, sizeof number, "+%lld", (long long)r->number);
	json_object_set_new(o, "sid", json_string(r->sid));
	json_object_set_new(o, "account_sid", json_string(r->account));
	json_object_set_new(o, "number", json_string(number));
	json_object_set_new(o, "date_created", api_moment(r->created));
	json_object_set_new(o, "date_updated", api_moment(r->updated));
	return o;
}

static json_t *list_json(struct server *s, const struct dd_list_record *r)
{
	struct dd_question of_list;
	dd_question_begin(&of_list);
	dd_question_number(&of_list, "list", DD_IS, r->id);
	const struct dd_query q = dd_question_ask(&of_list);
	return json_pack("{s:s, s:s, s:s, s:s?, s:I, s:o, s:o}", "sid", r->sid, "account_sid",
	        r->account, "name", r->name, "tag", r->tag, "count",
	        (json_int_t)dd_ledger_count(s->ledger, DD_TABLE_MEMBER, &q), "date_created",
	        api_moment(r->created), "date_updated", api_moment(r->updated));
}

/* -- rows ------------------------------------------------------------------- */

static struct dd_query of_sid(struct dd_question *q, const char *account, struct dd_str sid)
{
	dd_question_begin(q);
	dd_question_text(q, "sid", sid);
	dd_question_text(q, "account", dd_str(account));
	return dd_question_ask(q);
}

static bool take_id(void *self, const void *record)
{
	*(int64_t *)self = *(const int64_t *)record; /* each record begins with it */
	return false;
}

static int64_t id_of(struct server *s, enum dd_table table, const char *account, struct dd_str sid)
{
	struct dd_question own;
	int64_t id = 0;
	if (sid.n && sid.n < 64) {
		const struct dd_query q = of_sid(&own, account, sid);
		(void)dd_ledger_each(s->ledger, table, &q, take_id, &id);
	}
	return id;
}

static int64_t list_of(struct ask *a)
{
	int64_t id = id_of(a->server, DD_TABLE_LIST, a->account, a->part[1]);
	if (!id)
		api_fail(a, 404, "there is no list %.*s",
		        (int)(a->part[1].n < 64 ? a->part[1].n : 64), a->part[1].p);
	return id;
}

static void join(struct server *s, int64_t list, int64_t person)
{
	struct dd_question own;
	dd_question_begin(&own);
	dd_question_number(&own, "list", DD_IS, list);
	dd_question_number(&own, "person", DD_IS, person);
	const struct dd_query q = dd_question_ask(&own);
	const struct dd_member_record r = {.list = list, .person = person};
	if (!dd_ledger_count(s->ledger, DD_TABLE_MEMBER, &q))
		(void)dd_ledger_add(s->ledger, DD_TABLE_MEMBER, &r);
}

/* A new contact of "number" and any other columns, all text. 0, and `*why`. */
static int64_t add_person(struct ask *a, const json_t *fields, char sid[33], const char **why)
{
	const char *number = json_string_value(json_object_get(fields, "number")), *name;
	uint64_t value = number ? number_at_home(a->server, dd_str(number)) : 0;
	json_t *own = json_object(), *field;
	bool texts = true;
	json_object_foreach ((json_t *)fields, name, field) {
		texts &= json_is_string(field) || json_is_null(field) || json_is_integer(field);
		if (strcmp(name, "number") != 0)
			json_object_set(own, name, field);
	}
	char *text = json_dumps(own, JSON_COMPACT);
	json_decref(own);
	*why = !value                             ? "number is no telephone number"
	        : !texts                          ? "what is known of a contact is text"
	        : strlen(text) > FIELDS_BYTES_MAX ? "that is too much about one contact"
	                                          : NULL;
	int64_t id = 0;
	new_sid(sid);
	if (!*why) {
		const struct dd_person_record r = {.sid = sid,
		        .account = a->account,
		        .fields = text,
		        .number = (int64_t)value,
		        .created = a->server->clock.now,
		        .updated = a->server->clock.now};
		id = dd_ledger_add(a->server->ledger, DD_TABLE_PERSON, &r);
	}
	free(text);
	return id;
}

/* -- contacts --------------------------------------------------------------- */

static bool take_person(void *self, const void *record)
{
	*(json_t **)self = person_json(record);
	return false;
}

static json_t *read_person(struct server *s, int64_t id)
{
	struct dd_question own;
	json_t *o = NULL;
	dd_question_begin(&own);
	dd_question_number(&own, "id", DD_IS, id);
	const struct dd_query q = dd_question_ask(&own);
	(void)dd_ledger_each(s->ledger, DD_TABLE_PERSON, &q, take_person, &o);
	return o ? o : json_null();
}

/* The list under `name` in the body; NULL after an error was answered. */
static const json_t *many_of(struct ask *a, const char *name, const char *example)
{
	const json_t *list = a->json ? json_object_get(a->json, name) : NULL;
	if (json_array_size(list) > 0 && json_array_size(list) <= AT_ONCE)
		return list;
	api_fail(a, 400, "send {\"%s\": [%s]}, at most 5,000 at once", name, example);
	return NULL;
}

static void answer_many(struct ask *a, json_t *items, size_t good)
{
	json_t *root = v2_envelope(a);
	size_t n = json_array_size(items);
	json_object_set_new(root, "metadata",
	        json_pack("{s:I, s:I, s:I}", "total", (json_int_t)n, "success", (json_int_t)good,
	                "failed", (json_int_t)(n - good)));
	json_object_set_new(root, "response", items);
	/* some failed; also where all did since they are there already */
	if (good < n) {
		const json_t *last = json_array_get(items, n - 1);
		bool conflict = json_integer_value(json_object_get(last, "code")) == 409;
		a->out->status = good || conflict ? 207 : 400;
		json_object_set_new(root, "http_code", json_integer(a->out->status));
	}
	api_json(a, root);
}

static void add_people(struct ask *a, const json_t *list, int64_t to)
{
	json_t *items = json_array();
	size_t good = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		char sid[33];
		const char *why;
		int64_t id = add_person(a, json_array_get(list, i), sid, &why);
		good += id != 0;
		if (id && to)
			join(a->server, to, id);
		json_array_append_new(
		        items, id ? fine_item(read_person(a->server, id)) : bad_item(400, why));
	}
	answer_many(a, items, good);
}

void contacts_create(struct ask *a)
{
	const json_t *list = many_of(a, "contacts", "{\"number\": \"+919876543210\"}");
	if (list)
		add_people(a, list, 0);
}

struct listing {
	struct v2_page page;
	struct server *server;
	struct dd_str name; /* has to be part of a list's; empty: any */
};

static bool add_person_row(void *self, const void *record)
{
	struct listing *l = self;
	if (v2_page_wants(&l->page))
		json_array_append_new(l->page.list, fine_item(person_json(record)));
	return true;
}

static void list_rows(struct ask *a, enum dd_table table, dd_record_fn add)
{
	struct listing l = {.server = a->server, .name = api_query(a, "name")};
	struct dd_str sort = api_query(a, "sort_by");
	struct dd_question own;
	if (!v2_page_begin(a, &l.page))
		return;
	dd_question_begin(&own);
	dd_question_text(&own, "account", dd_str(a->account));
	struct dd_query q = dd_question_ask(&own);
	if (sort.n > 5 && strcmp(sort.p + sort.n - 5, ":desc") == 0)
		q.order = "id DESC";
	(void)dd_ledger_each(a->server->ledger, table, &q, add, &l);
	v2_page_answer(a, &l.page, NULL);
}

void contacts_list(struct ask *a)
{
	list_rows(a, DD_TABLE_PERSON, add_person_row);
}

static void answer_item(struct ask *a, json_t *data)
{
	json_t *root = v2_envelope(a);
	json_object_set_new(root, "response", json_pack("[o]", fine_item(data)));
	api_json(a, root);
}

void contacts_get(struct ask *a)
{
	int64_t id = id_of(a->server, DD_TABLE_PERSON, a->account, a->part[1]);
	if (id)
		answer_item(a, read_person(a->server, id));
	else
		api_fail(a, 404, "there is no such contact");
}

static void drop_rows(struct server *s, enum dd_table table, const char *column, int64_t id)
{
	struct dd_question own;
	dd_question_begin(&own);
	dd_question_number(&own, column, DD_IS, id);
	const struct dd_query q = dd_question_ask(&own);
	dd_ledger_delete(s->ledger, table, &q);
}

void contacts_delete(struct ask *a)
{
	int64_t id = id_of(a->server, DD_TABLE_PERSON, a->account, a->part[1]);
	if (!id) {
		api_fail(a, 404, "there is no such contact");
		return;
	}
	answer_item(a, read_person(a->server, id));
	drop_rows(a->server, DD_TABLE_MEMBER, "person", id);
	drop_rows(a->server, DD_TABLE_PERSON, "id", id);
}

/* -- lists ------------------------------------------------------------------ */

static bool take_list(void *self, const void *record)
{
	struct listing *l = self;
	l->page.list = list_json(l->server, record);
	return false;
}

static json_t *read_list(struct server *s, int64_t id)
{
	struct dd_question own;
	struct listing l = {.server = s};
	dd_question_begin(&own);
	dd_question_number(&own, "id", DD_IS, id);
	const struct dd_query q = dd_question_ask(&own);
	(void)dd_ledger_each(s->ledger, DD_TABLE_LIST, &q, take_list, &l);
	return l.page.list ? l.page.list : json_null();
}

static int64_t add_list(struct ask *a, const char *name, const char *tag)
{
	char sid[33];
	new_sid(sid);
	const struct dd_list_record r = {.sid = sid,
	        .account = a->account,
	        .name = name,
	        .tag = tag,
	        .created = a->server->clock.now,
	        .updated = a->server->clock.now};
	return dd_ledger_add(a->server->ledger, DD_TABLE_LIST, &r);
}

/* No two lists of an account have one name. */
static bool list_is_there(const struct ask *a, const char *name)
{
	struct dd_question own;
	dd_question_begin(&own);
	dd_question_text(&own, "account", dd_str(a->account));
	dd_question_text(&own, "name", dd_str(name));
	const struct dd_query q = dd_question_ask(&own);
	return dd_ledger_count(a->server->ledger, DD_TABLE_LIST, &q) > 0;
}

static const char LIST_IS_THERE[] = "there is a list of that name";

void lists_create(struct ask *a)
{
	const json_t *list = many_of(a, "lists", "{\"name\": \"patients\"}");
	json_t *items = list ? json_array() : NULL;
	size_t good = 0;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *name = json_string_value(json_object_get(one, "name")),
		           *tag = json_string_value(json_object_get(one, "tag"));
		bool fine = name && *name && strlen(name) <= 256 && (!tag || strlen(tag) <= 256);
		bool twice = fine && list_is_there(a, name);
		good += fine && !twice;
		json_array_append_new(items,
		        twice           ? bad_item(409, LIST_IS_THERE)
		                : !fine ? bad_item(400, "a list has a name, of at most 256 bytes")
		                        : fine_item(read_list(a->server, add_list(a, name, tag))));
	}
	if (list)
		answer_many(a, items, good);
}

static bool add_list_row(void *self, const void *record)
{
	struct listing *l = self;
	const struct dd_list_record *r = record;
	if ((!l->name.n || strcasestr(r->name, l->name.p)) && v2_page_wants(&l->page))
		json_array_append_new(l->page.list, fine_item(list_json(l->server, r)));
	return true;
}

void lists_list(struct ask *a)
{
	list_rows(a, DD_TABLE_LIST, add_list_row);
}

void lists_get(struct ask *a)
{
	int64_t id = list_of(a);
	if (id)
		answer_item(a, read_list(a->server, id));
}

void lists_delete(struct ask *a)
{
	int64_t id = list_of(a);
	if (!id)
		return;
	answer_item(a, read_list(a->server, id));
	drop_rows(a->server, DD_TABLE_MEMBER, "list", id);
	drop_rows(a->server, DD_TABLE_LIST, "id", id);
}

/* Contacts that are there already, by their sids, or new ones. */
void lists_add(struct ask *a)
{
	int64_t list = list_of(a);
	const json_t *known = a->json ? json_object_get(a->json, "contact_references") : NULL;
	if (!list)
		return;
	if (!known) {
		known = many_of(a, "contacts", "{\"number\": \"+919876543210\"}");
		if (known)
			add_people(a, known, list);
		return;
	}
	char list_sid[64];
	(void)snprintf(list_sid, sizeof list_sid, "%.*s", (int)a->part[1].n, a->part[1].p);
	json_t *items = json_array();
	size_t good = 0;
	for (size_t i = 0; i < json_array_size(known); i++) {
		const char *sid =
		        json_string_value(json_object_get(json_array_get(known, i), "contact_sid"));
		int64_t id = sid ? id_of(a->server, DD_TABLE_PERSON, a->account, dd_str(sid)) : 0;
		good += id != 0;
		if (id)
			join(a->server, list, id);
		json_array_append_new(items,
		        id ? fine_item(json_pack("{s:s, s:s, s:s, s:s}", "sid", sid, "contact_sid",
		                     sid, "list_id", list_sid, "account_sid", a->account))
		           : bad_item(400, "there is no such contact"));
	}
	answer_many(a, items, good);
}

struct members {
	struct server *server;
	struct v2_page *page; /* NULL: all, for a campaign … */
	json_t *numbers, *by_number;
};

static bool add_member(void *self, const void *record)
{
	struct members *m = self;
	if (m->page && !v2_page_wants(m->page))
		return true;
	json_t *person = read_person(m->server, ((const struct dd_member_record *)record)->person);
	const char *number = json_string_value(json_object_get(person, "number"));
	if (m->page) {
		json_array_append_new(m->page->list, fine_item(person));
		return true;
	}
	json_array_append_new(m->numbers, json_string(number ? number : ""));
	json_object_set_new(m->by_number, number ? number : "", person);
	return true;
}

static void each_member(struct members *m, int64_t list)
{
	struct dd_question own;
	dd_question_begin(&own);
	dd_question_number(&own, "list", DD_IS, list);
	const struct dd_query q = dd_question_ask(&own);
	(void)dd_ledger_each(m->server->ledger, DD_TABLE_MEMBER, &q, add_member, m);
}

void lists_contacts(struct ask *a)
{
	int64_t list = list_of(a);
	struct v2_page page;
	struct members m = {.server = a->server, .page = &page};
	if (!list || !v2_page_begin(a, &page))
		return;
	each_member(&m, list);
	v2_page_answer(a, &page, NULL);
}

/* A file in a form: its first line names the columns, of which one is the number. */
void contacts_upload(struct ask *a)
{
	struct dd_str name = api_value(a, "list_name"), file = api_value(a, "file_name");
	struct dd_csv_record row;
	struct dd_csv *csv = NULL;
	json_t *columns = json_array();
	const char *why = NULL;
	size_t number = SIZE_MAX, good = 0, bad = 0;
	int64_t list = 0;
	if (!name.n || !file.n || name.n > 256) {
		api_fail(
		        a, 400, "give list_name and the file as file_name, as multipart/form-data");
		json_decref(columns);
		return;
	}
	if (list_is_there(a, name.p)) {
		api_fail(a, 409, "%s", LIST_IS_THERE);
		json_decref(columns);
		return;
	}
	csv = dd_csv_over(file);
	while (dd_csv_next(csv, &row)) {
		json_t *fields = json_object();
		for (size_t i = 0; i < row.n; i++) {
			struct dd_str text = dd_str_trim(row.fields[i]);
			bool head = number == SIZE_MAX || !list;
			const char *column = json_string_value(json_array_get(columns, i));
			if (head) {
				json_array_append_new(columns, json_stringn(text.p, text.n));
				if (dd_str_is(text, "number") || dd_str_is(text, "phone_number") ||
				        dd_str_is(text, "Number"))
					number = i;
			} else if (i == number) {
				json_object_set_new(fields, "number", json_stringn(text.p, text.n));
			} else if (column && text.n) {
				json_object_set_new(fields, column, json_stringn(text.p, text.n));
			}
		}
		if (!list && number == SIZE_MAX) {
			json_decref(fields);
			break;
		}
		if (!list) {
			list = add_list(a, name.p, NULL);
		} else {
			char sid[33];
			int64_t id = row.problem ? 0 : add_person(a, fields, sid, &why);
			good += id != 0;
			bad += id == 0;
			if (id)
				join(a->server, list, id);
		}
		json_decref(fields);
	}
	dd_csv_free(csv);
	json_decref(columns);
	if (!list) {
		api_fail(a, 400, "the file's first line must name its columns, one of them number");
		return;
	}
	json_t *data = read_list(a->server, list);
	json_object_set_new(data, "accepted", json_integer((json_int_t)good));
	json_object_set_new(data, "rejected", json_integer((json_int_t)bad));
	json_object_set_new(data, "upload_status", json_string("completed"));
	answer_item(a, data);
}

/* -- for campaigns ---------------------------------------------------------- */

const char *contacts_of_lists(struct server *s, const char *account, const json_t *lists,
        json_t *numbers, json_t *by_number)
{
	struct members m = {.server = s, .numbers = numbers, .by_number = by_number};
	for (size_t i = 0; i < json_array_size(lists); i++) {
		const char *sid = json_string_value(json_array_get(lists, i));
		int64_t id = sid ? id_of(s, DD_TABLE_LIST, account, dd_str(sid)) : 0;
		if (!id)
			return "lists names a list that is not there";
		each_member(&m, id);
	}
	return json_array_size(numbers) ? NULL : "the lists have nobody in them";
}

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	        c == '_';
}

/* "Dear @@name" → a flow that says it: each column is a variable of the flow. */
void contacts_text_flow(const char *text, struct dd_buf *out)
{
	struct dd_buf said = {0};
	json_t *columns = json_object();
	for (const char *c = text; *c; c++) {
		size_t n = 0;
		while (c[0] == '@' && c[1] == '@' && is_name_char(c[2 + n]))
			n++;
		if (n) {
			dd_buf_format(&said, "{" CONTACTS_PREFIX "%.*s}", (int)n, c + 2);
			json_t *name = json_stringn(c + 2, n);
			json_object_set(columns, json_string_value(name), name);
			json_decref(name);
			c += n + 1;
		} else {
			dd_buf_char(&said, *c);
			if (*c == '{' || *c == '}')
				dd_buf_char(&said, *c);
		}
	}
	const char *name;
	json_t *value;
	dd_buf_str(out, "flow: Text of a campaign\npurpose: other\n");
	dd_buf_str(out, json_object_size(columns) ? "variables:\n" : "");
	json_object_foreach (columns, name, value) {
		(void)value;
		dd_buf_format(out, "  " CONTACTS_PREFIX "%s: %s\n", name, name);
	}
	dd_buf_str(out, "steps:\n  - greeting: ");
	dd_buf_json(out, (struct dd_str){said.p ? said.p : "", said.n});
	dd_buf_str(out, "\n  - hangup\n");
	dd_buf_free(&said);
	json_decref(columns);
}

/* What a contact's columns are to a flow: those that it knows, by their names or as columns of a
 * text. From malloc; NULL: none. */
char *contacts_variables(const struct dd_program *p, const json_t *person)
{
	json_t *out = json_object(), *value;
	const char *name;
	json_object_foreach ((json_t *)person, name, value) {
		char own[80], number[24];
		const char *text = json_string_value(value);
		if (json_is_integer(value)) {
			(void)snprintf(number, sizeof number, "%lld",
			        (long long)json_integer_value(value));
			text = number;
		}
		(void)snprintf(own, sizeof own, CONTACTS_PREFIX "%s", name);
		for (int k = 0; k < 2 && text && strlen(text) <= DD_TEXT_BYTES_MAX; k++) {
			const char *as = k ? own : name;
			uint32_t slot = dd_program_slot(p, dd_str(as));
			if (slot != DD_NONE && slot >= DD_BUILT_INS_COUNT &&
			        p->slots[slot].variable)
				json_object_set_new(out, as, json_string(text));
		}
	}
	char *text = json_object_size(out) ? json_dumps(out, JSON_COMPACT) : NULL;
	json_decref(out);
	return text;
}
