/* The platform's hosts: for clients that have them in their code, the server is reached under their
 * names, by TLS or through a proxy; and what was asked is counted. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "serve/serving.h"

/* Hosts that clients have in their code, and any other name of the platform's domains. */
static const char *const HOSTS[] = {"api.exotel.com", "api.in.exotel.com", "api.exotel.in",
        "twilix.exotel.in", "twilix.exotel.com", "cpaas-api.exotel.com", "ccm-api.exotel.com",
        "my.exotel.com", "my.exotel.in", "exotel.com", "exotel.in", "*.exotel.com", "*.exotel.in",
        "*.in.exotel.com", "localhost", "127.0.0.1", "::1"};
static const char *const DOMAINS[] = {"exotel.com", "exotel.in"};
/* What the authority may sign: those, and this machine. */
static const char *const SCOPES[] = {"exotel.com", "exotel.in", "localhost"};

enum { PEM_MAX = 64 * 1024, TALLIES_MAX = 200 };

static bool is_platform(void *self, const char *host)
{
	size_t n = strlen(host);
	(void)self;
	n -= n && host[n - 1] == '.';
	for (size_t i = 0; i < sizeof DOMAINS / sizeof *DOMAINS; i++) {
		size_t m = strlen(DOMAINS[i]);
		if (n >= m && strncasecmp(host + n - m, DOMAINS[i], m) == 0 &&
		        (n == m || host[n - m - 1] == '.'))
			return true;
	}
	return false;
}

/* -- what was asked --------------------------------------------------------- */

static struct tally *tally_of(struct tally **list, size_t *n, size_t *cap, const char *what)
{
	for (size_t i = 0; i < *n; i++)
		if (strcmp((*list)[i].what, what) == 0)
			return &(*list)[i];
	if (*n == TALLIES_MAX)
		return &(*list)[*n - 1];
	struct tally *t = &DD_PUSH(*list, *n, *cap);
	*t = (struct tally){0};
	(void)snprintf(t->what, sizeof t->what, "%s", *n == TALLIES_MAX ? "others" : what);
	return t;
}

static void told(void *self, const char *host, unsigned port, enum dd_passage passage)
{
	struct server *s = self;
	struct reach *r = &s->reach;
	char what[200];
	(void)snprintf(what, sizeof what, "%.180s port %u", host, port);
	struct tally *t = tally_of(&r->hosts, &r->nhosts, &r->cap_hosts, what);
	t->n++;
	t->failed += passage == DD_PASSAGE_REFUSED;
}

void reach_count(struct server *s, const char *method, const char *path, int status)
{
	struct reach *r = &s->reach;
	char what[200];
	if (!s->o->reach.sum)
		return;
	(void)snprintf(what, sizeof what, "%-6.8s %.180s", method, path);
	for (char *c = what; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 127)
			*c = '?';
	struct tally *t = tally_of(&r->asked, &r->nasked, &r->cap_asked, what);
	t->n++;
	if (status >= 400) {
		t->failed++;
		t->status = status;
	}
}

static void sum_hosts(const struct reach *r, bool refused, struct dd_buf *out)
{
	bool any = false;
	for (size_t i = 0; i < r->nhosts; i++) {
		const struct tally *t = &r->hosts[i];
		if ((t->failed > 0) != refused)
			continue;
		if (!any)
			dd_buf_str(out,
			        refused ? "refused, for they are no hosts of the platform:\n"
			                : "let through:\n");
		any = true;
		dd_buf_format(out, "%6u  %s\n", t->n, t->what);
	}
}

void reach_sum(struct server *s)
{
	const struct reach *r = &s->reach;
	struct dd_buf out = {0};
	if (!s->o->reach.sum)
		return;
	dd_buf_str(&out,
	        r->nasked ? "asked of the platform:\n" : "nothing was asked of the platform\n");
	for (size_t i = 0; i < r->nasked; i++) {
		const struct tally *t = &r->asked[i];
		dd_buf_format(&out, "%6u  %s", t->n, t->what);
		if (t->failed)
			dd_buf_format(
			        &out, " (%u refused, the last with %d)", t->failed, t->status);
		dd_buf_char(&out, '\n');
	}
	sum_hosts(r, true, &out);
	sum_hosts(r, false, &out);
	s->o->reach.sum(s->o->self, out.p);
	dd_buf_free(&out);
}

/* -- the authority that is kept --------------------------------------------- */

/* From malloc; NULL, and errno. */
static char *read_pem(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return NULL;
	char *text = dd_alloc(PEM_MAX);
	size_t n = 0;
	ssize_t got;
	while (n < PEM_MAX - 1 && (got = read(fd, text + n, PEM_MAX - 1 - n)) > 0)
		n += (size_t)got;
	close(fd);
	text[n] = '\0';
	return text;
}

/* A file of that name is nobody's to be written over. */
static bool write_pem(const char *path, const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
	if (fd < 0)
		return false;
	size_t n = strlen(text);
	bool fine = write(fd, text, n) == (ssize_t)n && fsync(fd) == 0;
	fine &= close(fd) == 0;
	if (!fine)
		(void)unlink(path);
	return fine;
}

static enum dd_status make_certs(
        struct server *s, const char *authority, const char *key, struct dd_error *err)
{
	return dd_certs_make(HOSTS, sizeof HOSTS / sizeof *HOSTS, SCOPES,
	        sizeof SCOPES / sizeof *SCOPES, authority, key, &s->reach.certs, err);
}

static enum dd_status keep_authority(
        const struct server *s, const char *path, const char *key_path, struct dd_error *err)
{
	const struct dd_certs *c = &s->reach.certs;
	if (!write_pem(key_path, c->authority_key, 0600))
		return dd_fail(err, DD_ERR_READ, "%s: %s", key_path, strerror(errno));
	if (!write_pem(path, c->authority, 0644)) {
		int fault = errno;
		(void)unlink(key_path);
		return dd_fail(err, DD_ERR_READ, "%s: %s", path, strerror(fault));
	}
	return DD_OK;
}

static enum dd_status open_kept(struct server *s, const char *path, struct dd_error *err)
{
	char key_path[4096];
	if (snprintf(key_path, sizeof key_path, "%s.key", path) >= (int)sizeof key_path)
		return dd_fail(err, DD_ERR_READ, "--tls-ca: the name of the file is too long");
	char *authority = read_pem(path);
	int fault = authority ? 0 : errno;
	char *key = read_pem(key_path);
	int key_fault = key ? 0 : errno;
	struct dd_error why = {""};
	enum dd_status status;
	if (authority && key) {
		status = make_certs(s, authority, key, &why);
		if (status != DD_OK)
			(void)dd_fail(err, status, "%s, %s: %s", path, key_path, why.text);
	} else if (fault == ENOENT && key_fault == ENOENT) {
		status = make_certs(s, NULL, NULL, err);
		if (status == DD_OK)
			status = keep_authority(s, path, key_path, err);
	} else {
		status = dd_fail(err, DD_ERR_READ,
		        "%s: %s; an authority is two files, %s and %s: where neither is there, "
		        "both are made",
		        authority ? key_path : path, strerror(authority ? key_fault : fault), path,
		        key_path);
	}
	if (key)
		explicit_bzero(key, strlen(key));
	free(authority);
	free(key);
	return status;
}

/* -- beginning and end ------------------------------------------------------ */

enum dd_status reach_open(struct server *s, struct dd_error *err)
{
	const struct dd_serve_reach *o = &s->o->reach;
	struct reach *r = &s->reach;
	if (!o->tls && !o->proxy)
		return DD_OK;
	enum dd_status status =
	        o->authority ? open_kept(s, o->authority, err) : make_certs(s, NULL, NULL, err);
	if (status != DD_OK)
		return status;
	r->http = (struct dd_httpd_reach){.certificates = r->certs.server,
	        .key = r->certs.server_key,
	        .proxy = o->proxy,
	        .pass_through = o->pass_through,
	        .ours = is_platform,
	        .told = told,
	        .wake = o->wake};
	return DD_OK;
}

const struct dd_httpd_reach *reach_http(const struct server *s)
{
	return s->reach.certs.server ? &s->reach.http : NULL;
}

void reach_free(struct server *s)
{
	dd_certs_free(&s->reach.certs);
	free(s->reach.asked);
	free(s->reach.hosts);
}

/* What a client of --tls must trust. */
void side_authority(struct ask *a)
{
	if (!a->server->reach.certs.authority) {
		api_fail(a, 404, "there is no authority: drydial serve --tls makes one");
		return;
	}
	a->out->type = "application/x-pem-file";
	dd_buf_str(&a->out->body, a->server->reach.certs.authority);
}
