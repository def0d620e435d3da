/* The engine alone: tickets, copies, limits. */
#include "../unit.h"
#include "call/fill.h"

#include <unistd.h>

#include "call/state.h"

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
	assert_non_null(p);
	return p;
}

static void done(struct dd_program *p)
{
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static struct dd_call *call_of(const struct dd_program *p)
{
	struct dd_call *c = malloc(dd_call_size(p, DD_STORE_BYTES));
	dd_call_init(c, p, DD_STORE_BYTES, &(struct dd_setup){0});
	return c;
}

static const char MENU[] =
        "flow: T\nsteps:\n  - id: m\n"
        "    ivr: { prompt: P, keys: { 1: { answer: a, then: [ sms: x ] }, 2: b } }\n"
        "  - greeting: '{m.answer}'\n  - hangup\n";

static void old_tickets_are_dropped(void **state)
{
	(void)state;
	struct dd_program *p = program_of(MENU);
	struct dd_call *c = call_of(p);
	struct dd_effects fx;
	dd_call_step(c, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	assert_int_equal(fx.list[fx.n - 1].type, DD_FX_PLAY);
	uint32_t ticket = fx.list[fx.n - 1].ticket;
	dd_call_step(c,
	        &(struct dd_event){.type = DD_EV_PROMPT_DONE, .at = 5, .ticket = ticket + 1}, &fx);
	assert_false(dd_call_waits(c));
	dd_call_step(
	        c, &(struct dd_event){.type = DD_EV_PROMPT_DONE, .at = 10, .ticket = ticket}, &fx);
	assert_true(dd_call_waits(c));
	assert_int_equal(dd_call_deadline(c), 5010);
	dd_call_step(
	        c, &(struct dd_event){.type = DD_EV_PROMPT_DONE, .at = 20, .ticket = ticket}, &fx);
	assert_int_equal(dd_call_deadline(c), 5010);
	dd_call_step(
	        c, &(struct dd_event){.type = DD_EV_TIMER, .at = 30}, &fx); /* too early: nothing */
	assert_true(dd_call_waits(c));
	free(c);
	done(p);
}

static void copies_are_calls(void **state)
{
	(void)state;
	struct dd_program *p = program_of(MENU);
	struct dd_call *a = call_of(p), *b = call_of(p);
	struct dd_effects fx;
	dd_call_step(a, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	dd_call_copy(b, a);
	assert_true(dd_call_same(a, b));
	dd_call_step(a, &(struct dd_event){.type = DD_EV_KEY, .at = 1, .key = '1'}, &fx);
	assert_false(dd_call_same(a, b));
	dd_call_step(b, &(struct dd_event){.type = DD_EV_KEY, .at = 1, .key = '2'}, &fx);
	char room[24];
	for (uint32_t i = 0; i < p->nslots; i++)
		if (strcmp(p->slots[i].name, "m.answer") == 0) {
			assert_int_equal(dd_call_value(a, i, 0, room).p[0], 'a');
			assert_int_equal(dd_call_value(b, i, 0, room).p[0], 'b');
		}
	free(a);
	free(b);
	done(p);
}

/* A call with more to do than one step's effects hold goes on when told that its deadline has come.
 */
static void many_messages(void **state)
{
	(void)state;
	char flow[20000] = "flow: T\nsteps:\n";
	for (int i = 0; i < 500; i++)
		strcat(flow, "  - sms: x\n");
	strcat(flow, "  - hangup\n");
	struct dd_program *p = program_of(flow);
	struct dd_call *c = call_of(p);
	struct dd_effects fx;
	int sms = 0;
	dd_call_step(c, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	for (int turns = 0; turns < 2000; turns++) {
		assert_true(fx.n <= DD_EFFECTS_MAX);
		for (uint32_t i = 0; i < fx.n; i++)
			sms += fx.list[i].type == DD_FX_SMS;
		if (dd_call_over(c))
			break;
		assert_int_equal(dd_call_deadline(c), 0);
		dd_call_step(c, &(struct dd_event){.type = DD_EV_TIMER}, &fx);
	}
	assert_int_equal(sms, 500);
	assert_int_equal(dd_call_ended_by(c), DD_ENDED_FLOW);
	free(c);
	done(p);
}

/* Values that come and go over and over fit because the dead ones are swept up. */
static void values_are_compacted(void **state)
{
	(void)state;
	struct dd_program *p =
	        program_of("flow: T\nvariables: { a: x, b: y, c: z }\nsteps:\n  - hangup\n");
	struct dd_call *c = malloc(dd_call_size(p, 256));
	char text[100], room[24];
	dd_call_init(c, p, 256, &(struct dd_setup){0});
	uint32_t base = DD_BUILT_INS_COUNT;
	for (int i = 0; i < 1000; i++) {
		memset(text, 'a' + i % 26, sizeof text);
		size_t n = (size_t)(i * 7 % 60);
		set_value(c, base + (uint32_t)i % 3, (struct dd_str){text, n});
		struct dd_str got = dd_call_value(c, base + (uint32_t)i % 3, 0, room);
		assert_int_equal(got.n, n);
		assert_true(n == 0 || memcmp(got.p, text, n) == 0);
	}
	free(c);
	done(p);
}

static const struct CMUnitTest tests[] = {cmocka_unit_test(old_tickets_are_dropped),
        cmocka_unit_test(copies_are_calls), cmocka_unit_test(many_messages),
        cmocka_unit_test(values_are_compacted)};
UNIT_MAIN(tests)
