/* Files that are replaced whole or not at all. */
#ifndef DD_CLI_REPLACE_H
#define DD_CLI_REPLACE_H

#include <drydial/base.h>

/* Writes `text` beside `path` and then puts it in its place in one move; owner and mode stay. 0, or
 * the errno of what went wrong: then `path` is as it was. */
int dd_replace_file(const char *path, struct dd_str text);
/* Takes away what was written aside and has not taken its place: for a program that ends here. */
void dd_replace_abandon(void);

#endif
