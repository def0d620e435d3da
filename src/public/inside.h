/* What the files of this room share. A function of the library does its work in a scope, or in the
   region of its object (base/memory.h). */
#ifndef DD_PUBLIC_INSIDE_H
#define DD_PUBLIC_INSIDE_H

#include <drydial/port.h>

#include "base/arena.h"
#include "base/memory.h"
#include "base/text.h"
#include "doc/diag.h"

struct dd_findings;

/* To be called before anything that may ask Jansson (memory.c). */
void lend_memory(void);

/* A copy of what was found, in memory of its own: nothing of `diags` is needed any more. */
struct dd_findings *findings_of(const struct dd_diags *diags);

/* Texts in the memory of what holds them: a copy (NULL of NULL), and what was written, which frees
   the buffer. */
const char *text_copied(struct dd_arena *arena, const char *text);
const char *text_kept(struct dd_arena *arena, struct dd_buf *text);

/* A host's voice as the inside asks it. Where it has no memory the work that asks is broken off, as
   if our own had failed. */
struct lent_voice {
	struct dd_tts host;
};
/* `host` NULL: a model, which goes when its scope or region does. `lent` must outlive what asks. */
struct dd_tts lent_voice(struct lent_voice *lent, const struct dd_tts *host);

#endif
