/* Applets by URL: what a menu or a connect does is the answer of a server. Each is two steps: a
   passthru that asks, and the applet itself, which finds what was answered in slots. */
#include <stdlib.h>
#include <string.h>

#include "flow/load.h"

bool dd_load_is_by_url(int applet, const struct dd_node *node)
{
	if (applet != DD_IVR && applet != DD_CONNECT)
		return false;
	return dd_node_value(dd_node_value(node, applet == DD_IVR ? "collect" : "to"), "url") !=
	        NULL;
}

/* "pin.max_input_digits"; of a step without an id by a name that no file can write. */
static uint32_t slot_of(struct dd_loader *l, uint32_t index, const char *name)
{
	const struct dd_step *s = &l->program->steps[index];
	return dd_load_step_slot(l,
	        dd_str(s->id ? dd_arena_format(l->doc.arena, "%s.%s", s->id, name)
	                     : dd_arena_format(l->doc.arena, "@%u.%s", index, name)));
}

/* The fields of the answer, with slots for them. */
static void want_fields(struct dd_loader *l, uint32_t index, struct dd_passthru *pass,
        const char *const *names, uint32_t n, uint32_t *slots)
{
	struct dd_program *p = l->program;
	pass->first_field = p->nfields;
	pass->nfields = n;
	for (uint32_t i = 0; i < n; i++) {
		slots[i] = slot_of(l, index, names[i]);
		DD_PUSH(p->fields, p->nfields, p->cap_fields) =
		        (struct dd_field){dd_str(names[i]), slots[i]};
	}
}

static uint32_t value_template(struct dd_loader *l, uint32_t slot, struct dd_span span)
{
	struct dd_program *p = l->program;
	DD_PUSH(p->parts, p->nparts, p->cap_parts) = (struct dd_part){.slot = slot, .span = span};
	DD_PUSH(p->templates, p->ntemplates, p->cap_templates) =
	        (struct dd_template){.first = p->nparts - 1, .n = 1, .flow = l->flow, .span = span};
	return p->ntemplates - 1;
}

/* A prompt of the words, or the recording, that the answer gives. */
static uint32_t answered_prompt(
        struct dd_loader *l, uint32_t words, uint32_t recording, struct dd_span span)
{
	struct dd_program *p = l->program;
	uint32_t text = value_template(l, words, span), audio = value_template(l, recording, span);
	DD_PUSH(p->segments, p->nsegments, p->cap_segments) =
	        (struct dd_segment){.kind = DD_SEG_REPLY,
	                .text = text,
	                .audio = audio,
	                .voice = l->voice,
	                .flow = l->flow,
	                .span = span};
	DD_PUSH(p->prompts, p->nprompts, p->cap_prompts) =
	        (struct dd_prompt){p->nsegments - 1, 1, true};
	return p->nprompts - 1;
}

/* The step that asks: whatever answer cannot be used is its exit `error`. */
static struct dd_passthru asking(
        struct dd_loader *l, const struct dd_node *map, enum dd_by_url by_url, uint32_t usable)
{
	const struct dd_node *url = dd_node_value(map, "url");
	struct dd_passthru pass = {.url = DD_NONE,
	        .hold = DD_NONE,
	        .json = DD_NONE,
	        .by_url = by_url,
	        .wait = true,
	        .timeout = DD_URL_TIMEOUT_MS,
	        .status_slot = DD_NONE,
	        .text_slot = DD_NONE,
	        .asked_slot = DD_NONE};
	pass.url = dd_load_template(l, url, "a URL", DD_USE_URL);
	dd_load_stubs(l, dd_node_value(map, "stub"), &pass.first_stub, &pass.nstubs);
	for (int i = 0; i < DD_EXITS_COUNT; i++)
		pass.exits[i] = DD_NONE;
	pass.exits[DD_EXIT_200] = usable;
	return pass;
}

static void leads(struct dd_passthru *pass, uint32_t unusable)
{
	pass->exits[DD_EXIT_ERROR] = pass->exits[DD_EXIT_TIMEOUT] = unusable;
}

void dd_load_gather(
        struct dd_loader *l, const struct dd_node *collect, uint32_t index, bool otherwise)
{
	struct dd_passthru pass = asking(l, collect, DD_BY_URL_GATHER, index);
	struct dd_ivr ivr = l->program->steps[index].ivr;
	const uint32_t *slots = ivr.gather;
	want_fields(l, index - 1, &pass, DD_GATHER_NAMES, DD_GATHER_FIELDS, ivr.gather);
	ivr.fallback = ivr.prompt;
	ivr.prompt =
	        answered_prompt(l, slots[DD_GATHER_TEXT], slots[DD_GATHER_AUDIO], collect->span);
	ivr.again = answered_prompt(
	        l, slots[DD_GATHER_AGAIN_TEXT], slots[DD_GATHER_AGAIN_AUDIO], collect->span);
	pass.spare = ivr.fallback != DD_NONE;
	if (pass.spare)
		leads(&pass, index);
	else if (otherwise)
		leads(&pass, ivr.otherwise);
	l->program->steps[index].ivr = ivr;
	l->program->steps[index - 1].passthru = pass;
}

void dd_load_dial(struct dd_loader *l, const struct dd_node *to, uint32_t index)
{
	enum { URL, STUB, NUMBERS, COUNT };
	static const char *const names[COUNT] = {"url", "stub", "numbers"};
	struct dd_node *at[COUNT];
	(void)dd_read_keys(&l->doc, to, DD_KEYS("to", names), at);
	struct dd_passthru pass = asking(l, to, DD_BY_URL_CONNECT, index);
	struct dd_connect c = l->program->steps[index].connect;
	want_fields(l, index - 1, &pass, DD_DIAL_NAMES, DD_DIAL_FIELDS, c.dial);
	pass.asked_slot = c.asked_slot = slot_of(l, index - 1, "@asked");
	if (c.to_slot == DD_NONE) /* whom the record names */
		c.to_slot = slot_of(l, index - 1, "to");
	pass.spare = at[NUMBERS] != NULL;
	if (pass.spare)
		leads(&pass, index);
	else if (c.has_exit[DD_PARTY_FAILED])
		leads(&pass, c.exits[DD_PARTY_FAILED]);
	l->program->steps[index].connect = c;
	l->program->steps[index - 1].passthru = pass;
}
