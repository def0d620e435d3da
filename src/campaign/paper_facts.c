/* What a forecast comes to: each figure that is not counted but worked out is worked out here,
 * once. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "campaign/papering.h"

enum { HALF_HOUR_MS = 30 * 60 * 1000 };

const char *const paper_causes[PAPER_CAUSES] = {
        "concurrency", "throttle", "retry interval", "calling hours"};
const char paper_keys[13] = "0123456789*#";
const char *const paper_menu_extras[PAPER_MENU_EXTRAS] = {
        "numbers", "invalid", "silence", "tries_used_up"};
const char *const paper_menu_words[PAPER_MENU_EXTRAS] = {
        "a number", "a wrong key", "no key in time", "tries used up"};
const char *const paper_ends[DD_CONTACT_ENDS_COUNT][2] = {
#define X(NAME, text, meaning) {text, meaning},
        DD_CONTACT_ENDS(X)
#undef X
};

double paper_rate(uint64_t part, uint64_t whole)
{
	return whole ? (double)part / (double)whole : (double)NAN;
}

/* -- metrics ---------------------------------------------------------------- */

static void met(const struct dd_forecast *f, struct paper_metric *m, uint64_t contacts)
{
	m->contacts = contacts;
	m->rate = paper_rate(contacts, f->dialled);
	m->of_answered = paper_rate(contacts, f->answered);
	m->shown = isnan(m->target) ? paper_percent(m->rate)
	                            : paper_percent_beside(m->rate, m->target);
	if (isnan(m->target) || isnan(m->rate))
		m->met = PAPER_NOT_SAID;
	else
		m->met = (m->below ? m->rate < m->target : m->rate > m->target) ? PAPER_MET
		                                                                : PAPER_MISSED;
}

void paper_metrics(const struct dd_forecast *f, struct paper_metric out[PAPER_METRICS])
{
	out[0] = (struct paper_metric){.key = "delivery",
	        .label = "Delivery",
	        .meaning = "a person answered",
	        .target = 0.5};
	out[1] = (struct paper_metric){.key = "completion",
	        .label = "Completion",
	        .meaning = "heard the whole message",
	        .target = 0.4};
	out[2] = (struct paper_metric){.key = "ivr_response",
	        .label = "IVR response",
	        .meaning = "pressed a key",
	        .target = 0.3};
	out[3] = (struct paper_metric){.key = "action",
	        .label = "Action",
	        .meaning = "did what was wanted",
	        .target = (double)NAN};
	out[4] = (struct paper_metric){.key = "opt_out",
	        .label = "Opt-out",
	        .meaning = "wants no more calls",
	        .target = 0.02,
	        .below = true};
	const uint64_t counts[PAPER_METRICS] = {
	        f->answered, f->completed, f->responded, f->acted, f->opted_out};
	for (int i = 0; i < PAPER_METRICS; i++)
		met(f, &out[i], counts[i]);
}

bool dd_forecast_floor_parse(const char *text, struct dd_forecast_floor *out)
{
	static const struct dd_forecast nothing;
	struct paper_metric metrics[PAPER_METRICS];
	char *end;
	*out = (struct dd_forecast_floor){.metric = -1};
	if (strcmp(text, "targets") == 0)
		return true;
	paper_metrics(&nothing, metrics);
	const char *equals = strchr(text, '=');
	size_t n = equals ? (size_t)(equals - text) : 0;
	for (int i = 0; equals && i < PAPER_METRICS; i++)
		if (strlen(metrics[i].key) == n && strncmp(metrics[i].key, text, n) == 0)
			out->metric = i;
	if (out->metric < 0 || equals[1] < '0' || equals[1] > '9')
		return false;
	out->rate = strtod(equals + 1, &end) / 100;
	return strcmp(end, "%") == 0 && out->rate >= 0 && out->rate <= 1;
}

bool dd_forecast_falls_short(
        const struct dd_forecast *f, const struct dd_forecast_floor *floor, struct dd_buf *out)
{
	struct paper_metric metrics[PAPER_METRICS];
	bool any = false;
	paper_metrics(f, metrics);
	for (int i = 0; i < PAPER_METRICS; i++) {
		const struct paper_metric *m = &metrics[i];
		double wanted = floor->metric < 0 ? m->target : floor->rate;
		if ((floor->metric >= 0 && floor->metric != i) || isnan(wanted))
			continue;
		/* of what was asked for, reaching it is enough; the source's targets are passed */
		bool reached = floor->metric < 0 ? m->met == PAPER_MET
		        : m->below               ? m->rate <= wanted
		                                 : m->rate >= wanted;
		if (reached)
			continue;
		any = true;
		if (isnan(m->rate))
			dd_buf_format(out, "%s: nobody was called\n", m->key);
		else
			dd_buf_format(out, "%s is %s, and %s %g %% %s\n", m->key,
			        paper_percent_beside(m->rate, wanted).p,
			        m->below                    ? "at most"
			                : floor->metric < 0 ? "more than"
			                                    : "at least",
			        wanted * 100,
			        floor->metric < 0 ? "is the target" : "was asked for");
	}
	return any;
}

bool dd_forecast_is_of_nobody(const struct dd_forecast *f)
{
	uint64_t never = f->ends[DD_END_INVALID] + f->ends[DD_END_DUPLICATE] + f->ends[DD_END_DND] +
	        f->ends[DD_END_NO_CONSENT];
	return f->contacts > 0 && f->dialled == 0 && never == f->contacts;
}

void paper_funnel(const struct dd_forecast *f, struct paper_stage out[PAPER_STAGES])
{
	const struct paper_stage stages[PAPER_STAGES] = {{"contacts", f->contacts},
	        {"dialled", f->dialled}, {"answered", f->answered}, {"completed", f->completed},
	        {"responded", f->responded}, {"acted", f->acted}};
	for (int i = 0; i < PAPER_STAGES; i++)
		out[i] = stages[i];
}

size_t paper_attempts(const struct dd_forecast *f, struct paper_attempt out[DD_ATTEMPTS_MAX])
{
	uint64_t total = 0, first = f->attempts[0].calls;
	size_t n = 0;
	for (size_t i = 0; i < DD_ATTEMPTS_MAX; i++) {
		const struct dd_attempt_tally *t = &f->attempts[i];
		double before = paper_rate(total, first);
		total += t->humans;
		out[i] = (struct paper_attempt){t->calls, t->humans, total, before,
		        paper_rate(total, first), paper_rate(t->humans, first), false};
		out[i].not_worth = i > 0 && t->calls > 0 && out[i].gain < PAPER_WORTH;
		n = t->calls ? i + 1 : n;
	}
	return n;
}

/* -- time ------------------------------------------------------------------- */

int64_t paper_hour(const struct dd_forecast *f, size_t i)
{
	return f->first_hour + (int64_t)i * 3600000;
}

double paper_lines(uint64_t busy_ms, uint64_t hours)
{
	return hours ? (double)busy_ms / ((double)hours * 3600000.0) : 0;
}

struct paper_day_tally *paper_days(const struct dd_forecast *f, size_t *n)
{
	struct paper_day_tally *days = NULL;
	size_t cap = 0;
	*n = 0;
	for (size_t i = 0; i < f->nhours; i++) {
		const struct dd_hour_tally *h = &f->hours[i];
		struct dd_civil c = paper_civil(f->campaign->zone, paper_hour(f, i));
		int64_t day = dd_days_of((struct dd_date){c.year, c.month, c.day});
		if (*n == 0 || days[*n - 1].day != day)
			DD_PUSH(days, *n, cap) = (struct paper_day_tally){.day = day};
		struct paper_day_tally *d = &days[*n - 1];
		d->calls += h->calls;
		d->humans += h->humans;
		d->busy_ms += h->busy_ms;
		d->peak = h->peak > d->peak ? h->peak : d->peak;
		d->hours++;
	}
	return days;
}

bool paper_advice(const struct dd_forecast *f, struct dd_buf *out)
{
	struct paper_metric metrics[PAPER_METRICS];
	const struct dd_audience *a = f->campaign->audience;
	if (!a || a->caller_known)
		return false;
	paper_metrics(f, metrics);
	double now = dd_audience_reach(a, f->campaign->max_attempts, false),
	       then = dd_audience_reach(a, f->campaign->max_attempts, true);
	if (metrics[0].met != PAPER_MISSED || now <= 0)
		return false;
	double rate = metrics[0].rate * then / now;
	dd_buf_format(out,
	        "Few answer a caller whom they do not know. Enable Truecaller Verification: with a "
	        "name shown about %s would answer, not %s (%g times as many answers assumed).",
	        paper_percent(rate < 1 ? rate : 1).p, metrics[0].shown.p, a->known_caller);
	return true;
}

bool paper_finished(const struct dd_forecast *f)
{
	return f->finished && !f->interrupted && f->ends[DD_END_PENDING] == 0;
}

double paper_mean_call_ms(const struct dd_forecast *f)
{
	uint64_t taken = 0; /* by people: voicemail's seconds are in no talk */
	for (size_t i = 0; i < DD_ATTEMPTS_MAX; i++)
		taken += f->attempts[i].humans;
	return taken ? (double)f->call_ms / (double)taken : (double)NAN;
}

double paper_mean_wait_ms(const struct dd_forecast *f)
{
	const struct dd_agents_tally *a = &f->agents;
	return a->waited ? (double)a->wait_ms / (double)a->waited : (double)NAN;
}

double paper_abandonment(const struct dd_forecast *f)
{
	return paper_rate(f->agents.abandoned, f->agents.wanted);
}

/* A talk may go on behind the closing time, so that the quotient can pass 1 by a little. */
double paper_occupancy(const struct dd_forecast *f)
{
	if (f->open_ms <= 0 || !f->campaign->agents)
		return (double)NAN;
	return fmin(1, (double)f->agents.busy_ms / (double)f->open_ms / f->campaign->agents);
}

/* -- what was waited for ---------------------------------------------------- */

int64_t paper_waited(const struct dd_forecast *f, int cause)
{
	const int64_t waited[PAPER_CAUSES] = {
	        f->waited_concurrency, f->waited_throttle, f->waited_retry, f->waited_window};
	return waited[cause] > 0 ? waited[cause] : 0;
}

int paper_bottleneck(const struct dd_forecast *f)
{
	int most = 0;
	for (int i = 1; i < PAPER_CAUSES; i++)
		most = paper_waited(f, i) > paper_waited(f, most) ? i : most;
	return paper_waited(f, most) > 0 ? most : -1;
}

static void limit_words(
        uint32_t own, uint32_t account, const char *unit, struct dd_shard shard, struct dd_buf *out)
{
	bool accounts = account && (!own || account < own);
	uint32_t limit = accounts ? account : own;
	if (limit)
		dd_buf_format(out, " (%s %s%s)", paper_number(limit).p, unit,
		        accounts ? ", the account's" : "");
	if (limit && shard.of > 1)
		dd_buf_format(out, " of all %u shards together", shard.of);
}

static void cause_words(const struct dd_forecast *f, int cause, struct dd_buf *out)
{
	const struct dd_campaign *c = f->campaign;
	if (cause == 0) {
		dd_buf_str(out, "the lines");
		limit_words(c->concurrency, c->account_concurrency, "at once", f->shard, out);
	} else if (cause == 1) {
		dd_buf_str(out, "the throttle");
		limit_words(c->throttle, c->account_throttle, "calls a minute", f->shard, out);
	} else if (cause == 2) {
		dd_buf_str(out, "the wait before a retry");
		if (c->mechanism != DD_WAIT_TIMES && c->interval > 0)
			dd_buf_format(out, " (%s)", paper_duration(c->interval).p);
	} else {
		dd_buf_str(out, "the calling hours");
	}
}

/* What would end it sooner. A wait of half an hour or less is not to be made shorter: campaign
 * check warns of such (rule interval-short), for a line that is busy is busy for a while. */
static const char *advice_on(const struct dd_forecast *f, int cause)
{
	const struct dd_campaign *c = f->campaign;
	static const char *const advice[PAPER_CAUSES] = {"more lines would end it sooner",
	        "more calls a minute would end it sooner",
	        "a shorter wait, or fewer attempts, would end it sooner",
	        "longer hours, where the law has them, or more days would end it sooner"};
	bool least = cause == 2 && c->mechanism != DD_WAIT_TIMES && c->interval <= HALF_HOUR_MS;
	return least ? "fewer attempts would end it sooner" : advice[cause];
}

void paper_bottleneck_sentence(const struct dd_forecast *f, struct dd_buf *out)
{
	int cause = paper_bottleneck(f);
	double all = 0;
	if (cause < 0) {
		dd_buf_str(out, "Nothing kept calls waiting.");
		return;
	}
	for (int i = 0; i < PAPER_CAUSES; i++)
		all += (double)paper_waited(f, i);
	dd_buf_str(out, "Calls waited longest for ");
	cause_words(f, cause, out);
	dd_buf_format(out, ", %s of all waiting: %s.",
	        paper_percent((double)paper_waited(f, cause) / all).p, advice_on(f, cause));
}

/* -- money ------------------------------------------------------------------ */

bool paper_has_prices(const struct dd_forecast *f)
{
	const struct dd_campaign *c = f->campaign;
	return c->price_minute > 0 || c->price_sms > 0 || c->price_call > 0;
}

/* -- the flow --------------------------------------------------------------- */

const struct dd_program *paper_program(const struct dd_forecast *f)
{
	return f->campaign->program;
}

uint64_t paper_dropped_at(const struct dd_forecast *f, uint32_t step)
{
	return f->drop_step ? f->drop_step[step] : 0;
}

void paper_step(const struct dd_program *p, uint32_t step, struct dd_buf *out)
{
	if (!p || step >= p->nsteps) {
		dd_buf_str(out, "elsewhere");
		return;
	}
	dd_buf_format(
	        out, "line %u %s", p->steps[step].line, dd_applet_name(p->steps[step].applet));
	if (p->steps[step].id)
		dd_buf_format(out, " %s", p->steps[step].id);
}

const struct dd_key *paper_key(const struct dd_program *p, uint32_t step, int key)
{
	if (!p || step >= p->nsteps || p->steps[step].applet != DD_IVR)
		return NULL;
	uint32_t index = p->steps[step].ivr.by_key[key];
	return index == DD_NONE ? NULL : &p->keys[index];
}

void paper_answer(const struct dd_program *p, const struct dd_key *key, struct dd_buf *out)
{
	if (key->answer ==
	        DD_NONE) { /* the flow gives the key no name: its answer is the key itself */
		dd_buf_add(out, &key->key, 1);
		return;
	}
	const struct dd_template *t = &p->templates[key->answer];
	for (uint32_t i = t->first; i < t->first + t->n; i++) {
		const struct dd_part *part = &p->parts[i];
		if (part->slot == DD_NONE)
			dd_buf_add(out, part->text.p, part->text.n);
		else
			dd_buf_format(out, "{%s}", p->slots[part->slot].name);
	}
}

void paper_key_name(const struct dd_program *p, const struct dd_key *key, struct dd_buf *out)
{
	struct dd_buf answer = {0};
	paper_answer(p, key, &answer);
	if (answer.n != 1 || answer.p[0] != key->key)
		dd_buf_add(out, answer.p, answer.n);
	dd_buf_free(&answer);
}

uint64_t paper_menu_extra(const struct dd_menu_tally *m, int extra)
{
	const uint64_t counts[PAPER_MENU_EXTRAS] = {
	        m->numbers, m->invalid, m->silence, m->tries_used_up};
	return counts[extra];
}
