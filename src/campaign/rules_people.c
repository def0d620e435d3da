/* Rules about those who are called. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "campaign/ruling.h"

void campaign_rule_dnd_number(struct campaign_checking *c)
{
	const struct dd_people *people = c->campaign->people;
	enum dd_law_dnd dnd = c->campaign->law->dnd;
	for (uint32_t i = 0; dnd != DD_DND_NOT_ASKED && i < people->n; i++) {
		unsigned flags = people->list[i].flags;
		if ((flags & DD_PERSON_DND) &&
		        (dnd == DD_DND_NEVER || !(flags & DD_PERSON_CONSENT)))
			rule_find_person(c, i, "+%llu is on the do-not-disturb register%s",
			        (unsigned long long)people->list[i].number,
			        dnd == DD_DND_NEVER ? "" : ", without consent");
	}
	rule_people_end(c, "are on the do-not-disturb register");
}

static bool needs_consent(const struct dd_campaign *campaign)
{
	enum dd_law_consent consent = campaign->law->consent;
	return consent == DD_CONSENT_ALWAYS ||
	        (consent == DD_CONSENT_PROMOTION && campaign->promotional);
}

void campaign_rule_consent_missing(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_people *people = x->people;
	uint32_t without = 0;
	if (!needs_consent(x))
		return;
	/* Of a number on the register the other rule speaks. */
	for (uint32_t i = 0; i < people->n; i++)
		without += !(people->list[i].flags &
		        (DD_PERSON_CONSENT | DD_PERSON_DND | DD_PERSON_INVALID |
		                DD_PERSON_DUPLICATE));
	if (without == people->n && without > 1) {
		rule_find(c, x->places.contacts.end ? x->places.contacts : x->places.numbers,
		        "a contact list says it in its column \"consent\"",
		        "none of the %u contacts has agreed to such calls (%s)", people->n,
		        x->law->name);
		return;
	}
	for (uint32_t i = 0; without && i < people->n; i++)
		if (!(people->list[i].flags &
		            (DD_PERSON_CONSENT | DD_PERSON_DND | DD_PERSON_INVALID |
		                    DD_PERSON_DUPLICATE)))
			rule_find_person(c, i, "+%llu has not agreed to such calls (%s)",
			        (unsigned long long)people->list[i].number, x->law->name);
	rule_people_end(c, "have not agreed to such calls");
}

void campaign_rule_number_duplicate(struct campaign_checking *c)
{
	const struct dd_people *people = c->campaign->people;
	for (uint32_t i = 0; i < people->n; i++)
		if (people->list[i].flags & DD_PERSON_DUPLICATE)
			rule_find_person(c, i, "+%llu stands earlier in the list",
			        (unsigned long long)people->list[i].number);
	rule_people_end(c, "stand earlier in the list");
}

void campaign_rule_number_invalid(struct campaign_checking *c)
{
	const struct dd_people *people = c->campaign->people;
	for (uint32_t i = 0; i < people->n; i++)
		if (people->list[i].flags & DD_PERSON_INVALID)
			rule_find_person(c, i, "%s",
			        people->list[i].line
			                ? dd_number_fault_text(
			                          (enum dd_number_fault)people->list[i].fault)
			                : "a number here cannot be a telephone number");
	rule_people_end(c, "cannot be called: theirs are no telephone numbers");
}

static void lacks(struct campaign_checking *c, const char *name)
{
	const struct dd_campaign *x = c->campaign;
	if (x->people->path)
		rule_find(c, x->places.contacts,
		        "drydial check FLOW --contacts FILE looks at each contact's values",
		        "the flow needs \"%s\", and the contact list has no such column", name);
	else
		rule_find(c, x->places.numbers.end ? x->places.numbers : x->places.contacts,
		        "a contact list has a column for it",
		        "the flow needs \"%s\" of each customer", name);
}

static bool has_column(const struct dd_people *people, const char *name)
{
	for (size_t i = 0; i < people->ncolumns; i++)
		if (strcmp(people->columns[i], name) == 0)
			return true;
	return false;
}

/* Of each column that the flow says and each kind of fault one finding: how many, and where. */
static void tell_values(struct campaign_checking *c, bool empty)
{
	const struct dd_people *people = c->campaign->people;
	for (size_t i = 0; i < people->faults.n; i++) {
		const struct dd_fault_tally *t = &people->faults.list[i];
		struct dd_buf where = {0};
		if (empty != (t->fault == DD_ROW_EMPTY || t->fault == DD_ROW_NULL_WORD))
			continue;
		for (size_t k = 0; k < t->n && k < DD_FAULT_EXAMPLES; k++)
			dd_buf_format(&where, "%s%llu", k ? ", " : "",
			        (unsigned long long)t->first[k].line);
		rule_find(c, c->campaign->places.contacts,
		        "drydial list tells what is wrong with a list",
		        "of %llu contact%s the %s cannot be said (line%s %s%s): %s",
		        (unsigned long long)t->n, t->n == 1 ? "" : "s", people->columns[t->column],
		        t->n == 1 ? "" : "s", where.p, t->n > DD_FAULT_EXAMPLES ? " …" : "",
		        t->first[0].why);
		dd_buf_free(&where);
	}
}

void campaign_rule_value_example(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_program *p = x->program;
	bool *told = p && x->people->path ? dd_program_told(p) : NULL;
	struct dd_buf names = {0};
	size_t n = 0;
	for (uint32_t i = 0; told && i < p->nslots; i++) {
		const struct dd_slot *s = &p->slots[i];
		if (told[i] && s->variable && !s->required && s->example.n &&
		        !has_column(x->people, s->name))
			dd_buf_format(&names, "%s\"%s\"", n++ ? ", " : "", s->name);
	}
	if (n)
		rule_find(c, x->places.contacts, NULL,
		        "the contact list has no column %s: everybody hears the flow's example%s",
		        names.p, n == 1 ? "" : "s");
	dd_buf_free(&names);
	free(told);
}

void campaign_rule_value_wrong(struct campaign_checking *c)
{
	tell_values(c, false);
}

void campaign_rule_nobody_callable(struct campaign_checking *c)
{
	const struct dd_people *people = c->campaign->people;
	enum dd_law_dnd dnd = c->campaign->law->dnd;
	bool asked = needs_consent(c->campaign);
	for (uint32_t i = 0; i < people->n; i++) {
		unsigned flags = people->list[i].flags;
		bool consent = flags & (DD_PERSON_CONSENT | DD_PERSON_MADE_UP);
		bool barred = flags & DD_PERSON_DND &&
		        (dnd == DD_DND_NEVER || (dnd == DD_DND_WITH_CONSENT && !consent));
		if (!(flags & (DD_PERSON_INVALID | DD_PERSON_DUPLICATE)) && !barred &&
		        (consent || !asked))
			return;
	}
	rule_find(c,
	        c->campaign->places.contacts.end ? c->campaign->places.contacts
	                                         : c->campaign->places.numbers,
	        NULL, "nobody on the list may be called");
}

/* A variable that is declared without an example must come from the list. */
void campaign_rule_value_missing(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_program *p = x->program;
	bool made_up = !x->people->path && x->people->n &&
	        (x->people->list[x->people->n - 1].flags & DD_PERSON_MADE_UP);
	for (uint32_t i = 0; !made_up && p && i < p->nslots; i++)
		if (p->slots[i].required && !has_column(x->people, p->slots[i].name))
			lacks(c, p->slots[i].name);
	tell_values(c, true);
}
