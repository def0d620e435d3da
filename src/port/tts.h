/* The port of who speaks: hosts of the library have the same one. */
#ifndef DD_PORT_TTS_H
#define DD_PORT_TTS_H

#include <drydial/port.h>

#endif
