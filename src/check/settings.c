/* What changes the rules: a flow's `checks:`, the command line, and comments at a line. */
#define _GNU_SOURCE
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "check/checking.h"

/* -- settings --------------------------------------------------------------- */

static int severity_of(struct dd_str text)
{
	return dd_str_is(text, "off")        ? -1
	        : dd_str_is(text, "note")    ? DD_NOTE
	        : dd_str_is(text, "warning") ? DD_WARNING
	                                     : DD_ERROR;
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
        const struct dd_program *p, struct dd_diags *diags, const struct dd_check_setting *s)
{
	const char **names = dd_alloc(DD_NRULES * sizeof *names);
	for (size_t i = 0; i < DD_NRULES; i++)
		names[i] = DD_RULES[i].name;
	struct dd_diag *d = dd_diag(diags, DD_ERROR, "unknown-rule", p->flows[s->flow].source,
	        s->span, "there is no rule \"%.*s\"", (int)s->rule.n, s->rule.p);
	const char *near = dd_nearest(s->rule, names, DD_NRULES);
	d->hint = near ? dd_arena_format(diags->arena, "did you mean \"%s\"?", near)
	               : "drydial check --explain all lists the rules";
	free(names);
}

static void unknown_setting(const struct dd_program *p, struct dd_diags *diags,
        const struct dd_check_setting *s, const struct dd_rule *rule)
{
	const char *names[DD_RULE_SETTINGS_MAX + 1] = {"severity"};
	size_t n = 1;
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX && rule->settings[i].name; i++)
		names[n++] = rule->settings[i].name;
	struct dd_diag *d = dd_diag(diags, DD_ERROR, "unknown-setting", p->flows[s->flow].source,
	        s->span, "the rule %s has no setting \"%.*s\"", rule->name, (int)s->name.n,
	        s->name.p);
	const char *near = dd_nearest(s->name, names, n);
	d->hint = near
	        ? dd_arena_format(diags->arena, "did you mean \"%s\"?", near)
	        : dd_arena_format(diags->arena, "see drydial check --explain %s", rule->name);
}

void check_settings(const struct dd_program *p, struct dd_diags *diags)
{
	for (uint32_t i = 0; i < p->nchecks; i++) {
		const struct dd_check_setting *s = &p->checks[i];
		const struct dd_rule *rule = dd_rule_named(s->rule);
		bool severity = s->name.n == 0 || dd_str_is(s->name, "severity");
		const struct dd_rule_setting *setting =
		        rule && !severity ? setting_of(rule, s->name) : NULL;
		long value;
		if (!rule)
			unknown_rule(p, diags, s);
		else if (!severity && !setting)
			unknown_setting(p, diags, s, rule);
		else if (setting && !read_setting(setting->kind, s->value, &value))
			dd_diag(diags, DD_ERROR, "bad-setting", p->flows[s->flow].source,
			        s->value_span, "%s of %s must be a %s", setting->name, rule->name,
			        setting->kind == DD_SET_MS ? "duration" : "whole number")
			        ->hint = setting->kind == DD_SET_MS ? "such as 25s" : "such as 4";
	}
}

/* The settings of the rule at hand: its own, the flow's, the command line's. */
void check_apply_settings(struct dd_checking *c, const struct dd_check_options *o)
{
	const struct dd_rule *rule = c->rule;
	c->severity = (int)rule->severity;
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX; i++) {
		c->settings[i] = rule->settings[i].value;
		c->words[i] = (struct dd_str){NULL, 0};
	}
	for (uint32_t i = 0; i < c->program->nchecks; i++) {
		const struct dd_check_setting *s = &c->program->checks[i];
		if (!dd_str_is(s->rule, rule->name))
			continue;
		if (s->name.n == 0 || dd_str_is(s->name, "severity"))
			c->severity = severity_of(s->value);
		const struct dd_rule_setting *setting = setting_of(rule, s->name);
		long value;
		if (!setting || !read_setting(setting->kind, s->value, &value))
			continue;
		if (setting->kind == DD_SET_WORDS)
			c->words[setting - rule->settings] = s->value;
		else
			c->settings[setting - rule->settings] = value;
	}
	for (size_t i = 0; i < o->nchoices; i++)
		if (o->choices[i].rule == rule)
			c->severity = o->choices[i].severity;
}

/* -- allow comments --------------------------------------------------------- */

struct allow {
	const struct dd_source *source;
	uint32_t line;
	struct dd_span span; /* of the rule's name */
	struct dd_str name;
	bool used;
};
struct check_allows {
	struct allow *list;
	size_t n, cap;
};

/* The names behind the mark, with commas between them; what follows is the reason. */
static void read_allows(struct check_allows *a, const struct dd_source *source, uint32_t line,
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

struct check_allows *check_allows_new(const struct dd_program *p)
{
	static const char mark[] = "# drydial: allow ";
	struct check_allows *a = dd_alloc(sizeof *a);
	for (uint32_t f = 0; f < p->nflows; f++) {
		const struct dd_source *source = p->flows[f].source;
		for (uint32_t line = 1; line <= source->nlines; line++) {
			struct dd_str text = dd_source_line(source, line);
			const char *at = memmem(text.p, text.n, mark, sizeof mark - 1);
			if (at)
				read_allows(a, source, line, at + sizeof mark - 1, text.p + text.n);
		}
	}
	return a;
}

void check_allows_free(struct check_allows *a)
{
	free(a->list);
	free(a);
}

bool check_allowed(struct check_allows *a, const struct dd_source *source, struct dd_span span,
        const char *rule)
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

void check_pass_on(const struct dd_program *p, const struct dd_diags *found, struct dd_diags *diags)
{
	struct check_allows *allows = check_allows_new(p);
	for (size_t i = 0; i < found->n; i++) {
		const struct dd_diag *d = &found->items[i];
		if (!check_allowed(allows, d->source, d->span, d->code))
			dd_diag(diags, d->severity, d->code, d->source, d->span, "%s", d->message)
			        ->hint = d->hint;
	}
	for (size_t i = 0; i < allows->n; i++) {
		const struct allow *a = &allows->list[i];
		if (!a->used)
			dd_diag(diags, DD_NOTE, "allow-unused", a->source, a->span,
			        "nothing here breaks \"%.*s\"%s", (int)a->name.n, a->name.p,
			        dd_rule_named(a->name) ? " any more" : ": there is no such rule")
			        ->hint = "take the comment away";
	}
	check_allows_free(allows);
}
