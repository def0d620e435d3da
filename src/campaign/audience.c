/* What is assumed of people, and where each figure comes from. */
#include "campaign/audience.h"

#include <string.h>

/* Of those not reached yet, the platform's 40, 60, 70, 73 and 74 % of all after so many attempts;
 * then a guess. */
static const double ANSWER[10] = {
        0.40, 0.20 / 0.60, 0.10 / 0.40, 0.03 / 0.30, 0.01 / 0.27, 0.03, 0.02, 0.02, 0.01, 0.01};

/* By weekday. The best hours are the platform's, 10 to 12 and 15 to 18; the mean over 9 to 21 is 1.
 */
static double factor_of(int weekday, int hour)
{
	bool best = (hour >= 10 && hour < 12) || (hour >= 15 && hour < 18);
	if (hour < 7 || hour >= 22)
		return 0.4;
	if (hour < 9 || hour >= 21)
		return 0.7;
	if (weekday >= 5)
		return 0.95;
	return best ? 1.2 : 6.0 / 7;
}

static struct dd_menu_habit habit(double silence, double wrong, dd_ms think)
{
	struct dd_menu_habit h = {.silence = silence, .wrong = wrong, .think = think};
	for (int i = 0; i < 12; i++)
		h.keys[i] = -1;
	return h;
}

static void add_persona(
        struct dd_audience *a, struct dd_persona persona, struct dd_menu_habit menus)
{
	persona.later = 30000;
	persona.menus[0] = menus;
	persona.nmenus = 1;
	a->personas[a->npersonas++] = persona;
}

struct dd_audience *dd_audience_default(struct dd_arena *arena)
{
	struct dd_audience *a = dd_arena_alloc(arena, sizeof *a);
	memcpy(a->answer, ANSWER, sizeof a->answer);
	a->busy = 0.15;
	a->failed = 0.10;
	a->machine = 0.05;
	for (int day = 0; day < 7; day++)
		for (int hour = 0; hour < 24; hour++)
			a->hour[day][hour] = factor_of(day, hour);
	a->known_caller = 1.3;
	a->ring_mean = 8000;
	a->ring_min = 2000;
	a->busy_after = 2000;
	a->failed_after = 4000;
	a->server_error = 0.005;
	a->server_timeout = 0.002;
	a->connect = (struct dd_connect_habit){
	        .ring = DD_PARTY_RING_MS, .talk = 180000, .patience = 60000};
	a->connect.share[DD_PARTY_ANSWERED] = 1;
	add_persona(a,
	        (struct dd_persona){.name = "confirmer",
	                .share = 0.56,
	                .hang_up = 0.004,
	                .hang_up_later = 0.03,
	                .goal = 0.8,
	                .other = 0.2},
	        habit(0.10, 0.03, 2500));
	add_persona(a,
	        (struct dd_persona){.name = "impatient",
	                .share = 0.18,
	                .hang_up = 0.03,
	                .hang_up_later = 0.10,
	                .goal = 0.7,
	                .other = 0.3},
	        habit(0.25, 0.06, 1000));
	add_persona(a,
	        (struct dd_persona){.name = "never presses",
	                .share = 0.24,
	                .hang_up = 0.008,
	                .hang_up_later = 0.04,
	                .goal = 0.8,
	                .other = 0.2},
	        habit(1, 0, 2500));
	add_persona(a,
	        (struct dd_persona){.name = "opts out",
	                .share = 0.02,
	                .hang_up = 0.004,
	                .hang_up_later = 0.03,
	                .opt_out = 1},
	        habit(0.05, 0.02, 2000));
	return a;
}

/* -- in words --------------------------------------------------------------- */

#define PLATFORM "the platform's figures"
#define GUESS    "a guess"
#define YOURS    "the audience's own"

static const char *source(bool same, const char *origin)
{
	return same ? origin : YOURS;
}

static void share_line(
        struct dd_buf *out, const char *name, double share, double by_default, const char *origin)
{
	dd_buf_format(out, "  %-16s %5.1f %%  %s\n", name, share * 100,
	        source(share == by_default, origin));
}

static void time_line(struct dd_buf *out, const char *name, dd_ms ms, dd_ms by_default)
{
	dd_buf_format(out, "  %-16s %5.1f s  %s\n", name, (double)ms / 1000,
	        source(ms == by_default, GUESS));
}

static void answers(const struct dd_audience *a, const struct dd_audience *d, struct dd_buf *out)
{
	double missed = 1;
	for (int i = 0; i < 5; i++) {
		bool same = a->answer[i] == d->answer[i];
		missed *= 1 - a->answer[i];
		dd_buf_format(out,
		        "  answer, call %d   %5.1f %%  %s: %.0f %% are reached after %d\n", i + 1,
		        a->answer[i] * 100, source(same, PLATFORM), (1 - missed) * 100, i + 1);
	}
	bool same = memcmp(a->hour, d->hour, sizeof a->hour) == 0;
	dd_buf_format(out, "  hours            %s\n",
	        same ? "10 to 12 and 15 to 18 on weekdays are best (the platform's manual); "
	               "1.2 times the mean, and less at night: " GUESS
	             : YOURS);
	dd_buf_format(out, "  known caller     %5.2f    times as many answers, %s: %s\n",
	        a->known_caller,
	        a->caller_known ? "used here" : "when the caller is known, not used here",
	        source(a->known_caller == d->known_caller,
	                "a guess; the source says that an unknown caller ID lowers answers"));
}

static void persona_lines(const struct dd_persona *p, bool guess, struct dd_buf *out)
{
	const struct dd_menu_habit *h = &p->menus[0];
	dd_buf_format(out,
	        "  %-16s %5.1f %%  hangs up %.2g %% a second, %.2g %% after %.0f s; "
	        "at a menu %.0f %% silent, %.0f %% wrong, key after %.1f s; %s\n",
	        p->name, p->share * 100, p->hang_up * 100, p->hang_up_later * 100,
	        (double)p->later / 1000, h->silence * 100, h->wrong * 100, (double)h->think / 1000,
	        guess ? "a guess that fits the source's targets" : YOURS);
	for (size_t i = 1; i < p->nmenus; i++)
		dd_buf_format(out,
		        "    at %-13s %5.1f %%  silent, %.1f %% wrong, key after %.1f s; " YOURS
		        "\n",
		        p->menus[i].step, p->menus[i].silence * 100, p->menus[i].wrong * 100,
		        (double)p->menus[i].think / 1000);
}

/* Where nothing is said of it there is no line: most flows connect to nobody. */
static void connect_lines(const struct dd_connect_habit *h, struct dd_buf *out)
{
	if (!h->said)
		return;
	dd_buf_str(out, "  connect         ");
	for (int i = 0; i < DD_PARTIES_COUNT; i++)
		dd_buf_format(out, " %.4g %% %s%s", h->share[i] * 100,
		        dd_party_name((enum dd_party)i), i + 1 < DD_PARTIES_COUNT ? "," : "");
	dd_buf_format(out, "; rings %.1f s, talks %.1f s, a wait of %.1f s is borne; " YOURS "\n",
	        (double)h->ring / 1000, (double)h->talk / 1000, (double)h->patience / 1000);
}

void dd_audience_explain(const struct dd_audience *audience, struct dd_buf *out)
{
	struct dd_arena *arena = dd_arena_new();
	const struct dd_audience *a = audience, *d = dd_audience_default(arena);
	answers(a, d, out);
	share_line(out, "busy", a->busy, d->busy, GUESS ", of those who do not answer");
	share_line(out, "failed", a->failed, d->failed,
	        "the platform's manual: under 20 % cannot be reached; " GUESS " below it");
	share_line(out, "machine", a->machine, d->machine, GUESS ", of answered calls");
	time_line(out, "ring, mean", a->ring_mean, d->ring_mean);
	time_line(out, "ring, least", a->ring_min, d->ring_min);
	time_line(out, "busy after", a->busy_after, d->busy_after);
	time_line(out, "failed after", a->failed_after, d->failed_after);
	share_line(out, "server error", a->server_error, d->server_error, GUESS);
	share_line(out, "server time-out", a->server_timeout, d->server_timeout, GUESS);
	connect_lines(&a->connect, out);
	bool same = a->npersonas == d->npersonas;
	for (size_t i = 0; i < a->npersonas; i++)
		persona_lines(&a->personas[i],
		        same && a->personas[i].share == d->personas[i].share &&
		                a->personas[i].hang_up == d->personas[i].hang_up,
		        out);
	dd_arena_free(arena);
}

double dd_audience_reach(const struct dd_audience *a, int attempts, bool known)
{
	double left = 1;
	for (int i = 0; i < attempts; i++) {
		double p = a->answer[i < 10 ? i : 9] * (known ? a->known_caller : 1);
		left *= 1 - (p < 1 ? p : 1) * (1 - a->machine);
	}
	return 1 - left;
}

enum dd_answered_by dd_audience_answers(
        const struct dd_audience *a, int attempt, int weekday, int hour, struct dd_pcg *rng)
{
	double p = a->answer[attempt < 10 ? attempt : 9] * a->hour[weekday][hour];
	double u = dd_draw(rng), v = dd_draw(rng);
	if (a->caller_known)
		p *= a->known_caller;
	if (u < p)
		return v < a->machine ? DD_BY_MACHINE : DD_BY_HUMAN;
	return v < a->busy                ? DD_BY_NOBODY_BUSY
	        : v < a->busy + a->failed ? DD_BY_NOBODY_FAILED
	                                  : DD_BY_NOBODY_NO_ANSWER;
}

dd_ms dd_audience_ring(
        const struct dd_audience *a, enum dd_answered_by by, dd_ms limit, struct dd_pcg *rng)
{
	if (by == DD_BY_NOBODY_NO_ANSWER)
		return limit;
	if (by == DD_BY_NOBODY_BUSY || by == DD_BY_NOBODY_FAILED)
		return by == DD_BY_NOBODY_BUSY ? a->busy_after : a->failed_after;
	double above = (double)(a->ring_mean > a->ring_min ? a->ring_mean - a->ring_min : 0);
	dd_ms ring = a->ring_min + (dd_ms)(dd_draw_exponential(rng) * above);
	return ring < limit ? ring : limit;
}
