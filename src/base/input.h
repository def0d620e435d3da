/* Opening what is to be read. */
#ifndef DD_BASE_INPUT_H
#define DD_BASE_INPUT_H

#include <drydial/base.h>

/* A file, or a pipe (process substitution), to be read: a descriptor of the caller's. -1, with a
   reason in `err` (may be NULL), when there is none, or when it is a folder or a device, which may
   go on for ever. A FIFO without a writer reads as empty. */
int dd_input_open(const char *name, struct dd_error *err);

/* Whether this thread could not open something since this was asked last because no descriptors are
   left: nothing is known of the file then. dd_input_failed() tells of an open elsewhere, by
   errno. */
bool dd_input_starved(void);
void dd_input_failed(void);

/* A command that writes files must not write over what it reads. dd_inputs_remember(): from now on
   what is opened here, and told to dd_input_note(), is remembered (the first 4,096 files);
   dd_input_is() tells whether `path` is one of them, by whatever name. */
void dd_inputs_remember(void);
void dd_input_note(int fd);
bool dd_input_is(const char *path);

#endif
