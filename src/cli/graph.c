/* drydial graph: a flow as a picture. Graphviz lays it out as a program of its own: its licence
   forbids linking, and it sees nothing but the graph on its standard input. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "call/fill.h"
#include "cli/app.h"
#include "cli/command.h"
#include "cli/graphing.h"
#include "report/json_read.h"
#include "session/prompt.h"
#include "session/script.h"

enum { LAYOUT_SECONDS = 60 };

struct graph_options {
	const char *flow, *format, *path, *coverage;
	struct dd_vars vars;
	bool no_colour, no_findings;
	struct dd_cli_app app;
};

static int take_graph_option(void *self, int letter, char *value)
{
	struct graph_options *o = self;
	int code = dd_cli_app_take(&o->app, letter, value);
	if (code >= 0)
		return code;
	switch (letter) {
	case 'o': o->format = value; return 0;
	case 'k':
		o->path = value;
		return dd_script_check(value)
		        ? dd_usage_error("--path %s: %s", value, dd_script_check(value))
		        : 0;
	case 'c': o->coverage = value; return 0;
	case 'v': return dd_take_var(&o->vars, value);
	case 'F': o->no_findings = true; return 0;
	case 'n': o->no_colour = true; return 0;
	default: return EXIT_USAGE;
	}
}

/* -- what the picture shows ------------------------------------------------- */

struct steps {
	uint32_t *list;
	size_t n, cap;
};

static void on_effects(void *self, const struct dd_call *call, enum dd_event_type event,
        const struct dd_effects *fx)
{
	struct steps *s = self;
	(void)call, (void)event;
	for (uint32_t i = 0; i < fx->n; i++)
		if (fx->list[i].type == DD_FX_STEP && s->n < 100000)
			DD_PUSH(s->list, s->n, s->cap) = fx->list[i].step;
}

static void walk_path(const struct graph_options *o, const struct dd_program *p,
        const struct dd_setup *setup, struct dd_tts tts, struct steps *out)
{
	struct dd_watch watch = {out, on_effects};
	struct dd_session_options so = {.program = p,
	        .setup = *setup,
	        .tts = tts,
	        .watch = &watch,
	        .store = DD_STORE_BYTES};
	struct dd_session *session = dd_session_new(&so);
	struct dd_script script;
	dd_script_init(&script, o->path);
	dd_session_start(session);
	dd_script_run(&script, session);
	dd_session_free(session);
}

static uint32_t main_prompt(const struct dd_step *s)
{
	return s->applet == DD_GREETING ? s->greeting.prompt
	        : s->applet == DD_IVR   ? s->ivr.prompt
	                                : DD_NONE;
}

/* Recordings stand beside the flow of their step: in a flow that is transferred to the call does
 * not find them yet. */
static bool is_measured(const struct dd_program *p, const struct dd_step *s, uint32_t prompt)
{
	if (prompt == DD_NONE || p->prompts[prompt].moves)
		return false;
	for (uint32_t i = 0; s->flow != 0 && i < p->prompts[prompt].n; i++)
		if (p->segments[p->prompts[prompt].first + i].kind == DD_SEG_AUDIO &&
		        !p->segments[p->prompts[prompt].first + i].shown.p)
			return false;
	return true;
}

/* A text as it is known before the call: what a server or a caller will only give then keeps its
 * name, so that nobody reads a gap. */
static void known_words(const struct dd_program *p, const struct dd_call *call, uint32_t template,
        struct dd_buf *out)
{
	const struct dd_template *t = &p->templates[template];
	for (uint32_t i = 0; i < t->n; i++) {
		const struct dd_part *part = &p->parts[t->first + i];
		char room[24];
		struct dd_str value = part->text;
		if (part->slot != DD_NONE) {
			value = dd_call_value(call, part->slot, 0, room);
			if (!value.p)
				dd_buf_format(out, "{%s}", p->slots[part->slot].name);
		}
		dd_buf_add(out, value.p ? value.p : "", value.p ? value.n : 0);
	}
}

/* Words and lengths of what is known before the call. */
static void measure(const struct dd_program *p, const struct dd_call *call, struct dd_tts tts,
        struct dd_arena *arena, dd_ms *lengths, struct dd_str *words)
{
	struct dd_prompts *prompts = dd_prompts_new(p, tts);
	for (uint32_t i = 0; i < p->nsteps; i++) {
		const struct dd_step *s = &p->steps[i];
		uint32_t prompt = main_prompt(s),
		         template = s->applet == DD_SMS ? s->sms.text
		        : s->applet == DD_PASSTHRU      ? s->passthru.url
		                                        : DD_NONE;

		size_t missing = 0;
		uint32_t slots[1];
		struct dd_buf all = {0};
		lengths[i] = -1;
		for (uint32_t k = 0; prompt != DD_NONE && k < p->prompts[prompt].n; k++) {
			const struct dd_segment *g = &p->segments[p->prompts[prompt].first + k];
			if (g->kind == DD_SEG_PAUSE)
				continue;
			dd_buf_str(&all, all.n ? " " : "");
			dd_buf_str(&all, g->kind == DD_SEG_STAND_IN ? "stand-in " : "");
			if (g->shown.p)
				dd_buf_format(&all, "[%.*s]", (int)g->shown.n, g->shown.p);
			else
				known_words(p, call, g->text, &all);
		}
		if (template != DD_NONE)
			known_words(p, call, template, &all);
		words[i] = (struct dd_str){dd_arena_copy(arena, all.p ? all.p : "", all.n), all.n};
		dd_buf_free(&all);
		if (!is_measured(p, s, prompt) || dd_call_over(call))
			continue;
		missing = 0;
		lengths[i] = dd_prompts_get(prompts, call, prompt, 0, slots, &missing)->ms;
	}
	dd_prompts_free(prompts);
}

/* The lines that a report of drydial test names as missing, without an exit, are steps that were
 * not reached. */
static int read_coverage(const char *file, const struct dd_program *p, bool *unreached)
{
	struct dd_error error = {""};
	json_t *root = dd_json_load(file, &error), *flow, *gap;
	size_t i, k;
	if (!root)
		return dd_usage_error("--coverage %s", error.text);
	json_array_foreach (json_object_get(root, "coverage"), i, flow) {
		const char *path = json_string_value(json_object_get(flow, "flow"));
		char *real = path ? realpath(path, NULL) : NULL;
		json_array_foreach (json_object_get(flow, "missing"), k, gap) {
			json_int_t line = json_integer_value(json_object_get(gap, "line"));
			for (uint32_t s = 0; s < p->nsteps; s++)
				if (real && !json_object_get(gap, "exit") &&
				        (json_int_t)p->steps[s].line == line &&
				        strcmp(p->flows[p->steps[s].flow].real, real) == 0)
					unreached[s] = true;
		}
		free(real);
	}
	json_decref(root);
	return 0;
}

/* -- Graphviz --------------------------------------------------------------- */

/* Feeds `in` to a child and gathers what it prints, for a minute at the most. */
static bool converse(int to, int from, const struct dd_buf *in, struct dd_buf *out)
{
	size_t sent = 0;
	for (;;) {
		struct pollfd p[2] = {{from, POLLIN, 0}, {sent < in->n ? to : -1, POLLOUT, 0}};
		char room[65536];
		if (poll(p, 2, LAYOUT_SECONDS * 1000) <= 0)
			return false;
		if (p[1].revents) {
			ssize_t n = write(to, in->p + sent, in->n - sent);
			if (n < 0)
				return false;
			sent += (size_t)n;
			if (sent == in->n)
				close(to);
		}
		if (p[0].revents) {
			ssize_t n = read(from, room, sizeof room);
			if (n < 0)
				return false;
			if (n == 0)
				return sent == in->n;
			dd_buf_add(out, room, (size_t)n);
		}
	}
}

static int lay_out(const char *format, const struct dd_buf *dot, struct dd_buf *out)
{
	extern char **environ;
	char option[16];
	char *args[] = {"dot", option, NULL};
	int in[2], back[2], status = -1;
	pid_t pid;
	posix_spawn_file_actions_t actions;
	(void)snprintf(option, sizeof option, "-T%s", format);
	if (pipe(in) != 0 || pipe(back) != 0)
		return dd_usage_error("graph: %s", strerror(errno));
	signal(SIGPIPE, SIG_IGN);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, back[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	for (int i = 0; i < 2; i++) {
		posix_spawn_file_actions_addclose(&actions, in[i]);
		posix_spawn_file_actions_addclose(&actions, back[i]);
	}
	int failed = posix_spawnp(&pid, "dot", &actions, NULL, args, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(back[1]);
	if (failed) {
		close(in[1]);
		close(back[0]);
		return dd_usage_error("--format %s is laid out by Graphviz, which is not there: "
		                      "install graphviz, or take text, mermaid or dot",
		        format);
	}
	bool fine = converse(in[1], back[0], dot, out);
	close(back[0]);
	if (!fine)
		(void)kill(pid, SIGKILL);
	(void)waitpid(pid, &status, 0);
	if (!fine || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
		return dd_usage_error(
		        "graph: dot could not lay this flow out; take text, mermaid or dot");
	return 0;
}

/* -- the command ------------------------------------------------------------ */

static int draw(
        const struct graph_options *o, const struct dd_graph *g, const struct dd_style *style)
{
	struct dd_buf out = {0}, dot = {0};
	int code = 0;
	if (strcmp(o->format, "text") == 0) {
		dd_graph_text(g, style->columns, style->colour, &out);
	} else if (strcmp(o->format, "mermaid") == 0) {
		dd_graph_mermaid(g, &out);
	} else if (strcmp(o->format, "dot") == 0) {
		dd_graph_dot(g, &out);
	} else if (strcmp(o->format, "png") == 0 && isatty(STDOUT_FILENO)) {
		code = dd_usage_error("--format png: not to a terminal; write > FILE.png");
	} else {
		dd_graph_dot(g, &dot);
		code = lay_out(o->format, &dot, &out);
	}
	if (!code)
		dd_print(&out);
	dd_buf_free(&out);
	dd_buf_free(&dot);
	return code;
}

static int graph(const struct graph_options *o, const struct dd_program *p,
        const struct dd_style *style, struct dd_arena *arena)
{
	char sid[33];
	struct dd_setup setup = {.call_sid = sid,
	        .answered_unix_ms = DD_STARTS_UNIX_MS,
	        .names = o->vars.names,
	        .values = o->vars.values,
	        .nvariables = o->vars.n};
	struct dd_cli_voice voice = {.voice = dd_voice_new(NULL)};
	struct dd_tts tts = dd_cli_voice_port(&voice);
	struct dd_cli_warm warm = {0};
	struct steps path = {0};
	dd_ms *lengths = dd_arena_alloc(arena, (p->nsteps + 1) * sizeof *lengths);
	struct dd_str *words = dd_arena_alloc(arena, (p->nsteps + 1) * sizeof *words);
	bool *unreached = dd_arena_alloc(arena, p->nsteps + 1);
	struct dd_call *call = dd_alloc(dd_call_size(p, DD_STORE_BYTES));
	dd_session_sid(1, sid);
	dd_call_init(call, p, DD_STORE_BYTES, &setup);
	struct dd_effects fx;
	dd_call_step(call, &(struct dd_event){.type = DD_EV_ANSWERED}, &fx);
	dd_cli_warm_add(&warm, p, call);
	dd_cli_warm_say(&warm, &voice);
	measure(p, call, tts, arena, lengths, words);
	int code = o->coverage ? read_coverage(o->coverage, p, unreached) : 0;
	if (!code && o->path)
		walk_path(o, p, &setup, tts, &path);
	struct dd_graph g = {.program = p,
	        .lengths = lengths,
	        .words = words,
	        .path = path.list,
	        .npath = path.n,
	        .title = dd_program_name(p)};
	g.unreached = o->coverage ? unreached : NULL;
	if (!code && !o->no_findings)
		g.findings = dd_cli_graph_findings(p, tts, arena, &g.nfindings);
	if (!code)
		code = draw(o, &g, style);
	free(path.list);
	free(call);
	dd_voice_free(voice.voice);
	return code;
}

static int run_graph(int argc, char **argv)
{
	struct graph_options o = {.format = "text"};
	int code = dd_command_parse(&dd_command_graph, "", argc, argv, &o);
	if (code >= 0)
		return code;
	if (argc - optind != 1)
		return dd_usage_error(argc == optind
		                ? "which flow? drydial graph FLOW [options]"
		                : "one flow at a time: drydial graph FLOW [options]");
	o.flow = argv[optind];
	struct dd_style style = dd_style_of("text", o.no_colour);
	struct dd_arena *arena = dd_arena_new();
	struct dd_diags diags;
	dd_diags_init(&diags, arena);
	/* the rules of flows ask for more than documents can say; check has those that hold */
	o.no_findings |= dd_is_app(o.flow);
	struct dd_program *p;
	code = dd_cli_read(&o.app, o.flow, &diags, &style, &p);
	if (!code)
		code = graph(&o, p, &style, arena);
	dd_program_free(p);
	dd_cli_app_close(&o.app);
	dd_diags_fini(&diags);
	dd_arena_free(arena);
	return code;
}

/* -- its description -------------------------------------------------------- */

static const struct dd_option GRAPH_OPTIONS[] = {
        {'o', "format", "FORMAT", "text, svg, png, mermaid or dot; text", .value = DD_WORD,
                .words = "text svg png mermaid dot", .more = "The text is a tree."},
        {'k', "path", "2,-,4321#", "mark the call with these keys", .value = DD_TEXT},
        {'c', "coverage", "FILE.json", "shade what scenarios did not reach (test --format json)",
                .value = DD_FILE, .endings = "json"},
        DD_OPTION_VAR,
        {'F', "no-findings", NULL, "leave out what drydial check says", .value = DD_SWITCH},
        DD_CRAWL_OPTIONS, DD_OPTION_NO_COLOR};

const struct dd_command dd_command_graph = {.name = "graph",
        .operands = "FLOW",
        .brief = "draw a flow: tree, SVG, PNG, Mermaid, Graphviz",
        .summary = "Draws a flow: its steps, where each may lead, how long its prompts are, "
                   "and what the rules say of it.",
        .notes = "svg and png are laid out by Graphviz (dot).",
        .examples = "drydial graph flows/two-level-menu.yaml --path 1,2",
        .manual = "What `drydial check` finds stands at its step: ✗ an error, ! a warning, i a "
                  "note. Goals, opt-outs, endings and lines that go dead have a word or a mark "
                  "beside their colour. In pictures of more than 40 steps, ways back and ways "
                  "to a step that many lead to are named at the step that they leave.",
        .endings = "yaml yml",
        DD_OPTIONS(GRAPH_OPTIONS),
        .take = take_graph_option,
        .run = run_graph};
