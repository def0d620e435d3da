/* *.test.yaml → suite, on the loader of flows. Faults are collected; loading goes on to find more. */
#include "scenario/suite.h"

#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/csv.h"
#include "flow/load.h"

struct reader {
	struct dd_loader l; /* faults, keys, scalars; its program holds only stubs */
	struct dd_suite *suite;
	struct dd_program scratch;
	const struct dd_table *table; /* of the scenario at hand */
};

static const dd_ms HOUR_MS = (dd_ms)3600 * 1000;

#define ARRAY(r, n, type) ((type *)dd_arena_alloc((r)->suite->arena, ((size_t)(n) + 1) * sizeof(type)))

/* -- steps by name ------------------------------------------------------------------------------------------------ */

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

static bool asks(const struct dd_program *p, uint32_t step)
{
	return dd_step_asks(p, step, NULL);
}

/* Flows that a call is transferred to have ids of their own: of steps with one name the first that `fits` (may be NULL) is meant. */
static uint32_t load_step(struct reader *r, const struct dd_node *node, const char *what, bool (*fits)(const struct dd_program *, uint32_t))
{
	const struct dd_program *p = r->suite->program;
	struct dd_str name;
	if (!dd_load_text(&r->l, node, what, &name))
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
	const char *near = dd_nearest(name, names, n);
	struct dd_diag *d = dd_load_fault(&r->l, "unknown-step", node->span, "the flow has no step \"%.*s\"", (int)name.n, name.p);
	d->hint = near ? dd_arena_format(r->suite->arena, "did you mean \"%s\"?", near)
		       : "a step without an id is called line-N, N being its line in the flow";
	free(names);
	return DD_NONE;
}

/* -- wanted texts -------------------------------------------------------------------------------------------------- */

static bool known_value(const struct reader *r, struct dd_str name)
{
	const struct dd_program *p = r->suite->program;
	for (uint32_t i = 0; r->table && i < r->table->ncolumns; i++)
		if (dd_str_same(r->table->names[i], name))
			return true;
	for (uint32_t i = 0; i < p->nslots; i++)
		if (dd_str_is(name, p->slots[i].name))
			return true;
	return false;
}

static void unknown_value(struct reader *r, struct dd_span span, struct dd_str name)
{
	const struct dd_program *p = r->suite->program;
	const char **names = dd_alloc((p->nslots + DD_COLUMNS_MAX + 1) * sizeof *names);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nslots; i++)
		names[n++] = p->slots[i].name;
	for (uint32_t i = 0; r->table && i < r->table->ncolumns; i++)
		names[n++] = dd_arena_copy(r->suite->arena, r->table->names[i].p, r->table->names[i].n);
	const char *near = dd_nearest(name, names, n);
	struct dd_diag *d = dd_load_fault(&r->l, "placeholder-unknown", span, "no value is called \"%.*s\"", (int)name.n, name.p);
	if (near)
		d->hint = dd_arena_format(r->suite->arena, "did you mean \"%s\"?", near);
	else
		d->hint = "a column of the rows, a variable, or a value of the call; {{ and }} are braces";
	free(names);
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
			dd_load_fault(&r->l, "placeholder-open", span, "a brace is not closed")->hint = "write {{ or }} for a brace";
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
		dd_load_fault(&r->l, "bad-regex", want->span, "at character %zu of the expression: %s",
			      dd_utf8_count((struct dd_str){pattern.p, at}) + 1, err.text);
}

enum want_use { WANT_PART, WANT_WHOLE }; /* of the words; or exactly */

static bool load_want(struct reader *r, const struct dd_node *node, const char *what, enum want_use use, struct dd_want *out)
{
	struct dd_str text;
	if (!node || !dd_load_text(&r->l, node, what, &text))
		return false;
	*out = (struct dd_want){.text = {text.p ? text.p : "", text.n}, .span = node->span};
	if (text.n > DD_TEXT_BYTES_MAX) {
		dd_load_fault(&r->l, "limit-text", node->span, "a text may have at most 4,096 characters");
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
		dd_load_fault(&r->l, "empty-text", node->span, "%s has no words", what);
	out->folded = (struct dd_str){dd_arena_copy(r->suite->arena, folded.p ? folded.p : "", folded.n), folded.n};
	dd_buf_free(&folded);
	return true;
}

static void load_limits(struct reader *r, const struct dd_node *node, struct dd_limits *out)
{
	enum { WARN, FAIL, OF, COUNT };
	static const char *const names[COUNT] = {"warn", "fail", "of"};
	struct dd_node *at[COUNT];
	*out = (struct dd_limits){DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}};
	if (!node)
		return;
	out->span = node->span;
	if (node->kind == DD_SCALAR) {
		dd_load_duration(&r->l, node, "heard_under", HOUR_MS * 4, &out->fail);
		return;
	}
	if (node->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, node, "heard_under", "a duration, or a mapping with warn and fail");
		return;
	}
	bool known = dd_load_keys(&r->l, node, DD_KEYS("heard_under", names), at);
	dd_load_duration(&r->l, at[WARN], "warn", HOUR_MS * 4, &out->warn);
	dd_load_duration(&r->l, at[FAIL], "fail", HOUR_MS * 4, &out->fail);
	if (at[OF] && at[OF]->kind == DD_SCALAR && dd_str_is(at[OF]->text, "prompt"))
		out->of = DD_OF_PROMPT;
	else if (at[OF] && at[OF]->kind == DD_SCALAR && dd_str_is(at[OF]->text, "stretch"))
		out->of = DD_OF_STRETCH;
	else if (at[OF])
		dd_load_fault(&r->l, "bad-value", at[OF]->span, "of is prompt, or stretch (without a chance to press a key)");
	if (!at[WARN] && !at[FAIL] && known)
		dd_load_fault(&r->l, "missing-key", node->span, "heard_under needs warn or fail");
}

/* -- script ---------------------------------------------------------------------------------------------------------- */

static const char *const ITEM_KEYS[] = {
#define ITEM(NAME, key, summary) key,
	DD_ITEMS(ITEM)
#undef ITEM
	"heard_under", "first_words_within", "within"};
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
			dd_load_fault(&r->l, "bad-key", keys->span, list ? "keys are given as in 2,-,4321#" : "keys are 0 to 9, * and #");
			return;
		}
	}
	if (keys->text.n == 0)
		dd_load_fault(&r->l, "bad-key", keys->span, "no key is given");
}

static void load_press(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { KEYS, AFTER, GAP, DURING, COUNT };
	static const char *const names[COUNT] = {"keys", "after", "gap", "during"};
	struct dd_node *at[COUNT] = {NULL};
	bool known = true;
	if (node->kind == DD_MAP)
		known = dd_load_keys(&r->l, node, DD_KEYS("press", names), at);
	else
		at[KEYS] = (struct dd_node *)node;
	if (!at[KEYS] && known)
		dd_load_fault(&r->l, "missing-key", node->span, "press needs keys");
	(void)load_want(r, at[KEYS], "keys", WANT_WHOLE, &it->keys);
	dd_load_duration(&r->l, at[AFTER], "after", HOUR_MS * 4, &it->after);
	dd_load_duration(&r->l, at[GAP], "gap", HOUR_MS, &it->gap);
	(void)load_want(r, at[DURING], "during", WANT_PART, &it->text);
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
		dd_load_wrong_kind(&r->l, node, "hang_up", "nothing, or a mapping with after or during");
		return;
	}
	(void)dd_load_keys(&r->l, node, DD_KEYS("hang_up", names), at);
	dd_load_duration(&r->l, at[AFTER], "after", HOUR_MS * 4, &it->after);
	(void)load_want(r, at[DURING], "during", WANT_PART, &it->text);
}

static void load_sms(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { TEXT, TO, SENDER, COUNT };
	static const char *const names[COUNT] = {"text", "to", "sender"};
	struct dd_node *at[COUNT] = {NULL};
	if (node->kind == DD_MAP)
		(void)dd_load_keys(&r->l, node, DD_KEYS("sms", names), at);
	else
		at[TEXT] = (struct dd_node *)node;
	(void)load_want(r, at[TEXT], "the message", WANT_PART, &it->text);
	(void)load_want(r, at[TO], "to", WANT_WHOLE, &it->to);
	(void)load_want(r, at[SENDER], "sender", WANT_WHOLE, &it->sender);
}

static void load_query(struct reader *r, const struct dd_node *map, struct dd_item *it)
{
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, map, "query", "a mapping from parameters to values");
		return;
	}
	it->query = ARRAY(r, map->n, struct dd_named_want);
	for (uint32_t i = 0; i < map->n; i++) {
		it->query[it->nquery].name = map->pairs[i].key->text;
		if (load_want(r, map->pairs[i].value, "a parameter", WANT_WHOLE, &it->query[it->nquery].want))
			it->nquery++;
	}
}

static void load_request(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	enum { ID, QUERY, URL, METHOD, COUNT };
	static const char *const names[COUNT] = {"id", "query", "url", "method"};
	struct dd_node *at[COUNT] = {NULL};
	it->step = DD_NONE;
	if (node->kind == DD_MAP)
		(void)dd_load_keys(&r->l, node, DD_KEYS("request", names), at);
	else
		at[ID] = (struct dd_node *)node;
	if (at[ID])
		it->step = load_step(r, at[ID], "id", asks);
	load_query(r, at[QUERY], it);
	(void)load_want(r, at[URL], "url", WANT_PART, &it->text);
	if (at[METHOD] && dd_load_text(&r->l, at[METHOD], "method", &it->method) && !dd_str_is(it->method, "GET") &&
	    !dd_str_is(it->method, "POST"))
		dd_load_fault(&r->l, "bad-method", at[METHOD]->span, "the method is GET or POST");
}

static const char *const ENDED_BY[] = {"", "flow", "customer", "dropped", "time-limit", "runaway", "not-answered"};

/* A word of a list (those that are not empty): its index, or -1 after a fault. */
static int load_word(struct reader *r, const struct dd_node *node, const char *what, const char *const *words, size_t n)
{
	struct dd_str text;
	if (!dd_load_text(&r->l, node, what, &text))
		return -1;
	struct dd_buf all = {0};
	for (size_t i = 0; i < n; i++) {
		if (*words[i] && dd_str_is(text, words[i])) {
			dd_buf_free(&all);
			return (int)i;
		}
		if (*words[i])
			dd_buf_format(&all, "%s%s", all.n ? ", " : "", words[i]);
	}
	struct dd_diag *d = dd_load_fault(&r->l, "bad-value", node->span, "%s is one of %s", what, all.p);
	const char *near = dd_nearest(text, words, n);
	if (near)
		d->hint = dd_arena_format(r->suite->arena, "did you mean \"%s\"?", near);
	dd_buf_free(&all);
	return -1;
}
#define LOAD_WORD(r, node, what, words) load_word(r, node, what, words, sizeof(words) / sizeof *(words))

static void load_item_value(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	int by;
	switch (it->kind) {
	case DD_IT_HEAR: (void)load_want(r, node, "hear", WANT_PART, &it->text); break;
	case DD_IT_PRESS: load_press(r, node, it); break;
	case DD_IT_KEYS:
		(void)load_want(r, node, "keys", WANT_WHOLE, &it->keys);
		check_keys(r, it);
		break;
	case DD_IT_WAIT: dd_load_duration(&r->l, node, "wait", HOUR_MS * 4, &it->after); break;
	case DD_IT_SMS: load_sms(r, node, it); break;
	case DD_IT_REQUEST: load_request(r, node, it); break;
	case DD_IT_SILENCE: dd_load_duration(&r->l, node, "silence", HOUR_MS * 4, &it->after); break;
	case DD_IT_HANG_UP: load_hang_up(r, node, it); break;
	case DD_IT_ENDED_BY:
		by = LOAD_WORD(r, node, "ended_by", ENDED_BY);
		it->by = by > 0 ? (enum dd_ended_by)by : DD_ENDED_NOT_YET;
		break;
	case DD_ITEMS_COUNT: break;
	}
}

static bool load_item(struct reader *r, const struct dd_node *node, struct dd_item *it)
{
	struct dd_node *at[ITEM_KEYS_COUNT];
	*it = (struct dd_item){.span = node->span, .gap = 200, .first_words = DD_NEVER, .within = DD_NEVER, .under = {DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}}};
	if (node->kind == DD_SCALAR && dd_str_is(node->text, "hang_up")) {
		it->kind = DD_IT_HANG_UP;
		return true;
	}
	if (node->kind != DD_MAP) {
		struct dd_diag *d = dd_load_fault(&r->l, "bad-item", node->span, "an item is \"hang_up\" or a mapping with one of hear, "
						  "press, keys, wait, sms, request, silence, hang_up and ended_by");
		const char *near = node->kind == DD_SCALAR ? dd_nearest(node->text, ITEM_KEYS, DD_ITEMS_COUNT) : NULL;
		if (near)
			d->hint = dd_arena_format(r->suite->arena, "did you mean \"%s\"?", near);
		return false;
	}
	bool known = dd_load_keys(&r->l, node, DD_KEYS("an item", ITEM_KEYS), at);
	int given = 0;
	for (int i = 0; i < DD_ITEMS_COUNT; i++)
		if (at[i])
			given++, it->kind = (enum dd_item_kind)i;
	if (given != 1) {
		if (given || known)
			dd_load_fault(&r->l, given ? "too-many-keys" : "missing-key", node->span,
				      "an item does exactly one thing; this one does %d", given);
		return false;
	}
	if ((at[UNDER] || at[FIRST_WORDS]) && it->kind != DD_IT_HEAR)
		dd_load_fault(&r->l, "bad-item", node->span, "heard_under and first_words_within belong to hear, or to expect");
	if (at[WITHIN] && it->kind != DD_IT_HEAR && it->kind != DD_IT_ENDED_BY)
		dd_load_fault(&r->l, "bad-item", at[WITHIN]->span, "within belongs to hear and ended_by");
	it->span = at[it->kind]->span;
	if (at[it->kind]->kind != DD_SCALAR || it->span.end == it->span.start)
		it->span = node->span;
	load_item_value(r, at[it->kind], it);
	load_limits(r, at[UNDER], &it->under);
	dd_load_duration(&r->l, at[FIRST_WORDS], "first_words_within", HOUR_MS, &it->first_words);
	dd_load_duration(&r->l, at[WITHIN], "within", HOUR_MS * 4, &it->within);
	return true;
}

static struct dd_item *load_items(struct reader *r, const struct dd_node *list, const char *what, uint32_t *n)
{
	*n = 0;
	if (!list)
		return NULL;
	if (list->kind != DD_LIST) {
		dd_load_wrong_kind(&r->l, list, what, "a list");
		return NULL;
	}
	struct dd_item *items = ARRAY(r, list->n, struct dd_item);
	for (uint32_t i = 0; i < list->n; i++)
		if (load_item(r, list->items[i], &items[*n]))
			(*n)++;
	return items;
}

/* -- expect ---------------------------------------------------------------------------------------------------------- */

/* A list, or the one thing that stands for it. */
static uint32_t items_of(const struct dd_node *node, struct dd_node *const **items)
{
	static _Thread_local struct dd_node *one;
	one = (struct dd_node *)node;
	*items = node->kind == DD_LIST ? node->items : &one;
	return node->kind == DD_LIST ? node->n : 1;
}

static struct dd_step_want *load_steps(struct reader *r, const struct dd_node *node, const char *what, uint32_t *n)
{
	struct dd_node *const *items;
	*n = 0;
	if (!node)
		return NULL;
	uint32_t count = items_of(node, &items);
	struct dd_step_want *steps = ARRAY(r, count, struct dd_step_want);
	for (uint32_t i = 0; i < count; i++) {
		uint32_t step = load_step(r, items[i], what, NULL);
		if (step != DD_NONE)
			steps[(*n)++] = (struct dd_step_want){step, items[i]->span};
	}
	return steps;
}

static void load_never(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	struct dd_node *const *items;
	if (!node)
		return;
	uint32_t count = items_of(node, &items);
	e->never = ARRAY(r, count, struct dd_want);
	for (uint32_t i = 0; i < count; i++)
		if (load_want(r, items[i], "never", WANT_PART, &e->never[e->nnever]))
			e->nnever++;
}

/* In `anytime` a bare text is one that is heard. */
static void load_anytime(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	struct dd_node *const *items;
	if (!node)
		return;
	uint32_t count = items_of(node, &items);
	e->anytime = ARRAY(r, count, struct dd_item);
	for (uint32_t i = 0; i < count; i++) {
		struct dd_item *it = &e->anytime[e->nanytime];
		bool fine;
		if (items[i]->kind == DD_SCALAR) {
			*it = (struct dd_item){.kind = DD_IT_HEAR, .span = items[i]->span, .first_words = DD_NEVER,
					       .within = DD_NEVER, .under = {DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}}};
			fine = load_want(r, items[i], "anytime", WANT_PART, &it->text);
		} else {
			fine = load_item(r, items[i], it);
		}
		if (fine && it->kind != DD_IT_HEAR && it->kind != DD_IT_SMS && it->kind != DD_IT_REQUEST) {
			dd_load_fault(&r->l, "bad-item", items[i]->span, "anytime takes texts, hear, sms and request");
			fine = false;
		}
		e->nanytime += fine;
	}
}

static void load_answers(struct reader *r, const struct dd_node *map, struct dd_expect *e)
{
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, map, "answers", "a mapping from menus to answers");
		return;
	}
	e->answers = ARRAY(r, map->n, struct dd_answer_want);
	for (uint32_t i = 0; i < map->n; i++) {
		struct dd_answer_want *a = &e->answers[e->nanswers];
		const struct dd_node *value = map->pairs[i].value;
		a->step = load_step(r, map->pairs[i].key, "a menu", is_menu);
		if (a->step == DD_NONE)
			continue;
		a->none = dd_node_is_null(value);
		a->want.span = value->span.end > value->span.start ? value->span : map->pairs[i].key->span;
		if (r->suite->program->steps[a->step].applet != DD_IVR)
			dd_load_fault(&r->l, "unknown-step", map->pairs[i].key->span, "\"%.*s\" is no menu", (int)map->pairs[i].key->text.n,
				      map->pairs[i].key->text.p);
		else if (a->none || load_want(r, value, "an answer", WANT_WHOLE, &a->want))
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
		dd_load_wrong_kind(&r->l, node, "duration", "a mapping with min or max");
		return;
	}
	(void)dd_load_keys(&r->l, node, DD_KEYS("duration", names), at);
	dd_load_duration(&r->l, at[MIN], "min", HOUR_MS * 4, &e->duration_min);
	dd_load_duration(&r->l, at[MAX], "max", HOUR_MS * 4, &e->duration_max);
}

static int load_flag(struct reader *r, const struct dd_node *node, const char *what, struct dd_span *span)
{
	bool value = false;
	if (!node)
		return -1;
	*span = node->span;
	dd_load_bool(&r->l, node, what, &value);
	return value;
}

static void load_expect(struct reader *r, const struct dd_node *node, struct dd_expect *e)
{
	enum { STATUS, ENDED, ANSWERS, DIGITS, DURATION, VISITED, NOT_VISITED, NEVER, ANYTIME, UNDER_, FIRST, GOAL, OPTED, MESSAGE, COUNT };
	static const char *const names[COUNT] = {"status",	"ended_by", "answers", "digits",      "duration",
						 "visited",	"not_visited", "never", "anytime",    "heard_under",
						 "first_words_within", "goal", "opted_out", "heard_message"};
	static const char *const statuses[] = {"completed", "busy", "no-answer", "failed", "canceled"};
	struct dd_node *at[COUNT] = {NULL};
	*e = (struct dd_expect){.status = -1, .ended_by = -1, .goal = -1, .opted_out = -1, .heard_message = -1,
				.duration_max = DD_NEVER, .first_words = DD_NEVER, .under = {DD_NEVER, DD_NEVER, DD_OF_BOTH, {0, 0}}};
	if (!node)
		return;
	e->span = node->span;
	if (node->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, node, "expect", "a mapping");
		return;
	}
	(void)dd_load_keys(&r->l, node, DD_KEYS("expect", names), at);
	if (at[STATUS]) {
		e->status = LOAD_WORD(r, at[STATUS], "status", statuses);
		e->status_span = at[STATUS]->span;
	}
	if (at[ENDED]) {
		e->ended_by = LOAD_WORD(r, at[ENDED], "ended_by", ENDED_BY);
		e->ended_by_span = at[ENDED]->span;
	}
	load_answers(r, at[ANSWERS], e);
	(void)load_want(r, at[DIGITS], "digits", WANT_WHOLE, &e->digits);
	load_between(r, at[DURATION], e);
	e->visited = load_steps(r, at[VISITED], "visited", &e->nvisited);
	e->not_visited = load_steps(r, at[NOT_VISITED], "not_visited", &e->nnot_visited);
	load_never(r, at[NEVER], e);
	load_anytime(r, at[ANYTIME], e);
	load_limits(r, at[UNDER_], &e->under);
	dd_load_duration(&r->l, at[FIRST], "first_words_within", HOUR_MS, &e->first_words);
	e->first_words_span = at[FIRST] ? at[FIRST]->span : e->span;
	e->goal = load_flag(r, at[GOAL], "goal", &e->goal_span);
	e->opted_out = load_flag(r, at[OPTED], "opted_out", &e->opted_out_span);
	e->heard_message = load_flag(r, at[MESSAGE], "heard_message", &e->heard_message_span);
}

/* -- given ----------------------------------------------------------------------------------------------------------- */

static bool can_be_given(const struct dd_program *p, uint32_t slot)
{
	return p->slots[slot].variable || slot == DD_SLOT_CUSTOM_FIELD || slot == DD_SLOT_CALL_TO || slot == DD_SLOT_ATTEMPT;
}

static uint32_t variable_named(const struct dd_program *p, struct dd_str name)
{
	for (uint32_t i = 0; i < p->nslots; i++)
		if (can_be_given(p, i) && dd_str_is(name, p->slots[i].name))
			return i;
	return DD_NONE;
}

static void load_variables(struct reader *r, const struct dd_node *map, struct dd_given *g)
{
	const struct dd_program *p = r->suite->program;
	if (!map || dd_node_is_null(map))
		return;
	if (map->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, map, "variables", "a mapping from names to values");
		return;
	}
	g->variables = ARRAY(r, map->n, struct dd_named_want);
	for (uint32_t i = 0; i < map->n; i++) {
		struct dd_str name = map->pairs[i].key->text;
		if (variable_named(p, name) == DD_NONE) {
			const char **names = dd_alloc((p->nslots + 1) * sizeof *names);
			size_t n = 0;
			for (uint32_t s = 0; s < p->nslots; s++)
				if (can_be_given(p, s))
					names[n++] = p->slots[s].name;
			const char *near = dd_nearest(name, names, n);
			struct dd_diag *d = dd_load_fault(&r->l, "unknown-variable", map->pairs[i].key->span,
							  "the flow declares no variable \"%.*s\"", (int)name.n, name.p);
			if (near)
				d->hint = dd_arena_format(r->suite->arena, "did you mean \"%s\"?", near);
			free(names);
		} else if (load_want(r, map->pairs[i].value, "a variable's value", WANT_WHOLE, &g->variables[g->nvariables].want)) {
			g->variables[g->nvariables++].name = (struct dd_str){dd_arena_copy(r->suite->arena, name.p, name.n), name.n};
		}
	}
}

bool dd_step_asks(const struct dd_program *p, uint32_t step, bool *answered)
{
	const struct dd_step *s = &p->steps[step];
	uint32_t prompts[3] = {DD_NONE, DD_NONE, DD_NONE};
	bool asks = s->applet == DD_PASSTHRU, all = !asks || s->passthru.nstubs > 0;
	if (s->applet == DD_GREETING) {
		prompts[0] = s->greeting.prompt;
	} else if (s->applet == DD_IVR) {
		prompts[0] = s->ivr.prompt;
		prompts[1] = s->ivr.invalid;
		prompts[2] = s->ivr.silence;
	}
	for (int i = 0; i < 3; i++) {
		const struct dd_segment *g = prompts[i] == DD_NONE ? NULL : &p->segments[p->prompts[prompts[i]].first];
		if (!g || g->kind != DD_SEG_URL)
			continue;
		asks = true;
		all = all && g->nstubs > 0;
	}
	if (answered)
		*answered = all;
	return asks;
}

static void load_given_stubs(struct reader *r, const struct dd_node *map, struct dd_given *g)
{
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, map, "stubs", "a mapping from steps to answers");
		return;
	}
	g->stubs = ARRAY(r, map->n, struct dd_stub_want);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *value = map->pairs[i].value;
		struct dd_stub_want *w = &g->stubs[g->nstubs];
		struct dd_node *const *items;
		w->step = load_step(r, map->pairs[i].key, "a step", asks);
		if (w->step == DD_NONE)
			continue;
		if (!dd_step_asks(r->suite->program, w->step, NULL)) {
			dd_load_fault(&r->l, "unknown-step", map->pairs[i].key->span, "\"%.*s\" asks no server",
				      (int)map->pairs[i].key->text.n, map->pairs[i].key->text.p);
			continue;
		}
		w->once = value->kind == DD_LIST;
		w->span = map->pairs[i].key->span;
		uint32_t count = items_of(value, &items);
		w->spans = ARRAY(r, count, struct dd_span);
		for (uint32_t j = 0; j < count; j++)
			w->spans[j] = items[j]->span;
		if (w->once && count == 0)
			w->n = 0, w->first = 0;
		else
			dd_load_stubs(&r->l, value, &w->first, &w->n);
		g->nstubs++;
	}
}

static void load_given(struct reader *r, const struct dd_node *node, struct dd_given *g)
{
	enum { VARIABLES, ANSWERED_BY, STUBS, AT, FROM, TIME_LIMIT, RING_TIMEOUT, COUNT };
	static const char *const names[COUNT] = {"variables", "answered_by", "stubs", "at", "from", "time_limit", "ring_timeout"};
	static const char *const who[] = {"human", "machine", "busy", "no-answer", "failed", "canceled"};
	struct dd_node *at[COUNT];
	struct dd_str time;
	if (!node)
		return;
	if (node->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, node, "given", "a mapping");
		return;
	}
	(void)dd_load_keys(&r->l, node, DD_KEYS("given", names), at);
	load_variables(r, at[VARIABLES], g);
	int by = at[ANSWERED_BY] ? LOAD_WORD(r, at[ANSWERED_BY], "answered_by", who) : 0;
	g->answered_by = by > 0 ? (enum dd_answered_by)by : DD_BY_HUMAN;
	load_given_stubs(r, at[STUBS], g);
	if (at[AT] && dd_load_text(&r->l, at[AT], "at", &time)) {
		g->at_given = dd_time_parse(time, &g->at);
		if (!g->at_given)
			dd_load_fault(&r->l, "bad-time", at[AT]->span, "a time is 2025-01-20T10:00:00+05:30");
	}
	(void)load_want(r, at[FROM], "from", WANT_WHOLE, &g->from);
	dd_load_duration(&r->l, at[TIME_LIMIT], "time_limit", HOUR_MS * 4, &g->time_limit);
	dd_load_duration(&r->l, at[RING_TIMEOUT], "ring_timeout", 600000, &g->ring_timeout);
}

/* -- rows ------------------------------------------------------------------------------------------------------------ */

static uint32_t column(struct reader *r, struct dd_table *t, struct dd_str name, struct dd_span span)
{
	for (uint32_t i = 0; i < t->ncolumns; i++)
		if (dd_str_same(t->names[i], name))
			return i;
	if (t->ncolumns == DD_COLUMNS_MAX) {
		dd_load_fault(&r->l, "limit-columns", span, "rows may have at most %d columns", DD_COLUMNS_MAX);
		return DD_NONE;
	}
	t->slots[t->ncolumns] = variable_named(r->suite->program, name);
	t->names[t->ncolumns] = name;
	return t->ncolumns++;
}

static void load_rows(struct reader *r, const struct dd_node *list, struct dd_table *t)
{
	if (list->kind != DD_LIST || list->n == 0) {
		dd_load_wrong_kind(&r->l, list, "rows", "a list of mappings");
		return;
	}
	t->rows = ARRAY(r, list->n, struct dd_row);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct dd_node *row = list->items[i];
		if (row->kind != DD_MAP) {
			dd_load_wrong_kind(&r->l, row, "a row", "a mapping from columns to values");
			continue;
		}
		struct dd_row *out = &t->rows[t->nrows++];
		out->n = t->ncolumns + row->n < DD_COLUMNS_MAX ? t->ncolumns + row->n : DD_COLUMNS_MAX;
		out->values = ARRAY(r, out->n, struct dd_str);
		out->line = dd_source_place(r->suite->source, row->span.start).line;
		for (uint32_t j = 0; j < row->n; j++) {
			const struct dd_node *key = row->pairs[j].key, *value = row->pairs[j].value;
			uint32_t c = column(r, t, key->text, key->span);
			struct dd_str text;
			if (c != DD_NONE && !dd_node_is_null(value) && dd_load_text(&r->l, value, "a column", &text))
				out->values[c] = (struct dd_str){text.p ? text.p : "", text.n};
		}
	}
}

/* A path as it is seen from the scenario file. */
static const char *beside(struct reader *r, const char *file)
{
	char *own = dd_arena_copy(r->suite->arena, r->suite->path, strlen(r->suite->path));
	const char *dir = strcmp(own, "-") == 0 ? "." : dirname(own);
	return file[0] == '/' || strcmp(dir, ".") == 0 ? file : dd_arena_format(r->suite->arena, "%s/%s", dir, file);
}

static void load_rows_file(struct reader *r, const struct dd_node *node, struct dd_table *t)
{
	struct dd_arena *arena = r->suite->arena;
	struct dd_str name, fields[DD_COLUMNS_MAX];
	struct dd_source *source;
	struct dd_error err;
	if (!dd_load_text(&r->l, node, "rows_file", &name))
		return;
	const char *path = beside(r, dd_arena_copy(arena, name.p, name.n));
	if (dd_source_read(arena, path, DD_ROWS_FILE_BYTES_MAX, &source, &err) != DD_OK) {
		dd_load_fault(&r->l, "missing-file", node->span, "cannot read \"%s\": %s", path, err.text);
		return;
	}
	t->path = path;
	size_t at = 0, valid = dd_utf8_valid(source->text), n;
	bool open = false;
	if (valid < source->text.n) {
		dd_load_fault(&r->l, "bad-utf8", node->span, "%s is not UTF-8 at line %u", path, dd_source_place(source, (uint32_t)valid).line);
		return;
	}
	n = dd_csv_record(arena, source->text, &at, fields, DD_COLUMNS_MAX, &open);
	for (size_t i = 0; i < n && i < DD_COLUMNS_MAX; i++)
		(void)column(r, t, dd_str_trim(fields[i]), node->span);
	if (n == 0 || n > DD_COLUMNS_MAX || t->ncolumns != n) {
		dd_load_fault(&r->l, "bad-rows", node->span, "the first line of %s must name 1 to %d columns, each once", path, DD_COLUMNS_MAX);
		return;
	}
	uint32_t cap = 0;
	struct dd_row *rows = NULL;
	for (;;) {
		size_t from = at;
		n = dd_csv_record(arena, source->text, &at, fields, DD_COLUMNS_MAX, &open);
		if (n == 0)
			break;
		while (from < at && (source->text.p[from] == '\n' || source->text.p[from] == '\r'))
			from++;
		uint32_t line = dd_source_place(source, (uint32_t)from).line;
		if (n != t->ncolumns || open || t->nrows == DD_ROWS_MAX) {
			if (t->nrows == DD_ROWS_MAX)
				dd_load_fault(&r->l, "limit-rows", node->span, "rows may be at most %d", DD_ROWS_MAX);
			else
				dd_load_fault(&r->l, "bad-rows", node->span, "%s:%u: %zu column%s where the first line names %u%s", path, line, n,
					      n == 1 ? "" : "s", t->ncolumns, open ? " (a quote is not closed)" : "");
			break;
		}
		struct dd_row *row = &DD_PUSH(rows, t->nrows, cap);
		row->values = ARRAY(r, t->ncolumns, struct dd_str);
		row->n = t->ncolumns;
		row->line = line;
		memcpy(row->values, fields, n * sizeof *fields);
	}
	t->rows = dd_arena_alloc(arena, (t->nrows + 1) * sizeof *rows);
	if (t->nrows)
		memcpy(t->rows, rows, t->nrows * sizeof *rows);
	free(rows);
	if (t->nrows == 0)
		dd_load_fault(&r->l, "bad-rows", node->span, "%s has no rows below its first line", path);
}

/* -- the file ---------------------------------------------------------------------------------------------------------- */

static void load_tags(struct reader *r, const struct dd_node *node, struct dd_scenario *s)
{
	struct dd_node *const *items;
	if (!node)
		return;
	uint32_t count = items_of(node, &items);
	s->tags = ARRAY(r, count, struct dd_str);
	for (uint32_t i = 0; i < count; i++)
		if (dd_load_text(&r->l, items[i], "a tag", &s->tags[s->ntags]))
			s->ntags++;
}

static void load_scenario(struct reader *r, const struct dd_node *node)
{
	enum { NAME, TAGS, GIVEN, SCRIPT, EXPECT, ROWS, ROWS_FILE, COUNT };
	static const char *const names[COUNT] = {"name", "tags", "given", "script", "expect", "rows", "rows_file"};
	struct dd_node *at[COUNT];
	if (node->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, node, "a scenario", "a mapping");
		return;
	}
	bool known = dd_load_keys(&r->l, node, DD_KEYS("a scenario", names), at);
	struct dd_scenario s = {.span = {node->span.start, node->span.start + 1}};
	s.line = dd_source_place(r->suite->source, node->span.start).line;
	s.last_line = UINT32_MAX;
	if (r->suite->nscenarios)
		r->suite->scenarios[r->suite->nscenarios - 1].last_line = s.line - 1;
	s.table.names = ARRAY(r, DD_COLUMNS_MAX, struct dd_str);
	s.table.slots = ARRAY(r, DD_COLUMNS_MAX, uint32_t);
	r->table = &s.table;
	if (at[ROWS] && at[ROWS_FILE])
		dd_load_fault(&r->l, "too-many-keys", at[ROWS_FILE]->span, "a scenario has rows or rows_file, not both");
	else if (at[ROWS])
		load_rows(r, at[ROWS], &s.table);
	else if (at[ROWS_FILE])
		load_rows_file(r, at[ROWS_FILE], &s.table);
	if (at[NAME])
		(void)load_want(r, at[NAME], "a scenario's name", WANT_WHOLE, &s.name);
	else if (known)
		dd_load_fault(&r->l, "missing-key", s.span, "the scenario has no name")->hint = "add \"name: …\"";
	if (at[NAME])
		s.span = at[NAME]->span;
	load_tags(r, at[TAGS], &s);
	load_given(r, at[GIVEN], &s.given);
	s.script = load_items(r, at[SCRIPT], "a script", &s.nscript);
	load_expect(r, at[EXPECT], &s.expect);
	if (!at[SCRIPT] && !at[EXPECT] && known)
		dd_load_fault(&r->l, "missing-key", s.span, "the scenario has neither a script nor an expect: it could not fail");
	DD_PUSH(r->suite->scenarios, r->suite->nscenarios, r->suite->cap_scenarios) = s;
	r->table = NULL;
}

static bool load_flow_of(struct reader *r, const struct dd_node *node, struct dd_span start, bool known)
{
	struct dd_suite *suite = r->suite;
	struct dd_str name;
	if (!node) {
		if (known)
			dd_load_fault(&r->l, "missing-key", start, "the file names no flow")->hint = "add \"flow: NAME.yaml\"";
		return false;
	}
	if (!dd_load_text(&r->l, node, "flow", &name))
		return false;
	const char *file = dd_arena_copy(suite->arena, name.p, name.n);
	const char *path = beside(r, file);
	struct dd_source *probe;
	struct dd_error err;
	if (name.n == 0 || strcmp(file, "-") == 0 || dd_source_read(suite->arena, path, DD_FILE_BYTES_MAX, &probe, &err) != DD_OK) {
		dd_load_fault(&r->l, "missing-file", node->span, "cannot read the flow \"%s\"%s%s", path, name.n ? ": " : "",
			      name.n ? err.text : "");
		return false;
	}
	suite->program = dd_program_load(path, &suite->diags);
	return suite->program != NULL;
}

static void load_suite(struct reader *r, const struct dd_node *root)
{
	enum { FLOW, SCENARIOS, COUNT };
	static const char *const names[COUNT] = {"flow", "scenarios"};
	struct dd_node *at[COUNT];
	struct dd_span start = {root->span.start, root->span.start + 1};
	if (root->kind != DD_MAP) {
		dd_load_wrong_kind(&r->l, root, "a scenario file", "a mapping with \"flow\" and \"scenarios\"");
		return;
	}
	for (uint32_t i = 0; i < root->n; i++) {
		if (dd_str_is(root->pairs[i].key->text, "steps")) {
			dd_load_fault(&r->l, "flow-not-scenarios", root->pairs[i].key->span, "this is a flow; scenarios are in *.test.yaml files")->hint =
				"drydial test FLOW --write-missing NAME.test.yaml writes some for it";
			return;
		}
	}
	bool known = dd_load_keys(&r->l, root, DD_KEYS("a scenario file", names), at);
	if (!load_flow_of(r, at[FLOW], start, known))
		return;
	if (!at[SCENARIOS] && known)
		dd_load_fault(&r->l, "missing-key", start, "the file has no scenarios")->hint = "add \"scenarios:\" with a list";
	else if (at[SCENARIOS] && at[SCENARIOS]->kind != DD_LIST)
		dd_load_wrong_kind(&r->l, at[SCENARIOS], "scenarios", "a list");
	for (uint32_t i = 0; at[SCENARIOS] && at[SCENARIOS]->kind == DD_LIST && i < at[SCENARIOS]->n; i++)
		load_scenario(r, at[SCENARIOS]->items[i]);
}

static struct dd_suite *suite_new(const char *path)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_suite *suite = dd_arena_alloc(arena, sizeof *suite);
	suite->arena = arena;
	suite->path = dd_arena_copy(arena, path, strlen(path));
	dd_diags_init(&suite->diags, arena);
	return suite;
}

static struct dd_suite *read_suite(struct dd_suite *suite, const struct dd_source *source)
{
	struct reader r = {.suite = suite};
	suite->source = source;
	r.l = (struct dd_loader){.program = &r.scratch, .arena = suite->arena, .diags = &suite->diags, .source = source};
	r.scratch.arena = suite->arena;
	const struct dd_node *root = dd_yaml_read(suite->arena, source, &suite->diags);
	if (root)
		load_suite(&r, root);
	suite->stubs = dd_arena_alloc(suite->arena, (r.scratch.nstubs + 1) * sizeof *suite->stubs);
	if (r.scratch.nstubs)
		memcpy(suite->stubs, r.scratch.stubs, r.scratch.nstubs * sizeof *suite->stubs);
	free(r.scratch.stubs);
	dd_diags_sort(&suite->diags);
	return suite;
}

struct dd_suite *dd_suite_load(const char *path)
{
	struct dd_suite *suite = suite_new(path);
	struct dd_source *source;
	struct dd_error err;
	if (dd_source_read(suite->arena, path, DD_FILE_BYTES_MAX, &source, &err) == DD_OK)
		return read_suite(suite, source);
	dd_diag(&suite->diags, DD_ERROR, "unreadable", NULL, (struct dd_span){0, 0}, "%s", err.text)->file = suite->path;
	return suite;
}

struct dd_suite *dd_suite_of_text(const char *path, struct dd_str text)
{
	struct dd_suite *suite = suite_new(path);
	struct dd_str copy = {dd_arena_copy(suite->arena, text.p, text.n), text.n};
	return read_suite(suite, dd_source_new(suite->arena, suite->path, copy));
}

struct dd_suite *dd_suite_of_flow(const char *path)
{
	struct dd_suite *suite = suite_new(path);
	suite->program = dd_program_load(path, &suite->diags);
	return suite;
}

void dd_suite_free(struct dd_suite *suite)
{
	if (!suite)
		return;
	for (size_t i = 0; i < suite->nregexes; i++)
		dd_regex_free(suite->regexes[i]);
	free(suite->regexes);
	free(suite->scenarios);
	dd_program_free(suite->program);
	dd_diags_fini(&suite->diags);
	struct dd_arena *arena = suite->arena;
	dd_arena_free(arena);
}
