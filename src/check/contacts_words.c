/* What is wrong with the words of single contacts: values that the voice cannot say as they stand,
   and SMS that do not fit their registered template. Each is asked of the list's own values only:
   of the flow's the rules speak. */
#define _GNU_SOURCE
#include <string.h>

#include "base/arena.h"
#include "base/text.h"
#include "check/listing.h"
#include "read/oddly.h"

static const char *const NAMES[LIST_WORDS] = {"language-mismatch", "bare-number", "abbreviation",
        "read-oddly", "sms-variable", "sms-unlike-template"};

static void add_spoken(struct list_plan *plan, const struct dd_segment *g, uint32_t number)
{
	const struct dd_program *p = plan->program;
	const struct dd_part *part = &p->parts[p->templates[g->text].first + number];
	const uint32_t slot = part->slot, voice = g->voice;
	const bool as_is = part->format == DD_AS_IS;
	for (size_t i = 0; i < plan->nspoken; i++) {
		const struct list_spoken *s = &plan->spoken[i];
		if (s->slot == slot && s->voice == voice && s->as_is == as_is)
			return;
	}
	struct list_spoken *all = dd_arena_alloc(plan->arena, (plan->nspoken + 1) * sizeof *all);
	if (plan->nspoken)
		memcpy(all, plan->spoken, plan->nspoken * sizeof *all);
	all[plan->nspoken++] = (struct list_spoken){g, number, slot, voice, as_is};
	plan->spoken = all;
}

void list_plan_words(struct list_plan *plan)
{
	const struct dd_program *p = plan->program;
	struct dd_checking *c = plan->checking;
	struct dd_templates *templates = dd_templates_read(p, plan->arena);
	for (int i = 0; i < LIST_WORDS; i++) {
		check_take_rule(c, dd_rule_named(&DD_FLOW_RULES, dd_str(NAMES[i])), plan->check);
		plan->judged[i] = c->now.severity >= 0;
		plan->severity[i] =
		        plan->judged[i] ? (enum dd_severity)c->now.severity : DD_WARNING;
		plan->most[i] = c->now.settings[0];
	}
	for (uint32_t i = 0; i < p->nsegments; i++) {
		const struct dd_segment *g = &p->segments[i];
		const struct dd_template *t = check_spoken(c, g);
		for (uint32_t k = 0; t && !t->ssml && k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			if (part->slot != DD_NONE && plan->from_list[part->slot])
				add_spoken(plan, g, k);
		}
	}
	for (size_t i = 0; i < plan->nmessages; i++) {
		const char *problem;
		if (plan->messages[i].told->sms)
			plan->messages[i].registered =
			        dd_template_text(templates, plan->messages[i].told->step, &problem);
	}
}

/* An amount is a quantity, however many digits it has. */
static bool is_amount(const char *name)
{
	static const char *const words[] = {"amount", "amt", "total", "balance", "price", "due",
	        "emi", "fee", "cost", "sum", "pay", "rupee", "bill", "premium", "limit", "salary",
	        "income", "loan", "fine", "charge", "point", "value", "quantity", "count", NULL};
	for (size_t i = 0; words[i]; i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

struct telling {
	const struct list_plan *plan;
	void *self;
	void (*found)(void *self, const struct list_fault *fault);
};

static void tell(const struct telling *t, int rule, uint32_t step, const char *message)
{
	struct list_fault fault = {NAMES[rule], t->plan->severity[rule], step, message};
	t->found(t->self, &fault);
}

/* A rule that a comment at the step allows is not asked there. */
static bool is_asked(const struct list_plan *plan, int rule, uint32_t step)
{
	const struct dd_step *s = &plan->program->steps[step];
	return plan->judged[rule] &&
	        !dd_allowed(
	                plan->allows, plan->program->flows[s->flow].source, s->span, NAMES[rule]);
}

/* Whether there may be anything to say about how a value is heard: a quick look at it alone. */
static bool is_doubtful(const struct list_plan *plan, const struct list_spoken *s,
        struct dd_str value, const char *language)
{
	struct dd_oddity odd;
	size_t at = 0;
	return (plan->judged[LIST_ABBREVIATION] && s->as_is && check_abbreviation(value)) ||
	        (plan->judged[LIST_NUMBER] && s->as_is &&
	                (long)check_quantity(value) > plan->most[LIST_NUMBER]) ||
	        (plan->judged[LIST_ODDLY] && dd_oddly(language, value, NULL, NULL, 0, &at, &odd));
}

static void odd_faults(const struct telling *t, const struct list_spoken *s,
        const struct check_heard *heard, const char *language, struct dd_arena *arena)
{
	const struct dd_spoken *spoken = &heard->spoken;
	const char *name = t->plan->program->slots[s->slot].name;
	struct dd_oddity odd;
	size_t at = s->part ? heard->ends[s->part - 1] : 0, end = heard->ends[s->part];
	while (dd_oddly(language, spoken->words, &spoken->aloud, spoken->fixed, spoken->nfixed, &at,
	               &odd) &&
	        odd.at.from < end)
		tell(t, LIST_ODDLY, DD_NONE,
		        dd_arena_format(arena, "in the %s \"%.*s\" %s", name,
		                (int)(odd.at.to - odd.at.from), spoken->words.p + odd.at.from,
		                odd.why));
}

/* What of a value is wrong as it is heard among the words around it. */
static void heard_faults(const struct telling *t, const struct list_spoken *s,
        const struct dd_str *values, struct dd_arena *arena)
{
	const struct list_plan *plan = t->plan;
	const struct dd_program *p = plan->program;
	const struct dd_slot *slot = &p->slots[s->slot];
	const struct dd_voice_choice *voice = &p->voices[s->voice];
	const char *language = voice->literal ? NULL : voice->language;
	struct list_values of = {plan, values};
	struct check_heard heard;
	if (!is_doubtful(plan, s, values[s->slot], language) ||
	        !check_hear(p, s->segment, list_values(&of), arena, &heard))
		return;
	struct dd_str piece;
	const char *short_word = NULL;
	for (size_t at = 0; !short_word && plan->judged[LIST_ABBREVIATION] && s->as_is &&
	        check_left_to_voice(&heard, s->part, &at, &piece);)
		short_word = check_abbreviation(piece);
	if (short_word)
		tell(t, LIST_ABBREVIATION, DD_NONE,
		        dd_arena_format(arena,
		                "the %s has the abbreviation \"%s\", which the voice reads as it "
		                "stands",
		                slot->name, short_word));
	size_t digits = plan->judged[LIST_NUMBER] && s->as_is && !is_amount(slot->name)
	        ? check_longest_left(&heard, s->part).n
	        : 0;
	/* where the flow's own example is such a number, the rule has said so */
	bool told =
	        slot->example.p && (long)check_quantity(slot->example) > plan->most[LIST_NUMBER];
	if ((long)digits > plan->most[LIST_NUMBER] && !told)
		tell(t, LIST_NUMBER, DD_NONE,
		        dd_arena_format(arena,
		                "in the %s a number of %zu digits is spoken as one quantity",
		                slot->name, digits));
	if (plan->judged[LIST_ODDLY])
		odd_faults(t, s, &heard, language, arena);
}

static void spoken_faults(
        const struct telling *t, const struct dd_str *values, struct dd_arena *arena)
{
	const struct list_plan *plan = t->plan;
	const struct dd_program *p = plan->program;
	for (size_t i = 0; i < plan->nspoken; i++) {
		const struct list_spoken *s = &plan->spoken[i];
		const char *name = p->slots[s->slot].name, *language = p->voices[s->voice].language;
		const char *script = plan->judged[LIST_MISMATCH]
		        ? check_unspoken_script(language, values[s->slot])
		        : NULL;
		if (script)
			tell(t, LIST_MISMATCH, DD_NONE,
			        dd_arena_format(arena,
			                "the %s is in %s letters, which the voice %s does not "
			                "speak",
			                name, script, language));
		heard_faults(t, s, values, arena);
	}
}

static void sms_faults(const struct telling *t, const struct list_message *m,
        const struct dd_str *values, struct dd_arena *arena)
{
	const struct list_plan *plan = t->plan;
	const struct dd_program *p = plan->program;
	const struct dd_template *text = &p->templates[m->template];
	uint32_t step = m->told->step;
	if (m->registered.p && is_asked(plan, LIST_UNLIKE, step)) {
		const char *how = dd_template_unlike(
		        arena, m->registered, list_words(plan, m, values, arena));
		if (how)
			tell(t, LIST_UNLIKE, step,
			        dd_arena_format(arena,
			                "this SMS does not fit its registered template: %s", how));
	}
	for (uint32_t i = 0; !m->registered.p && i < text->n; i++) {
		uint32_t slot = p->parts[text->first + i].slot;
		size_t n =
		        slot != DD_NONE && plan->from_list[slot] ? dd_utf8_count(values[slot]) : 0;
		if ((long)n > plan->most[LIST_VARIABLE] && is_asked(plan, LIST_VARIABLE, step) &&
		        p->steps[step].sms.template_id != DD_NONE)
			tell(t, LIST_VARIABLE, step,
			        dd_arena_format(arena,
			                "the %s has %zu characters, a {#var#} takes %ld",
			                p->slots[slot].name, n, plan->most[LIST_VARIABLE]));
	}
}

void list_word_faults(const struct list_plan *plan, const struct dd_str *values,
        struct dd_arena *arena, void *self,
        void (*found)(void *self, const struct list_fault *fault))
{
	struct telling t = {plan, self, found};
	spoken_faults(&t, values, arena);
	for (size_t i = 0; i < plan->nmessages; i++)
		if (plan->messages[i].told->sms && plan->messages[i].told->varies)
			sms_faults(&t, &plan->messages[i], values, arena);
}
