/* The page's charts that are rows of bars: funnel, outcomes, attempts, steps, menus. */
#include "campaign/paper_drawing.h"

static struct dd_str str(const struct dd_buf *buf)
{
	return (struct dd_str){buf->p ? buf->p : "", buf->n};
}

/* A bar of `n` out of `all`, at list/i/field of the JSON. */
static void share_bar(struct dd_buf *out, size_t row, struct dd_str name, const char *class,
        uint64_t n, uint64_t all, const char *place, const char *field)
{
	struct dd_buf tip = {0};
	double share = paper_rate(n, all);
	paper_clip(&tip, name, 60);
	dd_buf_format(&tip, ": %s, %s", paper_number(n).p, paper_percent(share).p);
	draw_bar(out, row,
	        &(struct draw_bar){.name = name,
	                .to = share,
	                .class = class,
	                .count_path = draw_path("%s/%s", place, field).p,
	                .share_path = draw_path("%s/share", place).p,
	                .tip = tip.p,
	                .count = n,
	                .share = share});
	dd_buf_free(&tip);
}

static void share_row(struct dd_buf *out, struct dd_str name, uint64_t n, uint64_t all,
        const char *place, const char *field)
{
	draw_row(out, name);
	draw_value(out, "td", draw_path("%s/%s", place, field).p, paper_number(n).p);
	draw_value(out, "td", draw_path("%s/share", place).p, paper_percent(paper_rate(n, all)).p);
}

void draw_funnel(const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const heads[] = {"Stage", "Contacts", "Of all contacts"};
	struct paper_stage s[PAPER_STAGES];
	paper_funnel(f, s);
	draw_figure(out, "funnel", "Funnel",
	        "How far contacts come, each counted once; percent of all contacts.");
	draw_svg(out, "funnel", "Funnel from contacts to those who acted", PAPER_STAGES * DRAW_ROW);
	for (size_t i = 0; i < PAPER_STAGES; i++)
		share_bar(out, i, dd_str(s[i].name), i > 1 ? "reached" : "made", s[i].contacts,
		        f->contacts, draw_path("funnel/%zu", i).p, "contacts");
	draw_svg_end(out);
	draw_table(out, "Funnel", heads, 3);
	for (size_t i = 0; i < PAPER_STAGES; i++) {
		share_row(out, dd_str(s[i].name), s[i].contacts, f->contacts,
		        draw_path("funnel/%zu", i).p, "contacts");
		dd_buf_str(out, "</tr>\n");
	}
	draw_figure_end(out);
}

void draw_outcomes(const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const heads[] = {"Outcome", "Contacts", "Of all contacts", "Meaning"};
	size_t rows = 0;
	for (int i = 0; i < DD_CONTACT_ENDS_COUNT; i++)
		rows += f->ends[i] > 0;
	draw_figure(out, "outcomes", "How contacts end",
	        "Each in exactly one way; percent of all contacts.");
	draw_svg(out, "outcomes", "Outcomes of contacts", (unsigned)rows * DRAW_ROW);
	rows = 0;
	for (size_t i = 0; i < DD_CONTACT_ENDS_COUNT; i++)
		if (f->ends[i])
			share_bar(out, rows++, dd_str(paper_ends[i][0]),
			        i == DD_END_CONNECTED ? "reached" : "made", f->ends[i], f->contacts,
			        draw_path("outcomes/%zu", i).p, "contacts");
	draw_svg_end(out);
	draw_table(out, "Outcomes", heads, 4);
	for (size_t i = 0; i < DD_CONTACT_ENDS_COUNT; i++) {
		share_row(out, dd_str(paper_ends[i][0]), f->ends[i], f->contacts,
		        draw_path("outcomes/%zu", i).p, "contacts");
		dd_buf_format(out, "<td class=\"words\">%s</td></tr>\n", paper_ends[i][1]);
	}
	draw_figure_end(out);
}

/* -- attempts --------------------------------------------------------------- */

static void attempt_bar(const struct paper_attempt *a, size_t i, struct dd_buf *out)
{
	struct dd_buf name = {0}, tip = {0};
	dd_buf_format(&name, "attempt %zu%s", i + 1, a->not_worth ? ": not worth it" : "");
	dd_buf_format(&tip, "attempt %zu: %s calls, %s reached, %s in all, gain %s", i + 1,
	        paper_number(a->calls).p, paper_number(a->reached).p, paper_percent(a->rate).p,
	        paper_percent(a->gain).p);
	draw_bar(out, i,
	        &(struct draw_bar){.name = str(&name),
	                .from = a->before,
	                .to = a->rate,
	                .class = a->not_worth ? "poor" : "reached",
	                .count_path = draw_path("attempts/%zu/reached", i).p,
	                .share_path = draw_path("attempts/%zu/gain", i).p,
	                .tip = tip.p,
	                .count = a->reached,
	                .share = a->gain});
	dd_buf_free(&name);
	dd_buf_free(&tip);
}

static void attempt_row(const struct paper_attempt *a, size_t i, struct dd_buf *out)
{
	draw_row(out, dd_str(paper_number(i + 1).p));
	draw_value(out, "td", draw_path("attempts/%zu/calls", i).p, paper_number(a->calls).p);
	draw_value(out, "td", draw_path("attempts/%zu/reached", i).p, paper_number(a->reached).p);
	draw_value(
	        out, "td", draw_path("attempts/%zu/reached_rate", i).p, paper_percent(a->rate).p);
	draw_value(out, "td", draw_path("attempts/%zu/gain", i).p, paper_percent(a->gain).p);
	dd_buf_format(out, "<td class=\"words\">%s</td></tr>\n",
	        i == 0                 ? ""
	                : a->not_worth ? "no"
	                               : "yes");
}

void draw_attempts(const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const heads[] = {
	        "Attempt", "Calls", "Reached", "Reached so far", "Gain", "Worth it"};
	struct paper_attempt a[DD_ATTEMPTS_MAX];
	size_t n = paper_attempts(f, a);
	draw_figure(out, "attempts", "What attempts add",
	        "People reached by each attempt, on top of those before it. "
	        "A retry that adds under 5 % is not worth its calls.");
	draw_svg(out, "attempts", "People reached, attempt by attempt", (unsigned)n * DRAW_ROW);
	for (size_t i = 0; i < n; i++)
		attempt_bar(&a[i], i, out);
	draw_svg_end(out);
	draw_table(out, "Attempts", heads, 6);
	for (size_t i = 0; i < n; i++)
		attempt_row(&a[i], i, out);
	draw_figure_end(out);
}

/* -- the flow --------------------------------------------------------------- */

void draw_steps(const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const heads[] = {"Step", "Hung up", "Of all who did"};
	const struct dd_program *p = paper_program(f);
	size_t rows = 0;
	for (uint32_t i = 0; p && i < p->nsteps; i++)
		rows += paper_dropped_at(f, i) > 0;
	if (rows == 0)
		return;
	draw_figure(out, "steps", "Where they hang up",
	        "By step of the flow; percent of all who hung up.");
	for (int table = 0; table < 2; table++) {
		if (table)
			draw_table(out, "Steps", heads, 3);
		else
			draw_svg(out, "steps", "Customers who hung up, by step",
			        (unsigned)rows * DRAW_ROW);
		rows = 0;
		for (uint32_t i = 0; i < p->nsteps; i++) {
			struct dd_buf name = {0};
			struct paper_text place = draw_path("drop_off/steps/%u", i);
			uint64_t n = paper_dropped_at(f, i);
			paper_step(p, i, &name);
			if (table) {
				share_row(out, str(&name), n, f->hung_up, place.p, "hung_up");
				dd_buf_str(out, "</tr>\n");
			} else if (n) {
				share_bar(out, rows++, str(&name), "made", n, f->hung_up, place.p,
				        "hung_up");
			}
			dd_buf_free(&name);
		}
		if (!table)
			draw_svg_end(out);
	}
	draw_figure_end(out);
}

/* One row of a menu: a key, or something else that happened there. */
struct menu_row {
	struct dd_buf name;
	const char *class, *field;
	struct paper_text place;
	uint64_t n;
	bool shown;
};

static struct menu_row menu_row(const struct dd_forecast *f, size_t menu, int i)
{
	const struct dd_menu_tally *m = &f->menus[menu];
	struct menu_row r = {.class = "made", .field = "times", .shown = true};
	if (i >= 12) {
		r.n = paper_menu_extra(m, i - 12);
		r.place = draw_path("menus/%zu/%s", menu, paper_menu_extras[i - 12]);
		r.shown = r.n > 0;
		dd_buf_str(&r.name, paper_menu_words[i - 12]);
		return r;
	}
	const struct dd_key *key = paper_key(paper_program(f), m->step, i);
	r.n = m->keys[i];
	r.field = "pressed";
	r.place = draw_path("menus/%zu/keys/%d", menu, i);
	r.shown = key || r.n;
	r.class = key && key->goal ? "reached" : key && key->opt_out ? "poor" : "made";
	dd_buf_format(&r.name, "%c  %s", paper_keys[i],
	        key && key->goal              ? "(goal) "
	                : key && key->opt_out ? "(opt-out) "
	                                      : "");
	if (key)
		paper_key_name(paper_program(f), key, &r.name);
	return r;
}

static void menu_rows(const struct dd_forecast *f, size_t menu, bool table, struct dd_buf *out)
{
	size_t row = 0;
	for (int i = 0; i < 12 + PAPER_MENU_EXTRAS; i++) {
		struct menu_row r = menu_row(f, menu, i);
		if (r.shown && table) {
			share_row(
			        out, str(&r.name), r.n, f->menus[menu].visits, r.place.p, r.field);
			dd_buf_str(out, "</tr>\n");
		} else if (r.shown) {
			share_bar(out, row++, str(&r.name), r.class, r.n, f->menus[menu].visits,
			        r.place.p, r.field);
		}
		dd_buf_free(&r.name);
	}
}

static unsigned menu_height(const struct dd_forecast *f, size_t menu)
{
	unsigned rows = 0;
	for (int i = 0; i < 12 + PAPER_MENU_EXTRAS; i++) {
		struct menu_row r = menu_row(f, menu, i);
		rows += r.shown;
		dd_buf_free(&r.name);
	}
	return rows * DRAW_ROW;
}

void draw_menus(const struct dd_forecast *f, size_t first, struct dd_buf *out)
{
	static const char *const heads[] = {"Key", "Times", "Of all visits"};
	for (size_t i = first; i < f->nmenus; i += 2) {
		struct dd_buf title = {0}, safe = {0}, note = {0};
		paper_step(paper_program(f), f->menus[i].step, &title);
		draw_text(&safe, str(&title));
		dd_buf_format(&note,
		        "Keys taken at this menu; percent of the %s times that it was reached.",
		        paper_number(f->menus[i].visits).p);
		draw_figure(out, "menu", safe.p, note.p);
		draw_svg(out, "menu", "Shares of keys", menu_height(f, i));
		menu_rows(f, i, false, out);
		draw_svg_end(out);
		draw_table(out, "Keys", heads, 3);
		menu_rows(f, i, true, out);
		draw_figure_end(out);
		dd_buf_free(&title);
		dd_buf_free(&safe);
		dd_buf_free(&note);
	}
}
