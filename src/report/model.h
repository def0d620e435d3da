/* What a run of scenarios came to: written by the scenario room, read by every report. */
#ifndef DD_REPORT_MODEL_H
#define DD_REPORT_MODEL_H

#include "doc/diag.h"
#include "call/trace.h"
#include "flow/program.h"
#include "sim/faults.h"

/* Something that a scenario found, at a place of its file and a moment of its call. */
struct dd_finding {
	enum dd_severity severity; /* an error fails the scenario */
	const char *code;          /* kebab-case, stable */
	const struct dd_source *source;
	struct dd_span span;
	const char *message;
	const char *expected, *actual; /* NULL, or what was wanted and what there was, words that
	                                  differ in [brackets] */
	const char *where;             /* NULL, or where that was */
	const char *hint;              /* NULL, or what to try */
	dd_ms at;                      /* of the call; -1: none */
	uint32_t step;                 /* where the call stood; DD_NONE: nowhere */
	size_t event;                  /* of the trace: what is told from here on */
	const char *fix;               /* NULL, or the text that makes it pass … */
	struct dd_span fix_span;       /* … and where it stands */
	bool fix_fills;                /* its {braces} name columns and values */
};

enum dd_verdict { DD_PASSED, DD_FAILED, DD_SKIPPED };

/* A stretch of a call's sound: `sound` into the report's sounds, cut at `until`. */
struct dd_heard {
	dd_ms at, until;
	uint32_t sound;
};
/* A prompt as heard over the line: ITU-T G.711 A-law, 8,000 bytes a second. */
struct dd_alaw {
	const unsigned char *bytes;
	size_t n;
};

/* One scenario, or one row of one. */
struct dd_result {
	const char *suite; /* the file */
	const char *name;  /* with the row */
	uint32_t line;     /* of the scenario */
	uint32_t row;      /* 1-based; 0: none */
	enum dd_verdict verdict;
	const struct dd_program *program;
	struct dd_finding *findings;
	size_t nfindings, cap_findings;
	unsigned warnings;
	dd_ms call_ms; /* how long the call lasted, in its own time */
	bool kept;     /* trace and outcome are there */
	struct dd_trace trace;
	struct dd_outcome outcome;
	uint32_t *path; /* the steps begun, in order, where the trace is kept */
	size_t npath, cap_path;
	struct dd_heard *heard; /* what sounded; nobody listened: nheard 0 */
	size_t nheard, cap_heard;
	const char *variables;   /* NULL, or "name=Rahul, time=5 PM" */
	const char *replay;      /* NULL, or the command that plays it with sound */
	const char *recording;   /* NULL, or the WAV file of it */
	const char *printed;     /* NULL, or what the application that failed printed meanwhile */
	struct dd_struck struck; /* the fault on purpose, of an application */
	unsigned points[DD_AT_COUNT]; /* how often it came to where one may strike */
	struct dd_arena *arena;       /* of its texts; NULL: none */
};

/* The finding that failed it, or the first. NULL: there is none. */
static inline const struct dd_finding *dd_result_fault(const struct dd_result *result)
{
	for (size_t i = 0; i < result->nfindings; i++)
		if (result->findings[i].severity == DD_ERROR)
			return &result->findings[i];
	return result->nfindings ? result->findings : NULL;
}

/* How far the scenarios reach into one flow. */
struct dd_cover_exit {
	const char *label;   /* "key 1", "silence" */
	uint32_t step, line; /* of the program; of the file */
	struct dd_span span;
	uint64_t hits;
};
struct dd_flow_cover {
	const char *path;
	const struct dd_program *program;
	uint16_t flow;
	uint32_t *steps; /* indices into the program */
	uint64_t *step_hits;
	uint32_t nsteps, steps_hit;
	struct dd_cover_exit *exits;
	uint32_t nexits, exits_hit;
};

/* A change to a flow that no scenario noticed. */
struct dd_survivor {
	const char *path;
	const struct dd_source *source;
	struct dd_span span;
	uint32_t line;
	const char *what; /* "keys 1 and 2 swapped" */
	const char *hint; /* NULL, or a scenario that would notice */
};

struct dd_test_report {
	struct dd_result *results;
	size_t n;
	size_t passed, failed, skipped, warnings, broken; /* broken: files that cannot be run */
	struct dd_alaw *sounds;
	size_t nsounds, cap_sounds;
	struct dd_flow_cover *covers;
	size_t ncovers;
	bool mutated;
	size_t mutants, noticed;
	struct dd_survivor *survivors;
	size_t nsurvivors;
};

#endif
