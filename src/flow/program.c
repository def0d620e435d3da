/* Small things about programs. */
#include "flow/program.h"

#include <string.h>

#include <stdlib.h>

void dd_program_free(struct dd_program *p)
{
	if (!p)
		return;
	dd_free(p->flows);
	dd_free(p->steps);
	dd_free(p->prompts);
	dd_free(p->segments);
	dd_free(p->templates);
	dd_free(p->parts);
	dd_free(p->voices);
	dd_free(p->slots);
	dd_names_fini(&p->slot_names);
	dd_free(p->keys);
	dd_free(p->routes);
	dd_free(p->stubs);
	dd_free(p->fields);
	dd_free(p->checks.list);
	if (p->owns_arena)
		dd_arena_free(p->arena); /* the program lies in it */
}

struct opening {
	const char *path;
	struct dd_program *program;
	char *report;
};

static void open_program(void *self)
{
	struct opening *o = self;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	o->program = dd_program_load(o->path, &diags);
	if (o->program) {
		o->program->owns_arena = true;
	} else {
		struct dd_buf text = {0};
		dd_diags_text(&diags, &text, false);
		o->report = text.p;
	}
	dd_diags_fini(&diags);
	if (!o->program)
		dd_arena_free(arena);
}

struct dd_program *dd_program_open(const char *path, char **report)
{
	struct opening o = {.path = path};
	bool fine = dd_memory_scope(open_program, &o) == DD_OK;
	if (report)
		*report = fine ? o.report : NULL;
	else if (fine)
		free(o.report);
	return fine ? o.program : NULL;
}

uint32_t dd_program_slot(const struct dd_program *p, struct dd_str name)
{
	return dd_names_find(&p->slot_names, name);
}

uint32_t dd_program_given_slot(const struct dd_program *p, struct dd_str name)
{
	uint32_t slot = dd_program_slot(p, name);
	return slot != DD_NONE && (slot < DD_BUILT_INS_COUNT || p->slots[slot].variable) ? slot
	                                                                                 : DD_NONE;
}

uint32_t dd_program_add_slot(struct dd_program *p, struct dd_slot slot)
{
	DD_PUSH(p->slots, p->nslots, p->cap_slots) = slot;
	dd_names_add(&p->slot_names, dd_str(slot.name), p->nslots - 1);
	return p->nslots - 1;
}

const char *dd_program_name(const struct dd_program *program)
{
	return program->flows[0].name;
}

size_t dd_program_steps(const struct dd_program *program)
{
	return program->nsteps;
}

const char *dd_applet_name(enum dd_applet applet)
{
	static const char *const names[] = {
#define APPLET(NAME, key, summary) key,
	        DD_APPLETS(APPLET)
#undef APPLET
	};
	return names[applet];
}

int dd_key_index(char key)
{
	if (key >= '0' && key <= '9')
		return key - '0';
	return key == '*' ? 10 : key == '#' ? 11 : -1;
}

static void mark_told(const struct dd_program *p, uint32_t template, bool *told)
{
	const struct dd_template *t = &p->templates[template];
	for (uint32_t i = 0; i < t->n; i++)
		if (p->parts[t->first + i].slot != DD_NONE)
			told[p->parts[t->first + i].slot] = true;
}

bool *dd_program_told(const struct dd_program *p)
{
	bool *told = dd_alloc(p->nslots + (size_t)1);
	for (uint32_t i = 0; i < p->nsegments; i++)
		if (p->segments[i].kind == DD_SEG_TEXT)
			mark_told(p, p->segments[i].text, told);
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].applet == DD_SMS)
			mark_told(p, p->steps[i].sms.text, told);
	return told;
}

bool dd_program_promotes(const struct dd_program *p)
{
	return strcmp(p->flows[0].purpose, "promotion") == 0;
}
