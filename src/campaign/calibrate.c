/* Counting, and one small iteration: who is silent at a menu leaves no trace in a log but that the
 * call has fewer keys than tries. */
#include "campaign/calibrate.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/clock.h"
#include "campaign/log.h"
#include "campaign/review.h"

enum {
	LATER_MS = 30000,
	DAY_MS = 86400000,
	HOUR_MS = 3600000,
	ATTEMPTS = 10,
	MOST_WRONG = 11,
	ROUNDS = 200,
	TELLING = 30 /* calls of an hour, to tell it from chance */
};

/* -- intervals -------------------------------------------------------------- */

/* Wilson's, at 95 %. */
struct dd_fitted dd_fitted_share(double k, double n)
{
	const double z = 1.959964;
	if (n < 0.5)
		return (struct dd_fitted){0, 0, 1, 0};
	double p = k / n, z2 = z * z / n, middle = (p + z2 / 2) / (1 + z2),
	       half = z * sqrt(p * (1 - p) / n + z2 / (4 * n)) / (1 + z2);
	return (struct dd_fitted){p, middle - half > 0 ? middle - half : 0,
	        middle + half < 1 ? middle + half : 1, (uint64_t)n};
}

/* A rate: `k` events in `exposure`. */
static struct dd_fitted rate(double k, double exposure)
{
	if (exposure <= 0)
		return (struct dd_fitted){0, 0, 0, 0};
	double value = k / exposure, half = 1.959964 * sqrt(k > 0 ? k : 1) / exposure;
	return (struct dd_fitted){
	        value, value - half > 0 ? value - half : 0, value + half, (uint64_t)k};
}

/* The chance that a chi-square of so many degrees is larger (Wilson and Hilferty). */
static double tail(double chi2, uint32_t degrees)
{
	if (degrees == 0)
		return 1;
	double k = degrees, t = (cbrt(chi2 / k) - (1 - 2 / (9 * k))) / sqrt(2 / (9 * k));
	return 0.5 * erfc(t / sqrt(2));
}
/* -- the log ---------------------------------------------------------------- */

struct counts {
	const struct dd_program *program;
	const struct dd_zone *zone;
	struct dd_calibration *out;
	struct dd_log log;
	uint64_t calls[ATTEMPTS][7][24], answered[ATTEMPTS][7][24];
	uint64_t unanswered, busy, failed, humans, machines;
	double ring_sum, ring_n, ring_min;
	double early_s, late_s, early_n, late_n; /* seconds listened, and who hung up in them */
	uint64_t answers[12], by_wrong[MOST_WRONG],
	        gave_up[MOST_WRONG]; /* of calls that answered, and that did not, by their wrong
	                                keys */
};

static struct dd_str field(
        const struct counts *c, const struct dd_list_row *r, enum dd_log_column k)
{
	return dd_log_field(&c->log, r, k);
}

/* Seconds with decimals, as ms; -1: nothing, or nonsense. */
static double number(struct dd_str text)
{
	char room[32], *end;
	if (text.n == 0 || text.n >= sizeof room)
		return -1;
	memcpy(room, text.p, text.n);
	room[text.n] = '\0';
	double value = strtod(room, &end);
	return *end || !(value >= 0) || value > 1e7 ? -1 : value;
}

/* "71,2": key 7 was wrong, 1 was the first menu's answer. */
static void count_keys(struct counts *c, struct dd_str response, bool gave_up)
{
	const struct dd_ivr *ivr = &c->program->steps[c->out->menu].ivr;
	size_t wrong = 0;
	for (size_t i = 0; i < response.n && response.p[i] != ','; i++) {
		int key = dd_key_index(response.p[i]);
		if (key >= 0 && ivr->by_key[key] != DD_NONE) {
			c->answers[key]++;
			c->by_wrong[wrong < MOST_WRONG ? wrong : MOST_WRONG - 1]++;
			return;
		}
		wrong++;
	}
	if (gave_up)
		c->gave_up[wrong < MOST_WRONG ? wrong : MOST_WRONG - 1]++;
}

static void count_talk(struct counts *c, const struct dd_list_row *r)
{
	struct dd_str by = field(c, r, DD_LOG_ANSWERED_BY), ended = field(c, r, DD_LOG_ENDED_BY),
	              response = field(c, r, DD_LOG_RESPONSE);
	double ring = number(field(c, r, DD_LOG_RINGING)),
	       lasted = number(field(c, r, DD_LOG_DURATION));
	bool machine = dd_log_is(by, "machine");
	c->machines += machine;
	c->humans += !machine;
	if (ring >= 0) {
		c->ring_sum += ring;
		c->ring_n++;
		c->ring_min = ring < c->ring_min ? ring : c->ring_min;
	}
	if (machine)
		return;
	/* a log that does not say who ended a call still tells what was pressed in it */
	if (lasted < 0 || ended.n == 0) {
		if (c->out->menu != DD_NONE && response.n)
			count_keys(c, response, false);
		return;
	}
	bool hung_up = dd_log_is(ended, "customer");
	double later = LATER_MS / 1000.0;
	c->early_s += lasted < later ? lasted : later;
	c->late_s += lasted > later ? lasted - later : 0;
	c->early_n += hung_up && lasted <= later;
	c->late_n += hung_up && lasted > later;
	if (c->out->menu != DD_NONE)
		count_keys(c, response, !hung_up);
}

static bool count_row(struct counts *c, const struct dd_list_row *r)
{
	int64_t started;
	struct dd_str status = field(c, r, DD_LOG_STATUS);
	double attempt =
	        c->log.at[DD_LOG_ATTEMPT] == SIZE_MAX ? 1 : number(field(c, r, DD_LOG_ATTEMPT));
	if (!dd_time_parse(field(c, r, DD_LOG_STARTED), &started) || attempt < 1 || attempt > 1000)
		return false;
	int n = attempt <= ATTEMPTS ? (int)attempt - 1 : ATTEMPTS - 1;
	struct dd_civil wall = dd_zone_civil(c->zone, started);
	enum dd_log_status what = dd_log_status(status);
	bool answered = what == DD_LOG_ANSWERED;
	if (what == DD_LOG_UNKNOWN)
		return false;
	c->calls[n][wall.weekday][wall.hour]++;
	c->answered[n][wall.weekday][wall.hour] += answered;
	c->unanswered += !answered;
	c->busy += what == DD_LOG_BUSY;
	c->failed += what == DD_LOG_FAILED;
	if (answered)
		count_talk(c, r);
	return true;
}

/* -- fitting ---------------------------------------------------------------- */

/* How often people answer is taken to be answer[attempt] × hour[weekday][hour]: the second attempt
   is answered less often than the first, and the evening less often than noon, whichever attempt it
   is. A log gives counts for each pair of the two, not the factors; they are found by turns
   (iterative proportional fitting): with the hours' factors held, each attempt's factor is set so
   that it explains its own total of answers; then the attempts' are held, and each hour's is set.
   Every turn brings both sets of totals nearer, and after some tens of turns nothing changes. The
   factors are only known up to a constant that one gains and the other loses, so the hours' are
   scaled to a mean of 1 over the calls.
 */
static void fit_answers(struct counts *c)
{
	double attempt[ATTEMPTS], hour[7][24];
	for (int n = 0; n < ATTEMPTS; n++)
		attempt[n] = 0.5;
	for (int d = 0; d < 7; d++)
		for (int h = 0; h < 24; h++)
			hour[d][h] = 1;
	for (int round = 0; round < ROUNDS; round++) {
		for (int n = 0; n < ATTEMPTS; n++) {
			double got = 0, expected = 0;
			for (int i = 0; i < 7 * 24; i++) {
				got += (double)c->answered[n][i / 24][i % 24];
				expected +=
				        (double)c->calls[n][i / 24][i % 24] * hour[i / 24][i % 24];
			}
			attempt[n] = expected > 0 ? got / expected : 0;
		}
		double sum = 0, all = 0;
		for (int i = 0; i < 7 * 24; i++) {
			double got = 0, expected = 0, calls = 0;
			for (int n = 0; n < ATTEMPTS; n++) {
				got += (double)c->answered[n][i / 24][i % 24];
				expected += (double)c->calls[n][i / 24][i % 24] * attempt[n];
				calls += (double)c->calls[n][i / 24][i % 24];
			}
			hour[i / 24][i % 24] = expected > 0 ? got / expected : 1;
			sum += hour[i / 24][i % 24] * calls;
			all += calls;
		}
		for (int i = 0; i < 7 * 24 && sum > 0; i++)
			hour[i / 24][i % 24] *= all / sum;
	}
	struct dd_calibration *o = c->out;
	for (int n = 0; n < ATTEMPTS; n++) {
		double got = 0, calls = 0;
		for (int i = 0; i < 7 * 24; i++)
			got += (double)c->answered[n][i / 24][i % 24],
			        calls += (double)c->calls[n][i / 24][i % 24];
		struct dd_fitted plain = dd_fitted_share(got, calls);
		double scale = plain.value > 0 ? attempt[n] / plain.value : 1;
		o->answer[n] = (struct dd_fitted){
		        attempt[n], plain.low * scale, plain.high * scale, plain.n};
	}
	for (int i = 0; i < 7 * 24; i++) {
		double got = 0, expected = 0, calls = 0;
		for (int n = 0; n < ATTEMPTS; n++) {
			double all = (double)c->calls[n][i / 24][i % 24],
			       p = attempt[n] * hour[i / 24][i % 24],
			       x = (double)c->answered[n][i / 24][i % 24];
			got += x;
			expected += all * attempt[n];
			calls += all;
			if (all * p > 5 && all * (1 - p) > 5) {
				o->chi2 += (x - all * p) * (x - all * p) / (all * p * (1 - p));
				o->degrees++;
			}
		}
		struct dd_fitted plain = dd_fitted_share(got, calls);
		double scale =
		        plain.value > 0 && expected > 0 ? hour[i / 24][i % 24] / plain.value : 1;
		o->hour[i / 24][i % 24] = (struct dd_fitted){
		        hour[i / 24][i % 24], plain.low * scale, plain.high * scale, plain.n};
	}
}

static double choose(int n, int k)
{
	double all = 1;
	for (int i = 1; i <= k; i++)
		all = all * (n - k + i) / i;
	return all;
}

/* Each try of a menu ends in an answer, a wrong key or silence. A log shows the keys, but not the
   silent tries before them: "7,1" may be two tries or, with a silence somewhere, three. The share
   of silence s is therefore estimated by expectation and maximisation (Dempster, Laird and Rubin,
   1977): with s as it is believed now, how many silent tries are to be expected in calls with w
   wrong keys and then an answer (j of them fit among w + j tries in choose(w + j, j) ways, each
   with the chance s^j); in calls that gave up, all that is left of the tries was silence. The
   expected silent tries over all tries is the next s, until it stays. */
static void fit_menu(struct counts *c)
{
	struct dd_calibration *o = c->out;
	const struct dd_ivr *ivr = &c->program->steps[o->menu].ivr;
	int tries = (int)ivr->retries + 1;
	double answers = 0, wrong = 0, silent = 0, s = 0.3;
	for (int k = 0; k < 12; k++)
		answers += (double)c->answers[k];
	for (int w = 0; w < MOST_WRONG; w++)
		wrong += (double)w * (double)(c->by_wrong[w] + c->gave_up[w]);
	for (int round = 0; round < ROUNDS; round++) {
		silent = 0;
		for (int w = 0; w < MOST_WRONG && w < tries; w++) {
			double weight = 0, mean = 0;
			for (int j = 0; j + w < tries; j++) {
				double p = choose(w + j, j) * pow(s, j);
				weight += p;
				mean += p * j;
			}
			silent += (weight > 0 ? mean / weight : 0) * (double)c->by_wrong[w] +
			        (double)(tries - w) * (double)c->gave_up[w];
		}
		double all = answers + wrong + silent;
		s = all > 0 ? silent / all : 0;
	}
	double all = answers + wrong + silent;
	o->silence = dd_fitted_share(silent, all);
	o->wrong = dd_fitted_share(wrong, all);
	for (int k = 0; k < 12; k++)
		if (ivr->by_key[k] != DD_NONE)
			o->keys[k] = dd_fitted_share((double)c->answers[k], answers);
}

static void fit(struct counts *c)
{
	struct dd_calibration *o = c->out;
	double answered = (double)(c->humans + c->machines);
	fit_answers(c);
	o->busy = dd_fitted_share((double)c->busy, (double)c->unanswered);
	o->failed = dd_fitted_share((double)c->failed, (double)c->unanswered);
	if (c->log.at[DD_LOG_ANSWERED_BY] != SIZE_MAX)
		o->machine = dd_fitted_share((double)c->machines, answered);
	if (c->ring_n > 1) {
		double mean = c->ring_sum / c->ring_n, above = mean - c->ring_min,
		       half = 1.959964 * above / sqrt(c->ring_n);
		o->ring_mean = (struct dd_fitted){mean * 1000, (mean - half) * 1000,
		        (mean + half) * 1000, (uint64_t)c->ring_n};
		o->ring_min = (struct dd_fitted){c->ring_min * 1000,
		        (c->ring_min - 3 * above / c->ring_n) * 1000, c->ring_min * 1000,
		        (uint64_t)c->ring_n};
	}
	o->hang_up = rate(c->early_n, c->early_s);
	o->hang_up_later = rate(c->late_n, c->late_s);
	if (o->menu != DD_NONE)
		fit_menu(c);
	/* a figure for each attempt and hour was fitted: they are no longer free */
	uint32_t used = 0;
	for (int n = 0; n < ATTEMPTS; n++)
		used += o->answer[n].n > 0;
	for (int i = 0; i < 7 * 24; i++)
		used += o->hour[i / 24][i % 24].n > 0;
	o->degrees = o->degrees > used ? o->degrees - used : 0;
	o->p = tail(o->chi2, o->degrees);
}

enum dd_status dd_calibrate(int fd, const struct dd_program *program, const struct dd_zone *zone,
        struct dd_calibration *out, struct dd_error *err)
{
	static const enum dd_log_column needed[] = {DD_LOG_STATUS, DD_LOG_STARTED, DD_LOG_COLUMNS};
	struct dd_list_row r;
	struct counts *c = dd_alloc(sizeof *c);
	struct dd_zone *ist = NULL;
	uint32_t menu = dd_first_menu(program);
	enum dd_status status = zone ? DD_OK : dd_zone_open("IST", &ist, err);
	*out = (struct dd_calibration){.later = LATER_MS, .menu = menu};
	*c = (struct counts){
	        .program = program, .zone = zone ? zone : ist, .out = out, .ring_min = 1e9};
	if (status == DD_OK)
		status = dd_log_open(fd, needed, &c->log, err);
	while (status == DD_OK && dd_list_next(c->log.list, &r)) {
		bool fine = !r.problem && count_row(c, &r);
		out->rows++;
		out->used += fine;
		out->bad += !fine;
		out->first_bad = fine || out->first_bad ? out->first_bad : r.line;
	}
	if (status == DD_OK && out->used == 0)
		status = dd_fail(err, DD_ERR_FORMAT,
		        "no line of the log could be understood: a status is connected, busy, "
		        "no answer or failed, a time 2025-01-20 10:00:00");
	if (status == DD_OK)
		fit(c);
	dd_zone_free(ist);
	dd_log_close(&c->log);
	free(c);
	return status;
}

/* -- paper ------------------------------------------------------------------ */

static void percent(struct dd_buf *out, const char *key, const struct dd_fitted *f, const char *of)
{
	if (f->n)
		dd_buf_format(out, "%s: %.2f%%  # %.2f to %.2f, from %llu %s\n", key,
		        f->value * 100, f->low * 100, f->high * 100, (unsigned long long)f->n, of);
}

static void hours(const struct dd_calibration *c, struct dd_buf *out)
{
	static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
	bool any = false;
	for (int d = 0; d < 7; d++) {
		struct dd_buf line = {0};
		for (int h = 0; h < 24; h++)
			if (c->hour[d][h].n >= TELLING)
				dd_buf_format(&line, "%s%d-%d: %.3f", line.n ? ", " : "", h, h + 1,
				        c->hour[d][h].value);
		if (line.n)
			dd_buf_format(
			        out, "%s  %s: { %s }\n", any ? "" : "hours:\n", days[d], line.p);
		any |= line.n > 0;
		dd_buf_free(&line);
	}
}

static void menu(const struct dd_calibration *c, const struct dd_program *p, struct dd_buf *out)
{
	const struct dd_step *s = &p->steps[c->menu];
	double rest = 1 - c->silence.value - c->wrong.value;
	dd_buf_str(out, "menus:\n  ");
	if (s->id)
		dd_buf_str(out, s->id);
	else
		dd_buf_format(out, "line-%u", s->line);
	dd_buf_str(out, ":\n");
	for (int k = 0; k < 12; k++)
		if (c->keys[k].n)
			dd_buf_format(out,
			        "    \"%c\": %.2f%%  # of those who answer: %.2f to %.2f%%\n",
			        "0123456789*#"[k], c -> keys[k].value *rest * 100,
			        c->keys[k].low * 100, c->keys[k].high * 100);
	dd_buf_format(out,
	        "    silence: %.2f%%  # of a try: %.2f to %.2f%%\n"
	        "    wrong: %.2f%%  # %.2f to %.2f%%\n",
	        c->silence.value * 100, c->silence.low * 100, c->silence.high * 100,
	        c->wrong.value * 100, c->wrong.low * 100, c->wrong.high * 100);
}

void dd_calibration_yaml(
        const struct dd_calibration *c, const struct dd_program *p, struct dd_buf *out)
{
	dd_buf_format(out, "# Fitted to %llu of %llu calls; intervals are at 95 %%.\n",
	        (unsigned long long)c->used, (unsigned long long)c->rows);
	if (c->degrees)
		dd_buf_format(out,
		        "# Answers by attempt and hour: chi-square %.1f of %u degrees, "
		        "p = %.3f%s.\n",
		        c->chi2, c->degrees, c->p,
		        c->p < 0.01 ? ": these figures do not tell all that the log knows"
		                    : ", which chance alone explains");
	dd_buf_str(out, "answer: [ ");
	for (int n = 0; n < ATTEMPTS && c->answer[n].n; n++)
		dd_buf_format(out, "%s%.2f%%", n ? ", " : "", c->answer[n].value * 100);
	dd_buf_str(out, " ]  # by attempt:");
	for (int n = 0; n < ATTEMPTS && c->answer[n].n; n++)
		dd_buf_format(out, "%s %.2f to %.2f", n ? "," : "", c->answer[n].low * 100,
		        c->answer[n].high * 100);
	dd_buf_char(out, '\n');
	percent(out, "busy", &c->busy, "unanswered calls");
	percent(out, "failed", &c->failed, "unanswered calls");
	percent(out, "machine", &c->machine, "answered calls");
	hours(c, out);
	if (c->ring_mean.n)
		dd_buf_format(out, "ring: { mean: %.0fms, min: %.0fms }  # mean %.0f to %.0f ms\n",
		        c->ring_mean.value, c->ring_min.value, c->ring_mean.low, c->ring_mean.high);
	if (c->hang_up.n || c->hang_up_later.n)
		dd_buf_format(out,
		        "hang_up: { per_second: %.3f%%, after: %llds, then: "
		        "%.3f%% }  # %.3f to %.3f, then %.3f to %.3f\n",
		        c->hang_up.value * 100, (long long)(c->later / 1000),
		        c->hang_up_later.value * 100, c->hang_up.low * 100, c->hang_up.high * 100,
		        c->hang_up_later.low * 100, c->hang_up_later.high * 100);
	if (c->menu != DD_NONE && c->silence.n)
		menu(c, p, out);
}
