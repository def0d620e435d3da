/* drydial list: the health of a contact list, and what of it is certain enough to be put right. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/arena.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/replace.h"
#include "flow/program.h"
#include "list/doctor.h"
#include "report/json.h"

struct list_options {
	const char *flow, *fix, *rest, *format;
	const struct dd_numbering *home;
	bool no_colour;
	unsigned columns;
};

int dd_cli_country(const char *value, const struct dd_numbering **out)
{
	*out = dd_numbering_of_country(dd_str(value));
	return *out ? 0
	            : dd_usage_error(
	                      "--country %s: two letters, such as IN, US or GB (ISO 3166)", value);
}

static int take_list_option(void *self, int letter, char *value)
{
	struct list_options *o = self;
	switch (letter) {
	case 'f': o->flow = value; return 0;
	case 'C': return dd_cli_country(value, &o->home);
	case 'x': o->fix = value; return 0;
	case 'r': o->rest = value; return 0;
	case 'o': o->format = value; return 0;
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

/* -- the repaired list, and the rest ---------------------------------------- */

/* Rows are kept until the whole list is read: a list that turns out to be none leaves no file. */
struct sorting {
	const struct dd_health *health;
	bool wanted, numbered; /* numbered: the list has no head, and the new ones get one */
	size_t phone, width;
	struct dd_buf good, rest;
	uint64_t ngood, nrest;
};

static void cell(struct dd_buf *out, struct dd_str text, bool first)
{
	bool quoted = false;
	if (!first)
		dd_buf_char(out, ',');
	for (size_t i = 0; i < text.n && !quoted; i++)
		quoted = text.p[i] == ',' || text.p[i] == '"' || text.p[i] == '\n' ||
		        text.p[i] == '\r';
	if (quoted)
		dd_buf_char(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '"')
			dd_buf_char(out, '"');
		dd_buf_char(out, text.p[i]);
	}
	if (quoted)
		dd_buf_char(out, '"');
}

static void sort_head(struct sorting *s, const struct dd_list_row *head, size_t phone)
{
	s->phone = phone;
	s->width = head->n;
	dd_buf_str(&s->rest, "line,reason");
	for (size_t i = 0; i < head->n; i++) {
		char name[32];
		struct dd_str field = head->fields[i];
		if (i == phone)
			field = dd_str("phone_number");
		else if (s->health->no_head) {
			(void)snprintf(name, sizeof name, "column_%zu", i + 1);
			field = dd_str(name);
		}
		cell(&s->good, field, i == 0);
		cell(&s->rest, field, false);
	}
	dd_buf_str(&s->good, "\n");
	dd_buf_str(&s->rest, "\n");
}

static void sort_row(struct sorting *s, const struct dd_list_row *row, enum dd_row_fault fault,
        uint64_t number, const char *why)
{
	char text[32];
	bool good = fault == DD_ROW_FINE;
	struct dd_buf *out = good ? &s->good : &s->rest;
	/* of a shifted row all that stands in it */
	size_t width = good || row->n < s->width ? s->width : row->n;
	if (!good) {
		dd_buf_format(out, "%llu", (unsigned long long)row->line);
		cell(out, dd_str(why), false);
	}
	for (size_t i = 0; i < width; i++) {
		struct dd_str field = dd_list_field(row, i);
		if (good && i == s->phone) {
			(void)snprintf(text, sizeof text, "+%llu", (unsigned long long)number);
			field = dd_str(text);
		}
		cell(out, field, good && i == 0);
	}
	dd_buf_char(out, '\n');
	s->ngood += good;
	s->nrest += !good;
}

static int write_sorted(const struct list_options *o, const char *list, const struct sorting *s)
{
	struct dd_buf beside = {0};
	const char *stem = o->fix;
	size_t n = strlen(stem);
	n -= n > 4 && strcmp(stem + n - 4, ".csv") == 0 ? 4 : 0;
	dd_buf_format(&beside, "%.*s.rest.csv", (int)n, stem);
	const char *rest = o->rest ? o->rest : beside.p;
	struct stat a, b;
	bool same = stat(list, &a) == 0 &&
	        ((stat(o->fix, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev) ||
	                (stat(rest, &b) == 0 && a.st_ino == b.st_ino && a.st_dev == b.st_dev));
	int code = EXIT_FINE;
	if (same || strcmp(o->fix, rest) == 0)
		code = dd_usage_error(
		        "--fix writes beside the list, not over it: give another name");
	int failed = code ? 0 : dd_replace_file(o->fix, (struct dd_str){s->good.p, s->good.n});
	if (failed)
		code = dd_usage_error("--fix %s: %s", o->fix, strerror(failed));
	if (!code && s->nrest)
		failed = dd_replace_file(rest, (struct dd_str){s->rest.p, s->rest.n});
	if (!code && failed)
		code = dd_usage_error("%s: %s", rest, strerror(failed));
	if (!code)
		fprintf(stderr, "drydial: %llu contacts with nothing wrong are in %s%s",
		        (unsigned long long)s->ngood, o->fix, s->nrest ? ", " : "\n");
	if (!code && s->nrest)
		fprintf(stderr, "%llu with the reason in %s\n", (unsigned long long)s->nrest, rest);
	dd_buf_free(&beside);
	return code;
}

/* -- for people ------------------------------------------------------------- */

struct telling_health {
	const struct dd_health *h;
	const struct list_options *o;
	struct dd_buf *out;
	bool colour;
};

static void heading(const struct telling_health *t, const char *text)
{
	dd_buf_format(t->out, t->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n", text);
}

/* Text under an indent, broken at blanks. */
static void paragraph(const struct telling_health *t, size_t indent, struct dd_str text)
{
	struct dd_buf safe = {0};
	dd_buf_screen(&safe, text);
	dd_buf_format(t->out, "%*s", (int)indent, "");
	dd_buf_wrapped(t->out, (struct dd_str){safe.p ? safe.p : "", safe.n}, indent, indent,
	        t->o->columns);
	dd_buf_char(t->out, '\n');
	dd_buf_free(&safe);
}

static void tell_fault(const struct telling_health *t, const struct dd_fault_tally *f)
{
	struct dd_buf line = {0};
	dd_buf_format(&line, "%llu  %s", (unsigned long long)f->n, dd_row_fault_title(f->fault));
	if (f->column != SIZE_MAX)
		dd_buf_format(&line, " (%s)", t->h->columns[f->column].name);
	paragraph(t, 2, (struct dd_str){line.p, line.n});
	for (size_t i = 0; i < f->n && i < DD_FAULT_EXAMPLES; i++) {
		if (!f->first[i].line)
			continue;
		dd_buf_clear(&line);
		dd_buf_format(&line, "line %llu: %s", (unsigned long long)f->first[i].line,
		        f->first[i].why);
		paragraph(t, 6, (struct dd_str){line.p, line.n});
	}
	dd_buf_free(&line);
}

static void tell_gravity(
        const struct telling_health *t, enum dd_row_gravity gravity, const char *title)
{
	bool any = false;
	for (int kind = DD_ROW_FINE + 1; kind < DD_ROW_FAULTS_COUNT; kind++) {
		if (dd_row_fault_gravity((enum dd_row_fault)kind) != gravity)
			continue;
		for (size_t i = 0; i < t->h->faults.n; i++) {
			if ((int)t->h->faults.list[i].fault != kind)
				continue;
			if (!any)
				heading(t, title);
			any = true;
			tell_fault(t, &t->h->faults.list[i]);
		}
	}
}

static void tell_repairs(const struct telling_health *t)
{
	const struct dd_health *h = t->h;
	if (!h->repaired && !h->told[0])
		return;
	heading(t, t->o->fix ? "Put right" : "Understood, and put right by --fix");
	if (h->told[0])
		paragraph(t, 2, dd_str(h->told));
	for (size_t i = 0; i < DD_DOCTOR_REPAIRS; i++) {
		struct dd_buf line = {0};
		if (!h->repairs[i])
			continue;
		dd_buf_format(&line, "%llu  %s: line %llu, \"%s\" is +%llu",
		        (unsigned long long)h->repairs[i], dd_number_repair_text(i),
		        (unsigned long long)h->repair_of[i].line, h->repair_of[i].before,
		        (unsigned long long)h->repair_of[i].after);
		paragraph(t, 2, (struct dd_str){line.p, line.n});
		dd_buf_free(&line);
	}
}

static void tell_columns(const struct telling_health *t)
{
	const struct dd_health *h = t->h;
	struct dd_buf line = {0};
	heading(t, "Columns, and their longest values");
	for (size_t i = 0; i < h->ncolumns; i++) {
		const struct dd_doctor_column *c = &h->columns[i];
		dd_buf_clear(&line);
		dd_buf_format(&line, "%s", h->no_head ? "(no name)" : c->name);
		if (i == h->phone)
			dd_buf_str(&line,
			        strcmp(c->name, "phone_number") == 0 ? ""
			                                             : ", the telephone number");
		if (c->said)
			dd_buf_str(&line, ", the flow says it");
		if (c->longest)
			dd_buf_format(&line, ": %zu character%s in line %llu, \"%s\"", c->longest,
			        c->longest == 1 ? "" : "s", (unsigned long long)c->longest_line,
			        c->longest_text);
		if (c->empty)
			dd_buf_format(&line, "; %llu empty", (unsigned long long)c->empty);
		paragraph(t, 2, (struct dd_str){line.p ? line.p : "", line.n});
	}
	dd_buf_free(&line);
}

static void tell_countries(const struct telling_health *t)
{
	struct dd_buf line = {0};
	heading(t, "Countries");
	for (size_t i = 0; i < t->h->ncountries; i++)
		dd_buf_format(&line, "%s+%u %s %llu", i ? ", " : "",
		        t->h->countries[i].plan->calling, t->h->countries[i].plan->country,
		        (unsigned long long)t->h->countries[i].n);
	paragraph(t, 2, (struct dd_str){line.p ? line.p : "", line.n});
	dd_buf_clear(&line);
	dd_buf_format(&line,
	        "Numbers without a calling code are taken for those of %s (--country).",
	        t->o->home->country);
	if (t->h->repairs[3])
		paragraph(t, 2, (struct dd_str){line.p, line.n});
	dd_buf_free(&line);
}

static void tell_health(const struct telling_health *t, const char *list)
{
	const struct dd_health *h = t->h;
	struct dd_buf line = {0};
	dd_buf_screen(t->out, dd_str(list));
	dd_buf_format(t->out, ": %llu row%s, %zu column%s\n", (unsigned long long)h->rows,
	        h->rows == 1 ? "" : "s", h->ncolumns, h->ncolumns == 1 ? "" : "s");
	dd_buf_format(t->out, "  %llu can be called, %llu cannot", (unsigned long long)h->callable,
	        (unsigned long long)h->left_out);
	if (h->wrong)
		dd_buf_format(t->out, "; %llu would hear or read something wrong",
		        (unsigned long long)h->wrong);
	dd_buf_char(t->out, '\n');
	if (h->no_head)
		paragraph(t, 2,
		        dd_str("The first line is a contact, and no line names the columns: put "
		               "phone_number,name before it."));
	if (h->phone == SIZE_MAX)
		paragraph(t, 2,
		        dd_str("No column holds the telephone numbers: its name must be "
		               "phone_number."));
	if (h->twice[0]) {
		dd_buf_format(
		        &line, "The column \"%s\" stands twice; the first one counts.", h->twice);
		paragraph(t, 2, (struct dd_str){line.p, line.n});
	}
	for (size_t i = 0; i < h->nabsent; i++) {
		dd_buf_clear(&line);
		dd_buf_format(&line, "The flow says %s, and no column is called so.", h->absent[i]);
		for (size_t c = 0; c < h->ncolumns; c++)
			if (strcasecmp(h->columns[c].name, h->absent[i]) == 0)
				dd_buf_format(&line, " \"%s\" is another name: rename the column.",
				        h->columns[c].name);
		paragraph(t, 2, (struct dd_str){line.p, line.n});
	}
	dd_buf_free(&line);
	tell_gravity(t, DD_ROW_OUT, "Cannot be called");
	tell_gravity(t, DD_ROW_WRONG, "Would hear or read something wrong");
	tell_gravity(t, DD_ROW_LOOK, "Worth a look");
	tell_repairs(t);
	if (h->ncountries)
		tell_countries(t);
	tell_columns(t);
}

/* -- for machines ----------------------------------------------------------- */

static json_t *faults_json(const struct dd_health *h)
{
	json_t *list = json_array();
	static const char *const gravities[] = {"left out", "wrong", "look"};
	for (size_t i = 0; i < h->faults.n; i++) {
		const struct dd_fault_tally *f = &h->faults.list[i];
		json_t *o = json_object(), *examples = json_array();
		json_object_set_new(o, "fault", json_string(dd_row_fault_title(f->fault)));
		json_object_set_new(
		        o, "gravity", json_string(gravities[dd_row_fault_gravity(f->fault)]));
		json_object_set_new(o, "column",
		        f->column == SIZE_MAX ? json_null()
		                              : json_string(h->columns[f->column].name));
		json_object_set_new(o, "rows", json_integer((json_int_t)f->n));
		for (size_t k = 0; k < f->n && k < DD_FAULT_EXAMPLES; k++)
			if (f->first[k].line)
				json_array_append_new(examples,
				        json_pack("{s:I, s:s}", "line",
				                (json_int_t)f->first[k].line, "reason",
				                f->first[k].why));
		json_object_set_new(o, "examples", examples);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *columns_json(const struct dd_health *h)
{
	json_t *list = json_array();
	for (size_t i = 0; i < h->ncolumns; i++) {
		const struct dd_doctor_column *c = &h->columns[i];
		json_array_append_new(list,
		        json_pack("{s:s, s:b, s:b, s:I, s:I, s:I, s:s}", "name", c->name,
		                "phone_number", i == h->phone, "said", c->said, "empty",
		                (json_int_t)c->empty, "longest", (json_int_t)c->longest,
		                "longest_line", (json_int_t)c->longest_line, "longest_value",
		                c->longest_text));
	}
	return list;
}

static void health_json(const struct dd_health *h, const char *name, struct dd_buf *out)
{
	json_t *countries = json_object(), *absent = json_array(), *repairs = json_array();
	char code[32];
	for (size_t i = 0; i < h->ncountries; i++) {
		(void)snprintf(code, sizeof code, "+%u", h->countries[i].plan->calling);
		json_object_set_new(countries, code, json_integer((json_int_t)h->countries[i].n));
	}
	for (size_t i = 0; i < h->nabsent; i++)
		json_array_append_new(absent, json_string(h->absent[i]));
	for (size_t i = 0; i < DD_DOCTOR_REPAIRS; i++)
		if (h->repairs[i])
			json_array_append_new(repairs,
			        json_pack("{s:s, s:I}", "repair", dd_number_repair_text(i), "rows",
			                (json_int_t)h->repairs[i]));
	json_t *root = json_object();
	json_object_set_new(root, "list", json_string(name));
	json_object_set_new(root, "rows", json_integer((json_int_t)h->rows));
	json_object_set_new(root, "callable", json_integer((json_int_t)h->callable));
	json_object_set_new(root, "left_out", json_integer((json_int_t)h->left_out));
	json_object_set_new(root, "wrong", json_integer((json_int_t)h->wrong));
	json_object_set_new(root, "repaired", json_integer((json_int_t)h->repaired));
	json_object_set_new(root, "has_head", json_boolean(!h->no_head));
	json_object_set_new(root, "absent_columns", absent);
	json_object_set_new(root, "faults", faults_json(h));
	json_object_set_new(root, "repairs", repairs);
	json_object_set_new(root, "countries", countries);
	json_object_set_new(root, "columns", columns_json(h));
	dd_json_print(root, JSON_INDENT(2), out);
}

/* -- running ---------------------------------------------------------------- */

static void on_head(void *self, const struct dd_list_row *head, size_t phone)
{
	struct sorting *s = self;
	if (s->wanted)
		sort_head(s, head, phone);
}

static void on_row(void *self, const struct dd_list_row *row, enum dd_row_fault fault,
        uint64_t number, const char *why)
{
	struct sorting *s = self;
	if (s->wanted)
		sort_row(s, row, fault, number, why);
}

/* The variables that the flow says. */
static size_t said_by(const struct dd_program *p, const char **names, bool *required, size_t most)
{
	bool *told = dd_program_told(p);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nslots && n < most; i++) {
		if (!told[i] || !p->slots[i].variable)
			continue;
		names[n] = p->slots[i].name;
		required[n++] = p->slots[i].required;
	}
	free(told);
	return n;
}

static int open_list_file(const char *name)
{
	struct stat st;
	if (strcmp(name, "-") == 0)
		return dup(STDIN_FILENO);
	int fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &st) != 0) {
		(void)dd_usage_error("%s: %s", name, strerror(errno));
	} else if (S_ISREG(st.st_mode) || S_ISFIFO(st.st_mode)) {
		(void)fcntl(fd, F_SETFL, 0);
		return fd;
	} else {
		(void)dd_usage_error("%s is not a file", name);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static int examine(
        const struct list_options *o, const char *list, int fd, const struct dd_program *program)
{
	enum { SAID = 64 };
	const char *said[SAID];
	bool required[SAID];
	struct dd_health health;
	struct sorting sorting = {.health = &health, .wanted = o->fix};
	struct dd_doctor_options options = {
	        .home = o->home, .self = &sorting, .row = on_row, .head = on_head};
	if (program) {
		options.nsaid = said_by(program, said, required, SAID);
		options.said = said;
		options.required = required;
	}
	int code = EXIT_FINE;
	const char *name = strcmp(list, "-") == 0 ? "<stdin>" : list;
	if (!dd_doctor(fd, &options, &health)) {
		code = dd_usage_error("%s is no list of contacts: %s", name, health.problem);
	} else {
		struct dd_buf out = {0};
		struct dd_style style = dd_style_of(o->format, o->no_colour);
		struct telling_health t = {&health, o, &out, style.colour};
		if (strcmp(o->format, "json") == 0)
			health_json(&health, name, &out);
		else
			tell_health(&t, name);
		dd_print(&out);
		dd_buf_free(&out);
		if (o->fix && health.phone != SIZE_MAX)
			code = write_sorted(o, list, &sorting);
		if (!code && (health.callable == 0 || health.left_out || health.wrong))
			code = EXIT_FAILED;
		for (size_t i = 0; i < health.nabsent; i++)
			if (!code && required[i])
				code = EXIT_FAILED;
	}
	dd_buf_free(&sorting.good);
	dd_buf_free(&sorting.rest);
	dd_health_fini(&health);
	return code;
}

static int run_list(int argc, char **argv)
{
	struct list_options o = {.format = "text", .home = dd_numbering_of_country(dd_str("IN"))};
	int code = dd_command_parse(&dd_command_list, "", argc, argv, &o);
	if (code >= 0)
		return code;
	if (argc - optind != 1)
		return dd_usage_error("which list? drydial list FILE.csv [options]");
	if (o.rest && !o.fix)
		return dd_usage_error("--rest goes with --fix");
	struct dd_style style = dd_style_of(o.format, o.no_colour);
	o.columns = style.columns ? style.columns : 80;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_program *program = o.flow ? dd_program_load(o.flow, &diags) : NULL;
	code = EXIT_USAGE;
	if (o.flow && (!program || diags.errors)) {
		dd_cli_show(&diags, &style);
	} else {
		int fd = open_list_file(argv[optind]);
		if (fd >= 0)
			code = examine(&o, argv[optind], fd, program);
		if (fd >= 0)
			close(fd);
	}
	dd_program_free(program);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option LIST_OPTIONS[] = {
        {'f', "flow", "FLOW", "the flow whose variables the list fills in", .value = DD_FILE,
                .endings = "yaml yml",
                .more = "Its values are then looked at as the customer hears them, and empty ones "
                        "are told."},
        DD_OPTION_COUNTRY('C', ""),
        {'x', "fix", "OUT.csv", "write the contacts with nothing wrong, put right",
                .value = DD_FILE, .endings = "csv",
                .more = "Numbers are written with + and the calling code, columns with commas "
                        "between them, in UTF-8. The rest goes to OUT.rest.csv, each row behind "
                        "its line and the reason."},
        {'r', "rest", "FILE", "with --fix: where the rest goes", .value = DD_FILE,
                .endings = "csv"},
        DD_OPTION_TEXT_OR_JSON,
        DD_OPTION_NO_COLOR,
};

const struct dd_command dd_command_list = {.name = "list",
        .operands = "FILE.csv",
        .brief = "a contact list's health: what is wrong with it, and repairs",
        .summary = "Tells what is wrong with a contact list, by kind: numbers that a spreadsheet "
                   "has cut, shifted columns, words for nothing, placeholders, duplicates. "
                   "Spellings that are certain are understood by every command, and --fix writes "
                   "them out.",
        .exits = "0 every row can be called, 1 some cannot or would hear something wrong, 2 the "
                 "list cannot be read",
        .examples = "drydial list customers.csv\n"
                    "drydial list customers.csv --flow reminder.yaml --fix good.csv",
        .endings = "csv",
        DD_OPTIONS(LIST_OPTIONS),
        .take = take_list_option,
        .run = run_list};
