/* Every call that can happen: the flow's places joined by what a customer, a server or the clock
   may do there. Calls that are at the same place with the same values are one state, so that menus
   inside loops end. */
#ifndef DD_EXPLORE_WALK_H
#define DD_EXPLORE_WALK_H

#include "flow/program.h"
#include "session/prompt.h"
#include <drydial/call.h>

enum dd_choice_kind {
	DD_CH_LISTEN, /* the prompt is heard to its end */
	DD_CH_KEY,
	DD_CH_WAIT,  /* nothing is done until the flow's own time is over */
	DD_CH_REPLY, /* a server answers */
	DD_CH_HANG_UP,
	DD_CH_PARTY, /* what comes of ringing: dd_party `reply` */
	DD_CH_PART,  /* who is talked to hangs up */
	DD_CH_SPEAK, /* the customer begins to speak to a recording … */
	DD_CH_HUSH,  /* … and has spoken */
	DD_CH_HOURS, /* the hours are open (`reply` 1) or not */
};
struct dd_choice {
	enum dd_choice_kind kind;
	char key;
	uint32_t reply; /* of REPLY: an exit (dd_exit), or 16 + a route; of HANG_UP: while it rings
	                   (0), talks (1), records (2), or DD_NONE */
	uint32_t variant; /* of REPLY: 0, or 1 + one of dd_reply_bodies() */
	uint32_t step;    /* where it was made */
	bool playing;     /* while a prompt plays */
};

struct dd_walk_edge {
	uint32_t from, to;
	struct dd_choice choice;
	dd_ms ms; /* how long it takes */
};
struct dd_walk_state {
	uint32_t first, n; /* its edges; n 0 for an end, or where the walk was stopped */
	uint32_t via; /* the edge by which it was first reached: the fewest choices; DD_NONE for the
	                 beginning */
	uint32_t step;
	uint32_t prompt; /* what plays; DD_NONE: nothing */
	bool over, listens, waits, expanded;
	bool engaged; /* somebody is rung, talked to or recorded */
	bool goal, opted_out;
	enum dd_ended_by ended_by;
};

/* A prompt as it was at its longest on any way to it. */
struct dd_played {
	dd_ms ms;                          /* -1: it was never played */
	struct dd_str words;               /* as they are written */
	struct dd_str said;                /* as they are heard; the same where nothing differs */
	const struct dd_spoken_word *list; /* when each word begins */
	size_t nlist;
	bool audible;        /* something in it makes a sound */
	bool recorded;       /* some of it is a recording, whose words nobody knows */
	const char *problem; /* why some of it is not heard; NULL: all is */
};
/* What is left of a prompt that has been made ready; texts are copied to `arena`. */
struct dd_played dd_played_of(struct dd_arena *arena, const struct dd_ready *ready);

struct dd_walk {
	const struct dd_program *program;
	struct dd_walk_state *states; /* 0: the call is answered */
	uint32_t nstates, cap_states;
	struct dd_walk_edge *edges;
	uint32_t nedges, cap_edges;
	bool complete;            /* no state was left aside */
	struct dd_played *played; /* of each prompt; NULL without a voice */
	bool *missing; /* of each part of a template: it had no value when the text was needed */
	struct dd_str *values;  /* of each slot: the longest value that a text was filled in with; p
	                           NULL: none */
	struct dd_arena *arena; /* of all that is heard */
};

struct dd_walk_options {
	const struct dd_setup *setup;
	struct dd_tts tts;   /* how long prompts are; no say: each lasts a second */
	bool hours_by_clock; /* else hours go both ways */
	bool places_only; /* values do not tell states apart: enough for finding a way to a place */
	bool interruptions; /* keys during menu prompts and hang-ups, too: they lead nowhere that
	                       later ones do not */
	uint32_t max_states;
	/* Told about every edge before it is added; NULL: nobody asks. */
	void *self;
	void (*took)(void *self, uint32_t edge, enum dd_event_type event,
	        const struct dd_effects *effects, uint32_t playing, uint32_t playing_step,
	        uint32_t leaves); /* of a hang-up: as the index of DD_EX_LEAVES; else DD_NONE */
};

struct dd_walk *dd_walk_new(
        const struct dd_program *program, const struct dd_walk_options *options);
void dd_walk_free(struct dd_walk *walk); /* NULL is fine */
/* The way out (`reply` as in dd_choice) that an answer leads to. */
uint32_t dd_way_of_stub(
        const struct dd_program *program, uint32_t step, const struct dd_stub *stub);
/* The answer that stands for a way out of a passthru (`reply` as in dd_choice): the flow's own stub
 * where one gives it. */
struct dd_stub dd_stub_for(const struct dd_program *program, uint32_t step, uint32_t reply);
/* The same of a choice, with its variant; texts live in `arena`. */
struct dd_stub dd_stub_of_choice(
        const struct dd_program *program, const struct dd_choice *choice, struct dd_arena *arena);
/* When somebody who is rung answers, is busy or fails: before the ringing is given up. */
dd_ms dd_party_ring_ms(const struct dd_connect *connect);
/* How long a customer speaks to a recording that silence ends, and one that a key ends. */
dd_ms dd_spoken_ms(const struct dd_record *record);
dd_ms dd_pressed_ms(const struct dd_record *record);
/* The choices that lead to the end of edge `edge`, the first one first; from malloc. */
uint32_t *dd_walk_way(const struct dd_walk *walk, uint32_t edge, size_t *n);

#endif
