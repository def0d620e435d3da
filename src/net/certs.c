/* X.509 by GnuTLS: elliptic keys (P-256), which are made in a millisecond and which every client of
 * the last ten years takes. The only file that includes its headers. */
#include "net/certs.h"

#include <arpa/inet.h>
#include <gnutls/crypto.h>
#include <gnutls/x509-ext.h>
#include <gnutls/x509.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/arena.h"
#include "base/library.h"

/* clang-format off */
#define FUNCTIONS(X) \
	X(gnutls_bye) X(gnutls_record_send) X(gnutls_rnd) X(gnutls_strerror) \
	X(gnutls_x509_crt_deinit) \
	X(gnutls_x509_crt_export) X(gnutls_x509_crt_get_expiration_time) \
	X(gnutls_x509_crt_get_ca_status) X(gnutls_x509_crt_get_key_id) X(gnutls_x509_crt_import) \
	X(gnutls_x509_crt_init) X(gnutls_x509_crt_set_activation_time) \
	X(gnutls_x509_crt_set_authority_key_id) X(gnutls_x509_crt_set_basic_constraints) \
	X(gnutls_x509_crt_set_dn) X(gnutls_x509_crt_set_expiration_time) \
	X(gnutls_x509_crt_set_key) X(gnutls_x509_crt_set_key_purpose_oid) \
	X(gnutls_x509_crt_set_key_usage) X(gnutls_x509_crt_set_name_constraints) \
	X(gnutls_x509_crt_set_serial) X(gnutls_x509_crt_set_subject_alt_name) \
	X(gnutls_x509_crt_set_subject_key_id) X(gnutls_x509_crt_set_version) \
	X(gnutls_x509_crt_sign2) X(gnutls_x509_name_constraints_add_permitted) \
	X(gnutls_x509_name_constraints_deinit) X(gnutls_x509_name_constraints_init) \
	X(gnutls_x509_privkey_deinit) X(gnutls_x509_privkey_export) \
	X(gnutls_x509_privkey_generate) X(gnutls_x509_privkey_get_key_id) \
	X(gnutls_x509_privkey_import) X(gnutls_x509_privkey_init)
/* clang-format on */
static struct {
	FUNCTIONS(DD_LIBRARY_POINTER)
} lib;

enum { PEM_MAX = 64 * 1024, KEY_ID_MAX = 64, SERIAL_BYTES = 16, DAY_S = 24 * 60 * 60 };
/* Clients refuse a server's certificate that holds for more than 398 days; an authority that is
   kept holds for ten years. */
enum { SERVER_DAYS = 390, AUTHORITY_DAYS = 3650 };

static enum dd_status open_library(struct dd_error *err)
{
	static const char *const names[] = {"libgnutls.so.30", "libgnutls.so", NULL};
	static const struct dd_symbol symbols[] = {
#define SYMBOL(name) {#name, &lib.name},
	        FUNCTIONS(SYMBOL)
#undef SYMBOL
	                {NULL, NULL}};
	return lib.gnutls_x509_privkey_init ? DD_OK : dd_library_open(names, symbols, err);
}

struct pair {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

static void free_pair(struct pair *p)
{
	if (p->crt)
		lib.gnutls_x509_crt_deinit(p->crt);
	if (p->key)
		lib.gnutls_x509_privkey_deinit(p->key);
}

static int init_pair(struct pair *p)
{
	int code = lib.gnutls_x509_crt_init(&p->crt);
	return code < 0 ? code : lib.gnutls_x509_privkey_init(&p->key);
}

/* What every new certificate has: a key, a number, a time. */
static int begin(struct pair *p, const char *name, int days)
{
	unsigned char serial[SERIAL_BYTES], id[KEY_ID_MAX];
	size_t n = sizeof id;
	time_t now = time(NULL);
	int code = init_pair(p);
	if (code >= 0)
		code = lib.gnutls_x509_privkey_generate(p->key, GNUTLS_PK_ECDSA,
		        GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	if (code >= 0)
		code = lib.gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial);
	serial[0] &= 0x7f; /* a number is positive */
	serial[0] |= 1;
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_version(p->crt, 3);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_serial(p->crt, serial, sizeof serial);
	/* a client's clock may be a little behind */
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_activation_time(p->crt, now - DAY_S);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_expiration_time(p->crt, now + (time_t)days * DAY_S);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_dn(p->crt, name, NULL);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_key(p->crt, p->key);
	if (code >= 0)
		code = lib.gnutls_x509_crt_get_key_id(p->crt, 0, id, &n);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_subject_key_id(p->crt, id, n);
	return code;
}

static int sign(struct pair *p, const struct pair *by)
{
	unsigned char id[KEY_ID_MAX];
	size_t n = sizeof id;
	int code = lib.gnutls_x509_crt_get_key_id(by->crt, 0, id, &n);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_authority_key_id(p->crt, id, n);
	return code < 0 ? code
	                : lib.gnutls_x509_crt_sign2(p->crt, by->crt, by->key, GNUTLS_DIG_SHA256, 0);
}

/* -- the authority ---------------------------------------------------------- */

static int permit(gnutls_x509_name_constraints_t to, gnutls_x509_subject_alt_name_t kind,
        const void *bytes, size_t n)
{
	unsigned char copy[256];
	if (n > sizeof copy)
		return GNUTLS_E_INVALID_REQUEST;
	memcpy(copy, bytes, n);
	const gnutls_datum_t name = {copy, (unsigned)n};
	return lib.gnutls_x509_name_constraints_add_permitted(to, kind, &name);
}

static int constrain(gnutls_x509_crt_t crt, const char *const *scopes, size_t nscopes)
{
	/* an address and its mask: 127.0.0.0/8 and ::1 */
	static const unsigned char four[8] = {127, 0, 0, 0, 255, 0, 0, 0};
	static const unsigned char six[32] = {[15] = 1,
	        [16] = 255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255,
	        255};
	gnutls_x509_name_constraints_t to;
	int code = lib.gnutls_x509_name_constraints_init(&to);
	if (code < 0)
		return code;
	for (size_t i = 0; i < nscopes && code >= 0; i++)
		code = permit(to, GNUTLS_SAN_DNSNAME, scopes[i], strlen(scopes[i]));
	if (code >= 0)
		code = permit(to, GNUTLS_SAN_IPADDRESS, four, sizeof four);
	if (code >= 0)
		code = permit(to, GNUTLS_SAN_IPADDRESS, six, sizeof six);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_name_constraints(crt, to, 1);
	lib.gnutls_x509_name_constraints_deinit(to);
	return code;
}

static int make_authority(struct pair *p, const char *const *scopes, size_t nscopes)
{
	int code = begin(p, "CN=drydial (rehearsals on this machine),O=drydial", AUTHORITY_DAYS);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_basic_constraints(p->crt, 1, 0);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_key_usage(
		        p->crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
	if (code >= 0)
		code = constrain(p->crt, scopes, nscopes);
	return code < 0 ? code : sign(p, p);
}

static gnutls_datum_t datum(const char *pem)
{
	gnutls_datum_t d = {(unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem)};
	return d;
}

/* NULL, or why the authority of an earlier time cannot sign. */
static const char *take_authority(struct pair *p, const char *certificate, const char *key)
{
	unsigned char of_crt[KEY_ID_MAX], of_key[KEY_ID_MAX];
	size_t n = sizeof of_crt, m = sizeof of_key;
	const gnutls_datum_t c = datum(certificate), k = datum(key);
	if (init_pair(p) < 0)
		return "there is no memory for it";
	if (lib.gnutls_x509_crt_import(p->crt, &c, GNUTLS_X509_FMT_PEM) < 0)
		return "its first certificate cannot be read: it must be PEM";
	if (lib.gnutls_x509_privkey_import(p->key, &k, GNUTLS_X509_FMT_PEM) < 0)
		return "its key cannot be read: it must be PEM, without a password";
	if (lib.gnutls_x509_crt_get_ca_status(p->crt, NULL) != 1)
		return "it is no authority's certificate (CA:TRUE)";
	if (lib.gnutls_x509_crt_get_key_id(p->crt, 0, of_crt, &n) < 0 ||
	        lib.gnutls_x509_privkey_get_key_id(p->key, 0, of_key, &m) < 0 || n != m ||
	        memcmp(of_crt, of_key, n) != 0)
		return "certificate and key do not belong together";
	if (lib.gnutls_x509_crt_get_expiration_time(p->crt) < time(NULL) + DAY_S)
		return "it is too old: remove both files, and new ones are made";
	return NULL;
}

/* -- the server ------------------------------------------------------------- */

static int add_host(gnutls_x509_crt_t crt, const char *host)
{
	unsigned char address[16];
	if (inet_pton(AF_INET, host, address) == 1)
		return lib.gnutls_x509_crt_set_subject_alt_name(
		        crt, GNUTLS_SAN_IPADDRESS, address, 4, GNUTLS_FSAN_APPEND);
	if (inet_pton(AF_INET6, host, address) == 1)
		return lib.gnutls_x509_crt_set_subject_alt_name(
		        crt, GNUTLS_SAN_IPADDRESS, address, 16, GNUTLS_FSAN_APPEND);
	return lib.gnutls_x509_crt_set_subject_alt_name(
	        crt, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_APPEND);
}

static int make_server(
        struct pair *p, const struct pair *authority, const char *const *hosts, size_t nhosts)
{
	int code = begin(p, "CN=drydial serve,O=drydial", SERVER_DAYS);
	for (size_t i = 0; i < nhosts && code >= 0; i++)
		code = add_host(p->crt, hosts[i]);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_basic_constraints(p->crt, 0, -1);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_key_usage(p->crt, GNUTLS_KEY_DIGITAL_SIGNATURE);
	if (code >= 0)
		code = lib.gnutls_x509_crt_set_key_purpose_oid(p->crt, GNUTLS_KP_TLS_WWW_SERVER, 0);
	return code < 0 ? code : sign(p, authority);
}

static char *certificate_of(const struct pair *p)
{
	char *pem = dd_alloc(PEM_MAX);
	size_t n = PEM_MAX - 1;
	if (lib.gnutls_x509_crt_export(p->crt, GNUTLS_X509_FMT_PEM, pem, &n) >= 0)
		return pem;
	free(pem);
	return NULL;
}

static char *key_of(const struct pair *p)
{
	char *pem = dd_alloc(PEM_MAX);
	size_t n = PEM_MAX - 1;
	if (lib.gnutls_x509_privkey_export(p->key, GNUTLS_X509_FMT_PEM, pem, &n) >= 0)
		return pem;
	free(pem);
	return NULL;
}

enum dd_status dd_certs_make(const char *const *hosts, size_t nhosts, const char *const *scopes,
        size_t nscopes, const char *authority, const char *authority_key, struct dd_certs *out,
        struct dd_error *err)
{
	struct pair ca = {0}, server = {0};
	const char *fault = NULL;
	*out = (struct dd_certs){0};
	enum dd_status status = open_library(err);
	if (status != DD_OK)
		return status;
	int code = 0;
	if (authority)
		fault = take_authority(&ca, authority, authority_key);
	else
		code = make_authority(&ca, scopes, nscopes);
	if (!fault && code >= 0)
		code = make_server(&server, &ca, hosts, nhosts);
	if (!fault && code >= 0)
		*out = (struct dd_certs){
		        certificate_of(&ca), key_of(&ca), certificate_of(&server), key_of(&server)};
	free_pair(&ca);
	free_pair(&server);
	if (fault)
		return dd_fail(err, DD_ERR_FORMAT, "%s", fault);
	if (code >= 0 && out->authority && out->authority_key && out->server && out->server_key)
		return DD_OK;
	dd_certs_free(out);
	return dd_fail(err, DD_ERR_READ, "no certificate could be made: %s",
	        lib.gnutls_strerror(code < 0 ? code : GNUTLS_E_SHORT_MEMORY_BUFFER));
}

static void forget(char *secret)
{
	if (secret)
		explicit_bzero(secret, strlen(secret));
	free(secret);
}

void dd_certs_free(struct dd_certs *c)
{
	forget(c->authority_key);
	forget(c->server_key);
	free(c->authority);
	free(c->server);
	*c = (struct dd_certs){0};
}

void dd_tls_last_words(void *session, const char *text, size_t n)
{
	if (lib.gnutls_record_send(session, text, n) > 0)
		(void)lib.gnutls_bye(session, GNUTLS_SHUT_WR);
}
