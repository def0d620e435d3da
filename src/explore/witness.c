/* Candidates are the texts and the bounds of the cases themselves, and their neighbours; of those
   that send all branches the same ways, one is kept. */
#include "explore/witness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "call/cases.h"
#include "explore/walk.h"
#include "session/by_url.h"

/* Whether a branch asks for this slot alone. */
static bool asks_for(const struct dd_program *p, uint32_t step, uint32_t slot)
{
	const struct dd_step *s = &p->steps[step];
	if (s->applet != DD_BRANCH || s->branch.on == DD_NONE)
		return false;
	const struct dd_template *t = &p->templates[s->branch.on];
	for (uint32_t i = 0; i < t->n; i++) {
		const struct dd_part *part = &p->parts[t->first + i];
		if (part->slot != slot && (part->slot != DD_NONE || dd_str_trim(part->text).n))
			return false;
	}
	return t->n > 0;
}

struct gathering {
	const struct dd_program *p;
	struct dd_arena *arena;
	uint32_t slot;
	struct dd_witnesses out;
	uint32_t *ways; /* of each value kept, and each step: the case it meets */
	bool (*fits)(const struct dd_program *p, uint32_t step, struct dd_str value);
	uint32_t fits_step;
};

static bool same_ways(const struct gathering *g, const uint32_t *a, const uint32_t *b)
{
	return memcmp(a, b, g->p->nsteps * sizeof *a) == 0;
}

/* `step` and `at`: the branch and the case that the value meets whatever it looks like, since its
   text is filled in by then; DD_NONE: none. */
static void offer_to(struct gathering *g, struct dd_str value, uint32_t step, uint32_t at)
{
	const struct dd_program *p = g->p;
	if (g->fits && !g->fits(p, g->fits_step, value))
		return;
	if (g->out.n == DD_VARIANTS_MAX) {
		g->out.all = false;
		return;
	}
	uint32_t *ways = g->ways + (size_t)g->out.n * p->nsteps;
	for (uint32_t i = 0; i < p->nsteps; i++)
		ways[i] = asks_for(p, i, g->slot) ? dd_case_of(p, i, value) : 0;
	if (step != DD_NONE && ways[step] > at)
		ways[step] = at;
	for (uint32_t k = 0; k < g->out.n; k++)
		if (same_ways(g, g->ways + (size_t)k * p->nsteps, ways))
			return;
	g->out.list[g->out.n++] =
	        (struct dd_str){dd_arena_copy(g->arena, value.p ? value.p : "", value.n), value.n};
}

static void offer(struct gathering *g, struct dd_str value)
{
	offer_to(g, value, DD_NONE, 0);
}

/* A text of a case that holds placeholders, with the examples of the variables; nothing where one
   of them has none. */
static void offer_filled(
        struct gathering *g, const struct dd_template *t, uint32_t step, uint32_t at)
{
	const struct dd_program *p = g->p;
	struct dd_buf text = {0};
	bool known = true;
	for (uint32_t i = 0; i < t->n; i++) {
		const struct dd_part *part = &p->parts[t->first + i];
		struct dd_str words =
		        part->slot == DD_NONE ? part->text : p->slots[part->slot].example;
		known &= part->slot == DD_NONE || words.p;
		dd_buf_add(&text, words.p ? words.p : "", words.n);
	}
	if (known)
		offer_to(g, dd_str_trim((struct dd_str){text.p ? text.p : "", text.n}), step, at);
	dd_buf_free(&text);
}

/* The digits of a bound as they were written, moved by `add`. */
static void offer_number(struct gathering *g, const struct dd_decimal *d, long add)
{
	char text[64], sum[32];
	size_t n = 0;
	if (d->negative && !d->zero)
		text[n++] = '-';
	long digits = 0;
	if (d->zero || d->point <= 0) {
		text[n++] = '0';
		text[n++] = '.';
		for (long i = d->point; i < 0 && n < 40 && !d->zero; i++)
			text[n++] = '0';
	}
	for (size_t i = 0; i < d->digits.n && n < 40; i++) {
		if (d->digits.p[i] < '0' || d->digits.p[i] > '9')
			continue;
		text[n++] = d->digits.p[i];
		if (++digits == d->point)
			text[n++] = '.';
	}
	for (; digits < d->point && n < 40; digits++)
		text[n++] = '0';
	if (n && text[n - 1] == '.')
		n--;
	if (dd_decimal_add((struct dd_str){text, n}, add, sum))
		offer(g, dd_str(sum));
}

/* One atom of a regular expression as a character that it fits; 0: none is known. */
static char atom_of(const char **at, const char *end)
{
	const char *p = *at;
	char c = *p++;
	if (c == '\\' && p < end) {
		c = *p++;
		c = c == 'd' ? '7' : c == 'w' ? 'a' : c == 's' ? ' ' : c;
	} else if (c == '[' && p < end && *p != '^') {
		c = *p == '\\' && p + 1 < end ? (p[1] == 'd' ? '7' : p[1]) : *p;
		while (p < end && *p != ']')
			p++;
		p += p < end;
	} else if (c == '.') {
		c = 'a';
	} else if (strchr("[()|{}+*?", c)) {
		c = '\0';
	}
	*at = p;
	return c;
}

/* A text that a simple expression fits: classes by their first character, repetitions by their
   fewest, groups not at all. Whether it does fit is looked at afterwards. */
static void offer_pattern(struct gathering *g, struct dd_str words)
{
	const char *slash = memchr(words.p ? words.p : "", '/', words.n);
	const char *end = words.p + words.n;
	char text[128];
	size_t n = 0;
	if (!slash)
		return;
	while (end > slash + 1 && end[-1] != '/')
		end--;
	end--;
	for (const char *p = slash + 1; p < end && n < sizeof text - 1;) {
		if (*p == '^' || *p == '$') {
			p++;
			continue;
		}
		char c = atom_of(&p, end);
		long times = 1;
		if (!c)
			return;
		if (p < end && *p == '{') {
			times = strtol(p + 1, NULL, 10);
			while (p < end && *p != '}')
				p++;
			p += p < end;
		} else if (p < end && strchr("+*?", *p)) {
			p++;
		}
		for (long i = 0; i < times && n < sizeof text - 1; i++)
			text[n++] = c;
	}
	offer(g, (struct dd_str){text, n});
}

static void offer_case(struct gathering *g, uint32_t step, uint32_t at)
{
	const struct dd_case *c = &g->p->cases[g->p->steps[step].branch.first_case + at];
	for (uint32_t i = 0; i < c->ntexts; i++) {
		const struct dd_template *t = &g->p->templates[g->p->texts[c->first_text + i]];
		if (t->fixed)
			offer(g,
			        t->n ? dd_str_trim(g->p->parts[t->first].text)
			             : (struct dd_str){"", 0});
		else
			offer_filled(g, t, step, at);
	}
	if (c->test == DD_TEST_MATCHES)
		offer_pattern(g, c->words);
	for (long add = -1; add <= 1; add++) {
		if (c->has_low)
			offer_number(g, &c->low, add);
		if (c->has_high)
			offer_number(g, &c->high, add);
	}
}

static struct gathering gathering_of(
        const struct dd_program *p, struct dd_arena *arena, uint32_t slot)
{
	struct gathering g = {.p = p, .arena = arena, .slot = slot, .out = {.all = true}};
	g.out.list = dd_arena_alloc(arena, (DD_VARIANTS_MAX + 1) * sizeof *g.out.list);
	g.ways = dd_alloc((size_t)(DD_VARIANTS_MAX + 1) * (p->nsteps + 1) * sizeof *g.ways);
	return g;
}

static void offer_all(struct gathering *g)
{
	static const char *const others[] = {"none of these", "0", "1", "12", "123", "1234",
	        "12345", "123456", "1234567890", "9876543210", "-1", "", "yes", "*", "**", "***",
	        "****", "*****", "******", "********", "**********", "############"};
	for (uint32_t i = 0; i < g->p->nsteps; i++)
		for (uint32_t k = 0; asks_for(g->p, i, g->slot) && k < g->p->steps[i].branch.ncases;
		        k++)
			offer_case(g, i, k);
	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		offer(g, dd_str(others[i]));
}

static bool is_asked_for(const struct dd_program *p, uint32_t slot)
{
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (asks_for(p, i, slot))
			return true;
	return false;
}

struct dd_witnesses dd_witnesses_of(
        const struct dd_program *p, struct dd_arena *arena, uint32_t slot)
{
	if (slot == DD_NONE || !is_asked_for(p, slot))
		return (struct dd_witnesses){.all = true};
	struct gathering g = gathering_of(p, arena, slot);
	offer_all(&g);
	dd_free(g.ways);
	return g.out;
}

/* -- numbers that are typed ------------------------------------------------- */

static bool can_be_typed(const struct dd_program *p, uint32_t step, struct dd_str value)
{
	const struct dd_ivr *ivr = &p->steps[step].ivr;
	struct dd_collect how;
	dd_stub_collect(p, step, &how);
	for (size_t i = 0; i < value.n; i++)
		if (dd_key_index(value.p[i]) < 0 || value.p[i] == how.finish)
			return false;
	return value.n >= how.min && value.n <= how.max && value.n > 0 &&
	        (!ivr->match || dd_pattern_find(ivr->match, value) == 1);
}

struct dd_witnesses dd_typed_numbers(
        const struct dd_program *p, struct dd_arena *arena, uint32_t step)
{
	const struct dd_ivr *ivr = &p->steps[step].ivr;
	const uint32_t slots[] = {
	        ivr->digits_slot, ivr->answer_slot, ivr->key_slot, DD_SLOT_DIGITS};
	struct dd_witnesses out = {.all = true};
	if (p->steps[step].applet != DD_IVR || !ivr->collect)
		return out;
	out.list = dd_arena_alloc(arena, 4 * (DD_VARIANTS_MAX + 1) * sizeof *out.list);
	for (size_t i = 0; i < 4; i++) {
		if (slots[i] == DD_NONE || (!is_asked_for(p, slots[i]) && !(i == 3 && ivr->match)))
			continue;
		struct gathering g = gathering_of(p, arena, slots[i]);
		g.fits = can_be_typed;
		g.fits_step = step;
		offer_all(&g);
		if (ivr->match)
			offer_pattern(&g, ivr->match_words);
		for (uint32_t k = 0; k < g.out.n; k++)
			out.list[out.n++] = g.out.list[k];
		out.all &= g.out.all;
		dd_free(g.ways);
	}
	static const char *const others[] = {"1234567890", "9876543210", "123456", "987654",
	        "12345", "98765", "1234", "9876", "123", "987", "12", "98", "1", "9", "5", "0"};
	for (size_t i = 0; ivr->match && out.n == 0 && i < sizeof others / sizeof *others; i++)
		if (can_be_typed(p, step, dd_str(others[i])))
			out.list[out.n++] = dd_str(others[i]);
	return out;
}

/* -- replies ---------------------------------------------------------------- */

/* Of an applet by URL: every stub of the flow that can be used, but the first, which is taken
 * anyway. What makes branches go each way is not made up. */
static struct dd_witnesses answers_of(
        const struct dd_program *p, struct dd_arena *arena, uint32_t step)
{
	const struct dd_passthru *pass = &p->steps[step].passthru;
	struct dd_witnesses out = {.all = true};
	bool first = true;
	out.list = dd_arena_alloc(arena, (pass->nstubs + 1) * sizeof *out.list);
	for (uint32_t i = 0; i < pass->nstubs; i++) {
		const struct dd_stub *s = &p->stubs[pass->first_stub + i];
		if (dd_way_of_stub(p, step, s) != DD_EXIT_200)
			continue;
		if (!first && out.n < DD_VARIANTS_MAX)
			out.list[out.n++] = s->body;
		out.all &= out.n < DD_VARIANTS_MAX;
		first = false;
	}
	for (uint32_t i = 0; i < pass->nfields; i++)
		out.all &= dd_witnesses_of(p, arena, p->fields[pass->first_field + i].slot).n == 0;
	return out;
}

struct dd_witnesses dd_reply_bodies(
        const struct dd_program *p, struct dd_arena *arena, uint32_t step)
{
	const struct dd_passthru *pass = &p->steps[step].passthru;
	struct dd_witnesses out = {.all = true};
	struct dd_witnesses *of = dd_arena_alloc(arena, (pass->nfields + 1) * sizeof *of);
	uint32_t *at = dd_arena_alloc(arena, (pass->nfields + 1) * sizeof *at);
	bool any = false;
	if (pass->by_url)
		return answers_of(p, arena, step);
	for (uint32_t i = 0; i < pass->nfields; i++) {
		of[i] = dd_witnesses_of(p, arena, p->fields[pass->first_field + i].slot);
		any |= of[i].n > 0;
		out.all &= of[i].all;
	}
	out.list = dd_arena_alloc(arena, (DD_VARIANTS_MAX + 1) * sizeof *out.list);
	struct dd_witnesses texts = dd_witnesses_of(p, arena, pass->text_slot);
	for (uint32_t i = 0; i < texts.n; i++)
		out.list[out.n++] = texts.list[i];
	while (any) {
		struct dd_buf body = {0};
		if (out.n == DD_VARIANTS_MAX) {
			out.all = false;
			break;
		}
		dd_buf_char(&body, '{');
		bool first = true;
		for (uint32_t i = 0; i < pass->nfields; i++) {
			if (!of[i].n)
				continue;
			struct dd_str name = p->fields[pass->first_field + i].name;
			if (name.n > 5 && memcmp(name.p, "json.", 5) == 0)
				name.p += 5, name.n -= 5;
			dd_buf_str(&body, first ? "" : ",");
			dd_buf_json(&body, name);
			dd_buf_char(&body, ':');
			dd_buf_json(&body, of[i].list[at[i]]);
			first = false;
		}
		dd_buf_char(&body, '}');
		out.list[out.n++] = (struct dd_str){dd_arena_copy(arena, body.p, body.n), body.n};
		dd_buf_free(&body);
		uint32_t i = 0;
		while (i < pass->nfields && (!of[i].n || ++at[i] == of[i].n))
			at[i++] = 0;
		if (i == pass->nfields)
			break;
	}
	return out;
}

/* -- variables -------------------------------------------------------------- */

static struct dd_setup setup_with(
        struct dd_arena *arena, const struct dd_setup *setup, const char *name, const char *value)
{
	struct dd_setup other = *setup;
	size_t n = setup->nvariables;
	const char **names = dd_arena_alloc(arena, (n + 1) * sizeof *names),
	           **values = dd_arena_alloc(arena, (n + 1) * sizeof *values);
	size_t at = n;
	for (size_t i = 0; i < n; i++) {
		names[i] = setup->names[i];
		values[i] = setup->values[i];
		if (strcmp(names[i], name) == 0)
			at = i;
	}
	names[at] = name;
	values[at] = value;
	other.names = names;
	other.values = values;
	other.nvariables = at == n ? n + 1 : n;
	return other;
}

struct dd_setup *dd_other_setups(
        const struct dd_program *p, struct dd_arena *arena, const struct dd_setup *setup, size_t *n)
{
	enum { SETUPS_MAX = 256 };
	struct dd_setup *all = NULL;
	size_t cap = 0;
	*n = 0;
	for (uint32_t slot = DD_BUILT_INS_COUNT; slot < p->nslots; slot++) {
		if (!p->slots[slot].variable)
			continue;
		struct dd_witnesses w = dd_witnesses_of(p, arena, slot);
		for (uint32_t i = 0; i < w.n && *n < SETUPS_MAX; i++)
			DD_PUSH(all, *n, cap) =
			        setup_with(arena, setup, p->slots[slot].name, w.list[i].p);
	}
	return all;
}

/* -- counts ----------------------------------------------------------------- */

static bool holds_slot(const struct dd_program *p, uint32_t template, uint32_t slot)
{
	if (template == DD_NONE)
		return false;
	for (uint32_t i = 0; i < p->templates[template].n; i++)
		if (p->parts[p->templates[template].first + i].slot == slot)
			return true;
	return false;
}

static void widen(struct dd_str text, long *low, long *high, bool *any)
{
	struct dd_decimal d;
	char whole[32];
	if (!dd_decimal_parse(text, &d) || !dd_decimal_add(text, 0, whole))
		return;
	long value = strtol(whole, NULL, 10);
	*low = !*any || value < *low ? value : *low;
	*high = !*any || value > *high ? value : *high;
	*any = true;
}

static void widen_by(const struct dd_decimal *d, long *low, long *high, bool *any)
{
	long value = 0, n = 0;
	for (size_t i = 0; i < d->digits.n && n < d->point && n < 12; i++)
		if (d->digits.p[i] >= '0' && d->digits.p[i] <= '9')
			value = value * 10 + (d->digits.p[i] - '0'), n++;
	for (; n < d->point && n < 12; n++)
		value *= 10;
	value = d->negative ? -value : value;
	*low = !*any || value < *low ? value : *low;
	*high = !*any || value > *high ? value : *high;
	*any = true;
}

bool dd_counted_bounds(const struct dd_program *p, uint32_t slot, long *low, long *high)
{
	bool any = false, handed_on = false;
	for (uint32_t i = 0; i < p->nassignments; i++)
		handed_on |= holds_slot(p, p->assignments[i].text, slot);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		if (s->applet != DD_BRANCH || (!handed_on && !holds_slot(p, s->branch.on, slot)))
			continue;
		for (uint32_t k = 0; k < s->branch.ncases; k++) {
			const struct dd_case *c = &p->cases[s->branch.first_case + k];
			if (c->has_low)
				widen_by(&c->low, low, high, &any);
			if (c->has_high)
				widen_by(&c->high, low, high, &any);
			for (uint32_t x = 0; x < c->ntexts; x++) {
				const struct dd_template *t =
				        &p->templates[p->texts[c->first_text + x]];
				if (t->fixed && t->n)
					widen(p->parts[t->first].text, low, high, &any);
			}
			if (c->test == DD_TEST_MATCHES)
				widen(dd_str("20"), low, high, &any);
		}
	}
	return any;
}
