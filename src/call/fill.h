/* Filling in the placeholders of a program's texts, with the values of a call or with others. */
#ifndef DD_CALL_FILL_H
#define DD_CALL_FILL_H

#include <drydial/call.h>

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
