/* A campaign's file, in any of the platform's shapes and with what drydial adds to them, on the
 * loader of flows. */
#include "campaign/campaign.h"

#include <stdlib.h>
#include <string.h>

#include "campaign/loading.h"

/* Up to `concurrency` the platform's first shape, up to `repeat_menu_attempts` its other two, then
   ours. */
/* clang-format off */
#define CAMPAIGN_KEYS(X) \
	X(NAME, "name") X(CALLER_ID, "caller_id") X(FLOW_ID, "call_flow_id") X(TYPE, "type") \
	X(NUMBERS, "numbers") X(SCHEDULE, "schedule") X(RETRY, "retry") \
	X(CONCURRENCY, "concurrency") X(FROM, "from") X(LISTS, "lists") \
	X(CAMPAIGN_TYPE, "campaign_type") X(FLOW_TYPE, "flow_type") X(URL, "url") \
	X(READ, "read_via_text") X(TWICE, "call_duplicate_numbers") X(RETRIES, "retries") \
	X(CALL_CALLBACK, "call_status_callback") X(SCHEDULE_CALLBACK, "call_schedule_callback") \
	X(CALLBACK, "status_callback") X(MODE, "mode") X(THROTTLE, "throttle") \
	X(CUSTOM_FIELD, "custom_field") X(MENU_ATTEMPTS, "repeat_menu_attempts") \
	X(VERSION, "version") X(FLOW, "flow") X(CONTACTS, "contacts") X(ACCOUNT, "account") \
	X(TIME_LIMIT, "time_limit") X(RING_TIMEOUT, "ring_timeout") X(DND, "dnd") \
	X(PROFILE, "profile") X(AUDIENCE, "audience") X(SEED, "seed") X(PRICES, "prices") \
	X(TRIGGERS, "triggers") X(CHECKS, "checks") X(COUNTRY, "country") \
	X(MIN_GAP, "min_gap") X(UNANSWERED, "sms_if_unanswered") X(AGENTS, "agents")
/* clang-format on */
enum {
#define X(name, text) name,
	CAMPAIGN_KEYS(X)
#undef X
	        COUNT
};
static const char *const KEYS[COUNT] = {
#define X(name, text) text,
        CAMPAIGN_KEYS(X)
#undef X
};

static struct dd_span span_of(const struct dd_node *node)
{
	return node ? node->span : (struct dd_span){0, 0};
}

/* -- the flow, the law and the audience ------------------------------------- */

static bool is_address(const char *name)
{
	return strncmp(name, "http://", 7) == 0 || strncmp(name, "https://", 8) == 0;
}

/* Loaders of other files free what they made when there is any error in the list they are given:
 * they get a list of their own. */
static void load_flow(struct campaign_loader *r, const struct dd_node *node, bool own_flow)
{
	const char *chosen = own_flow ? NULL : r->choices->flow;
	struct dd_campaign *c = r->campaign;
	struct dd_diags own;
	struct dd_source *probe;
	struct dd_error err;
	const char *name = chosen ? chosen : dd_read_text_copy(&r->doc, node, "flow");
	c->places.flow = span_of(node);
	if (!name)
		return;
	if (r->choices->application && is_address(name)) {
		c->flow_path = name;
		c->program = r->choices->application(r->choices->self, name);
		if (!c->program)
			list_fault(r, name, chosen ? (struct dd_span){0, 0} : node->span, "bad-app",
			        "the application at %s cannot be crawled", name);
		return;
	}
	c->flow_path = chosen ? name : dd_path_beside(r->doc.arena, c->dir, name);
	if (!*name ||
	        (strcmp(name, "-") != 0 &&
	                dd_source_read(r->doc.arena, c->flow_path, DD_FILE_BYTES_MAX, &probe,
	                        &err) != DD_OK)) {
		list_fault(r, c->flow_path, chosen ? (struct dd_span){0, 0} : node->span,
		        "missing-file", "cannot read the flow \"%s\"%s%s", c->flow_path,
		        *name ? ": " : "", *name ? err.text : "");
		return;
	}
	dd_diags_init(&own, r->doc.arena);
	c->program = dd_program_load(c->flow_path, &own);
	c->promotional = c->program && dd_program_promotes(c->program);
	dd_diags_join(r->doc.diags, &own);
	dd_diags_fini(&own);
}

static void load_law_file(
        struct campaign_loader *r, const char *name, const char *path, struct dd_span span)
{
	struct dd_diags own;
	struct dd_source *probe;
	struct dd_error err;
	if (dd_source_read(r->doc.arena, path, DD_FILE_BYTES_MAX, &probe, &err) != DD_OK) {
		struct dd_diag *d = list_fault(
		        r, path, span, "unknown-profile", "there is no law profile \"%s\"", name);
		d->hint = "trai, tcpa, ofcom, none, or a file of your own";
		dd_hint_near(r->doc.diags, d, dd_str(name), dd_law_names, dd_law_count);
		return;
	}
	dd_diags_init(&own, r->doc.arena);
	const struct dd_law *law = dd_law_load(path, &own);
	r->campaign->law = law ? law : r->campaign->law;
	dd_diags_join(r->doc.diags, &own);
	dd_diags_fini(&own);
}

static void load_profile(struct campaign_loader *r, const struct dd_node *node)
{
	const char *chosen = r->choices->profile,
	           *name = chosen ? chosen : dd_read_text_copy(&r->doc, node, "profile");
	r->campaign->law = dd_law_find(name ? name : "trai");
	r->campaign->places.profile = span_of(node);
	if (r->campaign->law)
		return;
	r->campaign->law = dd_law_find("trai");
	if (chosen)
		load_law_file(r, chosen, chosen, (struct dd_span){0, 0});
	else
		load_law_file(
		        r, name, dd_path_beside(r->doc.arena, r->campaign->dir, name), node->span);
}

static void load_people_habits(struct campaign_loader *r, const struct dd_node *node)
{
	struct dd_campaign *c = r->campaign;
	struct dd_audience *audience = NULL;
	struct dd_span nowhere = {0, 0};
	c->places.audience = span_of(node);
	if (r->choices->audience) {
		audience = load_audience_file(&r->doc, r->choices->audience, nowhere, c->program);
	} else if (node && node->kind == DD_SCALAR) {
		const char *name = dd_read_text_copy(&r->doc, node, "audience");
		audience = name
		        ? load_audience_file(&r->doc, dd_path_beside(r->doc.arena, c->dir, name),
		                  node->span, c->program)
		        : NULL;
	} else {
		audience = load_audience(&r->doc, node, c->program);
	}
	c->audience = audience ? audience : dd_audience_default(r->doc.arena);
}

/* -- who -------------------------------------------------------------------- */

/* Ten digits are a number of some country, and a wrong guess would ring a stranger, or let a number
 * of the register be called. */
static void find_home(struct campaign_loader *r, struct dd_node *const *at)
{
	struct dd_campaign *c = r->campaign;
	const char *said = dd_read_country(&r->doc, at[COUNTRY]);
	said = said ? said : r->choices->country;
	bool named = at[PROFILE] || r->choices->profile;
	if (!said && named)
		said = c->law->country;
	if (said) {
		c->home = dd_numbering_of_country(dd_str(said));
		return;
	}
	uint64_t caller = c->caller_id ? dd_number_parse(dd_str(c->caller_id), NULL) : 0;
	if (caller)
		c->home = dd_numbering_of_number(caller);
	else if (c->law->country && !named)
		c->home = dd_numbering_of_country(dd_str(c->law->country));
}

static void load_who_else(struct campaign_loader *r, const struct dd_node *node)
{
	long count = 0;
	struct dd_str text;
	if (r->choices->contacts) {
		load_contacts(r, r->choices->contacts, (struct dd_span){0, 0});
		return;
	}
	if (!node || !dd_read_text(&r->doc, node, "contacts", &text))
		return;
	if (node->plain && text.n && strspn(text.p, "-0123456789") == text.n) {
		dd_read_number(&r->doc, node, "the number of contacts", 1, DD_PEOPLE_MAX, &count);
		if ((size_t)count + r->campaign->people->n <= DD_PEOPLE_MAX)
			dd_people_make_up(r->campaign->people, (uint32_t)count);
	} else {
		load_contacts(r,
		        dd_path_beside(r->doc.arena, r->campaign->dir,
		                dd_arena_copy(r->doc.arena, text.p, text.n)),
		        node->span);
	}
}

static void load_who(struct campaign_loader *r, struct dd_node *const *at)
{
	struct dd_campaign *c = r->campaign;
	size_t before = r->doc.diags->errors;
	c->places.contacts = span_of(at[CONTACTS]);
	c->places.dnd = span_of(at[DND]);
	dd_read_bool(&r->doc, at[TWICE], "call_duplicate_numbers", &r->twice);
	c->places.numbers = span_of(at[NUMBERS] ? at[NUMBERS] : at[FROM]);
	if (!r->choices->event) { /* the list is the campaign's itself */
		load_numbers(r, at[NUMBERS], "numbers");
		load_numbers(r, at[FROM], "from");
		load_who_else(r, at[CONTACTS]);
	}
	load_triggers(r, at[TRIGGERS]);
	load_dnd(r, at[DND]);
	dd_people_trim(c->people);
	c->people->zones[0] = c->zone;
	if (c->people->n == 0 && !c->nown_events && r->doc.diags->errors == before)
		dd_read_fault(&r->doc, "no-contacts",
		        c->places.contacts.end ? c->places.contacts : c->places.numbers,
		        "the campaign has nobody to call")
		        ->hint = at[LISTS]
		        ? "only the platform knows its lists; add \"contacts: FILE.csv\""
		        : "add \"numbers\" or \"contacts: FILE.csv\"";
}

/* -- how many --------------------------------------------------------------- */

enum { CALLS_MAX = 1000000, GAP_MS = 30 * 60000, WEEK_MS = 7 * 86400000 };

static void load_account(struct campaign_loader *r, const struct dd_node *node)
{
	enum { PER_MINUTE, AT_ONCE, ACCOUNT_KEYS };
	static const char *const names[ACCOUNT_KEYS] = {"throttle", "concurrency"};
	struct dd_node *at[ACCOUNT_KEYS];
	if (!node ||
	        !dd_read_is_map(&r->doc, node, "account",
	                "a mapping with \"throttle\" and \"concurrency\"") ||
	        !dd_read_keys(&r->doc, node, DD_KEYS("account", names), at))
		return;
	r->campaign->account_said = true;
	r->campaign->account_throttle = (uint32_t)dd_read_int(
	        &r->doc, at[PER_MINUTE], "the account's throttle", 1, CALLS_MAX, 60);
	r->campaign->account_concurrency = (uint32_t)dd_read_int(
	        &r->doc, at[AT_ONCE], "the account's concurrency", 1, CALLS_MAX, 0);
}

static void load_prices(struct campaign_loader *r, const struct dd_node *node)
{
	enum { MINUTE, PULSE, SMS, CALL, PRICE_KEYS };
	static const char *const names[PRICE_KEYS] = {"minute", "pulse", "sms", "call"};
	struct dd_campaign *c = r->campaign;
	struct dd_node *at[PRICE_KEYS];
	dd_ms pulse = 60000;
	if (!node ||
	        !dd_read_is_map(&r->doc, node, "prices",
	                "a mapping with \"minute\", \"pulse\", \"sms\" and \"call\"") ||
	        !dd_read_keys(&r->doc, node, DD_KEYS("prices", names), at))
		return;
	dd_read_real(&r->doc, at[MINUTE], "the price of a minute", 0, 1e6, &c->price_minute);
	dd_read_real(&r->doc, at[SMS], "the price of an SMS", 0, 1e6, &c->price_sms);
	dd_read_real(&r->doc, at[CALL], "the price of a call", 0, 1e6, &c->price_call);
	dd_read_duration(&r->doc, at[PULSE], "a pulse", 3600000, &pulse);
	if (pulse < 1000)
		dd_read_fault(&r->doc, "bad-duration", at[PULSE]->span,
		        "a pulse lasts at least a second");
	c->price_pulse_s = (double)pulse / 1000;
}

static void load_span_of_time(struct campaign_loader *r, const struct dd_node *node,
        const char *what, dd_ms high, dd_ms *out)
{
	dd_read_duration(&r->doc, node, what, high, out);
	if (node && *out < 1000) {
		dd_read_fault(&r->doc, "bad-duration", node->span, "%s is at least a second", what);
		*out = 1000;
	}
}

static void load_seed(struct campaign_loader *r, const struct dd_node *node)
{
	uint64_t seed = 0;
	bool fits = node && node->kind == DD_SCALAR && node->text.n > 0 && node->text.n < 20;
	for (size_t i = 0; fits && i < node->text.n; i++) {
		fits = node->text.p[i] >= '0' && node->text.p[i] <= '9';
		seed = seed * 10 + (uint64_t)(node->text.p[i] - '0');
	}
	if (node && !fits)
		dd_read_fault(&r->doc, "bad-number", node->span,
		        "the seed must be a whole number of at most 19 digits");
	else if (node)
		r->campaign->seed = seed;
	if (r->choices->seeded)
		r->campaign->seed = r->choices->seed;
}

/* Agents of a flow that connects to nobody are a slip: another flow was meant, or another campaign.
 */
static void load_agents(struct campaign_loader *r, const struct dd_node *node)
{
	struct dd_campaign *c = r->campaign;
	bool connects = !c->program;
	c->agents = (uint32_t)dd_read_int(&r->doc, node, "agents", 1, CALLS_MAX, 0);
	for (uint32_t i = 0; !connects && i < c->program->nsteps; i++)
		connects = c->program->steps[i].applet == DD_CONNECT;
	if (node && !connects)
		dd_read_fault(&r->doc, "no-connect", node->span,
		        "the flow connects to nobody: agents have nothing to do")
		        ->hint = "a step \"connect\" of the flow rings them";
}

static void load_limits(struct campaign_loader *r, struct dd_node *const *at)
{
	struct dd_campaign *c = r->campaign;
	c->places.concurrency = span_of(at[CONCURRENCY]);
	c->places.throttle = span_of(at[THROTTLE]);
	c->places.time_limit = span_of(at[TIME_LIMIT]);
	c->places.ring_timeout = span_of(at[RING_TIMEOUT]);
	c->concurrency =
	        (uint32_t)dd_read_int(&r->doc, at[CONCURRENCY], "concurrency", 1, CALLS_MAX, 0);
	c->throttle = (uint32_t)dd_read_int(&r->doc, at[THROTTLE], "throttle", 1, CALLS_MAX, 0);
	load_agents(r, at[AGENTS]);
	load_account(r, at[ACCOUNT]);
	load_span_of_time(r, at[TIME_LIMIT], "the time limit", DD_TIME_LIMIT_MAX_S * (dd_ms)1000,
	        &c->time_limit);
	load_span_of_time(r, at[RING_TIMEOUT], "the ring time-out", 300000, &c->ring_timeout);
	c->min_gap = r->choices->platform ? 0 : GAP_MS;
	dd_read_duration(&r->doc, at[MIN_GAP], "min_gap", WEEK_MS, &c->min_gap);
	load_prices(r, at[PRICES]);
	load_seed(r, at[SEED]);
}

/* -- all of it -------------------------------------------------------------- */

/* What only the platform acts on is looked at so far that a slip of the pen is found. */
static void load_platform(struct campaign_loader *r, struct dd_node *const *at)
{
	static const char *const types[] = {"automated", "trans", "promo"},
	                         *const kinds[] = {"static", "dynamic"},
	                         *const flows[] = {"ivr", "greeting"};
	static const char *const modes[] = {"auto", "custom"};
	static const int texts[] = {
	        FLOW_ID, URL, READ, CALL_CALLBACK, SCHEDULE_CALLBACK, CALLBACK, CUSTOM_FIELD};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		(void)dd_read_text_copy(&r->doc, at[texts[i]], KEYS[texts[i]]);
	(void)DD_READ_WORD(&r->doc, at[TYPE], "type", types, 0);
	(void)DD_READ_WORD(&r->doc, at[CAMPAIGN_TYPE], "campaign_type", kinds, 0);
	(void)DD_READ_WORD(&r->doc, at[FLOW_TYPE], "flow_type", flows, 0);
	(void)DD_READ_WORD(&r->doc, at[MODE], "mode", modes, 0);
	(void)dd_read_int(&r->doc, at[MENU_ATTEMPTS], "repeat_menu_attempts", 0, 10, 0);
	dd_read_version(&r->doc, at[VERSION], "campaigns");
	if (at[RETRY] && at[RETRIES])
		dd_read_fault(&r->doc, "too-many-keys", at[RETRIES]->span,
		        "a campaign has \"retry\" or \"retries\", not both");
}

/* A text, or a mapping with the text and when. */
static void load_unanswered(struct campaign_loader *r, const struct dd_node *node)
{
	enum { TEXT, AFTER, SMS_KEYS };
	static const char *const names[SMS_KEYS] = {"text", "after"},
	                         *const when[] = {"last_attempt", "first_attempt"};
	struct dd_node *at[SMS_KEYS] = {NULL};
	struct dd_campaign *c = r->campaign;
	c->places.sms = span_of(node);
	if (!node)
		return;
	if (node->kind == DD_SCALAR) {
		c->sms_if_unanswered = dd_read_text_copy(&r->doc, node, "sms_if_unanswered");
		return;
	}
	if (!dd_read_is_map(
	            &r->doc, node, "sms_if_unanswered", "a text, or a mapping with \"text\"") ||
	        !dd_read_keys(&r->doc, node, DD_KEYS("sms_if_unanswered", names), at))
		return;
	c->sms_if_unanswered = dd_read_text_copy(&r->doc, at[TEXT], "text");
	c->sms_after_first = DD_READ_WORD(&r->doc, at[AFTER], "after", when, 0) == 1;
	if (!at[TEXT])
		dd_read_fault(&r->doc, "missing-key", node->span, "sms_if_unanswered has no text")
		        ->hint = "add \"text: …\"";
}

static void load_body(struct campaign_loader *r, const struct dd_node *root)
{
	struct dd_campaign *c = r->campaign;
	struct dd_node *at[COUNT];
	(void)dd_read_keys(&r->doc, root, DD_KEYS("a campaign", KEYS), at);
	const char *name = dd_read_text_copy(&r->doc, at[NAME], "the campaign's name");
	c->name = name ? name : c->path;
	c->places.name = at[NAME] ? at[NAME]->span
	                          : (struct dd_span){root->span.start, root->span.start + 1};
	c->caller_id = dd_read_text_copy(&r->doc, at[CALLER_ID], "caller_id");
	c->places.caller_id = span_of(at[CALLER_ID]);
	load_platform(r, at);
	dd_read_checks(&r->doc, at[CHECKS], &c->checks);
	struct dd_node *own_flow, *own_start, *own_end;
	load_own_trigger(r, at[TRIGGERS], &own_flow, &own_start, &own_end);
	if (r->choices->event)
		c->name = dd_arena_format(r->doc.arena, "%s: %s", c->name, r->choices->event);
	load_flow(r, own_flow ? own_flow : at[FLOW], own_flow != NULL);
	load_profile(r, at[PROFILE]);
	find_home(r, at);
	load_schedule(r, at[SCHEDULE]);
	load_daily(r, own_start, own_end);
	load_retry(r, at[RETRY]);
	load_retries(r, at[RETRIES]);
	load_limits(r, at);
	load_people_habits(r, at[AUDIENCE]);
	load_unanswered(r, at[UNANSWERED]);
	load_who(r, at);
}

/* The mapping that holds the campaign: the file itself, or the only item of its `campaigns`. */
static const struct dd_node *body_of(struct campaign_loader *r, const struct dd_node *root)
{
	if (!dd_read_is_map(&r->doc, root, "a campaign",
	            "a mapping with \"name\", \"schedule\" and whom to call"))
		return NULL;
	for (uint32_t i = 0; i < root->n; i++)
		if (dd_str_is(root->pairs[i].key->text, "steps")) {
			dd_read_fault(&r->doc, "flow-not-campaign", root->pairs[i].key->span,
			        "this is a flow; a campaign names one in \"flow\"");
			return NULL;
		}
	if (root->n == 0 || !dd_str_is(root->pairs[0].key->text, "campaigns"))
		return root;
	const struct dd_node *list = root->pairs[0].value;
	if (list->kind != DD_LIST || list->n != 1 || root->n != 1) {
		dd_read_fault(&r->doc, "one-campaign", root->pairs[0].key->span,
		        "\"campaigns\" must be a list of one campaign, and nothing beside it")
		        ->hint =
		        "each campaign in a file of its own; several files can be given together";
		return NULL;
	}
	return dd_read_is_map(&r->doc, list->items[0], "a campaign", "a mapping") ? list->items[0]
	                                                                          : NULL;
}

static struct dd_campaign *campaign_new(const char *path, struct dd_arena *arena)
{
	struct dd_campaign *c = dd_arena_alloc(arena, sizeof *c);
	*c = (struct dd_campaign){.path = strcmp(path, "-") == 0
	                ? "<stdin>"
	                : dd_arena_copy(arena, path, strlen(path)),
	        .start = INT64_MIN,
	        .end = INT64_MAX};
	c->dir = dd_path_folder(arena, path);
	c->max_attempts = 1;
	c->interval = (dd_ms)60 * 60000;
	c->retry_on = DD_RETRY_BUSY | DD_RETRY_NO_ANSWER;
	c->account_throttle = 60;
	c->time_limit = DD_TIME_LIMIT_MAX_S * (dd_ms)1000;
	c->ring_timeout = 30000;
	c->price_pulse_s = 60;
	c->seed = 1;
	c->people = dd_people_new();
	return c;
}

static bool read_campaign(struct campaign_loader *r, const char *path, const struct dd_str *text)
{
	if (text)
		r->doc.source = dd_source_new(r->doc.arena, r->campaign->path, *text);
	const struct dd_node *root = text ? dd_read_source(&r->doc) : dd_read_file(&r->doc, path);
	const struct dd_node *body = root ? body_of(r, root) : NULL;
	r->campaign->source = r->doc.source;
	if (body)
		load_body(r, body);
	return body != NULL;
}

static struct dd_campaign *load(const char *path, const struct dd_str *text,
        const struct dd_campaign_choices *choices, struct dd_diags *diags)
{
	static const struct dd_campaign_choices none;
	size_t before = diags->errors;
	struct campaign_loader r = {.doc = {.arena = diags->arena, .diags = diags},
	        .choices = choices ? choices : &none};
	r.campaign = campaign_new(path, diags->arena);
	bool read = read_campaign(&r, path, text);
	dd_number_set_fini(&r.seen);
	bool fine = read && diags->errors == before;
	dd_diags_sort(diags);
	if (fine)
		return r.campaign;
	dd_campaign_free(r.campaign);
	return NULL;
}

struct dd_campaign *dd_campaign_load(
        const char *path, const struct dd_campaign_choices *choices, struct dd_diags *diags)
{
	return load(path, NULL, choices, diags);
}

struct dd_campaign *dd_campaign_read(const char *name, struct dd_str text,
        const struct dd_campaign_choices *choices, struct dd_diags *diags)
{
	return load(name, &text, choices, diags);
}

void dd_campaign_free(struct dd_campaign *campaign)
{
	if (!campaign)
		return;
	dd_people_free(campaign->people);
	free(campaign->checks.list);
	free(campaign->own_events);
	dd_zone_free((struct dd_zone *)campaign->zone);
	dd_program_free((struct dd_program *)campaign->program);
}

bool dd_campaign_sms_part(struct dd_str text, size_t *at, struct dd_str *name, struct dd_str *words)
{
	struct dd_str word = {NULL, 0};
	*name = word;
	if (*at >= text.n)
		return false;
	char c = text.p[*at];
	bool brace = c == '{' || c == '}', twice = *at + 1 < text.n && text.p[*at + 1] == c;
	const char *end = c == '{' && !twice ? memchr(text.p + *at, '}', text.n - *at) : NULL;
	if (brace && twice) {
		word = (struct dd_str){text.p + *at, 1};
		*at += 2;
	} else if (end) {
		*name = (struct dd_str){text.p + *at + 1, (size_t)(end - text.p) - *at - 1};
		*at = (size_t)(end - text.p) + 1;
	} else {
		size_t from = *at;
		do
			++*at;
		while (*at < text.n && text.p[*at] != '{' && text.p[*at] != '}');
		word = (struct dd_str){text.p + from, *at - from};
	}
	if (words)
		*words = word;
	return true;
}

void dd_campaign_sms(const struct dd_campaign *c, struct dd_buf *out)
{
	struct dd_str text = dd_str(c->sms_if_unanswered ? c->sms_if_unanswered : ""), name, words;
	for (size_t at = 0; dd_campaign_sms_part(text, &at, &name, &words);) {
		uint32_t slot = name.p && c->program ? dd_program_slot(c->program, name) : DD_NONE;
		struct dd_str value = slot != DD_NONE ? c->program->slots[slot].example : words;
		dd_buf_add(out, value.p ? value.p : "", value.p ? value.n : 0);
	}
}

enum dd_status dd_campaign_place(
        const struct dd_campaign *campaign, struct dd_person *person, struct dd_error *err)
{
	const struct dd_law *law = campaign->law;
	bool asked = law->nhours || law->calls_per_day || law->calls_per_week;
	if (law->zone || !asked || person->zone)
		return DD_OK;
	return dd_people_zone_of_number(campaign->people, person->number, &person->zone, err);
}

enum dd_status dd_campaign_calendar(
        const struct dd_campaign *campaign, struct dd_calendar **out, struct dd_error *err)
{
	struct dd_calendar_layer layer = DD_CALENDAR_LAYER;
	struct dd_calendar_hours hours = {campaign->weekdays, !campaign->daily,
	        campaign->daily_start_ms, campaign->daily_end_ms};
	struct dd_calendar *calendar = dd_calendar_new();
	layer.zone = campaign->zone;
	layer.from = campaign->start;
	layer.until = campaign->end;
	layer.hours = &hours;
	layer.nhours = 1;
	layer.holidays = campaign->holidays;
	layer.nholidays = campaign->nholidays;
	if (campaign->recurs)
		layer.repeat = campaign->repeat;
	enum dd_status status = dd_calendar_add(calendar, &layer, err);
	if (status == DD_OK)
		*out = calendar;
	else
		dd_calendar_free(calendar);
	return status;
}
