/* Forecasts that nobody simulated, whose sums are right: what the printers are tried with. One kind
   each: reminder, long, empty, one, huge, interrupted, hostile. */
#ifndef DD_TESTS_MADE_UP_H
#define DD_TESTS_MADE_UP_H

#include <stdlib.h>

#include "base/text.h"
#include "campaign/paper.h"

struct made_up {
	struct dd_forecast f;
	struct dd_campaign c;
	struct dd_people people;
	struct dd_person person;
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_zone *zone;
};

static const char *const made_up_kinds[] = {
        "reminder", "long", "empty", "one", "huge", "interrupted", "hostile"};
enum { MADE_UP_KINDS = 7 };

/* `all` spread over the hours of which the wall shows 9 to 20, falling from day to day. */
static void made_up_hours(struct made_up *m, size_t days, uint64_t all, uint64_t humans)
{
	double weights = 0, so_far = 0, people = 0, people_so_far = 0;
	uint64_t calls_before = 0, humans_before = 0;
	struct dd_forecast *f = &m->f;
	f->nhours = 24 * (days - 1) + 11;
	f->hours = dd_arena_alloc(m->arena, f->nhours * sizeof *f->hours);
	for (int pass = 0; pass < 2; pass++)
		for (size_t i = 0; i < f->nhours; i++) {
			size_t day = i / 24, hour = 10 + i % 24;
			double weight = hour > 20 || day % 7 == 6
			        ? 0
			        : (1 + 0.5 * (double)((hour * 7) % 5)) /
			                (1 + 0.6 * (double)(day % 7));
			double person = weight * (1 + 0.2 * (double)((hour * 3 + day) % 7));
			weights += pass ? 0 : weight;
			people += pass ? 0 : person;
			if (!pass)
				continue;
			so_far += weight;
			people_so_far += person;
			uint64_t calls = i + 1 == f->nhours
			        ? all
			        : (uint64_t)((double)all * so_far / weights);
			uint64_t reached = i + 1 == f->nhours
			        ? humans
			        : (uint64_t)((double)humans * people_so_far / people);
			struct dd_hour_tally *h = &f->hours[i];
			h->calls = calls - calls_before;
			h->humans = reached - humans_before;
			h->busy_ms = h->calls * 31000;
			h->peak = h->calls ? (uint32_t)(h->calls * 31 / 3600 % 4000000) + 3 : 0;
			f->peak = h->peak > f->peak ? h->peak : f->peak;
			f->heat_calls[day % 7][hour % 24] += h->calls;
			f->heat_humans[day % 7][hour % 24] += h->humans;
			calls_before = calls;
			humans_before = reached;
		}
	f->first_hour = INT64_C(1737347400000); /* Monday 20 January 2025, 10:00 IST */
	f->first_call = f->first_hour + 2000;
	f->last_end = f->first_hour + (int64_t)f->nhours * 3600000 - 1094000;
	f->open_ms = (int64_t)days * 11 * 3600000 - 1094000;
	f->mean = (double)all * 31000 / (double)f->open_ms;
}

static void made_up_calls(struct made_up *m, uint64_t contacts, size_t days)
{
	static const double answer[] = {0.38, 0.31, 0.12};
	struct dd_forecast *f = &m->f;
	uint64_t left = contacts - contacts / 50;
	f->contacts = contacts;
	f->dialled = left;
	f->ends[DD_END_DND] = contacts / 100;
	f->ends[DD_END_INVALID] = contacts / 50 - contacts / 100;
	for (int i = 0; i < 3; i++) {
		struct dd_attempt_tally *a = &f->attempts[i];
		a->calls = left;
		a->humans = (uint64_t)((double)left * answer[i]);
		a->machines = left / 40;
		a->busy = left / 8;
		a->failed = left / 60;
		a->no_answer = left - a->humans - a->machines - a->busy - a->failed;
		f->calls += a->calls;
		f->answered += a->humans;
		f->machine_only += a->machines;
		left = a->busy + a->no_answer;
		f->ends[DD_END_FAILED] += a->failed;
		f->ends[DD_END_CONNECTED] += a->humans + a->machines;
	}
	f->ends[DD_END_BUSY] = f->attempts[2].busy;
	f->ends[DD_END_NO_ANSWER] = f->attempts[2].no_answer;
	f->completed = f->answered * 7 / 10;
	f->responded = f->answered * 6 / 10;
	f->acted = f->answered * 4 / 10;
	f->opted_out = f->answered / 30;
	made_up_hours(m, days, f->calls, f->answered);
}

static void made_up_menus(struct made_up *m)
{
	struct dd_forecast *f = &m->f;
	const struct dd_program *p = m->c.program;
	f->menus = dd_arena_alloc(m->arena, sizeof *f->menus);
	f->drop_step = dd_arena_alloc(m->arena, (p->nsteps + 1) * sizeof *f->drop_step);
	for (uint32_t i = 0; i < p->nsteps; i++)
		if (p->steps[i].applet == DD_IVR)
			f->menus[f->nmenus++].step = i;
	struct dd_menu_tally *t = &f->menus[0];
	t->visits = f->answered - f->answered / 10;
	t->keys[1] = f->acted;
	t->keys[2] = f->responded - f->acted - f->opted_out - f->answered / 40;
	t->keys[3] = f->answered / 40;
	t->keys[9] = f->opted_out;
	t->invalid = f->answered / 50;
	t->silence = f->answered / 5;
	t->tries_used_up = t->visits - f->responded;
	f->hung_up = f->answered * 15 / 100;
	f->drop_step[0] = f->hung_up * 2 / 3;
	f->drop_step[t->step] += f->hung_up - f->drop_step[0];
	f->dropped = f->answered / 500;
	f->sms = t->keys[2];
	f->requests = f->answered / 3;
	f->errors = f->answered / 200;
}

/* People leave at 0.4 % a second, and finish between 20 s and 60 s. */
static void made_up_seconds(struct dd_forecast *f)
{
	uint64_t there = f->answered, left = 0;
	for (int s = 0; s < DD_DROP_SECONDS; s++) {
		f->still_there[s] = there;
		uint64_t leave = left < f->hung_up ? (uint64_t)((double)there * 0.004 + 0.5) : 0;
		leave = leave > f->hung_up - left ? f->hung_up - left : leave;
		f->drop_second[s] = leave;
		left += leave;
		uint64_t done = s >= 20 ? there / 13 : 0;
		there -= leave + done > there ? there : leave + done;
	}
	f->drop_second[DD_DROP_SECONDS - 1] += f->hung_up - left;
	f->call_ms = (f->answered + f->machine_only) * 26400;
	f->ring_ms = f->calls * 14200;
}

static void made_up_open(struct made_up *m, const char *flow, const char *name)
{
	m->arena = dd_arena_new();
	dd_diags_init(&m->diags, m->arena);
	dd_zone_open("IST", &m->zone, NULL);
	m->person = (struct dd_person){.number = 919876543210, .line = 2};
	m->people = (struct dd_people){.list = &m->person, .n = 1};
	m->c = (struct dd_campaign){.path = "campaign.yaml",
	        .name = name,
	        .zone = m->zone,
	        .people = &m->people,
	        .interval = 3600000,
	        .concurrency = 400,
	        .account_throttle = 60,
	        .program = flow ? dd_program_load(flow, &m->diags) : NULL};
	m->f.campaign = &m->c;
	m->f.finished = true;
}

static const char *made_up_hostile(struct made_up *m)
{
	struct dd_buf name = {0};
	dd_buf_str(&name,
	        "=cmd()</script><script>document.title='owned'</script>]]><!--\x1b[31m\r\n"
	        "\u202Egnp\u2066\"'&<b>\xff");
	while (name.n < 500)
		dd_buf_str(&name, "long");
	char *kept = dd_arena_copy(m->arena, name.p, name.n);
	dd_buf_free(&name);
	return kept;
}

static void made_up_fill(struct made_up *m, const char *kind)
{
	struct dd_forecast *f = &m->f;
	bool huge = strcmp(kind, "huge") == 0;
	if (strcmp(kind, "one") == 0) {
		f->contacts = f->dialled = f->calls = f->answered = f->completed = f->responded =
		        f->acted = 1;
		f->ends[DD_END_CONNECTED] = 1;
		f->attempts[0] = (struct dd_attempt_tally){.calls = 1, .humans = 1};
		made_up_hours(m, 1, 1, 1);
	} else {
		made_up_calls(m,
		        huge                                ? UINT64_C(1000000000000)
		                : strcmp(kind, "long") == 0 ? 2500000
		                                            : 100000,
		        strcmp(kind, "long") == 0 ? 60
		                : huge            ? 6
		                                  : 3);
	}
	made_up_menus(m);
	made_up_seconds(f);
	f->held_hours = f->calls / 9;
	f->held_cap = f->calls / 90;
	f->waited_concurrency = (int64_t)(f->calls * 1000);
	f->waited_throttle = (int64_t)(f->calls * 90000 % INT64_MAX);
	f->waited_retry = (int64_t)(f->calls * 9000);
	f->waited_window = (int64_t)(f->calls * 2000);
	m->c.price_minute = 0.6;
	m->c.price_sms = 0.15;
	m->c.price_pulse_s = 60;
	f->cost = 0.6 * (double)(f->answered + f->machine_only) + 0.15 * (double)f->sms;
}

static void made_up_free(struct made_up *m)
{
	dd_program_free((struct dd_program *)m->c.program);
	dd_diags_fini(&m->diags);
	dd_arena_free(m->arena);
	dd_zone_free(m->zone);
	free(m);
}

/* NULL for a kind that there is not. Run at the root of the tree. */
static struct made_up *made_up(const char *kind)
{
	struct made_up *m = dd_alloc(sizeof *m);
	bool hostile = strcmp(kind, "hostile") == 0, empty = strcmp(kind, "empty") == 0,
	     known = false;
	*m = (struct made_up){0};
	for (int i = 0; i < MADE_UP_KINDS; i++)
		known = known || strcmp(kind, made_up_kinds[i]) == 0;
	made_up_open(m,
	        empty             ? NULL
	                : hostile ? "tests/page/hostile.yaml"
	                          : "tests/page/reminder.yaml",
	        "January payment reminders");
	if (hostile)
		m->c.name = made_up_hostile(m);
	if (!known || (!empty && !m->c.program)) {
		made_up_free(m);
		return NULL;
	}
	if (!empty)
		made_up_fill(m, kind);
	if (strcmp(kind, "interrupted") == 0) {
		m->f.finished = false;
		m->f.interrupted = true;
		m->f.ends[DD_END_PENDING] = m->f.ends[DD_END_NO_ANSWER];
		m->f.ends[DD_END_NO_ANSWER] = 0;
		m->c.price_minute = m->c.price_sms = 0;
	}
	return m;
}

#endif
