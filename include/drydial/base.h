/* What every room speaks: time, status, borrowed text, and errors that carry a sentence. */
#ifndef DRYDIAL_BASE_H
#define DRYDIAL_BASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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
const char *dd_status_text(enum dd_status status);

/* Text that is not owned and need not end in NUL. `p` may be NULL when `n` is 0. */
struct dd_str {
	const char *p;
	size_t n;
};

/* A sentence about what went wrong, for a person; always NUL-terminated. */
struct dd_error {
	char text[512];
};

/* Fills `err` (which may be NULL) as printf does and returns `status`. */
enum dd_status dd_fail(struct dd_error *err, enum dd_status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

#endif
