/* Rules about those who are called. */
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
		if (strcasecmp(people->columns[i], name) == 0)
			return true;
	return false;
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
}
