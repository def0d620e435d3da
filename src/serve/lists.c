/* Many calls of the platform's API: filters and pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/calls.h"
#include "serve/sheet.h"

struct reading {
	struct ask *a;
	struct sheet sheet;
	bool found, with_details;
	int64_t first, last; /* ids on this page */
};

bool call_url_validity(struct ask *a, int64_t *ms)
{
	int64_t minutes = 0;
	if (!api_number(a, "RecordingUrlValidity", 5, 60, &minutes))
		return false;
	*ms = minutes * 60000;
	return true;
}

/* -- reading many ----------------------------------------------------------- */

/* The question and its page; `failed`: an error was answered. */
struct filter {
	struct dd_question q;
	int64_t size;
	bool failed;
};

enum { PHONES_MAX = 5 };

static void refuse_filter(struct ask *a, struct filter *f, const char *name, const char *wanted)
{
	if (!f->failed)
		api_fail(a, 400, "%s is %s", name, wanted);
	f->failed = true;
}

/* Up to five numbers with commas, each in any of the ways in which it may have been written. */
static void add_phones(struct filter *f, struct ask *a, const char *name, const char *column)
{
	struct dd_str text = api_query(a, name);
	int64_t numbers[PHONES_MAX];
	size_t n = 0;
	for (size_t at = 0; text.n && at <= text.n && !f->failed; n++) {
		const char *comma = at < text.n ? memchr(text.p + at, ',', text.n - at) : NULL;
		size_t end = comma ? (size_t)(comma - text.p) : text.n;
		struct dd_str one = {text.p + at, end - at};
		int64_t number = (int64_t)number_at_home(a->server, one);
		at = end + 1;
		if (!number || n == PHONES_MAX)
			refuse_filter(a, f, name,
			        "a telephone number, or at most five with commas between them");
		else
			numbers[n] = number;
	}
	if (n && !f->failed)
		dd_question_numbers(&f->q, column, numbers, n);
}

/* Whether each of the words between commas is one of `known`. */
static bool are_among(struct dd_str texts, const char *const *known, size_t n)
{
	bool fine = true;
	for (size_t at = 0; texts.n && at <= texts.n && fine;) {
		const char *comma = at < texts.n ? memchr(texts.p + at, ',', texts.n - at) : NULL;
		size_t end = comma ? (size_t)(comma - texts.p) : texts.n;
		fine = false;
		for (size_t i = 0; i < n; i++)
			fine |= dd_str_is((struct dd_str){texts.p + at, end - at}, known[i]);
		at = end + 1;
	}
	return fine;
}

static void add_status(struct filter *f, struct ask *a)
{
	static const char *const known[] = {"queued", "ringing", "in-progress", "completed",
	        "failed", "busy", "no-answer", "canceled"};
	struct dd_str words = api_query(a, "Status");
	if (are_among(words, known, sizeof known / sizeof *known))
		dd_question_words(&f->q, "status", words);
	else
		refuse_filter(a, f, "Status",
		        "one or more of completed, failed, busy, no-answer and canceled, with "
		        "commas between them");
}

/* All calls that are placed here are of one direction. */
static void add_direction(struct filter *f, struct ask *a)
{
	static const char *const known[] = {"outbound-api", "outbound-dial", "inbound"};
	struct dd_str words = api_query(a, "Direction");
	if (!are_among(words, known, sizeof known / sizeof *known))
		refuse_filter(a, f, "Direction", "inbound, outbound-dial or outbound-api");
	else if (words.n && !strstr(words.p, "outbound-api"))
		dd_question_constant(&f->q, "0", DD_IS, 1);
}

/* A filter that is not understood would be a list of other calls than those that were meant. */
static bool knows_filters(struct ask *a)
{
	static const char *const known[] = {"Sid", "From", "To", "PhoneNumber", "PhoneNumberSid",
	        "Status", "Direction", "Price", "Duration", "DateCreated", "DateUpdated",
	        "StartTime", "EndTime", "SortBy", "PageSize", "Before", "After", "details",
	        "RecordingUrlValidity"};
	for (size_t i = 0; i < a->in->nquery; i++) {
		bool fine = false;
		for (size_t k = 0; k < sizeof known / sizeof *known; k++)
			fine |= dd_str_is(a->in->query[i].name, known[k]);
		if (!fine) {
			api_fail(a, 400, "there is no filter %.64s", a->in->query[i].name.p);
			return false;
		}
	}
	return true;
}

/* "gte:X;lte:Y", or X alone. */
static void add_range(struct filter *f, struct ask *a, const char *name, const char *column,
        bool (*parse)(struct dd_str text, int64_t *out))
{
	static const struct {
		const char *word;
		enum dd_sign sign;
	} signs[] = {{"gte:", DD_AT_LEAST}, {"lte:", DD_AT_MOST}, {"gt:", DD_MORE},
	        {"lt:", DD_LESS}, {"eq:", DD_IS}};
	struct dd_str text = api_query(a, name);
	for (size_t at = 0; text.n && at <= text.n;) {
		const char *end = at < text.n ? memchr(text.p + at, ';', text.n - at) : NULL;
		struct dd_str one = {text.p + at, (end ? (size_t)(end - text.p) : text.n) - at};
		enum dd_sign sign = DD_IS;
		int64_t value;
		at += one.n + 1;
		for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
			size_t n = strlen(signs[i].word);
			if (one.n > n && memcmp(one.p, signs[i].word, n) == 0) {
				sign = signs[i].sign;
				one.p += n, one.n -= n;
				break;
			}
		}
		if (!one.n && end)
			continue;
		if (!parse(one, &value)) {
			api_fail(a, 400, "%s is written as gte:FROM;lte:TO", name);
			f->failed = true;
			return;
		}
		dd_question_number(&f->q, column, sign, value);
	}
}

static bool parse_seconds(struct dd_str text, int64_t *out)
{
	dd_ms ms;
	if (!dd_duration_parse(text, &ms))
		return false;
	*out = ms / 1000;
	return true;
}

/* Nothing costs anything here: 0.000000. In millionths, as the column is a whole number. */
static bool parse_price(struct dd_str text, int64_t *out)
{
	char *end, room[32];
	if (!text.n || text.n >= sizeof room || strspn(text.p, "0123456789.") < text.n)
		return false;
	(void)snprintf(room, sizeof room, "%.*s", (int)text.n, text.p);
	double value = strtod(room, &end);
	*out = (int64_t)(value * 1e6 + 0.5);
	return !*end && value < 1e9;
}

static bool parse_moment(struct dd_str text, int64_t *out)
{
	*out = 0;
	bool fine = dd_time_parse(text, out);
	*out /= 1000;
	return fine;
}

static bool list_one(void *self, const void *record)
{
	struct reading *r = self;
	const struct dd_call_record *call = record;
	r->first = r->first ? r->first : call->id;
	r->last = call->id;
	if (r->sheet.xml) {
		dd_buf_str(r->sheet.out, "<Call>");
	} else {
		dd_buf_str(r->sheet.out, r->found ? ",{" : "{");
		r->sheet.any = false;
	}
	sheet_call(&r->sheet, call, call->status, r->with_details);
	dd_buf_str(r->sheet.out, r->sheet.xml ? "</Call>" : "}");
	r->found = true;
	return true;
}

/* The address of another page: the same question with another cursor. */
static void page_uri(const struct ask *a, const char *cursor, int64_t id, struct dd_buf *out)
{
	dd_buf_format(
	        out, "/v1/Accounts/%s/Calls%s?", a->account, a->shape == ASK_XML ? "" : ".json");
	for (size_t i = 0; i < a->in->nquery; i++) {
		if (dd_str_is(a->in->query[i].name, "Before") ||
		        dd_str_is(a->in->query[i].name, "After"))
			continue;
		dd_buf_percent(out, a->in->query[i].name);
		dd_buf_char(out, '=');
		dd_buf_percent(out, a->in->query[i].value);
		dd_buf_char(out, '&');
	}
	if (cursor)
		dd_buf_format(out, "%s=%lld", cursor, (long long)id);
	else
		out->p[--out->n] = '\0';
}

static const struct {
	const char *name, *column;
	bool (*parse)(struct dd_str text, int64_t *out);
} RANGES[] = {{"DateCreated", DD_CALL_CREATED_S, parse_moment},
        {"DateUpdated", "updated / 1000", parse_moment},
        {"StartTime", DD_CALL_CREATED_S, parse_moment}, {"EndTime", "ended / 1000", parse_moment},
        {"Duration", DD_CALL_TALKED_S, parse_seconds}, {"Price", "0", parse_price}};

static bool make_filter(struct ask *a, struct filter *f, bool *rising)
{
	struct dd_str sort = api_query(a, "SortBy");
	*rising = dd_str_is(sort, "DateCreated:asc");
	if (sort.n && !*rising && !dd_str_is(sort, "DateCreated:desc")) {
		api_fail(a, 400, "SortBy is DateCreated:asc or DateCreated:desc");
		return false;
	}
	f->size = 50;
	dd_question_begin(&f->q);
	dd_question_text(&f->q, "account", dd_str(a->account));
	dd_question_words(&f->q, "sid", api_query(a, "Sid"));
	dd_question_constant(&f->q, "stage", DD_IS, DD_STAGE_OVER);
	add_status(f, a);
	add_direction(f, a);
	add_phones(f, a, "From", "number");
	add_phones(f, a, "To", "called");
	add_phones(f, a, "PhoneNumber", "caller");
	add_phones(f, a, "PhoneNumberSid", "caller");
	for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES && !f->failed; i++)
		add_range(f, a, RANGES[i].name, RANGES[i].column, RANGES[i].parse);
	/* the page needs a value more, which must find room behind these */
	if ((f->q.full || f->q.nbinds > DD_BINDS_MAX - 2) && !f->failed) {
		api_fail(a, 400, "that is too much to look for at once: at most %d values",
		        DD_BINDS_MAX - 4);
		f->failed = true;
	}
	return !f->failed && api_number(a, "PageSize", 1, 100, &f->size);
}

static void metadata(struct ask *a, struct sheet *p, int64_t total, int64_t size,
        const struct reading *r, bool more, bool before)
{
	struct dd_buf uri = {0};
	sheet_open(p, "Metadata");
	sheet_number(p, "Total", total);
	sheet_number(p, "PageSize", size);
	page_uri(a, NULL, 0, &uri);
	sheet_member(p, "FirstPageUri", uri.p);
	dd_buf_clear(&uri);
	page_uri(a, "Before", r->first, &uri);
	sheet_member(p, "PrevPageUri", before ? uri.p : NULL);
	dd_buf_clear(&uri);
	page_uri(a, "After", r->last, &uri);
	sheet_member(p, "NextPageUri", more ? uri.p : NULL);
	sheet_close(p, "Metadata");
	dd_buf_free(&uri);
}

void calls_list(struct ask *a)
{
	struct filter f = {.failed = false};
	struct reading r = {.a = a, .with_details = dd_str_is(api_query(a, "details"), "true")};
	struct dd_buf calls = {0};
	int64_t after = 0, before = 0;
	bool rising;
	if (!knows_filters(a) || !call_url_validity(a, &r.sheet.valid_ms) ||
	        !make_filter(a, &f, &rising) || !api_number(a, "After", 0, INT64_MAX / 2, &after) ||
	        !api_number(a, "Before", 0, INT64_MAX / 2, &before))
		return;
	struct dd_query q = dd_question_ask(&f.q);
	int64_t total = dd_ledger_count(a->server->ledger, DD_TABLE_CALL, &q), size = f.size,
	        skipped = 0;
	q.order = rising ? "id" : "id DESC";
	q.limit = size;
	if (after || before) {
		/* how many of all come before this page, in its order: up to and with `after`, or
		 * before `before` */
		struct dd_question ahead = f.q;
		dd_question_number(&ahead, "id",
		        after ? (rising ? DD_AT_MOST : DD_AT_LEAST) : (rising ? DD_LESS : DD_MORE),
		        after ? after : before);
		const struct dd_query so_far = dd_question_ask(&ahead);
		skipped = dd_ledger_count(a->server->ledger, DD_TABLE_CALL, &so_far);
		if (!after) { /* the page that ends there */
			q.limit = skipped < size ? skipped : size;
			skipped -= q.limit;
		}
		q.offset = skipped;
	}
	r.sheet = (struct sheet){.out = &calls,
	        .xml = a->shape == ASK_XML,
	        .server = a->server,
	        .valid_ms = r.sheet.valid_ms};
	size_t n = q.limit || !before
	        ? dd_ledger_each(a->server->ledger, DD_TABLE_CALL, &q, list_one, &r)
	        : 0;
	struct sheet p;
	sheet_begin(a, &p);
	metadata(a, &p, total, size, &r, n > 0 && skipped + (int64_t)n<total, n> 0 && skipped > 0);
	if (p.xml)
		dd_buf_add(p.out, calls.p ? calls.p : "", calls.n);
	else
		dd_buf_format(p.out, ",\"Calls\":[%s]", calls.n ? calls.p : "");
	sheet_end(&p);
	dd_buf_free(&calls);
}
