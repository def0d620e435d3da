/* A text of faults, and what it decides. */
#include "sim/faults.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/pcg.h"
#include "base/text.h"

static const struct {
	const char *name, *about;
	enum dd_fault_point point;
	dd_ms time;
} ROWS[] = {
#define FAULT(NAME, name, point, time, what) {name, what, point, time},
        DD_FAULTS(FAULT)
#undef FAULT
};

const char *dd_fault_name(enum dd_fault fault)
{
	return ROWS[fault].name;
}

const char *dd_fault_about(enum dd_fault fault)
{
	return ROWS[fault].about;
}

enum dd_fault_point dd_fault_point(enum dd_fault fault)
{
	return ROWS[fault].point;
}

bool dd_fault_is_served(enum dd_fault fault)
{
	return ROWS[fault].point >= DD_AT_ANSWER;
}

dd_ms dd_fault_time(enum dd_fault fault)
{
	return ROWS[fault].time;
}

/* A whole number at the beginning of a text, which is moved behind it. */
static bool number(struct dd_str *text, uint32_t *out)
{
	uint32_t n = 0;
	size_t i = 0;
	for (; i < text->n && text->p[i] >= '0' && text->p[i] <= '9'; i++) {
		if (i == 6)
			return false;
		n = n * 10 + (uint32_t)(text->p[i] - '0');
	}
	text->p += i;
	text->n -= i;
	*out = n;
	return i > 0;
}

/* "2", "2-4", "2-" */
static bool counts(struct dd_str text, struct dd_fault_rule *out)
{
	if (!number(&text, &out->first) || !out->first)
		return false;
	out->last = out->first;
	if (!text.n)
		return true;
	if (text.p[0] != '-')
		return false;
	text.p++;
	text.n--;
	if (text.n)
		return number(&text, &out->last) && !text.n && out->last >= out->first;
	out->last = UINT32_MAX;
	return true;
}

/* "10", "0.5": of a hundred. */
static bool chance(struct dd_str text, double *out)
{
	uint32_t whole, tenths = 0;
	if (!number(&text, &whole))
		return false;
	if (text.n == 2 && text.p[0] == '.' && text.p[1] >= '0' && text.p[1] <= '9') {
		tenths = (uint32_t)(text.p[1] - '0');
		text.n = 0;
	}
	*out = (whole + tenths / 10.0) / 100.0;
	return !text.n && *out > 0 && *out <= 1;
}

/* What stands behind a mark, which is cut off with it; p NULL: there is none. */
static struct dd_str cut(struct dd_str *text, char mark)
{
	const char *at = text->n ? memchr(text->p, mark, text->n) : NULL;
	struct dd_str behind = {NULL, 0};
	if (at) {
		behind = (struct dd_str){at + 1, text->n - (size_t)(at + 1 - text->p)};
		text->n = (size_t)(at - text->p);
	}
	return behind;
}

static bool item(struct dd_str text, bool served, struct dd_fault_rule *out, char why[200])
{
	struct dd_str shown = text, share = cut(&text, '%'), nth = cut(&text, '@'),
	              time = cut(&text, '=');
	int n = (int)(shown.n > 40 ? 40 : shown.n);
	enum dd_fault fault = 0;
	while (fault < DD_FAULTS_COUNT &&
	        (dd_fault_is_served(fault) != served || !dd_str_is(text, ROWS[fault].name)))
		fault++;
	if (fault == DD_FAULTS_COUNT) {
		(void)snprintf(why, 200,
		        "\"%.*s\" is no fault; --faults list names those there are", n, shown.p);
		return false;
	}
	*out = (struct dd_fault_rule){fault, ROWS[fault].time, 1, UINT32_MAX, 1};
	if (time.p &&
	        (!ROWS[fault].time || !dd_duration_parse(time, &out->time) ||
	                out->time > DD_FAULT_TIME_MAX_MS)) {
		(void)snprintf(why, 200, "%.*s: %s", n, shown.p,
		        ROWS[fault].time ? "a time is a duration of at most 10m, such as 3s"
		                         : "this fault has no time");
		return false;
	}
	if (nth.p && !counts(nth, out)) {
		(void)snprintf(why, 200, "%.*s: behind @ stands which one, such as 2, 2-4 or 2-", n,
		        shown.p);
		return false;
	}
	if (share.p && !chance(share, &out->chance)) {
		(void)snprintf(why, 200,
		        "%.*s: behind %% stands how often of a hundred, such as 10", n, shown.p);
		return false;
	}
	return true;
}

bool dd_faults_parse(struct dd_str text, bool served, struct dd_faults *out, char why[200])
{
	out->n = 0;
	for (;;) {
		struct dd_str rest = cut(&text, ','), one = dd_str_trim(text);
		if (out->n == DD_FAULT_RULES_MAX) {
			(void)snprintf(why, 200, "at most %d faults", DD_FAULT_RULES_MAX);
			return false;
		}
		if (!item(one, served, &out->rules[out->n], why))
			return false;
		out->n++;
		if (!rest.p)
			return true;
		text = rest;
	}
}

const struct dd_fault_rule *dd_faults_decide(
        const struct dd_faults *faults, enum dd_fault_point point, uint64_t call, uint32_t nth)
{
	for (size_t i = 0; i < faults->n; i++) {
		const struct dd_fault_rule *r = &faults->rules[i];
		if (ROWS[r->fault].point != point || nth < r->first || nth > r->last)
			continue;
		if (r->chance >= 1)
			return r;
		/* a stream for each rule and call, in which each count has its own draw */
		struct dd_pcg rng = dd_pcg_seed(
		        faults->seed + nth * UINT64_C(0x9E3779B97F4A7C15), call * 64 + i);
		if (dd_draw(&rng) < r->chance)
			return r;
	}
	return NULL;
}
