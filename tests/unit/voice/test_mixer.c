/* What a cut prompt sounds like at its end: sample by sample, at 22,050 Hz, where nothing is
 * filtered. */
#include "../unit.h"

#include "voice/mixer.h"

enum { LOUD = 8000, LONG = 22050, CUT = 10000, FADE = 110 /* 5 ms */ };

/* A prompt that ends by itself is whole to its last sample. One that is cut is whole until its fade
 * begins, falls to nothing in even steps, and is silent from the cut on. */
static void a_cut_prompt_fades_and_a_whole_one_does_not(void **state)
{
	static int16_t loud[LONG], got[LONG + 100];
	(void)state;
	for (int i = 0; i < LONG; i++)
		loud[i] = LOUD;
	const struct dd_sound sound = {.frames = LONG, .pcm = loud};
	const struct dd_piece piece = {&sound, LONG};
	for (int cut = 0; cut < 2; cut++) {
		struct dd_mixer *m = dd_mixer_new(DD_LINE_WIDE);
		dd_mixer_play(m, 0, &piece, 1);
		if (cut)
			dd_mixer_stop(m, CUT);
		memset(got, 0, sizeof got);
		dd_mixer_render(m, got, LONG + 100);
		dd_mixer_free(m);
		int end = cut ? CUT : LONG;
		for (int i = 0; i < LONG + 100; i++) {
			int left = end - i,
			    want = left <= 0         ? 0
			        : cut && left < FADE ? LOUD * left / FADE
			                             : LOUD;
			if (got[i] != want)
				fail_msg("cut %d, sample %d: %d, not %d", cut, i, got[i], want);
		}
	}
}

static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cut_prompt_fades_and_a_whole_one_does_not),
};

UNIT_MAIN(tests)
