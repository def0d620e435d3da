/* Two texts as a unified diff, such as `diff -u` writes and `patch -p0` and `git apply -p0` read.
 */
#ifndef DD_REPORT_DIFF_H
#define DD_REPORT_DIFF_H

#include "base/text.h"

/* Appends nothing when the texts are the same. With `colour` what a terminal would obey is made
 * harmless, and the result is for eyes alone. */
void dd_diff_unified(const char *name, struct dd_str before, struct dd_str after, bool colour,
        struct dd_buf *out);

#endif
