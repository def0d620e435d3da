/* A dry run: a session with its keys and its voice. All that it takes lies in one region: where
   memory fails in the middle of a call nothing of it can be relied on, and all of it goes. The run
   itself is outside of it, and knows. */
#include <drydial/run.h>

#include <stdlib.h>

#include "public/inside.h"
#include "report/transcript.h"
#include "session/script.h"

struct dd_run {
	struct dd_memory_region *region;
	const struct dd_program *program;
	struct dd_session *session; /* NULL: not begun */
	bool dead;                  /* out of memory */
	struct dd_session_options o;
	struct lent_voice voice;
	struct dd_http http;
	struct dd_script script;
	const char *keys;
	const char **names, **values;
	size_t nnames, cap_names;
	struct dd_ear *ears;
	size_t nears, cap_ears;
	struct dd_given_stubs *given;
	size_t ngiven, cap_given;
	struct dd_buf text; /* the last that was asked for */
	char sid[33];
};

/* What is to be done in the region. */
struct task {
	struct dd_run *run;
	const char *name, *value;
	int status;
	int64_t at;
	char key;
	uint32_t id;
	const void *port;
	enum dd_status result;
	void (*print)(const struct dd_transcript *t, struct dd_buf *out);
	size_t event;
};

static enum dd_status within(struct task *t, void (*work)(void *))
{
	t->result = DD_OK;
	if (dd_memory_within(t->run->region, work, t) == DD_OK)
		return t->result;
	t->run->dead = true;
	t->run->session = NULL;
	return DD_ERR_MEMORY;
}

static enum dd_status before(struct task *t, void (*work)(void *))
{
	if (t->run->session)
		return DD_ERR_REFUSED;
	return within(t, work);
}

static enum dd_status during(struct task *t, void (*work)(void *))
{
	if (t->run->dead)
		return DD_ERR_MEMORY;
	if (!t->run->session)
		return DD_ERR_REFUSED;
	return within(t, work);
}

struct dd_run *dd_run_new(const struct dd_program *program)
{
	lend_memory();
	struct dd_run *run = calloc(1, sizeof *run);
	struct dd_memory_region *region = run ? dd_memory_region_new() : NULL;
	if (!region) {
		free(run);
		return NULL;
	}
	run->region = region;
	run->program = program;
	run->o.answered_by = DD_BY_HUMAN;
	run->o.setup.answered_unix_ms = DD_STARTS_UNIX_MS;
	return run;
}

static void end_session(void *self)
{
	struct task *t = self;
	dd_session_free(t->run->session);
}

void dd_run_free(struct dd_run *run)
{
	struct task t = {.run = run};
	if (!run)
		return;
	if (run->session) /* a server may be told that its answer is not wanted */
		(void)within(&t, end_session);
	dd_memory_region_free(run->region);
	free(run);
}

/* -- before the call -------------------------------------------------------- */

static void give(void *self)
{
	struct task *t = self;
	struct dd_run *r = t->run;
	const char *value = dd_str_copy(dd_str(t->value));
	size_t i = 0;
	if (dd_program_given_slot(r->program, dd_str(t->name)) == DD_NONE) {
		t->result = DD_ERR_REFUSED;
		return;
	}
	while (i < r->nnames && strcmp(r->names[i], t->name) != 0)
		i++;
	if (i < r->nnames) {
		r->values[i] = value;
		return;
	}
	if (r->nnames == r->cap_names) {
		r->cap_names = r->cap_names ? r->cap_names * 2 : 8;
		r->names = dd_realloc(r->names, r->cap_names, sizeof *r->names);
		r->values = dd_realloc(r->values, r->cap_names, sizeof *r->values);
	}
	r->names[r->nnames] = dd_str_copy(dd_str(t->name));
	r->values[r->nnames++] = value;
}

enum dd_status dd_run_set(struct dd_run *run, const char *name, const char *value)
{
	return before(&(struct task){.run = run, .name = name, .value = value}, give);
}

static void give_number(void *self)
{
	struct task *t = self;
	t->run->o.setup.from = dd_str_copy(dd_str(t->value));
}

enum dd_status dd_run_from(struct dd_run *run, const char *number)
{
	return before(&(struct task){.run = run, .value = number}, give_number);
}

enum dd_status dd_run_answered_by(struct dd_run *run, enum dd_answered_by by)
{
	if (run->session)
		return DD_ERR_REFUSED;
	run->o.answered_by = by;
	return run->dead ? DD_ERR_MEMORY : DD_OK;
}

enum dd_status dd_run_at(struct dd_run *run, int64_t unix_ms)
{
	if (run->session)
		return DD_ERR_REFUSED;
	run->o.setup.answered_unix_ms = unix_ms;
	run->o.setup.clock_given = true;
	return run->dead ? DD_ERR_MEMORY : DD_OK;
}

enum dd_status dd_run_time_limit(struct dd_run *run, dd_ms limit)
{
	if (run->session)
		return DD_ERR_REFUSED;
	if (limit < 1 || limit > DD_TIME_LIMIT_MAX_S * (dd_ms)1000)
		return DD_ERR_LIMIT;
	run->o.setup.time_limit = limit;
	return run->dead ? DD_ERR_MEMORY : DD_OK;
}

static void give_keys(void *self)
{
	struct task *t = self;
	if (dd_script_check(t->value))
		t->result = DD_ERR_FORMAT;
	else
		t->run->keys = dd_str_copy(dd_str(t->value));
}

enum dd_status dd_run_keys(struct dd_run *run, const char *keys)
{
	return before(&(struct task){.run = run, .value = keys}, give_keys);
}

static struct dd_given_stubs *given_for(struct dd_run *r, uint32_t step)
{
	for (size_t i = 0; i < r->ngiven; i++)
		if (r->given[i].step == step)
			return &r->given[i];
	struct dd_given_stubs *g = &DD_PUSH(r->given, r->ngiven, r->cap_given);
	*g = (struct dd_given_stubs){.step = step};
	return g;
}

static void give_stub(void *self)
{
	struct task *t = self;
	struct dd_run *r = t->run;
	uint32_t step = dd_program_step_named(r->program, t->name);
	if (step == DD_NONE || r->program->steps[step].applet != DD_PASSTHRU) {
		t->result = DD_ERR_REFUSED;
		return;
	}
	struct dd_given_stubs *g = given_for(r, step);
	struct dd_stub *list = dd_alloc((g->n + 1) * sizeof *list);
	if (g->n)
		memcpy(list, g->list, g->n * sizeof *list);
	list[g->n++] = (struct dd_stub){.status = t->status,
	        .error = t->status ? NULL : "timeout",
	        .body = dd_str(dd_str_copy(dd_str(t->value ? t->value : "")))};
	g->list = list;
}

enum dd_status dd_run_stub(struct dd_run *run, const char *step, int status, const char *body)
{
	return before(&(struct task){.run = run, .name = step, .status = status, .value = body},
	        give_stub);
}

enum dd_status dd_run_speech(struct dd_run *run, const struct dd_tts *voice)
{
	if (run->session)
		return DD_ERR_REFUSED;
	run->o.tts = voice ? lent_voice(&run->voice, voice) : (struct dd_tts){.self = NULL};
	return run->dead ? DD_ERR_MEMORY : DD_OK;
}

enum dd_status dd_run_http(struct dd_run *run, const struct dd_http *servers)
{
	if (run->session)
		return DD_ERR_REFUSED;
	run->http = *servers;
	run->o.http = &run->http;
	return run->dead ? DD_ERR_MEMORY : DD_OK;
}

static void give_ear(void *self)
{
	struct task *t = self;
	DD_PUSH(t->run->ears, t->run->nears, t->run->cap_ears) = *(const struct dd_ear *)t->port;
}

enum dd_status dd_run_hear(struct dd_run *run, const struct dd_ear *ear)
{
	return before(&(struct task){.run = run, .port = ear}, give_ear);
}

/* -- the call --------------------------------------------------------------- */

static void begin(void *self)
{
	struct task *t = self;
	struct dd_run *r = t->run;
	dd_session_sid(1, r->sid);
	r->o.program = r->program;
	r->o.setup.call_sid = r->sid;
	r->o.setup.names = r->names;
	r->o.setup.values = r->values;
	r->o.setup.nvariables = r->nnames;
	r->o.ears = r->ears;
	r->o.nears = r->nears;
	r->o.stubs = r->given;
	r->o.nstubs = r->ngiven;
	r->o.record = true;
	if (!r->o.tts.say)
		r->o.tts = lent_voice(&r->voice, NULL);
	r->session = dd_session_new(&r->o);
	dd_script_init(&r->script, r->keys);
	dd_session_start(r->session);
}

enum dd_status dd_run_start(struct dd_run *run)
{
	return before(&(struct task){.run = run}, begin);
}

dd_ms dd_run_next(const struct dd_run *run)
{
	return run->session ? dd_session_next(run->session) : DD_NEVER;
}

static void advance(void *self)
{
	struct task *t = self;
	dd_session_advance(t->run->session, t->at);
}

enum dd_status dd_run_advance(struct dd_run *run, dd_ms at)
{
	return during(&(struct task){.run = run, .at = at}, advance);
}

static void press(void *self)
{
	struct task *t = self;
	dd_session_key(t->run->session, t->at, t->key);
}

enum dd_status dd_run_key(struct dd_run *run, dd_ms at, char key)
{
	if (dd_key_index(key) < 0)
		return DD_ERR_FORMAT;
	return during(&(struct task){.run = run, .at = at, .key = key}, press);
}

static void hang_up(void *self)
{
	struct task *t = self;
	dd_session_hang_up(t->run->session, t->at);
}

enum dd_status dd_run_hang_up(struct dd_run *run, dd_ms at)
{
	return during(&(struct task){.run = run, .at = at}, hang_up);
}

static void reply(void *self)
{
	struct task *t = self;
	dd_session_reply(t->run->session, t->at, t->id, t->port);
}

enum dd_status dd_run_reply(
        struct dd_run *run, dd_ms at, uint32_t id, const struct dd_http_answer *answer)
{
	return during(&(struct task){.run = run, .at = at, .id = id, .port = answer}, reply);
}

static void finish(void *self)
{
	struct task *t = self;
	if (!t->run->session)
		begin(t);
	dd_script_run(&t->run->script, t->run->session);
	if (!dd_session_over(t->run->session))
		t->result = DD_ERR_REFUSED;
}

enum dd_status dd_run_finish(struct dd_run *run)
{
	return within(&(struct task){.run = run}, finish);
}

/* -- what came of it -------------------------------------------------------- */

static const struct dd_outcome *outcome_of(const struct dd_run *run)
{
	static const struct dd_outcome none = {.status = DD_CALL_FAILED};
	return run->session ? dd_session_outcome(run->session) : &none;
}

static const struct dd_trace_event *event_of(const struct dd_run *run, size_t i)
{
	return i < dd_run_events(run) ? &dd_session_trace(run->session)->events[i] : NULL;
}

bool dd_run_over(const struct dd_run *run)
{
	return run->dead || (run->session && dd_session_over(run->session));
}

const struct dd_call *dd_run_call(const struct dd_run *run)
{
	return run->session ? dd_session_call(run->session) : NULL;
}

enum dd_call_status dd_run_status(const struct dd_run *run)
{
	return outcome_of(run)->status;
}

enum dd_ended_by dd_run_ended_by(const struct dd_run *run)
{
	return outcome_of(run)->ended_by;
}

dd_ms dd_run_duration(const struct dd_run *run)
{
	return outcome_of(run)->duration_ms;
}

bool dd_run_goal(const struct dd_run *run)
{
	return outcome_of(run)->goal;
}

bool dd_run_opted_out(const struct dd_run *run)
{
	return outcome_of(run)->opted_out;
}

bool dd_run_heard(const struct dd_run *run)
{
	return outcome_of(run)->heard_message;
}

const char *dd_run_digits(const struct dd_run *run)
{
	const struct dd_buf *digits = &outcome_of(run)->digits;
	return digits->n ? digits->p : "";
}

size_t dd_run_events(const struct dd_run *run)
{
	return run->session ? dd_session_trace(run->session)->nevents : 0;
}

dd_ms dd_run_event_at(const struct dd_run *run, size_t i)
{
	const struct dd_trace_event *e = event_of(run, i);
	return e ? e->at : 0;
}

const char *dd_run_event_type(const struct dd_run *run, size_t i)
{
	const struct dd_trace_event *e = event_of(run, i);
	return e ? dd_trace_name(e->type) : NULL;
}

uint32_t dd_run_event_step(const struct dd_run *run, size_t i)
{
	const struct dd_trace_event *e = event_of(run, i);
	return e ? e->step : DD_STEP_NONE;
}

static struct dd_transcript transcript_of(const struct dd_run *run)
{
	return (struct dd_transcript){run->program, dd_session_call(run->session),
	        dd_session_trace(run->session), dd_session_outcome(run->session)};
}

static void print_text(const struct dd_transcript *t, struct dd_buf *out)
{
	dd_transcript_text(t, 0, false, out);
}

static void print_summary(const struct dd_transcript *t, struct dd_buf *out)
{
	dd_transcript_summary(t, false, out);
}

static void print(void *self)
{
	struct task *t = self;
	struct dd_transcript transcript = transcript_of(t->run);
	dd_buf_clear(&t->run->text);
	dd_buf_str(&t->run->text, "");
	if (t->print)
		t->print(&transcript, &t->run->text);
	else
		dd_transcript_fact(&transcript, event_of(t->run, t->event), &t->run->text);
}

static const char *printed(struct task *t)
{
	return during(t, print) == DD_OK ? t->run->text.p : NULL;
}

const char *dd_run_event_text(struct dd_run *run, size_t i)
{
	return event_of(run, i) ? printed(&(struct task){.run = run, .event = i}) : NULL;
}

const char *dd_run_transcript(struct dd_run *run)
{
	return printed(&(struct task){.run = run, .print = print_text});
}

const char *dd_run_summary(struct dd_run *run)
{
	return printed(&(struct task){.run = run, .print = print_summary});
}

const char *dd_run_json(struct dd_run *run)
{
	return printed(&(struct task){.run = run, .print = dd_transcript_json});
}
