/* Calls that events ask for: a CSV or JSONL file of events, each with a time, a number and a name,
 * and for each name a rule that says when to call. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "campaign/loading.h"
#include "list/list.h"

enum { RULES_MAX = 64, DAY_SECONDS = 86400, LINE_BYTES_MAX = 256 * 1024 };

struct rules {
	const char *names[RULES_MAX];
	int64_t after[RULES_MAX]; /* ms; less than 0: before */
	size_t n;
	bool any;              /* no rules: every event calls at once */
	bool other[RULES_MAX]; /* its calls are those of another campaign */
};

struct events {
	struct campaign_loader *r;
	const char *path;
	struct dd_span span;
	const struct rules *rules;
	struct list_trouble trouble;
	size_t cap_due;
};

enum { OWN_WHEN, OWN_FLOW, OWN_START, OWN_END, OWN_KEYS };
static const char *const OWN_NAMES[OWN_KEYS] = {"when", "flow", "daily_start", "daily_end"};

/* "immediately", "24h before", "2h after" */
static bool rule_of(struct dd_str text, int64_t *after)
{
	static const char before_word[] = " before", after_word[] = " after";
	size_t nb = sizeof before_word - 1, na = sizeof after_word - 1;
	bool before = text.n > nb && memcmp(text.p + text.n - nb, before_word, nb) == 0;
	bool later = text.n > na && memcmp(text.p + text.n - na, after_word, na) == 0;
	*after = 0;
	if (dd_str_is(text, "immediately"))
		return true;
	if ((!before && !later) ||
	        !dd_duration_parse(
	                dd_str_trim((struct dd_str){text.p, text.n - (before ? nb : na)}), after))
		return false;
	*after = before ? -*after : *after;
	return true;
}

static void load_rules(struct campaign_loader *r, const struct dd_node *map, struct rules *rules)
{
	rules->any = !map;
	if (!map || !dd_read_is_map(&r->doc, map, "rules", "a mapping from events to when to call"))
		return;
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_pair *pair = &map->pairs[i];
		struct dd_str text;
		const char *event =
		        dd_arena_copy(r->doc.arena, pair->key->text.p, pair->key->text.n);
		struct dd_node *own[OWN_KEYS] = {NULL}, *when = pair->value;
		if (rules->n == RULES_MAX) {
			dd_read_fault(&r->doc, "limit-rules", pair->key->span,
			        "there may be at most %d rules", RULES_MAX);
			return;
		}
		if (pair->value->kind == DD_MAP) {
			if (!dd_read_keys(&r->doc, pair->value, DD_KEYS("a rule", OWN_NAMES), own))
				continue;
			when = own[OWN_WHEN];
			if (!when)
				dd_read_fault(&r->doc, "missing-key", pair->value->span,
				        "the rule does not say when to call")
				        ->hint = "add \"when: 24h before\", or immediately";
		}
		if (!when || !dd_read_text(&r->doc, when, "a rule", &text))
			continue;
		if (!rule_of(text, &rules->after[rules->n])) {
			dd_read_fault(&r->doc, "bad-rule", when->span, "a rule says when to call")
			        ->hint = "such as \"24h before\", \"10m after\" or immediately";
			continue;
		}
		bool has_own = own[OWN_FLOW] || own[OWN_START] || own[OWN_END];
		rules->other[rules->n] =
		        r->choices->event ? strcmp(r->choices->event, event) != 0 : has_own;
		if (has_own && !r->choices->event)
			DD_PUSH(r->campaign->own_events, r->campaign->nown_events, r->cap_own) =
			        event;
		rules->names[rules->n++] = event;
	}
}

static bool due_of(
        struct events *e, uint64_t line, struct dd_str when, struct dd_str event, int64_t *due)
{
	const struct rules *rules = e->rules;
	if (!dd_time_parse(when, due)) {
		list_trouble(&e->trouble, line, "bad-time",
		        "\"%.*s\" is not a day and a time, such as 2025-01-20T09:00:00+05:30",
		        (int)(when.n < 60 ? when.n : 60), when.p);
		return false;
	}
	if (rules->any)
		return true;
	for (size_t i = 0; i < rules->n; i++) {
		if (dd_str_is(event, rules->names[i])) {
			if (rules->other[i])
				return false;
			*due += rules->after[i];
			return true;
		}
	}
	const char *near = dd_nearest(event, rules->names, rules->n);
	list_trouble(&e->trouble, line, "event-without-rule",
	        "no rule is for the event \"%.*s\"%s%s%s", (int)(event.n < 60 ? event.n : 60),
	        event.p, near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	return false;
}

/* False when there are too many. The same number may have many events: none is a duplicate. */
static bool take_event(struct events *e, uint64_t line, struct dd_str when, struct dd_str number,
        struct dd_str event)
{
	struct dd_people *people = e->r->campaign->people;
	char why[200];
	int64_t due;
	if (!due_of(e, line, dd_str_trim(when), dd_str_trim(event), &due))
		return true;
	struct dd_number_reading reading =
	        dd_number_read(number, e->r->campaign->home, why, sizeof why);
	struct dd_person person = {.number = reading.number,
	        .fault = (uint8_t)reading.fault,
	        .line = line < UINT32_MAX ? (uint32_t)line : UINT32_MAX};
	bool twice = e->r->twice;
	e->r->twice = true;
	bool room = list_add(e->r, e->path, e->span, person);
	e->r->twice = twice;
	if (!room)
		return false;
	if (people->n > e->cap_due) {
		size_t cap = e->cap_due ? e->cap_due * 2 : 1024;
		cap = cap < people->n ? people->n : cap;
		people->due = dd_realloc(people->due, cap, sizeof *people->due);
		for (size_t i = e->cap_due; i < cap; i++)
			people->due[i] = INT64_MIN; /* people who are in no event */
		e->cap_due = cap;
	}
	people->due[people->n - 1] = due;
	return true;
}

/* -- CSV -------------------------------------------------------------------- */

static void read_csv(struct events *e, int fd)
{
	struct dd_list *list = dd_list_open(fd, true);
	struct dd_list_row row;
	size_t when = dd_list_column(list, "time"), number = dd_list_column(list, "number"),
	       event = dd_list_column(list, "event");
	if (when == SIZE_MAX || number == SIZE_MAX || (event == SIZE_MAX && !e->rules->any)) {
		list_fault(e->r, e->path, e->span, "column-missing",
		        "the events \"%s\" need the columns time, number and event", e->path)
		        ->hint = "its first line names the columns";
	} else {
		while (dd_list_next(list, &row)) {
			if (row.problem)
				list_trouble(&e->trouble, row.line, "unreadable-line", "%s",
				        row.problem);
			else if (!take_event(e, row.line, dd_list_field(&row, when),
			                 dd_list_field(&row, number), dd_list_field(&row, event)))
				break;
		}
	}
	dd_list_free(list);
}

/* -- a JSON object a line --------------------------------------------------- */

static struct dd_str member(const json_t *object, const char *name)
{
	const json_t *value = json_object_get(object, name);
	return json_is_string(value)
	        ? (struct dd_str){json_string_value(value), json_string_length(value)}
	        : (struct dd_str){"", 0};
}

static bool take_line(struct events *e, uint64_t line, const char *text, size_t n)
{
	json_error_t problem;
	json_t *object = json_loadb(text, n, JSON_REJECT_DUPLICATES, &problem);
	bool go_on = true;
	if (!json_is_object(object)) {
		list_trouble(&e->trouble, line, "unreadable-line", "%s",
		        object ? "it is not a JSON object" : problem.text);
	} else {
		struct dd_str number = member(object, "number");
		number = number.n ? number : member(object, "phone_number");
		go_on = take_event(
		        e, line, member(object, "time"), number, member(object, "event"));
	}
	json_decref(object);
	return go_on;
}

static void read_jsonl(struct events *e, int fd)
{
	FILE *file = fdopen(dup(fd), "r");
	struct dd_buf line = {0};
	uint64_t count = 1;
	bool go_on = file != NULL;
	for (int c = 0; go_on && c != EOF;) {
		c = getc(file);
		if (c != '\n' && c != EOF) {
			dd_buf_char(&line, (char)c);
			if (line.n > LINE_BYTES_MAX) {
				list_fault(e->r, e->path, e->span, "unreadable",
				        "line %llu of \"%s\" is longer than 256 KiB",
				        (unsigned long long)count, e->path);
				go_on = false;
			}
			continue;
		}
		if (line.n && dd_str_trim((struct dd_str){line.p, line.n}).n)
			go_on = take_line(e, count, line.p, line.n);
		dd_buf_clear(&line);
		count++;
	}
	dd_buf_free(&line);
	if (file)
		fclose(file);
}

static bool ends_in(const char *path, const char *end)
{
	size_t n = strlen(path), m = strlen(end);
	return n >= m && strcmp(path + n - m, end) == 0;
}

void load_own_trigger(const struct campaign_loader *r, const struct dd_node *triggers,
        struct dd_node **flow, struct dd_node **start, struct dd_node **end)
{
	const struct dd_node *rule = dd_node_value(
	        dd_node_value(triggers, "rules"), r->choices->event ? r->choices->event : "");
	*flow = (struct dd_node *)dd_node_value(rule, OWN_NAMES[OWN_FLOW]);
	*start = (struct dd_node *)dd_node_value(rule, OWN_NAMES[OWN_START]);
	*end = (struct dd_node *)dd_node_value(rule, OWN_NAMES[OWN_END]);
}

void load_triggers(struct campaign_loader *r, const struct dd_node *node)
{
	enum { FILE_KEY, RULES, COUNT };
	static const char *const names[COUNT] = {"file", "rules"};
	struct dd_node *at[COUNT] = {0};
	struct rules rules = {0};
	if (!node)
		return;
	r->campaign->places.triggers = node->span;
	if (node->kind == DD_LIST) {
		dd_read_wrong_kind(&r->doc, node, "triggers",
		        "a file, or a mapping with \"file\" and \"rules\"");
		return;
	}
	if (node->kind == DD_MAP && !dd_read_keys(&r->doc, node, DD_KEYS("triggers", names), at))
		return;
	load_rules(r, at[RULES], &rules);
	const struct dd_node *file = node->kind == DD_MAP ? at[FILE_KEY] : node;
	if (!file)
		dd_read_fault(&r->doc, "missing-key", node->span, "triggers name no file of events")
		        ->hint = "add \"file: events.csv\"";
	const char *name = dd_read_text_copy(&r->doc, file, "the file of events");
	if (!name)
		return;
	const char *path = dd_path_beside(r->doc.arena, r->campaign->dir, name);
	struct events e = {.r = r,
	        .path = path,
	        .span = file->span,
	        .rules = &rules,
	        .trouble = {.r = r, .path = path}};
	int fd = list_open(r, path, file->span);
	if (fd < 0)
		return;
	if (ends_in(path, ".jsonl") || ends_in(path, ".ndjson") || ends_in(path, ".json"))
		read_jsonl(&e, fd);
	else
		read_csv(&e, fd);
	list_trouble_end(&e.trouble);
	close(fd);
}
