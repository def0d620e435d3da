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
	dd_free(p->cases);
	dd_free(p->texts);
	dd_free(p->assignments);
	dd_free(p->periods);
	dd_free(p->holidays);
	dd_free(p->named_texts);
	for (uint32_t i = 0; i < p->npatterns; i++)
		dd_pattern_free(p->patterns[i]);
	dd_free(p->patterns);
	for (uint32_t i = 0; i < p->nzones; i++)
		dd_zone_free(p->zones[i]);
	dd_free(p->zones);
	dd_free(p->checks.list);
	if (p->owns_arena)
		dd_arena_free(p->arena); /* the program lies in it */
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
	                        "ask",
	                "remark"};
	return names[applet];
}

const char *dd_step_kind(const struct dd_step *step)
{
	return step->verb ? step->verb : dd_applet_name(step->applet);
}

const char *dd_step_word(const struct dd_step *step)
{
	return step->id ? step->id : dd_step_kind(step);
}

const char *dd_party_name(enum dd_party party)
{
	static const char *const names[] = {
#define X(NAME, word) word,
	        DD_PARTIES(X)
#undef X
	};
	return names[party];
}

const char *dd_method_name(enum dd_method method)
{
	static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
	return names[method];
}

const char *dd_recorded_name(enum dd_recorded how)
{
	static const char *const names[] = {"finish", "silence", "max", "nothing"};
	return names[how];
}

int dd_key_index(char key)
{
	if (key >= '0' && key <= '9')
		return key - '0';
	return key == '*' ? 10 : key == '#' ? 11 : -1;
}

bool dd_prompt_assumed(const struct dd_program *p, uint32_t prompt)
{
	for (uint32_t i = 0; prompt != DD_NONE && i < p->prompts[prompt].n; i++)
		if (p->segments[p->prompts[prompt].first + i].kind == DD_SEG_STAND_IN)
			return true;
	return false;
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

const char *const DD_GATHER_NAMES[DD_GATHER_FIELDS] = {"gather_prompt.text",
        "gather_prompt.audio_url", "repeat_gather_prompt.text", "repeat_gather_prompt.audio_url",
        "max_input_digits", "finish_on_key", "input_timeout", "repeat_menu"};
const char *const DD_DIAL_NAMES[DD_DIAL_FIELDS] = {"destination.numbers", "outgoing_phone_number",
        "max_ringing_duration", "max_conversation_duration", "fetch_after_attempt"};

bool dd_step_by_url(const struct dd_step *s)
{
	return (s->applet == DD_IVR && s->ivr.by_url) ||
	        (s->applet == DD_CONNECT && s->connect.by_url);
}

bool dd_has_exit(const struct dd_passthru *pass, uint32_t exit)
{
	if (pass->by_url) /* whatever cannot be used is an error */
		return exit == DD_EXIT_200 || exit == DD_EXIT_ERROR || exit == DD_EXIT_TIMEOUT;
	if (exit == DD_EXIT_200) /* 2xx takes it where it has no exit of its own */
		return pass->exits[DD_EXIT_200] != DD_NONE || pass->exits[DD_EXIT_2XX] == DD_NONE;
	return exit != DD_EXIT_2XX || pass->exits[exit] != DD_NONE;
}

typedef void each_way(void *self, uint32_t target, struct dd_str label);

static void ways_of_menu(
        const struct dd_program *p, const struct dd_step *s, each_way *each, void *self)
{
	const struct dd_ivr *ivr = &s->ivr;
	for (uint32_t k = 0; k < ivr->nkeys; k++) {
		const struct dd_key *key = &p->keys[ivr->first_key + k];
		each(self, key->target, (struct dd_str){&key->key, 1});
	}
	if (ivr->collect)
		each(self, s->next, dd_str("number"));
	each(self, ivr->otherwise, dd_str(ivr->otherwise_by_try ? "silence" : "otherwise"));
	if (ivr->otherwise_by_try)
		each(self, ivr->otherwise_invalid, dd_str("invalid"));
}

static void ways_of_passthru(
        const struct dd_program *p, const struct dd_step *s, each_way *each, void *self)
{
	static const char *const names[DD_EXITS_COUNT] = {"200", "302", "error", "timeout", "2xx"};
	const struct dd_passthru *pass = &s->passthru;
	if (!pass->wait) {
		each(self, s->next, dd_str(""));
		return;
	}
	for (uint32_t r = 0; r < pass->nroutes; r++)
		each(self, p->routes[pass->first_route + r].target,
		        p->routes[pass->first_route + r].body);
	for (uint32_t x = 0; x < DD_EXITS_COUNT; x++) {
		uint32_t to = pass->exits[x];
		if (!dd_has_exit(pass, x))
			continue;
		if (to == DD_NONE)
			to = x == DD_EXIT_200 ? s->next : DD_GO_DROP;
		each(self, to, dd_str(names[x]));
	}
}

void dd_step_ways(const struct dd_program *p, uint32_t step, each_way *each, void *self)
{
	const struct dd_step *s = &p->steps[step];
	switch (s->applet) {
	case DD_IVR: ways_of_menu(p, s, each, self); break;
	case DD_PASSTHRU: ways_of_passthru(p, s, each, self); break;
	case DD_GOTO: each(self, s->target, dd_str("")); break;
	case DD_TRANSFER: each(self, p->flows[s->target].start, dd_str("")); break;
	case DD_HANGUP: break;
	case DD_RETURN: each(self, DD_GO_BACK, dd_str("")); break;
	case DD_SUBFLOW:
		each(self, p->flows[s->target].start, dd_str("runs"));
		each(self, s->next, dd_str("then"));
		break;
	case DD_BRANCH:
		for (uint32_t i = 0; i < s->branch.ncases; i++) {
			const struct dd_case *c = &p->cases[s->branch.first_case + i];
			each(self, c->target, c->words);
		}
		each(self, s->branch.otherwise, dd_str("otherwise"));
		break;
	case DD_HOURS:
		each(self, s->hours.then, dd_str("in hours"));
		each(self, s->hours.otherwise, dd_str("otherwise"));
		break;
	case DD_CONNECT:
		for (int i = 0; i < DD_PARTIES_COUNT; i++)
			if (i != DD_PARTY_FULL || s->connect.queue || s->connect.has_exit[i])
				each(self, s->connect.exits[i],
				        dd_str(dd_party_name((enum dd_party)i)));
		break;
	default: each(self, s->next, dd_str(""));
	}
}

void dd_step_prompts(const struct dd_step *s, uint32_t out[DD_STEP_PROMPTS_MAX], int *n)
{
	uint32_t all[DD_STEP_PROMPTS_MAX] = {DD_NONE, DD_NONE, DD_NONE, DD_NONE, DD_NONE};
	switch (s->applet) {
	case DD_GREETING: all[0] = s->greeting.prompt; break;
	case DD_IVR:
		all[0] = s->ivr.prompt;
		all[1] = s->ivr.invalid;
		all[2] = s->ivr.silence;
		all[3] = s->ivr.by_url ? s->ivr.fallback : DD_NONE;
		all[4] = s->ivr.by_url ? s->ivr.again : DD_NONE;
		break;
	case DD_PASSTHRU: all[0] = s->passthru.hold; break;
	case DD_CONNECT: all[0] = s->connect.ring; break;
	case DD_RECORD: all[0] = s->record.prompt; break;
	default: break;
	}
	*n = 0;
	for (int i = 0; i < DD_STEP_PROMPTS_MAX; i++)
		if (all[i] != DD_NONE)
			out[(*n)++] = all[i];
}
