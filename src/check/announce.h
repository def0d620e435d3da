/* What the words of a menu say can be pressed. */
#ifndef DD_CHECK_ANNOUNCE_H
#define DD_CHECK_ANNOUNCE_H

#include "check/checking.h"

struct check_word {
	struct dd_str text;
	char key;  /* the key it may stand for: "1", "one", "एक", "ஒன்றை"; 0: none */
	char to;   /* it begins a range, as "from 1 to 5" does: the last key; 0: it begins none */
	bool stop; /* a comma or the like stands before it */
	bool begins;    /* it begins a sentence */
	bool announced; /* the words around it say that this key is to be pressed … */
	bool first;     /* … and what it does comes after it: "press 1 to confirm" */
};
/* The words of a text, from malloc; those of other prompts than menus can be asked as well. */
struct check_word *check_words(struct dd_str text, size_t *n);
/* Whether a word, or the range that it begins, stands for a key. */
bool check_word_covers(const struct check_word *word, char key);
/* "you will be asked to press 1": the key is for later. */
bool check_is_later(const struct check_word *words, size_t i);
/* "followed by the hash key", "ending with #". */
bool check_is_followed_by(const struct check_word *words, size_t i);
/* How many digits a text asks for: "your 6 digit code", "four to six digits"; from malloc. */
struct check_count {
	unsigned low, high;
};
struct check_count *check_counts(const struct check_word *words, size_t n, size_t *ncounts);
/* What a key is announced for inside a number that is typed. */
enum check_use { CHECK_FINISH, CHECK_OTHER, CHECK_UNKNOWN };
enum check_use check_use_of(const struct check_word *words, size_t n, size_t i);
/* The same of prompt `prompt`; none where a recording may say anything. */
struct check_word *check_words_of(const struct dd_checking *c, uint32_t prompt, size_t *n);

#endif
