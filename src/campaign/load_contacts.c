/* Whom a campaign calls: numbers in its file, contact lists, do-not-disturb lists. Lists may be
   long: they are read line by line, what is wrong with a line is told, and the good lines are kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "campaign/loading.h"
#include "list/judge.h"
#include "list/register.h"

enum { TROUBLE_SHOWN = 10 };

void list_trouble(struct list_trouble *t, uint64_t line, const char *code, const char *format, ...)
{
	char text[512];
	va_list args;
	if (t->r->choices->event) /* the whole campaign has told of it */
		return;
	if (t->n++ >= TROUBLE_SHOWN)
		return;
	t->shown++;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	/* The span is the line, so that lines stay in their order. */
	uint32_t at = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX;
	dd_diag(t->r->doc.diags, DD_WARNING, code, NULL, (struct dd_span){at, at}, "line %llu: %s",
	        (unsigned long long)line, text)
	        ->file = t->path;
}

void list_trouble_end(struct list_trouble *t)
{
	if (t->n > t->shown)
		dd_diag(t->r->doc.diags, DD_WARNING, "list-lines", NULL,
		        (struct dd_span){UINT32_MAX, UINT32_MAX},
		        "%llu more lines have something wrong with them",
		        (unsigned long long)(t->n - t->shown))
		        ->file = t->path;
}

struct dd_diag *list_fault(struct campaign_loader *r, const char *path, struct dd_span span,
        const char *code, const char *format, ...)
{
	char text[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (span.end)
		return dd_read_fault(&r->doc, code, span, "%s", text);
	struct dd_diag *d = dd_diag(r->doc.diags, DD_ERROR, code, NULL, span, "%s", text);
	d->file = path;
	return d;
}

int list_open(struct campaign_loader *r, const char *path, struct dd_span span)
{
	struct stat st;
	struct dd_error err = {""};
	bool input = strcmp(path, "-") == 0;
	int fd = input ? dup(STDIN_FILENO) : dd_input_open(path, &err);
	if (input && fd < 0) {
		(void)dd_fail(&err, DD_ERR_READ, "%s", strerror(errno));
	} else if (input && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		(void)dd_fail(&err, DD_ERR_READ, "is a directory");
		close(fd);
		fd = -1;
	}
	if (fd < 0)
		list_fault(r, path, span, "missing-file", "cannot read \"%s\": %s", path, err.text);
	return fd;
}

bool list_add(
        struct campaign_loader *r, const char *path, struct dd_span span, struct dd_person person)
{
	struct dd_people *people = r->campaign->people;
	if (people->n >= DD_PEOPLE_MAX) {
		list_fault(r, path, span, "limit-contacts",
		        "a campaign may have at most 100,000,000 contacts");
		return false;
	}
	if (person.number == 0)
		person.flags |= DD_PERSON_INVALID;
	else if (!r->twice && !dd_number_set_add(&r->seen, person.number))
		person.flags |= DD_PERSON_DUPLICATE;
	struct dd_error err;
	if (dd_campaign_place(r->campaign, &person, &err) != DD_OK) {
		list_fault(r, path, span, "unknown-zone", "%s", err.text);
		return false;
	}
	dd_people_add(people, person);
	return true;
}

/* -- a contact list --------------------------------------------------------- */

enum { PHONE, CONSENT, ZONE, COLUMNS };

struct contacts {
	struct campaign_loader *r;
	struct dd_list *list;
	const char *path;
	struct dd_span span;
	size_t columns[COLUMNS];
	struct list_trouble trouble;
	uint16_t last_zone; /* most lists have long stretches of one zone */
	char last_name[64];
	bool *told; /* of each column: the flow says it */
};

/* What the check asks of the list later, when it may be a pipe that has been read. */
static void keep_columns(struct contacts *c)
{
	const struct dd_list_row *head = dd_list_head(c->list);
	struct dd_people *people = c->r->campaign->people;
	people->columns = dd_arena_alloc(people->arena, (head->n + 1) * sizeof *people->columns);
	people->ncolumns = head->n;
	for (size_t i = 0; i < head->n; i++)
		people->columns[i] =
		        dd_arena_copy(people->arena, head->fields[i].p, head->fields[i].n);
}

static bool no_phone_column(struct contacts *c)
{
	const struct dd_list_row *head = dd_list_head(c->list);
	char why[200];
	struct dd_diag *d = list_fault(c->r, c->path, c->span, "column-missing",
	        "the contact list \"%s\" has no column \"phone_number\"", c->path);
	d->hint = "its first line names the columns";
	for (size_t i = 0; i < head->n; i++) {
		static const char *const wanted[] = {"phone_number"};
		if (dd_number_of_field(head->fields[i], c->r->campaign->home, why, sizeof why))
			d->hint = "its first line is a contact: put a line before it that names "
			          "the columns, such as phone_number,name";
		else if (dd_nearest(head->fields[i], wanted, 1))
			d->hint = dd_arena_format(c->r->doc.arena,
			        "\"%.*s\" must be called phone_number", (int)head->fields[i].n,
			        head->fields[i].p);
	}
	return false;
}

static bool first_line(struct contacts *c)
{
	static const char *const names[COLUMNS] = {"phone_number", "consent", "time_zone"};
	const struct dd_list_row *head = dd_list_head(c->list);
	if (head->problem) {
		list_fault(c->r, c->path, c->span, "unreadable",
		        "the first line of \"%s\" cannot be read: %s", c->path, head->problem);
		return false;
	}
	if (!head->n) {
		list_fault(c->r, c->path, c->span, "empty-list", "the contact list \"%s\" is empty",
		        c->path);
		return false;
	}
	for (int i = 0; i < COLUMNS; i++)
		c->columns[i] = dd_list_column(c->list, names[i]);
	keep_columns(c);
	return c->columns[PHONE] != SIZE_MAX || no_phone_column(c);
}

static struct dd_str field(const struct contacts *c, const struct dd_list_row *row, int column)
{
	return dd_list_field(row, c->columns[column]);
}

static bool is_one_of(struct dd_str text, const char *const *words)
{
	for (; *words; words++)
		if (text.n == strlen(*words) && strncasecmp(text.p, *words, text.n) == 0)
			return true;
	return false;
}

static bool consent_of(struct contacts *c, const struct dd_list_row *row)
{
	static const char *const yes[] = {"yes", "true", "1", "y", "on", NULL},
	                         *const no[] = {"", "no", "false", "0", "n", "off", NULL};
	struct dd_str text = field(c, row, CONSENT);
	if (is_one_of(text, yes))
		return true;
	if (!is_one_of(text, no))
		list_trouble(&c->trouble, row->line, "bad-consent",
		        "consent is yes or no, not \"%.*s\"; it is taken for no",
		        (int)(text.n < 60 ? text.n : 60), text.p);
	return false;
}

/* 0 where the list says none; then the number tells. */
static bool zone_of(struct contacts *c, const struct dd_list_row *row, uint16_t *out)
{
	struct dd_str name = field(c, row, ZONE);
	char copy[64];
	struct dd_error err = {"this name is too long for a time zone"};
	*out = 0;
	if (name.n == 0 || dd_is_null_word(name))
		return true;
	(void)snprintf(copy, sizeof copy, "%.*s", (int)name.n, name.p);
	if (name.n < sizeof copy && c->last_zone && strcmp(copy, c->last_name) == 0) {
		*out = c->last_zone;
		return true;
	}
	if (name.n >= sizeof copy ||
	        dd_people_zone(c->r->campaign->people, copy, NULL, out, &err) != DD_OK) {
		list_fault(c->r, c->path, c->span, "unknown-zone", "\"%s\", line %llu: %s", c->path,
		        (unsigned long long)row->line, err.text)
		        ->hint = "without it nobody knows when this customer may be called";
		return false;
	}
	c->last_zone = *out;
	memcpy(c->last_name, copy, sizeof copy);
	return true;
}

/* The columns that the flow says. Its variables are called as they are. */
static void find_told(struct contacts *c)
{
	const struct dd_program *p = c->r->campaign->program;
	const struct dd_list_row *head = dd_list_head(c->list);
	c->told = dd_arena_alloc(c->r->doc.arena, head->n + 1);
	bool *told = p ? dd_program_told(p) : NULL;
	for (size_t i = 0; i < head->n; i++)
		for (uint32_t s = 0; p && s < p->nslots; s++)
			if (told[s] && p->slots[s].variable &&
			        dd_str_is(head->fields[i], p->slots[s].name))
				c->told[i] = true;
	free(told);
}

static void judge_values(struct contacts *c, const struct dd_list_row *row)
{
	struct dd_people *people = c->r->campaign->people;
	char why[DD_JUDGE_WHY];
	for (size_t i = 0; i < people->ncolumns; i++) {
		struct dd_str value = dd_list_field(row, i);
		if (!c->told[i])
			continue;
		enum dd_row_fault fault = dd_judge_value(dd_str(people->columns[i]), value, why);
		if (value.n == 0) {
			fault = DD_ROW_EMPTY;
			(void)snprintf(why, sizeof why, "the %.60s is empty", people->columns[i]);
		}
		if (fault != DD_ROW_FINE)
			dd_list_faults_add(&people->faults, fault, i, row->line, why);
	}
}

static bool take_row(struct contacts *c, const struct dd_list_row *row)
{
	char why[DD_JUDGE_WHY];
	struct dd_number_reading reading;
	enum dd_row_fault fault = dd_judge_number(
	        c->list, row, c->columns[PHONE], c->r->campaign->home, &reading, why);
	if (fault == DD_ROW_UNREADABLE || fault == DD_ROW_SHIFTED) {
		c->r->campaign->people->unread++;
		list_trouble(&c->trouble, row->line, "unreadable-line", "%s", why);
		return true;
	}
	if (fault == DD_ROW_FINE)
		judge_values(c, row);
	struct dd_person person = {.number = reading.number,
	        .fault = (uint8_t)reading.fault,
	        .line = row->line < UINT32_MAX ? (uint32_t)row->line : UINT32_MAX};
	person.flags = consent_of(c, row) ? DD_PERSON_CONSENT : 0;
	return zone_of(c, row, &person.zone) && list_add(c->r, c->path, c->span, person);
}

void load_contacts(struct campaign_loader *r, const char *path, struct dd_span span)
{
	struct contacts c = {.r = r, .path = path, .span = span, .trouble = {.r = r, .path = path}};
	int fd = list_open(r, path, span);
	if (fd < 0)
		return;
	struct dd_list_row row;
	c.list = dd_list_open(fd, true);
	r->campaign->people->path = path;
	bool fine = first_line(&c);
	if (fine)
		find_told(&c);
	while (fine && dd_list_next(c.list, &row) && take_row(&c, &row))
		;
	list_trouble_end(&c.trouble);
	dd_list_free(c.list);
	close(fd);
}

/* -- a do-not-disturb list -------------------------------------------------- */

/* Numbers without a calling code were taken for a country's in which nobody of the list lives: then
 * the register would protect nobody, and nobody would be told. */
static void doubt_country(struct campaign_loader *r, const char *path, struct dd_span span,
        const struct dd_register *found)
{
	const struct dd_people *people = r->campaign->people;
	const struct dd_numbering *home = r->campaign->home, *other = NULL;
	for (uint32_t i = 0; home && i < people->n; i++) {
		const struct dd_numbering *plan = dd_numbering_of_number(people->list[i].number);
		if (plan && plan->calling == home->calling)
			return;
		other = plan ? plan : other;
	}
	if (other)
		list_fault(r, path, span, "register-country",
		        "%llu numbers of \"%s\" do not say their country and were taken for %s, "
		        "where no contact is",
		        (unsigned long long)found->without_code, path, home->country)
		        ->hint = dd_arena_format(r->doc.arena,
		        "say \"country: %s\" in the campaign, or write them with + and the "
		        "calling code",
		        other->country);
}

static void load_register(struct campaign_loader *r, const char *path, struct dd_span span)
{
	struct dd_people *people = r->campaign->people;
	struct dd_number_set set = {0};
	struct dd_register found;
	int fd = list_open(r, path, span);
	if (fd < 0)
		return;
	if (!dd_register_read(fd, r->campaign->home, &set, &found)) {
		struct dd_buf more = {0};
		if (found.faults > 1)
			dd_buf_format(&more, " (and %llu more line%s)",
			        (unsigned long long)found.faults - 1, found.faults == 2 ? "" : "s");
		list_fault(r, path, span, "register-unread", "\"%s\", line %llu: %s%s", path,
		        (unsigned long long)found.line, found.why, more.p ? more.p : "")
		        ->hint = "a register that is not read whole protects nobody: put the line "
		                 "right, or a # before it";
		dd_buf_free(&more);
	} else if (found.without_code) {
		doubt_country(r, path, span, &found);
	}
	for (uint32_t i = 0; i < people->n; i++)
		if (dd_number_set_has(&set, people->list[i].number))
			people->list[i].flags |= DD_PERSON_DND;
	dd_number_set_fini(&set);
	close(fd);
}

void load_dnd(struct campaign_loader *r, struct dd_node *node)
{
	struct dd_node *const *items;
	if (r->choices->dnd) {
		load_register(r, r->choices->dnd, (struct dd_span){0, 0});
		return;
	}
	if (!node)
		return;
	if (node->kind == DD_MAP) {
		dd_read_wrong_kind(&r->doc, node, "dnd", "a file, or a list of files");
		return;
	}
	uint32_t n = dd_node_items(node, &items);
	for (uint32_t i = 0; i < n; i++) {
		const char *name = dd_read_text_copy(&r->doc, items[i], "dnd");
		if (name)
			load_register(r, dd_path_beside(r->doc.arena, r->campaign->dir, name),
			        items[i]->span);
	}
}

/* -- numbers in the campaign's own file ------------------------------------- */

void load_numbers(struct campaign_loader *r, struct dd_node *node, const char *what)
{
	struct dd_node *const *items;
	if (!node)
		return;
	r->campaign->places.numbers = node->span;
	if (node->kind == DD_MAP) {
		dd_read_wrong_kind(&r->doc, node, what, "a list of telephone numbers");
		return;
	}
	uint32_t n = dd_node_items(node, &items);
	for (uint32_t i = 0; i < n; i++) {
		struct dd_str text;
		if (!dd_read_text(&r->doc, items[i], "a telephone number", &text))
			continue;
		/* "a,b" is the platform's other way to write a list */
		for (size_t at = 0; at <= text.n;) {
			const char *comma =
			        at < text.n ? memchr(text.p + at, ',', text.n - at) : NULL;
			size_t end = comma ? (size_t)(comma - text.p) : text.n;
			if (!list_add(r, NULL, node->span,
			            (struct dd_person){
			                    .number = dd_number_parse(
			                            (struct dd_str){text.p + at, end - at},
			                            r->campaign->home)}))
				return;
			at = end + 1;
		}
	}
}
