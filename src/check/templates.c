/* Registered texts, and whether a text is one of them with its variable parts filled in. */
#define _GNU_SOURCE
#include "check/templates.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/text.h"
#include "list/list.h"

struct registered {
	struct dd_str id, text;
};

/* The file beside one flow. */
struct beside {
	const char *path, *problem; /* NULL: there is no file; NULL: it was read whole */
	struct registered *list;
	size_t n, cap;
};

struct dd_templates {
	const struct dd_program *program;
	struct dd_arena *arena;
	struct beside *flows; /* of each flow */
};

/* -- templates.csv ---------------------------------------------------------- */

/* In any case, and whatever stands between the words: "Template ID". */
static bool is_name(struct dd_str field, const char *name)
{
	size_t at = 0;
	for (size_t i = 0; i < field.n; i++) {
		char c = field.p[i];
		if (strchr(" _-.", c))
			continue;
		if (!name[at] || (c | 0x20) != name[at++])
			return false;
	}
	return name[at] == '\0';
}

static size_t column_of(const struct dd_list_row *head, const char *const *names)
{
	for (; *names; names++)
		for (size_t i = 0; i < head->n; i++)
			if (is_name(head->fields[i], *names))
				return i;
	return SIZE_MAX;
}

static struct dd_str kept(struct dd_arena *arena, struct dd_str text)
{
	return (struct dd_str){dd_arena_copy(arena, text.p, text.n), text.n};
}

static void read_rows(struct dd_arena *arena, struct dd_list *list, struct beside *b)
{
	static const char *const ids[] = {"id", "templateid", "dlttemplateid", "template", NULL},
	                         *const texts[] = {"text", "templatetext", "content",
	                                 "templatecontent", "message", "templatemessage", NULL};
	const struct dd_list_row *head = dd_list_head(list);
	size_t id = column_of(head, ids), text = column_of(head, texts);
	struct dd_list_row row;
	struct registered *rows = NULL;
	if (head->problem || id == SIZE_MAX || text == SIZE_MAX) {
		b->problem = head->problem ? kept(arena, dd_str(head->problem)).p
		                           : "its first line must name the columns id and text";
		return;
	}
	while (!b->problem && dd_list_next(list, &row)) {
		if (row.problem || row.n != head->n)
			b->problem = dd_arena_format(arena, "line %llu: %s",
			        (unsigned long long)row.line,
			        row.problem ? row.problem
			                    : "it has another number of columns than the first");
		else
			DD_PUSH(rows, b->n, b->cap) =
			        (struct registered){kept(arena, dd_list_field(&row, id)),
			                kept(arena, dd_list_field(&row, text))};
	}
	b->list = dd_arena_alloc(arena, (b->n + 1) * sizeof *rows);
	if (b->n)
		memcpy(b->list, rows, b->n * sizeof *rows);
	dd_free(rows);
}

static void read_beside(struct dd_arena *arena, const char *dir, struct beside *b)
{
	const char *path = dd_arena_format(arena, "%s/templates.csv", dir);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 && errno == ENOENT)
		return;
	b->path = path;
	if (fd < 0) {
		b->problem = dd_arena_format(arena, "%s", strerror(errno));
		return;
	}
	struct dd_list *list = dd_list_open(fd, true);
	read_rows(arena, list, b);
	dd_list_free(list);
	close(fd);
}

struct dd_templates *dd_templates_read(const struct dd_program *p, struct dd_arena *arena)
{
	struct dd_templates *t = dd_arena_alloc(arena, sizeof *t);
	*t = (struct dd_templates){
	        p, arena, dd_arena_alloc(arena, (p->nflows + 1) * sizeof *t->flows)};
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		struct beside *b = &t->flows[s->flow];
		if (s->applet == DD_SMS && s->sms.template_id != DD_NONE &&
		        !s->sms.template_text.p && !b->path)
			read_beside(arena, p->flows[s->flow].dir, b);
	}
	return t;
}

struct dd_str dd_template_text(const struct dd_templates *t, uint32_t step, const char **problem)
{
	const struct dd_program *p = t->program;
	const struct dd_sms *s = &p->steps[step].sms;
	const struct beside *b = &t->flows[p->steps[step].flow];
	struct dd_str none = {NULL, 0};
	*problem = NULL;
	if (s->template_text.p)
		return s->template_text;
	if (s->template_id == DD_NONE || !b->path)
		return none;
	if (b->problem) {
		*problem =
		        dd_arena_format(t->arena, "\"%s\" cannot be used: %s", b->path, b->problem);
		return none;
	}
	const struct dd_template *id = &p->templates[s->template_id];
	if (!id->fixed || id->n == 0)
		return none;
	for (size_t i = 0; i < b->n; i++)
		if (dd_str_same(b->list[i].id, p->parts[id->first].text))
			return b->list[i].text;
	*problem = dd_arena_format(t->arena, "\"%s\" has no template %.*s", b->path,
	        (int)p->parts[id->first].text.n, p->parts[id->first].text.p);
	return none;
}

/* -- matching --------------------------------------------------------------- */

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static struct dd_str squeezed(struct dd_arena *arena, struct dd_str text)
{
	char *out = dd_arena_alloc(arena, text.n + 1);
	size_t n = 0;
	for (size_t i = 0; i < text.n; i++)
		if (!is_space(text.p[i]))
			out[n++] = text.p[i];
		else if (n && out[n - 1] != ' ')
			out[n++] = ' ';
	n -= n && out[n - 1] == ' ';
	out[n] = '\0';
	return (struct dd_str){out, n};
}

/* The length of a variable part, "{#var#}" or of another kind ("{#numeric#}"), at `at`; 0: none. */
static size_t variable_at(struct dd_str t, size_t at)
{
	size_t i = at + 2;
	if (t.n - at < 5 || t.p[at] != '{' || t.p[at + 1] != '#')
		return 0;
	while (i < t.n && ((t.p[i] | 0x20) >= 'a' && (t.p[i] | 0x20) <= 'z'))
		i++;
	return i + 1 < t.n && t.p[i] == '#' && t.p[i + 1] == '}' ? i + 2 - at : 0;
}

/* The fixed words of a template that come next, from `*at` on, which moves behind the variable part
 * that ends them; false at the end. */
static bool next_words(struct dd_str t, size_t *at, struct dd_str *words, bool *variable)
{
	size_t from = *at, n = 0;
	if (from > t.n)
		return false;
	for (*at = from; *at < t.n && !(n = variable_at(t, *at)); ++*at) {
	}
	*words = (struct dd_str){t.p + from, *at - from};
	*variable = n > 0;
	*at += n ? n : 1;
	return true;
}

/* Marks, in `next`, where the words can end that come up to `most` characters behind a place of
 * `now`. False: nowhere. */
static bool spread(
        struct dd_str text, const bool *now, bool *next, struct dd_str words, size_t most)
{
	bool any = false;
	memset(next, 0, text.n + 1);
	for (size_t p = 0; p <= text.n; p++) {
		size_t at = p;
		for (size_t k = 0; now[p]; k++) {
			if (text.n - at >= words.n && memcmp(text.p + at, words.p, words.n) == 0)
				any = next[at + words.n] = true;
			if (k == most || at == text.n)
				break;
			(void)dd_utf8_next(text, &at);
		}
	}
	return any;
}

/* Whether the text is the template; else `*missed` is what was not found of it, n 0: the text goes
 * on behind it. */
static bool fits(struct dd_str t, struct dd_str text, size_t most, struct dd_str *missed)
{
	bool *now = dd_alloc(text.n + 1), *next = dd_alloc(text.n + 1), variable = false,
	     found = true;
	struct dd_str words;
	now[0] = true;
	for (size_t at = 0, gap = 0; found && next_words(t, &at, &words, &variable);
	        gap = variable ? most : 0) {
		bool *other = now;
		found = spread(text, now, next, words, gap);
		*missed = found ? (struct dd_str){"", 0} : words;
		now = next;
		next = other;
	}
	found = found && now[text.n];
	dd_free(now);
	dd_free(next);
	return found;
}

const char *dd_template_unlike(struct dd_arena *arena, struct dd_str template, struct dd_str text)
{
	enum { SHOWN = 40 };
	struct dd_str t = squeezed(arena, template), own = squeezed(arena, text), missed = {"", 0};
	if (fits(t, own, DD_TEMPLATE_VARIABLE_MAX, &missed))
		return NULL;
	struct dd_str unused;
	if (fits(t, own, own.n, &unused))
		return dd_arena_format(arena,
		        "what stands for a {#var#} has more than %d characters",
		        DD_TEMPLATE_VARIABLE_MAX);
	if (missed.n == 0)
		return "the text goes on where the template ends";
	size_t n = dd_width_fit(missed, SHOWN);
	return dd_arena_format(arena, "the template's \"%.*s%s\" is not where it should be", (int)n,
	        missed.p, n < missed.n ? "…" : "");
}
