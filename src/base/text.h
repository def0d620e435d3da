/* Growing text, UTF-8, width on the screen, and the escapers: each edge through which foreign text
   leaves the program has its own. */
#ifndef DD_BASE_TEXT_H
#define DD_BASE_TEXT_H

#include <drydial/base.h>

#include <string.h>

/* Bytes of a text. */
struct dd_stretch {
	size_t from, to;
};
/* A stretch of a text, and what is said in its place. */
struct dd_said {
	struct dd_stretch at;
	struct dd_str words;
};

/* A growing text, always NUL-terminated once something was added. Zero-initialise; dd_buf_free()
 * when done. */
struct dd_buf {
	char *p;
	size_t n, cap;
};
void dd_buf_add(struct dd_buf *buf, const char *p, size_t n);
void dd_buf_str(struct dd_buf *buf, const char *text);
void dd_buf_char(struct dd_buf *buf, char c);
void dd_buf_format(struct dd_buf *buf, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
void dd_buf_clear(struct dd_buf *buf);
void dd_buf_free(struct dd_buf *buf);

/* Escapers, each appending the escaped text. */
void dd_buf_xml(struct dd_buf *buf,
        struct dd_str text); /* & < > " ' ; characters XML forbids are dropped */
void dd_buf_json(struct dd_buf *buf,
        struct dd_str text); /* a JSON string, quotes included; what is not UTF-8 becomes U+FFFD */
void dd_buf_percent(struct dd_buf *buf, struct dd_str text); /* RFC 3986: all but unreserved */
void dd_buf_base64(struct dd_buf *buf, const unsigned char *bytes, size_t n);
void dd_buf_yaml(
        struct dd_buf *buf, struct dd_str text); /* a double-quoted YAML scalar, quotes included */
void dd_buf_screen(
        struct dd_buf *buf, struct dd_str text); /* control characters become U+FFFD or a space */

/* A whole page for a terminal: lines, tabs and colours stay; whatever else would move its cursor,
 * or ask it something, becomes U+FFFD. */
void dd_buf_terminal(struct dd_buf *buf, struct dd_str text);

static inline struct dd_str dd_str(const char *text)
{
	return (struct dd_str){text, text ? strlen(text) : 0};
}
bool dd_str_is(struct dd_str a, const char *b);
bool dd_str_same(struct dd_str a, struct dd_str b);
struct dd_str dd_str_trim(struct dd_str text);
/* The byte that a percent sign and two hex digits at `at` stand for; -1: there are none. */
int dd_percent_byte(struct dd_str text, size_t at);
/* From malloc, ending in NUL; NULL where there is no text (p NULL). */
char *dd_str_copy(struct dd_str text);

/* Decodes the code point at text.p[*at] and moves `*at` past it; U+FFFD and one byte for what is
 * not UTF-8. */
uint32_t dd_utf8_next(struct dd_str text, size_t *at);
/* The offset of the first byte that is not valid UTF-8, or text.n. */
size_t dd_utf8_valid(struct dd_str text);
/* Appends a code point. */
void dd_buf_codepoint(struct dd_buf *buf, uint32_t c);
size_t dd_utf8_count(struct dd_str text);
/* Columns on a terminal (wide and combining characters counted as such). */
size_t dd_width(struct dd_str text);
/* Bytes of the longest prefix that fits `columns` on every terminal, not splitting a character from
 * its marks. */
size_t dd_width_fit(struct dd_str text, size_t columns);
/* Appends text (already fit for a terminal) behind `used` columns of a line, broken at blanks, or
 * within a word that has no room; further lines begin behind `indent` blanks. `columns` 0: one
 * line.
 */
void dd_buf_wrapped(
        struct dd_buf *out, struct dd_str text, size_t used, size_t indent, size_t columns);
/* The end of the user-perceived character that begins at `at`. */
size_t dd_grapheme_end(struct dd_str text, size_t at);
bool dd_is_letter(uint32_t c);
bool dd_is_digit(uint32_t c);
bool dd_is_mark(uint32_t c);
uint32_t dd_upper(uint32_t c);
uint32_t dd_fold(uint32_t c);

/* The candidate nearest to `word` by edit distance, or NULL when none is near enough to have been
 * meant. */
const char *dd_nearest(struct dd_str word, const char *const *candidates, size_t n);

#endif
