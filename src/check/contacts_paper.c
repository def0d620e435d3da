/* What a list of contacts comes to, for people and for machines. */
#include <stdlib.h>

#include "base/text.h"
#include "check/checking.h"
#include "check/contacts.h"
#include "report/diags.h"
#include "report/json.h"

static void add_contact_place(const char *file, uint32_t line, struct dd_buf *out)
{
	dd_buf_screen(out, dd_str(file));
	dd_buf_format(out, ":%u", line);
}

void dd_contacts_finding_text(
        const struct dd_contact_finding *f, const char *list, bool colour, struct dd_buf *out)
{
	static const char *const paints[] = {
	        [DD_NOTE] = "\033[1;36m", [DD_WARNING] = "\033[1;33m", [DD_ERROR] = "\033[1;31m"};
	dd_buf_screen(out, dd_str(list));
	dd_buf_format(out, ":%llu: %s%s[%s]%s: ", (unsigned long long)f->line,
	        colour ? paints[f->severity] : "", dd_severity_name(f->severity), f->code,
	        colour ? "\033[0m" : "");
	dd_buf_screen(out, dd_str(f->message));
	if (f->file) {
		dd_buf_str(out, " (");
		add_contact_place(f->file, f->flow_line, out);
		dd_buf_char(out, ')');
	}
	if (f->text.n) {
		struct dd_str text = {f->text.p, dd_width_fit(f->text, 70)};
		dd_buf_str(out, "\n      | ");
		dd_buf_screen(out, text);
		dd_buf_str(out, text.n < f->text.n ? "…" : "");
	}
	dd_buf_char(out, '\n');
}

/* -- text ------------------------------------------------------------------- */

static const char *grouped_number(uint64_t n)
{
	static char rooms[8][32];
	static unsigned next;
	char digits[24], *room = rooms[next++ % 8];
	int length = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n), at = 0;
	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			room[at++] = ',';
		room[at++] = digits[i];
	}
	room[at] = '\0';
	return room;
}

static void bar(uint64_t n, uint64_t most, struct dd_buf *out)
{
	enum { WIDE = 40 };
	uint64_t length = most ? (n * WIDE + most - 1) / most : 0;
	for (uint64_t i = 0; i < length; i++)
		dd_buf_char(out, '#');
	dd_buf_format(out, "%*s %s\n", (int)(WIDE - length), "", grouped_number(n));
}

static void histogram(const struct dd_contact_message *m, struct dd_buf *out)
{
	uint64_t most = 0;
	int first = DD_CONTACT_BARS, last = -1;
	for (int i = 0; i < DD_CONTACT_BARS; i++) {
		most = m->bars[i] > most ? m->bars[i] : most;
		if (m->bars[i]) {
			first = i < first ? i : first;
			last = i;
		}
	}
	for (int i = first; i <= last; i++) {
		dd_buf_format(out, "  %4d%s%s ", i, m->sms ? " SMS" : " s",
		        i == DD_CONTACT_BARS - 1 ? "+" : " ");
		bar(m->bars[i], most, out);
	}
}

static void message(const struct dd_contact_message *m, const char *list, struct dd_buf *out)
{
	dd_buf_char(out, '\n');
	add_contact_place(m->file, m->line, out);
	dd_buf_format(out, " %s", dd_applet_name(m->applet));
	if (m->id) {
		dd_buf_char(out, ' ');
		dd_buf_screen(out, dd_str(m->id));
	}
	if (m->applet == DD_IVR || m->applet == DD_PASSTHRU)
		dd_buf_format(out, ", %s", m->name);
	if (m->sms)
		dd_buf_format(out, ": at most %lld segment%s", (long long)m->longest,
		        m->longest == 1 ? "" : "s");
	else
		dd_buf_format(
		        out, ": %s to %s", check_seconds(m->shortest), check_seconds(m->longest));
	dd_buf_str(out, m->sms ? ", most at " : ", longest at ");
	dd_buf_screen(out, dd_str(list));
	dd_buf_format(out, ":%llu\n      | ", (unsigned long long)m->longest_line);
	struct dd_str text = dd_str(m->longest_text);
	size_t fits = dd_width_fit(text, 70);
	dd_buf_screen(out, (struct dd_str){text.p, fits});
	dd_buf_str(out, fits < text.n ? "…\n" : "\n");
	histogram(m, out);
}

void dd_contacts_text(
        const struct dd_contacts *c, const char *list, bool colour, struct dd_buf *out)
{
	const struct dd_contacts_tally *t = &c->tally;
	(void)colour;
	for (size_t i = 0; i < c->nmessages; i++)
		if (c->messages[i].longest_text)
			message(&c->messages[i], list, out);
	dd_buf_format(out, "\n%s contact%s: %s fine, %s over a limit, ",
	        grouped_number(t->contacts), t->contacts == 1 ? "" : "s", grouped_number(t->fine),
	        grouped_number(t->over));
	dd_buf_format(out, "%s lacking a value, ", grouped_number(t->lacking));
	if (t->wrong)
		dd_buf_format(out, "%s with wrong words, ", grouped_number(t->wrong));
	if (t->unmeasured)
		dd_buf_format(out, "%s not measured, ", grouped_number(t->unmeasured));
	dd_buf_format(out, "%s unreadable\n", grouped_number(t->unreadable));
	if (c->shard.of)
		dd_buf_format(out, "shard %u of %u of the list\n", c->shard.index, c->shard.of);
}

/* -- JSON ------------------------------------------------------------------- */

void dd_contacts_finding_json(const struct dd_contact_finding *f, struct dd_buf *out)
{
	json_t *o = json_object();
	json_object_set_new(o, "line", json_integer((json_int_t)f->line));
	json_object_set_new(o, "severity", json_string(dd_severity_name(f->severity)));
	json_object_set_new(o, "code", json_string(f->code));
	json_object_set_new(o, "message", dd_json_text(dd_str(f->message)));
	json_object_set_new(o, "flow_line", f->file ? json_integer(f->flow_line) : json_null());
	json_object_set_new(o, "duration_ms", f->ms < 0 ? json_null() : json_integer(f->ms));
	json_object_set_new(o, "text", f->text.n ? dd_json_text(f->text) : json_null());
	json_object_set_new(o, "file", f->file ? dd_json_text(dd_str(f->file)) : json_null());
	char *text = json_dumps(o, JSON_COMPACT);
	dd_buf_str(out, text);
	dd_free(text);
	json_decref(o);
}

static json_t *bars_of(const struct dd_contact_message *m)
{
	json_t *list = json_array();
	for (int i = 0; i < DD_CONTACT_BARS; i++)
		if (m->bars[i])
			json_array_append_new(list,
			        json_pack("{s:i, s:I}", m->sms ? "segments" : "from_ms",
			                m->sms ? i : i * 1000, "contacts", (json_int_t)m->bars[i]));
	return list;
}

static json_t *message_json(const struct dd_contact_message *m)
{
	json_t *o = json_object();
	json_object_set_new(o, "file", dd_json_text(dd_str(m->file)));
	json_object_set_new(o, "line", json_integer(m->line));
	json_object_set_new(o, "step", m->id ? dd_json_text(dd_str(m->id)) : json_null());
	json_object_set_new(o, "what", json_string(m->name));
	json_object_set_new(
	        o, m->sms ? "least_segments" : "shortest_ms", json_integer(m->shortest));
	json_object_set_new(o, m->sms ? "most_segments" : "longest_ms", json_integer(m->longest));
	json_object_set_new(o, "longest_line", json_integer((json_int_t)m->longest_line));
	json_object_set_new(o, "longest_text", dd_json_text(dd_str(m->longest_text)));
	json_object_set_new(o, "histogram", bars_of(m));
	json_object_set_new(o, "applet", json_string(dd_applet_name(m->applet)));
	return o;
}

/* [estimate, line, ms, text] */
static json_t *long_json(const struct dd_contact_long *l)
{
	json_t *list = json_pack(
	        "[I, I, I]", (json_int_t)l->frames, (json_int_t)l->line, (json_int_t)l->ms);
	json_array_append_new(list, dd_json_text(dd_str(l->text)));
	return list;
}

/* What merging needs beside the report, in the report's order of messages. `message` is the place
 * among all messages of the flow. */
static json_t *shard_json(const struct dd_contacts *c)
{
	char whole[17];
	json_t *messages = json_array();
	for (size_t i = 0; i < c->nmessages; i++) {
		const struct dd_contact_message *m = &c->messages[i];
		if (!m->longest_text)
			continue;
		json_t *candidates = json_array();
		for (size_t k = 0; k < m->ncandidates; k++)
			json_array_append_new(candidates, long_json(&m->candidates[k]));
		json_array_append_new(messages,
		        json_pack("{s:I, s:o, s:o}", "message", (json_int_t)i, "exact",
		                m->exact.text ? long_json(&m->exact) : json_null(), "candidates",
		                candidates));
	}
	(void)snprintf(whole, sizeof whole, "%016llx", (unsigned long long)c->whole);
	return json_pack("{s:i, s:i, s:s, s:I, s:o}", "index", (int)c->shard.index, "of",
	        (int)c->shard.of, "whole", whole, "list_findings", (json_int_t)c->list_findings,
	        "messages", messages);
}

void dd_contacts_json(const struct dd_contacts *c, const char *list, struct dd_buf *out)
{
	const struct dd_contacts_tally *t = &c->tally;
	json_t *messages = json_array();
	for (size_t i = 0; i < c->nmessages; i++)
		if (c->messages[i].longest_text)
			json_array_append_new(messages, message_json(&c->messages[i]));
	json_t *o = json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "contacts",
	        (json_int_t)t->contacts, "fine", (json_int_t)t->fine, "over_a_limit",
	        (json_int_t)t->over, "lacking_a_value", (json_int_t)t->lacking, "unreadable",
	        (json_int_t)t->unreadable, "errors", (json_int_t)t->errors, "warnings",
	        (json_int_t)t->warnings, "messages", messages);
	json_object_set_new(o, "wrong_words", json_integer((json_int_t)t->wrong));
	json_object_set_new(o, "not_measured", json_integer((json_int_t)t->unmeasured));
	json_object_set_new(o, "list", dd_json_text(dd_str(list)));
	if (c->shard.of)
		json_object_set_new(o, "shard", shard_json(c));
	char *text = json_dumps(o, JSON_COMPACT);
	dd_buf_str(out, text + 1); /* the findings have opened the object */
	dd_buf_char(out, '\n');
	dd_free(text);
	json_decref(o);
}
