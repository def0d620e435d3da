/* The calls that are not over: they wait for a line, ring, and talk, all on the one call machine.
   What happens at which moment of a call is said by the session and by whoever answers, never by
   when this loop came round: the same keys give the same transcript as drydial call. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "call/trace.h"
#include "report/json.h"
#include "report/transcript.h"
#include "serve/sms.h"

enum { NETWORK_MS = 2000, NETWORK_MORE_MS = 4000 };
enum { STORE = 4096, AT_ONCE = 10000 /* of one call */ };

void new_sid(char sid[33])
{
	static unsigned char pool[1024];
	static size_t used = sizeof pool;
	if (used == sizeof pool) {
		if (getrandom(pool, sizeof pool, 0) != (ssize_t)sizeof pool)
			abort();
		used = 0;
	}
	for (int i = 0; i < 16; i++, used++) {
		sid[2 * i] = "0123456789abcdef"[pool[used] >> 4];
		sid[2 * i + 1] = "0123456789abcdef"[pool[used] & 15];
	}
	sid[32] = '\0';
}

/* Calls of one time have sids that begin alike, so that they lie together in the ledger's index. */
static void call_sid(const struct server *s, char sid[33])
{
	uint64_t seconds = (uint64_t)s->clock.now / 1000;
	new_sid(sid);
	for (int i = 0; i < 8; i++)
		sid[i] = "0123456789abcdef"[seconds >> (28 - 4 * i) & 15];
	uint64_t part = (uint64_t)s->clock.now % 1000 * 4096 / 1000;
	for (int i = 0; i < 3; i++)
		sid[8 + i] = "0123456789abcdef"[part >> (8 - 4 * i) & 15];
}

/* -- tables ----------------------------------------------------------------- */

static struct live **bucket_of(struct exchange *x, const char *sid, size_t n)
{
	uint32_t hash = 2166136261u; /* FNV-1a */
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ (unsigned char)sid[i]) * 16777619u;
	return &x->sids[hash % SID_BUCKETS];
}

struct live *exchange_find(struct server *s, struct dd_str sid)
{
	for (struct live *c = *bucket_of(&s->exchange, sid.p, sid.n); c; c = c->next)
		if (dd_str_is(sid, c->r.sid))
			return c;
	return NULL;
}

/* The live call owns one block behind itself with all texts of its record. */
static struct live *live_new(const struct dd_call_record *r)
{
	size_t bytes = 0;
#define TEXT(field) bytes += r->field ? strlen(r->field) + 1 : 0;
#define INT(field)
	DD_CALL_COLUMNS(TEXT, INT)
#undef TEXT
	struct live *c = dd_alloc(sizeof *c + bytes);
	char *at = (char *)(c + 1);
	c->r = *r;
#define TEXT(field) \
	if (r->field) { \
		size_t n = strlen(r->field) + 1; \
		memcpy(at, r->field, n); \
		c->r.field = at; \
		at += n; \
	}
	DD_CALL_COLUMNS(TEXT, INT)
#undef TEXT
#undef INT
	c->due = INT64_MAX;
	c->presses = DD_NEVER;
	return c;
}

static void put(struct server *s, struct live *c)
{
	struct exchange *x = &s->exchange;
	struct live **bucket = bucket_of(x, c->r.sid, strlen(c->r.sid));
	c->server = s;
	c->slot = x->nfree ? x->free[--x->nfree] : x->nslots;
	if (c->slot == x->nslots)
		DD_PUSH(x->slots, x->nslots, x->cap_slots) = c;
	x->slots[c->slot] = c;
	c->next = *bucket;
	c->link = bucket;
	if (c->next)
		c->next->link = &c->next;
	*bucket = c;
}

static void wait_in_line(struct server *s, const struct live *c)
{
	struct exchange *x = &s->exchange;
	if (x->line_n == x->line_cap) {
		size_t cap = x->line_cap ? x->line_cap * 2 : 256;
		uint32_t *line = dd_alloc(cap * sizeof *line);
		for (size_t i = 0; i < x->line_n; i++)
			line[i] = x->line[(x->line_first + i) % x->line_cap];
		free(x->line);
		x->line = line;
		x->line_first = 0;
		x->line_cap = cap;
	}
	x->line[(x->line_first + x->line_n++) % x->line_cap] = c->slot;
}

static void set_due(struct live *c, int64_t at)
{
	c->due = at;
	if (at != INT64_MAX)
		dd_heap_push(&c->server->exchange.due, at, c->slot);
}

/* What was pushed for a call that has changed its mind, or is over, is passed over. */
int64_t exchange_due(struct server *s)
{
	struct exchange *x = &s->exchange;
	while (x->due.n) {
		struct dd_heap_item top = x->due.list[0];
		if (x->slots[top.what] && x->slots[top.what]->due == top.at)
			return top.at;
		(void)dd_heap_pop(&x->due);
	}
	return INT64_MAX;
}

/* -- requests of calls ------------------------------------------------------ */

static bool http_allowed(void *self, const char *url)
{
	const struct live *c = self;
	return hooks_may_ask(c->server, url);
}

static bool http_send(void *self, const struct dd_http_request *r, struct dd_http_answer *answer)
{
	struct live *c = self;
	struct dd_http_request request = *r;
	char *mapped = hooks_mapped(c->server, r->url);
	request.url = mapped;
	request.id = hooks_request(c->server, c, r->id);
	c->server->exchange.awaited++;
	c->server->clock.holds++;
	struct dd_buf url = {0}, body = {0};
	bool twice = faults_request(c->server, c->r.sid, &request, &url, &body);
	(void)c->server->http.send(c->server->http.self, &request, answer);
	if (twice) { /* nobody waits for the second answer */
		request.id = hooks_request(c->server, NULL, 0);
		(void)c->server->http.send(c->server->http.self, &request, answer);
	}
	dd_buf_free(&url);
	dd_buf_free(&body);
	free(mapped);
	return false;
}

/* A request that is on its way when the call ends still reaches its server. */
static void http_forget(void *self, uint32_t id)
{
	struct live *c = self;
	c->server->exchange.awaited--;
	c->server->clock.holds--;
	hooks_forget(c->server, c, id);
}

/* What time it is in the conversation: it stands still while a sound is not ready. */
static dd_ms now_of(const struct live *c)
{
	return dd_session_parked(c->session) ? dd_session_now(c->session)
	                                     : c->server->clock.now - c->r.answered - c->stood;
}

void exchange_resume(struct server *s, uint32_t slot)
{
	struct live *c = slot < s->exchange.nslots ? s->exchange.slots[slot] : NULL;
	if (c && c->session && dd_session_parked(c->session))
		set_due(c, s->clock.now);
}

/* Whether the conversation can go on now. It goes on where it stood. */
static bool goes_on(struct live *c)
{
	bool stood = dd_session_parked(c->session),
	     parked = stood && !dd_session_resume(c->session);
	if (stood && !parked)
		c->stood = c->server->clock.now - c->r.answered - dd_session_now(c->session);
	c->server->exchange.parked += parked;
	c->server->exchange.parked -= c->parked;
	c->parked = parked;
	return !parked;
}

void exchange_reply(struct live *c, uint32_t id, const struct dd_http_answer *answer)
{
	c->server->exchange.awaited--;
	c->server->clock.holds--;
	dd_session_reply(c->session, now_of(c), id, answer);
	set_due(c, c->server->clock.now);
}

/* -- applications ----------------------------------------------------------- */

/* As the platform asks: the customer has answered, and parameters are those of its own dialect. */
static struct dd_app *app_at(
        const struct server *s, const char *url, const struct dd_http *http, struct dd_error *err)
{
	const struct dd_app_options o = {.url = url,
	        .dialect = DD_EXOML,
	        .method = DD_POST,
	        .hosts = s->o->hosts,
	        .nhosts = s->o->nhosts,
	        .live = true, /* whether it may be asked was judged before */
	        .outbound = true,
	        .http = http,
	        .real_time = true,
	        .recordings = true,
	        .recordings_at = s->said_at};
	return dd_app_new(&o, err);
}

char *exchange_refuse_app(struct server *s, const char *url)
{
	struct dd_error err = {""};
	struct dd_buf why = {0};
	char *told = dd_url_told(url);
	if (strcmp(told, url) != 0)
		dd_buf_str(&why, "the address of an application may have no user:secret@");
	else if (!hooks_may_ask(s, url))
		dd_buf_format(&why,
		        "the application at %s is not on this machine; start drydial serve with "
		        "--allow-host HOST, --live or --map FROM=TO",
		        url);
	struct dd_app *app = why.n ? NULL : app_at(s, url, NULL, &err);
	if (!why.n && !app)
		dd_buf_str(&why, err.text);
	dd_app_free(app);
	free(told);
	return why.p;
}

const struct dd_program *exchange_program(const struct live *c)
{
	return c->app ? dd_app_program(c->app) : c->edition->program;
}

/* An application's documents may hold anything. */
static bool make_app(struct live *c)
{
	struct dd_error err;
	if (!dd_is_url(c->r.app))
		return false;
	c->app = app_at(c->server, c->r.app, &c->http, &err);
	if (c->app)
		dd_app_begin(c->app);
	return c->app != NULL;
}

/* -- the life of a call ----------------------------------------------------- */

static void write_call(struct live *c)
{
	c->r.updated = c->server->clock.now;
	dd_ledger_change(c->server->ledger, DD_TABLE_CALL, &c->r);
	events_call(c->server, &c->r);
}

/* A person at a phone takes the time that people take. */
static void hold_clock(struct live *c, struct phone *phone)
{
	if (!c->phone && phone)
		c->server->clock.holds++;
	else if (c->phone && !phone)
		c->server->clock.holds--;
	if (c->phone)
		c->phone->call = NULL;
	c->phone = phone;
	if (phone)
		phone->call = c;
}

/* What a network needs to find out that nobody will answer: 2 to 6 seconds, the same for the same
 * number and attempt. */
static dd_ms network_ms(const struct live *c, dd_ms limit)
{
	struct dd_pcg rng = dd_pcg_seed(
	        (uint64_t)c->r.number * 31 + (uint64_t)c->r.attempt, c->server->o->seed);
	dd_ms ms = NETWORK_MS + (dd_ms)(dd_pcg_next(&rng) % (NETWORK_MORE_MS + 1));
	return ms < limit ? ms : limit;
}

static dd_ms ring_for(struct live *c)
{
	dd_ms limit = c->r.ring_timeout;
	if (c->who.kind == WHO_PHONE)
		return limit;
	if (c->who.kind == WHO_AUDIENCE && c->edition->crowd)
		return dd_audience_ring(c->server->config.audience, c->who.by, limit, &c->rng);
	if (c->who.by == DD_BY_NOBODY_NO_ANSWER)
		return limit;
	return c->who.by <= DD_BY_MACHINE ? (DD_RING_MS < limit ? DD_RING_MS : limit)
	                                  : network_ms(c, limit);
}

/* Chance is drawn from the number and how often it has been called, so that a run can be had again.
 */
static void draw_answer(struct live *c, uint64_t number)
{
	struct server *s = c->server;
	int64_t local = s->clock.now + (int64_t)DD_IST_OFFSET_S * 1000, day = local / 86400000;
	c->rng = dd_pcg_seed(number * 1000003 + (uint64_t)c->r.attempt, s->o->seed);
	c->who.by = dd_audience_answers(s->config.audience,
	        (int)(c->r.attempt > 0 ? c->r.attempt - 1 : 0), dd_weekday(day),
	        (int)(local - day * 86400000) / 3600000, &c->rng);
}

static void begin_to_ring(struct live *c)
{
	struct server *s = c->server;
	struct app *app = flows_find(s, dd_str(c->r.app));
	uint64_t number = number_at_home(s, dd_str(c->r.customer));
	c->stage = LIVE_RINGING;
	s->exchange.placed++;
	c->r.stage = DD_STAGE_PLACED;
	c->r.placed = s->clock.now;
	c->r.status = "ringing";
	c->edition = app ? flows_take(s, app) : NULL;
	if (!c->edition || !c->edition->program) {
		c->who =
		        (struct who){.by = DD_BY_NOBODY_FAILED}; /* the flow was taken away, or
		                                                    broken, while the call waited */
		set_due(c, s->clock.now + network_ms(c, c->r.ring_timeout));
		return;
	}
	if (!c->own)
		c->who = who_answers(s, number, &c->own);
	if (c->who.kind == WHO_AUDIENCE)
		draw_answer(c, number);
	if (c->who.kind == WHO_PHONE) {
		bool in_use = false;
		hold_clock(c, events_phone(s, number, false, &in_use));
		if (!c->phone) /* somebody talks into it, or none is there */
			c->who = (struct who){
			        .by = in_use ? DD_BY_NOBODY_BUSY : DD_BY_NOBODY_NO_ANSWER};
	}
	set_due(c, s->clock.now + ring_for(c));
}

static bool has_free_line(const struct server *s)
{
	return s->exchange.placed < (s->o->calls ? s->o->calls : DD_SERVE_CALLS_MAX);
}

/* One that need not wait is written once: as ringing. It rings when that is on disk. */
struct live *exchange_accept(struct server *s, struct dd_call_record *r, struct dd_str answer)
{
	char sid[33];
	call_sid(s, sid);
	r->sid = sid;
	memcpy(s->faults.placed, sid, sizeof s->faults.placed);
	r->number = (int64_t)number_at_home(s, dd_str(r->customer));
	r->caller = (int64_t)number_at_home(s, dd_str(r->caller_id));
	r->called = r->callee ? (int64_t)number_at_home(s, dd_str(r->callee)) : r->number;
	r->status = "queued";
	r->stage = DD_STAGE_ACCEPTED;
	r->created = r->updated = s->clock.now;
	if (!r->campaign && r->number) { /* those of campaigns are counted by their step */
		r->day = dd_dialler_day(s->dialler, 0, UINT32_MAX, s->clock.now);
		dd_dialler_called(s->dialler, (uint64_t)r->number, s->clock.now);
	}
	struct live *c = live_new(r);
	c->r.status = "queued";
	if (answer.n) {
		c->own = dd_arena_new();
		(void)who_parse(c->own, answer, &c->who);
	}
	put(s, c);
	s->exchange.accepted++;
	if (!s->exchange.line_n && has_free_line(s))
		begin_to_ring(c);
	else
		wait_in_line(s, c);
	c->r.id = dd_ledger_add(s->ledger, DD_TABLE_CALL, &c->r);
	events_call(s, &c->r);
	return c;
}

void exchange_place(struct server *s)
{
	struct exchange *x = &s->exchange;
	while (x->line_n && has_free_line(s)) {
		uint32_t slot = x->line[x->line_first];
		x->line_first = (x->line_first + 1) % x->line_cap;
		x->line_n--;
		struct live *c = x->slots[slot];
		if (!c || c->stage != LIVE_QUEUED)
			continue;
		begin_to_ring(c);
		write_call(c);
	}
}

static void read_variables(struct live *c)
{
	const char *name;
	json_t *value;
	size_t n = 0;
	c->variables = c->r.variables ? json_loads(c->r.variables, 0, NULL) : NULL;
	if (!c->variables)
		return;
	c->names = dd_alloc((json_object_size(c->variables) + 1) * sizeof *c->names);
	c->values = dd_alloc((json_object_size(c->variables) + 1) * sizeof *c->values);
	json_object_foreach (c->variables, name, value) {
		if (!json_is_string(value))
			continue;
		c->names[n] = name;
		c->values[n++] = json_string_value(value);
	}
	c->nvariables = n;
}

static size_t store_for(const struct live *c)
{
	size_t bytes = c->app ? DD_STORE_BYTES : STORE;
	for (uint32_t i = 0; i < c->edition->program->nsteps; i++)
		if (c->edition->program->steps[i].applet == DD_PASSTHRU ||
		        c->edition->program->steps[i].applet >= DD_BRANCH)
			bytes = DD_STORE_BYTES; /* what servers say, and what is set, is kept */
	for (size_t i = 0; i < c->nvariables; i++)
		bytes += strlen(c->values[i]) + 1;
	return bytes < DD_STORE_BYTES_MAX ? bytes : DD_STORE_BYTES_MAX;
}

/* `by` who took the call, or why nobody did. */
static void make_session(struct live *c, enum dd_answered_by by)
{
	read_variables(c);
	c->voice = voice_take(c->server);
	c->http = (struct dd_http){c, http_allowed, http_send, http_forget};
	bool app = make_app(c);
	struct dd_session_options o = {
	        .program = exchange_program(c),
	        .setup = {.from = c->r.customer,
	                .to = c->r.caller_id,
	                .call_sid = c->r.sid,
	                .custom_field = c->r.custom_field,
	                .direction = app ? "outbound-api" : NULL,
	                .attempt = (int)(c->r.attempt > 0 ? c->r.attempt : 1),
	                .answered_unix_ms = c->server->clock.now,
	                .time_limit = c->r.time_limit,
	                .names = c->names,
	                .values = c->values,
	                .nvariables = c->nvariables},
	        .answered_by = by,
	        .ring_timeout = c->r.ring_timeout,
	        .tts = sounds_of(c),
	        .http = app ? dd_app_http(c->app) : &c->http,
	        .documents = app ? dd_app_documents(c->app) : NULL,
	        .record = true,
	        .store = store_for(c),
	};
	if (c->phone)
		c->ears[o.nears++] = sound_ear(c);
	if (c->r.answered && recording_begin(c, &c->ears[o.nears]))
		o.nears++;
	o.ears = c->ears;
	c->session = dd_session_new(&o);
}

static void take_call(struct live *c, enum dd_answered_by by)
{
	struct server *s = c->server;
	c->stage = LIVE_TALKING;
	c->r.answered = s->clock.now;
	c->r.status = "in-progress";
	c->r.answered_by = by == DD_BY_MACHINE ? "machine" : "human";
	c->scripted = c->who.keys || c->who.press;
	c->drawn = c->who.kind == WHO_AUDIENCE && by == DD_BY_HUMAN && c->edition->crowd &&
	        !dd_is_url(c->r.app);
	if (c->who.press)
		dd_script_init_fixed(&c->script, c->who.press);
	else
		dd_script_init(&c->script, c->who.keys);
	if (c->drawn)
		c->customer = dd_crowd_draw(c->edition->crowd, &c->rng);
	write_call(c);
	if (c->r.hook && (c->r.hook_events & HOOK_ANSWERED))
		hooks_call(s, &c->r, "answered");
	make_session(c, by);
	dd_session_start(c->session);
}

/* When a simulated customer presses the next key; what they do at a menu is drawn when it begins to
 * wait. */
static dd_ms customer_next(struct live *c)
{
	const struct dd_call *call = dd_session_call(c->session);
	struct dd_playing playing;
	bool waits = dd_call_waits(call);
	if (waits && dd_session_waits(c->session) > c->waits) {
		dd_ms think = 0;
		c->waits = dd_session_waits(c->session);
		c->nkeys = dd_crowd_press(c->edition->crowd, &c->customer, &c->rng,
		        dd_call_at(call), c->keys, &think);
		c->presses = c->nkeys ? dd_session_now(c->session) + think : DD_NEVER;
	} else if (!waits &&
	        (!dd_call_listens(call) ||
	                dd_session_playing(c->session, dd_session_now(c->session), &playing))) {
		c->presses = DD_NEVER;
	}
	return c->presses;
}

static void customer_press(struct live *c)
{
	dd_session_key(c->session, c->presses, c->keys[0]);
	memmove(c->keys, c->keys + 1, sizeof c->keys - 1);
	c->nkeys--;
	c->presses = c->nkeys ? c->presses + DD_CUSTOMER_GAP_MS : DD_NEVER;
}

static dd_ms next_key(struct live *c)
{
	return c->scripted ? dd_script_next(&c->script, c->session)
	        : c->drawn ? customer_next(c)
	                   : DD_NEVER;
}

/* -- its end ---------------------------------------------------------------- */

static void keep_messages(struct live *c)
{
	const struct dd_trace *t = dd_session_trace(c->session);
	for (size_t i = 0; i < t->nevents; i++) {
		const struct dd_trace_event *e = &t->events[i];
		if (e->type != DD_TR_SMS)
			continue;
		struct dd_str to = dd_trace_str(t, e->more), text = dd_trace_str(t, e->text),
		              sender = dd_trace_str(t, e->sender);
		char *texts[] = {dd_str_copy(to), dd_str_copy(sender), dd_str_copy(text)}, sid[33];
		const struct sms m = {.account = c->r.account,
		        .call = c->r.sid,
		        .to = texts[0],
		        .sender = texts[1] ? texts[1] : "",
		        .text = texts[2] ? texts[2] : "",
		        .promotional = dd_program_promotes(exchange_program(c)),
		        .of_flow = true,
		        .at = (c->r.answered ? c->r.answered : c->r.placed) + e->at};
		(void)sms_send(c->server, &m, sid);
		for (size_t k = 0; k < 3; k++)
			free(texts[k]);
	}
}

static void keep_transcript(struct live *c)
{
	struct dd_transcript t = {exchange_program(c), dd_session_call(c->session),
	        dd_session_trace(c->session), dd_session_outcome(c->session)};
	struct dd_buf json = {0};
	dd_json_print(dd_json_transcript(&t), JSON_COMPACT, &json);
	struct dd_transcript_record r = {.call = c->r.id, .json = json.p};
	(void)dd_ledger_add(c->server->ledger, DD_TABLE_TRANSCRIPT, &r);
	dd_buf_free(&json);
}

static void release(struct live *c)
{
	struct exchange *x = &c->server->exchange;
	c->stage = LIVE_OVER;
	x->parked -= c->parked;
	sound_end(c);
	recording_end(c);
	hold_clock(c, NULL);
	dd_session_free(c->session);
	dd_app_free(c->app);
	voice_give_back(c->voice);
	flows_give_back(c->edition);
	json_decref(c->variables);
	free(c->names);
	free(c->values);
	dd_arena_free(c->own);
	*c->link = c->next;
	if (c->next)
		c->next->link = c->link;
	x->slots[c->slot] = NULL;
	DD_PUSH(x->free, x->nfree, x->cap_free) = c->slot;
	free(c);
}

static void finish(struct live *c, const char *status, const struct dd_outcome *outcome)
{
	struct server *s = c->server;
	const struct dd_buf *digits = outcome ? &outcome->digits : NULL;
	s->exchange.placed -= c->stage != LIVE_QUEUED;
	s->exchange.over++;
	c->r.stage = DD_STAGE_OVER;
	c->r.status = status;
	c->r.ended =
	        c->r.answered ? c->r.answered + (outcome ? outcome->duration_ms : 0) : s->clock.now;
	c->r.digits = digits && digits->n ? digits->p : c->r.answered ? "" : NULL;
	c->r.ended_by = outcome && c->r.answered ? dd_ended_by_name(outcome->ended_by) : NULL;
	c->r.opted_out = outcome && outcome->opted_out;
	c->r.goal = outcome && outcome->goal;
	c->r.updated = s->clock.now;
	recording_end(c);
	if (c->session) {
		keep_transcript(c);
		keep_messages(c);
		events_record(c);
	}
	dd_ledger_change(s->ledger, DD_TABLE_CALL, &c->r);
	if (c->r.hook)
		hooks_call(s, &c->r, "terminal");
	if (c->r.campaign)
		dials_over(s, &c->r);
	else if (c->r.opted_out)
		dd_dialler_opted_out(s->dialler, (uint64_t)c->r.number);
	events_call(s, &c->r);
	if (s->o->tell)
		server_tell(s, "%s %s %s%s%s, %lld s", c->r.customer, c->r.app, status,
		        c->r.digits && *c->r.digits ? ", keys " : "",
		        c->r.digits ? c->r.digits : "", (long long)call_seconds(&c->r));
	release(c);
}

/* Nobody took it. */
static void not_taken(struct live *c, enum dd_answered_by by)
{
	static const enum dd_call_status statuses[] = {[DD_BY_NOBODY_BUSY] = DD_CALL_BUSY,
	        [DD_BY_NOBODY_NO_ANSWER] = DD_CALL_NO_ANSWER,
	        [DD_BY_NOBODY_FAILED] = DD_CALL_FAILED,
	        [DD_BY_NOBODY_CANCELED] = DD_CALL_CANCELED};
	if (c->edition && c->edition->program) {
		make_session(c, by);
		dd_session_start(c->session);
	}
	finish(c, dd_call_status_name(statuses[by]),
	        c->session ? dd_session_outcome(c->session) : NULL);
}

/* Everything of a conversation that is due by now. */
static void talk(struct live *c)
{
	dd_ms due = DD_NEVER, key = DD_NEVER, enough = DD_NEVER;
	/* one that has much to do at once lets others have their turn */
	for (int n = 0; goes_on(c) && !dd_session_over(c->session); n++) {
		dd_ms now = n < AT_ONCE ? now_of(c) : -1;
		due = dd_session_next(c->session);
		key = next_key(c);
		enough = c->drawn ? c->customer.hangs_up : DD_NEVER;
		if (due <= key && due <= enough) {
			if (due > now)
				break;
			dd_session_advance(c->session, due);
		} else if (key <= enough) {
			if (key > now)
				break;
			if (c->scripted)
				dd_script_press(&c->script, c->session);
			else
				customer_press(c);
		} else {
			if (enough > now)
				break;
			dd_session_hang_up(c->session, enough);
		}
	}
	events_record(c);
	if (dd_session_over(c->session)) {
		finish(c, dd_call_status_name(dd_session_outcome(c->session)->status),
		        dd_session_outcome(c->session));
		return;
	}
	due = due < key ? due : key;
	due = due < enough ? due : enough;
	set_due(c, due == DD_NEVER || c->parked ? INT64_MAX : c->r.answered + c->stood + due);
}

static void on_due(struct live *c)
{
	c->due = INT64_MAX;
	if (c->stage == LIVE_RINGING && c->who.kind == WHO_PHONE) {
		not_taken(c, DD_BY_NOBODY_NO_ANSWER);
		return;
	}
	if (c->stage == LIVE_RINGING && c->who.by > DD_BY_MACHINE) {
		not_taken(c, c->who.by);
		return;
	}
	if (c->stage == LIVE_RINGING)
		take_call(c, c->who.by);
	talk(c);
}

/* Phones that went away in the middle of a call: somebody closed the page. */
static void drop_hung(struct server *s)
{
	s->exchange.hung = false;
	for (uint32_t i = 0; i < s->exchange.nslots; i++) {
		struct live *c = s->exchange.slots[i];
		if (!c || !c->hung)
			continue;
		c->hung = false;
		if (c->stage == LIVE_TALKING)
			(void)exchange_hang_up(c);
		else if (c->stage == LIVE_RINGING)
			not_taken(c, DD_BY_NOBODY_NO_ANSWER);
	}
}

size_t exchange_run(struct server *s, size_t most)
{
	size_t n = 0;
	if (s->exchange.hung)
		drop_hung(s);
	while (n < most && exchange_due(s) <= s->clock.now) {
		on_due(s->exchange.slots[dd_heap_pop(&s->exchange.due).what]);
		n++;
	}
	return n;
}

/* -- people ----------------------------------------------------------------- */

bool exchange_answer(struct live *c)
{
	if (c->stage != LIVE_RINGING || !c->edition || !c->edition->program)
		return false;
	c->who = (struct who){.kind = WHO_PHONE, .by = DD_BY_HUMAN};
	take_call(c, DD_BY_HUMAN);
	set_due(c, c->server->clock.now);
	return true;
}

bool exchange_decline(struct live *c)
{
	if (c->stage != LIVE_RINGING)
		return false;
	not_taken(c, DD_BY_NOBODY_BUSY);
	return true;
}

bool exchange_press(struct live *c, struct dd_str keys)
{
	if (c->stage != LIVE_TALKING)
		return false;
	for (size_t i = 0; i < keys.n && !dd_session_over(c->session); i++)
		dd_session_key(c->session, now_of(c), keys.p[i]);
	talk(c);
	return true;
}

bool exchange_hang_up(struct live *c)
{
	if (c->stage == LIVE_TALKING) {
		dd_session_hang_up(c->session, now_of(c));
		talk(c);
	} else {
		not_taken(c, DD_BY_NOBODY_CANCELED);
	}
	return true;
}

/* -- limits ----------------------------------------------------------------- */

bool exchange_allows(struct server *s, struct dd_http_out *out, int *wait_s)
{
	struct exchange *x = &s->exchange;
	size_t most = s->o->rate;
	int64_t now = machine_ms() + x->rate_skew;
	if (!most)
		return true;
	/* the oldest of those that count, and how many they are */
	size_t oldest = x->nrate == most ? x->rate_at : 0, used = x->nrate;
	for (; used && now - x->rate[oldest] >= 60000; used--)
		oldest = (oldest + 1) % most;
	bool fits = used < most;
	int64_t wait = used ? 60000 - (now - x->rate[oldest]) : 60000;
	if (fits) {
		x->rate[x->rate_at] = now;
		x->rate_at = (x->rate_at + 1) % most;
		x->nrate += x->nrate < most;
		used++;
	}
	out->limit = (unsigned)most;
	out->remaining = (unsigned)(most - used);
	out->reset = (s->clock.now + wait + 999) / 1000;
	*wait_s = (int)((wait + 999) / 1000);
	out->retry_after_s = fits ? 0 : *wait_s;
	return fits;
}

/* -- a new beginning -------------------------------------------------------- */

struct recovered {
	struct server *server;
	struct live **list;
	size_t n, cap;
};

static bool recover_one(void *self, const void *record)
{
	struct recovered *r = self;
	DD_PUSH(r->list, r->n, r->cap) = live_new(record);
	return true;
}

void exchange_recover(struct server *s)
{
	struct recovered r = {.server = s};
	struct dd_question not_over;
	dd_question_begin(&not_over);
	dd_question_constant(&not_over, "stage", DD_LESS, DD_STAGE_OVER);
	const struct dd_query going = dd_question_ask(&not_over);
	(void)dd_ledger_each(s->ledger, DD_TABLE_CALL, &going, recover_one, &r);
	for (size_t i = 0; i < r.n; i++) {
		struct live *c = r.list[i];
		if (c->r.stage == DD_STAGE_ACCEPTED) {
			put(s, c);
			wait_in_line(s, c);
			continue;
		}
		/* it was ringing or talking: nobody knows how it went on */
		c->r.stage = DD_STAGE_OVER;
		c->r.status = "failed";
		c->r.ended = c->r.updated = s->clock.now;
		dd_ledger_change(s->ledger, DD_TABLE_CALL, &c->r);
		if (c->r.hook)
			hooks_call(s, &c->r, "terminal");
		if (c->r.campaign)
			dials_over(s, &c->r);
		free(c);
	}
	free(r.list);
}

void exchange_stop(struct server *s)
{
	for (uint32_t i = 0; i < s->exchange.nslots; i++)
		if (s->exchange.slots[i] && s->exchange.slots[i]->stage != LIVE_QUEUED)
			finish(s->exchange.slots[i], "failed", NULL);
}

void exchange_free(struct server *s)
{
	struct exchange *x = &s->exchange;
	for (uint32_t i = 0; i < x->nslots; i++)
		if (x->slots[i])
			release(x->slots[i]);
	voice_give_back(x->voice);
	dd_heap_fini(&x->due);
	free(x->slots);
	free(x->free);
	free(x->line);
}
