/* What a call is given: values, answers, rows. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/csv.h"
#include "scenario/reading.h"

/* -- given ------------------------------------------------------------------ */

static bool can_be_given(const struct dd_program *p, uint32_t slot)
{
	return p->slots[slot].variable || slot == DD_SLOT_CUSTOM_FIELD || slot == DD_SLOT_CALL_TO ||
	        slot == DD_SLOT_ATTEMPT;
}

static uint32_t variable_named(const struct dd_program *p, struct dd_str name)
{
	uint32_t slot = dd_program_slot(p, name);
	return slot != DD_NONE && can_be_given(p, slot) ? slot : DD_NONE;
}

static void load_variables(struct reader *r, const struct dd_node *map, struct dd_given *g)
{
	const struct dd_program *p = r->suite->program;
	if (!map || dd_node_is_null(map))
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, map, "variables", "a mapping from names to values");
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
			struct dd_diag *d = dd_read_fault(&r->l.doc, "unknown-variable",
			        map->pairs[i].key->span, "the flow declares no variable \"%.*s\"",
			        (int)name.n, name.p);
			dd_hint_near(&r->suite->diags, d, name, names, n);
			dd_free(names);
		} else if (suite_want(r, map->pairs[i].value, "a variable's value", WANT_WHOLE,
		                   &g->variables[g->nvariables].want)) {
			g->variables[g->nvariables++].name = (struct dd_str){
			        dd_arena_copy(r->suite->arena, name.p, name.n), name.n};
		}
	}
}

bool dd_step_asks(const struct dd_program *p, uint32_t step, bool *answered)
{
	const struct dd_step *s = &p->steps[step];
	uint32_t prompts[DD_STEP_PROMPTS_MAX];
	int n;
	bool asks = s->applet == DD_PASSTHRU, all = !asks || s->passthru.nstubs > 0;
	dd_step_prompts(s, prompts, &n);
	for (int i = 0; i < n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompts[i]].first];
		if (g->kind != DD_SEG_URL)
			continue;
		asks = true;
		all = all && g->nstubs > 0;
	}
	if (answered)
		*answered = all;
	return asks;
}

static bool suite_takes_stubs(const struct dd_program *p, uint32_t step)
{
	return p->steps[step].applet == DD_CONNECT || dd_step_asks(p, step, NULL);
}

/* What stands for one step: answers, or what comes of ringing. */
static void load_given_step(struct reader *r, const struct dd_node *name,
        const struct dd_node *value, uint32_t step, struct dd_given *g)
{
	struct dd_stub_want *w = &g->stubs[g->nstubs];
	struct dd_node *const *items;
	w->step = step;
	w->once = value->kind == DD_LIST;
	w->span = name->span;
	uint32_t count = dd_node_items(value, &items);
	w->spans = ARRAY(r, count, struct dd_span);
	for (uint32_t j = 0; j < count; j++)
		w->spans[j] = items[j]->span;
	if (w->once && count == 0)
		w->n = 0, w->first = 0;
	else if (r->suite->program->steps[step].applet == DD_CONNECT)
		dd_load_parties(&r->l, value, &w->first, &w->n);
	else
		dd_load_stubs(&r->l, value, &w->first, &w->n);
	g->nstubs++;
}

/* "busy", { outcome: … }, { ring: … }: of somebody who is rung, not of a server. */
static bool is_party(const struct dd_node *node)
{
	bool found = node->kind == DD_SCALAR;
	for (uint32_t i = 0; node->kind == DD_MAP && i < node->n; i++) {
		struct dd_str key = node->pairs[i].key->text;
		found |= dd_str_is(key, "outcome") || dd_str_is(key, "ring") ||
		        dd_str_is(key, "talk");
	}
	return found;
}

/* A connect by URL asks, then rings: what is given for it goes each to its own step. */
static void load_given_connect(struct reader *r, const struct dd_node *name,
        const struct dd_node *value, uint32_t step, struct dd_given *g)
{
	for (int parties = 0; parties < 2; parties++) {
		struct dd_node some = *value;
		if (value->kind != DD_LIST) {
			if (is_party(value) == parties)
				load_given_step(r, name, value, step + (uint32_t)parties, g);
			continue;
		}
		some.items = dd_arena_alloc(r->suite->arena, (value->n + 1) * sizeof *some.items);
		some.n = 0;
		for (uint32_t i = 0; i < value->n; i++)
			if (is_party(value->items[i]) == parties)
				some.items[some.n++] = value->items[i];
		if (some.n || (value->n == 0 && !parties))
			load_given_step(r, name, &some, step + (uint32_t)parties, g);
	}
}

static void load_given_stubs(struct reader *r, const struct dd_node *map, struct dd_given *g)
{
	const struct dd_program *p = r->suite->program;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, map, "stubs", "a mapping from steps to answers");
		return;
	}
	g->stubs = ARRAY(r, 2 * map->n, struct dd_stub_want);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *name = map->pairs[i].key, *value = map->pairs[i].value;
		uint32_t step = suite_step(r, name, "a step", suite_takes_stubs);
		if (step == DD_NONE)
			continue;
		if (!suite_takes_stubs(p, step)) {
			dd_read_fault(&r->l.doc, "unknown-step", name->span,
			        "\"%.*s\" asks no server", (int)name->text.n, name->text.p);
			continue;
		}
		bool both = p->steps[step].applet == DD_PASSTHRU &&
		        p->steps[step].passthru.by_url == DD_BY_URL_CONNECT;
		if (both)
			load_given_connect(r, name, value, step, g);
		else
			load_given_step(r, name, value, step, g);
	}
}

static int64_t read_answered_by(struct reader *r, const struct dd_node *node, const char *what)
{
	static const char *const who[] = {
	        "human", "machine", "busy", "no-answer", "failed", "canceled"};
	int by = DD_READ_WORD(&r->l.doc, node, what, who, 0);
	return by > 0 ? by : DD_BY_HUMAN;
}

const struct dd_faults *suite_faults(struct reader *r, const struct dd_node *node)
{
	struct dd_str text;
	char why[200];
	if (!node || !dd_read_text(&r->l.doc, node, "faults", &text))
		return NULL;
	struct dd_faults *faults = dd_arena_alloc(r->suite->arena, sizeof *faults);
	faults->seed = 1;
	if (!dd_faults_parse(text, false, faults, why))
		dd_read_fault(&r->l.doc, "bad-faults", node->span, "%s", why);
	return faults;
}

void suite_given(struct reader *r, const struct dd_node *node, struct dd_given *g)
{
	enum {
		VARIABLES,
		ANSWERED_BY,
		STUBS,
		AT,
		FROM,
		TIME_LIMIT,
		RING_TIMEOUT,
		GREETING,
		FAULTS,
		COUNT
	};
	static const char *const names[COUNT] = {"variables", "answered_by", "stubs", "at", "from",
	        "time_limit", "ring_timeout", "machine_greeting", "faults"};
	struct dd_node *at[COUNT];
	struct dd_str time;
	if (!node)
		return;
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, node, "given", "a mapping");
		return;
	}
	(void)dd_read_keys(&r->l.doc, node, DD_KEYS("given", names), at);
	load_variables(r, at[VARIABLES], g);
	g->answered_by = (enum dd_answered_by)suite_cell(r, at[ANSWERED_BY], DD_CELL_ANSWERED_BY,
	        "answered_by", read_answered_by, DD_BY_HUMAN);
	load_given_stubs(r, at[STUBS], g);
	if (at[AT] && dd_read_text(&r->l.doc, at[AT], "at", &time)) {
		g->at_given = dd_time_parse(time, &g->at);
		if (!g->at_given)
			dd_read_fault(&r->l.doc, "bad-time", at[AT]->span,
			        "a time is 2025-01-20T10:00:00+05:30");
	}
	(void)suite_want(r, at[FROM], "from", WANT_WHOLE, &g->from);
	g->time_limit =
	        suite_cell(r, at[TIME_LIMIT], DD_CELL_TIME_LIMIT, "time_limit", suite_read_ms, 0);
	g->ring_timeout = suite_cell(
	        r, at[RING_TIMEOUT], DD_CELL_RING_TIMEOUT, "ring_timeout", suite_read_ms, 0);
	dd_read_duration(
	        &r->l.doc, at[GREETING], "machine_greeting", HOUR_MS, &g->machine_greeting);
	if (at[GREETING] && g->machine_greeting == 0)
		g->machine_greeting = -1;
	if (at[FAULTS] && !r->suite->app)
		dd_read_fault(&r->l.doc, "bad-faults", at[FAULTS]->span,
		        "faults are for applications: a flow's servers have stubs");
	else
		g->faults = suite_faults(r, at[FAULTS]);
}

/* -- rows ------------------------------------------------------------------- */

static uint32_t column(
        struct reader *r, struct dd_table *t, struct dd_str name, struct dd_span span)
{
	for (uint32_t i = 0; i < t->ncolumns; i++)
		if (dd_str_same(t->names[i], name))
			return i;
	if (t->ncolumns == DD_COLUMNS_MAX) {
		dd_read_fault(&r->l.doc, "limit-columns", span, "rows may have at most %d columns",
		        DD_COLUMNS_MAX);
		return DD_NONE;
	}
	t->slots[t->ncolumns] = variable_named(r->suite->program, name);
	t->names[t->ncolumns] = name;
	return t->ncolumns++;
}

void suite_rows(struct reader *r, const struct dd_node *list, struct dd_table *t)
{
	if (list->kind != DD_LIST || list->n == 0) {
		dd_read_wrong_kind(&r->l.doc, list, "rows", "a list of mappings");
		return;
	}
	t->rows = ARRAY(r, list->n, struct dd_row);
	for (uint32_t i = 0; i < list->n; i++) {
		const struct dd_node *row = list->items[i];
		if (row->kind != DD_MAP) {
			dd_read_wrong_kind(
			        &r->l.doc, row, "a row", "a mapping from columns to values");
			continue;
		}
		struct dd_row *out = &t->rows[t->nrows++];
		out->n = t->ncolumns + row->n < DD_COLUMNS_MAX ? t->ncolumns + row->n
		                                               : DD_COLUMNS_MAX;
		out->values = ARRAY(r, out->n, struct dd_str);
		out->spans = ARRAY(r, out->n, struct dd_span);
		out->line = dd_source_line_at(r->suite->source, row->span.start);
		for (uint32_t j = 0; j < row->n; j++) {
			const struct dd_node *key = row->pairs[j].key, *value = row->pairs[j].value;
			uint32_t c = column(r, t, key->text, key->span);
			struct dd_str text;
			if (c != DD_NONE && !dd_node_is_null(value) &&
			        dd_read_text(&r->l.doc, value, "a column", &text))
				out->values[c] = (struct dd_str){text.p ? text.p : "", text.n},
				out->spans[c] = value->span;
		}
	}
}

const char *suite_beside(struct reader *r, const char *file)
{
	struct dd_arena *arena = r->suite->arena;
	return dd_path_beside(arena, dd_path_folder(arena, r->suite->path), file);
}

static struct dd_str kept(struct dd_arena *arena, struct dd_str text)
{
	return (struct dd_str){dd_arena_copy(arena, text.p ? text.p : "", text.n), text.n};
}

void suite_rows_file(struct reader *r, const struct dd_node *node, struct dd_table *t)
{
	struct dd_arena *arena = r->suite->arena;
	struct dd_str name;
	struct dd_source *source;
	struct dd_error err;
	if (!dd_read_text(&r->l.doc, node, "rows_file", &name))
		return;
	const char *path = suite_beside(r, dd_arena_copy(arena, name.p, name.n));
	if (dd_source_read(arena, path, DD_ROWS_FILE_BYTES_MAX, &source, &err) != DD_OK) {
		dd_read_fault(&r->l.doc, "missing-file", node->span, "cannot read \"%s\": %s", path,
		        err.text);
		return;
	}
	t->path = path;
	struct dd_csv *csv = dd_csv_over(source->text);
	struct dd_csv_record record = {0};
	(void)dd_csv_next(csv, &record);
	for (size_t i = 0; i < record.n && i < DD_COLUMNS_MAX; i++)
		(void)column(r, t, kept(arena, dd_str_trim(record.fields[i])), node->span);
	bool named = record.n > 0 && record.n <= DD_COLUMNS_MAX && t->ncolumns == record.n;
	if (record.problem)
		dd_read_fault(&r->l.doc, "bad-rows", node->span, "%s:%llu: %s", path,
		        (unsigned long long)record.line, record.problem);
	else if (!named)
		dd_read_fault(&r->l.doc, "bad-rows", node->span,
		        "the first line of %s must name 1 to %d columns, each once", path,
		        DD_COLUMNS_MAX);
	uint32_t cap = 0;
	struct dd_row *rows = NULL;
	while (named && dd_csv_next(csv, &record)) {
		unsigned long long line = record.line;
		if (record.problem || record.n != t->ncolumns || t->nrows == DD_ROWS_MAX) {
			if (record.problem)
				dd_read_fault(&r->l.doc, "bad-rows", node->span, "%s:%llu: %s",
				        path, line, record.problem);
			else if (t->nrows == DD_ROWS_MAX)
				dd_read_fault(&r->l.doc, "limit-rows", node->span,
				        "rows may be at most %d", DD_ROWS_MAX);
			else
				dd_read_fault(&r->l.doc, "bad-rows", node->span,
				        "%s:%llu: %zu column%s where the first line names %u", path,
				        line, record.n, record.n == 1 ? "" : "s", t->ncolumns);
			break;
		}
		struct dd_row *row = &DD_PUSH(rows, t->nrows, cap);
		row->values = ARRAY(r, t->ncolumns, struct dd_str);
		row->n = t->ncolumns;
		row->line = (uint32_t)line;
		for (size_t i = 0; i < record.n; i++)
			row->values[i] = kept(arena, record.fields[i]);
	}
	dd_csv_free(csv);
	t->rows = dd_arena_alloc(arena, (t->nrows + 1) * sizeof *rows);
	if (t->nrows)
		memcpy(t->rows, rows, t->nrows * sizeof *rows);
	dd_free(rows);
	if (t->nrows == 0 && named && !record.problem)
		dd_read_fault(&r->l.doc, "bad-rows", node->span,
		        "%s has no rows below its first line", path);
}
