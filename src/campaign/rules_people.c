/* Rules about those who are called. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "call/fill.h"
#include "campaign/ruling.h"
#include "check/templates.h"
#include "list/list.h"

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

/* -- registered texts ------------------------------------------------------- */

/* What the SMS of the flow are filled in with for one contact. */
struct sms_values {
	const struct dd_program *program;
	const struct dd_list_row *row;
	const size_t *columns; /* of each slot; SIZE_MAX: the list has none */
};

static struct dd_str sms_value(void *self, uint32_t slot)
{
	const struct sms_values *v = self;
	return v->columns[slot] != SIZE_MAX ? dd_list_field(v->row, v->columns[slot])
	                                    : v->program->slots[slot].example;
}

/* Values that a server or the customer gives, and the call's own, are not known before it. */
static bool is_known(const struct sms_values *v, const struct dd_template *t)
{
	for (uint32_t i = 0; i < t->n; i++) {
		uint32_t slot = v->program->parts[t->first + i].slot;
		if (slot != DD_NONE && !sms_value((void *)(uintptr_t)v, slot).p)
			return false;
	}
	return true;
}

static void one_contact(struct campaign_checking *c, struct sms_values *v, const bool *asked,
        const struct dd_str *texts, struct dd_arena *arena, uint32_t person)
{
	const struct dd_program *p = v->program;
	char text[DD_TEXT_BYTES_MAX + 1];
	for (uint32_t i = 0; i < p->nsteps; i++) {
		size_t n = 0;
		if (!asked[i] || !is_known(v, &p->templates[p->steps[i].sms.text]) ||
		        dd_fill(p, p->steps[i].sms.text, 0, UINT32_MAX, DD_FILL_PLAIN,
		                (struct dd_values){v, sms_value}, text, sizeof text, &n, NULL,
		                NULL) != DD_OK)
			continue;
		const char *how = dd_template_unlike(arena, texts[i], (struct dd_str){text, n});
		if (how)
			rule_find_person(c, person,
			        "the SMS of line %u of the flow does not fit its registered "
			        "template: %s",
			        p->steps[i].line, how);
	}
}

static void each_contact(
        struct campaign_checking *c, int fd, const bool *asked, const struct dd_str *texts)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_program *p = x->program;
	struct dd_list *list = dd_list_open(fd, true);
	const struct dd_list_row *head = dd_list_head(list);
	size_t *columns = dd_alloc((p->nslots + 1) * sizeof *columns);
	struct dd_list_row row;
	uint32_t person = 0;
	for (uint32_t s = 0; s < p->nslots; s++) {
		columns[s] = SIZE_MAX;
		for (size_t i = 0; i < head->n && p->slots[s].variable; i++)
			if (head->fields[i].n == strlen(p->slots[s].name) &&
			        strncasecmp(head->fields[i].p, p->slots[s].name,
			                head->fields[i].n) == 0)
				columns[s] = i;
	}
	struct sms_values values = {p, &row, columns};
	while (person < x->people->n && dd_list_next(list, &row)) {
		while (person < x->people->n && x->people->list[person].line < row.line)
			person++;
		if (row.problem || person == x->people->n ||
		        x->people->list[person].line != row.line)
			continue;
		struct dd_arena *arena = dd_arena_new();
		one_contact(c, &values, asked, texts, arena, person);
		dd_arena_free(arena);
	}
	dd_free(columns);
	dd_list_free(list);
}

/* The campaign keeps no values of its contacts: the list is read once more, where that can be. */
static void read_again(struct campaign_checking *c, const bool *asked, const struct dd_str *texts)
{
	const struct dd_campaign *x = c->campaign;
	struct stat st;
	int fd = open(x->people->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		each_contact(c, fd, asked, texts);
	else
		rule_find(c, x->places.contacts, "give the list as a file",
		        "whether each contact's SMS fits its registered template is not known: "
		        "this list cannot be read twice");
	if (fd >= 0)
		close(fd);
}

void campaign_rule_sms_unlike_template(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	const struct dd_program *p = x->program;
	if (!p || !x->people->path)
		return; /* of the flow's own values its check speaks */
	struct dd_arena *arena = dd_arena_new();
	struct dd_templates *templates = dd_templates_read(p, arena);
	bool *asked = dd_alloc(p->nsteps + 1), any = false;
	struct dd_str *texts = dd_alloc((p->nsteps + 1) * sizeof *texts);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const char *problem = NULL;
		if (p->steps[i].applet != DD_SMS)
			continue;
		texts[i] = dd_template_text(templates, i, &problem);
		any |= asked[i] = texts[i].p != NULL;
		if (problem)
			rule_find(c, x->places.flow, "a line \"id,text\", then a line a template",
			        "whether each contact's SMS fits its registered template is not "
			        "known: %s",
			        problem);
	}
	if (any)
		read_again(c, asked, texts);
	rule_people_end(c, "get an SMS that does not fit its registered template");
	dd_free(asked);
	dd_free(texts);
	dd_arena_free(arena);
}
