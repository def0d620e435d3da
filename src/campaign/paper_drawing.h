/* What the files of the page share, and nobody else. Lengths across are percent of the chart and
   lengths down are pixels, so that a chart is as wide as there is room and its words stay as large
   as words are. */
#ifndef DD_CAMPAIGN_PAPER_DRAWING_H
#define DD_CAMPAIGN_PAPER_DRAWING_H

#include "campaign/papering.h"

/* Text from outside, harmless in the page. */
void draw_text(struct dd_buf *out, struct dd_str text);
void draw_clipped(struct dd_buf *out, struct dd_str text, size_t columns);

/* A figure's place in the JSON of its campaign, by which a reader, and the test, finds it again:
 * "attempts/2/calls". */
struct paper_text draw_path(const char *format, ...) __attribute__((format(printf, 1, 2)));
void draw_value(struct dd_buf *out, const char *tag, const char *path,
        const char *text); /* <TAG data-j="PATH">TEXT</TAG> */

/* A chart with its title and its table: begin, svg …, table …, end. */
void draw_figure(struct dd_buf *out, const char *kind, const char *title, const char *note);
void draw_svg(struct dd_buf *out, const char *kind, const char *label, unsigned height);
void draw_svg_end(struct dd_buf *out);
void draw_table(struct dd_buf *out, const char *kind, const char *const *heads, size_t n);
void draw_row(struct dd_buf *out,
        struct dd_str name); /* <tr><th>name; cells follow by draw_value(out, "td", …) */
void draw_figure_end(struct dd_buf *out);

/* A row of a chart of bars: its name and its figures above a bar from `from` to `to` (0 to 1). */
enum { DRAW_ROW = 42 };
struct draw_bar {
	struct dd_str name;
	double from, to;
	const char *class;                         /* of the mark */
	const char *count_path, *share_path, *tip; /* paths as in draw_path() */
	uint64_t count;
	double share;
};
void draw_bar(struct dd_buf *out, size_t row, const struct draw_bar *bar);

/* The charts. */
void draw_timeline(const struct dd_forecast *f, struct dd_buf *out);
void draw_heat(const struct dd_forecast *f, struct dd_buf *out);
void draw_funnel(const struct dd_forecast *f, struct dd_buf *out);
void draw_outcomes(const struct dd_forecast *f, struct dd_buf *out);
void draw_attempts(const struct dd_forecast *f, struct dd_buf *out);
void draw_drop_off(const struct dd_forecast *f, struct dd_buf *out);
void draw_steps(const struct dd_forecast *f, struct dd_buf *out);
void draw_menus(const struct dd_forecast *f, size_t first,
        struct dd_buf *out); /* every other, for two columns */

#endif
