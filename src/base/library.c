/* dlopen with all symbols or none. */
#include "base/library.h"

#include <dlfcn.h>
#include <string.h>

enum dd_status dd_library_open(
        const char *const *names, const struct dd_symbol *symbols, struct dd_error *err)
{
	void *library = NULL;
	for (size_t i = 0; names[i] && !library; i++)
		library = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!library)
		return dd_fail(err, DD_ERR_READ,
		        "the library %s is not installed; tools/install-deps names its package",
		        names[0]);
	for (; symbols->name; symbols++) {
		void *found = dlsym(library, symbols->name);
		if (!found)
			return dd_fail(err, DD_ERR_READ, "the library %s has no %s", names[0],
			        symbols->name);
		memcpy(symbols->to, &found, sizeof found);
	}
	return DD_OK;
}
