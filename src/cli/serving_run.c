/* A command in a process group of its own, with what leads it to the stand-in: a proxy,
 * certificates to trust, and what runtimes need that obey neither. */
#define _GNU_SOURCE
#include "cli/serving_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/embed.h"
#include "cli/cli.h"

DD_EMBED(PRELOAD, "src/cli/preload.js");

enum { BUNDLE_MAX = 16 * 1024 * 1024, PATH_ROOM = 4096 };

/* The files of the private folder; the one that removes it knows no others. */
enum file { CA, BUNDLE, NODE, SCRIPT, STORE, PREPEND, INI, FILES };
static const char *const NAMES[FILES] = {"ca.pem", "bundle.pem", "node.pem", "preload.js",
        "store.p12", "prepend.php", "php/drydial.ini"};

struct dd_run {
	char **command;
	bool pass_through, terminal;
	struct rlimit files;
	char folder[PATH_ROOM], php[PATH_ROOM + 8], path[FILES][PATH_ROOM + 32];
	pid_t janitor;
	int alive;      /* the janitor sees this end close */
	int pipe[2];    /* wakes the loop */
	char **environ; /* of the command */
	size_t n, cap;
	int said; /* where what it prints goes; -1: where ours goes */
	int code; /* when there is no command to be waited for */
};

/* -- the one that waits ------------------------------------------------------ */

/* What handlers of signals see. */
static struct {
	volatile sig_atomic_t *stop;
	volatile pid_t pid;
	volatile sig_atomic_t over, status, terminal;
	volatile sig_atomic_t early; /* a signal that came before there was a command; 0: none */
	int wake;
} watched = {.wake = -1};

/* Suspended with Ctrl-Z, the command takes us along; going on, we take it along. */
static void suspend(void)
{
	if (watched.terminal)
		(void)tcsetpgrp(STDIN_FILENO, getpgrp());
	(void)kill(getpid(), SIGSTOP);
	if (watched.terminal)
		(void)tcsetpgrp(STDIN_FILENO, watched.pid);
	(void)kill(-watched.pid, SIGCONT);
}

static void on_child(int signal)
{
	int status, kept = errno;
	(void)signal;
	if (watched.pid > 0 && !watched.over &&
	        waitpid(watched.pid, &status, WNOHANG | WUNTRACED) == watched.pid) {
		if (WIFSTOPPED(status)) {
			suspend();
		} else {
			watched.status = status;
			watched.over = 1;
			*watched.stop = 1;
			if (write(watched.wake, "", 1) < 0) {
			}
		}
	}
	errno = kept;
}

static void on_passed(int signal)
{
	int kept = errno;
	if (watched.pid > 0 && !watched.over)
		(void)kill(-watched.pid, signal);
	else if (!watched.pid)
		watched.early = signal;
	errno = kept;
}

static const int PASSED[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { NPASSED = sizeof PASSED / sizeof *PASSED };

/* What whoever started us ignores, the command ignores, too (nohup). */
static void take_signals(void)
{
	struct sigaction passed = {.sa_handler = on_passed, .sa_flags = SA_RESTART};
	struct sigaction child = {.sa_handler = on_child, .sa_flags = SA_RESTART};
	struct sigaction before;
	for (int i = 0; i < NPASSED; i++)
		if (sigaction(PASSED[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
			(void)sigaction(PASSED[i], &passed, NULL);
	(void)sigaction(SIGCHLD, &child, NULL);
	(void)signal(SIGTTOU, SIG_IGN);
	(void)signal(SIGTTIN, SIG_IGN);
}

/* Of a process that was just forked, before it becomes another program. */
static void give_signals_back(void)
{
	static const int ours[] = {SIGCHLD, SIGPIPE, SIGTTOU, SIGTTIN};
	struct sigaction before;
	sigset_t none;
	for (int i = 0; i < NPASSED; i++)
		if (sigaction(PASSED[i], NULL, &before) == 0 && before.sa_handler == on_passed)
			(void)signal(PASSED[i], SIG_DFL);
	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		(void)signal(ours[i], SIG_DFL);
	sigemptyset(&none);
	(void)sigprocmask(SIG_SETMASK, &none, NULL);
}

/* -- the private folder ------------------------------------------------------ */

/* Removes the folder when we are gone, however that came about; it hears nothing but that. */
static void clean(const struct dd_run *r, int fd)
{
	char byte;
	while (read(fd, &byte, 1) < 0 && errno == EINTR) {
	}
	for (int i = 0; i < FILES; i++)
		(void)unlink(r->path[i]);
	(void)rmdir(r->php);
	(void)rmdir(r->folder);
	_exit(0);
}

static bool start_janitor(struct dd_run *r)
{
	int ends[2];
	sigset_t all;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	r->janitor = fork();
	if (r->janitor == 0) {
		sigfillset(&all);
		(void)sigprocmask(SIG_SETMASK, &all, NULL);
		(void)setsid();
		/* whoever waits for the end of what we print does not wait for this one */
		(void)dup2(ends[0], STDIN_FILENO);
		(void)close_range(1, ~0U, 0);
		clean(r, STDIN_FILENO);
	}
	(void)close(ends[0]);
	r->alive = ends[1];
	return r->janitor > 0;
}

static bool make_folder(struct dd_run *r)
{
	const char *base = getenv("TMPDIR");
	int n = snprintf(r->folder, sizeof r->folder, "%s/drydial-XXXXXX",
	        base && base[0] == '/' ? base : "/tmp");
	if (n < 0 || n >= (int)sizeof r->folder || !mkdtemp(r->folder)) {
		r->folder[0] = '\0';
		return false;
	}
	(void)snprintf(r->php, sizeof r->php, "%s/php", r->folder);
	for (int i = 0; i < FILES; i++)
		(void)snprintf(r->path[i], sizeof r->path[i], "%s/%s", r->folder, NAMES[i]);
	return start_janitor(r) && mkdir(r->php, 0700) == 0;
}

static bool put(const struct dd_run *r, enum file which, const struct dd_buf *text)
{
	int fd = open(r->path[which], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool fine = fd >= 0;
	for (size_t at = 0; fine && at < text->n;) {
		ssize_t n = write(fd, text->p + at, text->n - at);
		fine = n > 0 || (n < 0 && errno == EINTR);
		at += n > 0 ? (size_t)n : 0;
	}
	return fd >= 0 && close(fd) == 0 && fine;
}

/* The certificates of a file, if it can be read. */
static bool add_file(struct dd_buf *to, const char *path)
{
	char room[16384];
	ssize_t n;
	int fd = path && *path ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK) : -1;
	if (fd < 0)
		return false;
	while (to->n < BUNDLE_MAX && (n = read(fd, room, sizeof room)) > 0)
		dd_buf_add(to, room, (size_t)n);
	(void)close(fd);
	dd_buf_char(to, '\n');
	return true;
}

/* Where systems keep what they trust. */
static void add_system(struct dd_buf *to)
{
	static const char *const places[] = {"/etc/ssl/certs/ca-certificates.crt",
	        "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
	        "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem", "/etc/ssl/cert.pem",
	        NULL};
	for (size_t i = 0; places[i]; i++)
		if (add_file(to, places[i]))
			return;
}

enum dd_status dd_run_trust(struct dd_run *r, const char *authority, struct dd_error *err)
{
	static const char *const own[] = {
	        "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", NULL};
	struct dd_buf ca = {0}, bundle = {0}, node = {0}, store = {0}, script = {0};
	dd_buf_str(&ca, authority);
	dd_buf_str(&bundle, authority);
	for (size_t i = 0; own[i]; i++)
		(void)add_file(&bundle, getenv(own[i]));
	add_system(&bundle);
	dd_buf_str(&node, authority);
	(void)add_file(&node, getenv("NODE_EXTRA_CA_CERTS"));
	(void)dd_store_write(bundle.p, bundle.n, &store);
	dd_buf_str(&script, PRELOAD);
	bool fine = make_folder(r) && put(r, CA, &ca) && put(r, BUNDLE, &bundle) &&
	        put(r, NODE, &node) && put(r, STORE, &store) && put(r, SCRIPT, &script);
	enum dd_status status = fine
	        ? DD_OK
	        : dd_fail(err, DD_ERR_READ, "%s: %s", r->folder[0] ? r->folder : "a folder of /tmp",
	                  strerror(errno));
	dd_buf_free(&ca);
	dd_buf_free(&bundle);
	dd_buf_free(&node);
	dd_buf_free(&store);
	dd_buf_free(&script);
	return status;
}

/* -- what leads it here ------------------------------------------------------ */

static void set(struct dd_run *r, const char *name, const char *value)
{
	size_t n = strlen(name);
	struct dd_buf line = {0};
	dd_buf_str(&line, name);
	dd_buf_char(&line, '=');
	dd_buf_str(&line, value);
	for (size_t i = 0; i < r->n; i++)
		if (strncmp(r->environ[i], name, n) == 0 && r->environ[i][n] == '=') {
			free(r->environ[i]);
			r->environ[i] = line.p;
			return;
		}
	DD_PUSH(r->environ, r->n, r->cap) = line.p;
}

/* Behind what is there already. */
static void extend(struct dd_run *r, const char *name, const char *between, const char *more)
{
	const char *before = getenv(name);
	struct dd_buf value = {0};
	dd_buf_format(
	        &value, "%s%s%s", before ? before : "", before && *before ? between : "", more);
	set(r, name, value.p);
	dd_buf_free(&value);
}

static void set_for_java(struct dd_run *r, unsigned port)
{
	struct dd_buf text = {0};
	dd_buf_format(&text,
	        "-Dhttps.proxyHost=127.0.0.1 -Dhttps.proxyPort=%u -Dhttp.proxyHost=127.0.0.1 "
	        "-Dhttp.proxyPort=%u -Dhttp.nonProxyHosts=localhost|127.*|[::1] "
	        "\"-Djavax.net.ssl.trustStore=%s\" -Djavax.net.ssl.trustStoreType=PKCS12",
	        port, port, r->path[STORE]);
	extend(r, "JAVA_TOOL_OPTIONS", " ", text.p);
	dd_buf_free(&text);
}

/* PHP reads the folder after its own (the colon); the prepended file is for its streams. */
static bool set_for_php(struct dd_run *r, unsigned port)
{
	struct dd_buf ini = {0}, code = {0}, value = {0};
	const char *before = getenv("PHP_INI_SCAN_DIR");
	dd_buf_format(&ini, "curl.cainfo=\"%s\"\nopenssl.cafile=\"%s\"\nauto_prepend_file=\"%s\"\n",
	        r->path[BUNDLE], r->path[BUNDLE], r->path[PREPEND]);
	dd_buf_format(&code,
	        "<?php\nstream_context_set_default(['http' => ['proxy' => 'tcp://127.0.0.1:%u', "
	        "'request_fulluri' => true]]);\n",
	        port);
	bool fine = put(r, INI, &ini) && put(r, PREPEND, &code);
	dd_buf_format(&value, "%s:%s", before ? before : "", r->php);
	set(r, "PHP_INI_SCAN_DIR", value.p);
	dd_buf_free(&ini);
	dd_buf_free(&code);
	dd_buf_free(&value);
	return fine;
}

static bool set_all(struct dd_run *r, const char *url, unsigned port, const char *credentials)
{
	extern char **environ;
	char text[64], number[16];
	struct dd_buf require = {0};
	for (char **e = environ; *e; e++)
		DD_PUSH(r->environ, r->n, r->cap) = strdup(*e);
	(void)snprintf(text, sizeof text, "http://127.0.0.1:%u", port);
	(void)snprintf(number, sizeof number, "%u", port);
	static const char *const proxies[] = {
	        "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", NULL};
	for (size_t i = 0; proxies[i]; i++)
		set(r, proxies[i], text);
	set(r, "NO_PROXY", "localhost,127.0.0.1,::1");
	set(r, "no_proxy", "localhost,127.0.0.1,::1");
	set(r, "SSL_CERT_FILE", r->path[BUNDLE]);
	set(r, "REQUESTS_CA_BUNDLE", r->path[BUNDLE]);
	set(r, "CURL_CA_BUNDLE", r->path[BUNDLE]);
	set(r, "NODE_EXTRA_CA_CERTS", r->path[NODE]);
	dd_buf_format(&require, "--require \"%s\"", r->path[SCRIPT]);
	extend(r, "NODE_OPTIONS", " ", require.p);
	dd_buf_free(&require);
	set(r, "DRYDIAL_PROXY_PORT", number);
	set(r, "DRYDIAL_PASS_THROUGH", r->pass_through ? "1" : "0");
	set(r, "DRYDIAL_URL", url);
	set(r, "DRYDIAL_CREDENTIALS", credentials);
	set_for_java(r, port);
	bool fine = set_for_php(r, port);
	DD_PUSH(r->environ, r->n, r->cap) = NULL;
	return fine;
}

/* -- beginning and end ------------------------------------------------------- */

struct dd_run *dd_run_new(char **command, bool pass_through, volatile sig_atomic_t *stop)
{
	struct dd_run *r = dd_alloc(sizeof *r);
	*r = (struct dd_run){.command = command,
	        .pass_through = pass_through,
	        .alive = -1,
	        .pipe = {-1, -1},
	        .said = -1};
	(void)getrlimit(RLIMIT_NOFILE, &r->files);
	(void)pipe2(r->pipe, O_CLOEXEC | O_NONBLOCK);
	r->terminal = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp();
	watched.stop = stop;
	watched.wake = r->pipe[1];
	watched.pid = 0;
	watched.over = 0;
	watched.terminal = r->terminal;
	take_signals();
	return r;
}

void dd_run_divert(struct dd_run *r, int fd)
{
	r->said = fd;
}

int dd_run_wake(const struct dd_run *r)
{
	return r->pipe[0];
}

static void become(const struct dd_run *r, int fault_fd)
{
	extern char **environ;
	(void)setpgid(0, 0);
	(void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* of a server that is killed no command stays */
	if (r->terminal)
		(void)tcsetpgrp(STDIN_FILENO, getpid());
	give_signals_back();
	if (r->said >= 0 && (dup2(r->said, STDOUT_FILENO) < 0 || dup2(r->said, STDERR_FILENO) < 0))
		_exit(126);
	(void)setrlimit(RLIMIT_NOFILE, &r->files);
	environ = r->environ;
	(void)execvp(r->command[0], r->command);
	int fault = errno;
	if (write(fault_fd, &fault, sizeof fault) < 0) {
	}
	_exit(127);
}

static void stop_with(struct dd_run *r, int code)
{
	r->code = code;
	*watched.stop = 1;
	if (write(watched.wake, "", 1) < 0) {
	}
}

static void not_started(struct dd_run *r, int fault)
{
	dd_note("%s: %s", r->command[0],
	        fault == ENOENT ? "there is no such command" : strerror(fault));
	stop_with(r, fault == ENOENT ? 127 : 126);
}

/* Forks, and waits until the child is the command. -1, and errno. */
static pid_t start_command(const struct dd_run *r)
{
	int ends[2], fault = 0;
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -1;
	pid_t pid = fork();
	if (pid == 0)
		become(r, ends[1]);
	(void)close(ends[1]);
	bool failed = pid < 0 || read(ends[0], &fault, sizeof fault) > 0;
	(void)close(ends[0]);
	if (!failed)
		return pid;
	if (pid > 0) {
		(void)waitpid(pid, NULL, 0);
		errno = fault;
	}
	return -1;
}

void dd_run_start(struct dd_run *r, const char *url, unsigned port, const char *credentials)
{
	sigset_t passed, before;
	if (!set_all(r, url, port, credentials)) {
		not_started(r, errno);
		return;
	}
	/* what comes from here on is for a command whose number is not known yet: it waits */
	sigemptyset(&passed);
	for (int i = 0; i < NPASSED; i++)
		(void)sigaddset(&passed, PASSED[i]);
	(void)sigprocmask(SIG_BLOCK, &passed, &before);
	pid_t pid = watched.early ? 0 : start_command(r);
	if (watched.early) {
		stop_with(r, 128 + watched.early);
	} else if (pid < 0) {
		not_started(r, errno);
	} else {
		(void)setpgid(pid, pid);
		watched.pid = pid;
		on_child(SIGCHLD); /* it may have ended before this was known */
	}
	(void)sigprocmask(SIG_SETMASK, &before, NULL);
}

static int code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

int dd_run_end(struct dd_run *r)
{
	int code = r->code;
	if (watched.pid > 0) {
		if (!watched.over)
			(void)kill(-watched.pid, SIGTERM);
		while (!watched.over) {
			struct pollfd p = {r->pipe[0], POLLIN, 0};
			(void)poll(&p, 1, 100);
			on_child(SIGCHLD);
		}
		code = code_of(watched.status);
	}
	if (r->terminal)
		(void)tcsetpgrp(STDIN_FILENO, getpgrp());
	watched.pid = 0;
	if (r->alive >= 0)
		(void)close(r->alive);
	if (r->janitor > 0)
		(void)waitpid(r->janitor, NULL, 0);
	for (size_t i = 0; i + 1 < r->n; i++)
		free(r->environ[i]);
	free(r->environ);
	watched.wake = -1;
	(void)close(r->pipe[0]);
	(void)close(r->pipe[1]);
	free(r);
	return code;
}
