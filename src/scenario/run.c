/* One scenario from its setup to its verdict. The script has a clock and a cursor: the clock is how
   far the call has come, the cursor the first event of the trace that may still be matched. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/types.h>
#include <unistd.h>

#include "call/fill.h"
#include "scenario/running.h"

enum { PATH_MAX_STEPS = 10000 };

/* -- values ----------------------------------------------------------------- */

static struct dd_str row_value(const struct run *r, struct dd_str name)
{
	const struct dd_table *t = &r->scenario->table;
	for (uint32_t i = 0; r->row && i < t->ncolumns; i++)
		if (dd_str_same(t->names[i], name))
			return i < r->row->n ? r->row->values[i] : (struct dd_str){NULL, 0};
	return (struct dd_str){NULL, 0};
}

static struct dd_str call_value(const struct run *r, struct dd_str name, char *room)
{
	uint32_t slot = r->session ? dd_program_slot(r->program, name) : DD_NONE;
	return slot == DD_NONE ? (struct dd_str){NULL, 0}
	                       : dd_call_value(dd_session_call(r->session), slot,
	                                 dd_session_now(r->session), room);
}

/* Puts the row's and the call's values into `text`. */
void run_fill(const struct run *r, struct dd_str text, struct dd_buf *out)
{
	char room[24];
	for (size_t i = 0; i < text.n; i++) {
		char c = text.p[i];
		const char *end = c == '{' ? memchr(text.p + i, '}', text.n - i) : NULL;
		bool twice = (c == '{' || c == '}') && i + 1 < text.n && text.p[i + 1] == c;
		if (twice || !end) {
			dd_buf_char(out, c);
			i += twice;
			continue;
		}
		struct dd_str name = {text.p + i + 1, (size_t)(end - text.p) - i - 1};
		struct dd_str value = row_value(r, name);
		if (!value.p)
			value = call_value(r, name, room);
		dd_buf_add(out, value.p ? value.p : "", value.n);
		i = (size_t)(end - text.p);
	}
}

/* The text of a want with its values; `room` must be given back with dd_buf_free(). */
struct dd_str run_text(const struct run *r, const struct dd_want *want, struct dd_buf *room)
{
	if (!want->fills)
		return want->text;
	run_fill(r, want->text, room);
	return (struct dd_str){room->p ? room->p : "", room->n};
}

int64_t run_cell(const struct run *r, enum dd_cell cell, int64_t otherwise)
{
	const struct dd_table *t = &r->scenario->table;
	int64_t value = r->row && t->cells[cell] ? t->cells[cell][r->row - t->rows] : DD_CELL_EMPTY;
	return value == DD_CELL_EMPTY ? otherwise : value;
}

/* A stub's text: only {columns} are put in, for JSON is full of braces. */
static struct dd_str stub_text(const struct run *r, struct dd_arena *arena, struct dd_str text)
{
	const struct dd_table *t = &r->scenario->table;
	struct dd_buf out = {0};
	if (!r->row || !memchr(text.p ? text.p : "", '{', text.n))
		return text;
	for (size_t i = 0; i < text.n; i++) {
		uint32_t c = 0;
		for (; text.p[i] == '{' && c < t->ncolumns; c++) {
			size_t n = t->names[c].n;
			if (text.n - i >= n + 2 && memcmp(text.p + i + 1, t->names[c].p, n) == 0 &&
			        text.p[i + 1 + n] == '}')
				break;
		}
		if (text.p[i] == '{' && c < t->ncolumns) {
			struct dd_str value =
			        c < r->row->n ? r->row->values[c] : (struct dd_str){NULL, 0};
			dd_buf_add(&out, value.p ? value.p : "", value.n);
			i += t->names[c].n + 1;
		} else {
			dd_buf_char(&out, text.p[i]);
		}
	}
	struct dd_str copy = {dd_arena_copy(arena, out.p ? out.p : "", out.n), out.n};
	dd_buf_free(&out);
	return copy;
}

/* -- time ------------------------------------------------------------------- */

const struct dd_stub_want *run_given(const struct run *r, uint32_t step)
{
	for (uint32_t i = 0; i < r->scenario->given.nstubs; i++)
		if (r->scenario->given.stubs[i].step == step)
			return &r->scenario->given.stubs[i];
	return NULL;
}

/* Whether something answers the `nth` request of a step (0-based). */
static bool is_answered(const struct run *r, uint32_t step, uint32_t nth)
{
	const struct dd_stub_want *given = run_given(r, step);
	bool answered;
	if (given)
		return given->once ? nth < given->n : given->n > 0;
	return !dd_step_asks(r->program, step, &answered) || answered;
}

/* An application's program grows while it is called. */
static void make_room(struct run *r)
{
	size_t n = r->program->nsteps + 1;
	if (n <= r->nsteps)
		return;
	n += n / 2;
	r->visits = dd_realloc(r->visits, n, sizeof *r->visits);
	r->requests = dd_realloc(r->requests, n, sizeof *r->requests);
	memset(r->visits + r->nsteps, 0, (n - r->nsteps) * sizeof *r->visits);
	memset(r->requests + r->nsteps, 0, (n - r->nsteps) * sizeof *r->requests);
	r->nsteps = n;
}

void run_look(struct run *r)
{
	struct dd_playing p;
	if (r->first_words == DD_NEVER &&
	        dd_session_playing(r->session, dd_session_now(r->session), &p) && p.text.n)
		r->first_words = dd_session_spoken(r->session, 0);
	for (; r->looked < r->trace->nevents; r->looked++) {
		const struct dd_trace_event *e = &r->trace->events[r->looked];
		bool rings = e->type == DD_TR_CONNECT &&
		        dd_str_is(dd_trace_str(r->trace, e->more), "ringing");
		make_room(r);
		if ((e->type == DD_TR_REQUEST || rings) && e->step != DD_NONE && !r->suite->app &&
		        r->stuck == SIZE_MAX && !is_answered(r, e->step, r->requests[e->step]++))
			r->stuck = r->looked;
	}
}

bool run_over(const struct run *r)
{
	return dd_session_over(r->session) || r->stopped || r->stuck != SIZE_MAX;
}

/* Everything that is due next. False when nothing will happen by itself any more. */
bool run_step(struct run *r)
{
	dd_ms due = dd_session_next(r->session);
	if (run_over(r) || due == DD_NEVER)
		return false;
	if (r->o->pace && !r->o->pace->until(r->o->pace->self, r->session, due))
		r->stopped = true;
	dd_session_advance(r->session, due);
	run_look(r);
	return true;
}

void run_advance(struct run *r, dd_ms to)
{
	while (!run_over(r) && dd_session_next(r->session) <= to)
		if (!run_step(r))
			break;
	if (!run_over(r) && r->o->pace && !r->o->pace->until(r->o->pace->self, r->session, to))
		r->stopped = true;
	if (!run_over(r))
		dd_session_advance(r->session, to);
	if (to > r->clock)
		r->clock = to;
}

void run_to_end(struct run *r)
{
	while (run_step(r))
		continue;
	r->clock = dd_session_now(r->session);
}

static void visit(struct run *r, uint32_t step)
{
	struct dd_suite_app *a = r->suite->app;
	make_room(r);
	r->visits[step]++;
	if (!a)
		return;
	if (step >= a->nvisits) {
		uint32_t n = r->program->nsteps * 2;
		a->visits = dd_realloc(a->visits, n, sizeof *a->visits);
		memset(a->visits + a->nvisits, 0, (n - a->nvisits) * sizeof *a->visits);
		a->nvisits = n;
	}
	a->visits[step]++;
	const char *verb = r->program->steps[step].verb;
	if (verb && dd_app_part(a->app, step) == DD_APP_VERB)
		DD_PUSH(r->verbs, r->nverbs, r->cap_verbs) = verb;
}

/* What the engine does between two events of the trace. */
static void on_effects(void *self, const struct dd_call *call, enum dd_event_type event,
        const struct dd_effects *fx)
{
	struct run *r = self;
	dd_ms now = dd_session_now(r->session);
	bool listens = !dd_call_over(call) && dd_call_listens(call);
	if (!r->listens && (listens || dd_call_over(call)) && now - r->deaf_since > r->stretch) {
		r->stretch = now - r->deaf_since;
		r->stretch_at = r->deaf_since;
	}
	if (r->listens && !listens)
		r->deaf_since = now;
	r->listens = listens;
	for (uint32_t i = 0; i < fx->n; i++)
		if (fx->list[i].type == DD_FX_STEP) {
			visit(r, fx->list[i].step);
			if (r->o->keep && r->out->npath < PATH_MAX_STEPS)
				DD_PUSH(r->out->path, r->out->npath, r->out->cap_path) =
				        fx->list[i].step;
		}
	if (r->o->counts)
		dd_counts_take(r->o->counts, event, fx);
}

/* -- the whole -------------------------------------------------------------- */

uint32_t dd_scenario_runs(const struct dd_scenario *s)
{
	return s->table.ncolumns ? s->table.nrows : 1;
}

static struct run run_of(const struct dd_suite *suite, uint32_t scenario, uint32_t row)
{
	struct run r = {
	        .suite = suite, .scenario = &suite->scenarios[scenario], .program = suite->program};
	if (r.scenario->table.ncolumns)
		r.row = &r.scenario->table.rows[row];
	return r;
}

void dd_scenario_name(
        const struct dd_suite *suite, uint32_t scenario, uint32_t row, struct dd_buf *out)
{
	struct run r = run_of(suite, scenario, row);
	const struct dd_table *t = &r.scenario->table;
	run_fill(&r, r.scenario->name.text, out);
	if (!r.row)
		return;
	dd_buf_format(out, " [row %u", row + 1);
	for (uint32_t i = 0; i < t->ncolumns && i < r.row->n && i < 3 && !r.scenario->name.fills;
	        i++) {
		struct dd_str value = r.row->values[i];
		dd_buf_format(out, "%s%.*s=", i ? ", " : ": ", (int)t->names[i].n, t->names[i].p);
		size_t fits = value.p ? dd_width_fit(value, 30) : 0;
		dd_buf_add(out, value.p ? value.p : "", fits);
		dd_buf_str(out, fits < value.n ? "…" : "");
	}
	dd_buf_char(out, ']');
}

static void setup_variables(struct run *r, struct dd_arena *arena, struct dd_setup *setup)
{
	const struct dd_given *g = &r->scenario->given;
	const struct dd_table *t = &r->scenario->table;
	const char **names =
	        dd_arena_alloc(arena, (g->nvariables + t->ncolumns + 1) * sizeof *names);
	const char **values =
	        dd_arena_alloc(arena, (g->nvariables + t->ncolumns + 1) * sizeof *values);
	for (uint32_t i = 0; r->row && i < t->ncolumns && i < r->row->n; i++) {
		if (t->slots[i] == DD_NONE || !r->row->values[i].p)
			continue;
		names[setup->nvariables] = r->program->slots[t->slots[i]].name;
		values[setup->nvariables++] =
		        dd_arena_copy(arena, r->row->values[i].p, r->row->values[i].n);
	}
	for (uint32_t i = 0; i < g->nvariables; i++) {
		struct dd_buf room = {0};
		struct dd_str value = run_text(r, &g->variables[i].want, &room);
		names[setup->nvariables] = g->variables[i].name.p;
		values[setup->nvariables++] = dd_arena_copy(arena, value.p, value.n);
		dd_buf_free(&room);
	}
	setup->names = names;
	setup->values = values;
}

static void setup_stubs(struct run *r, struct dd_arena *arena, struct dd_session_options *so)
{
	const struct dd_given *g = &r->scenario->given;
	struct dd_given_stubs *list = dd_arena_alloc(arena, (g->nstubs + 1) * sizeof *list);
	for (uint32_t i = 0; i < g->nstubs; i++) {
		const struct dd_stub_want *w = &g->stubs[i];
		struct dd_stub *copies = dd_arena_alloc(arena, (w->n + 1) * sizeof *copies);
		for (uint32_t j = 0; j < w->n; j++) {
			copies[j] = r->suite->stubs[w->first + j];
			copies[j].body = stub_text(r, arena, copies[j].body);
		}
		list[i] = (struct dd_given_stubs){w->step, copies, w->n, w->once};
	}
	so->stubs = list;
	so->nstubs = g->nstubs;
}

static void set_up(struct run *r, struct dd_arena *arena, struct dd_session_options *so)
{
	const struct dd_given *g = &r->scenario->given;
	so->program = r->program;
	so->answered_by = (enum dd_answered_by)run_cell(r, DD_CELL_ANSWERED_BY, g->answered_by);
	so->ring_timeout = run_cell(r, DD_CELL_RING_TIMEOUT, g->ring_timeout);
	so->machine_greeting = g->machine_greeting;
	so->record = true;
	char *sid = dd_arena_alloc(arena, 33);
	dd_session_sid(1, sid);
	so->setup = (struct dd_setup){
	        .call_sid = sid, .time_limit = run_cell(r, DD_CELL_TIME_LIMIT, g->time_limit)};
	so->setup.answered_unix_ms = g->at_given ? g->at : DD_STARTS_UNIX_MS;
	if (g->from.text.p) {
		struct dd_buf room = {0};
		struct dd_str from = run_text(r, &g->from, &room);
		so->setup.from = dd_arena_copy(arena, from.p, from.n);
		dd_buf_free(&room);
	}
	setup_variables(r, arena, &so->setup);
	setup_stubs(r, arena, so);
	so->store = dd_call_store(&so->setup);
}

void dd_scenario_setup(const struct dd_suite *suite, uint32_t scenario, uint32_t row,
        struct dd_arena *arena, struct dd_session_options *out)
{
	struct run r = run_of(suite, scenario, row);
	set_up(&r, arena, out);
}

static void list_variables(struct run *r)
{
	struct dd_buf text = {0};
	for (size_t i = 0; i < r->so.setup.nvariables; i++)
		dd_buf_format(&text, "%s%s=%s", i ? ", " : "", r->so.setup.names[i],
		        r->so.setup.values[i]);
	r->out->variables = text.n ? run_keep(r, &text) : NULL;
	dd_buf_free(&text);
}

static struct dd_buf copy_of(const struct dd_buf *from)
{
	struct dd_buf to = {0};
	dd_buf_add(&to, from->p ? from->p : "", from->n);
	return to;
}

/* The trace moves from the session into the result. */
static void take_trace(struct run *r)
{
	struct dd_trace *to = &r->out->trace;
	const struct dd_trace *from = r->trace;
	dd_trace_copy(to, from);
	struct dd_outcome *o = &r->out->outcome;
	*o = *dd_session_outcome(r->session);
	o->digits = copy_of(&o->digits);
	o->left = copy_of(&o->left);
	o->left_said = copy_of(&o->left_said);
	o->lost = copy_of(&o->lost);
	o->lost_said = copy_of(&o->lost_said);
	r->out->kept = true;
	list_variables(r);
}

static bool has_all_values(struct run *r)
{
	const char *name = dd_call_missing(dd_session_call(r->session), 0);
	if (!name)
		return true;
	FAIL(r, "no-value", r->scenario->span,
	        "the variable \"%s\" has no value: the flow gives no example", name)
	        ->hint = "give one under given: variables:, or as a column of the rows";
	return false;
}

/* -- applications ----------------------------------------------------------- */

/* Calls of one application take turns: a document of one must not become part of another. Where
   what the application prints stands then. */
static off_t begin_turn(struct run *r)
{
	struct dd_suite_app *a = r->suite->app;
	if (!a)
		return 0;
	pthread_mutex_lock(&a->turn);
	dd_app_begin(a->app);
	return a->log >= 0 ? lseek(a->log, 0, SEEK_END) : 0;
}

static void give_app(struct run *r, uint32_t scenario, uint32_t row, struct dd_arena *arena)
{
	struct dd_suite_app *a = r->suite->app;
	char sid[33];
	if (!a)
		return;
	dd_session_sid(1 + scenario * UINT64_C(1000003) + row, sid);
	const struct dd_faults *faults = r->o->faults ? r->o->faults
	        : r->scenario->given.faults           ? r->scenario->given.faults
	                                              : a->faults;
	dd_app_faults(a->app, faults, scenario * UINT64_C(1000003) + row);
	r->so.documents = dd_app_documents(a->app);
	r->so.http = dd_app_http(a->app);
	bool twiml = a->options.dialect == DD_TWIML;
	r->so.setup.call_sid = dd_arena_format(arena, "%s%s", twiml ? "CA" : "", sid);
	r->so.setup.to = twiml ? "+918047112233" : NULL;
	r->so.setup.direction = a->options.outbound ? "outbound-api" : "inbound";
}

/* A scenario that failed shows what the application printed meanwhile. */
static void end_turn(struct run *r, off_t from)
{
	enum { SHOWN = 4000 };
	struct dd_suite_app *a = r->suite->app;
	if (!a)
		return;
	r->out->struck = dd_app_struck(a->app);
	for (int i = 0; i < DD_AT_COUNT; i++)
		r->out->points[i] = dd_app_points(a->app, (enum dd_fault_point)i);
	off_t end = a->log >= 0 ? lseek(a->log, 0, SEEK_END) : 0;
	if (r->out->verdict == DD_FAILED && end > from && r->out->arena) {
		char text[SHOWN + 1];
		off_t begin = end - from > SHOWN ? end - SHOWN : from;
		ssize_t n = pread(a->log, text, (size_t)(end - begin), begin);
		if (n > 0)
			r->out->printed = dd_arena_copy(r->out->arena, text, (size_t)n);
	}
	pthread_mutex_unlock(&a->turn);
}

void dd_scenario_run(const struct dd_suite *suite, uint32_t scenario, uint32_t row,
        const struct dd_run_options *o, struct dd_result *out)
{
	struct run r = run_of(suite, scenario, row);
	struct dd_arena *arena = dd_arena_new();
	*out = (struct dd_result){.suite = suite->path,
	        .line = r.scenario->line,
	        .row = r.row ? row + 1 : 0,
	        .verdict = DD_PASSED};
	if (o->program)
		r.program = o->program;
	out->program = r.program;
	r.o = o;
	r.out = out;
	r.stood = DD_NONE;
	r.first_words = DD_NEVER;
	r.so = (struct dd_session_options){.tts = o->tts, .ears = o->ears, .nears = o->nears};
	r.watch = (struct dd_watch){&r, on_effects};
	make_room(&r);
	r.stuck = SIZE_MAX;
	off_t from = begin_turn(&r);
	set_up(&r, arena, &r.so);
	give_app(&r, scenario, row, arena);
	r.so.watch = &r.watch;
	r.session = dd_session_new(&r.so);
	r.trace = dd_session_trace(r.session);
	dd_session_start(r.session);
	if (has_all_values(&r)) {
		run_look(&r);
		bool fine = true;
		for (uint32_t i = 0; i < r.scenario->nscript && fine && !r.stopped; i++)
			fine = run_item(&r, &r.scenario->script[i]);
		if (fine)
			run_to_end(&r);
		if (o->faults && !fine)
			run_to_end(&r);
		if (r.stuck != SIZE_MAX)
			run_unanswered(&r);
		else if (fine)
			run_expect(&r);
		if (out->verdict != DD_FAILED)
			run_unused(&r);
	}
	out->call_ms = dd_session_now(r.session);
	if (o->pace)
		o->pace->over(o->pace->self, r.session);
	if (!o->quick && r.looked && (o->keep || out->verdict == DD_FAILED))
		take_trace(&r);
	if (!o->quick) {
		struct dd_buf name = {0};
		dd_scenario_name(suite, scenario, row, &name);
		out->name = run_keep(&r, &name);
		dd_buf_free(&name);
	}
	dd_session_free(r.session);
	dd_free(r.visits);
	dd_free(r.requests);
	dd_free(r.verbs);
	end_turn(&r, from);
	dd_arena_free(arena);
}

void dd_result_fini(struct dd_result *result)
{
	dd_free(result->findings);
	dd_free(result->path);
	dd_free(result->heard);
	dd_trace_fini(&result->trace);
	dd_buf_free(&result->outcome.digits);
	dd_buf_free(&result->outcome.left);
	dd_buf_free(&result->outcome.left_said);
	dd_buf_free(&result->outcome.lost);
	dd_buf_free(&result->outcome.lost_said);
	dd_arena_free(result->arena);
	*result = (struct dd_result){0};
}
