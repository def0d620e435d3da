/* One look at a flow: what the rules need is made once, then each is asked. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "check/checking.h"

enum { MAX_STATES = 200000 };

const struct dd_rule *dd_rule_named(struct dd_str name)
{
	for (size_t i = 0; i < DD_NRULES; i++)
		if (dd_str_is(name, DD_RULES[i].name))
			return &DD_RULES[i];
	return NULL;
}

/* -- findings ------------------------------------------------------------------------------------------------------------- */

static void add(struct dd_checking *c, enum dd_severity severity, uint32_t flow, struct dd_span span, const char *hint, const char *format,
		va_list args)
{
	char text[1024];
	(void)vsnprintf(text, sizeof text, format, args);
	struct dd_diag *d = dd_diag(c->found, severity, c->rule->name, c->program->flows[flow].source, span, "%s", text);
	d->hint = hint;
}

void check_at(struct dd_checking *c, uint32_t flow, struct dd_span span, const char *hint, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(c, (enum dd_severity)c->severity, flow, span, hint, format, args);
	va_end(args);
}

void check_step(struct dd_checking *c, uint32_t step, const char *hint, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add(c, (enum dd_severity)c->severity, c->program->steps[step].flow, c->program->steps[step].span, hint, format, args);
	va_end(args);
}

void check_step_as(struct dd_checking *c, enum dd_severity severity, uint32_t step, const char *hint, const char *format, ...)
{
	va_list args;
	bool own = c->severity == (int)c->rule->severity;
	va_start(args, format);
	add(c, own ? severity : (enum dd_severity)c->severity, c->program->steps[step].flow, c->program->steps[step].span, hint, format, args);
	va_end(args);
}

const char *check_seconds(dd_ms ms)
{
	static _Thread_local char room[4][24];
	static _Thread_local unsigned next;
	char *text = room[next++ % 4];
	(void)snprintf(text, 24, "%lld.%lld s", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
	return text;
}

size_t check_prompts(const struct dd_step *s, struct check_prompt out[3])
{
	size_t n = 0;
	if (s->applet == DD_GREETING)
		out[n++] = (struct check_prompt){s->greeting.prompt, "this message"};
	if (s->applet == DD_PASSTHRU && s->passthru.hold != DD_NONE)
		out[n++] = (struct check_prompt){s->passthru.hold, "the hold prompt"};
	if (s->applet != DD_IVR)
		return n;
	out[n++] = (struct check_prompt){s->ivr.prompt, "this menu's prompt"};
	if (s->ivr.invalid != DD_NONE)
		out[n++] = (struct check_prompt){s->ivr.invalid, "the invalid prompt"};
	if (s->ivr.silence != DD_NONE)
		out[n++] = (struct check_prompt){s->ivr.silence, "the silence prompt"};
	return n;
}

bool check_purpose(const struct dd_checking *c, const char *purposes)
{
	const char *own = c->program->flows[0].purpose;
	size_t n = strlen(own);
	for (const char *p = purposes; *p; p += strspn(p, " ")) {
		size_t word = strcspn(p, " ");
		if (word == n && memcmp(p, own, n) == 0)
			return true;
		p += word;
	}
	return false;
}

bool check_has(const struct dd_checking *c, enum dd_applet applet)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == applet)
			return true;
	return false;
}

bool check_asks_for(const struct dd_checking *c, uint32_t template, uint32_t slot)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; template != DD_NONE && i < p->templates[template].n; i++) {
		uint32_t asked = p->parts[p->templates[template].first + i].slot;
		if (asked != DD_NONE && (slot == DD_NONE ? p->slots[asked].variable : asked == slot))
			return true;
	}
	return false;
}

/* -- what the rules go by --------------------------------------------------------------------------------------------------- */

static void words_of(struct dd_checking *c, const struct dd_call *call, uint32_t prompt)
{
	const struct dd_program *p = c->program;
	struct dd_buf all = {0};
	char text[DD_TEXT_BYTES_MAX + 1];
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
		size_t n = 0, none = 0;
		if (g->kind != DD_SEG_TEXT || dd_call_fill(call, g->text, DD_FILL_PLAIN, 0, text, sizeof text, &n, NULL, &none) != DD_OK)
			continue;
		dd_buf_str(&all, all.n ? " " : "");
		if (p->templates[g->text].ssml)
			dd_ssml_words((struct dd_str){text, n}, &all);
		else
			dd_buf_add(&all, text, n);
	}
	c->words[prompt] = (struct dd_str){dd_arena_copy(c->arena, all.p ? all.p : "", all.n), all.n};
	dd_buf_free(&all);
}

/* Each prompt is measured at its own step, since recordings stand beside the flow of the step. */
static void measure(struct dd_checking *c, const struct dd_setup *setup, struct dd_tts tts)
{
	const struct dd_program *p = c->program;
	struct dd_prompts *prompts = dd_prompts_new(p, tts);
	struct dd_call *call = dd_alloc(dd_call_size(p, (size_t)4 * DD_STORE_BYTES));
	struct dd_effects fx;
	c->lengths = dd_arena_alloc(c->arena, (p->nprompts + 1) * sizeof *c->lengths);
	c->words = dd_arena_alloc(c->arena, (p->nprompts + 1) * sizeof *c->words);
	dd_call_init(call, p, (size_t)4 * DD_STORE_BYTES, setup);
	dd_call_step(call, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	for (uint32_t i = 0; i < p->nprompts; i++) {
		uint32_t missing[1];
		size_t none = 0;
		bool known = !p->prompts[i].moves && !dd_call_over(call);
		c->lengths[i] = -1;
		words_of(c, call, i);
		if (known && p->segments[p->prompts[i].first].kind != DD_SEG_URL)
			c->lengths[i] = dd_prompts_get(prompts, call, i, 0, missing, &none)->ms;
	}
	free(call);
	dd_prompts_free(prompts);
}

/* -- settings ------------------------------------------------------------------------------------------------------------------ */

static int severity_of(struct dd_str text)
{
	return dd_str_is(text, "off") ? -1 : dd_str_is(text, "note") ? DD_NOTE : dd_str_is(text, "warning") ? DD_WARNING : DD_ERROR;
}

static void wrong_setting(struct dd_checking *c, struct dd_diags *diags, const struct dd_check_setting *s)
{
	const char *names[64];
	size_t n = 0;
	const struct dd_source *source = c->program->flows[s->flow].source;
	const struct dd_rule *rule = dd_rule_named(s->rule);
	struct dd_diag *d;
	if (rule) {
		for (size_t i = 0; i < DD_RULE_SETTINGS_MAX && rule->settings[i].name; i++)
			names[n++] = rule->settings[i].name;
		names[n++] = "severity";
		d = dd_diag(diags, DD_ERROR, "unknown-setting", source, s->span, "the rule %s has no setting \"%.*s\"", rule->name, (int)s->name.n, s->name.p);
	} else {
		for (size_t i = 0; i < DD_NRULES && n < 64; i++)
			names[n++] = DD_RULES[i].name;
		d = dd_diag(diags, DD_ERROR, "unknown-rule", source, s->span, "there is no rule \"%.*s\"", (int)s->rule.n, s->rule.p);
	}
	const char *near = dd_nearest(rule ? s->name : s->rule, names, n);
	d->hint = near ? dd_arena_format(diags->arena, "did you mean \"%s\"?", near) : "drydial check --explain lists the rules";
}

/* The settings of the rule at hand: its own, the flow's, the command line's. */
static void apply_settings(struct dd_checking *c, const struct dd_check_options *o)
{
	const struct dd_rule *rule = c->rule;
	c->severity = (int)rule->severity;
	for (size_t i = 0; i < DD_RULE_SETTINGS_MAX; i++)
		c->settings[i] = rule->settings[i].value;
	for (uint32_t i = 0; i < c->program->nchecks; i++) {
		const struct dd_check_setting *s = &c->program->checks[i];
		if (!dd_str_is(s->rule, rule->name))
			continue;
		if (s->name.n == 0 || dd_str_is(s->name, "severity"))
			c->severity = severity_of(s->value);
		for (size_t k = 0; k < DD_RULE_SETTINGS_MAX && rule->settings[k].name; k++) {
			dd_ms ms;
			if (!dd_str_is(s->name, rule->settings[k].name))
				continue;
			if (rule->settings[k].duration && dd_duration_parse(s->value, &ms))
				c->settings[k] = (long)ms;
			else if (!rule->settings[k].duration)
				c->settings[k] = strtol(s->value.p, NULL, 10);
		}
	}
	for (size_t i = 0; i < o->nchoices; i++)
		if (o->choices[i].rule == rule)
			c->severity = o->choices[i].severity;
}

static void check_settings(struct dd_checking *c, struct dd_diags *diags)
{
	for (uint32_t i = 0; i < c->program->nchecks; i++) {
		const struct dd_check_setting *s = &c->program->checks[i];
		const struct dd_rule *rule = dd_rule_named(s->rule);
		bool known = rule && (s->name.n == 0 || dd_str_is(s->name, "severity"));
		for (size_t k = 0; rule && k < DD_RULE_SETTINGS_MAX && rule->settings[k].name; k++)
			known |= dd_str_is(s->name, rule->settings[k].name);
		if (!known)
			wrong_setting(c, diags, s);
	}
}

/* -- allow comments ------------------------------------------------------------------------------------------------------------- */

struct allow {
	const struct dd_source *source;
	uint32_t line;
	struct dd_span span; /* of the rule's name */
	struct dd_str name;
	bool used;
};

static struct allow *find_allows(const struct dd_program *p, size_t *n)
{
	static const char mark[] = "# drydial: allow ";
	struct allow *list = NULL;
	size_t cap = 0;
	*n = 0;
	for (uint32_t f = 0; f < p->nflows; f++) {
		const struct dd_source *source = p->flows[f].source;
		for (uint32_t line = 1; line <= source->nlines; line++) {
			struct dd_str text = dd_source_line(source, line);
			const char *at = memmem(text.p, text.n, mark, sizeof mark - 1);
			const char *end = text.p + text.n;
			for (at = at ? at + sizeof mark - 1 : end; at < end;) {
				while (at < end && (*at == ' ' || *at == ','))
					at++;
				const char *from = at;
				while (at < end && *at != ' ' && *at != ',' && *at != '\r')
					at++;
				if (at == from)
					break;
				uint32_t start = (uint32_t)(from - source->text.p);
				DD_PUSH(list, *n, cap) = (struct allow){source, line, {start, start + (uint32_t)(at - from)}, {from, (size_t)(at - from)}, false};
			}
		}
	}
	return list;
}

static bool is_allowed(struct allow *allows, size_t n, const struct dd_diag *d)
{
	bool allowed = false;
	if (!d->source)
		return false;
	uint32_t line = dd_source_place(d->source, d->span.start).line;
	for (size_t i = 0; i < n; i++) {
		if (allows[i].source != d->source || (allows[i].line != line && allows[i].line + 1 != line) || !dd_str_is(allows[i].name, d->code))
			continue;
		allows[i].used = allowed = true;
	}
	return allowed;
}

static void pass_on(const struct dd_program *p, const struct dd_diags *found, struct dd_diags *diags)
{
	size_t n;
	struct allow *allows = find_allows(p, &n);
	for (size_t i = 0; i < found->n; i++) {
		const struct dd_diag *d = &found->items[i];
		if (is_allowed(allows, n, d))
			continue;
		dd_diag(diags, d->severity, d->code, d->source, d->span, "%s", d->message)->hint = d->hint;
	}
	for (size_t i = 0; i < n; i++)
		if (!allows[i].used)
			dd_diag(diags, DD_NOTE, "allow-unused", allows[i].source, allows[i].span, "nothing here breaks \"%.*s\"%s", (int)allows[i].name.n,
				allows[i].name.p, dd_rule_named(allows[i].name) ? " any more" : ": there is no such rule")->hint = "take the comment away";
	free(allows);
}

/* Values for variables without an example, so that their prompts have some length. */
static void give_values(const struct dd_program *p, struct dd_arena *arena, struct dd_setup *setup)
{
	const char **names = dd_arena_alloc(arena, (p->nslots + 1) * sizeof *names);
	const char **values = dd_arena_alloc(arena, (p->nslots + 1) * sizeof *values);
	for (uint32_t i = 0; i < p->nslots; i++) {
		if (!p->slots[i].variable || p->slots[i].example.p)
			continue;
		names[setup->nvariables] = p->slots[i].name;
		values[setup->nvariables++] = "1234";
	}
	setup->names = names;
	setup->values = values;
}

/* -- the table of lengths ------------------------------------------------------------------------------------------------------- */

static unsigned count_words(struct dd_str text)
{
	unsigned n = 0;
	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] != ' ' && (i == 0 || text.p[i - 1] == ' ');
	return n;
}

static void length_line(const struct dd_checking *c, const struct dd_step *s, const struct check_prompt *prompt, unsigned columns, struct dd_buf *out)
{
	enum { BAR = 20, LIMIT_MS = 30000 };
	dd_ms ms = c->lengths[prompt->prompt];
	struct dd_str words = c->words[prompt->prompt];
	size_t from = out->n;
	unsigned said = count_words(words), filled = ms > 0 ? (unsigned)((ms * BAR + LIMIT_MS - 1) / LIMIT_MS) : 0;
	const char *name = strncmp(prompt->name, "the ", 4) == 0 ? prompt->name + 4 : strncmp(prompt->name, "this ", 5) == 0 ? prompt->name + 5 : prompt->name;
	dd_buf_format(out, "%6u  %-15s ", s->line, name);
	if (ms < 0)
		dd_buf_format(out, "%9s %6s  %-*s  ", "in call", "", BAR, "");
	else {
		dd_buf_format(out, "%5lld.%lld s ", (long long)(ms / 1000), (long long)(ms % 1000 / 100));
		if (said && ms)
			dd_buf_format(out, "%5lld/m  ", (long long)said * 60000 / ms);
		else
			dd_buf_format(out, "%7s  ", "");
		for (unsigned i = 0; i < BAR; i++)
			dd_buf_char(out, i < filled ? '#' : '.');
		dd_buf_str(out, filled > BAR ? "> " : "  ");
	}
	dd_buf_screen(out, words);
	struct dd_str line = {out->p + from, out->n - from};
	if (columns > 10 && dd_width_fit(line, columns) < line.n) {
		out->n = from + dd_width_fit(line, columns - 1);
		dd_buf_str(out, "…");
	}
	while (out->n > from && out->p[out->n - 1] == ' ')
		out->n--;
	dd_buf_char(out, '\n');
}

void dd_check_lengths(const struct dd_program *p, struct dd_tts tts, unsigned columns, struct dd_buf *out)
{
	char sid[33];
	struct dd_arena *arena = dd_arena_new();
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_checking c = {.program = p, .arena = arena};
	dd_session_sid(1, sid);
	give_values(p, arena, &setup);
	measure(&c, &setup, tts);
	dd_buf_format(out, "%6s  %-15s %9s %7s  %-20s  %s\n", "LINE", "PROMPT", "LENGTH", "WORDS", "OF 30 s", "TEXT");
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[3];
		size_t n = check_prompts(&p->steps[i], prompts);
		for (size_t k = 0; k < n; k++)
			length_line(&c, &p->steps[i], &prompts[k], columns, out);
	}
	dd_arena_free(arena);
}

void dd_check(const struct dd_program *p, const struct dd_check_options *o, struct dd_diags *diags)
{
	char sid[33];
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags found;
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_checking c = {.program = p, .found = &found, .arena = diags->arena};
	struct dd_ways *ways = dd_ways_new(p);
	dd_session_sid(1, sid);
	give_values(p, arena, &setup);
	dd_diags_init(&found, diags->arena);
	struct dd_explored *explored = dd_explore(p, ways, &setup, o->tts, o->max_states ? o->max_states : MAX_STATES);
	c.explored = explored;
	measure(&c, &setup, o->tts);
	check_settings(&c, diags);
	for (size_t i = 0; i < DD_NRULES; i++) {
		c.rule = &DD_RULES[i];
		apply_settings(&c, o);
		if (c.severity >= 0)
			c.rule->look(&c);
	}
	dd_diags_sort(&found);
	pass_on(p, &found, diags);
	dd_diags_sort(diags);
	dd_diags_fini(&found);
	dd_explored_free(explored);
	dd_ways_free(ways);
	dd_arena_free(arena);
}
