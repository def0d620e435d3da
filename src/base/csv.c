/* RFC 4180. */
#include "base/csv.h"

#include <string.h>

/* A quoted field, `*at` behind its first quote; doubled quotes become one. */
static struct dd_str quoted(struct dd_arena *arena, struct dd_str text, size_t *at, bool *open)
{
	size_t from = *at, quotes = 0;
	while (*at < text.n) {
		if (text.p[*at] == '"' && *at + 1 < text.n && text.p[*at + 1] == '"')
			quotes++, (*at)++;
		else if (text.p[*at] == '"')
			break;
		(*at)++;
	}
	struct dd_str field = {text.p + from, *at - from};
	if (*at == text.n)
		*open = true;
	else
		(*at)++;
	if (!quotes)
		return field;
	char *copy = dd_arena_copy(arena, field.p, field.n);
	size_t n = 0;
	for (size_t i = 0; i < field.n; i++) {
		copy[n++] = field.p[i];
		i += field.p[i] == '"';
	}
	copy[n] = '\0';
	return (struct dd_str){copy, n};
}

static bool line_end(struct dd_str text, size_t at)
{
	return at == text.n || text.p[at] == '\n' || text.p[at] == '\r';
}

size_t dd_csv_record(struct dd_arena *arena, struct dd_str text, size_t *at, struct dd_str *fields, size_t cap, bool *open)
{
	size_t n = 0;
	if (*at == 0 && text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
		*at = 3;
	while (*at < text.n && line_end(text, *at))
		(*at)++;
	if (*at == text.n)
		return 0;
	for (;;) {
		struct dd_str field;
		if (*at < text.n && text.p[*at] == '"') {
			(*at)++;
			field = quoted(arena, text, at, open);
			while (!line_end(text, *at) && text.p[*at] != ',')
				(*at)++;
		} else {
			size_t from = *at;
			while (!line_end(text, *at) && text.p[*at] != ',')
				(*at)++;
			field = (struct dd_str){text.p + from, *at - from};
		}
		if (n < cap)
			fields[n] = field;
		n++;
		if (line_end(text, *at))
			return n;
		(*at)++;
	}
}
