/* Callbacks: kept in the ledger with the change that they tell of, sent when that is on disk,
   acknowledged by any 2XX, tried twice more with growing waits and given up where everyone can see
   it. Each receiver has a line of its own, so that one that is silent delays nobody else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "serve/calls.h"

enum {
	TRIES_MAX = 3,
	FIRST_WAIT_MS = 1000,
	TIMEOUT_MS = 15000,
	PER_HOST = 32,
	PER_STRANGER = 4, /* of a receiver that has not answered yet */
	IN_FLIGHT_MAX = 512,
	BUCKETS = 4096,
	TURNS = 16384, /* buckets of deliveries, by what they are told of */
	URL_MAX = 2048,
	HOOK_FIELDS_MAX = 40
};

/* What is told of one call is told in its order: of those to one receiver only the first is open,
   that is lined up, on its way, or waiting to be tried again; the others stand behind it until it
   has been heard or given up. */
struct delivery {
	int64_t id; /* of its row */
	int64_t tries;
	char sid[33];
	struct hook_host *host;
	struct delivery *next;          /* in the host's line */
	struct delivery *behind, *tail; /* told of the same, later; of an open one: the last */
	struct delivery *open, **link;  /* in its bucket */
	dd_ms late;                     /* it is to wait so long at first */
};

struct hook_host {
	char *name;                     /* "http://127.0.0.1:5000" */
	struct delivery *first, **last; /* ready to be sent, in their order */
	unsigned in_flight;
	unsigned trust; /* so many at once: more with each answer, one after a silence */
	struct hook_host *next;
};

/* What curl is asked for: a callback, or a request of a call (NULL: of one that is over). */
struct hook_request {
	uint32_t id, local;
	struct live *live;
	struct delivery *delivery;
	struct hook_request *next;
};

/* -- URLs ------------------------------------------------------------------- */

static size_t host_end(struct dd_str url)
{
	size_t n = url.n > 8 && strncasecmp(url.p, "https://", 8) == 0 ? 8
	        : url.n > 7 && strncasecmp(url.p, "http://", 7) == 0   ? 7
	                                                               : 0;
	size_t from = n;
	while (n && n < url.n && url.p[n] != '/' && url.p[n] != '?' && url.p[n] != '#')
		n++;
	return n > from ? n : 0;
}

const char *hooks_refuse(struct dd_str url)
{
	if (!host_end(url))
		return "must be a URL that begins with http:// or https://";
	if (url.n > URL_MAX)
		return "has more than 2,048 characters";
	for (size_t i = 0; i < url.n; i++)
		if ((unsigned char)url.p[i] <= ' ' || url.p[i] == 0x7F)
			return "has a space or a control character in it";
	return NULL;
}

const char *hooks_form(struct dd_str type)
{
	static const struct {
		const char *type, *kept;
	} types[] = {{"application/json", "json"}, {"multipart/form-data", "multipart"},
	        {"application/x-www-form-urlencoded", "form"}};
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (dd_str_is(type, types[i].type))
			return types[i].kept;
	return NULL;
}

char *hooks_mapped(const struct server *s, const char *url)
{
	struct dd_buf out = {0};
	for (size_t i = 0; i < s->o->nmaps; i++) {
		size_t n = strlen(s->o->maps[i].from);
		if (strncasecmp(url, s->o->maps[i].from, n) != 0 ||
		        (url[n] && !strchr("/?#", url[n])))
			continue;
		dd_buf_format(&out, "%s%s", s->o->maps[i].to, url + n);
		return out.p;
	}
	dd_buf_str(&out, url);
	return out.p;
}

/* Callbacks stay on this machine, as passthrus do, unless whoever runs the server says otherwise:
 * what is rehearsed must not reach production. */
bool hooks_may_ask(const struct server *s, const char *url)
{
	char *mapped = hooks_mapped(s, url);
	bool allowed = s->o->any_host || s->http.allowed(s->http.self, mapped);
	free(mapped);
	return allowed;
}

/* -- bodies ----------------------------------------------------------------- */

static void form_body(const struct hook_field *f, size_t n, struct dd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i)
			dd_buf_char(out, '&');
		dd_buf_percent(out, dd_str(f[i].name));
		dd_buf_char(out, '=');
		dd_buf_percent(out, dd_str(f[i].value ? f[i].value : ""));
	}
}

/* RFC 7578. The boundary is random, so that no value holds it. */
static void multipart_body(
        const struct hook_field *f, size_t n, const char *boundary, struct dd_buf *out)
{
	for (size_t i = 0; i < n; i++)
		dd_buf_format(out,
		        "--%s\r\nContent-Disposition: form-data; name=\"%s\"\r\n\r\n%s\r\n",
		        boundary, f[i].name, f[i].value ? f[i].value : "");
	dd_buf_format(out, "--%s--\r\n", boundary);
}

/* "Legs[0][Status]" becomes a list of objects. */
static void json_body(const struct hook_field *f, size_t n, struct dd_buf *out)
{
	json_t *root = json_object(), *legs[2] = {json_object(), json_object()};
	for (size_t i = 0; i < n; i++) {
		bool of_leg = strncmp(f[i].name, "Legs[", 5) == 0;
		json_t *at = of_leg ? legs[f[i].name[5] - '0'] : root;
		char name[40];
		(void)snprintf(name, sizeof name, "%.*s", of_leg ? (int)strlen(f[i].name) - 9 : 39,
		        f[i].name + (of_leg ? 8 : 0));
		json_t *value = !f[i].value ? json_null()
		        : f[i].number       ? json_integer(strtoll(f[i].value, NULL, 10))
		                            : json_string(f[i].value);
		json_object_set_new(at, name, value ? value : json_null());
	}
	json_t *list = json_array();
	for (int i = 0; i < 2; i++)
		if (json_object_size(legs[i]))
			json_array_append(list, legs[i]);
	if (json_array_size(list))
		json_object_set(root, "Legs", list);
	json_decref(list);
	json_decref(legs[0]);
	json_decref(legs[1]);
	char *text = json_dumps(root, JSON_COMPACT);
	dd_buf_str(out, text);
	free(text);
	json_decref(root);
}

static const char *seconds_text(const struct dd_call_record *r, char out[24])
{
	(void)snprintf(out, 24, "%lld", (long long)call_seconds(r));
	return out;
}

static const char *ist(int64_t at, char out[24])
{
	dd_time_ist(at, out);
	return out;
}

static const char *taken_by(const struct dd_call_record *r)
{
	return !r->answered_by                           ? "NA"
	        : strcmp(r->answered_by, "machine") == 0 ? "Machine"
	                                                 : "Human";
}

static void line_up_in_order(struct server *s, struct delivery *d);
static void let_turned_go(struct server *s, const char *sid);

/* What --faults makes of the parameters; how many are left. */
static size_t spoil(struct server *s, const char *sid, struct hook_field *fields, size_t n)
{
	size_t left = 0;
	if (!s->faults.faults.n)
		return n;
	for (size_t i = 0; i < n; i++) {
		enum faults_value value = faults_parameter(s, fields[i].name, sid);
		if (value == FAULTS_EMPTY)
			fields[i] = (struct hook_field){fields[i].name, "", false};
		if (value != FAULTS_ABSENT)
			fields[left++] = fields[i];
	}
	return left;
}

void hooks_post(struct server *s, const char *sid, const char *event, const char *url,
        const char *kept, const struct hook_field *fields, size_t n)
{
	struct dd_buf body = {0};
	char boundary[80], own[33];
	struct hook_field spoilt[HOOK_FIELDS_MAX];
	n = n < HOOK_FIELDS_MAX ? n : HOOK_FIELDS_MAX;
	memcpy(spoilt, fields, n * sizeof *fields);
	fields = spoilt;
	n = spoil(s, sid ? sid : "", spoilt, n);
	const char *type = "application/x-www-form-urlencoded";
	if (strcmp(kept, "json") == 0) {
		type = "application/json";
		json_body(fields, n, &body);
	} else if (strcmp(kept, "multipart") == 0) {
		new_sid(own);
		(void)snprintf(boundary, sizeof boundary, "multipart/form-data; boundary=%s", own);
		type = boundary;
		multipart_body(fields, n, own, &body);
	} else {
		form_body(fields, n, &body);
	}
	hooks_add(s, sid, event, url, type, &body);
	dd_buf_free(&body);
}

void hooks_call(struct server *s, const struct dd_call_record *r, const char *event)
{
	char updated[24], created[24], began[24], ended[24], seconds[24];
	char recording[256];
	bool terminal = strcmp(event, "terminal") == 0, plain = r->hook_events == HOOK_PLAIN;
	if (!plain && !(r->hook_events & (terminal ? HOOK_TERMINAL : HOOK_ANSWERED))) {
		if (terminal) /* nobody asked for what it was to come behind */
			let_turned_go(s, r->sid);
		return;
	}
	(void)seconds_text(r, seconds);
	const struct hook_field fields[] = {
	        {"CallSid", r->sid, false},
	        {"DateUpdated", ist(r->updated, updated), false},
	        {"Status", r->status, false},
	        {"RecordingUrl", terminal ? recording_of(s, r, 0, recording) : NULL, false},
	        {"Digits", r->digits, false},
	        {"From", r->customer, false},
	        /* further fields, where events were asked for */
	        {"EventType", event, false},
	        {"DateCreated", ist(r->created, created), false},
	        {"To", r->callee, false},
	        {"PhoneNumberSid", r->caller_id, false},
	        {"StartTime", ist(r->placed ? r->placed : r->created, began), false},
	        {"EndTime", terminal ? ist(r->ended, ended) : NULL, false},
	        {"ConversationDuration", seconds, true},
	        {"Direction", "outbound-api", false},
	        {"CustomField", r->custom_field, false},
	        {"AnsweredBy", taken_by(r), false},
	        {"Legs[0][OnCallDuration]", seconds, true},
	        {"Legs[0][Status]", r->status, false},
	        {"Legs[0][AnsweredBy]", r->callee ? "NA" : taken_by(r), false},
	        /* of a call that joins two numbers */
	        {"Legs[1][OnCallDuration]", seconds, true},
	        {"Legs[1][Status]", r->answered ? r->status : NULL, false},
	        {"Legs[1][AnsweredBy]", taken_by(r), false},
	};
	size_t n = plain ? 6 : sizeof fields / sizeof *fields - (r->callee ? 0 : 3);
	hooks_post(s, r->sid, plain ? "terminal" : event, r->hook, r->hook_type, fields, n);
}

/* -- lines of receivers ----------------------------------------------------- */

static struct hook_host *host_of(struct server *s, const char *url)
{
	size_t n = host_end(dd_str(url));
	for (struct hook_host *h = s->hooks.hosts; h; h = h->next)
		if (strlen(h->name) == n && memcmp(h->name, url, n) == 0)
			return h;
	struct hook_host *h = dd_alloc(sizeof *h);
	h->name = dd_str_copy((struct dd_str){url, n});
	h->last = &h->first;
	h->trust = PER_STRANGER;
	h->next = s->hooks.hosts;
	s->hooks.hosts = h;
	return h;
}

static void line_up(struct delivery *d)
{
	d->next = NULL;
	*d->host->last = d;
	d->host->last = &d->next;
}

static struct delivery **turn_of(struct hooks *h, const struct delivery *d)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	if (!h->turns)
		h->turns = dd_alloc(TURNS * sizeof *h->turns);
	for (const char *c = d->sid; *c; c++)
		hash = (hash ^ (unsigned char)*c) * 16777619u;
	return &h->turns[hash % TURNS];
}

static void put_off(struct server *s, struct delivery *d, dd_ms wait)
{
	struct hooks *h = &s->hooks;
	uint32_t slot = h->nfree ? h->free[--h->nfree] : h->nlate;
	if (slot == h->nlate)
		DD_PUSH(h->late_of, h->nlate, h->cap_late) = d;
	h->late_of[slot] = d;
	dd_heap_push(&h->late, machine_ms() + wait, slot);
}

static void open_one(struct server *s, struct delivery *d)
{
	struct delivery **bucket = turn_of(&s->hooks, d);
	d->open = *bucket;
	d->link = bucket;
	if (d->open)
		d->open->link = &d->open;
	*bucket = d;
	if (d->late)
		put_off(s, d, d->late);
	else
		line_up(d);
}

/* What was to come behind the last of this call: that has been heard, and it may go. */
static void let_turned_go(struct server *s, const char *sid)
{
	for (struct delivery **at = &s->hooks.turned; *at; at = &(*at)->next) {
		struct delivery *d = *at;
		if (strcmp(d->sid, sid) != 0)
			continue;
		*at = d->next;
		line_up_in_order(s, d);
		return;
	}
}

/* It is heard or given up: the next of the same call may go. */
static void close_one(struct server *s, struct delivery *d)
{
	faults_heard(s, d->sid);
	*d->link = d->open;
	if (d->open)
		d->open->link = d->link;
	if (d->behind) {
		d->behind->tail = d->tail;
		open_one(s, d->behind);
	} else {
		let_turned_go(s, d->sid);
	}
	free(d);
}

static void line_up_in_order(struct server *s, struct delivery *d)
{
	struct delivery *o = d->sid[0] ? *turn_of(&s->hooks, d) : NULL;
	while (o && (o->host != d->host || strcmp(o->sid, d->sid) != 0))
		o = o->open;
	if (!o) {
		d->tail = d;
		open_one(s, d);
		return;
	}
	o->tail->behind = d;
	o->tail = d;
}

/* Once it is in the ledger. */
static struct delivery *delivery_of(struct server *s, const struct dd_hook_record *r)
{
	struct delivery *d = dd_alloc(sizeof *d);
	d->id = r->id;
	(void)snprintf(d->sid, sizeof d->sid, "%s", r->sid ? r->sid : "");
	d->host = host_of(s, r->url);
	s->hooks.waiting++;
	return d;
}

static void keep_and_deliver(struct server *s, struct dd_hook_record *r, dd_ms late)
{
	r->id = dd_ledger_add(s->ledger, DD_TABLE_HOOK, r);
	struct delivery *d = delivery_of(s, r);
	d->late = late;
	/* of an answered call, with another to come: that of its end goes first */
	if (strcmp(r->event, "answered") == 0 && d->sid[0] &&
	        faults_strike(s, DD_AT_ANSWERED, d->sid, "callback")) {
		d->next = s->hooks.turned;
		s->hooks.turned = d;
		return;
	}
	line_up_in_order(s, d);
}

static void tell(struct server *s, const struct dd_hook_record *r)
{
	static const char *const states[] = {"waiting", "delivered", "given up"};
	if (events_wanted(s))
		events_tell(s, "callback",
		        json_pack("{s:I, s:s, s:s?, s:s, s:s, s:I, s:I, s:s?}", "id",
		                (json_int_t)r->id, "sid", r->sid ? r->sid : "", "event", r->event,
		                "url", r->url, "state", states[r->state], "tries",
		                (json_int_t)r->tries, "status", (json_int_t)r->status, "error",
		                r->error));
}

void hooks_add(struct server *s, const char *sid, const char *event, const char *url,
        const char *type, const struct dd_buf *body)
{
	struct dd_hook_record r = {.sid = sid,
	        .event = event,
	        .url = url,
	        .type = type,
	        .body = body->p ? body->p : "",
	        .created = s->clock.now,
	        .updated = s->clock.now};
	if (!hooks_may_ask(s, url)) {
		r.state = DD_HOOK_GIVEN_UP;
		r.error = "not sent: it is not on this machine; --allow-host HOST, "
		          "--live or --map FROM=TO";
		r.id = dd_ledger_add(s->ledger, DD_TABLE_HOOK, &r);
		if (!s->hooks.given_up++)
			server_tell(s, "callback to %s %s", url, r.error);
		tell(s, &r);
		return;
	}
	const struct dd_fault_rule *fault =
	        faults_strike(s, DD_AT_CALLBACK, sid ? sid : "", "callback");
	if (fault && fault->fault == DD_FAULT_CALLBACK_LOST) {
		r.state = DD_HOOK_GIVEN_UP;
		r.error = "never sent: fault callback-lost, on purpose";
		r.id = dd_ledger_add(s->ledger, DD_TABLE_HOOK, &r);
		s->hooks.given_up++;
		let_turned_go(s, sid ? sid : "");
	} else {
		keep_and_deliver(s, &r, fault ? fault->time : 0);
	}
	tell(s, &r);
	if (!fault || fault->fault != DD_FAULT_CALLBACK_TWICE)
		return;
	keep_and_deliver(s, &r, 0);
	tell(s, &r);
}

static bool recover_one(void *self, const void *record)
{
	struct server *s = self;
	line_up_in_order(s, delivery_of(s, record));
	return true;
}

void hooks_recover(struct server *s)
{
	struct dd_question waits;
	dd_question_begin(&waits);
	dd_question_constant(&waits, "state", DD_IS, DD_HOOK_WAITS);
	const struct dd_query waiting = dd_question_ask(&waits);
	(void)dd_ledger_each(s->ledger, DD_TABLE_HOOK, &waiting, recover_one, s);
}

/* -- requests --------------------------------------------------------------- */

static struct hook_request *request_new(struct server *s)
{
	struct hooks *h = &s->hooks;
	if (!h->requests)
		h->requests = dd_alloc(BUCKETS * sizeof *h->requests);
	struct hook_request *r = dd_alloc(sizeof *r);
	r->id = ++h->last_id;
	r->next = h->requests[r->id % BUCKETS];
	h->requests[r->id % BUCKETS] = r;
	return r;
}

uint32_t hooks_request(struct server *s, struct live *live, uint32_t local)
{
	struct hook_request *r = request_new(s);
	r->live = live;
	r->local = local;
	return r->id;
}

static void drop(struct hook_request **at)
{
	struct hook_request *gone = *at;
	*at = gone->next;
	free(gone);
}

void hooks_forget(struct server *s, struct live *live, uint32_t local)
{
	for (size_t b = 0; s->hooks.requests && b < BUCKETS; b++)
		for (struct hook_request **at = &s->hooks.requests[b]; *at; at = &(*at)->next) {
			if ((*at)->live != live || (*at)->local != local)
				continue;
			(*at)->live = NULL;
			if (live->stage != LIVE_OVER) {
				s->http.forget(s->http.self, (*at)->id);
				drop(at);
			}
			return;
		}
}

/* -- sending ---------------------------------------------------------------- */

struct sending {
	struct server *server;
	struct hook_request *request;
};

static bool send_one(void *self, const void *record)
{
	struct sending *sending = self;
	struct server *s = sending->server;
	const struct dd_hook_record *r = record;
	struct dd_http_answer answer;
	char *url = hooks_mapped(s, r->url);
	struct dd_http_request request = {.id = sending->request->id,
	        .post = true,
	        .url = url,
	        .form = dd_str(r->body),
	        .type = r->type,
	        .timeout = TIMEOUT_MS,
	        .status_alone = true};
	sending->request->delivery->tries = r->tries + 1;
	(void)s->http.send(s->http.self, &request, &answer);
	free(url);
	return false;
}

static struct dd_query row_of(const struct delivery *d, struct dd_question *q)
{
	dd_question_begin(q);
	dd_question_number(q, "id", DD_IS, d->id);
	struct dd_query row = dd_question_ask(q);
	row.limit = 1;
	return row;
}

static void send(struct server *s, struct delivery *d)
{
	struct sending sending = {s, request_new(s)};
	struct dd_question own;
	const struct dd_query row = row_of(d, &own);
	sending.request->delivery = d;
	d->host->in_flight++;
	s->hooks.in_flight++;
	(void)dd_ledger_each(s->ledger, DD_TABLE_HOOK, &row, send_one, &sending);
}

/* Those whose wait is over line up again. */
static int64_t wake(struct server *s)
{
	struct hooks *h = &s->hooks;
	int64_t now = machine_ms();
	while (h->late.n && h->late.list[0].at <= now) {
		uint32_t slot = dd_heap_pop(&h->late).what;
		line_up(h->late_of[slot]);
		h->late_of[slot] = NULL;
		DD_PUSH(h->free, h->nfree, h->cap_free) = slot;
	}
	return h->late.n ? h->late.list[0].at - now : -1;
}

int64_t hooks_run(struct server *s)
{
	int64_t next = wake(s);
	for (struct hook_host *h = s->hooks.hosts; h; h = h->next)
		while (h->first && h->in_flight < h->trust && s->hooks.in_flight < IN_FLIGHT_MAX) {
			struct delivery *d = h->first;
			h->first = d->next;
			if (h->last == &d->next)
				h->last = &h->first;
			send(s, d);
		}
	return next;
}

struct outcome {
	struct server *server;
	const struct dd_http_answer *answer;
	int64_t state;
};

static bool note_outcome(void *self, const void *record)
{
	struct outcome *o = self;
	struct dd_hook_record r = *(const struct dd_hook_record *)record;
	struct server *s = o->server;
	char text[80];
	r.tries++;
	r.status = o->answer->status;
	r.error = NULL;
	bool heard = o->answer->status / 100 == 2;
	if (!heard) {
		(void)snprintf(text, sizeof text, o->answer->status ? "answered by %d" : "%.0d%s",
		        o->answer->status, o->answer->error ? o->answer->error : "");
		r.error = text;
	}
	r.state = heard                ? DD_HOOK_DELIVERED
	        : r.tries >= TRIES_MAX ? DD_HOOK_GIVEN_UP
	                               : DD_HOOK_WAITS;
	r.updated = s->clock.now;
	o->state = r.state;
	dd_ledger_change(s->ledger, DD_TABLE_HOOK, &r);
	if (r.state == DD_HOOK_GIVEN_UP)
		server_tell(s, "callback of %s to %s given up after %d tries: %s",
		        r.sid ? r.sid : "-", r.url, (int)r.tries, text);
	else if (r.state == DD_HOOK_WAITS && r.tries == 1)
		server_tell(s, "callback of %s to %s: %s; it will be tried again",
		        r.sid ? r.sid : "-", r.url, text);
	tell(s, &r);
	return false;
}

static void settle(struct server *s, struct delivery *d, const struct dd_http_answer *answer)
{
	struct outcome o = {s, answer, DD_HOOK_GIVEN_UP};
	struct dd_question own;
	const struct dd_query row = row_of(d, &own);
	struct hook_host *host = d->host;
	host->in_flight--;
	s->hooks.in_flight--;
	/* many that are silent take no room from those that answer */
	if (answer->status)
		host->trust += host->trust < PER_HOST;
	else if (answer->error && strcmp(answer->error, "timeout") == 0)
		host->trust = 1;
	(void)dd_ledger_each(s->ledger, DD_TABLE_HOOK, &row, note_outcome, &o);
	if (o.state == DD_HOOK_WAITS) {
		put_off(s, d, (dd_ms)FIRST_WAIT_MS << (d->tries - 1));
		return;
	}
	s->hooks.waiting--;
	s->hooks.delivered += o.state == DD_HOOK_DELIVERED;
	s->hooks.given_up += o.state == DD_HOOK_GIVEN_UP;
	close_one(s, d);
}

void hooks_answer(struct server *s, uint32_t id, const struct dd_http_answer *answer)
{
	for (struct hook_request **at = s->hooks.requests ? &s->hooks.requests[id % BUCKETS] : NULL;
	        at && *at; at = &(*at)->next) {
		if ((*at)->id != id)
			continue;
		struct hook_request r = **at;
		drop(at);
		if (r.delivery)
			settle(s, r.delivery, answer);
		else if (r.live)
			exchange_reply(r.live, r.local, answer);
		return;
	}
}

void hooks_free(struct server *s)
{
	struct hooks *h = &s->hooks;
	for (size_t b = 0; h->requests && b < BUCKETS; b++)
		while (h->requests[b])
			drop(&h->requests[b]);
	free(h->requests);
	for (struct hook_host *host = h->hosts, *next; host; host = next) {
		next = host->next;
		free(host->name);
		free(host);
	}
	for (size_t b = 0; h->turns && b < TURNS; b++)
		for (struct delivery *d = h->turns[b], *open, *behind; d; d = open)
			for (open = d->open; d; d = behind) {
				behind = d->behind;
				free(d);
			}
	for (struct delivery *d = h->turned, *next; d; d = next) {
		next = d->next;
		free(d);
	}
	free(h->turns);
	free(h->late_of);
	free(h->free);
	dd_heap_fini(&h->late);
}
