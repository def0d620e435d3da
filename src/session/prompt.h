/* Prompts made ready: the words of a call, and the sounds that say them. */
#ifndef DD_SESSION_PROMPT_H
#define DD_SESSION_PROMPT_H

#include <drydial/call.h>

#include "flow/program.h"
#include "port/tts.h"
#include "session/spoken.h"

struct dd_ready_part {
	struct dd_piece piece;
	struct dd_spoken text; /* what is spoken; empty for a file or a pause */
	struct dd_str file;
	bool pause;
	bool stand_in;            /* `file` is the name of a recording that is not at hand */
	size_t words_at, said_at; /* where its words begin in those of the prompt */
};

struct dd_ready {
	dd_ms ms;
	struct dd_str words; /* of all parts, joined with spaces, as they are written … */
	struct dd_str said;  /* … and as they are heard; where nothing differs the same */
	struct dd_str file;  /* when a file is all there is … */
	bool stand_in;       /* … or a stand-in: the name of one */
	struct dd_ready_part *parts;
	struct dd_piece *pieces;
	size_t nparts;
	char problem[256]; /* "": none */
	bool later;        /* a sound is not ready: it must be asked for again */
};

struct dd_prompts;
/* The program has grown. */
void dd_prompts_grow(struct dd_prompts *prompts);
struct dd_prompts *dd_prompts_new(const struct dd_program *program, struct dd_tts tts);
void dd_prompts_free(struct dd_prompts *prompts);
/* Prompt `index` with the call's values at `at`. One whose words move is good until the next one is
 * asked for. */
const struct dd_ready *dd_prompts_get(struct dd_prompts *prompts, const struct dd_call *call,
        uint32_t index, dd_ms at, uint32_t *missing, size_t *nmissing);
/* What a server gave to be played: one line a segment; a line that is a URL or ends in .wav, .mp3,
 * .ogg, .opus or .flac is audio. */
const struct dd_ready *dd_prompts_fetched(
        struct dd_prompts *prompts, const struct dd_segment *segment, struct dd_str body);
/* Whether something is heard in other words than it is written. */
bool dd_ready_differs(const struct dd_ready *ready);
/* The tone before a recording, and the ringing tone of whoever is rung (good until the next prompt
   is asked for): heard where the flow itself plays nothing. */
struct dd_piece dd_prompts_beep(struct dd_prompts *prompts, dd_ms ms);
struct dd_piece *dd_prompts_ringing(struct dd_prompts *prompts, dd_ms ms, size_t *n);
/* The words begun after `elapsed`, as they are written. */
void dd_ready_heard(const struct dd_ready *ready, dd_ms elapsed, struct dd_buf *out);
/* The same as bytes of `said`. */
size_t dd_ready_said(const struct dd_ready *ready, dd_ms elapsed);
/* The same as bytes of `words`, and where the word being said begins. */
void dd_ready_begun(const struct dd_ready *ready, dd_ms elapsed, size_t *begun, size_t *word);
/* The last moment at which no word after the first `bytes` of `words` has begun: when the next word
 * begins, or the end. */
dd_ms dd_ready_spoken(const struct dd_ready *ready, size_t bytes);
/* The same of the first `bytes` of `said`. */
dd_ms dd_ready_spoken_said(const struct dd_ready *ready, size_t bytes);
/* When each word of the prompt begins, in their order; from malloc. */
struct dd_spoken_word {
	dd_ms at;
	size_t start; /* of `words` */
};
struct dd_spoken_word *dd_ready_words(const struct dd_ready *ready, size_t *n);
/* The eSpeak NG voice of a language is found by whoever knows; the session only passes the
   program's choice on as "language" or "language+variant". */

#endif
