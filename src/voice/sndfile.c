#include "voice/sndfile.h"

#include <pthread.h>

static struct {
	struct dd_sndfile functions;
	enum dd_status status;
	struct dd_error err;
} lib;

static void open_library(void)
{
	static const char *const names[] = {"libsndfile.so.1", "libsndfile.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.functions.name},
	        DD_SNDFILE_FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	lib.status = dd_library_open(names, symbols, &lib.err);
}

const struct dd_sndfile *dd_sndfile(struct dd_error *err)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	(void)pthread_once(&once, open_library);
	if (lib.status != DD_OK)
		*err = lib.err;
	return lib.status == DD_OK ? &lib.functions : NULL;
}
