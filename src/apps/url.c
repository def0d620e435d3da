/* Where things are asked, and where they may be. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "apps/inside.h"
#include "net/url.h"

/* -- documents on disk ------------------------------------------------------ */

static bool is_file(const char *url)
{
	return strncmp(url, "file://", 7) == 0;
}

char *url_file(const struct dd_app *app, const char *url)
{
	struct dd_buf path = {0};
	if (!app->folder || !is_file(url))
		return NULL;
	struct dd_str coded = {url + 7, strcspn(url + 7, "?#")};
	for (size_t i = 0; i < coded.n; i++) {
		int byte = dd_percent_byte(coded, i);
		dd_buf_char(&path, byte >= 0 ? (char)byte : coded.p[i]);
		i += byte >= 0 ? 2 : 0;
	}
	size_t n = strlen(app->folder);
	bool inside = path.n > n && strlen(path.p) == path.n &&
	        strncmp(path.p, app->folder, n) == 0 && !strstr(path.p, "/../");
	/* a link may lead out of the folder */
	char *real = inside ? realpath(path.p, NULL) : NULL;
	inside = inside && (!real || strncmp(real, app->folder, n) == 0);
	free(real);
	if (inside)
		return path.p;
	dd_buf_free(&path);
	return NULL;
}

/* -- addresses -------------------------------------------------------------- */

const char *url_join(struct dd_app *app, const char *base, struct dd_str relative)
{
	char *copy = dd_str_copy(dd_str_trim(relative));
	char *joined = dd_url_join(base, copy ? copy : "");
	const char *kept = joined ? dd_arena_copy(app->arena, joined, strlen(joined)) : NULL;
	free(copy);
	free(joined);
	return kept;
}

/* -- credentials ------------------------------------------------------------ */

/* The end of "user:secret", which is where its @ stands, from behind "://" on; 0: there is none. */
static size_t credentials_end(const char *p, size_t n)
{
	size_t end = 0;
	for (size_t i = 0; i < n && !strchr("/?#\"'<> \t\r\n\\", p[i]); i++)
		end = p[i] == '@' ? i : end;
	return end;
}

char *url_shown(const char *url)
{
	struct dd_buf out = {0};
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;
	size_t end = scheme ? credentials_end(host, strlen(host)) : 0;
	dd_buf_add(&out, url, (size_t)(host - url));
	dd_buf_str(&out, host + end + (end > 0));
	return out.p;
}

char *url_recorded(const char *url)
{
	char *shown = url_shown(url);
	hide_credentials(shown, strlen(shown));
	return shown;
}

char *dd_url_told(const char *url)
{
	char *shown = url_shown(url);
	const char *scheme = strstr(shown, "://");
	struct dd_buf out = {0};
	if (strlen(shown) == strlen(url))
		return shown;
	dd_buf_add(&out, shown, (size_t)(scheme - shown) + 3);
	dd_buf_format(&out, "…@%s", scheme + 3);
	free(shown);
	return out.p;
}

void url_credentials(const char *url, struct dd_buf *out)
{
	const char *scheme = strstr(url, "://"), *p = scheme ? scheme + 3 : url;
	struct dd_str coded = {p, scheme ? credentials_end(p, strlen(p)) : 0};
	for (size_t i = 0; i < coded.n; i++) {
		int byte = dd_percent_byte(coded, i);
		dd_buf_char(out, byte >= 0 ? (char)byte : coded.p[i]);
		i += byte >= 0 ? 2 : 0;
	}
	if (coded.n && !memchr(coded.p, ':', coded.n))
		dd_buf_char(out, ':');
}

void hide_credentials(char *text, size_t n)
{
	const char *colon;
	for (size_t i = 0; i < n && (colon = memchr(text + i, ':', n - i)); i++) {
		i = (size_t)(colon - text);
		bool scheme = i > 0 && ((text[i - 1] | 32) == 'p' || (text[i - 1] | 32) == 's');
		if (!scheme || n - i < 4 || memcmp(colon, "://", 3) != 0) /* http://, https:// */
			continue;
		i += 3;
		memset(text + i, '*', credentials_end(text + i, n - i));
	}
}

char *url_mapped(const struct dd_app *app, const char *url)
{
	struct dd_buf out = {0};
	char *origin = app->nmaps ? dd_url_origin(url) : NULL;
	for (size_t i = 0; origin && i < app->nmaps; i++) {
		if (strcmp(app->maps[i].from, origin) != 0)
			continue;
		const char *path = strstr(url, "://") + 3;
		path += strcspn(path, "/?#");
		dd_buf_format(&out, "%s%s", app->maps[i].to, path);
		break;
	}
	free(origin);
	return out.p ? out.p : dd_str_copy(dd_str(url));
}

/* "127.example.com" is another machine. */
static bool is_loopback(const char *host)
{
	return (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0') ||
	        strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	        strcmp(host, "::1") == 0;
}

bool dd_is_loopback(const char *url)
{
	char *host = dd_url_host(url);
	bool own = host && is_loopback(host);
	free(host);
	return own;
}

bool own_server(const struct dd_app *app, const char *url)
{
	char *mapped = url_mapped(app, url), *origin = dd_url_origin(mapped);
	bool own = origin && app->origin && strcmp(origin, app->origin) == 0;
	free(mapped);
	free(origin);
	return own;
}

/* Nearly all addresses begin with the very bytes of the first one: those need not be taken apart
   again. */
static bool begins_as_own(const struct dd_app *app, const char *url)
{
	return app->nown && strncmp(url, app->start_url, app->nown) == 0 &&
	        strchr("/?#", url[app->nown]);
}

void url_own(struct dd_app *app)
{
	const char *host = strstr(app->start_url, "://");
	size_t n = host ? (size_t)(host + 3 - app->start_url) + strcspn(host + 3, "/?#") : 0;
	if (!is_file(app->start_url) && url_allowed(app, app->start_url))
		app->nown = n;
}

bool url_allowed(const struct dd_app *app, const char *url)
{
	if (begins_as_own(app, url) || own_recording(app, url))
		return true;
	if (is_file(url)) {
		char *path = url_file(app, url);
		free(path);
		return path != NULL;
	}
	if (app->o.replay.p)
		return true; /* nothing is asked */
	char *mapped = url_mapped(app, url), *host = dd_url_host(mapped),
	     *origin = dd_url_origin(mapped);
	bool named = false;
	for (size_t i = 0; host && i < app->o.nhosts; i++)
		named |= strcasecmp(host, app->o.hosts[i]) == 0;
	bool own = origin && app->origin && strcmp(origin, app->origin) == 0;
	for (size_t i = 0; origin && i < app->nmaps && !own; i++)
		own = strcmp(origin, app->maps[i].to) == 0; /* an origin as well */
	bool fine = host && (named || (own && (app->o.live || is_loopback(host))));
	free(mapped);
	free(host);
	free(origin);
	return fine;
}
