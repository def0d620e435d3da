/* The rules, for hosts. */
#include <drydial/check.h>

#include "check/check.h"
#include "public/inside.h"
#include "sim/tts.h"

struct look {
	const struct dd_program *program;
	const struct dd_tts *voice;
	struct dd_findings *findings;
};

static void look(void *self)
{
	struct look *l = self;
	struct lent_voice lent;
	struct dd_tts tts = lent_voice(&lent, l->voice);
	struct dd_arena *arena = dd_arena_new();
	struct dd_check_options options = {.tts = tts};
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	dd_check(l->program, &options, &diags);
	l->findings = findings_of(&diags);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	if (!l->voice)
		dd_sim_tts_free(tts.self);
}

enum dd_status dd_program_check(
        const struct dd_program *program, const struct dd_tts *voice, struct dd_findings **findings)
{
	struct look l = {.program = program, .voice = voice};
	lend_memory();
	enum dd_status status = dd_memory_apart(look, &l);
	*findings = status == DD_OK ? l.findings : NULL;
	return status;
}
