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

#include "campaign/loading.h"

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
	bool input = strcmp(path, "-") == 0;
	int fd = input ? dup(STDIN_FILENO)
	               : open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	const char *problem = fd < 0 || fstat(fd, &st) != 0 ? strerror(errno)
	        : S_ISDIR(st.st_mode)                       ? "is a directory"
	                                                    : NULL;
	if (!problem && !input && !S_ISREG(st.st_mode) && !S_ISFIFO(st.st_mode))
		problem = "is not a regular file"; /* a device may go on for ever */
	if (!problem) {
		(void)fcntl(fd, F_SETFL, 0);
		return fd;
	}
	list_fault(r, path, span, "missing-file", "cannot read \"%s\": %s", path, problem);
	if (fd >= 0)
		close(fd);
	return -1;
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

size_t list_column(const struct dd_csv_record *first, const char *name)
{
	for (size_t i = 0; i < first->n; i++) {
		struct dd_str head = dd_str_trim(first->fields[i]);
		if (head.n == strlen(name) && strncasecmp(head.p, name, head.n) == 0)
			return i;
	}
	return SIZE_MAX;
}

/* -- a contact list --------------------------------------------------------- */

enum { PHONE, CONSENT, ZONE, COLUMNS };

struct list {
	struct campaign_loader *r;
	const char *path;
	struct dd_span span;
	size_t columns[COLUMNS], width;
	struct list_trouble trouble;
	struct dd_str last_zone; /* most lists have long stretches of one zone */
	uint8_t last_index;
};

static bool first_line(struct list *list, struct dd_csv *csv)
{
	static const char *const names[COLUMNS] = {"phone_number", "consent", "time_zone"};
	struct dd_csv_record first;
	if (!dd_csv_next(csv, &first)) {
		list_fault(list->r, list->path, list->span, "empty-list",
		        "the contact list \"%s\" is empty", list->path);
		return false;
	}
	if (first.problem) {
		list_fault(list->r, list->path, list->span, "unreadable",
		        "the first line of \"%s\" cannot be read: %s", list->path, first.problem);
		return false;
	}
	for (int i = 0; i < COLUMNS; i++)
		list->columns[i] = list_column(&first, names[i]);
	list->width = first.n;
	if (list->columns[PHONE] != SIZE_MAX)
		return true;
	struct dd_diag *d = list_fault(list->r, list->path, list->span, "column-missing",
	        "the contact list \"%s\" has no column \"phone_number\"", list->path);
	d->hint = "its first line names the columns";
	for (size_t i = 0; i < first.n; i++)
		if (dd_nearest(first.fields[i], names, 1))
			d->hint = dd_arena_format(list->r->doc.arena,
			        "\"%.*s\" must be called phone_number", (int)first.fields[i].n,
			        first.fields[i].p);
	return false;
}

static struct dd_str field(const struct list *list, const struct dd_csv_record *row, int column)
{
	size_t at = list->columns[column];
	return at < row->n ? dd_str_trim(row->fields[at]) : (struct dd_str){"", 0};
}

static bool is_one_of(struct dd_str text, const char *const *words)
{
	for (; *words; words++)
		if (text.n == strlen(*words) && strncasecmp(text.p, *words, text.n) == 0)
			return true;
	return false;
}

static bool consent_of(struct list *list, const struct dd_csv_record *row)
{
	static const char *const yes[] = {"yes", "true", "1", "y", "on", NULL},
	                         *const no[] = {"", "no", "false", "0", "n", "off", NULL};
	struct dd_str text = field(list, row, CONSENT);
	if (is_one_of(text, yes))
		return true;
	if (!is_one_of(text, no))
		list_trouble(&list->trouble, row->line, "bad-consent",
		        "consent is yes or no, not \"%.*s\"; it is taken for no",
		        (int)(text.n < 60 ? text.n : 60), text.p);
	return false;
}

static uint8_t zone_index(struct list *list, struct dd_str name, uint64_t line)
{
	struct dd_people *people = list->r->campaign->people;
	char copy[64];
	struct dd_zone *zone;
	struct dd_error err = {"this name is too long for a time zone"};
	for (size_t i = 1; i < people->nzones; i++)
		if (dd_str_is(name, dd_zone_name(people->zones[i])))
			return (uint8_t)i;
	(void)snprintf(copy, sizeof copy, "%.*s", (int)name.n, name.p);
	if (name.n >= sizeof copy || dd_zone_open(copy, &zone, &err) != DD_OK) {
		list_trouble(&list->trouble, line, "unknown-zone", "%s", err.text);
		return 0;
	}
	if (people->nzones == sizeof people->zones / sizeof *people->zones) {
		list_fault(list->r, list->path, list->span, "limit-zones",
		        "a campaign's contacts may live in at most 63 time zones");
		dd_zone_free(zone);
		return 0;
	}
	people->zones[people->nzones] = zone;
	return (uint8_t)people->nzones++;
}

static uint8_t zone_of(struct list *list, const struct dd_csv_record *row)
{
	struct dd_str name = field(list, row, ZONE);
	if (name.n == 0)
		return 0;
	if (list->last_zone.p && dd_str_same(name, list->last_zone))
		return list->last_index;
	list->last_index = zone_index(list, name, row->line);
	list->last_zone = list->last_index
	        ? dd_str(dd_zone_name(list->r->campaign->people->zones[list->last_index]))
	        : (struct dd_str){0};
	return list->last_index;
}

static bool take_row(struct list *list, const struct dd_csv_record *row)
{
	if (row->problem) {
		list_trouble(&list->trouble, row->line, "unreadable-line", "%s", row->problem);
		return true;
	}
	if (row->n < list->width && row->n <= list->columns[PHONE]) {
		list_trouble(&list->trouble, row->line, "unreadable-line",
		        "it has %zu values for %zu columns", row->n, list->width);
		return true;
	}
	struct dd_person person = {.number = dd_number_parse(field(list, row, PHONE)),
	        .line = row->line < UINT32_MAX ? (uint32_t)row->line : UINT32_MAX};
	person.flags = consent_of(list, row) ? DD_PERSON_CONSENT : 0;
	person.zone = zone_of(list, row);
	return list_add(list->r, list->path, list->span, person);
}

void load_contacts(struct campaign_loader *r, const char *path, struct dd_span span)
{
	struct list list = {.r = r, .path = path, .span = span, .trouble = {.r = r, .path = path}};
	int fd = list_open(r, path, span);
	if (fd < 0)
		return;
	struct dd_csv *csv = dd_csv_open(fd);
	struct dd_csv_record row;
	r->campaign->people->path = path;
	if (first_line(&list, csv))
		while (dd_csv_next(csv, &row) && take_row(&list, &row))
			;
	list_trouble_end(&list.trouble);
	dd_csv_free(csv);
	close(fd);
}

/* -- a do-not-disturb list -------------------------------------------------- */

static void take_dnd(struct list_trouble *trouble, const struct dd_csv_record *row,
        struct dd_number_set *set, bool first)
{
	struct dd_str text = row->n ? dd_str_trim(row->fields[0]) : (struct dd_str){"", 0};
	uint64_t number = dd_number_parse(text);
	if (number)
		dd_number_set_add(set, number);
	else if (row->problem)
		list_trouble(trouble, row->line, "unreadable-line", "%s", row->problem);
	else if (text.n && text.p[0] != '#' && !first) /* the first line may name the column */
		list_trouble(trouble, row->line, "bad-number",
		        "\"%.*s\" cannot be a telephone number", (int)(text.n < 60 ? text.n : 60),
		        text.p);
}

void load_dnd(struct campaign_loader *r, const char *path, struct dd_span span)
{
	struct dd_people *people = r->campaign->people;
	struct list_trouble trouble = {.r = r, .path = path};
	struct dd_number_set set = {0};
	struct dd_csv_record row;
	int fd = list_open(r, path, span);
	if (fd < 0)
		return;
	struct dd_csv *csv = dd_csv_open(fd);
	for (bool first = true; dd_csv_next(csv, &row); first = false)
		take_dnd(&trouble, &row, &set, first);
	for (uint32_t i = 0; i < people->n; i++)
		if (dd_number_set_has(&set, people->list[i].number))
			people->list[i].flags |= DD_PERSON_DND;
	list_trouble_end(&trouble);
	dd_number_set_fini(&set);
	dd_csv_free(csv);
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
