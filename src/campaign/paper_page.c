/* The page of forecasts. It needs nothing beside itself, and its policy lets nothing run or load
   but its own style and script, which are known by their hashes: tests/e2e/test_campaign_page.py
   says what they are when the files have changed. */
#include "base/embed.h"
#include "campaign/paper_drawing.h"
#include "report/json.h"

DD_EMBED(paper_css, "src/campaign/paper.css");
DD_EMBED(paper_js, "src/campaign/paper.js");
#define STYLE_HASH  "sha256-vlUeCO7OjJGsGZVzfaKkdzGNxMbUX9UkkTBzCyqrIrM="
#define SCRIPT_HASH "sha256-VJN63rNAS06oNPbhlWfQlsrYJSw94HKnKW8CV9KaZYE="

static const char *name_of(const struct dd_forecast *f)
{
	return f->campaign->name && f->campaign->name[0] ? f->campaign->name : "Campaign";
}

static void head(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	dd_buf_str(out,
	        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	        "style-src '" STYLE_HASH "'; script-src '" SCRIPT_HASH
	        "'; base-uri 'none'; form-action 'none'\">\n"
	        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	        "<meta name=\"color-scheme\" content=\"light dark\">\n"
	        "<title>Forecast: ");
	if (n == 1)
		draw_clipped(out, dd_str(name_of(forecasts[0])), 80);
	else
		dd_buf_format(out, "%zu campaigns", n);
	dd_buf_str(out, "</title>\n<style>");
	dd_buf_str(out, paper_css);
	dd_buf_str(out, "</style>\n</head>\n<body>\n");
}

static void contents(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	if (n < 2)
		return;
	dd_buf_str(out, "<nav aria-label=\"Campaigns\"><ol>\n");
	for (size_t i = 0; i < n; i++) {
		dd_buf_format(out, "<li><a href=\"#campaign-%zu\">", i + 1);
		draw_clipped(out, dd_str(name_of(forecasts[i])), 60);
		dd_buf_str(out, "</a></li>\n");
	}
	dd_buf_str(out, "</ol></nav>\n");
}

/* -- the top of a campaign -------------------------------------------------- */

static void instant(
        struct dd_buf *out, const struct dd_zone *zone, int64_t unix_ms, const char *path)
{
	dd_buf_format(out, "<time data-j=\"%s\" datetime=\"%s\">%s</time>", path,
	        paper_rfc3339(zone, unix_ms).p, paper_when(zone, unix_ms).p);
}

static void length(struct dd_buf *out, int64_t ms, const char *path)
{
	dd_buf_format(out, "<data data-j=\"%s\" value=\"%lld\">%s</data>", path, (long long)ms,
	        paper_duration(ms).p);
}

static void state(const struct dd_forecast *f, struct dd_buf *out)
{
	if (f->shard.of)
		dd_buf_format(out, " <strong class=\"badge\">shard %u of %u</strong>",
		        f->shard.index, f->shard.of);
	if (f->interrupted)
		dd_buf_str(out, " <strong class=\"badge bad\">PARTIAL: interrupted</strong>");
	else if (!paper_finished(f))
		dd_buf_str(out, " <strong class=\"badge bad\">not finished</strong>");
	else
		dd_buf_str(out, " <strong class=\"badge ok\">finishes</strong>");
}

static void headline(const struct dd_forecast *f, struct dd_buf *out)
{
	const struct dd_zone *zone = f->campaign->zone;
	dd_buf_str(out, "<p class=\"lead\">");
	draw_value(out, "b", "contacts", paper_number(f->contacts).p);
	dd_buf_str(out, f->contacts == 1 ? " contact, " : " contacts, ");
	draw_value(out, "b", "dialled", paper_number(f->dialled).p);
	dd_buf_str(out, " dialled, ");
	draw_value(out, "b", "calls", paper_number(f->calls).p);
	dd_buf_str(out, f->calls == 1 ? " call." : " calls.");
	if (f->calls) {
		dd_buf_str(out, " From ");
		instant(out, zone, f->first_call, "first_call");
		dd_buf_str(out, " to ");
		instant(out, zone, f->last_end, "last_end");
		dd_buf_str(out, " (");
		draw_clipped(out, dd_str(paper_zone_name(zone)), 40);
		dd_buf_str(out, "), ");
		length(out, f->last_end - f->first_call, "lasted_ms");
		dd_buf_str(out, ", in ");
		length(out, f->open_ms, "open_ms");
		dd_buf_str(out, " of which it may call.");
	}
	if (f->ends[DD_END_PENDING]) {
		dd_buf_str(out, " Still pending: ");
		draw_value(out, "b", draw_path("outcomes/%d/contacts", DD_END_PENDING).p,
		        paper_number(f->ends[DD_END_PENDING]).p);
		dd_buf_char(out, '.');
	}
	dd_buf_str(out, "</p>\n");
}

/* A card: the figure, a bar with the target as a mark on it, and in words whether it is met. */
static void card(const struct paper_metric *m, int i, struct dd_buf *out)
{
	static const char *const classes[] = {
	        [PAPER_NOT_SAID] = "open", [PAPER_MET] = "ok", [PAPER_MISSED] = "bad"};
	static const char *const words[] = {
	        [PAPER_NOT_SAID] = "", [PAPER_MET] = "✓ met:", [PAPER_MISSED] = "✗ missed:"};
	dd_buf_format(out, "<li class=\"card %s\"><h3>%s</h3>", classes[m->met], m->label);
	draw_value(out, "b", draw_path("metrics/%d/rate", i).p, m->shown.p);
	dd_buf_format(out,
	        "<svg class=\"gauge\" aria-hidden=\"true\" height=\"12\"><rect class=\"track\" "
	        "width=\"100%%\" y=\"2\" height=\"8\"/>"
	        "<rect class=\"fill\" width=\"%.3f%%\" y=\"2\" height=\"8\"/>",
	        isnan(m->rate) ? 0 : 100 * fmin(m->rate, 1));
	if (!isnan(m->target))
		dd_buf_format(out,
		        "<rect class=\"target\" x=\"%.1f%%\" width=\"2\" height=\"12\"/>",
		        100 * m->target);
	dd_buf_format(out, "</svg><p class=\"met\">%s ", words[m->met]);
	if (isnan(m->target))
		dd_buf_str(out, "target depends");
	else {
		dd_buf_str(out, m->below ? "target under " : "target over ");
		draw_value(out, "span", draw_path("metrics/%d/target", i).p,
		        draw_path("%.0f %%", 100 * m->target).p);
	}
	dd_buf_format(out, "</p><p class=\"dim\">%s: ", m->meaning);
	draw_value(out, "span", draw_path("metrics/%d/contacts", i).p, paper_number(m->contacts).p);
	if (i > 0) {
		dd_buf_str(out, ", of those who answered ");
		draw_value(out, "span", draw_path("metrics/%d/rate_of_answered", i).p,
		        paper_percent(m->of_answered).p);
	}
	dd_buf_str(out, "</p></li>\n");
}

static void cards(const struct dd_forecast *f, struct dd_buf *out)
{
	struct paper_metric m[PAPER_METRICS];
	paper_metrics(f, m);
	dd_buf_str(
	        out, "<ul class=\"cards\" aria-label=\"The five metrics, of contacts dialled\">\n");
	for (int i = 0; i < PAPER_METRICS; i++)
		card(&m[i], i, out);
	dd_buf_str(out, "</ul>\n");
}

static void fact(struct dd_buf *out, const char *name, const char *path, const char *text)
{
	dd_buf_format(out, "<div><dt>%s</dt>", name);
	draw_value(out, "dd", path, text);
	dd_buf_str(out, "</div>\n");
}

static void money_facts(const struct dd_forecast *f, struct dd_buf *out)
{
	if (!paper_has_prices(f))
		return;
	fact(out, "Cost", "cost/total", paper_money(f->cost).p);
	if (f->answered)
		fact(out, "Cost of one who answered", "cost/per_answered_contact",
		        paper_money(f->cost / (double)f->answered).p);
}

static void agent_facts(const struct dd_forecast *f, struct dd_buf *out)
{
	const struct dd_agents_tally *a = &f->agents;
	if (!f->campaign->agents)
		return;
	fact(out, "Agents", "agents/agents", paper_number(f->campaign->agents).p);
	fact(out, "Agents are busy", "agents/occupancy", paper_percent(paper_occupancy(f)).p);
	fact(out, "Wanted an agent", "agents/wanted", paper_number(a->wanted).p);
	fact(out, "Talked to one", "agents/talks", paper_number(a->talks).p);
	fact(out, "Had to wait", "agents/waited", paper_number(a->waited).p);
	fact(out, "Hung up waiting", "agents/abandoned", paper_number(a->abandoned).p);
	fact(out, "Waited too long for the flow", "agents/timed_out", paper_number(a->timed_out).p);
	if (a->waited)
		fact(out, "Average wait", "agents/mean_wait_ms",
		        paper_duration(llround(paper_mean_wait_ms(f))).p);
	fact(out, "Longest wait", "agents/longest_wait_ms",
	        paper_duration(f->agents_longest_wait).p);
}

static void facts(const struct dd_forecast *f, struct dd_buf *out)
{
	struct dd_buf sentence = {0};
	double mean = paper_mean_call_ms(f);
	paper_bottleneck_sentence(f, &sentence);
	dd_buf_str(out,
	        "<p class=\"bottleneck\"><b>Bottleneck.</b> <span data-j=\"waiting/sentence\">");
	draw_text(out, (struct dd_str){sentence.p, sentence.n});
	dd_buf_str(out, "</span></p>\n<dl class=\"facts\">\n");
	dd_buf_free(&sentence);
	fact(out, "Calls at once, at most", "peak_lines", paper_number(f->peak).p);
	fact(out, "Calls at once, on average", "mean_lines", paper_decimal(f->mean).p);
	if (!isnan(mean)) {
		dd_buf_str(out, "<div><dt>Average call</dt><dd>");
		dd_buf_format(out,
		        "<data data-j=\"talk/mean_call_ms\" value=\"%.0f\">%s</data></dd></div>\n",
		        mean, paper_duration(llround(mean)).p);
	}
	money_facts(f, out);
	agent_facts(f, out);
	fact(out, "Text messages", "sms", paper_number(f->sms).p);
	if (f->campaign->sms_if_unanswered || f->sms_unanswered)
		fact(out, "Text messages to those whom no call has reached", "sms_unanswered",
		        paper_number(f->sms_unanswered).p);
	struct dd_buf advice = {0};
	if (paper_advice(f, &advice))
		fact(out, "Advice", "advice", advice.p);
	dd_buf_free(&advice);
	fact(out, "Requests to servers", "requests", paper_number(f->requests).p);
	fact(out, "Requests that failed", "request_errors", paper_number(f->errors).p);
	fact(out, "Only voicemail answered", "talk/machine_only_contacts",
	        paper_number(f->machine_only).p);
	fact(out, "Hung up", "talk/hung_up", paper_number(f->hung_up).p);
	fact(out, "Dropped by the flow", "talk/dropped", paper_number(f->dropped).p);
	fact(out, "Cut by the time limit", "talk/time_limited", paper_number(f->time_limited).p);
	fact(out, "Held back by calling hours", "held_back/hours", paper_number(f->held_hours).p);
	fact(out, "Held back by caps", "held_back/cap", paper_number(f->held_cap).p);
	fact(out, "Held back after another campaign", "held_back/gap", paper_number(f->held_gap).p);
	fact(out, "Held back by the law", "held_back/law", paper_number(f->held_law).p);
	dd_buf_str(out, "</dl>\n");
}

/* -- the whole -------------------------------------------------------------- */

static void section(const struct dd_forecast *f, size_t i, struct dd_buf *out)
{
	dd_buf_format(out,
	        "<section id=\"campaign-%zu\" data-forecast=\"%zu\">\n"
	        "<header><h1><span data-j=\"campaign\">",
	        i + 1, i);
	draw_text(out, dd_str(name_of(f)));
	dd_buf_str(out, "</span>");
	state(f, out);
	dd_buf_str(out, "</h1>\n");
	headline(f, out);
	dd_buf_str(out, "</header>\n<h2>Against the targets, of contacts dialled</h2>\n");
	cards(f, out);
	facts(f, out);
	dd_buf_str(out, "<h2>Charts</h2>\n<div class=\"charts\">\n");
	if (f->nhours)
		draw_timeline(f, out);
	draw_heat(f, out);
	dd_buf_str(out, "<div class=\"column\">\n");
	draw_funnel(f, out);
	draw_attempts(f, out);
	draw_steps(f, out);
	draw_menus(f, 1, out);
	dd_buf_str(out, "</div>\n<div class=\"column\">\n");
	draw_outcomes(f, out);
	draw_drop_off(f, out);
	draw_menus(f, 0, out);
	dd_buf_str(out, "</div>\n");
	dd_buf_str(out, "</div>\n</section>\n");
}

/* Inside a script element only "<" can end it, or begin what hides its end. */
static void embedded_json(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	struct dd_buf json = {0};
	paper_json(forecasts, n, JSON_COMPACT, &json);
	dd_buf_str(out, "<script type=\"application/json\" id=\"forecast\">");
	for (size_t i = 0; i < json.n; i++) {
		if (json.p[i] == '<')
			dd_buf_str(out, "\\u003c");
		else
			dd_buf_char(out, json.p[i]);
	}
	dd_buf_str(out, "</script>\n");
	dd_buf_free(&json);
}

void dd_forecast_html(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	head(forecasts, n, out);
	contents(forecasts, n, out);
	dd_buf_str(out, "<main>\n");
	for (size_t i = 0; i < n; i++)
		section(forecasts[i], i, out);
	dd_buf_str(out,
	        "</main>\n<footer>A forecast by drydial: simulated people, no call was placed. "
	        "Its data is in this page as JSON (<code>#forecast</code>). "
	        "Charts take the keyboard: Tab to one, then the arrow keys.</footer>\n"
	        "<p id=\"tip\" role=\"status\" hidden></p>\n");
	embedded_json(forecasts, n, out);
	dd_buf_str(out, "<script>");
	dd_buf_str(out, paper_js);
	dd_buf_str(out, "</script>\n</body>\n</html>\n");
}
