/* What customers have said to <Record>: sounds that the application may fetch at their
   RecordingUrl, from a small server of our own, on this machine alone, as long as the program runs.
   Nobody has really spoken: it is a hum in syllables, of the length that was recorded. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "apps/inside.h"
#include "net/httpd.h"

enum {
	PORT_FIRST = 8127, /* the first of these that is free, so that addresses are most often … */
	PORT_LAST = 8158, /* … the same, and so is what a call writes down */
	RATE_HZ = 8000,
	SYLLABLE_MS = 180,
	GAP_MS = 70,
	CONNECTIONS = 16,
};

struct recording {
	char *name;
	dd_ms length;
};

struct recordings {
	struct dd_httpd *httpd;
	uint16_t port;
	int wake[2];
	bool runs;
	pthread_t thread;
	pthread_mutex_t lock; /* of the list */
	DD_ARRAY(struct recording, list);
};

/* -- sounds ----------------------------------------------------------------- */

static void put(struct dd_buf *out, uint32_t n, int bytes)
{
	for (int i = 0; i < bytes; i++)
		dd_buf_char(out, (char)(n >> 8 * i));
}

void dd_app_recording(dd_ms length, struct dd_buf *out)
{
	uint32_t frames = (uint32_t)(length * RATE_HZ / 1000);
	dd_buf_str(out, "RIFF");
	put(out, 36 + 2 * frames, 4);
	dd_buf_str(out, "WAVEfmt ");
	put(out, 16, 4);
	put(out, 1, 2); /* PCM, mono */
	put(out, 1, 2);
	put(out, RATE_HZ, 4);
	put(out, 2 * RATE_HZ, 4);
	put(out, 2, 2);
	put(out, 16, 2);
	dd_buf_str(out, "data");
	put(out, 2 * frames, 4);
	for (uint32_t i = 0; i < frames; i++) {
		uint32_t at = i % ((SYLLABLE_MS + GAP_MS) * RATE_HZ / 1000),
		         end = SYLLABLE_MS * RATE_HZ / 1000;
		double swell = at < end ? sin(3.14159265358979 * at / end) : 0;
		double tone = sin(2 * 3.14159265358979 * 220 * i / RATE_HZ);
		put(out, (uint32_t)(int32_t)(4000 * swell * tone), 2);
	}
}

/* -- the server ------------------------------------------------------------- */

/* "/recordings/NAME", with .wav or .mp3 behind it, as the platform has them; what comes is WAV. */
static dd_ms length_of(struct recordings *r, const char *path)
{
	static const char folder[] = "/recordings/";
	dd_ms length = -1;
	if (strncmp(path, folder, sizeof folder - 1) != 0)
		return -1;
	path += sizeof folder - 1;
	size_t n = strlen(path);
	if (n > 4 && (strcmp(path + n - 4, ".wav") == 0 || strcmp(path + n - 4, ".mp3") == 0))
		n -= 4;
	pthread_mutex_lock(&r->lock);
	for (uint32_t i = 0; i < r->nlist; i++)
		if (strlen(r->list[i].name) == n && memcmp(r->list[i].name, path, n) == 0)
			length = r->list[i].length;
	pthread_mutex_unlock(&r->lock);
	return length;
}

static void on_request(void *self, const struct dd_http_in *in, struct dd_http_out *out)
{
	bool get = strcmp(in->method, "GET") == 0 || strcmp(in->method, "HEAD") == 0;
	dd_ms length = in->fault == DD_HTTP_FINE && get ? length_of(self, in->path) : -1;
	out->status = length >= 0 ? 200 : get ? 404 : 405;
	out->type = length >= 0 ? "audio/wav" : "text/plain; charset=utf-8";
	if (length >= 0)
		dd_app_recording(length, &out->body);
	else
		dd_buf_str(&out->body, "there is no such recording\n");
}

static void *run(void *self)
{
	struct recordings *r = self;
	for (;;) {
		struct pollfd fds[] = {{dd_httpd_fd(r->httpd), POLLIN, 0}, {r->wake[0], POLLIN, 0}};
		if (poll(fds, 2, dd_httpd_timeout(r->httpd)) < 0)
			continue;
		if (fds[1].revents)
			return NULL;
		dd_httpd_run(r->httpd);
		dd_httpd_release(r->httpd);
	}
}

static bool serve(struct recordings *r)
{
	struct dd_httpd_options o = {.address = "127.0.0.1",
	        .connections = CONNECTIONS,
	        .handler = on_request,
	        .self = r};
	struct dd_error err;
	for (o.port = PORT_FIRST; o.port <= PORT_LAST && !r->httpd; o.port++)
		(void)dd_httpd_open(&o, &r->httpd, &err);
	if (!r->httpd)
		return false;
	r->port = dd_httpd_port(r->httpd);
	if (pipe2(r->wake, O_CLOEXEC) != 0)
		return false;
	r->runs = pthread_create(&r->thread, NULL, run, r) == 0;
	return r->runs;
}

void recordings_free(struct recordings *r)
{
	if (!r)
		return;
	if (r->runs) {
		while (write(r->wake[1], "", 1) < 0)
			continue;
		(void)pthread_join(r->thread, NULL);
	}
	if (r->wake[1]) {
		(void)close(r->wake[0]);
		(void)close(r->wake[1]);
	}
	dd_httpd_close(r->httpd);
	for (uint32_t i = 0; i < r->nlist; i++)
		free(r->list[i].name);
	dd_free(r->list);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

static void keep(struct recordings *r, const char *name, dd_ms length)
{
	uint32_t i = 0;
	pthread_mutex_lock(&r->lock);
	while (i < r->nlist && strcmp(r->list[i].name, name) != 0)
		i++;
	if (i == r->nlist)
		DD_PUSH(r->list, r->nlist, r->cap_list) =
		        (struct recording){dd_str_copy(dd_str(name)), 0};
	r->list[i].length = length;
	pthread_mutex_unlock(&r->lock);
}

void recording_url(struct dd_app *app, const char *name, dd_ms length, struct dd_buf *out)
{
	bool server = app->o.recordings && !app->folder && !app->o.replay.p;
	if (app->o.recordings_at) {
		dd_buf_format(out, "%s/%s-%lld", app->o.recordings_at, name, (long long)length);
		return;
	}
	if (server && !app->served) {
		app->served = dd_alloc(sizeof *app->served);
		pthread_mutex_init(&app->served->lock, NULL);
		(void)serve(app->served);
	}
	if (app->served)
		keep(app->served, name, length);
	dd_buf_format(out, "http://127.0.0.1:%u/recordings/%s",
	        app->served && app->served->runs ? app->served->port : (unsigned)PORT_FIRST, name);
}

bool own_recording(const struct dd_app *app, const char *url)
{
	struct dd_buf own = {0};
	if (app->o.recordings_at)
		dd_buf_format(&own, "%s/", app->o.recordings_at);
	else if (app->served && app->served->runs)
		dd_buf_format(&own, "http://127.0.0.1:%u/recordings/", (unsigned)app->served->port);
	else
		return false;
	bool is = strncmp(url, own.p, own.n) == 0;
	dd_buf_free(&own);
	return is;
}

void recordings_settle(struct dd_buf *text)
{
	static const char before[] = "http://127.0.0.1:", behind[] = "/recordings/";
	struct dd_buf out = {0};
	size_t from = 0, n = sizeof before - 1;
	for (size_t i = 0; i + n < text->n; i++) {
		size_t end = i + n;
		if (memcmp(text->p + i, before, n) != 0)
			continue;
		while (end < text->n && text->p[end] >= '0' && text->p[end] <= '9')
			end++;
		if (text->n - end < sizeof behind - 1 ||
		        memcmp(text->p + end, behind, sizeof behind - 1) != 0)
			continue;
		dd_buf_add(&out, text->p + from, i + n - from);
		dd_buf_format(&out, "%d", PORT_FIRST);
		from = end;
	}
	if (!from)
		return;
	dd_buf_add(&out, text->p + from, text->n - from);
	dd_buf_free(text);
	*text = out;
}
