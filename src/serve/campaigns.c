/* Campaigns of the platform's API, in its shapes A, B and C; their answers are those of its second
 * version. */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/calls.h"
#include "serve/dial.h"

/* -- one on paper ----------------------------------------------------------- */

static json_t *stats_of(const struct dial *d)
{
	struct dial_counts n = dial_count(d);
	return json_pack("{s:I, s:I, s:I, s:I}", "created", (json_int_t)n.total, "completed",
	        (json_int_t)n.connected, "failed", (json_int_t)n.failed, "pending",
	        (json_int_t)n.pending);
}

/* What was asked for, and what has become of it. */
static json_t *dial_json(const struct dial *d)
{
	static const char *const hidden[] = {"from", "numbers", "name", "id", "status", "stats"};
	json_t *o = json_pack(
	        "{s:s, s:s, s:s}", "id", d->sid, "account_sid", d->account, "name", d->name);
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)d->body, key, value) {
		bool hide = false;
		for (size_t i = 0; i < sizeof hidden / sizeof *hidden; i++)
			hide |= strcmp(key, hidden[i]) == 0;
		if (!hide)
			json_object_set(o, key, value);
	}
	for (int i = 0; i < 3; i++)
		if (d->hooks[i])
			json_object_set_new(o, DIAL_HOOK_NAMES[i], json_string(d->hooks[i]));
	if (!json_object_get(o, "type"))
		json_object_set_new(o, "type", json_string("trans"));
	json_object_set_new(o, "status", json_string(d->status));
	json_object_set_new(o, "date_created", api_moment(d->created));
	json_object_set_new(o, "date_updated", api_moment(d->updated));
	json_object_set_new(o, "stats", stats_of(d));
	return o;
}

json_t *v2_envelope(const struct ask *a)
{
	char id[33];
	new_sid(id);
	return json_pack(
	        "{s:s, s:s, s:i}", "request_id", id, "method", a->in->method, "http_code", 200);
}

/* One of an answer's parts: the API wraps each. */
static json_t *response_item(const struct dial *d)
{
	return json_pack("{s:i, s:n, s:s, s:o}", "code", 200, "error_data", "status", "success",
	        "data", dial_json(d));
}

static void answer_one(struct ask *a, const struct dial *d)
{
	json_t *root = v2_envelope(a);
	if (d->version == 1) { /* the first version has its fields where they were sent */
		json_object_set_new(root, "id", json_string(d->sid));
		json_object_set_new(root, "status", json_string(d->status));
	}
	json_object_set_new(root, "response", json_pack("[o]", response_item(d)));
	api_json(a, root);
}

static struct dial *dial_of(struct ask *a)
{
	struct dial *d = dial_find(a->server, a->part[1], a->account);
	if (!d)
		api_fail(a, 404, "there is no campaign %.*s",
		        (int)(a->part[1].n < 64 ? a->part[1].n : 64), a->part[1].p);
	return d;
}

/* -- making and changing ---------------------------------------------------- */

void campaigns_create(struct ask *a)
{
	char *why = NULL;
	if (!json_is_object(a->json)) {
		api_fail(a, 400, "a campaign is sent as JSON");
		return;
	}
	struct dial *d =
	        dial_new(a->server, a->account, a->shape == ASK_V2 ? 2 : 1, a->in->body, &why);
	if (d)
		answer_one(a, d);
	else
		api_fail(a, why && strcmp(why, FLOWS_STARVED) == 0 ? 503 : 400, "%s",
		        why ? why : "the campaign cannot be used");
	free(why);
}

void campaigns_get(struct ask *a)
{
	struct dial *d = dial_of(a);
	if (d)
		answer_one(a, d);
}

static bool may_act(const struct dial *d, const char *action)
{
	bool going = (dial_is(d, "InProgress") || dial_is(d, "Resumed") || dial_is(d, "Created")) &&
	        !d->stopped,
	     paused = dial_is(d, "Paused") && !d->stopped;
	return (strcmp(action, "pause") == 0 && going) ||
	        (strcmp(action, "resume") == 0 && paused) ||
	        (strcmp(action, "complete") == 0 && paused) ||
	        (strcmp(action, "stop") == 0 && (going || paused)) ||
	        (strcmp(action, "archive") == 0 && dial_is(d, "Completed"));
}

static void act(struct ask *a, struct dial *d, const char *action)
{
	struct server *s = a->server;
	if (!may_act(d, action)) {
		api_fail(a, 400,
		        "a campaign that is %s cannot be asked to %.20s; "
		        "pause takes Created and InProgress, resume and complete take Paused, "
		        "archive takes Completed",
		        d->status, action);
		return;
	}
	if (strcmp(action, "complete") == 0 || strcmp(action, "stop") == 0)
		dial_complete(s, d);
	else if (strcmp(action, "archive") == 0)
		dial_set_status(s, d, "Archived");
	else
		dial_pause(s, d, strcmp(action, "pause") == 0);
	answer_one(a, d);
}

void campaigns_pause(struct ask *a)
{
	struct dial *d = dial_of(a);
	if (d)
		act(a, d, "pause");
}

void campaigns_resume(struct ask *a)
{
	struct dial *d = dial_of(a);
	if (d)
		act(a, d, "resume");
}

void campaigns_stop(struct ask *a)
{
	struct dial *d = dial_of(a);
	if (d)
		act(a, d, "stop");
}

/* An action, other receivers of callbacks, or, before it begins, anything. */
void campaigns_change(struct ask *a)
{
	struct dial *d = dial_of(a);
	const json_t *list = a->json ? json_object_get(a->json, "campaigns") : NULL,
	             *body = json_array_size(list) == 1 ? json_array_get(list, 0) : a->json;
	const char *action = json_string_value(json_object_get(body, "action")), *bad, *key;
	json_t *value;
	bool changes = action != NULL, more = false;
	char *why = NULL;
	if (!d)
		return;
	if (!json_is_object(body)) {
		api_fail(a, 400, "send {\"action\": \"pause\"}, or the callbacks that change");
		return;
	}
	json_object_foreach ((json_t *)body, key, value) {
		/* the platform's examples repeat these beside an action */
		bool known = strcmp(key, "action") == 0
		        ? action != NULL
		        : action && (strcmp(key, "caller_id") == 0 || strcmp(key, "url") == 0);
		for (int i = 0; i < 3; i++)
			known |= strcmp(key, DIAL_HOOK_NAMES[i]) == 0;
		changes |= known;
		more |= !known;
	}
	if (more && !action) { /* any parameter, until it begins */
		struct dial *other = dial_change(a->server, d, body, &why);
		if (other)
			answer_one(a, other);
		else
			api_fail(a, 400, "%s", why);
		free(why);
		return;
	}
	if (more) {
		api_fail(a, 400, "action stands alone, or beside callbacks");
		return;
	}
	if (!changes) {
		api_fail(a, 400, "send {\"action\": \"pause\"}, or the callbacks that change");
		return;
	}
	if (action && !may_act(d, action)) {
		act(a, d, action);
		return;
	}
	if ((bad = dial_set_hooks(d, body))) {
		api_fail(a, 400, "%s must be a URL that begins with http:// or https://", bad);
		return;
	}
	dial_keep_hooks(a->server, d);
	if (action)
		act(a, d, action);
	else
		answer_one(a, d);
}

void campaigns_delete(struct ask *a)
{
	struct dial *d = dial_of(a);
	if (!d)
		return;
	if (d->active) {
		api_fail(a, 400,
		        "calls of the campaign are going on: pause it first, "
		        "and wait for their end");
		return;
	}
	answer_one(a, d);
	dial_delete(a->server, d);
}

void campaigns_numbers(struct ask *a)
{
	struct dial *d = dial_of(a);
	struct dd_str numbers = api_value(a, "Numbers");
	const json_t *list = json_is_array(a->json)   ? a->json
	        : json_object_get(a->json, "numbers") ? json_object_get(a->json, "numbers")
	                                              : json_object_get(a->json, "Numbers");
	struct dd_buf joined = {0};
	const char *why;
	if (!d)
		return;
	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		dd_buf_str(&joined, joined.n ? "," : "");
		if (json_is_integer(one))
			dd_buf_format(&joined, "%lld", (long long)json_integer_value(one));
		else
			dd_buf_str(&joined, json_is_string(one) ? json_string_value(one) : "?");
	}
	if (json_is_string(list))
		dd_buf_str(&joined, json_string_value(list));
	if (joined.n)
		numbers = (struct dd_str){joined.p, joined.n};
	if (!numbers.n)
		api_fail(a, 400, "Mandatory parameter Numbers is missing");
	else if (dial_is(d, "Completed") || dial_is(d, "Archived") || d->stopped)
		api_fail(a, 400, "the campaign is over");
	else if (!dial_add_numbers(a->server, d, numbers, &why))
		api_fail(a, 400, "%s", why);
	else
		answer_one(a, d);
	dd_buf_free(&joined);
}

/* -- reading many ----------------------------------------------------------- */

/* "a,b" holds `word`, in any case; an empty list holds all. */
static bool is_among(struct dd_str list, const char *word)
{
	for (size_t at = 0; at < list.n;) {
		const char *comma = memchr(list.p + at, ',', list.n - at);
		size_t n = comma ? (size_t)(comma - list.p) - at : list.n - at;
		if (word && strlen(word) == n && strncasecmp(list.p + at, word, n) == 0)
			return true;
		at += n + 1;
	}
	return list.n == 0;
}

bool v2_page_begin(struct ask *a, struct v2_page *p)
{
	*p = (struct v2_page){.limit = 20, .list = json_array()};
	if (api_number(a, "offset", 0, INT32_MAX, &p->offset) &&
	        api_number(a, "limit", 1, 500, &p->limit))
		return true;
	json_decref(p->list);
	return false;
}

bool v2_page_wants(struct v2_page *p)
{
	int64_t at = p->total++;
	bool wanted = at >= p->offset && at < p->offset + p->limit;
	p->count += wanted;
	return wanted;
}

/* `summary`, stolen: what stands before a report's page; NULL for none. */
void v2_page_answer(struct ask *a, struct v2_page *p, json_t *summary)
{
	json_t *root = v2_envelope(a);
	if (summary)
		json_object_set_new(root, "summary", summary);
	json_object_set_new(root, "metadata",
	        json_pack("{s:I, s:I, s:I, s:I}", "count", (json_int_t)p->count, "offset",
	                (json_int_t)p->offset, "total", (json_int_t)p->total, "limit",
	                (json_int_t)p->limit));
	json_object_set_new(root, "response", p->list);
	api_json(a, root);
}

static int by_id(const void *a, const void *b)
{
	const struct dial *x = *(const struct dial *const *)a, *y = *(const struct dial *const *)b;
	return x->id < y->id ? -1 : x->id > y->id;
}

static int by_name(const void *a, const void *b)
{
	const struct dial *x = *(const struct dial *const *)a, *y = *(const struct dial *const *)b;
	int order = strcmp(x->name, y->name);
	return order ? order : by_id(a, b);
}

/* "name", "date_created", either with ":desc". */
static void sort_as_wished(struct dial **list, size_t n, struct dd_str wish)
{
	bool falls = wish.n > 5 && strcmp(wish.p + wish.n - 5, ":desc") == 0;
	qsort(list, n, sizeof *list,
	        wish.n >= 4 && strncmp(wish.p, "name", 4) == 0 ? by_name : by_id);
	for (size_t i = 0; falls && i < n / 2; i++) {
		struct dial *other = list[i];
		list[i] = list[n - 1 - i];
		list[n - 1 - i] = other;
	}
}

void campaigns_list(struct ask *a)
{
	struct server *s = a->server;
	struct dd_str name = api_query(a, "name"), status = api_query(a, "status");
	struct v2_page p;
	if (!v2_page_begin(a, &p))
		return;
	struct dial **sorted = dd_alloc((s->dials.n + 1) * sizeof *sorted);
	memcpy(sorted, s->dials.list ? s->dials.list : sorted, s->dials.n * sizeof *sorted);
	sort_as_wished(sorted, s->dials.n, api_query(a, "sort_by"));
	for (size_t i = 0; i < s->dials.n; i++) {
		const struct dial *d = sorted[i];
		if (strcmp(d->account, a->account) != 0 || !is_among(status, d->status) ||
		        (name.n && !strcasestr(d->name, name.p)))
			continue;
		if (v2_page_wants(&p))
			json_array_append_new(p.list, response_item(d));
	}
	free(sorted);
	v2_page_answer(a, &p, NULL);
}

struct calls_page {
	struct v2_page page;
	struct dd_str status;
};

static bool add_call(void *self, const void *record)
{
	struct calls_page *c = self;
	const struct dd_call_record *r = record;
	if (!is_among(c->status, r->status) || !v2_page_wants(&c->page))
		return true;
	json_t *o = json_pack("{s:s, s:n, s:I, s:s, s:s?, s:n, s:s, s:s, s:s}", "number",
	        r->customer, "name", "duration", (json_int_t)call_seconds(r), "status", r->status,
	        "digit", r->digits && *r->digits ? r->digits : NULL, "recording_url", "caller_id",
	        r->caller_id, "direction", "Outgoing", "call_sid", r->sid);
	json_object_set_new(o, "date_created", api_moment(r->created));
	json_object_set_new(o, "start_time", api_moment(r->placed));
	json_object_set_new(o, "end_time", api_moment(r->stage == DD_STAGE_OVER ? r->ended : 0));
	json_array_append_new(c->page.list, o);
	return true;
}

void campaigns_calls(struct ask *a)
{
	struct dial *d = dial_of(a);
	struct calls_page c = {.status = api_query(a, "status")};
	struct dd_str sort = api_query(a, "sort_by");
	if (!d || !v2_page_begin(a, &c.page))
		return;
	struct dd_question calls;
	dd_question_begin(&calls);
	dd_question_constant(&calls, "campaign", DD_MORE, 0);
	dd_question_number(&calls, "campaign", DD_IS, d->id);
	struct dd_query q = dd_question_ask(&calls);
	q.order = sort.n > 5 && strcmp(sort.p + sort.n - 5, ":desc") == 0 ? "id DESC" : "id";
	(void)dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, add_call, &c);
	v2_page_answer(a, &c.page, NULL);
}

/* -- the report ------------------------------------------------------------- */

static const char *final_status(const struct contact *c)
{
	if (c->stage == CONTACT_AGAIN)
		return "pending retry";
	if (c->stage != CONTACT_OVER)
		return "pending";
	return c->status && strcmp(c->status, "completed") == 0    ? "connected"
	        : c->status && strcmp(c->status, "no-answer") == 0 ? "no answer"
	        : c->status                                        ? c->status
	                                                           : "failed";
}

static json_t *campaign_report(const struct dial *d)
{
	struct dial_counts n = dial_count(d);
	double rate = n.dialed ? (double)n.connected * 100 / (double)n.dialed : 0;
	return json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:f}", "id", d->sid,
	        "name", d->name, "status", d->status, "total", (json_int_t)n.total, "dialed",
	        (json_int_t)n.dialed, "connected", (json_int_t)n.connected, "not_connected",
	        (json_int_t)(n.dialed - n.connected), "pending", (json_int_t)n.pending,
	        "pending_retry", (json_int_t)n.again, "completed", (json_int_t)n.over,
	        "connection_rate", rate);
}

static void csv_report(struct ask *a, const struct dial *d)
{
	a->out->type = "text/csv; charset=utf-8";
	dd_buf_str(&a->out->body,
	        "phone_number,attempts,final_status,duration,ivr_response,recording\r\n");
	for (uint32_t i = 0; i < d->n; i++) {
		const struct contact *c = &d->contacts[i];
		dd_buf_format(&a->out->body, "+%llu,%lld,%s,%lld,%s%s%s,\r\n",
		        (unsigned long long)c->number, (long long)c->attempts, final_status(c),
		        (long long)((c->duration + 999) / 1000), c->digits ? "\"" : "",
		        c->digits ? c->digits : "", c->digits ? "\"" : "");
	}
}

void campaigns_report(struct ask *a)
{
	struct dial *d = dial_of(a);
	struct v2_page p;
	if (!d)
		return;
	if (dd_str_is(api_query(a, "format"), "csv")) {
		csv_report(a, d);
		return;
	}
	if (!v2_page_begin(a, &p))
		return;
	for (uint32_t i = 0; i < d->n; i++) {
		const struct contact *c = &d->contacts[i];
		char number[24];
		(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)c->number);
		if (v2_page_wants(&p))
			json_array_append_new(p.list,
			        json_pack("{s:s, s:I, s:s, s:I, s:s?, s:n}", "phone_number", number,
			                "attempts", (json_int_t)c->attempts, "final_status",
			                final_status(c), "duration",
			                (json_int_t)((c->duration + 999) / 1000), "ivr_response",
			                c->digits, "recording"));
	}
	v2_page_answer(a, &p, campaign_report(d));
}

/* For the page: all accounts'. */
void side_campaigns(struct ask *a)
{
	json_t *list = json_array();
	for (size_t i = a->server->dials.n; i-- > 0;)
		json_array_append_new(list, campaign_report(a->server->dials.list[i]));
	api_json(a, list);
}
