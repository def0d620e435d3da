/* Applications on the command line. */
#include "cli/app.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/duration.h"
#include "cli/cli.h"
#include "cli/replace.h"
#include "sim/tts.h"

enum { TAPE_BYTES_MAX = 256 << 20 };

static int take_pair(const char *option, char *value, const char *example, char **second)
{
	char *equals = strchr(value, '=');
	if (!equals || equals == value)
		return dd_usage_error("--%s %s: write %s", option, value, example);
	*equals = '\0';
	*second = equals + 1;
	return 0;
}

static int take_app_map(struct dd_cli_app *a, char *value)
{
	char *to = NULL;
	int code = take_pair("map", value, "FROM=TO", &to);
	if (code)
		return code;
	if (!dd_is_url(value) || !dd_is_url(to))
		return dd_usage_error("--map %s=%s: write FROM=TO, such as "
		                      "https://your-app.com=http://127.0.0.1:5000",
		        value, to);
	if (a->o.nmaps == DD_APP_MAPS_MAX)
		return dd_usage_error("--map: at most %d", DD_APP_MAPS_MAX);
	a->maps[a->o.nmaps++] = (struct dd_app_map){value, to};
	return 0;
}

static int take_param(struct dd_cli_app *a, char *value)
{
	char *second = NULL;
	int code = take_pair("param", value, "NAME=VALUE", &second);
	if (code)
		return code;
	if (a->o.nparameters == DD_APP_PARAMS_MAX)
		return dd_usage_error("--param: at most %d", DD_APP_PARAMS_MAX);
	a->names[a->o.nparameters] = value;
	a->values[a->o.nparameters++] = second;
	return 0;
}

enum { CRAWL_MOST = 1000000 };

int dd_cli_faults(struct dd_faults *faults, const char *text)
{
	char why[200];
	return dd_faults_parse(dd_str(text), false, faults, why)
	        ? 0
	        : dd_usage_error("--faults: %s", why);
}

int dd_cli_list_faults(bool served)
{
	struct dd_buf out = {0};
	for (enum dd_fault i = 0; i < DD_FAULTS_COUNT; i++) {
		if (dd_fault_is_served(i) != served)
			continue;
		dd_buf_format(&out, "%-18s%s", dd_fault_name(i), dd_fault_about(i));
		if (dd_fault_time(i))
			dd_buf_format(&out, "; %lld ms, or as %s=3s says",
			        (long long)dd_fault_time(i), dd_fault_name(i));
		dd_buf_char(&out, '\n');
	}
	dd_print(&out);
	dd_buf_free(&out);
	return EXIT_FINE;
}

static int take_known(struct dd_cli_app *a, int letter, char *value)
{
	switch (letter - DD_APP_LETTER(0)) {
	case 'D': return dd_dialect_parse(value, &a->o.dialect) ? 0 : EXIT_USAGE;
	case 'M':
		a->get = strcmp(value, "GET") == 0;
		a->o.method = a->get ? DD_GET : DD_POST;
		return 0;
	case 'P': return take_param(a, value);
	case 'A': a->o.auth_token = value; return 0;
	case 'B': a->o.fallback = value; return 0;
	case 'Y':
		return dd_duration_parse(dd_str(value), &a->o.latency) && a->o.latency <= 600000
		        ? 0
		        : dd_usage_error("--latency %s: a duration such as 300ms", value);
	case 'w':
		a->tape = value;
		a->o.tape = true;
		return 0;
	case 'W': a->replay = value; return 0;
	case 'd': a->documents = value; return 0;
	case 'U':
		a->o.public_url = value;
		return dd_is_url(value) ? 0
		                        : dd_usage_error("--public-url %s: an address such as "
		                                         "https://app.example.com",
		                                  value);
	case 'H':
		if (a->o.nhosts == DD_APP_HOSTS_MAX)
			return dd_usage_error("--allow-host: at most %d hosts", DD_APP_HOSTS_MAX);
		a->hosts[a->o.nhosts++] = value;
		a->o.hosts = a->hosts;
		return 0;
	case 'l': a->o.live = true; return 0;
	case 'C': return dd_take_small_count("max-calls", value, 1, CRAWL_MOST, &a->max_calls);
	case 'N': return dd_take_small_count("max-depth", value, 1, CRAWL_MOST, &a->max_depth);
	case 'y': a->yes = true; return 0;
	case 'F':
		a->list_faults = strcmp(value, "list") == 0;
		a->o.faults = &a->faults;
		a->faults_text = value;
		return a->list_faults ? 0 : dd_cli_faults(&a->faults, value);
	default: return take_app_map(a, value);
	}
}

int dd_cli_app_take(struct dd_cli_app *a, int letter, char *value)
{
	static const struct dd_option ours[] = {DD_CRAWL_OPTIONS, DD_OPTION_FAULTS("")};
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
		if (ours[i].letter != letter)
			continue;
		a->given = a->given ? a->given : ours[i].name;
		return take_known(a, letter, value);
	}
	return -1;
}

static int read_tape(struct dd_cli_app *a)
{
	struct dd_source *source;
	struct dd_error err;
	if (dd_source_read(a->arena, a->replay, TAPE_BYTES_MAX, &source, &err) != DD_OK)
		return dd_usage_error("--replay %s: %s", a->replay, err.text);
	a->o.replay = source->text;
	return 0;
}

int dd_cli_app_open(struct dd_cli_app *a, const char *operand, bool real_time)
{
	struct dd_error err = {""};
	bool server = dd_is_url(operand) && !a->replay;
	a->arena = dd_arena_new();
	a->o.url = operand;
	a->o.names = a->names;
	a->o.values = a->values;
	a->o.maps = a->maps;
	a->o.real_time = real_time;
	a->o.recordings = true;
	int code = a->replay ? read_tape(a) : 0;
	if (!code && server) {
		a->curl = dd_curl_new(NULL, 0, !real_time, &err);
		if (real_time)
			a->waiting = dd_curl_new(NULL, 0, true, &err);
		if (!a->curl || (real_time && !a->waiting))
			code = dd_usage_error("%s", err.text);
	}
	if (code)
		return code;
	if (a->curl) {
		a->http = dd_curl_port(a->curl);
		a->o.http = &a->http;
	}
	if (a->waiting) {
		a->first = dd_curl_port(a->waiting);
		a->o.waiting = &a->first;
	}
	a->app = dd_app_new(&a->o, &err);
	if (!a->app)
		return dd_usage_error("%s", err.text);
	dd_app_begin(a->app);
	return 0;
}

/* At a terminal a question; elsewhere whoever typed the command has answered it. */
static bool may_crawl(const struct dd_cli_app *a, const char *operand)
{
	char answer[8] = "";
	bool server = dd_is_url(operand) && !a->replay;
	if (!server)
		return true;
	dd_note("this places calls with each key at each menu: real requests to %s", operand);
	if (a->yes || !isatty(STDIN_FILENO) || !isatty(STDERR_FILENO))
		return true;
	fputs("go on? [y/N] ", stderr);
	return fgets(answer, sizeof answer, stdin) && (answer[0] == 'y' || answer[0] == 'Y');
}

int dd_cli_crawl(struct dd_cli_app *a, const char *operand, struct dd_crawled *out)
{
	char *told = dd_url_told(operand);
	struct dd_sim_tts *voice = dd_sim_tts_new(0, 0);
	if (!a->o.method)
		a->o.method = a->get ? DD_GET : DD_POST;
	struct dd_crawl_options o = {.tts = dd_sim_tts_port(voice),
	        .max_calls = a->max_calls,
	        .max_depth = a->max_depth,
	        .to = a->o.dialect == DD_TWIML ? "+918047112233" : NULL,
	        .direction = a->o.outbound ? "outbound-api" : "inbound",
	        .scenarios = a->scenarios};
	int code = may_crawl(a, operand) ? dd_cli_app_open(a, operand, false) : EXIT_INTERRUPTED;
	if (!code) {
		dd_app_crawl(a->app, &o, out);
		dd_note("%u document%s, %u of them different, in %u calls of %u requests%s",
		        out->documents, out->documents == 1 ? "" : "s", out->places, out->calls,
		        out->requests,
		        out->by_calls           ? "; stopped at --max-calls: there may be more"
		                : out->by_depth ? "; stopped at --max-depth: there may be more"
		                                : "");
	}
	if (!code && out->documents == 0) { /* nothing was looked at: that is no pass */
		code = dd_usage_error(
		        "%s: no document came; drydial call %s --fast shows why", told, told);
		dd_program_free(out->program);
		out->program = NULL;
	}
	free(told);
	dd_sim_tts_free(voice);
	return code;
}

/* "1-voice.xml": by the order in which they came, and the last name of their address. */
static int write_document(struct dd_cli_app *a, uint32_t flow)
{
	struct dd_str text = dd_app_document(a->app, flow);
	const char *url = dd_app_program(a->app)->flows[flow].path;
	size_t end = strcspn(url, "?#"), from = end;
	struct dd_buf path = {0};
	while (from > 0 && url[from - 1] != '/')
		from--;
	dd_buf_format(&path, "%s/%u-", a->documents, flow);
	for (size_t i = from; i < end && i < from + 60; i++) {
		char c = url[i];
		bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		        (c >= '0' && c <= '9') || c == '.' || c == '_';
		dd_buf_char(&path, plain ? c : '-');
	}
	size_t n = path.n;
	if (n < 4 || strcmp(path.p + n - 4, ".xml") != 0)
		dd_buf_str(&path, ".xml");
	const char *why = dd_output_write(path.p, text);
	int code = why ? dd_usage_error("--documents %s: %s", path.p, why) : 0;
	dd_buf_free(&path);
	return code;
}

int dd_cli_app_keep(struct dd_cli_app *a)
{
	int code = 0;
	if (a->tape) {
		struct dd_str tape = dd_app_tape(a->app);
		const char *why = dd_output_write(a->tape, tape);
		if (why)
			code = dd_usage_error("--tape %s: %s", a->tape, why);
	}
	if (a->documents && mkdir(a->documents, 0777) != 0 && errno != EEXIST)
		return dd_usage_error("--documents %s: %s", a->documents, strerror(errno));
	for (uint32_t i = 1; a->documents && i < dd_app_program(a->app)->nflows && !code; i++)
		code = write_document(a, i);
	return code;
}

int dd_cli_app_unused(const struct dd_cli_app *a)
{
	return a->given
	        ? dd_usage_error("--%s is for applications, which answer at a URL", a->given)
	        : 0;
}

int dd_cli_read(struct dd_cli_app *a, const char *operand, struct dd_diags *diags,
        const struct dd_style *style, struct dd_program **out)
{
	struct dd_crawled crawled = {0};
	bool app = dd_is_app(operand);
	*out = NULL;
	int code = app ? dd_cli_crawl(a, operand, &crawled) : dd_cli_app_unused(a);
	if (!code)
		*out = app ? crawled.program : dd_cli_load(operand, diags, style);
	return code || *out ? code : EXIT_USAGE;
}

void dd_cli_app_close(struct dd_cli_app *a)
{
	dd_app_free(a->app);
	dd_curl_free(a->curl);
	dd_curl_free(a->waiting);
	dd_arena_free(a->arena);
	a->app = NULL;
}
