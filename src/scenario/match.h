/* Words wanted against words heard. Both are folded first: case, punctuation and runs of space do
   not count, in any script; the marks of Devanagari, Tamil and their like do, since they are part
   of the word. */
#ifndef DD_SCENARIO_MATCH_H
#define DD_SCENARIO_MATCH_H

#include "base/arena.h"
#include "base/text.h"

/* Appends `text` folded: compatibility forms apart (NFKD), without case; punctuation gone, but for
   * # % & @, which are spoken; dashes between words and white space one space. `origins` (may be
   NULL) gets, for each byte of the result, the offset in `text` behind the character it came from;
   from malloc, one more than bytes. */
void dd_fold_words(struct dd_str text, struct dd_buf *out, uint32_t **origins);

/* Whether `words` (both folded) hold `part`, without cutting a character from its marks. `*end`
 * (may be NULL) is where the part ends. */
bool dd_folded_holds(struct dd_str words, struct dd_str part, size_t *end);

/* A regular expression: without regard to case, for UTF-8. */
struct dd_regex;
/* NULL, with a sentence and its offset, when `pattern` is not one. */
struct dd_regex *dd_regex_new(struct dd_str pattern, struct dd_error *err, size_t *at);
void dd_regex_free(struct dd_regex *regex); /* NULL is fine */
/* 1: found, ending at `*end` (may be NULL); 0: not found; -1: stopped, since it would take too
 * long. */
int dd_regex_find(const struct dd_regex *regex, struct dd_str text, size_t *end);

/* How far `heard` is from `wanted`, word by word, the rest of `heard` left aside: 0 the same, 1000
   nothing alike. The two buffers (may be NULL) get the texts with the words that differ in
   [brackets]; `part` (may be NULL) is the stretch of `heard` that comes nearest. */
unsigned dd_words_differ(struct dd_str wanted, struct dd_str heard, struct dd_buf *wanted_marked,
        struct dd_buf *heard_marked, struct dd_str *part);

#endif
