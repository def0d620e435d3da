/* Rules about values and numbers as the voice says them. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "check/announce.h"
#include "read/oddly.h"

void rule_not_personal(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	if (!check_purpose(c, "promotion reminder") || p->flows[0].start >= p->nsteps)
		return;
	/* a recording that is named by a value, or a prompt that a server gives, may be of one
	 * customer */
	for (uint32_t i = 0; i < p->nsegments; i++)
		if (p->segments[i].kind == DD_SEG_URL || p->segments[i].kind == DD_SEG_REPLY ||
		        (p->segments[i].kind != DD_SEG_PAUSE &&
		                check_asks_for(c, p->segments[i].text, DD_NONE)))
			return;
	check_step(c, p->flows[0].start, "say the customer's name",
	        "every customer hears the same words");
}

/* A placeholder that nothing reads stands in words that a # has cut; that is told by itself. */
static bool stands_in_comment(struct dd_str text, const char *name)
{
	size_t n = strlen(name);
	for (size_t i = 0; i + n + 1 < text.n; i++)
		if (text.p[i] == '{' && memcmp(text.p + i + 1, name, n) == 0 &&
		        (text.p[i + n + 1] == '}' || text.p[i + n + 1] == ':'))
			return true;
	return false;
}

void rule_unused_variable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	bool *read = dd_alloc(p->nslots + 1);
	for (uint32_t i = 0; i < p->nparts; i++)
		if (p->parts[i].slot != DD_NONE)
			read[p->parts[i].slot] = true;
	for (uint32_t f = 0; f < p->nflows; f++)
		for (uint32_t v = 0; v < p->flows[f].nvariables; v++) {
			const struct dd_slot *slot = &p->slots[p->flows[f].variables[v]];
			if (!read[p->flows[f].variables[v]] && slot->flow == f &&
			        !stands_in_comment(p->flows[f].source->text, slot->name))
				check_at(c, f, slot->span, "say it, or take it away",
				        "the variable \"%s\" is never said, sent or asked with",
				        slot->name);
		}
	dd_free(read);
}

void rule_placeholder_empty(struct dd_checking *c)
{
	bool *told = dd_program_told(c->program);
	for (uint32_t i = 0; i < c->program->nslots; i++) {
		const struct dd_slot *slot = &c->program->slots[i];
		if (!slot->variable || !told[i])
			continue;
		if (!slot->example.p)
			check_at(c, slot->flow, slot->span,
			        "an example, so that the message can be heard and measured",
			        "\"%s\" has no example", slot->name);
		else if (dd_str_trim(slot->example).n == 0)
			check_at(c, slot->flow, slot->span,
			        "an example, or ~ where every call must supply it",
			        "the example of \"%s\" is empty: the customer hears a gap",
			        slot->name);
	}
	dd_free(told);
}

/* Each value once a text, wherever it is asked for first. */
static void tell_missing(struct dd_checking *c, uint32_t template)
{
	const struct dd_program *p = c->program;
	const struct dd_template *t = template == DD_NONE ? NULL : &p->templates[template];
	for (uint32_t i = 0; t && i < t->n; i++) {
		const struct dd_part *part = &p->parts[t->first + i];
		bool told = false;
		if (part->slot == DD_NONE || !c->explored->walk->missing[t->first + i] ||
		        p->slots[part->slot].variable || part->slot < DD_BUILT_INS_COUNT)
			continue;
		for (uint32_t k = 0; k < i; k++)
			told |= p->parts[t->first + k].slot == part->slot;
		if (!told)
			check_at(c, t->flow, part->span,
			        "ask for it before, or say something else on that way",
			        "on some way here \"%s\" has no value", p->slots[part->slot].name);
	}
}

void rule_unknown_variable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsegments; i++)
		tell_missing(
		        c, p->segments[i].kind == DD_SEG_PAUSE ? DD_NONE : p->segments[i].text);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		tell_missing(c, s->applet == DD_SMS ? s->sms.to : DD_NONE);
		tell_missing(c,
		        s->applet == DD_SMS                ? s->sms.text
		                : s->applet == DD_PASSTHRU ? s->passthru.url
		                                           : DD_NONE);
	}
}

/* -- codes ------------------------------------------------------------------ */

static bool all_digits(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n > 0;
}

/* The longest run of digits in a text, and where it begins. */
static struct dd_str longest_number(struct dd_str text)
{
	struct dd_str most = {text.p, 0};
	size_t run = 0;
	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] >= '0' && text.p[i] <= '9' ? run + 1 : 0;
		if (run > most.n)
			most = (struct dd_str){text.p + i + 1 - run, run};
	}
	return most;
}

bool check_is_code(const struct dd_checking *c, uint32_t slot)
{
	static const char *const names[] = {
	        "otp", "code", "pin", "passcode", "password", "verification_code", "otp_code"};
	const struct dd_slot *s = &c->program->slots[slot];
	struct dd_str example = s->example;
	if (!s->variable || (example.p && !all_digits(example)))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (strcmp(s->name, names[i]) == 0)
			return check_purpose(c, "otp") || i != 2;
	return check_purpose(c, "otp") && example.p && example.n >= 4 && example.n <= 8;
}

/* The longest number that the voice is given as it is written, in part `part`. */
struct dd_str check_longest_left(const struct check_heard *heard, uint32_t part)
{
	struct dd_str most = {"", 0}, piece;
	for (size_t at = 0; check_left_to_voice(heard, part, &at, &piece);) {
		struct dd_str number = longest_number(piece);
		most = number.n > most.n ? number : most;
	}
	return most;
}

/* Whether a value is read in words, one at least for each of its digits. */
static bool is_read_by_digits(const struct check_heard *heard, uint32_t part)
{
	size_t from = part ? heard->ends[part - 1] : 0, to = heard->ends[part];
	for (size_t i = 0; i < heard->spoken.aloud.n; i++) {
		const struct dd_said *s = &heard->spoken.aloud.list[i];
		size_t spaces = 0;
		if (s->at.from > from || s->at.to < to)
			continue;
		for (size_t k = 0; k < s->words.n; k++)
			spaces += s->words.p[k] == ' ';
		return spaces + 1 >= to - from;
	}
	return false;
}

void rule_otp_digits(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsegments; i++) {
		const struct dd_template *t = check_spoken(c, &p->segments[i]);
		struct check_heard heard;
		if (!t || t->ssml || !check_hear_example(c, &p->segments[i], &heard))
			continue;
		for (uint32_t k = 0; k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			struct dd_str number = part->slot == DD_NONE && check_purpose(c, "otp")
			        ? check_longest_left(&heard, k)
			        : (struct dd_str){"", 0};
			if (part->slot != DD_NONE && part->format == DD_AS_IS &&
			        check_is_code(c, part->slot) && !is_read_by_digits(&heard, k))
				check_at(c, p->segments[i].flow, part->span, "write {NAME:digits}",
				        "the code \"%s\" is spoken as a number, not digit by digit",
				        p->slots[part->slot].name);
			else if (number.n >= 4 && number.n <= 8)
				check_at(c, p->segments[i].flow, p->segments[i].span,
				        "write it digit by digit: 4. 5. 7. 8.",
				        "the code %.*s is spoken as a number, not digit by digit",
				        (int)number.n, number.p);
		}
	}
}

/* The step that plays a segment; DD_NONE: none does. */
static uint32_t step_of(const struct dd_program *p, uint32_t segment)
{
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t n = check_prompts(&p->steps[i], prompts);
		for (size_t k = 0; k < n; k++) {
			const struct dd_prompt *prompt = &p->prompts[prompts[k].prompt];
			if (segment >= prompt->first && segment < prompt->first + prompt->n)
				return i;
		}
	}
	return DD_NONE;
}

/* Whether a call that is at `from` comes to step `to` with nobody pressing another key. */
static bool comes_to(const struct dd_program *p, uint32_t from, uint32_t to)
{
	for (uint32_t n = 0; from < p->nsteps && n <= p->nsteps; n++) {
		const struct dd_step *s = &p->steps[from];
		if (from == to)
			return true;
		if (s->applet == DD_IVR || s->applet == DD_HANGUP || s->applet == DD_RETURN ||
		        s->applet == DD_CONNECT)
			return false;
		from = s->applet == DD_GOTO        ? s->target
		        : s->applet == DD_TRANSFER ? p->flows[s->target].start
		        : s->applet == DD_PASSTHRU && s->passthru.exits[DD_EXIT_200] != DD_NONE
		        ? s->passthru.exits[DD_EXIT_200]
		        : s->next;
	}
	return false;
}

/* Whether some menu says that a key repeats what step `step` says, and it does. Of a menu whose
 * words nobody knows it is believed. */
static bool can_be_repeated(const struct dd_checking *c, uint32_t step)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_ivr *ivr = &p->steps[i].ivr;
		if (p->steps[i].applet != DD_IVR)
			continue;
		size_t n = 0;
		struct check_word *words = check_words_of(c, ivr->prompt, &n);
		bool found = false;
		for (uint32_t k = 0; k < ivr->nkeys && !found; k++) {
			const struct dd_key *key = &p->keys[ivr->first_key + k];
			bool said = n == 0;
			for (size_t w = 0; w < n; w++)
				said |= words[w].announced &&
				        check_word_covers(&words[w], key->key);
			found = said && comes_to(p, key->target, step);
		}
		dd_free(words);
		if (found)
			return true;
	}
	return false;
}

void rule_otp_repeat(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	uint32_t times = 0, where = DD_NONE;
	for (uint32_t i = 0; check_purpose(c, "otp") && i < p->nsegments; i++) {
		const struct dd_template *t = check_spoken(c, &p->segments[i]);
		uint32_t step = t ? step_of(p, i) : DD_NONE;
		bool loops = step != DD_NONE && p->steps[step].applet == DD_GREETING &&
		        p->steps[step].greeting.loop != 1;
		for (uint32_t k = 0; t && k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			if (part->slot != DD_NONE && p->slots[part->slot].variable &&
			        (part->format != DD_AS_IS || check_is_code(c, part->slot)))
				times += loops ? 2 : 1, where = i;
		}
	}
	if (times == 1 && !can_be_repeated(c, step_of(p, where)))
		check_at(c, p->segments[where].flow, p->segments[where].span, "say it twice",
		        "the code is said once: who had no pen ready has lost it");
}

void rule_bare_number(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsegments; i++) {
		const struct dd_template *t = check_spoken(c, &p->segments[i]);
		struct check_heard heard;
		if (!t || t->ssml || !check_hear_example(c, &p->segments[i], &heard))
			continue;
		for (uint32_t k = 0; k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			size_t digits =
			        part->format == DD_AS_IS ? check_longest_left(&heard, k).n : 0;
			bool code = part->slot == DD_NONE
			        ? check_purpose(c, "otp") && digits <= 8
			        : check_is_code(c, part->slot); /* otp-digits tells of those */
			if ((long)digits > c->now.settings[0] && !code)
				check_at(c, p->segments[i].flow,
				        part->slot == DD_NONE ? p->segments[i].span : part->span,
				        "{NAME:digits} says each digit by itself",
				        "a number of %zu digits is spoken as one quantity", digits);
		}
	}
}

/* "No." is a word, "No. 5" is not. */
static bool needs_number(const char *abbreviation)
{
	return abbreviation[0] == 'N';
}

/* The abbreviation at word `w`, or NULL. "Rs.500" and "Rs500" are one word. */
static const char *abbreviation_at(const struct check_word *words, size_t n, size_t w)
{
	static const char *const known[] = {"Rs", "INR", "No", "Nos", "Acc", "A/c", "Amt", "Dt",
	        "Ref", "Tel", "Ltd", "Pvt", "Dept", "Approx", "Qty", "Govt", "Min", "Hrs", NULL};
	struct dd_str word = words[w].text;
	bool number = w + 1 < n && words[w + 1].text.p[0] >= '0' && words[w + 1].text.p[0] <= '9';
	for (size_t a = 0; known[a]; a++) {
		size_t length = strlen(known[a]);
		bool glued = word.n > length && memcmp(word.p, known[a], length) == 0 &&
		        word.p[length] >= '0' && word.p[length] <= '9';
		if ((dd_str_is(word, known[a]) && (number || !needs_number(known[a])) &&
		            (strcmp(known[a], "Min") != 0 || number)) ||
		        glued)
			return known[a];
	}
	return NULL;
}

const char *check_abbreviation(struct dd_str text)
{
	size_t n;
	struct check_word *words = check_words(text, &n);
	const char *found = NULL;
	for (size_t w = 0; w < n && !found; w++)
		found = abbreviation_at(words, n, w);
	dd_free(words);
	return found;
}

size_t check_quantity(struct dd_str value)
{
	return longest_number(value).n;
}

static void abbreviations(struct dd_checking *c, uint32_t step, struct dd_str text)
{
	size_t n;
	struct check_word *words = check_words(text, &n);
	for (size_t w = 0; w < n; w++) {
		const char *found = abbreviation_at(words, n, w);
		if (found)
			check_step(c, step, "write the word as it is to be said",
			        "\"%s\" is an abbreviation, which the voice reads as it stands",
			        found);
	}
	dd_free(words);
}

void rule_abbreviation(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		struct check_prompt prompts[CHECK_PROMPTS_MAX];
		size_t n = check_prompts(&c->program->steps[i], prompts);
		for (size_t k = 0; k < n; k++)
			abbreviations(c, i, c->played[prompts[k].prompt].said);
	}
}

/* -- what is read oddly ----------------------------------------------------- */

void rule_read_oddly(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsegments; i++) {
		const struct dd_segment *g = &p->segments[i];
		const struct dd_voice_choice *voice = &p->voices[g->voice];
		const struct dd_template *t = check_spoken(c, g);
		struct check_heard heard;
		struct dd_oddity odd;
		size_t at = 0;
		if (!t || !check_hear_example(c, g, &heard))
			continue;
		const struct dd_spoken *s = &heard.spoken;
		while (dd_oddly(voice->literal ? NULL : voice->language, s->words, &s->aloud,
		        s->fixed, s->nfixed, &at, &odd)) {
			struct dd_span span = g->span;
			if (heard.ends) {
				const struct dd_part *part =
				        &p->parts[t->first + check_part_at(&heard, odd.at.from)];
				span = part->slot == DD_NONE ? span : part->span;
			}
			check_at(c, g->flow, span, odd.hint, "\"%.*s\" %s",
			        (int)(odd.at.to - odd.at.from), s->words.p + odd.at.from, odd.why);
		}
	}
}
