/* `app` of a scenario file: a voice application that answers in XML. */
#include <stdlib.h>
#include <string.h>

#include "scenario/reading.h"

enum { APP_TEXTS_MAX = 64 };

static const char *text_of(struct reader *r, const struct dd_node *node, const char *what)
{
	return node ? dd_read_text_copy(&r->l.doc, node, what) : NULL;
}

/* A mapping of names to texts, as two lists. */
static size_t pairs_of(struct reader *r, const struct dd_node *map, const char *what,
        const char **names, const char **values)
{
	size_t n = 0;
	if (!map || !dd_read_is_map(&r->l.doc, map, what, "a mapping from names to values"))
		return 0;
	for (uint32_t i = 0; i < map->n && n < APP_TEXTS_MAX; i++) {
		values[n] = dd_read_text_copy(&r->l.doc, map->pairs[i].value, what);
		names[n] = dd_arena_copy(
		        r->suite->arena, map->pairs[i].key->text.p, map->pairs[i].key->text.n);
		n += values[n] != NULL;
	}
	return n;
}

static void read_maps(struct reader *r, const struct dd_node *map, struct dd_app_options *o)
{
	const char **from = ARRAY(r, APP_TEXTS_MAX, const char *),
	           **to = ARRAY(r, APP_TEXTS_MAX, const char *);
	size_t n = pairs_of(r, map, "map", from, to);
	struct dd_app_map *maps = ARRAY(r, n, struct dd_app_map);
	for (size_t i = 0; i < n; i++)
		maps[i] = (struct dd_app_map){from[i], to[i]};
	o->maps = maps;
	o->nmaps = n;
}

static void read_env(struct reader *r, const struct dd_node *map, struct dd_suite_app *a)
{
	const char **names = ARRAY(r, APP_TEXTS_MAX, const char *),
	           **values = ARRAY(r, APP_TEXTS_MAX, const char *);
	a->nenv = pairs_of(r, map, "env", names, values);
	a->env = ARRAY(r, a->nenv, const char *);
	for (size_t i = 0; i < a->nenv; i++)
		a->env[i] = dd_arena_format(r->suite->arena, "%s=%s", names[i], values[i]);
}

static void read_hosts(struct reader *r, const struct dd_node *node, struct dd_app_options *o)
{
	struct dd_node *const *items;
	uint32_t n = node ? dd_node_items(node, &items) : 0;
	const char **hosts = ARRAY(r, n, const char *);
	for (uint32_t i = 0; i < n; i++) {
		hosts[o->nhosts] = dd_read_text_copy(&r->l.doc, items[i], "a host");
		o->nhosts += hosts[o->nhosts] != NULL;
	}
	o->hosts = hosts;
}

static void read_words(struct reader *r, const struct dd_node *dialect,
        const struct dd_node *method, struct dd_app_options *o)
{
	static const char *const dialects[] = {"twiml", "exoml"},
	                         *const methods[] = {"GET", "POST"};
	o->dialect = (enum dd_dialect)DD_READ_WORD(
	        &r->l.doc, dialect, "the dialect", dialects, DD_TWIML);
	o->method = (enum dd_method)DD_READ_WORD(&r->l.doc, method, "the method", methods, DD_POST);
}

static bool open_app(struct reader *r, const struct dd_node *url, struct dd_suite_app *a)
{
	struct dd_error err;
	const char *text = text_of(r, url, "the address of the app");
	if (!text)
		return false;
	a->options.recordings = true;
	a->options.url = dd_is_url(text) ? text : suite_beside(r, text);
	a->app = dd_app_new(&a->options, &err);
	if (!a->app) {
		dd_read_fault(&r->l.doc, "bad-app", url->span, "%s", err.text);
		return false;
	}
	r->suite->program = dd_app_program(a->app);
	return true;
}

bool suite_app(struct reader *r, const struct dd_node *node)
{
	enum {
		URL,
		DIALECT,
		METHOD,
		START,
		READY,
		STOP,
		ENV,
		PARAMS,
		TOKEN,
		FALLBACK,
		LATENCY,
		PUBLIC,
		MAP,
		ALLOW,
		OUTBOUND,
		FAULTS,
		COUNT
	};
	static const char *const names[COUNT] = {"url", "dialect", "method", "start", "ready",
	        "stop", "env", "params", "auth_token", "fallback", "latency", "public_url", "map",
	        "allow", "outbound", "faults"};
	struct dd_node *at[COUNT] = {NULL};
	struct dd_suite_app *a = dd_arena_alloc(r->suite->arena, sizeof *a);
	const char **params = ARRAY(r, APP_TEXTS_MAX, const char *),
	           **values = ARRAY(r, APP_TEXTS_MAX, const char *);
	a->log = -1;
	pthread_mutex_init(&a->turn, NULL);
	r->suite->app = a;
	if (node->kind == DD_SCALAR)
		at[URL] = (struct dd_node *)node;
	else if (!dd_read_is_map(&r->l.doc, node, "app", "an address, or a mapping with url") ||
	        !dd_read_keys(&r->l.doc, node, DD_KEYS("an app", names), at))
		return false;
	if (!at[URL]) {
		dd_read_fault(&r->l.doc, "missing-key", node->span, "the app has no url");
		return false;
	}
	read_words(r, at[DIALECT], at[METHOD], &a->options);
	a->start = text_of(r, at[START], "start");
	a->ready = text_of(r, at[READY], "ready");
	a->stop = text_of(r, at[STOP], "stop");
	a->start_span = at[START] ? at[START]->span : node->span;
	read_env(r, at[ENV], a);
	a->options.nparameters = pairs_of(r, at[PARAMS], "params", params, values);
	a->options.names = params;
	a->options.values = values;
	a->options.auth_token = text_of(r, at[TOKEN], "auth_token");
	a->options.fallback = text_of(r, at[FALLBACK], "fallback");
	dd_read_duration(&r->l.doc, at[LATENCY], "latency", HOUR_MS / 6, &a->options.latency);
	a->options.public_url = text_of(r, at[PUBLIC], "public_url");
	read_maps(r, at[MAP], &a->options);
	read_hosts(r, at[ALLOW], &a->options);
	dd_read_bool(&r->l.doc, at[OUTBOUND], "outbound", &a->options.outbound);
	a->faults = suite_faults(r, at[FAULTS]);
	return open_app(r, at[URL], a);
}

void suite_app_free(struct dd_suite_app *a)
{
	dd_app_free(a->app);
	pthread_mutex_destroy(&a->turn);
	dd_free(a->visits);
}
