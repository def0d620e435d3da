/* Expat's events → tree. Expat checks that the text is well-formed (XML 1.0) and says at which byte
   it is not; the words of the messages are ours. */
#include "doc/xml.h"

#include <ctype.h>
#include <expat.h>
#include <stdlib.h>
#include <string.h>

struct xml_reader {
	XML_Parser parser;
	struct dd_arena *arena;
	struct dd_str text;
	struct dd_xml *root, *open; /* the innermost element that is open */
	uint32_t depth;
	struct dd_buf characters; /* since the last tag: Expat hands them over in pieces */
	uint32_t characters_at;
	struct dd_xml_fault *fault; /* with a message: reading has been stopped */
};

static uint32_t xml_place(const struct xml_reader *r)
{
	XML_Index at = XML_GetCurrentByteIndex(r->parser);
	return at < 0 || (size_t)at > r->text.n ? (uint32_t)r->text.n : (uint32_t)at;
}

static void stop_xml(struct xml_reader *r, struct dd_span span, const char *message)
{
	*r->fault = (struct dd_xml_fault){.span = span, .message = message};
	XML_StopParser(r->parser, XML_FALSE);
}

static struct dd_str kept_text(struct xml_reader *r, const char *text, size_t n)
{
	return (struct dd_str){dd_arena_copy(r->arena, text, n), n};
}

static void append_child(struct xml_reader *r, struct dd_xml *node)
{
	struct dd_xml *parent = node->parent = r->open;
	if (!parent)
		r->root = node;
	else if (parent->last)
		parent->last->next = node;
	else
		parent->first = node;
	if (parent)
		parent->last = node;
}

static void flush_characters(struct xml_reader *r)
{
	if (r->characters.n == 0)
		return;
	struct dd_xml *node = dd_arena_alloc(r->arena, sizeof *node);
	node->text = kept_text(r, r->characters.p, r->characters.n);
	node->span = (struct dd_span){r->characters_at, r->characters_at + 1};
	append_child(r, node);
	dd_buf_clear(&r->characters);
}

static void XMLCALL on_start(void *self, const XML_Char *name, const XML_Char **attributes)
{
	struct xml_reader *r = self;
	struct dd_xml *node = dd_arena_alloc(r->arena, sizeof *node);
	uint32_t n = 0, at = xml_place(r);
	flush_characters(r);
	node->span = (struct dd_span){at, at + (uint32_t)XML_GetCurrentByteCount(r->parser)};
	if (r->depth++ == DD_XML_DEPTH_MAX) {
		stop_xml(r, node->span, "tags are nested deeper than 64 levels");
		return;
	}
	while (attributes[2 * n])
		n++;
	node->name = kept_text(r, name, strlen(name));
	node->attributes = dd_arena_alloc(r->arena, (n + 1) * sizeof *node->attributes);
	for (; node->nattributes < n; node->nattributes++, attributes += 2)
		node->attributes[node->nattributes] = (struct dd_xml_attribute){
		        kept_text(r, attributes[0], strlen(attributes[0])),
		        kept_text(r, attributes[1], strlen(attributes[1]))};
	append_child(r, node);
	r->open = node;
}

static void XMLCALL on_end(void *self, const XML_Char *name)
{
	struct xml_reader *r = self;
	(void)name;
	flush_characters(r);
	r->open = r->open->parent;
	r->depth--;
}

static void XMLCALL on_characters(void *self, const XML_Char *text, int n)
{
	struct xml_reader *r = self;
	if (r->characters.n == 0)
		r->characters_at = xml_place(r);
	dd_buf_add(&r->characters, text, (size_t)n);
}

/* A few bytes of a document's own entities can stand for gigabytes. */
static void XMLCALL on_entity(void *self, const XML_Char *name, int is_parameter,
        const XML_Char *value, int n, const XML_Char *base, const XML_Char *system,
        const XML_Char *public, const XML_Char *notation)
{
	struct xml_reader *r = self;
	uint32_t at = xml_place(r);
	(void)name, (void)is_parameter, (void)value, (void)n;
	(void)base, (void)system, (void)public, (void)notation;
	stop_xml(r, (struct dd_span){at, at + 1}, "entities of a document's own are not read");
}

/* "&name;" at `at`: its bytes, or 0. */
static uint32_t entity_at(struct dd_str text, uint32_t at)
{
	enum { NAME_MAX_BYTES = 64 };
	uint32_t n = 1;
	while (at + n < text.n && n <= NAME_MAX_BYTES &&
	        (isalnum((unsigned char)text.p[at + n]) || strchr("._:-", text.p[at + n]) ||
	                (unsigned char)text.p[at + n] >= 0x80) &&
	        text.p[at + n])
		n++;
	return at + n < text.n && text.p[at + n] == ';' && n > 1 ? n + 1 : 0;
}

static bool is_known_entity(struct dd_str name)
{
	static const char *const known[] = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (dd_str_is(name, known[i]))
			return true;
	return false;
}

/* Of an attribute Expat gives the place of its element: what stands before the entity, such as an
   address with credentials, is none of it. */
static void unknown_entity(struct xml_reader *r, uint32_t at)
{
	uint32_t n = 0;
	for (uint32_t i = at; i < r->text.n && !n; i++) {
		n = r->text.p[i] == '&' ? entity_at(r->text, i) : 0;
		if (n && is_known_entity((struct dd_str){r->text.p + i, n}))
			n = 0;
		at = n ? i : at;
	}
	stop_xml(r, (struct dd_span){at, at + (n ? n : 1)},
	        n ? dd_arena_format(r->arena, "XML knows no entity %.*s", (int)n, r->text.p + at)
	          : "XML knows no such entity");
	r->fault->hint = "give the character itself, or its number: &#8377;";
}

/* With a DTD that is elsewhere Expat passes over what it does not know. */
static void XMLCALL on_skipped(void *self, const XML_Char *name, int is_parameter)
{
	struct xml_reader *r = self;
	(void)name;
	if (!is_parameter)
		unknown_entity(r, xml_place(r));
}

static void wrong_end_tag(struct xml_reader *r, uint32_t at)
{
	uint32_t from = at; /* Expat points at the name or at the bracket before it */
	while (from > 0 && r->text.p[from] != '<')
		from--;
	const char *end = memchr(r->text.p + from, '>', r->text.n - from);
	uint32_t n = end ? (uint32_t)(end - r->text.p) + 1 - from : 1;
	const struct dd_str open = r->open->name;
	*r->fault = (struct dd_xml_fault){{from, from + n},
	        dd_arena_format(r->arena, "%.*s cannot close <%.*s>", (int)n, r->text.p + from,
	                (int)open.n, open.p),
	        NULL};
	if (r->open->parent) /* the root is closed at the end: it is not what was forgotten */
		r->fault->hint = dd_arena_format(r->arena,
		        "first </%.*s>, or <%.*s/> where nothing is in it", (int)open.n, open.p,
		        (int)open.n, open.p);
}

/* Expat points behind it. */
static uint32_t start_of_cdata(const struct xml_reader *r, uint32_t at)
{
	static const char open[] = "<![CDATA[";
	while (at > 0 &&
	        (r->text.n - at < sizeof open - 1 ||
	                memcmp(r->text.p + at, open, sizeof open - 1) != 0))
		at--;
	return at;
}

static void other_fault(struct xml_reader *r, enum XML_Error error, uint32_t at)
{
	static const struct {
		enum XML_Error error;
		const char *message, *hint;
	} rows[] = {
	        {XML_ERROR_INVALID_TOKEN, "this is not XML",
	                "&lt; is <, &amp; is &, and values of attributes have quotes"},
	        {XML_ERROR_UNCLOSED_TOKEN, "this tag is never closed with >", "&lt; is < itself"},
	        {XML_ERROR_BAD_CHAR_REF, "no character of XML has this number", NULL},
	        {XML_ERROR_DUPLICATE_ATTRIBUTE, "this tag has one attribute twice", NULL},
	        {XML_ERROR_JUNK_AFTER_DOC_ELEMENT, "nothing may follow the last tag", NULL},
	        {XML_ERROR_UNCLOSED_CDATA_SECTION, "this is never closed with ]]>", NULL},
	};
	if (error == XML_ERROR_UNCLOSED_CDATA_SECTION)
		at = start_of_cdata(r, at);
	*r->fault = (struct dd_xml_fault){{at, at + 1}, XML_ErrorString(error), NULL};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (rows[i].error == error) {
			r->fault->message = rows[i].message;
			r->fault->hint = rows[i].hint;
		}
	}
}

static void explain_xml(struct xml_reader *r)
{
	enum XML_Error error = XML_GetErrorCode(r->parser);
	uint32_t at = xml_place(r);
	if (r->fault->message) /* a handler has stopped */
		return;
	if (error == XML_ERROR_TAG_MISMATCH && r->open)
		wrong_end_tag(r, at);
	else if (error == XML_ERROR_UNDEFINED_ENTITY)
		unknown_entity(r, at);
	else if (error == XML_ERROR_NO_ELEMENTS && r->open)
		*r->fault = (struct dd_xml_fault){r->open->span,
		        dd_arena_format(r->arena, "<%.*s> is never closed", (int)r->open->name.n,
		                r->open->name.p),
		        NULL};
	else
		other_fault(r, error, at);
}

static void *expat_realloc(void *p, size_t n)
{
	return dd_realloc(p, n, 1);
}

struct dd_xml *dd_xml_parse(struct dd_arena *arena, struct dd_str text, struct dd_xml_fault *fault)
{
	static const XML_Memory_Handling_Suite memory = {dd_alloc, expat_realloc, dd_free};
	struct xml_reader r = {.arena = arena, .text = text, .fault = fault};
	*fault = (struct dd_xml_fault){.message = NULL};
	r.parser = XML_ParserCreate_MM("UTF-8", &memory, NULL);
	if (!r.parser)
		dd_memory_failed();
	XML_SetUserData(r.parser, &r);
	XML_SetElementHandler(r.parser, on_start, on_end);
	XML_SetCharacterDataHandler(r.parser, on_characters);
	XML_SetEntityDeclHandler(r.parser, on_entity);
	XML_SetSkippedEntityHandler(r.parser, on_skipped);
	bool fine = text.n <= INT32_MAX &&
	        XML_Parse(r.parser, text.p, (int)text.n, XML_TRUE) == XML_STATUS_OK;
	if (!fine)
		explain_xml(&r);
	XML_ParserFree(r.parser);
	dd_buf_free(&r.characters);
	return fine ? r.root : NULL;
}

struct dd_xml *dd_xml_read(
        struct dd_arena *arena, const struct dd_source *source, struct dd_diags *diags)
{
	struct dd_xml_fault fault;
	struct dd_xml *root = dd_xml_parse(arena, source->text, &fault);
	if (!root)
		dd_diag(diags, DD_ERROR, "xml-syntax", source, fault.span, "%s", fault.message)
		        ->hint = fault.hint;
	return root;
}

struct dd_str dd_xml_value(const struct dd_xml *element, const char *name)
{
	for (uint32_t i = 0; i < element->nattributes; i++)
		if (dd_str_is(element->attributes[i].name, name))
			return element->attributes[i].value;
	return (struct dd_str){NULL, 0};
}
