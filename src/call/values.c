/* A call's values: examples stay in the program, what the call learns lies in a bounded store
 * inside the call. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "call/fill.h"
#include "call/state.h"
#include "call/walks.h"

char *store_of(struct dd_call *call)
{
	return (char *)(call->values + call->nvalues);
}

static const char *bytes_of(const struct dd_call *call, const struct dd_value *v)
{
	return v->kind == VALUE_PROGRAM ? v->text
	                                : (const char *)(call->values + call->nvalues) + v->offset;
}

size_t dd_call_store(const struct dd_setup *setup)
{
	size_t size = DD_STORE_BYTES;
	for (size_t i = 0; i < setup->nvariables; i++)
		size += strlen(setup->values[i]);
	return size < DD_STORE_BYTES_MAX ? size : DD_STORE_BYTES_MAX;
}

size_t dd_call_size(const struct dd_program *program, size_t store)
{
	return sizeof(struct dd_call) + program->nslots * sizeof(struct dd_value) + store;
}

void clear_value(struct dd_call *call, uint32_t slot)
{
	struct dd_value *v = &call->values[slot];
	if (v->kind == VALUE_STORE)
		call->store_dead += v->room;
	*v = (struct dd_value){0};
}

void set_program_value(struct dd_call *call, uint32_t slot, struct dd_str text)
{
	if (call->values[slot].kind == VALUE_STORE)
		clear_value(call, slot);
	call->values[slot] =
	        (struct dd_value){VALUE_PROGRAM, (uint32_t)text.n, 0, {.text = text.p}};
}

/* Moves the living values together, in the order they lie in the store. */
static void compact(struct dd_call *c)
{
	uint32_t used = 0;
	for (;;) {
		struct dd_value *next = NULL;
		for (uint32_t i = 0; i < c->nvalues; i++) {
			struct dd_value *v = &c->values[i];
			if (v->kind == VALUE_STORE && v->offset >= used &&
			        (!next || v->offset < next->offset))
				next = v;
		}
		if (!next)
			break;
		memmove(store_of(c) + used, store_of(c) + next->offset, next->length);
		next->offset = used;
		next->room = next->length;
		used += next->length;
		if (next->length == 0)
			next->kind = VALUE_PROGRAM, next->text = "", next->room = 0;
	}
	c->store_used = used;
	c->store_dead = 0;
}

/* A value too long for a text, or for the store, is no value: the transcript will call it missing.
 */
void set_value(struct dd_call *c, uint32_t slot, struct dd_str text)
{
	struct dd_value *v = &c->values[slot];
	if (text.n == 0) {
		set_program_value(c, slot, (struct dd_str){"", 0});
		return;
	}
	if (text.n > DD_TEXT_CHARS_MAX && dd_utf8_count(text) > DD_TEXT_CHARS_MAX) {
		clear_value(c, slot);
		return;
	}
	if (v->kind == VALUE_STORE && v->room >= text.n) {
		memcpy(store_of(c) + v->offset, text.p, text.n);
		memset(store_of(c) + v->offset + text.n, 0, v->room - text.n);
		v->length = (uint32_t)text.n;
		return;
	}
	clear_value(c, slot);
	if (c->store_cap - c->store_used < text.n && c->store_dead)
		compact(c);
	if (c->store_cap - c->store_used < text.n) {
		c->overflow = true;
		return;
	}
	memcpy(store_of(c) + c->store_used, text.p, text.n);
	*v = (struct dd_value){
	        VALUE_STORE, (uint32_t)text.n, (uint32_t)text.n, {.offset = c->store_used}};
	c->store_used += (uint32_t)text.n;
}

static void set_text(struct dd_call *c, uint32_t slot, const char *text)
{
	if (text)
		set_value(c, slot, dd_str(text));
}

static void set_built_ins(struct dd_call *c, const struct dd_setup *s)
{
	char attempt[16];
	set_program_value(c, DD_SLOT_DIRECTION, dd_str("outbound-dial"));
	set_program_value(c, DD_SLOT_CALL_FROM, dd_str("+919876543210"));
	set_program_value(c, DD_SLOT_CALL_TO, dd_str("08047112233"));
	set_program_value(c, DD_SLOT_CALL_SID, dd_str("00000000000000000000000000000000"));
	set_program_value(c, DD_SLOT_ATTEMPT, dd_str("1"));
	set_text(c, DD_SLOT_DIRECTION, s->direction);
	set_text(c, DD_SLOT_CALL_FROM, s->from);
	set_text(c, DD_SLOT_CALL_TO, s->to);
	set_text(c, DD_SLOT_CALL_SID, s->call_sid);
	set_text(c, DD_SLOT_CUSTOM_FIELD, s->custom_field);
	if (s->attempt > 1) {
		(void)snprintf(attempt, sizeof attempt, "%d", s->attempt);
		set_text(c, DD_SLOT_ATTEMPT, attempt);
	}
}

/* The examples of the first flow; a flow transferred to gives its own when the call gets there. */
static void set_variables(struct dd_call *c, const struct dd_setup *s)
{
	const struct dd_program *p = c->program;
	const struct dd_flow *flow = &p->flows[0];
	for (uint32_t i = 0; i < flow->nvariables; i++) {
		struct dd_str example = p->slots[flow->variables[i]].example;
		if (example.p && !p->slots[flow->variables[i]].required)
			set_program_value(c, flow->variables[i], example);
	}
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].visits_slot != DD_NONE)
			set_program_value(c, p->steps[i].visits_slot, dd_str("0"));
	for (size_t i = 0; i < s->nvariables; i++) {
		uint32_t slot = dd_program_given_slot(p, dd_str(s->names[i]));
		if (slot != DD_NONE)
			set_value(c, slot, dd_str(s->values[i]));
	}
}

void dd_call_init(struct dd_call *c, const struct dd_program *program, size_t store,
        const struct dd_setup *setup)
{
	memset(c, 0, sizeof *c + program->nslots * sizeof(struct dd_value));
	c->program = program;
	c->nvalues = program->nslots;
	c->store_cap = (uint32_t)store;
	c->timer = DD_NEVER;
	c->limit = setup->time_limit ? setup->time_limit : (dd_ms)DD_TIME_LIMIT_MAX_S * 1000;
	c->answered_unix_ms = setup->answered_unix_ms;
	set_built_ins(c, setup);
	set_variables(c, setup);
}

const char *dd_call_missing(const struct dd_call *call, size_t i)
{
	const struct dd_flow *flow = &call->program->flows[0];
	for (uint32_t k = 0; k < flow->nvariables; k++) {
		uint32_t slot = flow->variables[k];
		if (call->program->slots[slot].required && call->values[slot].kind == VALUE_NONE &&
		        i-- == 0)
			return call->program->slots[slot].name;
	}
	return NULL;
}

size_t dd_call_used(const struct dd_call *call)
{
	return dd_call_size(call->program, call->store_used);
}

void dd_call_copy(struct dd_call *dst, const struct dd_call *src)
{
	memcpy(dst, src, dd_call_used(src));
}

static bool same_value(const struct dd_call *a, const struct dd_value *x, const struct dd_call *b,
        const struct dd_value *y)
{
	if ((x->kind == VALUE_NONE) != (y->kind == VALUE_NONE) || x->length != y->length)
		return false;
	return x->length == 0 || memcmp(bytes_of(a, x), bytes_of(b, y), x->length) == 0;
}

bool dd_call_same(const struct dd_call *a, const struct dd_call *b)
{
	if (a->program != b->program || a->step != b->step || a->phase != b->phase ||
	        a->left != b->left || a->pending != b->pending || a->ndigits != b->ndigits ||
	        memcmp(a->digits, b->digits, a->ndigits) != 0 || a->goal != b->goal ||
	        a->opted_out != b->opted_out || a->ended_by != b->ended_by ||
	        !a->playing != !b->playing || !a->awaiting != !b->awaiting ||
	        a->depth != b->depth || memcmp(a->back, b->back, sizeof a->back) != 0 ||
	        a->hours_known != b->hours_known || a->hours_open != b->hours_open ||
	        a->spoke != b->spoke)
		return false;
	for (uint32_t i = 0; i < a->nvalues; i++)
		if (!same_value(a, &a->values[i], b, &b->values[i]))
			return false;
	return true;
}

uint64_t dd_call_place(const struct dd_call *c)
{
	const uint64_t parts[] = {c->step, c->phase, c->left, (uint64_t)c->pending, c->ndigits,
	        c->playing != 0, c->awaiting != 0, c->ended_by, c->depth,
	        c->depth ? c->back[c->depth - 1] : 0, c->hours_known, c->hours_open, c->spoke};
	uint64_t hash = UINT64_C(0xCBF29CE484222325); /* FNV-1a */
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		for (int byte = 0; byte < 8; byte++)
			hash = (hash ^ (parts[i] >> (8 * byte) & 0xFF)) * UINT64_C(0x100000001B3);
	return hash;
}

static void mix(uint64_t out[2], const void *bytes, size_t n)
{
	const unsigned char *p = bytes;
	for (size_t i = 0; i < n; i++) {
		out[0] = (out[0] ^ p[i]) * UINT64_C(0x100000001B3);
		out[1] = (out[1] << 29 | out[1] >> 35) * UINT64_C(0x9E3779B97F4A7C15) + p[i] + 1;
	}
}

void dd_call_fingerprint(const struct dd_call *c, uint64_t out[2])
{
	const uint32_t parts[] = {c->step, c->phase, c->left, (uint32_t)c->pending, c->ndigits,
	        c->goal, c->opted_out, c->ended_by, c->playing != 0, c->awaiting != 0, c->depth,
	        c->hours_known, c->hours_open, c->spoke};
	out[0] = UINT64_C(0xCBF29CE484222325);
	out[1] = UINT64_C(0x2545F4914F6CDD1D);
	mix(out, parts, sizeof parts);
	mix(out, c->digits, c->ndigits);
	mix(out, c->back, c->depth * sizeof *c->back);
	for (uint32_t i = 0; i < c->nvalues; i++) {
		uint32_t length =
		        c->values[i].kind == VALUE_NONE ? UINT32_MAX : c->values[i].length;
		mix(out, &length, sizeof length);
		if (length != UINT32_MAX)
			mix(out, bytes_of(c, &c->values[i]), length);
	}
}

void dd_call_forget(struct dd_call *call, uint32_t slot)
{
	clear_value(call, slot);
}

void dd_call_give(struct dd_call *call, uint32_t slot, struct dd_str value)
{
	set_value(call, slot, value);
}

struct dd_str dd_call_value(const struct dd_call *call, uint32_t slot, dd_ms at, char *room)
{
	const struct dd_value *v = &call->values[slot];
	if (slot == DD_SLOT_CURRENT_TIME) {
		dd_time_ist(call->answered_unix_ms + at, room);
		return (struct dd_str){room, 19};
	}
	if (v->kind == VALUE_NONE)
		return (struct dd_str){NULL, 0};
	return (struct dd_str){bytes_of(call, v), v->length};
}

/* -- filling in ------------------------------------------------------------- */

/* Bounded text. */
struct out {
	char *p;
	size_t n, cap;
	bool over;
};

static void add(struct out *o, const char *p, size_t n)
{
	if (n >= o->cap - o->n) {
		o->over = true;
		return;
	}
	memcpy(o->p + o->n, p, n);
	o->n += n;
}

/* Characters are counted where there may be too many alone: a text has as many bytes at least. */
static bool has_too_many_characters(const struct out *o)
{
	size_t chars = 0;
	for (size_t i = 0; i < o->n && o->n > DD_TEXT_CHARS_MAX; i++)
		chars += ((unsigned char)o->p[i] & 0xC0) != 0x80;
	return chars > DD_TEXT_CHARS_MAX;
}

/* XML 1.0 has no control characters but white space, however they are written. */
static bool forbidden_in_xml(char c)
{
	return (unsigned char)c < 0x20 && c != '\t' && c != '\n' && c != '\r';
}

static void add_escaped(struct out *o, struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++) {
		switch (text.p[i]) {
		case '&': add(o, "&amp;", 5); break;
		case '<': add(o, "&lt;", 4); break;
		case '>': add(o, "&gt;", 4); break;
		case '"': add(o, "&quot;", 6); break;
		case '\'': add(o, "&#39;", 5); break;
		default:
			if (!forbidden_in_xml(text.p[i]))
				add(o, text.p + i, 1);
		}
	}
}

static void add_percent(struct out *o, struct dd_str text)
{
	static const char hex[] = "0123456789ABCDEF";
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
		        (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_' || c == '~';
		char code[3] = {'%', hex[c >> 4], hex[c & 15]};
		add(o, plain ? text.p + i : code, plain ? 1 : 3);
	}
}

static void add_json(struct out *o, struct dd_str text)
{
	static const char hex[] = "0123456789abcdef";
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(text, &at);
		char code[6] = {'\\', 'u', '0', '0', hex[c >> 4 & 15], hex[c & 15]};
		char mark[2] = {'\\', (char)c};
		if (c == '"' || c == '\\')
			add(o, mark, 2);
		else if (c < 0x20)
			add(o, code, 6);
		else if (c == 0xFFFD && at - from < 3) /* no UTF-8 */
			add(o, "\\ufffd", 6);
		else
			add(o, text.p + from, at - from);
	}
}

static bool is_separator(uint32_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '-' || c == 0xA0;
}

/* "4578" → "4. 5. 7. 8.": a full stop makes the voice pause. Spelling speaks letters and digits
   only, each letter large. The last stop is left to the text when it brings its own. */
static void add_apart(struct out *o, struct dd_str text, bool spell, bool stop_follows, bool ssml)
{
	bool first = true;
	for (size_t at = 0; at < text.n;) {
		size_t end = dd_grapheme_end(text, at), probe = at;
		uint32_t c = dd_utf8_next(text, &probe);
		if (spell ? dd_is_letter(c) || dd_is_digit(c) : !is_separator(c)) {
			if (!first)
				add(o, ". ", 2);
			first = false;
			if (c < 0x80 && spell) {
				char large = (char)dd_upper(c);
				add(o, &large, 1);
			} else if (ssml) {
				add_escaped(o, (struct dd_str){text.p + at, end - at});
			} else {
				add(o, text.p + at, end - at);
			}
		}
		at = end;
	}
	if (!first && !stop_follows)
		add(o, ".", 1);
}

static bool path_safe(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] == '/' || text.p[i] == '\\' || text.p[i] == '\0' ||
		        (text.p[i] == '.' && i + 1 < text.n && text.p[i + 1] == '.'))
			return false;
	return true;
}

static bool stops(const struct dd_program *p, const struct dd_template *t, uint32_t j)
{
	if (j + 1 >= t->n)
		return false;
	struct dd_str next = p->parts[t->first + j + 1].text;
	return next.p && next.n && strchr(".,;:!?", next.p[0]) != NULL;
}

enum dd_status dd_fill(const struct dd_program *p, uint32_t index, uint32_t from, uint32_t to,
        enum dd_fill_use use, struct dd_values values, char *text, size_t cap, size_t *length,
        uint32_t *missing, size_t *nmissing)
{
	const struct dd_template *t = &p->templates[index];
	struct out o = {.p = text, .cap = cap};
	size_t room = nmissing ? *nmissing : 0, nothing = 0;
	enum dd_status status = DD_OK;
	for (uint32_t j = from; j < t->n && j < to; j++) {
		const struct dd_part *part = &p->parts[t->first + j];
		if (part->slot == DD_NONE) {
			add(&o, part->text.p, part->text.n);
			continue;
		}
		struct dd_str value = values.value(values.self, part->slot);
		if (!value.p) {
			if (nothing < room)
				missing[nothing++] = part->slot;
			continue;
		}
		if (use == DD_FILL_PATH && !path_safe(value))
			status = DD_ERR_FORMAT;
		if (use == DD_FILL_URL)
			add_percent(&o, value);
		else if (use == DD_FILL_JSON)
			add_json(&o, value);
		else if (use == DD_FILL_SPEECH && part->format != DD_AS_IS)
			add_apart(&o, value, part->format == DD_AS_SPELL, stops(p, t, j), t->ssml);
		else if (use == DD_FILL_SPEECH && t->ssml)
			add_escaped(&o, value);
		else
			add(&o, value.p, value.n);
	}
	o.p[o.n] = '\0';
	*length = o.n;
	if (nmissing)
		*nmissing = nothing;
	if (o.over || (use != DD_FILL_URL && use != DD_FILL_JSON && has_too_many_characters(&o)))
		return DD_ERR_LIMIT;
	return status;
}

struct at {
	const struct dd_call *call;
	dd_ms at;
	char time[24];
};

static struct dd_str value_at(void *self, uint32_t slot)
{
	struct at *a = self;
	return dd_call_value(a->call, slot, a->at, a->time);
}

enum dd_status dd_call_fill(const struct dd_call *call, uint32_t index, enum dd_fill_use use,
        dd_ms at, char *text, size_t cap, size_t *length, uint32_t *missing, size_t *nmissing)
{
	struct at a = {call, at, ""};
	return dd_fill(call->program, index, 0, UINT32_MAX, use, (struct dd_values){&a, value_at},
	        text, cap, length, missing, nmissing);
}
