/* A list is read in batches. Of each batch the values that have not been met are measured together,
   on all cores; then every contact's messages are sums, and those near a limit are measured whole.
   What has been measured is kept in a table of fixed size, so a longer list takes no more room. */
#define XXH_INLINE_ALL
#include "check/contacts.h"
#include "list/judge.h"

#include <stdarg.h>
#include <stdio.h>

#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "base/arena.h"
#include "base/text.h"
#include "call/sms_size.h"
#include "call/trace.h"
#include "check/listing.h"

enum {
	BATCH_CONTACTS = 8192,
	BATCH_BYTES = 8 << 20,
	BATCH_NUMBERS = 1 << 20, /* contacts times what is measured of each */
	TABLE_BITS = 20,         /* 16 MiB */
	TABLE_WAYS = 4,
	LONGEST = DD_CONTACT_LONG,
	EXACT_FINDINGS = 5000, /* so many messages over a limit are measured exactly */
};

/* -- lengths that have been measured ---------------------------------------- */

struct entry {
	uint64_t key; /* 0: free */
	uint32_t frames;
	uint32_t pending; /* 1 + where in this batch's list it stands; 0: it is known */
};

static struct entry *entry_of(struct entry *table, uint64_t key, bool *known)
{
	key = key ? key : 1;
	struct entry *set = &table[(key >> 20 & ((UINT64_C(1) << TABLE_BITS) / TABLE_WAYS - 1)) *
	                     TABLE_WAYS],
	             *free_one = NULL;
	for (int i = 0; i < TABLE_WAYS; i++) {
		if (set[i].key == key) {
			*known = true;
			return &set[i];
		}
		if (!free_one && set[i].key == 0)
			free_one = &set[i];
	}
	*known = false;
	free_one = free_one ? free_one : &set[key % TABLE_WAYS];
	*free_one = (struct entry){key, 0, 0};
	return free_one;
}

/* -- a batch ---------------------------------------------------------------- */

struct contact {
	uint64_t line;
	const char *problem;   /* of its record; NULL: none */
	struct dd_str *values; /* of each slot */
};

/* A length of this batch: known, or to be measured. */
struct length {
	uint32_t frames, pending;
};

/* Texts to be measured together, and where each came from. */
struct asking {
	struct dd_speech *list;
	size_t n, cap;
	uint32_t *frames;
};

struct candidate {
	uint64_t frames, line;
	struct dd_str *values; /* of each column; from malloc */
};

struct listing {
	struct list_plan plan;
	const struct dd_contacts_options *o;
	struct dd_contacts *out;
	struct dd_list *list;
	size_t phone;           /* the column of numbers; SIZE_MAX: there is none */
	struct dd_arena *arena; /* of the batch */
	struct contact *contacts;
	size_t n;
	uint64_t seen; /* contacts of the whole list, so far */
	const struct dd_str
	        *reference;   /* the values of its first good one, once it is met; of the batch */
	XXH3_state_t *digest; /* of a shard: the whole list */
	struct entry *table;
	struct entry *wholes;       /* lengths of whole texts, by what is spoken; NULL: none yet */
	struct candidate *longest;  /* LONGEST of each message */
	bool started, later, small; /* later: this is not the first batch */
};

static void add_contact_finding(struct listing *l, uint64_t line, enum dd_severity severity,
        const char *code, uint32_t step, struct dd_str text, dd_ms ms, const char *format, ...)
        __attribute__((format(printf, 8, 9)));
static void add_contact_finding(struct listing *l, uint64_t line, enum dd_severity severity,
        const char *code, uint32_t step, struct dd_str text, dd_ms ms, const char *format, ...)
{
	char message[512];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(message, sizeof message, format, args);
	va_end(args);
	l->out->tally.errors += severity == DD_ERROR;
	l->out->tally.warnings += severity == DD_WARNING;
	const struct dd_program *p = l->plan.program;
	const struct dd_step *s = step == DD_NONE ? NULL : &p->steps[step];
	struct dd_contact_finding f = {line, severity, code, message, text,
	        s ? p->flows[s->flow].path : NULL, s ? s->line : 0, ms};
	l->o->found(l->o->self, &f);
}

static const struct dd_str NO_TEXT = {"", 0};

static void ask(struct asking *a, struct dd_speech speech)
{
	DD_PUSH(a->list, a->n, a->cap) = speech;
}

static void listen(struct listing *l, struct asking *a, bool rough)
{
	a->frames = dd_alloc((a->n + 1) * sizeof *a->frames);
	list_lengths(&l->plan, a->list, a->frames, a->n, rough);
	l->out->tally.spoken += a->n;
}

static void asking_fini(struct asking *a)
{
	dd_free(a->list);
	dd_free(a->frames);
}

static uint64_t speech_key(const struct dd_speech *s)
{
	uint64_t how = XXH3_64bits(s->voice ? s->voice : "", s->voice ? strlen(s->voice) : 0) +
	        (uint64_t)s->rate_wpm * 1024 + (uint64_t)s->pitch * 2 + s->ssml;
	return XXH3_64bits_withSeed(s->text, strlen(s->text), how);
}

/* Whole messages: many contacts hear the same words, which are spoken once. What was spoken is
   remembered in a table of a fixed size, so that a list of any length takes the same room. */
static void listen_once(struct listing *l, struct asking *a)
{
	struct asking once = {0};
	struct entry **entries = dd_alloc((a->n + 1) * sizeof *entries);
	uint64_t *keys = dd_alloc((a->n + 1) * sizeof *keys);
	uint32_t *from =
	        dd_alloc((a->n + 1) * sizeof *from); /* 1 + the place in `once`; 0: known */
	a->frames = dd_alloc((a->n + 1) * sizeof *a->frames);
	if (!l->wholes)
		l->wholes = dd_alloc((UINT64_C(1) << TABLE_BITS) * sizeof *l->wholes);
	for (size_t i = 0; i < a->n; i++) {
		bool known;
		uint64_t key = speech_key(&a->list[i]);
		struct entry *e = entry_of(l->wholes, key, &known);
		a->frames[i] = e->frames;
		from[i] = e->pending;
		if (known)
			continue;
		ask(&once, a->list[i]);
		entries[once.n - 1] = e;
		keys[once.n - 1] = e->key;
		from[i] = e->pending = (uint32_t)once.n;
	}
	listen(l, &once, false);
	for (size_t i = 0; i < a->n; i++)
		if (from[i])
			a->frames[i] = once.frames[from[i] - 1];
	for (size_t i = 0; i < once.n; i++)
		if (entries[i]->key == keys[i] && entries[i]->pending == i + 1)
			*entries[i] = (struct entry){keys[i], once.frames[i], 0};
	asking_fini(&once);
	dd_free(entries);
	dd_free(keys);
	dd_free(from);
}

/* -- columns ---------------------------------------------------------------- */

static uint32_t slot_named(const struct dd_program *p, struct dd_str name)
{
	for (uint32_t i = 0; i < p->nslots; i++)
		if (p->slots[i].variable && dd_str_is(name, p->slots[i].name))
			return i;
	return DD_NONE;
}

static const char *near_column(const struct dd_list_row *r, const char *name)
{
	const char *names[DD_LIST_COLUMNS];
	struct dd_buf all = {0};
	size_t n = 0;
	for (size_t i = 0; i < r->n; i++) {
		dd_buf_add(&all, r->fields[i].p, r->fields[i].n);
		dd_buf_char(&all, '\0');
	}
	for (size_t at = 0; at < all.n && n < DD_LIST_COLUMNS; at += strlen(all.p + at) + 1)
		names[n++] = all.p + at;
	const char *near = dd_nearest(dd_str(name), names, n);
	static char kept[64];
	if (near)
		(void)snprintf(kept, sizeof kept, "%.60s", near);
	dd_buf_free(&all);
	return near ? kept : NULL;
}

/* Variables that are spoken or sent and have no column. */
static void missing_columns(struct listing *l, const struct dd_list_row *r)
{
	const struct dd_program *p = l->plan.program;
	for (uint32_t i = 0; i < p->nslots; i++) {
		if (!p->slots[i].variable || l->plan.from_list[i] || !l->plan.told[i])
			continue;
		const char *near = near_column(r, p->slots[i].name);
		struct dd_str example = p->slots[i].example;
		if (p->slots[i].required)
			add_contact_finding(l, r->line, DD_ERROR, "column-missing", DD_NONE,
			        NO_TEXT, -1,
			        "there is no column \"%s\", which every call must supply%s%s%s",
			        p->slots[i].name, near ? "; did you mean \"" : "", near ? near : "",
			        near ? "\"?" : "");
		else
			add_contact_finding(l, r->line, DD_WARNING, "column-missing", DD_NONE,
			        NO_TEXT, -1,
			        "there is no column \"%s\": everybody hears its example, "
			        "\"%.*s\"%s%s%s",
			        p->slots[i].name, (int)example.n, example.p ? example.p : "",
			        near ? "; did you mean \"" : "", near ? near : "",
			        near ? "\"?" : "");
	}
}

static bool read_columns(struct listing *l)
{
	const struct dd_list_row r = *dd_list_head(l->list);
	struct list_plan *plan = &l->plan;
	bool any = r.n || r.problem;
	if (!any || r.problem) {
		add_contact_finding(l, any ? r.line : 1, DD_ERROR, "bad-list", DD_NONE, NO_TEXT, -1,
		        "%s",
		        any ? r.problem
		            : "the list is empty: its first line must name the columns");
		return false;
	}
	plan->ncolumns = r.n;
	l->phone = dd_list_column(l->list, "phone_number");
	plan->columns = dd_arena_alloc(plan->arena, (r.n + 1) * sizeof *plan->columns);
	bool fine = true;
	for (size_t i = 0; i < r.n; i++) {
		plan->columns[i] = slot_named(plan->program, r.fields[i]);
		if (plan->columns[i] == DD_NONE)
			continue;
		if (plan->from_list[plan->columns[i]]) {
			add_contact_finding(l, r.line, DD_ERROR, "bad-list", DD_NONE, NO_TEXT, -1,
			        "the column \"%s\" stands twice",
			        plan->program->slots[plan->columns[i]].name);
			fine = false;
		}
		plan->from_list[plan->columns[i]] = true;
	}
	if (r.n == 1 &&
	        (memchr(r.fields[0].p, ';', r.fields[0].n) ||
	                memchr(r.fields[0].p, '\t', r.fields[0].n)))
		add_contact_finding(l, r.line, DD_WARNING, "bad-list", DD_NONE, NO_TEXT, -1,
		        "this is one column: columns are separated by commas");
	missing_columns(l, &r);
	return fine;
}

/* -- reading ---------------------------------------------------------------- */

static void digest(struct listing *l, const struct dd_list_row *r)
{
	uint64_t n = r->n;
	XXH3_64bits_update(l->digest, &n, sizeof n);
	for (size_t i = 0; i < r->n; i++) {
		n = r->fields[i].n;
		XXH3_64bits_update(l->digest, &n, sizeof n);
		XXH3_64bits_update(l->digest, r->fields[i].p, r->fields[i].n);
	}
}

/* Whether nobody can be called on this line, as every reader of lists says it. A list without
 * numbers is one of values alone. */
static bool judge_line(struct listing *l, const struct dd_list_row *r, struct contact *c)
{
	struct dd_number_reading number;
	char why[DD_JUDGE_WHY];
	if (l->phone == SIZE_MAX) {
		if (!r->problem && r->n > l->plan.ncolumns)
			c->problem = dd_arena_format(l->arena,
			        "this line has %zu columns, the first has %zu", r->n,
			        l->plan.ncolumns);
		return c->problem != NULL;
	}
	if (dd_judge_number(l->list, r, l->phone, l->o->home, &number, why) != DD_ROW_FINE)
		c->problem = dd_arena_copy(l->arena, why, strlen(why));
	return c->problem != NULL;
}

static bool take_record(
        struct listing *l, const struct dd_list_row *record, struct contact *c, size_t *bytes)
{
	const struct list_plan *plan = &l->plan;
	const struct dd_list_row r = *record;
	*c = (struct contact){.line = r.line, .problem = r.problem};
	if (judge_line(l, &r, c))
		return true;
	size_t size = plan->program->nslots * sizeof *c->values;
	c->values = dd_arena_alloc(l->arena, size + 1);
	memcpy(c->values, plan->base, size);
	*bytes += size;
	for (size_t i = 0; i < plan->ncolumns; i++) {
		if (plan->columns[i] == DD_NONE)
			continue;
		struct dd_str value = dd_list_field(&r, i);
		if (value.n > DD_TEXT_CHARS_MAX && dd_utf8_count(value) > DD_TEXT_CHARS_MAX) {
			c->problem = dd_arena_format(l->arena,
			        "the %s has more than 4,096 characters, the most a text may have",
			        plan->program->slots[plan->columns[i]].name);
			return true;
		}
		c->values[plan->columns[i]] = (struct dd_str){
		        dd_arena_copy(l->arena, value.p ? value.p : "", value.n), value.n};
		*bytes += value.n;
	}
	return true;
}

/* One more contact of the batch; false at the end of the list. The first batch is the same in every
   shard, that all may agree whether the list is a small one and whom they compare to; of contacts
   after it that are another shard's only the line is counted. */
static bool read_contact(struct listing *l, size_t *bytes)
{
	struct dd_list_row r;
	if (!dd_list_next(l->list, &r))
		return false;
	bool own = dd_shard_has(l->o->shard, l->seen++);
	if (l->digest)
		digest(l, &r);
	if (!own && l->later && l->started)
		return true;
	struct contact *c = &l->contacts[l->n];
	(void)take_record(l, &r, c, bytes);
	if (!l->started && !l->reference && !c->problem)
		l->reference = c->values;
	l->n += own;
	return true;
}

static bool read_batch(struct listing *l)
{
	size_t bytes = 0;
	bool more = true;
	dd_arena_free(l->arena);
	l->arena = dd_arena_new();
	l->n = 0;
	size_t most = BATCH_NUMBERS / (l->plan.nplaces + l->plan.nmessages + 1) + 1;
	most = most < BATCH_CONTACTS ? most : BATCH_CONTACTS;
	while ((l->later ? l->n : l->seen) < most && bytes < BATCH_BYTES && more)
		more = read_contact(l, &bytes);
	l->small = !l->later && !more && l->seen <= DD_CONTACTS_EXACT;
	l->out->tally.bytes = dd_list_bytes(l->list);
	return more;
}

/* -- estimates -------------------------------------------------------------- */

/* What every value of the batch adds: one length a contact and place. */
static struct length *measure_values(struct listing *l)
{
	const struct list_plan *plan = &l->plan;
	struct length *lengths = dd_alloc((l->n * plan->nplaces + 1) * sizeof *lengths);
	struct entry **entries = NULL;
	size_t nentries = 0, cap = 0;
	struct asking a = {0};
	for (size_t i = 0; i < l->n; i++) {
		for (size_t k = 0; k < plan->nplaces && !l->contacts[i].problem; k++) {
			const struct list_place *place = &plan->places[k];
			struct dd_str value = l->contacts[i].values[place->slot];
			bool known;
			struct entry *e = entry_of(l->table,
			        XXH3_64bits_withSeed(value.p ? value.p : "", value.n, place->hash),
			        &known);
			if (!known) {
				struct dd_speech speech = list_place_speech(
				        plan, place, l->contacts[i].values, l->arena);
				if (!speech.text)
					speech.text = "";
				ask(&a, speech);
				e->pending = (uint32_t)a.n;
				DD_PUSH(entries, nentries, cap) = e;
			}
			lengths[i * plan->nplaces + k] = (struct length){e->frames, e->pending};
		}
	}
	/* rough lengths depend a little on what was spoken before, which is not the same in any two
	 * shards */
	listen(l, &a, l->o->shard.of == 0);
	for (size_t i = 0; i < l->n * plan->nplaces; i++)
		if (lengths[i].pending)
			lengths[i].frames = a.frames[lengths[i].pending - 1];
	for (size_t i = 0; i < nentries; i++) {
		if (entries[i]->pending)
			entries[i]->frames = a.frames[entries[i]->pending - 1];
		entries[i]->pending = 0;
	}
	dd_free(entries);
	asking_fini(&a);
	return lengths;
}

/* In place of the frames of a message: it cannot be spoken; nobody knows, for lack of a voice. */
#define UNSPEAKABLE UINT64_MAX
#define UNMEASURED  (UINT64_MAX - 1)

static bool is_length(uint64_t frames)
{
	return frames < UNMEASURED;
}

/* Frames of a message, by what its values add. */
static uint64_t estimate(
        const struct listing *l, const struct list_message *m, const struct length *lengths)
{
	int64_t frames = (int64_t)m->reference;
	if (l->plan.unmeasured)
		return UNMEASURED;
	for (size_t k = m->first_place; k < m->first_place + m->nplaces; k++) {
		if (lengths[k].frames >= DD_TTS_UNMEASURED)
			return lengths[k].frames == UINT32_MAX ? UNSPEAKABLE : UNMEASURED;
		frames += (int64_t)lengths[k].frames - (int64_t)l->plan.places[k].reference;
	}
	return frames > 0 ? (uint64_t)frames : 0;
}

/* -- whole messages --------------------------------------------------------- */

/* A message of a contact that is to be measured whole. */
struct whole {
	size_t contact, message, first, n; /* of the texts asked for */
	uint64_t other;                    /* frames of recordings and pauses */
};

static void ask_whole(
        struct listing *l, struct asking *a, struct whole *w, const struct dd_str *values)
{
	const struct dd_program *p = l->plan.program;
	const struct dd_prompt *prompt = &p->prompts[l->plan.messages[w->message].prompt];
	w->first = a->n;
	for (uint32_t i = 0; i < prompt->n; i++) {
		const struct dd_segment *g = &p->segments[prompt->first + i];
		if (g->kind != DD_SEG_TEXT)
			continue;
		struct dd_speech speech = list_speech(&l->plan, g, values, l->arena);
		if (!speech.text)
			speech.text = "";
		ask(a, speech);
	}
	w->n = a->n - w->first;
	l->out->tally.exact += w->n;
}

static uint64_t frames_of(const struct whole *w, const struct asking *a)
{
	uint64_t frames = w->other;
	for (size_t i = w->first; i < w->first + w->n; i++) {
		if (a->frames[i] >= DD_TTS_UNMEASURED)
			return a->frames[i] == UINT32_MAX ? UNSPEAKABLE : UNMEASURED;
		frames += a->frames[i];
	}
	return frames;
}

/* -- judging ---------------------------------------------------------------- */

static dd_ms ms_of(uint64_t frames)
{
	return dd_ms_of(frames, DD_RATE_HZ);
}

static void count(struct dd_contact_message *told, dd_ms value)
{
	dd_ms bar = told->sms ? value : value / 1000;
	told->bars[bar < DD_CONTACT_BARS - 1 ? bar : DD_CONTACT_BARS - 1]++;
	told->shortest = told->shortest < 0 || value < told->shortest ? value : told->shortest;
}

static void longest_is(struct listing *l, const struct list_message *m, dd_ms value, uint64_t line,
        const struct dd_str *values)
{
	if (value < m->told->longest ||
	        (value == m->told->longest && line >= m->told->longest_line))
		return;
	struct dd_str words = list_words(&l->plan, m, values, l->arena);
	m->told->longest = value;
	m->told->longest_line = line;
	dd_free(m->told->longest_text);
	m->told->longest_text = strndup(words.p, words.n);
}

/* Keeps the contacts whose message is longest by estimate, of equal ones the first: they are
 * measured whole at the end. */
static void consider(struct listing *l, size_t message, uint64_t frames, uint64_t line,
        const struct dd_str *values)
{
	struct candidate *list = &l->longest[message * LONGEST], *least = list;
	for (int i = 1; i < LONGEST; i++)
		if (list[i].frames < least->frames ||
		        (list[i].frames == least->frames && list[i].line > least->line))
			least = &list[i];
	if (frames <= least->frames)
		return;
	least->frames = frames;
	least->line = line;
	for (size_t i = 0; i < l->plan.ncolumns; i++) {
		uint32_t slot = l->plan.columns[i];
		if (slot == DD_NONE)
			continue;
		dd_free((char *)least->values[i].p);
		least->values[i] =
		        (struct dd_str){strndup(values[slot].p, values[slot].n), values[slot].n};
	}
}

static struct dd_str *values_of(const struct listing *l, const struct candidate *c)
{
	size_t size = l->plan.program->nslots * sizeof *c->values;
	struct dd_str *values = dd_arena_alloc(l->arena, size + 1);
	memcpy(values, l->plan.base, size);
	for (size_t i = 0; i < l->plan.ncolumns; i++)
		if (l->plan.columns[i] != DD_NONE)
			values[l->plan.columns[i]] = c->values[i];
	return values;
}

/* Whether a length must be known exactly: it is over a limit, or nearer to one than an estimate is
 * good. */
static bool must_be_whole(const struct listing *l, const struct list_message *m, dd_ms ms)
{
	for (size_t i = 0; i < m->nlimits; i++)
		if (ms > m->limits[i].ms - DD_CONTACT_MARGIN_MS &&
		        (ms < m->limits[i].ms + DD_CONTACT_MARGIN_MS ||
		                l->out->tally.over < EXACT_FINDINGS))
			return true;
	return false;
}

/* The first limit that is passed: one message, one finding. */
static const struct list_limit *limit_passed(const struct list_message *m, dd_ms value)
{
	for (size_t i = 0; i < m->nlimits; i++)
		if (value > m->limits[i].ms)
			return &m->limits[i];
	return NULL;
}

static bool judge_sms(struct listing *l, const struct list_message *m, const struct contact *c)
{
	struct dd_str words = list_words(&l->plan, m, c->values, l->arena);
	struct dd_sms_size size = dd_sms_size(words);
	dd_ms segments = (dd_ms)size.segments;
	const struct list_limit *limit = limit_passed(m, segments);
	count(m->told, segments);
	longest_is(l, m, segments, c->line, c->values);
	if (limit) {
		struct dd_buf why = {0};
		if (size.foreign.p) {
			dd_buf_str(&why, ": ");
			dd_sms_foreign(size.foreign, &why);
		}
		add_contact_finding(l, c->line, limit->severity, limit->rule, m->told->step, words,
		        -1, "%s takes %lld segments, more than %lld%s", m->told->name,
		        (long long)segments, (long long)limit->ms, why.p ? why.p : "");
		dd_buf_free(&why);
	}
	return limit != NULL;
}

static bool judge_prompt(struct listing *l, const struct list_message *m, const struct contact *c,
        uint64_t frames, bool exact)
{
	if (frames == UNMEASURED)
		return false;
	if (frames == UNSPEAKABLE) {
		add_contact_finding(l, c->line, DD_ERROR, "not-spoken", m->told->step,
		        list_words(&l->plan, m, c->values, l->arena), -1, "the voice cannot say %s",
		        m->told->name);
		return true;
	}
	dd_ms ms = ms_of(frames);
	const struct list_limit *limit = limit_passed(m, ms);
	count(m->told, ms);
	if (exact)
		longest_is(l, m, ms, c->line, c->values);
	if (limit)
		add_contact_finding(l, c->line, limit->severity, limit->rule, m->told->step,
		        list_words(&l->plan, m, c->values, l->arena), ms,
		        "%s lasts %s%s, longer than %s", m->told->name, exact ? "" : "about ",
		        check_seconds_beside(ms, limit->ms), check_seconds(limit->ms));
	return limit != NULL;
}

static const char *code_of(enum dd_row_fault fault)
{
	return fault == DD_ROW_NULL_WORD      ? "value-missing"
	        : fault == DD_ROW_PLACEHOLDER ? "value-placeholder"
	        : fault == DD_ROW_GARBLED     ? "value-garbled"
	                                      : "value-cut";
}

static bool lacks_values(struct listing *l, const struct contact *c)
{
	bool lacks = false;
	for (uint32_t s = 0; s < l->plan.program->nslots; s++) {
		char why[DD_JUDGE_WHY];
		const char *name = l->plan.program->slots[s].name;
		if (!l->plan.from_list[s] || !l->plan.told[s])
			continue;
		enum dd_row_fault fault = dd_judge_value(dd_str(name), c->values[s], why);
		if (dd_str_trim(c->values[s]).n == 0)
			add_contact_finding(l, c->line, DD_ERROR, "value-missing", DD_NONE, NO_TEXT,
			        -1, "the %s is empty", name);
		else if (fault != DD_ROW_FINE)
			add_contact_finding(l, c->line, DD_ERROR, code_of(fault), DD_NONE, NO_TEXT,
			        -1, "%s: %s", name, why);
		else
			continue;
		lacks = true;
	}
	return lacks;
}

/* Values that are wrong as they are said or sent; of one that lacks a value that alone is told. */
struct odd {
	struct listing *l;
	const struct contact *contact;
	bool errors;
};

static void tell_odd(void *self, const struct list_fault *f)
{
	struct odd *odd = self;
	odd->errors |= f->severity == DD_ERROR;
	add_contact_finding(odd->l, odd->contact->line, f->severity, f->code, f->step, NO_TEXT, -1,
	        "%s", f->message);
}

static bool odd_values(struct listing *l, const struct contact *c)
{
	struct odd odd = {l, c, false};
	list_word_faults(&l->plan, c->values, l->arena, &odd, tell_odd);
	return odd.errors;
}

/* -- a batch, from lines to findings ---------------------------------------- */

struct batch {
	uint64_t *frames;      /* of each contact and message */
	bool *exact, *missing; /* measured whole; a recording is not there */
};

static void find_frames(struct listing *l, struct batch *b)
{
	const struct list_plan *plan = &l->plan;
	struct length *lengths = l->small ? NULL : measure_values(l);
	struct whole *wholes = NULL;
	size_t nwholes = 0, cap = 0;
	struct asking a = {0};
	for (size_t i = 0; i < l->n; i++) {
		for (size_t k = 0; k < plan->nmessages && !l->contacts[i].problem; k++) {
			const struct list_message *m = &plan->messages[k];
			size_t at = i * plan->nmessages + k;
			uint64_t other = 0;
			struct dd_error err;
			if (m->template != DD_NONE || !m->told->varies)
				continue;
			if (!list_other_frames(plan, m, l->contacts[i].values, &other, &err)) {
				b->missing[at] = true;
				continue;
			}
			uint64_t rough = l->small ? 0 : estimate(l, m, lengths + i * plan->nplaces);
			b->frames[at] = is_length(rough) ? rough + other : rough;
			b->exact[at] = l->small ||
			        (is_length(rough) && must_be_whole(l, m, ms_of(b->frames[at])));
			if (!b->exact[at])
				continue;
			struct whole w = {i, k, 0, 0, other};
			ask_whole(l, &a, &w, l->contacts[i].values);
			DD_PUSH(wholes, nwholes, cap) = w;
		}
	}
	listen_once(l, &a);
	for (size_t i = 0; i < nwholes; i++)
		b->frames[wholes[i].contact * plan->nmessages + wholes[i].message] =
		        frames_of(&wholes[i], &a);
	dd_free(wholes);
	dd_free(lengths);
	asking_fini(&a);
}

static void judge(struct listing *l, const struct contact *c, size_t i, const struct batch *b)
{
	const struct list_plan *plan = &l->plan;
	struct dd_contacts_tally *t = &l->out->tally;
	bool over = false, unmeasured = false;
	t->contacts++;
	if (c->problem) {
		t->unreadable++;
		add_contact_finding(
		        l, c->line, DD_ERROR, "bad-line", DD_NONE, NO_TEXT, -1, "%s", c->problem);
		return;
	}
	bool lacks = lacks_values(l, c);
	bool wrong = !lacks && odd_values(l, c);
	for (size_t k = 0; k < plan->nmessages; k++) {
		const struct list_message *m = &plan->messages[k];
		size_t at = i * plan->nmessages + k;
		if (!m->told->varies)
			continue;
		if (m->template != DD_NONE) {
			over |= judge_sms(l, m, c);
		} else if (b->missing[at]) {
			add_contact_finding(l, c->line, DD_ERROR, "audio-missing", m->told->step,
			        NO_TEXT, -1,
			        "with these values there is no recording that can be played");
			lacks = true;
		} else {
			over |= judge_prompt(l, m, c, b->frames[at], b->exact[at]);
			unmeasured |= b->frames[at] == UNMEASURED;
			if (!b->exact[at] && is_length(b->frames[at]))
				consider(l, k, b->frames[at], c->line, c->values);
		}
	}
	t->lacking += lacks;
	t->over += over && !lacks;
	t->wrong += wrong && !over && !lacks;
	/* told once, where it begins */
	if (unmeasured && !t->unmeasured)
		add_contact_finding(l, c->line, DD_ERROR, "not-measured", DD_NONE, NO_TEXT, -1,
		        "not measured: the voice was lost, started again and lost again; nothing "
		        "is known of lengths from here on");
	t->unmeasured += unmeasured;
	t->fine += !lacks && !over && !wrong && !unmeasured;
}

static void take_batch(struct listing *l)
{
	size_t n = l->n * l->plan.nmessages + 1;
	struct batch b = {dd_alloc(n * sizeof *b.frames), dd_alloc(n), dd_alloc(n)};
	if (!l->started && l->reference) {
		list_plan_places(&l->plan, l->reference);
		l->started = true;
	}
	find_frames(l, &b);
	for (size_t i = 0; i < l->n; i++)
		judge(l, &l->contacts[i], i, &b);
	dd_free(b.frames);
	dd_free(b.exact);
	dd_free(b.missing);
	if (l->o->progress)
		l->o->progress(l->o->self, &l->out->tally);
}

/* Of a shard: the longest, before those that were only estimated are looked at. */
static void keep_exact(struct listing *l)
{
	for (size_t k = 0; k < l->plan.nmessages && l->o->shard.of; k++) {
		struct dd_contact_message *m = l->plan.messages[k].told;
		if (m->longest_text)
			m->exact = (struct dd_contact_long){0, m->longest_line, m->longest,
			        dd_str_copy(dd_str(m->longest_text))};
	}
}

static void keep_candidate(struct listing *l, const struct candidate *c, size_t message, dd_ms ms)
{
	const struct list_message *m = &l->plan.messages[message];
	struct dd_str words = list_words(&l->plan, m, values_of(l, c), l->arena);
	if (l->o->shard.of)
		m->told->candidates[m->told->ncandidates++] =
		        (struct dd_contact_long){c->frames, c->line, ms, strndup(words.p, words.n)};
}

/* The longest by estimate, whole. */
static void settle_longest(struct listing *l)
{
	const struct list_plan *plan = &l->plan;
	struct asking a = {0};
	struct whole *wholes = dd_alloc((plan->nmessages * LONGEST + 1) * sizeof *wholes);
	size_t n = 0;
	for (size_t k = 0; k < plan->nmessages * LONGEST; k++) {
		const struct candidate *c = &l->longest[k];
		struct dd_error err;
		if (c->line == 0)
			continue;
		const struct dd_str *values = values_of(l, c);
		wholes[n] = (struct whole){.contact = k, .message = k / LONGEST};
		(void)list_other_frames(
		        plan, &plan->messages[k / LONGEST], values, &wholes[n].other, &err);
		ask_whole(l, &a, &wholes[n++], values);
	}
	listen_once(l, &a);
	for (size_t i = 0; i < n; i++) {
		const struct candidate *c = &l->longest[wholes[i].contact];
		uint64_t frames = frames_of(&wholes[i], &a);
		keep_candidate(l, c, wholes[i].message, is_length(frames) ? ms_of(frames) : -1);
		if (is_length(frames))
			longest_is(l, &plan->messages[wholes[i].message], ms_of(frames), c->line,
			        values_of(l, c));
	}
	dd_free(wholes);
	asking_fini(&a);
}

/* -- the whole -------------------------------------------------------------- */

/* What the list does not give: examples, and what a call had for values that the flow itself sets.
 */
static void plan_values(struct listing *l, const struct dd_checking *c)
{
	const struct dd_program *p = l->plan.program;
	struct list_plan *plan = &l->plan;
	plan->base = dd_arena_alloc(plan->arena, (p->nslots + 1) * sizeof *plan->base);
	plan->from_list = dd_arena_alloc(plan->arena, p->nslots + 1);
	plan->told = dd_arena_alloc(plan->arena, p->nslots + 1);
	bool *told = dd_program_told(p);
	for (uint32_t i = 0; i < p->nslots; i++) {
		struct dd_str value = check_value(c, i);
		plan->base[i] = value.p
		        ? (struct dd_str){dd_arena_copy(plan->arena, value.p, value.n), value.n}
		        : NO_TEXT;
		plan->told[i] = told[i] && p->slots[i].variable;
	}
	dd_free(told);
}

static void read_all(struct listing *l)
{
	l->contacts = dd_alloc(BATCH_CONTACTS * sizeof *l->contacts);
	l->table = dd_alloc((UINT64_C(1) << TABLE_BITS) * sizeof *l->table);
	l->longest = dd_alloc((l->plan.nmessages * LONGEST + 1) * sizeof *l->longest);
	const size_t columns = l->plan.ncolumns, n = l->plan.nmessages * LONGEST * columns;
	struct dd_str *room = dd_alloc((n + 1) * sizeof *room);
	for (size_t i = 0; i < l->plan.nmessages * LONGEST; i++)
		l->longest[i].values = room + i * columns;
	for (bool more = true; more; l->later = true) {
		more = read_batch(l);
		take_batch(l);
	}
	keep_exact(l);
	settle_longest(l);
	for (size_t i = 0; i < n; i++)
		dd_free((char *)room[i].p);
	dd_free(room);
	dd_free(l->longest);
	dd_free(l->table);
	dd_free(l->wholes);
	dd_free(l->contacts);
}

/* Beside the list: the flow as it is written, the limits, and how the voice said the first
 * contact's messages. */
static uint64_t digest_end(struct listing *l)
{
	const struct list_plan *plan = &l->plan;
	for (uint32_t i = 0; i < plan->program->nflows; i++)
		XXH3_64bits_update(l->digest, plan->program->flows[i].source->text.p,
		        plan->program->flows[i].source->text.n);
	for (size_t i = 0; i < plan->nmessages; i++) {
		const struct list_message *m = &plan->messages[i];
		XXH3_64bits_update(l->digest, &m->reference, sizeof m->reference);
		for (size_t k = 0; k < m->nlimits; k++) {
			int64_t limit[] = {m->limits[k].severity, m->limits[k].ms};
			XXH3_64bits_update(l->digest, limit, sizeof limit);
		}
	}
	for (size_t i = 0; i < plan->nplaces; i++)
		XXH3_64bits_update(
		        l->digest, &plan->places[i].reference, sizeof plan->places[i].reference);
	XXH3_64bits_update(l->digest, DRYDIAL_VERSION, sizeof DRYDIAL_VERSION);
	return XXH3_64bits_digest(l->digest);
}

struct dd_contacts *dd_check_contacts(
        const struct dd_program *p, const struct dd_contacts_options *o)
{
	char sid[33];
	struct dd_contacts *out = dd_alloc(sizeof *out);
	struct dd_setup setup = {.call_sid = sid, .answered_unix_ms = DD_STARTS_UNIX_MS};
	struct dd_ways *ways = dd_ways_new(p);
	out->arena = dd_arena_new();
	dd_session_sid(1, sid);
	dd_setup_complete(p, out->arena, &setup);
	struct dd_explored *explored = dd_explore(p, ways, &setup, o->check.tts, MAX_STATES);
	struct dd_checking c = {
	        .program = p, .explored = explored, .tts = o->check.tts, .arena = out->arena};
	struct listing l = {.o = o,
	        .out = out,
	        .list = dd_list_open(o->fd, true),
	        .digest = o->shard.of ? XXH3_createState() : NULL};
	out->shard = o->shard;
	if (l.digest)
		XXH3_64bits_reset(l.digest);
	l.plan = (struct list_plan){.program = p,
	        .arena = out->arena,
	        .checking = &c,
	        .check = &o->check,
	        .allows = check_allows(p),
	        .tts = o->check.tts};
	plan_values(&l, &c);
	if (read_columns(&l)) {
		out->nmessages = list_count_messages(p);
		out->messages =
		        dd_arena_alloc(out->arena, (out->nmessages + 1) * sizeof *out->messages);
		list_plan_messages(&l.plan, out->messages);
		list_plan_words(&l.plan);
		out->list_findings = out->tally.errors + out->tally.warnings;
		read_all(&l);
	} else {
		out->list_findings = out->tally.errors + out->tally.warnings;
	}
	if (l.digest)
		out->whole = digest_end(&l);
	out->tally.bytes = dd_list_bytes(l.list);
	dd_free(l.plan.places);
	dd_allows_free(l.plan.allows);
	dd_list_free(l.list);
	XXH3_freeState(l.digest);
	dd_arena_free(l.arena);
	dd_explored_free(explored);
	dd_ways_free(ways);
	return out;
}

void dd_contacts_free(struct dd_contacts *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->nmessages; i++) {
		struct dd_contact_message *m = &c->messages[i];
		dd_free(m->longest_text);
		dd_free(m->exact.text);
		for (size_t k = 0; k < m->ncandidates; k++)
			dd_free(m->candidates[k].text);
	}
	dd_arena_free(c->arena);
	dd_free(c);
}
