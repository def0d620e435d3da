/* drydial call: dial a flow. Options become a session; --fast runs it in virtual time, otherwise
   live.c gives it the clock, the keyboard and the loudspeaker. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/call.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/replace.h"
#include "explore/explore.h"
#include "net/curl.h"
#include "scenario/suite.h"
#include "voice/recorder.h"
#include "voice/speaker.h"

static int bad_call_option(const char *option, const char *value, const char *wanted)
{
	return dd_usage_error("--%s %s: %s", option, value, wanted);
}

static bool is_number(const char *text)
{
	const char *digits = *text == '+' ? text + 1 : text;
	size_t n = strlen(digits);
	return n >= 2 && n <= 15 && strspn(digits, "0123456789") == n;
}

/* "5s,0s": how long the customer speaks to each recording. */
static bool parse_speak(struct dd_call_options *o, const char *text)
{
	o->nspeak = 0;
	for (const char *at = text; at && o->nspeak < DD_SPEECHES_MAX;
	        at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (!dd_duration_parse(
		            (struct dd_str){at, strcspn(at, ",")}, &o->speak[o->nspeak++]))
			return false;
	return true;
}

/* "busy", "answered@4s:40s": an outcome, after how long a ringing, and for how long a talk. */
static bool parse_party(struct dd_str text, struct dd_stub *out)
{
	struct dd_str word = {text.p, 0};
	int party = 0;
	while (word.n < text.n && !strchr("@:", text.p[word.n]))
		word.n++;
	while (party < DD_PARTIES_COUNT && !dd_str_is(word, dd_party_name((enum dd_party)party)))
		party++;
	*out = (struct dd_stub){.party = (enum dd_party)party,
	        .ring = party == DD_PARTY_NO_ANSWER ? -1 : DD_PARTY_RING_MS,
	        .talk = DD_PARTY_TALK_MS};
	if (party == DD_PARTIES_COUNT)
		return false;
	for (size_t at = word.n; at < text.n;) {
		struct dd_str time = {text.p + at + 1, 0};
		while (at + 1 + time.n < text.n && time.p[time.n] != ':')
			time.n++;
		bool ring = text.p[at] == '@';
		if (!dd_duration_parse(time, ring ? &out->ring : &out->talk) ||
		        (ring ? party == DD_PARTY_NO_ANSWER : party != DD_PARTY_ANSWERED))
			return false;
		at += 1 + time.n;
	}
	return true;
}

/* "busy,answered:40s": what comes of each ringing, in turn; at most `most`, or -1. */
static int list_parties(const char *text, struct dd_stub *out, size_t most)
{
	size_t n = 0;
	for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
		if (n == most || !parse_party((struct dd_str){at, strcspn(at, ",")}, &out[n++]))
			return -1;
	return (int)n;
}

static int take_call_option(void *self, int letter, char *value)
{
	struct dd_call_options *o = self;
	int n, code = dd_cli_app_take(&o->app, letter, value);
	if (code >= 0)
		return code;
	switch (letter) {
	case 'O':
		o->app.o.outbound = true;
		o->app.given = o->app.given ? o->app.given : "outbound";
		return 0;
	case 'C':
		o->dial = value;
		n = list_parties(value, o->parties, DD_REPLIES_MAX);
		o->nparties = n < 0 ? 0 : (size_t)n;
		return n >= 0 ? 0
		              : bad_call_option("dial", value,
		                        "an outcome such as busy, answered:40s or answered@4s");
	case 'v': return dd_take_var(&o->vars, value);
	case 'F':
		o->from = value;
		return is_number(value)
		        ? 0
		        : bad_call_option("from", value,
		                  "a telephone number is 2 to 15 digits, with or without +");
	case 'k':
		o->keys = value;
		return dd_script_check(value)
		        ? bad_call_option("keys", value, dd_script_check(value))
		        : 0;
	case 'p':
		o->press = value;
		return dd_script_check_fixed(value)
		        ? bad_call_option("press", value, dd_script_check_fixed(value))
		        : 0;
	case 'y':
		if (o->nreplies == DD_REPLIES_MAX)
			return dd_usage_error("--reply: at most %d steps", DD_REPLIES_MAX);
		o->replies[o->nreplies++] = value;
		return strchr(value, '=')
		        ? 0
		        : bad_call_option("reply", value, "write STEP=ANSWER,ANSWER");
	case 'c':
		if (o->nconnects == DD_REPLIES_MAX)
			return dd_usage_error("--connect: at most %d steps", DD_REPLIES_MAX);
		o->connects[o->nconnects++] = value;
		return strchr(value, '=')
		        ? 0
		        : bad_call_option("connect", value, "write STEP=OUTCOME,OUTCOME");
	case 'K':
		o->speech = value;
		return parse_speak(o, value)
		        ? 0
		        : bad_call_option("speak", value, "durations such as 8s,0s");
	case 'g':
		o->greeting = value;
		if (!dd_duration_parse(dd_str(value), &o->machine_greeting))
			return bad_call_option("machine-greeting", value, "a duration such as 8s");
		o->machine_greeting = o->machine_greeting ? o->machine_greeting : -1;
		return 0;
	case 'f': o->fast = true; return 0;
	case 'l': o->live = true; return 0;
	case 'H':
		if (o->nhosts == DD_HOSTS_MAX)
			return dd_usage_error("--allow-host: at most %d hosts", DD_HOSTS_MAX);
		o->hosts[o->nhosts++] = value;
		return 0;
	case 'a':
		o->answered_by_given = true;
		return dd_answered_by_parse(value, &o->answered_by) ? 0 : EXIT_USAGE;
	case 't':
		o->at_given = true;
		return dd_time_parse(dd_str(value), &o->at)
		        ? 0
		        : bad_call_option("at", value, "a time is 2025-01-20T10:00:00+05:30");
	case 'T':
		return dd_duration_parse(dd_str(value), &o->time_limit) && o->time_limit >= 1000 &&
		                o->time_limit <= (dd_ms)DD_TIME_LIMIT_MAX_S * 1000
		        ? 0
		        : bad_call_option("time-limit", value, "a duration from 1s to 14400s");
	case 'R':
		return dd_duration_parse(dd_str(value), &o->ring_timeout) &&
		                o->ring_timeout >= 1000 && o->ring_timeout <= 600000
		        ? 0
		        : bad_call_option("ring-timeout", value, "a duration from 1s to 600s");
	case 'L': return dd_line_parse(value, &o->line) ? 0 : EXIT_USAGE;
	case 'r': o->record = value; return 0;
	case 'm': o->mute = true; return 0;
	case 'o': o->format = value; return 0;
	case 'n': o->no_colour = true; return 0;
	case 'V': o->voice = value; return 0;
	case 's': return dd_take_count("seed", value, 0, UINT64_MAX, &o->seed);
	case 'S': o->save_scenario = value; return 0;
	default: return EXIT_USAGE;
	}
}

/* -1: go on; otherwise the exit code. */
static int parse(struct dd_call_options *o, int argc, char **argv)
{
	int code = dd_command_parse(&dd_command_call, "", argc, argv, o);
	if (code >= 0)
		return code;
	if (o->app.list_faults)
		return dd_cli_list_faults(false);
	if (argc - optind != 1)
		return dd_usage_error(argc == optind
		                ? "which flow? drydial call FLOW [options]"
		                : "one flow at a time: drydial call FLOW [options]");
	if (o->keys && o->press)
		return dd_usage_error("--keys and --press exclude each other");
	o->flow = argv[optind];
	return -1;
}

static int unknown_variable(const struct dd_program *p, const char *name)
{
	const char **names = dd_alloc(p->nslots * sizeof *names);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nslots; i++)
		if (p->slots[i].variable)
			names[n++] = p->slots[i].name;
	const char *near = dd_nearest(dd_str(name), names, n);
	int code = dd_usage_error("--var %s: the flow declares no such variable%s%s%s", name,
	        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
	free(names);
	return code;
}

static int check_variables(const struct dd_call_options *o, const struct dd_program *p)
{
	for (size_t i = 0; i < o->vars.n; i++) {
		uint32_t slot = dd_program_given_slot(p, dd_str(o->vars.names[i]));
		if (slot == DD_NONE ||
		        (slot < DD_BUILT_INS_COUNT && slot != DD_SLOT_CUSTOM_FIELD &&
		                slot != DD_SLOT_CALL_TO && slot != DD_SLOT_ATTEMPT))
			return unknown_variable(p, o->vars.names[i]);
	}
	return 0;
}

static int check_missing(const struct dd_program *p, const struct dd_setup *setup)
{
	struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES_MAX));
	int code = 0;
	dd_call_init(call, p, DD_STORE_BYTES_MAX, setup);
	for (size_t i = 0; dd_call_missing(call, i); i++)
		code = dd_usage_error("the flow has no example of \"%s\"; give one with --var %s=…",
		        dd_call_missing(call, i), dd_call_missing(call, i));
	free(call);
	return code;
}

/* --voice LANGUAGE[+VARIANT] replaces the default voice of the flow, and nothing that a prompt
 * chose for itself. */
static void override_voice(struct dd_program *p, const char *voice)
{
	char *language = dd_arena_copy(p->arena, voice, strlen(voice)),
	     *plus = strchr(language, '+');
	struct dd_voice_choice *v = &p->voices[p->flows[0].voice];
	if (plus)
		*plus = '\0';
	v->language = language;
	v->variant = plus ? plus + 1 : v->variant;
	v->span = (struct dd_span){0, 1};
	v->source = p->flows[0].source;
}

/* The way out of a passthru that an answer's name means, or DD_NONE. */
static uint32_t reply_named(const struct dd_program *p, uint32_t step, struct dd_str name)
{
	const struct dd_passthru *pass = &p->steps[step].passthru;
	for (uint32_t r = 0; r < pass->nroutes; r++)
		if (dd_str_same(dd_reply_name(p, step, 16 + r), name))
			return 16 + r;
	for (uint32_t e = 0; e < DD_EXITS_COUNT; e++)
		if (dd_str_same(dd_reply_name(p, step, e), name))
			return e;
	return DD_NONE;
}

/* Several steps may stand on one line: the one that is of this kind is meant. */
static uint32_t step_named(const struct dd_program *p, struct dd_str name, enum dd_applet applet)
{
	char room[32];
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].applet == applet && dd_str_is(name, dd_step_name(p, i, room)))
			return i;
	return DD_NONE;
}

/* The bytes of a JSON document at the beginning of a text: to where its braces close. */
static size_t json_length(const char *text)
{
	size_t depth = 0, i = 0;
	for (bool quoted = false; text[i]; i++) {
		if (quoted && text[i] == '\\' && text[i + 1])
			i++;
		else if (text[i] == '"')
			quoted = !quoted;
		else if (!quoted && (text[i] == '{' || text[i] == '['))
			depth++;
		else if (!quoted && (text[i] == '}' || text[i] == ']') && --depth == 0)
			return i + 1;
	}
	return i;
}

/* "account=302,200" becomes stubs, the last of which repeats. */
static int parse_replies(struct dd_call_options *o, const struct dd_program *p)
{
	for (size_t i = 0; i < o->nreplies; i++) {
		const char *equals = strchr(o->replies[i], '=');
		uint32_t step = step_named(p,
		        (struct dd_str){o->replies[i], (size_t)(equals - o->replies[i])},
		        DD_PASSTHRU);
		struct dd_stub *list =
		        dd_arena_alloc(o->arena, (strlen(equals) + 1) * sizeof *list);
		uint32_t n = 0;
		if (step == DD_NONE || p->steps[step].applet != DD_PASSTHRU)
			return dd_usage_error(
			        "--reply %s: the flow has no passthru of this name", o->replies[i]);
		for (const char *at = equals + 1; at;
		        at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
			if (*at == '{' || *at == '[') { /* a body */
				size_t length = json_length(at);
				list[n++] = (struct dd_stub){.status = 200, .body = {at, length}};
				at += length ? length - 1 : 0;
				continue;
			}
			uint32_t reply =
			        reply_named(p, step, (struct dd_str){at, strcspn(at, ",")});
			if (reply == DD_NONE)
				return dd_usage_error("--reply %s: an answer is 200, 302, error, "
				                      "timeout or a route of the step",
				        o->replies[i]);
			list[n++] = dd_stub_for(p, step, reply);
		}
		o->given[o->ngiven++] = (struct dd_given_stubs){step, list, n, false};
	}
	return 0;
}

/* "agent=busy,answered": what comes of each ringing. */
static int parse_parties(struct dd_call_options *o, const struct dd_program *p)
{
	for (size_t i = 0; i < o->nconnects; i++) {
		const char *equals = strchr(o->connects[i], '=');
		uint32_t step = step_named(p,
		        (struct dd_str){o->connects[i], (size_t)(equals - o->connects[i])},
		        DD_CONNECT);
		struct dd_stub *list =
		        dd_arena_alloc(o->arena, (strlen(equals) + 1) * sizeof *list);
		if (step == DD_NONE || p->steps[step].applet != DD_CONNECT)
			return dd_usage_error("--connect %s: the flow has no connect of this name",
			        o->connects[i]);
		int n = list_parties(equals + 1, list, strlen(equals));
		if (n < 0)
			return dd_usage_error("--connect %s: an outcome is answered, busy, "
			                      "no-answer, failed or full; answered@4s:40s "
			                      "rings for 4 s and talks for 40 s",
			        o->connects[i]);
		o->given[o->ngiven++] = (struct dd_given_stubs){step, list, (uint32_t)n, false};
	}
	return 0;
}

/* Everything that can be wrong before the phone rings. */
static int prepare(struct dd_call_options *o, struct dd_program *p, struct dd_diags *diags)
{
	if (o->voice)
		override_voice(p, o->voice);
	int code = check_variables(o, p);
	if (!code)
		code = parse_replies(o, p);
	if (!code)
		code = parse_parties(o, p);
	if (code)
		return code;
	if (!o->live && o->nhosts == 0)
		dd_cli_check_stubs(p, o->given, o->ngiven, diags);
	dd_cli_check_voices(p, diags, !diags->errors);
	if (diags->errors) {
		dd_cli_show(diags, &o->style);
		return EXIT_USAGE;
	}
	return check_missing(p, &o->setup);
}

static void fill_setup(struct dd_call_options *o)
{
	dd_session_sid(o->seed, o->sid);
	int64_t start = DD_STARTS_UNIX_MS;
	if (o->at_given)
		start = o->at;
	else if (!o->fast)
		start = (int64_t)time(NULL) * 1000;
	o->setup = (struct dd_setup){.from = o->from,
	        .call_sid = o->sid,
	        .answered_unix_ms = start,
	        .time_limit = o->time_limit,
	        .names = o->vars.names,
	        .values = o->vars.values,
	        .nvariables = o->vars.n};
}

/* Whether the application failed the customer: what is heard then is a step of its own. */
static bool heard_error(const struct dd_call_options *o, const struct dd_transcript *t)
{
	for (size_t i = 0; i < t->trace->nevents; i++) {
		const struct dd_trace_event *e = &t->trace->events[i];
		if (e->type == DD_TR_PROMPT && dd_app_is_error(o->app.app, e->step))
			return true;
	}
	return false;
}

static int finish(struct dd_call_options *o, struct dd_session *session)
{
	struct dd_buf out = {0};
	struct dd_transcript t = {o->program, dd_session_call(session), dd_session_trace(session),
	        dd_session_outcome(session)};
	if (o->style.json) {
		dd_transcript_json(&t, &out);
	} else {
		if (o->fast)
			dd_transcript_text(&t, o->style.columns, o->style.colour, &out);
		dd_transcript_summary(&t, o->style.colour, &out);
		dd_call_repeat(o, &t, &out);
	}
	dd_print(&out);
	dd_buf_free(&out);
	if (o->save_scenario)
		return dd_call_save_scenario(o, &t);
	return o->is_app && heard_error(o, &t) ? EXIT_FAILED : EXIT_FINE;
}

void dd_call_script(const struct dd_call_options *o, struct dd_script *script)
{
	if (o->press)
		dd_script_init_fixed(script, o->press);
	else
		dd_script_init(script, o->keys);
}

static int run_one_call(struct dd_call_options *o, struct dd_cli_voice *voice)
{
	struct dd_ear ears[2];
	struct dd_recorder *recorder = NULL;
	struct dd_error err = {""};
	struct dd_curl *curl = NULL;
	struct dd_http http;
	struct dd_session_options so = {.program = o->program,
	        .setup = o->setup,
	        .answered_by = o->answered_by,
	        .ring_timeout = o->ring_timeout,
	        .tts = dd_cli_voice_port(voice),
	        .ears = ears,
	        .record = true,
	        .machine_greeting = o->machine_greeting,
	        .speak = o->speak,
	        .nspeak = o->nspeak,
	        .parties = o->parties,
	        .nparties = o->nparties,
	        .stubs = o->given,
	        .nstubs = o->ngiven};
	if (o->is_app) {
		so.documents = dd_app_documents(o->app.app);
		so.http = dd_app_http(o->app.app);
		curl = o->app.curl;
	} else if (o->live || o->nhosts) {
		curl = dd_curl_new(o->nhosts ? o->hosts : NULL, o->nhosts, o->fast, &err);
		if (!curl)
			return dd_usage_error("--live: %s", err.text);
		http = dd_curl_port(curl);
		so.http = &http;
	}
	const char *aside = NULL, *why = o->record ? dd_output_open(o->record, &aside) : NULL;
	if (!why && aside && dd_recorder_open(aside, o->line, &recorder, &err) != DD_OK) {
		dd_output_drop(aside);
		why = err.text;
	}
	if (why) {
		if (!o->is_app)
			dd_curl_free(curl);
		return dd_usage_error("--record %s: %s", o->record, why);
	}
	if (recorder)
		ears[so.nears++] = dd_recorder_ear(recorder);
	int code = EXIT_FINE;
	if (o->fast) {
		struct dd_script script;
		struct dd_cli_warm warm = {0};
		struct dd_session *session = dd_session_new(&so);
		dd_call_script(o, &script);
		dd_session_start(session);
		if (o->answered_by == DD_BY_HUMAN || o->answered_by == DD_BY_MACHINE)
			dd_cli_warm_add(&warm, o->program, dd_session_call(session));
		dd_cli_warm_say(&warm, voice);
		dd_script_run(&script, session);
		code = finish(o, session);
		dd_session_free(session);
	} else {
		code = dd_call_live(o, &so, ears, voice, curl, finish);
	}
	bool fine = dd_recorder_close(recorder, &err) == DD_OK;
	if (aside && !fine)
		dd_output_drop(aside);
	why = !fine ? err.text : aside ? dd_output_keep(aside) : NULL;
	if (why)
		code = dd_usage_error("--record %s: %s", o->record, why);
	if (!o->is_app)
		dd_curl_free(curl);
	return code;
}

/* What a flow has and an application has not. */
static const char *flow_option(const struct dd_call_options *o)
{
	return o->vars.n ? "var" : o->nreplies ? "reply" : o->nconnects ? "connect" : NULL;
}

static int open_app(struct dd_call_options *o)
{
	struct dd_cli_app *a = &o->app;
	if (flow_option(o))
		return dd_usage_error(
		        "--%s is for flows; an application has --param and --dial", flow_option(o));
	if (o->voice)
		return dd_usage_error("--voice is for flows; an application's documents choose it");
	a->o.hosts = o->hosts;
	a->o.nhosts = o->nhosts;
	a->o.live = o->live;
	a->o.outbound |= o->answered_by_given; /* whoever answers is called */
	a->faults.seed = o->seed;
	int code = dd_cli_app_open(a, o->flow, !o->fast);
	if (code)
		return code;
	o->program = dd_app_program(a->app);
	fill_setup(o);
	if (a->o.dialect == DD_TWIML) {
		o->setup.call_sid = dd_arena_format(o->arena, "CA%s", o->sid);
		o->setup.to = "+918047112233";
	}
	o->setup.direction = a->o.outbound ? "outbound-api" : "inbound";
	return 0;
}

static int close_app(struct dd_call_options *o, int code)
{
	struct dd_cli_app *a = &o->app;
	if (a->app) {
		int kept = dd_cli_app_keep(a);
		struct dd_diags *diags = dd_app_diags(a->app);
		struct dd_style plain = {.colour = o->style.colour};
		if (diags->n)
			dd_cli_show(diags, &plain);
		code = kept ? kept : code;
	}
	dd_cli_app_close(a);
	return code;
}

static int run_call(int argc, char **argv)
{
	struct dd_call_options o = {.format = "text", .seed = 1, .line = DD_LINE_ALAW};
	o.app.o.method = DD_POST;
	int code = parse(&o, argc, argv);
	if (code >= 0)
		return code;
	o.style = dd_style_of(o.format, o.no_colour);
	struct dd_diags diags;
	struct dd_arena *arena = dd_arena_new();
	dd_diags_init(&diags, arena);
	o.arena = arena;
	o.is_app = dd_is_app(o.flow);
	if (!o.is_app)
		o.program = dd_cli_load(o.flow, &diags, &o.style);
	if (o.is_app) {
		code = open_app(&o);
	} else if (!o.program) {
		code = EXIT_USAGE;
	} else {
		fill_setup(&o);
		code = dd_cli_app_unused(&o.app);
		if (!code)
			code = prepare(&o, o.program, &diags);
	}
	if (code <= 0) {
		struct dd_cli_voice voice = {.voice = dd_voice_new(NULL)};
		code = run_one_call(&o, &voice);
		dd_voice_free(voice.voice);
	}
	if (o.is_app)
		code = close_app(&o, code);
	else
		dd_program_free(o.program);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option CALL_OPTIONS[] = {DD_OPTION_VAR,
        {'F', "from", "NUMBER", "the customer's number", .value = DD_TEXT},
        {'k', "keys", "2,-,4321#", "keys, each given when a menu waits; - lets a wait run out",
                .value = DD_TEXT, .more = "Keys of one item follow one another after 200 ms."},
        {'p', "press", "MS:KEY,…", "keys at milliseconds after the answer; h hangs up",
                .value = DD_TEXT, .more = "For example 2600:2,5000:h."},
        {'y', "reply", "STEP=ANSWER,…",
                "what its server answers: 200, 302, error, timeout or a route", .value = DD_TEXT,
                .again = true,
                .more = "Answers are given in turn; the last one repeats; {\"a\": 1} is the body "
                        "of a 200. "
                        "A step without an id is called line-N."},
        {'c', "connect", "STEP=OUTCOME,…",
                "what comes of ringing: answered, busy, no-answer, "
                "failed, full",
                .value = DD_TEXT, .again = true,
                .more = "Outcomes are given in turn; the last one repeats. `answered@4s:40s` "
                        "rings for 4 seconds and talks for 40; else it is 6 and 30."},
        {'K', "speak", "TIME,…", "how long the customer speaks to each recording; 5s",
                .value = DD_TEXT, .more = "The last one holds for all further; 0s says nothing."},
        {'g', "machine-greeting", "TIME",
                "how long an answering machine speaks before its beep; 8s", .value = DD_DURATION},
        {'f', "fast", NULL, "virtual time: no waiting, no sound", .value = DD_SWITCH},
        {'l', "live", NULL, "passthru asks the real servers; else stubs answer", .value = DD_SWITCH,
                .more = "Without it nothing reaches the network."},
        {'H', "allow-host", "HOST", "passthru may ask this host only", .value = DD_TEXT,
                .again = true, .more = "Stubs answer for all others."},
        {'a', "answered-by", "WHO", "human, machine, busy, no-answer, failed or canceled",
                .value = DD_WORD, .words = "human machine busy no-answer failed canceled"},
        {'t', "at", "TIME", "when the call is answered: 2025-01-20T10:00:00+05:30",
                .value = DD_TIME,
                .more = "That moment is the default in virtual time; in real time it is now."},
        {'O', "outbound", NULL, "an application is asked when the customer has answered",
                .value = DD_SWITCH},
        {'C', "dial", "OUTCOME,…", "what comes of ringing, such as busy or answered:40s",
                .value = DD_TEXT, .more = "In turn, for whatever is rung; the last one repeats."},
        DD_APP_OPTIONS, DD_OPTION_FAULTS(""),
        {'T', "time-limit", "TIME", "the longest the call may last; at most 14400s",
                .value = DD_DURATION},
        {'R', "ring-timeout", "TIME", "how long it rings before nobody answers; 30s",
                .value = DD_DURATION},
        DD_OPTION_LINE("what the sound goes through"),
        {'r', "record", "FILE.wav", "the whole call as the customer hears it", .value = DD_FILE,
                .endings = "wav"},
        {'m', "mute", NULL, "no sound", .value = DD_SWITCH}, DD_OPTION_TEXT_OR_JSON,
        DD_OPTION_NO_COLOR,
        {'V', "voice", "LANGUAGE", "speak the flow's default voice in this one: hi-IN, en-GB+f2",
                .value = DD_TEXT},
        {'s', "seed", "NUMBER", "where the CallSid comes from; 1", .value = DD_NUMBER},
        {'S', "save-scenario", "FILE", "write this call as a scenario for drydial test",
                .value = DD_FILE, .endings = "yaml"}};

const struct dd_command dd_command_call = {.name = "call",
        .operands = "FLOW",
        .brief = "dial a flow: hear it, press keys, read what happened",
        .summary = "Dials a flow: rings, answers, speaks, takes keys, and prints what happened.",
        .notes = "During a call: 0-9 * # are keys, h hangs up, a hurries who is rung or ends a "
                 "talk, ? shows help, Ctrl-C ends.",
        .examples = "drydial call flows/appointment-reminder.yaml --keys 2 --fast",
        .manual = "At the end it prints what came of the call, the command that repeats it, and "
                  "on request a scenario.\n\n"
                  "Spoken prompts are kept in `drydial` below `XDG_CACHE_HOME`, or below "
                  "`~/.cache`; at most 256 MiB. They may be deleted at any time.",
        .endings = "yaml yml",
        DD_OPTIONS(CALL_OPTIONS),
        .take = take_call_option,
        .run = run_call};
