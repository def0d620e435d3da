/* A connection to somebody else, carried through: a thread each, for names are looked up and bytes
   are waited for. */
#ifndef DD_NET_RELAY_H
#define DD_NET_RELAY_H

#include "base/text.h"

enum { DD_RELAYS_MAX = 256, DD_RELAY_CONNECT_S = 15, DD_RELAY_IDLE_S = 600 };

/* Takes `client` over. `first` (its memory is taken) goes to the server before all else; `greeting`
   (static, may be NULL) goes to the client once the server is reached. */
void dd_relay(
        int client, const char *host, unsigned port, struct dd_buf *first, const char *greeting);

#endif
