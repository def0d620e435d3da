/* The engine's younger applets alone: a call stays a value, and no value makes it slow. */
#include "../unit.h"

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

static void done(struct dd_program *p, struct dd_call *c)
{
	free(c);
	dd_program_free(p);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static struct dd_call *call_of(const struct dd_program *p, size_t store)
{
	struct dd_call *c = malloc(dd_call_size(p, store));
	dd_call_init(c, p, store, &(struct dd_setup){0});
	return c;
}

/* Steps that take no time, until the call waits; whether an effect of this type came. */
static bool settle(
        struct dd_call *c, struct dd_event e, enum dd_effect_type wanted, uint32_t *ticket)
{
	struct dd_effects fx;
	bool came = false;
	for (;;) {
		dd_call_step(c, &e, &fx);
		assert_true(fx.n <= DD_EFFECTS_MAX);
		for (uint32_t i = 0; i < fx.n; i++) {
			came |= fx.list[i].type == wanted;
			if (fx.list[i].type == wanted && ticket)
				*ticket = fx.list[i].ticket;
		}
		if (dd_call_over(c) || dd_call_deadline(c) > e.at)
			return came;
		e = (struct dd_event){.type = DD_EV_TIMER, .at = e.at};
	}
}

static void a_pattern_that_takes_too_long_is_not_met(void **state)
{
	(void)state;
	struct dd_program *p = program_of(
	        "flow: T\nvariables: { v: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! }\nsteps:\n"
	        "  - branch: { on: '{v}', cases: [ { matches: '/^(a+)+$/', then: [ sms: x ] } ] }\n"
	        "  - hangup\n");
	struct dd_call *c = call_of(p, DD_STORE_BYTES);
	assert_true(settle(c, (struct dd_event){.type = DD_EV_ANSWERED}, DD_FX_ERROR, NULL));
	assert_int_equal(dd_call_ended_by(c), DD_ENDED_FLOW);
	done(p, c);
}

static void a_value_without_room_is_an_error(void **state)
{
	(void)state;
	struct dd_program *p =
	        program_of("flow: T\nsteps:\n  - set: { a: '{b}0123456789', b: '{a}{a}' }\n"
	                   "  - set: { a: '{b}0123456789', b: '{a}{a}' }\n  - hangup\n");
	struct dd_call *c = call_of(p, 40);
	assert_true(settle(c, (struct dd_event){.type = DD_EV_ANSWERED}, DD_FX_ERROR, NULL));
	done(p, c);
	p = program_of(
	        "flow: T\nsteps:\n  - set: { a: '{b}0123456789', b: '{a}{a}' }\n  - hangup\n");
	c = call_of(p, 40);
	assert_false(settle(c, (struct dd_event){.type = DD_EV_ANSWERED}, DD_FX_ERROR, NULL));
	done(p, c);
}

static void a_copy_of_a_talk_is_a_second_talk(void **state)
{
	uint32_t ticket = 0;
	(void)state;
	struct dd_program *p = program_of(
	        "flow: T\nsteps:\n  - id: a\n    connect: { to: '1', exits: { answered: [ sms: "
	        "'{a.seconds}', hangup ], busy: [ hangup ] } }\n");
	struct dd_call *c = call_of(p, DD_STORE_BYTES), *copy = call_of(p, DD_STORE_BYTES);
	assert_true(settle(c, (struct dd_event){.type = DD_EV_ANSWERED}, DD_FX_RING, &ticket));
	dd_call_copy(copy, c);
	assert_true(dd_call_same(copy, c));
	assert_true(settle(c,
	        (struct dd_event){.type = DD_EV_PARTY, .at = 10, .ticket = ticket, .party = 0},
	        DD_FX_PARTY, NULL));
	assert_false(dd_call_same(copy, c));
	assert_true(settle(c, (struct dd_event){.type = DD_EV_PARTED, .at = 2510, .ticket = ticket},
	        DD_FX_PARTED, NULL));
	assert_int_equal(dd_call_ended_by(c), DD_ENDED_FLOW);
	assert_false(dd_call_over(copy));
	/* a ticket that is not the call's is nobody's */
	(void)settle(copy, (struct dd_event){.type = DD_EV_PARTY, .at = 10, .ticket = 99},
	        DD_FX_PARTY, NULL);
	assert_int_equal(dd_call_deadline(copy), 30000);
	free(copy);
	done(p, c);
}

static void speech_that_lasts_no_time_is_none(void **state)
{
	uint32_t ticket = 0;
	(void)state;
	struct dd_program *p = program_of(
	        "flow: T\nsteps:\n  - record: { beep: false, silence: 2s, max: 9s }\n  - hangup\n");
	struct dd_call *c = call_of(p, DD_STORE_BYTES);
	struct dd_effects fx;
	assert_true(settle(c, (struct dd_event){.type = DD_EV_ANSWERED}, DD_FX_RECORD, &ticket));
	struct dd_event e = {.type = DD_EV_SPEECH, .ticket = ticket, .on = true};
	(void)settle(c, e, DD_FX_OVER, NULL);
	assert_int_equal(dd_call_deadline(c), 9000);
	e.on = false;
	(void)settle(c, e, DD_FX_OVER, NULL);
	assert_int_equal(dd_call_deadline(c), 2000);
	dd_call_step(c, &(struct dd_event){.type = DD_EV_TIMER, .at = 2000}, &fx);
	bool nothing = false;
	for (uint32_t i = 0; i < fx.n; i++)
		nothing |=
		        fx.list[i].type == DD_FX_RECORDED && fx.list[i].key_index == DD_REC_NOTHING;
	assert_true(nothing);
	done(p, c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_pattern_that_takes_too_long_is_not_met),
	        cmocka_unit_test(a_value_without_room_is_an_error),
	        cmocka_unit_test(a_copy_of_a_talk_is_a_second_talk),
	        cmocka_unit_test(speech_that_lasts_no_time_is_none)};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
