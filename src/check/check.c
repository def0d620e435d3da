/* One look at a flow: what the rules need is made once, then each is asked. */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/duration.h"
#include "check/checking.h"
#include "session/by_url.h"

void check_take_rule(
        struct dd_checking *c, const struct dd_rule *rule, const struct dd_check_options *o)
{
	c->rule = rule;
	c->now = dd_rule_now(rule, &c->program->checks, o->choices, o->nchoices);
}

struct dd_allows *check_allows(const struct dd_program *p)
{
	struct dd_allows *allows = dd_allows_new();
	for (uint32_t f = 0; f < p->nflows; f++)
		dd_allows_add(allows, p->flows[f].source);
	return allows;
}
/* -- findings --------------------------------------------------------------- */

static void add_finding(struct dd_checking *c, enum dd_severity severity, uint32_t flow,
        struct dd_span span, const char *hint, const char *format, va_list args)
{
	char text[1024];
	(void)vsnprintf(text, sizeof text, format, args);
	struct dd_diag *d = dd_diag(c->found, severity, c->rule->name,
	        c->program->flows[flow].source, span, "%s", text);
	d->hint = hint;
}

void check_at(struct dd_checking *c, uint32_t flow, struct dd_span span, const char *hint,
        const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_finding(c, (enum dd_severity)c->now.severity, flow, span, hint, format, args);
	va_end(args);
}

void check_step(struct dd_checking *c, uint32_t step, const char *hint, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_finding(c, (enum dd_severity)c->now.severity, c->program->steps[step].flow,
	        c->program->steps[step].span, hint, format, args);
	va_end(args);
}

void check_step_as(struct dd_checking *c, enum dd_severity severity, uint32_t step,
        const char *hint, const char *format, ...)
{
	va_list args;
	bool own = c->now.severity == (int)c->rule->severity;
	va_start(args, format);
	add_finding(c, own ? severity : (enum dd_severity)c->now.severity,
	        c->program->steps[step].flow, c->program->steps[step].span, hint, format, args);
	va_end(args);
}

void check_at_as(struct dd_checking *c, enum dd_severity severity, uint32_t flow,
        struct dd_span span, const char *hint, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	add_finding(c,
	        c->now.severity == (int)c->rule->severity ? severity
	                                                  : (enum dd_severity)c->now.severity,
	        flow, span, hint, format, args);
	va_end(args);
}

const char *check_seconds(dd_ms ms)
{
	return check_seconds_beside(ms, ms);
}

const char *check_seconds_beside(dd_ms ms, dd_ms other)
{
	static _Thread_local struct dd_duration_text room[4];
	static _Thread_local unsigned next;
	struct dd_duration_text *text = &room[next++ % 4];
	*text = dd_seconds_beside(ms, other);
	return text->p;
}

struct dd_collect check_collect(const struct dd_checking *c, uint32_t step)
{
	struct dd_collect how;
	dd_stub_collect(c->program, step, &how);
	return how;
}

size_t check_prompts(const struct dd_step *s, struct check_prompt out[CHECK_PROMPTS_MAX])
{
	size_t n = 0;
	if (s->applet == DD_GREETING)
		out[n++] = (struct check_prompt){s->greeting.prompt, "this message"};
	if (s->applet == DD_PASSTHRU && s->passthru.hold != DD_NONE)
		out[n++] = (struct check_prompt){s->passthru.hold, "the hold prompt"};
	if (s->applet == DD_CONNECT && s->connect.ring != DD_NONE)
		out[n++] = (struct check_prompt){s->connect.ring, "the ring prompt"};
	if (s->applet == DD_RECORD && s->record.prompt != DD_NONE)
		out[n++] = (struct check_prompt){s->record.prompt, "the record's prompt"};
	if (s->applet != DD_IVR)
		return n;
	out[n++] = (struct check_prompt){s->ivr.prompt, "this menu's prompt"};
	if (s->ivr.invalid != DD_NONE)
		out[n++] = (struct check_prompt){s->ivr.invalid, "the invalid prompt"};
	if (s->ivr.silence != DD_NONE)
		out[n++] = (struct check_prompt){s->ivr.silence, "the silence prompt"};
	if (s->ivr.by_url)
		out[n++] = (struct check_prompt){s->ivr.again, "the repeated prompt"};
	if (s->ivr.by_url && s->ivr.fallback != DD_NONE)
		out[n++] = (struct check_prompt){s->ivr.fallback, "the prompt without an answer"};
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
		if (asked != DD_NONE &&
		        (slot == DD_NONE ? p->slots[asked].variable : asked == slot))
			return true;
	}
	return false;
}

const struct dd_template *check_spoken(const struct dd_checking *c, const struct dd_segment *g)
{
	return g->kind == DD_SEG_TEXT ? &c->program->templates[g->text] : NULL;
}

struct dd_str check_value(const struct dd_checking *c, uint32_t slot)
{
	struct dd_str seen = c->explored->walk->values[slot];
	return c->program->slots[slot].example.p   ? c->program->slots[slot].example
	        : c->program->slots[slot].variable ? (struct dd_str){NULL, 0}
	                                           : seen;
}

struct dd_str check_literal(const struct dd_checking *c, uint32_t template)
{
	const struct dd_template *t = template == DD_NONE ? NULL : &c->program->templates[template];
	if (!t || !t->fixed)
		return (struct dd_str){NULL, 0};
	return t->n ? c->program->parts[t->first].text : (struct dd_str){"", 0};
}

/* What only a whole call can be judged by: how it ends, what it is about, who learns of it. A file
 * with `part: true` is run by others, whose calls are judged with it inside. */
static bool is_of_whole_calls(const char *rule)
{
	static const char *const names[] = {"call-drops", "dead-exit", "silent-flow", "no-goal",
	        "goal-unreachable", "no-menu", "no-opt-out", "opt-out-not-followed-up",
	        "responses-not-captured", "not-personal", "purpose-late", "greeting-length",
	        "no-sms-backup", "sms-not-sent"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(names[i], rule) == 0)
			return true;
	return false;
}

void dd_check(const struct dd_program *p, const struct dd_check_options *o, struct dd_diags *diags)
{
	char sid[33];
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags found;
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_checking c = {
	        .program = p, .tts = o->tts, .found = &found, .arena = diags->arena};
	struct dd_ways *ways = dd_ways_new(p);
	dd_session_sid(1, sid);
	setup.clock_given = o->at != 0;
	if (o->at)
		setup.answered_unix_ms = o->at;
	dd_setup_complete(p, arena, &setup);
	dd_diags_init(&found, diags->arena);
	struct dd_explored *explored =
	        dd_explore(p, ways, &setup, o->tts, o->max_states ? o->max_states : MAX_STATES);
	c.explored = explored;
	c.played = check_measure(&c, &setup);
	dd_rules_look_over(&DD_FLOW_RULES, &p->checks, diags);
	for (size_t i = 0; i < DD_FLOW_RULES.n; i++) {
		check_take_rule(&c, &DD_FLOW_RULES.list[i], o);
		bool others = p->flows[0].part && is_of_whole_calls(DD_FLOW_RULES.list[i].name);
		if (c.now.severity >= 0 && !others)
			CHECK_LOOKS[i](&c);
	}
	dd_diags_sort(&found);
	struct dd_allows *allows = check_allows(p);
	dd_allows_pass_on(&DD_FLOW_RULES, allows, &found, diags);
	dd_allows_free(allows);
	dd_diags_sort(diags);
	dd_diags_fini(&found);
	dd_explored_free(explored);
	dd_ways_free(ways);
	dd_arena_free(arena);
}
