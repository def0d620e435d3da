/* Manual pages from the descriptions of the commands, in mdoc(7): drydial(1), and a page for each
   command. */
#include <string.h>

#include "cli/command.h"

enum { PAGE_COLUMNS = 72 };

/* The day of the release: pages are the same on every machine. */
#define PAGE_DATE "November 26, 2026"

/* -- text ------------------------------------------------------------------- */

/* A word of running text. What stands between backquotes is bold; a hyphen there, and the two of
 * an option, are those that one types. */
static void add_escaped(struct dd_str word, bool *bold, struct dd_buf *out)
{
	for (size_t i = 0; i < word.n; i++) {
		bool dashes = word.p[i] == '-' &&
		        (*bold || (i + 1 < word.n && word.p[i + 1] == '-') ||
		                (i > 0 && word.p[i - 1] == '-'));
		if (word.p[i] == '`') {
			*bold = !*bold;
			dd_buf_str(out, *bold ? "\\fB" : "\\fP");
		} else if (word.p[i] == '\\') {
			dd_buf_str(out, "\\e");
		} else if (dashes) {
			dd_buf_str(out, "\\-");
		} else {
			dd_buf_char(out, word.p[i]);
		}
	}
}

/* mdoc wants each sentence to begin a line. */
static bool ends_sentence(struct dd_str word)
{
	size_t n = word.n;
	while (n > 1 && strchr(")`\"", word.p[n - 1]))
		n--;
	return n > 1 && strchr(".?!", word.p[n - 1]);
}

/* One paragraph, in short lines. A line must not begin with what roff takes for a request. */
static void add_sentences(const char *text, size_t n, struct dd_buf *out)
{
	size_t column = 0;
	bool bold = false;
	struct dd_buf escaped = {0};
	for (size_t at = 0; at < n;) {
		struct dd_str word = {text + at, 0};
		while (at < n && text[at] != ' ' && text[at] != '\n')
			at++;
		word.n = (size_t)(text + at - word.p);
		while (at < n && (text[at] == ' ' || text[at] == '\n'))
			at++;
		dd_buf_clear(&escaped);
		add_escaped(word, &bold, &escaped);
		if (column && column + 1 + escaped.n > PAGE_COLUMNS)
			dd_buf_char(out, '\n'), column = 0;
		else if (column)
			dd_buf_char(out, ' '), column++;
		dd_buf_str(out, !column && strchr(".'", *word.p) ? "\\&" : "");
		dd_buf_add(out, escaped.p, escaped.n);
		column += escaped.n;
		if (ends_sentence(word) && at < n)
			dd_buf_char(out, '\n'), column = 0;
	}
	dd_buf_char(out, '\n');
	dd_buf_free(&escaped);
}

static size_t line_end(const char *text)
{
	return strcspn(text, "\n");
}

/* Lines that begin with two blanks, as they are. Returns what is left. */
static const char *add_literal(const char *text, struct dd_buf *out)
{
	dd_buf_str(out, ".Bd -literal -offset indent\n");
	while (strncmp(text, "  ", 2) == 0) {
		bool bold = true; /* every hyphen is one that is typed */
		if (strchr(".'", text[2]))
			dd_buf_str(out, "\\&");
		add_escaped((struct dd_str){text + 2, line_end(text) - 2}, &bold, out);
		dd_buf_char(out, '\n');
		text += line_end(text) + (text[line_end(text)] == '\n');
	}
	dd_buf_str(out, ".Ed\n");
	return text;
}

static void add_text(const char *text, struct dd_buf *out)
{
	for (bool first = true; *text; first = false) {
		if (*text == ' ') {
			text = add_literal(text, out);
			continue;
		}
		size_t n = 0;
		while (text[n] && strncmp(text + n, "\n\n", 2) != 0 &&
		        strncmp(text + n, "\n  ", 3) != 0)
			n++;
		dd_buf_str(out, first ? "" : ".Pp\n");
		add_sentences(text, n, out);
		text += n + strspn(text + n, "\n");
	}
}

static void add_examples(const char *examples, struct dd_buf *out)
{
	struct dd_buf lines = {0};
	while (*examples) {
		dd_buf_format(&lines, "  %.*s\n", (int)line_end(examples), examples);
		examples += line_end(examples) + (examples[line_end(examples)] == '\n');
	}
	(void)add_literal(lines.p, out);
	dd_buf_free(&lines);
}

/* -- the parts of a page ---------------------------------------------------- */

static void add_head(const char *name, const char *brief, struct dd_buf *out)
{
	struct dd_buf title = {0};
	for (const char *p = name; *p; p++)
		dd_buf_char(&title, *p >= 'a' && *p <= 'z' ? (char)(*p - 'a' + 'A') : *p);
	dd_buf_format(out,
	        ".\\\" Made by `make docs` from the description of the command in src/cli.\n"
	        ".Dd " PAGE_DATE "\n.Dt %s 1\n.Os\n.Sh NAME\n.Nm %s\n.Nd ",
	        title.p, name);
	add_sentences(brief, strcspn(brief, "?"), out);
	dd_buf_free(&title);
}

static void add_synopsis(
        const struct dd_command *c, const char *verb, const char *operands, struct dd_buf *out)
{
	dd_buf_format(out, ".Nm drydial %s%s%s\n.Ar ", c->name, *verb ? " " : "", verb);
	dd_buf_format(out, "%s\n.Op Ar options\n", operands);
}

/* "with campaign check: " */
static void add_verbs(const struct dd_command *c, const struct dd_option *o, struct dd_buf *out)
{
	const char *verbs = o->verbs;
	struct dd_str verb;
	for (bool first = true; dd_words_next(&verbs, &verb); first = false)
		dd_buf_format(out, "%s`%s %.*s`", first ? "With " : " and ", c->name, (int)verb.n,
		        verb.p);
	dd_buf_str(out, o->verbs ? ": " : "");
}

static void add_one_option(
        const struct dd_command *c, const struct dd_option *o, struct dd_buf *out)
{
	struct dd_buf text = {0};
	dd_buf_format(out, ".It Fl -%s%s%s\n", o->name, o->argument ? " Ar " : "",
	        o->argument ? o->argument : "");
	add_verbs(c, o, &text);
	size_t at = text.n;
	dd_buf_str(&text, o->help);
	if (!o->verbs && text.p[at] >= 'a' && text.p[at] <= 'z' && strncmp(o->help, "http", 4) != 0)
		text.p[at] = (char)(text.p[at] - 'a' + 'A');
	dd_buf_str(&text, o->again ? "; may be given again." : ".");
	dd_buf_format(&text, "%s%s", o->more ? " " : "", o->more ? o->more : "");
	add_sentences(text.p, text.n, out);
	dd_buf_free(&text);
}

static void add_options(const struct dd_command *c, struct dd_buf *out)
{
	dd_buf_str(out, ".Sh OPTIONS\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < c->n; i++)
		add_one_option(c, &c->options[i], out);
	dd_buf_str(out, ".It Fl -help\nThe options.\n.El\n");
}

static void add_section(const char *title, const char *text, struct dd_buf *out)
{
	dd_buf_format(out, ".Sh %s\n", title);
	add_text(text, out);
}

/* -- pages ------------------------------------------------------------------ */

static void add_description(const struct dd_command *c, struct dd_buf *out)
{
	dd_buf_str(out, ".Sh DESCRIPTION\n");
	add_text(c->summary, out);
	if (c->manual) {
		dd_buf_str(out, ".Pp\n");
		add_text(c->manual, out);
	}
	if (c->notes) {
		dd_buf_str(out, ".Pp\n");
		add_text(c->notes, out);
	}
	dd_buf_str(out, c->nverbs ? ".Bl -tag -width Ds\n" : "");
	for (size_t i = 0; i < c->nverbs; i++) {
		dd_buf_format(out, ".It Cm %s Ar %s\n", c->verbs[i].name, c->verbs[i].operands);
		add_sentences(c->verbs[i].summary, strlen(c->verbs[i].summary), out);
	}
	dd_buf_str(out, c->nverbs ? ".El\n" : "");
}

void dd_manual(const struct dd_command *c, struct dd_buf *out)
{
	struct dd_buf name = {0};
	dd_buf_format(&name, "drydial-%s", c->name);
	add_head(name.p, c->brief, out);
	dd_buf_str(out, ".Sh SYNOPSIS\n");
	add_synopsis(c, "", c->nverbs ? strrchr(c->operands, ' ') + 1 : c->operands, out);
	for (size_t i = 0; i < c->nverbs; i++)
		add_synopsis(c, c->verbs[i].name, c->verbs[i].operands, out);
	add_description(c, out);
	add_options(c, out);
	add_section("EXIT STATUS", c->exits ? c->exits : DD_EXITS ".", out);
	dd_buf_str(out, ".Sh EXAMPLES\n");
	add_examples(c->examples, out);
	dd_buf_str(out, ".Sh SEE ALSO\n.Xr drydial 1\n");
	dd_buf_free(&name);
}

void dd_manual_of_all(struct dd_buf *out)
{
	add_head("drydial", "dry-run an automated phone call before anyone's phone rings", out);
	dd_buf_str(out, ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar operands\n.Op Ar options\n");
	dd_buf_str(out,
	        ".Sh DESCRIPTION\n.Nm\nruns call flows, YAML files that describe an automated "
	        "telephone call,\non the desk: offline, without an account, with the prompts "
	        "spoken aloud or\nin virtual time.\n"
	        "The language is described in\n.Pa flows/README.md .\n"
	        ".Sh COMMANDS\nEach has a page of its own.\n.Bl -tag -width Ds\n");
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++) {
		const struct dd_command *c = dd_command_at(i);
		dd_buf_format(out, ".It Xr drydial-%s 1\n", c->name);
		add_sentences(c->brief, strlen(c->brief), out);
	}
	dd_buf_str(out,
	        ".El\n.Sh ENVIRONMENT\n.Bl -tag -width Ds\n.It Ev XDG_CACHE_HOME\n"
	        "Spoken prompts are kept in\n.Pa drydial\nbelow it, or below\n.Pa ~/.cache ;\n"
	        "at most 256 MiB.\nIt may be deleted at any time.\n"
	        ".It Ev NO_COLOR\nNo colours.\n.El\n");
	add_section("EXIT STATUS", DD_EXITS ".", out);
	dd_buf_str(out, ".Sh EXAMPLES\n");
	for (size_t i = 0; i < DD_COMMANDS_COUNT; i++)
		add_examples(dd_command_at(i)->examples, out);
	dd_buf_str(out, ".Sh SEE ALSO\n.Xr espeak-ng 1\n");
}
