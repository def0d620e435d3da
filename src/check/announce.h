/* What the words of a menu say can be pressed. */
#ifndef DD_CHECK_ANNOUNCE_H
#define DD_CHECK_ANNOUNCE_H

#include "check/checking.h"

struct check_word {
	struct dd_str text;
	char key;  /* the key it may stand for: "1", "one", "एक", "ஒன்றை"; 0: none */
	bool stop; /* a comma or the like stands before it */
	bool announced; /* the words around it say that this key is to be pressed … */
	bool first;     /* … and what it does comes after it: "press 1 to confirm" */
};
/* The words of a text, from malloc; those of other prompts than menus can be asked as well. */
struct check_word *check_words(struct dd_str text, size_t *n);
/* The same of prompt `prompt`; none where a recording may say anything. */
struct check_word *check_words_of(const struct dd_checking *c, uint32_t prompt, size_t *n);

#endif
