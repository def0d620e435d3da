/* PKCS12 as Java reads it (RFC 7292): certificates in the clear, without a password or a MAC. An
 * attribute of Oracle's says that each is trusted; without it Java would not look at them. */
#include <stdio.h>
#include <string.h>

#include "cli/serving_run.h"

enum { SEQUENCE = 0x30, SET = 0x31, OCTETS = 0x04, OID = 0x06, INTEGER = 0x02, BMP = 0x1e };
enum { EXPLICIT = 0xa0 };

static const unsigned char OF_DATA[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01};
static const unsigned char OF_BAG[] = {
        0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x0a, 0x01, 0x03};
static const unsigned char OF_X509[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x16, 0x01};
static const unsigned char OF_NAME[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x14};
/* 2.16.840.1.113894.746875.1.1, and 2.5.29.37.0: for any use */
static const unsigned char OF_TRUST[] = {
        0x60, 0x86, 0x48, 0x01, 0x86, 0xf9, 0x66, 0xad, 0xca, 0x7b, 0x01, 0x01};
static const unsigned char OF_ANY[] = {0x55, 0x1d, 0x25, 0x00};

/* Bytes behind their tag and length. */
static void der(struct dd_buf *out, int tag, const char *bytes, size_t n)
{
	dd_buf_char(out, (char)tag);
	if (n < 128) {
		dd_buf_char(out, (char)n);
	} else {
		int octets = n > 0xffffff ? 4 : n > 0xffff ? 3 : n > 0xff ? 2 : 1;
		dd_buf_char(out, (char)(0x80 | octets));
		while (octets--)
			dd_buf_char(out, (char)(n >> (8 * octets)));
	}
	dd_buf_add(out, bytes ? bytes : "", n);
}

static void oid(struct dd_buf *out, const unsigned char *bytes, size_t n)
{
	der(out, OID, (const char *)bytes, n);
}

/* What was gathered becomes one value, in place. */
static void wrap(struct dd_buf *b, int tag)
{
	struct dd_buf whole = {0};
	der(&whole, tag, b->p, b->n);
	dd_buf_free(b);
	*b = whole;
}

static void add(struct dd_buf *to, struct dd_buf *from)
{
	dd_buf_add(to, from->p, from->n);
	dd_buf_free(from);
}

static void attribute(struct dd_buf *out, const unsigned char *kind, size_t n, struct dd_buf *value)
{
	struct dd_buf a = {0};
	oid(&a, kind, n);
	wrap(value, SET);
	add(&a, value);
	wrap(&a, SEQUENCE);
	add(out, &a);
}

static void attributes(struct dd_buf *out, size_t number)
{
	char name[24];
	struct dd_buf wide = {0}, value = {0}, all = {0};
	(void)snprintf(name, sizeof name, "certificate %zu", number);
	for (const char *c = name; *c; c++) {
		dd_buf_char(&wide, '\0');
		dd_buf_char(&wide, *c);
	}
	der(&value, BMP, wide.p, wide.n);
	attribute(&all, OF_NAME, sizeof OF_NAME, &value);
	dd_buf_free(&wide);
	oid(&value, OF_ANY, sizeof OF_ANY);
	attribute(&all, OF_TRUST, sizeof OF_TRUST, &value);
	wrap(&all, SET);
	add(out, &all);
}

static void bag(struct dd_buf *out, const struct dd_buf *certificate, size_t number)
{
	struct dd_buf inner = {0}, value = {0}, whole = {0};
	der(&value, OCTETS, certificate->p, certificate->n);
	wrap(&value, EXPLICIT);
	oid(&inner, OF_X509, sizeof OF_X509);
	add(&inner, &value);
	wrap(&inner, SEQUENCE);
	wrap(&inner, EXPLICIT);
	oid(&whole, OF_BAG, sizeof OF_BAG);
	add(&whole, &inner);
	attributes(&whole, number);
	wrap(&whole, SEQUENCE);
	add(out, &whole);
}

/* ContentInfo: data, in an OCTET STRING. */
static void content(struct dd_buf *b)
{
	struct dd_buf whole = {0};
	wrap(b, OCTETS);
	wrap(b, EXPLICIT);
	oid(&whole, OF_DATA, sizeof OF_DATA);
	add(&whole, b);
	wrap(&whole, SEQUENCE);
	*b = whole;
}

static void decode(const char *text, const char *end, struct dd_buf *out)
{
	static const char letters[] =
	        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned long bits = 0;
	int have = 0;
	for (; text < end && *text != '='; text++) {
		const char *found = *text ? strchr(letters, *text) : NULL;
		if (!found)
			continue;
		bits = (bits << 6 | (unsigned long)(found - letters)) & 0xffffff;
		have += 6;
		if (have >= 8) {
			have -= 8;
			dd_buf_char(out, (char)(bits >> have));
		}
	}
}

size_t dd_store_write(const char *pem, size_t n, struct dd_buf *out)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----",
	                  end[] = "-----END CERTIFICATE-----";
	struct dd_buf bags = {0}, pfx = {0};
	size_t number = 0;
	const char *limit = pem + n;
	for (const char *at = pem; at < limit && (at = strstr(at, begin));) {
		const char *from = at + sizeof begin - 1, *to = strstr(from, end);
		struct dd_buf certificate = {0};
		if (!to)
			break;
		decode(from, to, &certificate);
		bag(&bags, &certificate, ++number);
		dd_buf_free(&certificate);
		at = to;
	}
	wrap(&bags, SEQUENCE);
	content(&bags);
	wrap(&bags, SEQUENCE);
	content(&bags);
	der(&pfx, INTEGER, "\3", 1);
	add(&pfx, &bags);
	wrap(&pfx, SEQUENCE);
	add(out, &pfx);
	return number;
}
