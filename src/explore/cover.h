/* Coverage: the steps of a program and the exits out of them, and which of them calls have taken.
 */
#ifndef DD_EXPLORE_COVER_H
#define DD_EXPLORE_COVER_H

#include "flow/program.h"
#include <drydial/call.h>

enum dd_exit_kind {
	DD_EX_KEY,    /* index: into the program's keys */
	DD_EX_NUMBER, /* a number was collected */
	DD_EX_INVALID,
	DD_EX_SILENCE,
	DD_EX_TRIES,    /* used up; index 1: by a wrong key, where the flow tells it from silence */
	DD_EX_ANSWER,   /* of a server; index: an exit, or 16 + a route */
	DD_EX_BARGE_IN, /* a key ends the prompt */
	DD_EX_HANG_UP,  /* the customer hangs up while prompt `index` plays */
	DD_EX_CASE,     /* of a branch, or hours; index: a case; DD_NONE: otherwise */
	DD_EX_PARTY,    /* of a connect; index: a dd_party */
	DD_EX_RECORDED, /* of a record; index: a dd_recorded */
	DD_EX_LEAVES,   /* the customer hangs up while it rings (0), talks (1) or records (2) */
};

struct dd_way_out {
	enum dd_exit_kind kind;
	uint32_t step, index;
	struct dd_span span;
};

/* The ways out of all steps, in the order of the steps; shared by every count of the program. */
struct dd_ways {
	const struct dd_program *program;
	struct dd_way_out *list;
	uint32_t n, cap;
	uint32_t *first; /* of each step, and one more */
};
struct dd_ways *dd_ways_new(const struct dd_program *program);
void dd_ways_free(struct dd_ways *ways); /* NULL is fine */
/* "key 1", "silence", "hang-up in the hold prompt". */
void dd_way_label(const struct dd_ways *ways, uint32_t way, struct dd_buf *out);

/* How often each step and exit was met. One for each thread; add them up afterwards. */
struct dd_counts {
	const struct dd_ways *ways;
	uint32_t *steps, *exits;
	uint32_t playing, playing_step; /* the prompt that plays */
	uint32_t busy, busy_step; /* what goes on: as the index of DD_EX_LEAVES; DD_NONE: nothing */
};
struct dd_counts *dd_counts_new(const struct dd_ways *ways);
void dd_counts_free(struct dd_counts *counts);
void dd_counts_add(struct dd_counts *to, const struct dd_counts *from);
void dd_counts_take_back(struct dd_counts *from, const struct dd_counts *added);
/* What one event led to. */
void dd_counts_take(
        struct dd_counts *counts, enum dd_event_type event, const struct dd_effects *effects);

#endif
