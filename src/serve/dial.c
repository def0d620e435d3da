/* Campaigns on the server's clock: their calendar and the law's, their concurrency, throttle and
   retries, as the simulator has them; but the calls are real ones of the exchange. Everything that
   must not be done twice is written down with the call that it leads to. */
#include "serve/dial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/campaign.h"
#include "campaign/retry.h"
#include "serve/calls.h"

enum { NUMBERS_MAX = 5000 };

const char *const DIAL_HOOK_NAMES[3] = {
        "call_status_callback", "call_schedule_callback", "status_callback"};
static const char *const STATUSES[] = {
        "Created", "InProgress", "Paused", "Resumed", "Completed", "Archived"};
static const char *const ENDS[] = {"completed", "busy", "no-answer", "failed", "canceled", "dnd",
        "invalid", "duplicate", "opted-out", "capped"};

static const char *one_of(const char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; text && i < n; i++)
		if (strcmp(list[i], text) == 0)
			return list[i];
	return NULL;
}

bool dial_is(const struct dial *d, const char *status)
{
	return strcmp(d->status, status) == 0;
}

static bool runs(const struct dial *d)
{
	return !d->stopped &&
	        (dial_is(d, "Created") || dial_is(d, "InProgress") || dial_is(d, "Resumed"));
}

struct dial *dial_find(struct server *s, struct dd_str sid, const char *account)
{
	for (size_t i = 0; i < s->dials.n; i++)
		if (dd_str_is(sid, s->dials.list[i]->sid) &&
		        (!account || strcmp(s->dials.list[i]->account, account) == 0))
			return s->dials.list[i];
	return NULL;
}

/* -- writing down ----------------------------------------------------------- */

static struct dd_campaign_record record_of(const struct dial *d)
{
	return (struct dd_campaign_record){.id = d->id,
	        .sid = d->sid,
	        .account = d->account,
	        .name = d->name,
	        .request = d->request,
	        .status = d->status,
	        .version = d->version,
	        .created = d->created,
	        .updated = d->updated,
	        .began = d->began,
	        .ended = d->ended,
	        .stopped = d->stopped};
}

static void write_dial(struct server *s, struct dial *d)
{
	d->updated = s->clock.now;
	struct dd_campaign_record r = record_of(d);
	dd_ledger_change(s->ledger, DD_TABLE_CAMPAIGN, &r);
	if (events_wanted(s))
		events_tell(s, "campaign",
		        json_pack("{s:s, s:s, s:s}", "id", d->sid, "name", d->name, "status",
		                d->status));
}

static void write_contact(struct server *s, struct dial *d, uint32_t i)
{
	struct contact *c = &d->contacts[i];
	char number[24];
	(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)c->number);
	struct dd_contact_record r = {.id = c->id,
	        .number = number,
	        .status = c->status,
	        .digits = c->digits,
	        .sids = c->sids,
	        .campaign = d->id,
	        .place = i,
	        .stage = c->stage,
	        .attempts = c->attempts,
	        .failures = c->failures,
	        .due = c->due,
	        .duration = c->duration,
	        .updated = s->clock.now};
	if (c->id)
		dd_ledger_change(s->ledger, DD_TABLE_CONTACT, &r);
	else
		c->id = dd_ledger_add(s->ledger, DD_TABLE_CONTACT, &r);
}

static const char *when(int64_t at, char room[32])
{
	dd_time_rfc3339(at, room);
	return room;
}

static void send_hook(struct server *s, struct dial *d, int hook, const char *sid, json_t *root)
{
	static const char *const events[] = {"campaign-call", "campaign-number", "campaign"};
	if (d->hooks[hook]) {
		char *text = json_dumps(root, JSON_COMPACT);
		struct dd_buf body = {text, strlen(text), 0};
		hooks_add(s, sid, events[hook], d->hooks[hook], "application/json", &body);
		free(text);
	}
	json_decref(root);
}

void dial_set_status(struct server *s, struct dial *d, const char *status)
{
	char created[32], updated[32], report[192];
	d->status = one_of(STATUSES, sizeof STATUSES / sizeof *STATUSES, status);
	if (dial_is(d, "InProgress") && !d->began)
		d->began = s->clock.now;
	if (dial_is(d, "Completed"))
		d->ended = s->clock.now;
	write_dial(s, d);
	if (!dial_is(d, "Completed"))
		return;
	(void)snprintf(report, sizeof report, "%s/v2/accounts/%s/campaigns/%s/report?format=csv",
	        s->url, d->account, d->sid);
	send_hook(s, d, DIAL_HOOK_CAMPAIGN, d->sid,
	        json_pack("{s:s, s:s, s:s, s:s, s:s}", "campaign_sid", d->sid, "status",
	                "Completed", "date_created", when(d->created, created), "date_updated",
	                when(d->updated, updated), "report_url", report));
}

/* -- making one ------------------------------------------------------------- */

static void dial_free(struct dial *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		free(d->contacts[i].digits);
		free(d->contacts[i].sids);
	}
	free(d->contacts);
	for (int i = 0; i < 3; i++)
		free(d->hooks[i]);
	dd_heap_fini(&d->again);
	dd_calendar_free(d->calendar);
	dd_campaign_free(d->campaign);
	json_decref(d->root);
	dd_diags_fini(&d->diags);
	dd_arena_free(d->arena);
	free(d->account);
	free(d->name);
	free(d->request);
	free(d->app_id);
	free(d);
}

/* The flow that the request names: by its number, or by its URL. */
static struct app *app_of(struct server *s, const json_t *body)
{
	const json_t *id = json_object_get(body, "call_flow_id"),
	             *url = json_object_get(body, "url");
	char text[128] = "";
	if (json_is_integer(id))
		(void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(id));
	else if (json_is_string(id))
		(void)snprintf(text, sizeof text, "%s", json_string_value(id));
	else if (!json_is_string(url) || !flows_id_of_url(dd_str(json_string_value(url)), text))
		return NULL;
	return flows_find(s, dd_str(text));
}

static bool fail(char **why, const char *format, ...) __attribute__((format(printf, 2, 3)));
static bool fail(char **why, const char *format, ...)
{
	char text[2048];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	*why = dd_str_copy(dd_str(text));
	return false;
}

static bool load_flow(struct server *s, struct dial *d, char **why)
{
	d->app = app_of(s, d->body);
	if (!d->app) {
		char *names = flows_names(s);
		bool text = json_object_get(d->body, "read_via_text") &&
		        !json_object_get(d->body, "url");
		(void)fail(why,
		        text ? "read_via_text alone is not simulated: "
		               "give url, the flow that says it; there are: %s"
		             : "call_flow_id, "
		               "or url as http://my.exotel.com/<sid>/exoml/start_voice/<app_id>, "
		               "must name a flow of the folder; there are: %s",
		        names);
		free(names);
		return false;
	}
	struct edition *e = flows_take(s, d->app);
	bool broken = !e->program;
	if (broken)
		(void)fail(why, "the flow \"%s\" has errors:\n%s", d->app->id, e->faults);
	flows_give_back(e);
	d->app_id = dd_str_copy(dd_str(d->app->id));
	return !broken;
}

/* What the loader says, without the places' excerpts: the platform's messages are sentences. */
static bool load_campaign(struct server *s, struct dd_str request, struct dial *d, char **why)
{
	struct dd_campaign_choices choices = {
	        .flow = d->app->path, .profile = s->o->profile ? s->o->profile : "none"};
	d->campaign = dd_campaign_read("request", request, &choices, &d->diags);
	if (d->campaign)
		return true;
	struct dd_buf text = {0};
	for (size_t i = 0; i < d->diags.n && text.n < 1500; i++) {
		const struct dd_diag *g = &d->diags.items[i];
		if (g->severity == DD_ERROR)
			dd_buf_format(&text, "%s%s%s%s%s", text.n ? "; " : "", g->message,
			        g->hint ? " (" : "", g->hint ? g->hint : "", g->hint ? ")" : "");
	}
	*why = text.p ? text.p : dd_str_copy(dd_str("the request cannot be used"));
	return false;
}

static bool add_calendar(struct server *s, struct dial *d, char **why)
{
	struct dd_error err = {""};
	enum dd_status status = dd_campaign_calendar(d->campaign, &d->calendar, &err);
	if (status == DD_OK && s->hours_zone) {
		struct dd_calendar_layer layer = dd_law_layer(s->config.law, s->hours_zone);
		status = dd_calendar_add(d->calendar, &layer, &err);
	}
	return status == DD_OK || fail(why, "%s", err.text);
}

const char *dial_set_hooks(struct dial *d, const json_t *body)
{
	for (int i = 0; i < 3; i++) {
		const json_t *value = json_object_get(body, DIAL_HOOK_NAMES[i]);
		if (value && !json_is_null(value) &&
		        (!json_is_string(value) || hooks_refuse(dd_str(json_string_value(value)))))
			return DIAL_HOOK_NAMES[i];
	}
	for (int i = 0; i < 3; i++) {
		const char *url = json_string_value(json_object_get(body, DIAL_HOOK_NAMES[i]));
		if (!url)
			continue;
		free(d->hooks[i]);
		d->hooks[i] = dd_str_copy(dd_str(url));
	}
	return NULL;
}

void dial_keep_hooks(struct server *s, struct dial *d)
{
	for (int i = 0; i < 3; i++)
		if (d->hooks[i])
			json_object_set_new(
			        (json_t *)d->body, DIAL_HOOK_NAMES[i], json_string(d->hooks[i]));
	free(d->request);
	d->request = json_dumps(d->root, JSON_COMPACT);
	write_dial(s, d);
}

/* What a request may say: the platform's own keys. Those of campaign files that name other files
 * are not for whoever sends a request. */
static const char *unknown_key(const json_t *body)
{
	static const char *const known[] = {"from", "numbers", "lists", "caller_id", "call_flow_id",
	        "campaign_type", "flow_type", "url", "read_via_text", "name", "type",
	        "call_duplicate_numbers", "retries", "retry", "schedule", "call_status_callback",
	        "call_schedule_callback", "status_callback", "mode", "throttle", "custom_field",
	        "repeat_menu_attempts", "concurrency"};
	const char *key;
	json_t *value;
	json_object_foreach ((json_t *)body, key, value)
		if (!one_of(known, sizeof known / sizeof *known, key))
			return key;
	return NULL;
}

static bool open_request(struct server *s, struct dial *d, char **why)
{
	const json_t *list = json_object_get(d->root, "campaigns");
	const char *bad;
	d->body = json_is_array(list) && json_array_size(list) == 1 ? json_array_get(list, 0)
	                                                            : d->root;
	if (!json_is_object(d->body) || (list && d->body == d->root))
		return fail(
		        why, "the body is a campaign, or {\"campaigns\": [{…}]} with one in it");
	if ((bad = unknown_key(d->body)))
		return fail(why, "a campaign has no key \"%.64s\"", bad);
	if (!json_is_string(json_object_get(d->body, "caller_id")))
		return fail(why, "Mandatory parameter caller_id is missing");
	if (!call_has_caller(s, json_string_value(json_object_get(d->body, "caller_id"))))
		return fail(why, "caller_id is not an ExoPhone of this account");
	if (json_array_size(json_object_get(d->body, "lists")))
		return fail(
		        why, "lists of the platform are not simulated: give the numbers in from");
	if (!json_object_get(d->body, "from") && !json_object_get(d->body, "numbers"))
		return fail(why, "Mandatory parameter from is missing");
	if ((bad = dial_set_hooks(d, d->body)))
		return fail(why, "%s must be a URL that begins with http:// or https://", bad);
	/* the loader reads YAML, of which this is a part: text in UTF-8, without escapes that only
	 * JSON has */
	char *text = json_dumps(d->body, JSON_COMPACT);
	struct dd_str request = {dd_arena_copy(d->arena, text, strlen(text)), strlen(text)};
	free(text);
	return load_flow(s, d, why) && load_campaign(s, request, d, why) && add_calendar(s, d, why);
}

static void add_contact(struct dial *d, uint64_t number, unsigned flags)
{
	struct contact c = {.number = number, .stage = CONTACT_WAITS};
	if (flags & DD_PERSON_INVALID || !number)
		c.status = "invalid", c.stage = CONTACT_OVER;
	else if (flags & DD_PERSON_DUPLICATE)
		c.status = "duplicate", c.stage = CONTACT_OVER;
	DD_PUSH(d->contacts, d->n, d->cap) = c;
}

static void set_pace(struct dial *d)
{
	const struct dd_campaign *c = d->campaign;
	uint32_t throttle =
	        c->throttle && (!c->account_throttle || c->throttle < c->account_throttle)
	        ? c->throttle
	        : c->account_throttle;
	d->gap_us = throttle ? (INT64_C(60000000) + throttle - 1) / throttle : 0;
	d->free_us = INT64_MIN / 2;
}

static struct dial *dial_open(struct server *s, const struct dd_campaign_record *r, char **why)
{
	struct dial *d = dd_alloc(sizeof *d);
	d->arena = dd_arena_new();
	dd_diags_init(&d->diags, d->arena);
	d->id = r->id;
	(void)snprintf(d->sid, sizeof d->sid, "%s", r->sid);
	d->account = dd_str_copy(dd_str(r->account));
	d->name = dd_str_copy(dd_str(r->name));
	d->request = dd_str_copy(dd_str(r->request));
	d->version = r->version, d->created = r->created, d->updated = r->updated,
	d->began = r->began, d->ended = r->ended;
	d->stopped = r->stopped;
	d->status = one_of(STATUSES, sizeof STATUSES / sizeof *STATUSES, r->status);
	d->status = d->status ? d->status : "Archived";
	d->root = json_loads(d->request, 0, NULL);
	if (open_request(s, d, why)) {
		set_pace(d);
		return d;
	}
	dial_free(d);
	return NULL;
}

struct dial *dial_new(
        struct server *s, const char *account, int64_t version, struct dd_str request, char **why)
{
	char sid[33], name[120], now[24], *text = dd_str_copy(request);
	struct dd_campaign_record r = {.sid = sid,
	        .account = account,
	        .name = "",
	        .request = text,
	        .status = "Created",
	        .version = version,
	        .created = s->clock.now,
	        .updated = s->clock.now};
	new_sid(sid);
	struct dial *d = dial_open(s, &r, why);
	free(text);
	if (!d)
		return NULL;
	dd_time_ist(s->clock.now, now);
	(void)snprintf(name, sizeof name, "%s %s", account, now);
	free(d->name);
	const char *given = json_string_value(json_object_get(d->body, "name"));
	d->name = dd_str_copy(dd_str(given && *given ? given : name));
	bool fits = true;
	for (uint32_t i = 0; i < d->campaign->people->n && fits; i++)
		if (d->campaign->people->list[i].flags & DD_PERSON_INVALID)
			fits = fail(why,
			        "number %u is no telephone number: +919876543210, "
			        "09876543210 or 9876543210",
			        i + 1);
	if (!fits)
		;
	else if (d->campaign->people->n > NUMBERS_MAX)
		fits = fail(why, "a campaign has at most 5,000 numbers, not %u",
		        d->campaign->people->n);
	else if (d->campaign->end != INT64_MAX && d->campaign->end <= s->clock.now)
		fits = fail(why, "the schedule's end has passed: it is %s", now);
	if (!fits) {
		dial_free(d);
		return NULL;
	}
	for (uint32_t i = 0; i < d->campaign->people->n; i++)
		add_contact(
		        d, d->campaign->people->list[i].number, d->campaign->people->list[i].flags);
	r = record_of(d);
	d->id = dd_ledger_add(s->ledger, DD_TABLE_CAMPAIGN, &r);
	for (uint32_t i = 0; i < d->n; i++)
		write_contact(s, d, i);
	DD_PUSH(s->dials.list, s->dials.n, s->dials.cap) = d;
	write_dial(s, d);
	return d;
}

bool dial_add_numbers(struct server *s, struct dial *d, struct dd_str numbers, const char **why)
{
	uint32_t before = d->n;
	struct dd_number_set seen = {0};
	*why = NULL;
	for (uint32_t i = 0; i < d->n; i++)
		if (d->contacts[i].number)
			(void)dd_number_set_add(&seen, d->contacts[i].number);
	for (size_t at = 0; at <= numbers.n && !*why;) {
		const char *comma =
		        at < numbers.n ? memchr(numbers.p + at, ',', numbers.n - at) : NULL;
		size_t end = comma ? (size_t)(comma - numbers.p) : numbers.n;
		uint64_t number = dd_number_parse((struct dd_str){numbers.p + at, end - at});
		at = end + 1;
		if (!number)
			*why = "Numbers are telephone numbers with commas between them";
		else if (d->n >= NUMBERS_MAX)
			*why = "a campaign has at most 5,000 numbers";
		else
			add_contact(d, number,
			        dd_number_set_add(&seen, number) || d->campaign->people->twins
			                ? 0
			                : DD_PERSON_DUPLICATE);
	}
	dd_number_set_fini(&seen);
	if (*why) {
		d->n = before;
		return false;
	}
	for (uint32_t i = before; i < d->n; i++)
		write_contact(s, d, i);
	return true;
}

/* -- dialling --------------------------------------------------------------- */

static bool more(const struct dial *d)
{
	return d->fresh < d->n || d->again.n;
}

static void skip_over(struct dial *d)
{
	while (d->fresh < d->n && d->contacts[d->fresh].stage != CONTACT_WAITS)
		d->fresh++;
}

/* When a contact is next in turn, whatever the lines; INT64_MAX. */
static int64_t turn_at(struct server *s, const struct dial *d)
{
	if (d->again.n && d->again.list[0].at <= s->clock.now)
		return s->clock.now;
	if (d->fresh < d->n)
		return s->clock.now;
	return d->again.n ? d->again.list[0].at : INT64_MAX;
}

static bool has_line(const struct dial *d)
{
	return !d->campaign->concurrency || d->active < d->campaign->concurrency;
}

/* When the next call can begin: somebody's turn, a free line, the throttle, the calendar. */
static int64_t next_call(struct server *s, struct dial *d)
{
	int64_t at = turn_at(s, d);
	if (at == INT64_MAX || !has_line(d))
		return INT64_MAX;
	int64_t free_ms = d->free_us > 0 ? (d->free_us + 999) / 1000 : INT64_MIN;
	at = at > free_ms ? at : free_ms;
	if (d->campaign->start != INT64_MIN && at < d->campaign->start)
		at = d->campaign->start;
	return dd_calendar_next(d->calendar, at);
}

/* The end of one number: no call of it follows. */
static void end_contact(struct server *s, struct dial *d, uint32_t i, const char *status)
{
	struct contact *c = &d->contacts[i];
	char number[24], created[32], updated[32];
	c->stage = CONTACT_OVER;
	c->status = status;
	write_contact(s, d, i);
	(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)c->number);
	json_t *sids = json_array();
	for (const char *at = c->sids; at && *at;
	        at += strcspn(at, ",") + (at[strcspn(at, ",")] == ','))
		json_array_append_new(sids, json_stringn(at, strcspn(at, ",")));
	send_hook(s, d, DIAL_HOOK_NUMBER, d->sid,
	        json_pack("{s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "campaign_sid", d->sid, "to",
	                number, "from", json_string_value(json_object_get(d->body, "caller_id")),
	                "call_sids", sids, "status", status, "date_created",
	                when(d->created, created), "date_updated", when(s->clock.now, updated)));
}

static void begin_call(struct server *s, struct dial *d, uint32_t i)
{
	struct contact *c = &d->contacts[i];
	char number[24];
	const char *custom = json_string_value(json_object_get(d->body, "custom_field"));
	enum law_says law = law_says(s, c->number);
	if (law != LAW_FINE &&
	        law != LAW_HOURS) { /* the campaign's calendar has looked after those */
		end_contact(s, d, i, LAW_WORDS[law]);
		return;
	}
	(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)c->number);
	c->attempts++;
	c->stage = CONTACT_CALLED;
	d->active++;
	struct dd_call_record r = {.account = d->account,
	        .app = d->app_id,
	        .customer = number,
	        .caller_id = json_string_value(json_object_get(d->body, "caller_id")),
	        .custom_field = custom,
	        .hook_type = "form",
	        .time_limit = d->campaign->time_limit,
	        .ring_timeout = d->campaign->ring_timeout,
	        .campaign = d->id,
	        .contact = i,
	        .attempt = c->attempts};
	const struct live *call = exchange_accept(s, &r);
	struct dd_buf sids = {0};
	dd_buf_format(&sids, "%s%s%s", c->sids ? c->sids : "", c->sids ? "," : "", call->r.sid);
	free(c->sids);
	c->sids = sids.p;
	write_contact(s, d, i);
	int64_t now_us = s->clock.now * 1000;
	d->free_us = (d->free_us > now_us ? d->free_us : now_us) + d->gap_us;
}

void dial_complete(struct server *s, struct dial *d)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->contacts[i].stage == CONTACT_WAITS || d->contacts[i].stage == CONTACT_AGAIN)
			end_contact(s, d, i, "failed");
	d->fresh = d->n;
	d->again.n = 0;
	d->stopped = true; /* calls in progress go on to their end */
	if (!d->active)
		dial_set_status(s, d, "Completed");
	else
		write_dial(s, d);
}

/* One that was stopped while calls were going on, all of which are over now. */
static bool is_left_over(const struct dial *d)
{
	return d->stopped && !d->active && !dial_is(d, "Completed") && !dial_is(d, "Archived");
}

static void run_dial(struct server *s, struct dial *d)
{
	if (is_left_over(d))
		dial_set_status(s, d, "Completed");
	if (!runs(d))
		return;
	skip_over(d);
	if (d->campaign->end != INT64_MAX && s->clock.now >= d->campaign->end && more(d))
		dial_complete(s, d);
	while (next_call(s, d) <= s->clock.now) {
		bool due = d->again.n && d->again.list[0].at <= s->clock.now;
		uint32_t i = due ? dd_heap_pop(&d->again).what : d->fresh++;
		if (dial_is(d, "Created"))
			dial_set_status(s, d, "InProgress");
		begin_call(s, d, i);
		skip_over(d);
	}
	if (!more(d) && !d->active && runs(d) &&
	        (d->campaign->start == INT64_MIN || s->clock.now >= d->campaign->start))
		dial_set_status(s, d, "Completed");
}

void dials_run(struct server *s)
{
	for (size_t i = 0; i < s->dials.n; i++)
		run_dial(s, s->dials.list[i]);
}

int64_t dials_due(struct server *s)
{
	int64_t next = INT64_MAX;
	for (size_t i = 0; i < s->dials.n; i++) {
		struct dial *d = s->dials.list[i];
		if (!runs(d))
			continue;
		int64_t at = next_call(s, d);
		if (!more(d) && !d->active) /* nobody is left to be called */
			at = d->campaign->start != INT64_MIN && d->campaign->start > s->clock.now
			        ? d->campaign->start
			        : s->clock.now;
		if (d->campaign->end != INT64_MAX && more(d) && d->campaign->end < at)
			at = d->campaign->end;
		next = at < next ? at : next;
	}
	return next;
}

static unsigned how(const char *status)
{
	return strcmp(status, "busy") == 0         ? DD_RETRY_BUSY
	        : strcmp(status, "no-answer") == 0 ? DD_RETRY_NO_ANSWER
	        : strcmp(status, "completed") == 0 ? 0
	                                           : DD_RETRY_FAILED;
}

static struct dial *dial_with(struct server *s, int64_t id)
{
	for (size_t i = 0; i < s->dials.n; i++)
		if (s->dials.list[i]->id == id)
			return s->dials.list[i];
	return NULL;
}

void dials_over(struct server *s, const struct dd_call_record *r)
{
	struct dial *d = dial_with(s, r->campaign);
	struct contact *c =
	        d && r->contact >= 0 && r->contact < d->n ? &d->contacts[r->contact] : NULL;
	char created[32], updated[32];
	uint32_t i = (uint32_t)r->contact;
	if (!c || c->stage != CONTACT_CALLED)
		return;
	d->active--;
	free(c->digits);
	c->digits = dd_str_copy(dd_str(r->digits && *r->digits ? r->digits : NULL));
	c->duration = r->answered && r->ended > r->answered ? r->ended - r->answered : 0;
	c->status = one_of(ENDS, sizeof ENDS / sizeof *ENDS, r->status);
	send_hook(s, d, DIAL_HOOK_CALL, r->sid,
	        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?}", "campaign_sid", d->sid,
	                "call_sid", r->sid, "date_created", when(r->created, created),
	                "date_updated", when(r->updated, updated), "number", r->customer, "status",
	                r->status, "digit", c->digits));
	bool again = !d->stopped && !r->opted_out &&
	        dd_retry_again(d->campaign, (int)c->attempts, how(r->status), c->failures > 0);
	c->failures += how(r->status) == DD_RETRY_FAILED;
	if (again) {
		c->stage = CONTACT_AGAIN;
		c->due = dd_retry_due(d->campaign, (int)c->attempts, s->clock.now);
		dd_heap_push(&d->again, c->due, i);
		write_contact(s, d, i);
	} else {
		end_contact(s, d, i, c->status ? c->status : "failed");
	}
	if (d->stopped && !d->active)
		dial_set_status(s, d, "Completed");
}

struct dial_counts dial_count(const struct dial *d)
{
	struct dial_counts n = {.total = d->n};
	for (uint32_t i = 0; i < d->n; i++) {
		const struct contact *c = &d->contacts[i];
		bool reached = c->status && strcmp(c->status, "completed") == 0;
		n.dialed += c->attempts > 0;
		n.connected += reached;
		n.failed += c->stage == CONTACT_OVER && !reached;
		n.again += c->stage == CONTACT_AGAIN;
		n.over += c->stage == CONTACT_OVER;
		n.pending += c->stage != CONTACT_OVER;
	}
	return n;
}

/* -- a new beginning -------------------------------------------------------- */

static bool recover_contact(void *self, const void *record)
{
	struct dial *d = self;
	const struct dd_contact_record *r = record;
	DD_PUSH(d->contacts, d->n, d->cap) = (struct contact){.id = r->id,
	        .number = dd_number_parse(dd_str(r->number)),
	        .stage = (enum contact_stage)r->stage,
	        .status = one_of(ENDS, sizeof ENDS / sizeof *ENDS, r->status),
	        .attempts = r->attempts,
	        .failures = r->failures,
	        .due = r->due,
	        .duration = r->duration,
	        .digits = dd_str_copy(dd_str(r->digits)),
	        .sids = dd_str_copy(dd_str(r->sids))};
	d->active += r->stage == CONTACT_CALLED;
	if (r->stage == CONTACT_AGAIN)
		dd_heap_push(&d->again, r->due, d->n - 1);
	return true;
}

struct recovering {
	struct server *server;
	struct dial **list;
	size_t n, cap;
};

static bool recover_dial(void *self, const void *record)
{
	struct recovering *r = self;
	char *why = NULL;
	struct dial *d = dial_open(r->server, record, &why);
	if (d)
		DD_PUSH(r->list, r->n, r->cap) = d;
	else
		server_tell(r->server, "a campaign of before cannot go on: %s", why ? why : "");
	free(why);
	return true;
}

void dials_recover(struct server *s)
{
	struct recovering r = {.server = s};
	(void)dd_ledger_each(s->ledger, DD_TABLE_CAMPAIGN, NULL, recover_dial, &r);
	for (size_t i = 0; i < r.n; i++) {
		struct dd_query q = {.where = "campaign = ?1",
		        .order = "place",
		        .binds = (struct dd_bind[]){{.number = r.list[i]->id}},
		        .nbinds = 1};
		(void)dd_ledger_each(s->ledger, DD_TABLE_CONTACT, &q, recover_contact, r.list[i]);
	}
	s->dials = (struct dials){r.list, r.n, r.cap};
}

void dial_delete(struct server *s, struct dial *d)
{
	struct dd_query contacts = {.where = "campaign = ?1",
	        .binds = (struct dd_bind[]){{.number = d->id}},
	        .nbinds = 1};
	struct dd_query campaign = {
	        .where = "id = ?1", .binds = (struct dd_bind[]){{.number = d->id}}, .nbinds = 1};
	dd_ledger_delete(s->ledger, DD_TABLE_CONTACT, &contacts);
	dd_ledger_delete(s->ledger, DD_TABLE_CAMPAIGN, &campaign);
	for (size_t i = 0; i < s->dials.n; i++)
		if (s->dials.list[i] == d) {
			memmove(&s->dials.list[i], &s->dials.list[i + 1],
			        (--s->dials.n - i) * sizeof(struct dial *)); /* NOLINT */
			break;
		}
	dial_free(d);
}

void dials_free(struct server *s)
{
	for (size_t i = 0; i < s->dials.n; i++)
		dial_free(s->dials.list[i]);
	free(s->dials.list);
	s->dials = (struct dials){0};
}
