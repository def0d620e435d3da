/* Addresses, by libcurl's URL parser (RFC 3986). */
#ifndef DD_NET_URL_H
#define DD_NET_URL_H

#include <drydial/base.h>

/* `relative` as it is meant in the document at `base`; from malloc. NULL when it is no address, or
 * when libcurl is not installed. Blanks and the like are percent-encoded. */
char *dd_url_join(const char *base, const char *relative);
/* "scheme://host:port", the port always given, in small letters; from malloc. NULL as above. */
char *dd_url_origin(const char *url);
/* The host alone; from malloc. NULL as above. */
char *dd_url_host(const char *url);

#endif
