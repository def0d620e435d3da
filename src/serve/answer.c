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

const char *who_refuse(const struct server *s, struct dd_str text)
{
	struct who who;
	struct dd_arena *arena = dd_arena_new();
	const char *fault = who_parse(arena, text, &who);
	dd_arena_free(arena);
	return fault ? fault
	        : who.kind == WHO_AUDIENCE && !s->config.audience
	        ? "there is no audience: start with --answer audience FILE"
	        : NULL;
}

static void drop(struct who_next **at)
{
	struct who_next *gone = *at;
	*at = gone->next;
	free(gone->text);
	free(gone);
}

/* What holds for all calls takes the place of what held for them: behind it nothing would be
 * heard. */
static void drop_endless(struct server *s, uint64_t number)
{
	for (struct who_next **at = &s->next; *at;)
		if (!(*at)->times && (*at)->number == number)
			drop(at);
		else
			at = &(*at)->next;
}

const char *who_set_next(struct server *s, struct dd_str number, struct dd_str text, int64_t times)
{
	const char *fault = who_refuse(s, text);
	uint64_t digits = number.n ? number_at_home(s, number) : 0;
	size_t waiting = 0;
	for (const struct who_next *n = s->next; n; n = n->next)
		waiting++;
	if (fault)
		return fault;
	if (number.n && !digits)
		return "that is no telephone number";
	if (waiting >= WHO_NEXT_MAX)
		return "10,000 answers wait for their calls already";
	if (!times)
		drop_endless(s, digits);
	struct who_next *next = dd_alloc(sizeof *next), **at = &s->next;
	*next = (struct who_next){.number = digits, .times = times};
	next->text = dd_str_copy(text);
	while (*at)
		at = &(*at)->next;
	*at = next;
	return NULL;
}

void who_forget_next(struct server *s)
{
	while (s->next)
		drop(&s->next);
}

static bool asked_for(struct server *s, uint64_t number, struct dd_arena **own, struct who *out)
{
	for (struct who_next **at = &s->next; *at; at = &(*at)->next) {
		if ((*at)->number && (*at)->number != number)
			continue;
		*own = dd_arena_new();
		(void)who_parse(*own, dd_str((*at)->text), out);
		if ((*at)->times && --(*at)->times == 0)
			drop(at);
		return true;
	}
	return false;
}

struct who who_answers(struct server *s, uint64_t number, struct dd_arena **own)
{
	const struct config *c = &s->config;
	struct who who;
	if (asked_for(s, number, own, &who))
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
