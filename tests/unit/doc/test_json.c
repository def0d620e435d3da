/* JSON: what only it has, and that it becomes the tree that YAML makes of the same text. */
#include "../unit.h"

#include "doc/json.h"
#include "doc/yaml.h"

struct document {
	struct dd_arena *arena;
	struct dd_diags diags;
	const struct dd_source *source;
};

static struct document document_of(const char *text)
{
	struct document d = {.arena = dd_arena_new()};
	dd_diags_init(&d.diags, d.arena);
	d.source = dd_source_new(d.arena, "a.json", dd_str(text));
	return d;
}

static void forget(struct document *d)
{
	dd_diags_fini(&d->diags);
	dd_arena_free(d->arena);
}

static void same_tree(const struct dd_node *a, const struct dd_node *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->span.start, b->span.start);
	assert_int_equal(a->span.end, b->span.end);
	assert_int_equal(a->end, b->end);
	assert_int_equal(a->plain, b->plain);
	assert_int_equal(a->n, b->n);
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->height, b->height);
	assert_true(dd_str_same(a->text, b->text));
	for (uint32_t i = 0; a->kind == DD_LIST && i < a->n; i++)
		same_tree(a->items[i], b->items[i]);
	for (uint32_t i = 0; a->kind == DD_MAP && i < a->n; i++) {
		same_tree(a->pairs[i].key, b->pairs[i].key);
		same_tree(a->pairs[i].value, b->pairs[i].value);
	}
}

static void json_and_yaml_make_one_tree(void **state)
{
	static const char *const texts[] = {
	        "{}",
	        " [ ]\n",
	        "{\"a\": 1, \"b\": [true, null, -1.50e+3, \"x\"]}",
	        "{\n  \"a\": {\n    \"b\": \"c \\\"d\\\" \\u00e9 \\n /\"\n  },\n  \"e\": []\n}\n",
	        "[[1,2],[3,[4]],{\"नाम\":\"₹\"}]",
	        "{\"long\": 12345678901234567890123, \"zero\": 0.10}",
	};
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct document d = document_of(texts[i]);
		assert_true(dd_is_json(d.source->text));
		const struct dd_node *json = dd_json_read(d.arena, d.source, &d.diags);
		const struct dd_node *yaml = dd_yaml_read(d.arena, d.source, &d.diags);
		assert_non_null(json);
		assert_non_null(yaml);
		same_tree(json, yaml);
		forget(&d);
	}
}

static void one_character_in_two_escapes(void **state)
{
	(void)state;
	struct document d = document_of("{\"name\": \"a \\ud83d\\ude00\", \"n\": \"\\\\\"}");
	const struct dd_node *root = dd_tree_read(d.arena, d.source, &d.diags);
	assert_non_null(root);
	assert_true(dd_str_is(root->pairs[0].value->text, "a \xF0\x9F\x98\x80"));
	assert_true(dd_str_is(root->pairs[1].value->text, "\\"));
	forget(&d);
}

static void a_key_that_is_there_twice(void **state)
{
	struct dd_buf out = {0};
	(void)state;
	struct document d = document_of("{\"a\": 1,\n \"a\": \"\\ud83d\\ude00\"}");
	dd_tree_read(d.arena, d.source, &d.diags);
	dd_diags_text(&d.diags, &out, false);
	assert_string_equal(out.p,
	        "a.json:2:2: error[duplicate-key]: the key \"a\" stands here twice\n"
	        "    2 |  \"a\": \"\\ud83d\\ude00\"}\n"
	        "      |  ^^^\n"
	        "a.json:1:2: note: first here\n"
	        "    1 | {\"a\": 1,\n"
	        "      |  ^^^\n");
	dd_buf_free(&out);
	forget(&d);
}

/* `depth` lists in each other, with blanks and commas where they may stand. */
static struct document nested(size_t depth)
{
	struct dd_buf text = {0};
	for (size_t i = 0; i < depth; i++)
		dd_buf_str(&text, " [1 , ");
	dd_buf_str(&text, "1");
	for (size_t i = 0; i < depth; i++)
		dd_buf_str(&text, "]");
	struct document d = {.arena = dd_arena_new()};
	dd_diags_init(&d.diags, d.arena);
	/* not a byte beyond its end may be looked at */
	char *copy = dd_alloc(text.n);
	memcpy(copy, text.p, text.n);
	d.source = dd_source_new(d.arena, "a.json", (struct dd_str){copy, text.n});
	dd_buf_free(&text);
	return d;
}

static void sixty_four_levels_and_no_more(void **state)
{
	(void)state;
	for (size_t depth = DD_DEPTH_MAX; depth <= DD_DEPTH_MAX + 1; depth++) {
		struct document d = nested(depth);
		assert_true(dd_is_json(d.source->text));
		const struct dd_node *root = dd_tree_read(d.arena, d.source, &d.diags);
		assert_int_equal(root != NULL, depth == DD_DEPTH_MAX);
		assert_int_equal(d.diags.errors, depth - DD_DEPTH_MAX);
		if (d.diags.n)
			assert_string_equal(d.diags.items[0].code, "limit-depth");
		free((char *)d.source->text.p);
		forget(&d);
	}
}

static void what_is_not_json(void **state)
{
	(void)state;
	assert_false(dd_is_json(dd_str("")));
	assert_false(dd_is_json(dd_str("flow: a")));
	assert_false(dd_is_json(dd_str("{a: 1}")));
	assert_false(dd_is_json(dd_str("{\"a\": 1,}")));
	assert_false(dd_is_json(dd_str("[\"\\ud83d\"]")));
	assert_false(dd_is_json(dd_str("[\"\x7F\"]")));
	assert_false(dd_is_json(dd_str("\"text\"")));
	assert_false(dd_is_json((struct dd_str){"[1\0 ]", 5})); /* Jansson would take it */
}

static const struct CMUnitTest TESTS[] = {
        cmocka_unit_test(json_and_yaml_make_one_tree),
        cmocka_unit_test(one_character_in_two_escapes),
        cmocka_unit_test(a_key_that_is_there_twice),
        cmocka_unit_test(sixty_four_levels_and_no_more),
        cmocka_unit_test(what_is_not_json),
};
UNIT_MAIN(TESTS)
