/* Applets in which people speak: connect joins the customer to somebody, record keeps what is said.
 */
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "flow/load.h"

static const dd_ms HOUR_MS = (dd_ms)3600 * 1000;

static uint32_t optional_template(struct dd_loader *l, const struct dd_node *node, const char *what)
{
	return node ? dd_load_template(l, node, what, DD_USE_TEXT) : DD_NONE;
}

static void load_numbers(
        struct dd_loader *l, const struct dd_node *node, const char *what, struct dd_connect *c)
{
	struct dd_node *const *items;
	struct dd_program *p = l->program;
	uint32_t n = dd_node_items(node, &items);
	if (n == 0)
		dd_read_fault(&l->doc, "empty-text", node->span, "%s names nobody", what);
	if (c->queue && n > 1)
		dd_read_fault(&l->doc, "wrong-type", node->span, "a connect waits in one queue");
	c->first_to = p->ntexts;
	for (uint32_t i = 0; i < n; i++) {
		uint32_t text = dd_load_template(l, items[i], what, DD_USE_TEXT);
		if (text == DD_NONE)
			continue;
		if (dd_str_trim(items[i]->text).n == 0)
			dd_read_fault(
			        &l->doc, "empty-text", items[i]->span, "%s names nobody", what);
		DD_PUSH(p->texts, p->ntexts, p->cap_texts) = text;
		c->nto++;
	}
}

static void load_exits(
        struct dd_loader *l, const struct dd_node *map, struct dd_connect *c, uint32_t next)
{
	static const char *const names[DD_PARTIES_COUNT] = {
#define X(NAME, word) word,
	        DD_PARTIES(X)
#undef X
	};
	struct dd_node *at[DD_PARTIES_COUNT];
	for (int i = 0; i < DD_PARTIES_COUNT; i++)
		c->exits[i] = i == DD_PARTY_ANSWERED ? DD_GO_HANGUP : DD_GO_DROP;
	if (!map)
		return;
	if (map->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, map, "exits",
		        "a mapping with answered, busy, no-answer, failed and full");
		return;
	}
	(void)dd_read_keys(&l->doc, map, DD_KEYS("exits", names), at);
	for (int i = 0; i < DD_PARTIES_COUNT; i++) {
		if (!at[i])
			continue;
		c->exits[i] = dd_load_steps(l, at[i], next);
		c->has_exit[i] = true;
	}
}

void dd_load_connect(struct dd_loader *l, const struct dd_node *node, uint32_t index, uint32_t next)
{
	enum { TO, QUEUE, TIMEOUT, LIMIT, CALLER, RING, EXITS, STUB, COUNT };
	static const char *const names[COUNT] = {
	        "to", "queue", "timeout", "time_limit", "caller_id", "ring", "exits", "stub"};
	struct dd_node *at[COUNT];
	struct dd_connect c = {.timeout = 30000,
	        .ring = DD_NONE,
	        .status_slot = DD_NONE,
	        .seconds_slot = DD_NONE,
	        .to_slot = DD_NONE};
	if (node->kind != DD_MAP) {
		dd_read_wrong_kind(&l->doc, node, "a connect", "a mapping with to or queue");
		return;
	}
	bool known = dd_read_keys(&l->doc, node, DD_KEYS("a connect", names), at);
	if (at[TO] ? at[QUEUE] != NULL : !at[QUEUE] && known)
		dd_read_fault(&l->doc, at[TO] ? "too-many-keys" : "missing-key",
		        at[TO] ? at[QUEUE]->span : node->span,
		        "a connect has exactly one of to and queue");
	c.queue = at[QUEUE] && !at[TO];
	if (c.queue)
		c.timeout = DD_QUEUE_WAIT_MS;
	c.by_url = dd_load_is_by_url(DD_CONNECT, node);
	/* of one by URL those of the flow itself */
	const struct dd_node *numbers = c.by_url ? dd_node_value(at[TO], "numbers") : at[TO];
	if (numbers)
		load_numbers(l, numbers, c.by_url ? "numbers" : "to", &c);
	else if (at[QUEUE])
		load_numbers(l, at[QUEUE], "queue", &c);
	dd_read_duration(&l->doc, at[TIMEOUT], "timeout", HOUR_MS, &c.timeout);
	if (c.timeout == 0)
		dd_read_fault(&l->doc, "bad-duration", at[TIMEOUT]->span,
		        "a ringing of no length reaches nobody");
	dd_read_duration(&l->doc, at[LIMIT], "time_limit", 4 * HOUR_MS, &c.time_limit);
	c.caller_id = optional_template(l, at[CALLER], "caller_id");
	c.ring = at[RING] ? dd_load_prompt(l, at[RING], "the ring prompt") : DD_NONE;
	dd_load_parties(l, at[STUB], &c.first_stub, &c.nstubs);
	load_exits(l, at[EXITS], &c, next);
	l->program->steps[index].connect = c;
	if (c.by_url)
		dd_load_dial(l, at[TO], index);
}

void dd_load_record(struct dd_loader *l, const struct dd_node *node, uint32_t index)
{
	enum { PROMPT, BEEP, MAX, SILENCE, FINISH, COUNT };
	static const char *const names[COUNT] = {"prompt", "beep", "max", "silence", "finish"};
	struct dd_node *at[COUNT] = {NULL};
	struct dd_record r = {.prompt = DD_NONE,
	        .beep = true,
	        .max = 60000,
	        .silence = 5000,
	        .finish = '#',
	        .seconds_slot = DD_NONE,
	        .url_slot = DD_NONE};
	if (node->kind == DD_MAP)
		(void)dd_read_keys(&l->doc, node, DD_KEYS("a record", names), at);
	else if (!dd_node_is_null(node))
		dd_read_wrong_kind(&l->doc, node, "a record", "a mapping with prompt");
	r.prompt = at[PROMPT] ? dd_load_prompt(l, at[PROMPT], "a record's prompt") : DD_NONE;
	dd_read_bool(&l->doc, at[BEEP], "beep", &r.beep);
	dd_read_duration(&l->doc, at[MAX], "max", HOUR_MS, &r.max);
	dd_read_duration(&l->doc, at[SILENCE], "silence", HOUR_MS, &r.silence);
	if (r.max == 0 || r.silence == 0)
		dd_read_fault(&l->doc, "bad-duration", (r.max ? at[SILENCE] : at[MAX])->span,
		        "a recording of no length keeps nothing");
	if (at[FINISH] && dd_node_is_null(at[FINISH]))
		r.finish = '\0';
	else if (at[FINISH] && at[FINISH]->kind == DD_SCALAR && at[FINISH]->text.n == 1 &&
	        dd_key_index(at[FINISH]->text.p[0]) >= 0)
		r.finish = at[FINISH]->text.p[0];
	else if (at[FINISH])
		dd_read_fault(&l->doc, "bad-key", at[FINISH]->span,
		        "finish is one key: 0 to 9, \"*\" or \"#\"");
	l->program->steps[index].record = r;
}
