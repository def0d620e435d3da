/* An exploration for people and for machines. */
#include "explore/paper.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "explore/show.h"

static const char *const ENDS[] = {
        "?", "flow", "customer", "dropped", "time-limit", "runaway", "not-answered"};

static void where(const struct dd_program *p, uint32_t step, struct dd_buf *out)
{
	if (step == DD_NONE) {
		dd_buf_str(out, "at the start");
		return;
	}
	const struct dd_step *s = &p->steps[step];
	dd_buf_format(out, "line %u %s", s->line, dd_step_kind(s));
	if (s->id)
		dd_buf_format(out, " %s", s->id);
}

static void label(struct dd_buf *out, const char *text)
{
	dd_buf_format(out, "  %-12s", text);
}

static void path_line(const struct dd_explored *x, const struct dd_path *p, struct dd_buf *out)
{
	char at[24];
	struct dd_buf args = {0};
	dd_offset_text(p->ms, at);
	dd_path_arguments(x, p, &args);
	dd_buf_format(out, "%8s  %-10s ", at, ENDS[p->ended_by]);
	dd_buf_screen(out, args.n ? (struct dd_str){args.p, args.n} : dd_str("(nothing pressed)"));
	dd_buf_free(&args);
}

/* So many choices are written for all endings together: in a flow of thousands of menus each of its
 * thousands of endings is thousands of choices away. */
enum { CHOICES_MAX = 1000000 };

static bool has_room(size_t *written, const struct dd_ending *e)
{
	bool fits = e->choices <= CHOICES_MAX && *written <= CHOICES_MAX - e->choices;
	*written += fits ? e->choices : 0;
	return fits;
}

static void ending_line(
        const struct dd_explored *x, const struct dd_ending *e, size_t *written, struct dd_buf *out)
{
	char at[24];
	if (has_room(written, e)) {
		struct dd_path p = dd_explore_ending(x, e);
		path_line(x, &p, out);
		dd_free(p.edges);
		return;
	}
	dd_offset_text(e->ms, at);
	dd_buf_format(out, "%8s  %-10s (%zu choices)", at, ENDS[e->ended_by], e->choices);
}

static void endings(
        const struct dd_explored *x, const struct dd_explore_style *style, struct dd_buf *out)
{
	size_t written = 0;
	dd_buf_str(out, "\nhow calls end\n");
	for (size_t i = 0; i < x->nendings; i++) {
		const struct dd_ending *e = &x->endings[i];
		bool bad = e->ended_by != DD_ENDED_FLOW;
		dd_buf_str(out, "  ");
		dd_buf_str(out, bad && style->colour ? "\033[31m" : "");
		ending_line(x, e, &written, out);
		dd_buf_str(out, bad && style->colour ? "\033[0m" : "");
		dd_buf_str(out, "  after ");
		where(x->program, e->step, out);
		dd_buf_char(out, '\n');
	}
}

struct listing {
	const struct dd_explored *x;
	struct dd_buf *out;
	json_t *list;
	uint32_t left;
};

static bool list_text(void *self, const struct dd_path *p)
{
	struct listing *l = self;
	if (l->left == 0)
		return false;
	l->left--;
	dd_buf_str(l->out, "  ");
	path_line(l->x, p, l->out);
	dd_buf_char(l->out, '\n');
	return l->left > 0;
}

static void never(const struct dd_explored *x, struct dd_buf *out)
{
	const struct dd_ways *ways = x->seen->ways;
	bool any = false;
	if (!x->walk->complete) /* nobody knows what the rest of the walk would have met */
		return;
	for (uint32_t i = 0; i < x->program->nsteps; i++) {
		if (x->seen->steps[i] == 0) {
			label(out, any ? "" : "unreachable");
			where(x->program, i, out);
			dd_buf_char(out, '\n');
			any = true;
		}
	}
	any = false;
	for (uint32_t i = 0; i < ways->n; i++) {
		const struct dd_way_out *w = &ways->list[i];
		if (x->seen->exits[i] || x->seen->steps[w->step] == 0 || w->kind == DD_EX_HANG_UP ||
		        w->kind == DD_EX_LEAVES || w->kind == DD_EX_BARGE_IN)
			continue;
		label(out, any ? "" : "never taken");
		where(x->program, w->step, out);
		dd_buf_str(out, ": ");
		dd_way_label(ways, i, out);
		dd_buf_char(out, '\n');
		any = true;
	}
}

static void loops(
        const struct dd_explored *x, const struct dd_explore_style *style, struct dd_buf *out)
{
	for (size_t i = 0; i < x->nloops; i++) {
		const struct dd_loop *l = &x->loops[i];
		label(out, i ? "" : "loops");
		const char *paint =
		        style->colour && (l->silent || l->failing || l->no_exit) ? "\033[31m" : "";
		dd_buf_str(out, paint);
		for (size_t k = 0; k < l->nsteps && k < 8; k++)
			dd_buf_format(out, "%s%u",
			        k                        ? ", "
			                : l->nsteps == 1 ? "line "
			                                 : "lines ",
			        l->steps[k] == DD_NONE ? 0 : x->program->steps[l->steps[k]].line);
		dd_buf_str(out, l->nsteps > 8 ? ", …" : "");
		dd_buf_str(out,
		        l->no_exit                     ? ": no way out"
		                : l->silent            ? ": goes round by itself"
		                : l->failing           ? ": goes round while the server fails"
		                : l->server != DD_NONE ? ": as a server answers"
		                                       : ": by the customer's choice");
		dd_buf_str(out, *paint ? "\033[0m\n" : "\n");
	}
}

void dd_explored_text(
        const struct dd_explored *x, const struct dd_explore_style *style, struct dd_buf *out)
{
	char at[24];
	if (style->show) {
		dd_explored_show(x, style->show, style->columns, out);
		return;
	}
	dd_buf_screen(out, dd_str(style->flow));
	dd_buf_format(out, ": %u states, ", x->walk->nstates);
	dd_buf_format(out, x->paths == UINT64_MAX ? "over 10^19 paths" : "%llu path%s",
	        (unsigned long long)x->paths, x->paths == 1 ? "" : "s");
	dd_buf_str(
	        out, x->walk->complete ? "\n" : ", NOT COMPLETE: more states than --max-states\n");
	endings(x, style, out);
	dd_buf_char(out, '\n');
	if (x->shortest.ended_by) {
		label(out, "shortest");
		path_line(x, &x->shortest, out);
		dd_buf_char(out, '\n');
		label(out, "longest");
		path_line(x, &x->longest, out);
		dd_buf_str(out, x->nloops ? "  (loops once)\n" : "\n");
	}
	if (x->silent.ended_by) {
		label(out, "silent");
		path_line(x, &x->silent, out);
		dd_buf_char(out, '\n');
	}
	if (x->deaf_step != DD_NONE) {
		dd_offset_text(x->deaf_ms, at);
		label(out, "no chance");
		dd_buf_format(out, "%8s  to press a key, from ", at);
		where(x->program, x->deaf_step, out);
		dd_buf_str(out, " on\n");
	}
	never(x, out);
	loops(x, style, out);
	if (style->paths) {
		struct listing l = {.x = x, .out = out, .left = style->paths};
		dd_buf_str(out, "\npaths\n");
		dd_explore_paths(x, list_text, &l);
	}
}

/* -- JSON ------------------------------------------------------------------- */

static json_t *json_place(const struct dd_program *p, uint32_t step)
{
	if (step == DD_NONE)
		return json_null();
	json_t *o = json_object();
	json_object_set_new(o, "file", dd_json_text(dd_str(p->flows[p->steps[step].flow].path)));
	json_object_set_new(o, "line", json_integer(p->steps[step].line));
	json_object_set_new(
	        o, "step", p->steps[step].id ? json_string(p->steps[step].id) : json_null());
	json_object_set_new(o, "applet", json_string(dd_applet_name(p->steps[step].applet)));
	return o;
}

static json_t *path(const struct dd_explored *x, const struct dd_path *p)
{
	struct dd_buf args = {0};
	json_t *o = json_object();
	dd_path_arguments(x, p, &args);
	json_object_set_new(o, "ended_by", json_string(ENDS[p->ended_by]));
	json_object_set_new(o, "duration_ms", json_integer(p->ms));
	json_object_set_new(o, "choices", json_integer((json_int_t)p->n));
	json_object_set_new(
	        o, "arguments", dd_json_text((struct dd_str){args.p ? args.p : "", args.n}));
	json_object_set_new(o, "last", json_place(x->program, p->step));
	dd_buf_free(&args);
	return o;
}

static json_t *ending_json(const struct dd_explored *x, const struct dd_ending *e, size_t *written)
{
	if (has_room(written, e)) {
		struct dd_path p = dd_explore_ending(x, e);
		json_t *o = path(x, &p);
		dd_free(p.edges);
		return o;
	}
	json_t *o = json_object();
	json_object_set_new(o, "ended_by", json_string(ENDS[e->ended_by]));
	json_object_set_new(o, "duration_ms", json_integer(e->ms));
	json_object_set_new(o, "choices", json_integer((json_int_t)e->choices));
	json_object_set_new(o, "arguments", json_null());
	json_object_set_new(o, "last", json_place(x->program, e->step));
	return o;
}

static bool list_json(void *self, const struct dd_path *p)
{
	struct listing *l = self;
	if (l->left == 0)
		return false;
	l->left--;
	json_array_append_new(l->list, path(l->x, p));
	return l->left > 0;
}

void dd_explored_json(
        const struct dd_explored *x, const struct dd_explore_style *style, struct dd_buf *out)
{
	const struct dd_ways *ways = x->seen->ways;
	json_t *root = json_object(), *ends = json_array(), *unreachable = json_array(),
	       *untaken = json_array(), *rounds = json_array(), *paths = json_array();
	size_t written = 0;
	json_object_set_new(root, "flow", dd_json_text(dd_str(style->flow)));
	json_object_set_new(root, "complete", json_boolean(x->walk->complete));
	json_object_set_new(root, "states", json_integer(x->walk->nstates));
	json_object_set_new(root, "choices", json_integer(x->walk->nedges));
	json_object_set_new(root, "paths_total",
	        x->paths > INT64_MAX ? json_null() : json_integer((json_int_t)x->paths));
	for (size_t i = 0; i < x->nendings; i++)
		json_array_append_new(ends, ending_json(x, &x->endings[i], &written));
	json_object_set_new(root, "endings", ends);
	json_object_set_new(
	        root, "shortest", x->shortest.ended_by ? path(x, &x->shortest) : json_null());
	json_object_set_new(
	        root, "longest", x->longest.ended_by ? path(x, &x->longest) : json_null());
	json_object_set_new(root, "silent", x->silent.ended_by ? path(x, &x->silent) : json_null());
	json_object_set_new(root, "no_chance_ms", json_integer(x->deaf_ms));
	json_object_set_new(root, "no_chance_from", json_place(x->program, x->deaf_step));
	for (uint32_t i = 0; i < x->program->nsteps && x->walk->complete; i++)
		if (x->seen->steps[i] == 0)
			json_array_append_new(unreachable, json_place(x->program, i));
	json_object_set_new(root, "unreachable", unreachable);
	for (uint32_t i = 0; i < ways->n && x->walk->complete; i++) {
		const struct dd_way_out *w = &ways->list[i];
		struct dd_buf text = {0};
		if (x->seen->exits[i] || x->seen->steps[w->step] == 0 || w->kind == DD_EX_HANG_UP ||
		        w->kind == DD_EX_LEAVES || w->kind == DD_EX_BARGE_IN)
			continue;
		dd_way_label(ways, i, &text);
		json_t *o = json_place(x->program, w->step);
		json_object_set_new(o, "exit", dd_json_text((struct dd_str){text.p, text.n}));
		json_array_append_new(untaken, o);
		dd_buf_free(&text);
	}
	json_object_set_new(root, "never_taken", untaken);
	for (size_t i = 0; i < x->nloops; i++) {
		json_t *o = json_object(), *steps = json_array();
		for (size_t k = 0; k < x->loops[i].nsteps; k++)
			json_array_append_new(steps, json_place(x->program, x->loops[i].steps[k]));
		json_object_set_new(o, "steps", steps);
		json_object_set_new(o, "by_itself", json_boolean(x->loops[i].silent));
		json_object_set_new(o, "while_server_fails", json_boolean(x->loops[i].failing));
		json_object_set_new(o, "no_way_out", json_boolean(x->loops[i].no_exit));
		json_array_append_new(rounds, o);
	}
	json_object_set_new(root, "loops", rounds);
	struct listing l = {.x = x, .list = paths, .left = style->paths};
	if (style->paths)
		dd_explore_paths(x, list_json, &l);
	json_object_set_new(root, "paths", paths);
	if (style->show) {
		json_t *shown = path(x, style->show);
		json_object_set_new(shown, "steps", dd_explored_show_json(x, style->show));
		json_object_set_new(root, "shown", shown);
	}
	dd_json_print(root, JSON_INDENT(2), out);
}
