/* Text: buffers, UTF-8, escapers. utf8proc knows the characters. */
#include "base/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "base/arena.h"

static void reserve(struct dd_buf *buf, size_t more)
{
	if (buf->cap - buf->n > more)
		return;
	size_t cap = buf->cap ? buf->cap : 64;
	while (cap - buf->n <= more)
		cap *= 2;
	buf->p = dd_realloc(buf->p, cap, 1);
	buf->cap = cap;
}

void dd_buf_add(struct dd_buf *buf, const char *p, size_t n)
{
	reserve(buf, n);
	if (n)
		memcpy(buf->p + buf->n, p, n);
	buf->n += n;
	buf->p[buf->n] = '\0';
}

void dd_buf_str(struct dd_buf *buf, const char *text)
{
	dd_buf_add(buf, text, strlen(text));
}

void dd_buf_char(struct dd_buf *buf, char c)
{
	dd_buf_add(buf, &c, 1);
}

void dd_buf_format(struct dd_buf *buf, const char *format, ...)
{
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	int n = vsnprintf(NULL, 0, format, args);
	va_end(args);
	if (n > 0) {
		reserve(buf, (size_t)n);
		(void)vsnprintf(buf->p + buf->n, (size_t)n + 1, format, again);
		buf->n += (size_t)n;
	}
	va_end(again);
}

void dd_buf_clear(struct dd_buf *buf)
{
	buf->n = 0;
	if (buf->p)
		buf->p[0] = '\0';
}

void dd_buf_free(struct dd_buf *buf)
{
	dd_free(buf->p);
	*buf = (struct dd_buf){0};
}

bool dd_str_same(struct dd_str a, struct dd_str b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static int hex_digit(char c)
{
	return c >= '0' && c <= '9'    ? c - '0'
	        : c >= 'a' && c <= 'f' ? c - 'a' + 10
	        : c >= 'A' && c <= 'F' ? c - 'A' + 10
	                               : -1;
}

int dd_percent_byte(struct dd_str text, size_t at)
{
	int high, low;
	if (at + 2 >= text.n || text.p[at] != '%')
		return -1;
	high = hex_digit(text.p[at + 1]);
	low = hex_digit(text.p[at + 2]);
	return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool dd_str_is(struct dd_str a, const char *b)
{
	return dd_str_same(a, dd_str(b));
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

char *dd_str_copy(struct dd_str text)
{
	return text.p ? memcpy(dd_alloc(text.n + 1), text.p, text.n) : NULL;
}

struct dd_str dd_str_trim(struct dd_str text)
{
	while (text.n && is_space(text.p[0]))
		text.p++, text.n--;
	while (text.n && is_space(text.p[text.n - 1]))
		text.n--;
	return text;
}

uint32_t dd_utf8_next(struct dd_str text, size_t *at)
{
	utf8proc_int32_t c;
	/* most of what is ever asked for */
	if (*at < text.n && !(text.p[*at] & 0x80))
		return (uint32_t)text.p[(*at)++];
	utf8proc_ssize_t n = utf8proc_iterate(
	        (const utf8proc_uint8_t *)text.p + *at, (utf8proc_ssize_t)(text.n - *at), &c);
	if (n <= 0) {
		*at += 1;
		return 0xFFFD;
	}
	*at += (size_t)n;
	return (uint32_t)c;
}

size_t dd_utf8_valid(struct dd_str text)
{
	size_t at = 0;
	while (at < text.n) {
		utf8proc_int32_t c;
		uint64_t eight;
		if (text.n - at >= sizeof eight) { /* most text is ASCII, and most of it long */
			memcpy(&eight, text.p + at, sizeof eight);
			if ((eight & UINT64_C(0x8080808080808080)) == 0) {
				at += sizeof eight;
				continue;
			}
		}
		utf8proc_ssize_t n = utf8proc_iterate(
		        (const utf8proc_uint8_t *)text.p + at, (utf8proc_ssize_t)(text.n - at), &c);
		if (n <= 0)
			return at;
		at += (size_t)n;
	}
	return at;
}

void dd_buf_codepoint(struct dd_buf *buf, uint32_t c)
{
	utf8proc_uint8_t bytes[4];
	utf8proc_ssize_t n = utf8proc_encode_char((utf8proc_int32_t)c, bytes);
	dd_buf_add(buf, (const char *)bytes, n > 0 ? (size_t)n : 0);
}

size_t dd_utf8_count(struct dd_str text)
{
	size_t count = 0;
	for (size_t at = 0; at < text.n; count++)
		dd_utf8_next(text, &at);
	return count;
}

size_t dd_width(struct dd_str text)
{
	size_t width = 0;
	for (size_t at = 0; at < text.n;) {
		uint32_t c = dd_utf8_next(text, &at);
		width += c == '\t' ? 1 : (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
	}
	return width;
}

/* Terminals disagree about spacing marks (the vowel signs of Devanagari and Tamil): some give them
 * a column of their own. */
static size_t width_most(struct dd_str text)
{
	size_t width = 0;
	for (size_t at = 0; at < text.n;) {
		uint32_t c = dd_utf8_next(text, &at);
		size_t one = (size_t)utf8proc_charwidth((utf8proc_int32_t)c);
		width += one == 0 && utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_MC
		        ? 1
		        : one;
	}
	return width;
}

size_t dd_grapheme_end(struct dd_str text, size_t at)
{
	utf8proc_int32_t state = 0;
	uint32_t before = dd_utf8_next(text, &at);
	while (at < text.n) {
		size_t next = at;
		uint32_t c = dd_utf8_next(text, &next);
		if (utf8proc_grapheme_break_stateful(
		            (utf8proc_int32_t)before, (utf8proc_int32_t)c, &state))
			break;
		before = c;
		at = next;
	}
	return at;
}

size_t dd_width_fit(struct dd_str text, size_t columns)
{
	size_t at = 0, used = 0;
	while (at < text.n) {
		size_t end = dd_grapheme_end(text, at);
		size_t w = width_most((struct dd_str){text.p + at, end - at});
		if (used + w > columns)
			break;
		used += w;
		at = end;
	}
	return at;
}

bool dd_is_letter(uint32_t c)
{
	if (c < 0x80)
		return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
	utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	return k >= UTF8PROC_CATEGORY_LU && k <= UTF8PROC_CATEGORY_LO;
}

bool dd_is_digit(uint32_t c)
{
	return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_ND;
}

bool dd_is_mark(uint32_t c)
{
	if (c < 0x80)
		return false;
	utf8proc_category_t k = utf8proc_category((utf8proc_int32_t)c);
	return k >= UTF8PROC_CATEGORY_MN && k <= UTF8PROC_CATEGORY_ME;
}

uint32_t dd_upper(uint32_t c)
{
	return (uint32_t)utf8proc_toupper((utf8proc_int32_t)c);
}

uint32_t dd_fold(uint32_t c)
{
	return (uint32_t)utf8proc_tolower((utf8proc_int32_t)c);
}

void dd_buf_json(struct dd_buf *buf, struct dd_str text)
{
	size_t from = 0; /* what needs no escape is added in one go */
	dd_buf_char(buf, '"');
	for (size_t at = 0; at < text.n;) {
		unsigned char c = (unsigned char)text.p[at];
		size_t next = at + 1;
		if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
			at = next;
			continue;
		}
		if (c >= 0x80) {
			size_t end = at;
			uint32_t point = dd_utf8_next(text, &end);
			if (point != 0xFFFD || end - at == 3) {
				at = end;
				continue;
			}
		}
		dd_buf_add(buf, text.p + from, at - from);
		if (c == '"' || c == '\\')
			dd_buf_format(buf, "\\%c", c);
		else if (c < 0x80)
			dd_buf_format(buf, "\\u%04x", c);
		else
			dd_buf_codepoint(buf, 0xFFFD);
		from = at = next;
	}
	dd_buf_add(buf, text.p + from, text.n - from);
	dd_buf_char(buf, '"');
}

void dd_buf_xml(struct dd_buf *buf, struct dd_str text)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(text, &at);
		switch (c) {
		case '&': dd_buf_str(buf, "&amp;"); break;
		case '<': dd_buf_str(buf, "&lt;"); break;
		case '>': dd_buf_str(buf, "&gt;"); break;
		case '"': dd_buf_str(buf, "&quot;"); break;
		case '\'': dd_buf_str(buf, "&#39;"); break;
		case '\t':
		case '\n':
		case '\r': dd_buf_char(buf, (char)c); break;
		case 0xFFFD:
		case 0xFFFE:
		case 0xFFFF: dd_buf_codepoint(buf, 0xFFFD); break;
		default:
			if (c >= 0x20)
				dd_buf_add(buf, text.p + from, at - from);
		}
	}
}

void dd_buf_percent(struct dd_buf *buf, struct dd_str text)
{
	static const char hex[] = "0123456789ABCDEF";
	reserve(buf, 3 * text.n);
	char *out = buf->p + buf->n;
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];
		if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		        c == '-' || c == '.' || c == '_' || c == '~') {
			*out++ = (char)c;
			continue;
		}
		*out++ = '%';
		*out++ = hex[c >> 4];
		*out++ = hex[c & 15];
	}
	*out = '\0';
	buf->n = (size_t)(out - buf->p);
}

static bool is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7F && c < 0xA0) || c == 0x061C || (c >= 0x200E && c <= 0x200F) ||
	        (c >= 0x2028 && c <= 0x202E) || (c >= 0x2066 && c <= 0x2069);
}

void dd_buf_base64(struct dd_buf *out, const unsigned char *bytes, size_t n)
{
	static const char digits[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	reserve(out, n / 3 * 4 + 8);
	for (size_t i = 0; i < n; i += 3) {
		uint32_t three = (uint32_t)bytes[i] << 16 |
		        (i + 1 < n ? (uint32_t)bytes[i + 1] << 8 : 0) |
		        (i + 2 < n ? bytes[i + 2] : 0);
		dd_buf_char(out, digits[three >> 18]);
		dd_buf_char(out, digits[three >> 12 & 63]);
		dd_buf_char(out, i + 1 < n ? digits[three >> 6 & 63] : '=');
		dd_buf_char(out, i + 2 < n ? digits[three & 63] : '=');
	}
}

void dd_buf_yaml(struct dd_buf *out, struct dd_str text)
{
	dd_buf_char(out, '"');
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(text, &at);
		bool foreign = c == 0x7F || (c >= 0x80 && c < 0xA0) || c == 0xFEFF || c == 0x2028 ||
		        c == 0x2029;
		if (c == '"' || c == '\\')
			dd_buf_format(out, "\\%c", (char)c);
		else if (c < 0x20 || c == 0x7F)
			dd_buf_format(out, "\\x%02X", c);
		else if (foreign)
			dd_buf_format(out, "\\u%04X", c);
		else if (c == 0xFFFD)
			dd_buf_codepoint(out, c);
		else
			dd_buf_add(out, text.p + from, at - from);
	}
	dd_buf_char(out, '"');
}

void dd_buf_screen(struct dd_buf *buf, struct dd_str text)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(text, &at);
		if (c == '\n' || c == '\t' || c == '\r')
			dd_buf_char(buf, ' ');
		else if (is_control(c) || c == 0xFFFD)
			dd_buf_codepoint(buf, 0xFFFD);
		else
			dd_buf_add(buf, text.p + from, at - from);
	}
}

/* The bytes of a colour or a weight at `at`, ESC [ digits and semicolons m; 0: it is none. */
static size_t colour_at(struct dd_str text, size_t at)
{
	size_t end = at + 2;
	if (text.n - at < 3 || text.p[at] != 0x1B || text.p[at + 1] != '[')
		return 0;
	while (end < text.n && ((text.p[end] >= '0' && text.p[end] <= '9') || text.p[end] == ';'))
		end++;
	return end < text.n && text.p[end] == 'm' ? end + 1 - at : 0;
}

void dd_buf_terminal(struct dd_buf *buf, struct dd_str text)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at, colour = colour_at(text, at);
		uint32_t c = dd_utf8_next(text, &at);
		if (colour)
			at = from + colour;
		if (colour || c == '\n' || c == '\t' || !is_control(c))
			dd_buf_add(buf, text.p + from, at - from);
		else
			dd_buf_codepoint(buf, 0xFFFD);
	}
}

/* Optimal string alignment: insert, delete, replace, swap neighbours. Words are short: three rows
 * suffice. */
static size_t distance(struct dd_str a, struct dd_str b)
{
	enum { LONGEST = 64 };
	size_t rows[3][LONGEST + 1];
	if (a.n > LONGEST || b.n > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= b.n; j++)
		rows[0][j] = j;
	for (size_t i = 1; i <= a.n; i++) {
		size_t *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
		row[0] = i;
		for (size_t j = 1; j <= b.n; j++) {
			size_t best = up[j - 1] + (a.p[i - 1] != b.p[j - 1]);
			if (up[j] + 1 < best)
				best = up[j] + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			if (i > 1 && j > 1 && a.p[i - 1] == b.p[j - 2] &&
			        a.p[i - 2] == b.p[j - 1] && up2[j - 2] + 1 < best)
				best = up2[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[a.n % 3][b.n];
}

const char *dd_nearest(struct dd_str word, const char *const *candidates, size_t n)
{
	const char *nearest = NULL;
	size_t best = word.n <= 3 ? 2 : word.n <= 6 ? 3 : 4; /* exclusive */
	for (size_t i = 0; i < n; i++) {
		size_t d = distance(word, dd_str(candidates[i]));
		if (d < best && d < strlen(candidates[i])) {
			best = d;
			nearest = candidates[i];
		}
	}
	return nearest;
}

void dd_buf_wrapped(
        struct dd_buf *out, struct dd_str text, size_t used, size_t indent, size_t columns)
{
	enum { LEAST_ROOM = 16 };
	size_t room = columns > used ? columns - used : 0;
	indent = columns < indent + LEAST_ROOM ? 0 : indent;
	while (columns && text.n && dd_width(text) > room) {
		size_t n = room ? dd_width_fit(text, room) : 0, end = n;
		/* a word stays whole where a whole line has room for it */
		while (end > 0 && text.p[end] != ' ')
			end--;
		if (end == 0 && used == indent)
			end = n ? n : dd_grapheme_end(text, 0);
		dd_buf_add(out, text.p, end);
		while (end < text.n && text.p[end] == ' ')
			end++;
		text = (struct dd_str){text.p + end, text.n - end};
		if (text.n)
			dd_buf_format(out, "\n%*s", (int)indent, "");
		used = indent;
		room = columns - indent;
	}
	dd_buf_add(out, text.p, text.n);
}
