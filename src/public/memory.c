/* Jansson asks one allocator for the whole process. Ours gives a block to the scope that the thread
   has open, and is plain malloc() to everybody else; a host that has set one of its own keeps it.
 */
#include <jansson.h>
#include <stdlib.h>

#include "public/inside.h"

void lend_memory(void)
{
	json_malloc_t takes = NULL;
	json_free_t gives = NULL;
	json_get_alloc_funcs(&takes, &gives);
	if (takes == malloc && gives == free)
		json_set_alloc_funcs(dd_memory_lend, dd_free);
}
