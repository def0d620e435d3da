/* The readers, by table: what each takes, and what it says about the rest. */
#include "../unit.h"

#include "doc/read.h"

/* Each reads its node and writes what it found. */
typedef void reader_fn(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out);

static void number(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	dd_buf_format(out, "%d", dd_read_int(r, node, "it", -5, 100, 7));
}

static void real(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	double value = 7;
	dd_read_real(r, node, "it", 0.5, 10, &value);
	dd_buf_format(out, "%g", value);
}

static void share(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	double value = 7;
	dd_read_share(r, node, "it", &value);
	dd_buf_format(out, "%g", value);
}

static void truth(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	bool value = false;
	dd_read_bool(r, node, "it", &value);
	dd_buf_str(out, value ? "true" : "false");
}

static void duration(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	dd_ms value = 7;
	dd_read_duration(r, node, "it", 60000, &value);
	dd_buf_format(out, "%lld", (long long)value);
}

static void time_of_day(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	int32_t value = 7;
	bool read = dd_read_clock(r, node, "it", false, &value);
	dd_buf_format(out, "%d", read ? value : 7);
}

static void midnight(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	int32_t value = 7;
	bool read = dd_read_clock(r, node, "it", true, &value);
	dd_buf_format(out, "%d", read ? value : 7);
}

static void date(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	struct dd_date value = {0, 0, 7};
	dd_read_date(r, node, "it", &value);
	dd_buf_format(out, "%d", value.day);
}

static void word(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	static const char *const words[] = {"", "busy", "no-answer"};
	dd_buf_format(out, "%d", DD_READ_WORD(r, node, "it", words, 7));
}

static void text(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	const char *value = dd_read_text_copy(r, node, "it");
	dd_buf_str(out, value ? value : "7");
}

static void items(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	struct dd_node *const *list = NULL;
	uint32_t n = dd_node_items(node, &list);
	(void)r;
	for (uint32_t i = 0; i < n; i++)
		dd_buf_format(out, "%.*s;", (int)list[i]->text.n, list[i]->text.p);
}

static void version(struct dd_reader *r, const struct dd_node *node, struct dd_buf *out)
{
	dd_read_version(r, node, "it");
	dd_buf_str(out, "read");
}

static const struct {
	reader_fn *read;
	const char *yaml, *found, *code; /* code NULL: no fault */
} ROWS[] = {
        {number, "-5", "-5", NULL},
        {number, "100", "100", NULL},
        {number, "101", "7", "bad-number"},
        {number, "-6", "7", "bad-number"},
        {number, "1.0", "7", "bad-number"},
        {number, "[1]", "7", "bad-number"},
        {real, "0.5", "0.5", NULL},
        {real, "10", "10", NULL},
        {real, "10.1", "7", "bad-number"},
        {real, "1e1", "7", "bad-number"},
        {real, "0x1", "7", "bad-number"},
        {share, "40%", "0.4", NULL},
        {share, "1", "1", NULL},
        {share, "101%", "7", "bad-share"},
        {share, "-1%", "7", "bad-share"},
        {truth, "true", "true", NULL},
        {truth, "yes", "false", "wrong-type"},
        {duration, "1m", "60000", NULL},
        {duration, "61s", "7", "bad-duration"},
        {duration, "soon", "7", "bad-duration"},
        {time_of_day, "09:30", "34200000", NULL},
        {time_of_day, "24:00", "7", "bad-time"},
        {midnight, "24:00", "86400000", NULL},
        {midnight, "24:01", "7", "bad-time"},
        {time_of_day, "9:30", "7", "bad-time"},
        {date, "2024-02-29", "29", NULL},
        {date, "2025-02-29", "7", "bad-date"},
        {word, "Busy", "1", NULL},
        {word, "bsuy", "7", "bad-value"},
        {word, "''", "7", "bad-value"},
        {text, "a b", "a b", NULL},
        {text, "'null'", "null", NULL},
        {text, "null", "7", "wrong-type"},
        {text, "[a]", "7", "wrong-type"},
        {items, "[a, b]", "a;b;", NULL},
        {items, "a", "a;", NULL},
        {items, "[]", NULL, NULL},
        {version, "1", "read", NULL},
        {version, "2", "read", "bad-version"},
};

static void by_table(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ROWS / sizeof *ROWS; i++) {
		struct dd_diags diags;
		struct dd_buf found = {0};
		struct dd_reader r = {.arena = dd_arena_new(), .diags = &diags};
		dd_diags_init(&diags, r.arena);
		r.source = dd_source_new(r.arena, "a.yaml", dd_str(ROWS[i].yaml));
		ROWS[i].read(&r, dd_read_source(&r), &found);
		const char *code = diags.n ? diags.items[0].code : "none";
		if (strcmp(code, ROWS[i].code ? ROWS[i].code : "none") != 0)
			fail_msg("row %zu, %s: %s", i, ROWS[i].yaml, code);
		if (!found.p != !ROWS[i].found || (found.p && strcmp(found.p, ROWS[i].found) != 0))
			fail_msg("row %zu, %s: found %s", i, ROWS[i].yaml, found.p);
		dd_buf_free(&found);
		dd_diags_fini(&diags);
		dd_arena_free(r.arena);
	}
}

static void keys(void **state)
{
	enum { NAME, TIMEOUT, COUNT };
	static const char *const names[COUNT] = {"name", "timeout"};
	struct dd_node *at[COUNT];
	struct dd_diags diags;
	struct dd_reader r = {.arena = dd_arena_new(), .diags = &diags};
	(void)state;
	dd_diags_init(&diags, r.arena);
	r.source = dd_source_new(r.arena, "a.yaml", dd_str("{ name: x, timeuot: 5s, <<: y }"));
	const struct dd_node *root = dd_read_source(&r);
	assert_true(dd_read_is_map(&r, root, "it", "a mapping"));
	assert_false(dd_read_keys(&r, root, DD_KEYS("a thing", names), at));
	assert_true(dd_str_is(at[NAME]->text, "x"));
	assert_null(at[TIMEOUT]);
	assert_int_equal(diags.n, 2);
	assert_string_equal(diags.items[0].message, "a thing has no key \"timeuot\"");
	assert_string_equal(diags.items[0].hint, "did you mean \"timeout\"?");
	assert_non_null(strstr(diags.items[1].hint, "merge keys"));
	dd_diags_fini(&diags);
	dd_arena_free(r.arena);
}

static const struct CMUnitTest TESTS[] = {cmocka_unit_test(by_table), cmocka_unit_test(keys)};
UNIT_MAIN(TESTS)
