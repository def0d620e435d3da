/* What changes rules: `checks` in a file, the command line, and comments at a line. */
#define _GNU_SOURCE
#include "doc/rules.h"

#include <stdlib.h>
#include <string.h>

const struct dd_rule *dd_rule_named(const struct dd_rules *rules, struct dd_str name)
{
	for (size_t i = 0; i < rules->n; i++)
		if (dd_str_is(name, rules->list[i].name))
			return &rules->list[i];
	return NULL;
}

const char *dd_rule_near(const struct dd_rules *rules, struct dd_str name)
{
	const char **names = dd_alloc((rules->n + 1) * sizeof *names);
	for (size_t i = 0; i < rules->n; i++)
		names[i] = rules->list[i].name;
	const char *near = dd_nearest(name, names, rules->n);
	dd_free(names);
	return near;
}

int dd_rule_severity(struct dd_str word)
{
	static const char *const words[] = {"off", "note", "warning", "error"};
	for (int i = 0; i < 4; i++)
		if (dd_str_is(word, words[i]))
			return i - 1;
	return -2;
}

/* -- settings --------------------------------------------------------------- */

static bool is_rule_name(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		if (!((c >= 'a' && c <= 'z') || (i && c == '-' && text.p[i - 1] != '-') ||
		            (i && c >= '0' && c <= '9')))
			return false;
	}
	return text.n > 0 && text.p[text.n - 1] != '-';
}

static void read_check(struct dd_reader *r, const struct dd_pair *pair, struct dd_str rule,
        struct dd_rules_given *out)
{
	const struct dd_node *value = pair->value;
	bool whole = rule.n == 0;
	bool severity = whole || dd_str_is(pair->key->text, "severity");
	if (value->kind != DD_SCALAR) {
		dd_read_wrong_kind(r, value, "a rule's setting", "text or a number");
	} else if (severity && dd_rule_severity(value->text) < -1) {
		dd_read_fault(
		        r, "bad-severity", value->span, "a rule is off, note, warning or error");
	} else {
		DD_PUSH(out->list, out->n, out->cap) =
		        (struct dd_rule_given){whole ? pair->key->text : rule,
		                severity ? (struct dd_str){"", 0} : pair->key->text, value->text,
		                r->source, pair->key->span, value->span};
	}
}

void dd_read_checks(struct dd_reader *r, const struct dd_node *map, struct dd_rules_given *out)
{
	if (!map || !dd_read_is_map(r, map, "checks", "a mapping from rules to settings"))
		return;
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_pair *pair = &map->pairs[i];
		if (!is_rule_name(pair->key->text)) {
			dd_read_fault(r, "bad-name", pair->key->span,
			        "a rule's name is lower-case words joined by -");
		} else if (pair->value->kind != DD_MAP) {
			read_check(r, pair, (struct dd_str){"", 0}, out);
		} else {
			for (uint32_t j = 0; j < pair->value->n; j++)
				read_check(r, &pair->value->pairs[j], pair->key->text, out);
		}
	}
}

static const struct dd_rule_setting *setting_of(const struct dd_rule *rule, struct dd_str name)
{
	for (size_t k = 0; k < DD_RULE_SETTINGS_MAX && rule->settings[k].name; k++)
		if (dd_str_is(name, rule->settings[k].name))
			return &rule->settings[k];
	return NULL;
}

/* What a setting says, if it can be understood. */
static bool read_setting(enum dd_setting_kind kind, struct dd_str text, long *value)
{
	char *end = NULL;
	dd_ms ms = 0;
	if (kind == DD_SET_MS) {
		bool fine = dd_duration_parse(text, &ms);
		*value = (long)ms;
		return fine;
	}
	if (kind == DD_SET_NUMBER && text.n && text.n < 10 && text.p[0] >= '0' && text.p[0] <= '9')
		*value = strtol(text.p, &end, 10);
	return kind == DD_SET_WORDS || (end && end == text.p + text.n);
}

static void unknown_rule(
        const struct dd_rules *rules, const struct dd_rule_given *g, struct dd_diags *diags)
{
	struct dd_diag *d = dd_diag(diags, DD_ERROR, "unknown-rule", g->source, g->span,
	        "there is no rule \"%.*s\"", (int)g->rule.n, g->rule.p);
	const char *near = dd_rule_near(rules, g->rule);
	d->hint = near ? dd_arena_format(diags->arena, "did you mean \"%s\"?", near)
	               : dd_arena_format(diags->arena, "drydial %s --explain all lists the rules",
	                         rules->command);
}

static void unknown_setting(const struct dd_rules *rules, const struct dd_rule *rule,
        const struct dd_rule_given *g, struct dd_diags *diags)
{
	const char *names[DD_RULE_SETTINGS_MAX + 1] = {"severity"};
	size_t n = 1;
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX && rule->settings[i].name; i++)
		names[n++] = rule->settings[i].name;
	struct dd_diag *d = dd_diag(diags, DD_ERROR, "unknown-setting", g->source, g->span,
	        "the rule %s has no setting \"%.*s\"", rule->name, (int)g->name.n, g->name.p);
	if (!dd_hint_near(diags, d, g->name, names, n))
		d->hint = dd_arena_format(
		        diags->arena, "see drydial %s --explain %s", rules->command, rule->name);
}

static void look_over(
        const struct dd_rules *rules, const struct dd_rule_given *g, struct dd_diags *diags)
{
	const struct dd_rule *rule = dd_rule_named(rules, g->rule);
	const struct dd_rule_setting *setting =
	        rule && g->name.n ? setting_of(rule, g->name) : NULL;
	long value;
	if (!rule)
		unknown_rule(rules, g, diags);
	else if (g->name.n && !setting)
		unknown_setting(rules, rule, g, diags);
	else if (setting && !read_setting(setting->kind, g->value, &value))
		dd_diag(diags, DD_ERROR, "bad-setting", g->source, g->value_span,
		        "%s of %s must be a %s", setting->name, rule->name,
		        setting->kind == DD_SET_MS ? "duration" : "whole number")
		        ->hint = setting->kind == DD_SET_MS ? "such as 25s" : "such as 4";
}

void dd_rules_look_over(
        const struct dd_rules *rules, const struct dd_rules_given *given, struct dd_diags *diags)
{
	for (size_t i = 0; i < given->n; i++)
		look_over(rules, &given->list[i], diags);
}

static void apply_setting(
        struct dd_rule_now *now, const struct dd_rule *rule, const struct dd_rule_given *g)
{
	const struct dd_rule_setting *setting = g->name.n ? setting_of(rule, g->name) : NULL;
	long value;
	if (g->name.n == 0)
		now->severity = dd_rule_severity(g->value);
	if (!setting || !read_setting(setting->kind, g->value, &value))
		return;
	if (setting->kind == DD_SET_WORDS)
		now->words[setting - rule->settings] = g->value;
	else
		now->settings[setting - rule->settings] = value;
}

struct dd_rule_now dd_rule_now(const struct dd_rule *rule, const struct dd_rules_given *given,
        const struct dd_rule_choice *choices, size_t nchoices)
{
	struct dd_rule_now now = {.severity = (int)rule->severity};
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX; i++)
		now.settings[i] = rule->settings[i].value;
	for (size_t i = 0; i < given->n; i++)
		if (dd_str_is(given->list[i].rule, rule->name))
			apply_setting(&now, rule, &given->list[i]);
	for (size_t i = 0; i < nchoices; i++)
		if (choices[i].rule == rule)
			now.severity = choices[i].severity;
	return now;
}

/* -- allow comments --------------------------------------------------------- */

struct allow {
	const struct dd_source *source;
	uint32_t line;
	struct dd_span span; /* of the rule's name */
	struct dd_str name;
	bool used;
};
struct dd_allows {
	struct allow *list;
	size_t n, cap;
};

/* The names behind the mark, with commas between them; what follows is the reason. */
static void read_allows(struct dd_allows *a, const struct dd_source *source, uint32_t line,
        const char *at, const char *end)
{
	while (at < end) {
		while (at < end && *at == ' ')
			at++;
		const char *from = at;
		while (at < end && *at != ' ' && *at != ',' && *at != '\r')
			at++;
		if (at == from)
			return;
		uint32_t start = (uint32_t)(from - source->text.p);
		DD_PUSH(a->list, a->n, a->cap) = (struct allow){source, line,
		        {start, start + (uint32_t)(at - from)}, {from, (size_t)(at - from)}, false};
		while (at < end && *at == ' ')
			at++;
		if (at == end || *at++ != ',')
			return;
	}
}

struct dd_allows *dd_allows_new(void)
{
	return dd_alloc(sizeof(struct dd_allows));
}

void dd_allows_add(struct dd_allows *a, const struct dd_source *source)
{
	static const char mark[] = "# drydial: allow ";
	for (uint32_t line = 1; line <= source->nlines; line++) {
		struct dd_str text = dd_source_line(source, line);
		const char *at = memmem(text.p, text.n, mark, sizeof mark - 1);
		if (at)
			read_allows(a, source, line, at + sizeof mark - 1, text.p + text.n);
	}
}

void dd_allows_free(struct dd_allows *a)
{
	dd_free(a->list);
	dd_free(a);
}

bool dd_allowed(
        struct dd_allows *a, const struct dd_source *source, struct dd_span span, const char *rule)
{
	bool allowed = false;
	if (!source || a->n == 0)
		return false;
	uint32_t line = dd_source_line_at(source, span.start);
	for (size_t i = 0; i < a->n; i++) {
		struct allow *one = &a->list[i];
		if (one->source == source && (one->line == line || one->line + 1 == line) &&
		        dd_str_is(one->name, rule))
			one->used = allowed = true;
	}
	return allowed;
}

void dd_allows_pass_on(const struct dd_rules *rules, struct dd_allows *allows,
        const struct dd_diags *found, struct dd_diags *diags)
{
	for (size_t i = 0; i < found->n; i++) {
		const struct dd_diag *d = &found->items[i];
		if (dd_allowed(allows, d->source, d->span, d->code))
			continue;
		struct dd_diag *passed =
		        dd_diag(diags, d->severity, d->code, d->source, d->span, "%s", d->message);
		passed->hint = d->hint;
		passed->file = d->file;
		passed->other = d->other;
		passed->other_span = d->other_span;
		passed->other_message = d->other_message;
	}
	for (size_t i = 0; i < allows->n; i++) {
		const struct allow *a = &allows->list[i];
		if (!a->used)
			dd_diag(diags, DD_NOTE, "allow-unused", a->source, a->span,
			        "nothing here breaks \"%.*s\"%s", (int)a->name.n, a->name.p,
			        dd_rule_named(rules, a->name) ? " any more"
			                                      : ": there is no such rule")
			        ->hint = "take the comment away";
	}
}
