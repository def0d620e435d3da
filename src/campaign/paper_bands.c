/* Many forecasts beside each other: what chance does to one campaign, and what a setting does. */
#include <stdlib.h>

#include "campaign/papering.h"
#include "report/json.h"

/* A run's figures in the order of the tables. */
enum figure { FINISH = PAPER_METRICS, CALLS, PEAK, COST, FIGURES };
static const char *const keys[FIGURES] = {"delivery", "completion", "ivr_response", "action",
        "opt_out", "finish", "calls", "peak_lines", "cost"};
static const char *const labels[FIGURES] = {"Delivery", "Completion", "IVR response", "Action",
        "Opt-out", "Finish", "Calls", "At once", "Cost"};

static double figure(const struct dd_forecast *f, int which)
{
	struct paper_metric m[PAPER_METRICS];
	paper_metrics(f, m);
	if (which < PAPER_METRICS)
		return m[which].rate;
	if (which == FINISH)
		return paper_finished(f) ? (double)f->last_end : (double)INFINITY;
	return which == CALLS ? (double)f->calls : which == PEAK ? (double)f->peak : f->cost;
}

static int rising(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

/* The 5th, 50th and 95th of a hundred. Runs in which nothing could be counted are left out. */
struct band {
	double low, median, high;
	size_t n;
};
static const double shares[] = {0.05, 0.5, 0.95};

static double nearest_rank(const double *values, size_t n, double share)
{
	size_t rank = (size_t)ceil(share * (double)n);
	return values[rank ? rank - 1 : 0];
}

static struct band band_of(const struct dd_forecast *const *runs, size_t n, int which)
{
	struct band b = {.low = (double)NAN, .median = (double)NAN, .high = (double)NAN};
	double *values = dd_alloc((n ? n : 1) * sizeof *values);
	for (size_t i = 0; i < n; i++) {
		double x = figure(runs[i], which);
		if (!isnan(x))
			values[b.n++] = x;
	}
	if (b.n) {
		qsort(values, b.n, sizeof *values, rising);
		b.low = nearest_rank(values, b.n, shares[0]);
		b.median = nearest_rank(values, b.n, shares[1]);
		b.high = nearest_rank(values, b.n, shares[2]);
	}
	free(values);
	return b;
}

static struct paper_text figure_text(const struct dd_campaign *c, int which, double x)
{
	if (isnan(x))
		return (struct paper_text){"–"};
	if (which < PAPER_METRICS)
		return paper_percent(x);
	if (which == FINISH &&
	        !isinf(x)) { /* without the weekday, which is one word too many for three columns */
		struct paper_text when = paper_when(c->zone, (int64_t)x);
		memmove(when.p, when.p + 4, strlen(when.p + 4) + 1);
		return when;
	}
	if (which == FINISH)
		return (struct paper_text){"not finished"};
	return which == COST ? paper_money(x) : paper_number((uint64_t)x);
}

static json_t *figure_json(const struct dd_campaign *c, int which, double x)
{
	if (!isfinite(x))
		return json_null();
	if (which < PAPER_METRICS || which == COST)
		return json_real(x);
	return which == FINISH ? json_string(paper_rfc3339(c->zone, (int64_t)x).p)
	                       : json_integer((json_int_t)x);
}

static size_t finished_runs(const struct dd_forecast *const *runs, size_t n)
{
	size_t finished = 0;
	for (size_t i = 0; i < n; i++)
		finished += paper_finished(runs[i]);
	return finished;
}

static bool shown(const struct dd_forecast *f, int which)
{
	return which != COST || paper_has_prices(f);
}

static void right(struct dd_buf *out, const char *text, int width)
{
	int has = (int)dd_width(dd_str(text));
	dd_buf_format(out, "%*s%s", has < width ? width - has : 0, "", text);
}

static void name_line(const struct dd_campaign *c, const struct dd_forecast_style *style,
        size_t room, struct dd_buf *out)
{
	size_t columns = style->columns < 60 ? 80 : style->columns;
	dd_buf_str(out, style->colour ? "\033[1m" : "");
	paper_clip(out, dd_str(c->name ? c->name : "campaign"), columns - room);
	dd_buf_str(out, style->colour ? "\033[0m" : "");
}

void dd_forecast_bands_text(const struct dd_forecast *const *runs, size_t n,
        const struct dd_forecast_style *style, struct dd_buf *out)
{
	if (n == 0)
		return;
	const struct dd_campaign *c = runs[0]->campaign;
	name_line(c, style, 40, out);
	dd_buf_format(out, ", %s run%s, %s finished\n\n", paper_number(n).p, n == 1 ? "" : "s",
	        paper_number(finished_runs(runs, n)).p);
	dd_buf_format(out, "  %-12s%22s%22s%22s\n", "", "5 %", "median", "95 %");
	for (int i = 0; i < FIGURES; i++) {
		if (!shown(runs[0], i))
			continue;
		struct band b = band_of(runs, n, i);
		dd_buf_format(out, "  %-12s", labels[i]);
		right(out, figure_text(c, i, b.low).p, 22);
		right(out, figure_text(c, i, b.median).p, 22);
		right(out, figure_text(c, i, b.high).p, 22);
		dd_buf_char(out, '\n');
	}
}

void dd_forecast_bands_json(const struct dd_forecast *const *runs, size_t n, struct dd_buf *out)
{
	json_t *root = json_object(), *bands = json_object();
	json_object_set_new(root, "campaign",
	        n && runs[0]->campaign->name ? dd_json_text(dd_str(runs[0]->campaign->name))
	                                     : json_null());
	json_object_set_new(root, "runs", json_integer((json_int_t)n));
	json_object_set_new(root, "finished", json_integer((json_int_t)finished_runs(runs, n)));
	for (int i = 0; n && i < FIGURES; i++) {
		struct band b = band_of(runs, n, i);
		json_t *o = json_object();
		if (!shown(runs[0], i)) {
			json_decref(o);
			json_object_set_new(bands, keys[i], json_null());
			continue;
		}
		json_object_set_new(o, "low", figure_json(runs[0]->campaign, i, b.low));
		json_object_set_new(o, "median", figure_json(runs[0]->campaign, i, b.median));
		json_object_set_new(o, "high", figure_json(runs[0]->campaign, i, b.high));
		json_object_set_new(o, "runs", json_integer((json_int_t)b.n));
		json_object_set_new(bands, keys[i], o);
	}
	json_object_set_new(root, "bands", bands);
	dd_json_print(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15), out);
}

/* -- what if ---------------------------------------------------------------- */

static bool meets(const struct dd_what_if *w, const struct dd_forecast *f)
{
	return paper_finished(f) && f->last_end <= w->deadline;
}

static bool cheaper(const struct dd_forecast *a, const struct dd_forecast *b)
{
	return a->cost < b->cost || (!(a->cost > b->cost) && a->peak < b->peak);
}

size_t dd_what_if_cheapest(const struct dd_what_if *w)
{
	size_t best = SIZE_MAX;
	for (size_t i = 0; w->deadline != INT64_MAX && i < w->n; i++)
		if (meets(w, w->rows[i].forecast) &&
		        (best == SIZE_MAX || cheaper(w->rows[i].forecast, w->rows[best].forecast)))
			best = i;
	return best;
}

/* The finish is told without its weekday, for want of room. */
static void what_if_row(const struct dd_what_if *w, size_t i, bool best,
        const struct dd_forecast_style *style, struct dd_buf *out)
{
	const struct dd_forecast *f = w->rows[i].forecast;
	const struct dd_campaign *c = f->campaign;
	struct dd_buf value = {0};
	paper_clip(&value, dd_str(w->rows[i].value), 8);
	dd_buf_format(out, "%s%s ", best && style->colour ? "\033[1;32m" : "", best ? "→" : " ");
	right(out, value.p ? value.p : "", 8);
	right(out, paper_finished(f) ? paper_when(c->zone, f->last_end).p + 4 : "not finished", 20);
	right(out, f->peak < 100000 ? paper_number(f->peak).p : paper_short(f->peak).p, 8);
	for (int k = 0; k < PAPER_METRICS; k++) {
		struct paper_text percent = paper_percent(figure(f, k));
		percent.p[strcspn(percent.p, " ")] = '\0'; /* the head says that they are % */
		right(out, percent.p, 6);
	}
	if (paper_has_prices(f))
		right(out, f->cost < 1e6 ? paper_money(f->cost).p : paper_short(f->cost).p, 11);
	dd_buf_str(out, best && style->colour ? "\033[0m\n" : "\n");
	dd_buf_free(&value);
}

void dd_what_if_text(
        const struct dd_what_if *w, const struct dd_forecast_style *style, struct dd_buf *out)
{
	size_t best = dd_what_if_cheapest(w);
	struct dd_buf setting = {0};
	if (w->n == 0)
		return;
	const struct dd_forecast *first = w->rows[0].forecast;
	name_line(first->campaign, style, 0, out);
	paper_clip(&setting, dd_str(w->setting), 8);
	dd_buf_str(out, "\n\n  ");
	right(out, setting.p ? setting.p : "", 8);
	dd_buf_format(out, "%20s%8s%6s%6s%6s%6s%6s%s\n", "finish", "at once", "del %", "com %",
	        "ivr %", "act %", "out %", paper_has_prices(first) ? "       cost" : "");
	for (size_t i = 0; i < w->n; i++)
		what_if_row(w, i, i == best, style, out);
	if (w->deadline != INT64_MAX && best == SIZE_MAX)
		dd_buf_format(out, "\nnone is done by %s\n",
		        paper_when(first->campaign->zone, w->deadline).p);
	else if (w->deadline != INT64_MAX)
		dd_buf_format(out, "\n→ the cheapest that is done by %s\n",
		        paper_when(first->campaign->zone, w->deadline).p);
	dd_buf_free(&setting);
}

static json_t *what_if_row_json(const struct dd_what_if *w, size_t i, bool best)
{
	const struct dd_forecast *f = w->rows[i].forecast;
	json_t *o = json_object();
	json_object_set_new(o, "value", dd_json_text(dd_str(w->rows[i].value)));
	json_object_set_new(o, "finished", json_boolean(paper_finished(f)));
	for (int k = 0; k < FIGURES; k++)
		json_object_set_new(o, keys[k],
		        shown(f, k) ? figure_json(f->campaign, k, figure(f, k)) : json_null());
	json_object_set_new(o, "meets_deadline",
	        w->deadline == INT64_MAX ? json_null() : json_boolean(meets(w, f)));
	json_object_set_new(o, "cheapest", json_boolean(best));
	return o;
}

void dd_what_if_json(const struct dd_what_if *w, struct dd_buf *out)
{
	size_t best = dd_what_if_cheapest(w);
	json_t *root = json_object(), *rows = json_array();
	const struct dd_campaign *c = w->n ? w->rows[0].forecast->campaign : NULL;
	json_object_set_new(
	        root, "campaign", c && c->name ? dd_json_text(dd_str(c->name)) : json_null());
	json_object_set_new(root, "setting", dd_json_text(dd_str(w->setting)));
	json_object_set_new(root, "deadline",
	        w->deadline == INT64_MAX
	                ? json_null()
	                : json_string(paper_rfc3339(c ? c->zone : NULL, w->deadline).p));
	for (size_t i = 0; i < w->n; i++)
		json_array_append_new(rows, what_if_row_json(w, i, i == best));
	json_object_set_new(root, "rows", rows);
	json_object_set_new(
	        root, "cheapest", best == SIZE_MAX ? json_null() : json_integer((json_int_t)best));
	dd_json_print(root, JSON_INDENT(2) | JSON_REAL_PRECISION(15), out);
}
