/* A forecast for a terminal. What colour tells, a mark or a word tells as well, so that it reads
 * the same in a pipe. */
#include <stdlib.h>

#include "campaign/papering.h"

struct page {
	const struct dd_forecast *f;
	struct dd_buf *out;
	unsigned columns;
	bool colour;
};

static unsigned columns_of(const struct dd_forecast_style *style)
{
	return style->columns == 0     ? 80
	        : style->columns < 60  ? 60
	        : style->columns > 200 ? 200
	                               : style->columns;
}

static const char *paint(const struct page *p, const char *colour)
{
	return p->colour ? colour : "";
}
#define BOLD   "\033[1m"
#define GREEN  "\033[32m"
#define RED    "\033[31m"
#define YELLOW "\033[33m"
#define BLUE   "\033[34m"
#define DIM    "\033[2m"
#define PLAIN  "\033[0m"

/* Right-aligned, by columns of the screen. */
static void right(struct dd_buf *out, const char *text, size_t width)
{
	size_t has = dd_width(dd_str(text));
	dd_buf_format(out, "%*s%s", has < width ? (int)(width - has) : 0, "", text);
}

static void left(struct dd_buf *out, struct dd_str text, size_t width)
{
	struct dd_buf clipped = {0};
	paper_clip(&clipped, text, width);
	size_t has = dd_width((struct dd_str){clipped.p ? clipped.p : "", clipped.n});
	dd_buf_add(out, clipped.p ? clipped.p : "", clipped.n);
	dd_buf_format(out, "%*s", has < width ? (int)(width - has) : 0, "");
	dd_buf_free(&clipped);
}

/* Whole cells and an eighth's rest; what is not nothing shows. Nothing is written behind its end.
 */
static void bar(const struct page *p, double share, size_t width)
{
	static const char *const eighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	if (!(share > 0) || width == 0)
		return;
	size_t eights = (size_t)(fmin(share, 1) * 8 * (double)width + 0.5);
	eights = eights ? eights : 1;
	dd_buf_str(p->out, paint(p, BLUE));
	for (size_t i = 0; i < eights / 8; i++)
		dd_buf_str(p->out, "█");
	dd_buf_str(p->out, eighths[eights % 8]);
	dd_buf_str(p->out, paint(p, PLAIN));
}

static size_t widest(size_t so_far, uint64_t n)
{
	size_t width = dd_width(dd_str(paper_number(n).p));
	return width > so_far ? width : so_far;
}

static void title(const struct page *p, const char *text)
{
	dd_buf_format(p->out, "\n%s%s%s\n", paint(p, BOLD), text, paint(p, PLAIN));
}

/* A row of a chart: a name, a number, a share, a bar. `least` columns at least for the bar. */
static void row(const struct page *p, struct dd_str name, size_t names, uint64_t n, size_t numbers,
        double share)
{
	size_t taken = 2 + names + 2 + numbers + 2 + 7 + 2;
	dd_buf_str(p->out, "  ");
	left(p->out, name, names);
	dd_buf_str(p->out, "  ");
	right(p->out, paper_number(n).p, numbers);
	dd_buf_str(p->out, "  ");
	right(p->out, paper_percent(share).p, 7);
	if (share > 0)
		dd_buf_str(p->out, "  ");
	bar(p, share, p->columns > taken ? p->columns - taken : 0);
	dd_buf_char(p->out, '\n');
}

/* -- the head --------------------------------------------------------------- */

static void head_when(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	const struct dd_zone *zone = f->campaign->zone;
	if (f->calls == 0) {
		dd_buf_str(p->out, "  no call is placed\n");
		return;
	}
	dd_buf_format(p->out, "  %s to %s (", paper_when(zone, f->first_call).p,
	        paper_when(zone, f->last_end).p);
	paper_clip(p->out, dd_str(paper_zone_name(zone)), 20);
	dd_buf_format(p->out, ")\n  lasts %s, in %s of which it may call\n",
	        paper_duration(f->last_end - f->first_call).p, paper_duration(f->open_ms).p);
}

static void head(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	dd_buf_str(p->out, paint(p, BOLD));
	paper_clip(p->out, dd_str(f->campaign->name ? f->campaign->name : "campaign"),
	        p->columns - (f->interrupted ? 26 : 0));
	dd_buf_format(p->out, "%s%s%s%s\n", paint(p, PLAIN), f->interrupted ? paint(p, RED) : "",
	        f->interrupted ? "  PARTIAL: interrupted" : "",
	        f->interrupted ? paint(p, PLAIN) : "");
	if (f->shard.of)
		dd_buf_format(p->out, "  shard %u of %u: its contacts, its share of the limits\n",
		        f->shard.index, f->shard.of);
	dd_buf_format(p->out, "  %s contact%s, %s dialled, %s call%s\n",
	        paper_number(f->contacts).p, f->contacts == 1 ? "" : "s",
	        paper_number(f->dialled).p, paper_number(f->calls).p, f->calls == 1 ? "" : "s");
	head_when(p);
	if (f->ends[DD_END_PENDING])
		dd_buf_format(p->out, "  %snot finished: %s contact%s pending%s\n", paint(p, RED),
		        paper_number(f->ends[DD_END_PENDING]).p,
		        f->ends[DD_END_PENDING] == 1 ? " is" : "s are", paint(p, PLAIN));
	else if (!paper_finished(f) && !f->interrupted)
		dd_buf_str(p->out, "  not finished\n");
}

static void metrics(const struct page *p)
{
	static const char *const marks[] = {
	        [PAPER_NOT_SAID] = " ", [PAPER_MET] = "✓", [PAPER_MISSED] = "✗"};
	static const char *const paints[] = {
	        [PAPER_NOT_SAID] = "", [PAPER_MET] = GREEN, [PAPER_MISSED] = RED};
	struct paper_metric m[PAPER_METRICS];
	paper_metrics(p->f, m);
	title(p, "Against the targets     dialled  answered    target");
	for (int i = 0; i < PAPER_METRICS; i++) {
		dd_buf_format(p->out, "  %s%s%s ", paint(p, paints[m[i].met]), marks[m[i].met],
		        paint(p, m[i].met ? PLAIN : ""));
		left(p->out, dd_str(m[i].label), 18);
		right(p->out, m[i].shown.p, 9);
		right(p->out, paper_percent(m[i].of_answered).p, 10);
		if (isnan(m[i].target))
			dd_buf_str(p->out, "   depends");
		else
			dd_buf_format(p->out, "    %c %2.0f %%", m[i].below ? '<' : '>',
			        100 * m[i].target);
		if (m[i].rate > 0)
			dd_buf_str(p->out, "  ");
		bar(p, m[i].rate, p->columns - 53);
		dd_buf_char(p->out, '\n');
	}
}

static void outcomes(const struct page *p)
{
	size_t numbers = 1;
	title(p, "How contacts end");
	for (int i = 0; i < DD_CONTACT_ENDS_COUNT; i++)
		numbers = widest(numbers, p->f->ends[i]);
	for (int i = 0; i < DD_CONTACT_ENDS_COUNT; i++)
		if (p->f->ends[i])
			row(p, dd_str(paper_ends[i][0]), 10, p->f->ends[i], numbers,
			        paper_rate(p->f->ends[i], p->f->contacts));
	if (p->f->contacts == 0)
		dd_buf_str(p->out, "  there are no contacts\n");
	if (p->f->machine_only)
		dd_buf_format(p->out, "  of %s only voicemail ever answered\n",
		        paper_number(p->f->machine_only).p);
}

static void attempts(const struct page *p)
{
	struct paper_attempt a[DD_ATTEMPTS_MAX];
	size_t n = paper_attempts(p->f, a), numbers = 7;
	if (n == 0)
		return;
	for (size_t i = 0; i < n; i++)
		numbers = widest(widest(numbers, a[i].calls), a[i].reached);
	title(p, "What attempts add");
	dd_buf_format(p->out, "  #   %*s  %*s   in all     gain\n", (int)numbers, "calls",
	        (int)numbers, "reached");
	for (size_t i = 0; i < n; i++) {
		dd_buf_format(p->out, "  %-2zu  ", i + 1);
		right(p->out, paper_number(a[i].calls).p, numbers);
		dd_buf_str(p->out, "  ");
		right(p->out, paper_number(a[i].reached).p, numbers);
		right(p->out, paper_percent(a[i].rate).p, 9);
		right(p->out, paper_percent(a[i].gain).p, 9);
		dd_buf_format(p->out, "%s%s%s\n", paint(p, a[i].not_worth ? YELLOW : ""),
		        a[i].not_worth ? "  not worth it" : "",
		        paint(p, a[i].not_worth ? PLAIN : ""));
	}
}

/* -- time ------------------------------------------------------------------- */

enum { HOURS_SHOWN = 36 };

static void traffic_head(const struct page *p, size_t names, size_t numbers)
{
	dd_buf_format(p->out, "  %*s  %*s  %*s    lines\n", (int)names, "", (int)numbers, "calls",
	        (int)numbers, "answered");
}

static void traffic(const struct page *p, const char *name, size_t names, uint64_t calls,
        uint64_t humans, size_t numbers, uint32_t peak, uint64_t most)
{
	size_t taken = 2 + names + 2 + numbers + 2 + numbers + 9 + 2;
	dd_buf_str(p->out, "  ");
	left(p->out, dd_str(name), names);
	dd_buf_str(p->out, "  ");
	right(p->out, paper_number(calls).p, numbers);
	dd_buf_str(p->out, "  ");
	right(p->out, paper_number(humans).p, numbers);
	right(p->out, peak < 100000 ? paper_number(peak).p : paper_short(peak).p, 9);
	if (calls)
		dd_buf_str(p->out, "  ");
	bar(p, paper_rate(calls, most), p->columns > taken ? p->columns - taken : 0);
	dd_buf_char(p->out, '\n');
}

static void quiet(const struct page *p, size_t n, const char *unit)
{
	if (n)
		dd_buf_format(p->out, "  %s%zu %s%s without calls%s\n", paint(p, DIM), n, unit,
		        n == 1 ? "" : "s", paint(p, PLAIN));
}

static void hours(const struct page *p, uint64_t most, size_t numbers)
{
	const struct dd_forecast *f = p->f;
	size_t silent = 0;
	bool begun = false;
	title(p, "Calls by the hour");
	traffic_head(p, 17, numbers);
	for (size_t i = 0; i < f->nhours; i++) {
		const struct dd_hour_tally *h = &f->hours[i];
		if (h->calls == 0) {
			silent++;
			continue;
		}
		if (begun)
			quiet(p, silent, "hour");
		struct dd_civil c = paper_civil(f->campaign->zone, paper_hour(f, i));
		struct dd_buf name = {0};
		dd_buf_format(&name, "%s, %02d:%02d",
		        paper_day(dd_days_of((struct dd_date){c.year, c.month, c.day}), true).p,
		        c.hour, c.minute);
		traffic(p, name.p, 17, h->calls, h->humans, numbers, h->peak, most);
		dd_buf_free(&name);
		silent = 0;
		begun = true;
	}
}

static void days(const struct page *p)
{
	size_t n, silent = 0, numbers = 8;
	struct paper_day_tally *d = paper_days(p->f, &n);
	uint64_t most = 0;
	for (size_t i = 0; i < n; i++) {
		most = d[i].calls > most ? d[i].calls : most;
		numbers = widest(numbers, d[i].calls);
	}
	title(p, "Calls by the day");
	traffic_head(p, 10, numbers);
	for (size_t i = 0; i < n; i++) {
		if (d[i].calls == 0) {
			silent++;
			continue;
		}
		quiet(p, silent, "day");
		traffic(p, paper_day(d[i].day, true).p, 10, d[i].calls, d[i].humans, numbers,
		        d[i].peak, most);
		silent = 0;
	}
	free(d);
}

static void timeline(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	size_t busy = 0, numbers = 8;
	uint64_t most = 0;
	for (size_t i = 0; i < f->nhours; i++) {
		busy += f->hours[i].calls > 0;
		most = f->hours[i].calls > most ? f->hours[i].calls : most;
		numbers = widest(numbers, f->hours[i].calls);
	}
	if (busy == 0)
		return;
	if (busy <= HOURS_SHOWN)
		hours(p, most, numbers);
	else
		days(p);
	dd_buf_format(p->out, "  at once at most %s, on average %s while it may call\n",
	        paper_number(f->peak).p, paper_decimal(f->mean).p);
}

/* -- within the calls ------------------------------------------------------- */

static void still_there(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	size_t numbers = 1;
	if (f->still_there[0] == 0)
		return;
	title(p, "Who still listens");
	numbers = widest(numbers, f->still_there[0]);
	for (int s = 0; s < DD_DROP_SECONDS; s += 10) {
		struct dd_buf name = {0};
		dd_buf_format(&name, "%3d s%s", s, s == 30 ? " *" : "");
		row(p, (struct dd_str){name.p, name.n}, 7, f->still_there[s], numbers,
		        paper_rate(f->still_there[s], f->still_there[0]));
		dd_buf_free(&name);
		if (f->still_there[s] == 0)
			break;
	}
	dd_buf_str(p->out, "  * a message should be over by then\n");
}

static void dropped(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	const struct dd_program *program = paper_program(f);
	size_t numbers = 1;
	if (!program || f->hung_up == 0)
		return;
	title(p, "Where they hang up");
	for (uint32_t i = 0; i < program->nsteps; i++)
		numbers = widest(numbers, paper_dropped_at(f, i));
	for (uint32_t i = 0; i < program->nsteps; i++) {
		struct dd_buf name = {0};
		if (paper_dropped_at(f, i) == 0)
			continue;
		paper_step(program, i, &name);
		row(p, (struct dd_str){name.p, name.n}, 26, paper_dropped_at(f, i), numbers,
		        paper_rate(paper_dropped_at(f, i), f->hung_up));
		dd_buf_free(&name);
	}
}

static void key_row(const struct page *p, const struct dd_menu_tally *m, int k, size_t numbers)
{
	const struct dd_program *program = paper_program(p->f);
	const struct dd_key *key = paper_key(program, m->step, k);
	struct dd_buf name = {0};
	if (!key && m->keys[k] == 0)
		return;
	dd_buf_format(&name, "%c  ", paper_keys[k]);
	if (key)
		paper_key_name(program, key, &name);
	if (key && (key->goal || key->opt_out)) {
		struct dd_buf short_name = {0};
		paper_clip(&short_name, (struct dd_str){name.p, name.n}, key->goal ? 19 : 16);
		dd_buf_format(&short_name, "%s", key->goal ? " (goal)" : " (opt-out)");
		dd_buf_free(&name);
		name = short_name;
	}
	row(p, (struct dd_str){name.p, name.n}, 26, m->keys[k], numbers,
	        paper_rate(m->keys[k], m->visits));
	dd_buf_free(&name);
}

static void menu(const struct page *p, const struct dd_menu_tally *m)
{
	struct dd_buf name = {0}, place = {0};
	size_t numbers = widest(1, m->visits);
	for (int k = 0; k < 12; k++)
		numbers = widest(numbers, m->keys[k]);
	for (int i = 0; i < PAPER_MENU_EXTRAS; i++)
		numbers = widest(numbers, paper_menu_extra(m, i));
	paper_step(paper_program(p->f), m->step, &place);
	paper_clip(&name, (struct dd_str){place.p, place.n}, 40);
	dd_buf_format(
	        &name, ": reached %s time%s", paper_number(m->visits).p, m->visits == 1 ? "" : "s");
	title(p, name.p);
	for (int k = 0; k < 12; k++)
		key_row(p, m, k, numbers);
	for (int i = 0; i < PAPER_MENU_EXTRAS; i++)
		if (paper_menu_extra(m, i))
			row(p, dd_str(paper_menu_words[i]), 26, paper_menu_extra(m, i), numbers,
			        paper_rate(paper_menu_extra(m, i), m->visits));
	dd_buf_free(&name);
	dd_buf_free(&place);
}

/* -- the rest --------------------------------------------------------------- */

static void fact(
        const struct page *p, const char *name, const char *format, const char *a, const char *b)
{
	dd_buf_format(p->out, "  %-13s ", name);
	dd_buf_format(p->out, "%s%s%s\n", a, format, b);
}

/* Whole words, so many columns; the next lines begin under the first. */
static void wrapped(const struct page *p, const char *name, const char *text)
{
	enum { INDENT = 16 };
	dd_buf_format(p->out, "  %-13s ", name);
	dd_buf_wrapped(p->out, dd_str(text), INDENT, INDENT, p->columns);
	dd_buf_char(p->out, '\n');
}

static void held(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	struct dd_buf text = {0};
	if (f->held_hours + f->held_cap + f->held_gap + f->held_law == 0)
		return;
	dd_buf_format(&text, "%s by calling hours, %s by caps, %s by the law",
	        paper_number(f->held_hours).p, paper_number(f->held_cap).p,
	        paper_number(f->held_law).p);
	if (f->held_gap)
		dd_buf_format(
		        &text, ", %s after another campaign's call", paper_number(f->held_gap).p);
	wrapped(p, "held back", text.p);
	dd_buf_free(&text);
}

static void ends_of_calls(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	struct dd_buf text = {0};
	dd_buf_format(&text, "%s hung up, %s dropped by the flow, %s cut by the time limit",
	        paper_number(f->hung_up).p, paper_number(f->dropped).p,
	        paper_number(f->time_limited).p);
	wrapped(p, "calls", text.p);
	dd_buf_free(&text);
}

/* Who wanted an agent, who got one, who had to wait and who did not. */
static void agents(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	const struct dd_agents_tally *a = &f->agents;
	double wait = paper_mean_wait_ms(f);
	struct dd_buf text = {0};
	if (!f->campaign->agents)
		return;
	title(p, "Agents");
	dd_buf_format(&text, "%s, busy %s of the time in which calls are made",
	        paper_number(f->campaign->agents).p, paper_percent(paper_occupancy(f)).p);
	wrapped(p, "agents", text.p);
	dd_buf_clear(&text);
	uint64_t told = a->talks + a->busy + a->no_answer + a->failed + a->abandoned + a->timed_out;
	dd_buf_format(&text, "%s: %s talked, %s busy, %s no answer, %s failed",
	        paper_number(a->wanted).p, paper_number(a->talks).p, paper_number(a->busy).p,
	        paper_number(a->no_answer).p, paper_number(a->failed).p);
	if (a->wanted > told)
		dd_buf_format(
		        &text, ", %s hung up while it rang", paper_number(a->wanted - told).p);
	wrapped(p, "wanted", text.p);
	dd_buf_clear(&text);
	dd_buf_str(&text, paper_number(a->waited).p);
	if (!isnan(wait))
		dd_buf_format(&text, ", on average %s, at most %s", paper_duration(llround(wait)).p,
		        paper_duration(f->agents_longest_wait).p);
	wrapped(p, "had to wait", text.p);
	dd_buf_clear(&text);
	dd_buf_format(&text, "%s hung up (%s of those who wanted one), %s went on without",
	        paper_number(a->abandoned).p, paper_percent(paper_abandonment(f)).p,
	        paper_number(a->timed_out).p);
	wrapped(p, "gave up", text.p);
	dd_buf_free(&text);
}

static void rest(const struct page *p)
{
	const struct dd_forecast *f = p->f;
	double mean = paper_mean_call_ms(f);
	title(p, "All calls together");
	fact(p, "talk", isnan(mean) ? "" : ", on average ",
	        paper_duration(f->call_ms > INT64_MAX ? INT64_MAX : (int64_t)f->call_ms).p,
	        isnan(mean) ? "" : paper_duration(llround(mean)).p);
	ends_of_calls(p);
	struct dd_buf more = {0};
	if (f->campaign->sms_if_unanswered || f->sms_unanswered)
		dd_buf_format(&more, " in calls, %s to those whom no call has reached",
		        paper_number(f->sms_unanswered).p);
	fact(p, "text messages", "", paper_number(f->sms).p, more.p ? more.p : "");
	dd_buf_free(&more);
	fact(p, "requests", f->errors ? ", failed: " : "", paper_number(f->requests).p,
	        f->errors ? paper_number(f->errors).p : "");
	if (paper_has_prices(f))
		fact(p, "cost", f->answered ? ", a contact that answered " : "",
		        paper_money(f->cost).p,
		        f->answered ? paper_money(f->cost / (double)f->answered).p : "");
	held(p);
	struct dd_buf sentence = {0};
	paper_bottleneck_sentence(f, &sentence);
	wrapped(p, "bottleneck", sentence.p);
	dd_buf_clear(&sentence);
	if (paper_advice(f, &sentence))
		wrapped(p, "advice", sentence.p);
	dd_buf_free(&sentence);
}

void dd_forecast_text(const struct dd_forecast *const *forecasts, size_t n,
        const struct dd_forecast_style *style, struct dd_buf *out)
{
	for (size_t i = 0; i < n; i++) {
		struct page p = {forecasts[i], out, columns_of(style), style->colour};
		dd_buf_str(out, i ? "\n\n" : "");
		head(&p);
		metrics(&p);
		outcomes(&p);
		attempts(&p);
		timeline(&p);
		still_there(&p);
		dropped(&p);
		for (size_t m = 0; m < p.f->nmenus; m++)
			menu(&p, &p.f->menus[m]);
		agents(&p);
		rest(&p);
	}
}
