/* A forecast for machines. */
#include <stdlib.h>

#include "campaign/papering.h"
#include "campaign/sharding.h"
#include "report/json.h"

static json_t *count(uint64_t n)
{
	return json_integer(n > INT64_MAX ? INT64_MAX : (json_int_t)n);
}

static json_t *rate(double x)
{
	return isfinite(x) ? json_real(x) : json_null();
}

static json_t *text(const char *t)
{
	return t ? dd_json_text(dd_str(t)) : json_null();
}

static json_t *instant(const struct dd_campaign *c, int64_t unix_ms, bool known)
{
	return known ? json_string(paper_rfc3339(c->zone, unix_ms).p) : json_null();
}

static void set(json_t *o, const char *key, json_t *value)
{
	json_object_set_new(o, key, value);
}

static json_t *metrics(const struct dd_forecast *f)
{
	struct paper_metric m[PAPER_METRICS];
	json_t *list = json_array();
	paper_metrics(f, m);
	for (int i = 0; i < PAPER_METRICS; i++) {
		json_t *o = json_object();
		set(o, "name", json_string(m[i].key));
		set(o, "meaning", json_string(m[i].meaning));
		set(o, "contacts", count(m[i].contacts));
		set(o, "rate", rate(m[i].rate));
		set(o, "rate_of_answered", rate(m[i].of_answered));
		set(o, "target", rate(m[i].target));
		set(o, "target_is",
		        isnan(m[i].target) ? json_null()
		                           : json_string(m[i].below ? "below" : "above"));
		set(o, "met",
		        m[i].met == PAPER_NOT_SAID ? json_null()
		                                   : json_boolean(m[i].met == PAPER_MET));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *funnel(const struct dd_forecast *f)
{
	struct paper_stage stages[PAPER_STAGES];
	json_t *list = json_array();
	paper_funnel(f, stages);
	for (int i = 0; i < PAPER_STAGES; i++) {
		json_t *o = json_object();
		set(o, "stage", json_string(stages[i].name));
		set(o, "contacts", count(stages[i].contacts));
		set(o, "share", rate(paper_rate(stages[i].contacts, f->contacts)));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *outcomes(const struct dd_forecast *f)
{
	json_t *list = json_array();
	for (int i = 0; i < DD_CONTACT_ENDS_COUNT; i++) {
		json_t *o = json_object();
		set(o, "outcome", json_string(paper_ends[i][0]));
		set(o, "meaning", json_string(paper_ends[i][1]));
		set(o, "contacts", count(f->ends[i]));
		set(o, "share", rate(paper_rate(f->ends[i], f->contacts)));
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *attempts(const struct dd_forecast *f)
{
	struct paper_attempt a[DD_ATTEMPTS_MAX];
	size_t n = paper_attempts(f, a);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		const struct dd_attempt_tally *t = &f->attempts[i];
		json_t *o = json_object();
		set(o, "attempt", json_integer((json_int_t)i + 1));
		set(o, "calls", count(t->calls));
		set(o, "reached", count(t->humans));
		set(o, "machines", count(t->machines));
		set(o, "busy", count(t->busy));
		set(o, "no_answer", count(t->no_answer));
		set(o, "failed", count(t->failed));
		set(o, "reached_total", count(a[i].reached_total));
		set(o, "reached_rate", rate(a[i].rate));
		set(o, "gain", rate(a[i].gain));
		set(o, "worth_it", i ? json_boolean(!a[i].not_worth) : json_null());
		json_array_append_new(list, o);
	}
	return list;
}

static void traffic(json_t *o, uint64_t calls, uint64_t humans, double mean, uint32_t peak)
{
	set(o, "calls", count(calls));
	set(o, "answered", count(humans));
	set(o, "answer_rate", rate(paper_rate(humans, calls)));
	set(o, "mean_lines", rate(mean));
	set(o, "peak_lines", json_integer(peak));
}

static json_t *hours(const struct dd_forecast *f)
{
	json_t *list = json_array();
	for (size_t i = 0; i < f->nhours; i++) {
		const struct dd_hour_tally *h = &f->hours[i];
		json_t *o = json_object();
		set(o, "from", instant(f->campaign, paper_hour(f, i), true));
		traffic(o, h->calls, h->humans, paper_lines(h->busy_ms, 1), h->peak);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *days(const struct dd_forecast *f)
{
	size_t n;
	struct paper_day_tally *d = paper_days(f, &n);
	json_t *list = json_array();
	for (size_t i = 0; i < n; i++) {
		json_t *o = json_object();
		struct dd_date date = dd_date_of(d[i].day);
		set(o, "date", json_sprintf("%04d-%02d-%02d", date.year, date.month, date.day));
		traffic(o, d[i].calls, d[i].humans, paper_lines(d[i].busy_ms, d[i].hours),
		        d[i].peak);
		json_array_append_new(list, o);
	}
	free(d);
	return list;
}

static json_t *heat(const struct dd_forecast *f)
{
	json_t *list = json_array();
	for (int day = 0; day < 7; day++)
		for (int hour = 0; hour < 24; hour++) {
			json_t *o = json_object();
			set(o, "weekday", json_string(paper_weekdays[day]));
			set(o, "hour", json_integer(hour));
			set(o, "calls", count(f->heat_calls[day][hour]));
			set(o, "answered", count(f->heat_humans[day][hour]));
			set(o, "answer_rate",
			        rate(paper_rate(
			                f->heat_humans[day][hour], f->heat_calls[day][hour])));
			json_array_append_new(list, o);
		}
	return list;
}

/* -- within the calls ------------------------------------------------------- */

static void place(json_t *o, const struct dd_program *p, uint32_t step)
{
	bool known = p && step < p->nsteps;
	set(o, "step", known ? text(p->steps[step].id) : json_null());
	set(o, "line", known ? json_integer(p->steps[step].line) : json_null());
	set(o, "file", known ? text(p->flows[p->steps[step].flow].path) : json_null());
	set(o, "applet", known ? json_string(dd_applet_name(p->steps[step].applet)) : json_null());
}

static json_t *drop_off(const struct dd_forecast *f)
{
	const struct dd_program *p = paper_program(f);
	json_t *o = json_object(), *steps = json_array(), *seconds = json_array();
	for (uint32_t i = 0; p && i < p->nsteps; i++) {
		json_t *s = json_object();
		place(s, p, i);
		set(s, "hung_up", count(paper_dropped_at(f, i)));
		set(s, "share", rate(paper_rate(paper_dropped_at(f, i), f->hung_up)));
		json_array_append_new(steps, s);
	}
	for (int i = 0; i < DD_DROP_SECONDS; i++) {
		json_t *s = json_object();
		set(s, "second", json_integer(i));
		set(s, "hung_up", count(f->drop_second[i]));
		set(s, "still_there", count(f->still_there[i]));
		set(s, "share", rate(paper_rate(f->still_there[i], f->still_there[0])));
		json_array_append_new(seconds, s);
	}
	set(o, "steps", steps);
	set(o, "seconds", seconds);
	return o;
}

static json_t *menu(const struct dd_program *p, const struct dd_menu_tally *m)
{
	json_t *o = json_object(), *keys = json_array();
	place(o, p, m->step);
	set(o, "visits", count(m->visits));
	for (int k = 0; k < 12; k++) {
		const struct dd_key *key = paper_key(p, m->step, k);
		struct dd_buf answer = {0};
		json_t *one = json_object();
		if (key)
			paper_answer(p, key, &answer);
		set(one, "key", json_sprintf("%c", paper_keys[k]));
		set(one, "in_use", json_boolean(key != NULL));
		set(one, "answer",
		        key ? dd_json_text((struct dd_str){answer.p, answer.n}) : json_null());
		set(one, "goal", json_boolean(key && key->goal));
		set(one, "opt_out", json_boolean(key && key->opt_out));
		set(one, "pressed", count(m->keys[k]));
		set(one, "share", rate(paper_rate(m->keys[k], m->visits)));
		json_array_append_new(keys, one);
		dd_buf_free(&answer);
	}
	set(o, "keys", keys);
	for (int i = 0; i < PAPER_MENU_EXTRAS; i++) {
		json_t *one = json_object();
		set(one, "times", count(paper_menu_extra(m, i)));
		set(one, "share", rate(paper_rate(paper_menu_extra(m, i), m->visits)));
		set(o, paper_menu_extras[i], one);
	}
	return o;
}

static json_t *menus(const struct dd_forecast *f)
{
	json_t *list = json_array();
	for (size_t i = 0; i < f->nmenus; i++)
		json_array_append_new(list, menu(paper_program(f), &f->menus[i]));
	return list;
}

static json_t *talk(const struct dd_forecast *f)
{
	json_t *o = json_object();
	set(o, "calls_ms", count(f->call_ms));
	set(o, "ringing_ms", count(f->ring_ms));
	set(o, "mean_call_ms", rate(paper_mean_call_ms(f)));
	set(o, "hung_up", count(f->hung_up));
	set(o, "dropped", count(f->dropped));
	set(o, "time_limited", count(f->time_limited));
	set(o, "machine_only_contacts", count(f->machine_only));
	return o;
}

static json_t *agents(const struct dd_forecast *f)
{
	const struct dd_agents_tally *a = &f->agents;
	json_t *o = json_object();
	set(o, "agents", count(f->campaign->agents));
	set(o, "occupancy", rate(paper_occupancy(f)));
	set(o, "busy_ms", count(a->busy_ms));
	set(o, "wanted", count(a->wanted));
	set(o, "talks", count(a->talks));
	set(o, "busy", count(a->busy));
	set(o, "no_answer", count(a->no_answer));
	set(o, "failed", count(a->failed));
	set(o, "waited", count(a->waited));
	set(o, "abandoned", count(a->abandoned));
	set(o, "timed_out", count(a->timed_out));
	set(o, "abandonment", rate(paper_abandonment(f)));
	set(o, "mean_wait_ms", rate(paper_mean_wait_ms(f)));
	set(o, "longest_wait_ms", json_integer(f->agents_longest_wait));
	return o;
}

/* -- the dialler ------------------------------------------------------------ */

static json_t *waiting(const struct dd_forecast *f)
{
	static const char *const keys[PAPER_CAUSES] = {
	        "concurrency_ms", "throttle_ms", "retry_interval_ms", "calling_hours_ms"};
	static const char *const names[PAPER_CAUSES] = {
	        "concurrency", "throttle", "retry_interval", "calling_hours"};
	struct dd_buf sentence = {0};
	int most = paper_bottleneck(f);
	json_t *o = json_object();
	for (int i = 0; i < PAPER_CAUSES; i++)
		set(o, keys[i], count((uint64_t)paper_waited(f, i)));
	paper_bottleneck_sentence(f, &sentence);
	set(o, "bottleneck", most < 0 ? json_null() : json_string(names[most]));
	set(o, "sentence", json_string(sentence.p));
	dd_buf_free(&sentence);
	return o;
}

static json_t *cost(const struct dd_forecast *f)
{
	const struct dd_campaign *c = f->campaign;
	if (!paper_has_prices(f))
		return json_null();
	json_t *o = json_object();
	set(o, "total", rate(f->cost));
	set(o, "per_answered_contact",
	        rate(f->answered ? f->cost / (double)f->answered : (double)NAN));
	set(o, "price_minute", rate(c->price_minute));
	set(o, "price_pulse_s", rate(c->price_pulse_s));
	set(o, "price_sms", rate(c->price_sms));
	set(o, "price_call", rate(c->price_call));
	return o;
}

static json_t *held(const struct dd_forecast *f)
{
	json_t *o = json_object();
	set(o, "hours", count(f->held_hours));
	set(o, "cap", count(f->held_cap));
	set(o, "gap", count(f->held_gap));
	set(o, "law", count(f->held_law));
	return o;
}

static void head(const struct dd_forecast *f, json_t *o)
{
	const struct dd_campaign *c = f->campaign;
	set(o, "campaign", text(c->name));
	set(o, "file", text(c->path));
	set(o, "time_zone", json_string(paper_zone_name(c->zone)));
	set(o, "finished", json_boolean(paper_finished(f)));
	set(o, "interrupted", json_boolean(f->interrupted));
	set(o, "contacts", count(f->contacts));
	set(o, "dialled", count(f->dialled));
	set(o, "calls", count(f->calls));
	set(o, "first_call", instant(c, f->first_call, f->calls > 0));
	set(o, "last_end", instant(c, f->last_end, f->calls > 0));
	set(o, "lasted_ms", f->calls ? json_integer(f->last_end - f->first_call) : json_null());
	set(o, "open_ms", json_integer(f->open_ms));
	set(o, "peak_lines", json_integer(f->peak));
	set(o, "mean_lines", rate(f->mean));
}

static json_t *forecast(const struct dd_forecast *f)
{
	json_t *o = json_object();
	head(f, o);
	set(o, "metrics", metrics(f));
	set(o, "funnel", funnel(f));
	set(o, "outcomes", outcomes(f));
	set(o, "attempts", attempts(f));
	set(o, "talk", talk(f));
	if (f->campaign->agents)
		set(o, "agents", agents(f));
	set(o, "drop_off", drop_off(f));
	set(o, "menus", menus(f));
	set(o, "sms", count(f->sms));
	set(o, "sms_unanswered", count(f->sms_unanswered));
	struct dd_buf advice = {0};
	set(o, "advice", paper_advice(f, &advice) ? json_string(advice.p) : json_null());
	dd_buf_free(&advice);
	set(o, "requests", count(f->requests));
	set(o, "request_errors", count(f->errors));
	set(o, "cost", cost(f));
	set(o, "held_back", held(f));
	set(o, "waiting", waiting(f));
	set(o, "hours", hours(f));
	set(o, "days", days(f));
	set(o, "heat", heat(f));
	if (f->shard.of)
		set(o, "shard", shard_json(f));
	return o;
}

/* 15 digits: as many as a double surely has, so that 0.1 stays 0.1. */
void paper_json(
        const struct dd_forecast *const *forecasts, size_t n, size_t flags, struct dd_buf *out)
{
	json_t *root = json_array();
	for (size_t i = 0; i < n; i++)
		json_array_append_new(root, forecast(forecasts[i]));
	dd_json_print(root, flags | JSON_REAL_PRECISION(15), out);
}

void dd_forecast_json(const struct dd_forecast *const *forecasts, size_t n, struct dd_buf *out)
{
	paper_json(forecasts, n, JSON_INDENT(2), out);
}
