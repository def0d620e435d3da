/* SSML: what the voice is given, and which words are heard. */
#ifndef DD_FLOW_SSML_H
#define DD_FLOW_SSML_H

#include "doc/xml.h"

/* Around a value that is said as it stands: what is between is never put into other words. Neither
   mark is written or heard. */
#define DD_SSML_AS_IT_IS     "\xEE\x80\x80" /* U+E000 */
#define DD_SSML_AS_IT_IS_END "\xEE\x80\x81" /* U+E001 */

struct dd_ssml {
	/* The document as every voice understands it: no comments, CDATA, declarations and what is
	   for machines (metadata, desc); characters in place of their numbers; the alias in place
	   of what `sub` stands for. */
	struct dd_str source;
	struct dd_str words; /* what is written to be heard; white space is one space */
	struct dd_str said;  /* what is heard: the same, unless it was put into other words */
	/* For each byte of `source`, and its end: how many bytes of `words` come before it; the
	   same where what is begun counts as over (they differ in what was put into other words);
	   how many bytes of `said` come before it. */
	const uint32_t *before, *behind, *heard;
	/* What of `words` says for itself how it is said (say-as, phoneme, an alias), and, empty,
	   the borders that tags are. In order. */
	const struct dd_stretch *fixed;
	size_t nfixed;
};

/* Whether a text is meant as SSML: it begins with <speak>, behind a declaration and comments. */
bool dd_is_ssml(struct dd_str text);
/* False after setting `fault`: the document is not well-formed. All of `out` lives in `arena`. */
bool dd_ssml_read(struct dd_arena *arena, struct dd_str text, struct dd_ssml *out,
        struct dd_xml_fault *fault);
/* The same with other words in some places: stretches of the `words` that dd_ssml_read() gave, in
   order. */
bool dd_ssml_read_as(struct dd_arena *arena, struct dd_str text, const struct dd_said *said,
        size_t nsaid, struct dd_ssml *out, struct dd_xml_fault *fault);
/* What the voice is given for `text`: the text itself where it is no SSML. */
const char *dd_ssml_source(struct dd_arena *arena, struct dd_str text, bool ssml);
/* Appends the words; all of a text that is not well-formed. */
void dd_ssml_words(struct dd_str ssml, struct dd_buf *out);

#endif
