/* Lists of steps become a graph: every step knows what comes next, so a call needs no stack. */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/load.h"

static const dd_ms HOUR_MS = (dd_ms)3600 * 1000;

bool dd_load_is_id(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
		if (!letter && (i == 0 || !((c >= '0' && c <= '9') || c == '_' || c == '-')))
			return false;
	}
	return text.n > 0 && text.n <= 64;
}

static uint32_t optional_prompt(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	return node ? dd_load_prompt(l, node, what) : DD_NONE;
}

static void load_greeting(struct dd_loader *l, const struct dd_node *node, struct dd_step *step)
{
	enum {
		TEXT,
		AUDIO,
		URL,
		STAND_IN,
		VOICE,
		STUB,
		LENGTH,
		PROMPT,
		LOOP,
		MAX,
		SKIP,
		INTERRUPTIBLE,
		COUNT
	};
	static const char *const names[COUNT] = {"text", "audio", "url", "stand_in", "voice",
	        "stub", "length", "prompt", "loop", "max", "skip", "interruptible"};
	struct dd_node *at[COUNT];
	struct dd_greeting *g = &step->greeting;
	long loop = 1;
	g->max = 120000;
	if (node->kind != DD_MAP) {
		g->prompt = dd_load_prompt(l, node, "a greeting");
		g->loop = 1;
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a greeting", names), at);
	struct dd_prompt_keys keys = {at[TEXT], at[AUDIO], at[URL], at[STAND_IN], at[VOICE],
	        at[STUB], at[LENGTH], at[PROMPT], known};
	g->prompt = dd_load_prompt_keys(l, node, &keys, "a greeting");
	dd_read_number(&l->doc, at[LOOP], "loop", 0, 1000, &loop);
	dd_read_duration(&l->doc, at[MAX], "max", 4 * HOUR_MS, &g->max);
	dd_read_bool(&l->doc, at[SKIP], "skip", &g->skip);
	dd_read_bool(&l->doc, at[INTERRUPTIBLE], "interruptible", &g->interruptible);
	g->loop = (uint32_t)loop;
}

/* -- what was to be a list of steps, or stands where none can be ------------ */

static bool is_applet(struct dd_str word)
{
	for (int i = 0; i < DD_APPLETS_COUNT; i++)
		if (dd_str_is(word, dd_applet_name((enum dd_applet)i)))
			return true;
	return false;
}

/* One step without its dash: an applet, and perhaps an id. */
static bool is_one_step(const struct dd_node *map)
{
	uint32_t applets = 0;
	for (uint32_t i = 0; map->kind == DD_MAP && i < map->n; i++) {
		if (is_applet(map->pairs[i].key->text))
			applets++;
		else if (!dd_str_is(map->pairs[i].key->text, "id"))
			return false;
	}
	return applets == 1;
}

/* Makes a list of one step: in brackets where it stands in them, else behind a dash. */
static void mend_step(struct dd_loader *l, struct dd_diag *d, const struct dd_node *map)
{
	struct dd_arena *arena = l->doc.arena;
	uint32_t start = map->span.start, line = start;
	const char *text = l->doc.source->text.p;
	if (text[start] == '{') {
		dd_diag_edit(arena, d, start, start, "[ ");
		dd_diag_edit(arena, d, map->end, map->end, " ]");
		return;
	}
	while (line > 0 && text[line - 1] == ' ')
		line--;
	if (line > 0 && text[line - 1] != '\n')
		return; /* an anchor, or a dash, stands before it */
	dd_diag_edit(arena, d, start, start, "- ");
	dd_diag_indent(arena, d, start, map->end);
}

/* Several steps without their dashes, one below the other. */
static bool are_steps(struct dd_loader *l, const struct dd_node *map)
{
	for (uint32_t i = 0; i < map->n; i++)
		if (!is_applet(map->pairs[i].key->text))
			return false;
	return map->n > 1 && l->doc.source->text.p[map->span.start] != '{';
}

static void mend_steps(struct dd_loader *l, struct dd_diag *d, const struct dd_node *map)
{
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key;
		uint32_t end = i + 1 < map->n ? map->pairs[i + 1].key->span.start : map->end;
		dd_diag_edit(l->doc.arena, d, key->span.start, key->span.start, "- ");
		dd_diag_indent(l->doc.arena, d, key->span.start, end);
	}
}

static void hint_of_step(struct dd_loader *l, struct dd_diag *d, const struct dd_node *map)
{
	uint32_t start = map->span.start, end = map->end;
	const char *text = l->doc.source->text.p;
	if (text[start] == '{') {
		dd_hint_like(&l->doc, d, "[ ", start, end, " ]");
		return;
	}
	for (end = start; end < map->end && text[end] != '\n' && text[end] != '\r'; end++) {
	}
	dd_hint_like(&l->doc, d, "- ", start, end, "");
}

/* "-greeting: Hello" is a key to YAML. */
static bool lacks_blanks(const struct dd_node *map)
{
	bool any = false;
	for (uint32_t i = 0; map->kind == DD_MAP && i < map->n; i++) {
		struct dd_str key = map->pairs[i].key->text;
		if (key.n < 2 || key.p[0] != '-' ||
		        !is_applet((struct dd_str){key.p + 1, key.n - 1}))
			return false;
		any = true;
	}
	return any;
}

static void tell_dashes(struct dd_loader *l, const struct dd_node *map)
{
	const struct dd_node *key = map->pairs[0].key;
	struct dd_diag *d = dd_read_fault(&l->doc, "wrong-type",
	        (struct dd_span){key->span.start, key->span.start + 1},
	        "a dash needs a blank behind it");
	d->hint = dd_arena_format(l->doc.arena, "write it like this: - %.*s: …",
	        (int)key->text.n - 1, key->text.p + 1);
	for (uint32_t i = 0; i < map->n; i++) {
		uint32_t at = map->pairs[i].key->span.start + 1;
		dd_diag_edit(l->doc.arena, d, at, at, " ");
	}
}

/* A text where steps were to be. What else than an applet that takes nothing is meant by it, the
 * author must say: whether the call goes on afterwards. */
static void tell_text(struct dd_loader *l, struct dd_diag *d, const struct dd_node *node)
{
	struct dd_arena *arena = l->doc.arena;
	struct dd_str text = node->text;
	if (dd_str_is(text, "hangup") || dd_str_is(text, "return")) {
		d->hint = dd_str_is(text, "hangup") ? "write it like this: [ hangup ]"
		                                    : "write it like this: [ return ]";
		if (node->span.end > node->span.start) {
			dd_diag_edit(arena, d, node->span.start, node->span.start, "[ ");
			dd_diag_edit(arena, d, node->span.end, node->span.end, " ]");
		}
	} else if (dd_node_is_null(node)) {
		d->hint = "write [] where nothing is to happen";
	} else if (dd_load_is_id(text)) {
		d->hint = dd_arena_format(arena,
		        "to go to a step, write [ goto: %.*s ]; to say it, [ greeting: %.*s, "
		        "hangup ]",
		        (int)text.n, text.p, (int)text.n, text.p);
	} else {
		bool marks = false;
		for (size_t i = 0; i < text.n; i++)
			marks |= strchr(",[]{}:#\"'\n", text.p[i]) != NULL;
		bool plain = node->plain && marks;
		dd_hint_like(&l->doc, d,
		        plain ? "[ greeting: \"" : "[ greeting: ", node->span.start, node->span.end,
		        plain ? "\", hangup ]" : ", hangup ]");
	}
}

static void not_a_list(struct dd_loader *l, const struct dd_node *node)
{
	if (lacks_blanks(node)) {
		tell_dashes(l, node);
		return;
	}
	struct dd_diag *d = dd_read_fault(&l->doc, "wrong-type", node->span,
	        "steps must be a list, not %s", dd_node_kind_name(node));
	if (node->kind == DD_SCALAR) {
		tell_text(l, d, node);
	} else if (is_one_step(node)) {
		hint_of_step(l, d, node);
		mend_step(l, d, node);
	} else {
		d->hint = "begin each step with a dash";
		if (are_steps(l, node))
			mend_steps(l, d, node);
	}
}

/* "1: { greeting: Thanks }": steps stand in a list. True: a fault says so. */
static bool is_step_of_key(struct dd_loader *l, const struct dd_node *map)
{
	if (lacks_blanks(map)) {
		tell_dashes(l, map);
		return true;
	}
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key;
		if (!is_applet(key->text) || dd_str_is(key->text, "goto"))
			continue;
		struct dd_diag *d = dd_read_fault(&l->doc, "unknown-key", key->span,
		        "what a key of a menu does is a list of steps");
		if (is_one_step(map)) {
			hint_of_step(l, d, map);
			mend_step(l, d, map);
		} else {
			d->hint = dd_arena_format(l->doc.arena,
			        "put it below then: then: [ %.*s: … ]", (int)key->text.n,
			        key->text.p);
		}
		return true;
	}
	return false;
}

/* Remembers a jump of the step (or of one of its keys or cases) for when all ids are known. */
void dd_load_want_jump(struct dd_loader *l, const struct dd_node *node, uint32_t step, uint32_t key,
        uint32_t branch_case)
{
	struct dd_str id;
	if (dd_read_text(&l->doc, node, "goto", &id))
		DD_PUSH(l->jumps, l->njumps, l->cap_jumps) =
		        (struct dd_jump){step, key, branch_case, id, node->span};
}

uint32_t dd_load_part(struct dd_loader *l, const struct dd_node *steps, const struct dd_node *voice,
        uint32_t after)
{
	uint32_t was = l->voice;
	if (voice)
		l->voice = dd_load_part_voice(l, voice);
	uint32_t first = dd_load_steps(l, steps, after);
	l->voice = was;
	return first;
}

static void load_key_map(struct dd_loader *l, const struct dd_node *map, uint32_t step,
        struct dd_key *key, uint32_t index)
{
	enum { ANSWER, GOAL, OPT_OUT, THEN, GOTO, VOICE, COUNT };
	static const char *const names[COUNT] = {
	        "answer", "goal", "opt_out", "then", "goto", "voice"};
	struct dd_node *at[COUNT];
	if (is_step_of_key(l, map))
		return;
	(void)dd_read_keys(&l->doc, map, DD_KEYS("a key of a menu", names), at);
	if (at[ANSWER])
		key->answer = dd_load_template(l, at[ANSWER], "an answer", DD_USE_TEXT);
	dd_read_bool(&l->doc, at[GOAL], "goal", &key->goal);
	dd_read_bool(&l->doc, at[OPT_OUT], "opt_out", &key->opt_out);
	if (at[THEN] && at[GOTO])
		dd_read_fault(&l->doc, "too-many-keys", at[GOTO]->span,
		        "a key goes on with then or with goto, not both");
	else if (at[THEN])
		key->target = dd_load_part(l, at[THEN], at[VOICE], key->target);
	else if (at[GOTO])
		dd_load_want_jump(l, at[GOTO], step, index, DD_NONE);
	if (at[VOICE] && !at[THEN])
		dd_read_fault(&l->doc, "too-many-keys", at[VOICE]->span,
		        "a voice is for the steps of then, and there are none");
}

/* "{1:yes}": YAML wants a blank behind the colon. */
static bool is_glued_key(const struct dd_node *name, const struct dd_node *value)
{
	return name->plain && name->text.n > 2 && name->text.p[1] == ':' &&
	        dd_key_index(name->text.p[0]) >= 0 && dd_node_is_null(value) &&
	        value->span.end == value->span.start;
}

static void bad_key(struct dd_loader *l, const struct dd_node *name, const struct dd_node *value)
{
	struct dd_diag *d = dd_read_fault(&l->doc, "bad-key", name->span,
	        "\"%.*s\" is not on a telephone's keypad", (int)name->text.n, name->text.p);
	d->hint = "keys are 0 to 9, \"*\" and \"#\"";
	if (is_glued_key(name, value))
		dd_read_glued(&l->doc, d, name, 1);
}

static void load_key(struct dd_loader *l, const struct dd_pair *pair, uint32_t step, uint32_t index,
        uint32_t next)
{
	const struct dd_node *name = pair->key, *value = pair->value;
	struct dd_key key = {.key = '\0', .answer = DD_NONE, .target = next, .span = name->span};
	if (name->text.n == 1 && dd_key_index(name->text.p[0]) >= 0)
		key.key = name->text.p[0];
	else
		bad_key(l, name, value);
	if (!key.key && is_glued_key(name, value)) /* its answer is part of it */
		return;
	if (value->kind == DD_LIST)
		key.target = dd_load_steps(l, value, next);
	else if (value->kind == DD_MAP)
		load_key_map(l, value, step, &key, index);
	else if (dd_node_is_null(value))
		dd_read_fault(&l->doc, "wrong-type",
		        value->span.end > value->span.start ? value->span : name->span,
		        "a key of a menu needs an answer or steps");
	else
		key.answer = dd_load_template(l, value, "an answer", DD_USE_TEXT);
	l->program->keys[index] = key;
	if (key.key)
		l->program->steps[step].ivr.by_key[dd_key_index(key.key)] = index;
}

static void load_keys_of(
        struct dd_loader *l, const struct dd_node *map, uint32_t step, uint32_t next)
{
	struct dd_program *p = l->program;
	if (map->kind != DD_MAP || map->n == 0) {
		if (map->kind == DD_MAP)
			dd_read_fault(
			        &l->doc, "missing-key", map->span, "a menu needs at least one key");
		else
			dd_read_wrong_kind(
			        &l->doc, map, "keys", "a mapping from keys to what they do");
		return;
	}
	uint32_t first = p->nkeys; /* reserved together: branches below bring keys of their own */
	for (uint32_t i = 0; i < map->n; i++)
		DD_PUSH(p->keys, p->nkeys, p->cap_keys) = (struct dd_key){.answer = DD_NONE};
	p->steps[step].ivr.first_key = first;
	p->steps[step].ivr.nkeys = map->n;
	for (uint32_t i = 0; i < map->n; i++)
		if (map->pairs[i].key->text.n == 1 || !dd_read_rest_of(&l->doc, map, i, "bad-key"))
			load_key(l, &map->pairs[i], step, first + i, next);
}

static void load_collect(struct dd_loader *l, const struct dd_node *map, struct dd_ivr *ivr)
{
	enum { MIN, MAX, FINISH, MATCH, URL, STUB, COUNT };
	static const char *const names[COUNT] = {"min", "max", "finish", "match", "url", "stub"};
	struct dd_node *at[COUNT];
	long low = 1, high = ivr->by_url ? DD_DIGITS_MAX : 10;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, map, "collect", "a mapping with min, max and finish");
		return;
	}
	(void)dd_read_keys(&l->doc, map, DD_KEYS("collect", names), at);
	dd_read_number(&l->doc, at[MIN], "min", 0, DD_DIGITS_MAX, &low);
	dd_read_number(&l->doc, at[MAX], "max", 1, DD_DIGITS_MAX, &high);
	if (low > high)
		dd_read_fault(&l->doc, "bad-number", (at[MIN] ? at[MIN] : at[MAX])->span,
		        "min is greater than max");
	if (at[FINISH] && dd_node_is_null(at[FINISH]))
		ivr->finish = '\0';
	else if (at[FINISH] && at[FINISH]->kind == DD_SCALAR && at[FINISH]->text.n == 1 &&
	        dd_key_index(at[FINISH]->text.p[0]) >= 0)
		ivr->finish = at[FINISH]->text.p[0];
	else if (at[FINISH])
		dd_read_fault(&l->doc, "bad-key", at[FINISH]->span,
		        "finish is one key: 0 to 9, \"*\" or \"#\"");
	if (at[STUB] && !at[URL])
		dd_read_fault(&l->doc, "too-many-keys", at[STUB]->span,
		        "only a collect with a url takes a stub");
	if (at[MATCH])
		ivr->match = dd_load_pattern(l, at[MATCH], "match"),
		ivr->match_words = at[MATCH]->text;
	ivr->min = (uint8_t)low;
	ivr->max = (uint8_t)high;
}

/* Steps for both, or a mapping that tells silence from a wrong key. */
static void load_otherwise(
        struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum { SILENCE, INVALID, COUNT };
	static const char *const names[COUNT] = {"silence", "invalid"};
	struct dd_node *at[COUNT];
	bool split = false;
	for (uint32_t i = 0; node->kind == DD_MAP && i < node->n; i++)
		split |= dd_str_is(node->pairs[i].key->text, "silence") ||
		        dd_str_is(node->pairs[i].key->text, "invalid");
	if (!split) {
		uint32_t otherwise = dd_load_steps(l, node, next);
		l->program->steps[index].ivr.otherwise = otherwise;
		l->program->steps[index].ivr.otherwise_invalid = otherwise;
		return;
	}
	(void)dd_read_keys(&l->doc, node, DD_KEYS("otherwise", names), at);
	l->program->steps[index].ivr.otherwise_by_try = true;
	if (at[SILENCE]) {
		uint32_t silence = dd_load_steps(l, at[SILENCE], next);
		l->program->steps[index].ivr.otherwise = silence;
	}
	if (at[INVALID]) {
		uint32_t invalid = dd_load_steps(l, at[INVALID], next);
		l->program->steps[index].ivr.otherwise_invalid = invalid;
	}
}

static void load_ivr(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum {
		PROMPT,
		KEYS,
		COLLECT,
		TIMEOUT,
		RETRIES,
		INVALID,
		SILENCE,
		BARGE_IN,
		OTHERWISE,
		COUNT
	};
	static const char *const names[COUNT] = {"prompt", "keys", "collect", "timeout", "retries",
	        "invalid", "silence", "barge_in", "otherwise"};
	struct dd_node *at[COUNT];
	long retries = 2;
	struct dd_ivr ivr = {.prompt = DD_NONE,
	        .timeout = 5000,
	        .barge_in = true,
	        .min = 1,
	        .max = 10,
	        .finish = '#',
	        .otherwise = DD_GO_HANGUP,
	        .otherwise_invalid = DD_GO_HANGUP,
	        .key_slot = DD_NONE,
	        .answer_slot = DD_NONE,
	        .digits_slot = DD_NONE};
	memset(ivr.by_key, 0xFF, sizeof ivr.by_key);
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, node, "an ivr", "a mapping with prompt and keys or collect");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("an ivr", names), at);
	ivr.by_url = dd_load_is_by_url(DD_IVR, node);
	if (ivr.by_url)
		retries = 0; /* what an answer without repeat_menu means */
	if (at[PROMPT])
		ivr.prompt = dd_load_prompt(l, at[PROMPT], "a menu's prompt");
	else if (known && !ivr.by_url)
		dd_read_fault(&l->doc, "missing-key", node->span, "an ivr needs a prompt");
	if (at[KEYS] ? at[COLLECT] != NULL : !at[COLLECT] && known)
		dd_read_fault(&l->doc, at[KEYS] ? "too-many-keys" : "missing-key",
		        at[KEYS] ? at[COLLECT]->span : node->span,
		        "an ivr has exactly one of keys and collect");
	dd_read_duration(&l->doc, at[TIMEOUT], "timeout", HOUR_MS, &ivr.timeout);
	dd_read_number(&l->doc, at[RETRIES], "retries", 0, 100, &retries);
	ivr.retries = (uint32_t)retries;
	ivr.invalid = optional_prompt(l, at[INVALID], "the invalid prompt");
	ivr.silence = optional_prompt(l, at[SILENCE], "the silence prompt");
	dd_read_bool(&l->doc, at[BARGE_IN], "barge_in", &ivr.barge_in);
	ivr.collect = at[COLLECT] != NULL;
	if (at[COLLECT])
		load_collect(l, at[COLLECT], &ivr);
	l->program->steps[index].ivr = ivr;
	if (at[KEYS])
		load_keys_of(l, at[KEYS], index, next);
	if (at[OTHERWISE])
		load_otherwise(l, at[OTHERWISE], index, next);
	if (ivr.by_url)
		dd_load_gather(l, at[COLLECT], index, at[OTHERWISE] != NULL);
}

/* "404:", "5xx:": the platform tells apart what it has an exit for. */
static void tell_status(struct dd_loader *l, struct dd_diag *d)
{
	const char *key = l->doc.source->text.p + d->span.start;
	size_t n = d->span.end - d->span.start;
	while (n > 1 && strchr("\"'", key[0]) && strchr("\"'", key[n - 1]))
		key++, n -= 2;
	static const char *const others[] = {
	        "default", "else", "otherwise", "failure", "failed", "fail", "other", NULL};
	for (size_t i = 0; others[i]; i++)
		if (dd_str_is((struct dd_str){key, n}, others[i]))
			d->hint = "what is neither 200 nor 302 goes to \"error:\"";
	if (n != 3 || key[0] < '1' || key[0] > '5' || strcmp(d->code, "unknown-key") != 0)
		return;
	for (size_t i = 1; i < 3; i++)
		if (!(key[i] >= '0' && key[i] <= '9') && key[i] != 'x' && key[i] != 'X')
			return;
	d->message = dd_arena_format(l->doc.arena,
	        "a status %.*s has no exit of its own: every status but 200 and 302 goes to error",
	        (int)n, key);
	d->hint = "write \"error:\" in its place";
}

static void load_exits(
        struct dd_loader *l, const struct dd_node *map, struct dd_passthru *pass, uint32_t next)
{
	static const char *const names[DD_EXITS_COUNT] = {"200", "302", "error", "timeout", "2xx"};
	struct dd_node *at[DD_EXITS_COUNT];
	for (int i = 0; i < DD_EXITS_COUNT; i++)
		pass->exits[i] = DD_NONE;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, map, "exits", "a mapping with 200, 302, error and timeout");
		return;
	}
	size_t before = l->doc.diags->n;
	(void)dd_read_keys(&l->doc, map, DD_KEYS("exits", names), at);
	for (size_t i = before; i < l->doc.diags->n; i++)
		tell_status(l, &l->doc.diags->items[i]);
	for (int i = 0; i < DD_EXITS_COUNT; i++)
		if (at[i])
			pass->exits[i] = dd_load_steps(l, at[i], next);
}

static void load_routes(
        struct dd_loader *l, const struct dd_node *map, struct dd_passthru *pass, uint32_t next)
{
	struct dd_program *p = l->program;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(
		        &l->doc, map, "routes", "a mapping from a reply's text to steps");
		return;
	}
	pass->first_route = p->nroutes;
	pass->nroutes = map->n;
	for (uint32_t i = 0; i < map->n; i++)
		DD_PUSH(p->routes, p->nroutes, p->cap_routes) = (struct dd_route){
		        dd_str_trim(map->pairs[i].key->text), next, map->pairs[i].key->span};
	uint32_t first = pass->first_route;
	for (uint32_t i = 0; i < map->n; i++) {
		uint32_t target = dd_load_steps(l, map->pairs[i].value, next);
		p->routes[first + i].target = target;
	}
}

static void load_method(struct dd_loader *l, const struct dd_node *node, struct dd_passthru *pass)
{
	pass->method = pass->body ? DD_POST : DD_GET;
	if (!node)
		return;
	for (int m = DD_GET; m <= DD_DELETE; m++) {
		if (node->kind != DD_SCALAR ||
		        !dd_str_is(node->text, dd_method_name((enum dd_method)m)))
			continue;
		pass->method = (enum dd_method)m;
		if (m == DD_GET && pass->body)
			dd_read_fault(&l->doc, "bad-method", node->span,
			        "a GET carries no json or form: leave the method out for a POST");
		return;
	}
	dd_read_fault(
	        &l->doc, "bad-method", node->span, "the method is GET, POST, PUT, PATCH or DELETE");
}

static bool is_header_name(struct dd_str name)
{
	for (size_t i = 0; i < name.n; i++) {
		char c = name.p[i];
		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
		            (c && strchr("!#$%&'*+-.^_`|~", c))))
			return false;
	}
	return name.n > 0 && name.n <= 128;
}

/* A mapping from names to templates. */
static void load_named_texts(struct dd_loader *l, const struct dd_node *map, const char *what,
        bool headers, uint32_t *first, uint32_t *n)
{
	struct dd_program *p = l->program;
	*first = p->nnamed_texts;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, map, what, "a mapping from names to values");
		return;
	}
	for (uint32_t i = 0; i < map->n; i++) {
		struct dd_str name = map->pairs[i].key->text;
		if (headers && !is_header_name(name))
			dd_read_fault(&l->doc, "bad-name", map->pairs[i].key->span,
			        "\"%.*s\" cannot be the name of a header", (int)name.n, name.p);
		uint32_t text = dd_load_template(l, map->pairs[i].value,
		        headers ? "a header" : "a value of the form", DD_USE_TEXT);
		DD_PUSH(p->named_texts, p->nnamed_texts, p->cap_named_texts) =
		        (struct dd_named_text){name, text};
	}
	*n = map->n;
}

static void load_body(struct dd_loader *l, const struct dd_node *json, const struct dd_node *form,
        struct dd_passthru *pass)
{
	if (json && form)
		dd_read_fault(&l->doc, "too-many-keys", form->span,
		        "a request carries json or a form, not both");
	if (json) {
		pass->body = DD_BODY_JSON;
		pass->json = dd_load_json(l, json);
	} else if (form) {
		pass->body = DD_BODY_FORM;
		load_named_texts(l, form, "form", false, &pass->first_form, &pass->nforms);
	}
}

static void load_parameters(
        struct dd_loader *l, const struct dd_node *node, struct dd_passthru *pass)
{
	static const char *const words[] = {"platform", "none"};
	pass->bare = node && DD_READ_WORD(&l->doc, node, "parameters", words, 0) == 1;
}

static void load_passthru(
        struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum {
		URL,
		METHOD,
		TIMEOUT,
		HOLD,
		WAIT,
		EXITS,
		ROUTES,
		STUB,
		HEADERS,
		JSON,
		FORM,
		PARAMETERS,
		COUNT
	};
	static const char *const names[COUNT] = {"url", "method", "timeout", "hold", "wait",
	        "exits", "routes", "stub", "headers", "json", "form", "parameters"};
	struct dd_node *at[COUNT];
	struct dd_passthru pass = {.url = DD_NONE,
	        .json = DD_NONE,
	        .wait = true,
	        .timeout = DD_REQUEST_TIMEOUT_MS,
	        .status_slot = DD_NONE,
	        .text_slot = DD_NONE};
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "a passthru", "a mapping with url");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a passthru", names), at);
	if (at[URL])
		pass.url = dd_load_template(l, at[URL], "a URL", DD_USE_URL);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span, "a passthru needs a url");
	load_named_texts(l, at[HEADERS], "headers", true, &pass.first_header, &pass.nheaders);
	load_body(l, at[JSON], at[FORM], &pass);
	load_parameters(l, at[PARAMETERS], &pass);
	load_method(l, at[METHOD], &pass);
	dd_read_duration(&l->doc, at[TIMEOUT], "timeout", HOUR_MS, &pass.timeout);
	pass.hold = optional_prompt(l, at[HOLD], "the hold prompt");
	dd_read_bool(&l->doc, at[WAIT], "wait", &pass.wait);
	dd_load_stubs(l, at[STUB], &pass.first_stub, &pass.nstubs);
	load_exits(l, at[EXITS], &pass, next);
	load_routes(l, at[ROUTES], &pass, next);
	l->program->steps[index].passthru = pass;
}

static uint32_t optional_template(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	return node ? dd_load_template(l, node, what, DD_USE_TEXT) : DD_NONE;
}

static void load_sms(struct dd_loader *l, const struct dd_node *node, struct dd_step *step)
{
	enum { TEXT, TO, SENDER, TEMPLATE, ENTITY, TEMPLATE_TEXT, COUNT };
	static const char *const names[COUNT] = {
	        "text", "to", "sender", "template", "entity", "template_text"};
	struct dd_node *at[COUNT] = {NULL};
	struct dd_sms sms = {DD_NONE, DD_NONE, DD_NONE, DD_NONE, DD_NONE, {NULL, 0}};
	bool known = true;
	if (node->kind == DD_LIST || dd_node_is_null(node)) {
		dd_read_wrong_kind(&l->doc, node, "an sms", "text or a mapping with text");
		return;
	}
	if (node->kind == DD_MAP)
		known = dd_read_keys(&l->doc, node, DD_KEYS("an sms", names), at);
	else
		at[TEXT] = (struct dd_node *)node;
	if (at[TEXT])
		sms.text = dd_load_template(l, at[TEXT], "an sms", DD_USE_TEXT);
	else if (known)
		dd_read_fault(&l->doc, "missing-key", node->span, "an sms needs a text");
	if (sms.text != DD_NONE && dd_str_trim(at[TEXT]->text).n == 0)
		dd_read_fault(&l->doc, "empty-text", at[TEXT]->span, "the sms is empty");
	sms.to = optional_template(l, at[TO], "an sms's to");
	sms.sender = optional_template(l, at[SENDER], "an sms's sender");
	sms.template_id = optional_template(l, at[TEMPLATE], "an sms's template");
	sms.entity = optional_template(l, at[ENTITY], "an sms's entity");
	if (at[TEMPLATE_TEXT] &&
	        dd_read_text(
	                &l->doc, at[TEMPLATE_TEXT], "an sms's template_text", &sms.template_text) &&
	        dd_utf8_count(sms.template_text) > DD_TEXT_CHARS_MAX)
		dd_read_fault(&l->doc, "limit-text", at[TEMPLATE_TEXT]->span,
		        "a text may have at most 4,096 characters");
	step->sms = sms;
}

static void load_transfer(struct dd_loader *l, const struct dd_node *node, uint32_t index, bool run)
{
	struct dd_str file;
	if (!dd_read_text(&l->doc, node, run ? "subflow" : "transfer", &file))
		return;
	if (file.n == 0) {
		dd_read_fault(&l->doc, "empty-text", node->span, "the file has no name");
		return;
	}
	if (memchr(file.p, '{', file.n)) {
		dd_read_fault(&l->doc, "bad-placeholder", node->span,
		        "%s names one file; it takes no placeholder", run ? "subflow" : "transfer");
		return;
	}
	const char *dir = l->program->flows[l->flow].dir;
	const char *path = dd_path_beside(l->doc.arena, dir, file.p);
	DD_PUSH(l->visits, l->nvisits, l->cap_visits) =
	        (struct dd_visit){index, run, path, l->doc.source, node->span};
}

static void load_nothing(struct dd_loader *l, const struct dd_node *node, const char *name)
{
	bool empty = dd_node_is_null(node) || (node->kind == DD_MAP && node->n == 0) ||
	        (node->kind == DD_SCALAR && dd_str_is(node->text, "true"));
	if (!empty)
		dd_read_fault(&l->doc, "wrong-type", node->span, "%s takes nothing", name)->hint =
		        dd_arena_format(l->doc.arena, "write \"- %s\"", name);
}

static void load_applet(struct dd_loader *l, enum dd_applet applet, const struct dd_node *node,
        uint32_t index, uint32_t next)
{
	struct dd_step step = l->program->steps[index];
	switch (applet) {
	case DD_GREETING:
		load_greeting(l, node, &step);
		l->program->steps[index].greeting = step.greeting;
		break;
	case DD_SMS:
		load_sms(l, node, &step);
		l->program->steps[index].sms = step.sms;
		break;
	case DD_IVR: load_ivr(l, node, index, next); break;
	case DD_PASSTHRU: load_passthru(l, node, index, next); break;
	case DD_HANGUP: load_nothing(l, node, "hangup"); break;
	case DD_RETURN: load_nothing(l, node, "return"); break;
	case DD_TRANSFER: load_transfer(l, node, index, false); break;
	case DD_SUBFLOW: load_transfer(l, node, index, true); break;
	case DD_GOTO: dd_load_want_jump(l, node, index, DD_NONE, DD_NONE); break;
	case DD_BRANCH: dd_load_branch(l, node, index, next); break;
	case DD_SET: dd_load_set(l, node, index); break;
	case DD_HOURS: dd_load_hours(l, node, index, next); break;
	case DD_CONNECT: dd_load_connect(l, node, index, next); break;
	case DD_RECORD: dd_load_record(l, node, index); break;
	case DD_ASK:
	case DD_REMARK:
	case DD_STEP_KINDS: break;
	}
}

static const char *const STEP_KEYS[] = {
#define APPLET(NAME, key, summary) key,
        DD_APPLETS(APPLET)
#undef APPLET
                "id"};

static void set_id(struct dd_loader *l, const struct dd_node *node, uint32_t index)
{
	struct dd_program *p = l->program;
	struct dd_str id;
	if (!node || !dd_read_text(&l->doc, node, "an id", &id))
		return;
	if (!dd_load_is_id(id)) {
		dd_read_fault(&l->doc, "bad-id", node->span,
		        "an id is a letter, then letters, digits, _ and -");
		return;
	}
	p->steps[index].id = dd_arena_copy(l->doc.arena, id.p, id.n);
	p->steps[index].span = node->span;
}

/* "sms:Bye": the length of the applet's name; 0: it is none. */
static size_t glued_applet(const struct dd_node *node)
{
	const char *colon = memchr(node->text.p, ':', node->text.n);
	size_t n = colon && node->plain ? (size_t)(colon - node->text.p) : 0;
	return n && is_applet((struct dd_str){node->text.p, n}) ? n : 0;
}

/* "- ivr:" with its keys below "ivr", not indented: they are read as keys of the step. */
static bool tell_beside(struct dd_loader *l, const struct dd_node *map)
{
	const struct dd_node *applet = map->pairs[0].key;
	uint32_t i = dd_str_is(applet->text, "id") && map->n > 1 ? 1 : 0;
	applet = map->pairs[i].key;
	const char *text = l->doc.source->text.p;
	if (!is_applet(applet->text) || !dd_node_is_null(map->pairs[i].value) ||
	        dd_str_is(applet->text, "hangup") || dd_str_is(applet->text, "return") ||
	        i + 1 >= map->n || text[map->span.start] == '{')
		return false;
	for (uint32_t k = i + 1; k < map->n; k++)
		if (is_applet(map->pairs[k].key->text) || dd_str_is(map->pairs[k].key->text, "id"))
			return false;
	const struct dd_node *key = map->pairs[i + 1].key;
	struct dd_diag *d = dd_read_fault(&l->doc, "unknown-key", key->span,
	        "\"%.*s\" stands beside \"%.*s\", not below it", (int)key->text.n, key->text.p,
	        (int)applet->text.n, applet->text.p);
	d->hint = dd_arena_format(l->doc.arena, "begin it two columns further right than \"%.*s\"",
	        (int)applet->text.n, applet->text.p);
	dd_diag_indent(l->doc.arena, d, applet->span.end, map->end);
	return true;
}

/* The words that are steps by themselves. */
static bool is_bare_step(const struct dd_node *node)
{
	return node->kind == DD_SCALAR &&
	        (dd_str_is(node->text, "hangup") || dd_str_is(node->text, "return"));
}

/* One step of a list: the applet's index, and the nodes of its value and id. -1 after a fault. */
static int which_applet(struct dd_loader *l, const struct dd_node *node, struct dd_node **value,
        struct dd_node **id)
{
	struct dd_node *at[DD_APPLETS_COUNT + 1];
	int applet = -1, given = 0;
	if (is_bare_step(node)) {
		static struct dd_node nothing = {.kind = DD_SCALAR, .plain = true};
		*value = &nothing;
		return dd_str_is(node->text, "hangup") ? DD_HANGUP : DD_RETURN;
	}
	if (node->kind != DD_MAP) {
		struct dd_diag *d = dd_read_fault(&l->doc, "bad-step", node->span,
		        "a step is \"hangup\", \"return\" or a mapping with one applet");
		const char *near = node->kind == DD_SCALAR
		        ? dd_nearest(node->text, STEP_KEYS, DD_APPLETS_COUNT)
		        : NULL;
		size_t glued = node->kind == DD_SCALAR ? glued_applet(node) : 0;
		if (glued)
			dd_read_glued(&l->doc, d, node, glued);
		else if (near)
			d->hint = dd_arena_format(l->doc.arena, "did you mean \"%s%s\"?", near,
			        strcmp(near, "hangup") == 0 || strcmp(near, "return") == 0 ? ""
			                                                                   : ": …");
		return -1;
	}
	if (node->n && tell_beside(l, node))
		return -1;
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a step", STEP_KEYS), at);
	for (int i = 0; i < DD_APPLETS_COUNT; i++)
		if (at[i])
			given++, applet = i;
	*id = at[DD_APPLETS_COUNT];
	if (given == 1) {
		*value = at[applet];
		return applet;
	}
	if (given > 1)
		dd_read_fault(&l->doc, "too-many-keys", node->span,
		        "a step has exactly one applet; this one has %d", given);
	else if (known) /* else the unknown key was to be the applet */
		dd_read_fault(&l->doc, "missing-key", node->span, "this step has no applet")->hint =
		        "greeting, ivr, passthru, sms, hangup, transfer, goto, branch, set, hours, "
		        "connect, record, subflow or return";
	return -1;
}

static bool is_word(const struct dd_loader *l, const struct dd_node *node)
{
	return dd_read_is_placeholder(&l->doc, node) ||
	        (node->kind == DD_SCALAR && !dd_str_is(node->text, "hangup") &&
	                !dd_str_is(node->text, "return"));
}

/* "[ greeting: Sorry, we did not hear you ]": what follows the comma is no step of its own. Told
 * once, at the first such part of a text. */
static bool tell_rest(struct dd_loader *l, const struct dd_node *list, uint32_t i)
{
	uint32_t text = i, last = i;
	while (text > 0 && is_word(l, list->items[text]))
		text--;
	const struct dd_node *map = list->items[text];
	if (text == i || map->kind != DD_MAP || map->n == 0)
		return false;
	const struct dd_node *words = map->pairs[map->n - 1].value, *before = words;
	for (uint32_t k = text + 1; k <= i; k++) {
		if (!dd_read_is_rest(&l->doc, before, list->items[k]))
			return false;
		before = list->items[k];
	}
	if (i > text + 1)
		return true;
	while (last + 1 < list->n && is_word(l, list->items[last + 1]) &&
	        dd_read_is_rest(&l->doc, list->items[last], list->items[last + 1]))
		last++;
	struct dd_diag *d = dd_read_fault(&l->doc, "bad-step", list->items[i]->span, "no step");
	dd_read_comma(&l->doc, d, words, list->items[last]);
	return true;
}

/* Reserves the step, so that steps stand in the order of the file, then loads what is in it. */
static uint32_t reserve_step(
        struct dd_loader *l, const struct dd_node *node, int applet, const struct dd_node *id)
{
	struct dd_program *p = l->program;
	if (p->nsteps >= DD_STEPS_MAX) {
		if (!l->too_many_steps)
			dd_read_fault(&l->doc, "limit-steps", node->span,
			        "a flow may have at most 100,000 steps");
		l->too_many_steps = true;
		return DD_NONE;
	}
	struct dd_step step = {.applet = (enum dd_applet)applet,
	        .flow = l->flow,
	        .span = node->span,
	        .visits_slot = DD_NONE};
	step.line = dd_source_line_at(l->doc.source, node->span.start);
	DD_PUSH(p->steps, p->nsteps, p->cap_steps) = step;
	set_id(l, id, p->nsteps - 1);
	return p->nsteps - 1;
}

/* The second step of an applet by URL goes by the name and the place of the first. */
static void is_behind(struct dd_program *p, uint32_t first, uint32_t second)
{
	p->steps[first].next = second;
	p->steps[second].id = p->steps[first].id;
	p->steps[second].span = p->steps[first].span;
}

uint32_t dd_load_steps(struct dd_loader *l, const struct dd_node *list, uint32_t after)
{
	struct item {
		int applet;
		uint32_t step;
		struct dd_node *value;
	};
	uint32_t first = after, last = DD_NONE;
	if (list->kind != DD_LIST) {
		not_a_list(l, list);
		return after;
	}
	/* A step's branches go on at the step after it, so the steps of one list are reserved
	 * before any is loaded. */
	struct item *items = dd_alloc(list->n * sizeof *items);
	uint32_t n = 0;
	for (uint32_t i = 0; i < list->n && !l->too_many_steps; i++) {
		struct dd_node *id = NULL;
		struct item it = {-1, DD_NONE, NULL};
		if (tell_rest(l, list, i))
			continue;
		it.applet = which_applet(l, list->items[i], &it.value, &id);
		if (it.applet < 0)
			continue;
		uint32_t begins = DD_NONE;
		if (dd_load_is_by_url(it.applet, it.value)) {
			begins = reserve_step(l, list->items[i], DD_PASSTHRU, id);
			if (begins == DD_NONE)
				break;
			l->program->steps[begins].passthru.by_url =
			        it.applet == DD_IVR ? DD_BY_URL_GATHER : DD_BY_URL_CONNECT;
		}
		it.step = reserve_step(l, list->items[i], it.applet, begins == DD_NONE ? id : NULL);
		if (it.step == DD_NONE)
			break;
		if (begins == DD_NONE)
			begins = it.step;
		else
			is_behind(l->program, begins, it.step);
		if (last == DD_NONE)
			first = begins;
		else
			l->program->steps[last].next = begins;
		last = it.step;
		items[n++] = it;
	}
	if (last != DD_NONE)
		l->program->steps[last].next = after;
	for (uint32_t i = 0; i < n; i++)
		load_applet(l, (enum dd_applet)items[i].applet, items[i].value, items[i].step,
		        l->program->steps[items[i].step].next);
	dd_free(items);
	return first;
}

/* -- ids and jumps ---------------------------------------------------------- */

struct named {
	const char *id;
	uint32_t step;
};

static int compare_named(const void *a, const void *b)
{
	const struct named *x = a, *y = b;
	int c = strcmp(x->id, y->id);
	return c ? c : x->step < y->step ? -1 : x->step > y->step;
}

static struct named *ids_of_flow(struct dd_loader *l, size_t *count)
{
	const struct dd_program *p = l->program;
	struct named *ids = dd_alloc((p->nsteps + 1) * sizeof *ids);
	size_t n = 0;
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].flow == l->flow && p->steps[i].id)
			ids[n++] = (struct named){p->steps[i].id, i};
	qsort(ids, n, sizeof *ids, compare_named);
	*count = n;
	return ids;
}

static void report_twins(struct dd_loader *l, const struct named *ids, size_t n)
{
	for (size_t i = 1; i < n; i++) {
		if (strcmp(ids[i - 1].id, ids[i].id) != 0)
			continue;
		const struct dd_step *a = &l->program->steps[ids[i - 1].step],
		                     *b = &l->program->steps[ids[i].step];
		const struct dd_step *second = a->span.start <= b->span.start ? b : a,
		                     *one = second == a ? b : a;
		if (a->applet == DD_PASSTHRU && a->passthru.by_url &&
		        ids[i].step == ids[i - 1].step + 1)
			continue; /* one applet by URL */
		struct dd_diag *d = dd_read_fault(&l->doc, "duplicate-id", second->span,
		        "two steps are called \"%s\"", ids[i].id);
		d->other = l->doc.source;
		d->other_span = one->span;
		d->other_message = "first here";
	}
}

static void unknown_target(
        struct dd_loader *l, const struct dd_jump *j, const struct named *ids, size_t n)
{
	struct dd_diag *d = dd_read_fault(&l->doc, "goto-unknown", j->span,
	        "no step is called \"%.*s\"", (int)j->id.n, j->id.p);
	const char **names = dd_alloc((n + 1) * sizeof *names);
	for (size_t i = 0; i < n; i++)
		names[i] = ids[i].id;
	dd_hint_near(l->doc.diags, d, j->id, names, n);
	dd_free(names);
}

void dd_load_jumps(struct dd_loader *l)
{
	size_t n;
	struct named *ids = ids_of_flow(l, &n);
	report_twins(l, ids, n);
	for (uint32_t i = 0; i < l->njumps; i++) {
		const struct dd_jump *j = &l->jumps[i];
		size_t low = 0, high = n;
		while (low < high) {
			size_t mid = (low + high) / 2;
			struct dd_str id = dd_str(ids[mid].id);
			int c = memcmp(id.p, j->id.p, id.n < j->id.n ? id.n : j->id.n);
			if (c < 0 || (c == 0 && id.n < j->id.n))
				low = mid + 1;
			else
				high = mid;
		}
		if (low == n || !dd_str_is(j->id, ids[low].id))
			unknown_target(l, j, ids, n);
		else if (j->key != DD_NONE)
			l->program->keys[j->key].target = ids[low].step;
		else if (j->branch_case != DD_NONE)
			l->program->cases[j->branch_case].target = ids[low].step;
		else
			l->program->steps[j->step].target = ids[low].step;
	}
	l->njumps = 0;
	dd_free(ids);
}

/* -- subflows inside themselves --------------------------------------------- */

struct circle {
	const struct dd_program *p;
	uint32_t *todo, n;
	bool *seen;
};

static void circle_way(void *self, uint32_t target, struct dd_str label)
{
	struct circle *c = self;
	(void)label;
	if (target >= c->p->nsteps || c->seen[target])
		return;
	c->seen[target] = true;
	c->todo[c->n++] = target;
}

/* Where somebody has to press a key, answer or speak before the call goes on. */
static bool awaits_somebody(const struct dd_step *s)
{
	return s->applet == DD_IVR || s->applet == DD_CONNECT || s->applet == DD_RECORD ||
	        (s->applet == DD_PASSTHRU && s->passthru.wait);
}

/* A flow that comes back to its own beginning by subflows, with nobody in between, never ends. */
void dd_load_circles(struct dd_loader *l)
{
	const struct dd_program *p = l->program;
	if (l->doc.diags->errors)
		return;
	for (uint32_t f = 0; f < p->nflows; f++) {
		if (!p->flows[f].run)
			continue;
		struct circle c = {p, dd_alloc((p->nsteps + 1) * sizeof(uint32_t)), 0,
		        dd_alloc(p->nsteps + 1)};
		circle_way(&c, p->flows[f].start, dd_str(""));
		while (c.n) {
			uint32_t i = c.todo[--c.n];
			const struct dd_step *s = &p->steps[i];
			if (awaits_somebody(s))
				continue;
			if (s->applet == DD_SUBFLOW && s->target == f) {
				l->doc.source = p->flows[s->flow].source;
				dd_read_fault(&l->doc, "subflow-circle", s->span,
				        "this flow runs itself again, with no key and no reply "
				        "in between: the call would never come back")
				        ->hint = "go back with goto, or ask for a key first";
				break;
			}
			dd_step_ways(p, i, circle_way, &c);
		}
		dd_free(c.todo);
		dd_free(c.seen);
	}
}
