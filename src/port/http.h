/* The port of who asks servers: hosts of the library have the same one. */
#ifndef DD_PORT_HTTP_H
#define DD_PORT_HTTP_H

#include <drydial/port.h>

#endif
