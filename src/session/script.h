/* Keys decided beforehand: `--keys 2,-,4321#`. An item is given when a menu's prompt has ended; "-"
 * lets that wait run out. */
#ifndef DD_SESSION_SCRIPT_H
#define DD_SESSION_SCRIPT_H

#include "session/session.h"

/* Between two keys of one item. */
enum { DD_KEY_GAP_MS = 200 };

struct dd_script {
	const char *rest;  /* the items not yet given */
	const char *item;  /* what of the item at hand is still to be pressed … */
	dd_ms at;          /* … and when its next key is */
	unsigned waits;    /* waits that have had their item */
	const char *fixed; /* keys at offsets that are still to come: "2600:2,5000:h" */
};

/* NULL, or a sentence about what is wrong in `text`. */
const char *dd_script_check(const char *text);
/* `text` may be NULL: no keys. */
void dd_script_init(struct dd_script *script, const char *text);
/* The same for `--press 2600:2,5000:h`: keys (and h, a hang-up) at milliseconds after the answer,
 * never falling. */
const char *dd_script_check_fixed(const char *text);
void dd_script_init_fixed(struct dd_script *script, const char *text);
/* Looks at the session after it advanced; then when the next key is pressed, or DD_NEVER. */
dd_ms dd_script_next(struct dd_script *script, const struct dd_session *session);
/* Presses the key that is due. */
void dd_script_press(struct dd_script *script, struct dd_session *session);

/* When something happens next: a key of the script (`*presses`), or whatever the session does by
 * itself, which comes first of the two at one moment. DD_NEVER: nothing. */
dd_ms dd_script_moment(struct dd_script *script, const struct dd_session *session, bool *presses);
/* Lets it happen, if it does by `until`. False: nothing did, or the call is over. */
bool dd_script_step(struct dd_script *script, struct dd_session *session, dd_ms until);
/* Runs a started call to its end in virtual time. */
void dd_script_run(struct dd_script *script, struct dd_session *session);

#endif
