/* Campaigns on the server's clock. Whom to call and when is the dialler's, as in the simulator; the
   calls are real ones of the exchange. Everything that must not be done twice is written down with
   the call that it leads to, so that a dialler that reads the rows again has the same future. */
#include "serve/dial.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "campaign/campaign.h"
#include "campaign/dialler.h"
#include "serve/contacts.h"
#include "serve/sms.h"

enum { NUMBERS_MAX = 5000 };

const char *const DIAL_HOOK_NAMES[3] = {
        "call_status_callback", "call_schedule_callback", "status_callback"};
static const char *const STATUSES[] = {
        "Created", "InProgress", "Paused", "Resumed", "Completed", "Archived"};
static const char *const ENDS[] = {"completed", "busy", "no-answer", "failed", "canceled", "dnd",
        "invalid", "duplicate", "opted-out", "capped", "no-consent"};

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

struct dial *dial_find(struct server *s, struct dd_str sid, const char *account)
{
	for (size_t i = 0; i < s->dials.n; i++)
		if (dd_str_is(sid, s->dials.list[i]->sid) &&
		        (!account || strcmp(s->dials.list[i]->account, account) == 0))
			return s->dials.list[i];
	return NULL;
}

/* -- writing down ----------------------------------------------------------- */

static struct dd_campaign_record record_of(const struct server *s, const struct dial *d)
{
	struct dd_dialler_row row = {0};
	if (d->index != DIAL_OVER)
		row = dd_dialler_campaign(s->dialler, d->index);
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
	        .stopped = d->stopped,
	        .free_us = row.free_us,
	        .round = row.round,
	        .next_round = row.next_round};
}

static void ask_for_number(struct dd_question *q, const char *column, int64_t number)
{
	dd_question_begin(q);
	dd_question_number(q, column, DD_IS, number);
}

/* The dialler, to be changed: what it waits for is to be asked anew. Single calls and opt-outs only
 * hold contacts back when their turn has come, and change no moment. */
static struct dd_dialler *moved(struct server *s)
{
	s->dials.quiet_until = INT64_MIN;
	return s->dialler;
}

static void write_dial(struct server *s, struct dial *d)
{
	d->updated = s->clock.now;
	struct dd_campaign_record r = record_of(s, d);
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
	        .updated = s->clock.now,
	        .variables = c->variables};
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
		free(d->contacts[i].variables);
	}
	free(d->contacts);
	for (int i = 0; i < 3; i++)
		free(d->hooks[i]);
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

/* The id of what the request names: a flow by its number or its URL, or an application by its
   address. From malloc; NULL: none. */
static char *id_of(const json_t *body)
{
	const json_t *given = json_object_get(body, "call_flow_id");
	bool by_id = json_is_integer(given) || json_is_string(given);
	struct dd_buf id = {0};
	char own[128];
	if (!by_id)
		given = json_object_get(body, "url");
	const char *text = json_string_value(given);
	if (json_is_integer(given))
		dd_buf_format(&id, "%lld", (long long)json_integer_value(given));
	else if (text && flows_id_of_url(dd_str(text), own))
		dd_buf_str(&id, own);
	else if (text && (by_id || dd_is_url(text)))
		dd_buf_str(&id, text);
	return id.p;
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

/* A text to be read is a flow of one step, in a file of its own. */
static struct app *text_app(struct server *s, const struct dial *d)
{
	const char *text = json_string_value(json_object_get(d->body, "read_via_text"));
	struct dd_buf id = {0}, flow = {0};
	struct app *app = NULL;
	if (!text || !*text || json_object_get(d->body, "url"))
		return NULL;
	dd_buf_format(&id, "text-%s", d->sid);
	contacts_text_flow(text, &flow);
	char *path = recording_file(s, id.p, ".yaml", &flow);
	if (path)
		app = flows_add(s, id.p, path);
	free(path);
	dd_buf_free(&id);
	dd_buf_free(&flow);
	return app;
}

static bool find_flow(struct server *s, struct dial *d, char **why)
{
	(void)dd_input_starved();
	d->app = text_app(s, d);
	d->app_id = d->app ? dd_str_copy(dd_str(d->app->id)) : id_of(d->body);
	if (!d->app && d->app_id)
		d->app = flows_find(s, dd_str(d->app_id));
	if (d->app == &s->flows.connect)
		d->app = NULL;
	if (!d->app && dd_input_starved())
		return fail(why, "%s", FLOWS_STARVED);
	if (d->app)
		return true;
	char *names = flows_names(s);
	(void)fail(why,
	        "call_flow_id, or url as http://my.exotel.com/<sid>/exoml/start_voice/<app_id>, "
	        "must name a flow of the folder or the address of an application, or read_via_text "
	        "be a text; there are: %s",
	        names);
	free(names);
	return false;
}

static bool load_flow(struct server *s, struct dial *d, char **why)
{
	if (!find_flow(s, d, why))
		return false;
	if (d->app == &s->flows.application) {
		*why = exchange_refuse_app(s, d->app_id);
		return !*why;
	}
	struct edition *e = flows_take(s, d->app);
	bool broken = !e->program;
	if (e->starved)
		(void)fail(why, "%s", FLOWS_STARVED);
	else if (broken)
		(void)fail(why, "the flow \"%s\" has errors:\n%s", d->app->id, e->faults);
	flows_give_back(e);
	/* it may have been named by its number */
	free(d->app_id);
	d->app_id = dd_str_copy(dd_str(d->app->id));
	return !broken;
}

/* What an application says is known when it is called. */
static struct dd_program *stand_in(void *self, const char *url)
{
	struct dial *d = self;
	(void)url;
	return flows_connect(&d->diags);
}

/* What the loader says, without the places' excerpts: the platform's messages are sentences. */
static bool load_campaign(struct server *s, struct dd_str request, struct dial *d, char **why)
{
	bool directed = d->app == &s->flows.application;
	struct dd_campaign_choices choices = {.flow = directed ? d->app_id : d->app->path,
	        .application = directed ? stand_in : NULL,
	        .self = d,
	        .profile = s->o->profile ? s->o->profile : "none",
	        .country = s->config.home->country,
	        .platform = true};
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
	        "repeat_menu_attempts", "concurrency", "sms_if_unanswered"};
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
	if (!json_object_get(d->body, "from") && !json_object_get(d->body, "numbers"))
		return fail(why, "Mandatory parameter from is missing");
	if ((bad = dial_set_hooks(d, d->body)))
		return fail(why, "%s must be a URL that begins with http:// or https://", bad);
	/* the loader reads YAML, of which this is a part: text in UTF-8, without escapes that only
	 * JSON has */
	char *text = json_dumps(d->body, JSON_COMPACT);
	struct dd_str request = {dd_arena_copy(d->arena, text, strlen(text)), strlen(text)};
	free(text);
	return load_flow(s, d, why) && load_campaign(s, request, d, why);
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

/* The dialler takes the campaign on: the law's registers are known by now. */
static bool take_on(struct server *s, struct dial *d, char **why)
{
	struct dd_campaign *c = d->campaign;
	struct dd_error err = {""};
	for (uint32_t i = 0; i < c->people->n; i++)
		c->people->list[i].flags |= (uint8_t)config_flags(s, c->people->list[i].number);
	const struct dd_dialler_plan plan = {.campaign = c,
	        .concurrency = c->concurrency,
	        .throttle = c->throttle,
	        .id = (uint64_t)d->id,
	        .begins = c->start == INT64_MIN || c->start < d->created ? d->created : c->start};
	if (dd_dialler_add(moved(s), &plan, &d->index, &err) != DD_OK)
		return fail(why, "%s", err.text);
	while (s->dials.nindex <= d->index)
		DD_PUSH(s->dials.by_index, s->dials.nindex, s->dials.cap_index) = NULL;
	s->dials.by_index[d->index] = d;
	return true;
}

/* What the dialler knew when a campaign was written down last. */
static void put_back(struct server *s, struct dial *d, const struct dd_campaign_record *r)
{
	struct dd_question stale;
	dd_question_begin(&stale);
	dd_question_constant(&stale, "campaign", DD_MORE, 0);
	dd_question_number(&stale, "campaign", DD_IS, d->id);
	dd_question_constant(&stale, "stage", DD_LESS, DD_STAGE_OVER);
	dd_question_number(&stale, "round", DD_LESS, r->round);
	const struct dd_query q = dd_question_ask(&stale);
	struct dd_dialler_row row = dd_dialler_campaign(s->dialler, d->index);
	row.free_us = r->free_us;
	row.round = (uint32_t)r->round;
	row.next_round = r->next_round ? r->next_round : row.next_round; /* 0: an older file */
	row.paused = dial_is(d, "Paused");
	row.ended = d->stopped;
	row.stale_calls = (uint32_t)dd_ledger_count(s->ledger, DD_TABLE_CALL, &q);
	dd_dialler_put_campaign(moved(s), d->index, &row);
	d->active += row.stale_calls;
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
	d->index = DIAL_OVER;
	if (open_request(s, d, why))
		return d;
	dial_free(d);
	return NULL;
}

/* A new campaign with its contacts, into the ledger and the list. */
static void keep_new(struct server *s, struct dial *d)
{
	struct dd_campaign_record r = record_of(s, d);
	d->id = dd_ledger_add(s->ledger, DD_TABLE_CAMPAIGN, &r);
	if (d->index != DIAL_OVER)
		dd_dialler_name(s->dialler, d->index, (uint64_t)d->id);
	for (uint32_t i = 0; i < d->n; i++)
		write_contact(s, d, i);
	DD_PUSH(s->dials.list, s->dials.n, s->dials.cap) = d;
	write_dial(s, d);
}

/* Lists become the numbers of their contacts, so that what is kept says whom it calls. `by_number`
 * gets the contacts. NULL, and `*why`; from malloc. */
static char *with_lists(
        struct server *s, const char *account, struct dd_str request, json_t *by_number, char **why)
{
	json_t *root = json_loadb(request.p, request.n, 0, NULL),
	       *many = json_object_get(root, "campaigns"),
	       *body = json_array_size(many) == 1 ? json_array_get(many, 0) : root,
	       *lists = json_object_get(body, "lists"), *numbers = json_array();
	const char *text = json_string_value(json_object_get(body, "read_via_text")), *fault = NULL;
	bool any = json_array_size(lists) > 0;
	if (any && (json_object_get(body, "from") || json_object_get(body, "numbers")))
		fault = "give from or lists, not both";
	else if (any)
		fault = contacts_of_lists(s, account, lists, numbers, by_number);
	else if (text && strstr(text, "@@") && !json_object_get(body, "url"))
		fault = "read_via_text names columns, which contacts of lists have: give lists";
	if (any && !fault)
		json_object_set(body, "from", numbers);
	char *out = fault ? NULL : any ? json_dumps(root, JSON_COMPACT) : dd_str_copy(request);
	if (fault)
		(void)fail(why, "%s", fault);
	json_decref(numbers);
	json_decref(root);
	return out;
}

static bool is_usable(struct server *s, const struct dial *d, char **why)
{
	char now[24];
	const char *name = json_string_value(json_object_get(d->body, "name"));
	const struct dd_campaign *c = d->campaign;
	dd_time_ist(s->clock.now, now);
	if (name && *name && dd_utf8_count(dd_str(name)) <= 3)
		return fail(why, "a campaign's name has more than 3 characters");
	for (uint32_t i = 0; i < c->people->n; i++)
		if (c->people->list[i].flags & DD_PERSON_INVALID)
			return fail(why,
			        "number %u is no telephone number: +919876543210, "
			        "09876543210 or 9876543210",
			        i + 1);
	if (c->people->n > NUMBERS_MAX)
		return fail(why, "a campaign has at most 5,000 numbers, not %u", c->people->n);
	if (c->end != INT64_MAX && c->end <= s->clock.now)
		return fail(why, "the schedule's end has passed: it is %s", now);
	return true;
}

static void add_contacts(struct dial *d, const json_t *by_number)
{
	for (uint32_t i = 0; i < d->campaign->people->n; i++) {
		char number[24];
		const struct dd_person *person = &d->campaign->people->list[i];
		add_contact(d, person->number, person->flags);
		(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)person->number);
		const json_t *known = json_object_get(by_number, number);
		d->contacts[i].variables = known ? json_dumps(known, JSON_COMPACT) : NULL;
	}
}

struct dial *dial_new(
        struct server *s, const char *account, int64_t version, struct dd_str request, char **why)
{
	json_t *by_number = json_object();
	char sid[33], name[120], now[24], *text = with_lists(s, account, request, by_number, why);
	if (!text) {
		json_decref(by_number);
		return NULL;
	}
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
	if (d) {
		dd_time_ist(s->clock.now, now);
		(void)snprintf(name, sizeof name, "%s %s", account, now);
		free(d->name);
		const char *given = json_string_value(json_object_get(d->body, "name"));
		d->name = dd_str_copy(dd_str(given && *given ? given : name));
		add_contacts(d, by_number);
	}
	json_decref(by_number);
	if (!d)
		return NULL;
	if (!is_usable(s, d, why) || !take_on(s, d, why)) {
		dial_free(d);
		return NULL;
	}
	keep_new(s, d);
	return d;
}

struct dial *dial_adopt(struct server *s, struct dd_campaign *campaign, const char *app, char **why)
{
	struct dial *d = dd_alloc(sizeof *d);
	*d = (struct dial){.campaign = campaign,
	        .arena = dd_arena_new(),
	        .account = dd_str_copy(dd_str("drydial")),
	        .name = dd_str_copy(dd_str(campaign->name ? campaign->name : "")),
	        .request = dd_str_copy(dd_str("{}")),
	        .app_id = dd_str_copy(dd_str(app)),
	        .root = json_object(),
	        .created = s->clock.now,
	        .status = one_of(STATUSES, sizeof STATUSES / sizeof *STATUSES, "Created")};
	d->body = d->root;
	dd_diags_init(&d->diags, d->arena);
	new_sid(d->sid);
	if (!take_on(s, d, why)) {
		d->campaign = NULL; /* is still its giver's */
		dial_free(d);
		return NULL;
	}
	for (uint32_t i = 0; i < campaign->people->n; i++)
		add_contact(d, campaign->people->list[i].number, campaign->people->list[i].flags);
	keep_new(s, d);
	return d;
}

static void drop_contacts(struct server *s, const struct dial *d)
{
	struct dd_question of_campaign;
	ask_for_number(&of_campaign, "campaign", d->id);
	const struct dd_query q = dd_question_ask(&of_campaign);
	dd_ledger_delete(s->ledger, DD_TABLE_CONTACT, &q);
}

/* The request of before with what changes in it. */
static char *merged(const struct dial *d, const json_t *changes)
{
	json_t *root = json_deep_copy(d->root), *many = json_object_get(root, "campaigns"),
	       *body = json_array_size(many) == 1 ? json_array_get(many, 0) : root, *value;
	const char *key;
	if (json_object_get(changes, "lists") || json_object_get(changes, "from") ||
	        json_object_get(changes, "numbers")) {
		json_object_del(body, "lists");
		json_object_del(body, "from");
		json_object_del(body, "numbers");
	} else {
		json_object_del(body, "from");
		json_object_set(body, "from", json_object_get(d->body, "from"));
		if (json_object_get(body, "lists"))
			json_object_del(body, "from");
		else if (!json_object_get(d->body, "from"))
			json_object_del(body, "from");
	}
	json_object_foreach ((json_t *)changes, key, value)
		json_object_set(body, key, value);
	char *text = json_dumps(root, JSON_COMPACT);
	json_decref(root);
	return text;
}

struct dial *dial_change(struct server *s, struct dial *d, const json_t *changes, char **why)
{
	bool begun = !dial_is(d, "Created") || d->stopped || d->campaign->start == INT64_MIN ||
	        d->campaign->start <= s->clock.now;
	if (begun) {
		(void)fail(why,
		        "the campaign has begun: only action and the three callbacks can be "
		        "changed; what is due later can be changed until its send_at");
		return NULL;
	}
	json_t *by_number = json_object();
	char *request = merged(d, changes),
	     *text = with_lists(s, d->account, dd_str(request), by_number, why);
	struct dd_campaign_record r = record_of(s, d);
	const char *name = json_string_value(json_object_get(changes, "name"));
	r.request = text;
	r.name = name ? name : d->name;
	struct dial *n = text ? dial_open(s, &r, why) : NULL;
	free(request);
	free(text);
	if (n)
		add_contacts(n, by_number);
	json_decref(by_number);
	if (!n)
		return NULL;
	if (!is_usable(s, n, why) || !take_on(s, n, why)) {
		dial_free(n);
		return NULL;
	}
	dd_dialler_remove(moved(s), d->index);
	s->dials.by_index[d->index] = NULL;
	drop_contacts(s, d);
	for (uint32_t i = 0; i < n->n; i++)
		write_contact(s, n, i);
	for (size_t i = 0; i < s->dials.n; i++)
		if (s->dials.list[i] == d)
			s->dials.list[i] = n;
	dial_free(d);
	write_dial(s, n);
	return n;
}

/* Contacts that came later are people of the campaign, too. */
static void more_people(struct server *s, struct dial *d, uint32_t from)
{
	for (uint32_t i = from; i < d->n; i++) {
		const struct contact *c = &d->contacts[i];
		unsigned flags = config_flags(s, c->number);
		if (c->stage == CONTACT_OVER && c->status && !c->attempts)
			flags |= strcmp(c->status, "invalid") == 0    ? DD_PERSON_INVALID
			        : strcmp(c->status, "duplicate") == 0 ? DD_PERSON_DUPLICATE
			                                              : 0;
		struct dd_person person = {.number = c->number, .flags = (uint8_t)flags};
		struct dd_error err;
		(void)dd_campaign_place(d->campaign, &person, &err); /* as the first ones were */
		dd_people_add(d->campaign->people, person);
	}
	dd_dialler_more_people(moved(s), d->index);
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
		uint64_t number = number_at_home(s, (struct dd_str){numbers.p + at, end - at});
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
	more_people(s, d, before);
	for (uint32_t i = before; i < d->n; i++)
		write_contact(s, d, i);
	return true;
}

/* -- dialling --------------------------------------------------------------- */

/* The end of one number: no call of it follows. */
/* The SMS to somebody whom no call has reached, of the last call to the number. */
static void send_unanswered(struct server *s, const struct dial *d, const struct contact *c)
{
	struct dd_buf text = {0};
	char number[24], own[33];
	const char *sid = c->sids ? strrchr(c->sids, ',') : NULL,
	           *caller = json_string_value(json_object_get(d->body, "caller_id"));
	(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)c->number);
	dd_campaign_sms(d->campaign, &text);
	const struct sms m = {.account = d->account,
	        .call = sid       ? sid + 1
	                : c->sids ? c->sids
	                          : "",
	        .to = number,
	        .sender = caller ? caller : "",
	        .text = text.p ? text.p : "",
	        .of_flow = true};
	(void)sms_send(s, &m, own);
	dd_buf_free(&text);
}

static bool is_unreached(const char *status)
{
	static const char *const words[] = {"busy", "no-answer", "failed", "pending", "capped"};
	return status && one_of(words, sizeof words / sizeof *words, status);
}

static void end_contact(struct server *s, struct dial *d, uint32_t i, const char *status)
{
	struct contact *c = &d->contacts[i];
	char number[24], created[32], updated[32];
	c->stage = CONTACT_OVER;
	c->status = status;
	write_contact(s, d, i);
	if (d->campaign->sms_if_unanswered && !d->campaign->sms_after_first && c->attempts > 0 &&
	        is_unreached(status))
		send_unanswered(s, d, c);
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

/* What the flow may say of a contact of a list. From malloc; NULL: nothing. */
static char *variables_of(struct server *s, const struct dial *d, const struct contact *c)
{
	json_t *known = c->variables ? json_loads(c->variables, 0, NULL) : NULL;
	struct app *app = known ? flows_find(s, dd_str(d->app_id)) : NULL;
	struct edition *e = app ? flows_take(s, app) : NULL;
	char *text = e && e->program ? contacts_variables(e->program, known) : NULL;
	flows_give_back(e);
	json_decref(known);
	return text;
}

static void begin_call(struct server *s, struct dial *d, const struct dd_dialler_step *step)
{
	uint32_t i = step->ticket.person;
	struct contact *c = &d->contacts[i];
	char number[24];
	const char *caller = json_string_value(json_object_get(d->body, "caller_id"));
	(void)snprintf(number, sizeof number, "+%llu", (unsigned long long)c->number);
	if (dial_is(d, "Created"))
		dial_set_status(s, d, "InProgress");
	c->attempts = step->attempt;
	c->stage = CONTACT_CALLED;
	d->active++;
	struct dd_call_record r = {.account = d->account,
	        .app = d->app_id,
	        .customer = number,
	        .caller_id = caller ? caller : "",
	        .custom_field = json_string_value(json_object_get(d->body, "custom_field")),
	        .hook_type = "form",
	        .time_limit = d->campaign->time_limit,
	        .ring_timeout = d->campaign->ring_timeout,
	        .campaign = d->id,
	        .contact = i,
	        .attempt = c->attempts,
	        .round = step->ticket.round,
	        .day = dd_dialler_day(s->dialler, d->index, i, s->clock.now)};
	char *variables = variables_of(s, d, c);
	r.variables = variables;
	const struct live *call = exchange_accept(s, &r, (struct dd_str){0});
	free(variables);
	struct dd_buf sids = {0};
	dd_buf_format(&sids, "%s%s%s", c->sids ? c->sids : "", c->sids ? "," : "", call->r.sid);
	free(c->sids);
	c->sids = sids.p;
	write_contact(s, d, i);
	if (d->campaign->throttle)
		write_dial(s, d);
	dd_ledger_set_note(s->ledger, "account_free_us", dd_dialler_account(s->dialler));
}

/* In the platform's reports a number that a campaign did not come to has failed. */
static const char *word_of(enum dd_contact_end end)
{
	static const char *const words[DD_CONTACT_ENDS_COUNT] = {[DD_END_CONNECTED] = "completed",
	        [DD_END_NO_ANSWER] = "no-answer",
	        [DD_END_BUSY] = "busy",
	        [DD_END_FAILED] = "failed",
	        [DD_END_OPTED_OUT] = "opted-out",
	        [DD_END_DND] = "dnd",
	        [DD_END_NO_CONSENT] = "no-consent",
	        [DD_END_INVALID] = "invalid",
	        [DD_END_DUPLICATE] = "duplicate",
	        [DD_END_CAPPED] = "capped",
	        [DD_END_PENDING] = "failed"};
	return words[end];
}

/* Numbers that the law lets nobody call are told when their campaign begins. */
static void tell_forbidden(struct server *s, struct dial *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		enum dd_contact_end end = dd_dialler_contact(s->dialler, d->index, i).end;
		if (d->contacts[i].stage != CONTACT_OVER && end != DD_END_NOT_YET)
			end_contact(s, d, i, word_of(end));
	}
}

static void hold(struct server *s, struct dial *d, const struct dd_dialler_step *step)
{
	struct contact *c = &d->contacts[step->ticket.person];
	c->stage = step->why == DD_HELD_RETRY ? CONTACT_AGAIN : CONTACT_HELD;
	c->due = step->until;
	write_contact(s, d, step->ticket.person);
}

/* The list is called anew. Calls that are going on belong to the round before. */
static void begin_round(struct server *s, struct dial *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		struct contact *c = &d->contacts[i];
		bool never = c->status &&
		        (strcmp(c->status, "invalid") == 0 || strcmp(c->status, "duplicate") == 0);
		if (never)
			continue;
		c->stage = CONTACT_WAITS;
		c->attempts = c->failures = c->due = 0;
		write_contact(s, d, i);
	}
	tell_forbidden(s, d);
	write_dial(s, d);
}

static void take_step(struct server *s, const struct dd_dialler_step *step)
{
	struct dial *d = s->dials.by_index[step->ticket.campaign];
	switch (step->what) {
	case DD_DIAL_CALL:
		if (dial_is(d, "Created"))
			tell_forbidden(s, d);
		begin_call(s, d, step);
		break;
	case DD_DIAL_HELD: hold(s, d, step); break;
	case DD_DIAL_OVER: end_contact(s, d, step->ticket.person, word_of(step->end)); break;
	case DD_DIAL_TURN: begin_round(s, d); break;
	case DD_DIAL_DONE:
		tell_forbidden(s, d);
		d->stopped = true;
		dial_set_status(s, d, "Completed");
		break;
	case DD_DIAL_NOTHING: break;
	}
}

void dials_run(struct server *s)
{
	if (s->dials.quiet_until > s->clock.now)
		return;
	for (struct dd_dialler_step step;
	        (step = dd_dialler_step(s->dialler, s->clock.now)).what != DD_DIAL_NOTHING;) {
		(void)moved(s);
		take_step(s, &step);
	}
}

int64_t dials_due(struct server *s)
{
	if (s->dials.quiet_until <= s->clock.now)
		s->dials.quiet_until = dd_dialler_next(s->dialler, s->clock.now);
	return s->dials.quiet_until;
}

void dial_complete(struct server *s, struct dial *d)
{
	d->stopped = true; /* calls in progress go on to their end */
	dd_dialler_end(moved(s), d->index);
	write_dial(s, d);
	dials_run(s);
}

void dial_pause(struct server *s, struct dial *d, bool paused)
{
	dd_dialler_pause(moved(s), d->index, paused);
	dial_set_status(s, d, paused ? "Paused" : "Resumed");
}

static struct dial *dial_with(struct server *s, int64_t id)
{
	for (size_t i = 0; i < s->dials.n; i++)
		if (s->dials.list[i]->id == id)
			return s->dials.list[i];
	return NULL;
}

static enum dd_contact_end end_of_call(const char *status)
{
	return strcmp(status, "busy") == 0         ? DD_END_BUSY
	        : strcmp(status, "no-answer") == 0 ? DD_END_NO_ANSWER
	        : strcmp(status, "completed") == 0 ? DD_END_CONNECTED
	                                           : DD_END_FAILED;
}

static void tell_call(struct server *s, struct dial *d, const struct dd_call_record *r)
{
	char created[32], updated[32];
	send_hook(s, d, DIAL_HOOK_CALL, r->sid,
	        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s?}", "campaign_sid", d->sid,
	                "call_sid", r->sid, "date_created", when(r->created, created),
	                "date_updated", when(r->updated, updated), "number", r->customer, "status",
	                r->status, "digit", r->digits && *r->digits ? r->digits : NULL));
}

void dials_over(struct server *s, const struct dd_call_record *r)
{
	struct dial *d = dial_with(s, r->campaign);
	if (!d || d->index == DIAL_OVER || r->contact < 0 || r->contact >= d->n)
		return;
	uint32_t i = (uint32_t)r->contact;
	struct contact *c = &d->contacts[i];
	enum dd_contact_end how = end_of_call(r->status);
	struct dd_ticket ticket = {d->index, (uint32_t)r->round, i};
	bool stale = ticket.round != dd_dialler_campaign(s->dialler, d->index).round;
	struct dd_dialler_step step =
	        dd_dialler_over(moved(s), ticket, s->clock.now, how, r->opted_out);
	d->active -= d->active > 0;
	tell_call(s, d, r);
	if (stale)
		return;
	free(c->digits);
	c->digits = dd_str_copy(dd_str(r->digits && *r->digits ? r->digits : NULL));
	c->duration = r->answered && r->ended > r->answered ? r->ended - r->answered : 0;
	c->status = one_of(ENDS, sizeof ENDS / sizeof *ENDS, r->status);
	c->failures += how == DD_END_FAILED;
	if (d->campaign->sms_if_unanswered && d->campaign->sms_after_first && c->attempts == 1 &&
	        how != DD_END_CONNECTED)
		send_unanswered(s, d, c);
	if (step.what == DD_DIAL_HELD)
		hold(s, d, &step);
	else if (step.what == DD_DIAL_OVER)
		end_contact(s, d, i, c->status ? c->status : "failed");
	else
		write_contact(s, d, i);
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
		n.again += c->stage == CONTACT_AGAIN || c->stage == CONTACT_HELD;
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
	        .number = dd_number_parse(dd_str(r->number), d->campaign->home),
	        .stage = (enum contact_stage)r->stage,
	        .status = one_of(ENDS, sizeof ENDS / sizeof *ENDS, r->status),
	        .attempts = r->attempts,
	        .failures = r->failures,
	        .due = r->due,
	        .duration = r->duration,
	        .digits = dd_str_copy(dd_str(r->digits)),
	        .sids = dd_str_copy(dd_str(r->sids)),
	        .variables = dd_str_copy(dd_str(r->variables))};
	d->active += r->stage == CONTACT_CALLED;
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

static bool recover_row(void *self, const void *record)
{
	struct dd_campaign_record *row = self;
	const struct dd_campaign_record *r = record;
	row->free_us = r->free_us;
	row->round = r->round;
	row->next_round = r->next_round;
	return false;
}

static void recover_contacts(struct server *s, struct dial *d)
{
	for (uint32_t i = 0; i < d->n; i++) {
		const struct contact *c = &d->contacts[i];
		struct dd_contact_row row = {.attempts = (int)c->attempts,
		        .end = c->stage == CONTACT_OVER ? DD_END_FAILED : DD_END_NOT_YET,
		        .failed = c->failures > 0,
		        .called = c->stage == CONTACT_CALLED,
		        .held = c->stage == CONTACT_HELD,
		        .due = c->due};
		dd_dialler_put_contact(moved(s), d->index, i, &row);
	}
}

/* A campaign that is not over goes on as it was. */
static void recover_one(struct server *s, struct dial *d)
{
	struct dd_question of_campaign, of_id;
	ask_for_number(&of_campaign, "campaign", d->id);
	ask_for_number(&of_id, "id", d->id);
	struct dd_query contacts = dd_question_ask(&of_campaign), own = dd_question_ask(&of_id);
	contacts.order = "place";
	struct dd_campaign_record row = {0};
	char *why = NULL;
	(void)dd_ledger_each(s->ledger, DD_TABLE_CONTACT, &contacts, recover_contact, d);
	if (dial_is(d, "Completed") || dial_is(d, "Archived"))
		return;
	(void)dd_ledger_each(s->ledger, DD_TABLE_CAMPAIGN, &own, recover_row, &row);
	if (!take_on(s, d, &why)) {
		server_tell(s, "a campaign of before cannot go on: %s", why);
		free(why);
		return;
	}
	more_people(s, d, d->campaign->people->n);
	recover_contacts(s, d);
	put_back(s, d, &row);
}

void dials_recover(struct server *s)
{
	struct recovering r = {.server = s};
	(void)dd_ledger_each(s->ledger, DD_TABLE_CAMPAIGN, NULL, recover_dial, &r);
	s->dials.list = r.list;
	s->dials.n = r.n;
	s->dials.cap = r.cap;
	for (size_t i = 0; i < r.n; i++)
		recover_one(s, r.list[i]);
}

/* -- the dialler ------------------------------------------------------------ */

enum { CAP_DAYS = 7, DAY_MS = 86400000 };

static bool put_call(void *self, const void *record)
{
	struct server *s = self;
	const struct dd_call_record *r = record;
	if (r->created < s->clock.now - (int64_t)(CAP_DAYS + 2) * DAY_MS)
		return false;
	if (r->number)
		dd_dialler_put_call(moved(s), (uint64_t)r->number, r->day, (uint64_t)r->campaign,
		        r->ended ? r->ended : r->placed);
	return true;
}

static bool put_opt_out(void *self, const void *record)
{
	struct server *s = self;
	const struct dd_call_record *r = record;
	dd_dialler_opted_out(s->dialler, (uint64_t)r->number);
	return true;
}

enum dd_status dials_open(
        struct server *s, const struct dd_dialler_options *options, struct dd_error *err)
{
	struct dd_question opted_out;
	dd_question_begin(&opted_out);
	dd_question_constant(&opted_out, "opted_out", DD_IS, 1);
	struct dd_query latest = {.order = "id DESC"}, opted = dd_question_ask(&opted_out);
	enum dd_status status = dd_dialler_new(options, &s->dialler, err);
	if (status != DD_OK)
		return status;
	dd_dialler_put_account(moved(s),
	        dd_ledger_note(s->ledger, "account_free_us", dd_dialler_account(s->dialler)));
	(void)dd_ledger_each(s->ledger, DD_TABLE_CALL, &latest, put_call, s);
	(void)dd_ledger_each(s->ledger, DD_TABLE_CALL, &opted, put_opt_out, s);
	return DD_OK;
}

void dial_delete(struct server *s, struct dial *d)
{
	struct dd_question of_campaign, of_id;
	ask_for_number(&of_campaign, "campaign", d->id);
	ask_for_number(&of_id, "id", d->id);
	const struct dd_query contacts = dd_question_ask(&of_campaign),
	                      campaign = dd_question_ask(&of_id);
	dd_ledger_delete(s->ledger, DD_TABLE_CONTACT, &contacts);
	dd_ledger_delete(s->ledger, DD_TABLE_CAMPAIGN, &campaign);
	if (d->index != DIAL_OVER) {
		dd_dialler_remove(moved(s), d->index);
		s->dials.by_index[d->index] = NULL;
	}
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
	free(s->dials.by_index);
	s->dials = (struct dials){0};
	dd_dialler_free(s->dialler);
	s->dialler = NULL;
}
