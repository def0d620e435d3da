/* uthash with our memory: by itself it ends the program without a word when there is none. */
#ifndef DD_BASE_HASH_H
#define DD_BASE_HASH_H

#include "base/memory.h"

#define uthash_malloc(size)    dd_malloc(size)
#define uthash_free(p, size)   dd_free(p)
#define uthash_fatal(sentence) dd_memory_failed()
#include <uthash.h>

#endif
