/* Any bytes as what a client sends to a server. */
#include <stdint.h>

#include "served.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	served_once(false, data, size);
	return 0;
}
