/* Rules about keys that are announced, and keys that work. */
#include <stdlib.h>

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
			if (w[k].announced)
				keys |= 1U << dd_key_index(w[k].key);
		free(w);
	}
	return keys;
}

void rule_key_not_announced(struct dd_checking *c)
{
	unsigned greeted = greeted_keys(c);
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_ivr *ivr = &c->program->steps[i].ivr;
		size_t n;
		struct check_word *words = menu_words(c, i, &n);
		for (uint32_t k = 0; n && k < ivr->nkeys; k++) {
			const struct dd_key *key = &c->program->keys[ivr->first_key + k];
			bool said = greeted >> dd_key_index(key->key) & 1;
			for (size_t w = 0; w < n; w++)
				said |= words[w].key == key->key;
			if (!said)
				check_at(c, c->program->steps[i].flow, key->span,
				        "say it in the prompt, or take it away",
				        "nobody is told of key %c", key->key);
		}
		free(words);
	}
}

void rule_announced_key_missing(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		const struct dd_ivr *ivr = &c->program->steps[i].ivr;
		size_t n;
		struct check_word *words = menu_words(c, i, &n);
		unsigned told = 0;
		for (size_t w = 0; w < n; w++) {
			int key = words[w].announced ? dd_key_index(words[w].key) : -1;
			if (key < 0 || told >> key & 1 || ivr->by_key[key] != DD_NONE)
				continue;
			told |= 1U << key;
			check_step(c, i, "add the key, or leave it unsaid",
			        "the prompt says that %c can be pressed, and nothing happens then",
			        words[w].key);
		}
		free(words);
	}
}

/* 1 to 9 in their order; 0, * and # are said where they fit. */
void rule_key_order(struct dd_checking *c)
{
	for (uint32_t i = 0; i < c->program->nsteps; i++) {
		size_t n;
		struct check_word *words = menu_words(c, i, &n);
		char last = '\0';
		for (size_t w = 0; w < n; w++) {
			if (!words[w].announced || words[w].key < '1' || words[w].key > '9')
				continue;
			if (words[w].key < last) {
				check_step(c, i, "announce the keys from low to high",
				        "the prompt announces %c after %c", words[w].key, last);
				break;
			}
			last = words[w].key;
		}
		free(words);
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
		free(words);
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
