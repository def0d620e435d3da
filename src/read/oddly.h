/* What neither the patterns nor a voice reads as a person would: dates that are none, amounts whose
   digits are grouped like no amount, addresses that nobody can take down. */
#ifndef DD_READ_ODDLY_H
#define DD_READ_ODDLY_H

#include "read/aloud.h"

struct dd_oddity {
	struct dd_stretch at;
	const char *why;  /* "is no date" */
	const char *hint; /* what to write */
};

/* The next oddity of `text` from `*at` on, which moves behind it; false: there is none. Passed over
   is what is said in other words (`aloud`) and what is `fixed`. `language` NULL: the text goes to
   the voice as it is written. */
bool dd_oddly(const char *language, struct dd_str text, const struct dd_aloud *aloud,
        const struct dd_stretch *fixed, size_t nfixed, size_t *at, struct dd_oddity *out);

#endif
