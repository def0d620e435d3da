/* The rules' table, and the words they read. Each rule's own flows are tried with the real voice
 * (tests/e2e/test_check.py). */
#include "../unit.h"

#include <unistd.h>

#include "check/check.h"
#include "sim/tts.h"

/* "rule rule …" of what is found, without repeats. */
static void found_in(
        const char *flow, const struct dd_rule_choice *choices, size_t nchoices, struct dd_buf *out)
{
	char path[] = "/tmp/drydial-XXXXXX";
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	int fd = mkstemp(path);
	assert_true(fd >= 0 && write(fd, flow, strlen(flow)) == (ssize_t)strlen(flow));
	close(fd);
	dd_diags_init(&diags, arena);
	struct dd_program *p = dd_program_load(path, &diags);
	unlink(path);
	if (!p) {
		struct dd_buf text = {0};
		dd_diags_text(&diags, &text, false);
		fail_msg("%s\n%s", flow, text.p);
	}
	struct dd_sim_tts *tts = dd_sim_tts_new(60, 0);
	struct dd_check_options o = {
	        .tts = dd_sim_tts_port(tts), .choices = choices, .nchoices = nchoices};
	dd_check(p, &o, &diags);
	for (size_t i = 0; i < diags.n; i++)
		if (!out->p || !strstr(out->p, diags.items[i].code))
			dd_buf_format(out, "%s%s", out->n ? " " : "", diags.items[i].code);
	dd_buf_char(out, ' ');
	out->n--;
	out->p[out->n] = '\0';
	dd_program_free(p);
	dd_sim_tts_free(tts);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
}

static void rules_are_complete(void **state)
{
	(void)state;
	for (size_t i = 0; i < DD_FLOW_RULES.n; i++) {
		const struct dd_rule *r = &DD_FLOW_RULES.list[i];
		assert_true(r->title[0] && r->meaning[0] && r->origin[0]);
		assert_ptr_equal(dd_rule_named(&DD_FLOW_RULES, dd_str(r->name)), r);
		for (const char *p = r->name; *p; p++)
			assert_true((*p >= 'a' && *p <= 'z') || *p == '-');
	}
	assert_true(DD_FLOW_RULES.n >= 57);
	assert_null(dd_rule_named(&DD_FLOW_RULES, dd_str("no-such-rule")));
}

#define TAIL \
	"status_callback: https://example.com/s\nsteps:\n  - greeting: Hello.\n  - ivr:\n" \
	"      prompt: %s\n      invalid: No.\n" \
	"      keys:\n%s      otherwise: [ greeting: Goodbye., hangup ]\n"

/* What the words of a prompt announce, in three languages. */
static void announced_keys_are_read_in_three_languages(void **state)
{
	static const struct {
		const char *prompt, *keys, *found;
	} rows[] = {
	        {"Press one for A or press the star key for B.", "1*", ""},
	        {"Press 1 to confirm, 2 to reschedule.", "12", ""},
	        {"Press 1 to confirm, 2 to reschedule.", "1", "announced-key-missing"},
	        {"How was it? 1 for excellent, 2 for good, 3 for poor.", "123", ""},
	        {"How was it? 1 for excellent, 2 for good, 3 for poor.", "12",
	                "announced-key-missing"},
	        {"Press 1, 2 or 3.", "12", "announced-key-missing"},
	        {"Press 1, 2 or 3.", "123", ""},
	        {"To confirm, press 1. To stop, press 9.", "1", "announced-key-missing"},
	        {"Press 2 to stop, press 1 to confirm.", "12", "key-order"},
	        {"To stop press 9, to confirm press 1, for a person press 0.", "190", "key-order"},
	        {"To confirm press 1, to go back press star, for a person press 0.", "1*0", ""},
	        {"Press 1 now, we have a table of 4 for dinner.", "1", ""},
	        {"For A press 1. For B press 2.", "12", ""},
	        {"For A press 1. For B press 2.", "1", "announced-key-missing"},
	        {"Dial 3 now.", "1", "announced-key-missing key-not-announced"},
	        {"Press any key, we have 24 hours and 7 days.", "1", "key-not-announced"},
	        {"Press 1. We are open from 9 to 5.", "1", ""},
	        {"पुष्टि के लिए 1 दबाएँ, या बंद करने के लिए 9 दबाएँ।", "19", ""},
	        {"पुष्टि के लिए एक दबाएँ, या बंद करने के लिए नौ दबाएँ।", "19", ""},
	        {"पुष्टि के लिए 1 दबाएँ, बंद करने के लिए 9 दबाएँ।", "1", "announced-key-missing"},
	        {"பெற 1 ஐ அழுத்தவும். நிறுத்த 9 ஐ அழுத்தவும்.", "19", ""},
	        {"பெற ஒன்றை அழுத்தவும்.", "1", ""},
	        {"பெற 1 ஐ அழுத்தவும். நிறுத்த 9 ஐ அழுத்தவும்.", "1", "announced-key-missing"},
	        {"பெற 1ஐ அழுத்தவும், நிறுத்த 9-ஐ அழுத்தவும்.", "1", "announced-key-missing"},
	        {"உறுதி செய்ய 1, மாற்ற 2 ஐ அழுத்தவும்.", "2", "announced-key-missing"},
	        {"पुष्टि के लिए १ दबाएँ।", "1", ""},
	        {"पुष्टि के लिए 1, बदलने के लिए 2 दबाएँ।", "1", "announced-key-missing"},
	        {"बदलने के लिए 2 दबाएँ, पुष्टि के लिए 1 दबाएँ।", "12", "key-order"},
	};
	(void)state;
	const struct dd_rule_choice quiet[] = {
	        {dd_rule_named(&DD_FLOW_RULES, dd_str("key-before-action")), -1},
	        {dd_rule_named(&DD_FLOW_RULES, dd_str("language-mismatch")), -1},
	        {dd_rule_named(&DD_FLOW_RULES, dd_str("unspeakable")), -1}};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct dd_buf flow = {0}, keys = {0}, found = {0};
		for (const char *k = rows[i].keys; *k; k++)
			dd_buf_format(&keys, "        \"%c\": { answer: a%d, then: [ hangup ] }\n",
			        *k, *k);
		dd_buf_format(&flow, "flow: F\n" TAIL, rows[i].prompt, keys.p);
		found_in(flow.p, quiet, 3, &found);
		if (strcmp(found.p, rows[i].found) != 0)
			fail_msg("row %zu: \"%s\" for %s", i, found.p, rows[i].prompt);
		dd_buf_free(&flow);
		dd_buf_free(&keys);
		dd_buf_free(&found);
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_complete),
        cmocka_unit_test(announced_keys_are_read_in_three_languages),
};
UNIT_MAIN(tests)
