#ifndef DD_BASE_NUMBER_SET_H
#define DD_BASE_NUMBER_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A set of numbers, without 0. Zero-initialise. */
struct dd_number_set {
	uint64_t *slots; /* 0: free */
	size_t n, cap;
};
bool dd_number_set_has(const struct dd_number_set *set, uint64_t number);
/* False: it was there. */
bool dd_number_set_add(struct dd_number_set *set, uint64_t number);
void dd_number_set_fini(struct dd_number_set *set);

#endif
