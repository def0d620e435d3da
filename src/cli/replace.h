/* Files that are written whole or not at all. */
#ifndef DD_CLI_REPLACE_H
#define DD_CLI_REPLACE_H

#include <drydial/base.h>

/* Writes `text` beside `path` and then puts it in its place in one move; owner and mode stay. 0, or
 * the errno of what went wrong: then `path` is as it was. */
int dd_replace_file(const char *path, struct dd_str text);
/* Of what a command writes for its user. Each returns NULL, or why not: a phrase to stand behind
   the name.

   dd_output_open(): `*name`, good until it is kept or dropped, is where to write; it is beside
   `path`, unless that is a pipe or a device. A file that this command reads is refused, also when
   it was read later, by dd_output_keep(), which puts the whole of it in its place. At most
   DD_OUTPUTS_MAX are open at once. */
enum { DD_OUTPUTS_MAX = 4 };
const char *dd_output_open(const char *path, const char **name);
const char *dd_output_keep(const char *name);
void dd_output_drop(const char *name);
const char *dd_output_write(const char *path, struct dd_str text);

/* Takes away what was written aside and has not taken its place: for a program that ends here. */
void dd_replace_abandon(void);

#endif
