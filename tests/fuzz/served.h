#ifndef DD_FUZZ_SERVED_H
#define DD_FUZZ_SERVED_H

#include <stdbool.h>
#include <stddef.h>

/* Sends the bytes over a connection of their own to the server of this process, which is started
   by the first, and lets it do what they make it do. `reached`: its port takes TLS, and is a proxy
   for the platform's hosts; all calls of a process must agree. */
void served_once(bool reached, const void *bytes, size_t n);

#endif
