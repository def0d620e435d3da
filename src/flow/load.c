/* One file → one flow of a program: the top level, and what all levels share. */
#include "flow/load.h"

#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

struct dd_diag *dd_load_fault(
        struct dd_loader *l, const char *code, struct dd_span span, const char *format, ...)
{
	char text[768];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return dd_diag(l->diags, DD_ERROR, code, l->source, span, "%s", text);
}

static void suggest(struct dd_loader *l, struct dd_diag *d, const char *name)
{
	if (name)
		d->hint = dd_arena_format(l->arena, "did you mean \"%s\"?", name);
}

static bool same_key(struct dd_str key, const char *name)
{
	return dd_str_is(key, name);
}

bool dd_load_keys(
        struct dd_loader *l, const struct dd_node *map, struct dd_keys keys, struct dd_node **out)
{
	bool known = true;
	memset(out, 0, keys.n * sizeof *out);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key;
		size_t k = 0;
		while (k < keys.n && !same_key(key->text, keys.names[k]))
			k++;
		if (k < keys.n) {
			if (!out[k])
				out[k] = map->pairs[i].value;
			continue;
		}
		struct dd_diag *d = dd_load_fault(l, "unknown-key", key->span,
		        "%s has no key \"%.*s\"", keys.what, (int)key->text.n, key->text.p);
		known = false;
		if (dd_str_is(key->text, "<<"))
			d->hint =
			        "merge keys are not part of the flow language; write the keys out";
		else
			suggest(l, d, dd_nearest(key->text, keys.names, keys.n));
	}
	return known;
}

void dd_load_wrong_kind(
        struct dd_loader *l, const struct dd_node *node, const char *what, const char *wanted)
{
	dd_load_fault(l, "wrong-type", node->span, "%s must be %s, not %s", what, wanted,
	        dd_node_kind_name(node));
}

void dd_load_bool(struct dd_loader *l, const struct dd_node *node, const char *what, bool *out)
{
	if (!node)
		return;
	if (node->kind == DD_SCALAR && dd_str_is(node->text, "true"))
		*out = true;
	else if (node->kind == DD_SCALAR && dd_str_is(node->text, "false"))
		*out = false;
	else
		dd_load_fault(l, "wrong-type", node->span, "%s must be true or false", what);
}

void dd_load_number(struct dd_loader *l, const struct dd_node *node, const char *what, long low,
        long high, long *out)
{
	char *end = NULL;
	long value = 0;
	if (!node)
		return;
	bool fits = node->kind == DD_SCALAR && node->text.n > 0 && node->text.n < 12 &&
	        strspn(node->text.p, "-0123456789") == node->text.n;
	if (fits)
		value = strtol(node->text.p, &end, 10);
	if (!fits || *end || value < low || value > high)
		dd_load_fault(l, "bad-number", node->span,
		        "%s must be a whole number from %ld to %ld", what, low, high);
	else
		*out = value;
}

void dd_load_duration(
        struct dd_loader *l, const struct dd_node *node, const char *what, dd_ms high, dd_ms *out)
{
	dd_ms value = 0;
	if (!node)
		return;
	if (node->kind != DD_SCALAR || !dd_duration_parse(node->text, &value)) {
		dd_load_fault(l, "bad-duration", node->span, "%s must be a duration", what)->hint =
		        "such as 800ms, 5s, 2m or 1h30m; a bare number is seconds";
	} else if (value > high) {
		dd_load_fault(l, "bad-duration", node->span, "%s may be at most %lld seconds", what,
		        (long long)(high / 1000));
	} else {
		*out = value;
	}
}

bool dd_load_text(
        struct dd_loader *l, const struct dd_node *node, const char *what, struct dd_str *out)
{
	if (node->kind != DD_SCALAR || dd_node_is_null(node)) {
		dd_load_wrong_kind(l, node, what, "text");
		return false;
	}
	*out = node->text;
	return true;
}

static const char *const PURPOSES[] = {"reminder", "payment", "order", "delivery", "otp", "survey",
        "alert", "promotion", "event", "other"};

static void load_purpose(struct dd_loader *l, const struct dd_node *node, struct dd_flow *flow)
{
	const size_t n = sizeof PURPOSES / sizeof *PURPOSES;
	flow->purpose = "other";
	if (!node)
		return;
	for (size_t i = 0; i < n; i++) {
		if (node->kind == DD_SCALAR && dd_str_is(node->text, PURPOSES[i])) {
			flow->purpose = PURPOSES[i];
			return;
		}
	}
	struct dd_diag *d = dd_load_fault(l, "bad-purpose", node->span,
	        "the purpose must be one of reminder, payment, order, "
	        "delivery, otp, survey, alert, promotion, event, other");
	if (node->kind == DD_SCALAR)
		suggest(l, d, dd_nearest(node->text, PURPOSES, n));
}

static bool is_variable_name(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
		if (!letter && (i == 0 || c < '0' || c > '9'))
			return false;
	}
	return text.n > 0 && text.n <= 64;
}

static uint32_t variable_slot(struct dd_program *p, struct dd_str name, struct dd_arena *arena)
{
	uint32_t slot = dd_program_given_slot(p, name);
	if (slot != DD_NONE)
		return slot;
	return dd_program_add_slot(p,
	        (struct dd_slot){.name = dd_arena_copy(arena, name.p, name.n), .variable = true});
}

static void load_variables(struct dd_loader *l, const struct dd_node *map, struct dd_flow *flow)
{
	if (!map || dd_node_is_null(map))
		return;
	if (map->kind != DD_MAP) {
		dd_load_wrong_kind(l, map, "variables", "a mapping from names to examples");
		return;
	}
	flow->variables = dd_arena_alloc(l->arena, map->n * sizeof *flow->variables);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		if (!is_variable_name(key->text)) {
			dd_load_fault(l, "bad-name", key->span,
			        "a variable's name is a letter or _, then letters, digits and _");
			continue;
		}
		uint32_t s = variable_slot(l->program, key->text, l->arena);
		if (s < DD_BUILT_INS_COUNT) {
			dd_load_fault(l, "bad-name", key->span,
			        "\"%s\" is the name of a built-in value",
			        l->program->slots[s].name);
			continue;
		}
		flow->variables[flow->nvariables++] = s;
		struct dd_slot *slot = &l->program->slots[s];
		slot->declared = l->flow + 1u;
		if (slot->span.end == 0) {
			slot->flow = l->flow;
			slot->span = key->span;
		}
		if (value->kind != DD_SCALAR) {
			dd_load_wrong_kind(l, value, "an example", "text");
		} else if (dd_utf8_count(value->text) > DD_TEXT_CHARS_MAX) {
			dd_load_fault(l, "limit-text", value->span,
			        "a text may have at most 4,096 characters");
		} else if (dd_node_is_null(value)) {
			slot->required = slot->required || l->flow == 0;
		} else if (!slot->example.p || l->flow == 0) {
			slot->example = value->text;
		}
	}
}

static bool is_severity(struct dd_str text)
{
	return dd_str_is(text, "off") || dd_str_is(text, "note") || dd_str_is(text, "warning") ||
	        dd_str_is(text, "error");
}

static bool is_rule_name(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (!((c >= 'a' && c <= 'z') || (i && c == '-' && text.p[i - 1] != '-') ||
		            (i && c >= '0' && c <= '9')))
			return false;
	}
	return text.n > 0 && text.p[text.n - 1] != '-';
}

static void load_check(struct dd_loader *l, const struct dd_pair *pair, struct dd_str rule)
{
	const struct dd_node *value = pair->value;
	bool whole = rule.n == 0;
	struct dd_check_setting setting = {whole ? pair->key->text : rule,
	        whole ? (struct dd_str){"", 0} : pair->key->text, value->text, l->flow,
	        pair->key->span, value->span};
	bool severity = whole || dd_str_is(pair->key->text, "severity");
	if (value->kind != DD_SCALAR) {
		dd_load_wrong_kind(l, value, "a rule's setting", "text or a number");
	} else if (severity && !is_severity(value->text)) {
		dd_load_fault(
		        l, "bad-severity", value->span, "a rule is off, note, warning or error");
	} else {
		DD_PUSH(l->program->checks, l->program->nchecks, l->program->cap_checks) = setting;
	}
}

static void load_checks(struct dd_loader *l, const struct dd_node *map)
{
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_load_wrong_kind(l, map, "checks", "a mapping from rules to settings");
		return;
	}
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_pair *pair = &map->pairs[i];
		if (!is_rule_name(pair->key->text)) {
			dd_load_fault(l, "bad-name", pair->key->span,
			        "a rule's name is lower-case words joined by -");
		} else if (pair->value->kind != DD_MAP) {
			load_check(l, pair, (struct dd_str){"", 0});
		} else {
			for (uint32_t j = 0; j < pair->value->n; j++)
				load_check(l, &pair->value->pairs[j], pair->key->text);
		}
	}
}

static void load_version(struct dd_loader *l, const struct dd_node *node)
{
	if (node && (node->kind != DD_SCALAR || !dd_str_is(node->text, "1")))
		dd_load_fault(l, "bad-version", node->span,
		        "this drydial reads version 1 of the flow language")
		        ->hint = "a newer drydial may read this file";
}

static void load_callback(struct dd_loader *l, const struct dd_node *node, struct dd_flow *flow)
{
	if (!node || !dd_load_text(l, node, "status_callback", &flow->status_callback))
		return;
	struct dd_str url = flow->status_callback;
	if (!(url.n > 7 && memcmp(url.p, "http://", 7) == 0) &&
	        !(url.n > 8 && memcmp(url.p, "https://", 8) == 0))
		dd_load_fault(l, "bad-url", node->span, "a URL begins with http:// or https://");
}

static void load_flow(struct dd_loader *l, const struct dd_node *root)
{
	enum { VERSION, FLOW, PURPOSE, VOICE, VARIABLES, CALLBACK, CHECKS, STEPS, COUNT };
	static const char *const names[COUNT] = {"version", "flow", "purpose", "voice", "variables",
	        "status_callback", "checks", "steps"};
	struct dd_node *at[COUNT];
	struct dd_flow flow = l->program->flows[l->flow];
	struct dd_span start = {root->span.start, root->span.start + 1};
	if (root->kind != DD_MAP) {
		dd_load_wrong_kind(l, root, "a flow", "a mapping with \"flow\" and \"steps\"");
		return;
	}
	bool known = dd_load_keys(l, root, DD_KEYS("a flow", names), at);
	load_version(l, at[VERSION]);
	struct dd_str name = {"", 0};
	if (!at[FLOW] && !known)
		name = dd_str("?");
	else if (!at[FLOW])
		dd_load_fault(l, "missing-key", start, "the flow has no name")->hint =
		        "add \"flow: …\"";
	else if (dd_load_text(l, at[FLOW], "the flow's name", &name) && dd_str_trim(name).n == 0)
		dd_load_fault(l, "empty-text", at[FLOW]->span, "the flow's name is empty");
	flow.name = dd_arena_copy(l->arena, name.p, name.n);
	load_purpose(l, at[PURPOSE], &flow);
	load_variables(l, at[VARIABLES], &flow);
	load_callback(l, at[CALLBACK], &flow);
	load_checks(l, at[CHECKS]);
	flow.voice = l->voice = dd_load_voice(l, at[VOICE], DD_NONE);
	if (!at[STEPS] && known)
		dd_load_fault(l, "missing-key", start, "the flow has no steps")->hint =
		        "add \"steps:\" with a list";
	else if (at[STEPS] && at[STEPS]->kind == DD_LIST && at[STEPS]->n == 0)
		dd_load_fault(l, "empty-steps", at[STEPS]->span, "a flow needs at least one step");
	else if (at[STEPS])
		flow.start = dd_load_steps(l, at[STEPS], DD_GO_DROP);
	l->program->flows[l->flow] = flow;
	dd_load_jumps(l);
	dd_load_resolve(l);
}

const char *dd_flow_real(struct dd_arena *arena, const char *path)
{
	char resolved[PATH_MAX];
	const char *real = strcmp(path, "-") != 0 && realpath(path, resolved) ? resolved : path;
	return dd_arena_copy(arena, real, strlen(real));
}

static enum dd_status read_source(struct dd_loader *l, const char *path, const char *real,
        struct dd_source **out, struct dd_error *err)
{
	for (size_t i = 0; i < l->noverlays; i++) {
		if (strcmp(l->overlays[i].real, real) != 0)
			continue;
		*out = dd_source_new(
		        l->arena, strcmp(path, "-") == 0 ? "<stdin>" : path, l->overlays[i].text);
		return DD_OK;
	}
	return dd_source_read(l->arena, path, DD_FILE_BYTES_MAX, out, err);
}

/* The flow's index, loading it when it is new; DD_NONE when the file cannot be read. */
static uint32_t visit(struct dd_loader *l, const char *path, struct dd_error *err)
{
	struct dd_program *p = l->program;
	const char *real = dd_flow_real(l->arena, path);
	for (uint32_t i = 0; i < p->nflows; i++)
		if (strcmp(p->flows[i].real, real) == 0)
			return i;
	if (p->nflows >= DD_FLOWS_MAX) {
		dd_fail(err, DD_ERR_LIMIT, "one call may pass through at most %d flows",
		        DD_FLOWS_MAX);
		return DD_NONE;
	}
	struct dd_source *source = NULL;
	if (read_source(l, path, real, &source, err) != DD_OK)
		return DD_NONE;
	char *copy = dd_arena_copy(l->arena, path, strlen(path));
	struct dd_flow flow = {
	        .name = "", .purpose = "other", .path = source->name, .source = source};
	flow.dir = strcmp(path, "-") == 0 ? "." : dirname(copy);
	flow.real = real;
	DD_PUSH(p->flows, p->nflows, p->cap_flows) = flow;
	l->flow = (uint16_t)(p->nflows - 1);
	l->source = source;
	const struct dd_node *root = dd_yaml_read(l->arena, source, l->diags);
	if (root)
		load_flow(l, root);
	return p->nflows - 1;
}

static void follow_transfers(struct dd_loader *l)
{
	for (uint32_t i = 0; i < l->nvisits; i++) {
		struct dd_visit v = l->visits[i];
		struct dd_error err;
		uint32_t flow = visit(l, v.path, &err);
		if (flow == DD_NONE) {
			struct dd_diag *d = dd_diag(l->diags, DD_ERROR, "missing-file", v.source,
			        v.span, "cannot transfer to \"%s\": %s", v.path, err.text);
			(void)d;
			continue;
		}
		l->program->steps[v.step].target = flow;
	}
}

struct dd_program *dd_program_load_over(
        const char *path, const struct dd_overlay *overlays, size_t n, struct dd_diags *diags)
{
	static const char *const built_ins[] = {
#define X(NAME, text) text,
	        DD_BUILT_INS(X)
#undef X
	};
	struct dd_error err;
	struct dd_program *p = dd_arena_alloc(diags->arena, sizeof *p);
	struct dd_loader l = {.program = p,
	        .arena = diags->arena,
	        .diags = diags,
	        .overlays = overlays,
	        .noverlays = n};
	p->arena = diags->arena;
	for (size_t i = 0; i < DD_BUILT_INS_COUNT; i++)
		dd_program_add_slot(p, (struct dd_slot){.name = built_ins[i]});
	if (visit(&l, path, &err) == DD_NONE) {
		struct dd_diag *d = dd_diag(diags, DD_ERROR, "unreadable", NULL,
		        (struct dd_span){0, 0}, "%s", err.text);
		d->file = path;
	}
	follow_transfers(&l);
	free(l.wanted);
	free(l.jumps);
	free(l.visits);
	dd_diags_sort(diags);
	if (diags->errors) {
		dd_program_free(p);
		return NULL;
	}
	return p;
}

struct dd_program *dd_program_load(const char *path, struct dd_diags *diags)
{
	return dd_program_load_over(path, NULL, 0, diags);
}
