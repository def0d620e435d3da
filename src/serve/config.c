/* serve.yaml: numbers of flows, who answers where, the account's own numbers, whom not to call. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/loading.h"
#include "serve/serving.h"

struct loading {
	struct dd_reader doc;
	struct server *server;
};

static void load_apps(struct loading *r, const struct dd_node *node)
{
	struct flows *f = &r->server->flows;
	if (!node ||
	        !dd_read_is_map(&r->doc, node, "apps",
	                "a mapping from the platform's number of a flow to its file"))
		return;
	struct dd_param *list = dd_arena_alloc(r->doc.arena, (node->n + 1) * sizeof *list);
	f->numbers = list; /* before anything is counted: flows_find() reads what is there so far */
	for (uint32_t i = 0; i < node->n; i++) {
		struct dd_str file;
		if (!dd_read_text(&r->doc, node->pairs[i].value, "a flow's file", &file))
			continue;
		if (file.n > 5 && memcmp(file.p + file.n - 5, ".yaml", 5) == 0)
			file.n -= 5;
		struct app *app = flows_find(r->server, file);
		app = app == &r->server->flows.application ? NULL : app;
		if (!app)
			dd_read_fault(&r->doc, "missing-file", node->pairs[i].value->span,
			        "%s has no flow \"%.*s\"", f->folder, (int)file.n, file.p);
		else
			list[f->nnumbers++] =
			        (struct dd_param){node->pairs[i].key->text, dd_str(app->id)};
	}
}

static void load_rules(struct loading *r, const struct dd_node *node)
{
	struct config *c = &r->server->config;
	size_t cap = c->nrules;
	if (!node ||
	        !dd_read_is_map(&r->doc, node, "numbers",
	                "a mapping from a telephone number to who answers: \"+919876543210\": "
	                "keys 1"))
		return;
	for (uint32_t i = 0; i < node->n; i++) {
		struct dd_str text;
		struct who_rule rule = {
		        .number = number_at_home(r->server, node->pairs[i].key->text)};
		bool rest = dd_str_is(node->pairs[i].key->text, "*");
		if (!rule.number && !rest)
			dd_read_fault(&r->doc, "bad-number", node->pairs[i].key->span,
			        "that is no telephone number")
			        ->hint = "in quotes, such as \"+919876543210\"";
		if (!dd_read_text(&r->doc, node->pairs[i].value, "who answers", &text))
			continue;
		const char *fault = who_parse(r->doc.arena, text, &rule.who);
		if (fault)
			dd_read_fault(
			        &r->doc, "bad-value", node->pairs[i].value->span, "%s", fault);
		else if (rest && !r->server->o->answer)
			c->answer = rule.who;
		else if (!rest)
			DD_PUSH(c->rules, c->nrules, cap) = rule;
	}
}

static void load_texts(struct loading *r, struct dd_node *node, const char *what,
        const char ***list, size_t *count)
{
	struct dd_node *const *items;
	uint32_t n = dd_node_items(node, &items);
	*list = dd_arena_alloc(r->doc.arena, (n + 1) * sizeof **list);
	for (uint32_t i = 0; i < n; i++) {
		const char *text = dd_read_text_copy(&r->doc, items[i], what);
		if (text)
			(*list)[(*count)++] = text;
	}
}

/* What is registered of messages: who sends, and the texts by their ids. */
static void load_dlt(struct loading *r, const struct dd_node *node)
{
	static const char *const names[] = {"entities", "templates"};
	struct config *c = &r->server->config;
	struct dd_node *at[2];
	if (!node ||
	        !dd_read_is_map(
	                &r->doc, node, "dlt", "a mapping with \"entities\" and \"templates\""))
		return;
	(void)dd_read_keys(&r->doc, node, DD_KEYS("dlt", names), at);
	load_texts(r, at[0], "an entity's id", &c->entities, &c->nentities);
	if (!at[1] ||
	        !dd_read_is_map(
	                &r->doc, at[1], "templates", "a mapping from a template's id to its text"))
		return;
	c->templates = dd_arena_alloc(r->doc.arena, (at[1]->n + 1) * sizeof *c->templates);
	for (uint32_t i = 0; i < at[1]->n; i++) {
		struct dd_str text;
		if (dd_read_text(&r->doc, at[1]->pairs[i].value, "a template's text", &text))
			c->templates[c->ntemplates++] =
			        (struct dd_param){at[1]->pairs[i].key->text, text};
	}
}

/* The platform posts callbacks as multipart; its examples print what a handler of urlencoded forms
 * sees. */
static const char *form_of(struct dd_str word)
{
	return dd_str_is(word, "multipart")     ? "multipart"
	        : dd_str_is(word, "urlencoded") ? "form"
	                                        : NULL;
}

static void load_form(struct loading *r, const struct dd_node *node)
{
	struct dd_str word;
	if (!node || !dd_read_text(&r->doc, node, "multipart or urlencoded", &word))
		return;
	const char *form = form_of(word);
	if (!form)
		dd_read_fault(&r->doc, "bad-value", node->span, "multipart or urlencoded");
	else if (!r->server->o->callback_form)
		r->server->config.hook_type = form;
}

static void load_number_set(
        struct loading *r, struct dd_node *node, const char *what, struct dd_number_set *set)
{
	struct dd_node *const *items;
	uint32_t n = dd_node_items(node, &items);
	for (uint32_t i = 0; i < n; i++) {
		struct dd_str text;
		uint64_t number = dd_read_text(&r->doc, items[i], what, &text)
		        ? number_at_home(r->server, text)
		        : 1;
		if (!number)
			dd_read_fault(&r->doc, "bad-number", items[i]->span,
			        "that is no telephone number");
		else
			(void)dd_number_set_add(set, number);
	}
}

static void load_faults(struct loading *r, const struct dd_node *node)
{
	struct dd_faults faults;
	struct dd_str text;
	char why[200];
	if (!node || !dd_read_text(&r->doc, node, "what goes wrong on purpose", &text))
		return;
	if (dd_faults_parse(text, true, &faults, why))
		r->server->config.faults = dd_arena_copy(r->doc.arena, text.p, text.n);
	else
		dd_read_fault(&r->doc, "bad-value", node->span, "%s", why);
}

static void load_body(struct loading *r, const struct dd_node *root)
{
	enum { APPS, NUMBERS, CALLERS, DND, CONSENT, FORM, SENDERS, DLT, FAULTS, COUNT };
	static const char *const names[COUNT] = {"apps", "numbers", "callers", "dnd", "consent",
	        "callback_form", "senders", "dlt", "faults"};
	struct dd_node *at[COUNT];
	struct config *c = &r->server->config;
	if (!dd_read_is_map(&r->doc, root, "this file",
	            "a mapping with \"apps\", \"numbers\", \"callers\", \"dnd\", \"consent\", "
	            "\"callback_form\", \"senders\", \"dlt\" and \"faults\""))
		return;
	(void)dd_read_keys(&r->doc, root, DD_KEYS("serve.yaml", names), at);
	load_apps(r, at[APPS]);
	load_rules(r, at[NUMBERS]);
	load_faults(r, at[FAULTS]);
	load_form(r, at[FORM]);
	load_texts(r, at[CALLERS], "an ExoPhone", &c->callers, &c->ncallers);
	load_texts(r, at[SENDERS], "a header", &c->senders, &c->nsenders);
	load_dlt(r, at[DLT]);
	load_number_set(
	        r, at[DND], "a number of the do-not-disturb register", &r->server->config.dnd);
	load_number_set(r, at[CONSENT], "the number of somebody who has agreed to be called",
	        &r->server->config.consent);
}

/* A file of ours in YAML; `rules`: nothing but the mapping of numbers. */
static bool load_file(struct server *s, const char *path, bool rules, struct dd_diags *diags)
{
	struct loading r = {.doc = {.arena = diags->arena, .diags = diags}, .server = s};
	size_t before = diags->errors;
	const struct dd_node *root = dd_read_file(&r.doc, path);
	bool whole = root && root->kind == DD_MAP && root->n &&
	        (dd_str_is(root->pairs[0].key->text, "numbers") ||
	                dd_str_is(root->pairs[0].key->text, "apps"));
	if (root && rules && !whole)
		load_rules(&r, root);
	else if (root)
		load_body(&r, root);
	return root && diags->errors == before;
}

static bool load_habits(struct server *s, struct dd_diags *diags)
{
	struct dd_reader doc = {.arena = diags->arena, .diags = diags};
	struct dd_span nowhere = {0, 0};
	size_t before = diags->errors;
	s->config.audience = load_audience_file(&doc, s->o->audience, nowhere, NULL);
	s->config.answer.kind = WHO_AUDIENCE;
	return s->config.audience && diags->errors == before;
}

static enum dd_status load_law(struct server *s, struct dd_diags *diags, struct dd_error *err)
{
	struct config *c = &s->config;
	const char *name = s->o->profile ? s->o->profile : "none";
	c->law = dd_law_find(name);
	if (!c->law)
		c->law = dd_law_load(name, diags);
	if (!c->law)
		return dd_fail(err, DD_ERR_FORMAT, "--profile %s cannot be used", name);
	c->home = dd_numbering_of_country(dd_str(c->law->country ? c->law->country : "IN"));
	return dd_zone_open(c->law->zone ? c->law->zone : "Asia/Kolkata", &s->zone, err);
}

enum dd_status config_load(struct server *s, struct dd_diags *diags, struct dd_error *err)
{
	struct config *c = &s->config;
	struct dd_buf own = {0};
	const char *fault = NULL, *path = s->o->config;
	c->arena = diags->arena;
	c->hook_type = form_of(dd_str(s->o->callback_form ? s->o->callback_form : "multipart"));
	c->answer = (struct who){.by = DD_BY_HUMAN, .silent = true};
	if (s->o->answer && (fault = who_parse(c->arena, dd_str(s->o->answer), &c->answer)))
		return dd_fail(err, DD_ERR_FORMAT, "--answer %s: %s", s->o->answer, fault);
	dd_buf_format(&own, "%s/serve.yaml", s->o->flows);
	if (!path && access(own.p, R_OK) == 0)
		path = dd_arena_copy(c->arena, own.p, own.n);
	dd_buf_free(&own);
	enum dd_status status = load_law(s, diags, err);
	if (status != DD_OK)
		return status;
	bool fine = !path || load_file(s, path, false, diags);
	if (s->o->rules)
		fine &= load_file(s, s->o->rules, true, diags);
	if (s->o->audience)
		fine &= load_habits(s, diags);
	else if (c->answer.kind == WHO_AUDIENCE)
		return dd_fail(err, DD_ERR_FORMAT,
		        "--answer audience needs a file: --answer audience FILE");
	dd_diags_sort(diags);
	if (!fine)
		return dd_fail(err, DD_ERR_FORMAT, "the configuration cannot be used");
	return DD_OK;
}

unsigned config_flags(const struct server *s, uint64_t number)
{
	return (dd_number_set_has(&s->config.dnd, number) ? DD_PERSON_DND : 0) |
	        (dd_number_set_has(&s->config.consent, number) ||
	                                dd_number_set_has(&s->config.allowed, number)
	                        ? DD_PERSON_CONSENT
	                        : 0);
}
