/* Applications that scenarios call: started once, asked until they answer, stopped whatever
   happens. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cli/test.h"
#include "net/curl.h"

enum { READY_MS = 30000, READY_NAP_MS = 50, STOP_MS = 5000, APPS_MAX = 64 };

/* Programs of ours; a signal handler reads them. */
static struct program {
	volatile pid_t pid;
	volatile sig_atomic_t signal;
	const char *command;
	char *folder;
	int log;
} programs[APPS_MAX];
static size_t nprograms;

/* One for each suite that calls an application. */
struct port {
	struct dd_curl *curl;
	struct dd_http http;
};
static struct port *ports[APPS_MAX];
static size_t nports;

static void nap(long ms)
{
	struct timespec t = {ms / 1000, ms % 1000 * 1000000};
	nanosleep(&t, NULL);
}

/* Of the process itself, whichever way it ends. */
static void kill_programs(void)
{
	for (size_t i = 0; i < nprograms; i++)
		if (programs[i].pid > 0)
			(void)kill(-programs[i].pid, SIGTERM);
}

static void on_end(int number)
{
	kill_programs();
	(void)signal(number, SIG_DFL);
	(void)raise(number);
}

static void watch_for_the_end(void)
{
	static bool watched;
	static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
	struct sigaction action = {.sa_handler = on_end}, was;
	if (watched)
		return;
	watched = true;
	(void)atexit(kill_programs);
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		if (sigaction(ends[i], NULL, &was) == 0 && was.sa_handler == SIG_DFL)
			(void)sigaction(ends[i], &action, NULL);
}

static int signal_named(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} rows[] = {{"TERM", SIGTERM}, {"INT", SIGINT}, {"HUP", SIGHUP}, {"QUIT", SIGQUIT},
	        {"KILL", SIGKILL}};
	for (size_t i = 0; name && i < sizeof rows / sizeof *rows; i++)
		if (strcasecmp(name, rows[i].name) == 0)
			return rows[i].number;
	return SIGTERM;
}

static void become(const struct dd_suite_app *a, const char *folder, int log)
{
	int nothing = open("/dev/null", O_RDONLY);
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	for (size_t i = 0; i < a->nenv; i++)
		(void)putenv((char *)(uintptr_t)a->env[i]);
	if (chdir(folder) != 0 || dup2(nothing, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0)
		_exit(127);
	(void)execl("/bin/sh", "sh", "-c", a->start, (char *)NULL);
	_exit(127);
}

/* The last lines that the program printed. */
static void show_log(int log)
{
	char text[2001];
	off_t end = lseek(log, 0, SEEK_END), from = end > 2000 ? end - 2000 : 0;
	ssize_t n = pread(log, text, sizeof text - 1, from);
	struct dd_buf clean = {0};
	if (n <= 0)
		return;
	dd_buf_terminal(&clean, (struct dd_str){text, (size_t)n});
	fprintf(stderr, "%s%s", clean.p, clean.p[clean.n - 1] == '\n' ? "" : "\n");
	dd_buf_free(&clean);
}

/* "GET /health", "/health", or a whole address. */
static void ready_address(const struct dd_suite_app *a, struct dd_buf *out)
{
	const char *ready = a->ready ? a->ready : "/";
	if (strncmp(ready, "GET ", 4) == 0)
		ready += 4;
	if (!dd_is_url(ready)) {
		const char *path = strstr(a->options.url, "://") + 3;
		size_t origin = (size_t)(path - a->options.url) + strcspn(path, "/?#");
		dd_buf_add(out, a->options.url, origin);
		dd_buf_str(out, *ready == '/' ? "" : "/");
	}
	dd_buf_str(out, ready);
}

static int wait_until_ready(struct program *p, const struct dd_suite *suite, struct port *port)
{
	struct dd_buf url = {0};
	int code = EXIT_FAILED, status;
	ready_address(suite->app, &url);
	if (!dd_is_loopback(url.p)) {
		code = dd_usage_error("%s: %s is not on this machine", suite->path, url.p);
		dd_buf_free(&url);
		return code;
	}
	for (int ms = 0; ms < READY_MS && code; ms += READY_NAP_MS) {
		struct dd_http_request r = {
		        .id = 1, .url = url.p, .timeout = 2000, .status_alone = true};
		struct dd_http_answer answer;
		if (waitpid(p->pid, &status, WNOHANG) == p->pid) {
			p->pid = 0;
			show_log(p->log);
			code = dd_usage_error("%s: \"%s\" ended before it answered", suite->path,
			        suite->app->start);
			break;
		}
		if (port->http.send(port->http.self, &r, &answer) && answer.status)
			code = 0;
		else
			nap(READY_NAP_MS);
	}
	if (code == EXIT_FAILED) {
		show_log(p->log);
		code = dd_usage_error("%s: \"%s\" does not answer at %s after %d s", suite->path,
		        suite->app->start, url.p, READY_MS / 1000);
	}
	dd_buf_free(&url);
	return code;
}

static int start_program(struct dd_suite *suite, struct port *port)
{
	struct dd_suite_app *a = suite->app;
	char *folder = dd_str_copy(dd_str(dd_path_folder(suite->arena, suite->path)));
	for (size_t i = 0; i < nprograms; i++) {
		if (strcmp(programs[i].command, a->start) != 0 ||
		        strcmp(programs[i].folder, folder) != 0)
			continue;
		a->log = programs[i].log;
		free(folder);
		return 0;
	}
	if (nprograms == APPS_MAX) {
		free(folder);
		return dd_usage_error("at most %d applications are started", APPS_MAX);
	}
	struct program *p = &programs[nprograms];
	FILE *file = tmpfile();
	*p = (struct program){.command = a->start,
	        .folder = folder,
	        .signal = signal_named(a->stop),
	        .log = file ? fcntl(fileno(file), F_DUPFD_CLOEXEC, 3) : -1};
	if (file)
		(void)fclose(file);
	watch_for_the_end();
	nprograms++;
	p->pid = fork();
	if (p->pid == 0)
		become(a, folder, p->log);
	if (p->pid < 0)
		return dd_usage_error("cannot start \"%s\": %s", a->start, strerror(errno));
	(void)setpgid(p->pid, p->pid);
	a->log = p->log;
	return wait_until_ready(p, suite, port);
}

int dd_test_start_app(const struct dd_test_options *o, struct dd_suite *suite)
{
	struct dd_error err;
	struct dd_suite_app *a = suite->app;
	bool server = dd_is_url(a->options.url);
	if (a->start && !o->start) {
		dd_diag(&suite->diags, DD_ERROR, "app-start", suite->source, a->start_span,
		        "this file starts a program, \"%s\"", a->start)
		        ->hint = "drydial test --start allows it";
		return 0;
	}
	if (!server)
		return 0;
	if (nports == APPS_MAX)
		return dd_usage_error("at most %d files may call applications", APPS_MAX);
	struct port *port = ports[nports++] = dd_alloc(sizeof *port);
	port->curl = dd_curl_new(NULL, 0, true, &err);
	if (!port->curl)
		return dd_usage_error("%s", err.text);
	port->http = dd_curl_port(port->curl);
	dd_app_ports(a->app, &port->http, NULL);
	return a->start ? start_program(suite, port) : 0;
}

static void stop_program(struct program *p)
{
	int status;
	if (p->pid > 0)
		(void)kill(-p->pid, p->signal);
	for (int ms = 0; p->pid > 0 && ms < STOP_MS; ms += READY_NAP_MS) {
		if (waitpid(p->pid, &status, WNOHANG) == p->pid) {
			(void)kill(-p->pid, SIGKILL); /* what it has started itself */
			p->pid = 0;
		} else {
			nap(READY_NAP_MS);
		}
	}
	if (p->pid > 0) {
		(void)kill(-p->pid, SIGKILL);
		(void)waitpid(p->pid, &status, 0);
		p->pid = 0;
	}
	if (p->log >= 0)
		(void)close(p->log);
	free(p->folder);
}

void dd_test_stop_apps(void)
{
	for (size_t i = 0; i < nprograms; i++)
		stop_program(&programs[i]);
	nprograms = 0;
	for (size_t i = 0; i < nports; i++) {
		dd_curl_free(ports[i]->curl);
		free(ports[i]);
	}
	nports = 0;
}
