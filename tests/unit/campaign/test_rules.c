/* Each rule about campaigns is broken by its bad campaign, which breaks no other, and none by its
   good one. With a file as its argument the program prints what is found in it. */
#include "../unit.h"

#include "base/text.h"
#include "campaign/rules.h"

/* A model of a voice: 70 ms a character. */
static dd_ms length_of(const struct dd_program *p, uint32_t prompt)
{
	dd_ms ms = 0;
	for (uint32_t i = 0; i < p->prompts[prompt].n; i++) {
		const struct dd_segment *segment = &p->segments[p->prompts[prompt].first + i];
		if (segment->kind == DD_SEG_PAUSE)
			ms += segment->pause;
		else if (segment->kind == DD_SEG_TEXT)
			for (uint32_t k = 0; k < p->templates[segment->text].n; k++)
				ms += 70 *
				        (dd_ms)p->parts[p->templates[segment->text].first + k]
				                .text.n;
	}
	return ms;
}

/* What is wrong with the campaign, as text; the codes of what is found, with spaces between them.
 */
static void look(
        const char *path, struct dd_rule_choice *choice, struct dd_buf *text, struct dd_buf *codes)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_campaign *c = dd_campaign_load(path, NULL, &diags);
	if (c) {
		dd_ms *lengths = dd_arena_alloc(
		        arena, (c->program ? c->program->nprompts : 0) * sizeof *lengths + 1);
		for (uint32_t i = 0; c->program && i < c->program->nprompts; i++)
			lengths[i] = length_of(c->program, i);
		struct dd_campaign_check_options options = {
		        .prompt_ms = lengths, .choices = choice, .nchoices = choice != NULL};
		dd_campaign_check(c, &options, &diags);
	}
	dd_diags_text(&diags, text, false);
	for (size_t i = 0; i < diags.n; i++)
		dd_buf_format(codes, "%s%s", i ? " " : "", diags.items[i].code);
	dd_campaign_free(c);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static void find(const char *path, const char *want)
{
	struct dd_buf text = {0}, codes = {0};
	look(path, NULL, &text, &codes);
	if (strcmp(codes.p ? codes.p : "", want) != 0)
		fail_msg("%s: wanted \"%s\", found \"%s\"\n%s", path, want, codes.p ? codes.p : "",
		        text.p ? text.p : "");
	dd_buf_free(&text);
	dd_buf_free(&codes);
}

static void each_rule_is_broken_by_its_campaign_alone(void **state)
{
	(void)state;
	char path[256];
	for (size_t i = 0; i < DD_CAMPAIGN_RULES.n; i++) {
		const struct dd_rule *rule = &DD_CAMPAIGN_RULES.list[i];
		(void)snprintf(path, sizeof path, "tests/campaigns/rules/%s/bad.yaml", rule->name);
		find(path, rule->name);
		(void)snprintf(path, sizeof path, "tests/campaigns/rules/%s/good.yaml", rule->name);
		find(path, "");
		assert_ptr_equal(dd_rule_named(&DD_CAMPAIGN_RULES, dd_str(rule->name)), rule);
		assert_true(rule->title[0] && rule->meaning[0] && rule->origin[0]);
	}
	assert_null(dd_rule_named(&DD_CAMPAIGN_RULES, dd_str("no-such-rule")));
}

static void the_source_s_own_campaign(void **state)
{
	(void)state;
	find("tests/campaigns/good/source.json", "flow-unknown caller-id-placeholder");
}

static void severities(void **state)
{
	(void)state;
	struct dd_rule_choice choice = {
	        dd_rule_named(&DD_CAMPAIGN_RULES, dd_str("throttle-over-account")), -1};
	struct dd_buf text = {0}, codes = {0};
	look("tests/campaigns/rules/throttle-over-account/bad.yaml", &choice, &text, &codes);
	assert_null(text.p);
	choice.severity = DD_NOTE;
	look("tests/campaigns/rules/throttle-over-account/bad.yaml", &choice, &text, &codes);
	assert_non_null(strstr(text.p,
	        "bad.yaml:8:11: note[throttle-over-account]: 61 calls a minute, "
	        "and the account may make 60\n"));
	dd_buf_free(&text);
	dd_buf_free(&codes);
}

static void lines_of_the_list(void **state)
{
	(void)state;
	struct dd_buf text = {0}, codes = {0};
	look("tests/campaigns/rules/dnd-number/bad.yaml", NULL, &text, &codes);
	assert_string_equal(text.p,
	        "tests/campaigns/rules/dnd-number/contacts.csv: error[dnd-number]: line 3: "
	        "+919876543211 is on the do-not-disturb register, without consent\n");
	dd_buf_free(&text);
	dd_buf_free(&codes);
}

/* 5,000 numbers, a call and two retries, by hand: 0.4, then 1/3 of the rest, then a quarter; failed
 * calls are not made again. */
static void reckoning(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	struct dd_campaign *c =
	        dd_campaign_load("tests/campaigns/rules/list-too-long/good.yaml", NULL, &diags);
	assert_non_null(c);
	struct dd_campaign_check_options options = {.call_ms = 20000};
	struct dd_campaign_reckoning r = dd_campaign_reckon(c, &options);
	assert_true(r.calls > 4999.9 && r.calls < 5000.1);
	double missed = 0.15 * 2000 + 0.10 * 4000 + 0.75 * 30000;
	assert_true(r.line_ms > 0.4 * 28000 + 0.6 * missed - 1 &&
	        r.line_ms < 0.4 * 28000 + 0.6 * missed + 1);
	assert_true(r.needed_ms > 4999999 && r.needed_ms < 5000001); /* the account's 60 a minute */
	c->max_attempts = 3;
	c->concurrency = 10;
	r = dd_campaign_reckon(c, &options);
	double want = 5000 * (1 + 0.6 * 0.9 + 0.6 * 0.9 * 2 / 3 * 0.9);
	assert_true(r.calls > want - 0.1 && r.calls < want + 0.1);
	assert_true(r.needed_ms > r.calls * r.line_ms / 10 - 1);
	dd_campaign_free(c);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

/* Ten are shown, and how many there are. */
static void many_people(void **state)
{
	(void)state;
	struct dd_buf text = {0}, codes = {0};
	look("tests/campaigns/good/doubled.yaml", NULL, &text, &codes);
	assert_non_null(strstr(text.p,
	        "doubled.csv: warning[number-duplicate]: line 12: +919876543210 stands earlier in "
	        "the list\n"));
	assert_null(strstr(text.p, "line 13"));
	assert_non_null(strstr(text.p,
	        "doubled.yaml:2:11: warning[number-duplicate]: 29 contacts stand earlier in the "
	        "list\n"));
	dd_buf_free(&text);
	dd_buf_free(&codes);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_rule_is_broken_by_its_campaign_alone),
        cmocka_unit_test(the_source_s_own_campaign), cmocka_unit_test(severities),
        cmocka_unit_test(lines_of_the_list), cmocka_unit_test(reckoning),
        cmocka_unit_test(many_people)};

int main(int argc, char **argv)
{
	struct dd_buf text = {0}, codes = {0};
	if (argc != 2)
		return cmocka_run_group_tests(tests, NULL, NULL);
	look(argv[1], NULL, &text, &codes);
	fputs(text.p ? text.p : "", stdout);
	dd_buf_free(&text);
	dd_buf_free(&codes);
	return 0;
}
