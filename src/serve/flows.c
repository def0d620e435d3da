/* The folder of flows. A request names a flow by its id, and an id is looked up among the files
 * that are there: no text of a request becomes a path. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/input.h"
#include "campaign/customer.h"
#include "serve/serving.h"

static bool ends_in(const char *text, const char *end)
{
	size_t n = strlen(text), m = strlen(end);
	return n > m && strcmp(text + n - m, end) == 0;
}

static bool is_flow(const char *name)
{
	return name[0] != '.' && (ends_in(name, ".yaml") || ends_in(name, ".yml")) &&
	        !ends_in(name, ".test.yaml") && !ends_in(name, ".test.yml") &&
	        strcmp(name, "serve.yaml") != 0;
}

static struct app *app_named(struct flows *f, const char *id, size_t n)
{
	for (size_t i = 0; i < f->n; i++)
		if (strlen(f->list[i]->id) == n && memcmp(f->list[i]->id, id, n) == 0)
			return f->list[i];
	return NULL;
}

static int by_id(const void *a, const void *b)
{
	return strcmp((*(struct app *const *)a)->id, (*(struct app *const *)b)->id);
}

struct app *flows_add(struct server *s, const char *id, const char *path)
{
	struct flows *f = &s->flows;
	struct app *app = app_named(f, id, strlen(id));
	if (app)
		return app;
	app = dd_alloc(sizeof *app);
	app->id = dd_str_copy(dd_str(id));
	app->path = dd_str_copy(dd_str(path));
	DD_PUSH(f->list, f->n, f->cap) = app;
	return app;
}

char *flows_names(const struct server *s)
{
	struct dd_buf names = {0};
	for (size_t i = 0; i < s->flows.n && names.n < 400; i++)
		dd_buf_format(&names, "%s%s", i ? ", " : "", s->flows.list[i]->id);
	return names.n ? names.p : dd_str_copy(dd_str("none"));
}

void flows_scan(struct server *s)
{
	struct flows *f = &s->flows;
	DIR *folder = opendir(f->folder);
	if (!folder) {
		dd_input_failed();
		return;
	}
	for (struct dirent *e; (e = readdir(folder));) {
		const char *dot = strrchr(e->d_name, '.');
		if (!is_flow(e->d_name) || app_named(f, e->d_name, (size_t)(dot - e->d_name)))
			continue;
		struct dd_buf path = {0};
		struct app *app = dd_alloc(sizeof *app);
		dd_buf_format(&path, "%s/%s", f->folder, e->d_name);
		app->id = dd_str_copy((struct dd_str){e->d_name, (size_t)(dot - e->d_name)});
		app->path = path.p;
		DD_PUSH(f->list, f->n, f->cap) = app;
	}
	closedir(folder);
	/* files that are gone are no apps any more */
	for (size_t i = 0; i < f->n; i++) {
		struct stat st;
		struct app *app = f->list[i];
		if (stat(app->path, &st) == 0 && S_ISREG(st.st_mode))
			continue;
		flows_give_back(app->edition);
		free((char *)app->id);
		free((char *)app->path);
		free(app);
		f->list[i--] = f->list[--f->n];
	}
	if (f->n > 1)
		qsort(f->list, f->n, sizeof(struct app *), by_id); /* NOLINT: pointers are sorted */
}

static struct app *find(struct flows *f, struct dd_str id)
{
	struct app *app = app_named(f, id.p, id.n);
	for (size_t i = 0; i < f->nnumbers && !app; i++)
		if (dd_str_same(f->numbers[i].name, id))
			app = app_named(f, f->numbers[i].value.p, f->numbers[i].value.n);
	if (!app && id.n > 5 && memcmp(id.p + id.n - 5, ".yaml", 5) == 0)
		app = app_named(f, id.p, id.n - 5);
	return app;
}

struct app *flows_find(struct server *s, struct dd_str id)
{
	if (dd_str_is(id, FLOWS_CONNECT))
		return &s->flows.connect;
	char start[10] = "";
	memcpy(start, id.p ? id.p : "", id.n < 9 ? id.n : 9);
	if (dd_is_url(start))
		return &s->flows.application;
	struct app *app = id.n ? find(&s->flows, id) : NULL;
	struct stat st;
	if (app &&
	        ((app->edition && app->edition->looked == s->flows.turn) ||
	                stat(app->path, &st) == 0))
		return app;
	flows_scan(s); /* it may have come just now */
	return id.n ? find(&s->flows, id) : NULL;
}

static struct stamp stamp_of(const char *path)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return (struct stamp){.bytes = -1};
	return (struct stamp){NULL, st.st_mtim.tv_sec, st.st_mtim.tv_nsec, st.st_size};
}

/* A broken one may be mended by a file of which nothing is known yet, such as one that was missing:
   it is loaded again after a while, which is long for one that takes long to load. */
enum { BROKEN_MS = 1000, BROKEN_TIMES = 20 };

static bool is_current(const struct flows *f, struct edition *e)
{
	if (!e || (!e->program && machine_ms() >= e->again))
		return false;
	if (e->looked == f->turn)
		return true;
	e->looked = f->turn;
	for (size_t i = 0; i < e->nstamps; i++) {
		struct stamp now = stamp_of(e->stamps[i].path);
		if (now.seconds != e->stamps[i].seconds ||
		        now.nanoseconds != e->stamps[i].nanoseconds ||
		        now.bytes != e->stamps[i].bytes)
			return false;
	}
	return true;
}

/* The crowd wants a campaign: one that has the flow and the audience. Menus that the audience names
 * and the flow has not are no fault here. */
static void add_crowd(struct server *s, struct edition *e)
{
	if (!s->config.audience)
		return;
	e->crowd_of = dd_arena_alloc(e->arena, sizeof *e->crowd_of);
	*e->crowd_of = (struct dd_campaign){
	        .program = e->program, .audience = s->config.audience, .start = INT64_MIN};
	e->crowd = dd_crowd_new(e->crowd_of, NULL);
}

/* The second number takes the call at once, and they talk for ten seconds. */
static const char CONNECT[] =
        "flow: Two numbers\npurpose: other\nsteps:\n  - greeting: [ { pause: 10s } ]\n  - hangup\n";

struct dd_program *flows_connect(struct dd_diags *diags)
{
	static const char path[] = "/" FLOWS_CONNECT ".yaml";
	struct dd_arena *arena = dd_arena_new();
	const struct dd_overlay overlay = {dd_flow_real(arena, path), dd_str(CONNECT)};
	struct dd_program *program = dd_program_load_over(path, &overlay, 1, diags);
	dd_arena_free(arena);
	return program;
}

static void keep_stamp(struct edition *e, const char *path, struct stamp stamp)
{
	for (size_t i = 0; i < e->nstamps; i++)
		if (strcmp(e->stamps[i].path, path) == 0)
			return;
	if (e->nstamps == sizeof e->stamps / sizeof *e->stamps)
		return;
	stamp.path = dd_arena_copy(e->arena, path, strlen(path));
	e->stamps[e->nstamps++] = stamp;
}

/* The files that say what is wrong are those that will be mended. */
static void keep_broken(struct edition *e, int64_t began)
{
	struct dd_buf text = {0};
	int64_t now = machine_ms();
	dd_diags_text(&e->diags, &text, false);
	e->faults = text.p;
	dd_program_free(e->program);
	e->program = NULL;
	for (size_t i = 0; i < e->diags.n; i++)
		if (e->diags.items[i].source)
			keep_stamp(e, e->diags.items[i].source->name,
			        stamp_of(e->diags.items[i].source->name));
	e->again = now + BROKEN_MS + (now - began) * BROKEN_TIMES;
}

static struct edition *load(struct server *s, const char *path)
{
	struct edition *e = dd_alloc(sizeof *e);
	int64_t began = machine_ms();
	e->arena = dd_arena_new();
	e->users = 1;
	e->looked = s->flows.turn;
	if (path) /* before it is read: what is written meanwhile is another edition */
		keep_stamp(e, path, stamp_of(path));
	dd_diags_init(&e->diags, e->arena);
	(void)dd_input_starved();
	e->program = path ? dd_program_load(path, &e->diags) : flows_connect(&e->diags);
	if (e->program && s->o->look)
		s->o->look(e->program, &e->diags);
	dd_diags_sort(&e->diags);
	if (e->diags.errors) {
		keep_broken(e, began);
		e->starved = dd_input_starved();
		if (e->starved) /* nothing is known of the file */
			e->again = 0;
		return e;
	}
	for (uint32_t i = 0; path && i < e->program->nflows; i++)
		keep_stamp(e, e->program->flows[i].path, stamp_of(e->program->flows[i].path));
	add_crowd(s, e);
	return e;
}

struct edition *flows_take(struct server *s, struct app *app)
{
	if (!is_current(&s->flows, app->edition)) {
		struct edition *before = app->edition;
		app->edition = load(s, app->path);
		/* what cannot be read now is as it was, as far as is known */
		bool as_before = app->edition->starved && before && before->program;
		flows_give_back(as_before ? app->edition : before);
		if (as_before)
			app->edition = before;
	}
	app->edition->users++;
	return app->edition;
}

void flows_give_back(struct edition *e)
{
	if (!e || --e->users)
		return;
	dd_crowd_free(e->crowd);
	json_decref(e->findings);
	dd_program_free(e->program);
	dd_diags_fini(&e->diags);
	dd_arena_free(e->arena);
	free(e->faults);
	free(e);
}

bool flows_id_of_url(struct dd_str url, char id[128])
{
	static const char *const ways[] = {"/exoml/start_voice/", "/exoml/start/", "/start/"};
	char text[512];
	struct dd_param *pairs;
	size_t npairs, n = 0;
	while (n < url.n && url.p[n] != '?' && url.p[n] != '#')
		n++;
	if (n >= sizeof text || memchr(url.p, '&', n) || memchr(url.p, '+', n))
		return false;
	memcpy(text, url.p, n);
	text[n] = '\0';
	for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
		char *at = strstr(text, ways[i]);
		if (!at || (strncmp(text, "http://", 7) != 0 && strncmp(text, "https://", 8) != 0))
			continue;
		at += strlen(ways[i]);
		at[strcspn(at, "/")] = '\0';
		bool fine = dd_form_read(at, strlen(at), &pairs, &npairs) && npairs == 1 &&
		        pairs[0].value.n == 0 && pairs[0].name.n > 0 && pairs[0].name.n < 128;
		if (fine)
			(void)snprintf(id, 128, "%.*s", (int)pairs[0].name.n, pairs[0].name.p);
		free(pairs);
		return fine;
	}
	return false;
}

void flows_free(struct server *s)
{
	for (size_t i = 0; i < s->flows.n; i++) {
		flows_give_back(s->flows.list[i]->edition);
		free((char *)s->flows.list[i]->id);
		free((char *)s->flows.list[i]->path);
		free(s->flows.list[i]);
	}
	free(s->flows.list);
	flows_give_back(s->flows.connect.edition);
	flows_give_back(s->flows.application.edition);
}
