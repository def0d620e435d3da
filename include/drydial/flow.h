/* Flows: a YAML file becomes a program that calls can run. */
#ifndef DRYDIAL_FLOW_H
#define DRYDIAL_FLOW_H

#include <drydial/base.h>

struct dd_program;
struct dd_diags;

/* Reads the flow at `path` ("-": standard input) and every flow it transfers to. NULL when there is
   an error; what was found is in `diags` (doc/diag.h), sorted. The program lives in the arena of
   `diags` and must be freed before that arena. */
struct dd_program *dd_program_load(const char *path, struct dd_diags *diags);
/* The same for a program that embeds drydial: owns all it needs. NULL when there is an error;
   `*report` (may be NULL) then is the text that drydial shows, to be given to free(). */
struct dd_program *dd_program_open(const char *path, char **report);
void dd_program_free(struct dd_program *program); /* NULL is fine */

/* The flow's name, and how many steps it has with those of the flows it transfers to. */
const char *dd_program_name(const struct dd_program *program);
size_t dd_program_steps(const struct dd_program *program);

#endif
