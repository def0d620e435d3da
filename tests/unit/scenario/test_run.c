/* Scripts by table: a flow, a scenario, and what it must come to. The voice takes 100 ms a
   character, so that every moment is known: "Hello there." lasts 1,200 ms, "Press 1." 800. */
#include "../unit.h"

#include <unistd.h>

#include "scenario/plan.h"
#include "sim/tts.h"

static const char FLOW[] =
        "flow: F\n"
        "variables: { name: Ann, need: x }\n"
        "steps:\n"
        "  - id: hello\n"
        "    greeting: Hello there.\n"
        "  - id: menu\n"
        "    ivr:\n"
        "      prompt: Press 1.\n"
        "      timeout: 2s\n"
        "      retries: 1\n"
        "      silence: No key.\n"
        "      keys: { 1: { answer: one, goal: true, goto: ask }, 2: [ hangup ] }\n"
        "      otherwise: [ greeting: Bye., hangup ]\n"
        "  - id: ask\n"
        "    passthru:\n"
        "      url: http://example.com/?name={name}\n"
        "      stub: { status: 200, body: yes, delay: 1s }\n"
        "      exits: { error: [ goto: ask ] }\n"
        "  - sms: For {name}, {menu.answer}\n"
        "  - greeting: \"{ask.text}\"\n"
        "  - hangup\n";

/* "" where it passes, else the codes of what was found. */
static void outcome(const char *flow, const char *scenario, struct dd_buf *out)
{
	char path[] = "/tmp/drydial-XXXXXX";
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, flow, strlen(flow)) == (ssize_t)strlen(flow));
	close(fd);
	struct dd_buf file = {0};
	dd_buf_format(&file, "flow: %s\nscenarios:\n  - name: t\n%s", path, scenario);
	struct dd_suite *suite = dd_suite_of_text("t.test.yaml", (struct dd_str){file.p, file.n});
	unlink(path);
	if (suite->diags.errors) {
		struct dd_buf text = {0};
		dd_diags_text(&suite->diags, &text, false);
		fail_msg("%s", text.p);
	}
	struct dd_sim_tts *tts = dd_sim_tts_new(100, 0);
	struct dd_run_options o = {.tts = dd_sim_tts_port(tts)};
	for (uint32_t row = 0; row < dd_scenario_runs(&suite->scenarios[0]); row++) {
		struct dd_result result;
		dd_scenario_run(suite, 0, row, &o, &result);
		for (size_t i = 0; i < result.nfindings; i++)
			dd_buf_format(out, "%s%s", out->n ? " " : "", result.findings[i].code);
		assert_int_equal(result.verdict == DD_FAILED, result.nfindings > result.warnings);
		dd_result_fini(&result);
	}
	dd_sim_tts_free(tts);
	dd_suite_free(suite);
	dd_buf_free(&file);
}

struct row {
	const char *scenario, *codes;
};

static void each(const char *flow, const struct row *rows, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct dd_buf got = {0};
		outcome(flow, rows[i].scenario, &got);
		if (strcmp(got.p ? got.p : "", rows[i].codes) != 0)
			fail_msg("row %zu: \"%s\", not \"%s\":\n%s", i, got.p ? got.p : "",
			        rows[i].codes, rows[i].scenario);
		dd_buf_free(&got);
	}
}
#define EACH(rows)    each(FLOW, rows, sizeof(rows) / sizeof *(rows))
#define SCRIPT(items) "    script: [ " items " ]\n"
#define EXPECT(items) "    expect: { " items " }\n"

static void hearing(void **state)
{
	static const struct row rows[] = {
	        {SCRIPT("{ hear: hello }, { hear: press }, { hear: no key }, { hear: "
	                "press }, { hear: bye }"),
	                ""},
	        {SCRIPT("{ hear: bye }, { hear: hello }"), "not-heard"},
	        {SCRIPT("{ hear: press }, { hear: press }, { hear: press }"), "not-heard"},
	        {SCRIPT("{ hear: /hel+o/ }, { hear: /^bye/ }"), ""},
	        {SCRIPT("{ hear: hello, within: 0s }, { hear: press, within: 0s }, { hear: "
	                "no key, within: 2s }"),
	                ""},
	        {SCRIPT("{ hear: hello }, { hear: no key, within: 2799ms }"), "too-late"},
	        {SCRIPT("{ hear: hello }, { hear: no key, within: 2800ms }"), ""},
	        /* what still plays can be heard, what is over cannot */
	        {SCRIPT("{ wait: 600ms }, { hear: hello }"), ""},
	        {SCRIPT("{ wait: 1200ms }, { hear: hello }"), "not-heard"},
	        {SCRIPT("{ wait: 1300ms }, { hear: press }"), ""},
	        /* of a prompt that is cut short only the words begun */
	        {SCRIPT("{ hear: hello }, { press: 2 }, { hear: press }"), "not-heard"},
	        {SCRIPT("{ press: { keys: 2, during: press } }, { hear: press 1 }"), "not-heard"},
	        {SCRIPT("{ press: { keys: 2, during: press } }, { hear: press }"),
	                "not-heard"}, /* over when it is looked for */
	        {SCRIPT("{ hear: there, first_words_within: 1200ms }"), ""},
	        {SCRIPT("{ hear: hello, first_words_within: 600ms }"), ""},
	        {SCRIPT("{ hear: hello, first_words_within: 500ms }"), "first-words"},
	        {SCRIPT("{ hear: hello, heard_under: 1200ms }"), ""},
	        {SCRIPT("{ hear: hello, heard_under: 1199ms }"), "heard-under"},
	        {SCRIPT("{ hear: hello, heard_under: { warn: 1s, fail: 2s } }"), "heard-under"},
	        {SCRIPT("{ hear: \"{name}\" }"), "not-heard"},
	        {"    given: { variables: { name: there } }\n" SCRIPT("{ hear: \"hello {name}\" }"),
	                ""},
	};
	(void)state;
	EACH(rows);
}

static void pressing(void **state)
{
	static const struct row rows[] = {
	        /* now: the greeting takes no key; at its end the menu does */
	        {SCRIPT("{ press: 2 }, { hear: no key }"), ""},
	        {SCRIPT("{ hear: hello }, { press: 2 }, { ended_by: flow, within: 0s }"), ""},
	        {SCRIPT("{ press: { keys: 2, after: 1199ms } }, { hear: no key }"), ""},
	        {SCRIPT("{ press: { keys: 2, after: 1200ms } }, { ended_by: flow, within: 0s }"),
	                ""},
	        {SCRIPT("{ press: { keys: 2, during: press } }, { ended_by: flow, within: 0s }")
	                        EXPECT("duration: { min: 1800ms, max: 1800ms }"),
	                ""},
	        {SCRIPT("{ press: { keys: 2, during: press 1 } }")
	                        EXPECT("duration: { min: 1999ms, max: 1999ms }"),
	                ""},
	        {SCRIPT("{ press: { keys: 2, during: press, after: 50ms } }")
	                        EXPECT("duration: { min: 1850ms, max: 1850ms }"),
	                ""},
	        {SCRIPT("{ press: { keys: 2, during: nothing } }"), "not-heard"},
	        {SCRIPT("{ press: { keys: \"72\", after: 1500ms, gap: 900ms } }")
	                        EXPECT("duration: { min: 2400ms, max: 2400ms }"),
	                ""},
	        {SCRIPT("{ keys: 2 }") EXPECT("duration: { max: 2s, min: 2s }, digits: 2"), ""},
	        {SCRIPT("{ keys: \"-,2\" }, { ended_by: flow, within: 0s }"), ""},
	        {SCRIPT("{ keys: \"2,2\" }"), "call-over"},
	        {SCRIPT("{ keys: 2 }, { press: 1 }"), "call-over"},
	        {SCRIPT("{ keys: 2 }, hang_up"), "call-over"},
	        {SCRIPT("hang_up, { ended_by: customer }") EXPECT("duration: { max: 0s }"), ""},
	        {SCRIPT("{ hang_up: { during: hello } }")
	                        EXPECT("duration: { min: 600ms, max: 600ms }, ended_by: customer"),
	                ""},
	        {"    given: { answered_by: machine }\n" SCRIPT("{ hear: press }, { press: 1 }"),
	                "machine-presses"},
	        {"    given: { answered_by: busy }\n" SCRIPT("{ press: 1 }"), "call-over"},
	        {"    given: { answered_by: busy }\n" EXPECT(
	                 "status: busy, ended_by: not-answered"),
	                ""},
	};
	(void)state;
	EACH(rows);
}

static void waiting(void **state)
{
	static const struct row rows[] = {
	        {SCRIPT("{ hear: press }, { silence: 2s }, { hear: no key, within: 0s }"), ""},
	        {SCRIPT("{ hear: press }, { silence: 2001ms }"), "not-silent"},
	        {SCRIPT("{ silence: 1s }"), "not-silent"},
	        {SCRIPT("{ keys: 2 }, { silence: 1s }"),
	                "not-silent"}, /* the line is dead, which is no silence */
	        {SCRIPT("{ keys: 1 }, { silence: 1s }, { hear: \"yes\" }"), ""},
	        {SCRIPT("{ wait: 100s }, { ended_by: flow }"), ""},
	        {SCRIPT("{ ended_by: customer }"), "ended-by"},
	};
	(void)state;
	EACH(rows);
}

static void messages_and_requests(void **state)
{
	static const struct row rows[] = {
	        {SCRIPT("{ keys: 1 }, { request: ask }, { sms: \"for ann one\" }, { hear: "
	                "\"yes\" }"),
	                ""},
	        {SCRIPT("{ keys: 1 }, { sms: ann }, { request: ask }"), "no-request"},
	        {SCRIPT("{ keys: 1 }, { wait: 3s }, { request: ask }, { sms: ann }"),
	                ""}, /* time passes over, the script does not */
	        {SCRIPT("{ keys: 1 }, { hear: \"yes\" }, { sms: ann }"), "no-sms"},
	        {SCRIPT("{ keys: 1 }, { request: { id: ask, query: { name: Ann, digits: "
	                "'\"1\"' } } }"),
	                ""},
	        {SCRIPT("{ keys: 1 }, { request: { query: { name: \"{name}\" }, method: GET, url: "
	                "example.com } }"),
	                ""},
	        {SCRIPT("{ keys: 1 }, { request: { query: { name: Bob } } }"), "no-request"},
	        {SCRIPT("{ keys: 1 }, { request: { query: { nobody: Ann } } }"), "no-request"},
	        {SCRIPT("{ keys: 1 }, { request: { method: POST } }"), "no-request"},
	        {SCRIPT("{ keys: 1 }, { sms: { to: \"{CallFrom}\", text: ann } }"), ""},
	        {SCRIPT("{ keys: 1 }, { sms: { to: \"+1\", text: ann } }"), "no-sms"},
	        {SCRIPT("{ keys: 2 }, { sms: {} }"), "no-sms"},
	};
	(void)state;
	EACH(rows);
}

static void stubs(void **state)
{
	static const struct row rows[] = {
	        {"    given: { stubs: { ask: { body: no } } }\n" SCRIPT(
	                 "{ keys: 1 }, { hear: \"no\" }"),
	                ""},
	        {"    given: { stubs: { ask: [ { status: 500 }, { body: later } ] } }\n" SCRIPT(
	                 "{ keys: 1 }, { hear: later }"),
	                ""},
	        {"    given: { stubs: { ask: [ { status: 500 } ] } }\n" SCRIPT("{ keys: 1 }"),
	                "no-answer-left"},
	        {"    given: { stubs: { ask: [ { body: a }, { body: b } ] } }\n" SCRIPT(
	                 "{ keys: 1 }"),
	                "answer-unused"},
	        {"    given: { stubs: { ask: [ { body: a } ] } }\n" SCRIPT("{ keys: 2 }"),
	                "answer-unused"},
	        {"    given: { stubs: { ask: { status: 500 } }, time_limit: 1m }\n" SCRIPT(
	                 "{ keys: 1 }") EXPECT("ended_by: runaway"),
	                ""},
	        {"    given: { stubs: { ask: [] } }\n" SCRIPT("{ keys: 2 }"), ""},
	        {"    given: { stubs: { ask: [] } }\n" SCRIPT("{ keys: 1 }"), "no-answer-left"},
	};
	static const struct row none[] = {
	        {SCRIPT("{ ended_by: flow }"), "no-answer-left"},
	        {"    given: { stubs: { a: { status: 200 } } }\n" SCRIPT("{ ended_by: flow }"), ""},
	};
	(void)state;
	EACH(rows);
	each("flow: F\nsteps: [ { id: a, passthru: { url: \"http://example.com/\" } }, hangup ]\n",
	        none, 2);
}

static void expectations(void **state)
{
	static const struct row rows[] = {
	        {EXPECT("status: completed, ended_by: flow, digits: \"\", answers: { menu: ~ }, "
	                "goal: false, opted_out: false, heard_message: true"),
	                ""},
	        {EXPECT("status: busy"), "status"},
	        {EXPECT("goal: true"), "outcome"},
	        {EXPECT("answers: { menu: one }"), "answer"},
	        {EXPECT("duration: { max: 1s }"), "duration"},
	        {EXPECT("duration: { min: 1h }"), "duration"},
	        {EXPECT("visited: [ hello, menu, line-13 ], not_visited: [ ask ]"), ""},
	        {EXPECT("visited: ask, not_visited: hello"), "not-visited visited"},
	        {EXPECT("never: [ /error/, nothing ]"), ""},
	        {EXPECT("never: hello"), "heard"},
	        {SCRIPT("{ hang_up: { after: 100ms } }") EXPECT("never: there"),
	                ""}, /* the word was not begun */
	        {EXPECT("anytime: [ bye, hello, no key ]"), ""},
	        {SCRIPT("{ keys: 1 }") EXPECT(
	                 "anytime: [ { sms: ann }, { request: ask }, \"yes\", press ]"),
	                ""},
	        {EXPECT("anytime: [ missing, { sms: ann }, { request: ask } ]"),
	                "not-heard no-sms no-request"},
	        {EXPECT("heard_under: 1200ms"), ""},
	        {EXPECT("heard_under: { fail: 1199ms }"), "heard-under"},
	        {EXPECT("heard_under: { fail: 1199ms, of: stretch }"), "heard-under"},
	        {SCRIPT("{ keys: 1 }") EXPECT("heard_under: { fail: 1299ms, of: stretch }"),
	                "heard-under"}, /* the wait for the server and its words */
	        {SCRIPT("{ keys: 1 }") EXPECT("heard_under: { fail: 1300ms, of: stretch }"), ""},
	        {EXPECT("first_words_within: 0s"), ""},
	        {SCRIPT("{ keys: 1 }") EXPECT("digits: 2, answers: { menu: two }, status: busy"),
	                "status answer digits"},
	};
	(void)state;
	EACH(rows);
}

static void rows_are_values(void **state)
{
	static const struct row rows[] = {
	        {"    rows: [ { name: Bob }, { name: Eve } ]\n" SCRIPT(
	                 "{ keys: 1 }, { sms: \"for {name}\" }"),
	                ""},
	        {"    rows: [ { k: 1, a: one }, { k: 2, a: two } ]\n" SCRIPT("{ keys: \"{k}\" }")
	                        EXPECT("answers: { menu: \"{a}\" }"),
	                "answer"},
	        {"    rows: [ { said: a }, { said: b } ]\n"
	         "    given: { stubs: { ask: { body: \"{said} {other}\" } } }\n" SCRIPT(
	                 "{ keys: 1 }, { hear: \"{said} other\" }"),
	                ""},
	        {"    rows: [ { k: \"\" } ]\n" SCRIPT(
	                 "{ press: \"{k}\" }, { keys: \"{k}\" }, { hear: bye }"),
	                ""},
	        {"    rows: [ { k: x } ]\n" SCRIPT("{ press: \"{k}\" }"), "bad-key"},
	        {"    rows: [ { a: 1 }, { b: 2 } ]\n" SCRIPT("{ keys: \"{a}{b}\" }"), ""},
	};
	(void)state;
	EACH(rows);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(hearing),
        cmocka_unit_test(pressing),
        cmocka_unit_test(waiting),
        cmocka_unit_test(messages_and_requests),
        cmocka_unit_test(stubs),
        cmocka_unit_test(expectations),
        cmocka_unit_test(rows_are_values),
};
UNIT_MAIN(tests)
