/* Who takes a call: whom a test asked for, a phone with the number, a rule for it, a phone for all,
 * and otherwise whom the command line said. */
#include <stdlib.h>
#include <string.h>

#include "serve/serving.h"

const char *who_parse(struct dd_arena *arena, struct dd_str text, struct who *out)
{
	char *word = dd_arena_copy(arena, text.p, text.n);
	size_t n = strcspn(word, " ");
	const char *rest = word + n + strspn(word + n, " ");
	*out = (struct who){.by = DD_BY_HUMAN};
	if (strncmp(word, "keys ", 5) == 0) {
		out->keys = rest;
		return dd_script_check(rest);
	}
	if (strncmp(word, "press ", 6) == 0) {
		out->press = rest;
		return dd_script_check_fixed(rest);
	}
	if (strcmp(word, "phone") == 0) {
		out->kind = WHO_PHONE;
		return NULL;
	}
	if (strcmp(word, "audience") == 0) {
		out->kind = WHO_AUDIENCE;
		return NULL;
	}
	out->silent = strcmp(word, "human") == 0;
	return dd_answered_by_parse(word, &out->by)
	        ? NULL
	        : "who answers is human, machine, busy, no-answer, failed, canceled, phone, "
	          "audience, \"keys 1,-,2\" or \"press 2600:2,5000:h\"";
}

const char *who_set_next(struct server *s, struct dd_str number, struct dd_str text, int64_t times)
{
	struct who who;
	struct dd_arena *arena = dd_arena_new();
	const char *fault = who_parse(arena, text, &who);
	dd_arena_free(arena);
	uint64_t digits = number.n ? number_at_home(s, number) : 0;
	if (fault)
		return fault;
	if (number.n && !digits)
		return "that is no telephone number";
	if (who.kind == WHO_AUDIENCE && !s->config.audience)
		return "there is no audience: start with --answer audience FILE";
	struct who_next *next = dd_alloc(sizeof *next), **at = &s->next;
	*next = (struct who_next){.number = digits, .times = times};
	next->text = dd_str_copy(text);
	while (*at)
		at = &(*at)->next;
	*at = next;
	return NULL;
}

static void drop(struct who_next **at)
{
	struct who_next *gone = *at;
	*at = gone->next;
	free(gone->text);
	free(gone);
}

void who_forget_next(struct server *s)
{
	while (s->next)
		drop(&s->next);
}

static bool asked_for(struct server *s, uint64_t number, struct dd_arena *arena, struct who *out)
{
	for (struct who_next **at = &s->next; *at; at = &(*at)->next) {
		if ((*at)->number && (*at)->number != number)
			continue;
		(void)who_parse(arena, dd_str((*at)->text), out);
		if ((*at)->times && --(*at)->times == 0)
			drop(at);
		return true;
	}
	return false;
}

/* Texts of the answer live as long as the flow's edition, or the configuration. */
struct who who_answers(struct server *s, uint64_t number, const struct edition *edition)
{
	const struct config *c = &s->config;
	struct who who;
	if (asked_for(s, number, edition->arena, &who))
		return who;
	bool in_use = false;
	if (number && (events_phone(s, number, true, &in_use) || in_use))
		return (struct who){.kind = WHO_PHONE};
	for (size_t i = 0; i < c->nrules; i++)
		if (c->rules[i].number == number && number)
			return c->rules[i].who;
	if (c->answer.silent && events_phone(s, number, false, NULL))
		return (struct who){.kind = WHO_PHONE};
	return c->answer;
}
