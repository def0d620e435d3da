/* The loader: any bytes give diagnostics or a program. A program is then called, in virtual time,
 * by keys that the bytes decide. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check/check.h"
#include "check/fix.h"
#include "explore/paper.h"
#include "doc/yaml.h"
#include "report/diags.h"
#include "report/diff.h"
#include "report/graph.h"
#include "report/transcript.h"
#include "session/script.h"
#include "sim/tts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void dial(const struct dd_program *p, const uint8_t *data, size_t size)
{
	struct dd_sim_tts *tts = dd_sim_tts_new(1, 0);
	struct dd_session_options o = {.program = p, .tts = dd_sim_tts_port(tts), .record = true};
	struct dd_session *s = dd_session_new(&o);
	struct dd_buf out = {0};
	dd_session_start(s);
	for (size_t i = 0; i < size && i < 64 && !dd_session_over(s); i++) {
		dd_ms due = dd_session_next(s);
		if (data[i] & 1 && due != DD_NEVER)
			dd_session_advance(s, due);
		dd_session_key(s, dd_session_now(s) + data[i] % 7, "0123456789*#"[data[i] % 12]);
	}
	for (int i = 0; i < 2000 && !dd_session_over(s) && dd_session_next(s) != DD_NEVER; i++)
		dd_session_advance(s, dd_session_next(s));
	dd_session_hang_up(s, dd_session_now(s));
	struct dd_transcript t = {
	        p, dd_session_call(s), dd_session_trace(s), dd_session_outcome(s)};
	dd_transcript_text(&t, 40, true, &out);
	dd_transcript_json(&t, &out);
	dd_buf_free(&out);
	dd_session_free(s);
	dd_sim_tts_free(tts);
}

/* What looks at a flow without calling it. */
static void look(const struct dd_program *p, struct dd_diags *diags)
{
	struct dd_sim_tts *tts = dd_sim_tts_new(10, 0);
	struct dd_check_options o = {.tts = dd_sim_tts_port(tts), .max_states = 300};
	struct dd_graph g = {.program = p, .title = dd_program_name(p)};
	struct dd_setup setup = {0};
	struct dd_ways *ways = dd_ways_new(p);
	struct dd_buf out = {0};
	struct dd_explored *x = dd_explore(p, ways, &setup, o.tts, 300);
	struct dd_path shown;
	(void)dd_explore_follow(x, "1,-,7,2,9,#", &shown);
	struct dd_explore_style style = {.flow = "f", .paths = 5},
	                        show = {.flow = "f", .show = &shown};
	dd_check(p, &o, diags);
	dd_explored_text(x, &show, &out);
	dd_explored_text(x, &style, &out);
	dd_explored_json(x, &style, &out);
	dd_graph_text(&g, 60, true, &out);
	dd_graph_mermaid(&g, &out);
	dd_graph_dot(&g, &out);
	dd_graph_svg(p, NULL, 0, &out);
	dd_buf_free(&out);
	dd_explored_free(x);
	dd_ways_free(ways);
	dd_sim_tts_free(tts);
}

static struct dd_program *look_again(void *self, const char *path, const struct dd_overlay *texts,
        size_t n, struct dd_diags *diags)
{
	struct dd_check_options o = {.tts = dd_sim_tts_port(self), .max_states = 300};
	struct dd_program *p = dd_program_load_over(path, texts, n, diags);
	if (p && p->nsteps < 500)
		dd_check(p, &o, diags);
	return p;
}

/* A text that was repaired is YAML; a flow that could be called still can be. */
static void repair(const char *path, bool loads)
{
	struct dd_sim_tts *tts = dd_sim_tts_new(10, 0);
	struct dd_fixes fixes = {
	        .arena = dd_arena_new(), .look = look_again, .self = tts, .looks_max = 30};
	struct dd_buf out = {0};
	struct dd_diags diags;
	dd_diags_init(&diags, fixes.arena);
	dd_fix(&fixes, &path, 1);
	for (uint32_t i = 0; i < fixes.nfiles; i++) {
		const struct dd_fix_file *f = &fixes.files[i];
		struct dd_overlay text = {f->real, f->after};
		if (dd_str_same(f->before, f->after))
			continue;
		dd_diff_unified(f->name, f->before, f->after, loads, &out);
		if (!dd_yaml_read(
		            fixes.arena, dd_source_new(fixes.arena, f->name, f->after), &diags))
			abort();
		struct dd_program *p = dd_program_load_over(path, &text, 1, &diags);
		if (loads && !p)
			abort();
		dd_program_free(p);
	}
	dd_buf_free(&out);
	dd_fixes_fini(&fixes);
	dd_diags_fini(&diags);
	dd_arena_free(fixes.arena);
	dd_sim_tts_free(tts);
}

/* Whatever the file holds, machines get UTF-8. */
static void print(const struct dd_diags *diags, const char *path)
{
	const struct dd_diags_report report = {.diags = diags, .files = &path, .nfiles = 1};
	struct dd_buf out = {0};
	dd_diags_json(diags, &out);
	dd_diags_sarif(&report, &out);
	dd_diags_github(&report, &out);
	dd_diags_junit(&report, &out);
	if (dd_utf8_valid((struct dd_str){out.p, out.n}) != out.n)
		abort();
	dd_buf_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char path[64];
	if (!path[0])
		(void)snprintf(path, sizeof path, "/dev/shm/drydial-fuzz-%ld.yaml", (long)getpid());
	FILE *file = fopen(path, "w");
	if (!file)
		abort();
	(void)fwrite(data, 1, size, file);
	(void)fclose(file);
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	struct dd_buf out = {0};
	dd_diags_init(&diags, arena);
	struct dd_program *p = dd_program_load(path, &diags);
	dd_diags_text(&diags, &out, true);
	if (!p && diags.errors == 0)
		abort(); /* no program, and no reason why */
	if (p && p->nsteps < 2000)
		dial(p, data, size);
	if (p && p->nsteps < 500)
		look(p, &diags);
	print(&diags, path);
	if (size < 20000)
		repair(path, p != NULL);
	dd_program_free(p);
	dd_buf_free(&out);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	unlink(path);
	return 0;
}
