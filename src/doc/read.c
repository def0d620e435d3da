/* Readers of scalars, mappings and whole documents; every fault has its place. */
#include "doc/read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* -- a whole document ------------------------------------------------------- */

const struct dd_node *dd_read_source(struct dd_reader *r)
{
	return dd_tree_read(r->arena, r->source, r->diags);
}

const struct dd_node *dd_read_file(struct dd_reader *r, const char *path)
{
	struct dd_source *source;
	struct dd_error err;
	if (dd_source_read(r->arena, path, DD_FILE_BYTES_MAX, &source, &err) == DD_OK) {
		r->source = source;
		return dd_read_source(r);
	}
	dd_diag(r->diags, DD_ERROR, "unreadable", NULL, (struct dd_span){0, 0}, "%s", err.text)
	        ->file = dd_arena_copy(r->arena, path, strlen(path));
	return NULL;
}

/* -- faults ----------------------------------------------------------------- */

struct dd_diag *dd_read_fault(
        struct dd_reader *r, const char *code, struct dd_span span, const char *format, ...)
{
	char text[768];
	va_list args;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	return dd_diag(r->diags, DD_ERROR, code, r->source, span, "%s", text);
}

void dd_hint_like(struct dd_reader *r, struct dd_diag *d, const char *before, uint32_t start,
        uint32_t end, const char *behind)
{
	enum { SHOWN = 60 };
	struct dd_str all = {r->source->text.p + start, end > start ? end - start : 0};
	size_t fits = dd_width_fit(all, SHOWN);
	const char *line = memchr(all.p, '\n', fits);
	fits = line ? (size_t)(line - all.p) : fits;
	d->hint = dd_arena_format(r->arena, "write it like this: %s%.*s%s%s", before, (int)fits,
	        all.p, fits < all.n ? "…" : "", behind);
}

/* A value that was left out: "{name}" is a mapping of that key to nothing. */
static bool is_left_out(const struct dd_node *value)
{
	return dd_node_is_null(value) && value->span.end == value->span.start;
}

static bool is_before_comment(const struct dd_reader *r, uint32_t at)
{
	struct dd_str text = r->source->text;
	while (at < text.n && text.p[at] == ' ')
		at++;
	return at < text.n && text.p[at] == '#';
}

/* "greeting: {name}": YAML reads braces where a text was to begin. */
bool dd_read_is_placeholder(const struct dd_reader *r, const struct dd_node *node)
{
	if (node->kind != DD_MAP || node->n != 1 || !is_left_out(node->pairs[0].value) ||
	        node->pairs[0].key->kind != DD_SCALAR || !node->pairs[0].key->plain ||
	        r->source->text.p[node->span.start] != '{')
		return false;
	struct dd_str name = node->pairs[0].key->text;
	for (size_t i = 0; i < name.n; i++)
		if (name.p[i] == ' ' || name.p[i] == '\n')
			return false;
	return name.n > 0;
}

static void brace_fault(struct dd_reader *r, const struct dd_node *node)
{
	struct dd_diag *d =
	        dd_read_fault(r, "wrong-type", node->span, "text that begins with { needs quotes");
	dd_hint_like(r, d, "\"", node->span.start, node->end, "\"");
	dd_diag_quote(r->arena, d, node->span.start, node->end);
}

bool dd_read_is_rest(
        const struct dd_reader *r, const struct dd_node *text, const struct dd_node *rest)
{
	bool named = dd_read_is_placeholder(r, text);
	uint32_t end = named ? text->end : text->span.end;
	if ((!named && (text->kind != DD_SCALAR || !text->plain)) || end <= text->span.start ||
	        (!dd_read_is_placeholder(r, rest) && (rest->kind != DD_SCALAR || !rest->plain)) ||
	        rest->span.start < end)
		return false;
	bool comma = false;
	for (uint32_t i = end; i < rest->span.start; i++) {
		char c = r->source->text.p[i];
		if (c != ',' && c != ' ')
			return false;
		comma |= c == ',';
	}
	return comma;
}

void dd_read_comma(struct dd_reader *r, struct dd_diag *d, const struct dd_node *text,
        const struct dd_node *rest)
{
	uint32_t end = rest->kind == DD_MAP ? rest->end : rest->span.end;
	d->message = "inside brackets a text ends at a comma, unless it stands in quotes";
	dd_hint_like(r, d, "\"", text->span.start, end, "\"");
	dd_diag_quote(r->arena, d, text->span.start, end);
}

void dd_read_wrong_kind(
        struct dd_reader *r, const struct dd_node *node, const char *what, const char *wanted)
{
	if (strcmp(wanted, "text") == 0 && dd_read_is_placeholder(r, node)) {
		brace_fault(r, node);
		return;
	}
	struct dd_diag *d = dd_read_fault(r, "wrong-type", node->span, "%s must be %s, not %s",
	        what, wanted, dd_node_kind_name(node));
	if (is_left_out(node) && is_before_comment(r, node->span.start))
		d->hint = "# begins a comment: text that begins with it needs quotes";
}

/* A word is compared with all names, so only for messages that will be shown. */
bool dd_hint_near(struct dd_diags *diags, struct dd_diag *d, struct dd_str text,
        const char *const *names, size_t n)
{
	const char *near = diags->dropped ? NULL : dd_nearest(text, names, n);
	if (near)
		d->hint = dd_arena_format(diags->arena, "did you mean \"%s\"?", near);
	return near != NULL;
}

/* -- mappings --------------------------------------------------------------- */

bool dd_read_is_map(
        struct dd_reader *r, const struct dd_node *node, const char *what, const char *wanted)
{
	if (node->kind == DD_MAP)
		return true;
	dd_read_wrong_kind(r, node, what, wanted);
	return false;
}

/* "text:Hello" is one word to YAML: the name that was to be the key, or NULL. */
static const char *glued_name(const struct dd_node *key, struct dd_keys keys)
{
	const char *colon = memchr(key->text.p, ':', key->text.n);
	for (size_t k = 0; colon && key->plain && k < keys.n; k++)
		if (dd_str_is((struct dd_str){key->text.p, (size_t)(colon - key->text.p)},
		            keys.names[k]))
			return keys.names[k];
	return NULL;
}

void dd_read_glued(struct dd_reader *r, struct dd_diag *d, const struct dd_node *node, size_t n)
{
	uint32_t at = node->span.start + (uint32_t)n + 1;
	d->message = "a colon needs a blank behind it";
	d->hint = dd_arena_format(r->arena, "write it like this: %.*s: %s", (int)n, node->text.p,
	        node->text.p + n + 1);
	dd_diag_edit(r->arena, d, at, at, " ");
}

/* What stands before key `i`: a value, or a key whose value was left out. */
static const struct dd_node *part_before(const struct dd_node *map, uint32_t i)
{
	const struct dd_pair *p = &map->pairs[i - 1];
	return is_left_out(p->value) ? p->key : p->value;
}

bool dd_read_rest_of(struct dd_reader *r, const struct dd_node *map, uint32_t i, const char *code)
{
	uint32_t text = i, last = i; /* the text that a comma may have cut, and its last part */
	while (text > 0 && is_left_out(map->pairs[text].value) &&
	        dd_read_is_rest(r, part_before(map, text), map->pairs[text].key))
		text--;
	if (text == i || is_left_out(map->pairs[text].value))
		return false;
	if (i > text + 1)
		return true; /* told at its first part */
	while (last + 1 < map->n && is_left_out(map->pairs[last + 1].value) &&
	        dd_read_is_rest(r, map->pairs[last].key, map->pairs[last + 1].key))
		last++;
	struct dd_diag *d = dd_read_fault(r, code, map->pairs[i].key->span, "a comma");
	dd_read_comma(r, d, map->pairs[text].value, map->pairs[last].key);
	return true;
}

static void unknown_key(
        struct dd_reader *r, const struct dd_node *map, struct dd_keys keys, uint32_t i)
{
	const struct dd_node *key = map->pairs[i].key;
	bool left_out = is_left_out(map->pairs[i].value);
	if (dd_read_rest_of(r, map, i, "unknown-key"))
		return;
	struct dd_diag *d = dd_read_fault(r, "unknown-key", key->span, "%s has no key \"%.*s\"",
	        keys.what, (int)key->text.n, key->text.p);
	if (dd_str_is(key->text, "<<"))
		d->hint = "merge keys are not part of the flow language; write the keys out";
	else if (left_out && glued_name(key, keys))
		dd_read_glued(r, d, key, strlen(glued_name(key, keys)));
	else
		dd_hint_near(r->diags, d, key->text, keys.names, keys.n);
}

bool dd_read_keys(
        struct dd_reader *r, const struct dd_node *map, struct dd_keys keys, struct dd_node **out)
{
	bool known = true;
	memset(out, 0, keys.n * sizeof *out);
	for (uint32_t i = 0; i < map->n; i++) {
		const struct dd_node *key = map->pairs[i].key;
		size_t k = 0;
		while (k < keys.n && !dd_str_is(key->text, keys.names[k]))
			k++;
		if (k < keys.n) {
			if (!out[k])
				out[k] = map->pairs[i].value;
			continue;
		}
		known = false;
		if (dd_read_is_placeholder(r, map) && !dd_nearest(key->text, keys.names, keys.n) &&
		        !glued_name(key, keys))
			brace_fault(r, map);
		else
			unknown_key(r, map, keys, i);
	}
	return known;
}

/* -- scalars ---------------------------------------------------------------- */

void dd_read_version(struct dd_reader *r, const struct dd_node *node, const char *of)
{
	if (node && (node->kind != DD_SCALAR || !dd_str_is(node->text, "1")))
		dd_read_fault(
		        r, "bad-version", node->span, "this drydial reads version 1 of %s", of)
		        ->hint = "a newer drydial may read this file";
}

void dd_read_bool(struct dd_reader *r, const struct dd_node *node, const char *what, bool *out)
{
	if (!node)
		return;
	if (node->kind == DD_SCALAR && dd_str_is(node->text, "true"))
		*out = true;
	else if (node->kind == DD_SCALAR && dd_str_is(node->text, "false"))
		*out = false;
	else
		dd_read_fault(r, "wrong-type", node->span, "%s must be true or false", what);
}

void dd_read_number(struct dd_reader *r, const struct dd_node *node, const char *what, long low,
        long high, long *out)
{
	char *end = NULL;
	long value = 0;
	if (!node)
		return;
	bool fits = node->kind == DD_SCALAR && node->text.n > 0 && node->text.n < 12 &&
	        strspn(node->text.p, "-0123456789") == node->text.n;
	if (fits)
		value = strtol(node->text.p, &end, 10);
	if (!fits || *end || value < low || value > high)
		dd_read_fault(r, "bad-number", node->span,
		        "%s must be a whole number from %ld to %ld", what, low, high);
	else
		*out = value;
}

int dd_read_int(struct dd_reader *r, const struct dd_node *node, const char *what, long low,
        long high, int otherwise)
{
	long value = otherwise;
	dd_read_number(r, node, what, low, high, &value);
	return (int)value;
}

/* strtod() would take hexadecimal numbers, infinities and the comma of a locale. */
bool dd_real_parse(struct dd_str text, double *out)
{
	size_t at = 0, digits = 0;
	double value = 0, scale = 1;
	for (; at < text.n && text.p[at] >= '0' && text.p[at] <= '9'; at++, digits++)
		value = value * 10 + (text.p[at] - '0');
	if (at < text.n && text.p[at] == '.')
		for (at++; at < text.n && text.p[at] >= '0' && text.p[at] <= '9'; at++, digits++)
			value += (text.p[at] - '0') * (scale /= 10);
	if (at != text.n || digits == 0 || digits > 18)
		return false;
	*out = value;
	return true;
}

void dd_read_real(struct dd_reader *r, const struct dd_node *node, const char *what, double low,
        double high, double *out)
{
	double value = 0;
	if (!node)
		return;
	if (node->kind != DD_SCALAR || !dd_real_parse(node->text, &value) || value < low ||
	        value > high)
		dd_read_fault(r, "bad-number", node->span,
		        "%s must be a number from %.10g to %.10g", what, low, high);
	else
		*out = value;
}

bool dd_share_parse(struct dd_str text, double *out)
{
	double value = 0;
	bool percent = text.n && text.p[text.n - 1] == '%';
	struct dd_str number = dd_str_trim((struct dd_str){text.p, text.n - percent});
	if (!dd_real_parse(number, &value))
		return false;
	value = percent ? value / 100 : value;
	if (value > 1)
		return false;
	*out = value;
	return true;
}

void dd_read_share(struct dd_reader *r, const struct dd_node *node, const char *what, double *out)
{
	if (node && (node->kind != DD_SCALAR || !dd_share_parse(node->text, out)))
		dd_read_fault(
		        r, "bad-share", node->span, "%s must be a share from 0%% to 100%%", what)
		        ->hint = "such as 40% or 0.4";
}

void dd_read_duration(
        struct dd_reader *r, const struct dd_node *node, const char *what, dd_ms high, dd_ms *out)
{
	dd_ms value = 0;
	if (!node)
		return;
	if (node->kind != DD_SCALAR || !dd_duration_parse(node->text, &value)) {
		dd_read_fault(r, "bad-duration", node->span, "%s must be a duration", what)->hint =
		        "such as 800ms, 5s, 2m or 1h30m; a bare number is seconds";
	} else if (value > high) {
		dd_read_fault(r, "bad-duration", node->span, "%s may be at most %lld seconds", what,
		        (long long)(high / 1000));
	} else {
		*out = value;
	}
}

static bool clock_time(struct dd_str text, int32_t *ms)
{
	bool digits = text.n == 5 && text.p[2] == ':';
	for (size_t i = 0; digits && i < 5; i++)
		digits = i == 2 || (text.p[i] >= '0' && text.p[i] <= '9');
	if (!digits)
		return false;
	int hour = (text.p[0] - '0') * 10 + text.p[1] - '0',
	    minute = (text.p[3] - '0') * 10 + text.p[4] - '0';
	*ms = (hour * 60 + minute) * 60000;
	return minute < 60 && (hour < 24 || (hour == 24 && minute == 0));
}

bool dd_read_clock(struct dd_reader *r, const struct dd_node *node, const char *what,
        bool may_be_24, int32_t *ms)
{
	struct dd_str text;
	if (!dd_read_text(r, node, what, &text))
		return false;
	if (clock_time(text, ms) && (may_be_24 || *ms < 24 * 3600 * 1000))
		return true;
	dd_read_fault(r, "bad-time", node->span, "%s must be a time of the day", what)->hint =
	        may_be_24 ? "such as 21:00; midnight is 24:00"
	                  : "such as 09:00, from 00:00 to 23:59";
	return false;
}

static bool date_of(struct dd_str text, struct dd_date *out)
{
	static const char shape[] = "dddd-dd-dd";
	int parts[3] = {0}, part = 0;
	if (text.n != sizeof shape - 1)
		return false;
	for (size_t i = 0; i < text.n; i++) {
		bool digit = text.p[i] >= '0' && text.p[i] <= '9';
		if (digit != (shape[i] == 'd') || (!digit && text.p[i] != '-'))
			return false;
		if (digit)
			parts[part] = parts[part] * 10 + text.p[i] - '0';
		else
			part++;
	}
	*out = (struct dd_date){parts[0], parts[1], parts[2]};
	return out->year >= 1970 && dd_date_valid(*out);
}

bool dd_read_date(
        struct dd_reader *r, const struct dd_node *node, const char *what, struct dd_date *out)
{
	struct dd_date date;
	struct dd_str text;
	if (!dd_read_text(r, node, what, &text))
		return false;
	if (!date_of(text, &date)) {
		dd_read_fault(
		        r, "bad-date", node->span, "%s must be a day that the calendar has", what)
		        ->hint = "such as 2025-01-26";
		return false;
	}
	*out = date;
	return true;
}

bool dd_read_text(
        struct dd_reader *r, const struct dd_node *node, const char *what, struct dd_str *out)
{
	if (node->kind != DD_SCALAR || dd_node_is_null(node)) {
		dd_read_wrong_kind(r, node, what, "text");
		return false;
	}
	*out = node->text;
	return true;
}

const char *dd_read_text_copy(struct dd_reader *r, const struct dd_node *node, const char *what)
{
	struct dd_str text;
	return node && dd_read_text(r, node, what, &text) ? dd_arena_copy(r->arena, text.p, text.n)
	                                                  : NULL;
}

static bool is_word(struct dd_str text, const char *word)
{
	return *word && text.n == strlen(word) && strncasecmp(text.p, word, text.n) == 0;
}

int dd_read_word(struct dd_reader *r, const struct dd_node *node, const char *what,
        const char *const *words, size_t n, int otherwise)
{
	struct dd_str text;
	struct dd_buf all = {0};
	if (!node || !dd_read_text(r, node, what, &text))
		return otherwise;
	for (size_t i = 0; i < n; i++)
		if (is_word(text, words[i]))
			return (int)i;
	for (size_t i = 0; i < n; i++)
		if (*words[i])
			dd_buf_format(&all, "%s%s", all.n ? ", " : "", words[i]);
	struct dd_diag *d =
	        dd_read_fault(r, "bad-value", node->span, "%s is one of %s", what, all.p);
	dd_hint_near(r->diags, d, text, words, n);
	dd_buf_free(&all);
	return otherwise;
}
