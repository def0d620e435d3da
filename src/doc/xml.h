/* An XML text as a tree with places, by Expat. Namespaces are not looked at; comments and
   processing instructions are left out; a document that declares entities of its own is refused. */
#ifndef DD_DOC_XML_H
#define DD_DOC_XML_H

#include "doc/diag.h"

struct dd_xml_attribute {
	struct dd_str name, value;
};

/* An element, or the text between two tags (then `name.p` is NULL). Texts are what they mean:
   references are characters, CDATA is text. */
struct dd_xml {
	struct dd_str name, text;
	struct dd_xml_attribute *attributes;
	uint32_t nattributes;
	struct dd_xml *parent, *first, *last, *next; /* its children, and what follows it */
	struct dd_span span;                         /* the start tag, or where the text begins */
};

/* Why a text is not XML, and where. Texts live in the arena, or for ever. */
struct dd_xml_fault {
	struct dd_span span;
	const char *message, *hint; /* the hint may be NULL */
};

enum { DD_XML_DEPTH_MAX = 64 };

/* The root element, or NULL after setting `fault`. Nodes live in `arena`. */
struct dd_xml *dd_xml_parse(struct dd_arena *arena, struct dd_str text, struct dd_xml_fault *fault);
/* The same of a file: the fault, called "xml-syntax", is added to `diags`. */
struct dd_xml *dd_xml_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags);
/* An attribute's value; p NULL where there is none. */
struct dd_str dd_xml_value(const struct dd_xml *element, const char *name);

#endif
