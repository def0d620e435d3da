/* The script of a scenario and what is expected. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/reading.h"

/* -- steps by name ---------------------------------------------------------- */

uint32_t dd_step_named(const struct dd_program *p, struct dd_str name)
{
	char room[32];
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (dd_str_is(name, dd_step_name(p, i, room)))
			return i;
	return DD_NONE;
}

const char *dd_step_name(const struct dd_program *p, uint32_t step, char room[32])
{
	if (p->steps[step].id)
		return p->steps[step].id;
	(void)snprintf(room, 32, "line-%u", p->steps[step].line);
	return room;
}

static bool is_menu(const struct dd_program *p, uint32_t step)
{
	return p->steps[step].applet == DD_IVR;
}

bool suite_asks(const struct dd_program *p, uint32_t step)
{
	return dd_step_asks(p, step, NULL);
}

/* Flows that a call is transferred to have ids of their own: of steps with one name the first that
 * `fits` (may be NULL) is meant. */
uint32_t suite_step(struct reader *r, const struct dd_node *node, const char *what,
        bool (*fits)(const struct dd_program *, uint32_t))
{
	const struct dd_program *p = r->suite->program;
	struct dd_str name;
	if (!dd_read_text(&r->l.doc, node, what, &name))
		return DD_NONE;
	uint32_t step = dd_step_named(p, name);
	for (uint32_t i = step; fits && i < p->nsteps; i++) {
		char room[32];
		if (dd_str_is(name, dd_step_name(p, i, room)) && fits(p, i))
			return i;
	}
	if (step != DD_NONE)
		return step;
	const char **names = dd_alloc((p->nsteps + 1) * sizeof *names);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].id)
			names[n++] = p->steps[i].id;
	struct dd_diag *d = dd_read_fault(&r->l.doc, "unknown-step", node->span,
	        "the flow has no step \"%.*s\"", (int)name.n, name.p);
	if (!dd_hint_near(&r->suite->diags, d, name, names, n))
		d->hint = "a step without an id is called line-N, N being its line in the flow";
	dd_free(names);
	return DD_NONE;
}

/* -- wanted texts ----------------------------------------------------------- */

static bool known_value(const struct reader *r, struct dd_str name)
{
	const struct dd_program *p = r->suite->program;
	for (uint32_t i = 0; r->table && i < r->table->ncolumns; i++)
		if (dd_str_same(r->table->names[i], name))
			return true;
	return dd_program_slot(p, name) != DD_NONE;
}

static void unknown_value(struct reader *r, struct dd_span span, struct dd_str name)
{
	const struct dd_program *p = r->suite->program;
	const char **names = dd_alloc((p->nslots + DD_COLUMNS_MAX + 1) * sizeof *names);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nslots; i++)
		names[n++] = p->slots[i].name;
	for (uint32_t i = 0; r->table && i < r->table->ncolumns; i++)
		names[n++] =
		        dd_arena_copy(r->suite->arena, r->table->names[i].p, r->table->names[i].n);
	struct dd_diag *d = dd_read_fault(&r->l.doc, "placeholder-unknown", span,
	        "no value is called \"%.*s\"", (int)name.n, name.p);
	if (!dd_hint_near(&r->suite->diags, d, name, names, n))
		d->hint = "a column of the rows, a variable, or a value of the call; "
		          "{{ and }} are braces";
	dd_free(names);
}

/* Looks at the placeholders of a text that is not a regular expression. */
static bool check_placeholders(struct reader *r, struct dd_str text, struct dd_span span)
{
	bool fills = false;
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (c != '{' && c != '}')
			continue;
		fills = true;
		if (i + 1 < text.n && text.p[i + 1] == c) {
			i++;
			continue;
		}
		const char *end = c == '{' ? memchr(text.p + i, '}', text.n - i) : NULL;
		if (!end) {
			dd_read_fault(&r->l.doc, "placeholder-open", span, "a brace is not closed")
			        ->hint = "write {{ or }} for a brace";
			return false;
		}
		struct dd_str name = {text.p + i + 1, (size_t)(end - text.p) - i - 1};
		if (!known_value(r, name))
			unknown_value(r, span, name);
		i = (size_t)(end - text.p);
	}
	return fills;
}

static void compile(struct reader *r, struct dd_want *want)
{
	struct dd_error err;
	size_t at = 0;
	struct dd_str pattern = {want->text.p + 1, want->text.n - 2};
	want->regex = dd_regex_new(pattern, &err, &at);
	if (want->regex)
		DD_PUSH(r->suite->regexes, r->suite->nregexes, r->suite->cap_regexes) = want->regex;
	else
		dd_read_fault(&r->l.doc, "bad-regex", want->span,
		        "at character %zu of the expression: %s",
		        dd_utf8_count((struct dd_str){pattern.p, at}) + 1, err.text);
}

bool suite_want(struct reader *r, const struct dd_node *node, const char *what, enum want_use use,
        struct dd_want *out)
{
	struct dd_str text;
	if (!node || !dd_read_text(&r->l.doc, node, what, &text))
		return false;
	*out = (struct dd_want){.text = {text.p ? text.p : "", text.n}, .span = node->span};
	if (text.n > DD_TEXT_BYTES_MAX) {
		dd_read_fault(&r->l.doc, "limit-text", node->span,
		        "a text may have at most 4,096 characters");
		return false;
	}
	if (use == WANT_PART && text.n > 2 && text.p[0] == '/' && text.p[text.n - 1] == '/') {
		compile(r, out);
		return true;
	}
	out->fills = check_placeholders(r, text, node->span);
	if (use == WANT_WHOLE || out->fills)
		return true;
	struct dd_buf folded = {0};
	dd_fold_words(text, &folded, NULL);
	if (folded.n == 0)
		dd_read_fault(&r->l.doc, "empty-text", node->span, "%s has no words", what);
	out->folded = (struct dd_str){
	        dd_arena_copy(r->suite->arena, folded.p ? folded.p : "", folded.n), folded.n};
	dd_buf_free(&folded);
	return true;
}

/* `cells`: they may be another in each row. */
static void load_limits(
        struct reader *r, const struct dd_node *node, struct dd_limits *out, bool cells)
{
	enum { WARN, FAIL, OF, COUNT };
	static const char *const names[COUNT] = {"warn", "fail", "of"};
	struct dd_node *at[COUNT];
	*out = (struct dd_limits){DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}};
	if (!node)
		return;
	out->span = node->span;
	if (node->kind == DD_SCALAR) {
		out->fail = cells ? suite_cell(r, node, DD_CELL_HEARD_FAIL, "heard_under",
		                            suite_read_ms, DD_NEVER)
		                  : suite_read_ms(r, node, "heard_under");
		return;
	}
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, node, "heard_under",
		        "a duration, or a mapping with warn and fail");
		return;
	}
	bool known = dd_read_keys(&r->l.doc, node, DD_KEYS("heard_under", names), at);
	if (cells) {
		out->warn = suite_cell(
		        r, at[WARN], DD_CELL_HEARD_WARN, "warn", suite_read_ms, DD_NEVER);
		out->fail = suite_cell(
		        r, at[FAIL], DD_CELL_HEARD_FAIL, "fail", suite_read_ms, DD_NEVER);
	} else {
		dd_read_duration(&r->l.doc, at[WARN], "warn", HOUR_MS * 4, &out->warn);
		dd_read_duration(&r->l.doc, at[FAIL], "fail", HOUR_MS * 4, &out->fail);
	}
	if (at[OF] && at[OF]->kind == DD_SCALAR && dd_str_is(at[OF]->text, "prompt"))
		out->of = DD_OF_PROMPT;
	else if (at[OF] && at[OF]->kind == DD_SCALAR && dd_str_is(at[OF]->text, "stretch"))
		out->of = DD_OF_STRETCH;
	else if (at[OF])
		dd_read_fault(&r->l.doc, "bad-value", at[OF]->span,
		        "of is prompt, or stretch (without a chance to press a key)");
	if (!at[WARN] && !at[FAIL] && known)
		dd_read_fault(
		        &r->l.doc, "missing-key", node->span, "heard_under needs warn or fail");
}

/* -- script ----------------------------------------------------------------- */

static const char *const ITEM_KEYS[] = {
#define ITEM(NAME, key, summary) key,
        DD_ITEMS(ITEM)
#undef ITEM
                "heard_under",
        "first_words_within", "within"};
enum { UNDER = DD_ITEMS_COUNT, FIRST_WORDS, WITHIN, ITEM_KEYS_COUNT };

static void check_keys(struct reader *r, const struct dd_item *it)
{
	const struct dd_want *keys = &it->keys;
	if (!keys->text.p || keys->fills)
		return;
	bool list = it->kind == DD_IT_KEYS;
	for (size_t i = 0; i < keys->text.n; i++) {
		char c = keys->text.p[i];
		if (dd_key_index(c) < 0 && !(list && (c == ',' || c == '-'))) {
			dd_read_fault(&r->l.doc, "bad-key", keys->span,
			        list ? "keys are given as in 2,-,4321#"
			             : "keys are 0 to 9, * and #");
			return;
		}
	}
	if (keys->text.n == 0)
		dd_read_fault(&r->l.doc, "bad-key", keys->span, "no key is given");
}

static void load_press(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { KEYS, AFTER, GAP, DURING, COUNT };
	static const char *const names[COUNT] = {"keys", "after", "gap", "during"};
	struct dd_node *at[COUNT] = {NULL};
	bool known = true;
	if (node->kind == DD_MAP)
		known = dd_read_keys(&r->l.doc, node, DD_KEYS("press", names), at);
	else
		at[KEYS] = (struct dd_node *)node;
	if (!at[KEYS] && known)
		dd_read_fault(&r->l.doc, "missing-key", node->span, "press needs keys");
	(void)suite_want(r, at[KEYS], "keys", WANT_WHOLE, &it->keys);
	dd_read_duration(&r->l.doc, at[AFTER], "after", HOUR_MS * 4, &it->after);
	dd_read_duration(&r->l.doc, at[GAP], "gap", HOUR_MS, &it->gap);
	(void)suite_want(r, at[DURING], "during", WANT_PART, &it->text);
	check_keys(r, it);
}

static void load_hang_up(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { AFTER, DURING, COUNT };
	static const char *const names[COUNT] = {"after", "during"};
	struct dd_node *at[COUNT];
	if (dd_node_is_null(node))
		return;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &r->l.doc, node, "hang_up", "nothing, or a mapping with after or during");
		return;
	}
	(void)dd_read_keys(&r->l.doc, node, DD_KEYS("hang_up", names), at);
	dd_read_duration(&r->l.doc, at[AFTER], "after", HOUR_MS * 4, &it->after);
	(void)suite_want(r, at[DURING], "during", WANT_PART, &it->text);
}

static void load_sms(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { TEXT, TO, SENDER, COUNT };
	static const char *const names[COUNT] = {"text", "to", "sender"};
	struct dd_node *at[COUNT] = {NULL};
	if (node->kind == DD_MAP)
		(void)dd_read_keys(&r->l.doc, node, DD_KEYS("sms", names), at);
	else
		at[TEXT] = (struct dd_node *)node;
	(void)suite_want(r, at[TEXT], "the message", WANT_PART, &it->text);
	(void)suite_want(r, at[TO], "to", WANT_WHOLE, &it->to);
	(void)suite_want(r, at[SENDER], "sender", WANT_WHOLE, &it->sender);
}

static void load_query(struct reader *r, const struct dd_node *map, struct dd_item *it)
{
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, map, "query", "a mapping from parameters to values");
		return;
	}
	it->query = ARRAY(r, map->n, struct dd_named_want);
	for (uint32_t i = 0; i < map->n; i++) {
		it->query[it->nquery].name = map->pairs[i].key->text;
		if (suite_want(r, map->pairs[i].value, "a parameter", WANT_WHOLE,
		            &it->query[it->nquery].want))
			it->nquery++;
	}
}

static void load_request(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { ID, QUERY, URL, METHOD, PARAMS, COUNT };
	static const char *const names[COUNT] = {"id", "query", "url", "method", "params"};
	struct dd_node *at[COUNT] = {NULL};
	it->step = DD_NONE;
	if (node->kind == DD_MAP)
		(void)dd_read_keys(&r->l.doc, node, DD_KEYS("request", names), at);
	else
		at[ID] = (struct dd_node *)node;
	if (at[ID])
		it->step = suite_step(r, at[ID], "id", suite_asks);
	if (at[QUERY] && at[PARAMS])
		dd_read_fault(&r->l.doc, "too-many-keys", at[PARAMS]->span,
		        "query and params are the same");
	load_query(r, at[QUERY] ? at[QUERY] : at[PARAMS], it);
	(void)suite_want(r, at[URL], "url", WANT_PART, &it->text);
	if (at[METHOD] && dd_read_text(&r->l.doc, at[METHOD], "method", &it->method) &&
	        !dd_str_is(it->method, "GET") && !dd_str_is(it->method, "POST") &&
	        !dd_str_is(it->method, "PUT") && !dd_str_is(it->method, "PATCH") &&
	        !dd_str_is(it->method, "DELETE"))
		dd_read_fault(&r->l.doc, "bad-method", at[METHOD]->span,
		        "the method is GET, POST, PUT, PATCH or DELETE");
}

static void load_document(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	static const char *const names[] = {"contains"};
	struct dd_node *at[1] = {(struct dd_node *)node};
	it->step = DD_NONE;
	if (node->kind == DD_MAP)
		(void)dd_read_keys(&r->l.doc, node, DD_KEYS("document", names), at);
	(void)suite_want(r, at[0], "contains", WANT_PART, &it->text);
}

static bool connects(const struct dd_program *p, uint32_t step)
{
	return p->steps[step].applet == DD_CONNECT;
}

/* The step it is about, and what a connect's stub says. */
static void load_connect(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	struct dd_program *scratch = &r->scratch;
	struct dd_node rest = *node;
	uint32_t first, n;
	it->step = DD_NONE;
	if (node->kind == DD_MAP) {
		rest.pairs = dd_arena_alloc(r->suite->arena, (node->n + 1) * sizeof *rest.pairs);
		rest.n = 0;
		for (uint32_t i = 0; i < node->n; i++) {
			if (!dd_str_is(node->pairs[i].key->text, "id")) {
				rest.pairs[rest.n++] = node->pairs[i];
				continue;
			}
			it->step = suite_step(r, node->pairs[i].value, "id", connects);
			if (it->step != DD_NONE && !connects(r->suite->program, it->step))
				dd_read_fault(&r->l.doc, "unknown-step", node->pairs[i].value->span,
				        "this step rings nobody");
		}
	}
	dd_load_parties(&r->l, &rest, &first, &n);
	if (n)
		it->party = scratch->stubs[first];
}

static const char *const ENDED_BY[] = {
        "", "flow", "customer", "dropped", "time-limit", "runaway", "not-answered"};

/* A word of a list (those that are not empty): its index, or -1 after a fault. */
static void load_item_value(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	int by;
	switch (it->kind) {
	case DD_IT_HEAR: (void)suite_want(r, node, "hear", WANT_PART, &it->text); break;
	case DD_IT_PRESS: load_press(r, node, it); break;
	case DD_IT_KEYS:
		(void)suite_want(r, node, "keys", WANT_WHOLE, &it->keys);
		check_keys(r, it);
		break;
	case DD_IT_WAIT: dd_read_duration(&r->l.doc, node, "wait", HOUR_MS * 4, &it->after); break;
	case DD_IT_SMS: load_sms(r, node, it); break;
	case DD_IT_REQUEST: load_request(r, node, it); break;
	case DD_IT_SILENCE:
		dd_read_duration(&r->l.doc, node, "silence", HOUR_MS * 4, &it->after);
		break;
	case DD_IT_HANG_UP: load_hang_up(r, node, it); break;
	case DD_IT_SPEAK: dd_read_duration(&r->l.doc, node, "speak", HOUR_MS, &it->after); break;
	case DD_IT_CONNECT:
	case DD_IT_DIAL: load_connect(r, node, it); break;
	case DD_IT_SAY: (void)suite_want(r, node, "say", WANT_WHOLE, &it->text); break;
	case DD_IT_DOCUMENT: load_document(r, node, it); break;
	case DD_IT_ENDED_BY:
		by = DD_READ_WORD(&r->l.doc, node, "ended_by", ENDED_BY, -1);
		it->by = by > 0 ? (enum dd_ended_by)by : DD_ENDED_NOT_YET;
		break;
	case DD_ITEMS_COUNT: break;
	}
}

static bool load_item(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	struct dd_node *at[ITEM_KEYS_COUNT];
	*it = (struct dd_item){.span = node->span,
	        .gap = 200,
	        .first_words = DD_NEVER,
	        .within = DD_NEVER,
	        .under = {DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}}};
	if (node->kind == DD_SCALAR && dd_str_is(node->text, "hang_up")) {
		it->kind = DD_IT_HANG_UP;
		return true;
	}
	if (node->kind != DD_MAP) {
		struct dd_diag *d = dd_read_fault(&r->l.doc, "bad-item", node->span,
		        "an item is \"hang_up\" or a mapping with one of hear, "
		        "press, keys, wait, sms, request, silence, hang_up, speak, connect, "
		        "dial, say, document and ended_by");
		if (node->kind == DD_SCALAR)
			dd_hint_near(&r->suite->diags, d, node->text, ITEM_KEYS, DD_ITEMS_COUNT);
		return false;
	}
	bool known = dd_read_keys(&r->l.doc, node, DD_KEYS("an item", ITEM_KEYS), at);
	int given = 0;
	for (int i = 0; i < DD_ITEMS_COUNT; i++)
		if (at[i])
			given++, it->kind = (enum dd_item_kind)i;
	if (given != 1) {
		if (given || known)
			dd_read_fault(&r->l.doc, given ? "too-many-keys" : "missing-key",
			        node->span, "an item does exactly one thing; this one does %d",
			        given);
		return false;
	}
	if ((at[UNDER] || at[FIRST_WORDS]) && it->kind != DD_IT_HEAR)
		dd_read_fault(&r->l.doc, "bad-item", node->span,
		        "heard_under and first_words_within belong to hear, or to expect");
	if (at[WITHIN] && it->kind != DD_IT_HEAR && it->kind != DD_IT_ENDED_BY)
		dd_read_fault(&r->l.doc, "bad-item", at[WITHIN]->span,
		        "within belongs to hear and ended_by");
	it->span = at[it->kind]->span;
	if (at[it->kind]->kind != DD_SCALAR || it->span.end == it->span.start)
		it->span = node->span;
	load_item_value(r, at[it->kind], it);
	load_limits(r, at[UNDER], &it->under, false);
	dd_read_duration(
	        &r->l.doc, at[FIRST_WORDS], "first_words_within", HOUR_MS, &it->first_words);
	dd_read_duration(&r->l.doc, at[WITHIN], "within", HOUR_MS * 4, &it->within);
	return true;
}

struct dd_item *suite_script(
        struct reader *r, const struct dd_node *list, const char *what, uint32_t *n)
{
	*n = 0;
	if (!list)
		return NULL;
	if (list->kind != DD_LIST) {
		dd_read_wrong_kind(&r->l.doc, list, what, "a list");
		return NULL;
	}
	struct dd_item *items = ARRAY(r, list->n, struct dd_item);
	for (uint32_t i = 0; i < list->n; i++)
		if (load_item(r, list->items[i], &items[*n]))
			(*n)++;
	return items;
}

/* -- expect ----------------------------------------------------------------- */

static struct dd_step_want *load_steps(
        struct reader *r, const struct dd_node *node, const char *what, uint32_t *n)
{
	struct dd_node *const *items;
	*n = 0;
	if (!node)
		return NULL;
	uint32_t count = dd_node_items(node, &items);
	struct dd_step_want *steps = ARRAY(r, count, struct dd_step_want);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t step = suite_step(r, items[i], what, NULL);
		if (step != DD_NONE)
			steps[(*n)++] = (struct dd_step_want){step, items[i]->span};
	}
	return steps;
}

/* "*": any message. */
static void load_any_sms(struct reader *r, const struct dd_node *node, struct dd_count_want *w)
{
	w->item = (struct dd_item){.kind = DD_IT_SMS, .span = node->span, .step = DD_NONE};
	if (node->kind != DD_SCALAR || !dd_str_is(node->text, "*"))
		load_sms(r, node, &w->item);
}

/* { sms: … }, { request: ID }, { step: ID }: not once. */
static void load_never_thing(struct reader *r, const struct dd_node *map, struct dd_expect *e)
{
	enum { SMS, REQUEST, STEP, COUNT };
	static const char *const names[COUNT] = {"sms", "request", "step"};
	struct dd_node *at[COUNT];
	bool known = dd_read_keys(&r->l.doc, map, DD_KEYS("never", names), at);
	int given = !!at[SMS] + !!at[REQUEST] + !!at[STEP];
	if (given != 1) {
		if (given || known)
			dd_read_fault(&r->l.doc, given ? "too-many-keys" : "missing-key", map->span,
			        "an entry of never is a text, or one of sms, request and step");
		return;
	}
	struct dd_count_want *w = &e->counts[e->ncounts++];
	*w = (struct dd_count_want){.step = DD_NONE, .span = map->span};
	if (at[SMS]) {
		w->what = DD_CO_SMS;
		load_any_sms(r, at[SMS], w);
	} else {
		w->what = at[STEP] ? DD_CO_STEP : DD_CO_REQUEST;
		bool any = at[REQUEST] && at[REQUEST]->kind == DD_SCALAR &&
		        dd_str_is(at[REQUEST]->text, "*");
		if (!any)
			w->step = suite_step(r, at[STEP] ? at[STEP] : at[REQUEST],
			        at[STEP] ? "step" : "request", at[STEP] ? NULL : suite_asks);
	}
}

static void load_never(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	struct dd_node *const *items, *one[1] = {(struct dd_node *)node};
	if (!node)
		return;
	uint32_t count = dd_node_items(node, &items);
	if (node->kind == DD_MAP)
		items = one, count = 1;
	e->never = ARRAY(r, count, struct dd_want);
	for (uint32_t i = 0; i < count; i++) {
		if (items[i]->kind == DD_MAP && e->ncounts < DD_COUNTS_MAX)
			load_never_thing(r, items[i], e);
		else if (suite_want(r, items[i], "never", WANT_PART, &e->never[e->nnever]))
			e->nnever++;
	}
}

/* A number for all, or one for each of some steps. */
static void load_counted(struct reader *r, const struct dd_node *node, enum dd_counted what,
        const char *name, struct dd_expect *e)
{
	if (!node)
		return;
	bool each = node->kind == DD_MAP && (what == DD_CO_REQUEST || what == DD_CO_STEP);
	for (uint32_t i = 0; i < (each ? node->n : 1) && e->ncounts < DD_COUNTS_MAX; i++) {
		struct dd_count_want w = {.what = what,
		        .item = {.kind = DD_IT_SMS, .span = node->span, .step = DD_NONE},
		        .step = DD_NONE,
		        .span = node->span};
		const struct dd_node *value = each ? node->pairs[i].value : node;
		if (each) {
			w.span = value->span;
			w.step = suite_step(r, node->pairs[i].key, name,
			        what == DD_CO_STEP ? NULL : suite_asks);
			if (w.step == DD_NONE)
				continue;
		} else if (what == DD_CO_STEP) {
			dd_read_wrong_kind(
			        &r->l.doc, node, name, "a mapping from steps to numbers");
			return;
		}
		dd_read_number(&r->l.doc, value, name, 0, 1000000, &w.n);
		e->counts[e->ncounts++] = w;
	}
}

static void load_count(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	enum { SMS, REQUEST, STEP, LOST, COUNT };
	static const char *const names[COUNT] = {"sms", "request", "step", "lost_keys"};
	struct dd_node *at[COUNT];
	if (!node)
		return;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &r->l.doc, node, "count", "a mapping with sms, request, step or lost_keys");
		return;
	}
	(void)dd_read_keys(&r->l.doc, node, DD_KEYS("count", names), at);
	load_counted(r, at[SMS], DD_CO_SMS, "sms", e);
	load_counted(r, at[REQUEST], DD_CO_REQUEST, "request", e);
	load_counted(r, at[STEP], DD_CO_STEP, "step", e);
	load_counted(r, at[LOST], DD_CO_LOST_KEYS, "lost_keys", e);
}

/* In `anytime` a bare text is one that is heard. */
static void load_anytime(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	struct dd_node *const *items;
	if (!node)
		return;
	uint32_t count = dd_node_items(node, &items);
	e->anytime = ARRAY(r, count, struct dd_item);
	for (uint32_t i = 0; i < count; i++) {
		struct dd_item *it = &e->anytime[e->nanytime];
		bool fine;
		if (items[i]->kind == DD_SCALAR) {
			*it = (struct dd_item){.kind = DD_IT_HEAR,
			        .span = items[i]->span,
			        .first_words = DD_NEVER,
			        .within = DD_NEVER,
			        .under = {DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}}};
			fine = suite_want(r, items[i], "anytime", WANT_PART, &it->text);
		} else {
			fine = load_item(r, items[i], it);
		}
		if (fine && it->kind != DD_IT_HEAR && it->kind != DD_IT_SMS &&
		        it->kind != DD_IT_REQUEST && it->kind != DD_IT_DOCUMENT) {
			dd_read_fault(&r->l.doc, "bad-item", items[i]->span,
			        "anytime takes texts, hear, sms, request and document");
			fine = false;
		}
		e->nanytime += fine;
	}
}

static void load_verbs(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	struct dd_node *const *items;
	uint32_t n = node ? dd_node_items(node, &items) : 0;
	e->verbs = ARRAY(r, n, struct dd_str);
	e->verb_spans = ARRAY(r, n, struct dd_span);
	if (node && !r->suite->app)
		dd_read_fault(&r->l.doc, "bad-item", node->span,
		        "verbs are what an application's documents say: the file names a flow");
	for (uint32_t i = 0; i < n; i++)
		if (dd_read_text(&r->l.doc, items[i], "a verb", &e->verbs[e->nverbs]))
			e->verb_spans[e->nverbs++] = items[i]->span;
}

static void load_answers(struct reader *r, const struct dd_node *map, struct dd_expect *e)
{
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, map, "answers", "a mapping from menus to answers");
		return;
	}
	e->answers = ARRAY(r, map->n, struct dd_answer_want);
	for (uint32_t i = 0; i < map->n; i++) {
		struct dd_answer_want *a = &e->answers[e->nanswers];
		const struct dd_node *value = map->pairs[i].value;
		a->step = suite_step(r, map->pairs[i].key, "a menu", is_menu);
		if (a->step == DD_NONE)
			continue;
		a->none = dd_node_is_null(value);
		a->want.span =
		        value->span.end > value->span.start ? value->span : map->pairs[i].key->span;
		if (r->suite->program->steps[a->step].applet != DD_IVR)
			dd_read_fault(&r->l.doc, "unknown-step", map->pairs[i].key->span,
			        "\"%.*s\" is no menu", (int)map->pairs[i].key->text.n,
			        map->pairs[i].key->text.p);
		else if (a->none || suite_want(r, value, "an answer", WANT_WHOLE, &a->want))
			e->nanswers++;
	}
}

static void load_between(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	enum { MIN, MAX, COUNT };
	static const char *const names[COUNT] = {"min", "max"};
	struct dd_node *at[COUNT];
	e->duration_max = DD_NEVER;
	if (!node)
		return;
	e->duration_span = node->span;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, node, "duration", "a mapping with min or max");
		return;
	}
	(void)dd_read_keys(&r->l.doc, node, DD_KEYS("duration", names), at);
	e->duration_min = suite_cell(r, at[MIN], DD_CELL_DURATION_MIN, "min", suite_read_ms, 0);
	e->duration_max =
	        suite_cell(r, at[MAX], DD_CELL_DURATION_MAX, "max", suite_read_ms, DD_NEVER);
}

static int64_t read_flag(struct reader *r, const struct dd_node *node, const char *what)
{
	bool value = false;
	dd_read_bool(&r->l.doc, node, what, &value);
	return value;
}

static int64_t read_status(struct reader *r, const struct dd_node *node, const char *what)
{
	static const char *const statuses[] = {
	        "completed", "busy", "no-answer", "failed", "canceled"};
	return DD_READ_WORD(&r->l.doc, node, what, statuses, -1);
}

static int64_t read_ended_by(struct reader *r, const struct dd_node *node, const char *what)
{
	return DD_READ_WORD(&r->l.doc, node, what, ENDED_BY, -1);
}

static int load_cell(struct reader *r, const struct dd_node *node, enum dd_cell cell,
        const char *what, cell_reader read, struct dd_span *span)
{
	if (node)
		*span = node->span;
	return (int)suite_cell(r, node, cell, what, read, -1);
}

void suite_expect(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	enum {
		STATUS,
		ENDED,
		ANSWERS,
		DIGITS,
		DURATION,
		VISITED,
		NOT_VISITED,
		NEVER,
		ANYTIME,
		UNDER_,
		FIRST,
		GOAL,
		OPTED,
		MESSAGE,
		COUNTS,
		LEFT,
		VERBS,
		COUNT
	};
	static const char *const names[COUNT] = {"status", "ended_by", "answers", "digits",
	        "duration", "visited", "not_visited", "never", "anytime", "heard_under",
	        "first_words_within", "goal", "opted_out", "heard_message", "count",
	        "left_on_machine", "verbs"};
	struct dd_node *at[COUNT] = {NULL};
	*e = (struct dd_expect){.status = -1,
	        .ended_by = -1,
	        .goal = -1,
	        .opted_out = -1,
	        .heard_message = -1,
	        .duration_max = DD_NEVER,
	        .first_words = DD_NEVER,
	        .under = {DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}}};
	if (!node)
		return;
	e->span = node->span;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, node, "expect", "a mapping");
		return;
	}
	(void)dd_read_keys(&r->l.doc, node, DD_KEYS("expect", names), at);
	e->status =
	        load_cell(r, at[STATUS], DD_CELL_STATUS, "status", read_status, &e->status_span);
	e->ended_by = load_cell(
	        r, at[ENDED], DD_CELL_ENDED_BY, "ended_by", read_ended_by, &e->ended_by_span);
	load_answers(r, at[ANSWERS], e);
	(void)suite_want(r, at[DIGITS], "digits", WANT_WHOLE, &e->digits);
	load_between(r, at[DURATION], e);
	e->visited = load_steps(r, at[VISITED], "visited", &e->nvisited);
	e->not_visited = load_steps(r, at[NOT_VISITED], "not_visited", &e->nnot_visited);
	e->counts = ARRAY(r, DD_COUNTS_MAX, struct dd_count_want);
	load_never(r, at[NEVER], e);
	load_count(r, at[COUNTS], e);
	(void)suite_want(r, at[LEFT], "left_on_machine", WANT_PART, &e->left_on_machine);
	load_anytime(r, at[ANYTIME], e);
	load_verbs(r, at[VERBS], e);
	load_limits(r, at[UNDER_], &e->under, true);
	e->first_words = suite_cell(
	        r, at[FIRST], DD_CELL_FIRST_WORDS, "first_words_within", suite_read_ms, DD_NEVER);
	e->first_words_span = at[FIRST] ? at[FIRST]->span : e->span;
	e->goal = load_cell(r, at[GOAL], DD_CELL_GOAL, "goal", read_flag, &e->goal_span);
	e->opted_out = load_cell(
	        r, at[OPTED], DD_CELL_OPTED_OUT, "opted_out", read_flag, &e->opted_out_span);
	e->heard_message = load_cell(r, at[MESSAGE], DD_CELL_HEARD_MESSAGE, "heard_message",
	        read_flag, &e->heard_message_span);
}
