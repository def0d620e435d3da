/* Rules about keys that are announced, and keys that work. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "check/announce.h"

/* The words of a menu that asks for one key; NULL for any other step. */
static struct check_word *menu_words(const struct dd_checking *c, uint32_t step, size_t *n)
{
	const struct dd_step *s = &c->program->steps[step];
	*n = 0;
	return s->applet == DD_IVR && !s->ivr.collect ? check_words_of(c, s->ivr.prompt, n) : NULL;
}

/* Keys that some greeting announces: "press 9 at any time" need not be said in every menu. */
static unsigned greeted_keys(const struct dd_checking *c)
{
	unsigned keys = 0;
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		size_t n;
		if (c->program->steps[i].applet != DD_GREETING)
			continue;
		struct check_word *w = check_words_of(c, c->program->steps[i].greeting.prompt, &n);
		for (size_t k = 0; k < n; k++)
			for (const char *key = "0123456789*#"; w[k].announced && *key; key++)
				if (check_word_covers(&w[k], *key))
					keys |= 1U << dd_key_index(*key);
		dd_free(w);
	}
	return keys;
}

/* Whether words are heard on the way that nobody knows: recordings, prompts that a server gives. */
static bool has_unknown_words(const struct dd_checking *c, uint32_t prompt)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_segment *g = &p->segments[p->prompts[prompt].first + i];
		if (g->kind == DD_SEG_AUDIO || g->kind == DD_SEG_URL || g->kind == DD_SEG_STAND_IN)
			return true;
		for (uint32_t k = 0; g->kind == DD_SEG_TEXT && k < p->templates[g->text].n; k++) {
			uint32_t slot = p->parts[p->templates[g->text].first + k].slot;
			/* what a server answers, which may be the whole menu */
			if (slot != DD_NONE && slot >= DD_BUILT_INS_COUNT &&
			        !p->slots[slot].variable)
				return true;
		}
	}
	return false;
}

static bool has_unknown_greeting(const struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++)
		if (c->program->steps[i].applet == DD_GREETING &&
		        has_unknown_words(c, c->program->steps[i].greeting.prompt))
			return true;
	return false;
}

/* Where a menu announces nothing itself, what nobody knows the words of may do it. */
static bool may_be_announced(const struct dd_checking *c, uint32_t step,
        const struct check_word *words, size_t n, bool greeting)
{
	for (size_t w = 0; w < n; w++)
		if (words[w].announced)
			return false;
	return greeting || has_unknown_words(c, c->program->steps[step].ivr.prompt);
}

void rule_key_not_announced(struct dd_checking *c)
{
	unsigned greeted = greeted_keys(c);
	bool unknown = has_unknown_greeting(c);
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_ivr *ivr = &c->program->steps[i].ivr;
		size_t n;
		struct check_word *words = menu_words(c, i, &n);
		if (n && may_be_announced(c, i, words, n, unknown))
			n = 0;
		for (uint32_t k = 0; n && k < ivr->nkeys; k++) {
			const struct dd_key *key = &c->program->keys[ivr->first_key + k];
			bool said = greeted >> dd_key_index(key->key) & 1 ||
			        key->key == ivr->finish; /* of an application's Gather */
			for (size_t w = 0; w < n; w++)
				said |= check_word_covers(&words[w], key->key);
			if (!said)
				check_at(c, c->program->steps[i].flow, key->span,
				        "say it in the prompt, or take it away",
				        "nobody is told of key %c", key->key);
		}
		dd_free(words);
	}
}

/* The keys that the words announce, as bits; those of ranges whose keys all work but a few too. */
static unsigned announced_keys(const struct check_word *words, size_t n)
{
	unsigned keys = 0;
	for (size_t w = 0; w < n; w++)
		for (const char *key = "0123456789*#"; words[w].announced && *key; key++)
			if (check_word_covers(&words[w], *key))
				keys |= 1U << dd_key_index(*key);
	return keys;
}

/* A key that is to do something of its own while a number is typed becomes part of the number. Of
 * a number of one digit the keys are what is asked for. */
static void keys_in_number(struct dd_checking *c, uint32_t step)
{
	const struct dd_ivr *ivr = &c->program->steps[step].ivr;
	const struct dd_collect how = check_collect(c, step);
	size_t n;
	struct check_word *words = check_words_of(c, ivr->prompt, &n);
	unsigned told = 0;
	for (size_t w = 0; w < n && how.max > 1; w++) {
		int key = words[w].announced && !words[w].to ? dd_key_index(words[w].key) : -1;
		if (key < 0 || words[w].key == how.finish || told >> key & 1 ||
		        (w && words[w - 1].to) || check_use_of(words, n, w) != CHECK_OTHER)
			continue;
		told |= 1U << key;
		check_step(c, step, "ask for it in a menu before, or leave it unsaid",
		        "the prompt says that %c can be pressed, and here it is taken for a digit",
		        words[w].key);
	}
	dd_free(words);
}

void rule_announced_key_missing(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_ivr *ivr = &c->program->steps[i].ivr;
		size_t n;
		if (c->program->steps[i].applet == DD_IVR && ivr->collect)
			keys_in_number(c, i);
		struct check_word *words = menu_words(c, i, &n);
		unsigned keys = announced_keys(words, n);
		for (const char *key = "0123456789*#"; *key; key++)
			if (keys >> dd_key_index(*key) & 1 &&
			        ivr->by_key[dd_key_index(*key)] == DD_NONE)
				check_step(c, i, "add the key, or leave it unsaid",
				        "the prompt says that %c can be pressed, and nothing "
				        "happens then",
				        *key);
		dd_free(words);
	}
}

/* -- numbers that are typed ------------------------------------------------- */

static void finish_of(struct dd_checking *c, uint32_t step, char key)
{
	const struct dd_collect how = check_collect(c, step);
	if (how.finish && key != how.finish)
		check_step(c, step, "one of the two, in the prompt and in finish",
		        "the prompt says that %c ends the number, but %c does", key, how.finish);
	else if (!how.finish)
		check_step(c, step, "finish: \"#\", or leave it unsaid",
		        "the prompt says that %c ends the number, and it is taken for a digit",
		        key);
	else if (how.min == how.max)
		check_step_as(c, DD_WARNING, step,
		        "leave it unsaid, or let max be greater than min",
		        "the number is complete with %u %s: the %c that the prompt asks for then "
		        "goes to what comes next",
		        how.max, how.max == 1 ? "digit" : "digits", key);
}

void rule_collect_finish(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		size_t n = 0;
		if (s->applet != DD_IVR || !s->ivr.collect)
			continue;
		struct check_word *words = check_words_of(c, s->ivr.prompt, &n);
		for (size_t w = 0; w < n; w++)
			if ((words[w].key == '#' || words[w].key == '*') &&
			        (words[w].announced ? check_use_of(words, n, w) == CHECK_FINISH
			                            : check_is_followed_by(words, w))) {
				finish_of(c, i, words[w].key);
				break;
			}
		dd_free(words);
	}
}

void rule_collect_digits(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		size_t n = 0, ncounts = 0;
		if (s->applet != DD_IVR || !s->ivr.collect)
			continue;
		const struct dd_collect how = check_collect(c, i);
		struct check_word *words = check_words_of(c, s->ivr.prompt, &n);
		struct check_count *counts = check_counts(words, n, &ncounts), wrong = {0, 0};
		bool fits = false;
		for (size_t k = 0; k < ncounts; k++) {
			/* with two numbers in a sentence, the one that fits is the one to type */
			if (counts[k].low >= how.min && counts[k].high <= how.max)
				fits = true;
			else if (!wrong.high)
				wrong = counts[k];
		}
		if (!fits && wrong.high > how.max)
			check_step(c, i, "max is the most digits that are asked for",
			        "the prompt asks for %u digits, and the number is taken after %u",
			        wrong.high, how.max);
		else if (!fits && wrong.high)
			check_step(c, i, "min is the fewest digits that are asked for",
			        "the prompt asks for %u digits, and fewer than %u count as wrong",
			        wrong.low, how.min);
		dd_free(counts);
		dd_free(words);
	}
}

/* -- keys where nothing listens --------------------------------------------- */

/* The first key that a prompt announces; 0: none, or nobody knows its words. "You will be asked to
 * press 1" is about later. */
static char first_announced(const struct dd_checking *c, uint32_t prompt)
{
	size_t n = 0;
	struct check_word *words = prompt == DD_NONE ? NULL : check_words_of(c, prompt, &n);
	char key = '\0';
	for (size_t w = 0; w < n && !key; w++)
		if (words[w].announced && !check_is_later(words, w))
			key = words[w].key;
	dd_free(words);
	return key;
}

void rule_key_unheard(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_step *s = &c->program->steps[i];
		char key = '\0';
		if (s->applet == DD_GREETING && !s->greeting.interruptible) {
			key = first_announced(c, s->greeting.prompt);
			if (key)
				check_step(c, i,
				        "say it in the menu's prompt, or let the greeting be "
				        "interruptible",
				        "this greeting says that %c can be pressed, and a key "
				        "pressed while it plays is lost",
				        key);
		} else if (s->applet == DD_IVR && !s->ivr.barge_in) {
			key = first_announced(c, s->ivr.prompt);
			if (key)
				check_step(c, i, "barge_in: true",
				        "the prompt says that %c can be pressed, and with "
				        "barge_in: false a key pressed before its end is lost",
				        key);
		} else if (s->applet == DD_PASSTHRU) {
			key = first_announced(c, s->passthru.hold);
			if (key)
				check_step(c, i, "say it in a menu behind the passthru",
				        "the hold prompt says that %c can be pressed, and while a "
				        "server is asked every key is lost",
				        key);
		} else if (s->applet == DD_CONNECT && s->connect.ring != DD_NONE) {
			key = first_announced(c, s->connect.ring);
			if (key)
				check_step(c, i, "say it in a menu before the connect",
				        "the ring prompt says that %c can be pressed, and while "
				        "somebody is rung every key is lost",
				        key);
		}
	}
}

/* 1 to 9 in their order; 0, * and # are said where they fit. A prompt that says all of it again
   announces nothing new. */
void rule_key_order(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		size_t n;
		struct check_word *words = menu_words(c, i, &n);
		char last = '\0', ends = '\0';
		unsigned told = 0;
		for (size_t w = 0; w < n; w++) {
			if (!words[w].announced || words[w].key < '1' || words[w].key > '9')
				continue;
			bool again = told >> (words[w].key - '0') & 1;
			told |= 1U << (words[w].key - '0');
			if (again && words[w].key != ends)
				continue;
			if (words[w].key == ends) { /* of a range: "from 5 to 1" is in order, too */
				last = ends > last ? ends : last;
				ends = '\0';
				continue;
			}
			ends = words[w].to;
			if (words[w].key < last) {
				check_step(c, i, "announce the keys from low to high",
				        "the prompt announces %c after %c", words[w].key, last);
				break;
			}
			last = words[w].key;
		}
		dd_free(words);
	}
}

void rule_key_before_action(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		size_t n;
		struct check_word *words = menu_words(c, i, &n);
		for (size_t w = 0; w < n; w++) {
			if (!words[w].first)
				continue;
			check_step(c, i,
			        "first what it does, then the key: \"To confirm, press 1\"",
			        "the prompt says key %c before it says what it does", words[w].key);
			break;
		}
		dd_free(words);
	}
}

static bool same_answer(const struct dd_program *p, uint32_t a, uint32_t b)
{
	if (a == DD_NONE || b == DD_NONE || p->templates[a].n != 1 || p->templates[b].n != 1)
		return false;
	const struct dd_part *x = &p->parts[p->templates[a].first],
	                     *y = &p->parts[p->templates[b].first];
	return x->slot == y->slot && dd_str_same(x->text, y->text);
}

void rule_same_answer_twice(struct dd_checking *c)
{
	const struct dd_program *p = c->program;
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_ivr *ivr = &p->steps[i].ivr;
		for (uint32_t a = 0; p->steps[i].applet == DD_IVR && a < ivr->nkeys; a++) {
			for (uint32_t b = a + 1; b < ivr->nkeys; b++) {
				const struct dd_key *x = &p->keys[ivr->first_key + a],
				                    *y = &p->keys[ivr->first_key + b];
				if (same_answer(p, x->answer, y->answer))
					check_at(c, p->steps[i].flow, y->span, "give each its own",
					        "keys %c and %c have one answer: "
					        "a report cannot tell them apart",
					        x->key, y->key);
			}
		}
	}
}

/* The words behind an announced key, up to the next stop or the next key: what it does. */
static size_t what_it_does(const struct check_word *words, size_t n, size_t i)
{
	size_t end = i + 1;
	while (end < n && !words[end].stop && !words[end].begins && !words[end].key)
		end++;
	return end - i - 1;
}

static bool same_words(const struct check_word *words, size_t a, size_t b, size_t n)
{
	for (size_t i = 1; i <= n; i++)
		if (words[a + i].text.n != words[b + i].text.n ||
		        strncasecmp(
		                words[a + i].text.p, words[b + i].text.p, words[a + i].text.n) != 0)
			return false;
	return true;
}

/* "Press 2 for the counter, or press 2 to stop these calls." Who says a menu twice says it in the
 * same words; and only where what a key does stands behind it can two of them be told apart. */
void rule_key_announced_twice(struct dd_checking *c)
{
	for (uint32_t s = 0; s < c->program->nsteps; s++) {
		size_t n;
		struct check_word *w = menu_words(c, s, &n);
		bool told[12] = {false};
		for (size_t i = 0; i < n; i++) {
			int key = w[i].key ? dd_key_index(w[i].key) : -1;
			size_t does = what_it_does(w, n, i);
			if (key < 0 || told[key] || w[i].to || !w[i].announced || !w[i].first ||
			        does < 2)
				continue;
			for (size_t k = 0; k < i && !told[key]; k++) {
				size_t did = what_it_does(w, n, k), less = did < does ? did : does;
				if (w[k].key != w[i].key || w[k].to || !w[k].announced ||
				        !w[k].first || did < 2 || same_words(w, k, i, less))
					continue;
				told[key] = true;
				check_step(c, s, "another key for one of them",
				        "%c is announced for \"%.*s\" and for \"%.*s\"", w[i].key,
				        (int)(w[k + did].text.p + w[k + did].text.n -
				                w[k + 1].text.p),
				        w[k + 1].text.p,
				        (int)(w[i + does].text.p + w[i + does].text.n -
				                w[i + 1].text.p),
				        w[i + 1].text.p);
			}
		}
		dd_free(w);
	}
}
