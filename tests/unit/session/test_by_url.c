/* Applets by URL: what their answers may hold, field by field, and the calls that come of them. */
#include "../unit.h"

#include <unistd.h>

#include "call/by_url.h"
#include "session/by_url.h"
#include "session/session.h"
#include "sim/tts.h"

static struct dd_arena *arena;
static struct dd_diags diags;

static struct dd_program *program_of(const char *flow)
{
	char path[] = "/tmp/drydial-XXXXXX";
	int fd = mkstemp(path);
	assert_true(write(fd, flow, strlen(flow)) == (ssize_t)strlen(flow));
	close(fd);
	arena = dd_arena_new();
	dd_diags_init(&diags, arena);
	struct dd_program *p = dd_program_load(path, &diags);
	unlink(path);
	if (!p) {
		struct dd_buf out = {0};
		dd_diags_text(&diags, &out, false);
		fail_msg("%s", out.p);
	}
	return p;
}

static void done(struct dd_program *p)
{
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

/* What the answer leads to: "" when it can be used, else why it cannot. */
static void expect_why(const struct dd_program *p, int status, const char *error,
        struct dd_str body, const char *want)
{
	static struct dd_parsed_reply r;
	dd_reply_parse(&r, p, 0, status, error, body);
	if (strcmp(r.why, want) != 0)
		fail_msg("%.*s\n  says:   %s\n  wanted: %s", (int)(body.n < 200 ? body.n : 200),
		        body.p, r.why, want);
	assert_true(!want[0] == (r.reply.status == 200));
	if (want[0])
		assert_int_equal(r.reply.nfields, 0);
	dd_reply_fini(&r);
}

static const char GATHER[] = "flow: T\nsteps:\n  - id: pin\n    ivr: { collect: { url: "
                             "'http://x.y/', stub: {} } }\n  - hangup\n";
static const char SPARE[] = "flow: T\nsteps:\n  - id: pin\n    ivr: { prompt: Own, collect: { url: "
                            "'http://x.y/', stub: {} } }\n  - hangup\n";
static const char CONNECT[] = "flow: T\nsteps:\n  - id: a\n    connect: { to: { url: "
                              "'http://x.y/', stub: {} } }\n  - hangup\n";

struct answer {
	const char *body, *why;
};

static void expect_all(const char *flow, const struct answer *list, size_t n)
{
	struct dd_program *p = program_of(flow);
	for (size_t i = 0; i < n; i++)
		expect_why(p, 200, NULL, dd_str(list[i].body), list[i].why);
	done(p);
}

#define PROMPT                 "\"gather_prompt\":{\"text\":\"Type\"}"
#define RANGE(name, low, high) name ", and must be a whole number from " low " to " high
#define IN_GATHER(field)       "{" PROMPT "," field "}"
static void answers_of_a_gather(void **state)
{
	(void)state;
	static const struct answer list[] = {
	        {"{" PROMPT "}", ""},
	        {"\xEF\xBB\xBF{" PROMPT "}", ""},
	        {"{\"gather_prompt\":{\"audio_url\":\"https://x.y/a.wav\"}}", ""},
	        {"{\"gather_prompt\":{\"audio_url\":\"a.wav\"}}",
	                "gather_prompt.audio_url must begin with http:// or https://"},
	        {"{}", "it has no gather_prompt, and the flow no prompt of its own"},
	        {"{\"gather_prompt\":null}",
	                "it has no gather_prompt, and the flow no prompt of its own"},
	        {"{\"gather_prompt\":\"Type\"}",
	                "gather_prompt is a text, and must be an object with text or audio_url"},
	        {"{\"gather_prompt\":{}}", "gather_prompt has neither text nor audio_url"},
	        {"{\"gather_prompt\":{\"text\":\"a\",\"audio_url\":\"http://x.y/\"}}",
	                "gather_prompt has a text and an audio_url: one of the two is said"},
	        {"{\"gather_prompt\":{\"text\":5}}",
	                "gather_prompt.text is a number, and must be a text"},
	        {"{\"gather_prompt\":{\"text\":\" \"}}",
	                "gather_prompt.text is empty: nothing would be heard"},
	        {"{\"gather_prompt\":{\"text\":\"a\\u0007b\"}}",
	                "gather_prompt.text holds a control character"},
	        {"{\"gather_prompt\":{\"text\":\"a\\nb\"}}", ""},
	        {IN_GATHER("\"repeat_gather_prompt\":{\"text\":\"Again\"}"), ""},
	        {IN_GATHER("\"repeat_gather_prompt\":[]"),
	                "repeat_gather_prompt is a list, and must be an object with text or "
	                "audio_url"},
	        {IN_GATHER("\"max_input_digits\":1"), ""},
	        {IN_GATHER("\"max_input_digits\":255"), ""},
	        {IN_GATHER("\"max_input_digits\":0"), RANGE("max_input_digits is 0", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":256"),
	                RANGE("max_input_digits is 256", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":-1"), RANGE("max_input_digits is -1", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":4.5"),
	                RANGE("max_input_digits is 4.5", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":1e400"),
	                "it is not JSON: line 1, column 57: real number overflow near '1e400'"},
	        {IN_GATHER("\"max_input_digits\":99999999999999999999"),
	                RANGE("max_input_digits is 99999999999999999999", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":\"4\""),
	                "max_input_digits is \"4\", a text: write the number without quotes"},
	        {IN_GATHER("\"max_input_digits\":\"four\""),
	                RANGE("max_input_digits is a text", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":true"),
	                RANGE("max_input_digits is true or false", "1", "255")},
	        {IN_GATHER("\"max_input_digits\":null"), ""},
	        {IN_GATHER("\"finish_on_key\":\"*\""), ""},
	        {IN_GATHER("\"finish_on_key\":\"\""), ""},
	        {IN_GATHER("\"finish_on_key\":\"##\""),
	                "finish_on_key is \"##\", and must be one key (0 to 9, * or #), or empty "
	                "for none"},
	        {IN_GATHER("\"finish_on_key\":\"a\""),
	                "finish_on_key is \"a\", and must be one key (0 to 9, * or #), or empty "
	                "for none"},
	        {IN_GATHER("\"finish_on_key\":5"),
	                "finish_on_key is a number: write the key in quotes"},
	        {IN_GATHER("\"input_timeout\":1"), ""},
	        {IN_GATHER("\"input_timeout\":3600"), ""},
	        {IN_GATHER("\"input_timeout\":0"), RANGE("input_timeout is 0", "1", "3600")},
	        {IN_GATHER("\"input_timeout\":3601"), RANGE("input_timeout is 3601", "1", "3600")},
	        {IN_GATHER("\"repeat_menu\":0"), ""},
	        {IN_GATHER("\"repeat_menu\":100"), ""},
	        {IN_GATHER("\"repeat_menu\":101"), RANGE("repeat_menu is 101", "0", "100")},
	        {IN_GATHER("\"what_nobody_knows\":{\"a\":[1]}"), ""},
	        {"", "it is empty"},
	        {"Type it", "it is no JSON object, which begins with {"},
	        {"[]", "it is no JSON object, which begins with {"},
	};
	expect_all(GATHER, list, sizeof list / sizeof *list);
	static const struct answer spare[] = {{"{}", ""}, {"{\"max_input_digits\":3}", ""}};
	expect_all(SPARE, spare, sizeof spare / sizeof *spare);
}

#define NUMBERS           "\"destination\":{\"numbers\":[\"+919800000001\"]}"
#define IN_CONNECT(field) "{" NUMBERS "," field "}"
static void answers_of_a_connect(void **state)
{
	(void)state;
	static const struct answer list[] = {
	        {"{" NUMBERS "}", ""},
	        {"{}", "it has no destination: whom is the call to ring?"},
	        {"{\"destination\":[]}", "destination must be an object with numbers"},
	        {"{\"destination\":{}}", "destination must be an object with numbers"},
	        {"{\"destination\":{\"numbers\":\"1\"}}",
	                "destination.numbers is a text, and must be a list"},
	        {"{\"destination\":{\"numbers\":[]}}",
	                "destination.numbers is empty: nobody is rung"},
	        {"{\"destination\":{\"numbers\":[98]}}",
	                "a number of destination.numbers is a number: write the number in quotes"},
	        {"{\"destination\":{\"numbers\":[\"1,2\"]}}",
	                "a number of destination.numbers is \"1,2\", which nobody can ring"},
	        {"{\"destination\":{\"numbers\":[\"1\",\"\"]}}",
	                "a number of destination.numbers is \"\", which nobody can ring"},
	        {IN_CONNECT("\"fetch_after_attempt\":true"), ""},
	        {IN_CONNECT("\"fetch_after_attempt\":\"false\""),
	                "fetch_after_attempt must be true or false without quotes, and is a text"},
	        {IN_CONNECT("\"outgoing_phone_number\":\"+918047112345\""), ""},
	        {IN_CONNECT("\"outgoing_phone_number\":8047112345"),
	                "outgoing_phone_number is a number: write the number in quotes"},
	        {IN_CONNECT("\"record\":true,\"recording_channels\":\"dual\""), ""},
	        {IN_CONNECT("\"recording_channels\":\"single\""), ""},
	        {IN_CONNECT("\"recording_channels\":\"both\""),
	                "recording_channels must be \"single\" or \"dual\""},
	        {IN_CONNECT("\"record\":1"),
	                "record must be true or false without quotes, and is a number"},
	        {IN_CONNECT("\"max_ringing_duration\":1"), ""},
	        {IN_CONNECT("\"max_ringing_duration\":3601"),
	                RANGE("max_ringing_duration is 3601", "1", "3600")},
	        {IN_CONNECT("\"max_ringing_duration\":0"),
	                RANGE("max_ringing_duration is 0", "1", "3600")},
	        {IN_CONNECT("\"max_conversation_duration\":14400"), ""},
	        {IN_CONNECT("\"max_conversation_duration\":14401"),
	                RANGE("max_conversation_duration is 14401", "1", "14400")},
	        {IN_CONNECT("\"music_on_hold\":{\"type\":\"operator_tone\"}"), ""},
	        {IN_CONNECT("\"music_on_hold\":\"tone\""),
	                "music_on_hold must be an object with type, such as default_tone"},
	        {IN_CONNECT("\"parallel_ringing\":{\"activate\":true}"), ""},
	};
	expect_all(CONNECT, list, sizeof list / sizeof *list);
}

/* The most numbers, and one more; the longest number, and one digit more. */
static void limits_of_numbers(void **state)
{
	(void)state;
	struct dd_program *p = program_of(CONNECT);
	for (int n = DD_DIAL_NUMBERS_MAX; n <= DD_DIAL_NUMBERS_MAX + 1; n++) {
		struct dd_buf body = {0};
		dd_buf_str(&body, "{\"destination\":{\"numbers\":[");
		for (int i = 0; i < n; i++)
			dd_buf_format(
			        &body, "%s\"%0*d\"", i ? "," : "", DD_DIAL_NUMBER_BYTES_MAX, i);
		dd_buf_str(&body, "]}}");
		expect_why(p, 200, NULL, (struct dd_str){body.p, body.n},
		        n > DD_DIAL_NUMBERS_MAX ? "destination.numbers has 51 numbers, more than 50"
		                                : "");
		dd_buf_free(&body);
	}
	char longest[160];
	(void)snprintf(longest, sizeof longest, "{\"destination\":{\"numbers\":[\"%065d\"]}}", 7);
	expect_why(p, 200, NULL, dd_str(longest),
	        "a number of destination.numbers is "
	        "\"000000000000000000000000...\", which nobody can "
	        "ring");
	done(p);
}

/* What is hostile is told in words, and changes nothing. */
static void hostile_answers(void **state)
{
	(void)state;
	static const char begins[] = "{\"gather_prompt\":{\"text\":\"Type\"},\"max_input_digits\":";
	struct dd_program *p = program_of(GATHER);
	struct dd_buf body = {0};
	dd_buf_str(&body, begins);
	for (int i = 0; i < 1000000; i++)
		dd_buf_char(&body, '1');
	dd_buf_char(&body, '}');
	expect_why(p, 200, NULL, (struct dd_str){body.p, body.n},
	        "it is not JSON: line 1, column 1000052: real number overflow");
	dd_buf_clear(&body);
	dd_buf_str(&body, "{\"gather_prompt\":{\"text\":\"");
	for (int i = 0; i < 4096; i++)
		dd_buf_char(&body, 'a');
	size_t most = body.n;
	dd_buf_str(&body, "\"}}");
	expect_why(p, 200, NULL, (struct dd_str){body.p, body.n}, "");
	body.n = most;
	dd_buf_str(&body, "a\"}}");
	expect_why(p, 200, NULL, (struct dd_str){body.p, body.n},
	        "gather_prompt.text has more than 4,096 characters");
	dd_buf_clear(&body);
	dd_buf_str(&body, "{\"gather_prompt\":");
	for (int i = 0; i < 500; i++)
		dd_buf_str(&body, "[");
	for (int i = 0; i < 500; i++)
		dd_buf_str(&body, "]");
	dd_buf_char(&body, '}');
	static struct dd_parsed_reply r;
	dd_reply_parse(&r, p, 0, 200, NULL, (struct dd_str){body.p, body.n});
	assert_true(r.why[0] && r.reply.status == 0);
	assert_string_equal(r.reply.error, "unusable");
	dd_reply_fini(&r);
	dd_buf_free(&body);
	expect_why(p, 200, NULL, (struct dd_str){"{\0}", 3},
	        "it is not JSON: line 1, column 2: string or '}' expected near end of file");
	expect_why(p, 500, NULL, dd_str("{" PROMPT "}"), "its status is 500, and must be 200");
	expect_why(p, 302, NULL, dd_str(""), "its status is 302, and must be 200");
	expect_why(p, 0, "refused", dd_str(""), "the server cannot be reached");
	expect_why(p, 0, "timeout", dd_str(""), "the server takes longer than 5 s");
	done(p);
}

/* -- calls ------------------------------------------------------------------ */

/* Every event but ringing, answered, reply and request: "800 prompt Type|…"; the voice takes 100 ms
   a character. `keys` are "at:key" in their order. */
static void call_gives(const char *flow, const char *keys, const char *want)
{
	struct dd_program *p = program_of(flow);
	struct dd_sim_tts *tts = dd_sim_tts_new(100, 0);
	struct dd_session_options o = {.program = p, .tts = dd_sim_tts_port(tts), .record = true};
	struct dd_session *s = dd_session_new(&o);
	struct dd_buf got = {0};
	dd_session_start(s);
	for (const char *at = keys; *at; at += strcspn(at, " "), at += *at == ' ') {
		char *colon;
		long ms = strtol(at, &colon, 10);
		dd_session_key(s, ms, colon[1]);
	}
	while (!dd_session_over(s))
		dd_session_advance(s, dd_session_next(s));
	const struct dd_trace *t = dd_session_trace(s);
	for (size_t i = 0; i < t->nevents; i++) {
		const struct dd_trace_event *e = &t->events[i];
		struct dd_str text = dd_trace_str(t, e->text), more = dd_trace_str(t, e->more);
		if (e->type == DD_TR_RINGING || e->type == DD_TR_ANSWERED || e->type == DD_TR_KEY ||
		        e->type == DD_TR_REPLY || e->type == DD_TR_PROMPT_STOPPED)
			continue;
		dd_buf_format(&got, "%s%lld %s", got.n ? "|" : "", (long long)e->at,
		        dd_trace_name(e->type));
		if (text.n && e->type != DD_TR_REQUEST)
			dd_buf_format(&got, " %.*s", (int)text.n, text.p);
		if (e->type == DD_TR_CONNECT)
			dd_buf_format(&got, " %.*s", (int)more.n, more.p);
		if (e->type == DD_TR_CONNECT && e->sender.n)
			dd_buf_format(
			        &got, " as %.*s", (int)e->sender.n, dd_trace_str(t, e->sender).p);
		if (e->type == DD_TR_END)
			dd_buf_format(
			        &got, " %s", dd_ended_by_name(dd_session_outcome(s)->ended_by));
	}
	assert_string_equal(got.p, want);
	dd_buf_free(&got);
	dd_session_free(s);
	dd_sim_tts_free(tts);
	done(p);
}

#define CALL(ivr, stub) \
	"flow: T\nsteps:\n  - id: pin\n    ivr: { " ivr \
	"collect: { url: 'http://x.y/', stub: " stub \
	" }, otherwise: [ greeting: No, hangup ] }\n  - sms: \"{pin.digits} " \
	"{pin.status}\"\n  - hangup\n"
#define JSON(fields) "{ json: { gather_prompt: { text: Type }" fields " } }"

static void menus_go_by_the_answer(void **state)
{
	(void)state;
	/* the digits, the key, the time and the tries of the answer */
	call_gives(CALL("", JSON(", max_input_digits: 3")), "500:1 600:2 700:3",
	        "0 request|0 prompt Type|700 answer 123|700 sms 123 200|700 end flow");
	call_gives(CALL("", JSON(", finish_on_key: '*'")), "500:1 600:#  700:*",
	        "0 request|0 prompt Type|700 answer 1#|700 sms 1# 200|700 end flow");
	call_gives(CALL("", JSON(", finish_on_key: '', max_input_digits: 2")), "500:1 600:#",
	        "0 request|0 prompt Type|600 answer 1#|600 sms 1# 200|600 end flow");
	call_gives(CALL("", JSON(", input_timeout: 2")), "",
	        "0 request|0 prompt Type|2400 silence|2400 prompt No|2600 end flow");
	call_gives(CALL("", JSON(", input_timeout: 2")), "500:1",
	        "0 request|0 prompt Type|2500 answer 1|2500 sms 1 200|2500 end flow");
	call_gives(CALL("", JSON(", input_timeout: 1, repeat_menu: 1")), "",
	        "0 request|0 prompt Type|1400 silence|1400 prompt Type|2800 silence|2800 prompt "
	        "No|3000 end flow");
	call_gives(CALL("",
	                   JSON(", input_timeout: 1, repeat_menu: 1, repeat_gather_prompt: { text: "
	                        "Again }")),
	        "",
	        "0 request|0 prompt Type|1400 silence|1400 prompt Again|2900 silence|2900 prompt "
	        "No|3100 end flow");
	/* what it leaves out: what the flow says, or what the platform's manual does */
	call_gives(CALL("", JSON("")), "",
	        "0 request|0 prompt Type|5400 silence|5400 prompt No|5600 end flow");
	call_gives(CALL("timeout: 3s, retries: 1, silence: Hm, ", JSON("")), "",
	        "0 request|0 prompt Type|3400 silence|3400 prompt Hm|3600 prompt Type|7000 "
	        "silence|7000 prompt No|7200 end flow");
	/* the time that the server takes is waited; keys are lost then */
	call_gives(
	        CALL("",
	                "{ delay: 3s, json: { gather_prompt: { text: Type }, max_input_digits: 1 "
	                "} }"),
	        "100:1 3100:2",
	        "0 request|3000 prompt Type|3100 answer 2|3100 sms 2 200|3100 end flow");
}

static void menus_without_an_answer(void **state)
{
	(void)state;
#define SAYS "error the answer of the URL cannot be used: "
	call_gives(CALL("prompt: Own, ", "{ status: 500 }"), "600:7 700:#",
	        "0 request|0 " SAYS "its status is 500, and must be 200|0 prompt Own|700 answer "
	        "7|700 sms 7 500|700 end flow");
	call_gives(CALL("", "{ error: refused }"), "",
	        "0 request|0 " SAYS "the server cannot be reached|0 prompt No|200 end flow");
	call_gives(CALL("prompt: Own, ", "{ error: timeout }"), "5600:7 5700:#",
	        "0 request|5000 " SAYS
	        "the server takes longer than 5 s|5000 prompt Own|5700 answer "
	        "7|5700 sms 7 timeout|5700 end flow");
	call_gives(CALL("", "{ delay: 5001ms, json: { gather_prompt: { text: Type } } }"), "",
	        "0 request|5000 " SAYS "the server takes longer than 5 s|5000 prompt No|5200 end "
	        "flow");
	call_gives(
	        CALL("",
	                "{ delay: 5s, json: { gather_prompt: { text: Type }, input_timeout: 1 } }"),
	        "", "0 request|5000 prompt Type|6400 silence|6400 prompt No|6600 end flow");
	call_gives(CALL("prompt: Own, ", "{ body: Hello }"), "600:7 700:#",
	        "0 request|0 " SAYS "it is no JSON object, which begins with {|0 prompt Own|700 "
	        "answer 7|700 sms 7 unusable|700 end flow");
	call_gives(CALL("prompt: Own, ", "{ json: { max_input_digits: 1 } }"), "100:7",
	        "0 request|0 prompt Own|100 answer 7|100 sms 7 200|100 end flow");
	call_gives(
	        "flow: T\nsteps:\n  - ivr: { collect: { url: 'http://x.y/', stub: { body: x } } }\n"
	        "  - hangup\n",
	        "", "0 request|0 " SAYS "it is no JSON object, which begins with {|0 end dropped");
}

/* Of two rounds the second answer counts alone. */
static void an_old_answer_is_gone(void **state)
{
	(void)state;
	call_gives(
	        "flow: T\nsteps:\n  - id: pin\n    ivr: { prompt: Own, retries: 0, timeout: 1s, "
	        "collect: { url: 'http://x.y/', stub: [ { json: { gather_prompt: { text: Type }, "
	        "max_input_digits: 1 } }, { error: timeout } ] } }\n"
	        "  - branch: { on: '{pin.visits}', cases: [ { is: 1, goto: pin } ] }\n  - hangup\n",
	        "10:7 5100:8 5150:9 5200:#",
	        "0 request|0 prompt Type|10 answer 7|10 branch 1|10 request|5010 " SAYS
	        "the server takes longer than 5 s|5010 prompt Own|5200 answer "
	        "89|5200 branch 2|5200 "
	        "end flow");
}

#define RING(to, fields, stub) \
	"flow: T\nsteps:\n  - id: a\n    connect: { timeout: 9s, time_limit: 50s, " \
	"caller_id: '555', to: " \
	"{ " to \
	"url: 'http://x.y/', stub: { json: { destination: { numbers: ['+1', '+2'] }" fields \
	" } } }, stub: " stub \
	", exits: { answered: [ sms: '{a.to} {a.seconds} {a.status}', hangup ], " \
	"busy: [ sms: busy ], no-answer: [ sms: nobody ], failed: [ sms: failed ] } }\n  - hangup\n"

static void connects_go_by_the_answer(void **state)
{
	(void)state;
	call_gives(RING("", "", "[ busy, { outcome: answered, ring: 1s, talk: 2s } ]"), "",
	        "0 request|0 connect +1 ringing as 555|6000 connect +1 busy|6000 "
	        "connect +2 ringing as "
	        "555|7000 connect +2 answered|9000 connect +2 over|9000 sms +2 2 answered|9000 end "
	        "flow");
	call_gives(RING("", ", outgoing_phone_number: '777'", "{ ring: 1s, talk: 1s }"), "",
	        "0 request|0 connect +1 ringing as 777|1000 connect +1 answered|2000 connect +1 "
	        "over|2000 sms +1 1 answered|2000 end flow");
	call_gives(RING("", ", max_ringing_duration: 2", "no-answer"), "",
	        "0 request|0 connect +1 ringing as 555|2000 connect +1 no-answer|2000 connect +2 "
	        "ringing as 555|4000 connect +2 no-answer|4000 sms nobody|4000 end flow");
	call_gives(RING("", "", "no-answer"), "",
	        "0 request|0 connect +1 ringing as 555|9000 connect +1 no-answer|9000 connect +2 "
	        "ringing as 555|18000 connect +2 no-answer|18000 sms nobody|18000 end flow");
	call_gives(RING("", ", max_conversation_duration: 3", "{ ring: 1s, talk: 9s }"), "",
	        "0 request|0 connect +1 ringing as 555|1000 connect +1 answered|4000 connect +1 "
	        "over|4000 sms +1 3 answered|4000 end flow");
	call_gives(RING("", ", parallel_ringing: { activate: true }", "{ ring: 1s, talk: 1s }"), "",
	        "0 request|0 note parallel_ringing is not simulated: the numbers "
	        "ring one after the "
	        "other|0 connect +1 ringing as 555|1000 connect +1 answered|2000 "
	        "connect +1 over|2000 "
	        "sms +1 1 answered|2000 end flow");
}

#define ASKS(stubs, to) \
	"flow: T\nsteps:\n  - id: a\n    connect: { to: { " to "url: 'http://x.y/', stub: " stubs \
	" }, stub: { outcome: busy, ring: 1s }, exits: { answered: [], busy: [ sms: " \
	"'busy {a.visits}' " \
	"], no-answer: [], failed: [ sms: failed ] } }\n  - hangup\n"

static void connects_without_an_answer(void **state)
{
	(void)state;
	call_gives(ASKS("{ status: 404 }", ""), "",
	        "0 request|0 " SAYS "its status is 404, and must be 200|0 sms failed|0 end flow");
	call_gives(ASKS("{ status: 404 }", "numbers: '+9', "), "",
	        "0 request|0 " SAYS "its status is 404, and must be 200|0 connect +9 ringing|1000 "
	        "connect +9 busy|1000 sms busy 1|1000 end flow");
	call_gives(
	        "flow: T\nsteps:\n  - connect: { to: { url: 'http://x.y/', stub: { status: 404 } } "
	        "}\n  - hangup\n",
	        "", "0 request|0 " SAYS "its status is 404, and must be 200|0 end dropped");
}

static void connects_ask_again(void **state)
{
	(void)state;
	/* after each number, and the later answer counts */
	call_gives(ASKS("[ { json: { destination: { numbers: ['+1', '+2'] }, "
	                "fetch_after_attempt: true "
	                "} }, { delay: 1s, json: { destination: { numbers: ['+3'] } } } ]",
	                   ""),
	        "",
	        "0 request|0 connect +1 ringing|1000 connect +1 busy|1000 request|2000 connect +3 "
	        "ringing|3000 connect +3 busy|3000 sms busy 1|3000 end flow");
	/* ten times, and no more */
	struct dd_buf want = {0};
	for (int i = 0; i < DD_FETCHES_MAX; i++)
		dd_buf_format(&want,
		        "%d000 request|%d000 connect +1 ringing|%d000 connect +1 busy|", i, i,
		        i + 1);
	char *zero = want.p;
	(void)zero;
	dd_buf_str(&want,
	        "10000 error whom to ring has been asked ten times, and nobody answered: it is not "
	        "asked again|10000 sms busy 1|10000 end flow");
	struct dd_buf text = {0};
	for (size_t i = 0; i < want.n; i++) { /* "0000" is 0 */
		if (strncmp(want.p + i, "0000 ", 5) == 0 && (i == 0 || want.p[i - 1] == '|'))
			i += 3;
		dd_buf_char(&text, want.p[i]);
	}
	call_gives(ASKS("{ json: { destination: { numbers: ['+1'] }, fetch_after_attempt: true } }",
	                   ""),
	        "", text.p);
	dd_buf_free(&want);
	dd_buf_free(&text);
}

/* -- the engine alone ------------------------------------------------------- */

/* A host of the library may give any fields: what cannot be used counts as left out. */
static void fields_of_a_host(void **state)
{
	(void)state;
	struct dd_program *p = program_of(SPARE);
	struct dd_call *c = malloc(dd_call_size(p, DD_STORE_BYTES));
	struct dd_effects fx;
	static const char *const values[][2] = {{"0", ""}, {"256", ""}, {"", ""}, {"-3", ""},
	        {"99999999999999999999", ""}, {"4x", ""}};
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		struct dd_reply_field fields[] = {
		        {dd_str("max_input_digits"), dd_str(values[i][0])},
		        {dd_str("input_timeout"), dd_str(values[i][0])},
		        {dd_str("finish_on_key"), dd_str("ab")}};
		struct dd_reply r = {.status = 200, .fields = fields, .nfields = 3};
		struct dd_collect how;
		dd_call_init(c, p, DD_STORE_BYTES, &(struct dd_setup){0});
		dd_call_step(c, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
		uint32_t ticket = 0;
		for (uint32_t k = 0; k < fx.n; k++)
			if (fx.list[k].type == DD_FX_REQUEST)
				ticket = fx.list[k].ticket;
		dd_call_step(c,
		        &(struct dd_event){
		                .type = DD_EV_REPLY, .at = 5, .ticket = ticket, .reply = &r},
		        &fx);
		assert_int_equal(dd_call_at(c), 1);
		dd_call_collect(c, 1, &how);
		assert_int_equal(how.max, DD_DIGITS_MAX);
		assert_int_equal(how.finish, '#');
		if (i != 1) /* 256 s are a time */
			assert_int_equal(how.timeout, 5000);
	}
	free(c);
	done(p);
}

/* 255 is what the platform allows; a call keeps 64. */
static void numbers_are_capped(void **state)
{
	(void)state;
	struct dd_program *p = program_of(
	        "flow: T\nsteps:\n  - ivr: { collect: { min: 9, url: 'http://x.y/', "
	        "stub: [ { status: "
	        "500 }, { json: { gather_prompt: { text: T }, max_input_digits: 255 } } ] } }\n"
	        "  - ivr: { collect: { min: 9, url: 'http://x.y/', stub: { json: { "
	        "gather_prompt: { "
	        "text: T }, max_input_digits: 4, repeat_menu: 3 } } } }\n"
	        "  - ivr: { prompt: P, collect: { min: 2, max: 5 } }\n  - hangup\n");
	struct dd_collect how;
	dd_stub_collect(p, 1, &how);
	assert_int_equal(how.min, 9);
	assert_int_equal(how.max, DD_DIGITS_MAX);
	assert_int_equal(how.retries, 0);
	dd_stub_collect(p, 3, &how);
	assert_int_equal(how.min, 4);
	assert_int_equal(how.max, 4);
	assert_int_equal(how.retries, 3);
	dd_stub_collect(p, 4, &how);
	assert_int_equal(how.min, 2);
	assert_int_equal(how.max, 5);
	assert_int_equal(how.retries, 2);
	done(p);
}

/* What such requests carry beside those of a passthru. */
static void requests(void **state)
{
	(void)state;
	struct dd_program *p = program_of(
	        "flow: T\nsteps:\n  - ivr: { collect: { url: 'http://x.y/g?a=1', stub: {} } }\n"
	        "  - connect: { to: { url: 'http://x.y/c', stub: {} } }\n"
	        "  - passthru: { url: 'http://x.y/p', stub: {} }\n  - hangup\n");
	struct dd_call *c = malloc(dd_call_size(p, DD_STORE_BYTES));
	dd_call_init(c, p, DD_STORE_BYTES, &(struct dd_setup){0});
	for (uint32_t step = 0; step < 5; step++) {
		struct dd_request_text r = {0};
		const struct dd_passthru *pass = &p->steps[step].passthru;
		size_t none = 0;
		if (p->steps[step].applet != DD_PASSTHRU)
			continue;
		dd_request_build(&r, c, step, pass->url, pass, 0, NULL, &none);
		bool by_url = step < 4;
		assert_int_equal(r.method, DD_GET);
		assert_true(by_url == (r.headers.n > 0));
		if (by_url)
			assert_string_equal(r.headers.p, "Exotel-Version: 1.0\n");
		assert_true(strstr(r.url.p, "CallSid=") && strstr(r.url.p, "CallFrom="));
		assert_true((step == 0) == (strstr(r.url.p, "CallStatus=in-progress") != NULL));
		dd_request_fini(&r);
	}
	struct dd_request_text r = {0};
	size_t none = 0;
	dd_request_build(&r, c, 0, p->steps[0].passthru.url, NULL, 0, NULL, &none);
	assert_string_equal(r.headers.p, "Exotel-Version: 1.0\n"); /* a prompt's */
	dd_request_fini(&r);
	free(c);
	done(p);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(answers_of_a_gather),
        cmocka_unit_test(answers_of_a_connect),
        cmocka_unit_test(limits_of_numbers),
        cmocka_unit_test(hostile_answers),
        cmocka_unit_test(menus_go_by_the_answer),
        cmocka_unit_test(menus_without_an_answer),
        cmocka_unit_test(an_old_answer_is_gone),
        cmocka_unit_test(connects_go_by_the_answer),
        cmocka_unit_test(connects_without_an_answer),
        cmocka_unit_test(connects_ask_again),
        cmocka_unit_test(fields_of_a_host),
        cmocka_unit_test(numbers_are_capped),
        cmocka_unit_test(requests),
};
UNIT_MAIN(tests)
