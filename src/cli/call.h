/* drydial call: its options, and its parts. */
#ifndef DD_CLI_CALL_H
#define DD_CLI_CALL_H

#include "cli/cli.h"
#include "cli/app.h"
#include "cli/command.h"
#include "net/curl.h"
#include "report/transcript.h"
#include "session/script.h"
#include "voice/line.h"

enum { DD_HOSTS_MAX = 32, DD_REPLIES_MAX = 32, DD_SPEECHES_MAX = 64 };

struct dd_call_options {
	const char *flow, *from, *keys, *press, *record, *format, *voice, *save_scenario;
	struct dd_vars vars;
	const char *hosts[DD_HOSTS_MAX];
	const char *replies[DD_REPLIES_MAX];  /* STEP=ANSWER,… */
	const char *connects[DD_REPLIES_MAX]; /* STEP=OUTCOME,… */
	const char *speech, *greeting;        /* as they were given */
	const char *dial;                     /* as it was given */
	struct dd_stub parties[DD_REPLIES_MAX];
	size_t nparties;
	struct dd_cli_app app; /* where the operand is an application */
	bool is_app, answered_by_given;
	dd_ms speak[DD_SPEECHES_MAX], machine_greeting;
	size_t nhosts, nreplies, nconnects, nspeak;
	bool fast, live, mute, no_colour, at_given;
	enum dd_answered_by answered_by;
	enum dd_line line;
	int64_t at;
	dd_ms time_limit, ring_timeout;
	uint64_t seed;
	/* made of the above */
	struct dd_style style;
	struct dd_program *program;
	struct dd_setup setup;
	struct dd_given_stubs given[2 * DD_REPLIES_MAX]; /* replies, then outcomes */
	size_t ngiven;
	struct dd_arena *arena;
	char sid[33];
};

typedef int (*dd_call_finish_fn)(struct dd_call_options *o, struct dd_session *session);

/* Real time: keyboard, loudspeaker, screen (live.c). `ears` has room for one more. Returns the exit
 * code. */
int dd_call_live(struct dd_call_options *o, struct dd_session_options *so, struct dd_ear *ears,
        struct dd_cli_voice *voice, struct dd_curl *curl, dd_call_finish_fn finish);

/* The keys of --keys or --press. */
void dd_call_script(const struct dd_call_options *o, struct dd_script *script);

/* The command that repeats exactly this call (repeat.c). */
void dd_call_repeat(
        const struct dd_call_options *o, const struct dd_transcript *t, struct dd_buf *out);
/* The scenario that does. EXIT_FINE, or EXIT_USAGE after a message. */
int dd_call_save_scenario(const struct dd_call_options *o, const struct dd_transcript *t);

#endif
