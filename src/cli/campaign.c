/* drydial campaign: a deployment, rehearsed. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/clock.h"
#include "check/check.h"
#include "campaign/rules.h"
#include "cli/campaign.h"
#include "cli/command.h"
#include "cli/findings.h"

static int take_campaign_option(void *self, int letter, char *value)
{
	struct campaign_options *o = self;
	switch (letter) {
	case 'f': o->choices.flow = value; return 0;
	case 'c': o->choices.contacts = value; return 0;
	case 'a': o->choices.audience = value; return 0;
	case 'p': o->choices.profile = value; return 0;
	case 'd': o->choices.dnd = value; return 0;
	case 's':
		o->choices.seeded = true;
		return dd_take_count("seed", value, 0, UINT64_MAX, &o->choices.seed);
	case 'i':
		return dd_shard_parse(value, &o->shard)
		        ? 0
		        : dd_usage_error(
		                  "--shard %s: write I/N, such as 1/4, with I from 1 to N and N "
		                  "at most %d",
		                  value, DD_SHARDS_MAX);
	case 'r': return dd_take_small_count("runs", value, 1, 1000, &o->runs);
	case 'w': o->what_if = value; return 0;
	case 'D':
		return dd_time_parse(dd_str(value), &o->deadline)
		        ? 0
		        : dd_usage_error(
		                  "--deadline %s: write it as 2025-01-22T18:00:00+05:30", value);
	case 'C': o->calls = value; return 0;
	case 'F':
		if (o->nfloors == sizeof o->floors / sizeof *o->floors)
			return dd_usage_error("--fail-under: at most %zu", o->nfloors);
		return dd_forecast_floor_parse(value, &o->floors[o->nfloors++])
		        ? 0
		        : dd_usage_error(
		                  "--fail-under %s: write targets, or a metric (delivery, "
		                  "completion, ivr_response, action, opt_out) and a share, such "
		                  "as completion=40%%",
		                  value);
	case 'A': o->assumptions = true; return 0;
	case 'N': o->number = value; return 0;
	case 'W': o->worst = true; return 0;
	case 'G': o->against = value; return 0;
	case 'R': o->record = value; return 0;
	case 'S': o->save = value; return 0;
	case 't': o->strict = true; return 0;
	case 'u':
		if (o->nrules == sizeof o->rules / sizeof *o->rules)
			return dd_usage_error("--rule: at most %zu", o->nrules);
		o->rules[o->nrules++] = value;
		return 0;
	case 'e': o->explain = value; return 0;
	case 'o': o->format = value; return 0;
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

/* -- running ---------------------------------------------------------------- */

static volatile sig_atomic_t stop_asked;

static void on_interrupt(int signal)
{
	(void)signal;
	stop_asked = 1;
}

struct running {
	campaign_call_fn call;
	void *self;
	uint64_t contacts;
	double begun, told;
	bool progress, shown;
};

static void on_call(void *self, const struct dd_simulated_call *call)
{
	struct running *r = self;
	r->call(r->self, call);
}

/* First attempts are what is known of the end; a retry more or less does not matter to who waits.
 */
static bool go_on(void *self, const struct dd_forecast *f)
{
	struct running *r = self;
	double at = dd_cli_seconds(), passed = at - r->begun,
	       done = r->contacts ? (double)f->attempts[0].calls / (double)r->contacts : 0;
	if (r->progress && passed > 1 && at - r->told > 0.2) {
		fprintf(stderr,
		        "\r\033[K%llu calls, %.1f million a second, %.0f%% of the contacts called",
		        (unsigned long long)f->calls, (double)f->calls / passed / 1e6, done * 100);
		if (done > 0.01 && done < 1)
			fprintf(stderr, ", %.0f s left", passed * (1 - done) / done);
		(void)fflush(stderr);
		r->told = at;
		r->shown = true;
	}
	return !stop_asked;
}

struct dd_forecast **dd_campaign_run(const struct dd_campaign *const *list,
        const dd_ms *const *lengths, size_t n, uint64_t seed, struct dd_shard shard,
        campaign_call_fn call, void *self, bool *interrupted)
{
	struct dd_error err = {""};
	struct running r = {.call = call,
	        .self = self,
	        .begun = dd_cli_seconds(),
	        .progress = isatty(STDERR_FILENO)};
	struct dd_simulate_options o = {.prompt_ms = lengths,
	        .seed = seed,
	        .shard = shard,
	        .self = &r,
	        .call = call ? on_call : NULL,
	        .go_on = go_on};
	struct sigaction own = {.sa_handler = on_interrupt}, before;
	for (size_t i = 0; i < n; i++)
		r.contacts += list[i]->people->n / (shard.of ? shard.of : 1);
	(void)sigaction(SIGINT, &own, &before);
	struct dd_forecast **f = dd_simulate(list, n, &o, &err);
	(void)sigaction(SIGINT, &before, NULL);
	if (r.shown)
		fputs("\r\033[K", stderr);
	if (!f)
		(void)dd_usage_error("%s", err.text);
	*interrupted = stop_asked;
	return f;
}

/* -- loading ---------------------------------------------------------------- */

static void warm_campaign(struct campaigns *c, const struct dd_program *p)
{
	char sid[33];
	struct dd_cli_warm w = {0};
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES));
	dd_session_sid(1, sid);
	dd_call_init(call, p, DD_STORE_BYTES, &setup);
	dd_cli_warm_add(&w, p, call);
	dd_cli_warm_say(&w, &c->voice);
	free(call);
}

/* An application in place of a flow: what a crawl finds is read as a flow is. */
static struct dd_program *crawl_application(void *self, const char *url)
{
	struct campaigns *c = self;
	struct dd_crawled found = {0};
	if (c->napps == CAMPAIGNS_MAX)
		return NULL;
	struct dd_cli_app *a = c->apps[c->napps++] = dd_alloc(sizeof *a);
	return dd_cli_crawl(a, url, &found) ? NULL : found.program;
}

/* A file, and each of its triggers that has a flow or a window of its own, as campaigns that share
 * the account. */
static int load_file(struct campaigns *c, struct dd_campaign_choices *choices, const char *file)
{
	struct dd_campaign *whole = dd_campaign_load(file, choices, &c->diags);
	if (!whole)
		return EXIT_FINE;
	if (c->n + 1 + whole->nown_events > CAMPAIGNS_MAX) {
		dd_campaign_free(whole);
		return dd_usage_error("at most %d campaigns at once", CAMPAIGNS_MAX);
	}
	c->list[c->n++] = whole;
	for (size_t i = 0; i < whole->nown_events; i++) {
		choices->event = whole->own_events[i];
		struct dd_campaign *own = dd_campaign_load(file, choices, &c->diags);
		if (own)
			c->list[c->n++] = own;
	}
	choices->event = NULL;
	if (whole->nown_events && whole->people->n == 0) { /* its events are all others' */
		size_t at = 0;
		while (c->list[at] != whole)
			at++;
		memmove(&c->list[at], &c->list[at + 1], (--c->n - at) * sizeof *c->list);
		dd_campaign_free(whole);
	}
	return EXIT_FINE;
}

static int load_campaigns(struct campaigns *c, const struct campaign_options *o, const char *verb,
        char **files, int n, const struct dd_style *style)
{
	struct dd_campaign_choices choices = o->choices;
	choices.application = crawl_application;
	choices.self = c;
	if (n > CAMPAIGNS_MAX)
		return dd_usage_error("at most %d campaigns at once", CAMPAIGNS_MAX);
	for (int i = 0; i < n; i++) {
		size_t before = c->n;
		int code = load_file(c, &choices, files[i]);
		if (code != EXIT_FINE)
			return code;
		for (size_t k = before; k < c->n; k++) {
			const struct dd_campaign *one = c->list[k];
			if (one->program)
				dd_cli_check_voices(one->program, &c->diags, false);
			else if (strcmp(verb, "check") != 0)
				dd_diag(&c->diags, DD_ERROR, "flow-missing", NULL,
				        (struct dd_span){0, 0},
				        "the flow that it plays is the platform's own: say which "
				        "one it is here, with --flow FLOW or a key `flow:`")
				        ->file = one->path;
		}
	}
	bool check = strcmp(verb, "check") == 0;
	if (c->diags.errors || (c->diags.n && !check))
		dd_cli_show(&c->diags,
		        &(struct dd_style){.colour = style->colour, .columns = style->columns});
	if (c->diags.errors)
		return EXIT_USAGE;
	for (size_t i = 0; i < c->n; i++) {
		if (!c->list[i]->program) /* check tells of it */
			continue;
		warm_campaign(c, c->list[i]->program);
		c->lengths[i] = dd_check_prompt_lengths(
		        c->list[i]->program, dd_cli_voice_port(&c->voice), c->arena);
	}
	return EXIT_FINE;
}

/* -- the report ------------------------------------------------------------- */

void dd_campaign_print(
        const struct campaign_options *o, const struct dd_forecast *const *list, size_t n)
{
	const struct dd_forecast_style style = {
	        dd_style_of(o->format, o->no_colour).colour, o->columns};
	struct dd_buf out = {0};
	if (strcmp(o->format, "json") == 0)
		dd_forecast_json(list, n, &out);
	else if (strcmp(o->format, "csv") == 0)
		dd_forecast_csv(list, n, &out);
	else if (strcmp(o->format, "html") == 0)
		dd_forecast_html(list, n, &out);
	else
		dd_forecast_text(list, n, &style, &out);
	dd_print(&out);
	dd_buf_free(&out);
}

int dd_campaign_judge(
        const struct campaign_options *o, const struct dd_forecast *const *list, size_t n)
{
	int code = EXIT_FINE;
	for (size_t i = 0; i < n; i++) {
		struct dd_buf lines = {0}, name = {0};
		for (size_t k = 0; k < o->nfloors; k++)
			if (dd_forecast_falls_short(list[i], &o->floors[k], &lines))
				code = EXIT_FAILED;
		if (dd_forecast_is_of_nobody(list[i])) {
			dd_buf_str(&lines, "nobody on the list may be called\n");
			code = EXIT_FAILED;
		}
		dd_buf_screen(&name, dd_str(list[i]->campaign->name));
		for (size_t at = 0; at < lines.n;) {
			int length = (int)strcspn(lines.p + at, "\n");
			fprintf(stderr, "drydial: %s: %.*s\n", name.p, length, lines.p + at);
			at += (size_t)length + 1;
		}
		dd_buf_free(&name);
		dd_buf_free(&lines);
	}
	return code;
}

static int rehearse(const struct campaign_options *o, const struct campaigns *c)
{
	struct dd_error err = {""};
	bool interrupted = false;
	struct campaign_calls *calls = o->calls ? dd_campaign_calls_open(o->calls, &err) : NULL;
	if (o->calls && !calls)
		return dd_usage_error("--calls %s", err.text);
	struct dd_forecast **f =
	        dd_campaign_run((const struct dd_campaign *const *)c->list, c->lengths, c->n, 0,
	                o->shard, calls ? dd_campaign_calls_add : NULL, calls, &interrupted);
	int code = f ? interrupted ? EXIT_INTERRUPTED : EXIT_FINE : EXIT_USAGE;
	if (f)
		dd_campaign_print(o, (const struct dd_forecast *const *)f, c->n);
	if (code == EXIT_FINE)
		code = dd_campaign_judge(o, (const struct dd_forecast *const *)f, c->n);
	if (calls && dd_campaign_calls_close(calls, &err) != DD_OK)
		code = dd_usage_error("--calls %s", err.text);
	for (size_t i = 0; f && i < c->n; i++)
		dd_forecast_free(f[i]);
	free(f);
	return code;
}

static int explain_audience(const struct campaigns *c)
{
	struct dd_buf out = {0};
	dd_audience_explain(c->list[0]->audience, &out);
	dd_print(&out);
	dd_buf_free(&out);
	return EXIT_FINE;
}

static int one_of(const struct campaign_options *o, const char *what, struct campaigns *c)
{
	bool check = strcmp(what, "check") == 0, sample = strcmp(what, "sample") == 0,
	     many = o->runs || o->what_if;
	if (o->runs && o->what_if)
		return dd_usage_error("--runs and --what-if: one of them at a time");
	if (many && (o->calls || strcmp(o->format, "csv") == 0 || strcmp(o->format, "html") == 0))
		return dd_usage_error(
		        "%s is text or json, without --calls", o->runs ? "--runs" : "--what-if");
	if ((many || o->calls) && (check || sample))
		return dd_usage_error("campaign %s looks at one course of events and takes no %s",
		        what,
		        o->calls          ? "--calls"
		                : o->runs ? "--runs"
		                          : "--what-if");
	if (!sample && (o->worst || o->number || o->record || o->save))
		return dd_usage_error(
		        "--number, --worst, --record and --save-scenario go with campaign sample");
	if (!check && (o->strict || o->nrules))
		return dd_usage_error("--strict and --rule go with campaign check");
	if (o->nfloors && (many || *what))
		return dd_usage_error("--fail-under goes with one course of events%s",
		        *what ? ", not with check or sample" : "");
	if (o->deadline != INT64_MAX && !o->what_if)
		return dd_usage_error("--deadline goes with --what-if");
	bool single = o->runs || o->what_if || strcmp(what, "sample") == 0;
	if (o->shard.of && (single || *what))
		return dd_usage_error(
		        "--shard goes with a rehearsal alone: leave --runs, --what-if, "
		        "check and sample to one process");
	if (o->shard.of && c->n != 1)
		return dd_usage_error(
		        "--shard goes with one campaign: several share caps and opt-outs");
	if (single && c->n != 1)
		return dd_usage_error("%s goes with one campaign",
		        o->runs              ? "--runs"
		                : o->what_if ? "--what-if"
		                             : "campaign sample");
	if (o->assumptions)
		return explain_audience(c);
	if (strcmp(what, "check") == 0)
		return dd_campaign_check_all(o, c);
	if (strcmp(what, "sample") == 0)
		return o->worst || o->number
		        ? dd_campaign_sample(o, c)
		        : dd_usage_error(
		                  "which call? campaign sample FILE --worst, or --number NUMBER");
	if (o->runs)
		return dd_campaign_runs(o, c);
	return o->what_if ? dd_campaign_what_if(o, c) : rehearse(o, c);
}

static int run_campaign(int argc, char **argv)
{
	struct campaign_options o = {.format = "text", .deadline = INT64_MAX};
	const char *verb = dd_command_verb(&dd_command_campaign, &argc, &argv);
	int code = dd_command_parse(&dd_command_campaign, verb, argc, argv, &o);
	if (code >= 0)
		return code;
	if (o.explain)
		return dd_cli_explain(&DD_CAMPAIGN_RULES, o.explain, o.format);
	const char *near = !*verb && argc > optind && access(argv[optind], F_OK) != 0
	        ? dd_command_near_verb(&dd_command_campaign, argv[optind])
	        : NULL;
	if (near)
		return dd_usage_error(
		        "there is no campaign \"%s\"; did you mean \"%s\"?", argv[optind], near);
	if (argc == optind)
		return dd_usage_error("which campaign? drydial campaign FILE [options]");
	if (strcmp(verb, "calibrate") == 0)
		return dd_campaign_calibrate(&o, argv + optind, argc - optind);
	if (strcmp(verb, "merge") == 0)
		return dd_campaign_merge(&o, argv + optind, argc - optind);
	struct dd_style style = dd_style_of(o.format, o.no_colour);
	struct campaigns c = {.arena = dd_arena_new(), .voice = {.voice = dd_voice_new(NULL)}};
	o.columns = style.columns;
	dd_diags_init(&c.diags, c.arena);
	bool review = strcmp(verb, "review") == 0;
	if (review && (!o.against || argc - optind != 1))
		code = dd_usage_error("drydial campaign review LOG.csv --against FILE");
	else
		code = load_campaigns(&c, &o, verb, review ? (char **)&o.against : argv + optind,
		        review ? 1 : argc - optind, &style);
	if (code == EXIT_FINE && review)
		code = dd_campaign_review(&o, argv[optind], &c);
	else if (code == EXIT_FINE)
		code = one_of(&o, verb, &c);
	for (size_t i = 0; i < c.n; i++)
		dd_campaign_free(c.list[i]);
	for (size_t i = 0; i < c.napps; i++) {
		dd_cli_app_close(c.apps[i]);
		free(c.apps[i]);
	}
	dd_voice_free(c.voice.voice);
	dd_diags_fini(&c.diags);
	dd_arena_free(c.arena);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_verb CAMPAIGN_VERBS[] = {
        {"check", "FILE…", "finds what would break before any call", "yaml yml json"},
        {"sample", "FILE", "places one call of the many", "yaml yml json"},
        {"calibrate", "LOG.csv", "fits an audience to a log of calls, and prints it", "csv"},
        {"review", "LOG.csv", "what a log of calls comes to, beside targets and the forecast",
                "csv"},
        {"merge", "RESULT.json…",
                "joins results of --shard, also those of check --contacts: what each contact "
                "does is that of the whole, times are those of N diallers side by side "
                "(docs/scaling.md)",
                "json"}};

static const struct dd_option CAMPAIGN_OPTIONS[] = {
        {'f', "flow", "FLOW",
                "the flow that is played, where the file names one of the platform's own",
                .value = DD_FILE, .endings = "yaml yml",
                .more = "With calibrate it is the flow of the log, whose first menu is then "
                        "fitted, too."},
        {'c', "contacts", "FILE.csv", "the list, in place of the file's", .value = DD_FILE,
                .endings = "csv"},
        {'a', "audience", "FILE", "how people behave, in place of the file's", .value = DD_FILE,
                .endings = "yaml yml json"},
        {'p', "profile", "LAW", "trai, tcpa, ofcom, none, or a file", .value = DD_FILE,
                .words = "trai tcpa ofcom none", .endings = "yaml yml json",
                .more = "It stands in place of the file's."},
        {'d', "dnd", "FILE", "numbers on a do-not-disturb register, one a line", .value = DD_FILE},
        {'s', "seed", "NUMBER", "another course of events; 1", .value = DD_NUMBER},
        {'i', "shard", "I/N",
                "only every N-th contact, from the I-th, with an N-th of the limits: see "
                "campaign merge",
                .value = DD_TEXT,
                .more = "What is exact then, and what is not, is in `docs/scaling.md`."},
        {'r', "runs", "N", "so many courses of events: medians and 5-95% bands", .value = DD_NUMBER,
                .more = "At most 1000."},
        {'w', "what-if", "SETTING=10..100",
                "a row for each value of concurrency, throttle, max_attempts or "
                "interval_minutes",
                .value = DD_TEXT, .words = "concurrency= throttle= max_attempts= interval_minutes=",
                .more = "Ten values; 10..100/5 is every fifth from 10 on; or 10,20,50. The "
                        "account's own limit "
                        "is set aside."},
        {'D', "deadline", "TIME", "with --what-if: mark the cheapest that is over by then",
                .value = DD_TIME, .more = "For example 2025-01-22T18:00:00+05:30."},
        {'C', "calls", "FILE", "write every call: FILE.csv or FILE.db (SQLite)", .value = DD_FILE,
                .endings = "csv db"},
        {'G', "against", "FILE", "the campaign whose log it is", .value = DD_FILE,
                .endings = "yaml yml json", .verbs = "review"},
        {'F', "fail-under", "GOAL", "fail when a metric falls short: completion=40%, or targets",
                .value = DD_TEXT, .again = true,
                .more = "delivery, completion, ivr_response and action must reach the share; "
                        "opt_out must not pass it; targets are the ones in the report."},
        {'A', "assumptions", NULL,
                "how people are assumed to behave, and where each figure comes from",
                .value = DD_SWITCH},
        {'N', "number", "NUMBER", "the last call of this number", .value = DD_TEXT,
                .verbs = "sample"},
        {'W', "worst", NULL, "the longest call in which the message was not heard",
                .value = DD_SWITCH, .verbs = "sample"},
        {'R', "record", "FILE.wav", "the call as the customer hears it", .value = DD_FILE,
                .endings = "wav", .verbs = "sample"},
        {'S', "save-scenario", "FILE", "the call as a scenario for drydial test", .value = DD_FILE,
                .endings = "yaml", .verbs = "sample"},
        {'t', "strict", NULL, "fail on warnings, too", .value = DD_SWITCH, .verbs = "check merge"},
        {'u', "rule", "NAME=SEVERITY", "off, note, warning or error", .value = DD_TEXT,
                .rules = &DD_CAMPAIGN_RULES, .verbs = "check", .again = true},
        DD_OPTION_EXPLAIN(&DD_CAMPAIGN_RULES, "a campaign", "check"),
        {'o', "format", "FORMAT", "text, json, csv or html", .value = DD_WORD,
                .words = "text json csv html",
                .more = "JSON is complete; CSV has a row for each hour; HTML is one page with "
                        "charts."},
        {'o', "format", "FORMAT", DD_FINDINGS_HELP, .value = DD_WORD, .words = DD_FINDINGS_FORMATS,
                .verbs = "check"},
        DD_OPTION_NO_COLOR};

const struct dd_command dd_command_campaign = {.name = "campaign",
        .operands = "[check|sample|calibrate|merge] FILE…",
        .brief = "rehearse a deployment: is it lawful, when is it over, what comes of it",
        .summary = "Rehearses a campaign: a crowd of simulated customers, a calendar, the "
                   "platform's rules.",
        .notes = "The file is YAML or JSON, in the shape of the platform's request.",
        .exits = "0 rehearsed, 1 check found an error, 2 the file cannot be used, 130 stopped.",
        .examples = "drydial campaign campaigns/appointments.yaml --runs 20",
        .manual = "The report has the five metrics against their targets, how contacts end, what "
                  "each attempt adds, calls by the hour, where customers hang up, what they "
                  "press, the cost, and what calls waited for. Several files are rehearsed "
                  "together and share their opt-outs and the law's caps. The same seed gives "
                  "the same report. The file is described in `campaigns/README.md`. It is no "
                  "legal advice.\n\n"
                  "At a terminal a rehearsal that takes longer than a second shows how far it "
                  "is; Ctrl-C ends it with the report so far.",
        .endings = "yaml yml json",
        DD_VERBS(CAMPAIGN_VERBS),
        DD_OPTIONS(CAMPAIGN_OPTIONS),
        .take = take_campaign_option,
        .run = run_campaign};
