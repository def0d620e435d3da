/* Any text in any language: what is said in other words lies in order and inside the text, touches
   nothing that is fixed, and never makes the text longer than it may be; oddities lie in what is
   left. */
#include <stdlib.h>
#include <string.h>

#include "read/oddly.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look(struct dd_arena *arena, const char *language, struct dd_str text,
        const struct dd_stretch *fixed, size_t most)
{
	struct dd_aloud aloud = dd_aloud(arena, language, text, fixed, 1, most);
	struct dd_buf said = {0};
	size_t at = 0;
	for (size_t i = 0; i < aloud.n; i++) {
		struct dd_stretch s = aloud.list[i].at;
		bool fixed_too =
		        fixed->to > fixed->from && s.from < fixed->to && fixed->from < s.to;
		if (s.from < at || s.to <= s.from || s.to > text.n || fixed_too ||
		        aloud.list[i].words.n == 0 || strlen(aloud.list[i].words.p) == 0)
			abort();
		at = s.to;
	}
	dd_aloud_join(text, &aloud, &said);
	size_t before = dd_utf8_count(text),
	       after = dd_utf8_count((struct dd_str){said.p ? said.p : "", said.n});
	if (after > before && after > most)
		abort();
	dd_buf_free(&said);
	struct dd_oddity odd;
	for (at = 0; dd_oddly(language, text, &aloud, fixed, 1, &at, &odd);)
		if (odd.at.to <= odd.at.from || odd.at.to > text.n || !odd.why || !odd.hint)
			abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const languages[] = {"en-IN", "en-US", "en", "hi-IN", "ta", "te-IN"};
	if (size < 3 || size > 8000)
		return 0;
	struct dd_arena *arena = dd_arena_new();
	struct dd_str text = {dd_arena_copy(arena, (const char *)data + 3, size - 3), size - 3};
	struct dd_stretch fixed = {data[1] % (text.n + 1), 0};
	fixed.to = fixed.from + data[2] % (text.n - fixed.from + 1);
	if (dd_utf8_valid(text) == text.n)
		look(arena, languages[data[0] % (sizeof languages / sizeof *languages)], text,
		        &fixed, data[0] & 0x40 ? 4096 : 40);
	dd_arena_free(arena);
	return 0;
}
