/* Forecasts on paper: for a terminal, for machines, for a spreadsheet, for a browser. Whatever is
   printed is counted in one place (paper_facts.c), so that no two reports can say different things.
   All instants are told on the campaign's own wall. */
#ifndef DD_CAMPAIGN_PAPER_H
#define DD_CAMPAIGN_PAPER_H

#include "base/text.h"
#include "campaign/forecast.h"
#include "campaign/review.h"

struct dd_forecast_style {
	bool colour;
	unsigned columns; /* 0: 80; never more than 200, and below 60 lines may be longer than that
	                   */
};

/* One campaign after the other. */
void dd_forecast_text(const struct dd_forecast *const *forecasts, size_t n,
        const struct dd_forecast_style *style, struct dd_buf *out);

/* A list with an object for each campaign. Rates are numbers from 0 to 1, null where nothing could
   be counted; lengths are in ms; instants are RFC 3339 on the campaign's wall. Names and order are
   stable; what is added is added at the end of an object. */
void dd_forecast_json(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out);

/* One page that needs nothing beside itself: charts, a table for each of them, and the JSON above
 * in <script id="forecast">. */
void dd_forecast_html(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out);

/* RFC 4180 with \r\n. Text from outside has no control characters any more, and where it begins as
   a formula would (=, +, -, @) an apostrophe is put before it. */
void dd_forecast_csv(const struct dd_forecast *const *forecasts, size_t n,
        struct dd_buf *out); /* a row an hour */
void dd_forecast_metrics_csv(const struct dd_forecast *const *forecasts, size_t n,
        struct dd_buf *out); /* a row a metric */

/* Every call, with the fields of the platform's report first (phone_number attempts final_status
   duration ivr_response recording started), then ours. A number is written as E.164,
   "+919876543210": a sign and digits alone, which a spreadsheet can only read as that number, and
   which drydial reads back as a contact. Lengths are seconds. The seed is hexadecimal text, since
   spreadsheets round long numbers. */
void dd_calls_csv_head(struct dd_buf *out);
void dd_calls_csv_row(const struct dd_campaign *campaign, const struct dd_simulated_call *call,
        struct dd_buf *out);

/* What a campaign must reach for a command to succeed: a share of the contacts that were dialled,
 * at least (of opt-outs: at most). */
struct dd_forecast_floor {
	int metric;  /* of the five, in their order; -1: each one's own target */
	double rate; /* 0 to 1 */
};
/* "completion=40%" or "targets". False: it is neither. */
bool dd_forecast_floor_parse(const char *text, struct dd_forecast_floor *out);
/* Whether a forecast falls short of it; a line for each metric that does is appended. A metric of
 * which nothing could be counted falls short. */
bool dd_forecast_falls_short(const struct dd_forecast *forecast,
        const struct dd_forecast_floor *floor, struct dd_buf *out);
/* Whether nobody of the list may be called: no number, on the register, without consent. */
bool dd_forecast_is_of_nobody(const struct dd_forecast *forecast);

/* A review of a log, beside the forecast of the same campaign. */
void dd_review_text(
        const struct dd_review *review, const struct dd_forecast *forecast, struct dd_buf *out);
void dd_review_json(
        const struct dd_review *review, const struct dd_forecast *forecast, struct dd_buf *out);
bool dd_review_falls_short(
        const struct dd_review *review, const struct dd_forecast_floor *floor, struct dd_buf *out);

/* Several runs of one campaign, each with another seed: medians, and the band in which nine runs of
   ten lie. They are values that occurred (nearest rank). A run that does not finish does so later
   than any that does. */
void dd_forecast_bands_text(const struct dd_forecast *const *runs, size_t n,
        const struct dd_forecast_style *style, struct dd_buf *out);
void dd_forecast_bands_json(const struct dd_forecast *const *runs, size_t n, struct dd_buf *out);

/* One campaign under several values of one setting. */
struct dd_what_if_row {
	const char *value; /* as people write it: "10", "90 min" */
	const struct dd_forecast *forecast;
};
struct dd_what_if {
	const char *setting; /* "concurrency" */
	const struct dd_what_if_row *rows;
	size_t n;
	int64_t deadline; /* unix ms, INT64_MAX: none */
};
/* The row that meets the deadline at the lowest cost; where costs are equal, as without prices,
   with the fewest calls at once; then the first. SIZE_MAX: none does, or there is no deadline. */
size_t dd_what_if_cheapest(const struct dd_what_if *what_if);
void dd_what_if_text(const struct dd_what_if *what_if, const struct dd_forecast_style *style,
        struct dd_buf *out);
void dd_what_if_json(const struct dd_what_if *what_if, struct dd_buf *out);

#endif
