/* The forecast and the stand-in tell the same story: the simulator rehearses a campaign and every
   call of it is recorded; then the server's campaigns are fed with those outcomes, below HTTP and
   without a telephone. Each must call the same number at the same moment. */
#include <glob.h>
#include <unistd.h>

#include "base/heap.h"
#include "campaign/forecast.h"
#include "serve/dial.h"
#include "session/session.h"
#include "sim/tts.h"
#include "../unit.h"

enum { PEOPLE_MAX = 5000, CAMPAIGN_CALLS_MAX = 20000 };

/* What the simulator did. */
struct recorded {
	struct dd_simulated_call *calls;
	size_t n, cap;
};

static void record(void *self, const struct dd_simulated_call *call)
{
	struct recorded *r = self;
	DD_PUSH(r->calls, r->n, r->cap) = *call;
}

static bool go_on(void *self, const struct dd_forecast *so_far)
{
	(void)self;
	return so_far->calls < CAMPAIGN_CALLS_MAX;
}

static void *open_voice(void *self, struct dd_tts *tts)
{
	struct dd_sim_tts *voice = dd_sim_tts_new(10, 0);
	(void)self;
	*tts = dd_sim_tts_port(voice);
	return voice;
}

static void close_voice(void *self, void *voice)
{
	(void)self;
	dd_sim_tts_free(voice);
}

struct world {
	struct dd_arena *arena;
	struct dd_diags diags;
	struct server *server;
	struct recorded recorded;
	/* the calls of the server that are going on, by their end: as the simulator's record says
	 */
	struct dd_heap active;
	struct {
		struct dd_call_record r;
		char customer[24];
		size_t fed;
	} * going;
	uint32_t ngoing, cap_going;
	uint32_t *next_of; /* of each person: the next of its calls in the record */
};

static struct dd_campaign *load(struct world *w, const char *path)
{
	struct dd_campaign_choices choices = {0};
	struct dd_campaign *c = dd_campaign_load(path, &choices, &w->diags);
	if (!c || !c->program) {
		dd_campaign_free(c);
		choices.flow = "flows/appointment-reminder.yaml";
		c = dd_campaign_load(path, &choices, &w->diags);
	}
	return c;
}

static void rehearse(struct world *w, const struct dd_campaign *c)
{
	dd_ms *lengths = calloc(c->program->nprompts + 1, sizeof *lengths);
	const dd_ms *all[] = {lengths};
	const struct dd_campaign *list[] = {c};
	struct dd_simulate_options o = {
	        .prompt_ms = all, .self = &w->recorded, .call = record, .go_on = go_on};
	struct dd_error err = {""};
	for (uint32_t i = 0; i < c->program->nprompts; i++)
		lengths[i] = 3000;
	struct dd_forecast **f = dd_simulate(list, 1, &o, &err);
	if (!f)
		fail_msg("%s", err.text);
	dd_forecast_free(f[0]);
	free(f);
	free(lengths);
}

static void open_server(struct world *w, const struct dd_campaign *c, int64_t at)
{
	static const volatile sig_atomic_t never;
	struct dd_error err = {""};
	struct dd_serve_options o = {.flows = "flows",
	        .address = "127.0.0.1",
	        .credentials = "k:t",
	        .db = ":memory:",
	        .at_given = true,
	        .at = at,
	        .voices = {NULL, open_voice, close_voice, true},
	        .stop = &never};
	w->server = server_open(&o, &w->diags, &err);
	if (!w->server)
		fail_msg("%s", err.text);
	/* the account is the campaign's own, not the platform's default */
	const struct dd_dialler_options account = {.account_throttle = c->account_throttle,
	        .account_concurrency = c->account_concurrency};
	dd_dialler_free(w->server->dialler);
	assert_int_equal(dials_open(w->server, &account, &err), DD_OK);
}

static size_t next_record(struct world *w, uint32_t person)
{
	size_t i = w->next_of[person];
	while (i < w->recorded.n && w->recorded.calls[i].person != person)
		i++;
	w->next_of[person] = (uint32_t)i + 1;
	return i;
}

/* Calls that the server has placed since: each must stand in the record, at this moment. */
static void compare_new_calls(struct world *w, const char *path)
{
	struct exchange *x = &w->server->exchange;
	for (uint32_t i = 0; i < x->nslots; i++) {
		struct live *c = x->slots[i];
		if (!c || c->r.updated == -1)
			continue;
		size_t at = next_record(w, (uint32_t)c->r.contact);
		if (at >= w->recorded.n)
			fail_msg("%s: the server calls contact %d once more", path,
			        (int)c->r.contact);
		const struct dd_simulated_call *k = &w->recorded.calls[at];
		if (k->placed != w->server->clock.now || k->attempt != c->r.attempt)
			fail_msg("%s: contact %d, attempt %d at %lld, not %d at %lld", path,
			        (int)c->r.contact, k->attempt, (long long)k->placed,
			        (int)c->r.attempt, (long long)w->server->clock.now);
		DD_PUSH(w->going, w->ngoing, w->cap_going).r = c->r;
		w->going[w->ngoing - 1].fed = at;
		(void)snprintf(w->going[w->ngoing - 1].customer, 24, "%s", c->r.customer);
		dd_heap_push(&w->active, k->placed + k->ringing + k->lasted, w->ngoing - 1);
		c->r.updated = -1; /* seen */
	}
}

static void end_calls(struct world *w)
{
	static const char *const statuses[] = {[DD_BY_HUMAN] = "completed",
	        [DD_BY_MACHINE] = "completed",
	        [DD_BY_NOBODY_BUSY] = "busy",
	        [DD_BY_NOBODY_NO_ANSWER] = "no-answer",
	        [DD_BY_NOBODY_FAILED] = "failed"};
	while (w->active.n && w->active.list[0].at <= w->server->clock.now) {
		uint32_t i = dd_heap_pop(&w->active).what;
		const struct dd_simulated_call *k = &w->recorded.calls[w->going[i].fed];
		struct dd_call_record r = w->going[i].r;
		r.sid = "0123456789abcdef0123456789abcdef";
		r.account = "drydial";
		r.customer = w->going[i].customer;
		r.status = statuses[k->answered_by];
		r.digits = "";
		r.opted_out = k->opted_out && k->answered_by == DD_BY_HUMAN;
		dials_over(w->server, &r);
	}
}

static void both_agree_on(const char *path)
{
	struct world w = {.arena = dd_arena_new()};
	dd_diags_init(&w.diags, w.arena);
	struct dd_campaign *c = load(&w, path), *own = c ? load(&w, path) : NULL;
	char *why = NULL;
	if (!own || c->people->n > PEOPLE_MAX) {
		dd_campaign_free(c);
		dd_campaign_free(own);
		dd_diags_fini(&w.diags);
		dd_arena_free(w.arena);
		return;
	}
	rehearse(&w, c);
	w.next_of = calloc((size_t)c->people->n + 1, sizeof *w.next_of);
	open_server(&w, c, c->start == INT64_MIN ? DD_STARTS_UNIX_MS : c->start);
	if (!dial_adopt(w.server, own, "appointment-reminder", &why))
		fail_msg("%s: %s", path, why);
	bool cut = w.recorded.n >= CAMPAIGN_CALLS_MAX;
	for (int64_t next = w.server->clock.now; next != INT64_MAX;) {
		w.server->clock.now = next;
		end_calls(&w);
		dials_run(w.server);
		if (cut && w.ngoing + 1000 > w.recorded.n)
			break;
		compare_new_calls(&w, path);
		next = dials_due(w.server);
		if (w.active.n && w.active.list[0].at < next)
			next = w.active.list[0].at;
	}
	if (!cut && w.ngoing != w.recorded.n)
		fail_msg("%s: %u calls, where the forecast has %zu", path, w.ngoing, w.recorded.n);
	print_message("%s: %u calls\n", path, w.ngoing);
	server_close(w.server);
	free(w.going);
	free(w.next_of);
	free(w.recorded.calls);
	dd_heap_fini(&w.active);
	dd_campaign_free(c);
	dd_diags_fini(&w.diags);
	dd_arena_free(w.arena);
}

static void both_hosts_agree_on_every_campaign(void **state)
{
	static const char *const patterns[] = {"campaigns/*.yaml", "campaigns/*.json",
	        "tests/campaigns/good/*.yaml", "tests/campaigns/good/*.json",
	        "tests/campaigns/rules/*/*.yaml", "tests/campaigns/hosts/*.yaml"};
	(void)state;
	for (size_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
		glob_t found;
		assert_int_equal(glob(patterns[p], 0, NULL, &found), 0);
		for (size_t i = 0; i < found.gl_pathc; i++)
			both_agree_on(found.gl_pathv[i]);
		globfree(&found);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_hosts_agree_on_every_campaign),
};

UNIT_MAIN(tests)
