/* Programs, for hosts: opened in a scope of their own, and looked at by number. */
#include <drydial/flow.h>

#include <stdio.h>

#include "flow/program.h"
#include "public/inside.h"

struct opening {
	const char *path;
	const struct dd_str *text; /* NULL: that of the file */
	struct dd_program *program;
	struct dd_findings *findings;
};

static void open_program(void *self)
{
	struct opening *o = self;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	if (o->text) {
		const char *kept = dd_arena_copy(arena, o->text->p, o->text->n);
		struct dd_overlay over = {dd_flow_real(arena, o->path), {kept, o->text->n}};
		o->program = dd_program_load_over(
		        dd_arena_copy(arena, o->path, strlen(o->path)), &over, 1, &diags);
	} else {
		o->program =
		        dd_program_load(dd_arena_copy(arena, o->path, strlen(o->path)), &diags);
	}
	o->findings = findings_of(&diags);
	dd_diags_fini(&diags);
	if (o->program)
		o->program->owns_arena = true;
	else
		dd_arena_free(arena);
}

static struct dd_program *open_apart(struct opening *o, struct dd_findings **findings)
{
	lend_memory();
	bool fine = dd_memory_apart(open_program, o) == DD_OK;
	if (findings)
		*findings = fine ? o->findings : NULL;
	else if (fine)
		dd_findings_free(o->findings);
	return fine ? o->program : NULL;
}

struct dd_program *dd_program_open(const char *path, struct dd_findings **findings)
{
	return open_apart(&(struct opening){.path = path}, findings);
}

struct dd_program *dd_program_text(
        const char *path, const char *text, size_t n, struct dd_findings **findings)
{
	struct dd_str all = {text, n};
	return open_apart(&(struct opening){.path = path, .text = &all}, findings);
}

/* -- steps ------------------------------------------------------------------ */

static const struct dd_step *step_of(const struct dd_program *p, uint32_t step)
{
	return step < p->nsteps ? &p->steps[step] : NULL;
}

const char *dd_program_step_id(const struct dd_program *p, uint32_t step)
{
	const struct dd_step *s = step_of(p, step);
	return s ? s->id : NULL;
}

const char *dd_program_step_applet(const struct dd_program *p, uint32_t step)
{
	const struct dd_step *s = step_of(p, step);
	return s ? dd_applet_name(s->applet) : NULL;
}

const char *dd_program_step_file(const struct dd_program *p, uint32_t step)
{
	const struct dd_step *s = step_of(p, step);
	return s ? p->flows[s->flow].path : NULL;
}

unsigned dd_program_step_line(const struct dd_program *p, uint32_t step)
{
	const struct dd_step *s = step_of(p, step);
	return s ? s->line : 0;
}

uint32_t dd_program_step_named(const struct dd_program *p, const char *id)
{
	uint32_t found = DD_STEP_NONE;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->id && strcmp(s->id, id) == 0 &&
		        (found == DD_STEP_NONE || s->flow < p->steps[found].flow))
			found = i;
	}
	return found;
}

size_t dd_program_step_prompts(
        const struct dd_program *p, uint32_t step, uint32_t out[DD_PROGRAM_STEP_PROMPTS])
{
	/* a menu by URL has one more, what it says before a further try */
	uint32_t all[DD_STEP_PROMPTS_MAX];
	const struct dd_step *s = step_of(p, step);
	int n = 0;
	if (s)
		dd_step_prompts(s, all, &n);
	n = n < DD_PROGRAM_STEP_PROMPTS ? n : DD_PROGRAM_STEP_PROMPTS;
	for (int i = 0; i < n; i++)
		out[i] = all[i];
	return (size_t)n;
}

/* -- prompts ---------------------------------------------------------------- */

size_t dd_program_prompts(const struct dd_program *p)
{
	return p->nprompts;
}

/* A text that grows into room of the caller's, counting what has no room. */
struct into {
	char *out;
	size_t cap, n;
};

static void put(struct into *to, struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++, to->n++)
		if (to->n + 1 < to->cap)
			to->out[to->n] = text.p[i];
}

static void put_template(struct into *to, const struct dd_program *p, uint32_t template)
{
	const struct dd_template *t = &p->templates[template];
	for (uint32_t i = 0; i < t->n; i++) {
		const struct dd_part *part = &p->parts[t->first + i];
		if (part->slot == DD_NONE) {
			put(to, part->text);
			continue;
		}
		const char *name = p->slots[part->slot].name, *colon = strchr(name, ':');
		put(to, dd_str("{"));
		put(to, dd_str(colon ? colon + 1 : name));
		put(to, dd_str("}"));
	}
}

enum dd_status dd_program_prompt(
        const struct dd_program *p, uint32_t prompt, char *out, size_t cap, size_t *length)
{
	struct into to = {out, cap, 0};
	bool known = prompt < p->nprompts;
	for (uint32_t i = 0; known && i < p->prompts[prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
		if (g->kind == DD_SEG_PAUSE)
			continue;
		if (to.n)
			put(&to, dd_str(" "));
		put_template(&to, p, g->text);
	}
	if (cap)
		out[to.n < cap ? to.n : cap - 1] = '\0';
	if (length)
		*length = to.n;
	return !known ? DD_ERR_FORMAT : to.n < cap ? DD_OK : DD_ERR_LIMIT;
}

/* -- keys ------------------------------------------------------------------- */

static const struct dd_key *key_of(const struct dd_program *p, uint32_t step, size_t i)
{
	const struct dd_step *s = step_of(p, step);
	return s && s->applet == DD_IVR && i < s->ivr.nkeys ? &p->keys[s->ivr.first_key + i] : NULL;
}

size_t dd_program_keys(const struct dd_program *p, uint32_t step)
{
	const struct dd_step *s = step_of(p, step);
	return s && s->applet == DD_IVR ? s->ivr.nkeys : 0;
}

char dd_program_key(const struct dd_program *p, uint32_t step, size_t i)
{
	const struct dd_key *k = key_of(p, step, i);
	return (char)(k ? k->key : '\0');
}

uint32_t dd_program_key_target(const struct dd_program *p, uint32_t step, size_t i)
{
	const struct dd_key *k = key_of(p, step, i);
	return k ? k->target : DD_STEP_NONE;
}

/* -- variables -------------------------------------------------------------- */

static const struct dd_slot *variable_of(const struct dd_program *p, size_t i)
{
	for (uint32_t s = 0; s < p->nslots; s++)
		if (p->slots[s].variable && i-- == 0)
			return &p->slots[s];
	return NULL;
}

size_t dd_program_variables(const struct dd_program *p)
{
	size_t n = 0;
	for (uint32_t s = 0; s < p->nslots; s++)
		n += p->slots[s].variable;
	return n;
}

const char *dd_program_variable(const struct dd_program *p, size_t i)
{
	const struct dd_slot *s = variable_of(p, i);
	return s ? s->name : NULL;
}

struct dd_str dd_program_example(const struct dd_program *p, size_t i)
{
	const struct dd_slot *s = variable_of(p, i);
	return s ? s->example : (struct dd_str){NULL, 0};
}
