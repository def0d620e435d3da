/* drydial explore: every call that can happen. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "explore/paper.h"
#include "session/script.h"

enum { MAX_STATES = 300000, COUNT_MOST = 100000000 };

struct explore_options {
	const char *flow, *format, *show;
	struct dd_vars vars;
	uint32_t paths, max_states;
	bool no_colour, at_given;
	struct dd_cli_app app;
	int64_t at;
};

static int take_explore_option(void *self, int letter, char *value)
{
	struct explore_options *o = self;
	int code = dd_cli_app_take(&o->app, letter, value);
	if (code >= 0)
		return code;
	switch (letter) {
	case 'v': return dd_take_var(&o->vars, value);
	case 'p': return dd_take_small_count("paths", value, 0, COUNT_MOST, &o->paths);
	case 's':
		o->show = value;
		return *value && dd_script_check(value)
		        ? dd_usage_error("--show %s: %s", value, dd_script_check(value))
		        : 0;
	case 'm': return dd_take_small_count("max-states", value, 0, COUNT_MOST, &o->max_states);
	case 't':
		o->at_given = true;
		return dd_time_parse(dd_str(value), &o->at)
		        ? 0
		        : dd_usage_error("--at %s: a time is 2025-01-20T10:00:00+05:30", value);
	case 'o': o->format = value; return 0;
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

static int explore(const struct explore_options *o, const struct dd_program *p,
        struct dd_arena *arena, const struct dd_style *style)
{
	char sid[33];
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_cli_voice voice = {.voice = dd_voice_new(NULL)};
	struct dd_cli_warm warm = {0};
	struct dd_ways *ways = dd_ways_new(p);
	struct dd_buf out = {0};
	dd_session_sid(1, sid);
	setup.clock_given = o->at_given;
	if (o->at_given)
		setup.answered_unix_ms = o->at;
	setup.names = o->vars.names;
	setup.values = o->vars.values;
	setup.nvariables = o->vars.n;
	dd_setup_complete(p, arena, &setup);
	struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES));
	dd_call_init(call, p, DD_STORE_BYTES, &setup);
	struct dd_tts tts = dd_cli_voice_port(&voice);
	dd_cli_warm_add(&warm, p, call);
	dd_cli_warm_say(&warm, &voice);
	struct dd_explored *x = dd_explore(p, ways, &setup, tts, o->max_states);
	struct dd_path shown;
	struct dd_explore_style paper = {
	        style->colour, style->columns, o->flow, o->paths, o->show ? &shown : NULL};
	bool followed = !o->show || dd_explore_follow(x, o->show, &shown);
	if (style->json)
		dd_explored_json(x, &paper, &out);
	else
		dd_explored_text(x, &paper, &out);
	dd_print(&out);
	if (!followed)
		fprintf(stderr,
		        "drydial: --show %s: the call is over before all these keys are pressed\n",
		        o->show);
	bool bad = false;
	for (size_t i = 0; i < x->nendings && !o->show; i++)
		bad |= x->endings[i].ended_by == DD_ENDED_DROPPED ||
		        x->endings[i].ended_by == DD_ENDED_RUNAWAY;
	for (size_t i = 0; i < x->nloops && !o->show; i++)
		bad |= x->loops[i].silent || x->loops[i].no_exit;
	dd_buf_free(&out);
	dd_explored_free(x);
	dd_ways_free(ways);
	free(call);
	dd_voice_free(voice.voice);
	return bad || !followed ? EXIT_FAILED : EXIT_FINE;
}

static int run_explore(int argc, char **argv)
{
	struct explore_options o = {.format = "text", .max_states = MAX_STATES};
	int code = dd_command_parse(&dd_command_explore, "", argc, argv, &o);
	if (code >= 0)
		return code;
	if (argc - optind != 1)
		return dd_usage_error(argc == optind
		                ? "which flow? drydial explore FLOW [options]"
		                : "one flow at a time: drydial explore FLOW [options]");
	o.flow = argv[optind];
	struct dd_style style = dd_style_of(o.format, o.no_colour);
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_program *p;
	code = dd_cli_read(&o.app, o.flow, &diags, &style, &p);
	if (!code)
		code = explore(&o, p, arena, &style);
	dd_program_free(p);
	dd_cli_app_close(&o.app);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option EXPLORE_OPTIONS[] = {DD_OPTION_VAR,
        {'p', "paths", "N", "list so many calls, with the arguments that repeat them",
                .value = DD_NUMBER, .more = "Loops are gone round at most once."},
        {'s', "show", "2,-,4321#", "the call with these keys alone, choice by choice",
                .value = DD_TEXT, .more = "Servers answer as the flow's own stubs do."},
        {'m', "max-states", "N", "stop there and say so; 300000", .value = DD_NUMBER},
        {'t', "at", "TIME", "when the call is answered; else hours go both ways", .value = DD_TIME},
        DD_CRAWL_OPTIONS, DD_OPTION_TEXT_OR_JSON, DD_OPTION_NO_COLOR};

const struct dd_command dd_command_explore = {.name = "explore",
        .operands = "FLOW",
        .brief = "walk every call that can happen: endings, lengths, loops",
        .summary = "Walks every call that can happen: each key, a wrong key, silence, "
                   "each answer of a server.",
        .notes = "Each call is printed as the arguments of drydial call that repeat it.",
        .exits = "0 walked, 1 some call drops or never ends, 2 the flow cannot be read.",
        .examples = "drydial explore flows/two-level-menu.yaml --paths 5",
        .manual = "Calls that are at the same place with the same values are one state, so that "
                  "menus inside loops end. It prints every way a call can end with the shortest "
                  "call that does; the shortest, the longest and the silent call; the longest "
                  "stretch without a chance to press a key; steps and exits that no call comes "
                  "to; and loops.",
        .endings = "yaml yml",
        DD_OPTIONS(EXPLORE_OPTIONS),
        .take = take_explore_option,
        .run = run_explore};
