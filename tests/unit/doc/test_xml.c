/* XML: the tree, and where a text is none. */
#include "../unit.h"

#include "doc/xml.h"

static void a_tree_with_places(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_xml_fault fault;
	const struct dd_xml *root = dd_xml_parse(arena,
	        dd_str("<?xml version='1.0'?><a x='1 &lt; 2' y=\"&#x20B9;\"><!-- no -->one"
	               "<b/><![CDATA[ <two> ]]>&amp; three</a>"),
	        &fault);
	assert_non_null(root);
	assert_null(fault.message);
	assert_true(dd_str_is(root->name, "a"));
	assert_int_equal(root->span.start, 21);
	assert_int_equal(root->span.end, 50);
	assert_true(dd_str_is(dd_xml_value(root, "x"), "1 < 2"));
	assert_true(dd_str_is(dd_xml_value(root, "y"), "₹"));
	assert_null(dd_xml_value(root, "z").p);
	const struct dd_xml *one = root->first, *b = one->next, *two = b->next;
	assert_null(one->name.p);
	assert_true(dd_str_is(one->text, "one"));
	assert_int_equal(one->span.start, 61);
	assert_true(dd_str_is(b->name, "b"));
	assert_null(b->first);
	assert_ptr_equal(b->parent, root);
	assert_true(dd_str_is(two->text, " <two> & three"));
	assert_null(two->next);
	dd_arena_free(arena);
}

static const struct {
	const char *text, *message;
	uint32_t start, end;
} BAD[] = {
        {"<a>x & y</a>", "this is not XML", 6, 7},
        {"<a><b></a>", "</a> cannot close <b>", 6, 10},
        {"<a></b></a>", "</b> cannot close <a>", 3, 7},
        {"<a><b>", "<b> is never closed", 3, 6},
        {"<a>&nbsp;</a>", "XML knows no entity &nbsp;", 3, 9},
        {"<a>&#0;</a>", "no character of XML has this number", 3, 4},
        {"<a x='1' x='2'/>", "this tag has one attribute twice", 9, 10},
        {"<a/><b/>", "nothing may follow the last tag", 4, 5},
        {"<a>b<![CDATA[ c </a>", "this is never closed with ]]>", 4, 5},
        {"<a", "this tag is never closed with >", 0, 1},
        {"", "no element found", 0, 1},
        {"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "entities of a document's own are not read",
                24, 25},
        {"<!DOCTYPE a SYSTEM 'a.dtd'><a>&b;</a>", "XML knows no entity &b;", 30, 33},
};

static void what_is_no_xml(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
		struct dd_arena *arena = dd_arena_new();
		struct dd_xml_fault fault;
		assert_null(dd_xml_parse(arena, dd_str(BAD[i].text), &fault));
		assert_string_equal(fault.message, BAD[i].message);
		if (fault.span.start != BAD[i].start || fault.span.end != BAD[i].end)
			fail_msg("%s: %u to %u", BAD[i].text, fault.span.start, fault.span.end);
		dd_arena_free(arena);
	}
}

static void sixty_four_levels_and_no_more(void **state)
{
	(void)state;
	for (int depth = DD_XML_DEPTH_MAX; depth <= DD_XML_DEPTH_MAX + 1; depth++) {
		struct dd_arena *arena = dd_arena_new();
		struct dd_xml_fault fault;
		struct dd_buf text = {0};
		for (int i = 0; i < depth; i++)
			dd_buf_str(&text, "<a>");
		for (int i = 0; i < depth; i++)
			dd_buf_str(&text, "</a>");
		const struct dd_xml *root =
		        dd_xml_parse(arena, (struct dd_str){text.p, text.n}, &fault);
		assert_int_equal(root != NULL, depth == DD_XML_DEPTH_MAX);
		dd_buf_free(&text);
		dd_arena_free(arena);
	}
}

static void a_file_has_places(void **state)
{
	(void)state;
	struct dd_buf out = {0};
	struct dd_diags diags;
	dd_diags_init(&diags, dd_arena_new());
	const struct dd_source *source =
	        dd_source_new(diags.arena, "a.xml", dd_str("<a>\n  <b></a>\n</a>\n"));
	assert_null(dd_xml_read(diags.arena, source, &diags));
	dd_diags_text(&diags, &out, false);
	assert_string_equal(out.p,
	        "a.xml:2:6: error[xml-syntax]: </a> cannot close <b>\n"
	        "    2 |   <b></a>\n"
	        "      |      ^^^^ first </b>, or <b/> where nothing is in it\n");
	dd_buf_free(&out);
	dd_arena_free(diags.arena);
	dd_diags_fini(&diags);
}

static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(a_tree_with_places),
        cmocka_unit_test(what_is_no_xml),
        cmocka_unit_test(sixty_four_levels_and_no_more),
        cmocka_unit_test(a_file_has_places),
};
UNIT_MAIN(TESTS)
