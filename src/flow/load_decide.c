/* Applets that decide by what a call knows: branch, set, hours. */
#include <stdlib.h>
#include <string.h>

#include "doc/days.h"
#include "flow/load.h"

enum { DAY_MS = 24 * 3600 * 1000 };

const struct dd_pattern *dd_load_pattern(
        struct dd_loader *l, const struct dd_node *node, const char *what)
{
	struct dd_error err = {""};
	struct dd_str text;
	size_t at = 0;
	if (!dd_read_text(&l->doc, node, what, &text))
		return NULL;
	if (!dd_is_pattern(text)) {
		dd_read_fault(&l->doc, "bad-regex", node->span,
		        "%s is a regular expression between slashes", what)
		        ->hint = "such as \"/^[6-9][0-9]{9}$/\"";
		return NULL;
	}
	struct dd_pattern *pattern = dd_pattern_new(text, &err, &at);
	if (pattern)
		DD_PUSH(l->program->patterns, l->program->npatterns, l->program->cap_patterns) =
		        pattern;
	else
		dd_read_fault(&l->doc, "bad-regex", node->span,
		        "at character %zu of the expression: %s", at, err.text);
	return pattern;
}

/* -- branch ----------------------------------------------------------------- */

enum { IS, CONTAINS, MATCHES, BELOW, ABOVE, FROM, TO, EMPTY, THEN, GOTO, VOICE, CASE_KEYS };
static const char *const CASE_NAMES[CASE_KEYS] = {"is", "contains", "matches", "below", "above",
        "from", "to", "empty", "then", "goto", "voice"};

static void load_bound(struct dd_loader *l, const struct dd_node *node, const char *what,
        struct dd_decimal *out, bool *has)
{
	struct dd_str text;
	if (!node || !dd_read_text(&l->doc, node, what, &text))
		return;
	*has = dd_decimal_parse(text, out);
	if (!*has)
		dd_read_fault(&l->doc, "bad-number", node->span,
		        "%s is a number, and \"%.*s\" is none", what, (int)text.n, text.p);
}

static void load_texts(
        struct dd_loader *l, const struct dd_node *node, const char *what, struct dd_case *c)
{
	struct dd_node *const *items;
	struct dd_program *p = l->program;
	uint32_t n = dd_node_items(node, &items);
	if (n == 0)
		dd_read_fault(&l->doc, "empty-text", node->span, "%s needs a text", what);
	c->first_text = p->ntexts;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t text = dd_load_template(l, items[i], what, DD_USE_TEXT);
		if (text == DD_NONE)
			continue;
		DD_PUSH(p->texts, p->ntexts, p->cap_texts) = text;
		c->ntexts++;
	}
}

/* "is gold", "below 500", "from 1 to 9", for pictures and reports. */
static struct dd_str words_of(struct dd_loader *l, struct dd_node *const *at)
{
	struct dd_buf words = {0};
	for (int i = IS; i <= EMPTY; i++) {
		if (!at[i])
			continue;
		struct dd_node *const *items;
		uint32_t n = dd_node_items(at[i], &items);
		dd_buf_format(&words, "%s%s", words.n ? " " : "", CASE_NAMES[i]);
		for (uint32_t k = 0; k < n && i != EMPTY; k++)
			dd_buf_format(&words, "%s%.*s", k ? ", " : " ",
			        items[k]->kind == DD_SCALAR ? (int)items[k]->text.n : 0,
			        items[k]->kind == DD_SCALAR ? items[k]->text.p : "");
		if (i == EMPTY && n && items[0]->kind == DD_SCALAR &&
		        dd_str_is(items[0]->text, "false"))
			dd_buf_str(&words, ": false");
	}
	struct dd_str text = {
	        dd_arena_copy(l->doc.arena, words.p ? words.p : "", words.n), words.n};
	dd_buf_free(&words);
	return text;
}

static void load_test(struct dd_loader *l, const struct dd_node *map, struct dd_node *const *at,
        bool known, struct dd_case *c)
{
	int given = (at[FROM] || at[TO]) + !!at[IS] + !!at[CONTAINS] + !!at[MATCHES] + !!at[BELOW] +
	        !!at[ABOVE] + !!at[EMPTY];
	if (given != 1) {
		if (given || known)
			dd_read_fault(&l->doc, given ? "too-many-keys" : "missing-key", map->span,
			        "a case makes exactly one test; this one makes %d", given)
			        ->hint =
			        "is, contains, matches, below, above, from and to, or empty";
		return;
	}
	c->words = words_of(l, at);
	if (at[IS]) {
		c->test = DD_TEST_IS;
		load_texts(l, at[IS], "is", c);
	} else if (at[CONTAINS]) {
		c->test = DD_TEST_CONTAINS;
		load_texts(l, at[CONTAINS], "contains", c);
	} else if (at[MATCHES]) {
		c->test = DD_TEST_MATCHES;
		c->pattern = dd_load_pattern(l, at[MATCHES], "matches");
	} else if (at[BELOW]) {
		c->test = DD_TEST_BELOW;
		load_bound(l, at[BELOW], "below", &c->high, &c->has_high);
	} else if (at[ABOVE]) {
		c->test = DD_TEST_ABOVE;
		load_bound(l, at[ABOVE], "above", &c->low, &c->has_low);
	} else if (at[EMPTY]) {
		c->test = DD_TEST_EMPTY;
		c->empty = true;
		dd_read_bool(&l->doc, at[EMPTY], "empty", &c->empty);
	} else {
		c->test = DD_TEST_RANGE;
		load_bound(l, at[FROM], "from", &c->low, &c->has_low);
		load_bound(l, at[TO], "to", &c->high, &c->has_high);
		if (c->has_low && c->has_high && dd_decimal_compare(&c->low, &c->high) > 0)
			dd_read_fault(
			        &l->doc, "bad-number", at[FROM]->span, "from is greater than to");
	}
}

static void load_case(struct dd_loader *l, const struct dd_node *map, uint32_t step, uint32_t index,
        uint32_t next)
{
	struct dd_node *at[CASE_KEYS];
	struct dd_case c = {.target = next, .span = map->span, .words = {"", 0}};
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, map, "a case", "a mapping with a test and then or goto");
		return;
	}
	bool known = dd_read_keys(&l->doc, map, DD_KEYS("a case", CASE_NAMES), at);
	for (int i = IS; i <= EMPTY; i++)
		if (at[i])
			c.span = (struct dd_span){map->span.start, map->span.end};
	load_test(l, map, at, known, &c);
	if (at[THEN] && at[GOTO])
		dd_read_fault(&l->doc, "too-many-keys", at[GOTO]->span,
		        "a case goes on with then or with goto, not both");
	else if (at[THEN])
		c.target = dd_load_part(l, at[THEN], at[VOICE], next);
	else if (at[GOTO])
		dd_load_want_jump(l, at[GOTO], step, DD_NONE, index);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", map->span, "a case needs then or goto")
		        ->hint = "then: [] goes on after the branch";
	if (at[VOICE] && !at[THEN])
		dd_read_fault(&l->doc, "too-many-keys", at[VOICE]->span,
		        "a voice is for the steps of then, and there are none");
	l->program->cases[index] = c;
}

void dd_load_branch(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum { ON, CASES, OTHERWISE, COUNT };
	static const char *const names[COUNT] = {"on", "cases", "otherwise"};
	struct dd_program *p = l->program;
	struct dd_node *at[COUNT];
	struct dd_branch b = {.on = DD_NONE, .otherwise = next};
	p->steps[index].branch = b;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "a branch", "a mapping with on and cases");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a branch", names), at);
	if (at[ON])
		b.on = dd_load_template(l, at[ON], "a branch's on", DD_USE_TEXT);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span, "a branch needs on, the value")
		        ->hint = "such as on: \"{amount}\"";
	if (at[CASES] && at[CASES]->kind != DD_LIST)
		dd_read_wrong_kind(&l->doc, at[CASES], "cases", "a list");
	else if (at[CASES] ? at[CASES]->n == 0 : known)
		dd_read_fault(&l->doc, "missing-key", at[CASES] ? at[CASES]->span : node->span,
		        "a branch needs at least one case");
	b.first_case = p->ncases;
	b.ncases = at[CASES] && at[CASES]->kind == DD_LIST ? at[CASES]->n : 0;
	/* reserved together: what is below them brings cases of its own */
	for (uint32_t i = 0; i < b.ncases; i++)
		DD_PUSH(p->cases, p->ncases, p->cap_cases) =
		        (struct dd_case){.target = next, .words = {"", 0}};
	for (uint32_t i = 0; i < b.ncases; i++)
		load_case(l, at[CASES]->items[i], index, b.first_case + i, next);
	b.has_otherwise = at[OTHERWISE] != NULL;
	if (at[OTHERWISE])
		b.otherwise = dd_load_steps(l, at[OTHERWISE], next);
	p->steps[index].branch = b;
}

/* -- set -------------------------------------------------------------------- */

static uint32_t slot_to_set(struct dd_loader *l, const struct dd_node *key)
{
	struct dd_program *p = l->program;
	if (memchr(key->text.p ? key->text.p : "", '.', key->text.n)) {
		dd_read_fault(&l->doc, "bad-name", key->span,
		        "\"%.*s\" is what a step sets by itself", (int)key->text.n, key->text.p)
		        ->hint = "set a name of your own";
		return DD_NONE;
	}
	if (!dd_load_is_variable(key->text)) {
		dd_read_fault(&l->doc, "bad-name", key->span,
		        "a value's name is a letter or _, then letters, digits and _");
		return DD_NONE;
	}
	uint32_t slot = dd_program_slot(p, key->text);
	if (slot < DD_BUILT_INS_COUNT) {
		dd_read_fault(&l->doc, "bad-name", key->span,
		        "\"%s\" is the name of a built-in value", p->slots[slot].name);
		return DD_NONE;
	}
	if (slot == DD_NONE)
		slot = dd_program_add_slot(p,
		        (struct dd_slot){
		                .name = dd_arena_copy(l->doc.arena, key->text.p, key->text.n)});
	p->slots[slot].set = true;
	return slot;
}

static void load_assignment(
        struct dd_loader *l, const struct dd_pair *pair, struct dd_assignment *out)
{
	static const char *const names[] = {"add"};
	struct dd_node *at[1];
	*out = (struct dd_assignment){slot_to_set(l, pair->key), DD_NONE, 0, pair->key->span};
	if (pair->value->kind != DD_MAP) {
		out->text = dd_load_template(l, pair->value, "a value", DD_USE_TEXT);
		return;
	}
	bool known = dd_read_keys(&l->doc, pair->value, DD_KEYS("a value that is set", names), at);
	dd_read_number(&l->doc, at[0], "add", -1000000000, 1000000000, &out->add);
	if (!at[0] && known)
		dd_read_fault(&l->doc, "missing-key", pair->value->span,
		        "a value is a text, or { add: NUMBER }");
}

void dd_load_set(struct dd_loader *l, const struct dd_node *node, uint32_t index)
{
	struct dd_program *p = l->program;
	struct dd_set set = {.first = p->nassignments};
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "set", "a mapping from names to values");
		return;
	}
	if (node->n == 0)
		dd_read_fault(&l->doc, "missing-key", node->span, "set gives no value");
	for (uint32_t i = 0; i < node->n; i++) {
		struct dd_assignment a;
		load_assignment(l, &node->pairs[i], &a);
		DD_PUSH(p->assignments, p->nassignments, p->cap_assignments) = a;
	}
	set.n = node->n;
	p->steps[index].set = set;
}

/* -- hours ------------------------------------------------------------------ */

static void load_period(struct dd_loader *l, const struct dd_node *days, const struct dd_node *from,
        const struct dd_node *until)
{
	struct dd_program *p = l->program;
	struct dd_period period = {0x7F, 0, DAY_MS};
	if (days)
		period.days = dd_read_days(&l->doc, days);
	if (from)
		(void)dd_read_clock(&l->doc, from, "from", false, &period.from_ms);
	if (until)
		(void)dd_read_clock(&l->doc, until, "until", true, &period.until_ms);
	if (period.from_ms == period.until_ms)
		dd_read_fault(&l->doc, "bad-time", (until ? until : from)->span,
		        "from and until are the same: these hours have no length");
	DD_PUSH(p->periods, p->nperiods, p->cap_periods) = period;
}

static void load_periods(struct dd_loader *l, const struct dd_node *list)
{
	static const char *const names[] = {"days", "from", "until"};
	struct dd_node *at[3];
	if (list->kind == DD_LIST && list->n == 0) {
		dd_read_fault(&l->doc, "missing-key", list->span,
		        "periods names no hours: each is days, from and until");
		return;
	}
	if (list->kind != DD_LIST) {
		dd_read_wrong_kind(
		        &l->doc, list, "periods", "a list of mappings with days, from and until");
		return;
	}
	for (uint32_t i = 0; i < list->n; i++) {
		const struct dd_node *item = list->items[i];
		if (item->kind != DD_MAP) {
			dd_read_wrong_kind(
			        &l->doc, item, "a period", "a mapping with days, from and until");
			continue;
		}
		bool known = dd_read_keys(&l->doc, item, DD_KEYS("a period", names), at);
		if (at[0] || at[1] || at[2])
			load_period(l, at[0], at[1], at[2]);
		else if (known)
			dd_read_fault(&l->doc, "missing-key", item->span,
			        "a period needs days, from or until");
	}
}

static void load_zone(struct dd_loader *l, const struct dd_node *node, struct dd_hours *hours)
{
	struct dd_program *p = l->program;
	struct dd_zone *zone = NULL;
	struct dd_error err = {""};
	const char *name = node ? dd_read_text_copy(&l->doc, node, "a time zone") : "Asia/Kolkata";
	if (!name)
		return;
	if (dd_zone_open(name, &zone, &err) != DD_OK) {
		dd_read_fault(&l->doc, "bad-zone", node ? node->span : (struct dd_span){0, 0}, "%s",
		        err.text);
		return;
	}
	DD_PUSH(p->zones, p->nzones, p->cap_zones) = zone;
	hours->zone = zone;
}

void dd_load_hours(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum { DAYS, FROM_, UNTIL, PERIODS, ZONE, HOLIDAYS, THEN_, OTHERWISE, VOICE_, COUNT };
	static const char *const names[COUNT] = {"days", "from", "until", "periods", "zone",
	        "holidays", "then", "otherwise", "voice"};
	struct dd_program *p = l->program;
	struct dd_node *at[COUNT], *const *items;
	struct dd_hours h = {.first_period = p->nperiods,
	        .first_holiday = p->nholidays,
	        .then = next,
	        .otherwise = next};
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, node, "hours", "a mapping with days, from, until and then");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("hours", names), at);
	bool single = at[DAYS] || at[FROM_] || at[UNTIL];
	if (single && at[PERIODS])
		dd_read_fault(&l->doc, "too-many-keys", at[PERIODS]->span,
		        "hours have days, from and until, or periods, not both");
	else if (at[PERIODS])
		load_periods(l, at[PERIODS]);
	else if (single)
		load_period(l, at[DAYS], at[FROM_], at[UNTIL]);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span,
		        "hours need days, from and until, or periods");
	h.nperiods = p->nperiods - h.first_period;
	load_zone(l, at[ZONE], &h);
	uint32_t n = at[HOLIDAYS] ? dd_node_items(at[HOLIDAYS], &items) : 0;
	for (uint32_t i = 0; i < n; i++) {
		struct dd_date date;
		if (dd_read_date(&l->doc, items[i], "a holiday", &date))
			DD_PUSH(p->holidays, p->nholidays, p->cap_holidays) = dd_days_of(date);
	}
	h.nholidays = p->nholidays - h.first_holiday;
	if (!at[THEN_] && !at[OTHERWISE] && known)
		dd_read_fault(&l->doc, "missing-key", node->span, "hours need then or otherwise");
	if (at[VOICE_] && !at[THEN_])
		dd_read_fault(&l->doc, "too-many-keys", at[VOICE_]->span,
		        "a voice is for the steps of then, and there are none");
	if (at[THEN_])
		h.then = dd_load_part(l, at[THEN_], at[VOICE_], next);
	if (at[OTHERWISE])
		h.otherwise = dd_load_part(l, at[OTHERWISE], at[VOICE_], next);
	h.has_otherwise = at[OTHERWISE] != NULL;
	p->steps[index].hours = h;
}
