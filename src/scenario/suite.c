/* *.test.yaml → suite, on the loader of flows. Faults are collected; loading goes on to find more.
 */
#include <stdlib.h>
#include <string.h>

#include "scenario/reading.h"

static void load_tags(struct reader *r, const struct dd_node *node, struct dd_scenario *s)
{
	struct dd_node *const *items;
	if (!node)
		return;
	uint32_t count = dd_node_items(node, &items);
	s->tags = ARRAY(r, count, struct dd_str);
	for (uint32_t i = 0; i < count; i++)
		if (dd_read_text(&r->l.doc, items[i], "a tag", &s->tags[s->ntags]))
			s->ntags++;
}

static void load_scenario(struct reader *r, const struct dd_node *node)
{
	enum { NAME, TAGS, GIVEN, SCRIPT, EXPECT, ROWS, ROWS_FILE, COUNT };
	static const char *const names[COUNT] = {
	        "name", "tags", "given", "script", "expect", "rows", "rows_file"};
	struct dd_node *at[COUNT];
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, node, "a scenario", "a mapping");
		return;
	}
	bool known = dd_read_keys(&r->l.doc, node, DD_KEYS("a scenario", names), at);
	struct dd_scenario s = {.span = {node->span.start, node->span.start + 1}};
	s.line = dd_source_line_at(r->suite->source, node->span.start);
	s.last_line = UINT32_MAX;
	if (r->suite->nscenarios)
		r->suite->scenarios[r->suite->nscenarios - 1].last_line = s.line - 1;
	s.table.names = ARRAY(r, DD_COLUMNS_MAX, struct dd_str);
	s.table.slots = ARRAY(r, DD_COLUMNS_MAX, uint32_t);
	r->table = &s.table;
	if (at[ROWS] && at[ROWS_FILE])
		dd_read_fault(&r->l.doc, "too-many-keys", at[ROWS_FILE]->span,
		        "a scenario has rows or rows_file, not both");
	else if (at[ROWS])
		suite_rows(r, at[ROWS], &s.table);
	else if (at[ROWS_FILE])
		suite_rows_file(r, at[ROWS_FILE], &s.table);
	if (at[NAME])
		(void)suite_want(r, at[NAME], "a scenario's name", WANT_WHOLE, &s.name);
	else if (known)
		dd_read_fault(&r->l.doc, "missing-key", s.span, "the scenario has no name")->hint =
		        "add \"name: …\"";
	if (at[NAME])
		s.span = at[NAME]->span;
	load_tags(r, at[TAGS], &s);
	suite_given(r, at[GIVEN], &s.given);
	s.script = suite_script(r, at[SCRIPT], "a script", &s.nscript);
	suite_expect(r, at[EXPECT], &s.expect);
	if (!at[SCRIPT] && !at[EXPECT] && known)
		dd_read_fault(&r->l.doc, "missing-key", s.span,
		        "the scenario has neither a script nor an expect: it could not fail");
	DD_PUSH(r->suite->scenarios, r->suite->nscenarios, r->suite->cap_scenarios) = s;
	r->table = NULL;
}

static bool load_flow_of(
        struct reader *r, const struct dd_node *node, struct dd_span start, bool known)
{
	struct dd_suite *suite = r->suite;
	struct dd_str name;
	if (!node) {
		if (known)
			dd_read_fault(&r->l.doc, "missing-key", start, "the file names no flow")
			        ->hint = "add \"flow: NAME.yaml\"";
		return false;
	}
	if (!dd_read_text(&r->l.doc, node, "flow", &name))
		return false;
	const char *file = dd_arena_copy(suite->arena, name.p, name.n);
	const char *path = suite_beside(r, file);
	struct dd_source *probe;
	struct dd_error err;
	if (name.n == 0 || strcmp(file, "-") == 0 ||
	        dd_source_read(suite->arena, path, DD_FILE_BYTES_MAX, &probe, &err) != DD_OK) {
		dd_read_fault(&r->l.doc, "missing-file", node->span,
		        "cannot read the flow \"%s\"%s%s", path, name.n ? ": " : "",
		        name.n ? err.text : "");
		return false;
	}
	suite->program = dd_program_load(path, &suite->diags);
	return suite->program != NULL;
}

static void load_suite(struct reader *r, const struct dd_node *root)
{
	enum { FLOW, APP, SCENARIOS, COUNT };
	static const char *const names[COUNT] = {"flow", "app", "scenarios"};
	struct dd_node *at[COUNT];
	struct dd_span start = {root->span.start, root->span.start + 1};
	if (root->kind != DD_MAP) {
		dd_read_wrong_kind(&r->l.doc, root, "a scenario file",
		        "a mapping with \"flow\" and \"scenarios\"");
		return;
	}
	for (uint32_t i = 0; i < root->n; i++) {
		if (dd_str_is(root->pairs[i].key->text, "steps")) {
			dd_read_fault(&r->l.doc, "flow-not-scenarios", root->pairs[i].key->span,
			        "this is a flow; scenarios are in *.test.yaml files")
			        ->hint =
			        "drydial test FLOW --write-missing NAME.test.yaml writes some "
			        "for it";
			return;
		}
	}
	bool known = dd_read_keys(&r->l.doc, root, DD_KEYS("a scenario file", names), at);
	if (at[FLOW] && at[APP])
		dd_read_fault(&r->l.doc, "too-many-keys", at[APP]->span,
		        "scenarios call a flow or an app, not both");
	if (at[APP] ? !suite_app(r, at[APP]) : !load_flow_of(r, at[FLOW], start, known))
		return;
	if (!at[SCENARIOS] && known)
		dd_read_fault(&r->l.doc, "missing-key", start, "the file has no scenarios")->hint =
		        "add \"scenarios:\" with a list";
	else if (at[SCENARIOS] && at[SCENARIOS]->kind != DD_LIST)
		dd_read_wrong_kind(&r->l.doc, at[SCENARIOS], "scenarios", "a list");
	for (uint32_t i = 0;
	        at[SCENARIOS] && at[SCENARIOS]->kind == DD_LIST && i < at[SCENARIOS]->n; i++)
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
	r.l = (struct dd_loader){
	        .doc = {suite->arena, &suite->diags, source}, .program = &r.scratch};
	r.scratch.arena = suite->arena;
	const struct dd_node *root = dd_read_source(&r.l.doc);
	if (root)
		load_suite(&r, root);
	suite->stubs = dd_arena_alloc(suite->arena, (r.scratch.nstubs + 1) * sizeof *suite->stubs);
	if (r.scratch.nstubs)
		memcpy(suite->stubs, r.scratch.stubs, r.scratch.nstubs * sizeof *suite->stubs);
	dd_free(r.scratch.stubs);
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
	dd_diag(&suite->diags, DD_ERROR, "unreadable", NULL, (struct dd_span){0, 0}, "%s", err.text)
	        ->file = suite->path;
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
	dd_free(suite->regexes);
	dd_free(suite->scenarios);
	if (suite->app)
		suite_app_free(suite->app);
	else
		dd_program_free(suite->program);
	dd_diags_fini(&suite->diags);
	struct dd_arena *arena = suite->arena;
	dd_arena_free(arena);
}
