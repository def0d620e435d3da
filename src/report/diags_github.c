/* Diagnostics as workflow commands of GitHub Actions. In the text of a command % and line ends are
   written in hexadecimal, in a property the colon and the comma, too. */
#include "report/diags.h"

static bool is_reserved(uint32_t c, bool property)
{
	return c == '%' || c == '\r' || c == '\n' || (property && (c == ':' || c == ','));
}

/* Other control characters would reach the terminal of whoever reads the log. */
static void escaped(struct dd_str text, bool property, struct dd_buf *out)
{
	for (size_t at = 0; at < text.n;) {
		size_t from = at;
		uint32_t c = dd_utf8_next(text, &at);
		if (is_reserved(c, property))
			dd_buf_format(out, "%%%02X", (unsigned)c);
		else
			dd_buf_screen(out, (struct dd_str){text.p + from, at - from});
	}
}

/* GitHub takes columns only of a place within one line. */
static void add_github_place(const struct dd_diag *d, struct dd_buf *out)
{
	struct dd_diag_place at = dd_diag_place(d->source, d->span);
	if (!at.from.line)
		return;
	dd_buf_format(out, ",line=%u,endLine=%u", at.from.line, at.to.line);
	if (at.from.line == at.to.line)
		dd_buf_format(out, ",col=%u,endColumn=%u", at.from.column, at.to.column);
}

static void one(const struct dd_diag *d, struct dd_buf *out)
{
	struct dd_buf text = {0};
	dd_diag_sentence(d, &text);
	dd_buf_format(out,
	        "::%s file=", d->severity == DD_NOTE ? "notice" : dd_severity_name(d->severity));
	escaped(dd_str(dd_diag_file(d)), true, out);
	add_github_place(d, out);
	dd_buf_str(out, ",title=");
	escaped(dd_str(d->code), true, out);
	dd_buf_str(out, "::");
	escaped((struct dd_str){text.p, text.n}, false, out);
	dd_buf_char(out, '\n');
	dd_buf_free(&text);
}

void dd_diags_github(const struct dd_diags_report *report, struct dd_buf *out)
{
	for (size_t i = 0; i < report->diags->n; i++)
		one(&report->diags->items[i], out);
	if (report->diags->dropped)
		dd_buf_format(out, "::notice title=drydial::%zu more findings are left out\n",
		        report->diags->dropped);
}
