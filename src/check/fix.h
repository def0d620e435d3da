/* Repairs: what check finds and can be put right in one safe way. All happens in memory; who calls
 * decides what becomes of the texts. */
#ifndef DD_CHECK_FIX_H
#define DD_CHECK_FIX_H

#include "flow/program.h"

/* A file that some flow was read from; its texts live in the arena. `after` is `before` while
 * nothing was repaired. */
struct dd_fix_file {
	const char *name, *real;
	struct dd_str before, after;
	bool operand; /* named by the user, not come upon by a transfer */
	size_t repairs;
	struct dd_str readable; /* p NULL, or the text before its YAML was touched */
};

/* Loads a flow with some texts in place of files and looks at it as check does. The program lives
   in the arena of `diags`; NULL where there is none. */
typedef struct dd_program *dd_fix_look_fn(void *self, const char *path,
        const struct dd_overlay *overlays, size_t n, struct dd_diags *diags);

struct dd_fixes {
	struct dd_arena *arena;
	dd_fix_look_fn *look;
	void *self;
	size_t looks_max; /* how often a flow may be looked at; 0: 300 */
	DD_ARRAY(struct dd_fix_file, files);
};

/* A text that cannot be read again, such as standard input: gives it to all looks that follow.
 * `text` must outlive the arena. */
void dd_fix_give(struct dd_fixes *fixes, const char *path, struct dd_str text);
/* Repairs the flows at `paths` and what they transfer to. A repair is kept if what it repairs is
   gone and no flow of `paths` shows anything as grave that it did not show before; of a file that
   could not be read, if it then can. */
void dd_fix(struct dd_fixes *fixes, const char *const *paths, size_t n);
void dd_fixes_fini(struct dd_fixes *fixes);
/* Whether there is a repair for what goes by this code. */
bool dd_fix_knows(const char *code);

#endif
