/* Reading and adding up. */
#include "check/contacts_shards.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "report/diags.h"

enum { MESSAGES_MAX = 4 * DD_STEPS_MAX, BAR_MS = 1000 };

static enum dd_severity severity_of(struct dd_json_reader *r, const char *name)
{
	for (int s = DD_NOTE; s <= DD_ERROR && name; s++)
		if (strcmp(name, dd_severity_name((enum dd_severity)s)) == 0)
			return (enum dd_severity)s;
	dd_json_fault(r, "there is no such severity");
	return DD_NOTE;
}

static const char *text_of(struct dd_json_reader *r, const json_t *o, const char *key)
{
	const char *text = dd_json_text_field(r, o, key);
	if (!text)
		dd_json_fault(r, "\"%s\" is null", key);
	return text ? text : "";
}

/* -- findings --------------------------------------------------------------- */

static struct dd_contact_finding finding_of(struct dd_json_reader *r, const json_t *o)
{
	struct dd_contact_finding f = {.line = dd_json_count_field(r, o, "line", INT64_MAX),
	        .severity = severity_of(r, dd_json_text_field(r, o, "severity")),
	        .code = text_of(r, o, "code"),
	        .message = text_of(r, o, "message"),
	        .ms = -1};
	f.text = dd_str(dd_json_text_field(r, o, "text"));
	f.file = dd_json_text_field(r, o, "file");
	if (f.file)
		f.flow_line = (uint32_t)dd_json_count_field(r, o, "flow_line", UINT32_MAX);
	if (!json_is_null(json_object_get(o, "duration_ms")))
		f.ms = (dd_ms)dd_json_count_field(r, o, "duration_ms", INT64_MAX);
	return f;
}

/* What is about the list is found in each shard, and told once. */
static void take_findings(struct dd_json_reader *r, const struct dd_shard_result *s, bool first,
        struct dd_contacts_merged *out)
{
	const json_t *list = dd_json_field(r, s->result, "findings", JSON_ARRAY);
	size_t own = dd_json_count_field(r, s->shard, "list_findings", json_array_size(list));
	for (size_t i = first ? 0 : own; i < json_array_size(list) && !r->failed; i++) {
		struct dd_contact_finding f = finding_of(r, json_array_get(list, i));
		out->findings[out->nfindings++] = f;
		out->contacts->tally.errors += f.severity == DD_ERROR;
		out->contacts->tally.warnings += f.severity == DD_WARNING;
	}
	if (first)
		out->contacts->list_findings = own;
}

/* A stable order: findings of a line are all of one shard, and stay as they were found. */
static int by_line(const void *a, const void *b)
{
	const struct dd_contact_finding *const *x = a, *const *y = b;
	return (*x)->line != (*y)->line ? ((*x)->line < (*y)->line ? -1 : 1)
	        : *x < *y               ? -1
	                                : *x > *y;
}

static void sort_findings(struct dd_contacts_merged *m)
{
	size_t from = m->contacts->list_findings, n = m->nfindings - from;
	struct dd_contact_finding *sorted = dd_alloc((n + 1) * sizeof *sorted);
	const struct dd_contact_finding **order = dd_alloc((n + 1) * sizeof *order);
	for (size_t i = 0; i < n; i++)
		order[i] = &m->findings[from + i];
	qsort(order, n, sizeof *order, by_line);
	for (size_t i = 0; i < n; i++)
		sorted[i] = *order[i];
	memcpy(m->findings + from, sorted, n * sizeof *sorted);
	dd_free(order);
	dd_free(sorted);
}

/* -- messages --------------------------------------------------------------- */

static bool is_longer(dd_ms ms, uint64_t line, const struct dd_contact_message *m)
{
	return ms > m->longest || (ms == m->longest && line < m->longest_line);
}

static void longest_is(struct dd_contact_message *m, const struct dd_contact_long *l)
{
	if (l->ms < 0 || !is_longer(l->ms, l->line, m))
		return;
	dd_free(m->longest_text);
	m->longest_text = dd_str_copy(dd_str(l->text));
	m->longest = l->ms;
	m->longest_line = l->line;
}

static struct dd_contact_long long_of(struct dd_json_reader *r, const json_t *o)
{
	const json_t *ms = json_array_get(o, 2), *text = json_array_get(o, 3);
	struct dd_contact_long l = {
	        .frames = dd_json_count(r, json_array_get(o, 0), "messages", INT64_MAX),
	        .line = dd_json_count(r, json_array_get(o, 1), "messages", INT64_MAX)};
	l.ms = json_is_integer(ms) && json_integer_value(ms) == -1
	        ? -1
	        : (dd_ms)dd_json_count(r, ms, "messages", INT64_MAX);
	if (!json_is_string(text))
		dd_json_fault(r, "a text of \"messages\" is missing");
	l.text = (char *)json_string_value(text); /* borrowed: only what stays is copied */
	return l;
}

/* Of all shards' candidates those that one run would have measured: longest by estimate, of equal
 * ones the first. */
static void keep_candidate(struct dd_contact_message *m, const struct dd_contact_long *l)
{
	size_t at = m->ncandidates;
	while (at > 0 &&
	        (l->frames > m->candidates[at - 1].frames ||
	                (l->frames == m->candidates[at - 1].frames &&
	                        l->line < m->candidates[at - 1].line)))
		at--;
	if (at == DD_CONTACT_LONG)
		return;
	if (m->ncandidates == DD_CONTACT_LONG)
		dd_free(m->candidates[--m->ncandidates].text);
	memmove(m->candidates + at + 1, m->candidates + at,
	        (m->ncandidates - at) * sizeof *m->candidates);
	m->candidates[at] = *l;
	m->candidates[at].text = dd_str_copy(dd_str(l->text));
	m->ncandidates++;
}

static void take_bars(struct dd_json_reader *r, const json_t *told, struct dd_contact_message *m)
{
	const json_t *bars = dd_json_field(r, told, "histogram", JSON_ARRAY);
	for (size_t i = 0; i < json_array_size(bars); i++) {
		const json_t *bar = json_array_get(bars, i);
		uint64_t at = dd_json_count_field(r, bar, m->sms ? "segments" : "from_ms",
		                      (DD_CONTACT_BARS - 1) * (m->sms ? 1 : BAR_MS)) /
		        (m->sms ? 1 : BAR_MS);
		m->bars[at] = dd_json_sum(
		        r, m->bars[at], dd_json_count_field(r, bar, "contacts", INT64_MAX));
	}
}

static enum dd_applet applet_of(struct dd_json_reader *r, const char *name)
{
	for (int i = 0; i < DD_APPLETS_COUNT && name; i++)
		if (strcmp(name, dd_applet_name((enum dd_applet)i)) == 0)
			return (enum dd_applet)i;
	dd_json_fault(r, "there is no such applet");
	return DD_GREETING;
}

static void take_message(struct dd_json_reader *r, const json_t *told, const json_t *more,
        struct dd_contact_message *m)
{
	bool sms = json_object_get(told, "most_segments") != NULL, fresh = m->file == NULL;
	m->sms = sms;
	m->file = text_of(r, told, "file");
	m->line = (uint32_t)dd_json_count_field(r, told, "line", UINT32_MAX);
	m->id = dd_json_text_field(r, told, "step");
	m->name = text_of(r, told, "what");
	m->applet = applet_of(r, dd_json_text_field(r, told, "applet"));
	dd_ms shortest = (dd_ms)dd_json_count_field(
	        r, told, sms ? "least_segments" : "shortest_ms", INT64_MAX);
	m->shortest = fresh || shortest < m->shortest ? shortest : m->shortest;
	m->longest = fresh ? -1 : m->longest;
	take_bars(r, told, m);
	const json_t *exact = json_object_get(more, "exact"),
	             *candidates = dd_json_field(r, more, "candidates", JSON_ARRAY);
	struct dd_contact_long l =
	        json_is_null(exact) ? (struct dd_contact_long){.ms = -1} : long_of(r, exact);
	if (!r->failed)
		longest_is(m, &l);
	for (size_t i = 0; i < json_array_size(candidates) && !r->failed; i++) {
		l = long_of(r, json_array_get(candidates, i));
		if (!r->failed)
			keep_candidate(m, &l);
	}
}

static void take_messages(
        struct dd_json_reader *r, const struct dd_shard_result *s, struct dd_contacts *out)
{
	const json_t *told = dd_json_field(r, s->result, "messages", JSON_ARRAY),
	             *more = dd_json_field(r, s->shard, "messages", JSON_ARRAY);
	if (json_array_size(told) != json_array_size(more))
		dd_json_fault(r, "\"messages\" of the shard are not those of the report");
	for (size_t i = 0; i < json_array_size(told) && !r->failed; i++) {
		uint64_t at = dd_json_count_field(
		        r, json_array_get(more, i), "message", out->nmessages - 1);
		take_message(
		        r, json_array_get(told, i), json_array_get(more, i), &out->messages[at]);
	}
}

static size_t messages_of(struct dd_json_reader *r, const struct dd_shard_result *s)
{
	const json_t *more = dd_json_field(r, s->shard, "messages", JSON_ARRAY);
	size_t n = 0;
	for (size_t i = 0; i < json_array_size(more); i++) {
		uint64_t at =
		        dd_json_count_field(r, json_array_get(more, i), "message", MESSAGES_MAX);
		n = at + 1 > n ? at + 1 : n;
	}
	return n;
}

/* -- the whole -------------------------------------------------------------- */

static void take_tally(
        struct dd_json_reader *r, const struct dd_shard_result *s, struct dd_contacts_tally *t)
{
	const struct {
		const char *key;
		uint64_t *to;
	} counts[] = {{"contacts", &t->contacts}, {"fine", &t->fine}, {"over_a_limit", &t->over},
	        {"lacking_a_value", &t->lacking}, {"wrong_words", &t->wrong},
	        {"not_measured", &t->unmeasured}, {"unreadable", &t->unreadable}};
	for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
		*counts[i].to = dd_json_sum(r, *counts[i].to,
		        dd_json_count_field(r, s->result, counts[i].key, INT64_MAX));
}

static void settle(struct dd_contacts *c)
{
	for (size_t i = 0; i < c->nmessages; i++)
		for (size_t k = 0; k < c->messages[i].ncandidates; k++)
			longest_is(&c->messages[i], &c->messages[i].candidates[k]);
}

enum dd_status dd_contacts_merge(
        const struct dd_shard_results *all, struct dd_contacts_merged *out, struct dd_error *err)
{
	struct dd_json_reader r = {.err = err};
	struct dd_contacts *c = dd_alloc(sizeof *c);
	size_t most = 0;
	*out = (struct dd_contacts_merged){.contacts = c};
	c->arena = dd_arena_new();
	for (size_t i = 0; i < all->n; i++) {
		r.file = all->list[i].path;
		size_t n = messages_of(&r, &all->list[i]);
		c->nmessages = n > c->nmessages ? n : c->nmessages;
		most += json_array_size(json_object_get(all->list[i].result, "findings"));
	}
	c->messages = dd_arena_alloc(c->arena, (c->nmessages + 1) * sizeof *c->messages);
	out->findings = dd_alloc((most + 1) * sizeof *out->findings);
	for (size_t i = 0; i < all->n && !r.failed; i++) {
		r.file = all->list[i].path;
		out->list = text_of(&r, all->list[i].result, "list");
		take_tally(&r, &all->list[i], &c->tally);
		take_findings(&r, &all->list[i], i == 0, out);
		take_messages(&r, &all->list[i], c);
	}
	if (r.failed)
		return DD_ERR_FORMAT;
	sort_findings(out);
	settle(c);
	return DD_OK;
}

void dd_contacts_merged_fini(struct dd_contacts_merged *m)
{
	dd_contacts_free(m->contacts);
	dd_free(m->findings);
}
