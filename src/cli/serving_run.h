/* `drydial serve --run`: a command whose environment leads it to the stand-in. */
#ifndef DD_CLI_SERVING_RUN_H
#define DD_CLI_SERVING_RUN_H

#include <signal.h>

#include "base/text.h"

struct dd_run;

/* `command` ends in NULL and is borrowed. `*stop` becomes 1 when the command has ended. Only one
   at a time: it is told of by signals. */
struct dd_run *dd_run_new(char **command, bool pass_through, volatile sig_atomic_t *stop);
/* Readable when `*stop` has become 1. */
int dd_run_wake(const struct dd_run *run);
/* Makes the private folder with what runtimes must trust. */
enum dd_status dd_run_trust(struct dd_run *run, const char *authority, struct dd_error *err);
/* Starts the command; `port` is the server's on this machine. After an error it has ended. */
void dd_run_start(struct dd_run *run, const char *url, unsigned port, const char *credentials);
/* Waits for it, if it still runs, after asking it to end; the folder is removed. Its exit status:
   128+n after signal n, 127 when there is no such command, 126 when it cannot be run. */
int dd_run_end(struct dd_run *run);

/* -- a store of certificates for Java (serving_store.c) --------------------- */

/* All certificates of `pem` as a PKCS12 without a password; how many there are. */
size_t dd_store_write(const char *pem, size_t n, struct dd_buf *out);

#endif
