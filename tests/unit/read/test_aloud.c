/* Text as people read it: the examples of the tables, and what holds whatever the text. */
#include "../unit.h"

#include "read/aloud.h"

struct example {
	const char *pattern, *language, *text, *said; /* said NULL: it is left */
};
static const struct example EXAMPLES[] = {
#define READS(language, text, said) {NULL, language, text, said},
#define LEFT(language, text)        {NULL, language, text, NULL},
#define PATTERN(name, match, ...)   {name, NULL, NULL, NULL}, __VA_ARGS__
#include "read/english.def"
#include "read/hindi.def"
#include "read/tamil.def"
};

static char *read_as(const char *language, const char *text)
{
	struct dd_arena *arena = dd_arena_new();
	struct dd_buf out = {0};
	struct dd_aloud aloud = dd_aloud(arena, language, dd_str(text), NULL, 0, 4096);
	dd_aloud_join(dd_str(text), &aloud, &out);
	dd_arena_free(arena);
	return out.p;
}

static void examples(void **state)
{
	(void)state;
	size_t wrong = 0, readings = 0;
	const char *pattern = "";
	for (size_t i = 0; i < sizeof EXAMPLES / sizeof *EXAMPLES; i++) {
		const struct example *e = &EXAMPLES[i];
		if (e->pattern) {
			pattern = e->pattern;
			continue;
		}
		char *said = read_as(e->language, e->text);
		readings++;
		if (strcmp(said, e->said ? e->said : e->text) != 0) {
			print_error("%s, %s: %s\n   said   %s\n   wanted %s\n", e->language,
			        pattern, e->text, said, e->said ? e->said : "as it is written");
			wrong++;
		}
		free(said);
	}
	assert_int_equal(wrong, 0);
	assert_true(readings >= 200);
}

static void nothing_breaks(void **state)
{
	(void)state;
	enum { MANY = 100000 };
	char *digits = calloc(1, MANY + 1);
	memset(digits, '9', MANY);
	const char *left[] = {digits, "1,2,3,4", "₹", "Rs. ", "31/02/2026", "13/13/2026", "25:61",
	        "XXXX", "", "₹1,50,00", "1/2/3/4/5", "₹१2,34"};
	for (size_t i = 0; i < sizeof left / sizeof *left; i++) {
		char *said = read_as("en-IN", left[i]);
		assert_string_equal(said ? said : "", left[i]);
		free(said);
	}
	free(digits);
	char *said = read_as("en-IN", "id 9223372036854775808");
	assert_non_null(strstr(said, "nine two two three"));
	free(said);
	said = read_as("te-IN", "₹500");
	assert_string_equal(said, "₹500");
	free(said);
}

/* What is fixed is left, and a border is not crossed. */
static void fixed_stretches(void **state)
{
	(void)state;
	struct dd_arena *arena = dd_arena_new();
	struct dd_str text = dd_str("₹500 and ₹600");
	struct dd_aloud a = dd_aloud(arena, "en-IN", text, &(struct dd_stretch){0, 6}, 1, 4096);
	assert_true(a.n == 1 && a.list[0].at.from == 11);
	a = dd_aloud(arena, "en-IN", text, &(struct dd_stretch){3, 3}, 1, 4096);
	assert_true(a.n == 1 && a.list[0].at.from == 11);
	/* room for one of them: "five hundred rupees" is fifteen characters more */
	a = dd_aloud(arena, "en-IN", text, NULL, 0, dd_utf8_count(text) + 15);
	assert_int_equal(a.n, 1);
	a = dd_aloud(arena, "en-IN", text, NULL, 0, dd_utf8_count(text) + 14);
	assert_true(a.n == 1 && a.list[0].at.from == 11);
	a = dd_aloud(arena, "en-IN", text, NULL, 0, dd_utf8_count(text) + 13);
	assert_int_equal(a.n, 0);
	dd_arena_free(arena);
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
        cmocka_unit_test(nothing_breaks),
        cmocka_unit_test(fixed_stretches),
};
UNIT_MAIN(tests)
