/* The same campaign again and again: with other seeds, with other settings. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/input.h"
#include "campaign/calibrate.h"
#include "cli/campaign.h"
#include "cli/command.h"

static int stopped(bool interrupted)
{
	return interrupted ? EXIT_INTERRUPTED : EXIT_FINE;
}

static void free_all(struct dd_forecast **list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		dd_forecast_free(list[i]);
	free(list);
}

static const struct dd_forecast *const *as_const(struct dd_forecast **list)
{
	return (const struct dd_forecast *const *)list;
}

int dd_campaign_runs(const struct campaign_options *o, const struct campaigns *c)
{
	const struct dd_campaign *one[] = {c->list[0]};
	struct dd_forecast **runs = dd_alloc((o->runs + 1) * sizeof *runs);
	struct dd_buf out = {0};
	bool interrupted = false;
	size_t n = 0;
	for (uint32_t i = 0; i < o->runs && !interrupted; i++) {
		struct dd_forecast **f = dd_campaign_run(
		        one, c->lengths, 1, i, (struct dd_shard){0, 0}, NULL, NULL, &interrupted);
		if (!f)
			break;
		if (interrupted) /* half a run would be a value of its own */
			dd_forecast_free(f[0]);
		else
			runs[n++] = f[0];
		free(f);
	}
	const struct dd_forecast_style style = {
	        dd_style_of(o->format, o->no_colour).colour, o->columns};
	if (n && strcmp(o->format, "json") == 0)
		dd_forecast_bands_json(as_const(runs), n, &out);
	else if (n)
		dd_forecast_bands_text(as_const(runs), n, &style, &out);
	dd_print(&out);
	dd_buf_free(&out);
	free_all(runs, n);
	return n || interrupted ? stopped(interrupted) : EXIT_USAGE;
}

/* -- what if ---------------------------------------------------------------- */

enum { VALUES_MAX = 100, STEPS = 10 };

/* "10..100" in ten values, "10,20,50", "10..100/5": from 10 on every fifth, and 100. */
static size_t values_of(const char *text, long *values)
{
	char *end;
	size_t n = 0;
	long from = strtol(text, &end, 10), to, step = 0;
	if (end == text || from < 0)
		return 0;
	if (strncmp(end, "..", 2) == 0) {
		const char *rest = end + 2;
		to = strtol(rest, &end, 10);
		bool has_step = *end == '/';
		if (has_step)
			step = strtol(end + 1, &end, 10);
		if (end == rest || *end || to < from || (has_step && step < 1))
			return 0;
		if (has_step && (to - from) / step + 2 > VALUES_MAX)
			return 0;
		for (long value = from; has_step && value <= to; value += step)
			values[n++] = value;
		if (has_step && values[n - 1] != to)
			values[n++] = to;
		for (long i = 0; !has_step && i < STEPS; i++) {
			long value = from + (to - from) * i / (STEPS - 1);
			if (n == 0 || values[n - 1] != value)
				values[n++] = value;
		}
		return n;
	}
	values[n++] = from;
	while (*end == ',' && n < VALUES_MAX) {
		const char *rest = end + 1;
		values[n] = strtol(rest, &end, 10);
		if (end == rest || values[n++] < 0)
			return 0;
	}
	return *end ? 0 : n;
}

static bool apply_setting(struct dd_campaign *c, const char *setting, long value)
{
	if (strcmp(setting, "concurrency") == 0 && value > 0) {
		c->concurrency = (uint32_t)value;
		c->account_concurrency = 0;
	} else if (strcmp(setting, "throttle") == 0 && value > 0) {
		c->throttle = c->account_throttle = (uint32_t)value;
	} else if (strcmp(setting, "max_attempts") == 0 && value >= 1 && value <= DD_ATTEMPTS_MAX) {
		c->max_attempts = (int)value;
	} else if (strcmp(setting, "interval_minutes") == 0 && value > 0 && value <= 100000) {
		c->interval = (dd_ms)value * 60000;
	} else {
		return false;
	}
	return true;
}

static int what_if(const struct campaign_options *o, const struct campaigns *c, const char *setting,
        const long *values, size_t n)
{
	struct dd_forecast **runs = dd_alloc((n + 1) * sizeof *runs);
	struct dd_what_if_row *rows = dd_alloc((n + 1) * sizeof *rows);
	char(*names)[24] = dd_alloc((n + 1) * sizeof *names);
	struct dd_buf out = {0};
	bool interrupted = false;
	size_t done = 0;
	for (size_t i = 0; i < n && !interrupted; i++) {
		struct dd_campaign *other = dd_arena_alloc(c->arena, sizeof *other);
		*other = *c->list[0];
		(void)apply_setting(other, setting, values[i]);
		const struct dd_campaign *one[] = {other};
		struct dd_forecast **f = dd_campaign_run(
		        one, c->lengths, 1, 0, (struct dd_shard){0, 0}, NULL, NULL, &interrupted);
		if (!f)
			break;
		runs[done] = f[0];
		free(f);
		if (interrupted) {
			dd_forecast_free(runs[done]);
			break;
		}
		(void)snprintf(names[done], sizeof *names, "%ld", values[i]);
		rows[done] = (struct dd_what_if_row){names[done], runs[done]};
		done++;
	}
	struct dd_what_if w = {setting, rows, done, o->deadline};
	const struct dd_forecast_style style = {
	        dd_style_of(o->format, o->no_colour).colour, o->columns};
	if (done && strcmp(o->format, "json") == 0)
		dd_what_if_json(&w, &out);
	else if (done)
		dd_what_if_text(&w, &style, &out);
	dd_print(&out);
	dd_buf_free(&out);
	free_all(runs, done);
	free(rows);
	free(names);
	return done || interrupted ? stopped(interrupted) : EXIT_USAGE;
}

int dd_campaign_what_if(const struct campaign_options *o, const struct campaigns *c)
{
	char setting[32];
	long values[VALUES_MAX];
	const char *equals = strchr(o->what_if, '=');
	size_t length = equals ? (size_t)(equals - o->what_if) : 0,
	       n = equals ? values_of(equals + 1, values) : 0;
	if (!length || length >= sizeof setting || !n)
		return dd_usage_error("--what-if %s: write SETTING=10..100, SETTING=10..100/5 or "
		                      "SETTING=10,20,50",
		        o->what_if);
	memcpy(setting, o->what_if, length);
	setting[length] = '\0';
	for (size_t i = 0; i < n; i++) {
		struct dd_campaign copy = *c->list[0];
		if (!apply_setting(&copy, setting, values[i]))
			return dd_usage_error(
			        "--what-if %s: concurrency, throttle, max_attempts (1 to %d) or "
			        "interval_minutes, above 0",
			        o->what_if, DD_ATTEMPTS_MAX);
	}
	return what_if(o, c, setting, values, n);
}

/* -- one call of many ------------------------------------------------------- */

struct wanted {
	const struct campaign_options *o;
	uint64_t number;
	bool found;
	struct dd_simulated_call call;
	char presses[256], replies[256];
};

static void keep_call(struct wanted *w, const struct dd_simulated_call *call)
{
	w->found = true;
	w->call = *call;
	(void)snprintf(w->presses, sizeof w->presses, "%s", call->presses);
	(void)snprintf(w->replies, sizeof w->replies, "%s", call->replies);
}

/* The worst: the longest call of which the customer did not hear the message; else the longest. */
static bool is_worse(const struct dd_simulated_call *a, const struct dd_simulated_call *b)
{
	return a->heard_message != b->heard_message ? !a->heard_message : a->lasted > b->lasted;
}

static void consider(void *self, const struct dd_simulated_call *call)
{
	struct wanted *w = self;
	if (w->o->number) {
		if (call->campaign->people->list[call->person].number == w->number)
			keep_call(w, call); /* the last attempt */
	} else if (call->answered_by == DD_BY_HUMAN && (!w->found || is_worse(call, &w->call))) {
		keep_call(w, call);
	}
}

/* Hands the call on to drydial call, which speaks it, records it or writes it down. */
static int place_call(const struct campaign_options *o, const struct campaigns *c, struct wanted *w)
{
	const struct dd_simulated_call *x = &w->call;
	char from[24], at[26], limit[24], *args[32], *reply;
	int n = 0;
	(void)snprintf(from, sizeof from, "+%llu",
	        (unsigned long long)c->list[0]->people->list[x->person].number);
	(void)snprintf(limit, sizeof limit, "%llds", (long long)(c->list[0]->time_limit / 1000));
	dd_time_rfc3339(x->placed + x->ringing, at);
	static char call[] = "call", fast[] = "--fast", from_is[] = "--from", at_is[] = "--at",
	            limit_is[] = "--time-limit", press[] = "--press", by[] = "--answered-by",
	            replies[] = "--reply", record[] = "--record", save[] = "--save-scenario",
	            format[] = "--format", json[] = "json";
	char *const always[] = {call, (char *)c->list[0]->program->flows[0].path, fast, from_is,
	        from, at_is, at, limit_is, limit};
	for (size_t i = 0; i < sizeof always / sizeof *always; i++)
		args[n++] = always[i];
	const struct {
		char *option;
		const char *value;
	} more[] = {{press, w->presses[0] ? w->presses : NULL},
	        {by, x->answered_by != DD_BY_HUMAN ? dd_answered_by_name(x->answered_by) : NULL},
	        {record, o->record}, {save, o->save},
	        {format, strcmp(o->format, "json") == 0 ? json : NULL}};
	for (size_t i = 0; i < sizeof more / sizeof *more; i++)
		if (more[i].value)
			args[n++] = more[i].option, args[n++] = (char *)more[i].value;
	for (reply = strtok(w->replies, " "); reply && n < 30; reply = strtok(NULL, " "))
		args[n++] = replies, args[n++] = reply;
	args[n] = NULL;
	return dd_command_call.run(n, args);
}

int dd_campaign_sample(const struct campaign_options *o, const struct campaigns *c)
{
	const struct dd_campaign *one[] = {c->list[0]};
	struct wanted w = {.o = o};
	bool interrupted = false;
	if (o->number && !(w.number = dd_number_parse(dd_str(o->number), c->list[0]->home)))
		return dd_usage_error(
		        "--number %s: a telephone number, such as +919876543210", o->number);
	struct dd_forecast **f = dd_campaign_run(
	        one, c->lengths, 1, 0, (struct dd_shard){0, 0}, consider, &w, &interrupted);
	if (!f)
		return EXIT_USAGE;
	dd_forecast_free(f[0]);
	free(f);
	if (interrupted)
		return EXIT_INTERRUPTED;
	if (!w.found)
		return o->number
		        ? dd_usage_error("--number %s: this campaign does not call it", o->number)
		        : dd_usage_error("nobody answers in this campaign");
	uint32_t line = c->list[0]->people->list[w.call.person].line;
	fprintf(stderr,
	        line ? "drydial: attempt %d, line %u of the list\n" : "drydial: attempt %d\n",
	        w.call.attempt, line);
	return place_call(o, c, &w);
}

/* -- from a log ------------------------------------------------------------- */

static int calibrate(const struct campaign_options *o, const char *log, const struct dd_program *p)
{
	struct dd_calibration *c = dd_alloc(sizeof *c);
	struct dd_error err = {""};
	struct dd_buf out = {0};
	int code = EXIT_USAGE, fd = strcmp(log, "-") == 0 ? STDIN_FILENO : dd_input_open(log, &err);
	if (strcmp(o->format, "text") != 0) {
		code = dd_usage_error(
		        "campaign calibrate writes an audience file and takes no --format");
	} else if (fd < 0) {
		code = dd_usage_error("%s: %s", log, err.text);
	} else if (dd_calibrate(fd, p, NULL, c, &err) != DD_OK) {
		code = dd_usage_error("%s: %s", log, err.text);
	} else {
		if (c->bad)
			fprintf(stderr,
			        "drydial: %llu of %llu lines could not be understood, "
			        "the first of them line %llu\n",
			        (unsigned long long)c->bad, (unsigned long long)c->rows,
			        (unsigned long long)c->first_bad);
		dd_calibration_yaml(c, p, &out);
		dd_print(&out);
		code = EXIT_FINE;
	}
	if (fd > STDERR_FILENO)
		close(fd);
	dd_buf_free(&out);
	free(c);
	return code;
}

int dd_campaign_calibrate(const struct campaign_options *o, char **files, int n)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	const struct dd_style style = dd_style_of(o->format, o->no_colour);
	struct dd_program *p =
	        o->choices.flow ? dd_cli_load(o->choices.flow, &diags, &style) : NULL;
	int code = n != 1
	        ? dd_usage_error(
	                  "one log at a time: drydial campaign calibrate LOG.csv [--flow FLOW]")
	        : EXIT_USAGE;
	if (n == 1 && (p || !o->choices.flow))
		code = calibrate(o, files[0], p);
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}

/* -- after the campaign ----------------------------------------------------- */

static int review_log(const struct campaign_options *o, const char *log, struct campaigns *c)
{
	struct dd_review r;
	struct dd_error err = {""};
	struct dd_buf out = {0}, short_of = {0};
	bool interrupted = false;
	int fd = strcmp(log, "-") == 0 ? STDIN_FILENO : dd_input_open(log, &err), code = EXIT_FINE;
	if (fd < 0 || dd_review(fd, c->list[0]->program, c->list[0]->home, &r, &err) != DD_OK)
		code = dd_usage_error("%s: %s", log, err.text);
	if (fd > STDERR_FILENO)
		close(fd);
	if (code != EXIT_FINE)
		return code;
	const struct dd_campaign *one[] = {c->list[0]};
	struct dd_forecast **f = dd_campaign_run(
	        one, c->lengths, 1, 0, (struct dd_shard){0, 0}, NULL, NULL, &interrupted);
	if (!f)
		return EXIT_USAGE;
	if (strcmp(o->format, "json") == 0)
		dd_review_json(&r, f[0], &out);
	else
		dd_review_text(&r, f[0], &out);
	dd_print(&out);
	for (size_t i = 0; i < o->nfloors; i++)
		if (dd_review_falls_short(&r, &o->floors[i], &short_of))
			code = EXIT_FAILED;
	if (short_of.n)
		fprintf(stderr, "%s", short_of.p);
	dd_buf_free(&short_of);
	dd_buf_free(&out);
	dd_forecast_free(f[0]);
	free(f);
	return interrupted ? EXIT_INTERRUPTED : code;
}

int dd_campaign_review(const struct campaign_options *o, const char *log, struct campaigns *c)
{
	if (strcmp(o->format, "text") != 0 && strcmp(o->format, "json") != 0)
		return dd_usage_error("campaign review is text or json, not %s", o->format);
	if (c->n != 1)
		return dd_usage_error("campaign review looks at one campaign");
	return review_log(o, log, c);
}
