/* What a walk claims against what happens: every ending that random calls come to must be among
 * those that the walk found. */
#include "../unit.h"

#include <unistd.h>

#include "base/pcg.h"
#include "call/walks.h"
#include "explore/explore.h"
#include "sim/tts.h"

enum { FLOWS = 150, CALLS = 6000 };

/* -- random flows ----------------------------------------------------------- */

struct writer {
	struct dd_pcg rng;
	struct dd_buf out;
	unsigned ids, first; /* first: of this file */
	unsigned asked[200], nasked;
	const char *part; /* a flow that this one may run; NULL: none */
};

static unsigned pick(struct writer *w, unsigned n)
{
	return dd_pcg_next(&w->rng) % n;
}

static void indent(struct writer *w, int n)
{
	for (int i = 0; i < n; i++)
		dd_buf_char(&w->out, ' ');
}

static void write_steps(struct writer *w, int depth, int pad);

static void write_branch(struct writer *w, const char *key, int depth, int pad)
{
	indent(w, pad);
	dd_buf_format(&w->out, "%s:\n", key);
	write_steps(w, depth, pad + 2);
}

/* What a value is: an input of the customer's, a count, or what a step set. */
static void write_value(struct writer *w)
{
	unsigned kind = pick(w, 3);
	if (kind == 0 && w->nasked)
		dd_buf_format(&w->out, "{s%u.answer}", w->asked[pick(w, w->nasked)]);
	else if (kind == 1 && w->ids > w->first + 1)
		dd_buf_format(&w->out, "{s%u.visits}", w->first + pick(w, w->ids - w->first));
	else
		dd_buf_str(&w->out, "{v}");
}

static void write_cases(struct writer *w, int depth, int pad)
{
	dd_buf_format(&w->out, "branch:\n%*son: \"", pad + 4, "");
	write_value(w);
	dd_buf_format(&w->out, "\"\n%*scases:\n", pad + 4, "");
	for (unsigned n = 1 + pick(w, 2); n--;) {
		unsigned test = pick(w, 6), number = pick(w, 25);
		indent(w, pad + 6);
		if (test == 0)
			dd_buf_format(&w->out, "- is: \"%u\"\n", 1 + number % 4);
		else if (test == 1)
			dd_buf_format(&w->out, "- below: %u\n", number);
		else if (test == 2)
			dd_buf_format(&w->out, "- above: %u\n", number);
		else if (test == 3)
			dd_buf_format(&w->out, "- { from: %u, to: %u, then: [ sms: t ] }\n", number,
			        number + pick(w, 10));
		else if (test == 4)
			dd_buf_str(&w->out, "- contains: \"3\"\n");
		else
			dd_buf_str(&w->out, "- empty: true\n");
		if (test != 3)
			write_branch(w, "then", depth - 1, pad + 8);
	}
	if (pick(w, 2))
		write_branch(w, "otherwise", depth - 1, pad + 4);
}

static void write_people(struct writer *w, int depth, int pad)
{
	static const char *const exits[] = {"answered", "busy", "no-answer", "failed", "full"};
	unsigned first = pick(w, 5);
	dd_buf_format(&w->out, "connect:\n%*sto: %s\n%*stimeout: 5s\n%*stime_limit: %us\n", pad + 4,
	        "", pick(w, 2) ? "\"+911\"" : "[ \"+911\", \"+912\" ]", pad + 4, "", pad + 4, "",
	        4 + pick(w, 60));
	dd_buf_format(&w->out, "%*sexits:\n", pad + 4, "");
	write_branch(w, exits[first], depth - 1, pad + 6);
	if (pick(w, 2))
		write_branch(w, exits[(first + 1) % 5], depth - 1, pad + 6);
}

/* What flows decide, count, and do with people; all of it takes no branch where `depth` is 0. */
static void write_more(struct writer *w, int depth, int pad)
{
	unsigned kind = pick(w, depth > 0 ? 6 : 3);
	if (kind == 0) {
		dd_buf_str(&w->out, "set: { v: ");
		if (pick(w, 2)) {
			dd_buf_format(&w->out, "{ add: %d } }\n", pick(w, 3) ? 1 : -1);
		} else {
			dd_buf_char(&w->out, '"');
			write_value(w);
			dd_buf_str(&w->out, "\" }\n");
		}
	} else if (kind == 1) {
		dd_buf_format(&w->out,
		        "record: { prompt: r, beep: %s, max: %us, silence: %us%s }\n",
		        pick(w, 2) ? "true" : "false", 4 + pick(w, 8), 1 + pick(w, 8),
		        pick(w, 2) ? ", finish: \"3\"" : "");
	} else if (kind == 2 && w->part) {
		dd_buf_format(&w->out, "subflow: %s\n", w->part);
	} else if (kind == 2) {
		dd_buf_str(&w->out, "greeting: b\n");
	} else if (kind == 3) {
		write_cases(w, depth, pad);
	} else if (kind == 4) {
		dd_buf_format(&w->out,
		        "hours:\n%*sdays: %s\n%*sfrom: \"%02u:00\"\n%*suntil: \"18:00\"\n", pad + 4,
		        "", pick(w, 2) ? "mon-fri" : "sat", pad + 4, "", 8 + pick(w, 2), pad + 4,
		        "");
		write_branch(w, "then", depth - 1, pad + 4);
		if (pick(w, 2))
			write_branch(w, "otherwise", depth - 1, pad + 4);
	} else {
		write_people(w, depth, pad);
	}
}

static void write_step(struct writer *w, int depth, int pad)
{
	static const char *const exits[] = {"200", "302", "error", "timeout"};
	unsigned kind = pick(w, depth > 0 ? 12 : 7), id = w->ids++;
	bool more = depth > 0 ? kind >= 8 : kind >= 5;
	indent(w, pad);
	dd_buf_format(&w->out, "- id: s%u\n", id);
	indent(w, pad + 2);
	if (more) {
		write_more(w, depth, pad);
	} else if (kind == 0) {
		dd_buf_str(&w->out, "sms: t\n");
	} else if (kind == 1 && id > w->first + 1) {
		dd_buf_format(&w->out, "goto: s%u\n", w->first + pick(w, id - w->first));
	} else if (kind <= 3) {
		dd_buf_format(&w->out, "greeting: { text: a b, loop: %u%s }\n", 1 + pick(w, 2),
		        pick(w, 3)           ? ""
		                : pick(w, 2) ? ", skip: true"
		                             : ", interruptible: true");
	} else if (kind == 4) {
		w->asked[w->nasked++ % 200] = id;
		dd_buf_format(&w->out,
		        "ivr: { prompt: n, timeout: 2s, retries: %u, collect: { min: %u, max: "
		        "%u } }\n",
		        pick(w, 3), 1 + pick(w, 2), 2 + pick(w, 2));
	} else if (kind <= 6) {
		w->asked[w->nasked++ % 200] = id;
		dd_buf_format(&w->out,
		        "ivr:\n%*sprompt: m\n%*sretries: %u\n%*sbarge_in: %s\n%*skeys:\n", pad + 4,
		        "", pad + 4, "", pick(w, 3), pad + 4, "", pick(w, 3) ? "true" : "false",
		        pad + 4, "");
		write_branch(w, "1", depth - 1, pad + 6);
		if (pick(w, 2))
			write_branch(w, "2", depth - 1, pad + 6);
		if (pick(w, 2))
			write_branch(w, "otherwise", depth - 1, pad + 4);
	} else {
		dd_buf_format(&w->out,
		        "passthru:\n%*surl: http://example.com/\n%*stimeout: 3s\n"
		        "%*sstub: [ { status: %u }, { error: timeout }, { status: 500, delay: "
		        "1s } ]\n",
		        pad + 4, "", pad + 4, "", pad + 4, "", pick(w, 2) ? 200 : 302);
		indent(w, pad + 4);
		dd_buf_str(&w->out, "exits:\n");
		write_branch(w, exits[pick(w, 2)], depth - 1, pad + 6);
		write_branch(w, exits[2 + pick(w, 2)], depth - 1, pad + 6);
	}
}

static void write_steps(struct writer *w, int depth, int pad)
{
	unsigned n = 1 + pick(w, 3);
	for (unsigned i = 0; i < n; i++)
		write_step(w, depth, pad);
	if (pick(w, 3)) {
		indent(w, pad);
		dd_buf_str(&w->out, "- hangup\n");
	}
}

static void write_file(const char *dir, const char *name, const struct dd_buf *text)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text->p, 1, text->n, f), text->n);
	(void)fclose(f);
}

/* With all that flows may say, and a second flow that the first one may run. */
static struct dd_program *random_flow(uint64_t seed, struct dd_diags *diags)
{
	struct writer w = {.rng = dd_pcg_seed(seed, 7)};
	char dir[] = "/tmp/drydial-XXXXXX", command[64], path[64];
	assert_non_null(mkdtemp(dir));
	dd_buf_str(&w.out, "flow: P\npart: true\nvariables: { v: \"1\" }\nsteps:\n");
	write_steps(&w, 1, 2);
	dd_buf_str(&w.out, "  - return\n");
	write_file(dir, "part.yaml", &w.out);
	dd_buf_clear(&w.out);
	w.first = w.ids;
	w.nasked = 0;
	w.part = "part.yaml";
	dd_buf_str(&w.out, "flow: F\nvariables: { v: \"1\" }\nsteps:\n");
	write_steps(&w, 2, 2);
	write_file(dir, "flow.yaml", &w.out);
	(void)snprintf(path, sizeof path, "%s/flow.yaml", dir);
	struct dd_program *p = dd_program_load(path, diags);
	(void)snprintf(command, sizeof command, "rm -r %s", dir);
	assert_int_equal(system(command), 0);
	if (!p) {
		struct dd_buf text = {0};
		dd_diags_text(diags, &text, false);
		fail_msg("seed %llu:\n%s%s", (unsigned long long)seed, w.out.p, text.p);
	}
	dd_buf_free(&w.out);
	return p;
}

/* -- random calls ----------------------------------------------------------- */

/* The ending of a call in which the customer presses whatever, whenever; `*step` is where it stood
 * before. False: still going on. */
static bool random_call(struct dd_call *call, const struct dd_program *p, struct dd_pcg *rng,
        enum dd_ended_by *by, uint32_t *step)
{
	struct dd_effects fx;
	uint32_t playing = 0, awaiting = 0, party = 0, recording = 0;
	bool talks = false, speaks = false;
	dd_ms now = 0;
	dd_call_init(call, p, DD_STORE_BYTES, &(struct dd_setup){0});
	dd_call_ask_hours(call);
	struct dd_event e = {.type = DD_EV_ANSWERED};
	*step = DD_NONE;
	for (int events = 0; events < 400; events++) {
		struct dd_reply reply = {
		        .status = (int[]){200, 302, 500}[dd_pcg_next(rng) % 3], .body = {"", 0}};
		dd_call_step(call, &e, &fx);
		for (uint32_t i = 0; i < fx.n; i++) {
			if (fx.list[i].type == DD_FX_PLAY)
				playing = fx.list[i].ticket;
			else if (fx.list[i].type == DD_FX_STOP)
				playing = 0;
			else if (fx.list[i].type == DD_FX_REQUEST)
				awaiting = fx.list[i].ticket;
			else if (fx.list[i].type == DD_FX_FORGET || fx.list[i].type == DD_FX_EXIT)
				awaiting = 0;
			else if (fx.list[i].type == DD_FX_RING)
				party = fx.list[i].ticket, talks = false;
			else if (fx.list[i].type == DD_FX_PARTY)
				talks = fx.list[i].key_index == DD_PARTY_ANSWERED;
			else if (fx.list[i].type == DD_FX_RECORD)
				recording = fx.list[i].ticket, speaks = false;
			else if (fx.list[i].type == DD_FX_RECORDED)
				recording = 0;
			if (fx.list[i].type == DD_FX_PARTED ||
			        (fx.list[i].type == DD_FX_PARTY && !talks))
				party = 0;
		}
		if (dd_call_over(call)) {
			*by = dd_call_ended_by(call);
			return true;
		}
		if (dd_call_asks_hours(call)) {
			*step = dd_call_at(call);
			e = (struct dd_event){
			        .type = DD_EV_HOURS, .at = now, .on = dd_pcg_next(rng) % 2};
			continue;
		}
		if (dd_call_deadline(call) <= now) {
			e = (struct dd_event){.type = DD_EV_TIMER, .at = now};
			continue; /* what takes no time belongs to the choice before it */
		}
		*step = dd_call_at(call);
		unsigned what = dd_pcg_next(rng) % 4;
		dd_ms due = dd_call_deadline(call), soon = now + 10;
		if (what == 0)
			e = (struct dd_event){.type = DD_EV_KEY,
			        .at = soon < due ? soon : due - 1,
			        .key = "12347#"[dd_pcg_next(rng) % 6]};
		else if (party && talks && what < 3)
			e = (struct dd_event){.type = DD_EV_PARTED,
			        .at = soon < due ? soon : due - 1,
			        .ticket = party};
		else if (party && !talks && what < 3)
			e = (struct dd_event){.type = DD_EV_PARTY,
			        .at = soon < due ? soon : due - 1,
			        .ticket = party,
			        .party = dd_pcg_next(rng) % DD_PARTIES_COUNT};
		else if (recording && what < 3)
			e = (struct dd_event){.type = DD_EV_SPEECH,
			        .at = soon < due ? soon : due - 1,
			        .ticket = recording,
			        .on = speaks = !speaks};
		else if (playing && what < 3)
			e = (struct dd_event){.type = DD_EV_PROMPT_DONE,
			        .at = soon < due ? soon : due - 1,
			        .ticket = playing};
		else if (awaiting && what < 3)
			e = (struct dd_event){.type = DD_EV_REPLY,
			        .at = soon < due ? soon : due - 1,
			        .ticket = awaiting,
			        .reply = &reply};
		else if (!playing)
			e = (struct dd_event){.type = DD_EV_TIMER, .at = due};
		else
			e = (struct dd_event){.type = DD_EV_PROMPT_DONE,
			        .at = soon < due ? soon : due - 1,
			        .ticket = playing};
		if (e.type == DD_EV_PROMPT_DONE)
			playing = 0;
		now = e.at;
	}
	return false;
}

static void random_calls_end_as_the_walk_claims(void **state)
{
	unsigned ended = 0, kinds = 0;
	uint32_t applets = 0;
	(void)state;
	for (uint64_t seed = 0; seed < FLOWS; seed++) {
		struct dd_arena *arena = dd_arena_new();
		struct dd_diags diags;
		dd_diags_init(&diags, arena);
		struct dd_program *p = random_flow(seed, &diags);
		struct dd_ways *ways = dd_ways_new(p);
		struct dd_sim_tts *tts = dd_sim_tts_new(10, 0);
		struct dd_setup setup = {0};
		struct dd_explored *x = dd_explore(p, ways, &setup, dd_sim_tts_port(tts), 100000);
		struct dd_call *call = malloc(dd_call_size(p, DD_STORE_BYTES));
		struct dd_pcg rng = dd_pcg_seed(seed, 99);
		assert_true(x->walk->complete);
		for (uint32_t i = 0; i < p->nsteps; i++)
			applets |= UINT32_C(1) << p->steps[i].applet;
		for (int i = 0; i < CALLS; i++) {
			enum dd_ended_by by;
			uint32_t step;
			bool claimed = false;
			if (!random_call(call, p, &rng, &by, &step))
				continue;
			for (size_t k = 0; k < x->nendings; k++)
				claimed |=
				        x->endings[k].ended_by == by && x->endings[k].step == step;
			if (!claimed)
				fail_msg("seed %llu: a call was ended by %s after line %u, "
				         "which no path does:\n%s",
				        (unsigned long long)seed, dd_ended_by_name(by),
				        step == DD_NONE ? 0 : p->steps[step].line,
				        p->flows[0].source->text.p);
			ended++;
			kinds |= 1U << by;
		}
		free(call);
		dd_explored_free(x);
		dd_ways_free(ways);
		dd_sim_tts_free(tts);
		dd_program_free(p);
		dd_diags_fini(&diags);
		dd_arena_free(arena);
	}
	assert_true(ended > FLOWS * CALLS / 2);
	for (int a = 0; a < DD_ASK; a++) /* those that flows may say, but for transfers */
		assert_true(a == DD_TRANSFER || applets & UINT32_C(1) << a);
	assert_true(kinds & 1U << DD_ENDED_FLOW && kinds & 1U << DD_ENDED_DROPPED);
}

/* -- numbers ---------------------------------------------------------------- */

static void fingerprints_tell_calls_apart(void **state)
{
	static const char flow[] =
	        "flow: F\nvariables: { a: x }\nsteps:\n  - id: m\n"
	        "    ivr: { prompt: \"{m.answer} {a}\", keys: { 1: one, 2: two } }\n  - goto: m\n";
	char path[] = "/tmp/drydial-XXXXXX";
	int fd = mkstemp(path);
	(void)state;
	assert_true(fd >= 0 && write(fd, flow, sizeof flow - 1) == (ssize_t)sizeof flow - 1);
	close(fd);
	struct dd_program *p = dd_program_open(path, NULL);
	unlink(path);
	struct dd_call *a = malloc(dd_call_size(p, DD_STORE_BYTES)),
	               *b = malloc(dd_call_size(p, DD_STORE_BYTES));
	struct dd_effects fx;
	uint64_t one[2], two[2];
	dd_call_init(a, p, DD_STORE_BYTES, &(struct dd_setup){0});
	dd_call_step(a, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	dd_call_copy(b, a);
	dd_call_fingerprint(a, one);
	dd_call_fingerprint(b, two);
	assert_memory_equal(one, two, sizeof one);
	dd_call_step(a, &(struct dd_event){.type = DD_EV_KEY, .at = 10, .key = '1'}, &fx);
	dd_call_step(b, &(struct dd_event){.type = DD_EV_KEY, .at = 20, .key = '2'}, &fx);
	dd_call_fingerprint(a, one);
	dd_call_fingerprint(b, two);
	assert_memory_not_equal(one, two, sizeof one);
	assert_false(dd_call_same(a, b));
	assert_true(dd_call_place(a) == dd_call_place(b));
	for (uint32_t i = 0; i < p->nslots; i++) {
		dd_call_forget(a, i);
		dd_call_forget(b, i);
	}
	dd_call_fingerprint(a, one);
	dd_call_fingerprint(b, two);
	assert_memory_equal(one, two, sizeof one);
	assert_true(dd_call_same(a, b));
	free(a);
	free(b);
	dd_program_free(p);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_calls_end_as_the_walk_claims),
        cmocka_unit_test(fingerprints_tell_calls_apart),
};
UNIT_MAIN(tests)
