/* The port of who hears: hosts of the library have the same one. */
#ifndef DD_PORT_SOUND_H
#define DD_PORT_SOUND_H

#include <drydial/port.h>

#endif
