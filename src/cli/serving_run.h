/* `drydial serve --run`: a command whose environment leads it to the stand-in. */
#ifndef DD_CLI_SERVING_RUN_H
#define DD_CLI_SERVING_RUN_H

#include <signal.h>

#include "base/text.h"
#include "serve/serve.h"

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
/* What it prints goes there, in place of where ours goes. */
void dd_run_divert(struct dd_run *run, int fd);
/* Waits for it, if it still runs, after asking it to end; the folder is removed. Its exit status:
   128+n after signal n, 127 when there is no such command, 126 when it cannot be run. */
int dd_run_end(struct dd_run *run);

/* -- once with each fault (serving_sweep.c) --------------------------------- */

struct dd_sweep {
	/* Serves while the command runs, whose exit code it returns, with these faults; what the
	   command prints goes to `fd`, and the tally to dd_sweep_take(out, …). */
	int (*serve)(void *self, const char *faults, int fd, void *out);
	void *self;
};
void dd_sweep_take(void *out, const struct dd_serve_tally *tally);
/* Prints the table. 0, 1 when somebody was called more often than without a fault, or an exit code
 * after a message. */
int dd_sweep_faults(const struct dd_sweep *sweep);

/* -- a store of certificates for Java (serving_store.c) --------------------- */

/* All certificates of `pem` as a PKCS12 without a password; how many there are. */
size_t dd_store_write(const char *pem, size_t n, struct dd_buf *out);

#endif
