/* drydial serve: a local stand-in for the call platform. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "cli/app.h"
#include "cli/cli.h"
#include "cli/command.h"
#include "cli/serving_run.h"
#include "net/httpd.h"
#include "serve/serve.h"

struct serve_cli {
	struct dd_serve_options o;
	char address[64];
	char **argv;
	int argc;
	bool quiet, listens, kept; /* --listen and --db were given */
	bool runs, tls;
	bool sweeps; /* --faults all */
	void *swept;
	char **command;
	struct dd_run *run;
	struct dd_error fault;
};

static volatile sig_atomic_t stop_signal;

static void on_signal(int signal)
{
	(void)signal;
	stop_signal = 1;
}

static int bad_serve_option(const char *option, const char *value, const char *wanted)
{
	return dd_usage_error("--%s %s: %s", option, value, wanted);
}

static int take_listen(struct serve_cli *c, const char *value)
{
	const char *colon = strrchr(value, ':');
	char *end = NULL;
	bool port_alone = strspn(value, "0123456789") == strlen(value);
	const char *port = port_alone ? value : colon ? colon + 1 : NULL;
	unsigned long number = port && *port ? strtoul(port, &end, 10) : 70000;
	if (!end || *end || number > 65535)
		return bad_serve_option("listen", value,
		        "write ADDRESS:PORT, such as 127.0.0.1:8080, or a port alone");
	c->o.port = (uint16_t)number;
	if (port_alone)
		return 0;
	size_t n = (size_t)(colon - value);
	bool brackets = n > 2 && value[0] == '[' && value[n - 1] == ']';
	(void)snprintf(c->address, sizeof c->address, "%.*s", (int)(brackets ? n - 2 : n),
	        value + (brackets ? 1 : 0));
	if (strcmp(c->address, "localhost") == 0)
		(void)snprintf(c->address, sizeof c->address, "127.0.0.1");
	c->o.address = c->address;
	return 0;
}

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* "rules FILE" and "audience FILE" are two words of the command line; "rules" alone are those of
 * serve.yaml. */
static int take_answer(struct serve_cli *c, const char *value)
{
	bool rules = strcmp(value, "rules") == 0, audience = strcmp(value, "audience") == 0;
	if (!rules && !audience) {
		c->o.answer = value;
		return 0;
	}
	bool named = optind < c->argc && c->argv[optind][0] != '-' && !is_folder(c->argv[optind]);
	if (!named)
		return rules
		        ? 0
		        : bad_serve_option("answer", value, "name a file: --answer audience FILE");
	*(rules ? &c->o.rules : &c->o.audience) = c->argv[optind++];
	return 0;
}

static int take_speed(struct serve_cli *c, const char *value)
{
	char *end;
	c->o.speed = strcmp(value, "max") == 0 ? 0
	        : strcmp(value, "real") == 0   ? 1
	                                       : strtod(value, &end);
	if (strcmp(value, "max") == 0 || strcmp(value, "real") == 0)
		return 0;
	return (*end == '\0' || strcmp(end, "x") == 0) && c->o.speed >= 0.1 && c->o.speed <= 10000
	        ? 0
	        : bad_serve_option("speed", value, "real, 10x or max");
}

static int take_map(struct serve_cli *c, char *value)
{
	char *equals = strchr(value, '=');
	if (c->o.nmaps == DD_SERVE_HOSTS_MAX)
		return dd_usage_error("--map: at most %d", DD_SERVE_HOSTS_MAX);
	if (!equals || strncmp(value, "http", 4) != 0 || strncmp(equals + 1, "http", 4) != 0)
		return bad_serve_option("map", value,
		        "write FROM=TO, such as https://your-app.com=http://127.0.0.1:5000");
	*equals = '\0';
	c->o.maps[c->o.nmaps++] = (struct dd_serve_map){value, equals + 1};
	return 0;
}

static int take_serve_option(void *self, int letter, char *value)
{
	struct serve_cli *c = self;
	switch (letter) {
	case 'l': c->listens = true; return take_listen(c, value);
	case 'c':
		c->o.credentials = value;
		return strchr(value, ':') && value[0] != ':' && strlen(value) < 160
		        ? 0
		        : bad_serve_option("credentials", value, "write KEY:TOKEN");
	case 'a': return take_answer(c, value);
	case 's': return take_speed(c, value);
	case 't':
		c->o.at_given = true;
		return dd_time_parse(dd_str(value), &c->o.at)
		        ? 0
		        : bad_serve_option("at", value, "a time is 2025-01-20T10:00:00+05:30");
	case 'd':
		c->kept = true;
		c->o.db = value;
		return 0;
	case 'C': c->o.config = value; return 0;
	case 'P': c->o.profile = value; return 0;
	case 'f':
		c->o.callback_form = value;
		return strcmp(value, "multipart") == 0 || strcmp(value, "urlencoded") == 0
		        ? 0
		        : bad_serve_option("callback-form", value, "multipart or urlencoded");
	case 'r': return dd_take_small_count("rate", value, 0, 10000, &c->o.rate);
	case 'n': return dd_take_small_count("calls", value, 0, DD_SERVE_CALLS_MAX, &c->o.calls);
	case 'H':
		if (c->o.nhosts == DD_SERVE_HOSTS_MAX)
			return dd_usage_error("--allow-host: at most %d hosts", DD_SERVE_HOSTS_MAX);
		c->o.hosts[c->o.nhosts++] = value;
		return 0;
	case 'L': c->o.any_host = true; return 0;
	case 'm': return take_map(c, value);
	case 'S': return dd_take_count("seed", value, 0, UINT64_MAX, &c->o.seed);
	case 'F': c->o.faults = value; return 0;
	case 'q': c->quiet = true; return 0;
	case 'R': c->runs = true; return 0;
	case 'p': c->o.reach.pass_through = true; return 0;
	case 'T': c->o.reach.tls = true; return 0;
	case 'A':
		c->o.reach.tls = true;
		c->o.reach.authority = value;
		return 0;
	default: return EXIT_USAGE;
	}
}

static void *open_voice(void *self, struct dd_tts *tts)
{
	struct dd_voice *v = dd_voice_new(NULL);
	(void)self;
	*tts = dd_voice_port(v);
	return v;
}

static void close_voice(void *self, void *voice)
{
	(void)self;
	dd_voice_free(voice);
}

static void look_at_voices(const struct dd_program *program, struct dd_diags *diags)
{
	dd_cli_check_voices(program, diags, false);
}

static void trust(void *self, const char *authority)
{
	struct serve_cli *c = self;
	if (c->run && dd_run_trust(c->run, authority, &c->fault) != DD_OK)
		stop_signal = 1;
}

static unsigned port_of(const char *url)
{
	return (unsigned)strtoul(strrchr(url, ':') + 1, NULL, 10);
}

/* All that is ours goes to stderr: what the command prints is its own. */
static void run_command(struct serve_cli *c, const char *url, const char *credentials)
{
	if (c->fault.text[0])
		return;
	if (!c->quiet)
		dd_note("%s is the platform for %s", url, c->command[0]);
	dd_run_start(c->run, url, port_of(url), credentials);
}

static void ready(void *self, const char *url, const char *credentials)
{
	struct serve_cli *c = self;
	const char *colon = strchr(credentials, ':');
	struct dd_buf out = {0};
	if (c->run) {
		run_command(c, url, credentials);
		return;
	}
	dd_buf_str(&out, "drydial serves ");
	dd_buf_screen(&out, dd_str(c->o.flows));
	dd_buf_format(&out, " at %s", url);
	if (c->o.reach.tls)
		dd_buf_format(&out, " and https%s", url + 4);
	dd_buf_char(&out, '\n');
	if (!c->o.credentials)
		dd_buf_format(&out, "  key    %.*s\n  token  %s\n", (int)(colon - credentials),
		        credentials, colon + 1);
	dd_buf_format(&out, "  page   %s/\n", url);
	if (c->o.reach.tls)
		dd_buf_format(&out, "  trust  %s\n",
		        c->o.reach.authority ? c->o.reach.authority : "/_drydial/ca.pem");
	dd_print(&out);
	dd_buf_free(&out);
}

/* Lines as notes. */
static void sum(void *self, const char *lines)
{
	struct serve_cli *c = self;
	if (!c->run || c->quiet)
		return;
	for (const char *at = lines; *at;) {
		size_t n = strcspn(at, "\n");
		dd_note("%.*s", (int)n, at);
		at += n + (at[n] != '\0');
	}
}

static void tell_line(void *self, const char *line)
{
	(void)self;
	dd_note("%s", line);
}

/* So many words stand behind "--". They must be counted before the options are read, which moves
 * them. */
static int behind_dashes(int argc, char **argv)
{
	int at = 1;
	while (at < argc && strcmp(argv[at], "--") != 0)
		at++;
	return at < argc ? argc - at - 1 : 0;
}

/* What stands behind "--" is the command, and no folder. */
static int take_command(struct serve_cli *c, int n, int *argc)
{
	if (c->o.reach.pass_through && !c->runs)
		return dd_usage_error("--pass-through belongs to --run");
	if (!c->runs)
		return -1;
	if (n < 1)
		return dd_usage_error("--run: name the command behind --, such as: "
		                      "drydial serve flows/ --run -- python3 app.py");
	c->command = c->argv + *argc - n;
	*argc -= n;
	c->o.reach.proxy = true;
	c->o.any_credentials = !c->o.credentials;
	if (!c->listens)
		c->o.port = 0;
	if (!c->kept)
		c->o.db = ":memory:";
	return -1;
}

/* The exit code of the command, unless the server itself came to grief. */
static int end_command(struct serve_cli *c, int code)
{
	int of_command = c->run ? dd_run_end(c->run) : code;
	if (c->fault.text[0])
		return dd_usage_error("%s", c->fault.text);
	return code == EXIT_FINE ? of_command : code;
}

static void watch_signals(void)
{
	struct sigaction action = {.sa_handler = on_signal};
	(void)sigaction(SIGINT, &action, NULL);
	(void)sigaction(SIGTERM, &action, NULL);
}

/* What the command prints goes to `fd`; -1: where ours goes. */
static int serve_once(struct serve_cli *c, int fd)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct dd_error err = {""};
	struct dd_style style = dd_style_of("text", false);
	stop_signal = 0;
	if (c->runs) {
		c->run = dd_run_new(c->command, c->o.reach.pass_through, &stop_signal);
		c->o.reach.wake = dd_run_wake(c->run);
		dd_run_divert(c->run, fd);
	} else {
		watch_signals();
	}
	dd_diags_init(&diags, arena);
	enum dd_status status = dd_serve(&c->o, &diags, &err);
	if (diags.n)
		dd_cli_show(&diags, &style);
	int code = status != DD_OK ? dd_usage_error("%s", err.text) : EXIT_FINE;
	code = end_command(c, code);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}

static void take_tally(void *self, const struct dd_serve_tally *tally)
{
	const struct serve_cli *c = self;
	dd_sweep_take(c->swept, tally);
}

static int serve_with(void *self, const char *faults, int fd, void *out)
{
	struct serve_cli *c = self;
	c->o.faults = faults;
	c->o.over = take_tally;
	c->swept = out;
	return serve_once(c, fd);
}

static int run_serve(int argc, char **argv)
{
	struct serve_cli c = {.argv = argv, .argc = argc};
	c.o = (struct dd_serve_options){.flows = "flows",
	        .address = "127.0.0.1",
	        .port = 8080,
	        .speed = 1,
	        .db = "drydial.db",
	        .rate = DD_SERVE_RATE,
	        .seed = 1,
	        .look = look_at_voices,
	        .voices = {NULL, open_voice, close_voice, false},
	        .self = &c,
	        .reach = {.wake = -1, .trust = trust, .sum = sum},
	        .ready = ready,
	        .tell = tell_line,
	        .stop = &stop_signal};
	int words = behind_dashes(argc, argv);
	int code = dd_command_parse(&dd_command_serve, "", argc, argv, &c);
	if (code < 0)
		code = take_command(&c, words, &argc);
	if (code >= 0)
		return code;
	if (c.o.faults && strcmp(c.o.faults, "list") == 0)
		return dd_cli_list_faults(true);
	c.sweeps = c.o.faults && strcmp(c.o.faults, "all") == 0;
	if (c.quiet)
		c.o.tell = NULL;
	if (argc - optind > 1)
		return dd_usage_error("one folder of flows: drydial serve [FOLDER] [options]");
	if (argc > optind)
		c.o.flows = argv[optind];
	if (strncmp(c.o.address, "127.", 4) != 0 && strcmp(c.o.address, "::1") != 0 &&
	        !c.o.credentials)
		return dd_usage_error(
		        "--listen %s: anyone who can reach this machine could place calls; "
		        "give --credentials KEY:TOKEN",
		        c.o.address);
	struct dd_tts tts;
	struct dd_error missing = {""};
	void *voice = open_voice(NULL, &tts);
	enum dd_status there = dd_cli_voice_try(&tts, &missing);
	close_voice(NULL, voice);
	if (there == DD_ERR_READ)
		return dd_usage_error("%s", missing.text);
	(void)signal(SIGPIPE, SIG_IGN);
	struct dd_sweep sweep = {serve_with, &c};
	if (!c.sweeps)
		return serve_once(&c, -1);
	if (!c.runs)
		return dd_usage_error(
		        "--faults all runs a command once with each: --run -- COMMAND");
	c.quiet = true;
	c.o.tell = NULL;
	c.o.db = ":memory:"; /* each run is counted by itself */
	return dd_sweep_faults(&sweep);
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option SERVE_OPTIONS[] = {
        {'l', "listen", "ADDRESS:PORT",
                "where; 127.0.0.1:8080. Another address than this machine's needs "
                "--credentials",
                .value = DD_TEXT,
                .more = "These then hold for the page, too. Port 0 is any that is free."},
        {'c', "credentials", "KEY:TOKEN",
                "what the API asks for; made up and printed when not given", .value = DD_TEXT},
        {'a', "answer", "WHO",
                "who answers: human, machine, busy, no-answer, phone, \"keys 1,2\"; "
                "or rules FILE, audience FILE",
                .value = DD_TEXT,
                .words = "human machine busy no-answer failed canceled phone rules audience",
                .more = "A human is a phone that is switched on, or else a person who listens "
                        "and presses nothing. Keys at a time are \"press 2600:2,5000:h\"."},
        {'s', "speed", "SPEED", "of the clock: real, 10x, or max: it jumps to what happens next",
                .value = DD_TEXT, .words = "real 10x max"},
        {'t', "at", "TIME", "when the clock begins: 2025-01-20T10:00:00+05:30; now",
                .value = DD_TIME},
        {'d', "db", "FILE",
                "where calls and callbacks are kept; :memory: keeps nothing. drydial.db",
                .value = DD_FILE, .endings = "db",
                .more = "Campaigns and messages are kept there, too."},
        {'C', "config", "FILE",
                "numbers of flows, who answers where, ExoPhones, numbers not to call; "
                "serve.yaml of the folder",
                .value = DD_FILE, .endings = "yaml yml"},
        {'P', "profile", "NAME", "refuse what the law does: trai, tcpa, ofcom, or a file; none",
                .value = DD_FILE, .words = "trai tcpa ofcom none", .endings = "yaml yml json"},
        {'r', "rate", "NUMBER", "calls accepted a minute, then 429; 0: no limit. 200",
                .value = DD_NUMBER},
        {'n', "calls", "NUMBER", "calls at once; 10000", .value = DD_NUMBER},
        {'H', "allow-host", "HOST", "passthrus and callbacks may reach it, beside this machine",
                .value = DD_TEXT, .again = true},
        {'L', "live", NULL,
                "passthrus and callbacks may reach any server; else stubs answer for those of "
                "other machines, and callbacks to them are not sent",
                .value = DD_SWITCH},
        {'m', "map", "FROM=TO",
                "https://your-app.com=http://127.0.0.1:5000: where a URL is really asked",
                .value = DD_TEXT, .again = true},
        {'F', "faults", "FAULT,…",
                "what goes wrong on purpose, such as answer-lost@1; list: which there are; all: "
                "with --run, the command once with each",
                .value = DD_TEXT,
                .words = "list all answer-lost answer-late answer-500 answer-half callback-early "
                         "callback-lost callback-late callback-twice callback-turned "
                         "passthru-twice recording-absent recording-empty digits-absent "
                         "digits-empty",
                .more = "`FAULT=TIME@COUNT%CHANCE`: a time where it has one, which one it strikes "
                        "(`2`, `2-4`, `2-`; all), and how often of a hundred."},
        {'f', "callback-form", "FORM",
                "of callbacks whose request names no type: multipart, as the platform sends, "
                "or urlencoded",
                .value = DD_TEXT, .words = "multipart urlencoded"},
        {'R', "run", NULL,
                "run the command behind -- so that it talks to the stand-in, whatever host it has "
                "in its code; the exit code is the command's",
                .value = DD_SWITCH,
                .more = "A proxy, certificates and what runtimes need are set in its environment; "
                        "nothing else is changed. It takes any free port and keeps nothing, unless "
                        "--listen and --db say otherwise, and any key and token unless "
                        "--credentials does. What was asked is summed up at the end."},
        {'p', "pass-through", NULL,
                "of --run: let it reach other hosts, too; else they are refused",
                .value = DD_SWITCH},
        {'T', "tls", NULL,
                "the port takes HTTPS as well, with a certificate for the platform's hosts",
                .value = DD_SWITCH,
                .more = "What to trust is at /_drydial/ca.pem; its key is in memory alone."},
        {'A', "tls-ca", "FILE",
                "who signs it: a certificate, and its key in FILE.key; made when neither is there",
                .value = DD_FILE, .endings = "pem crt",
                .more = "So that what clients trust stays the same. It can sign for the "
                        "platform's hosts and this machine only. It turns --tls on."},
        {'S', "seed", "NUMBER", "of the audience, and of faults with a chance; 1",
                .value = DD_NUMBER},
        {'q', "quiet", NULL, "say nothing about what happens", .value = DD_SWITCH}};

const struct dd_command dd_command_serve = {.name = "serve",
        .operands = "[FOLDER]",
        .brief = "stand in for the call platform: its API, a phone, callbacks",
        .summary = "Runs the flows of a folder (flows) behind the platform's own API: calls ring,\n"
                   "are answered, really run, and call back.",
        .notes = "The API:\n"
                 "  POST /v1/Accounts/SID/Calls/connect[.json]\n"
                 "  GET  /v1/Accounts/SID/Calls[/CALL][.json]\n"
                 "  GET  /v1/Accounts/SID/Numbers/NUMBER[.json]\n"
                 "  POST /v1/Accounts/SID/Sms/send[.json], GET /v1/Accounts/SID/SMS/Messages/SMS\n"
                 "  /v1/Accounts/SID/Campaigns, /v2/accounts/SID/campaigns\n"
                 "Any account SID will do; an app is a flow's file name, or its number in\n"
                 "serve.yaml. / is a page with a phone, /_drydial/ a side door for tests:\n"
                 "docs/serve.md.",
        .examples = "drydial serve flows/ --credentials key:token --answer 'keys 2'\n"
                    "curl -u key:token http://127.0.0.1:8080/v1/Accounts/me/Calls/connect.json \\\n"
                    "  -d From=09876543210 -d CallerId=08047112345 \\\n"
                    "  -d Url=http://my.exotel.com/exoml/start/appointment-reminder \\\n"
                    "  -d StatusCallback=http://127.0.0.1:5000/status",
        .manual = "An application whose base URL is pointed at it places calls and campaigns. A "
                  "phone rings in a browser or in a terminal, or a simulated customer answers. "
                  "Passthrus reach servers of this machine, and status callbacks are really "
                  "sent. Edited flows are taken for the next call.\n\n"
                  "SIGTERM and Ctrl-C end it gracefully; after a `kill -9` nothing that was "
                  "accepted is lost.",
        .endings = "/",
        DD_OPTIONS(SERVE_OPTIONS),
        .take = take_serve_option,
        .run = run_serve};
