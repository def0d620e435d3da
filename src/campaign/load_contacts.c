/* Whom a campaign calls: numbers in its file, contact lists, do-not-disturb lists. Lists may be
   long: they are read line by line, what is wrong with a line is told, and the good lines are kept.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/input.h"
#include "campaign/loading.h"
#include "list/list.h"
#include "list/register.h"

enum { TROUBLE_SHOWN = 10 };

void list_trouble(struct list_trouble *t, uint64_t line, const char *code, const char *format, ...)
{
	char text[512];
	va_list args;
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
	struct dd_str last_zone; /* most lists have long stretches of one zone */
	uint8_t last_index;
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
		if (dd_number_of_field(head->fields[i], why, sizeof why))
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

static uint8_t zone_index(struct contacts *c, struct dd_str name, uint64_t line)
{
	struct dd_people *people = c->r->campaign->people;
	char copy[64];
	struct dd_zone *zone;
	struct dd_error err = {"this name is too long for a time zone"};
	for (size_t i = 1; i < people->nzones; i++)
		if (dd_str_is(name, dd_zone_name(people->zones[i])))
			return (uint8_t)i;
	(void)snprintf(copy, sizeof copy, "%.*s", (int)name.n, name.p);
	if (name.n >= sizeof copy || dd_zone_open(copy, &zone, &err) != DD_OK) {
		list_trouble(&c->trouble, line, "unknown-zone", "%s", err.text);
		return 0;
	}
	if (people->nzones == sizeof people->zones / sizeof *people->zones) {
		list_fault(c->r, c->path, c->span, "limit-zones",
		        "a campaign's contacts may live in at most 63 time zones");
		dd_zone_free(zone);
		return 0;
	}
	people->zones[people->nzones] = zone;
	return (uint8_t)people->nzones++;
}

static uint8_t zone_of(struct contacts *c, const struct dd_list_row *row)
{
	struct dd_str name = field(c, row, ZONE);
	if (name.n == 0)
		return 0;
	if (c->last_zone.p && dd_str_same(name, c->last_zone))
		return c->last_index;
	c->last_index = zone_index(c, name, row->line);
	c->last_zone = c->last_index
	        ? dd_str(dd_zone_name(c->r->campaign->people->zones[c->last_index]))
	        : (struct dd_str){0};
	return c->last_index;
}

static bool take_row(struct contacts *c, const struct dd_list_row *row)
{
	if (row->problem) {
		list_trouble(&c->trouble, row->line, "unreadable-line", "%s", row->problem);
		return true;
	}
	size_t width = dd_list_head(c->list)->n;
	if (row->n < width && row->n <= c->columns[PHONE]) {
		list_trouble(&c->trouble, row->line, "unreadable-line",
		        "it has %zu values for %zu columns", row->n, width);
		return true;
	}
	char why[200];
	struct dd_person person = {
	        .number = dd_number_of_field(field(c, row, PHONE), why, sizeof why),
	        .line = row->line < UINT32_MAX ? (uint32_t)row->line : UINT32_MAX};
	person.flags = consent_of(c, row) ? DD_PERSON_CONSENT : 0;
	person.zone = zone_of(c, row);
	return list_add(c->r, c->path, c->span, person);
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
	if (first_line(&c))
		while (dd_list_next(c.list, &row) && take_row(&c, &row))
			;
	list_trouble_end(&c.trouble);
	dd_list_free(c.list);
	close(fd);
}

/* -- a do-not-disturb list -------------------------------------------------- */

void load_dnd(struct campaign_loader *r, const char *path, struct dd_span span)
{
	struct dd_people *people = r->campaign->people;
	struct dd_number_set set = {0};
	struct dd_register_fault fault;
	uint64_t faults;
	int fd = list_open(r, path, span);
	if (fd < 0)
		return;
	if (!dd_register_read(fd, &set, &fault, &faults)) {
		struct dd_buf more = {0};
		if (faults > 1)
			dd_buf_format(
			        &more, " (and %llu more lines)", (unsigned long long)faults - 1);
		list_fault(r, path, span, "register-unread", "\"%s\", line %llu: %s%s", path,
		        (unsigned long long)fault.line, fault.why, more.p ? more.p : "")
		        ->hint = "a register that is not read whole protects nobody: put the line "
		                 "right, or a # before it";
		dd_buf_free(&more);
	}
	for (uint32_t i = 0; i < people->n; i++)
		if (dd_number_set_has(&set, people->list[i].number))
			people->list[i].flags |= DD_PERSON_DND;
	dd_number_set_fini(&set);
	close(fd);
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
			            (struct dd_person){.number = dd_number_parse((struct dd_str){
			                                       text.p + at, end - at})}))
				return;
			at = end + 1;
		}
	}
}
