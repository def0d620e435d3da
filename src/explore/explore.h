/* What a walk over all calls comes to: how they end, how long they last, where a customer is stuck
 * or the line goes dead. */
#ifndef DD_EXPLORE_EXPLORE_H
#define DD_EXPLORE_EXPLORE_H

#include "explore/cover.h"
#include "explore/walk.h"

/* A call from its answer to its end: edges of the walk. */
struct dd_path {
	uint32_t *edges;
	size_t n;
	dd_ms ms;
	enum dd_ended_by ended_by;
	uint32_t step; /* where it ended */
};

/* Calls that end at one step in one way. */
struct dd_ending {
	enum dd_ended_by ended_by;
	uint32_t step;
	uint32_t states;
	/* of the fewest choices: the edge that ends it, its choices and its length. The path itself
	   is made by dd_explore_ending(): that of each takes much memory where there are many. */
	uint32_t edge;
	size_t choices;
	dd_ms ms;
};

/* Steps between which a call can go round for ever. */
struct dd_loop {
	uint32_t *steps;
	size_t nsteps;
	bool silent;     /* it goes round by itself, with nobody pressing a key */
	bool failing;    /* else: it goes round while a server fails */
	uint32_t server; /* the step that asks a server on that way; DD_NONE: none does */
	bool no_exit;    /* no choice leads out of it to an end of the flow's own */
};

struct dd_explored {
	const struct dd_program *program;
	struct dd_walk *walk;
	struct dd_counts *
	        seen; /* what any call meets; hang-ups and keys during menu prompts are not tried */
	uint64_t paths; /* loops gone round at most once; UINT64_MAX: that many or more */
	struct dd_ending *endings;
	size_t nendings, cap_endings;
	struct dd_path shortest, longest; /* in time */
	struct dd_path silent; /* nobody presses a key and servers are as slow as they can be: the
	                          longest such call */
	dd_ms deaf_ms;         /* the longest stretch without a chance to press a key … */
	uint32_t deaf_step;    /* … and where it begins */
	struct dd_loop *loops;
	size_t nloops, cap_loops;
	struct dd_arena *arena;
};

/* A value for each variable that has no example and is not given, so that its prompts have some
 * length. The arrays are made anew in `arena`. */
void dd_setup_complete(
        const struct dd_program *program, struct dd_arena *arena, struct dd_setup *setup);

struct dd_explored *dd_explore(const struct dd_program *program, const struct dd_ways *ways,
        const struct dd_setup *setup, struct dd_tts tts, uint32_t max_states);
void dd_explored_free(struct dd_explored *explored); /* NULL is fine */
/* The path of an ending; free its edges. */
struct dd_path dd_explore_ending(
        const struct dd_explored *explored, const struct dd_ending *ending);

/* Calls `each` for every path, those of earlier choices first, loops gone round at most once, until
   it returns false. The path is borrowed for the call. */
void dd_explore_paths(const struct dd_explored *explored,
        bool (*each)(void *self, const struct dd_path *path), void *self);

/* The call in which menus are given these keys (as dd_script takes them: "2,-,4321#"), and servers
   answer as the flow's own stubs do. False: it was over before all were pressed. The path lives as
   long as `explored`. */
bool dd_explore_follow(const struct dd_explored *explored, const char *keys, struct dd_path *out);

/* The arguments with which drydial call repeats the path: --keys or --press, and --reply for what
 * servers answer. */
void dd_path_arguments(
        const struct dd_explored *explored, const struct dd_path *path, struct dd_buf *out);
/* An instant, from `starts` on, at which the hours are as the choices have them. False: they have
 * no hours, or there is none. */
bool dd_path_moment(const struct dd_program *program, const struct dd_choice *choices, size_t n,
        int64_t starts, int64_t *moment);
/* The name of an answer: "200", "302", "error", "timeout", or a route's text. */
struct dd_str dd_reply_name(const struct dd_program *program, uint32_t step, uint32_t reply);

#endif
