/* What is said of a text: the one place where words become what a voice is given. Whoever speaks,
   measures or shows a prompt asks here, so that all of them mean the same words. */
#ifndef DD_SESSION_SPOKEN_H
#define DD_SESSION_SPOKEN_H

#include "call/fill.h"
#include "flow/program.h"
#include "flow/ssml.h"
#include "read/aloud.h"

/* A text that is filled in, and in it the values that are said as they stand ({code:digits}). */
struct dd_filled {
	char text[DD_TEXT_BYTES_MAX + 1];
	size_t n;
	struct dd_stretch *fixed; /* in the arena it was filled in with */
	size_t nfixed;
};
/* As dd_fill() with DD_FILL_SPEECH. In SSML, fixed values lie between marks (flow/ssml.h). */
enum dd_status dd_spoken_fill(const struct dd_program *program, uint32_t template, uint32_t from,
        uint32_t to, struct dd_values values, struct dd_arena *arena, struct dd_filled *out,
        uint32_t *missing, size_t *nmissing);
/* The same with the values of a call at `at`. */
enum dd_status dd_spoken_fill_call(const struct dd_call *call, uint32_t template, dd_ms at,
        struct dd_arena *arena, struct dd_filled *out, uint32_t *missing, size_t *nmissing);

struct dd_spoken {
	struct dd_str source; /* what the voice is given, ending in NUL */
	struct dd_str words;  /* what is written, without SSML */
	struct dd_str said;   /* what is heard; where nothing was put into other words: `words` */
	/* As in struct dd_ssml; NULL: source, words and said are one text. */
	const uint32_t *before, *behind, *heard;
	/* Of `words`: what is said in other words, and what says for itself how it is said. */
	struct dd_aloud aloud;
	const struct dd_stretch *fixed;
	size_t nfixed;
};
/* All of it lives in `arena`. False after setting `fault`: SSML that cannot be read. What would be
   longer than 4,096 characters when it is put into words is left as it is written. */
bool dd_spoken_read(struct dd_arena *arena, const struct dd_voice_choice *voice, struct dd_str text,
        bool ssml, const struct dd_stretch *fixed, size_t nfixed, struct dd_spoken *out,
        struct dd_xml_fault *fault);
/* Whether something is heard that is not what is written. */
bool dd_spoken_differs(const struct dd_spoken *spoken);

#endif
