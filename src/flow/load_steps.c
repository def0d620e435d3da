/* Lists of steps become a graph: every step knows what comes next, so a call needs no stack. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/load.h"

static const dd_ms HOUR_MS = (dd_ms)3600 * 1000;

bool dd_load_is_id(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-')))
			return false;
	}
	return text.n > 0 && text.n <= 64;
}

static uint32_t optional_prompt(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	return node ? dd_load_prompt(l, node, what) : DD_NONE;
}

static void load_greeting(struct dd_loader *l, const struct dd_node *node, struct dd_step *step)
{
	enum { TEXT, AUDIO, URL, VOICE, STUB, PROMPT, LOOP, MAX, SKIP, INTERRUPTIBLE, COUNT };
	static const char *const names[COUNT] = {"text", "audio", "url", "voice", "stub", "prompt",
	        "loop", "max", "skip", "interruptible"};
	struct dd_node *at[COUNT];
	struct dd_greeting *g = &step->greeting;
	long loop = 1;
	g->max = 120000;
	if (node->kind != DD_MAP) {
		g->prompt = dd_load_prompt(l, node, "a greeting");
		g->loop = 1;
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a greeting", names), at);
	struct dd_prompt_keys keys = {
	        at[TEXT], at[AUDIO], at[URL], at[VOICE], at[STUB], at[PROMPT], known};
	g->prompt = dd_load_prompt_keys(l, node, &keys, "a greeting");
	dd_read_number(&l->doc, at[LOOP], "loop", 0, 1000, &loop);
	dd_read_duration(&l->doc, at[MAX], "max", 4 * HOUR_MS, &g->max);
	dd_read_bool(&l->doc, at[SKIP], "skip", &g->skip);
	dd_read_bool(&l->doc, at[INTERRUPTIBLE], "interruptible", &g->interruptible);
	g->loop = (uint32_t)loop;
}

/* Remembers a jump of the step (or of one of its keys) for when all ids are known. */
static void want_jump(struct dd_loader *l, const struct dd_node *node, uint32_t step, uint32_t key)
{
	struct dd_str id;
	if (dd_read_text(&l->doc, node, "goto", &id))
		DD_PUSH(l->jumps, l->njumps, l->cap_jumps) =
		        (struct dd_jump){NULL, step, key, id, node->span};
}

static void load_key_map(struct dd_loader *l, const struct dd_node *map, uint32_t step,
        struct dd_key *key, uint32_t index)
{
	enum { ANSWER, GOAL, OPT_OUT, THEN, GOTO, COUNT };
	static const char *const names[COUNT] = {"answer", "goal", "opt_out", "then", "goto"};
	struct dd_node *at[COUNT];
	(void)dd_read_keys(&l->doc, map, DD_KEYS("a key of a menu", names), at);
	if (at[ANSWER])
		key->answer = dd_load_template(l, at[ANSWER], "an answer", DD_USE_TEXT);
	dd_read_bool(&l->doc, at[GOAL], "goal", &key->goal);
	dd_read_bool(&l->doc, at[OPT_OUT], "opt_out", &key->opt_out);
	if (at[THEN] && at[GOTO])
		dd_read_fault(&l->doc, "too-many-keys", at[GOTO]->span,
		        "a key goes on with then or with goto, not both");
	else if (at[THEN])
		key->target = dd_load_steps(l, at[THEN], key->target);
	else if (at[GOTO])
		want_jump(l, at[GOTO], step, index);
}

static void load_key(struct dd_loader *l, const struct dd_pair *pair, uint32_t step, uint32_t index,
        uint32_t next)
{
	const struct dd_node *name = pair->key, *value = pair->value;
	struct dd_key key = {.key = '\0', .answer = DD_NONE, .target = next, .span = name->span};
	if (name->text.n == 1 && dd_key_index(name->text.p[0]) >= 0)
		key.key = name->text.p[0];
	else
		dd_read_fault(&l->doc, "bad-key", name->span,
		        "\"%.*s\" is not on a telephone's keypad", (int)name->text.n, name->text.p)
		        ->hint = "keys are 0 to 9, \"*\" and \"#\"";
	if (value->kind == DD_LIST)
		key.target = dd_load_steps(l, value, next);
	else if (value->kind == DD_MAP)
		load_key_map(l, value, step, &key, index);
	else if (dd_node_is_null(value))
		dd_read_fault(&l->doc, "wrong-type",
		        value->span.end > value->span.start ? value->span : name->span,
		        "a key of a menu needs an answer or steps");
	else
		key.answer = dd_load_template(l, value, "an answer", DD_USE_TEXT);
	l->program->keys[index] = key;
	if (key.key)
		l->program->steps[step].ivr.by_key[dd_key_index(key.key)] = index;
}

static void load_keys_of(
        struct dd_loader *l, const struct dd_node *map, uint32_t step, uint32_t next)
{
	struct dd_program *p = l->program;
	if (map->kind != DD_MAP || map->n == 0) {
		if (map->kind == DD_MAP)
			dd_read_fault(
			        &l->doc, "missing-key", map->span, "a menu needs at least one key");
		else
			dd_read_wrong_kind(
			        &l->doc, map, "keys", "a mapping from keys to what they do");
		return;
	}
	uint32_t first = p->nkeys; /* reserved together: branches below bring keys of their own */
	for (uint32_t i = 0; i < map->n; i++)
		DD_PUSH(p->keys, p->nkeys, p->cap_keys) = (struct dd_key){.answer = DD_NONE};
	p->steps[step].ivr.first_key = first;
	p->steps[step].ivr.nkeys = map->n;
	for (uint32_t i = 0; i < map->n; i++)
		load_key(l, &map->pairs[i], step, first + i, next);
}

static void load_collect(struct dd_loader *l, const struct dd_node *map, struct dd_ivr *ivr)
{
	enum { MIN, MAX, FINISH, COUNT };
	static const char *const names[COUNT] = {"min", "max", "finish"};
	struct dd_node *at[COUNT];
	long low = 1, high = 10;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, map, "collect", "a mapping with min, max and finish");
		return;
	}
	(void)dd_read_keys(&l->doc, map, DD_KEYS("collect", names), at);
	dd_read_number(&l->doc, at[MIN], "min", 0, DD_DIGITS_MAX, &low);
	dd_read_number(&l->doc, at[MAX], "max", 1, DD_DIGITS_MAX, &high);
	if (low > high)
		dd_read_fault(&l->doc, "bad-number", (at[MIN] ? at[MIN] : at[MAX])->span,
		        "min is greater than max");
	if (at[FINISH] && dd_node_is_null(at[FINISH]))
		ivr->finish = '\0';
	else if (at[FINISH] && at[FINISH]->kind == DD_SCALAR && at[FINISH]->text.n == 1 &&
	        dd_key_index(at[FINISH]->text.p[0]) >= 0)
		ivr->finish = at[FINISH]->text.p[0];
	else if (at[FINISH])
		dd_read_fault(&l->doc, "bad-key", at[FINISH]->span,
		        "finish is one key: 0 to 9, \"*\" or \"#\"");
	ivr->min = (uint8_t)low;
	ivr->max = (uint8_t)high;
}

static void load_ivr(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum {
		PROMPT,
		KEYS,
		COLLECT,
		TIMEOUT,
		RETRIES,
		INVALID,
		SILENCE,
		BARGE_IN,
		OTHERWISE,
		COUNT
	};
	static const char *const names[COUNT] = {"prompt", "keys", "collect", "timeout", "retries",
	        "invalid", "silence", "barge_in", "otherwise"};
	struct dd_node *at[COUNT];
	long retries = 2;
	struct dd_ivr ivr = {.prompt = DD_NONE,
	        .timeout = 5000,
	        .barge_in = true,
	        .min = 1,
	        .max = 10,
	        .finish = '#',
	        .otherwise = DD_GO_HANGUP,
	        .key_slot = DD_NONE,
	        .answer_slot = DD_NONE,
	        .digits_slot = DD_NONE};
	memset(ivr.by_key, 0xFF, sizeof ivr.by_key);
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, node, "an ivr", "a mapping with prompt and keys or collect");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("an ivr", names), at);
	if (at[PROMPT])
		ivr.prompt = dd_load_prompt(l, at[PROMPT], "a menu's prompt");
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span, "an ivr needs a prompt");
	if (at[KEYS] ? at[COLLECT] != NULL : !at[COLLECT] && known)
		dd_read_fault(&l->doc, at[KEYS] ? "too-many-keys" : "missing-key",
		        at[KEYS] ? at[COLLECT]->span : node->span,
		        "an ivr has exactly one of keys and collect");
	dd_read_duration(&l->doc, at[TIMEOUT], "timeout", HOUR_MS, &ivr.timeout);
	dd_read_number(&l->doc, at[RETRIES], "retries", 0, 100, &retries);
	ivr.retries = (uint32_t)retries;
	ivr.invalid = optional_prompt(l, at[INVALID], "the invalid prompt");
	ivr.silence = optional_prompt(l, at[SILENCE], "the silence prompt");
	dd_read_bool(&l->doc, at[BARGE_IN], "barge_in", &ivr.barge_in);
	ivr.collect = at[COLLECT] != NULL;
	if (at[COLLECT])
		load_collect(l, at[COLLECT], &ivr);
	l->program->steps[index].ivr = ivr;
	if (at[KEYS])
		load_keys_of(l, at[KEYS], index, next);
	if (at[OTHERWISE]) {
		uint32_t otherwise = dd_load_steps(l, at[OTHERWISE], next);
		l->program->steps[index].ivr.otherwise = otherwise;
	}
}

static void load_exits(
        struct dd_loader *l, const struct dd_node *map, struct dd_passthru *pass, uint32_t next)
{
	static const char *const names[DD_EXITS_COUNT] = {"200", "302", "error", "timeout"};
	struct dd_node *at[DD_EXITS_COUNT];
	for (int i = 0; i < DD_EXITS_COUNT; i++)
		pass->exits[i] = DD_NONE;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, map, "exits", "a mapping with 200, 302, error and timeout");
		return;
	}
	(void)dd_read_keys(&l->doc, map, DD_KEYS("exits", names), at);
	for (int i = 0; i < DD_EXITS_COUNT; i++)
		if (at[i])
			pass->exits[i] = dd_load_steps(l, at[i], next);
}

static void load_routes(
        struct dd_loader *l, const struct dd_node *map, struct dd_passthru *pass, uint32_t next)
{
	struct dd_program *p = l->program;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, map, "routes", "a mapping from a reply's text to steps");
		return;
	}
	pass->first_route = p->nroutes;
	pass->nroutes = map->n;
	for (uint32_t i = 0; i < map->n; i++)
		DD_PUSH(p->routes, p->nroutes, p->cap_routes) = (struct dd_route){
		        dd_str_trim(map->pairs[i].key->text), next, map->pairs[i].key->span};
	uint32_t first = pass->first_route;
	for (uint32_t i = 0; i < map->n; i++) {
		uint32_t target = dd_load_steps(l, map->pairs[i].value, next);
		p->routes[first + i].target = target;
	}
}

static void load_method(struct dd_loader *l, const struct dd_node *node, struct dd_passthru *pass)
{
	if (!node)
		return;
	if (node->kind == DD_SCALAR && dd_str_is(node->text, "POST"))
		pass->post = true;
	else if (node->kind != DD_SCALAR || !dd_str_is(node->text, "GET"))
		dd_read_fault(&l->doc, "bad-method", node->span, "the method is GET or POST");
}

static void load_passthru(
        struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum { URL, METHOD, TIMEOUT, HOLD, WAIT, EXITS, ROUTES, STUB, COUNT };
	static const char *const names[COUNT] = {
	        "url", "method", "timeout", "hold", "wait", "exits", "routes", "stub"};
	struct dd_node *at[COUNT];
	struct dd_passthru pass = {.url = DD_NONE,
	        .wait = true,
	        .timeout = DD_REQUEST_TIMEOUT_MS,
	        .status_slot = DD_NONE,
	        .text_slot = DD_NONE};
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "a passthru", "a mapping with url");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a passthru", names), at);
	if (at[URL])
		pass.url = dd_load_template(l, at[URL], "a URL", DD_USE_URL);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span, "a passthru needs a url");
	load_method(l, at[METHOD], &pass);
	dd_read_duration(&l->doc, at[TIMEOUT], "timeout", HOUR_MS, &pass.timeout);
	pass.hold = optional_prompt(l, at[HOLD], "the hold prompt");
	dd_read_bool(&l->doc, at[WAIT], "wait", &pass.wait);
	dd_load_stubs(l, at[STUB], &pass.first_stub, &pass.nstubs);
	load_exits(l, at[EXITS], &pass, next);
	load_routes(l, at[ROUTES], &pass, next);
	l->program->steps[index].passthru = pass;
}

static uint32_t optional_template(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	return node ? dd_load_template(l, node, what, DD_USE_TEXT) : DD_NONE;
}

static void load_sms(struct dd_loader *l, const struct dd_node *node, struct dd_step *step)
{
	enum { TEXT, TO, SENDER, TEMPLATE, ENTITY, COUNT };
	static const char *const names[COUNT] = {"text", "to", "sender", "template", "entity"};
	struct dd_node *at[COUNT] = {NULL};
	struct dd_sms sms = {DD_NONE, DD_NONE, DD_NONE, DD_NONE, DD_NONE};
	bool known = true;
	if (node->kind == DD_LIST || dd_node_is_null(node)) {
		dd_read_wrong_kind(&l->doc, node, "an sms", "text or a mapping with text");
		return;
	}
	if (node->kind == DD_MAP)
		known = dd_read_keys(&l->doc, node, DD_KEYS("an sms", names), at);
	else
		at[TEXT] = (struct dd_node *)node;
	if (at[TEXT])
		sms.text = dd_load_template(l, at[TEXT], "an sms", DD_USE_TEXT);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span, "an sms needs a text");
	if (sms.text != DD_NONE && dd_str_trim(at[TEXT]->text).n == 0)
		dd_read_fault(&l->doc, "empty-text", at[TEXT]->span, "the sms is empty");
	sms.to = optional_template(l, at[TO], "an sms's to");
	sms.sender = optional_template(l, at[SENDER], "an sms's sender");
	sms.template_id = optional_template(l, at[TEMPLATE], "an sms's template");
	sms.entity = optional_template(l, at[ENTITY], "an sms's entity");
	step->sms = sms;
}

static void load_transfer(struct dd_loader *l, const struct dd_node *node, uint32_t index)
{
	struct dd_str file;
	if (!dd_read_text(&l->doc, node, "transfer", &file))
		return;
	if (file.n == 0) {
		dd_read_fault(&l->doc, "empty-text", node->span, "the file has no name");
		return;
	}
	if (memchr(file.p, '{', file.n)) {
		dd_read_fault(&l->doc, "bad-placeholder", node->span,
		        "transfer names one file; it takes no placeholder");
		return;
	}
	const char *dir = l->program->flows[l->flow].dir;
	const char *path = dd_path_beside(l->doc.arena, dir, file.p);
	DD_PUSH(l->visits, l->nvisits, l->cap_visits) =
	        (struct dd_visit){index, path, l->doc.source, node->span};
}

static void load_hangup(struct dd_loader *l, const struct dd_node *node)
{
	bool empty = dd_node_is_null(node) || (node->kind == DD_MAP && node->n == 0) ||
	        (node->kind == DD_SCALAR && dd_str_is(node->text, "true"));
	if (!empty)
		dd_read_fault(&l->doc, "wrong-type", node->span, "hangup takes nothing")->hint =
		        "write \"- hangup\"";
}

static void load_applet(struct dd_loader *l, enum dd_applet applet, const struct dd_node *node,
        uint32_t index, uint32_t next)
{
	struct dd_step step = l->program->steps[index];
	switch (applet) {
	case DD_GREETING:
		load_greeting(l, node, &step);
		l->program->steps[index].greeting = step.greeting;
		break;
	case DD_SMS:
		load_sms(l, node, &step);
		l->program->steps[index].sms = step.sms;
		break;
	case DD_IVR: load_ivr(l, node, index, next); break;
	case DD_PASSTHRU: load_passthru(l, node, index, next); break;
	case DD_HANGUP: load_hangup(l, node); break;
	case DD_TRANSFER: load_transfer(l, node, index); break;
	case DD_GOTO: want_jump(l, node, index, DD_NONE); break;
	case DD_APPLETS_COUNT: break;
	}
}

static const char *const STEP_KEYS[] = {
#define APPLET(NAME, key, summary) key,
        DD_APPLETS(APPLET)
#undef APPLET
                "id"};

static void set_id(struct dd_loader *l, const struct dd_node *node, uint32_t index)
{
	struct dd_program *p = l->program;
	struct dd_str id;
	if (!node || !dd_read_text(&l->doc, node, "an id", &id))
		return;
	if (!dd_load_is_id(id)) {
		dd_read_fault(&l->doc, "bad-id", node->span,
		        "an id is a letter, then letters, digits, _ and -");
		return;
	}
	p->steps[index].id = dd_arena_copy(l->doc.arena, id.p, id.n);
	p->steps[index].span = node->span;
}

/* One step of a list: the applet's index, and the nodes of its value and id. -1 after a fault. */
static int which_applet(struct dd_loader *l, const struct dd_node *node, struct dd_node **value,
        struct dd_node **id)
{
	struct dd_node *at[DD_APPLETS_COUNT + 1];
	int applet = -1, given = 0;
	if (node->kind == DD_SCALAR && dd_str_is(node->text, "hangup")) {
		static struct dd_node nothing = {.kind = DD_SCALAR, .plain = true};
		*value = &nothing;
		return DD_HANGUP;
	}
	if (node->kind != DD_MAP) {
		struct dd_diag *d = dd_read_fault(&l->doc, "bad-step", node->span,
		        "a step is \"hangup\" or a mapping with one applet");
		const char *near = node->kind == DD_SCALAR
		        ? dd_nearest(node->text, STEP_KEYS, DD_APPLETS_COUNT)
		        : NULL;
		if (near)
			d->hint = dd_arena_format(l->doc.arena, "did you mean \"%s%s\"?", near,
			        strcmp(near, "hangup") == 0 ? "" : ": …");
		return -1;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a step", STEP_KEYS), at);
	for (int i = 0; i < DD_APPLETS_COUNT; i++)
		if (at[i])
			given++, applet = i;
	*id = at[DD_APPLETS_COUNT];
	if (given == 1) {
		*value = at[applet];
		return applet;
	}
	if (given > 1)
		dd_read_fault(&l->doc, "too-many-keys", node->span,
		        "a step has exactly one applet; this one has %d", given);
	else if (known) /* else the unknown key was to be the applet */
		dd_read_fault(&l->doc, "missing-key", node->span, "this step has no applet")->hint =
		        "greeting, ivr, passthru, sms, hangup, transfer or goto";
	return -1;
}

/* Reserves the step, so that steps stand in the order of the file, then loads what is in it. */
static uint32_t reserve_step(
        struct dd_loader *l, const struct dd_node *node, int applet, const struct dd_node *id)
{
	struct dd_program *p = l->program;
	if (p->nsteps >= DD_STEPS_MAX) {
		if (!l->too_many_steps)
			dd_read_fault(&l->doc, "limit-steps", node->span,
			        "a flow may have at most 100,000 steps");
		l->too_many_steps = true;
		return DD_NONE;
	}
	struct dd_step step = {
	        .applet = (enum dd_applet)applet, .flow = l->flow, .span = node->span};
	step.line = dd_source_line_at(l->doc.source, node->span.start);
	DD_PUSH(p->steps, p->nsteps, p->cap_steps) = step;
	set_id(l, id, p->nsteps - 1);
	return p->nsteps - 1;
}

uint32_t dd_load_steps(struct dd_loader *l, const struct dd_node *list, uint32_t after)
{
	struct item {
		int applet;
		uint32_t step;
		struct dd_node *value;
	};
	uint32_t first = after, last = DD_NONE;
	if (list->kind != DD_LIST) {
		dd_read_wrong_kind(&l->doc, list, "steps", "a list");
		return after;
	}
	/* A step's branches go on at the step after it, so the steps of one list are reserved
	 * before any is loaded. */
	struct item *items = dd_alloc(list->n * sizeof *items);
	uint32_t n = 0;
	for (uint32_t i = 0; i < list->n && !l->too_many_steps; i++) {
		struct dd_node *id = NULL;
		struct item it = {-1, DD_NONE, NULL};
		it.applet = which_applet(l, list->items[i], &it.value, &id);
		if (it.applet < 0)
			continue;
		it.step = reserve_step(l, list->items[i], it.applet, id);
		if (it.step == DD_NONE)
			break;
		if (last == DD_NONE)
			first = it.step;
		else
			l->program->steps[last].next = it.step;
		last = it.step;
		items[n++] = it;
	}
	if (last != DD_NONE)
		l->program->steps[last].next = after;
	for (uint32_t i = 0; i < n; i++)
		load_applet(l, (enum dd_applet)items[i].applet, items[i].value, items[i].step,
		        l->program->steps[items[i].step].next);
	dd_free(items);
	return first;
}

/* -- ids and jumps ---------------------------------------------------------- */

struct named {
	const char *id;
	uint32_t step;
};

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = strcmp(x->id, y->id);
	return c ? c : x->step < y->step ? -1 : x->step > y->step;
}

static struct named *ids_of_flow(struct dd_loader *l, size_t *count)
{
	const struct dd_program *p = l->program;
	struct named *ids = dd_alloc((p->nsteps + 1) * sizeof *ids);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].flow == l->flow && p->steps[i].id)
			ids[n++] = (struct named){p->steps[i].id, i};
	qsort(ids, n, sizeof *ids, compare_named);
	*count = n;
	return ids;
}

static void report_twins(struct dd_loader *l, const struct named *ids, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (strcmp(ids[i - 1].id, ids[i].id) != 0)
			continue;
		const struct dd_step *a = &l->program->steps[ids[i - 1].step],
		                     *b = &l->program->steps[ids[i].step];
		const struct dd_step *second = a->span.start <= b->span.start ? b : a,
		                     *one = second == a ? b : a;
		struct dd_diag *d = dd_read_fault(&l->doc, "duplicate-id", second->span,
		        "two steps are called \"%s\"", ids[i].id);
		d->other = l->doc.source;
		d->other_span = one->span;
		d->other_message = "first here";
	}
}

static void unknown_target(
        struct dd_loader *l, const struct dd_jump *j, const struct named *ids, size_t n)
{
	struct dd_diag *d = dd_read_fault(&l->doc, "goto-unknown", j->span,
	        "no step is called \"%.*s\"", (int)j->id.n, j->id.p);
	const char **names = dd_alloc((n + 1) * sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = ids[i].id;
	dd_hint_near(l->doc.diags, d, j->id, names, n);
	dd_free(names);
}

void dd_load_jumps(struct dd_loader *l)
{
	size_t n;
	struct named *ids = ids_of_flow(l, &n);
	report_twins(l, ids, n);
	for (uint32_t i = 0; i < l->njumps; i++) {
		const struct dd_jump *j = &l->jumps[i];
		size_t low = 0, high = n;
		while (low < high) {
			size_t mid = (low + high) / 2;
			struct dd_str id = dd_str(ids[mid].id);
			int c = memcmp(id.p, j->id.p, id.n < j->id.n ? id.n : j->id.n);
			if (c < 0 || (c == 0 && id.n < j->id.n))
				low = mid + 1;
			else
				high = mid;
		}
		if (low == n || !dd_str_is(j->id, ids[low].id))
			unknown_target(l, j, ids, n);
		else if (j->key != DD_NONE)
			l->program->keys[j->key].target = ids[low].step;
		else
			l->program->steps[j->step].target = ids[low].step;
	}
	l->njumps = 0;
	dd_free(ids);
}
