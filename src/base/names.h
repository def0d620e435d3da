/* Names, each with a number: where in an array the thing of that name stands. */
#ifndef DD_BASE_NAMES_H
#define DD_BASE_NAMES_H

#include "base/arena.h"

struct dd_name {
	struct dd_str text; /* p NULL: nothing here */
	uint32_t value;
};

/* Zero-initialise; dd_names_fini() when done. Texts are borrowed. */
struct dd_names {
	struct dd_name *table;
	size_t n, cap;
};

enum { DD_NAME_NONE = UINT32_MAX };

/* A name that is there already gets the new number. */
void dd_names_add(struct dd_names *names, struct dd_str text, uint32_t value);
/* The number of a name, or DD_NAME_NONE. Takes as long with a million names as with ten. */
uint32_t dd_names_find(const struct dd_names *names, struct dd_str text);
void dd_names_fini(struct dd_names *names);

#endif
