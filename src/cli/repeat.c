/* A call that was made by hand becomes a command, and a scenario. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/call.h"
#include "cli/replace.h"
#include "scenario/missing.h"
#include "scenario/suite.h"

void dd_shell_word(struct dd_buf *out, const char *word)
{
	if (*word &&
	        word[strspn(word,
	                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	                "0123456789_./:=+,-@")] == '\0') {
		dd_buf_str(out, word);
		return;
	}
	/* control characters must not reach the terminal, and yet be repeated: $'…' of the shells
	 * writes them out */
	bool control = false;
	for (const char *p = word; *p; p++)
		control |= (unsigned char)*p < 0x20 || *p == 0x7F || (unsigned char)*p == 0xC2;
	dd_buf_str(out, control ? "$'" : "'");
	for (const char *p = word; *p; p++) {
		if (control &&
		        ((unsigned char)*p < 0x20 || (unsigned char)*p >= 0x7F || *p == '\\' ||
		                *p == '\''))
			dd_buf_format(out, "\\x%02x", (unsigned char)*p);
		else if (*p == '\'')
			dd_buf_str(out, "'\\''");
		else
			dd_buf_char(out, *p);
	}
	dd_buf_char(out, '\'');
}

static void option(struct dd_buf *out, const char *name, const char *value)
{
	dd_buf_format(out, " --%s ", name);
	dd_shell_word(out, value);
}

/* Keys, and the customer's hang-up, at the moments they had. */
static void keys_pressed(const struct dd_transcript *t, struct dd_buf *out)
{
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		if (e->type == DD_TR_KEY)
			dd_buf_format(
			        out, "%s%lld:%c", out->n ? "," : "", (long long)e->at, e->key);
	}
	if (t->outcome->status == DD_CALL_COMPLETED && t->outcome->ended_by == DD_ENDED_CUSTOMER)
		dd_buf_format(
		        out, "%s%lld:h", out->n ? "," : "", (long long)t->outcome->duration_ms);
}

/* The same of a URL, without its credentials. */
static void address(struct dd_buf *out, const char *name, const char *url)
{
	char *told = dd_url_told(url);
	option(out, name, told);
	free(told);
}

static void pair(struct dd_buf *out, const char *name, const char *first, const char *second)
{
	struct dd_buf text = {0};
	dd_buf_format(&text, "%s=%s", first, second);
	option(out, name, text.p);
	dd_buf_free(&text);
}

/* What the application was given. The token is a secret, which is not repeated. */
static void application(const struct dd_call_options *o, struct dd_buf *out)
{
	const struct dd_cli_app *a = &o->app;
	if (a->o.dialect == DD_EXOML)
		option(out, "dialect", "exoml");
	if (a->o.method == DD_GET)
		option(out, "method", "GET");
	for (size_t i = 0; i < a->o.nparameters; i++)
		pair(out, "param", a->names[i], a->values[i]);
	if (a->o.fallback)
		address(out, "fallback", a->o.fallback);
	if (a->o.latency)
		dd_buf_format(out, " --latency %lldms", (long long)a->o.latency);
	if (a->o.public_url)
		address(out, "public-url", a->o.public_url);
	for (size_t i = 0; i < a->o.nmaps; i++) {
		char *from = dd_url_told(a->maps[i].from), *to = dd_url_told(a->maps[i].to);
		pair(out, "map", from, to);
		free(from);
		free(to);
	}
	if (a->replay)
		option(out, "replay", a->replay);
	if (a->o.auth_token)
		dd_buf_str(out, " --auth-token …");
	if (a->o.faults)
		option(out, "faults", a->faults_text);
	if (a->o.outbound)
		dd_buf_str(out, " --outbound");
}

void dd_call_repeat(
        const struct dd_call_options *o, const struct dd_transcript *t, struct dd_buf *out)
{
	struct dd_buf keys = {0};
	char at[26];
	char *told = dd_url_told(o->flow);
	dd_buf_str(out, "\nAgain:  drydial call ");
	dd_shell_word(out, told);
	free(told);
	keys_pressed(t, &keys);
	if (o->fast && o->keys)
		option(out, "keys", o->keys);
	else if (keys.n)
		option(out, "press", keys.p);
	for (size_t i = 0; i < o->nreplies; i++)
		option(out, "reply", o->replies[i]);
	for (size_t i = 0; i < o->nconnects; i++)
		option(out, "connect", o->connects[i]);
	if (o->is_app)
		application(o, out);
	if (o->dial)
		option(out, "dial", o->dial);
	if (o->speech)
		option(out, "speak", o->speech);
	if (o->greeting)
		option(out, "machine-greeting", o->greeting);
	for (size_t i = 0; i < o->vars.n; i++) {
		struct dd_buf pair = {0};
		dd_buf_format(&pair, "%s=%s", o->vars.names[i], o->vars.values[i]);
		option(out, "var", pair.p);
		dd_buf_free(&pair);
	}
	if (o->from)
		option(out, "from", o->from);
	if (o->answered_by != DD_BY_HUMAN)
		option(out, "answered-by", dd_answered_by_name(o->answered_by));
	if (o->at_given || !o->fast) {
		dd_time_rfc3339(o->setup.answered_unix_ms, at);
		option(out, "at", at);
	}
	if (o->seed != 1)
		dd_buf_format(out, " --seed %llu", (unsigned long long)o->seed);
	if (o->live)
		dd_buf_str(out, " --live");
	for (size_t i = 0; i < o->nhosts; i++)
		option(out, "allow-host", o->hosts[i]);
	if (o->time_limit)
		dd_buf_format(out, " --time-limit %lldms", (long long)o->time_limit);
	if (o->ring_timeout)
		dd_buf_format(out, " --ring-timeout %lldms", (long long)o->ring_timeout);
	if (o->voice)
		option(out, "voice", o->voice);
	dd_buf_str(out, " --fast\n");
	dd_buf_free(&keys);
}

static unsigned times_asked(const struct dd_trace *trace, uint32_t step)
{
	unsigned n = 0;
	for (size_t i = 0; i < trace->nevents; i++)
		n += trace->events[i].type == DD_TR_REQUEST && trace->events[i].step == step;
	return n;
}

/* What --reply answered, once for each request: a list in a scenario is used up. */
static void scenario_stubs(
        const struct dd_call_options *o, const struct dd_transcript *t, struct dd_buf *out)
{
	char room[32];
	bool first = true;
	for (size_t i = 0; i < o->ngiven; i++) {
		const struct dd_given_stubs *g = &o->given[i];
		unsigned asked = times_asked(t->trace, g->step);
		if (t->program->steps[g->step].applet != DD_PASSTHRU || !asked)
			continue;
		dd_buf_str(out, first ? "      stubs:\n" : "");
		first = false;
		dd_buf_format(out, "        %s: [ ", dd_step_name(t->program, g->step, room));
		for (unsigned k = 0; k < asked; k++) {
			dd_buf_str(out, k ? ", " : "");
			dd_scenario_stub(out, &g->list[k < g->n ? k : g->n - 1], false);
		}
		dd_buf_str(out, " ]\n");
	}
}

static void scenario_given(
        const struct dd_call_options *o, const struct dd_transcript *t, struct dd_buf *out)
{
	char at[26];
	dd_time_rfc3339(o->setup.answered_unix_ms, at);
	dd_buf_format(out, "    given:\n      answered_by: %s\n      at: %s\n",
	        dd_answered_by_name(o->answered_by), at);
	if (o->greeting)
		dd_buf_format(out, "      machine_greeting: %lldms\n",
		        (long long)(o->machine_greeting > 0 ? o->machine_greeting : 0));
	scenario_stubs(o, t, out);
	if (o->vars.n) {
		dd_buf_str(out, "      variables:\n");
		for (size_t i = 0; i < o->vars.n; i++) {
			dd_buf_format(out, "        %s: ", o->vars.names[i]);
			dd_buf_yaml(out, dd_str(o->vars.values[i]));
			dd_buf_char(out, '\n');
		}
	}
}

/* The prompt at `i` is played to its end. */
static bool is_whole(const struct dd_trace *trace, size_t i)
{
	for (size_t j = i + 1; j < trace->nevents; j++)
		if (trace->events[j].type == DD_TR_PROMPT ||
		        trace->events[j].type == DD_TR_PROMPT_STOPPED)
			return trace->events[j].type == DD_TR_PROMPT;
	return true;
}

static void scenario_hear(const struct dd_trace *trace, const struct dd_trace_event *e,
        dd_ms *clock, struct dd_buf *out)
{
	dd_buf_str(out, "      - hear: ");
	dd_buf_yaml(out, dd_trace_str(trace, e->text));
	dd_buf_char(out, '\n');
	*clock = e->at + e->ms;
}

static const struct dd_trace_event *next_of(const struct dd_trace *trace, size_t i)
{
	for (size_t j = i + 1; j < trace->nevents; j++)
		if (trace->events[j].type == trace->events[i].type)
			return &trace->events[j];
	return NULL;
}

/* Somebody rings at event `i`: what came of it, as it was. A customer who hung up meanwhile did so
 * before anything came of it; of a talk that was cut short the length does not matter. */
static void scenario_connect(
        const struct dd_transcript *t, size_t i, bool is_app, struct dd_buf *out)
{
	enum { LONGER_MS = 60000 };
	char room[32];
	const struct dd_trace *trace = t->trace;
	const struct dd_trace_event *e = &trace->events[i], *came = next_of(trace, i), *over;
	struct dd_str what = came ? dd_trace_str(trace, came->more) : dd_str("no-answer");
	bool answered = dd_str_is(what, "answered");
	if (is_app) /* its steps have no names */
		dd_buf_format(out, "      - dial: { outcome: %.*s", (int)what.n, what.p);
	else
		dd_buf_format(out, "      - connect: { id: %s, outcome: %.*s",
		        dd_step_name(t->program, e->step, room), (int)what.n, what.p);
	if (came && !dd_str_is(what, "no-answer"))
		dd_buf_format(out, ", ring: %lldms", (long long)came->ms);
	if (answered) {
		over = next_of(trace, (size_t)(came - trace->events));
		dd_ms ends = t->outcome->duration_ms;
		bool whole = over && (over->at < ends || t->outcome->ended_by == DD_ENDED_FLOW);
		dd_buf_format(out, ", talk: %lldms",
		        (long long)(whole ? over->ms : ends - came->at + LONGER_MS));
	}
	dd_buf_str(out, " }\n");
}

/* The customer speaks from event `i` on; the script's clock then is where that is over. */
static void scenario_speak(
        const struct dd_transcript *t, size_t i, dd_ms *clock, struct dd_buf *out)
{
	const struct dd_trace_event *from = &t->trace->events[i], *to = next_of(t->trace, i);
	dd_ms length = to ? to->ms : t->outcome->duration_ms - from->at;
	dd_buf_format(out, "      - speak: %lldms\n", (long long)length);
	*clock = from->at + length;
}

/* Things in the order of their ends: keys are pressed where they were, so long after the last thing
 * that the script waited for. */
static void scenario_script(const struct dd_transcript *t, bool is_app, struct dd_buf *out)
{
	const struct dd_trace *trace = t->trace;
	const struct dd_trace_event *heard = NULL; /* not yet told */
	dd_ms clock = 0;
	dd_buf_str(out, "    script:\n");
	for (size_t i = 0; i < trace->nevents; i++) {
		const struct dd_trace_event *e = &trace->events[i];
		if (heard && e->at >= heard->at + heard->ms) {
			scenario_hear(trace, heard, &clock, out);
			heard = NULL;
		}
		if (e->type == DD_TR_PROMPT && e->text.n && is_whole(trace, i)) {
			heard = e;
		} else if (e->type == DD_TR_CONNECT &&
		        dd_str_is(dd_trace_str(trace, e->more), "ringing")) {
			scenario_connect(t, i, is_app, out);
			clock = e->at;
		} else if (e->type == DD_TR_RECORD && t->outcome->answered_by == DD_BY_HUMAN &&
		        dd_str_is(dd_trace_str(trace, e->more), "recording")) {
			scenario_speak(t, i, &clock, out);
		} else if (e->type == DD_TR_KEY && e->at >= clock) { /* lost while they spoke */
			dd_buf_format(out, "      - press: { keys: \"%c\", after: %lldms }\n",
			        e->key, (long long)(e->at - clock));
			clock = e->at;
		}
	}
	if (t->outcome->status == DD_CALL_COMPLETED && t->outcome->ended_by == DD_ENDED_CUSTOMER)
		dd_buf_format(out, "      - wait: %lldms\n      - hang_up\n",
		        (long long)(t->outcome->duration_ms - clock));
	else if (t->outcome->status == DD_CALL_COMPLETED)
		dd_buf_format(
		        out, "      - ended_by: %s\n", dd_ended_by_name(t->outcome->ended_by));
}

static void yaml_pair(struct dd_buf *out, const char *before, const char *name, const char *value)
{
	dd_buf_str(out, before);
	dd_buf_yaml(out, dd_str(name));
	dd_buf_str(out, ": ");
	dd_buf_yaml(out, dd_str(value));
}

/* `app:` with what the application was given; the token and credentials are secrets. */
static void scenario_app(const struct dd_call_options *o, struct dd_buf *out)
{
	const struct dd_cli_app *a = &o->app;
	char *told = dd_is_url(o->flow) ? dd_url_told(o->flow) : realpath(o->flow, NULL);
	dd_buf_str(out, "app:");
	yaml_pair(out, "\n  ", "url", told ? told : o->flow);
	free(told);
	if (a->o.dialect == DD_EXOML)
		dd_buf_str(out, "\n  dialect: exoml");
	if (a->o.method == DD_GET)
		dd_buf_str(out, "\n  method: GET");
	if (a->o.outbound)
		dd_buf_str(out, "\n  outbound: true");
	if (a->o.latency)
		dd_buf_format(out, "\n  latency: %lldms", (long long)a->o.latency);
	if (a->o.fallback)
		yaml_pair(out, "\n  ", "fallback", told = dd_url_told(a->o.fallback)), free(told);
	if (a->o.public_url)
		yaml_pair(out, "\n  ", "public_url", told = dd_url_told(a->o.public_url)),
		        free(told);
	for (size_t i = 0; i < a->o.nparameters; i++)
		yaml_pair(out, i ? ", " : "\n  params: { ", a->names[i], a->values[i]);
	dd_buf_str(out, a->o.nparameters ? " }" : "");
	for (size_t i = 0; i < a->o.nmaps; i++)
		yaml_pair(out, i ? ", " : "\n  map: { ", a->maps[i].from, a->maps[i].to);
	dd_buf_str(out, a->o.nmaps ? " }\n" : "\n");
}

int dd_call_save_scenario(const struct dd_call_options *o, const struct dd_transcript *t)
{
	struct dd_buf out = {0};
	if (o->is_app)
		scenario_app(o, &out);
	else
		dd_cli_flow_line(o->save_scenario, t->program->flows[0].real, &out);
	dd_buf_str(&out, "scenarios:\n  - name: recorded call\n");
	scenario_given(o, t, &out);
	if (t->outcome->status == DD_CALL_COMPLETED)
		scenario_script(t, o->is_app, &out);
	dd_buf_format(
	        &out, "    expect:\n      status: %s\n", dd_call_status_name(t->outcome->status));
	if (t->outcome->digits.n) {
		dd_buf_str(&out, "      digits: ");
		dd_buf_yaml(&out, (struct dd_str){t->outcome->digits.p, t->outcome->digits.n});
		dd_buf_char(&out, '\n');
	}
	const char *why = dd_output_write(o->save_scenario, (struct dd_str){out.p, out.n});
	dd_buf_free(&out);
	return why ? dd_usage_error("--save-scenario %s: %s", o->save_scenario, why) : EXIT_FINE;
}
