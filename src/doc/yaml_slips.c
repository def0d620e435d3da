/* libyaml says where it could not go on, which is seldom what the author must change: a dash
   without its blank stops it a line later, a quote at the next word. Here the lines around that
   place are looked at for the slips that authors make, the surest first. */
#define _GNU_SOURCE
#include "doc/yaml_slips.h"

#include <string.h>

#include "base/text.h"

enum { NOWHERE = UINT32_MAX, SHOWN = 60 };

struct slip {
	struct dd_arena *arena;
	const struct yaml_failure *failure;
	struct dd_str text;
	struct dd_diag *d;
};

/* -- lines ------------------------------------------------------------------ */

/* A line: where it begins, its first character, its first behind dashes, where its words end, and
 * the comment behind them (`end` where there is none). */
struct row {
	uint32_t start, first, word, words_end, comment, end;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	        c == '_';
}

/* Part of a word: bytes of other scripts too. */
static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	        (unsigned char)c >= 0x80;
}

/* Where a quote can begin a text. */
static bool begins_text(struct dd_str text, uint32_t start, uint32_t at)
{
	return at == start || strchr(" \t[{,", text.p[at - 1]) != NULL;
}

/* Behind the quoted text that begins at `at`, or the line's end. */
static uint32_t quoted_end(struct dd_str text, uint32_t at, uint32_t end)
{
	char quote = text.p[at];
	for (at++; at < end; at++) {
		if (quote == '"' && text.p[at] == '\\')
			at++;
		else if (text.p[at] == quote && quote == '\'' && at + 1 < end &&
		        text.p[at + 1] == quote)
			at++;
		else if (text.p[at] == quote)
			return at + 1;
	}
	return end;
}

static uint32_t comment_of(struct dd_str text, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++) {
		if (text.p[i] == '#' && (i == first || is_blank(text.p[i - 1])))
			return i;
		if ((text.p[i] == '"' || text.p[i] == '\'') && begins_text(text, first, i))
			i = quoted_end(text, i, end) - 1;
	}
	return end;
}

static struct row row_at(struct dd_str text, uint32_t at)
{
	struct row r;
	r.start = at < text.n ? at : (uint32_t)text.n;
	while (r.start > 0 && text.p[r.start - 1] != '\n')
		r.start--;
	r.end = at < text.n ? at : (uint32_t)text.n;
	while (r.end < text.n && text.p[r.end] != '\n')
		r.end++;
	if (r.end > r.start && text.p[r.end - 1] == '\r')
		r.end--;
	if (r.start == 0 && text.n >= 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0)
		r.start = 3;
	for (r.first = r.start; r.first < r.end && text.p[r.first] == ' '; r.first++) {
	}
	for (r.word = r.first;
	        r.word + 1 < r.end && text.p[r.word] == '-' && text.p[r.word + 1] == ' ';)
		for (r.word++; r.word < r.end && text.p[r.word] == ' '; r.word++) {
		}
	r.comment = comment_of(text, r.word, r.end);
	r.words_end = r.comment;
	while (r.words_end > r.word && is_blank(text.p[r.words_end - 1]))
		r.words_end--;
	return r;
}

static bool is_empty(const struct row *r)
{
	return r->words_end <= r->first;
}

/* Of the first line, which begins behind a byte order mark. */
static bool is_first(struct dd_str text, const struct row *r)
{
	return r->start == 0 || (r->start == 3 && memcmp(text.p, "\xEF\xBB\xBF", 3) == 0);
}

/* The line above or below that says something; false: there is none. */
static bool row_above(struct dd_str text, struct row *r)
{
	while (!is_first(text, r)) {
		*r = row_at(text, r->start - 1);
		if (!is_empty(r))
			return true;
	}
	return false;
}

static bool row_below(struct dd_str text, struct row *r)
{
	for (;;) {
		uint32_t next = r->end;
		while (next < text.n && text.p[next] != '\n')
			next++;
		if (next + 1 >= text.n)
			return false;
		*r = row_at(text, next + 1);
		if (!is_empty(r))
			return true;
	}
}

static uint32_t column(const struct row *r)
{
	return r->first - r->start;
}

static uint32_t key_column(const struct row *r)
{
	return r->word - r->start;
}

static bool has_dash(const struct row *r)
{
	return r->word > r->first;
}

/* Where the colon of "key: …" stands whose key begins at `at`; NOWHERE where there is none. */
static uint32_t colon_of(struct dd_str text, uint32_t at, uint32_t end)
{
	uint32_t i = at;
	if (i < end && (text.p[i] == '"' || text.p[i] == '\''))
		i = quoted_end(text, i, end);
	else if (i < end && (text.p[i] == '*' || text.p[i] == '#'))
		i++;
	else
		while (i < end && (is_name(text.p[i]) || text.p[i] == '-'))
			i++;
	bool colon = i > at && i < end && text.p[i] == ':';
	return colon && (i + 1 == end || is_blank(text.p[i + 1])) ? i : NOWHERE;
}

static uint32_t value_of(struct dd_str text, uint32_t colon, uint32_t end)
{
	uint32_t at = colon + 1;
	while (at < end && is_blank(text.p[at]))
		at++;
	return at;
}

/* How many brackets are open before `at`. */
static int open_brackets(struct dd_str text, const struct row *r, uint32_t at)
{
	int open = 0;
	for (uint32_t i = r->word; i < at; i++) {
		char c = text.p[i];
		if ((c == '"' || c == '\'') && begins_text(text, r->word, i))
			i = quoted_end(text, i, r->end) - 1;
		else
			open += c == '[' || c == '{' ? 1 : c == ']' || c == '}' ? -1 : 0;
	}
	return open;
}

/* Where a text without quotes that began inside brackets ends: at a comma, or at a bracket that
 * it has not opened itself. */
static uint32_t text_end_in_brackets(struct dd_str text, uint32_t at, uint32_t end)
{
	uint32_t from = at;
	for (int open = 0; at < end; at++) {
		char c = text.p[at];
		if (c == '{')
			open++;
		else if (c == '}' && open)
			open--;
		else if (c == ']' || c == '}' ||
		        (c == ',' && !open && (at + 1 == end || is_blank(text.p[at + 1]))))
			break;
	}
	while (at > from && is_blank(text.p[at - 1]))
		at--;
	return at;
}

/* A text goes on in the next line where that stands further right than its key. */
static bool goes_on(struct dd_str text, const struct row *r)
{
	struct row next = *r;
	return row_below(text, &next) && column(&next) > key_column(r) && !has_dash(&next) &&
	        colon_of(text, next.word, next.words_end) == NOWHERE;
}

/* -- what is told ----------------------------------------------------------- */

static void place_at(struct slip *s, uint32_t start, uint32_t end)
{
	s->d->span = (struct dd_span){start, end > start ? end : start + 1};
}

static void edit(struct slip *s, uint32_t start, uint32_t end, const char *with)
{
	dd_diag_edit(s->arena, s->d, start, end, with);
}

/* A stretch of the file for a hint, cut where it is long. */
static struct dd_str shown(struct dd_str text, uint32_t start, uint32_t end)
{
	struct dd_str all = {text.p + start, end > start ? end - start : 0};
	size_t fits = dd_width_fit(all, SHOWN);
	return (struct dd_str){all.p, fits < all.n ? fits : all.n};
}

static const char *in_quotes(struct slip *s, uint32_t start, uint32_t end)
{
	struct dd_str words = shown(s->text, start, end);
	struct dd_buf out = {0};
	dd_buf_str(&out, "write it like this: \"");
	for (size_t i = 0; i < words.n; i++) {
		if (words.p[i] == '"' || words.p[i] == '\\')
			dd_buf_char(&out, '\\');
		dd_buf_char(&out, words.p[i]);
	}
	dd_buf_str(&out, words.n < end - start ? "…\"" : "\"");
	const char *hint = dd_arena_copy(s->arena, out.p, out.n);
	dd_buf_free(&out);
	return hint;
}

static const char *like(struct slip *s, const char *before, uint32_t start, uint32_t end)
{
	struct dd_str words = shown(s->text, start, end);
	return dd_arena_format(s->arena, "write it like this: %s%.*s%s", before, (int)words.n,
	        words.p, words.n < end - start ? "…" : "");
}

/* Moves a line, and all below that stands further right, by some columns. */
static void shift(struct slip *s, const struct row *r, int by)
{
	struct row row = *r;
	do {
		if (by > 0)
			edit(s, row.start, row.start, dd_arena_format(s->arena, "%*s", by, ""));
		else if (by < 0)
			edit(s, row.start, row.start + (uint32_t)-by, "");
	} while (row_below(s->text, &row) && column(&row) > column(r));
}

/* -- dashes ----------------------------------------------------------------- */

/* "-greeting: Hello", "-hangup" */
static bool lacks_blank(struct dd_str text, const struct row *r)
{
	uint32_t i = r->word + 1;
	if (r->word + 1 >= r->words_end || text.p[r->word] != '-' || !is_letter(text.p[i]))
		return false;
	while (i < r->words_end && is_name(text.p[i]))
		i++;
	return i == r->words_end || text.p[i] == ':';
}

static bool slip_dash(struct slip *s, uint32_t at)
{
	struct row r = row_at(s->text, at), up = r;
	if (!lacks_blank(s->text, &r))
		return false;
	while (row_above(s->text, &up) && column(&up) >= column(&r))
		if (column(&up) == column(&r) && lacks_blank(s->text, &up))
			r = up;
	place_at(s, r.word, r.word + 1);
	s->d->message = "a dash needs a blank behind it";
	s->d->hint = like(s, "- ", r.word + 1, r.words_end);
	uint32_t left = column(&r);
	do
		if (column(&r) == left && lacks_blank(s->text, &r))
			edit(s, r.word + 1, r.word + 1, " ");
	while (row_below(s->text, &r) && column(&r) >= left);
	return true;
}

/* A line of a list, above, with its dash in this column. */
static bool list_above(struct dd_str text, struct row r)
{
	uint32_t left = column(&r);
	while (row_above(text, &r) && column(&r) >= left)
		if (column(&r) == left && has_dash(&r))
			return true;
	return false;
}

/* The column, in a line above, nearest to that of `r`: of dashes (`dash`) or of keys. */
static uint32_t nearest_column(struct dd_str text, const struct row *r, bool dash)
{
	struct row up = *r;
	uint32_t best = NOWHERE, away = NOWHERE, floor = NOWHERE;
	while (row_above(text, &up) && floor > 0) {
		uint32_t left = dash ? column(&up) : key_column(&up);
		bool same = dash ? has_dash(&up) : colon_of(text, up.word, up.words_end) != NOWHERE;
		uint32_t far = left > column(r) ? left - column(r) : column(r) - left;
		/* behind a line further left the columns of others are closed */
		if (same && far < away && (floor == NOWHERE || left <= floor)) {
			best = left;
			away = far;
		}
		if (column(&up) < floor)
			floor = column(&up);
	}
	return best;
}

/* "hangup" where "- hangup" is meant, and other lines that are neither key nor item. */
static bool slip_bare(struct slip *s, uint32_t at)
{
	struct row r = row_at(s->text, at);
	uint32_t i = r.word;
	while (i < r.words_end && is_name(s->text.p[i]))
		i++;
	if (i == r.word || r.word >= r.words_end)
		return false;
	place_at(s, r.word, r.words_end);
	struct row up = r;
	if (row_above(s->text, &up) && strchr("|>", s->text.p[up.words_end - 1])) {
		s->d->message = "this text belongs to the line above, and is not indented below it";
		s->d->hint = "a block of text stands further right than its key";
	} else if (i < r.words_end && s->text.p[i] == ':' && i + 1 < r.words_end &&
	        s->text.p[i + 1] != '/') {
		s->d->message = "a colon needs a blank behind it";
		s->d->hint = dd_arena_format(s->arena, "write it like this: %.*s: %.*s",
		        (int)(i - r.word), s->text.p + r.word, (int)(r.words_end - i - 1),
		        s->text.p + i + 1);
		edit(s, i + 1, i + 1, " ");
	} else if (i == r.words_end) {
		s->d->message = dd_arena_format(s->arena,
		        "\"%.*s\" stands here by itself: a step begins with a dash, a key ends "
		        "with a colon",
		        (int)(i - r.word), s->text.p + r.word);
		s->d->hint = like(s, has_dash(&r) ? "" : "- ", r.word, r.words_end);
		uint32_t left = nearest_column(s->text, &r, true);
		if (!has_dash(&r) && left != NOWHERE)
			edit(s, r.start, r.first,
			        dd_arena_format(s->arena, "%*s- ", (int)left, ""));
	} else if (up.start < r.start && up.comment < up.end &&
	        colon_of(s->text, up.word, up.words_end) != NOWHERE) {
		place_at(s, up.comment, up.comment + 1);
		s->d->message = "# begins a comment here, and a text cannot go on behind it";
		s->d->hint = "put the text in quotes";
	} else {
		s->d->message = "this line is neither a key with a colon nor a step with a dash";
		s->d->hint = "text that goes on from the line above stands further right than its "
		             "key";
	}
	return true;
}

/* -- columns ---------------------------------------------------------------- */

static bool slip_column(struct slip *s, const struct row *r, uint32_t left)
{
	if (left == NOWHERE || left == column(r))
		return false;
	place_at(s, r->first, has_dash(r) ? r->first + 1 : r->words_end);
	s->d->message = left < column(r) ? "this line is indented too far"
	                                 : "this line is not indented far enough";
	s->d->hint = dd_arena_format(s->arena, "begin it in column %u, below the %s above",
	        left + 1, has_dash(r) ? "dash" : "key");
	shift(s, r, (int)left - (int)column(r));
	return true;
}

/* "sms: …" in the column of a list's dashes. What follows "- id: …" belongs to that step. */
static bool slip_no_dash(struct slip *s, const struct row *r)
{
	struct row up = *r;
	uint32_t colon = colon_of(s->text, r->word, r->words_end);
	if (has_dash(r) || colon == NOWHERE || !list_above(s->text, *r))
		return false;
	while (row_above(s->text, &up) && column(&up) > column(r)) {
	}
	bool of_id = up.words_end > up.word + 3 && memcmp(s->text.p + up.word, "id:", 3) == 0;
	place_at(s, r->first, colon);
	s->d->message = of_id ? "this key stands in the column of the dash of its step"
	                      : "a step begins with a dash";
	s->d->hint = of_id ? dd_arena_format(s->arena, "begin it in column %u, below the key above",
	                             key_column(&up) + 1)
	                   : like(s, "- ", r->first, r->words_end);
	if (of_id) {
		shift(s, r, (int)key_column(&up) - (int)column(r));
		return true;
	}
	edit(s, r->first, r->first, "- ");
	struct row below = *r;
	if (row_below(s->text, &below) && column(&below) > column(r))
		shift(s, &below, 2);
	return true;
}

/* "#:" as a key is a comment, and what belongs to it stands below nothing. */
static bool slip_hash_key(struct slip *s, const struct row *r)
{
	if (r->start == 0)
		return false;
	struct row up = row_at(s->text, r->start - 1);
	if (up.end < up.first + 2 || memcmp(s->text.p + up.first, "#:", 2) != 0)
		return false;
	place_at(s, up.first, up.first + 1);
	s->d->message = "the key # needs quotes: without them it begins a comment";
	s->d->hint = like(s, "\"#\"", up.first + 1, up.end);
	return true;
}

/* The line begins where the parser stumbled. */
static bool slip_line(struct slip *s)
{
	struct row r = row_at(s->text, s->failure->at);
	if (slip_hash_key(s, &r))
		return true;
	if (r.first != s->failure->at || is_empty(&r))
		return false;
	if (strstr(s->failure->problem, "'-' indicator") && slip_no_dash(s, &r))
		return true;
	if (!has_dash(&r) && colon_of(s->text, r.word, r.words_end) == NOWHERE)
		return slip_bare(s, r.first);
	return slip_column(s, &r, nearest_column(s->text, &r, has_dash(&r)));
}

/* -- colons ----------------------------------------------------------------- */

static bool is_in(struct dd_str word, const char *list)
{
	for (const char *p = list; *p; p += strspn(p, " ")) {
		size_t n = strcspn(p, " ");
		if (n == word.n && memcmp(p, word.p, n) == 0)
			return true;
		p += n;
	}
	return false;
}

bool yaml_is_applet(struct dd_str word)
{
	return is_in(word,
	        "greeting ivr passthru sms hangup transfer goto branch set hours connect record "
	        "subflow return");
}

bool yaml_is_setting(struct dd_str word)
{
	return is_in(word,
	        "text audio url pause voice prompt stub loop max min skip interruptible keys "
	        "collect finish timeout retries invalid silence barge_in otherwise answer "
	        "goal opt_out then to sender template entity method hold wait exits routes "
	        "id language rate pitch variant status body json delay error");
}

/* "1: greeting: Thanks": what stands behind the first colon is a mapping of its own. */
static bool slip_two_keys(struct slip *s, const struct row *r)
{
	uint32_t colon = colon_of(s->text, r->word, r->words_end);
	uint32_t inner = colon == NOWHERE ? NOWHERE : value_of(s->text, colon, r->words_end);
	uint32_t second = inner == NOWHERE ? NOWHERE : colon_of(s->text, inner, r->words_end);
	if (second == NOWHERE || second != s->failure->at)
		return false;
	struct dd_str name = {s->text.p + inner, second - inner};
	bool applet = yaml_is_applet(name);
	if (!applet && !yaml_is_setting(name))
		return false;
	uint32_t value = value_of(s->text, second, r->words_end);
	struct dd_str outer = {s->text.p + r->word, colon - r->word},
	              words = shown(s->text, value, r->words_end);
	bool marks = false;
	for (size_t i = 0; i < words.n; i++)
		marks |= strchr(",[]{}:#\"'", words.p[i]) != NULL;
	bool quoted = marks && words.n && !strchr("\"'[{", words.p[0]);
	place_at(s, inner, second + 1);
	s->d->message = dd_arena_format(s->arena,
	        "\"%.*s:\" cannot stand behind \"%.*s:\" in one line without brackets", (int)name.n,
	        name.p, (int)outer.n, outer.p);
	s->d->hint = dd_arena_format(s->arena, "write it like this: %.*s: %s %.*s: %s%.*s%s %s",
	        (int)outer.n, outer.p, applet ? "[" : "{", (int)name.n, name.p, quoted ? "\"" : "",
	        (int)words.n, words.p, quoted ? "\"" : "", applet ? "]" : "}");
	if (goes_on(s->text, r) || value >= r->words_end)
		return true;
	edit(s, inner, inner, applet ? "[ " : "{ ");
	if (quoted)
		dd_diag_quote(s->arena, s->d, value, r->words_end);
	edit(s, r->words_end, r->words_end, applet ? " ]" : " }");
	return true;
}

static bool slip_colon(struct slip *s)
{
	struct row r = row_at(s->text, s->failure->at), up = r;
	uint32_t colon = colon_of(s->text, r.word, r.words_end);
	if (!strstr(s->failure->problem, "mapping values"))
		return false;
	if (colon == s->failure->at && row_above(s->text, &up)) {
		uint32_t above = colon_of(s->text, up.word, up.words_end);
		if (above == NOWHERE)
			return slip_bare(s, up.first);
		return column(&r) > key_column(&up) && !has_dash(&r) &&
		        slip_column(s, &r, key_column(&up));
	}
	if (slip_two_keys(s, &r))
		return true;
	uint32_t value = colon == NOWHERE ? r.word : value_of(s->text, colon, r.words_end);
	if (value >= r.words_end)
		return false;
	s->d->message = "text with a colon and a blank in it needs quotes";
	s->d->hint = in_quotes(s, value, r.words_end);
	return true;
}

/* -- texts that begin or end too early -------------------------------------- */

/* "{name}, hello": the bracket that ended just before the parser stumbled began a text. */
static bool slip_brace(struct slip *s)
{
	struct row r = row_at(s->text, s->failure->at);
	uint32_t at = s->failure->at;
	while (at > r.word && is_blank(s->text.p[at - 1]))
		at--;
	char close = at > r.word ? s->text.p[at - 1] : '\0';
	if (close != '}' && close != ']')
		return false;
	uint32_t open = at - 1;
	int depth = 1;
	while (open > r.word && depth) {
		open--;
		if (s->text.p[open] == close)
			depth++;
		else if (s->text.p[open] == (close == '}' ? '{' : '['))
			depth--;
	}
	uint32_t before = open;
	while (before > r.word && is_blank(s->text.p[before - 1]))
		before--;
	bool first = before == r.word || (before < open && strchr(":[{,", s->text.p[before - 1]));
	if (depth || !first || s->failure->at >= r.words_end ||
	        strchr("]}", s->text.p[s->failure->at]))
		return false;
	for (uint32_t i = open; i < at; i++)
		if (!is_letter(s->text.p[i]) && !strchr("{}[]_.:- ", s->text.p[i]))
			return false;
	bool inside = open_brackets(s->text, &r, open) > 0;
	uint32_t end = inside ? text_end_in_brackets(s->text, open, r.words_end) : r.words_end;
	place_at(s, open, at);
	s->d->message =
	        dd_arena_format(s->arena, "text that begins with %c needs quotes", s->text.p[open]);
	s->d->hint = in_quotes(s, open, end);
	if (end >= at && !goes_on(s->text, &r))
		dd_diag_quote(s->arena, s->d, open, end);
	return true;
}

/* Whether an apostrophe stands inside of a word. */
static bool is_inner(struct dd_str text, uint32_t at)
{
	return at > 0 && at + 1 < text.n && is_letter(text.p[at - 1]) && is_letter(text.p[at + 1]);
}

/* 'We couldn't …': single quotes around it become double ones. */
static bool mend_apostrophe(struct slip *s, const struct row *r, uint32_t open, bool inside)
{
	uint32_t close = r->words_end - 1;
	if (inside)
		for (close = open + 1; close < r->words_end; close++)
			if (s->text.p[close] == '\'' && !is_inner(s->text, close))
				break;
	if (close <= open || close >= r->words_end || s->text.p[close] != '\'')
		return false;
	s->d->hint = in_quotes(s, open + 1, close);
	edit(s, open, open + 1, "\"");
	for (uint32_t i = open + 1; i < close; i++)
		if (s->text.p[i] == '"' || s->text.p[i] == '\\')
			edit(s, i, i, "\\");
		else if (s->text.p[i] == '\'' && i + 1 < close && s->text.p[i + 1] == '\'')
			edit(s, i, i + 1, ""), i++;
	edit(s, close, close + 1, "\"");
	return true;
}

static void mend_quotes(struct slip *s, const struct row *r, uint32_t open)
{
	uint32_t close = r->words_end - 1;
	if (s->text.p[close] != '"' || s->text.p[close - 1] == '\\')
		return;
	for (uint32_t i = open + 1; i < close; i++)
		if (s->text.p[i] == '\\')
			i++;
		else if (s->text.p[i] == '"')
			edit(s, i, i, "\\");
	struct dd_str words = shown(s->text, open + 1, close);
	if (!memchr(words.p, '\\', words.n))
		s->d->hint = in_quotes(s, open + 1, close);
}

/* A quote above that is not closed in its line: what was read as its end begins another text. */
static bool slip_open_above(struct slip *s, struct row r, char quote)
{
	while (row_above(s->text, &r))
		for (uint32_t i = r.word; i < r.end; i++) {
			if (s->text.p[i] != quote || !begins_text(s->text, r.word, i))
				continue;
			uint32_t end = quoted_end(s->text, i, r.end);
			if (end == r.end && (i + 1 == r.end || s->text.p[end - 1] != quote)) {
				place_at(s, i, i + 1);
				s->d->message = "this quote is never closed";
				s->d->hint = "close it in its own line";
				return true;
			}
			i = end - 1;
		}
	return false;
}

/* A text in quotes ended just before the parser stumbled. */
static bool slip_quote(struct slip *s)
{
	struct row r = row_at(s->text, s->failure->at);
	uint32_t at = s->failure->at, open = r.word;
	while (at > r.word && is_blank(s->text.p[at - 1]))
		at--;
	char quote = at > r.word ? s->text.p[at - 1] : '\0';
	if ((quote != '"' && quote != '\'') || s->failure->at >= s->text.n ||
	        strchr("]}", s->text.p[s->failure->at]))
		return false;
	/* the comment was looked for as if the quotes were right */
	r.words_end = r.end;
	while (r.words_end > r.word && is_blank(s->text.p[r.words_end - 1]))
		r.words_end--;
	while (open < at - 1 &&
	        (s->text.p[open] != quote || !begins_text(s->text, r.word, open) ||
	                quoted_end(s->text, open, r.end) != at))
		open++;
	if (open == at - 1)
		return slip_open_above(s, r, quote);
	bool inside = open_brackets(s->text, &r, open) > 0;
	place_at(s, at - 1, at);
	if (quote == '\'' && is_inner(s->text, at - 1)) {
		s->d->message = "the text ends at this apostrophe, because it began with one";
		s->d->hint = "put the text in double quotes: \"…\"";
		(void)mend_apostrophe(s, &r, open, inside);
		return true;
	}
	s->d->message = "the text ends at this quote, and more comes behind it";
	s->d->hint = quote == '"' ? "write \\\" for a quote inside the text"
	                          : "write '' for a quote inside the text";
	if (quote == '"' && !inside)
		mend_quotes(s, &r, open);
	return true;
}

/* -- brackets --------------------------------------------------------------- */

/* "[ greeting: Press # to go on ]": the bracket that ends it is part of a comment. */
static bool slip_hash_in(struct slip *s, uint32_t at)
{
	struct row r = row_at(s->text, at);
	uint32_t i = r.comment + 1, from = r.comment;
	bool closes = false;
	if (r.comment >= r.end || open_brackets(s->text, &r, r.comment) <= 0)
		return false;
	for (uint32_t k = i; k < r.end; k++)
		closes |= s->text.p[k] == ']' || s->text.p[k] == '}';
	if (!closes)
		return false;
	while (i < r.end && is_blank(s->text.p[i]))
		i++;
	while (from > r.word && is_blank(s->text.p[from - 1]))
		from--;
	bool alone = strchr(",]}:", s->text.p[i]) && strchr("[{,:", s->text.p[from - 1]);
	place_at(s, r.comment, r.comment + 1);
	s->d->message = "# begins a comment here: the rest of the line is not read";
	if (alone) {
		s->d->hint = "write it like this: \"#\"";
		edit(s, r.comment, r.comment + 1, "\"#\"");
		return true;
	}
	while (from > r.word && !strchr("[{,", s->text.p[from - 1]) &&
	        !(s->text.p[from - 1] == ':' && is_blank(s->text.p[from])))
		from--;
	while (is_blank(s->text.p[from]))
		from++;
	uint32_t end = text_end_in_brackets(s->text, from, r.end);
	s->d->hint = in_quotes(s, from, end);
	if (end > r.comment && !strchr("\"'", s->text.p[from]))
		dd_diag_quote(s->arena, s->d, from, end);
	return true;
}

static bool slip_brackets(struct slip *s)
{
	const struct yaml_failure *f = s->failure;
	bool listed = strstr(f->problem, "',' or ']'") != NULL,
	     mapped = strstr(f->problem, "',' or '}'") != NULL;
	struct row r = row_at(s->text, f->at), up = r;
	char c = f->at < s->text.n ? s->text.p[f->at] : '\0';
	if (!listed && !mapped && !strstr(f->problem, "node content"))
		return false;
	if (slip_hash_in(s, f->from) || slip_hash_in(s, f->at) ||
	        (row_above(s->text, &up) && slip_hash_in(s, up.first)))
		return true;
	if (!listed && !mapped)
		return false;
	if (f->from < r.start || f->at >= s->text.n) {
		place_at(s, f->from, f->from + 1);
		s->d->message =
		        dd_arena_format(s->arena, "this %c is never closed", s->text.p[f->from]);
		s->d->hint = dd_arena_format(
		        s->arena, "end what belongs to it with %c", listed ? ']' : '}');
	} else if (c == ']' || c == '}') {
		s->d->message =
		        dd_arena_format(s->arena, "this %c closes nothing that is open here", c);
		s->d->hint =
		        dd_arena_format(s->arena, "what is open ends with %c", listed ? ']' : '}');
	} else {
		s->d->message = "a comma is missing before this, or quotes around the text";
		s->d->hint = NULL;
	}
	return true;
}

/* -- the rest --------------------------------------------------------------- */

static bool slip_mark(struct slip *s)
{
	const struct yaml_failure *f = s->failure;
	char c = f->from < s->text.n ? s->text.p[f->from] : '\0';
	bool scanning = strstr(f->context, "scanning") != NULL && !strstr(f->context, "quoted") &&
	        !strstr(f->context, "simple key");
	if (!scanning || !c || !strchr("\t%@`*&!|>", c))
		return false;
	struct row r = row_at(s->text, f->from);
	place_at(s, f->from, f->from + 1);
	if (c == '\t') {
		s->d->message = "a tab cannot stand before the words of a line";
		s->d->hint = "indent with spaces, not with tabs";
	} else if (c == '*' && f->from + 1 < s->text.n && s->text.p[f->from + 1] == ':') {
		s->d->message = "the key * needs quotes";
		s->d->hint = dd_arena_format(s->arena, "write it like this: \"*\"%.*s",
		        (int)shown(s->text, f->from + 1, r.words_end).n, s->text.p + f->from + 1);
		if (r.word < f->from) /* a key of a line may have a value that needs quotes, too */
			edit(s, f->from, f->from + 1, "\"*\"");
	} else {
		s->d->message =
		        dd_arena_format(s->arena, "text that begins with %c needs quotes", c);
		s->d->hint = in_quotes(s, f->from, r.words_end);
	}
	return true;
}

/* A list in the line of its key, or a text that begins like one. */
static bool slip_list_behind_key(struct slip *s)
{
	if (!strstr(s->failure->problem, "block sequence entries"))
		return false;
	struct row r = row_at(s->text, s->failure->at);
	uint32_t colon = colon_of(s->text, r.word, r.words_end);
	place_at(s, s->failure->at, s->failure->at + 1);
	s->d->message = "a list cannot begin in the line of its key";
	s->d->hint = colon == NOWHERE
	        ? "begin it in the next line"
	        : "begin it in the next line; text that begins with a dash needs quotes";
	return true;
}

static bool slip_escape(struct slip *s)
{
	if (!strstr(s->failure->problem, "escape character"))
		return false;
	s->d->hint = "write \\\\ for a backslash, or put the text in single quotes";
	return false;
}

void yaml_explain(struct dd_arena *arena, const struct yaml_failure *failure, struct dd_diag *d)
{
	struct slip s = {arena, failure, d->source->text, d};
	bool colonless = strstr(failure->problem, "could not find expected ':'") != NULL;
	if (slip_mark(&s) || slip_escape(&s) || slip_dash(&s, failure->at) ||
	        (colonless && slip_dash(&s, failure->from)))
		return;
	if (slip_brackets(&s) && s.d->nedits)
		return;
	struct dd_diag told = *d; /* quotes and braces inside of brackets are surer */
	if (slip_quote(&s) || slip_brace(&s))
		return;
	*d = told;
	if (strcmp(d->message, failure->problem) != 0)
		return;
	if (colonless && slip_bare(&s, failure->from))
		return;
	if (slip_colon(&s) || slip_list_behind_key(&s) || slip_line(&s))
		return;
	if (strstr(failure->problem, "did not find expected key") ||
	        strstr(failure->problem, "'-' indicator"))
		d->message = "this does not fit what stands above it";
	else if (strstr(failure->problem, "node content"))
		d->message = "something is missing before this";
}
