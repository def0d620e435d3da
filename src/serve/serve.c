/* The server's one loop: what is due happens, is written down, and only then are answers, callbacks
 * and calls let go. */
#include "serve/serve.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "serve/serving.h"

enum {
	AT_A_TIME = 256,
	CONNECTIONS = 4096,
	HOST_CONNECTIONS = 512,
	LONGEST_WAIT_MS = 1000,
	STOP_MS = 2000
};

void server_tell(const struct server *s, const char *format, ...)
{
	char text[1024];
	va_list args;
	if (!s->o->tell)
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	s->o->tell(s->o->self, text);
}

static bool make_credentials(struct server *s)
{
	struct dd_buf text = {0};
	const char *given = s->o->credentials;
	char key[33], token[33];
	new_sid(key);
	new_sid(token);
	key[16] = '\0';
	if (given)
		(void)snprintf(s->credentials, sizeof s->credentials, "%s", given);
	else
		(void)snprintf(s->credentials, sizeof s->credentials, "%s:%s", key, token);
	dd_buf_base64(&text, (const unsigned char *)s->credentials, strlen(s->credentials));
	(void)snprintf(s->basic, sizeof s->basic, "%s", text.p);
	dd_buf_free(&text);
	return strchr(s->credentials, ':') != NULL &&
	        (!given || strlen(given) < sizeof s->credentials);
}

/* Calls, callbacks and pages each take a descriptor. */
static void raise_limits(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return;
	limit.rlim_cur = limit.rlim_max > 65536 ? 65536 : limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
}

/* Half of the descriptors stay for flows, voices and the servers that are asked, however many
 * clients come. */
static unsigned connections(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur / 2 >= CONNECTIONS)
		return CONNECTIONS;
	return limit.rlim_cur > 4 ? (unsigned)limit.rlim_cur / 2 : 2;
}

/* The platform's clock does not go back, as far as there is anything before it. */
static int64_t first_moment(struct server *s)
{
	bool any = dd_ledger_count(s->ledger, DD_TABLE_CALL, NULL) > 0 ||
	        dd_ledger_count(s->ledger, DD_TABLE_CAMPAIGN, NULL) > 0 ||
	        dd_ledger_count(s->ledger, DD_TABLE_MESSAGE, NULL) > 0;
	int64_t kept = any ? dd_ledger_note(s->ledger, "now", 0) : 0;
	int64_t now = s->o->at_given ? s->o->at : (int64_t)time(NULL) * 1000;
	char text[32];
	if (now + 60000 < kept) {
		dd_time_rfc3339(kept, text);
		server_tell(s,
		        "the clock goes on at %s, where the calls of %s end; another --db, "
		        "or :memory:, begins anew",
		        text, s->o->db);
	}
	return now > kept ? now : kept;
}

/* The platform's default for an account is 60 calls a minute, for all its campaigns. */
enum { ACCOUNT_THROTTLE = 60 };

static enum dd_status open_dialler(struct server *s, struct dd_error *err)
{
	const struct dd_dialler_options o = {
	        .account_throttle = ACCOUNT_THROTTLE, .law = s->config.law, .zone = s->zone};
	return dials_open(s, &o, err);
}

static enum dd_status open_all(struct server *s, struct dd_diags *diags, struct dd_error *err)
{
	static const char *const own[] = {"127.0.0.1", "localhost", "[::1]"};
	struct stat st;
	if (stat(s->o->flows, &st) != 0 || !S_ISDIR(st.st_mode))
		return dd_fail(err, DD_ERR_READ, "%s: %s", s->o->flows,
		        errno == ENOENT ? "there is no such folder" : "this is no folder of flows");
	if (!make_credentials(s))
		return dd_fail(
		        err, DD_ERR_FORMAT, "--credentials are KEY:TOKEN, at most 159 characters");
	s->flows.folder = s->o->flows;
	s->flows.connect.id = FLOWS_CONNECT;
	s->flows.application.id = "(application)";
	flows_scan(s);
	enum dd_status status = config_load(s, diags, err);
	const char *fault = status == DD_OK ? faults_begin(s) : NULL;
	if (fault)
		return dd_fail(err, DD_ERR_FORMAT, "--faults %s", fault);
	if (status == DD_OK)
		status = dd_ledger_open(s->o->db, &s->ledger, err);
	if (status != DD_OK)
		return status;
	const char **hosts = dd_arena_alloc(diags->arena, (3 + s->o->nhosts) * sizeof *hosts);
	memcpy(hosts, own, sizeof own);
	for (size_t i = 0; i < s->o->nhosts; i++)
		hosts[3 + i] = s->o->hosts[i];
	s->curl = dd_curl_new(hosts, 3 + s->o->nhosts, false, err);
	if (!s->curl)
		return DD_ERR_READ;
	dd_curl_limit(s->curl, HOST_CONNECTIONS);
	s->http = dd_curl_port(s->curl);
	clock_begin(&s->clock, s->o->speed, first_moment(s));
	status = open_dialler(s, err);
	if (status != DD_OK)
		return status;
	status = reach_open(s, err);
	if (status != DD_OK)
		return status;
	struct dd_httpd_options o = {
	        s->o->address, s->o->port, connections(), api_handle, s, reach_http(s)};
	return dd_httpd_open(&o, &s->httpd, err);
}

void server_close(struct server *s)
{
	dd_httpd_close(s->httpd);
	(void)workers_end(s->workers);
	exchange_free(s);
	dials_free(s);
	hooks_free(s);
	recordings_end(s);
	sms_end(s);
	dd_curl_free(s->curl);
	faults_free(s);
	flows_free(s);
	who_forget_next(s);
	dd_ledger_close(s->ledger);
	dd_number_set_fini(&s->config.dnd);
	dd_number_set_fini(&s->config.consent);
	dd_number_set_fini(&s->config.allowed);
	free(s->config.rules);
	dd_zone_free(s->zone);
	reach_free(s);
	free(s);
}

/* -- the loop --------------------------------------------------------------- */

static int64_t next_due(struct server *s)
{
	int64_t call = exchange_due(s), dial = dials_due(s), message = sms_due(s),
	        next = call < dial ? call : dial;
	return message < next ? message : next;
}

/* False: the disk did not take it, or cannot be read. Then nothing of what is known here may go out
 * any more: see broken(). */
static bool write_down(struct server *s)
{
	if (dd_ledger_dirty(s->ledger) && !dd_ledger_fault(s->ledger))
		dd_ledger_set_note(
		        s->ledger, "now", s->clock.now); /* it does not go back, whatever happens */
	if (dd_ledger_dirty(s->ledger))
		(void)dd_ledger_commit(s->ledger);
	return !dd_ledger_fault(s->ledger);
}

/* Everything that is due at the clock's time or, when nothing holds a clock that jumps, at the time
 * of what is next. */
static void act(struct server *s)
{
	size_t did = 0;
	for (int turns = 0; turns < AT_A_TIME && did < AT_A_TIME; turns++) {
		dials_run(s);
		sms_run(s);
		exchange_place(s);
		if (!write_down(s)) /* no call rings twice */
			return;
		size_t now = exchange_run(s, AT_A_TIME - did);
		did += now;
		int64_t next = next_due(s);
		if (next <= s->clock.now)
			continue;
		if (!s->arrived) { /* by hand */
			if (s->exchange.awaited || s->exchange.parked)
				break;
			clock_jump(&s->clock, next < s->advance_to ? next : s->advance_to);
			s->arrived = s->clock.now >= s->advance_to;
			continue;
		}
		if (s->clock.speed > 0 || s->clock.holds || s->exchange.parked ||
		        next == INT64_MAX || dd_httpd_held(s->httpd))
			break;
		clock_jump(&s->clock, next);
	}
}

void server_advance(struct server *s, int64_t to)
{
	s->advance_to = to > s->advance_to ? to : s->advance_to;
	s->arrived = s->clock.now >= s->advance_to;
}

void server_reset(struct server *s)
{
	uint32_t last_id = s->hooks.last_id;
	exchange_free(s);
	memset(&s->exchange, 0, sizeof s->exchange);
	dials_free(s);
	hooks_free(s);
	s->hooks = (struct hooks){.last_id = last_id}; /* what is still on its way is nobody's */
	who_forget_next(s);
	(void)faults_begin(s);
	s->refuse_times = 0;
	dd_number_set_fini(&s->config.allowed);
	s->config.allowed = (struct dd_number_set){0};
	recordings_forget(s);
	sms_end(s);
	for (int t = 0; t < DD_TABLES_COUNT; t++)
		if (t != DD_TABLE_NOTE)
			dd_ledger_delete(s->ledger, (enum dd_table)t, NULL);
	s->advance_to = 0;
	s->arrived = true;
	clock_begin(&s->clock, s->o->speed, s->o->at_given ? s->o->at : (int64_t)time(NULL) * 1000);
	(void)open_dialler(s, NULL);
	events_tell(s, "reset", json_object());
}

static void take_replies(struct server *s)
{
	struct dd_http_answer answer;
	uint32_t id;
	for (int i = 0; i < AT_A_TIME && dd_curl_run(s->curl, &id, &answer); i++)
		hooks_answer(s, id, &answer);
}

static int wait_for(struct server *s, int64_t hook)
{
	const struct exchange *x = &s->exchange;
	int64_t due = next_due(s);
	bool stands = x->parked && (!s->arrived || (s->clock.speed <= 0 && !s->clock.holds));
	int64_t wait = stands && due > s->clock.now ? -1
	        : s->arrived || x->awaited          ? clock_wait(&s->clock, due)
	                                            : 0;
	wait = wait < 0 || wait > LONGEST_WAIT_MS ? LONGEST_WAIT_MS : wait;
	return (int)(hook >= 0 && hook < wait ? hook : wait);
}

/* What the server believes is not on disk, and what is on disk may be another story: it stands
   still. Calls do not go on, nobody is asked or called back; every request is answered by 500,
   those that wait for an answer, too. What was promised before is on disk, and goes on when the
   server is started again. */
static void broken(struct server *s)
{
	if (!s->broken)
		server_tell(s,
		        "%s; no call goes on, and every request is refused, until drydial serve "
		        "is started again",
		        dd_ledger_fault(s->ledger));
	s->broken = true;
	dd_httpd_refuse(s->httpd);
}

bool server_turn(struct server *s)
{
	clock_tick(&s->clock);
	s->flows.turn++;
	if (!dd_ledger_fault(s->ledger))
		act(s);
	if (write_down(s)) {
		dd_httpd_release(s->httpd);
		faults_gone(s);
	} else
		broken(s);
	s->checked = false;
	return !s->broken;
}

static void wait_outside(struct server *s, int ms)
{
	if (ms || (dd_curl_busy(s->curl) && !s->broken))
		(void)dd_curl_wait(s->broken ? NULL : s->curl, dd_httpd_fd(s->httpd),
		        workers_fd(s->workers), ms);
}

/* The answer to a placed call is written before anything of the call goes out. What came meanwhile
 * is on disk, too, before anything goes out. */
static bool hand_over(struct server *s)
{
	dd_httpd_flush(s->httpd);
	/* where nothing is to go out, what came shares the next commit */
	return (!s->hooks.waiting && !dd_curl_busy(s->curl)) || write_down(s);
}

/* Requests of calls and callbacks leave, and answers come, only here: behind the commit. */
static void serve(struct server *s)
{
	while (!*s->o->stop) {
		int wait = LONGEST_WAIT_MS;
		if (server_turn(s) && hand_over(s)) {
			int64_t hook = hooks_run(s), early = faults_run(s);
			hook = early >= 0 && (hook < 0 || early < hook) ? early : hook;
			events_beat(s);
			take_replies(s);
			wait = dd_ledger_dirty(s->ledger) ? 0 : wait_for(s, hook);
		}
		int http = dd_httpd_timeout(s->httpd);
		wait_outside(s, http >= 0 && http < wait ? http : wait);
		/* those who ask at the same time share one commit */
		size_t held;
		do {
			held = dd_httpd_held(s->httpd);
			dd_httpd_run(s->httpd);
		} while (dd_httpd_held(s->httpd) > held && held < AT_A_TIME);
		workers_take(s->workers);
	}
}

/* -- beginning and end ------------------------------------------------------ */

static bool is_loopback(const char *address)
{
	return strncmp(address, "127.", 4) == 0 || strcmp(address, "::1") == 0;
}

struct server *server_open(
        const struct dd_serve_options *o, struct dd_diags *diags, struct dd_error *err)
{
	struct server *s = dd_alloc(sizeof *s);
	s->options = *o;
	s->options.guarded |= !is_loopback(o->address);
	s->o = &s->options;
	s->arrived = true;
	if (!o->voices.here)
		s->workers = workers_new();
	if (open_all(s, diags, err) != DD_OK) {
		server_close(s);
		return NULL;
	}
	bool six = strchr(o->address, ':') != NULL;
	(void)snprintf(s->url, sizeof s->url, six ? "http://[%s]:%u" : "http://%s:%u", o->address,
	        dd_httpd_port(s->httpd));
	(void)snprintf(s->said_at, sizeof s->said_at, "%s/recordings/-", s->url);
	hooks_recover(s); /* before there are new ones */
	accounts_recover(s);
	sms_recover(s);
	dials_recover(s);
	exchange_recover(s);
	if (!write_down(s)) {
		(void)dd_fail(err, DD_ERR_READ, "%s: %s", o->db, dd_ledger_fault(s->ledger));
		server_close(s);
		return NULL;
	}
	return s;
}

/* Calls that are going on end here, and their callbacks have a moment to be heard; what is not is
 * sent when the server starts again. */
static void stop(struct server *s)
{
	int64_t until = machine_ms() + STOP_MS;
	if (!s->broken)
		exchange_stop(s);
	if (write_down(s))
		dd_httpd_release(s->httpd);
	while (hand_over(s) && s->hooks.waiting && machine_ms() < until) {
		(void)hooks_run(s);
		if (!s->hooks.in_flight)
			break;
		(void)dd_curl_wait(s->curl, -1, -1, 50);
		take_replies(s);
	}
	if (!s->broken)
		dd_ledger_set_note(s->ledger, "now", s->clock.now);
	if (!write_down(s))
		broken(s);
}

struct counting {
	struct dd_serve_tally tally;
	size_t cap;
};

static bool count_call(void *self, const void *record)
{
	struct counting *c = self;
	const struct dd_call_record *r = record;
	for (size_t i = 0; i < c->tally.n; i++)
		if (c->tally.numbers[i].number == (uint64_t)r->number) {
			c->tally.numbers[i].calls++;
			return true;
		}
	DD_PUSH(c->tally.numbers, c->tally.n, c->cap) =
	        (struct dd_serve_called){(uint64_t)r->number, 1};
	return true;
}

static void tell_over(struct server *s)
{
	struct counting c = {.tally.struck = s->faults.nstruck};
	if (!s->o->over)
		return;
	(void)dd_ledger_each(s->ledger, DD_TABLE_CALL, NULL, count_call, &c);
	s->o->over(s->o->self, &c.tally);
	free(c.tally.numbers);
}

enum dd_status dd_serve(
        const struct dd_serve_options *o, struct dd_diags *diags, struct dd_error *err)
{
	raise_limits();
	struct server *s = server_open(o, diags, err);
	if (!s)
		return DD_ERR_READ;
	if (o->reach.trust && s->reach.certs.authority)
		o->reach.trust(o->self, s->reach.certs.authority);
	o->ready(o->self, s->url, s->credentials);
	serve(s);
	stop(s);
	tell_over(s);
	reach_sum(s);
	enum dd_status status = s->broken
	        ? dd_fail(err, DD_ERR_READ, "%s: %s", o->db, dd_ledger_fault(s->ledger))
	        : DD_OK;
	server_close(s);
	return status;
}
