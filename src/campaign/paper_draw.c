/* The parts of which the page's charts are made. */
#include <stdarg.h>
#include <stdio.h>

#include "campaign/paper_drawing.h"

void draw_text(struct dd_buf *out, struct dd_str text)
{
	draw_clipped(out, text, SIZE_MAX);
}

void draw_clipped(struct dd_buf *out, struct dd_str text, size_t columns)
{
	struct dd_buf clean = {0};
	if (columns == SIZE_MAX)
		dd_buf_screen(&clean, text);
	else
		paper_clip(&clean, text, columns);
	dd_buf_xml(out, (struct dd_str){clean.p ? clean.p : "", clean.n});
	dd_buf_free(&clean);
}

struct paper_text draw_path(const char *format, ...)
{
	struct paper_text out;
	va_list args;
	va_start(args, format);
	vsnprintf(out.p, sizeof out.p, format, args);
	va_end(args);
	return out;
}

void draw_value(struct dd_buf *out, const char *tag, const char *path, const char *text)
{
	dd_buf_format(out, "<%s data-j=\"%s\">", tag, path);
	dd_buf_xml(out, dd_str(text));
	dd_buf_format(out, "</%s>", tag);
}

void draw_figure(struct dd_buf *out, const char *kind, const char *title, const char *note)
{
	dd_buf_format(out, "<figure class=\"%s\">\n<figcaption><h3>%s</h3><p>", kind, title);
	dd_buf_xml(out, dd_str(note));
	dd_buf_str(out, "</p></figcaption>\n");
}

void draw_svg(struct dd_buf *out, const char *kind, const char *label, unsigned height)
{
	dd_buf_format(out,
	        "<svg class=\"plot %s\" role=\"img\" tabindex=\"0\" height=\"%u\" aria-label=\"",
	        kind, height);
	dd_buf_xml(out, dd_str(label));
	dd_buf_str(out, "\">\n");
}

void draw_svg_end(struct dd_buf *out)
{
	dd_buf_str(out, "</svg>\n");
}

void draw_table(struct dd_buf *out, const char *kind, const char *const *heads, size_t n)
{
	dd_buf_format(out,
	        "<details><summary>As a table</summary>\n"
	        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"%s, "
	        "as a table\">\n<table><thead><tr>",
	        kind);
	for (size_t i = 0; i < n; i++)
		dd_buf_format(out, "<th scope=\"col\">%s</th>", heads[i]);
	dd_buf_str(out, "</tr></thead>\n<tbody>\n");
}

void draw_row(struct dd_buf *out, struct dd_str name)
{
	dd_buf_str(out, "<tr><th scope=\"row\">");
	draw_text(out, name);
	dd_buf_str(out, "</th>");
}

void draw_figure_end(struct dd_buf *out)
{
	dd_buf_str(out, "</tbody></table></div></details>\n</figure>\n");
}

void draw_bar(struct dd_buf *out, size_t row, const struct draw_bar *b)
{
	unsigned y = (unsigned)row * DRAW_ROW;
	double from = isnan(b->from) ? 0 : fmin(fmax(b->from, 0), 1),
	       to = isnan(b->to) ? from : fmin(fmax(b->to, from), 1);
	dd_buf_format(out, "<text x=\"0\" y=\"%u\" class=\"name\">", y + 14);
	draw_clipped(out, b->name, 26);
	dd_buf_format(out, "</text><text x=\"100%%\" y=\"%u\" class=\"figures\">", y + 14);
	draw_value(out, "tspan", b->count_path, paper_number(b->count).p);
	dd_buf_str(out, "<tspan class=\"share\" dx=\"10\"");
	dd_buf_format(out, " data-j=\"%s\">", b->share_path);
	dd_buf_xml(out, dd_str(paper_percent(b->share).p));
	dd_buf_format(out,
	        "</tspan></text><rect class=\"track\" x=\"0\" y=\"%u\" width=\"100%%\" "
	        "height=\"12\"/>",
	        y + 21);
	if (from > 0)
		dd_buf_format(out,
		        "<rect class=\"before\" x=\"0\" y=\"%u\" width=\"%.3f%%\" height=\"12\"/>",
		        y + 21, 100 * from);
	dd_buf_format(out,
	        "<rect class=\"mark %s\" x=\"%.3f%%\" y=\"%u\" width=\"%.3f%%\" height=\"12\" "
	        "data-tip=\"",
	        b->class, 100 * from, y + 21, 100 * (to - from));
	draw_text(out, dd_str(b->tip));
	dd_buf_str(out, "\"/>\n");
}
