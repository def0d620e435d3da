/* One file → one flow of a program: the top level, and what all levels share. */
#include "flow/load.h"

#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

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
	struct dd_diag *d = dd_read_fault(&l->doc, "bad-purpose", node->span,
	        "the purpose must be one of reminder, payment, order, "
	        "delivery, otp, survey, alert, promotion, event, other");
	if (node->kind == DD_SCALAR)
		dd_hint_near(l->doc.diags, d, node->text, PURPOSES, n);
}

bool dd_load_is_variable(struct dd_str text)
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
	uint32_t slot = dd_program_slot(p, name);
	if (slot != DD_NONE) {
		p->slots[slot].variable |= slot >= DD_BUILT_INS_COUNT;
		return slot;
	}
	return dd_program_add_slot(p,
	        (struct dd_slot){.name = dd_arena_copy(arena, name.p, name.n), .variable = true});
}

static void load_variables(struct dd_loader *l, const struct dd_node *map, struct dd_flow *flow)
{
	if (!map || dd_node_is_null(map))
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, map, "variables", "a mapping from names to examples");
		return;
	}
	flow->variables = dd_arena_alloc(l->doc.arena, map->n * sizeof *flow->variables);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		if (!dd_load_is_variable(key->text) && dd_read_rest_of(&l->doc, map, i, "bad-name"))
			continue;
		if (!dd_load_is_variable(key->text)) {
			dd_read_fault(&l->doc, "bad-name", key->span,
			        "a variable's name is a letter or _, then letters, digits and _");
			continue;
		}
		uint32_t s = variable_slot(l->program, key->text, l->doc.arena);
		if (s < DD_BUILT_INS_COUNT) {
			dd_read_fault(&l->doc, "bad-name", key->span,
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
			dd_read_wrong_kind(&l->doc, value, "an example", "text");
		} else if (dd_utf8_count(value->text) > DD_TEXT_CHARS_MAX) {
			dd_read_fault(&l->doc, "limit-text", value->span,
			        "a text may have at most 4,096 characters");
		} else if (dd_node_is_null(value)) {
			slot->required = slot->required || l->flow == 0;
		} else if (!slot->example.p || l->flow == 0) {
			slot->example = value->text;
		}
	}
}

static void load_callback(struct dd_loader *l, const struct dd_node *node, struct dd_flow *flow)
{
	if (!node || !dd_read_text(&l->doc, node, "status_callback", &flow->status_callback))
		return;
	struct dd_str url = flow->status_callback;
	if (!(url.n > 7 && memcmp(url.p, "http://", 7) == 0) &&
	        !(url.n > 8 && memcmp(url.p, "https://", 8) == 0))
		dd_read_fault(
		        &l->doc, "bad-url", node->span, "a URL begins with http:// or https://");
}

static void load_flow(struct dd_loader *l, const struct dd_node *root)
{
	enum { VERSION, FLOW, PURPOSE, VOICE, VARIABLES, CALLBACK, CHECKS, PART, STEPS, COUNT };
	static const char *const names[COUNT] = {"version", "flow", "purpose", "voice", "variables",
	        "status_callback", "checks", "part", "steps"};
	struct dd_node *at[COUNT];
	struct dd_flow flow = l->program->flows[l->flow];
	struct dd_span start = {root->span.start, root->span.start + 1};
	if (root->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, root, "a flow", "a mapping with \"flow\" and \"steps\"");
		return;
	}
	bool known = dd_read_keys(&l->doc, root, DD_KEYS("a flow", names), at);
	dd_read_version(&l->doc, at[VERSION], "the flow language");
	struct dd_str name = {"", 0};
	if (!at[FLOW] && !known)
		name = dd_str("?");
	else if (!at[FLOW])
		dd_read_fault(&l->doc, "missing-key", start, "the flow has no name")->hint =
		        "add \"flow: …\"";
	else if (dd_read_text(&l->doc, at[FLOW], "the flow's name", &name) &&
	        dd_str_trim(name).n == 0)
		dd_read_fault(&l->doc, "empty-text", at[FLOW]->span, "the flow's name is empty");
	flow.name = dd_arena_copy(l->doc.arena, name.p, name.n);
	load_purpose(l, at[PURPOSE], &flow);
	load_variables(l, at[VARIABLES], &flow);
	load_callback(l, at[CALLBACK], &flow);
	dd_read_checks(&l->doc, at[CHECKS], &l->program->checks);
	dd_read_bool(&l->doc, at[PART], "part", &flow.part);
	flow.voice = l->voice = dd_load_voice(l, at[VOICE], DD_NONE);
	if (!at[STEPS] && known)
		dd_read_fault(&l->doc, "missing-key", start, "the flow has no steps")->hint =
		        "add \"steps:\" with a list";
	else if (at[STEPS] && at[STEPS]->kind == DD_LIST && at[STEPS]->n == 0)
		dd_read_fault(
		        &l->doc, "empty-steps", at[STEPS]->span, "a flow needs at least one step");
	else if (at[STEPS])
		flow.start = dd_load_steps(l, at[STEPS], DD_GO_BACK);
	l->program->flows[l->flow] = flow;
	dd_load_jumps(l);
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
		*out = dd_source_new(l->doc.arena, strcmp(path, "-") == 0 ? "<stdin>" : path,
		        l->overlays[i].text);
		return DD_OK;
	}
	return dd_source_read(l->doc.arena, path, DD_FILE_BYTES_MAX, out, err);
}

/* The flow's index, loading it when it is new; DD_NONE when the file cannot be read. */
static uint32_t visit(struct dd_loader *l, const char *path, struct dd_error *err)
{
	struct dd_program *p = l->program;
	const char *real = dd_flow_real(l->doc.arena, path);
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
	struct dd_flow flow = {
	        .name = "", .purpose = "other", .path = source->name, .source = source};
	flow.dir = dd_path_folder(l->doc.arena, path);
	flow.real = real;
	DD_PUSH(p->flows, p->nflows, p->cap_flows) = flow;
	l->flow = (uint16_t)(p->nflows - 1);
	l->doc.source = source;
	const struct dd_node *root = dd_read_source(&l->doc);
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
			struct dd_diag *d = dd_diag(l->doc.diags, DD_ERROR, "missing-file",
			        v.source, v.span, "cannot %s \"%s\": %s",
			        v.run ? "run" : "transfer to", v.path, err.text);
			(void)d;
			continue;
		}
		l->program->steps[v.step].target = flow;
		l->program->flows[flow].run |= v.run;
	}
}

static void dead_end(const struct dd_flow *flow, uint32_t *target)
{
	if (*target == DD_GO_BACK && !flow->run)
		*target = DD_GO_DROP;
}

/* In a flow that nobody runs, the end of the list is the end of the line. */
static void dead_ends(struct dd_program *p)
{
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct dd_step *s = &p->steps[i];
		const struct dd_flow *flow = &p->flows[s->flow];
		dead_end(flow, &s->next);
		switch (s->applet) {
		case DD_IVR:
			dead_end(flow, &s->ivr.otherwise);
			dead_end(flow, &s->ivr.otherwise_invalid);
			for (uint32_t k = 0; k < s->ivr.nkeys; k++)
				dead_end(flow, &p->keys[s->ivr.first_key + k].target);
			break;
		case DD_PASSTHRU:
			for (int e = 0; e < DD_EXITS_COUNT; e++)
				dead_end(flow, &s->passthru.exits[e]);
			for (uint32_t r = 0; r < s->passthru.nroutes; r++)
				dead_end(flow, &p->routes[s->passthru.first_route + r].target);
			break;
		case DD_BRANCH:
			dead_end(flow, &s->branch.otherwise);
			for (uint32_t c = 0; c < s->branch.ncases; c++)
				dead_end(flow, &p->cases[s->branch.first_case + c].target);
			break;
		case DD_HOURS:
			dead_end(flow, &s->hours.then);
			dead_end(flow, &s->hours.otherwise);
			break;
		case DD_CONNECT:
			for (int e = 0; e < DD_PARTIES_COUNT; e++)
				dead_end(flow, &s->connect.exits[e]);
			break;
		default: break;
		}
	}
	for (uint32_t i = 0; i < p->nflows; i++)
		dead_end(&p->flows[i], &p->flows[i].start);
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
	struct dd_loader l = {.doc = {.arena = diags->arena, .diags = diags},
	        .program = p,
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
	dd_load_resolve(&l);
	dd_load_circles(&l);
	dd_free(l.wanted);
	dd_free(l.jumps);
	dd_free(l.visits);
	dd_diags_sort(diags);
	if (diags->errors) {
		dd_program_free(p);
		return NULL;
	}
	dead_ends(p);
	return p;
}

struct dd_program *dd_program_load(const char *path, struct dd_diags *diags)
{
	return dd_program_load_over(path, NULL, 0, diags);
}
