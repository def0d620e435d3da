/* SSML: what the voice is given, and which words are heard. */
#ifndef DD_FLOW_SSML_H
#define DD_FLOW_SSML_H

#include "doc/xml.h"

struct dd_ssml {
	/* The document as every voice understands it: no comments, CDATA, declarations and what is
	   for machines (metadata, desc); characters in place of their numbers; the alias in place
	   of what `sub` stands for. */
	struct dd_str source;
	struct dd_str words; /* what is heard of it; white space is one space */
	/* For each byte of `source`, and its end: how many bytes of `words` come before it. */
	const uint32_t *before;
};

/* Whether a text is meant as SSML: it begins with <speak>, behind a declaration and comments. */
bool dd_is_ssml(struct dd_str text);
/* False after setting `fault`: the document is not well-formed. All of `out` lives in `arena`. */
bool dd_ssml_read(struct dd_arena *arena, struct dd_str text, struct dd_ssml *out,
        struct dd_xml_fault *fault);
/* What the voice is given for `text`: the text itself where it is no SSML. */
const char *dd_ssml_source(struct dd_arena *arena, struct dd_str text, bool ssml);
/* Appends the words; all of a text that is not well-formed. */
void dd_ssml_words(struct dd_str ssml, struct dd_buf *out);

#endif
