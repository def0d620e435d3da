/* A call inside a program of yours: a flow from a string, keys, what was said, why it ended.

       cc embed.c $(pkg-config --cflags --libs drydial) -o embed && ./embed */
#include <drydial/run.h>

#include <stdio.h>
#include <string.h>

static const char FLOW[] =
        "flow: Reminder\n"
        "variables: { name: Asha }\n"
        "steps:\n"
        "  - greeting: Hello {name}, your appointment is tomorrow at 3 PM.\n"
        "  - id: choice\n"
        "    ivr:\n"
        "      prompt: Press 1 to confirm, or press 2 to reschedule.\n"
        "      keys:\n"
        "        1: { answer: confirmed, then: [greeting: Thank you., hangup] }\n"
        "        2: { answer: later, then: [greeting: We will call you., hangup] }\n"
        "      otherwise: [hangup]\n";

int main(void)
{
	struct dd_findings *findings;
	struct dd_program *program =
	        dd_program_text("reminder.yaml", FLOW, strlen(FLOW), &findings);
	if (!program) {
		fputs(findings ? dd_findings_text(findings) : "out of memory\n", stderr);
		return 1;
	}
	struct dd_run *run = dd_run_new(program);
	if (!run || dd_run_set(run, "name", "Rahul") || dd_run_keys(run, "2") || dd_run_finish(run))
		return 1;
	for (size_t i = 0; i < dd_run_events(run); i++)
		if (strcmp(dd_run_event_type(run, i), "prompt") == 0)
			printf("%6lld ms  %s\n", (long long)dd_run_event_at(run, i),
			        dd_run_event_text(run, i));
	printf("ended by %s\n", dd_ended_by_name(dd_run_ended_by(run)));
	dd_run_free(run);
	dd_program_free(program);
	dd_findings_free(findings);
	return 0;
}
