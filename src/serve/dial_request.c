/* What a request for a campaign says: its flow, its people, and the campaign that the loader of
   files makes of it. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/input.h"
#include "campaign/campaign.h"
#include "serve/calls.h"
#include "serve/contacts.h"
#include "serve/dial.h"

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

bool dial_fail(char **why, const char *format, ...)
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
		return dial_fail(why, "%s", FLOWS_STARVED);
	if (d->app)
		return true;
	char *names = flows_names(s);
	(void)dial_fail(why,
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
		(void)dial_fail(why, "%s", FLOWS_STARVED);
	else if (broken)
		(void)dial_fail(why, "the flow \"%s\" has errors:\n%s", d->app->id, e->faults);
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

static bool is_one_of(const char *const *list, size_t n, const char *text)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], text) == 0)
			return true;
	return false;
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
		if (!is_one_of(known, sizeof known / sizeof *known, key))
			return key;
	return NULL;
}

bool dial_read(struct server *s, struct dial *d, char **why)
{
	const json_t *list = json_object_get(d->root, "campaigns");
	const char *bad;
	d->body = json_is_array(list) && json_array_size(list) == 1 ? json_array_get(list, 0)
	                                                            : d->root;
	if (!json_is_object(d->body) || (list && d->body == d->root))
		return dial_fail(
		        why, "the body is a campaign, or {\"campaigns\": [{…}]} with one in it");
	if ((bad = unknown_key(d->body)))
		return dial_fail(why, "a campaign has no key \"%.64s\"", bad);
	if (!json_is_string(json_object_get(d->body, "caller_id")))
		return dial_fail(why, "Mandatory parameter caller_id is missing");
	if (!call_has_caller(s, json_string_value(json_object_get(d->body, "caller_id"))))
		return dial_fail(why, "caller_id is not an ExoPhone of this account");
	if (!json_object_get(d->body, "from") && !json_object_get(d->body, "numbers"))
		return dial_fail(why, "Mandatory parameter from is missing");
	if ((bad = dial_set_hooks(d, d->body)))
		return dial_fail(why, "%s must be a URL that begins with http:// or https://", bad);
	/* the loader reads YAML, of which this is a part: text in UTF-8, without escapes that only
	 * JSON has */
	char *text = json_dumps(d->body, JSON_COMPACT);
	struct dd_str request = {dd_arena_copy(d->arena, text, strlen(text)), strlen(text)};
	free(text);
	return load_flow(s, d, why) && load_campaign(s, request, d, why);
}

char *dial_with_lists(
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
		(void)dial_fail(why, "%s", fault);
	json_decref(numbers);
	json_decref(root);
	return out;
}

bool dial_is_usable(struct server *s, const struct dial *d, char **why)
{
	char now[24];
	const char *name = json_string_value(json_object_get(d->body, "name"));
	const struct dd_campaign *c = d->campaign;
	dd_time_ist(s->clock.now, now);
	if (name && *name && dd_utf8_count(dd_str(name)) <= 3)
		return dial_fail(why, "a campaign's name has more than 3 characters");
	for (uint32_t i = 0; i < c->people->n; i++)
		if (c->people->list[i].flags & DD_PERSON_INVALID)
			return dial_fail(why,
			        "number %u is no telephone number: +919876543210, "
			        "09876543210 or 9876543210",
			        i + 1);
	if (c->people->n > DIAL_NUMBERS_MAX)
		return dial_fail(why, "a campaign has at most 5,000 numbers, not %u", c->people->n);
	if (c->end != INT64_MAX && c->end <= s->clock.now)
		return dial_fail(why, "the schedule's end has passed: it is %s", now);
	return true;
}

char *dial_merged(const struct dial *d, const json_t *changes)
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
