/* Files that are no YAML because a text needs quotes: "Dear customer: your order", "*Sale*",
 * "@home", and the keys * and #. */
#include <string.h>

#include "base/text.h"
#include "check/fixing.h"

/* A line "  - key: value" taken apart; false for any other. */
struct keyed {
	uint32_t key, key_end, value, end;
};

static bool take_apart(struct dd_str text, uint32_t at, struct keyed *out)
{
	uint32_t i = fix_line_start(text, at), end = fix_line_end(text, at);
	while (i < end &&
	        (text.p[i] == ' ' || (text.p[i] == '-' && i + 1 < end && text.p[i + 1] == ' ')))
		i++;
	out->key = i;
	if (i < end && (text.p[i] == '*' || text.p[i] == '#'))
		i++;
	else
		while (i < end &&
		        strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
		               "0123456789_-\"*#",
		                text.p[i]))
			i++;
	out->key_end = i;
	if (i == out->key || i >= end || text.p[i] != ':' || (i + 1 < end && text.p[i + 1] != ' '))
		return false;
	for (i++; i < end && text.p[i] == ' '; i++) {
	}
	out->value = i;
	out->end = i < end ? fix_text_end(text, i) : end;
	return true;
}

static uint32_t next_line(struct dd_str text, uint32_t at)
{
	while (at < text.n && text.p[at] != '\n')
		at++;
	return at < text.n ? at + 1 : at;
}

/* A text that goes on in the next line cannot be put in quotes by its first. */
static bool goes_on(struct dd_str text, const struct keyed *line)
{
	uint32_t column = line->key - fix_line_start(text, line->key);
	for (uint32_t at = next_line(text, line->end); at < text.n; at = next_line(text, at)) {
		uint32_t i = at;
		while (i < text.n && text.p[i] == ' ')
			i++;
		if (i < text.n && !strchr("#\r\n", text.p[i]))
			return i - at > column;
	}
	return false;
}

/* "greeting: audio: hello.wav" lacks braces, not quotes. */
static bool begins_with_key(struct dd_str value)
{
	static const char *const keys[] = {"text", "audio", "url", "pause", "voice", "prompt",
	        "stub", "loop", "max", "skip", "interruptible", "keys", "collect", "timeout",
	        "retries", "invalid", "silence", "barge_in", "otherwise", "answer", "goal",
	        "opt_out", "then", "goto", "to", "sender", "template", "entity", "method", "hold",
	        "wait", "exits", "routes", "greeting", "ivr", "passthru", "sms", "hangup",
	        "transfer", "id", "language", "rate", "pitch", "variant"};
	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
		size_t n = strlen(keys[i]);
		if (value.n > n && memcmp(value.p, keys[i], n) == 0 && value.p[n] == ':')
			return true;
	}
	return false;
}

static bool has_colon(struct dd_str value)
{
	for (size_t i = 0; i < value.n; i++)
		if (value.p[i] == ':' && (i + 1 == value.n || value.p[i + 1] == ' '))
			return true;
	return false;
}

/* Whether a text is one that YAML reads as something else. "*name" may be an alias and "!name" a
 * tag that somebody meant. */
static bool needs_quotes(struct dd_str value)
{
	char c = value.n ? value.p[0] : '\0', second = value.n > 1 ? value.p[1] : ' ';
	bool words = memchr(value.p, ' ', value.n) != NULL;
	if (value.n == 0 || strchr("[{\"'|>#", c) || value.p[value.n - 1] == ',' ||
	        begins_with_key(value))
		return false;
	if (c == '*' || c == '&')
		return words;
	if (c == '!')
		return words && !(second >= 'a' && second <= 'z') && !strchr("!<", second);
	return strchr("%@`", c) || has_colon(value);
}

static bool is_bare(struct dd_str text, const struct keyed *line, char c)
{
	return line->key_end == line->key + 1 && text.p[line->key] == c;
}

static bool quote_line(struct fix_case *c, uint32_t at)
{
	struct dd_str text = c->source->text;
	struct keyed line;
	if (!take_apart(text, at, &line))
		return false;
	struct dd_str value = {
	        text.p + line.value, line.end > line.value ? line.end - line.value : 0};
	if (is_bare(text, &line, '*') || is_bare(text, &line, '#')) {
		fix_edit(c, line.key, line.key_end, text.p[line.key] == '*' ? "\"*\"" : "\"#\"");
		if (needs_quotes(value) && !goes_on(text, &line))
			fix_quote(c, line.value, line.end);
		return true;
	}
	if (!needs_quotes(value) || goes_on(text, &line))
		return false;
	fix_quote(c, line.value, line.end);
	return true;
}

/* The line before, if it is not empty. */
static uint32_t line_before(struct dd_str text, uint32_t at)
{
	uint32_t start = fix_line_start(text, at);
	return start > 3 ? fix_line_start(text, start - 1) : 0;
}

/* The parser stumbles in the line at fault or behind it. */
void fix_yaml(struct fix_case *c)
{
	uint32_t at = c->found->span.start;
	if (c->root || quote_line(c, at))
		return;
	if (c->found->other == c->source && quote_line(c, c->found->other_span.start))
		return;
	(void)quote_line(c, line_before(c->source->text, at));
}
