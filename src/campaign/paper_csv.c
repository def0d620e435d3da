/* A forecast, and every call of it, for a spreadsheet. */
#include <stdio.h>

#include "campaign/papering.h"

/* Text from outside. Spreadsheets take a cell that begins with one of these for a formula, also
 * behind spaces and also in its full width. */
static bool is_formula(struct dd_str text)
{
	static const uint32_t begins[] = {
	        '=', '+', '-', '@', 0xFF1D, 0xFF0B, 0xFF0D, 0xFF20, 0x2212};
	struct dd_str trimmed = dd_str_trim(text);
	size_t at = 0;
	uint32_t c = trimmed.n ? dd_utf8_next(trimmed, &at) : 0;
	for (size_t i = 0; i < sizeof begins / sizeof *begins; i++)
		if (c == begins[i])
			return true;
	return false;
}

static void cell(struct dd_buf *out, const char *text)
{
	struct dd_buf clean = {0};
	dd_buf_screen(&clean, dd_str(text));
	struct dd_str t = {clean.p ? clean.p : "", clean.n};
	dd_buf_char(out, '"');
	if (is_formula(t))
		dd_buf_char(out, '\'');
	for (size_t i = 0; i < t.n; i++) {
		if (t.p[i] == '"')
			dd_buf_char(out, '"');
		dd_buf_char(out, t.p[i]);
	}
	dd_buf_char(out, '"');
	dd_buf_free(&clean);
}

static void rate(struct dd_buf *out, double x)
{
	if (isfinite(x))
		dd_buf_format(out, "%.6f", x);
}

static void seconds(struct dd_buf *out, dd_ms ms)
{
	dd_buf_format(out, "%lld", (long long)(ms / 1000));
	if (ms % 1000)
		dd_buf_format(out, ".%03lld", (long long)(ms % 1000));
}

/* -- tables ----------------------------------------------------------------- */

void dd_forecast_csv(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	dd_buf_str(out, "campaign,hour,calls,answered,mean_lines,peak_lines\r\n");
	for (size_t i = 0; i < n; i++) {
		const struct dd_forecast *f = forecasts[i];
		for (size_t h = 0; h < f->nhours; h++) {
			const struct dd_hour_tally *t = &f->hours[h];
			cell(out, f->campaign->name);
			dd_buf_format(out, ",%s,%llu,%llu,%.3f,%u\r\n",
			        paper_rfc3339(f->campaign->zone, paper_hour(f, h)).p,
			        (unsigned long long)t->calls, (unsigned long long)t->humans,
			        paper_lines(t->busy_ms, 1), t->peak);
		}
	}
}

void dd_forecast_metrics_csv(
        const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	static const char *const words[] = {
	        [PAPER_NOT_SAID] = "", [PAPER_MET] = "true", [PAPER_MISSED] = "false"};
	dd_buf_str(out,
	        "campaign,metric,contacts,dialled,rate,rate_of_answered,target,target_is,met\r\n");
	for (size_t i = 0; i < n; i++) {
		struct paper_metric m[PAPER_METRICS];
		paper_metrics(forecasts[i], m);
		for (int k = 0; k < PAPER_METRICS; k++) {
			cell(out, forecasts[i]->campaign->name);
			dd_buf_format(out, ",%s,%llu,%llu,", m[k].key,
			        (unsigned long long)m[k].contacts,
			        (unsigned long long)forecasts[i]->dialled);
			rate(out, m[k].rate);
			dd_buf_char(out, ',');
			rate(out, m[k].of_answered);
			dd_buf_char(out, ',');
			rate(out, m[k].target);
			dd_buf_format(out, ",%s,%s\r\n",
			        isnan(m[k].target)   ? ""
			                : m[k].below ? "below"
			                             : "above",
			        words[m[k].met]);
		}
	}
}

/* -- calls ------------------------------------------------------------------ */

void dd_calls_csv_head(struct dd_buf *out)
{
	dd_buf_str(out,
	        "phone_number,attempts,final_status,duration,ivr_response,recording,started,"
	        "ringing,answered_by,ended_by,goal,opted_out,message_heard,list_line,"
	        "seed,campaign,sms,requests,request_errors\r\n");
}

/* The words of the platform's report. */
static const char *status(enum dd_answered_by by)
{
	static const char *const words[] = {
	        [DD_BY_HUMAN] = "connected",
	        [DD_BY_MACHINE] = "connected",
	        [DD_BY_NOBODY_BUSY] = "busy",
	        [DD_BY_NOBODY_NO_ANSWER] = "no answer",
	        [DD_BY_NOBODY_FAILED] = "failed",
	        [DD_BY_NOBODY_CANCELED] = "canceled",
	};
	return words[by];
}

void dd_calls_csv_row(const struct dd_campaign *campaign, const struct dd_simulated_call *call,
        struct dd_buf *out)
{
	const struct dd_people *people = campaign->people;
	const struct dd_person *person =
	        people && call->person < people->n ? &people->list[call->person] : NULL;
	if (person && person->number)
		dd_buf_format(out, "+%llu", (unsigned long long)person->number);
	dd_buf_format(out, ",%d,%s,", call->attempt, status(call->answered_by));
	seconds(out, call->lasted);
	dd_buf_char(out, ',');
	cell(out, call->digits ? call->digits : "");
	dd_buf_format(out, ",,%s,", paper_rfc3339(campaign->zone, call->placed).p);
	seconds(out, call->ringing);
	dd_buf_format(out, ",%s,%s,%s,%s,%s,%u,0x%016llx,", dd_answered_by_name(call->answered_by),
	        dd_ended_by_name(call->ended_by), call->goal ? "true" : "false",
	        call->opted_out ? "true" : "false", call->heard_message ? "true" : "false",
	        person ? person->line : 0, (unsigned long long)call->seed);
	cell(out, campaign->name);
	dd_buf_format(out, ",%u,%u,%u", call->sms, call->requests, call->errors);
	dd_buf_str(out, "\r\n");
}
