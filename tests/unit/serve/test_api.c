/* Requests and their answers, without sockets: routes, credentials, errors, calls in virtual time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "serve/serving.h"
#include "sim/tts.h"
#include "../unit.h"

static char folder[] = "/tmp/drydial-api-XXXXXX";
static const char FLOW[] =
        "flow: Menu\nvariables: { name: Asha }\nsteps:\n  - id: choice\n    ivr:\n"
        "      prompt: Hello {name}, press 1\n      keys:\n"
        "        1: { answer: yes, goal: true, then: [ sms: Thanks, hangup ] }\n  - hangup\n";

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

static struct dd_arena *arena;
static struct dd_diags diags;

static struct server *server_of(const char *answer)
{
	static const volatile sig_atomic_t never;
	struct dd_error err = {""};
	struct dd_serve_options o = {.flows = folder,
	        .address = "127.0.0.1",
	        .credentials = "k:t",
	        .db = ":memory:",
	        .answer = answer,
	        .at_given = true,
	        .at = INT64_C(1737347400000),
	        .voices = {NULL, open_voice, close_voice, true},
	        .stop = &never};
	arena = dd_arena_new();
	dd_diags_init(&diags, arena);
	struct server *s = server_open(&o, &diags, &err);
	assert_non_null(s);
	return s;
}

static void server_end(struct server *s)
{
	server_close(s);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

/* The answer's status; its text in `text`. */
static int ask(struct server *s, const char *method, const char *path, const char *form,
        const char *authorization, char text[8192])
{
	struct dd_http_out out = {0};
	struct dd_param *pairs = NULL;
	char body[2048];
	struct dd_http_in in = {.method = method,
	        .path = path,
	        .authorization = authorization,
	        .host = "127.0.0.1:1",
	        .body = {"", 0}};
	if (form) {
		(void)snprintf(body, sizeof body, "%s", form);
		in.body = dd_str(form);
		in.json = form[0] == '{';
		if (!in.json)
			assert_true(dd_form_read(body, strlen(body), &pairs, &in.nform));
		in.form = pairs;
	}
	api_handle(s, &in, &out);
	(void)snprintf(text, 8192, "%s", out.body.p ? out.body.p : "");
	dd_buf_free(&out.body);
	free(pairs);
	for (int i = 0; i < 50; i++)
		server_turn(s);
	return out.status ? out.status : 200;
}

#define CONNECT "From=9876543210&CallerId=0804&Url=http://my.exotel.com/exoml/start/menu"
#define KEY     "Basic azp0"

static void a_call_is_placed_run_and_read(void **state)
{
	char text[8192], path[128];
	(void)state;
	struct server *s = server_of("keys 1");
	assert_int_equal(
	        ask(s, "POST", "/v1/Accounts/me/Calls/connect.json", CONNECT, KEY, text), 200);
	assert_non_null(strstr(text, "\"Status\":\"in-progress\""));
	(void)snprintf(path, sizeof path, "/v1/Accounts/me/Calls/%.32s.json",
	        strstr(text, "\"Sid\":\"") + 7);
	assert_int_equal(ask(s, "GET", path, NULL, KEY, text), 200);
	assert_non_null(strstr(text, "\"Status\":\"completed\""));
	/* ringing for 2 s, 20 characters of 10 ms, and the key at once */
	assert_non_null(strstr(text, "\"DateCreated\":\"2025-01-20 10:00:00\""));
	assert_non_null(strstr(text, "\"EndTime\":\"2025-01-20 10:00:02\""));
	assert_int_equal(ask(s, "GET", "/_drydial/messages", NULL, NULL, text), 200);
	assert_non_null(strstr(text, "Thanks"));
	path[strlen(path) - 5] = '\0';
	assert_int_equal(ask(s, "GET", path, NULL, KEY, text), 200);
	assert_non_null(strstr(text, "<TwilioResponse><Call><Sid>"));
	/* another account sees nothing of it */
	memcpy(path + 13, "us", 2);
	assert_int_equal(ask(s, "GET", path, NULL, KEY, text), 404);
	server_end(s);
}

/* Not "there is no call": nobody knows that. */
static void what_cannot_be_read_is_an_error(void **state)
{
	static const char *const paths[] = {"/v1/Accounts/me/Calls/00.json",
	        "/v1/Accounts/me/Calls", "/_drydial/calls", "/_drydial/messages",
	        "/_drydial/status"};
	char text[8192];
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct server *s = server_of("human");
		int before = ask(s, "GET", paths[i], NULL, KEY, text);
		assert_int_equal(before, i == 0 ? 404 : 200);
		(void)dd_ledger_count(
		        s->ledger, DD_TABLE_CALL, &(struct dd_query){.where = "no such column"});
		assert_int_equal(ask(s, "GET", paths[i], NULL, KEY, text), 500);
		assert_non_null(strstr(text, "cannot be read"));
		/* nor does anything go on */
		assert_int_equal(
		        ask(s, "POST", "/v1/Accounts/me/Calls/connect", CONNECT, KEY, text), 500);
		assert_int_equal(s->exchange.accepted, 0);
		assert_false(server_turn(s));
		server_end(s);
	}
}

static void routes_and_credentials(void **state)
{
	static const struct {
		const char *method, *path, *authorization;
		int status;
	} cases[] = {
	        {"GET", "/v1/Accounts/me/Calls", NULL, 401},
	        {"GET", "/v1/Accounts/me/Calls", "Basic azp1", 401},
	        {"GET", "/v1/Accounts/me/Calls", "Bearer azp0", 401},
	        {"GET", "/v1/Accounts/me/Calls", "basic  azp0", 200},
	        {"HEAD", "/v1/Accounts/me/Calls", KEY, 200},
	        {"PUT", "/v1/Accounts/me/Calls", KEY, 405},
	        {"GET", "/v1/Accounts//Calls", KEY, 404},
	        {"GET", "/v1/Accounts/a b/Calls", KEY, 404},
	        {"GET", "/v1/Accounts/me/Calls/", KEY, 200},
	        {"GET", "//v1///Accounts/me//Calls//", KEY, 200},
	        {"GET", "/v1/accounts/me/Calls", KEY, 200},
	        {"GET", "/v1/accountS/me/Calls.json/", KEY, 200},
	        {"GET", "/v1/Accounts/me/calls", KEY, 404},
	        {"GET", "v1/Accounts/me/Calls", KEY, 404},
	        {"GET", "/v2/Accounts/me/campaigns/", KEY, 200},
	        /* the account's SID as the name: me:t, you:t, me:u */
	        {"GET", "/v1/Accounts/me/Calls", "Basic bWU6dA==", 200},
	        {"GET", "/v1/Accounts/me/Calls", "Basic eW91OnQ=", 401},
	        {"GET", "/v1/Accounts/me/Calls", "Basic bWU6dQ==", 401},
	        {"GET", "/v1/Accounts/me/nothing", "Basic bWU6dA==", 404},
	        {"GET", "/v2/accounts/me/campaigns", KEY, 200},
	        {"GET", "/", NULL, 200},
	        {"GET", "//", NULL, 200},
	        {"GET", "/_drydial/status/x", NULL, 404},
	        {"GET", "/v1/Accounts/me/Calls/connect.json", KEY, 405},
	};
	char text[8192];
	(void)state;
	struct server *s = server_of("human");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int got =
		        ask(s, cases[i].method, cases[i].path, NULL, cases[i].authorization, text);
		if (got != cases[i].status)
			fail_msg("%s %s: %d, not %d: %s", cases[i].method, cases[i].path, got,
			        cases[i].status, text);
	}
	server_end(s);
}

static void a_line_is_waited_for(void **state)
{
	char text[8192];
	(void)state;
	struct server *s = server_of("busy");
	s->options.calls = 1;
	s->clock.speed = 0;
	for (int i = 0; i < 3; i++) {
		struct dd_call_record r = {.account = "me",
		        .app = "menu",
		        .customer = "9876543210",
		        .caller_id = "1",
		        .hook_type = "form",
		        .time_limit = 1000,
		        .ring_timeout = 5000,
		        .attempt = 1};
		struct live *c = exchange_accept(s, &r, (struct dd_str){0});
		assert_int_equal(c->stage, i == 0 ? LIVE_RINGING : LIVE_QUEUED);
	}
	assert_int_equal(s->exchange.line_n, 2);
	for (int i = 0; i < 10; i++)
		server_turn(s);
	assert_int_equal(s->exchange.over, 3);
	assert_int_equal(s->exchange.placed, 0);
	assert_int_equal(ask(s, "GET", "/_drydial/calls", NULL, NULL, text), 200);
	assert_null(strstr(text, "queued"));
	server_end(s);
}

static void write_flow(const char *name, const char *text)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Whether the flow is broken now; `*e` is its edition, given back. */
static bool is_broken(struct server *s, const char *id, struct edition **e)
{
	s->flows.turn++;
	*e = flows_take(s, flows_find(s, dd_str(id)));
	bool broken = (*e)->program == NULL;
	flows_give_back(*e);
	return broken;
}

/* Every request for a broken flow would load it again, and a large one would keep all others
   waiting. */
static void broken_flows_are_kept_until_they_are_mended(void **state)
{
	struct edition *first, *next;
	(void)state;
	struct server *s = server_of("human");
	write_flow("broken", "flow: B\nsteps:\n  - gretting: One.\n");
	assert_true(is_broken(s, "broken", &first));
	for (int i = 0; i < 10; i++)
		assert_true(is_broken(s, "broken", &next) && next == first);
	write_flow("broken", "flow: B\nsteps:\n  - greeting: One.\n  - hangup\n");
	assert_false(is_broken(s, "broken", &next));
	/* by the mending of another file, and by one that was missing */
	write_flow("broken", "flow: B\nsteps:\n  - transfer: part.yaml\n");
	assert_true(is_broken(s, "broken", &first));
	write_flow("part", "flow: P\nsteps:\n  - gretting: One.\n");
	usleep(1100000);
	assert_true(is_broken(s, "broken", &next));
	write_flow("part", "flow: P\nsteps:\n  - greeting: One.\n  - hangup\n");
	assert_false(is_broken(s, "broken", &next));
	server_end(s);
	write_flow("broken", "flow: B\nsteps:\n  - hangup\n");
}

static void ids_of_urls(void **state)
{
	static const struct {
		const char *url, *id;
	} cases[] = {
	        {"http://my.exotel.com/exoml/start/12", "12"},
	        {"http://my.exotel.com/me/exoml/start_voice/otp", "otp"},
	        {"https://my.exotel.in/exoml/start_voice/otp/?x=/exoml/start/y", "otp"},
	        {"http://my.exotel.in/start/a%20b", "a b"},
	        {"http://my.exotel.com/exoml/start/", NULL},
	        {"my.exotel.com/exoml/start/1", NULL},
	        {"http://my.exotel.com/exoml/stop/1", NULL},
	        {"http://my.exotel.com/exoml/start/%00", NULL},
	        {"http://my.exotel.com/exoml/start/a%2", NULL},
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		char id[128] = "";
		assert_int_equal(flows_id_of_url(dd_str(cases[i].url), id), cases[i].id != NULL);
		if (cases[i].id)
			assert_string_equal(id, cases[i].id);
	}
}

static void the_clock_jumps_or_runs(void **state)
{
	struct server_clock c;
	(void)state;
	clock_begin(&c, 0, 1000);
	clock_tick(&c);
	assert_int_equal(c.now, 1000);
	assert_int_equal(clock_wait(&c, 5000), 0);
	assert_int_equal(clock_wait(&c, INT64_MAX), -1);
	clock_jump(&c, 5000);
	clock_jump(&c, 4000); /* never back */
	assert_int_equal(c.now, 5000);
	c.holds = 1;
	usleep(20000);
	clock_tick(&c);
	assert_true(c.now >= 5015 && c.now < 6000);
	clock_begin(&c, 100, 1000);
	usleep(20000);
	clock_tick(&c);
	assert_true(c.now >= 2900 && c.now < 60000);
	assert_int_equal(clock_wait(&c, c.now + 1000), 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(a_call_is_placed_run_and_read),
	        cmocka_unit_test(routes_and_credentials),
	        cmocka_unit_test(what_cannot_be_read_is_an_error),
	        cmocka_unit_test(a_line_is_waited_for),
	        cmocka_unit_test(broken_flows_are_kept_until_they_are_mended),
	        cmocka_unit_test(ids_of_urls), cmocka_unit_test(the_clock_jumps_or_runs)};
	char command[96];
	if (!mkdtemp(folder))
		return 1;
	(void)snprintf(command, sizeof command, "%s/menu.yaml", folder);
	int fd = open(command, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0 || write(fd, FLOW, sizeof FLOW - 1) != (ssize_t)sizeof FLOW - 1)
		return 1;
	close(fd);
	int failed = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command) != 0 ? 1 : failed;
}
