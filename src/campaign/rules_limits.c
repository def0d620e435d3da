/* Rules about how many and how often, and what can be reckoned of a campaign without simulating it.
 */
#include <stdio.h>
#include <string.h>

#include "campaign/ruling.h"

#define MINUTE_MS 60000
enum {
	UNKNOWN_CALL_MS = 30000,
	THINK_MS = 2000,
	ELSE_MS = 1000,
};

/* -- reckoning -------------------------------------------------------------- */

/* Where a customer goes on who does what the call is for. */
static uint32_t target_of(const struct dd_program *p, const struct dd_ivr *ivr)
{
	for (uint32_t k = 0; k < ivr->nkeys; k++)
		if (p->keys[ivr->first_key + k].goal)
			return p->keys[ivr->first_key + k].target;
	return ivr->nkeys ? p->keys[ivr->first_key].target : ivr->otherwise;
}

/* A call to its goal, each step once. */
static dd_ms call_length(const struct dd_program *p, const dd_ms *prompt_ms)
{
	dd_ms sum = 0;
	uint32_t at = p->flows[0].start;
	for (uint32_t n = 0; at < p->nsteps && n < p->nsteps; n++) {
		const struct dd_step *step = &p->steps[at];
		at = step->next;
		if (step->applet == DD_GREETING) {
			sum += prompt_ms[step->greeting.prompt] *
			        (step->greeting.loop ? step->greeting.loop : 1);
		} else if (step->applet == DD_IVR) {
			sum += prompt_ms[step->ivr.prompt] + THINK_MS;
			at = target_of(p, &step->ivr);
		} else if (step->applet == DD_PASSTHRU) {
			sum += ELSE_MS;
		} else if (step->applet == DD_CONNECT) {
			sum += DD_PARTY_RING_MS + DD_PARTY_TALK_MS;
			at = step->connect.exits[DD_PARTY_ANSWERED];
		} else if (step->applet == DD_RECORD) {
			sum += DD_PARTY_RING_MS;
		} else if (step->applet == DD_BRANCH) {
			at = step->branch.ncases ? p->cases[step->branch.first_case].target
			                         : step->branch.otherwise;
		} else if (step->applet == DD_HOURS) {
			at = step->hours.then;
		} else if (step->applet == DD_GOTO) {
			at = step->target;
		} else if (step->applet == DD_TRANSFER) {
			at = p->flows[step->target].start;
		} else if (step->applet == DD_HANGUP) {
			break;
		}
	}
	return sum;
}

static dd_ms talk_ms(const struct dd_campaign *campaign, const struct dd_campaign_check_options *o)
{
	dd_ms ms = o->call_ms                       ? o->call_ms
	        : campaign->program && o->prompt_ms ? call_length(campaign->program, o->prompt_ms)
	                                            : UNKNOWN_CALL_MS;
	return ms < campaign->time_limit ? ms : campaign->time_limit;
}

static uint32_t least(uint32_t a, uint32_t b)
{
	return a == 0 || (b && b < a) ? b : a;
}

/* Contacts that may be called; the rest is refused before any call. */
static double callable(const struct dd_campaign *campaign)
{
	uint64_t n = 0;
	for (uint32_t i = 0; i < campaign->people->n; i++)
		n += !(campaign->people->list[i].flags & (DD_PERSON_INVALID | DD_PERSON_DUPLICATE));
	return (double)n;
}

struct dd_campaign_reckoning dd_campaign_reckon(
        const struct dd_campaign *campaign, const struct dd_campaign_check_options *options)
{
	static const struct dd_campaign_check_options none;
	const struct dd_audience *a = campaign->audience;
	const struct dd_campaign_check_options *o = options ? options : &none;
	double left = 1, calls = 0, line = 0, silent = 1 - a->busy - a->failed;
	double again = (campaign->retry_on & DD_RETRY_BUSY ? a->busy : 0) +
	        (campaign->retry_on & DD_RETRY_FAILED ? a->failed : 0) +
	        (campaign->retry_on & DD_RETRY_NO_ANSWER ? silent : 0);
	double missed_ms = a->busy * (double)a->busy_after + a->failed * (double)a->failed_after +
	        silent * (double)campaign->ring_timeout;
	double answered_ms = (double)a->ring_mean + (double)talk_ms(campaign, o);
	for (int i = 0; i < campaign->max_attempts; i++) {
		calls += left;
		line += left * (a->answer[i] * answered_ms + (1 - a->answer[i]) * missed_ms);
		left *= (1 - a->answer[i]) * again;
	}
	struct dd_campaign_reckoning r = {
	        .calls = calls * callable(campaign), .line_ms = line / calls};
	uint32_t lines = least(campaign->concurrency, campaign->account_concurrency),
	         a_minute = least(campaign->throttle, campaign->account_throttle);
	double by_lines = lines ? r.calls * r.line_ms / lines : 0,
	       by_throttle = a_minute ? r.calls * MINUTE_MS / a_minute : 0;
	r.needed_ms = by_lines > by_throttle ? by_lines : by_throttle;
	return r;
}

/* -- limits ----------------------------------------------------------------- */

void campaign_rule_concurrency_over_account(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	if (x->account_concurrency && x->concurrency > x->account_concurrency)
		rule_find(c, x->places.concurrency, "reduce it, or ask the platform for more lines",
		        "%u calls at once, and the account has %u", x->concurrency,
		        x->account_concurrency);
}

void campaign_rule_throttle_over_account(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	if (x->account_throttle && x->throttle > x->account_throttle)
		rule_find(c, x->places.throttle,
		        "reduce it; \"account: { throttle: … }\" says what yours may",
		        "%u calls a minute, and the account may make %u", x->throttle,
		        x->account_throttle);
}

/* "5,000" */
static const char *with_thousands(long n, char room[32])
{
	(void)snprintf(room, 32, n < 1000 ? "%ld" : "%ld,%03ld", n < 1000 ? n : n / 1000, n % 1000);
	return room;
}

void campaign_rule_list_too_long(struct campaign_checking *c)
{
	char room[32];
	const struct dd_campaign *x = c->campaign;
	if ((long)x->people->n > c->now.settings[0])
		rule_find(c, x->places.contacts.end ? x->places.contacts : x->places.numbers,
		        "split the list into several campaigns",
		        "%u numbers, and the platform takes %s in one campaign", x->people->n,
		        with_thousands(c->now.settings[0], room));
}

void campaign_rule_attempts_over_limit(struct campaign_checking *c)
{
	long most = c->now.settings[0];
	if (c->campaign->max_attempts > most)
		rule_find(c, c->campaign->places.attempts,
		        dd_arena_format(c->diags->arena,
		                "at most %ld: the first call and %ld retries", most, most - 1),
		        "%d calls to a number are %d retries, and the platform makes %ld",
		        c->campaign->max_attempts, c->campaign->max_attempts - 1, most - 1);
}

void campaign_rule_interval_short(struct campaign_checking *c)
{
	const struct dd_campaign *x = c->campaign;
	if (x->max_attempts > 1 && x->mechanism != DD_WAIT_TIMES &&
	        x->interval < c->now.settings[0])
		rule_find(c, x->places.interval,
		        dd_arena_format(c->diags->arena, "at least %ld minutes",
		                c->now.settings[0] / MINUTE_MS),
		        "%lld minutes between two calls to a number",
		        (long long)(x->interval / MINUTE_MS));
}
