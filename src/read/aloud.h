/* Text as people read it aloud: amounts, dates, times, telephone numbers and their like in words.

   A text is looked through once. At each word the patterns of its language are tried in their order
   (english.def, hindi.def, tamil.def, where each has the examples that are its tests); the first
   that fits says what is heard in place of what is written. What fits none is left to the voice,
   and so is what a voice reads as people do ("press 1", "3 PM", "500 rupees") and what can be read
   in two ways. Languages other than English, Hindi and Tamil are left as they are. */
#ifndef DD_READ_ALOUD_H
#define DD_READ_ALOUD_H

#include "base/arena.h"
#include "base/text.h"

struct dd_aloud {
	const struct dd_said *list; /* in the order of the text, never empty stretches */
	size_t n;
};

/* Whether there are rules for a language ("en-IN", "hi"). */
bool dd_aloud_knows(const char *language);
/* What of `text` (UTF-8) is said in other words; all of it lives in `arena`. Nothing is changed
   that touches one of the `fixed` stretches, which are in order (an empty one is a border that
   nothing crosses), nor what would make the text longer than `most` characters: that is left as it
   is written. Safe in any thread. */
struct dd_aloud dd_aloud(struct dd_arena *arena, const char *language, struct dd_str text,
        const struct dd_stretch *fixed, size_t nfixed, size_t most);
/* The whole text with it. */
void dd_aloud_join(struct dd_str text, const struct dd_aloud *aloud, struct dd_buf *out);

/* The numbers are put into words by ICU, a library that is opened by the first text with one. Where
   it is not installed nothing is put into words, and `tell` is called once, with a sentence. */
void dd_aloud_on_lack(void (*tell)(const char *sentence));

#endif
