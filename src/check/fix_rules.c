/* The repairs of single rules. Each does nothing where more than one thing could be meant. */
#define _GNU_SOURCE
#include <string.h>

#include "base/text.h"
#include "check/fixing.h"

/* -- otp-digits ------------------------------------------------------------- */

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "pin", not "shopping". */
static bool has_word(struct dd_str text, const char *word)
{
	size_t n = strlen(word);
	for (const char *p = text.p, *end = text.p + text.n;
	        (p = memmem(p, (size_t)(end - p), word, n)) != NULL; p++) {
		bool begins = p == text.p || p[-1] < 'a' || p[-1] > 'z',
		     ends = p + n == end || p[n] < 'a' || p[n] > 'z';
		if (begins && ends)
			return true;
	}
	return false;
}

/* The words that a code goes by; of a number after another word nobody can say what it is. */
static bool is_of_code(struct dd_str before)
{
	static const char *const words[] = {"code", "otp", "password", "passcode", "pin", "कोड",
	        "ओटीपी", "पासवर्ड", "குறியீடு", "கடவுச்சொல்"};
	struct dd_buf folded = {0};
	bool found = false;
	for (size_t at = 0; at < before.n;)
		dd_buf_codepoint(&folded, dd_fold(dd_utf8_next(before, &at)));
	for (size_t i = 0; i < sizeof words / sizeof *words && folded.n; i++)
		found |= has_word((struct dd_str){folded.p, folded.n}, words[i]);
	dd_buf_free(&folded);
	return found;
}

/* The only number of a text, or nothing: with two of them one may be an amount. */
static struct dd_span only_number(struct dd_str text, uint32_t from, uint32_t to)
{
	struct dd_span found = {0, 0};
	for (uint32_t i = from; i < to; i++) {
		uint32_t start = i;
		while (i < to && digit(text.p[i]))
			i++;
		if (i - start < 2)
			continue;
		if (found.end)
			return (struct dd_span){0, 0};
		found = (struct dd_span){start, i};
	}
	return found;
}

/* "4578", and no part of "+4578", "45-78", "4578.50", "A4578". */
static bool stands_alone(struct dd_str text, struct dd_span number, uint32_t from, uint32_t to)
{
	char before = number.start > from ? text.p[number.start - 1] : ' ',
	     after = number.end < to ? text.p[number.end] : ' ';
	bool ended = number.end + 1 >= to || strchr(" \r\n\"'", text.p[number.end + 1]);
	return strchr(" \n\"':", before) &&
	        (strchr(" \r\n\"'", after) || (strchr(".,;:!?", after) && ended));
}

static void say_digits(struct fix_case *c, struct dd_span number, uint32_t to)
{
	struct dd_str text = c->source->text;
	char digits[4 * 8 + 1];
	size_t n = 0;
	for (uint32_t i = number.start; i < number.end && n + 4 < sizeof digits; i++) {
		digits[n++] = text.p[i];
		if (i + 1 < number.end || number.end >= to || !strchr(".,;:!?", text.p[number.end]))
			digits[n++] = '.';
		if (i + 1 < number.end)
			digits[n++] = ' ';
	}
	fix_edit(c, number.start, number.end, dd_arena_copy(c->arena, digits, n));
}

void fix_otp_digits(struct fix_case *c)
{
	struct dd_str text = c->source->text;
	struct dd_span span = c->found->span;
	if (text.p[span.start] == '{' && text.p[span.end - 1] == '}' && span.end - span.start > 2) {
		if (!memchr(text.p + span.start, ':', span.end - span.start) &&
		        !memchr(text.p + span.start, '\n', span.end - span.start))
			fix_edit(c, span.end - 1, span.end - 1, ":digits");
		return;
	}
	struct fix_place place = fix_find(c->root, text, span.start);
	if (!place.node || place.node->span.start != span.start)
		return;
	uint32_t end = place.node->end;
	struct dd_span number = only_number(text, span.start, end);
	size_t digits = number.end - number.start;
	if (digits >= 4 && digits <= 8 && stands_alone(text, number, span.start, end) &&
	        is_of_code((struct dd_str){text.p + span.start, number.start - span.start}))
		say_digits(c, number, end);
}

/* -- call-drops ------------------------------------------------------------- */

/* Behind the last thing that a list says, wherever its items come from. */
static uint32_t content_end(struct dd_str text, const struct dd_node *list)
{
	const struct dd_node *leaf = list;
	uint32_t at = list->end;
	while (leaf->kind != DD_SCALAR && leaf->n && text.p[leaf->span.start] != '[' &&
	        text.p[leaf->span.start] != '{') {
		const struct dd_node *last = leaf->kind == DD_LIST ? leaf->items[leaf->n - 1]
		                                                   : leaf->pairs[leaf->n - 1].value;
		if (last->span.start < leaf->span.start)
			break; /* an alias: it stands elsewhere */
		leaf = last;
	}
	for (;;) { /* up over comments and empty lines */
		uint32_t start, i;
		while (at > list->span.start && strchr(" \t\r\n", text.p[at - 1]))
			at--;
		for (start = i = fix_line_start(text, at);
		        i < at && (text.p[i] == ' ' || text.p[i] == '\t'); i++) {
		}
		if (i >= at || text.p[i] != '#' || start <= list->span.start)
			break;
		at = start;
	}
	uint32_t end = leaf->kind == DD_SCALAR ? leaf->end : 0;
	while (end > leaf->span.start && strchr(" \t\r\n", text.p[end - 1]))
		end--;
	return end > at ? end : at;
}

static void add_line(struct fix_case *c, const struct dd_node *list)
{
	struct dd_str text = c->source->text;
	uint32_t start = fix_line_start(text, list->span.start), end = content_end(text, list);
	uint32_t at = fix_line_end(text, end);
	for (uint32_t i = start; i < list->span.start; i++)
		if (text.p[i] != ' ')
			return;
	fix_edit(c, at, at,
	        dd_arena_format(c->arena, "%s%.*s- hangup", fix_newline(text, end),
	                (int)(list->span.start - start), text.p + start));
}

/* The last item of a list in brackets: where it ends, without what follows. */
static uint32_t item_end(struct dd_str text, const struct dd_node *list)
{
	uint32_t at = list->end - 1;
	while (at > list->span.start + 1 && strchr(" \t\r\n,", text.p[at - 1]))
		at--;
	return at;
}

static void add_item(struct fix_case *c, const struct dd_node *list)
{
	struct dd_str text = c->source->text;
	uint32_t end = item_end(text, list), line = fix_line_start(text, end), indent = line;
	for (uint32_t i = list->span.start; i < list->end; i++)
		if (text.p[i] == '#')
			return; /* it may be a comment, and then the comma would be part of it */
	while (indent < end && text.p[indent] == ' ')
		indent++;
	const struct dd_node *last = list->items[list->n - 1];
	bool own_line = last->span.start == indent && line > list->span.start;
	if (own_line)
		fix_edit(c, end, end,
		        dd_arena_format(c->arena, ",%s%.*shangup", fix_newline(text, end),
		                (int)(indent - line), text.p + line));
	else
		fix_edit(c, end, end, ", hangup");
}

/* Whichever branch the call comes from: what drops it is the end of the flow's outermost list. */
void fix_call_drops(struct fix_case *c)
{
	struct dd_str text = c->source->text;
	for (uint32_t i = 0; i < c->root->n; i++) {
		const struct dd_node *key = c->root->pairs[i].key, *list = c->root->pairs[i].value;
		if (!dd_str_is(key->text, "steps") || list->kind != DD_LIST || list->n == 0 ||
		        list->span.start < key->end)
			continue;
		if (text.p[list->span.start] == '-')
			add_line(c, list);
		else if (text.p[list->span.start] == '[')
			add_item(c, list);
	}
}

/* -- words-cut -------------------------------------------------------------- */

/* The text that ends before the comment at `at`. */
static struct fix_place text_before(const struct fix_case *c, uint32_t at)
{
	const char *text = c->source->text.p;
	while (at > 0 && text[at - 1] == ' ')
		at--;
	struct fix_place place =
	        at ? fix_find(c->root, c->source->text, at - 1) : (struct fix_place){0};
	if (place.node && (place.node->end != at || !place.node->plain))
		place.node = NULL;
	return place;
}

/* Words lost where a number, a file or an address stands are a comment after all. */
static bool is_spoken(const struct dd_node *key)
{
	static const char *const names[] = {"url", "audio", "to", "sender", "template", "entity",
	        "goto", "transfer", "id", "language", "variant"};
	for (size_t i = 0; key && i < sizeof names / sizeof *names; i++)
		if (dd_str_is(key->text, names[i]))
			return false;
	return true;
}

/* "#TODO" is no word for a customer. */
static bool is_reminder(struct dd_str comment)
{
	static const char *const words[] = {"TODO", "FIXME", "XXX", "HACK", "NOTE"};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (comment.n > strlen(words[i]) &&
		        memcmp(comment.p + 1, words[i], strlen(words[i])) == 0)
			return true;
	return false;
}

void fix_words_cut(struct fix_case *c)
{
	struct dd_str text = c->source->text;
	uint32_t at = c->found->span.start, end = fix_text_end(text, at);
	struct dd_str lost = {text.p + at, end - at};
	if (lost.n >= 2 && lost.p[1] == ':') {
		uint32_t i = fix_line_start(text, at);
		while (i < at && text.p[i] == ' ')
			i++;
		if (i == at)
			fix_edit(c, at, at + 1, "\"#\"");
		return;
	}
	if (lost.n == 1 || c->found->span.end == at + 1) { /* finish: # */
		fix_edit(c, at, at + 1, "\"#\"");
		return;
	}
	struct fix_place place = text_before(c, at);
	if (!place.node || !is_spoken(place.key) || is_reminder(lost) ||
	        strchr("&*!", text.p[place.node->span.start]))
		return;
	for (size_t i = 0; place.bracketed && i < lost.n; i++)
		if (strchr(",[]{}", lost.p[i]))
			return; /* a bracket may be lost with the words */
	fix_quote(c, place.node->span.start, end);
}

/* -- allow-unused ----------------------------------------------------------- */

static bool is_unused(const struct fix_case *c, uint32_t at)
{
	for (size_t i = 0; i < c->diags->n; i++) {
		const struct dd_diag *d = &c->diags->items[i];
		if (strcmp(d->code, "allow-unused") == 0 && d->source == c->source &&
		        d->span.start == at)
			return true;
	}
	return false;
}

/* The names of a comment from `at` on; those that still allow something are gathered, how many do
 * not is told. */
static void read_names(const struct fix_case *c, uint32_t at, uint32_t end, struct dd_buf *kept,
        uint32_t *names_end)
{
	const char *text = c->source->text.p;
	while (at < end) {
		while (at < end && text[at] == ' ')
			at++;
		uint32_t from = at;
		while (at < end && text[at] != ' ' && text[at] != ',')
			at++;
		if (at == from)
			break;
		if (!is_unused(c, from))
			dd_buf_format(
			        kept, "%s%.*s", kept->n ? ", " : "", (int)(at - from), text + from);
		*names_end = at;
		while (at < end && text[at] == ' ')
			at++;
		if (at == end || text[at++] != ',')
			break;
	}
}

/* A line of its own goes with its end, or, being the last, with the end before it. */
static void take_comment(struct fix_case *c, uint32_t from, uint32_t end)
{
	struct dd_str text = c->source->text;
	uint32_t start = fix_line_start(text, from);
	while (from > start && (text.p[from - 1] == ' ' || text.p[from - 1] == '\t'))
		from--;
	if (from == start && end < text.n)
		end += text.p[end] == '\r' && end + 1 < text.n ? 2 : 1;
	else if (from == start && from > 0 && text.p[from - 1] == '\n')
		from -= from > 1 && text.p[from - 2] == '\r' ? 2 : 1;
	fix_edit(c, from, end, "");
}

void fix_allow_unused(struct fix_case *c)
{
	static const char mark[] = "# drydial: allow ";
	struct dd_str text = c->source->text;
	uint32_t name = c->found->span.start, start = fix_line_start(text, name),
	         end = fix_line_end(text, name), names_end = 0;
	const char *found = memmem(text.p + start, end - start, mark, sizeof mark - 1);
	struct dd_buf kept = {0};
	/* of a flow that was only transferred to, another may need it; inside a text it is no
	 * comment */
	if (!found || !c->operand)
		return;
	uint32_t from = (uint32_t)(found - text.p), names = from + (uint32_t)sizeof mark - 1;
	if (fix_find(c->root, text, from).node)
		return;
	read_names(c, names, end, &kept, &names_end);
	if (kept.n)
		fix_edit(c, names, names_end, dd_arena_copy(c->arena, kept.p, kept.n));
	else
		take_comment(c, from, end);
	dd_buf_free(&kept);
}
