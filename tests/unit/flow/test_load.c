/* Loading flows: its cost, and which names a flow knows. */
#include "../unit.h"

#include <time.h>
#include <unistd.h>

#include "flow/program.h"

static struct dd_program *load_text(const char *text, struct dd_diags *diags)
{
	struct dd_overlay overlay = {"-", dd_str(text)};
	dd_diags_init(diags, dd_arena_new());
	return dd_program_load_over("-", &overlay, 1, diags);
}

static void forget(struct dd_program *p, struct dd_diags *diags)
{
	struct dd_arena *arena = diags->arena;
	dd_program_free(p);
	dd_diags_fini(diags);
	dd_arena_free(arena);
}

/* CPU seconds for a flow of n variables, each of them said. */
static double cost_of_variables(unsigned n)
{
	struct dd_buf text = {0};
	struct dd_diags diags;
	dd_buf_str(&text, "flow: F\nvariables:\n");
	for (unsigned i = 0; i < n; i++)
		dd_buf_format(&text, "  v%u: x\n", i);
	dd_buf_format(&text, "steps:\n");
	for (unsigned i = 0; i < n; i += 100)
		dd_buf_format(&text, "  - greeting: Hello {v%u}\n", i);
	clock_t from = clock();
	struct dd_program *p = load_text(text.p, &diags);
	double spent = (double)(clock() - from) / CLOCKS_PER_SEC;
	assert_non_null(p);
	assert_int_equal(p->flows[0].nvariables, n);
	assert_string_equal(p->slots[dd_program_slot(p, dd_str("v17"))].name, "v17");
	forget(p, &diags);
	dd_buf_free(&text);
	return spent;
}

static double least(unsigned n)
{
	double best = 1e9;
	for (int i = 0; i < 3; i++) {
		double spent = cost_of_variables(n);
		best = spent < best ? spent : best;
	}
	return best;
}

/* Eight times as many variables: eight times the time, and as much again for what is measured
   beside it. */
static void variables_cost_their_number(void **state)
{
	(void)state;
	double few = least(7500), many = least(60000);
	assert_true(many < 16 * few + 0.05);
	assert_true(many < 10);
}

static void only_what_can_be_given_is_given(void **state)
{
	(void)state;
	struct dd_diags diags;
	struct dd_program *p = load_text("flow: F\n"
	                                 "variables: { name: Ann }\n"
	                                 "steps:\n"
	                                 "  - id: menu\n"
	                                 "    ivr: { prompt: Press., keys: { 1: yes } }\n"
	                                 "  - greeting: \"{menu.key} {name}\"\n",
	        &diags);
	assert_non_null(p);
	assert_int_equal(dd_program_slot(p, dd_str("CallTo")), DD_SLOT_CALL_TO);
	assert_true(dd_program_slot(p, dd_str("menu.key")) != DD_NONE);
	assert_true(dd_program_given_slot(p, dd_str("menu.key")) == DD_NONE);
	assert_true(dd_program_given_slot(p, dd_str("name")) != DD_NONE);
	assert_true(dd_program_slot(p, dd_str("nmae")) == DD_NONE);
	forget(p, &diags);
}

static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(variables_cost_their_number),
        cmocka_unit_test(only_what_can_be_given_is_given),
};
UNIT_MAIN(TESTS)
