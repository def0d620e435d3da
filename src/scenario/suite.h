/* Scenarios: a NAME.test.yaml file becomes a suite that can be run. Like a program it cannot be
 * malformed, and many threads may run it. */
#ifndef DD_SCENARIO_SUITE_H
#define DD_SCENARIO_SUITE_H

#include <pthread.h>

#include "apps/app.h"
#include "doc/diag.h"
#include "flow/program.h"
#include "scenario/match.h"
#include "session/session.h"

enum {
	DD_ROWS_FILE_BYTES_MAX = 64 << 20,
	DD_COLUMNS_MAX = 64,
	DD_ROWS_MAX = 1000000,
	DD_COUNTS_MAX = 64
};

/* A text that is wanted: part of the words, or a regular expression where it stands between
 * slashes. */
struct dd_want {
	struct dd_str text;   /* p NULL: nothing is wanted */
	struct dd_str folded; /* where nothing is filled in */
	struct dd_regex *regex;
	bool fills; /* holds {placeholders} */
	struct dd_span span;
};

/* How long something may take: past `warn` a warning, past `fail` a failure. DD_NEVER where there
 * is no limit. */
struct dd_limits {
	dd_ms warn, fail;
	enum { DD_OF_BOTH, DD_OF_PROMPT, DD_OF_STRETCH } of;
	struct dd_span span;
};

/* ITEM(NAME, key, what it does): the items of a script. */
#define DD_ITEMS(ITEM) \
	ITEM(HEAR, "hear", "some prompt from here on holds these words") \
	ITEM(PRESS, "press", "the customer presses keys") \
	ITEM(KEYS, "keys", "keys, each item given when a menu waits") \
	ITEM(WAIT, "wait", "time passes") \
	ITEM(SMS, "sms", "a message is queued") \
	ITEM(REQUEST, "request", "a server is asked") \
	ITEM(SILENCE, "silence", "nothing is heard for this long") \
	ITEM(HANG_UP, "hang_up", "the customer hangs up") \
	ITEM(SPEAK, "speak", "the customer speaks to a recording") \
	ITEM(CONNECT, "connect", "what comes of ringing somebody") \
	ITEM(DIAL, "dial", "the same, of an application") \
	ITEM(SAY, "say", "the customer says something to a Gather") \
	ITEM(DOCUMENT, "document", "an application answers with these words") \
	ITEM(ENDED_BY, "ended_by", "the call ends this way")
enum dd_item_kind {
#define ITEM(NAME, key, summary) DD_IT_##NAME,
	DD_ITEMS(ITEM)
#undef ITEM
	        DD_ITEMS_COUNT
};

struct dd_named_want {
	struct dd_str name;
	struct dd_want want;
};

struct dd_item {
	enum dd_item_kind kind;
	struct dd_span span;
	struct dd_want text;       /* hear; the words of `during`; sms: text; request: url */
	struct dd_want keys;       /* press, keys */
	struct dd_want to, sender; /* sms */
	dd_ms after, gap;          /* press, hang_up; wait and silence: `after` */
	dd_ms first_words;         /* hear: spoken within this after the answer */
	dd_ms within;              /* hear, ended_by: so long after the item before it at most */
	struct dd_limits under;    /* hear */
	uint32_t step;             /* request, connect */
	struct dd_stub party;      /* connect */
	struct dd_str method;      /* request */
	struct dd_named_want *query;
	uint32_t nquery;
	enum dd_ended_by by;
};

struct dd_answer_want {
	uint32_t step;
	bool none; /* not answered */
	struct dd_want want;
};

struct dd_step_want {
	uint32_t step;
	struct dd_span span;
};

/* What must not occur, or occur so often. */
enum dd_counted { DD_CO_SMS, DD_CO_REQUEST, DD_CO_STEP, DD_CO_LOST_KEYS };
struct dd_count_want {
	enum dd_counted what;
	struct dd_item item; /* sms: as in a script; its text may be any */
	uint32_t step;       /* request, step; DD_NONE: any */
	long n;
	struct dd_span span;
};

struct dd_expect {
	struct dd_span span;
	int status, ended_by, goal, opted_out, heard_message; /* -1: not said */
	struct dd_span status_span, ended_by_span, goal_span, opted_out_span, heard_message_span;
	struct dd_answer_want *answers;
	uint32_t nanswers;
	struct dd_want digits;
	dd_ms duration_min, duration_max;
	struct dd_span duration_span;
	struct dd_step_want *visited, *not_visited;
	uint32_t nvisited, nnot_visited;
	struct dd_want *never;
	uint32_t nnever;
	struct dd_count_want
	        *counts; /* `count`, and what `never` says of other things than words */
	uint32_t ncounts;
	struct dd_want left_on_machine;
	struct dd_str *verbs; /* run in this order; others may stand between */
	struct dd_span *verb_spans;
	uint32_t nverbs;
	struct dd_item *anytime; /* hear, sms, request */
	uint32_t nanytime;
	struct dd_limits under;
	dd_ms first_words;
	struct dd_span first_words_span;
};

/* An answer given for the requests of a step. */
struct dd_stub_want {
	uint32_t step;
	bool once;                   /* a list: each answers one request */
	uint32_t first, n;           /* into the suite's stubs */
	struct dd_span span, *spans; /* of the whole, of each */
};

struct dd_given {
	struct dd_named_want *variables;
	uint32_t nvariables;
	enum dd_answered_by answered_by;
	struct dd_stub_want *stubs;
	uint32_t nstubs;
	int64_t at;
	bool at_given;
	struct dd_want from;
	dd_ms time_limit, ring_timeout;
	dd_ms machine_greeting;         /* 0: not said; -1: none */
	const struct dd_faults *faults; /* what goes wrong on purpose; NULL: nothing */
	uint32_t first_dial, ndials;    /* what comes of ringing, in turn: the suite's stubs */
};

/* What may be another thing in each row: "{column}" in place of a word or a duration. */
enum dd_cell {
	DD_CELL_STATUS,
	DD_CELL_ENDED_BY,
	DD_CELL_DURATION_MIN,
	DD_CELL_DURATION_MAX,
	DD_CELL_GOAL,
	DD_CELL_OPTED_OUT,
	DD_CELL_HEARD_MESSAGE,
	DD_CELL_FIRST_WORDS,
	DD_CELL_HEARD_WARN,
	DD_CELL_HEARD_FAIL,
	DD_CELL_ANSWERED_BY,
	DD_CELL_TIME_LIMIT,
	DD_CELL_RING_TIMEOUT,
	DD_CELLS_COUNT
};
#define DD_CELL_EMPTY INT64_MIN /* the row says nothing of it */

struct dd_row {
	struct dd_str *values; /* p NULL: not given */
	struct dd_span *spans; /* where each stands in the scenarios' file; NULL: in rows_file */
	uint32_t n, line;
};

struct dd_table {
	struct dd_str *names;
	uint32_t *slots; /* the variable of a column, or DD_NONE */
	uint32_t ncolumns;
	struct dd_row *rows;
	uint32_t nrows;
	const char *path;               /* of rows_file; NULL: in the scenario */
	int64_t *cells[DD_CELLS_COUNT]; /* one for each row; NULL: all rows have the same */
};

struct dd_scenario {
	struct dd_want name;
	struct dd_span span;
	uint32_t line, last_line;
	struct dd_str *tags;
	uint32_t ntags;
	struct dd_given given;
	struct dd_item *script;
	uint32_t nscript;
	struct dd_expect expect;
	struct dd_table table; /* nrows 0 and no columns: one run */
};

/* An application that the scenarios call in place of a flow. Calls take turns. */
struct dd_suite_app {
	struct dd_app_options options;
	struct dd_app *app;
	const char *start, *ready, *stop; /* a command; what is asked until it answers; a signal */
	const char **env;                 /* "NAME=VALUE" */
	size_t nenv;
	struct dd_span start_span;
	const struct dd_faults *faults; /* of all its scenarios; NULL: none */
	int log; /* what it prints, a file that is open for reading; -1: nothing */
	pthread_mutex_t turn;
	uint64_t *visits; /* of each step, of all scenarios */
	uint32_t nvisits;
};

struct dd_suite {
	struct dd_suite_app *app; /* NULL: a flow is called */
	const char *path;
	struct dd_arena *arena;
	struct dd_diags diags;
	const struct dd_source *source;
	struct dd_program *program;
	struct dd_stub *stubs; /* of all scenarios */
	struct dd_scenario *scenarios;
	uint32_t nscenarios, cap_scenarios;
	struct dd_regex **regexes;
	size_t nregexes, cap_regexes;
};

/* Never NULL; what is wrong is in its diags (errors: do not run it). */
struct dd_suite *dd_suite_load(const char *path);
/* The same from memory: `text` is copied, paths in it are relative to `path`. */
struct dd_suite *dd_suite_of_text(const char *path, struct dd_str text);
/* A flow without scenarios. */
struct dd_suite *dd_suite_of_flow(const char *path);
void dd_suite_free(struct dd_suite *suite); /* NULL is fine */

/* The step that a scenario calls `name`: its id, or line-N where it has none. DD_NONE: there is
 * none. */
uint32_t dd_step_named(const struct dd_program *program, struct dd_str name);
/* The same, to be shown; `room` holds the name of a step without id. */
const char *dd_step_name(const struct dd_program *program, uint32_t step, char room[32]);

/* Whether a step asks a server; `*answered` (may be NULL): whether the flow has answers for all
 * that it asks. */
bool dd_step_asks(const struct dd_program *program, uint32_t step, bool *answered);

#endif
