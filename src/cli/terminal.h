/* The keyboard, one key at a time, and the signals of a program that holds it. */
#ifndef DD_CLI_TERMINAL_H
#define DD_CLI_TERMINAL_H

#include <stdbool.h>

/* Keys come one by one and are not echoed; Ctrl-C still is a signal. False: standard input is no
 * terminal. It is restored at exit. */
bool dd_terminal_raw(void);
void dd_terminal_restore(void);
/* From now on Ctrl-C, SIGTERM and SIGHUP are noted and end nothing. */
void dd_terminal_watch(void);
/* The signal that came; 0: none. */
int dd_terminal_stopped(void);
/* Whether the window has another size since this was asked last; true the first time. */
bool dd_terminal_resized(void);

#endif
