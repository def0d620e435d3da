/* A server for the fuzz targets that speak to one: calls and campaigns are behind it, and nothing
 * is called back. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/serving.h"
#include "served.h"
#include "sim/tts.h"

static const char MENU[] =
        "flow: Menu\npurpose: reminder\nvariables: { name: Asha }\nsteps:\n  - id: choice\n"
        "    ivr:\n      prompt: Hello {name}, press 1\n      keys:\n"
        "        1: { answer: yes, goal: true, then: [ sms: Thanks, hangup ] }\n"
        "        9: { answer: no, opt_out: true, then: [ hangup ] }\n  - hangup\n";

static void *open_voice(void *self, struct dd_tts *tts)
{
	struct dd_sim_tts *voice = dd_sim_tts_new(5, 0);
	(void)self;
	*tts = dd_sim_tts_port(voice);
	return voice;
}

static void close_voice(void *self, void *voice)
{
	(void)self;
	dd_sim_tts_free(voice);
}

static char folder[] = "/dev/shm/drydial-fuzz-http-XXXXXX";

static void clean_up(void)
{
	char path[80];
	(void)snprintf(path, sizeof path, "%s/menu.yaml", folder);
	(void)unlink(path);
	(void)rmdir(folder);
}

static struct server *server_of(bool reached)
{
	static struct server *s;
	static struct dd_diags diags;
	static const volatile sig_atomic_t never;
	struct dd_error err = {""};
	if (s)
		return s;
	char path[80];
	if (!mkdtemp(folder))
		abort();
	(void)atexit(clean_up);
	(void)snprintf(path, sizeof path, "%s/menu.yaml", folder);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, MENU, sizeof MENU - 1) != (ssize_t)sizeof MENU - 1)
		abort();
	close(fd);
	dd_diags_init(&diags, dd_arena_new());
	static struct dd_serve_options o = {.flows = folder,
	        .address = "127.0.0.1",
	        .credentials = "k:t",
	        .db = ":memory:",
	        .answer = "keys 1",
	        .at_given = true,
	        .at = INT64_C(1737347400000),
	        .voices = {NULL, open_voice, close_voice, true},
	        .stop = &never};
	o.reach = (struct dd_serve_reach){.tls = reached, .proxy = reached, .wake = -1};
	s = server_open(&o, &diags, &err);
	if (!s) {
		fprintf(stderr, "%s\n", err.text);
		abort();
	}
	return s;
}

void served_once(bool reached, const void *bytes, size_t size)
{
	static unsigned inputs;
	const char *data = bytes;
	struct server *s = server_of(reached);
	char room[65536];
	size_t sent = 0;
	struct sockaddr_in to = {.sin_family = AF_INET,
	        .sin_port = htons(dd_httpd_port(s->httpd)),
	        .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0 || (connect(fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS))
		abort();
	bool over = false;
	for (int turn = 0, idle = 0; turn < 200 && idle < 4 && !over; turn++) {
		struct pollfd p = {fd, (short)(POLLIN | (sent < size ? POLLOUT : 0)), 0};
		(void)poll(&p, 1, 0);
		idle++;
		if ((p.revents & POLLOUT) && sent < size) {
			ssize_t n = send(fd, data + sent, size - sent, MSG_NOSIGNAL);
			if (n > 0)
				sent += (size_t)n, idle = 0;
			else if (errno != EAGAIN)
				break;
			if (sent == size)
				(void)shutdown(fd, SHUT_WR);
		}
		if (p.revents & POLLIN) {
			ssize_t n = recv(fd, room, sizeof room, 0);
			over = n <= 0;
			idle = 0;
		}
		dd_httpd_run(s->httpd);
		server_turn(s);
		dd_httpd_run(s->httpd);
	}
	close(fd);
	for (int i = 0; i < 3; i++) {
		dd_httpd_run(s->httpd);
		server_turn(s);
	}
	if (++inputs % 256 == 0)
		server_reset(s);
}
