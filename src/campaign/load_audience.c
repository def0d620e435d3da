/* Assumptions about people, in a campaign's file or a file of their own. What is not said stays as
   it is by default; what stands outside of `personas` holds for each of them, what stands in a
   persona for that one. */
#include <string.h>

#include "campaign/loading.h"

struct reader {
	struct dd_reader *doc;
	const struct dd_program *program; /* NULL: nobody knows the steps */
	struct dd_audience *a;
};

static void load_answer(struct reader *r, struct dd_node *node)
{
	struct dd_node *const *items;
	if (!node)
		return;
	uint32_t n = dd_node_items(node, &items);
	if (node->kind == DD_MAP || n == 0 || n > 10) {
		dd_read_fault(r->doc, "bad-share", node->span,
		        "answer is a share, or a list of at most ten: of the first call, "
		        "the second and so on");
		return;
	}
	/* The last one holds for the calls after it. */
	for (uint32_t i = 0; i < 10; i++) {
		r->a->answer[i] = i ? r->a->answer[i - 1] : 0;
		if (i < n)
			dd_read_share(r->doc, items[i], "an answer rate", &r->a->answer[i]);
	}
}

/* -- hours: { mon-fri: { 10-12: 1.2 } } ------------------------------------- */

/* "10-12", "9" */
static bool hours_of(struct dd_str text, int *from, int *until)
{
	int parts[2] = {0}, part = 0, digits = 0;
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '-' && part == 0 && digits) {
			part = 1;
			digits = 0;
		} else if (text.p[i] >= '0' && text.p[i] <= '9' && digits < 2) {
			parts[part] = parts[part] * 10 + text.p[i] - '0';
			digits++;
		} else {
			return false;
		}
	}
	*from = parts[0];
	*until = part ? parts[1] : parts[0] + 1;
	return digits > 0 && *from < *until && *until <= 24;
}

static void load_hours_of_days(struct reader *r, const struct dd_node *map, uint8_t days)
{
	if (!dd_read_is_map(r->doc, map, "the hours of a day", "a mapping from hours to factors"))
		return;
	for (uint32_t i = 0; i < map->n; i++) {
		int from, until;
		double factor = -1;
		if (!hours_of(map->pairs[i].key->text, &from, &until)) {
			dd_read_fault(r->doc, "bad-hours", map->pairs[i].key->span,
			        "these are no hours of the day")
			        ->hint = "such as 10-12: from 10:00 until 12:00";
			continue;
		}
		dd_read_real(r->doc, map->pairs[i].value, "a factor", 0, 10, &factor);
		for (int day = 0; factor >= 0 && day < 7; day++)
			for (int hour = from; (days & DD_DAY(day)) && hour < until; hour++)
				r->a->hour[day][hour] = factor;
	}
}

static void load_hours(struct reader *r, const struct dd_node *map)
{
	if (!map || !dd_read_is_map(r->doc, map, "hours", "a mapping from days to hours"))
		return;
	for (int i = 0; i < 7 * 24; i++)
		r->a->hour[i / 24][i % 24] = 1;
	for (uint32_t i = 0; i < map->n; i++) {
		uint8_t days = load_days_of(map->pairs[i].key->text);
		if (days)
			load_hours_of_days(r, map->pairs[i].value, days);
		else
			dd_read_fault(
			        r->doc, "bad-days", map->pairs[i].key->span, "these are no days")
			        ->hint = "such as mon, mon-fri or all";
	}
}

/* -- times, servers --------------------------------------------------------- */

enum { MINUTE_MS = 60000 };

static void load_ring(struct reader *r, const struct dd_node *node)
{
	enum { MEAN, MIN, BUSY, FAILED, COUNT };
	static const char *const names[COUNT] = {"mean", "min", "busy_after", "failed_after"};
	struct dd_node *at[COUNT];
	struct dd_audience *a = r->a;
	if (!node || !dd_read_is_map(r->doc, node, "ring", "a mapping with \"mean\" and \"min\"") ||
	        !dd_read_keys(r->doc, node, DD_KEYS("ring", names), at))
		return;
	dd_read_duration(r->doc, at[MEAN], "the mean ring time", 5 * MINUTE_MS, &a->ring_mean);
	dd_read_duration(r->doc, at[MIN], "the least ring time", 5 * MINUTE_MS, &a->ring_min);
	dd_read_duration(r->doc, at[BUSY], "busy_after", 5 * MINUTE_MS, &a->busy_after);
	dd_read_duration(r->doc, at[FAILED], "failed_after", 5 * MINUTE_MS, &a->failed_after);
	if (a->ring_mean < a->ring_min)
		dd_read_fault(r->doc, "bad-duration", (at[MEAN] ? at[MEAN] : at[MIN])->span,
		        "the mean ring time is less than the least");
}

static void load_server(struct reader *r, const struct dd_node *node)
{
	enum { ERROR, TIMEOUT, COUNT };
	static const char *const names[COUNT] = {"error", "timeout"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(
	                r->doc, node, "server", "a mapping with \"error\" and \"timeout\"") ||
	        !dd_read_keys(r->doc, node, DD_KEYS("server", names), at))
		return;
	dd_read_share(r->doc, at[ERROR], "the share of errors", &r->a->server_error);
	dd_read_share(r->doc, at[TIMEOUT], "the share of time-outs", &r->a->server_timeout);
	if (r->a->server_error + r->a->server_timeout > 1)
		dd_read_fault(r->doc, "bad-share", node->span,
		        "errors and time-outs are more than all answers");
}

/* Shares of what comes of a connect; what they leave is answered. */
static void load_connect(struct reader *r, const struct dd_node *node)
{
	enum { RING = DD_PARTIES_COUNT, TALK, PATIENCE, COUNT };
	static const char *const names[COUNT] = {
#define X(NAME, word) word,
	        DD_PARTIES(X)
#undef X
	                "ring",
	        "talk", "patience"};
	struct dd_connect_habit *h = &r->a->connect;
	struct dd_node *at[COUNT];
	double sum = 0;
	if (!node ||
	        !dd_read_is_map(r->doc, node, "connect",
	                "a mapping with \"answered\", \"busy\", \"ring\" and \"talk\"") ||
	        !dd_read_keys(r->doc, node, DD_KEYS("connect", names), at))
		return;
	h->said = true;
	for (int i = 0; i < DD_PARTIES_COUNT; i++) {
		h->share[i] = 0;
		dd_read_share(r->doc, at[i], names[i], &h->share[i]);
		sum += h->share[i];
	}
	if (sum > 1 + 1e-9)
		dd_read_fault(r->doc, "bad-share", node->span,
		        "the outcomes of connect come to more than all");
	else if (at[DD_PARTY_ANSWERED] && sum < 1 - 1e-9)
		dd_read_fault(r->doc, "bad-share", node->span,
		        "the outcomes of connect come to %g %%, not to all", sum * 100)
		        ->hint = "leave out \"answered\": it then is the rest";
	else if (!at[DD_PARTY_ANSWERED])
		h->share[DD_PARTY_ANSWERED] = 1 - sum;
	dd_read_duration(r->doc, at[RING], "ring", 5 * MINUTE_MS, &h->ring);
	dd_read_duration(r->doc, at[TALK], "talk", 120 * MINUTE_MS, &h->talk);
	dd_read_duration(r->doc, at[PATIENCE], "patience", 120 * MINUTE_MS, &h->patience);
}

/* true, or how many times as many answers a known caller gets. */
static void load_known(struct reader *r, const struct dd_node *node)
{
	if (!node)
		return;
	if (node->kind == DD_SCALAR &&
	        (dd_str_is(node->text, "true") || dd_str_is(node->text, "false"))) {
		r->a->caller_known = node->text.n == 4;
		return;
	}
	r->a->caller_known = true;
	dd_read_real(r->doc, node, "known_caller", 0.1, 10, &r->a->known_caller);
}

/* -- what a persona does ---------------------------------------------------- */

/* Keys, silence and wrong keys that are more than all are scaled to all. What they leave of it goes
 * to keys that are not said. */
static void scale_habit(struct dd_menu_habit *h)
{
	double sum = h->silence + h->wrong;
	for (int i = 0; i < 12; i++)
		sum += h->keys[i] > 0 ? h->keys[i] : 0;
	if (sum <= 1)
		return;
	h->silence /= sum;
	h->wrong /= sum;
	for (int i = 0; i < 12; i++)
		h->keys[i] = h->keys[i] > 0 ? h->keys[i] / sum : h->keys[i];
}

static void load_habit(struct reader *r, const struct dd_node *map, struct dd_menu_habit *h)
{
	static const char *const words[] = {"silence", "wrong", "think"};
	if (!dd_read_is_map(r->doc, map, "a menu", "a mapping from keys to shares"))
		return;
	bool shares = false;
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key, *value = map->pairs[i].value;
		int index = key->text.n == 1 ? dd_key_index(key->text.p[0]) : -1;
		if (index >= 0) {
			dd_read_share(r->doc, value, "a key", &h->keys[index]);
		} else if (dd_str_is(key->text, "silence")) {
			dd_read_share(r->doc, value, "silence", &h->silence);
		} else if (dd_str_is(key->text, "wrong")) {
			dd_read_share(r->doc, value, "wrong", &h->wrong);
		} else if (dd_str_is(key->text, "think")) {
			dd_read_duration(r->doc, value, "think", MINUTE_MS, &h->think);
		} else {
			struct dd_diag *d = dd_read_fault(r->doc, "unknown-key", key->span,
			        "a menu has no key \"%.*s\"", (int)key->text.n, key->text.p);
			dd_hint_near(r->doc->diags, d, key->text, words, 3);
			d->hint = d->hint ? d->hint : "0-9, \"*\", \"#\", silence, wrong or think";
		}
		shares = shares || index >= 0;
	}
	if (shares)
		scale_habit(h);
}

/* The id of a menu, as the flow writes it; "line-17" where it has none. NULL after a fault. */
static const char *menu_named(struct reader *r, const struct dd_node *key)
{
	const struct dd_program *p = r->program;
	const char *own = dd_arena_copy(r->doc->arena, key->text.p, key->text.n);
	if (!p)
		return own;
	const char **names = dd_arena_alloc(r->doc->arena, (p->nsteps + 1) * sizeof *names);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *step = &p->steps[i];
		const char *line = dd_arena_format(r->doc->arena, "line-%u", step->line);
		bool same = strcmp(line, own) == 0 || (step->id && strcmp(step->id, own) == 0);
		if (same && step->applet == DD_IVR)
			return step->id ? step->id : line;
		if (same) {
			dd_read_fault(
			        r->doc, "not-a-menu", key->span, "the step \"%s\" is no menu", own);
			return NULL;
		}
		if (step->applet == DD_IVR)
			names[n++] = step->id ? step->id : line;
	}
	struct dd_diag *d = dd_read_fault(
	        r->doc, "unknown-step", key->span, "the flow has no menu \"%s\"", own);
	dd_hint_near(r->doc->diags, d, key->text, names, n);
	return NULL;
}

static struct dd_menu_habit *habit_at(struct dd_persona *p, const char *step)
{
	for (size_t i = 1; i < p->nmenus; i++)
		if (strcmp(p->menus[i].step, step) == 0)
			return &p->menus[i];
	if (p->nmenus == DD_MENUS_MAX)
		return NULL;
	p->menus[p->nmenus] = p->menus[0];
	p->menus[p->nmenus].step = step;
	return &p->menus[p->nmenus++];
}

static void load_menus(struct reader *r, const struct dd_node *map, struct dd_persona *p)
{
	if (!map ||
	        !dd_read_is_map(r->doc, map, "menus", "a mapping from menus to what is pressed"))
		return;
	for (uint32_t i = 0; i < map->n; i++) {
		const char *step = menu_named(r, map->pairs[i].key);
		struct dd_menu_habit *h = step ? habit_at(p, step) : NULL;
		if (h)
			load_habit(r, map->pairs[i].value, h);
		else if (step)
			dd_read_fault(r->doc, "limit-menus", map->pairs[i].key->span,
			        "there may be at most %d menus", DD_MENUS_MAX - 1);
	}
}

static void load_hang_up(struct reader *r, const struct dd_node *node, struct dd_persona *p)
{
	enum { PER_SECOND, AFTER, THEN, COUNT };
	static const char *const names[COUNT] = {"per_second", "after", "then"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(r->doc, node, "hang_up",
	                "a mapping with \"per_second\", \"after\" and \"then\"") ||
	        !dd_read_keys(r->doc, node, DD_KEYS("hang_up", names), at))
		return;
	dd_read_share(r->doc, at[PER_SECOND], "per_second", &p->hang_up);
	if (at[PER_SECOND] && !at[THEN])
		p->hang_up_later = p->hang_up;
	dd_read_duration(r->doc, at[AFTER], "after", 60 * MINUTE_MS, &p->later);
	dd_read_share(r->doc, at[THEN], "then", &p->hang_up_later);
}

static void load_keys_by_kind(struct reader *r, const struct dd_node *node, struct dd_persona *p)
{
	enum { GOAL, OPT_OUT, OTHER, COUNT };
	static const char *const names[COUNT] = {"goal", "opt_out", "other"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(r->doc, node, "keys",
	                "a mapping with \"goal\", \"opt_out\" and \"other\"") ||
	        !dd_read_keys(r->doc, node, DD_KEYS("keys", names), at))
		return;
	p->goal = p->opt_out = p->other = 0;
	dd_read_share(r->doc, at[GOAL], "goal", &p->goal);
	dd_read_share(r->doc, at[OPT_OUT], "opt_out", &p->opt_out);
	dd_read_share(r->doc, at[OTHER], "other", &p->other);
	double sum = p->goal + p->opt_out + p->other;
	if (sum <= 0) {
		dd_read_fault(r->doc, "bad-share", node->span, "somebody must press something");
		return;
	}
	p->goal /= sum;
	p->opt_out /= sum;
	p->other /= sum;
}

#define HABITS(X) \
	X(HANG_UP, "hang_up") \
	X(KINDS, "keys") X(MENUS, "menus") X(SILENCE, "silence") X(WRONG, "wrong") X(THINK, "think")
enum {
#define X(NAME, text) NAME,
	HABITS(X)
#undef X
	        SHARE,
	PERSONA_KEYS,
};
static const char *const PERSONA[PERSONA_KEYS] = {
#define X(NAME, text) text,
        HABITS(X)
#undef X
                "share",
};

/* The habits that a persona and everyone can have, by the names above. */
static void load_habits(struct reader *r, struct dd_node *const *at, struct dd_persona *p)
{
	dd_read_share(r->doc, at[SILENCE], "silence", &p->menus[0].silence);
	dd_read_share(r->doc, at[WRONG], "wrong", &p->menus[0].wrong);
	dd_read_duration(r->doc, at[THINK], "think", MINUTE_MS, &p->menus[0].think);
	if (p->menus[0].silence + p->menus[0].wrong > 1)
		scale_habit(&p->menus[0]);
	load_hang_up(r, at[HANG_UP], p);
	load_keys_by_kind(r, at[KINDS], p);
	load_menus(r, at[MENUS], p);
}

static const struct dd_persona *persona_named(const struct dd_audience *a, struct dd_str name)
{
	for (size_t i = 0; i < a->npersonas; i++)
		if (dd_str_is(name, a->personas[i].name))
			return &a->personas[i];
	return &a->personas[0];
}

static void scale_personas(struct reader *r, struct dd_span span)
{
	double sum = 0;
	for (size_t i = 0; i < r->a->npersonas; i++)
		sum += r->a->personas[i].share;
	if (sum <= 0)
		dd_read_fault(
		        r->doc, "bad-share", span, "the shares of the personas come to nothing");
	for (size_t i = 0; sum > 0 && i < r->a->npersonas; i++)
		r->a->personas[i].share /= sum;
}

/* One that has the name of a default persona begins with its habits, another with those of the
 * first. */
static void load_persona(
        struct reader *r, const struct dd_pair *pair, const struct dd_audience *defaults)
{
	struct dd_node *at[PERSONA_KEYS];
	const struct dd_str name = pair->key->text;
	struct dd_persona *p = &r->a->personas[r->a->npersonas];
	*p = *persona_named(defaults, name);
	p->name = dd_arena_copy(r->doc->arena, name.p, name.n);
	p->share = -1;
	if (!dd_read_is_map(r->doc, pair->value, "a persona", "a mapping with \"share\"") ||
	        !dd_read_keys(r->doc, pair->value, DD_KEYS("a persona", PERSONA), at))
		return;
	dd_read_share(r->doc, at[SHARE], "share", &p->share);
	if (!at[SHARE])
		dd_read_fault(r->doc, "missing-key", pair->key->span,
		        "the persona \"%s\" has no share", p->name)
		        ->hint = "add \"share: 20%\"";
	load_habits(r, at, p);
	r->a->npersonas++;
}

static void load_personas(struct reader *r, const struct dd_node *map)
{
	if (!map || !dd_read_is_map(r->doc, map, "personas", "a mapping from names to habits"))
		return;
	if (map->n == 0 || map->n > DD_PERSONAS_MAX) {
		dd_read_fault(r->doc, "limit-personas", map->span,
		        "there are from 1 to %d personas", DD_PERSONAS_MAX);
		return;
	}
	struct dd_audience *defaults = dd_arena_alloc(r->doc->arena, sizeof *defaults);
	*defaults = *r->a;
	r->a->npersonas = 0;
	size_t before = r->doc->diags->errors;
	for (uint32_t i = 0; i < map->n; i++)
		load_persona(r, &map->pairs[i], defaults);
	if (r->doc->diags->errors == before)
		scale_personas(r, map->span);
}

/* -- all of it -------------------------------------------------------------- */

struct dd_audience *load_audience(
        struct dd_reader *doc, const struct dd_node *node, const struct dd_program *program)
{
	enum {
		ANSWER = THINK + 1,
		BUSY,
		FAILED,
		MACHINE,
		HOURS,
		RING,
		KNOWN,
		SERVER,
		CONNECT,
		PERSONAS,
		COUNT
	};
	static const char *const names[COUNT] = {
#define X(NAME, text) text,
	        HABITS(X)
#undef X
	                "answer",
	        "busy", "failed", "machine", "hours", "ring", "known_caller", "server", "connect",
	        "personas"};
	struct dd_node *at[COUNT];
	struct dd_audience *a = dd_audience_default(doc->arena);
	struct reader r = {doc, program, a};
	if (!node || !dd_read_is_map(doc, node, "an audience", "a mapping, or a file"))
		return a;
	(void)dd_read_keys(doc, node, DD_KEYS("an audience", names), at);
	load_answer(&r, at[ANSWER]);
	dd_read_share(doc, at[BUSY], "busy", &a->busy);
	dd_read_share(doc, at[FAILED], "failed", &a->failed);
	if (a->busy + a->failed > 1)
		dd_read_fault(doc, "bad-share", (at[FAILED] ? at[FAILED] : at[BUSY])->span,
		        "busy and failed are shares of those who do not answer: "
		        "together at most 100%%");
	dd_read_share(doc, at[MACHINE], "machine", &a->machine);
	load_hours(&r, at[HOURS]);
	load_ring(&r, at[RING]);
	load_known(&r, at[KNOWN]);
	load_server(&r, at[SERVER]);
	load_connect(&r, at[CONNECT]);
	for (size_t i = 0; i < a->npersonas; i++)
		load_habits(&r, at, &a->personas[i]);
	load_personas(&r, at[PERSONAS]);
	return a;
}

struct dd_audience *load_audience_file(struct dd_reader *doc, const char *path, struct dd_span span,
        const struct dd_program *program)
{
	struct dd_source *source;
	struct dd_error err;
	struct dd_reader own = {.arena = doc->arena, .diags = doc->diags};
	if (dd_source_read(doc->arena, path, DD_FILE_BYTES_MAX, &source, &err) != DD_OK) {
		if (span.end)
			dd_read_fault(doc, "missing-file", span,
			        "cannot read the audience \"%s\": %s", path, err.text);
		else
			dd_diag(doc->diags, DD_ERROR, "unreadable", NULL, span, "%s", err.text)
			        ->file = path;
		return NULL;
	}
	own.source = source;
	const struct dd_node *root = dd_read_source(&own);
	return root ? load_audience(&own, root, program) : NULL;
}
