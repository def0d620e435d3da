/* The intersection leaps from opening to opening of whichever layer is shut, until none is:

     law      ──────▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆▆────────▆▆▆▆▆▆▆▆▆
     office   ───▆▆▆▆▆▆▆▆▆▆▆▆──────────────────────▆▆▆▆
              t ──→ ▲ law opens      ▲ office is shut: leap ▲ both are open
*/
#include "campaign/calendar.h"

#include <stdlib.h>

#include "base/arena.h"
#include "campaign/calendaring.h"

struct dd_calendar {
	struct layer layers[DD_CALENDAR_LAYERS_MAX];
	size_t n;
	/* What was found last: nothing opens in [looked_from, open.from), all of `open` is open. */
	int64_t looked_from, horizon;
	struct stretch open;
};

/* The layers are asked in turn. One that opens later moves t, and all are asked again. Each leap
   passes a closing of some layer, and there are no more of those than windows in ten years. */
static struct stretch find(struct dd_calendar *c, int64_t t, int64_t horizon)
{
	struct stretch found = {t, INT64_MAX};
	for (size_t agreed = 0, i = 0; agreed < c->n; agreed++, i = (i + 1) % c->n) {
		struct stretch s = layer_open(&c->layers[i], found.from, horizon);
		if (s.from > horizon)
			return CALENDAR_NONE;
		if (s.from > found.from) {
			found = s;
			agreed = 0;
		} else if (s.until < found.until) {
			found.until = s.until;
		}
	}
	return found;
}

/* Nobody calls farther away than this, and within it no sum overflows. */
static int64_t sane(int64_t t)
{
	const int64_t limit = INT64_C(8640000000000000); /* 270,000 years */
	return t < -limit ? -limit : t > limit ? limit : t;
}

/* Looks from t on. What is known to be shut is not searched again: after "never" there remains what
   the horizon has since come to include. */
static void look(struct dd_calendar *c, int64_t t)
{
	int64_t horizon = t + DD_CALENDAR_HORIZON_MS;
	int64_t from = t >= c->looked_from && t < c->open.from ? c->open.from : t;
	struct stretch s = from > horizon ? CALENDAR_NONE : find(c, from, horizon);
	c->looked_from = t;
	c->horizon = horizon;
	c->open = s.from == INT64_MAX ? (struct stretch){horizon + 1, horizon + 1} : s;
}

/* What is remembered, for an instant that is not open. */
static int64_t remembered(const struct dd_calendar *c, int64_t t)
{
	bool opens = c->open.from < c->open.until && c->open.from - t <= DD_CALENDAR_HORIZON_MS;
	return opens ? c->open.from : INT64_MAX;
}

int64_t dd_calendar_next(struct dd_calendar *c, int64_t unix_ms)
{
	if (unix_ms >= c->open.from && unix_ms < c->open.until)
		return unix_ms;
	if (unix_ms >= c->looked_from && unix_ms < c->open.from && c->open.from < c->open.until)
		return remembered(c, unix_ms);
	if (unix_ms != sane(unix_ms))
		return unix_ms > 0 ? INT64_MAX : dd_calendar_next(c, sane(unix_ms));
	look(c, unix_ms);
	return unix_ms >= c->open.from && unix_ms < c->open.until ? unix_ms
	                                                          : remembered(c, unix_ms);
}

int64_t dd_calendar_until(struct dd_calendar *c, int64_t unix_ms)
{
	if (dd_calendar_next(c, unix_ms) != unix_ms)
		return unix_ms;
	/* Ends beyond the horizon were not looked for. One that comes near is. */
	if (c->open.until >= c->horizon && c->open.until != INT64_MAX &&
	        c->open.until - unix_ms < DD_CALENDAR_HORIZON_MS / 2)
		look(c, unix_ms);
	return c->open.until;
}

int64_t dd_calendar_open_ms(struct dd_calendar *c, int64_t from, int64_t to)
{
	int64_t sum = 0;
	for (int64_t t = dd_calendar_next(c, from); t < to; t = dd_calendar_next(c, t)) {
		int64_t end = dd_calendar_until(c, t);
		if (end > to)
			end = to;
		if (end <= t)
			break;
		sum += end - t;
		t = end;
	}
	return sum;
}

enum dd_status dd_calendar_add(
        struct dd_calendar *c, const struct dd_calendar_layer *given, struct dd_error *err)
{
	if (c->n == DD_CALENDAR_LAYERS_MAX || given->nhours > DD_CALENDAR_HOURS_MAX ||
	        given->nholidays > DD_CALENDAR_HOLIDAYS_MAX)
		return dd_fail(err, DD_ERR_LIMIT,
		        "a calendar has at most %d layers of %d hours and %d holidays",
		        DD_CALENDAR_LAYERS_MAX, DD_CALENDAR_HOURS_MAX, DD_CALENDAR_HOLIDAYS_MAX);
	const char *fault = layer_init(&c->layers[c->n], given);
	if (fault)
		return dd_fail(err, DD_ERR_FORMAT, "%s", fault);
	c->n++;
	c->looked_from = INT64_MAX;
	c->open = CALENDAR_NONE;
	return DD_OK;
}

struct dd_calendar *dd_calendar_new(void)
{
	struct dd_calendar *c = dd_alloc(sizeof *c);
	*c = (struct dd_calendar){.looked_from = INT64_MAX, .open = CALENDAR_NONE};
	return c;
}

void dd_calendar_free(struct dd_calendar *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->n; i++)
		layer_fini(&c->layers[i]);
	free(c);
}
