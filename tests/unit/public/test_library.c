/* What hosts of the library see: its headers alone, and the shared library alone. */
#include "../unit.h"

#include <unistd.h>

#include <drydial/check.h>
#include <drydial/flow.h>
#include <drydial/run.h>
#include <drydial/scenario.h>

static const char FLOW[] =
        "flow: Reminder\n"
        "variables: { name: Asha, time: }\n"
        "steps:\n"
        "  - greeting: Hello {name}, your appointment is at {time}.\n"
        "  - id: choice\n"
        "    ivr:\n"
        "      prompt: Press 1 to confirm, or press 2 to reschedule.\n"
        "      keys:\n"
        "        1: { answer: confirmed, goal: true, then: [ sms: \"Thanks, {name}\", hangup ] }\n"
        "        2: { answer: later, then: [ goto: desk ] }\n"
        "      otherwise: [ hangup ]\n"
        "  - id: desk\n"
        "    passthru:\n"
        "      url: \"https://example.com/d?name={name}\"\n"
        "      stub: { json: { slot: noon } }\n"
        "  - greeting: See you at {desk.slot}.\n"
        "  - hangup\n";

static struct dd_program *program_of(const char *text)
{
	struct dd_findings *findings = NULL;
	struct dd_program *p = dd_program_text("reminder.yaml", text, strlen(text), &findings);
	assert_non_null(findings);
	if (!p)
		fail_msg("%s", dd_findings_text(findings));
	dd_findings_free(findings);
	return p;
}

static struct dd_run *run_of(const struct dd_program *p)
{
	struct dd_run *run = dd_run_new(p);
	assert_non_null(run);
	assert_int_equal(dd_run_set(run, "time", "3 PM"), DD_OK);
	return run;
}

/* -- programs --------------------------------------------------------------- */

static void a_program_is_looked_at(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	uint32_t choice = dd_program_step_named(p, "choice"), prompts[DD_PROGRAM_STEP_PROMPTS];
	char text[100], small[8];
	size_t n;
	assert_string_equal(dd_program_name(p), "Reminder");
	assert_int_equal(dd_program_steps(p), 9);
	assert_int_not_equal(choice, DD_STEP_NONE);
	assert_int_equal(dd_program_step_named(p, "no such"), DD_STEP_NONE);
	assert_string_equal(dd_program_step_id(p, choice), "choice");
	assert_string_equal(dd_program_step_applet(p, choice), "ivr");
	assert_string_equal(dd_program_step_file(p, choice), "reminder.yaml");
	assert_int_equal(dd_program_step_line(p, choice), 5);
	assert_int_equal(dd_program_step_prompts(p, choice, prompts), 1);
	assert_true(prompts[0] < dd_program_prompts(p));
	assert_int_equal(dd_program_prompt(p, prompts[0], text, sizeof text, &n), DD_OK);
	assert_string_equal(text, "Press 1 to confirm, or press 2 to reschedule.");
	assert_int_equal(n, strlen(text));
	assert_int_equal(dd_program_prompt(p, prompts[0], small, sizeof small, &n), DD_ERR_LIMIT);
	assert_string_equal(small, "Press 1");
	assert_int_equal(n, strlen(text));
	assert_int_equal(dd_program_step_prompts(p, 0, prompts), 1);
	assert_int_equal(dd_program_prompt(p, prompts[0], text, sizeof text, NULL), DD_OK);
	assert_string_equal(text, "Hello {name}, your appointment is at {time}.");
	assert_int_equal(dd_program_prompt(p, 99, text, sizeof text, NULL), DD_ERR_FORMAT);
	assert_int_equal(dd_program_keys(p, choice), 2);
	assert_int_equal(dd_program_key(p, choice, 1), '2');
	assert_int_equal(dd_program_key(p, choice, 2), 0);
	assert_string_equal(dd_program_step_applet(p, dd_program_key_target(p, choice, 0)), "sms");
	assert_int_equal(dd_program_key_target(p, choice, 2), DD_STEP_NONE);
	assert_int_equal(dd_program_keys(p, 0), 0);
	assert_int_equal(dd_program_variables(p), 2);
	assert_string_equal(dd_program_variable(p, 0), "name");
	assert_int_equal(dd_program_example(p, 0).n, 4);
	assert_null(dd_program_example(p, 1).p);
	assert_null(dd_program_variable(p, 2));
	assert_null(dd_program_step_id(p, 9));
	assert_null(dd_program_step_applet(p, 9));
	assert_null(dd_program_step_file(p, 9));
	assert_int_equal(dd_program_step_line(p, 9), 0);
	dd_program_free(p);
}

static void what_is_wrong_has_its_place(void **state)
{
	(void)state;
	static const char broken[] = "flow: F\nsteps:\n  - goto: ende\n  - id: end\n    hangup:\n";
	struct dd_findings *f = NULL;
	assert_null(dd_program_text("f.yaml", broken, strlen(broken), &f));
	assert_non_null(f);
	assert_int_equal(dd_findings_count(f), 1);
	assert_int_equal(dd_findings_errors(f), 1);
	assert_string_equal(dd_finding_code(f, 0), "goto-unknown");
	assert_string_equal(dd_finding_message(f, 0), "no step is called \"ende\"");
	assert_string_equal(dd_finding_hint(f, 0), "did you mean \"end\"?");
	assert_int_equal(dd_finding_severity(f, 0), DD_ERROR);
	assert_string_equal(dd_finding_file(f, 0), "f.yaml");
	assert_int_equal(dd_finding_line(f, 0), 3);
	assert_int_equal(dd_finding_column(f, 0), 11);
	assert_non_null(strstr(dd_findings_text(f), "f.yaml:3:11: error[goto-unknown]"));
	assert_non_null(strstr(dd_findings_json(f), "\"column\": 11"));
	assert_null(dd_finding_message(f, 1));
	assert_int_equal(dd_finding_line(f, 1), 0);
	dd_findings_free(f);
	assert_null(dd_program_open("/no/such/flow.yaml", &f));
	assert_string_equal(dd_finding_code(f, 0), "unreadable");
	assert_int_equal(dd_finding_line(f, 0), 0);
	dd_findings_free(f);
	assert_null(dd_program_text("f.yaml", broken, strlen(broken), NULL));
	dd_findings_free(NULL);
	dd_program_free(NULL);
	dd_run_free(NULL);
	dd_results_free(NULL);
}

static void a_program_comes_from_a_file(void **state)
{
	(void)state;
	struct dd_program *p = dd_program_open("flows/appointment-reminder.yaml", NULL);
	assert_non_null(p);
	assert_string_equal(dd_program_step_file(p, 0), "flows/appointment-reminder.yaml");
	dd_program_free(p);
}

/* -- calls ------------------------------------------------------------------ */

/* Events in, effects out; what an effect names can be said. */
static void a_call_is_driven_by_hand(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	const char *names[] = {"time"}, *values[] = {"3 PM"};
	struct dd_setup setup = {
	        .from = "+919876543210", .names = names, .values = values, .nvariables = 1};
	size_t size = dd_call_size(p, DD_STORE_BYTES), n;
	struct dd_call *call = malloc(size), *twin = malloc(size);
	struct dd_effects fx;
	char text[100], room[20];
	dd_call_init(call, p, DD_STORE_BYTES, &setup);
	assert_null(dd_call_missing(call, 0));
	dd_call_step(call, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	assert_int_equal(fx.list[fx.n - 1].type, DD_FX_PLAY);
	assert_int_equal(dd_call_text(call, DD_TEXT_PROMPT, fx.list[fx.n - 1].prompt, 0, text,
	                         sizeof text, &n),
	        DD_OK);
	assert_string_equal(text, "Hello Asha, your appointment is at 3 PM.");
	assert_int_equal(n, strlen(text));
	assert_int_equal(
	        dd_call_text(call, DD_TEXT_PROMPT, fx.list[fx.n - 1].prompt, 0, text, 10, NULL),
	        DD_ERR_LIMIT);
	struct dd_event done = {
	        .type = DD_EV_PROMPT_DONE, .at = 3000, .ticket = fx.list[fx.n - 1].ticket};
	dd_call_step(call, &done, &fx);
	dd_call_copy(twin, call);
	assert_true(dd_call_same(call, twin));
	dd_call_step(call, &(struct dd_event){.type = DD_EV_KEY, .at = 3500, .key = '1'}, &fx);
	assert_false(dd_call_same(call, twin));
	uint32_t sms = DD_STEP_NONE;
	for (uint32_t i = 0; i < fx.n; i++)
		if (fx.list[i].type == DD_FX_SMS)
			sms = fx.list[i].step;
	assert_int_not_equal(sms, DD_STEP_NONE);
	assert_int_equal(
	        dd_call_text(call, DD_TEXT_SMS, sms, 3500, text, sizeof text, NULL), DD_OK);
	assert_string_equal(text, "Thanks, Asha");
	assert_int_equal(
	        dd_call_text(call, DD_TEXT_SMS_TO, sms, 3500, text, sizeof text, NULL), DD_OK);
	assert_string_equal(text, "+919876543210");
	assert_int_equal(
	        dd_call_text(call, DD_TEXT_SMS_TO, sms, 3500, text, 5, NULL), DD_ERR_LIMIT);
	assert_string_equal(text, "+919");
	assert_int_equal(dd_call_text(call, DD_TEXT_SMS_SENDER, sms, 0, text, sizeof text, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(dd_call_text(call, DD_TEXT_URL, dd_program_step_named(p, "desk"), 0, text,
	                         sizeof text, NULL),
	        DD_OK);
	assert_string_equal(text, "https://example.com/d?name=Asha");
	assert_int_equal(
	        dd_call_text(call, DD_TEXT_URL, sms, 0, text, sizeof text, NULL), DD_ERR_FORMAT);
	assert_int_equal(dd_call_get(call, "choice.answer", 0, room).n, 0);
	assert_int_equal(dd_call_get(call, "name", 0, room).n, 4);
	assert_null(dd_call_get(call, "nobody", 0, room).p);
	while (!dd_call_over(call))
		dd_call_step(call,
		        &(struct dd_event){.type = DD_EV_TIMER, .at = dd_call_deadline(call)}, &fx);
	assert_true(dd_call_goal(call));
	assert_int_equal(dd_call_ended_by(call), DD_ENDED_FLOW);
	free(call);
	free(twin);
	dd_program_free(p);
}

/* -- runs ------------------------------------------------------------------- */

static void a_run_is_told(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	struct dd_run *run = run_of(p);
	assert_int_equal(dd_run_set(run, "name", "Rahul"), DD_OK);
	assert_int_equal(dd_run_set(run, "name", "Ravi"), DD_OK); /* the later one counts */
	assert_int_equal(dd_run_set(run, "nobody", "x"), DD_ERR_REFUSED);
	assert_int_equal(dd_run_keys(run, "2x"), DD_ERR_FORMAT);
	assert_int_equal(dd_run_keys(run, "2"), DD_OK);
	assert_int_equal(dd_run_from(run, "+919811122233"), DD_OK);
	assert_int_equal(dd_run_time_limit(run, 0), DD_ERR_LIMIT);
	assert_int_equal(dd_run_time_limit(run, 1), DD_OK);
	assert_int_equal(dd_run_time_limit(run, 14400001), DD_ERR_LIMIT);
	assert_int_equal(dd_run_time_limit(run, 14400000), DD_OK);
	assert_int_equal(dd_run_stub(run, "choice", 200, "{}"), DD_ERR_REFUSED);
	assert_int_equal(dd_run_stub(run, "desk", 200, "{\"slot\": \"four\"}"), DD_OK);
	assert_int_equal(dd_run_advance(run, 100), DD_ERR_REFUSED);
	assert_null(dd_run_transcript(run));
	assert_null(dd_run_call(run));
	assert_int_equal(dd_run_events(run), 0);
	assert_false(dd_run_over(run));
	assert_true(dd_run_next(run) == DD_NEVER);
	assert_int_equal(dd_run_finish(run), DD_OK);
	assert_true(dd_run_over(run));
	assert_int_equal(dd_run_set(run, "name", "x"), DD_ERR_REFUSED);
	assert_int_equal(dd_run_start(run), DD_ERR_REFUSED);
	assert_int_equal(dd_run_status(run), DD_CALL_COMPLETED);
	assert_int_equal(dd_run_ended_by(run), DD_ENDED_FLOW);
	assert_false(dd_run_goal(run) || dd_run_opted_out(run));
	assert_string_equal(dd_run_digits(run), "2");
	assert_true(dd_run_duration(run) > 5000);
	assert_non_null(strstr(dd_run_transcript(run), "Hello Ravi, your appointment is at 3 PM."));
	assert_non_null(strstr(dd_run_transcript(run), "See you at four."));
	assert_non_null(strstr(dd_run_summary(run), "choice = later"));
	assert_non_null(strstr(dd_run_json(run), "\"ended_by\""));
	size_t n = dd_run_events(run), last = n - 1;
	assert_string_equal(dd_run_event_type(run, last), "end");
	assert_true(dd_run_event_at(run, last) == dd_run_duration(run));
	assert_int_equal(dd_run_event_step(run, last), DD_STEP_NONE);
	assert_non_null(strstr(dd_run_event_text(run, last), "ended by flow"));
	assert_null(dd_run_event_type(run, n));
	assert_null(dd_run_event_text(run, n));
	dd_run_free(run);
	dd_program_free(p);
}

struct heard {
	uint64_t frames;
	unsigned plays, stops, keys, ends;
	struct dd_run *run; /* asked from inside, which is allowed */
};

static void hear_play(void *self, dd_ms at, const struct dd_piece *pieces, size_t n)
{
	struct heard *h = self;
	(void)at;
	h->plays++;
	for (size_t i = 0; i < n; i++) {
		h->frames += pieces[i].frames;
		if (pieces[i].sound)
			assert_int_equal(pieces[i].sound->pcm[0], 0); /* the model is silent */
	}
	if (h->run)
		assert_non_null(dd_run_transcript(h->run));
}
static void hear_stop(void *self, dd_ms at)
{
	(void)at;
	((struct heard *)self)->stops++;
}
static void hear_key(void *self, dd_ms at, char key)
{
	(void)at;
	(void)key;
	((struct heard *)self)->keys++;
}
static void hear_end(void *self, dd_ms at)
{
	(void)at;
	((struct heard *)self)->ends++;
}

/* The same keys at the same moments, by hand and all at once: the same record. */
static void real_time_and_virtual_time_agree(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	struct dd_run *fast = run_of(p), *slow = run_of(p);
	struct heard heard = {.run = slow};
	struct dd_ear ear = {&heard, hear_play, hear_stop, hear_key, hear_end, NULL};
	assert_int_equal(dd_run_keys(fast, "1"), DD_OK);
	assert_int_equal(dd_run_finish(fast), DD_OK);
	assert_int_equal(dd_run_hear(slow, &ear), DD_OK);
	assert_int_equal(dd_run_start(slow), DD_OK);
	assert_int_equal(dd_run_key(slow, 0, 'x'), DD_ERR_FORMAT);
	while (!dd_call_waits(dd_run_call(slow)))
		assert_int_equal(dd_run_advance(slow, dd_run_next(slow)), DD_OK);
	dd_ms at = dd_run_event_at(slow, dd_run_events(slow) - 1);
	for (size_t i = 0; i < dd_run_events(fast); i++)
		if (strcmp(dd_run_event_type(fast, i), "key") == 0)
			at = dd_run_event_at(fast, i);
	assert_int_equal(dd_run_key(slow, at, '1'), DD_OK);
	while (!dd_run_over(slow) && dd_run_next(slow) != DD_NEVER)
		assert_int_equal(dd_run_advance(slow, dd_run_next(slow)), DD_OK);
	assert_string_equal(dd_run_json(slow), dd_run_json(fast));
	assert_true(dd_run_goal(slow));
	assert_int_equal(heard.plays, 2);
	assert_int_equal(heard.keys, 1);
	assert_int_equal(heard.ends, 1);
	assert_true(dd_ms_of(heard.frames, DD_RATE_HZ) > 5000);
	dd_run_free(fast);
	dd_run_free(slow);
	dd_program_free(p);
}

static void a_customer_may_hang_up(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	struct dd_run *run = run_of(p);
	assert_int_equal(dd_run_start(run), DD_OK);
	assert_int_equal(dd_run_hang_up(run, 1000), DD_OK);
	assert_true(dd_run_over(run));
	assert_int_equal(dd_run_ended_by(run), DD_ENDED_CUSTOMER);
	assert_true(dd_run_duration(run) == 1000);
	assert_int_equal(dd_run_key(run, 2000, '1'), DD_OK); /* does nothing */
	assert_true(dd_run_duration(run) == 1000);
	dd_run_free(run);
	run = run_of(p);
	assert_int_equal(dd_run_answered_by(run, DD_BY_NOBODY_BUSY), DD_OK);
	assert_int_equal(dd_run_finish(run), DD_OK);
	assert_int_equal(dd_run_status(run), DD_CALL_BUSY);
	dd_run_free(run);
	dd_program_free(p);
}

/* -- ports ------------------------------------------------------------------ */

struct server {
	char url[400];
	uint32_t id;
	bool later, forgotten;
};

static bool allow(void *self, const char *url)
{
	(void)self;
	return strncmp(url, "https://example.com/", 20) == 0;
}
static bool send_request(
        void *self, const struct dd_http_request *request, struct dd_http_answer *answer)
{
	struct server *s = self;
	(void)snprintf(s->url, sizeof s->url, "%s", request->url);
	s->id = request->id;
	if (s->later)
		return false;
	*answer = (struct dd_http_answer){.status = 200,
	        .body = {"{\"slot\": \"six\"}", 15},
	        .type = "application/json",
	        .took = 250};
	return true;
}
static void forget(void *self, uint32_t id)
{
	struct server *s = self;
	s->forgotten = id == s->id;
}

static void a_server_is_asked(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	struct server server = {.later = false};
	struct dd_http http = {&server, allow, send_request, forget};
	struct dd_run *run = run_of(p);
	assert_int_equal(dd_run_http(run, &http), DD_OK);
	assert_int_equal(dd_run_keys(run, "2"), DD_OK);
	assert_int_equal(dd_run_finish(run), DD_OK);
	assert_memory_equal(server.url, "https://example.com/d?name=Asha&CallSid=", 40);
	assert_non_null(strstr(dd_run_transcript(run), "See you at six."));
	dd_run_free(run);

	server.later = true;
	run = run_of(p);
	assert_int_equal(dd_run_http(run, &http), DD_OK);
	assert_int_equal(dd_run_start(run), DD_OK);
	while (!dd_call_waits(dd_run_call(run)))
		assert_int_equal(dd_run_advance(run, dd_run_next(run)), DD_OK);
	dd_ms at = dd_run_event_at(run, dd_run_events(run) - 1) + 9000;
	assert_int_equal(dd_run_key(run, at, '2'), DD_OK);
	struct dd_http_answer answer = {
	        .status = 200, .body = {"{\"slot\": \"ten\"}", 15}, .type = "application/json"};
	assert_int_equal(dd_run_reply(run, at + 700, server.id, &answer), DD_OK);
	assert_int_equal(dd_run_finish(run), DD_OK);
	assert_non_null(strstr(dd_run_transcript(run), "See you at ten."));
	dd_run_free(run);

	run = run_of(p); /* whoever gives up tells the server so */
	assert_int_equal(dd_run_http(run, &http), DD_OK);
	assert_int_equal(dd_run_start(run), DD_OK);
	while (!dd_call_waits(dd_run_call(run)))
		assert_int_equal(dd_run_advance(run, dd_run_next(run)), DD_OK);
	at = dd_run_event_at(run, dd_run_events(run) - 1) + 9000;
	assert_int_equal(dd_run_key(run, at, '2'), DD_OK);
	assert_false(server.forgotten);
	dd_run_free(run);
	assert_true(server.forgotten);
	dd_program_free(p);
}

static enum dd_status say_nothing(void *self, const struct dd_speech *speech,
        const struct dd_sound **out, struct dd_error *err)
{
	enum dd_status *status = self;
	(void)speech;
	(void)out;
	return dd_fail(err, *status, "no voice today");
}
static enum dd_status load_nothing(
        void *self, const char *path, const struct dd_sound **out, struct dd_error *err)
{
	return say_nothing(self, &(struct dd_speech){.text = path}, out, err);
}

/* A voice that fails is told in the record; one without memory is ours without memory. */
static void a_host_has_its_own_voice(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	enum dd_status status = DD_ERR_VOICE;
	struct dd_tts tts = {&status, say_nothing, load_nothing, NULL, NULL, NULL};
	struct dd_run *run = run_of(p);
	assert_int_equal(dd_run_speech(run, &tts), DD_OK);
	assert_int_equal(dd_run_finish(run), DD_OK);
	assert_non_null(strstr(dd_run_transcript(run), "no voice today"));
	dd_run_free(run);
	status = DD_ERR_MEMORY;
	run = run_of(p);
	assert_int_equal(dd_run_speech(run, &tts), DD_OK);
	assert_int_equal(dd_run_finish(run), DD_ERR_MEMORY);
	assert_int_equal(dd_run_finish(run), DD_ERR_MEMORY);
	assert_int_equal(dd_run_key(run, 0, '1'), DD_ERR_MEMORY);
	assert_int_equal(dd_run_set(run, "name", "x"), DD_ERR_MEMORY);
	assert_null(dd_run_transcript(run));
	assert_true(dd_run_over(run));
	dd_run_free(run);
	dd_program_free(p);
}

static void the_real_voice_speaks_bcp_47(void **state)
{
	(void)state;
	struct dd_tts tts, model;
	const struct dd_sound *english = NULL, *hindi = NULL, *none = NULL;
	struct dd_error err;
	struct dd_speech speech = {"One two three.", "en-IN+f2", 160, 50, false};
	assert_int_equal(dd_tts_open(DD_VOICE_ESPEAK, "", &tts), DD_OK);
	assert_int_equal(tts.say(tts.self, &speech, &english, &err), DD_OK);
	speech.voice = "hi-IN";
	assert_int_equal(tts.say(tts.self, &speech, &hindi, &err), DD_OK);
	assert_true(english->frames > DD_RATE_HZ / 2 && english->nwords == 3);
	assert_true(hindi->frames > DD_RATE_HZ / 2 && hindi != english);
	speech.voice = "xx-YY";
	assert_int_equal(tts.say(tts.self, &speech, &none, &err), DD_ERR_VOICE);
	assert_non_null(strstr(err.text, "xx-YY"));
	const struct dd_speech two[] = {
	        {"One two three.", "en-IN+f2", 160, 50, false}, {"One", "xx-YY", 160, 50, false}};
	uint32_t frames[2];
	tts.lengths(tts.self, two, frames, 2, false);
	assert_int_equal(frames[0], english->frames);
	assert_int_equal(frames[1], UINT32_MAX);
	dd_tts_close(&tts);
	assert_int_equal(dd_tts_open(DD_VOICE_MODEL, NULL, &model), DD_OK);
	assert_int_equal(model.say(model.self, &speech, &none, &err), DD_OK);
	assert_int_equal(none->frames, dd_frames_in(14 * 60, DD_RATE_HZ));
	dd_tts_close(&model);
}

/* -- rules and scenarios ---------------------------------------------------- */

static void the_rules_judge(void **state)
{
	(void)state;
	struct dd_program *p = program_of(FLOW);
	struct dd_findings *f = NULL;
	bool said = false;
	assert_int_equal(dd_program_check(p, NULL, &f), DD_OK);
	for (size_t i = 0; i < dd_findings_count(f); i++)
		if (strcmp(dd_finding_code(f, i), "no-invalid-message") == 0) {
			assert_string_equal(dd_finding_file(f, i), "reminder.yaml");
			said = true;
		}
	if (!said)
		fail_msg("%s", dd_findings_text(f));
	dd_findings_free(f);
	dd_program_free(p);
}

static const char SUITE[] = "flow: flows/appointment-reminder.yaml\n"
                            "scenarios:\n"
                            "  - name: confirms\n"
                            "    script: [ { hear: appointment }, { keys: 1 } ]\n"
                            "    expect: { ended_by: flow }\n"
                            "  - name: wrong\n"
                            "    script: [ { hear: xyzzy } ]\n";

static void scenarios_are_run(void **state)
{
	(void)state;
	struct dd_results *r = NULL;
	assert_int_equal(
	        dd_scenarios_run_text("here.test.yaml", SUITE, strlen(SUITE), NULL, &r), DD_OK);
	assert_int_equal(dd_results_count(r), 2);
	assert_int_equal(dd_results_failed(r), 1);
	assert_string_equal(dd_result_name(r, 0), "confirms");
	if (!dd_result_passed(r, 0))
		fail_msg("%s", dd_results_text(r));
	assert_false(dd_result_passed(r, 1));
	assert_int_equal(dd_result_line(r, 1), 6);
	assert_non_null(strstr(dd_result_message(r, 1), "no prompt"));
	assert_non_null(strstr(dd_results_text(r), "not-heard"));
	assert_non_null(strstr(dd_results_json(r), "\"wrong\""));
	assert_non_null(strstr(dd_results_junit(r), "<testsuite"));
	assert_null(dd_result_name(r, 2));
	assert_false(dd_result_passed(r, 2));
	dd_results_free(r);
	assert_int_equal(dd_scenarios_run("/no/such.test.yaml", NULL, &r), DD_OK);
	assert_int_equal(dd_results_failed(r), 1);
	dd_results_free(r);
	static const char app[] = "app: http://127.0.0.1:1/voice\nscenarios:\n  - name: a\n";
	assert_int_equal(dd_scenarios_run_text("a.test.yaml", app, strlen(app), NULL, &r), DD_OK);
	assert_int_equal(dd_results_failed(r), 1);
	dd_results_free(r);
}

/* -- memory ----------------------------------------------------------------- */

/* The program's own malloc comes before the C library's, for the shared library as well: it makes
   the n-th allocation fail, or all from there on, and knows what is still out. */
#ifndef __SANITIZE_ADDRESS__
extern void *__libc_malloc(size_t), *__libc_calloc(size_t, size_t), *__libc_realloc(void *, size_t);
extern void __libc_free(void *);
void *malloc(size_t size);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t size);
void free(void *p);

static unsigned long allocations, fail_from;
static long out;
static bool keep_on;

static bool fails(void)
{
	unsigned long now = ++allocations;
	return fail_from && (now == fail_from || (keep_on && now > fail_from));
}

void *malloc(size_t size)
{
	void *p = fails() ? NULL : __libc_malloc(size);
	out += p != NULL;
	return p;
}

void *calloc(size_t n, size_t size)
{
	void *p = fails() ? NULL : __libc_calloc(n, size);
	out += p != NULL;
	return p;
}

void *realloc(void *p, size_t size)
{
	void *q = fails() ? NULL : __libc_realloc(p, size);
	out += q && !p;
	return q;
}

void free(void *p)
{
	out -= p != NULL;
	__libc_free(p);
}

/* Each gives true when it came to its end; false: it was told that there is no memory. */
static bool opens(void)
{
	struct dd_findings *f = NULL;
	struct dd_program *p = dd_program_text("reminder.yaml", FLOW, strlen(FLOW), &f);
	bool fine = p && f;
	dd_findings_free(f);
	dd_program_free(p);
	return fine;
}

static bool opens_what_is_wrong(void)
{
	static const char broken[] = "flow: F\nsteps:\n  - goto: ende\n  - id: end\n    hangup:\n";
	struct dd_findings *f = NULL;
	struct dd_program *p = dd_program_text("f.yaml", broken, strlen(broken), &f);
	bool fine = !p && f && dd_findings_errors(f) == 1;
	assert_null(p);
	dd_findings_free(f);
	return fine;
}

static struct dd_program *lasting;

static bool runs(void)
{
	struct dd_run *run = dd_run_new(lasting);
	bool fine = run && dd_run_set(run, "time", "3 PM") == DD_OK &&
	        dd_run_keys(run, "2") == DD_OK &&
	        dd_run_stub(run, "desk", 200, "{\"slot\": \"four\"}") == DD_OK &&
	        dd_run_finish(run) == DD_OK && dd_run_transcript(run);
	const char *json = fine ? dd_run_json(run) : NULL;
	if (json)
		assert_non_null(strstr(json, "\"ended_by\": \"flow\""));
	dd_run_free(run);
	return json != NULL;
}

static bool speaks(void)
{
	struct dd_tts tts;
	const struct dd_sound *sound = NULL;
	struct dd_speech speech = {"One two three.", "en-IN", 160, 50, false};
	if (dd_tts_open(DD_VOICE_MODEL, NULL, &tts) != DD_OK)
		return false;
	bool fine = tts.say(tts.self, &speech, &sound, NULL) == DD_OK;
	if (fine)
		assert_true(sound->nwords == 3);
	dd_tts_close(&tts);
	return fine;
}

/* The real one: its child processes and pipes go with it. */
static bool really_speaks(void)
{
	struct dd_tts tts;
	const struct dd_sound *sound = NULL;
	struct dd_speech speech = {"One two three.", "en-IN", 160, 50, false};
	if (dd_tts_open(DD_VOICE_ESPEAK, "", &tts) != DD_OK)
		return false;
	bool fine = tts.say(tts.self, &speech, &sound, NULL) == DD_OK;
	if (fine)
		assert_true(sound->nwords == 3);
	dd_tts_close(&tts);
	return fine;
}

/* The next descriptor that is free: the same before and after, where none is left open. */
static int next_descriptor(void)
{
	int fd = dup(0);
	assert_true(fd >= 0);
	close(fd);
	return fd;
}

/* Its own voice beside a run: each has what it has taken. */
static bool runs_with_a_voice(void)
{
	struct dd_tts tts;
	if (dd_tts_open(DD_VOICE_MODEL, NULL, &tts) != DD_OK)
		return false;
	struct dd_run *run = dd_run_new(lasting);
	bool fine = run && dd_run_speech(run, &tts) == DD_OK && dd_run_finish(run) == DD_OK;
	dd_run_free(run);
	dd_tts_close(&tts);
	return fine;
}

static bool checks(void)
{
	struct dd_findings *f;
	bool fine = dd_program_check(lasting, NULL, &f) == DD_OK;
	dd_findings_free(f);
	return fine;
}

static bool tests_scenarios(void)
{
	struct dd_results *r;
	bool fine = dd_scenarios_run_text("here.test.yaml", SUITE, strlen(SUITE), NULL, &r) == 0;
	if (fine)
		assert_int_equal(dd_results_count(r), 2);
	dd_results_free(r);
	return fine;
}

/* With each allocation failing in turn, alone or with all behind it, the function says so or comes
   to its end, and nothing of it is left behind. `most`: so many places are tried. */
static void fail_each(bool (*work)(void), unsigned long most)
{
	assert_true(work() && work()); /* what libraries keep for good is there */
	unsigned long before = allocations;
	assert_true(work());
	unsigned long n = allocations - before, step = n / most + 1, failed = 0;
	for (unsigned long i = 1; i <= n; i += step) {
		long was = out;
		keep_on = i / step % 2;
		fail_from = allocations + i;
		bool fine = work();
		fail_from = 0;
		failed += !fine;
		if (out != was)
			fail_msg("allocation %lu of %lu fails: %ld blocks are left", i, n,
			        out - was);
	}
	assert_true(failed > n / step / 2);
	assert_true(work());
}

static void memory_may_fail_anywhere(void **state)
{
	(void)state;
	const unsigned long most = 1000000;
	lasting = program_of(FLOW);
	fail_each(opens, most);
	fail_each(opens_what_is_wrong, most);
	fail_each(runs, most);
	fail_each(speaks, most);
	int free_before = next_descriptor();
	fail_each(really_speaks, 12);
	assert_int_equal(next_descriptor(), free_before);
	fail_each(runs_with_a_voice, most);
	fail_each(checks, most);
	fail_each(tests_scenarios, most);
	dd_program_free(lasting);
}
#else
static void memory_may_fail_anywhere(void **state)
{
	(void)state; /* sanitizers have an allocator of their own */
	skip();
}
#endif

static void it_knows_its_version(void **state)
{
	(void)state;
	int major, minor, patch;
	assert_int_equal(sscanf(dd_version(), "%d.%d.%d", &major, &minor, &patch), 3);
	assert_string_equal(dd_status_text(DD_ERR_MEMORY), "there is not enough memory");
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_program_is_looked_at),
        cmocka_unit_test(what_is_wrong_has_its_place),
        cmocka_unit_test(a_program_comes_from_a_file),
        cmocka_unit_test(a_call_is_driven_by_hand),
        cmocka_unit_test(a_run_is_told),
        cmocka_unit_test(real_time_and_virtual_time_agree),
        cmocka_unit_test(a_customer_may_hang_up),
        cmocka_unit_test(a_server_is_asked),
        cmocka_unit_test(a_host_has_its_own_voice),
        cmocka_unit_test(the_real_voice_speaks_bcp_47),
        cmocka_unit_test(the_rules_judge),
        cmocka_unit_test(scenarios_are_run),
        cmocka_unit_test(memory_may_fail_anywhere),
        cmocka_unit_test(it_knows_its_version),
};

UNIT_MAIN(tests)
