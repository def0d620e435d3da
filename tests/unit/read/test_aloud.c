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

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(examples),
};
UNIT_MAIN(tests)
