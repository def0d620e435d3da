/* The call by trace: a flow, keys at moments, and the record they must give. The voice takes 100 ms
 * a character. */
#include "../unit.h"

#include <unistd.h>

#include "report/transcript.h"
#include "session/session.h"
#include "sim/tts.h"

struct stage {
	struct dd_arena *arena;
	struct dd_diags diags;
	struct dd_program *program;
	struct dd_sim_tts *tts;
	struct dd_session *session;
	struct {
		char text[64];
		int asked;
	} sounds[32]; /* how often it was asked whether each is ready */
};

/* Each sound is ready from the third question on. */
static bool ready_at_last(void *self, const struct dd_speech *speech, const char *path)
{
	struct stage *s = self;
	const char *text = speech ? speech->text : path;
	size_t i = 0;
	while (s->sounds[i].asked && strncmp(s->sounds[i].text, text, 63) != 0)
		assert_true(++i < 32);
	(void)snprintf(s->sounds[i].text, 64, "%s", text);
	return ++s->sounds[i].asked > 2;
}

static enum dd_status say_at_last(void *self, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err)
{
	struct dd_tts tts = dd_sim_tts_port(((struct stage *)self)->tts);
	return tts.say(tts.self, speech, out, err);
}

static enum dd_status load_at_last(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	struct dd_tts tts = dd_sim_tts_port(((struct stage *)self)->tts);
	return tts.load(tts.self, path, out, err);
}

static struct stage *set_up_with(const char *flow, bool slow)
{
	struct stage *s = calloc(1, sizeof *s);
	char path[] = "/tmp/drydial-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, flow, strlen(flow)) == (ssize_t)strlen(flow));
	close(fd);
	s->arena = dd_arena_new();
	dd_diags_init(&s->diags, s->arena);
	s->program = dd_program_load(path, &s->diags);
	unlink(path);
	if (!s->program) {
		struct dd_buf out = {0};
		dd_diags_text(&s->diags, &out, false);
		fail_msg("%s", out.p);
	}
	s->tts = dd_sim_tts_new(100, 0);
	struct dd_session_options o = {
	        .program = s->program, .tts = dd_sim_tts_port(s->tts), .record = true};
	if (slow)
		o.tts = (struct dd_tts){.self = s,
		        .say = say_at_last,
		        .load = load_at_last,
		        .ready = ready_at_last};
	s->session = dd_session_new(&o);
	dd_session_start(s->session);
	return s;
}

static struct stage *set_up(const char *flow)
{
	return set_up_with(flow, false);
}

/* Until the sound is there: meanwhile nothing is due, and no time passes for the call. */
static void wait_for_sound(struct stage *s)
{
	while (dd_session_parked(s->session)) {
		dd_ms now = dd_session_now(s->session);
		assert_false(dd_session_over(s->session));
		assert_true(dd_session_next(s->session) == DD_NEVER);
		dd_session_advance(s->session, now + 5000);
		assert_true(dd_session_now(s->session) == now);
		(void)dd_session_resume(s->session);
	}
}

static void tear_down(struct stage *s)
{
	dd_session_free(s->session);
	dd_sim_tts_free(s->tts);
	dd_program_free(s->program);
	dd_diags_fini(&s->diags);
	dd_arena_free(s->arena);
	free(s);
}

/* "0 prompt Hi|200 key 2|…" of all events but ringing and answered. */
static void expect_trace(struct stage *s, const char *want)
{
	const struct dd_trace *t = dd_session_trace(s->session);
	struct dd_buf got = {0};
	for (size_t i = 0; i < t->nevents; i++) {
		const struct dd_trace_event *e = &t->events[i];
		if (e->type == DD_TR_RINGING || e->type == DD_TR_ANSWERED)
			continue;
		dd_buf_format(&got, "%s%lld %s", got.n ? "|" : "", (long long)e->at,
		        dd_trace_name(e->type));
		if (e->type == DD_TR_KEY)
			dd_buf_format(&got, " %c", e->key);
		struct dd_str text = dd_trace_str(t, e->text);
		if (text.n && e->type != DD_TR_REQUEST)
			dd_buf_format(&got, " %.*s", (int)text.n, text.p);
		if (e->type == DD_TR_END)
			dd_buf_format(&got, " %s",
			        dd_ended_by_name(dd_session_outcome(s->session)->ended_by));
	}
	assert_string_equal(got.p, want);
	dd_buf_free(&got);
}

static void trace_with(const char *flow, const char *keys, const char *want, bool slow)
{
	/* keys: "300:2 900:h" */
	struct stage *s = set_up_with(flow, slow);
	long at;
	char key;
	int n;
	for (const char *p = keys; sscanf(p, " %ld:%c%n", &at, &key, &n) == 2; p += n) {
		do
			wait_for_sound(s);
		while (dd_session_next(s->session) < at &&
		        (dd_session_advance(s->session, dd_session_next(s->session)), true));
		if (key == 'h')
			dd_session_hang_up(s->session, at);
		else
			dd_session_key(s->session, at, key);
	}
	wait_for_sound(s);
	while (!dd_session_over(s->session) && dd_session_next(s->session) != DD_NEVER) {
		dd_session_advance(s->session, dd_session_next(s->session));
		wait_for_sound(s);
	}
	expect_trace(s, want);
	tear_down(s);
}

/* A call has one record, whether its sounds are there or have to be waited for. */
static void trace_of(const char *flow, const char *keys, const char *want)
{
	trace_with(flow, keys, want, false);
	trace_with(flow, keys, want, true);
}

#define MENU(more) \
	"flow: T\nsteps:\n  - id: m\n    ivr: { prompt: Press one, " more \
	"keys: { 1: yes } }\n  - hangup\n"

static void barge_in(void **state)
{
	(void)state;
	trace_of(MENU(""), "300:1",
	        "0 prompt Press one|300 key 1|300 prompt_stopped Press|"
	        "300 answer yes|300 end flow");
	trace_of(MENU(""), "650:1",
	        "0 prompt Press one|650 key 1|650 prompt_stopped Press one|650 answer yes|650 end "
	        "flow");
	/* at the very end of the prompt the prompt is done first */
	trace_of(MENU(""), "900:1", "0 prompt Press one|900 key 1|900 answer yes|900 end flow");
	/* without barge-in the key is lost */
	trace_of(MENU("barge_in: false, retries: 0, "), "300:1",
	        "0 prompt Press one|300 key 1|5900 silence|5900 end flow");
}

static void timeouts(void **state)
{
	(void)state;
	trace_of(MENU("timeout: 2s, retries: 1, silence: Hm, "), "",
	        "0 prompt Press one|2900 silence|2900 prompt Hm|3100 prompt Press one|6000 "
	        "silence|6000 end flow");
	/* a key at the deadline comes too late, one before it does not */
	trace_of(MENU("timeout: 2s, retries: 0, "), "2899:1",
	        "0 prompt Press one|2899 key 1|2899 answer yes|2899 end flow");
	trace_of(MENU("timeout: 2s, retries: 0, "), "2900:1",
	        "0 prompt Press one|2900 silence|2900 end flow");
}

static void wrong_keys(void **state)
{
	(void)state;
	trace_of(MENU("retries: 1, invalid: No, "), "1000:5 1100:1",
	        "0 prompt Press one|1000 key 5|1000 invalid|1000 prompt No|1100 key 1|1100 "
	        "prompt_stopped No|1100 answer yes|1100 end flow");
	trace_of(MENU("retries: 0, "), "1000:5",
	        "0 prompt Press one|1000 key 5|1000 invalid|1000 end flow");
	/* the reply to a wrong key may be interrupted by another wrong key: that is a try, too */
	trace_of(MENU("retries: 1, invalid: No, "), "1000:5 1100:6",
	        "0 prompt Press one|1000 key 5|1000 invalid|1000 prompt No|1100 key 6|1100 "
	        "prompt_stopped No|1100 invalid|1100 end flow");
}

static void greetings(void **state)
{
	(void)state;
	const char *menu =
	        "  - id: m\n    ivr: { prompt: Press one, retries: 0, keys: { 1: yes } }\n"
	        "  - hangup\n";
	char flow[512];
	snprintf(flow, sizeof flow, "flow: T\nsteps:\n  - greeting: Hello you\n%s", menu);
	trace_of(flow, "100:1 200:1",
	        "0 prompt Hello you|100 key 1|200 key 1|900 prompt Press one|6800 silence|6800 "
	        "end flow");
	snprintf(flow, sizeof flow,
	        "flow: T\nsteps:\n  - greeting: { text: Hello you, skip: true }\n%s", menu);
	trace_of(flow, "100:1",
	        "0 prompt Hello you|100 key 1|100 prompt_stopped Hello|100 prompt Press one|6000 "
	        "silence|6000 end flow");
	snprintf(flow, sizeof flow,
	        "flow: T\nsteps:\n  - greeting: { text: Hello you, interruptible: true }\n%s",
	        menu);
	trace_of(flow, "100:1",
	        "0 prompt Hello you|100 key 1|100 prompt_stopped Hello|"
	        "100 answer yes|100 end flow");
	trace_of(flow, "100:7",
	        "0 prompt Hello you|100 key 7|100 prompt_stopped Hello|100 invalid|100 end flow");
	/* the key waits for the next menu through another greeting */
	snprintf(flow, sizeof flow,
	        "flow: T\nsteps:\n  - greeting: { text: Hello you, interruptible: true }\n"
	        "  - greeting: Ok\n%s",
	        menu);
	trace_of(flow, "100:1",
	        "0 prompt Hello you|100 key 1|100 prompt_stopped Hello|100 prompt Ok|300 answer "
	        "yes|300 end flow");
}

static void numbers(void **state)
{
	(void)state;
	const char *flow =
	        "flow: T\nsteps:\n  - id: n\n"
	        "    ivr: { prompt: Type, timeout: 1s, retries: 0, collect: { min: 2, max: 4 } }\n"
	        "  - hangup\n";
	trace_of(flow, "100:1 200:2 300:#",
	        "0 prompt Type|100 key 1|100 prompt_stopped Type|200 key 2|300 key #|300 answer "
	        "12|300 end flow");
	trace_of(flow, "500:1 600:2",
	        "0 prompt Type|500 key 1|600 key 2|1600 answer 12|1600 end flow");
	trace_of(flow, "500:1", "0 prompt Type|500 key 1|1500 invalid|1500 end flow");
	trace_of(flow, "500:*", "0 prompt Type|500 key *|1500 invalid|1500 end flow");
	trace_of(flow, "500:1 600:2 700:3 800:4",
	        "0 prompt Type|500 key 1|600 key 2|700 key 3|800 key 4|800 answer 1234|800 end "
	        "flow");
	trace_of(flow, "", "0 prompt Type|1400 silence|1400 end flow");
}

static void hang_ups(void **state)
{
	(void)state;
	trace_of(MENU(""), "0:h", "0 prompt Press one|0 prompt_stopped|0 end customer");
	trace_of(MENU(""), "700:h",
	        "0 prompt Press one|700 prompt_stopped Press one|700 end customer");
	trace_of(MENU(""), "2000:h", "0 prompt Press one|2000 end customer");
	trace_of("flow: T\nsteps:\n  - passthru: { url: 'http://x.y/', stub: { delay: 3s } }\n"
	         "  - hangup\n",
	        "1000:h", "0 request|1000 end customer");
}

static void servers(void **state)
{
	(void)state;
	trace_of("flow: T\nsteps:\n"
	         "  - passthru: { url: 'http://x.y/', hold: Wait, stub: { body: B, delay: 1s } }\n"
	         "  - hangup\n",
	        "",
	        "0 request|0 prompt Wait|400 prompt Wait|800 prompt Wait|1000 reply B|1000 "
	        "prompt_stopped Wait|1000 end flow");
	trace_of("flow: T\nsteps:\n"
	         "  - passthru: { url: 'http://x.y/', timeout: 1s, stub: { body: B, delay: 1s } }\n"
	         "  - hangup\n",
	        "",
	        "0 request|1000 reply B|1000 end flow"); /* in the last millisecond it is in time */
	trace_of("flow: T\nsteps:\n"
	         "  - passthru: { url: 'http://x.y/', timeout: 999ms, stub: { body: B, delay: "
	         "1s } }\n  - hangup\n",
	        "", "0 request|999 reply|999 end dropped");
	trace_of("flow: T\nsteps:\n"
	         "  - passthru: { url: 'http://x.y/', wait: false, stub: { body: B, delay: 1s } }\n"
	         "  - greeting: Hello you all\n  - hangup\n",
	        "", "0 request|0 prompt Hello you all|1000 reply B|1300 end flow");
	trace_of("flow: T\nsteps:\n"
	         "  - greeting: { url: 'http://x.y/', stub: { body: \"One\\nTwo\", delay: 1s } }\n"
	         "  - hangup\n",
	        "", "0 request|1000 reply One\nTwo|1000 prompt One Two|1600 end flow");
	trace_of("flow: T\nsteps:\n"
	         "  - greeting: { url: 'http://x.y/', skip: true, stub: { body: One, delay: "
	         "1s } }\n  - hangup\n",
	        "500:1", "0 request|500 key 1|500 end flow");
}

/* A voice that fails ends its prompt, not the call. */
static void failing_voice(void **state)
{
	(void)state;
	struct stage *s =
	        set_up("flow: T\nsteps:\n  - greeting: One\n  - greeting: Two\n  - hangup\n");
	dd_session_free(s->session);
	dd_sim_tts_free(s->tts);
	s->tts = dd_sim_tts_new(100, 1);
	struct dd_session_options o = {
	        .program = s->program, .tts = dd_sim_tts_port(s->tts), .record = true};
	s->session = dd_session_new(&o);
	dd_session_start(s->session);
	while (!dd_session_over(s->session))
		dd_session_advance(s->session, dd_session_next(s->session));
	expect_trace(
	        s, "0 prompt One|300 prompt Two|300 error the voice was told to fail|300 end flow");
	tear_down(s);
}

/* A call that is started again gives the same record. */
static void again(void **state)
{
	(void)state;
	struct stage *s = set_up(MENU(""));
	for (int i = 0; i < 3; i++) {
		dd_session_key(s->session, 950, '1');
		expect_trace(s, "0 prompt Press one|950 key 1|950 answer yes|950 end flow");
		assert_string_equal(dd_session_outcome(s->session)->digits.p, "1");
		dd_session_start(s->session);
	}
	tear_down(s);
}

static void a_record_without_end_is_ended(void **state)
{
	struct stage *s = set_up(
	        "flow: F\nsteps:\n  - id: a\n"
	        "    passthru: { url: \"http://example.com/\", timeout: 1h, hold: [ { pause: "
	        "1ms } ], "
	        "stub: { error: timeout }, exits: { timeout: [ goto: a ] } }\n");
	const struct dd_trace *t = dd_session_trace(s->session);
	(void)state;
	while (!dd_session_over(s->session))
		dd_session_advance(s->session, dd_session_next(s->session));
	assert_int_equal(t->nevents, DD_TRACE_EVENTS_MAX + 2);
	assert_int_equal(t->events[t->nevents - 2].type, DD_TR_ERROR);
	assert_int_equal(t->events[t->nevents - 1].type, DD_TR_END);
	assert_int_equal(dd_session_outcome(s->session)->ended_by, DD_ENDED_TIME_LIMIT);
	tear_down(s);
}

/* What is done while the call stands still is done when it goes on, at that moment of the call. */
static void what_is_done_to_a_parked_call_is_kept(void **state)
{
	(void)state;
	struct stage *s = set_up_with(MENU(""), true);
	assert_true(dd_session_parked(s->session));
	dd_session_key(s->session, 7000, '1');
	assert_true(dd_session_parked(s->session));
	wait_for_sound(s);
	expect_trace(s, "0 prompt Press one|0 key 1|0 prompt_stopped|0 answer yes|0 end flow");
	tear_down(s);
	s = set_up_with("flow: T\nsteps:\n  - greeting: One\n  - hangup\n", true);
	for (int i = 0; i < 200; i++)
		dd_session_key(s->session, i, '7');
	dd_session_hang_up(s->session, 300); /* that is never too much */
	wait_for_sound(s);
	assert_true(dd_session_over(s->session));
	assert_int_equal(dd_session_outcome(s->session)->ended_by, DD_ENDED_CUSTOMER);
	tear_down(s);
	s = set_up_with(MENU(""), true); /* one that is dropped */
	dd_session_hang_up(s->session, 300);
	tear_down(s);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(barge_in),
        cmocka_unit_test(timeouts),
        cmocka_unit_test(wrong_keys),
        cmocka_unit_test(greetings),
        cmocka_unit_test(numbers),
        cmocka_unit_test(hang_ups),
        cmocka_unit_test(servers),
        cmocka_unit_test(failing_voice),
        cmocka_unit_test(again),
        cmocka_unit_test(what_is_done_to_a_parked_call_is_kept),
        cmocka_unit_test(a_record_without_end_is_ended),
};
UNIT_MAIN(tests)
