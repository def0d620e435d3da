/* Libraries that only some calls need are opened when they are needed: together they would take
   longer to load than a whole call in virtual time. A file that uses one lists its functions once:

       #define FUNCTIONS(X) X(curl_easy_init) X(curl_easy_cleanup)
       static struct { DD_LIBRARY_POINTERS(FUNCTIONS) } lib;
       … dd_library_open(names, DD_LIBRARY_SYMBOLS(FUNCTIONS)) … lib.curl_easy_init() … */
#ifndef DD_BASE_LIBRARY_H
#define DD_BASE_LIBRARY_H

#include <drydial/base.h>

struct dd_symbol {
	const char *name;
	void *to; /* the address of a function pointer */
};

#define DD_LIBRARY_POINTER(name) __typeof__(name) *name;

/* Opens the first of `names` (NULL at the end) that is there and fills in all `symbols` (name NULL
   at the end). DD_ERR_READ, with a sentence, when no library or not every symbol is there. */
enum dd_status dd_library_open(
        const char *const *names, const struct dd_symbol *symbols, struct dd_error *err);

#endif
