/* libdrydial: dry-run automated phone calls from C, or from whatever calls C.

       drydial/base.h      time, status, borrowed text, the version
       drydial/flow.h      a file or a text becomes a program; its steps, prompts, keys and places
       drydial/call.h      one call as a value: an event goes in, effects come out
       drydial/port.h      what a call wants of the outside: voices, ears, servers
       drydial/run.h       a call carried out, and what came of it: transcript, JSON
       drydial/check.h     what the rules find in a program
       drydial/scenario.h  scripted calls, and what they came to

   Each header is complete alone. examples/embed.c and examples/embed.py are programs of a page.

   Whose it is. What a function named _open, _new, _text, _check or _run gives belongs to the
   caller, who gives it to the function named _free; all else that is returned is borrowed from the
   object that was asked, and good until that object is changed or freed.

   Threads. The library has no state of its own beside the last voice that a thread looked up.
   A program is never changed: any number of threads may use it at once. Every other object is for
   one thread at a time.

   Memory. No function ends its host. Where there is not enough, a function gives DD_ERR_MEMORY, or
   NULL if that is all it can say, and nothing of its work is left. An object that ran out of memory
   in the middle (a run, a voice) stays so: all that is asked of it then is DD_ERR_MEMORY, and it
   must be freed.

   Ports are called in the thread, and from inside the function, that the host called; they may ask
   anything of any object but change or free the one at work, and must return: neither an exception
   nor longjmp() may cross them. */
#ifndef DRYDIAL_BASE_H
#define DRYDIAL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Marks what the library shows; everything else in it is hidden. */
#define DD_API __attribute__((visibility("default")))

/* Milliseconds: an offset from the moment the call is answered, or a length. */
typedef int64_t dd_ms;

/* A deadline that never comes. */
#define DD_NEVER INT64_MAX

/* How a function that can fail ended. The texts are in dd_status_text(). */
enum dd_status {
	DD_OK = 0,
	DD_ERR_READ,    /* a file cannot be read or written */
	DD_ERR_FORMAT,  /* a file is not what it should be */
	DD_ERR_LIMIT,   /* a limit of the language is passed */
	DD_ERR_DEVICE,  /* no sound device, or it went away */
	DD_ERR_VOICE,   /* the voice is unknown, crashed, or took too long */
	DD_ERR_REFUSED, /* not allowed here, e.g. the network while offline */
	DD_ERR_MEMORY,  /* there was not enough memory; nothing was kept */
};

/* One English phrase for a status, never NULL. */
DD_API const char *dd_status_text(enum dd_status status);

/* The version of the library that is running, as pkg-config gives it: a static text. */
DD_API const char *dd_version(void);

/* How bad something found in a file is. */
enum dd_severity { DD_NOTE, DD_WARNING, DD_ERROR };

/* Text that is not owned and need not end in NUL. `p` may be NULL when `n` is 0. */
struct dd_str {
	const char *p;
	size_t n;
};

/* A sentence about what went wrong, for a person; always NUL-terminated. */
struct dd_error {
	char text[512];
};

/* Fills `err` (which may be NULL) as printf does and returns `status`: for those who write ports.
 */
DD_API enum dd_status dd_fail(struct dd_error *err, enum dd_status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#ifdef __cplusplus
}
#endif

#endif
