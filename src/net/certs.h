/* Certificates made by this program: an authority, and what it signs for one server. GnuTLS, which
   libmicrohttpd speaks TLS with, is opened for it. */
#ifndef DD_NET_CERTS_H
#define DD_NET_CERTS_H

#include "base/text.h"

/* All in PEM, from malloc. The keys are secrets: they are nowhere but here. */
struct dd_certs {
	char *authority, *authority_key;
	char *server, *server_key; /* signed by the authority */
};

/* `hosts` (names and addresses) are those of the server. `authority` and its key: those of an
   earlier time; NULL: they are made. `scopes` are the only names, with all below them, for which a
   new authority may speak; addresses of this machine are allowed besides. So whoever trusts it
   trusts it with nothing else. DD_ERR_READ when the library is missing, DD_ERR_FORMAT when the
   authority cannot be used: a sentence tells why. */
enum dd_status dd_certs_make(const char *const *hosts, size_t nhosts, const char *const *scopes,
        size_t nscopes, const char *authority, const char *authority_key, struct dd_certs *out,
        struct dd_error *err);
void dd_certs_free(struct dd_certs *certs);
/* Says `text` over a session of GnuTLS, past whoever has it, and that nothing more will come. Where
   there is no room for it at once it is not said. */
void dd_tls_last_words(void *session, const char *text, size_t n);

#endif
