/* Any bytes as what comes to a port that takes TLS and is a proxy: greetings, CONNECT and what
 * comes through the tunnel, absolute addresses. */
#include <stdint.h>

#include "served.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	served_once(true, data, size);
	return 0;
}
