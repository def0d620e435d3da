/* A window over the file in which the record at hand always lies whole. */
#include "base/csv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/text.h"

enum {
	WINDOW = 2 * DD_CSV_RECORD_BYTES,
	OPEN_QUOTES_MAX =
	        16, /* after so many that are never closed, a quote must be closed on its line */
};

struct dd_csv {
	int fd; /* -1: all of it is in the window, or `read` gives it */
	dd_csv_read_fn read;
	void *self;
	char separator;
	char *window;
	size_t n, cap, at; /* filled, and where the next record begins */
	uint64_t line, bytes;
	bool end;      /* the window holds the last byte */
	bool begun;    /* the byte-order mark has been passed */
	bool after_cr; /* the last line end was a CR at the window's end: an LF that follows belongs
	                  to it */
	unsigned open_quotes;
	const char *broken; /* the file is not one that can be read */
	struct dd_str fields[DD_CSV_FIELDS];
	bool quoted[DD_CSV_FIELDS];
};

static struct dd_csv *csv_new(int fd, size_t cap)
{
	struct dd_csv *c = dd_alloc(sizeof *c);
	c->fd = fd;
	c->cap = cap;
	c->window = dd_alloc(cap + 1);
	c->line = 1;
	c->separator = ',';
	return c;
}

struct dd_csv *dd_csv_open(int fd)
{
	return csv_new(fd, WINDOW);
}

struct dd_csv *dd_csv_read(dd_csv_read_fn read, void *self, char separator)
{
	struct dd_csv *c = csv_new(-1, WINDOW);
	c->read = read;
	c->self = self;
	c->separator = separator;
	return c;
}

struct dd_csv *dd_csv_over(struct dd_str text)
{
	struct dd_csv *c = csv_new(-1, text.n);
	if (text.n)
		memcpy(c->window, text.p, text.n);
	c->n = text.n;
	c->bytes = text.n;
	c->end = true;
	return c;
}

void dd_csv_free(struct dd_csv *c)
{
	if (!c)
		return;
	dd_free(c->window);
	dd_free(c);
}

uint64_t dd_csv_bytes(const struct dd_csv *c)
{
	return c->bytes - (c->n - c->at);
}

/* Makes room for a whole record behind `at`. */
static void fill(struct dd_csv *c)
{
	if (c->end || c->n - c->at > DD_CSV_RECORD_BYTES)
		return;
	memmove(c->window, c->window + c->at, c->n - c->at);
	c->n -= c->at;
	c->at = 0;
	while (c->n < c->cap && !c->end) {
		ssize_t got = c->read ? c->read(c->self, c->window + c->n, c->cap - c->n)
		                      : read(c->fd, c->window + c->n, c->cap - c->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			c->broken = "the file cannot be read any further";
		if (got <= 0)
			c->end = true;
		else
			c->n += (size_t)got, c->bytes += (uint64_t)got;
	}
}

static bool is_line_end(char c)
{
	return c == '\n' || c == '\r';
}

static void count_lines(struct dd_csv *c, size_t to)
{
	for (; c->at < to; c->at++) {
		char x = c->window[c->at];
		c->line += x == '\n' ||
		        (x == '\r' && !(c->at + 1 < c->n && c->window[c->at + 1] == '\n'));
	}
}

/* Passes over the line end that stands at `at`, if there is one. */
static void pass_line_end(struct dd_csv *c)
{
	size_t to = c->at;
	if (to < c->n && c->window[to] == '\r') {
		to++;
		c->after_cr = to == c->n && !c->end;
		to += to < c->n && c->window[to] == '\n';
	} else if (to < c->n && c->window[to] == '\n') {
		to++;
	}
	count_lines(c, to);
}

/* The same, and those of empty lines behind it. */
static void pass_empty_lines(struct dd_csv *c)
{
	for (;;) {
		fill(c);
		if (c->after_cr && c->at < c->n && c->window[c->at] == '\n')
			c->at++;
		c->after_cr = false;
		if (c->at == c->n || !is_line_end(c->window[c->at]))
			return;
		pass_line_end(c);
	}
}

/* The end of the line that begins at `at`: where its line end stands, or as far as the window goes.
 */
static size_t line_end(const struct dd_csv *c, size_t at)
{
	const char *from = c->window + at, *feed = memchr(from, '\n', c->n - at);
	const char *back = memchr(from, '\r', (feed ? (size_t)(feed - c->window) : c->n) - at);
	return back ? (size_t)(back - c->window) : feed ? (size_t)(feed - c->window) : c->n;
}

/* Passes over a line, however long it is. */
static void skip_line(struct dd_csv *c)
{
	for (;;) {
		size_t end = line_end(c, c->at);
		bool whole = end < c->n || c->end;
		c->at = end;
		if (whole)
			break;
		fill(c);
	}
	pass_line_end(c);
}

/* A quoted field that begins at `*at`, which moves behind it; its quotes are still doubled. */
static const char *quoted_field(struct dd_csv *c, size_t limit, size_t *at, struct dd_str *out)
{
	size_t from = ++*at;
	while (*at < limit) {
		const char *quote = memchr(c->window + *at, '"', limit - *at);
		if (!quote)
			break;
		*at = (size_t)(quote - c->window);
		if (*at + 1 < limit && c->window[*at + 1] == '"') {
			*at += 2;
			continue;
		}
		*out = (struct dd_str){c->window + from, *at - from};
		++*at;
		return *at == c->n || c->window[*at] == c->separator || is_line_end(c->window[*at])
		        ? NULL
		        : "there is text behind the closing quote";
	}
	*at = limit;
	return "a quote is never closed";
}

static const char *plain_field(const struct dd_csv *c, size_t limit, size_t *at, struct dd_str *out)
{
	size_t from = *at;
	while (*at < limit && c->window[*at] != c->separator && !is_line_end(c->window[*at]))
		++*at;
	*out = (struct dd_str){c->window + from, *at - from};
	return NULL;
}

/* Finds the fields of the record at hand; `*end` is where its line end stands. */
static const char *split(struct dd_csv *c, struct dd_csv_record *out, size_t *end)
{
	size_t limit = c->n - c->at > DD_CSV_RECORD_BYTES ? c->at + DD_CSV_RECORD_BYTES : c->n,
	       at = c->at;
	if (c->open_quotes >= OPEN_QUOTES_MAX && line_end(c, at) < limit)
		limit = line_end(c, at);
	for (;;) {
		struct dd_str field;
		bool quoted = at < limit && c->window[at] == '"';
		const char *problem = quoted ? quoted_field(c, limit, &at, &field)
		                             : plain_field(c, limit, &at, &field);
		if (problem)
			return at == limit && limit - c->at == DD_CSV_RECORD_BYTES
			        ? "a row may have at most 256 KiB; perhaps a quote is never closed"
			        : problem;
		if (at == limit && limit < c->n && !is_line_end(c->window[at]) &&
		        c->window[at] != c->separator)
			return "a row may have at most 256 KiB";
		if (out->n == DD_CSV_FIELDS)
			return "a row may have at most 256 columns";
		c->fields[out->n] = field;
		c->quoted[out->n++] = quoted;
		if (at == c->n || is_line_end(c->window[at]))
			break;
		at++;
	}
	*end = at;
	return NULL;
}

static const char *check_bytes(const struct dd_csv *c, size_t end)
{
	struct dd_str record = {c->window + c->at, end - c->at};
	if (memchr(record.p, '\0', record.n))
		return "there is a NUL byte in it";
	return dd_utf8_valid(record) < record.n ? "it is not UTF-8" : NULL;
}

/* Doubled quotes become one, where they stand. */
static struct dd_str unquote(struct dd_str field)
{
	char *p = (char *)field.p;
	size_t n = 0;
	if (!memchr(p, '"', field.n))
		return field;
	for (size_t i = 0; i < field.n; i++) {
		p[n++] = p[i];
		i += p[i] == '"';
	}
	return (struct dd_str){p, n};
}

static void begin(struct dd_csv *c)
{
	c->begun = true;
	if (c->n >= 3 && memcmp(c->window, "\xEF\xBB\xBF", 3) == 0)
		c->at = 3;
	if (c->n >= 2 &&
	        (memcmp(c->window, "\xFF\xFE", 2) == 0 || memcmp(c->window, "\xFE\xFF", 2) == 0))
		c->broken = "the file is UTF-16; save it as UTF-8";
}

/* The file is not read any further: said once. */
static bool give_up(struct dd_csv *c, struct dd_csv_record *out)
{
	*out = (struct dd_csv_record){.line = c->line, .problem = c->broken};
	c->broken = NULL;
	c->at = c->n;
	c->end = true;
	return true;
}

bool dd_csv_next(struct dd_csv *c, struct dd_csv_record *out)
{
	size_t end = 0;
	fill(c);
	if (!c->begun)
		begin(c);
	pass_empty_lines(c);
	if (c->broken)
		return give_up(c, out);
	if (c->at == c->n)
		return false;
	*out = (struct dd_csv_record){.fields = c->fields, .line = c->line};
	out->problem = split(c, out, &end);
	if (out->problem) {
		c->open_quotes += strstr(out->problem, "never closed") != NULL;
		out->n = 0;
		skip_line(c);
		return true;
	}
	out->problem = check_bytes(c, end);
	count_lines(c, end);
	pass_line_end(c);
	out->n = out->problem ? 0 : out->n;
	for (size_t i = 0; i < out->n; i++)
		out->fields[i] = c->quoted[i] ? unquote(out->fields[i]) : out->fields[i];
	return true;
}
