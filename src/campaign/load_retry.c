/* How often a number is tried: `retry` of the platform's first shape, `retries` of its second. */
#include <stdlib.h>

#include "campaign/loading.h"

enum { LONGEST_MINUTES = 7 * 24 * 60 };

static void load_retry_on(struct campaign_loader *r, struct dd_node *node, const char *what)
{
	static const char *const words[] = {"busy", "no-answer", "failed"};
	struct dd_node *const *items;
	if (!node)
		return;
	r->campaign->places.retry_on = node->span;
	if (node->kind == DD_MAP) {
		dd_read_wrong_kind(&r->doc, node, what, "a list of busy, no-answer and failed");
		return;
	}
	uint32_t n = dd_node_items(node, &items);
	r->campaign->retry_on = 0;
	for (uint32_t i = 0; i < n; i++) {
		int word = DD_READ_WORD(&r->doc, items[i], what, words, -1);
		r->campaign->retry_on |= word < 0 ? 0 : 1u << word;
	}
}

static void load_interval(struct campaign_loader *r, const struct dd_node *node, const char *what)
{
	if (!node)
		return;
	r->campaign->places.interval = node->span;
	r->campaign->interval =
	        (dd_ms)dd_read_int(&r->doc, node, what, 1, LONGEST_MINUTES, 60) * 60000;
}

static int rising(const void *a, const void *b)
{
	int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
	return x < y ? -1 : x > y;
}

static void load_times(struct campaign_loader *r, struct dd_node *node)
{
	struct dd_campaign *c = r->campaign;
	struct dd_node *const *items;
	uint32_t n = dd_node_items(node, &items);
	if (n == 0 || n > DD_TIMES_MAX) {
		dd_read_fault(&r->doc, "bad-number", node->span, "there are from 1 to %d times",
		        DD_TIMES_MAX);
		return;
	}
	for (uint32_t i = 0; i < n; i++)
		c->ntimes += dd_read_clock(
		        &r->doc, items[i], "a time of a retry", false, &c->times_ms[c->ntimes]);
	qsort(c->times_ms, c->ntimes, sizeof *c->times_ms, rising);
	size_t kept = 0;
	for (size_t i = 0; i < c->ntimes; i++)
		if (i == 0 || c->times_ms[i] != c->times_ms[kept - 1])
			c->times_ms[kept++] = c->times_ms[i];
	c->ntimes = kept;
}

static void load_mechanism(
        struct campaign_loader *r, const struct dd_node *node, struct dd_node *times)
{
	static const char *const words[] = {"fixed", "linear", "exponential", "times"};
	struct dd_campaign *c = r->campaign;
	c->mechanism = times ? DD_WAIT_TIMES : DD_WAIT_FIXED;
	if (node)
		c->mechanism = (enum dd_mechanism)dd_read_word(
		        &r->doc, node, "the mechanism", words, 4, (int)c->mechanism);
	if (times && c->mechanism != DD_WAIT_TIMES)
		dd_read_fault(&r->doc, "too-many-keys", times->span,
		        "times are for the mechanism \"times\"");
	else if (times)
		load_times(r, times);
	else if (c->mechanism == DD_WAIT_TIMES)
		dd_read_fault(&r->doc, "missing-key", node->span,
		        "the mechanism \"times\" needs \"times\"")
		        ->hint = "such as times: [10:00, 14:00, 17:00]";
}

/* The first call and those after it. */
void load_retry(struct campaign_loader *r, const struct dd_node *node)
{
	enum { ATTEMPTS, INTERVAL, RETRY_ON, MECHANISM, TIMES, COUNT };
	static const char *const names[COUNT] = {
	        "max_attempts", "interval_minutes", "retry_on", "mechanism", "times"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(&r->doc, node, "retry",
	                "a mapping with \"max_attempts\" and \"interval_minutes\""))
		return;
	bool known = dd_read_keys(&r->doc, node, DD_KEYS("retry", names), at);
	if (!at[ATTEMPTS] && known)
		dd_read_fault(&r->doc, "missing-key", node->span,
		        "retry does not say how often a number is called")
		        ->hint = "add \"max_attempts\", the first call counted";
	r->campaign->max_attempts =
	        dd_read_int(&r->doc, at[ATTEMPTS], "max_attempts", 1, DD_ATTEMPTS_MAX, 1);
	if (at[ATTEMPTS])
		r->campaign->places.attempts = at[ATTEMPTS]->span;
	load_interval(r, at[INTERVAL], "interval_minutes");
	load_retry_on(r, at[RETRY_ON], "retry_on");
	load_mechanism(r, at[MECHANISM], at[TIMES]);
}

/* Those after the first. */
void load_retries(struct campaign_loader *r, const struct dd_node *node)
{
	enum { NUMBER, INTERVAL, MECHANISM, ON_STATUS, COUNT };
	static const char *const names[COUNT] = {
	        "number_of_retries", "interval_mins", "mechanism", "on_status"};
	struct dd_node *at[COUNT];
	if (!node ||
	        !dd_read_is_map(&r->doc, node, "retries",
	                "a mapping with \"number_of_retries\" and \"interval_mins\""))
		return;
	bool known = dd_read_keys(&r->doc, node, DD_KEYS("retries", names), at);
	if (!at[NUMBER] && known)
		dd_read_fault(&r->doc, "missing-key", node->span,
		        "retries does not say how many there are")
		        ->hint = "add \"number_of_retries\", 0 to 3";
	r->campaign->max_attempts =
	        1 + dd_read_int(&r->doc, at[NUMBER], "number_of_retries", 0, 3, 0);
	if (at[NUMBER])
		r->campaign->places.attempts = at[NUMBER]->span;
	load_interval(r, at[INTERVAL], "interval_mins");
	load_retry_on(r, at[ON_STATUS], "on_status");
	load_mechanism(r, at[MECHANISM], NULL);
}
