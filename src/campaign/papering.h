/* What the printers of forecasts share, and nobody else: the figures that are worked out of a
 * forecast, and how they are written. */
#ifndef DD_CAMPAIGN_PAPERING_H
#define DD_CAMPAIGN_PAPERING_H

#include <math.h>

#include "campaign/paper.h"
#include "report/json.h"

/* A short text by value: paper_number(7).p is good until the end of the statement. */
struct paper_text {
	char p[64];
};
struct paper_text paper_number(uint64_t n);   /* 1,234,567 */
struct paper_text paper_short(double n);      /* 1.2 M: for axes and tight columns */
struct paper_text paper_decimal(double n);    /* 1,234.5 */
struct paper_text paper_percent(double rate); /* 46.3 %; of NAN a dash */
/* The same with so many digits that it does not look like `other`, from which it differs. */
struct paper_text paper_percent_beside(double rate, double other);
struct paper_text paper_duration(int64_t ms); /* 43.2 s, 4 min 12 s, 2 h 5 min, 3 days 4 h */
struct paper_text paper_money(double amount); /* 1,234.50 */
struct paper_text paper_when(
        const struct dd_zone *zone, int64_t unix_ms); /* Mon 20 Jan 2025, 10:00 */
struct paper_text paper_rfc3339(
        const struct dd_zone *zone, int64_t unix_ms);    /* 2025-01-20T10:00:00+05:30 */
struct paper_text paper_day(int64_t days, bool weekday); /* 20 Jan, Mon 20 Jan */
extern const char *const paper_weekdays[7];              /* Monday … */

struct dd_civil paper_civil(const struct dd_zone *zone, int64_t unix_ms); /* NULL: UTC */
const char *paper_zone_name(const struct dd_zone *zone);
double paper_rate(uint64_t part, uint64_t whole); /* NAN where there is nothing to have a part of */

/* The source's five metrics, in its order, against its targets. */
enum { PAPER_METRICS = 5 };
enum paper_met { PAPER_NOT_SAID, PAPER_MET, PAPER_MISSED };
struct paper_metric {
	const char *key, *label, *meaning;
	double target; /* NAN: it depends */
	bool below;    /* the target is a limit */
	uint64_t contacts;
	double rate, of_answered;
	struct paper_text shown; /* the rate, to a hundredth where a tenth would look like the
	                            target itself */
	enum paper_met met;
};
void paper_metrics(const struct dd_forecast *f, struct paper_metric out[PAPER_METRICS]);

enum { PAPER_STAGES = 6 };
struct paper_stage {
	const char *name;
	uint64_t contacts;
};
void paper_funnel(const struct dd_forecast *f, struct paper_stage out[PAPER_STAGES]);

/* What an attempt adds. Rates are of those whose first attempt was made, so that a list that is
 * called anew each day counts anew. */
#define PAPER_WORTH 0.05
struct paper_attempt {
	uint64_t calls, reached, reached_total;
	double before, rate, gain; /* before it, after it, the difference */
	bool not_worth;            /* a retry that adds less than PAPER_WORTH */
};
size_t paper_attempts(const struct dd_forecast *f, struct paper_attempt out[DD_ATTEMPTS_MAX]);

/* Hours added up to days on the campaign's wall, those without calls included. From malloc. */
struct paper_day_tally {
	int64_t day; /* since 1970 */
	uint64_t calls, humans, busy_ms;
	uint32_t peak, hours;
};
struct paper_day_tally *paper_days(const struct dd_forecast *f, size_t *n);
/* The instant at which hour `i` begins. */
int64_t paper_hour(const struct dd_forecast *f, size_t i);
double paper_lines(uint64_t busy_ms, uint64_t hours); /* in use, on average */

/* What made calls wait. */
enum { PAPER_CAUSES = 4 };
extern const char *const paper_causes[PAPER_CAUSES];
int64_t paper_waited(const struct dd_forecast *f, int cause);
int paper_bottleneck(const struct dd_forecast *f); /* -1: nothing */
void paper_bottleneck_sentence(const struct dd_forecast *f, struct dd_buf *out);

/* What the source advises where too few answer and the caller's name is not shown: a sentence, or
 * false. */
bool paper_advice(const struct dd_forecast *f, struct dd_buf *out);
bool paper_has_prices(const struct dd_forecast *f);
bool paper_finished(const struct dd_forecast *f); /* to the end, nobody pending */
double paper_mean_call_ms(const struct dd_forecast *f);
/* Of agents: how long who had to wait did so on average (NAN: nobody had to), how many of all who
 * wanted one hung up waiting, and what part of the time in which calls may be made an agent rang or
 * talked. */
double paper_mean_wait_ms(const struct dd_forecast *f);
double paper_abandonment(const struct dd_forecast *f);
double paper_occupancy(const struct dd_forecast *f);

/* Steps and keys of the flow. */
const struct dd_program *paper_program(const struct dd_forecast *f); /* NULL: not known */
uint64_t paper_dropped_at(const struct dd_forecast *f, uint32_t step);
void paper_step(
        const struct dd_program *p, uint32_t step, struct dd_buf *out); /* line 16 greeting hello */
const struct dd_key *paper_key(
        const struct dd_program *p, uint32_t step, int key); /* NULL: it does nothing */
void paper_answer(const struct dd_program *p, const struct dd_key *key, struct dd_buf *out);
/* The answer beside a key that is already shown: nothing where it is that key alone. */
void paper_key_name(const struct dd_program *p, const struct dd_key *key, struct dd_buf *out);
extern const char paper_keys[13];
/* Rows of a menu beside its keys. */
enum { PAPER_MENU_EXTRAS = 4 };
extern const char *const paper_menu_extras[PAPER_MENU_EXTRAS]; /* numbers, invalid … */
extern const char *const paper_menu_words[PAPER_MENU_EXTRAS];  /* … for people */
uint64_t paper_menu_extra(const struct dd_menu_tally *m, int extra);

/* The name and meaning of an end. */
extern const char *const paper_ends[DD_CONTACT_ENDS_COUNT][2];

/* At most so many columns of foreign text, made harmless; what is cut ends in "…". */
void paper_clip(struct dd_buf *out, struct dd_str text, size_t columns);

/* The same with the room's JSON, for the page. */
void paper_json(
        const struct dd_forecast *const *forecasts, size_t n, size_t flags, struct dd_buf *out);

/* The key "shard" of a forecast. */
json_t *shard_json(const struct dd_forecast *f);

#endif
