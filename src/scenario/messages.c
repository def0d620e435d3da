/* Messages and requests that are wanted, against those of the call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scenario/running.h"

/* Whether a filled want is exactly this text; a want for nothing is. */
bool run_is_exactly(const struct run *r, const struct dd_want *want, struct dd_str text)
{
	struct dd_buf room = {0};
	bool same = !want->text.p || dd_str_same(run_text(r, want, &room), text);
	dd_buf_free(&room);
	return same;
}

static int sms_matches(
        const struct run *r, const struct dd_item *it, const struct dd_trace_event *e)
{
	if (!run_is_exactly(r, &it->to, dd_trace_str(r->trace, e->more)) ||
	        !run_is_exactly(r, &it->sender, dd_trace_str(r->trace, e->sender)))
		return 0;
	return it->text.text.p ? run_matches(r, &it->text, run_words(r, e), NULL) : 1;
}

long run_count_sms(struct run *r, const struct dd_item *it, size_t *last)
{
	long n = 0;
	for (size_t i = 0; i < r->trace->nevents; i++)
		if (r->trace->events[i].type == DD_TR_SMS &&
		        sms_matches(r, it, &r->trace->events[i]) == 1)
			n++, *last = i;
	return n;
}

static void unescape(struct dd_str text, struct dd_buf *out)
{
	for (size_t i = 0; i < text.n; i++) {
		int byte = dd_percent_byte(text, i);
		dd_buf_char(out, byte >= 0 ? (char)byte : text.p[i] == '+' ? ' ' : text.p[i]);
		i += byte >= 0 ? 2 : 0;
	}
}

/* The value of a parameter in "a=1&b=2", unescaped. */
static bool parameter(struct dd_str pairs, struct dd_str name, struct dd_buf *out)
{
	for (size_t at = 0; at < pairs.n;) {
		const char *end = memchr(pairs.p + at, '&', pairs.n - at);
		size_t stop = end ? (size_t)(end - pairs.p) : pairs.n;
		const char *equals = memchr(pairs.p + at, '=', stop - at);
		size_t split = equals ? (size_t)(equals - pairs.p) : stop;
		struct dd_buf key = {0};
		unescape((struct dd_str){pairs.p + at, split - at}, &key);
		bool same = dd_str_same((struct dd_str){key.p ? key.p : "", key.n}, name);
		dd_buf_free(&key);
		if (same) {
			if (split < stop)
				unescape((struct dd_str){pairs.p + split + 1, stop - split - 1},
				        out);
			return true;
		}
		at = stop + 1;
	}
	return false;
}

static bool request_parameter(
        const struct run *r, const struct dd_trace_event *e, struct dd_str name, struct dd_buf *out)
{
	struct dd_str url = run_words(r, e);
	const char *mark = memchr(url.p, '?', url.n);
	if (mark &&
	        parameter((struct dd_str){mark + 1, url.n - (size_t)(mark + 1 - url.p)}, name, out))
		return true;
	return parameter(dd_trace_str(r->trace, e->sender), name, out);
}

/* `*differs` gets the first parameter that is not as wanted. */
static int request_matches(const struct run *r, const struct dd_item *it,
        const struct dd_trace_event *e, const struct dd_named_want **differs)
{
	*differs = NULL;
	if ((it->step != DD_NONE && e->step != it->step) ||
	        (it->method.p && !dd_str_same(it->method, dd_trace_str(r->trace, e->more))))
		return 0;
	if (it->text.text.p) {
		int found = run_matches(r, &it->text, run_words(r, e), NULL);
		if (found != 1)
			return found;
	}
	for (uint32_t i = 0; i < it->nquery; i++) {
		struct dd_buf value = {0};
		bool there = request_parameter(r, e, it->query[i].name, &value) &&
		        run_is_exactly(r, &it->query[i].want,
		                (struct dd_str){value.p ? value.p : "", value.n});
		dd_buf_free(&value);
		if (!there) {
			*differs = &it->query[i];
			return 0;
		}
	}
	return 1;
}

/* Looks through the trace from `from` on, letting time pass; SIZE_MAX when it never comes. */
size_t run_find(struct run *r, const struct dd_item *it, size_t from, size_t *near)
{
	const struct dd_named_want *differs;
	enum dd_trace_type type = it->kind == DD_IT_SMS ? DD_TR_SMS
	        : it->kind == DD_IT_DOCUMENT            ? DD_TR_REPLY
	                                                : DD_TR_REQUEST;
	*near = SIZE_MAX;
	for (size_t i = from;; i++) {
		while (i >= r->trace->nevents)
			if (!run_step(r))
				return SIZE_MAX;
		const struct dd_trace_event *e = &r->trace->events[i];
		if (e->type != type || (it->kind == DD_IT_DOCUMENT && !e->document))
			continue;
		int found = it->kind == DD_IT_SMS ? sms_matches(r, it, e)
		        : it->kind == DD_IT_DOCUMENT
		        ? run_matches(r, &it->text, run_words(r, e), NULL)
		        : request_matches(r, it, e, &differs);
		if (run_gave_up(r, &it->text, found))
			return SIZE_MAX;
		if (found)
			return i;
		if (*near == SIZE_MAX || (it->kind == DD_IT_REQUEST && e->step == it->step))
			*near = i;
	}
}

static void describe_sms(struct run *r, struct dd_finding *f, const struct dd_item *it, size_t near)
{
	struct dd_buf room = {0}, wanted = {0}, sent = {0};
	if (it->text.text.p)
		f->expected = run_keep_str(r, run_text(r, &it->text, &room));
	if (near != SIZE_MAX) {
		const struct dd_trace_event *e = &r->trace->events[near];
		f->actual = run_keep_str(r, run_words(r, e));
		f->where = run_place(r, e);
		if (it->text.text.p && run_matches(r, &it->text, run_words(r, e), NULL) == 0 &&
		        !it->text.regex) {
			struct dd_str part;
			(void)dd_words_differ((struct dd_str){f->expected, strlen(f->expected)},
			        run_words(r, e), &wanted, &sent, &part);
			f->expected = run_keep(r, &wanted);
			f->actual = run_keep(r, &sent);
			if (!it->text.fills && part.n) {
				f->fix = run_keep_str(r, part);
				f->fix_span = it->text.span;
			}
		} else if (!run_is_exactly(r, &it->to, dd_trace_str(r->trace, e->more))) {
			dd_buf_clear(&room);
			f->expected = run_keep_str(r, run_text(r, &it->to, &room));
			f->actual = run_keep_str(r, dd_trace_str(r->trace, e->more));
			f->span = it->to.span;
		}
	}
	dd_buf_free(&room);
	dd_buf_free(&wanted);
	dd_buf_free(&sent);
}

static void describe_request(
        struct run *r, struct dd_finding *f, const struct dd_item *it, size_t near)
{
	const struct dd_named_want *differs = NULL;
	struct dd_buf room = {0}, value = {0};
	if (near != SIZE_MAX) {
		const struct dd_trace_event *e = &r->trace->events[near];
		(void)request_matches(r, it, e, &differs);
		f->where = run_place(r, e);
		f->actual = run_keep_str(r, run_words(r, e));
		if (differs) {
			bool there = request_parameter(r, e, differs->name, &value);
			dd_buf_format(&room, "%.*s = ", (int)differs->name.n, differs->name.p);
			struct dd_buf text = {0};
			struct dd_str wanted = run_text(r, &differs->want, &text);
			dd_buf_add(&room, wanted.p, wanted.n);
			dd_buf_free(&text);
			f->expected = run_keep(r, &room);
			dd_buf_clear(&room);
			dd_buf_format(&room, "%.*s", (int)differs->name.n, differs->name.p);
			if (there) {
				dd_buf_str(&room, " = ");
				dd_buf_add(&room, value.p ? value.p : "", value.n);
			} else {
				dd_buf_str(&room, " is not there");
			}
			f->actual = run_keep(r, &room);
			f->span = differs->want.span;
			if (there && !differs->want.fills) {
				f->fix = run_keep(r, &value);
				f->fix_span = differs->want.span;
			}
		}
	}
	dd_buf_free(&room);
	dd_buf_free(&value);
}

void run_not_found(struct run *r, const struct dd_item *it, size_t near, const char *when)
{
	char room[96];
	bool sms = it->kind == DD_IT_SMS;
	if (it->kind == DD_IT_DOCUMENT) {
		struct dd_finding *f = FAIL(r, "no-document", it->span, "no such document %s; %s",
		        when, run_how_over(r, room));
		if (near != SIZE_MAX) {
			f->where = run_place(r, &r->trace->events[near]);
			f->actual = run_keep_str(r, run_words(r, &r->trace->events[near]));
		}
		return;
	}
	struct dd_finding *f = FAIL(r, sms ? "no-sms" : "no-request", it->span, "no such %s %s; %s",
	        sms ? "message is queued" : "request is sent", when, run_how_over(r, room));
	if (sms)
		describe_sms(r, f, it, near);
	else
		describe_request(r, f, it, near);
}

bool run_await(struct run *r, const struct dd_item *it)
{
	size_t near, at = run_find(r, it, r->cursor, &near);
	if (at == SIZE_MAX) {
		if (r->out->verdict != DD_FAILED)
			run_not_found(r, it, near, "from here on");
		return false;
	}
	r->cursor = at + 1;
	if (r->trace->events[at].at > r->clock)
		r->clock = r->trace->events[at].at;
	return true;
}
