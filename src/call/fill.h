/* Filling in the placeholders of a program's texts, with the values of a call or with others. */
#ifndef DD_CALL_FILL_H
#define DD_CALL_FILL_H

#include <drydial/call.h>

/* How filled-in text is to be used: spoken, as plain text, in a URL, in a path. */
enum dd_fill_use { DD_FILL_SPEECH, DD_FILL_PLAIN, DD_FILL_URL, DD_FILL_PATH, DD_FILL_JSON };
/* Fills template `index` with the call's values at `at` into `out` (at most `cap` bytes,
   NUL-terminated). `missing` gets up to `*nmissing` slots without a value. DD_ERR_LIMIT: over 4,096
   characters or `cap`; DD_ERR_FORMAT: a value that may not stand in a path. */
enum dd_status dd_call_fill(const struct dd_call *call, uint32_t index, enum dd_fill_use use,
        dd_ms at, char *out, size_t cap, size_t *length, uint32_t *missing, size_t *nmissing);
/* The value in a slot at `at`; p NULL where there is none. `room` holds CurrentTime and is at least
 * 20 bytes. */
struct dd_str dd_call_value(const struct dd_call *call, uint32_t slot, dd_ms at, char *room);

/* The value in a slot; p NULL where there is none. */
struct dd_values {
	void *self;
	struct dd_str (*value)(void *self, uint32_t slot);
};
/* As dd_call_fill(), for the parts [from, to) of template `index` (to UINT32_MAX: to the end). */
enum dd_status dd_fill(const struct dd_program *program, uint32_t index, uint32_t from, uint32_t to,
        enum dd_fill_use use, struct dd_values values, char *out, size_t cap, size_t *length,
        uint32_t *missing, size_t *nmissing);

#endif
