/* A review: the log, the targets and the forecast side by side. */
#include <stdio.h>
#include <string.h>

#include "campaign/papering.h"

/* What a metric's figure says beside the forecast's: the interval of the log tells a difference
 * from chance. */
static const char *compare(const struct dd_fitted *log, double forecast)
{
	if (!log->n || isnan(forecast))
		return "";
	return forecast < log->low     ? "better than forecast"
	        : forecast > log->high ? "worse than forecast"
	                               : "as forecast";
}

static const char *turned(const char *text, bool below)
{
	if (!below || strncmp(text, "as", 2) == 0 || !*text)
		return text;
	return strncmp(text, "better", 6) == 0 ? "worse than forecast" : "better than forecast";
}

static enum paper_met met_by(const struct paper_metric *m, const struct dd_fitted *log)
{
	if (!log->n || isnan(m->target))
		return PAPER_NOT_SAID;
	return (m->below ? log->value < m->target : log->value > m->target) ? PAPER_MET
	                                                                    : PAPER_MISSED;
}

void dd_review_text(const struct dd_review *r, const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const marks[] = {" ", "✓", "✗"};
	struct paper_metric metrics[PAPER_METRICS];
	paper_metrics(f, metrics);
	dd_buf_screen(out, dd_str(f->campaign->name));
	dd_buf_format(out, "\n  %s contacts, %s calls in the log\n\n", paper_number(r->contacts).p,
	        paper_number(r->calls).p);
	dd_buf_format(out, "  %-14s %9s  %-17s %9s %9s\n", "", "log", "interval, 95 %", "target",
	        "forecast");
	for (int i = 0; i < PAPER_METRICS; i++) {
		const struct paper_metric *m = &metrics[i];
		const struct dd_fitted *x = &r->metrics[i];
		struct paper_text target = {"depends"}, interval = {""};
		const char *beside = turned(compare(x, m->rate), m->below);
		if (!isnan(m->target))
			(void)snprintf(target.p, sizeof target.p, "%c %g %%", m->below ? '<' : '>',
			        m->target * 100);
		if (x->n)
			(void)snprintf(interval.p, sizeof interval.p, "%.1f to %.1f %%",
			        x->low * 100, x->high * 100);
		dd_buf_format(out, "%s %-14s %9s  %-17s %9s %9s%s%s\n", marks[met_by(m, x)],
		        m->label, x->n ? paper_percent_beside(x->value, m->target).p : "not told",
		        interval.p, target.p, m->shown.p, *beside ? "  " : "", beside);
	}
	if (r->bad)
		dd_buf_format(out,
		        "\n  %s of %s lines could not be understood, the first is %llu\n",
		        paper_number(r->bad).p, paper_number(r->rows).p,
		        (unsigned long long)r->first_bad);
}

void dd_review_json(const struct dd_review *r, const struct dd_forecast *f, struct dd_buf *out)
{
	static const char *const mets[] = {NULL, "met", "missed"};
	struct paper_metric metrics[PAPER_METRICS];
	json_t *root = json_object(), *list = json_array();
	paper_metrics(f, metrics);
	json_object_set_new(root, "campaign", json_string(f->campaign->name));
	json_object_set_new(root, "contacts", json_integer((json_int_t)r->contacts));
	json_object_set_new(root, "calls", json_integer((json_int_t)r->calls));
	json_object_set_new(root, "rows", json_integer((json_int_t)r->rows));
	json_object_set_new(root, "rows_not_understood", json_integer((json_int_t)r->bad));
	for (int i = 0; i < PAPER_METRICS; i++) {
		const struct dd_fitted *x = &r->metrics[i];
		const char *met = mets[met_by(&metrics[i], x)],
		           *beside = turned(compare(x, metrics[i].rate), metrics[i].below);
		json_t *o = json_object();
		json_object_set_new(o, "name", json_string(metrics[i].key));
		json_object_set_new(o, "rate", x->n ? json_real(x->value) : json_null());
		json_object_set_new(o, "low", x->n ? json_real(x->low) : json_null());
		json_object_set_new(o, "high", x->n ? json_real(x->high) : json_null());
		json_object_set_new(o, "target",
		        isnan(metrics[i].target) ? json_null() : json_real(metrics[i].target));
		json_object_set_new(o, "target_is", met ? json_string(met) : json_null());
		json_object_set_new(o, "forecast",
		        isnan(metrics[i].rate) ? json_null() : json_real(metrics[i].rate));
		json_object_set_new(
		        o, "beside_forecast", *beside ? json_string(beside) : json_null());
		json_array_append_new(list, o);
	}
	json_object_set_new(root, "metrics", list);
	dd_json_print(root, JSON_INDENT(2), out);
}

bool dd_review_falls_short(
        const struct dd_review *r, const struct dd_forecast_floor *floor, struct dd_buf *out)
{
	static const struct dd_forecast nothing;
	struct paper_metric metrics[PAPER_METRICS];
	bool any = false;
	paper_metrics(&nothing, metrics);
	for (int i = 0; i < PAPER_METRICS; i++) {
		const struct paper_metric *m = &metrics[i];
		const struct dd_fitted *x = &r->metrics[i];
		double wanted = floor->metric < 0 ? m->target : floor->rate;
		if ((floor->metric >= 0 && floor->metric != i) || isnan(wanted))
			continue;
		bool reached = x->n &&
		        (floor->metric < 0         ? met_by(m, x) == PAPER_MET
		                        : m->below ? x->value <= wanted
		                                   : x->value >= wanted);
		if (reached)
			continue;
		any = true;
		if (!x->n)
			dd_buf_format(out, "%s: the log does not tell\n", m->key);
		else
			dd_buf_format(out, "%s is %s, and %s %g %% was asked for\n", m->key,
			        paper_percent_beside(x->value, wanted).p,
			        m->below ? "at most" : "at least", wanted * 100);
	}
	return any;
}
