/* A crawl of an application of 200 documents, and 500 scripted calls of ten requests, each beside a
   bare HTTP client that sends the same requests, as they were written down. */
#define _GNU_SOURCE
#include "bench_app.h"

#define CURL_DISABLE_TYPECHECK
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { DOCUMENTS = 200, CALLS = 500, REQUESTS = 10, RUNS = 5, ROOM = 16384, CONNECTIONS = 64 };

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* -- the application: a process of its own ---------------------------------- */

/* Requests as they came, one after the other, where `on`. */
struct log {
	atomic_bool on;
	atomic_size_t n;
	char bytes[64 << 20];
};
static struct log *written;

struct connection {
	char in[ROOM];
	size_t n;
};

/* A number in letters, so that two documents differ in words, not in a figure. */
static void letters(int n, char *out)
{
	out[0] = (char)('a' + n / 26 % 26);
	out[1] = (char)('a' + n % 26);
	out[2] = '\0';
}

/* /menu/N: keys 1 to 9 lead on, nine to a document, until there are 200 of them; other keys, and
   all keys of the last ones, lead to the same document again. /call/N: any key leads to the
   next. */
static int answer(const char *request, char *out)
{
	const char *digits = strstr(request, "Digits="), *menu = strstr(request, " /menu/");
	const char *path = menu ? menu : strstr(request, " /call/");
	int n = path ? atoi(path + 7) : 0, key = digits ? digits[7] - '0' : -1;
	char name[4], body[512];
	if (menu && key >= 1 && key <= 9 && n * 9 + key < DOCUMENTS)
		n = n * 9 + key;
	if (!menu && digits)
		n = (n + 1) % REQUESTS;
	letters(n, name);
	int length = snprintf(body, sizeof body,
	        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>\n"
	        "  <Gather numDigits=\"1\" action=\"/%s/%d\"><Say>This is menu %s.</Say></Gather>\n"
	        "  <Say>Goodbye.</Say>\n</Response>\n",
	        menu ? "menu" : "call", n, name);
	return snprintf(out, ROOM,
	        "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n%s", length,
	        body);
}

/* Answers what is whole. False: the connection is to be closed. */
static bool take(struct connection *c, int fd)
{
	char out[ROOM];
	ssize_t got = recv(fd, c->in + c->n, ROOM - c->n - 1, 0);
	if (got <= 0)
		return false;
	c->n += (size_t)got;
	c->in[c->n] = '\0';
	const char *end = strstr(c->in, "\r\n\r\n"), *length = strcasestr(c->in, "content-length:");
	if (!end)
		return true;
	size_t whole = (size_t)(end + 4 - c->in) + (length ? strtoul(length + 15, NULL, 10) : 0);
	if (c->n < whole)
		return true;
	if (atomic_load(&written->on)) {
		size_t at = atomic_load(&written->n);
		memcpy(written->bytes + at, c->in, whole);
		written->bytes[at + whole] = '\0';
		atomic_store(&written->n, at + whole + 1);
	}
	int n = answer(c->in, out);
	c->n = 0;
	return send(fd, out, (size_t)n, MSG_NOSIGNAL) == n;
}

static void serve(int listening)
{
	static struct connection connections[CONNECTIONS];
	struct pollfd polls[CONNECTIONS + 1] = {{listening, POLLIN, 0}};
	int one = 1;
	nfds_t n = 1;
	while (poll(polls, n, -1) >= 0) {
		for (nfds_t i = n; i-- > 1;) {
			if (!polls[i].revents || take(&connections[i - 1], polls[i].fd))
				continue;
			close(polls[i].fd);
			polls[i] = polls[--n];
			connections[i - 1] = connections[n - 1];
		}
		if (!polls[0].revents || n > CONNECTIONS)
			continue;
		polls[n] = (struct pollfd){accept(listening, NULL, NULL), POLLIN, 0};
		setsockopt(polls[n].fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
		connections[n - 1].n = 0;
		n += polls[n].fd >= 0;
	}
}

static pid_t start(uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	written = mmap(
	        NULL, sizeof *written, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (written == MAP_FAILED || fd < 0 || bind(fd, (struct sockaddr *)&at, size) != 0 ||
	        listen(fd, 64) != 0 || getsockname(fd, (struct sockaddr *)&at, &size) != 0)
		exit(1);
	*port = ntohs(at.sin_port);
	pid_t pid = fork();
	if (pid == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		serve(fd);
		_exit(0);
	}
	close(fd);
	return pid;
}

/* -- the bare client: libcurl alone, one handle, whose connection stays open -- */

static size_t ignore(char *data, size_t size, size_t n, void *self)
{
	(void)data, (void)self;
	return size * n;
}

/* Seconds for all that was written down, one after the other. */
static double bare(uint16_t port, long *count)
{
	char url[256];
	double begun = now();
	CURL *easy = curl_easy_init();
	*count = 0;
	curl_easy_setopt(easy, CURLOPT_PROXY, "");
	curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, ignore);
	for (size_t at = 0; at < written->n; at += strlen(written->bytes + at) + 1) {
		const char *path = strchr(written->bytes + at, ' ') + 1,
		           *body = strstr(path, "\r\n\r\n");
		(void)snprintf(url, sizeof url, "http://127.0.0.1:%u%.*s", (unsigned)port,
		        (int)strcspn(path, " "), path);
		curl_easy_setopt(easy, CURLOPT_URL, url);
		curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body + 4);
		if (curl_easy_perform(easy) != CURLE_OK)
			exit(1);
		++*count;
	}
	curl_easy_cleanup(easy);
	return now() - begun;
}

/* -- drydial ---------------------------------------------------------------- */

static double run(char *const *args)
{
	int status, null;
	double begun = now();
	pid_t pid = fork();
	if (pid == 0) {
		null = open("/dev/null", O_RDWR);
		dup2(null, 1);
		dup2(null, 2);
		execv(args[0], args);
		_exit(127);
	}
	if (waitpid(pid, &status, 0) != pid || status != 0)
		fprintf(stderr, "bench: %s %s %s failed\n", args[0], args[1], args[2]);
	return now() - begun;
}

static int by_size(const void *a, const void *b)
{
	const double *x = a, *y = b;
	return *x < *y ? -1 : *x > *y;
}

static double median(double *values)
{
	qsort(values, RUNS, sizeof *values, by_size);
	return values[RUNS / 2];
}

static void compare(const char *what, char *const *args, uint16_t port, double aim)
{
	double ours[RUNS], theirs[RUNS];
	long count = 0;
	written->n = 0;
	written->on = true;
	(void)run(args);
	written->on = false;
	for (int i = 0; i < RUNS; i++) {
		ours[i] = run(args);
		theirs[i] = bare(port, &count);
	}
	double a = median(ours), b = median(theirs);
	printf("%-37s%8.2f s            (%ld requests; libcurl alone %.2f s: %.2f times; aim: "
	       "under %.0f s, at most 1.5 times)\n",
	        what, a, count, b, a / b, aim);
}

static bool write_suite(const char *path, uint16_t port)
{
	FILE *out = fopen(path, "w");
	if (!out)
		return false;
	fprintf(out, "app: http://127.0.0.1:%u/call/0\nscenarios:\n", (unsigned)port);
	for (int i = 0; i < CALLS; i++) {
		fprintf(out, "  - name: call %d\n    script:\n      - keys: \"", i);
		for (int k = 1; k < REQUESTS; k++)
			fprintf(out, "%s%d", k > 1 ? "," : "", (i + k) % 10);
		fprintf(out, "\"\n      - hear: menu aj\n      - hear: Goodbye\n");
	}
	return fclose(out) == 0;
}

void bench_app(const char *program)
{
	char url[64], suite[] = "/tmp/drydial-bench-XXXXXX.test.yaml";
	uint16_t port;
	pid_t pid = start(&port);
	int fd = mkstemps(suite, 10);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/menu/0", (unsigned)port);
	char *crawl[] = {(char *)program, "explore", url, NULL},
	     *test[] = {(char *)program, "test", suite, NULL};
	compare("apps: a crawl of 200 documents", crawl, port, 2);
	if (fd >= 0 && close(fd) == 0 && write_suite(suite, port))
		compare("apps: 500 calls of ten requests", test, port, 5);
	(void)unlink(suite);
	(void)kill(pid, SIGKILL);
	(void)waitpid(pid, NULL, 0);
}
