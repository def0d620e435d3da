/* The page's charts over time: calls by the hour or day, who still listens, and the heat of the
 * week. */
#include <stdlib.h>
#include <string.h>

#include "campaign/paper_drawing.h"

/* -- time line -------------------------------------------------------------- */

/* Over two weeks hours are thinner than a pixel: then a bar is a day. */
enum {
	HOURS_DRAWN = 24 * 14,
	CALLS_TOP = 18,
	CALLS_HIGH = 170,
	LINES_TOP = 226,
	LINES_HIGH = 90,
	TIMELINE_HIGH = 346
};

struct bin {
	struct paper_text name; /* "Mon 20 Jan, 10:00" */
	struct paper_text tick; /* on the axis; empty: none */
	uint64_t calls, humans;
	double mean;
	uint32_t peak;
};

struct bins {
	struct bin *list;
	size_t n;
	bool days;
	double most_calls, most_lines;
};

/* Whole hours or days between ticks, so that there are at most six. */
static size_t tick_every(size_t n, bool days)
{
	static const size_t steps[] = {1, 2, 3, 6, 12, 24, 48, 72, 168};
	size_t want = (n + 5) / 6;
	for (size_t i = 0; !days && i < sizeof steps / sizeof *steps; i++)
		if (steps[i] >= want)
			return steps[i];
	return want ? want : 1;
}

static void hour_bins(const struct dd_forecast *f, struct bins *b)
{
	size_t every = tick_every(f->nhours, false);
	int64_t first_day = 0;
	for (size_t i = 0; i < f->nhours; i++) {
		const struct dd_hour_tally *h = &f->hours[i];
		struct dd_civil c = paper_civil(f->campaign->zone, paper_hour(f, i));
		int64_t day = dd_days_of((struct dd_date){c.year, c.month, c.day});
		struct bin *bin = &b->list[i];
		first_day = i ? first_day : day;
		*bin = (struct bin){.calls = h->calls,
		        .humans = h->humans,
		        .mean = paper_lines(h->busy_ms, 1),
		        .peak = h->peak};
		bin->name = draw_path("%s, %02d:%02d", paper_day(day, true).p, c.hour, c.minute);
		if (every < 24 && (size_t)c.hour % every == 0)
			bin->tick = c.hour ? draw_path("%02d:%02d", c.hour, c.minute)
			                   : paper_day(day, true);
		else if (every >= 24 && c.hour == 0 &&
		        (size_t)(day - first_day) % (every / 24) == 0)
			bin->tick = paper_day(day, true);
	}
}

static void day_bins(const struct dd_forecast *f, struct bins *b)
{
	size_t n;
	struct paper_day_tally *d = paper_days(f, &n);
	size_t every = tick_every(n, true);
	b->n = n;
	for (size_t i = 0; i < n; i++) {
		b->list[i] = (struct bin){.name = paper_day(d[i].day, true),
		        .calls = d[i].calls,
		        .humans = d[i].humans,
		        .mean = paper_lines(d[i].busy_ms, d[i].hours),
		        .peak = d[i].peak};
		if (i % every == 0)
			b->list[i].tick = paper_day(d[i].day, false);
	}
	free(d);
}

/* The first bar tells its day, and ticks too near to it give way. */
static void first_tick(struct bins *b)
{
	if (b->n == 0 || b->days)
		return;
	for (size_t i = 0; i < b->n && i * 6 < b->n; i++)
		b->list[i].tick.p[0] = '\0';
	b->list[0].tick = b->list[0].name;
	b->list[0].tick.p[strcspn(b->list[0].tick.p, ",")] = '\0';
}

static struct bins bins_of(const struct dd_forecast *f)
{
	struct bins b = {.n = f->nhours, .days = f->nhours > HOURS_DRAWN};
	b.list = dd_alloc((f->nhours ? f->nhours : 1) * sizeof *b.list);
	if (b.days)
		day_bins(f, &b);
	else
		hour_bins(f, &b);
	first_tick(&b);
	for (size_t i = 0; i < b.n; i++) {
		b.most_calls = fmax(b.most_calls, (double)b.list[i].calls);
		b.most_lines = fmax(b.most_lines, fmax(b.list[i].peak, b.list[i].mean));
	}
	return b;
}

/* 1, 2 or 5 times a power of ten, so that there are two to five lines. */
static double grid_step(double most)
{
	double power = pow(10, floor(log10(fmax(most, 1) / 3)));
	double times = fmax(most, 1) / 3 / power;
	return fmax(1, power * (times <= 1 ? 1 : times <= 2 ? 2 : times <= 5 ? 5 : 10));
}

static double grid(struct dd_buf *out, double most, int top, int high)
{
	double step = grid_step(most), end = step * ceil(fmax(most, 1) / step);
	for (int i = 0; i * step <= end; i++) {
		double y = top + high - high * i * step / end;
		dd_buf_format(out,
		        "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%.1f\" y2=\"%.1f\"/><text "
		        "class=\"axis y\" x=\"-8\" y=\"%.1f\">%s</text>\n",
		        i ? "grid" : "base", y, y, y + 4, paper_short(i * step).p);
	}
	return end;
}

static void timeline_bins(
        const struct bins *b, double calls_end, double lines_end, struct dd_buf *out)
{
	double wide = 100.0 / (double)b->n, bar = wide * (b->n > 120 ? 1 : 0.8),
	       gap = (wide - bar) / 2;
	size_t ticks = 0;
	for (size_t i = 0; i < b->n; i++) {
		const struct bin *bin = &b->list[i];
		double x = wide * (double)i, calls = CALLS_HIGH * (double)bin->calls / calls_end,
		       humans = CALLS_HIGH * (double)bin->humans / calls_end;
		double mean = LINES_HIGH * bin->mean / lines_end,
		       peak = LINES_HIGH * bin->peak / lines_end;
		if (bin->calls) {
			dd_buf_format(out,
			        "<rect class=\"calls\" x=\"%.3f%%\" y=\"%.2f\" width=\"%.3f%%\" "
			        "height=\"%.2f\"/>",
			        x + gap, CALLS_TOP + CALLS_HIGH - calls, bar, calls);
			dd_buf_format(out,
			        "<rect class=\"reached\" x=\"%.3f%%\" y=\"%.2f\" width=\"%.3f%%\" "
			        "height=\"%.2f\"/>",
			        x + gap, CALLS_TOP + CALLS_HIGH - humans, bar, humans);
		}
		if (bin->peak || bin->mean > 0)
			dd_buf_format(out,
			        "<rect class=\"mean\" x=\"%.3f%%\" y=\"%.2f\" width=\"%.3f%%\" "
			        "height=\"%.2f\"/>"
			        "<line class=\"peak\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%.2f\" "
			        "y2=\"%.2f\"/>",
			        x + gap, LINES_TOP + LINES_HIGH - mean, bar, mean, x, x + wide,
			        LINES_TOP + LINES_HIGH - peak, LINES_TOP + LINES_HIGH - peak);
		if (bin->tick.p[0])
			dd_buf_format(out,
			        "<line class=\"tick\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%d\" "
			        "y2=\"%d\"/><text class=\"axis x%s\" x=\"%.3f%%\" "
			        "y=\"%d\">%s</text>",
			        x, x, CALLS_TOP, LINES_TOP + LINES_HIGH,
			        ticks++ % 2 ? " second" : "", x, LINES_TOP + LINES_HIGH + 18,
			        bin->tick.p);
		dd_buf_format(out,
		        "<rect class=\"mark hit\" x=\"%.3f%%\" y=\"0\" width=\"%.3f%%\" "
		        "height=\"%d\" data-tip=\"%s: %s calls, %s answered, ",
		        x, wide, LINES_TOP + LINES_HIGH, bin->name.p, paper_number(bin->calls).p,
		        paper_number(bin->humans).p);
		dd_buf_format(out, "lines in use: %s on average, %s at most\"/>\n",
		        paper_decimal(bin->mean).p, paper_number(bin->peak).p);
	}
}

static void timeline_table(const struct bins *b, struct dd_buf *out)
{
	static const char *const heads[] = {
	        "From", "Calls", "Answered", "Mean lines", "Peak lines"};
	const char *list = b->days ? "days" : "hours";
	draw_table(out, "Time line", heads, 5);
	for (size_t i = 0; i < b->n; i++) {
		draw_row(out, dd_str(b->list[i].name.p));
		draw_value(out, "td", draw_path("%s/%zu/calls", list, i).p,
		        paper_number(b->list[i].calls).p);
		draw_value(out, "td", draw_path("%s/%zu/answered", list, i).p,
		        paper_number(b->list[i].humans).p);
		draw_value(out, "td", draw_path("%s/%zu/mean_lines", list, i).p,
		        paper_decimal(b->list[i].mean).p);
		draw_value(out, "td", draw_path("%s/%zu/peak_lines", list, i).p,
		        paper_number(b->list[i].peak).p);
		dd_buf_str(out, "</tr>\n");
	}
	draw_figure_end(out);
}

static void legend(struct dd_buf *out)
{
	static const char *const words[][2] = {{"calls", "calls"},
	        {"reached", "of which a person answered"}, {"mean", "lines on average"},
	        {"most", "at most"}};
	dd_buf_str(out, "<p class=\"legend\">");
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		dd_buf_format(out,
		        "<span><svg class=\"swatch\" aria-hidden=\"true\"><rect "
		        "class=\"%s\"/></svg> %s</span> ",
		        words[i][0], words[i][1]);
	dd_buf_str(out, "</p>\n");
}

void draw_timeline(const struct dd_forecast *f, struct dd_buf *out)
{
	struct bins b = bins_of(f);
	draw_figure(out, "timeline", b.days ? "Calls by the day" : "Calls by the hour",
	        "On the campaign’s wall clock.");
	legend(out);
	draw_svg(out, "timeline", "Calls and lines in use over time", TIMELINE_HIGH);
	double calls_end = grid(out, b.most_calls, CALLS_TOP, CALLS_HIGH),
	       lines_end = grid(out, b.most_lines, LINES_TOP, LINES_HIGH);
	dd_buf_format(out,
	        "<text class=\"panel\" x=\"0\" y=\"%d\">Calls begun</text><text class=\"panel\" "
	        "x=\"0\" y=\"%d\">Lines in use</text>\n",
	        CALLS_TOP - 8, LINES_TOP - 8);
	timeline_bins(&b, calls_end, lines_end, out);
	draw_svg_end(out);
	timeline_table(&b, out);
	free(b.list);
}

/* -- who still listens ------------------------------------------------------ */

enum { DROP_TOP = 10, DROP_HIGH = 200, DROP_LAST = DD_DROP_SECONDS - 1, GOOD_SECONDS = 30 };

static double there(const struct dd_forecast *f, int second)
{
	double share = paper_rate(f->still_there[second], f->still_there[0]);
	return isnan(share) ? 0 : fmin(share, 1);
}

/* A drawing of its own that is stretched, since points cannot be percents; strokes are not
 * stretched with it. */
static void drop_curve(const struct dd_forecast *f, struct dd_buf *out)
{
	dd_buf_format(out,
	        "<svg class=\"stretch\" x=\"0\" y=\"%d\" width=\"100%%\" height=\"%d\" "
	        "viewBox=\"0 0 %d 100\" preserveAspectRatio=\"none\"><path class=\"area\" d=\"M0 "
	        "100",
	        DROP_TOP, DROP_HIGH, DROP_LAST);
	for (int i = 0; i < DD_DROP_SECONDS; i++)
		dd_buf_format(out, "L%d %.2f", i, 100 - 100 * there(f, i));
	dd_buf_format(out, "L%d 100Z\"/><path class=\"curve\" d=\"", DROP_LAST);
	for (int i = 0; i < DD_DROP_SECONDS; i++)
		dd_buf_format(out, "%c%d %.2f", i ? 'L' : 'M', i, 100 - 100 * there(f, i));
	dd_buf_str(out, "\"/></svg>\n");
}

static void drop_axes(struct dd_buf *out)
{
	for (int i = 0; i <= 4; i++) {
		int y = DROP_TOP + DROP_HIGH - DROP_HIGH * i / 4;
		dd_buf_format(out,
		        "<line class=\"%s\" x1=\"0\" x2=\"100%%\" y1=\"%d\" y2=\"%d\"/><text "
		        "class=\"axis y\" x=\"-8\" y=\"%d\">%d %%</text>\n",
		        i ? "grid" : "base", y, y, y + 4, 25 * i);
	}
	for (int s = 0; s <= DROP_LAST; s += 30)
		dd_buf_format(out, "<text class=\"axis x%s\" x=\"%.3f%%\" y=\"%d\">%d s</text>\n",
		        s == DROP_LAST ? " last" : "", 100.0 * s / DROP_LAST,
		        DROP_TOP + DROP_HIGH + 18, s);
}

static void drop_mark(const struct dd_forecast *f, struct dd_buf *out)
{
	double x = 100.0 * GOOD_SECONDS / DROP_LAST;
	dd_buf_format(out,
	        "<line class=\"limit\" x1=\"%.3f%%\" x2=\"%.3f%%\" y1=\"%d\" y2=\"%d\"/><text "
	        "class=\"limit\" x=\"%.3f%%\" dx=\"8\" y=\"%d\">",
	        x, x, DROP_TOP, DROP_TOP + DROP_HIGH, x, DROP_TOP + 14);
	draw_value(out, "tspan", draw_path("drop_off/seconds/%d/share", GOOD_SECONDS).p,
	        paper_percent(paper_rate(f->still_there[GOOD_SECONDS], f->still_there[0])).p);
	dd_buf_format(out, " after %d s</text>\n", GOOD_SECONDS);
}

void draw_drop_off(const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const heads[] = {
	        "Second", "Still there", "Of those who answered", "Hung up"};
	double wide = 100.0 / DD_DROP_SECONDS;
	draw_figure(out, "dropoff", "Who still listens",
	        "People on the line, second by second. A message should be over after 30 seconds.");
	draw_svg(out, "dropoff", "Share of people still on the line, by second",
	        DROP_TOP + DROP_HIGH + 26);
	drop_axes(out);
	drop_curve(f, out);
	drop_mark(f, out);
	for (int i = 0; i < DD_DROP_SECONDS; i++)
		dd_buf_format(out,
		        "<rect class=\"mark hit\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" "
		        "height=\"%d\" data-tip=\"after %d s: %s still there, %s; %s hung up\"/>\n",
		        wide * i, DROP_TOP, wide, DROP_HIGH, i, paper_number(f->still_there[i]).p,
		        paper_percent(paper_rate(f->still_there[i], f->still_there[0])).p,
		        paper_number(f->drop_second[i]).p);
	draw_svg_end(out);
	draw_table(out, "Drop-off", heads, 4);
	for (int i = 0; i < DD_DROP_SECONDS; i++) {
		draw_row(out, dd_str(draw_path("%d s", i).p));
		draw_value(out, "td", draw_path("drop_off/seconds/%d/still_there", i).p,
		        paper_number(f->still_there[i]).p);
		draw_value(out, "td", draw_path("drop_off/seconds/%d/share", i).p,
		        paper_percent(paper_rate(f->still_there[i], f->still_there[0])).p);
		draw_value(out, "td", draw_path("drop_off/seconds/%d/hung_up", i).p,
		        paper_number(f->drop_second[i]).p);
		dd_buf_str(out, "</tr>\n");
	}
	draw_figure_end(out);
}

/* -- the week --------------------------------------------------------------- */

enum { HEAT_CELL = 30 };

/* From a tint to at most half of the colour: words on it stay legible. */
static double heat_shade(double rate, double best)
{
	return best > 0 ? 0.06 + 0.44 * rate / best : 0.06;
}

static double heat_best(const struct dd_forecast *f)
{
	double best = 0;
	for (int i = 0; i < 7 * 24; i++) {
		double rate =
		        paper_rate(f->heat_humans[i / 24][i % 24], f->heat_calls[i / 24][i % 24]);
		best = isnan(rate) ? best : fmax(best, rate);
	}
	return best;
}

static void heat_cell(
        const struct dd_forecast *f, int day, int hour, double best, struct dd_buf *out)
{
	uint64_t calls = f->heat_calls[day][hour], humans = f->heat_humans[day][hour];
	double rate = paper_rate(humans, calls), x = 100.0 * hour / 24;
	int y = day * HEAT_CELL;
	dd_buf_format(out,
	        "<rect class=\"mark cell%s\" x=\"%.3f%%\" y=\"%d\" width=\"%.3f%%\" height=\"%d\" "
	        "fill-opacity=\"%.2f\" data-tip=\"%s, %02d:00 to %02d:00: ",
	        calls ? "" : " none", x, y, 100.0 / 24, HEAT_CELL,
	        calls ? heat_shade(rate, best) : 0, paper_weekdays[day], hour, hour + 1);
	if (calls)
		dd_buf_format(out, "%s of %s answered, %s\"/>", paper_number(humans).p,
		        paper_number(calls).p, paper_percent(rate).p);
	else
		dd_buf_str(out, "no calls\"/>");
	if (calls)
		dd_buf_format(out, "<text class=\"heat\" x=\"%.3f%%\" y=\"%d\">%.0f</text>",
		        x + 50.0 / 24, y + HEAT_CELL / 2 + 4, 100 * rate);
	dd_buf_char(out, '\n');
}

static void heat_table(const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const heads[25] = {"Hour", "00:00", "01:00", "02:00", "03:00", "04:00",
	        "05:00", "06:00", "07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00",
	        "14:00", "15:00", "16:00", "17:00", "18:00", "19:00", "20:00", "21:00", "22:00",
	        "23:00"};
	draw_table(out, "Answer rate by weekday and hour", heads, 25);
	for (int day = 0; day < 7; day++) {
		draw_row(out, dd_str(paper_weekdays[day]));
		for (int hour = 0; hour < 24; hour++)
			draw_value(out, "td", draw_path("heat/%d/answer_rate", day * 24 + hour).p,
			        paper_percent(paper_rate(f->heat_humans[day][hour],
			                              f->heat_calls[day][hour]))
			                .p);
		dd_buf_str(out, "</tr>\n");
	}
	draw_figure_end(out);
}

void draw_heat(const struct dd_forecast *f, struct dd_buf *out)
{
	double best = heat_best(f);
	draw_figure(out, "week", "When people answer",
	        "Percent of calls that a person answers, by weekday and hour on the customer’s "
	        "clock. Empty: no calls.");
	draw_svg(
	        out, "week", "Heat map of the answer rate by weekday and hour", 7 * HEAT_CELL + 24);
	for (int day = 0; day < 7; day++) {
		dd_buf_format(out, "<text class=\"axis y\" x=\"-8\" y=\"%d\">%.3s</text>\n",
		        day * HEAT_CELL + HEAT_CELL / 2 + 4, paper_weekdays[day]);
		for (int hour = 0; hour < 24; hour++)
			heat_cell(f, day, hour, best, out);
	}
	for (int hour = 0; hour < 24; hour += 3)
		dd_buf_format(out, "<text class=\"axis x%s\" x=\"%.3f%%\" y=\"%d\">%02d</text>\n",
		        hour % 6 ? " minor" : "", 100.0 * hour / 24, 7 * HEAT_CELL + 18, hour);
	draw_svg_end(out);
	heat_table(f, out);
}
