/* What a list is, is looked at in its first 64 KiB: how its text is encoded, what stands between
   its columns. From there on it is read through the CSV reader, which sees UTF-8 with one
   separator. */
#include "list/list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/csv.h"

enum encoding { UTF_8, UTF_16_LITTLE, UTF_16_BIG };

struct dd_list {
	int fd;
	char *look; /* the first bytes, until they have been read again */
	size_t look_n, look_at;
	enum encoding encoding;
	unsigned char odd[4]; /* of UTF-16: what a character began with */
	size_t nodd;
	uint64_t raw, made; /* bytes of the file, and what they came to */
	char separator;
	struct dd_csv *csv;
	struct dd_arena *arena;
	struct dd_list_row head;
	struct dd_str fields[DD_LIST_COLUMNS];
};

/* -- bytes ------------------------------------------------------------------ */

static ssize_t read_raw(struct dd_list *l, void *to, size_t n)
{
	ssize_t got;
	if (l->look_at < l->look_n) {
		size_t have = l->look_n - l->look_at;
		n = n < have ? n : have;
		memcpy(to, l->look + l->look_at, n);
		l->look_at += n;
		l->raw += n;
		return (ssize_t)n;
	}
	do
		got = read(l->fd, to, n);
	while (got < 0 && errno == EINTR);
	l->raw += got > 0 ? (uint64_t)got : 0;
	return got;
}

static uint32_t unit_of(const struct dd_list *l, const unsigned char *p)
{
	return l->encoding == UTF_16_BIG ? (uint32_t)p[0] << 8 | p[1] : (uint32_t)p[1] << 8 | p[0];
}

/* One character of UTF-16 at `p`; how many bytes it took, 0 when it is not whole. Half of a pair
 * alone is U+FFFD. */
static size_t character_of(
        const struct dd_list *l, const unsigned char *p, size_t n, uint32_t *character)
{
	if (n < 2)
		return 0;
	uint32_t first = unit_of(l, p);
	*character = first;
	if (first < 0xD800 || first > 0xDFFF)
		return 2;
	*character = 0xFFFD;
	if (first > 0xDBFF)
		return 2;
	if (n < 4)
		return 0;
	uint32_t second = unit_of(l, p + 2);
	if (second < 0xDC00 || second > 0xDFFF)
		return 2;
	*character = 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
	return 4;
}

/* UTF-16 comes to at most half as much again in UTF-8. */
static ssize_t read_utf16(struct dd_list *l, char *to, size_t n)
{
	unsigned char raw[4096];
	struct dd_buf out = {0};
	size_t most = n / 2 < sizeof raw - 8 ? n / 2 : sizeof raw - 8, at = 0;
	memcpy(raw, l->odd, l->nodd);
	ssize_t got = read_raw(l, raw + l->nodd, most);
	if (got < 0)
		return got;
	size_t have = l->nodd + (size_t)got;
	for (uint32_t c; at < have;) {
		size_t took = character_of(l, raw + at, have - at, &c);
		if (!took && got)
			break;
		if (!took) { /* the end, in the middle of a character */
			c = 0xFFFD;
			took = have - at;
		}
		if (c != 0xFEFF || at)
			dd_buf_codepoint(&out, c);
		at += took;
	}
	l->nodd = have - at;
	memcpy(l->odd, raw + at, l->nodd);
	size_t made = out.n < n ? out.n : n;
	if (made)
		memcpy(to, out.p, made);
	l->made += made;
	dd_buf_free(&out);
	/* nothing but the beginning of a character is no end */
	return made || !got ? (ssize_t)made : read_utf16(l, to, n);
}

static ssize_t read_list(void *self, char *to, size_t n)
{
	struct dd_list *l = self;
	return l->encoding == UTF_8 ? read_raw(l, to, n) : read_utf16(l, to, n);
}

/* -- the first look --------------------------------------------------------- */

static void look(struct dd_list *l)
{
	l->look = dd_malloc(DD_LIST_LOOK);
	while (l->look_n < DD_LIST_LOOK) {
		ssize_t got = read(l->fd, l->look + l->look_n, DD_LIST_LOOK - l->look_n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		l->look_n += (size_t)got;
	}
	const unsigned char *p = (const unsigned char *)l->look;
	if (l->look_n >= 2 && p[0] == 0xFF && p[1] == 0xFE)
		l->encoding = UTF_16_LITTLE;
	else if (l->look_n >= 2 && p[0] == 0xFE && p[1] == 0xFF)
		l->encoding = UTF_16_BIG;
	/* without its mark: no text has a NUL, and here every second byte is one */
	else if (l->look_n >= 4 && p[0] && !p[1] && p[2] && !p[3])
		l->encoding = UTF_16_LITTLE;
	else if (l->look_n >= 4 && !p[0] && p[1] && !p[2] && p[3])
		l->encoding = UTF_16_BIG;
}

/* How a text looks with `separator` between columns: how many the first line has, and how many of
   the lines have as many. Quoted separators do not count; the last line may be cut, and is left out
   where more follows. */
struct looks {
	size_t width, lines, alike;
};

static struct looks look_with(struct dd_str text, char separator, bool whole)
{
	struct looks out = {0};
	size_t n = 1;
	bool quoted = false, empty = true;
	for (size_t i = 0; i <= text.n; i++) {
		char c = i < text.n ? text.p[i] : '\n';
		if (i == text.n && (!whole || empty))
			break;
		quoted ^= c == '"';
		n += !quoted && c == separator;
		empty &= c == '\n' || c == '\r';
		if (quoted || c != '\n')
			continue;
		if (!empty) {
			out.width = out.lines++ ? out.width : n;
			out.alike += n == out.width;
		}
		n = 1;
		empty = true;
	}
	return out;
}

/* A comma, unless it does not separate most lines as it does the first one and another sign
 * separates nearly all of them alike: a few lines are damaged in any list. */
static char separator_of(struct dd_str text, bool whole)
{
	enum { MOST_PERCENT = 50, NEARLY_ALL_PERCENT = 80 };
	static const char others[] = {';', '\t', '|'};
	struct looks best = look_with(text, ',', whole);
	char found = ',';
	if (best.width > 1 && best.alike * 100 >= best.lines * MOST_PERCENT)
		return ',';
	best = (struct looks){1, 1, 0};
	for (size_t i = 0; i < sizeof others; i++) {
		struct looks x = look_with(text, others[i], whole);
		if (x.width > 1 && x.alike * 100 >= x.lines * NEARLY_ALL_PERCENT &&
		        x.width > best.width) {
			best = x;
			found = others[i];
		}
	}
	/* commas within some fields are no reason against it; a list of one column has none */
	return found;
}

static void choose_separator(struct dd_list *l)
{
	struct dd_buf text = {0};
	char part[4096];
	bool whole = l->look_n < DD_LIST_LOOK;
	l->separator = ',';
	if (l->encoding == UTF_8) {
		dd_buf_add(&text, l->look, l->look_n);
	} else {
		/* the same characters, read once for the look and once for the list */
		while (l->look_at < l->look_n) {
			ssize_t n = read_utf16(l, part, sizeof part);
			if (n <= 0)
				break;
			dd_buf_add(&text, part, (size_t)n);
		}
		l->look_at = l->nodd = 0;
	}
	if (text.n)
		l->separator = separator_of((struct dd_str){text.p, text.n}, whole);
	dd_buf_free(&text);
}

/* -- columns ---------------------------------------------------------------- */

/* "Mobile No." and "mobile_no" → "mobileno": small letters and digits, nothing between them. */
static void plain_name(struct dd_str text, char out[64])
{
	size_t n = 0;
	for (size_t i = 0; i < text.n && n < 62; i++) {
		char c = text.p[i];
		if (c >= 'A' && c <= 'Z')
			out[n++] = (char)(c - 'A' + 'a');
		else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (c & 0x80))
			out[n++] = c;
	}
	out[n] = '\0';
}

/* Other names under which columns usually go. */
static const struct {
	const char *name, *others; /* others: between blanks */
} SYNONYMS[] = {
        {"phonenumber",
                " phone mobile mobileno mobilenumber phoneno number msisdn contactnumber contactno "
                "telephone cell cellphone customernumber phonenum "},
        {"number", " phonenumber phone mobile mobileno mobilenumber phoneno msisdn "},
        {"areacode", " area stdcode std prefix ndc "},
        {"consent", " optedin optin "},
        {"timezone", " tz "},
};

static bool is_synonym(const char *wanted, const char *plain)
{
	char word[70];
	(void)snprintf(word, sizeof word, " %s ", plain);
	for (size_t i = 0; i < sizeof SYNONYMS / sizeof *SYNONYMS; i++)
		if (strcmp(SYNONYMS[i].name, wanted) == 0)
			return plain[0] && strstr(SYNONYMS[i].others, word);
	return false;
}

size_t dd_list_name_column(const struct dd_list_row *head, const char *name)
{
	char wanted[64], plain[64];
	plain_name(dd_str(name), wanted);
	for (size_t i = 0; i < head->n; i++)
		if (head->fields[i].n == strlen(name) &&
		        strncasecmp(head->fields[i].p, name, head->fields[i].n) == 0)
			return i;
	for (size_t i = 0; i < head->n; i++) {
		plain_name(head->fields[i], plain);
		if (strcmp(plain, wanted) == 0 || is_synonym(wanted, plain))
			return i;
	}
	return SIZE_MAX;
}

size_t dd_list_column(const struct dd_list *l, const char *name)
{
	return dd_list_name_column(&l->head, name);
}

void dd_list_told(const struct dd_list *l, struct dd_buf *out)
{
	const char *between = l->separator == ';' ? "semicolons"
	        : l->separator == '\t'            ? "tabs"
	        : l->separator == '|'             ? "bars"
	                                          : NULL;
	if (l->encoding != UTF_8)
		dd_buf_str(out, "it is UTF-16");
	if (between)
		dd_buf_format(
		        out, "%sits columns are separated by %s", out->n ? "; " : "", between);
}

/* -- rows ------------------------------------------------------------------- */

static bool next_row(struct dd_list *l, struct dd_list_row *row)
{
	struct dd_csv_record r;
	if (!dd_csv_next(l->csv, &r))
		return false;
	*row = (struct dd_list_row){
	        .fields = l->fields, .n = r.n, .line = r.line, .problem = r.problem};
	for (size_t i = 0; i < r.n; i++)
		l->fields[i] = dd_str_trim(r.fields[i]);
	return true;
}

static void read_head(struct dd_list *l)
{
	struct dd_list_row row;
	if (!next_row(l, &row))
		return;
	l->head = row;
	l->head.fields = dd_arena_alloc(l->arena, (row.n + 1) * sizeof *row.fields);
	for (size_t i = 0; i < row.n; i++)
		l->head.fields[i] = (struct dd_str){
		        dd_arena_copy(l->arena, row.fields[i].p, row.fields[i].n), row.fields[i].n};
}

struct dd_list *dd_list_open(int fd, bool headed)
{
	struct dd_list *l = dd_alloc(sizeof *l);
	l->fd = fd;
	l->arena = dd_arena_new();
	look(l);
	choose_separator(l);
	l->raw = l->made = 0;
	l->csv = dd_csv_read(read_list, l, l->separator);
	if (headed)
		read_head(l);
	return l;
}

void dd_list_free(struct dd_list *l)
{
	if (!l)
		return;
	dd_csv_free(l->csv);
	dd_arena_free(l->arena);
	dd_free(l->look);
	dd_free(l);
}

const struct dd_list_row *dd_list_head(const struct dd_list *l)
{
	return &l->head;
}

bool dd_list_next(struct dd_list *l, struct dd_list_row *row)
{
	return next_row(l, row);
}

struct dd_str dd_list_field(const struct dd_list_row *row, size_t column)
{
	return column < row->n ? row->fields[column] : (struct dd_str){"", 0};
}

uint64_t dd_list_bytes(const struct dd_list *l)
{
	uint64_t taken = dd_csv_bytes(l->csv);
	if (l->encoding == UTF_8)
		return taken;
	if (!l->made)
		return l->raw;
	/* the same share of the file */
	return (uint64_t)((double)l->raw * ((double)taken / (double)l->made));
}
