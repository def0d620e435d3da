/* When are two documents the same place of an application? When their verbs, texts and targets are
   the same, whatever ids, times and amounts stand in them. */
#include <string.h>

#include "apps/inside.h"

static void stir(uint64_t *h, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		*h = (*h ^ (unsigned char)p[i]) * 1099511628211u;
}

static bool is_alnum(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	        (c & 0x80);
}

/* A word with a digit in it is an id, a time or an amount: any other would do. */
static void stir_text(uint64_t *h, struct dd_str text)
{
	for (size_t i = 0; i < text.n;) {
		size_t n = 0;
		bool digit = false;
		while (i + n < text.n && is_alnum(text.p[i + n])) {
			digit |= text.p[i + n] >= '0' && text.p[i + n] <= '9';
			n++;
		}
		if (n)
			stir(h, digit ? "#" : text.p + i, digit ? 1 : n);
		else
			stir(h, text.p + i, n = 1);
		i += n;
	}
}

static void stir_element(uint64_t *h, const struct dd_xml *x)
{
	stir(h, "<", 1);
	stir(h, x->name.p, x->name.n);
	for (uint32_t i = 0; i < x->nattributes; i++) {
		stir(h, x->attributes[i].name.p, x->attributes[i].name.n);
		stir_text(h, x->attributes[i].value);
	}
	for (const struct dd_xml *k = x->first; k; k = k->next) {
		if (k->name.p)
			stir_element(h, k);
		else
			stir_text(h, dd_str_trim(k->text));
	}
	stir(h, ">", 1);
}

uint64_t document_looks(const char *url, const struct dd_xml *root)
{
	uint64_t h = 1469598103934665603u;
	stir_text(&h, (struct dd_str){url, strcspn(url, "?#")});
	if (root)
		stir_element(&h, root);
	return h;
}
