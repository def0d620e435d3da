/* Rules about what is said. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "call/trace.h"
#include "check/checking.h"

void rule_not_personal(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	if (!check_purpose(c, "promotion reminder") || p->flows[0].start >= p->nsteps)
		return;
	for (uint32_t i = 0; i < p->nsegments; i++)
		if (p->segments[i].kind == DD_SEG_TEXT && check_asks_for(c, p->segments[i].text, DD_NONE))
			return;
	check_step(c, p->flows[0].start, "say the customer's name", "every customer hears the same words");
}

void rule_sms_segments(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		struct dd_buf text = {0};
		if (p->steps[i].applet != DD_SMS)
			continue;
		const struct dd_template *t = &p->templates[p->steps[i].sms.text];
		for (uint32_t k = 0; k < t->n; k++) {
			const struct dd_part *part = &p->parts[t->first + k];
			struct dd_str value = part->slot == DD_NONE ? part->text : p->slots[part->slot].example;
			dd_buf_add(&text, value.p ? value.p : "", value.n);
		}
		unsigned n = dd_sms_segments((struct dd_str){text.p ? text.p : "", text.n});
		if ((long)n > c->settings[0])
			check_step(c, i, "160 letters of the basic alphabet, or 70 of any other", "this message takes %u segments, each of which is paid for", n);
		dd_buf_free(&text);
	}
}

void rule_unused_variable(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	bool *read = dd_alloc(p->nslots + 1);
	for (uint32_t i = 0; i < p->nparts; i++)
		if (p->parts[i].slot != DD_NONE)
			read[p->parts[i].slot] = true;
	for (uint32_t f = 0; f < p->nflows; f++)
		for (uint32_t v = 0; v < p->flows[f].nvariables; v++)
			if (!read[p->flows[f].variables[v]])
				check_at(c, f, (struct dd_span){0, 1}, "say it, or take it away", "the variable \"%s\" is never said, sent or asked with",
					 p->slots[p->flows[f].variables[v]].name);
	free(read);
}

static bool same_answer(const struct dd_program *p, uint32_t a, uint32_t b)
{
	if (a == DD_NONE || b == DD_NONE || p->templates[a].n != 1 || p->templates[b].n != 1)
		return false;
	const struct dd_part *x = &p->parts[p->templates[a].first], *y = &p->parts[p->templates[b].first];
	return x->slot == y->slot && dd_str_same(x->text, y->text);
}

void rule_same_answer_twice(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_ivr *ivr = &p->steps[i].ivr;
		for (uint32_t a = 0; p->steps[i].applet == DD_IVR && a < ivr->nkeys; a++) {
			for (uint32_t b = a + 1; b < ivr->nkeys; b++) {
				const struct dd_key *x = &p->keys[ivr->first_key + a], *y = &p->keys[ivr->first_key + b];
				if (same_answer(p, x->answer, y->answer))
					check_at(c, p->steps[i].flow, y->span, "give each its own", "keys %c and %c have one answer: a report cannot tell them apart", x->key, y->key);
			}
		}
	}
}

/* -- what the words say can be pressed ---------------------------------------------------------------------------------------- */

/* Keys in words, in English, Hindi and Tamil. */
static const struct {
	const char *word;
	char key;
} KEYS[] = {
	{"zero", '0'}, {"one", '1'}, {"two", '2'}, {"three", '3'}, {"four", '4'}, {"five", '5'}, {"six", '6'}, {"seven", '7'}, {"eight", '8'},
	{"nine", '9'}, {"star", '*'}, {"asterisk", '*'}, {"hash", '#'}, {"pound", '#'}, {"शून्य", '0'}, {"एक", '1'}, {"दो", '2'}, {"तीन", '3'},
	{"चार", '4'}, {"पाँच", '5'}, {"पांच", '5'}, {"छह", '6'}, {"छः", '6'}, {"सात", '7'}, {"आठ", '8'}, {"नौ", '9'}, {"स्टार", '*'}, {"हैश", '#'},
	{"பூஜ்ஜியம்", '0'}, {"ஒன்று", '1'}, {"ஒன்றை", '1'}, {"இரண்டு", '2'}, {"இரண்டை", '2'}, {"மூன்று", '3'}, {"நான்கு", '4'}, {"ஐந்து", '5'},
	{"ஆறு", '6'}, {"ஏழு", '7'}, {"எட்டு", '8'}, {"ஒன்பது", '9'}, {"நட்சத்திரம்", '*'},
};

struct word {
	struct dd_str text;
	char key; /* 0: none */
};
enum { WORDS_MAX = 600 };

static char key_of(struct dd_str word)
{
	if (word.n == 1 && dd_key_index(word.p[0]) >= 0)
		return word.p[0];
	for (size_t i = 0; i < sizeof KEYS / sizeof *KEYS; i++) {
		size_t n = strlen(KEYS[i].word);
		bool same = n == word.n;
		for (size_t k = 0; k < n && same; k++)
			same = (word.p[k] >= 'A' && word.p[k] <= 'Z' ? word.p[k] + 32 : word.p[k]) == KEYS[i].word[k];
		if (same)
			return KEYS[i].key;
	}
	return '\0';
}

static size_t split(struct dd_str text, struct word *out)
{
	static const char edges[] = " \t\n.,;:!?()\"'";
	size_t n = 0;
	for (size_t at = 0; at < text.n && n < WORDS_MAX;) {
		size_t from = at;
		while (at < text.n && !strchr(edges, text.p[at]))
			at++;
		struct dd_str word = {text.p + from, at - from};
		if (word.n > 3 && memcmp(word.p + word.n - 3, "।", 3) == 0)
			word.n -= 3;
		if (word.n)
			out[n++] = (struct word){word, key_of(word)};
		at++;
	}
	return n;
}

static bool begins(struct dd_str word, const char *with)
{
	size_t n = strlen(with);
	for (size_t i = 0; i < n; i++)
		if (i >= word.n || (word.p[i] >= 'A' && word.p[i] <= 'Z' ? word.p[i] + 32 : word.p[i]) != with[i])
			return false;
	return true;
}

/* "press 1", "press the 1 key", "1 दबाएँ", "1 ஐ அழுத்தவும்": whether the words say that word `i` is to be pressed. */
static bool is_announced(const struct word *w, size_t n, size_t i)
{
	static const char *const between[] = {"the", "key", "number", "button"};
	for (size_t back = i; back-- > 0 && i - back <= 3;) {
		bool filler = false;
		if (begins(w[back].text, "press") || begins(w[back].text, "dial"))
			return true;
		for (size_t k = 0; k < sizeof between / sizeof *between; k++)
			filler |= dd_str_is(w[back].text, between[k]);
		if (!filler)
			break;
	}
	for (size_t on = i + 1; on < n && on <= i + 2; on++)
		if (begins(w[on].text, "दबा") || begins(w[on].text, "அழுத்த"))
			return true;
	return false;
}

/* The words of a menu's prompt, where they are spoken and known. */
static size_t menu_words(const struct dd_checking *c, uint32_t step, struct word *words)
{
	const struct dd_program *p = c->program;
	const struct dd_prompt *prompt = &p->prompts[p->steps[step].ivr.prompt];
	for (uint32_t i = 0; i < prompt->n; i++)
		if (p->segments[prompt->first + i].kind == DD_SEG_AUDIO || p->segments[prompt->first + i].kind == DD_SEG_URL)
			return 0; /* a recording may say it */
	return split(c->words[p->steps[step].ivr.prompt], words);
}

void rule_key_not_announced(struct dd_checking *c)
{
	static _Thread_local struct word words[WORDS_MAX];
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_ivr *ivr = &c->program->steps[i].ivr;
		size_t n = c->program->steps[i].applet == DD_IVR && !ivr->collect ? menu_words(c, i, words) : 0;
		for (uint32_t k = 0; n && k < ivr->nkeys; k++) {
			const struct dd_key *key = &c->program->keys[ivr->first_key + k];
			bool said = false;
			for (size_t w = 0; w < n; w++)
				said |= words[w].key == key->key;
			if (!said)
				check_at(c, c->program->steps[i].flow, key->span, "say it in the prompt, or take it away", "nobody is told of key %c", key->key);
		}
	}
}

void rule_announced_key_missing(struct dd_checking *c)
{
	static _Thread_local struct word words[WORDS_MAX];
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_ivr *ivr = &c->program->steps[i].ivr;
		size_t n = c->program->steps[i].applet == DD_IVR && !ivr->collect ? menu_words(c, i, words) : 0;
		bool told[12] = {false};
		for (size_t w = 0; w < n; w++) {
			int key = words[w].key ? dd_key_index(words[w].key) : -1;
			if (key < 0 || told[key] || ivr->by_key[key] != DD_NONE || !is_announced(words, n, w))
				continue;
			told[key] = true;
			check_step(c, i, "add the key, or leave it unsaid", "the prompt says that %c can be pressed, and nothing happens then", words[w].key);
		}
	}
}

/* -- numbers and abbreviations ------------------------------------------------------------------------------------------------ */

static bool all_digits(struct dd_str text)
{
	for (size_t i = 0; i < text.n; i++)
		if (text.p[i] < '0' || text.p[i] > '9')
			return false;
	return text.n > 0;
}

static size_t longest_number(struct dd_str text)
{
	size_t most = 0, run = 0;
	for (size_t i = 0; i < text.n; i++) {
		run = text.p[i] >= '0' && text.p[i] <= '9' ? run + 1 : 0;
		most = run > most ? run : most;
	}
	return most;
}

void rule_otp_digits(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; check_purpose(c, "otp") && i < p->nsegments; i++) {
		const struct dd_segment *g = &p->segments[i];
		for (uint32_t k = 0; g->kind == DD_SEG_TEXT && k < p->templates[g->text].n; k++) {
			const struct dd_part *part = &p->parts[p->templates[g->text].first + k];
			if (part->slot != DD_NONE && p->slots[part->slot].variable && part->format == DD_AS_IS && all_digits(p->slots[part->slot].example))
				check_at(c, 0, g->span, "write {NAME:digits}", "the code \"%s\" is spoken as a number, not digit by digit", p->slots[part->slot].name);
		}
	}
}

void rule_otp_repeat(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	uint32_t times = 0, where = DD_NONE;
	for (uint32_t i = 0; check_purpose(c, "otp") && i < p->nsegments; i++) {
		const struct dd_segment *g = &p->segments[i];
		for (uint32_t k = 0; g->kind == DD_SEG_TEXT && k < p->templates[g->text].n; k++) {
			const struct dd_part *part = &p->parts[p->templates[g->text].first + k];
			if (part->slot != DD_NONE && p->slots[part->slot].variable && part->format != DD_AS_IS)
				times++, where = i;
		}
	}
	if (times == 1)
		check_at(c, 0, p->segments[where].span, "say it twice", "the code is said once: who had no pen ready has lost it");
}

void rule_bare_number(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsegments; i++) {
		const struct dd_segment *g = &p->segments[i];
		for (uint32_t k = 0; g->kind == DD_SEG_TEXT && !p->templates[g->text].ssml && k < p->templates[g->text].n; k++) {
			const struct dd_part *part = &p->parts[p->templates[g->text].first + k];
			struct dd_str text = part->slot == DD_NONE ? part->text : p->slots[part->slot].example;
			if (part->format == DD_AS_IS && text.p && (long)longest_number(text) > c->settings[0])
				check_at(c, 0, g->span, "{NAME:digits} says each digit by itself", "a number of %zu digits is spoken as one quantity", longest_number(text));
		}
	}
}

void rule_abbreviation(struct dd_checking *c)
{
	static const char *const known[] = {"Rs", "INR", "No", "Nos", "Acc", "A/c", "Amt", "Dt", "Ref", "Tel", "Ltd", "Pvt", "Dept"};
	static _Thread_local struct word words[WORDS_MAX];
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		struct check_prompt prompts[3];
		size_t n = check_prompts(&c->program->steps[i], prompts);
		for (size_t k = 0; k < n; k++) {
			size_t count = split(c->words[prompts[k].prompt], words);
			for (size_t w = 0; w < count; w++) {
				bool number = w + 1 < count && words[w + 1].text.p[0] >= '0' && words[w + 1].text.p[0] <= '9';
				for (size_t a = 0; a < sizeof known / sizeof *known; a++) {
					bool negation = known[a][0] == 'N' && !number; /* "No." is a word, "No. 5" is not */
					if (dd_str_is(words[w].text, known[a]) && !negation)
						check_step(c, i, "write the word as it is to be said", "\"%s\" is an abbreviation, which the voice reads as it stands",
							   known[a]);
				}
			}
		}
	}
}
