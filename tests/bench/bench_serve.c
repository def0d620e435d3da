/* Requests a second of drydial serve, plain and over TLS, and of a libmicrohttpd server that does
 * nothing, from the same clients; calls at once, and what one costs. */
#define _GNU_SOURCE
#include "bench_serve.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/gnutls.h>
#include <microhttpd.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS = 32, ROOM = 8192 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* -- clients: each sends the next request when it has its answer ------------ */

struct client {
	int fd;
	gnutls_session_t tls; /* NULL: plain */
	char in[ROOM];
	size_t n;
};

static int connect_to(uint16_t port)
{
	struct sockaddr_in to = {.sin_family = AF_INET,
	        .sin_port = htons(port),
	        .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&to, sizeof to) != 0) {
		perror("bench: connect");
		exit(1);
	}
	return fd;
}

/* The authority is not looked at: what it costs to talk is measured, not whom. */
static gnutls_session_t shake_hands(int fd)
{
	static gnutls_certificate_credentials_t nothing;
	gnutls_session_t tls;
	if (!nothing)
		(void)gnutls_certificate_allocate_credentials(&nothing);
	(void)gnutls_init(&tls, GNUTLS_CLIENT);
	(void)gnutls_set_default_priority(tls);
	(void)gnutls_credentials_set(tls, GNUTLS_CRD_CERTIFICATE, nothing);
	(void)gnutls_server_name_set(tls, GNUTLS_NAME_DNS, "api.exotel.com", 14);
	gnutls_transport_set_int(tls, fd);
	if (gnutls_handshake(tls) != 0) {
		fprintf(stderr, "bench: no TLS with the server\n");
		exit(1);
	}
	return tls;
}

static bool say(struct client *c, const char *request, size_t n)
{
	return (c->tls ? gnutls_record_send(c->tls, request, n)
	               : send(c->fd, request, n, MSG_NOSIGNAL)) > 0;
}

/* What has come; with TLS all that is decrypted, which no poll would tell. */
static ssize_t hear(struct client *c)
{
	ssize_t got = 0, n;
	if (!c->tls)
		return recv(c->fd, c->in + c->n, ROOM - c->n - 1, 0);
	do {
		n = gnutls_record_recv(c->tls, c->in + c->n + got, ROOM - c->n - (size_t)got - 1);
		got += n > 0 ? n : 0;
	} while (n > 0 && gnutls_record_check_pending(c->tls) > 0);
	return n > 0 ? got : n;
}

static void leave(struct client *c)
{
	if (c->tls)
		gnutls_deinit(c->tls);
	close(c->fd);
}

/* Whether the answer is whole; its status in `*status`. */
static bool whole(const struct client *c, int *status)
{
	const char *end = memmem(c->in, c->n, "\r\n\r\n", 4),
	           *length = memmem(c->in, c->n, "Content-Length: ", 16);
	if (!end || !length)
		return false;
	*status = atoi(c->in + 9);
	return c->n >= (size_t)(end + 4 - c->in) + strtoul(length + 16, NULL, 10);
}

/* Sends `request` until so many are answered, or for so many seconds. Answers a second; `*count`
   how many, `*failed` how many were not 200. `sample` (may be NULL) gets one answer. Connections
   are kept, and are there before the time begins. */
static double load_by(bool tls, uint16_t port, const char *request, long most, double seconds,
        long *count, long *failed, char *sample)
{
	static struct client clients[CLIENTS];
	struct pollfd polls[CLIENTS];
	size_t length = strlen(request);
	long sent = 0, got = 0, bad = 0;
	for (int i = 0; i < CLIENTS; i++) {
		clients[i] = (struct client){.fd = connect_to(port)};
		clients[i].tls = tls ? shake_hands(clients[i].fd) : NULL;
		polls[i] = (struct pollfd){clients[i].fd, POLLIN, 0};
	}
	double begun = now();
	for (int i = 0; i < CLIENTS && sent < most; i++)
		sent += say(&clients[i], request, length);
	while (got < sent && now() - begun < seconds + 30) {
		if (poll(polls, CLIENTS, 5000) <= 0)
			break;
		for (int i = 0; i < CLIENTS; i++) {
			int status = 0;
			if (!polls[i].revents)
				continue;
			ssize_t n = hear(&clients[i]);
			if (n <= 0) {
				fprintf(stderr, "bench: the server closed a connection\n");
				exit(1);
			}
			clients[i].n += (size_t)n;
			if (!whole(&clients[i], &status))
				continue;
			got++;
			bad += status != 200;
			if (sample)
				memcpy(sample, clients[i].in, clients[i].n + 1);
			memset(clients[i].in, 0, clients[i].n);
			clients[i].n = 0;
			if (sent < most && now() - begun < seconds)
				sent += say(&clients[i], request, length);
		}
	}
	double took = now() - begun;
	for (int i = 0; i < CLIENTS; i++)
		leave(&clients[i]);
	*count = got;
	*failed = bad;
	return (double)got / took;
}

static double load(uint16_t port, const char *request, long most, double seconds, long *count,
        long *failed, char *sample)
{
	return load_by(false, port, request, most, seconds, count, failed, sample);
}

/* -- the server that does nothing ------------------------------------------- */

static enum MHD_Result nothing(void *self, struct MHD_Connection *c, const char *url,
        const char *method, const char *version, const char *data, size_t *n, void **state)
{
	static int seen;
	(void)self, (void)url, (void)method, (void)version, (void)data;
	if (!*state) {
		*state = &seen;
		return MHD_YES;
	}
	if (*n) {
		*n = 0;
		return MHD_YES;
	}
	/* as long as the answer to a placed call */
	static char body[520];
	memset(body, 'x', sizeof body);
	struct MHD_Response *r =
	        MHD_create_response_from_buffer(sizeof body, body, MHD_RESPMEM_PERSISTENT);
	(void)MHD_add_response_header(r, "Content-Type", "application/json");
	enum MHD_Result result = MHD_queue_response(c, 200, r);
	MHD_destroy_response(r);
	return result;
}

/* In a child, with the library's own loop; its port comes over a pipe. */
static pid_t do_nothing(uint16_t *port)
{
	int fds[2];
	if (pipe(fds) != 0)
		exit(1);
	pid_t pid = fork();
	if (pid == 0) {
		(void)prctl(
		        PR_SET_PDEATHSIG, SIGKILL); /* it ends with the bench, whatever ends that */
		struct sockaddr_in at = {
		        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
		struct MHD_Daemon *d = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL,
		        NULL, nothing, NULL, MHD_OPTION_SOCK_ADDR, &at, MHD_OPTION_END);
		if (!d)
			_exit(1);
		uint16_t own = MHD_get_daemon_info(d, MHD_DAEMON_INFO_BIND_PORT)->port;
		if (write(fds[1], &own, sizeof own) != sizeof own)
			_exit(1);
		sleep(60);
		_exit(0);
	}
	if (read(fds[0], port, sizeof *port) != sizeof *port)
		exit(1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

/* -- drydial serve ---------------------------------------------------------- */

static pid_t serve_by(
        bool tls, const char *program, const char *folder, const char *speed, uint16_t *port)
{
	int fds[2];
	char db[128], log[136], line[256] = "";
	(void)snprintf(db, sizeof db, "%s/bench.db", folder);
	(void)unlink(db);
	/* a server that was killed leaves its log, without which a new database begins */
	for (size_t i = 0; i < 2; i++) {
		(void)snprintf(log, sizeof log, "%s%s", db, i == 0 ? "-wal" : "-shm");
		(void)unlink(log);
	}
	if (pipe(fds) != 0)
		exit(1);
	pid_t pid = fork();
	if (pid == 0) {
		(void)prctl(
		        PR_SET_PDEATHSIG, SIGKILL); /* it ends with the bench, whatever ends that */
		dup2(fds[1], 1);
		close(fds[0]);
		execl(program, program, "serve", folder, "--credentials", "k:t", "--rate", "0",
		        "--listen", "127.0.0.1:0", "--db", db, "--speed", speed, "--quiet",
		        tls ? "--tls" : (char *)NULL, (char *)NULL);
		_exit(127);
	}
	close(fds[1]);
	for (size_t n = 0; n < sizeof line - 1 && !strchr(line, '\n');) {
		ssize_t got = read(fds[0], line + n, sizeof line - 1 - n);
		if (got <= 0) {
			fprintf(stderr, "bench: drydial serve did not start\n");
			exit(1);
		}
		n += (size_t)got;
	}
	close(fds[0]);
	const char *colon = strrchr(strtok(line, "\n"), ':');
	*port = (uint16_t)atoi(colon + 1);
	return pid;
}

static pid_t serve(const char *program, const char *folder, const char *speed, uint16_t *port)
{
	return serve_by(false, program, folder, speed, port);
}

static void end(pid_t pid, int signal)
{
	(void)kill(pid, signal);
	(void)waitpid(pid, NULL, 0);
}

static long status_kb(pid_t pid, const char *name)
{
	char path[64], line[256];
	long value = 0;
	(void)snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
	FILE *in = fopen(path, "r");
	while (in && fgets(line, sizeof line, in))
		if (strncmp(line, name, strlen(name)) == 0)
			value = atol(line + strlen(name) + 1);
	if (in)
		(void)fclose(in);
	return value;
}

/* Seconds of processor time used so far. */
static double cpu_of(pid_t pid)
{
	char path[64], text[1024] = "";
	unsigned long user = 0, system = 0;
	(void)snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
	FILE *in = fopen(path, "r");
	if (in && fgets(text, sizeof text, in))
		(void)sscanf(strrchr(text, ')') + 2,
		        "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
	if (in)
		(void)fclose(in);
	return (double)(user + system) / (double)sysconf(_SC_CLK_TCK);
}

static long side(uint16_t port, const char *member)
{
	char answer[ROOM] = "";
	long n, bad;
	(void)load(port, "GET /_drydial/status HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 1, 5, &n, &bad,
	        answer);
	const char *at = strstr(answer, member);
	return at ? atol(at + strlen(member) + 1) : -1; /* behind the colon */
}

static void write_flow(const char *folder)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/hold.yaml", folder);
	FILE *out = fopen(path, "w");
	if (!out)
		exit(1);
	fputs("flow: Hold\nsteps:\n  - id: choice\n"
	      "    ivr: { prompt: Please press one to confirm., timeout: 20s, retries: 0, keys: "
	      "{ 1: "
	      "yes } }\n  - hangup\n",
	        out);
	(void)fclose(out);
}

static const char CONNECT[] =
        "POST /v1/Accounts/me/Calls/connect.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        "Authorization: Basic azp0\r\n"
        "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 80\r\n\r\n"
        "From=09876543210&CallerId=08047112345&Url=http://my.exotel.com/exoml/start/hold&";

static double median3(double a, double b, double c)
{
	return a > b ? (b > c ? b : a > c ? c : a) : (a > c ? a : b > c ? c : b);
}

void bench_serve(const char *program)
{
	char folder[] = "/tmp/drydial-bench-XXXXXX", answer[ROOM] = "", get[256], command[64];
	uint16_t idle_port, port;
	long n, bad;
	double idle[3], post[3], read_back[3], post_tls[3];
	if (!mkdtemp(folder))
		return;
	write_flow(folder);
	pid_t nothing_pid = do_nothing(&idle_port), pid = serve(program, folder, "real", &port);
	(void)load(port, CONNECT, 1, 5, &n, &bad, answer);
	const char *sid = strstr(answer, "\"Sid\":\"");
	(void)snprintf(get, sizeof get,
	        "GET /v1/Accounts/me/Calls/%.32s.json HTTP/1.1\r\nHost: 127.0.0.1\r\n"
	        "Authorization: Basic azp0\r\n\r\n",
	        sid ? sid + 7 : "none");
	for (int i = 0; i < 3; i++) {
		idle[i] = load(idle_port, CONNECT, 1000000, 1, &n, &bad, NULL);
		read_back[i] = load(port, get, 1000000, 1, &n, &bad, NULL);
		if (bad)
			fprintf(stderr, "bench: %ld of %ld calls were not read\n", bad, n);
	}
	end(pid, SIGKILL);
	for (int i = 0; i < 3; i++) {
		pid = serve(program, folder, "real", &port); /* no calls of before talk meanwhile */
		post[i] = load(port, CONNECT, 1000000, 1, &n, &bad, NULL);
		if (bad)
			fprintf(stderr, "bench: %ld of %ld calls were not accepted\n", bad, n);
		end(pid, SIGKILL);
		pid = serve_by(true, program, folder, "real", &port);
		post_tls[i] = load_by(true, port, CONNECT, 1000000, 1, &n, &bad, NULL) / post[i];
		if (bad)
			fprintf(stderr, "bench: %ld of %ld calls were not accepted\n", bad, n);
		end(pid, SIGKILL);
	}
	double none = median3(idle[0], idle[1], idle[2]),
	       placed = median3(post[0], post[1], post[2]),
	       seen = median3(read_back[0], read_back[1], read_back[2]);
	printf("serve: a server that does nothing    %8.0f requests/s\n", none);
	printf("serve: calls read back               %8.0f requests/s   (%.2f of it; aim: "
	       "over 0.5)\n",
	        seen, seen / none);
	printf("serve: calls placed, on disk         %8.0f requests/s   (%.2f of it; aim: "
	       "over 0.35)\n",
	        placed, placed / none);
	printf("serve: calls placed over TLS         %8.0f requests/s   (%.2f of plain; aim: "
	       "over 0.6)\n",
	        placed * median3(post_tls[0], post_tls[1], post_tls[2]),
	        median3(post_tls[0], post_tls[1], post_tls[2]));
	end(nothing_pid, SIGKILL);

	pid = serve(program, folder, "max", &port);
	double begun = now();
	(void)load(port, CONNECT, 20000, 600, &n, &bad, NULL);
	while (side(port, "\"over\"") < 20000 && now() - begun < 120)
		usleep(10000);
	printf("serve: 20,000 virtual calls          %8.2f s            (%.0f calls/s, "
	       "placed and run to their end)\n",
	        now() - begun, 20000 / (now() - begun));
	end(pid, SIGTERM);

	pid = serve(program, folder, "real", &port);
	long before = status_kb(pid, "VmRSS:");
	(void)load(port, CONNECT, 10000, 60, &n, &bad, NULL);
	begun = now();
	while (now() - begun < 3.5)
		usleep(100000);
	long talking = side(port, "\"in_progress\"");
	double cpu = cpu_of(pid), at = now();
	usleep(3000000);
	printf("serve: calls at once                 %8ld              (%.1f KB a call; "
	       "%.1f %% of a core while they talk)\n",
	        talking,
	        (double)(status_kb(pid, "VmRSS:") - before) / (double)(talking ? talking : 1),
	        (cpu_of(pid) - cpu) / (now() - at) * 100);
	end(pid, SIGTERM);
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	if (system(command) != 0)
		fprintf(stderr, "bench: %s is left\n", folder);
}
